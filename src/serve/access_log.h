/*
 * access_log.h - one line for each exchange, never in anybody's way.
 *
 * A loop formats a line and puts it into a bounded queue in memory; a thread of the log's own writes
 * whole lines with O_APPEND. When the disk does not keep up and the queue is full, lines are dropped and
 * counted, and a line that says how many follows. No Authorization, cookie or lock token ever gets here:
 * struct access_entry has no place for them. Control bytes, quotes and backslashes are escaped.
 */
#ifndef SERVE_ACCESS_LOG_H
#define SERVE_ACCESS_LOG_H

#include <stdint.h>
#include <time.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

enum access_format { ACCESS_COMBINED, ACCESS_JSON }; /* the order of conf's log_format */

/* Slices are borrowed for the call; empty ones print as "-" (combined) or are left out (JSON). */
struct access_entry {
    struct timespec time; /* CLOCK_REALTIME, when the head was complete */
    struct slice address; /* the client's, after trusted proxies, without port */
    struct slice user;
    struct slice method, target; /* as sent; the target without user information */
    struct slice version;        /* "HTTP/1.1" */
    struct slice host, referer, agent;
    unsigned status;
    uint64_t body_bytes;  /* sent after the head */
    uint64_t duration_us; /* from the head's first byte to the answer's last */
    uint64_t exchange_id;
};

/* A target or any other text is cut to this many bytes before escaping, and "..." says so. */
#define ACCESS_TARGET_BYTES_MAX 2048
#define ACCESS_TEXT_BYTES_MAX 512

/* One line with its newline, at the end of `out`. Any side, no I/O. */
void access_format(const struct access_entry *entry, enum access_format format, struct buf *out);

struct access_log;

/*
 * Opens (makes, mode 0640) the file, "-" being standard output. `path` is copied. Before the sandbox;
 * no thread yet. An error: `why` holds a line.
 */
enum err access_log_open(const char *path, enum access_format format, struct access_log **out, struct buf *why);

/* Makes the writer thread: after the sandbox. Until then lines wait in the queue. */
enum err access_log_start(struct access_log *log);

/* Any side, never waits for the disk. NULL log: nothing happens. */
void access_log_write(struct access_log *log, const struct access_entry *entry);

/* A line of another kind, with its newline. The same otherwise. */
void access_log_line(struct access_log *log, struct slice line);

/* The writer will close the file and open its path anew, before the next line. Any side, not in a signal handler. */
void access_log_reopen(struct access_log *log);

/* Writes what is queued, ends the thread, closes and frees. NULL is fine. */
void access_log_flush_close(struct access_log *log);

/* Lines dropped since the start. */
uint64_t access_log_lost(struct access_log *log);

#endif
