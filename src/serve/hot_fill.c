/*
 * hot_fill.c - which answers become hot, and the job that makes an entry of one.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "hot_private.h"
#include "store/props.h"

enum {
    CONTENT_MAX = 128 * 1024, /* above it, sendfile from the page cache costs no more than a copy */
    WATCHES_MAX = 64,         /* depth of a path */
    HEAD_MAX = 4096,
    HEAD304_MAX = 1024,
    TICK_NS = 20000000, /* above the kernel's clock tick */
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

/*
 * The head that was sent is still the file's: whoever gives it another type touches it afterwards (store/props.h),
 * which shows in the time of its change, unless that is of the same clock tick. Before the first one has a type given
 * there is nothing to compare: what comes from now on, the watches tell.
 */
static bool has_same_head(const struct store *store, const struct facts *now, const struct facts *sent)
{
    if (!store_has_traits(store))
        return true;
    return now->changed_ns == sent->changed_ns && now->floor_s == sent->floor_s &&
           clock_real_ns() - now->changed_ns > TICK_NS;
}

static void fill_act(struct job *job)
{
    struct fill *fill = CONTAINER(job, struct fill, job);
    struct hot_entry *entry = fill->entry;

    role_assert_worker();
    fill->err = store_open_watched(fill->store, fill->path, fill->inotify_fd, fill->wds, WATCHES_MAX, &fill->wd_count,
                                   entry->ticket != 0, &entry->fd, &entry->facts);
    if (fill->err) {
        entry->fd = -1;
        return;
    }
    if (!facts_same_content(&entry->facts, &fill->wanted) || fill->wanted.is_weak || entry->facts.is_weak ||
        !has_same_head(fill->store, &entry->facts, &fill->wanted))
        fill->err = ERR_CHANGED;
    else if (!entry->is_large && !entry->ticket)
        fill->err = read_content(fill);
    entry->facts.has_traits = fill->wanted.has_traits;
}

bool hot_was_touched(const struct hot *hot, uint64_t events_before, const int *wds, unsigned count)
{
    if (hot->event_count - events_before >= RECENT)
        return true;
    for (uint64_t from = events_before; from < hot->event_count; from++)
        for (unsigned i = 0; i < count; i++)
            if (hot->recent[from % RECENT] == wds[i])
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
    if (!fill->err && !hot->is_closing && !hot_was_touched(hot, fill->events_before, fill->wds, fill->wd_count) &&
        !has_one_twice(fill) && !is_there_already(hot, fill->entry)) {
        hot_entry_enter(hot, fill->entry, fill->path.text.len, fill->wds, fill->wd_count);
    } else {
        hot_wds_give_up(hot, fill->wds, fill->wd_count);
        hot_entry_free(fill->entry);
    }
    hot_bury_wds(hot);
    arena_release(&fill->job.arena);
    free(fill);
}

/* ---- which answers are hot ---- */

static struct slice host_of(const struct exchange *ex)
{
    return head_value(&ex->head, FIELD_HOST);
}

/*
 * Whoever sends the same head without credentials gets the same. Where a site has users that is what everybody gets who
 * did not log in: who did is sent the long way by hot_pick(). Of a path with conflict copies it has to be noted what
 * each client fetched.
 */
static bool is_everybodys(const struct exchange *ex)
{
    return !ex->asker.user.len && !head_has(&ex->head, FIELD_AUTHORIZATION) && !ex->is_personal && !ex->extension &&
           ex->rules.require_match != MATCH_CONFLICT_COPY;
}

bool hot_is_everybodys(const struct hot *hot, const struct exchange *ex, struct slice head)
{
    if (hot->inotify_fd < 0 || !store_reports_changes(ex->store) || head.len > HEAD_MAX)
        return false;
    if (ex->head.method != METHOD_GET || ex->head.minor != 1 || ex->framing.kind != BODY_NONE ||
        ex->target.form != TARGET_ORIGIN || head_count_of(&ex->head, FIELD_HOST) != 1)
        return false;
    return is_everybodys(ex);
}

