/*
 * test_bind.c - BIND, UNBIND and REBIND through a real store, and who sees what through bindings (RFC 5842).
 */
#include <stdio.h>
#include <sys/stat.h>

#include "repr/sight.h"
#include "talk.h"
#include "ways.h"

static struct talk talk;

#define BODY(kind, inside) "<D:" kind " xmlns:D=\"DAV:\">" inside "</D:" kind ">"
#define SEGMENT(name) "<D:segment>" name "</D:segment>"
#define HREF(path) "<D:href>" path "</D:href>"
#define BIND(name, path) BODY("bind", SEGMENT(name) HREF(path))
#define UNBIND(name) BODY("unbind", SEGMENT(name))
#define REBIND(name, path) BODY("rebind", SEGMENT(name) HREF(path))
#define HOST ""

static void open_with(const char *site)
{
    talk_open(&talk, site);
    CHECK_INT(mkdirat(talk.folder.fd, "x", 0755), 0);
    CHECK_INT(mkdirat(talk.folder.fd, "y", 0755), 0);
    folder_write(&talk.folder, "x/foo", "hello");
}

/* Some file systems cannot exchange two names: then nothing can be bound, and that is said. */
static bool can_bind(void)
{
    int status = talk_send(&talk, "BIND /y", HOST, BIND("bar", "/x/foo"))->status;

    if (status == 403 && strstr(reply_content(&talk), "binding-allowed")) {
        print_message("bindings are not possible here\n");
        talk_close(&talk);
        return false;
    }
    if (status != 201)
        fail_msg("%d: %s", status, reply_content(&talk));
    return true;
}

static void refused(const char *line, const char *fields, const char *body, int status, const char *condition)
{
    CHECK_INT(talk_send(&talk, line, fields, body)->status, status);
    if (!strstr(reply_content(&talk), condition))
        fail_msg("%s %s: %s", line, body, reply_content(&talk));
}

TEST(bind__gives_a_resource_one_more_name)
{
    open_with("");
    if (!can_bind())
        return;
    CHECK_STR(reply_field(&talk, "Location"), "/y/bar");
    talk_ask(&talk, "GET /y/bar", HOST);
    CHECK_STR(reply_content(&talk), "hello");
    CHECK_INT(talk_send(&talk, "BIND /y", HOST, BIND("bar", "/x/foo"))->status, 204); /* BND-28 */
    CHECK_STR(reply_field(&talk, "Location"), "(none)");
    CHECK_INT(talk_send(&talk, "PUT /x/foo", HOST, "anew")->status, 204);
    talk_ask(&talk, "GET /y/bar", HOST);
    CHECK_STR(reply_content(&talk), "anew"); /* BND-11 */
    CHECK_INT(talk_send(&talk, "UNBIND /x", HOST, UNBIND("foo"))->status, 204);
    CHECK_INT(talk_ask(&talk, "GET /x/foo", HOST)->status, 404);
    CHECK_INT(talk_send(&talk, "REBIND /x", HOST, REBIND("b%20z", "/y/bar"))->status, 201);
    CHECK_STR(reply_field(&talk, "Location"), "/x/b%20z");
    CHECK_INT(talk_ask(&talk, "GET /y/bar", HOST)->status, 404);
    talk_ask(&talk, "GET /x/b%20z", HOST);
    CHECK_STR(reply_content(&talk), "anew");
    talk_close(&talk);
}

TEST(bind__refusals_name_the_condition)
{
    open_with("");
    if (!can_bind())
        return;
    refused("BIND /y/bar", HOST, BIND("a", "/x/foo"), 403, "<D:bind-into-collection/>");
    refused("UNBIND /y/bar", HOST, UNBIND("a"), 403, "<D:unbind-from-collection/>");
    refused("REBIND /y/bar/", HOST, REBIND("a", "/x/foo"), 403, "<D:rebind-into-collection/>");
    refused("BIND /y", HOST, BIND("a", "/x/none"), 409, "<D:bind-source-exists/>");
    refused("BIND /y", HOST, BIND("a", "/none/foo"), 409, "<D:bind-source-exists/>");
    refused("UNBIND /y", HOST, UNBIND("none"), 409, "<D:unbind-source-exists/>");
    refused("REBIND /y", HOST, REBIND("a", "/x/none"), 409, "<D:rebind-source-exists/>");
    refused("BIND /y", HOST, BIND("a", "http://elsewhere.example/x"), 403, "<D:cross-server-binding/>");
    refused("BIND /y", HOST, BIND("..", "/x/foo"), 403, "<D:name-allowed/>");
    refused("BIND /y", HOST, BIND(".samovar", "/x/foo"), 403, "<D:name-allowed/>");
    refused("BIND /y", HOST, BIND("a", "/"), 403, "<D:binding-allowed/>");
    refused("REBIND /x", HOST, REBIND("a", "/x"), 403, "<D:cycle-allowed/>");
    refused("BIND /y", HOST "Overwrite: F\r\n", BIND("bar", "/x/foo"), 412, "<D:can-overwrite/>");
    refused("REBIND /y", HOST "Overwrite: F\r\n", REBIND("bar", "/x/foo"), 412, "<D:can-overwrite/>");
    refused("BIND /y", HOST "Overwrite: X\r\n", BIND("bar", "/x/foo"), 400, "");
    refused("BIND /none", HOST, BIND("a", "/x/foo"), 404, "");
    refused("BIND /y", HOST, "", 400, "");
    refused("BIND /y", HOST, BODY("bind", HREF("/x/foo")), 422, "");
    refused("BIND /y", HOST "Content-Type: text/plain\r\n", BIND("a", "/x/foo"), 415, "");
    refused("BIND /y", HOST "If: (<urn:x>)\r\n", BIND("a", "/x/foo"), 412, "");
    refused("BIND /y", HOST "If-None-Match: *\r\n", BIND("a", "/x/foo"), 412, "");
    talk_close(&talk);
}

