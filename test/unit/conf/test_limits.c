/*
 * test_limits.c - blocks `limit "NAME" { ... }`.
 */
#include "kit.h"

#include "http/method.h"

#define SITE(inside) "site \"s\" { root = \"/srv\"\n" inside "\n}\n"

static struct limit_rule first(const char *inside)
{
    struct buf text = BUF_INIT(4096);
    struct conf *conf;
    struct limit_rule rule = {0};

    buf_printf(&text, "limit \"l\" { %s }\n" SITE(""), inside);
    conf = kit_text(buf_str(&text));
    if (!conf)
        fail_msg("%s: %s", inside, kit_why());
    CHECK_INT(conf->client_limit_count, 1);
    rule = conf->client_limits[0];
    rule.name = SLICE_NONE; /* what is in the arena goes with it */
    rule.paths = NULL;
    conf_unref(conf);
    buf_release(&text);
    return rule;
}

TEST(limit__rates_are_requests_in_a_time)
{
    static const struct {
        const char *text;
        uint64_t requests, per_ms, burst;
    } rows[] = {
        {"rate = \"10/s\"", 10, 1000, 10},        {"rate = \"100/m\"", 100, 60000, 1},
        {"rate = \"1000/h\"", 1000, 3600000, 1},  {"rate = \"120/m\"", 120, 60000, 2},
        {"rate = \"5/30s\"", 5, 30000, 1},        {"rate = \"5/500ms\"", 5, 500, 10},
        {"rate = \"9/d\"", 9, 86400000, 1},       {"rate = \"9 / 2d\"", 9, 2 * 86400000, 1},
        {"rate = 10/s burst = 20", 10, 1000, 20},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct limit_rule rule = first(rows[i].text);

        CHECK_U64(rule.requests, rows[i].requests);
        CHECK_U64(rule.per_ms, rows[i].per_ms);
        CHECK_U64(rule.burst, rows[i].burst);
        CHECK_U64(rule.each_ns, rule.per_ms * 1000000 / rule.requests);
    }
}

TEST(limit__bytes_and_numbers_at_one_time)
{
    struct limit_rule rule = first("bytes = \"10M/s\" concurrent = 4");

    CHECK_U64(rule.bytes, 10 << 20);
    CHECK_U64(rule.bytes_per_ms, 1000);
    CHECK_U64(rule.concurrent, 4);
    CHECK_U64(rule.requests, 0);
}

TEST(limit__is_of_an_address_unless_it_says_otherwise)
{
    CHECK_INT(first("rate = \"1/s\"").per, LIMIT_PER_ADDRESS);
    CHECK_INT(first("rate = \"1/s\" per = user").per, LIMIT_PER_USER);
    CHECK_INT(first("rate = \"1/s\" per = { \"address\", \"path\" }").per, LIMIT_PER_ADDRESS | LIMIT_PER_PATH);
    CHECK_INT(first("rate = \"1/s\" per = all").per, LIMIT_PER_ALL);
}

TEST(limit__methods_by_their_kind_or_name)
{
    CHECK_INT(first("rate = \"1/s\"").methods, 0);
    CHECK_INT(first("rate = \"1/s\" methods = { list, GET }").methods,
              1 << METHOD_PROPFIND | 1 << METHOD_REPORT | 1 << METHOD_GET);
    CHECK_INT(first("rate = \"1/s\" methods = { read, list, write }").methods | 1 << METHOD_CONNECT |
                  1 << METHOD_UNKNOWN,
              (1 << METHOD_COUNT) - 1);
}

TEST(limit__each_method_has_one_kind)
{
    unsigned all = 0;

    for (unsigned i = 0; i < LIMIT_CLASSES; i++) {
        CHECK_INT(all & limit_classes[i], 0);
        all |= limit_classes[i];
    }
}

TEST(limit__paths_are_as_those_of_at)
{
    struct conf *conf = kit_text(SITE("limit \"l\" { rate = \"1/s\" paths = { \"/a b/\", \"/\" } }"));

    assert_non_null(conf);
    CHECK_INT(conf->sites[0].limits[0].path_count, 2);
    CHECK_SLICE(conf->sites[0].limits[0].paths[0], "a b");
    CHECK_SLICE(conf->sites[0].limits[0].paths[1], "");
    conf_unref(conf);
}

TEST(limit__is_the_same_after_a_reload_and_another_elsewhere)
{
    static const char text[] = "limit \"l\" { rate = \"1/s\" }\n" SITE("limit \"l\" { rate = \"1/s\" }");
    struct conf *one = kit_text(text), *two = kit_text(text);

    assert_non_null(one);
    assert_non_null(two);
    CHECK_U64(one->client_limits[0].id, two->client_limits[0].id);
    CHECK_U64(one->sites[0].limits[0].id, two->sites[0].limits[0].id);
    CHECK(one->client_limits[0].id != one->sites[0].limits[0].id);
    conf_unref(one);
    conf_unref(two);
}

