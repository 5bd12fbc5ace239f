/*
 * cors.c - what a browser is told about pages of other origins (Fetch, "CORS protocol").
 *
 * A browser lets a page of another origin read an answer only if the answer says so, and asks beforehand (a preflight)
 * whether a request may be made that no form could make, which is all of WebDAV. Origins that the configuration lists
 * may do whatever their users may; `cors = *` lets any page read what everybody may read. This adds no right: rights
 * are judged as ever.
 *
 * Where origins are listed, every answer says that it depends on Origin, whoever asks: a cache between us and the
 * browser would else give one origin what was said to another. Answers that name an origin are kept out of the hot
 * cache.
 */
#include "gate_private.h"
#include "http/field.h"

/*
 * Seconds for which a browser need not ask again. The most that Chromium takes; the origins of a new configuration
 * count after that time at the latest.
 */
#define MAX_AGE "7200"

/* More names of fields than any program sends. */
enum { ASKED_FIELDS_MAX = 8192 };

#define METHODS_READING "GET, HEAD, OPTIONS, PROPFIND, REPORT"

#define METHODS_ALL                                                                                                    \
    METHODS_READING ", PUT, PATCH, DELETE, PROPPATCH, MKCOL, COPY, MOVE, LOCK, UNLOCK, BIND, UNBIND, REBIND"
/* Where there are pots. */
#define METHODS_POTS METHODS_ALL ", BREW, WHEN, POST"

/* Fields of answers that a page may read, beside the few that Fetch gives to every page. */
#define EXPOSED                                                                                                        \
    "Accept-Patch, Accept-Ranges, Allow, Alternates, Authentication-Info, C-Ext, Content-Digest, "                     \
    "Content-Disposition, "                                                                                            \
    "Content-Encoding, Content-Location, Content-Range, DAV, Date, Delta-Base, ETag, Ext, IM, Link, Location, "        \
    "Lock-Token, MS-Author-Via, OC-ETag, "                                                                             \
    "OC-FileId, Preference-Applied, RateLimit, RateLimit-Policy, Repr-Digest, Retry-After, Safe, Server, Vary, "       \
    "WWW-Authenticate, X-OC-MTime"

static bool is_listed(const struct site *site, struct slice origin)
{
    for (unsigned i = 0; i < site->cors_count; i++)
        if (slice_eq(site->cors[i], origin))
            return true;
    return false;
}

bool cors_is_listed(const struct exchange *ex)
{
    struct slice origin = head_value(&ex->head, FIELD_ORIGIN);

    return head_count_of(&ex->head, FIELD_ORIGIN) == 1 && !slice_eq(origin, SLICE("*")) && is_listed(ex->site, origin);
}

static void add(struct exchange *ex, struct answer *answer, struct slice name, struct slice value)
{
    answer_field(&ex->arena, answer, name, value);
}

void decorate_cors(struct exchange *ex, struct answer *answer)
{
    bool is_for_all, is_for_this;

    if (!ex->site || ex->site->cors_count == 0)
        return;
    is_for_all = is_listed(ex->site, SLICE("*"));
    is_for_this = cors_is_listed(ex);
    if (!is_for_all || ex->site->cors_count > 1)
        add(ex, answer, SLICE("Vary"), SLICE("Origin"));
    if (is_for_this)
        answer->whole = NULL; /* who comes without this origin is to get another answer */
    if (!is_for_this && !is_for_all)
        return;
    add(ex, answer, SLICE("Access-Control-Allow-Origin"),
        is_for_this ? head_value(&ex->head, FIELD_ORIGIN) : SLICE("*"));
    if (is_for_this && ex->site->cors_credentials)
        add(ex, answer, SLICE("Access-Control-Allow-Credentials"), SLICE("true"));
    add(ex, answer, SLICE("Access-Control-Expose-Headers"), SLICE(EXPOSED));
}

/* ---- preflights ---- */

/*
 * Of the fields that a page wants to send those that may be told back: names, and for pages from anywhere no password,
 * since they could have their visitors guess one for them. "" for none.
 */
static struct slice asked_fields(struct exchange *ex, bool may_log_in)
{
    struct buf out = BUF_INIT(ASKED_FIELDS_MAX);
    struct slice text, member;

    for (unsigned i = 0; i < ex->head.field_count; i++) {
        if (!slice_eq_nocase(ex->head.fields[i].name, SLICE("Access-Control-Request-Headers")))
            continue;
        text = ex->head.fields[i].value;
        while (list_next(&text, &member)) {
            if (!is_token(member) || (!may_log_in && slice_eq_nocase(member, SLICE("Authorization"))))
                continue;
            if (out.len)
                buf_add_str(&out, ", ");
            buf_add(&out, member);
        }
    }
    text = out.overflown ? SLICE_NONE : arena_slice(&ex->arena, buf_slice(&out));
    buf_release(&out);
    return text;
}

bool cors_preflight(struct exchange *ex)
{
    struct slice method, fields;
    bool is_for_this;

    if (ex->site->cors_count == 0 || ex->head.method != METHOD_OPTIONS || !head_has(&ex->head, FIELD_ORIGIN) ||
        !head_find(&ex->head, SLICE("Access-Control-Request-Method"), &method))
        return false;
    is_for_this = cors_is_listed(ex);
    if (!is_for_this && !is_listed(ex->site, SLICE("*")))
        return false;
    ex->answer.status = 204;
    add(ex, &ex->answer, SLICE("Access-Control-Allow-Methods"),
        !is_for_this          ? SLICE(METHODS_READING)
        : ex->site->pot_count ? SLICE(METHODS_POTS)
                              : SLICE(METHODS_ALL));
    fields = asked_fields(ex, is_for_this);
    if (fields.len)
        add(ex, &ex->answer, SLICE("Access-Control-Allow-Headers"), fields);
    add(ex, &ex->answer, SLICE("Access-Control-Max-Age"), SLICE(MAX_AGE));
    add(ex, &ex->answer, SLICE("Vary"), SLICE("Access-Control-Request-Method, Access-Control-Request-Headers"));
    return true;
}
