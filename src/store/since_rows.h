/*
 * since_rows.h - the inside of what is remembered for sync-collection: since_rows.c keeps the rows and their sequence,
 * since_look.c compares them with the folder, since.c answers.
 */
#ifndef STORE_SINCE_ROWS_H
#define STORE_SINCE_ROWS_H

#include "identity.h"
#include "idrecord.h"
#include "meta.h"
#include "since_private.h"

enum {
    GONE_MAX = 100000,       /* removals that are remembered, some 40 MB of records at most */
    GONE_MAX_S = 30 * 86400, /* and for so long */
    ROW_BATCH = 1000,        /* rows that are written or read at once */
    ROW_KEY_MAX = 1 + ID_LEN + NAME_ROOM,
};

struct sinces {
    pthread_mutex_t mutex; /* protects all below, and keeps what is written in the order of its sequence */
    bool is_loaded;
    bool has_any; /* somebody asked for a report, ever */
    uint32_t epoch;
    uint64_t last;              /* sequence given out */
    uint64_t floor;             /* removals up to here may be forgotten */
    uint64_t gone;              /* removals remembered */
    pthread_mutex_t look_mutex; /* one comparison at a time: two would find the same changes */
};

enum {
    ROW_REMOVED = 1,
    ROW_RENEW = 2, /* a folder that came here with what is in it: all of that is new at this path */
    ROW_LINK = 4,  /* through a symbolic link: nobody goes down there */
};

struct row {
    uint64_t sequence, hash;
    enum kind kind;
    uint8_t flags;
    unsigned char id[ID_LEN]; /* of a folder, once it was looked at; else 0 */
};

struct slice row_key(char key[ROW_KEY_MAX], const unsigned char folder[ID_LEN], struct slice name);
/* False: there is none, or a damaged one. */
bool row_get(struct meta *meta, const unsigned char folder[ID_LEN], struct slice name, struct row *out);
bool row_read(struct slice value, struct row *out);

/* All rows of a folder, by name, removed ones as well. `batch` of them are in memory at a time. */
struct row_scan {
    struct meta *meta;
    unsigned batch_max;
    unsigned char folder[ID_LEN];
    struct meta_batch batch;
    unsigned at;
    bool is_begun;
    enum err err;
};
/* False: that was all, or err says why not. name is valid until the next call. */
bool row_scan_next(struct row_scan *scan, struct slice *name, struct row *row);
void row_scan_release(struct row_scan *scan);

/* Rows to be written together. Zeroed: none. */
struct row_batch {
    struct arena arena;
    struct row_change {
        unsigned char folder[ID_LEN];
        struct slice name;
        struct row row;
        bool is_new; /* it gets the next sequence */
    } * items;
    unsigned count;
};
void row_batch_add(struct row_batch *batch, const unsigned char folder[ID_LEN], struct slice name,
                   const struct row *row, bool is_new);
static inline bool row_batch_is_full(const struct row_batch *batch)
{
    return batch->count == ROW_BATCH;
}
/* Queues them, in their order, and empties the batch; they are seen at once. */
void row_batch_write(struct store *store, struct meta *meta, struct row_batch *batch);
void row_batch_release(struct row_batch *batch);

/* What the site's record says; made, with make, if there is none. ERR_MISSING without. */
enum err since_load(struct store *store, struct meta *meta, bool make);
/* Forgets what is too old or too much. */
void since_prune(struct store *store, struct meta *meta);

/* since_look.c: the rows are what the folder is, durably. plain: without links. */
enum err since_look(struct store *store, struct meta *meta, struct slice plain, bool is_deep);

#endif
