/*
 * mkcol.c - MKCOL: a new folder, plain or with properties from the start (RFC 4918 §9.3, RFC 5689).
 */
#include "dav_shared.h"

struct mkcol {
    struct job job;
    struct exchange *ex; /* loop only */
    struct store *store;
    struct rpath path;
    struct verdict fields; /* what is wrong with the head's, told only where a folder could be made */
    struct slice body;
    bool is_minimal;
    struct change_guard guard;
    struct propertyupdate_body update;
    struct prop_orders orders;
    struct facts there; /* of what is in the way */
    /* what came out of it: one of these; all zero: made */
    enum err err;
    struct verdict verdict;
    struct answer answer;
};

enum { MKCOL_ANSWER_MAX = 8 << 20 }; /* names and namespaces of all instructions; a body cannot hold more */

/* ---- worker ---- */

/* DAV-066 */
static WORKER_SIDE void tell_orders(struct mkcol *mkcol)
{
    struct buf text = BUF_INIT(MKCOL_ANSWER_MAX);
    struct xml_out xml;
    int status = 424;

    for (unsigned i = 0; i < mkcol->orders.outcome_count && status == 424; i++)
        if (mkcol->orders.outcomes[i].status != 200)
            status = mkcol->orders.outcomes[i].status;
    xml_begin(&xml, &text);
    xml_open(&xml, SLICE("mkcol-response"));
    prop_orders_write(&mkcol->orders, &xml);
    xml_close(&xml);
    if (text.overflown)
        mkcol->verdict = VERDICT(413, "The body names too much.");
    else
        answer_xml(&mkcol->job.arena, &mkcol->answer, status, &text);
    buf_release(&text);
}

static WORKER_SIDE enum err probe(struct mkcol *mkcol)
{
    struct probe probing = {.guard = &mkcol->guard};
    enum err err = store_make_folder(mkcol->store, mkcol->path, NULL, 0, NULL, probe_guard(&probing), NULL);

    return probing.has_passed ? ERR_NONE : err;
}

/* What is there now: something in the way (405), no parent (409), or nothing. */
static WORKER_SIDE enum err look(struct mkcol *mkcol)
{
    struct rpath path = {.text = mkcol->path.text};
    enum err err = store_find(mkcol->store, path, &mkcol->there);

    return err == ERR_NONE ? ERR_EXISTS : err == ERR_MISSING ? ERR_NONE : err;
}

static WORKER_SIDE enum err make(struct mkcol *mkcol)
{
    const struct prop_orders *orders = &mkcol->orders;
    enum err err = store_make_folder(mkcol->store, mkcol->path, orders->edits, orders->edit_count, NULL,
                                     change_guard(&mkcol->guard), NULL);

    if (err == ERR_EXISTS && store_find(mkcol->store, (struct rpath){.text = mkcol->path.text}, &mkcol->there)) {
        mkcol->verdict = VERDICT(403, "The name is taken by something that cannot be shown here, such as a pipe or a "
                                      "link that leads nowhere.");
        return ERR_NONE;
    }
    if (err != ERR_TOO_LARGE || !orders->edit_count)
        return err;
    prop_orders_fail(&mkcol->orders, &mkcol->update, 507);
    tell_orders(mkcol);
    return ERR_NONE;
}

static void mkcol_act(struct job *job)
{
    struct mkcol *mkcol = CONTAINER(job, struct mkcol, job);

    role_assert_worker();
    mkcol->answer.content.fd = -1;
    mkcol->err = look(mkcol);
    if (mkcol->err)
        return;
    mkcol->verdict = mkcol->fields;
    if (mkcol->verdict.status)
        return;
    if (mkcol->body.len)
        mkcol->verdict = dav_read_mkcol(mkcol->body, &job->arena, &mkcol->update);
    if (mkcol->verdict.status) {
        mkcol->err = probe(mkcol);
        return;
    }
    prop_orders_judge(&mkcol->update, true, true, &job->arena, &mkcol->orders);
    if (!mkcol->orders.has_failed) {
        mkcol->err = make(mkcol);
        return;
    }
    mkcol->err = probe(mkcol);
    if (!mkcol->err)
        tell_orders(mkcol);
}

/* ---- loop ---- */

static LOOP_SIDE void refuse_for(struct exchange *ex, struct mkcol *mkcol)
{
    if (mkcol->err == ERR_REFUSED) {
        refuse_change(ex, verdict_of_guard(&mkcol->guard));
    } else if (mkcol->err == ERR_EXISTS) {
        answer_allow(ex, &mkcol->there);
        exchange_refuse(ex, VERDICT(405, "There is something at this address already."));
    } else {
        exchange_refuse(ex, verdict_of_change(mkcol->err == ERR_NOT_FOLDER ? ERR_PARENT : mkcol->err));
    }
}

static LOOP_SIDE void answer_made(struct exchange *ex, struct mkcol *mkcol)
{
    struct slice href = dav_href_text(&ex->arena, mkcol->path.text, true);

    ex->answer.status = 201;
    answer_field(&ex->arena, &ex->answer, SLICE("Location"), href);
    answer_field(&ex->arena, &ex->answer, SLICE("Cache-Control"), SLICE("no-cache"));
    add_preference(&ex->arena, &ex->answer, mkcol->is_minimal && mkcol->body.len, false);
    exchange_answer(ex);
}

static void mkcol_done(struct job *job)
{
    struct mkcol *mkcol = CONTAINER(job, struct mkcol, job);
    struct exchange *ex = mkcol->ex;

    role_assert_loop();
    if (!exchange_home(ex, job))
        return;
    if (mkcol->err) {
        refuse_for(ex, mkcol);
    } else if (mkcol->verdict.status) {
        exchange_refuse(ex, mkcol->verdict);
    } else if (mkcol->answer.status) {
        mkcol->answer.must_close |= ex->answer.must_close;
        ex->answer = mkcol->answer;
        exchange_answer(ex);
    } else {
        answer_made(ex, mkcol);
    }
}

static void mkcol_ready(struct exchange *ex, struct slice body)
{
    struct mkcol *mkcol = arena_alloc(&ex->arena, sizeof(*mkcol));

    role_assert_loop();
    *mkcol = (struct mkcol){
        .job = {.act = mkcol_act, .done = mkcol_done},
        .ex = ex,
        .store = ex->store,
        .path = ex->path,
        .body = body,
        .is_minimal = wants_minimal(&ex->head),
    };
    mkcol->fields = xml_body_judge(ex, body); /* DAV-061 */
    if (!mkcol->fields.status)
        mkcol->fields = change_guard_read(ex, &mkcol->job, &mkcol->guard);
    exchange_state(ex, EXCH_ACTING);
    exchange_submit(ex, LANE_COMMIT, &mkcol->job);
}

void mkcol_plan(struct exchange *ex)
{
    gather_body(ex, ex->conf->limits.xml_body_max, mkcol_ready);
}
