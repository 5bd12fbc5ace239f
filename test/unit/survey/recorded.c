/*
 * recorded.c - trails out of texts.
 */
#include "recorded.h"

#include <stdio.h>
#include <stdlib.h>

static bool is_empty(const struct probe *probe)
{
    return probe->status == 304 || probe->status == 204 || slice_eq(probe->method, SLICE("HEAD"));
}

static void body_take(struct probe *probe, struct slice rest)
{
    if (is_empty(probe)) {
        probe->stray = (unsigned)rest.len;
        return;
    }
    probe->body = rest;
    probe->total = rest.len;
    for (size_t i = 1; i < rest.len; i++)
        probe->turns += rest.ptr[i] != rest.ptr[i - 1];
}

/* The rest after interim answers; the head of the last one. */
static void answer_take(struct trail *trail, struct probe *probe, struct slice rest)
{
    const char *why;

    probe->head = arena_alloc(&trail->arena, sizeof(*probe->head));
    while (answer_head_parse(rest, probe->head, &why) == ANSWER_DONE) {
        rest = slice_from(rest, probe->head->len);
        probe->going_on += probe->head->status == 100;
        if (probe->head->status == 102) {
            probe->processing++;
            probe->processing_has_body |= answer_head_has(probe->head, SLICE("Content-Length"));
        }
        if (probe->head->status >= 200) {
            probe->status = probe->head->status;
            body_take(probe, rest);
            return;
        }
    }
    probe->head = NULL;
    probe->trouble = SLICE("it came to nothing");
}

void record(struct trail *trail, const struct said *said, struct slice answer)
{
    struct probe *probe = trail_add(trail, said->label);
    struct arena *arena = &trail->arena;

    probe->method = slice_str(said->method);
    probe->path = slice_str(said->path);
    probe->host = probe->at = SLICE("h.example");
    probe->fields = slice_str(said->fields ? said->fields : "");
    if (said->sent)
        probe->sent = slice_str(said->sent);
    answer_take(trail, probe, arena_slice(arena, answer));
}

static void check_one(judge_function *judge, int code, const struct said *good, unsigned count, const struct slip *slip)
{
    struct trail trail = {0};
    struct finding finding;
    bool is_found = false;

    for (unsigned i = 0; i < count; i++) {
        bool is_other = slip && strcmp(slip->label, good[i].label) == 0;

        record(&trail, &good[i], slice_str(is_other ? slip->answer : good[i].answer));
    }
    judge_run(judge, code, &trail, &finding);
    for (unsigned i = 0; i < finding.fault_count; i++)
        is_found |= slip && slip->obligation && strcmp(finding.faults[i].obligation, slip->obligation) == 0;
    if (slip && slip->obligation ? finding.verdict != VERDICT_WRONG || !is_found : finding.verdict != VERDICT_EARNED) {
        fprintf(stderr, "%d, %s: %s\n", code, slip ? slip->label : "all as it should be",
                verdict_text(finding.verdict));
        for (unsigned i = 0; i < finding.fault_count; i++)
            fprintf(stderr, "  %s: %.*s\n", finding.faults[i].obligation, SLICE_FMT(finding.faults[i].sentence));
        fprintf(stderr, "  %.*s; wanted %s\n", SLICE_FMT(finding.trouble),
                slip && slip->obligation ? slip->obligation : "earned");
        abort();
    }
    trail_release(&trail);
}

void check_slips(judge_function *judge, int code, const struct said *good, unsigned good_count,
                 const struct slip *slips, unsigned slip_count)
{
    check_one(judge, code, good, good_count, NULL);
    for (unsigned i = 0; i < slip_count; i++)
        check_one(judge, code, good, good_count, &slips[i]);
}

void check_canned(judge_function *judge, int code, const struct said *good, unsigned good_count)
{
    char answer[200];
    struct trail trail = {0};
    struct finding finding;

    snprintf(answer, sizeof(answer), "HTTP/1.1 %d Canned\r\nETag: \"v\"\r\n\r\nsome content that is always the same\n",
             code);
    for (unsigned i = 0; i < good_count; i++)
        record(&trail, &good[i], slice_str(answer));
    judge_run(judge, code, &trail, &finding);
    if (finding.verdict == VERDICT_EARNED) {
        fprintf(stderr, "%d is earned with canned answers\n", code);
        abort();
    }
    trail_release(&trail);
}
