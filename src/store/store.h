/*
 * store.h - the served folder: resources, their facts, and changes that are safe.
 *
 * The store knows paths (struct rpath), inodes and records; it knows nothing of HTTP. Every path is
 * resolved from the root's descriptor by openat2(RESOLVE_BENEATH | NO_SYMLINKS | NO_MAGICLINKS); links
 * are walked by the store itself. A name `.samovar` (any case of letters, any depth, also through a link)
 * and every file the configuration names is ERR_MISSING to every call.
 *
 * All calls are worker side except where said; a struct store is used by many workers at once.
 *
 * Beside this door stand those of its further rooms: tree.h (folders, COPY, MOVE, DELETE), members.h (walks),
 * props.h (properties), history.h (earlier contents), writelock.h (locks of WebDAV), quota.h, since.h (what changed).
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/histogram.h"
#include "base/role.h"
#include "base/rpath.h"

struct store;

enum store_durability { DURABILITY_FULL, DURABILITY_RELAXED };
enum store_symlinks { SYMLINKS_INSIDE, SYMLINKS_NEVER, SYMLINKS_ANYWHERE };
enum store_names { NAMES_OCTETS, NAMES_NFC };

/*
 * What the server that runs gives to the one that takes its place, for one folder (store_share()). The locks that keep
 * others out are never open: they belong to the descriptors, and both have those.
 */
struct store_shared {
    int root;  /* the folder, with its lock */
    int state; /* the lock file in the state folder; -1: the folder is not made yet */
    int page;  /* numbers and locks in common */
    uint64_t dev, ino;
    const char *state_path; /* borrowed */
    bool is_read_only;
    unsigned form; /* of records; another one cannot share them */
};

struct store_options {
    const char *root;
    const char *state; /* folder for `.samovar`'s content elsewhere on the same file system; NULL: root/.samovar */
    bool read_only;
    bool locks_durable;     /* write locks outlive a power cut, at the price of a sync each */
    uint32_t trash_days;    /* what was deleted is kept so long; 0: gone at once */
    uint64_t history_bytes; /* that earlier contents may take together; 0: a tenth of the file system */
    uint64_t derived_bytes; /* that what was made of contents may take (derived.h); 0: none is kept */
    enum store_durability durability;
    enum store_symlinks symlinks;
    enum store_names names;
    const char *const *refused_files; /* absolute paths that are never served (configuration, users), NULL-terminated */
    /*
     * A path that users' links led to, as it is without them: is it closed, so that no link leads there? Asked on
     * workers, of what is in the folder. NULL: nothing is.
     */
    bool (*is_closed)(void *arg, struct slice path);
    void *closed_arg;
    /*
     * NULL: nobody else serves it. Else the folder is shared with the one that gave this until that one has ended and
     * store_unshare() was called. Descriptors that were taken over are -1 afterwards.
     */
    struct store_shared *shared;
    void (*notice)(const char *line); /* where probes and troubles are told, one line each; NULL: nowhere */
};

/*
 * Opens the folder and takes its lock. ERR_BUSY: another server holds it; `why` then says who ("process
 * 4711"). Other failures say in `why`, in plain words, what is wrong and what to do. Writes nothing into
 * the folder: `.samovar/` is made at the first need, or finished (storage rules, "Start") if it is there.
 * Call before threads start, after the user to run as was taken, before the sandbox.
 */
enum err store_open(const struct store_options *options, struct store **out, struct buf *why);
/*
 * From now on threads may be made (the sandbox is entered), and nobody is served yet: locks on what is gone are dropped
 * after a crash. What an earlier run left in the trash goes meanwhile.
 */
void store_begin(struct store *store);
/* Queued metadata is flushed, the lock is given up. No call may be under way. */
void store_close(struct store *store);

/*
 * Another process is to serve the folder with us, and then instead of us: from now on what one process alone could
 * rely on is agreed upon with others (locks of resources, time stamps, names aside, records). The caller hands *out
 * over, then closes out->page; the others are still ours. ERR_UNSUPPORTED: it cannot be shared. Waits for changes that
 * are being committed.
 */
enum err store_share(struct store *store, struct store_shared *out) WORKER_SIDE;
/*
 * Looks whether those that we share with are gone; if so (or we never did), true, and all is ours: what they left
 * half done is swept. To be asked now and then.
 */
bool store_unshare(struct store *store) WORKER_SIDE;

