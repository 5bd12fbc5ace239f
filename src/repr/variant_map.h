/*
 * variant_map.h - type maps (*.var) as Apache's mod_negotiation has them: variants of a resource, listed in a file.
 *
 * Records are parted by empty lines; a line that begins with a blank goes on with the one before; names of fields are
 * compared without case, `#` begins a comment line. Fields: URI, Content-Type (with charset, qs, and other parameters),
 * Content-Language (several), Content-Encoding, Content-Length, Description, Body (the variant itself, between two
 * equal marks), and our own: Features (RFC 2295 §6), Fallback (on: nothing but an address, RFC 2295 §5.1). A record
 * that has nothing but a URI is the map's own name, and no variant.
 */
#ifndef REPR_VARIANT_MAP_H
#define REPR_VARIANT_MAP_H

#include "http/variant.h"

enum { MAP_MAX = 1 << 20 }; /* octets of a map, bodies included: it is in memory while it is read */

struct map_variant {
    struct variant variant; /* .uri as it is written, "" for a body; .type with parameters but charset and qs */
    struct slice coding;    /* "gzip"; "" without */
    bool has_body;
    size_t body_at, body_len; /* in the text */
    unsigned line;            /* the record's first, for messages */
};
struct variant_map {
    struct map_variant list[VARIANTS_MAX];
    unsigned count;
};

/*
 * Texts point into `text` or live in the arena. False: it is no map, and `why` says on which line and what is wrong
 * there: "line 7: qs must be a number from 0 to 1".
 */
bool variant_map_read(struct slice text, struct arena *arena, struct variant_map *out, struct buf *why);

#endif
