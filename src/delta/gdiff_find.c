/*
 * gdiff_find.c - candidates, and how far they reach both ways.
 */
#include "gdiff_find.h"

#include "gdiff_code.h"

unsigned gdiff_copy_cost(uint64_t from, uint64_t len)
{
    unsigned at_octets = from <= UINT16_MAX ? 2 : from <= GDIFF_INT_MAX ? 4 : 8;
    unsigned len_octets = len <= UINT8_MAX ? 1 : len <= UINT16_MAX ? 2 : 4;

    /* there is no long with a short length */
    return 1 + at_octets + (at_octets == 8 ? 4 : len_octets);
}

static size_t equal_forward(const char *a, const char *b, size_t max)
{
    size_t len = 0;

    while (max - len >= 8 && vcdiff_load64(a + len) == vcdiff_load64(b + len))
        len += 8;
    while (len < max && a[len] == b[len])
        len++;
    return len;
}

/* a and b: behind the octets that are compared. */
static size_t equal_backward(const char *a, const char *b, size_t max)
{
    size_t len = 0;

    while (len < max && a[-1 - (ptrdiff_t)len] == b[-1 - (ptrdiff_t)len])
        len++;
    return len;
}

size_t gdiff_find_forward(struct gdiff_finder *finder, uint64_t from, size_t at)
{
    size_t len = 0;

    while (at + len < finder->len && from + len < finder->base.size) {
        size_t max, some;
        const char *view = vcdiff_base_view(&finder->base, from + len, &max);

        if (!view)
            break;
        if (max > finder->len - at - len)
            max = finder->len - at - len;
        some = equal_forward(view, finder->window + at + len, max);
        len += some;
        if (some < max)
            break;
    }
    return len;
}

/* Back to the octets that no command has, not further. */
static size_t find_backward(struct gdiff_finder *finder, uint64_t from, size_t at)
{
    size_t len = 0;

    while (at - len > finder->open && from > len) {
        size_t max, some;
        const char *view = vcdiff_base_before(&finder->base, from - len, &max);

        if (!view)
            break;
        if (max > at - len - finder->open)
            max = at - len - finder->open;
        some = equal_backward(view, finder->window + at - len, max);
        len += some;
        if (some < max)
            break;
    }
    return len;
}

/* One more octet for the DATA that comes behind it, as it does nearly always. */
static int64_t gain_of(const struct gdiff_match *match)
{
    return (int64_t)match->len - gdiff_copy_cost(match->from, match->len) - 1;
}

/* Of as good ones the first stays: the last copy's way, then the earlier place. */
static void try_place(struct gdiff_finder *finder, uint64_t from, size_t place, struct gdiff_match *best)
{
    const char *word = vcdiff_base_word(&finder->base, from);
    struct gdiff_match match;
    size_t before;

    if (!word || vcdiff_load64(word) != vcdiff_load64(finder->window + place))
        return;
    match.len = gdiff_find_forward(finder, from, place);
    before = find_backward(finder, from, place);
    match.from = from - before;
    match.at = place - before;
    match.len += before;
    match.gain = gain_of(&match);
    if (match.gain > best->gain)
        *best = match;
}

void gdiff_find(struct gdiff_finder *finder, size_t place, struct gdiff_match *best)
{
    uint64_t ahead = finder->window_at + place + finder->diagonal, places[INDEX_WAYS];
    uint64_t hash = vcdiff_index_hash(finder->window + place);
    unsigned count = vcdiff_index_find(&finder->index, hash, places);

    best->gain = 0;
    best->len = 0;
    if (finder->base.size < INDEX_KEY)
        return;
    if (ahead <= finder->base.size - INDEX_KEY)
        try_place(finder, ahead, place, best);
    if (best->len >= finder->plan.effort->enough)
        return;
    for (unsigned i = 0; i < count; i++)
        if (places[i] != ahead)
            try_place(finder, places[i], place, best);
}
