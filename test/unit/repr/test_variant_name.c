/*
 * test_variant_name.c - what a name's extensions say.
 */
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "repr/repr.h"
#include "repr/variant_name.h"

/* "text/html fr,en utf-8 gzip", "-" for what is not said; "none" for no variant. */
static const char *said(bool is_read, const struct name_facts *facts)
{
    static char text[256];
    struct buf out = BUF_INIT(sizeof(text));

    if (!is_read)
        return "none";
    buf_printf(&out, "%.*s ", SLICE_FMT(facts->type.len ? facts->type : SLICE("-")));
    for (unsigned i = 0; i < facts->language_count; i++)
        buf_printf(&out, "%s%.*s", i ? "," : "", SLICE_FMT(facts->languages[i]));
    buf_printf(&out, "%s %.*s %.*s", facts->language_count ? "" : "-",
               SLICE_FMT(facts->charset.len ? facts->charset : SLICE("-")),
               SLICE_FMT(facts->coding.len ? facts->coding : SLICE("-")));
    snprintf(text, sizeof(text), "%s", buf_str(&out));
    buf_release(&out);
    return text;
}

static const char *read(const char *extensions)
{
    struct name_facts facts;
    bool is_read = variant_name_read(slice_str(extensions), &facts);

    return said(is_read, &facts);
}

static const char *look(const char *name)
{
    struct name_facts facts;

    variant_name_look(slice_str(name), &facts);
    return said(true, &facts);
}

TEST(variant_name__extensions_in_any_order)
{
    media_open_file(NULL);
    CHECK_STR(read("en.html"), "text/html en - -");
    CHECK_STR(read("html.en"), "text/html en - -");
    CHECK_STR(read("HTML.EN"), "text/html EN - -");
    CHECK_STR(read("fr.html.gz"), "text/html fr - gzip");
    CHECK_STR(read("html.fr.iso8859-1.br"), "text/html fr iso-8859-1 br");
    CHECK_STR(read("pt-br.utf8.txt.zst"), "text/plain pt-br utf-8 zstd");
    CHECK_STR(read("en.fr.html"), "text/html en,fr - -");
    CHECK_STR(read("zh-hans-cn.html"), "text/html zh-hans-cn - -");
    CHECK_STR(read("html.cz"), "text/html cs - -");
    CHECK_STR(read("en"), "- en - -");
}

TEST(variant_name__what_may_be_several_things)
{
    media_open_file(NULL);
    CHECK_STR(read("js.br"), "text/javascript - - br");
    CHECK_STR(read("br.html"), "text/html br - -");
    CHECK_STR(read("html.br.gz"), "text/html br - gzip");
    CHECK_STR(read("ps"), "application/postscript - - -");
    CHECK_STR(read("ps.html"), "text/html ps - -");
    CHECK_STR(read("en.ps"), "application/postscript en - -");
    CHECK_STR(read("gz"), "application/gzip - - -");
    CHECK(variant_name_is_coding(SLICE("gz")) && variant_name_is_coding(SLICE("BR")));
    CHECK(!variant_name_is_coding(SLICE("html")));
}

TEST(variant_name__what_is_none)
{
    static const char *const none[] = {"",           "xyzzy",    "en.xyzzy",  "html.",      ".html",
                                       "en..html",   "html.txt", "xx.html",   "en_us.html", "utf8.latin1.html",
                                       "gz.br.html", "en-.html", "en-x.html", "html.bak",   "a.b.c.d.e.f.g"};

    media_open_file(NULL);
    for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++)
        if (strcmp(read(none[i]), "none") != 0)
            CHECK_STR(none[i], "none");
}

TEST(variant_name__of_whole_names)
{
    media_open_file(NULL);
    CHECK_STR(look("page.fr.html"), "text/html fr - -");
    CHECK_STR(look("report.v2.fr.html"), "text/html fr - -");
    CHECK_STR(look("fr.html"), "text/html - - -");
    CHECK_STR(look("html"), "- - - -");
    CHECK_STR(look(""), "- - - -");
}
