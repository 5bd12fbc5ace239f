/*
 * survey.c - `samovar survey`: one server after the other, one code after the other.
 */
#include "survey/survey.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/base64.h"
#include "report.h"

enum { URLS_MAX = 64, WHY_MAX = 1024, SLOW_ROOM = 16 * 1024 };

struct run {
    const struct survey *order;
    bool wanted[600]; /* codes */
    struct hints hints;
    struct arena arena;
    struct result results[URLS_MAX];
    unsigned count;
    bool has_progress;
};

/* ---- what is asked ---- */

static bool only_read(struct run *run, struct buf *why)
{
    struct slice rest = slice_str(run->order->only), one;
    uint64_t code;

    for (unsigned i = 0; i < check_count; i++)
        run->wanted[all_checks[i]->code] = !run->order->only;
    while (rest.len) {
        if (!slice_cut(rest, ',', &one, &rest)) {
            one = rest;
            rest = SLICE_NONE;
        }
        one = slice_trim(one);
        if (!slice_u64(one, &code) || code >= 600 || !check_find((int)code)) {
            buf_printf(why, "--only: \"%.*s\" is none of the 22 codes", SLICE_FMT(slice_upto(one, 40)));
            return false;
        }
        run->wanted[code] = true;
    }
    return true;
}

static bool hints_load(struct run *run, struct buf *why)
{
    struct buf text = BUF_INIT(HINTS_BYTES_MAX + 1);
    FILE *file = fopen(run->order->hints_file, "re");
    bool is_good;
    size_t got;
    char *room = buf_reserve(&text, HINTS_BYTES_MAX + 1);

    if (!file) {
        buf_printf(why, "%s cannot be read", run->order->hints_file);
        buf_release(&text);
        return false;
    }
    got = fread(room, 1, HINTS_BYTES_MAX + 1, file);
    buf_grown(&text, got);
    fclose(file);
    is_good = hints_read(buf_slice(&text), true, &run->arena, &run->hints, why);
    buf_release(&text);
    return is_good;
}

/* ---- one server ---- */

static void login_set(struct surveyor *surveyor, struct slice text)
{
    struct buf line = BUF_INIT(8192);

    buf_add_str(&line, "Authorization: Basic ");
    base64_encode(&line, (const unsigned char *)text.ptr, text.len, BASE64_PADDED);
    buf_add_str(&line, "\r\n");
    surveyor->authorization = arena_slice(&surveyor->arena, buf_slice(&line));
    buf_release(&line);
}

static bool is_over(void *arg)
{
    return is_stopped(arg);
}

static bool clients_make(struct surveyor *surveyor, struct buf *why)
{
    struct client_options options = {.ca_file = surveyor->order->ca_file,
                                     .is_insecure = surveyor->order->is_insecure,
                                     .interim = interim_note,
                                     .interim_arg = surveyor,
                                     .is_over = is_over,
                                     .over_arg = surveyor};

    surveyor->client = client_new(&options, why);
    options.receive_room = SLOW_ROOM;
    surveyor->slow = surveyor->client ? client_new(&options, why) : NULL;
    return surveyor->slow != NULL;
}

static bool surveyor_make(struct surveyor *surveyor, struct run *run, const char *url, struct buf *why)
{
    surveyor->order = run->order;
    surveyor->hints = run->hints;
    if (!client_url_read(slice_str(url), &surveyor->arena, &surveyor->url, why))
        return false;
    surveyor_path(surveyor, surveyor->url.path);
    if (run->order->user)
        login_set(surveyor, slice_str(run->order->user));
    else if (surveyor->url.has_user)
        login_set(surveyor,
                  text_of(surveyor, "%.*s:%.*s", SLICE_FMT(surveyor->url.user), SLICE_FMT(surveyor->url.secret)));
    return clients_make(surveyor, why);
}

static void surveyor_release(struct surveyor *surveyor)
{
    client_free(surveyor->client);
    client_free(surveyor->slow);
    arena_release(&surveyor->arena);
}

static void progress(const struct run *run, unsigned done, unsigned total, int code)
{
    if (run->has_progress && code)
        fprintf(stderr, "\r[%2u/%u] %d  ", done, total, code);
    else if (run->has_progress)
        fprintf(stderr, "\r               \r");
    fflush(stderr);
}

