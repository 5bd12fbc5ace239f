/*
 * firewall_nft.c - the elements of the two sets, by nf_tables' own messages (linux/netfilter/nf_tables.h).
 *
 * Not by libnftables, which reads the whole set whenever a command speaks of an element that is not there: with 10 000
 * of them that took 10 ms and more for each login and each end of a session. These take as many microseconds.
 */
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "firewall_private.h"

enum {
    MESSAGE_BYTES = 4096, /* of ours: two elements and their frame take some 300 */
    REPLY_BYTES = 64 * 1024,
    DUMPS_MAX = 5, /* of one set that others keep changing */
};

struct sets {
    struct mnl_socket *socket;
    uint32_t sequence;
    char reply[REPLY_BYTES];
};

struct sets *sets_open(void)
{
    struct sets *sets = xcalloc(1, sizeof(*sets));

    sets->socket = mnl_socket_open(NETLINK_NETFILTER);
    if (sets->socket && mnl_socket_bind(sets->socket, 0, MNL_SOCKET_AUTOPID) == 0)
        return sets;
    free(sets);
    return NULL;
}

static const char *set_of(uint8_t family)
{
    return family == AF_INET ? FIREWALL_SET_V4 : FIREWALL_SET_V6;
}

static size_t octets_of(uint8_t family)
{
    return family == AF_INET ? 4 : 16;
}

/* ---- messages out ---- */

static struct nlmsghdr *begin(struct sets *sets, char *at, uint16_t type, uint16_t flags, uint8_t family)
{
    struct nlmsghdr *head = mnl_nlmsg_put_header(at);
    struct nfgenmsg *body;

    head->nlmsg_type = type;
    head->nlmsg_flags = NLM_F_REQUEST | flags;
    head->nlmsg_seq = ++sets->sequence;
    body = mnl_nlmsg_put_extra_header(head, sizeof(*body));
    *body = (struct nfgenmsg){.nfgen_family = family, .version = NFNETLINK_V0};
    return head;
}

static struct nlmsghdr *begin_for_sets(struct sets *sets, char *at, uint16_t what, uint16_t flags)
{
    return begin(sets, at, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | what), flags, NFPROTO_INET);
}

/* The frame of a transaction: all that stands in it is done, or nothing. */
static size_t put_frame(struct sets *sets, char *at, uint16_t type)
{
    struct nlmsghdr *head = begin(sets, at, type, 0, AF_UNSPEC);

    ((struct nfgenmsg *)mnl_nlmsg_get_payload(head))->res_id = htons(NFNL_SUBSYS_NFTABLES);
    return head->nlmsg_len;
}

static void put_element(struct nlmsghdr *head, const struct firewall_address *address, uint32_t seconds)
{
    struct nlattr *elements, *element, *key;

    mnl_attr_put_strz(head, NFTA_SET_ELEM_LIST_TABLE, FIREWALL_TABLE);
    mnl_attr_put_strz(head, NFTA_SET_ELEM_LIST_SET, set_of(address->family));
    elements = mnl_attr_nest_start(head, NFTA_SET_ELEM_LIST_ELEMENTS);
    element = mnl_attr_nest_start(head, NFTA_LIST_ELEM);
    key = mnl_attr_nest_start(head, NFTA_SET_ELEM_KEY);
    mnl_attr_put(head, NFTA_DATA_VALUE, octets_of(address->family), address->octets);
    mnl_attr_nest_end(head, key);
    if (seconds)
        mnl_attr_put_u64(head, NFTA_SET_ELEM_TIMEOUT, htobe64((uint64_t)seconds * 1000));
    mnl_attr_nest_end(head, element);
    mnl_attr_nest_end(head, elements);
}

/* ---- and what comes back ---- */

/* What an earlier request did not wait for. */
static void drain(struct sets *sets)
{
    while (recv(mnl_socket_get_fd(sets->socket), sets->reply, sizeof(sets->reply), MSG_DONTWAIT) > 0)
        ;
}

/* 0, or an errno: of what was asked for, or of asking. */
static int talk(struct sets *sets, const void *message, size_t len, mnl_cb_t each, void *arg)
{
    int got = MNL_CB_OK;

    drain(sets);
    if (mnl_socket_sendto(sets->socket, message, len) < 0)
        return errno;
    while (got == MNL_CB_OK) {
        ssize_t received = mnl_socket_recvfrom(sets->socket, sets->reply, sizeof(sets->reply));

        if (received < 0 && errno == EINTR)
            continue;
        if (received < 0)
            return errno;
        got = mnl_cb_run(sets->reply, (size_t)received, 0, mnl_socket_get_portid(sets->socket), each, arg);
    }
    return got < 0 ? errno : 0;
}

