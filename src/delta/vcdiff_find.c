/*
 * vcdiff_find.c - the best match at one place of the window.
 *
 * Where a match may be is asked in the order of what mostly holds: where the last copies would go on; around there;
 * anywhere in the base; earlier in the window. Each is an idea only: octets are compared, both ways.
 */
#include "vcdiff_finder.h"

/* The least match that can save anything: the code and one octet of address, and the ADD it parts in two. */
enum { MATCH_MIN = 4, HEAD_KEY = 4 };
/* So many places ahead the index's bucket is asked into the cache. */
enum { AHEAD = 16 };
/* So many octets in a row that are nowhere near are reason enough for an index of the whole base. */
enum { INDEX_LATE = 24 };
/* A copy that goes on does so for this long. */
enum { RESUME_MIN = 16 };
/*
 * From the lowest place in use to the highest: decoders have addresses of 31 bits, some of them. For a match as long as
 * FAR_MIN farther off the window ends, so that the next one can have it: each costs the rest of the window a move.
 */
enum { SEGMENT_MAX = 1 << 30, FAR_MIN = 64 << 10 };

/* ---- comparing ---- */

static uint32_t equal_after(const char *a, const char *b, uint32_t most)
{
    uint32_t n = 0;

    for (; n + 8 <= most; n += 8) {
        uint64_t differ = vcdiff_load64(a + n) ^ vcdiff_load64(b + n);

        if (differ)
            return n + (uint32_t)__builtin_ctzll(differ) / 8;
    }
    while (n < most && a[n] == b[n])
        n++;
    return n;
}

/* a and b are the ends. */
static uint32_t equal_before(const char *a, const char *b, uint32_t most)
{
    uint32_t n = 0;

    for (; n + 8 <= most; n += 8) {
        uint64_t differ = vcdiff_load64(a - n - 8) ^ vcdiff_load64(b - n - 8);

        if (differ)
            return n + (uint32_t)__builtin_clzll(differ) / 8;
    }
    while (n < most && a[-1 - (int64_t)n] == b[-1 - (int64_t)n])
        n++;
    return n;
}

static uint32_t base_after(struct vcdiff_finder *f, uint64_t from, uint32_t place)
{
    uint32_t most = f->len - place, n = 0;

    if (most > f->base.size - from)
        most = (uint32_t)(f->base.size - from);
    while (n < most) {
        size_t len;
        const char *octets = vcdiff_base_view(&f->base, from + n, &len);
        uint32_t some = len < most - n ? (uint32_t)len : most - n, same;

        if (!octets)
            return 0;
        same = equal_after(octets, f->window + place + n, some);
        n += same;
        if (same < some)
            break;
    }
    return n;
}

static uint32_t base_before(struct vcdiff_finder *f, uint64_t from, uint32_t place, uint32_t most)
{
    uint32_t n = 0;

    if (most > from)
        most = (uint32_t)from;
    while (n < most) {
        size_t len;
        const char *octets = vcdiff_base_before(&f->base, from - n, &len);
        uint32_t some = len < most - n ? (uint32_t)len : most - n, same;

        if (!octets)
            return 0;
        same = equal_before(octets, f->window + place - n, some);
        n += same;
        if (same < some)
            break;
    }
    return n;
}

uint32_t vcdiff_find_before(struct vcdiff_finder *f, const struct vcdiff_match *match, uint32_t most)
{
    if (most > match->at)
        most = match->at;
    if (match->kind == MOVE_BASE)
        return base_before(f, match->from, match->at, most);
    if (most > match->from)
        most = (uint32_t)match->from;
    return equal_before(f->window + match->from, f->window + match->at, most);
}

/* ---- what a match is worth ---- */

static int32_t address_cost(const struct vcdiff_finder *f, const struct vcdiff_match *m)
{
    uint64_t shortest = m->kind == MOVE_WINDOW ? m->at - m->from : f->highest - f->lowest + f->len;

    for (unsigned i = 0; m->kind == MOVE_BASE && i < RECENT; i++)
        if (m->from - f->recent[i] < shortest)
            shortest = m->from - f->recent[i];
    return (int32_t)vcdiff_integer_octets(shortest);
}

/* The code, what of the size is not in it, the address or the octet of a RUN; and the ADD behind it, as it parts one.
 */
