/*
 * stages.c - an exchange's way, in the one order of docs/spec/README.md: target and host, method, who asks,
 * gates, method. Reads from top to bottom.
 */
#include <arpa/inet.h>

#include "gate/gate.h"
#include "http/forwarded.h"
#include "http/host.h"
#include "method/bound.h"
#include "method/method.h"
#include "method/negotiate.h"
#include "method/pot.h"
#include "portal/portal.h"
#include "repr/repr.h"
#include "store/forward.h"
#include "http_codes.h"
#include "station.h"

static struct verdict bad(const char *why)
{
    return (struct verdict){.status = 400, .detail = slice_str(why)};
}

/* ---- who is behind the proxy ---- */

static bool cidr_holds(const struct cidr *cidr, int family, const unsigned char *addr)
{
    unsigned whole = cidr->bits / 8, rest = cidr->bits % 8;

    if (cidr->family != family || memcmp(cidr->addr, addr, whole) != 0)
        return false;
    return rest == 0 || ((cidr->addr[whole] ^ addr[whole]) >> (8 - rest)) == 0;
}

static bool is_trusted_proxy(struct slice address, const void *context)
{
    const struct conf *conf = context;
    unsigned char addr[16];
    char text[PEER_TEXT_MAX];
    int family = memchr(address.ptr, ':', address.len) ? AF_INET6 : AF_INET;

    if (address.len >= sizeof(text))
        return false;
    memcpy(text, address.ptr, address.len);
    text[address.len] = '\0';
    if (inet_pton(family, text, addr) != 1)
        return false;
    for (unsigned i = 0; i < conf->trusted_proxy_count; i++)
        if (cidr_holds(&conf->trusted_proxies[i], family, addr))
            return true;
    return false;
}

static bool is_loopback_text(struct slice address)
{
    return slice_starts(address, SLICE("127.")) || slice_eq(address, SLICE("::1"));
}

/*
 * Behind a proxy on this machine everybody comes in over loopback: what counts is whom it speaks for. False: it does
 * not tell that.
 */
static bool find_client(struct exchange *ex)
{
    struct forwarded forwarded;

    if (!ex->conf->trusted_proxy_count)
        return true;
    forwarded_read(&ex->head, ex->peer, is_trusted_proxy, ex->conf, &ex->arena, &forwarded);
    if (forwarded.is_unknown || (!slice_eq(forwarded.address, ex->peer) && !is_loopback_text(forwarded.address)))
        ex->asker.is_loopback = false;
    ex->peer = forwarded.address;
    ex->public_host = forwarded.host;
    return !forwarded.is_unknown;
}

/* ---- target and host ---- */

/* As sites are named: without the dot that ends a full name. */
static struct slice host_name(struct arena *arena, struct slice text)
{
    struct slice name = arena_lower(arena, text);

    return slice_upto(name, name.len - slice_ends(name, SLICE(".")));
}

static void let_go(struct exchange *ex)
{
    role_assert_loop();
    gates_leave(ex);
    users_unref(ex->users);
}

static void audit(struct exchange *ex, struct slice what)
{
    audit_write(ex->owner, ex->asker.user, ex->peer, what);
}

/* "*" is for M-OPTIONS, too: whether that is a method here is known when the site is. */
static enum method method_of_target(const struct head *head)
{
    return slice_eq(head->method_text, SLICE("M-OPTIONS")) ? METHOD_OPTIONS : head->method;
}

static bool read_target(struct exchange *ex, const char **why)
{
    if (ex->conf->has_pots && target_parse_coffee(ex->head.target, &ex->target))
        return true;
    if (target_parse(ex->head.target, method_of_target(&ex->head), &ex->target, why))
        return false;
    ex->target.is_coffee = ex->head.is_coffee;
    return true;
}

/* Where nothing brews these are methods that nobody knows: 501, whatever is at the address. */
static void forget_brewing(struct exchange *ex)
{
    bool is_for_pots = ex->head.method == METHOD_BREW || ex->head.method == METHOD_WHEN;

    if (is_for_pots && !ex->conf->has_pots)
        ex->head.method = METHOD_UNKNOWN;
}

static LOOP_SIDE struct verdict find_site(struct station *station, struct exchange *ex)
{
    const struct conf *conf = ex->conf;
    struct host host;
    const char *why;
    struct site_run *run;
    bool is_known;

    forget_brewing(ex);
    if (!read_target(ex, &why))
        return bad(why);
    if (ex->head.is_coffee && !conf->has_pots)
        return VERDICT(421, "This server answers for http and https only.");
    if (host_of_request(&ex->head, &ex->target, &host, &why))
        return bad(why);
    ex->host = host_name(&ex->arena, host.name);
    ex->site = conf_site(conf, ex->host, &ex->is_host_named);
    ex->is_host_named |= conf->portal && slice_eq(ex->host, conf->portal->name);
    run = &station->house->sites[ex->site - conf->sites];
    ex->store = run->store;
    ex->users = users_exist(run->users) ? users_ref(run->users) : NULL; /* NULL: nobody can log in */
    ex->owner = station->server;
    ex->ledger = station->server->ledger;
    ex->portal = station->server->portal;
    ex->pots = station->server->pots;
    ex->let_go = let_go;
    ex->audit = audit;
    ex->ask_login = login_refuse;
    is_known = find_client(ex);
    ex->is_intercepted |= portal_intercepts_host(conf->portal, ex->host);
    if (run->knows_countries)
        ex->asker.country = is_known ? countries_find(station->house->countries, ex->peer) : COUNTRY_HIDDEN;
    if (ex->is_intercepted)
        return gates_on_interception(ex);
    extensions_begin(ex);
    return gates_on_arrival(ex);
}