TEST(bind__loops_are_made_unless_the_place_says_no) /* BND-C1 */
{
    open_with("at \"/y\" { bind-loops = off }");
    if (!can_bind())
        return;
    CHECK_INT(talk_send(&talk, "BIND /x", HOST, BIND("again", "/x"))->status, 201);
    CHECK_STR(reply_field(&talk, "Location"), "/x/again/");
    CHECK_INT(talk_ask(&talk, "GET /x/again/again/foo", HOST)->status, 200);
    refused("BIND /y", HOST, BIND("again", "/y"), 403, "<D:cycle-allowed/>");
    CHECK_INT(talk_ask(&talk, "GET /y/again/", HOST)->status, 404);
    talk_close(&talk);
}

#define LOCK                                                                                                           \
    "<D:lockinfo xmlns:D=\"DAV:\"><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype>"        \
    "</D:lockinfo>"

TEST(bind__a_lock_in_the_way_is_told_by_two_names) /* BND-22, BND-23, BND-C3 */
{
    char held[128];

    open_with("");
    if (!can_bind())
        return;
    CHECK_INT(talk_send(&talk, "LOCK /y", HOST "Depth: 0\r\n", LOCK)->status, 200);
    snprintf(held, sizeof(held), HOST "If: (%s)\r\n", reply_field(&talk, "Lock-Token"));
    refused("BIND /y", HOST, BIND("new", "/x/foo"), 423,
            "<D:locked-update-allowed/><D:lock-token-submitted><D:href>/y/</D:href></D:lock-token-submitted>");
    refused("UNBIND /y", HOST, UNBIND("bar"), 423, "<D:locked-update-allowed/>");
    refused("REBIND /x", HOST, REBIND("new", "/y/bar"), 423, "<D:locked-source-collection-update-allowed/>");
    CHECK_INT(talk_send(&talk, "BIND /y", held, BIND("new", "/x/foo"))->status, 201);
    CHECK_INT(talk_send(&talk, "UNBIND /y", held, UNBIND("new"))->status, 204);
    talk_close(&talk);
    open_with("");
    CHECK_INT(talk_send(&talk, "PUT /y/locked", HOST, "l")->status, 201);
    CHECK_INT(talk_send(&talk, "LOCK /y/locked", HOST, LOCK)->status, 200);
    refused("BIND /y", HOST, BIND("locked", "/x/foo"), 423, "<D:locked-overwrite-allowed/>");
    refused("UNBIND /y", HOST, UNBIND("locked"), 423, "<D:protected-url-deletion-allowed/>");
    refused("REBIND /y", HOST, REBIND("locked", "/x/foo"), 423, "<D:protected-url-modification-allowed/>");
    refused("REBIND /x", HOST, REBIND("new", "/y/locked"), 423, "<D:protected-source-url-deletion-allowed/>");
    talk_close(&talk);
}

TEST(bind__what_goes_has_to_be_known_where_conditions_are_required) /* POL-C1 */
{
    char fields[256];

    open_with("require-match = on");
    CHECK_INT(talk_send(&talk, "PUT /x/own", HOST, "own")->status, 201); /* with a tag of our own */
    snprintf(fields, sizeof(fields), HOST "If: </x/own> ([%s])\r\n", reply_field(&talk, "ETag"));
    CHECK_INT(talk_send(&talk, "UNBIND /x", HOST, UNBIND("foo"))->status, 428);
    CHECK_INT(talk_send(&talk, "REBIND /y", HOST, REBIND("foo", "/x/foo"))->status, 428);
    CHECK_INT(talk_send(&talk, "UNBIND /x", HOST "If: </x/own> ([\"other\"])\r\n", UNBIND("own"))->status, 412);
    CHECK_INT(talk_send(&talk, "UNBIND /x", HOST "If: </y> (Not [\"other\"])\r\n", UNBIND("foo"))->status, 428);
    CHECK_INT(talk_send(&talk, "UNBIND /x", fields, UNBIND("own"))->status, 204);
    CHECK_INT(talk_send(&talk, "LOCK /x", HOST, LOCK)->status, 200);
    snprintf(fields, sizeof(fields), HOST "If: (%s)\r\n", reply_field(&talk, "Lock-Token"));
    CHECK_INT(talk_send(&talk, "UNBIND /x", fields, UNBIND("foo"))->status, 204); /* nobody else can change it */
    talk_close(&talk);
}

