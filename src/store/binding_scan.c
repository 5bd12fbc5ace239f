/*
 * binding_scan.c - the walk behind `samovar check` (binding_scan.h).
 *
 * By descriptors and names alone: no file is looked at, and no link is followed, so bound folders are visited as they
 * lie in `.samovar/bound`, and nothing goes round. Folders that are still to be read wait on a stack of paths.
 */
#include "binding_scan.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "facts.h"
#include "id_set.h"

/* One pass. */
struct scan_walk {
    struct binding_scan *scan;
    char **waiting; /* paths without links */
    size_t count, room;
    struct id_set entered;       /* bound resources that were met */
    struct scanned_bound *queue; /* bound folders in the order in which they were met */
    size_t queued, queue_room, next;
    const char *plain, *shown; /* of the root, or of the bound folder that is read */
    uint64_t *bytes;           /* added up here; NULL: not wanted */
    bool is_reached;           /* what is read is reached from the root */
};

/* Room for one more. */
static void *grown(void *list, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return list;
    *room = *room ? 2 * *room : 64;
    return xrealloc(list, *room * size);
}

static void await(struct scan_walk *walk, char *path)
{
    walk->waiting = grown(walk->waiting, walk->count, &walk->room, sizeof(*walk->waiting));
    walk->waiting[walk->count++] = path;
}

static char *joined(const char *folder, const char *name)
{
    size_t len = strlen(folder), more = strlen(name);
    char *path = xmalloc(len + more + 2);

    memcpy(path, folder, len);
    if (len)
        path[len++] = '/';
    memcpy(path + len, name, more + 1);
    return path;
}

static const char *arena_joined(struct arena *arena, const char *folder, const char *name)
{
    return arena_printf(arena, "%s%s%s", folder, *folder && *name ? "/" : "", name).ptr;
}

/* ---- what is met ---- */

static struct scanned_bound *meet(struct scan_walk *walk, const struct scanned_bound *bound)
{
    struct binding_scan *scan = walk->scan;

    if (!id_set_add(&walk->entered, bound->id))
        return NULL;
    scan->bound = grown(scan->bound, scan->bound_count, &scan->bound_room, sizeof(*scan->bound));
    scan->bound[scan->bound_count++] = *bound;
    return &scan->bound[scan->bound_count - 1];
}

static void meet_by_link(struct scan_walk *walk, const struct scanned_link *link)
{
    struct scanned_bound bound = {.is_reached = true};
    struct facts facts;

    if (!walk->is_reached || id_set_has(&walk->entered, link->id) ||
        bound_find(walk->scan->store, link->id, &facts) != ERR_NONE)
        return;
    memcpy(bound.id, link->id, ID_LEN);
    bound.kind = facts.kind;
    bound.shown = arena_joined(&walk->scan->arena, link->folder->shown, link->name);
    meet(walk, &bound);
    if (facts.kind == KIND_FOLDER) {
        walk->queue = grown(walk->queue, walk->queued, &walk->queue_room, sizeof(*walk->queue));
        walk->queue[walk->queued++] = bound;
    }
}

static const struct scanned_folder *folder_of(struct scan_walk *walk, const char *plain)
{
    struct binding_scan *scan = walk->scan;
    struct scanned_folder *folder = arena_alloc(&scan->arena, sizeof(*folder));
    const char *below = plain + strlen(walk->plain);

    folder->plain = arena_str(&scan->arena, slice_str(plain));
    folder->shown = arena_joined(&scan->arena, walk->shown, below + (*below == '/'));
    return identity_find_folder(scan->store, plain, folder->id) == ERR_NONE ? folder : NULL;
}

