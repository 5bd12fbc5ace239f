/*
 * brew.c - BREW, POST, which is the same, and WHEN (RFC 2324 §2.1; RFC 7168 §2.1).
 *
 * What is wrong with the request itself is judged on the loop, beginning with the type of its content: it says whether
 * coffee or tea is meant. A worker then tells the pot.
 */
#include "pot_private.h"

#include "http/field.h"
#include "http/uri.h"

enum {
    BREW_BODY_MAX = 1024, /* "start" or "stop", and white space */
    ADDITIONS_FIELD_MAX = 8192,
    RETRY_SILENT_S = 30, /* as long as it may take to plug in a pot */
    RETRY_CROWDED_S = 2, /* most obey sooner */
};

enum drink { DRINK_NONE, DRINK_COFFEE, DRINK_TEA };

struct brew_job {
    struct pot_ask ask; /* first: its job is ours */
    enum pot_order order;
    struct pot_cup cup;
    struct if_scope scope;
    bool has_failed_if;
    enum pot_said said;
    enum err err;
};

/* ---- refusals ---- */

static LOOP_SIDE struct answer_field *one_field(struct exchange *ex, struct slice name, struct slice value)
{
    struct answer_field *field = arena_alloc(&ex->arena, sizeof(*field));

    *field = (struct answer_field){name, value};
    return field;
}

static LOOP_SIDE struct verdict with_field(struct exchange *ex, struct verdict verdict, struct slice name,
                                           struct slice value)
{
    verdict.fields = one_field(ex, name, value);
    verdict.field_count = 1;
    return verdict;
}

static LOOP_SIDE struct verdict come_again(struct exchange *ex, struct verdict verdict, uint32_t seconds)
{
    return with_field(ex, verdict, SLICE("Retry-After"), arena_printf(&ex->arena, "%u", seconds));
}

/* RFC 9110 §15.5.16 */
static LOOP_SIDE struct verdict wrong_type(struct exchange *ex, bool takes_coffee, bool takes_tea)
{
    return with_field(ex, VERDICT(415, "This pot takes content of another type; the field Accept says which."),
                      SLICE("Accept"),
                      takes_coffee && takes_tea ? SLICE(COFFEE_TYPES ", " TEA_TYPES)
                      : takes_coffee            ? SLICE(COFFEE_TYPES)
                                                : SLICE(TEA_TYPES));
}

/* Permanently so, and for nothing else (RFC 7168 §2.3.3). */
static struct verdict teapot(void)
{
    return VERDICT(418, "I am short and stout.");
}

/* ---- what is to be brewed ---- */

static enum drink drink_of(const struct exchange *ex)
{
    struct slice type = head_value(&ex->head, FIELD_CONTENT_TYPE);

    type = slice_trim(slice_upto(type, slice_index(type, ';')));
    if (slice_eq_nocase(type, SLICE("message/coffeepot")) ||
        slice_eq_nocase(type, SLICE("application/coffee-pot-command")))
        return DRINK_COFFEE;
    return slice_eq_nocase(type, SLICE("message/teapot")) ? DRINK_TEA : DRINK_NONE;
}

static bool some_pot(const struct site *site, bool (*brews)(const struct pot_conf *))
{
    for (unsigned i = 0; i < site->pot_count; i++)
        if (brews(&site->pots[i]))
            return true;
    return false;
}

static bool takes(const struct exchange *ex, const struct pot_place *place, bool (*brews)(const struct pot_conf *))
{
    if (place->kind == POT_TEA)
        return brews == pot_brews_tea;
    return place->pot ? brews(place->pot) : some_pot(ex->site, brews);
}

/* By the type of the content alone, before the content is asked for. */
static LOOP_SIDE struct verdict judge_type(struct exchange *ex, const struct pot_place *place)
{
    bool takes_coffee = takes(ex, place, pot_brews_coffee), takes_tea = takes(ex, place, pot_brews_tea);
    enum drink drink = drink_of(ex);

    if (head_has(&ex->head, FIELD_CONTENT_ENCODING))
        return VERDICT(415, "What a pot is told has to come without Content-Encoding.");
    if (drink == DRINK_COFFEE && !takes_coffee && !(place->pot && pot_brews_coffee(place->pot)))
        return teapot();
    if ((drink == DRINK_COFFEE && !takes_coffee) || (drink == DRINK_TEA && !takes_tea) || drink == DRINK_NONE)
        return wrong_type(ex, takes_coffee, takes_tea);
    return GO_ON;
}

