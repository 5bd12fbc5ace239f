/*
 * method_private.h - what the methods share.
 */
#ifndef METHOD_PRIVATE_H
#define METHOD_PRIVATE_H

#include "base/clock.h"
#include "http/cond.h"
#include "dav/dav.h"
#include "http/dav_field.h"
#include "http/if_field.h"
#include "http/range.h"
#include "method/method.h"
#include "repr/repr.h"
#include "store/store.h"

struct method_row {
    enum method method;
    void (*plan)(struct exchange *ex);
};

/* ---- rows ---- */

void get_plan(struct exchange *ex) LOOP_SIDE;
void put_plan(struct exchange *ex) LOOP_SIDE;
void delete_plan(struct exchange *ex) LOOP_SIDE;
void options_plan(struct exchange *ex) LOOP_SIDE;
void propfind_plan(struct exchange *ex) LOOP_SIDE;
void proppatch_plan(struct exchange *ex) LOOP_SIDE;
void mkcol_plan(struct exchange *ex) LOOP_SIDE;
void report_plan(struct exchange *ex) LOOP_SIDE;
void transfer_plan(struct exchange *ex) LOOP_SIDE; /* COPY and MOVE */
void lock_plan(struct exchange *ex) LOOP_SIDE;
void unlock_plan(struct exchange *ex) LOOP_SIDE;
void elsewhere_plan(struct exchange *ex) LOOP_SIDE; /* known, but offered by no resource here: 405 */

/* ---- bodies of requests ---- */

/*
 * The whole content of the request, at most `max` octets, then ready() with it (in the arena; "" where there is none).
 * What is wrong with the content is answered here. Uses method_state and method_release until ready() is called.
 */
void gather_body(struct exchange *ex, size_t max, void (*ready)(struct exchange *ex, struct slice body)) LOOP_SIDE;

/* ---- refusals ---- */

/* Everything that the body and fields of a refusal depend on; texts outlive the answer. */
struct refusal {
    struct verdict verdict;
    enum error_form form;
    bool is_head;
    struct slice link, link_text; /* to somewhere better, "" without */
};

/* Any side. */
void refusal_build(struct arena *arena, struct answer *answer, const struct refusal *refusal);
/* The verdict for an operating error of the store while reading; changing. */
struct verdict verdict_of_read(enum err err);
struct verdict verdict_of_change(enum err err);

/* ---- 405 ---- */

/* Allow for what is at the path; facts NULL: nothing. */
struct slice allow_field(const struct facts *facts, bool is_read_only);

/* ---- validators and conditions ---- */

struct validators validators_of(const struct facts *facts);
/* Adds ETag and Last-Modified; a time to come is given as now (CND-10). */
void answer_validators(struct arena *arena, struct answer *answer, const struct facts *facts, bool with_date);

/* What `If` may speak of beside the target: resources of this very server, found by their URLs. */
struct if_scope {
    struct store *store;
    const struct exchange *ex; /* loop only */
    struct rpath target;
    struct slice host;         /* names that are ours: the request's own, */
    const struct site *site;   /* the site's hosts, */
    struct slice public_host;  /* and what a trusted proxy was asked for */
    const struct facts *facts; /* of the target as judged; NULL: nothing is there */
    struct write_locks *locks; /* of the target; NULL: ask the store */
    struct arena *arena;
};

/* The guard of a change: conditions and rights, judged by the store under the resource's lock. */
struct change_guard {
    struct conditions conditions;
    struct if_field if_field;
    struct if_scope scope; /* what its conditions are about */
    struct bearer bearer;
    unsigned rights;
    /* why it said no, in the order in which they are judged */
    bool if_fails, lacks_right, is_locked;
    struct blockers blockers;
};
struct guard change_guard(struct change_guard *guard);
/* The verdict when the store said ERR_REFUSED. */
struct verdict verdict_of_guard(const struct change_guard *guard);

/* ---- the current representation ---- */

/*
 * Answers with what a GET of the target would give, under another status: the 412 of
 * `Prefer: return=representation` (RFC 8144 §3.2).
 */
void get_current_as(struct exchange *ex, int status) LOOP_SIDE;
bool wants_representation(const struct exchange *ex);

/* A 412 for a change: plain, or with the current representation where the client asked for it. */
void refuse_change(struct exchange *ex, struct verdict verdict) LOOP_SIDE;

#endif
