/*
 * users.c - a site's users, and whether a password is theirs.
 *
 * A sorted array, made once; beside it the passwords of programs, sorted alike. An inline user's password is kept as an
 * HMAC under a key of this set, so a look into our memory shows no password; that judgement is quick, the file's are as
 * slow as their forms.
 */
#include <stdlib.h>

#include "app_password.h"
#include "base/hash.h"
#include "bearer.h"
#include "digest_users.h"
#include "groups.h"
#include "password.h"
#include "scheme.h"
#include "users.h"

struct user {
    struct slice name;
    enum { USER_OF_FILE, USER_INLINE, USER_OF_APPS } kind; /* OF_APPS: has no password of his own */
    const char *hash;                                      /* of the file; NULL for others */
    struct keyed_hash inline_hash;
    unsigned line;                 /* in the file */
    unsigned first_app, app_count; /* in users->apps */
};

/* A password for one of a user's programs. */
struct app {
    struct slice user, name;
    struct app_hash hash;
    unsigned line;
};

static atomic_uint_fast64_t generations;

static void add_user(struct users *users, struct user user)
{
    if (users->count == users->room) {
        users->room = users->room ? users->room * 2 : 16;
        users->list = xrealloc(users->list, users->room * sizeof(*users->list));
    }
    users->list[users->count++] = user;
}

static void add_app(struct users *users, struct app app)
{
    if (users->app_count == users->app_room) {
        users->app_room = users->app_room ? users->app_room * 2 : 16;
        users->apps = xrealloc(users->apps, users->app_room * sizeof(*users->apps));
    }
    users->apps[users->app_count++] = app;
}

/* The line is a program's: its hash, and what follows it. */
static bool take_app(struct lines *lines, struct slice user, struct slice hash, struct slice field)
{
    struct users *users = lines->context;
    struct app app = {.line = lines->line};

    if (!app_hash_parse(hash, &app.hash))
        return lines_refuse(lines, lines->line, "this hash of an app password is not whole; make it anew");
    if (!app_name_parse(slice_trim(field), &app.name))
        return lines_refuse(lines, lines->line, "not NAME:HASH:app=PROGRAM, as an app password is written");
    app.user = arena_slice(&users->arena, user);
    app.name = arena_slice(&users->arena, app.name);
    add_app(users, app);
    return true;
}

static bool take_hash(struct lines *lines, struct slice name, struct slice hash)
{
    struct users *users = lines->context;
    struct slice field = SLICE_NONE;

    slice_cut(hash, ':', &hash, &field);
    hash = slice_trim(hash);
    if (app_hash_is(hash))
        return take_app(lines, name, hash, field);
    /* further fields, as in a shadow file, say nothing to us */
    if (password_kind(hash) == PASSWORD_PLAIN_SHA1)
        return lines_refuse(lines, lines->line, "{SHA} is no safe form of a password; make it anew with htpasswd -B");
    if (password_kind(hash) == PASSWORD_UNKNOWN)
        return lines_refuse(lines, lines->line,
                            "no password form that is read here (yescrypt, bcrypt, apr1, sha512-crypt, "
                            "sha256-crypt); plain text is refused");
    add_user(users, (struct user){.name = arena_slice(&users->arena, name),
                                  .hash = arena_str(&users->arena, hash),
                                  .line = lines->line});
    return true;
}

static bool take_line(struct lines *lines, struct slice text)
{
    struct slice name, hash;

    if (!slice_cut(text, ':', &name, &hash) || slice_is_empty(name))
        return lines_refuse(lines, lines->line, "not NAME:HASH");
    if (name.len > AUTH_NAME_BYTES_MAX || !text_is_plain(name))
        return lines_refuse(lines, lines->line, "a name is UTF-8 without control characters, at most 255 bytes");
    return take_hash(lines, name, hash);
}

static int compare_users(const void *a, const void *b)
{
    const struct user *x = a, *y = b;

    return slice_cmp(x->name, y->name);
}

/*
 * One entry a name: an inline one hides the file's; a name twice in the file is a mistake to be told. Not so the same
 * line twice: htpasswd writes a new password over all lines of a user, those of his programs among them.
 */
