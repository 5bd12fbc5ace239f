/*
 * intercept.c - what the firewall sent to us: 511, with a link to where one logs in (RFC 6585 §6).
 *
 * Whatever the request asks for and whoever it was meant for, it gets the same: nothing of it is looked at but whether
 * its address is one by which systems look for portals, which get the redirect that they wait for (probe.c).
 *
 * A client that is free by now had its connection from before, or was quicker than the firewall: it is sent to where it
 * wanted to go, over a new connection, which the firewall then lets through. Where nobody opens the gateway
 * (`firewall = none`, and no other program either) that comes back here, and the client gives up after the twenty or so
 * redirects that clients follow; each costs us no more than a 511.
 */
#include "http/accept.h"
#include "http/host.h"
#include "method/method.h"
#include "page.h"
#include "pages.h"
#include "probe.h"

enum {
    RETRY_S = 1,        /* until the firewall has surely heard of it */
    ADDRESS_MAX = 8192, /* as error bodies link to; who asks for more has to ask again by himself */
};

static bool is_read(const struct exchange *ex)
{
    return ex->head.method == METHOD_GET || ex->head.method == METHOD_HEAD;
}

/* The address that the client asked for, whole; "" for what has none: CONNECT, `*`, a request without a host. */
static LOOP_SIDE struct slice address_asked(struct exchange *ex)
{
    struct buf url = BUF_INIT(ADDRESS_MAX);
    struct slice whole = SLICE_NONE;
    struct host host;
    const char *why;

    if (!ex->target.path.len || ex->target.is_server_wide || host_of_request(&ex->head, &ex->target, &host, &why) ||
        !host.name.len)
        return SLICE_NONE;
    buf_add_str(&url, host.is_ip6 ? "http://[" : "http://");
    uri_add_safe(&url, host.name);
    if (host.is_ip6)
        buf_add_char(&url, ']');
    if (host.port)
        buf_printf(&url, ":%u", host.port);
    uri_add_safe(&url, ex->target.path);
    if (!url.overflown)
        whole = uri_with_query(&ex->arena, arena_slice(&ex->arena, buf_slice(&url)), ex->target.has_query,
                               ex->target.query);
    buf_release(&url);
    return whole;
}

static LOOP_SIDE void send_on(struct exchange *ex)
{
    struct slice to = address_asked(ex);
    struct answer_field *retry = arena_alloc(&ex->arena, sizeof(*retry));

    if (to.len) {
        portal_redirect(ex, 307, to, SLICE("The network is open to you now: ask once more."));
        return;
    }
    *retry = (struct answer_field){SLICE("Retry-After"), arena_printf(&ex->arena, "%d", RETRY_S)};
    exchange_refuse(ex, (struct verdict){.status = 503,
                                         .detail = SLICE("The network is open to you now: ask once more, over a new "
                                                         "connection."),
                                         .fields = retry,
                                         .field_count = 1});
}

/*
 * The page of a 511 is shown under somebody else's name, so what belongs to it is fetched from ours: its style sheet
 * has to be allowed from there.
 */
static LOOP_SIDE void refuse_people(struct exchange *ex)
{
    const struct language *language = language_of(head_combined(&ex->head, FIELD_ACCEPT_LANGUAGE, &ex->arena));
    struct slice base = portal_url(ex, SLICE_NONE);
    struct answer *answer = &ex->answer;
    struct buf out = BUF_INIT(PAGE_BYTES_MAX);

    page_write_captive(ex->conf->portal, language, base, &out);
    answer->status = 511;
    answer_field(&ex->arena, answer, SLICE("Cache-Control"), SLICE("no-store"));
    answer_field(&ex->arena, answer, SLICE("Content-Language"), slice_str(language->tag));
    answer_field(&ex->arena, answer, SLICE("X-Content-Type-Options"), SLICE("nosniff"));
    answer_field(&ex->arena, answer, SLICE("Content-Security-Policy"),
                 arena_printf(&ex->arena,
                              "default-src 'none'; style-src %.*s; base-uri 'none'; form-action 'none'; "
                              "frame-ancestors 'none'",
                              SLICE_FMT(base)));
    answer_bytes(&ex->arena, answer, SLICE("text/html; charset=utf-8"), arena_slice(&ex->arena, buf_slice(&out)));
    buf_release(&out);
    exchange_answer(ex);
}

static LOOP_SIDE void refuse(struct exchange *ex)
{
    struct slice login = portal_url(ex, SLICE(LOGIN_PATH));

    if (is_read(ex) && probe_wants_redirect(ex->host, ex->target.path)) {
        portal_redirect(ex, 302, login, SLICE("This network wants you to log in first."));
        return;
    }
    if (accept_error_form(head_combined(&ex->head, FIELD_ACCEPT, &ex->arena)) == FORM_HTML)
        refuse_people(ex);
    else
        exchange_refuse(ex, (struct verdict){.status = 511,
                                             .detail = SLICE("This network wants you to log in before you use it. Open "
                                                             "its login page in a browser:"),
                                             .link = login});
}

bool intercept_answer(struct exchange *ex)
{
    struct portal_state state;
    bool is_own = slice_eq(ex->host, ex->conf->portal->name);

    if (is_own && !conf_has_tls(ex->conf))
        return false;
    portal_look(ex->portal, ex->peer, &state);
    if (is_own)
        portal_redirect(ex, 307, portal_url(ex, ex->target.path.len ? ex->target.path : SLICE("/")),
                        SLICE("The pages of this network are given over TLS."));
    else if (state.is_free)
        send_on(ex);
    else
        refuse(ex);
    return true;
}
