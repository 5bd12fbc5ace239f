/*
 * put.c - PUT: the body becomes the content, in one step.
 *
 * Bytes gather in the exchange's intake; a job takes them over, opens the part with its first call (the
 * conditions are judged then, before the body is asked for where the client waits to be asked), writes, and
 * with the last bytes commits. A small PUT is one job. While a job writes, the intake takes at most as much
 * again; then the socket is no longer read.
 */
#include "put_private.h"

#include <stdlib.h>

#include "gate/gate.h"
#include "store/history.h"

enum {
    WRITE_LEAST = 64 * 1024, /* less than this waits for more, unless it is the end */
};

struct put {
    struct job job;
    struct exchange *ex; /* loop only */
    struct store *store;
    struct rpath path;
    int64_t length; /* -1: unknown */
    struct change_guard guard;
    struct put_wish wish;
    struct put_keep keep;
    struct history_limits history; /* what is replaced is kept so long */
    struct part *part;             /* with the job while it is under way */
    struct buf writing;            /* what the job writes */
    bool is_opening, is_last;      /* what the job does besides */
    enum err err;                  /* what the job met */
    const char *wrong_sum;         /* the field whose sum the bytes have not; NULL without */
    bool is_missing;               /* a folder's address, and no folder */
    struct commit commit;
    bool asked_for_body;
    struct job release; /* dropping an uncommitted part waits for the disk */
    struct pool *pool;
};

/* ---- worker ---- */

static WORKER_SIDE enum err put_end(struct put *put)
{
    char room[CHECKSUMS_TEXT];

    put->wrong_sum = content_digests_judge(&put->wish.digests);
    if (!put->wrong_sum && !checksums_match(&put->wish.checksums))
        put->wrong_sum = "OC-Checksum";
    if (put->wrong_sum)
        return ERR_INVALID;
    put->wish.wish.checksums = checksums_text(&put->wish.checksums, room);
    if (put->wish.is_any)
        part_wish(put->part, &put->wish.wish);
    put_keep_tell(&put->keep, put->part);
    part_history(put->part, &put->history);
    return part_commit(put->part, change_guard(&put->guard), &put->commit);
}

static void put_act(struct job *job)
{
    struct put *put = CONTAINER(job, struct put, job);
    struct facts facts;

    role_assert_worker();
    put->err = ERR_NONE;
    if (put->is_opening)
        put->err = part_open(put->store, put->path, put->length, change_guard(&put->guard), &put->part);
    if (put->err == ERR_IS_FOLDER)
        put->is_missing = store_find(put->store, put->path, &facts) != ERR_NONE;
    if (!put->err && put->writing.len)
        put->err = part_write(put->part, buf_slice(&put->writing));
    if (!put->err) {
        checksums_add(&put->wish.checksums, buf_slice(&put->writing));
        content_digests_add(&put->wish.digests, buf_slice(&put->writing));
    }
    if (!put->err && put->is_last)
        put->err = put_end(put);
    if (put->err || put->is_last) {
        part_release(put->part);
        put->part = NULL;
    }
    buf_clear(&put->writing);
}

/* ---- loop ---- */

static LOOP_SIDE bool put_go_on(struct exchange *ex, struct put *put);

/*
 * What was verified is what is there now: a 204 speaks of it (RFC 9530 appendix B.5). A 201 without content would speak
 * of that content, which is nothing.
 */
static LOOP_SIDE void answer_digest(struct exchange *ex, const struct put *put)
{
    for (int kind = 0; kind < DIGEST_KINDS; kind++)
        if (put->wish.digests.text[kind].len) {
            answer_field(&ex->arena, &ex->answer, SLICE("Repr-Digest"), put->wish.digests.text[kind]);
            return;
        }
}

static LOOP_SIDE void answer_stored(struct exchange *ex, struct put *put)
{
    put_keep_note(&put->keep, &put->commit.facts);
    if (wants_representation(ex) && ex->rights & RIGHT_READ && !put->commit.kept[0]) { /* DAV-178 */
        get_current_as(ex, put->commit.created ? 201 : 200);
        return;
    }
    ex->answer.status = put->commit.created ? 201 : 204;
    answer_validators(&ex->arena, &ex->answer, &put->commit.facts, true);
    answer_field(&ex->arena, &ex->answer, SLICE("X-Content-Type-Options"), SLICE("nosniff"));
    if (put->wish.wish.has_modified)
        answer_field(&ex->arena, &ex->answer, SLICE("X-OC-Mtime"), SLICE("accepted"));
    if (extension_is_asked(ex, EXTENSION_INTEGRITY) && !put->commit.created)
        answer_digest(ex, put);
    if (put->commit.kept[0])
        put_keep_answer(ex, &put->commit);
    if (put->commit.created)
        answer_field(&ex->arena, &ex->answer, SLICE("Location"), dav_href_text(&ex->arena, put->path.text, false));
    exchange_answer(ex);
}

