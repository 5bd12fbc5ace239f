#include <stdio.h>

#include "check.h"

#include "base/glob.h"

static bool fits(const char *pattern, const char *path)
{
    struct slice found[GLOB_WILDCARDS_MAX];
    bool silent = glob_match(slice_str(pattern), slice_str(path), NULL);

    CHECK_INT(glob_match(slice_str(pattern), slice_str(path), found), silent);
    return silent;
}

TEST(glob__a_pattern_has_a_wildcard_and_a_literal_before_it)
{
    CHECK(glob_is_pattern(SLICE("a/*.txt")));
    CHECK(glob_is_pattern(SLICE("a?")));
    CHECK_FALSE(glob_is_pattern(SLICE("a/b")));
    CHECK_SLICE(glob_literal(SLICE("a/b*/c")), "a/b");
    CHECK_SLICE(glob_literal(SLICE("a?b")), "a");
    CHECK_SLICE(glob_literal(SLICE("**")), "");
}

TEST(glob__the_whole_path_has_to_fit)
{
    CHECK(fits("", ""));
    CHECK(fits("a/b", "a/b"));
    CHECK_FALSE(fits("a/b", "a/bc"));
    CHECK_FALSE(fits("a/b", "a"));
    CHECK_FALSE(fits("", "a"));
    CHECK_FALSE(fits("a", ""));
}

TEST(glob__a_star_is_anything_but_a_slash)
{
    CHECK(fits("a/*.txt", "a/b.txt"));
    CHECK(fits("a/*.txt", "a/.txt"));
    CHECK(fits("*", ""));
    CHECK(fits("*.*.txt", "a.b.c.txt"));
    CHECK(fits("x*ab*/y", "xaab/y"));
    CHECK_FALSE(fits("a/*.txt", "a/b/c.txt"));
    CHECK_FALSE(fits("*", "a/b"));
    CHECK_FALSE(fits("*a*b", "xa/ab"));
    CHECK(fits("*/a", "b/a"));
    CHECK_FALSE(fits("*/a", "a"));
}

TEST(glob__two_stars_are_anything)
{
    CHECK(fits("**", ""));
    CHECK(fits("**", "a/b/c"));
    CHECK(fits("a/**", "a/b/c"));
    CHECK(fits("a**c", "ab/bc"));
    CHECK(fits("**a*b", "xa/ab"));
    CHECK(fits("**/a/*/b**", "a/x/a/y/b/c"));
    CHECK(fits("**a/*x", "a/ya/zx"));
    CHECK(fits("**x/*y/a*b", "x/yy/zx/yy/acb"));
    CHECK_FALSE(fits("a/**", "a"));
    CHECK_FALSE(fits("a/**", "ab"));
    CHECK_FALSE(fits("**x/*y/a*b", "x/yy/zx/yy/acbc"));
}

TEST(glob__two_stars_and_a_slash_may_be_no_folder_at_all)
{
    CHECK(fits("**/x", "x"));
    CHECK(fits("**/x", "a/x"));
    CHECK(fits("a/**/x", "a/x"));
    CHECK(fits("a/**/x", "a/b/c/x"));
    CHECK(fits("**/banned-*.pdf", "banned-1.pdf"));
    CHECK_FALSE(fits("**/x", "ax"));
    CHECK_FALSE(fits("a/**/x", "ax"));
    CHECK_FALSE(fits("a**/x", "a"));
}

TEST(glob__a_question_mark_is_one_octet_but_a_slash)
{
    CHECK(fits("a?c", "abc"));
    CHECK_FALSE(fits("a?c", "a/c"));
    CHECK_FALSE(fits("a?c", "ac"));
    CHECK(fits("*?", "abc"));
    CHECK_FALSE(fits("*?", ""));
    CHECK(fits("**?x", "a/bx"));
    CHECK_FALSE(fits("**?x", "a/x"));
}

TEST(glob__each_wildcard_tells_what_it_matched_the_first_as_little_as_can_be)
{
    struct slice found[GLOB_WILDCARDS_MAX];

    CHECK(glob_match(SLICE("a/*/**.?xt"), SLICE("a/b/c/d.txt"), found));
    CHECK_SLICE(found[0], "b");
    CHECK_SLICE(found[1], "c/d");
    CHECK_SLICE(found[2], "t");
    CHECK_SLICE(found[3], "");
    CHECK(glob_match(SLICE("*-*"), SLICE("a-b-c"), found));
    CHECK_SLICE(found[0], "a");
    CHECK_SLICE(found[1], "b-c");
    CHECK(glob_match(SLICE("**/*.c"), SLICE("x.c"), found));
    CHECK_SLICE(found[0], "");
    CHECK_SLICE(found[1], "x");
    CHECK(glob_match(SLICE("**/*.c"), SLICE("a/b/x.c"), found));
    CHECK_SLICE(found[0], "a/b");
    CHECK_SLICE(found[1], "x");
}

