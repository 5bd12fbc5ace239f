/*
 * address.c - addresses to listen on, and networks that are trusted. No name is ever looked up.
 */
#include <arpa/inet.h>

#include "build.h"

static enum err say(struct buf *why, struct slice text, const char *what)
{
    if (!why->len)
        buf_printf(why, "cannot listen on \"%.*s\": %s", SLICE_FMT(text), what);
    return ERR_INVALID;
}

static bool port_parse(struct slice text, in_port_t *out)
{
    uint64_t port;

    if (!slice_u64(text, &port) || port > 65535)
        return false;
    *out = htons((uint16_t)port);
    return true;
}

/* A literal address; brackets are off already. */
static bool host_parse(struct slice host, struct listen_spec *out)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)&out->addr;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&out->addr;
    char text[INET6_ADDRSTRLEN];

    if (host.len == 0 || host.len >= sizeof(text))
        return false;
    memcpy(text, host.ptr, host.len);
    text[host.len] = '\0';
    if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        out->addr_len = sizeof(*v4);
        out->is_loopback = (ntohl(v4->sin_addr.s_addr) >> 24) == 127;
        return true;
    }
    if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        out->addr_len = sizeof(*v6);
        out->is_loopback = IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
        return true;
    }
    return false;
}

static void port_set(struct listen_spec *out, in_port_t port)
{
    if (out->addr.ss_family == AF_INET)
        ((struct sockaddr_in *)&out->addr)->sin_port = port;
    else
        ((struct sockaddr_in6 *)&out->addr)->sin6_port = port;
}

static enum err unix_parse(struct slice path, struct listen_spec *out, struct buf *why)
{
    struct sockaddr_un *un = (struct sockaddr_un *)&out->addr;

    if (path.len == 0)
        return say(why, out->text, "the path is missing");
    /* The kernel's structure ends there; a longer path would be cut and name another file. */
    if (path.len >= sizeof(un->sun_path))
        return say(why, out->text, "the path of a unix socket may have 107 octets at most");
    un->sun_family = AF_UNIX;
    memcpy(un->sun_path, path.ptr, path.len);
    out->addr_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + path.len + 1);
    out->kind = LISTEN_UNIX;
    out->is_loopback = true;
    return ERR_NONE;
}

static enum err fd_parse(struct slice number, struct listen_spec *out, struct buf *why)
{
    uint64_t fd;

    if (!slice_u64(number, &fd) || fd < 3 || fd > INT32_MAX)
        return say(why, out->text, "fd:N needs the number of an open socket, 3 or more");
    out->kind = LISTEN_FD;
    out->fd = (int)fd;
    return ERR_NONE;
}

/* More than one colon without brackets. What stands before the first one is a guess at what was meant. */
static const char *too_many_colons(struct slice text)
{
    if (slice_starts(text, SLICE("http://")) || slice_starts(text, SLICE("https://")))
        return "it is an address and no URL: ADDRESS:PORT, and a certificate makes https of it";
    for (size_t i = 0; i < slice_index(text, ':'); i++)
        if (ascii_hex(text.ptr[i]) < 0)
            return "only plain:, unix: and fd: may stand before an address";
    return "an IPv6 address is written [ADDRESS]:PORT";
}

/* [v6]:PORT, or v4:PORT; the last colon ends the address, so an IPv6 address needs its brackets. */
static enum err tcp_parse(struct slice text, struct listen_spec *out, struct buf *why)
{
    struct slice host, port;
    in_port_t number;

    if (text.len && text.ptr[0] == '[') {
        if (!slice_cut(slice_from(text, 1), ']', &host, &port) || port.len < 1 || port.ptr[0] != ':')
            return say(why, out->text, "an IPv6 address is written [ADDRESS]:PORT");
        port = slice_from(port, 1);
    } else if (!slice_cut(text, ':', &host, &port)) {
        return say(why, out->text, "it is no port, ADDRESS:PORT, unix:PATH or fd:N");
    } else if (slice_index(port, ':') < port.len) {
        return say(why, out->text, too_many_colons(text));
    }
    if (host.len == 0 && text.ptr[0] == ':')
        return say(why, out->text, "the address is missing: *:PORT for all, PORT alone for this machine");
    if (slice_eq(host, SLICE("*")))
        host = SLICE("0.0.0.0");
    if (!host_parse(host, out) || (text.ptr[0] == '[') != (out->addr.ss_family == AF_INET6))
        return say(why, out->text, "the address must be a literal one or localhost; names are not looked up");
    if (!port_parse(port, &number))
        return say(why, out->text, "the port must be a number up to 65535");
    port_set(out, number);
    return ERR_NONE;
}

/* "plain:" off; it stands at most once. */
static struct slice plain_cut(struct slice text)
{
    return slice_starts(text, SLICE("plain:")) ? slice_from(text, 6) : text;
}

/* A port alone means this machine only: listening to the world is asked for in full. */
static enum err loopback_parse(struct slice port, struct listen_spec *out, struct buf *why)
{
    in_port_t number;

