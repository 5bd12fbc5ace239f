/*
 * facts.c - facts and their validators.
 *
 * The tag of a file is a keyed hash of inode, birth, size and modification time: strong, because the
 * store's own contents are new inodes with a modification time of their own, and because the kernel moves
 * the time of everybody else's at each change, or at each clock tick: then a time within the last tick is
 * not yet a strong validator (storage rules, "ETag and times").
 */
#include "facts.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/clock.h"

enum { TAG_LEN = 26, FRESH_S = 2 };

struct inode inode_of(const struct store *store, const struct statx *from)
{
    bool has_btime = store->has_btime && from->stx_mask & STATX_BTIME;

    return (struct inode){.ino = from->stx_ino, .btime_ns = has_btime ? statx_ns(from->stx_btime) : 0};
}

/* 128 bits as 26 digits of base 32: short, and free of what HTTP or a file name would have to quote. */
static void tag_make(struct store *store, const struct statx *from, struct facts *facts)
{
    static const char digits[] = "0123456789abcdefghijklmnopqrstuv";
    struct inode inode = inode_of(store, from);
    uint64_t of[4] = {inode.ino, (uint64_t)inode.btime_ns, facts->size, (uint64_t)facts->modified_ns};
    struct hash128 hash = hash128(&store->salt, slice_of((const char *)of, sizeof(of)));
    unsigned bits = 0, have = 0, at = 0;

    for (unsigned i = 0; i < TAG_LEN; i++) {
        if (have < 5) {
            bits = (bits & ((1u << have) - 1)) << 8 | (at < 16 ? hash.bytes[at] : 0);
            at++;
            have += 8;
        }
        have -= 5;
        facts->tag[i] = digits[bits >> have & 31];
    }
    facts->tag_len = TAG_LEN;
}

static void judge_age(struct store *store, struct facts *facts)
{
    int64_t age = clock_real_ns() - facts->modified_ns;

    facts->is_fresh = age < (int64_t)FRESH_S * 1000000000;
    facts->is_weak = age < store->tick_ns && age > -store->tick_ns && !stamp_is_own(store, facts->modified_ns);
}

enum err facts_fill(struct store *store, const struct statx *from, struct facts *facts)
{
    *facts = (struct facts){
        .kind = S_ISDIR(from->stx_mode) ? KIND_FOLDER : KIND_FILE,
        .size = from->stx_size,
        .modified_ns = statx_ns(from->stx_mtime),
        .changed_ns = statx_ns(from->stx_ctime),
        .born_ns = from->stx_mask & STATX_BTIME ? statx_ns(from->stx_btime) : 0,
        .ino = from->stx_ino,
        .dev = statx_dev(from),
        .mode = from->stx_mode & 07777,
        .nlink = from->stx_nlink,
    };
    if (!S_ISDIR(from->stx_mode) && !S_ISREG(from->stx_mode))
        return ERR_MISSING;
    judge_age(store, facts);
    if (facts->kind == KIND_FILE)
        tag_make(store, from, facts);
    return ERR_NONE;
}

enum err facts_of_fd(struct store *store, int fd, struct facts *facts)
{
    struct statx got;

    if (statx(fd, "", AT_EMPTY_PATH | AT_NO_AUTOMOUNT, FACTS_MASK, &got) < 0)
        return err_from_errno(errno);
    return facts_fill(store, &got, facts);
}

enum err store_facts_of(struct store *store, int fd, struct facts *facts)
{
    return facts_of_fd(store, fd, facts);
}

bool facts_same_content(const struct facts *a, const struct facts *b)
{
    return a->kind == b->kind && a->ino == b->ino && a->dev == b->dev && a->born_ns == b->born_ns &&
           a->size == b->size && a->modified_ns == b->modified_ns;
}
