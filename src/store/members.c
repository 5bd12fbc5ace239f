/*
 * members.c - the pulled walk.
 *
 * A stack of levels, one a folder on the way down. The deepest WALK_FDS are open, each with a buffer of names; one
 * above them is closed with the offset where it is to be read on, and opened again by its path when the walk comes
 * back to it (if another folder stands there by then, that level is over). So memory and descriptors do not grow with
 * the number of members, and with depth by a small level each.
 *
 * No member is opened: a name costs its share of getdents64 and one statx.
 *
 * Links: a user's link to a folder is listed as that folder, and depth 1 lists its members. A deep walk descends
 * through a link only if it has not come through one already on its way down, and nothing is descended into that is on
 * the way down itself; so links that lead in circles, or to and fro, end, and each folder is listed at most once more
 * for each link. A folder whose members may not be listed has none here.
 */
#include "store/members.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>

#include "facts.h"
#include "list.h"
#include "propset.h"
#include "refuse.h"

enum { LEVEL_BYTES = 16 << 10, LEVELS_FIRST = 8 };

struct level {
    int fd;        /* -1: closed for now */
    char *entries; /* LEVEL_BYTES while it is open */
    long at, len;  /* in entries */
    int64_t next;  /* the folder's own offset behind the last name that was taken */
    size_t path_len;
    uint64_t dev, ino;
    bool is_by_link; /* this one or one above it was reached by a link */
    bool has_id, is_outside;
    enum { NAMES_UNKNOWN, NAMES_NONE, NAMES_SOME } names; /* recorded in it */
    unsigned char id[ID_LEN];
};

struct walk {
    struct store *store;
    unsigned depth_max;
    struct level *levels;
    unsigned count, room;
    unsigned open; /* the last so many levels */
    struct walk_entry last;
    bool is_started, descends; /* the last entry's members come next */
    bool is_by_link;           /* a link was on the way to what it began with */
    bool has_id;               /* of the last entry */
    unsigned char id[ID_LEN];
    char path[PATH_ROOM];
};

static void level_close(struct level *level)
{
    fd_close(&level->fd);
    free(level->entries);
    level->entries = NULL;
    level->at = level->len = 0;
}

static struct level *top(struct walk *walk)
{
    return &walk->levels[walk->count - 1];
}

static void pop(struct walk *walk)
{
    struct level *level = top(walk);

    if (level->fd >= 0)
        walk->open--;
    level_close(level);
    walk->count--;
}

static struct slice path_upto(const struct walk *walk, size_t len)
{
    return slice_of(walk->path, len);
}

/* Makes a level of an open folder, which it owns from now on. ERR_LOOP: it is one already. */
static enum err level_open(struct walk *walk, int fd, bool is_link)
{
    bool was_by_link = walk->count && top(walk)->is_by_link, is_outside = walk->count && top(walk)->is_outside;
    struct level *level;
    struct stat got;

    if (fstat(fd, &got) < 0) {
        enum err err = err_from_errno(errno);

        close(fd);
        return err;
    }
    for (unsigned i = 0; i < walk->count; i++)
        if (walk->levels[i].dev == got.st_dev && walk->levels[i].ino == got.st_ino) {
            close(fd);
            return ERR_LOOP;
        }
    if (refuse_is_state(walk->store, got.st_dev, got.st_ino)) {
        close(fd);
        return ERR_MISSING;
    }
    if (walk->open == WALK_FDS) {
        level_close(&walk->levels[walk->count - walk->open]);
        walk->open--;
    }
    if (walk->count == walk->room) {
        walk->room = walk->room ? 2 * walk->room : LEVELS_FIRST;
        walk->levels = xrealloc(walk->levels, walk->room * sizeof(walk->levels[0]));
    }
    level = &walk->levels[walk->count++];
    *level = (struct level){.fd = fd, .path_len = walk->last.path.len, .dev = got.st_dev, .ino = got.st_ino};
    level->entries = xmalloc(LEVEL_BYTES);
    level->is_by_link = is_link || was_by_link;
    level->is_outside = is_outside;
    level->has_id = walk->has_id;
    memcpy(level->id, walk->id, ID_LEN);
    walk->open++;
    return ERR_NONE;
}

enum err store_walk(struct store *store, struct rpath path, unsigned depth, struct walk **out)
{
    struct walk *walk;
    struct facts facts;
    enum err err = store_find(store, path, &facts);
    int fd;

    *out = NULL;
    if (err != ERR_NONE)
        return err;
    if (path.text.len >= sizeof(walk->path))
        return ERR_TOO_LONG;
    walk = xcalloc(1, sizeof(*walk));
    walk->store = store;
    walk->depth_max = depth;
    memcpy(walk->path, path.text.ptr ? path.text.ptr : "", path.text.len);
    walk->last.path = path_upto(walk, path.text.len);
    walk->last.name = rpath_leaf((struct rpath){.text = walk->last.path});
    walk->last.facts = facts;
    walk->is_by_link = facts.through_symlink;
    if (facts.kind == KIND_FOLDER && depth > 0) { /* at once, so that its failure can be told */
        err = resolve_open(store, path.text, O_RDONLY | O_DIRECTORY, &fd, NULL);
        if (err == ERR_NONE)
            err = level_open(walk, fd, false);
    }
    if (err == ERR_NONE)
        *out = walk;
    else
        walk_close(walk);
    return err;
}

