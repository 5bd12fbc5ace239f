/*
 * code_418.c - I'm a teapot (RFC 2324 2.3.2, RFC 7168; docs/spec/coffee.md): no coffee, but a pot all the same.
 */
#include "policy.h"

#define COFFEE "Content-Type: message/coffeepot\r\n"

#define TEA "Content-Type: message/teapot\r\n"

static const struct probe *brew(struct surveyor *surveyor, const char *label, const char *method, const char *fields)
{
    return ask_with(surveyor, label, method, surveyor->hint->path, SLICE("start"), "%s", fields);
}

static void plan(struct surveyor *surveyor)
{
    if (!is_hinted(surveyor, "a teapot"))
        return;
    if (!surveyor->order->may_write) {
        surveyor->trail->unknown = SLICE("--write lets the surveyor try to brew there");
        return;
    }
    brew(surveyor, "coffee", "BREW", COFFEE);
    brew(surveyor, "post", "POST", COFFEE);
    if (probe_is_2xx(brew(surveyor, "tea", "BREW", TEA))) /* nobody wants it */
        ask_with(surveyor, "stop", "BREW", surveyor->hint->path, SLICE("stop"), TEA);
    brew(surveyor, "soup", "BREW", "Content-Type: text/plain\r\n");
    ask(surveyor, "get", "GET", surveyor->hint->path, "%s", "");
    ask(surveyor, "options", "OPTIONS", surveyor->hint->path, "%s", "");
}

void judge_418(const struct trail *trail, struct finding *finding)
{
    const struct probe *coffee = trail_find(trail, "coffee"), *post = trail_find(trail, "post"),
                       *tea = trail_find(trail, "tea"), *soup = trail_find(trail, "soup"),
                       *get = trail_find(trail, "get"), *options = trail_find(trail, "options");

    if (!finding->is_seen)
        return;
    need(finding, coffee, probe_is(coffee, 418), "COF-04", "RFC 2324 2.3.2", "BREW of coffee gave %d",
         probe_status(coffee));
    need(finding, post, probe_is(post, 418), "COF-03", "RFC 2324 2.1.1", "POST, which is treated as BREW, gave %d",
         probe_status(post));
    need(finding, tea, probe_is_2xx(tea) || (probe_is(tea, 300) && probe_has(tea, "Alternates")) || probe_is(tea, 409),
         "COF-26", "RFC 7168 2.1.1", "what is no coffee pot is a teapot, and BREW of tea gave %d", probe_status(tea));
    need(finding, soup, probe_is(soup, 415), "COF-07", "RFC 2324 4", "BREW of text/plain gave %d", probe_status(soup));
    need(finding, get, probe_is_2xx(get), "COF-14", "RFC 2324 2.1.2", "GET of the pot gave %d", probe_status(get));
    need(finding, options, probe_lists(options, "Allow", "BREW"), "COF-11", "RFC 9110 10.2.1",
         "OPTIONS of the pot does not list BREW in Allow");
}

const struct check check_418 = {418, plan, judge_418, "a teapot"};
