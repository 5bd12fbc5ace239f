/*
 * pot_propfind.c - PROPFIND of pots: what is brewed, as properties (RFC 2324 §2.1.3).
 *
 * The collection has the pots and the teas as members; what is asked of a tea is told of its pot. Properties of our own
 * are in the namespace urn:samovar:pot.
 */
#include "http/date.h"
#include "pot_private.h"

#define POT_SPACE "urn:samovar:pot"

struct pot_find {
    struct pot_ask ask; /* first: its job is ours */
    struct slice body;
    bool is_minimal;
    bool tells_members;
    struct verdict verdict;
    struct propfind_body wish;
    struct if_scope scope;
    struct answer answer;
    bool *seen_teas; /* by pot and tea: this user may know it */
};

/* One resource. pot NULL: the collection. */
struct pot_told {
    const struct pot_conf *pot;
    const struct tea_conf *tea;
    const struct pot_view *view;
    struct arena *arena;
};

/* ---- properties ---- */

/* False: the resource has none of it. */
typedef bool value_fn(const struct pot_told *told, struct slice *out);

static bool has_brew(const struct pot_told *told)
{
    return told->pot && told->view->has_brew;
}

static bool value_state(const struct pot_told *told, struct slice *out)
{
    *out = told->pot ? slice_str(pot_state_name(told->view->state)) : SLICE_NONE;
    return told->pot;
}

static bool value_beverage(const struct pot_told *told, struct slice *out)
{
    *out = has_brew(told) && told->view->brew.is_tea ? SLICE("tea") : SLICE("coffee");
    return has_brew(told);
}

static bool value_variety(const struct pot_told *told, struct slice *out)
{
    if (!has_brew(told) || !told->view->brew.is_tea)
        return false;
    *out = slice_str(told->view->brew.tea);
    return true;
}

static bool value_additions(const struct pot_told *told, struct slice *out)
{
    if (!has_brew(told))
        return false;
    *out = recipe_text(told->arena, &told->view->brew.recipe);
    return true;
}

static bool value_available(const struct pot_told *told, struct slice *out)
{
    if (!told->pot)
        return false;
    *out = additions_text(told->arena, told->pot->additions);
    return true;
}

static bool number(const struct pot_told *told, uint64_t value, struct slice *out)
{
    *out = arena_printf(told->arena, "%llu", (unsigned long long)value);
    return true;
}

static bool value_strength(const struct pot_told *told, struct slice *out)
{
    return has_brew(told) && number(told, told->view->strength, out);
}

static bool value_poured(const struct pot_told *told, struct slice *out)
{
    return has_brew(told) && number(told, told->view->poured_ml, out);
}

static bool value_remaining(const struct pot_told *told, struct slice *out)
{
    return has_brew(told) && number(told, told->view->remaining_ms, out);
}

static bool value_began(const struct pot_told *told, struct slice *out)
{
    struct civil civil;

    if (!has_brew(told))
        return false;
    civil = date_civil(told->view->brew.began_ms / 1000);
    *out = arena_printf(told->arena, "%04d-%02u-%02uT%02u:%02u:%02uZ", (int)civil.year, civil.month, civil.day,
                        civil.hour, civil.minute, civil.second);
    return true;
}

static bool value_name(const struct pot_told *told, struct slice *out)
{
    *out = told->tea ? told->tea->name : told->pot ? told->pot->name : SLICE("pots");
    return true;
}

static bool value_type(const struct pot_told *told, struct slice *out)
{
    *out = told->pot ? SLICE("") : SLICE("<D:collection/>");
    return true;
}

