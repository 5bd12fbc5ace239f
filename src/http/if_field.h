/*
 * if_field.h - the If field of WebDAV (RFC 4918 §10.4): read once, judged where the states are known.
 *
 * All lists are about the request target (untagged), or each about the URL in front of it (tagged); a list holds if all
 * of its conditions do, the field if any list does. Any thread.
 */
#ifndef HTTP_IF_FIELD_H
#define HTTP_IF_FIELD_H

#include "base/arena.h"
#include "base/err.h"
#include "http/etag.h"

enum { IF_LISTS_MAX = 256, IF_CONDITIONS_MAX = 1024 }; /* of one field: each may cost a look at the folder */

struct if_condition {
    bool is_not, is_tag;
    struct slice token; /* a state token's URI, without brackets */
    struct etag tag;
};
struct if_list {
    struct slice resource; /* the tag's URI reference, without brackets; "" for the request target */
    const struct if_condition *conditions;
    unsigned count;
};
struct if_field {
    const struct if_list *lists;
    unsigned count;             /* 0: there is no such field */
    const struct slice *tokens; /* every token anywhere in it, each once: all are submitted (DAV-158) */
    unsigned token_count;
};

/* ERR_INVALID: malformed, mixed, or past a limit: 400 (DAV-152, DAV-162). Texts point into `value`. */
enum err if_field_parse(struct slice value, struct arena *arena, struct if_field *out);

/* Asked for each condition in turn until the field is decided. `resource` as in struct if_list. */
struct if_states {
    /* The resource is within the scope of a lock with this token, or it is a state token of it in another way. */
    bool (*has_token)(void *arg, struct slice resource, struct slice token);
    /* Its validators now; exists false: nothing is there (DAV-156). */
    struct validators (*validators)(void *arg, struct slice resource);
    void *arg;
};
/* An absent field holds. Tags compare strongly, save a weak one written exactly as the current one (DAV-C4). */
bool if_field_holds(const struct if_field *field, const struct if_states *states);

#endif
