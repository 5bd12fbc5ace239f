/*
 * metrics_text.c - all figures as text: OpenMetrics 1.0, or the text format 0.0.4 that came before it.
 *
 * The forms differ in little: the older one names a counter with its _total, knows no units and no info, and has no
 * end. What each figure means stands in docs/metrics.md, which a test compares with what is written here.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/fd.h"
#include "metrics.h"
#include "portal/portal.h"

struct page {
    struct buf *out;
    enum metrics_form form;
};

enum { SECOND_NS = 1000000000 };

/* ---- the grammar ---- */

static void family(struct page *page, const char *name, const char *type, const char *unit, const char *help)
{
    bool is_open = page->form == METRICS_OPEN, is_info = strcmp(type, "info") == 0;
    const char *suffix = is_open ? "" : is_info ? "_info" : strcmp(type, "counter") == 0 ? "_total" : "";

    buf_printf(page->out, "# TYPE %s%s %s\n", name, suffix, is_info && !is_open ? "gauge" : type);
    if (is_open && unit[0])
        buf_printf(page->out, "# UNIT %s %s\n", name, unit);
    buf_printf(page->out, "# HELP %s%s %s\n", name, suffix, help);
}

static void number(struct page *page, uint64_t value)
{
    buf_printf(page->out, " %llu\n", (unsigned long long)value);
}

static void seconds(struct page *page, uint64_t ns)
{
    buf_printf(page->out, " %llu.%09llu\n", (unsigned long long)(ns / SECOND_NS), (unsigned long long)(ns % SECOND_NS));
}

/* Our own lines have no text of others but sites' names. Octets past ASCII might be no UTF-8, which spoils it all. */
static void label_value(struct page *page, struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (c == '"' || c == '\\')
            buf_add_char(page->out, '\\');
        buf_add_char(page->out, c >= ' ' && c < 0x7f ? c : '_');
    }
}

static void gauge(struct page *page, const char *name, const char *unit, const char *help, uint64_t value)
{
    family(page, name, "gauge", unit, help);
    buf_add_str(page->out, name);
    number(page, value);
}

static void counter(struct page *page, const char *name, const char *unit, const char *help, uint64_t value)
{
    family(page, name, "counter", unit, help);
    buf_printf(page->out, "%s_total", name);
    number(page, value);
}

static const char *const bound_names[HISTOGRAM_BOUNDS + 1] = {
    "0.0001", "0.0003", "0.001", "0.003", "0.01", "0.03", "0.1", "0.3", "1.0", "3.0", "10.0", "30.0", "60.0", "+Inf"};

struct sums {
    uint64_t counts[HISTOGRAM_BOUNDS + 1], sum_ns;
};

static void add_up(struct sums *sums, const struct histogram *histogram)
{
    for (unsigned i = 0; i <= HISTOGRAM_BOUNDS; i++)
        sums->counts[i] += atomic_load_explicit(&histogram->counts[i], memory_order_relaxed);
    sums->sum_ns += atomic_load_explicit(&histogram->sum_ns, memory_order_relaxed);
}

/* label: `class="2xx"`, or "". */
static void histogram(struct page *page, const char *name, const char *label, const struct sums *sums)
{
    uint64_t count = 0;

    for (unsigned i = 0; i <= HISTOGRAM_BOUNDS; i++) {
        count += sums->counts[i];
        buf_printf(page->out, "%s_bucket{%s%sle=\"%s\"}", name, label, label[0] ? "," : "", bound_names[i]);
        number(page, count);
    }
    buf_printf(page->out, label[0] ? "%s_count{%s}" : "%s_count%s", name, label);
    number(page, count);
    buf_printf(page->out, label[0] ? "%s_sum{%s}" : "%s_sum%s", name, label);
    seconds(page, sums->sum_ns);
}

/* ---- what the loops counted ---- */

