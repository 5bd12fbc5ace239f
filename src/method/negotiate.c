/*
 * negotiate.c - which variant a client gets, and what is said of that.
 */
#include "method/negotiate.h"

#include "gate/gate.h"
#include "method/bound.h"
#include "negotiate_private.h"

enum {
    ALTERNATES_MAX = 32 * 1024, /* of a field: clients take no longer ones */
    VARY_MAX = 128,
    SMALL = 2048, /* a variant of so many octets is not much larger than a list (guess-small) */
};

enum outcome {
    OUTCOME_PLAIN,  /* it is not negotiable */
    OUTCOME_METHOD, /* it is, but the method is none for that */
    OUTCOME_CHOICE,
    OUTCOME_LIST,
    OUTCOME_NOTHING_FITS,
    OUTCOME_GOES_ON, /* the variant is negotiable, too */
    OUTCOME_BROKEN,  /* the map is none */
};

struct negotiate_job {
    struct job job;
    struct exchange *ex; /* loop only */
    struct negotiable_ask ask;
    struct asker asker;
    bool is_read, has_variant; /* GET and HEAD; which body of a map is asked for: */
    unsigned variant;
    struct negotiate negotiate;
    struct variant_wish wish;
    enum outcome outcome;
    struct negotiable found;
    struct negotiation result;
    struct slice preferred; /* of a list: what would be chosen, if it were here; "" without */
};

/* ---- which one (worker) ---- */

static struct slice written(struct arena *arena, size_t most, const struct negotiable *found,
                            void (*write)(struct buf *, const struct variant *, unsigned))
{
    struct buf text = BUF_INIT(most);
    struct slice made = SLICE_NONE;

    write(&text, found->list, found->count);
    if (!text.overflown)
        made = arena_slice(arena, buf_slice(&text));
    buf_release(&text);
    return made;
}

static struct slice validator_of(struct arena *arena, struct slice alternates)
{
    struct buf text = BUF_INIT(64);
    struct slice made;

    variants_validator_write(&text, alternates);
    made = arena_slice(arena, buf_slice(&text));
    buf_release(&text);
    return made;
}

static void describe(struct negotiate_job *job)
{
    struct arena *arena = &job->job.arena;

    job->result.alternates = written(arena, ALTERNATES_MAX, &job->found, alternates_write);
    job->result.vary = written(arena, VARY_MAX, &job->found, variants_vary_write);
    job->result.validator = validator_of(arena, job->result.alternates);
    job->result.wants_list = job->negotiate.wants_list;
    if (!job->result.alternates.len)
        job->found.broken = SLICE("the list of its variants is too long to be sent");
}

/* What both begin with; ASCII, of which there are no two ways to write the same. */
static size_t shared(struct slice a, struct slice b)
{
    size_t len = 0;

    while (len < a.len && len < b.len && a.ptr[len] == b.ptr[len] && !(a.ptr[len] & 0x80))
        len++;
    return len;
}

/* Of the name of what was chosen: all that the choice depends on begins so. */
static size_t stem_of(const struct negotiate_job *job, struct slice leaf)
{
    const struct negotiable *found = &job->found;
    struct rpath asked = job->ask.path;
    size_t stem = shared(leaf, asked.has_slash || rpath_is_root(asked) ? SLICE("index") : rpath_leaf(asked));

    if (found->map.text.len)
        stem = shared(slice_upto(leaf, stem), rpath_leaf(found->map));
    for (unsigned i = 0; i < found->count; i++)
        if (found->more[i].is_neighbour)
            stem = shared(slice_upto(leaf, stem), rpath_leaf(found->more[i].path));
    return stem;
}

static enum outcome choose(struct negotiate_job *job, unsigned at)
{
    const struct negotiable_variant *variant = &job->found.more[at];

    role_assert_worker();
    job->result.location = job->found.list[at].uri;
    if (!variant->is_neighbour) { /* NEG-19 */
        job->preferred = job->result.location;
        return OUTCOME_LIST;
    }
    job->result.chosen = *variant;
    job->result.stem = stem_of(job, rpath_leaf(variant->path));
    return negotiable_goes_on(&job->ask, variant) ? OUTCOME_GOES_ON : OUTCOME_CHOICE;
}

