/*
 * feed.c - which entries of a feed are new or changed, and the feed without the others.
 *
 * An entry is left out with the blanks before it; the rest is written as it stands. What an entry means may hang on the
 * tags around it (namespaces, xml:base, xml:lang) and on the encoding: where these changed, all entries did.
 */
#include "feed.h"

#include <stdlib.h>

#include "base/arena.h"
#include "feed_read.h"
#include "kinds.h"
#include "stream.h"

/* Entries by id, then by octets. */
struct sorted {
    const struct feed *feed;
    struct feed_entry **list;
    size_t count;
};

struct comparing {
    struct feed base, current;
    struct sorted base_sorted, current_sorted;
    enum feed_loss loss;
};

static int compare_entries(const void *a, const void *b, void *arg)
{
    const struct feed_entry *x = *(struct feed_entry *const *)a, *y = *(struct feed_entry *const *)b;
    int order = slice_cmp(x->id, y->id);

    return order ? order : slice_cmp(feed_entry_octets(arg, x), feed_entry_octets(arg, y));
}

static void sort(struct sorted *sorted, struct feed *feed)
{
    *sorted = (struct sorted){.feed = feed, .count = feed->entries.count};
    sorted->list = xmalloc(sorted->count * sizeof(struct feed_entry *) + 1);
    for (size_t i = 0; i < sorted->count; i++)
        sorted->list[i] = &feed->entries.list[i];
    qsort_r(sorted->list, sorted->count, sizeof(struct feed_entry *), compare_entries, feed);
}

/* The first entry of the id whose octets are not below these; NULL: there is none of the id from there on. */
static struct feed_entry *find(const struct sorted *sorted, struct slice id, struct slice octets)
{
    size_t low = 0, high = sorted->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = slice_cmp(sorted->list[middle]->id, id);

        if (!order)
            order = slice_cmp(feed_entry_octets(sorted->feed, sorted->list[middle]), octets);
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < sorted->count && slice_eq(sorted->list[low]->id, id) ? sorted->list[low] : NULL;
}

static bool has_same(const struct sorted *sorted, struct slice id, struct slice octets)
{
    const struct feed_entry *entry = find(sorted, id, octets);

    return entry && slice_eq(feed_entry_octets(sorted->feed, entry), octets);
}

/* An entry without an id is only the same if its octets are. */
static bool has_entry(const struct sorted *sorted, const struct feed *feed, const struct feed_entry *entry)
{
    if (!entry->id.len)
        return has_same(sorted, entry->id, feed_entry_octets(feed, entry));
    return find(sorted, entry->id, SLICE("")) != NULL;
}

static bool is_around_equal(const struct feed *a, const struct feed *b)
{
    return slice_eq(a->encoding, b->encoding) && slice_eq(a->tags[0], b->tags[0]) && slice_eq(a->tags[1], b->tags[1]);
}

static uint32_t mark_news(struct comparing *c)
{
    bool is_equal = is_around_equal(&c->base, &c->current);
    uint32_t count = 0;

    for (size_t i = 0; i < c->current.entries.count; i++) {
        struct feed_entry *entry = &c->current.entries.list[i];

        entry->is_sent = !is_equal || !has_same(&c->base_sorted, entry->id, feed_entry_octets(&c->current, entry));
        count += entry->is_sent;
    }
    return count;
}

/* Whether something came that the base has not, beside what is only changed. */
static bool has_new(const struct comparing *c)
{
    for (size_t i = 0; i < c->current.entries.count; i++)
        if (!has_entry(&c->base_sorted, &c->current, &c->current.entries.list[i]))
            return true;
    return false;
}

/* DLT-65 */
static bool has_lost(const struct comparing *c)
{
    size_t count = c->base.entries.count, kept = 0, lost = 0;

    for (size_t i = 0; i < count; i++)
        if (has_entry(&c->current_sorted, &c->base, &c->base.entries.list[i]))
            kept = i + 1;
        else
            lost++;
    if (!lost || c->loss == FEED_LOSS_TOLD)
        return lost;
    /* with those behind the last one that is still there, all that are lost are counted */
    return lost != count - kept || c->current.entries.count < count || !has_new(c);
}

