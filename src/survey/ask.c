/*
 * ask.c - a question is sent, and what comes of it is written down, whatever that is.
 *
 * No server makes us wait or keep for ever: each question has a moment when it ends, content is kept up to a limit, and
 * who let us wait in vain for too long altogether is not asked any more.
 */
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "surveyor.h"

enum {
    LOST_MAX = 4,   /* answers' waiting times that may be lost in all, before a server is given up */
    SILENT_MAX = 6, /* questions in a row without an answer, however quickly that was known */
    HEAD_SENT_MAX = 4 << 20,
    FIELDS_SENT_MAX = 3 << 20,
    STRAY_MS = 30, /* in which octets behind an answer would have come */
    PIECE = 64 * 1024,
    AGAIN_ALL_S = 30, /* of all of them, at one server */
    AGAIN_S = 10,     /* of a Retry-After that is waited for */
    AGAIN_MAX = 3,
};

/* ---- signals ---- */

static volatile sig_atomic_t was_stopped;

static void note_signal(int number)
{
    (void)number;
    was_stopped = 1;
}

void surveyor_signals(void)
{
    struct sigaction action = {.sa_handler = note_signal, .sa_flags = SA_RESETHAND}; /* the second one ends us */

    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

bool was_interrupted(void)
{
    return was_stopped;
}

bool is_stopped(const struct surveyor *surveyor)
{
    return was_stopped && !surveyor->is_ending;
}

/* ---- writing down ---- */

/* What takes the content. */
struct taking {
    struct probe *probe;
    struct buf body;
    char last;
};

static bool content_take(void *arg, struct slice bytes)
{
    struct taking *taking = arg;
    struct probe *probe = taking->probe;

    for (size_t i = 0; i < bytes.len; i++) {
        probe->turns += probe->total + i > 0 && bytes.ptr[i] != taking->last;
        taking->last = bytes.ptr[i];
    }
    probe->total += bytes.len;
    buf_add(&taking->body, slice_upto(bytes, taking->body.max - taking->body.len));
    probe->is_cut = probe->total > taking->body.max;
    return !probe->is_cut || taking->body.max < PROBE_CONTENT_MAX ? probe->total < (64ull << 20) : false;
}

/* Interim answers are the client's, which tells of them by its options: one surveyor at a time. */
void interim_note(void *arg, const struct answer_head *head)
{
    struct surveyor *surveyor = arg;
    struct probe *probe = surveyor->trail ? surveyor->trail->last : NULL;

    if (!probe)
        return;
    probe->going_on += head->status == 100;
    if (head->status == 102) {
        probe->processing++;
        probe->processing_has_body |=
            answer_head_has(head, SLICE("Content-Length")) || answer_head_has(head, SLICE("Transfer-Encoding"));
    }
}

/* The head moves into the trail; what it points into is the client's. */
static void head_keep_in(struct arena *arena, struct probe *probe, const struct answer_head *head)
{
    struct answer_head *copy = arena_alloc(arena, sizeof(*copy));

    copy->status = head->status;
    copy->minor = head->minor;
    copy->phrase = arena_slice(arena, head->phrase);
    copy->field_count = head->field_count;
    for (unsigned i = 0; i < head->field_count; i++) {
        copy->field[i].name = arena_slice(arena, head->field[i].name);
        copy->field[i].value = arena_slice(arena, head->field[i].value);
    }
    probe->head = copy;
    probe->status = head->status;
}

static void trouble(struct surveyor *surveyor, struct probe *probe, struct slice what)
{
    if (!probe->trouble.len)
        probe->trouble = arena_slice(&surveyor->trail->arena, what.len ? what : SLICE("it came to nothing"));
}

/* ---- sending ---- */

static void head_write(const struct surveyor *surveyor, const struct question *question, const struct probe *probe,
                       struct buf *out)
{
    buf_printf(out, "%.*s %.*s HTTP/1.%c\r\nHost: %.*s\r\nUser-Agent: samovar-survey/" SAMOVAR_VERSION "\r\n",
               SLICE_FMT(probe->method), SLICE_FMT(probe->path), question->is_old ? '0' : '1', SLICE_FMT(probe->host));
    if (probe->has_login)
        buf_add(out, surveyor->authorization);
    buf_add(out, probe->fields);
    buf_add_str(out, "\r\n");
}

static enum err fill_send(struct client *client, const struct question *question, struct buf *why)
{
    char *piece = xmalloc(PIECE);
    enum err err = ERR_NONE;

    memset(piece, question->filler, PIECE);
    for (uint64_t left = question->fill; left && err == ERR_NONE;) {
        size_t len = left < PIECE ? (size_t)left : PIECE;

        err = client_send(client, slice_of(piece, len), why);
        left -= len;
    }
    free(piece);
    return err;
}

static enum err request_send(struct surveyor *surveyor, struct client *client, const struct question *question,
                             const struct probe *probe, struct buf *why)
{
    struct buf head = BUF_INIT(HEAD_SENT_MAX);
    enum err err;

    head_write(surveyor, question, probe, &head);
    err = client_send(client, buf_slice(&head), why);
    if (err == ERR_NONE && question->content.len && !question->is_claim)
        err = client_send(client, question->content, why);
    if (err == ERR_NONE && !question->is_claim)
        err = fill_send(client, question, why);
    buf_release(&head);
    return err;
}

/* ---- answers ---- */

static void content_read(struct surveyor *surveyor, struct client *client, const struct question *question,
                         struct client_answer *answer, struct probe *probe)
{
    struct taking taking = {.probe = probe, .body = BUF_INIT(question->keep ? question->keep : PROBE_CONTENT_MAX)};
    struct buf why = BUF_INIT(512);
    enum err err = client_content(client, answer, content_take, &taking, &why);

    probe->body = arena_slice(&surveyor->trail->arena, buf_slice(&taking.body));
    if (err == ERR_REFUSED)
        trouble(surveyor, probe, SLICE("its content goes on past what a surveyor reads"));
    else if (err != ERR_NONE)
        trouble(surveyor, probe, buf_slice(&why));
    buf_release(&taking.body);
    buf_release(&why);
}

static bool is_empty_answer(const struct probe *probe)
{
    return probe->status == 304 || probe->status == 204 || slice_eq(probe->method, SLICE("HEAD"));
}

static void answer_read(struct surveyor *surveyor, struct client *client, const struct question *question,
                        struct probe *probe, struct buf *why)
{
    struct client_answer *answer = xcalloc(1, sizeof(*answer));
    enum err err = client_answer(client, slice_eq(probe->method, SLICE("HEAD")), answer, why);

    if (answer->head.status)
        head_keep_in(&surveyor->trail->arena, probe, &answer->head);
    if (err != ERR_NONE) {
        trouble(surveyor, probe, buf_slice(why));
        client_close(client);
    } else {
        if (question->midway)
            question->midway(surveyor);
        content_read(surveyor, client, question, answer, probe);
        if (surveyor->code == 304 && is_empty_answer(probe))
            probe->stray = (unsigned)client_stray(client, STRAY_MS);
        if (answer->ends || question->is_claim || probe->stray)
            client_close(client);
    }
    free(answer);
}

/* What was only announced: 100 is the answer where no other comes at once. */
static bool is_let_go_on(struct surveyor *surveyor, struct client *client, const struct question *question,
                         struct probe *probe)
{
    if (!question->is_claim || !client_may_go_on(client, 2000))
        return false;
    probe->status = 100;
    probe->head = arena_alloc(&surveyor->trail->arena, sizeof(*probe->head));
    client_close(client);
    return true;
}

/* True: the kept connection had gone before anything came. */
static bool exchange(struct surveyor *surveyor, struct client *client, const struct question *question,
                     struct probe *probe)
{
    const struct client_url *url = question->url ? question->url : &surveyor->url;
    struct buf why = BUF_INIT(512), late = BUF_INIT(512);
    bool was_open, is_gone = false;

    if (client_stray(client, 1)) /* which notes that a connection has ended, too */
        client_close(client);
    was_open = client_is_open(client);
    if (client_connect(client, url, &why) != ERR_NONE) {
        trouble(surveyor, probe, buf_slice(&why));
        client_close(client);
    } else {
        enum err err = request_send(surveyor, client, question, probe, &why);

        if (err != ERR_NONE || !is_let_go_on(surveyor, client, question, probe))
            answer_read(surveyor, client, question, probe, &late);
        is_gone = was_open && !probe->status;
        if (err != ERR_NONE) /* who answered before he had read all keeps the connection for nothing */
            client_close(client);
    }
    buf_release(&why);
    buf_release(&late);
    return is_gone;
}

/* ---- questions ---- */

static struct slice fields_of(struct surveyor *surveyor, const struct question *question)
{
    struct buf lines = BUF_INIT(FIELDS_SENT_MAX);
    struct slice text;

    buf_add(&lines, question->fields);
    if (question->is_claim || question->fill)
        buf_printf(&lines, "Content-Length: %llu\r\n%s", (unsigned long long)question->fill,
                   question->is_claim ? "Expect: 100-continue\r\n" : "");
    else if (question->content.ptr)
        buf_printf(&lines, "Content-Length: %zu\r\n", question->content.len);
    text = arena_slice(&surveyor->trail->arena, buf_slice(&lines));
    buf_release(&lines);
    return text;
}

static struct probe *probe_new(struct surveyor *surveyor, const struct question *question)
{
    struct probe *probe = trail_add(surveyor->trail, question->label);
    struct arena *arena = &surveyor->trail->arena;
    const struct client_url *url = question->url ? question->url : &surveyor->url;

    probe->method = arena_slice(arena, slice_str(question->method));
    probe->path = arena_slice(arena, question->path);
    probe->at = arena_slice(arena, url->authority);
    probe->host = arena_slice(arena, question->host.len ? question->host : url->authority);
    probe->fields = fields_of(surveyor, question);
    if (question->content.ptr)
        probe->sent = arena_slice(arena, question->content);
    probe->is_old = question->is_old;
    probe->is_tls = url->is_tls;
    probe->has_login = surveyor->authorization.len && !question->url && !question->host.len;
    return probe;
}

static unsigned wait_of(const struct surveyor *surveyor, const struct question *question)
{
    unsigned seconds = surveyor->order->wait_s ? surveyor->order->wait_s : SURVEY_WAIT_S;

    return question->wait_ms ? question->wait_ms : seconds * 1000;
}

/* Whoever lets us wait too often is not asked any more. */
static void patience_count(struct surveyor *surveyor, const struct question *question, struct probe *probe)
{
    if (!probe->trouble.len) {
        surveyor->silent = 0;
        return;
    }
    surveyor->lost_ms += probe->took_ms;
    surveyor->silent++;
    if (surveyor->lost_ms > (uint64_t)LOST_MAX * wait_of(surveyor, &(struct question){.wait_ms = 0}) ||
        (surveyor->silent >= SILENT_MAX && !question->url))
        surveyor->gave_up = text_of(surveyor, "it was given up after this: %.*s", SLICE_FMT(probe->trouble));
}

static struct probe *send_once(struct surveyor *surveyor, const struct question *question)
{
    struct probe *probe = probe_new(surveyor, question);
    struct client *client = question->is_slow ? surveyor->slow : surveyor->client;
    uint64_t began = clock_mono_ms();

    if (is_stopped(surveyor) || (surveyor->gave_up.len && !surveyor->is_ending)) {
        trouble(surveyor, probe, is_stopped(surveyor) ? SLICE("the survey was stopped") : surveyor->gave_up);
        return probe;
    }
    client_until(client, began + wait_of(surveyor, question));
    if (exchange(surveyor, client, question, probe)) {
        probe->trouble = SLICE_NONE;
        exchange(surveyor, client, question, probe);
    }
    client_until(client, 0);
    probe->took_ms = clock_mono_ms() - began;
    patience_count(surveyor, question, probe);
    return probe;
}

/* Seconds that a 429 asks to wait, if that can be waited for; 0. */
static unsigned again_s(struct surveyor *surveyor, const struct probe *probe)
{
    uint64_t seconds;

    if (!probe_is(probe, 429) || !slice_u64(probe_field(probe, "Retry-After"), &seconds))
        return 0;
    if (seconds > AGAIN_S || surveyor->again_s + seconds > AGAIN_ALL_S)
        return 0;
    surveyor->again_s += (unsigned)seconds + 1;
    return (unsigned)seconds + 1;
}

const struct probe *question_send(struct surveyor *surveyor, const struct question *question)
{
    struct probe *before = surveyor->trail->last, *probe;
    unsigned seconds, times = 0;

    /* Limits are looked for as the last of all; until then they only are in the way. */
    while ((probe = send_once(surveyor, question)) && surveyor->code != 429 && (seconds = again_s(surveyor, probe)) &&
           times++ < AGAIN_MAX && !is_stopped(surveyor)) {
        struct timespec wait = {.tv_sec = seconds};

        nanosleep(&wait, NULL);
        surveyor->trail->last = before; /* the one that was refused is forgotten */
        *(before ? &before->next : &surveyor->trail->first) = NULL;
    }
    return probe;
}

static const struct probe *ask_list(struct surveyor *surveyor, struct question *question, const char *format,
                                    va_list list)
{
    char *lines = NULL;
    const struct probe *probe;

    if (vasprintf(&lines, format, list) < 0)
        lines = NULL;
    question->fields = slice_str(lines);
    probe = question_send(surveyor, question);
    free(lines);
    return probe;
}

const struct probe *ask(struct surveyor *surveyor, const char *label, const char *method, struct slice path,
                        const char *format, ...)
{
    struct question question = {.label = label, .method = method, .path = path};
    const struct probe *probe;
    va_list list;

    va_start(list, format);
    probe = ask_list(surveyor, &question, format, list);
    va_end(list);
    return probe;
}

const struct probe *ask_with(struct surveyor *surveyor, const char *label, const char *method, struct slice path,
                             struct slice content, const char *format, ...)
{
    struct question question = {.label = label, .method = method, .path = path, .content = content};
    const struct probe *probe;
    va_list list;

    va_start(list, format);
    probe = ask_list(surveyor, &question, format, list);
    va_end(list);
    return probe;
}