static enum outcome pick(struct negotiate_job *job, struct pick *out)
{
    const struct rules *rules = &job->ask.rules;

    *out = variant_pick(job->found.list, job->found.count, &job->wish, rules->languages, rules->language_count);
    return out->kind == PICK_ONE ? OUTCOME_CHOICE : out->kind == PICK_TIE ? OUTCOME_LIST : OUTCOME_NOTHING_FITS;
}

/* For who knows of negotiation: what he allows, else the list (NEG-03, NEG-04). */
static enum outcome choose_by_negotiate(struct negotiate_job *job)
{
    const struct negotiable *found = &job->found;
    struct pick guess;
    int at = -1;

    if (job->negotiate.may_choose)
        at = variant_choose(found->list, found->count, &job->wish, NULL);
    if (at >= 0 && found->more[at].is_neighbour)
        return choose(job, (unsigned)at);
    if (job->negotiate.may_guess && pick(job, &guess) == OUTCOME_CHOICE && found->list[guess.at].has_length &&
        found->list[guess.at].length <= SMALL && found->more[guess.at].is_neighbour)
        return choose(job, guess.at);
    return OUTCOME_LIST;
}

static enum outcome choose_by_accept(struct negotiate_job *job)
{
    struct pick one;
    enum outcome outcome = pick(job, &one);

    return outcome == OUTCOME_CHOICE ? choose(job, one.at) : outcome;
}

/* A body of a map at its own address: a plain answer. */
static bool is_body(struct negotiate_job *job)
{
    const struct negotiable *found = &job->found;

    if (!found->is_file || !job->has_variant || !job->variant || job->variant > found->count ||
        !found->more[job->variant - 1].body)
        return false;
    job->result = (struct negotiation){.chosen = found->more[job->variant - 1]};
    return true;
}

static enum outcome decide(struct negotiate_job *job)
{
    role_assert_worker();
    if (!negotiable_find(&job->ask, &job->found))
        return OUTCOME_PLAIN;
    if (!job->is_read)
        return OUTCOME_METHOD;
    if (is_body(job))
        return OUTCOME_CHOICE;
    if (!job->found.broken.len)
        describe(job);
    if (job->found.broken.len)
        return OUTCOME_BROKEN;
    return job->negotiate.is_known ? choose_by_negotiate(job) : choose_by_accept(job);
}

static void negotiate_act(struct job *base)
{
    struct negotiate_job *job = CONTAINER(base, struct negotiate_job, job);

    role_assert_worker();
    job->outcome = decide(job);
}

/* ---- answers (loop) ---- */

static LOOP_SIDE void add(struct exchange *ex, struct slice name, struct slice value)
{
    answer_field(&ex->arena, &ex->answer, name, value);
}

static LOOP_SIDE void answer_list(struct exchange *ex, const struct negotiate_job *job)
{
    bool is_error = job->outcome == OUTCOME_NOTHING_FITS;
    struct list_page page = {.status = is_error ? 406 : 300,
                             .alternates = job->result.alternates,
                             .vary = job->result.vary,
                             .validator = job->result.validator,
                             .list = job->found.list,
                             .count = job->found.count,
                             .accept = head_combined(&ex->head, FIELD_ACCEPT, &ex->arena),
                             .accept_language = head_combined(&ex->head, FIELD_ACCEPT_LANGUAGE, &ex->arena)};

    negotiation_list(&ex->arena, &page, &ex->answer);
    if (!is_error)
        add(ex, SLICE("TCN"), SLICE("list"));
    if (job->preferred.len && !job->negotiate.is_known)
        add(ex, SLICE("Location"), job->preferred);
    exchange_answer(ex);
}

