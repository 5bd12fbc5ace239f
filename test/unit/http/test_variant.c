/*
 * test_variant.c - variant descriptions and RVSA/1.0: the examples of RFC 2295 and RFC 2296, worked out by hand.
 */
#include <stdio.h>

#include "check.h"
#include "http/variant.h"

static struct arena arena;
static struct variant_list variants;

static bool read(const char *alternates)
{
    return alternates_read(slice_str(alternates), &arena, &variants);
}

static struct variant_wish wish_of(const char *accept, const char *charset, const char *language, const char *features)
{
    return (struct variant_wish){.has_accept = accept,
                                 .accept = slice_str(accept),
                                 .has_charset = charset,
                                 .charset = slice_str(charset),
                                 .has_language = language,
                                 .language = slice_str(language),
                                 .has_features = features,
                                 .features = slice_str(features)};
}

/* "0.90000 0.35000 0.80000s -> 0": a quality for each, s: speculative, and what is chosen. */
static const char *judged(const char *alternates, struct variant_wish wish)
{
    static char text[512];
    size_t len = 0;

    CHECK(read(alternates));
    for (unsigned i = 0; i < variants.count; i++) {
        struct variant_quality quality = variant_quality(&variants.list[i], &wish);

        len += (size_t)snprintf(text + len, sizeof(text) - len, "%u.%05u%s ", quality.quality / RVSA_ONE,
                                quality.quality % RVSA_ONE, quality.is_definite ? "" : "s");
    }
    snprintf(text + len, sizeof(text) - len, "-> %d", variant_choose(variants.list, variants.count, &wish, NULL));
    arena_release(&arena);
    return text;
}

/* RFC 2296 §3.3 */
#define PAPER                                                                                                          \
    "{\"paper.html.en\" 0.9 {type text/html} {language en}}, {\"paper.html.fr\" 0.7 {type text/html} {language fr}}, " \
    "{\"paper.ps.en\" 1.0 {type application/postscript} {language en}}"

TEST(variant__the_qualities_of_rfc_2296)
{
    CHECK_STR(judged(PAPER, wish_of("text/html, */*;q=0.8", NULL, "en, fr;q=0.5", NULL)),
              "0.90000 0.35000 0.80000s -> 0");
    CHECK_STR(judged(PAPER, wish_of("*/*", NULL, "en, fr;q=0.5", NULL)), "0.90000s 0.35000s 1.00000s -> -1");
    CHECK_STR(judged(PAPER, wish_of("text/html;q=0.5, */*", NULL, "en, fr;q=0.5", NULL)),
              "0.45000 0.17500 1.00000s -> -1");
}

TEST(variant__what_hangs_on_a_wildcard_or_on_silence_is_speculative) /* RFC 2296 §3.4 */
{
    static const char blah[] = "{\"blah.html\" 1 {language en-gb} {features blebber [x y]}}";

    CHECK_STR(judged(blah, wish_of(NULL, NULL, "en-gb, fr", "blebber, x, !y, *")), "1.00000 -> 0");
    CHECK_STR(judged(blah, wish_of(NULL, NULL, "en, fr", "blebber, x, *")), "1.00000 -> 0");
    CHECK_STR(judged(blah, wish_of(NULL, NULL, "en-gb, fr", "blebber, !y, *")), "1.00000s -> -1");
    CHECK_STR(judged(blah, wish_of(NULL, NULL, "fr, *", "blebber, x, !y, *")), "1.00000s -> -1");
    CHECK_STR(judged(PAPER, wish_of(NULL, NULL, "en", NULL)), "0.90000s 0.00000 1.00000s -> -1");
}

