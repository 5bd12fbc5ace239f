/*
 * users.c - a site's users, and whether a password is theirs.
 *
 * A sorted array, made once. An inline user's password is kept as an HMAC under a key of this set, so a
 * look into our memory shows no password; that judgement is quick, the file's are as slow as their forms.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/hash.h"
#include "keyed.h"
#include "password.h"
#include "scheme.h"
#include "users.h"

/* A hundred thousand users of 160 bytes each. */
#define FILE_BYTES_MAX (16u << 20)

struct user {
    struct slice name;
    const char *hash; /* of the file; NULL for an inline one */
    struct keyed_hash inline_hash;
    unsigned line; /* in the file */
};

struct users {
    atomic_uint refs;
    uint64_t generation;
    unsigned char key[KEYED_BYTES]; /* for inline passwords, and to choose a stand-in */
    struct user *list;
    unsigned count, room;
    struct arena arena;
};

/* What is being read, for messages. */
struct reading {
    struct users *users;
    const char *path;
    struct buf *why;
};

static atomic_uint_fast64_t generations;

static bool refuse(const struct reading *r, unsigned line, const char *what)
{
    buf_printf(r->why, "%s:%u: %s", r->path, line, what);
    return false;
}

static void add_user(struct users *users, struct user user)
{
    if (users->count == users->room) {
        users->room = users->room ? users->room * 2 : 16;
        users->list = xrealloc(users->list, users->room * sizeof(*users->list));
    }
    users->list[users->count++] = user;
}

static bool read_hash(const struct reading *r, unsigned line, struct slice name, struct slice hash)
{
    /* further fields, as in a shadow file, say nothing to us */
    hash = slice_trim(slice_upto(hash, slice_index(hash, ':')));
    if (password_kind(hash) == PASSWORD_PLAIN_SHA1)
        return refuse(r, line, "{SHA} is no safe form of a password; make it anew with htpasswd -B");
    if (password_kind(hash) == PASSWORD_UNKNOWN)
        return refuse(r, line,
                      "no password form that is read here (yescrypt, bcrypt, apr1, sha512-crypt, "
                      "sha256-crypt); plain text is refused");
    add_user(r->users, (struct user){.name = arena_slice(&r->users->arena, name),
                                     .hash = arena_str(&r->users->arena, hash),
                                     .line = line});
    return true;
}

static bool read_line(const struct reading *r, unsigned line, struct slice text)
{
    struct slice name, hash;

    if (slice_ends(text, SLICE("\r")))
        text.len--;
    text = slice_trim(text);
    if (slice_is_empty(text) || text.ptr[0] == '#')
        return true;
    if (!slice_cut(text, ':', &name, &hash) || slice_is_empty(name))
        return refuse(r, line, "not NAME:HASH");
    if (name.len > AUTH_NAME_BYTES_MAX || !text_is_plain(name))
        return refuse(r, line, "a name is UTF-8 without control characters, at most 255 bytes");
    return read_hash(r, line, name, hash);
}

static bool read_lines(const struct reading *r, struct slice text)
{
    for (unsigned line = 1; text.len > 0; line++) {
        size_t end = slice_index(text, '\n');

        if (!read_line(r, line, slice_upto(text, end)))
            return false;
        text = slice_from(text, end + 1);
    }
    return true;
}

static bool check_file(const struct reading *r, int fd)
{
    struct stat st;

    if (fstat(fd, &st) != 0) {
        buf_printf(r->why, "%s: %s", r->path, strerror(errno));
        return false;
    }
    if (!S_ISREG(st.st_mode)) {
        buf_printf(r->why, "%s: not a file", r->path);
        return false;
    }
    if (st.st_mode & S_IWOTH) { /* whoever may write it may become any user */
        buf_printf(r->why, "%s: everybody on this system may write it; chmod o-w it first", r->path);
        return false;
    }
    return true;
}

static bool slurp(const struct reading *r, int fd, struct buf *text)
{
    for (;;) {
        char *at = buf_reserve(text, 64u << 10);
        ssize_t got;

        if (!at) {
            buf_printf(r->why, "%s: larger than %u MiB", r->path, FILE_BYTES_MAX >> 20);
            return false;
        }
        got = read(fd, at, 64u << 10);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            buf_printf(r->why, "%s: %s", r->path, strerror(errno));
            return false;
        }
        if (got == 0)
            return true;
        buf_grown(text, (size_t)got);
    }
}

