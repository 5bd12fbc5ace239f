/*
 * binding_paths.c - where a resource with several names is found.
 *
 * Paths are climbed from the folder up to the root, by what is recorded, each bound folder once, so that it ends; then
 * the whole path is resolved, and counts if it leads to where the climb began. So a record that is not true any more
 * (others removed or moved something) costs a look and tells nothing wrong.
 */
#include "bindings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "identity_look.h"

enum {
    CLIMB_MAX = 1024, /* folders on a path, as identity has it */
    STEPS_MAX =
        100000, /* of one climb: n folders bound twice in one another have 2^n ways, which may all lead nowhere */
};

struct climb {
    struct store *store;
    struct meta *meta;
    bool (*each)(void *arg, struct slice path);
    void *arg;
    bool is_astray, is_over;
    unsigned depth, steps;
    struct arena arena;
    unsigned char visited[CLIMB_MAX][ID_LEN]; /* bound folders on the way up */
    unsigned visited_count;
    char plain[PATH_ROOM]; /* where the path has to lead */
    char path[PATH_ROOM];  /* written from its end */
};

static WORKER_SIDE void tell(struct climb *climb, size_t begin)
{
    struct slice path = slice_str(climb->path + begin), expected = slice_str(climb->plain);
    struct plain plain;
    FD_GUARD fd = -1;

    if (!climb->visited_count)
        expected = path;
    if (resolve_open(climb->store, path, O_PATH, &fd, &plain) != ERR_NONE || plain.is_outside ||
        !slice_eq(slice_of(plain.text, plain.len), expected))
        climb->is_astray = true;
    else if (!climb->each(climb->arg, path))
        climb->is_over = true;
}

static size_t prepend(struct climb *climb, size_t begin, const char *name)
{
    size_t len = strlen(name), slash = climb->path[begin] != '\0';

    if (len + slash > begin)
        return SIZE_MAX;
    if (slash)
        climb->path[--begin] = '/';
    begin -= len;
    memcpy(climb->path + begin, name, len);
    return begin;
}

static bool was_here(const struct climb *climb, const unsigned char id[ID_LEN])
{
    for (unsigned i = 0; i < climb->visited_count; i++)
        if (id_same(climb->visited[i], id))
            return true;
    return false;
}

static void climb_from(struct climb *climb, const unsigned char id[ID_LEN], size_t begin);

static void climb_by_name(struct climb *climb, const unsigned char parent[ID_LEN], const char *name, size_t begin)
{
    size_t above = prepend(climb, begin, name);

    if (above == SIZE_MAX) /* longer than any request's path */
        return;
    climb_from(climb, parent, above);
}

static void climb_bound(struct climb *climb, const unsigned char id[ID_LEN], size_t begin)
{
    struct binding_records names;

    if (was_here(climb, id))
        return;
    if (bindings_of(climb->meta, id, &climb->arena, &names) != ERR_NONE || names.count == 0 ||
        bound_find(climb->store, id, NULL) != ERR_NONE) {
        climb->is_astray = true;
        return;
    }
    if (climb->visited_count == 0) {
        bound_path(id, climb->plain);
        if (climb->path[begin])
            snprintf(climb->plain + BOUND_PATH_LEN, sizeof(climb->plain) - BOUND_PATH_LEN, "/%s", climb->path + begin);
    }
    memcpy(climb->visited[climb->visited_count++], id, ID_LEN);
    for (unsigned i = 0; i < names.count && !climb->is_over; i++)
        climb_by_name(climb, names.list[i].parent, names.list[i].name, begin);
    climb->visited_count--;
}

static void climb_from(struct climb *climb, const unsigned char id[ID_LEN], size_t begin)
{
    struct way_record way;

    role_assert_worker();
    if (++climb->depth >= CLIMB_MAX || ++climb->steps > STEPS_MAX)
        climb->is_astray = true;
    else if (id_same(id, climb->store->site_id))
        tell(climb, begin);
    else if (way_get(climb->meta, id, &way) == ERR_NONE)
        climb_by_name(climb, way.parent, way.name, begin);
    else
        climb_bound(climb, id, begin);
    climb->depth--;
}

