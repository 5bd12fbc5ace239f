/*
 * out.c - pumping an answer into a socket, without ever waiting for it or for the disk.
 */
#include "out.h"

#include <errno.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "http/chunked.h"

enum {
    TURN = 8 * 1024 * 1024, /* sent in one go, while others wait */
    WINDOW = 1024 * 1024,   /* looked up in the page cache and sent in one go */
    COLD_READ = 256 * 1024, /* read by a worker when it is not there */
    TAIL = 4096,            /* held back until the file was found unchanged */
    CHUNK_ROOM = 40 * 1024,
};

void out_init(struct out *out, struct conn *conn, struct exchange *ex, struct slice head, struct content *content,
              bool is_chunked, void (*on_progress)(struct exchange *))
{
    *out = (struct out){.conn = conn, .ex = ex, .head = head, .content = content, .is_chunked = is_chunked};
    out->work = arena_alloc(&ex->arena, sizeof(*out->work));
    *out->work = (struct out_work){.ex = ex,
                                   .on_progress = on_progress,
                                   .content = content,
                                   .is_chunked = is_chunked,
                                   .chunk = BUF_INIT(COLD_READ)};
    if (content && content->kind == CONTENT_PIECES)
        for (unsigned i = 0; i < content->piece_count; i++)
            out->file_left += content->pieces[i].len;
}

void out_release(struct out *out)
{
    buf_release(&out->work->chunk);
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

/*
 * How many bytes from `off` are in the page cache for sure: `len` or none. cachestat (Linux 6.5) answers
 * for a whole window; where it is missing or refused, one try to read without waiting answers for a page,
 * and a worker reads the window.
 */
static bool is_in_memory(int fd, uint64_t off, uint64_t len)
{
    static atomic_bool is_missing;
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), first = off / page, last = (off + len - 1) / page;
    struct cachestat_range range = {first * page, (last - first + 1) * page};
    struct cachestat_result result;

    if (atomic_load_explicit(&is_missing, memory_order_relaxed))
        return false;
    if (syscall(SYS_cachestat, fd, &range, &result, 0) == 0)
        return result.cached >= last - first + 1;
    if (errno == ENOSYS || errno == EPERM)
        atomic_store_explicit(&is_missing, true, memory_order_relaxed);
    return false;
}

/* ---- jobs ---- */

static void out_home(struct job *job)
{
    struct out_work *work = CONTAINER(job, struct out_work, job);
    struct exchange *ex = work->ex;

    role_assert_loop();
    if (!ex->wire_owner)
        buf_release(&work->chunk); /* the client left, and took its struct out along */
    if (exchange_home(ex, job))
        work->on_progress(ex);
}

static LOOP_SIDE void submit(struct out *out, enum lane lane, void (*act)(struct job *))
{
    out->work->job = (struct job){.act = act, .done = out_home};
    exchange_submit(out->ex, lane, &out->work->job);
}

