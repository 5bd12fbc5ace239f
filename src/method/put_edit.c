/*
 * put_edit.c - what uploads that are smaller than their file have in common: a base, which is there and stays the same.
 *
 * Whether it does is judged with the guard, under the resource's lock beside the commit: so what is stored was made of
 * the very content that it replaces, whether a condition said so or not.
 */
#include "put_private.h"

#include <errno.h>
#include <unistd.h>

enum { TRIES_MAX = 4 /* others' writes between judging and opening */ };

void put_edit_read(struct exchange *ex, struct put *put)
{
    content_digests_part(ex, &put->wish.digests, &put->edit.result);
    put->wish.wish.keeps_type = !put->wish.wish.type.len;
    put->wish.is_any = true;
}

/* ---- the base ---- */

static bool edit_holds(void *arg, const struct facts *now, struct write_locks *locks)
{
    struct put *put = arg;
    struct put_edit *edit = &put->edit;
    struct guard guard = change_guard(&put->guard);

    edit->has_changed = false; /* it may have been judged before */
    edit->is_missing = !now && !edit->may_create;
    if (edit->is_missing || !guard.holds(guard.arg, now, locks))
        return false;
    if (edit->is_open) {
        edit->has_changed = edit->is_there != (now != NULL) || (now && !facts_same_content(now, &edit->facts));
        return !edit->has_changed;
    }
    edit->is_there = now != NULL;
    if (now)
        edit->facts = *now;
    return true;
}

struct guard put_edit_guard(struct put *put)
{
    return (struct guard){edit_holds, put};
}

/* What was judged, and not what somebody put there since. */
static WORKER_SIDE enum err open_base(struct put *put)
{
    struct put_edit *edit = &put->edit;
    struct facts facts;
    enum err err = store_open_file(put->store, put->path, &edit->fd, &facts);

    if (err != ERR_NONE) {
        edit->fd = -1;
        return err == ERR_MISSING || err == ERR_PARENT ? ERR_CHANGED : err;
    }
    if (facts_same_content(&facts, &edit->facts))
        return ERR_NONE;
    store_close_file(put->store, edit->fd, &facts);
    edit->fd = -1;
    return ERR_CHANGED;
}

enum err put_edit_open(struct put *put)
{
    enum err err = ERR_CHANGED;

    for (int i = 0; i < TRIES_MAX && err == ERR_CHANGED; i++) {
        part_release(put->part);
        err = part_open(put->store, put->path, -1, put_edit_guard(put), &put->part);
        if (err == ERR_NONE && put->edit.is_there)
            err = open_base(put);
    }
    put->edit.is_open = err == ERR_NONE;
    return err;
}

void put_edit_close(struct put *put)
{
    if (put->edit.fd >= 0)
        store_close_file(put->store, put->edit.fd, &put->edit.facts);
    put->edit.fd = -1;
}

enum err put_edit_read_base(struct put *put, uint64_t at, void *room, size_t len)
{
    char *to = room;

    while (len) {
        ssize_t took = pread(put->edit.fd, to, len, (off_t)at);

        if (took < 0 && errno == EINTR)
            continue;
        if (took < 0)
            return err_from_errno(errno);
        if (took == 0)
            return ERR_CHANGED;
        to += took;
        at += (uint64_t)took;
        len -= (size_t)took;
    }
    return ERR_NONE;
}

/* ---- the result ---- */

/* What is large already may stay as large as it is. */
bool put_edit_is_too_large(const struct put *put, uint64_t size)
{
    return put->edit.body_max && size > put->edit.body_max && (!put->edit.is_there || size > put->edit.facts.size);
}

bool put_edit_has_sums(const struct put *put)
{
    for (int kind = 0; kind < DIGEST_KINDS; kind++)
        if (put->edit.result.hash[kind])
            return true;
    return put->wish.checksums.count;
}

void put_edit_sum(struct put *put, struct slice bytes)
{
    content_digests_add(&put->edit.result, bytes);
    checksums_add(&put->wish.checksums, bytes);
}

/* ---- refusals ---- */

/* Who named a version is told that it is no longer there; who did not can just ask again. */
static struct verdict verdict_of_changed(const struct put *put)
{
    if (put->guard.is_guarded)
        return VERDICT(412, "The file was changed by somebody else meanwhile: it is no longer the version that the "
                            "request names. Nothing was changed. Fetch it again, then repeat.");
    return VERDICT(409, "The file was changed by somebody else while this came in. Nothing was changed; send it again, "
                        "best with If-Match and the ETag of the version that it belongs to.");
}

bool put_edit_refuse(struct exchange *ex, struct put *put)
{
    if (put->edit.is_missing)
        exchange_refuse(ex, VERDICT(404, "There is nothing at this address that could be changed; a whole content can "
                                         "be stored here by PUT."));
    else if (put->edit.has_changed || put->err == ERR_CHANGED)
        refuse_change(ex, verdict_of_changed(put));
    else if (put->edit.wrong == EDIT_TOO_LARGE)
        exchange_refuse(ex, VERDICT(413, "The file would become larger than this server takes. Nothing was changed."));
    else
        return false;
    return true;
}
