/*
 * binding_check.c - `samovar check` on bindings: the links that are there beside what is recorded of them.
 *
 * Others go on changing things. What a walk did not find is looked at once more before anything is said or done about
 * it, at the place where it is recorded and with that name's lock, which whoever moves it holds; and nothing is dropped
 * or collected unless two walks, one after the other, saw every folder and did not meet it. What was recorded since
 * the first of them began stays in any case.
 */
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "binding_scan.h"
#include "identity_look.h"
#include "quota_private.h"

enum {
    PASSES_MAX = 4, /* while folders go that are about to be walked */
    TOLD_MAX = 2000 /* lines: some 200 KiB */
};

struct checking {
    struct store *store;
    struct meta *meta; /* NULL: nothing is recorded */
    bool mend;
    bool is_whole; /* what was not found is not there */
    int64_t began_ns;
    struct binding_scan scan;
    struct arena arena;
    struct binding_record *stale; /* recorded, but not found */
    size_t stale_count, stale_room;
    struct buf *out;
    struct binding_check *result;
};

static void conclude(struct checking *checking, bool is_mended)
{
    checking->result->wrong++;
    checking->result->mended += is_mended;
    if (checking->result->wrong <= TOLD_MAX)
        buf_add_str(checking->out, is_mended ? " (mended)\n" : "\n");
}

__attribute__((format(printf, 2, 3))) static void tell(struct checking *checking, const char *format, ...)
{
    char line[3 * PATH_ROOM];
    va_list list;

    if (checking->result->wrong >= TOLD_MAX)
        return;
    va_start(list, format);
    vsnprintf(line, sizeof(line), format, list);
    va_end(list);
    buf_add_str(checking->out, line);
}

static void tell_name(struct checking *checking, const struct scanned_link *link, const char *what)
{
    char id[BOUND_NAME_LEN + 1];

    bound_name(link->id, id);
    tell(checking, "/%s%s%s: %s (%s)", link->folder->shown, *link->folder->shown ? "/" : "", link->name, what, id);
}

/* ---- links ---- */

/* ERR_CHANGED: it is not there any more. */
static WORKER_SIDE enum err place_of(struct store *store, const struct scanned_link *link, struct place *place)
{
    unsigned char id[ID_LEN];
    struct stat got;
    char text[PATH_ROOM];
    ssize_t len;

    *place = (struct place){
        .folder = open_beneath(store->root, *link->folder->plain ? link->folder->plain : ".", O_RDONLY | O_DIRECTORY)};
    if (place->folder < 0 || fstat(place->folder, &got) < 0)
        return ERR_CHANGED;
    place->dev = got.st_dev;
    place->ino = got.st_ino;
    memcpy(place->name, link->name, strlen(link->name) + 1);
    memcpy(place->parent, link->folder->plain, strlen(link->folder->plain) + 1);
    len = readlinkat(place->folder, link->name, text, sizeof(text));
    return len > 0 && (size_t)len < sizeof(text) && bound_parse(slice_of(text, (size_t)len), id) &&
                   id_same(id, link->id)
               ? ERR_NONE
               : ERR_CHANGED;
}

/* The folder, and those above it, are recorded where they are. */
static bool way_is_right(struct checking *checking, const struct scanned_folder *folder)
{
    unsigned char ids[1024][ID_LEN], bound[ID_LEN];
    struct slice rest = slice_str(folder->plain), segment;
    struct way_record way;
    unsigned count, at = 0;

    if (identity_folders(checking->store, folder->plain, ids, 1024, &count, NULL) != ERR_NONE)
        return true;
    if (bound_within(slice_str(folder->plain), bound, &rest))
        at = 1;
    for (; rpath_next(&rest, &segment) && at + 1 < count; at++)
        if (way_get(checking->meta, ids[at + 1], &way) != ERR_NONE || !id_same(way.parent, ids[at]) ||
            !slice_eq(slice_str(way.name), segment))
            return false;
    return true;
}

static WORKER_SIDE bool is_recorded(struct checking *checking, const struct scanned_link *link)
{
    struct binding_record record;

    return checking->meta && binding_get(checking->meta, link->id, link->folder->id, slice_str(link->name), &record) &&
           way_is_right(checking, link->folder);
}

static WORKER_SIDE void enter(struct checking *checking, const struct scanned_link *link, const struct place *place)
{
    tell_name(checking, link, "nobody has recorded this name of a bound resource");
    if (checking->mend) {
        binding_enter(checking->store, place, link->id);
        checking->meta = records_find(checking->store);
    }
    conclude(checking, checking->mend && is_recorded(checking, link));
}

static WORKER_SIDE void put_right(struct checking *checking, const struct scanned_link *link, const struct place *place)
{
    LOCK_GUARD lock = {0};

    tell_name(checking, link, "its link does not lead other programs to the bound resource");
    if (checking->mend) {
        lock_take(&checking->store->locks, &lock, place->dev, place->ino, slice_str(place->name));
        bound_retext(checking->store, place, link->id);
    }
    conclude(checking, checking->mend);
}

