/*
 * file.c - the configuration file: what its blocks mean.
 *
 * The text is taken apart by reading.c; the table says what the single values mean. Start at the end, with root_take().
 */
#include "reading.h"
#include "table.h"

static enum err allows_take(struct build *build, cfg_t *cfg, struct place *place)
{
    cfg_opt_t *allow = cfg_getopt(cfg, "allow");
    enum err err = ERR_NONE;

    for (unsigned i = 0; i < cfg_opt_size(allow) && !err; i++) {
        cfg_t *block = cfg_opt_getnsec(allow, i);
        unsigned rights = 0; /* without `rights` or with an empty list: none */

        go_to_block(block);
        err = settings_take(build, block, SCOPE_ALLOW, &(struct target){.own = &rights});
        if (!err)
            err = place_allow(build, place, slice_str(cfg_title(block)), rights);
    }
    return err;
}

static enum err at_take(struct build *build, cfg_t *cfg, struct site *site, bool *is_root_taken)
{
    struct place *place;
    bool is_new;

    go_to_block(cfg);
    place = place_at(build, site, slice_str(cfg_title(cfg)), &is_new);
    if (!place)
        return ERR_INVALID;
    if (!is_new && (place->path.len || *is_root_taken))
        return complain(build, "at \"%s\" is there twice", cfg_title(cfg));
    if (place->path.len == 0) {
        *is_root_taken = true;
        /* What at "/" says about people replaces what the site says, like any longer path would. */
        if (cfg_size(cfg, "allow"))
            place->rules.allow_count = 0;
    }
    if (settings_take(build, cfg, SCOPE_AT, &(struct target){.place = place}))
        return ERR_INVALID;
    return allows_take(build, cfg, place);
}

static enum err moved_take(struct build *build, cfg_t *cfg, struct site *site)
{
    cfg_opt_t *moved = cfg_getopt(cfg, "moved");
    struct arena *arena = &build->conf->arena;
    enum err err = ERR_NONE;

    for (unsigned i = 0; i < cfg_opt_size(moved) && !err; i++) {
        cfg_t *block = cfg_opt_getnsec(moved, i);
        struct moved_rule rule = {.pattern = arena_slice(arena, slice_str(cfg_title(block)))};

        go_to_block(block);
        rule.line = build->line;
        err = settings_take(build, block, SCOPE_MOVED, &(struct target){.own = &rule});
        site->moved = list_grow(arena, site->moved, site->moved_count, sizeof(rule));
        site->moved[site->moved_count++] = rule;
    }
    return err;
}

static enum err limits_take(struct build *build, cfg_t *cfg, struct slice owner, struct limit_rule **list,
                            unsigned *count)
{
    cfg_opt_t *limit = cfg_getopt(cfg, "limit");
    struct arena *arena = &build->conf->arena;
    enum err err = ERR_NONE;

    for (unsigned i = 0; i < cfg_opt_size(limit) && !err; i++) {
        cfg_t *block = cfg_opt_getnsec(limit, i);
        struct limit_rule rule = {.name = arena_slice(arena, slice_str(cfg_title(block)))};

        go_to_block(block);
        err = settings_take(build, block, SCOPE_LIMIT, &(struct target){.own = &rule});
        go_to_block(block);
        if (!err)
            err = limit_finish(build, owner, *count, &rule);
        *list = list_grow(arena, *list, *count, sizeof(rule));
        (*list)[(*count)++] = rule;
    }
    return err;
}

static enum err teas_take(struct build *build, cfg_t *cfg, struct pot_conf *pot)
{
    cfg_opt_t *teas = cfg_getopt(cfg, "tea");
    enum err err = ERR_NONE;

    for (unsigned i = 0; i < cfg_opt_size(teas) && !err; i++) {
        cfg_t *block = cfg_opt_getnsec(teas, i);
        struct tea_conf *tea;

        go_to_block(block);
        tea = tea_add(build, pot, slice_str(cfg_title(block)));
        if (!tea)
            return ERR_INVALID;
        defaults_apply(build, SCOPE_TEA, tea);
        err = settings_take(build, block, SCOPE_TEA, &(struct target){.own = tea});
    }
    return err;
}

static enum err pots_take(struct build *build, cfg_t *cfg, struct site *site)
{
    cfg_opt_t *pots = cfg_getopt(cfg, "pot");
    enum err err = ERR_NONE;

