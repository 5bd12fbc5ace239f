/*
 * copy_tree.c - a folder with all in it, copied to a folder that nobody sees yet.
 *
 * Folders wait on a stack by their path, so any depth needs few descriptors. Links of users' are copied as they are,
 * text and all, and never followed. What may not or cannot be read is told of and skipped with all below it, and the
 * rest goes on (RFC 4918 §9.8.3); sockets, devices and what is refused to every request are left out in silence.
 *
 * A member with properties gets an id of its own, recorded by its inode; where its name is to be found out, the first
 * look at it does that. Bindings are copy_bound.c's: what they are of is copied once, beside the tree.
 */
#include "copy_private.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/arena.h"
#include "facts.h"
#include "propset.h"
#include "refuse.h"
#include "store/members.h"
#include "sync.h"

bool copy_goes_on(struct copying *copying)
{
    return ++copying->entries % COPY_ENTRIES != 0 || progress_goes_on(copying->carriage->transfer->progress);
}

enum err copy_commit(struct copying *copying)
{
    struct meta *meta = records_find(copying->carriage->store);
    enum err err = meta && copying->changes.count ? changes_commit(&copying->changes, meta) : ERR_NONE;

    changes_release(&copying->changes);
    return err == ERR_DAMAGED ? store_fail(copying->carriage->store, "the records can no longer be written") : err;
}

static bool is_by_name(const struct store *store, const struct statx *at)
{
    return !store->has_btime || makedev(at->stx_dev_major, at->stx_dev_minor) != store->root_dev;
}

/* Outside of the root an id follows from the inode and is never recorded. */
static void id_outside(struct store *store, const struct statx *at, unsigned char id[ID_LEN])
{
    struct place outside = {.folder = -1, .is_outside = true};
    struct identity identity;

    identity_of(store, &outside, at, &identity);
    memcpy(id, identity.id, ID_LEN);
}

/* So that it is found: by its inode, and else by its name, for which the folders above need theirs. */
static void record_copy(struct copying *copying, const struct copied *copied, const unsigned char id[ID_LEN],
                        bool has_props)
{
    static const unsigned char unknown[ID_LEN];
    struct store *store = copying->carriage->store;
    struct name_record record = {.kind = (uint8_t)copied->now->kind, .last = inode_of(store, copied->at)};

    memcpy(record.id, id, ID_LEN);
    if (!is_by_name(store, copied->at)) {
        if (has_props)
            changes_put_inode(&copying->changes, record.last, id, unknown, copied->name);
    } else if (copied->parent) {
        if (has_props || record.kind == KIND_FOLDER)
            changes_put_name(&copying->changes, copied->parent, copied->name, &record);
    } else {
        copying->has_top = true;
        copying->top = record;
    }
}

enum err copy_records(struct copying *copying, const struct copied *copied, unsigned char id[ID_LEN])
{
    struct store *store = copying->carriage->store;
    struct meta *meta = records_find(store);
    bool is_outside = copying->carriage->to.place.is_outside;
    size_t before = copying->changes.count;
    enum err err;

    memset(id, 0, ID_LEN);
    if (!meta || (!propset_has_props(store) && !propset_has_traits(store)))
        return ERR_NONE;
    if (is_outside)
        id_outside(store, copied->at, id);
    else if (copied->as)
        memcpy(id, copied->as, ID_LEN);
    else
        identity_fresh(id);
    err =
        propset_copy(store, meta, copied->from, id, facts_tag(copied->old), facts_tag(copied->now), &copying->changes);
    if (err == ERR_NONE && !is_outside)
        record_copy(copying, copied, id, copying->changes.count > before);
    if (err == ERR_NONE && copying->changes.count >= COPY_RECORDS)
        err = copy_commit(copying);
    return err;
}

/* ---- one member ---- */

static struct slice join(struct buf *out, const char *folder, const char *name)
{
    assert(folder);
    buf_printf(out, "%s%s%s", folder, folder[0] ? "/" : "", name);
    return buf_slice(out);
}

/* Below what the request names. */
static struct slice join_label(struct buf *out, const struct pair *pair, const char *name)
{
    struct slice label = slice_str(pair->folder->top->label);

    buf_printf(out, "%.*s%s", SLICE_FMT(label), label.len ? "/" : "");
    return join(out, pair->folder->path, name);
}

