/*
 * test_hot_folder.c - hot folders: when PROPFIND is answered from what is known, and that every change by anyone ends
 * it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "inn.h"

static struct inn *inn;
static uint64_t found_ms; /* when what is known was looked at, at the earliest */

static void make_old(const char *name)
{
    struct timespec times[2] = {{.tv_nsec = UTIME_NOW}, {.tv_sec = clock_real_s() - 3600}};

    CHECK_INT(utimensat(inn->folder.fd, name, times, 0), 0);
}

static void write_old(const char *name, const char *content)
{
    folder_write(&inn->folder, name, content);
    make_old(name);
}

static void make(const char *name)
{
    CHECK_INT(mkdirat(inn->folder.fd, name, 0755), 0);
}

/* a/d with the files f and h, and the folder sub with the file g. */
static void begin(void)
{
    inn = inn_open("");
    if (!store_reports_changes(inn->folder.store)) {
        inn_close(inn);
        SKIP();
    }
    make("a");
    make("a/d");
    make("a/d/sub");
    write_old("a/d/f", "hello");
    write_old("a/d/h", "hello");
    write_old("a/d/sub/g", "hello");
    make_old("a/d/sub");
    make_old("a/d");
}

static int find(const char *target, unsigned depth)
{
    return inn_ask(inn, "PROPFIND", target, depth ? "Depth: 1\r\n" : "Depth: 0\r\n");
}

/* Asks until the answer is from what is known. */
static bool find_hot(const char *target, unsigned depth)
{
    uint64_t before_ms = clock_mono_ms();

    for (unsigned i = 0; i < 2000; i++) {
        find(target, depth);
        if (inn->was_hot)
            return true;
        found_ms = before_ms;
        before_ms = clock_mono_ms();
        usleep(5000);
    }
    return false;
}

/* It was answered from what is known, unless this machine is so slow that that is too old by now. */
static bool is_still_hot(void)
{
    return inn->was_hot || clock_mono_ms() - found_ms > 700;
}

static bool shows(const char *text)
{
    return strstr(buf_str(&inn->body), text) != NULL;
}

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

/* ---- every change ends it ---- */

static int at_f(int flags, int (*act)(int fd))
{
    int fd = openat(inn->folder.fd, "a/d/f", flags | O_CLOEXEC), got = act(fd);

    close(fd);
    return got;
}

static int put_same_size(int fd)
{
    return pwrite(fd, "HELLO", 5, 0) == 5 ? 0 : -1;
}

static int put_at_end(int fd)
{
    return pwrite(fd, "!", 1, 5) == 1 ? 0 : -1;
}

static int cut(int fd)
{
    return ftruncate(fd, 2);
}

static int executable(int fd)
{
    return fchmod(fd, 0755);
}

static int write_in_place(void)
{
    return at_f(O_WRONLY, put_same_size);
}

static int append(void)
{
    return at_f(O_WRONLY, put_at_end);
}

static int truncate_it(void)
{
    return at_f(O_WRONLY, cut);
}

static int change_mode(void)
{
    return at_f(O_RDONLY, executable);
}

static int touch(void)
{
    return utimensat(inn->folder.fd, "a/d/f", NULL, 0);
}

static int rename_over(void)
{
    folder_write(&inn->folder, "new", "other");
    return renameat(inn->folder.fd, "new", inn->folder.fd, "a/d/f");
}

static int exchange_it(void)
{
    folder_write(&inn->folder, "new", "other");
    return renameat2(inn->folder.fd, "new", inn->folder.fd, "a/d/f", RENAME_EXCHANGE);
}

static int unlink_it(void)
{
    return unlinkat(inn->folder.fd, "a/d/f", 0);
}

static int rename_within(void)
{
    return renameat(inn->folder.fd, "a/d/f", inn->folder.fd, "a/d/ff");
}

static int rename_out(void)
{
    return renameat(inn->folder.fd, "a/d/f", inn->folder.fd, "f");
}

static int create(void)
{
    folder_write(&inn->folder, "a/d/new", "");
    return 0;
}

static int make_folder(void)
{
    return mkdirat(inn->folder.fd, "a/d/new", 0755);
}

static int make_link(void)
{
    return symlinkat("h", inn->folder.fd, "a/d/new");
}

static int give_a_name_here(void)
{
    folder_write(&inn->folder, "new", "other");
    return linkat(inn->folder.fd, "new", inn->folder.fd, "a/d/new", 0);
}

