/*
 * test_put_wish.c - what a PUT says of its content beside the bytes, and checksums.
 */
#include <stdio.h>

#include "asked.h"
#include "put_private.h"

/* ---- checksums ---- */

static bool sums_match(const char *field, const char *bytes)
{
    struct checksums sums;
    bool matches;

    CHECK(checksums_parse(slice_str(field), &sums));
    for (const char *at = bytes; *at; at++)
        checksums_add(&sums, slice_of(at, 1));
    matches = checksums_match(&sums);
    checksums_release(&sums);
    return matches;
}

TEST(checksum__each_kind_knows_its_bytes)
{
    CHECK(sums_match("SHA1:a9993e364706816aba3e25717850c26c9cd0d89d", "abc"));
    CHECK(sums_match("sha1:A9993E364706816ABA3E25717850C26C9CD0D89D", "abc"));
    CHECK(sums_match("MD5:900150983cd24fb0d6963f7d28e17f72", "abc"));
    CHECK(sums_match("SHA256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "abc"));
    CHECK(sums_match("ADLER32:024d0127", "abc"));
    CHECK_FALSE(sums_match("ADLER32:024d0127", "abd"));
    CHECK_FALSE(sums_match("MD5:900150983cd24fb0d6963f7d28e17f72", "ab"));
}

TEST(checksum__sha1_and_md5_are_made_whichever_was_said)
{
    struct checksums sums;
    char room[CHECKSUMS_TEXT];

    CHECK(checksums_parse(SLICE("SHA1:A9993E364706816ABA3E25717850C26C9CD0D89D"), &sums));
    checksums_add(&sums, SLICE("abc"));
    CHECK(checksums_match(&sums));
    CHECK_SLICE(checksums_text(&sums, room),
                "SHA1:a9993e364706816aba3e25717850c26c9cd0d89d MD5:900150983cd24fb0d6963f7d28e17f72");
    checksums_release(&sums);
    CHECK(checksums_parse(SLICE("FUTURE:x"), &sums)); /* who says none that we know wants none */
    CHECK_INT(checksums_text(&sums, room).len, 0);
}

TEST(checksum__of_several_each_counts_and_unknown_ones_do_not)
{
    CHECK(sums_match("MD5:900150983cd24fb0d6963f7d28e17f72 ADLER32:024d0127", "abc"));
    CHECK_FALSE(sums_match("MD5:900150983cd24fb0d6963f7d28e17f72 ADLER32:024d0128", "abc"));
    CHECK(sums_match("CRC9:12", "abc"));
    CHECK(sums_match("", "abc"));
}

TEST(checksum__a_known_kind_with_a_wrong_value_is_malformed)
{
    static const char *const bad[] = {"MD5:", "MD5:90", "SHA1:900150983cd24fb0d6963f7d28e17f72", "ADLER32:024d012x"};
    struct checksums sums;

    for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        CHECK_FALSE(checksums_parse(slice_str(bad[i]), &sums));
        checksums_release(&sums);
    }
}

TEST(checksum__adler_wraps_where_it_must)
{
    struct checksums sums;
    char many[6000];

    memset(many, 0xff, sizeof(many));
    CHECK(checksums_parse(SLICE("ADLER32:2f300dcb"), &sums));
    for (unsigned i = 0; i < 3; i++)
        checksums_add(&sums, slice_of(many, sizeof(many)));
    CHECK(checksums_match(&sums));
    checksums_release(&sums);
}

/* ---- time, type, length ---- */

struct wish_row {
    const char *target, *fields;
    int64_t modified_ns; /* -1: none */
    const char *type;
};

static const struct wish_row wishes[] = {
    {"/f.txt", "", -1, ""},
    {"/f.txt", "X-OC-Mtime: 1000000000\r\n", 1000000000000000000, ""},
    {"/f.txt", "X-OC-Mtime: 1000000000.5\r\n", 1000000000500000000, ""},
    {"/f.txt", "X-OC-Mtime: 1000000000.1234567891\r\n", 1000000000123456789, ""},
    {"/f.txt", "X-OC-Mtime: soon\r\n", -1, ""},
    {"/f.txt", "X-OC-Mtime: -5\r\n", -1, ""},
    {"/f.txt", "X-OC-Mtime: 99999999999999999999\r\n", -1, ""},
    {"/f.txt", "X-OC-Mtime: 1\r\nX-OC-Mtime: 2\r\n", -1, ""},
    {"/f.txt", "Content-Type: text/plain\r\n", -1, ""},
    {"/f.txt", "Content-Type: text/plain; charset=utf-8\r\n", -1, ""},
    {"/f.txt", "Content-Type: text/plain; charset=iso-8859-1\r\n", -1, "text/plain; charset=iso-8859-1"},
    {"/f.txt", "Content-Type: image/png\r\n", -1, "image/png"},
    {"/f.png", "Content-Type: image/png\r\n", -1, ""},
    {"/f.txt", "Content-Type: application/octet-stream\r\n", -1, ""},
    {"/f.txt", "Content-Type: application/x-www-form-urlencoded\r\n", -1, ""},
    {"/f.txt", "Content-Type: nonsense\r\n", -1, ""},
    {"/f.txt", "Content-Type: a b/c\r\n", -1, ""},
};

static struct exchange *put_of(struct loop *loop, struct conf *conf, const struct wish_row *row)
{
    char request[512];

    snprintf(request, sizeof(request), "PUT %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n%s\r\n", row->target,
             row->fields);
    return asked(loop, conf, request);
}

TEST(wish__time_and_type_are_read)
{
    struct loop *loop = loop_new();
    struct conf *conf = conf_of_site("");

    role_assert_loop();
    media_open_file(NULL);
    for (unsigned i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++) {
        struct exchange *ex = put_of(loop, conf, &wishes[i]);
        struct put_wish got;

        CHECK_INT(put_wish_read(ex, &got).status, 0);
        if (got.wish.has_modified != (wishes[i].modified_ns >= 0) ||
            (got.wish.has_modified && got.wish.modified_ns != wishes[i].modified_ns) ||
            !slice_eq(got.wish.type, slice_str(wishes[i].type)))
            fail_msg("%s%s: %d %lld %.*s", wishes[i].target, wishes[i].fields, got.wish.has_modified,
                     (long long)got.wish.modified_ns, SLICE_FMT(got.wish.type));
        checksums_release(&got.checksums);
        exchange_end(ex);
    }
    media_close();
    conf_unref(conf);
    loop_free(loop);
}