static const struct prop {
    const char *space, *local;
    value_fn *value;
    bool is_markup;
} props[] = {
    {"DAV:", "displayname", value_name, false},
    {"DAV:", "resourcetype", value_type, true},
    {POT_SPACE, "state", value_state, false},
    {POT_SPACE, "beverage", value_beverage, false},
    {POT_SPACE, "variety", value_variety, false},
    {POT_SPACE, "additions", value_additions, false},
    {POT_SPACE, "available-additions", value_available, false},
    {POT_SPACE, "strength", value_strength, false},
    {POT_SPACE, "poured-ml", value_poured, false},
    {POT_SPACE, "remaining-ms", value_remaining, false},
    {POT_SPACE, "began", value_began, false},
};
enum { PROPS = sizeof(props) / sizeof(props[0]) };

static const struct prop *prop_find(struct prop_name name)
{
    for (unsigned i = 0; i < PROPS; i++)
        if (slice_eq(slice_str(props[i].local), name.local) && slice_eq(slice_str(props[i].space), name.space))
            return &props[i];
    return NULL;
}

static void write_prop(struct xml_out *xml, const struct prop *prop, struct slice value)
{
    if (!slice_eq(slice_str(prop->space), XML_DAV))
        xml_named_leaf(xml, slice_str(prop->space), slice_str(prop->local), value);
    else if (!prop->is_markup)
        xml_leaf(xml, slice_str(prop->local), value);
    else if (!value.len)
        xml_empty(xml, slice_str(prop->local));
    else {
        xml_open(xml, slice_str(prop->local));
        xml_add(xml, value);
        xml_close(xml);
    }
}

/* ---- propstats ---- */

static void write_all(struct xml_out *xml, const struct pot_told *told, bool names_only)
{
    struct slice value;

    xml_open(xml, SLICE("propstat"));
    xml_open(xml, SLICE("prop"));
    for (unsigned i = 0; i < PROPS; i++) {
        if (!props[i].value(told, &value))
            continue;
        if (names_only)
            xml_named(xml, slice_str(props[i].space), slice_str(props[i].local));
        else
            write_prop(xml, &props[i], value);
    }
    xml_close(xml);
    dav_status(xml, 200);
    xml_close(xml);
}

/* Those that the resource has, or those that it lacks. How many. */
static unsigned write_named(struct xml_out *xml, const struct pot_told *told, const struct propfind_body *wish,
                            bool missing, bool counts_only)
{
    unsigned count = 0;

    for (unsigned i = 0; i < wish->count; i++) {
        const struct prop *prop = prop_find(wish->names[i]);
        struct slice value;
        bool is_there = prop && prop->value(told, &value);

        if (is_there == missing)
            continue;
        count++;
        if (counts_only)
            continue;
        if (missing)
            xml_named(xml, wish->names[i].space, wish->names[i].local);
        else
            write_prop(xml, prop, value);
    }
    return count;
}

static void write_propstat(struct xml_out *xml, const struct pot_told *told, const struct propfind_body *wish,
                           bool missing)
{
    xml_open(xml, SLICE("propstat"));
    xml_open(xml, SLICE("prop"));
    write_named(xml, told, wish, missing, false);
    xml_close(xml);
    dav_status(xml, missing ? 404 : 200);
    xml_close(xml);
}

static void write_some(struct xml_out *xml, const struct pot_told *told, const struct propfind_body *wish,
                       bool is_minimal)
{
    bool lacks = write_named(xml, told, wish, true, true) > 0 && !is_minimal;

    if (!lacks || write_named(xml, told, wish, false, true))
        write_propstat(xml, told, wish, false);
    if (lacks)
        write_propstat(xml, told, wish, true);
}

static void write_response(struct xml_out *xml, const struct pot_find *find, const struct pot_told *told)
{
    const struct propfind_body *wish = &find->wish;
    struct slice path =
        told->pot ? pot_path(told->arena, find->ask.site, told->pot, told->tea) : find->ask.site->pots_path;

    xml_open(xml, SLICE("response"));
    dav_href(xml, path, !told->pot);
    if (wish->kind == PROPFIND_SOME)
        write_some(xml, told, wish, find->is_minimal);
    else
        write_all(xml, told, wish->kind == PROPFIND_NAMES);
    xml_close(xml);
}

/* ---- the answer ---- */

