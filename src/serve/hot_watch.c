/*
 * hot_watch.c - the hot cache's inotify watches, and what their notifications drop.
 */
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "hot_private.h"

enum { NOTICES_EVERY_MS = 250 }; /* to an idle loop */

/* ---- watches ---- */

static struct link *wd_bucket(struct hot *hot, int wd)
{
    return &hot->wd_buckets[(unsigned)wd % WD_BUCKETS];
}

struct wd_slot *hot_wd_find(struct hot *hot, int wd)
{
    struct link *link, *next, *bucket = wd_bucket(hot, wd);

    LIST_EACH (bucket, link, next) {
        struct wd_slot *slot = CONTAINER(link, struct wd_slot, link);

        if (slot->wd == wd)
            return slot;
    }
    return NULL;
}

struct wd_slot *hot_wd_get(struct hot *hot, int wd)
{
    struct wd_slot *slot = hot_wd_find(hot, wd);

    if (slot)
        return slot;
    slot = xcalloc(1, sizeof(*slot));
    slot->wd = wd;
    list_init(&slot->users);
    list_push(wd_bucket(hot, wd), &slot->link);
    hot->wd_count++;
    return slot;
}

/*
 * A worker may be adding a watch for the same folder just now and be given the same number; so watches are
 * given up only while no job is under way, and only if nobody uses them by then.
 */
void hot_bury_wds(struct hot *hot)
{
    if (hot->filling)
        return;
    while (hot->dead_count) {
        int wd = hot->dead_wds[--hot->dead_count];

        if (!hot_wd_find(hot, wd))
            inotify_rm_watch(hot->inotify_fd, wd);
    }
}

void hot_wd_give_up(struct hot *hot, int wd)
{
    if (hot->dead_count == hot->dead_room) {
        hot->dead_room = hot->dead_room ? 2 * hot->dead_room : 64;
        hot->dead_wds = xrealloc(hot->dead_wds, hot->dead_room * sizeof(int));
    }
    hot->dead_wds[hot->dead_count++] = wd;
}

void hot_wds_give_up(struct hot *hot, const int *wds, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (!hot_wd_find(hot, wds[i]))
            hot_wd_give_up(hot, wds[i]);
}

void hot_use_drop(struct hot *hot, struct hot_use *use)
{
    struct wd_slot *slot = hot_wd_find(hot, use->wd);

    list_remove(&use->link);
    if (!slot || !list_is_empty(&slot->users))
        return;
    list_remove(&slot->link);
    free(slot);
    hot->wd_count--;
    hot_wd_give_up(hot, use->wd);
}

/* ---- notifications ---- */

static LOOP_SIDE void drop_user(struct hot *hot, struct hot_use *use)
{
    if (use->entry)
        hot_entry_drop(hot, use->entry);
    else
        hot_folder_drop(hot, use->folder);
}

static bool concerns(const struct hot_use *use, const struct inotify_event *event, struct slice name)
{
    if (name.len == 0)
        return true;
    if (use->is_for_names)
        return !(event->mask & (IN_MODIFY | IN_ATTRIB));
    return use->name.len == 0 || (use->is_stem ? slice_starts(name, use->name) : slice_eq(use->name, name));
}

static LOOP_SIDE void on_event(struct hot *hot, const struct inotify_event *event)
{
    struct slice name = event->len ? slice_str(event->name) : SLICE_NONE;
    struct link *link, *next;
    struct wd_slot *slot;

    if (event->mask & IN_Q_OVERFLOW) {
        hot_clear(hot);
        return;
    }
    if (!(event->mask & IN_IGNORED)) /* we gave it up; or what it was on is gone, which was told before */
        hot->recent[hot->event_count++ % RECENT] = event->wd;
    slot = hot_wd_find(hot, event->wd);
    if (!slot)
        return;
    /* Dropping an entry may free the slot; the last entry's use takes it along, and then the list is done. */
    for (link = slot->users.next; link != &slot->users; link = next) {
        struct hot_use *use = CONTAINER(link, struct hot_use, link);
        bool is_last = link->next == &slot->users;

        next = link->next;
        if (concerns(use, event, name))
            drop_user(hot, use);
        if (is_last)
            break;
    }
}

static bool has_any(const struct hot *hot)
{
    size_t bytes;

    return hot->entry_count || hot_folders_count(hot->folders, &bytes);
}

void hot_drain(struct hot *hot)
{
    _Alignas(struct inotify_event) char events[16 * 1024];
    ssize_t got;

    if (hot->inotify_fd < 0 || (!has_any(hot) && !hot->filling))
        return;
    while ((got = read(hot->inotify_fd, events, sizeof(events))) > 0) {
        for (char *at = events; at < events + got;) {
            const struct inotify_event *event = (const struct inotify_event *)(void *)at;

            on_event(hot, event);
            at += sizeof(*event) + event->len;
        }
        if ((size_t)got < sizeof(events) / 2)
            break; /* the queue was emptied by this read */
    }
    hot_bury_wds(hot);
}

/*
 * What is in the queue is read in each round that answers something. A loop that has nothing to answer must
 * hear of changes too, or it would hold on to the space of files deleted long ago; at its leisure, since
 * others may write all the time.
 */
void hot_listen(struct hot *hot)
{
    if (hot->is_listening || hot->is_closing || link_is_listed(&hot->pause.link))
        return;
    hot->is_listening = loop_watch(hot->station->loop, &hot->notices, EPOLLIN) == 0;
}

void hot_on_notice(struct watch *watch, uint32_t events)
{
    struct hot *hot = CONTAINER(watch, struct hot, notices);

    role_assert_loop();
    (void)events;
    loop_unwatch(hot->station->loop, watch);
    hot->is_listening = false;
    hot_drain(hot);
    timer_set(hot->station->loop, &hot->pause, NOTICES_EVERY_MS);
}

void hot_pause_over(struct timer *timer)
{
    struct hot *hot = CONTAINER(timer, struct hot, pause);

    role_assert_loop();
    hot_drain(hot);
    if (has_any(hot))
        hot_listen(hot);
}
