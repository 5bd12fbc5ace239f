/*
 * writelock.c - taking, refreshing and giving up write locks (RFC 4918 §6, §9.10, §9.11).
 *
 * A lock is granted with the lock of the resource held (lock.h), so that nothing is put in its place meanwhile, and
 * under the table's, so that of two wishes that exclude each other one is granted.
 */
#include "writelock_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "facts.h"
#include "guard.h"
#include "part.h"

enum {
    TRIES_MAX = 16,      /* others who create and remove what is to be locked */
    SETTLE_MS_MAX = 1000 /* for changes that were admitted before a folder was locked */
};

/* ---- what is in the way ---- */

/* RFC 4918 §6.2: shared locks get on with each other. */
static bool excludes(const struct held *held, const struct lock_wish *wish)
{
    return held->is_exclusive || wish->is_exclusive;
}

static bool is_under(struct store *store, const struct held *held, const struct scope *scope)
{
    return scope->has_self && held_is_under(store, held, scope->path.ids[scope->path.count - 1]);
}

/* With the table. Where nothing is yet, what would cover it counts. */
static bool is_free(struct store *store, const struct writelocks *w, const struct scope *scope,
                    const struct lock_wish *wish, struct blockers *blockers)
{
    unsigned before = blockers->count;
    struct link *link, *following;

    for (struct held *at = NULL; (at = scope_next(w, scope, at));)
        if (excludes(at, wish))
            blockers_add(blockers, at, false);
    if (!wish->is_deep || !scope->is_folder)
        return blockers->count == before;
    LIST_EACH (&w->all, link, following) {
        const struct held *held = CONTAINER(link, struct held, link);

        if (excludes(held, wish) && (held_is_below(held, scope) || is_under(store, held, scope)))
            blockers_add(blockers, held, true);
    }
    return blockers->count == before;
}

static enum err judge_wish(struct store *store, const struct writelocks *w, const struct scope *scope,
                           const struct lock_wish *wish, size_t bytes, struct blockers *blockers)
{
    if (!is_free(store, w, scope, wish, blockers))
        return ERR_LOCKED;
    return writelocks_has_room(w, wish->user, bytes) ? ERR_NONE : ERR_TOO_MANY;
}

/* ---- granting ---- */

static void token_make(unsigned char token[TOKEN_BYTES])
{
    random_bytes(token, TOKEN_BYTES); /* RFC 9562 §5.4 */
    token[6] = (unsigned char)((token[6] & 0x0f) | 0x40);
    token[8] = (unsigned char)((token[8] & 0x3f) | 0x80);
}

static struct held *held_of(struct writelocks *w, struct rpath path, const struct scope *scope,
                            const struct lock_wish *wish)
{
    struct held like = {.is_exclusive = wish->is_exclusive,
                        .is_deep = wish->is_deep,
                        .has_slash = scope->is_folder,
                        .made_s = writelocks_real_ms(w) / 1000,
                        .owner = wish->owner,
                        .user = wish->user,
                        .root = path.text,
                        .plain = scope->plain};

    memcpy(like.id, scope->path.ids[scope->path.count - 1], ID_LEN);
    token_make(like.token);
    return held_new(&like);
}

/* With the table: all or nothing. */
static enum err grant(struct store *store, struct writelocks *w, struct held *held, uint32_t seconds,
                      struct lock_change *change)
{
    enum err err;

    held_time(w, held, seconds);
    err = change_write(store, change, JOURNAL_PUT, held);
    if (err == ERR_NONE)
        writelocks_add(w, held);
    else
        free(held);
    return err;
}

/* What was told to nobody is taken back. */
static void take_back(struct store *store, const unsigned char token[TOKEN_BYTES])
{
    struct writelocks *w = writelocks_begin(store);
    struct held *held = writelocks_find(w, token);

    if (held)
        writelocks_remove(w, held);
    writelocks_end(store);
}

/* The resource is there, its lock is held. */
static enum err grant_scope(struct store *store, struct rpath path, const struct scope *scope,
                            const struct lock_wish *wish, struct arena *arena, struct lock_grant *out,
                            struct blockers *blockers)
{
    struct writelocks *w = writelocks_begin(store);
    struct held *held = held_of(w, path, scope, wish);
    struct lock_change change = {0};
    enum err err = judge_wish(store, w, scope, wish, held_bytes(held), blockers);

    if (err != ERR_NONE)
        free(held);
    else if ((err = grant(store, w, held, wish->seconds, &change)) == ERR_NONE)
        held_show(w, held, arena, &out->lock);
    writelocks_end(store);
    if (err != ERR_NONE)
        return err;
    err = change_settle(store, &change);
    if (err != ERR_NONE)
        take_back(store, change.token);
    return err;
}

/* ---- where nothing is: an empty file (RFC 4918 §7.3, DAV-113) ---- */

struct creation {
    struct guard guard;
    bool is_taken; /* something is there meanwhile */
};

