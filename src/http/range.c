/*
 * range.c - byte ranges.
 *
 * The specs are read into a fixed array, sorted by position, merged in one sweep and put back into the
 * order in which the client named them. A spec that is a number too large for 64 bits is a large number,
 * never an error (RNG-17).
 */
#include <string.h>

#include "http/date.h"
#include "http/field.h"
#include "http/range.h"

struct spec {
    uint64_t first, last;
    unsigned order; /* place in the field */
};

struct specs {
    uint64_t length;
    unsigned seen, count;   /* all, and those satisfiable */
    bool has_inexpressible; /* a suffix of an empty representation: satisfiable, without a Content-Range (RNG-C3) */
    struct spec at[RANGE_SPECS_MAX];
};

static bool is_digits(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!ascii_is_digit(text.ptr[i]))
            return false;
    return text.len > 0;
}

/* Digits as a number, UINT64_MAX for all that is larger. */
static uint64_t number_upto(struct slice digits)
{
    uint64_t value;

    return slice_u64(digits, &value) ? value : UINT64_MAX;
}

static struct slice without_zeros(struct slice digits)
{
    while (digits.len > 1 && digits.ptr[0] == '0')
        digits = slice_from(digits, 1);
    return digits;
}

/* Exactly, whatever the size. */
static bool is_less(struct slice a, struct slice b)
{
    a = without_zeros(a);
    b = without_zeros(b);
    return a.len != b.len ? a.len < b.len : memcmp(a.ptr, b.ptr, a.len) < 0;
}

static void spec_add(struct specs *specs, uint64_t first, uint64_t last)
{
    if (first >= specs->length || last < first)
        return;
    specs->at[specs->count] = (struct spec){first, last < specs->length ? last : specs->length - 1, specs->count};
    specs->count++;
}

/* False for what is no range-spec, which makes the whole field invalid (RNG-19, RNG-20, RNG-21). */
static bool spec_parse(struct slice text, struct specs *specs)
{
    struct slice first, last;
    uint64_t wanted;

    if (!slice_cut(text, '-', &first, &last))
        return false;
    if (first.len == 0) {
        if (!is_digits(last))
            return false;
        wanted = number_upto(last);
        if (wanted > 0 && specs->length == 0)
            specs->has_inexpressible = true;
        if (wanted > 0)
            spec_add(specs, wanted < specs->length ? specs->length - wanted : 0, UINT64_MAX);
        return true;
    }
    if (!is_digits(first) || (last.len && (!is_digits(last) || is_less(last, first))))
        return false;
    spec_add(specs, number_upto(first), last.len ? number_upto(last) : UINT64_MAX);
    return true;
}

static bool specs_parse(struct slice value, struct specs *specs)
{
    struct slice unit, list;

    if (!slice_cut(value, '=', &unit, &list) || !slice_eq_nocase(unit, SLICE("bytes")))
        return false; /* RNG-02 */
    for (struct slice member; list_next(&list, &member);)
        if (++specs->seen > RANGE_SPECS_MAX || !spec_parse(member, specs))
            return false;
    return specs->seen > 0;
}

/* Insertion sort: the field's order is mostly the right one already, and there are at most 64. */
static void specs_sort(struct spec *specs, unsigned count, bool by_order)
{
    for (unsigned i = 1; i < count; i++) {
        struct spec one = specs[i];
        unsigned at = i;

        for (; at > 0 && (by_order ? specs[at - 1].order > one.order : specs[at - 1].first > one.first); at--)
            specs[at] = specs[at - 1];
        specs[at] = one;
    }
}

