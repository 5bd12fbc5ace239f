/*
 * api.c - the captive portal API (RFC 8908): what a device is told of its own session.
 *
 * Which answer (POL-63, POL-67, POL-C7): who asks with a browser, that is names text/html and neither name of the
 * document's media type, is led to the page for people. Everybody else gets the document, under its registered name:
 * who names it anywhere, with whatever weight, is not redirected (RFC 8910 §2).
 */
#include <inttypes.h>

#include "http/accept.h"
#include "http/field.h"
#include "method/method.h"
#include "pages.h"
#include "repr/repr.h"

#define API_TYPE "application/captive+json"
#define API_TYPE_DRAFT "application/capport+json" /* so RFC 8910 §2 calls it */

/* Wildcards name nothing, and a weight of 0 excludes. */
static bool names(struct slice accept, struct slice type)
{
    struct slice rest = accept;

    for (struct slice member; list_next(&rest, &member);)
        if (slice_eq_nocase(slice_trim(slice_upto(member, slice_index(member, ';'))), type))
            return accept_quality(accept, type) > 0;
    return false;
}

static bool wants_page(struct slice accept)
{
    return accept_error_form(accept) == FORM_HTML && !names(accept, SLICE(API_TYPE)) &&
           !names(accept, SLICE(API_TYPE_DRAFT));
}

static void write_url(struct buf *out, const char *key, struct slice url)
{
    buf_printf(out, ",\"%s\":\"", key);
    json_escape(out, url);
    buf_add_char(out, '"');
}

/* RFC 8908 §5. What is left is told of who is free, and has an end (POL-64, POL-65). */
static void write_document(const struct portal_conf *conf, const struct portal_state *state, struct slice page,
                           struct buf *out)
{
    buf_printf(out, "{\"captive\":%s", state->is_free ? "false" : "true");
    write_url(out, "user-portal-url", page);
    if (conf->venue)
        write_url(out, "venue-info-url", slice_str(conf->venue));
    if (state->is_free) {
        buf_printf(out, ",\"can-extend-session\":%s", state->can_extend ? "true" : "false");
        if (state->seconds_left != PORTAL_ENDLESS)
            buf_printf(out, ",\"seconds-remaining\":%" PRIu64, state->seconds_left);
        if (state->bytes_left != PORTAL_ENDLESS)
            buf_printf(out, ",\"bytes-remaining\":%" PRIu64, state->bytes_left);
    }
    buf_add_str(out, "}\n");
}

static LOOP_SIDE void tell(struct exchange *ex)
{
    struct buf out = BUF_INIT(32 * 1024); /* two URLs, each of which conf bounds */
    struct portal_state state;

    portal_look(ex->portal, ex->peer, &state);
    write_document(ex->conf->portal, &state, portal_url(ex, SLICE(LOGIN_PATH)), &out);
    ex->answer.status = 200;
    answer_field(&ex->arena, &ex->answer, SLICE("Cache-Control"), SLICE("private, no-store"));
    answer_field(&ex->arena, &ex->answer, SLICE("Vary"), SLICE("Accept"));
    answer_field(&ex->arena, &ex->answer, SLICE("X-Content-Type-Options"), SLICE("nosniff"));
    answer_bytes(&ex->arena, &ex->answer, SLICE(API_TYPE), arena_slice(&ex->arena, buf_slice(&out)));
    buf_release(&out);
    exchange_answer(ex);
}

/* Nobody may believe what anybody on the way could have written (RFC 8908 §4). */
static LOOP_SIDE void refuse_clear(struct exchange *ex)
{
    if (conf_has_tls(ex->conf))
        exchange_refuse(ex, (struct verdict){.status = 403,
                                             .detail = SLICE("The API is given over TLS only. Ask for it there."),
                                             .link = portal_url(ex, SLICE(API_PATH))});
    else
        exchange_refuse(ex, (struct verdict){.status = 404,
                                             .detail = SLICE("The API is given over TLS only, and this server has no "
                                                             "certificate. Use the login page."),
                                             .link = portal_url(ex, SLICE(LOGIN_PATH))});
}

void api_show(struct exchange *ex)
{
    struct slice accept = head_combined(&ex->head, FIELD_ACCEPT, &ex->arena);

    if (!ex->is_secure)
        refuse_clear(ex);
    else if (wants_page(accept))
        portal_redirect(ex, 303, portal_url(ex, SLICE(LOGIN_PATH)),
                        SLICE("The page for people is at another address."));
    else
        tell(ex);
}
