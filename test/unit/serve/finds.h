/*
 * finds.h - a folder to ask about by PROPFIND, and asking until what is known answers: for the tests of hot folders.
 */
#ifndef TEST_SERVE_FINDS_H
#define TEST_SERVE_FINDS_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "inn.h"

static struct inn *inn;
static uint64_t found_ms; /* when what is known was looked at, at the earliest */

static inline void make_old(const char *name)
{
    struct timespec times[2] = {{.tv_nsec = UTIME_NOW}, {.tv_sec = clock_real_s() - 3600}};

    CHECK_INT(utimensat(inn->folder.fd, name, times, 0), 0);
}

static inline void write_old(const char *name, const char *content)
{
    folder_write(&inn->folder, name, content);
    make_old(name);
}

static inline void make(const char *name)
{
    CHECK_INT(mkdirat(inn->folder.fd, name, 0755), 0);
}

/* a/d with the files f and h, and the folder sub with the file g. */
static inline void begin(void)
{
    inn = inn_open("");
    if (!store_reports_changes(inn->folder.store)) {
        inn_close(inn);
        SKIP();
    }
    make("a");
    make("a/d");
    make("a/d/sub");
    write_old("a/d/f", "hello");
    write_old("a/d/h", "hello");
    write_old("a/d/sub/g", "hello");
    make_old("a/d/sub");
    make_old("a/d");
}

static inline int find(const char *target, unsigned depth)
{
    return inn_ask(inn, "PROPFIND", target, depth ? "Depth: 1\r\n" : "Depth: 0\r\n");
}

/* Asks until the answer is from what is known. */
static inline bool find_hot(const char *target, unsigned depth)
{
    uint64_t before_ms = clock_mono_ms();

    for (unsigned i = 0; i < 2000; i++) {
        find(target, depth);
        if (inn->was_hot)
            return true;
        found_ms = before_ms;
        before_ms = clock_mono_ms();
        usleep(5000);
    }
    return false;
}

/* It was answered from what is known, unless this machine is so slow that that is too old by now. */
static inline bool is_still_hot(void)
{
    return inn->was_hot || clock_mono_ms() - found_ms > 700;
}

static inline bool shows(const char *text)
{
    return strstr(buf_str(&inn->body), text) != NULL;
}

#endif
