/*
 * transfer_order.c - what `samovar get` and `samovar put` are asked.
 */
#include <stdlib.h>

#include "args.h"
#include "conf.h"

enum err transfer_order_take(struct build *build, const struct args *args, struct transfer_order *out)
{
    const struct args_orders *orders = &args->orders;
    bool is_put = args->command == COMMAND_PUT;
    const char *word = is_put ? "put" : "get";

    if (args->config || args->count > 0)
        return complain(build,
                        "samovar %s takes an address, a file, --login, --cacert, --insecure, --force, --whole and "
                        "--quiet, not --%s",
                        word, args->config ? "config" : args->items[0].row->option);
    if (!args->dir || (is_put && !args->second))
        return complain(build, "samovar %s needs an address%s: samovar %s URL FILE", word, is_put ? " and a file" : "",
                        word);
    *out = (struct transfer_order){.is_put = is_put,
                                   .url = args_copy(args->dir),
                                   .file = args_copy(args->second),
                                   .login = args_copy(orders->login),
                                   .ca_file = args_copy(orders->ca_file),
                                   .is_insecure = orders->insecure != NULL,
                                   .is_forced = orders->force != NULL,
                                   .is_quiet = orders->quiet != NULL,
                                   .is_whole = orders->whole != NULL};
    return ERR_NONE;
}

void transfer_order_release(struct transfer_order *order)
{
    free(order->url);
    free(order->file);
    free(order->login);
    free(order->ca_file);
    *order = (struct transfer_order){0};
}
