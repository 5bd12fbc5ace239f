/*
 * listing_html.c - a folder for people.
 *
 * Every link is relative, so the page also works behind a proxy that adds a prefix. A member's link is
 * "./" and the percent-encoded name: octet for octet what is on disk, and never a scheme, whatever the name
 * ("javascript:..."). What is shown is escaped and stands in <bdi>, so that a name written from right to
 * left cannot turn its neighbours around.
 */
#include "listing.h"

#include <stdio.h>

#include "http/date.h"
#include "http/uri.h"

enum {
    CRUMBS_MAX = 12, /* of a deeper path the first and the last ones */
    PAST_DEPTH = 2,  /* segments of an address before that of http/past.h's path */
};

static unsigned depth_of(struct rpath path)
{
    struct slice rest = path.text, segment;
    unsigned depth = 0;

    while (rpath_next(&rest, &segment))
        depth++;
    return depth;
}

static void add_ups(struct buf *out, unsigned count)
{
    if (!count)
        buf_add_str(out, "./");
    while (count--)
        buf_add_str(out, "../");
}

/* "123 456" with narrow spaces that do not break (U+202F). */
static void add_grouped(struct buf *out, uint64_t value)
{
    char digits[21];
    int len = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)value);

    for (int i = 0; i < len; i++) {
        if (i && (len - i) % 3 == 0)
            buf_add_str(out, "\xE2\x80\xAF");
        buf_add_char(out, digits[i]);
    }
}

/* Three figures at most: "999 B", "9.8 KiB", "123 MiB". */
static void add_size(struct buf *out, uint64_t size)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    double value = (double)size;
    unsigned unit = 0;

    while (value >= 999.5 && unit + 1 < sizeof(units) / sizeof(*units)) {
        value /= 1024;
        unit++;
    }
    buf_printf(out, unit && value < 9.95 ? "%.1f\xC2\xA0%s" : "%.0f\xC2\xA0%s", value, units[unit]);
}

static void add_plural(struct buf *out, uint64_t count, const char *one, const char *many)
{
    add_grouped(out, count);
    buf_printf(out, " %s", count == 1 ? one : many);
}

