/*
 * test_seen.c - which version a client was given last.
 */
#include "asked.h"
#include "gate/gate.h"

struct kit {
    struct loop *loop;
    struct conf *conf;
    struct ledger *ledger;
};

static struct kit kit_make(void)
{
    role_assert_loop();
    return (struct kit){loop_new(), conf_of_site("require-match = conflict-copy"), ledger_new()};
}

static void kit_release(struct kit *kit)
{
    role_assert_loop();
    ledger_free(kit->ledger);
    conf_unref(kit->conf);
    loop_free(kit->loop);
}

static uint64_t key(struct kit *kit, const char *user, const char *peer, const char *agent, const char *path)
{
    struct buf text = BUF_INIT(1024);
    struct exchange *ex;
    uint64_t got;

    role_assert_loop();
    buf_printf(&text, "GET /x HTTP/1.1\r\nHost: a\r\nUser-Agent: %s\r\n\r\n", agent);
    ex = asked(kit->loop, kit->conf, buf_str(&text));
    ex->rules = conf_rules(ex->site, slice_str(path));
    ex->asker.user = slice_str(user);
    ex->peer = slice_str(peer);
    ex->ledger = kit->ledger;
    got = seen_key(ex, slice_str(path));
    exchange_end(ex);
    buf_release(&text);
    return got;
}

TEST(seen__is_the_last_version_that_was_noted)
{
    struct kit kit = kit_make();

    CHECK_FALSE(seen_is(kit.ledger, 7, SLICE("a")));
    seen_note(kit.ledger, 7, SLICE("a"));
    CHECK(seen_is(kit.ledger, 7, SLICE("a")));
    CHECK_FALSE(seen_is(kit.ledger, 8, SLICE("a")));
    seen_note(kit.ledger, 7, SLICE("b"));
    CHECK(seen_is(kit.ledger, 7, SLICE("b")));
    CHECK_FALSE(seen_is(kit.ledger, 7, SLICE("a")));
    seen_note(kit.ledger, 0, SLICE("a"));
    CHECK_FALSE(seen_is(kit.ledger, 0, SLICE("a")));
    seen_note(kit.ledger, 9, SLICE(""));
    CHECK_FALSE(seen_is(kit.ledger, 9, SLICE("")));
    kit_release(&kit);
}

TEST(seen__a_user_is_the_same_client_everywhere_and_others_are_their_address_and_program)
{
    struct kit kit = kit_make();

    CHECK_U64(key(&kit, "alice", "192.0.2.1", "one", "f"), key(&kit, "alice", "192.0.2.2", "two", "f"));
    CHECK(key(&kit, "alice", "192.0.2.1", "one", "f") != key(&kit, "bob", "192.0.2.1", "one", "f"));
    CHECK(key(&kit, "alice", "192.0.2.1", "one", "f") != key(&kit, "alice", "192.0.2.1", "one", "g"));
    CHECK_U64(key(&kit, "", "192.0.2.1", "one", "f"), key(&kit, "", "192.0.2.1", "one", "f"));
    CHECK(key(&kit, "", "192.0.2.1", "one", "f") != key(&kit, "", "192.0.2.1", "two", "f"));
    CHECK(key(&kit, "", "192.0.2.1", "one", "f") != key(&kit, "", "192.0.2.2", "one", "f"));
    kit_release(&kit);
}

TEST(seen__nothing_is_remembered_where_no_copies_are_made)
{
    struct kit kit = kit_make();

    CHECK(key(&kit, "", "192.0.2.1", "one", "f") != 0);
    conf_unref(kit.conf);
    kit.conf = conf_of_site("require-match = on");
    CHECK_U64(key(&kit, "", "192.0.2.1", "one", "f"), 0);
    kit_release(&kit);
}

/* However many clients there are: those that came last are known, and it does not grow. */
TEST(seen__the_oldest_are_forgotten_first)
{
    struct kit kit = kit_make();
    unsigned known = 0;

    for (uint64_t i = 1; i <= 400000; i++)
        seen_note(kit.ledger, i * 0x9e3779b97f4a7c15u, SLICE("a"));
    for (uint64_t i = 400000 - 9999; i <= 400000; i++)
        known += seen_is(kit.ledger, i * 0x9e3779b97f4a7c15u, SLICE("a"));
    CHECK(known > 9900);
    CHECK_FALSE(seen_is(kit.ledger, 0x9e3779b97f4a7c15u, SLICE("a")));
    kit_release(&kit);
}