/* The one that brews coffee; NULL: several do. */
static const struct pot_conf *only_coffee_pot(const struct site *site)
{
    const struct pot_conf *found = NULL;

    for (unsigned i = 0; i < site->pot_count; i++) {
        if (!pot_brews_coffee(&site->pots[i]))
            continue;
        if (found)
            return NULL;
        found = &site->pots[i];
    }
    return found;
}

/* ---- additions ---- */

/* All lines of the field, and what a coffee URI has in its query (RFC 2324 §3). False: malformed. */
static LOOP_SIDE bool read_additions(struct exchange *ex, struct additions *out)
{
    struct slice query;

    for (unsigned i = 0; i < ex->head.field_count; i++)
        if (slice_eq_nocase(ex->head.fields[i].name, SLICE("Accept-Additions")) &&
            !additions_read(ex->head.fields[i].value, out))
            return false;
    if (!ex->target.query.len)
        return true;
    return ex->target.query.len <= ADDITIONS_FIELD_MAX && percent_decode(ex->target.query, &ex->arena, &query) &&
           additions_read(query, out);
}

/* Together they are what drinkers of this tea agree on not to do. */
static bool offends(const struct tea_conf *tea, const struct recipe *recipe)
{
    unsigned wanted = 0;

    for (unsigned i = 0; i < ADDITION_COUNT; i++)
        if (recipe->portions[i])
            wanted |= 1u << i;
    for (unsigned i = 0; tea && i < tea->consensus_count; i++)
        if ((tea->consensus[i] & wanted) == tea->consensus[i])
            return true;
    return false;
}

/* RFC 2324 §2.3.1: the content lists what there is. */
static LOOP_SIDE struct verdict cannot_comply(struct exchange *ex, const struct pot_conf *pot)
{
    struct slice list = additions_text(&ex->arena, pot->additions);
    struct verdict verdict = {.status = 406};
    struct buf names = BUF_INIT(4096);

    verdict.detail = pot->additions ? arena_printf(&ex->arena, "This pot can add: %.*s.", SLICE_FMT(list))
                                    : SLICE("This pot can add nothing.");
    buf_add_str(&names, ",\"additions\":[");
    for (unsigned i = 0, count = 0; i < ADDITION_COUNT; i++)
        if (pot->additions & 1u << i)
            buf_printf(&names, "%s\"%.*s\"", count++ ? "," : "", SLICE_FMT(addition_name(i)));
    buf_add_str(&names, "]");
    verdict.members = arena_slice(&ex->arena, buf_slice(&names));
    buf_release(&names);
    return verdict;
}

static LOOP_SIDE struct verdict judge_cup(struct exchange *ex, const struct pot_conf *pot, struct pot_cup *cup)
{
    struct additions *wishes = arena_alloc(&ex->arena, sizeof(*wishes));
    struct slice lacking;

    *wishes = (struct additions){.count = 0};
    if (cup->tea ? cup->tea->is_out : pot->is_coffee_out)
        return come_again(ex, VERDICT(503, "There is none of it for now. Ask again later."), pot->retry_s);
    if (!read_additions(ex, wishes))
        return VERDICT(400, "The list of additions is malformed: it is like Cream;2, Sugar.");
    if (!additions_choose(wishes, pot->additions, &cup->recipe, &lacking))
        return cannot_comply(ex, pot);
    if (offends(cup->tea, &cup->recipe))
        return VERDICT(403, "Those who drink this tea agree that this does not go into it.");
    return GO_ON;
}

/* ---- the job ---- */

