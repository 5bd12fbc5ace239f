/*
 * diffe_encode.c - an ed script as `diff -e` writes it (POSIX, diff): changes from bottom to top, so that the numbers
 * of lines above are still those of the base.
 *
 * Base and target are held in memory, with a table of their lines.
 */
#include <stdio.h>
#include <stdlib.h>

#include "kinds.h"
#include "lines.h"
#include "stream.h"

/* "4294967295,4294967295c\n" */
enum { HEAD_MAX = 32 };

struct script {
    struct lines base, target;
    const struct delta_limits *limits;
    struct stream_out out;
};

/* DLT-51: what a script of lines cannot say. */
static bool is_text(struct slice text)
{
    return !text.len || (text.ptr[text.len - 1] == '\n' && !memchr(text.ptr, '\0', text.len));
}

static unsigned count_digits(uint32_t number)
{
    unsigned digits = 1;

    while (number /= 10)
        digits++;
    return digits;
}

/* The command, and the dot behind its text. */
static uint64_t head_cost(const struct hunk *hunk)
{
    unsigned digits = hunk->a1 - hunk->a0 > 1 ? count_digits(hunk->a0 + 1) + 1 : 0;

    return digits + count_digits(hunk->a1) + 2 + (hunk->b0 == hunk->b1 ? 0 : 2);
}

/* Whether the lines between two changes are cheaper written again than left alone. */
static bool is_worth_joining(const struct script *script, const struct hunk *above, const struct hunk *below)
{
    struct hunk joined = {above->a0, below->a1, above->b0, below->b1};
    uint64_t between = lines_text(&script->target, above->b1, below->b0).len;

    return head_cost(&joined) + between <= head_cost(above) + head_cost(below);
}

static enum err write_head(struct script *script, const struct hunk *hunk)
{
    char head[HEAD_MAX], command = hunk->a0 == hunk->a1 ? 'a' : hunk->b0 == hunk->b1 ? 'd' : 'c';
    int len;

    if (hunk->a1 - hunk->a0 > 1)
        len = snprintf(head, sizeof(head), "%u,%u%c\n", hunk->a0 + 1, hunk->a1, command);
    else
        len = snprintf(head, sizeof(head), "%u%c\n", hunk->a1, command);
    return stream_out_write(&script->out, slice_of(head, (size_t)len));
}

/*
 * Lines of the target, up to the dot that ends a text. A line that is such a dot itself is written as two, of which one
 * is taken away again; then adding goes on.
 */
static enum err write_text(struct script *script, uint32_t first, uint32_t end)
{
    const struct lines *target = &script->target;
    uint32_t line = first;

    for (; line < end; line++) {
        struct slice rest = line + 1 < end ? SLICE("..\n.\ns/.//\na\n") : SLICE("..\n.\ns/.//\n");
        enum err err;

        if (!slice_eq(lines_text(target, line, line + 1), SLICE(".\n")))
            continue;
        err = stream_out_write(&script->out, lines_text(target, first, line));
        if (err == ERR_NONE)
            err = stream_out_write(&script->out, rest);
        if (err != ERR_NONE || line + 1 == end)
            return err;
        first = line + 1;
    }
    if (first != end) {
        enum err err = stream_out_write(&script->out, lines_text(target, first, end));

        return err == ERR_NONE ? stream_out_write(&script->out, SLICE(".\n")) : err;
    }
    return ERR_NONE;
}

static enum err write_hunk(struct script *script, const struct hunk *hunk)
{
    enum err err = write_head(script, hunk);

    return err == ERR_NONE && hunk->b0 != hunk->b1 ? write_text(script, hunk->b0, hunk->b1) : err;
}

static enum err write_script(struct script *script)
{
    const struct lines *a = &script->base, *b = &script->target;
    struct hunk above = {a->count, a->count, b->count, b->count}, below;
    enum err err = ERR_NONE;

    if (!lines_hunk_above(a, b, &above))
        return ERR_NONE;
    below = above;
    while (err == ERR_NONE && lines_hunk_above(a, b, &above)) {
        if (!is_worth_joining(script, &above, &below)) {
            err = write_hunk(script, &below);
            below = above;
        }
        below.a0 = above.a0;
        below.b0 = above.b0;
    }
    if (err == ERR_NONE)
        err = write_hunk(script, &below);
    return err == ERR_NONE ? stream_out_flush(&script->out) : err;
}

/* Whether the lines and their table fit in what was granted, beside `held` octets. */
static bool fits(uint64_t lines, uint64_t held, const struct delta_limits *limits)
{
    size_t memory = stream_memory(limits);

    return lines < INT32_MAX / 4 && held <= memory && lines <= (memory - held) / LINES_COST;
}

static enum err encode_texts(struct slice base, struct slice target, uint64_t held, enum delta_effort effort,
                             const struct delta_limits *limits, const struct delta_sink *out)
{
    struct script script = {.limits = limits};
    uint64_t base_lines, target_lines;
    enum err err;

    if (!is_text(base) || !is_text(target))
        return ERR_UNSUPPORTED;
    base_lines = lines_count(base);
    target_lines = lines_count(target);
    if (!fits(base_lines + target_lines, held, limits))
        return ERR_TOO_LARGE;
    lines_split(&script.base, base, base_lines);
    lines_split(&script.target, target, target_lines);
    stream_out_init(&script.out, out, limits);
    err = lines_compare(&script.base, &script.target, effort, limits);
    if (err == ERR_NONE)
        err = write_script(&script);
    stream_out_release(&script.out);
    lines_release(&script.base);
    lines_release(&script.target);
    return err;
}

enum err diffe_encode(const struct delta_source *base, const struct delta_source *target, enum delta_effort effort,
                      const struct delta_limits *limits, const struct delta_sink *out)
{
    uint64_t held = 3 * STREAM_BLOCK;
    struct slice base_text, target_text;
    char *base_owned = NULL, *target_owned = NULL;
    enum err err;

    /* places in the text have 32 bits */
    if (base->size > UINT32_MAX || target->size > UINT32_MAX)
        return ERR_TOO_LARGE;
    held += (source_memory(base) ? 0 : base->size) + (source_memory(target) ? 0 : target->size);
    if (held > stream_memory(limits))
        return ERR_TOO_LARGE;
    err = stream_load(base, limits, &base_text, &base_owned);
    if (err == ERR_NONE)
        err = stream_load(target, limits, &target_text, &target_owned);
    if (err == ERR_NONE)
        err = encode_texts(base_text, target_text, held, effort, limits, out);
    free(base_owned);
    free(target_owned);
    return err;
}
