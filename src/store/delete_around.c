/*
 * delete_around.c - DELETE of a folder in which other volumes are mounted.
 *
 * A mount point cannot be removed, nor what leads to it, and what is on another volume stays. Everything else goes,
 * each member as if it were deleted alone, and the mount points are told of. (Folders above them are not: RFC 4918
 * §9.6.1.)
 */
#include "delete.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

/* Where a mount point below keeps the folder from going in one piece. */
struct walk_around {
    struct store *store;
    struct slice path; /* as the request has it */
    const char *plain; /* of the folder, as places have it */
    bool is_outside;
    const struct obstacles *obstacles;
    struct progress progress;
    struct casualties *casualties;
};

static bool is_mount(const struct obstacles *obstacles, struct slice below)
{
    for (unsigned i = 0; i < obstacles->count; i++)
        if (slice_eq(obstacles->points[i], below))
            return true;
    return false;
}

static bool holds_mount(const struct obstacles *obstacles, struct slice below)
{
    for (unsigned i = 0; i < obstacles->count; i++)
        if (rpath_is_within(obstacles->points[i], below))
            return true;
    return false;
}

/* A member of a folder that has to stay: `below` is its path under the folder that was to be deleted. */
static void delete_member(struct walk_around *around, struct place *place, struct slice below)
{
    struct store *store = around->store;
    struct obstacles none = {.count = 0};
    struct stat got;
    enum err err;

    if (is_mount(around->obstacles, below))
        err = ERR_BUSY;
    else if (holds_mount(around->obstacles, below))
        return; /* its own turn comes */
    else if (fstatat(place->folder, place->name, &got, AT_SYMLINK_NOFOLLOW) < 0)
        return;
    else if (S_ISDIR(got.st_mode))
        err = delete_folder(store, place, (struct guard){0}, &none);
    else if (S_ISREG(got.st_mode))
        err = delete_file(store, place, (struct guard){0});
    else
        err = plain_unlink(place);
    arena_release(&none.arena);
    if (err != ERR_NONE && err != ERR_MISSING)
        casualty_add(around->casualties, around->path, below, err);
}

static DIR *list_open(struct store *store, struct place *place)
{
    FD_GUARD fd = open_beneath(place->is_outside ? store->slash : store->root, place->parent, O_RDONLY | O_DIRECTORY);
    struct stat got;
    DIR *list;

    if (fd < 0 || fstat(fd, &got) < 0 || !(list = fdopendir(fd)))
        return NULL;
    place->folder = fd_take(&fd);
    place->dev = got.st_dev;
    place->ino = got.st_ino;
    return list;
}

/* All members of one folder that has to stay. */
static enum err delete_members(struct walk_around *around, struct slice below)
{
    struct buf path = BUF_INIT(2 * PATH_ROOM);
    struct place place = {.is_outside = around->is_outside, .folder = -1};
    enum err err = ERR_NONE;
    DIR *list = NULL;

    buf_printf(&path, "%s%s%.*s", around->plain, below.len ? "/" : "", (int)below.len, below.ptr ? below.ptr : "");
    if (path.len < sizeof(place.parent)) {
        memcpy(place.parent, buf_str(&path), path.len + 1);
        list = list_open(around->store, &place);
    }
    if (!list)
        casualty_add(around->casualties, around->path, below, ERR_DENIED);
    for (struct dirent *at; list && err == ERR_NONE && (errno = 0, at = readdir(list));) {
        struct buf member = BUF_INIT(2 * PATH_ROOM);

        if (strcmp(at->d_name, ".") == 0 || strcmp(at->d_name, "..") == 0)
            continue;
        snprintf(place.name, sizeof(place.name), "%s", at->d_name);
        buf_printf(&member, "%.*s%s%s", (int)below.len, below.ptr ? below.ptr : "", below.len ? "/" : "", at->d_name);
        delete_member(around, &place, buf_slice(&member));
        buf_release(&member);
        err = progress_goes_on(around->progress) ? ERR_NONE : ERR_CLOSED;
    }
    if (list && err == ERR_NONE && errno)
        casualty_add(around->casualties, around->path, below, err_from_errno(errno)); /* there may be more */
    if (list) {
        folder_settle(around->store, place.folder, place.folder);
        closedir(list);
    }
    buf_release(&path);
    return err;
}

static bool is_below_mount(const struct obstacles *obstacles, struct slice below)
{
    for (unsigned i = 0; i < obstacles->count; i++)
        if (rpath_is_within(below, obstacles->points[i]))
            return true;
    return false;
}

/* Whether an earlier mount point has led to it already. */
static bool is_done(const struct obstacles *obstacles, unsigned before, struct slice below)
{
    for (unsigned i = 0; i < before; i++)
        if (rpath_is_within(obstacles->points[i], below))
            return true;
    return false;
}

/* Each folder on the way to a mount point, once. */
static enum err delete_on_the_way(struct walk_around *around, unsigned index)
{
    struct slice point = around->obstacles->points[index];
    enum err err = ERR_NONE;

    for (size_t at = 1; at < point.len && err == ERR_NONE; at++) {
        struct slice below = slice_of(point.ptr, at);

        if (point.ptr[at] == '/' && !is_below_mount(around->obstacles, below) &&
            !is_done(around->obstacles, index, below))
            err = delete_members(around, below);
    }
    return err;
}

enum err delete_around(struct store *store, const struct place *place, struct slice path,
                       const struct obstacles *obstacles, struct progress progress, struct casualties *casualties)
{
    struct buf plain = BUF_INIT(2 * PATH_ROOM);
    struct walk_around around = {.store = store,
                                 .path = path,
                                 .is_outside = place->is_outside,
                                 .obstacles = obstacles,
                                 .progress = progress,
                                 .casualties = casualties};
    enum err err;

    if (is_mount(obstacles, SLICE_NONE))
        return ERR_BUSY;
    buf_printf(&plain, "%s%s%s", place->parent, place->parent[0] ? "/" : "", place->name);
    around.plain = buf_str(&plain);
    err = delete_members(&around, SLICE_NONE);
    for (unsigned i = 0; i < obstacles->count && err == ERR_NONE; i++)
        err = delete_on_the_way(&around, i);
    buf_release(&plain);
    return err;
}
