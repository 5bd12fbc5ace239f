/*
 * test_limits.c - buckets, counts of requests under way, and what limits say to exchanges.
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "asked.h"
#include "base/names.h"
#include "ledger.h"

enum { THREADS = 8, TURNS = 20000 };

static const uint64_t second_ns = 1000000000;

/* ---- buckets ---- */

/* How many of `count` tries at `now_ns` there was one for. */
static unsigned taken(struct shelf *buckets, uint64_t key, uint64_t now_ns, unsigned burst, unsigned count)
{
    unsigned got = 0;

    for (unsigned i = 0; i < count; i++)
        got += !bucket_take(buckets, key, now_ns, second_ns, second_ns, burst * second_ns).is_refused;
    return got;
}

TEST(bucket__gives_its_burst_at_once_and_then_one_in_the_time_of_one)
{
    struct shelf *buckets = shelf_new(64);
    uint64_t now = 1000 * second_ns;

    CHECK_INT(taken(buckets, 7, now, 5, 10), 5);
    CHECK_INT(taken(buckets, 7, now + second_ns - 1, 5, 10), 0);
    CHECK_INT(taken(buckets, 7, now + second_ns, 5, 10), 1);
    CHECK_INT(taken(buckets, 7, now + 3 * second_ns, 5, 10), 2);
    CHECK_INT(taken(buckets, 7, now + 900 * second_ns, 5, 10), 5);
    shelf_free(buckets);
}

TEST(bucket__says_how_much_is_left_and_when_there_is_enough)
{
    struct shelf *buckets = shelf_new(64);
    uint64_t now = 1000 * second_ns;
    struct bucket_look look = bucket_take(buckets, 7, now, second_ns, second_ns, 3 * second_ns);

    CHECK_U64(look.left_ns, 2 * second_ns);
    look = bucket_take(buckets, 7, now, second_ns, second_ns, 3 * second_ns);
    look = bucket_take(buckets, 7, now, second_ns, second_ns, 3 * second_ns);
    CHECK_U64(look.left_ns, 0);
    look = bucket_take(buckets, 7, now + second_ns / 4, second_ns, second_ns, 3 * second_ns);
    CHECK(look.is_refused);
    CHECK_U64(look.wait_ns, second_ns / 4 * 3);
    CHECK_FALSE(
        bucket_take(buckets, 7, now + second_ns / 4 + look.wait_ns, second_ns, second_ns, 3 * second_ns).is_refused);
    shelf_free(buckets);
}

TEST(bucket__what_is_refused_takes_nothing)
{
    struct shelf *buckets = shelf_new(64);
    uint64_t now = 1000 * second_ns;

    CHECK_INT(taken(buckets, 7, now, 2, 1000), 2);
    CHECK_INT(taken(buckets, 7, now + second_ns, 2, 1000), 1);
    shelf_free(buckets);
}

TEST(bucket__what_is_given_back_is_there_again)
{
    struct shelf *buckets = shelf_new(64);
    uint64_t now = 1000 * second_ns;

    CHECK_INT(taken(buckets, 7, now, 2, 5), 2);
    bucket_give_back(buckets, 7, second_ns);
    CHECK_INT(taken(buckets, 7, now, 2, 5), 1);
    bucket_give_back(buckets, 8, second_ns); /* forgotten meanwhile: it is full */
    CHECK_INT(taken(buckets, 8, now, 2, 5), 2);
    shelf_free(buckets);
}

TEST(bucket__that_is_overdrawn_refuses_until_its_debt_is_earned)
{
    struct shelf *buckets = shelf_new(64);
    uint64_t now = 1000 * second_ns;

    CHECK_FALSE(bucket_take(buckets, 7, now, 0, 0, 10 * second_ns).is_refused);
    bucket_charge(buckets, 7, now, 15 * second_ns);
    CHECK(bucket_take(buckets, 7, now, 0, 0, 10 * second_ns).is_refused);
    CHECK_U64(bucket_take(buckets, 7, now, 0, 0, 10 * second_ns).wait_ns, 5 * second_ns);
    CHECK(bucket_take(buckets, 7, now + 5 * second_ns - 1, 0, 0, 10 * second_ns).is_refused);
    CHECK_FALSE(bucket_take(buckets, 7, now + 5 * second_ns, 0, 0, 10 * second_ns).is_refused);
    shelf_free(buckets);
}

