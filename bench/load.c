/*
 * load.c - a load generator that checks every answer.
 *
 * One thread, one epoll set, N keep-alive connections with one request in flight on each. Requests are
 * byte strings made before the clock starts. Of every answer the status and the length of the body are
 * checked; anything else than expected is an error, the first one is told, and `bench/run` then calls the
 * row invalid. Bodies are counted, not copied (MSG_TRUNC), so that on few cores the client takes little
 * from the server. Prints one line of JSON.
 *
 * --tls speaks TLS 1.3 (wire.h); --fresh makes a connection for each request, a handshake then being the most of it;
 * --resume lets each but a place's first be resumed by a ticket, and one that is not is an error.
 *
 * --method and --body-file ask anything else; where the path or the body has ########, the request's number stands
 * there instead, so that names are fresh and values differ. Mode lock sends LOCK, and UNLOCK with the token that
 * came; the two count as one request.
 *
 * Speaks the HTTP/1.1 the rows need and no more: an answer must have a Content-Length (204 and 304 none);
 * a chunked answer counts as an error, but with --chunked it is read and its length is that of what the chunks hold.
 * Times are taken once for each batch of events, so a latency is good to a batch (64 connections: some 0.1 ms).
 */
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "wire.h"

#define HEAD_MAX 8192         /* a longer head is an error */
#define ERRORS_MAX 100        /* the run ends here: what follows is no measurement */
#define OPENING_MAX 64        /* idle mode: connections that still wait for their answer */
#define STALL_NS 10000000000u /* nothing answered for so long: the server hangs */
#define SKIP_MAX (16u << 20)  /* bytes dropped at once */
#define SUB_BITS 5            /* histogram: 32 steps for each power of two, good to 3 % */
#define BUCKETS (64 << SUB_BITS)
#define LENGTH_ANY (-1)
#define STAMP "########"     /* stands for the number of the request */
#define STAMP_MAX 100000000u /* of its digits */
#define TOKEN_MAX 256        /* of a Lock-Token; longer ones are an error */
#define PIECE_MAX 65536u     /* chunks are read by so much */
#define BODY_FILE_MAX 65536u /* a larger one is no request that the rows make */

enum mode {
    MODE_GET,  /* GET the targets in turn */
    MODE_PUT,  /* PUT the same body to rotating names */
    MODE_IDLE, /* one GET on each of N connections, then hold them */
    MODE_LOCK, /* LOCK, then UNLOCK, the targets in turn */
};

enum state {
    CONN_UNUSED, /* not opened yet */
    CONN_HEAD,   /* a request is out, its answer's head is awaited */
    CONN_BODY,   /* the rest of the body is awaited */
    CONN_QUIET,  /* answered, and nothing asked since */
};

/* Reads a chunked body (RFC 9112 §7.1); trailers are skipped. */
struct chunks {
    enum { CHUNK_SIZE, CHUNK_DATA, CHUNK_END, CHUNK_TRAILER } step;
    int64_t left;      /* of this chunk */
    int64_t total;     /* of all chunks so far */
    unsigned line_len; /* of the size or trailer line so far */
    bool in_extension; /* behind the size */
};

struct target {
    const char *path;   /* owned, or the command line's */
    char *head;         /* request line and fields, owned */
    size_t head_len;    /* bytes */
    int64_t answer_len; /* expected body, or LENGTH_ANY */
};

struct conn {
    struct wire wire;
    enum state state;
    const struct target *target;
    size_t turn;      /* through its own targets */
    const char *head; /* what is sent: the target's, or `own` */
    const char *body; /* behind it */
    size_t head_len, body_len;
    char *own;             /* room for a request of this connection's own: stamped, or an UNLOCK */
    char token[TOKEN_MAX]; /* of the lock that is held, with its <>; empty: none */
    bool is_unlocking;     /* the pair's second half is out */
    bool chunked;          /* the body comes in chunks */
    struct chunks chunks;
    size_t sent;         /* of head and body together */
    bool wants_out;      /* EPOLLOUT is set */
    bool closing;        /* the answer said Connection: close */
    bool shaken;         /* the handshake was looked at */
    uint64_t started_ns; /* when the request was made */
    int64_t body_left;
    size_t got_len;
    char got[HEAD_MAX]; /* the head, and what came with it */
};

struct options {
    enum mode mode;
    uint16_t port;
    unsigned conns;
    double seconds;
    uint64_t requests_max; /* 0: bounded by time */
    bool tls, fresh, resume, chunked;
    uint64_t first;        /* the first request's number */
    const char *method;    /* NULL: the mode's */
    const char *body_file; /* NULL: no body, or put_len letters */
    int64_t answer_len;
    bool statuses[600];
    size_t put_len;
    unsigned names;    /* PUT: how many names take turns */
    const char *path;  /* GET: the target; PUT: what the names begin with */
    const char *list;  /* file of "PATH LENGTH" lines */
    char fields[2048]; /* extra request fields, each with its CRLF */
    size_t fields_len;
};

