/*
 * test_past.c - addresses of earlier contents.
 */
#include "check.h"

#include <stdio.h>

#include "http/past.h"

static struct past past;
static struct rpath path;

static bool reads(const char *text, bool has_slash)
{
    path = (struct rpath){.text = slice_str(text), .has_slash = has_slash};
    return past_read(&path, &past);
}

static void check_href(const char *of, uint64_t number, const char *href)
{
    struct buf out = BUF_INIT(200);

    past_href(&out, slice_str(of), number);
    CHECK_SLICE(buf_slice(&out), href);
    buf_release(&out);
}

TEST(past__other_addresses_stay_what_they_are)
{
    static const char *const others[] = {"",
                                         ".samovar",
                                         ".samovar/style.css",
                                         ".samovar/versionsx/a",
                                         "a/.samovar/versions",
                                         ".SAMOVAR/versions/a",
                                         "versions/a"};

    for (unsigned i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        CHECK(!reads(others[i], true));
        CHECK(!past.is_asked);
        CHECK_SLICE(path.text, others[i]);
        CHECK(path.has_slash);
    }
}

TEST(past__a_path_behind_it_is_that_of_the_resource)
{
    CHECK(reads(".samovar/versions", false) && past.is_asked && !past.has_slash);
    CHECK_SLICE(path.text, "");
    CHECK(reads(".samovar/versions", true) && past.has_slash);
    CHECK_SLICE(path.text, "");
    CHECK(!path.has_slash);
    CHECK(reads(".samovar/versions/docs/a.txt", true));
    CHECK_SLICE(path.text, "docs/a.txt");
    CHECK_U64(past.number, 0);
    CHECK(reads(".samovar/versions/.samovar/versions/a", false));
    CHECK_SLICE(path.text, ".samovar/versions/a");
}

TEST(past__digits_at_the_end_are_a_number)
{
    CHECK(reads(".samovar/versions/docs/a.txt/17", false));
    CHECK_SLICE(path.text, "docs/a.txt");
    CHECK_U64(past.number, 17);
    CHECK(reads(".samovar/versions/18446744073709551615", false));
    CHECK_SLICE(path.text, "");
    CHECK_U64(past.number, UINT64_MAX);
}

TEST(past__digits_before_a_slash_are_a_name)
{
    CHECK(reads(".samovar/versions/docs/17", true));
    CHECK_SLICE(path.text, "docs/17");
    CHECK_U64(past.number, 0);
}

TEST(past__a_number_has_one_spelling)
{
    static const char *const names[] = {"0", "017", "18446744073709551616", "-1", "+1", "1a", "1.0"};
    char text[100];

    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(text, sizeof(text), ".samovar/versions/a/%s", names[i]);
        CHECK(reads(text, false));
        CHECK_U64(past.number, 0);
        CHECK_SLICE(rpath_leaf(path), names[i]);
    }
}

TEST(past__hrefs_are_read_back)
{
    check_href("", 0, "/.samovar/versions/");
    check_href("docs/a b.txt", 0, "/.samovar/versions/docs/a%20b.txt/");
    check_href("docs/a b.txt", 17, "/.samovar/versions/docs/a%20b.txt/17");
    check_href("", UINT64_MAX, "/.samovar/versions/18446744073709551615");
}
