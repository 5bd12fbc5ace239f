/*
 * share.c - what two servers of one folder have in common while one takes over from the other.
 */
#include "share.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/fd.h"
#include "lock.h"

enum { RETRY_US = 1000 };

static bool set_alive(int fd, short type)
{
    struct flock byte = {.l_type = type, .l_whence = SEEK_SET, .l_start = LOCK_ALIVE, .l_len = 1};

    return fcntl(fd, F_OFD_SETLK, &byte) == 0;
}

static struct share_page *map(int fd)
{
    void *at = mmap(NULL, sizeof(struct share_page), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

    return at == MAP_FAILED ? NULL : at;
}

static void fill(struct share_page *page)
{
    page->form = SHARE_FORM;
    random_bytes(&page->key, sizeof(page->key));
    atomic_init(&page->sequence, (uint64_t)clock_real_ns()); /* names in the trash outlive us */
}

static void init_new(struct share *share)
{
    FD_GUARD fd = memfd_create("samovar", MFD_CLOEXEC | MFD_ALLOW_SEALING);

    /* of its full size for good: a page that is cut off would end whoever looks at it */
    if (fd >= 0 && ftruncate(fd, sizeof(struct share_page)) == 0 &&
        fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0)
        share->page = map(fd);
    if (share->page)
        share->fd = fd_take(&fd);
    else
        share->page = xcalloc(1, sizeof(*share->page));
    fill(share->page);
}

static enum err init_given(struct share *share, int fd)
{
    struct stat got;

    share->fd = fd;
    if (fstat(fd, &got) < 0 || got.st_size != sizeof(struct share_page))
        return ERR_UNSUPPORTED;
    share->page = map(fd);
    if (!share->page)
        return err_from_errno(errno);
    if (share->page->form != SHARE_FORM)
        return ERR_UNSUPPORTED;
    atomic_store(&share->is_shared, true);
    return ERR_NONE;
}

enum err share_init(struct share *share, int fd)
{
    share->fd = -1;
    pthread_mutex_init(&share->mutex, NULL);
    if (fd >= 0)
        return init_given(share, fd);
    init_new(share);
    return ERR_NONE;
}

void share_release(struct share *share)
{
    if (share->page && share->fd >= 0)
        munmap(share->page, sizeof(*share->page));
    else
        free(share->page);
    fd_close(&share->fd);
    pthread_mutex_destroy(&share->mutex);
    share->page = NULL;
}

enum err share_give(struct share *share, int *out)
{
    FD_GUARD fd = -1;
    char path[32];

    if (share->fd < 0)
        return ERR_UNSUPPORTED;
    snprintf(path, sizeof(path), "/proc/self/fd/%d", share->fd); /* dup() would give the same locks */
    fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0 || !set_alive(fd, F_RDLCK))
        return err_from_errno(errno);
    *out = fd_take(&fd);
    return ERR_NONE;
}

bool share_has_others(const struct share *share)
{
    struct flock byte = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = LOCK_ALIVE, .l_len = 1};

    return share->fd >= 0 && fcntl(share->fd, F_OFD_GETLK, &byte) == 0 && byte.l_type != F_UNLCK;
}

void share_live(struct share *share, bool lives)
{
    set_alive(share->fd, lives ? F_RDLCK : F_UNLCK);
}

void share_hold(struct share *share, bool holds)
{
    struct flock byte = {
        .l_type = holds ? F_WRLCK : F_UNLCK, .l_whence = SEEK_SET, .l_start = LOCK_WRITE_LOCKS, .l_len = 1};

    while (fcntl(share->fd, F_OFD_SETLKW, &byte) < 0) {
        assert(errno == EINTR || errno == ENOLCK || errno == ENOMEM);
        usleep(RETRY_US); /* as in lock.c */
    }
}