TEST(limit__what_makes_no_sense_is_refused_with_its_line)
{
    static const struct {
        const char *inside, *why;
    } rows[] = {
        {"", "limit \"l\" limits nothing; it needs rate, bytes or concurrent"},
        {"per = user", "limit \"l\" limits nothing; it needs rate, bytes or concurrent"},
        {"concurrent = 1 burst = 2", "limit \"l\" has a burst but no rate"},
        {"rate = 10", "rate needs requests in a time, such as 10/s, 100/m or 5/30s, not \"10\""},
        {"rate = \"0/s\"", "rate needs requests in a time, such as 10/s, 100/m or 5/30s, not \"0/s\""},
        {"rate = \"1/0\"", "rate needs requests in a time, such as 10/s, 100/m or 5/30s, not \"1/0\""},
        {"rate = \"1/x\"", "rate needs requests in a time, such as 10/s, 100/m or 5/30s, not \"1/x\""},
        {"rate = \"-1/s\"", "rate needs requests in a time, such as 10/s, 100/m or 5/30s, not \"-1/s\""},
        {"rate = \"1/400d\"", "rate needs requests in a time, such as 10/s, 100/m or 5/30s, not \"1/400d\""},
        {"rate = \"99999999999999999999/s\"",
         "rate needs requests in a time, such as 10/s, 100/m or 5/30s, not \"99999999999999999999/s\""},
        {"rate = \"2000000/s\"", "rate is 2000000/s; more than 1000000 requests in a second are never refused"},
        {"rate = \"18446744073709551615/d\"",
         "rate is 18446744073709551615/d; more than 1000000 requests in a second are never refused"},
        {"rate = \"1/d\" burst = 1000", "limit \"l\" needs longer than a year to earn its burst"},
        {"bytes = \"10M\"", "bytes needs a size in a time, such as 10M/s or 50G/d, not \"10M\""},
        {"bytes = \"10x/s\"", "bytes needs a size in a time, such as 10M/s or 50G/d, not \"10x/s\""},
        {"rate = \"1/s\" per = adress", "no way to tell clients apart is called \"adress\"; did you mean address?"},
        {"rate = \"1/s\" per = { all, user }", "per = all counts everybody's requests together and stands alone"},
        {"rate = \"1/s\" methods = PROPFID", "no method is called \"PROPFID\"; did you mean PROPFIND?"},
        {"rate = \"1/s\" paths = \"a\"",
         "paths needs paths such as \"/a folder\", without \".\" and \"..\", not \"a\""},
        {"rate = \"1/s\" paths = \"/a/../b\"",
         "paths needs paths such as \"/a folder\", without \".\" and \"..\", not \"/a/../b\""},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buf text = BUF_INIT(4096), why = BUF_INIT(4096);

        buf_printf(&text, "limit \"l\" {\n%s\n}\n" SITE(""), rows[i].inside);
        assert_null(kit_text(buf_str(&text)));
        buf_printf(&why, "/etc/t.conf:%u: %s", rows[i].inside[0] ? 2 : 3, rows[i].why);
        CHECK_STR(kit_why(), buf_str(&why));
        buf_release(&text);
        buf_release(&why);
    }
}

TEST(limit__names_are_of_printable_ascii)
{
    assert_null(kit_text("limit \"gr\xc3\xbc\" { rate = \"1/s\" }\n" SITE("")));
    CHECK_STR(kit_why(), "/etc/t.conf:1: limit needs a name of printable ASCII characters, at most 64 of them");
    assert_null(kit_text("limit \"\" { rate = \"1/s\" }\n" SITE("")));
    assert_null(kit_text("limit \"a\" { rate = \"1/s\" }\nlimit \"a\" { rate = \"2/s\" }\n" SITE("")));
}

TEST(limit__are_at_most_thirty_two)
{
    struct buf text = BUF_INIT(16384);
    struct conf *conf;

    for (unsigned i = 0; i < LIMITS_MAX; i++)
        buf_printf(&text, "limit \"l%u\" { rate = \"1/s\" }\n", i);
    buf_add_str(&text, SITE("limit \"of the site\" { rate = \"1/s\" }"));
    conf = kit_text(buf_str(&text));
    assert_non_null(conf);
    conf_unref(conf);
    buf_add_str(&text, "limit \"more\" { rate = \"1/s\" }\n");
    assert_null(kit_text(buf_str(&text)));
    CHECK_STR(kit_why(), "/etc/t.conf:36: limit \"more\" is one too many: 32 may stand here");
    buf_release(&text);
}