static uint64_t total(const struct server *server, size_t offset)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < server->station_count; i++)
        sum += tally_get((const atomic_uint_least64_t *)((const char *)&server->stations[i].tally + offset));
    return sum;
}

static uint64_t answers_of(const struct server *server, unsigned version, unsigned method, unsigned code)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < server->station_count; i++)
        sum += tally_get(&server->stations[i].tally.answers[version][method][code]);
    return sum;
}

static void add_requests(struct page *page, const struct server *server)
{
    static const char *const versions[TALLY_VERSIONS] = {"1.0", "1.1", "2"};

    family(page, "samovar_http_requests", "counter", "", "Requests answered, by method, status code and HTTP version.");
    for (unsigned version = 0; version < TALLY_VERSIONS; version++)
        for (unsigned method = 0; method < METHOD_COUNT; method++)
            for (unsigned code = 0; code < TALLY_CODES; code++) {
                uint64_t count = answers_of(server, version, method, code);
                struct slice name = method == METHOD_UNKNOWN ? SLICE("other") : method_name((enum method)method);

                if (!count)
                    continue; /* most never occur: a line for each would be half a megabyte */
                buf_printf(page->out, "samovar_http_requests_total{method=\"%.*s\",code=\"%u\",version=\"%s\"}",
                           SLICE_FMT(name), code + TALLY_CODE_FIRST, versions[version]);
                number(page, count);
            }
}

static void add_durations(struct page *page, const struct server *server)
{
    family(page, "samovar_http_request_duration_seconds", "histogram", "seconds",
           "From the complete head of a request until its answer was handed over for sending, by class of code.");
    for (unsigned class = 2; class <= TALLY_CLASSES; class ++) {
        struct sums sums = {0};
        char label[16];

        for (unsigned i = 0; i < server->station_count; i++)
            add_up(&sums, &server->stations[i].tally.durations[class - 1]);
        snprintf(label, sizeof(label), "class=\"%uxx\"", class);
        histogram(page, "samovar_http_request_duration_seconds", label, &sums);
    }
}

static void add_tallies(struct page *page, const struct server *server)
{
    static const struct row {
        const char *name, *unit, *help;
        size_t offset;
        bool is_gauge;
    } rows[] = {
        {"samovar_http_requests_abandoned", "", "Requests whose client left before there was an answer.",
         offsetof(struct tally, abandoned), false},
        {"samovar_http_request_body_bytes", "bytes", "Content received with requests.",
         offsetof(struct tally, body_received), false},
        {"samovar_http_response_body_bytes", "bytes", "Content sent with answers.", offsetof(struct tally, body_sent),
         false},
        {"samovar_connections_accepted", "", "Connections accepted.", offsetof(struct tally, connections), false},
        {"samovar_connections_open", "", "Connections that are open.", offsetof(struct tally, open_connections), true},
        {"samovar_connections_refused", "", "Connections closed at once because there were too many.",
         offsetof(struct tally, refused_connections), false},
        {"samovar_http2_connections", "", "Connections that went on in HTTP/2.", offsetof(struct tally, h2_connections),
         false},
        {"samovar_http2_floods", "", "HTTP/2 connections ended because their client made work for nothing.",
         offsetof(struct tally, h2_floods), false},
        {"samovar_hot_hits", "", "Requests answered from the hot cache.", offsetof(struct tally, hot_hits), false},
        {"samovar_hot_misses", "", "Requests that the hot cache might have answered, and had nothing for.",
         offsetof(struct tally, hot_misses), false},
        {"samovar_hot_entries", "", "Answers and folders in the hot caches of all loops.",
         offsetof(struct tally, hot_entries), true},
        {"samovar_hot_bytes", "bytes", "Memory that those take.", offsetof(struct tally, hot_bytes), true},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *row = &rows[i];

        (row->is_gauge ? gauge : counter)(page, row->name, row->unit, row->help, total(server, row->offset));
    }
}

