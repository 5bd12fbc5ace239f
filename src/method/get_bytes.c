/*
 * get_bytes.c - where an answer's bytes come from.
 *
 * A short body is read at once into memory, between two looks at the file's facts, so that it is never sent
 * torn. Of a long one the descriptor goes along, and the facts are compared once more before the last bytes
 * are sent.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/uio.h>

#include "get_private.h"

/* ---- a file's descriptor that goes along with the answer ---- */

struct open_file {
    struct job closing; /* closing may wait for the disk: the last close of a file that was deleted */
    struct pool *pool;
    struct store *store;
    struct facts facts;
    bool is_fixed; /* nobody changes it */
    int fd;
};

static void open_file_close(struct job *job)
{
    struct open_file *file = CONTAINER(job, struct open_file, closing);

    role_assert_worker();
    store_close_file(file->store, file->fd, &file->facts);
}

static void open_file_closed(struct job *job)
{
    free(CONTAINER(job, struct open_file, closing));
}

static void file_content_close(struct content *content)
{
    struct open_file *file = content->context;

    file->closing.act = open_file_close;
    file->closing.done = open_file_closed;
    pool_submit(file->pool, LANE_QUICK, &file->closing);
}

static bool file_content_is_unchanged(struct content *content)
{
    struct open_file *file = content->context;
    struct facts now;

    role_assert_worker();
    return file->is_fixed ||
           (store_facts_of(file->store, file->fd, &now) == ERR_NONE && facts_same_content(&file->facts, &now));
}

static const struct content_ops file_content_ops = {.is_unchanged = file_content_is_unchanged,
                                                    .close = file_content_close};

static struct open_file *open_file_new(struct get_job *get)
{
    struct open_file *file = xcalloc(1, sizeof(*file));

    file->pool = get->pool;
    file->store = get->store;
    file->facts = *get_sent_facts(get);
    file->is_fixed = get_sent_is_fixed(get);
    file->fd = *get_sent_fd(get);
    file->closing.home = get->job.home;
    *get_sent_fd(get) = -1;
    return file;
}

/* ---- short bodies ---- */

/* flags: RWF_NOWAIT on a loop, which must not wait for the disk; then false also when it would have to. */
static bool read_fully(int fd, char *to, size_t len, uint64_t off, int flags)
{
    while (len) {
        struct iovec room = {to, len};
        ssize_t got = preadv2(fd, &room, 1, (off_t)off, flags);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        to += got;
        off += (uint64_t)got;
        len -= (size_t)got;
    }
    return true;
}

static bool gather(const struct file_body *body, int fd, char *to, int flags)
{
    for (unsigned i = 0; i < body->count; i++) {
        const struct body_piece *piece = &body->piece[i];

        if (piece->before.len)
            memcpy(to, piece->before.ptr, piece->before.len);
        to += piece->before.len;
        if (!read_fully(fd, to, (size_t)piece->len, piece->off, flags))
            return false;
        to += piece->len;
    }
    if (body->after.len)
        memcpy(to, body->after.ptr, body->after.len);
    return true;
}

/* A short body into memory, if the file holds still meanwhile; else get->has_changed, where a new try is left. */
static WORKER_SIDE bool read_inline(struct get_job *get, const struct file_body *body, struct slice *out)
{
    struct facts after;
    bool is_read;
    char *bytes;

    if (body->content_length > INLINE_MAX)
        return false;
    bytes = arena_alloc(get_arena(get), body->content_length);
    *out = slice_of(bytes, body->content_length);
    is_read = gather(body, *get_sent_fd(get), bytes, 0);
    if (get_sent_is_fixed(get))
        return is_read;
    if (store_facts_of(get->store, *get_sent_fd(get), &after))
        return false;
    if (is_read && facts_same_content(get_sent_facts(get), &after))
        return true;
    get->has_changed = get->may_try_again;
    if (get->has_changed && !get->coded.is_on)
        get->facts = after;
    return false;
}

static void attach_pieces(struct get_job *get, const struct file_body *body, int fd, const struct content_ops *ops,
                          void *context)
{
    struct piece *pieces = arena_alloc(get_arena(get), (body->count + 1) * sizeof(*pieces));

    for (unsigned i = 0; i < body->count; i++)
        pieces[i] = (struct piece){body->piece[i].before, body->piece[i].off, body->piece[i].len};
    pieces[body->count] = (struct piece){.bytes = body->after};
    get->answer.content = (struct content){.kind = CONTENT_PIECES,
                                           .length = body->content_length,
                                           .pieces = pieces,
                                           .piece_count = body->count + 1,
                                           .ops = ops,
                                           .fd = fd,
                                           .context = context};
}

static void attach_bytes(struct get_job *get, struct slice bytes)
{
    struct piece *piece = arena_alloc(get_arena(get), sizeof(*piece));

    piece->bytes = bytes;
    get->answer.content =
        (struct content){.kind = CONTENT_PIECES, .length = bytes.len, .pieces = piece, .piece_count = 1, .fd = -1};
}

void get_attach(struct get_job *get, const struct file_body *body)
{
    struct slice bytes;
    int fd = *get_sent_fd(get);

    if (read_inline(get, body, &bytes))
        attach_bytes(get, bytes);
    else if (!get->has_changed)
        attach_pieces(get, body, fd, &file_content_ops, open_file_new(get));
}

/* ---- from the hot cache ---- */

static bool known_content_is_current(struct content *content)
{
    struct known_file *known = content->context;

    role_assert_loop();
    return known->is_current(known);
}

static void known_content_close(struct content *content)
{
    struct known_file *known = content->context;

    known->let_go(known);
}

static const struct content_ops known_content_ops = {.is_current = known_content_is_current,
                                                     .close = known_content_close};

/* Only what is in memory already; the loop does not wait for the rest. */
static LOOP_SIDE bool read_known(struct get_job *get, const struct file_body *body, struct slice *out)
{
    char *bytes;

    if (body->content_length > INLINE_MAX)
        return false;
    bytes = arena_alloc(get_arena(get), body->content_length);
    *out = slice_of(bytes, body->content_length);
    return gather(body, get->known->fd, bytes, RWF_NOWAIT) && get->known->is_current(get->known);
}

void get_attach_known(struct get_job *get, const struct file_body *body)
{
    struct slice bytes;

    if (read_known(get, body, &bytes)) {
        attach_bytes(get, bytes);
        return;
    }
    if (body->content_length <= INLINE_MAX) {
        get->has_changed = true; /* or is not in memory, or is being written: a worker looks at it anew */
        return;
    }
    get->known->hold(get->known);
    attach_pieces(get, body, get->known->fd, &known_content_ops, get->known);
}
