/*
 * forwarded.h - who is asking, where proxies of ours stand in between (RFC 7239; X-Forwarded-*).
 *
 * Only what a trusted proxy wrote counts: lists are read from their end, as long as the address that
 * wrote the member is trusted. A proxy that writes one of the two fields hands the other through as the
 * client sent it; so where both are there and differ, neither is believed and the proxy is the client.
 */
#ifndef HTTP_FORWARDED_H
#define HTTP_FORWARDED_H

#include "http/head.h"

/* proto and host are as written, not judged: compare proto with what you know, give host to host_parse(). */
struct forwarded {
    struct slice address; /* the last address that is no trusted proxy: "192.0.2.1", "2001:db8::1"; without port */
    struct slice proto;   /* "http", "https", or empty; written by the trusted proxy next to us */
    struct slice host;    /* the Host that proxy was asked for, or empty */
    bool is_unknown; /* the proxies speak for somebody, and for whom cannot be told: address is the nearest known */
};

/*
 * peer: the connection's own address as text. is_trusted: says whether an address is a trusted proxy.
 * With an untrusted peer nothing is read and address is peer. Slices point into the head, the peer or the arena.
 */
void forwarded_read(const struct head *head, struct slice peer,
                    bool (*is_trusted)(struct slice address, const void *context), const void *context,
                    struct arena *arena, struct forwarded *out);

#endif
