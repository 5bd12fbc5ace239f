/*
 * lookup.c - what holds for a request: its site, the rules at its path, somebody's rights. Pure.
 */
#include "table.h"

struct rules conf_rules(const struct site *site, struct slice path)
{
    struct rules rules = {0};
    unsigned known = 0;

    /* Longest first, so the first to set a directive wins; the last one, "", sets all but allow. */
    for (unsigned i = 0; i < site->place_count && known != SET_EVERY; i++) {
        const struct place *place = &site->places[i];
        unsigned fresh = place->set & SET_EVERY & ~known;

        if (!fresh || !rpath_is_within(path, place->path))
            continue;
        if (fresh & SET_ALLOW) {
            rules.allows = place->rules.allows;
            rules.allow_count = place->rules.allow_count;
            rules.has_allow = true;
        }
        if (fresh & SET_HIDDEN)
            rules.hidden = place->rules.hidden;
        if (fresh & SET_UNTRUSTED)
            rules.untrusted = place->rules.untrusted;
        if (fresh & SET_INDEX)
            rules.index = place->rules.index;
        if (fresh & SET_INFINITY)
            rules.propfind_infinity = place->rules.propfind_infinity;
        known |= fresh;
    }
    return rules;
}

const struct site *conf_site(const struct conf *conf, struct slice host, bool *is_named)
{
    *is_named = false;
    for (unsigned i = 0; i < conf->site_count; i++)
        for (unsigned j = 0; j < conf->sites[i].host_count; j++)
            if (host.len && slice_eq(conf->sites[i].hosts[j], host)) {
                *is_named = true;
                return &conf->sites[i];
            }
    return &conf->sites[0];
}

static bool allow_matches(const struct allow *allow, struct slice user)
{
    if (slice_eq(allow->who, SLICE("*")))
        return true;
    if (user.len == 0)
        return false;
    /* A user whose name is "users" or "*" in a users file gains nothing by it: the word is taken first. */
    return slice_eq(allow->who, SLICE("users")) || slice_eq(allow->who, user);
}

bool conf_has_users(const struct site *site)
{
    return site->users_file || site->user_count || site->tls.client_certificates != CLIENT_CERT_NONE;
}

static unsigned rights_without_allow(const struct site *site, struct slice user, bool listener_is_loopback)
{
    if (conf_has_users(site))
        return user.len ? RIGHT_ALL : 0;
    return listener_is_loopback || site->allow_write_anyone ? RIGHT_ALL : RIGHT_READ | RIGHT_LIST;
}

unsigned conf_rights(const struct site *site, struct slice path, struct slice user, bool listener_is_loopback)
{
    struct rules rules = conf_rules(site, path);
    unsigned rights = 0;

    if (!rules.has_allow)
        rights = rights_without_allow(site, user, listener_is_loopback);
    for (unsigned i = 0; i < rules.allow_count; i++)
        if (allow_matches(&rules.allows[i], user))
            rights |= rules.allows[i].rights;
    if (site->read_only)
        rights &= RIGHT_READ | RIGHT_LIST;
    return rights;
}
