/*
 * metrics.c - what the metrics listener answers: figures at /metrics, at /health whether all is well.
 *
 * Health is said at once, by the loop, from what is in memory: it must be heard also when no worker comes back from
 * the disk. For the figures a worker reads /proc, in the lane that never waits for a disk.
 */
#include "metrics.h"

#include "http/field.h"
#include "http/host.h"
#include "method/method.h"

enum {
    TEXT_MAX = 1024 * 1024,
    STUCK_MS = 30000, /* jobs wait and none was taken up: longer than any disk that is well */
};

/* ---- health ---- */

static bool add_lanes(struct server *server, struct buf *out)
{
    bool is_well = true;

    for (unsigned lane = 0; lane < LANE_COUNT; lane++) {
        struct lane_look look = pool_look(server->pool, (enum lane)lane);

        if (look.stuck_ms < STUCK_MS)
            continue;
        is_well = false;
        buf_printf(out, "workers (%s): stuck, %u jobs have been waiting for %llu s\n", look.name, look.waiting,
                   (unsigned long long)look.stuck_ms / 1000);
    }
    return is_well;
}

static bool add_sites(struct server *server, const struct conf *conf, struct buf *out)
{
    bool is_well = true;

    for (unsigned i = 0; i < server->store_count; i++) {
        const struct store *store = server->stores[i];
        bool has_failed = store_has_failed(store);

        buf_printf(out, "site %.*s: %s\n", SLICE_FMT(conf->sites[i].name),
                   has_failed                  ? "read-only since a failure of the disk"
                   : store_is_read_only(store) ? "reads, is not written"
                                               : "reads and writes");
        is_well = is_well && !has_failed;
    }
    return is_well;
}

bool health_write(struct server *server, const struct conf *conf, bool is_draining, struct buf *out)
{
    struct buf lines = BUF_INIT(TEXT_MAX);
    bool is_well = !is_draining;

    if (is_draining)
        buf_add_str(&lines, "stopping: requests under way are finished, no others are taken\n");
    is_well &= add_lanes(server, &lines);
    is_well &= add_sites(server, conf, &lines);
    buf_add_str(out, is_well ? "ok\n" : "not ok\n");
    buf_add(out, buf_slice(&lines));
    buf_release(&lines);
    return is_well;
}

/* ---- answers ---- */

static LOOP_SIDE void answer_text(struct exchange *ex, int status, struct slice type, struct slice text)
{
    ex->answer.status = status;
    answer_field(&ex->arena, &ex->answer, SLICE("Cache-Control"), SLICE("no-store"));
    answer_field(&ex->arena, &ex->answer, SLICE("X-Content-Type-Options"), SLICE("nosniff"));
    answer_bytes(&ex->arena, &ex->answer, type, text);
    exchange_answer(ex);
}

static LOOP_SIDE void answer_health(struct station *station, struct exchange *ex)
{
    struct buf text = BUF_INIT(TEXT_MAX);
    bool is_well = health_write(station->server, ex->conf, station->is_draining, &text);

    answer_text(ex, is_well ? 200 : 503, SLICE("text/plain; charset=utf-8"), arena_slice(&ex->arena, buf_slice(&text)));
    buf_release(&text);
}

struct scrape {
    struct job job;
    struct exchange *ex; /* loop only */
    struct server *server;
    const struct conf *conf; /* the exchange's */
    enum metrics_form form;
    struct slice text;
};

static void scrape_act(struct job *job)
{
    struct scrape *scrape = CONTAINER(job, struct scrape, job);
    struct buf text = BUF_INIT(TEXT_MAX);

    role_assert_worker();
    metrics_write(scrape->server, scrape->conf, scrape->form, &text);
    scrape->text = arena_slice(&job->arena, buf_slice(&text));
    buf_release(&text);
}

static void scrape_done(struct job *job)
{
    struct scrape *scrape = CONTAINER(job, struct scrape, job);
    struct exchange *ex = scrape->ex;

    role_assert_loop();
    if (exchange_home(ex, job))
        answer_text(ex, 200, metrics_media_type(scrape->form), scrape->text);
}

/* A member of Accept that is not ruled out by its weight; parameters say which version, and ours is what we have. */
static bool is_wanted(struct slice member)
{
    struct slice rest = slice_from(member, slice_index(member, ';')), name, value;
    unsigned quality;

    while (param_next(&rest, &name, &value))
        if (slice_eq_nocase(name, SLICE("q")))
            return !quality_parse(value, &quality) || quality;
    return true;
}

enum metrics_form metrics_form_of(struct slice accept)
{
    struct slice member;
    bool wants_text = false;

    while (list_next(&accept, &member)) {
        struct slice type = slice_trim(slice_upto(member, slice_index(member, ';')));

        if (!is_wanted(member))
            continue;
        if (slice_eq_nocase(type, SLICE("application/openmetrics-text")))
            return METRICS_OPEN;
        /* a browser shows what is text, and would save the rest */
        wants_text |= slice_starts(type, SLICE("text/"));
    }
    return wants_text ? METRICS_TEXT : METRICS_OPEN;
}

static LOOP_SIDE void answer_figures(struct station *station, struct exchange *ex)
{
    struct scrape *scrape = arena_alloc(&ex->arena, sizeof(*scrape));

    *scrape = (struct scrape){.job = {.act = scrape_act, .done = scrape_done},
                              .ex = ex,
                              .server = station->server,
                              .conf = ex->conf,
                              .form = metrics_form_of(head_combined(&ex->head, FIELD_ACCEPT, &ex->arena))};
    exchange_state(ex, EXCH_JUDGED);
    exchange_state(ex, EXCH_PLANNED);
    exchange_state(ex, EXCH_ACTING);
    exchange_submit(ex, LANE_CRYPTO, &scrape->job);
}

/* ---- who may ask, and for what ---- */

/* A web page may name a stranger's host that means our loopback address; what it asks by that name is not told. */
static bool is_named_rightly(const struct exchange *ex)
{
    struct slice name;
    struct host host;

    if (!ex->asker.is_loopback || !head_has(&ex->head, FIELD_HOST))
        return true;
    if (!host_parse(head_value(&ex->head, FIELD_HOST), &host))
        return false;
    name = host.name;
    return host.is_ip4 || host.is_ip6 || !name.len || slice_eq_nocase(name, SLICE("localhost")) ||
           (name.len > 10 && slice_eq_nocase(slice_from(name, name.len - 10), SLICE(".localhost")));
}

void metrics_answer(struct station *station, struct exchange *ex)
{
    struct slice path = slice_upto(ex->head.target, slice_index(ex->head.target, '?'));
    bool is_figures = slice_eq(path, SLICE("/metrics"));

    if (!is_named_rightly(ex)) {
        exchange_refuse(ex, VERDICT(421, "This name is not known here. Use localhost or an address."));
    } else if (!is_figures && !slice_eq(path, SLICE("/health"))) {
        exchange_refuse(ex, VERDICT(404, "There is nothing at this address. Here are /metrics and /health."));
    } else if (ex->head.method != METHOD_GET && ex->head.method != METHOD_HEAD) {
        answer_field(&ex->arena, &ex->answer, SLICE("Allow"), SLICE("GET, HEAD"));
        exchange_refuse(ex, VERDICT(405, "This can only be read."));
    } else if (is_figures) {
        answer_figures(station, ex);
    } else {
        answer_health(station, ex);
    }
}
