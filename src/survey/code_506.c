/*
 * code_506.c - Variant Also Negotiates (RFC 2295 8.1; docs/spec/negotiation.md 4): a mistake of who arranged the
 * variants.
 */
#include "http/variant.h"
#include "policy.h"

/* Each variant, to see which of them negotiate themselves. */
static void plan_variants(struct surveyor *surveyor, const struct probe *list)
{
    struct variant_list *variants = arena_alloc(&surveyor->trail->arena, sizeof(*variants));
    struct client_url from = surveyor->url, to;

    from.path = list->path;
    if (alternates_read(probe_field(list, "Alternates"), &surveyor->trail->arena, variants))
        for (unsigned i = 0; i < variants->count && i < 8; i++)
            if (address_resolve(&from, variants->list[i].uri, &surveyor->trail->arena, &to) &&
                client_url_same_origin(&surveyor->url, &to))
                ask(surveyor, "variant", "GET", to.path, "Negotiate: trans\r\n");
}

static void plan(struct surveyor *surveyor)
{
    const struct probe *list;

    if (!is_hinted(surveyor, "a resource one of whose variants negotiates, and the fields that choose it"))
        return;
    ask_hinted(surveyor, "chosen", "GET", "");
    ask_hinted(surveyor, "head", "HEAD", "");
    list = ask(surveyor, "list", "GET", surveyor->hint->path, "Negotiate: trans\r\n");
    plan_variants(surveyor, list);
}

/* The content names one of the list, and that one negotiates. */
static bool is_named(const struct trail *trail, const struct probe *chosen)
{
    for (const struct probe *at = trail_find(trail, "variant"); at; at = trail_next(at, "variant")) {
        struct slice name = at->path;
        size_t slash = name.len;

        while (slash > 0 && name.ptr[slash - 1] != '/')
            slash--;
        name = slice_from(name, slash);
        if ((probe_has(at, "TCN") || probe_is(at, 506)) && probe_says(chosen, name))
            return true;
    }
    return false;
}

void judge_506(const struct trail *trail, struct finding *finding)
{
    const struct probe *chosen = trail_find(trail, "chosen"), *head = trail_find(trail, "head"),
                       *list = trail_find(trail, "list");

    if (!finding->is_seen)
        return;
    if (!need(finding, chosen, probe_is(chosen, 506), "NEG-26", "RFC 2295 8.1", "the variant's choice gave %d",
              probe_status(chosen)))
        return;
    need(finding, chosen, !probe_has(chosen, "TCN") && !probe_has(chosen, "Content-Location"), "NEG-29", "RFC 2295 8.1",
         "the 506 has TCN or Content-Location, as if there were a choice");
    need(finding, head, probe_is(head, 506), "NEG-26", "RFC 9110 9.3.2", "HEAD gave %d", probe_status(head));
    need(finding, list, probe_is(list, 300) && probe_has(list, "Alternates"), "NEG-28", "RFC 2295 8.1",
         "who asks for the list gets %d, and no Alternates", probe_status(list));
    need(finding, chosen, is_named(trail, chosen), "NEG-29", "RFC 2295 8.1",
         "its content names no variant of the list that negotiates itself");
}

const struct check check_506 = {506, plan, judge_506, "a variant that negotiates"};
