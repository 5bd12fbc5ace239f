/*
 * code_226.c - IM Used (RFC 3229 10.4.1; docs/spec/delta.md): what changed since the version that a client has.
 */
#include "codes.h"
#include "http/im.h"
#include "undo.h"

enum { ROWS = 120 };

/* A text in which few rows are other ones in each edition. */
static struct slice edition(struct surveyor *surveyor, unsigned number)
{
    struct buf text = BUF_INIT(ROWS * 80);
    struct slice kept;

    for (unsigned row = 0; row < ROWS; row++)
        buf_printf(&text, "row %u, as it stands in edition %u of a text\n", row * 7919, row % 40 == 5 ? number : 0);
    kept = arena_slice(&surveyor->trail->arena, buf_slice(&text));
    buf_release(&text);
    return kept;
}

static void plan_deltas(struct surveyor *surveyor)
{
    static const char *const kinds[] = {"vcdiff", "gdiff", "diffe"};
    struct slice folder = hinted_work(surveyor), path, old, now;

    if (!folder.len)
        return;
    path = arena_printf(&surveyor->trail->arena, "%.*s226.txt", SLICE_FMT(folder));
    ask_with(surveyor, "put", "PUT", path, edition(surveyor, 1), "Content-Type: text/plain\r\n");
    old = probe_field(ask(surveyor, "base", "GET", path, "%s", ""), "ETag");
    ask_with(surveyor, "put", "PUT", path, edition(surveyor, 2), "Content-Type: text/plain\r\n");
    now = probe_field(ask(surveyor, "whole", "GET", path, "%s", ""), "ETag");
    if (!old.len || !now.len)
        return;
    for (unsigned i = 0; i < 3; i++)
        ask(surveyor, "delta", "GET", path, "A-IM: %s\r\nIf-None-Match: %.*s\r\n", kinds[i], SLICE_FMT(old));
    ask(surveyor, "two", "GET", path, "A-IM: vcdiff, gdiff, diffe, gzip\r\nIf-None-Match: \"samovar-survey\", %.*s\r\n",
        SLICE_FMT(old));
    ask(surveyor, "plain", "GET", path, "If-None-Match: %.*s\r\n", SLICE_FMT(old));
    ask(surveyor, "current", "GET", path, "A-IM: vcdiff, gdiff, diffe\r\nIf-None-Match: %.*s\r\n", SLICE_FMT(now));
    ask(surveyor, "stranger", "GET", path, "A-IM: vcdiff, gdiff, diffe\r\nIf-None-Match: \"samovar-survey\"\r\n");
    ask(surveyor, "head", "HEAD", path, "A-IM: vcdiff, gdiff, diffe\r\nIf-None-Match: %.*s\r\n", SLICE_FMT(old));
}

static void plan(struct surveyor *surveyor)
{
    struct slice path;

    if (surveyor->order->may_write) {
        plan_deltas(surveyor);
        return;
    }
    if (!may_read(surveyor, &path))
        return;
    /* What can be asked without a base: a compression. */
    ask(surveyor, "whole", "GET", path, "%s", "");
    ask(surveyor, "delta", "GET", path, "A-IM: gzip\r\n");
    ask(surveyor, "plain", "GET", path, "%s", "");
    may_work(surveyor);
}

static void judge_undone(struct finding *finding, const struct probe *base, const struct probe *whole,
                         const struct probe *delta)
{
    struct buf out, why = BUF_INIT(256);
    bool is_undone = undo_im(probe_field(delta, "IM"), base ? base->body : SLICE_NONE, delta->body, &out, &why);

    if (need(finding, delta, is_undone, "DLT-24", "RFC 3229 10.7.2", "what came cannot be applied: %s", buf_str(&why)))
        need(finding, delta, slice_eq(buf_slice(&out), whole->body), "DLT-24", "RFC 3229 10.4.1",
             "what came makes other octets of the base than the 200 has");
    buf_release(&out);
    buf_release(&why);
}

/* A compression takes no base. */
static bool has_delta(struct slice im)
{
    struct im_wish wish;
    enum im kinds[IM_COUNT];

    im_wish_read(im, &wish);
    return im_wish_deltas(&wish, kinds) > 0;
}

static void judge_delta(struct finding *finding, const struct probe *base, const struct probe *whole,
                        const struct probe *delta)
{
    struct slice from = probe_field(delta, "Delta-Base");

    if (!probe_is(delta, 226)) {
        need(finding, delta, !probe_has(delta, "IM"), "DLT-14", "RFC 3229 10.5.2", "IM stands in a %d",
             probe_status(delta));
        return;
    }
    if (!need(finding, delta, probe_has(delta, "IM"), "DLT-14", "RFC 3229 10.5.2", "the 226 has no IM"))
        return;
    need(finding, delta, slice_eq(probe_field(delta, "ETag"), probe_field(whole, "ETag")), "DLT-18", "RFC 3229 10.4.1",
         "the ETag of the 226 is not that of the current instance");
    if (base && strcmp(delta->label, "two") == 0 && has_delta(probe_field(delta, "IM")))
        need(finding, delta, slice_eq(from, probe_field(base, "ETag")), "DLT-19", "RFC 3229 10.5.1",
             "two bases were named, and Delta-Base does not say which one it was");
    need(finding, delta, !from.len || !base || slice_eq(from, probe_field(base, "ETag")), "DLT-21", "RFC 3229 10.5.1",
         "Delta-Base names what was not asked for");
    judge_undone(finding, base, whole, delta);
}

static void judge_others(const struct trail *trail, struct finding *finding)
{
    const struct probe *plain = trail_find(trail, "plain"), *current = trail_find(trail, "current"),
                       *stranger = trail_find(trail, "stranger"), *head = trail_find(trail, "head");

    need(finding, plain, probe_is(plain, 200), "DLT-01", "RFC 3229 10.4.1", "without A-IM it gave %d",
         probe_status(plain));
    if (!current)
        return;
    need(finding, current, probe_is(current, 304), "DLT-04", "RFC 3229 5.2", "the current tag as a base gave %d",
         probe_status(current));
    need(finding, stranger, probe_is(stranger, 200), "DLT-05", "RFC 3229 10.3", "an unknown base gave %d and no whole",
         probe_status(stranger));
    need(finding, head, probe_is(head, 200), "DLT-11", "RFC 3229 10.4.1", "HEAD with A-IM gave %d", probe_status(head));
}

void judge_226(const struct trail *trail, struct finding *finding)
{
    const struct probe *base = trail_find(trail, "base"), *whole = trail_find(trail, "whole");

    if (!probe_is(whole, 200)) {
        need(finding, whole, false, "DLT-01", "RFC 3229 10.4.1", "without A-IM it gave %d", probe_status(whole));
        return;
    }
    if (!finding->is_seen)
        return;
    for (const struct probe *at = trail_find(trail, "delta"); at; at = trail_next(at, "delta"))
        judge_delta(finding, base, whole, at);
    if (trail_find(trail, "two"))
        judge_delta(finding, base, whole, trail_find(trail, "two"));
    judge_others(trail, finding);
}

const struct check check_226 = {226, plan, judge_226, "what has changed"};
