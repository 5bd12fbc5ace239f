/*
 * http_codes.c - hints for a surveyor, out of the configuration: for each code the first place whose rule gives it.
 *
 * Codes that hang on files (506) or on nothing that is configured by place (102) are not told: who wants them in it
 * keeps a file of his own there instead. 511 is told where it has a host name here, not an address of a gateway.
 */
#include "http_codes.h"

#include "base/glob.h"
#include "http/uri.h"
#include "method/method.h"

enum { TEXT_MAX = 64 * 1024 };

bool http_codes_counts(const struct exchange *ex)
{
    return ex->site->http_codes && ex->rights & RIGHT_READ && !ex->path.has_slash &&
           slice_eq(ex->path.text, SLICE(".well-known/http-codes"));
}

/* href_encode() leaves nothing in an address that JSON would have to escape. */
static void add(struct buf *out, int code, struct slice path, const char *end)
{
    buf_printf(out, "%s\n  {\"code\": %d, \"path\": \"/", out->ptr[out->len - 1] == '[' ? "" : ",", code);
    href_encode(out, path);
    buf_printf(out, "%s\"}", path.len ? end : "");
}

/* What moved as a whole, and what a rule without wildcards says. */
static void add_moved(struct buf *out, const struct site *site)
{
    for (unsigned i = 0; i < site->place_count; i++)
        if (site->places[i].moved_to) {
            add(out, 308, site->places[i].path, "/");
            return;
        }
    for (unsigned i = 0; i < site->moved_count; i++)
        if (!glob_is_pattern(site->moved[i].pattern)) {
            struct slice pattern = site->moved[i].pattern;

            add(out, 308, slice_starts(pattern, SLICE("/")) ? slice_from(pattern, 1) : pattern, "");
            return;
        }
}

static void add_guarded(struct buf *out, const struct site *site)
{
    for (unsigned i = 0; i < site->place_count; i++)
        if (site->places[i].rules.require_match == MATCH_ON) {
            add(out, 428, site->places[i].path, "/");
            return;
        }
}

/* The one that is reached soonest. */
static void add_limit(struct buf *out, const struct site *site)
{
    const struct limit_rule *least = NULL;

    for (unsigned i = 0; i < site->limit_count; i++) {
        const struct limit_rule *rule = &site->limits[i];

        if (rule->requests && (!rule->methods || rule->methods >> METHOD_GET & 1u) &&
            (!least || rule->burst < least->burst))
            least = rule;
    }
    if (least)
        add(out, 429, least->path_count ? least->paths[0] : SLICE_NONE, "");
}

static void add_demand(struct buf *out, const struct site *site)
{
    for (unsigned i = 0; i < site->demand_count; i++)
        for (unsigned k = 0; k < site->demands[i].path_count; k++)
            if (!site->demands[i].country_count && !glob_is_pattern(site->demands[i].paths[k])) {
                add(out, 451, site->demands[i].paths[k], "");
                return;
            }
}

static void add_quota(struct buf *out, const struct site *site)
{
    const struct place *least = NULL;

    for (unsigned i = 0; i < site->place_count; i++)
        if (site->places[i].quota && (!least || site->places[i].quota < least->quota))
            least = &site->places[i];
    if (least)
        add(out, 507, least->path, "/");
}

static void add_extension(struct buf *out, const struct site *site)
{
    for (unsigned i = 0; i < site->place_count; i++)
        if (site->places[i].rules.extension.len) {
            add(out, 510, site->places[i].path, "/");
            return;
        }
}

/* A teapot does not brew coffee. */
static void add_teapot(struct buf *out, struct arena *arena, const struct site *site)
{
    for (unsigned i = 0; i < site->pot_count; i++) {
        const struct pot_conf *pot = &site->pots[i];

        if (pot_brews_coffee(pot))
            continue;
        add(out, 418,
            arena_printf(arena, "%.*s%s%.*s", SLICE_FMT(site->pots_path), site->pots_path.len ? "/" : "",
                         SLICE_FMT(pot->name)),
            "");
        return;
    }
}

/* Such a name has letters, digits, dots and hyphens. */
static void add_portal(struct buf *out, const struct portal_conf *portal)
{
    if (!portal || !portal->intercept_host_count)
        return;
    add(out, 511, SLICE_NONE, "");
    out->len--; /* one field more */
    buf_printf(out, ", \"fields\": {\"Host\": \"%.*s\"}}", SLICE_FMT(portal->intercept_hosts[0]));
}

static struct slice text_make(struct exchange *ex)
{
    struct buf text = BUF_INIT(TEXT_MAX);
    struct slice kept;

    buf_add_str(&text, "{\"codes\": [");
    add_moved(&text, ex->site);
    add_teapot(&text, &ex->arena, ex->site);
    add_guarded(&text, ex->site);
    add_limit(&text, ex->site);
    add_demand(&text, ex->site);
    add_quota(&text, ex->site);
    add_extension(&text, ex->site);
    add_portal(&text, ex->conf->portal);
    buf_add_str(&text, "\n]}\n");
    kept = arena_slice(&ex->arena, buf_slice(&text));
    buf_release(&text);
    return kept;
}

void http_codes_answer(struct exchange *ex)
{
    if (ex->head.method != METHOD_GET && ex->head.method != METHOD_HEAD) {
        answer_field(&ex->arena, &ex->answer, SLICE("Allow"), SLICE("GET, HEAD"));
        exchange_refuse(ex, VERDICT(405, "This can only be read."));
        return;
    }
    ex->answer.status = 200;
    answer_field(&ex->arena, &ex->answer, SLICE("Cache-Control"), SLICE("no-cache"));
    answer_field(&ex->arena, &ex->answer, SLICE("X-Content-Type-Options"), SLICE("nosniff"));
    answer_bytes(&ex->arena, &ex->answer, SLICE("application/json"), text_make(ex));
    exchange_answer(ex);
}
