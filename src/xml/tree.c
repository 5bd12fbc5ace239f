/*
 * tree.c - finding one's way in what was read.
 */
#include "private.h"

bool xml_is(const struct xml_node *node, struct slice space, struct slice local)
{
    return !node->is_text && slice_eq(node->local, local) && slice_eq(node->space, space);
}

static struct xml_node *element_from(struct xml_node *node)
{
    while (node && node->is_text)
        node = node->next;
    return node;
}

struct xml_node *xml_first(const struct xml_node *node)
{
    return element_from(node->first);
}

struct xml_node *xml_next(const struct xml_node *node)
{
    return element_from(node->next);
}

struct xml_node *xml_child(const struct xml_node *node, struct slice space, struct slice local)
{
    for (struct xml_node *at = xml_first(node); at; at = xml_next(at))
        if (xml_is(at, space, local))
            return at;
    return NULL;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static struct slice trim(struct slice text)
{
    while (text.len && is_blank(text.ptr[0]))
        text = slice_from(text, 1);
    while (text.len && is_blank(text.ptr[text.len - 1]))
        text.len--;
    return text;
}

struct slice xml_text_of(const struct xml_node *node, struct arena *arena)
{
    struct slice only = SLICE("");
    size_t len = 0, runs = 0;
    char *joined;

    for (const struct xml_node *at = node->first; at; at = at->next)
        if (at->is_text) {
            only = at->text;
            len += at->text.len;
            runs++;
        }
    if (runs < 2)
        return trim(only);
    joined = arena_alloc(arena, len);
    len = 0;
    for (const struct xml_node *at = node->first; at; at = at->next)
        if (at->is_text) {
            memcpy(joined + len, at->text.ptr, at->text.len);
            len += at->text.len;
        }
    return trim(slice_of(joined, len));
}
