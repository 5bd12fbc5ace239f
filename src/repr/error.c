/*
 * error.c - turns a status and a sentence into a body: text, HTML, problem details or DAV:error XML.
 *
 * Request data in the sentence is escaped here and nowhere else (H1-71). No Content-Location is ever
 * given with these bodies (H1-69).
 */
#include "repr/repr.h"

#include "http/status.h"
#include "repr/reference.h"
#include "repr/words.h"

struct advice {
    int status;
    const char *text;
};

/* Said when the one who refused had nothing better to say. */
static const struct advice advices[] = {
    {400, "The request is not valid HTTP."},
    {401, "A name and a password are needed."},
    {403, "This is not allowed."},
    {404, "There is nothing at this address."},
    {405, "This method cannot be used here; the Allow field lists those that can."},
    {408, "The request did not arrive in time."},
    {409, "The folder that should hold this does not exist, or something else is in the way."},
    {411, "The length of the content must be given."},
    {412, "What is here is not what the request expected; get it again and look before changing it."},
    {413, "The content is larger than this server takes."},
    {414, "The address is longer than this server takes."},
    {415, "Content of this type or coding is not taken here."},
    {416, "The file has none of the bytes that were asked for; Content-Range gives its length."},
    {417, "Only 100-continue can be expected of this server."},
    {421, "This server does not answer for that name."},
    {422, "The content is well-formed, but makes no sense here."},
    {423, "This is locked."},
    {451, "A legal demand keeps this server from showing what may be at this address."},
    {428, "A change needs an If-Match field with the ETag of what it replaces; get it, then send the change again "
          "with that field."},
    {429, "Too many requests; wait a little and try again."},
    {431, "The header fields are larger than this server takes."},
    {500, "Something went wrong in the server."},
    {501, "This server does not know that method."},
    {502, "The destination is on another server, which this one cannot reach."},
    {503, "The server is busy or stopping; try again shortly."},
    {505, "This server speaks HTTP/1.1 and HTTP/1.0."},
    {507, "There is not enough space left to store this."},
};

static struct slice detail_of(const struct error_page *page)
{
    if (page->detail.len)
        return page->detail;
    for (size_t i = 0; i < sizeof(advices) / sizeof(*advices); i++)
        if (advices[i].status == page->status)
            return slice_str(advices[i].text);
    return SLICE_NONE;
}

static void add_label(const struct error_page *page, struct slice label, struct buf *out)
{
    if (!page_translate(page->language, label, out))
        buf_add(out, label);
}

static struct slice link_text_of(const struct error_page *page)
{
    return page->link_text.len ? page->link_text : page->link;
}

/* RFC 4918 §16. The name is one of ours, and an href is percent-encoded: neither needs escaping. */
static struct slice write_condition(const struct error_page *page, struct buf *out)
{
    static const size_t end_len = 256; /* what comes after the hrefs */

    buf_add_str(out, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<D:error xmlns:D=\"DAV:\">");
    if (page->narrower.len)
        buf_printf(out, "<D:%.*s/>", SLICE_FMT(page->narrower));
    buf_printf(out, "<D:%.*s", SLICE_FMT(page->condition));
    buf_add_str(out, page->href_count ? ">" : "/>");
    for (unsigned i = 0; i < page->href_count && out->len + page->hrefs[i].len + end_len < ERROR_BODY_MAX; i++)
        buf_printf(out, "<D:href>%.*s</D:href>", SLICE_FMT(page->hrefs[i]));
    if (page->href_count)
        buf_printf(out, "</D:%.*s>", SLICE_FMT(page->condition));
    buf_add_str(out, "</D:error>\n");
    return SLICE("application/xml; charset=utf-8");
}

static void write_text_explanation(const struct error_page *page, struct buf *out)
{
    const struct explanation *explanation = page->explanation;

    if (explanation->text.len) {
        text_escape(out, slice_upto(explanation->text, ERROR_LONG_MAX));
        buf_add_char(out, '\n');
    }
    for (unsigned i = 0; i < explanation->fact_count; i++) {
        add_label(page, explanation->facts[i].label, out);
        buf_add_str(out, ": ");
        text_escape(out, slice_upto(explanation->facts[i].value, ERROR_TEXT_MAX));
        buf_add_char(out, '\n');
    }
}

