/*
 * test_hot_folder.c - hot folders: when PROPFIND is answered from what is known, and what that is.
 */
#include <sys/mman.h>

#include "finds.h"

/* ---- when there is one ---- */

TEST(hot_folder__the_known_answer_is_the_cold_one)
{
    static const char *const bodies[] = {
        "", "<propfind xmlns='DAV:'><propname/></propfind>",
        "<propfind xmlns='DAV:'><prop><getetag/><x xmlns='urn:y'/><getlastmodified/></prop></propfind>"};
    char fields[400], *cold;

    begin();
    for (unsigned i = 0; i < 3; i++) {
        snprintf(fields, sizeof(fields), "Depth: 1\r\nContent-Length: %zu\r\n\r\n%s", strlen(bodies[i]) + 2, bodies[i]);
        if (!*bodies[i])
            snprintf(fields, sizeof(fields), "Depth: 1\r\n");
        usleep(1100000); /* what is known is too old by then */
        CHECK_INT(inn_ask(inn, "PROPFIND", "/a/d/", fields), 207);
        CHECK_FALSE(inn->was_hot);
        cold = buf_take(&inn->body);
        inn->body = BUF_INIT(1024 * 1024);
        CHECK(find_hot("/a/d/", 1));
        CHECK_INT(inn_ask(inn, "PROPFIND", "/a/d/", fields), 207);
        CHECK(is_still_hot());
        CHECK_STR(buf_str(&inn->body), cold);
        CHECK_STR(inn_field(inn, "Content-Type"), "application/xml; charset=\"utf-8\"");
        free(cold);
    }
    inn_close(inn);
}

TEST(hot_folder__what_is_in_it_is_known_alone_too)
{
    begin();
    CHECK(find_hot("/a/d/", 1));
    CHECK_INT(find("/a/d/f", 0), 207);
    CHECK(is_still_hot());
    CHECK(shows("<D:href>/a/d/f</D:href>") && shows("<D:getcontentlength>5<"));
    CHECK_INT(find("/a/d/f", 1), 207);
    CHECK(is_still_hot());
    CHECK_INT(find("/a/d/sub", 0), 207);
    CHECK(is_still_hot());
    CHECK(shows("<D:href>/a/d/sub/</D:href>"));
    CHECK_STR(inn_field(inn, "Content-Location"), "/a/d/sub/");
    CHECK_INT(find("/a/d", 0), 207);
    CHECK(is_still_hot());
    CHECK_INT(find("/a/d/f/", 0), 404);
    CHECK_INT(find("/a/d/nothing", 0), 404);
    CHECK_INT(find("/a/d/sub/", 1), 207);
    CHECK_FALSE(inn->was_hot);
    inn_close(inn);
}

TEST(hot_folder__the_root_is_one_too)
{
    begin();
    CHECK(find_hot("/", 1));
    CHECK(shows("<D:href>/a/</D:href>"));
    CHECK_FALSE(shows(".samovar"));
    write_old("new", "x");
    CHECK_INT(find("/", 1), 207);
    CHECK_FALSE(inn->was_hot);
    CHECK(shows("<D:href>/new</D:href>"));
    inn_close(inn);
}

static void never_hot(const char *target)
{
    for (unsigned i = 0; i < 10; i++) {
        CHECK_INT(find(target, 1), 207);
        CHECK_FALSE(inn->was_hot);
        usleep(3000);
    }
}

TEST(hot_folder__what_inotify_cannot_vouch_for_is_not_kept)
{
    begin();
    make("links");
    CHECK_INT(symlinkat("../a/d/f", inn->folder.fd, "links/soft"), 0);
    make("names");
    write_old("names/one", "hello");
    CHECK_INT(linkat(inn->folder.fd, "names/one", inn->folder.fd, "two", 0), 0);
    CHECK_INT(symlinkat("a", inn->folder.fd, "way"), 0);
    never_hot("/links/");
    never_hot("/names/");
    never_hot("/way/d/");
    inn_close(inn);
}

