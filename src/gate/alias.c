/*
 * alias.c - what is reached through a binding has other paths as well (RFC 5842): what holds there.
 *
 * A binding gives nobody more than he has at both ends: his rights are those at the path that he asks for and those
 * where the resource is at home, its first alias. A demand (451) on any of its paths keeps him from all of them, and so
 * do hidden names. The disk knows the aliases; whoever looked brings them here.
 */
#include "gate_private.h"
#include "store/binding.h"

/* With these none of the rest matters. */
static LOOP_SIDE struct verdict judge_closed(struct exchange *ex, const struct aliases *aliases)
{
    if (aliases->is_partial)
        return VERDICT(403, "This is reached by more paths than can be judged.");
    for (unsigned i = 0; i < aliases->count; i++) {
        struct rules rules = conf_rules(ex->site, aliases->list[i].text);
        struct verdict verdict = demand_judge_at(ex, aliases->list[i]);

        if (!verdict.status)
            verdict = path_judge_hidden(&rules, aliases->list[i].text);
        if (verdict.status)
            return verdict;
    }
    return GO_ON;
}

static unsigned rights_at_home(const struct exchange *ex, const struct aliases *aliases)
{
    return aliases->count ? conf_rights(ex->site, aliases->list[0].text, &ex->asker) : ~0u;
}

struct verdict aliases_judge(struct exchange *ex, const struct aliases *aliases, const struct aliases *of_name,
                             unsigned *rights)
{
    struct verdict verdict = judge_closed(ex, aliases);

    *rights &= rights_at_home(ex, aliases) | (of_name ? rights_at_home(ex, of_name) & RIGHT_DELETE : 0);
    return verdict;
}

struct verdict aliases_judge_target(struct exchange *ex, const struct aliases *aliases, const struct aliases *of_name)
{
    struct verdict closed = aliases_judge(ex, aliases, of_name, &ex->rights), verdict = gate_rights(ex);

    return verdict.status ? verdict : closed;
}

struct verdict aliases_judge_destination(struct exchange *ex, const struct aliases *aliases)
{
    struct verdict verdict = aliases_judge(ex, aliases, NULL, &ex->destination_rights);

    if (verdict.status || ex->destination_rights & (RIGHT_CREATE | RIGHT_WRITE | RIGHT_DELETE))
        return verdict;
    return VERDICT(403, "You may not change what is at the destination.");
}
