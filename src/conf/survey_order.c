/*
 * survey_order.c - what `samovar survey` is asked.
 */
#include <stdlib.h>

#include "args.h"
#include "conf.h"

enum { WAIT_MOST = 600 };

/* --user is a setting of servers, too; here it says who we are. */
static enum err settings_take(struct build *build, const struct args *args, struct survey_order *out)
{
    for (unsigned i = 0; i < args->count; i++) {
        if (strcmp(args->items[i].row->name, "user") != 0)
            return complain(build,
                            "samovar survey takes addresses, --user, --write, --only, --hints, --wait, --cacert, "
                            "--insecure, --json, --junit and --markdown, not --%s",
                            args->items[i].row->option);
        if (out->user)
            return complain(build, "samovar survey is one user: --user is given twice");
        if (slice_index(args->items[i].value, ':') == args->items[i].value.len)
            return complain(build, "--user needs NAME:PASSWORD");
        out->user = xstrdup(args->items[i].value);
    }
    return ERR_NONE;
}

static enum err wait_take(struct build *build, const char *text, struct survey_order *out)
{
    uint64_t seconds = 0;

    if (text && (!slice_u64(slice_str(text), &seconds) || seconds < 1 || seconds > WAIT_MOST))
        return complain(build, "--wait needs seconds from 1 to %d, not \"%s\"", WAIT_MOST, text);
    out->wait_s = (unsigned)seconds;
    return ERR_NONE;
}

enum err survey_order_take(struct build *build, const struct args *args, struct survey_order *out)
{
    const struct args_orders *orders = &args->orders;
    enum err err;

    if (args->config)
        return complain(build, "samovar survey reads no configuration");
    if (!args->operand_count)
        return complain(build, "samovar survey needs an address: samovar survey URL...");
    if ((orders->json != NULL) + (orders->junit != NULL) + (orders->markdown != NULL) > 1)
        return complain(build, "--json, --junit and --markdown are one or the other");
    *out = (struct survey_order){.only = args_copy(orders->only),
                                 .hints_file = args_copy(orders->hints),
                                 .ca_file = args_copy(orders->ca_file),
                                 .is_insecure = orders->insecure != NULL,
                                 .may_write = orders->write != NULL,
                                 .is_json = orders->json != NULL,
                                 .is_junit = orders->junit != NULL,
                                 .is_markdown = orders->markdown != NULL,
                                 .url_count = args->operand_count};
    out->urls = xcalloc(args->operand_count, sizeof(*out->urls));
    for (unsigned i = 0; i < args->operand_count; i++)
        out->urls[i] = args_copy(args->operands[i]);
    err = settings_take(build, args, out);
    return err ? err : wait_take(build, orders->wait, out);
}

void survey_order_release(struct survey_order *order)
{
    for (unsigned i = 0; i < order->url_count; i++)
        free(order->urls[i]);
    free(order->urls);
    free(order->user);
    free(order->only);
    free(order->hints_file);
    free(order->ca_file);
    *order = (struct survey_order){0};
}