/* In what no name leads to: it is recorded, so that it is seen to lead to itself only. */
static WORKER_SIDE void check_unreached(struct checking *checking, const struct scanned_link *link)
{
    struct place place;

    if (!checking->mend || is_recorded(checking, link))
        return;
    if (place_of(checking->store, link, &place) == ERR_NONE)
        binding_enter(checking->store, &place, link->id);
    place_release(&place);
}

static WORKER_SIDE void check_link(struct checking *checking, const struct scanned_link *link)
{
    bool is_there = bound_find(checking->store, link->id, NULL) == ERR_NONE;
    struct place place;

    if (!link->is_reached) {
        check_unreached(checking, link);
        return;
    }
    checking->result->names += is_there;
    if (is_there && link->is_right && is_recorded(checking, link))
        return;
    if (place_of(checking->store, link, &place) == ERR_NONE) {
        if (!is_there) {
            tell_name(checking, link, "leads to a bound resource that is not there");
            conclude(checking, false);
        } else {
            if (!is_recorded(checking, link))
                enter(checking, link, &place);
            if (!link->is_right)
                put_right(checking, link, &place);
        }
    }
    place_release(&place);
}

/* ---- records ---- */

/* No name, but what holds it for a COPY until its names are recorded. */
static bool is_keeping(const struct binding_record *record)
{
    return id_same(record->parent, bound_folder_id);
}

/* It may be due yet: it came meanwhile, or it is held by a server that runs. */
static bool is_young(const struct checking *checking, const struct binding_record *record)
{
    if (is_keeping(record))
        return strcmp(record->name, checking->store->run) == 0 || store_is_shared(checking->store);
    return record->made_ns >= checking->began_ns;
}

static bool take_stale(const struct binding_record *record, void *arg)
{
    struct checking *checking = arg;

    if (is_young(checking, record) || binding_scan_has(&checking->scan, record))
        return true;
    if (checking->stale_count == checking->stale_room) {
        checking->stale_room = checking->stale_room ? 2 * checking->stale_room : 64;
        checking->stale = xrealloc(checking->stale, checking->stale_room * sizeof(*checking->stale));
    }
    checking->stale[checking->stale_count++] = *record;
    return true;
}

static WORKER_SIDE bool is_named(struct store *store, int folder, const struct binding_record *record)
{
    unsigned char id[ID_LEN];

    return bound_is_name(store, folder, record->name, id, NULL) && id_same(id, record->id);
}

static WORKER_SIDE void let_go(struct checking *checking, const struct binding_record *record)
{
    char id[BOUND_NAME_LEN + 1];

    bound_name(record->id, id);
    tell(checking, ".samovar/bound/%s: held for a COPY that was cut off", id);
    if (checking->mend)
        binding_drop(checking->store, record);
    conclude(checking, checking->mend);
}

/* With the name's lock, where it is recorded: whoever is about to put it there holds that. */
static WORKER_SIDE void check_stale(struct checking *checking, const struct binding_record *record)
{
    struct buf folder = BUF_INIT(2 * PATH_ROOM);
    bool is_known = folder_home(checking->store, record->parent, &folder) == ERR_NONE;
    char id[BOUND_NAME_LEN + 1];
    struct stat got;
    LOCK_GUARD lock = {0};
    FD_GUARD fd = -1;

    bound_name(record->id, id);
    if (is_known && resolve_open(checking->store, buf_slice(&folder), O_PATH | O_DIRECTORY, &fd, NULL) == ERR_NONE &&
        fstat(fd, &got) == 0)
        lock_take(&checking->store->locks, &lock, got.st_dev, got.st_ino, slice_str(record->name));
    if (fd < 0 || !is_named(checking->store, fd, record)) {
        tell(checking, "%s%s%s%s: recorded as a name of a bound resource, but not there (%s)", is_known ? "/" : "",
             is_known ? buf_str(&folder) : "", is_known && folder.len ? "/" : "", record->name, id);
        if (checking->mend && checking->is_whole)
            binding_drop(checking->store, record);
        conclude(checking, checking->mend && checking->is_whole);
    }
    buf_release(&folder);
}

/* ---- what nothing leads to ---- */

/* The last that is recorded of where it was. */
static WORKER_SIDE void tell_last(struct checking *checking, const unsigned char id[ID_LEN])
{
    struct buf folder = BUF_INIT(2 * PATH_ROOM);
    struct binding_records names = {.count = 0};
    bool is_known;

    if (checking->meta)
        bindings_of(checking->meta, id, &checking->arena, &names);
    if (names.count) {
        is_known = folder_home(checking->store, names.list[0].parent, &folder) == ERR_NONE;
        tell(checking, ", last %s%s%s%s", is_known ? "/" : "", is_known ? buf_str(&folder) : "",
             is_known && folder.len ? "/" : "", names.list[0].name);
    }
    buf_release(&folder);
}

