/*
 * test_escape.c - text of unknown origin cannot leave its place. H1-71
 */
#include "check.h"
#include "repr/repr.h"

#define FFFD "\xEF\xBF\xBD"

typedef void escape_fn(struct buf *, struct slice);

static void check_escape(escape_fn *escape, struct slice text, const char *want)
{
    struct buf out = BUF_INIT(4096);

    escape(&out, text);
    CHECK_SLICE(buf_slice(&out), want);
    CHECK_FALSE(out.overflown);
    buf_release(&out);
}

TEST(escape__html_marks_and_quotes_become_references)
{
    check_escape(html_escape, SLICE(""), "");
    check_escape(html_escape, SLICE_NONE, "");
    check_escape(html_escape, SLICE("plain"), "plain");
    check_escape(html_escape, SLICE("<script>alert('1')</script>"), "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;");
    check_escape(html_escape, SLICE("\" onmouseover=\"x"), "&quot; onmouseover=&quot;x");
    check_escape(html_escape, SLICE("a&amp;b"), "a&amp;amp;b");
    check_escape(html_escape, SLICE("<"), "&lt;");
}

TEST(escape__html_keeps_all_right_characters)
{
    check_escape(html_escape, SLICE("Grüße 日本語 😀 \xC2\xA0"), "Grüße 日本語 😀 \xC2\xA0");
    check_escape(html_escape, SLICE("\xF4\x8F\xBF\xBD"), "\xF4\x8F\xBF\xBD"); /* U+10FFFD */
}

TEST(escape__html_shows_controls_as_pictures)
{
    check_escape(html_escape, SLICE("a\nb\rc\td"), "a␊b␍c␉d");
    check_escape(html_escape, slice_of("a\0b", 3), "a␀b");
    check_escape(html_escape, SLICE("\x1b[31m\x7f"), "␛[31m␡");
    check_escape(html_escape, SLICE("\xC2\x85"), FFFD);     /* U+0085, a control without a picture */
    check_escape(html_escape, SLICE("\xEF\xBF\xBE"), FFFD); /* U+FFFE, no character */
    check_escape(html_escape, SLICE("\xEF\xB7\x90"), FFFD); /* U+FDD0, no character */
}

TEST(escape__broken_utf8_is_replaced_and_swallows_nothing)
{
    check_escape(html_escape, SLICE("\xff"), FFFD);
    check_escape(html_escape, SLICE("a\xE9<b>"), "a" FFFD "&lt;b&gt;");
    check_escape(html_escape, SLICE("\xC3\""), FFFD "&quot;");
    check_escape(html_escape, SLICE("\xF0\x9F\x98<"), FFFD "&lt;");
    check_escape(html_escape, SLICE("\xE2\x82"), FFFD);      /* cut at the end */
    check_escape(html_escape, SLICE("\xC0\xBC"), FFFD FFFD); /* an overlong '<' */
    check_escape(html_escape, SLICE("\xE0\x80\xBC"), FFFD FFFD FFFD);
    check_escape(html_escape, SLICE("\xED\xA0\x80"), FFFD FFFD FFFD); /* a surrogate */
    check_escape(html_escape, SLICE("\xF4\x90\x80\x80"), FFFD FFFD FFFD FFFD);
    check_escape(html_escape, SLICE("\x80\x80x"), FFFD FFFD "x");
}

TEST(escape__json_is_one_string_whatever_is_in_it)
{
    check_escape(json_escape, SLICE("a\"b\\c/d"), "a\\\"b\\\\c/d");
    check_escape(json_escape, SLICE("\n\r\t\x01\x1f"), "\\n\\r\\t\\u0001\\u001f");
    check_escape(json_escape, slice_of("\0", 1), "\\u0000");
    check_escape(json_escape, SLICE("\xC3\""), FFFD "\\\"");
    check_escape(json_escape, SLICE("\xED\xA0\x80"), FFFD FFFD FFFD);
    check_escape(json_escape, SLICE("é<😀>"), "é<😀>");
}

TEST(escape__xml_has_no_forbidden_character)
{
    check_escape(xml_escape, SLICE("<a b=\"c\" d='e'>&"), "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;");
    check_escape(xml_escape, SLICE("\t\n\r"), "&#9;&#10;&#13;");
    check_escape(xml_escape, SLICE("\x01\x1f"), FFFD FFFD);
    check_escape(xml_escape, SLICE("\xEF\xBF\xBE"), FFFD);
    check_escape(xml_escape, SLICE("]]>"), "]]&gt;");
    check_escape(xml_escape, SLICE("\xE9t\xE9"), FFFD "t" FFFD);
}

TEST(escape__text_cannot_steer_a_terminal)
{
    check_escape(text_escape, SLICE("<b> \x1b]0;x\x07 \xC2\x9B"), "<b> ␛]0;x␇ " FFFD);
}

TEST(escape__too_small_a_buf_is_marked)
{
    struct buf out = BUF_INIT(8);

    html_escape(&out, SLICE("<<<<<<<<"));
    CHECK(out.overflown);
    CHECK(out.len <= 8);
    buf_release(&out);
}
