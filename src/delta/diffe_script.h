/*
 * diffe_script.h - an ed script, read into a list of changes.
 */
#ifndef DELTA_DIFFE_SCRIPT_H
#define DELTA_DIFFE_SCRIPT_H

#include "delta/delta.h"

/* Lines of the base stay up to `keep`, are gone up to `until`; the text comes in their place. */
struct diffe_change {
    uint64_t keep, until;
    size_t text_at, text_len;
};

struct diffe_script {
    char *octets; /* what the changes' texts are in */
    struct diffe_change *changes;
    size_t count, room; /* in the order of the script: from the bottom to the top */
};

/*
 * Takes only what `diff -e` writes: a, c, d, "s/.//" behind a text, numbers; each change above the one before it. An
 * error as delta_decode() says, with its sentence. Release it in any case.
 */
enum err diffe_script_read(struct diffe_script *script, const struct delta_source *delta,
                           const struct delta_limits *limits, struct buf *why);
void diffe_script_release(struct diffe_script *script);

#endif
