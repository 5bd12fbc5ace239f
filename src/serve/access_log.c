/*
 * access_log.c - lines made on loops, written by a thread of the log's own.
 *
 * Loops append to one buf under a mutex that is held for a copy; the writer swaps it for an empty one and
 * writes without the mutex. It wakes for the first line, waits a moment for more, and writes them all at once:
 * a busy server pays one wake-up for many lines.
 */
#include "access_log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/fd.h"
#include "base/role.h"

/* Some 5000 lines: a quarter of a second of a busy server, while the disk makes up its mind. */
#define QUEUE_BYTES_MAX (1u << 20)
/* Every field at its longest and every octet of it escaped. */
#define LINE_BYTES_MAX (48u << 10)
#define GATHER_MS 50 /* a reader of the log does not notice */
#define REST_MS 1000 /* after a write that failed */

struct access_log {
    enum access_format format;
    char *path;         /* NULL: standard output */
    int fd;             /* the writer's alone once it runs */
    bool is_torn;       /* a write ended within a line; writer's */
    struct buf writing; /* writer's */
    pthread_t thread;
    bool has_thread;

    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t wake;
    struct buf queue; /* whole lines */
    unsigned queued;  /* lines in it */
    uint64_t lost, lost_told;
    bool wants_reopen, is_closing;
};

/* ---- One line ------------------------------------------------------------------------------------ */

/* How many octets of `s` make one well-formed UTF-8 character that is no control; 0: none. */
static size_t utf8_char(struct slice s)
{
    const unsigned char *p = (const unsigned char *)s.ptr;
    size_t len = p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : p[0] < 0xf5 ? 4 : 0;

    if (len == 0 || len > s.len)
        return 0;
    for (size_t i = 1; i < len; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    }
    /* overlong forms, surrogates, past the last code point, and the controls U+0080 to U+009F */
    if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) || (p[0] == 0xf0 && p[1] < 0x90) ||
        (p[0] == 0xf4 && p[1] > 0x8f) || (p[0] == 0xc2 && p[1] < 0xa0))
        return 0;
    return len;
}

/* Printable ASCII that means nothing to a reader of the line. */
static bool is_harmless(char c)
{
    return c >= ' ' && c < 0x7f && c != '"' && c != '\\';
}

/* The plain octets of a text go out in runs. */
static size_t harmless_run(struct slice s)
{
    size_t len = 0;

    while (len < s.len && is_harmless(s.ptr[len]))
        len++;
    return len;
}

static void add_combined_char(struct buf *out, char c)
{
    if (c == '"' || c == '\\')
        buf_printf(out, "\\%c", c);
    else
        buf_printf(out, "\\x%02x", (unsigned char)c);
}

/* As Apache escapes: \" \\ and \xhh for whatever is no printable ASCII. */
static void add_combined(struct buf *out, struct slice text, size_t max)
{
    struct slice rest = slice_upto(text, max);

    if (slice_is_empty(text))
        buf_add_char(out, '-');
    while (rest.len > 0) {
        size_t run = harmless_run(rest);

        buf_add(out, slice_upto(rest, run));
        rest = slice_from(rest, run);
        if (rest.len > 0) {
            add_combined_char(out, rest.ptr[0]);
            rest = slice_from(rest, 1);
        }
    }
    if (text.len > max)
        buf_add_str(out, "...");
}

/* For fields without quotes around them, where a space ends the field. */
static void add_combined_word(struct buf *out, struct slice text)
{
    struct slice word = slice_upto(text, ACCESS_TEXT_BYTES_MAX);

    if (slice_is_empty(word))
        buf_add_char(out, '-');
    for (size_t i = 0; i < word.len; i++) {
        if (is_harmless(word.ptr[i]) && word.ptr[i] != ' ')
            buf_add_char(out, word.ptr[i]);
        else
            add_combined_char(out, word.ptr[i]);
    }
}

static size_t add_json_char(struct buf *out, struct slice rest)
{
    unsigned char c = (unsigned char)rest.ptr[0];
    size_t len = utf8_char(rest);

    if (c == '"' || c == '\\')
        buf_printf(out, "\\%c", c);
    else if (c < 0x20 || c == 0x7f)
        buf_printf(out, "\\u%04x", c);
    else if (len > 0)
        buf_add(out, slice_upto(rest, len));
    else
        buf_printf(out, "\\\\x%02x", c); /* JSON holds no octets that are no UTF-8: their number as text */
    return len > 0 ? len : 1;
}

