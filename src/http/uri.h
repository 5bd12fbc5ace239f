/*
 * uri.h - request targets, and the one place where paths are decoded.
 *
 * Sources: RFC 9112 §3.2, RFC 9110 §4.2.3, RFC 3986 §2, §3.3; http1.md §8. A path is split at '/' first
 * and then decoded once, segment by segment, so no spelling can mean another file (H1-84, H1-91): targets,
 * Destination, hrefs in bodies and the rules of a configuration all come through path_decode().
 */
#ifndef HTTP_URI_H
#define HTTP_URI_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/rpath.h"
#include "http/method.h"

enum target_form { TARGET_ORIGIN, TARGET_ABSOLUTE, TARGET_ASTERISK, TARGET_AUTHORITY };

struct target {
    enum target_form form;
    struct slice scheme, authority; /* of TARGET_ABSOLUTE; authority also of TARGET_AUTHORITY (CONNECT) */
    struct slice path;              /* still encoded, begins with '/'; empty for asterisk and authority form */
    struct slice query;             /* without '?' */
    bool has_query;
    bool is_coffee;      /* a coffee URI: the path is that of a pot among the site's pots (RFC 2324 §3) */
    bool is_server_wide; /* `OPTIONS *`, also as OPTIONS of an absolute URI without path (RFC 9112 §3.2.4) */
};

/*
 * 0, or 400 with a static sentence in *why: empty, a fragment (H1-24), `*` with another method than OPTIONS
 * (H1-22), a bad authority or port (H1-23). Slices point into `target`, or at a static "/". Schemes other
 * than http and https are let through: the caller answers 421 (H1-21).
 */
int target_parse(struct slice target, enum method method, struct target *out, const char **why);

/*
 * The same of a coffee URI, in any language: coffee://h/pot-1?Cream, also without a host, which is that of Host then.
 * False: it is none. For servers that have pots: such a scheme may have a `%`, and is no URI elsewhere (COF-C8).
 */
bool target_parse_coffee(struct slice target, struct target *out);

enum path_result {
    PATH_OK,
    PATH_BAD,    /* answer 400 with *why */
    PATH_SLASHES /* has empty segments and is fine otherwise: redirect to the spelling of path_merge_slashes() (H1-88)
                  */
};

/* Octets of an encoded path past which it is PATH_BAD, and of a decoded one (PATH_MAX). */
enum { PATH_RAW_MAX = 12288, PATH_DECODED_MAX = 4095 };

/*
 * raw begins with '/'. Refused: %2F (H1-C5), %00, an incomplete or wrong `%` (H1-86), "." and ".." however
 * spelled (H1-85), more than PATH_DECODED_MAX octets. All other octets are kept exactly (H1-87).
 * The text is taken from the arena.
 */
enum path_result path_decode(struct slice raw, struct arena *arena, struct rpath *out, const char **why);

/* The encoded path with each run of '/' as one; octets that a URI cannot have are percent-encoded. */
void path_merge_slashes(struct slice raw, struct buf *out);

/*
 * A decoded path as an href, fit for Location and for attributes in HTML and XML: all but unreserved
 * characters, parentheses and '/' are percent-encoded. One form for every href we send. A leading run of '/' comes out
 * as one, so no path becomes another host (POL-09).
 */
void href_encode(struct buf *out, struct slice decoded);
/* The same for one segment: '/' is encoded too. */
void href_encode_segment(struct buf *out, struct slice decoded);
/* For text that is encoded already (a query, a raw target): only octets that no URI may hold are encoded. */
void uri_add_safe(struct buf *out, struct slice raw);
/* An encoded address with a request's query behind it, for Location; without one that is too long to be sent back. */
struct slice uri_with_query(struct arena *arena, struct slice encoded, bool has_query, struct slice query);

/* A scheme, a colon and more, all of it octets that may stand in `<...>` of a field: a state token, say. */
bool uri_is_absolute(struct slice text);
/* Not empty, no blanks, controls, angle brackets or double quotes. */
bool uri_is_bare(struct slice text);

/* One pass of percent-decoding, for query parameters: `+` stays. False for a wrong `%`. */
bool percent_decode(struct slice raw, struct arena *arena, struct slice *out);

#endif