static void add_head(const struct listing *listing, unsigned depth, struct buf *out)
{
    buf_add_str(out, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>");
    buf_add_str(out, listing->is_past ? "Earlier contents of /" : "Index of /");
    html_escape(out, listing->path.text);
    buf_add_str(out, depth ? "/</title>\n" : "</title>\n");
    buf_add_str(out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                     "<meta name=\"color-scheme\" content=\"light dark\">\n"
                     "<link rel=\"stylesheet\" href=\"");
    add_ups(out, depth + (listing->is_past ? PAST_DEPTH : 0));
    buf_add_str(out, &PAGE_STYLE_PATH[1]); /* relative */
    buf_add_str(out, "\">\n</head>\n<body>\n");
}

/* The folders above, each a link; the last one is the page itself and stands in the heading. */
static void add_crumbs(const struct listing *listing, unsigned depth, struct buf *out)
{
    struct slice rest = listing->path.text, segment = SLICE_NONE;
    const char *root = listing->is_past ? "Earlier contents" : "Home";

    buf_add_str(out, "<header>\n");
    if (depth) {
        buf_add_str(out, "<nav aria-label=\"Folders above\"><ol><li><a href=\"");
        add_ups(out, depth);
        buf_printf(out, "\">%s</a></li>", root);
    }
    for (unsigned up = depth; up-- && rpath_next(&rest, &segment) && up;) {
        if (up >= CRUMBS_MAX) {
            if (up == CRUMBS_MAX)
                buf_add_str(out, "<li>…</li>");
            continue;
        }
        buf_add_str(out, "<li><a href=\"");
        add_ups(out, up);
        buf_add_str(out, "\"><bdi>");
        html_escape(out, segment);
        buf_add_str(out, "</bdi></a></li>");
    }
    buf_add_str(out, depth ? "</ol></nav>\n<h1><bdi>" : "<h1>");
    if (!depth)
        buf_add_str(out, root);
    html_escape(out, segment);
    buf_add_str(out, depth ? "</bdi></h1>\n" : "</h1>\n");
}

static void add_summary(const struct listing *listing, struct buf *out)
{
    buf_add_str(out, "<p>");
    add_plural(out, listing->folders, "folder", "folders");
    buf_add_str(out, ", ");
    add_plural(out, listing->files, "file", "files");
    if (listing->files) {
        buf_add_str(out, ", ");
        add_size(out, listing->file_bytes);
    }
    buf_add_str(out, "</p>\n</header>\n");
}

/* A heading sorts by its column; a second click turns the order around. Sizes and dates begin with the largest. */
static void add_heading(const struct listing *listing, enum column column, struct buf *out)
{
    static const char *const titles[COLUMN_COUNT] = {"Name", "Size", "Modified"};
    static const char *const keys[COLUMN_COUNT] = {"name", "size", "modified"};
    bool is_sorted = listing->order.column == column;
    bool to_descending = is_sorted ? !listing->order.is_descending : column != COLUMN_NAME;

    buf_add_str(out, "<th scope=\"col\"");
    if (is_sorted)
        buf_printf(out, " aria-sort=\"%s\"", listing->order.is_descending ? "descending" : "ascending");
    buf_printf(out, "><a href=\"?sort=%s&amp;order=%s\" rel=\"nofollow\">%s</a></th>", keys[column],
               to_descending ? "desc" : "asc", titles[column]);
}

void html_heading(const struct listing *listing, struct buf *out)
{
    unsigned depth = depth_of(listing->path);

    add_head(listing, depth, out);
    add_crumbs(listing, depth, out);
}

void html_start(const struct listing *listing, struct buf *out)
{
    html_heading(listing, out);
    add_summary(listing, out);
    buf_add_str(out, "<main>\n<table>\n<thead><tr>");
    for (unsigned column = 0; column < COLUMN_COUNT; column++)
        add_heading(listing, column, out);
    buf_add_str(out, "</tr></thead>\n<tbody>\n");
    if (!rpath_is_root(listing->path))
        buf_add_str(out, "<tr class=\"up\"><td><a href=\"../\">Parent folder</a></td><td></td><td></td></tr>\n");
}

void html_time_cell(int64_t unix_s, struct buf *out)
{
    struct civil civil = date_civil(unix_s);

    /* HTML has no <time> before the year 1; a date as wrong as that is shown without one (13.4.5.1). */
    if (civil.year < 1 || civil.year > 9999) {
        buf_add_str(out, "<td></td>");
        return;
    }
    buf_add_str(out, "<td><time datetime=\"");
    add_rfc3339(out, unix_s);
    buf_printf(out, "\">%04lld-%02u-%02u <span class=\"clock\">%02u:%02u</span></time></td>", (long long)civil.year,
               civil.month, civil.day, civil.hour, civil.minute);
}

void html_size_cell(uint64_t size, struct buf *out)
{
    buf_printf(out, "<td><data value=\"%llu\" title=\"", (unsigned long long)size);
    add_plural(out, size, "byte", "bytes");
    buf_add_str(out, "\">");
    add_size(out, size);
    buf_add_str(out, "</data></td>");
}

static void add_broken(const struct entry *entry, struct buf *out)
{
    buf_add_str(out, "<tr class=\"broken\"><td><bdi>");
    html_escape(out, entry_name(entry));
    buf_add_str(out, "</bdi> <small>cannot be read</small></td><td></td><td></td></tr>\n");
}

void html_entry(const struct listing *listing, const struct entry *entry, struct buf *out)
{
    const char *slash = entry->kind == ENTRY_FOLDER ? "/" : "";

    if (entry->kind == ENTRY_BROKEN) {
        add_broken(entry, out);
        return;
    }
    buf_printf(out, "<tr class=\"%s\"><td><a href=\"./", *slash ? "folder" : "file");
    href_encode_segment(out, entry_name(entry));
    buf_printf(out, "%s\"><bdi>", listing->is_past ? "/" : slash);
    html_escape(out, entry_name(entry));
    buf_printf(out, "</bdi>%s</a></td>", slash);
    if (entry->kind == ENTRY_FILE)
        html_size_cell(entry->size, out);
    else
        buf_add_str(out, "<td></td>");
    html_time_cell(entry->modified_s, out);
    buf_add_str(out, "</tr>\n");
}

void html_end(const struct listing *listing, struct buf *out)
{
    if (!listing->count)
        buf_add_str(out, "<tr><td colspan=\"3\" class=\"note\">This folder is empty.</td></tr>\n");
    if (listing->beyond) {
        buf_add_str(out, "<tr><td colspan=\"3\" class=\"note\">… and ");
        add_grouped(out, listing->beyond);
        buf_add_str(out, " more that are not listed.</td></tr>\n");
    }
    buf_add_str(out, "</tbody>\n</table>\n</main>\n<footer>\n<p>Times are UTC.</p>\n");
    if (listing->can_write)
        buf_add_str(out, "<p>Files can be put here: <code>curl -T FILE</code> and this page’s address.</p>\n");
    buf_add_str(out, "</footer>\n</body>\n</html>\n");
}
