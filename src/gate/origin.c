/*
 * origin.c - a change asked for by a page of somebody else is refused: 403.
 *
 * A browser adds the user's address, cookies and cached password to any request that any page makes. What
 * reads is answered (without CORS fields the page cannot see it); what changes something must come from
 * our own pages, from those of an origin that the configuration lists, or from no page at all (Fetch: Origin,
 * Sec-Fetch-Site).
 */
#include "gate_private.h"
#include "http/host.h"

static bool is_own_origin(const struct exchange *ex, struct slice origin)
{
    struct slice scheme, rest;
    struct host from, to;
    const char *why;
    uint16_t port = 80;

    if (!slice_cut(origin, ':', &scheme, &rest) || !slice_starts(rest, SLICE("//")))
        return false; /* "null" and what is no origin */
    if (!host_parse(slice_from(rest, 2), &from) || host_of_request(&ex->head, &ex->target, &to, &why))
        return false;
    if (slice_eq_nocase(scheme, SLICE("https")))
        port = 443;
    if (host_same(&from, &to, port))
        return true;
    /* Behind a proxy that asks us by another name, the page has the name that the proxy was asked by. */
    return ex->public_host.len && host_parse(ex->public_host, &to) && host_same(&from, &to, port);
}

struct verdict gate_origin(struct exchange *ex)
{
    if (method_is_safe(ex->head.method) || cors_is_listed(ex))
        return GO_ON;
    for (const struct field *at = NULL; (at = head_next(&ex->head, FIELD_SEC_FETCH_SITE, at));)
        if (slice_eq_nocase(at->value, SLICE("cross-site")))
            return VERDICT(403, "A page of another site may not change anything here (Sec-Fetch-Site: cross-site).");
    for (const struct field *at = NULL; (at = head_next(&ex->head, FIELD_ORIGIN, at));)
        if (!is_own_origin(ex, at->value))
            return VERDICT(403, "A page of another site may not change anything here (Origin).");
    return GO_ON;
}

/* Of what a firewall sent here only what is for the portal's own name changes anything. */
struct verdict gate_origin_at_portal(struct exchange *ex)
{
    return ex->conf->portal && slice_eq(ex->host, ex->conf->portal->name) ? gate_origin(ex) : GO_ON;
}
