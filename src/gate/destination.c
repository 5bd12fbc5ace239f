/*
 * destination.c - where COPY and MOVE lead: to a path of this very site, and may this user go there?
 *
 * Destination is a URL, and names the server as the client sees it: behind proxies not as we do. It is ours by the
 * request's own host, by the site's names, and by what a trusted proxy was asked for. Whatever is on another server is
 * 502 (RFC 4918 §9.8.5), and so is another site of ours: they share no store.
 */
#include "gate_private.h"
#include "http/dav_field.h"
#include "http/host.h"

#define FOREIGN VERDICT(502, "The destination is on another server or site; nothing was changed.")

/* Clients behind re-encoding proxies leave blanks and octets of UTF-8 as they are: neither can mean anything else. */
static struct slice encode_blanks(struct arena *arena, struct slice text)
{
    struct buf out = BUF_INIT(3 * PATH_RAW_MAX + 1024);
    struct slice copy;

    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];

        if (c == ' ' || c >= 0x80)
            buf_printf(&out, "%%%02X", c);
        else
            buf_add_char(&out, (char)c);
    }
    copy = out.overflown ? SLICE_NONE : arena_slice(arena, buf_slice(&out));
    buf_release(&out);
    return copy;
}

static bool is_named(const struct exchange *ex, const struct host *host)
{
    for (unsigned i = 0; i < ex->site->host_count; i++)
        if (host_is(host, ex->site->hosts[i]))
            return true;
    return false;
}

static bool is_other_site(const struct exchange *ex, const struct host *host)
{
    for (unsigned i = 0; i < ex->conf->site_count; i++) {
        const struct site *site = &ex->conf->sites[i];

        for (unsigned k = 0; site != ex->site && k < site->host_count; k++)
            if (host_is(host, site->hosts[k]))
                return true;
    }
    return false;
}

/*
 * A port that is told must be the request's or the scheme's own. Behind a trusted proxy any will do: many are asked at
 * one port and name only the host.
 */
static bool is_our_port(const struct exchange *ex, const struct reference *to, const struct host *asked)
{
    uint16_t usual = slice_eq_nocase(to->scheme, SLICE("https")) ? 443 : 80;

    return ex->public_host.len || !to->host.port || to->host.port == usual || to->host.port == asked->port;
}

static bool is_ours(const struct exchange *ex, const struct reference *to)
{
    struct host asked, public_host;
    const char *why;

    if (slice_is_empty(to->scheme))
        return true;
    if (!slice_eq_nocase(to->scheme, SLICE("http")) && !slice_eq_nocase(to->scheme, SLICE("https")))
        return false;
    if (host_of_request(&ex->head, &ex->target, &asked, &why) || is_other_site(ex, &to->host) ||
        !is_our_port(ex, to, &asked))
        return false;
    if (host_is(&to->host, ex->host) || is_named(ex, &to->host))
        return true;
    return ex->public_host.len && host_parse(ex->public_host, &public_host) && host_is(&to->host, public_host.name);
}

enum place_read place_read(struct exchange *ex, struct slice text, struct rpath *out, struct slice *why)
{
    struct reference to;
    const char *wrong;

    *why = SLICE_NONE;
    if (!reference_parse(encode_blanks(&ex->arena, text), &to))
        return PLACE_MALFORMED;
    if (!is_ours(ex, &to))
        return PLACE_FOREIGN;
    switch (path_decode(to.path, &ex->arena, out, &wrong)) {
    case PATH_OK:
        return PLACE_OURS;
    case PATH_SLASHES:
        wrong = "The address has empty segments in it.";
        break;
    case PATH_BAD:
        break;
    }
    *why = slice_str(wrong);
    return PLACE_MALFORMED;
}

static LOOP_SIDE struct verdict read_destination(struct exchange *ex)
{
    struct slice text = head_value(&ex->head, FIELD_DESTINATION), why;

    if (head_count_of(&ex->head, FIELD_DESTINATION) != 1)
        return VERDICT(400, "The field Destination says where to: it must be there, once.");
    switch (place_read(ex, text, &ex->destination, &why)) {
    case PLACE_OURS:
        return GO_ON;
    case PLACE_FOREIGN:
        return FOREIGN;
    case PLACE_MALFORMED:
        break;
    }
    if (why.len)
        return (struct verdict){.status = 400, .detail = why};
    return VERDICT(400, "The field Destination is malformed: it takes a URL or an absolute path.");
}

static bool is_for_pots(const struct exchange *ex, struct rpath path)
{
    return !rpath_is_root(path) && conf_pots(ex->site, path.text).kind != POT_NOWHERE;
}

struct verdict place_judge(struct exchange *ex, struct rpath path)
{
    struct rules rules = conf_rules(ex->site, path.text);
    struct verdict verdict = demand_judge_at(ex, path);

    if (!verdict.status && is_for_pots(ex, path))
        verdict = VERDICT(403, "Nothing can be put where the pots are.");
    if (!verdict.status)
        verdict = extension_judge_at(ex, path);
    if (!verdict.status)
        verdict = moved_judge_at(ex, path);
    return verdict.status ? verdict : path_judge_hidden(&rules, path.text);
}

struct verdict gate_destination(struct exchange *ex)
{
    struct verdict verdict;

    if (ex->head.method != METHOD_COPY && ex->head.method != METHOD_MOVE)
        return GO_ON;
    verdict = read_destination(ex);
    if (verdict.status)
        return verdict;
    ex->destination_rights = conf_rights(ex->site, ex->destination.text, &ex->asker);
    if (!(ex->destination_rights & (RIGHT_CREATE | RIGHT_WRITE | RIGHT_DELETE)))
        return slice_is_empty(ex->asker.user) && ex->users &&
                       conf_rights_of_users(ex->site, ex->destination.text) & (RIGHT_CREATE | RIGHT_WRITE)
                   ? VERDICT(401, "A user's name and password are needed for this destination.")
                   : VERDICT(403, "You may not change what is at the destination.");
    if (path_is_own(ex->destination))
        return VERDICT(403, "This destination is the server's own.");
    return place_judge(ex, ex->destination);
}
