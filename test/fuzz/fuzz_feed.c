/*
 * fuzz_feed.c - feeds. The input: what a reader has, a line of "%%" alone, what there is now.
 *
 * Property: what is made of two feeds is a feed again, with as many entries as were said; as news since itself it has
 * none; and news are never longer than the whole.
 */
#include "fuzz.h"

#include <assert.h>

#include "delta/feed.h"

enum { MADE_MAX = 1 << 20 };

static enum err make(struct slice base, struct slice current, enum feed_loss loss, struct buf *made,
                     struct feed_news *news)
{
    const struct delta_limits limits = {.memory_max = 64 << 20};
    struct delta_source from = delta_source_of(&base), to = delta_source_of(&current);
    struct delta_sink sink = delta_sink_of(made);

    *made = BUF_INIT(MADE_MAX);
    return feed_encode(&from, &to, loss, &limits, &sink, news);
}

static void check(struct slice base, struct slice current, enum feed_loss loss)
{
    struct feed_news news, again;
    struct buf made, nothing;
    enum err err = make(base, current, loss, &made, &news);

    if (err == ERR_NONE) {
        assert(made.len <= current.len && news.entries <= news.all);
        err = make(buf_slice(&made), buf_slice(&made), FEED_LOSS_TOLD, &nothing, &again);
        /* RSS 1.0 cannot be without items; its root has this name */
        assert((err == ERR_NONE && again.all == news.entries && again.entries == 0) ||
               (err == ERR_UNSUPPORTED && memmem(made.ptr, made.len, "RDF", 3)));
        buf_release(&nothing);
        /* the whole tells nothing new to who has it */
        err = make(current, buf_slice(&made), FEED_LOSS_ROLLING, &nothing, &again);
        assert(err != ERR_NONE || again.entries == 0);
        buf_release(&nothing);
    }
    buf_release(&made);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const char parting[] = "\n%%\n";
    const char *at = len ? memmem(data, len, parting, sizeof(parting) - 1) : NULL;
    struct slice all = slice_of((const char *)data, len), base, current;

    if (!at)
        return 0;
    base = slice_upto(all, (size_t)(at - all.ptr));
    current = slice_from(all, base.len + sizeof(parting) - 1);
    feed_begins(current);
    check(base, current, FEED_LOSS_TOLD);
    check(base, current, FEED_LOSS_ROLLING);
    check(current, current, FEED_LOSS_TOLD);
    return 0;
}
