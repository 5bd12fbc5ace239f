/*
 * stage.c - which of the portal's things a request is for.
 */
#include "http/host.h"
#include "method/method.h"
#include "pages.h"
#include "repr/repr.h"

struct slice portal_url(struct exchange *ex, struct slice path)
{
    struct buf url = BUF_INIT(ERROR_LINK_MAX);
    struct slice text;

    buf_add_str(&url, conf_has_tls(ex->conf) ? "https://" : "http://");
    buf_add(&url, ex->conf->portal->authority);
    uri_add_safe(&url, path);
    text = arena_slice(&ex->arena, buf_slice(&url));
    buf_release(&url);
    return text;
}

void portal_redirect(struct exchange *ex, int status, struct slice to, struct slice detail)
{
    struct answer_field *fields = arena_alloc(&ex->arena, 2 * sizeof(*fields));

    fields[0] = (struct answer_field){SLICE("Location"), to};
    fields[1] = (struct answer_field){SLICE("Cache-Control"), SLICE("no-store")};
    exchange_refuse(
        ex, (struct verdict){.status = status, .detail = detail, .link = to, .fields = fields, .field_count = 2});
}

/* ---- the portal's own addresses ---- */

struct resource {
    const char *path, *allow;
    void (*get)(struct exchange *ex);  /* also of HEAD; NULL: cannot be read */
    void (*post)(struct exchange *ex); /* NULL: takes nothing */
};

static LOOP_SIDE void style_show(struct exchange *ex)
{
    exchange_static(ex, SLICE("text/css; charset=utf-8"), page_style_css());
}

static LOOP_SIDE void home_show(struct exchange *ex)
{
    portal_redirect(ex, 303, SLICE(LOGIN_PATH), SLICE("The login page is at another address."));
}

static const struct resource resources[] = {
    {LOGIN_PATH, "GET, HEAD, OPTIONS, POST", login_show, login_take},
    {LOGOUT_PATH, "OPTIONS, POST", NULL, logout_take},
    {API_PATH, "GET, HEAD, OPTIONS", api_show, NULL},
    {PAGE_STYLE_PATH, "GET, HEAD, OPTIONS", style_show, NULL},
    {"/", "GET, HEAD, OPTIONS", home_show, NULL}, /* the last one: only where the name is no site's */
};

enum { RESOURCES = sizeof(resources) / sizeof(resources[0]), HOME = RESOURCES - 1 };

static const struct resource *resource_find(struct slice path)
{
    for (unsigned i = 0; i < RESOURCES; i++)
        if (slice_eq(path, slice_str(resources[i].path)))
            return &resources[i];
    return NULL;
}

static bool is_sites_too(const struct exchange *ex)
{
    bool is_named;

    conf_site(ex->conf, ex->host, &is_named);
    return is_named;
}

bool portal_takes(const struct exchange *ex)
{
    const struct resource *resource;

    if (ex->is_intercepted)
        return true;
    if (!ex->conf->portal || !slice_eq(ex->host, ex->conf->portal->name))
        return false;
    resource = resource_find(ex->target.path);
    return !is_sites_too(ex) || (resource && resource != &resources[HOME]);
}

static LOOP_SIDE void answer_method(struct exchange *ex, const struct resource *resource)
{
    bool is_read = ex->head.method == METHOD_GET || ex->head.method == METHOD_HEAD;

    if (is_read && resource->get) {
        resource->get(ex);
    } else if (ex->head.method == METHOD_POST && resource->post) {
        resource->post(ex);
    } else {
        answer_field(&ex->arena, &ex->answer, SLICE("Allow"), slice_str(resource->allow));
        if (ex->head.method != METHOD_OPTIONS) {
            exchange_refuse(ex, VERDICT(405, "This method cannot be used here; the Allow field lists those that can."));
            return;
        }
        ex->answer.status = 204;
        exchange_answer(ex);
    }
}

/* Nobody types a password where others can read it, if it can be helped. False: it is clear text, and cannot. */
static LOOP_SIDE bool must_be_secure(struct exchange *ex, const struct resource *resource)
{
    bool is_read = ex->head.method == METHOD_GET || ex->head.method == METHOD_HEAD;

    if (ex->is_secure || !conf_has_tls(ex->conf) || resource->get == api_show)
        return false;
    if (is_read)
        portal_redirect(ex, 307, portal_url(ex, ex->target.path), SLICE("This page is given over TLS."));
    else
        exchange_refuse(ex, (struct verdict){.status = 403,
                                             .detail = SLICE("This is done over TLS only. Open the login page there:"),
                                             .link = portal_url(ex, SLICE(LOGIN_PATH))});
    return true;
}

static LOOP_SIDE void answer_own(struct exchange *ex)
{
    const struct resource *resource = resource_find(ex->target.path);

    if (ex->framing.expects_unknown)
        exchange_refuse(ex, VERDICT(417, "The only expectation known here is 100-continue."));
    else if (ex->head.method == METHOD_UNKNOWN || ex->head.method == METHOD_CONNECT)
        exchange_refuse(ex, VERDICT(501, "This method is not implemented."));
    else if (resource && !must_be_secure(ex, resource))
        answer_method(ex, resource);
    else if (!resource)
        exchange_refuse(ex, (struct verdict){.status = 404,
                                             .detail = SLICE("There is nothing at this address of the portal."),
                                             .link = SLICE(LOGIN_PATH)});
}

void portal_answer(struct exchange *ex, struct auth_memory *memory)
{
    role_assert_loop();
    ex->visit = memory;
    if (ex->is_intercepted && intercept_answer(ex))
        return;
    answer_own(ex);
}
