/*
 * pending.c - what the door promises and no file does yet.
 */
#include "xml/xml.h"

enum xml_result xml_parse(struct slice bytes, const struct xml_limits *limits, struct arena *arena,
                          struct xml_node **root, struct slice *why)
{
    return 0;
}

bool xml_is(const struct xml_node *node, struct slice space, struct slice local)
{
    return false;
}

struct xml_node *xml_child(const struct xml_node *node, struct slice space, struct slice local)
{
    return NULL;
}

struct xml_node *xml_first(const struct xml_node *node)
{
    return NULL;
}

struct xml_node *xml_next(const struct xml_node *node)
{
    return NULL;
}

struct slice xml_text_of(const struct xml_node *node, struct arena *arena)
{
    return SLICE_NONE;
}

bool xml_serialize(const struct xml_node *node, struct buf *out)
{
    return false;
}

void xml_begin(struct xml_out *xml, struct buf *out)
{
}

void xml_open(struct xml_out *xml, struct slice local)
{
}

void xml_close(struct xml_out *xml)
{
}

void xml_empty(struct xml_out *xml, struct slice local)
{
}

void xml_leaf(struct xml_out *xml, struct slice local, struct slice text)
{
}

void xml_text(struct xml_out *xml, struct slice text)
{
}

void xml_named(struct xml_out *xml, struct slice space, struct slice local)
{
}

void xml_named_leaf(struct xml_out *xml, struct slice space, struct slice local, struct slice text)
{
}

void xml_add(struct xml_out *xml, struct slice element)
{
}