struct run {
    struct options opt;
    struct target *targets;
    size_t target_count, target_next;
    char *put_body;
    bool stamped;    /* heads or the body have a STAMP */
    size_t head_max; /* the longest target's */
    struct conn *conns;
    unsigned opened, quiet;
    int epoll;
    bool over, stdin_watched;
    uint64_t now_ns, begin_ns, progress_ns;
    uint64_t issued, answered, errors, reconnects, bytes, handshakes, resumed;
    char first_error[200], agreed[100];
    uint32_t latency[BUCKETS];
};

static void die(const char *what)
{
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(2);
}

static uint64_t now_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static void error_tell(struct run *run, const char *what, const char *why)
{
    if (run->errors++ == 0)
        snprintf(run->first_error, sizeof(run->first_error), "%s (%s)", what, why);
    if (run->errors >= ERRORS_MAX)
        run->over = true;
}

static void error_note(struct run *run, const char *what, long got, long wanted)
{
    char why[64];

    snprintf(why, sizeof(why), "got %ld, wanted %ld", got, wanted);
    error_tell(run, what, why);
}

/* ---- latency -------------------------------------------------------------------------------------- */

static unsigned bucket_of(uint64_t us)
{
    unsigned bits = us ? 64 - (unsigned)__builtin_clzll(us) : 0;
    unsigned shift = bits > SUB_BITS + 1 ? bits - SUB_BITS - 1 : 0;

    return (shift << SUB_BITS) + (unsigned)(us >> shift);
}

static uint64_t bucket_floor(unsigned bucket)
{
    unsigned shift = bucket < (2u << SUB_BITS) ? 0 : (bucket >> SUB_BITS) - 1;

    return (uint64_t)(bucket - (shift << SUB_BITS)) << shift;
}

static uint64_t percentile_us(const struct run *run, double part)
{
    uint64_t seen = 0, rank = (uint64_t)((double)run->answered * part);

    for (unsigned i = 0; i < BUCKETS; i++) {
        seen += run->latency[i];
        if (seen > rank)
            return bucket_floor(i);
    }
    return 0;
}

/* ---- requests ------------------------------------------------------------------------------------- */

static const char *method_of(const struct options *opt)
{
    if (opt->method)
        return opt->method;
    return opt->mode == MODE_PUT ? "PUT" : opt->mode == MODE_LOCK ? "LOCK" : "GET";
}

static void target_add(struct run *run, const char *path, int64_t answer_len)
{
    const struct options *opt = &run->opt;
    char length[64] = "";
    struct target *target;
    int len;

    run->targets = realloc(run->targets, (run->target_count + 1) * sizeof(*run->targets));
    if (!run->targets)
        die("memory");
    target = &run->targets[run->target_count++];
    if (opt->mode == MODE_PUT || opt->body_file)
        snprintf(length, sizeof(length), "Content-Length: %zu\r\n", opt->put_len);
    len = asprintf(&target->head, "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n%s%s\r\n", method_of(opt), path, opt->port,
                   length, opt->fields);
    target->path = strdup(path);
    if (len < 0 || !target->path)
        die("memory");
    target->head_len = (size_t)len;
    if (run->head_max < target->head_len)
        run->head_max = target->head_len;
    run->stamped |= strstr(path, STAMP) != NULL;
    target->answer_len = answer_len;
}

static void targets_read(struct run *run, const char *list)
{
    FILE *file = fopen(list, "re");
    char path[1024];
    long long len;

    if (!file)
        die(list);
    while (fscanf(file, "%1023s %lld", path, &len) == 2)
        target_add(run, path, len);
    fclose(file);
}

static void body_read(struct run *run, const char *name)
{
    FILE *file = fopen(name, "re");

    run->put_body = calloc(1, BODY_FILE_MAX + 1);
    if (!file || !run->put_body)
        die(name);
    run->opt.put_len = fread(run->put_body, 1, BODY_FILE_MAX, file);
    run->stamped = strstr(run->put_body, STAMP) != NULL;
    fclose(file);
}

static void body_make(struct run *run)
{
    run->put_body = malloc(run->opt.put_len + 1);
    if (!run->put_body)
        die("memory");
    for (size_t i = 0; i < run->opt.put_len; i++)
        run->put_body[i] = (char)('a' + i % 23);
}

