/*
 * test_watch.c - watches for the hot cache.
 */
#include "folder.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

struct watched {
    struct folder folder;
    int inotify, fd;
    int watches[8];
    unsigned count;
    struct facts facts;
};

static enum err watch(struct watched *watched, const char *path)
{
    role_assert_worker();
    return store_open_watched(watched->folder.store, path_of(path), watched->inotify, watched->watches, 8,
                              &watched->count, false, &watched->fd, &watched->facts);
}

static void start(struct watched *watched)
{
    folder_make(&watched->folder);
    mkdirat(watched->folder.fd, "d", 0755);
    mkdirat(watched->folder.fd, "d/e", 0755);
    folder_write(&watched->folder, "d/e/f", "one");
    folder_serve(&watched->folder, NULL);
    watched->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
}

static void stop(struct watched *watched)
{
    close(watched->inotify);
    folder_remove(&watched->folder);
}

/* True if an event of one of the watches is queued; takes all. */
static bool is_told(struct watched *watched)
{
    char events[4096] __attribute__((aligned(8)));
    ssize_t len = read(watched->inotify, events, sizeof(events));
    bool told = false;

    for (ssize_t at = 0; at < len;) {
        const struct inotify_event *event = (const void *)(events + at);

        for (unsigned i = 0; i < watched->count; i++)
            told |= event->wd == watched->watches[i];
        at += (ssize_t)(sizeof(*event) + event->len);
    }
    return told;
}

/* Overlay and network file systems do not report every change, so nothing is watched there. */
#define NEEDS_REPORTS(w)                                                                                               \
    if (!store_reports_changes((w).folder.store)) {                                                                    \
        stop(&(w));                                                                                                    \
        SKIP();                                                                                                        \
    }

TEST(watch__every_way_to_change_the_file_is_told)
{
    struct watched w;

    role_assert_worker();
    start(&w);
    NEEDS_REPORTS(w)
    CHECK_INT(watch(&w, "d/e/f"), ERR_NONE);
    CHECK_INT(w.count, 4); /* root, d, e, f */
    CHECK_U64(w.facts.size, 3);
    CHECK_FALSE(is_told(&w));
    CHECK_INT(lseek(w.fd, 0, SEEK_CUR), 0); /* open for reading */
    folder_write(&w.folder, "d/e/f", "in place");
    CHECK(is_told(&w));
    CHECK_INT(put(&w.folder, "d/e/f", "put", no_guard, NULL), ERR_NONE);
    CHECK(is_told(&w));
    CHECK_INT(renameat(w.folder.fd, "d", w.folder.fd, "d2"), 0);
    CHECK(is_told(&w));
    close(w.fd);
    stop(&w);
}

TEST(watch__same_file_may_be_watched_again)
{
    struct watched w;
    int first[8], again;

    role_assert_worker();
    start(&w);
    NEEDS_REPORTS(w)
    CHECK_INT(watch(&w, "d/e/f"), ERR_NONE);
    memcpy(first, w.watches, sizeof(first));
    again = w.fd;
    CHECK_INT(watch(&w, "d/e/f"), ERR_NONE);
    assert_memory_equal(first, w.watches, 4 * sizeof(int));
    close(again);
    close(w.fd);
    stop(&w);
}

TEST(watch__links_and_second_names_are_not_for_the_cache)
{
    struct watched w;

    role_assert_worker();
    start(&w);
    NEEDS_REPORTS(w)
    symlinkat("e", w.folder.fd, "d/link");
    CHECK_INT(watch(&w, "d/link/f"), ERR_UNSUPPORTED);
    CHECK_INT(watch(&w, "d/e"), ERR_UNSUPPORTED);
    linkat(w.folder.fd, "d/e/f", w.folder.fd, "twin", 0);
    CHECK_INT(watch(&w, "twin"), ERR_UNSUPPORTED);
    CHECK_INT(watch(&w, "d/nothing"), ERR_MISSING);
    CHECK_INT(watch(&w, ".samovar/lock"), ERR_MISSING);
    CHECK_INT(
        store_open_watched(w.folder.store, path_of("d/e/f"), w.inotify, w.watches, 3, &w.count, false, &w.fd, &w.facts),
        ERR_TOO_LARGE);
    CHECK_INT(w.count, 3);
    stop(&w);
}
