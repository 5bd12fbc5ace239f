/*
 * since.c - marks, and what changed since one.
 *
 *     FOLDER-EPOCH-SEQUENCE, in hexadecimal: whose it is, of which counting, and up to where everything was told
 *
 * A report compares the folder with its rows (since_look.c), notes the sequence at which that was done, and answers the
 * rows between the mark's sequence and that one, in the order of their sequences; so where it is cut, the mark
 * continues exactly there. A change that comes meanwhile has a later sequence: it is the next report's.
 *
 * Of more changes than may be told the lowest are kept, in a heap; rows are read in batches.
 *
 * Limits: a resource that is reached by two names in the tree through a link is told where it was found; a folder that
 * others replaced by another one of the same name is told as changed, and what was in it one level deep as removed.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "bound.h"
#include "id_set.h"
#include "since_rows.h"

enum {
    STEPS_MAX = 1025,
    FEW_ROWS = 64,       /* of a folder, while those below it are read */
    REPEATS_MAX = 10000, /* folders told of by one more way: n of them bound twice in one another have 2^n */
};

struct mark {
    unsigned char folder[ID_LEN];
    uint32_t epoch;
    uint64_t sequence;
};

/* A change to be told. */
struct found {
    uint64_t sequence;
    char *path; /* from the folder that was asked for */
    bool is_folder, is_removed;
};

/* A folder whose rows are read. */
struct level {
    struct row_scan scan;
    size_t path_len;
};

struct answer {
    struct meta *meta;
    uint64_t since, until; /* rows above the first one, up to the second */
    bool is_first;         /* nothing was told yet: nothing is removed */
    bool is_deep;
    unsigned limit;
    struct found *heap; /* the highest sequence first */
    unsigned count, room;
    bool is_truncated;
    struct buf path;
    struct level *levels;
    unsigned depth, level_room;
    struct id_set seen; /* folders */
    unsigned repeats;
};

/* What a request names. */
struct asked {
    struct meta *meta;
    struct slice folder; /* as asked for */
    struct plain plain;
    unsigned char id[ID_LEN];
};

/* marks */

static void mark_print(const struct store *store, const unsigned char folder[ID_LEN], uint64_t sequence, char out[80])
{
    char hex[2 * ID_LEN + 1] = "";

    hex_encode(hex, folder, ID_LEN);
    snprintf(out, 80, "%s-%08x-%llx", hex, store->sinces->epoch, (unsigned long long)sequence);
}

static bool hex_u64(struct slice text, uint64_t *out)
{
    *out = 0;
    if (text.len == 0 || text.len > 16)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        unsigned digit = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
                         : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
                                                : 16;

        if (digit == 16)
            return false;
        *out = *out << 4 | digit;
    }
    return true;
}

static bool mark_parse(struct slice text, struct mark *mark)
{
    struct slice folder, rest, epoch, sequence;
    uint64_t number;

    if (!slice_cut(text, '-', &folder, &rest) || !slice_cut(rest, '-', &epoch, &sequence))
        return false;
    if (folder.len != 2 * ID_LEN || !hex_decode(folder, mark->folder, ID_LEN) || epoch.len != 8 ||
        !hex_u64(epoch, &number) || !hex_u64(sequence, &mark->sequence))
        return false;
    mark->epoch = (uint32_t)number;
    return true;
}

/* A mark of this folder, of this counting, of nothing that is forgotten or did not happen. */
static enum err mark_check(struct store *store, const struct mark *mark, const unsigned char folder[ID_LEN])
{
    struct sinces *sinces = store->sinces;
    bool is_good;

    pthread_mutex_lock(&sinces->mutex);
    is_good = memcmp(mark->folder, folder, ID_LEN) == 0 && mark->epoch == sinces->epoch &&
              mark->sequence <= sinces->last && mark->sequence >= sinces->floor;
    pthread_mutex_unlock(&sinces->mutex);
    return is_good ? ERR_NONE : ERR_INVALID;
}

/* what is told */

static void heap_down(struct answer *answer, unsigned at)
{
    for (;;) {
        unsigned child = 2 * at + 1;
        struct found swap = answer->heap[at];

        if (child + 1 < answer->count && answer->heap[child + 1].sequence > answer->heap[child].sequence)
            child++;
        if (child >= answer->count || answer->heap[child].sequence <= swap.sequence)
            return;
        answer->heap[at] = answer->heap[child];
        answer->heap[child] = swap;
        at = child;
    }
}

static void heap_up(struct answer *answer, unsigned at)
{
    while (at > 0 && answer->heap[(at - 1) / 2].sequence < answer->heap[at].sequence) {
        struct found swap = answer->heap[at];

        answer->heap[at] = answer->heap[(at - 1) / 2];
        answer->heap[(at - 1) / 2] = swap;
        at = (at - 1) / 2;
    }
}

