/*
 * closed.c - what users' symbolic links must not lead to: what a legal demand is about, wherever it holds.
 *
 * The store walks links and knows no demands; whose country counts it cannot know either. So a link leads nobody there.
 * Each folder holds a reference of the newest configuration; only paths with links in them ask.
 */
#include <stdlib.h>

#include "station.h"

void closed_set(struct closed *closed, struct conf *conf, unsigned site)
{
    struct conf *old;

    pthread_mutex_lock(&closed->lock);
    old = closed->conf;
    closed->conf = conf_ref(conf);
    closed->site = site;
    pthread_mutex_unlock(&closed->lock);
    conf_unref(old);
}

bool closed_has(void *arg, struct slice path)
{
    struct closed *closed = arg;
    const struct site *site;
    struct conf *conf;
    bool is_closed;

    pthread_mutex_lock(&closed->lock);
    conf = closed->conf ? conf_ref(closed->conf) : NULL;
    pthread_mutex_unlock(&closed->lock);
    if (!conf) /* nobody is served yet */
        return false;
    site = &conf->sites[closed->site];
    is_closed = conf_demand(site, path, SLICE_NONE) || conf_depends_on_country(site, path);
    conf_unref(conf);
    return is_closed;
}

void closed_release(struct server *server)
{
    for (unsigned i = 0; i < server->closed_count; i++) {
        conf_unref(server->closed[i].conf);
        pthread_mutex_destroy(&server->closed[i].lock);
    }
    free(server->closed);
}
