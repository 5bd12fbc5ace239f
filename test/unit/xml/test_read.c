/*
 * test_read.c - XML in.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "docs.h"

TEST(read__names_are_compared_by_namespace_whatever_the_prefix) /* DAV-016 */
{
    static const char *const documents[] = {
        "<D:a xmlns:D='DAV:'><D:b/></D:a>",
        "<a xmlns='DAV:'><b/></a>",
        "<x:a xmlns:x='DAV:'><b xmlns='DAV:'/></x:a>",
    };

    for (unsigned i = 0; i < 3; i++) {
        struct arena arena = {0};
        struct xml_node *root = root_of(documents[i], &arena);

        CHECK(xml_is(root, XML_DAV, SLICE("a")));
        CHECK(xml_child(root, XML_DAV, SLICE("b")) != NULL);
        CHECK(xml_child(root, SLICE(""), SLICE("b")) == NULL);
        arena_release(&arena);
    }
}

TEST(read__what_is_not_well_formed_is_malformed)
{
    CHECK_INT(result_of(SLICE("")), XML_MALFORMED);
    CHECK_INT(result_of(SLICE("   ")), XML_MALFORMED);
    CHECK_INT(result_of(SLICE("<a>")), XML_MALFORMED);
    CHECK_INT(result_of(SLICE("<a></b>")), XML_MALFORMED);
    CHECK_INT(result_of(SLICE("<a/><b/>")), XML_MALFORMED);
    CHECK_INT(result_of(SLICE("<a b='1' b='2'/>")), XML_MALFORMED);
    CHECK_INT(result_of(SLICE("<a>&c;</a>")), XML_MALFORMED);
    CHECK_INT(result_of(SLICE("<a>\xff</a>")), XML_MALFORMED);
    CHECK_INT(result_of(SLICE("<a>&#1;</a>")), XML_MALFORMED);
    CHECK_INT(result_of(SLICE("<a>\0</a>")), XML_MALFORMED);
    CHECK_INT(result_of(SLICE("<?xml version='1.0' encoding='no-such'?><a/>")), XML_MALFORMED);
}

TEST(read__misused_namespaces_are_malformed)
{
    CHECK_INT(result_of(SLICE("<D:a/>")), XML_MALFORMED);
    CHECK_INT(result_of(SLICE("<a D:b='1'/>")), XML_MALFORMED);
    CHECK_INT(result_of(SLICE("<a xmlns:p=''/>")), XML_MALFORMED);
    CHECK_INT(result_of(SLICE("<p:a xmlns:p='u'><b xmlns:p=''/></p:a>")), XML_MALFORMED);
    CHECK_INT(result_of(SLICE("<xmlns:a/>")), XML_MALFORMED);
    CHECK_INT(result_of(SLICE("<a xmlns:xml='u'/>")), XML_MALFORMED);
    CHECK_INT(result_of(SLICE("<a xmlns:p='http://www.w3.org/2000/xmlns/'/>")), XML_MALFORMED);
    CHECK_INT(result_of(SLICE("<a:b:c xmlns:a='u'/>")), XML_MALFORMED);
    CHECK_INT(result_of(SLICE("<a p:x='1' q:x='2' xmlns:p='u' xmlns:q='u'/>")), XML_MALFORMED);
}

TEST(read__the_reason_names_the_line)
{
    struct arena arena = {0};
    struct xml_node *root;
    struct slice why;

    CHECK_INT(xml_parse(SLICE("<a>\n<b></c></a>"), &XML_LIMITS_DEFAULT, &arena, &root, &why), XML_MALFORMED);
    CHECK_SLICE(why, "The XML is not well-formed: mismatched tag (line 2).");
    arena_release(&arena);
}

TEST(read__external_entities_are_told_apart)
{
    CHECK_INT(result_of(SLICE("<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><a>&e;</a>")), XML_EXTERNAL);
    CHECK_INT(result_of(SLICE("<!DOCTYPE a [<!ENTITY e PUBLIC 'x' 'http://h/'>]><a/>")), XML_EXTERNAL);
    CHECK_INT(result_of(SLICE("<!DOCTYPE a [<!ENTITY % e SYSTEM 'http://h/'> %e;]><a/>")), XML_EXTERNAL);
    CHECK_INT(result_of(SLICE("<!DOCTYPE a SYSTEM 'http://h/a.dtd'><a/>")), XML_EXTERNAL);
    CHECK_INT(result_of(SLICE("<!DOCTYPE a [ %e; ]><a>&f;</a>")), XML_EXTERNAL);
}

