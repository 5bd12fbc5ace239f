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
    html_size_cell(version->size, out);
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
    buf_printf(out, "<p>%u earlier content%s of <a href=\"../../../", page->versions->count,
               page->versions->count == 1 ? "" : "s");
    for (struct slice rest = rpath_parent(page->path).text, segment; rpath_next(&rest, &segment);)
        buf_add_str(out, "../");
    href_encode(out, page->path.text);
    buf_add_str(out, "\">this file</a></p>\n</header>\n<main>\n");
}

static void html_page(const struct versions_page *page, struct buf *out)
{
    struct listing listing = {.path = page->path, .is_past = true};

    html_heading(&listing, out);
    add_count(page, out);
    buf_printf(out,
               "<table>\n<thead><tr><th scope=\"col\">Number</th><th scope=\"col\">Size</th><th scope=\"col\">Written"
               "</th><th scope=\"col\">Replaced</th>%s</tr></thead>\n<tbody>\n",
               page->can_restore ? "<th scope=\"col\">To get it back</th>" : "");
    for (unsigned i = 0; i < page->versions->count; i++)
        html_version(page, &page->versions->list[i], out);
    if (!page->versions->count)
        buf_add_str(out, "<tr><td colspan=\"5\" class=\"note\">No earlier contents are kept.</td></tr>\n");
    buf_add_str(out, "</tbody>\n</table>\n</main>\n<footer>\n<p>Times are UTC.</p>\n");
    if (page->can_restore) {
        buf_add_str(out, "<p>COPY puts one in the file’s place again, and what is there until then is kept as well: "
                         "<code>curl -X COPY -H 'Destination: /");
        href_encode(out, page->path.text);
        buf_add_str(out, "'</code> and its address.</p>\n");
    }
    buf_add_str(out, "</footer>\n</body>\n</html>\n");
}

void versions_page(const struct versions_page *page, struct buf *out)
{
    if (page->form == LISTING_JSON)
        json_page(page, out);
    else
        html_page(page, out);
}
