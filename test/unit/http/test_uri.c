/*
 * test_uri.c - targets, paths, hrefs.
 */
#include <stdlib.h>

#include "check.h"
#include "http/uri.h"

static int parse(const char *text, enum method method, struct target *out)
{
    const char *why = NULL;
    int status = target_parse(slice_str(text), method, out, &why);

    CHECK_INT(status != 0, why != NULL);
    return status;
}

TEST(target__forms) /* H1-20, H1-22, H1-23 */
{
    struct target t;

    CHECK_INT(parse("/a/b?c=/d?e", METHOD_GET, &t), 0);
    CHECK_INT(t.form, TARGET_ORIGIN);
    CHECK_SLICE(t.path, "/a/b");
    CHECK_SLICE(t.query, "c=/d?e");
    CHECK(t.has_query);
    CHECK_INT(parse("/a?", METHOD_GET, &t), 0);
    CHECK(t.has_query && t.query.len == 0);
    CHECK_INT(parse("HTTP://h:80/x?y", METHOD_PUT, &t), 0);
    CHECK_INT(t.form, TARGET_ABSOLUTE);
    CHECK_SLICE(t.scheme, "HTTP");
    CHECK_SLICE(t.authority, "h:80");
    CHECK_SLICE(t.path, "/x");
    CHECK_INT(parse("http://h", METHOD_GET, &t), 0);
    CHECK_SLICE(t.path, "/");
    CHECK_FALSE(t.is_server_wide);
    CHECK_INT(parse("http://h", METHOD_OPTIONS, &t), 0);
    CHECK(t.is_server_wide);
    CHECK_INT(parse("http://h?q", METHOD_GET, &t), 0);
    CHECK_SLICE(t.path, "/");
    CHECK_SLICE(t.query, "q");
    CHECK_INT(parse("*", METHOD_OPTIONS, &t), 0);
    CHECK_INT(t.form, TARGET_ASTERISK);
    CHECK(t.is_server_wide);
    CHECK_INT(parse("h:443", METHOD_CONNECT, &t), 0);
    CHECK_INT(t.form, TARGET_AUTHORITY);
    CHECK_INT(parse("//x/y", METHOD_GET, &t), 0); /* a path with an empty segment, no authority */
    CHECK_INT(t.form, TARGET_ORIGIN);
}

TEST(target__what_is_none_is_refused) /* H1-22, H1-23, H1-24 */
{
    static const char *const texts[] = {"",      "*",          "a",          "a/b",         "http:/x",    "http:///x",
                                        "://h/", "1http://h",  "http://u@h", "http://h:x",  "http://:80", "http://h h",
                                        "/a#b",  "http://h/#", "?",          "http://[::1", "**"};
    static const char *const connects[] = {"h", "h:", "h:0", "h:99999", ":443", "/", "http://h/", "u@h:1"};
    struct target t;

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (parse(texts[i], METHOD_GET, &t) != 400)
            CHECK_STR(texts[i], "refused with 400");
    for (size_t i = 0; i < sizeof(connects) / sizeof(connects[0]); i++)
        if (parse(connects[i], METHOD_CONNECT, &t) != 400)
            CHECK_STR(connects[i], "refused with 400");
}

static void check_path(const char *raw, enum path_result want, const char *text, bool has_slash, int line)
{
    struct arena arena = {0};
    struct rpath path = {{NULL, 0}, false};
    const char *why = NULL;
    enum path_result got = path_decode(slice_str(raw), &arena, &path, &why);

    if (got != want)
        print_error("line %d: %s\n", line, raw);
    CHECK_INT(got, want);
    CHECK_INT(got == PATH_BAD, why != NULL);
    if (text) {
        CHECK_SLICE(path.text, text);
        CHECK_INT(path.has_slash, has_slash);
    }
    arena_release(&arena);
}

#define PATH(raw, text, slash) check_path(raw, PATH_OK, text, slash, __LINE__)
#define BAD(raw) check_path(raw, PATH_BAD, NULL, false, __LINE__)
#define SLASHES(raw) check_path(raw, PATH_SLASHES, NULL, false, __LINE__)

