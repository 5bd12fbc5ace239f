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
#include <string.h>

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
static void add_size(enum page_language language, struct buf *out, uint64_t size)
{
    static const char *const prefixes[] = {"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};
    double value = (double)size;
    unsigned unit = 0;
    char text[16], *point;

    while (value >= 999.5 && unit + 1 < sizeof(prefixes) / sizeof(*prefixes)) {
        value /= 1024;
        unit++;
    }
    snprintf(text, sizeof(text), unit && value < 9.95 ? "%.1f" : "%.0f", value);
    point = strchr(text, '.');
    if (point)
        *point = page_point(language);
    buf_printf(out, "%s\xC2\xA0%s%c", text, prefixes[unit], page_byte(language));
}

void html_count(enum page_language language, enum page_noun noun, uint64_t count, struct buf *out)
{
    add_grouped(out, count);
    buf_add_char(out, ' ');
    buf_add(out, page_noun(language, noun, count));
}

/* Our own words hold nothing that HTML would read. */
void html_say(enum page_language language, enum page_word word, struct buf *out)
{
    buf_add(out, page_say(language, word));
}

static void add_head(const struct listing *listing, unsigned depth, struct buf *out)
{
    buf_printf(out, "<!doctype html>\n<html lang=\"%.*s\">\n<head>\n<meta charset=\"utf-8\">\n<title>",
               SLICE_FMT(page_language_tag(listing->language)));
    html_say(listing->language, listing->is_past ? SAY_PAST_OF : SAY_INDEX_OF, out);
    buf_add_char(out, '/');
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
    struct slice root = page_say(listing->language, listing->is_past ? SAY_PAST : SAY_HOME);

    buf_add_str(out, "<header>\n");
    if (depth) {
        buf_add_str(out, "<nav aria-label=\"");
        html_say(listing->language, SAY_FOLDERS_ABOVE, out);
        buf_add_str(out, "\"><ol><li><a href=\"");
        add_ups(out, depth);
        buf_printf(out, "\">%.*s</a></li>", SLICE_FMT(root));
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
        buf_add(out, root);
    html_escape(out, segment);
    buf_add_str(out, depth ? "</bdi></h1>\n" : "</h1>\n");
}

static void add_summary(const struct listing *listing, struct buf *out)
{
    enum page_language language = listing->language;

    buf_add_str(out, "<p>");
    html_count(language, COUNT_FOLDERS, listing->folders, out);
    html_say(language, SAY_COMMA, out);
    html_count(language, COUNT_FILES, listing->files, out);
    if (listing->files) {
        html_say(language, SAY_COMMA, out);
        add_size(language, out, listing->file_bytes);
    }
    buf_add_str(out, "</p>\n</header>\n");
}

/* A heading sorts by its column; a second click turns the order around. Sizes and dates begin with the largest. */
static void add_heading(const struct listing *listing, enum column column, struct buf *out)
{
    static const enum page_word titles[COLUMN_COUNT] = {SAY_NAME, SAY_SIZE, SAY_MODIFIED};
    static const char *const keys[COLUMN_COUNT] = {"name", "size", "modified"};
    bool is_sorted = listing->order.column == column;
    bool to_descending = is_sorted ? !listing->order.is_descending : column != COLUMN_NAME;

    buf_add_str(out, "<th scope=\"col\"");
    if (is_sorted)
        buf_printf(out, " aria-sort=\"%s\"", listing->order.is_descending ? "descending" : "ascending");
    buf_printf(out, "><a href=\"?sort=%s&amp;order=%s\" rel=\"nofollow\">", keys[column],
               to_descending ? "desc" : "asc");
    html_say(listing->language, titles[column], out);
    buf_add_str(out, "</a></th>");
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
    if (!rpath_is_root(listing->path)) {
        buf_add_str(out, "<tr class=\"up\"><td><a href=\"../\">");
        html_say(listing->language, SAY_PARENT, out);
        buf_add_str(out, "</a></td><td></td><td></td></tr>\n");
    }
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

void html_size_cell(enum page_language language, uint64_t size, struct buf *out)
{
    buf_printf(out, "<td><data value=\"%llu\" title=\"", (unsigned long long)size);
    html_count(language, COUNT_BYTES, size, out);
    buf_add_str(out, "\">");
    add_size(language, out, size);
    buf_add_str(out, "</data></td>");
}

static void add_broken(const struct listing *listing, const struct entry *entry, struct buf *out)
{
    buf_add_str(out, "<tr class=\"broken\"><td><bdi>");
    html_escape(out, entry_name(entry));
    buf_add_str(out, "</bdi> <small>");
    html_say(listing->language, SAY_UNREADABLE, out);
    buf_add_str(out, "</small></td><td></td><td></td></tr>\n");
}

void html_entry(const struct listing *listing, const struct entry *entry, struct buf *out)
{
    const char *slash = entry->kind == ENTRY_FOLDER ? "/" : "";

    if (entry->kind == ENTRY_BROKEN) {
        add_broken(listing, entry, out);
        return;
    }
    buf_printf(out, "<tr class=\"%s\"><td><a href=\"./", *slash ? "folder" : "file");
    href_encode_segment(out, entry_name(entry));
    buf_printf(out, "%s\"><bdi>", listing->is_past ? "/" : slash);
    html_escape(out, entry_name(entry));
    buf_printf(out, "</bdi>%s</a></td>", slash);
    if (entry->kind == ENTRY_FILE)
        html_size_cell(listing->language, entry->size, out);
    else
        buf_add_str(out, "<td></td>");
    html_time_cell(entry->modified_s, out);
    buf_add_str(out, "</tr>\n");
}

static void add_beyond(const struct listing *listing, struct buf *out)
{
    struct slice before, after;

    page_say_around(listing->language, SAY_MORE, &before, &after);
    buf_printf(out, "<tr><td colspan=\"3\" class=\"note\">%.*s", SLICE_FMT(before));
    add_grouped(out, listing->beyond);
    buf_printf(out, "%.*s</td></tr>\n", SLICE_FMT(after));
}

static void add_how_to_put(const struct listing *listing, struct buf *out)
{
    struct slice before, after;

    page_say_around(listing->language, SAY_PUT, &before, &after);
    buf_printf(out, "<p>%.*s<code>curl -T %.*s</code>%.*s</p>\n", SLICE_FMT(before),
               SLICE_FMT(page_say(listing->language, SAY_FILE_ARGUMENT)), SLICE_FMT(after));
}

void html_end(const struct listing *listing, struct buf *out)
{
    if (!listing->count) {
        buf_add_str(out, "<tr><td colspan=\"3\" class=\"note\">");
        html_say(listing->language, SAY_EMPTY, out);
        buf_add_str(out, "</td></tr>\n");
    }
    if (listing->beyond)
        add_beyond(listing, out);
    buf_add_str(out, "</tbody>\n</table>\n</main>\n<footer>\n<p>");
    html_say(listing->language, SAY_UTC, out);
    buf_add_str(out, "</p>\n");
    if (listing->can_write)
        add_how_to_put(listing, out);
    buf_add_str(out, "</footer>\n</body>\n</html>\n");
}