static bool read_file(const struct reading *r)
{
    FD_GUARD fd = open(r->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK); /* a FIFO must not hold us */
    struct buf text = BUF_INIT(FILE_BYTES_MAX + (64u << 10));
    bool is_good;

    if (fd < 0) {
        buf_printf(r->why, "%s: %s", r->path, strerror(errno));
        return false;
    }
    is_good = check_file(r, fd) && slurp(r, fd, &text) && read_lines(r, buf_slice(&text));
    buf_release(&text);
    return is_good;
}

static int compare_users(const void *a, const void *b)
{
    const struct user *x = a, *y = b;

    return slice_cmp(x->name, y->name);
}

/* One entry a name: an inline one hides the file's; a name twice in the file is a mistake to be told. */
static bool drop_doubles(const struct reading *r)
{
    struct users *users = r->users;
    unsigned kept = 0;

    qsort(users->list, users->count, sizeof(*users->list), compare_users);
    for (unsigned i = 0; i < users->count; i++) {
        struct user *user = &users->list[i], *last = kept ? &users->list[kept - 1] : NULL;

        if (!last || !slice_eq(last->name, user->name)) {
            users->list[kept++] = *user;
            continue;
        }
        if (last->hash && user->hash)
            return refuse(r, last->line > user->line ? last->line : user->line, "this name was given before");
        if (last->hash)
            *last = *user;
    }
    users->count = kept;
    return true;
}

static bool add_inline(const struct reading *r, const struct inline_user *given)
{
    struct users *users = r->users;

    if (given->name.len == 0 || given->name.len > AUTH_NAME_BYTES_MAX || !text_is_plain(given->name)) {
        buf_printf(r->why, "user: a name is UTF-8 without control characters, 1 to %u bytes", AUTH_NAME_BYTES_MAX);
        return false;
    }
    if (given->password.len > AUTH_PASSWORD_BYTES_MAX || !text_is_plain(given->password)) {
        buf_printf(r->why, "user %.*s: a password is UTF-8 without control characters, at most %u bytes",
                   SLICE_FMT(given->name), AUTH_PASSWORD_BYTES_MAX);
        return false;
    }
    add_user(users, (struct user){.name = arena_slice(&users->arena, given->name),
                                  .inline_hash = keyed_claim(users->key, 0, given->name, given->password)});
    return true;
}

static bool load(const struct reading *r, const struct site *site)
{
    if (site->users_file && !read_file(r))
        return false;
    for (unsigned i = 0; i < site->user_count; i++) {
        if (!add_inline(r, &site->users[i]))
            return false;
    }
    return r->users->count == 0 || drop_doubles(r);
}

struct users *users_load(const struct site *site, struct buf *why)
{
    struct users *users = xcalloc(1, sizeof(*users));
    struct reading r = {users, site->users_file ? site->users_file : "", why};

    atomic_init(&users->refs, 1);
    users->generation = atomic_fetch_add(&generations, 1) + 1;
    random_bytes(users->key, sizeof(users->key));
    if (load(&r, site))
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
    arena_release(&users->arena);
    free(users->list);
    explicit_bzero(users, sizeof(*users));
    free(users);
}

unsigned users_count(const struct users *users)
{
    return users->count;
}

uint64_t users_generation(const struct users *users)
{
    return users->generation;
}

static const struct user *find_user(const struct users *users, struct slice name)
{
    struct user wanted = {.name = name};

    return bsearch(&wanted, users->list, users->count, sizeof(*users->list), compare_users);
}

/*
 * Who is judged in an unknown user's place: the same one for a name every time, chosen under a secret key.
 * So unknown names take the times that known ones take, also where the file mixes quick and slow forms;
 * always the slowest form would tell the quick users apart.
 */
static const struct user *stand_in(const struct users *users, struct slice name)
{
    struct keyed_hash hash = keyed_claim(users->key, 1, name, SLICE_NONE);
    uint64_t number;

    memcpy(&number, hash.bytes, sizeof(number));
    return &users->list[number % users->count];
}

enum auth_result auth_verify(struct users *users, struct slice name, struct slice password)
{
    const struct user *user, *known;
    bool is_right;

    if (!users_exist(users) || name.len > AUTH_NAME_BYTES_MAX || password.len > AUTH_PASSWORD_BYTES_MAX ||
        !text_is_plain(password))
        return AUTH_WRONG;
    known = find_user(users, name);
    user = known ? known : stand_in(users, name);
    if (user->hash) {
        is_right = password_matches(user->hash, password);
    } else {
        struct keyed_hash got = keyed_claim(users->key, 0, name, password);

        is_right = keyed_eq(&got, &user->inline_hash);
    }
    return known && is_right ? AUTH_OK : AUTH_WRONG;
}
