/*
 * test_properties.c - a resource's properties as XML, from facts alone.
 */
#include "base/clock.h"
#include "base/role.h"
#include "check.h"
#include "dav/dav.h"
#include "http/date.h"

enum { OUT_MAX = 1 << 20 };

/* A file from 2001, unless a test says otherwise. */
struct table {
    struct arena arena;
    struct facts facts;
    struct traits traits;
    struct prop_view view;
    struct prop_plan plan;
    struct buf out;
};

static void table_lay(struct table *table)
{
    *table = (struct table){.out = BUF_INIT(OUT_MAX)};
    table->facts = (struct facts){
        .kind = KIND_FILE, .size = 42, .modified_ns = 1000000000000000000, .tag = "abc", .tag_len = 3, .mode = 0644};
    table->view = (struct prop_view){
        .path = SLICE("a/b.txt"), .facts = &table->facts, .traits = &table->traits, .rights = RIGHT_ALL};
}

static void table_clear(struct table *table)
{
    arena_release(&table->arena);
    buf_release(&table->out);
}

static const char *written(struct table *table)
{
    struct xml_out xml = {.out = &table->out, .depth = 1};

    role_assert_worker();
    buf_clear(&table->out);
    dav_propstats(&xml, &table->view, &table->plan);
    return buf_str(&table->out);
}

/* What is said of these properties. */
static const char *asked_for(struct table *table, const struct prop_name *names, unsigned count, bool is_minimal)
{
    struct propfind_body body = {.kind = PROPFIND_SOME, .names = (struct prop_name *)names, .count = count};

    CHECK_INT(dav_plan(&body, is_minimal, &table->arena, &table->plan).status, 0);
    return written(table);
}

static const char *one(struct table *table, const char *local)
{
    struct prop_name name = {XML_DAV, slice_str(local)};

    return asked_for(table, &name, 1, false);
}

#define FOUND(element) "<D:propstat><D:prop>" element "</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>"
#define MISSING(element)                                                                                               \
    "<D:propstat><D:prop>" element "</D:prop><D:status>HTTP/1.1 404 Not Found</D:status></D:propstat>"

TEST(properties__are_told_by_what_they_came_to)
{
    const struct prop_name names[] = {{XML_DAV, SLICE_INIT("getetag")},
                                      {SLICE_INIT("urn:x&"), SLICE_INIT("none")},
                                      {XML_DAV, SLICE_INIT("getcontentlength")},
                                      {SLICE_INIT(""), SLICE_INIT("bare")}};
    struct table table;

    table_lay(&table);
    CHECK_STR(asked_for(&table, names, 4, false),
              FOUND("<D:getetag>\"abc\"</D:getetag><D:getcontentlength>42</D:getcontentlength>")
                  MISSING("<x:none xmlns:x=\"urn:x&amp;\"/><bare/>"));
    CHECK_STR(asked_for(&table, names, 4, true),
              FOUND("<D:getetag>\"abc\"</D:getetag><D:getcontentlength>42</D:getcontentlength>"));
    CHECK_STR(asked_for(&table, names + 1, 1, false), MISSING("<x:none xmlns:x=\"urn:x&amp;\"/>"));
    CHECK_STR(asked_for(&table, names + 1, 1, true), FOUND("")); /* DAV-174 */
    CHECK_STR(asked_for(&table, names, 0, false), FOUND(""));
    table_clear(&table);
}

