/*
 * forwarded.c - the client behind proxies of ours.
 *
 * Each proxy appends at the end whom it was talking to. So the lists are read backwards, and what a
 * stranger may have written (all that stands before the first address that is no proxy) is not looked at.
 */
#include "http/field.h"
#include "http/forwarded.h"

enum { HOPS_MAX = 32 }; /* members looked at, from the end: more proxies in a row are a loop or a joke */

struct trust {
    bool (*is_trusted)(struct slice address, const void *context);
    const void *context;
};

/* The last HOPS_MAX members of a list, oldest first; gives their number. */
static unsigned members_last(struct slice list, struct slice members[HOPS_MAX])
{
    unsigned seen = 0, count;
    struct slice ring[HOPS_MAX];

    for (struct slice member; list_next(&list, &member); seen++)
        ring[seen % HOPS_MAX] = member;
    count = seen < HOPS_MAX ? seen : HOPS_MAX;
    for (unsigned i = 0; i < count; i++)
        members[i] = ring[(seen - count + i) % HOPS_MAX];
    return count;
}

static bool is_address_text(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (ascii_hex(text.ptr[i]) < 0 && text.ptr[i] != '.' && text.ptr[i] != ':')
            return false;
    return text.len > 0;
}

/* "192.0.2.1", "192.0.2.1:80", "[2001:db8::1]:80", "2001:db8::1"; false for "unknown", "_hidden" and the like. */
static bool node_parse(struct slice node, struct slice *address)
{
    size_t colon;

    if (node.len > 1 && node.ptr[0] == '[') {
        size_t end = slice_index(node, ']');

        *address = slice_of(node.ptr + 1, end - 1);
        return end < node.len && is_address_text(*address);
    }
    colon = slice_index(node, ':');
    *address = node;
    if (colon < node.len && slice_index(slice_from(node, colon + 1), ':') == node.len - colon - 1)
        *address = slice_upto(node, colon); /* one colon: a port */
    return is_address_text(*address);
}

/* One parameter of a member of Forwarded; the first of that name. */
static struct slice forwarded_param(struct slice member, struct slice wanted)
{
    struct slice name, value;

    while (param_next(&member, &name, &value))
        if (slice_eq_nocase(name, wanted))
            return value;
    return SLICE_NONE;
}

/* Backwards until somebody is no proxy; the peer is one already. *hides: a proxy did not say for whom it spoke. */
static struct slice walk(struct slice list, bool is_forwarded, struct slice peer, const struct trust *trust,
                         bool *hides)
{
    struct slice members[HOPS_MAX], client = peer;
    unsigned count = members_last(list, members);

    while (count-- > 0) {
        struct slice node = is_forwarded ? forwarded_param(members[count], SLICE("for")) : members[count], address;

        if (!node_parse(node, &address)) {
            *hides = true; /* hidden or nonsense: the proxy that wrote it is all we know */
            break;
        }
        client = address;
        if (!trust->is_trusted(address, trust->context))
            break;
    }
    return client;
}

static struct slice last_member(struct slice list)
{
    struct slice last = SLICE_NONE;

    while (list_next(&list, &last))
        ;
    return last;
}

void forwarded_read(const struct head *head, struct slice peer,
                    bool (*is_trusted)(struct slice address, const void *context), const void *context,
                    struct arena *arena, struct forwarded *out)
{
    struct trust trust = {is_trusted, context};
    bool has_standard = head_has(head, FIELD_FORWARDED), has_x = head_has(head, FIELD_X_FORWARDED_FOR);
    struct slice standard, x, by_standard = peer, by_x = peer;

    *out = (struct forwarded){.address = peer};
    if (!is_trusted(peer, context))
        return;
    standard = head_combined(head, FIELD_FORWARDED, arena);
    x = head_combined(head, FIELD_X_FORWARDED_FOR, arena);
    if (has_standard)
        by_standard = walk(standard, true, peer, &trust, &out->is_unknown);
    if (has_x)
        by_x = walk(x, false, peer, &trust, &out->is_unknown);
    if (has_standard && has_x && !slice_eq_nocase(by_standard, by_x)) {
        out->is_unknown = true;
        return;
    }
    out->address = has_standard ? by_standard : by_x;
    if (has_standard && !has_x) {
        struct slice nearest = last_member(standard);

        out->proto = forwarded_param(nearest, SLICE("proto"));
        out->host = forwarded_param(nearest, SLICE("host"));
        return;
    }
    out->proto = last_member(head_combined(head, FIELD_X_FORWARDED_PROTO, arena));
    out->host = last_member(head_combined(head, FIELD_X_FORWARDED_HOST, arena));
}