enum err folder_paths(struct store *store, const unsigned char id[ID_LEN], bool (*each)(void *arg, struct slice path),
                      void *arg, bool *is_astray)
{
    struct climb *climb = xcalloc(1, sizeof(*climb));

    *climb = (struct climb){.store = store, .meta = records_find(store), .each = each, .arg = arg};
    if (climb->meta)
        climb_from(climb, id, sizeof(climb->path) - 1);
    if (is_astray)
        *is_astray = climb->is_astray || !climb->meta;
    arena_release(&climb->arena);
    free(climb);
    return ERR_NONE;
}

static bool take_first(void *arg, struct slice path)
{
    struct buf *out = arg;

    buf_add(out, path);
    buf_add_char(out, '/'); /* it is known to be there, even if it is the root */
    return false;
}

enum err folder_home(struct store *store, const unsigned char id[ID_LEN], struct buf *path)
{
    size_t before = path->len;
    enum err err = folder_paths(store, id, take_first, path, NULL);

    if (err == ERR_NONE && path->len == before)
        err = ERR_MISSING;
    if (err == ERR_NONE)
        path->len--;
    return err;
}

/* ---- names ---- */

/* Whether the folder has this name for the resource. */
static WORKER_SIDE bool is_named(struct store *store, struct slice folder, const char *name,
                                 const unsigned char id[ID_LEN])
{
    unsigned char found[ID_LEN];
    FD_GUARD fd = -1;

    return resolve_open(store, folder, O_PATH | O_DIRECTORY, &fd, NULL) == ERR_NONE &&
           bound_is_name(store, fd, name, found, NULL) && id_same(found, id);
}

static WORKER_SIDE enum err names_of_bound(struct store *store, const unsigned char id[ID_LEN], struct arena *arena,
                                           struct binding **out, unsigned *count)
{
    struct meta *meta = records_find(store);
    struct binding_records names = {.count = 0};
    enum err err = meta ? bindings_of(meta, id, arena, &names) : ERR_NONE;

    *out = arena_alloc(arena, (names.count + 1) * sizeof(**out));
    for (unsigned i = 0; err == ERR_NONE && i < names.count; i++) {
        struct buf folder = BUF_INIT(2 * PATH_ROOM);

        if (folder_home(store, names.list[i].parent, &folder) == ERR_NONE &&
            is_named(store, buf_slice(&folder), names.list[i].name, id))
            (*out)[(*count)++] = (struct binding){{arena_slice(arena, buf_slice(&folder)), true},
                                                  arena_slice(arena, slice_str(names.list[i].name))};
        buf_release(&folder);
    }
    return err;
}

/* What is not bound has one name, in a folder that may be. */
static enum err name_of_other(struct store *store, const struct place *place, struct arena *arena, struct binding **out,
                              unsigned *count)
{
    struct buf folder = BUF_INIT(2 * PATH_ROOM);
    unsigned char id[ID_LEN];
    struct slice rest;
    enum err err = ERR_NONE;

    if (!place->is_outside && bound_within(slice_str(place->parent), id, &rest)) {
        err = folder_home(store, id, &folder);
        if (err == ERR_NONE && rest.len) {
            if (folder.len)
                buf_add_char(&folder, '/');
            buf_add(&folder, rest);
        }
    } else
        buf_add_str(&folder, place->parent);
    if (err == ERR_NONE) {
        *out = arena_alloc(arena, sizeof(**out));
        **out = (struct binding){{arena_slice(arena, buf_slice(&folder)), true},
                                 arena_slice(arena, slice_str(place->name))};
        *count = 1;
    }
    buf_release(&folder);
    return err;
}

/* Names on the way that nobody recorded: others made them, by copying one. */
static WORKER_SIDE void enter_on_way(struct store *store, struct slice path)
{
    for (size_t end = 0; end <= path.len; end++) {
        unsigned char id[ID_LEN];
        struct place name;

        if ((end < path.len && path.ptr[end] != '/') || end == 0)
            continue;
        if (resolve_name(store, slice_upto(path, end), &name) != ERR_NONE)
            continue;
        if (bound_is_name(store, name.folder, name.name, id, NULL))
            binding_enter(store, &name, id);
        place_release(&name);
    }
}

