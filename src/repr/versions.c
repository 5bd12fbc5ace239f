/*
 * versions.c - the earlier contents of a file, for people and for programs.
 *
 * {"path":"/a.txt","href":"/.samovar/versions/a.txt/","restore":{"method":"COPY","destination":"/a.txt"},"versions":[
 * {"number":"17","href":"/.samovar/versions/a.txt/17","size":n,"modified":...,"replaced":...,"etag":"\"...\"","type":...}]}
 *
 * The newest comes first. A number has more digits than JavaScript's numbers hold, so it is a text.
 */
#include "repr/versions.h"

#include "http/etag.h"
#include "http/past.h"
#include "http/uri.h"
#include "listing.h"

static int64_t seconds_of(int64_t ns)
{
    return ns / 1000000000 - (ns % 1000000000 < 0);
}

/* ---- JSON ---- */

static void add_etag(const struct version *version, struct buf *out)
{
    struct validators validators = {
        .exists = true, .tag = slice_of(version->tag, version->tag_len), .is_weak = version->is_weak};
    struct buf tag = BUF_INIT(TAG_MAX + 8);

    etag_write(&tag, &validators);
    json_escape(out, buf_slice(&tag));
    buf_release(&tag);
}

static void json_version(const struct versions_page *page, const struct version *version, struct buf *out)
{
    buf_printf(out, "{\"number\":\"%llu\",\"href\":\"", (unsigned long long)version->number);
    past_href(out, page->path.text, version->number);
    buf_printf(out, "\",\"size\":%llu,\"modified\":\"", (unsigned long long)version->size);
    add_rfc3339(out, seconds_of(version->modified_ns));
    buf_add_str(out, "\",\"replaced\":\"");
    add_rfc3339(out, version->replaced_s);
    buf_add_str(out, "\",\"etag\":\"");
    add_etag(version, out);
    buf_add_str(out, "\",\"type\":\"");
    json_escape(out, media_type(rpath_leaf(page->path)));
    buf_add_str(out, "\"}");
}

static void json_page(const struct versions_page *page, struct buf *out)
{
    buf_add_str(out, "{\"path\":\"/");
    json_escape(out, page->path.text);
    buf_add_str(out, "\",\"href\":\"");
    past_href(out, page->path.text, 0);
    if (page->can_restore) {
        buf_add_str(out, "\",\"restore\":{\"method\":\"COPY\",\"destination\":\"/");
        href_encode(out, page->path.text);
        buf_add_str(out, "\"}");
    } else {
        buf_add_char(out, '"');
    }
    buf_add_str(out, ",\"versions\":[");
    for (unsigned i = 0; i < page->versions->count; i++) {
        buf_add_str(out, i ? ",\n" : "\n");
        json_version(page, &page->versions->list[i], out);
    }
    buf_add_str(out, "\n]}\n");
}

/* ---- HTML ---- */

static void html_version(const struct versions_page *page, const struct version *version, struct buf *out)
{
    buf_printf(out, "<tr class=\"file\"><td><a href=\"./%llu\">%llu</a></td>", (unsigned long long)version->number,
               (unsigned long long)version->number);
    html_size_cell(page->language, version->size, out);
    html_time_cell(seconds_of(version->modified_ns), out);
    html_time_cell(version->replaced_s, out);
    if (page->can_restore) {
        buf_add_str(out, "<td><code>COPY ");
        past_href(out, page->path.text, version->number);
        buf_add_str(out, "</code></td>");
    }
    buf_add_str(out, "</tr>\n");
}

static void add_count(const struct versions_page *page, struct buf *out)
{
    buf_add_str(out, "<p>");
    html_count(page->language, COUNT_PAST_OF, page->versions->count, out);
    buf_add_str(out, "<a href=\"../../../");
    for (struct slice rest = rpath_parent(page->path).text, segment; rpath_next(&rest, &segment);)
        buf_add_str(out, "../");
    href_encode(out, page->path.text);
    buf_add_str(out, "\">");
    html_say(page->language, SAY_THIS_FILE, out);
    buf_add_str(out, "</a></p>\n</header>\n<main>\n");
}

static void add_title(const struct versions_page *page, enum page_word title, struct buf *out)
{
    buf_add_str(out, "<th scope=\"col\">");
    html_say(page->language, title, out);
    buf_add_str(out, "</th>");
}

static void add_how_to_copy(const struct versions_page *page, struct buf *out)
{
    struct slice before, after;

    page_say_around(page->language, SAY_COPY, &before, &after);
    buf_printf(out, "<p>%.*s<code>curl -X COPY -H 'Destination: /", SLICE_FMT(before));
    href_encode(out, page->path.text);
    buf_printf(out, "'</code>%.*s</p>\n", SLICE_FMT(after));
}

static void html_page(const struct versions_page *page, struct buf *out)
{
    struct listing listing = {.path = page->path, .language = page->language, .is_past = true};

    html_heading(&listing, out);
    add_count(page, out);
    buf_add_str(out, "<table>\n<thead><tr>");
    add_title(page, SAY_NUMBER, out);
    add_title(page, SAY_SIZE, out);
    add_title(page, SAY_WRITTEN, out);
    add_title(page, SAY_REPLACED, out);
    if (page->can_restore)
        add_title(page, SAY_GET_BACK, out);
    buf_add_str(out, "</tr></thead>\n<tbody>\n");
    for (unsigned i = 0; i < page->versions->count; i++)
        html_version(page, &page->versions->list[i], out);
    if (!page->versions->count) {
        buf_add_str(out, "<tr><td colspan=\"5\" class=\"note\">");
        html_say(page->language, SAY_NONE_KEPT, out);
        buf_add_str(out, "</td></tr>\n");
    }
    buf_add_str(out, "</tbody>\n</table>\n</main>\n<footer>\n<p>");
    html_say(page->language, SAY_UTC, out);
    buf_add_str(out, "</p>\n");
    if (page->can_restore)
        add_how_to_copy(page, out);
    buf_add_str(out, "</footer>\n</body>\n</html>\n");
}

void versions_page(const struct versions_page *page, struct buf *out)
{
    if (page->form == LISTING_JSON)
        json_page(page, out);
    else
        html_page(page, out);
}
