/*
 * test_write.c - XML out.
 */
#include "docs.h"

TEST(write__ends_fit_starts_and_DAV_is_declared_once)
{
    struct buf out = BUF_INIT(4096);
    struct xml_out xml;

    xml_begin(&xml, &out);
    xml_open(&xml, SLICE("multistatus"));
    xml_open(&xml, SLICE("response"));
    xml_leaf(&xml, SLICE("href"), SLICE("/a&b"));
    xml_empty(&xml, SLICE("prop"));
    xml_close(&xml);
    xml_text(&xml, SLICE("<>"));
    xml_close(&xml);
    CHECK_SLICE(buf_slice(&out),
                "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<D:multistatus xmlns:D=\"DAV:\"><D:response>"
                "<D:href>/a&amp;b</D:href><D:prop/></D:response>&lt;&gt;</D:multistatus>");
    buf_release(&out);
}

TEST(write__names_of_any_namespace_are_declared_where_they_stand)
{
    struct buf out = BUF_INIT(4096);
    struct xml_out xml;

    xml_begin(&xml, &out);
    xml_open(&xml, SLICE("prop"));
    buf_clear(&out);
    xml_named(&xml, XML_DAV, SLICE("a"));
    xml_named(&xml, SLICE("urn:\"&<"), SLICE("b"));
    xml_named(&xml, SLICE(""), SLICE("c"));
    xml_named(&xml, SLICE("http://www.w3.org/XML/1998/namespace"), SLICE("d"));
    xml_named_leaf(&xml, SLICE("urn:x"), SLICE("e"), SLICE("1<2"));
    xml_named_leaf(&xml, XML_DAV, SLICE("f"), SLICE("2"));
    xml_add(&xml, SLICE("<g/>"));
    CHECK_SLICE(buf_slice(&out), "<D:a/><x:b xmlns:x=\"urn:&quot;&amp;&lt;\"/><c/><xml:d/>"
                                 "<x:e xmlns:x=\"urn:x\">1&lt;2</x:e><D:f>2</D:f><g/>");
    buf_release(&out);
}

static void check_text(struct slice text, const char *want)
{
    struct buf out = BUF_INIT(4096);
    struct arena arena = {0};
    struct xml_node *root;
    struct xml_out xml;

    xml_begin(&xml, &out);
    xml_leaf(&xml, SLICE("a"), text);
    CHECK_INT(parsed(buf_slice(&out), &arena, &root), XML_OK);
    CHECK_SLICE(root->first ? root->first->text : SLICE(""), want);
    arena_release(&arena);
    buf_release(&out);
}

#define FFFD "\xef\xbf\xbd"

TEST(write__what_is_no_character_of_xml_becomes_the_replacement)
{
    check_text(SLICE("a\0b\x1f\x0b"), "a" FFFD "b" FFFD FFFD);
    check_text(SLICE("\x80\xff"), FFFD FFFD);
    check_text(SLICE("\xc0\x80"), FFFD FFFD);          /* longer than need be */
    check_text(SLICE("\xe0\x9f\xbf"), FFFD FFFD FFFD); /* the same */
    check_text(SLICE("\xed\xa0\x80"), FFFD FFFD FFFD); /* a surrogate */
    check_text(SLICE("\xef\xbf\xbe\xef\xbf\xbf"), FFFD FFFD FFFD FFFD FFFD FFFD);
    check_text(SLICE("\xf4\x90\x80\x80"), FFFD FFFD FFFD FFFD); /* past the last plane */
    check_text(SLICE("\xe2\x82"), FFFD FFFD);                   /* cut off */
    check_text(SLICE("\xf0\x9f\x98"), FFFD FFFD FFFD);
    check_text(SLICE("\xc3"), FFFD);
}

TEST(write__all_other_text_comes_back_as_it_was)
{
    check_text(SLICE("a\tb\nc\rd\x7f"), "a\tb\nc\rd\x7f");
    check_text(
        SLICE("\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbd\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"),
        "\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbd\xf0\x90\x80\x80\xf4\x8f\xbf\xbf");
    check_text(SLICE("]]>&amp;<a/>"), "]]>&amp;<a/>");
    check_text(SLICE(""), "");
}
