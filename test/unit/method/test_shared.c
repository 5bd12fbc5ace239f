/*
 * test_shared.c - what the methods share: Allow, validators, the guard of a change, Prefer.
 */
#include "asked.h"
#include "http/date.h"
#include "method_private.h"

static const struct facts a_file = {
    .kind = KIND_FILE, .size = 5, .modified_ns = 784111777000000000, .tag = "abc", .tag_len = 3};
static const struct facts a_folder = {.kind = KIND_FOLDER, .modified_ns = 784111777000000000};

/* ---- Allow ---- */

static void check_allow(const struct facts *facts, bool is_root, unsigned rights, const char *want)
{
    struct arena arena = {0};

    CHECK_SLICE(allow_field(&arena, facts, is_root, rights), want);
    arena_release(&arena);
}

/* DAV-004 */
TEST(allow__says_what_this_user_can_do_with_what_is_there)
{
    const unsigned reads = RIGHT_READ | RIGHT_LIST;

    check_allow(&a_file, false, RIGHT_ALL,
                "GET, HEAD, PUT, PATCH, DELETE, OPTIONS, PROPFIND, PROPPATCH, COPY, MOVE, LOCK, UNLOCK");
    check_allow(&a_file, false, reads, "GET, HEAD, OPTIONS, PROPFIND");
    check_allow(&a_file, false, RIGHT_ALL & ~RIGHT_READ,
                "PUT, DELETE, OPTIONS, PROPFIND, PROPPATCH, MOVE, LOCK, UNLOCK");
    check_allow(&a_folder, false, RIGHT_ALL,
                "GET, HEAD, DELETE, OPTIONS, PROPFIND, PROPPATCH, COPY, MOVE, LOCK, UNLOCK, REPORT, BIND, UNBIND, "
                "REBIND");
    check_allow(&a_folder, false, reads, "GET, HEAD, OPTIONS, PROPFIND, REPORT");
    check_allow(&a_folder, true, RIGHT_ALL,
                "GET, HEAD, OPTIONS, PROPFIND, PROPPATCH, LOCK, UNLOCK, REPORT, BIND, UNBIND, REBIND");
    check_allow(NULL, false, RIGHT_ALL, "PUT, OPTIONS, MKCOL, LOCK");
    check_allow(NULL, false, reads, "OPTIONS");
    check_allow(NULL, false, RIGHT_CREATE, "PUT, OPTIONS, MKCOL");
}

/* ---- validators ---- */

TEST(validators__follow_from_the_facts)
{
    struct facts weak = a_file, fresh = a_file;
    struct validators got = validators_of(&a_file);

    weak.is_weak = true;
    fresh.is_fresh = true;
    CHECK(got.exists && got.has_date && got.date_is_strong && !got.is_weak);
    CHECK_SLICE(got.tag, "abc");
    CHECK_INT(got.modified_s, 784111777);
    CHECK(validators_of(&weak).is_weak);
    CHECK_FALSE(validators_of(&fresh).date_is_strong);
    CHECK_FALSE(validators_of(&a_folder).has_date);
    CHECK_FALSE(validators_of(NULL).exists);
}

static struct arena arena;

static struct slice field_of(const struct answer *answer, const char *name)
{
    for (unsigned i = 0; i < answer->field_count; i++)
        if (slice_eq(answer->fields[i].name, slice_str(name)))
            return answer->fields[i].value;
    return SLICE("(none)");
}

static struct answer with_validators(const struct facts *facts, bool with_date)
{
    struct answer answer = {0};

    answer_validators(&arena, &answer, validators_of(facts), with_date);
    return answer;
}

TEST(validators__are_sent_as_etag_and_last_modified)
{
    struct answer answer = with_validators(&a_file, true), without = with_validators(&a_file, false);
    struct facts weak = a_file;

    CHECK_SLICE(field_of(&answer, "ETag"), "\"abc\"");
    CHECK_SLICE(field_of(&answer, "Last-Modified"), "Sun, 06 Nov 1994 08:49:37 GMT");
    CHECK_SLICE(field_of(&without, "ETag"), "\"abc\"");
    CHECK_SLICE(field_of(&without, "Last-Modified"), "(none)");
    weak.is_weak = true;
    answer = with_validators(&weak, true);
    CHECK_SLICE(field_of(&answer, "ETag"), "W/\"abc\"");
    arena_release(&arena);
}

/* RFC 9110, 8.8.2.1: no Last-Modified later than the message's own Date. */
TEST(validators__a_time_to_come_is_sent_as_now_CND_10)
{
    struct facts late = a_file;
    int64_t before = clock_real_s(), sent;
    struct answer answer;

    late.modified_ns = (before + 86400) * 1000000000;
    answer = with_validators(&late, true);
    CHECK(date_parse(field_of(&answer, "Last-Modified"), before, &sent));
    CHECK(sent >= before && sent <= clock_real_s());
    arena_release(&arena);
}

