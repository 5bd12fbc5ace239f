/*
 * test_users.c - users files, inline users, and whose password is right.
 *
 * The hashes were made by other programs: crypt of the system, openssl passwd -apr1, htpasswd.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../../src/auth/users.h"
#include "check.h"

#define PHRASE                                                                                                         \
    "sesam: \xc3\xb6"                                                                                                  \
    "ffne dich"

static char path[] = "/tmp/samovar-users-XXXXXX";

static struct users *load(const char *content, struct buf *why)
{
    struct site site = {0};
    int fd;
    struct users *users;

    memcpy(path + sizeof(path) - 7, "XXXXXX", 6);
    fd = mkstemp(path);
    CHECK(fd >= 0);
    CHECK_INT(write(fd, content, strlen(content)), (ssize_t)strlen(content));
    close(fd);
    site.users_file = path;
    users = users_load(&site, why);
    unlink(path);
    return users;
}

static enum auth_result verify(struct users *users, const char *name, const char *password)
{
    role_take(ROLE_ANY, "test");
    role_assert_worker();
    return users_verify(users, slice_str(name), slice_str(password));
}

static void check_hash(const char *hash, const char *right)
{
    char text[300];
    struct buf why = BUF_INIT(500);
    struct users *users;

    snprintf(text, sizeof(text), "someone:%s\n", hash);
    users = load(text, &why);
    CHECK_STR(buf_str(&why), "");
    CHECK(users != NULL);
    CHECK_INT(verify(users, "someone", right), AUTH_OK);
    CHECK_INT(verify(users, "someone", "wrong"), AUTH_WRONG);
    CHECK_INT(verify(users, "nobody", right), AUTH_WRONG);
    users_unref(users);
    buf_release(&why);
}

/* The line must be refused, and the message says this. */
static void check_refused(const char *content, const char *where, const char *what)
{
    struct buf why = BUF_INIT(500);
    struct users *users = load(content, &why);
    char want[100];

    CHECK(users == NULL);
    snprintf(want, sizeof(want), "%s:%s: ", path, where);
    CHECK_SLICE(slice_upto(buf_slice(&why), strlen(want)), want);
    if (!strstr(buf_str(&why), what))
        CHECK_STR(buf_str(&why), what);
    buf_release(&why);
}

TEST(users__yescrypt_is_known)
{
    check_hash("$y$j75$.q9LPp/zh5Ucpbr2WFBAW/$puCqTXHsdFC7oulzsZO4ovALp3Bq1Q4O5PtTF3OU2B/", PHRASE);
}

TEST(users__bcrypt_is_known_by_all_its_names)
{
    check_hash("$2b$04$9iZPCFsPkAey5WHCIWjPwO4uaTErtEtnWksd6e8kkQUzU0Fe/GlPe", PHRASE);
    check_hash("$2y$04$9iZPCFsPkAey5WHCIWjPwO4uaTErtEtnWksd6e8kkQUzU0Fe/GlPe", PHRASE);
    check_hash("$2a$04$9iZPCFsPkAey5WHCIWjPwO4uaTErtEtnWksd6e8kkQUzU0Fe/GlPe", PHRASE);
    check_hash("$2y$05$XdGjPhhsGJI1hi9tfL7A7O.YZYdI/PLBaMxFXUEFkUZXDZSqbQU4O", "x");
}

TEST(users__sha_crypt_is_known)
{
    check_hash("$6$rounds=1000$qLn7lt7jRT6OcsOa$8HlIPOoBClEaxdRGenDtHeFT1idyIv9eDj/"
               "kAbTWy1aFOKDOArAR4175LZ09yHNS9JWRuaX5zQaE45m2f0Dnc0",
               PHRASE);
    check_hash("$5$rounds=1000$6zEV2f9KglM1Cz39$bhbOeeJhL/o9aGJC4mFhqn5lyGyuBIxo/x2Ji3RK4g7", PHRASE);
}

TEST(users__apr1_is_known_for_passwords_of_any_length)
{
    check_hash("$apr1$abcdefgh$NZl0M8q3GoTzTVmResHW60", PHRASE);
    check_hash("$apr1$abcdefgh$L.PT565ESX4Tp2bqNs7Ie.", "");
    check_hash("$apr1$abcdefgh$82JubPF2dQkt1tVfvLnXS.", "x");
    check_hash("$apr1$abcdefgh$rJ69b5r8YKT3pMt0ffrze1", "0123456789012345");
    check_hash("$apr1$abcdefgh$RAJ5cjB5ktygzejlQfV9X0", "01234567890123456789012345678901234567890");
    check_hash("$apr1$a$CwOs8ZUV1Vmp.iAwImfTn1", "x");
}

