/*
 * put_private.h - what the files of PUT share.
 */
#ifndef METHOD_PUT_PRIVATE_H
#define METHOD_PUT_PRIVATE_H

#include "checksum.h"
#include "content_digest.h"
#include "delta/delta.h"
#include "method_private.h"
#include "store/edit.h"
#include "store/history.h"

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

/* ---- an upload (put.c) ---- */

struct put;

/* How the bytes of a request become the content: all of it (put.c), a stretch (put_stretch.c), a delta (patch.c). */
struct put_form {
    struct guard (*guard)(struct put *put);
    enum err (*open)(struct put *put);                     /* put->part and what else it takes; the guard is judged */
    enum err (*take)(struct put *put, struct slice bytes); /* the next ones of the body */
    enum err (*make)(struct put *put); /* all of it arrived: the content is made, and may take long. NULL: it is */
    bool (*refuse)(struct exchange *ex, struct put *put); /* loop. Answers an error of its own; NULL: it has none */
};

/* What is wrong with a stretch, or with what would become of it. */
enum edit_wrong { EDIT_FINE, EDIT_GAP, EDIT_OTHER_LENGTH, EDIT_OTHER_BODY, EDIT_TOO_LARGE };

/* An upload that is smaller than its file (put_edit.c). The base is the content that it is about. */
struct put_edit {
    bool may_create;               /* nothing has to be there */
    bool is_open;                  /* what was judged first is the base; later it has to be the same */
    bool is_there;                 /* there is one */
    struct facts facts;            /* of it */
    int fd;                        /* the same, -1 without */
    bool is_missing;               /* it had to be there */
    bool has_changed;              /* it is another one meanwhile */
    uint64_t body_max;             /* limits: a content that grows may not grow beyond; 0: none */
    const atomic_bool *left;       /* the client is gone */
    struct content_digests result; /* what is said of the content, to be released */
    enum edit_wrong wrong;
    /* put_stretch.c */
    struct content_range range;
    uint64_t taken;
    /* patch.c */
    enum delta_kind kind;
    uint64_t room;    /* of the disk, for the result */
    bool is_unfit;    /* the delta was refused, not its result; */
    bool is_misfit;   /* in itself it is fine; */
    struct slice why; /* a sentence about it */
};

struct put {
    struct job job;
    const struct put_form *form;
    struct exchange *ex; /* loop only */
    struct store *store;
    struct rpath path;
    int64_t length; /* -1: unknown */
    struct change_guard guard;
    struct put_wish wish;
    struct put_keep keep;
    struct put_edit edit;
    struct history_limits history;                            /* what is replaced is kept so long */
    struct part *part;                                        /* with the job while it is under way */
    struct buf writing;                                       /* what the job writes */
    enum put_step { PUT_TAKES, PUT_MAKES, PUT_COMMITS } step; /* what the job does */
    bool is_opening, is_last;                                 /* besides, of PUT_TAKES; the body has ended */
    bool is_done;                                             /* committed */
    enum err err;                                             /* what the job met */
    const char *wrong_sum;                                    /* the field whose sum the bytes have not; NULL without */
    bool is_missing;                                          /* a folder's address, and no folder */
    struct commit commit;
    bool asked_for_body;
    struct job release; /* dropping an uncommitted part waits for the disk */
    struct pool *pool;
};

/* 413, 415: what the fields of the body refuse, whatever it is. */
struct verdict put_judge(const struct exchange *ex) LOOP_SIDE;
/* The exchange's state from now on, released with it. */
struct put *put_new(struct exchange *ex, const struct put_form *form) LOOP_SIDE;
/* Reads the fields that all forms have. 400. */
struct verdict put_read(struct exchange *ex, struct put *put) LOOP_SIDE;
/* Off it goes. */
void put_start(struct exchange *ex, struct put *put) LOOP_SIDE;

/* ---- put_edit.c ---- */

/* After put_read(): digests and checksums are those of the result; the type stays unless another is said. */
void put_edit_read(struct exchange *ex, struct put *put) LOOP_SIDE;
struct guard put_edit_guard(struct put *put);
/* The part, and the base opened: what the guard admitted. */
enum err put_edit_open(struct put *put) WORKER_SIDE;
void put_edit_close(struct put *put) WORKER_SIDE;
/* All of the base at that place; ERR_CHANGED: it became shorter. */
enum err put_edit_read_base(struct put *put, uint64_t at, void *room, size_t len) WORKER_SIDE;
bool put_edit_is_too_large(const struct put *put, uint64_t size);
/* Bytes of the result, in order: for what is said of it. */
void put_edit_sum(struct put *put, struct slice bytes) WORKER_SIDE;
bool put_edit_has_sums(const struct put *put);
/* Answers what edits have in common. False: it is something else. */
bool put_edit_refuse(struct exchange *ex, struct put *put) LOOP_SIDE;

/* ---- put_stretch.c ---- */

/* PUT with Content-Range. */
void put_stretch_plan(struct exchange *ex) LOOP_SIDE;

#endif
