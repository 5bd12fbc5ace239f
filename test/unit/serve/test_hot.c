/*
 * test_hot.c - the hot cache: when an entry comes, and that every change by anyone ends it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "inn.h"

static struct inn *inn;

/* Where others' changes are not reported (overlay and network file systems) there is no cache. */
static void begin(void)
{
    inn = inn_open("");
    if (store_reports_changes(inn->folder.store))
        return;
    inn_close(inn);
    SKIP();
}

/* Written an hour ago, so that its tag is strong at once. */
static void write_old(const char *name, const char *content)
{
    struct timespec times[2] = {{.tv_nsec = UTIME_NOW}, {.tv_sec = clock_real_s() - 3600}};

    folder_write(&inn->folder, name, content);
    CHECK_INT(utimensat(inn->folder.fd, name, times, 0), 0);
}

/* ---- when an entry comes ---- */

TEST(hot__an_entry_comes_with_the_second_request_and_answers_the_third)
{
    begin();
    write_old("f.txt", "hello");
    CHECK_INT(inn_get(inn, "/f.txt"), 200);
    CHECK_FALSE(inn->was_hot);
    usleep(20000);
    CHECK_FALSE(inn_has_entry(inn, "/f.txt"));
    CHECK_INT(inn_get(inn, "/f.txt"), 200);
    CHECK_FALSE(inn->was_hot);
    CHECK(inn_waits_for_entry(inn, "/f.txt"));
    CHECK_INT(inn_get(inn, "/f.txt"), 200);
    CHECK(inn->was_hot);
    CHECK_SLICE(buf_slice(&inn->body), "hello");
    inn_close(inn);
}

/* All but Date, which may have moved on. */
static void without_date(char *out, size_t size)
{
    struct slice rest = buf_slice(&inn->head), line;
    size_t len = 0;

    while (slice_cut(rest, '\n', &line, &rest))
        if (!slice_starts(line, SLICE("Date: ")))
            len += (size_t)snprintf(out + len, size - len, "%.*s\n", SLICE_FMT(line));
}

TEST(hot__the_hot_answer_is_the_cold_one)
{
    char cold[2048], hot[2048];

    begin();
    write_old("f.txt", "hello");
    CHECK_INT(inn_get(inn, "/f.txt"), 200);
    without_date(cold, sizeof(cold));
    CHECK(inn_get_hot(inn, "/f.txt"));
    without_date(hot, sizeof(hot));
    CHECK_STR(hot, cold);
    CHECK_INT(strlen(inn_field(inn, "Date")), 29);
    inn_close(inn);
}

TEST(hot__head_and_conditions_are_answered_from_it)
{
    char field[100];

    begin();
    write_old("f", "hello");
    CHECK(inn_get_hot(inn, "/f"));
    snprintf(field, sizeof(field), "If-None-Match: %s\r\n", inn_field(inn, "ETag"));
    CHECK_INT(inn_ask(inn, "HEAD", "/f", ""), 200);
    CHECK(inn->was_hot);
    CHECK_STR(inn_field(inn, "Content-Length"), "5");
    CHECK_INT(inn_ask(inn, "GET", "/f", field), 304);
    CHECK(inn->was_hot);
    CHECK(strstr(field, inn_field(inn, "ETag")));
    CHECK_STR(inn_field(inn, "Cache-Control"), "no-cache");
    CHECK_STR(inn_field(inn, "Content-Type"), "(none)");
    CHECK_INT(strlen(inn_field(inn, "Date")), 29);
    CHECK_INT(inn_ask(inn, "GET", "/f", "If-None-Match: \"other\"\r\n"), 200);
    CHECK(inn->was_hot);
    CHECK_SLICE(buf_slice(&inn->body), "hello");
    inn_close(inn);
}

