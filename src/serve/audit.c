/*
 * audit.c - the audit log: one line whenever somebody did what only few may, such as breaking another's lock.
 *
 * It has a queue, a thread and a file like the access log's; without a file its lines are told with the other news.
 */
#include <time.h>

#include "base/clock.h"
#include "station.h"

enum { LINE_BYTES_MAX = 4096 }; /* a path and a name at their longest are cut; who and when come first */

/* U+0080 to U+009F in UTF-8: to some terminals they are commands. */
static bool is_c1(struct slice text, size_t at)
{
    unsigned char next = at + 1 < text.len ? (unsigned char)text.ptr[at + 1] : 0;

    return (unsigned char)text.ptr[at] == 0xc2 && next >= 0x80 && next <= 0x9f;
}

/* Nothing in it begins another line, or moves the reader's cursor. */
static void add_plain(struct buf *line, struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        bool is_pair = is_c1(text, i);

        buf_add_char(line, c < ' ' || c == 0x7f || is_pair ? '?' : (char)c);
        i += is_pair;
    }
}

void audit_write(struct server *server, struct slice user, struct slice address, struct slice what)
{
    struct buf line = BUF_INIT(LINE_BYTES_MAX);
    time_t now = (time_t)(clock_real_ns() / 1000000000);
    struct tm parts;
    char when[32];

    gmtime_r(&now, &parts);
    strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &parts);
    buf_printf(&line, "%s audit: ", when);
    add_plain(&line, user.len ? slice_upto(user, 256) : SLICE("somebody"));
    if (address.len)
        buf_printf(&line, " (%.*s)", SLICE_FMT(address));
    buf_add_char(&line, ' ');
    add_plain(&line, slice_upto(what, LINE_BYTES_MAX - 512));
    if (server->audit_log) {
        buf_add_char(&line, '\n');
        access_log_line(server->audit_log, buf_slice(&line));
    } else {
        server->notice(buf_str(&line));
    }
    buf_release(&line);
}
