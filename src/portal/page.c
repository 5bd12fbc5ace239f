/*
 * page.c - the portal's pages as HTML.
 */
#include "page.h"

#include <inttypes.h>

#include "pages.h"
#include "repr/repr.h"

enum { MINUTE = 60, HOUR = 60 * MINUTE, DAY = 24 * HOUR };
enum { CODE_TYPED_MAX = 40 }; /* a code with the dashes and spaces that people add */

/* ---- pieces ---- */

static void say(const struct page *page, enum word word, struct buf *out)
{
    html_escape(out, word_of(page->language, word));
}

/* `before` and `after` are HTML. */
static void write_word(const struct page *page, const char *before, enum word word, const char *after, struct buf *out)
{
    buf_add_str(out, before);
    say(page, word, out);
    buf_add_str(out, after);
}

static struct slice title_of(const struct portal_conf *conf)
{
    return conf->title ? slice_str(conf->title) : conf->name;
}

static void write_head(const struct portal_conf *conf, const struct language *language, struct slice base,
                       struct buf *out)
{
    buf_printf(out, "<!doctype html>\n<html lang=\"%s\"%s>\n<head>\n<meta charset=\"utf-8\">\n<title>", language->tag,
               language->is_rtl ? " dir=\"rtl\"" : "");
    html_escape(out, title_of(conf));
    buf_printf(out,
               "</title>\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
               "<meta name=\"color-scheme\" content=\"light dark\">\n"
               "<link rel=\"stylesheet\" href=\"%.*s" PAGE_STYLE_PATH "\">\n</head>\n<body class=\"portal\">\n<main>\n"
               "<h1 dir=\"auto\">",
               SLICE_FMT(base));
    html_escape(out, title_of(conf));
    buf_add_str(out, "</h1>\n");
}

static void write_foot(struct buf *out)
{
    buf_add_str(out, "</main>\n</body>\n</html>\n");
}

static void write_label(const struct page *page, const char *id, enum word word, struct buf *out)
{
    buf_printf(out, "<p><label for=\"%s\">", id);
    write_word(page, "", word, "</label><br>\n", out);
}

static void write_button(const struct page *page, enum word word, struct buf *out)
{
    write_word(page, "<p><button type=\"submit\">", word, "</button></p>\n</form>\n", out);
}

/* ---- ways in; the first one on the page takes the cursor ---- */

#define FORM_OF(path) "<form method=\"post\" action=\"" path "\" accept-charset=\"utf-8\">\n"

static const char *focus(bool *is_first)
{
    const char *text = *is_first ? " autofocus" : "";

    *is_first = false;
    return text;
}

static void write_voucher(const struct page *page, enum word heading, enum word button, bool *is_first, struct buf *out)
{
    write_word(page, FORM_OF(LOGIN_PATH) "<h2>", heading, "</h2>\n", out);
    write_label(page, "voucher", WORD_CODE, out);
    buf_printf(out,
               "<input id=\"voucher\" name=\"voucher\" type=\"text\" required maxlength=\"%d\" dir=\"ltr\" "
               "autocomplete=\"off\" autocapitalize=\"characters\" autocorrect=\"off\" spellcheck=\"false\"%s></p>\n",
               CODE_TYPED_MAX, focus(is_first));
    write_button(page, button, out);
}

static void write_user(const struct page *page, bool *is_first, struct buf *out)
{
    write_word(page, FORM_OF(LOGIN_PATH) "<h2>", WORD_ACCOUNT, "</h2>\n", out);
    write_label(page, "user", WORD_NAME, out);
    buf_printf(out,
               "<input id=\"user\" name=\"user\" type=\"text\" required maxlength=\"%d\" dir=\"auto\" "
               "autocomplete=\"username\" autocapitalize=\"none\" autocorrect=\"off\" spellcheck=\"false\"%s value=\"",
               PORTAL_NAME_MAX, focus(is_first));
    html_escape(out, page->name);
    buf_add_str(out, "\"></p>\n");
    write_label(page, "password", WORD_PASSWORD, out);
    buf_printf(out,
               "<input id=\"password\" name=\"password\" type=\"password\" required maxlength=\"%d\" dir=\"ltr\" "
               "autocomplete=\"current-password\"></p>\n",
               AUTH_PASSWORD_BYTES_MAX);
    write_button(page, WORD_LOG_IN, out);
}

/* A blank line parts paragraphs, as people write plain text. */
static void write_paragraphs(struct slice text, struct buf *out)
{
    bool is_open = false;

    while (text.len) {
        size_t end = slice_index(text, '\n');
        struct slice line = slice_upto(text, end);

        while (line.len && memchr(" \t\r", line.ptr[line.len - 1], 3))
            line.len--;
        if (line.len)
            buf_add_str(out, is_open ? "<br>\n" : "<p>");
        else if (is_open)
            buf_add_str(out, "</p>\n");
        is_open = line.len > 0;
        for (size_t i = 0; i < line.len; i++) /* a tab is white space to HTML; other controls show as pictures */
            if (line.ptr[i] == '\t') {
                html_escape(out, slice_upto(line, i));
                buf_add_char(out, ' ');
                line = slice_from(line, i + 1);
                i = (size_t)-1;
            }
        html_escape(out, line);
        text = slice_from(text, end + 1);
    }
    if (is_open)
        buf_add_str(out, "</p>\n");
}

