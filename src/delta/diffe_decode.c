/*
 * diffe_decode.c - what an ed script makes of the base: the base goes through from top to bottom, the script's changes
 * from its last to its first.
 */
#include <inttypes.h>

#include "diffe_script.h"
#include "kinds.h"
#include "stream.h"

struct applying {
    struct stream_in base;
    struct stream_out out;
    uint64_t line; /* lines of the base that are behind us */
};

/* To behind line `until` of the base: written or, if not, left out. ERR_INVALID: there are not so many. */
static enum err go_on(struct applying *applying, uint64_t until, bool is_kept)
{
    while (applying->line < until) {
        struct slice some;
        size_t len = 0;
        enum err err = stream_in_peek(&applying->base, &some);

        if (err != ERR_NONE)
            return err;
        if (!some.len)
            return ERR_INVALID;
        while (len < some.len && applying->line < until) {
            const char *end = memchr(some.ptr + len, '\n', some.len - len);

            applying->line += end != NULL;
            len = end ? (size_t)(end + 1 - some.ptr) : some.len;
        }
        err = is_kept ? stream_out_write(&applying->out, slice_of(some.ptr, len)) : ERR_NONE;
        if (err != ERR_NONE)
            return err;
        stream_in_skip(&applying->base, len);
    }
    return ERR_NONE;
}

static enum err apply(struct applying *applying, const struct diffe_script *script, struct buf *why)
{
    enum err err = ERR_NONE;

    for (size_t i = script->count; i-- && err == ERR_NONE;) {
        const struct diffe_change *change = &script->changes[i];

        err = go_on(applying, change->keep, true);
        if (err == ERR_NONE)
            err = stream_out_write(&applying->out, slice_of(script->octets + change->text_at, change->text_len));
        if (err == ERR_NONE)
            err = go_on(applying, change->until, false);
        if (err == ERR_INVALID && why)
            buf_printf(why, "The ed script changes line %" PRIu64 ", but the base has %" PRIu64 " lines.",
                       change->until, applying->line);
    }
    if (err == ERR_NONE)
        err = stream_pass(&applying->base, &applying->out, stream_in_left(&applying->base));
    if (err == ERR_TOO_LARGE && why)
        buf_add_str(why, "The ed script makes more octets than are allowed.");
    return err == ERR_NONE ? stream_out_flush(&applying->out) : err;
}

/* Else the first line added at the end would be one with the last of the base. */
static enum err check_base(const struct delta_source *base, struct buf *why)
{
    char last;
    enum err err = base->size ? base->read(base->arg, base->size - 1, &last, 1) : ERR_NONE;

    if (err != ERR_NONE || !base->size || last == '\n')
        return err;
    if (why)
        buf_add_str(why, "An ed script cannot change a base that does not end with a newline.");
    return ERR_UNSUPPORTED;
}

enum err diffe_decode(const struct delta_source *base, const struct delta_source *delta,
                      const struct delta_limits *limits, const struct delta_sink *out, struct buf *why)
{
    struct applying applying = {0};
    struct diffe_script script = {0};
    enum err err = check_base(base, why);

    if (err == ERR_NONE)
        err = diffe_script_read(&script, delta, limits, why);
    stream_in_init(&applying.base, base, limits);
    stream_out_init(&applying.out, out, limits);
    if (err == ERR_NONE)
        err = apply(&applying, &script, why);
    stream_out_release(&applying.out);
    stream_in_release(&applying.base);
    diffe_script_release(&script);
    return err;
}
