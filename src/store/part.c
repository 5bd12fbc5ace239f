/*
 * part.c - a file being written, until it is committed or dropped.
 *
 * The bytes go to an unnamed file in the target's own folder, so it inherits what new files there inherit.
 * part_commit() finishes it (attributes, time stamp, fsync), takes the resource's lock, judges the guard
 * with the facts of that moment and puts it in its place in one step (land.c). The place is looked up anew
 * then: the folder may have been moved, even out of the root, while the bytes came.
 */
#include "part.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/statvfs.h>

#include "base/arena.h"
#include "bound.h"
#include "facts.h"
#include "guard.h"
#include "history_private.h"
#include "identity.h"
#include "keep.h"
#include "propset.h"
#include "sync.h"

enum {
    PUSH_BYTES = 8 << 20,  /* written back meanwhile, so that the last fsync of a long upload is short */
    CLAIM_BYTES = 1 << 20, /* of a quota at once, where the length is unknown */
    JUDGE_MAX = 16,        /* others' writes between judging and commit, until we give up with ERR_CHANGED */
    PLACES_MAX = 4,        /* the same for renamed folders and links */
    NAMES_MAX = 64,        /* the same for names beside: more than there are workers that could take one of them */
};

enum err standing_look(struct store *store, const struct place *place, struct standing *standing)
{
    enum err err = ERR_NONE;

    *standing = (struct standing){.fd = open_beneath(place->folder, place->name, O_PATH)};
    if (standing->fd < 0)
        return errno == ENOENT ? ERR_NONE : err_from_errno(errno);
    if (statx(standing->fd, "", AT_EMPTY_PATH, FACTS_MASK, &standing->statx) < 0)
        err = err_from_errno(errno);
    else if (S_ISLNK(standing->statx.stx_mode))
        err = ERR_CHANGED;
    else if (S_ISDIR(standing->statx.stx_mode))
        err = ERR_IS_FOLDER;
    else if (!S_ISREG(standing->statx.stx_mode))
        err = ERR_DENIED;
    else
        err = facts_fill(store, &standing->statx, &standing->facts);
    standing->is_there = err == ERR_NONE;
    standing->facts.through_symlink = place->through_symlink;
    bound_mark_at(&standing->facts, place);
    if (standing->is_there)
        floor_apply_at(store, place, &standing->facts);
    if (err != ERR_NONE)
        fd_close(&standing->fd);
    return err;
}

/* Its tag was shown: its number must not come back within the tick, even if the file is gone now. */
void standing_release(struct store *store, struct standing *standing)
{
    keeper_close(&store->keeper, fd_take(&standing->fd), standing->facts.born_ns);
}

void aside_name(struct store *store, const unsigned char id[16], char *out, size_t room)
{
    char hex[33] = "";

    hex_encode(hex, id, 16);
    snprintf(out, room, "%s.%llu", hex, (unsigned long long)atomic_fetch_add(&store->share.page->sequence, 1));
}

