/*
 * walk.c - following users' symbolic links.
 *
 * The path still to go is kept in one buffer; at a link its text is put in front of the rest. The path
 * already gone is `out`: nothing in it is a link, so `..` takes off its last segment.
 *
 * A link that is a binding (bound.h) leads to the bound resource, whatever is in front of the end of its text. Loops of
 * them have URLs without end; those that come back more than RETURNS_MAX times to where they were are not there. All
 * returns count together: three folders that are bound in each other have 900 such paths, four some thousands, where
 * counting for each folder by itself would leave millions.
 *
 * Known limit: a link of others that passes through a folder we may not search is ERR_DENIED, as for them.
 */
#include "walk.h"

#include <errno.h>
#include <fcntl.h>

#include "bound.h"
#include "facts.h"
#include "refuse.h"

struct walk {
    struct store *store;
    struct plain *out;
    char rest[PATH_ROOM]; /* what is still to go, terminated */
    size_t start;         /* of it, in rest */
    unsigned links;
    struct rounds rounds;
};

static enum err go_up(struct walk *walk)
{
    struct plain *out = walk->out;
    unsigned char id[ID_LEN];
    struct slice rest;

    if (!out->is_outside && bound_within(slice_of(out->text, out->len), id, &rest) && rest.len == 0)
        return ERR_MISSING; /* above a bound folder there is no one folder */
    if (out->len == 0 && !out->is_outside) {
        if (walk->store->options.symlinks != SYMLINKS_ANYWHERE)
            return ERR_MISSING; /* out of the root */
        out->is_outside = true;
        out->len = strlen(walk->store->root_path + 1); /* relative to "/" */
        memcpy(out->text, walk->store->root_path + 1, out->len);
    }
    while (out->len && out->text[out->len - 1] != '/')
        out->len--;
    if (out->len)
        out->len--;
    out->text[out->len] = '\0';
    return ERR_NONE;
}

static enum err append(struct plain *out, struct slice name)
{
    if (out->len + 1 + name.len >= sizeof(out->text))
        return ERR_TOO_LONG;
    if (out->len)
        out->text[out->len++] = '/';
    memcpy(out->text + out->len, name.ptr, name.len);
    out->len += name.len;
    out->text[out->len] = '\0';
    return ERR_NONE;
}

static void cut(struct plain *out, size_t len)
{
    out->len = len;
    out->text[len] = '\0';
}

static bool leads_to_bound(const struct walk *walk, struct slice text, unsigned char id[ID_LEN])
{
    return !walk->out->is_outside && !walk->store->state.is_elsewhere && bound_parse(text, id);
}

static bool has_more(const struct walk *walk)
{
    return walk->rest[walk->start + strspn(walk->rest + walk->start, "/")] != '\0';
}

static bool went_by(const struct rounds *rounds, const unsigned char id[ID_LEN])
{
    for (unsigned i = 0; i < rounds->count; i++)
        if (memcmp(rounds->ids[i], id, ID_LEN) == 0)
            return true;
    return false;
}

static enum err enter_bound(struct walk *walk, const unsigned char id[ID_LEN])
{
    struct rounds *rounds = &walk->rounds;
    enum err err = bound_find(walk->store, id, NULL);

    if (err != ERR_NONE)
        return err;
    if (rounds->count == PATH_BINDINGS_MAX || rounds_are_over(rounds, id))
        return has_more(walk) ? ERR_PARENT : ERR_MISSING;
    if (went_by(rounds, id))
        rounds->returns++;
    else
        memcpy(rounds->ids[rounds->count++], id, ID_LEN);
    bound_path(id, walk->out->text);
    walk->out->len = BOUND_PATH_LEN;
    return ERR_NONE;
}

/* Puts the link's text in front of what is still to go. */
static enum err follow(struct walk *walk, int link)
{
    char text[PATH_ROOM];
    ssize_t len = readlinkat(link, "", text, sizeof(text) - 1);
    size_t left = strlen(walk->rest + walk->start);
    unsigned char id[ID_LEN];