/* Of the source: as recorded, without changing anything. */
static enum err id_of(struct tree *tree, const struct pair *pair, const char *name, const struct facts *facts,
                      const struct statx *at, unsigned char id[ID_LEN])
{
    struct buf path = BUF_INIT(2 * PATH_ROOM);
    struct slice below;
    struct owner owner;
    enum err err;

    memset(id, 0, ID_LEN);
    if (tree->meta && tree->copying->carriage->from.place.is_outside)
        id_outside(tree->store, at, id);
    if (!tree->meta || tree->copying->carriage->from.place.is_outside)
        return ERR_NONE;
    if (identity_peek(tree->store, tree->meta, pair->folder->id, pair->has_names, slice_str(name), facts, id) !=
        PEEK_UNSURE)
        return ERR_NONE;
    buf_printf(&path, "%.*s/", (int)tree->copying->carriage->transfer->from.text.len,
               tree->copying->carriage->transfer->from.text.ptr);
    below = join_label(&path, pair, name);
    err = owner_find(tree->store, (struct rpath){.text = below}, false, &owner);
    if (err == ERR_NONE) {
        memcpy(id, owner.identity.id, ID_LEN);
        owner_release(&owner);
    }
    buf_release(&path);
    return ERR_NONE; /* gone meanwhile: nothing to copy either */
}

void copy_push(struct tree *tree, const struct top *top, struct slice path, const unsigned char id[ID_LEN],
               const unsigned char copy[ID_LEN])
{
    struct waiting *waiting = xcalloc(1, sizeof(*waiting) + path.len + 1);

    waiting->top = top;
    memcpy(waiting->id, id, ID_LEN);
    memcpy(waiting->copy, copy, ID_LEN);
    if (path.len)
        memcpy(waiting->path, path.ptr, path.len);
    waiting->next = tree->waiting;
    tree->waiting = waiting;
}

static enum err push_folder(struct tree *tree, const struct pair *pair, const char *name,
                            const unsigned char id[ID_LEN], const unsigned char copy[ID_LEN])
{
    struct buf path = BUF_INIT(2 * PATH_ROOM);
    struct slice text = join(&path, pair->folder->path, name);
    enum err err = text.len < PATH_ROOM ? ERR_NONE : ERR_TOO_LONG;

    if (err == ERR_NONE)
        copy_push(tree, pair->folder->top, text, id, copy);
    buf_release(&path);
    return err;
}

static enum err copy_folder(struct tree *tree, const struct pair *pair, const char *name, const struct facts *old,
                            const unsigned char id[ID_LEN])
{
    struct facts now = {.kind = KIND_FOLDER};
    struct statx at;
    struct copied copied = {id, old, &now, &at, pair->folder->copy, slice_str(name), NULL};
    unsigned char copy[ID_LEN];
    enum err err;

    if (mkdirat(pair->to, name, 0777) < 0 || statx(pair->to, name, AT_SYMLINK_NOFOLLOW, FACTS_MASK, &at) < 0)
        return err_from_errno(errno);
    err = copy_records(tree->copying, &copied, copy);
    return err == ERR_NONE ? push_folder(tree, pair, name, id, copy) : err;
}

/* As new files of that folder are, but with no more rights than the source. */
enum err copy_one_file(struct tree *tree, const struct spot *spot, const unsigned char id[ID_LEN])
{
    FD_GUARD from = open_beneath(spot->from, spot->from_name, O_RDONLY | O_NONBLOCK | O_NOCTTY), to = -1;
    struct copying *copying = tree->copying;
    struct facts old, now;
    struct stat got;
    struct statx at;
    struct copied copied = {id, &old, &now, &at, spot->parent, slice_str(spot->to_name), spot->as};
    unsigned char copy[ID_LEN];
    enum err err;

    if (from < 0 || fstat(from, &got) < 0)
        return err_from_errno(errno);
    if (!S_ISREG(got.st_mode))
        return ERR_CHANGED;
    copying->bytes += (uint64_t)got.st_size;
    err = quota_claim_set(&copying->carriage->claim,
                          copying->bytes > copying->freed ? copying->bytes - copying->freed : 0);
    if (err != ERR_NONE)
        return err;
    to = openat(spot->to, spot->to_name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, got.st_mode & 0777);
    if (to < 0)
        return err_from_errno(errno);
    err = copy_file(copying, from, to, &old, &now);
    if (err == ERR_NONE && statx(to, "", AT_EMPTY_PATH, FACTS_MASK, &at) < 0)
        err = err_from_errno(errno);
    if (err == ERR_NONE)
        err = copy_records(copying, &copied, copy);
    if (err == ERR_NONE)
        return copy_sync(copying, fd_take(&to));
    unlinkat(spot->to, spot->to_name, 0);
    return err;
}

