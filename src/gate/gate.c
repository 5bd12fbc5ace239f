/*
 * gate.c - the table of gates and its order.
 */
#include "base/trace.h"
#include "gate_private.h"

struct gate {
    const char *name;
    struct verdict (*judge)(struct exchange *ex);
};

static const struct gate before_auth[] = {
    {"host", gate_host},
    {"origin", gate_origin},
};

static const struct gate after_auth[] = {
    {"rights", gate_rights},
    {"hidden", gate_hidden},
    {"destination", gate_destination},
};

static LOOP_SIDE struct verdict run(const struct gate *gates, unsigned count, struct exchange *ex)
{
    for (unsigned i = 0; i < count; i++) {
        struct verdict verdict = gates[i].judge(ex);

        TRACE(TRACE_GATE, ex->id, "%s: %d %.*s", gates[i].name, verdict.status, SLICE_FMT(verdict.detail));
        if (verdict.status)
            return verdict;
    }
    return GO_ON;
}

struct verdict gates_before_auth(struct exchange *ex)
{
    return run(before_auth, sizeof(before_auth) / sizeof(before_auth[0]), ex);
}

struct verdict gates_after_auth(struct exchange *ex)
{
    ex->rules = conf_rules(ex->site, ex->path.text);
    ex->rights = conf_rights(ex->site, ex->path.text, ex->user, ex->is_listener_loopback);
    return run(after_auth, sizeof(after_auth) / sizeof(after_auth[0]), ex);
}
