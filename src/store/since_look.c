/*
 * since_look.c - comparing a folder, and with it perhaps all below, with what was told of it.
 *
 * First its members are looked at, in the file system's order, each beside its row; then its rows, each beside the
 * folder, for those that vanished; then, where all below is asked for, its folders. What differs gets the next
 * sequence. Memory: one batch of rows, and the names of the folders on the way down.
 *
 * A folder that came to a path with what is in it (a MOVE, or others' mv) brings rows of its own along, whose sequences
 * are old, though all of it is new at this path. So its row says ROW_RENEW until somebody went down there.
 *
 * A bound folder has its rows once, under whichever of its names it is told of; each name says where they are.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "base/arena.h"
#include "store/binding.h"
#include "id_set.h"
#include "since_rows.h"

enum {
    STEPS_MAX = 1025,
    NAMES_MAX = 1 << 30,
    QUEUED_MAX = 4 * ROW_BATCH, /* rows that wait in memory to be committed */
};

/* A folder that is compared. */
struct frame {
    size_t path_len;
    unsigned char id[ID_LEN];
    int fd;           /* only while its members and rows are looked at */
    bool is_renewed;  /* all in it counts as new */
    struct buf names; /* of its folders, each with a NUL */
    size_t at;
};

struct look {
    struct store *store;
    struct meta *meta;
    bool is_deep;
    struct buf path;
    struct frame *frames;
    unsigned depth, room;
    struct row_batch batch;
    unsigned queued;
    struct id_set seen, renewed; /* folders that were compared; and those all of which counted as new */
    enum err err;                /* of the records: it ends here */
};

static uint64_t content_hash(const struct store *store, const struct facts *facts)
{
    bool is_file = facts->kind == KIND_FILE;
    uint64_t of[6] = {facts->ino,
                      facts->dev,
                      store->has_btime ? (uint64_t)facts->born_ns : 0,
                      facts->kind,
                      is_file ? facts->size : 0, /* what is in a folder changes by itself */
                      is_file ? (uint64_t)facts->modified_ns : 0};

    return hash64(&store->salt, slice_of((const char *)of, sizeof(of)));
}

static void flush(struct look *look)
{
    look->queued += look->batch.count;
    row_batch_write(look->store, look->meta, &look->batch);
    if (look->queued >= QUEUED_MAX && look->err == ERR_NONE) {
        look->queued = 0;
        look->err = meta_flush(look->meta);
    }
}

static void write_row(struct look *look, const unsigned char folder[ID_LEN], struct slice name, const struct row *row,
                      bool is_new)
{
    row_batch_add(&look->batch, folder, name, row, is_new);
    if (row_batch_is_full(&look->batch))
        flush(look);
}

static bool compare_member(const struct member *member, void *arg)
{
    struct look *look = arg;
    struct frame *frame = &look->frames[look->depth - 1];
    struct row row, was;
    bool has_row, is_known;

    if (member->err != ERR_NONE)
        look->err = member->err;
    if (member->is_broken)
        return look->err == ERR_NONE;
    has_row = row_get(look->meta, frame->id, member->name, &was);
    is_known = has_row && !(was.flags & ROW_REMOVED);
    row = (struct row){.hash = content_hash(look->store, &member->facts), .kind = member->facts.kind};
    if (member->facts.kind == KIND_FOLDER && member->facts.through_symlink)
        row.flags = ROW_LINK;
    else if (member->facts.kind == KIND_FOLDER) {
        row.flags = ROW_RENEW;
        if (look->is_deep) {
            buf_add(&frame->names, member->name);
            buf_add_char(&frame->names, '\0');
        }
    }
    if (is_known && was.hash == row.hash && !frame->is_renewed)
        return true;
    if (has_row && was.kind == row.kind) /* what was told of the folder that stood here before */
        memcpy(row.id, was.id, ID_LEN);
    write_row(look, frame->id, member->name, &row, true);
    return look->err == ERR_NONE;
}