static struct slice write_text(const struct error_page *page, struct buf *out)
{
    buf_printf(out, "%d %.*s\n", page->status, SLICE_FMT(status_phrase(page->status)));
    if (page->detail.len) {
        text_escape(out, page->detail);
        buf_add_char(out, '\n');
    }
    if (page->explanation)
        write_text_explanation(page, out);
    if (page->link.len) {
        text_escape(out, page->link);
        buf_add_char(out, '\n');
    }
    return SLICE("text/plain; charset=utf-8");
}

static void write_link(const struct error_page *page, struct buf *out)
{
    buf_add_str(out, "<p><a href=\"");
    html_escape(out, page->link);
    buf_add_str(out, "\">");
    html_escape(out, link_text_of(page));
    buf_add_str(out, "</a></p>\n");
}

/* Of those that are earned. */
static void write_reference(const struct error_page *page, struct buf *out)
{
    const struct status *status = status_find(page->status);
    struct slice before, after;

    if (!status || !status->reference || page->is_elsewhere)
        return;
    page_say_around(page->language, SAY_CODE_MEANS, &before, &after);
    buf_printf(out, "<p><a rel=\"help\" href=\"" REFERENCE_PATH "%d\">%.*s%d%.*s</a></p>\n", page->status,
               SLICE_FMT(before), page->status, SLICE_FMT(after));
}

/* The language's tag was looked at where it came from; the text is one paragraph. */
static void write_html_explanation(const struct error_page *page, struct buf *out)
{
    const struct explanation *explanation = page->explanation;

    if (explanation->text.len) {
        buf_add_str(out, "<p");
        if (explanation->language.len)
            buf_printf(out, " lang=\"%.*s\"", SLICE_FMT(explanation->language));
        buf_add_char(out, '>');
        html_escape(out, slice_upto(explanation->text, ERROR_LONG_MAX));
        buf_add_str(out, "</p>\n");
    }
    if (explanation->fact_count)
        buf_add_str(out, "<dl>\n");
    for (unsigned i = 0; i < explanation->fact_count; i++) {
        buf_add_str(out, "<dt>");
        add_label(page, explanation->facts[i].label, out);
        buf_add_str(out, "</dt><dd>");
        html_escape(out, slice_upto(explanation->facts[i].value, ERROR_TEXT_MAX));
        buf_add_str(out, "</dd>\n");
    }
    if (explanation->fact_count)
        buf_add_str(out, "</dl>\n");
}

/* In the page's language with the registered phrase beside it, by which people find help. */
static void write_heading(const struct error_page *page, struct buf *out)
{
    struct slice phrase = status_phrase(page->status), heading = page_heading(page->language, page->status);

    if (!phrase.len)
        heading = page_say(page->language, SAY_ANSWER);
    buf_printf(out, "<p class=\"code\">%d</p>\n", page->status);
    if (page->language == PAGE_EN || !phrase.len)
        buf_printf(out, "<h1>%.*s</h1>\n", SLICE_FMT(heading));
    else if (heading.len)
        buf_printf(out, "<h1>%.*s <small lang=\"en\">%.*s</small></h1>\n", SLICE_FMT(heading), SLICE_FMT(phrase));
    else
        buf_printf(out, "<h1 lang=\"en\">%.*s</h1>\n", SLICE_FMT(phrase));
}

static struct slice write_html(const struct error_page *page, enum page_language of_detail, struct buf *out)
{
    struct slice tag = page_language_tag(page->language), title = page_heading(page->language, page->status);

