/*
 * gdiff_encode.c - writing a gdiff (NOTE-gdiff-19970901 §2): what vcdiff's finder found, as DATA and COPY.
 *
 * The finder is told what a COPY takes here, and so looks in the base alone. A copy stays open while the window moves
 * on, so that a long equal part is one command however small the window is.
 */
#include <stdlib.h>

#include "base/arena.h"
#include "gdiff_code.h"
#include "kinds.h"
#include "stream.h"
#include "vcdiff_finder.h"

struct encoder {
    const struct delta_source *target;
    const struct delta_limits *limits;
    struct vcdiff_plan plan;
    struct vcdiff_finder finder;
    struct stream_out out;
    uint64_t read;      /* octets of the target in the window, or done */
    uint64_t from, len; /* the copy that may still grow; len 0: none */
};

/* One more for the DATA that comes behind it, as it does nearly always. */
static unsigned copy_cost(uint64_t from, uint64_t len)
{
    unsigned at_octets = from <= UINT16_MAX ? 2 : from <= GDIFF_INT_MAX ? 4 : 8;
    unsigned len_octets = len <= UINT8_MAX ? 1 : len <= UINT16_MAX ? 2 : 4;

    /* there is no long with a short length */
    return 1 + at_octets + (at_octets == 8 ? 4 : len_octets) + 1;
}

static char *put_number(char *at, uint64_t value, unsigned octets)
{
    while (octets--)
        *at++ = (char)(value >> (8 * octets));
    return at;
}

static enum err write_copy(struct encoder *e, uint64_t from, uint64_t len)
{
    unsigned form = from > GDIFF_INT_MAX ? GDIFF_COPIES - 1 : from > UINT16_MAX ? 3 : 0;
    char command[1 + 8 + 4], *at = command;

    if (form < GDIFF_COPIES - 1)
        form += len > UINT16_MAX ? 2 : len > UINT8_MAX ? 1 : 0;
    *at++ = (char)(GDIFF_COPY_FIRST + form);
    at = put_number(at, from, gdiff_copies[form].at_octets);
    at = put_number(at, len, gdiff_copies[form].len_octets);
    return stream_out_write(&e->out, slice_of(command, (size_t)(at - command)));
}

/* The copy that was open, in as many commands as its length takes (DLT-49). */
static enum err close_copy(struct encoder *e)
{
    enum err err = ERR_NONE;

    while (e->len && err == ERR_NONE) {
        uint64_t some = e->len < GDIFF_INT_MAX ? e->len : GDIFF_INT_MAX;

        err = write_copy(e, e->from, some);
        e->from += some;
        e->len -= some;
    }
    return err;
}

/* Never above GDIFF_INT_MAX: a window is shorter. */
static enum err write_data(struct encoder *e, struct slice bytes)
{
    char command[1 + 4], *at = command;
    enum err err;

    if (bytes.len == 0)
        return ERR_NONE;
    if (bytes.len <= GDIFF_DATA_SELF_MAX) {
        *at++ = (char)bytes.len;
    } else {
        unsigned octets = bytes.len <= UINT16_MAX ? 2 : 4;

        *at++ = (char)(octets == 2 ? GDIFF_DATA_USHORT : GDIFF_DATA_INT);
        at = put_number(at, bytes.len, octets);
    }
    err = stream_out_write(&e->out, slice_of(command, (size_t)(at - command)));
    return err == ERR_NONE ? stream_out_write(&e->out, bytes) : err;
}

/* A copy that goes on where the open one ends is no new one. */
static enum err add_copy(struct encoder *e, uint64_t from, uint64_t len)
{
    enum err err = e->from + e->len == from ? ERR_NONE : close_copy(e);

    if (!e->len)
        e->from = from;
    e->len += len;
    return err;
}

static enum err add_data(struct encoder *e, struct slice bytes)
{
    enum err err = bytes.len ? close_copy(e) : ERR_NONE;