static WORKER_SIDE bool has_name_now(struct checking *checking, const unsigned char id[ID_LEN])
{
    struct binding_records names = {.count = 0};
    bool has = false;

    if (checking->meta)
        bindings_of(checking->meta, id, &checking->arena, &names);
    for (unsigned i = 0; i < names.count && !has; i++) {
        struct buf folder = BUF_INIT(2 * PATH_ROOM);
        FD_GUARD fd = -1;

        has = folder_home(checking->store, names.list[i].parent, &folder) == ERR_NONE &&
              resolve_open(checking->store, buf_slice(&folder), O_PATH | O_DIRECTORY, &fd, NULL) == ERR_NONE &&
              is_named(checking->store, fd, &names.list[i]);
        buf_release(&folder);
    }
    return has;
}

static WORKER_SIDE void check_bound(struct checking *checking, struct scanned_bound *bound)
{
    char id[BOUND_NAME_LEN + 1];

    if (!bound->is_reached)
        bound->is_reached =
            bound_find(checking->store, bound->id, NULL) != ERR_NONE || has_name_now(checking, bound->id);
    if (bound->is_reached)
        return;
    bound_name(bound->id, id);
    tell(checking, ".samovar/bound/%s: a %s of %llu bytes that no name leads to", id,
         bound->kind == KIND_FOLDER ? "folder" : "file", (unsigned long long)bound->bytes);
    tell_last(checking, bound->id);
    conclude(checking, false);
}

/* After the records are true: those that lead nowhere are its own, and it goes with them; and so may others. */
static WORKER_SIDE void collect_all(struct checking *checking)
{
    struct binding_scan *scan = &checking->scan;

    for (size_t i = 0; i < scan->bound_count; i++)
        if (!scan->bound[i].is_reached)
            bound_collect(checking->store, scan->bound[i].id);
    for (size_t i = 0; i < scan->bound_count; i++) {
        char id[BOUND_NAME_LEN + 1];

        if (scan->bound[i].is_reached || bound_find(checking->store, scan->bound[i].id, NULL) == ERR_NONE)
            continue;
        bound_name(scan->bound[i].id, id);
        checking->result->mended++;
        if (checking->result->wrong <= TOLD_MAX)
            buf_printf(checking->out, ".samovar/bound/%s: went to the trash\n", id);
    }
}

/* ---- all ---- */

static bool misses_any(const struct checking *checking)
{
    bool misses = checking->stale_count > 0;

    for (size_t i = 0; i < checking->scan.bound_count && !misses; i++)
        misses = !checking->scan.bound[i].is_reached;
    return misses;
}

/* Walks until what is not found was looked for twice, by walks that saw everything. */
static WORKER_SIDE enum err scan(struct checking *checking)
{
    unsigned whole = 0;
    enum err err = ERR_NONE;

    for (int pass = 0; pass < PASSES_MAX && whole < 2 && err == ERR_NONE; pass++) {
        err = binding_scan(&checking->scan);
        whole += !checking->scan.has_changed;
        binding_scan_sort(&checking->scan);
        checking->stale_count = 0;
        checking->meta = records_find(checking->store);
        if (err == ERR_NONE && checking->meta)
            err = bindings_each(checking->meta, take_stale, checking);
        if (!misses_any(checking))
            break;
    }
    checking->is_whole = whole >= 2 && checking->scan.err == ERR_NONE;
    return err;
}

static WORKER_SIDE void check_all(struct checking *checking)
{
    struct binding_scan *scan = &checking->scan;

    for (size_t i = 0; i < scan->link_count; i++)
        check_link(checking, &scan->links[i]);
    for (size_t i = 0; i < scan->bound_count; i++)
        check_bound(checking, &scan->bound[i]);
    for (size_t i = 0; i < checking->stale_count; i++)
        (is_keeping(&checking->stale[i]) ? let_go : check_stale)(checking, &checking->stale[i]);
    if (checking->mend && checking->is_whole)
        collect_all(checking);
    if (checking->mend && checking->result->mended)
        quota_doubt(checking->store); /* what counts it may be another name now */
    checking->result->resources = scan->bound_count;
    if (scan->err != ERR_NONE)
        buf_printf(checking->out, "some folder could not be looked at for bindings (%s): what was not found stays\n",
                   err_text(scan->err));
    else if (misses_any(checking) && !checking->is_whole)
        buf_add_str(checking->out,
                    "folders were moved or removed while bindings were looked for: what was not found stays\n");
}

enum err store_check_bindings(struct store *store, bool mend, struct buf *out, struct binding_check *result)
{
    struct checking checking = {
        .store = store, .mend = mend, .began_ns = clock_real_ns(), .scan.store = store, .out = out, .result = result};
    enum err err;

    *result = (struct binding_check){0};
    if (mend && store_is_read_only(store))
        return ERR_READ_ONLY;
    if (store->state.is_elsewhere)
        return ERR_NONE; /* there are none then */
    err = scan(&checking);
    if (err == ERR_NONE)
        check_all(&checking);
    binding_scan_release(&checking.scan);
    arena_release(&checking.arena);
    free(checking.stale);
    return err;
}
