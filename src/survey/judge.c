/*
 * judge.c - needs, and the verdict that comes of them.
 */
#include "judge.h"

#include <stdarg.h>
#include <stdio.h>

const char *verdict_text(enum verdict verdict)
{
    static const char *const texts[VERDICT_COUNT] = {[VERDICT_UNKNOWN] = "cannot tell",
                                                     [VERDICT_NOT_OFFERED] = "not offered",
                                                     [VERDICT_WRONG] = "wrong",
                                                     [VERDICT_EARNED] = "earned"};

    return texts[verdict];
}

static void trouble_note(struct finding *finding, const struct probe *probe)
{
    if (finding->trouble.len)
        return;
    finding->trouble = probe ? arena_printf(finding->arena, "%.*s %.*s: %.*s", SLICE_FMT(probe->method),
                                            SLICE_FMT(slice_upto(probe->path, 200)), SLICE_FMT(probe->trouble))
                             : SLICE("not everything could be asked that has to be known");
}

/* Once, however often it happened. */
static void fault_add(struct finding *finding, const struct probe *probe, const char *obligation, const char *where,
                      struct slice sentence)
{
    for (unsigned i = 0; i < finding->fault_count; i++)
        if (strcmp(finding->faults[i].obligation, obligation) == 0 && slice_eq(finding->faults[i].sentence, sentence))
            return;
    if (finding->fault_count < FAULTS_MAX)
        finding->faults[finding->fault_count++] =
            (struct fault){probe, obligation, where, arena_slice(finding->arena, sentence)};
}

/* A limit, a rule for all changes, or a bad moment of the server says nothing of another code. */
static bool is_in_the_way(struct finding *finding, const struct probe *probe)
{
    int status = probe->status;

    if ((status != 428 && status != 429 && status != 503) || status == finding->code)
        return false;
    if (!finding->trouble.len)
        finding->trouble = arena_printf(finding->arena, "%.*s %.*s gave %d: that was in the way",
                                        SLICE_FMT(probe->method), SLICE_FMT(slice_upto(probe->path, 200)), status);
    return true;
}

bool need(struct finding *finding, const struct probe *probe, bool holds, const char *obligation, const char *where,
          const char *format, ...)
{
    char text[400];
    va_list list;

    if (!probe_is_whole(probe)) {
        trouble_note(finding, probe);
        return false;
    }
    finding->needs++;
    if (holds)
        return true;
    if (is_in_the_way(finding, probe))
        return false;
    va_start(list, format);
    vsnprintf(text, sizeof(text), format, list);
    va_end(list);
    fault_add(finding, probe, obligation, where, slice_str(text));
    return false;
}

bool trail_has_status(const struct trail *trail, int status)
{
    for (const struct probe *at = trail->first; at; at = at->next)
        if (at->status == status)
            return true;
    return false;
}

/* What happened to the first probe that came to nothing. */
static void trouble_of_trail(const struct trail *trail, struct finding *finding)
{
    for (const struct probe *at = trail->first; at && !finding->trouble.len; at = at->next)
        if (at->trouble.len)
            trouble_note(finding, at);
}

static enum verdict verdict_of(const struct trail *trail, struct finding *finding)
{
    if (!finding->is_seen) {
        finding->fault_count = 0;
        finding->trouble = trail->unknown;
        trouble_of_trail(trail, finding);
        return finding->trouble.len ? VERDICT_UNKNOWN : VERDICT_NOT_OFFERED;
    }
    if (finding->fault_count)
        return VERDICT_WRONG;
    if (!finding->needs && !finding->trouble.len) /* nothing of it could be compared with anything */
        finding->trouble = SLICE("it came where it was not looked for, and nothing could be tried");
    if (!finding->trouble.len)
        finding->trouble = trail->unknown;
    return finding->trouble.len ? VERDICT_UNKNOWN : VERDICT_EARNED;
}

void judge_run(judge_function *judge, int code, struct trail *trail, struct finding *out)
{
    *out = (struct finding){.code = code, .arena = &trail->arena, .is_seen = trail_has_status(trail, code)};
    judge(trail, out);
    out->verdict = verdict_of(trail, out);
}