TEST(bucket__a_debt_has_an_end_whatever_is_charged)
{
    struct shelf *buckets = shelf_new(64);
    uint64_t now = 1000 * second_ns;

    for (unsigned i = 0; i < 3; i++)
        bucket_charge(buckets, 7, now, UINT64_MAX - i);
    CHECK(bucket_take(buckets, 7, now, 0, 0, 10 * second_ns).is_refused);
    CHECK_FALSE(bucket_take(buckets, 7, now + UINT64_C(3650) * 86400 * second_ns, 0, 0, 10 * second_ns).is_refused);
    shelf_free(buckets);
}

/* One set of eight places: all keys of a shelf whose low bits are the same share it. */
static uint64_t neighbour(unsigned n)
{
    return 5 + ((uint64_t)n + 1) * (UINT64_C(1) << 20);
}

TEST(bucket__the_fullest_one_makes_room_and_the_emptiest_is_kept)
{
    struct shelf *buckets = shelf_new(64);
    uint64_t now = 1000 * second_ns;

    CHECK_INT(taken(buckets, neighbour(0), now, 100, 200), 100); /* empty */
    for (unsigned i = 1; i < 1000; i++)
        CHECK_INT(taken(buckets, neighbour(i), now, 100, 1), 1);
    CHECK_INT(taken(buckets, neighbour(0), now, 100, 5), 0);
    shelf_free(buckets);
}

/* ---- many threads ---- */

static struct shelf *common;
static struct under_way *counts;
static atomic_uint passed, most_seen, how_many;

static void *take_many(void *arg)
{
    for (unsigned i = 0; i < TURNS; i++)
        if (!bucket_take(common, 3, 1000 * second_ns, second_ns, second_ns, 500 * second_ns).is_refused)
            atomic_fetch_add(&passed, 1);
    return NULL;
}

static void *enter_and_leave(void *arg)
{
    for (unsigned i = 0; i < TURNS; i++) {
        uint64_t key = i % 3;

        if (!under_way_enter(counts, key, 2))
            continue;
        if (key == 0) {
            unsigned now = atomic_fetch_add(&how_many, 1) + 1;

            if (now > atomic_load(&most_seen))
                atomic_store(&most_seen, now);
            atomic_fetch_sub(&how_many, 1);
        }
        under_way_leave(counts, key);
    }
    return NULL;
}

static void at_the_same_time(void *(*what)(void *))
{
    pthread_t threads[THREADS];

    for (unsigned i = 0; i < THREADS; i++)
        CHECK_INT(pthread_create(&threads[i], NULL, what, NULL), 0);
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}

TEST(bucket__gives_no_more_to_many_threads_than_to_one)
{
    common = shelf_new(64);
    atomic_store(&passed, 0);
    at_the_same_time(take_many);
    CHECK_INT(atomic_load(&passed), 500);
    shelf_free(common);
}

TEST(under_way__never_more_than_may_be_whatever_thread_they_are_on)
{
    counts = under_way_new();
    at_the_same_time(enter_and_leave);
    CHECK(atomic_load(&most_seen) >= 1 && atomic_load(&most_seen) <= 2);
    for (uint64_t key = 0; key < 3; key++)
        CHECK_FALSE(under_way_is_full(counts, key, 1));
    under_way_free(counts);
}

TEST(under_way__counts_exactly_however_many_keys_there_are)
{
    enum { KEYS = 20000 };
    struct under_way *table = under_way_new();

    for (uint64_t key = 0; key < KEYS; key++)
        for (unsigned i = 0; i < 4; i++)
            CHECK(under_way_enter(table, key * 64, 3) == (i < 3));
    for (uint64_t key = 0; key < KEYS; key++) {
        CHECK(under_way_is_full(table, key * 64, 3));
        under_way_leave(table, key * 64);
        CHECK_FALSE(under_way_is_full(table, key * 64, 3));
    }
    under_way_free(table); /* two of each are left: the server ended */
}

/* ---- limits ---- */

static struct ledger *ledger;

struct kit {
    struct loop *loop;
    struct conf *conf;
};

static struct kit kit_open(const char *inside)
{
    role_assert_loop();
    ledger = ledger_new();
    return (struct kit){loop_new(), conf_of_site(inside)};
}

static void kit_close(struct kit *kit)
{
    role_assert_loop();
    conf_unref(kit->conf);
    loop_free(kit->loop);
    ledger_free(ledger);
}

static void let_go(struct exchange *ex)
{
    role_assert_loop();
    gates_leave(ex);
}

static struct exchange *come(struct kit *kit, const char *request, const char *peer, const char *user)
{
    struct exchange *ex;

    role_assert_loop();
    ex = asked(kit->loop, kit->conf, request);
    ex->ledger = ledger;
    ex->peer = slice_str(peer);
    ex->asker.user = slice_str(user);
    ex->asker.is_loopback = true;
    ex->let_go = let_go;
    return ex;
}

