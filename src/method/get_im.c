/*
 * get_im.c - 226: instance manipulations of a file's content (RFC 3229; docs/spec/delta.md).
 *
 * What A-IM accepts is done in its order: a delta to a version that If-None-Match names and history still has,
 * compression, a range. Of several deltas the kind with the highest weight is sent, and of several bases the one that
 * gives the shortest (DLT-10, DLT-C7). What would not be shorter than without is left out; where nothing is left, the
 * answer is as if there were no A-IM, unless identity;q=0 forbids that (406).
 */
#include <unistd.h>

#include "base/fd.h"
#include "derive.h"
#include "get_private.h"
#include "store/history.h"

enum {
    TAGS_MAX = 16, /* of If-None-Match that are looked for: each is a look at the records */
    BASES_MAX = 4, /* deltas that are made to find the shortest */
    CACHE_CONTROL_ROOM = 96,
};

struct base {
    struct instance instance; /* of it descriptor and tag, both ours */
    struct slice shown;       /* the tag as the client has it */
    struct facts facts;
};

struct im_work {
    struct get_job *get;
    struct derive derive;
    struct base bases[BASES_MAX];
    unsigned base_count;
    /* what was made so far, and of what */
    struct instance now;
    bool is_made; /* now is a file of its own, no stretch of the one that is asked for */
    struct im_chain chain;
    const struct base *base;     /* of the delta among it */
    struct slice content_range;  /* of the range among it */
    struct range_set last_parts; /* several ranges of it are sent: count above 1 */
    bool is_unsatisfiable;
};

/* ---- bases ---- */

static bool is_base_known(const struct im_work *work, struct slice tag)
{
    for (unsigned i = 0; i < work->base_count; i++)
        if (slice_eq(work->bases[i].instance.tag, tag))
            return true;
    return false;
}

static WORKER_SIDE void base_add(struct im_work *work, struct slice shown)
{
    struct base *base = &work->bases[work->base_count];
    struct slice tag = get_plain_tag(work->get, shown);
    uint64_t number;
    int fd;

    if (is_base_known(work, tag) ||
        store_version_by_tag(work->get->store, work->get->path, tag, &fd, &base->facts, &number) != ERR_NONE)
        return;
    base->instance = (struct instance){.octets = {.fd = fd, .size = base->facts.size}, .tag = tag};
    base->shown = shown;
    work->base_count++;
}

/* Weak tags never select one (DLT-31). */
static WORKER_SIDE void bases_find(struct im_work *work)
{
    struct slice rest = work->get->conditions.none_match;
    struct etag tag;

    for (unsigned i = 0; i < TAGS_MAX && work->base_count < BASES_MAX && etag_next(&rest, &tag) == ETAG_ONE; i++)
        if (!tag.is_weak)
            base_add(work, tag.text);
}

static WORKER_SIDE void bases_close(struct im_work *work)
{
    for (unsigned i = 0; i < work->base_count; i++)
        store_close_file(work->get->store, work->bases[i].instance.octets.fd, &work->bases[i].facts);
}

/* ---- steps ---- */

static bool content_holds(void *arg)
{
    struct get_job *get = arg;
    struct facts after;

    role_assert_worker();
    return store_facts_of(get->store, get->fd, &after) == ERR_NONE && facts_same_content(&get->facts, &after);
}

static void take(struct im_work *work, const struct octets *made, struct slice name)
{
    if (work->is_made)
        fd_close(&work->now.octets.fd);
    work->now = (struct instance){.octets = *made, .tag = name};
    work->is_made = true;
}

static struct octets cut(const struct octets *octets, const struct range_part *part)
{
    uint64_t rest = part->first < octets->size ? octets->size - part->first : 0;
    uint64_t len = part->last - part->first + 1;

    return (struct octets){.fd = octets->fd, .at = octets->at + part->first, .size = len < rest ? len : rest};
}

/* The same of what is sent, and of the bases, if a delta is still to come (DLT-38). */
static enum err step_range(struct im_work *work, bool is_last)
{
    struct range_set set = {.kind = RANGE_IGNORE};
    struct buf text = BUF_INIT(128);

    range_choose(work->get->range, false, work->now.octets.size, &set);
    work->is_unsatisfiable = set.kind == RANGE_NONE_SATISFIABLE;
    if (set.kind != RANGE_PARTS || (set.count > 1 && !is_last))
        return ERR_UNSUPPORTED;
    if (set.count > 1) {
        work->last_parts = set;
        return ERR_NONE;
    }
    content_range_write(&text, set.part[0].first, set.part[0].last, work->now.octets.size);
    work->content_range = arena_slice(get_arena(work->get), buf_slice(&text));
    buf_release(&text);
    work->now.octets = cut(&work->now.octets, &set.part[0]);
    work->derive.is_once = true; /* else any client could fill the disk, range by range */
    for (unsigned i = 0; i < work->base_count; i++)
        work->bases[i].instance.octets = cut(&work->bases[i].instance.octets, &set.part[0]);
    return ERR_NONE;
}