    if (len < 0)
        return err_from_errno(errno);
    if (leads_to_bound(walk, slice_of(text, (size_t)len), id))
        return enter_bound(walk, id);
    if (walk->store->options.symlinks == SYMLINKS_NEVER)
        return ERR_MISSING;
    if (len == 0 || ++walk->links > LINKS_MAX)
        return ERR_LOOP;
    if ((size_t)len + 1 + left >= sizeof(walk->rest))
        return ERR_TOO_LONG;
    if (text[0] == '/') {
        if (walk->store->options.symlinks != SYMLINKS_ANYWHERE)
            return ERR_MISSING;
        walk->out->is_outside = true;
        cut(walk->out, 0);
    }
    walk->out->through_symlink = true;
    text[len] = '/';
    memmove(walk->rest + len + 1, walk->rest + walk->start, left + 1);
    memcpy(walk->rest, text, (size_t)len + 1);
    walk->start = 0;
    return ERR_NONE;
}

/* A path below "/" that is below the root as well belongs to the root and its rules. */
static void come_home(struct walk *walk)
{
    struct slice root = slice_str(walk->store->root_path + 1);
    struct plain *out = walk->out;

    if (!out->is_outside || !rpath_is_within(slice_of(out->text, out->len), root))
        return;
    if (root.len) {
        size_t skip = out->len > root.len ? root.len + 1 : root.len;
        memmove(out->text, out->text + skip, out->len - skip);
        cut(out, out->len - skip);
    }
    out->is_outside = false;
}

static enum err step(struct walk *walk, struct slice name, bool is_last, bool follow_leaf)
{
    struct plain *out = walk->out;
    size_t before = out->len;
    enum err err;
    FD_GUARD fd = -1;
    struct stat got;

    if (name.len == 0 || slice_eq(name, SLICE(".")))
        return ERR_NONE;
    if (slice_eq(name, SLICE("..")))
        return go_up(walk);
    if (name_is_reserved(name))
        return ERR_MISSING;
    err = append(out, name);
    if (err != ERR_NONE || (is_last && !follow_leaf))
        return err;
    fd = open_beneath(out->is_outside ? walk->store->slash : walk->store->root, out->text, O_PATH);
    if (fd < 0)
        return errno == ENOENT    ? ERR_NONE
               : errno == ELOOP   ? ERR_AGAIN
               : errno == ENOTDIR ? ERR_PARENT
                                  : err_from_errno(errno);
    if (fstat(fd, &got) < 0)
        return err_from_errno(errno);
    if (refuse_is_state(walk->store, got.st_dev, got.st_ino))
        return ERR_MISSING;
    if (!S_ISLNK(got.st_mode))
        return ERR_NONE;
    cut(out, before);
    return follow(walk, fd);
}

static enum err walk_all(struct walk *walk, bool follow_leaf)
{
    enum err err = ERR_NONE;

    while (err == ERR_NONE && walk->rest[walk->start]) {
        size_t len = strcspn(walk->rest + walk->start, "/");
        struct slice name = slice_of(walk->rest + walk->start, len);
        char copy[NAME_ROOM];

        if (len >= sizeof(copy))
            return ERR_TOO_LONG;
        memcpy(copy, name.ptr, len);
        walk->start += len + (walk->rest[walk->start + len] == '/');
        err = step(walk, slice_of(copy, len), !has_more(walk), follow_leaf);
        come_home(walk);
    }
    return err == ERR_AGAIN ? ERR_MISSING : err;
}

static enum err walk_begin(struct walk *walk, struct store *store, struct slice path, struct plain *out)
{
    walk->store = store;
    walk->out = out;
    walk->start = walk->links = walk->rounds.count = walk->rounds.returns = 0;
    if (path.len >= sizeof(walk->rest))
        return ERR_TOO_LONG;
    if (path.len)
        memcpy(walk->rest, path.ptr, path.len);
    walk->rest[path.len] = '\0';
    cut(out, 0);
    out->is_outside = out->through_symlink = false;
    return ERR_NONE;
}

enum err walk_links(struct store *store, struct slice path, bool follow_leaf, struct plain *out)
{
    struct walk walk;
    enum err err = walk_begin(&walk, store, path, out);

    return err == ERR_NONE ? walk_all(&walk, follow_leaf) : err;
}

void walk_rounds(struct store *store, struct slice path, struct rounds *out)
{
    struct plain plain;
    struct walk walk;

    if (walk_begin(&walk, store, path, &plain) != ERR_NONE || walk_all(&walk, true) != ERR_NONE)
        walk.rounds.count = walk.rounds.returns = 0;
    *out = walk.rounds;
}

bool rounds_are_over(const struct rounds *rounds, const unsigned char id[16])
{
    return rounds->returns >= RETURNS_MAX && went_by(rounds, id);
}
