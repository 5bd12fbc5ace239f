/*
 * store.c - opening and closing the served folder, and asking what is at a path.
 */
#include "core.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/names.h"
#include "bindings.h"
#include "facts.h"
#include "derived_private.h"
#include "history_private.h"
#include "keep.h"
#include "update_note.h"
#include "quota_private.h"
#include "propset.h"
#include "refuse.h"
#include "resolve.h"
#include "since_private.h"
#include "trash.h"
#include "writelock_private.h"

enum {
    /*
     * Above the slowest usual clock tick, 1/100 s, with room. Kernels whose times are finer (6.13) need it as well:
     * a write sets the time first and copies its octets after, so for a moment the new time goes with the old octets.
     */
    TICK_MS = 20,
    TICK_REMOTE_MS = 2000, /* vfat counts two seconds, others whole ones */
};

/* What linux/magic.h of this age does not name. */
enum { MAGIC_FUSE = 0x65735546, MAGIC_CIFS = (int)0xff534d42, MAGIC_SMB2 = (int)0xfe534d42, MAGIC_CEPH = 0x00c36400 };

void store_notice(struct store *store, const char *format, ...)
{
    char line[512];
    va_list args;

    if (!store->options.notice)
        return;
    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    store->options.notice(line);
}

bool store_is_lacking(struct store *store, enum missing what)
{
    return atomic_load(&store->is_told[what]);
}

void store_lacks(struct store *store, enum missing what)
{
    static const char *const lines[MISSING_COUNT] = {
        [MISSING_TMPFILE] = "no unnamed files here: uploads are named files in the state folder until they are whole",
        [MISSING_EXCHANGE] = "no exchange of names here: a write by others in the same microsecond may be lost",
        [MISSING_LINK] = "no hard links here: new files are renamed into place",
        [MISSING_NOREPLACE] = "no exclusive rename here: new files replace an empty placeholder",
        [MISSING_FOLDER_SYNC] = "folders cannot be synced here: acknowledged names may be lost in a power cut",
        [MISSING_XATTR] = "no extended attributes here: a lost disk is noticed only by the next sync",
        [MISSING_RECORDS] = "no durable records on this file system: identities last until the server stops",
        [MISSING_UP] = "part of the tree is on another volume: uploads there wait beside their target",
    };

    if (!atomic_exchange(&store->is_told[what], true))
        store_notice(store, "%s: %s", store->root_path, lines[what]);
}

enum err store_fail(struct store *store, const char *what)
{
    if (!atomic_exchange(&store->is_read_only, true)) {
        atomic_fetch_add(&store->share.page->failures, 1);
        store_notice(store, "%s: %s; the site is read-only from now on", store->root_path, what);
    }
    return ERR_IO;
}

static int magic_of(int fd)
{
    struct statfs got;

    return fstatfs(fd, &got) == 0 ? (int)got.f_type : 0;
}

static bool is_remote_kind(int magic)
{
    return magic == NFS_SUPER_MAGIC || magic == MAGIC_FUSE || magic == MAGIC_CIFS || magic == MAGIC_SMB2 ||
           magic == MAGIC_CEPH || magic == V9FS_MAGIC;
}

bool volume_reports_changes(int fd)
{
    int magic = magic_of(fd);

    return !is_remote_kind(magic) && magic != OVERLAYFS_SUPER_MAGIC;
}

/* What kind of file system this is decides how far its times, births and notifications can be trusted. */
static void probe(struct store *store, const struct statx *root)
{
    int magic = magic_of(store->root);
    bool is_remote = is_remote_kind(magic);
    bool is_overlay = magic == OVERLAYFS_SUPER_MAGIC; /* birth changes when a file is copied up */

    store->has_btime = root->stx_mask & STATX_BTIME && !is_remote && !is_overlay && magic != MSDOS_SUPER_MAGIC;
    store->reports_changes = volume_reports_changes(store->root);
    if (is_remote || magic == MSDOS_SUPER_MAGIC)
        store->tick_ns = (int64_t)TICK_REMOTE_MS * 1000000;
    else
        store->tick_ns = (int64_t)TICK_MS * 1000000;
    if (is_remote)
        store_lacks(store, MISSING_RECORDS);
}

