/*
 * session.h - what `samovar get`, `samovar put` and `samovar brew` share: the connection, who logs in, what is told.
 */
#ifndef CLIENT_SESSION_H
#define CLIENT_SESSION_H

#include "client/client.h"
#include "delta/delta.h"

struct session {
    const struct transfer *transfer;
    struct client *client;
    struct arena arena;
    struct client_url url;
    struct slice address; /* the URL without user and password: what notes call it */
    struct slice login, secret;
    struct buf why; /* the sentence for what failed */
    struct client_answer answer;
    void *arg; /* the command's own */
};

/* A new request for the session's address. */
void session_request(struct session *session, const char *method, struct client_request *out);
/* One of TRANSFER_*; TRANSFER_OK: there is an answer, of whatever status. What fails is told. */
int session_ask(struct session *session, struct client_request *request);
/* Tells what the answer refused, with its own words where they are plain text; TRANSFER_REFUSED. */
int session_refused(struct session *session);
/* "samovar: FILE: ..." on standard error; gives `status`. */
int session_fail(struct session *session, int status, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* A line on standard output, unless it is to be quiet. */
void session_tell(const struct session *session, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The ETag of the answer if it is a strong one, in the arena; "" without. */
struct slice session_tag(struct session *session);

/* Whatever is no text becomes a blank: nothing else may reach a terminal. Lines stay. */
void make_printable(struct buf *text);
/* Begins a session, has the command do its work, and ends it. */
int session_run(const struct transfer *transfer, int (*command)(struct session *session), void *arg);

int get_command(struct session *session);
int put_command(struct session *session);

/* ---- files ---- */

enum { SHA256_OCTETS = 32 };
/* False: it cannot be read. */
bool file_sha256(int fd, unsigned char out[SHA256_OCTETS]);
/* The whole of a file as a source; arg is the descriptor's address. */
struct delta_source file_source(int *fd, uint64_t size);
/* Writes where the descriptor is; arg is its address. */
struct delta_sink file_sink(int *fd);
bool file_size(int fd, uint64_t *size);

#endif
