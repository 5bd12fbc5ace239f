/*
 * hot.c - the hot cache's table, its watches, and the job that fills it.
 */
#include "hot.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/etag.h"
#include "repr/repr.h"

enum {
    BUCKETS = 4096,
    ENTRIES_MAX = 2048, /* each pins a descriptor and some watches */
    BYTES_MAX = 64 * 1024 * 1024,
    CONTENT_MAX = 128 * 1024, /* above it, sendfile from the page cache costs no more than a copy */
    WATCHES_MAX = 64,         /* depth of a path */
    WDS_MAX = 8192,
    SEEN = 1024, /* targets asked for lately; power of two */
    RECENT = 64, /* events remembered for entries that are being made */
    TRUST_MS = 1000,
    NOTICES_EVERY_MS = 250, /* to an idle loop */
    HEAD_MAX = 4096,
    HEAD304_MAX = 1024,
};

/* One watch of one entry. */
struct hot_use {
    struct link link; /* of the watch's users */
    struct hot_entry *entry;
    int wd;
    struct slice name; /* the next name on the entry's path, in its key's memory; "" for the file itself */
};

/* An inotify watch, shared by the entries below it. */
struct wd_slot {
    struct link link; /* in its bucket */
    struct link users;
    int wd;
};

struct hot {
    struct station *station;
    int inotify_fd; /* -1: no cache */
    struct link buckets[BUCKETS];
    struct link ages; /* oldest first */
    unsigned entry_count, wd_count;
    size_t bytes;
    struct link wd_buckets[256];
    uint64_t seen[SEEN]; /* hashes of targets asked for once */
    unsigned filling;    /* jobs under way */
    uint64_t event_count;
    int recent[RECENT]; /* wds of the last events, a ring by event_count */
    int *dead_wds;      /* watches to be given up when no job is under way */
    unsigned dead_count, dead_room;
    bool is_closing;
    struct watch notices; /* see listen_for_notices() */
    struct timer pause;
    bool is_listening;
};

struct fill {
    struct job job;
    struct hot *hot; /* loop only */
    struct hot_entry *entry;
    struct store *store;
    struct rpath path;
    struct facts wanted; /* of the answer that was sent: another content is not taken */
    int inotify_fd;
    int wds[WATCHES_MAX];
    unsigned wd_count;
    uint64_t events_before;
    enum err err;
};

/* A descriptor is closed by a worker: the last close of a deleted file may wait for the disk. */
struct closing {
    struct job job;
    struct store *store;
    struct facts facts;
    int fd;
};

static void closing_act(struct job *job)
{
    struct closing *closing = CONTAINER(job, struct closing, job);

    role_assert_worker();
    store_close_file(closing->store, closing->fd, &closing->facts);
}

static void closing_done(struct job *job)
{
    free(CONTAINER(job, struct closing, job));
}

/* ---- entries ---- */

static void entry_free(struct hot_entry *entry)
{
    if (entry->fd >= 0 && entry->hot->is_closing) {
        store_close_file(entry->store, entry->fd, &entry->facts); /* the loop has ended: nobody waits any more */
    } else if (entry->fd >= 0) {
        struct closing *closing = xcalloc(1, sizeof(*closing));

        closing->job = (struct job){.home = entry->hot->station->loop, .act = closing_act, .done = closing_done};
        closing->store = entry->store;
        closing->facts = entry->facts;
        closing->fd = entry->fd;
        pool_submit(entry->hot->station->server->pool, LANE_QUICK, &closing->job);
    }
    free(entry->key);
    free(entry->bytes);
    free(entry->head304);
    free(entry->uses);
    free(entry);
}

struct hot_entry *hot_entry_ref(struct hot_entry *entry)
{
    entry->refs++;
    return entry;
}

void hot_entry_unref(struct hot_entry *entry)
{
    if (--entry->refs == 0)
        entry_free(entry);
}

/* ---- the same file, known to the methods ---- */