TEST(read__entities_of_its_own_are_refused_where_they_are_declared)
{
    CHECK_INT(result_of(SLICE("<!DOCTYPE a [<!ENTITY e 'x'>]><a/>")), XML_LIMIT);
    CHECK_INT(result_of(SLICE("<!DOCTYPE a [<!ENTITY % e 'x'>]><a/>")), XML_LIMIT);
    CHECK_INT(result_of(SLICE("<!DOCTYPE a [<!ATTLIST a b CDATA 'x'>]><a/>")), XML_LIMIT);
}

TEST(read__a_billion_laughs_cost_nothing)
{
    struct buf text = BUF_INIT(1 << 16);
    uint64_t start = clock_mono_ms();

    buf_add_str(&text, "<!DOCTYPE a [<!ENTITY l0 'lol'>");
    for (int i = 1; i < 30; i++)
        buf_printf(&text, "<!ENTITY l%d '&l%d;&l%d;&l%d;&l%d;&l%d;'>", i, i - 1, i - 1, i - 1, i - 1, i - 1);
    buf_add_str(&text, "]><a>&l29;</a>");
    CHECK_INT(result_of(buf_slice(&text)), XML_LIMIT);
    CHECK(clock_mono_ms() - start < 1000);
    buf_release(&text);
}

TEST(read__a_doctype_is_used_for_nothing)
{
    struct arena arena = {0};
    struct xml_node *root =
        root_of("<!DOCTYPE a [<!ELEMENT a EMPTY><!ATTLIST a b CDATA #REQUIRED>]><a>text</a>", &arena);

    CHECK_SLICE(xml_text_of(root, &arena), "text");
    arena_release(&arena);
}

/* The document's bytes in UTF-16 with a byte order mark; ASCII only. */
static struct slice utf16(const char *text, bool is_big, struct arena *arena)
{
    size_t len = strlen(text);
    char *out = arena_alloc(arena, 2 * len + 2);

    out[is_big] = '\xff';
    out[!is_big] = '\xfe';
    for (size_t i = 0; i < len; i++)
        out[2 + 2 * i + is_big] = text[i];
    return slice_of(out, 2 * len + 2);
}

TEST(read__utf_16_is_read_by_its_mark) /* DAV-022 */
{
    struct arena arena = {0};
    struct xml_node *root;

    for (int big = 0; big < 2; big++) {
        CHECK_INT(parsed(utf16("<?xml version='1.0' encoding='utf-16'?><a xmlns='DAV:'>&#228;</a>", big, &arena),
                         &arena, &root),
                  XML_OK);
        CHECK(xml_is(root, XML_DAV, SLICE("a")));
        CHECK_SLICE(xml_text_of(root, &arena), "\xc3\xa4");
        CHECK_INT(parsed(utf16("<a/>", big, &arena), &arena, &root), XML_OK);
    }
    CHECK_INT(parsed(SLICE("\xef\xbb\xbf<a/>"), &arena, &root), XML_OK);
    CHECK_INT(parsed(SLICE("<?xml version='1.0' encoding='iso-8859-1'?><a>\xe4</a>"), &arena, &root), XML_OK);
    CHECK_SLICE(xml_text_of(root, &arena), "\xc3\xa4");
    arena_release(&arena);
}

TEST(read__comments_and_instructions_are_not_there)
{
    struct arena arena = {0};
    struct xml_node *root = root_of("<?a b?><!-- c --><a>x<!-- d -->y<?e f?>z<![CDATA[<&]]></a><!-- g -->", &arena);

    CHECK(root->first && root->first->is_text && !root->first->next);
    CHECK_SLICE(root->first->text, "xyz<&");
    arena_release(&arena);
}

TEST(read__mixed_content_keeps_its_order)
{
    struct arena arena = {0};
    struct xml_node *root = root_of("<a> one <b/> two <c/></a>", &arena);
    struct xml_node *b = xml_first(root), *c = xml_next(b);

    CHECK_SLICE(root->first->text, " one ");
    CHECK(root->first->next == b && b->next->is_text && b->next->next == c && !xml_next(c));
    CHECK_SLICE(b->local, "b");
    CHECK_SLICE(xml_text_of(root, &arena), "one  two");
    CHECK(b->parent == root && !b->first);
    arena_release(&arena);
}