static void take_link(struct scan_walk *walk, int fd, const char *plain, const char *name,
                      const struct scanned_folder **folder)
{
    struct binding_scan *scan = walk->scan;
    struct scanned_link link = {.is_right = false};
    char text[PATH_ROOM], right[PATH_ROOM];
    ssize_t len = readlinkat(fd, name, text, sizeof(text));

    if (len <= 0 || (size_t)len >= sizeof(text) || !bound_parse(slice_of(text, (size_t)len), link.id))
        return;
    if (!*folder)
        *folder = folder_of(walk, plain);
    if (!*folder) {
        scan->has_changed = true;
        return;
    }
    bound_text(plain, link.id, right);
    link.is_right = slice_eq(slice_of(text, (size_t)len), slice_str(right));
    link.folder = *folder;
    link.is_reached = walk->is_reached;
    link.name = arena_str(&scan->arena, slice_str(name));
    scan->links = grown(scan->links, scan->link_count, &scan->link_room, sizeof(*scan->links));
    scan->links[scan->link_count++] = link;
    meet_by_link(walk, &link);
}

/* ---- folders ---- */

/* DT_UNKNOWN: there is nothing to know. */
static unsigned char type_of(struct scan_walk *walk, int fd, const struct dirent *entry)
{
    struct stat got;

    if (entry->d_type != DT_UNKNOWN && !(walk->bytes && entry->d_type == DT_REG))
        return entry->d_type;
    if (fstatat(fd, entry->d_name, &got, AT_SYMLINK_NOFOLLOW) < 0)
        return DT_UNKNOWN;
    if (walk->bytes && S_ISREG(got.st_mode))
        *walk->bytes += (uint64_t)got.st_size;
    return IFTODT(got.st_mode);
}

static bool is_dots(const char *name)
{
    return name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
}

/* Gives errno of readdir. */
static int read_entries(struct scan_walk *walk, DIR *list, const char *plain)
{
    const struct scanned_folder *folder = NULL;
    struct dirent *entry;

    for (errno = 0; (entry = readdir(list)); errno = 0) {
        if (is_dots(entry->d_name) || name_is_reserved(slice_str(entry->d_name)))
            continue;
        switch (type_of(walk, dirfd(list), entry)) {
        case DT_DIR:
            await(walk, joined(plain, entry->d_name));
            break;
        case DT_LNK:
            take_link(walk, dirfd(list), plain, entry->d_name, &folder);
            break;
        default:
            break;
        }
    }
    return errno;
}

static void not_read(struct binding_scan *scan, int code)
{
    if (code == ENOENT || code == ENOTDIR || code == ELOOP)
        scan->has_changed = true;
    else if (scan->err == ERR_NONE)
        scan->err = err_from_errno(code);
}

static void read_folder(struct scan_walk *walk, const char *plain)
{
    int fd = open_beneath(walk->scan->store->root, *plain ? plain : ".", O_RDONLY | O_DIRECTORY);
    DIR *list = fd < 0 ? NULL : fdopendir(fd);
    int code = errno;

    if (list) {
        code = read_entries(walk, list, plain);
        closedir(list);
    } else if (fd >= 0)
        close(fd);
    if (!list || code)
        not_read(walk->scan, code);
}

/* A folder and all below it, as far as it lies there. */
static void read_tree(struct scan_walk *walk, const char *plain, const char *shown)
{
    walk->plain = plain;
    walk->shown = shown;
    await(walk, xstrdup(slice_str(plain)));
    while (walk->count) {
        char *path = walk->waiting[--walk->count];

        read_folder(walk, path);
        free(path);
    }
    walk->plain = walk->shown = NULL; /* the caller's */
}

static void read_bound(struct scan_walk *walk, const unsigned char id[ID_LEN], const char *shown)
{
    char plain[BOUND_PATH_LEN + 1];

    bound_path(id, plain);
    read_tree(walk, plain, shown);
}

/* ---- what nothing led to ---- */

static bool id_of_entry(const char *name, unsigned char id[ID_LEN])
{
    char path[BOUND_PATH_LEN + 1];

    if (strlen(name) != BOUND_NAME_LEN)
        return false;
    memcpy(path, BOUND_FOLDER "/", sizeof(BOUND_FOLDER));
    memcpy(path + sizeof(BOUND_FOLDER), name, BOUND_NAME_LEN + 1);
    return bound_parse(slice_str(path), id);
}

