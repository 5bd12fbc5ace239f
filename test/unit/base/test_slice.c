#include "check.h"

#include "base/slice.h"

TEST(slice__empty_ones_are_equal)
{
    CHECK(slice_eq(SLICE_NONE, SLICE("")));
    CHECK(slice_eq_nocase(SLICE_NONE, SLICE("")));
}

TEST(slice__case_is_ignored_only_for_ascii_letters)
{
    CHECK(slice_eq_nocase(SLICE("Content-Type"), SLICE("cONTENT-tYPE")));
    CHECK_FALSE(slice_eq_nocase(SLICE("\xc4"), SLICE("\xe4")));
    CHECK_FALSE(slice_eq_nocase(SLICE("@"), SLICE("`")));
}

TEST(slice__cut_takes_the_first_separator)
{
    struct slice before, after;

    CHECK(slice_cut(SLICE("a=b=c"), '=', &before, &after));
    CHECK_SLICE(before, "a");
    CHECK_SLICE(after, "b=c");
    CHECK_FALSE(slice_cut(SLICE("abc"), '=', &before, &after));
}

TEST(slice__trim_takes_spaces_and_tabs_only)
{
    CHECK_SLICE(slice_trim(SLICE(" \t a b\t ")), "a b");
    CHECK_SLICE(slice_trim(SLICE(" \t")), "");
    CHECK_SLICE(slice_trim(SLICE("\va")), "\va");
}

TEST(slice__numbers_are_digits_that_fit)
{
    uint64_t value = 7;

    CHECK(slice_u64(SLICE("18446744073709551615"), &value));
    CHECK_U64(value, UINT64_MAX);
    CHECK_FALSE(slice_u64(SLICE("18446744073709551616"), &value));
    CHECK_FALSE(slice_u64(SLICE("+5"), &value));
    CHECK_FALSE(slice_u64(SLICE(""), &value));
    CHECK_FALSE(slice_u64(SLICE("5 "), &value));
}

TEST(slice__order_puts_the_shorter_first)
{
    CHECK(slice_cmp(SLICE("a"), SLICE("ab")) < 0);
    CHECK(slice_cmp(SLICE("b"), SLICE("ab")) > 0);
    CHECK_INT(slice_cmp(SLICE("ab"), SLICE("ab")), 0);
}
