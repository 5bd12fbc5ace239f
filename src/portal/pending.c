/*
 * pending.c - what is not built yet, so that the rest links.
 */
#include <stdlib.h>

#include "portal/portal.h"
#include "store/guests.h"

struct portal {
    int nothing;
};

enum err portal_open(const struct portal_options *options, struct portal **out, struct buf *why)
{
    (void)options;
    (void)why;
    *out = xcalloc(1, sizeof(**out));
    return ERR_NONE;
}

void portal_begin(struct portal *portal)
{
    (void)portal;
}

void portal_configure(struct portal *portal, struct conf *conf)
{
    (void)portal;
    (void)conf;
}

void portal_rest(struct portal *portal)
{
    (void)portal;
}

void portal_close(struct portal *portal)
{
    free(portal);
}

void portal_figures(struct portal *portal, struct portal_figures *out)
{
    (void)portal;
    *out = (struct portal_figures){0};
}

void portal_look(struct portal *portal, struct slice address, struct portal_state *out)
{
    (void)portal;
    (void)address;
    *out = (struct portal_state){0};
}

enum portal_said portal_login(struct portal *portal, const struct portal_claim *claim, struct portal_state *out)
{
    (void)portal;
    (void)claim;
    (void)out;
    return PORTAL_NO_FIREWALL;
}

enum err portal_logout(struct portal *portal, struct slice address)
{
    (void)portal;
    (void)address;
    return ERR_NONE;
}