/* A file that the system would not let us write is not ours to replace, though a rename could. */
static enum err may_replace(const struct place *place, const struct standing *now)
{
    if (now->is_there && faccessat(place->folder, place->name, W_OK, AT_EACCESS | AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT ? ERR_CHANGED : err_from_errno(errno);
    return ERR_NONE;
}

static enum err judge(struct store *store, const struct place *place, struct guard guard, struct standing *now)
{
    enum err err = standing_look(store, place, now);

    if (err == ERR_NONE && !guard_admits(store, guard, place, CHANGE_CONTENT, now->is_there ? &now->facts : NULL))
        err = ERR_REFUSED;
    if (err == ERR_NONE)
        err = may_replace(place, now);
    return err;
}

static enum err judge_first(struct part *part, const struct place *place, struct guard guard)
{
    struct standing now;
    enum err err = judge(part->store, place, guard, &now);

    part->credit = now.is_there ? now.facts.size : 0;
    standing_release(part->store, &now);
    return err;
}

static enum err has_room(const struct place *place, int64_t length)
{
    struct statvfs got;
    uint64_t blocks;

    if (length <= 0 || fstatvfs(place->folder, &got) < 0)
        return ERR_NONE;
    blocks = geteuid() == 0 ? got.f_bfree : got.f_bavail;
    return got.f_blocks && (uint64_t)length / got.f_frsize >= blocks ? ERR_NO_SPACE : ERR_NONE;
}

/* Without O_TMPFILE: a named file in up/, which start-up sweeps. */
static enum err open_named(struct part *part, const struct place *place)
{
    static const unsigned char nobody[16];
    enum err err = state_need(part->store);

    if (err != ERR_NONE)
        return err;
    aside_name(part->store, nobody, part->temporary, sizeof(part->temporary));
    part->fd = openat(part->store->state.up, part->temporary, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (part->fd < 0)
        return err_from_errno(errno);
    part->is_named = true;
    part->aside = part->store->state.up;
    dress_new(part, place);
    return ERR_NONE;
}

static enum err open_unnamed(struct part *part, const struct place *place)
{
    if (store_is_lacking(part->store, MISSING_TMPFILE))
        return open_named(part, place);
    part->fd = openat(place->folder, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0666);
    if (part->fd >= 0)
        return ERR_NONE;
    if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)
        return err_from_errno(errno);
    store_lacks(part->store, MISSING_TMPFILE);
    return open_named(part, place);
}

/* Of the quotas above: what is there anyway when `bytes` replace `credit` is not asked for. */
static enum err claim(struct part *part, uint64_t bytes, uint64_t credit)
{
    return quota_claim_set(&part->claim, bytes > credit ? bytes - credit : 0);
}

static enum err claim_first(struct part *part, const struct place *place)
{
    quota_claim_release(&part->claim);
    quota_claim_open(part->store, place, &part->claim);
    return claim(part, part->length > 0 ? (uint64_t)part->length : 0, part->credit);
}

/* Where nobody told the number: in steps, but not past what is left. */
enum err part_claim_upto(struct part *part, uint64_t bytes)
{
    if (part->claim.count == 0 || bytes <= part->claim.bytes + part->credit)
        return ERR_NONE;
    return claim(part, bytes + CLAIM_BYTES, part->credit) == ERR_NONE ? ERR_NONE : claim(part, bytes, part->credit);
}

static enum err part_start(struct part *part, struct rpath path, struct guard guard)
{
    struct place place;
    enum err err = resolve_place(part->store, path.text, &place);

    if (err != ERR_NONE)
        return err;
    err = path.has_slash ? ERR_IS_FOLDER : judge_first(part, &place, guard); /* a folder's name, and a file comes */
    if (err == ERR_NONE)
        err = claim_first(part, &place);
    if (err == ERR_NONE)
        err = has_room(&place, part->length);
    if (err == ERR_NONE)
        err = open_unnamed(part, &place);
    place_release(&place);
    return err;
}

enum err part_open(struct store *store, struct rpath path, int64_t length, struct guard guard, struct part **out)
{
    struct part *part;
    enum err err = ERR_CHANGED;

    *out = NULL;
    if (store_is_read_only(store))
        return ERR_READ_ONLY;
    part = xcalloc(1, sizeof(*part));
    *part = (struct part){.store = store, .fd = -1, .scratch = -1, .length = length, .path_len = path.text.len};
    part->path = xstrdup(path.text);
    for (int i = 0; i < PLACES_MAX && err == ERR_CHANGED; i++)
        err = part_start(part, path, guard);
    if (err == ERR_NONE)
        *out = part;
    else
        part_release(part);
    return err;
}

static void push(struct part *part)
{
    if (part->store->options.durability == DURABILITY_RELAXED || part->written - part->pushed < PUSH_BYTES)
        return;
    /* never a promise, so its failure is nothing: fsync says what matters */
    sync_file_range(part->fd, (off_t)part->pushed, (off_t)(part->written - part->pushed), SYNC_FILE_RANGE_WRITE);
    part->pushed = part->written;
}

enum err part_write(struct part *part, struct slice bytes)
{
    enum err err = part_claim_upto(part, part->written + bytes.len);

    if (err != ERR_NONE)
        return err;
    while (bytes.len) {
        ssize_t wrote = write(part->fd, bytes.ptr, bytes.len);

        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return err_from_errno(errno);
        part->written += (uint64_t)wrote;
        bytes = slice_from(bytes, (size_t)wrote);
    }
    push(part);
    return ERR_NONE;
}

static bool wears(const struct part *part, const struct standing *old)
{
    return !old->is_there ||
           (part->dressed_ino == old->statx.stx_ino && part->dressed_ctime_ns == statx_ns(old->statx.stx_ctime));
}

/* Our times must rise in the order of commits, or If-Modified-Since would call a later content unchanged. */
static bool is_later(const struct part *part, const struct standing *old)
{
    return part->has_modified || !old->is_there || part->stamp_ns > old->facts.modified_ns;
}

/* Attributes, time and content, safe on the disk before anybody can see them under a name. */
static enum err finish(struct part *part, const struct standing *old)
{
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}};

