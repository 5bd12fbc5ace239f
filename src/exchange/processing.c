/*
 * processing.c - 102: a client that waits long is told that its request is still worked on (RFC 2518 §10.1).
 *
 * Only while no answer has begun (DAV-194), and never to an agent that takes the first head that it reads for the
 * answer: RFC 9110 §15.2 has clients pass over interim answers that they do not know, but some do not.
 */
#include <stdatomic.h>

#include "exchange/exchange.h"

/* How the User-Agent of those begins that give a 102 to their user, with nothing in it, as the answer. */
static const char *const mistaken[] = {"python-requests", "Python-urllib", "python-webdavclient", "Wget2", "wget2"};

static bool is_mistaken(struct slice agent)
{
    for (unsigned i = 0; i < sizeof(mistaken) / sizeof(mistaken[0]); i++)
        if (slice_starts(agent, slice_str(mistaken[i])))
            return true;
    return false;
}

static void say(struct timer *timer)
{
    struct exchange *ex = CONTAINER(timer, struct exchange, processing);

    role_assert_loop();
    timer_set(ex->loop, timer, ex->conf->limits.processing_ms);
    ex->wire->interim(ex, 102); /* the client may be found to be gone, and the exchange with it */
}

void exchange_processing(struct exchange *ex)
{
    uint32_t every_ms = ex->conf->limits.processing_ms;

    if (!every_ms || !ex->wire->interim || is_mistaken(head_value(&ex->head, FIELD_USER_AGENT)))
        return;
    ex->processing.fire = say;
    timer_set(ex->loop, &ex->processing, every_ms);
}

bool exchange_is_left(const atomic_bool *left)
{
    return left && atomic_load_explicit(left, memory_order_relaxed);
}