/* Merges what overlaps or nearly touches (RNG-33); a merged one stands where its earliest stood. Counts overlaps. */
static unsigned specs_merge(struct specs *specs)
{
    unsigned count = 0, overlaps = 0;

    specs_sort(specs->at, specs->count, false);
    for (unsigned i = 0; i < specs->count; i++) {
        struct spec one = specs->at[i], *before = count ? &specs->at[count - 1] : NULL;

        overlaps += before && one.first <= before->last;
        if (!before || (one.first > before->last && one.first - before->last - 1 >= RANGE_PART_OVERHEAD)) {
            specs->at[count++] = one;
            continue;
        }
        before->last = one.last > before->last ? one.last : before->last;
        before->order = one.order < before->order ? one.order : before->order;
    }
    specs->count = count;
    specs_sort(specs->at, count, true);
    return overlaps;
}

/* Several parts with their frames would be more than the whole (RNG-C4). */
static bool is_too_much(const struct specs *specs)
{
    uint64_t left = specs->length;

    for (unsigned i = 0; i < specs->count; i++) {
        uint64_t size = specs->at[i].last - specs->at[i].first + 1;

        if (left < RANGE_PART_OVERHEAD || left - RANGE_PART_OVERHEAD < size)
            return true;
        left -= size + RANGE_PART_OVERHEAD;
    }
    return false;
}

void range_choose(struct slice value, bool single_only, uint64_t length, struct range_set *out)
{
    struct specs specs;
    unsigned overlaps;

    specs.length = length;
    specs.seen = specs.count = 0;
    specs.has_inexpressible = false;
    out->kind = RANGE_IGNORE;
    out->count = 0;
    if (!specs_parse(value, &specs) || specs.has_inexpressible)
        return;
    if (specs.count == 0) {
        out->kind = RANGE_NONE_SATISFIABLE;
        return;
    }
    overlaps = specs_merge(&specs);
    if (overlaps > RANGE_OVERLAPS_MAX || specs.count > (single_only ? 1 : RANGE_PARTS_MAX))
        return;
    if (specs.count > 1 && is_too_much(&specs))
        return;
    out->kind = RANGE_PARTS;
    out->count = specs.count;
    for (unsigned i = 0; i < specs.count; i++)
        out->part[i] = (struct range_part){specs.at[i].first, specs.at[i].last};
}

bool if_range_holds(struct slice value, const struct validators *current, int64_t now_s)
{
    struct slice text = slice_trim(value);
    struct etag tag;
    int64_t date;

    if (etag_parse(text, &tag))
        return etag_matches_strongly(tag, current);
    if (!current->exists || !current->has_date || !current->date_is_strong)
        return false;
    return date_parse(text, now_s, &date) && date == current->modified_s;
}

void content_range_write(struct buf *out, uint64_t first, uint64_t last, uint64_t length)
{
    buf_add(out, SLICE("bytes "));
    buf_add_u64(out, first);
    buf_add_char(out, '-');
    buf_add_u64(out, last);
    buf_add_char(out, '/');
    buf_add_u64(out, length);
}

void content_range_write_unsatisfied(struct buf *out, uint64_t length)
{
    buf_add(out, SLICE("bytes */"));
    buf_add_u64(out, length);
}

/* Behind the last octet there has to be a number for the length. */
static bool read_stretch(struct slice stretch, struct content_range *out)
{
    struct slice first, last;

    return slice_cut(stretch, '-', &first, &last) && slice_u64(first, &out->first) && slice_u64(last, &out->last) &&
           out->first <= out->last && out->last < INT64_MAX;
}

enum err content_range_parse(struct slice value, struct content_range *out)
{
    struct slice unit, rest, stretch, length;

    *out = (struct content_range){0};
    if (!slice_cut(value, ' ', &unit, &rest) || !is_token(unit))
        return ERR_INVALID;
    if (!slice_eq_nocase(unit, SLICE("bytes")))
        return ERR_UNSUPPORTED;
    if (!slice_cut(rest, '/', &stretch, &length) || !read_stretch(stretch, out))
        return ERR_INVALID;
    if (slice_eq(length, SLICE("*")))
        return ERR_NONE;
    out->has_length = true;
    return slice_u64(length, &out->length) && out->last < out->length ? ERR_NONE : ERR_INVALID;
}