TEST(users__comments_and_empty_lines_and_further_fields_are_skipped)
{
    struct buf why = BUF_INIT(500);
    struct users *users = load("# who\n\n   \r\n a:$apr1$a$CwOs8ZUV1Vmp.iAwImfTn1:more:fields\r\n"
                               "b:$apr1$a$CwOs8ZUV1Vmp.iAwImfTn1",
                               &why);

    CHECK(users != NULL);
    CHECK_INT(users_count(users), 2);
    CHECK_INT(verify(users, "a", "x"), AUTH_OK);
    CHECK_INT(verify(users, "b", "x"), AUTH_OK);
    users_unref(users);
    buf_release(&why);
}

TEST(users__a_bad_line_is_named)
{
    check_refused("# one\na:secret\n", "2", "plain text");
    check_refused("a:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n", "1", "{SHA}");
    check_refused("a:$apr1$a$CwOs8ZUV1Vmp.iAwImfTn1\n\n\nno colon\n", "4", "NAME:HASH");
    check_refused(":$apr1$a$CwOs8ZUV1Vmp.iAwImfTn1\n", "1", "NAME:HASH");
    check_refused("a:$2y$05$XdGjPhhsGJI1hi9tfL7A7O.YZYdI/PLBaMxFXUEFkUZXDZSqbQ\n", "1", "form"); /* cut off */
    check_refused("a:$1$salt$qJH7.N4xYta3aEG/dfqo/0\n", "1", "form");
    check_refused("a\tb:$apr1$a$CwOs8ZUV1Vmp.iAwImfTn1\n", "1", "control");
    check_refused("a:$apr1$a$CwOs8ZUV1Vmp.iAwImfTn1\nb:$apr1$a$CwOs8ZUV1Vmp.iAwImfTn1\n"
                  "a:$apr1$abcdefgh$82JubPF2dQkt1tVfvLnXS.\n",
                  "3", "before");
}

TEST(users__a_missing_file_is_named)
{
    struct site site = {.users_file = "/nonexistent/users"};
    struct buf why = BUF_INIT(500);

    CHECK(users_load(&site, &why) == NULL);
    CHECK_STR(buf_str(&why), "/nonexistent/users: No such file or directory");
    buf_release(&why);
}

TEST(users__a_file_that_everybody_writes_is_refused)
{
    struct site site = {.users_file = path};
    struct buf why = BUF_INIT(500);
    int fd;

    memcpy(path + sizeof(path) - 7, "XXXXXX", 6);
    fd = mkstemp(path);
    fchmod(fd, 0666);
    CHECK(users_load(&site, &why) == NULL);
    CHECK(strstr(buf_str(&why), "chmod o-w") != NULL);
    close(fd);
    unlink(path);
    buf_release(&why);
}

TEST(users__inline_users_are_known_and_win_over_the_file)
{
    struct inline_user list[] = {{SLICE("ann"), SLICE("p:w")}, {SLICE("bob"), SLICE("")}};
    struct site site = {.users = list, .user_count = 2, .users_file = path};
    struct buf why = BUF_INIT(500);
    struct users *users;
    FILE *file;

    memcpy(path + sizeof(path) - 7, "XXXXXX", 6);
    file = fdopen(mkstemp(path), "w");
    fputs("ann:$apr1$a$CwOs8ZUV1Vmp.iAwImfTn1\ncyd:$apr1$a$CwOs8ZUV1Vmp.iAwImfTn1\n", file);
    fclose(file);
    users = users_load(&site, &why);
    CHECK(users != NULL);
    unlink(path);
    CHECK_INT(users_count(users), 3);
    CHECK_INT(verify(users, "ann", "p:w"), AUTH_OK);
    CHECK_INT(verify(users, "ann", "x"), AUTH_WRONG);
    CHECK_INT(verify(users, "bob", ""), AUTH_OK);
    CHECK_INT(verify(users, "bob", "x"), AUTH_WRONG);
    CHECK_INT(verify(users, "cyd", "x"), AUTH_OK);
    CHECK_INT(verify(users, "dan", ""), AUTH_WRONG);
    CHECK_INT(verify(users, "", ""), AUTH_WRONG);
    users_unref(users_ref(users));
    users_unref(users);
    buf_release(&why);
}

