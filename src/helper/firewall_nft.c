/*
 * firewall_nft.c - the elements of the two sets, by libnftables.
 *
 * Commands are texts, made of our own words and of addresses that inet_ntop() wrote. What is asked of the kernel comes
 * back as JSON.
 */
#include <arpa/inet.h>
#include <jansson.h>
#include <nftables/libnftables.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "firewall_private.h"

struct sets {
    struct nft_ctx *nft;
};

enum { COMMAND_ROOM = 512 };

struct sets *sets_open(void)
{
    struct sets *sets = xcalloc(1, sizeof(*sets));

    sets->nft = nft_ctx_new(NFT_CTX_DEFAULT);
    if (!sets->nft || nft_ctx_buffer_output(sets->nft) || nft_ctx_buffer_error(sets->nft)) {
        free(sets);
        return NULL;
    }
    nft_ctx_output_set_flags(sets->nft, NFT_CTX_OUTPUT_JSON);
    return sets;
}

/* The first line of what nft says. */
static void tell(struct sets *sets, char text[128])
{
    const char *said = nft_ctx_get_error_buffer(sets->nft);
    size_t len = strcspn(said, "\n");

    snprintf(text, 128, "%.*s", (int)(len < 120 ? len : 120), said);
}

static bool run(struct sets *sets, const char *command)
{
    return nft_run_cmd_from_buffer(sets->nft, command) == 0;
}

static const char *set_of(const struct firewall_address *address)
{
    return address->family == AF_INET ? FIREWALL_SET_V4 : FIREWALL_SET_V6;
}

static const char *text_of(const struct firewall_address *address, char room[INET6_ADDRSTRLEN])
{
    return inet_ntop(address->family, address->octets, room, INET6_ADDRSTRLEN);
}

/* ---- reading ---- */

/* {"elem": {"val": "192.0.2.1", "expires": 99, "counter": {"bytes": 0}}}. False: none of ours. */
static bool element_read(const json_t *item, struct firewall_answer *out)
{
    const json_t *element = json_object_get(item, "elem");
    const char *address = json_string_value(json_object_get(element, "val"));
    json_int_t bytes = json_integer_value(json_object_get(json_object_get(element, "counter"), "bytes"));
    json_int_t left = json_integer_value(json_object_get(element, "expires"));

    *out = (struct firewall_answer){0};
    if (!address)
        return false;
    if (inet_pton(AF_INET, address, out->address.octets) == 1)
        out->address.family = AF_INET;
    else if (inet_pton(AF_INET6, address, out->address.octets) == 1)
        out->address.family = AF_INET6;
    out->bytes = bytes > 0 ? (uint64_t)bytes : 0;
    out->seconds_left = left > 0 ? (uint32_t)left : 0;
    return out->address.family != 0;
}

/* The elements of the set in what nft has just said. */
static void elements_each(struct sets *sets, emit_fn *emit, void *arg)
{
    json_t *root = json_loads(nft_ctx_get_output_buffer(sets->nft), 0, NULL);
    json_t *items = json_object_get(root, "nftables"), *item, *element;
    struct firewall_answer answer;
    size_t i, k;

    json_array_foreach(items, i, item) json_array_foreach(json_object_get(json_object_get(item, "set"), "elem"), k,
                                                          element) if (element_read(element, &answer))
        emit(&answer, arg);
    json_decref(root);
}

static bool list_set(struct sets *sets, const char *set)
{
    char command[COMMAND_ROOM];

    snprintf(command, sizeof(command), "list set inet " FIREWALL_TABLE " %s", set);
    return run(sets, command);
}

enum err sets_each(struct sets *sets, emit_fn *emit, void *arg, char text[128])
{
    static const char *const names[] = {FIREWALL_SET_V4, FIREWALL_SET_V6};

    for (unsigned i = 0; i < 2; i++) {
        if (!list_set(sets, names[i])) {
            tell(sets, text);
            return ERR_MISSING;
        }
        elements_each(sets, emit, arg);
    }
    return ERR_NONE;
}

static void ignore(const struct firewall_answer *answer, void *arg)
{
    (void)answer;
    (void)arg;
}

enum err sets_check(struct sets *sets, char text[128])
{
    const char *what;

    if (sets_each(sets, ignore, NULL, text) == ERR_NONE) {
        *text = '\0';
        return ERR_NONE;
    }
    what = strstr(text, "not permitted") ? "the firewall's program lacks CAP_NET_ADMIN: start as root with run-as"
                                         : "the firewall has no rules for the portal: samovar portal --print-nft "
                                           "INSIDE OUTSIDE | nft -f - loads them";
    snprintf(text, 128, "%s", what);
    return ERR_MISSING;
}

static void take_bytes(const struct firewall_answer *answer, void *arg)
{
    *(uint64_t *)arg = answer->bytes;
}

/* False: it is not there. */
static bool find(struct sets *sets, const struct firewall_address *address, uint64_t *bytes)
{
    char command[COMMAND_ROOM], room[INET6_ADDRSTRLEN];

    snprintf(command, sizeof(command), "get element inet " FIREWALL_TABLE " %s { %s }", set_of(address),
             text_of(address, room));
    if (!run(sets, command))
        return false;
    elements_each(sets, take_bytes, bytes);
    return true;
}

/* ---- changing ---- */

static enum err change(struct sets *sets, const char *command, char text[128])
{
    if (run(sets, command))
        return ERR_NONE;
    tell(sets, text);
    return ERR_REFUSED;
}

enum err sets_add(struct sets *sets, const struct firewall_address *address, uint32_t seconds, uint64_t *bytes,
                  char text[128])
{
    char command[COMMAND_ROOM], room[INET6_ADDRSTRLEN], timeout[32] = "";
    const char *set = set_of(address), *name = text_of(address, room);
    int at = 0;

    if (seconds)
        snprintf(timeout, sizeof(timeout), " timeout %us", seconds);
    /* One transaction: nobody is shut out in between. */
    if (find(sets, address, bytes))
        at = snprintf(command, sizeof(command), "delete element inet " FIREWALL_TABLE " %s { %s }\n", set, name);
    snprintf(command + at, sizeof(command) - (size_t)at, "add element inet " FIREWALL_TABLE " %s { %s%s }\n", set, name,
             timeout);
    return change(sets, command, text);
}

enum err sets_remove(struct sets *sets, const struct firewall_address *address, uint64_t *bytes, char text[128])
{
    char command[COMMAND_ROOM], room[INET6_ADDRSTRLEN];
    enum err err;

    if (!find(sets, address, bytes))
        return ERR_NONE;
    snprintf(command, sizeof(command), "delete element inet " FIREWALL_TABLE " %s { %s }", set_of(address),
             text_of(address, room));
    err = change(sets, command, text);
    return err == ERR_NONE || find(sets, address, bytes) ? err : ERR_NONE; /* its time was over meanwhile */
}
