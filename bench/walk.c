/*
 * walk.c - the bound of PROPFIND: reads folders and the metadata of what is in them, and answers nobody.
 *
 *     walk FOLDER TIMES [all]
 *
 * getdents64 over the folder and statx of each entry with the fields a listing shows, TIMES times over; `all`: of
 * every folder below too. A server that keeps nothing about a folder cannot answer with less. One thread. Prints one
 * line of JSON: how many walks and entries, seconds, CPU in microseconds a walk.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define ROOM 262144 /* for getdents64: some 8,000 names at once */
#define DEPTH_MAX 64
#define SHOWN (STATX_TYPE | STATX_MODE | STATX_SIZE | STATX_MTIME | STATX_BTIME | STATX_INO)

struct entry { /* as getdents64 gives it */
    unsigned long long ino;
    long long off;
    unsigned short len;
    unsigned char type;
    char name[];
};

static void die(const char *what)
{
    fprintf(stderr, "walk: %s: %s\n", what, strerror(errno));
    exit(2);
}

static double clock_us(clockid_t clock)
{
    struct timespec ts;

    clock_gettime(clock, &ts);
    return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

static unsigned long walk(int parent, const char *name, bool all, unsigned depth);

static unsigned long entry_look(int folder, const struct entry *entry, bool all, unsigned depth)
{
    struct statx got;

    if (strcmp(entry->name, ".") == 0 || strcmp(entry->name, "..") == 0)
        return 0;
    if (statx(folder, entry->name, AT_SYMLINK_NOFOLLOW, SHOWN, &got) != 0)
        die(entry->name);
    return 1 + (all && S_ISDIR(got.stx_mode) ? walk(folder, entry->name, all, depth + 1) : 0);
}

/* How many entries there are in the folder, and below it. */
static unsigned long walk(int parent, const char *name, bool all, unsigned depth)
{
    int folder = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    char *room = malloc(ROOM);
    unsigned long found = 0;
    long got;

    if (folder < 0 || !room || depth > DEPTH_MAX)
        die(name);
    while ((got = syscall(SYS_getdents64, folder, room, ROOM)) > 0)
        for (long at = 0; at < got; at += ((const struct entry *)(room + at))->len)
            found += entry_look(folder, (const struct entry *)(room + at), all, depth);
    if (got < 0)
        die(name);
    free(room);
    close(folder);
    return found;
}

int main(int argc, char **argv)
{
    unsigned long times = argc > 2 ? strtoul(argv[2], NULL, 10) : 0, found = 0;
    bool all = argc > 3 && strcmp(argv[3], "all") == 0;
    double begin = clock_us(CLOCK_MONOTONIC), cpu = clock_us(CLOCK_PROCESS_CPUTIME_ID);

    if (!times || argc > 4 || (argc == 4 && !all)) {
        fputs("usage: walk FOLDER TIMES [all]\n", stderr);
        return 2;
    }
    for (unsigned long i = 0; i < times; i++)
        found = walk(AT_FDCWD, argv[1], all, 0);
    printf("{\"walks\": %lu, \"entries\": %lu, \"seconds\": %.6f, \"cpu_us\": %.3f}\n", times, found,
           (clock_us(CLOCK_MONOTONIC) - begin) / 1e6, (clock_us(CLOCK_PROCESS_CPUTIME_ID) - cpu) / (double)times);
    return 0;
}
