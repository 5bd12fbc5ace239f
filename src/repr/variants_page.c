/*
 * variants_page.c - a page of variants.
 *
 * Its links are those of Alternates, so that whoever follows one gets what is described there (NEG-17).
 */
#include "repr/variants_page.h"

#include "http/status.h"
#include "repr/words.h"

/* ---- HTML ---- */

static void add_detail(struct buf *out, unsigned *count, struct slice value)
{
    if (!value.len)
        return;
    buf_add_str(out, (*count)++ ? ", " : " <small>");
    html_escape(out, value);
}

static void add_link(const struct variants_page *page, struct buf *out, const struct variant *variant)
{
    unsigned details = 0;

    buf_add_str(out, "<li><a href=\"");
    html_escape(out, variant->uri);
    buf_add_str(out, "\"");
    if (variant->language_count) {
        buf_add_str(out, " hreflang=\"");
        html_escape(out, variant->languages[0]);
        buf_add_str(out, "\"");
    }
    buf_add_str(out, "><bdi>");
    html_escape(out, variant->description.len ? variant->description : variant->uri);
    buf_add_str(out, "</bdi></a>");
    add_detail(out, &details, variant->type);
    add_detail(out, &details, variant->charset);
    for (unsigned i = 0; i < variant->language_count; i++)
        add_detail(out, &details, variant->languages[i]);
    if (variant->has_length)
        buf_printf(out, "%s%llu %.*s", details++ ? ", " : " <small>", (unsigned long long)variant->length,
                   SLICE_FMT(page_noun(page->language, COUNT_BYTES, variant->length)));
    buf_add_str(out, details ? "</small></li>\n" : "</li>\n");
}

static void add_sentence(const struct variants_page *page, struct buf *out)
{
    struct slice english = page->status == 300
                               ? SLICE("There are several variants of this. Choose one:")
                               : SLICE("None of the variants of this is what your program asked for. There are:");

    if (!page_translate(page->language, english, out))
        buf_add(out, english);
}

static void write_html(const struct variants_page *page, struct buf *out)
{
    struct slice heading = page_heading(page->language, page->status);

    buf_printf(out,
               "<!doctype html>\n<html lang=\"%.*s\">\n<head>\n<meta charset=\"utf-8\">\n<title>%d %.*s</title>\n"
               "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
               "<meta name=\"color-scheme\" content=\"light dark\">\n"
               "<link rel=\"stylesheet\" href=\"" PAGE_STYLE_PATH "\">\n</head>\n<body class=\"answer\">\n<main>\n"
               "<p class=\"code\">%d</p>\n<h1>%.*s",
               SLICE_FMT(page_language_tag(page->language)), page->status, SLICE_FMT(heading), page->status,
               SLICE_FMT(heading));
    if (page->language != PAGE_EN)
        buf_printf(out, " <small lang=\"en\">%.*s</small>", SLICE_FMT(status_phrase(page->status)));
    buf_add_str(out, "</h1>\n<p>");
    add_sentence(page, out);
    buf_add_str(out, "</p>\n<ul>\n");
    for (unsigned i = 0; i < page->count; i++)
        add_link(page, out, &page->list[i]);
    buf_add_str(out, "</ul>\n</main>\n</body>\n</html>\n");
}

/* ---- JSON ---- */

static void add_member(struct buf *out, const char *name, struct slice value)
{
    if (!value.len)
        return;
    buf_printf(out, ",\"%s\":\"", name);
    json_escape(out, value);
    buf_add_char(out, '"');
}

static void add_object(struct buf *out, const struct variant *variant)
{
    buf_add_str(out, "{\"uri\":\"");
    json_escape(out, variant->uri);
    buf_add_char(out, '"');
    if (variant->is_fallback)
        buf_add_str(out, ",\"fallback\":true");
    else
        buf_printf(out, ",\"quality\":%u.%03u", variant->quality / 1000, variant->quality % 1000);
    add_member(out, "type", variant->type);
    add_member(out, "charset", variant->charset);
    for (unsigned i = 0; i < variant->language_count; i++) {
        buf_add_str(out, i ? ",\"" : ",\"languages\":[\"");
        json_escape(out, variant->languages[i]);
        buf_add_str(out, i + 1 == variant->language_count ? "\"]" : "\"");
    }
    if (variant->has_length)
        buf_printf(out, ",\"length\":%llu", (unsigned long long)variant->length);
    add_member(out, "features", variant->features);
    add_member(out, "description", variant->description);
    buf_add_char(out, '}');
}

static void write_json(const struct variants_page *page, struct buf *out)
{
    buf_printf(out, "{\"type\":\"about:blank\",\"title\":\"%.*s\",\"status\":%d,\"detail\":\"",
               SLICE_FMT(status_phrase(page->status)), page->status);
    add_sentence(page, out); /* without anything that JSON escapes */
    buf_add_str(out, "\",\"variants\":[");
    for (unsigned i = 0; i < page->count; i++) {
        buf_add_str(out, i ? "," : "");
        add_object(out, &page->list[i]);
    }
    buf_add_str(out, "]}\n");
}

struct slice variants_page(const struct variants_page *page, struct buf *out)
{
    if (page->form == LISTING_JSON) {
        write_json(page, out);
        return page->status < 400 ? SLICE("application/json") : SLICE("application/problem+json");
    }
    write_html(page, out);
    return SLICE("text/html; charset=utf-8");
}
