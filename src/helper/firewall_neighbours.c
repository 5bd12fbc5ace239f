/*
 * firewall_neighbours.c - the neighbour table (RTM_GETNEIGH): which hardware address was last seen with which address.
 */
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "firewall_private.h"

enum { REPLY_BYTES = 64 * 1024, TABLE_STATES_LEFT_OUT = NUD_NOARP | NUD_FAILED | NUD_INCOMPLETE };

static bool ask_for_all(int fd)
{
    struct {
        struct nlmsghdr head;
        struct ndmsg body;
    } request = {.head = {.nlmsg_len = sizeof(request),
                          .nlmsg_type = RTM_GETNEIGH,
                          .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
                          .nlmsg_seq = 1}};

    return send(fd, &request, sizeof(request), 0) == (ssize_t)sizeof(request);
}

static size_t address_len(unsigned char family)
{
    return family == AF_INET ? 4 : family == AF_INET6 ? 16 : 0;
}

/* False: no neighbour with a hardware address. */
static bool neighbour_read(const struct nlmsghdr *head, struct firewall_answer *out)
{
    const struct ndmsg *body = NLMSG_DATA(head);
    size_t len = address_len(body->ndm_family);
    int left = (int)(head->nlmsg_len - NLMSG_LENGTH(sizeof(*body)));

    *out = (struct firewall_answer){0};
    if (head->nlmsg_type != RTM_NEWNEIGH || !len || body->ndm_state & TABLE_STATES_LEFT_OUT)
        return false;
    for (const struct rtattr *at = (const struct rtattr *)(body + 1); RTA_OK(at, left); at = RTA_NEXT(at, left)) {
        if (at->rta_type == NDA_DST && RTA_PAYLOAD(at) == len) {
            out->address.family = body->ndm_family;
            memcpy(out->address.octets, RTA_DATA(at), len);
        } else if (at->rta_type == NDA_LLADDR && RTA_PAYLOAD(at) == MAC_LEN) {
            out->has_mac = 1;
            memcpy(out->mac, RTA_DATA(at), MAC_LEN);
        }
    }
    return out->address.family && out->has_mac;
}

/* True: there is more to come. */
static bool take_message(const char *reply, size_t got, emit_fn *emit, void *arg)
{
    struct firewall_answer answer;

    for (const struct nlmsghdr *at = (const struct nlmsghdr *)(const void *)reply; NLMSG_OK(at, got);
         at = NLMSG_NEXT(at, got)) {
        if (at->nlmsg_type == NLMSG_DONE || at->nlmsg_type == NLMSG_ERROR)
            return false;
        if (neighbour_read(at, &answer))
            emit(&answer, arg);
    }
    return true;
}

enum err neighbours_each(emit_fn *emit, void *arg, char text[128])
{
    static char reply[REPLY_BYTES];
    FD_GUARD fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    bool has_more = fd >= 0 && ask_for_all(fd);

    if (!has_more) {
        snprintf(text, 128, "the neighbour table cannot be read: %s", strerror(errno));
        return ERR_IO;
    }
    while (has_more) {
        ssize_t got = recv(fd, reply, sizeof(reply), 0);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return ERR_IO;
        has_more = take_message(reply, (size_t)got, emit, arg);
    }
    return ERR_NONE;
}