static int32_t worth(const struct vcdiff_finder *f, const struct vcdiff_match *m)
{
    int32_t cost = 2;

    if (f->copy_cost)
        return (int32_t)m->len - (int32_t)f->copy_cost(m->from, m->len);
    if (m->kind == MOVE_RUN)
        return (int32_t)m->len - cost - 1 - (int32_t)vcdiff_integer_octets(m->len);
    if (m->len > COPY_SIZE_MAX)
        cost += (int32_t)vcdiff_integer_octets(m->len);
    return (int32_t)m->len - cost - address_cost(f, m);
}

static void consider(struct vcdiff_finder *f, struct vcdiff_match *m, struct vcdiff_match *best)
{
    uint32_t before;

    if (m->len < MATCH_MIN)
        return;
    before = m->at > f->open ? vcdiff_find_before(f, m, m->at - f->open) : 0;
    m->at -= before;
    m->from -= before;
    m->len += before;
    m->gain = worth(f, m);
    if (m->gain > best->gain)
        *best = *m;
}

/* ---- ideas ---- */

static void try_base(struct vcdiff_finder *f, uint64_t from, uint32_t place, struct vcdiff_match *best)
{
    struct vcdiff_match m = {.from = from, .at = place, .kind = MOVE_BASE};

    m.len = base_after(f, from, place);
    if (!f->highest || (from + SEGMENT_MAX >= f->highest && from <= f->lowest + SEGMENT_MAX))
        consider(f, &m, best);
    else if (m.len >= FAR_MIN)
        f->is_far = true;
}

static void try_diagonals(struct vcdiff_finder *f, uint32_t place, struct vcdiff_match *best)
{
    uint32_t word = (uint32_t)vcdiff_load64(f->window + place);

    for (unsigned i = 0; i < f->plan->effort->diagonals; i++) {
        uint64_t from = f->diagonals[i] + f->window_at + place;
        const char *octets;

        if (from >= f->base.size || f->base.size - from < INDEX_KEY)
            continue;
        octets = vcdiff_base_word(&f->base, from);
        if (octets && (uint32_t)vcdiff_load64(octets) == word)
            try_base(f, from, place, best);
    }
}

/* Five equal octets, as a start: a RUN of four saves nothing. */
static void try_run(struct vcdiff_finder *f, uint32_t place, struct vcdiff_match *best)
{
    uint64_t word = vcdiff_load64(f->window + place);
    struct vcdiff_match m = {.at = place, .kind = MOVE_RUN};

    if ((word ^ word >> 8) & UINT32_MAX || f->len - place < 5)
        return;
    m.len = 1 + equal_after(f->window + place, f->window + place + 1, f->len - place - 1);
    while (m.at > f->open && f->window[m.at - 1] == f->window[place]) {
        m.at--;
        m.len++;
    }
    m.gain = worth(f, &m);
    if (m.gain > best->gain)
        *best = m;
}

static void try_local(struct vcdiff_finder *f, uint32_t place, struct vcdiff_match *best)
{
    uint64_t target_at = f->window_at + place, near = f->diagonals[0] + target_at, word, from;
    const char *octets;

    if (!f->local.slots || f->base.size < INDEX_KEY || f->len - place < f->local.key)
        return;
    if (near >= f->base.size)
        near = f->base.size - 1;
    vcdiff_local_follow(&f->local, &f->base, near, 2 * (target_at - f->followed));
    f->followed = target_at;
    word = vcdiff_load64(f->window + place);
    from = vcdiff_local_find(&f->local, word);
    if (from > f->base.size - INDEX_KEY)
        return;
    octets = vcdiff_base_word(&f->base, from);
    if (octets && (vcdiff_load64(octets) ^ word) << (64 - 8 * f->local.key) == 0)
        try_base(f, from, place, best);
}

/* What is found after so many octets begins at the first of them, if they match. */
static bool make_index(struct vcdiff_finder *f, uint32_t place)
{
    if (f->index.slots)
        return true;
    if (place - f->open >= INDEX_LATE && f->err == ERR_NONE)
        f->err = vcdiff_index_make(&f->index, &f->base, f->plan->index_slots, f->plan->step, f->limits);
    return f->err == ERR_NONE && f->index.slots;
}