static enum err tell(int code, char text[128])
{
    if (code == 0)
        return ERR_NONE;
    if (code == EPERM)
        snprintf(text, 128, "the firewall's program lacks CAP_NET_ADMIN: start as root with run-as");
    else if (code == ENOENT)
        snprintf(text, 128,
                 "the firewall has no rules for the portal: samovar portal --print-nft INSIDE OUTSIDE "
                 "makes them");
    else
        snprintf(text, 128, "the firewall refuses: %s", strerror(code));
    return code == ENOENT ? ERR_MISSING : err_from_errno(code);
}

/* ---- elements, read ---- */

struct reading {
    emit_fn *emit;
    void *arg;
};

static uint64_t be64(const struct nlattr *attr)
{
    return be64toh(mnl_attr_get_u64(attr));
}

/* {EXPR_NAME "counter", EXPR_DATA {COUNTER_BYTES}} */
static void read_counter(const struct nlattr *expression, struct firewall_answer *out)
{
    const struct nlattr *attr, *inner;
    bool is_counter = false;

    mnl_attr_for_each_nested(attr, expression) if (mnl_attr_get_type(attr) == NFTA_EXPR_NAME) is_counter =
        strcmp(mnl_attr_get_str(attr), "counter") == 0;
    mnl_attr_for_each_nested(attr, expression) if (is_counter && mnl_attr_get_type(attr) == NFTA_EXPR_DATA)
        mnl_attr_for_each_nested(inner, attr) if (mnl_attr_get_type(inner) == NFTA_COUNTER_BYTES)
            out->bytes = be64(inner);
}

static void read_key(const struct nlattr *key, struct firewall_answer *out)
{
    const struct nlattr *attr;

    mnl_attr_for_each_nested(attr, key)
    {
        uint16_t len = mnl_attr_get_payload_len(attr);

        if (mnl_attr_get_type(attr) != NFTA_DATA_VALUE || (len != 4 && len != 16))
            continue;
        out->address.family = len == 4 ? AF_INET : AF_INET6;
        memcpy(out->address.octets, mnl_attr_get_payload(attr), len);
    }
}

/* A part of a second is left, too; 0 would mean that there is no end. */
static uint32_t seconds_of(uint64_t milliseconds)
{
    return milliseconds ? (uint32_t)((milliseconds + 999) / 1000) : 1;
}

static void read_element(const struct nlattr *element, struct firewall_answer *out)
{
    const struct nlattr *attr;

    *out = (struct firewall_answer){0};
    mnl_attr_for_each_nested(attr, element)
    {
        if (mnl_attr_get_type(attr) == NFTA_SET_ELEM_KEY)
            read_key(attr, out);
        else if (mnl_attr_get_type(attr) == NFTA_SET_ELEM_EXPR)
            read_counter(attr, out);
        else if (mnl_attr_get_type(attr) == NFTA_SET_ELEM_EXPIRATION)
            out->seconds_left = seconds_of(be64(attr));
    }
}

static int read_elements(const struct nlmsghdr *head, void *arg)
{
    const struct reading *reading = arg;
    const struct nlattr *attr, *element;
    struct firewall_answer answer;

    mnl_attr_for_each(attr, head, sizeof(struct nfgenmsg))
    {
        if (mnl_attr_get_type(attr) != NFTA_SET_ELEM_LIST_ELEMENTS)
            continue;
        mnl_attr_for_each_nested(element, attr)
        {
            read_element(element, &answer);
            if (answer.address.family)
                reading->emit(&answer, reading->arg);
        }
    }
    return MNL_CB_OK;
}

enum err sets_each(struct sets *sets, emit_fn *emit, void *arg, char text[128])
{
    static const uint8_t families[] = {AF_INET, AF_INET6};
    struct reading reading = {emit, arg};
    char message[MESSAGE_BYTES];
    int code = 0;

    for (unsigned i = 0; i < 2 && code == 0; i++) {
        /* EINTR: somebody loaded rules meanwhile. What was told is told again, which counts nothing twice. */
        for (unsigned tries = 0; tries < DUMPS_MAX && (tries == 0 || code == EINTR); tries++) {
            struct nlmsghdr *head = begin_for_sets(sets, message, NFT_MSG_GETSETELEM, NLM_F_DUMP);

            mnl_attr_put_strz(head, NFTA_SET_ELEM_LIST_TABLE, FIREWALL_TABLE);
            mnl_attr_put_strz(head, NFTA_SET_ELEM_LIST_SET, set_of(families[i]));
            code = talk(sets, head, head->nlmsg_len, read_elements, &reading);
        }
    }
    return tell(code, text);
}