/* 506 (RFC 2295 §8.1). */
static LOOP_SIDE void answer_goes_on(struct exchange *ex, const struct negotiate_job *job)
{
    struct answer_field vary = {SLICE("Vary"), job->result.vary};
    struct verdict verdict = {
        .status = 506,
        .detail = arena_printf(&ex->arena,
                               "The variant that fits this request, %.*s, is a choice between variants itself, so that "
                               "nothing can be sent. The server's operator has to name a file in its place: samovar "
                               "check finds such loops.",
                               SLICE_FMT(job->result.location)),
        .fields = &vary,
        .field_count = 1};

    add(ex, SLICE("Cache-Control"), SLICE("no-store"));
    exchange_refuse(ex, verdict);
}

static LOOP_SIDE void answer_broken(struct exchange *ex, const struct negotiate_job *job)
{
    struct verdict verdict = {.status = 500,
                              .detail =
                                  arena_printf(&ex->arena,
                                               "The type map %.*s, which lists the variants of this, cannot be "
                                               "used: %.*s. The server's operator has to mend it.",
                                               SLICE_FMT(rpath_leaf(job->found.map)), SLICE_FMT(job->found.broken))};

    exchange_refuse(ex, verdict);
}

/* NEG-C9: variants are edited at their own addresses. A map is a file, too, which may be looked at, moved, locked. */
static bool is_refused(enum method method, bool is_file)
{
    switch (method) {
    case METHOD_PUT:
    case METHOD_PATCH:
    case METHOD_DELETE:
    case METHOD_POST:
        return true;
    case METHOD_LOCK:
    case METHOD_MKCOL:
        return !is_file;
    default:
        return false;
    }
}

static LOOP_SIDE void other_method(struct exchange *ex, const struct negotiate_job *job)
{
    if (ex->head.method == METHOD_OPTIONS) {
        add(ex, SLICE("Allow"), SLICE("GET, HEAD, OPTIONS"));
        answer_classes(ex);
        ex->answer.status = 200;
        ex->answer.content = (struct content){.kind = CONTENT_PIECES, .fd = -1};
        exchange_answer(ex);
    } else if (is_refused(ex->head.method, job->found.is_file)) {
        add(ex, SLICE("Allow"), SLICE("GET, HEAD, OPTIONS"));
        exchange_refuse(ex, VERDICT(405, "This address stands for several variants and can only be read. Change the "
                                         "variants at their own addresses; a type map is changed by a request with "
                                         "the field Translate: f."));
    } else {
        method_start(ex);
    }
}

/* Its own rules and rights hold, and what they say goes on to the client as a choice (NEG-24). */
static LOOP_SIDE void go_on(struct exchange *ex, const struct negotiate_job *job)
{
    struct negotiation *negotiation = arena_alloc(&ex->arena, sizeof(*negotiation));
    struct verdict verdict;

    *negotiation = job->result;
    ex->negotiation = negotiation;
    ex->asked = ex->path;
    ex->path = job->result.chosen.path;
    verdict = gates_on_variant(ex);
    if (verdict.status == 401 && ex->ask_login)
        ex->ask_login(ex);
    else if (verdict.status)
        exchange_refuse(ex, verdict);
    else if (bound_counts(ex))
        bound_start(ex, method_start);
    else
        method_start(ex);
}

static void negotiate_done(struct job *base)
{
    struct negotiate_job *job = CONTAINER(base, struct negotiate_job, job);
    struct exchange *ex = job->ex;

    role_assert_loop();
    if (!exchange_home(ex, base))
        return;
    switch (job->outcome) {
    case OUTCOME_PLAIN:
        method_start(ex);
        break;
    case OUTCOME_METHOD:
        other_method(ex, job);
        break;
    case OUTCOME_CHOICE:
        go_on(ex, job);
        break;
    case OUTCOME_LIST:
    case OUTCOME_NOTHING_FITS:
        answer_list(ex, job);
        break;
    case OUTCOME_GOES_ON:
        answer_goes_on(ex, job);
        break;
    case OUTCOME_BROKEN:
        answer_broken(ex, job);
        break;
    }
}

/* ---- the stage ---- */

/* As Windows' client says it: it speaks of the file, not of what a server makes of it. */
static LOOP_SIDE bool wants_the_file(const struct exchange *ex)
{
    struct slice value;

    return head_find(&ex->head, SLICE("Translate"), &value) && slice_eq_nocase(slice_trim(value), SLICE("f"));
}

