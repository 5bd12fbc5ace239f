/*
 * keep.c - keeping what a PUT replaces, under a name of its own beside the new content.
 *
 * Nothing is copied: what stands there gets its second name before it loses the first one, and both names are locked
 * meanwhile. So at no moment it has none, and a crash leaves at worst the second name with nothing replaced. The
 * resource's id and properties stay with the first name; the inode is parted from them while it still has a name in
 * up/, since others take an inode with several names for nobody's successor. keep_finish() does that after a crash.
 *
 * Limit: where the file system gives no second name (vfat, another's file that we may not read), or a link of users'
 * is on the path, nothing is kept and nothing is replaced.
 */
#include "keep.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "facts.h"
#include "guard.h"
#include "identity.h"
#include "trash.h"

enum {
    NUMBER_MAX = 1000,  /* copies of one name, made in one day by one user, until we give up */
    EXTENSION_MAX = 32, /* octets after the last dot: more is no extension but part of the name */
    STEM_LEAST = 4,     /* octets of the file's own name that have to be left: a character at least */
};

/* ---- the name ---- */

/* ".tar" of "a.tar", with its dot; "" for dot files and names that end in one. */
static struct slice extension_of(struct slice name)
{
    size_t at = name.len;

    while (at > 1 && name.ptr[at - 1] != '.')
        at--;
    if (at <= 1 || at == name.len || name.len - at > EXTENSION_MAX)
        return SLICE_NONE;
    return slice_from(name, at - 1);
}

/* At most `len` octets, none of them a part of a character that is cut. */
static struct slice shorten(struct slice text, size_t len)
{
    if (len >= text.len)
        return text;
    while (len && ((unsigned char)text.ptr[len] & 0xc0) == 0x80)
        len--;
    return slice_upto(text, len);
}

bool keep_name(struct slice name, struct slice label, unsigned number, char out[NAME_ROOM])
{
    struct slice extension = extension_of(name);
    struct slice stem = slice_upto(name, name.len - extension.len);
    struct buf added = BUF_INIT(NAME_ROOM);
    bool fits;

    buf_printf(&added, number > 1 ? " (%.*s %u)" : " (%.*s)", SLICE_FMT(label), number);
    buf_add(&added, extension);
    fits = !added.overflown && added.len + STEM_LEAST < NAME_ROOM;
    if (fits) {
        stem = shorten(stem, NAME_ROOM - 1 - added.len);
        memcpy(out, stem.ptr, stem.len);
        memcpy(out + stem.len, added.ptr, added.len);
        out[stem.len + added.len] = '\0';
    }
    buf_release(&added);
    return fits;
}

enum err keep_choose(struct part *part, const struct place *place)
{
    struct stat got;

    for (unsigned number = 1; number <= NUMBER_MAX; number++) {
        if (!keep_name(slice_str(place->name), slice_str(part->keep.label), number, part->keep.name))
            break;
        if (fstatat(place->folder, part->keep.name, &got, AT_SYMLINK_NOFOLLOW) < 0)
            return errno == ENOENT ? ERR_NONE : err_from_errno(errno);
    }
    part->keep.name[0] = '\0';
    return ERR_NONE;
}

/* ---- the second name ---- */

static enum err err_of_link(int code)
{
    switch (code) {
    case EPERM:
    case EMLINK:
    case EOPNOTSUPP:
    case ENOSYS:
    case EXDEV:
        return ERR_UNSUPPORTED;
    case ENOENT: /* it went meanwhile */
        return ERR_CHANGED;
    default:
        return err_from_errno(code);
    }
}

/* By its descriptor, so that it is what was judged, whatever has its name by now. */
static enum err link_beside(struct part *part, const struct place *place, const struct standing *old)
{
    if (fd_link(old->fd, place->folder, part->keep.name) == 0)
        return ERR_NONE;
    part->keep.is_taken = errno == EEXIST;
    return part->keep.is_taken ? ERR_CHANGED : err_of_link(errno);
}

enum err keep_link(struct part *part, const struct place *place, const struct standing *old)
{
    struct place beside = *place; /* its folder is borrowed */
    enum err err;

    if (place->through_symlink || place->is_outside || !part->keep.name[0])
        return ERR_UNSUPPORTED;
    snprintf(beside.name, sizeof(beside.name), "%s", part->keep.name);
    if (!guard_admits(part->store, part->keep.wish.guard, &beside, CHANGE_CONTENT, NULL))
        return ERR_UNSUPPORTED;
    err = identity_forget_name(part->store, &beside);
    if (err == ERR_NONE)
        err = link_beside(part, place, old);
    if (err != ERR_NONE)
        return err;
    err = folder_settle(part->store, place->folder, part->fd);
    if (err != ERR_NONE)
        keep_unlink(part, place);
    return err;
}

void keep_unlink(struct part *part, const struct place *place)
{
    unlinkat(place->folder, part->keep.name, 0);
}

void part_keep(struct part *part, const struct part_keep *wish)
{
    part->keep.wish = *wish;
    free(part->keep.label);
    part->keep.label = xstrdup(wish->label);
}

/* ---- after a crash ---- */

/*
 * In up/ there is the former content of a file, which has another name, too: whether we gave it that one or others did,
 * it is a resource of its own now. Where that cannot be recorded the file stays there until the next start.
 */
void keep_finish(struct store *store, bool is_all)
{
    int copy = store_is_read_only(store) || store->state.up < 0
                   ? -1
                   : openat(store->state.up, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = copy < 0 ? NULL : fdopendir(copy);
    struct statx at;

    for (struct dirent *entry; list && (entry = readdir(list));)
        if ((is_all || name_is_left_over(store, entry->d_name)) &&
            statx(store->state.up, entry->d_name, AT_SYMLINK_NOFOLLOW, FACTS_MASK, &at) == 0 && S_ISREG(at.stx_mode) &&
            at.stx_nlink > 1 && identity_part(store, &at) == ERR_NONE)
            unlinkat(store->state.up, entry->d_name, 0);
    if (list)
        closedir(list);
    else
        fd_close(&copy);
}
