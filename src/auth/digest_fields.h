/*
 * digest_fields.h - what an Authorization field of Digest says. Private to auth/.
 */
#ifndef AUTH_DIGEST_FIELDS_H
#define AUTH_DIGEST_FIELDS_H

#include "auth/auth.h"
#include "digest_hash.h"

/* Unquoted; in the arena, or in the field that was read. */
struct digest {
    enum digest_algorithm algorithm;
    struct slice name; /* of username or username* */
    struct slice realm, nonce, uri, response, cnonce;
    struct slice nc; /* as sent: it goes into the hash */
    uint32_t count;  /* nc's value, from 1 */
};

/*
 * RFC 7616 §3.4. ERR_INVALID: what is required is missing or said twice; another qop than auth, an algorithm that is
 * not offered; userhash=true, which neither is; a name, or a cnonce, that is not fit to be one. ERR_TOO_LARGE: the name
 * is. Parameters that nobody knows say nothing. Where the RFC wants a token a quoted string is taken too, and the other
 * way round: old clients did both.
 */
enum err digest_fields_parse(struct slice value, struct arena *arena, struct digest *out);

/*
 * Whether `uri` means the target of the request, which a proxy may have spelled anew (RFC 7616 §3.4.6): either may be
 * absolute, octets may be percent-encoded or not, and a folder's last slash may be missing, since macOS leaves it out.
 */
bool digest_uri_agrees(struct slice uri, struct slice target);

#endif
