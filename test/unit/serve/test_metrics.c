/*
 * test_metrics.c - what loops count, the text that it becomes, and what is said of the server's health.
 */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "inn.h"
#include "metrics.h"
#include "store/core.h"

/* ---- counting ---- */

static struct tally tally; /* too large for a stack */

TEST(tally__a_request_counts_by_version_method_and_code)
{
    struct tally_request put = {TALLY_HTTP_2, METHOD_PUT, 201, 700, 5};

    tally = (struct tally){0};
    tally_request(&tally, &put);
    tally_request(&tally, &put);
    CHECK_U64(tally_get(&tally.answers[TALLY_HTTP_2][METHOD_PUT][101]), 2);
    CHECK_U64(tally_get(&tally.answers[TALLY_HTTP_1_1][METHOD_PUT][101]), 0);
    CHECK_U64(tally_get(&tally.body_received), 1400);
    CHECK_U64(tally_get(&tally.body_sent), 10);
    CHECK_U64(tally_get(&tally.abandoned), 0);
}

TEST(tally__whoever_left_before_an_answer_has_no_code_and_no_duration)
{
    const unsigned none[] = {0, 99, 600, 4000000000u};

    tally = (struct tally){0};
    for (unsigned i = 0; i < 4; i++) {
        tally_request(&tally, &(struct tally_request){.method = METHOD_GET, .status = none[i], .received = 1});
        tally_duration(&tally, none[i], 5);
    }
    CHECK_U64(tally_get(&tally.abandoned), 4);
    CHECK_U64(tally_get(&tally.body_received), 4);
    for (unsigned i = 0; i < TALLY_CLASSES; i++)
        CHECK_U64(atomic_load(&tally.durations[i].sum_ns), 0);
}

TEST(tally__the_first_and_the_last_code_have_a_place)
{
    tally = (struct tally){0};
    tally_request(&tally, &(struct tally_request){.method = METHOD_UNKNOWN, .status = 100});
    tally_request(&tally, &(struct tally_request){.method = METHOD_PATCH, .status = 599});
    tally_duration(&tally, 599, 1);
    CHECK_U64(tally_get(&tally.answers[TALLY_HTTP_1_0][METHOD_UNKNOWN][0]), 1);
    CHECK_U64(tally_get(&tally.answers[TALLY_HTTP_1_0][METHOD_PATCH][499]), 1);
    CHECK_U64(atomic_load(&tally.durations[4].counts[0]), 1);
}

/* ---- the text ---- */

static struct inn *inn;
static struct store *stores[1];

static void begin(const char *site)
{
    inn = inn_open(site);
    stores[0] = inn->folder.store;
    inn->server.stations = &inn->station;
    inn->server.stores = stores;
    inn->server.store_count = 1;
}

static char *page(enum metrics_form form)
{
    struct buf text = BUF_INIT(1024 * 1024);

    role_assert_worker();
    metrics_write(&inn->server, inn->conf, form, &text);
    CHECK_FALSE(text.overflown);
    return buf_take(&text);
}

static bool has(enum metrics_form form, const char *line)
{
    char *text = page(form);
    bool found = strstr(text, line) != NULL;

    free(text);
    return found;
}

static void count_some(struct inn *at, void *arg)
{
    (void)arg;
    tally_add(&at->station.tally.answers[TALLY_HTTP_1_1][METHOD_GET][100], 41);
    tally_add(&at->station.tally.answers[TALLY_HTTP_1_0][METHOD_UNKNOWN][401], 2);
    tally_duration(&at->station.tally, 501, UINT64_C(61000000005));
}

TEST(metrics__requests_are_there_once_they_occurred)
{
    begin("");
    CHECK_FALSE(has(METRICS_OPEN, "samovar_http_requests_total{"));
    inn_on_loop(inn, count_some, NULL);
    CHECK(has(METRICS_OPEN, "\nsamovar_http_requests_total{method=\"GET\",code=\"200\",version=\"1.1\"} 41\n"));
    CHECK(has(METRICS_OPEN, "\nsamovar_http_requests_total{method=\"other\",code=\"501\",version=\"1.0\"} 2\n"));
    CHECK(has(METRICS_OPEN, "_bucket{class=\"5xx\",le=\"60.0\"} 0\n"));
    CHECK(has(METRICS_OPEN, "_bucket{class=\"5xx\",le=\"+Inf\"} 1\n"));
    CHECK(has(METRICS_OPEN, "_count{class=\"5xx\"} 1\n"));
    CHECK(has(METRICS_OPEN, "_sum{class=\"5xx\"} 61.000000005\n"));
    inn_close(inn);
}

