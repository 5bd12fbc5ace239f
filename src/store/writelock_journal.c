/*
 * writelock_journal.c - write locks in a file: `.samovar/locks`.
 *
 *     head     "samovar locks 1\n", this start of the machine (boot id), 1 if the last writer ended well
 *     entries  length, check, then: 'p' a lock; 'r' token, seconds, end; 'd' token
 *
 * Entries are added by one write each and never synced: what a killed process wrote is in the kernel's memory, so it
 * is read again by the next one. After a power cut anything may be in the file; it carries the boot id, and one of
 * another boot is only believed if it was written at a clean end, synced. An entry that a kill cut short fails its
 * check and is written over. When most of the file is about locks that are gone it is written anew beside and renamed.
 *
 * Numbers are in the machine's own order: a file from elsewhere fails its checks.
 */
#include "writelock_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "sync.h"

static const char file_name[] = "locks", new_name[] = "locks.new";

enum {
    ENTRY_MAX = 2 * PATH_ROOM + LOCK_OWNER_MAX + 4096, /* users' names are far shorter than what is left */
    REWRITE_MIN = 4 << 20,                             /* a file below this is not worth it */
    REWRITE_FACTOR = 4,                                /* nor one with less than this of what is held */
    READ_BYTES = 256 << 10,
};

struct head {
    char magic[16];
    char boot[36];
    char is_last;
    char unused[11];
};
static const char magic[16] = "samovar locks 1\n";

struct entry_head {
    uint32_t len, check;
};

/* What of a lock has a size of its own; the texts follow. */
struct fixed {
    unsigned char id[ID_LEN], token[TOKEN_BYTES];
    int64_t until_ms, made_s;
    uint32_t seconds;
    uint32_t owner_len, user_len, root_len, plain_len;
    uint8_t is_exclusive, is_deep, has_slash, unused;
};

struct time_entry {
    unsigned char token[TOKEN_BYTES];
    int64_t until_ms;
    uint32_t seconds, unused;
};

void held_encode(const struct held *held, struct buf *out)
{
    struct fixed fixed = {.until_ms = held->until_ms,
                          .made_s = held->made_s,
                          .seconds = held->seconds,
                          .owner_len = (uint32_t)held->owner.len,
                          .user_len = (uint32_t)held->user.len,
                          .root_len = (uint32_t)held->root.len,
                          .plain_len = (uint32_t)held->plain.len,
                          .is_exclusive = held->is_exclusive,
                          .is_deep = held->is_deep,
                          .has_slash = held->has_slash};

    memcpy(fixed.id, held->id, ID_LEN);
    memcpy(fixed.token, held->token, TOKEN_BYTES);
    buf_add(out, slice_of((const char *)&fixed, sizeof(fixed)));
    buf_add(out, held->owner);
    buf_add(out, held->user);
    buf_add(out, held->root);
    buf_add(out, held->plain);
}

static struct slice take_text(struct slice *rest, size_t len)
{
    struct slice text = slice_upto(*rest, len);

    *rest = slice_from(*rest, len);
    return text;
}

/* The wall clock says how much is left, but never more than was granted: it may have been set back. */
static void set_due(const struct writelocks *w, struct held *held)
{
    int64_t left = held->until_ms - writelocks_real_ms(w), granted = (int64_t)held->seconds * 1000;

    held->due_ms = writelocks_boot_ms(w) + (left < granted ? left : granted);
}

struct held *held_decode(const struct writelocks *w, struct slice text)
{
    struct held held = {0};
    struct fixed fixed;
    uint64_t len;

    if (text.len < sizeof(fixed))
        return NULL;
    memcpy(&fixed, text.ptr, sizeof(fixed));
    text = slice_from(text, sizeof(fixed));
    len = (uint64_t)fixed.owner_len + fixed.user_len + fixed.root_len + fixed.plain_len;
    if (len != text.len)
        return NULL;
    memcpy(held.id, fixed.id, ID_LEN);
    memcpy(held.token, fixed.token, TOKEN_BYTES);
    held.until_ms = fixed.until_ms;
    held.made_s = fixed.made_s;
    held.seconds = fixed.seconds;
    held.is_exclusive = fixed.is_exclusive;
    held.is_deep = fixed.is_deep;
    held.has_slash = fixed.has_slash;
    held.owner = take_text(&text, fixed.owner_len);
    held.user = take_text(&text, fixed.user_len);
    held.root = take_text(&text, fixed.root_len);
    held.plain = take_text(&text, fixed.plain_len);
    set_due(w, &held);
    return held_new(&held);
}

