/*
 * test_bearer.c - the scheme Bearer: a field judged from its octets to whom it names, and its challenges.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../../../src/auth/token_cache.h"
#include "base/clock.h"
#include "check.h"
#include "tokens.h"

static char path[] = "/tmp/samovar-keys-XXXXXX";
static struct arena arena;
static struct auth_memory *memory;
static struct login login;
static struct credentials cred;
static struct challenges challenges;
static EVP_PKEY *key;

static struct users *load_site(struct site *site, const char *content, struct buf *why)
{
    struct users *users;
    int fd;

    memcpy(path + sizeof(path) - 7, "XXXXXX", 6);
    fd = mkstemp(path);
    CHECK(fd >= 0);
    CHECK_INT(write(fd, content, strlen(content)), (ssize_t)strlen(content));
    close(fd);
    site->jwt_keys = path;
    users = users_load(site, why);
    unlink(path);
    return users;
}

/* A site whose tokens this key signs. */
static struct users *site_of(EVP_PKEY *signer)
{
    struct buf set = BUF_INIT(4000), why = BUF_INIT(500);
    struct site site = {.name = SLICE("attic")};
    struct users *users;

    role_take(ROLE_ANY, "test");
    if (!memory)
        memory = auth_memory_new();
    buf_add_str(&set, "{\"keys\":[");
    token_jwk(&set, signer, NULL, "");
    buf_add_str(&set, "]}");
    users = load_site(&site, buf_str(&set), &why);
    CHECK(users != NULL);
    buf_release(&set);
    return users;
}

static void tear_down(struct users *users)
{
    users_unref(users);
    auth_memory_free(memory);
    memory = NULL;
    arena_release(&arena);
    EVP_PKEY_free(key);
}

static void make(struct buf *out, const char *name, int64_t seconds)
{
    char claims[200];

    snprintf(claims, sizeof(claims), "{\"sub\":\"%s\",\"exp\":%lld,\"groups\":[\"staff\",\"\xc3\xa4\"]}", name,
             (long long)(clock_real_s() + seconds));
    buf_clear(out);
    buf_add_str(out, "Bearer ");
    token_make(out, key, "{\"alg\":\"EdDSA\"}", claims);
}

static enum auth_result judge(struct users *users, struct slice field)
{
    struct auth_request request = {.method = SLICE("GET"), .target = SLICE("/"), .is_secure = true};
    struct attempt attempt;
    enum auth_result result;

    role_assert_worker();
    CHECK_INT(credentials_parse(field, &arena, &cred), ERR_NONE);
    CHECK_INT(cred.scheme, AUTH_BEARER);
    result = auth_judge(memory, users, &cred, &request, &arena, &login);
    if (result == AUTH_UNDECIDED) {
        attempt = attempt_of(memory, users, SLICE("192.0.2.1"), &cred);
        CHECK(attempt_enter(memory, &attempt));
        result = auth_verify(memory, users, &cred, &attempt, &arena, &login);
        attempt_leave(memory, &attempt);
    }
    if (!cred.flaw)
        cred.flaw = login.flaw;
    auth_challenges(memory, users, &request, &cred, result, &arena, &challenges);
    return result;
}

TEST(bearer__a_token_names_its_user_and_groups_every_time)
{
    struct users *users = site_of(key = token_key("ED25519", 0));
    struct buf field = BUF_INIT(4000);

    make(&field, "alice", 100);
    for (int i = 0; i < 3; i++) {
        CHECK_INT(judge(users, buf_slice(&field)), AUTH_OK);
        CHECK_INT(login.is_again, i > 0); /* then it is remembered, and no worker is needed */
        CHECK_SLICE(login.name, "alice");
        CHECK_INT(login.group_count, 2);
        CHECK_SLICE(login.groups[0], "staff");
        CHECK_SLICE(login.groups[1], "\xc3\xa4");
    }
    buf_release(&field);
    tear_down(users);
}

TEST(bearer__new_keys_forget_what_the_old_ones_vouched_for)
{
    struct users *users = site_of(key = token_key("ED25519", 0)), *reloaded;
    EVP_PKEY *next = token_key("ED25519", 0);
    struct buf field = BUF_INIT(4000);

    make(&field, "alice", 100);
    CHECK_INT(judge(users, buf_slice(&field)), AUTH_OK);
    reloaded = site_of(next);
    CHECK_INT(judge(reloaded, buf_slice(&field)), AUTH_WRONG);
    users_unref(reloaded);
    EVP_PKEY_free(next);
    buf_release(&field);
    tear_down(users);
}