TEST(hot__what_it_cannot_answer_goes_the_long_way_and_leaves_it)
{
    static const struct {
        const char *fields;
        int status;
    } rows[] = {{"Range: bytes=1-2\r\n", 206},
                {"If-Match: \"other\"\r\n", 412},
                {"If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n", 412},
                {"Range: bytes=9-\r\n", 416}};

    begin();
    write_old("f", "hello");
    CHECK(inn_get_hot(inn, "/f"));
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        CHECK_INT(inn_ask(inn, "GET", "/f", rows[i].fields), rows[i].status);
        CHECK_FALSE(inn->was_hot);
        CHECK(inn_has_entry(inn, "/f"));
    }
    inn_close(inn);
}

TEST(hot__a_304_brings_an_entry_too)
{
    char field[100];

    begin();
    write_old("f", "hello");
    CHECK_INT(inn_get(inn, "/f"), 200);
    snprintf(field, sizeof(field), "If-None-Match: %s\r\n", inn_field(inn, "ETag"));
    CHECK_INT(inn_ask(inn, "GET", "/f", field), 304);
    CHECK_FALSE(inn->was_hot);
    CHECK(inn_waits_for_entry(inn, "/f"));
    CHECK_INT(inn_get(inn, "/f"), 200);
    CHECK(inn->was_hot);
    CHECK_SLICE(buf_slice(&inn->body), "hello");
    inn_close(inn);
}

TEST(hot__another_host_or_query_is_another_entry)
{
    begin();
    write_old("f", "hello");
    CHECK(inn_get_hot(inn, "/f"));
    CHECK_FALSE(inn_has_entry(inn, "/f?a"));
    CHECK_FALSE(inn_has_entry(inn, "/F"));
    CHECK(inn_get_hot(inn, "/f?a"));
    CHECK(inn_has_entry(inn, "/f"));
    inn_close(inn);
}

/* ---- what is never kept ---- */

static void never_hot(const char *target)
{
    for (unsigned i = 0; i < 8; i++) {
        CHECK_INT(inn_get(inn, target), 200);
        CHECK_FALSE(inn->was_hot);
        usleep(3000);
    }
}

TEST(hot__links_and_large_files_are_never_kept)
{
    int fd;

    begin();
    write_old("f", "hello");
    CHECK_INT(symlinkat("f", inn->folder.fd, "soft"), 0);
    write_old("two", "hello");
    CHECK_INT(linkat(inn->folder.fd, "two", inn->folder.fd, "names", 0), 0);
    write_old("large", "");
    fd = openat(inn->folder.fd, "large", O_WRONLY | O_CLOEXEC);
    CHECK_INT(ftruncate(fd, 128 * 1024 + 1), 0);
    close(fd);
    never_hot("/soft");
    never_hot("/two");
    never_hot("/large");
    inn_close(inn);
}

/* ---- every change ends it ---- */

static const char *const target = "/a/b/f";

static void at_file(int flags, int (*act)(int fd))
{
    int fd = openat(inn->folder.fd, "a/b/f", flags | O_CLOEXEC);

    CHECK(fd >= 0);
    CHECK(act(fd) >= 0);
    close(fd);
}

static int put_same_size(int fd)
{
    return (int)pwrite(fd, "HELLO", 5, 0);
}

static int put_at_end(int fd)
{
    return (int)pwrite(fd, "!", 1, 5);
}

static int cut(int fd)
{
    return ftruncate(fd, 2);
}

static int no_mode(int fd)
{
    return fchmod(fd, 0600);
}

static void write_in_place(void)
{
    at_file(O_WRONLY, put_same_size);
}

static void append(void)
{
    at_file(O_WRONLY, put_at_end);
}

static void truncate_it(void)
{
    at_file(O_WRONLY, cut);
}

static void change_mode(void)
{
    at_file(O_RDONLY, no_mode);
}

static void touch(void)
{
    CHECK_INT(utimensat(inn->folder.fd, "a/b/f", NULL, 0), 0);
}

static void rename_over(void)
{
    folder_write(&inn->folder, "new", "other");
    CHECK_INT(renameat(inn->folder.fd, "new", inn->folder.fd, "a/b/f"), 0);
}

