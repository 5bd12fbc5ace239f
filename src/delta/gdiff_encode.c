/*
 * gdiff_encode.c - writing a gdiff (NOTE-gdiff-19970901 §2): through the target with a window, from match to match.
 *
 * Base, index and window get their memory as vcdiff's do (vcdiff_plan). A copy stays open while the window moves on, so
 * that a long equal part is one command however small the window is.
 */
#include <stdlib.h>

#include "base/arena.h"
#include "gdiff_code.h"
#include "gdiff_find.h"
#include "kinds.h"
#include "stream.h"

/* So many places looked at between two questions whether it is enough. */
enum { ASK_EVERY = 4096 };
/* However long nothing matches: a match of some dozen octets is to be found. */
enum { STRIDE_MAX = 16 };

struct encoder {
    const struct delta_source *target;
    const struct delta_limits *limits;
    struct gdiff_finder finder;
    struct stream_out out;
    uint64_t read;      /* octets of the target in the window, or done */
    uint64_t from, len; /* the copy that may still grow; len 0: none. It ends at `open`, if no literals are behind it */
};

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

/* What no command has yet, up to `end`, becomes DATA. */
static enum err write_literals(struct encoder *e, size_t end)
{
    struct gdiff_finder *f = &e->finder;
    enum err err = end > f->open ? close_copy(e) : ERR_NONE;

    if (err == ERR_NONE)
        err = write_data(e, slice_of(f->window + f->open, end - f->open));
    f->open = end;
    return err;
}

/* A match that goes on where the open copy ends is no new one. */
static enum err take_match(struct encoder *e, const struct gdiff_match *match)
{
    struct gdiff_finder *f = &e->finder;
    enum err err = write_literals(e, match->at);

    if (err == ERR_NONE && e->from + e->len != match->from)
        err = close_copy(e);
    if (!e->len)
        e->from = match->from;
    e->len += match->len;
    f->open += match->len;
    f->diagonal = match->from - match->at - f->window_at;
    return err;
}

/* The window goes on to the place, or to its literals; those of half a window are written, to make room. */
static enum err move_window(struct encoder *e, size_t *place)
{
    struct gdiff_finder *f = &e->finder;
    enum err err = f->len - f->open > f->plan.window / 2 ? write_literals(e, *place) : ERR_NONE;
    size_t gone = f->open, more;

    if (err != ERR_NONE)
        return err;
    memmove(f->window, f->window + gone, f->len - gone);
    f->len -= gone;
    f->window_at += gone;
    f->open = 0;
    *place -= gone;
    more = f->plan.window - f->len;
    if (more > e->target->size - e->read)
        more = e->target->size - e->read;
    err = more ? e->target->read(e->target->arg, e->read, f->window + f->len, more) : ERR_NONE;
    e->read += more;
    f->len += more;
    return err;
}

/* The open copy goes on with what came into the window behind it. */
static void grow_copy(struct encoder *e, size_t *place)
{
    struct gdiff_finder *f = &e->finder;
    size_t more;

    if (!e->len || *place != f->open)
        return;
    more = gdiff_find_forward(f, e->from + e->len, f->open);
    e->len += more;
    f->open += more;
    *place += more;
}

/* While the next place has a better one, that is taken instead. */
static void improve(struct gdiff_finder *f, size_t place, struct gdiff_match *match)
{
    while (match->len < f->plan.effort->lazy && ++place + INDEX_KEY <= f->len) {
        struct gdiff_match next;

        gdiff_find(f, place, &next);
        if (next.gain <= match->gain)
            break;
        *match = next;
    }
}

/* Through what is in the window; the last seven octets of one wait for the next. */
static enum err walk_window(struct encoder *e, size_t *place)
{
    struct gdiff_finder *f = &e->finder;
    unsigned misses = 0, looked = 0;
    enum err err = ERR_NONE;

    while (err == ERR_NONE && *place + INDEX_KEY <= f->len) {
        struct gdiff_match match;

        if (looked++ % ASK_EVERY == 0 && (err = stream_ask(e->limits)) != ERR_NONE)
            break;
        gdiff_find(f, *place, &match);
        if (match.gain < 1) {
            unsigned stride = 1 + (misses++ >> f->plan.effort->skip);

            *place += stride < STRIDE_MAX ? stride : STRIDE_MAX;
            continue;
        }
        misses = 0;
        improve(f, *place, &match);
        err = take_match(e, &match);
        *place = f->open;
    }
    if (*place > f->len)
        *place = f->len;
    return err == ERR_NONE ? f->base.err : err;
}

static enum err encode_all(struct encoder *e)
{
    size_t place = 0;
    enum err err = stream_out_write(&e->out, slice_of(GDIFF_START, GDIFF_START_LEN));

    while (err == ERR_NONE && e->read < e->target->size) {
        err = move_window(e, &place);
        if (err == ERR_NONE)
            grow_copy(e, &place);
        if (err == ERR_NONE)
            err = walk_window(e, &place);
    }
    if (err == ERR_NONE)
        err = write_literals(e, e->finder.len);
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
    struct gdiff_finder *f = &e.finder;
    enum err err = vcdiff_plan_make(base, target, effort, limits, &f->plan);

    if (err != ERR_NONE)
        return err;
    f->window = xmalloc(f->plan.window + 1);
    stream_out_init(&e.out, out, limits);
    err = vcdiff_base_open(&f->base, base, f->plan.base_memory, limits);
    if (err == ERR_NONE)
        err = vcdiff_index_make(&f->index, &f->base, f->plan.index_slots, f->plan.step, limits);
    if (err == ERR_NONE)
        err = encode_all(&e);
    vcdiff_index_release(&f->index);
    vcdiff_base_close(&f->base);
    stream_out_release(&e.out);
    free(f->window);
    return err;
}