/* The highest one makes room where there are too many. */
static void keep(struct answer *answer, const struct row *row)
{
    struct found found = {
        .sequence = row->sequence, .is_folder = row->kind == KIND_FOLDER, .is_removed = row->flags & ROW_REMOVED};

    if (answer->count == answer->limit) {
        answer->is_truncated = true;
        if (answer->limit == 0 || answer->heap[0].sequence <= row->sequence)
            return;
        free(answer->heap[0].path);
        found.path = xstrdup(buf_slice(&answer->path));
        answer->heap[0] = found;
        heap_down(answer, 0);
        return;
    }
    if (answer->count == answer->room) {
        answer->room = answer->room ? 2 * answer->room : 64;
        answer->heap = xrealloc(answer->heap, answer->room * sizeof(answer->heap[0]));
    }
    found.path = xstrdup(buf_slice(&answer->path));
    answer->heap[answer->count++] = found;
    heap_up(answer, answer->count - 1);
}

static void level_push(struct answer *answer, const unsigned char folder[ID_LEN])
{
    struct level *level;

    if (answer->depth == answer->level_room) {
        answer->level_room = answer->level_room ? 2 * answer->level_room : 16;
        answer->levels = xrealloc(answer->levels, answer->level_room * sizeof(answer->levels[0]));
    }
    level = &answer->levels[answer->depth++];
    *level = (struct level){.scan = {.meta = answer->meta, .batch_max = FEW_ROWS}, .path_len = answer->path.len};
    memcpy(level->scan.folder, folder, ID_LEN);
}

/* A folder bound below itself is told of, but not gone into again. */
static bool is_on_the_way(const struct answer *answer, const unsigned char id[ID_LEN])
{
    for (unsigned i = 0; i < answer->depth; i++)
        if (memcmp(answer->levels[i].scan.folder, id, ID_LEN) == 0)
            return true;
    return false;
}

/* Rows may lie in a circle for a moment, while a folder is moved: nobody is deeper than a path can say. */
static bool goes_down(const struct answer *answer, const struct row *row)
{
    static const unsigned char none[ID_LEN];

    return answer->is_deep && row->kind == KIND_FOLDER && !(row->flags & (ROW_REMOVED | ROW_LINK)) &&
           memcmp(row->id, none, ID_LEN) != 0 && !answer->path.overflown && answer->path.len < PATH_ROOM &&
           answer->depth < STEPS_MAX && !is_on_the_way(answer, row->id);
}

/* The next row, or up. */
static enum err collect_step(struct answer *answer)
{
    struct level *level = &answer->levels[answer->depth - 1];
    struct slice name;
    struct row row;
    bool is_told;

    answer->path.len = level->path_len;
    if (!row_scan_next(&level->scan, &name, &row)) {
        enum err err = level->scan.err;

        row_scan_release(&level->scan);
        answer->depth--;
        return err;
    }
    if (answer->path.len)
        buf_add_char(&answer->path, '/');
    buf_add(&answer->path, name);
    is_told = row.sequence > answer->since && row.sequence <= answer->until;
    if (is_told && !(answer->is_first && row.flags & ROW_REMOVED))
        keep(answer, &row);
    if (!goes_down(answer, &row))
        return ERR_NONE;
    if (!id_set_add(&answer->seen, row.id) && ++answer->repeats > REPEATS_MAX)
        return ERR_TOO_LARGE;
    level_push(answer, row.id);
    return ERR_NONE;
}

static enum err collect(struct answer *answer, const struct asked *asked)
{
    enum err err = ERR_NONE;

    answer->meta = asked->meta;
    answer->path = BUF_INIT(2 * PATH_ROOM);
    level_push(answer, asked->id);
    while (answer->depth && err == ERR_NONE)
        err = collect_step(answer);
    while (answer->depth)
        row_scan_release(&answer->levels[--answer->depth].scan);
    return err;
}

static void answer_release(struct answer *answer)
{
    for (unsigned i = 0; i < answer->count; i++)
        free(answer->heap[i].path);
    free(answer->heap);
    free(answer->levels);
    id_set_release(&answer->seen);
    buf_release(&answer->path);
}

/* asking */

static enum err id_of(struct store *store, const struct plain *plain, unsigned char id[ID_LEN])
{
    unsigned char(*ids)[ID_LEN] = xmalloc(STEPS_MAX * sizeof(ids[0]));
    unsigned count = 0;
    enum err err = identity_folders(store, plain->text, ids, STEPS_MAX, &count, NULL);

    if (err == ERR_NONE)
        memcpy(id, ids[count - 1], ID_LEN);
    free(ids);
    return err == ERR_CHANGED ? ERR_MISSING : err;
}

static enum err ask(struct store *store, struct rpath folder, struct asked *asked)
{
    FD_GUARD fd = -1;
    struct stat got;
    enum err err = resolve_open(store, folder.text, O_PATH, &fd, &asked->plain);

    asked->folder = folder.text;

