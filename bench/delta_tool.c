/*
 * delta_tool.c - our deltas on the command line, for bench/delta.py and for tests with other programs.
 *
 *     delta_tool encode KIND[:EFFORT] BASE TARGET DELTA [MEMORY_MIB]
 *     delta_tool decode KIND BASE DELTA TARGET [MEMORY_MIB]
 *
 * Files are read as a server would, with pread. Tells its wall time and the most memory it had on stderr.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "delta/delta.h"

struct file {
    int fd;
};

static enum err file_read(void *arg, uint64_t at, void *room, size_t len)
{
    const struct file *file = arg;
    char *to = room;

    while (len) {
        ssize_t got = pread(file->fd, to, len, (off_t)at);

        if (got <= 0)
            return ERR_IO;
        to += got;
        at += (uint64_t)got;
        len -= (size_t)got;
    }
    return ERR_NONE;
}

static enum err file_write(void *arg, struct slice bytes)
{
    const struct file *file = arg;

    while (bytes.len) {
        ssize_t put = write(file->fd, bytes.ptr, bytes.len);

        if (put < 0)
            return ERR_IO;
        bytes = slice_of(bytes.ptr + put, bytes.len - (size_t)put);
    }
    return ERR_NONE;
}

static struct delta_source source_open(const char *path, struct file *file)
{
    struct stat st;

    file->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (file->fd < 0 || fstat(file->fd, &st) != 0) {
        perror(path);
        exit(2);
    }
    return (struct delta_source){.size = (uint64_t)st.st_size, .read = file_read, .arg = file};
}

static struct delta_sink sink_open(const char *path, struct file *file)
{
    file->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file->fd < 0) {
        perror(path);
        exit(2);
    }
    return (struct delta_sink){.write = file_write, .arg = file};
}

static enum delta_kind kind_of(const char *name)
{
    for (enum delta_kind kind = 0; kind < DELTA_KINDS; kind++)
        if (slice_starts(slice_str(name), delta_name(kind)))
            return kind;
    fprintf(stderr, "no such kind: %s\n", name);
    exit(2);
}

static enum delta_effort effort_of(const char *name)
{
    const char *colon = strchr(name, ':');

    return colon ? (enum delta_effort)atoi(colon + 1) : DELTA_USUAL;
}

static void tell(const struct timespec *start)
{
    struct timespec now;
    struct rusage usage;

    clock_gettime(CLOCK_MONOTONIC, &now);
    getrusage(RUSAGE_SELF, &usage);
    fprintf(stderr, "%.3f s, %ld KiB\n",
            (double)(now.tv_sec - start->tv_sec) + (double)(now.tv_nsec - start->tv_nsec) / 1e9, usage.ru_maxrss);
}

int main(int argc, char **argv)
{
    struct delta_limits limits = {.memory_max = argc > 6 ? (size_t)atol(argv[6]) << 20 : 0};
    struct file files[3];
    struct delta_source base, input;
    struct delta_sink out;
    struct buf why = BUF_INIT(500);
    struct timespec start;
    enum err err;

    if (argc < 6) {
        fprintf(stderr, "usage: delta_tool encode KIND[:EFFORT] BASE TARGET DELTA [MEMORY_MIB]\n"
                        "       delta_tool decode KIND BASE DELTA TARGET [MEMORY_MIB]\n");
        return 2;
    }
    clock_gettime(CLOCK_MONOTONIC, &start);
    base = source_open(argv[3], &files[0]);
    input = source_open(argv[4], &files[1]);
    out = sink_open(argv[5], &files[2]);
    err = strcmp(argv[1], "decode") == 0
              ? delta_decode(kind_of(argv[2]), &base, &input, &limits, &out, &why)
              : delta_encode(kind_of(argv[2]), &base, &input, effort_of(argv[2]), &limits, &out);
    if (err != ERR_NONE)
        fprintf(stderr, "%s: %s\n", err_text(err), buf_str(&why));
    buf_release(&why);
    tell(&start);
    return err == ERR_NONE ? 0 : 1;
}
