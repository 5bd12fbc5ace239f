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
 * for each link. A folder whose members may not be listed has none here. A binding is no link: what it is of is listed
 * with all below it by each of its names, but not below itself.
 */
#include "members_private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>

#include "bound.h"
#include "facts.h"
#include "list.h"
#include "propset.h"
#include "refuse.h"

enum { LEVEL_BYTES = 16 << 10, LEVELS_FIRST = 8 };

static void level_close(struct level *level)
{
    fd_close(&level->fd);
    free(level->entries);
    level->entries = NULL;
    level->at = level->len = 0;
}

static void pop(struct walk *walk)
{
    struct level *level = walk_top(walk);

    if (level->fd >= 0)
        walk->open--;
    level_close(level);
    free(level->names);
    free(level->rounds);
    walk->count--;
}

/* Makes a level of an open folder, which it owns from now on. ERR_LOOP: it is one already. */
static enum err level_open(struct walk *walk, int fd, bool is_link)
{
    bool was_by_link = walk->count && walk_top(walk)->is_by_link,
         is_outside = walk->count && walk_top(walk)->is_outside;
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
    level->is_in_bound = walk->last.is_in_bound;
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
    walk->last.path = walk_upto(walk, path.text.len);
    walk->last.name = rpath_leaf((struct rpath){.text = walk->last.path});
    walk->last.facts = facts;
    walk->last.is_in_bound = facts.is_in_bound;
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

/* A name as it was read. NULL: the end. */
struct read_name {
    const char *text;
    unsigned char type; /* DT_… */
};

/* From the file system. */
static enum err next_read(struct level *level, struct read_name *name)
{
    const struct dirent64 *entry;

    name->text = NULL;
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
    *name = (struct read_name){entry->d_name, entry->d_type};
    return ERR_NONE;
}

/* ---- names in order ---- */

/* Each has its type before it. */
static int by_octets(const void *a, const void *b)
{
    return strcmp(*(char *const *)a + 1, *(char *const *)b + 1);
}

static enum err read_names(struct level *level, struct buf *names, size_t *count)
{
    struct read_name name;
    enum err err;

    *count = 0;
    while ((err = next_read(level, &name)) == ERR_NONE && name.text) {
        buf_add(names, slice_of((const char *)&name.type, 1));
        buf_add(names, slice_of(name.text, strlen(name.text) + 1));
        ++*count;
    }
    return err == ERR_NONE && names->overflown ? ERR_TOO_LARGE : err;
}

/* The names of the last level are all read. */
static enum err level_sort(struct walk *walk)
{
    struct buf names = BUF_INIT(WALK_NAMES_MAX);
    struct level *level = walk_top(walk);
    size_t count;
    enum err err = read_names(level, &names, &count);

    if (err == ERR_NONE) {
        char *at;

        level->names = xmalloc((count + 1) * sizeof(char *) + names.len);
        at = (char *)(level->names + count + 1);
        if (names.len)
            memcpy(at, names.ptr, names.len);
        for (size_t i = 0; i < count; i++, at += 1 + strlen(at + 1) + 1)
            level->names[i] = at;
        qsort(level->names, count, sizeof(char *), by_octets);
        level->name_count = count;
    }
    buf_release(&names);
    return err;
}

void walk_once(struct walk *walk)
{
    walk->is_once = true;
    if (walk->last.facts.is_bound)
        id_set_add(&walk->seen, walk->last.facts.bound_id);
}

/* The last entry's members are next. Whatever makes that impossible but a lack of descriptors means: it has none. */
static enum err descend(struct walk *walk)
{
    bool is_link = walk->last.facts.through_symlink && !walk_top(walk)->is_by_link;
    bool is_bound = walk->last.facts.is_bound;
    enum err err = ERR_NONE;
    char name[NAME_ROOM];
    int fd = -1;

    walk->descends = false;
    if (is_bound && walk->is_once) /* not before: who skips it has not been told of it */
        id_set_add(&walk->seen, walk->last.facts.bound_id);
    if (walk->last.name.len >= sizeof(name))
        return ERR_NONE;
    memcpy(name, walk->last.name.ptr, walk->last.name.len);
    name[walk->last.name.len] = '\0';
    fd = open_beneath(walk_top(walk)->fd, name, O_RDONLY | O_DIRECTORY);
    if (fd < 0 && (errno == ELOOP || errno == ENOTDIR) && (is_link || is_bound))
        err = resolve_open(walk->store, walk->last.path, O_RDONLY | O_DIRECTORY, &fd, NULL);
    else if (fd < 0)
        err = err_from_errno(errno);
    else
        is_link = false;
    if (err == ERR_NONE)
        err = level_open(walk, fd, is_link);
    if (err == ERR_NONE && walk->is_once)
        err = level_sort(walk);
    return err == ERR_TOO_MANY || err == ERR_TOO_LARGE || err == ERR_IO ? err : ERR_NONE;
}

/* A level that was closed is read on where it was. */
static enum err reopen(struct walk *walk, struct level *level)
{
    struct stat got;
    int fd;
    enum err err = resolve_open(walk->store, walk_upto(walk, level->path_len), O_RDONLY | O_DIRECTORY, &fd, NULL);