/* A coffee URI's "/" is where the site's pots are. False: it has none. */
static LOOP_SIDE bool find_pots(struct exchange *ex)
{
    struct buf path = BUF_INIT(4 * PATH_RAW_MAX);

    if (!ex->site->pot_count)
        return false;
    if (ex->site->pots_path.len)
        buf_add_char(&path, '/');
    href_encode(&path, ex->site->pots_path);
    buf_add(&path, ex->target.path);
    ex->target.path = arena_slice(&ex->arena, buf_slice(&path));
    buf_release(&path);
    return true;
}

/*
 * Every path is decoded here, once. Of what a resource was everything is judged as if the resource itself was asked
 * for. True: it was answered already.
 */
static LOOP_SIDE bool find_path(struct exchange *ex)
{
    const char *why;
    struct buf merged;

    if (ex->target.is_server_wide)
        return false;
    if (ex->target.is_coffee && !find_pots(ex)) {
        exchange_refuse(ex, VERDICT(404, "There is nothing at this address."));
        return true;
    }
    switch (path_decode(ex->target.path, &ex->arena, &ex->path, &why)) {
    case PATH_OK:
        past_read(&ex->path, &ex->past);
        return false;
    case PATH_SLASHES:
        merged = BUF_INIT(4 * PATH_RAW_MAX);
        path_merge_slashes(ex->target.path, &merged);
        exchange_redirect(ex, arena_slice(&ex->arena, buf_slice(&merged)));
        buf_release(&merged);
        return true;
    case PATH_BAD:
        break;
    }
    exchange_refuse(ex, bad(why));
    return true;
}

/* ---- gates and method ---- */

static LOOP_SIDE void choose_and_act(struct exchange *ex)
{
    if (negotiation_counts(ex))
        negotiation_start(ex);
    else
        method_start(ex);
}

/* ---- forwarding addresses ---- */

struct forward_job {
    struct job job;
    struct exchange *ex; /* loop only */
    struct store *store;
    struct rpath path, to;
    enum err err;
};

static void forward_act(struct job *job)
{
    struct forward_job *forward = CONTAINER(job, struct forward_job, job);

    role_assert_worker();
    forward->err = store_forward_find(forward->store, forward->path, &job->arena, &forward->to);
}

static void forward_done(struct job *job)
{
    struct forward_job *forward = CONTAINER(job, struct forward_job, job);
    struct exchange *ex = forward->ex;
    struct verdict verdict;

    role_assert_loop();
    if (!exchange_home(ex, job))
        return;
    verdict = forward->err == ERR_NONE ? forwarding_judge(ex, forward->to) : GO_ON;
    if (verdict.status)
        exchange_refuse(ex, verdict);
    else
        choose_and_act(ex);
}

/* They count only where nothing is: the disk has to say so (docs/spec/README.md, step 6). */
static LOOP_SIDE void look_for_forward(struct exchange *ex)
{
    struct forward_job *forward = arena_alloc(&ex->arena, sizeof(*forward));

    *forward = (struct forward_job){
        .job = {.act = forward_act, .done = forward_done}, .ex = ex, .store = ex->store, .path = ex->path};
    ex->known = NULL; /* the hot cache may let go of it meanwhile */
    exchange_submit(ex, LANE_QUICK, &forward->job);
}

static LOOP_SIDE void go_on(struct exchange *ex)
{
    if (ex->past.is_asked)
        versions_start(ex);
    else if (forwarding_counts(ex))
        look_for_forward(ex);
    else
        choose_and_act(ex);
}

void stages_known(struct exchange *ex)
{
    struct verdict verdict;

    if (!ex->past.is_asked && path_is_own(ex->path)) {
        own_answer(ex);
        return;
    }
    verdict = gates_after_auth(ex);
    if (verdict.status == 401)
        login_refuse(ex);
    else if (verdict.status)
        exchange_refuse(ex, verdict);
    else if (pots_count(ex))
        pots_start(ex);
    else if (http_codes_counts(ex))
        http_codes_answer(ex);
    else if (bound_counts(ex))
        bound_start(ex, go_on);
    else
        go_on(ex);
}

/* ---- the captive portal ---- */

/* Who logs in there is a user of the first site, whatever site has the portal's name. */
static LOOP_SIDE void answer_by_portal(struct station *station, struct exchange *ex)
{
    struct users *users = station->house->sites[0].users;

    users_unref(ex->users);
    ex->users = users_exist(users) ? users_ref(users) : NULL;
    portal_answer(ex, station->server->auth_memory);
}

/* ---- the way ---- */

void stages_begin(struct station *station, struct exchange *ex)
{
    struct verdict verdict = find_site(station, ex);

    ex->answer.must_close |= ex->is_intercepted; /* what is asked later is to take another way by then */
    if (verdict.status) {
        exchange_refuse(ex, verdict);
        return;
    }
    if (ex->portal && portal_takes(ex)) {
        answer_by_portal(station, ex);
        return;
    }
    if (!ex->extension && cors_preflight(ex)) {
        exchange_answer(ex);
        return;
    }
    if (ex->framing.expects_unknown) {
        exchange_refuse(ex, VERDICT(417, "The only expectation known here is 100-continue."));
        return;
    }
    verdict = extensions_read(ex);
    if (!verdict.status && (ex->head.method == METHOD_UNKNOWN || ex->head.method == METHOD_CONNECT))
        verdict = VERDICT(501, "This method is not implemented.");
    if (verdict.status) {
        exchange_refuse(ex, verdict);
        return;
    }
    if (find_path(ex))
        return;
    verdict = gates_before_auth(ex);
    if (verdict.status) {
        exchange_refuse(ex, verdict);
        return;
    }
    exchange_state(ex, EXCH_JUDGED);
    login_judge(station, ex);
}
