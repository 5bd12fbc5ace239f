/*
 * put_private.h - what the files of PUT share.
 */
#ifndef METHOD_PUT_PRIVATE_H
#define METHOD_PUT_PRIVATE_H

#include "checksum.h"
#include "content_digest.h"
#include "method_private.h"

struct put_wish {
    struct part_wish wish;
    bool is_any;
    struct checksums checksums;     /* to be released */
    struct content_digests digests; /* the same */
};

/* 400: a checksum or a digest that cannot be read. */
struct verdict put_wish_read(struct exchange *ex, struct put_wish *out) LOOP_SIDE;
/* What is replaced may have to be kept beside it (put_keep.c). */
struct put_keep {
    bool is_on;
    struct slice label;
    struct change_guard *guard; /* of the PUT */
    struct change_guard beside; /* of the kept version's name */
    struct ledger *ledger;      /* what each client was given last, */
    uint64_t key;               /* this one's of this file; 0: nothing is remembered */
    bool is_wanted;             /* as judged last */
};

/* May let `guard` ask for a condition, where nothing can be kept. */
void put_keep_read(struct exchange *ex, struct change_guard *guard, struct put_keep *out) LOOP_SIDE;
/* Before the commit. */
void put_keep_tell(struct put_keep *keep, struct part *part) WORKER_SIDE;
/* The client knows this version: it is its own. */
void put_keep_note(const struct put_keep *keep, const struct facts *now) LOOP_SIDE;
/* Says in the answer where the kept version is. */
void put_keep_answer(struct exchange *ex, const struct commit *commit) LOOP_SIDE;
/* It had to be kept and could not, so nothing was done: verdict_of_guard() is the answer. */
bool put_keep_failed(struct put_keep *keep, enum err err) LOOP_SIDE;

/* Bytes to come, as told; -1: unknown. Only Content-Length can be relied on. */
int64_t put_length(const struct exchange *ex) LOOP_SIDE;

#endif
