/*
 * test_variant_map.c - type maps.
 */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "repr/variant_map.h"

static struct arena arena;
static struct variant_map map;

/* The count of variants, or what is wrong. */
static const char *read(const char *text)
{
    static char told[512];
    struct buf why = BUF_INIT(512);

    if (variant_map_read(slice_str(text), &arena, &map, &why))
        snprintf(told, sizeof(told), "%u", map.count);
    else
        snprintf(told, sizeof(told), "%s", buf_str(&why));
    buf_release(&why);
    return told;
}

TEST(variant_map__records_of_files)
{
    CHECK_STR(read("# of a paper\n"
                   "URI: foo\n\n"
                   "URI: foo.en.html\nContent-type: text/html\nContent-language: en\n\n\n"
                   "URI: foo.fr.de.html\nContent-type: text/html;charset=iso-8859-2\nContent-language: fr,\n  de\n\n"
                   "uri:foo.jpeg\ncontent-TYPE:image/jpeg; qs=0.8; level=2"),
              "3");
    CHECK_SLICE(map.list[0].variant.uri, "foo.en.html");
    CHECK_INT(map.list[0].variant.quality, 1000);
    CHECK_SLICE(map.list[1].variant.type, "text/html");
    CHECK_SLICE(map.list[1].variant.charset, "iso-8859-2");
    CHECK_INT(map.list[1].variant.language_count, 2);
    CHECK_SLICE(map.list[1].variant.languages[1], "de");
    CHECK_SLICE(map.list[2].variant.type, "image/jpeg;level=2");
    CHECK_INT(map.list[2].variant.quality, 800);
    CHECK_INT(map.list[2].line, 14);
    arena_release(&arena);
}

TEST(variant_map__bodies)
{
    static const char text[] = "Content-Type: text/plain\r\nBody:--x--\r\none\r\ntwo\r\n--x--\r\n\r\n"
                               "Content-Language: fr\nBody:----\n\n# no comment\nURI: none\n----\nDescription: more\n";

    CHECK_STR(read(text), "2");
    CHECK(map.list[0].has_body && map.list[1].has_body);
    CHECK_SLICE(slice_of(text + map.list[0].body_at, map.list[0].body_len), "one\r\ntwo\r\n");
    CHECK_SLICE(slice_of(text + map.list[1].body_at, map.list[1].body_len), "\n# no comment\nURI: none\n");
    CHECK_SLICE(map.list[1].variant.description, "more");
    arena_release(&arena);
}

TEST(variant_map__codings_and_our_own_fields)
{
    CHECK_STR(
        read("URI: a.gz\nContent-Encoding: x-GZIP\nFeatures: tables;+1.5 [a b]\nDescription: \"the \\\"a\\\"\"\n\n"
             "URI: b\nFallback: on\nX-Other: thing\n"),
        "2");
    CHECK_SLICE(map.list[0].coding, "gzip");
    CHECK_SLICE(map.list[0].variant.features, "tables;+1.5 [a b]");
    CHECK_SLICE(map.list[0].variant.description, "the \"a\"");
    CHECK(map.list[1].variant.is_fallback);
    arena_release(&arena);
}

TEST(variant_map__a_quality_is_rounded_to_three_decimals) /* NEG-34 */
{
    CHECK_STR(read("URI: a\nContent-Type: a/b; qs=0.1256\n"), "1");
    CHECK_INT(map.list[0].variant.quality, 126);
    CHECK_STR(read("URI: a\nContent-Type: a/b; qs=1.001\n"), "line 2: qs must be a number from 0 to 1");
    CHECK_STR(read("URI: a\nContent-Type: a/b; qs=-1\n"), "line 2: qs must be a number from 0 to 1");
    CHECK_STR(read("URI: a\nContent-Type: a/b; qs=x\n"), "line 2: qs must be a number from 0 to 1");
    arena_release(&arena);
}

TEST(variant_map__what_is_wrong_is_told_with_its_line) /* NEG-33 */
{
    CHECK_STR(read("URI a\n"), "line 1: a line must be a field and its value, such as URI: page.en.html");
    CHECK_STR(read("\n\nURI: a\nURI: b\n"), "line 4: this is said twice of one variant");
    CHECK_STR(read("URI: a\nContent-Type: html\n"), "line 2: Content-Type must be a media type such as text/html");
    CHECK_STR(read("URI: a\nContent-Language: e n\n"), "line 2: Content-Language must be tags such as en, fr");
    CHECK_STR(read("Content-Type: a/b\n\n"), "line 2: the variant that ends here has neither a URI nor a Body");
    CHECK_STR(read("Body:x\ntext\n"), "line 2: a Body has no end: its mark does not stand in a line of its own again");
    CHECK_STR(read("Body:\n"), "line 1: Body needs a mark behind it, which stands again in the line after its end");
    CHECK_STR(read("URI: a\nFeatures: {x}\n"), "line 2: Features must be a list such as tables frames;-0.5");
    CHECK_STR(read("URI: a\nFallback: on\n\nURI: b\nFallback: on\n"), "line 5: there is a fallback already");
    CHECK_STR(read("URI: a\nContent-Length: many\n"), "line 2: Content-Length must be a number");
    CHECK_STR(read("URI: a\n\001\n"), "line 2: there is a control character in it");
    arena_release(&arena);
}

TEST(variant_map__that_is_empty_has_no_variants)
{
    CHECK_STR(read(""), "0");
    CHECK_STR(read("\n\n# nothing\nURI: itself\n"), "0");
    arena_release(&arena);
}

static unsigned lines_with(struct slice text, struct slice start)
{
    struct slice line;
    unsigned count = 0;

    while (slice_cut(text, '\n', &line, &text))
        count += slice_starts_nocase(line, start);
    return count;
}

/* The error pages of Apache's own, where they are installed: bodies in some twenty languages each. */
TEST(variant_map__maps_of_apache)
{
    glob_t found;

    if (glob("/usr/share/apache2/error/*.html.var", 0, NULL, &found) != 0)
        return;
    for (size_t i = 0; i < found.gl_pathc; i++) {
        FILE *file = fopen(found.gl_pathv[i], "r");
        static char text[MAP_MAX];
        size_t len = file ? fread(text, 1, sizeof(text), file) : 0;
        struct buf why = BUF_INIT(512);

        CHECK(len > 0 && variant_map_read(slice_of(text, len), &arena, &map, &why));
        CHECK_INT(map.count, lines_with(slice_of(text, len), SLICE("content-language:")));
        for (unsigned k = 0; k < map.count; k++)
            CHECK(map.list[k].has_body && map.list[k].body_len > 10 && map.list[k].variant.language_count == 1);
        buf_release(&why);
        fclose(file);
    }
    globfree(&found);
    arena_release(&arena);
}
