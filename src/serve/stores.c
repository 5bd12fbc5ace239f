/*
 * stores.c - the folders of all sites, opened as the configuration wants them, and told of it again on reload.
 */
#include <stdlib.h>

#include "handover.h"
#include "station.h"
#include "store/quota.h"

/* A site's places with a quota; they are the store's own copy afterwards. */
static void set_quotas(struct store *store, const struct site *site)
{
    struct quota_root *roots = xcalloc(site->place_count, sizeof(*roots));
    unsigned count = 0;

    for (unsigned i = 0; i < site->place_count; i++)
        if (site->places[i].quota)
            roots[count++] = (struct quota_root){.path = site->places[i].path, .bytes = site->places[i].quota};
    store_set_quotas(store, roots, count);
    free(roots);
}

void stores_configure(struct server *server, struct conf *conf)
{
    for (unsigned i = 0; i < conf->site_count; i++) {
        set_quotas(server->stores[i], &conf->sites[i]);
        closed_set(&server->closed[i], conf, i);
    }
}

/* Whoever could read or write these could become somebody else, or learn of what not everybody is told. */
static void add_refused(const char **list, unsigned *count, const struct site *site)
{
    const char *const files[] = {site->users_file, site->digest_users, site->groups, site->jwt_keys,
                                 site->demands_file};

    for (unsigned i = 0; i < sizeof(files) / sizeof(*files); i++)
        if (files[i])
            list[(*count)++] = files[i];
}

static const char *const *refused_files(struct arena *arena, const struct conf *conf)
{
    const char **list = arena_alloc(arena, (5 * conf->site_count + 4) * sizeof(*list));
    unsigned count = 0;

    if (conf->file)
        list[count++] = conf->file;
    if (conf->access_log && strcmp(conf->access_log, "-") != 0)
        list[count++] = conf->access_log;
    if (conf->audit_log)
        list[count++] = conf->audit_log;
    for (unsigned i = 0; i < conf->site_count; i++)
        add_refused(list, &count, &conf->sites[i]);
    return list;
}

enum err stores_open(struct server *server, struct conf *conf, void (*notice)(const char *), struct buf *why)
{
    struct arena arena = {0};
    enum err err = ERR_NONE;

    server->stores = xcalloc(conf->site_count, sizeof(struct store *));
    server->closed = xcalloc(conf->site_count, sizeof(*server->closed));
    server->closed_count = conf->site_count;
    for (unsigned i = 0; i < conf->site_count; i++)
        pthread_mutex_init(&server->closed[i].lock, NULL);
    for (unsigned i = 0; i < conf->site_count && !err; i++) {
        const struct site *site = &conf->sites[i];
        struct store_options options = {.root = site->root,
                                        .state = site->state,
                                        .read_only = site->read_only,
                                        .locks_durable = site->locks_durable,
                                        .trash_days = site->trash_days,
                                        .history_bytes = site->history_space,
                                        .derived_bytes = site->cache_space,
                                        .durability = (enum store_durability)site->durability,
                                        .symlinks = (enum store_symlinks)site->symlinks,
                                        .names = (enum store_names)site->names,
                                        .refused_files = refused_files(&arena, conf),
                                        .is_closed = closed_has,
                                        .closed_arg = &server->closed[i],
                                        .shared = handover_store(server->handover, i),
                                        .notice = notice};

        err = store_open(&options, &server->stores[i], why);
        if (err == ERR_BUSY && !conf->replaces)
            buf_add_str(why, "; --replace takes its place, samovar status asks it how it is");
        if (!err)
            server->store_count++;
    }
    if (!err)
        stores_configure(server, conf);
    arena_release(&arena);
    return err;
}
