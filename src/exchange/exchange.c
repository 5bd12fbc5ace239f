/*
 * exchange.c - the life of a request in flight.
 */
#include "exchange/exchange.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/trace.h"

#define BIT(state) (1u << (state))

static const unsigned next_states[EXCH_STATES] = {
    [EXCH_NEW] = BIT(EXCH_JUDGED) | BIT(EXCH_ANSWERED) | BIT(EXCH_DONE),
    [EXCH_JUDGED] = BIT(EXCH_PLANNED) | BIT(EXCH_ANSWERED) | BIT(EXCH_DONE),
    [EXCH_PLANNED] = BIT(EXCH_ACTING) | BIT(EXCH_RECEIVING) | BIT(EXCH_ANSWERED) | BIT(EXCH_DONE),
    [EXCH_ACTING] = BIT(EXCH_RECEIVING) | BIT(EXCH_ANSWERED) | BIT(EXCH_DONE),
    [EXCH_RECEIVING] = BIT(EXCH_ACTING) | BIT(EXCH_ANSWERED) | BIT(EXCH_DONE),
    [EXCH_ANSWERED] = BIT(EXCH_DONE),
    [EXCH_DONE] = 0,
};

static const char *const state_names[EXCH_STATES] = {"new",       "judged",   "planned", "acting",
                                                     "receiving", "answered", "done"};

const char *exchange_state_name(enum exchange_state state)
{
    return state_names[state];
}

void exchange_state(struct exchange *ex, enum exchange_state state)
{
    assert(next_states[ex->state] & BIT(state));
    TRACE(TRACE_SERVE, ex->id, "%s -> %s", state_names[ex->state], state_names[state]);
    ex->state = state;
    if (state == EXCH_ANSWERED || state == EXCH_DONE)
        timer_cancel(ex->loop, &ex->processing); /* no 102 within or after the answer (DAV-194) */
}

struct exchange *exchange_new(struct loop *loop, struct conf *conf, const struct head *head, struct slice head_bytes)
{
    static atomic_uint_least64_t last_id;
    struct exchange *ex = xcalloc(1, sizeof(*ex));

    ex->id = atomic_fetch_add_explicit(&last_id, 1, memory_order_relaxed) + 1;
    ex->loop = loop;
    ex->conf = conf_ref(conf);
    ex->intake.bytes = BUF_INIT(INTAKE_MAX);
    ex->answer.content.fd = -1;
    ex->started_ns = clock_mono_ns();
    ex->started_wall_ns = clock_real_ns();
    ex->head = *head;
    head_keep(&ex->head, head_bytes, &ex->arena);
    return ex;
}

static void exchange_free(struct exchange *ex)
{
    list_remove(&ex->link);
    if (ex->method_release)
        ex->method_release(ex);
    ex->answer.content.pool = ex->pool;
    ex->answer.content.home = ex->loop;
    answer_close(&ex->answer);
    if (ex->let_go)
        ex->let_go(ex);
    buf_release(&ex->intake.bytes);
    arena_release(&ex->arena);
    conf_unref(ex->conf);
    free(ex);
}

void exchange_submit(struct exchange *ex, enum lane lane, struct job *job)
{
    assert(!ex->job);
    ex->job = job;
    job->home = ex->loop;
    pool_submit(ex->pool, lane, job);
}

bool exchange_home(struct exchange *ex, struct job *job)
{
    assert(ex->job == job);
    ex->job = NULL;
    arena_adopt(&ex->arena, &job->arena);
    if (ex->wire_owner)
        return true;
    exchange_free(ex);
    return false;
}

void exchange_end(struct exchange *ex)
{
    ex->wire_owner = NULL;
    atomic_store_explicit(&ex->is_left, true, memory_order_relaxed);
    if (ex->state != EXCH_DONE)
        exchange_state(ex, EXCH_DONE);
    if (!ex->job)
        exchange_free(ex);
}

void exchange_audit(struct exchange *ex, struct slice what)
{
    TRACE(TRACE_SERVE, ex->id, "audit: %.*s", SLICE_FMT(what));
    if (ex->audit)
        ex->audit(ex, what);
}

/* ---- answers ---- */

void answer_field(struct arena *arena, struct answer *answer, struct slice name, struct slice value)
{
    if (answer->field_count == answer->field_room) {
        unsigned room = answer->field_room ? 2 * answer->field_room : 16;
        struct answer_field *fields = arena_alloc(arena, room * sizeof(*fields));

        if (answer->field_count)
            memcpy(fields, answer->fields, answer->field_count * sizeof(*fields));
        answer->fields = fields;
        answer->field_room = room;
    }
    answer->fields[answer->field_count++] = (struct answer_field){name, value};
}

void answer_bytes(struct arena *arena, struct answer *answer, struct slice content_type, struct slice bytes)
{
    struct piece *piece = arena_alloc(arena, sizeof(*piece));

    piece->bytes = bytes;
    answer->content =
        (struct content){.kind = CONTENT_PIECES, .length = bytes.len, .pieces = piece, .piece_count = 1, .fd = -1};
    answer_field(arena, answer, SLICE("Content-Type"), content_type);
}

void answer_close(struct answer *answer)
{
    if (answer->content.ops && answer->content.ops->close)
        answer->content.ops->close(&answer->content);
    answer->content = (struct content){.fd = -1};
}