TEST(validators__a_time_before_1970_is_sent_as_1970)
{
    struct facts old = a_file;
    struct answer answer;

    old.modified_ns = -86400 * (int64_t)1000000000;
    answer = with_validators(&old, true);
    CHECK_SLICE(field_of(&answer, "Last-Modified"), "Thu, 01 Jan 1970 00:00:00 GMT");
    arena_release(&arena);
}

/* ---- the guard of a change ---- */

struct guard_row {
    const char *what;
    unsigned rights;
    const struct facts *now;
    const char *fields;
    bool holds, lacks_right;
};

static const struct guard_row guard_rows[] = {
    {"a new file", RIGHT_CREATE, NULL, "", true, false},
    {"a new file without the right", RIGHT_WRITE, NULL, "", false, true},
    {"an old file", RIGHT_WRITE, &a_file, "", true, false},
    {"an old file without the right", RIGHT_CREATE, &a_file, "", false, true},
    {"who reads changes nothing", RIGHT_READ | RIGHT_LIST, &a_file, "", false, true},
    {"its tag", RIGHT_ALL, &a_file, "If-Match: \"abc\"\r\n", true, false},
    {"another tag", RIGHT_ALL, &a_file, "If-Match: \"xyz\"\r\n", false, false},
    {"a weak tag", RIGHT_ALL, &a_file, "If-Match: W/\"abc\"\r\n", false, false},
    {"any tag", RIGHT_ALL, &a_file, "If-Match: *\r\n", true, false},
    {"any tag of nothing", RIGHT_ALL, NULL, "If-Match: *\r\n", false, false},
    {"only new, and it is", RIGHT_ALL, NULL, "If-None-Match: *\r\n", true, false},
    {"only new, and it is not", RIGHT_ALL, &a_file, "If-None-Match: *\r\n", false, false},
    {"not this one, but it is", RIGHT_ALL, &a_file, "If-None-Match: \"abc\"\r\n", false, false},
    {"unmodified since", RIGHT_ALL, &a_file, "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n", true, false},
    {"modified since", RIGHT_ALL, &a_file, "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:36 GMT\r\n", false, false},
    {"If-Modified-Since is for reading", RIGHT_ALL, &a_file, "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n",
     true, false},
};

static struct exchange *change_with(struct loop *loop, struct conf *conf, const char *fields)
{
    char request[512];

    snprintf(request, sizeof(request), "PUT /f HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n%s\r\n", fields);
    return asked(loop, conf, request);
}

TEST(guard__judges_rights_and_conditions_by_what_is_there)
{
    struct loop *loop = loop_new();
    struct conf *conf = conf_of_site("");

    role_assert_loop();
    for (unsigned i = 0; i < sizeof(guard_rows) / sizeof(guard_rows[0]); i++) {
        const struct guard_row *row = &guard_rows[i];
        struct exchange *ex = change_with(loop, conf, row->fields);
        struct change_guard change = {
            .rights = row->rights, .on_file = RIGHT_WRITE, .on_folder = RIGHT_WRITE, .on_nothing = RIGHT_CREATE};
        struct guard guard = change_guard(&change);
        bool holds;

        role_take(ROLE_ANY, "unit-test"); /* what a worker does */
        conditions_from_head(&ex->head, clock_real_s(), &ex->arena, &change.conditions);
        holds = guard.holds(guard.arg, row->now, NULL);
        if (holds != row->holds || change.lacks_right != row->lacks_right)
            fail_msg("%s: holds %d, lacks a right %d", row->what, holds, change.lacks_right);
        if (!holds)
            CHECK_INT(verdict_of_guard(&change).status, row->lacks_right ? 403 : 412);
        exchange_end(ex);
    }
    conf_unref(conf);
    loop_free(loop);
}

/* ---- Prefer (RFC 7240, RFC 8144) ---- */

static bool wants(const char *fields)
{
    struct loop *loop = loop_new();
    struct conf *conf = conf_of_site("");
    struct exchange *ex = change_with(loop, conf, fields);
    bool got = wants_representation(ex);

    role_assert_loop();
    exchange_end(ex);
    conf_unref(conf);
    loop_free(loop);
    return got;
}

TEST(prefer__is_understood_among_others)
{
    CHECK(wants("Prefer: return=representation\r\n"));
    CHECK(wants("Prefer: wait=10, return=representation\r\n"));
    CHECK(wants("Prefer: wait=10\r\nPrefer: return=representation\r\n"));
    CHECK(wants("Prefer: return=representation; a=b\r\n"));
    CHECK_FALSE(wants(""));
    CHECK_FALSE(wants("Prefer: return=minimal\r\n"));
    CHECK_FALSE(wants("Prefer: return=representations\r\n"));
    CHECK_FALSE(wants("Prefer: representation\r\n"));
}