TEST(bearer__challenges_tell_what_is_wrong)
{
    struct users *users = site_of(key = token_key("ED25519", 0));
    struct auth_request request = {.is_secure = true};
    struct buf field = BUF_INIT(4000);

    auth_challenges(memory, users, &request, NULL, AUTH_WRONG, &arena, &challenges);
    CHECK_INT(challenges.count, 1);
    CHECK_SLICE(challenges.list[0], "Bearer realm=\"attic\""); /* RFC 6750 §3.1: no error without a token */
    make(&field, "alice", -100);
    CHECK_INT(judge(users, buf_slice(&field)), AUTH_STALE);
    CHECK_SLICE(challenges.list[0],
                "Bearer realm=\"attic\", error=\"invalid_token\", error_description=\"The token is expired\"");
    make(&field, "alice", 100);
    field.ptr[field.len - 20] = field.ptr[field.len - 20] == 'x' ? 'y' : 'x';
    CHECK_INT(judge(users, buf_slice(&field)), AUTH_WRONG);
    CHECK_SLICE(
        challenges.list[0],
        "Bearer realm=\"attic\", error=\"invalid_token\", error_description=\"The token's signature is not right\"");
    CHECK_INT(judge(users, SLICE("Bearer a b")), AUTH_WRONG);
    CHECK_SLICE(challenges.list[0],
                "Bearer realm=\"attic\", error=\"invalid_token\", error_description=\"The token is malformed\"");
    CHECK_INT(judge(users, SLICE("bearer")), AUTH_WRONG);
    CHECK_INT(judge(users, SLICE("Bearer \"x\"")), AUTH_WRONG);
    CHECK_INT(judge(users, SLICE("Bearer a=b")), AUTH_WRONG);
    buf_release(&field);
    tear_down(users);
}

TEST(bearer__a_token_is_forgotten_when_it_expires)
{
    struct token_cache *cache = token_cache_new();
    struct slice group = SLICE("staff");
    struct login whom = {.name = SLICE("alice"), .groups = &group, .group_count = 1};

    token_cache_add(cache, SLICE("abc"), 1000, &whom);
    CHECK(token_cache_find(cache, SLICE("abc"), 999, &arena, &login));
    CHECK_SLICE(login.name, "alice");
    CHECK_FALSE(token_cache_find(cache, SLICE("abc"), 1000, &arena, &login));
    CHECK_FALSE(token_cache_find(cache, SLICE("abd"), 999, &arena, &login));
    token_cache_free(cache);
    arena_release(&arena);
}

TEST(bearer__however_many_tokens_come_only_so_many_are_remembered)
{
    struct token_cache *cache = token_cache_new();
    struct login whom = {.name = SLICE("alice")};
    unsigned known = 0;
    char text[20];

    for (unsigned i = 0; i < 5000; i++) {
        snprintf(text, sizeof(text), "token%u", i);
        token_cache_add(cache, slice_str(text), 1000 + i, &whom);
    }
    for (unsigned i = 0; i < 5000; i++) {
        snprintf(text, sizeof(text), "token%u", i);
        known += token_cache_find(cache, slice_str(text), 1, &arena, &login);
    }
    CHECK(known > 900 && known <= 1024);
    CHECK(token_cache_find(cache, SLICE("token4999"), 1, &arena, &login));
    token_cache_free(cache);
    arena_release(&arena);
}

TEST(bearer__what_is_wrong_with_the_keys_is_told)
{
    struct buf why = BUF_INIT(500);
    struct site site = {.name = SLICE("attic")};

    CHECK(load_site(&site, "{\"keys\":[]}", &why) == NULL);
    CHECK(strstr(buf_str(&why), path));
    CHECK(strstr(buf_str(&why), "no key for"));
    buf_clear(&why);
    site.jwt_keys = NULL;
    site.jwt_audience = "files";
    CHECK(users_load(&site, &why) == NULL);
    CHECK(strstr(buf_str(&why), "jwt-audience without jwt-keys"));
    buf_release(&why);
}