static void brew_act(struct job *job)
{
    struct brew_job *brew = CONTAINER(job, struct brew_job, ask.job);
    struct pot_place_of of = pot_of(&brew->ask, brew->ask.place.pot);

    role_assert_worker();
    if (brew->scope.field.count && !if_scope_holds(&brew->scope, NULL, NULL)) {
        brew->has_failed_if = true;
        return;
    }
    brew->said = pot_tell(brew->ask.pots, &of, brew->order, &brew->cup, &brew->ask.views[0], &brew->err);
}

static LOOP_SIDE struct verdict verdict_of(struct exchange *ex, const struct brew_job *brew)
{
    switch (brew->said) {
    case POT_IS_BUSY:
        return VERDICT(409, "This pot is brewing. Tell it to stop, or wait until it is done.");
    case POT_IS_IDLE:
        return brew->order == POT_WHEN ? VERDICT(409, "Nothing is being poured that could be stopped.")
                                       : VERDICT(409, "Nothing is being brewed here that could be stopped.");
    case POT_IS_SILENT:
        return come_again(ex, VERDICT(503, "The pot does not answer. Ask again later."), RETRY_SILENT_S);
    case POT_IS_CROWDED:
        return come_again(ex, VERDICT(503, "Others are giving this pot orders. Ask again in a moment."),
                          RETRY_CROWDED_S);
    case POT_NOT_KEPT:
        return verdict_of_change(brew->err);
    default:
        return GO_ON;
    }
}

/* RFC 2310: to repeat what ends something does nothing; to repeat an order for coffee is for those who are awake. */
static struct slice safety(enum pot_order order)
{
    return order == POT_START ? SLICE("if-user-awake") : SLICE("yes");
}

static void brew_done(struct job *job)
{
    struct brew_job *brew = CONTAINER(job, struct brew_job, ask.job);
    struct exchange *ex = brew->ask.ex;
    struct verdict verdict;

    role_assert_loop();
    if (!exchange_home(ex, job))
        return;
    verdict = brew->has_failed_if ? verdict_of_if() : verdict_of(ex, brew);
    if (verdict.status) {
        exchange_refuse(ex, verdict);
        return;
    }
    ex->answer.status = brew->order == POT_START ? 202 : 200;
    answer_field(&ex->arena, &ex->answer, SLICE("Safe"), safety(brew->order));
    pot_content(&ex->arena, &ex->answer, &brew->ask);
    exchange_answer(ex);
}

/* A pot has no validators: what names a version of it names another one. */
static LOOP_SIDE struct verdict judge_conditions(struct exchange *ex, struct brew_job *brew)
{
    struct validators current = {.exists = true, .is_for_change = true};
    struct conditions conditions;

    conditions_from_head(&ex->head, clock_real_s(), &ex->arena, &conditions);
    if (conditions_judge(&conditions, false, &current) != COND_GO)
        return VERDICT(412, "A condition of the request does not hold: the resource is not as the client believes. "
                            "Nothing was changed. Fetch it again, then repeat.");
    return if_scope_read(ex, &brew->ask.job.arena, &brew->scope);
}

static LOOP_SIDE void tell(struct exchange *ex, enum pot_order order, const struct pot_place *place,
                           const struct pot_cup *cup)
{
    struct brew_job *brew = arena_alloc(&ex->arena, sizeof(*brew));
    struct verdict verdict;

    *brew = (struct brew_job){.ask = pot_ask_of(ex), .order = order, .cup = *cup};
    brew->ask.job.act = brew_act;
    brew->ask.job.done = brew_done;
    brew->ask.place = *place;
    verdict = judge_conditions(ex, brew);
    if (verdict.status) {
        exchange_refuse(ex, verdict);
        return;
    }
    exchange_state(ex, EXCH_ACTING);
    exchange_submit(ex, place->pot->driver == POT_SIMULATED ? LANE_COMMIT : LANE_ASIDE, &brew->ask.job);
}

/* ---- the collection ---- */

