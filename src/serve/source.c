/*
 * source.c - content as bytes that can be sent now: from memory, the page cache or a worker's hands.
 */
#include "source.h"

#include <errno.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "http/chunked.h"

enum {
    WINDOW = 1024 * 1024,    /* looked up in the page cache and sent in one go */
    COLD_READ = 256 * 1024,  /* read by a worker when it is not there */
    TAIL = 4096,             /* held back until the file was found unchanged */
    CHUNK_ROOM = 136 * 1024, /* what a stream makes at once: each time a worker has to be woken */
};

/* What a worker sees of it: in the exchange's arena, so that it outlives a connection that goes meanwhile. */
struct source_work {
    struct job job;
    struct exchange *ex;                      /* loop only */
    void (*on_progress)(struct exchange *ex); /* loop only */
    struct content *content;
    bool is_chunked;
    uint64_t read_off; /* in the file, and how much */
    size_t read_len;
    struct buf chunk; /* what it made or read */
    bool is_last_chunk, has_failed;
    bool is_tail, is_checked; /* chunk is what was held back; the file was found unchanged after it was read */
};

void source_init(struct source *source, struct exchange *ex, struct content *content, bool is_chunked,
                 void (*on_progress)(struct exchange *))
{
    *source = (struct source){.ex = ex, .content = content};
    source->work = arena_alloc(&ex->arena, sizeof(*source->work));
    *source->work = (struct source_work){.ex = ex,
                                         .on_progress = on_progress,
                                         .content = content,
                                         .is_chunked = is_chunked,
                                         .chunk = BUF_INIT(COLD_READ)};
    if (content && content->kind == CONTENT_PIECES)
        for (unsigned i = 0; i < content->piece_count; i++)
            source->file_left += content->pieces[i].len;
}

void source_release(struct source *source)
{
    buf_release(&source->work->chunk);
}

/* ---- is it in memory? ---- */

struct cachestat_range {
    uint64_t off, len;
};

struct cachestat_result {
    uint64_t cached, dirty, writeback, evicted, recently_evicted;
};

#ifndef SYS_cachestat
#define SYS_cachestat 451
#endif

/* Before Linux 6.5, and where a seccomp list of others does not know it, there is no cachestat. */
static atomic_bool cachestat_is_missing;

/* All of it is in the page cache for sure. */
static bool is_in_memory(int fd, uint64_t off, uint64_t len)
{
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), first = off / page, last = (off + len - 1) / page;
    struct cachestat_range range = {first * page, (last - first + 1) * page};
    struct cachestat_result result;

    if (atomic_load_explicit(&cachestat_is_missing, memory_order_relaxed))
        return false;
    if (syscall(SYS_cachestat, fd, &range, &result, 0) == 0)
        return result.cached >= last - first + 1;
    if (errno == ENOSYS || errno == EPERM)
        atomic_store_explicit(&cachestat_is_missing, true, memory_order_relaxed);
    return false;
}

/* What of it can be read without waiting; 0: nothing. */
static size_t read_now(int fd, uint64_t off, char *room, size_t len)
{
    struct iovec piece = {room, len};
    ssize_t got = preadv2(fd, &piece, 1, (off_t)off, RWF_NOWAIT);

    return got > 0 ? (size_t)got : 0;
}

/* ---- jobs ---- */

static void source_home(struct job *job)
{
    struct source_work *work = CONTAINER(job, struct source_work, job);
    struct exchange *ex = work->ex;

    role_assert_loop();
    if (!ex->wire_owner)
        buf_release(&work->chunk); /* the client left, and took its struct source along */
    if (exchange_home(ex, job))
        work->on_progress(ex);
}

static LOOP_SIDE enum source_step submit(struct source *source, enum lane lane, void (*act)(struct job *))
{
    source->work->job = (struct job){.act = act, .done = source_home};
    exchange_submit(source->ex, lane, &source->work->job);
    return SOURCE_WAITING;
}