/* The shortest, the first of equal ones. */
static WORKER_SIDE enum err step_delta(struct im_work *work, enum im im)
{
    struct octets best = {.fd = -1}, made;
    enum err err = ERR_UNSUPPORTED;

    for (unsigned i = 0; i < work->base_count; i++) {
        const struct base *base = &work->bases[i];
        enum err got = derive_delta(&work->derive, im, &base->instance, &work->now, &made);

        if (got == ERR_CHANGED) {
            err = got;
            break;
        }
        if (got != ERR_NONE)
            continue;
        if (best.fd >= 0 && best.size <= made.size) {
            fd_close(&made.fd);
            continue;
        }
        fd_close(&best.fd);
        best = made;
        work->base = base;
        err = ERR_NONE;
    }
    if (err != ERR_NONE) {
        fd_close(&best.fd);
        return err;
    }
    take(work, &best,
         arena_printf(get_arena(work->get), "%.*s of %.*s of %.*s", SLICE_FMT(im_name(im)),
                      SLICE_FMT(work->base->instance.tag), SLICE_FMT(work->now.tag)));
    return ERR_NONE;
}

static WORKER_SIDE enum err step_coding(struct im_work *work, enum im im)
{
    struct slice name =
        arena_printf(get_arena(work->get), "%.*s %llu+%llu", SLICE_FMT(work->now.tag),
                     (unsigned long long)work->now.octets.at, (unsigned long long)work->now.octets.size);
    struct octets made;
    enum err err =
        derive_coded(&work->derive, im == IM_GZIP ? CODING_GZIP : CODING_DEFLATE, &work->now.octets, name, &made);

    if (err == ERR_NONE)
        take(work, &made, name);
    return err;
}

static WORKER_SIDE enum err step(struct im_work *work, enum im im, bool is_last)
{
    if (im == IM_RANGE)
        return step_range(work, is_last);
    return im_is_delta(im) ? step_delta(work, im) : step_coding(work, im);
}

/* ---- chains ---- */

/* As before the first step. */
static void work_reset(struct im_work *work)
{
    struct get_job *get = work->get;

    if (work->is_made)
        fd_close(&work->now.octets.fd);
    work->is_made = false;
    work->now = (struct instance){.octets = {.fd = get->fd, .size = get->facts.size}, .tag = facts_tag(&get->facts)};
    for (unsigned i = 0; i < work->base_count; i++)
        work->bases[i].instance.octets =
            (struct octets){.fd = work->bases[i].instance.octets.fd, .size = work->bases[i].facts.size};
    work->chain.count = 0;
    work->derive.is_once = false;
    work->base = NULL;
    work->content_range = SLICE_NONE;
    work->last_parts.count = 0;
    work->is_unsatisfiable = false;
}

/* Compression that gains nothing is left out; all else has to work. */
static WORKER_SIDE enum err run(struct im_work *work, const struct im_chain *plan)
{
    work_reset(work);
    for (unsigned i = 0; i < plan->count; i++) {
        enum im im = plan->step[i];
        enum err err = step(work, im, i + 1 == plan->count);

        if (err == ERR_NONE)
            work->chain.step[work->chain.count++] = im;
        else if (err == ERR_CHANGED || im == IM_RANGE || im_is_delta(im))
            return err;
    }
    return work->is_made ? ERR_NONE : ERR_UNSUPPORTED;
}

/*
 * The best that can be made; ERR_UNSUPPORTED: nothing. Of a weak tag nothing is: what is made is kept under the tag,
 * and the content may still change without it.
 */
static WORKER_SIDE enum err run_best(struct im_work *work, enum im range)
{
    const struct get_job *get = work->get;
    enum im deltas[IM_COUNT], coding = im_wish_coding(get->im);
    unsigned count = im_wish_deltas(get->im, deltas);
    enum err err = ERR_UNSUPPORTED;
    struct im_chain plan;

    if (get->facts.is_weak)
        return ERR_UNSUPPORTED;
    if (count)
        bases_find(work);
    for (unsigned i = 0; i < count && work->base_count && err == ERR_UNSUPPORTED && !work->is_unsatisfiable; i++) {
        plan = im_chain_of(get->im, deltas[i], coding, range);
        err = run(work, &plan);
    }
    if (err != ERR_UNSUPPORTED || work->is_unsatisfiable || coding == IM_IDENTITY || get->takes_codings)
        return err;
    plan = im_chain_of(get->im, IM_IDENTITY, coding, range);
    return run(work, &plan);
}

/* ---- the answer ---- */

/* For how long the instance will be a base, if it is replaced (RFC 3229 §10.8.1); a time only where that alone decides.
 */
