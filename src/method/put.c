/*
 * put.c - PUT: the body becomes the content, in one step.
 *
 * Bytes gather in the exchange's intake; a job takes them over, opens the part with its first call (the
 * conditions are judged then, before the body is asked for where the client waits to be asked), writes, and
 * with the last bytes commits. A small PUT is one job. While a job writes, the intake takes at most as much
 * again; then the socket is no longer read.
 */
#include "ahead.h"
#include "put_private.h"

#include <stdlib.h>

#include "gate/gate.h"

enum {
    WRITE_LEAST = 64 * 1024, /* less than this waits for more, unless it is the end */
};

/* ---- the form of a content that comes whole ---- */

static struct guard whole_guard(struct put *put)
{
    return change_guard(&put->guard);
}

static enum err whole_open(struct put *put)
{
    role_assert_worker();
    return part_open(put->store, put->path, put->length, whole_guard(put), &put->part);
}

static enum err whole_take(struct put *put, struct slice bytes)
{
    role_assert_worker();
    checksums_add(&put->wish.checksums, bytes);
    return part_write(put->part, bytes);
}

static const struct put_form whole = {.guard = whole_guard, .open = whole_open, .take = whole_take};

/* ---- worker ---- */

static WORKER_SIDE enum err put_take(struct put *put)
{
    enum err err = put->is_opening ? put->form->open(put) : ERR_NONE;
    struct facts facts;

    if (err == ERR_IS_FOLDER)
        put->is_missing = store_find(put->store, put->path, &facts) != ERR_NONE;
    if (err == ERR_NONE && put->writing.len)
        err = put->form->take(put, buf_slice(&put->writing));
    if (err == ERR_NONE)
        content_digests_add(&put->wish.digests, buf_slice(&put->writing));
    if (err == ERR_NONE && put->is_last)
        put->wrong_sum = content_digests_judge(&put->wish.digests);
    return put->wrong_sum ? ERR_INVALID : err;
}

static WORKER_SIDE enum err put_commit(struct put *put)
{
    char room[CHECKSUMS_TEXT];

    put->wrong_sum = content_digests_judge(&put->edit.result);
    if (!put->wrong_sum && !checksums_match(&put->wish.checksums))
        put->wrong_sum = "OC-Checksum";
    if (put->wrong_sum)
        return ERR_INVALID;
    put->wish.wish.checksums = checksums_text(&put->wish.checksums, room);
    if (put->wish.is_any)
        part_wish(put->part, &put->wish.wish);
    put_keep_tell(&put->keep, put->part);
    part_history(put->part, &put->history);
    return part_commit(put->part, put->form->guard(put), &put->commit);
}

static WORKER_SIDE void put_drop(struct put *put)
{
    part_release(put->part);
    put->part = NULL;
    put_edit_close(put);
}

/* What is whole as it comes needs no job of its own for the end. */
static void put_act(struct job *job)
{
    struct put *put = CONTAINER(job, struct put, job);

    role_assert_worker();
    put->err = put->step == PUT_TAKES ? put_take(put) : ERR_NONE;
    if (put->step == PUT_MAKES)
        put->err = put->form->make(put);
    if (put->step == PUT_TAKES && put->is_last && !put->form->make)
        put->step = PUT_COMMITS;
    if (!put->err && put->step == PUT_COMMITS) {
        put->err = put_commit(put);
        put->is_done = true;
    }
    if (put->err || put->is_done)
        put_drop(put);
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
    const struct content_digests *digests = put->form->make ? &put->edit.result : &put->wish.digests;

    for (int kind = 0; kind < DIGEST_KINDS; kind++)
        if (digests->text[kind].len) {
            answer_field(&ex->arena, &ex->answer, SLICE("Repr-Digest"), digests->text[kind]);
            return;
        }
}

static LOOP_SIDE void answer_stored(struct exchange *ex, struct put *put)
{
    put_keep_note(&put->keep, &put->commit.facts);
    if (!put->commit.created)
        ahead_begin(ex);
    if (wants_representation(ex) && ex->rights & RIGHT_READ && !put->commit.kept[0]) { /* DAV-178 */
        get_current_as(ex, put->commit.created ? 201 : 200);
        return;
    }
    ex->answer.status = put->commit.created ? 201 : 204;
    answer_validators(&ex->arena, &ex->answer, validators_of(&put->commit.facts), true);
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
    if (put->form->refuse && !put->wrong_sum && put->form->refuse(ex, put))
        return;
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

/* The body is there, and the content has to be made of it: that may be long work. */
static LOOP_SIDE void put_go_further(struct exchange *ex, struct put *put)
{
    bool was_taken = put->step == PUT_TAKES;

    if (was_taken)
        exchange_processing(ex);
    put->step = was_taken ? PUT_MAKES : PUT_COMMITS;
    exchange_submit(ex, was_taken ? LANE_SLOW : LANE_COMMIT, &put->job);
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
    if (put->is_done) {
        answer_stored(ex, put);
        return;
    }
    if (put->is_last) {
        put_go_further(ex, put);
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
    put_drop(put);
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
    content_digests_release(&put->edit.result);
    if (!put->part) {
        free(put);
        return;
    }
    put->release = (struct job){.home = ex->loop, .act = part_release_act, .done = part_release_done};
    pool_submit(put->pool, LANE_COMMIT, &put->release);
}

/* ---- the plan ---- */

struct put *put_new(struct exchange *ex, const struct put_form *form)
{
    struct put *put = xcalloc(1, sizeof(*put));

    *put = (struct put){.job = {.act = put_act, .done = put_done},
                        .form = form,
                        .ex = ex,
                        .pool = ex->pool,
                        .store = ex->store,
                        .path = ex->path,
                        .length = put_length(ex),
                        .edit = {.fd = -1, .left = &ex->is_left, .body_max = ex->conf->limits.body_max},
                        .history = {ex->rules.history.count, ex->rules.history.bytes, ex->rules.history.seconds},
                        .writing = BUF_INIT(INTAKE_MAX),
                        .is_opening = true};
    ex->method_state = put;
    ex->method_release = put_release;
    return put;
}

struct verdict put_read(struct exchange *ex, struct put *put)
{
    struct verdict verdict = change_guard_read(ex, &put->job, &put->guard);

    put_keep_read(ex, &put->guard, &put->keep);
    return verdict.status ? verdict : put_wish_read(ex, &put->wish);
}

void put_start(struct exchange *ex, struct put *put)
{
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

struct verdict put_judge(const struct exchange *ex)
{
    uint64_t max = ex->conf->limits.body_max;

    if (head_has(&ex->head, FIELD_CONTENT_ENCODING))
        return VERDICT(415, "Content is stored as it is; send it without Content-Encoding.");
    if (max && ex->framing.kind == BODY_LENGTH && ex->framing.length > max)
        return VERDICT(413, "The content is larger than this server takes.");
    return GO_ON;
}

void put_plan(struct exchange *ex)
{
    struct verdict verdict;
    struct put *put;

    if (head_has(&ex->head, FIELD_CONTENT_RANGE)) {
        put_stretch_plan(ex);
        return;
    }
    verdict = put_judge(ex);
    if (verdict.status) {
        exchange_refuse(ex, verdict);
        return;
    }
    put = put_new(ex, &whole);
    verdict = put_read(ex, put);
    if (verdict.status)
        exchange_refuse(ex, verdict);
    else
        put_start(ex, put);
}
