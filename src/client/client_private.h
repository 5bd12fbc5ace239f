/*
 * client_private.h - what the files of client/ share.
 */
#ifndef CLIENT_PRIVATE_H
#define CLIENT_PRIVATE_H

#include <openssl/types.h>

#include "client/client.h"

enum {
    FILL = 64 * 1024,                    /* read at once */
    IN_MAX = ANSWER_HEAD_MAX + 2 * FILL, /* a head, and what came with its end */
};

struct client {
    struct client_options options;
    SSL_CTX *context;
    SSL *ssl;          /* NULL: plain */
    int fd;            /* -1: none is open */
    bool is_late;      /* nothing came in time when it was read last */
    uint64_t until_ms; /* of the clock that never goes back: nothing is waited for longer; 0: no such moment */
    char *origin;
    struct buf in; /* octets that came, of which the first `eaten` are done with */
    size_t eaten;
    struct buf head; /* the last answer's, which its texts point into */
};

/* What came and was not used. */
struct slice client_bytes(const struct client *client);
void client_eat(struct client *client, size_t count);
/* More of it. ERR_MISSING: the other end is done. Slices of client_bytes() are gone. */
enum err client_fill(struct client *client, struct buf *why);
/* The same, waiting so long only; client->is_late: nothing came, and the connection is as good as it was. */
enum err client_fill_within(struct client *client, unsigned ms, struct buf *why);

#endif
