/*
 * test_credentials.c - what a request claims: the Authorization field of Basic (RFC 7617).
 */
#include "auth/auth.h"
#include "check.h"

/* Parses and copies what came out, so that a test frees nothing. */
static enum err parse(struct slice field, char name[300], char password[300])
{
    struct arena arena = {0};
    struct credentials cred;
    enum err err = credentials_parse(field, &arena, &cred);

    name[0] = password[0] = '\0';
    if (err == ERR_NONE) {
        memcpy(name, cred.name.ptr, cred.name.len);
        name[cred.name.len] = '\0';
        memcpy(password, cred.password.ptr, cred.password.len);
        password[cred.password.len] = '\0';
    }
    arena_release(&arena);
    return err;
}

static void check_refused(struct slice field, enum err want)
{
    char name[300], password[300];

    CHECK_INT(parse(field, name, password), want);
}

TEST(credentials__name_and_password_come_out_of_base64)
{
    char name[300], password[300];

    CHECK_INT(parse(SLICE("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="), name, password), ERR_NONE);
    CHECK_STR(name, "Aladdin");
    CHECK_STR(password, "open sesame");
}

TEST(credentials__scheme_is_read_without_case)
{
    char name[300], password[300];

    CHECK_INT(parse(SLICE("bASIC   YTpi  "), name, password), ERR_NONE);
    CHECK_STR(name, "a");
    CHECK_STR(password, "b");
}

TEST(credentials__password_may_hold_colons_and_name_may_not)
{
    char name[300], password[300];

    CHECK_INT(parse(SLICE("Basic YTpiOmM6ZA=="), name, password), ERR_NONE); /* a:b:c:d */
    CHECK_STR(name, "a");
    CHECK_STR(password, "b:c:d");
}

TEST(credentials__password_may_be_empty_and_name_may_not)
{
    char name[300], password[300];

    CHECK_INT(parse(SLICE("Basic YTo="), name, password), ERR_NONE);
    CHECK_STR(password, "");
    check_refused(SLICE("Basic OmI="), ERR_INVALID);
}

TEST(credentials__utf8_is_taken_and_latin1_refused)
{
    char name[300], password[300];

    CHECK_INT(parse(SLICE("Basic dGVzdDoxMjPCow=="), name, password), ERR_NONE); /* RFC 7617 §2.1 */
    CHECK_STR(password, "123\xc2\xa3");
    check_refused(SLICE("Basic dGVzdDoxMjOj"), ERR_INVALID); /* the pound sign as one octet */
    check_refused(SLICE("Basic YTrAgA=="), ERR_INVALID);     /* an overlong NUL */
    check_refused(SLICE("Basic YTrtoIA="), ERR_INVALID);     /* half a surrogate pair */
}

TEST(credentials__control_characters_are_refused)
{
    check_refused(SLICE("Basic YTpiAGM="), ERR_INVALID); /* a:b NUL c */
    check_refused(SLICE("Basic YQA6Yg=="), ERR_INVALID); /* a NUL :b */
    check_refused(SLICE("Basic YTpiCg=="), ERR_INVALID); /* a:b LF */
    check_refused(SLICE("Basic YTp/"), ERR_INVALID);     /* a: DEL */
}

TEST(credentials__sloppy_base64_is_refused)
{
    check_refused(SLICE("Basic"), ERR_INVALID);
    check_refused(SLICE("Basic "), ERR_INVALID);
    check_refused(SLICE("Basic YWI="), ERR_INVALID);     /* ab: no colon */
    check_refused(SLICE("Basic YTpiYw"), ERR_INVALID);   /* not padded */
    check_refused(SLICE("Basic YTo=YTo="), ERR_INVALID); /* padding inside */
    check_refused(SLICE("Basic YTp=="), ERR_INVALID);    /* length */
    check_refused(SLICE("Basic ===="), ERR_INVALID);
    check_refused(SLICE("Basic YTpiYx=="), ERR_INVALID); /* stray bits under the padding */
    check_refused(SLICE("Basic YTp iYw"), ERR_INVALID);
    check_refused(SLICE("Basic YTpi-_=="), ERR_INVALID); /* the other alphabet */
}

TEST(credentials__other_schemes_are_told_apart)
{
    check_refused(SLICE("Token abc"), ERR_UNSUPPORTED);
    check_refused(SLICE("Basics YTpi"), ERR_UNSUPPORTED);
    check_refused(SLICE(""), ERR_UNSUPPORTED);
    check_refused(SLICE_NONE, ERR_UNSUPPORTED);
}

TEST(credentials__long_claims_are_refused)
{
    char field[2048] = "Basic ";

    memset(field + 6, 'Y', sizeof(field) - 6);
    check_refused(slice_of(field, sizeof(field)), ERR_TOO_LARGE);
    /* 'YWFh' is "aaa": a name of 300 and no colon, then with one */
    for (int i = 0; i < 100; i++)
        memcpy(field + 6 + 4 * i, "YWFh", 4);
    check_refused(slice_of(field, 6 + 400), ERR_INVALID);
    memcpy(field + 6 + 400, "OmFh", 4); /* :aa */
    check_refused(slice_of(field, 6 + 404), ERR_TOO_LARGE);
}

TEST(credentials__wiping_leaves_no_password_in_memory)
{
    struct arena arena = {0};
    struct credentials cred;
    const char *at;

    CHECK_INT(credentials_parse(SLICE("Basic YTpiYmJi"), &arena, &cred), ERR_NONE);
    at = cred.password.ptr;
    CHECK_INT(cred.password.len, 4);
    credentials_wipe(&cred);
    CHECK_INT(cred.password.len, 0);
    for (int i = 0; i < 4; i++)
        CHECK_INT(at[i], 0);
    arena_release(&arena);
}

static void check_challenge(struct slice name, const char *want)
{
    struct inline_user list[] = {{SLICE("ann"), SLICE("pw")}};
    struct site site = {.name = name, .users = list, .user_count = 1};
    struct auth_request request = {.method = SLICE("GET"), .target = SLICE("/"), .is_secure = true};
    struct buf why = BUF_INIT(500);
    struct users *users = users_load(&site, &why);
    struct auth_memory *memory = auth_memory_new();
    struct challenges got;
    struct arena arena = {0};

    auth_challenges(memory, users, &request, NULL, AUTH_WRONG, &arena, &got);
    CHECK_INT(got.count, 1);
    CHECK_SLICE(got.list[0], want);
    users_unref(users);
    auth_memory_free(memory);
    arena_release(&arena);
    buf_release(&why);
}

TEST(challenge__names_realm_and_charset)
{
    check_challenge(SLICE("my \"files\"\\\r\n"), "Basic realm=\"my \\\"files\\\"\\\\\", charset=\"UTF-8\"");
    check_challenge(SLICE_NONE, "Basic realm=\"samovar\", charset=\"UTF-8\"");
}
