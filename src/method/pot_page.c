/*
 * pot_page.c - what pots do, as a page for people: in their language, without a script.
 *
 * A form can send neither BREW nor a media type of pots, so the page says what to type instead. Names of additions are
 * words of the protocol and stay as they are. While a pot is busy the page asks for itself again.
 */
#include "pot_private.h"

#include "http/date.h"
#include "repr/words.h"

enum { REFRESH_S = 5 };

static void say(struct buf *out, enum page_language language, enum page_word word)
{
    buf_add(out, page_say(language, word));
}

/* Its value, and row_end(), are for the caller. */
static void row(struct buf *out, enum page_language language, enum page_word label)
{
    buf_add_str(out, "<dt>");
    say(out, language, label);
    buf_add_str(out, "</dt><dd>");
}

static void row_end(struct buf *out)
{
    buf_add_str(out, "</dd>\n");
}

static void link_to(struct buf *out, struct slice href, struct slice text)
{
    buf_add_str(out, "<a href=\"");
    html_escape(out, href);
    buf_add_str(out, "\">");
    html_escape(out, text);
    buf_add_str(out, "</a>");
}

/* ---- one pot ---- */

static void add_state(struct buf *out, enum page_language language, const struct pot_view *view)
{
    row(out, language, SAY_POT_STATE);
    say(out, language, SAY_POT_IDLE + view->state);
    if (view->is_silent) {
        say(out, language, SAY_COMMA);
        say(out, language, SAY_POT_SILENT);
    }
    row_end(out);
    if (!view->remaining_ms)
        return;
    row(out, language, SAY_POT_READY_IN);
    buf_printf(out, "%llu s", (unsigned long long)((view->remaining_ms + 999) / 1000));
    row_end(out);
}

static void add_began(struct buf *out, enum page_language language, int64_t at_s)
{
    struct civil at = date_civil(at_s);

    row(out, language, SAY_POT_BEGAN);
    buf_printf(out, "<time datetime=\"%04lld-%02u-%02uT%02u:%02u:%02uZ\">%04lld-%02u-%02u %02u:%02u:%02u UTC</time>",
               (long long)at.year, at.month, at.day, at.hour, at.minute, at.second, (long long)at.year, at.month,
               at.day, at.hour, at.minute, at.second);
    row_end(out);
}

static void add_brew(struct buf *out, enum page_language language, const struct pot_view *view)
{
    const struct brew *brew = &view->brew;
    size_t began;

    row(out, language, SAY_POT_DRINK);
    say(out, language, brew->is_tea ? SAY_POT_TEA : SAY_POT_COFFEE);
    buf_printf(out, "%s%s", brew->is_tea ? " " : "", brew->tea);
    row_end(out);
    row(out, language, SAY_POT_WITH);
    began = out->len;
    recipe_write(out, &brew->recipe);
    if (out->len == began)
        buf_add_str(out, "–");
    row_end(out);
    row(out, language, SAY_POT_STRENGTH);
    buf_printf(out, "%u %%", view->strength);
    row_end(out);
    if (brew->milk_ml) {
        row(out, language, SAY_POT_MILK);
        buf_printf(out, "%u / %u ml", view->poured_ml, brew->milk_ml);
        row_end(out);
    }
    add_began(out, language, brew->began_ms / 1000);
}

static void add_offer(struct buf *out, enum page_language language, const struct pot_ask *ask,
                      const struct pot_conf *pot, struct arena *arena)
{
    row(out, language, SAY_POT_BREWS);
    if (pot_brews_coffee(pot))
        say(out, language, SAY_POT_COFFEE);
    for (unsigned i = 0; i < pot->tea_count; i++) {
        if (i || pot_brews_coffee(pot))
            say(out, language, SAY_COMMA);
        link_to(out, pot_href(arena, ask->site, pot, &pot->teas[i]), pot->teas[i].name);
    }
    row_end(out);
    if (!pot->additions)
        return;
    row(out, language, SAY_POT_HAS);
    additions_write(out, pot->additions);
    row_end(out);
}

static void add_pot(struct buf *out, const struct pot_ask *ask, const struct pot_conf *pot, const struct pot_view *view,
                    struct arena *arena)
{
    buf_add_str(out, "<dl>\n");
    add_state(out, ask->language, view);
    if (view->has_brew)
        add_brew(out, ask->language, view);
    add_offer(out, ask->language, ask, pot, arena);
    buf_add_str(out, "</dl>\n");
}

/* ---- the page ---- */

static bool is_any_busy(const struct pot_ask *ask)
{
    bool is_busy = false;

    for (unsigned i = 0; i < POTS_MAX; i++)
        is_busy |= pot_is_busy(ask->views[i].state);
    return is_busy;
}

static void begin(struct buf *out, const struct pot_ask *ask, struct slice title)
{
    buf_printf(out, "<!doctype html>\n<html lang=\"%.*s\">\n<head>\n<meta charset=\"utf-8\">\n<title>%.*s</title>\n",
               SLICE_FMT(page_language_tag(ask->language)), SLICE_FMT(title));
    if (is_any_busy(ask))
        buf_printf(out, "<meta http-equiv=\"refresh\" content=\"%d\">\n", REFRESH_S);
    buf_add_str(out,
                "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                "<meta name=\"color-scheme\" content=\"light dark\">\n"
                "<link rel=\"stylesheet\" href=\"" PAGE_STYLE_PATH "\">\n</head>\n<body class=\"answer\">\n<main>\n");
    buf_printf(out, "<h1>%.*s</h1>\n", SLICE_FMT(title));
}

static void end(struct buf *out, const struct pot_ask *ask)
{
    struct slice before, after;

    page_say_around(ask->language, SAY_POT_ORDER, &before, &after);
    buf_printf(out, "<p>%.*s<code>samovar brew</code>%.*s</p>\n", SLICE_FMT(before), SLICE_FMT(after));
    buf_add_str(out, "</main>\n</body>\n</html>\n");
}

static void write_one(struct buf *out, const struct pot_ask *ask, struct arena *arena)
{
    const struct pot_conf *pot = ask->place.pot;

    begin(out, ask, pot->name);
    add_pot(out, ask, pot, &ask->views[0], arena);
    if (ask->site->pots_path.len) {
        buf_add_str(out, "<p>");
        link_to(out, pot_href(arena, ask->site, NULL, NULL), page_say(ask->language, SAY_POTS));
        buf_add_str(out, "</p>\n");
    }
    end(out, ask);
}

static void write_all(struct buf *out, const struct pot_ask *ask, struct arena *arena)
{
    begin(out, ask, page_say(ask->language, SAY_POTS));
    for (unsigned i = 0; i < ask->site->pot_count; i++) {
        const struct pot_conf *pot = &ask->site->pots[i];

        if (!(ask->seen & 1u << i))
            continue;
        buf_add_str(out, "<h2>");
        link_to(out, pot_href(arena, ask->site, pot, NULL), pot->name);
        buf_add_str(out, "</h2>\n");
        add_pot(out, ask, pot, &ask->views[i], arena);
    }
    end(out, ask);
}

void pot_page(struct buf *out, const struct pot_ask *ask, struct arena *arena)
{
    if (ask->place.pot)
        write_one(out, ask, arena);
    else
        write_all(out, ask, arena);
}
