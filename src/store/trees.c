/*
 * trees.c - what MKCOL, DELETE, MOVE and COPY have in common: looking at what stands somewhere, and taking it out.
 */
#include "trees.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "bound.h"
#include "empty.h"
#include "facts.h"
#include "history_private.h"
#include "propset.h"
#include "quota_private.h"
#include "refuse.h"
#include "trash.h"

enum err standing_any(struct store *store, const struct place *place, struct standing *standing)
{
    enum err err = standing_look(store, place, standing);

    if (err != ERR_IS_FOLDER)
        return err;
    standing->fd = open_beneath(place->folder, place->name, O_PATH | O_DIRECTORY);
    if (standing->fd < 0)
        return errno == ENOENT || errno == ENOTDIR || errno == ELOOP ? ERR_CHANGED : err_from_errno(errno);
    err = statx(standing->fd, "", AT_EMPTY_PATH, FACTS_MASK, &standing->statx) < 0
              ? err_from_errno(errno)
              : facts_fill(store, &standing->statx, &standing->facts);
    standing->facts.through_symlink = place->through_symlink;
    bound_mark_at(&standing->facts, place);
    standing->is_there = err == ERR_NONE;
    return err;
}

enum err came_out_any(struct store *store, int folder, const char *name, const struct standing *old)
{
    struct statx got;

    if (!standing_is_folder(old))
        return came_out(store, folder, name, old);
    if (statx(folder, name, AT_SYMLINK_NOFOLLOW, FACTS_MASK, &got) < 0)
        return errno == ENOENT ? ERR_CHANGED : store_fail(store, "the file system no longer answers");
    return got.stx_ino == old->statx.stx_ino && S_ISDIR(got.stx_mode) ? ERR_NONE : ERR_CHANGED;
}

/* ---- what must not go with a folder ---- */

/* The place's own path, as `plain` is: below the root, or below "/". */
static void plain_of(const struct place *place, struct buf *out)
{
    buf_printf(out, "%s%s%s", place->parent, place->parent[0] ? "/" : "", place->name);
}

/* The same, absolute. */
static void absolute_of(const struct store *store, const struct place *place, struct buf *out)
{
    bool is_bare = place->is_outside || strcmp(store->root_path, "/") == 0;

    buf_printf(out, "%s/", is_bare ? "" : store->root_path);
    plain_of(place, out);
}

bool place_holds_refused(struct store *store, const struct place *place)
{
    struct buf path = BUF_INIT(3 * PATH_ROOM);
    bool holds;

    absolute_of(store, place, &path);
    holds = rpath_is_within(slice_str(store->state.path), buf_slice(&path));
    for (size_t i = 0; i < store->refused_count; i++) {
        struct buf refused = BUF_INIT(3 * PATH_ROOM);

        if (store->refused[i].relative)
            buf_printf(&refused, "%s/%s", strcmp(store->root_path, "/") == 0 ? "" : store->root_path,
                       store->refused[i].relative);
        else
            buf_add_str(&refused, store->refused[i].absolute);
        holds |= rpath_is_within(buf_slice(&refused), buf_slice(&path));
        buf_release(&refused);
    }
    buf_release(&path);
    return holds;
}

/* /proc writes blanks, line ends and backslashes of a mount point as three octal digits. */
static size_t unescape(char *text)
{
    char *to = text;

    for (const char *at = text; *at;) {
        unsigned code;

        if (at[0] == '\\' && sscanf(at + 1, "%3o", &code) == 1 && at[1] && at[2] && at[3]) {
            *to++ = (char)code;
            at += 4;
        } else
            *to++ = *at++;
    }
    *to = '\0';
    return (size_t)(to - text);
}

unsigned place_mounts(struct store *store, const struct place *place, struct arena *arena, struct slice **out)
{
    struct buf path = BUF_INIT(3 * PATH_ROOM);
    FILE *mounts = fopen("/proc/self/mountinfo", "re");
    char *line = NULL, *at;
    size_t room = 0;
    unsigned count = 0, list_room = 0;
    struct slice *list = NULL;

    absolute_of(store, place, &path);
    while (mounts && getline(&line, &room, mounts) > 0) {
        struct slice point, within;

        /* "36 35 98:0 /inside /mount/point options ...": the fifth word */
        at = line;
        for (int word = 0; word < 4 && at; word++)
            at = (at = strchr(at, ' ')) ? at + 1 : NULL;
        if (!at || !strchr(at, ' '))
            continue;
        *strchr(at, ' ') = '\0';
        point = slice_of(at, unescape(at));
        if (!rpath_is_within(point, buf_slice(&path)))
            continue;
        within = point.len == path.len ? SLICE_NONE : slice_from(point, path.len + 1);
        if (count == list_room) {
            struct slice *grown = arena_alloc(arena, (list_room = 2 * list_room + 4) * sizeof(*list));

            if (count)
                memcpy(grown, list, count * sizeof(*list));
            list = grown;
        }
        list[count++] = arena_slice(arena, within);
    }
    if (mounts)
        fclose(mounts);
    free(line);
    buf_release(&path);
    *out = list;
    return count;
}

