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

/*
 * A table that a reader can check: variants, what is accepted, and for each variant the product by hand. Where a field
 * is NULL it is not sent.
 */
struct row {
    const char *variants, *accept, *charset, *language, *features, *judged;
};

static void check_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        CHECK_STR(
            judged(rows[i].variants, wish_of(rows[i].accept, rows[i].charset, rows[i].language, rows[i].features)),
            rows[i].judged);
}
#define CHECK_ROWS(rows) check_rows(rows, sizeof(rows) / sizeof((rows)[0]))

TEST(variant__a_quality_is_a_product_of_five_decimals) /* NEG-47 */
{
    static const struct row rows[] = {
        /* 0.333 * 0.333 * 0.333 * 0.333 = 0.012296370... */
        {"{\"a\" 0.333 {type a/b} {charset c} {language d}}", "a/b;q=0.333", "c;q=0.333", "d;q=0.333", NULL,
         "0.01230 -> 0"},
        /* 0.005 * 0.005 = 0.000025, a half that goes up; 0.004 * 0.006 = 0.000024, less than one */
        {"{\"a\" 0.005 {type a/b}}, {\"b\" 0.004 {type a/c}}", "a/b;q=0.005, a/c;q=0.006", NULL, NULL, NULL,
         "0.00003 0.00002 -> 0"},
        /* 0.001 * 0.004 = 0.000004, which is 0: nothing to choose */
        {"{\"a\" 0.001 {type a/b}}", "a/b;q=0.004", NULL, NULL, NULL, "0.00000 -> -1"},
        /* 1 * 0.9 * 0.8 * 0.7 * 1.5 = 0.756 */
        {"{\"a\" 1 {type a/b} {charset c} {language d} {features f;+1.5}}", "a/b;q=0.9", "c;q=0.8", "d;q=0.7", "f",
         "0.75600 -> 0"},
        /* 0 * anything */
        {"{\"a\" 0 {type a/b}}", "a/b", NULL, NULL, NULL, "0.00000 -> -1"},
    };

    CHECK_ROWS(rows);
}

#define TWO_TYPES "{\"h\" 1 {type text/html}}, {\"x\" 1}"

TEST(variant__the_factor_of_the_type) /* NEG-48 */
{
    static const struct row rows[] = {
        {TWO_TYPES, NULL, NULL, NULL, NULL, "1.00000s 1.00000 -> -1"}, /* 1 without Accept; but who knows */
        {TWO_TYPES, "text/html;q=0.4", NULL, NULL, NULL, "0.40000 1.00000 -> 1"},
        {TWO_TYPES, "image/png", NULL, NULL, NULL, "0.00000 1.00000 -> 1"},
        {TWO_TYPES, "", NULL, NULL, NULL, "0.00000 1.00000 -> 1"},
        {TWO_TYPES, "TEXT/HTML;q=0.5, text/*;q=0.9", NULL, NULL, NULL, "0.50000 1.00000 -> 1"},
    };

    CHECK_ROWS(rows);
}

#define TWO_CHARSETS "{\"k\" 1 {charset koi8-r}}, {\"x\" 0.5}"

TEST(variant__the_factor_of_the_charset) /* NEG-49 */
{
    static const struct row rows[] = {
        {TWO_CHARSETS, NULL, NULL, NULL, NULL, "1.00000s 0.50000 -> -1"},
        {TWO_CHARSETS, NULL, "KOI8-R;q=0.6", NULL, NULL, "0.60000 0.50000 -> 0"},
        {TWO_CHARSETS, NULL, "utf-8", NULL, NULL, "0.00000 0.50000 -> 1"},
        {TWO_CHARSETS, NULL, "utf-8, *;q=0.7", NULL, NULL, "0.70000s 0.50000 -> -1"},
    };

    CHECK_ROWS(rows);
}

#define TWO_LANGUAGES "{\"g\" 1 {language en-gb}}, {\"e\" 0.9 {language en}}, {\"m\" 0.8 {language fr, de}}"

TEST(variant__the_factor_of_the_language) /* NEG-50 */
{
    static const struct row rows[] = {
        {TWO_LANGUAGES, NULL, NULL, "en", NULL, "1.00000 0.90000 0.00000 -> 0"},
        {TWO_LANGUAGES, NULL, NULL, "en-gb", NULL, "1.00000 0.00000 0.00000 -> 0"},
        {TWO_LANGUAGES, NULL, NULL, "en;q=0.9, en-gb;q=0.2", NULL, "0.20000 0.81000 0.00000 -> 1"},
        {TWO_LANGUAGES, NULL, NULL, "de, fr;q=0.5, en;q=0.1", NULL, "0.10000 0.09000 0.80000 -> 2"},
        {TWO_LANGUAGES, NULL, NULL, "eng, e", NULL, "0.00000 0.00000 0.00000 -> -1"},
    };

    CHECK_ROWS(rows);
}

#define TWO_FEATURES "{\"f\" 0.9 {features tables;-0.5}}, {\"p\" 0.6}"

