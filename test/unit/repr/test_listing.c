/*
 * test_listing.c - listings of a folder, over a store_list() of our own instead of the store's.
 */
#include <jansson.h>
#include <stdio.h>

#include "check.h"
#include "listing.h"

/* ---- a folder made up ---- */

static const struct member *folder;
static size_t folder_count, folder_repeat;
static enum err folder_err;

enum err store_list(struct store *store, int folder_fd, struct rpath path, bool (*each)(const struct member *, void *),
                    void *arg)
{
    for (size_t i = 0; folder_err == ERR_NONE && i < folder_count; i++)
        if (!each(&folder[i], arg))
            break;
    for (size_t i = 0; i < folder_repeat; i++) {
        char name[32];
        struct member member = {.facts = {.kind = KIND_FILE, .size = i, .modified_ns = (int64_t)i * 1000000000}};

        member.name = slice_of(name, (size_t)snprintf(name, sizeof(name), "file-%zu.txt", i));
        if (!each(&member, arg))
            break;
    }
    return folder_err;
}

#define FILE_OF(text, bytes, seconds)                                                                                  \
    {                                                                                                                  \
        .name = SLICE_INIT(text), .facts = {                                                                           \
            .kind = KIND_FILE,                                                                                         \
            .size = (bytes),                                                                                           \
            .modified_ns = (int64_t)(seconds)*1000000000                                                               \
        }                                                                                                              \
    }
#define FOLDER_OF(text, seconds)                                                                                       \
    {                                                                                                                  \
        .name = SLICE_INIT(text), .facts = {.kind = KIND_FOLDER, .modified_ns = (int64_t)(seconds)*1000000000 }        \
    }
#define BROKEN_OF(text)                                                                                                \
    {                                                                                                                  \
        .name = SLICE_INIT(text), .is_broken = true                                                                    \
    }

/* ---- pulling ---- */

static void fill(struct listing *listing, struct buf *out, bool *done)
{
    role_assert_worker();
    CHECK_INT(listing_fill(listing, out, done), ERR_NONE);
}

/* The whole listing, pulled `piece` bytes at a time; the caller frees. */
static struct buf pull(struct listing_options options, const struct member *members, size_t count, size_t piece)
{
    struct listing *listing = NULL;
    struct buf whole = BUF_INIT(64 << 20), part = BUF_INIT(piece);
    bool done = false;

    role_assert_worker();
    folder = members;
    folder_count = count;
    CHECK_INT(listing_open(&options, &listing), ERR_NONE);
    while (!done) {
        buf_clear(&part);
        fill(listing, &part, &done);
        CHECK(part.len <= piece && part.len <= LISTING_FILL_MAX);
        CHECK(done || part.len > 0);
        buf_add(&whole, buf_slice(&part));
    }
    listing_close(listing);
    buf_release(&part);
    return whole;
}

static struct rpath path_of(const char *text)
{
    return (struct rpath){.text = slice_str(text), .has_slash = true};
}

static bool has(struct buf *text, const char *part)
{
    return strstr(buf_str(text), part) != NULL;
}

static size_t at(struct buf *text, const char *part)
{
    const char *found = strstr(buf_str(text), part);

    if (!found)
        fail_msg("not found: %s", part);
    return (size_t)(found - text->ptr);
}

#define PULL_HTML(path_text, ...)                                                                                      \
    pull((struct listing_options){.path = path_of(path_text), __VA_ARGS__}, members,                                   \
         sizeof(members) / sizeof(*members), LISTING_FILL_MAX)

/* ---- what a page says ---- */

TEST(listing__folders_come_first_names_as_people_sort)
{
    static const struct member members[] = {
        FILE_OF("file10.txt", 1, 0), FILE_OF("File2.txt", 1, 0), FILE_OF("file1.txt", 1, 0),
        FOLDER_OF("zoo", 0),         FILE_OF("a.txt", 1, 0),     FOLDER_OF("Art", 0),
    };
    struct buf page = PULL_HTML("");

    CHECK(at(&page, ">Art<") < at(&page, ">zoo<"));
    CHECK(at(&page, ">zoo<") < at(&page, ">a.txt<"));
    CHECK(at(&page, ">a.txt<") < at(&page, ">file1.txt<"));
    CHECK(at(&page, ">file1.txt<") < at(&page, ">File2.txt<"));
    CHECK(at(&page, ">File2.txt<") < at(&page, ">file10.txt<"));
    CHECK(has(&page, "href=\"./zoo/\""));
    CHECK(has(&page, "2 folders, 4 files"));
    buf_release(&page);
}

