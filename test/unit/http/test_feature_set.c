/*
 * test_feature_set.c - feature negotiation: the examples of RFC 2295 §6.3, §6.4 and §8.2.
 */
#include "check.h"
#include "http/feature_set.h"

static enum truth holds(const char *accept, const char *predicate)
{
    struct feature_set set;

    feature_set_read(slice_str(accept), &set);
    return feature_holds(&set, slice_str(predicate));
}

static void check_all(const char *accept, const char *const *predicates, enum truth want)
{
    for (; *predicates; predicates++)
        if (holds(accept, *predicates) != want)
            CHECK_STR(*predicates, want == TRUTH_TRUE ? "true" : want == TRUTH_FALSE ? "false" : "unknown");
}

TEST(features__of_a_set_that_is_told_whole) /* §6.3 */
{
    static const char set[] =
        "blex, colordepth={5}, UA-media={stationary}, paper=A4, paper=A3, x-version=104, x-version=200";
    static const char *const are_true[] = {"blex",
                                           "colordepth=[4-]",
                                           "colordepth!=6",
                                           "colordepth",
                                           "!screenwidth",
                                           "UA-media=stationary",
                                           "UA-media!=screen",
                                           "paper=A4",
                                           "paper!=A0",
                                           "colordepth=[ 4 - 6 ]",
                                           "x-version=[100-300]",
                                           "x-version=[200-300]",
                                           NULL};
    static const char *const are_false[] = {
        "!blex",       "blebber",         "colordepth=6",        "colordepth=foo", "!colordepth",
        "screenwidth", "screenwidth=640", "screenwidth!=640",    "x-version=99",   "UA-media=screen",
        "paper=A0",    "paper=a4",        "x-version=[100-199]", "wuxta",          NULL};

    check_all(set, are_true, TRUTH_TRUE);
    check_all(set, are_false, TRUTH_FALSE);
}

TEST(features__of_a_set_that_may_have_more) /* §8.2 */
{
    static const char set[] =
        "blex, !blebber, colordepth={5}, !screenwidth, paper = A4, paper!=\"A2\", x-version=104, *";
    static const char *const are_true[] = {"blex",         "colordepth=[4-]", "colordepth!=6",    "colordepth",
                                           "!screenwidth", "paper=A4",        "colordepth=[4-6]", NULL};
    static const char *const are_false[] = {"!blex",       "blebber",     "colordepth=6",    "colordepth=foo",
                                            "!colordepth", "screenwidth", "screenwidth=640", "screenwidth!=640",
                                            "paper=A2",    NULL};
    static const char *const are_open[] = {"UA-media=stationary",
                                           "UA-media!=screen",
                                           "paper!=a0",
                                           "x-version=[100-300]",
                                           "x-version=[200-300]",
                                           "x-version=99",
                                           "UA-media=screen",
                                           "paper=A0",
                                           "paper=a4",
                                           "x-version=[100-199]",
                                           "wuxta",
                                           "!wuxta",
                                           NULL};

    check_all(set, are_true, TRUTH_TRUE);
    check_all(set, are_false, TRUTH_FALSE);
    check_all(set, are_open, TRUTH_UNKNOWN);
}

TEST(features__tags_compare_without_case_and_values_with_it) /* NEG-60 */
{
    CHECK_INT(holds("Paper=A4", "pAPER=A4"), TRUTH_TRUE);
    CHECK_INT(holds("\"paper\"=\"A4\"", "paper=A4"), TRUTH_TRUE);
    CHECK_INT(holds("paper=A4", "paper=a4"), TRUTH_FALSE);
}

TEST(features__what_is_no_predicate_is_false)
{
    static const char *const none[] = {"",           "!",   "=A4",        "paper=", "paper=[1", "paper=[x-2]",
                                       "paper=[1-2", "a b", "paper=\"A4", NULL};

    check_all("paper=A4, a, b", none, TRUTH_FALSE);
}

static double factor(const char *accept, const char *features)
{
    struct feature_set set;
    struct product product = {.value = 1};
    double scale = 1;

    feature_set_read(slice_str(accept), &set);
    if (!features_factor(&set, slice_str(features), &product))
        return -1;
    for (unsigned i = 0; i < product.places; i++)
        scale *= 1000;
    return (double)product.value / scale;
}

TEST(features__multiply_their_factors) /* §6.4 */
{
    CHECK(factor("colordepth=3", "!textonly [blebber !wolx] colordepth=3;+0.7") == 0.7);
    CHECK(factor("", "!textonly [blebber !wolx] colordepth=3;+0.7") == 1);
    CHECK(factor("textonly", "!textonly") == 0);
    CHECK(factor("wolx", "[blebber !wolx]") == 0);
    CHECK(factor("blink, background", "!blink;-0.5 background;+1.5 [blebber !wolx];+1.4-0.8") == 1.05);
    CHECK(factor("wolx", "!blink;-0.5 background;+1.5 [blebber !wolx];+1.4-0.8") == 0.8);
    CHECK(factor("x", "tables;") == 0);
}

TEST(features__what_is_unknown_counts_as_true) /* RFC 2296 §3.4 */
{
    CHECK(factor("blebber, !y, *", "blebber [x y]") == 1);
    CHECK(factor("blebber, !y", "blebber [x y]") == 0);
}

TEST(features__what_is_no_list_is_none)
{
    CHECK(factor("a", "") == -1);
    CHECK(factor("a", "[]") == -1);
    CHECK(factor("a", "[a") == -1);
    CHECK(factor("a", "a;+") == -1);
    CHECK(factor("a", "a;+x") == -1);
    CHECK(factor("a", "a }") == -1);
}
