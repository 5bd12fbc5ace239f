/*
 * test_chunked.c - the chunked coding.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "check.h"
#include "http/chunked.h"

/* Feeds text in pieces of `piece` octets; the content goes to *content. Gives END, BAD or MORE, and octets used. */
static enum chunk_step play(struct slice text, size_t piece, struct chunked *chunked, struct buf *content, size_t *used)
{
    *chunked = (struct chunked){0};
    *used = 0;
    while (*used < text.len) {
        struct slice in = slice_upto(slice_from(text, *used), piece), data;
        size_t got;
        enum chunk_step step = chunked_feed(chunked, in, &got, &data);

        *used += got;
        CHECK_INT(step == CHUNK_DATA, data.len > 0);
        buf_add(content, data);
        if (step == CHUNK_END || step == CHUNK_BAD)
            return step;
        CHECK(step == CHUNK_DATA || got == in.len);
    }
    return CHUNK_MORE;
}

static int status_of(const char *text)
{
    int found = 0;

    for (size_t piece = 1; piece < 8; piece += 6) {
        struct chunked chunked;
        struct buf content = BUF_INIT(100000);
        size_t used;
        enum chunk_step step = play(slice_str(text), piece, &chunked, &content, &used);

        found = step == CHUNK_BAD ? chunked.status : step == CHUNK_END ? 200 : 0;
        CHECK_INT(step == CHUNK_BAD, chunked.why != NULL);
        buf_release(&content);
    }
    return found;
}

TEST(chunked__content_comes_out_however_it_is_cut)
{
    struct slice text = SLICE("5\r\nhello\r\n00A ; x=\"y\";z\r\n, world!!!\r\n0\r\nTrailer: 1\r\n\r\nGET /");

    for (size_t piece = 1; piece <= text.len; piece++) {
        struct chunked chunked;
        struct buf content = BUF_INIT(1000);
        size_t used;

        CHECK_INT(play(text, piece, &chunked, &content, &used), CHUNK_END);
        CHECK_SLICE(buf_slice(&content), "hello, world!!!");
        CHECK_U64(chunked.total, 15);
        CHECK_U64(used, text.len - 5);
        buf_release(&content);
    }
}

TEST(chunked__after_the_end_nothing_more_is_used)
{
    struct chunked chunked = {0};
    struct slice data;
    size_t used;

    CHECK_INT(chunked_feed(&chunked, SLICE("0\r\n\r\nX"), &used, &data), CHUNK_END);
    CHECK_U64(used, 5);
    CHECK_INT(chunked_feed(&chunked, SLICE("X"), &used, &data), CHUNK_END);
    CHECK_U64(used, 0);
}

TEST(chunked__what_is_no_size_is_refused) /* H1-34 */
{
    static const char *const texts[] = {"+5\r\n",
                                        "-5\r\n",
                                        "0x5\r\n",
                                        "5_0\r\n",
                                        " 5\r\n",
                                        "\r\n",
                                        ";a\r\n",
                                        "g\r\n",
                                        "5 \r\n",
                                        "5 5\r\n",
                                        "5\n",
                                        "5\r5",
                                        "\n",
                                        "8000000000000000\r\n",
                                        "00000000000000005\r\n",
                                        "ffffffffffffffff\r\n",
                                        "fffffffffffffffff\r\n"};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (status_of(texts[i]) != 400)
            CHECK_STR(texts[i], "refused with 400");
    CHECK_INT(status_of("7fffffffffffffff\r\n"), 0);
    CHECK_INT(status_of("1\r\na\r\n7fffffffffffffff\r\n"), 400); /* the sum is too large */
    CHECK_INT(status_of("1\r\na\r\n7ffffffffffffffe\r\n"), 0);
}

TEST(chunked__content_is_followed_by_CRLF) /* H1-35 */
{
    CHECK_INT(status_of("5\r\nhelloX\r\n"), 400);
    CHECK_INT(status_of("5\r\nhello\n"), 400);
    CHECK_INT(status_of("5\r\nhello\r\r\n"), 400);
    CHECK_INT(status_of("0\r\n\n"), 400);
}

static int status_of_long(const char *before, const char *unit, size_t count, const char *after)
{
    size_t unit_len = strlen(unit), len = strlen(before);
    char *text = calloc(1, len + unit_len * count + strlen(after) + 1);
    int status;

    strcpy(text, before);
    for (size_t i = 0; i < count; i++)
        memcpy(text + len + i * unit_len, unit, unit_len);
    strcpy(text + len + count * unit_len, after);
    status = status_of(text);
    free(text);
    return status;
}

TEST(chunked__extensions_are_bounded_for_the_whole_message) /* H1-36, POL-43 */
{
    CHECK_INT(status_of_long("1;", "x", CHUNK_EXTENSIONS_MAX, "\r\na\r\n0\r\n\r\n"), 200);
    CHECK_INT(status_of_long("1;", "x", CHUNK_EXTENSIONS_MAX + 1, "\r\na\r\n0\r\n\r\n"), 400);
    CHECK_INT(status_of_long("", "1;xxxxxxx\r\na\r\n", 10000, "0\r\n\r\n"), 400);
    CHECK_INT(status_of_long("1", " ", CHUNK_EXTENSIONS_MAX + 2, ";a\r\n"), 400);
    CHECK_INT(status_of("1;a\x01\r\n"), 400);
    CHECK_INT(status_of("1;a\n"), 400);
}

TEST(chunked__trailers_are_checked_and_bounded) /* H1-37, POL-43 */
{
    CHECK_INT(status_of("0\r\nContent-Length: 5\r\nHost: x\r\n\r\n"), 200);
    CHECK_INT(status_of("0\r\nno colon\r\n\r\n"), 400);
    CHECK_INT(status_of("0\r\n: x\r\n\r\n"), 400);
    CHECK_INT(status_of("0\r\nA : x\r\n\r\n"), 400);
    CHECK_INT(status_of("0\r\n A: x\r\n\r\n"), 400);
    CHECK_INT(status_of("0\r\nA: x\n\r\n"), 400);
    CHECK_INT(status_of("0\r\nA: \x02\r\n\r\n"), 400);
    CHECK_INT(status_of_long("0\r\n", "A: b\r\n", 20000, "\r\n"), 431);
    CHECK_INT(status_of_long("0\r\nA:", "b", 20000, "\r\n\r\n"), 431);
}

TEST(chunk_frame__is_read_back)
{
    static const uint64_t lens[] = {1, 15, 16, 65536, 0xffffffffu, UINT64_MAX};
    static const char *const texts[] = {"1\r\n",     "f\r\n",        "10\r\n",
                                        "10000\r\n", "ffffffff\r\n", "ffffffffffffffff\r\n"};

    for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
        char out[CHUNK_FRAME_MAX];

        CHECK_SLICE(slice_of(out, chunk_frame(out, lens[i])), texts[i]);
    }
    CHECK_INT(status_of("0\r\n\r\n"), 200);
    CHECK_SLICE(CHUNK_LAST, "0\r\n\r\n");
}
