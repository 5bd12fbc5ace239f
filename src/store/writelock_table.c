/*
 * writelock_table.c - the write locks of a store, in memory.
 */
#include "writelock_private.h"

#include <stdlib.h>
#include <time.h>

#include "base/clock.h"

struct writelocks *writelocks_new(void)
{
    struct writelocks *w = xcalloc(1, sizeof(*w));

    pthread_rwlock_init(&w->lock, NULL);
    list_init(&w->all);
    w->next_due_ms = INT64_MAX;
    w->fd = -1;
    return w;
}

void writelocks_free(struct writelocks *w)
{
    if (!w)
        return;
    writelocks_clear(w);
    free(w->by_id);
    free(w->by_token);
    free(w->users);
    fd_close(&w->fd);
    pthread_rwlock_destroy(&w->lock);
    free(w);
}

int64_t writelocks_real_ms(const struct writelocks *w)
{
    return clock_real_ns() / 1000000 + w->skew_real_ms;
}

/* Goes on while the machine sleeps, and nobody can set it. */
int64_t writelocks_boot_ms(const struct writelocks *w)
{
    struct timespec now;

    clock_gettime(CLOCK_BOOTTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 + w->skew_boot_ms;
}

void held_time(struct writelocks *w, struct held *held, uint32_t seconds)
{
    held->seconds = seconds;
    held->until_ms = writelocks_real_ms(w) + (int64_t)seconds * 1000;
    held->due_ms = writelocks_boot_ms(w) + (int64_t)seconds * 1000;
    if (held->due_ms < w->next_due_ms)
        w->next_due_ms = held->due_ms;
}

size_t held_bytes(const struct held *held)
{
    return held->owner.len + held->user.len + held->root.len + held->plain.len;
}

static struct slice put_text(char **at, struct slice text)
{
    struct slice put = slice_of(*at, text.len);

    if (text.len)
        memcpy(*at, text.ptr, text.len);
    *at += text.len;
    return put;
}

struct held *held_new(const struct held *like)
{
    struct held *held = xmalloc(sizeof(*held) + held_bytes(like));
    char *at = (char *)(held + 1);

    *held = *like;
    held->link = (struct link){0};
    held->by = NULL;
    held->owner = put_text(&at, like->owner);
    held->user = put_text(&at, like->user);
    held->root = put_text(&at, like->root);
    held->plain = put_text(&at, like->plain);
    return held;
}

/* Ids and tokens are hashes or random already, but ids of inodes may share a first half; all of it counts. */
static unsigned bucket_of(const unsigned char key[16])
{
    uint64_t halves[2];

    memcpy(halves, key, sizeof(halves));
    return (unsigned)(((halves[0] ^ halves[1]) * 0x9e3779b97f4a7c15u) >> 50) % TABLE_BUCKETS;
}

static struct lock_user **user_at(const struct writelocks *w, struct slice name)
{
    struct lock_user **at = &w->users[hash64(hash_process_key(), name) % TABLE_BUCKETS];

    while (*at && !slice_eq((*at)->name, name))
        at = &(*at)->next;
    return at;
}

static void count_in(struct writelocks *w, struct held *held)
{
    struct lock_user **at = user_at(w, held->user);

    if (!*at) {
        char *text = xmalloc(sizeof(**at) + held->user.len);

        *at = (struct lock_user *)(void *)text;
        text += sizeof(**at);
        **at = (struct lock_user){.name = put_text(&text, held->user)};
    }
    (*at)->count++;
    held->by = *at;
}

static void count_out(struct writelocks *w, struct held *held)
{
    struct lock_user **at = user_at(w, held->user), *gone = *at;

    if (--gone->count)
        return;
    *at = gone->next;
    free(gone);
}

/* At the end of its chain, so that locks of one resource are told in the order in which they were made. */
static void chain_in(struct held **at, struct held *held, bool by_id)
{
    while (*at)
        at = by_id ? &(*at)->next_by_id : &(*at)->next_by_token;
    *at = held;
}

static void chain_out(struct held **at, const struct held *held, bool by_id)
{
    while (*at != held)
        at = by_id ? &(*at)->next_by_id : &(*at)->next_by_token;
    *at = by_id ? held->next_by_id : held->next_by_token;
}

void writelocks_add(struct writelocks *w, struct held *held)
{
    struct held *former = writelocks_find(w, held->token);

    if (former)
        writelocks_remove(w, former);
    if (!w->by_id) {
        w->by_id = xcalloc(TABLE_BUCKETS, sizeof(struct held *));
        w->by_token = xcalloc(TABLE_BUCKETS, sizeof(struct held *));
        w->users = xcalloc(TABLE_BUCKETS, sizeof(struct lock_user *));
    }
    held->next_by_id = held->next_by_token = NULL;
    chain_in(&w->by_id[bucket_of(held->id)], held, true);
    chain_in(&w->by_token[bucket_of(held->token)], held, false);
    list_append(&w->all, &held->link);
    count_in(w, held);
    w->count++;
    w->bytes += held_bytes(held);
    if (held->due_ms < w->next_due_ms)
        w->next_due_ms = held->due_ms;
}

void writelocks_remove(struct writelocks *w, struct held *held)
{
    chain_out(&w->by_id[bucket_of(held->id)], held, true);
    chain_out(&w->by_token[bucket_of(held->token)], held, false);
    list_remove(&held->link);
    count_out(w, held);
    w->count--;
    w->bytes -= held_bytes(held);
    free(held);
}

void writelocks_clear(struct writelocks *w)
{
    struct link *at, *following;

    LIST_EACH (&w->all, at, following)
        writelocks_remove(w, CONTAINER(at, struct held, link));
    w->next_due_ms = INT64_MAX;
}

struct held *writelocks_find(const struct writelocks *w, const unsigned char token[TOKEN_BYTES])
{
    struct held *at = w->by_token ? w->by_token[bucket_of(token)] : NULL;

    while (at && memcmp(at->token, token, TOKEN_BYTES) != 0)
        at = at->next_by_token;
    return at;
}

struct held *writelocks_on(const struct writelocks *w, const unsigned char id[ID_LEN])
{
    struct held *at = w->by_id ? w->by_id[bucket_of(id)] : NULL;

    while (at && memcmp(at->id, id, ID_LEN) != 0)
        at = at->next_by_id;
    return at;
}

bool writelocks_has_room(const struct writelocks *w, struct slice user, size_t bytes)
{
    const struct lock_user *by = w->users ? *user_at(w, user) : NULL;

    return w->count < LOCKS_MAX && w->bytes + bytes <= TEXTS_MAX && (!by || by->count < LOCKS_OF_USER_MAX);
}