/* Between two loads a request may begin and end: never less than none. */
static void add_in_flight(struct page *page, const struct server *server)
{
    uint64_t ended = total(server, offsetof(struct tally, ended)),
             begun = total(server, offsetof(struct tally, requests));

    gauge(page, "samovar_http_requests_in_flight", "", "Requests whose answer is not out yet.",
          begun > ended ? begun - ended : 0);
}

/* ---- TLS ---- */

static void add_tls(struct page *page)
{
    const struct tls_counts *tls = tls_counts();
    const struct {
        const char *result;
        const atomic_uint_least64_t *count;
    } rows[] = {{"full", &tls->full}, {"resumed", &tls->resumed}, {"failed", &tls->failed}};
    struct sums sums = {0};

    family(page, "samovar_tls_handshakes", "counter", "", "TLS handshakes that came to an end, by how.");
    for (unsigned i = 0; i < 3; i++) {
        buf_printf(page->out, "samovar_tls_handshakes_total{result=\"%s\"}", rows[i].result);
        number(page, tally_get(rows[i].count));
    }
    family(page, "samovar_tls_handshake_duration_seconds", "histogram", "seconds",
           "From a client's first byte to the end of a handshake that succeeded, the network's share included.");
    add_up(&sums, &tls->durations);
    histogram(page, "samovar_tls_handshake_duration_seconds", "", &sums);
}

/* ---- workers and stores ---- */

static void add_lanes(struct page *page, struct server *server)
{
    static const struct {
        const char *name, *type, *help;
    } families[] = {
        {"samovar_worker_queue_jobs", "gauge", "Jobs that wait for a worker, by lane."},
        {"samovar_worker_threads", "gauge", "Worker threads made so far, by lane."},
        {"samovar_worker_threads_busy", "gauge", "Worker threads that act on a job, by lane."},
        {"samovar_worker_jobs", "counter", "Jobs that a worker took up, by lane."},
    };
    struct lane_look looks[LANE_COUNT];

    for (unsigned lane = 0; lane < LANE_COUNT; lane++)
        looks[lane] = pool_look(server->pool, (enum lane)lane);
    for (unsigned i = 0; i < 4; i++) {
        family(page, families[i].name, families[i].type, "", families[i].help);
        for (unsigned lane = 0; lane < LANE_COUNT; lane++) {
            const struct lane_look *look = &looks[lane];

            buf_printf(page->out, "%s%s{lane=\"%s\"}", families[i].name, i == 3 ? "_total" : "", look->name);
            number(page, i == 0 ? look->waiting : i == 1 ? look->threads : i == 2 ? look->busy : look->taken);
        }
    }
}

static void add_stores(struct page *page, struct server *server, const struct conf *conf)
{
    const struct store_syncs *syncs = store_syncs();
    struct sums sums = {0};

    family(page, "samovar_sync_duration_seconds", "histogram", "seconds",
           "Waits until the disk had what was promised (fsync and commits of metadata).");
    add_up(&sums, &syncs->durations);
    histogram(page, "samovar_sync_duration_seconds", "", &sums);
    counter(page, "samovar_sync_failures", "", "Of those, the ones that failed.", tally_get(&syncs->failures));
    family(page, "samovar_store_read_only", "gauge", "",
           "1: the site's folder is not written, as configured or since a failure.");
    for (unsigned i = 0; i < server->store_count; i++) {
        buf_add_str(page->out, "samovar_store_read_only{site=\"");
        label_value(page, conf->sites[i].name);
        buf_add_str(page->out, "\"}");
        number(page, store_is_read_only(server->stores[i]));
    }
    counter(page, "samovar_access_log_lost_lines", "lines", "Lines that the access log could not keep up with.",
            server->access_log ? access_log_lost(server->access_log) : 0);
}

/* ---- the captive portal ---- */