static void add_json(struct buf *out, const char *name, struct slice text, size_t max)
{
    struct slice rest = slice_upto(text, max);

    if (slice_is_empty(text))
        return;
    buf_printf(out, ",\"%s\":\"", name);
    while (rest.len > 0) {
        size_t run = harmless_run(rest);

        buf_add(out, slice_upto(rest, run));
        rest = slice_from(rest, run);
        if (rest.len > 0)
            rest = slice_from(rest, add_json_char(out, rest));
    }
    buf_add_str(out, text.len > max ? "...\"" : "\"");
}

/* [10/Oct/2000:13:55:36 -0700]; not by strftime, whose month names follow the locale. */
static void add_local_time(struct buf *out, time_t seconds)
{
    static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct tm tm = {0};
    long offset;

    localtime_r(&seconds, &tm);
    offset = tm.tm_gmtoff / 60;
    buf_printf(out, "[%02d/%s/%04d:%02d:%02d:%02d %c%02ld%02ld]", tm.tm_mday, months[tm.tm_mon % 12], tm.tm_year + 1900,
               tm.tm_hour, tm.tm_min, tm.tm_sec, offset < 0 ? '-' : '+', labs(offset) / 60, labs(offset) % 60);
}

static void add_utc_time(struct buf *out, struct timespec time)
{
    struct tm tm = {0};

    gmtime_r(&time.tv_sec, &tm);
    buf_printf(out, "{\"time\":\"%04d-%02d-%02dT%02d:%02d:%02d.%03ldZ\"", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
               tm.tm_hour, tm.tm_min, tm.tm_sec, time.tv_nsec / 1000000);
}

static void format_combined(const struct access_entry *e, struct buf *out)
{
    add_combined_word(out, e->address);
    buf_add_str(out, " - ");
    add_combined_word(out, e->user);
    buf_add_char(out, ' ');
    add_local_time(out, e->time.tv_sec);
    buf_add_str(out, " \"");
    add_combined(out, e->method, ACCESS_TEXT_BYTES_MAX);
    if (e->target.len > 0 || e->version.len > 0) {
        buf_add_char(out, ' ');
        add_combined(out, e->target, ACCESS_TARGET_BYTES_MAX);
        buf_add_char(out, ' ');
        add_combined(out, e->version, ACCESS_TEXT_BYTES_MAX);
    }
    buf_printf(out, "\" %u ", e->status);
    if (e->body_bytes > 0)
        buf_add_u64(out, e->body_bytes);
    else
        buf_add_char(out, '-');
    buf_add_str(out, " \"");
    add_combined(out, e->referer, ACCESS_TEXT_BYTES_MAX);
    buf_add_str(out, "\" \"");
    add_combined(out, e->agent, ACCESS_TEXT_BYTES_MAX);
    buf_add_str(out, "\"\n");
}

static void format_json(const struct access_entry *e, struct buf *out)
{
    add_utc_time(out, e->time);
    buf_printf(out, ",\"id\":%llu", (unsigned long long)e->exchange_id);
    add_json(out, "address", e->address, ACCESS_TEXT_BYTES_MAX);
    add_json(out, "user", e->user, ACCESS_TEXT_BYTES_MAX);
    add_json(out, "method", e->method, ACCESS_TEXT_BYTES_MAX);
    add_json(out, "target", e->target, ACCESS_TARGET_BYTES_MAX);
    add_json(out, "version", e->version, ACCESS_TEXT_BYTES_MAX);
    add_json(out, "host", e->host, ACCESS_TEXT_BYTES_MAX);
    buf_printf(out, ",\"status\":%u,\"bytes\":%llu,\"duration_us\":%llu", e->status, (unsigned long long)e->body_bytes,
               (unsigned long long)e->duration_us);
    add_json(out, "referer", e->referer, ACCESS_TEXT_BYTES_MAX);
    add_json(out, "agent", e->agent, ACCESS_TEXT_BYTES_MAX);
    buf_add_str(out, "}\n");
}

void access_format(const struct access_entry *entry, enum access_format format, struct buf *out)
{
    if (format == ACCESS_JSON)
        format_json(entry, out);
    else
        format_combined(entry, out);
}

