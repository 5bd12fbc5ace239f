/*
 * test_accept.c - Accept, Accept-Language.
 */
#include "check.h"
#include "http/accept.h"

TEST(accept__names_the_form_of_an_error)
{
    static const struct {
        const char *accept;
        enum error_form want;
    } cases[] = {
        {"", FORM_TEXT},
        {"*/*", FORM_TEXT},
        {"text/*", FORM_TEXT},
        {"text/plain", FORM_TEXT},
        {"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", FORM_HTML},
        {"Text/HTML", FORM_HTML},
        {"application/json, */*;q=0.5", FORM_JSON},
        {"application/problem+json", FORM_JSON},
        {"text/html;q=0.5, application/json", FORM_JSON},
        {"text/html, application/json", FORM_HTML},
        {"application/json, text/html", FORM_JSON},
        {"text/html;q=0", FORM_TEXT},
        {"text/html;q=0, application/json;q=0.1", FORM_JSON},
        {"text/html;q=x", FORM_TEXT},
        {"text/html;charset=utf-8;q=0.2", FORM_HTML},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (accept_error_form(slice_str(cases[i].accept)) != cases[i].want)
            CHECK_STR(cases[i].accept, "as expected");
}

TEST(accept__the_most_specific_range_decides)
{
    struct slice accept = SLICE("text/*;q=0.3, text/html;q=0.7, text/html;level=1, */*;q=0.5, image/x;q=0");

    CHECK_INT(accept_quality(accept, SLICE("text/html")), 700);
    CHECK_INT(accept_quality(accept, SLICE("text/plain")), 300);
    CHECK_INT(accept_quality(accept, SLICE("image/png")), 500);
    CHECK_INT(accept_quality(accept, SLICE("image/x")), 0);
    CHECK_INT(accept_quality(SLICE("a/b"), SLICE("a/c")), 0);
    CHECK_INT(accept_quality(SLICE(" "), SLICE("a/c")), 1000);
}

TEST(accept__of_languages_the_one_is_chosen_that_is_read_best)
{
    static const struct slice languages[] = {SLICE_INIT("en"), SLICE_INIT("de"), SLICE_INIT("de-CH"),
                                             SLICE_INIT("pt-BR")};
    static const struct {
        const char *field;
        unsigned want;
    } cases[] = {
        {"", 0},
        {"de", 1},
        {"DE", 1},
        {"de-CH", 2},
        {"de-ch, en", 2},
        {"de-AT", 1}, /* what is more general is better than another language */
        {"pt", 3},    /* what is more special fits */
        {"pt-PT", 0}, /* but not what is special otherwise */
        {"fr, de;q=0.5", 1},
        {"en;q=0.4, de;q=0.8", 1},
        {"de, en", 1}, /* of equal ones the earlier in the field */
        {"en, de", 0},
        {"*", 0},
        {"en;q=0, *", 1},  /* anything but this one */
        {"en;q=0", 0},     /* nothing is wanted: the first */
        {"d", 0},          /* a subtag is not cut */
        {"de;q=x, pt", 3}, /* what makes no sense does not count */
        {", ;, de", 1},
        {"de;q=0.001", 1},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (accept_language(slice_str(cases[i].field), languages, 4) != cases[i].want)
            CHECK_STR(cases[i].field, "as expected");
}
