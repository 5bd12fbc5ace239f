/*
 * digest.h - SHA-256 of contents, kept beside them.
 *
 * What a PUT stored is hashed as it comes, where a place's rules say so, and recorded with the resource's checksums
 * (store/props.h) under the content's tag: it goes with MOVE, is another's with the next content, and an earlier
 * content has its own (store/history.h). A record may be missing for any content: of other programs, or after a crash.
 */
#ifndef STORE_DIGEST_H
#define STORE_DIGEST_H

#include "store/store.h"

enum { SHA256_LEN = 32 };

/* Of the content at `path` that has these facts. ERR_MISSING: it is not known. Errors as store_find(). */
enum err store_digest_find(struct store *store, struct rpath path, const struct facts *facts,
                           unsigned char out[SHA256_LEN]) WORKER_SIDE;
/*
 * Somebody hashed it: to be kept, if it is still the content there, and has a strong tag. Not awaited, and nothing
 * fails by it.
 */
void store_digest_keep(struct store *store, struct rpath path, const struct facts *facts,
                       const unsigned char digest[SHA256_LEN]) WORKER_SIDE;
/* The newest earlier content of the file at `path` that has this digest, as store_version_by_tag(). */
enum err store_version_by_digest(struct store *store, struct rpath path, const unsigned char digest[SHA256_LEN],
                                 int *fd, struct facts *facts, uint64_t *number) WORKER_SIDE;

/*
 * Contents that were sent as compression dictionaries: where the one with this digest was. Noted once for each, of
 * 16384 at most; whether it is there still, now or as an earlier content, is to be looked at. ERR_MISSING: nobody noted
 * it.
 */
void store_dictionary_note(struct store *store, const unsigned char digest[SHA256_LEN], struct rpath path) WORKER_SIDE;
enum err store_dictionary_find(struct store *store, const unsigned char digest[SHA256_LEN], struct arena *arena,
                               struct rpath *out) WORKER_SIDE;
/* There is nothing of it at that place any more. */
void store_dictionary_forget(struct store *store, const unsigned char digest[SHA256_LEN]) WORKER_SIDE;

/* ---- samovar check --content ---- */

struct content_check {
    uint64_t files, versions; /* looked at and found as recorded */
    uint64_t unknown;         /* of which no digest is recorded */
    uint64_t rotten;
    uint64_t unread; /* could not be read */
    uint64_t bytes;  /* read */
    bool was_stopped;
};
/*
 * Reads every content of which a digest is recorded, also earlier ones, and compares. What others changed since has
 * another tag, and so no record; what changed with its tag as it was is rotten: a line in `out` for each, up to its
 * most. is_enough() (NULL: nobody) is asked between pieces with what was found so far; true stops it. ERR_BUSY: one is
 * going on.
 */
enum err store_check_content(struct store *store, bool (*is_enough)(void *arg, const struct content_check *now),
                             void *arg, struct buf *out, struct content_check *result) WORKER_SIDE;

#endif
