/*
 * bound.c - bound resources and the links to them, as text and as files.
 */
#include "bound.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/arena.h"
#include "facts.h"

const unsigned char bound_folder_id[ID_LEN] = "bound resources";

static bool name_parse(struct slice name, unsigned char id[ID_LEN])
{
    for (size_t i = 0; i < name.len; i++)
        if (!ascii_is_digit(name.ptr[i]) && (name.ptr[i] < 'a' || name.ptr[i] > 'f'))
            return false;
    return name.len == BOUND_NAME_LEN && hex_decode(name, id, ID_LEN);
}

bool bound_parse(struct slice text, unsigned char id[ID_LEN])
{
    struct slice tail = slice_from(text, text.len < BOUND_PATH_LEN ? text.len : text.len - BOUND_PATH_LEN);

    if (text.len > BOUND_PATH_LEN && text.ptr[text.len - BOUND_PATH_LEN - 1] != '/')
        return false;
    return slice_starts(tail, SLICE(BOUND_FOLDER "/")) && name_parse(slice_from(tail, sizeof(BOUND_FOLDER)), id);
}

bool bound_within(struct slice plain, unsigned char id[ID_LEN], struct slice *rest)
{
    if (plain.len < BOUND_PATH_LEN || (plain.len > BOUND_PATH_LEN && plain.ptr[BOUND_PATH_LEN] != '/') ||
        !bound_parse(slice_upto(plain, BOUND_PATH_LEN), id))
        return false;
    *rest = plain.len > BOUND_PATH_LEN ? slice_from(plain, BOUND_PATH_LEN + 1) : SLICE_NONE;
    return true;
}

void bound_name(const unsigned char id[ID_LEN], char out[BOUND_NAME_LEN + 1])
{
    hex_encode(out, id, ID_LEN);
    out[BOUND_NAME_LEN] = '\0';
}

void bound_path(const unsigned char id[ID_LEN], char out[BOUND_PATH_LEN + 1])
{
    memcpy(out, BOUND_FOLDER "/", sizeof(BOUND_FOLDER));
    bound_name(id, out + sizeof(BOUND_FOLDER));
}

void bound_mark(struct facts *facts, struct slice plain)
{
    struct slice rest;

    facts->is_in_bound = bound_within(plain, facts->bound_id, &rest);
    facts->is_bound = facts->is_in_bound && rest.len == 0;
}

void bound_mark_at(struct facts *facts, const struct place *place)
{
    struct slice rest;

    facts->is_bound = place_is_bound(place) && name_parse(slice_str(place->name), facts->bound_id);
    facts->is_in_bound =
        facts->is_bound || (!place->is_outside && bound_within(slice_str(place->parent), facts->bound_id, &rest));
}

bool place_is_bound(const struct place *place)
{
    return !place->is_outside && strcmp(place->parent, BOUND_FOLDER) == 0;
}

bool bound_is_possible(struct store *store)
{
    return !store->state.is_elsewhere && state_need(store) == ERR_NONE && store->state.dev == store->root_dev &&
           store->has_btime && !store_is_lacking(store, MISSING_EXCHANGE);
}

enum err bound_find(struct store *store, const unsigned char id[ID_LEN], struct facts *facts)
{
    char name[BOUND_NAME_LEN + 1];
    struct facts found;
    struct statx got;
    enum err err;

    bound_name(id, name);
    if (!atomic_load(&store->state.is_made) || store->state.is_elsewhere)
        return ERR_MISSING;
    if (statx(store->state.bound, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, FACTS_MASK, &got) < 0)
        return errno == ENOENT ? ERR_MISSING : err_from_errno(errno);
    err = facts_fill(store, &got, &found); /* a link there is the beginning of a first BIND */
    found.is_bound = found.is_in_bound = true;
    memcpy(found.bound_id, id, ID_LEN);
    if (facts && err == ERR_NONE)
        *facts = found;
    return err;
}

enum err bound_read(struct store *store, int folder, const char *name, unsigned char id[ID_LEN], struct facts *facts)
{
    char text[PATH_ROOM];
    ssize_t len = readlinkat(folder, name, text, sizeof(text));

    if (len < 0) /* EINVAL: no link */
        return errno == EINVAL || errno == ENOENT || errno == ENOTDIR ? ERR_MISSING : err_from_errno(errno);
    if ((size_t)len >= sizeof(text) || !bound_parse(slice_of(text, (size_t)len), id))
        return ERR_MISSING;
    return bound_find(store, id, facts);
}

bool bound_is_name(struct store *store, int folder, const char *name, unsigned char id[ID_LEN], struct facts *facts)
{
    return bound_read(store, folder, name, id, facts) == ERR_NONE;
}

void bound_text(const char *folder, const unsigned char id[ID_LEN], char out[PATH_ROOM])
{
    struct slice rest = slice_str(folder), segment, below;
    unsigned char own[ID_LEN];
    char *at = out;

    if (bound_within(slice_str(folder), own, &below)) { /* its segments are there for other programs, too */
        rest = below;
        memcpy(at, "../../../", 9);
        at += 9;
    }
    while (rpath_next(&rest, &segment) && at - out < PATH_ROOM - BOUND_PATH_LEN - 4) {
        memcpy(at, "../", 3);
        at += 3;
    }
    bound_path(id, at);
}

void bound_sweep(struct store *store)
{
    int copy = openat(store->state.bound, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = copy < 0 ? NULL : fdopendir(copy);
    struct stat got;

    for (struct dirent *at; list && (at = readdir(list));)
        if (fstatat(store->state.bound, at->d_name, &got, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(got.st_mode))
            unlinkat(store->state.bound, at->d_name, 0);
    if (list)
        closedir(list);
    else
        fd_close(&copy);
}