TEST(variant__the_factor_of_features) /* NEG-51 */
{
    static const struct row rows[] = {
        {TWO_FEATURES, NULL, NULL, NULL, NULL, "0.90000s 0.60000 -> -1"}, /* 1 without Accept-Features */
        {TWO_FEATURES, NULL, NULL, NULL, "tables", "0.90000 0.60000 -> 0"},
        {TWO_FEATURES, NULL, NULL, NULL, "frames", "0.45000 0.60000 -> 1"},
        {TWO_FEATURES, NULL, NULL, NULL, "", "0.45000 0.60000 -> 1"},
    };

    CHECK_ROWS(rows);
}

TEST(variant__the_first_of_the_best) /* NEG-52 */
{
    static const struct row rows[] = {
        {"{\"a\" 0.5}, {\"b\" 0.7}, {\"c\" 0.7}, {\"d\" 0.6}", NULL, NULL, NULL, NULL,
         "0.50000 0.70000 0.70000 0.60000 -> 1"},
        /* 0.000005 and 0.000014 are one and the same after rounding: 0.00001 */
        {"{\"a\" 0.005 {type a/b}}, {\"b\" 0.007 {type a/c}}", "a/b;q=0.001, a/c;q=0.002", NULL, NULL, NULL,
         "0.00001 0.00001 -> 0"},
    };

    CHECK_ROWS(rows);
}

#define FACTORS                                                                                                        \
    "{\"a\" 1 {features f;+1.5}}, {\"b\" 1 {features f;-0.5}}, {\"c\" 1 {features f;+1.5-0.5}}, {\"d\" 1 {features "   \
    "f}}"

TEST(variant__each_feature_betters_or_worsens) /* NEG-58 */
{
    static const struct row rows[] = {
        {FACTORS, NULL, NULL, NULL, "f", "1.50000 1.00000 1.50000 1.00000 -> 0"},
        {FACTORS, NULL, NULL, NULL, "g", "1.00000 0.50000 0.50000 0.00000 -> 0"},
        /* a bag has its + if any of it is true; and elements multiply */
        {"{\"a\" 1 {features [f g];+2-0.25 h;-0.5}}", NULL, NULL, NULL, "g", "1.00000 -> 0"},
        {"{\"a\" 1 {features [f g];+2-0.25 h;-0.5}}", NULL, NULL, NULL, "h", "0.25000 -> 0"},
    };

    CHECK_ROWS(rows);
}

#define PREDICATES                                                                                                     \
    "{\"a\" 1 {features paper}}, {\"b\" 1 {features !paper}}, {\"c\" 1 {features paper=A4}}, "                         \
    "{\"d\" 1 {features paper!=A4}}, {\"e\" 1 {features depth=[4-8]}}, {\"f\" 1 {features depth=[-4]}}"

TEST(variant__what_can_be_asked_of_a_feature) /* NEG-59 */
{
    static const struct row rows[] = {
        {PREDICATES, NULL, NULL, NULL, "paper=A4, depth=5", "1.00000 0.00000 1.00000 0.00000 1.00000 0.00000 -> 0"},
        {PREDICATES, NULL, NULL, NULL, "paper=A3, depth=3, depth=9",
         "1.00000 0.00000 0.00000 1.00000 0.00000 0.00000 -> 0"}, /* the highest number is 9 */
        {PREDICATES, NULL, NULL, NULL, "!paper, depth=4", "0.00000 1.00000 0.00000 0.00000 1.00000 1.00000 -> 1"},
    };

    CHECK_ROWS(rows);
}

TEST(variant__what_is_not_told_of_features) /* NEG-61,  NEG-62 */
{
    static const struct row rows[] = {
        /* without a star all is told: what is not there is absent */
        {"{\"a\" 1 {features !tables}}", NULL, NULL, NULL, "frames", "1.00000 -> 0"},
        {"{\"a\" 1 {features tables}}", NULL, NULL, NULL, "frames", "0.00000 -> -1"},
        {"{\"a\" 1 {features tables}}", NULL, NULL, NULL, "frames, *", "1.00000s -> -1"},
        /* unknown, but the same without the star, and that is what counts (RFC 2296 §3.4) */
        {"{\"a\" 1 {features !tables}}", NULL, NULL, NULL, "frames, *", "1.00000 -> 0"},
        {"{\"a\" 1 {features paper=A3}}", NULL, NULL, NULL, "paper=A4, *", "1.00000s -> -1"},
        {"{\"a\" 1 {features paper!=A3}}", NULL, NULL, NULL, "paper={A4}, *", "1.00000 -> 0"}, /* its only value */
        {"{\"a\" 1 {features paper=A3}}", NULL, NULL, NULL, "paper={A4}, *", "0.00000 -> -1"},
    };

    CHECK_ROWS(rows);
}

TEST(variant__a_bag_with_one_true_member_is_sure) /* NEG-63 */
{
    static const struct row rows[] = {
        {"{\"a\" 1 {features [x y]}}", NULL, NULL, NULL, "x, *", "1.00000 -> 0"},
        {"{\"a\" 1 {features [x y]}}", NULL, NULL, NULL, "!x, *", "1.00000s -> -1"},
        {"{\"a\" 1 {features x y}}", NULL, NULL, NULL, "x, *", "1.00000s -> -1"},
    };

    CHECK_ROWS(rows);
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