TEST(read__language_is_that_of_the_nearest)
{
    struct arena arena = {0};
    struct xml_node *root = root_of("<a xml:lang='de'><b/><c xml:lang='fr'><d/></c><e xml:lang=''/></a>", &arena);
    struct xml_node *b = xml_first(root), *c = xml_next(b);

    CHECK_SLICE(b->lang, "de");
    CHECK_SLICE(xml_first(c)->lang, "fr");
    CHECK_SLICE(xml_next(c)->lang, "");
    arena_release(&arena);
}

TEST(read__attributes_keep_namespace_and_prefix)
{
    struct arena arena = {0};
    struct xml_node *root = root_of("<a b='1' p:c='2' xmlns:p='urn:p' xmlns='urn:d'/>", &arena);
    struct xml_attribute *b = root->attributes, *c = b->next;

    CHECK(!c->next);
    CHECK_SLICE(b->space, "");
    CHECK_SLICE(c->space, "urn:p");
    CHECK_SLICE(c->prefix, "p");
    CHECK_SLICE(c->value, "2");
    CHECK_SLICE(root->declared->local, "p");
    CHECK_SLICE(root->declared->next->value, "urn:d");
    arena_release(&arena);
}

static enum xml_result limited(const char *text, struct xml_limits limits)
{
    struct arena arena = {0};
    struct xml_node *root;
    struct slice why;
    enum xml_result result = xml_parse(slice_str(text), &limits, &arena, &root, &why);

    arena_release(&arena);
    return result;
}

TEST(read__each_limit_is_the_last_that_passes)
{
    CHECK_INT(limited("<a/>", (struct xml_limits){4, 9, 9, 9}), XML_OK);
    CHECK_INT(limited("<a/>", (struct xml_limits){3, 9, 9, 9}), XML_LIMIT);
    CHECK_INT(limited("<a><b><c/></b></a>", (struct xml_limits){99, 3, 9, 9}), XML_OK);
    CHECK_INT(limited("<a><b><c/></b></a>", (struct xml_limits){99, 2, 9, 9}), XML_LIMIT);
    CHECK_INT(limited("<a>x<c/>y</a>", (struct xml_limits){99, 9, 4, 9}), XML_OK);
    CHECK_INT(limited("<a>x<c/>y</a>", (struct xml_limits){99, 9, 3, 9}), XML_LIMIT);
    CHECK_INT(limited("<a><c/><c/><c/></a>", (struct xml_limits){99, 9, 3, 9}), XML_LIMIT);
    CHECK_INT(limited("<a b='' xmlns:c='d'/>", (struct xml_limits){99, 9, 9, 2}), XML_OK);
    CHECK_INT(limited("<a b='' xmlns:c='d'/>", (struct xml_limits){99, 9, 9, 1}), XML_LIMIT);
}

TEST(read__a_long_namespace_name_is_refused_and_a_repeated_one_kept_once)
{
    struct buf text = BUF_INIT(1 << 20);
    struct arena arena = {0};
    struct xml_node *root;

    buf_add_str(&text, "<a xmlns='");
    for (int i = 0; i < 2048; i++)
        buf_add_char(&text, 'x');
    buf_add_str(&text, "'>");
    for (int i = 0; i < 15000; i++)
        buf_add_str(&text, "<b/>");
    buf_add_str(&text, "</a>");
    CHECK_INT(parsed(buf_slice(&text), &arena, &root), XML_OK);
    CHECK(arena.total < 5u << 20);
    arena_release(&arena);
    buf_clear(&text);
    buf_add_str(&text, "<a xmlns='");
    for (int i = 0; i < 2049; i++)
        buf_add_char(&text, 'x');
    buf_add_str(&text, "'/>");
    CHECK_INT(result_of(buf_slice(&text)), XML_LIMIT);
    buf_release(&text);
}

TEST(read__a_long_language_is_refused)
{
    struct buf text = BUF_INIT(1 << 20);

    for (int len = 256; len <= 257; len++) {
        buf_clear(&text);
        buf_add_str(&text, "<a xml:lang='");
        for (int i = 0; i < len; i++)
            buf_add_char(&text, 'x');
        buf_add_str(&text, "'><b/></a>");
        CHECK_INT(result_of(buf_slice(&text)), len == 256 ? XML_OK : XML_LIMIT);
    }
    buf_release(&text);
}