static int said(struct exchange *ex)
{
    struct verdict verdict;

    role_assert_loop();
    verdict = gates_on_arrival(ex);
    if (!verdict.status)
        verdict = gates_after_auth(ex);
    return verdict.status;
}

/* A whole request, over at once, with so much content. */
static int ask(struct kit *kit, const char *request, const char *peer, const char *user, uint64_t bytes)
{
    struct exchange *ex;
    int status;

    role_assert_loop();
    ex = come(kit, request, peer, user);
    status = said(ex);
    ex->body_sent = bytes;
    exchange_end(ex);
    return status;
}

#define GET "GET /a/b HTTP/1.1\r\nHost: localhost\r\n\r\n"
#define PUT "PUT /a/b HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\n"

static unsigned passes(struct kit *kit, const char *request, const char *peer, const char *user, unsigned tries)
{
    unsigned count = 0;

    role_assert_loop();
    while (tries--)
        count += ask(kit, request, peer, user, 0) == 0;
    return count;
}

TEST(limit__v4_addresses_one_by_one_v6_by_their_first_64_bits)
{
    struct kit kit = kit_open("limit \"l\" { rate = \"3/d\" burst = 3 }");
    static const char *const clients[] = {"192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8:0:1::1", "unix",
                                          "_hidden",   ""};

    for (size_t i = 0; i < sizeof(clients) / sizeof(clients[0]); i++)
        CHECK_INT(passes(&kit, GET, clients[i], "", 5), 3);
    CHECK_INT(passes(&kit, GET, "2001:db8::ffff:ffff:ffff:ffff", "", 5), 0);
    CHECK_INT(passes(&kit, GET, "2001:0db8:0000:0000:0000:0000:0000:0001", "", 5), 0);
    CHECK_INT(passes(&kit, GET, "::ffff:192.0.2.2", "", 5), 0);
    kit_close(&kit);
}

TEST(limit__of_a_user_knows_him_from_every_address)
{
    struct kit kit = kit_open("limit \"l\" { rate = \"3/d\" burst = 3 per = user }");

    CHECK_INT(passes(&kit, GET, "192.0.2.1", "alice", 5), 3);
    CHECK_INT(passes(&kit, GET, "192.0.2.2", "alice", 5), 0);
    CHECK_INT(passes(&kit, GET, "192.0.2.1", "bob", 5), 3);
    CHECK_INT(passes(&kit, GET, "192.0.2.1", "", 5), 3);
    CHECK_INT(passes(&kit, GET, "192.0.2.1", "192.0.2.1", 5), 3); /* a name that looks like an address */
    kit_close(&kit);
}

TEST(limit__what_a_later_one_refuses_is_not_counted_by_those_before)
{
    struct kit kit = kit_open("limit \"a\" { rate = \"9/d\" burst = 9 }\n"
                              "limit \"b\" { rate = \"2/d\" burst = 2 per = path methods = write }\n"
                              "limit \"c\" { concurrent = 1 }");

    CHECK_INT(passes(&kit, PUT, "192.0.2.1", "", 20), 2);
    CHECK_INT(passes(&kit, GET, "192.0.2.1", "", 20), 7);
    kit_close(&kit);
}

TEST(limit__of_requests_at_one_time_counts_until_the_exchange_is_let_go)
{
    struct kit kit =
        kit_open("limit \"c\" { concurrent = 2 per = address }\nlimit \"w\" { concurrent = 1 methods = PUT }");
    struct exchange *one, *two;

    role_assert_loop();
    one = come(&kit, GET, "192.0.2.1", "");
    two = come(&kit, PUT, "192.0.2.1", "");
    CHECK_INT(said(one), 0);
    CHECK_INT(said(two), 0);
    CHECK_INT(ask(&kit, GET, "192.0.2.1", "", 0), 429);
    CHECK_INT(ask(&kit, GET, "192.0.2.9", "", 0), 0);
    exchange_end(one);
    CHECK_INT(ask(&kit, GET, "192.0.2.1", "", 0), 0);
    CHECK_INT(ask(&kit, PUT, "192.0.2.1", "", 0), 429);
    two->head.method = METHOD_GET; /* whatever becomes of it, it is counted back as it was counted */
    exchange_end(two);
    CHECK_INT(ask(&kit, PUT, "192.0.2.1", "", 0), 0);
    kit_close(&kit);
}