static void exchange_with_another(void)
{
    folder_write(&inn->folder, "new", "other");
    CHECK_INT(renameat2(inn->folder.fd, "new", inn->folder.fd, "a/b/f", RENAME_EXCHANGE), 0);
}

static void unlink_it(void)
{
    CHECK_INT(unlinkat(inn->folder.fd, "a/b/f", 0), 0);
}

static void rename_away(void)
{
    CHECK_INT(renameat(inn->folder.fd, "a/b/f", inn->folder.fd, "a/b/g"), 0);
}

static void move_ancestor(void)
{
    CHECK_INT(renameat(inn->folder.fd, "a", inn->folder.fd, "z"), 0);
}

static void move_parent_out(void)
{
    CHECK_INT(renameat(inn->folder.fd, "a/b", inn->folder.fd, "z"), 0);
}

static void replace_ancestor(void)
{
    CHECK_INT(mkdirat(inn->folder.fd, "x", 0755), 0);
    CHECK_INT(mkdirat(inn->folder.fd, "x/b", 0755), 0);
    folder_write(&inn->folder, "x/b/f", "other");
    CHECK_INT(renameat2(inn->folder.fd, "x", inn->folder.fd, "a", RENAME_EXCHANGE), 0);
}

static void link_in_place_of_ancestor(void)
{
    move_ancestor();
    CHECK_INT(symlinkat("z", inn->folder.fd, "a"), 0);
}

static void change_mode_of_parent(void)
{
    CHECK_INT(fchmodat(inn->folder.fd, "a/b", 0700, 0), 0);
}

static void change_mode_of_ancestor(void)
{
    CHECK_INT(fchmodat(inn->folder.fd, "a", 0700, 0), 0);
}

static void add_a_name(void)
{
    CHECK_INT(linkat(inn->folder.fd, "a/b/f", inn->folder.fd, "second", 0), 0);
}

static const struct change {
    const char *what;
    void (*act)(void);
    int status;
    const char *content; /* what a 200 brings */
    bool stays_cold;     /* and it may not be kept any more */
} changes[] = {
    {"written in place", write_in_place, 200, "HELLO", false},
    {"appended to", append, 200, "hello!", false},
    {"truncated", truncate_it, 200, "he", false},
    {"its mode changed", change_mode, 200, "hello", false},
    {"touched", touch, 200, "hello", false},
    {"renamed over", rename_over, 200, "other", false},
    {"exchanged", exchange_with_another, 200, "other", false},
    {"unlinked", unlink_it, 404, NULL, false},
    {"renamed away", rename_away, 404, NULL, false},
    {"an ancestor moved", move_ancestor, 404, NULL, false},
    {"its parent moved out", move_parent_out, 404, NULL, false},
    {"an ancestor replaced", replace_ancestor, 200, "other", false},
    {"an ancestor became a link", link_in_place_of_ancestor, 200, "hello", true},
    {"its parent's mode changed", change_mode_of_parent, 200, "hello", false},
    {"an ancestor's mode changed", change_mode_of_ancestor, 200, "hello", false},
    {"it got a second name", add_a_name, 200, "hello", true},
};

static void change_ends_it(const struct change *change)
{
    begin();
    CHECK_INT(mkdirat(inn->folder.fd, "a", 0755), 0);
    CHECK_INT(mkdirat(inn->folder.fd, "a/b", 0755), 0);
    write_old("a/b/f", "hello");
    CHECK(inn_get_hot(inn, target));
    change->act();
    inn_get(inn, target);
    if (inn->was_hot || inn->status != change->status)
        fail_msg("%s: %d, %s", change->what, inn->status, inn->was_hot ? "still hot" : "not hot");
    if (change->content)
        CHECK_SLICE(buf_slice(&inn->body), change->content);
    if (change->stays_cold)
        never_hot(target);
    else if (change->content && !inn_get_hot(inn, target))
        fail_msg("%s: never hot again", change->what);
    inn_close(inn);
}