static int create_in_member(void)
{
    folder_write(&inn->folder, "a/d/sub/new", "");
    return 0;
}

static int delete_in_member(void)
{
    return unlinkat(inn->folder.fd, "a/d/sub/g", 0);
}

static int rename_in_member(void)
{
    return renameat(inn->folder.fd, "a/d/sub/g", inn->folder.fd, "a/d/sub/gg");
}

static int touch_member(void)
{
    return utimensat(inn->folder.fd, "a/d/sub", NULL, 0);
}

static int move_member_out(void)
{
    return renameat(inn->folder.fd, "a/d/sub", inn->folder.fd, "sub");
}

static int touch_folder(void)
{
    return utimensat(inn->folder.fd, "a/d", NULL, 0);
}

static int move_folder(void)
{
    return renameat(inn->folder.fd, "a/d", inn->folder.fd, "a/e");
}

static int move_ancestor(void)
{
    return renameat(inn->folder.fd, "a", inn->folder.fd, "z");
}

static int replace_ancestor(void)
{
    make("x");
    make("x/d");
    return renameat2(inn->folder.fd, "x", inn->folder.fd, "a", RENAME_EXCHANGE);
}

static const struct change {
    const char *what;
    int (*act)(void);
    int status;
} changes[] = {
    {"written in place", write_in_place, 207},
    {"appended to", append, 207},
    {"truncated", truncate_it, 207},
    {"its mode changed", change_mode, 207},
    {"touched", touch, 207},
    {"renamed over", rename_over, 207},
    {"exchanged", exchange_it, 207},
    {"unlinked", unlink_it, 207},
    {"renamed", rename_within, 207},
    {"renamed away", rename_out, 207},
    {"a new file", create, 207},
    {"a new folder", make_folder, 207},
    {"a new link", make_link, 207},
    {"a file got a name here", give_a_name_here, 207},
    {"a new file in a member", create_in_member, 207},
    {"a file in a member deleted", delete_in_member, 207},
    {"a file in a member renamed", rename_in_member, 207},
    {"a member touched", touch_member, 207},
    {"a member moved out", move_member_out, 207},
    {"itself touched", touch_folder, 207},
    {"itself moved", move_folder, 404},
    {"an ancestor moved", move_ancestor, 404},
    {"an ancestor replaced", replace_ancestor, 207},
};

static void change_ends_it(const struct change *change)
{
    char *before;

    begin();
    CHECK(find_hot("/a/d/", 1));
    before = buf_take(&inn->body);
    inn->body = BUF_INIT(1024 * 1024);
    CHECK_INT(change->act(), 0);
    find("/a/d/", 1);
    if (inn->was_hot || inn->status != change->status)
        fail_msg("%s: %d, %s", change->what, inn->status, inn->was_hot ? "still hot" : "not hot");
    if (strcmp(before, buf_str(&inn->body)) == 0)
        fail_msg("%s: as before", change->what);
    free(before);
    inn_close(inn);
}

TEST(hot_folder__every_change_by_others_ends_it_before_the_next_answer)
{
    for (unsigned i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
        change_ends_it(&changes[i]);
}

TEST(hot_folder__what_changes_nothing_of_it_leaves_it)
{
    begin();
    CHECK(find_hot("/a/d/", 1));
    folder_write(&inn->folder, "a/d/sub/g", "in place");
    folder_write(&inn->folder, "a/new", "x");
    folder_write(&inn->folder, "new", "x");
    CHECK_INT(find("/a/d/", 1), 207);
    CHECK(is_still_hot());
    inn_close(inn);
}

TEST(hot_folder__each_of_many_member_folders_is_watched)
{
    char name[40], *before;

    begin();
    for (unsigned i = 0; i < 40; i++) {
        snprintf(name, sizeof(name), "a/d/many-%u", i);
        make(name);
        make_old(name);
    }
    for (unsigned i = 0; i < 40; i += 13) {
        CHECK(find_hot("/a/d/", 1));
        before = buf_take(&inn->body);
        inn->body = BUF_INIT(1024 * 1024);
        snprintf(name, sizeof(name), "a/d/many-%u/x", i);
        folder_write(&inn->folder, name, "");
        CHECK_INT(find("/a/d/", 1), 207);
        CHECK_FALSE(inn->was_hot);
        CHECK(strcmp(before, buf_str(&inn->body)) != 0);
        free(before);
    }
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