    if (!port_parse(port, &number))
        return say(why, out->text, "the port must be a number up to 65535");
    host_parse(SLICE("127.0.0.1"), out);
    port_set(out, number);
    return ERR_NONE;
}

enum err conf_parse_listen(struct slice text, struct arena *arena, struct listen_spec *out, struct buf *why)
{
    struct slice spec = plain_cut(text);
    bool is_number = spec.len && ascii_is_digit(spec.ptr[0]) && slice_index(spec, ':') == spec.len &&
                     slice_index(spec, '.') == spec.len;

    *out = (struct listen_spec){
        .kind = LISTEN_TCP, .fd = -1, .text = arena_slice(arena, text), .is_plain = spec.len < text.len};
    if (text.len && memchr(text.ptr, '\0', text.len))
        return say(why, text, "it holds a NUL octet");
    if (slice_starts(spec, SLICE("unix:")))
        return unix_parse(slice_from(spec, 5), out, why);
    if (slice_starts(spec, SLICE("fd:")))
        return fd_parse(slice_from(spec, 3), out, why);
    if (slice_starts(spec, SLICE("localhost:")))
        return loopback_parse(slice_from(spec, 10), out, why);
    return is_number ? loopback_parse(spec, out, why) : tcp_parse(spec, out, why);
}

static struct listen_spec *listen_add(struct conf *conf)
{
    conf->listens = list_grow(&conf->arena, conf->listens, conf->listen_count, sizeof(*conf->listens));
    return &conf->listens[conf->listen_count++];
}

/* The same port on ::1; it may be missing where the machine has no IPv6. */
static void listen_add_v6_twin(struct conf *conf, const struct listen_spec *v4)
{
    struct listen_spec twin = {.kind = LISTEN_TCP, .fd = -1, .is_default = true, .is_plain = v4->is_plain};
    in_port_t port = ((const struct sockaddr_in *)&v4->addr)->sin_port;

    host_parse(SLICE("::1"), &twin);
    port_set(&twin, port);
    twin.text = arena_printf(&conf->arena, "%s[::1]:%u", v4->is_plain ? "plain:" : "", ntohs(port));
    *listen_add(conf) = twin;
}

static bool listen_same(const struct listen_spec *a, const struct listen_spec *b)
{
    if (a->kind != b->kind)
        return false;
    return a->kind == LISTEN_FD ? a->fd == b->fd
                                : a->addr_len == b->addr_len && memcmp(&a->addr, &b->addr, a->addr_len) == 0;
}

/* Port 0 asks the system for any port, so it may be asked for twice. */
static bool has_port_zero(const struct listen_spec *spec)
{
    return spec->kind == LISTEN_TCP && ((const struct sockaddr_in *)&spec->addr)->sin_port == 0;
}

/*
 * A bare port and localhost:PORT mean both loopbacks, except port 0: two unlike random ports would serve
 * nobody.
 */
static bool means_both(struct slice text, const struct listen_spec *spec)
{
    uint64_t number;

    text = plain_cut(text);
    return !has_port_zero(spec) && (slice_u64(text, &number) || slice_starts(text, SLICE("localhost:")));
}

/* A spec whose unix path is absolute. ERR_INVALID, and complained. */
static enum err spec_parse(struct build *build, struct slice value, struct listen_spec *out)
{
    struct arena *arena = &build->conf->arena;
    struct slice path = plain_cut(value);
    struct buf why = BUF_INIT(512);
    enum err err;

    if (slice_starts(path, SLICE("unix:")) && path.len > 5 && path.ptr[5] != '/')
        value = arena_printf(arena, "%sunix:%s", path.len < value.len ? "plain:" : "",
                             path_absolute(arena, build->folder, slice_from(path, 5)));
    err = conf_parse_listen(value, arena, out, &why);
    if (err)
        complain(build, "%s", buf_str(&why));
    buf_release(&why);
    return err;
}

enum err listen_take(struct build *build, struct slice value, const struct listen_spec *others, unsigned count,
                     struct listen_spec *out)
{
    if (spec_parse(build, value, out))
        return ERR_INVALID;
    for (unsigned i = 0; i < count; i++)
        if (listen_same(&others[i], out) && !has_port_zero(out))
            return complain(build, "\"%.*s\" is asked for twice", SLICE_FMT(value));
    return ERR_NONE;
}

enum err set_listen(struct build *build, void *conf, struct slice value)
{
    struct conf *c = conf;
    struct listen_spec spec;

    if (listen_take(build, value, c->listens, c->listen_count, &spec))
        return ERR_INVALID;
    *listen_add(c) = spec;
    if (means_both(value, &spec))
        listen_add_v6_twin(c, &spec);
    return ERR_NONE;
}

enum err listens_default(struct build *build)
{
    struct conf *conf = build->conf;
    unsigned handed_count = conf->listen_count ? 0 : conf->handed_count;
    enum err err = ERR_NONE;