TEST(properties__dates_are_neither_before_1970_nor_to_come)
{
    char now[DATE_LEN], line[200];
    struct table table;

    table_lay(&table);
    CHECK_STR(one(&table, "getlastmodified"),
              FOUND("<D:getlastmodified>Sun, 09 Sep 2001 01:46:40 GMT</D:getlastmodified>"));
    CHECK_STR(one(&table, "creationdate"), FOUND("<D:creationdate>2001-09-09T01:46:40Z</D:creationdate>"));
    table.facts.born_ns = 946684799000000000;
    CHECK_STR(one(&table, "creationdate"), FOUND("<D:creationdate>1999-12-31T23:59:59Z</D:creationdate>"));
    table.facts.modified_ns = -5000000000;
    CHECK_STR(one(&table, "getlastmodified"),
              FOUND("<D:getlastmodified>Thu, 01 Jan 1970 00:00:00 GMT</D:getlastmodified>"));
    table.traits.floor_s = 3600; /* CND-09 */
    CHECK_STR(one(&table, "getlastmodified"),
              FOUND("<D:getlastmodified>Thu, 01 Jan 1970 01:00:00 GMT</D:getlastmodified>"));
    table.facts.modified_ns = clock_real_ns() + 1000000000000000;
    date_format(clock_real_s(), now);
    snprintf(line, sizeof(line), "%.10s", now); /* the day will do */
    CHECK(strstr(one(&table, "getlastmodified"), line) != NULL);
    table_clear(&table);
}

TEST(properties__folders_have_their_own)
{
    const char *const not_theirs[] = {"getcontentlength", "getcontenttype", "getcontentlanguage"};
    struct table table;

    table_lay(&table);
    CHECK_STR(one(&table, "resourcetype"), FOUND("<D:resourcetype/>"));
    CHECK_STR(one(&table, "quota-used-bytes"), MISSING("<D:quota-used-bytes/>"));
    table.facts.kind = KIND_FOLDER;
    table.facts.tag_len = 0;
    table.view.quota = &(struct quota){.used = 7, .available = UINT64_MAX - 3};
    CHECK_STR(one(&table, "resourcetype"), FOUND("<D:resourcetype><D:collection/></D:resourcetype>"));
    CHECK_STR(one(&table, "getetag"), MISSING("<D:getetag/>"));
    for (unsigned i = 0; i < 3; i++)
        CHECK(strstr(one(&table, not_theirs[i]), "404 Not Found") != NULL);
    CHECK_STR(one(&table, "quota-used-bytes"), FOUND("<D:quota-used-bytes>7</D:quota-used-bytes>"));
    CHECK_STR(one(&table, "quota"), FOUND("<D:quota>18446744073709551615</D:quota>"));
    table_clear(&table);
}

TEST(properties__what_was_said_of_the_content_is_told_escaped)
{
    const struct prop_name checksums = {SLICE_INIT("http://owncloud.org/ns"), SLICE_INIT("checksums")};
    struct table table;

    table_lay(&table);
    CHECK_STR(asked_for(&table, &checksums, 1, false), MISSING("<oc:checksums xmlns:oc=\"http://owncloud.org/ns\"/>"));
    table.traits = (struct traits){.type = SLICE("text/x-a&b"), .language = SLICE("de"), .checksums = SLICE("MD5:1")};
    CHECK_STR(one(&table, "getcontenttype"), FOUND("<D:getcontenttype>text/x-a&amp;b</D:getcontenttype>"));
    CHECK_STR(one(&table, "getcontentlanguage"), FOUND("<D:getcontentlanguage>de</D:getcontentlanguage>"));
    CHECK_STR(
        asked_for(&table, &checksums, 1, false),
        FOUND("<oc:checksums xmlns:oc=\"http://owncloud.org/ns\"><oc:checksum>MD5:1</oc:checksum></oc:checksums>"));
    table_clear(&table);
}

static const struct property dead[] = {
    {SLICE_INIT(""), SLICE_INIT("bare"), SLICE_INIT("<bare>0</bare>")},
    {SLICE_INIT("DAV:"), SLICE_INIT("displayname"), SLICE_INIT("<D:displayname xmlns:D=\"DAV:\">n</D:displayname>")},
    {SLICE_INIT("urn:a"), SLICE_INIT("x"), SLICE_INIT("<a:x xmlns:a=\"urn:a\"/>")},
    {SLICE_INIT("urn:a"), SLICE_INIT("y"), SLICE_INIT("<a:y xmlns:a=\"urn:a\">2</a:y>")},
};

