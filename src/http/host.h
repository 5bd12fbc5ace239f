/*
 * host.h - Host and authority: uri-host [ ":" port ] (RFC 9110 §7.2, RFC 3986 §3.2.2).
 */
#ifndef HTTP_HOST_H
#define HTTP_HOST_H

#include "http/head.h"
#include "http/uri.h"

struct host {
    struct slice name; /* as sent, any case; an IPv6 address without its brackets; empty: no host was named */
    bool is_ip4, is_ip6;
    uint16_t port; /* 0: none given */
};

/* False for what is no host: blanks, userinfo, a path, a second port, port 0 or past 65535. Empty is legal. */
bool host_parse(struct slice value, struct host *out);

/* Names compare without case, addresses by value; a final dot makes no difference. */
bool host_is(const struct host *host, struct slice name);

/* Same origin name and port; port 0 counts as default_port (80, 443; H1-25). */
bool host_same(const struct host *a, const struct host *b, uint16_t default_port);

/*
 * The host that the request means: the authority of an absolute target, else Host (H1-16 to H1-20).
 * 0, or 400 with a static sentence in *why. out->name is empty for HTTP/1.0 without Host and an empty Host.
 */
int host_of_request(const struct head *head, const struct target *target, struct host *out, const char **why);

#endif
