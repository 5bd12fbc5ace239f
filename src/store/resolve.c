/*
 * resolve.c - opening paths beneath the root.
 *
 * The own walk keeps a path without links as text, not a stack of descriptors: a path of text costs
 * nothing to keep, `..` in it means what it says because nothing in it is a link, and the last word is the
 * kernel's anyway, which resolves the result strictly. If a link was put into it meanwhile, that says
 * ELOOP and the walk starts again, a few times.
 */
#include "resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>

#include "base/names.h"

#include "store/binding.h"
#include "facts.h"
#include "refuse.h"
#include "walk.h"

enum {
    AGAIN_MAX = 64, /* a rename crossed our resolution; each further try is independent */
    WALKS_MAX = 8,  /* links put into a path between our walk and the kernel's */
};

int open_beneath(int base, const char *path, int flags)
{
    /* O_NOFOLLOW lets O_PATH open a link itself; with O_DIRECTORY it would say ENOTDIR where ELOOP is meant */
    int no_follow = (flags & O_PATH) && !(flags & O_DIRECTORY) ? O_NOFOLLOW : 0;
    struct open_how how = {.flags = (uint64_t)(flags | O_CLOEXEC | no_follow),
                           .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};
    long fd = -1;

    /*
     * EAGAIN: a rename somewhere. EXDEV: what was found was moved out of the base before the kernel had looked whether
     * it is beneath it, as a file is that another PUT replaces; without links and ".." nothing else says so.
     */
    for (int i = 0; i < AGAIN_MAX; i++) {
        fd = syscall(SYS_openat2, base, *path ? path : ".", &how, sizeof(how));
        if (fd >= 0 || (errno != EAGAIN && errno != EINTR && errno != EXDEV))
            break;
    }
    return (int)fd;
}

static int base_of(const struct store *store, const struct plain *plain)
{
    return plain->is_outside ? store->slash : store->root;
}

/* ENOENT is the leaf's or a parent's: RFC 4918 and HTTP answer them differently. */
static enum err err_of_open(struct store *store, const struct plain *plain, int code)
{
    struct slice parent = rpath_parent((struct rpath){.text = slice_of(plain->text, plain->len)}).text;
    char text[PATH_ROOM];
    int fd;

    if (code == ENXIO || code == ENODEV)
        return ERR_MISSING; /* a socket, a device that is not there */
    if (code == EAGAIN)
        return ERR_BUSY; /* a lease of others, or a very busy renamer */
    if (code == ENOTDIR)
        return ERR_PARENT;
    if (code != ENOENT || parent.len == 0)
        return err_from_errno(code);
    memcpy(text, parent.ptr, parent.len);
    text[parent.len] = '\0';
    fd = open_beneath(base_of(store, plain), text, O_PATH | O_DIRECTORY);
    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR ? ERR_PARENT : ERR_MISSING;
    close(fd);
    return ERR_MISSING;
}

static enum err plain_from(struct slice path, struct plain *plain)
{
    if (path.len >= sizeof(plain->text))
        return ERR_TOO_LONG;
    memcpy(plain->text, path.ptr ? path.ptr : "", path.len);
    plain->text[path.len] = '\0';
    plain->len = path.len;
    plain->is_outside = plain->through_symlink = false;
    return path_is_reserved(path) ? ERR_MISSING : ERR_NONE;
}

/* O_PATH opens a link at the end where other ways refuse it. */
static int open_no_link(int base, const char *path, int flags)
{
    struct stat got;
    int fd = open_beneath(base, path, flags), code = ELOOP;

    if (fd < 0 || !(flags & O_PATH))
        return fd;
    if (fstat(fd, &got) < 0)
        code = errno;
    else if (!S_ISLNK(got.st_mode))
        return fd;
    close(fd);
    errno = code;
    return -1;
}

static bool follows_none(const struct store *store)
{
    return store->options.symlinks == SYMLINKS_NEVER && !store_has_bindings(store);
}

static enum err open_once(struct store *store, struct slice path, int flags, int *fd, struct plain *plain)
{
    enum err err = plain_from(path, plain);

    for (int walks = 0; err == ERR_NONE; walks++) {
        *fd = open_no_link(base_of(store, plain), plain->text, flags);
        if (*fd >= 0)
            break;
        if (errno != ELOOP)
            return err_of_open(store, plain, errno);
        if (walks == WALKS_MAX || follows_none(store))
            return ERR_MISSING;
        err = walk_links(store, path, true, plain);
    }
    if (err != ERR_NONE)
        return err;
    err = refuse_check(store, *fd, plain);
    if (err != ERR_NONE)
        fd_close(fd);
    return err;
}