static WORKER_SIDE void read_chunk(struct source_work *work)
{
    char *room;
    ssize_t got;

    buf_clear(&work->chunk);
    room = buf_reserve(&work->chunk, work->read_len);
    do
        got = pread(work->content->fd, room, work->read_len, (off_t)work->read_off);
    while (got < 0 && errno == EINTR);
    if (got <= 0)
        work->has_failed = true; /* the device failed, or somebody cut the file short */
    else
        buf_grown(&work->chunk, (size_t)got);
}

static void read_cold(struct job *job)
{
    role_assert_worker();
    read_chunk(CONTAINER(job, struct source_work, job));
}

/* What was held back may have been read already, or is read now. */
static void check_unchanged(struct job *job)
{
    struct source_work *work = CONTAINER(job, struct source_work, job);

    role_assert_worker();
    if (!work->chunk.len)
        read_chunk(work);
    work->is_checked = true;
    if (!work->content->ops->is_unchanged(work->content))
        work->has_failed = true;
}

static void fill_chunk(struct job *job)
{
    struct source_work *work = CONTAINER(job, struct source_work, job);
    struct buf text = BUF_INIT(CHUNK_ROOM);
    char frame[CHUNK_FRAME_MAX];
    bool done = false;

    role_assert_worker();
    buf_clear(&work->chunk);
    if (work->content->ops->fill(work->content, &text, &done))
        work->has_failed = true;
    if (text.len && work->is_chunked)
        buf_add(&work->chunk, slice_of(frame, chunk_frame(frame, text.len)));
    buf_add(&work->chunk, buf_slice(&text));
    if (text.len && work->is_chunked)
        buf_add_str(&work->chunk, "\r\n");
    if (done && work->is_chunked)
        buf_add(&work->chunk, CHUNK_LAST);
    work->is_last_chunk = done;
    buf_release(&text);
}

/* ---- looking ---- */

/*
 * Is the file still what the head spoke of, now that the bytes in chunk were read? Asked before that it would
 * say nothing about them. SOURCE_BYTES: it is.
 */
static LOOP_SIDE enum source_step check(struct source *source)
{
    struct source_work *work = source->work;

    if (work->is_checked)
        return SOURCE_BYTES;
    if (!source->content->ops->is_current)
        return submit(source, LANE_QUICK, check_unchanged);
    work->is_checked = source->content->ops->is_current(source->content);
    return work->is_checked ? SOURCE_BYTES : SOURCE_BROKEN;
}

static bool needs_check(const struct source *source)
{
    const struct content_ops *ops = source->content->ops;

    return ops && (ops->is_current || ops->is_unchanged);
}

static LOOP_SIDE enum source_step read_later(struct source *source, uint64_t off, uint64_t len)
{
    size_t most = source->cold_most && source->cold_most < COLD_READ ? source->cold_most : COLD_READ;

    source->work->read_off = off;
    source->work->read_len = len < most ? (size_t)len : most;
    return submit(source, LANE_QUICK, read_cold);
}

static LOOP_SIDE enum source_step look_at_chunk(struct source *source, size_t most, struct source_view *view)
{
    struct source_work *work = source->work;
    struct slice left = slice_from(buf_slice(&work->chunk), source->chunk_at);
    enum source_step step = work->is_tail ? check(source) : SOURCE_BYTES;

    *view = (struct source_view){.bytes = slice_upto(left, most), .has_more = left.len > most};
    return step;
}

/* Held back to the end: read, and given only when the file was found unchanged after that. */
static LOOP_SIDE enum source_step look_at_tail(struct source *source, uint64_t off, size_t len, size_t most,
                                               struct source_view *view)
{
    struct source_work *work = source->work;

    work->is_tail = true;
    work->is_checked = false;
    work->read_off = off;
    work->read_len = len;
    buf_clear(&work->chunk);
    buf_grown(&work->chunk, read_now(source->content->fd, off, buf_reserve(&work->chunk, len), len));
    if (work->chunk.len)
        return look_at_chunk(source, most, view);
    return submit(source, LANE_QUICK, source->content->ops->is_current ? read_cold : check_unchanged);
}