/* The last entry's members are next. Whatever makes that impossible but a lack of descriptors means: it has none. */
static enum err descend(struct walk *walk)
{
    bool is_link = walk->last.facts.through_symlink && !top(walk)->is_by_link;
    enum err err = ERR_NONE;
    char name[NAME_ROOM];
    int fd = -1;

    walk->descends = false;
    if (walk->last.name.len >= sizeof(name))
        return ERR_NONE;
    memcpy(name, walk->last.name.ptr, walk->last.name.len);
    name[walk->last.name.len] = '\0';
    fd = open_beneath(top(walk)->fd, name, O_RDONLY | O_DIRECTORY);
    if (fd < 0 && (errno == ELOOP || errno == ENOTDIR) && is_link)
        err = resolve_open(walk->store, walk->last.path, O_RDONLY | O_DIRECTORY, &fd, NULL);
    else if (fd < 0)
        err = err_from_errno(errno);
    else
        is_link = false;
    if (err == ERR_NONE)
        err = level_open(walk, fd, is_link);
    return err == ERR_TOO_MANY || err == ERR_IO ? err : ERR_NONE;
}

/* A level that was closed is read on where it was. */
static enum err reopen(struct walk *walk, struct level *level)
{
    struct stat got;
    int fd;
    enum err err = resolve_open(walk->store, path_upto(walk, level->path_len), O_RDONLY | O_DIRECTORY, &fd, NULL);

    if (err != ERR_NONE)
        return err;
    if (fstat(fd, &got) < 0 || got.st_dev != level->dev || got.st_ino != level->ino ||
        lseek(fd, level->next, SEEK_SET) < 0) {
        close(fd);
        return ERR_MISSING;
    }
    level->fd = fd;
    level->entries = xmalloc(LEVEL_BYTES);
    walk->open++;
    return ERR_NONE;
}

/* NULL at the end. */
static enum err next_name(struct level *level, const char **name)
{
    const struct dirent64 *entry;

    *name = NULL;
    do {
        if (level->at == level->len) {
            level->at = 0;
            level->len = syscall(SYS_getdents64, level->fd, level->entries, LEVEL_BYTES);
        }
        if (level->len <= 0) {
            long got = level->len;

            level->len = 0;
            return got == 0 || errno == ENOENT ? ERR_NONE : err_from_errno(errno); /* ENOENT: it was removed */
        }
        entry = (const void *)(level->entries + level->at);
        level->at += entry->d_reclen;
        level->next = entry->d_off;
    } while (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0);
    *name = entry->d_name;
    return ERR_NONE;
}

/* A path too long for us is none that a request could name: such a member is left out. */
static bool put_name(struct walk *walk, const struct level *level, const char *name)
{
    size_t len = strlen(name), at = level->path_len;

    if (at + 1 + len >= sizeof(walk->path))
        return false;
    if (at > 0)
        walk->path[at++] = '/';
    memcpy(walk->path + at, name, len);
    walk->last.path = path_upto(walk, at + len);
    walk->last.name = slice_of(walk->path + at, len);
    return true;
}

/* ERR_CHANGED: it is left out. A member that the disk failed to show ends the walk: nobody may take it for gone. */
static WORKER_SIDE enum err look_at(struct walk *walk, struct level *level, const char *name)
{
    struct member member;
    bool is_link;

    if (!member_look(walk->store, level->fd, path_upto(walk, level->path_len), name, &member) ||
        !put_name(walk, level, name))
        return ERR_CHANGED;
    if ((level->is_by_link || walk->is_by_link) && !member.is_broken && member_is_closed(walk->store, walk->last.path))
        return ERR_CHANGED;
    if (member.err != ERR_NONE)
        return member.err;
    is_link = member.facts.through_symlink;
    walk->has_id = false;
    walk->last.depth = walk->count;
    walk->last.facts = member.facts;
    walk->last.facts.through_symlink |= level->is_by_link;
    walk->last.is_broken = member.is_broken;
    walk->descends = !member.is_broken && member.facts.kind == KIND_FOLDER && walk->count < walk->depth_max &&
                     !(is_link && level->is_by_link);
    return ERR_NONE;
}

static WORKER_SIDE enum err next_member(struct walk *walk)
{
    while (walk->count) {
        struct level *level = top(walk);
        const char *name = NULL;
        enum err err = ERR_NONE;

        if (level->fd < 0 && (err = reopen(walk, level)) == ERR_TOO_MANY)
            return err;
        if (err == ERR_NONE && (err = next_name(level, &name)) != ERR_NONE)
            return err;
        if (!name)
            pop(walk);
        else if ((err = look_at(walk, level, name)) != ERR_CHANGED)
            return err;
    }
    return ERR_MISSING;
}

enum err walk_next(struct walk *walk, struct walk_entry *out)
{
    enum err err = ERR_NONE;

