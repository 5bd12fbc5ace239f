/*
 * test_serialize.c - an element as text that can stand anywhere.
 */
#include <stdio.h>
#include <stdlib.h>

#include "docs.h"

/* The document's first child element, written by itself, has to be `want`, and to be the same when read again. */
static void check_child(const char *document, const char *want)
{
    struct arena arena = {0};
    struct buf text = BUF_INIT(1 << 16), again = BUF_INIT(1 << 16);

    CHECK(xml_serialize(xml_first(root_of(document, &arena)), &text));
    CHECK_SLICE(buf_slice(&text), want);
    CHECK(xml_serialize(root_of(want, &arena), &again));
    CHECK_SLICE(buf_slice(&again), want);
    buf_release(&text);
    buf_release(&again);
    arena_release(&arena);
}

TEST(serialize__declares_what_is_in_use)
{
    check_child("<D:p xmlns:D='DAV:' xmlns:x='urn:x' xmlns:y='urn:y'><x:a/></D:p>", "<x:a xmlns:x=\"urn:x\"/>");
    check_child("<p xmlns:x='urn:x' xmlns:y='urn:y'><x:a y:b='1'><y:c/></x:a></p>",
                "<x:a xmlns:x=\"urn:x\" xmlns:y=\"urn:y\" y:b=\"1\"><y:c/></x:a>");
    check_child("<p xmlns:x='urn:x' xmlns:y='urn:y'><x:a><y:c/><y:d/></x:a></p>",
                "<x:a xmlns:x=\"urn:x\"><y:c xmlns:y=\"urn:y\"/><y:d xmlns:y=\"urn:y\"/></x:a>");
}

TEST(serialize__keeps_prefixes_also_rebound_ones)
{
    check_child("<p xmlns:x='urn:x'><x:a><x:b xmlns:x='urn:other'><x:c/></x:b><x:d/></x:a></p>",
                "<x:a xmlns:x=\"urn:x\"><x:b xmlns:x=\"urn:other\"><x:c/></x:b><x:d/></x:a>");
}

TEST(serialize__keeps_declarations_that_only_values_use)
{
    check_child("<p><a xmlns:i='urn:i' xmlns:xs='urn:xs' i:type='xs:string'/></p>",
                "<a xmlns:i=\"urn:i\" xmlns:xs=\"urn:xs\" i:type=\"xs:string\"/>");
}

TEST(serialize__handles_the_default_namespace)
{
    check_child("<p xmlns='urn:d'><a><b xmlns=''><c/></b><d/></a></p>",
                "<a xmlns=\"urn:d\"><b xmlns=\"\"><c/></b><d/></a>");
    check_child("<D:p xmlns:D='DAV:'><a/></D:p>", "<a/>");
    check_child("<p xmlns='urn:d' xmlns:x='urn:x'><x:a><b/></x:a></p>",
                "<x:a xmlns:x=\"urn:x\"><b xmlns=\"urn:d\"/></x:a>");
}

TEST(serialize__writes_the_language_in_scope_on_the_element)
{
    check_child("<p xml:lang='de'><a/></p>", "<a xml:lang=\"de\"/>");
    check_child("<p xml:lang='de'><a xml:lang='fr'><b/></a></p>", "<a xml:lang=\"fr\"><b/></a>");
    check_child("<p xml:lang='de'><a xml:lang=''/></p>", "<a xml:lang=\"\"/>");
    check_child("<p xml:lang='de'><a><b xml:lang='en'/></a></p>", "<a xml:lang=\"de\"><b xml:lang=\"en\"/></a>");
}

TEST(serialize__escapes_what_a_reader_would_change)
{
    check_child("<p><a>&lt;&amp;&gt;\"'&#13;\n\t ]]&gt;</a></p>", "<a>&lt;&amp;&gt;\"'&#13;\n\t ]]&gt;</a>");
    check_child("<p><a b='&lt;&amp;&#9;&#10;&#13;&quot; '/></p>", "<a b=\"&lt;&amp;&#9;&#10;&#13;&quot; \"/>");
}

TEST(serialize__keeps_mixed_content_blanks_and_all_planes)
{
    check_child("<p><a> x <b/>\n\xf0\x9f\x98\x80 <c>\xc3\xa4</c> </a></p>",
                "<a> x <b/>\n\xf0\x9f\x98\x80 <c>\xc3\xa4</c> </a>");
}

