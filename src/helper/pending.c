/*
 * pending.c - what is not built yet, so that the rest links.
 */
#include "helper/firewall.h"

enum err firewall_start(const char *program, int *fd, struct buf *why)
{
    (void)program;
    (void)fd;
    buf_add_str(why, "this version cannot speak to a firewall; firewall = none goes without");
    return ERR_UNSUPPORTED;
}

enum err firewall_ask(int fd, const struct firewall_request *request,
                      void (*each)(const struct firewall_answer *answer, void *arg), void *arg)
{
    (void)fd;
    (void)request;
    (void)each;
    (void)arg;
    return ERR_IO;
}

void firewall_print_rules(const char *inside, const char *outside, unsigned port, struct buf *out)
{
    (void)inside;
    (void)outside;
    (void)port;
    (void)out;
}
