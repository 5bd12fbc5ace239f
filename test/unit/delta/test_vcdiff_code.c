/*
 * test_vcdiff_code.c - the code table, integers and addresses of vcdiff.
 */
#include "check.h"
#include "vcdiff_address.h"
#include "vcdiff_code.h"

/* One line of the table in RFC 3284 §5.6: sizes and modes from first to last, the first range outermost. */
struct line {
    enum vcdiff_type type1;
    unsigned size1_first, size1_last, mode1_first, mode1_last;
    enum vcdiff_type type2;
    unsigned size2_first, size2_last, mode2;
};

static unsigned check_line(const struct line *line, unsigned index)
{
    for (unsigned size1 = line->size1_first; size1 <= line->size1_last; size1++)
        for (unsigned mode1 = line->mode1_first; mode1 <= line->mode1_last; mode1++)
            for (unsigned size2 = line->size2_first; size2 <= line->size2_last; size2++, index++) {
                const struct vcdiff_half *half = vcdiff_codes[index].half;

                CHECK_INT(half[0].type, line->type1);
                CHECK_INT(half[0].size, size1);
                CHECK_INT(half[0].mode, mode1);
                CHECK_INT(half[1].type, line->type2);
                CHECK_INT(half[1].size, size2);
                CHECK_INT(half[1].mode, line->mode2);
            }
    return index;
}

TEST(vcdiff_code__the_table_is_the_default_one)
{
    /* DLT-57: 21 lines, where "0, [4,18]" is two here */
    unsigned index = 0;

    index = check_line(&(struct line){VCDIFF_RUN, 0, 0, 0, 0, VCDIFF_NOOP, 0, 0, 0}, index);
    index = check_line(&(struct line){VCDIFF_ADD, 0, 17, 0, 0, VCDIFF_NOOP, 0, 0, 0}, index);
    for (unsigned mode = 0; mode <= 8; mode++) {
        CHECK_INT(index, 19 + 16 * mode);
        index = check_line(&(struct line){VCDIFF_COPY, 0, 0, mode, mode, VCDIFF_NOOP, 0, 0, 0}, index);
        index = check_line(&(struct line){VCDIFF_COPY, 4, 18, mode, mode, VCDIFF_NOOP, 0, 0, 0}, index);
    }
    CHECK_INT(index, 163);
    for (unsigned mode = 0; mode <= 5; mode++)
        index = check_line(&(struct line){VCDIFF_ADD, 1, 4, 0, 0, VCDIFF_COPY, 4, 6, mode}, index);
    CHECK_INT(index, 235);
    for (unsigned mode = 6; mode <= 8; mode++)
        index = check_line(&(struct line){VCDIFF_ADD, 1, 4, 0, 0, VCDIFF_COPY, 4, 4, mode}, index);
    CHECK_INT(index, 247);
    index = check_line(&(struct line){VCDIFF_COPY, 4, 4, 0, 8, VCDIFF_ADD, 1, 1, 0}, index);
    CHECK_INT(index, 256);
}

TEST(vcdiff_code__each_code_is_found_by_what_it_stands_for)
{
    for (unsigned code = 0; code < 256; code++) {
        const struct vcdiff_half *a = &vcdiff_codes[code].half[0], *b = a + 1;
        bool sized;

        if (b->type == VCDIFF_NOOP) {
            CHECK_INT(vcdiff_code_single(a->type, a->size, a->mode, &sized), code);
            CHECK_INT(sized, a->size > 0);
        } else {
            CHECK_INT(vcdiff_code_pair(a->type, a->size, a->mode, b->type, b->size, b->mode), code);
        }
    }
}

TEST(vcdiff_code__pairs_that_are_not_in_the_table_have_no_code)
{
    CHECK_INT(vcdiff_code_pair(VCDIFF_ADD, 5, 0, VCDIFF_COPY, 4, 0), -1);
    CHECK_INT(vcdiff_code_pair(VCDIFF_ADD, 1, 0, VCDIFF_COPY, 7, 0), -1);
    CHECK_INT(vcdiff_code_pair(VCDIFF_ADD, 1, 0, VCDIFF_COPY, 5, 6), -1);
    CHECK_INT(vcdiff_code_pair(VCDIFF_COPY, 4, 0, VCDIFF_ADD, 2, 0), -1);
    CHECK_INT(vcdiff_code_pair(VCDIFF_COPY, 5, 0, VCDIFF_ADD, 1, 0), -1);
    CHECK_INT(vcdiff_code_pair(VCDIFF_ADD, 1, 0, VCDIFF_ADD, 1, 0), -1);
    CHECK_INT(vcdiff_code_pair(VCDIFF_RUN, 4, 0, VCDIFF_ADD, 1, 0), -1);
    CHECK_INT(vcdiff_code_pair(VCDIFF_ADD, 1ull << 32 | 1, 0, VCDIFF_COPY, 4, 0), -1);
}

static bool read_back(const char *octets, size_t len, uint64_t *value)
{
    struct vcdiff_reader reader = {(const uint8_t *)octets, (const uint8_t *)octets + len};

    return vcdiff_integer_read(&reader, value) && reader.at == reader.end;
}

