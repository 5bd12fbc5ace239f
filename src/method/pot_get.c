/*
 * pot_get.c - GET and HEAD of a pot: what it does. They never brew (RFC 2324 §2.1.2).
 */
#include "pot_private.h"

static void get_act(struct job *job)
{
    role_assert_worker();
    pot_ask_look(CONTAINER(job, struct pot_ask, job));
}

static void get_done(struct job *job)
{
    struct pot_ask *ask = CONTAINER(job, struct pot_ask, job);
    struct exchange *ex = ask->ex;

    role_assert_loop();
    if (!exchange_home(ex, job))
        return;
    ex->answer.status = 200;
    answer_field(&ex->arena, &ex->answer, SLICE("Cache-Control"), SLICE("no-store"));
    pot_content(&ex->arena, &ex->answer, ask);
    exchange_answer(ex);
}

/* It has no validators, so that only "*" says something of it. True: it was answered by that. */
static LOOP_SIDE bool judge_conditions(struct exchange *ex)
{
    struct validators current = {.exists = true};
    struct conditions conditions;

    conditions_from_head(&ex->head, clock_real_s(), &ex->arena, &conditions);
    switch (conditions_judge(&conditions, true, &current)) {
    case COND_FAILED:
        exchange_refuse(ex, VERDICT(412, "A condition of the request does not hold: the resource has changed."));
        return true;
    case COND_NOT_MODIFIED:
        ex->answer.status = 304;
        exchange_answer(ex);
        return true;
    default:
        return false;
    }
}

void pot_get_plan(struct exchange *ex)
{
    struct pot_ask *ask;

    if (judge_conditions(ex))
        return;
    ask = arena_alloc(&ex->arena, sizeof(*ask));
    *ask = pot_ask_of(ex);
    ask->job.act = get_act;
    ask->job.done = get_done;
    exchange_state(ex, EXCH_ACTING);
    exchange_submit(ex, pot_ask_lane(ask), &ask->job);
}