/* ---- reading ---- */

static uint32_t check_of(struct slice text)
{
    static const struct hash_key fixed = {0x77726974656c6f63u, 0x6b732d6a6f75726eu};

    return (uint32_t)hash64(&fixed, text);
}

static void read_time(struct writelocks *w, struct slice text)
{
    struct time_entry entry;
    struct held *held;

    if (text.len != sizeof(entry))
        return;
    memcpy(&entry, text.ptr, sizeof(entry));
    held = writelocks_find(w, entry.token);
    if (!held)
        return;
    held->until_ms = entry.until_ms;
    held->seconds = entry.seconds;
    set_due(w, held);
    if (held->due_ms < w->next_due_ms)
        w->next_due_ms = held->due_ms;
}

static void read_drop(struct writelocks *w, struct slice text)
{
    struct held *held = text.len == TOKEN_BYTES ? writelocks_find(w, (const unsigned char *)text.ptr) : NULL;

    if (held)
        writelocks_remove(w, held);
}

static void read_entry(struct writelocks *w, struct slice text)
{
    char kind = text.ptr[0];
    struct held *held;

    text = slice_from(text, 1);
    if (kind == JOURNAL_TIME)
        read_time(w, text);
    else if (kind == JOURNAL_DROP)
        read_drop(w, text);
    else if (kind == JOURNAL_PUT && (held = held_decode(w, text)))
        writelocks_add(w, held);
}

/* How much of it is whole entries; the rest may be the start of one. false: from there on it is none. */
static bool read_entries(struct writelocks *w, struct slice text, size_t *used)
{
    *used = 0;
    while (text.len >= sizeof(struct entry_head)) {
        struct entry_head head;
        struct slice entry;

        memcpy(&head, text.ptr, sizeof(head));
        if (head.len == 0 || head.len > ENTRY_MAX)
            return false;
        if (text.len - sizeof(head) < head.len)
            return true;
        entry = slice_of(text.ptr + sizeof(head), head.len);
        if (check_of(entry) != head.check)
            return false;
        read_entry(w, entry);
        *used += sizeof(head) + head.len;
        text = slice_from(text, sizeof(head) + head.len);
    }
    return true;
}

void journal_read(struct store *store)
{
    struct writelocks *w = store->writelocks;
    char *room = xmalloc(READ_BYTES);
    bool is_good = true;
    size_t used = 1;

    while (is_good && used) {
        ssize_t got = pread(w->fd, room, READ_BYTES, (off_t)w->size);

        if (got <= 0)
            break;
        is_good = read_entries(w, slice_of(room, (size_t)got), &used);
        w->size += used;
    }
    free(room);
}

/* ---- the file ---- */

enum err journal_open(struct store *store)
{
    struct writelocks *w = store->writelocks;
    struct head head;

