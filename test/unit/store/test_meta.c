/*
 * test_meta.c - the records: one suite, played against both implementations.
 */
#include "check.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/role.h"

/* private, as the tests of a folder may */
#include "meta.h"

struct suite {
    bool is_durable;
    char path[256];
    struct meta *meta;
};

static const struct meta_format format_1 = {.number = 1};

static void suite_open(struct suite *suite, const struct meta_format *format, enum err want)
{
    struct buf why = BUF_INIT(1024);
    struct meta_back back = {0};

    if (suite->is_durable)
        CHECK_INT(meta_lmdb_open(suite->path, false, &back, &why), ERR_NONE);
    else
        back = meta_mem_open();
    suite->meta = NULL;
    CHECK_INT(meta_open(back, format, &suite->meta, &why), want);
    CHECK_INT(want == ERR_NONE, suite->meta != NULL);
    if (want == ERR_UNSUPPORTED)
        CHECK(strstr(buf_str(&why), "newer") != NULL);
    buf_release(&why);
}

static void suite_init(struct suite *suite, bool is_durable)
{
    const char *temporary = getenv("TMPDIR");

    *suite = (struct suite){.is_durable = is_durable};
    snprintf(suite->path, sizeof(suite->path), "%s/samovar-meta-XXXXXX", temporary ? temporary : "/tmp");
    if (is_durable)
        assert_non_null(mkdtemp(suite->path));
    suite_open(suite, &format_1, ERR_NONE);
}

static void suite_release(struct suite *suite)
{
    char command[512];

    meta_close(suite->meta);
    snprintf(command, sizeof(command), "rm -rf '%s'", suite->path);
    if (suite->is_durable)
        CHECK_INT(system(command), 0);
}