static void add_portal(struct page *page, struct server *server)
{
    struct portal_figures figures = {.is_firewall_well = true};

    if (server->portal)
        portal_figures(server->portal, &figures);
    gauge(page, "samovar_portal_sessions", "", "Devices that the captive portal lets through.", figures.sessions);
    family(page, "samovar_portal_logins", "counter", "", "Logins at the captive portal, by how they ended.");
    buf_add_str(page->out, "samovar_portal_logins_total{result=\"let_in\"}");
    number(page, figures.logins);
    buf_add_str(page->out, "samovar_portal_logins_total{result=\"refused\"}");
    number(page, figures.refused);
    gauge(page, "samovar_portal_firewall_well", "", "0: the program that opens the gateway is gone, or refuses.",
          figures.is_firewall_well);
}

/* ---- the process ---- */

static unsigned count_descriptors(void)
{
    DIR *dir = opendir("/proc/self/fd");
    unsigned count = 0;
    struct dirent *entry;

    if (!dir)
        return 0;
    while ((entry = readdir(dir)))
        count += entry->d_name[0] != '.';
    closedir(dir);
    return count ? count - 1 : 0; /* not the one that looks */
}

/* In pages; nothing where /proc is not. */
static void memory(unsigned long long *size, unsigned long long *resident)
{
    char text[128];
    FD_GUARD fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    ssize_t got = fd >= 0 ? read(fd, text, sizeof(text) - 1) : 0;

    *size = *resident = 0;
    text[got > 0 ? got : 0] = '\0';
    sscanf(text, "%llu %llu", size, resident);
}

static uint64_t cpu_ns(void)
{
    struct rusage usage;

    if (getrusage(RUSAGE_SELF, &usage))
        return 0;
    return (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * SECOND_NS +
           (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000;
}

static void add_process(struct page *page, const struct server *server)
{
    unsigned long long size, resident, page_bytes = (unsigned long long)sysconf(_SC_PAGESIZE);
    struct rlimit files = {0};

    memory(&size, &resident);
    getrlimit(RLIMIT_NOFILE, &files);
    family(page, "process_start_time_seconds", "gauge", "seconds", "When the process started, since 1970.");
    buf_add_str(page->out, "process_start_time_seconds");
    seconds(page, (uint64_t)server->began_wall_ns);
    family(page, "process_cpu_seconds", "counter", "seconds", "Processor time used, in the program and in the kernel.");
    buf_add_str(page->out, "process_cpu_seconds_total");
    seconds(page, cpu_ns());
    gauge(page, "process_open_fds", "", "Descriptors that are open.", count_descriptors());
    gauge(page, "process_max_fds", "", "Descriptors that may be open.", files.rlim_cur);
    gauge(page, "process_resident_memory_bytes", "bytes", "Memory that is there.", resident * page_bytes);
    gauge(page, "process_virtual_memory_bytes", "bytes", "Memory that has an address.", size * page_bytes);
}

/* ---- the page ---- */

struct slice metrics_media_type(enum metrics_form form)
{
    return form == METRICS_OPEN ? SLICE("application/openmetrics-text; version=1.0.0; charset=utf-8")
                                : SLICE("text/plain; version=0.0.4; charset=utf-8");
}

void metrics_write(struct server *server, const struct conf *conf, enum metrics_form form, struct buf *out)
{
    struct page page = {out, form};

    family(&page, "samovar_build", "info", "", "The program.");
    buf_add_str(out, "samovar_build_info{version=\"" SAMOVAR_VERSION "\"} 1\n");
    gauge(&page, "samovar_loops", "", "Event loops, each with a thread.", server->station_count);
    add_requests(&page, server);
    add_in_flight(&page, server);
    add_durations(&page, server);
    add_tallies(&page, server);
    add_tls(&page);
    add_lanes(&page, server);
    add_stores(&page, server, conf);
    add_portal(&page, server);
    add_process(&page, server);
    if (form == METRICS_OPEN)
        buf_add_str(out, "# EOF\n");
}
