/*
 * writelock_scope.c - which locks cover what: a lock is on an id; a deep one covers all whose way leads over that id.
 *
 * What is below a lock or a place is told by paths, as they were when the locks were taken. Known limit: a locked
 * resource that others renamed into a folder since does not stand in the way of that folder's removal.
 */
#include "writelock_private.h"

#include <errno.h>
#include <fcntl.h>

#include "facts.h"

/* Outside of the root paths begin with '/', so that they are nobody's below the root. */
struct slice place_plain(struct arena *arena, const struct place *place)
{
    return arena_printf(arena, "%s%s%s%s", place->is_outside ? "/" : "", place->parent, place->parent[0] ? "/" : "",
                        place->name);
}

enum err scope_of_place(struct store *store, const struct place *place, bool is_kept, struct scope *out)
{
    struct statx at;
    enum err err;

    *out = (struct scope){0};
    out->path.arena = &out->arena;
    if (!place) {
        out->path.ids = arena_alloc(&out->arena, ID_LEN);
        memcpy(out->path.ids[0], store->site_id, ID_LEN);
        out->path.count = 1;
        out->has_self = out->is_folder = true;
        return ERR_NONE;
    }
    if (statx(place->folder, place->name, AT_SYMLINK_NOFOLLOW, FACTS_MASK, &at) == 0) {
        out->is_folder = S_ISDIR(at.stx_mode);
        out->has_self = out->is_folder || S_ISREG(at.stx_mode);
    } else if (errno != ENOENT)
        return err_from_errno(errno);
    out->plain = place_plain(&out->arena, place);
    err = identity_path(store, place, out->has_self ? &at : NULL, is_kept, &out->path);
    if (err == ERR_NONE)
        err = scope_add_ways(store, place, out);
    if (err != ERR_NONE)
        scope_release(out);
    return err;
}

enum err scope_of_path(struct store *store, struct rpath path, struct scope *out)
{
    struct place place;
    enum err err;

    *out = (struct scope){0};
    if (rpath_is_root(path))
        return scope_of_place(store, NULL, false, out);
    err = resolve_place(store, path.text, &place);
    if (err != ERR_NONE)
        return err;
    err = scope_of_place(store, &place, false, out);
    place_release(&place);
    if (err == ERR_NONE && !out->has_self) {
        scope_release(out);
        err = ERR_MISSING;
    }
    return err;
}

bool held_is_astray(struct store *store, const struct held *held)
{
    struct rpath root = {.text = held->root, .has_slash = held->has_slash};
    struct scope scope;
    enum err err = scope_of_path(store, root, &scope);
    bool is_other = err == ERR_NONE && memcmp(scope.path.ids[scope.path.count - 1], held->id, ID_LEN) != 0;

    if (err == ERR_NONE)
        scope_release(&scope);
    return is_other || err == ERR_MISSING || err == ERR_PARENT;
}

void scope_release(struct scope *scope)
{
    arena_release(&scope->arena);
    scope->path = (struct id_path){0};
}

static bool same_id(const unsigned char *a, const unsigned char *b)
{
    return memcmp(a, b, ID_LEN) == 0;
}

bool scope_covered_by(const struct scope *scope, const struct held *held)
{
    for (unsigned i = 0; i < scope->path.count; i++)
        if (same_id(scope->path.ids[i], held->id))
            return held->is_deep || (scope->has_self && i + 1 == scope->path.count);
    return false;
}

bool held_is_below(const struct held *held, const struct scope *scope)
{
    bool is_plain = rpath_is_within(held->plain, scope->plain) && held->plain.len > scope->plain.len;
    /* where a users' link goes, what was locked through it is rooted nowhere any more */
    bool is_root = rpath_is_within(held->root, scope->plain) && (held->root.len > scope->plain.len || !scope->has_self);

    return is_plain || is_root;
}

static struct held *first_from(const struct writelocks *w, const struct scope *scope, unsigned step)
{
    for (; step < scope->path.count; step++) {
        bool is_self = scope->has_self && step + 1 == scope->path.count;

        for (struct held *at = writelocks_on(w, scope->path.ids[step]); at; at = at->next_by_id)
            if (same_id(at->id, scope->path.ids[step]) && (is_self || at->is_deep))
                return at;
    }
    return NULL;
}

struct held *scope_next(const struct writelocks *w, const struct scope *scope, struct held *at)
{
    unsigned step = 0;

    if (!w->count)
        return NULL;
    if (!at)
        return first_from(w, scope, 0);
    while (!same_id(scope->path.ids[step], at->id))
        step++;
    for (struct held *next = at->next_by_id; next; next = next->next_by_id)
        if (same_id(next->id, at->id) && (next->is_deep || (scope->has_self && step + 1 == scope->path.count)))
            return next;
    return first_from(w, scope, step + 1);
}

void blockers_add(struct blockers *blockers, const struct held *held, bool is_below)
{
    for (unsigned i = 0; i < blockers->count; i++)
        if (slice_eq(blockers->list[i].root.text, held->root))
            return;
    if (blockers->count < BLOCKERS_MAX)
        blockers->list[blockers->count++] =
            (struct blocker){{arena_slice(blockers->arena, held->root), held->has_slash}, is_below};
}

/* ---- tokens ---- */

/* Only in the form in which they were given: RFC 4918 §6.5 has them compared as URIs, octet by octet. */
bool token_parse(struct slice text, unsigned char token[TOKEN_BYTES])
{
    static const unsigned char dashes[] = {8, 13, 18, 23};
    char hex[2 * TOKEN_BYTES];
    struct slice digits = slice_from(text, 9);
    unsigned at = 0, dash = 0;

    if (text.len != LOCK_TOKEN_LEN || !slice_starts(text, SLICE("urn:uuid:")))
        return false;
    for (unsigned i = 0; i < digits.len; i++) {
        char c = digits.ptr[i];

        if (dash < 4 && i == dashes[dash]) {
            if (c != '-')
                return false;
            dash++;
        } else if (ascii_is_digit(c) || (c >= 'a' && c <= 'f'))
            hex[at++] = c;
        else
            return false;
    }
    return hex_decode(slice_of(hex, sizeof(hex)), token, TOKEN_BYTES);
}

static struct slice token_text(struct arena *arena, const unsigned char token[TOKEN_BYTES])
{
    char hex[2 * TOKEN_BYTES];

    hex_encode(hex, token, TOKEN_BYTES);
    return arena_printf(arena, "urn:uuid:%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}

void held_show(const struct writelocks *w, const struct held *held, struct arena *arena, struct write_lock *out)
{
    int64_t left = held->due_ms - writelocks_boot_ms(w);

    *out = (struct write_lock){
        .token = token_text(arena, held->token),
        .is_exclusive = held->is_exclusive,
        .is_deep = held->is_deep,
        .owner = arena_slice(arena, held->owner),
        .user = arena_slice(arena, held->user),
        .root = {arena_slice(arena, held->root), held->has_slash},
        .seconds = held->seconds,
        .left_s = left < 0 ? 0 : (uint32_t)((left + 999) / 1000),
        .made_s = held->made_s,
    };
}