/* RSS 1.0 lists its entries in its head: those that are not sent are no more in the list. */
static bool is_listed(const struct comparing *c, const struct feed_entry *listed)
{
    const struct feed_entry *entry = listed->id.len ? find(&c->current_sorted, listed->id, SLICE("")) : NULL;

    return !entry || entry->is_sent;
}

static enum err write_parts(const struct comparing *c, struct stream_out *out)
{
    const struct feed_entries *entries = &c->current.entries, *listed = &c->current.listed;
    const char *octets = c->current.octets.ptr;
    size_t at = 0, i = 0, k = 0;
    enum err err = ERR_NONE;

    while (err == ERR_NONE && (i < entries->count || k < listed->count)) {
        bool is_list = i == entries->count || (k < listed->count && listed->list[k].from < entries->list[i].from);
        const struct feed_entry *next = is_list ? &listed->list[k++] : &entries->list[i++];

        if (is_list ? is_listed(c, next) : next->is_sent)
            continue;
        err = stream_out_write(out, slice_of(octets + at, next->blank - at));
        at = next->end;
    }
    if (err == ERR_NONE)
        err = stream_out_write(out, slice_of(octets + at, c->current.octets.len - at));
    return err == ERR_NONE ? stream_out_flush(out) : err;
}

static enum err compare(struct comparing *c, struct feed_news *news)
{
    if (c->base.format != c->current.format || c->current.is_whole)
        return ERR_UNSUPPORTED;
    sort(&c->base_sorted, &c->base);
    sort(&c->current_sorted, &c->current);
    if (has_lost(c))
        return ERR_MISSING;
    *news = (struct feed_news){.entries = mark_news(c), .all = (uint32_t)c->current.entries.count};
    /* "one or more", says RSS 1.0 (§5.5) of its items */
    return c->current.format == FEED_RDF && !news->entries ? ERR_UNSUPPORTED : ERR_NONE;
}

/* Half of what is left is for each of the two: entries, their ids, and the order of them. */
static enum err encode(struct comparing *c, struct slice base, struct slice current, size_t memory,
                       const struct delta_limits *limits, const struct delta_sink *out, struct feed_news *news)
{
    struct stream_out stream;
    enum err err = feed_read(&c->current, current, memory / 2, limits);

    if (err == ERR_NONE)
        err = feed_read(&c->base, base, memory / 2, limits);
    if (err == ERR_NONE)
        err = compare(c, news);
    if (err != ERR_NONE)
        return err;
    stream_out_init(&stream, out, limits);
    err = write_parts(c, &stream);
    stream_out_release(&stream);
    return err;
}

/* What reading and holding them takes beside their entries. */
static size_t held(const struct delta_source *base, const struct delta_source *current)
{
    size_t longer = base->size > current->size ? base->size : current->size;
    size_t orders = 2 * FEED_ENTRIES_MAX * sizeof(struct feed_entry *);

    return FEED_READ_COST * longer + (source_memory(base) ? 0 : base->size) +
           (source_memory(current) ? 0 : current->size) + 2 * STREAM_BLOCK + (orders < longer ? orders : longer);
}

enum err feed_encode(const struct delta_source *base, const struct delta_source *current, enum feed_loss loss,
                     const struct delta_limits *limits, const struct delta_sink *out, struct feed_news *news)
{
    struct comparing c = {.loss = loss};
    struct slice base_octets = SLICE(""), current_octets = SLICE("");
    char *base_owned = NULL, *current_owned = NULL;
    enum err err;

    if (base->size > FEED_OCTETS_MAX || current->size > FEED_OCTETS_MAX || held(base, current) > stream_memory(limits))
        return ERR_TOO_LARGE;
    err = stream_load(base, limits, &base_octets, &base_owned);
    if (err == ERR_NONE)
        err = stream_load(current, limits, &current_octets, &current_owned);
    if (err == ERR_NONE)
        err = encode(&c, base_octets, current_octets, stream_memory(limits) - held(base, current), limits, out, news);
    free(c.base_sorted.list);
    free(c.current_sorted.list);
    feed_release(&c.base);
    feed_release(&c.current);
    free(base_owned);
    free(current_owned);
    return err;
}
