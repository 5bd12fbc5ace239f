/*
 * meta_lmdb.c - records in LMDB.
 *
 * Full sync: a commit that returned is on the disk. Readers block nobody and are blocked by nobody; each
 * call has a transaction of its own, which ends with it. One database, no write map, and a map so large
 * that it never has to grow while it is open: address space is all that this costs.
 */
#include "meta.h"

#include <errno.h>
#include <lmdb.h>
#include <stdlib.h>
#include <sys/statvfs.h>

#include "base/clock.h"
#include "sync.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define IS_SANITIZED 1
#endif
#endif

enum {
#if UINTPTR_MAX == UINT32_MAX
    MAP_GIB = 1,
#elif defined(IS_SANITIZED)
    MAP_GIB = 16, /* their shadow takes the rest */
#else
    MAP_GIB = 64,
#endif
    READERS_MAX = 1024,     /* far above the number of threads */
    CHECK_EVERY_MS = 60000, /* slots of readers that died */
    FULL_BELOW = 1 << 20    /* octets free: a write that was cut short was so for want of them */
};

struct lmdb {
    MDB_env *env;
    MDB_dbi dbi;
    bool is_read_only;
    uint64_t checked_ms; /* writer's */
};

static enum err err_from_mdb(int code)
{
    switch (code) {
    case MDB_SUCCESS:
        return ERR_NONE;
    case MDB_NOTFOUND:
        return ERR_MISSING;
    case MDB_MAP_FULL:
        return ERR_NO_SPACE;
    case MDB_READERS_FULL:
        return ERR_TOO_MANY;
    case MDB_BAD_VALSIZE:
        return ERR_TOO_LONG;
    case MDB_CORRUPTED:
    case MDB_INVALID:
    case MDB_PAGE_NOTFOUND:
    case MDB_PANIC:
    case MDB_VERSION_MISMATCH:
        return ERR_DAMAGED;
    default:
        return code > 0 ? err_from_errno(code) : ERR_IO;
    }
}

static MDB_val val_of(struct slice text)
{
    return (MDB_val){.mv_size = text.len, .mv_data = (void *)(uintptr_t)text.ptr};
}

static struct slice slice_of_val(MDB_val val)
{
    return slice_of(val.mv_data, val.mv_size);
}

static enum err lmdb_get(void *back, struct slice key, struct buf *value)
{
    struct lmdb *lmdb = back;
    MDB_val wanted = val_of(key), got;
    MDB_txn *txn;
    int code = mdb_txn_begin(lmdb->env, NULL, MDB_RDONLY, &txn);

    if (code)
        return err_from_mdb(code);
    code = mdb_get(txn, lmdb->dbi, &wanted, &got);
    if (code == 0)
        buf_add(value, slice_of_val(got));
    mdb_txn_abort(txn);
    return err_from_mdb(code);
}

static int scan_from(MDB_cursor *cursor, struct slice prefix, struct slice after, unsigned max, struct meta_batch *out)
{
    MDB_val key = val_of(after.len ? after : prefix), value;
    int code = mdb_cursor_get(cursor, &key, &value, key.mv_size ? MDB_SET_RANGE : MDB_FIRST);

    if (code == 0 && after.len && slice_eq(slice_of_val(key), after))
        code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
    while (code == 0 && slice_starts(slice_of_val(key), prefix)) {
        if (out->count == max) {
            out->has_more = true;
            break;
        }
        out->entries[out->count++] = (struct meta_entry){arena_slice(&out->arena, slice_of_val(key)),
                                                         arena_slice(&out->arena, slice_of_val(value))};
        code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
    }
    return code == MDB_NOTFOUND ? 0 : code;
}

static enum err lmdb_scan(void *back, struct slice prefix, struct slice after, unsigned max, struct meta_batch *out)
{
    struct lmdb *lmdb = back;
    MDB_cursor *cursor;
    MDB_txn *txn;
    int code = mdb_txn_begin(lmdb->env, NULL, MDB_RDONLY, &txn);

    if (code)
        return err_from_mdb(code);
    code = mdb_cursor_open(txn, lmdb->dbi, &cursor);
    if (code == 0) {
        code = scan_from(cursor, prefix, after, max, out);
        mdb_cursor_close(cursor);
    }
    mdb_txn_abort(txn);
    return err_from_mdb(code);
}

static int apply(const struct lmdb *lmdb, MDB_txn *txn, const struct meta_change *change)
{
    MDB_val key = val_of(change->key), value = val_of(change->value);
    int code;

    if (!change->is_drop)
        return mdb_put(txn, lmdb->dbi, &key, &value, 0);
    code = mdb_del(txn, lmdb->dbi, &key, NULL);
    return code == MDB_NOTFOUND ? 0 : code;
}