static enum err copy_member_file(struct tree *tree, const struct pair *pair, const char *name,
                                 const unsigned char id[ID_LEN])
{
    struct spot spot = {pair->from, name, pair->to, name, pair->folder->copy, NULL};

    return copy_one_file(tree, &spot, id);
}

static enum err copy_link(const struct pair *pair, const char *name)
{
    char text[PATH_ROOM];
    ssize_t len = readlinkat(pair->from, name, text, sizeof(text) - 1);

    if (len < 0)
        return err_from_errno(errno);
    text[len] = '\0';
    return symlinkat(text, pair->to, name) < 0 ? err_from_errno(errno) : ERR_NONE;
}

static enum err copy_name(struct tree *tree, const struct pair *pair, const char *name)
{
    unsigned char id[ID_LEN];
    struct facts facts;
    enum err err = bound_read(tree->store, pair->from, name, id, &facts);

    if (err == ERR_NONE)
        return copy_binding(tree, pair, name, &facts);
    return err == ERR_MISSING ? copy_link(pair, name) : err;
}

static enum err copy_seen(struct tree *tree, const struct pair *pair, const char *name, const struct statx *at)
{
    unsigned char id[ID_LEN];
    struct facts facts;
    enum err err;

    if (S_ISLNK(at->stx_mode))
        return copy_name(tree, pair, name);
    err = facts_fill(tree->store, at, &facts);
    if (err == ERR_NONE)
        err = id_of(tree, pair, name, &facts, at, id);
    if (err != ERR_NONE)
        return err == ERR_MISSING ? ERR_NONE : err; /* a socket, a device: not there for anybody */
    err = copy_update(tree, pair, name, &facts, id);
    if (err != ERR_MISSING)
        return err;
    return facts.kind == KIND_FOLDER ? copy_folder(tree, pair, name, &facts, id)
                                     : copy_member_file(tree, pair, name, id);
}

static bool ask(struct tree *tree, struct slice below, bool (*question)(void *arg, struct rpath path))
{
    const struct transfer *transfer = tree->copying->carriage->transfer;
    struct buf path = BUF_INIT(3 * PATH_ROOM);
    bool answer;

    buf_printf(&path, "%.*s%s%.*s", (int)transfer->from.text.len, transfer->from.text.ptr,
               transfer->from.text.len ? "/" : "", (int)below.len, below.ptr);
    answer = question(transfer->arg, (struct rpath){.text = buf_slice(&path)});
    buf_release(&path);
    return answer;
}

static bool may_read(struct tree *tree, struct slice below)
{
    const struct transfer *transfer = tree->copying->carriage->transfer;

    return !transfer->may_read || ask(tree, below, transfer->may_read);
}

static bool is_hidden(struct tree *tree, struct slice below)
{
    const struct transfer *transfer = tree->copying->carriage->transfer;

    return transfer->is_hidden && ask(tree, below, transfer->is_hidden);
}

static enum err copy_member(struct tree *tree, const struct pair *pair, const char *name)
{
    struct buf path = BUF_INIT(2 * PATH_ROOM);
    struct slice below = join_label(&path, pair, name);
    struct statx at;
    enum err err = ERR_NONE;

    if (statx(pair->from, name, AT_SYMLINK_NOFOLLOW, FACTS_MASK, &at) < 0)
        err = errno == ENOENT ? ERR_NONE : err_from_errno(errno);
    else if (refuse_is_member(tree->store, pair->from, name, makedev(at.stx_dev_major, at.stx_dev_minor), at.stx_ino,
                              at.stx_nlink) ||
             is_hidden(tree, below))
        err = ERR_NONE;
    else
        err = may_read(tree, below) ? copy_seen(tree, pair, name, &at) : ERR_REFUSED;
    if (err != ERR_NONE && !copy_ends(err)) {
        casualty_add(tree->copying->casualties, tree->copying->carriage->transfer->from.text, below, err);
        err = ERR_NONE;
    }
    buf_release(&path);
    return err;
}

/* ---- one folder ---- */