TEST(users__a_site_without_users_says_so)
{
    struct site site = {0};
    struct buf why = BUF_INIT(500);
    struct users *users = users_load(&site, &why);

    CHECK(users != NULL);
    CHECK_FALSE(users_exist(users));
    CHECK_FALSE(users_exist(NULL));
    CHECK_INT(verify(users, "a", "b"), AUTH_WRONG);
    users_unref(users);
    users_unref(NULL);
}

/* Made from the password by another program: python's hmac. */
#define APP_PHONE "$app-sha256$AAECAwQFBgcICQoLDA0ODw$R9hWPSsndCVbRUTSYscRfWJHlqWyKbjuoXL7qXS-eKM"

TEST(users__an_app_password_logs_in_as_the_users_own_does)
{
    struct buf why = BUF_INIT(500);
    struct users *users = load("a:$apr1$a$CwOs8ZUV1Vmp.iAwImfTn1\na:" APP_PHONE ":app=phone\n"
                               "only:" APP_PHONE ":app=my phone\nb:$apr1$a$CwOs8ZUV1Vmp.iAwImfTn1\n",
                               &why);

    CHECK(users != NULL);
    CHECK_INT(users_count(users), 3);
    CHECK_INT(verify(users, "a", "x"), AUTH_OK);
    CHECK_INT(verify(users, "a", "abcd-efgh-jkmn-pqrs-tuvw"), AUTH_OK);
    CHECK_INT(verify(users, "a", "abcd-efgh-jkmn-pqrs-tuvx"), AUTH_WRONG);
    CHECK_INT(verify(users, "only", "abcd-efgh-jkmn-pqrs-tuvw"), AUTH_OK);
    CHECK_INT(verify(users, "only", "x"), AUTH_WRONG); /* nobody else's password is his */
    CHECK_INT(verify(users, "b", "abcd-efgh-jkmn-pqrs-tuvw"), AUTH_WRONG);
    CHECK_INT(verify(users, "c", "abcd-efgh-jkmn-pqrs-tuvw"), AUTH_WRONG);
    users_unref(users);
    buf_release(&why);
}

TEST(users__with_app_passwords_alone_nobody_has_another)
{
    struct buf why = BUF_INIT(500);
    struct users *users = load("only:" APP_PHONE ":app=phone\n", &why);

    CHECK_INT(verify(users, "only", "abcd-efgh-jkmn-pqrs-tuvw"), AUTH_OK);
    CHECK_INT(verify(users, "only", ""), AUTH_WRONG);
    CHECK_INT(verify(users, "else", ""), AUTH_WRONG);
    users_unref(users);
    buf_release(&why);
}

TEST(users__a_bad_line_of_an_app_is_named)
{
    struct buf text = BUF_INIT(20000), why = BUF_INIT(500);
    struct users *users;

    check_refused("a:" APP_PHONE "\n", "1", "app=PROGRAM");
    check_refused("a:" APP_PHONE ":app=\n", "1", "app=PROGRAM");
    check_refused("a:" APP_PHONE ":phone\n", "1", "app=PROGRAM");
    check_refused("a:$app-sha256$AAECAwQFBgcICQoLDA0ODw$AAAA:app=x\n", "1", "not whole");
    check_refused("a:$app-sha256$AAECAwQFBgcICQoLDA0ODx$AAAA:app=x\n", "1", "not whole");
    check_refused("a:" APP_PHONE ":app=x\nb:" APP_PHONE ":app=x\na:" APP_PHONE ":app=x\n", "3", "already");
    for (unsigned i = 0; i < 64; i++)
        buf_printf(&text, "a:" APP_PHONE ":app=%u\n", i);
    users = load(buf_str(&text), &why);
    CHECK(users != NULL);
    users_unref(users);
    buf_add_str(&text, "a:" APP_PHONE ":app=more\n");
    check_refused(buf_str(&text), "65", "more than 64");
    buf_release(&text);
}

TEST(users__htpasswd_may_write_one_line_over_all_of_a_user)
{
    struct buf why = BUF_INIT(500);
    struct users *users = load("a:$apr1$a$CwOs8ZUV1Vmp.iAwImfTn1\na:$apr1$a$CwOs8ZUV1Vmp.iAwImfTn1\n", &why);

    CHECK(users != NULL);
    CHECK_INT(users_count(users), 1);
    CHECK_INT(verify(users, "a", "x"), AUTH_OK);
    users_unref(users);
    buf_release(&why);
}