static void write_terms_text(const struct page *page, struct buf *out)
{
    buf_add_str(out, "<div class=\"terms\" tabindex=\"0\"");
    if (page->terms_tag)
        buf_printf(out, " lang=\"%s\"", page->terms_tag);
    buf_add_str(out, " dir=\"auto\">\n");
    write_paragraphs(page->terms, out);
    buf_add_str(out, "</div>\n");
}

/* Without a text there is nothing to tick. */
static void write_terms(const struct page *page, bool *is_first, struct buf *out)
{
    if (page->are_terms_unreadable) {
        write_word(page, "<p class=\"said\">", WORD_NO_TERMS, "</p>\n", out);
        return;
    }
    buf_add_str(out, FORM_OF(LOGIN_PATH));
    if (!page->terms.len) {
        buf_add_str(out, "<input type=\"hidden\" name=\"terms\" value=\"yes\">\n");
        write_button(page, WORD_GO, out);
        return;
    }
    write_word(page, "<h2>", WORD_TERMS, "</h2>\n", out);
    write_terms_text(page, out);
    buf_printf(out, "<p><label><input name=\"terms\" type=\"checkbox\" value=\"yes\" required%s> ", focus(is_first));
    write_word(page, "", WORD_ACCEPT, "</label></p>\n", out);
    write_button(page, WORD_GO, out);
}

static void write_ways_in(const struct page *page, struct buf *out)
{
    unsigned logins = page->conf->logins;
    bool is_first = true;

    write_word(page, "<p>", WORD_INTRO, "</p>\n", out);
    if (logins & PORTAL_BY_VOUCHER)
        write_voucher(page, WORD_VOUCHER, WORD_GO, &is_first, out);
    if (logins & PORTAL_BY_USER)
        write_user(page, &is_first, out);
    if (logins & PORTAL_BY_TERMS)
        write_terms(page, &is_first, out);
}

/* ---- who is free ---- */

/* Never less than a minute while there is time at all. */
static void write_time(const struct page *page, uint64_t seconds, struct buf *out)
{
    uint64_t minutes = seconds / MINUTE + (seconds % MINUTE > 0);
    uint64_t days = minutes / (DAY / MINUTE), hours = minutes / (HOUR / MINUTE) % 24;

    if (days) {
        buf_printf(out, "%" PRIu64 " ", days);
        write_word(page, "", WORD_DAY, " ", out);
    }
    if (days || hours) {
        buf_printf(out, "%" PRIu64 " ", hours);
        write_word(page, "", WORD_HOUR, " ", out);
    }
    buf_printf(out, "%" PRIu64 " ", minutes % (HOUR / MINUTE));
    say(page, WORD_MINUTE, out);
}

static void write_octets(uint64_t octets, struct buf *out)
{
    static const char *const units[] = {"kB", "MB", "GB", "TB"};
    uint64_t one = 1000;
    unsigned i = 0;

    while (i + 1 < sizeof(units) / sizeof(units[0]) && octets / one >= 1000) {
        one *= 1000;
        i++;
    }
    buf_printf(out, "%" PRIu64 ".%" PRIu64 " %s", octets / one, octets % one / (one / 10), units[i]);
}

static void write_what_is_left(const struct page *page, struct buf *out)
{
    const struct portal_state *state = &page->state;

    if (state->seconds_left == PORTAL_ENDLESS && state->bytes_left == PORTAL_ENDLESS)
        return;
    buf_add_str(out, "<dl>\n");
    if (state->seconds_left != PORTAL_ENDLESS) {
        write_word(page, "<dt>", WORD_TIME_LEFT, "</dt><dd>", out);
        write_time(page, state->seconds_left, out);
        buf_add_str(out, "</dd>\n");
    }
    if (state->bytes_left != PORTAL_ENDLESS) {
        write_word(page, "<dt>", WORD_DATA_LEFT, "</dt><dd><bdi>", out);
        write_octets(state->bytes_left, out);
        buf_add_str(out, "</bdi></dd>\n");
    }
    buf_add_str(out, "</dl>\n");
}

static void write_freedom(const struct page *page, struct buf *out)
{
    bool is_first = false;

    write_word(page, "<p>", WORD_ONLINE, "</p>\n", out);
    write_what_is_left(page, out);
    if (page->conf->venue) {
        buf_add_str(out, "<p><a href=\"");
        html_escape(out, slice_str(page->conf->venue));
        write_word(page, "\">", WORD_VENUE, "</a></p>\n", out);
    }
    buf_add_str(out, FORM_OF(LOGOUT_PATH));
    write_button(page, WORD_LOG_OUT, out);
    if (page->state.can_extend)
        write_voucher(page, WORD_EXTEND, WORD_GO, &is_first, out);
}

/* ---- pages ---- */

void page_write(const struct page *page, struct buf *out)
{
    write_head(page->conf, page->language, SLICE_NONE, out);
    if (page->said)
        write_word(page, "<p class=\"said\" role=\"alert\">", page->said, "</p>\n", out);
    if (page->is_bare)
        write_word(page, "<p><a href=\"" LOGIN_PATH "\">", WORD_BACK, "</a></p>\n", out);
    else if (page->state.is_free)
        write_freedom(page, out);
    else
        write_ways_in(page, out);
    write_foot(out);
}

void page_write_captive(const struct portal_conf *conf, const struct language *language, struct slice base,
                        struct buf *out)
{
    struct page page = {.conf = conf, .language = language};

    write_head(conf, language, base, out);
    write_word(&page, "<p>", WORD_CAPTIVE, "</p>\n<p><a href=\"", out);
    html_escape(out, base);
    write_word(&page, LOGIN_PATH "\">", WORD_LOG_IN, "</a></p>\n", out);
    write_foot(out);
}