/* The root cannot be written, was opened read-only, or a lost file system was noticed. Any side. */
bool store_is_read_only(const struct store *store);
/* True where inotify reports every change of others (no network, FUSE or overlay file system). Any side. */
bool store_reports_changes(const struct store *store);
/* Another process serves it, too, until it has ended. Any side. */
bool store_is_shared(const struct store *store);
/* Absolute, without links. Any side. */
const char *store_root_path(const struct store *store);
/* A failure made it read-only, while it was to be written. Any side. */
bool store_has_failed(const struct store *store);
/* Absolute path of the folder with the metadata, whether it exists yet or not. Any side. */
const char *store_state_path(const struct store *store);

/* Waits until the disk has what was promised (fsync and its like), of all stores of the process. */
struct store_syncs {
    struct histogram durations;
    atomic_uint_least64_t failures; /* of those */
};
/* Static; reading it needs no lock. Any side. */
const struct store_syncs *store_syncs(void);

enum kind { KIND_FILE, KIND_FOLDER };

enum { TAG_MAX = 40 };

/* What was true of a resource at one moment. */
struct facts {
    enum kind kind;
    uint64_t size;       /* files: bytes */
    int64_t modified_ns; /* since 1970 */
    int64_t changed_ns;  /* the file system's own: content, mode, names */
    int64_t floor_s;     /* what is shown as its Last-Modified is not below this (CND-09): facts_shown_s() */
    int64_t born_ns;     /* 0 where the file system does not know */
    uint64_t ino, dev;
    uint32_t mode, nlink;
    bool through_symlink; /* a user's symbolic link was on the path */
    bool is_weak;         /* the tag may outlive a change made in the same clock tick */
    bool has_traits;      /* set by who looked: a type or language was given to it (store/props.h) */
    bool is_fresh;        /* modified less than two seconds ago: Last-Modified is no strong validator yet */
    bool is_in_bound;     /* a binding is on the path (store/binding.h), where that was looked at */
    bool is_bound;        /* it has several names, or had: */
    unsigned char bound_id[16];
    char tag[TAG_MAX]; /* validator text, no quotes; "" for folders. One string for one content, everywhere */
    unsigned char tag_len;
};

static inline struct slice facts_tag(const struct facts *facts)
{
    return slice_of(facts->tag, facts->tag_len);
}

/* Whole seconds: what Last-Modified says, and what conditions on it are compared with. */
static inline int64_t facts_shown_s(const struct facts *facts)
{
    int64_t modified_s = facts->modified_ns / 1000000000;

    return modified_s < facts->floor_s ? facts->floor_s : modified_s;
}

/*
 * Facts of what is at `path`. ERR_MISSING, ERR_PARENT (a parent is no folder or missing), ERR_DENIED,
 * ERR_TOO_LONG. Sockets, fifos and devices are ERR_MISSING. ERR_NOT_FOLDER: path.has_slash and it is a file.
 */
enum err store_find(struct store *store, struct rpath path, struct facts *facts) WORKER_SIDE;

/*
 * The same, opened for reading (O_RDONLY, close-on-exec, for a folder O_DIRECTORY); the facts are those of
 * the descriptor. Never blocks on a fifo. The caller owns *fd and gives it back by store_close_file(), which
 * keeps it open long enough that its inode number cannot be handed out again within the same clock tick.
 */
enum err store_open_file(struct store *store, struct rpath path, int *fd, struct facts *facts) WORKER_SIDE;
/* Facts of an open descriptor as they are now; compare with facts_same_content(). */
enum err store_facts_of(struct store *store, int fd, struct facts *facts) WORKER_SIDE;
bool facts_same_content(const struct facts *a, const struct facts *b);
void store_close_file(struct store *store, int fd, const struct facts *facts);

/*
 * Who the resource is: 16 bytes of a UUID that stay the same over replacement and renaming, by anyone.
 * Showing it writes nothing, save where the file system has no births (then it is recorded first). Errors
 * as store_find().
 */
enum err store_id(struct store *store, struct rpath path, unsigned char id[16]) WORKER_SIDE;

/* A member of a folder, for listings. */
struct member {
    struct slice name; /* octets as on disk */
    struct facts facts;
    bool is_broken; /* unreadable, a broken or foreign link, a socket: name only */
    enum err err;   /* with it: a failure of the disk's or for want of something; what is there is not known */
};

/*
 * Calls each(member, arg) for every member, in directory order, `.samovar` and refused files left out; a
 * member that cannot be looked at is reported as broken. each() may return false to stop.
 */
enum err store_list(struct store *store, int folder_fd, struct rpath path, bool (*each)(const struct member *, void *),
                    void *arg) WORKER_SIDE;