void casualty_add(struct casualties *casualties, struct slice path, struct slice below, enum err err)
{
    struct casualty *casualty;
    char *text;

    if (!casualties)
        return;
    casualties->total++;
    if (casualties->count == CASUALTIES_MAX)
        return;
    if (casualties->count == casualties->room) {
        unsigned room = casualties->room ? 2 * casualties->room : 16;
        struct casualty *grown = arena_alloc(casualties->arena, room * sizeof(*grown));

        if (casualties->count)
            memcpy(grown, casualties->list, casualties->count * sizeof(*grown));
        casualties->list = grown;
        casualties->room = room;
    }
    text = arena_alloc(casualties->arena, path.len + below.len + 2);
    if (path.len)
        memcpy(text, path.ptr, path.len);
    if (path.len && below.len)
        text[path.len++] = '/';
    if (below.len)
        memcpy(text + path.len, below.ptr, below.len);
    casualty = &casualties->list[casualties->count++];
    *casualty = (struct casualty){.path = {.text = slice_of(text, path.len + below.len)}, .err = err};
}

/* ---- taking out ---- */

static enum err err_of_take(int code)
{
    switch (code) {
    case ENOENT:
        return ERR_CHANGED;
    case EBUSY: /* a mount point */
        return ERR_BUSY;
    case EACCES:
    case EPERM: /* not ours, or a sticky folder */
        return ERR_DENIED;
    default:
        return err_from_errno(code);
    }
}

static int aside_of(const struct store *store, const struct place *place, const struct removed *removed)
{
    return removed->is_beside ? place->folder : store->state.trash;
}

static enum err take_beside(struct store *store, const struct place *place, const unsigned char id[ID_LEN],
                            struct removed *removed)
{
    char name[64];

    store_lacks(store, MISSING_UP);
    aside_name(store, id, name, sizeof(name));
    snprintf(removed->name, sizeof(removed->name), ASIDE_PREFIX "%s", name);
    removed->is_beside = true;
    return renameat(place->folder, place->name, place->folder, removed->name) == 0 ? ERR_NONE : err_of_take(errno);
}

enum err tree_take_out(struct store *store, const struct place *place, const struct standing *old,
                       const unsigned char id[ID_LEN], struct removed *removed)
{
    bool has_trash = state_need(store) == ERR_NONE && place->dev == store->state.dev;
    enum err err = ERR_NONE;

    *removed = (struct removed){.is_beside = !has_trash};
    aside_name(store, id, removed->name, sizeof(removed->name)); /* nobody had it before, so nothing is overwritten */
    if (has_trash && renameat(place->folder, place->name, store->state.trash, removed->name) < 0) {
        has_trash = errno != EXDEV && errno != ENOSPC && errno != EDQUOT;
        err = err_of_take(errno);
    }
    if (!has_trash)
        err = take_beside(store, place, id, removed);
    if (err != ERR_NONE)
        return err;
    err = came_out_any(store, aside_of(store, place, removed), removed->name, old);
    if (err != ERR_NONE)
        renameat2(aside_of(store, place, removed), removed->name, place->folder, place->name, RENAME_NOREPLACE);
    return err;
}

void tree_let_go(struct store *store, const struct place *place, const struct removed *removed)
{
    if (removed->is_beside)
        empty_beside(store, place->folder, removed->name);
    else
        trash_add(store, removed->name);
}

void tree_gone(struct store *store, const struct place *place, const struct identity *identity, const struct statx *old)
{
    struct meta *meta = records_find(store);
    bool is_last = S_ISDIR(old->stx_mode) || old->stx_nlink <= 1;
    struct changes changes = {0};
    char key[QUOTA_KEY_LEN];

    identity_gone(store, place, identity, old);
    if (!meta || !identity->is_recorded || !is_last)
        return;
    propset_drop(store, meta, identity->id, &changes);
    history_drop(store, meta, identity->id, &changes);
    if (S_ISDIR(old->stx_mode))
        changes_drop(&changes, quota_key(key, identity->id));
    changes_queue(&changes, meta);
    changes_release(&changes);
}
