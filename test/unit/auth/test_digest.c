/*
 * test_digest.c - Digest (RFC 7616): its credentials, its users, its nonces, and who gets in.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../../src/auth/digest_fields.h"
#include "../../../src/auth/memory.h"
#include "../../../src/auth/nonce.h"
#include "base/clock.h"
#include "check.h"

/* RFC 7616 §3.9.1: Mufasa's password is "Circle of Life". */
#define RFC_FIELDS                                                                                                     \
    "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", uri=\"/dir/index.html\", "                           \
    "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", nc=00000001, "                                            \
    "cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", qop=auth, "
#define RFC_MD5 "algorithm=MD5, response=\"8ca523f5e9506fed4657c9700eebdbec\""
#define RFC_SHA256 "algorithm=SHA-256, response=\"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1\""

/* A server with one user, and what one request of his came to. */
struct scene {
    struct auth_memory *memory;
    struct users *users;
    struct arena arena;
    struct login login;
    struct credentials cred;
};

static struct scene scene_of(const char *realm, const char *name, const char *password)
{
    struct inline_user list[] = {{slice_str(name), slice_str(password)}};
    struct site site = {.name = slice_str(realm), .users = list, .user_count = 1};
    struct buf why = BUF_INIT(500);
    struct scene scene = {.memory = auth_memory_new(), .users = users_load(&site, &why)};

    CHECK(scene.users != NULL);
    buf_release(&why);
    return scene;
}

static void scene_end(struct scene *scene)
{
    users_unref(scene->users);
    auth_memory_free(scene->memory);
    arena_release(&scene->arena);
}

static enum auth_result judge(struct scene *scene, const char *method, const char *target, struct slice field)
{
    struct auth_request request = {.method = slice_str(method), .target = slice_str(target)};

    CHECK_INT(credentials_parse(field, &scene->arena, &scene->cred), ERR_NONE);
    return auth_judge(scene->memory, scene->users, &scene->cred, &request, &scene->arena, &scene->login);
}

/* The nonce of the first challenge. */
static struct slice ask(struct scene *scene)
{
    struct auth_request request = {.method = SLICE("GET"), .target = SLICE("/")};
    struct slice text, before;
    struct challenges got;

    auth_challenges(scene->memory, scene->users, &request, NULL, AUTH_WRONG, &scene->arena, &got);
    CHECK_INT(got.count, 3);
    CHECK(slice_starts(got.list[0], SLICE("Digest ")) && slice_starts(got.list[2], SLICE("Basic ")));
    text = got.list[0];
    while (!slice_starts(text, SLICE("nonce=\"")))
        text = slice_from(text, 1);
    CHECK(slice_cut(slice_from(text, 7), '"', &before, &text));
    return before;
}

/* What a client sends that was asked with this nonce. */
static struct slice answer(struct scene *scene, const char *method, const char *uri, struct slice nonce, unsigned nc,
                           const char *password)
{
    struct slice count = arena_printf(&scene->arena, "%08x", nc);
    struct slice a1[] = {SLICE("ann"), SLICE("home"), slice_str(password)};
    struct slice a2[] = {slice_str(method), slice_str(uri)};
    struct digest_hex h1 = digest_hash(DIGEST_SHA256, a1, 3), h2 = digest_hash(DIGEST_SHA256, a2, 2), response;
    struct slice all[] = {digest_hex_slice(&h1), nonce, count, SLICE("c"), SLICE("auth"), digest_hex_slice(&h2)};

    response = digest_hash(DIGEST_SHA256, all, 6);
    return arena_printf(&scene->arena,
                        "Digest username=\"ann\", realm=\"home\", uri=\"%s\", nonce=\"%.*s\", nc=%.*s, cnonce=\"c\", "
                        "qop=auth, algorithm=SHA-256, response=\"%.*s\"",
                        uri, SLICE_FMT(nonce), SLICE_FMT(count), (int)response.len, response.text);
}

/* ---- who gets in ---- */