/* One watch serves both: what the file's needs must not take away what the folder's needs. */
TEST(hot_folder__a_hot_file_in_it_takes_nothing_from_it)
{
    begin();
    CHECK(find_hot("/a/d/", 1));
    CHECK(inn_get_hot(inn, "/a/d/f"));
    CHECK(find_hot("/a/d/", 1));
    folder_write(&inn->folder, "a/d/h", "in place");
    CHECK_INT(find("/a/d/", 1), 207);
    CHECK_FALSE(inn->was_hot);
    CHECK(shows("<D:getcontentlength>8<"));
    CHECK_INT(inn_get(inn, "/a/d/f"), 200);
    CHECK(is_still_hot());
    inn_close(inn);
}

/* A store through a mapping makes no event; what is known is not used for longer than a second. */
TEST(hot_folder__a_change_through_a_mapping_is_seen_before_long)
{
    char *map, *before;
    int fd;

    begin();
    CHECK(find_hot("/a/d/f", 0));
    before = buf_take(&inn->body);
    inn->body = BUF_INIT(1024 * 1024);
    fd = openat(inn->folder.fd, "a/d/f", O_RDWR | O_CLOEXEC);
    map = mmap(NULL, 5, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CHECK(map != MAP_FAILED);
    map[0] = 'J';
    CHECK_INT(munmap(map, 5), 0);
    close(fd);
    for (unsigned i = 0; i < 500; i++) {
        CHECK_INT(find("/a/d/f", 0), 207);
        if (strcmp(before, buf_str(&inn->body)) != 0)
            break;
        usleep(10000);
    }
    CHECK(strcmp(before, buf_str(&inn->body)) != 0);
    free(before);
    inn_close(inn);
}

TEST(hot_folder__is_made_anew_while_it_is_asked_for)
{
    bool was_always_hot = false;

    begin();
    for (unsigned tries = 0; tries < 10 && !was_always_hot; tries++) { /* a busy machine may be late with it */
        CHECK(find_hot("/a/d/", 1));
        was_always_hot = true;
        for (unsigned i = 0; i < 150; i++, usleep(10000)) { /* more than what was known then is used for */
            CHECK_INT(find("/a/d/", 1), 207);
            was_always_hot &= inn->was_hot;
        }
    }
    CHECK(was_always_hot);
    inn_close(inn);
}

static void clear(struct inn *at, void *arg)
{
    (void)arg;
    role_assert_loop();
    hot_clear(at->station.hot);
}

TEST(hot_folder__what_ends_all_entries_ends_it)
{
    begin();
    CHECK(find_hot("/a/d/", 1));
    inn_on_loop(inn, clear, NULL);
    CHECK_INT(find("/a/d/", 1), 207);
    CHECK_FALSE(inn->was_hot);
    inn_close(inn);
}

/* ---- what it does not know ---- */

static void patch(const char *target, const char *prop)
{
    char fields[600], body[400];

    snprintf(body, sizeof(body), "<propertyupdate xmlns='DAV:'><set><prop>%s</prop></set></propertyupdate>", prop);
    snprintf(fields, sizeof(fields), "Content-Length: %zu\r\n\r\n%s", strlen(body) + 2, body);
    CHECK_INT(inn_ask(inn, "PROPPATCH", target, fields), 207);
}

static int find_some(const char *props)
{
    char fields[600], body[400];

    snprintf(body, sizeof(body), "<propfind xmlns='DAV:'><prop>%s</prop></propfind>", props);
    snprintf(fields, sizeof(fields), "Depth: 1\r\nContent-Length: %zu\r\n\r\n%s", strlen(body) + 2, body);
    return inn_ask(inn, "PROPFIND", "/a/d/", fields);
}

TEST(hot_folder__recorded_properties_are_told_at_once_and_known_later)
{
    begin();
    CHECK(find_hot("/a/d/", 1));
    for (unsigned i = 0; i < 3; i++) {
        char prop[60], told[20];

        snprintf(prop, sizeof(prop), "<x xmlns='urn:y'>dead %u</x>", i);
        snprintf(told, sizeof(told), ">dead %u<", i);
        patch("/a/d/h", prop);
        CHECK_INT(find("/a/d/", 1), 207);
        CHECK_FALSE(inn->was_hot);
        CHECK(shows(told));
        CHECK(find_hot("/a/d/", 1));
        CHECK(shows(told));
        CHECK_INT(find("/a/d/h", 0), 207);
        CHECK(shows(told));
        CHECK_INT(find("/a/d/f", 0), 207);
        CHECK_FALSE(shows("dead"));
    }
    patch("/a/d/h", "<getcontenttype>a/b</getcontenttype>");
    CHECK_INT(find_some("<getcontenttype/>"), 207);
    CHECK(shows(">a/b<"));
    CHECK(find_hot("/a/d/", 1));
    CHECK(shows(">a/b<") && shows(">dead 2<"));
    patch("/a/d/", "<x xmlns='urn:y'>folder</x>");
    CHECK_INT(find("/a/d/", 0), 207);
    CHECK(shows(">folder<"));
    CHECK(find_hot("/a/d/", 0));
    CHECK(shows(">folder<"));
    CHECK_INT(find_some("<quota-available-bytes/>"), 207);
    CHECK_FALSE(inn->was_hot);
    inn_close(inn);
}

/* Records of one resource end what is known of all; what facts alone tell is known all the same. */
TEST(hot_folder__facts_are_known_whatever_is_recorded)
{
    begin();
    patch("/a/d/h", "<x xmlns='urn:y'>dead</x>");
    CHECK(find_hot("/a/d/", 1));
    folder_write(&inn->folder, "new", "");
    patch("/new", "<x xmlns='urn:y'>elsewhere</x>");
    CHECK_INT(find_some("<getetag/>"), 207);
    CHECK(is_still_hot());
    CHECK_INT(find_some("<x xmlns='urn:y'/>"), 207);
    CHECK_FALSE(inn->was_hot);
    CHECK(shows(">dead<"));
    inn_close(inn);
}

TEST(hot_folder__locks_are_told_at_once)
{
    static const char *const body = "<lockinfo xmlns='DAV:'><lockscope><exclusive/></lockscope>"
                                    "<locktype><write/></locktype></lockinfo>";
    char fields[400];

    begin();
    CHECK(find_hot("/a/d/", 1));
    CHECK_FALSE(shows("activelock"));
    snprintf(fields, sizeof(fields), "Content-Length: %zu\r\n\r\n%s", strlen(body) + 2, body);
    CHECK_INT(inn_ask(inn, "LOCK", "/a/d/h", fields), 200);
    CHECK_INT(find("/a/d/", 1), 207);
    CHECK(shows("activelock"));
    CHECK(find_hot("/a/d/", 1));
    CHECK(shows("<D:lockroot><D:href>/a/d/h<"));
    CHECK_INT(find("/a/d/f", 0), 207);
    CHECK_FALSE(shows("activelock"));
    inn_close(inn);
}

TEST(hot_folder__conditions_go_the_long_way)
{
    begin();
    CHECK(find_hot("/a/d/", 1));
    CHECK_INT(inn_ask(inn, "PROPFIND", "/a/d/", "Depth: 1\r\nIf: (<urn:uuid:1>)\r\n"), 412);
    CHECK_INT(inn_ask(inn, "PROPFIND", "/a/d/", "Depth: 2\r\n"), 400);
    CHECK_INT(inn_ask(inn, "PROPFIND", "/a/d/", "Depth: 1\r\nContent-Length: 3\r\n\r\n<"), 400);
    CHECK_INT(find("/a/d/", 1), 207);
    CHECK(is_still_hot());
    inn_close(inn);
}