TEST(listing__the_query_sorts)
{
    static const struct member members[] = {FILE_OF("a", 10, 300), FILE_OF("b", 2000, 100), FILE_OF("c", 300, 200)};
    struct buf page = PULL_HTML("", .query = SLICE("sort=size&order=desc"));

    CHECK(at(&page, ">b<") < at(&page, ">c<") && at(&page, ">c<") < at(&page, ">a<"));
    CHECK(has(&page, "<th scope=\"col\" aria-sort=\"descending\"><a href=\"?sort=size&amp;order=asc\""));
    buf_release(&page);
    page = PULL_HTML("", .query = SLICE("order=asc&x&sort=modified"));
    CHECK(at(&page, ">b<") < at(&page, ">c<") && at(&page, ">c<") < at(&page, ">a<"));
    CHECK(has(&page, "aria-sort=\"ascending\"><a href=\"?sort=modified&amp;order=desc\""));
    buf_release(&page);
    page = PULL_HTML("", .query = SLICE("sort=\"><script>&order=upwards&&=&"));
    CHECK(at(&page, ">a<") < at(&page, ">b<") && at(&page, ">b<") < at(&page, ">c<"));
    CHECK_FALSE(has(&page, "script"));
    buf_release(&page);
}

TEST(listing__a_name_cannot_leave_its_place)
{
    static const struct member members[] = {
        FILE_OF("<script>alert(1)</script>.html", 1, 0),
        FILE_OF("\" onclick=\"x", 1, 0),
        FILE_OF("' autofocus", 1, 0),
        FILE_OF("a\nb", 1, 0),
        FILE_OF("\xff\xE9<i>", 1, 0),
        FILE_OF("javascript:alert(1)", 1, 0),
        FILE_OF("&amp;", 1, 0),
        FILE_OF("a?b#c%41", 1, 0),
        FOLDER_OF("http:", 0),
        BROKEN_OF("<b>broken</b>"),
    };
    struct buf page = PULL_HTML("");

    CHECK_FALSE(has(&page, "<script") || has(&page, "\" onclick") || has(&page, "' autofocus"));
    CHECK_FALSE(has(&page, "<i>") || has(&page, "<b>") || has(&page, "a\nb"));
    CHECK(has(&page, "href=\"./%3Cscript%3Ealert(1)%3C%2Fscript%3E.html\""));
    CHECK(has(&page, "<bdi>&lt;script&gt;alert(1)&lt;/script&gt;.html</bdi>"));
    CHECK(has(&page, "href=\"./%22%20onclick%3D%22x\"><bdi>&quot; onclick=&quot;x</bdi>"));
    CHECK(has(&page, "href=\"./a%0Ab\"><bdi>a␊b</bdi>"));
    CHECK(has(&page, "href=\"./%FF%E9%3Ci%3E\"><bdi>\xEF\xBF\xBD\xEF\xBF\xBD&lt;i&gt;</bdi>"));
    CHECK(has(&page, "href=\"./javascript"));
    CHECK_FALSE(has(&page, "href=\"javascript"));
    CHECK(has(&page, "href=\"./%26amp%3B\"><bdi>&amp;amp;</bdi>"));
    CHECK(has(&page, "href=\"./a%3Fb%23c%2541\""));
    CHECK(has(&page, "href=\"./http"));
    CHECK(has(&page, "<bdi>&lt;b&gt;broken&lt;/b&gt;</bdi> <small>cannot be read</small>"));
    buf_release(&page);
}