/*
 * The same of those members whose names begin with `prefix`; the others are not even looked at. ERR_TOO_MANY: there are
 * more names than `most`, of which only so many were read.
 */
enum err store_list_like(struct store *store, int folder_fd, struct rpath path, struct slice prefix, uint64_t most,
                         bool (*each)(const struct member *, void *), void *arg) WORKER_SIDE;

/*
 * The condition under which a change may be made. holds() is called with the resource's lock held, directly
 * before the commit, with the facts of now (NULL: nothing is there) and what write locks say of this change
 * (store/writelock.h; valid during the call); false refuses with ERR_REFUSED.
 */
struct write_locks;
struct guard {
    bool (*holds)(void *arg, const struct facts *now, struct write_locks *locks);
    void *arg;
};

/* A file being written, until it is committed or dropped. Owned by its exchange's job; one job at a time. */
struct part;

/*
 * Starts an upload to `path`. length: bytes to come, or -1 when unknown; a disk that cannot hold a known
 * length is ERR_NO_SPACE at once. ERR_PARENT, ERR_IS_FOLDER (a folder is there), ERR_READ_ONLY, ERR_DENIED.
 * The guard is judged here for the first time (ERR_REFUSED) and again in part_commit().
 */
enum err part_open(struct store *store, struct rpath path, int64_t length, struct guard guard,
                   struct part **out) WORKER_SIDE;
/* Appends. Any failure but ERR_NONE means: part_release() it. */
enum err part_write(struct part *part, struct slice bytes) WORKER_SIDE;

struct commit {
    bool created;       /* nothing was there before */
    struct facts facts; /* of the new content */
    char kept[256];     /* the name, in the same folder, of what was replaced (part_keep()); "" if it is gone */
};
/*
 * Makes the written bytes the content of `path`, in one step that readers see whole or not at all; when it
 * returns ERR_NONE the content is durable (DURABILITY_FULL). After an error the old content is
 * untouched; only where the last sync failed (ERR_IO, and the site is read-only from then on) nobody can say which one
 * a crash would leave.
 */
enum err part_commit(struct part *part, struct guard guard, struct commit *out) WORKER_SIDE;
/* Frees it; what was not committed leaves no trace. NULL is fine. */
void part_release(struct part *part) WORKER_SIDE;

/*
 * What the client wants the new content to be, beside its bytes. Zeroed: nothing. Texts are copied. Given before
 * part_commit(); kept with the resource's traits (store/props.h).
 */
struct part_wish {
    bool has_modified; /* the file's own time: X-OC-Mtime */
    int64_t modified_ns;
    struct slice type;      /* Content-Type, where it is not what the name says; "": what the name says */
    bool keeps_type;        /* ... instead: the one that what is replaced has */
    struct slice checksums; /* verified by the caller, "SHA1:... MD5:..."; "" without */
    bool is_lazy;           /* nobody was promised the checksums: their record is not waited for */
};
void part_wish(struct part *part, const struct part_wish *wish) WORKER_SIDE;

/*
 * What is replaced may be kept beside the new content, as "name (label).ext": a new resource, which the properties do
 * not follow. Given before part_commit(). That gives ERR_UNSUPPORTED, and has changed nothing, where it is wanted and
 * cannot be done; ERR_QUOTA where there is no room for both.
 */
struct part_keep {
    /* Asked once the guard has admitted the change, as that is. NULL: nothing is kept. */
    bool (*wants)(void *arg, const struct facts *replaced);
    void *arg;
    struct guard guard; /* of a new name in the folder */
    struct slice label; /* without '/'; copied */
};
void part_keep(struct part *part, const struct part_keep *wish) WORKER_SIDE;

/*
 * Watches for the hot cache. Adds inotify watches on the file, its folder and every ancestor up to the
 * root, opens the file and reads its facts, in that order. watches: the descriptors' numbers, from the root
 * (watches[0]) to the file (watches[count-1]); with_others:
 * what is done to other files of its folder is told by watches[count-2], too. ERR_UNSUPPORTED where an entry must not
 * be kept (a link on the path, several names, no inotify), ERR_TOO_LARGE when count_max is too small or no watch is
 * left.
 */
enum err store_open_watched(struct store *store, struct rpath path, int inotify_fd, int *watches, unsigned count_max,
                            unsigned *count, bool with_others, int *fd, struct facts *facts) WORKER_SIDE;

/* Text about the store for the control socket: root, state, counts. Worker side. */
void store_describe(struct store *store, struct buf *out) WORKER_SIDE;

#endif
