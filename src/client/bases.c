/*
 * bases.c - see bases.h.
 */
#include "bases.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/hash.h"

enum {
    NAME_LEN = 32,
    PATH_ROOM = 4096,
    BASE_LEAST = 16 * 1024, /* below, a delta saves nothing worth it */
};
static const uint64_t BASE_MOST = UINT64_C(2) << 30, BASES_MOST = UINT64_C(4) << 30;

/* ---- the folder ---- */

static int make_folder(int at, const char *name)
{
    int fd;

    if (mkdirat(at, name, 0700) < 0 && errno != EEXIST)
        return -1;
    fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd;
}

/* -1: there is no home for it. */
static int folder_open(void)
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    char path[PATH_ROOM];
    FD_GUARD top = -1;
    FD_GUARD ours = -1;

    if (cache && cache[0] == '/')
        snprintf(path, sizeof(path), "%s", cache);
    else if (home && home[0] == '/')
        snprintf(path, sizeof(path), "%s/.cache", home);
    else
        return -1;
    mkdir(path, 0700);
    top = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (top < 0)
        return -1;
    ours = make_folder(top, "samovar");
    return ours < 0 ? -1 : make_folder(ours, "bases");
}

/* Not secret, and no two addresses share one by chance: the note says whose it is. */
static void name_of(struct slice url, char name[NAME_LEN + 1])
{
    static const struct hash_key key = {0x73616d6f, 0x76617220};
    struct hash128 hash = hash128(&key, url);

    hex_encode(name, hash.bytes, sizeof(hash.bytes));
    name[NAME_LEN] = '\0';
}

int base_open(struct slice url, struct arena *arena, struct note *note)
{
    FD_GUARD folder = folder_open();
    char name[NAME_LEN + 1];
    FD_GUARD fd = -1;

    name_of(url, name);
    if (folder >= 0)
        fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 || !note_read(fd, arena, note) || !note->is_unchanged || !slice_eq(note->url, url))
        return -1;
    return fd_take(&fd);
}

/* ---- keeping ---- */

/* The file system shares the octets, where it can. */
static bool copy(int from, int to)
{
    off_t at = 0;
    ssize_t done;

    if (ioctl(to, FICLONE, from) == 0)
        return true;
    while ((done = copy_file_range(from, &at, to, NULL, 1 << 30, 0)) > 0)
        ;
    return done == 0;
}

struct kept {
    char name[NAME_LEN + 1];
    uint64_t size;
    struct timespec used;
};

static int by_use(const void *a, const void *b)
{
    const struct kept *one = a, *other = b;

    if (one->used.tv_sec != other->used.tv_sec)
        return one->used.tv_sec < other->used.tv_sec ? -1 : 1;
    return (one->used.tv_nsec > other->used.tv_nsec) - (one->used.tv_nsec < other->used.tv_nsec);
}

static size_t look(int folder, struct kept **list, uint64_t *total)
{
    int again = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *names = again < 0 ? NULL : fdopendir(again);
    size_t count = 0, room = 0;
    struct stat got;

    for (struct dirent *at; names && (at = readdir(names));) {
        if (strlen(at->d_name) != NAME_LEN || fstatat(folder, at->d_name, &got, AT_SYMLINK_NOFOLLOW) < 0)
            continue;
        if (count == room) {
            room = room ? 2 * room : 64;
            *list = xrealloc(*list, room * sizeof(**list));
        }
        (*list)[count] = (struct kept){.size = (uint64_t)got.st_size, .used = got.st_ctim};
        memcpy((*list)[count++].name, at->d_name, NAME_LEN + 1);
        *total += (uint64_t)got.st_size;
    }
    if (names)
        closedir(names);
    return count;
}

static void make_room(int folder)
{
    struct kept *list = NULL;
    uint64_t total = 0;
    size_t count = look(folder, &list, &total);

    if (total > BASES_MOST) {
        qsort(list, count, sizeof(*list), by_use);
        for (size_t i = 0; i < count && total > BASES_MOST; i++)
            if (unlinkat(folder, list[i].name, 0) == 0)
                total -= list[i].size;
    }
    free(list);
}

/* Absolute, without links; "" where it cannot be told. free(). */
static char *full_path(const char *file)
{
    char *path = realpath(file, NULL);

    return path ? path : xstrdup(SLICE_NONE);
}

bool base_is_of(const struct note *note, const char *file)
{
    char *path = full_path(file);
    bool is_of = path[0] && slice_eq(note->file, slice_str(path));

    free(path);
    return is_of;
}

static bool keep_as(int folder, const char *name, const struct note *note, int fd)
{
    char temporary[NAME_LEN + 8];
    FD_GUARD made = -1;

    snprintf(temporary, sizeof(temporary), "%s.new", name); /* what a kill left there is written over */
    made = openat(folder, temporary, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (made < 0)
        return false;
    if (copy(fd, made) && note_write(made, note) && renameat(folder, temporary, folder, name) == 0)
        return true;
    unlinkat(folder, temporary, 0);
    return false;
}

void base_keep(struct slice url, struct slice tag, int fd, const char *file)
{
    FD_GUARD folder = folder_open();
    char name[NAME_LEN + 1], *path;
    struct stat got;

    if (folder < 0 || fstat(fd, &got) < 0)
        return;
    name_of(url, name);
    unlinkat(folder, name, 0); /* what was kept is another version now */
    if (got.st_size < BASE_LEAST || (uint64_t)got.st_size > BASE_MOST || !tag.len || slice_starts(tag, SLICE("W/")))
        return;
    path = full_path(file);
    if (keep_as(folder, name, &(struct note){.url = url, .tag = tag, .file = slice_str(path)}, fd))
        make_room(folder);
    free(path);
}