static void take_bytes(const struct firewall_answer *answer, void *arg)
{
    *(uint64_t *)arg = answer->bytes;
}

/* 0 and its counter; ENOENT: it is not there. */
static int find(struct sets *sets, const struct firewall_address *address, uint64_t *bytes)
{
    char message[MESSAGE_BYTES];
    struct nlmsghdr *head = begin_for_sets(sets, message, NFT_MSG_GETSETELEM, NLM_F_ACK);
    struct reading reading = {take_bytes, bytes};

    put_element(head, address, 0);
    return talk(sets, head, head->nlmsg_len, read_elements, &reading);
}

/* ---- the sets themselves ---- */

struct looking {
    bool is_fit;
    uint32_t key_len;
};

static int read_set(const struct nlmsghdr *head, void *arg)
{
    struct looking *looking = arg;
    const struct nlattr *attr;
    uint32_t flags = 0, key_len = 0;

    mnl_attr_for_each(attr, head, sizeof(struct nfgenmsg))
    {
        if (mnl_attr_get_type(attr) == NFTA_SET_FLAGS)
            flags = ntohl(mnl_attr_get_u32(attr));
        else if (mnl_attr_get_type(attr) == NFTA_SET_KEY_LEN)
            key_len = ntohl(mnl_attr_get_u32(attr));
    }
    looking->is_fit = flags & NFT_SET_TIMEOUT && key_len == looking->key_len;
    return MNL_CB_OK;
}

enum err sets_check(struct sets *sets, char text[128])
{
    static const uint8_t families[] = {AF_INET, AF_INET6};
    char message[MESSAGE_BYTES];

    for (unsigned i = 0; i < 2; i++) {
        struct nlmsghdr *head = begin_for_sets(sets, message, NFT_MSG_GETSET, NLM_F_ACK);
        struct looking looking = {.key_len = (uint32_t)octets_of(families[i])};
        int code;

        mnl_attr_put_strz(head, NFTA_SET_TABLE, FIREWALL_TABLE);
        mnl_attr_put_strz(head, NFTA_SET_NAME, set_of(families[i]));
        code = talk(sets, head, head->nlmsg_len, read_set, &looking);
        if (code)
            return tell(code, text);
        if (!looking.is_fit) {
            snprintf(text, 128,
                     "the set %s of table inet " FIREWALL_TABLE " is not the portal's: addresses with timeouts",
                     set_of(families[i]));
            return ERR_INVALID;
        }
    }
    return ERR_NONE;
}

/* ---- changing ---- */

/* One transaction: away with it, or anew, or both, so that nobody is shut out in between. */
static int change(struct sets *sets, const struct firewall_address *address, bool removes, bool adds, uint32_t seconds)
{
    char message[MESSAGE_BYTES];
    size_t len = put_frame(sets, message, NFNL_MSG_BATCH_BEGIN);
    struct nlmsghdr *head;

    if (removes) {
        head = begin_for_sets(sets, message + len, NFT_MSG_DELSETELEM, adds ? 0 : NLM_F_ACK);
        put_element(head, address, 0);
        len += head->nlmsg_len;
    }
    if (adds) {
        head = begin_for_sets(sets, message + len, NFT_MSG_NEWSETELEM, NLM_F_CREATE | NLM_F_ACK);
        put_element(head, address, seconds);
        len += head->nlmsg_len;
    }
    len += put_frame(sets, message + len, NFNL_MSG_BATCH_END);
    return talk(sets, message, len, NULL, NULL);
}

enum err sets_add(struct sets *sets, const struct firewall_address *address, uint32_t seconds, uint64_t *bytes,
                  char text[128])
{
    bool is_there = find(sets, address, bytes) == 0;
    int code = change(sets, address, is_there, true, seconds);

    if (code == ENOENT && is_there) /* its time was over meanwhile */
        code = change(sets, address, false, true, seconds);
    return tell(code, text);
}

enum err sets_remove(struct sets *sets, const struct firewall_address *address, uint64_t *bytes, char text[128])
{
    int code = find(sets, address, bytes);

    if (code == 0)
        code = change(sets, address, true, false, 0);
    return code == ENOENT ? ERR_NONE : tell(code, text);
}