TEST(path__is_decoded_once) /* H1-83, H1-84, H1-87, H1-89, H1-90 */
{
    PATH("/", "", true);
    PATH("/a", "a", false);
    PATH("/a/", "a", true);
    PATH("/a/b", "a/b", false);
    PATH("/%7Ea/%7eb", "~a/~b", false);
    PATH("/%252e", "%2e", false);
    PATH("/%252F", "%2F", false);
    PATH("/%3Fa", "?a", false);
    PATH("/%ff\xfe%c3%a4", "\xff\xfe\xc3\xa4", false);
    PATH("/a\\..\\b", "a\\..\\b", false);
    PATH("/%0d%0a", "\r\n", false);
    PATH("/...", "...", false);
    PATH("/.a/..b", ".a/..b", false);
    PATH("/c:/con", "c:/con", false);
}

TEST(path__what_could_escape_or_mislead_is_refused) /* H1-84, H1-85, H1-86, H1-C5 */
{
    BAD("");
    BAD("a");
    BAD("/%2F");
    BAD("/a%2fb");
    BAD("/%00");
    BAD("/a%00");
    BAD("/%");
    BAD("/%2");
    BAD("/%zz");
    BAD("/%2/a");
    BAD("/a%");
    BAD("/.");
    BAD("/..");
    BAD("/a/../b");
    BAD("/a/./b");
    BAD("/a/%2e%2E/b");
    BAD("/a/.%2e");
    BAD("/%2e/");
    BAD("//..");
    BAD("/../");
}

TEST(path__empty_segments_are_for_a_redirect) /* H1-88 */
{
    SLASHES("//");
    SLASHES("//a");
    SLASHES("/a//b");
    SLASHES("/a//");
    SLASHES("///");
}

TEST(path__long_ones_are_refused)
{
    char *raw = malloc(PATH_RAW_MAX + 2);

    for (size_t i = 0; i < PATH_RAW_MAX + 1; i++)
        raw[i] = i % 100 ? 'a' : '/';
    raw[1 + PATH_DECODED_MAX] = 0;
    check_path(raw, PATH_OK, NULL, false, __LINE__);
    raw[1 + PATH_DECODED_MAX] = 'a';
    raw[2 + PATH_DECODED_MAX] = 0;
    BAD(raw);
    raw[2 + PATH_DECODED_MAX] = 'a';
    raw[PATH_RAW_MAX + 1] = 0;
    BAD(raw);
    free(raw);
}

TEST(path__merged_slashes_make_a_valid_Location) /* H1-88, POL-09 */
{
    static const char *const cases[][2] = {{"//", "/"},
                                           {"//evil/x", "/evil/x"},
                                           {"/a///b//", "/a/b/"},
                                           {"/%20//b", "/%20/b"},
                                           {"/\xc3//\"<", "/%C3/%22%3C"}};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf out = BUF_INIT(100);

        path_merge_slashes(slice_str(cases[i][0]), &out);
        CHECK_SLICE(buf_slice(&out), cases[i][1]);
        buf_release(&out);
    }
}

TEST(href__is_fit_for_headers_and_attributes) /* POL-09 */
{
    static const char *const cases[][2] = {{"/a b/c", "/a%20b/c"},
                                           {"//evil", "/evil"},
                                           {"/a\r\nX: y", "/a%0D%0AX%3A%20y"},
                                           {"a:b", "a%3Ab"},
                                           {"/\"'<>&", "/%22%27%3C%3E%26"},
                                           {"", ""},
                                           {"/", "/"},
                                           {"a-._~Z9/", "a-._~Z9/"},
                                           {"/%2e", "/%252e"},
                                           {"/a (1).txt", "/a%20(1).txt"},
                                           {"\xc3\xa4?#", "%C3%A4%3F%23"}};
    struct buf out = BUF_INIT(100);

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        buf_clear(&out);
        href_encode(&out, slice_str(cases[i][0]));
        CHECK_SLICE(buf_slice(&out), cases[i][1]);
    }
    buf_clear(&out);
    href_encode_segment(&out, SLICE("a/b"));
    CHECK_SLICE(buf_slice(&out), "a%2Fb");
    buf_release(&out);
}

TEST(percent_decode__leaves_plus_alone)
{
    struct arena arena = {0};
    struct slice out;

    CHECK(percent_decode(SLICE("a+b%2Bc%2f"), &arena, &out));
    CHECK_SLICE(out, "a+b+c/");
    CHECK_FALSE(percent_decode(SLICE("%4"), &arena, &out));
    arena_release(&arena);
}
