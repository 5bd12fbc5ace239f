/*
 * test_vcdiff_decode.c - what the decoder makes of deltas, good and bad.
 */
#include <stdlib.h>

#include "check.h"
#include "delta/delta.h"

#define BASE "abcdefghijklmnop"

static struct buf why = BUF_INIT(1000);

/* Decodes octets that are written as a literal, against BASE; the result is in `got`. */
static enum err decode_with(struct slice delta, struct delta_limits limits, struct buf *got)
{
    struct slice base = SLICE(BASE);
    struct delta_source from = delta_source_of(&base), octets = delta_source_of(&delta);
    struct delta_sink to = delta_sink_of(got);

    buf_clear(got);
    buf_clear(&why);
    return delta_decode(DELTA_VCDIFF, &from, &octets, &limits, &to, &why);
}

#define DECODE(literal, got) decode_with(SLICE(literal), (struct delta_limits){0}, got)
#define HEADER "\xd6\xc3\xc4\x00\x00"

TEST(vcdiff_decode__the_checked_vector)
{
    /* DLT-53, DLT-55, DLT-56, DLT-59: the last COPY but one is over its own end */
    struct buf got = BUF_INIT(1000);

    CHECK_INT(DECODE(HEADER "\x01\x10\x00\x13\x1c\x00\x05\x06\x03wxyzz\x14\x05\x14\x1c\x00\x04\x00\x04\x18", &got),
              ERR_NONE);
    CHECK_SLICE(buf_slice(&got), "abcdwxyzefghefghefghefghzzzz");
    buf_release(&got);
}

TEST(vcdiff_decode__header_alone_is_the_empty_target)
{
    struct buf got = BUF_INIT(1000);

    CHECK_INT(DECODE(HEADER, &got), ERR_NONE);
    CHECK_INT(got.len, 0);
}

TEST(vcdiff_decode__a_window_may_copy_from_the_target)
{
    /* RFC 3284 §4.2: "hello" added, then COPY 4 at 1 of the target's first five */
    struct buf got = BUF_INIT(1000);

    CHECK_INT(DECODE(HEADER "\x00\x0b\x05\x00\x05\x01\x00hello\x06"
                            "\x02\x05\x00\x07\x04\x00\x00\x01\x01\x14\x01",
                     &got),
              ERR_NONE);
    CHECK_SLICE(buf_slice(&got), "helloello");
    buf_release(&got);
}

TEST(vcdiff_decode__a_copy_may_run_from_the_segment_into_the_window)
{
    /* segment "cd"; ADD "xy", then COPY 6 at 0: "cdxycd" */
    struct buf got = BUF_INIT(1000);

    CHECK_INT(DECODE(HEADER "\x01\x02\x02\x0a\x08\x00\x02\x02\x01xy\x03\x16\x00", &got), ERR_NONE);
    CHECK_SLICE(buf_slice(&got), "xycdxycd");
    buf_release(&got);
}

TEST(vcdiff_decode__habits_of_xdelta3_are_read)
{
    struct buf got = BUF_INIT(1000);

    /* an application header of three octets; a window with its Adler-32 */
    CHECK_INT(DECODE("\xd6\xc3\xc4\x00\x04\x03"
                     "a//"
                     "\x04\x0f\x05\x00\x05\x01\x00\x06\x2c\x02\x15hello\x06",
                     &got),
              ERR_NONE);
    CHECK_SLICE(buf_slice(&got), "hello");
    CHECK_INT(DECODE("\xd6\xc3\xc4\x00\x00"
                     "\x04\x0f\x05\x00\x05\x01\x00\x06\x2c\x02\x16hello\x06",
                     &got),
              ERR_INVALID);
    CHECK(strstr(buf_str(&why), "checksum") != NULL);
    /* a compressor is named, but nothing is compressed */
    CHECK_INT(DECODE("\xd6\xc3\xc4\x00\x01\x02"
                     "\x00\x0b\x05\x00\x05\x01\x00hello\x06",
                     &got),
              ERR_NONE);
    CHECK_SLICE(buf_slice(&got), "hello");
    buf_release(&got);
}

