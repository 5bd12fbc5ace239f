/*
 * derive.h - forms of contents that are made of them and kept (store/derived.h): deltas, compressed forms.
 *
 * What is made has a name made of all that it depends on: how, and the strong tags of what it is made of. So the same
 * name always means the same octets (RFC 3229 §5.7 has clients resume by that), and what turned out not to be worth
 * having is remembered, too. Work is bounded by time, by memory, and by how much of it goes on at once.
 */
#ifndef METHOD_DERIVE_H
#define METHOD_DERIVE_H

#include <stdatomic.h>

#include "delta/delta.h"
#include "http/im.h"
#include "repr/coding.h"
#include "store/store.h"

/* A stretch of a file, whose descriptor is borrowed. */
struct octets {
    int fd;
    uint64_t at, size;
};
struct delta_source octets_source(const struct octets *octets);

/* For whom and how long. */
struct derive {
    struct store *store;
    const atomic_bool *left; /* the client's; NULL: nobody waits */
    bool is_any_size;        /* what is no smaller is wanted all the same */
    bool is_rolling;         /* of feeds: FEED_LOSS_ROLLING */
    bool is_kept;            /* only what is there already: ERR_BUSY where it would have to be made */
    bool is_once;            /* nobody is likely to ask for it again: it is made, and not kept */
    /* Before something is kept: the file that it was made of still is as its tag says. NULL: it cannot change. */
    bool (*holds)(void *arg);
    void *arg;
};

/* A version of a file, or a stretch of it. */
struct instance {
    struct octets octets;
    struct slice tag; /* strong, no quotes */
};

/*
 * What makes `target` of `base` (im_is_delta()). out->fd is the caller's, by close(). ERR_TOO_LARGE: it would be no
 * smaller than the target; ERR_UNSUPPORTED: it cannot be expressed so, or there is no time and room for it now;
 * ERR_CHANGED: holds() said no; ERR_AGAIN: the client left.
 */
enum err derive_delta(const struct derive *derive, enum im im, const struct instance *base,
                      const struct instance *target, struct octets *out) WORKER_SIDE;
/* A content, coded. As above; `name` says what the content is: a tag, or what made it of which. */
enum err derive_coded(const struct derive *derive, enum coding coding, const struct octets *content, struct slice name,
                      struct octets *out) WORKER_SIDE;
/* The other way round: what a coded content is of; its size is bounded. ERR_INVALID: it is not coded so. */
enum err derive_decoded(const struct derive *derive, enum coding coding, const struct octets *content,
                        struct slice name, struct octets *out) WORKER_SIDE;
/* The library that makes it, and how, in so many hex digits: tags are the same where the octets are. Any side. */
enum { CODING_MAKER_HEX = 8 };
void derive_maker(enum coding coding, char out[CODING_MAKER_HEX]);

/*
 * A content as "dcz" (repr/coding.h): `base` is the dictionary, `hash` its SHA-256. As derive_delta().
 */
enum err derive_dcz(const struct derive *derive, const struct octets *dictionary, const unsigned char hash[32],
                    const struct instance *target, struct octets *out) WORKER_SIDE;

#endif
