/*
 * gate.c - the table of gates and its order.
 */
#include "base/trace.h"
#include "gate_private.h"

struct gate {
    const char *name;
    struct verdict (*judge)(struct exchange *ex);
};

static const struct gate on_arrival[] = {
    {"limit", gate_limit_arrival},
    {"host", gate_host},
    {"origin", gate_origin},
};

static const struct gate on_interception[] = {
    {"limit", gate_limit_arrival},
    {"origin", gate_origin_at_portal},
};

static const struct gate before_auth[] = {
    {"public-demand", gate_demand_public},
    {"public-moved", gate_moved_public},
};

static const struct gate after_auth[] = {
    {"rights", gate_rights},           {"user-limit", gate_limit_user}, {"hidden", gate_hidden},
    {"demand", gate_demand},           {"moved", gate_moved},           {"extension", gate_extension},
    {"destination", gate_destination},
};

static const struct gate on_variant[] = {
    {"rights", gate_rights}, {"hidden", gate_hidden},       {"demand", gate_demand},
    {"moved", gate_moved},   {"extension", gate_extension},
};

static LOOP_SIDE struct verdict run(const struct gate *gates, unsigned count, struct exchange *ex)
{
    for (unsigned i = 0; i < count; i++) {
        struct verdict verdict = gates[i].judge(ex);

        if (verdict.status) {
            TRACE(TRACE_GATE, ex->id, "%s: %d %.*s", gates[i].name, verdict.status, SLICE_FMT(verdict.detail));
            return verdict;
        }
        TRACE(TRACE_GATE, ex->id, "%s: goes on", gates[i].name);
    }
    return GO_ON;
}

#define RUN(gates, ex) run(gates, sizeof(gates) / sizeof((gates)[0]), ex)

struct verdict gates_on_arrival(struct exchange *ex)
{
    return RUN(on_arrival, ex);
}

struct verdict gates_on_interception(struct exchange *ex)
{
    return RUN(on_interception, ex);
}

struct verdict gates_before_auth(struct exchange *ex)
{
    return RUN(before_auth, ex);
}

struct verdict gates_after_auth(struct exchange *ex)
{
    ex->rules = conf_rules(ex->site, ex->path.text);
    ex->rights = conf_rights(ex->site, ex->path.text, &ex->asker);
    return RUN(after_auth, ex);
}

struct verdict gates_on_variant(struct exchange *ex)
{
    ex->rules = conf_rules(ex->site, ex->path.text);
    ex->rights = conf_rights(ex->site, ex->path.text, &ex->asker);
    return RUN(on_variant, ex);
}

void gates_decorate(struct exchange *ex, struct answer *answer)
{
    decorate_cors(ex, answer);
    decorate_limit(ex, answer);
    decorate_demand(ex, answer);
    decorate_extension(ex, answer);
}

void gates_leave(struct exchange *ex)
{
    limit_leave(ex);
}
