/*
 * tally.c - a request is over: by version, method and code, how much it moved and how long it took.
 */
#include "tally.h"

static bool is_code(unsigned status)
{
    return status >= TALLY_CODE_FIRST && status < TALLY_CODE_FIRST + TALLY_CODES;
}

void tally_request(struct tally *tally, const struct tally_request *request)
{
    tally_add(&tally->body_received, request->received);
    tally_add(&tally->body_sent, request->sent);
    if (is_code(request->status))
        tally_add(&tally->answers[request->version][request->method][request->status - TALLY_CODE_FIRST], 1);
    else
        tally_add(&tally->abandoned, 1);
}

void tally_duration(struct tally *tally, unsigned status, uint64_t duration_ns)
{
    if (is_code(status))
        histogram_count(&tally->durations[status / 100 - 1], duration_ns);
}
