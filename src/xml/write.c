/*
 * write.c - XML out.
 *
 * A multistatus of a large folder is millions of small pieces, so each tag is one reservation and a few copies.
 */
#include "private.h"

#include <assert.h>

#define DECLARE_DAV SLICE(" xmlns:D=\"DAV:\"")

static char *put(char *at, struct slice text)
{
    memcpy(at, text.ptr, text.len);
    return at + text.len;
}

/* `before` D: name, on the first element the declaration, `after`. */
static void add_tag(struct xml_out *xml, struct slice before, struct slice local, struct slice after)
{
    struct slice declare = xml->depth == 0 && before.len == 3 ? DECLARE_DAV : SLICE("");
    size_t len = before.len + local.len + declare.len + after.len;
    char *start = buf_reserve(xml->out, len);

    if (!start)
        return;
    put(put(put(put(start, before), local), declare), after);
    buf_grown(xml->out, len);
}

void xml_begin(struct xml_out *xml, struct buf *out)
{
    *xml = (struct xml_out){.out = out};
    buf_add(out, SLICE("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"));
}

void xml_open(struct xml_out *xml, struct slice local)
{
    assert(xml->depth < XML_DEPTH_OUT);
    add_tag(xml, SLICE("<D:"), local, SLICE(">"));
    xml->open[xml->depth++] = local;
}

void xml_close(struct xml_out *xml)
{
    assert(xml->depth > 0);
    xml->depth--;
    add_tag(xml, SLICE("</D:"), xml->open[xml->depth], SLICE(">"));
}

void xml_empty(struct xml_out *xml, struct slice local)
{
    add_tag(xml, SLICE("<D:"), local, SLICE("/>"));
}

/* The whole element at once: nearly every text is plain. False: it is not. */
static bool add_plain_leaf(struct xml_out *xml, struct slice local, struct slice text)
{
    size_t len = 2 * local.len + text.len + strlen("<D:></D:>");
    char *start;

    if (xml->depth == 0 || !is_plain_text(text))
        return false;
    start = buf_reserve(xml->out, len);
    if (!start)
        return true;
    start = put(put(put(start, SLICE("<D:")), local), SLICE(">"));
    if (text.len)
        start = put(start, text);
    put(put(put(start, SLICE("</D:")), local), SLICE(">"));
    buf_grown(xml->out, len);
    return true;
}

void xml_leaf(struct xml_out *xml, struct slice local, struct slice text)
{
    if (add_plain_leaf(xml, local, text))
        return;
    add_tag(xml, SLICE("<D:"), local, SLICE(">"));
    escape_text(xml->out, text);
    add_tag(xml, SLICE("</D:"), local, SLICE(">"));
}

void xml_text(struct xml_out *xml, struct slice text)
{
    escape_text(xml->out, text);
}

/* The start tag of an element in another namespace than DAV:; gives the prefix with its colon. */
static struct slice add_foreign(struct xml_out *xml, struct slice space, struct slice local, struct slice after)
{
    struct slice prefix = slice_eq(space, XML_XML) ? SLICE("xml:") : space.len ? SLICE("x:") : SLICE("");

    buf_add(xml->out, SLICE("<"));
    buf_add(xml->out, prefix);
    buf_add(xml->out, local);
    if (prefix.len == 2) {
        buf_add(xml->out, SLICE(" xmlns:x=\""));
        escape_attribute(xml->out, space);
        buf_add(xml->out, SLICE("\""));
    }
    buf_add(xml->out, after);
    return prefix;
}

void xml_named(struct xml_out *xml, struct slice space, struct slice local)
{
    if (slice_eq(space, XML_DAV))
        xml_empty(xml, local);
    else
        add_foreign(xml, space, local, SLICE("/>"));
}

void xml_named_leaf(struct xml_out *xml, struct slice space, struct slice local, struct slice text)
{
    struct slice prefix;

    if (slice_eq(space, XML_DAV)) {
        xml_leaf(xml, local, text);
        return;
    }
    prefix = add_foreign(xml, space, local, SLICE(">"));
    escape_text(xml->out, text);
    buf_add(xml->out, SLICE("</"));
    buf_add(xml->out, prefix);
    buf_add(xml->out, local);
    buf_add(xml->out, SLICE(">"));
}

void xml_add(struct xml_out *xml, struct slice element)
{
    buf_add(xml->out, element);
}
