/*
 * test_multistatus.c - one answer about many resources, over a real store.
 */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "asked.h"
#include "base/role.h"
#include "dav/dav.h"
#include "folder.h"

enum { ALL_MAX = 64 << 20 };

struct hall {
    struct folder folder;
    struct conf *conf;
    struct arena arena;
    struct prop_plan plan;
    struct multistatus_options options;
    struct buf text; /* all of an answer */
    size_t largest;  /* piece of it */
};

static void hall_open(struct hall *hall, const char *site)
{
    struct propfind_body body = {.kind = PROPFIND_ALL};

    *hall = (struct hall){.conf = conf_of_site(site), .text = BUF_INIT(ALL_MAX)};
    folder_make(&hall->folder);
    folder_serve(&hall->folder, NULL);
    CHECK_INT(dav_plan(&body, false, &hall->arena, &hall->plan).status, 0);
    hall->options = (struct multistatus_options){.store = hall->folder.store,
                                                 .site = &hall->conf->sites[0],
                                                 .asker = {.is_loopback = true},
                                                 .plan = &hall->plan};
}

static void hall_close(struct hall *hall)
{
    folder_remove(&hall->folder);
    conf_unref(hall->conf);
    arena_release(&hall->arena);
    buf_release(&hall->text);
}

/* A folder below the served one. */
static void make(struct hall *hall, const char *name)
{
    CHECK_INT(mkdirat(hall->folder.fd, name, 0755), 0);
}

static void pull(struct hall *hall, struct multistatus *multi, size_t room)
{
    bool done = false;

    role_assert_worker();
    buf_clear(&hall->text);
    hall->largest = 0;
    while (!done) {
        struct buf piece = BUF_INIT(room);

        CHECK_INT(multistatus_fill(multi, &piece, &done), ERR_NONE);
        CHECK(done || piece.len);
        hall->largest = piece.len > hall->largest ? piece.len : hall->largest;
        buf_add(&hall->text, buf_slice(&piece));
        buf_release(&piece);
    }
    multistatus_close(multi);
}

static const char *walked(struct hall *hall, const char *path, unsigned depth)
{
    struct multistatus *multi;
    struct facts target;

    role_assert_worker();
    hall->options.path = path_of(path);
    CHECK_INT(multistatus_open(&hall->options, depth, &target, &multi), ERR_NONE);
    pull(hall, multi, MULTISTATUS_FILL_MAX);
    return buf_str(&hall->text);
}

static unsigned times(const char *text, const char *what)
{
    unsigned count = 0;

    for (const char *at = text; (at = strstr(at, what)); at++)
        count++;
    return count;
}

static bool tells(const struct hall *hall, const char *href)
{
    struct buf line = BUF_INIT(256);
    bool found;

    buf_printf(&line, "<D:href>%s</D:href>", href);
    found = memmem(hall->text.ptr, hall->text.len, line.ptr, line.len);
    buf_release(&line);
    return found;
}

TEST(multistatus__tells_each_resource_to_its_depth)
{
    struct hall hall;

    hall_open(&hall, "");
    make(&hall, "a");
    make(&hall, "a/b");
    folder_write(&hall.folder, "a/f", "1");
    folder_write(&hall.folder, "a/b/g", "2");
    CHECK_INT(times(walked(&hall, "a", 0), "<D:response>"), 1);
    CHECK(tells(&hall, "/a/"));
    CHECK_INT(times(walked(&hall, "a", 1), "<D:response>"), 3);
    CHECK(tells(&hall, "/a/") && tells(&hall, "/a/b/") && tells(&hall, "/a/f"));
    CHECK_INT(times(walked(&hall, "a", WALK_DEEP), "<D:response>"), 4);
    CHECK(tells(&hall, "/a/b/g"));
    CHECK_INT(times(walked(&hall, "a/f", WALK_DEEP), "<D:response>"), 1);
    hall.options.omits_target = true;
    CHECK_INT(times(walked(&hall, "a", 1), "<D:response>"), 2);
    CHECK_FALSE(tells(&hall, "/a/"));
    hall_close(&hall);
}

TEST(multistatus__what_is_not_there_is_told_before_anything_is_written)
{
    struct multistatus *multi;
    struct facts target;
    struct hall hall;

    hall_open(&hall, "");
    role_assert_worker();
    hall.options.path = path_of("none");
    CHECK_INT(multistatus_open(&hall.options, 1, &target, &multi), ERR_MISSING);
    hall_close(&hall);
}

TEST(multistatus__the_pieces_make_the_same_whole_however_they_are_taken)
{
    struct buf whole = BUF_INIT(ALL_MAX);
    struct prop_name names[] = {{XML_DAV, SLICE_INIT("resourcetype")}, {XML_DAV, SLICE_INIT("getcontentlength")}};
    struct propfind_body body = {.kind = PROPFIND_SOME, .names = names, .count = 2}; /* what does not age */
    struct multistatus *multi;
    struct facts target;
    struct hall hall;
    char name[32];

    hall_open(&hall, "");
    CHECK_INT(dav_plan(&body, false, &hall.arena, &hall.plan).status, 0);
    make(&hall, "many");
    for (int i = 0; i < 1200; i++) {
        snprintf(name, sizeof(name), "many/%d", i);
        folder_write(&hall.folder, name, "x");
    }
    buf_add_str(&whole, walked(&hall, "many", 1));
    CHECK_INT(times(buf_str(&whole), "<D:response>"), 1201);
    CHECK(hall.largest <= MULTISTATUS_FILL_MAX && whole.len > MULTISTATUS_FILL_MAX);
    role_assert_worker();
    CHECK_INT(multistatus_open(&hall.options, 1, &target, &multi), ERR_NONE);
    pull(&hall, multi, 999);
    CHECK(slice_eq(buf_slice(&hall.text), buf_slice(&whole)));
    buf_release(&whole);
    hall_close(&hall);
}

