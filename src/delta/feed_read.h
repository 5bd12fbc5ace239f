/*
 * feed_read.h - where in a document the entries of a feed are. Private to feed.
 */
#ifndef DELTA_FEED_READ_H
#define DELTA_FEED_READ_H

#include "base/arena.h"
#include "feed.h"

enum feed_format { FEED_ATOM, FEED_RSS, FEED_RDF };

/* An entry; or where RSS 1.0 lists one in its head. */
struct feed_entry {
    struct slice id; /* UTF-8; empty: it has none */
    size_t blank;    /* where the blanks before it begin, which go with it */
    size_t from, end;
    bool is_sent;
};

struct feed_entries {
    struct feed_entry *list;
    size_t count, room;
};

struct feed {
    enum feed_format format;
    struct slice octets;
    bool is_whole;         /* it says itself that it is all, or is signed, or has text between its entries */
    struct slice encoding; /* as declared, or empty */
    struct slice tags[2];  /* start tags around the entries: what they mean may hang on these */
    struct feed_entries entries, listed;
    struct arena arena;
};

/* Octets that a document's reading takes beside its entries, for each octet: names and tags. */
enum { FEED_READ_COST = 2 };

/* `memory`: octets for entries and ids. Errors as feed_encode(). Release it in any case. */
enum err feed_read(struct feed *feed, struct slice octets, size_t memory, const struct delta_limits *limits);
void feed_release(struct feed *feed);

static inline struct slice feed_entry_octets(const struct feed *feed, const struct feed_entry *entry)
{
    return slice_of(feed->octets.ptr + entry->from, entry->end - entry->from);
}

#endif