static void read_cold(struct job *job)
{
    struct out_work *work = CONTAINER(job, struct out_work, job);
    char *room;
    ssize_t got;

    role_assert_worker();
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

static void check_unchanged(struct job *job)
{
    struct out_work *work = CONTAINER(job, struct out_work, job);

    role_assert_worker();
    work->is_checked = true;
    if (!work->content->ops->is_unchanged(work->content))
        work->has_failed = true;
}

static void fill_chunk(struct job *job)
{
    struct out_work *work = CONTAINER(job, struct out_work, job);
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

/* ---- sending ---- */

static enum out_step after(ssize_t took, size_t len)
{
    if (took == CONN_CLOSED)
        return OUT_BROKEN;
    return (size_t)took < len ? OUT_BLOCKED : OUT_DONE;
}

/* The head, with the first bytes of our own behind it in the same call. */
static LOOP_SIDE enum out_step send_head(struct out *out)
{
    struct content *content = out->content;
    struct slice first = SLICE_NONE;
    struct iovec pieces[2];
    size_t head_len = out->head.len;
    ssize_t took;

    if (content && content->kind == CONTENT_PIECES && content->piece_count)
        first = content->pieces[0].bytes;
    pieces[0] = (struct iovec){(void *)out->head.ptr, head_len};
    pieces[1] = (struct iovec){(void *)first.ptr, first.len};
    took = conn_sendv(out->conn, pieces, first.len ? 2 : 1, content && content->length > first.len);
    if (took == CONN_CLOSED)
        return OUT_BROKEN;
    if ((size_t)took < head_len) {
        out->head = slice_from(out->head, (size_t)took);
        return OUT_BLOCKED;
    }
    out->head = SLICE_NONE;
    out->piece_at = (size_t)took - head_len;
    out->sent += out->piece_at;
    return (size_t)took < head_len + first.len ? OUT_BLOCKED : OUT_DONE;
}

static LOOP_SIDE enum out_step send_chunk(struct out *out)
{
    size_t len = out->work->chunk.len - out->chunk_at;
    ssize_t took = conn_send(out->conn, out->work->chunk.ptr + out->chunk_at, len, false);

    if (took > 0) {
        out->chunk_at += (size_t)took;
        out->sent += (uint64_t)took;
        if (out->content->kind == CONTENT_PIECES) {
            out->piece_at += (uint64_t)took;
            out->file_left -= (uint64_t)took;
        }
    }
    if (out->chunk_at == out->work->chunk.len) {
        buf_clear(&out->work->chunk);
        out->chunk_at = 0;
    }
    return after(took, len);
}

/* Is the file still what the head spoke of? */
static LOOP_SIDE enum out_step check(struct out *out)
{
    if (!out->content->ops->is_current) {
        submit(out, LANE_QUICK, check_unchanged);
        return OUT_WAITING;
    }
    out->work->is_checked = true;
    return out->content->ops->is_current(out->content) ? OUT_DONE : OUT_BROKEN;
}

/* A stretch of the file. What is held back to the end is sent only when the file was found unchanged. */
static LOOP_SIDE enum out_step send_stretch(struct out *out, struct piece *piece)
{
    uint64_t at = out->piece_at - piece->bytes.len, len = piece->len - at;
    const struct content_ops *ops = out->content->ops;
    bool needs_check = ops && (ops->is_current || ops->is_unchanged) && !out->work->is_checked;
    ssize_t took;

    if (needs_check && out->file_left <= TAIL)
        return check(out);
    if (needs_check && len > out->file_left - TAIL)
        len = out->file_left - TAIL;
    if (len > WINDOW)
        len = WINDOW;
    if (!is_in_memory(out->content->fd, piece->off + at, len)) {
        out->work->read_off = piece->off + at;
        out->work->read_len = len < COLD_READ ? (size_t)len : COLD_READ;
        submit(out, LANE_QUICK, read_cold);
        return OUT_WAITING;
    }
    took = conn_sendfile(out->conn, out->content->fd, piece->off + at, len);
    if (took > 0) {
        out->piece_at += (uint64_t)took;
        out->file_left -= (uint64_t)took;
        out->sent += (uint64_t)took;
        return OUT_DONE;
    }
    return after(took, len);
}

static LOOP_SIDE enum out_step send_piece(struct out *out)
{
    struct piece *piece = &out->content->pieces[out->piece];

    if (out->piece_at < piece->bytes.len) {
        size_t len = piece->bytes.len - out->piece_at;
        bool more = piece->len || out->piece + 1 < out->content->piece_count;
        ssize_t took = conn_send(out->conn, piece->bytes.ptr + out->piece_at, len, more);

        if (took > 0) {
            out->piece_at += (uint64_t)took;
            out->sent += (uint64_t)took;
        }
        return after(took, len);
    }
    if (out->piece_at < piece->bytes.len + piece->len)
        return send_stretch(out, piece);
    out->piece++;
    out->piece_at = 0;
    return OUT_DONE;
}

static LOOP_SIDE enum out_step send_more_of_stream(struct out *out)
{
    submit(out, LANE_SLOW, fill_chunk);
    return OUT_WAITING;
}

static bool is_complete(const struct out *out)
{
    if (out->head.len || out->work->chunk.len)
        return false;
    if (!out->content || out->content->kind == CONTENT_EMPTY)
        return true;
    return out->content->kind == CONTENT_PIECES ? out->piece == out->content->piece_count : out->work->is_last_chunk;
}

enum out_step out_pump(struct out *out)
{
    uint64_t turn_ends = out->sent + TURN;

    while (!is_complete(out) || out->work->has_failed) {
        enum out_step step;

        if (out->work->has_failed)
            return OUT_BROKEN;
        if (out->head.len)
            step = send_head(out);
        else if (out->work->chunk.len)
            step = send_chunk(out);
        else if (out->content->kind == CONTENT_PIECES)
            step = send_piece(out);
        else
            step = send_more_of_stream(out);
        if (step != OUT_DONE)
            return step;
        if (out->sent >= turn_ends)
            return OUT_TURN; /* a client that reads as fast as we send must not have the loop for itself */
    }
    return OUT_DONE;
}