static LOOP_SIDE bool is_of_the_right_kind(const struct hot *hot, const struct exchange *ex,
                                           const struct answer *answer, struct slice head)
{
    const struct content *content = &answer->content;
    const struct facts *facts = answer->facts;

    return hot_is_everybodys(hot, ex, head) && content->kind == CONTENT_PIECES && content->length == facts->size;
}

bool hot_was_seen(struct hot *hot, uint64_t hash)
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
    add_line(&text, head, "Content-Location: ");
    add_line(&text, head, "Cache-Control: ");
    add_line(&text, head, "Vary: ");
    add_line(&text, head, "Access-Control-");
    buf_add_str(&text, "\r\n");
    entry->head304_len = text.len;
    entry->head304 = buf_take(&text);
    return !text.overflown;
}

struct hot_entry *hot_entry_new(struct hot *hot, const struct exchange *ex, const struct hot_asked *asked,
                                struct slice path)
{
    struct hot_entry *entry = xcalloc(1, sizeof(*entry));
    struct slice asked_path = ex->negotiation ? ex->asked.text : ex->path.text;
    char *at;

    entry->hot = hot;
    entry->store = ex->store;
    entry->site = ex->site;
    entry->limits = limits_at(ex->conf, ex->site, asked_path);
    if (entry->limits)
        entry->limits_path = limit_path(asked_path);
    entry->is_loopback = asked->is_loopback;
    entry->refs = 1;
    entry->fd = -1;
    entry->hash = hot_key_hash(asked);
    entry->key_len = asked->host.len + 1 + asked->target.len + (asked->wish.len ? 1 + asked->wish.len : 0);
    entry->key = xcalloc(1, entry->key_len + 1 + path.len + 1); /* the file's path behind it, for the watches' names */
    at = entry->key;
    if (asked->host.len)
        memcpy(at, asked->host.ptr, asked->host.len);
    at += asked->host.len + 1;
    memcpy(at, asked->target.ptr, asked->target.len);
    if (asked->wish.len)
        memcpy(at + asked->target.len + 1, asked->wish.ptr, asked->wish.len);
    if (path.len)
        memcpy(entry->key + entry->key_len + 1, path.ptr, path.len);
    return entry;
}

char *hot_entry_write(struct hot_entry *entry, struct slice head, size_t content_len)
{
    entry->head_len = head.len;
    entry->len = head.len + content_len;
    entry->bytes = xmalloc(entry->len);
    memcpy(entry->bytes, head.ptr, head.len);
    entry->date_s = entry->hot->station->date_s;
    make_304(entry, head);
    return entry->bytes + head.len;
}

void hot_fill(struct hot *hot, struct hot_entry *entry, const struct exchange *ex, const struct answer *answer)
{
    struct fill *fill = xcalloc(1, sizeof(*fill));

    fill->hot = hot;
    fill->entry = entry;
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

void hot_consider(struct hot *hot, struct exchange *ex, const struct answer *answer, struct slice head)
{
    struct hot_asked asked = {host_of(ex), ex->head.target, ex->asker.is_loopback, SLICE_NONE};
    struct hot_entry *entry;

    if (!is_of_the_right_kind(hot, ex, answer, head) || ex->conf != hot->station->house->conf)
        return; /* after a reload: who may read this was judged by the rules before it */
    if (!hot_was_seen(hot, hot_key_hash(&asked)) || hot->filling >= HOT_FILLING_MAX)
        return;
    entry = hot_entry_new(hot, ex, &asked, answer->path.text);
    entry->is_large = answer->content.length > CONTENT_MAX;
    hot_entry_write(entry, head, entry->is_large ? 0 : answer->content.length);
    hot_fill(hot, entry, ex, answer);
}