/* RFC 7168 §2.3.1. Without Location, which some would follow, and repeat there what brews (COF-C9). */
static LOOP_SIDE struct verdict choose_one(struct exchange *ex, const struct pot_conf *pot)
{
    struct verdict verdict = VERDICT(300, "Nothing was brewed: choose one of those that the field Alternates lists.");
    struct answer_field *fields = arena_alloc(&ex->arena, 2 * sizeof(*fields));
    struct explanation *lines = arena_alloc(&ex->arena, sizeof(*lines));
    struct brewables list;

    brewables_find(ex, pot, &list);
    *lines = (struct explanation){.text = brewables_text(&ex->arena, &list)};
    verdict.explanation = lines;
    verdict.members = brewables_json(&ex->arena, &list);
    fields[0] = (struct answer_field){SLICE("Alternates"), brewables_alternates(&ex->arena, &list)};
    fields[1] = (struct answer_field){SLICE("Safe"), SLICE("yes")};
    verdict.fields = fields;
    verdict.field_count = 2;
    return verdict;
}

/* What is brewed where all pots are asked. status 0: place is the pot that does. */
static LOOP_SIDE struct verdict judge_collection(struct exchange *ex, struct pot_place *place)
{
    struct brewables list;

    if (drink_of(ex) == DRINK_COFFEE)
        place->pot = only_coffee_pot(ex->site);
    if (!place->pot)
        return choose_one(ex, NULL);
    place->kind = POT_ITSELF;
    brewables_find(ex, NULL, &list);
    answer_field(&ex->arena, &ex->answer, SLICE("Alternates"), brewables_alternates(&ex->arena, &list));
    return GO_ON;
}

/* ---- plans ---- */

static bool order_read(struct slice body, enum pot_order *order)
{
    body = slice_trim(body);
    while (body.len && strchr("\r\n", body.ptr[body.len - 1]))
        body = slice_trim(slice_upto(body, body.len - 1));
    while (body.len && strchr("\r\n", body.ptr[0]))
        body = slice_trim(slice_from(body, 1));
    *order = slice_eq_nocase(body, SLICE("stop")) ? POT_STOP : POT_START;
    return *order == POT_STOP || slice_eq_nocase(body, SLICE("start"));
}

static LOOP_SIDE void brew_begin(struct exchange *ex, struct slice body)
{
    struct pot_place place = conf_pots(ex->site, ex->path.text);
    struct pot_cup cup = {.tea = place.tea};
    struct verdict verdict = GO_ON;
    enum pot_order order;

    if (!order_read(body, &order))
        verdict = VERDICT(400, "A pot is told start or stop, and nothing else.");
    else if (place.kind == POT_COLLECTION)
        verdict = judge_collection(ex, &place);
    else if (order == POT_START && drink_of(ex) == DRINK_TEA && !place.tea)
        verdict = choose_one(ex, place.pot);
    if (!verdict.status && order == POT_START)
        verdict = judge_cup(ex, place.pot, &cup);
    if (verdict.status)
        exchange_refuse(ex, verdict);
    else
        tell(ex, order, &place, &cup);
}

void brew_plan(struct exchange *ex)
{
    struct pot_place place = conf_pots(ex->site, ex->path.text);
    struct verdict verdict = judge_type(ex, &place);
    struct brewables list;

    if (verdict.status == 418) {
        brewables_find(ex, place.pot, &list);
        verdict = with_field(ex, verdict, SLICE("Alternates"), brewables_alternates(&ex->arena, &list));
    }
    if (verdict.status)
        exchange_refuse(ex, verdict);
    else
        gather_body(ex, BREW_BODY_MAX, brew_begin);
}

static LOOP_SIDE void when_begin(struct exchange *ex, struct slice body)
{
    struct pot_place place = conf_pots(ex->site, ex->path.text);
    struct pot_cup cup = {.tea = place.tea};

    if (body.len)
        exchange_refuse(ex, VERDICT(415, "WHEN takes no content."));
    else
        tell(ex, POT_WHEN, &place, &cup);
}

void when_plan(struct exchange *ex)
{
    if (ex->framing.kind == BODY_LENGTH && ex->framing.length)
        exchange_refuse(ex, VERDICT(415, "WHEN takes no content."));
    else if (ex->framing.kind == BODY_CHUNKED) /* it may turn out to be none */
        gather_body(ex, NO_BODY_MAX, when_begin);
    else
        when_begin(ex, SLICE_NONE);
}