TEST(vcdiff_decode__what_is_not_spoken_is_named)
{
    static const struct {
        struct slice delta;
        const char *name;
    } rows[] = {
        {SLICE_INIT("\xd6\xc3\xc4\x00\x01\x02"
                    "\x00\x0b\x05\x01\x05\x01\x00hello\x06"),
         "LZMA"},
        {SLICE_INIT("\xd6\xc3\xc4\x00\x01\x01"
                    "\x00\x0b\x05\x02\x05\x01\x00hello\x06"),
         "DJW"},
        {SLICE_INIT("\xd6\xc3\xc4\x00\x01\x10"
                    "\x00\x0b\x05\x04\x05\x01\x00hello\x06"),
         "FGK"},
        {SLICE_INIT("\xd6\xc3\xc4\x00\x02\x02\x04\x03"), "code table"},
        {SLICE_INIT("\xd6\xc3\xc4S\x00"), "SDCH"},
    };
    struct buf got = BUF_INIT(1000);

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        CHECK_INT(decode_with(rows[i].delta, (struct delta_limits){0}, &got), ERR_UNSUPPORTED);
        CHECK(strstr(buf_str(&why), rows[i].name) != NULL);
    }
    buf_release(&got);
}

/* Each is the good one of the comment with one thing wrong. */
static const struct bad {
    struct slice delta;
    const char *says;
} bad[] = {
    {SLICE_INIT(""), "shorter than a header"},
    {SLICE_INIT("\xd6\xc3\xc4\x00"), "shorter than a header"},
    {SLICE_INIT("\xd6\xc3\xc5\x00\x00"), "begin with"},
    {SLICE_INIT("\xd6\xc3\xc4\x00\x08"), "indicator is 08"},
    {SLICE_INIT("\xd6\xc3\xc4\x00\x01"), "ends too early"},
    {SLICE_INIT("\xd6\xc3\xc4\x00\x04\x05"
                "ab"),
     "application header"},
    {SLICE_INIT("\xd6\xc3\xc4\x00\x04\x81\xff\xff\xff\xff\xff\xff\xff\xff\x7f"), "application header"},
    /* good: 00 0b 05 00 05 01 00 hello 06 */
    {SLICE_INIT(HEADER "\x00"), "ends too early"},
    {SLICE_INIT(HEADER "\x08\x0b\x05\x00\x05\x01\x00hello\x06"), "indicator is 08"},
    {SLICE_INIT(HEADER "\x03\x01\x00\x0b\x05\x00\x05\x01\x00hello\x06"), "both"},
    {SLICE_INIT(HEADER "\x00\x0c\x05\x00\x05\x01\x00hello\x06"), "longer than what is left"},
    {SLICE_INIT(HEADER "\x00\x0a\x05\x00\x05\x01\x00hello\x06"), "do not add up"},
    {SLICE_INIT(HEADER "\x00\x00"), "cut off"},
    {SLICE_INIT(HEADER "\x00\x01\x05"), "cut off"},
    {SLICE_INIT(HEADER "\x00\x02\x05\x00"), "section is cut off"},
    {SLICE_INIT(HEADER "\x04\x05\x05\x00\x05\x01\x00"), "checksum"},
    {SLICE_INIT(HEADER "\x00\x0b\x05\x08\x05\x01\x00hello\x06"), "mean nothing"},
    {SLICE_INIT(HEADER "\x00\x0b\x05\x01\x05\x01\x00hello\x06"), "names no compressor"},
    {SLICE_INIT(HEADER "\x00\x0b\x05\x00\x06\x01\x00hello\x06"), "do not add up"},
    {SLICE_INIT(HEADER "\x00\x0b\x05\x00\x04\x01\x00hello\x06"), "do not add up"},
    {SLICE_INIT(HEADER "\x00\x14\x05\x00\x81\xff\xff\xff\xff\xff\xff\xff\xff\x7f\x06\x00hello\x06"), "do not add up"},
    {SLICE_INIT(HEADER "\x00\x0b\x06\x00\x05\x01\x00hello\x06"), "fewer octets"},
    {SLICE_INIT(HEADER "\x00\x0b\x04\x00\x05\x01\x00hello\x06"), "more octets"},
    {SLICE_INIT(HEADER "\x00\x0b\x05\x00\x05\x01\x00hello\x05"), "fewer octets"},
    {SLICE_INIT(HEADER "\x00\x0b\x06\x00\x05\x01\x00hello\x07"), "longer than what the data"},
    {SLICE_INIT(HEADER "\x00\x0c\x05\x00\x06\x01\x00hello!\x06"), "data that no"},
    {SLICE_INIT(HEADER "\x00\x0c\x05\x00\x05\x01\x01hello\x06\x00"), "addresses that no"},
    {SLICE_INIT(HEADER "\x00\x0b\x05\x00\x05\x01\x00hello\x01"), "size of an instruction"},
    {SLICE_INIT(HEADER "\x00\x0c\x05\x00\x05\x02\x00hello\x01\x80"), "size of an instruction"},
    {SLICE_INIT(HEADER "\x00\x07\x05\x00\x00\x02\x00\x00\x05"), "RUN has no octet"},
    {SLICE_INIT(HEADER "\x00\x0d\x05\x00\x01\x0b\x00x\x00\x81\xff\xff\xff\xff\xff\xff\xff\xff\x7f"), "do not add up"},
    {SLICE_INIT(HEADER "\x00\x11\x05\x00\x01\x0b\x00x\x00\x81\xff\xff\xff\xff\xff\xff\xff\xff\x7f"), "more octets"},
    /* good: 01 10 00 07 04 00 00 01 01 14 00 */
    {SLICE_INIT(HEADER "\x01\x11\x00\x07\x04\x00\x00\x01\x01\x14\x00"), "another base"},
    {SLICE_INIT(HEADER "\x01\x10\x01\x07\x04\x00\x00\x01\x01\x14\x00"), "another base"},
    {SLICE_INIT(HEADER "\x01\x01\x81\xff\xff\xff\xff\xff\xff\xff\xff\x7f\x07\x04\x00\x00\x01\x01\x14\x00"),
     "another base"},
    {SLICE_INIT(HEADER "\x01\x81\xff\xff\xff\xff\xff\xff\xff\xff\x7f\x01\x07\x04\x00\x00\x01\x01\x14\x00"),
     "another base"},
    {SLICE_INIT(HEADER "\x01\x10\x00\x07\x04\x00\x00\x01\x01\x14\x10"), "address of a COPY"},
    {SLICE_INIT(HEADER "\x01\x10\x00\x06\x04\x00\x00\x01\x00\x14"), "address of a COPY"},
    {SLICE_INIT(HEADER "\x00\x07\x04\x00\x00\x01\x01\x14\x00"), "address of a COPY"},
    {SLICE_INIT(HEADER "\x02\x01\x00\x07\x04\x00\x00\x01\x01\x14\x00"), "not made yet"},
    {SLICE_INIT(HEADER "\x01\x82\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00"), "too many octets"},
    {SLICE_INIT(HEADER "\x01\x82\x80\x80\x80\x80\x80\x80\x80\x80\x00"), "64 bits"},
};