enum err store_bindings(struct store *store, struct rpath path, struct arena *arena, struct binding **out,
                        unsigned *count)
{
    unsigned char id[ID_LEN];
    struct slice rest;
    struct place place;
    struct stat got;
    enum err err = resolve_place(store, path.text, &place);

    *out = NULL;
    *count = 0;
    if (err == ERR_IS_FOLDER)
        return ERR_NONE;
    if (err != ERR_NONE)
        return err;
    if (fstatat(place.folder, place.name, &got, AT_SYMLINK_NOFOLLOW) < 0)
        err = errno == ENOENT ? ERR_MISSING : err_from_errno(errno);
    else if (place_is_bound(&place)) {
        char plain[BOUND_PATH_LEN + 1];

        snprintf(plain, sizeof(plain), BOUND_FOLDER "/%s", place.name);
        if (bound_within(slice_str(plain), id, &rest)) {
            enter_on_way(store, path.text);
            err = names_of_bound(store, id, arena, out, count);
        }
    } else
        err = name_of_other(store, &place, arena, out, count);
    place_release(&place);
    return err;
}

/* ---- paths ---- */

struct listing {
    struct arena *arena;
    struct slice rest; /* below the bound folder */
    struct aliases *out;
    unsigned room;
};

static bool list_path(void *arg, struct slice path)
{
    struct listing *listing = arg;
    struct aliases *out = listing->out;

    if (out->count == ALIASES_MAX) {
        out->is_partial = true;
        return false;
    }
    if (out->count == listing->room) {
        unsigned room = listing->room ? 2 * listing->room : 4;
        struct rpath *list = arena_alloc(listing->arena, room * sizeof(*list));

        if (out->count)
            memcpy(list, out->list, out->count * sizeof(*list));
        out->list = list;
        listing->room = room;
    }
    out->list[out->count++].text = listing->rest.len ? arena_printf(listing->arena, "%.*s%s%.*s", SLICE_FMT(path),
                                                                    path.len ? "/" : "", SLICE_FMT(listing->rest))
                                                     : arena_slice(listing->arena, path);
    return true;
}

/* It is one of them, or goes round in a loop, as far as can be told without looking. */
static bool knows(const struct aliases *aliases, struct slice path)
{
    for (unsigned i = 0; i < aliases->count; i++)
        if (slice_eq(aliases->list[i].text, path))
            return true;
    return aliases->is_partial;
}

static void list_aliases(struct store *store, const unsigned char id[ID_LEN], struct slice rest, struct arena *arena,
                         struct aliases *out)
{
    struct listing listing = {.arena = arena, .rest = rest, .out = out};

    *out = (struct aliases){.count = 0};
    folder_paths(store, id, list_path, &listing, NULL);
    for (unsigned i = 0; i < out->count; i++)
        out->list[i].has_slash = false;
}

enum err store_aliases(struct store *store, struct rpath path, struct arena *arena, struct aliases *out)
{
    char text[2 * PATH_ROOM];
    unsigned char id[ID_LEN];
    struct slice rest;
    struct place place;
    enum err err = resolve_place(store, path.text, &place);

    *out = (struct aliases){.count = 0};
    if (err == ERR_IS_FOLDER || err == ERR_MISSING || err == ERR_PARENT)
        return ERR_NONE;
    if (err != ERR_NONE)
        return err;
    snprintf(text, sizeof(text), "%s/%s", place.parent, place.name);
    if (!place.is_outside && bound_within(slice_str(text), id, &rest)) {
        list_aliases(store, id, rest, arena, out);
        if (!knows(out, path.text)) {
            enter_on_way(store, path.text);
            list_aliases(store, id, rest, arena, out);
        }
    }
    place_release(&place);
    return ERR_NONE;
}
