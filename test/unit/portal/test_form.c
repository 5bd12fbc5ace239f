/*
 * A form's content is taken apart, and what no browser sends is refused.
 */
#include "check.h"
#include "form.h"

static bool parse(const char *text, struct form *out)
{
    static char bytes[1024];
    size_t len = strlen(text);

    memcpy(bytes, text, len);
    return form_parse(bytes, len, out);
}

static struct slice value(const struct form *form, const char *name)
{
    return form_value(form, slice_str(name), NULL);
}

TEST(form__fields_are_decoded)
{
    struct form form;

    CHECK(parse("a=1&user=zo%C3%ab+o%27x&&b=&c&d=x=y", &form));
    CHECK_INT(form.count, 5);
    CHECK_SLICE(value(&form, "a"), "1");
    CHECK_SLICE(value(&form, "user"), "zo\xc3\xab o'x");
    CHECK_SLICE(value(&form, "b"), "");
    CHECK_SLICE(value(&form, "c"), "");
    CHECK_SLICE(value(&form, "d"), "x=y");
}

TEST(form__a_field_that_is_empty_is_there_and_one_that_is_missing_is_not)
{
    struct form form;
    bool is_there;

    CHECK(parse("a=", &form));
    CHECK_SLICE(form_value(&form, SLICE("a"), &is_there), "");
    CHECK(is_there);
    CHECK_SLICE(form_value(&form, SLICE("b"), &is_there), "");
    CHECK(!is_there);
}

TEST(form__nothing_is_a_form_without_fields)
{
    struct form form;

    CHECK(parse("", &form));
    CHECK_INT(form.count, 0);
    CHECK(parse("&&&", &form));
    CHECK_INT(form.count, 0);
}

TEST(form__names_are_decoded_too_so_that_none_comes_twice)
{
    struct form form;

    CHECK(parse("%74erms=yes", &form));
    CHECK_SLICE(value(&form, "terms"), "yes");
    CHECK(!parse("terms=no&%74erms=yes", &form));
    CHECK(!parse("a=1&a=1", &form));
}

TEST(form__a_wrong_percent_is_refused)
{
    static const char *const wrong[] = {"a=%", "a=%4", "a=%4x", "a=%x4", "%zz=a", "a=b%", "a=%4&b=1"};
    struct form form;

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        CHECK(!parse(wrong[i], &form));
}

TEST(form__what_is_no_line_of_text_is_refused)
{
    static const char *const wrong[] = {
        "a=%00",       "a=%0A",          "a=%0d",    "a=%1b",       "a=%7f",       "a=\t",
        "a=%80",       "a=%ff",          "a=%C0%AF", "a=%C2%85",    "a=%C2",       "a=%ED%A0%80",
        "a=%E0%80%80", "a=%F4%90%80%80", "a=%E2%82", "a=%F0%9F%98", "a=%C3%A9%A9", "%E2%28%A1=text",
    };
    static const char *const right[] = {"a=%C2%A0",       "a=%E2%82%AC", "a=%F0%9F%98%80",
                                        "a=%F4%8F%BF%BF", "a=~",         "a=%ED%9F%BF"};
    struct form form;

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        CHECK(!parse(wrong[i], &form));
    for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++)
        CHECK(parse(right[i], &form));
}

TEST(form__more_fields_than_fit_are_refused)
{
    struct form form;

    CHECK(parse("a&b&c&d&e&f&g&h&i&j&k&l&m&n&o&p", &form));
    CHECK_INT(form.count, FORM_FIELDS_MAX);
    CHECK(!parse("a&b&c&d&e&f&g&h&i&j&k&l&m&n&o&p&q", &form));
}
