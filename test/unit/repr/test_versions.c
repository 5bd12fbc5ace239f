/*
 * test_versions.c - a file's earlier contents as a page.
 */
#include <jansson.h>

#include "check.h"
#include "repr/versions.h"

static struct version list[] = {
    {.number = 18446744073709551615u,
     .size = 3,
     .modified_ns = 1000000000,
     .replaced_s = 2,
     .tag = "newer",
     .tag_len = 5},
    {.number = 17,
     .size = 1048576,
     .modified_ns = -1,
     .replaced_s = 86400,
     .tag = "older",
     .tag_len = 5,
     .is_weak = true},
};

static struct buf page_of(const char *path, enum listing_form form, unsigned count, bool can_restore)
{
    struct version_list versions = {list, count};
    struct versions_page page = {
        .path = {.text = slice_str(path)}, .versions = &versions, .form = form, .can_restore = can_restore};
    struct buf out = BUF_INIT(VERSIONS_PAGE_MAX);

    versions_page(&page, &out);
    CHECK(!out.overflown);
    return out;
}

static bool has(const struct buf *page, const char *text)
{
    return memmem(page->ptr, page->len, text, strlen(text)) != NULL;
}

static const char *text_of(json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static json_t *read_back(struct buf *page)
{
    json_t *json = json_loadb(page->ptr, page->len, 0, NULL);

    CHECK(json != NULL);
    buf_release(page);
    return json;
}

TEST(versions_page__json_says_all_of_each)
{
    struct buf page = page_of("docs/a \"b\".txt", LISTING_JSON, 2, true);
    json_t *json = read_back(&page), *versions = json_object_get(json, "versions"), *one = json_array_get(versions, 1);

    CHECK_STR(text_of(json, "path"), "/docs/a \"b\".txt");
    CHECK_STR(text_of(json, "href"), "/.samovar/versions/docs/a%20%22b%22.txt/");
    CHECK_STR(text_of(json_object_get(json, "restore"), "destination"), "/docs/a%20%22b%22.txt");
    CHECK_U64(json_array_size(versions), 2);
    CHECK_STR(text_of(json_array_get(versions, 0), "number"), "18446744073709551615");
    CHECK_STR(text_of(one, "href"), "/.samovar/versions/docs/a%20%22b%22.txt/17");
    CHECK_U64(json_integer_value(json_object_get(one, "size")), 1048576);
    CHECK_STR(text_of(one, "modified"), "1969-12-31T23:59:59Z");
    CHECK_STR(text_of(one, "replaced"), "1970-01-02T00:00:00Z");
    CHECK_STR(text_of(one, "etag"), "W/\"older\"");
    json_decref(json);
}

TEST(versions_page__json_of_none_is_an_empty_list)
{
    struct buf page = page_of("a", LISTING_JSON, 0, false);
    json_t *json = read_back(&page);

    CHECK_U64(json_array_size(json_object_get(json, "versions")), 0);
    CHECK(json_object_get(json, "restore") == NULL);
    json_decref(json);
}

TEST(versions_page__html_has_links_and_the_way_back)
{
    struct buf page = page_of("docs/<a>'.txt", LISTING_HTML, 2, true);

    CHECK(has(&page, "<a href=\"./18446744073709551615\">"));
    CHECK(has(&page, "<code>COPY /.samovar/versions/docs/%3Ca%3E%27.txt/17</code>"));
    CHECK(has(&page, "curl -X COPY -H 'Destination: /docs/%3Ca%3E%27.txt'"));
    CHECK(has(&page, "<a href=\"../../../../docs/%3Ca%3E%27.txt\">this file</a>"));
    CHECK(has(&page, "href=\"../../../../.samovar/style.css\""));
    CHECK(has(&page, "<a href=\"../\"><bdi>docs</bdi></a>"));
    CHECK(has(&page, "&lt;a&gt;"));
    CHECK(!has(&page, "<a>"));
    buf_release(&page);
}

TEST(versions_page__says_nothing_of_a_way_back_to_who_may_not_write)
{
    struct buf page = page_of("a", LISTING_HTML, 2, false);

    CHECK(!has(&page, "COPY"));
    CHECK(has(&page, "./17"));
    buf_release(&page);
}

TEST(versions_page__html_of_none_says_so)
{
    struct buf page = page_of("a", LISTING_HTML, 0, true);

    CHECK(has(&page, "No earlier contents are kept."));
    buf_release(&page);
}