static bool may_create(void *arg, const struct facts *now, struct write_locks *locks)
{
    struct creation *creation = arg;

    role_assert_worker();
    creation->is_taken = now != NULL;
    return !now && (!creation->guard.holds || creation->guard.holds(creation->guard.arg, NULL, locks));
}

/* ERR_CHANGED: something is there. */
static WORKER_SIDE enum err create(struct store *store, struct rpath path, struct guard guard, struct facts *facts)
{
    struct creation creation = {.guard = guard};
    struct guard may = {may_create, &creation};
    struct commit commit;
    struct part *part = NULL;
    enum err err = part_open(store, path, 0, may, &part);

    if (err == ERR_NONE)
        err = part_commit(part, may, &commit);
    if (err == ERR_NONE)
        *facts = commit.facts;
    part_release(part);
    if (err == ERR_IS_FOLDER)
        return ERR_CHANGED;
    return err == ERR_REFUSED && creation.is_taken ? ERR_CHANGED : err;
}

/* ---- a wish ---- */

struct locking {
    struct store *store;
    struct rpath path;
    const struct lock_wish *wish;
    struct guard guard;
    struct arena *arena;
    struct lock_grant *out;
    struct blockers *blockers;
};

/* What we have just created ourselves was judged then. */
static bool admits(struct locking *to, const struct place *place, const struct facts *facts)
{
    if (to->out->created && to->out->facts.ino == facts->ino && to->out->facts.born_ns == facts->born_ns)
        return true;
    to->out->created = false;
    return guard_admits(to->store, to->guard, place, CHANGE_CONTENT, facts);
}

/* With the resource's lock; fd: what is there. */
static enum err lock_standing(struct locking *to, const struct place *place, int fd)
{
    struct scope scope;
    struct facts facts;
    enum err err = facts_of_fd(to->store, fd, &facts);

    if (err != ERR_NONE)
        return err;
    if (to->path.has_slash && facts.kind == KIND_FILE)
        return ERR_NOT_FOLDER;
    facts.through_symlink = place && place->through_symlink;
    if (!admits(to, place, &facts))
        return ERR_REFUSED;
    to->out->facts = facts;
    err = scope_of_place(to->store, place, true, &scope);
    if (err != ERR_NONE)
        return err;
    err = scope.has_self ? grant_scope(to->store, to->path, &scope, to->wish, to->arena, to->out, to->blockers)
                         : ERR_CHANGED;
    scope_release(&scope);
    return err;
}

static enum err lock_root(struct locking *to)
{
    LOCK_GUARD lock = {0};

    lock_take(&to->store->locks, &lock, to->store->root_dev, to->store->root_ino, SLICE_NONE);
    return lock_standing(to, NULL, to->store->root);
}

/* Before a file is made for it: what would be in the way then. */
static enum err foresee(struct locking *to, const struct place *place)
{
    struct writelocks *w;
    struct scope scope;
    enum err err = scope_of_place(to->store, place, false, &scope);

    if (err != ERR_NONE)
        return err;
    w = writelocks_look(to->store);
    err = judge_wish(to->store, w, &scope, to->wish, to->wish->owner.len, to->blockers);
    pthread_rwlock_unlock(&w->lock);
    scope_release(&scope);
    return err;
}

/* ERR_CHANGED: it came or went meanwhile, or was made just now: look again. */
static WORKER_SIDE enum err lock_place(struct locking *to, const struct place *place)
{
    FD_GUARD fd = -1;
    LOCK_GUARD lock = {0};
    enum err err;

    lock_take(&to->store->locks, &lock, place->dev, place->ino, slice_str(place->name));
    fd = open_beneath(place->folder, place->name, O_PATH);
    if (fd >= 0)
        return lock_standing(to, place, fd);
    if (errno != ENOENT)
        return err_from_errno(errno);
    lock_give(&lock);
    to->out->created = false;
    err = foresee(to, place);
    if (err == ERR_NONE)
        err = create(to->store, to->path, to->guard, &to->out->facts);
    to->out->created = err == ERR_NONE;
    return err == ERR_NONE ? ERR_CHANGED : err;
}

enum err store_lock(struct store *store, struct rpath path, const struct lock_wish *wish, struct guard guard,
                    struct arena *arena, struct lock_grant *out, struct blockers *blockers)
{
    struct locking to = {store, path, wish, guard, arena, out, blockers};
    enum err err = ERR_CHANGED;

    *out = (struct lock_grant){.created = false};
    if (store_is_read_only(store))
        return ERR_READ_ONLY;
    if (wish->owner.len > LOCK_OWNER_MAX)
        return ERR_TOO_LARGE;
    if (rpath_is_root(path))
        err = lock_root(&to);
    for (int i = 0; i < TRIES_MAX && err == ERR_CHANGED; i++) {
        struct place place;

        err = resolve_place(store, path.text, &place);
        if (err != ERR_NONE)
            break;
        err = lock_place(&to, &place);
        place_release(&place);
    }
    if (err == ERR_NONE && out->facts.kind == KIND_FOLDER) /* whoever was let in before is done before we are told */
        lock_table_settle(&store->locks, SETTLE_MS_MAX);
    return err;
}

