/*
 * refuse.c - what no path may reach.
 *
 * A refused file is known by its resolved path and by its inode. It may be replaced while we run (an
 * editor, htpasswd), so the inode is looked up again whenever something with several names is opened:
 * with one name only, the path says all.
 */
#include "refuse.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "base/arena.h"

bool name_is_reserved(struct slice name)
{
    return slice_eq_nocase(name, SLICE(STATE_NAME)) || slice_starts_nocase(name, SLICE(ASIDE_PREFIX));
}

bool path_is_reserved(struct slice path)
{
    for (struct slice segment; rpath_next(&path, &segment);)
        if (name_is_reserved(segment))
            return true;
    return false;
}

bool refuse_is_state(const struct store *store, uint64_t dev, uint64_t ino)
{
    return atomic_load(&store->state.is_made) && dev == store->state.dev && ino == store->state.ino;
}

/*
 * On a file system that folds letters or makes short aliases (SAMOVA~1), an odd first name may be `.samovar`
 * after all; what it leads to shows.
 */
static bool is_state_alias(struct store *store, const struct plain *plain)
{
    struct slice path = slice_of(plain->text, plain->len), first;
    char name[NAME_ROOM];
    struct stat got;
    bool is_odd = false;

    if (plain->is_outside || !rpath_next(&path, &first) || first.len >= sizeof(name))
        return false;
    for (size_t i = 0; i < first.len; i++)
        is_odd |= (unsigned char)first.ptr[i] >= 0x80 || first.ptr[i] == '~';
    if (!is_odd)
        return false;
    memcpy(name, first.ptr, first.len);
    name[first.len] = '\0';
    return fstatat(store->root, name, &got, AT_SYMLINK_NOFOLLOW) == 0 && refuse_is_state(store, got.st_dev, got.st_ino);
}

/* `--state` below the root is as hidden as `.samovar` is. */
static bool is_in_state(const struct store *store, const struct plain *plain)
{
    size_t root_len = strlen(store->root_path);
    struct slice state = slice_str(store->state.path);

    if (!store->state.is_elsewhere)
        return false;
    if (plain->is_outside)
        return rpath_is_within(slice_of(plain->text, plain->len), slice_from(state, 1));
    if (!rpath_is_within(state, slice_str(store->root_path)) || state.len == root_len)
        return false;
    return rpath_is_within(slice_of(plain->text, plain->len), slice_from(state, root_len == 1 ? 1 : root_len + 1));
}

static bool is_closed(struct store *store, const struct plain *plain)
{
    const struct store_options *options = &store->options;

    return options->is_closed && plain->through_symlink && !plain->is_outside &&
           options->is_closed(options->closed_arg, slice_of(plain->text, plain->len));
}

bool refuse_has_path(struct store *store, const struct plain *plain)
{
    for (size_t i = 0; i < store->refused_count; i++) {
        const char *known = plain->is_outside ? store->refused[i].absolute + 1 : store->refused[i].relative;

        if (known && slice_eq(slice_of(plain->text, plain->len), slice_str(known)))
            return true;
    }
    return is_in_state(store, plain) || is_closed(store, plain);
}

static void refresh(struct refused *refused)
{
    struct stat got;

    if (stat(refused->absolute, &got) < 0)
        return;
    atomic_store(&refused->dev, got.st_dev);
    atomic_store(&refused->ino, got.st_ino);
}

static bool has_inode(struct store *store, uint64_t dev, uint64_t ino, uint32_t nlink)
{
    for (size_t i = 0; i < store->refused_count; i++) {
        struct refused *refused = &store->refused[i];

        if (nlink > 1)
            refresh(refused);
        if (ino == atomic_load(&refused->ino) && dev == atomic_load(&refused->dev)) {
            refresh(refused); /* the number may have passed to an innocent file since */
            if (ino == atomic_load(&refused->ino))
                return true;
        }
    }
    return false;
}

enum err refuse_check(struct store *store, int fd, const struct plain *plain)
{
    struct stat got;

    if (refuse_has_path(store, plain) || is_state_alias(store, plain))
        return ERR_MISSING;
    if (store->refused_count == 0)
        return ERR_NONE;
    if (fstat(fd, &got) < 0)
        return err_from_errno(errno);
    if (S_ISDIR(got.st_mode))
        return ERR_NONE;
    return has_inode(store, got.st_dev, got.st_ino, (uint32_t)got.st_nlink) ? ERR_MISSING : ERR_NONE;
}

/* The folder may have been reached through links, so it is compared as an inode. */
static bool is_named_in(struct store *store, const struct refused *refused, int folder, const char *name)
{
    struct rpath path = {.text = slice_str(refused->relative)};
    struct slice parent = rpath_parent(path).text;
    char text[PATH_ROOM];
    struct stat is, wanted;
    int fd;

    if (!refused->relative || !slice_eq(rpath_leaf(path), slice_str(name)) || parent.len >= sizeof(text))
        return false;
    memcpy(text, parent.ptr, parent.len);
    text[parent.len] = '\0';
    fd = open_beneath(store->root, text, O_PATH | O_DIRECTORY);
    if (fd < 0)
        return false;
    if (fstat(fd, &wanted) < 0)
        wanted.st_ino = 0;
    close(fd);
    return fstat(folder, &is) == 0 && is.st_ino == wanted.st_ino && is.st_dev == wanted.st_dev;
}

bool refuse_is_member(struct store *store, int folder, const char *name, uint64_t dev, uint64_t ino, uint32_t nlink)
{
    if (name_is_reserved(slice_str(name)) || refuse_is_state(store, dev, ino))
        return true;
    for (size_t i = 0; i < store->refused_count; i++)
        if (is_named_in(store, &store->refused[i], folder, name))
            return true;
    return has_inode(store, dev, ino, nlink);
}

void refuse_init(struct store *store, const char *const *files)
{
    struct slice root = slice_str(store->root_path);
    size_t count = 0;

    while (files && files[count])
        count++;
    store->refused = xcalloc(count + 1, sizeof(*store->refused));
    store->refused_count = count;
    for (size_t i = 0; i < count; i++) {
        struct refused *refused = &store->refused[i];
        char *resolved = realpath(files[i], NULL);

        refused->absolute = resolved ? resolved : xstrdup(slice_str(files[i]));
        if (root.len == 1)
            refused->relative = xstrdup(slice_str(refused->absolute + 1));
        else if (rpath_is_within(slice_str(refused->absolute), root) && strlen(refused->absolute) > root.len)
            refused->relative = xstrdup(slice_str(refused->absolute + root.len + 1));
        refresh(refused);
    }
}

void refuse_release(struct store *store)
{
    for (size_t i = 0; i < store->refused_count; i++) {
        free(store->refused[i].absolute);
        free(store->refused[i].relative);
    }
    free(store->refused);
}