/* In the log's own format, so that whoever reads the lines can read this one. */
static void format_lost(enum access_format format, uint64_t count, struct buf *out)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    if (format == ACCESS_JSON) {
        add_utc_time(out, now);
        buf_printf(out, ",\"lost\":%llu}\n", (unsigned long long)count);
        return;
    }
    buf_add_str(out, "- - - ");
    add_local_time(out, now.tv_sec);
    buf_printf(out, " \"%llu lines lost\" 0 - \"-\" \"-\"\n", (unsigned long long)count);
}

/* ---- The file ------------------------------------------------------------------------------------ */

static int open_file(const char *path)
{
    return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640);
}

enum err access_log_open(const char *path, enum access_format format, struct access_log **out, struct buf *why)
{
    bool is_stdout = strcmp(path, "-") == 0;
    int fd = is_stdout ? STDOUT_FILENO : open_file(path);
    pthread_condattr_t attr;
    struct access_log *log;

    if (fd < 0) {
        enum err err = err_from_errno(errno);

        buf_printf(why, "access log %s: %s", path, strerror(errno));
        return err;
    }
    tzset(); /* the time zone is read here, and never by a loop */
    log = xcalloc(1, sizeof(*log));
    log->format = format;
    log->path = is_stdout ? NULL : xstrdup(slice_str(path));
    log->fd = fd;
    log->queue = log->writing = BUF_INIT(QUEUE_BYTES_MAX);
    pthread_mutex_init(&log->mutex, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&log->wake, &attr);
    pthread_condattr_destroy(&attr);
    *out = log;
    return ERR_NONE;
}

/* How many octets of `bytes` reached the file. */
static size_t write_all(int fd, struct slice bytes)
{
    size_t done = 0;

    while (done < bytes.len) {
        ssize_t got = write(fd, bytes.ptr + done, bytes.len - done);

        if (got > 0) {
            done += (size_t)got;
        } else if (got < 0 && errno == EAGAIN) {
            struct pollfd wait = {.fd = fd, .events = POLLOUT};

            poll(&wait, 1, 1000); /* a terminal or pipe that somebody made non-blocking */
        } else if (got == 0 || errno != EINTR) {
            break;
        }
    }
    return done;
}

static uint64_t count_lines(struct slice text)
{
    uint64_t lines = 0;

    for (size_t at = slice_index(text, '\n'); at < text.len; at = slice_index(text, '\n')) {
        lines++;
        text = slice_from(text, at + 1);
    }
    return lines;
}

/* Writes log->writing and gives the number of lines that did not get there: a full disk, a closed pipe. */
static uint64_t write_lines(struct access_log *log)
{
    struct slice text = buf_slice(&log->writing);
    size_t done;

    if (text.len == 0)
        return 0;
    if (log->is_torn && write_all(log->fd, SLICE("\n")) != 1) /* ends the half line of the time before */
        return count_lines(text);
    done = write_all(log->fd, text);
    log->is_torn = done > 0 && text.ptr[done - 1] != '\n';
    return count_lines(slice_from(text, done));
}

static void reopen_file(struct access_log *log)
{
    int fd = log->path ? open_file(log->path) : -1;

    if (!log->path)
        return;
    if (fd < 0) {
        fprintf(stderr, "samovar: access log %s: %s; writing on to the old one\n", log->path, strerror(errno));
        return;
    }
    close(log->fd);
    log->fd = fd;
    log->is_torn = false;
}

/* ---- The writer ---------------------------------------------------------------------------------- */

static bool has_work(const struct access_log *log)
{
    return log->queue.len > 0 || log->wants_reopen || log->is_closing || log->lost > log->lost_told;
}

static struct timespec deadline(long after_ms)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += after_ms / 1000;
    until.tv_nsec += after_ms % 1000 * 1000000l;
    if (until.tv_nsec >= 1000000000l) {
        until.tv_nsec -= 1000000000l;
        until.tv_sec++;
    }
    return until;
}

/* With the mutex: sleeps until there is something, then a moment more, unless it is urgent. */
static void wait_for_work(struct access_log *log)
{
    struct timespec until;

    while (!has_work(log))
        pthread_cond_wait(&log->wake, &log->mutex);
    until = deadline(GATHER_MS);
    while (!log->is_closing && !log->wants_reopen && log->queue.len < QUEUE_BYTES_MAX / 2) {
        if (pthread_cond_timedwait(&log->wake, &log->mutex, &until) != 0)
            break;
    }
}

