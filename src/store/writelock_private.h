/*
 * writelock_private.h - write locks from the inside: the table, where it is kept, who is within whose scope.
 *
 * All locks are in memory, found by the id of their resource and by token; the lock of the table is taken to read by
 * whoever judges, to write by whoever changes. What changes is written to a journal (writelock_journal.c) before it is
 * told, or to the records (locks_durable), from which the table is made anew at start. While two servers share the
 * folder, the page says that the other one has changed something (share.h).
 *
 * Order of locks: a resource's (lock.h), then the table's, then the byte of the page.
 */
#ifndef STORE_WRITELOCK_PRIVATE_H
#define STORE_WRITELOCK_PRIVATE_H

#include "core.h"
#include "identity.h"
#include "resolve.h"
#include "base/list.h"
#include "store/writelock.h"

enum {
    TOKEN_BYTES = 16,
    TABLE_BUCKETS = 1 << 14,
    TEXTS_MAX = 64 << 20, /* octets of owners and paths of all locks: past that no more are taken */
};

/* A lock that is held. Its texts are behind it, in one piece. */
struct held {
    struct link link; /* in writelocks.all, in the order in which they were made */
    struct held *next_by_id, *next_by_token;
    unsigned char id[ID_LEN], token[TOKEN_BYTES];
    bool is_exclusive, is_deep, has_slash;
    uint32_t seconds;
    int64_t until_ms; /* wall clock: for after a restart */
    int64_t due_ms;   /* clock of the machine, which nobody sets: for as long as we live */
    int64_t made_s;
    struct slice owner, user;
    struct slice root;  /* as it was asked for */
    struct slice plain; /* without links, when it was taken; begins with '/' outside of the root */
    struct lock_user *by;
};

/* For the limit of one user. */
struct lock_user {
    struct lock_user *next;
    struct slice name;
    unsigned count;
};

struct writelocks {
    pthread_rwlock_t lock; /* protects all below */
    struct link all;
    struct held **by_id, **by_token; /* NULL until there is one */
    struct lock_user **users;
    unsigned count;
    uint64_t bytes;                     /* of texts */
    int64_t next_due_ms;                /* when the next one ends; INT64_MAX without */
    int fd;                             /* the journal; -1: none yet */
    uint64_t size;                      /* of it, as far as it was read or written */
    uint64_t seen;                      /* share_page.lock_changes that are in the table */
    unsigned file_seen;                 /* share_page.lock_file that fd is */
    bool holds_page;                    /* since writelocks_begin() */
    char boot[37];                      /* this start of the machine; "" unknown */
    atomic_uint pending;                /* in the table, and being made durable */
    int64_t skew_real_ms, skew_boot_ms; /* tests set clocks by these */
};

/* ---- writelock_table.c: memory only ---- */

struct writelocks *writelocks_new(void);
void writelocks_free(struct writelocks *w);
int64_t writelocks_real_ms(const struct writelocks *w);
int64_t writelocks_boot_ms(const struct writelocks *w);

/* A copy of `like` with texts of its own, not in the table yet. */
struct held *held_new(const struct held *like);
/* Takes it over. A lock with the same token goes. */
void writelocks_add(struct writelocks *w, struct held *held);
void writelocks_remove(struct writelocks *w, struct held *held);
void writelocks_clear(struct writelocks *w);
struct held *writelocks_find(const struct writelocks *w, const unsigned char token[TOKEN_BYTES]);
/* The first one on this resource; then next_by_id, where others' ids may stand between. */
struct held *writelocks_on(const struct writelocks *w, const unsigned char id[ID_LEN]);
/* Whether one more of this size by this user is within the limits. */
bool writelocks_has_room(const struct writelocks *w, struct slice user, size_t bytes);
void held_time(struct writelocks *w, struct held *held, uint32_t seconds);
size_t held_bytes(const struct held *held);

/* ---- writelock_journal.c: the file ---- */

/* What an entry says. */
enum journal_kind { JOURNAL_PUT = 'p', JOURNAL_TIME = 'r', JOURNAL_DROP = 'd' };

/* Whole, as an entry's text and as a record's value. */
void held_encode(const struct held *held, struct buf *out);
/* NULL if it makes no sense. Ended ones too; due_ms follows from the clocks of now. */
struct held *held_decode(const struct writelocks *w, struct slice text);

/* Reads on from w->size, of the file that is there. */
void journal_read(struct store *store);
/* Opens the file; ERR_MISSING: none, or one that is not to be trusted (another start of the machine). */
enum err journal_open(struct store *store);
enum err journal_add(struct store *store, enum journal_kind kind, const struct held *held);
/* All that are held, in a new file. is_last: after this nobody writes, so it may be read in another boot. */
enum err journal_rewrite(struct store *store, bool is_last);
void journal_remove(struct store *store);

/* ---- writelock_keep.c: changes, one at a time over all processes ---- */

