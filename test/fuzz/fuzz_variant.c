/*
 * fuzz_variant.c - Alternates, Accept-Features, and RVSA/1.0 over them.
 *
 * Input: four lines: Alternates, Accept, Accept-Language, Accept-Features. Properties: a list that is read is written
 * as one that reads the same; what is chosen is definite, above 0, and no other is better; a predicate that is known of
 * an open set is the same of the closed one.
 */
#include "fuzz.h"

#include <assert.h>

#include "http/feature_set.h"
#include "http/variant.h"

static struct variant_list list, again;

static void check_written(struct arena *arena)
{
    struct buf first = BUF_INIT(1 << 20), second = BUF_INIT(1 << 20);

    alternates_write(&first, list.list, list.count);
    assert(first.overflown || alternates_read(buf_slice(&first), arena, &again));
    alternates_write(&second, again.list, again.count);
    assert(first.overflown || slice_eq(buf_slice(&first), buf_slice(&second)));
    buf_release(&first);
    buf_release(&second);
}

static void check_choice(const struct variant_wish *wish)
{
    int at = variant_choose(list.list, list.count, wish, NULL);
    struct variant_quality best;

    if (at < 0)
        return;
    best = variant_quality(&list.list[at], wish);
    assert(best.is_definite && best.quality > 0);
    for (unsigned i = 0; i < list.count; i++) {
        struct variant_quality here = variant_quality(&list.list[i], wish);

        assert(here.quality < best.quality || (here.quality == best.quality && (int)i >= at));
    }
}

static void check_features(struct slice field, struct slice predicate)
{
    struct feature_set open, closed;
    enum truth truth;

    feature_set_read(field, &open);
    closed = open;
    closed.is_open = false;
    open.is_open = true;
    truth = feature_holds(&open, predicate);
    assert(truth == TRUTH_UNKNOWN || feature_holds(&closed, predicate) == truth);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice rest = slice_of((const char *)data, size), lines[4] = {{NULL, 0}};
    struct arena arena = {0};
    struct variant_wish wish = {.has_accept = true, .has_language = true, .has_features = true};

    for (int i = 0; i < 4; i++)
        if (!slice_cut(rest, '\n', &lines[i], &rest)) {
            lines[i] = rest;
            rest = SLICE_NONE;
        }
    wish.accept = lines[1];
    wish.language = lines[2];
    wish.features = lines[3];
    check_features(lines[3], lines[2]);
    if (alternates_read(lines[0], &arena, &list)) {
        check_choice(&wish);
        check_written(&arena);
    }
    arena_release(&arena);
    return 0;
}
