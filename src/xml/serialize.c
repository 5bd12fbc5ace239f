/*
 * serialize.c - an element with all in it as text that can stand anywhere.
 *
 * Prefixes stay as they were, and each element declares those that it uses and that nothing above it, within what is
 * written, has bound to the same namespace. Declarations that stood on the element or below it are written again even
 * if no name uses them: a value may name things by prefix in its text (`xsi:type="xs:string"`).
 */
#include "private.h"

#include <stdlib.h>

struct binding {
    struct slice prefix, space;
};

struct writing {
    struct buf *out;
    struct binding *bound; /* innermost last */
    size_t count, room;
};

static struct slice bound_to(const struct writing *writing, struct slice prefix)
{
    for (size_t i = writing->count; i > 0; i--)
        if (slice_eq(writing->bound[i - 1].prefix, prefix))
            return writing->bound[i - 1].space;
    return SLICE("");
}

static void add_name(struct buf *out, struct slice prefix, struct slice local)
{
    buf_add(out, prefix);
    if (prefix.len)
        buf_add(out, SLICE(":"));
    buf_add(out, local);
}

static void add_attribute(struct buf *out, struct slice prefix, struct slice local, struct slice value)
{
    buf_add(out, SLICE(" "));
    add_name(out, prefix, local);
    buf_add(out, SLICE("=\""));
    escape_attribute(out, value);
    buf_add(out, SLICE("\""));
}

/* Has the prefix mean that namespace on the element whose start tag is being written. */
static void declare(struct writing *writing, struct slice prefix, struct slice space)
{
    if (slice_eq(prefix, SLICE("xml")) || slice_eq(bound_to(writing, prefix), space))
        return;
    if (writing->count == writing->room) {
        writing->room = writing->room ? writing->room * 2 : 16;
        writing->bound = xrealloc(writing->bound, writing->room * sizeof(*writing->bound));
    }
    writing->bound[writing->count++] = (struct binding){prefix, space};
    if (prefix.len)
        add_attribute(writing->out, SLICE("xmlns"), prefix, space);
    else
        add_attribute(writing->out, SLICE(""), SLICE("xmlns"), space);
}

static bool has_lang(const struct xml_node *node)
{
    for (const struct xml_attribute *at = node->attributes; at; at = at->next)
        if (slice_eq(at->local, SLICE("lang")) && slice_eq(at->space, XML_XML))
            return true;
    return false;
}

static void add_start(struct writing *writing, const struct xml_node *node, bool is_root)
{
    buf_add(writing->out, SLICE("<"));
    add_name(writing->out, node->prefix, node->local);
    declare(writing, node->prefix, node->space);
    for (const struct xml_attribute *at = node->declared; at; at = at->next)
        declare(writing, at->local, at->value);
    for (const struct xml_attribute *at = node->attributes; at; at = at->next)
        if (at->prefix.len)
            declare(writing, at->prefix, at->space);
    if (is_root && node->lang.len && !has_lang(node))
        add_attribute(writing->out, SLICE("xml"), SLICE("lang"), node->lang);
    for (const struct xml_attribute *at = node->attributes; at; at = at->next)
        add_attribute(writing->out, at->prefix, at->local, at->value);
    buf_add(writing->out, node->first ? SLICE(">") : SLICE("/>"));
}

/* Recursion is as deep as the tree: xml_limits.depth. */
static void add_element(struct writing *writing, const struct xml_node *node, bool is_root)
{
    size_t outside = writing->count;

    add_start(writing, node, is_root);
    for (const struct xml_node *at = node->first; at && !writing->out->overflown; at = at->next)
        if (at->is_text)
            escape_text(writing->out, at->text);
        else
            add_element(writing, at, false);
    writing->count = outside;
    if (!node->first)
        return;
    buf_add(writing->out, SLICE("</"));
    add_name(writing->out, node->prefix, node->local);
    buf_add(writing->out, SLICE(">"));
}

bool xml_serialize(const struct xml_node *node, struct buf *out)
{
    struct writing writing = {.out = out};
    size_t before = out->len;

    add_element(&writing, node, true);
    free(writing.bound);
    if (!out->overflown)
        return true;
    out->len = before;
    out->overflown = false;
    return false;
}
