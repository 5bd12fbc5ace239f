/*
 * fuzz_ranges.c - byte ranges, in Range and in a request's Content-Range.
 *
 * Properties: parts lie in the representation, do not overlap, are few, and are together less than the whole;
 * and of ranges made from numbers each octet that was asked for is in a part, unless all is ignored.
 * The first eight octets of an input are the length.
 */
#include "fuzz.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "http/range.h"

static void check_set(const struct range_set *set, uint64_t length)
{
    uint64_t sum = 0;

    assert(set->count <= RANGE_PARTS_MAX && (set->kind == RANGE_PARTS) == (set->count > 0));
    for (unsigned i = 0; i < set->count; i++) {
        assert(set->part[i].first <= set->part[i].last && set->part[i].last < length);
        sum += set->part[i].last - set->part[i].first + 1;
        for (unsigned j = 0; j < i; j++)
            assert(set->part[i].first > set->part[j].last || set->part[i].last < set->part[j].first);
    }
    assert(sum <= length && (set->count < 2 || sum + RANGE_PART_OVERHEAD * set->count <= length));
}

static bool is_covered(const struct range_set *set, uint64_t first, uint64_t last)
{
    for (unsigned i = 0; i < set->count; i++)
        if (set->part[i].first <= first && last <= set->part[i].last)
            return true;
    return false;
}

/* Pairs of 16-bit numbers as int-ranges; judged against what they plainly mean. */
static void check_numbers(const uint8_t *data, size_t len, uint64_t length)
{
    struct buf value = BUF_INIT(4096);
    struct range_set set;
    uint16_t pairs[24];
    size_t count = len / 4 > 12 ? 12 : len / 4;
    bool satisfiable = false;

    memcpy(pairs, data, count * 4);
    buf_add_str(&value, "bytes=");
    for (size_t i = 0; i < count; i++) {
        if (pairs[2 * i] > pairs[2 * i + 1]) {
            uint16_t first = pairs[2 * i];

            pairs[2 * i] = pairs[2 * i + 1];
            pairs[2 * i + 1] = first;
        }
        buf_printf(&value, "%s%u-%u", i ? "," : "", pairs[2 * i], pairs[2 * i + 1]);
        satisfiable |= pairs[2 * i] < length;
    }
    range_choose(buf_slice(&value), false, length, &set);
    buf_release(&value);
    check_set(&set, length);
    assert((set.kind == RANGE_NONE_SATISFIABLE) == (count > 0 && !satisfiable));
    for (size_t i = 0; i < count && set.kind == RANGE_PARTS; i++) {
        uint64_t last = pairs[2 * i + 1] < length ? pairs[2 * i + 1] : length - 1;

        assert(pairs[2 * i] >= length || is_covered(&set, pairs[2 * i], last));
    }
}

/* Content-Range of a request: what is read is a stretch of something that a file can hold. */
static void check_content_range(struct slice value)
{
    struct content_range got;

    if (content_range_parse(value, &got) != ERR_NONE)
        return;
    assert(got.first <= got.last && got.last < INT64_MAX);
    assert(!got.has_length || got.last < got.length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct validators current = {true, SLICE("v1"), false, true, 784111777, true};
    struct range_set set, single;
    struct slice value;
    uint64_t length;

    if (len < 8)
        return 0;
    memcpy(&length, data, 8);
    value = slice_of((const char *)data + 8, len - 8);
    range_choose(value, false, length, &set);
    range_choose(value, true, length, &single);
    check_set(&set, length);
    check_set(&single, length);
    assert(single.count <= 1 && (set.count != 1 || single.count == 1));
    check_content_range(value);
    check_numbers(data + 8, len - 8, length % 70000);
    if (if_range_holds(value, &current, 784111777))
        assert(!slice_starts(slice_trim(value), SLICE("W/")));
    return 0;
}
