/*
 * fd.h - descriptors and locks that close themselves.
 */
#ifndef BASE_FD_H
#define BASE_FD_H

#include <pthread.h>
#include <unistd.h>

static inline void fd_close(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* A local descriptor that is closed when its scope ends; fd_take() lets it live on. */
#define FD_GUARD __attribute__((cleanup(fd_close))) int

static inline int fd_take(int *fd)
{
    int got = *fd;

    *fd = -1;
    return got;
}

#endif
