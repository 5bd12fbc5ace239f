/*
 * test_coding.c - gzip and deflate, there and back.
 */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "repr/coding.h"

static const struct delta_limits none;

static enum err through(bool is_back, enum coding coding, struct slice in, const struct delta_limits *limits,
                        struct buf *out)
{
    struct delta_source source = delta_source_of(&in);
    struct delta_sink sink = delta_sink_of(out);

    return is_back ? coding_decode(coding, &source, limits, &sink) : coding_encode(coding, &source, limits, &sink);
}

static void check_there_and_back(enum coding coding, struct slice content)
{
    struct buf form = BUF_INIT(8 << 20), back = BUF_INIT(8 << 20);

    CHECK_INT(through(false, coding, content, &none, &form), ERR_NONE);
    CHECK_INT(through(true, coding, buf_slice(&form), &none, &back), ERR_NONE);
    CHECK(slice_eq(buf_slice(&back), content));
    buf_release(&form);
    buf_release(&back);
}

static struct slice content_of(size_t len, unsigned seed)
{
    char *bytes = malloc(len + 1);

    for (size_t i = 0; i < len; i++) {
        seed = seed * 1103515245 + 12345;
        bytes[i] = (char)((seed >> 16) & (i % 5 ? 3 : 255));
    }
    return slice_of(bytes, len);
}

TEST(coding__comes_back_as_it_was)
{
    static const size_t sizes[] = {0, 1, 100, 65535, 65536, 65537, 131072, 1000003};

    for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct slice content = content_of(sizes[i], i + 1);

        check_there_and_back(CODING_GZIP, content);
        check_there_and_back(CODING_DEFLATE, content);
        free((char *)content.ptr);
    }
}

TEST(coding__gzip_is_rfc_1952_and_deflate_has_the_wrapper_of_zlib) /* DLT-52: the formats' own first octets */
{
    struct buf form = BUF_INIT(4096);

    CHECK_INT(through(false, CODING_GZIP, SLICE("hello hello hello"), &none, &form), ERR_NONE);
    CHECK(slice_starts(buf_slice(&form), slice_of("\x1f\x8b\x08\0\0\0\0\0", 8)));
    buf_clear(&form);
    CHECK_INT(through(false, CODING_DEFLATE, SLICE("hello hello hello"), &none, &form), ERR_NONE);
    CHECK_INT(form.len > 2 && (((unsigned char)form.ptr[0] << 8 | (unsigned char)form.ptr[1]) % 31 == 0) &&
                  (form.ptr[0] & 15) == 8,
              true);
    buf_release(&form);
}

TEST(coding__what_is_cut_short_or_followed_by_more_is_invalid)
{
    struct buf form = BUF_INIT(4096), back = BUF_INIT(4096);

    CHECK_INT(through(false, CODING_GZIP, SLICE("hello hello hello"), &none, &form), ERR_NONE);
    for (size_t len = 0; len < form.len; len++)
        CHECK_INT(through(true, CODING_GZIP, slice_of(form.ptr, len), &none, &back), ERR_INVALID);
    buf_add(&form, SLICE("x"));
    CHECK_INT(through(true, CODING_GZIP, buf_slice(&form), &none, &back), ERR_INVALID);
    CHECK_INT(through(true, CODING_DEFLATE, SLICE("no such thing"), &none, &back), ERR_INVALID);
    buf_release(&form);
    buf_release(&back);
}

TEST(coding__keeps_to_the_limits)
{
    struct delta_limits limits = {.output_max = 1000};
    struct slice content = content_of(100000, 7);
    struct buf form = BUF_INIT(1 << 20), back = BUF_INIT(1 << 20);

    CHECK_INT(through(false, CODING_GZIP, content, &limits, &form), ERR_TOO_LARGE);
    buf_clear(&form);
    CHECK_INT(through(false, CODING_GZIP, content, &none, &form), ERR_NONE);
    CHECK_INT(through(true, CODING_GZIP, buf_slice(&form), &limits, &back), ERR_TOO_LARGE);
    buf_release(&form);
    buf_release(&back);
    free((char *)content.ptr);
}

static bool at_once(void *arg)
{
    (void)arg;
    return true;
}

TEST(coding__stops_when_time_is_up)
{
    struct delta_limits limits = {.is_enough = at_once};
    struct buf form = BUF_INIT(4096);

    CHECK_INT(through(false, CODING_GZIP, SLICE("hello"), &limits, &form), ERR_AGAIN);
    buf_release(&form);
}
