/*
 * digest_users.c - the users of Digest, sorted by name.
 *
 * H(A1) is all that one needs to log in by Digest to this realm: such a file is to be kept as well as one of passwords.
 */
#include "digest_users.h"

#include <stdlib.h>

#include "base/hash.h"
#include "scheme.h"
#include "users.h"

struct digest_user {
    struct slice name;
    struct digest_hex secrets[DIGEST_ALGORITHMS]; /* len 0: none */
    unsigned line;                                /* in the file; 0: an inline one */
};

struct digest_users {
    struct digest_user *list;
    unsigned count, room;
    unsigned line_count; /* of the file, of any realm */
    unsigned held[DIGEST_ALGORITHMS];
    bool has_file;
    struct slice realm;
    struct digest_hex stand_in[DIGEST_ALGORITHMS];
    struct arena arena;
};

static void add(struct digest_users *users, struct digest_user user)
{
    if (users->count == users->room) {
        users->room = users->room ? users->room * 2 : 16;
        users->list = xrealloc(users->list, users->room * sizeof(*users->list));
    }
    users->list[users->count++] = user;
}

/* ---- the file ---- */

static bool read_secret(struct slice text, struct digest_user *user)
{
    unsigned char raw[DIGEST_HEX_MAX / 2];

    for (unsigned i = 0; i < DIGEST_ALGORITHMS; i++) {
        struct digest_hex *secret = &user->secrets[i];

        if (text.len != digest_hex_len((enum digest_algorithm)i))
            continue;
        secret->len = (unsigned)text.len;
        if (!hex_decode(text, raw, text.len / 2))
            return false;
        hex_encode(secret->text, raw, text.len / 2); /* in lower case, as it is hashed */
        return true;
    }
    return false;
}

static bool has_algorithms(const struct digest_user *user)
{
    for (unsigned i = 0; i < DIGEST_ALGORITHMS; i++) {
        if (user->secrets[i].len > 0 && !digest_algorithm_exists((enum digest_algorithm)i))
            return false;
    }
    return true;
}

static bool take_line(struct lines *lines, struct slice text)
{
    struct digest_users *users = lines->context;
    struct digest_user user = {.line = lines->line};
    struct slice name, realm, secret;

    if (!slice_cut(text, ':', &name, &text) || !slice_cut(text, ':', &realm, &secret) || slice_is_empty(name))
        return lines_refuse(lines, lines->line, "not NAME:REALM:HASH");
    if (name.len > AUTH_NAME_BYTES_MAX || !text_is_plain(name))
        return lines_refuse(lines, lines->line, "a name is UTF-8 without control characters, at most 255 bytes");
    if (!read_secret(slice_trim(secret), &user))
        return lines_refuse(lines, lines->line,
                            "the hash is not 32 (MD5) or 64 (SHA-256) hexadecimal digits, as htdigest writes them");
    if (!has_algorithms(&user))
        return lines_refuse(lines, lines->line, "this system has no MD5; a line with SHA-256 is needed");
    users->line_count++;
    if (!slice_eq(realm, users->realm))
        return true;
    user.name = arena_slice(&users->arena, name);
    add(users, user);
    return true;
}

static int compare_users(const void *a, const void *b)
{
    const struct digest_user *x = a, *y = b;

    return slice_cmp(x->name, y->name);
}

static bool merge(struct digest_user *into, const struct digest_user *from)
{
    for (unsigned i = 0; i < DIGEST_ALGORITHMS; i++) {
        if (from->secrets[i].len == 0)
            continue;
        if (into->secrets[i].len > 0)
            return false;
        into->secrets[i] = from->secrets[i];
    }
    if (from->line > into->line)
        into->line = from->line;
    return true;
}

/* One entry a name: the lines of a user come together, and an inline one hides them. */
static bool join_lines(struct digest_users *users, const struct lines *lines)
{
    unsigned kept = 0;

    if (users->count > 0)
        qsort(users->list, users->count, sizeof(*users->list), compare_users);
    for (unsigned i = 0; i < users->count; i++) {
        struct digest_user *user = &users->list[i], *last = kept ? &users->list[kept - 1] : NULL;

        if (!last || !slice_eq(last->name, user->name)) {
            users->list[kept++] = *user;
            continue;
        }
        if (last->line == 0 || user->line == 0) {
            *last = last->line == 0 ? *last : *user;
            continue;
        }
        if (!merge(last, user))
            return lines_refuse(lines, last->line > user->line ? last->line : user->line,
                                "this name was given before, with a hash of the same kind");
    }
    users->count = kept;
    return true;
}

