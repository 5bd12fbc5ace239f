/*
 * core.h - the store's inside, shared by the files of this folder.
 *
 * Everything here is made by store_open() and afterwards only read, except what its comment says a lock or
 * an atomic protects.
 */
#ifndef STORE_CORE_H
#define STORE_CORE_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

#include "store/store.h"
#include "base/fd.h"
#include "keeper.h"
#include "lock.h"
#include "share.h"

struct meta;
struct writelocks;
struct quotas;
struct sinces;

enum { RECORDS_FORM = 1 }; /* of the records' keys and values */

enum {
    PATH_ROOM = 4096,  /* the kernel's own limit for a path, its terminator included */
    NAME_ROOM = 256,   /* the same for one name */
    LOCK_BUCKETS = 64, /* far above the number of workers that commit at once */
};

#define STATE_NAME ".samovar"
/* Where `up/` is on another volume than the target, uploads wait beside the target under this prefix. */
#define ASIDE_PREFIX ".samovar-up-"

/* An inode's key in the records. btime 0: the file system does not tell a stable one. */
struct inode {
    uint64_t ino;
    int64_t btime_ns;
};

/* A file that the configuration names. */
struct refused {
    char *absolute; /* as the configuration has it */
    char *relative; /* resolved, below the root; NULL: it is not below the root */
    atomic_ullong dev, ino;
};

/* What is in the trash and may be emptied (trash.c); work is the keeper's alone. */
struct trash {
    pthread_mutex_t mutex; /* protects given and wants_scan */
    struct link given;     /* names that were deleted in this run, settled */
    bool wants_scan;       /* what earlier runs left, or what was kept long enough */
    struct emptying *work;
    void *scan;        /* a DIR */
    uint64_t again_ms; /* monotonic: when to look for what was kept long enough */
    int64_t told_s;
};

/* Earlier contents (history_private.h). */
enum { HISTORY_PERCENT = 10 }; /* of the file system, for all of them, unless the options say how much */
struct history {
    atomic_uint_least64_t bytes; /* of all versions, as far as known */
    atomic_bool has_any;         /* false: there is none, so that nobody need look. True too early is fine */
    atomic_bool is_counted;      /* bytes holds what earlier runs left, too */
    atomic_bool is_due;          /* the keeper has to look: at start, and when there is too much */
    uint64_t again_ms;           /* the keeper's: when to look for what is too old */
    uint64_t began_ns;           /* numbers below are of earlier runs */
};

/* What was made of contents (derived_private.h). */
struct derived_cache {
    atomic_uint_least64_t bytes; /* as far as known */
    atomic_bool is_due;          /* the keeper has to look: at start, and when there is too much */
};

/* Where contents were that clients have as dictionaries (digest_place.c). */
struct dictionary_places {
    unsigned most;     /* that are noted */
    atomic_uint noted; /* in this run: now and then they are counted */
};

/* `.samovar`, made at the first need. `mutex` protects the making; after `is_made` the rest only is read. */
struct state {
    pthread_mutex_t mutex;
    atomic_bool is_made;
    char *path;
    bool is_elsewhere; /* --state */
    int folder, lock, up, trash, history, derived, bound, stamp;
    bool has_lock;     /* else the server has it that made the folder while we shared */
    uint64_t dev, ino; /* of the folder itself: no path may reach it */
    bool was_unclean;
};

/* Folders that moved with links in them (bound_text.c). */
enum { RETEXTS_MAX = 256 /* that wait: others are left to `samovar check` */ };
struct retexts {
    unsigned char folders[RETEXTS_MAX][16];
    unsigned count; /* under bindings_mutex */
};

/* What this file system cannot do, learned when it first refuses (storage rules, "Fallbacks"). */
enum missing {
    MISSING_TMPFILE,
    MISSING_EXCHANGE,
    MISSING_LINK,
    MISSING_NOREPLACE,
    MISSING_FOLDER_SYNC,
    MISSING_XATTR,
    MISSING_RECORDS,
    MISSING_UP, /* the target is on another volume than `.samovar` */
    MISSING_COUNT
};

