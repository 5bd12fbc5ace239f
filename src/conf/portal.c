/*
 * portal.c - the block `portal { ... }`: a captive portal's name, its ways in, and where intercepted requests arrive.
 */
#include "build.h"
#include "http/host.h"

enum {
    API_URL_MAX = 255, /* what DHCP and router advertisements can carry (RFC 8910 §2): https://NAME/captive-api */
    AUTHORITY_MAX = API_URL_MAX - (int)sizeof("https:///captive-api") + 1,
    VENUE_MAX = 2048, /* in every answer of the API */
};

enum err set_portal_name(struct build *build, void *portal, struct slice value)
{
    struct portal_conf *p = portal;
    struct host host;

    p->authority = arena_lower(&build->conf->arena, value);
    if (!host_parse(p->authority, &host) || !host.name.len || memchr(value.ptr, '*', value.len))
        return complain(build, "name must be a host such as portal.example.net, not \"%.*s\"", SLICE_FMT(value));
    if (value.len > AUTHORITY_MAX)
        return complain(build, "name is too long: DHCP can tell clients an address of %d octets", API_URL_MAX);
    p->name = host.name;
    return ERR_NONE;
}

enum err set_portal_login(struct build *build, void *portal, struct slice value)
{
    static const struct {
        const char *word;
        enum portal_login login;
    } words[] = {{"terms", PORTAL_BY_TERMS}, {"voucher", PORTAL_BY_VOUCHER}, {"user", PORTAL_BY_USER}};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (slice_eq(value, slice_str(words[i].word))) {
            ((struct portal_conf *)portal)->logins |= words[i].login;
            return ERR_NONE;
        }
    return complain(build, "login takes terms, voucher and user, not \"%.*s\"", SLICE_FMT(value));
}

static enum err intercept_add(struct build *build, struct portal_conf *portal, struct slice value, bool is_default)
{
    struct listen_spec spec;

    if (listen_take(build, value, portal->intercepts, portal->intercept_count, &spec))
        return ERR_INVALID;
    spec.is_plain = spec.is_intercept = true;
    spec.is_default = is_default;
    portal->intercepts =
        list_grow(&build->conf->arena, portal->intercepts, portal->intercept_count, sizeof(*portal->intercepts));
    portal->intercepts[portal->intercept_count++] = spec;
    return ERR_NONE;
}

enum err set_portal_intercept(struct build *build, void *portal, struct slice value)
{
    return intercept_add(build, portal, value, false);
}

enum err set_portal_intercept_host(struct build *build, void *portal, struct slice value)
{
    struct portal_conf *p = portal;
    struct host host;
    struct slice name = arena_lower(&build->conf->arena, value);

    if (!host_parse(name, &host) || !slice_eq(host.name, name) || !name.len || memchr(value.ptr, '*', value.len))
        return complain(build, "intercept-hosts takes names such as www.example.net, not \"%.*s\"", SLICE_FMT(value));
    p->intercept_hosts =
        list_grow(&build->conf->arena, p->intercept_hosts, p->intercept_host_count, sizeof(*p->intercept_hosts));
    p->intercept_hosts[p->intercept_host_count++] = name;
    return ERR_NONE;
}

bool portal_intercepts_host(const struct portal_conf *portal, struct slice host)
{
    for (unsigned i = 0; portal && i < portal->intercept_host_count; i++)
        if (slice_eq(portal->intercept_hosts[i], host))
            return true;
    return false;
}

static bool is_intercepted_itself(const struct portal_conf *portal)
{
    return portal_intercepts_host(portal, portal->name);
}

enum err set_portal_venue(struct build *build, void *portal, struct slice value)
{
    bool is_url = slice_starts(value, SLICE("https://")) || slice_starts(value, SLICE("http://"));

    for (size_t i = 0; i < value.len; i++)
        is_url &= value.ptr[i] > ' ' && value.ptr[i] <= '~' && !memchr("\"<>\\^`{|}", value.ptr[i], 9);
    if (!is_url || value.len > VENUE_MAX)
        return complain(build, "venue needs a URL such as https://cafe.example.net/menu, not \"%.*s\"",
                        SLICE_FMT(value));
    ((struct portal_conf *)portal)->venue = arena_str(&build->conf->arena, value);
    return ERR_NONE;
}

enum err portal_check(struct build *build, struct portal_conf *portal)
{
    if (!portal->name.len)
        return complain(build, "portal needs a name, which clients reach it by: name = \"portal.example.net\"");
    if (!portal->logins)
        return complain(build, "portal needs a way in: login = { terms }, { voucher } or { user }");
    if (is_intercepted_itself(portal))
        return complain(build, "the portal's own name is among its intercept-hosts: nobody could log in there");
    if (portal->intercept_count || portal->intercept_host_count)
        return ERR_NONE;
    if (intercept_add(build, portal, SLICE("0.0.0.0:8511"), false))
        return ERR_INVALID;
    return intercept_add(build, portal, SLICE("[::]:8511"), true); /* the machine may have no IPv6 */
}

static enum err users_check(struct build *build, const struct portal_conf *portal)
{
    const struct conf *conf = build->conf;
    const struct site *site = &conf->sites[0];

    if (!(portal->logins & PORTAL_BY_USER) || site->users_file || site->user_count)
        return ERR_NONE;
    return complain(build, "portal has login = { user }, and the first site has no users to log in");
}

enum err portal_finish(struct build *build)
{
    struct conf *conf = build->conf;
    const struct portal_conf *portal = conf->portal;
    enum err err = portal ? users_check(build, portal) : ERR_NONE;

    for (unsigned i = 0; portal && i < portal->intercept_count && !err; i++)
        err = listen_append(build, &portal->intercepts[i]);
    return err;
}

enum err portal_check_restart(struct build *build, const struct conf *old)
{
    if (!old->portal != !build->conf->portal)
        return complain(build, "a portal that comes or goes needs a restart");
    return ERR_NONE;
}
