/*
 * answers.c - the elements that every multistatus is made of: href, status, error (RFC 4918 §14).
 *
 * Everything here stands inside of an element that declares the prefix D.
 */
#include "dav/dav.h"

#include "http/status.h"
#include "http/uri.h"

static void add_href(struct buf *out, struct slice path, bool is_folder)
{
    buf_add(out, SLICE("/"));
    href_encode(out, path);
    if (is_folder && path.len)
        buf_add(out, SLICE("/"));
}

void dav_href(struct xml_out *xml, struct slice path, bool is_folder)
{
    buf_add(xml->out, SLICE("<D:href>"));
    add_href(xml->out, path, is_folder);
    buf_add(xml->out, SLICE("</D:href>"));
}

struct slice dav_href_text(struct arena *arena, struct slice path, bool is_folder)
{
    struct buf text = BUF_INIT(3 * path.len + 2);
    struct slice kept;

    add_href(&text, path, is_folder);
    kept = arena_slice(arena, buf_slice(&text));
    buf_release(&text);
    return kept;
}

void dav_status(struct xml_out *xml, int status)
{
    buf_add(xml->out, SLICE("<D:status>HTTP/1.1 "));
    buf_add_u64(xml->out, (uint64_t)status);
    buf_add(xml->out, SLICE(" "));
    buf_add(xml->out, status_phrase(status));
    buf_add(xml->out, SLICE("</D:status>"));
}

static void add_tag(struct buf *out, struct slice before, struct slice local, struct slice after)
{
    buf_add(out, before);
    buf_add(out, local);
    buf_add(out, after);
}

void dav_error(struct xml_out *xml, struct slice condition, const struct slice *hrefs, unsigned count)
{
    buf_add(xml->out, SLICE("<D:error>"));
    add_tag(xml->out, SLICE("<D:"), condition, count ? SLICE(">") : SLICE("/>"));
    for (unsigned i = 0; i < count; i++)
        add_tag(xml->out, SLICE("<D:href>"), hrefs[i], SLICE("</D:href>"));
    if (count)
        add_tag(xml->out, SLICE("</D:"), condition, SLICE(">"));
    buf_add(xml->out, SLICE("</D:error>"));
}