/* Until a site record says otherwise, the salt follows from the root itself: the same over restarts. */
static void derive_site(struct store *store)
{
    struct hash_key fixed = {0x73616d6f76617221u, 0x736974652d6b6579u};
    uint64_t of[3] = {store->root_inode.ino, (uint64_t)store->root_inode.btime_ns, 1};
    struct hash128 hash = hash128(&fixed, slice_of((const char *)of, sizeof(of)));

    memcpy(&store->salt, hash.bytes, sizeof(store->salt));
    of[2] = 2;
    hash = hash128(&fixed, slice_of((const char *)of, sizeof(of)));
    memcpy(store->site_id, hash.bytes, sizeof(store->site_id));
}

static enum err open_root(struct store *store, const char *root, struct buf *why)
{
    char *resolved = realpath(root, NULL);
    struct stat got;
    struct statx facts;
    int probe_fd;

    store->root_path = resolved ? resolved : xstrdup(slice_str(root));
    store->root = open(store->root_path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (store->options.shared)
        store->root_held = fd_take(&store->options.shared->root);
    else
        store->root_held = open(store->root_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (store->root < 0 || store->root_held < 0 || fstat(store->root, &got) < 0 ||
        statx(store->root, "", AT_EMPTY_PATH, FACTS_MASK, &facts) < 0) {
        enum err err = err_from_errno(errno);
        buf_printf(why, "%s cannot be served: %s", root, strerror(errno));
        return err;
    }
    if (store->options.shared &&
        (store->options.shared->dev != got.st_dev || store->options.shared->ino != got.st_ino)) {
        buf_printf(why, "%s is not the folder that the server that runs serves", root);
        return ERR_INVALID;
    }
    probe_fd = open_beneath(store->root, "", O_PATH | O_DIRECTORY);
    if (probe_fd < 0) {
        buf_add_str(why, "this kernel cannot keep paths inside a folder (openat2, Linux 5.6)");
        return ERR_UNSUPPORTED;
    }
    close(probe_fd);
    store->root_dev = got.st_dev;
    store->root_ino = got.st_ino;
    probe(store, &facts);
    store->root_inode = inode_of(store, &facts);
    derive_site(store);
    return ERR_NONE;
}

static void judge_writable(struct store *store)
{
    struct statvfs got;

    if (store->options.read_only)
        atomic_store(&store->is_read_only, true);
    else if (fstatvfs(store->root_held, &got) == 0 && got.f_flag & ST_RDONLY)
        atomic_store(&store->is_read_only, true);
    else if (faccessat(store->root_held, ".", W_OK, AT_EACCESS) < 0)
        atomic_store(&store->is_read_only, true);
    store->was_read_only = atomic_load(&store->is_read_only);
}

static enum err set_state_path(struct store *store, const char *elsewhere, struct buf *why)
{
    const struct store_shared *shared = store->options.shared;
    struct buf path = BUF_INIT(2 * PATH_ROOM);

    store->state.is_elsewhere = elsewhere != NULL;
    if (elsewhere && elsewhere[0] == '/')
        buf_add_str(&path, elsewhere);
    else if (elsewhere) {
        char here[PATH_ROOM];
        buf_printf(&path, "%s/%s", getcwd(here, sizeof(here)) ? here : "", elsewhere);
    } else
        buf_printf(&path, "%s/%s", strcmp(store->root_path, "/") == 0 ? "" : store->root_path, STATE_NAME);
    store->state.path = buf_take(&path);
    if (!shared || strcmp(shared->state_path, store->state.path) == 0)
        return ERR_NONE;
    buf_printf(why, "the server that runs keeps its state in %s, this one would in %s: that needs a restart",
               shared->state_path, store->state.path);
    return ERR_INVALID;
}

/* The keeper's, a slice at a time. */
static bool chores(void *arg)
{
    struct store *store = arg;
    bool has_more = trash_empty_some(store);

    derived_trim(store);
    has_more |= bound_retext_some(store);
    return history_trim_some(store) || has_more;
}

static struct store *store_new(const struct store_options *options)
{
    struct store *store = xcalloc(1, sizeof(*store));

    store->options = *options;
    snprintf(store->run, sizeof(store->run), "%llx", (unsigned long long)clock_real_ns());
    store->share.fd = store->root = store->root_held = store->slash = -1;
    store->state.folder = store->state.lock = store->state.up = store->state.trash = store->state.history =
        store->state.derived = store->state.bound = store->state.stamp = -1;
    pthread_mutex_init(&store->state.mutex, NULL);
    pthread_mutex_init(&store->meta_mutex, NULL);
    pthread_mutex_init(&store->stamp_mutex, NULL);
    pthread_mutex_init(&store->bindings_mutex, NULL);
    lock_table_init(&store->locks, LOCK_BUCKETS);
    lock_table_init(&store->brew_locks, 1);
    store->writelocks = writelocks_new();
    trash_init(store);
    quota_init(store);
    since_init(store);
    history_init(store);
    derived_init(store);
    dictionary_places_init(store);
    keeper_init(&store->keeper, chores, store);
    return store;
}

/* Of another form: the one that runs is of another version, which does not do what we would rely on. */
static enum err say_cannot_share(struct store *store, struct buf *why)
{
    buf_printf(why,
               "%s cannot be taken over from the server that runs: the versions do not fit (stop it, then start this)",
               store->root_path);
    return ERR_UNSUPPORTED;
}

/* fd -1: alone again. */
static void locks_share(struct store *store, int fd)
{
    lock_table_share(&store->locks, fd);
    lock_table_share(&store->brew_locks, fd);
}

static enum err begin_sharing(struct store *store, struct buf *why)
{
    struct store_shared *shared = store->options.shared;
    enum err err = share_init(&store->share, shared ? fd_take(&shared->page) : -1);
    struct share_page *page = store->share.page;

    if (err != ERR_NONE || (shared && shared->form != RECORDS_FORM))
        return say_cannot_share(store, why);
    store->first_sequence = atomic_load(&page->sequence);
    store->failures = atomic_load(&page->failures);
    store->locks.key = store->brew_locks.key = page->key;
    if (!shared)
        return ERR_NONE;
    share_live(&store->share, true);
    locks_share(store, store->share.fd);
    store->state.lock = fd_take(&shared->state);
    if (shared->is_read_only != store->was_read_only) {
        buf_printf(why, "%s is %s by the server that runs: that needs a restart", store->root_path,
                   shared->is_read_only ? "served read-only" : "written");
        return ERR_INVALID;
    }
    return ERR_NONE;
}

enum err store_open(const struct store_options *options, struct store **out, struct buf *why)
{
    struct store *store = store_new(options);
    enum err err = open_root(store, options->root, why);

    if (err != ERR_NONE)
        goto fail;
    judge_writable(store);
    err = begin_sharing(store, why);
    if (err != ERR_NONE)
        goto fail;
    store->mask = umask(0); /* there is one thread yet */
    umask(store->mask);
    if (options->names == NAMES_NFC && !names_can_nfc()) {
        buf_add_str(why, "`names = nfc` needs a build with utf8proc");
        err = ERR_UNSUPPORTED;
        goto fail;
    }
    if (options->symlinks == SYMLINKS_ANYWHERE)
        store->slash = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    err = set_state_path(store, options->state, why);
    refuse_init(store, options->refused_files);
    if (err == ERR_NONE)
        err = state_hold_root(store, why);
    if (err == ERR_NONE)
        err = state_start(store, why);
    if (err == ERR_NONE)
        err = records_start(store, why);
    if (err != ERR_NONE)
        goto fail;
    writelocks_start(store);
    *out = store;
    return ERR_NONE;
fail:
    store_close(store);
    return err;
}

void store_begin(struct store *store)
{
    writelocks_settle(store);
    if (!atomic_load(&store->share.is_shared)) {
        update_notes_finish(store, true);
        keep_finish(store, true);
    }
    quota_begin(store);
    if (atomic_load(&store->state.is_made) && !atomic_load(&store->share.is_shared))
        trash_look(store);
}

enum err store_share(struct store *store, struct store_shared *out)
{
    enum err err;

    *out = (struct store_shared){.root = store->root_held,
                                 .page = -1,
                                 .dev = store->root_dev,
                                 .ino = store->root_ino,
                                 .state_path = store->state.path,
                                 .is_read_only = store->was_read_only,
                                 .form = RECORDS_FORM};
    if (store_is_lacking(store, MISSING_RECORDS)) /* what is remembered of identities is in our memory alone */
        store_notice(store, "%s: identities are not handed over", store->root_path);
    pthread_mutex_lock(&store->share.mutex);
    err = share_give(&store->share, &out->page);
    if (err == ERR_NONE) {
        atomic_store(&store->share.is_shared, true);
        share_live(&store->share, true);
        locks_share(store, store->share.fd);
        records_share(store, true);
        writelocks_share(store);
        out->state = state_lock_fd(store);
    }
    pthread_mutex_unlock(&store->share.mutex);
    return err;
}

bool store_unshare(struct store *store)
{
    bool is_alone;

    pthread_mutex_lock(&store->share.mutex);
    is_alone = !atomic_load(&store->share.is_shared);
    if (!is_alone && !share_has_others(&store->share)) {
        is_alone = true;
        state_own(store);
        locks_share(store, -1);
        records_share(store, false);
        share_live(&store->share, false);
        atomic_store(&store->share.is_shared, false);
        history_own(store);
    }
    pthread_mutex_unlock(&store->share.mutex);
    return is_alone;
}

void store_close(struct store *store)
{
    if (!store)
        return;
    quota_stop(store);
    writelocks_stop(store);
    if (atomic_load(&store->share.is_shared)) /* others may make files in the tick of what lingers */
        usleep(LINGER_MS * 1000);
    keeper_release(&store->keeper); /* its thread may be emptying the trash, and the records with it */
    records_stop(store);
    since_stop(store);
    trash_release(store);
    state_stop(store);
    refuse_release(store);
    lock_table_release(&store->locks);
    lock_table_release(&store->brew_locks);
    writelocks_free(store->writelocks);
    pthread_mutex_destroy(&store->meta_mutex);
    pthread_mutex_destroy(&store->stamp_mutex);
    pthread_mutex_destroy(&store->bindings_mutex);
    fd_close(&store->root);
    fd_close(&store->root_held);
    fd_close(&store->slash);
    share_release(&store->share);
    free(store->root_path);
    free(store);
}

bool store_is_read_only(const struct store *store)
{
    return atomic_load(&store->is_read_only) || atomic_load(&store->share.page->failures) != store->failures;
}

bool store_has_failed(const struct store *store)
{
    return store_is_read_only(store) && !store->was_read_only;
}

bool store_reports_changes(const struct store *store)
{
    return store->reports_changes;
}

bool store_is_shared(const struct store *store)
{
    return atomic_load(&store->share.is_shared);
}

const char *store_root_path(const struct store *store)
{
    return store->root_path;
}

const char *store_state_path(const struct store *store)
{
    return store->state.path;
}

static void floor_of(struct store *store, const struct plain *plain, struct facts *facts)
{
    struct rpath path = {.text = slice_of(plain->text, plain->len)};
    struct slice folder = rpath_parent(path).text;
    char text[PATH_ROOM];

    if (plain->is_outside || !propset_has_floors(store))
        return;
    memcpy(text, folder.ptr ? folder.ptr : "", folder.len);
    text[folder.len] = '\0';
    floor_apply(store, text, rpath_leaf(path), facts);
}

static enum err facts_at(struct store *store, struct rpath path, int fd, const struct plain *plain, struct facts *facts)
{
    enum err err = facts_of_fd(store, fd, facts);

    facts->through_symlink = plain->through_symlink;
    if (!plain->is_outside)
        bound_mark(facts, slice_of(plain->text, plain->len));
    if (err == ERR_NONE && facts->kind == KIND_FILE)
        floor_of(store, plain, facts);
    if (err == ERR_NONE && path.has_slash && facts->kind == KIND_FILE)
        return ERR_NOT_FOLDER;
    return err;
}

enum err store_find(struct store *store, struct rpath path, struct facts *facts)
{
    struct plain plain;
    FD_GUARD fd = -1;
    enum err err = resolve_open(store, path.text, O_PATH, &fd, &plain);

    return err == ERR_NONE ? facts_at(store, path, fd, &plain, facts) : err;
}

enum err store_open_file(struct store *store, struct rpath path, int *out, struct facts *facts)
{
    struct plain plain;
    FD_GUARD fd = -1;
    enum err err = resolve_open(store, path.text, O_RDONLY | O_NONBLOCK | O_NOCTTY, &fd, &plain);

    *out = -1;
    if (err == ERR_NONE)
        err = facts_at(store, path, fd, &plain, facts);
    if (err == ERR_NONE)
        *out = fd_take(&fd);
    return err;
}

void store_close_file(struct store *store, int fd, const struct facts *facts)
{
    keeper_close(&store->keeper, fd, facts ? facts->born_ns : 0);
}

void store_describe(struct store *store, struct buf *out)
{
    buf_printf(out, "root: %s\nstate: %s%s\n", store->root_path, store->state.path,
               atomic_load(&store->state.is_made) ? "" : " (not made yet)");
    if (atomic_load(&store->share.is_shared))
        buf_add_str(out, "shared: with a server that takes over, or leaves\n");
    buf_printf(out, "read-only: %s\nreports changes: %s\nclock tick: %lld ms\n",
               store_is_read_only(store) ? "yes" : "no", store->reports_changes ? "yes" : "no",
               (long long)(store->tick_ns / 1000000));
}
