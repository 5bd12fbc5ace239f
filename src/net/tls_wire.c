/*
 * tls_wire.c - the BIO between OpenSSL and memory.
 *
 * OpenSSL reads a record's head and its body in two calls and writes record by record; over a socket each would be
 * a system call. Here it deals with memory, and whoever calls it receives before and sends after, once each.
 */
#include "tls_private.h"

#include <pthread.h>
#include <stdlib.h>

void pile_add(struct pile *pile, const void *bytes, size_t len)
{
    if (pile->at && (pile->len == 0 || pile->at + pile->len + len > pile->room)) {
        memmove(pile->ptr, pile->ptr + pile->at, pile->len);
        pile->at = 0;
    }
    if (pile->len + len > pile->room) {
        size_t room = pile->room ? pile->room * 2 : len;

        pile->room = room > pile->len + len ? room : pile->len + len;
        pile->ptr = xrealloc(pile->ptr, pile->room);
    }
    if (len)
        memcpy(pile->ptr + pile->at + pile->len, bytes, len);
    pile->len += len;
}

void pile_eat(struct pile *pile, size_t len)
{
    pile->at += len;
    pile->len -= len;
    if (pile->len == 0)
        pile_free(pile);
}

void pile_clear(struct pile *pile)
{
    pile->at = pile->len = 0;
}

void pile_free(struct pile *pile)
{
    free(pile->ptr);
    *pile = (struct pile){0};
}

/* ---- the BIO ---- */

static int wire_read(BIO *bio, char *room, int len)
{
    struct wire *wire = *(struct wire **)BIO_get_data(bio);
    size_t take = len > 0 ? (size_t)len : 0;

    BIO_clear_retry_flags(bio);
    if (wire->in_len == 0) {
        BIO_set_retry_read(bio);
        return -1;
    }
    if (take > wire->in_len)
        take = wire->in_len;
    memcpy(room, wire->in, take);
    wire->in += take;
    wire->in_len -= take;
    return (int)take;
}

static int wire_write(BIO *bio, const char *bytes, int len)
{
    struct wire *wire = *(struct wire **)BIO_get_data(bio);

    BIO_clear_retry_flags(bio);
    if (len <= 0 || wire->out->len + (size_t)len > KEPT_MAX)
        return -1;
    pile_add(wire->out, bytes, (size_t)len);
    return len;
}

static long wire_ctrl(BIO *bio, int what, long number, void *pointer)
{
    (void)bio;
    (void)number;
    (void)pointer;
    return what == BIO_CTRL_FLUSH || what == BIO_CTRL_DUP;
}

static BIO_METHOD *method;

static void make_method(void)
{
    method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "samovar");
    if (!method || !BIO_meth_set_read(method, wire_read) || !BIO_meth_set_write(method, wire_write) ||
        !BIO_meth_set_ctrl(method, wire_ctrl))
        abort(); /* no memory */
}

BIO *wire_bio(struct wire **at)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    BIO *bio;

    pthread_once(&once, make_method);
    bio = BIO_new(method);
    if (!bio)
        abort(); /* no memory */
    BIO_set_data(bio, at);
    BIO_set_init(bio, 1);
    return bio;
}

/* ---- desks ---- */

static pthread_key_t desk_key;

static void desk_free(void *arg)
{
    struct desk *desk = arg;

    leave_none(desk);
    pile_free(&desk->out);
    free(desk);
}

static void make_key(void)
{
    if (pthread_key_create(&desk_key, desk_free))
        abort();
}

struct desk *desk_get(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    static _Thread_local struct desk *desk;

    if (!desk) {
        pthread_once(&once, make_key);
        desk = xmalloc(sizeof(*desk)); /* untouched pages cost nothing */
        desk->out = (struct pile){0};
        desk->round_ms = desk->signed_in_round = desk->leaver_count = 0;
        list_init(&desk->leavers);
        pthread_setspecific(desk_key, desk);
    }
    return desk;
}