TEST(limit__of_bytes_counts_both_ways_when_it_is_over)
{
    struct kit kit = kit_open("limit \"b\" { bytes = \"1000/d\" }");
    struct exchange *ex;

    role_assert_loop();
    CHECK_INT(ask(&kit, GET, "192.0.2.1", "", 600), 0);
    ex = come(&kit, PUT, "192.0.2.1", "");
    CHECK_INT(said(ex), 0);
    ex->intake.total = 600;
    CHECK_INT(ask(&kit, GET, "192.0.2.1", "", 0), 0);
    exchange_end(ex);
    CHECK_INT(ask(&kit, GET, "192.0.2.1", "", 0), 429);
    kit_close(&kit);
}

TEST(limit__keeps_to_its_memory_however_many_clients_come)
{
    struct kit kit = kit_open("limit \"l\" { rate = \"2/d\" burst = 2 }");
    char peer[32];

    CHECK_INT(passes(&kit, GET, "192.0.2.1", "", 3), 2);
    for (unsigned i = 0; i < 50000; i++) {
        snprintf(peer, sizeof(peer), "10.%u.%u.%u", i >> 16, i >> 8 & 255, i & 255);
        CHECK_INT(ask(&kit, GET, peer, "", 0), 0);
    }
    CHECK_INT(passes(&kit, GET, "192.0.2.1", "", 3), 0);
    kit_close(&kit);
}

/* ---- without an exchange ---- */

static struct limit_asked hot_of(struct kit *kit)
{
    struct limit_asked asked_for = {.ledger = ledger,
                                    .conf = kit->conf,
                                    .site = &kit->conf->sites[0],
                                    .method = METHOD_GET,
                                    .path = limit_path(SLICE("a/b"))};
    const unsigned char addr[16] = {192, 0, 2, 1};

    asked_for.rules = limits_at(kit->conf, asked_for.site, SLICE("a/b"));
    asked_for.address = limit_address(AF_INET, addr, SLICE_NONE);
    return asked_for;
}

TEST(limit__the_short_way_and_the_long_one_take_from_the_same_buckets)
{
    static const char *const limits[] = {
        "",          "per = user",     "per = path",    "per = method", "per = { address, path, method }",
        "per = all", "paths = \"/a\"", "methods = read"};

    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        char inside[128];
        struct kit kit;
        struct limit_asked hot;
        struct limited limited;

        snprintf(inside, sizeof(inside), "limit \"l\" { rate = \"4/d\" burst = 4 %s }", limits[i]);
        kit = kit_open(inside);
        hot = hot_of(&kit);
        CHECK_INT(limits_judge(&hot, &limited), LIMIT_GO_ON);
        CHECK_INT(limits_judge(&hot, &limited), LIMIT_GO_ON);
        CHECK_INT(limits_judge(&hot, &limited), LIMIT_TELL); /* less than half would be left, and nothing was taken */
        CHECK_INT(limits_judge(&hot, &limited), LIMIT_TELL);
        CHECK_FALSE(limits_refuse(&hot, &limited));
        CHECK_INT(passes(&kit, GET, "192.0.2.1", "", 5), 2);
        CHECK_INT(limits_judge(&hot, &limited), LIMIT_REFUSE);
        CHECK(limits_refuse(&hot, &limited));
        CHECK(limited.wait_s > 21000 && limited.wait_s <= 21600);
        hot.method = METHOD_PUT; /* another class; not counted by those of reading */
        CHECK_INT(limits_judge(&hot, &limited) != LIMIT_REFUSE, strstr(limits[i], "method") != NULL);
        kit_close(&kit);
    }
}

TEST(limit__holds_for_the_other_form_of_a_name)
{
    struct kit kit;

    if (!names_can_nfc())
        skip();
    kit = kit_open("names = nfc limit \"l\" { rate = \"4/d\" paths = { \"/\303\251\" } }");
    CHECK(limits_at(kit.conf, &kit.conf->sites[0], SLICE("\303\251/x")) != 0);
    CHECK(limits_at(kit.conf, &kit.conf->sites[0], SLICE("e\314\201/x")) != 0);
    kit_close(&kit);
}

TEST(limit__elsewhere_does_not_hold)
{
    struct kit kit = kit_open("limit \"l\" { rate = \"4/d\" paths = { \"/b\", \"/a/c\" } }");
    const struct site *site = &kit.conf->sites[0];

    CHECK_U64(limits_at(kit.conf, site, SLICE("a/b")), 0);
    CHECK_U64(limits_at(kit.conf, site, SLICE("bb")), 0);
    CHECK(limits_at(kit.conf, site, SLICE("b")) != 0);
    CHECK(limits_at(kit.conf, site, SLICE("a/c/d")) != 0);
    CHECK_U64(limits_on_arrival(kit.conf, site), 0);
    kit_close(&kit);
}
