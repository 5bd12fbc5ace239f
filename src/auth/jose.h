/*
 * jose.h - what keys (RFC 7517) and tokens (RFC 7515) are written in: base64url and JSON. Private to auth/.
 *
 * Only where the JSON library jansson was found when building. Any side; pure.
 */
#ifndef AUTH_JOSE_H
#define AUTH_JOSE_H

#include <jansson.h>

#include "base/arena.h"

/* Claims and keys nest two or three deep; the parser recurses, and a worker's stack is small. */
enum { JSON_DEPTH_MAX = 16 };

/*
 * base64url without padding (RFC 7515 §2), into the arena. Strict: a second spelling of the same octets is no
 * base64url, so that nobody can change a signed token and have it pass.
 */
bool base64url_decode(struct slice text, struct arena *arena, struct slice *out);

/*
 * The one JSON object that the text is; json_decref() it. NULL: it is none, nests too deep, or says a name twice;
 * `error` has the line and what is wrong there.
 */
json_t *json_read(struct slice text, json_error_t *error);

/* A member that is a string; SLICE_NONE (ptr NULL): it is not there or something else. In the object's memory. */
struct slice json_text(const json_t *object, const char *name);

#endif