TEST(digest__example_of_the_rfc_is_right_for_its_password_alone)
{
    struct scene scene = scene_of("http-auth@example.org", "Mufasa", "Circle of Life");
    struct scene other = scene_of("http-auth@example.org", "Mufasa", "Circle of life");

    /* the nonce is none of ours: the client is to come again with one that is, and is told that the password was right
     */
    CHECK_INT(judge(&scene, "GET", "/dir/index.html", SLICE(RFC_FIELDS RFC_MD5)), AUTH_STALE);
    CHECK_INT(judge(&scene, "GET", "/dir/index.html", SLICE(RFC_FIELDS RFC_SHA256)), AUTH_STALE);
    CHECK_INT(judge(&scene, "PUT", "/dir/index.html", SLICE(RFC_FIELDS RFC_SHA256)), AUTH_WRONG);
    CHECK_INT(judge(&other, "GET", "/dir/index.html", SLICE(RFC_FIELDS RFC_MD5)), AUTH_WRONG);
    CHECK_INT(judge(&other, "GET", "/dir/index.html", SLICE(RFC_FIELDS RFC_SHA256)), AUTH_WRONG);
    scene_end(&scene);
    scene_end(&other);
}

TEST(digest__right_response_to_our_nonce_gets_in_and_is_told_who_we_are)
{
    struct scene scene = scene_of("home", "ann", "pw");
    struct slice nonce = ask(&scene);

    CHECK_INT(judge(&scene, "GET", "/a", answer(&scene, "GET", "/a", nonce, 1, "pw")), AUTH_OK);
    CHECK_SLICE(scene.login.name, "ann");
    CHECK(slice_starts(scene.login.info, SLICE("rspauth=\"")));
    CHECK_FALSE(scene.login.is_again);
    CHECK_INT(judge(&scene, "PUT", "/b", answer(&scene, "PUT", "/b", nonce, 2, "pw")), AUTH_OK);
    CHECK(scene.login.is_again);
    scene_end(&scene);
}

TEST(digest__wrong_password_is_wrong_whatever_the_nonce)
{
    struct scene scene = scene_of("home", "ann", "pw");
    struct slice nonce = ask(&scene);

    CHECK_INT(judge(&scene, "GET", "/a", answer(&scene, "GET", "/a", nonce, 1, "pW")), AUTH_WRONG);
    CHECK_INT(judge(&scene, "GET", "/a", answer(&scene, "GET", "/a", SLICE("x"), 1, "pW")), AUTH_WRONG);
    CHECK_FALSE(scene.login.is_again);
    scene_end(&scene);
}

TEST(digest__who_has_to_wait_does_not_learn_what_is_right_by_asking_twice)
{
    struct scene scene = scene_of("home", "ann", "pw");
    struct slice known = ask(&scene), nonce = ask(&scene);
    struct attempt guesser;

    CHECK_INT(judge(&scene, "GET", "/a", answer(&scene, "GET", "/a", known, 1, "pw")), AUTH_OK);
    guesser = attempt_of(scene.memory, scene.users, SLICE_NONE, &scene.cred);
    for (int i = 0; i < 1000; i++) /* the clock goes on meanwhile, but not for as long */
        attempt_told(scene.memory, &guesser, AUTH_WRONG);
    for (unsigned nc = 1; nc < 4; nc++)
        CHECK_INT(judge(&scene, "GET", "/a", answer(&scene, "GET", "/a", nonce, nc, "pw")), AUTH_SLOWED);
    CHECK_INT(judge(&scene, "GET", "/a", answer(&scene, "GET", "/a", known, 2, "pw")), AUTH_OK);
    scene_end(&scene);
}

TEST(digest__replay_is_stale)
{
    struct scene scene = scene_of("home", "ann", "pw");
    struct slice nonce = ask(&scene), field = answer(&scene, "GET", "/a", nonce, 1, "pw");

    CHECK_INT(judge(&scene, "GET", "/a", field), AUTH_OK);
    CHECK_INT(judge(&scene, "GET", "/a", field), AUTH_STALE);
    CHECK_INT(judge(&scene, "GET", "/a", answer(&scene, "GET", "/a", nonce, 2, "pw")), AUTH_OK);
    scene_end(&scene);
}

