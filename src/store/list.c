/*
 * list.c - the members of a folder, streamed.
 *
 * getdents64 in slices of one buffer, so memory is the same for ten members and ten million. A member
 * that cannot be looked at never breaks the listing: it is reported by name.
 */
#include "core.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

#include "base/arena.h"
#include "bound.h"
#include "facts.h"
#include "list.h"
#include "refuse.h"
#include "resolve.h"
#include "store/binding.h"
#include "walk.h"

enum { LIST_BYTES = 32 << 10 };

struct listing {
    struct store *store;
    int folder;
    struct rpath path;
    bool (*each)(const struct member *, void *);
    void *arg;
    bool is_by_link;       /* the folder was reached by a link, and some paths are closed to links */
    struct slice prefix;   /* of the names that are looked at */
    uint64_t left;         /* names that may still be read */
    struct rounds *rounds; /* of the path, once that was asked; owned */
};

/* What a link shows, by the same rules as a request for it. */
static void look_through_link(struct store *store, int fd, struct slice folder, struct member *member)
{
    unsigned char id[ID_LEN];
    char text[PATH_ROOM];
    struct rpath path = {.text = {text, folder.len + (folder.len > 0) + member->name.len}};

    if (bound_is_name(store, fd, member->name.ptr, id, &member->facts))
        return;
    member->is_broken = true;
    if (path.text.len >= sizeof(text))
        return;
    memcpy(text, folder.ptr ? folder.ptr : "", folder.len);
    if (folder.len)
        text[folder.len] = '/';
    memcpy(text + path.text.len - member->name.len, member->name.ptr, member->name.len);
    role_assert_worker();
    member->is_broken = store_find(store, path, &member->facts) != ERR_NONE;
    member->facts.through_symlink = true;
}

/* Most links are bindings where there are any: their own inode is not worth a call. */
static bool look_at_binding(struct store *store, int folder, struct member *member)
{
    unsigned char id[ID_LEN];

    return store_has_bindings(store) && bound_is_name(store, folder, member->name.ptr, id, &member->facts);
}

bool member_look(struct store *store, int folder, struct slice path, const char *name, unsigned char type,
                 struct member *member)
{
    struct statx got;

    *member = (struct member){.name = slice_str(name)};
    if (name_is_reserved(member->name))
        return false;
    if (type == DT_LNK && look_at_binding(store, folder, member))
        return !refuse_is_member(store, folder, name, 0, 0, 1);
    if (statx(folder, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, FACTS_MASK, &got) < 0) {
        member->is_broken = true;
        member->err = errno == EACCES || errno == EPERM ? ERR_NONE : err_from_errno(errno);
        return errno != ENOENT; /* removed since the name was read */
    }
    if (refuse_is_member(store, folder, name, makedev(got.stx_dev_major, got.stx_dev_minor), got.stx_ino,
                         S_ISREG(got.stx_mode) ? got.stx_nlink : 1))
        return false;
    if (S_ISLNK(got.stx_mode))
        look_through_link(store, folder, path, member);
    else
        member->is_broken = facts_fill(store, &got, &member->facts) != ERR_NONE;
    return true;
}

bool member_is_closed(struct store *store, struct slice path)
{
    struct facts facts;

    return store->options.is_closed && store_find(store, (struct rpath){.text = path}, &facts) == ERR_MISSING;
}

static bool is_closed_here(const struct listing *listing, struct slice name)
{
    char text[PATH_ROOM];
    int len = snprintf(text, sizeof(text), "%.*s/%.*s", SLICE_FMT(listing->path.text), SLICE_FMT(name));

    role_assert_worker();
    return listing->is_by_link && len > 0 && (size_t)len < sizeof(text) &&
           member_is_closed(listing->store, slice_of(text, (size_t)len));
}

/* Whether a link was on the way to the folder, as far as that matters. */
static bool is_by_link(struct store *store, struct slice path)
{
    struct plain plain;
    FD_GUARD fd = -1;

    return store->options.is_closed && resolve_open(store, path, O_PATH, &fd, &plain) == ERR_NONE &&
           plain.through_symlink;
}

/* One more round of a loop than a path may go: who asked for it would not find it. */
static bool is_over(struct listing *listing, const struct facts *facts)
{
    if (!facts->is_bound || facts->kind != KIND_FOLDER)
        return false;
    if (!listing->rounds) {
        listing->rounds = xmalloc(sizeof(*listing->rounds));
        walk_rounds(listing->store, listing->path.text, listing->rounds);
    }
    return rounds_are_over(listing->rounds, facts->bound_id);
}

static bool tell(struct listing *listing, const char *name, unsigned char type)
{
    struct member member;

    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || !slice_starts(slice_str(name), listing->prefix) ||
        !member_look(listing->store, listing->folder, listing->path.text, name, type, &member) ||
        (!member.is_broken && (is_closed_here(listing, member.name) || is_over(listing, &member.facts))))
        return true;
    return listing->each(&member, listing->arg);
}

enum err store_list(struct store *store, int folder_fd, struct rpath path, bool (*each)(const struct member *, void *),
                    void *arg)
{
    return store_list_like(store, folder_fd, path, SLICE_NONE, UINT64_MAX, each, arg);
}

enum err store_list_like(struct store *store, int folder_fd, struct rpath path, struct slice prefix, uint64_t most,
                         bool (*each)(const struct member *, void *), void *arg)
{
    struct listing listing = {store, folder_fd, path, each, arg, is_by_link(store, path.text), prefix, most, NULL};
    FD_GUARD fd = openat(folder_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC); /* an offset of our own */
    char *entries;
    long len = 0;
    bool goes_on = true, is_cut = false;

    if (fd < 0)
        return err_from_errno(errno);
    entries = xmalloc(LIST_BYTES);
    while (goes_on && (len = syscall(SYS_getdents64, fd, entries, LIST_BYTES)) > 0)
        for (long at = 0; at < len && goes_on;) {
            const struct dirent64 *entry = (const void *)(entries + at);

            at += entry->d_reclen;
            is_cut = listing.left-- == 0;
            goes_on = !is_cut && tell(&listing, entry->d_name, entry->d_type);
        }
    free(entries);
    free(listing.rounds);
    if (len < 0)
        return err_from_errno(errno);
    return is_cut ? ERR_TOO_MANY : ERR_NONE;
}