    if (part->is_stamped && wears(part, old) && is_later(part, old))
        return ERR_NONE;
    if (!wears(part, old))
        dress_as(part, old);
    part->stamp_ns = wish_time(part);
    part->is_stamped = true;
    times[1].tv_sec = part->stamp_ns / 1000000000;
    times[1].tv_nsec = part->stamp_ns % 1000000000;
    if (futimens(part->fd, times) < 0)
        return err_from_errno(errno);
    if (statx(part->fd, "", AT_EMPTY_PATH, FACTS_MASK, &part->statx) < 0)
        return err_from_errno(errno);
    if (part->store->options.durability == DURABILITY_FULL && sync_fd(part->fd) < 0)
        return err_from_errno(errno);
    return ERR_NONE;
}

/* Before the lock is taken, since others wait for it: in most cases nothing is left to do then. */
static enum err finish_early(struct part *part, const struct place *place)
{
    struct standing old;
    enum err err = standing_look(part->store, place, &old);

    if (err == ERR_NONE)
        err = finish(part, &old);
    standing_release(part->store, &old);
    return err;
}

static enum err replace(struct part *part, const struct place *place, const struct standing *old)
{
    struct identity identity;
    enum err err = identity_keep(part->store, place, &old->statx, &identity);

    if (err == ERR_NONE)
        err = land_over(part, place, old, identity.id);
    if (err == ERR_NONE) {
        if (history_wants(part, old))
            history_take(part, &identity, old);
        land_drop_aside(part);
        identity_passed_on(part->store, place, &identity, &old->statx, &part->statx);
        wish_replaced(part, place, &identity, old);
    }
    return err;
}

/* The same, and what stood there stays beside it. */
static enum err replace_beside(struct part *part, const struct place *place, const struct standing *old)
{
    struct identity identity;
    enum err err = identity_keep(part->store, place, &old->statx, &identity);

    if (err == ERR_NONE)
        err = keep_link(part, place, old);
    if (err != ERR_NONE)
        return err;
    part->keep.is_linked = true;
    err = land_over(part, place, old, identity.id);
    if (err != ERR_NONE) {
        if (!store_is_read_only(part->store)) /* else nobody knows what the disk holds: rather a name too many */
            keep_unlink(part, place);
        part->keep.is_linked = false;
        return err;
    }
    err = identity_parted(part->store, place, &identity, &old->statx, &part->statx);
    land_drop_aside(part);
    wish_replaced(part, place, &identity, old);
    return err;
}

static enum err create(struct part *part, const struct place *place)
{
    enum err err = identity_forget_name(part->store, place);

    if (err == ERR_NONE)
        err = land_new(part, place);
    if (err == ERR_NONE)
        err = folder_settle(part->store, place->folder, part->fd);
    if (err == ERR_NONE)
        wish_created(part, place);
    return err;
}

static void count(struct part *part, const struct place *place, const struct standing *old)
{
    bool is_gone = old->is_there && !part->keep.is_linked;
    int64_t replaced = is_gone ? (int64_t)old->facts.size : 0;

    quota_file_changed(part->store, place, (int64_t)part->written - replaced, is_gone ? 0 : 1, &part->claim);
}

static bool wants_to_keep(const struct part *part, const struct standing *old)
{
    return part->keep.wish.wants && part->keep.wish.wants(part->keep.wish.arg, &old->facts);
}

