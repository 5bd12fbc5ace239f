/*
 * digest_check.c - `samovar check --content`: what is recorded of contents beside what the disk gives.
 */
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/fd.h"
#include "propset.h"
#include "store/digest.h"
#include "store/history.h"
#include "store/members.h"

enum { STRETCH = 256 * 1024 };

struct checking {
    struct store *store;
    bool (*is_enough)(void *arg, const struct content_check *now);
    void *arg;
    struct buf *out;
    struct content_check *result;
    EVP_MD_CTX *hash;
    unsigned char *room; /* STRETCH octets */
};

/* ERR_AGAIN: it is to stop. */
static enum err hash_file(struct checking *checking, int fd, unsigned char digest[EVP_MAX_MD_SIZE])
{
    off_t at = 0;

    posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED); /* what is in memory may be right where the disk is not */
    if (EVP_DigestInit_ex(checking->hash, EVP_sha256(), NULL) != 1)
        return ERR_TOO_MANY;
    for (;;) {
        ssize_t got = pread(fd, checking->room, STRETCH, at);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_from_errno(errno);
        if (got == 0)
            return EVP_DigestFinal_ex(checking->hash, digest, NULL) == 1 ? ERR_NONE : ERR_TOO_MANY;
        if (EVP_DigestUpdate(checking->hash, checking->room, (size_t)got) != 1)
            return ERR_TOO_MANY;
        at += got;
        checking->result->bytes += (uint64_t)got;
        if (checking->is_enough && checking->is_enough(checking->arg, checking->result))
            return ERR_AGAIN;
    }
}

static void tell(struct checking *checking, struct slice path, uint64_t number, const char *what,
                 const unsigned char *recorded, const unsigned char *found)
{
    struct buf *out = checking->out;
    char hex[2 * SHA256_LEN + 1] = "";

    buf_printf(out, "/%.*s: ", SLICE_FMT(path));
    if (number)
        buf_printf(out, "earlier content %llu ", (unsigned long long)number);
    buf_add_str(out, what);
    if (found) {
        hex_encode(hex, recorded, SHA256_LEN);
        buf_printf(out, "; recorded sha-256 %s", hex);
        hex_encode(hex, found, SHA256_LEN);
        buf_printf(out, ", found %s", hex);
    }
    buf_add_char(out, '\n');
}

/* number 0: the content of now. */
static enum err compare(struct checking *checking, struct slice path, uint64_t number, int fd,
                        const unsigned char recorded[SHA256_LEN], uint64_t *good)
{
    unsigned char found[EVP_MAX_MD_SIZE];
    enum err err = hash_file(checking, fd, found);

    if (err == ERR_AGAIN)
        return err;
    if (err != ERR_NONE) {
        checking->result->unread++;
        tell(checking, path, number, err_text(err), NULL, NULL);
    } else if (memcmp(found, recorded, SHA256_LEN) != 0) {
        checking->result->rotten++;
        tell(checking, path, number, "is not what was stored", recorded, found);
    } else {
        ++*good;
    }
    return ERR_NONE;
}

/*
 * A file that changed within the clock's last tick may change again and look the same: what is read of it would not
 * be known to be what is recorded, so that tick is waited for, once.
 */
static WORKER_SIDE enum err open_settled(struct store *store, struct rpath at, int *fd, struct facts *facts)
{
    enum err err = store_open_file(store, at, fd, facts);

    if (err != ERR_NONE || !facts->is_weak)
        return err;
    store_close_file(store, *fd, facts);
    nanosleep(
        &(struct timespec){.tv_sec = (time_t)(store->tick_ns / 1000000000), .tv_nsec = store->tick_ns % 1000000000},
        NULL);
    return store_open_file(store, at, fd, facts);
}