static int by_octets(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* All names, each with its terminator. */
static enum err read_names(int folder, struct buf *names, size_t *count)
{
    int copy = fcntl(folder, F_DUPFD_CLOEXEC, 0);
    DIR *list = copy < 0 ? NULL : fdopendir(copy);
    enum err err = ERR_NONE;

    *count = 0;
    if (!list) {
        fd_close(&copy);
        return err_from_errno(errno);
    }
    for (struct dirent *at; (errno = 0, at = readdir(list));) {
        if (strcmp(at->d_name, ".") == 0 || strcmp(at->d_name, "..") == 0 || name_is_reserved(slice_str(at->d_name)))
            continue;
        buf_add(names, slice_of(at->d_name, strlen(at->d_name) + 1));
        ++*count;
    }
    if (errno)
        err = err_from_errno(errno); /* there may be more */
    else if (names->overflown)
        err = ERR_TOO_LARGE;
    closedir(list);
    return err;
}

/* In the order of their names, since of several sources for one resource the last one wins (RFC 5842 §2.3.2). */
static enum err copy_members(struct tree *tree, struct pair *pair)
{
    struct buf names = BUF_INIT(WALK_NAMES_MAX);
    size_t count;
    enum err err = read_names(pair->from, &names, &count);
    char **sorted = xmalloc((count + 1) * sizeof(char *)), *at = names.ptr;

    for (size_t i = 0; err == ERR_NONE && i < count; i++, at += strlen(at) + 1)
        sorted[i] = at;
    if (err == ERR_NONE && count)
        qsort(sorted, count, sizeof(char *), by_octets);
    for (size_t i = 0; err == ERR_NONE && i < count; i++)
        err = copy_goes_on(tree->copying) ? copy_member(tree, pair, sorted[i]) : ERR_CLOSED;
    free(sorted);
    buf_release(&names);
    return err;
}

/* What stands where the folder goes, if it is a folder that stays what it is; else -1. */
static enum err open_replaced(const struct top *top, const char *path, int *fd)
{
    *fd = top->replaced < 0 ? -1 : open_beneath(top->replaced, path, O_PATH | O_DIRECTORY);
    if (*fd >= 0 || top->replaced < 0 || errno == ENOENT || errno == ENOTDIR || errno == ELOOP)
        return ERR_NONE;
    return err_from_errno(errno);
}

static enum err copy_waiting(struct tree *tree, struct waiting *folder)
{
    const struct top *top = folder->top;
    FD_GUARD from = open_beneath(top->from, folder->path, O_RDONLY | O_DIRECTORY);
    enum err err = from < 0 ? err_from_errno(errno) : ERR_NONE;
    FD_GUARD to = open_beneath(top->to, folder->path, O_RDONLY | O_DIRECTORY);
    FD_GUARD replaced = -1;
    struct pair pair = {folder, from, to, -1, tree->meta && name_records_any(tree->meta, folder->id)};
    struct buf label = BUF_INIT(2 * PATH_ROOM);

    if (to < 0)
        return ERR_IO; /* ours, and out of everybody's reach */
    if (err == ERR_NONE)
        err = open_replaced(top, folder->path, &replaced);
    pair.replaced = replaced;
    if (err == ERR_NONE)
        err = copy_members(tree, &pair);
    if (err == ERR_NONE && tree->store->options.durability == DURABILITY_FULL)
        return copy_sync(tree->copying, fd_take(&to));
    if (err == ERR_NONE || copy_ends(err) || !folder->path[0])
        return err;
    buf_printf(&label, "%s%s%s", top->label, top->label[0] ? "/" : "", folder->path);
    casualty_add(tree->copying->casualties, tree->copying->carriage->transfer->from.text, buf_slice(&label), err);
    buf_release(&label);
    unlinkat(top->to, folder->path, AT_REMOVEDIR); /* it is empty, since it could not be opened */
    return ERR_NONE;
}

static void drop_waiting(struct tree *tree)
{
    while (tree->waiting) {
        struct waiting *folder = tree->waiting;

        tree->waiting = folder->next;
        free(folder);
    }
}

enum err copy_tree(struct copying *copying, int from, bool is_deep, const unsigned char id[ID_LEN],
                   const unsigned char copy[ID_LEN])
{
    struct store *store = copying->carriage->store;
    FD_GUARD to = open_beneath(copying->aside.folder, copying->aside.name, O_RDONLY | O_DIRECTORY);
    struct tree tree = {.copying = copying, .store = store, .meta = records_find(store)};
    struct top top = {.from = from, .to = to, .replaced = copy_replaced(copying), .label = ""};
    enum err err = to < 0 ? err_from_errno(errno) : ERR_NONE;

    copy_push(&tree, &top, SLICE_NONE, id, copy);
    while (is_deep && err == ERR_NONE && tree.waiting) {
        struct waiting *folder = tree.waiting;

        tree.waiting = folder->next;
        err = copy_waiting(&tree, folder);
        free(folder);
    }
    drop_waiting(&tree);
    copy_tops_release(&tree);
    return err;
}
