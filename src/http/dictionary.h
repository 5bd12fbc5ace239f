/*
 * dictionary.h - fields of Compression Dictionary Transport (RFC 9842). Pure.
 */
#ifndef HTTP_DICTIONARY_H
#define HTTP_DICTIONARY_H

#include "base/buf.h"
#include "base/slice.h"

enum {
    DICTIONARY_HASH = 32,     /* SHA-256 */
    DICTIONARY_ID_MAX = 1024, /* characters (RFC 9842 §2.1.3) */
    DICTIONARY_MATCH_MAX = 1024,
};

/* Available-Dictionary: a Byte Sequence of 32 octets (RFC 9842 §2.2). False: anything else, which is to be ignored. */
bool available_dictionary_read(struct slice value, unsigned char hash[DICTIONARY_HASH]);

/*
 * A match of our own origin: a URL pattern that begins with a slash and has no regular expression in it (RFC 9842
 * §2.1.1), of printable ASCII, so that it can stand in a field.
 */
bool dictionary_match_is_good(struct slice match);
bool dictionary_id_is_good(struct slice id);
/* The value of Use-As-Dictionary; id "": without. Both are good. */
void use_as_dictionary_write(struct buf *out, struct slice match, struct slice id);
/*
 * The same for one address alone, a path as clients spell it: what would be syntax of a pattern in it is escaped. One
 * that cannot stand in a field gives nothing.
 */
void use_as_dictionary_write_self(struct buf *out, struct slice address, struct slice id);

#endif
