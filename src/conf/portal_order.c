/*
 * portal_order.c - the orders of `samovar portal`: what to list, to make, to end, to print.
 */
#include <net/if.h>

#include "args.h"

enum {
    MAKE_MAX = 10000,     /* vouchers at once: more than a printer's roll */
    DEVICES_MAX = 1000,   /* of one voucher */
    YEAR_S = 366 * 86400, /* as long as the firewall keeps one open */
    PORT_USUAL = 8511,
};

static enum err number_take(struct build *build, const char *option, const char *text, uint64_t most, uint64_t *out)
{
    if (!slice_u64(slice_str(text), out) || *out == 0 || *out > most)
        return complain(build, "--%s needs a number from 1 to %llu, not \"%s\"", option, (unsigned long long)most,
                        text);
    return ERR_NONE;
}

static enum err grant_take(struct build *build, const struct args_orders *orders, struct portal_order *out)
{
    uint64_t ms = 0, devices = 1;

    if (!out->make && (orders->time || orders->bytes || orders->devices))
        return complain(build, "--%s says what vouchers are good for, and needs --make N",
                        orders->time    ? "time"
                        : orders->bytes ? "bytes"
                                        : "for-devices");
    if (orders->time && (!value_time(slice_str(orders->time), &ms) || ms / 1000 == 0 || ms / 1000 > YEAR_S))
        return complain(build, "--time needs a time such as 90m, 8h or 7d, a year at most, not \"%s\"", orders->time);
    if (orders->bytes && (!value_size(slice_str(orders->bytes), &out->bytes) || out->bytes > INT64_MAX))
        return complain(build, "--bytes needs a size such as 500M or 2G, not \"%s\"", orders->bytes);
    if (orders->devices && number_take(build, "for-devices", orders->devices, DEVICES_MAX, &devices))
        return ERR_INVALID;
    out->seconds = ms / 1000;
    out->devices = (uint32_t)devices;
    return ERR_NONE;
}

/* It becomes part of a text that nft reads. */
static bool is_interface(const char *name)
{
    size_t len = strlen(name);

    for (size_t i = 0; i < len; i++)
        if (!ascii_is_digit(name[i]) && !(ascii_lower(name[i]) >= 'a' && ascii_lower(name[i]) <= 'z') &&
            !strchr("_.-:", name[i]))
            return false;
    return len > 0 && len < IF_NAMESIZE;
}

static enum err rules_take(struct build *build, const struct args *args, struct portal_order *out)
{
    uint64_t port = PORT_USUAL;

    if (!args->dir || !args->second)
        return complain(build, "--print-nft needs two interfaces, that of the clients and that to the internet: "
                               "samovar portal --print-nft wlan0 eth0");
    if (!is_interface(args->dir) || !is_interface(args->second))
        return complain(build, "\"%s\" is no name of a network interface",
                        is_interface(args->dir) ? args->second : args->dir);
    if (args->orders.intercept_port && number_take(build, "intercept-port", args->orders.intercept_port, 65535, &port))
        return ERR_INVALID;
    out->inside = args_copy(args->dir);
    out->outside = args_copy(args->second);
    out->port = (unsigned)port;
    return ERR_NONE;
}

/* Several orders at once would leave it open which one comes first. */
static enum err one_order_check(struct build *build, const struct args_orders *orders)
{
    unsigned count = (orders->vouchers != NULL) + (orders->make != NULL) + (orders->withdraw != NULL) +
                     (orders->disconnect != NULL) + (orders->print_nft != NULL);

    if (count > 1)
        return complain(build, "samovar portal does one thing at a time: --vouchers, --make, --withdraw, --disconnect "
                               "or --print-nft");
    if (orders->intercept_port && !orders->print_nft)
        return complain(build, "--intercept-port belongs to --print-nft");
    return ERR_NONE;
}

enum err portal_order_take(struct build *build, const struct args *args, struct portal_order *out)
{
    const struct args_orders *orders = &args->orders;
    uint64_t make = 0;

    if (one_order_check(build, orders))
        return ERR_INVALID;
    if (orders->print_nft)
        return rules_take(build, args, out);
    if (args->second)
        return complain(build, "samovar portal takes one folder; what is \"%s\"?", args->second);
    if (orders->make && number_take(build, "make", orders->make, MAKE_MAX, &make))
        return ERR_INVALID;
    out->make = (uint32_t)make;
    out->list_vouchers = orders->vouchers != NULL;
    out->withdraw = args_copy(orders->withdraw);
    out->disconnect = args_copy(orders->disconnect);
    return grant_take(build, orders, out);
}