TEST(digest__next_nonce_is_given_when_this_one_grows_old)
{
    struct scene scene = scene_of("home", "ann", "pw");
    uint64_t now_ms = clock_mono_ms();
    char text[NONCE_TEXT_BYTES];
    struct slice next, rest;

    if (now_ms < NONCE_LIFE_MS) { /* the machine has just started: nothing can be as old */
        scene_end(&scene);
        return;
    }
    nonce_make(scene.memory->nonces, SLICE("home"), now_ms - NONCE_LIFE_MS / 2 - 1, text);
    CHECK_INT(judge(&scene, "GET", "/a", answer(&scene, "GET", "/a", slice_of(text, sizeof(text)), 1, "pw")), AUTH_OK);
    rest = scene.login.info;
    while (rest.len > 0 && !slice_starts(rest, SLICE("nextnonce=\"")))
        rest = slice_from(rest, 1);
    CHECK(slice_cut(slice_from(rest, 11), '"', &next, &rest));
    CHECK_INT(judge(&scene, "GET", "/a", answer(&scene, "GET", "/a", next, 1, "pw")), AUTH_OK);
    CHECK_FALSE(scene.login.is_again);
    scene_end(&scene);
}

TEST(digest__response_for_another_resource_is_misplaced)
{
    struct scene scene = scene_of("home", "ann", "pw");
    struct slice nonce = ask(&scene);

    CHECK_INT(judge(&scene, "GET", "/b", answer(&scene, "GET", "/a", nonce, 1, "pw")), AUTH_MISPLACED);
    CHECK_INT(judge(&scene, "GET", "/a?x", answer(&scene, "GET", "/a", nonce, 1, "pw")), AUTH_MISPLACED);
    scene_end(&scene);
}

TEST(digest__is_not_offered_over_tls_to_users_of_the_command_line)
{
    struct scene scene = scene_of("home", "ann", "pw");
    struct auth_request request = {.method = SLICE("GET"), .target = SLICE("/"), .is_secure = true};
    struct challenges got;

    auth_challenges(scene.memory, scene.users, &request, NULL, AUTH_WRONG, &scene.arena, &got);
    CHECK_INT(got.count, 1);
    CHECK(slice_starts(got.list[0], SLICE("Basic ")));
    scene_end(&scene);
}

TEST(digest__stale_is_told)
{
    struct scene scene = scene_of("http-auth@example.org", "Mufasa", "Circle of Life");
    struct auth_request request = {.method = SLICE("GET"), .target = SLICE("/")};
    struct challenges got;

    CHECK_INT(judge(&scene, "GET", "/dir/index.html", SLICE(RFC_FIELDS RFC_MD5)), AUTH_STALE);
    auth_challenges(scene.memory, scene.users, &request, &scene.cred, AUTH_STALE, &scene.arena, &got);
    CHECK(slice_ends(got.list[0], SLICE("stale=true")) && slice_ends(got.list[1], SLICE("stale=true")));
    auth_challenges(scene.memory, scene.users, &request, &scene.cred, AUTH_WRONG, &scene.arena, &got);
    CHECK_FALSE(slice_ends(got.list[0], SLICE("stale=true")));
    scene_end(&scene);
}

/* ---- credentials ---- */

static enum err parse(const char *value, struct digest *out)
{
    static char name[300];
    struct arena arena = {0};
    enum err err = digest_fields_parse(slice_str(value), &arena, out);

    if (!err) { /* the name may lie in the arena */
        memcpy(name, out->name.ptr, out->name.len);
        out->name = slice_of(name, out->name.len);
    }
    arena_release(&arena);
    return err;
}

#define REST "realm=r, nonce=n, uri=\"/\", response=x, cnonce=c, nc=00000001, qop=auth"