/* Once: judge, finish, land. ERR_EXISTS and ERR_CHANGED: others were quicker, so judge again. */
static enum err commit_once(struct part *part, const struct place *place, struct guard guard, bool *created)
{
    struct standing old;
    enum err err = judge(part->store, place, guard, &old);
    bool is_kept = err == ERR_NONE && old.is_there && wants_to_keep(part, &old);

    if (err == ERR_NONE)
        err = claim(part, part->written, old.is_there && !is_kept ? old.facts.size : 0);
    if (err == ERR_NONE)
        err = finish(part, &old);
    if (err == ERR_NONE)
        err = is_kept        ? replace_beside(part, place, &old)
              : old.is_there ? replace(part, place, &old)
                             : create(part, place);
    if (err == ERR_NONE)
        count(part, place, &old);
    *created = !old.is_there;
    standing_release(part->store, &old);
    return err;
}

/* Of the name, and of the one that what stands there may get. */
static enum err commit_lock(struct part *part, const struct place *place, struct lock *lock, struct lock *beside)
{
    struct lock_table *locks = &part->store->locks;
    enum err err = part->keep.wish.wants ? keep_choose(part, place) : ERR_NONE;

    part->keep.is_taken = false;
    if (err == ERR_NONE && part->keep.name[0])
        lock_take_two(locks, (struct lock_of){lock, place->dev, place->ino, slice_str(place->name)},
                      (struct lock_of){beside, place->dev, place->ino, slice_str(part->keep.name)});
    else if (err == ERR_NONE)
        lock_take(locks, lock, place->dev, place->ino, slice_str(place->name));
    return err;
}

static enum err commit_locked(struct part *part, const struct place *place, struct guard guard, struct commit *out)
{
    LOCK_GUARD lock = {0};
    LOCK_GUARD beside = {0};
    enum err err = commit_lock(part, place, &lock, &beside);

    if (err != ERR_NONE)
        return err;
    err = ERR_CHANGED;
    for (int i = 0; i < JUDGE_MAX && (err == ERR_CHANGED || err == ERR_EXISTS) && !part->keep.is_taken; i++)
        err = commit_once(part, place, guard, &out->created);
    return err;
}

/* With the place as it is now; ERR_CHANGED: it is no longer. */
static enum err commit_at_place(struct part *part, struct guard guard, struct commit *out)
{
    struct place place;
    enum err err = resolve_place(part->store, slice_of(part->path, part->path_len), &place);

    if (err != ERR_NONE)
        return err;
    err = finish_early(part, &place);
    if (err == ERR_NONE)
        err = commit_locked(part, &place, guard, out);
    for (int i = 0; i < NAMES_MAX && err == ERR_CHANGED && part->keep.is_taken; i++)
        err = commit_locked(part, &place, guard, out);
    if (err == ERR_NONE) {
        err = facts_fill(part->store, &part->statx, &out->facts);
        out->facts.nlink = 1;
        out->facts.through_symlink = place.through_symlink;
        bound_mark_at(&out->facts, &place);
        part->born_ns = out->facts.born_ns;
        if (part->keep.is_linked)
            snprintf(out->kept, sizeof(out->kept), "%s", part->keep.name);
    }
    place_release(&place);
    return err;
}

enum err part_commit(struct part *part, struct guard guard, struct commit *out)
{
    enum err err = ERR_CHANGED;

    if (store_is_read_only(part->store))
        return ERR_READ_ONLY;
    for (int i = 0; i < PLACES_MAX && err == ERR_CHANGED; i++)
        err = commit_at_place(part, guard, out);
    return err;
}

void part_release(struct part *part)
{
    if (!part)
        return;
    if (part->is_named)
        unlinkat(part->aside, part->temporary, 0);
    if (part->owns_aside)
        close(part->aside);
    if (part->scratch >= 0)
        close(part->scratch);
    keeper_close(&part->store->keeper, part->fd, part->born_ns);
    quota_claim_release(&part->claim);
    free(part->path);
    free(part->type);
    free(part->checksums);
    free(part->keep.label);
    free(part);
}
