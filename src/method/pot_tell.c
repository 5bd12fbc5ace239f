/*
 * pot_tell.c - what a pot does, as content: lines for people and scripts, or JSON for programs that ask for it; for
 * browsers pot_page.c has a page.
 */
#include "pot_private.h"

#include "http/date.h"

enum { CONTENT_MAX = 256 * 1024 };

struct slice recipe_text(struct arena *arena, const struct recipe *recipe)
{
    struct buf text = BUF_INIT(1024);
    struct slice kept;

    recipe_write(&text, recipe);
    kept = arena_slice(arena, buf_slice(&text));
    buf_release(&text);
    return kept;
}

struct slice additions_text(struct arena *arena, unsigned available)
{
    struct buf text = BUF_INIT(1024);
    struct slice kept;

    additions_write(&text, available);
    kept = arena_slice(arena, buf_slice(&text));
    buf_release(&text);
    return kept;
}

static uint64_t seconds_up(uint64_t ms)
{
    return (ms + 999) / 1000;
}

/* ---- text: a line each, "name: value" ---- */

static void text_brew(struct buf *out, const struct pot_view *view)
{
    const struct brew *brew = &view->brew;
    char date[DATE_LEN];

    date_format(brew->began_ms / 1000, date);
    buf_printf(out, "beverage: %s\n", brew->is_tea ? "tea" : "coffee");
    if (brew->is_tea)
        buf_printf(out, "variety: %s\n", brew->tea);
    buf_add_str(out, "additions: ");
    recipe_write(out, &brew->recipe);
    buf_printf(out, "\nstrength: %u %%\n", view->strength);
    if (brew->milk_ml)
        buf_printf(out, "milk: %u of %u ml\n", view->poured_ml, brew->milk_ml);
    if (view->remaining_ms)
        buf_printf(out, "ready-in: %llu s\n", (unsigned long long)seconds_up(view->remaining_ms));
    buf_printf(out, "began: %.*s\n", DATE_LEN, date);
}

static void text_pot(struct buf *out, const struct pot_conf *pot, const struct pot_view *view)
{
    buf_printf(out, "pot: %.*s\nstate: %s\n", SLICE_FMT(pot->name), pot_state_name(view->state));
    if (view->is_silent)
        buf_add_str(out, "reachable: no\n");
    if (view->has_brew)
        text_brew(out, view);
    buf_printf(out, "brews: %s\n",
               pot->brews == POT_BREWS_BOTH  ? "coffee, tea"
               : pot->brews == POT_BREWS_TEA ? "tea"
                                             : "coffee");
    buf_add_str(out, "has: ");
    additions_write(out, pot->additions);
    buf_add_char(out, '\n');
    for (unsigned i = 0; i < pot->tea_count; i++)
        buf_printf(out, "%s%.*s%s", i ? ", " : "teas: ", SLICE_FMT(pot->teas[i].name),
                   i + 1 == pot->tea_count ? "\n" : "");
}

/* ---- JSON; names are of characters that need no escape ---- */

static void json_recipe(struct buf *out, const struct recipe *recipe)
{
    unsigned count = 0;

    buf_add_str(out, "\"additions\":{");
    for (unsigned i = 0; i < ADDITION_COUNT; i++)
        if (recipe->portions[i])
            buf_printf(out, "%s\"%.*s\":%u", count++ ? "," : "", SLICE_FMT(addition_name(i)), recipe->portions[i]);
    buf_add_char(out, '}');
}

static void json_brew(struct buf *out, const struct pot_view *view)
{
    const struct brew *brew = &view->brew;

    buf_printf(out, ",\"beverage\":\"%s\",", brew->is_tea ? "tea" : "coffee");
    if (brew->is_tea)
        buf_printf(out, "\"variety\":\"%s\",", brew->tea);
    json_recipe(out, &brew->recipe);
    buf_printf(out, ",\"strength\":%u,\"milk_ml\":%u,\"poured_ml\":%u,\"remaining_ms\":%llu,\"began\":%lld",
               view->strength, brew->milk_ml, view->poured_ml, (unsigned long long)view->remaining_ms,
               (long long)(brew->began_ms / 1000));
}

