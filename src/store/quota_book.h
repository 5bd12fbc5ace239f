/*
 * quota_book.h - the inside of quotas, shared by quota.c (roots and claims), quota_totals.c (records) and
 * quota_count.c (walks, and the thread that does them).
 */
#ifndef STORE_QUOTA_BOOK_H
#define STORE_QUOTA_BOOK_H

#include "identity.h"
#include "quota_private.h"

struct meta;

/* A folder that has a quota, or had one in this run: it is never freed before the store is, so claims may point to it.
 */
struct quota_node {
    char *path;        /* terminated; without links, below the root */
    uint64_t limit;    /* 0: no quota any more */
    uint64_t reserved; /* of all claims */
    struct quota_total used;
    bool is_known;    /* `used` goes along with every change */
    bool is_counted;  /* a walk has seen all of it in this run */
    bool is_tried;    /* a request has waited for that once: no other shall */
    bool is_doubted;  /* since the last count began, something changed that could not be counted */
    uint64_t due_ms;  /* when it is to be counted again; monotonic */
    uint64_t took_ms; /* the last count */
};

struct quotas {
    atomic_uint active;    /* nodes with a limit: 0 is the one branch that a site without quotas pays */
    pthread_mutex_t mutex; /* protects all below and their nodes, and keeps changes of the records in order */
    pthread_cond_t wake;
    struct quota_node **nodes;
    unsigned count, room;
    uint64_t changes; /* of totals so far */
    uint64_t moves;   /* folders that came from elsewhere with all in them */
    pthread_t thread;
    bool has_begun, has_thread, is_stopping;
    pthread_mutex_t count_mutex; /* of whoever counts a quota root: others wait for that one instead */
};

/* A record. */
struct quota_sums {
    struct quota_total direct; /* files in the folder itself */
    struct quota_total deep;   /* and in all below it */
};

struct quota_delta {
    int64_t bytes, files;
};

/* The ids of a folder and of all above it; release frees. */
struct lineage {
    unsigned char (*ids)[ID_LEN];
    unsigned count;
    uint64_t ino; /* the folder's */
};
enum err lineage_of(struct store *store, const char *folder, struct lineage *out);
void lineage_release(struct lineage *lineage);

static inline bool quota_is_on(struct store *store)
{
    return store->quotas && atomic_load_explicit(&store->quotas->active, memory_order_relaxed) > 0;
}

/* Whether the folder is at or below one that has a quota. With the mutex held. */
bool quota_is_below(const struct quotas *quotas, struct slice folder);

/* quota_totals.c. With the mutex held, but for lineage_of(). */
bool sums_get(struct meta *meta, const unsigned char id[ID_LEN], struct quota_sums *out);
/* Adds to the folder (direct) and to it and all above it up to the topmost quota root (deep), and to those roots. */
void totals_add(struct store *store, const char *folder, const struct lineage *lineage, struct quota_delta direct,
                struct quota_delta deep);
/* `used` from the record, which goes along with every change from then on. */
void node_load(struct store *store, struct quota_node *node, const struct lineage *lineage);

/* quota_count.c */
struct tally {
    struct quota_total found;
    uint64_t folders, wrong, mended; /* records */
    bool is_doubtful;                /* things changed in its way: what was mended is counted again soon */
};
enum count_mode {
    COUNT_SUM,     /* only how much there is: no records */
    COUNT_COMPARE, /* and which records say something else */
    COUNT_MEND,    /* and those are put right */
};
/* What is in the folder and below it. ERR_AGAIN: goes_on() said no. ERR_CHANGED: it is not there. */
enum err quota_count(struct store *store, struct slice folder, enum count_mode mode, struct progress progress,
                     struct tally *out);

/* quota_slow.c. Before a node's figures are used: they are loaded, and the first time counted if that is quick. */
void node_need(struct store *store, struct quota_node *node);
/* The thread, if there is something to do for it. With the mutex held. */
void quota_wake(struct store *store);
/* All is counted again soon. With the mutex held. */
void quota_doubt_all(struct store *store);

#endif