static void add_retain(const struct get_job *get, struct buf *out)
{
    const struct history_rule *history = &get->rules.history;

    if (!rules_history(&get->rules) || get->facts.is_weak || get->facts.nlink != 1 || get->facts.through_symlink ||
        (history->bytes && get->facts.size > history->bytes))
        return;
    buf_add_str(out, ", retain");
    if (!history->count && !history->bytes)
        buf_printf(out, "=%llu", (unsigned long long)history->seconds);
}

static struct slice cache_control(struct get_job *get, struct slice first)
{
    struct buf text = BUF_INIT(CACHE_CONTROL_ROOM);
    struct slice made;

    buf_add(&text, first);
    add_retain(get, &text);
    made = arena_slice(get_arena(get), buf_slice(&text));
    buf_release(&text);
    return made;
}

static void add_im(struct im_work *work)
{
    struct get_job *get = work->get;
    struct buf text = BUF_INIT(128);

    im_chain_write(&text, &work->chain);
    get_add(get, SLICE("IM"), arena_slice(get_arena(get), buf_slice(&text)));
    buf_release(&text);
    if (work->base)
        get_add(get, SLICE("Delta-Base"), arena_printf(get_arena(get), "\"%.*s\"", SLICE_FMT(work->base->shown)));
}

static void plan_body(struct im_work *work, struct slice type, struct file_body *body)
{
    struct octets *octets = &work->now.octets;

    if (work->last_parts.count > 1 && body_ranges(get_arena(work->get), body, &work->last_parts, octets->size, type))
        return;
    body_whole(body, octets->size, type);
    body->content_range = work->content_range;
    if (body->count)
        body->piece[0].off += octets->at;
}

static WORKER_SIDE void answer_im(struct im_work *work, struct slice type)
{
    struct get_job *get = work->get;
    struct file_body body;

    if (!get_digests(get, NULL)) /* the whole one's: what the client is to have in the end */
        return;
    plan_body(work, type, &body);
    get->answer.status = 226;
    add_im(work);
    get_add(get, SLICE("Content-Type"), body.content_type);
    if (body.content_range.len)
        get_add(get, SLICE("Content-Range"), body.content_range);
    if (get->language.len)
        get_add(get, SLICE("Content-Language"), get->language);
    get->cache_control = cache_control(get, SLICE("no-store, im, must-understand")); /* DLT-26, DLT-C2 */
    get_fields(get, type, false);
    store_close_file(get->store, get->fd, &get->facts);
    get->fd = work->now.octets.fd;
    get->is_fixed = true;
    work->is_made = false;
    get_attach(get, &body);
}

/* The octets of what a range was to be cut from. */
static void answer_unsatisfiable(struct im_work *work)
{
    struct get_job *get = work->get;

    get_refuse(get, VERDICT(416, "None of the requested ranges lies within what they were to be cut from: the "
                                 "instance manipulations of A-IM are done in their order."));
    get_add(get, SLICE("Content-Range"), body_range_unsatisfied(get_arena(get), work->now.octets.size));
}

static WORKER_SIDE bool answer(struct im_work *work, enum err err, enum im range, struct slice type)
{
    struct get_job *get = work->get;

    if (err == ERR_CHANGED && get->may_try_again) {
        get->has_changed = store_facts_of(get->store, get->fd, &get->facts) == ERR_NONE;
        return get->has_changed;
    }
    if (err == ERR_NONE) {
        answer_im(work, type);
        return true;
    }
    if (work->is_unsatisfiable) {
        answer_unsatisfiable(work);
        return true;
    }
    if (get->im->no_identity && range == IM_IDENTITY) {
        get_refuse(get, VERDICT(406, "A-IM refuses the content as it is (identity;q=0), and nothing else that it "
                                     "accepts can be made of it. Allow identity, or name a version in If-None-Match "
                                     "that this server still has."));
        return true;
    }
    get->cache_control = cache_control(get, get_freshness(get));
    return false;
}

bool get_im(struct get_job *get, const struct validators *current, struct slice type)
{
    bool has_range = get_range_counts(get, current);
    enum im range = has_range ? IM_RANGE : IM_IDENTITY;
    struct im_work work = {.get = get,
                           .derive = {.store = get->store,
                                      .left = get->left,
                                      .is_any_size = get->im->no_identity,
                                      .is_rolling = get->rules.feeds == FEEDS_ROLLING,
                                      .holds = content_holds,
                                      .arg = get}};
    bool is_answered;

    role_assert_worker();
    if (has_range && !im_wish_has(get->im, IM_RANGE)) /* DLT-C4 */
        return false;
    work_reset(&work);
    is_answered = answer(&work, run_best(&work, range), range, type);
    if (work.is_made)
        fd_close(&work.now.octets.fd);
    bases_close(&work);
    return is_answered;
}