    if (err != ERR_NONE)
        return err;
    if (fstat(fd, &got) < 0 || !S_ISDIR(got.st_mode))
        return ERR_NOT_FOLDER;
    if (asked->plain.is_outside)
        return ERR_UNSUPPORTED;
    if (store_is_read_only(store))
        return ERR_READ_ONLY;
    err = records_need(store, &asked->meta);
    if (err == ERR_NONE)
        err = since_load(store, asked->meta, true);
    return err == ERR_NONE ? id_of(store, &asked->plain, asked->id) : err;
}

static uint64_t last_sequence(struct store *store)
{
    uint64_t last;

    pthread_mutex_lock(&store->sinces->mutex);
    last = store->sinces->last;
    pthread_mutex_unlock(&store->sinces->mutex);
    return last;
}

/* Compares; everything up to *until is in the rows, durably. */
static enum err look(struct store *store, const struct asked *asked, bool is_deep, uint64_t *until)
{
    struct slice plain = slice_of(asked->plain.text, asked->plain.len), rest;
    unsigned char id[ID_LEN];
    bool is_in_bound = bound_within(plain, id, &rest); /* no request names that path, nor may we */
    enum err err = since_look(store, asked->meta, is_in_bound ? asked->folder : plain, is_deep);

    if (err == ERR_CHANGED)
        err = ERR_MISSING;
    if (err == ERR_NONE) {
        since_prune(store, asked->meta);
        *until = last_sequence(store);
        err = meta_flush(asked->meta);
    }
    return err;
}

static int by_sequence(const void *a, const void *b)
{
    const struct found *one = a, *other = b;

    return one->sequence < other->sequence ? -1 : one->sequence > other->sequence;
}

static void tell(struct answer *answer, struct rpath folder, struct change_list *out)
{
    if (answer->count)
        qsort(answer->heap, answer->count, sizeof(answer->heap[0]), by_sequence);
    out->list = arena_alloc(&out->arena, answer->count * sizeof(out->list[0]));
    out->count = answer->count;
    out->is_truncated = answer->is_truncated;
    for (unsigned i = 0; i < answer->count; i++) {
        const struct found *found = &answer->heap[i];

        out->list[i].is_folder = found->is_folder;
        out->list[i].is_removed = found->is_removed;
        out->list[i].path =
            arena_printf(&out->arena, "%.*s%s%s", (int)folder.text.len, folder.text.ptr ? folder.text.ptr : "",
                         folder.text.len ? "/" : "", found->path);
    }
}

enum err store_changes(struct store *store, struct rpath folder, bool is_deep, struct slice since, unsigned limit,
                       struct change_list *out)
{
    struct answer answer = {.is_deep = is_deep, .is_first = since.len == 0};
    struct mark mark = {.sequence = 0};
    struct asked asked;
    enum err err = ask(store, folder, &asked);

    *out = (struct change_list){.list = NULL};
    answer.limit = limit == 0 || limit > CHANGES_MAX ? CHANGES_MAX : limit;
    if (err == ERR_NONE && since.len)
        err = mark_parse(since, &mark) ? mark_check(store, &mark, asked.id) : ERR_INVALID;
    if (err == ERR_NONE)
        err = look(store, &asked, is_deep, &answer.until);
    if (err == ERR_NONE && since.len)
        err = mark_check(store, &mark, asked.id); /* looking may have forgotten what it needs */
    answer.since = mark.sequence;
    if (err == ERR_NONE)
        err = collect(&answer, &asked);
    if (err == ERR_NONE) {
        tell(&answer, folder, out);
        mark_print(store, asked.id, answer.is_truncated ? answer.heap[answer.count - 1].sequence : answer.until,
                   out->mark);
    }
    answer_release(&answer);
    return err;
}

void change_list_release(struct change_list *list)
{
    arena_release(&list->arena);
    *list = (struct change_list){.list = NULL};
}

enum err store_mark(struct store *store, struct rpath folder, char mark[80])
{
    struct asked asked;
    uint64_t until = 0;
    enum err err = ask(store, folder, &asked);

    mark[0] = '\0';
    if (err == ERR_NONE)
        err = look(store, &asked, false, &until);
    if (err == ERR_NONE)
        mark_print(store, asked.id, until, mark);
    return err;
}

bool store_mark_is_current(struct store *store, struct rpath folder, struct slice text)
{
    struct answer answer = {.limit = 0};
    struct asked asked;
    struct mark mark;
    bool is_current;

    if (!mark_parse(text, &mark) || ask(store, folder, &asked) != ERR_NONE ||
        mark_check(store, &mark, asked.id) != ERR_NONE || look(store, &asked, false, &answer.until) != ERR_NONE)
        return false;
    answer.since = mark.sequence;
    is_current = collect(&answer, &asked) == ERR_NONE && !answer.is_truncated;
    answer_release(&answer);
    return is_current;
}
