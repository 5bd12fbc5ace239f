/*
 * demand.c - 451: a legal demand keeps the server from this path (RFC 7725).
 *
 * The answer says who demands, since when, by which law and where it holds, and in the visitor's language what the
 * operator wrote about it. It is the same whatever is at the path, and for every method; nothing is looked at but the
 * register. Who blocks is told in a Link; who demands only in the body (RFC 7725 §4).
 */
#include "gate_private.h"
#include "http/accept.h"

static const struct demand_text *choose_text(struct exchange *ex, const struct demand *demand)
{
    struct slice *languages = arena_alloc(&ex->arena, demand->text_count * sizeof(*languages));

    if (!demand->text_count)
        return NULL;
    for (unsigned i = 0; i < demand->text_count; i++)
        languages[i] = demand->texts[i].language;
    return &demand->texts[accept_language(head_value(&ex->head, FIELD_ACCEPT_LANGUAGE), languages, demand->text_count)];
}

static struct slice countries_text(struct arena *arena, const struct demand *demand)
{
    enum { PER_COUNTRY = 4 };
    struct buf text = BUF_INIT(PER_COUNTRY * 676);
    struct slice out;

    for (unsigned i = 0; i < demand->country_count; i++)
        buf_printf(&text, "%s%.*s", i ? ", " : "", SLICE_FMT(demand->countries[i]));
    out = arena_slice(arena, buf_slice(&text));
    buf_release(&text);
    return out.len ? out : SLICE("everywhere");
}

static void add_fact(struct explanation *explanation, struct slice key, struct slice label, struct slice value)
{
    if (value.len)
        explanation->facts[explanation->fact_count++] = (struct explained){key, label, value};
}

static const struct explanation *explain(struct exchange *ex, const struct demand *demand,
                                         const struct demand_text *text)
{
    struct explanation *explanation = arena_alloc(&ex->arena, sizeof(*explanation));

    if (text) {
        explanation->text = text->text;
        explanation->language = text->language;
    }
    add_fact(explanation, SLICE("authority"), SLICE("Demanded by"), slice_str(demand->authority));
    add_fact(explanation, SLICE("reference"), SLICE("Reference"), slice_str(demand->reference));
    add_fact(explanation, SLICE("date"), SLICE("Since"), slice_str(demand->date));
    add_fact(explanation, SLICE("countries"), SLICE("Holds in"), countries_text(&ex->arena, demand));
    return explanation;
}

/* Without a page of the operator's the server itself is who blocks: the root of the site stands for it. */
static struct slice link_to_blocker(struct exchange *ex, const struct demand *demand)
{
    return arena_printf(&ex->arena, "<%s>; rel=\"blocked-by\"", demand->blocked_by ? demand->blocked_by : "/");
}

struct verdict demand_verdict(struct exchange *ex, const struct demand *demand)
{
    enum { FIELDS_MAX = 3 };
    struct answer_field *fields = arena_alloc(&ex->arena, FIELDS_MAX * sizeof(*fields));
    const struct demand_text *text = choose_text(ex, demand);
    unsigned count = 0;

    fields[count++] = (struct answer_field){SLICE("Link"), link_to_blocker(ex, demand)};
    if (text)
        fields[count++] = (struct answer_field){SLICE("Content-Language"), text->language};
    /* Who logged in may see more than others, and so may a cache that only he asks. */
    if (ex->asker.user.len && !ex->is_personal)
        fields[count++] = (struct answer_field){SLICE("Cache-Control"), SLICE("private")};
    return (struct verdict){
        .status = 451,
        .detail = SLICE("A legal demand keeps this server from answering for this address, whether or not there is "
                        "anything at it. Who is concerned by it can turn to who demands it, or to the server's "
                        "operator."),
        .fields = fields,
        .field_count = count,
        .explanation = explain(ex, demand, text),
    };
}

static const struct demand *demand_at(struct exchange *ex, struct rpath path)
{
    if (!ex->site->demand_count || ex->target.is_server_wide || path_is_own(path))
        return NULL;
    if (conf_knows_countries(ex->site) &&
        (conf_depends_on_country(ex->site, path.text) || conf_differs_below(ex->site, path.text)))
        ex->is_personal = true; /* a listing names what is below */
    return conf_demand(ex->site, path.text, ex->asker.country);
}

struct verdict gate_demand_public(struct exchange *ex)
{
    const struct demand *demand = demand_at(ex, ex->path);

    return demand && demand->is_public ? demand_verdict(ex, demand) : GO_ON;
}

/*
 * Also who may see it does not move away what others are kept from: at its new address it would be shown to everybody.
 */
struct verdict gate_demand(struct exchange *ex)
{
    const struct demand *demand = demand_at(ex, ex->path);

    if (!demand && ex->head.method == METHOD_MOVE)
        demand = conf_demand_elsewhere(ex->site, ex->path.text);

    return demand ? demand_verdict(ex, demand) : GO_ON;
}

struct verdict demand_judge_at(struct exchange *ex, struct rpath path)
{
    const struct demand *demand = demand_at(ex, path);

    return demand ? demand_verdict(ex, demand) : GO_ON;
}

/*
 * Where the asker's country counts, what he was answered is for nobody else: a cache between would show it to those
 * whom the demand keeps from it, or keep from it those whom it does not.
 */
void decorate_demand(struct exchange *ex, struct answer *answer)
{
    if (!ex->is_personal)
        return;
    for (unsigned i = 0; i < answer->field_count; i++)
        if (slice_eq_nocase(answer->fields[i].name, SLICE("Cache-Control")) &&
            (slice_eq(answer->fields[i].value, SLICE("no-store")) ||
             slice_eq(answer->fields[i].value, SLICE("private"))))
            return;
    answer_field(&ex->arena, answer, SLICE("Cache-Control"), SLICE("private"));
}