TEST(digest_fields__names_are_quoted_or_extended_and_never_both)
{
    struct digest got;

    CHECK_INT(parse("username=\"a\\\"b\\\\c\", " REST, &got), ERR_NONE);
    CHECK_SLICE(got.name, "a\"b\\c");
    CHECK_INT(parse("username*=UTF-8''J%C3%A4s%C3%B8n%20Doe, " REST, &got), ERR_NONE);
    CHECK_SLICE(got.name, "J\xc3\xa4s\xc3\xb8n Doe");
    CHECK_INT(parse("username*=utf-8'no'x, " REST, &got), ERR_NONE);
    CHECK_SLICE(got.name, "x");
    CHECK_INT(parse("username=a, username*=UTF-8''a, " REST, &got), ERR_INVALID);
    CHECK_INT(parse("username*=ISO-8859-1''a, " REST, &got), ERR_INVALID);
    CHECK_INT(parse("username*=UTF-8''%C3, " REST, &got), ERR_INVALID);
    CHECK_INT(parse("username*=UTF-8''%4, " REST, &got), ERR_INVALID);
    CHECK_INT(parse("username=\"\", " REST, &got), ERR_INVALID);
    CHECK_INT(parse("username=\"\xff\", " REST, &got), ERR_INVALID);
    CHECK_INT(parse(REST, &got), ERR_INVALID);
}

TEST(digest_fields__old_spellings_are_read)
{
    struct digest got;

    CHECK_INT(parse("username=a, realm=\"r\", nonce=\"n\", uri=\"/\", response=\"x\", cnonce=\"c\", nc=\"0000000a\", "
                    "qop=\"auth\", algorithm=\"md5\", opaque=\"\", x=y",
                    &got),
              ERR_NONE);
    CHECK_INT(got.algorithm, DIGEST_MD5);
    CHECK_U64(got.count, 10);
    CHECK_INT(parse(" ,, USERNAME = a ,\t" REST " , ", &got), ERR_NONE);
    CHECK_INT(got.algorithm, DIGEST_MD5); /* none is named */
}

TEST(digest_fields__what_is_not_offered_or_broken_is_refused)
{
    static const char *const values[] = {
        "",
        "username=a",
        "username=a, realm=r, nonce=n, uri=\"/\", response=x", /* RFC 2069: replays could not be told */
        "username=a, userhash=true, " REST,
        "username=a, algorithm=MD5-sess, " REST,
        "username=a, algorithm=SHA-512-256, " REST,
        "username=a, realm=r, " REST, /* twice */
        "username=a, realm=r, nonce=n, uri=\"/\", response=x, cnonce=c, nc=00000001, qop=auth-int",
        "username=a, realm=r, nonce=n, uri=\"/\", response=x, cnonce=c, nc=1, qop=auth",
        "username=a, realm=r, nonce=n, uri=\"/\", response=x, cnonce=c, nc=00000000, qop=auth",
        "username=a, realm=r, nonce=n, uri=\"/\", response=x, cnonce=\"\x01\", nc=00000001, qop=auth",
        "username=\"a, " REST,
        "username=\"a\"x, " REST,
        "username=, " REST,
        "=a, " REST,
        "username a, " REST,
        "username=\"a\\",
    };
    struct digest got;

    for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++)
        CHECK_INT(parse(values[i], &got), ERR_INVALID);
}

