/*
 * feed.h - what is new in a feed: the instance manipulation "feed" (the convention RFC3229+feed; DLT-61..65).
 *
 * From two instances of an Atom (RFC 4287), RSS 2.0 (and 0.9x) or RSS 1.0 (RDF) document a complete feed is made: the
 * current one, octet for octet, without the entries that the base has just so. It is no delta that is put together
 * with its base again; a newsreader takes it as it would take the whole.
 *
 * Entries are the same when they have the same id (atom:id; guid, else link; rdf:about, else link) and the same octets.
 * Whether something is a feed is seen by its content. Encodings: UTF-8, UTF-16, ISO-8859-1 and US-ASCII.
 *
 * Neither side: as delta.h. A feed is held in memory: both instances, if they are not there already.
 */
#ifndef DELTA_FEED_H
#define DELTA_FEED_H

#include "delta/delta.h"

/* A feed longer than this is not parted. Those of podcasts, with all they ever had, reach ten megabytes. */
enum { FEED_OCTETS_MAX = 32 << 20 };
/* Entries of one instance. */
enum { FEED_ENTRIES_MAX = 1 << 16 };

/* How much of a document's start says what it is. */
enum { FEED_LOOK = 4096 };
/* Whether a document that begins so may be a feed: its root element is one's. `start`: FEED_LOOK octets, or all. */
bool feed_begins(struct slice start);

/* What is to be thought of entries that the base has and the current instance lacks. */
enum feed_loss {
    FEED_LOSS_TOLD, /* they were removed, which a feed cannot say: ERR_MISSING (DLT-65) */
    /* A feed of the last N entries loses its oldest with each new one. Where those that are lost were the last ones of
       the base, something new came, and there are not fewer entries than before, nothing was removed. */
    FEED_LOSS_ROLLING,
};

struct feed_news {
    uint32_t entries; /* in what was written: 0 where nothing is new but the head */
    uint32_t all;     /* of the current instance */
};

/*
 * Writes the entries that are new or changed since the base, with all that is around them. Errors that mean "send the
 * whole": ERR_UNSUPPORTED: one of the two is no well-formed feed, or they are of different kinds, or the feed cannot be
 * without some of its entries (it is marked as complete or as an archive, RFC 5005 §2, §4; it is signed; it has text
 * between them; RSS 1.0 with none at all); ERR_MISSING: see feed_loss; ERR_TOO_LARGE: past the limits. What was written
 * before an error is worth nothing. `news` is filled where nothing went wrong.
 */
enum err feed_encode(const struct delta_source *base, const struct delta_source *current, enum feed_loss loss,
                     const struct delta_limits *limits, const struct delta_sink *out, struct feed_news *news);

#endif