TEST(vcdiff_code__integers_are_base_128_from_the_top)
{
    /* DLT-54 */
    static const uint64_t values[] = {0, 1, 127, 128, 16383, 16384, 123456789, UINT32_MAX, UINT64_MAX / 2, UINT64_MAX};
    char room[INTEGER_OCTETS_MAX];
    uint64_t value;

    CHECK_INT(vcdiff_integer_write(room, 123456789) - room, 4);
    CHECK(memcmp(room, "\xba\xef\x9a\x15", 4) == 0);
    for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
        size_t len = (size_t)(vcdiff_integer_write(room, values[i]) - room);

        CHECK_INT(len, vcdiff_integer_octets(values[i]));
        CHECK(read_back(room, len, &value));
        CHECK_U64(value, values[i]);
        CHECK_FALSE(len > 1 && read_back(room, len - 1, &value));
    }
}

TEST(vcdiff_code__integers_have_64_bits_at_most)
{
    uint64_t value;

    CHECK(read_back("\x81\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 10, &value));
    CHECK_U64(value, UINT64_MAX);
    CHECK_FALSE(read_back("\x82\x80\x80\x80\x80\x80\x80\x80\x80\x00", 10, &value));
    CHECK_FALSE(read_back("\x81\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00", 11, &value));
    CHECK_FALSE(read_back("", 0, &value));
    CHECK_FALSE(read_back("\x80", 1, &value));
}

/* Writes with one cache, reads with another: the mode and octets used. */
static unsigned way_of(struct vcdiff_cache *ours, struct vcdiff_cache *theirs, uint64_t address, uint64_t here,
                       size_t *len)
{
    char room[INTEGER_OCTETS_MAX], *at = room;
    unsigned mode = vcdiff_address_write(ours, address, here, &at);
    struct vcdiff_reader reader = {(const uint8_t *)room, (const uint8_t *)at};
    uint64_t got = 0;

    *len = (size_t)(at - room);
    CHECK(vcdiff_address_read(theirs, mode, here, &reader, &got));
    CHECK_U64(got, address);
    CHECK(reader.at == reader.end);
    return mode;
}

TEST(vcdiff_address__the_way_of_fewest_octets_is_taken)
{
    /* DLT-58 */
    struct vcdiff_cache ours, theirs;
    size_t len;

    vcdiff_cache_clear(&ours);
    vcdiff_cache_clear(&theirs);
    CHECK_INT(way_of(&ours, &theirs, 100, 1000000, &len), 0);
    CHECK_INT(way_of(&ours, &theirs, 999999, 1000000, &len), 1);
    CHECK_INT(way_of(&ours, &theirs, 400000, 1000000, &len), 0);
    CHECK_INT(len, 3);
    /* the third of the near cache's slots */
    CHECK_INT(way_of(&ours, &theirs, 400127, 1000000, &len), 4);
    CHECK_INT(len, 1);
    for (unsigned i = 0; i < NEAR_SLOTS; i++)
        way_of(&ours, &theirs, i, 1000000, &len);
    CHECK_INT(way_of(&ours, &theirs, 400000, 1000000, &len), 6 + 400000 % 768 / 256);
    CHECK_INT(len, 1);
}

TEST(vcdiff_address__random_ones_are_read_as_written)
{
    struct vcdiff_cache ours, theirs;
    uint64_t state = 88172645463325252ull;
    size_t len;

    vcdiff_cache_clear(&ours);
    vcdiff_cache_clear(&theirs);
    for (unsigned i = 0; i < 20000; i++) {
        uint64_t here = 1 + i * 1000ull, address;

        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        address = i % 3 ? state % here : ours.near[state % 4] + state / 4 % 300;
        if (address < here)
            way_of(&ours, &theirs, address, here, &len);
    }
    CHECK(memcmp(&ours, &theirs, sizeof(ours)) == 0);
}

TEST(vcdiff_address__what_is_not_before_here_is_refused)
{
    struct {
        unsigned mode;
        uint64_t here;
        const char *octets;
        size_t len;
    } rows[] = {
        {0, 10, "\x0a", 1},                                      /* here itself */
        {1, 10, "\x00", 1},                                      /* here itself */
        {1, 10, "\x0b", 1},                                      /* before the start */
        {1, 10, "\x81\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 10}, /* far before */
        {2, 10, "\x0a", 1},                                      /* near 0, and 10 */
        {3, 10, "\x81\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 10}, /* near 5, and more than 64 bits hold */
        {0, 10, "", 0},
        {0, 10, "\x80", 1},
        {6, 10, "", 0}, /* cut off */
    };
    struct vcdiff_cache cache;

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct vcdiff_reader reader = {(const uint8_t *)rows[i].octets, (const uint8_t *)rows[i].octets + rows[i].len};
        uint64_t address;

        vcdiff_cache_clear(&cache);
        cache.near[1] = 5;
        CHECK_FALSE(vcdiff_address_read(&cache, rows[i].mode, rows[i].here, &reader, &address));
    }
}
