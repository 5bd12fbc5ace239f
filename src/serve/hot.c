/*
 * hot.c - the hot cache's entries and its table.
 */
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hot_private.h"

enum {
    ENTRIES_MAX = 2048, /* each pins a descriptor and some watches */
    BYTES_MAX = 64 * 1024 * 1024,
    WDS_MAX = 8192,
    TRUST_MS = 1000,
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

void hot_entry_free(struct hot_entry *entry)
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
    free(entry->tag);
    free(entry->bytes);
    free(entry->head304);
    free(entry->uses);
    free(entry->h2_fields);
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
        hot_entry_free(entry);
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
                               .tag = entry->tag ? slice_str(entry->tag) : facts_tag(&entry->facts),
                               .is_weak = entry->facts.is_weak,
                               .has_date = true,
                               .modified_s = facts_shown_s(&entry->facts),
                               .date_is_strong = !entry->facts.is_fresh};
}

/* ---- in and out ---- */

void hot_tell(struct hot *hot)
{
    size_t folder_bytes;
    unsigned folders = hot_folders_count(hot->folders, &folder_bytes);

    tally_set(&hot->station->tally.hot_entries, hot->entry_count + folders);
    tally_set(&hot->station->tally.hot_bytes, hot->bytes + folder_bytes);
}

void hot_entry_enter(struct hot *hot, struct hot_entry *entry, size_t path_len, const int *wds, unsigned wd_count)
{
    struct slice rest = slice_of(entry->key + entry->key_len + 1, path_len);

    entry->use_count = wd_count;
    entry->uses = xcalloc(wd_count, sizeof(*entry->uses));
    for (unsigned i = 0; i < wd_count; i++) {
        struct hot_use *use = &entry->uses[i];

        use->entry = entry;
        use->wd = wds[i];
        rpath_next(&rest, &use->name);
        if (entry->ticket && i + 2 == wd_count) { /* what is chosen depends on others in its folder */
            use->name = slice_upto(use->name, entry->stem);
            use->is_stem = true;
        }
        list_append(&hot_wd_get(hot, use->wd)->users, &use->link);
    }
    entry->known = (struct known_file){.fd = entry->fd,
                                       .facts = &entry->facts,
                                       .path = {.text = slice_of(entry->key + entry->key_len + 1, path_len)},
                                       .hold = known_hold,
                                       .let_go = known_let_go,
                                       .is_current = known_is_current};
    entry->checked_ms = loop_now_ms(hot->station->loop);
    list_push(&hot->buckets[entry->hash % BUCKETS], &entry->in_table);
    list_append(&hot->ages, &entry->by_age);
    hot->entry_count++;
    hot->bytes += entry->len;
    hot_tell(hot);
    hot_listen(hot);
    hot_trim(hot);
}

void hot_trim(struct hot *hot)
{
    while (hot->entry_count > ENTRIES_MAX || hot->bytes > BYTES_MAX ||
           (hot->entry_count && hot->wd_count > WDS_MAX)) /* folders have some, and a limit of their own */
        hot_entry_drop(hot, CONTAINER(hot->ages.next, struct hot_entry, by_age));
}

void hot_entry_drop(struct hot *hot, struct hot_entry *entry)
{
    list_remove(&entry->in_table);
    list_remove(&entry->by_age);
    hot->entry_count--;
    hot->bytes -= entry->len;
    hot_tell(hot);
    for (unsigned i = 0; i < entry->use_count; i++)
        hot_use_drop(hot, &entry->uses[i]);
    hot_entry_unref(entry);
}

void hot_clear(struct hot *hot)
{
    struct link *link, *next;

    LIST_EACH (&hot->ages, link, next)
        hot_entry_drop(hot, CONTAINER(link, struct hot_entry, by_age));
    hot_folders_clear(hot);
    hot_templates_clear(hot);
    hot->event_count += RECENT; /* what is being made now is not taken either */
    hot_bury_wds(hot);
}

void hot_end(struct hot *hot)
{
    hot->is_closing = true;
    timer_cancel(hot->station->loop, &hot->pause);
    if (hot->is_listening)
        loop_unwatch(hot->station->loop, &hot->notices);
    hot_clear(hot);
}

/* ---- finding ---- */

uint64_t hot_key_hash(const struct hot_asked *asked)
{
    uint64_t hash = hash64(hash_process_key(), asked->target);

    hash ^= hash64(hash_process_key(), asked->host) * (asked->is_loopback ? 5 : 3);
    return asked->wish.len ? hash ^ hash64(hash_process_key(), asked->wish) * 7 : hash;
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

static bool key_is(const struct hot_entry *entry, const struct hot_asked *asked)
{
    struct slice host = asked->host, target = asked->target, wish = asked->wish;
    const char *at = entry->key;

    if (entry->is_loopback != asked->is_loopback ||
        entry->key_len != host.len + 1 + target.len + (wish.len ? 1 + wish.len : 0) ||
        memcmp(at, host.ptr, host.len) != 0)
        return false;
    at += host.len + 1;
    return memcmp(at, target.ptr, target.len) == 0 &&
           (!wish.len || memcmp(at + target.len + 1, wish.ptr, wish.len) == 0);
}

struct hot_entry *hot_find(struct hot *hot, const struct hot_asked *asked)
{
    uint64_t hash;
    struct link *link, *next, *bucket;

    if (!hot->entry_count || !asked->host.len)
        return NULL;
    hash = hot_key_hash(asked);
    bucket = &hot->buckets[hash % BUCKETS];
    LIST_EACH (bucket, link, next) {
        struct hot_entry *entry = CONTAINER(link, struct hot_entry, in_table);

        if (entry->hash != hash || !key_is(entry, asked))
            continue;
        if (!is_still_true(hot, entry)) {
            hot_entry_drop(hot, entry);
            return NULL;
        }
        if (entry->bytes)
            freshen(entry);
        return entry;
    }
    return NULL;
}

/* ---- the cache ---- */

struct hot *hot_new(struct station *station)
{
    struct hot *hot = xcalloc(1, sizeof(*hot));

    hot->station = station;
    hot->inotify_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    hot->notices = (struct watch){.fd = hot->inotify_fd, .ready = hot_on_notice};
    hot->pause.fire = hot_pause_over;
    for (unsigned i = 0; i < BUCKETS; i++)
        list_init(&hot->buckets[i]);
    for (unsigned i = 0; i < WD_BUCKETS; i++)
        list_init(&hot->wd_buckets[i]);
    list_init(&hot->ages);
    hot->folders = hot_folders_new(hot);
    return hot;
}

void hot_free(struct hot *hot)
{
    if (hot->inotify_fd >= 0)
        close(hot->inotify_fd);
    free(hot->dead_wds);
    hot_folders_free(hot->folders);
    free(hot->templates);
    free(hot);
}