static void take_unreached(struct scan_walk *walk, const char *name)
{
    struct scanned_bound bound = {.is_reached = false}, *met;
    struct facts facts;
    uint64_t bytes = 0;

    if (!id_of_entry(name, bound.id) || id_set_has(&walk->entered, bound.id) ||
        bound_find(walk->scan->store, bound.id, &facts) != ERR_NONE)
        return;
    bound.kind = facts.kind;
    bound.shown = arena_printf(&walk->scan->arena, "(%s)", name).ptr;
    met = meet(walk, &bound);
    if (facts.kind == KIND_FILE)
        bytes = facts.size;
    else {
        walk->bytes = &bytes;
        read_bound(walk, bound.id, bound.shown);
        walk->bytes = NULL;
    }
    met->bytes = bytes; /* nothing was met meanwhile: it is not reached */
}

static enum err take_all_unreached(struct scan_walk *walk)
{
    int fd = openat(walk->scan->store->state.bound, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = fd < 0 ? NULL : fdopendir(fd);
    enum err err = list ? ERR_NONE : err_from_errno(errno);
    struct dirent *entry;

    if (list) {
        for (errno = 0; (entry = readdir(list)); errno = 0)
            take_unreached(walk, entry->d_name);
        err = errno ? err_from_errno(errno) : ERR_NONE;
        closedir(list);
    } else
        fd_close(&fd);
    return err;
}

enum err binding_scan(struct binding_scan *scan)
{
    struct scan_walk walk = {.scan = scan, .is_reached = true};
    enum err err = ERR_NONE;

    scan->has_changed = false;
    read_tree(&walk, "", "");
    while (walk.next < walk.queued) {
        struct scanned_bound bound = walk.queue[walk.next++];

        read_bound(&walk, bound.id, bound.shown);
    }
    walk.is_reached = false;
    if (atomic_load(&scan->store->state.is_made))
        err = take_all_unreached(&walk);
    free(walk.waiting);
    free(walk.queue);
    id_set_release(&walk.entered);
    return err;
}

/* ---- afterwards ---- */

static int by_place(const unsigned char *id, const unsigned char *parent, const char *name,
                    const struct scanned_link *link)
{
    int order = memcmp(id, link->id, ID_LEN);

    if (!order)
        order = memcmp(parent, link->folder->id, ID_LEN);
    return order ? order : strcmp(name, link->name);
}

/* What was reached once comes first. */
static int by_link(const void *a, const void *b)
{
    const struct scanned_link *one = a, *other = b;

    int order = by_place(one->id, one->folder->id, one->name, other);

    return order ? order : other->is_reached - one->is_reached;
}

static bool is_same(const struct scanned_link *one, const struct scanned_link *other)
{
    return by_place(one->id, one->folder->id, one->name, other) == 0;
}

static int by_record(const void *key, const void *at)
{
    const struct binding_record *record = key;

    return by_place(record->id, record->parent, record->name, at);
}

static int by_reach(const void *a, const void *b)
{
    const struct scanned_bound *one = a, *other = b;
    int order = memcmp(one->id, other->id, ID_LEN);

    return order ? order : other->is_reached - one->is_reached;
}

void binding_scan_sort(struct binding_scan *scan)
{
    size_t links = 0, bound = 0;

    if (scan->link_count)
        qsort(scan->links, scan->link_count, sizeof(*scan->links), by_link);
    if (scan->bound_count)
        qsort(scan->bound, scan->bound_count, sizeof(*scan->bound), by_reach);
    for (size_t i = 0; i < scan->link_count; i++)
        if (links == 0 || !is_same(&scan->links[links - 1], &scan->links[i]))
            scan->links[links++] = scan->links[i];
    for (size_t i = 0; i < scan->bound_count; i++)
        if (bound == 0 || memcmp(scan->bound[bound - 1].id, scan->bound[i].id, ID_LEN) != 0)
            scan->bound[bound++] = scan->bound[i];
    scan->link_count = links;
    scan->bound_count = bound;
}

bool binding_scan_has(const struct binding_scan *scan, const struct binding_record *record)
{
    return scan->link_count && bsearch(record, scan->links, scan->link_count, sizeof(*scan->links), by_record) != NULL;
}

void binding_scan_release(struct binding_scan *scan)
{
    arena_release(&scan->arena);
    free(scan->links);
    free(scan->bound);
}