TEST(vcdiff_decode__bad_ones_are_refused_with_a_sentence)
{
    struct buf got = BUF_INIT(1000);

    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        CHECK_INT(decode_with(bad[i].delta, (struct delta_limits){0}, &got), ERR_INVALID);
        if (!strstr(buf_str(&why), bad[i].says))
            CHECK_STR(buf_str(&why), bad[i].says);
    }
    buf_release(&got);
}

TEST(vcdiff_decode__every_cut_of_a_good_one_is_bad_but_the_header)
{
    static const struct slice good =
        SLICE_INIT(HEADER "\x01\x10\x00\x13\x1c\x00\x05\x06\x03wxyzz\x14\x05\x14\x1c\x00\x04\x00\x04\x18");
    struct buf got = BUF_INIT(1000);

    for (size_t len = 0; len < good.len; len++)
        CHECK_INT(decode_with(slice_of(good.ptr, len), (struct delta_limits){0}, &got),
                  len == 5 ? ERR_NONE : ERR_INVALID);
    buf_release(&got);
}

TEST(vcdiff_decode__a_window_longer_than_memory_is_too_large)
{
    /* one octet of data, a RUN of 2^40 */
    struct buf got = BUF_INIT(1000);

    CHECK_INT(DECODE(HEADER "\x00\x12\xa0\x80\x80\x80\x80\x00\x00\x01\x07\x00z\x00\xa0\x80\x80\x80\x80\x00", &got),
              ERR_TOO_LARGE);
    CHECK(strstr(buf_str(&why), "memory") != NULL);
    buf_release(&got);
}

TEST(vcdiff_decode__what_would_be_longer_than_allowed_is_too_large)
{
    struct buf got = BUF_INIT(1000);
    struct slice hello = SLICE(HEADER "\x00\x0b\x05\x00\x05\x01\x00hello\x06\x00\x0b\x05\x00\x05\x01\x00world\x06");

    CHECK_INT(decode_with(hello, (struct delta_limits){.output_max = 10}, &got), ERR_NONE);
    CHECK_INT(decode_with(hello, (struct delta_limits){.output_max = 9}, &got), ERR_TOO_LARGE);
    CHECK_INT(decode_with(hello, (struct delta_limits){.output_max = 4}, &got), ERR_TOO_LARGE);
    buf_release(&got);
}

static bool at_once(void *arg)
{
    (void)arg;
    return true;
}

TEST(vcdiff_decode__ends_when_time_is_up)
{
    struct buf got = BUF_INIT(1000);

    CHECK_INT(decode_with(SLICE(HEADER "\x00\x0b\x05\x00\x05\x01\x00hello\x06"),
                          (struct delta_limits){.is_enough = at_once}, &got),
              ERR_AGAIN);
    buf_release(&got);
}