TEST(multistatus__a_client_may_leave_at_any_time)
{
    struct multistatus *multi;
    struct facts target;
    struct hall hall;
    struct buf piece = BUF_INIT(MULTISTATUS_FILL_MAX);
    bool done;

    hall_open(&hall, "");
    make(&hall, "a");
    role_assert_worker();
    CHECK_INT(multistatus_open(&hall.options, 1, &target, &multi), ERR_NONE);
    multistatus_close(multi);
    CHECK_INT(multistatus_open(&hall.options, 1, &target, &multi), ERR_NONE);
    CHECK_INT(multistatus_fill(multi, &piece, &done), ERR_NONE);
    multistatus_close(multi);
    buf_release(&piece);
    hall_close(&hall);
}

TEST(multistatus__what_is_no_file_and_no_folder_is_left_out)
{
    struct hall hall;

    hall_open(&hall, "");
    make(&hall, "a");
    folder_write(&hall.folder, "a/file", "x");
    CHECK_INT(mkfifoat(hall.folder.fd, "a/fifo", 0600), 0);
    CHECK_INT(symlinkat("nowhere", hall.folder.fd, "a/broken"), 0);
    CHECK_INT(times(walked(&hall, "a", 1), "<D:response>"), 2);
    CHECK(tells(&hall, "/a/file"));
    hall_close(&hall);
}

TEST(multistatus__rights_and_rules_below_count)
{
    struct hall hall;

    hall_open(&hall, "at \"/\" { allow \"*\" { rights = { \"read\" } } }\n"
                     "at \"/a/secret\" { allow \"bob\" { rights = { \"read\" } } }\n"
                     "at \"/a/dots\" { hidden = deny }\n");
    make(&hall, "a");
    make(&hall, "a/secret");
    make(&hall, "a/dots");
    make(&hall, "a/dots/.d");
    folder_write(&hall.folder, "a/secret/s", "x");
    folder_write(&hall.folder, "a/dots/.d/t", "x");
    folder_write(&hall.folder, "a/.shown", "x");
    CHECK_INT(times(walked(&hall, "a", WALK_DEEP), "<D:response>"), 3);
    CHECK(tells(&hall, "/a/") && tells(&hall, "/a/dots/") && tells(&hall, "/a/.shown"));
    hall.options.asker.user = SLICE("bob");
    walked(&hall, "a", WALK_DEEP);
    CHECK(tells(&hall, "/a/secret/") && tells(&hall, "/a/secret/s"));
    hall_close(&hall);
}

TEST(multistatus__changes_end_in_their_token)
{
    struct change list[] = {{.path = SLICE_INIT("a/f")},
                            {.path = SLICE_INIT("a/gone"), .is_removed = true},
                            {.path = SLICE_INIT("a/d"), .is_folder = true, .is_removed = true},
                            {.path = SLICE_INIT("a/vanished")}};
    struct change_list changes = {.list = list, .count = 4, .is_truncated = true, .mark = "m-1"};
    const char *text;
    struct hall hall;

    hall_open(&hall, "");
    make(&hall, "a");
    folder_write(&hall.folder, "a/f", "x");
    hall.options.path = path_of("a");
    role_assert_worker();
    pull(&hall, multistatus_of_changes(&hall.options, &changes), MULTISTATUS_FILL_MAX);
    text = buf_str(&hall.text);
    CHECK_INT(times(text, "<D:response>"), 5);
    CHECK(tells(&hall, "/a/f"));
    CHECK_INT(times(text, "<D:href>/a/gone</D:href><D:status>HTTP/1.1 404 Not Found</D:status>"), 1);
    CHECK_INT(times(text, "<D:href>/a/d/</D:href><D:status>HTTP/1.1 404 Not Found</D:status>"), 1);
    CHECK_INT(times(text, "<D:href>/a/vanished</D:href><D:status>HTTP/1.1 404 Not Found</D:status>"), 1);
    CHECK_INT(times(text, "<D:href>/a/</D:href><D:status>HTTP/1.1 507 Insufficient Storage</D:status><D:error>"
                          "<D:number-of-matches-within-limits/></D:error>"),
              1);
    CHECK_INT(times(text, "<D:sync-token>urn:samovar:sync:m-1</D:sync-token></D:multistatus>"), 1);
    CHECK_INT(changes.count, 0);
    hall_close(&hall);
}

TEST(multistatus__locks_are_told_where_they_hold)
{
    struct lock_wish wish = {.is_exclusive = true, .is_deep = true, .seconds = 100};
    struct blockers blockers;
    struct lock_grant grant;
    struct hall hall;

    hall_open(&hall, "");
    make(&hall, "a");
    make(&hall, "a/in");
    folder_write(&hall.folder, "a/in/f", "x");
    folder_write(&hall.folder, "a/out", "x");
    role_assert_worker();
    blockers = (struct blockers){.arena = &hall.arena};
    CHECK_INT(store_lock(hall.folder.store, path_of("a/in"), &wish, no_guard, &hall.arena, &grant, &blockers),
              ERR_NONE);
    CHECK_INT(times(walked(&hall, "a", WALK_DEEP), "<D:activelock>"), 2); /* the folder, and what is in it */
    CHECK_INT(times(walked(&hall, "a/out", 0), "<D:activelock>"), 0);
    CHECK_INT(times(walked(&hall, "a/in/f", 0), "<D:lockroot><D:href>/a/in/</D:href></D:lockroot>"), 1);
    hall_close(&hall);
}
