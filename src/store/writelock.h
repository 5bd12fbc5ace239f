/*
 * writelock.h - write locks: exclusive and shared, of one resource or of all below it (RFC 4918 §6, §7).
 *
 * A lock belongs to a resource (by its id) and remembers the path of its root, through which it was taken. It protects
 * the resource, and for a folder its membership; a deep one everything below as well, whatever is added later. It ends
 * by store_unlock(), when its time is over, when its root is removed or moved by a request, or by an administrator.
 *
 * Locks are few: all are in memory, and written to records of their own at once, so they outlive the process (and a
 * power cut with LOCKS_DURABLE). A store without locks answers every question here without looking anywhere.
 */
#ifndef STORE_WRITELOCK_H
#define STORE_WRITELOCK_H

#include "store/store.h"

enum {
    LOCK_TOKEN_LEN = 45,      /* "urn:uuid:" and a UUID */
    LOCK_OWNER_MAX = 8192,    /* octets of a lock's owner element; kept in memory for each lock */
    LOCKS_MAX = 65536,        /* of one folder: some 50 MiB at worst */
    LOCKS_OF_USER_MAX = 4096, /* so that one user cannot take all of them */
    LOCK_SECONDS_MAX = 86400, /* default of the cap, a day (DAV-C13) */
    BLOCKERS_MAX = 100,       /* roots of locks in the way that are told */
};

struct write_lock {
    struct slice token; /* "urn:uuid:..." */
    bool is_exclusive, is_deep;
    struct slice owner; /* the DAV:owner element as sent, serialised to stand alone; "" without */
    struct slice user;  /* who made it; "" for the anonymous one */
    struct rpath root;  /* has_slash: a folder */
    uint32_t seconds;   /* as granted */
    uint32_t left_s;
    int64_t made_s; /* wall clock */
};

/* Who asks, and the tokens that the request submits (every token anywhere in its If field, DAV-158). */
struct bearer {
    struct slice user;
    const struct slice *tokens;
    unsigned count;
};

/* A lock in the way: the root of it. */
struct blocker {
    struct rpath root;
    bool is_below; /* of a resource below the one that was asked for */
};
struct blockers {
    struct arena *arena; /* the caller's: where texts live */
    struct blocker list[BLOCKERS_MAX];
    unsigned count; /* each root once */
};

/* What a change does, which decides whose locks count. */
enum change_kind {
    CHANGE_CONTENT, /* content or properties of what is there; where nothing is, its creation: then the folder's too */
    CHANGE_REMOVE,  /* the name goes, or what it stands for is replaced whole: the folder's, its own, and all below */
};

/* ---- for guards: about the resource that is being changed, in holds() ---- */

/* The resource, as it is now, is within the scope of the lock with this token (DAV-155). */
bool write_locks_cover(struct write_locks *locks, struct slice token) WORKER_SIDE;
/*
 * The bearer submits what this change needs: for each locked resource that it touches at least one token of a lock
 * that covers it, made by the same user (DAV-128). False: `out` has the roots of what is in the way.
 */
bool write_locks_admit(struct write_locks *locks, const struct bearer *bearer, struct blockers *out) WORKER_SIDE;
/* Why a false is no answer: the place could not be looked at, so nobody knows whose locks count. ERR_NONE else. */
enum err write_locks_error(const struct write_locks *locks);

/* ---- about any path ---- */

/* Any side, no lock taken: false means that no lock exists. */
bool store_has_locks(const struct store *store);
bool store_lock_covers(struct store *store, struct rpath path, struct slice token) WORKER_SIDE;
/* Those that cover what is at the path, roots at or above it, the nearest last; texts in the arena. */
enum err store_locks_at(struct store *store, struct rpath path, struct arena *arena, struct write_lock **out,
                        unsigned *count) WORKER_SIDE;
/*
 * For listings: those that cover the folder or anything below it. Which of them cover a member is told by
 * write_lock_is_over(), by path.
 */
enum err store_locks_within(struct store *store, struct rpath folder, struct arena *arena, struct write_lock **out,
                            unsigned *count) WORKER_SIDE;
/* The lock's root is the path, or above it and the lock is deep. Pure. */
bool write_lock_is_over(const struct write_lock *lock, struct slice path);

/* ---- taking and giving ---- */

struct lock_wish {
    bool is_exclusive, is_deep;
    struct slice owner; /* at most LOCK_OWNER_MAX */
    struct slice user;
    uint32_t seconds; /* already capped by the caller */
};
struct lock_grant {
    struct write_lock lock; /* texts in the arena that was given */
    bool created;           /* nothing was there: an empty file is now (DAV-113) */
    struct facts facts;
};
/*
 * ERR_LOCKED: another lock is in the way, at or above the path or (deep wishes) below it: blockers has the roots.
 * ERR_TOO_MANY: past LOCKS_MAX or LOCKS_OF_USER_MAX. ERR_PARENT, ERR_DENIED, ERR_READ_ONLY, ERR_NO_SPACE. The guard
 * is judged with the facts of now; where nothing is, it admits creation or not.
 */
enum err store_lock(struct store *store, struct rpath path, const struct lock_wish *wish, struct guard guard,
                    struct arena *arena, struct lock_grant *out, struct blockers *blockers) WORKER_SIDE;
/* Starts the time anew. ERR_MISSING: no such lock covers the path. ERR_DENIED: another user's. */
enum err store_lock_refresh(struct store *store, struct rpath path, struct slice token, struct slice user,
                            uint32_t seconds, struct arena *arena, struct write_lock *out) WORKER_SIDE;
/*
 * ERR_MISSING: no such lock covers the path (DAV-132). ERR_DENIED: another user's, and may_break is false (DAV-133).
 * `out` (may be NULL) gets the lock that went.
 */
enum err store_unlock(struct store *store, struct rpath path, struct slice token, struct slice user, bool may_break,
                      struct arena *arena, struct write_lock *out) WORKER_SIDE;

/* ---- for administrators ---- */

enum err store_locks_all(struct store *store, struct arena *arena, struct write_lock **out,
                         unsigned *count) WORKER_SIDE;
/* Whoever made it. ERR_MISSING. */
enum err store_lock_break(struct store *store, struct slice token, struct arena *arena,
                          struct write_lock *out) WORKER_SIDE;

#endif