/* Kinds of records that exist here; false: none, so that nobody need look. True too early is fine. */
struct prop_kinds {
    atomic_bool props, traits, floors;
    atomic_bool forwards;                /* forward.c */
    atomic_bool bindings, bound_folders; /* bindings.c */
    atomic_uint_least64_t
        generation; /* moves on with each change of a record of a resource, before it is acknowledged */
};

struct store {
    struct store_options options; /* root, state, refused_files are not to be used: see below */
    char run[24];                 /* tells what this run has recorded for a while only from what others left */
    char *root_path;              /* resolved */
    int root;                     /* O_PATH */
    int root_held;                /* O_RDONLY: carries the flock that keeps a second server out */
    int slash;                    /* "/", only with SYMLINKS_ANYWHERE; else -1 */
    uint64_t root_dev, root_ino;
    struct inode root_inode;
    struct refused *refused;
    size_t refused_count;

    struct hash_key salt; /* for tags and derived ids */
    unsigned char site_id[16];
    bool has_btime; /* it exists and is stable */
    bool reports_changes;
    mode_t mask;     /* the process's umask, which can only be asked for by changing it */
    int64_t tick_ns; /* for so long others' modification times may stand for two contents */

    atomic_bool is_read_only;
    atomic_bool is_told[MISSING_COUNT];
    struct share share;
    bool was_read_only;      /* from the start */
    unsigned failures;       /* on the page when we began; more are a failure for us */
    uint64_t first_sequence; /* of names in up/ and trash/ of this run */

    struct state state;
    pthread_mutex_t meta_mutex;  /* protects the making of meta */
    _Atomic(struct meta *) meta; /* NULL until there is a record */
    struct prop_kinds kinds;     /* propset.h */

    struct lock_table locks;
    struct lock_table
        brew_locks; /* held for as long as a pot takes to obey, which no change of a file is to wait for */
    struct writelocks *writelocks; /* writelock_private.h */
    struct keeper keeper;
    struct quotas *quotas; /* quota_private.h */
    struct sinces *sinces; /* since_private.h */
    struct trash trash;
    struct history history;
    struct derived_cache derived;
    struct dictionary_places dictionaries;
    pthread_mutex_t stamp_mutex;
    struct retexts retexts;
    pthread_mutex_t bindings_mutex; /* held to decide that a resource has no name left, or to record a new one */
};

/* One line for the log. */
void store_notice(struct store *store, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Tells once that a fallback is in use. */
void store_lacks(struct store *store, enum missing what);
bool store_is_lacking(struct store *store, enum missing what);
/* A durable write was lost or may have been: no more changes (storage rules, "Pulse"). Gives ERR_IO. */
enum err store_fail(struct store *store, const char *what);

/* `.samovar` and what is in it; makes it if need be. */
enum err state_need(struct store *store);
/* At store_open(): looks whether `.samovar` is there and is ours, locks and finishes it. */
/* The lock file that this process or another one holds; -1 without. */
int state_lock_fd(struct store *store);
enum err state_start(struct store *store, struct buf *why);
void state_stop(struct store *store);
/* Keeps a second server out; needs no `.samovar`. */
enum err state_hold_root(struct store *store, struct buf *why);

/* No server but this one: what others left is swept, what one of us has to hold is ours. */
void state_own(struct store *store);

/* A modification time of our own: unique and rising, over restarts too. */
int64_t stamp_next(struct store *store);
/* One of our contents gets a time that somebody else chose. */
void stamp_note(struct store *store, int64_t modified_ns);
/* What an earlier run gave out last, once `.samovar` is open; and what is left to a later one. */
void stamp_learn(struct store *store);
void stamp_settle(struct store *store);
bool stamp_is_own(struct store *store, int64_t modified_ns);

/* The records: opened at store_open() if they are there, made at the first need otherwise. */
enum err records_start(struct store *store, struct buf *why);
enum err records_need(struct store *store, struct meta **out);
/* Those that are there: NULL if nobody has made any. */
struct meta *records_find(struct store *store);
/* While we share nothing is left in the queue for later. */
void records_share(struct store *store, bool is_shared);
void records_stop(struct store *store);

/* inotify tells of every change on the file system of this descriptor: no network, FUSE or overlay (store.c). */
bool volume_reports_changes(int fd);

#endif