static void check_readers(struct lmdb *lmdb)
{
    uint64_t now = clock_mono_ms();
    int dead;

    if (now - lmdb->checked_ms < CHECK_EVERY_MS)
        return;
    lmdb->checked_ms = now;
    mdb_reader_check(lmdb->env, &dead);
}

/* After a failed write of its own root page the library refuses all until it is opened anew. */
static bool is_dead(struct lmdb *lmdb)
{
    MDB_txn *txn;
    int code = mdb_txn_begin(lmdb->env, NULL, MDB_RDONLY, &txn);

    if (code == 0)
        mdb_txn_abort(txn);
    return code == MDB_PANIC;
}

/* The library tells of a write that a full disk cut short as of one that failed (EIO). */
static bool is_cut_short(struct lmdb *lmdb, int code)
{
    struct statvfs got;
    mdb_filehandle_t fd;

    return code == EIO && mdb_env_get_fd(lmdb->env, &fd) == 0 && fstatvfs(fd, &got) == 0 &&
           (uint64_t)got.f_bavail * got.f_frsize < FULL_BELOW;
}

static enum err lmdb_commit(void *back, const struct meta_change *changes, size_t count)
{
    struct lmdb *lmdb = back;
    uint64_t began_ns;
    MDB_txn *txn;
    int code;

    if (lmdb->is_read_only)
        return ERR_READ_ONLY;
    check_readers(lmdb);
    code = mdb_txn_begin(lmdb->env, NULL, 0, &txn);
    if (code)
        return err_from_mdb(code);
    for (size_t i = 0; i < count && code == 0; i++)
        code = apply(lmdb, txn, &changes[i]);
    began_ns = clock_mono_ns();
    if (code == 0) {
        code = mdb_txn_commit(txn);
        sync_was_done(began_ns, code == 0);
    } else {
        mdb_txn_abort(txn);
    }
    if (code && is_dead(lmdb))
        return ERR_DAMAGED;
    return is_cut_short(lmdb, code) ? ERR_NO_SPACE : err_from_mdb(code);
}

static void lmdb_close(void *back)
{
    struct lmdb *lmdb = back;

    mdb_env_close(lmdb->env);
    free(lmdb);
}

static int open_dbi(struct lmdb *lmdb)
{
    MDB_txn *txn;
    int code = mdb_txn_begin(lmdb->env, NULL, lmdb->is_read_only ? MDB_RDONLY : 0, &txn);

    if (code)
        return code;
    code = mdb_dbi_open(txn, NULL, 0, &lmdb->dbi);
    if (code == 0)
        return mdb_txn_commit(txn);
    mdb_txn_abort(txn);
    return code;
}

/* Address space may be limited (ulimit -v): then a smaller map has to do. */
static int open_env(struct lmdb *lmdb, const char *path)
{
    unsigned flags = MDB_NOTLS | (lmdb->is_read_only ? MDB_RDONLY | MDB_NOLOCK : 0);
    int code = ENOMEM;

    for (size_t gib = MAP_GIB; gib && code == ENOMEM; gib /= 4) {
        code = mdb_env_create(&lmdb->env);
        if (code)
            return code;
        mdb_env_set_mapsize(lmdb->env, gib << 30);
        mdb_env_set_maxreaders(lmdb->env, READERS_MAX);
        code = mdb_env_open(lmdb->env, path, flags, 0600);
        if (code)
            mdb_env_close(lmdb->env);
    }
    return code;
}

enum err meta_lmdb_open(const char *path, bool is_read_only, struct meta_back *out, struct buf *why)
{
    static const struct meta_ops ops = {lmdb_get, lmdb_scan, lmdb_commit, lmdb_close};
    struct lmdb *lmdb = xcalloc(1, sizeof(*lmdb));
    int code, dead;

    lmdb->is_read_only = is_read_only;
    code = open_env(lmdb, path);
    if (code == 0 && (code = open_dbi(lmdb)) != 0)
        mdb_env_close(lmdb->env);
    if (code) {
        buf_printf(why, "the records in %s cannot be opened: %s", path, mdb_strerror(code));
        free(lmdb);
        return err_from_mdb(code);
    }
    if (!is_read_only)
        mdb_reader_check(lmdb->env, &dead);
    lmdb->checked_ms = clock_mono_ms();
    *out = (struct meta_back){&ops, lmdb};
    return ERR_NONE;
}