    return err == ERR_NONE ? write_data(e, bytes) : err;
}

/* The moves of a window, and what is between them. */
static enum err write_window(struct encoder *e, uint32_t end)
{
    const struct vcdiff_finder *f = &e->finder;
    uint32_t at = 0;
    enum err err = ERR_NONE;

    for (size_t i = 0; i < f->count && err == ERR_NONE; i++) {
        const struct vcdiff_move *move = &f->moves[i];

        err = add_data(e, slice_of(f->window + at, move->at - at));
        if (err == ERR_NONE)
            err = add_copy(e, move->from, move->len);
        at = move->at + move->len;
    }
    return err == ERR_NONE ? add_data(e, slice_of(f->window + at, end - at)) : err;
}

/* ---- windows ---- */

/* The first octets of the window are done with. */
static void leave(struct vcdiff_finder *f, uint32_t done)
{
    memmove(f->window, f->window + done, f->len - done);
    f->len -= done;
    f->window_at += done;
}

/* The open copy goes on with what came into the window behind it, be it too short to be found. */
static enum err grow_copy(struct encoder *e)
{
    struct vcdiff_finder *f = &e->finder;
    uint32_t done = 0;
    bool is_equal = e->len != 0;

    while (is_equal && done < f->len && e->from + e->len < f->base.size) {
        size_t len, same = 0;
        const char *octets = vcdiff_base_view(&f->base, e->from + e->len, &len);

        if (!octets)
            return f->base.err;
        if (len > f->len - done)
            len = f->len - done;
        while (same < len && octets[same] == f->window[done + same])
            same++;
        is_equal = same == len;
        done += (uint32_t)same;
        e->len += same;
    }
    leave(f, done);
    return ERR_NONE;
}

static enum err encode_window(struct encoder *e)
{
    uint32_t end = 0;
    enum err err = vcdiff_finder_fill(&e->finder, e->target, &e->read, e->plan.window);

    if (err == ERR_NONE)
        err = grow_copy(e);
    if (err == ERR_NONE)
        err = vcdiff_walk(&e->finder, e->out.left, &end);
    if (err == ERR_NONE)
        err = write_window(e, end);
    leave(&e->finder, end);
    return err;
}

static enum err encode_all(struct encoder *e)
{
    enum err err = stream_out_write(&e->out, slice_of(GDIFF_START, GDIFF_START_LEN));

    while (err == ERR_NONE && e->finder.window_at < e->target->size)
        err = encode_window(e);
    if (err == ERR_NONE)
        err = close_copy(e);
    if (err == ERR_NONE)
        err = stream_out_write(&e->out, slice_of("", 1)); /* GDIFF_END */
    return err == ERR_NONE ? stream_out_flush(&e->out) : err;
}

enum err gdiff_encode(const struct delta_source *base, const struct delta_source *target, enum delta_effort effort,
                      const struct delta_limits *limits, const struct delta_sink *out)
{
    struct encoder e = {.target = target, .limits = limits};
    struct vcdiff_finder *f = &e.finder;
    enum err err = vcdiff_plan_make(base, target, effort, limits, &e.plan);

    if (err != ERR_NONE)
        return err;
    f->plan = &e.plan;
    f->limits = limits;
    f->copy_cost = copy_cost;
    f->window = xcalloc(e.plan.window + WINDOW_SLACK, 1);
    f->moves = xmalloc(e.plan.moves * sizeof(*f->moves));
    vcdiff_local_init(&f->local, e.plan.local_bits, e.plan.local_key, e.plan.effort->local_reach);
    stream_out_init(&e.out, out, limits);
    err = vcdiff_base_open(&f->base, base, e.plan.base_memory, limits);
    if (err == ERR_NONE)
        err = encode_all(&e);
    stream_out_release(&e.out);
    vcdiff_index_release(&f->index);
    vcdiff_base_close(&f->base);
    vcdiff_local_release(&f->local);
    free(f->moves);
    free(f->window);
    return err;
}