/* ---- those that are there ---- */

/* With the table. */
static struct held *find_named(const struct writelocks *w, struct slice token)
{
    unsigned char bytes[TOKEN_BYTES];

    return token_parse(token, bytes) ? writelocks_find(w, bytes) : NULL;
}

/* What is gone has no scope, but a lock that was taken through its path can still be given up. */
static enum err look_at(struct store *store, struct rpath path, struct scope *scope)
{
    enum err err = store_has_locks(store) ? scope_of_path(store, path, scope) : ERR_MISSING;

    if (err == ERR_MISSING || err == ERR_PARENT)
        *scope = (struct scope){0};
    else
        return err;
    return ERR_NONE;
}

/*
 * The lock, if it was taken through this very path, as most are that are asked for: the file system is not looked at
 * then. Or if it covers what is at the path. With the table, which is held when this gives ERR_NONE, lock or no lock.
 */
static enum err begin_with(struct store *store, struct rpath path, struct slice token, struct writelocks **w,
                           struct held **held)
{
    struct scope scope;
    enum err err;

    *w = writelocks_begin(store);
    *held = find_named(*w, token);
    if (*held && slice_eq((*held)->root, path.text))
        return ERR_NONE;
    writelocks_end(store);
    err = look_at(store, path, &scope);
    if (err != ERR_NONE)
        return err;
    *w = writelocks_begin(store);
    *held = find_named(*w, token);
    if (*held && !scope_covered_by(&scope, *held) && !slice_eq((*held)->root, path.text))
        *held = NULL;
    scope_release(&scope);
    return ERR_NONE;
}

enum err store_lock_refresh(struct store *store, struct rpath path, struct slice token, struct slice user,
                            uint32_t seconds, struct arena *arena, struct write_lock *out)
{
    struct lock_change change = {0};
    struct writelocks *w;
    struct held *held;
    enum err err = begin_with(store, path, token, &w, &held);

    if (err != ERR_NONE)
        return err;
    if (!held)
        err = ERR_MISSING;
    else if (!slice_eq(held->user, user))
        err = ERR_DENIED;
    if (err == ERR_NONE) {
        held_time(w, held, seconds);
        err = change_write(store, &change, JOURNAL_TIME, held);
        held_show(w, held, arena, out);
    }
    writelocks_end(store);
    if (err == ERR_NONE)
        err = change_settle(store, &change);
    return err;
}

/* With the table. What could not be written down stays; `kept` is to be put back if it cannot be made durable. */
static enum err give_up(struct store *store, struct writelocks *w, struct held *held, struct lock_change *change,
                        struct held **kept)
{
    enum err err = change_write(store, change, JOURNAL_DROP, held);

    if (err != ERR_NONE)
        return err;
    *kept = held_new(held);
    writelocks_remove(w, held);
    return ERR_NONE;
}

/* Without the table: the end of give_up(). */
static enum err give_up_settle(struct store *store, struct lock_change *change, struct held *kept)
{
    enum err err = change_settle(store, change);

    if (err != ERR_NONE && kept) {
        writelocks_add(writelocks_begin(store), kept);
        writelocks_end(store);
    } else
        free(kept);
    return err;
}

/* A lock that may go, goes; with a reason not to, none does. Ends the change of the table that the caller began. */
static enum err unlock_and_end(struct store *store, struct writelocks *w, struct held *held, enum err why_not,
                               struct arena *arena, struct write_lock *out)
{
    struct lock_change change = {0};
    struct held *kept = NULL;
    enum err err = why_not, settled;

    if (err == ERR_NONE) {
        if (out)
            held_show(w, held, arena, out);
        err = give_up(store, w, held, &change, &kept);
    }
    writelocks_end(store);
    settled = give_up_settle(store, &change, kept);
    return err == ERR_NONE ? settled : err;
}

enum err store_unlock(struct store *store, struct rpath path, struct slice token, struct slice user, bool may_break,
                      struct arena *arena, struct write_lock *out)
{
    struct writelocks *w;
    struct held *held;
    enum err err = begin_with(store, path, token, &w, &held);

    if (err != ERR_NONE)
        return err;
    if (!held)
        err = ERR_MISSING;
    else if (!slice_eq(held->user, user) && !may_break)
        err = ERR_DENIED;
    return unlock_and_end(store, w, held, err, arena, out);
}

enum err store_lock_break(struct store *store, struct slice token, struct arena *arena, struct write_lock *out)
{
    unsigned char bytes[TOKEN_BYTES];
    struct writelocks *w;
    struct held *held;

    if (!store_has_locks(store) || !token_parse(token, bytes))
        return ERR_MISSING;
    w = writelocks_begin(store);
    held = writelocks_find(w, bytes);
    return unlock_and_end(store, w, held, held ? ERR_NONE : ERR_MISSING, arena, out);
}