TEST(listing__nothing_is_inline)
{
    static const struct member members[] = {FILE_OF("a", 1, 0), FOLDER_OF("b", 0)};
    struct buf page = PULL_HTML("c", .can_write = true);

    CHECK_FALSE(has(&page, "<style") || has(&page, "style=") || has(&page, "<script") || has(&page, " on"));
    buf_release(&page);
}

TEST(listing__the_path_leads_up_step_by_step)
{
    static const struct member members[] = {FILE_OF("a", 1, 0)};
    struct buf page = PULL_HTML("music/A&B/<live>");

    CHECK(has(&page, "<title>Index of /music/A&amp;B/&lt;live&gt;/</title>"));
    CHECK(has(&page, "<a href=\"../../../\">Home</a>"));
    CHECK(has(&page, "<a href=\"../../\"><bdi>music</bdi></a>"));
    CHECK(has(&page, "<a href=\"../\"><bdi>A&amp;B</bdi></a>"));
    CHECK(has(&page, "<h1><bdi>&lt;live&gt;</bdi></h1>"));
    CHECK(has(&page, "<a href=\"../\">Parent folder</a>"));
    CHECK(has(&page, "href=\"../../../.samovar/style.css\""));
    buf_release(&page);
    page = PULL_HTML("");
    CHECK(has(&page, "<title>Index of /</title>"));
    CHECK(has(&page, "<h1>Home</h1>"));
    CHECK(has(&page, "href=\"./.samovar/style.css\""));
    CHECK_FALSE(has(&page, "../"));
    buf_release(&page);
}

TEST(listing__a_path_of_two_thousand_folders_is_cut_in_the_middle)
{
    static const struct member members[] = {FILE_OF("a", 1, 0)};
    char path[4095];
    struct buf page;

    memset(path, '/', sizeof(path));
    for (size_t i = 0; i < sizeof(path); i += 2)
        path[i] = 'd';
    page = pull((struct listing_options){.path = {.text = slice_of(path, sizeof(path))}}, members, 1, 1000);
    CHECK(has(&page, "<li>…</li>"));
    CHECK(page.len < 200000);
    buf_release(&page);
    memset(path, '"', sizeof(path));
    page = pull((struct listing_options){.path = {.text = slice_of(path, sizeof(path))}}, members, 1, 1000);
    CHECK(has(&page, "</html>"));
    buf_release(&page);
}

TEST(listing__sizes_and_dates_are_for_people_and_exact_beside)
{
    static const struct member members[] = {
        FILE_OF("one", 1, 0),       FILE_OF("big", 1234567890, 1795352709),
        FILE_OF("kilo", 1024, -1),  FILE_OF("max", UINT64_MAX, 0),
        FOLDER_OF("f", 1795352709),
    };
    struct buf page = PULL_HTML("");

    CHECK(has(&page, "<data value=\"1\" title=\"1 byte\">1\xC2\xA0"
                     "B</data>"));
    CHECK(has(&page, "<data value=\"1234567890\" title=\"1\xE2\x80\xAF"
                     "234\xE2\x80\xAF"
                     "567\xE2\x80\xAF"
                     "890 bytes\">"
                     "1.1\xC2\xA0GiB</data>"));
    CHECK(has(&page, ">1.0\xC2\xA0KiB</data>"));
    CHECK(has(&page, ">16\xC2\xA0"
                     "EiB</data>"));
    CHECK(has(&page, "<time datetime=\"2026-11-22T13:05:09Z\">2026-11-22 <span class=\"clock\">13:05</span></time>"));
    CHECK(has(&page, "datetime=\"1969-12-31T23:59:59Z\""));
    buf_release(&page);
}

TEST(listing__dot_files_are_hidden_as_configured)
{
    static const struct member members[] = {FILE_OF(".secret", 1, 0), FILE_OF("open", 1, 0), FOLDER_OF(".git", 0)};
    struct buf page = PULL_HTML("", .hidden = HIDDEN_UNLISTED);

    CHECK_FALSE(has(&page, "secret") || has(&page, ".git"));
    CHECK(has(&page, "0 folders, 1 file,"));
    buf_release(&page);
    page = PULL_HTML("", .hidden = HIDDEN_LISTED);
    CHECK(has(&page, "secret") && has(&page, ".git"));
    buf_release(&page);
    page = PULL_HTML("", .hidden = HIDDEN_UNLISTED, .form = LISTING_JSON);
    CHECK(has(&page, "secret") && has(&page, ".git"));
    buf_release(&page);
    page = PULL_HTML("", .hidden = HIDDEN_DENY, .form = LISTING_JSON);
    CHECK_FALSE(has(&page, "secret") || has(&page, ".git"));
    buf_release(&page);
}

