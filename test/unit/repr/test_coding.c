/*
 * test_coding.c - the codings, there and back; dcz by the library that undoes it; of what there are coded forms.
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

        for (enum coding coding = 0; coding < CODINGS; coding++)
            check_there_and_back(coding, content);
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

/* The other end of the stretches that are read and written at once, with nothing in them. */
TEST(coding__comes_back_where_it_fills_rooms_exactly)
{
    static const size_t sizes[] = {64 << 10, 128 << 10, 256 << 10, 4 << 20};

    for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
        for (enum coding coding = 0; coding < CODINGS; coding++) {
            struct slice content = slice_of(calloc(1, sizes[i]), sizes[i]);

            check_there_and_back(coding, content);
            free((char *)content.ptr);
        }
}

TEST(coding__gives_the_same_octets_each_time)
{
    struct slice content = content_of(300000, 3);

    for (enum coding coding = 0; coding < CODINGS; coding++) {
        struct buf form = BUF_INIT(1 << 20), again = BUF_INIT(1 << 20);

        CHECK_INT(through(false, coding, content, &none, &form), ERR_NONE);
        CHECK_INT(through(false, coding, content, &none, &again), ERR_NONE);
        CHECK(form.len < content.len);
        CHECK(slice_eq(buf_slice(&form), buf_slice(&again)));
        buf_release(&form);
        buf_release(&again);
    }
    free((char *)content.ptr);
}

TEST(coding__makers_differ)
{
    struct buf makers[CODINGS];

    for (enum coding coding = 0; coding < CODINGS; coding++) {
        makers[coding] = (struct buf)BUF_INIT(200);
        coding_maker(coding, &makers[coding]);
        CHECK(makers[coding].len > 5 && !makers[coding].overflown);
        for (enum coding other = 0; other < coding; other++)
            CHECK_FALSE(slice_eq(buf_slice(&makers[coding]), buf_slice(&makers[other])));
    }
    for (enum coding coding = 0; coding < CODINGS; coding++)
        buf_release(&makers[coding]);
}

TEST(coding__what_is_cut_short_or_followed_by_more_is_invalid)
{
    for (enum coding coding = 0; coding < CODINGS; coding++) {
        struct buf form = BUF_INIT(4096), back = BUF_INIT(4096);

        CHECK_INT(through(false, coding, SLICE("hello hello hello"), &none, &form), ERR_NONE);
        for (size_t len = 0; len < form.len; len++)
            CHECK_INT(through(true, coding, slice_of(form.ptr, len), &none, &back), ERR_INVALID);
        buf_add(&form, SLICE("x"));
        CHECK_INT(through(true, coding, buf_slice(&form), &none, &back), ERR_INVALID);
        CHECK_INT(through(true, coding, SLICE("no such thing"), &none, &back), ERR_INVALID);
        buf_release(&form);
        buf_release(&back);
    }
}

TEST(coding__members_of_gzip_and_frames_of_zstd_follow_each_other)
{
    static const enum coding codings[] = {CODING_GZIP, CODING_ZSTD};

    for (unsigned i = 0; i < sizeof(codings) / sizeof(*codings); i++) {
        struct buf form = BUF_INIT(4096), back = BUF_INIT(4096);

        for (unsigned k = 0; k < 3; k++)
            CHECK_INT(through(false, codings[i], SLICE("hello "), &none, &form), ERR_NONE);
        CHECK_INT(through(true, codings[i], buf_slice(&form), &none, &back), ERR_NONE);
        CHECK_SLICE(buf_slice(&back), "hello hello hello ");
        CHECK_INT(through(true, codings[i], slice_upto(buf_slice(&form), form.len - 1), &none, &back), ERR_INVALID);
        buf_release(&form);
        buf_release(&back);
    }
}

TEST(coding__keeps_to_the_limits)
{
    struct delta_limits limits = {.output_max = 1000};
    struct slice content = content_of(100000, 7);

    for (enum coding coding = 0; coding < CODINGS; coding++) {
        struct buf form = BUF_INIT(1 << 20), back = BUF_INIT(1 << 20);

        CHECK_INT(through(false, coding, content, &limits, &form), ERR_TOO_LARGE);
        buf_clear(&form);
        CHECK_INT(through(false, coding, content, &none, &form), ERR_NONE);
        CHECK_INT(through(true, coding, buf_slice(&form), &limits, &back), ERR_TOO_LARGE);
        CHECK(back.len <= 1000);
        buf_release(&form);
        buf_release(&back);
    }
    free((char *)content.ptr);
}