static void targets_make(struct run *run)
{
    const struct options *opt = &run->opt;
    char path[1024];

    if (opt->body_file)
        body_read(run, opt->body_file);
    else
        body_make(run);
    if (opt->list) {
        targets_read(run, opt->list);
    } else if (opt->names) {
        for (unsigned i = 0; i < opt->names; i++) {
            snprintf(path, sizeof(path), "%s%05u", opt->path, i);
            target_add(run, path, opt->answer_len);
        }
    } else {
        target_add(run, opt->path, opt->answer_len);
    }
    if (run->target_count == 0) {
        fprintf(stderr, "load: no targets\n");
        exit(2);
    }
}

/* Room of the connection's own for any request. */
static char *conn_own(const struct run *run, struct conn *conn)
{
    if (!conn->own)
        conn->own = malloc(run->head_max + run->opt.put_len + TOKEN_MAX + 64);
    if (!conn->own)
        die("memory");
    return conn->own;
}

/* The target's request with the request's number in it. */
static void conn_stamp(struct run *run, struct conn *conn)
{
    char *own = conn_own(run, conn), *at = own, digits[16];
    size_t len = conn->head_len + conn->body_len;

    memcpy(own, conn->head, conn->head_len);
    memcpy(own + conn->head_len, conn->body, conn->body_len);
    snprintf(digits, sizeof(digits), "%08u", (unsigned)((run->opt.first + run->issued) % STAMP_MAX));
    while ((at = memmem(at, len - (size_t)(at - own), STAMP, strlen(STAMP))))
        memcpy(at, digits, strlen(STAMP));
    conn->head = own;
    conn->body = own + conn->head_len;
}

/* UNLOCK of what this connection holds. */
static void conn_unlock(struct run *run, struct conn *conn)
{
    char *own = conn_own(run, conn);
    int len = sprintf(own, "UNLOCK %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nLock-Token: %s\r\n\r\n", conn->target->path,
                      run->opt.port, conn->token);

    conn->head = own;
    conn->head_len = (size_t)len;
    conn->body_len = 0;
}

/* ---- connections ---------------------------------------------------------------------------------- */

static void conn_watch(struct run *run, struct conn *conn, bool out)
{
    struct epoll_event ev = {.events = EPOLLIN | (out ? EPOLLOUT : 0u), .data.ptr = conn};

    if (conn->wants_out == out)
        return;
    conn->wants_out = out;
    if (epoll_ctl(run->epoll, EPOLL_CTL_MOD, conn->wire.fd, &ev) != 0)
        die("epoll_ctl");
}