TEST(listing__an_empty_folder_says_so)
{
    struct buf page = pull((struct listing_options){.path = path_of("a")}, NULL, 0, 100);

    CHECK(has(&page, "This folder is empty."));
    CHECK(has(&page, "Parent folder"));
    CHECK_FALSE(has(&page, "curl"));
    buf_release(&page);
    page = pull((struct listing_options){.path = path_of("a"), .can_write = true}, NULL, 0, 100);
    CHECK(has(&page, "curl -T"));
    buf_release(&page);
}

TEST(listing__is_the_same_however_it_is_pulled)
{
    static const struct member members[] = {FILE_OF("a", 1, 0), FOLDER_OF("b\"<", 7), BROKEN_OF("c"),
                                            FILE_OF("d\xff", 1, 99)};

    for (int form = LISTING_HTML; form <= LISTING_JSON; form++) {
        struct listing_options options = {.path = path_of("x/y"), .form = (enum listing_form)form};
        struct buf whole = pull(options, members, 4, LISTING_FILL_MAX);
        static const size_t pieces[] = {1, 2, 3, 7, 100, 1 << 20};

        for (size_t i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
            struct buf again = pull(options, members, 4, pieces[i]);

            CHECK_SLICE(buf_slice(&again), buf_str(&whole));
            buf_release(&again);
        }
        buf_release(&whole);
    }
}

TEST(listing__a_full_buf_is_filled_later)
{
    static const struct member members[] = {FILE_OF("a", 1, 0)};
    struct listing_options options = {.path = path_of("")};
    struct listing *listing = NULL;
    struct buf full = BUF_INIT(4);
    bool done = true;

    role_assert_worker();
    folder = members;
    folder_count = 1;
    CHECK_INT(listing_open(&options, &listing), ERR_NONE);
    buf_add_str(&full, "1234");
    fill(listing, &full, &done);
    CHECK_FALSE(done);
    CHECK_SLICE(buf_slice(&full), "1234");
    listing_close(listing);
    buf_release(&full);
}

TEST(listing__a_folder_that_cannot_be_read_is_an_error)
{
    struct listing_options options = {.path = path_of("")};
    struct listing *listing = NULL;

    role_assert_worker();
    folder_err = ERR_DENIED;
    CHECK_INT(listing_open(&options, &listing), ERR_DENIED);
    CHECK(listing == NULL);
    listing_close(NULL);
    folder_err = ERR_NONE;
}

TEST(listing__what_is_beyond_the_limit_is_counted)
{
    struct listing_options options = {.path = path_of(""), .entries_max = 10};
    struct buf page;
    json_t *json;

    folder_repeat = 1510;
    page = pull(options, NULL, 0, LISTING_FILL_MAX);
    CHECK(has(&page, "… and 1\xE2\x80\xAF"
                     "500 more that are not listed."));
    CHECK_FALSE(has(&page, "file-11.txt"));
    buf_release(&page);
    options.form = LISTING_JSON;
    page = pull(options, NULL, 0, LISTING_FILL_MAX);
    json = json_loadb(page.ptr, page.len, 0, NULL);
    CHECK(json_is_true(json_object_get(json, "truncated")));
    CHECK_INT(json_integer_value(json_object_get(json, "omitted")), 1500);
    CHECK_INT(json_array_size(json_object_get(json, "members")), 10);
    json_decref(json);
    buf_release(&page);
    folder_repeat = 0;
}