bool negotiation_counts(const struct exchange *ex)
{
    bool is_read = ex->head.method == METHOD_GET || ex->head.method == METHOD_HEAD;

    if (!ex->site->has_variants || !ex->rules.negotiate || ex->target.is_server_wide ||
        ex->head.method == METHOD_UNKNOWN || wants_the_file(ex))
        return false;
    if (ex->known && !name_is_map(rpath_leaf(ex->path)))
        return false; /* a file is there */
    return is_read || !(ex->path.has_slash || rpath_is_root(ex->path));
}

/* "variant=3". */
static bool variant_asked(struct slice query, unsigned *out)
{
    static const struct slice name = SLICE_INIT("variant=");
    uint64_t number;

    if (!slice_starts(query, name) || !slice_u64(slice_from(query, name.len), &number) || number > VARIANTS_MAX)
        return false;
    *out = (unsigned)number;
    return true;
}

static LOOP_SIDE void read_wish(struct exchange *ex, struct negotiate_job *job)
{
    struct variant_wish *wish = &job->wish;
    struct arena *arena = &ex->arena;

    negotiate_read(head_combined(&ex->head, FIELD_NEGOTIATE, arena), &job->negotiate);
    wish->has_accept = head_has(&ex->head, FIELD_ACCEPT);
    wish->has_charset = head_has(&ex->head, FIELD_ACCEPT_CHARSET);
    wish->has_language = head_has(&ex->head, FIELD_ACCEPT_LANGUAGE);
    wish->accept = head_combined(&ex->head, FIELD_ACCEPT, arena);
    wish->charset = head_combined(&ex->head, FIELD_ACCEPT_CHARSET, arena);
    wish->language = head_combined(&ex->head, FIELD_ACCEPT_LANGUAGE, arena);
    wish->has_features = head_has(&ex->head, FIELD_ACCEPT_FEATURES);
    wish->features = head_combined(&ex->head, FIELD_ACCEPT_FEATURES, arena);
}

void negotiation_start(struct exchange *ex)
{
    struct negotiate_job *job = arena_alloc(&ex->arena, sizeof(*job));

    *job = (struct negotiate_job){.job = {.act = negotiate_act, .done = negotiate_done},
                                  .ex = ex,
                                  .is_read = ex->head.method == METHOD_GET || ex->head.method == METHOD_HEAD,
                                  .has_variant = ex->target.has_query};
    job->asker = ex->asker;
    job->ask = (struct negotiable_ask){.store = ex->store,
                                       .site = ex->site,
                                       .asker = &job->asker,
                                       .path = ex->path,
                                       .rules = ex->rules,
                                       .with_index = job->is_read,
                                       .arena = &job->job.arena};
    job->has_variant = ex->target.has_query && variant_asked(ex->target.query, &job->variant);
    read_wish(ex, job);
    ex->known = NULL; /* the hot cache may let go of it meanwhile */
    exchange_submit(ex, LANE_QUICK, &job->job);
}

/* ---- decorating ---- */

/* What of the request the variant's own answer depends on is told apart from what the choice depends on (NEG-21). */
static void split_vary(struct arena *arena, struct answer *answer)
{
    unsigned count = answer->field_count;

    for (unsigned i = 0; i < count; i++)
        if (slice_eq_nocase(answer->fields[i].name, SLICE("Vary")))
            answer_field(arena, answer, SLICE("Variant-Vary"), answer->fields[i].value);
}

void negotiation_decorate(struct exchange *ex, struct answer *answer)
{
    const struct negotiation *negotiation = negotiation_of(ex);

    if (!negotiation || !negotiation->vary.len)
        return;
    if (answer->status < 400) {
        split_vary(&ex->arena, answer);
        answer_field(&ex->arena, answer, SLICE("TCN"), SLICE("choice"));
        answer_field(&ex->arena, answer, SLICE("Content-Location"), negotiation->location);
        if (negotiation->wants_list)
            answer_field(&ex->arena, answer, SLICE("Alternates"), negotiation->alternates);
    }
    answer_field(&ex->arena, answer, SLICE("Vary"), negotiation->vary);
}
