/*
 * host.c - uri-host and port.
 */
#include <arpa/inet.h>
#include <string.h>

#include "http/host.h"

enum { ADDRESS_TEXT_MAX = 45 };

/* inet_pton() on a slice: pure, it reads no configuration. `out` has 16 octets. */
static bool address_parse(int family, struct slice text, void *out)
{
    char copy[ADDRESS_TEXT_MAX + 1];

    if (text.len == 0 || text.len > ADDRESS_TEXT_MAX || memchr(text.ptr, 0, text.len))
        return false;
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = 0;
    return inet_pton(family, copy, out) == 1;
}

/* reg-name of RFC 3986 §3.2.2: unreserved, sub-delims and escapes */
static bool is_reg_name(struct slice name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = ascii_lower(name.ptr[i]);

        if ((c >= 'a' && c <= 'z') || ascii_is_digit(c) || (c && strchr("-._~!$&'()*+,;=", c)))
            continue;
        if (c != '%' || name.len - i < 3 || ascii_hex(name.ptr[i + 1]) < 0 || ascii_hex(name.ptr[i + 2]) < 0)
            return false;
        i += 2;
    }
    return true;
}

/* ":" *DIGIT, or nothing */
static bool port_parse(struct slice text, uint16_t *port)
{
    uint64_t value;

    *port = 0;
    if (text.len == 0)
        return true;
    if (text.ptr[0] != ':')
        return false;
    if (text.len == 1)
        return true;
    if (!slice_u64(slice_from(text, 1), &value) || value == 0 || value > UINT16_MAX)
        return false;
    *port = (uint16_t)value;
    return true;
}

bool host_parse(struct slice value, struct host *out)
{
    char address[16];
    size_t end;

    *out = (struct host){0};
    if (value.len && value.ptr[0] == '[') {
        end = slice_index(value, ']');
        if (end == value.len)
            return false;
        out->name = slice_of(value.ptr + 1, end - 1);
        out->is_ip6 = true;
        return address_parse(AF_INET6, out->name, address) && port_parse(slice_from(value, end + 1), &out->port);
    }
    end = slice_index(value, ':');
    out->name = slice_upto(value, end);
    out->is_ip4 = address_parse(AF_INET, out->name, address);
    if (out->name.len == 0 && value.len)
        return false;
    return is_reg_name(out->name) && port_parse(slice_from(value, end), &out->port);
}

static struct slice without_dot(struct slice name)
{
    return name.len > 1 && name.ptr[name.len - 1] == '.' ? slice_upto(name, name.len - 1) : name;
}

bool host_is(const struct host *host, struct slice name)
{
    char a[16], b[16];

    if (host->is_ip6)
        return address_parse(AF_INET6, host->name, a) && address_parse(AF_INET6, name, b) && memcmp(a, b, 16) == 0;
    return slice_eq_nocase(without_dot(host->name), without_dot(name));
}

bool host_same(const struct host *a, const struct host *b, uint16_t default_port)
{
    return (a->port ? a->port : default_port) == (b->port ? b->port : default_port) && a->is_ip6 == b->is_ip6 &&
           host_is(a, b->name);
}

static int refuse(const char **why, const char *sentence)
{
    *why = sentence;
    return 400;
}

int host_of_request(const struct head *head, const struct target *target, struct host *out, const char **why)
{
    *out = (struct host){0};
    if (!head_has(head, FIELD_HOST)) {
        if (head->minor > 0)
            return refuse(why, "There is no Host field."); /* H1-16, whatever the target's form */
    } else {
        if (head_count_of(head, FIELD_HOST) > 1)
            return refuse(why, "There are several Host fields.");
        if (!host_parse(head_value(head, FIELD_HOST), out))
            return refuse(why, "The Host field is malformed.");
    }
    if (target->form == TARGET_ABSOLUTE || target->form == TARGET_AUTHORITY) /* H1-20 */
        host_parse(target->authority, out);
    return 0;
}