static bool read_file(struct digest_users *users, const char *path, struct buf *why)
{
    struct lines lines = {.path = path, .context = users, .why = why};

    if (!lines_read(&lines, take_line) || !join_lines(users, &lines))
        return false;
    if (users->line_count > 0 && users->count == 0) { /* nobody could log in, and nobody would know why */
        buf_printf(why, "%s: no line is of the realm \"%.*s\", which is the site's name", path,
                   SLICE_FMT(users->realm));
        return false;
    }
    users->has_file = true;
    return true;
}

/* ---- inline users ---- */

static void add_inline(struct digest_users *users, const struct inline_user *given)
{
    struct slice parts[] = {given->name, users->realm, given->password};
    struct digest_user user = {.name = arena_slice(&users->arena, given->name)};

    for (unsigned i = 0; i < DIGEST_ALGORITHMS; i++) {
        if (digest_algorithm_exists((enum digest_algorithm)i))
            user.secrets[i] = digest_hash((enum digest_algorithm)i, parts, 3);
    }
    add(users, user);
}

/* ---- */

static void count_held(struct digest_users *users)
{
    for (unsigned i = 0; i < users->count; i++)
        for (unsigned k = 0; k < DIGEST_ALGORITHMS; k++)
            users->held[k] += users->list[i].secrets[k].len > 0;
}

static void make_stand_ins(struct digest_users *users)
{
    unsigned char raw[DIGEST_HEX_MAX / 2];

    for (unsigned i = 0; i < DIGEST_ALGORITHMS; i++) {
        users->stand_in[i].len = digest_hex_len((enum digest_algorithm)i);
        random_bytes(raw, sizeof(raw));
        hex_encode(users->stand_in[i].text, raw, users->stand_in[i].len / 2);
    }
}

bool digest_users_load(const struct site *site, struct slice realm, struct digest_users **out, struct buf *why)
{
    struct digest_users *users = xcalloc(1, sizeof(*users));

    *out = NULL;
    users->realm = arena_slice(&users->arena, realm);
    if (site->digest_users && !read_file(users, site->digest_users, why)) {
        digest_users_free(users);
        return false;
    }
    for (unsigned i = 0; i < site->user_count; i++)
        add_inline(users, &site->users[i]);
    join_lines(users, NULL); /* no line can be at fault any more */
    if (users->count == 0) {
        digest_users_free(users);
        return true;
    }
    count_held(users);
    make_stand_ins(users);
    *out = users;
    return true;
}

void digest_users_free(struct digest_users *users)
{
    if (!users)
        return;
    if (users->list)
        explicit_bzero(users->list, users->room * sizeof(*users->list));
    free(users->list);
    arena_release(&users->arena);
    free(users);
}

unsigned digest_users_count(const struct digest_users *users)
{
    return users ? users->count : 0;
}

bool digest_users_from_file(const struct digest_users *users)
{
    return users->has_file;
}

/*
 * A client takes the first algorithm that it knows. One that only some users have would lock the others out, who have
 * another; so it is offered only where there is none that all have.
 */
bool digest_users_offers(const struct digest_users *users, enum digest_algorithm algorithm)
{
    for (unsigned i = 0; i < DIGEST_ALGORITHMS; i++) {
        if (users->held[i] == users->count)
            return users->held[algorithm] == users->count;
    }
    return users->held[algorithm] > 0;
}

struct digest_hex digest_users_secret(const struct digest_users *users, struct slice name,
                                      enum digest_algorithm algorithm, bool *is_known)
{
    struct digest_user wanted = {.name = name};
    const struct digest_user *user = bsearch(&wanted, users->list, users->count, sizeof(wanted), compare_users);

    *is_known = user && user->secrets[algorithm].len > 0;
    return *is_known ? user->secrets[algorithm] : users->stand_in[algorithm];
}
