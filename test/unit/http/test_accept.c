/*
 * test_accept.c - Accept.
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