/* Names that are not there any more. */
static void compare_rows(struct look *look, const struct frame *frame)
{
    struct row_scan scan = {.meta = look->meta, .batch_max = ROW_BATCH};
    struct slice name;
    struct row row;

    memcpy(scan.folder, frame->id, ID_LEN);
    while (look->err == ERR_NONE && row_scan_next(&scan, &name, &row)) {
        char text[NAME_ROOM];
        struct stat got;

        memcpy(text, name.ptr, name.len);
        text[name.len] = '\0';
        if (row.flags & ROW_REMOVED || fstatat(frame->fd, text, &got, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT)
            continue;
        row.flags = ROW_REMOVED;
        write_row(look, frame->id, name, &row, true);
    }
    if (scan.err != ERR_NONE)
        look->err = scan.err;
    row_scan_release(&scan);
}

static enum err folder_id(struct store *store, const char *path, unsigned char id[ID_LEN])
{
    unsigned char(*ids)[ID_LEN] = xmalloc(STEPS_MAX * sizeof(ids[0]));
    unsigned count = 0;
    enum err err = identity_folders(store, path, ids, STEPS_MAX, &count, NULL);

    if (err == ERR_NONE)
        memcpy(id, ids[count - 1], ID_LEN);
    free(ids);
    return err;
}

static bool is_on_the_way(const struct look *look, const unsigned char id[ID_LEN])
{
    for (unsigned i = 0; i < look->depth; i++)
        if (memcmp(look->frames[i].id, id, ID_LEN) == 0)
            return true;
    return false;
}

static void frame_release(struct look *look)
{
    struct frame *frame = &look->frames[--look->depth];

    fd_close(&frame->fd);
    buf_release(&frame->names);
    if (look->depth)
        look->path.len = look->frames[look->depth - 1].path_len;
}

/* Into the folder that the path names; any error but those of the records: it is not there, or cannot be read. */
static enum err enter(struct look *look, bool is_renewed)
{
    struct rpath path = {.text = buf_slice(&look->path)};
    struct frame *frame;
    struct plain plain;
    enum err err;

    if (look->depth == look->room) {
        look->room = look->room ? 2 * look->room : 16;
        look->frames = xrealloc(look->frames, look->room * sizeof(look->frames[0]));
    }
    frame = &look->frames[look->depth++];
    *frame =
        (struct frame){.path_len = look->path.len, .fd = -1, .is_renewed = is_renewed, .names = BUF_INIT(NAMES_MAX)};
    role_assert_worker();
    err = resolve_open(look->store, path.text, O_RDONLY | O_DIRECTORY, &frame->fd, &plain);
    if (err == ERR_NONE && plain.through_symlink)
        err = ERR_CHANGED;
    if (err == ERR_NONE)
        err = folder_id(look->store, plain.text, frame->id);
    if (err == ERR_NONE)
        id_set_add(&look->seen, frame->id);
    if (err == ERR_NONE && is_renewed)
        id_set_add(&look->renewed, frame->id);
    if (err == ERR_NONE)
        err = store_list(look->store, frame->fd, path, compare_member, look);
    if (err == ERR_NONE && look->err == ERR_NONE)
        compare_rows(look, frame);
    flush(look); /* its rows are seen below */
    fd_close(&frame->fd);
    return err;
}

/*
 * Another folder stands where one was told of: what was in that and is not in this is gone. Told one level deep: a
 * removed folder's members are not (RFC 6578 §3.5.2).
 */
static void inherit_removed(struct look *look, const unsigned char old[ID_LEN], const unsigned char now[ID_LEN])
{
    struct row_scan scan = {.meta = look->meta, .batch_max = ROW_BATCH};
    struct slice name;
    struct row row, known;

    memcpy(scan.folder, old, ID_LEN);
    while (look->err == ERR_NONE && row_scan_next(&scan, &name, &row)) {
        if (row.flags & ROW_REMOVED || row_get(look->meta, now, name, &known))
            continue;
        row.flags = ROW_REMOVED;
        write_row(look, now, name, &row, true);
    }
    row_scan_release(&scan);
}

/* All below is done: from now on its row says where its members' rows are. */
static void finish_child(struct look *look, const struct frame *parent, struct slice name,
                         const unsigned char id[ID_LEN])
{
    static const unsigned char none[ID_LEN];
    struct row row;

    if (look->err != ERR_NONE || !row_get(look->meta, parent->id, name, &row) || row.flags & ROW_REMOVED)
        return;
    if (!(row.flags & ROW_RENEW) && memcmp(row.id, id, ID_LEN) == 0)
        return;
    if (memcmp(row.id, none, ID_LEN) != 0 && memcmp(row.id, id, ID_LEN) != 0)
        inherit_removed(look, row.id, id);
    memcpy(row.id, id, ID_LEN);
    row.flags &= (uint8_t)~ROW_RENEW;
    write_row(look, parent->id, name, &row, false);
}

/*
 * A bound folder was compared already, by another of its names, or is above itself: nothing is to be done but to say
 * where its rows are.
 */
static WORKER_SIDE bool is_compared(struct look *look, const struct frame *frame, struct slice name,
                                    const struct row *row)
{
    struct facts facts;

    if (!store_has_bindings(look->store) ||
        store_find(look->store, (struct rpath){.text = buf_slice(&look->path)}, &facts) != ERR_NONE || !facts.is_bound)
        return false;
    if (!is_on_the_way(look, facts.bound_id) &&
        !id_set_has(row->flags & ROW_RENEW ? &look->renewed : &look->seen, facts.bound_id))
        return false;
    finish_child(look, frame, name, facts.bound_id);
    return true;
}

static struct slice leaf_of(const struct look *look, const struct frame *parent)
{
    struct slice path = buf_slice(&look->path);

    return slice_from(path, parent->path_len + (parent->path_len > 0));
}

static void leave(struct look *look)
{
    const struct frame *frame = &look->frames[look->depth - 1];

    if (look->depth > 1)
        finish_child(look, frame - 1, leaf_of(look, frame - 1), frame->id);
    frame_release(look);
}

/* Down into the next folder, or up. */
static void step(struct look *look)
{
    struct frame *frame = &look->frames[look->depth - 1];
    struct slice name;
    struct row row;

    if (!look->is_deep || look->err != ERR_NONE || frame->at >= frame->names.len) {
        leave(look);
        return;
    }
    name = slice_str(frame->names.ptr + frame->at);
    frame->at += name.len + 1;
    if (!row_get(look->meta, frame->id, name, &row) || row.flags & ROW_REMOVED)
        return;
    if (look->path.len)
        buf_add_char(&look->path, '/');
    buf_add(&look->path, name);
    role_assert_worker();
    if (is_compared(look, frame, name, &row))
        look->path.len = frame->path_len;
    else if (enter(look, row.flags & ROW_RENEW) != ERR_NONE)
        frame_release(look); /* vanished, or closed to us: its own row is what there is to tell */
}

enum err since_look(struct store *store, struct meta *meta, struct slice plain, bool is_deep)
{
    struct look look = {.store = store, .meta = meta, .is_deep = is_deep, .path = BUF_INIT(2 * PATH_ROOM)};
    enum err err;

    buf_add(&look.path, plain);
    pthread_mutex_lock(&store->sinces->look_mutex);
    err = enter(&look, false);
    if (err != ERR_NONE)
        frame_release(&look);
    while (look.depth)
        step(&look);
    row_batch_write(store, meta, &look.batch);
    if (err == ERR_NONE && look.err == ERR_NONE)
        look.err = meta_flush(meta); /* what our own changes queued is told, too */
    pthread_mutex_unlock(&store->sinces->look_mutex);
    free(look.frames);
    id_set_release(&look.seen);
    id_set_release(&look.renewed);
    buf_release(&look.path);
    return err == ERR_NONE ? look.err : err;
}
