/*
 * test_digest_field.c - Content-Digest and Repr-Digest: RFC 9530's examples, and dictionaries around them.
 */
#include <stdio.h>

#include "check.h"
#include "http/digest_field.h"

/* {"hello": "world"} and LF, RFC 9530 appendix B */
#define HELLO "RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg="

static struct digest_field got;

static bool read(const char *value)
{
    return digest_field_read(slice_str(value), &got);
}

/* What was read of sha-256, written again; "" for none. */
static const char *again(void)
{
    static char text[128];
    struct buf out = BUF_INIT(sizeof(text));

    text[0] = '\0';
    if (got.has[DIGEST_SHA256]) {
        digest_field_write(&out, DIGEST_SHA256, got.value[DIGEST_SHA256]);
        snprintf(text, sizeof(text), "%s", buf_str(&out));
    }
    buf_release(&out);
    return text;
}

TEST(digest_field__reads_and_writes_the_examples)
{
    CHECK(read("sha-256=:" HELLO ":"));
    CHECK_STR(again(), "sha-256=:" HELLO ":");
    CHECK_FALSE(got.has_bad || got.has[DIGEST_SHA512]);
    CHECK(read("sha-256=:d435Qo+nKZ+gLcUHn7GQtQ72hiBVAgqoLsZnZPiTGPk=:,"
               "sha-512=:YMAam51Jz/jOATT6/zvHrLVgOYTGFy1d6GJiOHTohq4yP+pgk4vf2aCsyRZOtw8MjkM7iw7yZ/WkppmM44T3qg==:"));
    CHECK(got.has[DIGEST_SHA256] && got.has[DIGEST_SHA512]);
    CHECK_INT(got.value[DIGEST_SHA512][0], 0x60);
    CHECK_INT(got.value[DIGEST_SHA512][63], 0xaa);
}

TEST(digest_field__padding_may_lack_or_be_too_much)
{
    CHECK(read("sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg:"));
    CHECK_STR(again(), "sha-256=:" HELLO ":");
    CHECK(read("sha-256=:" HELLO "=:"));
    CHECK_STR(again(), "sha-256=:" HELLO ":");
}

TEST(digest_field__other_kinds_are_read_over)
{
    CHECK(read("md5=:AAAA:, crc32c=(1 2.5 tok;a=\"b, c\" :YQ==:);x, unixsum=?1, *a_b.c-d, d=@12, e=%\"caf%c3%a9\", "
               "sha-256=:" HELLO ":;q=1"));
    CHECK_STR(again(), "sha-256=:" HELLO ":");
    CHECK(read("id-sha-256=:" HELLO ":"));
    CHECK_STR(again(), "");
    CHECK(read(""));
    CHECK_STR(again(), "");
}

TEST(digest_field__the_last_of_one_key_counts)
{
    CHECK(read("sha-256=:YWJj:, sha-256=:" HELLO ":"));
    CHECK_STR(again(), "sha-256=:" HELLO ":");
    CHECK_FALSE(got.has_bad);
    CHECK(read("sha-256=:" HELLO ":, sha-256=x"));
    CHECK_STR(again(), "");
    CHECK(got.has_bad);
}

TEST(digest_field__a_known_kind_with_another_value_is_bad)
{
    static const char *const bad[] = {"sha-256",
                                      "sha-256=?0",
                                      "sha-256=\"" HELLO "\"",
                                      "sha-256=:YWJj:",
                                      "sha-256=::",
                                      "sha-256=:" HELLO HELLO ":",
                                      "sha-512=:" HELLO ":",
                                      "sha-256=:(/0q:",
                                      "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabD===:"};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        CHECK(read(bad[i]));
        if (!got.has_bad || got.has[DIGEST_SHA256] || got.has[DIGEST_SHA512])
            CHECK_STR("not bad", bad[i]);
    }
}

TEST(digest_field__what_is_no_dictionary_does_not_count)
{
    static const char *const none[] = {"sha-256 = x", "Sha-256=1", "a=",   "a=1,",    ",a=1",  "a=1 b=2",
                                       "a=\"x",       "a=:x",      "a=(1", "a=(1,2)", "a;B=1", "1a=2",
                                       "a=1;;b",      "a=\"\\x\"", "=",    "a=1 ;b"};

    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
        if (read(none[i]))
            CHECK_STR("taken", none[i]);
}

static int wanted(const char *value)
{
    enum digest_kind kind;

    return digest_wish_read(slice_str(value), &kind) ? (int)kind : -1;
}

TEST(digest_field__what_is_wanted_most) /* RFC 9530 §4 and appendix C */
{
    CHECK_INT(wanted("sha-256=1"), DIGEST_SHA256);
    CHECK_INT(wanted("sha-512=3, sha-256=10, unixsum=0"), DIGEST_SHA256);
    CHECK_INT(wanted("sha-256=0, sha-512=1"), DIGEST_SHA512);
    CHECK_INT(wanted("sha-512=5,sha-256=5"), DIGEST_SHA256);
    CHECK_INT(wanted("sha-256=1;a=b, sha-512=2"), DIGEST_SHA512);
}

TEST(digest_field__what_is_no_wish)
{
    CHECK_INT(wanted(""), -1);
    CHECK_INT(wanted("sha-256=0"), -1);
    CHECK_INT(wanted("sha-256"), -1);
    CHECK_INT(wanted("sha-256=11"), -1);
    CHECK_INT(wanted("sha-256=1.5"), -1);
    CHECK_INT(wanted("sha-256=:AAAA:"), -1);
    CHECK_INT(wanted("md5=10"), -1);
    CHECK_INT(wanted("sha-256=1,"), -1);
    CHECK_INT(wanted("sha-256=1 sha-512=2"), -1);
    CHECK_INT(wanted("SHA-256=1"), -1);
}