/* With the mutex, which it gives up while it writes. False if the file did not take all. */
static bool drain(struct access_log *log)
{
    struct buf empty = log->writing;
    uint64_t lost = log->lost - log->lost_told, failed;
    bool wants_reopen = log->wants_reopen;

    log->writing = log->queue;
    log->queue = empty;
    log->lost_told = log->lost;
    log->wants_reopen = false;
    pthread_mutex_unlock(&log->mutex);
    if (wants_reopen)
        reopen_file(log);
    failed = write_lines(log);
    buf_clear(&log->writing);
    if (lost > 0) { /* told after the lines that made the queue full */
        format_lost(log->format, lost, &log->writing);
        if (write_lines(log) == 0)
            lost = 0;
        buf_clear(&log->writing);
    }
    pthread_mutex_lock(&log->mutex);
    log->lost += failed;
    log->lost_told -= lost; /* not told after all */
    return failed == 0 && lost == 0;
}

/* While nothing can be written there is no use in trying as fast as we can. */
static void rest(struct access_log *log)
{
    struct timespec until = deadline(REST_MS);

    while (!log->is_closing && !log->wants_reopen) {
        if (pthread_cond_timedwait(&log->wake, &log->mutex, &until) != 0)
            break;
    }
}

static void *writer_run(void *arg)
{
    struct access_log *log = arg;

    role_take(ROLE_WORKER, "access-log");
    pthread_mutex_lock(&log->mutex);
    while (!log->is_closing) {
        wait_for_work(log);
        if (!drain(log))
            rest(log);
    }
    pthread_mutex_unlock(&log->mutex);
    return NULL;
}

enum err access_log_start(struct access_log *log)
{
    sigset_t all, before;
    int code;

    if (!log)
        return ERR_NONE;
    sigfillset(&all); /* signals are for the threads that know what to do with them */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    code = pthread_create(&log->thread, NULL, writer_run, log);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    log->has_thread = code == 0;
    return code == 0 ? ERR_NONE : err_from_errno(code);
}

/* The one who sleeps is woken for the first line and once for a half full queue, not for each. */
static void put_line(struct access_log *log, struct slice line)
{
    bool was_empty = log->queue.len == 0;
    bool was_low = log->queue.len < QUEUE_BYTES_MAX / 2;

    buf_add(&log->queue, line);
    if (log->queue.overflown) {
        log->queue.overflown = false;
        log->lost++;
        return;
    }
    if (was_empty || (was_low && log->queue.len >= QUEUE_BYTES_MAX / 2))
        pthread_cond_signal(&log->wake);
}

void access_log_line(struct access_log *log, struct slice line)
{
    pthread_mutex_lock(&log->mutex);
    put_line(log, line);
    pthread_mutex_unlock(&log->mutex);
}

void access_log_write(struct access_log *log, const struct access_entry *entry)
{
    struct buf line = BUF_INIT(LINE_BYTES_MAX);

    if (!log)
        return;
    buf_reserve(&line, 512); /* most lines fit */
    access_format(entry, log->format, &line);
    access_log_line(log, buf_slice(&line));
    buf_release(&line);
}

void access_log_reopen(struct access_log *log)
{
    if (!log)
        return;
    pthread_mutex_lock(&log->mutex);
    log->wants_reopen = true;
    pthread_cond_signal(&log->wake);
    pthread_mutex_unlock(&log->mutex);
}

void access_log_flush_close(struct access_log *log)
{
    if (!log)
        return;
    pthread_mutex_lock(&log->mutex);
    log->is_closing = true;
    pthread_cond_signal(&log->wake);
    pthread_mutex_unlock(&log->mutex);
    if (log->has_thread)
        pthread_join(log->thread, NULL);
    pthread_mutex_lock(&log->mutex);
    drain(log); /* what came while the writer wrote for the last time */
    pthread_mutex_unlock(&log->mutex);
    if (log->path)
        close(log->fd);
    buf_release(&log->queue);
    buf_release(&log->writing);
    pthread_cond_destroy(&log->wake);
    pthread_mutex_destroy(&log->mutex);
    free(log->path);
    free(log);
}

uint64_t access_log_lost(struct access_log *log)
{
    uint64_t lost;

    if (!log)
        return 0;
    pthread_mutex_lock(&log->mutex);
    lost = log->lost;
    pthread_mutex_unlock(&log->mutex);
    return lost;
}
