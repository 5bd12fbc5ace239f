/*
 * client.h - a small HTTP/1.1 client, TLS included: one connection, one request at a time, waiting.
 *
 * Two layers. Below, bytes: client_connect(), client_send(), client_answer(), client_content() send whatever they are
 * given, also what no server should take, and tell what came back. Above, client_ask(): a request with redirects,
 * passwords, and a connection that is kept for the next one.
 *
 * Not for loops and workers of a server: everything here waits, for as long as the options say.
 */
#ifndef CLIENT_CLIENT_H
#define CLIENT_CLIENT_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "http/answer_head.h"

/* ---- where ---- */

struct client_url {
    bool is_tls;
    struct slice host;         /* without brackets */
    struct slice port;         /* "443" */
    struct slice authority;    /* as in Host */
    struct slice path;         /* encoded, with its query; "/" at least */
    struct slice user, secret; /* decoded; "" without */
    bool has_user;
};

/*
 * False: it is no URL of http or https; `why` says so. Texts live in the arena. A coffee URI (RFC 2324 §3) is one of
 * http whose path is the whole of it, to be sent as it is.
 */
bool client_url_read(struct slice text, struct arena *arena, struct client_url *out, struct buf *why);
/* Another one as seen from there: absolute, or a path. */
bool client_url_resolve(const struct client_url *from, struct slice text, struct arena *arena, struct client_url *out,
                        struct buf *why);
bool client_url_same_origin(const struct client_url *a, const struct client_url *b);

/* ---- bytes ---- */

struct client_options {
    const char *ca_file; /* of who is trusted; NULL: the system's */
    bool is_insecure;    /* anybody is */
    unsigned idle_s;     /* to wait for bytes; 0: CLIENT_IDLE_S */
    /* Told of each interim answer (1xx), whose texts do not outlive the call; NULL: nobody is interested. */
    void (*interim)(void *arg, const struct answer_head *head);
    void *interim_arg;
    bool (*is_over)(void *arg); /* asked before each wait, and when a signal comes: true ends it; NULL: nobody asks */
    void *over_arg;
    unsigned receive_room; /* octets that the system keeps for us; 0: as it likes */
};
enum { CLIENT_IDLE_S = 60, CLIENT_CONNECT_S = 20 };

struct client;
/* Borrows the texts of `options`. NULL: `why` says what is wrong with them. */
struct client *client_new(const struct client_options *options, struct buf *why);
void client_free(struct client *client);

/*
 * A connection to there; one that is open already is kept if it goes there. ERR_IO: `why` says what failed. The name is
 * the certificate's, or it fails.
 */
enum err client_connect(struct client *client, const struct client_url *url, struct buf *why);
void client_close(struct client *client);
/* Whatever is waited for ends at that moment of clock_mono_ms(), as if nothing came; 0: when there is nothing for long.
 */
void client_until(struct client *client, uint64_t mono_ms);
enum err client_send(struct client *client, struct slice bytes, struct buf *why);

struct client_answer {
    struct answer_head head; /* its texts live until the next answer */
    enum answer_framing framing;
    uint64_t length; /* of ANSWER_LENGTH */
    bool is_read;    /* its content, to the end */
    bool ends;       /* the connection ends with it */
};
/*
 * The next head, some interim ones (1xx) left out. ERR_MISSING: the connection ended before any of it came. Where only
 * its framing makes no sense, out->head has it all the same; else out->head.status is 0.
 */
enum err client_answer(struct client *client, bool is_head_request, struct client_answer *out, struct buf *why);
/* False: a final answer has come, or what is none. True: an interim 100, or nothing within so many milliseconds. */
bool client_may_go_on(struct client *client, unsigned ms);
/* All of its content, in pieces. take() may return false to end it (ERR_REFUSED), and the connection with it. */
enum err client_content(struct client *client, struct client_answer *answer,
                        bool (*take)(void *arg, struct slice bytes), void *arg, struct buf *why);

/* So many octets have come that are of no answer read so far; waits for the first one so long. What has ended is
 * closed. */
size_t client_stray(struct client *client, unsigned ms);
bool client_is_open(const struct client *client);

/* ---- requests ---- */

enum { CLIENT_FIELDS_MAX = 16 };

struct client_request {
    const char *method;
    struct client_url url; /* changed by redirects */
    struct client_field {
        struct slice name, value;
    } fields[CLIENT_FIELDS_MAX];
    unsigned field_count;
    /* content: of so many octets, given again from the start when it is called with at 0; NULL: none */
    enum err (*content)(void *arg, uint64_t at, void *room, size_t len);
    void *arg;
    uint64_t length;
    bool waits;                                                   /* for a 100 before the content is sent */
    struct slice login, secret;                                   /* "" without */
    bool (*ask_login)(void *arg, struct client_request *request); /* 401: fills login and secret; NULL: cannot */
    void *login_arg;
    void (*sent)(void *arg, uint64_t octets); /* told as content goes; NULL: nobody is interested */
    void *sent_arg;
    struct arena *arena; /* for what redirects need */
};
void client_field(struct client_request *request, struct slice name, struct slice value);

/*
 * Sends it and reads the head of the answer; follows redirects (301, 302, 303, 307, 308) and logs in (401, Basic), each
 * where that can be done. ERR_IO: `why` says what failed. A connection that had been kept and is found closed is opened
 * anew.
 */
enum err client_ask(struct client *client, struct client_request *request, struct client_answer *out, struct buf *why);

/* ---- commands ---- */

/* `samovar get` and `samovar put`. */
struct transfer {
    bool is_put;
    const char *url, *file; /* file NULL: get: as the URL's last part is called */
    const char *login;      /* the user; NULL: the URL's, or whom .netrc names */
    const char *ca_file;
    bool is_insecure, is_forced, is_quiet, is_whole;
};
enum {
    TRANSFER_OK,
    TRANSFER_REFUSED,     /* by the server */
    TRANSFER_USAGE,       /* what was asked makes no sense */
    TRANSFER_UNREACHABLE, /* no connection, or it ended too early */
    TRANSFER_LOCAL,       /* the file cannot be read or written here */
};
/* `samovar brew`. Texts are as given. */
struct brew_wish {
    const char *url; /* of http, https, or a coffee URI */
    const char *tea; /* a variety; NULL: coffee */
    const char *const *additions;
    unsigned addition_count;
    bool is_stop, is_when; /* instead of start */
    const char *login, *ca_file;
    bool is_insecure;
    bool is_quiet; /* and does not wait until it is ready */
};
int brew_command(const struct brew_wish *wish);

/* Prints what it does; one of the above. */
int transfer_command(const struct transfer *transfer);

#endif