TEST(hot__every_change_by_others_ends_the_entry_before_the_next_answer)
{
    for (unsigned i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
        change_ends_it(&changes[i]);
}

TEST(hot__what_happens_to_others_leaves_it)
{
    begin();
    CHECK_INT(mkdirat(inn->folder.fd, "a", 0755), 0);
    write_old("a/f", "hello");
    CHECK(inn_get_hot(inn, "/a/f"));
    folder_write(&inn->folder, "a/g", "x");
    folder_write(&inn->folder, "g", "x");
    CHECK_INT(unlinkat(inn->folder.fd, "a/g", 0), 0);
    CHECK_INT(renameat(inn->folder.fd, "g", inn->folder.fd, "a/ff"), 0);
    CHECK_INT(inn_get(inn, "/a/f"), 200);
    CHECK(inn->was_hot);
    inn_close(inn);
}

TEST(hot__index_html_stands_in_for_its_folder_until_it_goes)
{
    begin();
    CHECK_INT(mkdirat(inn->folder.fd, "d", 0755), 0);
    write_old("d/index.html", "home");
    CHECK(inn_get_hot(inn, "/d/"));
    CHECK_SLICE(buf_slice(&inn->body), "home");
    CHECK_INT(unlinkat(inn->folder.fd, "d/index.html", 0), 0);
    CHECK_FALSE(inn_has_entry(inn, "/d/"));
    inn_close(inn);
}

/* A store through a mapping makes no event; the open file is looked at once a second. */
TEST(hot__a_change_through_a_mapping_is_seen_before_long)
{
    char *map;
    int fd;

    begin();
    write_old("f", "hello");
    CHECK(inn_get_hot(inn, "/f"));
    fd = openat(inn->folder.fd, "f", O_RDWR | O_CLOEXEC);
    map = mmap(NULL, 5, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CHECK(map != MAP_FAILED);
    map[0] = 'J';
    CHECK_INT(munmap(map, 5), 0);
    close(fd);
    for (unsigned i = 0; i < 500; i++) {
        CHECK_INT(inn_get(inn, "/f"), 200);
        if (inn->body.ptr[0] == 'J')
            break;
        usleep(10000);
    }
    CHECK_SLICE(buf_slice(&inn->body), "Jello");
    inn_close(inn);
}

/* ---- more than the kernel keeps ---- */

static unsigned queue_length(void)
{
    FILE *file = fopen("/proc/sys/fs/inotify/max_queued_events", "r");
    unsigned length = 0;

    if (!file || fscanf(file, "%u", &length) != 1)
        length = 0;
    if (file)
        fclose(file);
    return length;
}

/* Notifications for names that nobody asked for; no two alike in a row, since those are merged. */
static void make_noise(unsigned pairs)
{
    for (unsigned i = 0; i < pairs; i++) {
        int fd = openat(inn->folder.fd, "noise", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

        CHECK(fd >= 0);
        close(fd);
        CHECK_INT(unlinkat(inn->folder.fd, "noise", 0), 0);
    }
}

/* On the loop itself, which can read none of them meanwhile. */
static void make_noise_unheard(struct inn *at, void *pairs)
{
    (void)at;
    make_noise(*(unsigned *)pairs);
}

TEST(hot__lost_notifications_end_all_entries)
{
    unsigned most = queue_length(), too_many = most / 2 + 50;

    if (!most || most > 200000)
        SKIP();
    begin();
    write_old("f", "hello");
    write_old("g", "hello");
    CHECK(inn_get_hot(inn, "/f"));
    CHECK(inn_get_hot(inn, "/g"));
    make_noise(50);
    CHECK_INT(inn_get(inn, "/f"), 200);
    CHECK(inn->was_hot);
    inn_on_loop(inn, make_noise_unheard, &too_many);
    CHECK_INT(inn_get(inn, "/f"), 200);
    CHECK_FALSE(inn->was_hot);
    CHECK_FALSE(inn_has_entry(inn, "/g"));
    CHECK(inn_get_hot(inn, "/f"));
    inn_close(inn);
}

static void clear(struct inn *at, void *arg)
{
    (void)arg;
    role_assert_loop();
    hot_clear(at->station.hot);
}

TEST(hot__a_new_configuration_ends_all_entries)
{
    begin();
    write_old("f", "hello");
    CHECK(inn_get_hot(inn, "/f"));
    inn_on_loop(inn, clear, NULL);
    CHECK_INT(inn_get(inn, "/f"), 200);
    CHECK_FALSE(inn->was_hot);
    CHECK(inn_get_hot(inn, "/f"));
    inn_close(inn);
}

/* ---- limits ---- */

static bool has_descriptors(rlim_t wanted)
{
    struct rlimit limit;

    CHECK_INT(getrlimit(RLIMIT_NOFILE, &limit), 0);
    if (limit.rlim_cur >= wanted)
        return true;
    limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
    return limit.rlim_cur >= wanted && setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

static void fill_with(unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        char at[32];

        snprintf(at, sizeof(at), "/f?%u", i);
        CHECK_INT(inn_get(inn, at), 200);
        CHECK_INT(inn_get(inn, at), 200);
        CHECK(inn_waits_for_entry(inn, at));
    }
}

static unsigned count_kept(unsigned count)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < count; i++) {
        char at[32];

        snprintf(at, sizeof(at), "/f?%u", i);
        kept += inn_has_entry(inn, at);
    }
    return kept;
}

TEST(hot__keeps_2048_entries_and_drops_the_oldest)
{
    enum { KEPT = 2048, MORE = 20 };

    if (!has_descriptors(KEPT + 500))
        SKIP();
    begin();
    write_old("f", "hello");
    fill_with(KEPT + MORE);
    CHECK_INT(count_kept(KEPT + MORE), KEPT);
    CHECK_FALSE(inn_has_entry(inn, "/f?0"));
    CHECK_FALSE(inn_has_entry(inn, "/f?19"));
    CHECK(inn_has_entry(inn, "/f?20"));
    inn_close(inn);
}

TEST(hot__keeps_64_mebibytes_and_drops_the_oldest)
{
    enum { CONTENT = 128 * 1024, KEPT = 64 * 1024 * 1024 / CONTENT, MORE = 8 };
    size_t kept;
    int fd;

    begin();
    write_old("f", "");
    fd = openat(inn->folder.fd, "f", O_WRONLY | O_CLOEXEC);
    CHECK_INT(ftruncate(fd, CONTENT), 0);
    close(fd);
    usleep(20000); /* its tag is weak until the clock has ticked */
    fill_with(KEPT + MORE);
    kept = 64 * 1024 * 1024 / (CONTENT + inn->head.len); /* the heads count too */
    CHECK_INT(count_kept(KEPT + MORE), kept);
    CHECK_FALSE(inn_has_entry(inn, "/f?0"));
    inn_close(inn);
}

/* ---- never stale ---- */

/*
 * A writer and a reader in turns, faster than entries are made: whatever the cache was about to keep, the
 * answer to a request that was sent after a write was acknowledged is the written content.
 */
TEST(hot__no_answer_is_older_than_the_write_before_it)
{
    unsigned hot = 0;

    begin();
    for (unsigned i = 0; i < 600; i++) {
        char content[32];

        snprintf(content, sizeof(content), "%06u", i);
        if (i % 3 == 0) {
            folder_write(&inn->folder, "new", content);
            CHECK_INT(renameat(inn->folder.fd, "new", inn->folder.fd, "f"), 0);
        } else {
            int fd = openat(inn->folder.fd, "f", O_WRONLY | O_CLOEXEC);

            CHECK_INT(pwrite(fd, content, 6, 0), 6);
            close(fd);
        }
        if (i % 70 == 6)
            usleep(25000); /* its tag is strong by then, so it may be kept */
        for (unsigned k = 0; k < 1 + i % 7; k++) {
            CHECK_INT(inn_get(inn, "/f"), 200);
            CHECK_SLICE(buf_slice(&inn->body), content);
            hot += inn->was_hot;
            if (i % 70 == 6)
                usleep(3000);
        }
    }
    CHECK(hot > 0); /* or it was no test of the cache */
    inn_close(inn);
}