enum err resolve_open(struct store *store, struct slice path, int flags, int *fd, struct plain *plain)
{
    struct plain mine;
    char normal[PATH_ROOM];
    enum err err;

    *fd = -1;
    if (!plain)
        plain = &mine;
    err = open_once(store, path, flags, fd, plain);
    if ((err == ERR_MISSING || err == ERR_PARENT) && store->options.names == NAMES_NFC &&
        names_nfc(&path, normal, sizeof(normal)))
        err = open_once(store, path, flags, fd, plain);
    return err;
}

/* Splits a path without links and opens its folder. */
static enum err place_at(struct store *store, const struct plain *plain, struct place *place)
{
    struct rpath whole = {.text = slice_of(plain->text, plain->len)};
    struct slice parent = rpath_parent(whole).text, leaf = rpath_leaf(whole);
    struct stat got;

    if (plain->len == 0)
        return ERR_IS_FOLDER;
    if (leaf.len >= sizeof(place->name))
        return ERR_TOO_LONG;
    memcpy(place->parent, parent.ptr, parent.len);
    place->parent[parent.len] = '\0';
    memcpy(place->name, leaf.ptr, leaf.len);
    place->name[leaf.len] = '\0';
    place->is_outside = plain->is_outside;
    place->through_symlink = plain->through_symlink;
    place->folder = open_beneath(base_of(store, plain), place->parent, O_RDONLY | O_DIRECTORY);
    if (place->folder < 0 && errno == EACCES)
        place->folder = open_beneath(base_of(store, plain), place->parent, O_PATH | O_DIRECTORY);
    if (place->folder < 0)
        return errno == ENOENT || errno == ENOTDIR ? ERR_PARENT : errno == ELOOP ? ERR_AGAIN : err_from_errno(errno);
    if (fstat(place->folder, &got) < 0) {
        enum err err = err_from_errno(errno);
        place_release(place);
        return err;
    }
    place->dev = got.st_dev;
    place->ino = got.st_ino;
    return ERR_NONE;
}

/* What cannot be looked at is not taken for something else: a binding would be replaced as a mere link. */
static enum err see_leaf(const struct place *place, bool *is_link)
{
    struct stat got;
    bool is_there = fstatat(place->folder, place->name, &got, AT_SYMLINK_NOFOLLOW) == 0;

    *is_link = is_there && S_ISLNK(got.st_mode);
    if (is_there || errno == ENOENT || errno == ENOTDIR || errno == EACCES || errno == ENAMETOOLONG)
        return ERR_NONE;
    return err_from_errno(errno);
}

static enum err place_once(struct store *store, struct slice path, bool follow_leaf, struct place *place)
{
    struct plain plain;
    enum err err = plain_from(path, &plain);
    bool is_link;

    for (int walks = 0; err == ERR_NONE; walks++) {
        is_link = false;
        err = place_at(store, &plain, place);
        if (err == ERR_NONE && follow_leaf)
            err = see_leaf(place, &is_link);
        if (err == ERR_NONE && !is_link)
            break;
        place_release(place);
        if (err != ERR_NONE && err != ERR_AGAIN)
            return err;
        if (walks == WALKS_MAX || follows_none(store))
            return err == ERR_AGAIN ? ERR_PARENT : ERR_MISSING;
        err = walk_links(store, path, follow_leaf, &plain);
    }
    if (err == ERR_NONE && refuse_has_path(store, &plain)) {
        place_release(place);
        err = ERR_MISSING;
    }
    return err;
}

/* As given if that is there; else in normal form, so that what is made is in normal form. */
static enum err place_in_names(struct store *store, struct slice path, bool follow_leaf, struct place *place)
{
    char normal[PATH_ROOM];
    struct stat got;
    enum err err;

    place->folder = -1;
    err = place_once(store, path, follow_leaf, place);
    if (store->options.names != NAMES_NFC || (err != ERR_NONE && err != ERR_PARENT && err != ERR_MISSING))
        return err;
    if (err == ERR_NONE && fstatat(place->folder, place->name, &got, AT_SYMLINK_NOFOLLOW) == 0)
        return err;
    if (!names_nfc(&path, normal, sizeof(normal)))
        return err;
    place_release(place);
    return place_once(store, path, follow_leaf, place);
}

enum err resolve_place(struct store *store, struct slice path, struct place *place)
{
    return place_in_names(store, path, true, place);
}

enum err resolve_name(struct store *store, struct slice path, struct place *place)
{
    return place_in_names(store, path, false, place);
}

void place_release(struct place *place)
{
    fd_close(&place->folder);
}