    for (unsigned i = 0; i < handed_count && !err; i++)
        err = set_listen(build, conf, slice_str(conf->handed[i]));
    if (!err && conf->handed_metrics && !conf->metrics)
        err = set_metrics(build, conf, slice_str(conf->handed_metrics));
    if (err || conf->listen_count)
        return err;
    err = set_listen(build, conf, SLICE("127.0.0.1:8080"));
    conf->listens[0].is_default = true;
    listen_add_v6_twin(conf, &conf->listens[0]);
    return err;
}

enum err set_metrics(struct build *build, void *conf, struct slice value)
{
    struct conf *c = conf;
    struct listen_spec spec;

    if (spec_parse(build, value, &spec))
        return ERR_INVALID;
    spec.is_plain = true;
    c->metrics = arena_alloc(&c->arena, sizeof(*c->metrics));
    *c->metrics = spec;
    return ERR_NONE;
}

static bool is_any_address(const struct listen_spec *spec)
{
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)&spec->addr;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&spec->addr;

    return spec->addr.ss_family == AF_INET ? v4->sin_addr.s_addr == htonl(INADDR_ANY)
                                           : IN6_IS_ADDR_UNSPECIFIED(&v6->sin6_addr);
}

/* Also 127.0.0.1:P beside 0.0.0.0:P: the system takes both, and the one would hide the other. */
static bool listen_overlaps(const struct listen_spec *a, const struct listen_spec *b)
{
    if (listen_same(a, b))
        return true;
    /* The port stands at the same place in both families' addresses. */
    return a->kind == LISTEN_TCP && b->kind == LISTEN_TCP && a->addr.ss_family == b->addr.ss_family &&
           ((const struct sockaddr_in *)&a->addr)->sin_port == ((const struct sockaddr_in *)&b->addr)->sin_port &&
           (is_any_address(a) || is_any_address(b));
}

enum err listen_append(struct build *build, const struct listen_spec *spec)
{
    struct conf *conf = build->conf;

    for (unsigned i = 0; i < conf->listen_count; i++)
        if (listen_overlaps(spec, &conf->listens[i]) && !has_port_zero(spec))
            return complain(build, "intercept needs an address of its own: \"%.*s\" takes that of listen \"%.*s\"",
                            SLICE_FMT(spec->text), SLICE_FMT(conf->listens[i].text));
    *listen_add(conf) = *spec;
    return ERR_NONE;
}

enum err metrics_check(struct build *build)
{
    const struct conf *conf = build->conf;

    for (unsigned i = 0; conf->metrics && i < conf->listen_count; i++)
        if (listen_overlaps(conf->metrics, &conf->listens[i]) && !has_port_zero(conf->metrics))
            return complain(build, "metrics needs an address of its own: \"%.*s\" takes that of listen \"%.*s\"",
                            SLICE_FMT(conf->metrics->text), SLICE_FMT(conf->listens[i].text));
    return ERR_NONE;
}

static enum err proxy_add(struct build *build, struct conf *conf, struct slice text)
{
    struct slice host = text, bits = SLICE_NONE;
    struct listen_spec spec = {0};
    struct cidr *net;
    uint64_t count;

    bool has_bits = slice_cut(text, '/', &host, &bits);

    if (!host_parse(host, &spec))
        return complain(build, "trusted-proxies: \"%.*s\" is no address or network such as 10.0.0.0/8",
                        SLICE_FMT(text));
    count = spec.addr.ss_family == AF_INET ? 32 : 128;
    if (has_bits && (!slice_u64(bits, &count) || count > (spec.addr.ss_family == AF_INET ? 32u : 128u)))
        return complain(build, "trusted-proxies: \"%.*s\" has no such network length", SLICE_FMT(text));
    conf->trusted_proxies =
        list_grow(&conf->arena, conf->trusted_proxies, conf->trusted_proxy_count, sizeof(*conf->trusted_proxies));
    net = &conf->trusted_proxies[conf->trusted_proxy_count++];
    *net = (struct cidr){.family = spec.addr.ss_family, .bits = (unsigned)count};
    if (net->family == AF_INET)
        memcpy(net->addr, &((struct sockaddr_in *)&spec.addr)->sin_addr, 4);
    else
        memcpy(net->addr, &((struct sockaddr_in6 *)&spec.addr)->sin6_addr, 16);
    return ERR_NONE;
}

/* One, or several with commas or spaces between them, as --trusted-proxies takes them. */
enum err set_proxy(struct build *build, void *conf, struct slice value)
{
    enum err err = ERR_NONE;
    size_t start = 0;

    for (size_t i = 0; i <= value.len && !err; i++) {
        if (i < value.len && value.ptr[i] != ',' && value.ptr[i] != ' ')
            continue;
        if (i > start)
            err = proxy_add(build, conf, slice_of(value.ptr + start, i - start));
        start = i + 1;
    }
    return err;
}