TEST(metrics__the_older_form_names_counters_and_has_no_units)
{
    begin("");
    CHECK(has(METRICS_OPEN, "# TYPE samovar_hot_hits counter\n"));
    CHECK(has(METRICS_OPEN, "# UNIT samovar_hot_bytes bytes\n"));
    CHECK(has(METRICS_OPEN, "\n# EOF\n"));
    CHECK(has(METRICS_TEXT, "# TYPE samovar_hot_hits_total counter\n"));
    CHECK(has(METRICS_TEXT, "# TYPE samovar_build_info gauge\n"));
    CHECK(has(METRICS_TEXT, "\nsamovar_hot_hits_total 0\n"));
    CHECK_FALSE(has(METRICS_TEXT, "# UNIT"));
    CHECK_FALSE(has(METRICS_TEXT, "# EOF"));
    inn_close(inn);
}

TEST(metrics__a_sites_name_cannot_break_its_line)
{
    begin("");
    inn->conf->sites[0].name = SLICE("a\"b\\c\nd\xc3");
    CHECK(has(METRICS_OPEN, "\nsamovar_store_read_only{site=\"a\\\"b\\\\c_d_\"} 0\n"));
    inn_close(inn);
}

TEST(hot__entries_are_told_as_they_come_and_go)
{
    const struct timespec times[2] = {{.tv_nsec = UTIME_NOW}, {.tv_sec = clock_real_s() - 3600}};

    begin("");
    if (!store_reports_changes(inn->folder.store)) {
        inn_close(inn);
        SKIP();
    }
    folder_write(&inn->folder, "f", "hello");
    CHECK_INT(utimensat(inn->folder.fd, "f", times, 0), 0);
    CHECK(inn_get_hot(inn, "/f"));
    CHECK_U64(tally_get(&inn->station.tally.hot_entries), 1);
    CHECK(tally_get(&inn->station.tally.hot_bytes) > 5);
    CHECK_INT(unlinkat(inn->folder.fd, "f", 0), 0);
    CHECK_FALSE(inn_has_entry(inn, "/f"));
    CHECK_U64(tally_get(&inn->station.tally.hot_entries), 0);
    CHECK_U64(tally_get(&inn->station.tally.hot_bytes), 0);
    inn_close(inn);
}

TEST(metrics__the_newer_form_is_given_unless_text_alone_is_asked_for)
{
    CHECK_INT(metrics_form_of(SLICE("")), METRICS_OPEN);
    CHECK_INT(metrics_form_of(SLICE("*/*")), METRICS_OPEN);
    CHECK_INT(metrics_form_of(SLICE("text/plain;version=0.0.4, */*;q=0.1")), METRICS_TEXT);
    CHECK_INT(metrics_form_of(SLICE("text/plain, Application/OpenMetrics-Text;version=1.0.0;q=0.5")), METRICS_OPEN);
    CHECK_INT(metrics_form_of(SLICE("application/openmetrics-text;version=\"1,0\";q=0,text/plain")), METRICS_TEXT);
    CHECK_INT(metrics_form_of(SLICE("text/plain;q=0.000")), METRICS_OPEN);
    CHECK_INT(metrics_form_of(SLICE(";;,,q=,")), METRICS_OPEN);
}

/* ---- health ---- */

static bool health(bool is_draining, struct buf *text)
{
    buf_clear(text);
    return health_write(&inn->server, inn->conf, is_draining, text);
}

TEST(health__is_lost_by_stopping)
{
    struct buf text = BUF_INIT(4096);

    begin("");
    CHECK(health(false, &text));
    CHECK(slice_starts(buf_slice(&text), SLICE("ok\nsite ")));
    CHECK_FALSE(health(true, &text));
    CHECK(slice_starts(buf_slice(&text), SLICE("not ok\nstopping: ")));
    buf_release(&text);
    inn_close(inn);
}

TEST(health__is_lost_with_a_disk_that_failed_and_not_by_a_folder_that_was_never_written)
{
    struct buf text = BUF_INIT(4096);

    begin("");
    store_fail(inn->folder.store, "a test says so");
    CHECK_FALSE(health(false, &text));
    CHECK_SLICE(buf_slice(&text), "not ok\nsite s: read-only since a failure of the disk\n");
    CHECK(has(METRICS_OPEN, "\nsamovar_store_read_only{site=\"s\"} 1\n"));
    folder_stop(&inn->folder);
    folder_serve(&inn->folder, &(struct store_options){.read_only = true});
    stores[0] = inn->site.store = inn->folder.store;
    CHECK(health(false, &text));
    CHECK_SLICE(buf_slice(&text), "ok\nsite s: reads, is not written\n");
    buf_release(&text);
    inn_close(inn);
}