TEST(listing__a_hundred_thousand_members_come_in_pieces)
{
    struct listing_options options = {
        .path = path_of("big"), .form = LISTING_JSON, .query = SLICE("sort=size&order=desc")};
    struct buf page;
    json_t *json, *members;

    folder_repeat = LISTING_ENTRIES_MAX;
    page = pull(options, NULL, 0, LISTING_FILL_MAX);
    folder_repeat = 0;
    json = json_loadb(page.ptr, page.len, 0, NULL);
    members = json_object_get(json, "members");
    CHECK_INT(json_array_size(members), LISTING_ENTRIES_MAX);
    CHECK_STR(json_string_value(json_object_get(json_array_get(members, 0), "name")), "file-99999.txt");
    CHECK(json_is_false(json_object_get(json, "truncated")));
    json_decref(json);
    buf_release(&page);
}

TEST(listing__json_says_all_of_a_member)
{
    static const struct member members[] = {FILE_OF("a \"b\".html", 12, 1795352709), FOLDER_OF("d\xff", 0),
                                            BROKEN_OF("x\n")};
    struct buf page;
    json_t *json, *list, *one;

    media_open_file(NULL);
    page = PULL_HTML("p/\xC3\xA9", .form = LISTING_JSON);
    media_close();
    json = json_loadb(page.ptr, page.len, JSON_REJECT_DUPLICATES, NULL);
    CHECK(json != NULL);
    CHECK_STR(json_string_value(json_object_get(json, "path")), "/p/é/");
    CHECK_STR(json_string_value(json_object_get(json, "href")), "/p/%C3%A9/");
    list = json_object_get(json, "members");
    CHECK_INT(json_array_size(list), 3);
    one = json_array_get(list, 0);
    CHECK_STR(json_string_value(json_object_get(one, "name")), "d\xEF\xBF\xBD");
    CHECK_STR(json_string_value(json_object_get(one, "href")), "/p/%C3%A9/d%FF/");
    CHECK_STR(json_string_value(json_object_get(one, "kind")), "folder");
    CHECK_STR(json_string_value(json_object_get(one, "modified")), "1970-01-01T00:00:00Z");
    CHECK(json_object_get(one, "size") == NULL);
    one = json_array_get(list, 1);
    CHECK_STR(json_string_value(json_object_get(one, "name")), "a \"b\".html");
    CHECK_STR(json_string_value(json_object_get(one, "href")), "/p/%C3%A9/a%20%22b%22.html");
    CHECK_STR(json_string_value(json_object_get(one, "kind")), "file");
    CHECK_INT(json_integer_value(json_object_get(one, "size")), 12);
    CHECK_STR(json_string_value(json_object_get(one, "modified")), "2026-11-22T13:05:09Z");
    CHECK_STR(json_string_value(json_object_get(one, "type")), "text/html; charset=utf-8");
    one = json_array_get(list, 2);
    CHECK_STR(json_string_value(json_object_get(one, "name")), "x\n");
    CHECK_STR(json_string_value(json_object_get(one, "kind")), "broken");
    CHECK_INT(json_object_size(one), 2);
    json_decref(json);
    buf_release(&page);
}

/* ---- order ---- */

TEST(order__numbers_count_by_value_of_any_length)
{
    CHECK(name_compare(SLICE("a2"), SLICE("a10")) < 0);
    CHECK(name_compare(SLICE("a007"), SLICE("a8")) < 0);
    CHECK(name_compare(SLICE("a99999999999999999999999998"), SLICE("a99999999999999999999999999")) < 0);
    CHECK(name_compare(SLICE("1.10"), SLICE("1.9")) > 0);
    CHECK(name_compare(SLICE("a"), SLICE("a0")) < 0);
    CHECK(name_compare(SLICE("a1b"), SLICE("a1a")) > 0);
}

TEST(order__only_equal_octets_are_equal)
{
    CHECK_INT(name_compare(SLICE("abc"), SLICE("abc")), 0);
    CHECK(name_compare(SLICE("ABC"), SLICE("abc")) != 0);
    CHECK(name_compare(SLICE("a01"), SLICE("a1")) != 0);
    CHECK((name_compare(SLICE("a01"), SLICE("a1")) < 0) == (name_compare(SLICE("a1"), SLICE("a01")) > 0));
    CHECK(name_compare(SLICE("abc"), SLICE("ABD")) < 0);
}
