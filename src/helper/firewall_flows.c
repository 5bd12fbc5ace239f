/*
 * firewall_flows.c - connections that the kernel tracks, forgotten.
 *
 * The rules look each packet up, so nothing passes without this; but a connection that another table lets through once
 * it is established ends as well. The kernel can only list all there are: so addresses are gathered, and looked for
 * together.
 */
#include <libnetfilter_conntrack/libnetfilter_conntrack.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "firewall_private.h"

struct cutting {
    const struct firewall_address *addresses; /* in order */
    unsigned count;
    struct nfct_handle *other; /* deletes while the first one lists */
};

static int compare(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct firewall_address));
}

static bool is_of(const struct nf_conntrack *flow, uint8_t family, const struct cutting *cutting)
{
    enum nf_conntrack_attr attr = family == AF_INET ? ATTR_ORIG_IPV4_SRC : ATTR_ORIG_IPV6_SRC;
    struct firewall_address source = {.family = family};

    if (nfct_attr_is_set(flow, attr) <= 0)
        return false;
    memcpy(source.octets, nfct_get_attr(flow, attr), family == AF_INET ? 4 : 16);
    return bsearch(&source, cutting->addresses, cutting->count, sizeof(source), compare);
}

/*
 * What was sent to the portal, and is being answered there by now: nothing of it passed. Without its entry the answer
 * would come from another port than the one that was asked.
 */
static bool is_intercepted(const struct nf_conntrack *flow)
{
    return nfct_get_attr_u32(flow, ATTR_STATUS) & IPS_DST_NAT;
}

static int cut_one(enum nf_conntrack_msg_type type, struct nf_conntrack *flow, void *arg)
{
    struct cutting *cutting = arg;

    (void)type;
    if (!is_intercepted(flow) && is_of(flow, nfct_get_attr_u8(flow, ATTR_L3PROTO), cutting))
        nfct_query(cutting->other, NFCT_Q_DESTROY, flow); /* it may have ended by itself */
    return NFCT_CB_CONTINUE;
}

/* Of one family, if any of the addresses is. */
static bool cut_family(struct cutting *cutting, struct nfct_handle *list, uint32_t family)
{
    for (unsigned i = 0; i < cutting->count; i++)
        if (cutting->addresses[i].family == family)
            return nfct_query(list, NFCT_Q_DUMP, &family) == 0;
    return true;
}

void flows_cut(struct firewall_address *addresses, unsigned count)
{
    struct nfct_handle *list = nfct_open(CONNTRACK, 0);
    struct cutting cutting = {.addresses = addresses, .count = count, .other = nfct_open(CONNTRACK, 0)};

    qsort(addresses, count, sizeof(*addresses), compare);
    if (list && cutting.other) {
        nfct_callback_register(list, NFCT_T_ALL, cut_one, &cutting);
        if (!cut_family(&cutting, list, AF_INET) || !cut_family(&cutting, list, AF_INET6))
            perror("samovar-firewall: connections under way cannot be cut");
    }
    if (list)
        nfct_close(list);
    if (cutting.other)
        nfct_close(cutting.other);
}
