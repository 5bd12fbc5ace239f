/*
 * docs.h - documents from literals, for the tests of xml/.
 */
#ifndef TEST_DOCS_H
#define TEST_DOCS_H

#include "check.h"
#include "xml/xml.h"

/* What xml_parse() says with the default limits. */
static inline enum xml_result parsed(struct slice text, struct arena *arena, struct xml_node **root)
{
    struct slice why;
    enum xml_result result = xml_parse(text, &XML_LIMITS_DEFAULT, arena, root, &why);

    CHECK((result == XML_OK) == (*root != NULL));
    CHECK((result == XML_OK) == (why.len == 0));
    return result;
}

static inline enum xml_result result_of(struct slice text)
{
    struct arena arena = {0};
    struct xml_node *root;
    enum xml_result result = parsed(text, &arena, &root);

    arena_release(&arena);
    return result;
}

static inline struct xml_node *root_of(const char *text, struct arena *arena)
{
    struct xml_node *root;

    CHECK_INT(parsed(slice_str(text), arena, &root), XML_OK);
    return root;
}

#endif
