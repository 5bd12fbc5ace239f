/*
 * derived.c - what was made of contents, kept in derived/ for as long as there is room.
 *
 * A file gets its name when it is whole and on the disk, by a link: after a power cut there is either no name or all of
 * it, since a delta of which the end is missing would make a wrong content. Who finds the name taken already keeps his
 * own without one. When a file was asked for last is its time of modification, moved on no more than once an hour. The
 * keeper counts and removes: the budget is looked at when it is passed, and once after a start.
 */
#include "store/derived.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "derived_private.h"
#include "part.h"
#include "sync.h"

enum {
    HEX_ROOM = 2 * DERIVED_KEY + 1,
    ASKED_S = 3600,       /* a time that is younger is left as it is */
    LEAST_OCTETS = 4096,  /* a file takes that much, however short it is */
    FILES_MAX = 1 << 17,  /* looked at in one sweep; what is beyond is removed */
    KEEP_EIGHTHS = 7,     /* of the budget, after a sweep: else each new file would be one */
    NEW_TRIES_MAX = 1000, /* names for a file that cannot be without */
};

void derived_init(struct store *store)
{
    atomic_store(&store->derived.is_due, true); /* what earlier runs left */
}

static void name_of(const unsigned char key[DERIVED_KEY], char name[HEX_ROOM])
{
    hex_encode(name, key, DERIVED_KEY);
    name[HEX_ROOM - 1] = '\0';
}

static uint64_t room_of(uint64_t size)
{
    return size < LEAST_OCTETS ? LEAST_OCTETS : size;
}

/* ---- one that is there ---- */

enum err store_derived_open(struct store *store, const unsigned char key[DERIVED_KEY], int *fd, uint64_t *size)
{
    char name[HEX_ROOM];
    struct stat got;

    *fd = -1;
    if ((!atomic_load(&store->state.is_made) && !store_is_read_only(store)) || store->state.derived < 0)
        return ERR_MISSING;
    name_of(key, name);
    *fd = openat(store->state.derived, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (*fd < 0)
        return err_from_errno(errno);
    if (fstat(*fd, &got) < 0 || !S_ISREG(got.st_mode)) {
        fd_close(fd);
        return ERR_MISSING;
    }
    *size = (uint64_t)got.st_size;
    if (got.st_mtime + ASKED_S < clock_real_s() && !store_is_read_only(store) && futimens(*fd, NULL) < 0)
        return ERR_NONE; /* then it goes a little sooner */
    return ERR_NONE;
}

/* ---- one that is made ---- */

/* Without O_TMPFILE: a name that no key has, and that a sweep takes for what it is. */
static int open_named(int folder)
{
    char name[32];
    int fd = -1;

    for (unsigned i = 0; fd < 0 && i < NEW_TRIES_MAX; i++) {
        snprintf(name, sizeof(name), "new-%u", i);
        fd = openat(folder, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd < 0 && errno != EEXIST)
            return -1;
    }
    if (fd >= 0)
        unlinkat(folder, name, 0);
    return fd;
}

enum err store_derived_new(struct store *store, struct derived *out)
{
    enum err err = store_is_read_only(store) ? ERR_READ_ONLY : state_need(store);

    *out = (struct derived){.store = store, .fd = -1};
    if (err != ERR_NONE)
        return err;
    out->fd = openat(store->state.derived, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (out->fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL))
        out->fd = open_named(store->state.derived);
    return out->fd < 0 ? err_from_errno(errno) : ERR_NONE;
}

enum err derived_write(struct derived *derived, struct slice bytes)
{
    while (bytes.len) {
        ssize_t done = pwrite(derived->fd, bytes.ptr, bytes.len, (off_t)derived->size);

        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return err_from_errno(errno);
        derived->size += (uint64_t)done;
        bytes = slice_from(bytes, (size_t)done);
    }
    return ERR_NONE;
}

static uint64_t budget(const struct store *store)
{
    return store->options.derived_bytes;
}

int derived_keep(struct derived *derived, const unsigned char key[DERIVED_KEY])
{
    struct store *store = derived->store;
    char name[HEX_ROOM];
    uint64_t bytes;
    int fd = derived->fd;

    name_of(key, name);
    derived->fd = -1;
    if (room_of(derived->size) > budget(store) || sync_fd(fd) < 0 || fd_link(fd, store->state.derived, name) < 0)
        return fd;
    bytes = atomic_fetch_add(&store->derived.bytes, room_of(derived->size)) + room_of(derived->size);
    if (bytes > budget(store)) {
        atomic_store(&store->derived.is_due, true);
        keeper_trash(&store->keeper);
    }
    return fd;
}

void derived_drop(struct derived *derived)
{
    fd_close(&derived->fd);
}

uint64_t store_derived_bytes(struct store *store)
{
    return atomic_load(&store->derived.bytes);
}

/* ---- the keeper's chore ---- */

struct found {
    int64_t asked_s;
    uint64_t room;
    char name[HEX_ROOM];
};

struct found_list {
    struct found *list;
    size_t count, room;
    uint64_t bytes;
};

static void found_add(struct found_list *list, const char *name, const struct stat *got)
{
    struct found *found;

    if (list->count == list->room) {
        list->room = list->room ? 2 * list->room : 256;
        list->list = xrealloc(list->list, list->room * sizeof(*list->list));
    }
    found = &list->list[list->count++];
    *found = (struct found){.asked_s = got->st_mtime, .room = room_of((uint64_t)got->st_size)};
    memcpy(found->name, name, HEX_ROOM);
    list->bytes += found->room;
}

/* All that have a key for their name; what else there is, nobody will ask for. */
static void look(struct store *store, struct found_list *list)
{
    int copy = openat(store->state.derived, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *names = copy < 0 ? NULL : fdopendir(copy);
    struct stat got;

    for (struct dirent *at; names && (at = readdir(names));) {
        if (at->d_name[0] == '.')
            continue;
        if (strlen(at->d_name) == HEX_ROOM - 1 && list->count < FILES_MAX) {
            if (fstatat(store->state.derived, at->d_name, &got, AT_SYMLINK_NOFOLLOW) == 0)
                found_add(list, at->d_name, &got);
        } else if (strncmp(at->d_name, "new-", 4) != 0 || !store_is_shared(store)) {
            unlinkat(store->state.derived, at->d_name, 0);
        }
    }
    if (names)
        closedir(names);
    else
        fd_close(&copy);
}

static int by_time(const void *a, const void *b)
{
    const struct found *one = a, *other = b;

    return (one->asked_s > other->asked_s) - (one->asked_s < other->asked_s);
}

void derived_trim(struct store *store)
{
    struct found_list list = {0};
    uint64_t most = budget(store) / 8 * KEEP_EIGHTHS;

    if (!atomic_load(&store->state.is_made) || !atomic_exchange(&store->derived.is_due, false))
        return;
    look(store, &list);
    if (list.bytes > budget(store)) {
        qsort(list.list, list.count, sizeof(*list.list), by_time);
        for (size_t i = 0; i < list.count && list.bytes > most; i++)
            if (unlinkat(store->state.derived, list.list[i].name, 0) == 0)
                list.bytes -= list.list[i].room;
    }
    atomic_store(&store->derived.bytes, list.bytes); /* what came meanwhile counts at the next sweep */
    free(list.list);
}