    if (walk->is_started) {
        if (walk->descends)
            err = descend(walk);
        if (err == ERR_NONE)
            err = next_member(walk);
    }
    walk->is_started = true;
    if (err == ERR_NONE)
        *out = walk->last;
    return err;
}

void walk_skip(struct walk *walk)
{
    walk->descends = false;
    if (walk->last.depth == 0)
        while (walk->count)
            pop(walk);
}

void walk_close(struct walk *walk)
{
    if (!walk)
        return;
    while (walk->count)
        pop(walk);
    free(walk->levels);
    free(walk);
}

/* What is recorded of the last entry */

struct looked {
    unsigned char id[ID_LEN], parent[ID_LEN];
    bool shows_id;    /* the caller wants it */
    bool is_recorded; /* there may be more under the id */
    bool has_parent;
    struct slice name; /* in the parent */
    struct owner owner;
};

/* By its path, as a request for it would be: for what is not simply a member of a folder with a known id. */
static enum err look_by_path(struct walk *walk, struct slice path, struct looked *looked)
{
    enum err err = owner_find(walk->store, (struct rpath){.text = path}, looked->shows_id, &looked->owner);

    if (err != ERR_NONE)
        return err;
    memcpy(looked->id, looked->owner.identity.id, ID_LEN);
    memcpy(looked->parent, looked->owner.identity.parent, ID_LEN);
    looked->is_recorded = owner_has_records(&looked->owner);
    looked->has_parent =
        looked->owner.identity.is_recorded && !looked->owner.is_root && !looked->owner.place.is_outside;
    looked->name = slice_str(looked->owner.place.name);
    return ERR_NONE;
}

/* The id of the folder that is being read. */
static enum err folder_id(struct walk *walk, struct level *level, struct meta *meta)
{
    struct looked looked = {.owner.place.folder = -1};
    enum err err = ERR_NONE;

    if (!level->has_id)
        err = look_by_path(walk, path_upto(walk, level->path_len), &looked);
    if (err == ERR_NONE && !level->has_id) {
        memcpy(level->id, looked.id, ID_LEN);
        level->has_id = true;
        level->is_outside = looked.owner.place.is_outside;
    }
    owner_release(&looked.owner);
    if (err == ERR_NONE && level->names == NAMES_UNKNOWN)
        level->names = meta && name_records_any(meta, level->id) ? NAMES_SOME : NAMES_NONE;
    return err;
}

static enum err look_up(struct walk *walk, struct meta *meta, struct looked *looked)
{
    const struct walk_entry *last = &walk->last;
    enum peek peek = PEEK_UNSURE;
    struct level *level;
    enum err err;

    if (last->depth == 0 || last->facts.through_symlink)
        return look_by_path(walk, last->path, looked);
    level = top(walk);
    err = folder_id(walk, level, meta);
    if (err != ERR_NONE)
        return err;
    peek =
        identity_peek(walk->store, meta, level->id, level->names == NAMES_SOME, last->name, &last->facts, looked->id);
    if (peek == PEEK_UNSURE || (peek == PEEK_NONE && looked->shows_id))
        return look_by_path(walk, last->path, looked);
    memcpy(looked->parent, level->id, ID_LEN);
    looked->is_recorded = peek == PEEK_RECORDED;
    looked->has_parent = true;
    looked->name = last->name;
    return ERR_NONE;
}

static enum err read_all(struct walk *walk, struct meta *meta, const struct looked *looked, struct arena *arena,
                         struct property **props, unsigned *count, struct traits *traits)
{
    enum err err = ERR_NONE;

    if (props && looked->is_recorded)
        err = propset_read(walk->store, meta, looked->id, arena, props, count);
    if (err == ERR_NONE && traits && looked->is_recorded)
        err = traits_read(walk->store, meta, looked->id, facts_tag(&walk->last.facts), arena, traits);
    if (err == ERR_NONE && traits && looked->has_parent && walk->last.facts.kind == KIND_FILE)
        traits->floor_s = floor_get(walk->store, meta, looked->parent, looked->name);
    return err;
}

enum err walk_look(struct walk *walk, struct arena *arena, struct property **props, unsigned *count,
                   struct traits *traits, unsigned char id[16])
{
    struct meta *meta = records_find(walk->store);
    struct looked looked = {.owner.place.folder = -1, .shows_id = id != NULL};
    enum err err;

    if (props) {
        *props = NULL;
        *count = 0;
    }
    if (traits)
        *traits = (struct traits){0};
    if (walk->last.is_broken)
        return ERR_MISSING;
    if (!id && !(meta && props && propset_has_props(walk->store)) &&
        !(meta && traits && propset_has_traits(walk->store)))
        return ERR_NONE;
    err = look_up(walk, meta, &looked);
    if (err == ERR_NONE && meta)
        err = read_all(walk, meta, &looked, arena, props, count, traits);
    owner_release(&looked.owner);
    if (err != ERR_NONE)
        return err;
    walk->has_id = true; /* for its members, if it is a folder */
    memcpy(walk->id, looked.id, ID_LEN);
    if (id)
        memcpy(id, looked.id, ID_LEN);
    return ERR_NONE;
}
