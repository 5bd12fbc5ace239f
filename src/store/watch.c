/*
 * watch.c - watches for the hot cache.
 */
#include "watch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "facts.h"
#include "refuse.h"
#include "resolve.h"

/* By the descriptor's name in /proc: the path itself might lead elsewhere by now. */
enum err watch_add(struct watching *watching, int fd, uint32_t events)
{
    char path[32];
    int got;

    if (watching->count == watching->max)
        return ERR_TOO_LARGE;
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    got = inotify_add_watch(watching->inotify, path, events | IN_MASK_ADD);
    if (got < 0)
        return errno == ENOSPC || errno == ENOMEM ? ERR_TOO_LARGE : ERR_UNSUPPORTED;
    watching->watches[watching->count++] = got;
    return ERR_NONE;
}

/* `at` goes on to the next segment. */
static enum err step(int *at, struct slice segment, struct stat *found)
{
    char name[NAME_ROOM];
    int next;

    if (segment.len >= sizeof(name))
        return ERR_TOO_LONG;
    memcpy(name, segment.ptr, segment.len);
    name[segment.len] = '\0';
    next = open_beneath(*at, name, O_PATH);
    if (next < 0)
        return errno == ENOENT ? ERR_MISSING : err_from_errno(errno);
    close(*at);
    *at = next;
    return fstat(next, found) < 0 ? err_from_errno(errno) : ERR_NONE;
}

/* Of the inode behind which `rest` of the way is left. */
static uint32_t events_on(const struct watching *watching, struct slice rest, uint32_t events)
{
    if (!rest.len)
        return events;
    return memchr(rest.ptr, '/', rest.len) ? FOLDER_EVENTS : FOLDER_EVENTS | watching->beside;
}

enum err watch_way(struct store *store, struct slice rest, uint32_t events, struct watching *watching,
                   struct stat *last)
{
    FD_GUARD at = open_beneath(store->root, "", O_PATH | O_DIRECTORY);
    struct slice segment;
    enum err err;
    dev_t volume;

    if (at < 0 || fstat(at, last) < 0)
        return err_from_errno(errno);
    volume = last->st_dev;
    err = watch_add(watching, at, events_on(watching, rest, events));
    while (err == ERR_NONE && rpath_next(&rest, &segment)) {
        err = step(&at, segment, last);
        if (err)
            return err;
        if (S_ISLNK(last->st_mode) || (!S_ISDIR(last->st_mode) && (rest.len || events & IN_ONLYDIR)))
            return ERR_UNSUPPORTED;
        if (last->st_dev != volume && !volume_reports_changes(at))
            return ERR_UNSUPPORTED; /* mounted below the root */
        volume = last->st_dev;
        err = watch_add(watching, at, events_on(watching, rest, events));
    }
    return err;
}

enum err store_open_watched(struct store *store, struct rpath path, int inotify_fd, int *watches, unsigned count_max,
                            unsigned *count, bool with_others, int *out, struct facts *facts)
{
    struct watching watching = {inotify_fd, watches, count_max, 0, with_others ? MEMBERS_EVENTS : 0};
    struct stat watched = {0};
    enum err err;

    *count = 0;
    *out = -1;
    if (!store->reports_changes || rpath_is_root(path) || path.has_slash)
        return ERR_UNSUPPORTED;
    if (path_is_reserved(path.text))
        return ERR_MISSING;
    err = watch_way(store, path.text, FILE_EVENTS, &watching, &watched);
    *count = watching.count;
    if (err == ERR_NONE && !S_ISREG(watched.st_mode))
        err = ERR_UNSUPPORTED;
    if (err != ERR_NONE)
        return err;
    err = store_open_file(store, path, out, facts);
    if (err != ERR_NONE)
        return err;
    /* opened by its whole path after every part of it was watched: what changes from now on is told */
    if (facts->through_symlink || facts->is_bound || facts->nlink != 1 || facts->kind != KIND_FILE ||
        facts->ino != watched.st_ino) {
        store_close_file(store, *out, facts);
        *out = -1;
        return ERR_UNSUPPORTED;
    }
    return ERR_NONE;
}
