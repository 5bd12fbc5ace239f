/*
 * test_coding.c - gzip and deflate, there and back; dcz by the library that undoes it.
 */
#include "check.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

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

/* ---- dcz ---- */

static enum err dcz(struct slice dictionary, const unsigned char hash[32], struct slice content,
                    const struct delta_limits *limits, struct buf *out)
{
    struct delta_source base = delta_source_of(&dictionary), source = delta_source_of(&content);
    struct delta_sink sink = delta_sink_of(out);

    return coding_dcz(&base, hash, &source, limits, &sink);
}

static void sha256(struct slice bytes, unsigned char out[EVP_MAX_MD_SIZE])
{
    EVP_Digest(bytes.ptr, bytes.len, out, NULL, EVP_sha256(), NULL);
}

/* By the library's own decoder, which takes no larger window than RFC 9842 section 5 lets it. */
static void check_undone(struct slice form, struct slice dictionary, struct slice content)
{
    char *room = malloc(content.len + 1);
    ZSTD_DCtx *context = ZSTD_createDCtx();

    ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, 23);
    ZSTD_DCtx_refPrefix(context, dictionary.ptr, dictionary.len);
    CHECK_INT(ZSTD_decompressDCtx(context, room, content.len + 1, form.ptr + 40, form.len - 40), content.len);
    CHECK(slice_eq(slice_of(room, content.len), content));
    ZSTD_freeDCtx(context);
    free(room);
}

TEST(dcz__is_a_hash_and_a_frame_that_the_dictionary_undoes) /* DCT-06 */
{
    static const size_t sizes[] = {1, 1000, 131071, 131072, 131073, 700001};
    struct slice dictionary = content_of(500000, 9);
    unsigned char hash[EVP_MAX_MD_SIZE];

    sha256(dictionary, hash);
    for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct slice content = content_of(sizes[i], i < 3 ? 9 : 10); /* the first of them are its beginning */
        struct buf form = BUF_INIT(2 << 20);

        CHECK_INT(dcz(dictionary, hash, content, &none, &form), ERR_NONE);
        CHECK(slice_starts(buf_slice(&form), slice_of("\x5e\x2a\x4d\x18\x20\0\0\0", 8)));
        CHECK(memcmp(form.ptr + 8, hash, 32) == 0);
        CHECK(i == 0 || i > 2 || form.len < 200);
        check_undone(buf_slice(&form), dictionary, content);
        buf_release(&form);
        free((char *)content.ptr);
    }
    free((char *)dictionary.ptr);
}

TEST(dcz__nothing_is_made_with_another_dictionary_past_a_limit_or_without_time)
{
    struct slice dictionary = content_of(1000, 1), content = content_of(5000, 2);
    struct delta_limits small = {.output_max = 100}, hasty = {.is_enough = at_once};
    struct buf form = BUF_INIT(1 << 20);
    unsigned char hash[EVP_MAX_MD_SIZE];

    sha256(dictionary, hash);
    CHECK_INT(dcz(dictionary, hash, content, &small, &form), ERR_TOO_LARGE);
    CHECK_INT(dcz(dictionary, hash, content, &hasty, &form), ERR_AGAIN);
    CHECK_INT(dcz(slice_of(dictionary.ptr, 0), hash, content, &none, &form), ERR_UNSUPPORTED);
    buf_clear(&form);
    hash[31] ^= 1;
    CHECK_INT(dcz(dictionary, hash, content, &none, &form), ERR_DAMAGED);
    CHECK_INT(form.len, 0);
    buf_release(&form);
    free((char *)dictionary.ptr);
    free((char *)content.ptr);
}