TEST(variant__of_equal_ones_the_first_and_of_speculative_ones_none) /* RFC 2296 §3.5 */
{
    CHECK_STR(
        judged("{\"a\" 0.5 {type image/gif}}, {\"b\" 0.5 {type image/gif}}", wish_of("image/gif", NULL, NULL, NULL)),
        "0.50000 0.50000 -> 0");
    CHECK_STR(judged("{\"a\" 1 {type image/gif}}, {\"b\" 1 {type image/tiff}}",
                     wish_of("image/gif;q=0.9, */*;q=1.0", NULL, NULL, NULL)),
              "0.90000 1.00000s -> -1");
    CHECK_STR(judged("{\"a\" 1 {type image/gif}}", wish_of("image/png", NULL, NULL, NULL)), "0.00000 -> -1");
    CHECK_STR(judged("{\"a\"}", wish_of(NULL, NULL, NULL, NULL)), "0.00000 -> -1"); /* NEG-C2 */
    CHECK_STR(judged("{\"a\" 1}", wish_of(NULL, NULL, NULL, NULL)), "1.00000 -> 0");
}

TEST(variant__each_factor_counts)
{
    CHECK_STR(judged("{\"a\" 0.8 {type text/html;level=1} {charset UTF-8} {language da, en-GB} {features x;+0.5}}",
                     wish_of("text/html;q=0.2, text/html;level=1;q=0.9, text/*;q=0.1", "utf-8;q=0.5",
                             "en;q=0.4, da;q=0.1", "x")),
              "0.07200 -> 0");
    CHECK_STR(judged("{\"a\" 1 {charset koi8-r}}", wish_of(NULL, "*;q=0.3, utf-8", NULL, NULL)), "0.30000s -> -1");
    CHECK_STR(judged("{\"a\" 1 {language en}}", wish_of(NULL, NULL, "en-gb", NULL)), "0.00000 -> -1"); /* NEG-50 */
}

static bool is_here(const struct variant *variant)
{
    return !memchr(variant->uri.ptr, '/', variant->uri.len);
}

TEST(variant__one_from_elsewhere_is_not_chosen)
{
    struct variant_wish wish = wish_of(NULL, NULL, "en", NULL);

    CHECK(read("{\"sub/a\" 1 {language en}}, {\"b\" 0.5 {language en}}"));
    CHECK_INT(variant_choose(variants.list, variants.count, &wish, NULL), 0);
    CHECK_INT(variant_choose(variants.list, variants.count, &wish, is_here), -1);
    arena_release(&arena);
}

TEST(alternates__is_read_and_written)
{
    static const char text[] =
        "{\"paper.1\" 0.9 {type text/html} {charset utf-8} {language en, fr} {length 1234} "
        "{features tables [a b];+1.5} {description \"the \\\"first\\\" one\" en}}, {\"paper.2\" 0.05}, "
        "{\"paper.3\"}";
    struct buf out = BUF_INIT(4096);

    CHECK(read(text));
    CHECK_INT(variants.count, 3);
    CHECK_SLICE(variants.list[0].description, "the \"first\" one");
    CHECK_INT(variants.list[0].language_count, 2);
    CHECK_INT(variants.list[0].length, 1234);
    CHECK_INT(variants.list[1].quality, 50);
    CHECK(variants.list[2].is_fallback);
    alternates_write(&out, variants.list, variants.count);
    CHECK_STR(buf_str(&out), text);
    buf_release(&out);
    arena_release(&arena);
}

TEST(alternates__reads_over_what_others_add)
{
    CHECK(read("proxy-rvsa=\"1.0, 2.5\", {\"a\" 1 {x-size \"}\" big}}, , other"));
    CHECK_INT(variants.count, 1);
    arena_release(&arena);
}

TEST(alternates__what_is_none) /* NEG-32, NEG-33, NEG-34 */
{
    static const char *const texts[] = {"{",
                                        "{a 1}",
                                        "{\"a\" 2}",
                                        "{\"a\" 0.1234}",
                                        "{\"a\" 1",
                                        "{\"a\" 1 {type text/html}",
                                        "{\"a\" 1 {type a/b} {type c/d}}",
                                        "{\"a\" 1 {length 1} {length 1}}",
                                        "{\"a\" 1 {language}}",
                                        "{\"a\"}, {\"b\"}",
                                        "{\"\" 1}",
                                        "{\"a\" 1} {\"b\" 1}",
                                        "{\"a\" 1}}"};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (read(texts[i]))
            CHECK_STR(texts[i], "none");
    arena_release(&arena);
}
