/*
 * fuzz_survey.c - what a server may send to a surveyor: each judge over answers of any kind.
 *
 * The input is answers, with a NUL between them; they are given to all that could have been asked, in turn. Properties:
 * a judge ends and draws a verdict; what is earned has needs that were met and no faults; what is read of an answer
 * (its parts, responses, links, manipulations, hints) lies within limits.
 */
#include "fuzz.h"

#include <assert.h>

#include "../../src/survey/byteranges.h"
#include "../../src/survey/codes.h"
#include "../../src/survey/multistatus.h"
#include "../../src/survey/report.h"
#include "../../src/survey/undo.h"

/* What is asked, of all codes; twice what may come more than once. */
static const char *const labels[] = {"whole",
                                     "first",
                                     "suffix",
                                     "past",
                                     "several",
                                     "backwards",
                                     "unit",
                                     "head",
                                     "stale",
                                     "same",
                                     "torn",
                                     "behind",
                                     "inside",
                                     "mixed",
                                     "weak",
                                     "listed",
                                     "other",
                                     "other-date",
                                     "date",
                                     "old-date",
                                     "tick-before",
                                     "tick-after",
                                     "get-other",
                                     "get-both",
                                     "get-weak",
                                     "get-same",
                                     "put",
                                     "put-other",
                                     "put-other-after",
                                     "put-create",
                                     "put-create-after",
                                     "delete-other",
                                     "delete-other-after",
                                     "put-nothing",
                                     "put-nothing-after",
                                     "put-same",
                                     "copy",
                                     "self",
                                     "members",
                                     "missing",
                                     "malformed",
                                     "file",
                                     "file-find",
                                     "sound",
                                     "patch",
                                     "lock",
                                     "lock-malformed",
                                     "free",
                                     "property",
                                     "put-without",
                                     "put-without-after",
                                     "put-wrong",
                                     "delete-without",
                                     "delete-without-after",
                                     "lock-again",
                                     "put-with",
                                     "unlock",
                                     "put-free",
                                     "member",
                                     "member-lock",
                                     "folder-delete",
                                     "member-after",
                                     "find",
                                     "folder-lock",
                                     "knowing",
                                     "unknowing",
                                     "near",
                                     "announced",
                                     "announced-after",
                                     "sent",
                                     "sent-after",
                                     "small",
                                     "small-after",
                                     "base",
                                     "delta",
                                     "delta",
                                     "two",
                                     "plain",
                                     "current",
                                     "stranger",
                                     "get",
                                     "options",
                                     "condition",
                                     "range",
                                     "step",
                                     "blind",
                                     "blind-after",
                                     "blind-delete",
                                     "delete-after",
                                     "wrong",
                                     "right",
                                     "right-after",
                                     "burst",
                                     "refused",
                                     "after",
                                     "modest",
                                     "large",
                                     "target",
                                     "parent",
                                     "chosen",
                                     "list",
                                     "variant",
                                     "unknown",
                                     "without",
                                     "optional",
                                     "put-unknown",
                                     "put-after",
                                     "ordinary",
                                     "captive",
                                     "login",
                                     "coffee",
                                     "post",
                                     "tea",
                                     "soup",
                                     "long",
                                     "effect",
                                     "old",
                                     "short"};

enum { LABELS = sizeof(labels) / sizeof(*labels), ANSWERS_MAX = 32 };

static void answer_take(struct trail *trail, struct probe *probe, struct slice text)
{
    const char *why;

    probe->method = SLICE("GET");
    probe->path = SLICE("/d/f");
    probe->host = probe->at = SLICE("h");
    probe->fields = SLICE("Man: \"urn:x:1\"\r\n");
    probe->head = arena_alloc(&trail->arena, sizeof(*probe->head));
    if (answer_head_parse(text, probe->head, &why) == ANSWER_DONE) {
        probe->status = probe->head->status;
        probe->body = arena_slice(&trail->arena, slice_from(text, probe->head->len));
        probe->total = probe->body.len;
        probe->processing = probe->head->minor;
        return;
    }
    probe->head = NULL;
    probe->trouble = SLICE("it came to nothing");
}

static unsigned answers_split(struct slice text, struct slice answers[ANSWERS_MAX])
{
    unsigned count = 0;

    while (count < ANSWERS_MAX - 1 && slice_cut(text, '\0', &answers[count], &text))
        count++;
    answers[count++] = text;
    return count;
}

static void read_parts(const struct probe *probe, struct arena *arena)
{
    struct multistatus answer;
    struct byteranges parts;
    struct byterange one;
    struct slice rest = probe->body, address;
    struct buf out, why = BUF_INIT(256);
    size_t count = 0;

    if (multistatus_read(probe, arena, &answer))
        assert(answer.count <= RESPONSES_MAX);
    if (byteranges_begin(probe_field(probe, "Content-Type"), probe->body, &parts))
        while (byteranges_next(&parts, &one))
            assert(one.data.len == one.range.last - one.range.first + 1 && ++count <= probe->body.len);
    while (link_next(&rest, &address))
        assert(address.len < probe->body.len);
    undo_im(probe_field(probe, "IM"), SLICE("a base\nof lines\n"), probe->body, &out, &why);
    assert(out.len <= UNDO_MAX);
    buf_release(&out);
    buf_release(&why);
}

static void read_hints(struct slice text, struct arena *arena)
{
    static struct hints hints;
    struct buf why = BUF_INIT(512);
    bool is_good = hints_read(text, false, arena, &hints, &why);

    assert(is_good ? hints.count <= HINTS_MAX : hints.count == 0 && why.len);
    for (unsigned i = 0; i < hints.count; i++)
        assert(slice_starts(hints.list[i].path, SLICE("/")) &&
               slice_index(hints.list[i].path, '\n') == hints.list[i].path.len);
    buf_release(&why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice answers[ANSWERS_MAX];
    unsigned count = answers_split(slice_of((const char *)data, size), answers);
    struct trail trail = {0};
    struct finding finding;

    if (size > 1 << 16)
        return 0;
    for (unsigned i = 0; i < LABELS; i++)
        answer_take(&trail, trail_add(&trail, labels[i]), answers[i % count]);
    for (unsigned i = 0; i < check_count; i++) {
        judge_run(all_checks[i]->judge, all_checks[i]->code, &trail, &finding);
        assert(finding.verdict < VERDICT_COUNT && finding.fault_count <= FAULTS_MAX);
        assert(finding.verdict != VERDICT_EARNED || (finding.needs && !finding.fault_count));
        assert(finding.verdict != VERDICT_UNKNOWN || finding.trouble.len);
        for (unsigned k = 0; k < finding.fault_count; k++)
            assert(curl_line(&trail, finding.faults[k].probe, &trail.arena).len);
    }
    for (const struct probe *at = trail.first; at && count-- > 0; at = at->next)
        read_parts(at, &trail.arena);
    read_hints(slice_of((const char *)data, size), &trail.arena);
    trail_release(&trail);
    return 0;
}
