/*
 * vcdiff_walk.c - through a window, from match to match.
 */
#include "vcdiff_finder.h"

/* So many places looked at between two questions whether it is enough. */
enum { ASK_EVERY = 1024 };
/*
 * Of a copy the last octets can be copied again: what is before an edit looks like what is before the next. What else
 * is in longer ones, the base's index knows as well.
 */
enum { REMEMBER_MAX = 512 };
/* So many places behind a match are looked at for a better one. */
enum { LOOK_AHEAD = 2 };
/* A new match may replace earlier ones that it covers wholly, this far back. */
enum { BACK_MAX = 1024 };
/* A match is found this far behind its start at most, or never. */
enum { OPEN_MAX = 4096 };
/* However long nothing matches: a match of some dozen octets is to be found. */
enum { STRIDE_MAX = 16 };

static void note_base(struct vcdiff_finder *f, const struct vcdiff_match *m)
{
    uint64_t diagonal = m->from - m->at - f->window_at;
    unsigned i = 0;

    while (i < DIAGONALS_MAX - 1 && f->diagonals[i] != diagonal)
        i++;
    for (; i; i--)
        f->diagonals[i] = f->diagonals[i - 1];
    f->diagonals[0] = diagonal;
    f->recent[f->recent_next++ % RECENT] = m->from;
    if (f->highest == 0 || m->from < f->lowest)
        f->lowest = m->from;
    if (m->from + m->len > f->highest)
        f->highest = m->from + m->len;
}

/*
 * A match often begins before the place where it was found: at literals already, but at short copies too, that were
 * the best to be had then. Those that it covers are dropped.
 */
static void swallow(struct vcdiff_finder *f, struct vcdiff_match *m)
{
    uint32_t start, before;

    if (m->kind == MOVE_RUN || m->at > f->open || f->count == 0)
        return;
    start = m->at - vcdiff_find_before(f, m, BACK_MAX);
    while (f->count && f->moves[f->count - 1].at >= start) {
        const struct vcdiff_move *last = &f->moves[--f->count];

        f->open = f->count ? last[-1].at + last[-1].len : 0;
        f->literals -= last->at - f->open;
        before = m->at - (start > f->open ? start : f->open);
        m->at -= before;
        m->from -= before;
        m->len += before;
    }
}

static void take(struct vcdiff_finder *f, struct vcdiff_match *m)
{
    swallow(f, m);
    f->literals += m->at - f->open;
    f->moves[f->count++] =
        (struct vcdiff_move){.from = m->from, .at = m->at, .len = m->len & 0x3fffffff, .kind = m->kind & 3};
    f->open = m->at + m->len;
    if (m->kind == MOVE_BASE)
        note_base(f, m);
}

/* While one of the next places has a better one, that is taken instead. */
static uint32_t improve(struct vcdiff_finder *f, uint32_t place, struct vcdiff_match *m)
{
    uint32_t ahead = place;
    struct vcdiff_match next;

    while (m->len < f->plan->effort->lazy && ahead + 1 < f->len && ahead - place < LOOK_AHEAD) {
        vcdiff_find(f, ++ahead, &next);
        if (next.gain <= m->gain)
            continue;
        while (place < ahead)
            vcdiff_find_remember(f, ++place);
        *m = next;
    }
    return place;
}

static void remember_copied(struct vcdiff_finder *f, uint32_t from, uint32_t to)
{
    if (to - from > REMEMBER_MAX)
        from = to - REMEMBER_MAX;
    for (uint32_t place = from; place < to; place++)
        vcdiff_find_remember(f, place);
}

/* The octets that are passed over can be found from later places all the same. */
static bool resume(struct vcdiff_finder *f, uint32_t *place)
{
    struct vcdiff_match m;

    if (!f->plan->effort->resume || f->count == 0 || f->moves[f->count - 1].kind != MOVE_BASE || *place != f->open ||
        !vcdiff_find_resumed(f, *place, &m))
        return false;
    while (*place < m.at)
        vcdiff_find_remember(f, (*place)++);
    take(f, &m);
    remember_copied(f, m.at, f->open);
    *place = f->open;
    return true;
}

/* Of what is open, the last may yet turn out to belong to a match that is found a little later. */
static enum err ask(const struct vcdiff_finder *f, uint32_t place, uint64_t literals_max)
{
    uint32_t open = place - f->open > OPEN_MAX ? place - f->open - OPEN_MAX : 0;

    if (f->base.err != ERR_NONE || f->err != ERR_NONE)
        return f->err != ERR_NONE ? f->err : f->base.err;
    if (f->literals + open > literals_max)
        return ERR_TOO_LARGE;
    return f->limits->is_enough && f->limits->is_enough(f->limits->arg) ? ERR_AGAIN : ERR_NONE;
}

enum err vcdiff_walk(struct vcdiff_finder *f, uint64_t literals_max, uint32_t *end)
{
    uint32_t place = 0, misses = 0, looked = 0;
    struct vcdiff_match m;
    enum err err;

    while (place < f->len && f->count < f->plan->moves && f->err == ERR_NONE) {
        if (looked++ % ASK_EVERY == 0 && (err = ask(f, place, literals_max)) != ERR_NONE)
            return err;
        if (resume(f, &place))
            continue;
        vcdiff_find(f, place, &m);
        vcdiff_find_remember(f, place);
        if (f->is_far)
            break;
        if (m.gain < 1) {
            uint32_t stride = 1 + (misses++ >> f->plan->effort->skip);

            place += stride < STRIDE_MAX ? stride : STRIDE_MAX;
            continue;
        }
        misses = 0;
        place = improve(f, place, &m);
        take(f, &m);
        if (m.kind != MOVE_RUN)
            remember_copied(f, place + 1, f->open);
        place = f->open;
    }
    /* a window that ends early ends with a move */
    *end = place < f->len ? f->open : f->len;
    return ask(f, f->open, literals_max);
}