    fd_close(&w->fd);
    w->fd = openat(store->state.folder, file_name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    if (w->fd < 0)
        return err_from_errno(errno);
    w->size = sizeof(head);
    if (pread(w->fd, &head, sizeof(head), 0) == sizeof(head) && memcmp(head.magic, magic, sizeof(magic)) == 0 &&
        (head.is_last == 1 || (w->boot[0] && memcmp(head.boot, w->boot, sizeof(head.boot)) == 0)))
        return ERR_NONE;
    fd_close(&w->fd);
    return ERR_MISSING;
}

static void add_entry(struct buf *out, char kind, struct slice text)
{
    size_t at = out->len;
    struct entry_head head = {.len = (uint32_t)text.len + 1};

    buf_add(out, slice_of((const char *)&head, sizeof(head)));
    buf_add_char(out, kind);
    buf_add(out, text);
    if (out->overflown)
        return;
    head.check = check_of(slice_of(out->ptr + at + sizeof(head), head.len));
    memcpy(out->ptr + at, &head, sizeof(head));
}

static void encode(const struct held *held, enum journal_kind kind, struct buf *out)
{
    struct time_entry time = {.until_ms = held->until_ms, .seconds = held->seconds};

    memcpy(time.token, held->token, TOKEN_BYTES);
    if (kind == JOURNAL_PUT)
        held_encode(held, out);
    else if (kind == JOURNAL_TIME)
        buf_add(out, slice_of((const char *)&time, sizeof(time)));
    else
        buf_add(out, slice_of((const char *)held->token, TOKEN_BYTES));
}

static bool write_all(int fd, struct slice text, uint64_t at)
{
    while (text.len) {
        ssize_t wrote = pwrite(fd, text.ptr, text.len, (off_t)at);

        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return false;
        at += (uint64_t)wrote;
        text = slice_from(text, (size_t)wrote);
    }
    return true;
}

static void buf_add_lock(const struct held *held, enum journal_kind kind, struct buf *out)
{
    struct buf text = BUF_INIT(ENTRY_MAX - 1);

    encode(held, kind, &text);
    add_entry(out, (char)kind, buf_slice(&text));
    out->overflown |= text.overflown;
    buf_release(&text);
}

enum err journal_add(struct store *store, enum journal_kind kind, const struct held *held)
{
    struct writelocks *w = store->writelocks;
    struct buf entry = BUF_INIT(ENTRY_MAX + sizeof(struct entry_head));
    enum err err = ERR_NONE;

    if (w->fd < 0 || (w->size > REWRITE_MIN && w->size > REWRITE_FACTOR * (w->bytes + w->count * sizeof(struct held))))
        err = journal_rewrite(store, false); /* what is added may be in it already, or still: it is said once more */
    buf_add_lock(held, kind, &entry);
    if (err == ERR_NONE && entry.overflown)
        err = ERR_TOO_LARGE;
    if (err == ERR_NONE && !write_all(w->fd, buf_slice(&entry), w->size))
        err = err_from_errno(errno); /* what was written of it is written over by the next one */
    if (err == ERR_NONE)
        w->size += entry.len;
    buf_release(&entry);
    return err;
}

static enum err write_new(struct store *store, int fd, bool is_last, uint64_t *size)
{
    struct writelocks *w = store->writelocks;
    struct buf text = BUF_INIT(SIZE_MAX / 2);
    struct head head = {.is_last = is_last};
    struct link *at, *following;
    enum err err = ERR_NONE;

    memcpy(head.magic, magic, sizeof(magic));
    memcpy(head.boot, w->boot, sizeof(head.boot));
    buf_add(&text, slice_of((const char *)&head, sizeof(head)));
    *size = 0;
    LIST_EACH (&w->all, at, following) {
        buf_add_lock(CONTAINER(at, struct held, link), JOURNAL_PUT, &text);
        if (text.len < READ_BYTES)
            continue;
        if (!write_all(fd, buf_slice(&text), *size))
            err = err_from_errno(errno);
        *size += text.len;
        buf_clear(&text);
    }
    if (err == ERR_NONE && !write_all(fd, buf_slice(&text), *size))
        err = err_from_errno(errno);
    *size += text.len;
    buf_release(&text);
    return err;
}

enum err journal_rewrite(struct store *store, bool is_last)
{
    struct writelocks *w = store->writelocks;
    FD_GUARD fd = -1;
    uint64_t size = 0;
    enum err err = state_need(store);

    if (err != ERR_NONE)
        return err;
    fd = openat(store->state.folder, new_name, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_from_errno(errno);
    err = write_new(store, fd, is_last, &size);
    if (err == ERR_NONE && is_last && sync_fd(fd) < 0)
        err = err_from_errno(errno);
    if (err == ERR_NONE && renameat(store->state.folder, new_name, store->state.folder, file_name) < 0)
        err = err_from_errno(errno);
    if (err != ERR_NONE) {
        unlinkat(store->state.folder, new_name, 0);
        return err;
    }
    fd_close(&w->fd);
    w->fd = fd_take(&fd);
    w->size = size;
    w->file_seen = atomic_fetch_add(&store->share.page->lock_file, 1) + 1;
    return ERR_NONE;
}

void journal_remove(struct store *store)
{
    fd_close(&store->writelocks->fd);
    if (store->state.folder >= 0)
        unlinkat(store->state.folder, file_name, 0);
}
