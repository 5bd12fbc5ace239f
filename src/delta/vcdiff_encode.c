/*
 * vcdiff_encode.c - writing a delta, window after window (RFC 3284 §4): plain, so that every decoder reads it (DLT-60).
 */
#include <stdlib.h>

#include "base/arena.h"
#include "kinds.h"
#include "vcdiff_finder.h"
#include "vcdiff_memory.h"

struct encoder {
    const struct delta_source *target;
    const struct delta_limits *limits;
    const struct delta_sink *out;
    struct vcdiff_plan plan;
    struct vcdiff_finder finder;
    struct vcdiff_sections sections;
    uint64_t read;     /* octets of the target in the window, or done */
    uint64_t produced; /* octets of the delta */
};

static enum err write_octets(struct encoder *e, const char *octets, size_t len)
{
    if (e->limits->output_max && len > e->limits->output_max - e->produced)
        return ERR_TOO_LARGE;
    e->produced += len;
    return len ? e->out->write(e->out->arg, slice_of(octets, len)) : ERR_NONE;
}

static enum err open_encoder(struct encoder *e, const struct delta_source *base)
{
    struct vcdiff_finder *f = &e->finder;
    const struct vcdiff_plan *plan = &e->plan;

    f->plan = plan;
    f->limits = e->limits;
    f->window = vcdiff_memory_new(plan->window + WINDOW_SLACK);
    f->heads = xmalloc(sizeof(*f->heads) << plan->head_bits);
    if (plan->effort->chain > 1)
        f->chain = vcdiff_memory_new(plan->window * sizeof(*f->chain));
    f->moves = xmalloc(plan->moves * sizeof(*f->moves));
    e->sections.instructions = xmalloc((plan->moves + 1) * MOVE_CODE_MAX);
    e->sections.addresses = xmalloc((plan->moves + 1) * MOVE_ADDRESS_MAX);
    vcdiff_local_init(&f->local, plan->local_bits, plan->local_key, plan->effort->local_reach);
    return vcdiff_base_open(&f->base, base, plan->base_memory, e->limits);
}

static void close_encoder(struct encoder *e)
{
    struct vcdiff_finder *f = &e->finder;

    free(f->window);
    free(f->heads);
    free(f->chain);
    free(f->moves);
    free(e->sections.instructions);
    free(e->sections.addresses);
    vcdiff_local_release(&f->local);
    vcdiff_index_release(&f->index);
    vcdiff_base_close(&f->base);
}

static enum err fill_window(struct encoder *e)
{
    struct vcdiff_finder *f = &e->finder;
    enum err err = vcdiff_finder_fill(f, e->target, &e->read, e->plan.window);

    f->is_far = false;
    memset(f->recent, 0, sizeof(f->recent));
    memset(f->heads, 0, sizeof(*f->heads) << e->plan.head_bits);
    return err;
}

/* The part of the base that the moves need, and no more: addresses within it are short. */
static struct vcdiff_parts make_parts(const struct vcdiff_finder *f, uint32_t len)
{
    struct vcdiff_parts parts = {.moves = f->moves, .count = f->count, .window_len = len};
    uint64_t first = UINT64_MAX, end = 0;

    for (size_t i = 0; i < f->count; i++) {
        const struct vcdiff_move *move = &f->moves[i];

        if (move->kind != MOVE_BASE)
            continue;
        if (move->from < first)
            first = move->from;
        if (move->from + move->len > end)
            end = move->from + move->len;
    }
    if (end) {
        parts.segment_at = first;
        parts.segment_len = end - first;
    }
    return parts;
}

/* What is added, moved together at the window's start: the data section. The rest of the window is not touched. */
static void gather_data(struct vcdiff_finder *f, uint32_t len)
{
    size_t at = 0, to = 0;

    for (size_t i = 0; i <= f->count; i++) {
        size_t next = i < f->count ? f->moves[i].at : len;

        memmove(f->window + to, f->window + at, next - at);
        to += next - at;
        if (i == f->count)
            break;
        if (f->moves[i].kind == MOVE_RUN)
            f->window[to++] = f->window[next];
        at = next + f->moves[i].len;
    }
}

static enum err write_head(struct encoder *e, const struct vcdiff_parts *parts)
{
    const struct vcdiff_sections *s = &e->sections;
    char head[8 * INTEGER_OCTETS_MAX], *at = head;
    uint64_t rest = vcdiff_integer_octets(parts->window_len) + 1 + vcdiff_integer_octets(s->data_len) +
                    vcdiff_integer_octets(s->instructions_len) + vcdiff_integer_octets(s->addresses_len) + s->data_len +
                    s->instructions_len + s->addresses_len;

    *at++ = parts->segment_len ? WIN_SOURCE : 0;
    if (parts->segment_len) {
        at = vcdiff_integer_write(at, parts->segment_len);
        at = vcdiff_integer_write(at, parts->segment_at);
    }
    at = vcdiff_integer_write(at, rest);
    at = vcdiff_integer_write(at, parts->window_len);
    *at++ = 0;
    at = vcdiff_integer_write(at, s->data_len);
    at = vcdiff_integer_write(at, s->instructions_len);
    at = vcdiff_integer_write(at, s->addresses_len);
    return write_octets(e, head, (size_t)(at - head));
}

static enum err write_window(struct encoder *e, uint32_t len)
{
    struct vcdiff_finder *f = &e->finder;
    struct vcdiff_parts parts = make_parts(f, len);
    enum err err;

    vcdiff_choose(&parts, &e->sections);
    gather_data(f, len);
    err = write_head(e, &parts);
    if (err == ERR_NONE)
        err = write_octets(e, f->window, e->sections.data_len);
    if (err == ERR_NONE)
        err = write_octets(e, e->sections.instructions, e->sections.instructions_len);
    if (err == ERR_NONE)
        err = write_octets(e, e->sections.addresses, e->sections.addresses_len);
    return err;
}

static enum err encode_window(struct encoder *e)
{
    struct vcdiff_finder *f = &e->finder;
    uint64_t literals_max = e->limits->output_max ? e->limits->output_max - e->produced : UINT64_MAX;
    uint32_t end = 0;
    enum err err = fill_window(e);

    if (err == ERR_NONE)
        err = vcdiff_walk(f, literals_max, &end);
    if (err == ERR_NONE)
        err = write_window(e, end);
    memmove(f->window, f->window + end, f->len - end);
    f->len -= end;
    f->window_at += end;
    return err;
}

enum err vcdiff_encode(const struct delta_source *base, const struct delta_source *target, enum delta_effort effort,
                       const struct delta_limits *limits, const struct delta_sink *out)
{
    static const char header[] = {(char)0xd6, (char)0xc3, (char)0xc4, 0, 0};
    struct encoder e = {.target = target, .limits = limits, .out = out};
    enum err err = vcdiff_plan_make(base, target, effort, limits, &e.plan);

    if (err != ERR_NONE)
        return err;
    err = open_encoder(&e, base);
    if (err == ERR_NONE)
        err = write_octets(&e, header, sizeof(header));
    /* An empty target has a window, too: xdelta3 makes nothing at all of a header alone. */
    do
        err = err == ERR_NONE ? encode_window(&e) : err;
    while (err == ERR_NONE && e.finder.window_at < target->size);
    close_encoder(&e);
    return err;
}