static bool drop_doubles(struct users *users, const struct lines *lines)
{
    unsigned kept = 0;

    qsort(users->list, users->count, sizeof(*users->list), compare_users);
    for (unsigned i = 0; i < users->count; i++) {
        struct user *user = &users->list[i], *last = kept ? &users->list[kept - 1] : NULL;

        if (!last || !slice_eq(last->name, user->name)) {
            users->list[kept++] = *user;
            continue;
        }
        if (last->hash && user->hash && strcmp(last->hash, user->hash) == 0)
            continue;
        if (last->hash && user->hash)
            return lines_refuse(lines, last->line > user->line ? last->line : user->line, "this name was given before");
        if (last->hash)
            *last = *user;
    }
    users->count = kept;
    return true;
}

/* ---- programs ---- */

static int compare_apps(const void *a, const void *b)
{
    const struct app *x = a, *y = b;
    int order = slice_cmp(x->user, y->user);

    return order ? order : slice_cmp(x->name, y->name);
}

static struct user *find_user(const struct users *users, struct slice name)
{
    struct user wanted = {.name = name};

    if (users->count == 0)
        return NULL;
    return bsearch(&wanted, users->list, users->count, sizeof(*users->list), compare_users);
}

/* Whoever has passwords for programs only is a user as well. */
static void add_users_of_apps(struct users *users)
{
    unsigned known = users->count;

    for (unsigned i = 0; i < users->app_count; i++) {
        struct user wanted = {.name = users->apps[i].user, .kind = USER_OF_APPS};
        bool is_next = i > 0 && slice_eq(users->apps[i - 1].user, wanted.name);

        if (!is_next && (known == 0 || !bsearch(&wanted, users->list, known, sizeof(wanted), compare_users)))
            add_user(users, wanted);
    }
    if (users->count > known)
        qsort(users->list, users->count, sizeof(*users->list), compare_users);
}

/* Each program once, so that it can be taken away by its name. */
static bool join_apps(struct users *users, const struct lines *lines)
{
    if (users->app_count > 0)
        qsort(users->apps, users->app_count, sizeof(*users->apps), compare_apps);
    add_users_of_apps(users);
    for (unsigned i = 0; i < users->app_count; i++) {
        const struct app *app = &users->apps[i];
        struct user *user = find_user(users, app->user);

        if (i > 0 && compare_apps(app, app - 1) == 0)
            return lines_refuse(lines, app->line > app[-1].line ? app->line : app[-1].line,
                                "this user has an app password of this name already");
        if (user->kind == USER_INLINE)
            continue; /* he hides all that the file says of him */
        if (user->app_count == 0)
            user->first_app = i;
        if (++user->app_count > APPS_OF_USER_MAX)
            return lines_refuse(lines, app->line, "more than 64 app passwords of one user");
    }
    return true;
}

/* ---- users of the command line ---- */

static bool add_inline(struct users *users, const struct inline_user *given, struct buf *why)
{
    if (given->name.len == 0 || given->name.len > AUTH_NAME_BYTES_MAX || !text_is_plain(given->name)) {
        buf_printf(why, "user: a name is UTF-8 without control characters, 1 to %u bytes", AUTH_NAME_BYTES_MAX);
        return false;
    }
    if (given->password.len > AUTH_PASSWORD_BYTES_MAX || !text_is_plain(given->password)) {
        buf_printf(why, "user %.*s: a password is UTF-8 without control characters, at most %u bytes",
                   SLICE_FMT(given->name), AUTH_PASSWORD_BYTES_MAX);
        return false;
    }
    add_user(users, (struct user){.name = arena_slice(&users->arena, given->name),
                                  .kind = USER_INLINE,
                                  .inline_hash = keyed_claim(users->key, 0, given->name, given->password)});
    return true;
}

static bool load_passwords(struct users *users, const struct site *site, struct buf *why)
{
    struct lines lines = {.path = site->users_file, .context = users, .why = why};

    if (site->users_file && !lines_read(&lines, take_line))
        return false;
    for (unsigned i = 0; i < site->user_count; i++) {
        if (!add_inline(users, &site->users[i], why))
            return false;
    }
    return (users->count == 0 || drop_doubles(users, &lines)) && join_apps(users, &lines);
}

