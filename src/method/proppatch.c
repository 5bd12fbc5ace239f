/*
 * proppatch.c - PROPPATCH: properties set and removed, all or none (RFC 4918 §9.2).
 *
 * Once instructions were looked at the answer is a 207. Where one of them cannot be done the guard is still asked
 * first, by a probe that changes nothing: a lock in the way is 423, not a list of properties.
 */
#include "dav_shared.h"

struct proppatch {
    struct job job;
    struct exchange *ex; /* loop only */
    struct store *store;
    struct rpath path;
    struct verdict fields; /* what is wrong with the head's, told only where something is at the path */
    struct slice body;
    bool is_minimal;
    struct change_guard guard;
    struct propertyupdate_body update;
    struct prop_orders orders;
    /* what came out of it: one of these */
    enum err err;
    struct verdict verdict;
    struct answer answer;
};

enum { UPDATE_ANSWER_MAX = 8 << 20 }; /* names and namespaces of all instructions; a body cannot hold more */

/* ---- worker ---- */

static WORKER_SIDE void write_answer(struct proppatch *patch, const struct facts *facts)
{
    struct buf text = BUF_INIT(UPDATE_ANSWER_MAX);
    struct arena *arena = &patch->job.arena;
    struct xml_out xml;

    if (patch->is_minimal && !patch->orders.has_failed) { /* DAV-175 */
        patch->answer.status = 200;
        patch->answer.content = (struct content){.kind = CONTENT_PIECES, .fd = -1}; /* Content-Length: 0 */
        add_dav_fields(arena, &patch->answer);
        add_preference(arena, &patch->answer, true, false);
        return;
    }
    xml_begin(&xml, &text);
    xml_open(&xml, SLICE("multistatus"));
    xml_open(&xml, SLICE("response"));
    dav_href(&xml, patch->path.text, facts->kind == KIND_FOLDER);
    prop_orders_write(&patch->orders, &xml);
    xml_close(&xml);
    xml_close(&xml);
    if (text.overflown)
        patch->verdict = VERDICT(500, "The answer is too long. Ask for the properties to see what was done.");
    else
        answer_xml(arena, &patch->answer, 207, &text);
    buf_release(&text);
}

/* What the guard says of it, before anything is said of the body. ERR_NONE: nothing against it. */
static WORKER_SIDE enum err probe(struct proppatch *patch)
{
    struct probe probing = {.guard = &patch->guard};
    enum err err = store_patch(patch->store, patch->path, NULL, 0, NULL, probe_guard(&probing), NULL);

    return probing.has_passed ? ERR_NONE : err;
}

static WORKER_SIDE enum err change(struct proppatch *patch)
{
    const struct prop_orders *orders = &patch->orders;
    enum err err;

    if (orders->has_failed || (!orders->edit_count && !orders->has_traits))
        return probe(patch);
    err = store_patch(patch->store, patch->path, orders->edits, orders->edit_count,
                      orders->has_traits ? &orders->traits : NULL, change_guard(&patch->guard), NULL);
    if (err != ERR_TOO_LARGE)
        return err;
    prop_orders_fail(&patch->orders, &patch->update, 507); /* DAV-055 */
    return ERR_NONE;
}

static void proppatch_act(struct job *job)
{
    struct proppatch *patch = CONTAINER(job, struct proppatch, job);
    struct facts facts;

    role_assert_worker();
    patch->answer.content.fd = -1;
    patch->err = store_find(patch->store, patch->path, &facts);
    if (patch->err || patch->fields.status) {
        patch->verdict = patch->err ? verdict_of_read(patch->err) : patch->fields;
        patch->err = ERR_NONE;
        return;
    }
    patch->verdict = dav_read_propertyupdate(patch->body, &job->arena, &patch->update);
    if (patch->verdict.status) {
        patch->err = probe(patch);
        return;
    }
    prop_orders_judge(&patch->update, facts.kind == KIND_FOLDER, false, &job->arena, &patch->orders);
    patch->err = change(patch);
    if (patch->err)
        return;
    write_answer(patch, &facts);
    add_folder_location(&job->arena, &patch->answer, patch->path, &facts);
}

/* ---- loop ---- */

static LOOP_SIDE void refuse_for(struct exchange *ex, struct proppatch *patch)
{
    struct verdict verdict = verdict_of_read(patch->err);

    if (patch->err == ERR_REFUSED)
        refuse_change(ex, verdict_of_guard(&patch->guard));
    else if (verdict.status == 404)
        exchange_refuse(ex, verdict);
    else
        exchange_refuse(ex, verdict_of_change(patch->err));
}

static void proppatch_done(struct job *job)
{
    struct proppatch *patch = CONTAINER(job, struct proppatch, job);
    struct exchange *ex = patch->ex;

    role_assert_loop();
    if (!exchange_home(ex, job))
        return;
    if (patch->err) {
        refuse_for(ex, patch);
    } else if (patch->verdict.status) {
        exchange_refuse(ex, patch->verdict);
    } else {
        patch->answer.must_close |= ex->answer.must_close;
        ex->answer = patch->answer;
        exchange_answer(ex);
    }
}

static void proppatch_ready(struct exchange *ex, struct slice body)
{
    struct proppatch *patch = arena_alloc(&ex->arena, sizeof(*patch));

    role_assert_loop();
    *patch = (struct proppatch){
        .job = {.act = proppatch_act, .done = proppatch_done},
        .ex = ex,
        .store = ex->store,
        .path = ex->path,
        .body = body,
        .is_minimal = wants_minimal(&ex->head),
    };
    patch->fields = xml_body_judge(ex, body);
    if (!patch->fields.status)
        patch->fields = change_guard_read(ex, &patch->job, &patch->guard);
    exchange_state(ex, EXCH_ACTING);
    exchange_submit(ex, LANE_COMMIT, &patch->job);
}

void proppatch_plan(struct exchange *ex)
{
    gather_body(ex, ex->conf->limits.xml_body_max, proppatch_ready);
}