    if (err != ERR_NONE)
        return err;
    if (fstat(fd, &got) < 0 || got.st_dev != level->dev || got.st_ino != level->ino ||
        (!level->names && lseek(fd, level->next, SEEK_SET) < 0)) {
        close(fd);
        return ERR_MISSING;
    }
    level->fd = fd;
    level->entries = xmalloc(LEVEL_BYTES);
    walk->open++;
    return ERR_NONE;
}

static enum err next_name(struct level *level, struct read_name *name)
{
    const char *at = level->names && level->next_name < level->name_count ? level->names[level->next_name++] : NULL;

    if (!level->names)
        return next_read(level, name);
    *name = at ? (struct read_name){at + 1, (unsigned char)at[0]} : (struct read_name){.text = NULL};
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
    walk->last.path = walk_upto(walk, at + len);
    walk->last.name = slice_of(walk->path + at, len);
    return true;
}

/* One more round of a loop than a path may go: who asked for it would not find it. */
static bool is_over(struct walk *walk, struct level *level, const struct facts *facts)
{
    if (!facts->is_bound || facts->kind != KIND_FOLDER || !level->is_in_bound)
        return false;
    if (!level->rounds) {
        level->rounds = xmalloc(sizeof(*level->rounds));
        walk_rounds(walk->store, walk_upto(walk, level->path_len), level->rounds);
    }
    return rounds_are_over(level->rounds, facts->bound_id);
}

/* ERR_CHANGED: it is left out. A member that the disk failed to show ends the walk: nobody may take it for gone. */
static WORKER_SIDE enum err look_at(struct walk *walk, struct level *level, const struct read_name *name)
{
    struct member member;
    bool is_link;

    if (!member_look(walk->store, level->fd, walk_upto(walk, level->path_len), name->text, name->type, &member) ||
        !put_name(walk, level, name->text))
        return ERR_CHANGED;
    if ((level->is_by_link || walk->is_by_link) && !member.is_broken && member_is_closed(walk->store, walk->last.path))
        return ERR_CHANGED;
    if (member.err != ERR_NONE)
        return member.err;
    if (is_over(walk, level, &member.facts))
        return ERR_CHANGED;
    is_link = member.facts.through_symlink;
    walk->has_id = false;
    walk->last.depth = walk->count;
    walk->last.facts = member.facts;
    walk->last.facts.through_symlink |= level->is_by_link;
    walk->last.is_broken = member.is_broken;
    walk->last.is_in_bound = level->is_in_bound || member.facts.is_bound;
    walk->last.is_again = walk->is_once && !member.is_broken && member.facts.kind == KIND_FOLDER &&
                          member.facts.is_bound && id_set_has(&walk->seen, member.facts.bound_id);
    walk->descends = !member.is_broken && member.facts.kind == KIND_FOLDER && walk->count < walk->depth_max &&
                     !(is_link && level->is_by_link) && !walk->last.is_again;
    return ERR_NONE;
}

static WORKER_SIDE enum err next_member(struct walk *walk)
{
    while (walk->count) {
        struct level *level = walk_top(walk);
        struct read_name name = {.text = NULL};
        enum err err = ERR_NONE;

        if (level->fd < 0 && (err = reopen(walk, level)) == ERR_TOO_MANY)
            return err;
        if (err == ERR_NONE && (err = next_name(level, &name)) != ERR_NONE)
            return err;
        if (!name.text)
            pop(walk);
        else if ((err = look_at(walk, level, &name)) != ERR_CHANGED)
            return err;
    }
    return ERR_MISSING;
}

enum err walk_next(struct walk *walk, struct walk_entry *out)
{
    enum err err = ERR_NONE;

    if (!walk->is_started && walk->is_once && walk->count)
        err = level_sort(walk);
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
    id_set_release(&walk->seen);
    free(walk->levels);
    free(walk);
}