/* A bomb: it is stopped while little of it was made. */
TEST(coding__what_grows_without_end_is_stopped)
{
    struct delta_limits limits = {.output_max = 100000};
    struct slice zeros = slice_of(calloc(1, 8 << 20), 8 << 20);

    for (enum coding coding = 0; coding < CODINGS; coding++) {
        struct buf form = BUF_INIT(1 << 20), back = BUF_INIT(1 << 20);

        CHECK_INT(through(false, coding, zeros, &none, &form), ERR_NONE);
        CHECK(form.len < 20000);
        CHECK_INT(through(true, coding, buf_slice(&form), &limits, &back), ERR_TOO_LARGE);
        CHECK(back.len <= 100000);
        buf_release(&form);
        buf_release(&back);
    }
    free((char *)zeros.ptr);
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

    for (enum coding coding = 0; coding < CODINGS; coding++) {
        CHECK_INT(through(false, coding, SLICE("hello"), &limits, &form), ERR_AGAIN);
        CHECK_INT(through(true, coding, SLICE("hello"), &limits, &form), ERR_AGAIN);
    }
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

/* ---- what others made ---- */

/* Of zeros, by the library, with a window of so many bits; its first octets. */
static struct slice zstd_of(size_t len, int window_log, bool is_told, char room[65536])
{
    ZSTD_CCtx *context = ZSTD_createCCtx();
    char *zeros = calloc(1, len);
    ZSTD_inBuffer in = {zeros, len, 0};
    ZSTD_outBuffer out = {room, 65536, 0};

    ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window_log);
    if (is_told)
        ZSTD_CCtx_setPledgedSrcSize(context, len);
    while (!is_told && in.pos < in.size)
        ZSTD_compressStream2(context, &out, &in, ZSTD_e_continue);
    CHECK_INT(ZSTD_compressStream2(context, &out, &in, ZSTD_e_end), 0);
    free(zeros);
    ZSTD_freeCCtx(context);
    return slice_of(room, out.pos < CODING_START ? out.pos : CODING_START);
}

TEST(coding__zstd_is_fit_with_a_window_of_8_MiB_at_most) /* RFC 9659 */
{
    char room[65536];

    CHECK(coding_is_fit(CODING_ZSTD, zstd_of(100, 23, true, room)));
    CHECK(coding_is_fit(CODING_ZSTD, zstd_of(100, 27, true, room)));
    CHECK(coding_is_fit(CODING_ZSTD, zstd_of(1000, 20, true, room)));
    CHECK(coding_is_fit(CODING_ZSTD, zstd_of(9 << 20, 23, false, room)));
    CHECK(coding_is_fit(CODING_ZSTD, zstd_of(9 << 20, 23, true, room)));
    CHECK_FALSE(coding_is_fit(CODING_ZSTD, zstd_of(9 << 20, 24, false, room)));
    CHECK_FALSE(coding_is_fit(CODING_ZSTD, zstd_of(9 << 20, 24, true, room)));
    CHECK_FALSE(coding_is_fit(CODING_ZSTD, zstd_of(17 << 20, 27, true, room)));
    CHECK_FALSE(coding_is_fit(CODING_ZSTD, slice_upto(zstd_of(100, 23, true, room), 5)));
    CHECK_FALSE(coding_is_fit(CODING_ZSTD, SLICE("hello hello hello")));
    CHECK_FALSE(coding_is_fit(CODING_ZSTD, SLICE("")));
    CHECK_FALSE(coding_is_fit(CODING_GZIP, SLICE("")));
    CHECK_FALSE(coding_is_fit(CODING_GZIP, SLICE("hello")));
    CHECK_FALSE(coding_is_fit(CODING_BROTLI, SLICE("")));
}

TEST(coding__what_is_made_here_is_fit)
{
    struct slice content = content_of(10 << 20, 5);

    for (enum coding coding = 0; coding < CODINGS; coding++) {
        struct buf form = BUF_INIT(16 << 20);

        CHECK_INT(through(false, coding, content, &none, &form), ERR_NONE);
        CHECK(coding_is_fit(coding, slice_upto(buf_slice(&form), CODING_START)));
        buf_release(&form);
    }
    free((char *)content.ptr);
}

/* ---- types ---- */

TEST(coding__gains_what_is_text_or_like_it)
{
    static const char *const loose[] = {
        "text/plain",
        "text/html; charset=utf-8",
        "TEXT/CSS",
        "application/json",
        "application/javascript",
        "image/svg+xml",
        "application/atom+xml",
        "application/ld+json",
        "application/wasm",
        "font/ttf",
        "font/otf",
        "image/bmp",
        "image/x-icon",
        "application/xml ;charset=utf-8",
    };
    static const char *const idle[] = {
        "image/png",
        "image/jpeg",
        "video/mp4",
        "audio/ogg",
        "font/woff2",
        "application/zip",
        "application/gzip",
        "application/zstd",
        "application/epub+zip",
        "IMAGE/WEBP",
        "application/java-archive",
    };
    static const char *const unknown[] = {
        "application/octet-stream",
        "application/pdf",
        "application/xmlish",
        "",
        "text",
        "+json",
        "font/woff3",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    };

    for (size_t i = 0; i < sizeof(loose) / sizeof(*loose); i++)
        if (!coding_gains(slice_str(loose[i])) || coding_is_idle(slice_str(loose[i])))
            CHECK_STR(loose[i], "a type that gains");
    for (size_t i = 0; i < sizeof(idle) / sizeof(*idle); i++)
        if (coding_gains(slice_str(idle[i])) || !coding_is_idle(slice_str(idle[i])))
            CHECK_STR(idle[i], "a type that is dense");
    for (size_t i = 0; i < sizeof(unknown) / sizeof(*unknown); i++)
        if (coding_gains(slice_str(unknown[i])) || coding_is_idle(slice_str(unknown[i])))
            CHECK_STR(unknown[i], "a type of which nothing is known");
}