/* A look at an open inode does not touch the disk. */
static bool has_content(const struct hot_entry *entry, const struct stat *st)
{
    return (uint64_t)st->st_size == entry->facts.size &&
           (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec == entry->facts.modified_ns;
}

static void known_hold(struct known_file *known)
{
    role_assert_loop();
    hot_entry_ref(CONTAINER(known, struct hot_entry, known));
}

static void known_let_go(struct known_file *known)
{
    role_assert_loop();
    hot_entry_unref(CONTAINER(known, struct hot_entry, known));
}

/*
 * Somebody may have replaced the file, which leaves this inode with no name: its content is still that of
 * one moment. Written to in place it is not.
 */
static bool known_is_current(struct known_file *known)
{
    const struct hot_entry *entry = CONTAINER(known, struct hot_entry, known);
    struct stat st;

    role_assert_loop();
    return fstat(entry->fd, &st) == 0 && has_content(entry, &st);
}

struct validators hot_validators(const struct hot_entry *entry)
{
    return (struct validators){.exists = true,
                               .tag = facts_tag(&entry->facts),
                               .is_weak = entry->facts.is_weak,
                               .has_date = true,
                               .modified_s = entry->facts.modified_ns / 1000000000,
                               .date_is_strong = !entry->facts.is_fresh};
}

/* ---- watches ---- */

static struct link *wd_bucket(struct hot *hot, int wd)
{
    return &hot->wd_buckets[(unsigned)wd % 256];
}

static struct wd_slot *wd_find(struct hot *hot, int wd)
{
    struct link *link, *next, *bucket = wd_bucket(hot, wd);

    LIST_EACH (bucket, link, next) {
        struct wd_slot *slot = CONTAINER(link, struct wd_slot, link);

        if (slot->wd == wd)
            return slot;
    }
    return NULL;
}

static struct wd_slot *wd_get(struct hot *hot, int wd)
{
    struct wd_slot *slot = wd_find(hot, wd);

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
static void bury_wds(struct hot *hot)
{
    if (hot->filling)
        return;
    while (hot->dead_count) {
        int wd = hot->dead_wds[--hot->dead_count];

        if (!wd_find(hot, wd))
            inotify_rm_watch(hot->inotify_fd, wd);
    }
}

static void wd_give_up(struct hot *hot, int wd)
{
    if (hot->dead_count == hot->dead_room) {
        hot->dead_room = hot->dead_room ? 2 * hot->dead_room : 64;
        hot->dead_wds = xrealloc(hot->dead_wds, hot->dead_room * sizeof(int));
    }
    hot->dead_wds[hot->dead_count++] = wd;
}

static void use_drop(struct hot *hot, struct hot_use *use)
{
    struct wd_slot *slot = wd_find(hot, use->wd);

    list_remove(&use->link);
    if (!slot || !list_is_empty(&slot->users))
        return;
    list_remove(&slot->link);
    free(slot);
    hot->wd_count--;
    wd_give_up(hot, use->wd);
}

static LOOP_SIDE void entry_drop(struct hot *hot, struct hot_entry *entry)
{
    entry->is_valid = false;
    list_remove(&entry->in_table);
    list_remove(&entry->by_age);
    hot->entry_count--;
    hot->bytes -= entry->len;
    for (unsigned i = 0; i < entry->use_count; i++)
        use_drop(hot, &entry->uses[i]);
    hot_entry_unref(entry);
}

void hot_clear(struct hot *hot)
{
    struct link *link, *next;

    LIST_EACH (&hot->ages, link, next)
        entry_drop(hot, CONTAINER(link, struct hot_entry, by_age));
    hot->event_count += RECENT; /* what is being made now is not taken either */
    bury_wds(hot);
}

void hot_end(struct hot *hot)
{
    hot->is_closing = true;
    timer_cancel(hot->station->loop, &hot->pause);
    if (hot->is_listening)
        loop_unwatch(hot->station->loop, &hot->notices);
    hot_clear(hot);
}

/* ---- notifications ---- */

static LOOP_SIDE void on_event(struct hot *hot, const struct inotify_event *event)
{
    struct slice name = event->len ? slice_str(event->name) : SLICE_NONE;
    struct link *link, *next;
    struct wd_slot *slot;

    if (event->mask & IN_Q_OVERFLOW) {
        hot_clear(hot);
        return;
    }
    hot->recent[hot->event_count++ % RECENT] = event->wd;
    slot = wd_find(hot, event->wd);
    if (!slot)
        return;
    /* Dropping an entry may free the slot; the last entry's use takes it along, and then the list is done. */
    for (link = slot->users.next; link != &slot->users; link = next) {
        struct hot_use *use = CONTAINER(link, struct hot_use, link);
        bool is_last = link->next == &slot->users;

        next = link->next;
        if (name.len == 0 || use->name.len == 0 || slice_eq(use->name, name))
            entry_drop(hot, use->entry);
        if (is_last)
            break;
    }
}

void hot_drain(struct hot *hot)
{
    _Alignas(struct inotify_event) char events[16 * 1024];
    ssize_t got;

    if (hot->inotify_fd < 0 || (!hot->entry_count && !hot->filling))
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
    bury_wds(hot);
}

/*
 * What is in the queue is read in each round that answers something. A loop that has nothing to answer must
 * hear of changes too, or it would hold on to the space of files deleted long ago; at its leisure, since
 * others may write all the time.
 */
static LOOP_SIDE void listen_for_notices(struct hot *hot)
{
    if (hot->is_listening || hot->is_closing || link_is_listed(&hot->pause.link))
        return;
    hot->is_listening = loop_watch(hot->station->loop, &hot->notices, EPOLLIN) == 0;
}

static void on_notice(struct watch *watch, uint32_t events)
{
    struct hot *hot = CONTAINER(watch, struct hot, notices);

    role_assert_loop();
    (void)events;
    loop_unwatch(hot->station->loop, watch);
    hot->is_listening = false;
    hot_drain(hot);
    timer_set(hot->station->loop, &hot->pause, NOTICES_EVERY_MS);
}

static void pause_over(struct timer *timer)
{
    struct hot *hot = CONTAINER(timer, struct hot, pause);

    role_assert_loop();
    hot_drain(hot);
    if (hot->entry_count)
        listen_for_notices(hot);
}

/* ---- finding ---- */

static uint64_t key_hash(struct slice host, struct slice target, bool is_loopback)
{
    uint64_t a = hash64(hash_process_key(), target);

    return a ^ (hash64(hash_process_key(), host) * (is_loopback ? 5 : 3));
}

/* The Date of both heads is rewritten when its second is over. */
static LOOP_SIDE void freshen(struct hot_entry *entry)
{
    struct station *station = entry->hot->station;
    struct slice date = station_date(station);

    if (entry->date_s == station->date_s)
        return;
    memcpy(entry->bytes + sizeof("HTTP/1.1 200 OK\r\nDate: ") - 1, date.ptr, date.len);
    memcpy(entry->head304 + sizeof("HTTP/1.1 304 Not Modified\r\nDate: ") - 1, date.ptr, date.len);
    entry->date_s = station->date_s;
}

/* A store through a mapping makes no event, so an entry is looked at once a second. */
static LOOP_SIDE bool is_still_true(struct hot *hot, struct hot_entry *entry)
{
    uint64_t now = loop_now_ms(hot->station->loop);
    struct stat st;

    if (now - entry->checked_ms < TRUST_MS)
        return true;
    entry->checked_ms = now;
    return fstat(entry->fd, &st) == 0 && st.st_nlink == 1 && has_content(entry, &st);
}

static bool key_is(const struct hot_entry *entry, struct slice host, struct slice target, bool is_loopback)
{
    return entry->is_loopback == is_loopback && entry->key_len == host.len + 1 + target.len &&
           memcmp(entry->key, host.ptr, host.len) == 0 &&
           memcmp(entry->key + host.len + 1, target.ptr, target.len) == 0;
}

struct hot_entry *hot_find(struct hot *hot, struct slice host, struct slice target, bool is_loopback)
{
    uint64_t hash;
    struct link *link, *next, *bucket;

    if (!hot->entry_count || !host.len)
        return NULL;
    hash = key_hash(host, target, is_loopback);
    bucket = &hot->buckets[hash % BUCKETS];
    LIST_EACH (bucket, link, next) {
        struct hot_entry *entry = CONTAINER(link, struct hot_entry, in_table);

        if (entry->hash != hash || !key_is(entry, host, target, is_loopback))
            continue;
        if (!is_still_true(hot, entry)) {
            entry_drop(hot, entry);
            return NULL;
        }
        freshen(entry);
        return entry;
    }
    return NULL;
}

/* ---- filling ---- */

static WORKER_SIDE enum err read_content(struct fill *fill)
{
    struct hot_entry *entry = fill->entry;
    struct facts after;
    size_t have = entry->head_len;
    ssize_t got;

    while (have < entry->len) {
        got = pread(entry->fd, entry->bytes + have, entry->len - have, (off_t)(have - entry->head_len));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return ERR_CHANGED;
        have += (size_t)got;
    }
    if (store_facts_of(fill->store, entry->fd, &after))
        return ERR_IO;
    return facts_same_content(&entry->facts, &after) ? ERR_NONE : ERR_CHANGED;
}

static void fill_act(struct job *job)
{
    struct fill *fill = CONTAINER(job, struct fill, job);
    struct hot_entry *entry = fill->entry;

    role_assert_worker();
    fill->err = store_open_watched(fill->store, fill->path, fill->inotify_fd, fill->wds, WATCHES_MAX, &fill->wd_count,
                                   &entry->fd, &entry->facts);
    if (fill->err) {
        entry->fd = -1;
        return;
    }
    if (!facts_same_content(&entry->facts, &fill->wanted) || fill->wanted.is_weak || entry->facts.is_weak)
        fill->err = ERR_CHANGED;
    else if (!entry->is_large)
        fill->err = read_content(fill);
}

static bool was_touched(struct hot *hot, const struct fill *fill)
{
    uint64_t from = fill->events_before;

    if (hot->event_count - from >= RECENT)
        return true;
    for (; from < hot->event_count; from++)
        for (unsigned i = 0; i < fill->wd_count; i++)
            if (hot->recent[from % RECENT] == fill->wds[i])
                return true;
    return false;
}

/* A folder bound into itself is twice on the way: both uses would be in one list, and go with one entry. */
static bool has_one_twice(const struct fill *fill)
{
    for (unsigned i = 1; i < fill->wd_count; i++)
        for (unsigned k = 0; k < i; k++)
            if (fill->wds[i] == fill->wds[k])
                return true;
    return false;
}

static LOOP_SIDE void entry_enter(struct hot *hot, struct fill *fill)
{
    struct hot_entry *entry = fill->entry;
    struct slice rest = slice_of(entry->key + entry->key_len + 1, fill->path.text.len);

    entry->use_count = fill->wd_count;
    entry->uses = xcalloc(fill->wd_count, sizeof(*entry->uses));
    for (unsigned i = 0; i < fill->wd_count; i++) {
        struct hot_use *use = &entry->uses[i];

        use->entry = entry;
        use->wd = fill->wds[i];
        rpath_next(&rest, &use->name);
        list_append(&wd_get(hot, use->wd)->users, &use->link);
    }
    entry->known = (struct known_file){.fd = entry->fd,
                                       .facts = &entry->facts,
                                       .path = {.text = slice_of(entry->key + entry->key_len + 1, fill->path.text.len)},
                                       .hold = known_hold,
                                       .let_go = known_let_go,
                                       .is_current = known_is_current};
    entry->is_valid = true;
    entry->checked_ms = loop_now_ms(hot->station->loop);
    list_push(&hot->buckets[entry->hash % BUCKETS], &entry->in_table);
    list_append(&hot->ages, &entry->by_age);
    hot->entry_count++;
    hot->bytes += entry->len;
    listen_for_notices(hot);
    while (hot->entry_count > ENTRIES_MAX || hot->bytes > BYTES_MAX || hot->wd_count > WDS_MAX)
        entry_drop(hot, CONTAINER(hot->ages.next, struct hot_entry, by_age));
}

static bool is_there_already(struct hot *hot, const struct hot_entry *entry)
{
    struct link *link, *next;

    LIST_EACH (&hot->buckets[entry->hash % BUCKETS], link, next) {
        struct hot_entry *other = CONTAINER(link, struct hot_entry, in_table);

        if (other->hash == entry->hash && other->is_loopback == entry->is_loopback &&
            other->key_len == entry->key_len && memcmp(other->key, entry->key, entry->key_len) == 0)
            return true;
    }
    return false;
}

static void fill_done(struct job *job)
{
    struct fill *fill = CONTAINER(job, struct fill, job);
    struct hot *hot = fill->hot;

    role_assert_loop();
    hot_drain(hot); /* what happened since the watch was added is in the queue by now */
    hot->filling--;
    if (!fill->err && !hot->is_closing && !was_touched(hot, fill) && !has_one_twice(fill) &&
        !is_there_already(hot, fill->entry)) {
        entry_enter(hot, fill);
    } else {
        for (unsigned i = 0; i < fill->wd_count; i++)
            if (!wd_find(hot, fill->wds[i]))
                wd_give_up(hot, fill->wds[i]);
        entry_free(fill->entry);
    }
    bury_wds(hot);
    arena_release(&fill->job.arena);
    free(fill);
}

/* ---- which answers are hot ---- */

static struct slice host_of(const struct exchange *ex)
{
    return head_value(&ex->head, FIELD_HOST);
}

static bool is_of_the_right_kind(const struct hot *hot, const struct exchange *ex, const struct answer *answer,
                                 struct slice head)
{
    const struct content *content = &answer->content;
    const struct facts *facts = answer->facts;

    if (hot->inotify_fd < 0 || !store_reports_changes(ex->store) || head.len > HEAD_MAX)
        return false;
    if (ex->head.method != METHOD_GET || ex->head.minor != 1 || ex->framing.kind != BODY_NONE ||
        ex->target.form != TARGET_ORIGIN || head_count_of(&ex->head, FIELD_HOST) != 1 || ex->users)
        return false;
    return content->kind == CONTENT_PIECES && content->length == facts->size;
}

/* Asked for before? Remembers it otherwise. */
static bool was_seen(struct hot *hot, uint64_t hash)
{
    uint64_t *slot = &hot->seen[hash % SEEN];

    if (*slot == hash)
        return true;
    *slot = hash;
    return false;
}

static void add_line(struct buf *to, struct slice head, const char *name)
{
    struct slice rest = head, line;

    while (slice_cut(rest, '\n', &line, &rest))
        if (slice_starts(line, slice_str(name))) {
            buf_add(to, line);
            buf_add_char(to, '\n');
        }
}

/* The 304 that goes with the 200 (CND-46, CND-47). */
static bool make_304(struct hot_entry *entry, struct slice head)
{
    struct buf text = BUF_INIT(HEAD304_MAX);

    buf_add_str(&text, "HTTP/1.1 304 Not Modified\r\n");
    add_line(&text, head, "Date: ");
    add_line(&text, head, "Server: ");
    add_line(&text, head, "ETag: ");
    add_line(&text, head, "Cache-Control: ");
    buf_add_str(&text, "\r\n");
    entry->head304_len = text.len;
    entry->head304 = buf_take(&text);
    return !text.overflown;
}

static LOOP_SIDE struct hot_entry *entry_new(struct hot *hot, const struct exchange *ex, const struct answer *answer,
                                             struct slice head, uint64_t hash)
{
    struct hot_entry *entry = xcalloc(1, sizeof(*entry));
    struct slice host = host_of(ex), target = ex->head.target, path = answer->path.text;

    entry->hot = hot;
    entry->store = ex->store;
    entry->is_loopback = ex->is_listener_loopback;
    entry->refs = 1;
    entry->fd = -1;
    entry->hash = hash;
    entry->key_len = host.len + 1 + target.len;
    entry->key = xcalloc(1, entry->key_len + 1 + path.len + 1); /* the file's path behind it, for the watches' names */
    if (host.len)
        memcpy(entry->key, host.ptr, host.len);
    memcpy(entry->key + host.len + 1, target.ptr, target.len);
    if (path.len)
        memcpy(entry->key + entry->key_len + 1, path.ptr, path.len);
    entry->is_large = answer->content.length > CONTENT_MAX;
    entry->head_len = head.len;
    entry->len = head.len + (entry->is_large ? 0 : answer->content.length);
    entry->bytes = xmalloc(entry->len);
    memcpy(entry->bytes, head.ptr, head.len);
    entry->date_s = hot->station->date_s;
    make_304(entry, head);
    return entry;
}

void hot_consider(struct hot *hot, struct exchange *ex, const struct answer *answer, struct slice head)
{
    uint64_t hash;
    struct fill *fill;

    if (!is_of_the_right_kind(hot, ex, answer, head) || ex->conf != hot->station->house->conf)
        return; /* after a reload: who may read this was judged by the rules before it */
    hash = key_hash(host_of(ex), ex->head.target, ex->is_listener_loopback);
    if (!was_seen(hot, hash) || hot->filling >= 64)
        return;
    fill = xcalloc(1, sizeof(*fill));
    fill->hot = hot;
    fill->entry = entry_new(hot, ex, answer, head, hash);
    fill->store = ex->store;
    fill->path = (struct rpath){.text = arena_slice(&fill->job.arena, answer->path.text)};
    fill->wanted = *(const struct facts *)answer->facts;
    fill->inotify_fd = hot->inotify_fd;
    fill->events_before = hot->event_count;
    fill->job.home = hot->station->loop;
    fill->job.act = fill_act;
    fill->job.done = fill_done;
    hot->filling++;
    pool_submit(hot->station->server->pool, LANE_QUICK, &fill->job);
}

/* ---- the cache ---- */

struct hot *hot_new(struct station *station)
{
    struct hot *hot = xcalloc(1, sizeof(*hot));

    hot->station = station;
    hot->inotify_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    hot->notices = (struct watch){.fd = hot->inotify_fd, .ready = on_notice};
    hot->pause.fire = pause_over;
    for (unsigned i = 0; i < BUCKETS; i++)
        list_init(&hot->buckets[i]);
    for (unsigned i = 0; i < 256; i++)
        list_init(&hot->wd_buckets[i]);
    list_init(&hot->ages);
    return hot;
}

void hot_free(struct hot *hot)
{
    if (hot->inotify_fd >= 0)
        close(hot->inotify_fd);
    free(hot->dead_wds);
    free(hot);
}