    for (unsigned i = 0; i < cfg_opt_size(pots) && !err; i++) {
        cfg_t *block = cfg_opt_getnsec(pots, i);
        struct pot_conf *pot;

        go_to_block(block);
        pot = pot_add(build, site, slice_str(cfg_title(block)));
        if (!pot)
            return ERR_INVALID;
        defaults_apply(build, SCOPE_POT, pot);
        err = settings_take(build, block, SCOPE_POT, &(struct target){.own = pot});
        if (!err)
            err = teas_take(build, block, pot);
        go_to_block(block);
        if (!err)
            err = pot_check(build, pot);
    }
    go_to(cfg_getopt(cfg, "pots"));
    return err ? err : pots_finish(build, site, cfg_size(cfg, "pots") > 0);
}

static enum err keys_check(struct build *build, cfg_t *cfg, const struct tls_conf *tls)
{
    go_to(cfg_getopt(cfg, "ocsp"));
    go_to(cfg_getopt(cfg, "key"));
    return tls_check(build, tls);
}

static enum err site_take(struct build *build, cfg_t *cfg)
{
    struct site *site = site_add(build, slice_str(cfg_title(cfg)));
    cfg_opt_t *at = cfg_getopt(cfg, "at");
    bool is_root_taken = false;
    enum err err = settings_take(build, cfg, SCOPE_SITE,
                                 &(struct target){.own = site, .place = &site->places[0], .tls = &site->tls});

    if (!err)
        err = keys_check(build, cfg, &site->tls);
    if (!err)
        err = allows_take(build, cfg, &site->places[0]);
    for (unsigned i = 0; !err && i < cfg_opt_size(at); i++)
        err = at_take(build, cfg_opt_getnsec(at, i), site, &is_root_taken);
    if (!err)
        err = moved_take(build, cfg, site);
    if (!err)
        err = limits_take(build, cfg, site->name, &site->limits, &site->limit_count);
    if (!err)
        err = pots_take(build, cfg, site);
    if (err)
        return err;
    go_to(cfg);
    go_to(cfg_getopt(cfg, "root"));
    err = site_check(build, site);
    if (!err) {
        go_to(cfg_getopt(cfg, "users"));
        err = site_check_users(build, site);
    }
    if (!err) {
        go_to(cfg_getopt(cfg, "host"));
        err = site_check_hosts(build, site);
    }
    site_finish(site);
    return err;
}

static enum err portal_take(struct build *build, cfg_t *cfg)
{
    struct portal_conf *portal = arena_alloc(&build->conf->arena, sizeof(*portal));
    enum err err;

    *portal = (struct portal_conf){0};
    defaults_apply(build, SCOPE_PORTAL, portal);
    err = settings_take(build, cfg, SCOPE_PORTAL, &(struct target){.own = portal});
    go_to_block(cfg);
    build->conf->portal = portal;
    return err ? err : portal_check(build, portal);
}

static enum err root_take(struct build *build, cfg_t *cfg, void *context)
{
    struct conf *conf = build->conf;
    cfg_opt_t *site = cfg_getopt(cfg, "site");
    enum err err = settings_take(build, cfg, SCOPE_GLOBAL, &(struct target){.own = conf, .tls = &conf->tls});

    if (!err)
        err = keys_check(build, cfg, &conf->tls);
    if (!err && cfg_size(cfg, "limits"))
        err = settings_take(build, cfg_getsec(cfg, "limits"), SCOPE_LIMITS, &(struct target){.own = &conf->limits});
    if (!err)
        err = limits_take(build, cfg, SLICE(""), &conf->client_limits, &conf->client_limit_count);
    if (!err && cfg_size(cfg, "portal"))
        err = portal_take(build, cfg_getsec(cfg, "portal"));
    for (unsigned i = 0; !err && i < cfg_opt_size(site); i++)
        err = site_take(build, cfg_opt_getnsec(site, i));
    build->line = 0;
    if (!err && conf->site_count == 0)
        err = complain(build, "no site is in it; the least is: site \"files\" { root = \"/srv/files\" }");
    return err;
}

enum err file_read(struct build *build, struct slice text)
{
    return text_take(build, SCOPE_GLOBAL, text, root_take, NULL);
}
