/*
 * test_gdiff.c - gdiff both ways: the note's own example, each form of a command, what is no gdiff, any two contents.
 */
#include "pairs.h"
#include "taken.h"
#include "transform.h"

static const struct delta_limits no_limits;

/* A delta written by hand, without its first five octets. */
#define GDIFF(commands) SLICE("\xd1\xff\xd1\xff\x04" commands)

static void check_made(struct slice base, struct slice delta, struct slice want)
{
    struct buf out;

    CHECK_INT(decode_bytes(DELTA_GDIFF, base, delta, &no_limits, &out, NULL), ERR_NONE);
    CHECK(slice_eq(buf_slice(&out), want));
    buf_release(&out);
}

/* DLT-48 */
TEST(gdiff__the_notes_example_is_understood)
{
    struct slice delta = GDIFF("\xf9\0\0\x02"
                               "\x02XY"
                               "\xf9\0\x02\x02"
                               "\xf9\0\x01\x04"
                               "\0");

    check_made(SLICE("ABCDEFG"), delta, SLICE("ABXYCDBCDE"));
}

/* DLT-48 */
TEST(gdiff__every_form_of_data_and_copy_is_understood)
{
    static const struct {
        struct slice commands;
    } forms[] = {
        {SLICE_INIT("\xd1\xff\xd1\xff\x04\x03"
                    "cde\0")},
        {SLICE_INIT("\xd1\xff\xd1\xff\x04\xf7\0\x03"
                    "cde\0")},
        {SLICE_INIT("\xd1\xff\xd1\xff\x04\xf8\0\0\0\x03"
                    "cde\0")},
        {SLICE_INIT("\xd1\xff\xd1\xff\x04\xf9\0\x02\x03\0")},
        {SLICE_INIT("\xd1\xff\xd1\xff\x04\xfa\0\x02\0\x03\0")},
        {SLICE_INIT("\xd1\xff\xd1\xff\x04\xfb\0\x02\0\0\0\x03\0")},
        {SLICE_INIT("\xd1\xff\xd1\xff\x04\xfc\0\0\0\x02\x03\0")},
        {SLICE_INIT("\xd1\xff\xd1\xff\x04\xfd\0\0\0\x02\0\x03\0")},
        {SLICE_INIT("\xd1\xff\xd1\xff\x04\xfe\0\0\0\x02\0\0\0\x03\0")},
        {SLICE_INIT("\xd1\xff\xd1\xff\x04\xff\0\0\0\0\0\0\0\x02\0\0\0\x03\0")},
        {SLICE_INIT("\xd1\xff\xd1\xff\x04\x01"
                    "c\xf9\0\x07\0\xf7\0\0\xf9\0\x03\x02\0")},
    };

    for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++)
        check_made(SLICE("abcdefg"), forms[i].commands, SLICE("cde"));
}

