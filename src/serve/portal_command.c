/*
 * portal_command.c - `samovar portal`: sessions and vouchers of a captive portal, and the rules of its firewall.
 */
#include "helper/firewall.h"
#include "portal/portal.h"
#include "serve/serve.h"

static int print_rules(const struct portal_order *order)
{
    struct buf rules = BUF_INIT(64 * 1024);

    firewall_print_rules(order->inside, order->outside, order->port, &rules);
    fwrite(rules.ptr, 1, rules.len, stdout);
    buf_release(&rules);
    return fflush(stdout) ? 1 : 0;
}

int portal_command(const char *root, const char *state, const struct portal_order *order)
{
    (void)root;
    (void)state;
    if (order->inside)
        return print_rules(order);
    fprintf(stderr, "samovar portal: this is not built yet\n");
    return 1;
}