static LOOP_SIDE void refuse_for(struct exchange *ex, struct put *put)
{
    ex->intake.is_wanted = false;
    if (put->err == ERR_REFUSED || put_keep_failed(&put->keep, put->err)) {
        refuse_change(ex, verdict_of_guard(&put->guard));
    } else if (put->wrong_sum) {
        exchange_refuse(ex, content_digests_verdict(ex, put->wrong_sum));
    } else if (put->is_missing) {
        exchange_refuse(ex, VERDICT(409, "An address that ends in a slash is a folder's; a file's has none."));
    } else if (put->err == ERR_IS_FOLDER) {
        answer_allow(ex, &(struct facts){.kind = KIND_FOLDER});
        exchange_refuse(ex, VERDICT(405, "There is a folder at this address; a file cannot take its place."));
    } else {
        exchange_refuse(ex, verdict_of_change(put->err));
    }
}

static void put_done(struct job *job)
{
    struct put *put = CONTAINER(job, struct put, job);
    struct exchange *ex = put->ex;

    role_assert_loop();
    put->is_opening = false;
    if (!exchange_home(ex, job))
        return;
    if (put->err) {
        refuse_for(ex, put);
        return;
    }
    if (put->is_last) {
        answer_stored(ex, put);
        return;
    }
    exchange_state(ex, EXCH_RECEIVING);
    if (!put->asked_for_body) {
        put->asked_for_body = true;
        ex->intake.is_wanted = true;
        ex->wire->want_body(ex);
        return;
    }
    if (put_go_on(ex, put))
        ex->wire->body_room(ex);
}

static LOOP_SIDE void put_submit(struct exchange *ex, struct put *put)
{
    struct buf empty = put->writing;

    put->writing = ex->intake.bytes;
    ex->intake.bytes = empty;
    put->is_last = ex->intake.has_ended;
    exchange_state(ex, EXCH_ACTING);
    exchange_submit(ex, LANE_COMMIT, &put->job);
}

/* What arrived, or that no more will, is acted upon. False: it was answered, and ex is gone. */
static LOOP_SIDE bool put_go_on(struct exchange *ex, struct put *put)
{
    uint64_t max = ex->conf->limits.body_max;
    struct verdict verdict = ex->intake.broken;

    if (!verdict.status && max && ex->intake.total > max) /* chunked: only now known */
        verdict = VERDICT(413, "The content is larger than this server takes. Nothing was stored.");
    if (verdict.status) {
        ex->intake.is_wanted = false;
        exchange_refuse(ex, verdict);
        return false;
    }
    if (ex->intake.has_ended || ex->intake.bytes.len >= WRITE_LEAST)
        put_submit(ex, put);
    return true;
}

static void put_on_body(struct exchange *ex)
{
    role_assert_loop();
    if (!ex->job && ex->state == EXCH_RECEIVING)
        put_go_on(ex, ex->method_state);
}

/* ---- giving up ---- */

static void part_release_act(struct job *job)
{
    struct put *put = CONTAINER(job, struct put, release);

    role_assert_worker();
    part_release(put->part);
}

static void part_release_done(struct job *job)
{
    free(CONTAINER(job, struct put, release));
}

/* The exchange goes; no job is under way. */
static void put_release(struct exchange *ex)
{
    struct put *put = ex->method_state;

    buf_release(&put->writing);
    checksums_release(&put->wish.checksums);
    content_digests_release(&put->wish.digests);
    if (!put->part) {
        free(put);
        return;
    }
    put->release = (struct job){.home = ex->loop, .act = part_release_act, .done = part_release_done};
    pool_submit(put->pool, LANE_COMMIT, &put->release);
}

/* ---- the plan ---- */

static struct verdict put_judge(const struct exchange *ex)
{
    uint64_t max = ex->conf->limits.body_max;

    if (head_has(&ex->head, FIELD_CONTENT_RANGE))
        return VERDICT(400,
                       "A part of a file cannot be stored by PUT: the whole content is needed, without Content-Range.");
    if (head_has(&ex->head, FIELD_CONTENT_ENCODING))
        return VERDICT(415, "Content is stored as it is; send it without Content-Encoding.");
    if (max && ex->framing.kind == BODY_LENGTH && ex->framing.length > max)
        return VERDICT(413, "The content is larger than this server takes.");
    return GO_ON;
}

void put_plan(struct exchange *ex)
{
    struct verdict verdict = put_judge(ex);
    struct put *put;

    if (verdict.status) {
        exchange_refuse(ex, verdict);
        return;
    }
    put = xcalloc(1, sizeof(*put));
    *put = (struct put){.job = {.act = put_act, .done = put_done},
                        .ex = ex,
                        .pool = ex->pool,
                        .store = ex->store,
                        .path = ex->path,
                        .length = put_length(ex),
                        .history = {ex->rules.history.count, ex->rules.history.bytes, ex->rules.history.seconds},
                        .writing = BUF_INIT(INTAKE_MAX),
                        .is_opening = true};
    ex->method_state = put;
    ex->method_release = put_release;
    verdict = change_guard_read(ex, &put->job, &put->guard);
    put_keep_read(ex, &put->guard, &put->keep);
    if (!verdict.status)
        verdict = put_wish_read(ex, &put->wish);
    if (verdict.status) {
        exchange_refuse(ex, verdict);
        return;
    }
    ex->on_body = put_on_body;
    exchange_state(ex, EXCH_RECEIVING);
    if (ex->framing.expects_continue) { /* H1-51: everything that could refuse it comes before the 100 */
        exchange_state(ex, EXCH_ACTING);
        exchange_submit(ex, LANE_COMMIT, &put->job);
        return;
    }
    put->asked_for_body = true;
    ex->intake.is_wanted = true;
    ex->wire->want_body(ex);
}