/* DLT-49 */
TEST(gdiff__what_is_no_gdiff_or_does_not_fit_its_base_is_refused)
{
    static const struct {
        struct slice delta;
        enum err err;
        const char *words;
    } bad[] = {
        {SLICE_INIT(""), ERR_INVALID, "shorter than its first five"},
        {SLICE_INIT("\xd1\xff\xd1\xff"), ERR_INVALID, "shorter than its first five"},
        {SLICE_INIT("\xd1\xff\xd1\xfe\x04\0"), ERR_INVALID, "does not begin"},
        {SLICE_INIT("\xd6\xc3\xc4\0\0\0"), ERR_INVALID, "does not begin"},
        {SLICE_INIT("\xd1\xff\xd1\xff\x05\0"), ERR_UNSUPPORTED, "version 5"},
        {SLICE_INIT("\xd1\xff\xd1\xff\x04"), ERR_INVALID, "has no end"},
        {SLICE_INIT("\xd1\xff\xd1\xff\x04\x01x"), ERR_INVALID, "has no end"},
        {SLICE_INIT("\xd1\xff\xd1\xff\x04\0\0"), ERR_INVALID, "behind its end"},
        {SLICE_INIT("\xd1\xff\xd1\xff\x04\x03yz"), ERR_INVALID, "ends before the 3 octets"},
        {SLICE_INIT("\xd1\xff\xd1\xff\x04\xf7\xff"), ERR_INVALID, "ends within"},
        {SLICE_INIT("\xd1\xff\xd1\xff\x04\xf8\x7f\xff\xff\xff!"), ERR_INVALID, "ends before the 2147483647 octets"},
        {SLICE_INIT("\xd1\xff\xd1\xff\x04\xf8\x80\0\0\0!\0"), ERR_INVALID, "negative"},
        {SLICE_INIT("\xd1\xff\xd1\xff\x04\xf9\0\x05\x03\0"), ERR_INVALID, "not in the base"},
        {SLICE_INIT("\xd1\xff\xd1\xff\x04\xf9\0\x08\0\0"), ERR_INVALID, "not in the base"},
        {SLICE_INIT("\xd1\xff\xd1\xff\x04\xfb\0\0\xff\xff\xff\xff\0"), ERR_INVALID, "copies -1 octets"},
        {SLICE_INIT("\xd1\xff\xd1\xff\x04\xfc\xff\xff\xff\xff\x01\0"), ERR_INVALID, "from -1"},
        {SLICE_INIT("\xd1\xff\xd1\xff\x04\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x7f\xff\xff\xff\0"), ERR_INVALID,
         "not in the base"},
        {SLICE_INIT("\xd1\xff\xd1\xff\x04\xff\x80\0\0\0\0\0\0\0\0\0\0\x01\0"), ERR_INVALID, "not in the base"},
        {SLICE_INIT("\xd1\xff\xd1\xff\x04\xff\0\0"), ERR_INVALID, "ends within"},
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        check_refused(DELTA_GDIFF, SLICE("abcdefg"), bad[i].delta, &no_limits, bad[i].err, bad[i].words);
}

TEST(gdiff__what_it_makes_is_bounded)
{
    struct delta_limits ten = {.output_max = 10};
    struct slice three = GDIFF("\xf9\0\0\x05\xf9\0\0\x05\x01x\0"), two = GDIFF("\xf9\0\0\x05\xf9\0\0\x05\0");
    struct slice copy = GDIFF("\xf9\0\0\x05\xf9\0\0\x05\xf9\0\0\x01\0");
    struct buf out;

    check_refused(DELTA_GDIFF, SLICE("abcdefg"), three, &ten, ERR_TOO_LARGE, "more octets than are allowed");
    check_refused(DELTA_GDIFF, SLICE("abcdefg"), copy, &ten, ERR_TOO_LARGE, "more octets than are allowed");
    CHECK_INT(decode_bytes(DELTA_GDIFF, SLICE("abcdefg"), two, &ten, &out, NULL), ERR_NONE);
    buf_release(&out);
}

static struct slice random_octets(uint64_t *seed, char *room, size_t len, unsigned letters)
{
    for (size_t i = 0; i < len; i++)
        room[i] = (char)(letters < 256 ? 'a' + next_random(seed) % letters : next_random(seed));
    return slice_of(room, len);
}

/* Parts of the base, some of them moved, with new octets between. */
static struct slice random_edit(uint64_t *seed, struct slice base, char *room, size_t most, unsigned letters)
{
    size_t len = 0;

    while (len < most && random_below(seed, 8)) {
        size_t from = random_below(seed, base.len), part = random_below(seed, base.len - from + 1);

        if (random_below(seed, 3) == 0) {
            part = random_below(seed, 40);
            part = part < most - len ? part : most - len;
            random_octets(seed, room + len, part, letters);
        } else {
            part = part < most - len ? part : most - len;
            if (part)
                memcpy(room + len, base.ptr + from, part);
        }
        len += part;
    }
    return slice_of(room, len);
}

/* DLT-24 */
TEST(gdiff__random_pairs_come_back)
{
    for (unsigned long i = 1; i <= count_pairs(); i++) {
        struct pair pair;

        pair_make(&pair, i, i % 100 ? 4000 : 60000);
        check_round_trip_at(DELTA_GDIFF, efforts[i % 3], slice_of(pair.base, pair.base_len),
                            slice_of(pair.target, pair.target_len), &no_limits);
        pair_release(&pair);
    }
}

TEST(gdiff__equal_contents_are_one_command)
{
    enum { LEN = 3 << 20 };
    char *base = xmalloc(LEN);
    uint64_t seed = 7;
    struct slice bytes = random_octets(&seed, base, LEN, 256);
    /* a window of 16 KiB: the copy goes on from one to the next */
    struct delta_limits little = {.memory_max = 600 << 10};

    CHECK_U64(check_round_trip(DELTA_GDIFF, bytes, bytes, &no_limits), 5 + 7 + 1);
    CHECK_U64(check_round_trip(DELTA_GDIFF, bytes, bytes, &little), 5 + 7 + 1);
    /* however few octets the last window has */
    for (size_t len = 102400; len < 102410; len++)
        CHECK_U64(check_round_trip(DELTA_GDIFF, slice_upto(bytes, len), slice_upto(bytes, len), &little), 5 + 7 + 1);
    CHECK_U64(check_round_trip(DELTA_GDIFF, slice_upto(bytes, 255), slice_upto(bytes, 255), &no_limits), 5 + 4 + 1);
    CHECK_U64(check_round_trip(DELTA_GDIFF, slice_upto(bytes, 256), slice_upto(bytes, 256), &no_limits), 5 + 5 + 1);
    CHECK_U64(check_round_trip(DELTA_GDIFF, slice_upto(bytes, 65535), slice_upto(bytes, 65535), &no_limits), 5 + 5 + 1);
    CHECK_U64(check_round_trip(DELTA_GDIFF, bytes, slice_of(base + 65536, 255), &no_limits), 5 + 6 + 1);
    CHECK_U64(check_round_trip(DELTA_GDIFF, bytes, slice_of(base + 65536, 65535), &no_limits), 5 + 7 + 1);
    CHECK_U64(check_round_trip(DELTA_GDIFF, bytes, slice_of(base + 65536, 65536), &no_limits), 5 + 9 + 1);
    CHECK_U64(check_round_trip(DELTA_GDIFF, SLICE(""), slice_upto(bytes, 246), &no_limits), 5 + 1 + 246 + 1);
    CHECK_U64(check_round_trip(DELTA_GDIFF, SLICE(""), slice_upto(bytes, 247), &no_limits), 5 + 3 + 247 + 1);
    CHECK_U64(check_round_trip(DELTA_GDIFF, SLICE(""), slice_upto(bytes, 65535), &no_limits), 5 + 3 + 65535 + 1);
    CHECK_U64(check_round_trip(DELTA_GDIFF, SLICE(""), slice_upto(bytes, 65536), &no_limits), 5 + 5 + 65536 + 1);
    CHECK_U64(check_round_trip(DELTA_GDIFF, SLICE(""), SLICE(""), &no_limits), 5 + 1);
    free(base);
}

/* A source of any size, in little memory: blocks that are alike but for their number. */
enum { ENDLESS_BLOCK = 1 << 16 };

static enum err endless_read(void *arg, uint64_t at, void *room, size_t len)
{
    const char *block = arg;

    for (char *to = room; len;) {
        uint64_t number = at / ENDLESS_BLOCK;
        size_t from = at % ENDLESS_BLOCK, some = ENDLESS_BLOCK - from < len ? ENDLESS_BLOCK - from : len;

        memcpy(to, block + from, some);
        for (size_t i = from; i < sizeof(number) && i - from < some; i++)
            to[i - from] = (char)(number >> (8 * i));
        to += some;
        at += some;
        len -= some;
    }
    return ERR_NONE;
}

static char *endless_block(void)
{
    char *block = xmalloc(ENDLESS_BLOCK);
    uint64_t seed = 2;

    for (size_t i = 0; i < ENDLESS_BLOCK; i++)
        block[i] = (char)next_random(&seed);
    return block;
}

/* Takes what a decoder makes: only counts it. */
static enum err count_octets(void *arg, struct slice bytes)
{
    *(uint64_t *)arg += bytes.len;
    return ERR_NONE;
}

/* DLT-49 */
TEST(gdiff__a_decoder_copies_from_beyond_four_gigabytes)
{
    static const char commands[] = "\xd1\xff\xd1\xff\x04"
                                   "\xff\0\0\0\x01\0\0\0\x02\0\0\0\x08\0";
    struct slice delta_bytes = slice_of(commands, sizeof(commands) - 1);
    char *block = endless_block(), want[8];
    struct delta_source base = {.size = 5ull << 30, .read = endless_read, .arg = block};
    struct delta_source delta = delta_source_of(&delta_bytes);
    struct buf out = BUF_INIT(100);
    struct delta_sink sink = delta_sink_of(&out);

    CHECK_INT(delta_decode(DELTA_GDIFF, &base, &delta, &no_limits, &sink, NULL), ERR_NONE);
    endless_read(block, (1ull << 32) + 2, want, sizeof(want));
    CHECK(slice_eq(buf_slice(&out), slice_of(want, sizeof(want))));
    buf_release(&out);
    free(block);
}

enum { BEYOND = 5000 };

/* The base of 2 GiB and a little, an octet, and the base's end again. */
struct appended {
    const char *block;
    uint64_t base_size;
};

static enum err appended_read(void *arg, uint64_t at, void *room, size_t len)
{
    const struct appended *appended = arg;
    char *to = room;

    if (at < appended->base_size) {
        size_t some = appended->base_size - at < len ? appended->base_size - at : len;

        endless_read((void *)appended->block, at, to, some);
        to += some;
        at += some;
        len -= some;
    }
    if (len && at == appended->base_size) {
        *to++ = '!';
        len--;
        at++;
    }
    return len ? endless_read((void *)appended->block, at - 1 - BEYOND, to, len) : ERR_NONE;
}

/* DLT-49: a copy longer than 2^31-1 is two; a place above that is a long. */
TEST(gdiff__what_no_int_can_say_is_split_or_a_long)
{
    static const char want[] = "\xd1\xff\xd1\xff\x04"
                               "\xfb\0\0\x7f\xff\xff\xff"
                               "\xfe\x7f\xff\xff\xff\0\x01\x38\x81"
                               "\x01!"
                               "\xff\0\0\0\0\x80\x01\x24\xf8\0\0\x13\x88"
                               "\0";
    struct appended appended = {endless_block(), (1ull << 31) + 80000};
    struct delta_source base = {.size = appended.base_size, .read = endless_read, .arg = (void *)appended.block};
    struct delta_source target = {.size = base.size + 1 + BEYOND, .read = appended_read, .arg = &appended};
    struct buf delta = BUF_INIT(1000);
    struct delta_sink sink = delta_sink_of(&delta);

    CHECK_INT(delta_encode(DELTA_GDIFF, &base, &target, DELTA_USUAL, &no_limits, &sink), ERR_NONE);
    CHECK(slice_eq(buf_slice(&delta), slice_of(want, sizeof(want) - 1)));
    buf_release(&delta);
    free((void *)appended.block);
}

TEST(gdiff__a_hurry_ends_it)
{
    enum { LEN = 1 << 20 };
    char *base = xmalloc(LEN);
    uint64_t seed = 11, made = 0;
    struct slice bytes = random_octets(&seed, base, LEN, 256), copy = GDIFF("\xfb\0\0\0\x10\0\0\0");
    struct buf delta, out;
    struct delta_source from = delta_source_of(&bytes), change = delta_source_of(&copy);
    struct delta_sink sink = {.write = count_octets, .arg = &made};

    for (unsigned questions = 0; questions < 5; questions++) {
        unsigned left = questions;
        struct delta_limits limits = {.is_enough = is_out_of_time, .arg = &left};

        CHECK_INT(
            encode_bytes(DELTA_GDIFF, slice_of(base, LEN / 2), slice_of(base + LEN / 2, LEN / 2), &limits, &delta),
            ERR_AGAIN);
        buf_release(&delta);
        left = questions;
        CHECK_INT(decode_bytes(DELTA_GDIFF, bytes, copy, &limits, &out, NULL), ERR_AGAIN);
        buf_release(&out);
    }
    CHECK_INT(delta_decode(DELTA_GDIFF, &from, &change, &no_limits, &sink, NULL), ERR_NONE);
    CHECK_U64(made, LEN);
    free(base);
}

TEST(gdiff__the_same_pair_gives_the_same_octets)
{
    enum { LEN = 100000 };
    char *base = xmalloc(LEN), *target = xmalloc(LEN);
    uint64_t seed = 5;
    struct slice from = random_octets(&seed, base, LEN, 4), to = random_edit(&seed, from, target, LEN, 4);
    struct buf first, second;

    CHECK_INT(encode_bytes(DELTA_GDIFF, from, to, &no_limits, &first), ERR_NONE);
    CHECK_INT(encode_bytes(DELTA_GDIFF, from, to, &no_limits, &second), ERR_NONE);
    CHECK(slice_eq(buf_slice(&first), buf_slice(&second)));
    buf_release(&first);
    buf_release(&second);
    free(base);
    free(target);
}

TEST(gdiff__a_delta_that_is_too_long_is_not_finished)
{
    struct delta_limits limits = {.output_max = 20};
    struct buf delta;

    CHECK_INT(encode_bytes(DELTA_GDIFF, SLICE("a"), SLICE("123456789012345"), &limits, &delta), ERR_TOO_LARGE);
    buf_release(&delta);
    CHECK_INT(encode_bytes(DELTA_GDIFF, SLICE("a"), SLICE("1234567890123"), &limits, &delta), ERR_NONE);
    CHECK_U64(delta.len, 20);
    buf_release(&delta);
}

TEST(gdiff__memory_is_what_was_granted_and_a_base_need_not_fit_in_it)
{
    enum { LEN = 4 << 20, MEMORY = 1 << 20 };
    char *base = xmalloc(LEN), *target = xmalloc(LEN);
    uint64_t seed = 3;
    struct slice from = random_octets(&seed, base, LEN, 256);
    struct slice to = slice_of(target, LEN);

    /* the second half first, and an octet of each KiB another */
    memcpy(target, base + LEN / 2, LEN / 2);
    memcpy(target + LEN / 2, base, LEN / 2);
    for (size_t i = 0; i < LEN; i += 1024)
        target[i] ^= 1;
    taken = 0;
    check_remote(DELTA_GDIFF, from, to, MEMORY);
    /* encoder and decoder, and what this test keeps of the delta and of what is made of it */
    CHECK(taken < 2 * MEMORY + 2 * LEN + LEN / 16);
    CHECK(check_round_trip(DELTA_GDIFF, from, to, &no_limits) < LEN / 50);
    free(base);
    free(target);
}

TEST(gdiff__a_read_that_fails_is_told)
{
    enum { LEN = 100000 };
    char *base = xmalloc(LEN);
    uint64_t seed = 9;
    struct slice bytes = random_octets(&seed, base, LEN, 256);

    check_failing_reads(DELTA_GDIFF, bytes, slice_of(base + 100, LEN - 200));
    free(base);
}
