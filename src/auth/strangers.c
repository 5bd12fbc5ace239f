/*
 * strangers.c - names and groups in a site's `allow` that nobody has who can log in there.
 *
 * Such a rule is no mistake by itself, its user may come tomorrow; but mostly it is a slip of the pen, and who it was
 * meant for is refused without a reason that anybody could see. So it is told, and not refused.
 */
#include "groups.h"
#include "users.h"

/* Tokens and clients' certificates name people that no file has; groups come from tokens alone. */
static bool is_stranger(const struct users *users, const struct site *site, struct slice who)
{
    bool has_certificates = site->tls.client_certificates != CLIENT_CERT_NONE;

    if (users->bearer || slice_eq(who, SLICE("*")))
        return false;
    if (slice_starts(who, SLICE("@")))
        return !groups_know(users->groups, slice_from(who, 1));
    if (has_certificates)
        return false;
    return slice_eq(who, SLICE("users")) ? !users_exist(users) : !users_know(users, who);
}

/* Places take over what those above them say, so a name comes again and again. */
static bool was_before(const struct site *site, unsigned places, struct slice who)
{
    for (unsigned i = 0; i < places; i++)
        for (unsigned k = 0; k < site->places[i].rules.allow_count; k++)
            if (slice_eq(site->places[i].rules.allows[k].who, who))
                return true;
    return false;
}

static void tell_of(const struct site *site, struct slice who, void (*tell)(const char *line))
{
    struct buf line = BUF_INIT(1024);
    const char *why = !slice_starts(who, SLICE("@")) ? "no user has that name"
                      : site->groups                 ? "no group has that name"
                                     : "groups come from a file (groups) or from tokens, and there is neither";

    buf_printf(&line, "site \"%.*s\": allow \"%.*s\" is for nobody: %s", SLICE_FMT(slice_upto(site->name, 100)),
               SLICE_FMT(slice_upto(who, 300)), why);
    tell(buf_str(&line));
    buf_release(&line);
}

void users_tell_strangers(const struct users *users, const struct site *site, void (*tell)(const char *line))
{
    for (unsigned i = 0; i < site->place_count; i++) {
        const struct rules *rules = &site->places[i].rules;

        for (unsigned k = 0; k < rules->allow_count; k++) {
            struct slice who = rules->allows[k].who;

            if (is_stranger(users, site, who) && !was_before(site, i, who))
                tell_of(site, who, tell);
        }
    }
}