TEST(properties__dead_ones_are_found_by_both_names)
{
    const struct prop_name names[] = {{SLICE_INIT("urn:a"), SLICE_INIT("y")},
                                      {SLICE_INIT("urn:b"), SLICE_INIT("y")},
                                      {SLICE_INIT(""), SLICE_INIT("bare")},
                                      {XML_DAV, SLICE_INIT("displayname")}};
    struct table table;

    table_lay(&table);
    table.view.dead = dead;
    table.view.dead_count = 4;
    CHECK_STR(asked_for(&table, names, 4, false),
              FOUND("<a:y xmlns:a=\"urn:a\">2</a:y><bare>0</bare><D:displayname xmlns:D=\"DAV:\">n</D:displayname>")
                  MISSING("<x:y xmlns:x=\"urn:b\"/>"));
    table_clear(&table);
}

static unsigned times(const char *text, const char *what)
{
    unsigned count = 0;

    for (const char *at = text; (at = strstr(at, what)); at++)
        count++;
    return count;
}

TEST(properties__include_adds_each_once)
{
    struct prop_name names[] = {{XML_DAV, SLICE_INIT("getetag")},
                                {SLICE_INIT("urn:a"), SLICE_INIT("x")},
                                {XML_DAV, SLICE_INIT("getcontentlanguage")},
                                {SLICE_INIT("urn:a"), SLICE_INIT("z")}};
    struct propfind_body body = {.kind = PROPFIND_ALL, .names = names, .count = 4};
    struct table table;
    const char *got;

    table_lay(&table);
    table.view.dead = dead;
    table.view.dead_count = 4;
    CHECK_INT(dav_plan(&body, false, &table.arena, &table.plan).status, 0);
    CHECK(table.plan.wants_dead && table.plan.wants_traits && table.plan.wants_locks);
    got = written(&table);
    CHECK_INT(times(got, "<D:getetag>"), 1);
    CHECK_INT(times(got, "<a:x "), 1);
    CHECK_INT(times(got, MISSING("<D:getcontentlanguage/><x:z xmlns:x=\"urn:a\"/>")), 1);
    table_clear(&table);
}

TEST(properties__names_are_told_without_values)
{
    struct propfind_body body = {.kind = PROPFIND_NAMES};
    struct table table;

    table_lay(&table);
    table.view.dead = dead + 2;
    table.view.dead_count = 1;
    table.traits.language = SLICE("de");
    CHECK_INT(dav_plan(&body, false, &table.arena, &table.plan).status, 0);
    CHECK_STR(written(&table),
              FOUND("<D:resourcetype/><D:creationdate/><D:getcontentlength/><D:getcontenttype/><D:getcontentlanguage/>"
                    "<D:getetag/><D:getlastmodified/><D:lockdiscovery/><D:supportedlock/>"
                    "<A:executable xmlns:A=\"http://apache.org/dav/props/\"/><D:resource-id/><D:parent-set/><x:x "
                    "xmlns:x=\"urn:a\"/>"));
    table_clear(&table);
}

/* RFC 5842 §3.1, §7.1 */
TEST(properties__of_what_was_told_of_by_another_name_are_208)
{
    static const unsigned char id[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 255};
    struct table table;
    const char *got;

    table_lay(&table);
    table.view.id = id;
    table.view.is_again = true;
    got = one(&table, "resource-id");
    CHECK_STR(got, "<D:propstat><D:prop><D:resource-id><D:href>urn:uuid:00010203-0405-0607-0809-0a0b0c0d0eff</D:href>"
                   "</D:resource-id></D:prop><D:status>HTTP/1.1 208 Already Reported</D:status></D:propstat>");
    got = one(&table, "nothing");
    CHECK_INT(times(got, "404"), 1); /* what is missing is missing */
    CHECK_INT(times(got, "208"), 1); /* that its members are left out is told all the same */
    table_clear(&table);
}