/* A stretch of the file. */
static LOOP_SIDE enum source_step look_at_file(struct source *source, char *room, size_t most, bool as_file,
                                               struct source_view *view)
{
    const struct piece *piece = &source->content->pieces[source->piece];
    uint64_t at = source->piece_at - piece->bytes.len, len = piece->len - at;

    if (needs_check(source) && source->file_left <= TAIL)
        return look_at_tail(source, piece->off + at, (size_t)len, most, view);
    if (needs_check(source) && len > source->file_left - TAIL)
        len = source->file_left - TAIL;
    *view = (struct source_view){.fd = source->content->fd, .off = piece->off + at};
    if (as_file) {
        view->len = len < WINDOW ? (size_t)len : WINDOW;
        if (is_in_memory(view->fd, view->off, view->len))
            return SOURCE_FILE;
        if (!atomic_load_explicit(&cachestat_is_missing, memory_order_relaxed))
            return read_later(source, view->off, view->len);
        /* Nobody tells what is in memory: what can be read without waiting is sent as bytes. */
    }
    view->len = read_now(view->fd, view->off, room, len < most ? (size_t)len : most);
    if (!view->len)
        return read_later(source, view->off, len);
    view->bytes = slice_of(room, view->len);
    view->has_more = source->file_left > view->len;
    return SOURCE_BYTES;
}

static LOOP_SIDE enum source_step look_at_pieces(struct source *source, char *room, size_t most, bool as_file,
                                                 struct source_view *view)
{
    const struct content *content = source->content;

    for (; source->piece < content->piece_count; source->piece++, source->piece_at = 0) {
        const struct piece *piece = &content->pieces[source->piece];

        if (source->piece_at < piece->bytes.len) {
            struct slice left = slice_from(piece->bytes, (size_t)source->piece_at);

            *view = (struct source_view){.bytes = slice_upto(left, most)};
            view->has_more = view->bytes.len < left.len || piece->len || source->piece + 1 < content->piece_count;
            return SOURCE_BYTES;
        }
        if (source->piece_at < piece->bytes.len + piece->len)
            return look_at_file(source, room, most, as_file, view);
    }
    return SOURCE_DONE;
}

enum source_step source_look(struct source *source, char *room, size_t most, bool as_file, struct source_view *view)
{
    struct source_work *work = source->work;

    if (source->ex->job)
        return SOURCE_WAITING;
    if (work->has_failed)
        return SOURCE_BROKEN;
    if (work->chunk.len)
        return look_at_chunk(source, most, view);
    if (!source->content || source->content->kind == CONTENT_EMPTY)
        return SOURCE_DONE;
    if (source->content->kind == CONTENT_PIECES)
        return look_at_pieces(source, room, most, as_file, view);
    return work->is_last_chunk ? SOURCE_DONE : submit(source, LANE_SLOW, fill_chunk);
}

/* Of a chunk that a worker made or read. */
static void took_of_chunk(struct source *source, size_t len)
{
    source->chunk_at += len;
    if (source->chunk_at == source->work->chunk.len) {
        buf_clear(&source->work->chunk);
        source->work->is_tail = false;
        source->chunk_at = 0;
    }
}

void source_took(struct source *source, size_t len)
{
    bool is_file;

    source->taken += len;
    if (source->content->kind == CONTENT_PIECES) {
        is_file = source->piece_at >= source->content->pieces[source->piece].bytes.len;
        source->piece_at += len;
        source->file_left -= is_file ? len : 0;
    }
    if (source->work->chunk.len)
        took_of_chunk(source, len);
}

bool source_is_done(const struct source *source)
{
    const struct content *content = source->content;

    if (source->ex->job)
        return false; /* what it has in hand is the worker's: a last chunk that is being made would look like none */
    if (source->work->chunk.len || source->work->has_failed)
        return false;
    if (!content || content->kind == CONTENT_EMPTY)
        return true;
    if (content->kind == CONTENT_STREAM)
        return source->work->is_last_chunk;
    return source->file_left == 0 &&
           (source->piece == content->piece_count ||
            (source->piece + 1 == content->piece_count &&
             source->piece_at == content->pieces[source->piece].bytes.len + content->pieces[source->piece].len));
}