static void look_for(struct surveyor *surveyor, const struct check *check, struct result *result)
{
    struct trail trail = {0};
    struct finding finding;

    surveyor->code = check->code;
    surveyor->hint = hint_find(&surveyor->hints, check->code);
    trail.is_hinted = surveyor->hint != NULL;
    surveyor->trail = &trail;
    if (surveyor->gave_up.len)
        trail.unknown = surveyor->gave_up;
    else
        check->plan(surveyor);
    judge_run(check->judge, check->code, &trail, &finding);
    result_add(result, &finding, &trail);
    surveyor->trail = NULL;
    trail_release(&trail);
}

static unsigned wanted_count(const struct run *run)
{
    unsigned count = 0;

    for (unsigned i = 0; i < check_count; i++)
        count += run->wanted[all_checks[i]->code];
    return count;
}

static void survey_one(struct run *run, struct surveyor *surveyor, struct result *result)
{
    unsigned done = 0, total = wanted_count(run);

    if (!surveyor_begin(surveyor))
        result->trouble = plain_text(&result->arena, surveyor->gave_up);
    result->name = plain_text(&result->arena, surveyor->name);
    for (unsigned i = 0; i < check_count && !is_stopped(surveyor); i++)
        if (run->wanted[all_checks[i]->code]) {
            progress(run, ++done, total, all_checks[i]->code);
            look_for(surveyor, all_checks[i], result);
        }
    progress(run, 0, 0, 0);
    surveyor_end(surveyor);
    result_sort(result);
}

/* ---- all of them ---- */

static bool servers_ask(struct run *run, struct buf *why)
{
    bool is_good = true;

    for (unsigned i = 0; i < run->order->url_count && is_good; i++) {
        struct surveyor *surveyor = xcalloc(1, sizeof(*surveyor));
        struct result *result = &run->results[run->count];

        is_good = surveyor_make(surveyor, run, run->order->urls[i], why);
        if (is_good) {
            run->count++;
            result->url = text_of(surveyor, "%s://%.*s%.*s", surveyor->url.is_tls ? "https" : "http",
                                  SLICE_FMT(surveyor->url.authority), SLICE_FMT(surveyor->url.path));
            result->url = arena_slice(&result->arena, result->url);
            survey_one(run, surveyor, result);
            is_good = !was_interrupted();
        }
        surveyor_release(surveyor);
        free(surveyor);
    }
    return is_good;
}

static int outcome(const struct run *run)
{
    int status = SURVEY_OK;

    if (was_interrupted())
        return SURVEY_STOPPED;
    for (unsigned i = 0; i < run->count; i++) {
        if (run->results[i].trouble.len)
            return SURVEY_UNREACHABLE;
        if (result_count(&run->results[i], VERDICT_WRONG))
            status = SURVEY_WRONG;
    }
    return status;
}

static int run_all(struct run *run, struct buf *why)
{
    const struct survey *order = run->order;

    if (order->url_count > URLS_MAX)
        buf_printf(why, "samovar survey takes %d addresses at most", URLS_MAX);
    else if (!report_can(order->form))
        buf_add_str(why, "this build writes no JSON");
    if (why->len || !only_read(run, why) || (order->hints_file && !hints_load(run, why)))
        return SURVEY_USAGE;
    surveyor_signals();
    if (!servers_ask(run, why) && !was_interrupted())
        return SURVEY_USAGE;
    if (run->count)
        report_print(stdout, order->form, run->results, run->count);
    return outcome(run);
}

int survey_command(const struct survey *survey)
{
    struct run *run = xcalloc(1, sizeof(*run));
    struct buf why = BUF_INIT(WHY_MAX);
    int status;

    run->order = survey;
    run->has_progress = isatty(STDERR_FILENO);
    status = run_all(run, &why);
    if (why.len)
        fprintf(stderr, "samovar: %s\n", buf_str(&why));
    for (unsigned i = 0; i < run->count; i++)
        arena_release(&run->results[i].arena);
    arena_release(&run->arena);
    buf_release(&why);
    free(run);
    return status;
}