static void json_pot(struct buf *out, const struct pot_ask *ask, const struct pot_conf *pot,
                     const struct pot_view *view, struct arena *arena)
{
    unsigned count = 0;

    buf_printf(out, "{\"name\":\"%.*s\",\"address\":\"%.*s\",\"state\":\"%s\",\"brews\":[%s]", SLICE_FMT(pot->name),
               SLICE_FMT(pot_href(arena, ask->site, pot, NULL)), pot_state_name(view->state),
               pot->brews == POT_BREWS_BOTH  ? "\"coffee\",\"tea\""
               : pot->brews == POT_BREWS_TEA ? "\"tea\""
                                             : "\"coffee\"");
    if (view->has_brew)
        json_brew(out, view);
    if (pot->driver == POT_MQTT)
        buf_printf(out, ",\"reachable\":%s", view->is_silent ? "false" : "true");
    buf_add_str(out, ",\"has\":[");
    for (unsigned i = 0; i < ADDITION_COUNT; i++)
        if (pot->additions & 1u << i)
            buf_printf(out, "%s\"%.*s\"", count++ ? "," : "", SLICE_FMT(addition_name(i)));
    buf_add_str(out, "],\"teas\":[");
    for (unsigned i = 0; i < pot->tea_count; i++)
        buf_printf(out, "%s\"%.*s\"", i ? "," : "", SLICE_FMT(pot_href(arena, ask->site, pot, &pot->teas[i])));
    buf_add_str(out, "]}");
}

/* ---- both ---- */

static void write_pot(struct buf *out, const struct pot_ask *ask, const struct pot_conf *pot,
                      const struct pot_view *view, struct arena *arena)
{
    if (ask->form == FORM_JSON)
        json_pot(out, ask, pot, view, arena);
    else
        text_pot(out, pot, view);
}

static void write_pots(struct buf *out, const struct pot_ask *ask, struct arena *arena)
{
    bool is_json = ask->form == FORM_JSON;
    unsigned count = 0;

    if (is_json)
        buf_add_str(out, "{\"pots\":[");
    for (unsigned i = 0; i < ask->site->pot_count; i++) {
        if (!(ask->seen & 1u << i))
            continue;
        if (count++)
            buf_add_char(out, is_json ? ',' : '\n');
        write_pot(out, ask, &ask->site->pots[i], &ask->views[i], arena);
    }
    if (is_json)
        buf_add_str(out, "]}");
}

void pot_content(struct arena *arena, struct answer *answer, const struct pot_ask *ask)
{
    static const struct slice types[] = {[FORM_TEXT] = SLICE_INIT("text/plain; charset=utf-8"),
                                         [FORM_JSON] = SLICE_INIT("application/json"),
                                         [FORM_HTML] = SLICE_INIT("text/html; charset=utf-8")};
    struct buf out = BUF_INIT(CONTENT_MAX);

    if (ask->form == FORM_HTML)
        pot_page(&out, ask, arena);
    else if (ask->place.pot)
        write_pot(&out, ask, ask->place.pot, &ask->views[0], arena);
    else
        write_pots(&out, ask, arena);
    if (ask->form == FORM_JSON)
        buf_add_char(&out, '\n');
    answer_field(arena, answer, SLICE("Vary"), SLICE("Accept, Accept-Language"));
    answer_field(arena, answer, SLICE("X-Content-Type-Options"), SLICE("nosniff"));
    if (ask->form == FORM_HTML) {
        answer_field(arena, answer, SLICE("Content-Security-Policy"), page_csp());
        answer_field(arena, answer, SLICE("Content-Language"), page_language_tag(ask->language));
    }
    answer_bytes(arena, answer, types[ask->form], arena_slice(arena, buf_slice(&out)));
    buf_release(&out);
}