TEST(properties__a_token_is_its_owners_alone)
{
    struct write_lock locks[] = {
        {.token = SLICE("urn:uuid:1"), .is_deep = true, .user = SLICE("bob"), .root = {SLICE("a"), true}, .left_s = 9},
        {.token = SLICE("urn:uuid:2"), .is_exclusive = true, .user = SLICE("amy"), .root = {SLICE("a/c.txt"), false}}};
    struct table table;
    const char *got;

    table_lay(&table);
    table.view.locks = locks;
    table.view.lock_count = 2;
    table.view.user = SLICE("bob");
    got = one(&table, "lockdiscovery");
    CHECK_INT(times(got, "<D:activelock>"), 1); /* the other one is not over it */
    CHECK_INT(times(got, "<D:locktoken><D:href>urn:uuid:1</D:href></D:locktoken>"), 1);
    CHECK_INT(times(got, "<D:lockscope><D:shared/></D:lockscope><D:depth>infinity</D:depth>"), 1);
    CHECK_INT(times(got, "<D:timeout>Second-9</D:timeout>"), 1);
    CHECK_INT(times(got, "<D:lockroot><D:href>/a/</D:href></D:lockroot>"), 1);
    table.view.user = SLICE("amy");
    table.view.hides_lockroot = true;
    got = one(&table, "lockdiscovery");
    CHECK_INT(times(got, "<D:activelock>"), 1);
    CHECK_INT(times(got, "locktoken") + times(got, "lockroot"), 0);
    table_clear(&table);
}

TEST(properties__supportedlock_is_true_for_this_user)
{
    struct table table;

    table_lay(&table);
    CHECK_INT(times(one(&table, "supportedlock"), "<D:lockentry>"), 2);
    table.view.is_read_only = true;
    CHECK_STR(one(&table, "supportedlock"), FOUND("<D:supportedlock/>"));
    table.view.is_read_only = false;
    table.view.rights &= ~(unsigned)RIGHT_LOCK;
    CHECK_STR(one(&table, "supportedlock"), FOUND("<D:supportedlock/>"));
    table_clear(&table);
}

TEST(properties__names_without_end_are_refused)
{
    enum { COUNT = 600 };
    static char space[1000];
    struct prop_name names[COUNT];
    struct propfind_body body = {.kind = PROPFIND_SOME, .names = names, .count = COUNT};
    struct table table;

    memset(space, 'u', sizeof(space));
    for (unsigned i = 0; i < COUNT; i++)
        names[i] = (struct prop_name){slice_of(space, sizeof(space)), SLICE("n")};
    table_lay(&table);
    CHECK_INT(dav_plan(&body, false, &table.arena, &table.plan).status, 413);
    table_clear(&table);
}

TEST(properties__rules_say_what_may_be_written)
{
    static const struct {
        const char *space, *local;
        enum prop_rule rule;
    } rows[] = {{"DAV:", "getetag", PROP_PROTECTED},
                {"DAV:", "displayname", PROP_DEAD},
                {"DAV:", "sync-token", PROP_PROTECTED},
                {"DAV:", "getcontenttype", PROP_TYPE},
                {"DAV:", "getcontentlanguage", PROP_LANGUAGE},
                {"DAV:", "resourcetype", PROP_RESOURCETYPE},
                {"urn:x", "getetag", PROP_DEAD},
                {"urn:schemas-microsoft-com:", "Win32CreationTime", PROP_DEAD},
                {"http://apache.org/dav/props/", "executable", PROP_EXECUTABLE}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        CHECK_INT(dav_prop_rule((struct prop_name){slice_str(rows[i].space), slice_str(rows[i].local)}), rows[i].rule);
}

TEST(answers__hrefs_are_encoded_whole)
{
    struct arena arena = {0};

    CHECK_SLICE(dav_href_text(&arena, SLICE(""), true), "/");
    CHECK_SLICE(dav_href_text(&arena, SLICE("a b/(c)&%\xff"), true), "/a%20b/(c)%26%25%FF/");
    CHECK_SLICE(dav_href_text(&arena, SLICE("a#?"), false), "/a%23%3F");
    arena_release(&arena);
}