static void try_index(struct vcdiff_finder *f, uint32_t place, struct vcdiff_match *best)
{
    uint64_t word = vcdiff_load64(f->window + place), places[INDEX_WAYS];
    unsigned count;

    if (!make_index(f, place))
        return;
    if (f->len - place >= AHEAD + INDEX_KEY)
        vcdiff_index_prefetch(&f->index, vcdiff_index_hash(f->window + place + AHEAD));
    if (f->len - place < INDEX_KEY)
        return;
    count = vcdiff_index_find(&f->index, vcdiff_index_hash(f->window + place), places);
    for (unsigned i = 0; i < count; i++) {
        const char *octets = vcdiff_base_word(&f->base, places[i]);

        if (octets && vcdiff_load64(octets) == word)
            try_base(f, places[i], place, best);
    }
}

/*
 * Mostly a few octets were changed (an address, a number) and all goes on behind them. Words that differ are passed
 * over by their last octet that does.
 */
bool vcdiff_find_resumed(struct vcdiff_finder *f, uint32_t place, struct vcdiff_match *match)
{
    uint64_t from = f->diagonals[0] + f->window_at + place;
    uint32_t gap = 0;

    while (gap <= f->plan->effort->resume && f->len - place >= gap + 8 && from < f->base.size &&
           f->base.size - from >= gap + 8) {
        const char *octets = vcdiff_base_word(&f->base, from + gap);
        uint64_t differ;

        if (!octets)
            return false;
        differ = vcdiff_load64(octets) ^ vcdiff_load64(f->window + place + gap);
        if (!differ) {
            *match = (struct vcdiff_match){.from = from + gap, .at = place + gap, .kind = MOVE_BASE};
            match->len = base_after(f, match->from, match->at);
            return match->len >= RESUME_MIN;
        }
        gap += 8 - (uint32_t)__builtin_clzll(differ) / 8;
    }
    return false;
}

static uint32_t *head_of(const struct vcdiff_finder *f, uint32_t place)
{
    uint32_t word = (uint32_t)vcdiff_load64(f->window + place);

    return &f->heads[word * 0x9e3779b1u >> (32 - f->plan->head_bits)];
}

static void try_window(struct vcdiff_finder *f, uint32_t place, struct vcdiff_match *best)
{
    uint32_t word = (uint32_t)vcdiff_load64(f->window + place), next;

    if (f->len - place < HEAD_KEY)
        return;
    next = *head_of(f, place);
    for (uint32_t tries = f->plan->effort->chain; next && tries; tries--) {
        const char *earlier = f->window + next - 1;

        if ((uint32_t)vcdiff_load64(earlier) == word) {
            struct vcdiff_match m = {.from = next - 1, .at = place, .kind = MOVE_WINDOW};

            m.len = equal_after(earlier, f->window + place, f->len - place);
            consider(f, &m, best);
            if (best->len >= f->plan->effort->enough)
                return;
        }
        next = f->chain ? f->chain[next - 1] : 0;
    }
}

void vcdiff_find_remember(struct vcdiff_finder *f, uint32_t place)
{
    uint32_t *head;

    if (f->copy_cost || f->len - place < HEAD_KEY)
        return;
    head = head_of(f, place);
    if (f->chain)
        f->chain[place] = *head;
    *head = place + 1;
}

void vcdiff_find(struct vcdiff_finder *f, uint32_t place, struct vcdiff_match *best)
{
    uint32_t enough = f->plan->effort->enough;

    *best = (struct vcdiff_match){0};
    if (f->base.size)
        try_diagonals(f, place, best);
    if (best->len >= enough)
        return;
    if (!f->copy_cost)
        try_run(f, place, best);
    if (best->len >= enough)
        return;
    if (f->base.size) {
        try_local(f, place, best);
        try_index(f, place, best);
    }
    if (!f->copy_cost && best->len < enough)
        try_window(f, place, best);
}

enum err vcdiff_finder_fill(struct vcdiff_finder *f, const struct delta_source *target, uint64_t *read, size_t room)
{
    size_t more = room - f->len;
    enum err err;

    if (more > target->size - *read)
        more = target->size - *read;
    err = more ? target->read(target->arg, *read, f->window + f->len, more) : ERR_NONE;
    *read += more;
    f->len += (uint32_t)more;
    f->count = 0;
    f->open = 0;
    f->literals = 0;
    f->lowest = f->highest = 0;
    return err;
}
