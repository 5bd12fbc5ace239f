/*
 * lines_match.c - which lines stay: E. Myers' search for the shortest edit script, from both ends (1986, §4b).
 *
 * A box is a part of a and a part of b that are still to be matched. From its upper left corner, and from its lower
 * right one backwards, paths go as far as they come with 0, 1, 2, ... lines deleted or inserted; where two of them
 * meet, the box is parted in two. The rounds are limited. A box whose ends are too far apart is parted at the lines
 * that it has once on either side; if it has none, where a path came furthest. Both may miss the shortest script, but
 * cost no more than the limit, or a logarithm, for each line. So the whole takes time by lines x limit, whatever the
 * texts are, and memory by the lines.
 */
#include "lines_match.h"

#include <stdlib.h>

#include "base/arena.h"
#include "lines_anchor.h"

/* No path ended on this diagonal. */
#define NOWHERE INT32_MIN
/* So many steps between two questions whether it is enough. */
enum { ASK_EVERY = 1 << 18 };

struct match {
    const struct picked *a, *b;
    const struct delta_limits *limits;
    int32_t rounds; /* the limit */
    /* For each diagonal (x - y, from the end it began at) how far in a its path came; [0] is the middle one. */
    int32_t *forward, *backward;
    struct anchors anchors;
    uint64_t steps; /* since the question */
    enum err err;   /* what it was answered */
};

static int32_t limit_of(enum delta_effort effort)
{
    return effort < DELTA_USUAL ? 256 : effort < DELTA_BEST ? 1024 : 4096;
}

static bool is_same(const struct match *match, int32_t a, int32_t b)
{
    return match->a->classes[a] == match->b->classes[b];
}

static enum err ask(struct match *match)
{
    if (match->steps < ASK_EVERY)
        return match->err;
    match->steps = 0;
    if (match->limits->is_enough && match->limits->is_enough(match->limits->arg))
        match->err = ERR_AGAIN;
    return match->err;
}

/* How far the path of a round comes on a diagonal before it slides: one line deleted, or one inserted. */
static int32_t step_to(const int32_t *path, int32_t diagonal, int32_t n, int32_t m)
{
    int32_t deleted = path[diagonal - 1], inserted = path[diagonal + 1];

    deleted = deleted == NOWHERE || deleted == n ? NOWHERE : deleted + 1;
    if (inserted != NOWHERE && inserted - diagonal > m)
        inserted = NOWHERE;
    return deleted > inserted ? deleted : inserted;
}

static int32_t slide_forward(const struct match *match, const struct box *box, int32_t x, int32_t y)
{
    while (box->a0 + x < box->a1 && box->b0 + y < box->b1 && is_same(match, box->a0 + x, box->b0 + y))
        x++, y++;
    return x;
}

static int32_t slide_backward(const struct match *match, const struct box *box, int32_t x, int32_t y)
{
    while (box->a0 + x < box->a1 && box->b0 + y < box->b1 && is_same(match, box->a1 - 1 - x, box->b1 - 1 - y))
        x++, y++;
    return x;
}

/* One round of one side. True: a path of it met one of the other's, whose widest diagonal is `other_width`. */
static bool play_round(struct match *match, const struct box *box, int32_t round, bool is_forward, int32_t other_width,
                       int32_t *met_x, int32_t *met_diagonal)
{
    int32_t *path = is_forward ? match->forward : match->backward, n = box->a1 - box->a0, m = box->b1 - box->b0;
    const int32_t *other = is_forward ? match->backward : match->forward;

    path[-round - 1] = path[round + 1] = NOWHERE;
    for (int32_t k = -round; k <= round; k += 2) {
        int32_t x = round ? step_to(path, k, n, m) : 0, facing = n - m - k;

        path[k] = x;
        if (x != NOWHERE)
            path[k] = is_forward ? slide_forward(match, box, x, x - k) : slide_backward(match, box, x, x - k);
        match->steps += 1 + (uint64_t)(path[k] - (int64_t)x);
        x = path[k];
        if (x == NOWHERE || facing < -other_width || facing > other_width)
            continue;
        if (other[facing] != NOWHERE && x + other[facing] >= n) {
            *met_x = x;
            *met_diagonal = k;
            return true;
        }
    }
    return false;
}

/* The path that came furthest in both texts together. */
static int32_t find_furthest(const int32_t *path, int32_t round, int32_t *diagonal)
{
    int32_t best = -1;

    for (int32_t k = -round; k <= round; k += 2)
        if (path[k] != NOWHERE && 2 * path[k] - k > best) {
            best = 2 * path[k] - k;
            *diagonal = k;
        }
    return best;
}

