/*
 * watch.c - watches for the hot cache.
 */
#include "core.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/inotify.h>

#include "facts.h"
#include "refuse.h"
#include "resolve.h"

enum {
    /* One mask for every folder: a second watch on the same inode replaces the first one's mask. */
    FOLDER_EVENTS =
        IN_MOVED_FROM | IN_MOVED_TO | IN_CREATE | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ATTRIB | IN_ONLYDIR,
    FILE_EVENTS = IN_MODIFY | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF,
};

struct watching {
    int inotify;
    int *watches;
    unsigned max, count;
};

/* By the descriptor's name in /proc: the path itself might lead elsewhere by now. */
static enum err watch(struct watching *watching, int fd, uint32_t events)
{
    char path[32];
    int got;

    if (watching->count == watching->max)
        return ERR_TOO_LARGE;
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    got = inotify_add_watch(watching->inotify, path, events);
    if (got < 0)
        return errno == ENOSPC || errno == ENOMEM ? ERR_TOO_LARGE : ERR_UNSUPPORTED;
    watching->watches[watching->count++] = got;
    return ERR_NONE;
}

/* The root, then each segment; `last` gets the file's inode. */
static enum err watch_way(struct store *store, struct slice rest, struct watching *watching, struct stat *last)
{
    FD_GUARD at = open_beneath(store->root, "", O_PATH | O_DIRECTORY);
    enum err err = at < 0 ? err_from_errno(errno) : watch(watching, at, FOLDER_EVENTS);
    struct slice segment;

    while (err == ERR_NONE && rpath_next(&rest, &segment)) {
        char name[NAME_ROOM];
        int next;

        if (segment.len >= sizeof(name))
            return ERR_TOO_LONG;
        memcpy(name, segment.ptr, segment.len);
        name[segment.len] = '\0';
        next = open_beneath(at, name, O_PATH);
        if (next < 0)
            return errno == ENOENT ? ERR_MISSING : err_from_errno(errno);
        close(at);
        at = next;
        if (fstat(at, last) < 0)
            return err_from_errno(errno);
        if (S_ISLNK(last->st_mode) || (rest.len == 0 && !S_ISREG(last->st_mode)))
            return ERR_UNSUPPORTED;
        err = watch(watching, at, rest.len ? FOLDER_EVENTS : FILE_EVENTS);
    }
    return err;
}

enum err store_open_watched(struct store *store, struct rpath path, int inotify_fd, int *watches, unsigned count_max,
                            unsigned *count, int *out, struct facts *facts)
{
    struct watching watching = {inotify_fd, watches, count_max, 0};
    struct stat watched = {0};
    enum err err;

    *count = 0;
    *out = -1;
    if (!store->reports_changes || rpath_is_root(path) || path.has_slash)
        return ERR_UNSUPPORTED;
    if (path_is_reserved(path.text))
        return ERR_MISSING;
    err = watch_way(store, path.text, &watching, &watched);
    *count = watching.count;
    if (err != ERR_NONE)
        return err;
    err = store_open_file(store, path, out, facts);
    if (err != ERR_NONE)
        return err;
    /* opened by its whole path after every part of it was watched: what changes from now on is told */
    if (facts->through_symlink || facts->nlink != 1 || facts->kind != KIND_FILE || facts->ino != watched.st_ino) {
        store_close_file(store, *out, facts);
        *out = -1;
        return ERR_UNSUPPORTED;
    }
    return ERR_NONE;
}
