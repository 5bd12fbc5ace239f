/*
 * brew_order.c - what `samovar brew` is asked.
 */
#include <stdlib.h>

#include "args.h"
#include "conf.h"

static enum err check(struct build *build, const struct args *args)
{
    const struct args_orders *orders = &args->orders;

    if (args->config || args->count > 0)
        return complain(build,
                        "samovar brew takes an address, --addition, --tea, --stop, --when, --login, --cacert, "
                        "--insecure and --quiet, not --%s",
                        args->config ? "config" : args->items[0].row->option);
    if (!args->dir)
        return complain(build, "samovar brew needs an address: samovar brew http://localhost:8080/pots/pot-1");
    if (orders->stop && orders->when)
        return complain(build, "samovar brew takes --stop or --when, not both");
    if (args->addition_count && (orders->stop || orders->when))
        return complain(build, "--addition says what goes into a new cup, and does not go with --%s",
                        orders->stop ? "stop" : "when");
    if (args->addition_count > BREW_ADDITIONS_MAX)
        return complain(build, "more than %d additions do not go into one cup", BREW_ADDITIONS_MAX);
    return ERR_NONE;
}

enum err brew_order_take(struct build *build, const struct args *args, struct brew_order *out)
{
    const struct args_orders *orders = &args->orders;

    if (check(build, args))
        return ERR_INVALID;
    *out = (struct brew_order){.url = args_copy(args->dir),
                               .tea = args_copy(orders->tea),
                               .login = args_copy(orders->login),
                               .ca_file = args_copy(orders->ca_file),
                               .addition_count = args->addition_count,
                               .is_stop = orders->stop != NULL,
                               .is_when = orders->when != NULL,
                               .is_insecure = orders->insecure != NULL,
                               .is_quiet = orders->quiet != NULL};
    for (unsigned i = 0; i < args->addition_count; i++)
        out->additions[i] = args_copy(args->additions[i]);
    return ERR_NONE;
}

void brew_order_release(struct brew_order *order)
{
    free(order->url);
    free(order->tea);
    free(order->login);
    free(order->ca_file);
    for (unsigned i = 0; i < order->addition_count; i++)
        free(order->additions[i]);
    *order = (struct brew_order){0};
}