TEST(digest_fields__uri_and_target_may_differ_in_spelling)
{
    CHECK(digest_uri_agrees(SLICE("/a"), SLICE("/a")));
    CHECK(digest_uri_agrees(SLICE("*"), SLICE("*")));
    CHECK(digest_uri_agrees(SLICE("/a%20(b)"), SLICE("/a%20%28b%29")));
    CHECK(digest_uri_agrees(SLICE("/dir"), SLICE("/dir/")));
    CHECK(digest_uri_agrees(SLICE("http://host:80/a?b"), SLICE("/a?b")));
    CHECK(digest_uri_agrees(SLICE("/"), SLICE("https://host")));
    CHECK_FALSE(digest_uri_agrees(SLICE("/a"), SLICE("/b")));
    CHECK_FALSE(digest_uri_agrees(SLICE("/a/b"), SLICE("/a%2Fb")));
    CHECK_FALSE(digest_uri_agrees(SLICE("/a?b"), SLICE("/a?c")));
    CHECK_FALSE(digest_uri_agrees(SLICE("/a"), SLICE("/a?c")));
    CHECK_FALSE(digest_uri_agrees(SLICE("/a"), SLICE("/ab")));
    CHECK_FALSE(digest_uri_agrees(SLICE_NONE, SLICE("/a")));
}

/* ---- nonces ---- */

TEST(nonce__is_good_for_its_realm_and_for_a_while)
{
    struct nonces *nonces = nonces_new(), *others = nonces_new();
    char text[NONCE_TEXT_BYTES];
    struct slice nonce = slice_of(text, sizeof(text));

    nonce_make(nonces, SLICE("r"), 1000, text);
    CHECK_INT(nonce_judge(nonces, nonce, SLICE("r"), 1000), NONCE_FRESH);
    CHECK_INT(nonce_judge(nonces, nonce, SLICE("r"), 1000 + NONCE_LIFE_MS / 2), NONCE_AGING);
    CHECK_INT(nonce_judge(nonces, nonce, SLICE("r"), 1000 + NONCE_LIFE_MS - 1), NONCE_AGING);
    CHECK_INT(nonce_judge(nonces, nonce, SLICE("r"), 1000 + NONCE_LIFE_MS), NONCE_OVER);
    CHECK_INT(nonce_judge(nonces, nonce, SLICE("s"), 1000), NONCE_OVER);
    CHECK_INT(nonce_judge(others, nonce, SLICE("r"), 1000), NONCE_OVER);
    CHECK_INT(nonce_judge(nonces, slice_upto(nonce, 63), SLICE("r"), 1000), NONCE_OVER);
    text[0] = text[0] == '0' ? '1' : '0'; /* the time */
    CHECK_INT(nonce_judge(nonces, nonce, SLICE("r"), 1000), NONCE_OVER);
    nonces_free(nonces);
    nonces_free(others);
}

TEST(nonce__counts_are_used_once_in_nearly_any_order)
{
    struct nonces *nonces = nonces_new();
    char text[NONCE_TEXT_BYTES];
    struct slice nonce = slice_of(text, sizeof(text));

    nonce_make(nonces, SLICE("r"), 1, text);
    CHECK_FALSE(nonce_is_used(nonces, nonce, SLICE("ann")));
    CHECK_FALSE(nonce_use(nonces, nonce, SLICE("ann"), 33, 1)); /* what came before it may have been forgotten */
    CHECK(nonce_use(nonces, nonce, SLICE("ann"), 3, 1));
    CHECK(nonce_is_used(nonces, nonce, SLICE("ann")));
    CHECK_FALSE(nonce_is_used(nonces, nonce, SLICE("bob")));
    CHECK(nonce_use(nonces, nonce, SLICE("ann"), 1, 1));
    CHECK_FALSE(nonce_use(nonces, nonce, SLICE("ann"), 1, 1));
    CHECK_FALSE(nonce_use(nonces, nonce, SLICE("ann"), 3, 1));
    CHECK(nonce_use(nonces, nonce, SLICE("ann"), 34, 1));
    CHECK_FALSE(nonce_use(nonces, nonce, SLICE("ann"), 2, 1)); /* 32 behind */
    CHECK_FALSE(nonce_use(nonces, nonce, SLICE("ann"), 3, 1));
    CHECK(nonce_use(nonces, nonce, SLICE("ann"), 4, 1));
    CHECK(nonce_use(nonces, nonce, SLICE("ann"), UINT32_MAX, 1));
    CHECK_FALSE(nonce_use(nonces, nonce, SLICE("ann"), 35, 1));
    nonces_free(nonces);
}

/* ---- users ---- */