/* Where to part the box: behind x and y of its lines. Neither its first lines nor its last ones are equal. */
struct split {
    int32_t x, y;
    bool has_met; /* two paths did; else it is where one came furthest */
};

static struct split find_split(struct match *match, const struct box *box)
{
    int32_t n = box->a1 - box->a0, m = box->b1 - box->b0, x = 0, k = 0, back = 0;
    bool is_forward = true, has_met = false;

    for (int32_t round = 0; round <= match->rounds && ask(match) == ERR_NONE; round++) {
        is_forward = true;
        has_met = play_round(match, box, round, true, round - 1, &x, &k);
        if (has_met)
            break;
        is_forward = false;
        has_met = play_round(match, box, round, false, round, &x, &k);
        if (has_met)
            break;
    }
    if (!has_met && match->err == ERR_NONE) {
        is_forward =
            find_furthest(match->forward, match->rounds, &k) >= find_furthest(match->backward, match->rounds, &back);
        k = is_forward ? k : back;
        x = is_forward ? match->forward[k] : match->backward[k];
    }
    return (struct split){is_forward ? x : n - x, is_forward ? x - k : m - (x - k), has_met};
}

static void trim(const struct match *match, struct box *box)
{
    while (box->a0 < box->a1 && box->b0 < box->b1 && is_same(match, box->a0, box->b0))
        box->a0++, box->b0++;
    while (box->a0 < box->a1 && box->b0 < box->b1 && is_same(match, box->a1 - 1, box->b1 - 1))
        box->a1--, box->b1--;
}

static void mark(const struct picked *picked, int32_t from, int32_t to)
{
    for (; from < to; from++)
        picked->is_changed[picked->at[from]] = true;
}

static int64_t size_of(const struct box *box)
{
    return (int64_t)box->a1 - box->a0 + box->b1 - box->b0;
}

static enum err match_box(struct match *match, struct box box, int64_t asked);

/* What is between the anchors of the box, and at its ends. */
static enum err match_between(struct match *match, const struct box *box)
{
    struct box rest = *box;
    enum err err = ERR_NONE;

    for (int32_t line = box->a0; line < box->a1 && err == ERR_NONE; line++) {
        int32_t partner = match->anchors.partner[line];

        /* what is asked for a part of the box is written for that part only: it is behind us */
        if (partner == ANCHOR_NONE)
            continue;
        err = match_box(match, (struct box){rest.a0, line, rest.b0, partner}, size_of(box));
        rest.a0 = line + 1;
        rest.b0 = partner + 1;
    }
    return err == ERR_NONE ? match_box(match, rest, size_of(box)) : err;
}

/*
 * `asked`: how large the box around it was when anchors were asked for. They are asked for again where it is half of
 * that, so that all the asking takes no longer than lines x logarithm. It calls itself for the smaller part of two, or
 * between anchors: never deeper than twice the bits of a count of lines.
 */
static enum err match_box(struct match *match, struct box box, int64_t asked)
{
    for (;;) {
        struct box first, second;
        struct split split;
        bool is_first_smaller;
        enum err err;

        trim(match, &box);
        if (box.a0 == box.a1 || box.b0 == box.b1)
            break;
        split = find_split(match, &box);
        if (match->err != ERR_NONE)
            return match->err;
        if (!split.has_met && size_of(&box) <= asked / 2) {
            asked = size_of(&box);
            match->steps += (uint64_t)asked;
            if (anchors_find(&match->anchors, &box))
                return match_between(match, &box);
        }
        first = (struct box){box.a0, box.a0 + split.x, box.b0, box.b0 + split.y};
        second = (struct box){box.a0 + split.x, box.a1, box.b0 + split.y, box.b1};
        is_first_smaller = size_of(&first) < size_of(&second);
        err = match_box(match, is_first_smaller ? first : second, asked);
        if (err != ERR_NONE)
            return err;
        box = is_first_smaller ? second : first;
    }
    mark(match->a, box.a0, box.a1);
    mark(match->b, box.b0, box.b1);
    return ERR_NONE;
}

enum err lines_match(const struct picked *a, const struct picked *b, uint32_t classes, enum delta_effort effort,
                     const struct delta_limits *limits)
{
    int32_t rounds = limit_of(effort);
    size_t width = 2 * ((size_t)rounds + 2);
    struct match match = {.a = a, .b = b, .limits = limits, .rounds = rounds};
    int32_t *room = xmalloc(2 * width * sizeof(*room));
    enum err err;

    match.forward = room + rounds + 1;
    match.backward = match.forward + width;
    anchors_init(&match.anchors, a, b, classes);
    err = match_box(&match, (struct box){0, (int32_t)a->count, 0, (int32_t)b->count}, INT64_MAX);
    anchors_release(&match.anchors);
    free(room);
    return err;
}