static void write_members(struct xml_out *xml, const struct pot_find *find, struct arena *arena)
{
    const struct site *site = find->ask.site;

    for (unsigned i = 0; i < site->pot_count; i++) {
        struct pot_told told = {.pot = &site->pots[i], .view = &find->ask.views[i], .arena = arena};

        if (!(find->ask.seen & 1u << i))
            continue;
        write_response(xml, find, &told);
        for (unsigned k = 0; k < told.pot->tea_count; k++) {
            told.tea = &told.pot->teas[k];
            if (find->seen_teas[i * TEAS_MAX + k] && tea_is_first(site, told.pot, told.tea))
                write_response(xml, find, &told);
        }
    }
}

static void find_act(struct job *job)
{
    struct pot_find *find = CONTAINER(job, struct pot_find, ask.job);
    struct pot_told told = {
        .pot = find->ask.place.pot, .tea = find->ask.place.tea, .view = &find->ask.views[0], .arena = &job->arena};
    struct buf text = BUF_INIT(1 << 20);
    struct xml_out xml;

    role_assert_worker();
    find->verdict = dav_read_propfind(find->body, &job->arena, &find->wish);
    if (!find->verdict.status && find->scope.field.count && !if_scope_holds(&find->scope, NULL, NULL))
        find->verdict = verdict_of_if();
    if (find->verdict.status)
        return;
    pot_ask_look(&find->ask);
    xml_begin(&xml, &text);
    xml_open(&xml, SLICE("multistatus"));
    write_response(&xml, find, &told);
    if (find->tells_members)
        write_members(&xml, find, &job->arena);
    xml_close(&xml);
    if (text.overflown)
        find->verdict = VERDICT(413, "The body names too many properties.");
    else
        answer_xml(&job->arena, &find->answer, 207, &text);
    buf_release(&text);
}

static void find_done(struct job *job)
{
    struct pot_find *find = CONTAINER(job, struct pot_find, ask.job);
    struct exchange *ex = find->ask.ex;

    role_assert_loop();
    if (!find->verdict.status) {
        answer_bring(ex, job, find->answer);
        return;
    }
    if (exchange_home(ex, job))
        exchange_refuse(ex, find->verdict);
}

static LOOP_SIDE void look_at_teas(struct exchange *ex, struct pot_find *find)
{
    find->seen_teas = arena_alloc(&ex->arena, POTS_MAX * TEAS_MAX * sizeof(bool));
    memset(find->seen_teas, 0, POTS_MAX * TEAS_MAX * sizeof(bool));
    for (unsigned i = 0; i < ex->site->pot_count; i++)
        for (unsigned k = 0; k < ex->site->pots[i].tea_count; k++)
            find->seen_teas[i * TEAS_MAX + k] =
                pot_is_seen(ex, pot_path(&ex->arena, ex->site, &ex->site->pots[i], &ex->site->pots[i].teas[k]));
}

static LOOP_SIDE void find_begin(struct exchange *ex, struct slice body)
{
    struct pot_find *find = arena_alloc(&ex->arena, sizeof(*find));
    struct verdict verdict;

    *find = (struct pot_find){.ask = pot_ask_of(ex), .body = body, .is_minimal = wants_minimal(&ex->head)};
    find->ask.job.act = find_act;
    find->ask.job.done = find_done;
    find->answer.content.fd = -1;
    verdict = dav_fields_judge(ex, body, &find->ask.job.arena, &find->scope);
    if (verdict.status) {
        exchange_refuse(ex, verdict);
        return;
    }
    find->tells_members = find->ask.place.kind == POT_COLLECTION && depth_of(&ex->head) != DEPTH_0;
    look_at_teas(ex, find);
    exchange_state(ex, EXCH_ACTING);
    exchange_submit(ex, pot_ask_lane(&find->ask), &find->ask.job);
}

void pot_propfind_plan(struct exchange *ex)
{
    gather_body(ex, ex->conf->limits.xml_body_max, find_begin);
}