/* ---- who sees what ---- */

#define PLACES                                                                                                         \
    "allow \"*\" { rights = { \"read\", \"write\" } }\n"                                                               \
    "at \"/x\" { allow \"amy\" { rights = { \"read\", \"write\" } } allow \"*\" { rights = { \"list\" } } }\n"

static unsigned seen_by(const char *user, const char *path, bool is_bound)
{
    struct asker asker = {.user = slice_str(user)};
    struct sight sight;
    unsigned rights;

    role_assert_worker();
    sight_open(&sight, talk.folder.store, &talk.conf->sites[0], &asker);
    rights = sight_rights(&sight, slice_str(path), is_bound);
    CHECK_INT(sight_rights(&sight, slice_str(path), is_bound), rights); /* remembered, or not */
    sight_close(&sight);
    return rights;
}

static bool is_bound(const char *from, const char *to)
{
    struct binding_wish wish = {.from = path_of(from), .to = path_of(to)};
    struct transferred done;
    enum err err;

    role_assert_worker();
    err = store_bind(talk.folder.store, &wish, &done);
    if (err == ERR_UNSUPPORTED) {
        print_message("bindings are not possible here\n");
        return false;
    }
    CHECK_INT(err, ERR_NONE);
    return true;
}

TEST(sight__through_a_binding_nobody_may_more_than_at_home)
{
    const unsigned reads = RIGHT_READ | RIGHT_LIST;

    open_with(PLACES);
    folder_write(&talk.folder, "y/own", "o");
    CHECK_INT(mkdirat(talk.folder.fd, "x/d", 0755), 0);
    folder_write(&talk.folder, "x/d/in", "i");
    CHECK_FALSE(sight_counts(talk.folder.store, &talk.conf->sites[0])); /* nothing was bound yet */
    if (is_bound("x/foo", "y/bar") && is_bound("x/d", "y/d")) {
        CHECK(sight_counts(talk.folder.store, &talk.conf->sites[0]));
        CHECK_INT(seen_by("bob", "y/own", false) & reads, reads);
        CHECK_INT(seen_by("bob", "y/bar", true), RIGHT_LIST);
        CHECK_INT(seen_by("bob", "y/d", true), RIGHT_LIST);
        CHECK_INT(seen_by("bob", "y/d/in", false), RIGHT_LIST);
        CHECK_INT(seen_by("amy", "y/d/in", false) & reads, reads);
        CHECK_INT(seen_by("amy", "x/foo", true) & reads, reads);
        CHECK_INT(seen_by("bob", "x/foo", true), RIGHT_LIST);
        CHECK(seen_by("bob", "y/own", false) & RIGHT_WRITE);
    }
    talk_close(&talk);
}

TEST(sight__a_path_that_is_denied_closes_the_others)
{
    open_with("hidden = deny");
    CHECK_INT(mkdirat(talk.folder.fd, "x/.d", 0755), 0);
    folder_write(&talk.folder, "x/.d/in", "i");
    if (is_bound("x/.d/in", "y/in")) {
        CHECK(sight_counts(talk.folder.store, &talk.conf->sites[0])); /* names alone make the difference */
        CHECK_INT(seen_by("", "y/in", true), 0);
        CHECK(sight_denies(&talk.conf->sites[0], SLICE("x/.d/in")));
        CHECK_FALSE(sight_denies(&talk.conf->sites[0], SLICE("x/d.in")));
    }
    talk_close(&talk);
}

/* ---- a chain of folders, each bound twice in the next: BND-C5 ---- */

static bool make_chain(unsigned length)
{
    char from[32], to[32];

    for (unsigned i = 1; i <= length; i++) {
        snprintf(from, sizeof(from), i == 1 ? "x" : "n%u", i - 1);
        snprintf(to, sizeof(to), "n%u", i);
        CHECK_INT(mkdirat(talk.folder.fd, to, 0755), 0);
        snprintf(to, sizeof(to), "n%u/a", i);
        if (!is_bound(from, to))
            return false;
        snprintf(to, sizeof(to), "n%u/b", i);
        if (!is_bound(from, to))
            return false;
    }
    return true;
}

TEST(ways__each_further_one_counts_all_that_it_leads_to)
{
    const unsigned length = 40;
    atomic_bool left = false;

    role_assert_worker();
    open_with("");
    if (make_chain(length)) {
        CHECK_U64(ways_count(talk.folder.store, path_of("x"), 100, &left), 0);
        CHECK_U64(ways_count(talk.folder.store, path_of("n1"), 100, &left), 2); /* the folder, and what is in it */
        CHECK_U64(ways_count(talk.folder.store, path_of("n2"), 100, &left), 7); /* 1 + 2 * (1 + 2 * 2) paths to 4 */
        CHECK(ways_count(talk.folder.store, path_of("n2"), 5, &left) > 5);
        CHECK(ways_count(talk.folder.store, path_of("n40"), 100000, &left) > 100000); /* at once, or it were no test */
    }
    talk_close(&talk);
}