static struct users *load(const char *content, struct inline_user *list, unsigned count, struct buf *why)
{
    char path[] = "/tmp/samovar-digest-XXXXXX";
    struct site site = {.name = SLICE("home"), .digest_users = path, .users = list, .user_count = count};
    int fd = mkstemp(path);
    struct users *users;

    CHECK(fd >= 0);
    CHECK_INT(write(fd, content, strlen(content)), (ssize_t)strlen(content));
    close(fd);
    users = users_load(&site, why);
    unlink(path);
    return users;
}

#define MD5_OF_PW "63ab1bde5a0a0e5d6c9a5a1d7c9c5d1b" /* of nothing in particular */
#define SHA_OF_PW "63ab1bde5a0a0e5d6c9a5a1d7c9c5d1b63ab1bde5a0a0e5d6c9a5a1d7c9c5d1b"

static void check_load(const char *content, const char *want)
{
    struct buf why = BUF_INIT(500);
    struct users *users = load(content, NULL, 0, &why);
    const char *text = buf_str(&why), *colon = strchr(text, ':');

    CHECK((users == NULL) == (want[0] != '\0'));
    CHECK_STR(colon ? colon + 1 : text, want);
    users_unref(users);
    buf_release(&why);
}

TEST(digest_users__lines_that_mean_nothing_are_told_with_their_number)
{
    check_load("# none\n\nann:home:" MD5_OF_PW "\r\nann:home:" SHA_OF_PW "\nbob:elsewhere:" MD5_OF_PW "\n", "");
    check_load("ann:home\n", "1: not NAME:REALM:HASH");
    check_load(":home:" MD5_OF_PW "\n", "1: not NAME:REALM:HASH");
    check_load("\nann:home:abc\n",
               "2: the hash is not 32 (MD5) or 64 (SHA-256) hexadecimal digits, as htdigest writes them");
    check_load("ann:home:x3ab1bde5a0a0e5d6c9a5a1d7c9c5d1b\n",
               "1: the hash is not 32 (MD5) or 64 (SHA-256) hexadecimal digits, as htdigest writes them");
    check_load("ann:home:" MD5_OF_PW "\nbob:home:" MD5_OF_PW "\nann:home:" MD5_OF_PW "\n",
               "3: this name was given before, with a hash of the same kind");
    check_load("ann:elsewhere:" MD5_OF_PW "\n", " no line is of the realm \"home\", which is the site's name");
}

static void check_offers(const char *content, const char *first, unsigned count)
{
    struct auth_memory *memory = auth_memory_new();
    struct auth_request request = {.method = SLICE("GET"), .target = SLICE("/"), .is_secure = true};
    struct buf why = BUF_INIT(500);
    struct users *users = load(content, NULL, 0, &why);
    struct challenges got;
    struct arena arena = {0};
    struct slice text;

    CHECK(users && users_exist(users));
    auth_challenges(memory, users, &request, NULL, AUTH_WRONG, &arena, &got);
    CHECK_INT(got.count, count);
    text = arena_printf(&arena, "Digest realm=\"home\", qop=\"auth\", algorithm=%s, ", first);
    CHECK(slice_starts(got.list[0], text));
    users_unref(users);
    auth_memory_free(memory);
    arena_release(&arena);
    buf_release(&why);
}

TEST(digest_users__are_asked_for_what_all_of_them_have)
{
    check_offers("a:home:" MD5_OF_PW "\n", "MD5", 1);
    check_offers("a:home:" SHA_OF_PW "\n", "SHA-256", 1);
    check_offers("a:home:" MD5_OF_PW "\na:home:" SHA_OF_PW "\n", "SHA-256", 2);
    check_offers("a:home:" MD5_OF_PW "\na:home:" SHA_OF_PW "\nb:home:" MD5_OF_PW "\n", "MD5", 1);
    check_offers("a:home:" SHA_OF_PW "\nb:home:" MD5_OF_PW "\n", "SHA-256", 2); /* each can come one way */
}
