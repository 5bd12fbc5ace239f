/*
 * demo_order.c - what `samovar demo` is asked: one address of TCP with its port, since the lines that it prints go
 * there.
 */
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "base/buf.h"
#include "conf.h"

static bool is_port(struct slice text)
{
    uint64_t port;

    return slice_u64(text, &port) && port > 0 && port <= 65535;
}

/* "HOST:PORT", "[ADDRESS]:PORT", or a port of this machine. NULL, and complained: it is none of these. */
static char *address_take(struct build *build, struct slice given)
{
    struct buf text = BUF_INIT(512);
    const char *colon = given.len ? memrchr(given.ptr, ':', given.len) : NULL;
    size_t at = colon ? (size_t)(colon - given.ptr) : 0;
    char *address = NULL;

    if (is_port(given))
        buf_printf(&text, "127.0.0.1:%.*s", SLICE_FMT(given));
    else if (at > 0 && is_port(slice_from(given, at + 1)) && !slice_starts(given, SLICE("unix:")))
        buf_add(&text, given);
    if (text.len)
        address = xstrdup(buf_slice(&text));
    else
        complain(
            build,
            "samovar demo needs an address of TCP with a port that you choose: --listen 127.0.0.1:8080, not \"%.*s\"",
            SLICE_FMT(given));
    buf_release(&text);
    return address;
}

enum err demo_order_take(struct build *build, const struct args *args, struct invocation *out)
{
    for (unsigned i = 0; i < args->count; i++)
        if (!slice_eq(slice_str(args->items[i].row->name), SLICE("listen")))
            return complain(build, "samovar demo takes --listen and --list, not --%s", args->items[i].row->option);
    if (args->config || args->dir)
        return complain(build, "samovar demo takes --listen and --list, no folder and no configuration");
    if (args->count > 1)
        return complain(build, "samovar demo listens on one address");
    out->demo_address = address_take(build, args->count ? args->items[0].value : SLICE("127.0.0.1:8080"));
    out->demo_lists = args->orders.list != NULL;
    return out->demo_address ? ERR_NONE : ERR_INVALID;
}