    if (!title.len)
        title = status_phrase(page->status);
    buf_printf(out,
               "<!doctype html>\n<html lang=\"%.*s\">\n<head>\n<meta charset=\"utf-8\">\n"
               "<title>%d %.*s</title>\n"
               "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
               "<meta name=\"color-scheme\" content=\"light dark\">\n"
               "<link rel=\"stylesheet\" href=\"" PAGE_STYLE_PATH "\">\n</head>\n<body class=\"answer\">\n<main>\n",
               SLICE_FMT(tag), page->status, SLICE_FMT(title));
    write_heading(page, out);
    if (page->detail.len) {
        buf_add_str(out, of_detail == page->language ? "<p>" : "<p lang=\"en\">");
        html_escape(out, page->detail);
        buf_add_str(out, "</p>\n");
    }
    if (page->explanation)
        write_html_explanation(page, out);
    if (page->link.len)
        write_link(page, out);
    write_reference(page, out);
    buf_add_str(out, "</main>\n</body>\n</html>\n");
    return SLICE("text/html; charset=utf-8");
}

static void write_member(struct buf *out, struct slice name, struct slice value)
{
    if (!value.len)
        return;
    buf_printf(out, ",\"%.*s\":\"", SLICE_FMT(name));
    json_escape(out, value);
    buf_add_char(out, '"');
}

static void write_json_explanation(const struct explanation *explanation, struct buf *out)
{
    write_member(out, SLICE("explanation"), slice_upto(explanation->text, ERROR_LONG_MAX));
    write_member(out, SLICE("language"), explanation->text.len ? explanation->language : SLICE_NONE);
    for (unsigned i = 0; i < explanation->fact_count; i++)
        write_member(out, explanation->facts[i].key, slice_upto(explanation->facts[i].value, ERROR_TEXT_MAX));
}

/* RFC 9457 §3.1; `location` and what the type brings are extension members (§3.2). */
static struct slice write_json(const struct error_page *page, struct buf *out)
{
    buf_printf(out, "{\"type\":\"%.*s\",\"status\":%d", SLICE_FMT(page->type.len ? page->type : SLICE("about:blank")),
               page->status);
    write_member(out, SLICE("title"), status_phrase(page->status));
    write_member(out, SLICE("detail"), page->detail);
    write_member(out, SLICE("location"), page->link);
    if (page->explanation)
        write_json_explanation(page->explanation, out);
    buf_add(out, page->members);
    buf_add_str(out, "}\n");
    return SLICE("application/problem+json");
}

static struct slice write_body(const struct error_page *page, enum page_language of_detail, struct buf *out)
{
    if (page->condition.len)
        return write_condition(page, out);
    switch (page->form) {
    case FORM_HTML:
        return write_html(page, of_detail, out);
    case FORM_JSON:
        return write_json(page, out);
    case FORM_TEXT:
        break;
    }
    return write_text(page, out);
}

/* In the page's language where the catalogue has it; false: as it was. `room` keeps it. */
static bool translate(const struct error_page *page, struct slice *text, struct buf *room)
{
    if (!page_translate(page->language, *text, room))
        return false;
    *text = buf_slice(room);
    return true;
}

enum page_language error_body(const struct error_page *page, struct buf *out, struct slice *content_type)
{
    struct buf room[] = {BUF_INIT(ERROR_LONG_MAX), BUF_INIT(ERROR_LONG_MAX)};
    enum page_language of_detail = page->language;
    struct error_page made = *page;

    made.detail = detail_of(page);
    if (!translate(page, &made.detail, &room[0]) && made.detail.len)
        of_detail = PAGE_EN;
    translate(page, &made.link_text, &room[1]);
    /* A body holds the link twice and the rest once; the worst octet takes six: far below ERROR_BODY_MAX. */
    made.detail = slice_upto(made.detail, ERROR_TEXT_MAX);
    made.link_text = slice_upto(made.link_text, ERROR_TEXT_MAX);
    if (made.link.len > ERROR_LINK_MAX)
        made.link = SLICE_NONE; /* half a link leads nowhere */
    *content_type = write_body(&made, of_detail, out);
    buf_release(&room[0]);
    buf_release(&room[1]);
    return made.form == FORM_HTML ? made.language : of_detail;
}
