/*
 * lookup.c - what holds for a request: its site, the rules at its path, somebody's rights. Pure.
 */
#include "base/names.h"
#include "demand_index.h"
#include "place_index.h"

struct slice conf_path(const struct site *site, struct slice path, char room[CONF_PATH_ROOM])
{
    if (site->names != CONF_NAMES_NFC)
        return path;
    for (size_t i = 0; i < path.len; i++)
        if ((unsigned char)path.ptr[i] >= 0x80) {
            names_nfc(&path, room, CONF_PATH_ROOM);
            break;
        }
    return path;
}

struct rules conf_rules(const struct site *site, struct slice path)
{
    return *place_index_rules(site, path);
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

static bool is_in_group(const struct asker *asker, struct slice group)
{
    for (unsigned i = 0; i < asker->group_count; i++)
        if (slice_eq(asker->groups[i], group))
            return true;
    return false;
}

static bool allow_matches(const struct allow *allow, const struct asker *asker)
{
    if (slice_eq(allow->who, SLICE("*")))
        return true;
    if (asker->user.len == 0)
        return false;
    /* A user whose name is "users", "*" or "@NAME" in a users file gains nothing by it: the word is taken first. */
    if (allow->who.ptr[0] == '@')
        return is_in_group(asker, slice_from(allow->who, 1));
    return slice_eq(allow->who, SLICE("users")) || slice_eq(allow->who, asker->user);
}

bool conf_has_users(const struct site *site)
{
    return site->users_file || site->digest_users || site->jwt_keys || site->user_count ||
           site->tls.client_certificates != CLIENT_CERT_NONE;
}

static unsigned rights_without_allow(const struct site *site, const struct asker *asker)
{
    if (conf_has_users(site))
        return asker->user.len ? RIGHT_ALL : 0;
    return asker->is_loopback || site->allow_write_anyone ? RIGHT_ALL : RIGHT_READ | RIGHT_LIST;
}

unsigned conf_rights(const struct site *site, struct slice path, const struct asker *asker)
{
    const struct rules *rules = place_index_rules(site, path);
    unsigned rights = 0;

    if (!rules->has_allow)
        rights = rights_without_allow(site, asker);
    for (unsigned i = 0; i < rules->allow_count; i++)
        if (allow_matches(&rules->allows[i], asker))
            rights |= rules->allows[i].rights;
    if (site->read_only)
        rights &= RIGHT_READ | RIGHT_LIST | RIGHT_BREW;
    return rights;
}

unsigned conf_rights_of_users(const struct site *site, struct slice path)
{
    const struct rules *rules = place_index_rules(site, path);
    unsigned rights = rules->has_allow || !conf_has_users(site) ? 0 : RIGHT_ALL;

    for (unsigned i = 0; i < rules->allow_count; i++)
        rights |= rules->allows[i].rights;
    return site->read_only ? rights & (RIGHT_READ | RIGHT_LIST | RIGHT_BREW) : rights;
}

unsigned conf_sight(const struct site *site, struct slice path, const struct asker *asker)
{
    return conf_demand(site, path, asker->country) ? 0 : conf_rights(site, path, asker);
}

bool conf_names(const struct site *site, struct slice path)
{
    return place_index_names(site, path);
}

bool conf_differs_below(const struct site *site, struct slice folder)
{
    return place_index_has_below(site, folder) || demand_index_differs_below(site, folder);
}
