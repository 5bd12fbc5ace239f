/*
 * firewall_flows.c - connections that the kernel tracks, forgotten.
 *
 * The rules look each packet up, so nothing passes without this; but a connection that was redirected, or that another
 * table lets through once it is established, ends as well.
 */
#include <errno.h>
#include <libnetfilter_conntrack/libnetfilter_conntrack.h>
#include <stdio.h>
#include <string.h>

#include "firewall_private.h"

struct cutting {
    const struct firewall_address *address;
    struct nfct_handle *other; /* deletes while the first one lists */
};

static bool is_of(const struct nf_conntrack *flow, const struct firewall_address *address)
{
    enum nf_conntrack_attr attr = address->family == AF_INET ? ATTR_ORIG_IPV4_SRC : ATTR_ORIG_IPV6_SRC;
    const void *source = nfct_attr_is_set(flow, attr) > 0 ? nfct_get_attr(flow, attr) : NULL;

    return source && memcmp(source, address->octets, address->family == AF_INET ? 4 : 16) == 0;
}

static int cut_one(enum nf_conntrack_msg_type type, struct nf_conntrack *flow, void *arg)
{
    struct cutting *cutting = arg;

    (void)type;
    if (is_of(flow, cutting->address))
        nfct_query(cutting->other, NFCT_Q_DESTROY, flow); /* it may have ended by itself */
    return NFCT_CB_CONTINUE;
}

enum err flows_cut(const struct firewall_address *address, char text[128])
{
    struct nfct_handle *list = nfct_open(CONNTRACK, 0);
    struct cutting cutting = {.address = address, .other = nfct_open(CONNTRACK, 0)};
    uint32_t family = address->family;
    bool is_done = false;

    if (list && cutting.other) {
        nfct_callback_register(list, NFCT_T_ALL, cut_one, &cutting);
        is_done = nfct_query(list, NFCT_Q_DUMP, &family) == 0;
    }
    if (!is_done)
        snprintf(text, 128, "connections under way cannot be cut: %s", strerror(errno));
    if (list)
        nfct_close(list);
    if (cutting.other)
        nfct_close(cutting.other);
    return is_done ? ERR_NONE : ERR_IO;
}