/* At store_open(), after the records'; at store_close(), before theirs. */
void writelocks_start(struct store *store);
void writelocks_stop(struct store *store);
/* From now on others may change the table as well: waits for what is on its way. */
void writelocks_share(struct store *store);

/* Takes the table to read it, as it is over all processes and without what has ended; to be unlocked. */
struct writelocks *writelocks_look(struct store *store);
/* The same, to change it. */
struct writelocks *writelocks_begin(struct store *store);
void writelocks_end(struct store *store);

/* A change of one lock, which is written before it is told. Zeroed; stays where it is until change_settle(). */
struct lock_change {
    enum journal_kind kind;
    unsigned char token[TOKEN_BYTES];
    struct buf record;
    bool is_open; /* what must be durable is not yet */
};
/* Between writelocks_begin() and writelocks_end(). An error: nothing was written. */
enum err change_write(struct store *store, struct lock_change *change, enum journal_kind kind, const struct held *held);
/* After writelocks_end(): waits until it is durable, where it has to be. Releases the change. */
enum err change_settle(struct store *store, struct lock_change *change);
/* Instead: nobody waits for it; also before writelocks_end(). */
void change_leave(struct store *store, struct lock_change *change);

/* ---- writelock_scope.c: who is within whose scope ---- */

struct scope {
    struct arena arena;
    struct id_path path; /* ids from the site's on */
    bool has_self;       /* the last one is that of what is there; else the folder's */
    bool is_folder;
    struct slice plain; /* of the place */
};

/* is_kept: as identity_path(). place NULL: the root. */
enum err scope_of_place(struct store *store, const struct place *place, bool is_kept, struct scope *out);
/* ERR_MISSING: nothing is there. */
enum err scope_of_path(struct store *store, struct rpath path, struct scope *out);
void scope_release(struct scope *scope);
/* The path of a place as struct held has it. */
struct slice place_plain(struct arena *arena, const struct place *place);
/* Whether the lock covers what is at the place, or would be covered by being put there. */
bool scope_covered_by(const struct scope *scope, const struct held *held);
bool held_is_below(const struct held *held, const struct scope *scope);
/* Those that cover it, the root's first. Begin with at NULL; NULL at the end. The table is locked. */
struct held *scope_next(const struct writelocks *w, const struct scope *scope, struct held *at);
void blockers_add(struct blockers *blockers, const struct held *held, bool is_below);

/* ---- writelock_ways.c: where bindings are on the way ---- */

/* All that are above by any way count as being on the path. */
enum err scope_add_ways(struct store *store, const struct place *place, struct scope *scope);
/* Of what the name at the place is a binding of. ERR_MISSING: it is none. */
enum err scope_of_binding(struct store *store, const struct place *name, struct scope *out);
/* What is at the place is bound from now on: the locks of it, and of what is below it, are found there. */
void locks_bound(struct store *store, const struct place *place, const unsigned char id[ID_LEN]);
/* Paths alone do not tell whose roots go by the name at this place (NULL: the root). */
bool way_matters(struct store *store, const struct place *place);
/* Locks whose root's path goes by the name at the place, in the arena. Looks at the disk: not with the table. */
struct passing {
    unsigned char token[TOKEN_BYTES];
    struct slice root;
    bool is_last; /* it is the root itself, not on the way there */
};
unsigned locks_passing(struct store *store, const struct place *place, struct arena *arena, struct passing **out);
/* The locked resource is below the folder by some way, as recorded. */
bool held_is_under(struct store *store, const struct held *held, const unsigned char folder[ID_LEN]);
/*
 * A bound resource gets a name at the place: ERR_LOCKED where a lock of it, or of what is in it, and one that covers
 * the place's folder deeply would exclude each other; `blockers` (may be NULL) has the roots.
 */
enum err locks_join(struct store *store, const struct place *name, const unsigned char id[ID_LEN],
                    struct blockers *blockers);

bool token_parse(struct slice text, unsigned char token[TOKEN_BYTES]);
/* What it was taken on is not to be found where it was taken any more. Not for whoever is in doubt: false. */
bool held_is_astray(struct store *store, const struct held *held);
/* The lock as the door shows it, texts in the arena. */
void held_show(const struct writelocks *w, const struct held *held, struct arena *arena, struct write_lock *out);

/* ---- writelock_drop.c: for whoever removes and moves ---- */

/*
 * After a name was removed or moved away, or what stood there replaced whole: locks rooted there or below it are gone
 * (DAV-077, DAV-104, DAV-135), and those on the resource with this id (NULL: not known). Free where there are no locks.
 * Called with the resource's lock held.
 */
void write_locks_drop(struct store *store, const struct place *place, const unsigned char id[ID_LEN]);
/* The same where a bound folder stays, with its own locks, and its members do not. */
void write_locks_drop_below(struct store *store, const struct place *folder);

/*
 * After a start that follows no clean stop, before anybody is served: a DELETE or MOVE that was cut off, or whose last
 * records a power cut took, may have left a lock on what is gone. Its time may be long and its token known to nobody.
 */
void writelocks_settle(struct store *store);

#endif
