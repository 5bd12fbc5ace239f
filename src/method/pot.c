/*
 * pot.c - pots as resources: which of their methods a request is, and what is answered to all others.
 *
 * Where the site's own folder is the collection, its address is both: GET, PROPFIND and their like are for the folder.
 */
#include "pot_private.h"

#include "store/brews.h"

/* What a site's folder does at its own address as a collection of pots. */
static bool is_of_collection(enum method method)
{
    return method == METHOD_BREW || method == METHOD_POST || method == METHOD_WHEN;
}

bool pots_count(const struct exchange *ex)
{
    struct pot_place place;

    if (!ex->site->pot_count || ex->past.is_asked || ex->target.is_server_wide)
        return false;
    place = conf_pots(ex->site, ex->path.text);
    if (place.kind == POT_COLLECTION && !ex->site->pots_path.len)
        return is_of_collection(ex->head.method);
    return place.kind != POT_NOWHERE;
}

/* ---- records ---- */

static enum err load(void *arg, struct slice name, struct buf *value)
{
    role_assert_worker();
    return store_brew(arg, name, value);
}

static enum err keep(void *arg, struct slice name, struct slice value)
{
    role_assert_worker();
    return store_brew_keep(arg, name, value);
}

static void *hold(void *arg, struct slice name)
{
    role_assert_worker();
    return store_brew_hold(arg, name);
}

static void let_go(void *held)
{
    role_assert_worker();
    store_brew_let_go(held);
}

struct pot_place_of pot_of(struct pot_ask *ask, const struct pot_conf *pot)
{
    return (struct pot_place_of){
        .site = ask->site_number,
        .conf = pot,
        .keeper = {.load = load, .keep = keep, .hold = hold, .let_go = let_go, .arg = ask->store}};
}

struct pot_ask pot_ask_of(struct exchange *ex)
{
    struct pot_ask ask = {.ex = ex,
                          .pots = ex->pots,
                          .store = ex->store,
                          .site = ex->site,
                          .site_number = (unsigned)(ex->site - ex->conf->sites),
                          .place = conf_pots(ex->site, ex->path.text),
                          .form = accept_error_form(head_combined(&ex->head, FIELD_ACCEPT, &ex->arena)),
                          .language =
                              page_language_choose(head_combined(&ex->head, FIELD_ACCEPT_LANGUAGE, &ex->arena))};

    for (unsigned i = 0; i < ex->site->pot_count; i++)
        if (pot_is_seen(ex, pot_path(&ex->arena, ex->site, &ex->site->pots[i], NULL)))
            ask.seen |= 1u << i;
    return ask;
}

enum lane pot_ask_lane(const struct pot_ask *ask)
{
    for (unsigned i = 0; i < ask->site->pot_count; i++)
        if (ask->site->pots[i].driver == POT_MQTT)
            return LANE_ASIDE;
    return LANE_QUICK;
}

void pot_ask_look(struct pot_ask *ask)
{
    struct pot_place_of of;

    for (unsigned i = 0; i < ask->site->pot_count; i++) {
        const struct pot_conf *pot = &ask->site->pots[i];

        if (ask->place.pot ? ask->place.pot != pot : !(ask->seen & 1u << i))
            continue;
        of = pot_of(ask, pot);
        pot_look(ask->pots, &of, &ask->views[ask->place.pot ? 0 : i]);
    }
}

/* ---- methods ---- */

static LOOP_SIDE void answer_allowed(struct exchange *ex, struct slice allow)
{
    answer_field(&ex->arena, &ex->answer, SLICE("Allow"), allow);
    if (ex->head.method != METHOD_OPTIONS) {
        exchange_refuse(ex,
                        VERDICT(405, "This resource does not offer this method; the field Allow says what it does."));
        return;
    }
    answer_field(&ex->arena, &ex->answer, SLICE("Accept-Post"), SLICE(COFFEE_TYPES ", " TEA_TYPES));
    ex->answer.status = 200;
    ex->answer.content = (struct content){.kind = CONTENT_PIECES, .fd = -1}; /* Content-Length: 0 */
    exchange_answer(ex);
}

static struct slice allowed(const struct pot_place *place)
{
    switch (place->kind) {
    case POT_ITSELF:
    case POT_TEA:
        return SLICE(POT_METHODS);
    case POT_COLLECTION:
        return SLICE(POTS_METHODS);
    default:
        return SLICE("OPTIONS");
    }
}

/* RFC 9110 §15.5.5: what is not there takes no order either. */
static bool is_missed(enum method method, const struct pot_place *place)
{
    return place->kind == POT_UNKNOWN && (method == METHOD_GET || method == METHOD_HEAD || method == METHOD_PROPFIND ||
                                          method == METHOD_BREW || method == METHOD_POST || method == METHOD_WHEN);
}

void pots_start(struct exchange *ex)
{
    struct pot_place place = conf_pots(ex->site, ex->path.text);

    exchange_state(ex, EXCH_PLANNED);
    if (is_missed(ex->head.method, &place)) {
        exchange_refuse(ex, VERDICT(404, "There is nothing at this address."));
        return;
    }
    if (place.kind == POT_UNKNOWN || (place.kind == POT_COLLECTION && ex->head.method == METHOD_WHEN)) {
        answer_allowed(ex, allowed(&place));
        return;
    }
    switch (ex->head.method) {
    case METHOD_GET:
    case METHOD_HEAD:
        pot_get_plan(ex);
        break;
    case METHOD_PROPFIND:
        pot_propfind_plan(ex);
        break;
    case METHOD_BREW:
    case METHOD_POST:
        brew_plan(ex);
        break;
    case METHOD_WHEN:
        when_plan(ex);
        break;
    default:
        answer_allowed(ex, allowed(&place));
    }
}