TEST(serialize__leaves_the_buffer_as_it_was_if_it_does_not_fit)
{
    struct arena arena = {0};
    struct xml_node *root = root_of("<a>12345</a>", &arena);
    struct buf tight = BUF_INIT(12), wide = BUF_INIT(13);

    buf_add_char(&tight, '!');
    buf_add_char(&wide, '!');
    CHECK_FALSE(xml_serialize(root, &tight));
    CHECK_SLICE(buf_slice(&tight), "!");
    CHECK_FALSE(tight.overflown);
    CHECK(xml_serialize(root, &wide));
    CHECK_SLICE(buf_slice(&wide), "!<a>12345</a>");
    buf_release(&tight);
    buf_release(&wide);
    arena_release(&arena);
}

/* ---- any tree at all ---- */

static void add_random(struct buf *out, unsigned depth)
{
    static const char *const prefixes[] = {"", "", "p:", "q:", "r:"};
    static const char *const spaces[] = {"urn:1", "urn:2", "DAV:", "urn:1"};
    static const char *const texts[] = {"t", " ", "&lt;", "&#13;", "\r\n", "\xe2\x82\xac", "<![CDATA[]]>", "<!--c-->"};
    const char *prefix = prefixes[rand() % 5];
    int number = rand() % 3;

    buf_printf(out, "<%se%d", prefix, number);
    if (depth == 0)
        buf_add_str(out, " xmlns:p='urn:1' xmlns:q='urn:2' xmlns:r='urn:3'");
    else if (rand() % 3 == 0)
        buf_printf(out, " xmlns:%c='%s'", "pqr"[rand() % 3], spaces[rand() % 4]);
    if (rand() % 4 == 0)
        buf_printf(out, " xmlns='%s'", rand() % 3 ? spaces[rand() % 4] : "");
    if (rand() % 4 == 0)
        buf_printf(out, " a='&#10;%d\t&#13;' %c:b='&quot;'", rand() % 10, "pqr"[rand() % 3]);
    if (rand() % 6 == 0)
        buf_printf(out, " xml:lang='%s'", rand() % 3 ? "de" : "");
    buf_add_str(out, ">");
    for (int i = rand() % 4; i > 0; i--) {
        buf_add_str(out, texts[rand() % 8]);
        if (depth < 5)
            add_random(out, depth + 1);
    }
    buf_printf(out, "</%se%d>", prefix, number);
}

static void check_same_attributes(const struct xml_attribute *a, const struct xml_attribute *b, bool one_more)
{
    if (one_more && b && (!a || !slice_eq(a->local, SLICE("lang"))) && slice_eq(b->local, SLICE("lang")))
        b = b->next; /* the language in scope */
    for (; a && b; a = a->next, b = b->next)
        CHECK(slice_eq(a->local, b->local) && slice_eq(a->space, b->space) && slice_eq(a->prefix, b->prefix) &&
              slice_eq(a->value, b->value));
    CHECK(!a && !b);
}

static void check_same(const struct xml_node *a, const struct xml_node *b, bool is_root)
{
    const struct xml_node *x = a->first, *y = b->first;

    CHECK(a->is_text == b->is_text && slice_eq(a->lang, b->lang));
    if (a->is_text) {
        CHECK(slice_eq(a->text, b->text));
        return;
    }
    CHECK(slice_eq(a->local, b->local) && slice_eq(a->space, b->space) && slice_eq(a->prefix, b->prefix));
    check_same_attributes(a->attributes, b->attributes, is_root);
    for (; x && y; x = x->next, y = y->next)
        check_same(x, y, false);
    CHECK(!x && !y);
}

/* Each element of the tree, written by itself and read again, is what it was. */
static void check_each(const struct xml_node *node, struct arena *arena, unsigned *count)
{
    struct buf text = BUF_INIT(1 << 20);
    struct xml_node *again;

    CHECK(xml_serialize(node, &text));
    CHECK_INT(parsed(buf_slice(&text), arena, &again), XML_OK);
    check_same(node, again, true);
    buf_release(&text);
    ++*count;
    for (const struct xml_node *at = xml_first(node); at; at = xml_next(at))
        check_each(at, arena, count);
}

TEST(serialize__what_is_read_again_is_the_same_for_any_tree)
{
    unsigned count = 0;

    srand(4918);
    for (int round = 0; round < 300; round++) {
        struct buf text = BUF_INIT(1 << 20);
        struct arena arena = {0};
        struct xml_node *root;

        add_random(&text, 0);
        CHECK_INT(parsed(buf_slice(&text), &arena, &root), XML_OK);
        check_each(root, &arena, &count);
        buf_release(&text);
        arena_release(&arena);
    }
    CHECK(count > 1000);
}