#define BOTH(name)                                                                                                     \
    static void name(struct suite *suite);                                                                             \
    TEST(meta_lmdb__##name)                                                                                            \
    {                                                                                                                  \
        struct suite suite;                                                                                            \
        suite_init(&suite, true);                                                                                      \
        name(&suite);                                                                                                  \
        suite_release(&suite);                                                                                         \
    }                                                                                                                  \
    TEST(meta_mem__##name)                                                                                             \
    {                                                                                                                  \
        struct suite suite;                                                                                            \
        suite_init(&suite, false);                                                                                     \
        name(&suite);                                                                                                  \
        suite_release(&suite);                                                                                         \
    }                                                                                                                  \
    static void name(struct suite *suite)

static void expect(struct meta *meta, const char *key, const char *want)
{
    struct buf value = BUF_INIT(1024);
    enum err err = meta_get(meta, slice_str(key), &value);

    CHECK_INT(err, want ? ERR_NONE : ERR_MISSING);
    if (want)
        CHECK_SLICE(buf_slice(&value), want);
    buf_release(&value);
}

static struct meta_change set(const char *key, const char *value)
{
    return (struct meta_change){slice_str(key), slice_str(value), false};
}

static struct meta_change drop(const char *key)
{
    return (struct meta_change){slice_str(key), SLICE_NONE, true};
}

BOTH(what_was_committed_is_there)
{
    struct meta_change changes[] = {set("a", "1"), set("b", "2"), set("c", "")};

    CHECK_INT(meta_commit(suite->meta, changes, 3), ERR_NONE);
    expect(suite->meta, "a", "1");
    expect(suite->meta, "b", "2");
    expect(suite->meta, "c", "");
    expect(suite->meta, "d", NULL);
    CHECK_INT(meta_commit(suite->meta, (struct meta_change[]){drop("a"), drop("never")}, 2), ERR_NONE);
    expect(suite->meta, "a", NULL);
}

BOTH(later_changes_of_one_commit_win)
{
    CHECK_INT(
        meta_commit(suite->meta, (struct meta_change[]){set("a", "1"), set("a", "2"), drop("a"), set("a", "3")}, 4),
        ERR_NONE);
    expect(suite->meta, "a", "3");
}

BOTH(queued_changes_are_seen_at_once_and_durable_soon)
{
    struct buf value = BUF_INIT(64);
    struct meta_change change = set("q", "queued");

    meta_queue(suite->meta, &change, 1);
    expect(suite->meta, "q", "queued");
    for (int i = 0; i < 100 && meta_get_durable(suite->meta, SLICE("q"), &value) == ERR_MISSING; i++)
        usleep(10000);
    CHECK_SLICE(buf_slice(&value), "queued");
    change = drop("q");
    meta_queue(suite->meta, &change, 1);
    expect(suite->meta, "q", NULL);
    CHECK_INT(meta_flush(suite->meta), ERR_NONE);
    CHECK_INT(meta_get_durable(suite->meta, SLICE("q"), &value), ERR_MISSING);
    buf_release(&value);
}

BOTH(queued_then_committed_keep_their_order)
{
    struct meta_change first = set("k", "first"), second = set("k", "second");

    meta_queue(suite->meta, &first, 1);
    CHECK_INT(meta_commit(suite->meta, &second, 1), ERR_NONE);
    expect(suite->meta, "k", "second");
}

BOTH(scans_come_in_order_and_in_batches)
{
    char after[32] = "";
    unsigned seen = 0, batches = 0;
    bool has_more = true;

    for (unsigned i = 0; i < 2500; i++) {
        char key[32];
        struct meta_change change;

        snprintf(key, sizeof(key), "n%05u", (i * 7919) % 2500);
        change = set(key, "v");
        meta_queue(suite->meta, &change, 1);
        if (i == 1200)
            CHECK_INT(meta_flush(suite->meta), ERR_NONE); /* half committed, half in the overlay */
    }
    CHECK_INT(meta_commit(suite->meta, (struct meta_change[]){set("m", "x"), set("o", "x")}, 2), ERR_NONE);
    while (has_more) {
        struct meta_batch batch;

        CHECK_INT(meta_scan(suite->meta, SLICE("n"), slice_str(after), 1000, &batch), ERR_NONE);
        for (unsigned i = 0; i < batch.count; i++, seen++) {
            char want[32];

            snprintf(want, sizeof(want), "n%05u", seen);
            CHECK_SLICE(batch.entries[i].key, want);
        }
        snprintf(after, sizeof(after), "%.*s", SLICE_FMT(batch.entries[batch.count - 1].key));
        has_more = batch.has_more;
        batches++;
        meta_batch_release(&batch);
    }
    CHECK_INT(seen, 2500);
    CHECK_INT(batches, 3);
}

BOTH(scan_leaves_out_what_is_queued_to_be_dropped)
{
    struct meta_change changes[] = {set("p1", ""), set("p2", ""), set("p3", ""), set("p4", "")};
    struct meta_change drops[] = {drop("p1"), drop("p2"), drop("p4"), set("p0", "new")};
    struct meta_batch batch;

    CHECK_INT(meta_commit(suite->meta, changes, 4), ERR_NONE);
    meta_queue(suite->meta, drops, 4);
    CHECK_INT(meta_scan(suite->meta, SLICE("p"), SLICE("p0"), 2, &batch), ERR_NONE);
    CHECK_INT(batch.count, 1);
    CHECK_SLICE(batch.entries[0].key, "p3");
    meta_batch_release(&batch);
    CHECK_INT(meta_scan(suite->meta, SLICE("p"), SLICE_NONE, 10, &batch), ERR_NONE);
    CHECK_INT(batch.count, 2);
    CHECK_SLICE(batch.entries[0].value, "new");
    meta_batch_release(&batch);
}

static enum err count_up(struct meta_txn *txn, void *arg)
{
    struct buf value = BUF_INIT(64);
    char text[32];
    enum err err = meta_txn_get(txn, SLICE("counter"), &value);

    snprintf(text, sizeof(text), "%d", err == ERR_NONE ? atoi(buf_str(&value)) + 1 : 1);
    meta_txn_put(txn, SLICE("counter"), slice_str(text));
    buf_release(&value);
    return arg ? ERR_REFUSED : ERR_NONE;
}

static void *count_many(void *arg)
{
    role_take(ROLE_WORKER, "counter");
    for (int i = 0; i < 25; i++)
        meta_update(arg, count_up, NULL);
    return NULL;
}

BOTH(updates_of_many_threads_lose_nothing)
{
    pthread_t threads[8];

    for (int i = 0; i < 8; i++)
        CHECK_INT(pthread_create(&threads[i], NULL, count_many, suite->meta), 0);
    for (int i = 0; i < 8; i++)
        pthread_join(threads[i], NULL);
    expect(suite->meta, "counter", "200");
}

BOTH(failed_update_changes_nothing)
{
    int yes = 1;

    CHECK_INT(meta_update(suite->meta, count_up, NULL), ERR_NONE);
    CHECK_INT(meta_update(suite->meta, count_up, &yes), ERR_REFUSED);
    expect(suite->meta, "counter", "1");
}

static enum err rename_key(struct meta_txn *txn)
{
    struct buf value = BUF_INIT(64);
    enum err err = meta_txn_get(txn, SLICE("old"), &value);

    if (err == ERR_NONE) {
        meta_txn_put(txn, SLICE("new"), buf_slice(&value));
        meta_txn_drop(txn, SLICE("old"));
    }
    buf_release(&value);
    return ERR_NONE;
}

static enum err cannot(struct meta_txn *txn)
{
    meta_txn_drop(txn, SLICE("new"));
    return ERR_DAMAGED;
}

static void reopen(struct suite *suite, const struct meta_format *format, enum err want)
{
    meta_close(suite->meta);
    suite_open(suite, format, want);
}

BOTH(while_it_waits_a_queued_change_is_durable_at_once)
{
    struct meta_change change = {.key = SLICE("w"), .value = SLICE("1")};
    struct buf value = BUF_INIT(64);

    meta_queue(suite->meta, &change, 1);
    meta_await(suite->meta, true);
    CHECK_INT(meta_flush(suite->meta), ERR_NONE);
    CHECK_INT(meta_get_durable(suite->meta, SLICE("w"), &value), ERR_NONE); /* what was queued before */
    change.value = SLICE("2");
    meta_queue(suite->meta, &change, 1);
    CHECK_INT(meta_get_durable(suite->meta, SLICE("w"), &value), ERR_NONE);
    CHECK_SLICE(buf_slice(&value), "2");
    meta_await(suite->meta, false);
    change.value = SLICE("3");
    meta_queue(suite->meta, &change, 1);
    CHECK_INT(meta_get(suite->meta, SLICE("w"), &value), ERR_NONE);
    CHECK_SLICE(buf_slice(&value), "3");
    buf_release(&value);
}

TEST(meta_lmdb__records_outlive_a_restart)
{
    struct suite suite;
    struct meta_change change = set("left", "queued at the end");

    suite_init(&suite, true);
    CHECK_INT(meta_commit(suite.meta, (struct meta_change[]){set("kept", "yes")}, 1), ERR_NONE);
    meta_queue(suite.meta, &change, 1);
    reopen(&suite, &format_1, ERR_NONE);
    expect(suite.meta, "kept", "yes");
    expect(suite.meta, "left", "queued at the end");
    suite_release(&suite);
}

TEST(meta__older_format_is_upgraded_step_by_step_in_one_transaction)
{
    struct meta_upgrade steps[] = {{.from = 2, .apply = cannot}, {.from = 1, .apply = rename_key}};
    struct meta_format format_3 = {.number = 3, .upgrades = steps, .upgrade_count = 2};
    struct meta_format format_2 = {.number = 2, .upgrades = steps, .upgrade_count = 2};
    struct suite suite;

    suite_init(&suite, true);
    CHECK_INT(meta_commit(suite.meta, (struct meta_change[]){set("old", "value")}, 1), ERR_NONE);
    reopen(&suite, &format_3, ERR_DAMAGED); /* its second step fails, so the first was not made either */
    suite_open(&suite, &format_1, ERR_NONE);
    expect(suite.meta, "old", "value");
    reopen(&suite, &format_2, ERR_NONE);
    expect(suite.meta, "old", NULL);
    expect(suite.meta, "new", "value");
    suite_release(&suite);
}

TEST(meta__newer_format_is_refused_with_a_reason)
{
    struct suite suite;

    suite_init(&suite, true);
    CHECK_INT(meta_commit(suite.meta, (struct meta_change[]){{SLICE("format"), {"\0\0\0\7", 4}, false}}, 1), ERR_NONE);
    reopen(&suite, &format_1, ERR_UNSUPPORTED);
    suite_release(&suite);
}