TEST(glob__more_wildcards_than_can_be_told_still_match)
{
    struct slice found[GLOB_WILDCARDS_MAX];

    CHECK(glob_match(SLICE("????????????"), SLICE("abcdefghijkl"), found));
    CHECK_SLICE(found[8], "i");
    CHECK_FALSE(glob_match(SLICE("????????????"), SLICE("abcdefghijk"), found));
}

TEST(glob__what_is_beyond_the_limits_is_told_and_fits_nothing)
{
    char stars[2 * GLOB_STARS_MAX + 3], longer[GLOB_PATTERN_MAX + 2];

    for (size_t i = 0; i < sizeof(stars); i++)
        stars[i] = i % 2 ? 'a' : '*';
    CHECK_FALSE(glob_is_valid(slice_of(stars, sizeof(stars))));
    CHECK(glob_is_valid(slice_of(stars, 2 * GLOB_STARS_MAX)));
    CHECK_FALSE(glob_match(slice_of(stars, sizeof(stars)), SLICE("a"), NULL));
    memset(longer, 'a', sizeof(longer));
    CHECK(glob_is_valid(slice_of(longer, sizeof(longer))));
    longer[0] = '?';
    CHECK_FALSE(glob_is_valid(slice_of(longer, sizeof(longer))));
}

/* Not a measure of time: what took time by a power of the path's length would not end at all. */
TEST(glob__patterns_that_other_matchers_fear_take_no_time)
{
    static char path[32 * 1024];
    static const char *const patterns[] = {
        "**a**a**a**a**a**a**a**a**b",  "*a*a*a*a*a*a*a*a*a*b", "**a*a*a*a*a*a*a*a*b", "**a*/*a*/*b",
        "**a*b**a*b**a*b*a*a*a*a*a*/b", "**/a*/a*/a*/a*b",      "**?*?*?*?*?*?*?*b",
    };

    memset(path, 'a', sizeof(path));
    for (unsigned i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
        CHECK_FALSE(glob_match(slice_str(patterns[i]), slice_of(path, sizeof(path)), NULL));
    for (size_t i = 0; i < sizeof(path); i += 2)
        path[i] = '/';
    for (unsigned i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
        CHECK_FALSE(glob_match(slice_str(patterns[i]), slice_of(path, sizeof(path)), NULL));
    memset(path, 'a', sizeof(path));
    path[sizeof(path) / 2] = '/';
    for (unsigned i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
        CHECK_FALSE(glob_match(slice_str(patterns[i]), slice_of(path, sizeof(path)), NULL));
}

/* ---- against a matcher that tries everything ---- */

static bool tried(struct slice pattern, struct slice path, bool at_segment)
{
    struct slice rest = slice_from(pattern, 1);

    if (pattern.len == 0)
        return path.len == 0;
    if (pattern.ptr[0] != '*') {
        if (path.len == 0 || (pattern.ptr[0] == '?' ? path.ptr[0] == '/' : pattern.ptr[0] != path.ptr[0]))
            return false;
        return tried(rest, slice_from(path, 1), path.ptr[0] == '/');
    }
    if (rest.len && rest.ptr[0] == '*') {
        bool is_first = pattern.ptr[-1] == '/';

        while (rest.len && rest.ptr[0] == '*')
            rest = slice_from(rest, 1);
        if (is_first && at_segment && rest.len && rest.ptr[0] == '/' && tried(slice_from(rest, 1), path, true))
            return true;
        for (size_t i = 0; i <= path.len; i++)
            if (tried(rest, slice_from(path, i), i ? path.ptr[i - 1] == '/' : at_segment))
                return true;
        return false;
    }
    for (size_t i = 0; i <= path.len && (i == 0 || path.ptr[i - 1] != '/'); i++)
        if (tried(rest, slice_from(path, i), i ? false : at_segment))
            return true;
    return false;
}

static struct slice word(uint32_t *state, const char *letters, char *out, unsigned len)
{
    for (unsigned i = 0; i < len; i++) {
        *state = *state * 1664525u + 1013904223u;
        out[i] = letters[(*state >> 16) % strlen(letters)];
    }
    return slice_of(out, len);
}

TEST(glob__says_what_a_matcher_says_that_tries_everything)
{
    uint32_t state = 7;
    unsigned matches = 0;

    for (unsigned i = 0; i < 300000; i++) {
        char pattern[12] = "/", path[12] = "/";
        struct slice p = word(&state, "**a/b?*", pattern + 1, 1 + i % 9),
                     s = word(&state, "aab/", path + 1, i / 9 % 10);
        struct slice found[GLOB_WILDCARDS_MAX];
        bool is = tried(p, s, true);

        matches += is;
        if (glob_match(p, s, found) != is)
            printf("pattern %.*s path %.*s: %d wanted\n", SLICE_FMT(p), SLICE_FMT(s), is);
        CHECK_INT(glob_match(p, s, found), is);
    }
    CHECK(matches > 1000);
}
