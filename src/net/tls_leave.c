/*
 * tls_leave.c - what was sealed and not sent when its connection was closed.
 *
 * A plain socket that is closed still delivers what it took; the kernel sees to that. Here the last of what was taken
 * may still lie with us, and somebody on a slow line has not got the end of a file yet. So it goes on alone, for as
 * long as it gets on, and there are not many of its kind: past the limit the newest is dropped.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tls_private.h"

enum {
    LEAVERS_MAX = 256,    /* of a loop; each holds SEAL_MAX or little more */
    LEAVE_MS = 30 * 1000, /* without a byte taken */
};

struct leaver {
    struct link link; /* of the desk's */
    struct watch watch;
    struct timer timer;
    struct loop *loop;
    struct desk *desk;
    struct pile kept;
    bool is_below; /* the kernel has it, and needs nobody but that the socket is open until it is sent */
};

static void leaver_free(struct leaver *leaver)
{
    list_remove(&leaver->link);
    leaver->desk->leaver_count--;
    close(leaver->watch.fd);
    pile_free(&leaver->kept);
    free(leaver);
}

static LOOP_SIDE void leaver_end(struct leaver *leaver)
{
    timer_cancel(leaver->loop, &leaver->timer);
    loop_unwatch(leaver->loop, &leaver->watch);
    leaver_free(leaver);
}

static void leaver_ready(struct watch *watch, uint32_t events)
{
    struct leaver *leaver = CONTAINER(watch, struct leaver, watch);
    ssize_t took;

    (void)events;
    role_assert_loop();
    if (leaver->is_below) {
        tls_goodbye_below(watch->fd);
        leaver_end(leaver);
        return;
    }
    took = send(watch->fd, pile_bytes(&leaver->kept), leaver->kept.len, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (took < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (took <= 0 || (size_t)took == leaver->kept.len) {
        leaver_end(leaver);
        return;
    }
    pile_eat(&leaver->kept, (size_t)took);
    timer_set(leaver->loop, &leaver->timer, LEAVE_MS);
}

static void leaver_is_late(struct timer *timer)
{
    role_assert_loop();
    leaver_end(CONTAINER(timer, struct leaver, timer));
}

bool leave(struct loop *loop, int fd, struct pile *kept)
{
    struct desk *desk = desk_get();
    struct leaver *leaver;

    if (desk->leaver_count >= LEAVERS_MAX)
        return false;
    leaver = xcalloc(1, sizeof(*leaver));
    *leaver = (struct leaver){.watch = {.fd = fd, .ready = leaver_ready}, .timer = {.fire = leaver_is_late}};
    leaver->loop = loop;
    leaver->desk = desk;
    if (loop_watch(loop, &leaver->watch, EPOLLOUT | EPOLLET)) {
        free(leaver);
        return false;
    }
    leaver->is_below = !kept;
    if (kept) {
        leaver->kept = *kept;
        *kept = (struct pile){0};
    }
    list_append(&desk->leavers, &leaver->link);
    desk->leaver_count++;
    timer_set(loop, &leaver->timer, LEAVE_MS);
    return true;
}

void leave_none(struct desk *desk)
{
    while (!list_is_empty(&desk->leavers))
        leaver_free(CONTAINER(desk->leavers.next, struct leaver, link));
}