/* As challenges tell it: without control characters, whose place in a field nobody agrees on. */
static struct slice realm_of(const struct site *site, struct arena *arena)
{
    char *out = arena_alloc(arena, site->name.len + 1);
    size_t len = 0;

    for (size_t i = 0; i < site->name.len; i++) {
        unsigned char c = (unsigned char)site->name.ptr[i];

        if (c >= 0x20 && c != 0x7f)
            out[len++] = (char)c;
    }
    return len ? slice_of(out, len) : SLICE("samovar");
}

struct users *users_load(const struct site *site, struct buf *why)
{
    struct users *users = xcalloc(1, sizeof(*users));

    atomic_init(&users->refs, 1);
    users->generation = atomic_fetch_add(&generations, 1) + 1;
    random_bytes(users->key, sizeof(users->key));
    users->realm = realm_of(site, &users->arena);
    if (load_passwords(users, site, why) && digest_users_load(site, users->realm, &users->digest, why) &&
        bearer_load(site, &users->bearer, why) && groups_load(site, &users->groups, why))
        return users;
    users_unref(users);
    return NULL;
}

struct users *users_ref(struct users *users)
{
    if (users)
        atomic_fetch_add_explicit(&users->refs, 1, memory_order_relaxed);
    return users;
}

void users_unref(struct users *users)
{
    if (!users || atomic_fetch_sub_explicit(&users->refs, 1, memory_order_acq_rel) != 1)
        return;
    digest_users_free(users->digest);
    bearer_free(users->bearer);
    groups_free(users->groups);
    arena_release(&users->arena);
    free(users->list);
    free(users->apps);
    explicit_bzero(users, sizeof(*users));
    free(users);
}

bool users_know(const struct users *users, struct slice name)
{
    bool is_known = find_user(users, name) != NULL;

    for (unsigned i = 0; users->digest && i < DIGEST_ALGORITHMS && !is_known; i++)
        digest_users_secret(users->digest, name, (enum digest_algorithm)i, &is_known);
    return is_known;
}

unsigned users_count(const struct users *users)
{
    return users->count;
}

uint64_t users_generation(const struct users *users)
{
    return users->generation;
}

/*
 * Whose password is judged in the place of one who has none: the same one for a name every time, chosen under a secret
 * key. So unknown names take the times that known ones take, also where the file mixes quick and slow forms; always the
 * slowest form would tell the quick users apart. NULL: nobody has one.
 */
static const struct user *stand_in(const struct users *users, struct slice name)
{
    struct keyed_hash hash = keyed_claim(users->key, 1, name, SLICE_NONE);
    uint64_t number;

    memcpy(&number, hash.bytes, sizeof(number));
    for (unsigned i = 0; i < users->count; i++) {
        const struct user *user = &users->list[(number % users->count + i) % users->count];

        if (user->kind != USER_OF_APPS)
            return user;
    }
    return NULL;
}

static WORKER_SIDE bool is_own_password(const struct users *users, const struct user *user, struct slice name,
                                        struct slice password)
{
    struct keyed_hash got;

    if (user->kind == USER_OF_FILE)
        return password_matches(user->hash, password);
    got = keyed_claim(users->key, 0, name, password);
    return keyed_eq(&got, &user->inline_hash);
}

static bool is_of_app(const struct users *users, const struct user *user, struct slice password)
{
    for (unsigned i = 0; user && i < user->app_count; i++) {
        if (app_hash_matches(&users->apps[user->first_app + i].hash, password))
            return true;
    }
    return false;
}

enum auth_result users_verify(const struct users *users, struct slice name, struct slice password)
{
    const struct user *judged, *known;
    bool is_apps, is_right;

    if (users->count == 0 || name.len > AUTH_NAME_BYTES_MAX || password.len > AUTH_PASSWORD_BYTES_MAX ||
        !text_is_plain(password))
        return AUTH_WRONG;
    known = find_user(users, name);
    judged = known && known->kind != USER_OF_APPS ? known : stand_in(users, name);
    is_apps = is_of_app(users, known ? known : judged, password); /* of a stand-in: for its time alone */
    if (known && is_apps)
        return AUTH_OK;
    is_right = judged && is_own_password(users, judged, name, password);
    return judged == known && is_right ? AUTH_OK : AUTH_WRONG;
}