static WORKER_SIDE enum err check_file(struct checking *checking, struct slice path, const unsigned char *recorded)
{
    struct rpath at = {.text = path};
    unsigned char now[SHA256_LEN];
    struct facts facts, after;
    int fd;
    enum err err = open_settled(checking->store, at, &fd, &facts);

    if (err != ERR_NONE) {
        checking->result->unread += err != ERR_MISSING;
        return ERR_NONE;
    }
    /* it may have been replaced since the walk came by, and it may be changed while it is read */
    if (facts.kind == KIND_FILE && store_digest_find(checking->store, at, &facts, now) == ERR_NONE &&
        memcmp(now, recorded, SHA256_LEN) == 0) {
        uint64_t rotten = checking->result->rotten, good = 0;
        size_t said = checking->out->len;

        err = compare(checking, path, 0, fd, recorded, &good);
        checking->result->files += good;
        if (checking->result->rotten > rotten &&
            (store_facts_of(checking->store, fd, &after) != ERR_NONE || !facts_same_content(&facts, &after))) {
            checking->result->rotten = rotten;
            checking->out->len = said;
        }
    }
    store_close_file(checking->store, fd, &facts);
    return err;
}

static WORKER_SIDE enum err check_version(struct checking *checking, struct slice path, const struct version *version)
{
    struct facts facts;
    int fd;
    enum err err;

    if (store_version_open(checking->store, (struct rpath){.text = path}, version->number, &fd, &facts) != ERR_NONE)
        return ERR_NONE; /* it went meanwhile */
    err = compare(checking, path, version->number, fd, version->sha256, &checking->result->versions);
    store_close_file(checking->store, fd, &facts);
    return err;
}

static WORKER_SIDE enum err check_versions(struct checking *checking, struct slice path)
{
    struct arena arena = {0};
    struct version_list list;
    enum err err = store_versions(checking->store, (struct rpath){.text = path}, &arena, &list);

    if (err != ERR_NONE)
        list.count = 0;
    err = ERR_NONE;
    for (unsigned i = 0; i < list.count && err == ERR_NONE; i++) {
        if (list.list[i].has_sha256)
            err = check_version(checking, path, &list.list[i]);
        else
            checking->result->unknown++;
    }
    arena_release(&arena);
    return err;
}

static WORKER_SIDE enum err check_entry(struct checking *checking, struct walk *walk, const struct walk_entry *entry)
{
    unsigned char recorded[SHA256_LEN];
    struct arena arena = {0};
    struct traits traits = {0};
    enum err err = walk_look(walk, &arena, NULL, NULL, &traits, NULL);

    if (err == ERR_NONE && checksums_sha256(traits.checksums, recorded))
        err = check_file(checking, entry->path, recorded);
    else {
        checking->result->unknown++;
        err = ERR_NONE;
    }
    arena_release(&arena);
    return err == ERR_NONE ? check_versions(checking, entry->path) : err;
}

static WORKER_SIDE enum err check_all(struct checking *checking)
{
    struct walk_entry entry;
    struct walk *walk;
    enum err err = store_walk(checking->store, (struct rpath){0}, WALK_DEEP, &walk);

    while (err == ERR_NONE && (err = walk_next(walk, &entry)) == ERR_NONE)
        if (!entry.is_broken && entry.facts.kind == KIND_FILE && !entry.facts.through_symlink)
            err = check_entry(checking, walk, &entry);
    walk_close(walk);
    return err;
}

enum err store_check_content(struct store *store, bool (*is_enough)(void *arg, const struct content_check *now),
                             void *arg, struct buf *out, struct content_check *result)
{
    struct checking checking = {.store = store,
                                .is_enough = is_enough,
                                .arg = arg,
                                .out = out,
                                .result = result,
                                .hash = EVP_MD_CTX_new(),
                                .room = xmalloc(STRETCH)};
    enum err err;

    *result = (struct content_check){0};
    err = checking.hash ? check_all(&checking) : ERR_TOO_MANY;
    result->was_stopped = err == ERR_AGAIN;
    EVP_MD_CTX_free(checking.hash);
    free(checking.room);
    return err == ERR_MISSING || err == ERR_AGAIN ? ERR_NONE : err;
}