static void conn_open(struct run *run, struct conn *conn)
{
    struct epoll_event ev = {.events = EPOLLIN, .data.ptr = conn};

    wire_open(&conn->wire, run->opt.port, run->opt.tls);
    if (run->opt.mode == MODE_IDLE) {
        /* reset at the end: thousands of connections in TIME_WAIT would be in the next round's way */
        struct linger reset = {.l_onoff = 1, .l_linger = 0};

        setsockopt(conn->wire.fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
    }
    conn->wants_out = false;
    conn->closing = false;
    conn->shaken = !run->opt.tls;
    if (epoll_ctl(run->epoll, EPOLL_CTL_ADD, conn->wire.fd, &ev) != 0)
        die("epoll_ctl");
}

/* Looks at a handshake once it is done. */
static void conn_shaken(struct run *run, struct conn *conn)
{
    if (conn->shaken || !conn->wire.is_shaken)
        return;
    conn->shaken = true;
    if (run->handshakes++ == 0)
        wire_describe(&conn->wire, run->agreed, sizeof(run->agreed));
    run->resumed += conn->wire.is_resumed;
    if (conn->wire.offered && !conn->wire.is_resumed)
        error_note(run, "not resumed", 0, 1);
}

static void conn_push(struct run *run, struct conn *conn)
{
    size_t total = conn->head_len + conn->body_len;

    while (conn->sent < total) {
        size_t body_at = conn->sent > conn->head_len ? conn->sent - conn->head_len : 0;
        size_t head_at = conn->sent - body_at;
        struct iovec part[2] = {
            {.iov_base = (char *)conn->head + head_at, .iov_len = conn->head_len - head_at},
            {.iov_base = (char *)conn->body + body_at, .iov_len = conn->body_len - body_at},
        };
        ssize_t n = wire_sendv(&conn->wire, part, 2);

        conn_shaken(run, conn);
        if (n == WIRE_LATER)
            break;
        if (n < 0)
            return; /* closed under us: the read that follows tells it */
        conn->sent += (size_t)n;
    }
    /* within a handshake it is the server's turn, and reading goes on with it */
    conn_watch(run, conn, conn->sent < total && conn->wire.is_shaken);
}

static void conn_send(struct run *run, struct conn *conn)
{
    conn->sent = 0;
    conn->got_len = 0;
    conn->state = CONN_HEAD;
    conn_push(run, conn);
}

/* In turn. Of locks each connection has its own, so that one that is held up is not in another's way. */
static const struct target *target_next(struct run *run, struct conn *conn)
{
    size_t places = run->opt.conns, own = run->target_count / places;
    size_t at = run->target_next;

    if (run->opt.mode == MODE_LOCK && own) {
        at = (size_t)(conn - run->conns) + conn->turn * places;
        conn->turn = conn->turn + 1 == own ? 0 : conn->turn + 1;
    } else {
        run->target_next = run->target_next + 1 == run->target_count ? 0 : run->target_next + 1;
    }
    return &run->targets[at];
}

static void conn_ask(struct run *run, struct conn *conn)
{
    if (conn->token[0]) {
        conn_unlock(run, conn);
        conn_send(run, conn);
        return;
    }
    if (run->over || (run->opt.requests_max && run->issued == run->opt.requests_max)) {
        conn->state = CONN_QUIET;
        return;
    }
    conn->target = target_next(run, conn);
    conn->head = conn->target->head;
    conn->head_len = conn->target->head_len;
    conn->body = run->put_body;
    conn->body_len = run->opt.put_len;
    if (run->stamped)
        conn_stamp(run, conn);
    run->issued++;
    conn->started_ns = run->now_ns;
    conn_send(run, conn);
}

static void conn_start_next(struct run *run)
{
    if (run->opened < run->opt.conns) {
        struct conn *conn = &run->conns[run->opened++];

        conn_open(run, conn);
        conn_ask(run, conn);
    }
}

static void conn_reopen(struct run *run, struct conn *conn)
{
    wire_close(&conn->wire);
    conn_open(run, conn);
    conn_ask(run, conn);
}

/* An answer that is not as it should be: the connection's state is unknown, so it is replaced. */
static void conn_replace(struct run *run, struct conn *conn)
{
    conn->token[0] = '\0';
    conn->is_unlocking = false;
    if (!run->over)
        conn_reopen(run, conn);
}

static void conn_fail(struct run *run, struct conn *conn, const char *what, long got, long wanted)
{
    error_note(run, what, got, wanted);
    conn_replace(run, conn);
}

/* It ended, n says how, before all came. */
static void conn_lost(struct run *run, struct conn *conn, const char *what, ssize_t n)
{
    error_tell(run, conn->shaken ? what : "no handshake", n < 0 ? wire_trouble() : "closed");
    conn_replace(run, conn);
}

/* The next request on a connection of its own. A ticket comes before the answer, or this server gives none. */
static void conn_renew(struct run *run, struct conn *conn)
{
    if (run->opt.resume && !conn->wire.session)
        error_note(run, "no session ticket came", 0, 1);
    conn_replace(run, conn);
}

/* LOCK was answered: its half of the pair is not counted. Or UNLOCK was: gives false, the pair is whole. */
static bool conn_is_half(struct run *run, struct conn *conn)
{
    if (run->opt.mode != MODE_LOCK)
        return false;
    if (conn->is_unlocking) {
        conn->is_unlocking = false;
        conn->token[0] = '\0';
        return false;
    }
    conn->is_unlocking = true;
    if (conn->closing) {
        run->reconnects++;
        conn_reopen(run, conn);
    } else {
        conn_ask(run, conn);
    }
    return true;
}

static void conn_answered(struct run *run, struct conn *conn)
{
    if (conn_is_half(run, conn))
        return;
    run->answered++;
    run->progress_ns = run->now_ns;
    run->latency[bucket_of((run->now_ns - conn->started_ns) / 1000)]++;
    if (run->opt.mode == MODE_IDLE) {
        conn->state = CONN_QUIET;
        run->quiet++;
        if (conn->closing)
            error_note(run, "the server does not keep the connection", 0, 1);
        conn_start_next(run);
    } else if (run->opt.fresh) {
        conn_renew(run, conn);
    } else if (conn->closing) {
        run->reconnects++;
        conn_reopen(run, conn);
    } else {
        conn_ask(run, conn);
    }
}

/* ---- answers -------------------------------------------------------------------------------------- */

struct answer {
    int status;
    int64_t length; /* LENGTH_ANY: the head does not say */
    bool closing;
    bool chunked;
    char token[TOKEN_MAX]; /* Lock-Token; empty: none, or too long */
};

static bool field_is(const char *line, size_t len, const char *name)
{
    size_t name_len = strlen(name);

    return len > name_len && line[name_len] == ':' && strncasecmp(line, name, name_len) == 0;
}

static void token_take(char *out, const char *value, size_t len)
{
    while (len && (*value == ' ' || *value == '\t')) {
        value++;
        len--;
    }
    while (len && (value[len - 1] == '\r' || value[len - 1] == ' '))
        len--;
    if (len >= TOKEN_MAX)
        return;
    memcpy(out, value, len);
    out[len] = '\0';
}

static void answer_parse(const char *head, const char *end, struct answer *out)
{
    *out = (struct answer){.status = atoi(head + 9), .length = LENGTH_ANY};
    while (head < end) {
        const char *eol = memchr(head, '\n', (size_t)(end - head));
        size_t len = (size_t)((eol ? eol : end) - head);

        if ((*head | 0x20) == 'c' && field_is(head, len, "content-length"))
            out->length = strtoll(head + 15, NULL, 10);
        else if ((*head | 0x20) == 'c' && field_is(head, len, "connection"))
            out->closing = memmem(head, len, "close", 5) != NULL;
        else if ((*head | 0x20) == 't' && field_is(head, len, "transfer-encoding"))
            out->chunked = true;
        else if ((*head | 0x20) == 'l' && field_is(head, len, "lock-token"))
            token_take(out->token, head + 11, len - 11);
        head += len + 1;
    }
    if (out->status == 204 || out->status == 304)
        out->length = 0;
}

/* One byte of a line of sizes or trailers: 0, or -1 where it is none; 1 where the body is whole. */
static int chunks_line(struct chunks *chunks, char c)
{
    static const char hex[] = "0123456789abcdef";
    const char *digit = c ? strchr(hex, c | 0x20) : NULL;

    if (c == '\r')
        return 0;
    if (c != '\n') {
        if (c == ';')
            chunks->in_extension = true;
        else if (chunks->step == CHUNK_END || chunks->left > INT64_MAX >> 8)
            return -1;
        else if (chunks->step == CHUNK_SIZE && !chunks->in_extension) {
            if (!digit || c < '0')
                return -1;
            chunks->left = chunks->left * 16 + (digit - hex);
        }
        return ++chunks->line_len > HEAD_MAX ? -1 : 0;
    }
    if (chunks->step == CHUNK_TRAILER && chunks->line_len == 0)
        return 1;
    if (chunks->step == CHUNK_SIZE)
        chunks->step = chunks->line_len == 0 ? CHUNK_SIZE : chunks->left ? CHUNK_DATA : CHUNK_TRAILER;
    else if (chunks->step == CHUNK_END)
        chunks->step = CHUNK_SIZE;
    chunks->line_len = 0;
    chunks->in_extension = false;
    return 0;
}

/* Bytes of a chunked body: 0 more are due, 1 it is whole, -1 it is none. */
static int chunks_feed(struct chunks *chunks, const char *bytes, size_t len)
{
    while (len) {
        size_t step = 1;
        int got = 0;

        if (chunks->step == CHUNK_DATA) {
            step = (size_t)chunks->left < len ? (size_t)chunks->left : len;
            chunks->left -= (int64_t)step;
            chunks->total += (int64_t)step;
            if (chunks->left == 0)
                chunks->step = CHUNK_END;
        } else {
            got = chunks_line(chunks, *bytes);
        }
        bytes += step;
        len -= step;
        if (got)
            return got > 0 && len ? -1 : got;
    }
    return 0;
}

static bool length_is_wrong(struct run *run, struct conn *conn, int64_t length)
{
    int64_t wanted = conn->target->answer_len;

    if (conn->is_unlocking || wanted == LENGTH_ANY || length == wanted)
        return false;
    conn_fail(run, conn, "wrong length", length, wanted);
    return true;
}

static void conn_chunks(struct run *run, struct conn *conn, const char *bytes, size_t len)
{
    int got = chunks_feed(&conn->chunks, bytes, len);

    run->bytes += len;
    run->progress_ns = run->now_ns;
    if (got < 0)
        conn_fail(run, conn, "wrong chunks", conn->chunks.total, 0);
    else if (got > 0 && !length_is_wrong(run, conn, conn->chunks.total))
        conn_answered(run, conn);
}

static bool status_is_right(const struct run *run, const struct conn *conn, int status)
{
    if (conn->is_unlocking)
        return status == 204;
    return status >= 100 && status <= 599 && run->opt.statuses[status];
}

/* The head has come: judge it, then what followed it. */
static void conn_head_done(struct run *run, struct conn *conn, size_t head_len)
{
    struct answer answer;
    int64_t came = (int64_t)(conn->got_len - head_len);

    answer_parse(conn->got, conn->got + head_len, &answer);
    conn->closing = answer.closing;
    if (!status_is_right(run, conn, answer.status))
        return conn_fail(run, conn, "wrong status", answer.status, conn->is_unlocking ? 204 : 0);
    if (run->opt.mode == MODE_LOCK && !conn->is_unlocking) {
        if (!answer.token[0])
            return conn_fail(run, conn, "no Lock-Token", answer.status, 0);
        strcpy(conn->token, answer.token);
    }
    conn->chunked = answer.chunked && run->opt.chunked;
    if (conn->chunked) {
        conn->chunks = (struct chunks){.step = CHUNK_SIZE};
        conn->state = CONN_BODY;
        return conn_chunks(run, conn, conn->got + head_len, (size_t)came);
    }
    if (answer.chunked || answer.length < 0)
        return conn_fail(run, conn, "no Content-Length", answer.status, 0);
    if (length_is_wrong(run, conn, answer.length))
        return;
    if (came > answer.length)
        return conn_fail(run, conn, "more bytes than announced", came, answer.length);
    run->bytes += (uint64_t)came;
    conn->body_left = answer.length - came;
    conn->state = CONN_BODY;
    if (conn->body_left == 0)
        conn_answered(run, conn);
}

static void conn_read_head(struct run *run, struct conn *conn)
{
    ssize_t n = wire_recv(&conn->wire, conn->got + conn->got_len, HEAD_MAX - 1 - conn->got_len);
    size_t from = conn->got_len > 3 ? conn->got_len - 3 : 0;
    char *end;

    conn_shaken(run, conn);
    if (n == WIRE_LATER)
        return;
    if (n <= 0)
        return conn_lost(run, conn, "closed before the answer", n);
    conn->got_len += (size_t)n;
    conn->got[conn->got_len] = '\0';
    end = memmem(conn->got + from, conn->got_len - from, "\r\n\r\n", 4);
    if (end)
        conn_head_done(run, conn, (size_t)(end + 4 - conn->got));
    else if (conn->got_len == HEAD_MAX - 1)
        conn_fail(run, conn, "head too long", HEAD_MAX, 0);
}

static void conn_read_chunks(struct run *run, struct conn *conn)
{
    static char piece[PIECE_MAX];
    ssize_t n = wire_recv(&conn->wire, piece, sizeof(piece));

    if (n == WIRE_LATER)
        return;
    if (n <= 0)
        return conn_lost(run, conn, "closed within a body", n);
    conn_chunks(run, conn, piece, (size_t)n);
}

static void conn_read_body(struct run *run, struct conn *conn)
{
    size_t want = conn->body_left > SKIP_MAX ? SKIP_MAX : (size_t)conn->body_left;
    ssize_t n = wire_skip(&conn->wire, want);

    if (n == WIRE_LATER)
        return;
    if (n <= 0)
        return conn_lost(run, conn, "closed within a body", n);
    run->bytes += (uint64_t)n;
    run->progress_ns = run->now_ns;
    conn->body_left -= n;
    if (conn->body_left == 0)
        conn_answered(run, conn);
}

/* Bytes where none are due. Those of TLS itself, a late ticket, are none. */
static void conn_read_quiet(struct run *run, struct conn *conn)
{
    char byte;

    if (wire_recv(&conn->wire, &byte, 1) == WIRE_LATER)
        return;
    epoll_ctl(run->epoll, EPOLL_CTL_DEL, conn->wire.fd, NULL);
    if (run->opt.mode == MODE_IDLE)
        error_note(run, "an idle connection was closed or spoken to", 0, 0);
}

static void conn_read(struct run *run, struct conn *conn)
{
    if (conn->state == CONN_HEAD)
        conn_read_head(run, conn);
    else if (conn->state == CONN_BODY && conn->chunked)
        conn_read_chunks(run, conn);
    else if (conn->state == CONN_BODY)
        conn_read_body(run, conn);
    else
        conn_read_quiet(run, conn);
}

static void conn_event(struct run *run, struct conn *conn, uint32_t events)
{
    uint64_t answered = run->answered;

    if (events & EPOLLOUT)
        conn_push(run, conn);
    if (!(events & ~(uint32_t)EPOLLOUT))
        return;
    conn_read(run, conn);
    if (conn->state == CONN_HEAD && conn->sent == 0 && conn->wire.is_shaken)
        conn_push(run, conn); /* that was the handshake's last part, the request may go */
    /* what TLS has read ahead; a connection that asked anew waits for its event */
    while (!run->over && run->answered == answered && wire_has_more(&conn->wire)) {
        int64_t left = conn->body_left;
        size_t got = conn->got_len;

        conn_read(run, conn);
        if (conn->body_left == left && conn->got_len == got)
            break; /* half a record: the rest is on its way */
    }
}

/* ---- the run -------------------------------------------------------------------------------------- */

static void idle_ready(struct run *run)
{
    struct epoll_event ev = {.events = EPOLLIN, .data.ptr = NULL};

    run->stdin_watched = true;
    printf("{\"ready\": %u}\n", run->quiet);
    fflush(stdout);
    epoll_ctl(run->epoll, EPOLL_CTL_ADD, STDIN_FILENO, &ev); /* a file as stdin: held until --seconds */
}

static void run_check_end(struct run *run)
{
    const struct options *opt = &run->opt;
    double passed = (double)(run->now_ns - run->begin_ns) / 1e9;

    if (opt->mode == MODE_IDLE && run->quiet == opt->conns && !run->stdin_watched)
        idle_ready(run);
    if (opt->requests_max && run->answered + run->errors >= opt->requests_max)
        run->over = true;
    if (!run->over && passed >= opt->seconds) {
        run->over = true;
        if (opt->requests_max)
            error_note(run, "time was up before the requests", (long)run->answered, (long)opt->requests_max);
        if (opt->mode == MODE_IDLE && run->quiet < opt->conns)
            error_note(run, "time was up before all were open", (long)run->quiet, (long)opt->conns);
    }
    if (!run->over && run->quiet < opt->conns && run->now_ns - run->progress_ns > STALL_NS) {
        error_note(run, "no answer for 10 s", 0, 0);
        run->over = true;
    }
}

static void run_loop(struct run *run)
{
    unsigned at_once = run->opt.mode == MODE_IDLE && run->opt.conns > OPENING_MAX ? OPENING_MAX : run->opt.conns;
    struct epoll_event events[256];

    run->begin_ns = run->progress_ns = run->now_ns = now_ns();
    for (unsigned i = 0; i < at_once; i++)
        conn_start_next(run);
    while (!run->over) {
        int n = epoll_wait(run->epoll, events, 256, 20);

        if (n < 0 && errno != EINTR)
            die("epoll_wait");
        run->now_ns = now_ns();
        for (int i = 0; i < n && !run->over; i++) {
            if (events[i].data.ptr)
                conn_event(run, events[i].data.ptr, events[i].events);
            else
                run->over = true; /* stdin: our caller has seen enough */
        }
        run_check_end(run);
    }
}

static void run_print(const struct run *run)
{
    double seconds = (double)(run->now_ns - run->begin_ns) / 1e9;

    printf("{\"requests\": %llu, \"errors\": %llu, \"seconds\": %.4f, \"rate\": %.1f, \"bytes\": %llu, "
           "\"p50_us\": %llu, \"p99_us\": %llu, \"reconnects\": %llu, \"handshakes\": %llu, \"resumed\": %llu, "
           "\"agreed\": \"%s\", \"first_error\": \"%s\"}\n",
           (unsigned long long)run->answered, (unsigned long long)run->errors, seconds,
           seconds > 0 ? (double)run->answered / seconds : 0.0, (unsigned long long)run->bytes,
           (unsigned long long)percentile_us(run, 0.50), (unsigned long long)percentile_us(run, 0.99),
           (unsigned long long)run->reconnects, (unsigned long long)run->handshakes, (unsigned long long)run->resumed,
           run->agreed, run->first_error);
}

/* ---- the command line ----------------------------------------------------------------------------- */

static const char usage[] =
    "usage: load --port N [--mode get|put|idle|lock] [--conns N] [--seconds S] [--requests N]\n"
    "            [--path PATH | --targets FILE] [--field 'Name: value']... [--status 200,...] [--length N]\n"
    "            [--method M] [--body N | --body-file FILE] [--names N] [--first N] [--chunked] [--tls [--fresh "
    "[--resume]]]\n"
    "The file of --targets has a line \"PATH LENGTH\" for each. With --names N they are PATH00000, PATH00001, ...\n"
    "######## in the path or the body is replaced by the request's number, counted from --first.\n"
    "idle prints {\"ready\": N} when all connections are answered, and holds them until stdin ends.\n";

static const struct option long_options[] = {
    {"port", 1, NULL, 'p'},      {"mode", 1, NULL, 'm'},   {"conns", 1, NULL, 'c'},   {"seconds", 1, NULL, 's'},
    {"requests", 1, NULL, 'n'},  {"path", 1, NULL, 'u'},   {"targets", 1, NULL, 't'}, {"field", 1, NULL, 'f'},
    {"status", 1, NULL, 'S'},    {"length", 1, NULL, 'l'}, {"body", 1, NULL, 'b'},    {"names", 1, NULL, 'N'},
    {"tls", 0, NULL, 'T'},       {"fresh", 0, NULL, 'F'},  {"resume", 0, NULL, 'R'},  {"method", 1, NULL, 'M'},
    {"body-file", 1, NULL, 'B'}, {"first", 1, NULL, 'i'},  {"chunked", 0, NULL, 'C'}, {NULL, 0, NULL, 0},
};

static void usage_exit(void)
{
    fputs(usage, stderr);
    exit(2);
}

static enum mode mode_parse(const char *name)
{
    static const char *const names[] = {
        [MODE_GET] = "get", [MODE_PUT] = "put", [MODE_IDLE] = "idle", [MODE_LOCK] = "lock"};

    for (unsigned i = 0; i < 4; i++)
        if (strcmp(name, names[i]) == 0)
            return (enum mode)i;
    usage_exit();
    return MODE_GET;
}

static void statuses_parse(struct options *opt, const char *list)
{
    for (char *end; *list; list = *end ? end + 1 : end) {
        unsigned long status = strtoul(list, &end, 10);

        if (status >= 600 || (*end && *end != ',') || end == list)
            usage_exit();
        opt->statuses[status] = true;
    }
}

static void field_add(struct options *opt, const char *field)
{
    int n = snprintf(opt->fields + opt->fields_len, sizeof(opt->fields) - opt->fields_len, "%s\r\n", field);

    if (n < 0 || (size_t)n >= sizeof(opt->fields) - opt->fields_len)
        usage_exit();
    opt->fields_len += (size_t)n;
}

static void option_set(struct options *opt, int which, const char *value)
{
    switch (which) {
    case 'p':
        opt->port = (uint16_t)atoi(value);
        break;
    case 'm':
        opt->mode = mode_parse(value);
        break;
    case 'c':
        opt->conns = (unsigned)atoi(value);
        break;
    case 's':
        opt->seconds = atof(value);
        break;
    case 'n':
        opt->requests_max = strtoull(value, NULL, 10);
        break;
    case 'u':
        opt->path = value;
        break;
    case 't':
        opt->list = value;
        break;
    case 'f':
        field_add(opt, value);
        break;
    case 'S':
        statuses_parse(opt, value);
        break;
    case 'l':
        opt->answer_len = strcmp(value, "any") == 0 ? LENGTH_ANY : strtoll(value, NULL, 10);
        break;
    case 'b':
        opt->put_len = strtoull(value, NULL, 10);
        break;
    case 'N':
        opt->names = (unsigned)atoi(value);
        break;
    case 'T':
        opt->tls = true;
        break;
    case 'F':
        opt->fresh = true;
        break;
    case 'R':
        opt->resume = true;
        break;
    case 'M':
        opt->method = value;
        break;
    case 'B':
        opt->body_file = value;
        break;
    case 'i':
        opt->first = strtoull(value, NULL, 10);
        break;
    case 'C':
        opt->chunked = true;
        break;
    default:
        usage_exit();
    }
}

static void options_parse(struct options *opt, int argc, char **argv)
{
    bool any_status = false;

    *opt = (struct options){.conns = 1, .seconds = 60, .path = "/", .answer_len = LENGTH_ANY};
    for (int which; (which = getopt_long(argc, argv, "", long_options, NULL)) != -1;)
        option_set(opt, which, optarg);
    for (unsigned i = 0; i < 600; i++)
        any_status |= opt->statuses[i];
    if (!any_status)
        opt->statuses[200] = true;
    if (opt->mode != MODE_PUT)
        opt->put_len = 0;
    if (opt->mode == MODE_PUT && !opt->names)
        opt->names = 1;
    if (!opt->port || !opt->conns || optind != argc || (opt->resume && !(opt->tls && opt->fresh)) ||
        (opt->chunked && opt->tls))
        usage_exit();
}

static void descriptors_allow(unsigned conns)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        die("getrlimit");
    if (limit.rlim_cur >= conns + 32)
        return;
    limit.rlim_cur = limit.rlim_max;
    if (limit.rlim_max < conns + 32 || setrlimit(RLIMIT_NOFILE, &limit) != 0)
        die("descriptors for so many connections");
}

int main(int argc, char **argv)
{
    static struct run run;

    options_parse(&run.opt, argc, argv);
    descriptors_allow(run.opt.conns);
    targets_make(&run);
    if (run.opt.tls)
        wire_tls_init(run.opt.resume);
    run.conns = calloc(run.opt.conns, sizeof(*run.conns));
    run.epoll = epoll_create1(EPOLL_CLOEXEC);
    if (!run.conns || run.epoll < 0)
        die("set-up");
    run_loop(&run);
    run_print(&run);
    return run.errors ? 1 : 0;
}
