/*
 * test_field.c - lists, parameters, weights.
 */
#include "check.h"
#include "http/field.h"

TEST(list__members_are_trimmed_and_never_empty)
{
    struct slice rest = SLICE(" ,a ,, \"b,\\\"c\" ,\td=\"e,f\";g, "), member;

    CHECK(list_next(&rest, &member));
    CHECK_SLICE(member, "a");
    CHECK(list_next(&rest, &member));
    CHECK_SLICE(member, "\"b,\\\"c\"");
    CHECK(list_next(&rest, &member));
    CHECK_SLICE(member, "d=\"e,f\";g");
    CHECK_FALSE(list_next(&rest, &member));
    rest = SLICE_NONE;
    CHECK_FALSE(list_next(&rest, &member));
}

TEST(list__an_open_quote_reaches_to_the_end)
{
    struct slice rest = SLICE("\"a, b\\"), member;

    CHECK(list_next(&rest, &member));
    CHECK_SLICE(member, "\"a, b\\");
    CHECK_FALSE(list_next(&rest, &member));
}

TEST(list__has)
{
    CHECK(list_has(SLICE("a, Keep-Alive"), SLICE("keep-alive")));
    CHECK_FALSE(list_has(SLICE("a, keep-alives"), SLICE("keep-alive")));
}

TEST(param__names_and_values)
{
    struct slice rest = SLICE("; a=b;; c = x ; d=\"e;\\\"f\"; g"), name, value;
    struct arena arena = {0};

    CHECK(param_next(&rest, &name, &value));
    CHECK_SLICE(name, "a");
    CHECK_SLICE(value, "b");
    CHECK_FALSE(param_next(&rest, &name, &value)); /* blanks around '=' are none of the grammar */
    CHECK(rest.len > 0);
    rest = SLICE("; d=\"e;\\\"f\"; g");
    CHECK(param_next(&rest, &name, &value));
    CHECK_SLICE(value, "e;\\\"f");
    CHECK_SLICE(quoted_text(value, &arena), "e;\"f");
    CHECK(param_next(&rest, &name, &value));
    CHECK_SLICE(name, "g");
    CHECK_SLICE(value, "");
    CHECK_FALSE(param_next(&rest, &name, &value));
    CHECK_INT(rest.len, 0);
    rest = SLICE(";a=\"open");
    CHECK_FALSE(param_next(&rest, &name, &value));
    CHECK(rest.len > 0);
    arena_release(&arena);
}

TEST(quality__is_in_thousandths)
{
    static const struct {
        const char *text;
        int want;
    } cases[] = {{"1", 1000},   {"0", 0},     {"0.5", 500}, {"0.123", 123}, {"1.000", 1000}, {"0.", 0},
                 {"1.001", -1}, {"2", -1},    {"", -1},     {".5", -1},     {"0.1234", -1},  {"0,5", -1},
                 {"-1", -1},    {"0.5 ", -1}, {"1.", 1000}, {"01", -1}};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        unsigned got = 7;
        bool ok = quality_parse(slice_str(cases[i].text), &got);

        if ((ok ? (int)got : -1) != cases[i].want)
            CHECK_STR(cases[i].text, "as expected");
    }
}

TEST(token__has_no_separators)
{
    CHECK(is_token(SLICE("a!#$%&'*+-.^_`|~9Z")));
    CHECK_FALSE(is_token(SLICE("")));
    CHECK_FALSE(is_token(SLICE("a b")));
    CHECK_FALSE(is_token(SLICE("a\x80")));
    CHECK_FALSE(is_token(SLICE("a:")));
}
