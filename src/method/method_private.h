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
#include "repr/sight.h"
#include "store/store.h"

struct method_row {
    enum method method;
    void (*plan)(struct exchange *ex);
};

/* ---- rows ---- */

void get_plan(struct exchange *ex) LOOP_SIDE;
void put_plan(struct exchange *ex) LOOP_SIDE;
void patch_plan(struct exchange *ex) LOOP_SIDE;
void delete_plan(struct exchange *ex) LOOP_SIDE;
void options_plan(struct exchange *ex) LOOP_SIDE;
void propfind_plan(struct exchange *ex) LOOP_SIDE;
void proppatch_plan(struct exchange *ex) LOOP_SIDE;
void mkcol_plan(struct exchange *ex) LOOP_SIDE;
void report_plan(struct exchange *ex) LOOP_SIDE;
void transfer_plan(struct exchange *ex) LOOP_SIDE; /* COPY and MOVE */
void lock_plan(struct exchange *ex) LOOP_SIDE;
void unlock_plan(struct exchange *ex) LOOP_SIDE;
void bind_plan(struct exchange *ex) LOOP_SIDE;      /* BIND, UNBIND, REBIND */
void elsewhere_plan(struct exchange *ex) LOOP_SIDE; /* known, but offered by no resource here: 405 */

/* Of PATCH: the types of deltas that it takes, and what it refuses where a file is: 413, 415. */
#define PATCH_TYPES "application/vcdiff, application/gdiff"
struct verdict patch_judge(const struct exchange *ex) LOOP_SIDE;

/* ---- bodies of requests ---- */

/* Of methods that take none: so much is read where its length is not told, to see that there is none. */
enum { NO_BODY_MAX = 4096 };

/* ---- refusals ---- */

/* Everything that the body and fields of a refusal depend on; texts outlive the answer. */
struct refusal {
    struct verdict verdict;
    enum error_form form;
    enum page_language language;
    bool is_head;
    bool is_elsewhere; /* it stands in another server's place */
};

/* The language that the client reads our pages in. */
enum page_language reader_language(struct exchange *ex) LOOP_SIDE;
/* Any side. */
void refusal_build(struct arena *arena, struct answer *answer, const struct refusal *refusal);
/* The verdict for an operating error of the store while reading; changing. */
struct verdict verdict_of_read(enum err err);
struct verdict verdict_of_change(enum err err);

/* ---- 405 ---- */

/* Allow for what is at a path, for a user with these rights; facts NULL: nothing is there. Any side. */
struct slice allow_field(struct arena *arena, const struct facts *facts, bool is_root, unsigned rights);
/* Adds it to the answer, for the exchange's path and user. */
void answer_allow(struct exchange *ex, const struct facts *facts) LOOP_SIDE;

/* ---- validators and conditions ---- */

/* A tag as it is shown: of the content, with what tells its coded form and its list of variants from others. */
enum { SHOWN_TAG_MAX = 128 };
struct validators validators_of(const struct facts *facts);
/* For what changes it: the tag of a coded form names the content as well as its own (etag_content()). */
struct validators validators_for_change(const struct facts *facts);
/* Adds ETag and Last-Modified; a time to come is given as now (CND-10). */
void answer_validators(struct arena *arena, struct answer *answer, struct validators validators, bool with_date);

/* ---- the If field (if_scope.c) ---- */

/*
 * An If field with all that judging it needs: it may speak of other resources of ours by their URLs (RFC 4918 §10.4.2).
 * Texts live in the exchange's arena; `arena` is the job's, for what is looked up on the way. Zeroed: no such field.
 */
struct if_scope {
    struct if_field field;
    struct store *store;
    const struct site *site;
    struct slice host, public_host; /* names that are ours: the request's, and what a trusted proxy was asked for */
    struct asker asker;             /* what this one may not see has no state for him */
    struct rpath target;
    struct arena *arena;
    /* while it is judged */
    const struct facts *now;
    struct write_locks *locks;
};

/* 400: malformed (DAV-162). */
struct verdict if_scope_read(struct exchange *ex, struct arena *arena, struct if_scope *out) LOOP_SIDE;
/*
 * now: facts of the target (NULL: nothing is there, or nothing that the method would speak of). locks: as a guard's
 * holds() gets them; NULL: the store is asked. An absent field holds.
 */
bool if_scope_holds(struct if_scope *scope, const struct facts *now, struct write_locks *locks) WORKER_SIDE;
/* A field that held said something of the target that may not hold tomorrow: its tag, or a token that it has (POL-C1).
 */
bool if_scope_guards(const struct if_scope *scope);
/* ... and what held was its tag. */
bool if_scope_names_version(const struct if_scope *scope);
/* 412, for the methods that only read. */
struct verdict verdict_of_if(void);

/* A job that made the whole answer is back: it is sent, unless the client left. */
void answer_bring(struct exchange *ex, struct job *job, struct answer answer) LOOP_SIDE;

/* ---- the guard of a change (change_guard.c) ---- */

/*
 * Judged by the store under the resource's lock, in the one order of docs/spec/README.md: rights that depend on what
 * is there (403), `If` (412), write locks (423), If-Match and its like (412), a condition that is missing (428). Filled
 * on the loop by change_guard_read(); what it found is read on the loop after the job.
 */
struct change_guard {
    struct conditions conditions;
    struct if_scope scope;
    struct bearer bearer;
    unsigned rights;             /* of the user at this path */
    unsigned on_file, on_folder; /* all of these are needed where a file, a folder is, */
    unsigned on_nothing;         /* and where nothing is */
    bool is_read;                /* locks do not count: the source of a COPY */
    bool is_locking;             /* LOCK: locks count for a creation only */
    bool wants_condition;        /* require-match = on: something in the request says which version it means */
    bool wants_version;          /* a delta fits one version: its tag has to be said, and holds (PATCH) */
    bool is_guarded;             /* it does, or a lock that is held does: as judged last */
    bool only_file;              /* what hangs on a folder was not looked at: if it is one now, look again */
    /* why it said no */
    bool has_refused; /* it did, the last time; and one of these, or none where a condition failed */
    bool met_folder, lacks_right, if_fails, is_locked, lacks_condition;
    bool is_folder;               /* of lacks_condition, */
    struct answer_field *version; /* and the version that it should have named; NULL: a folder, or he may not read */
    unsigned missing_rights;
    enum err err; /* of looking for locks: then neither is known */
    struct blockers blockers;
    struct slice *hrefs; /* of the blockers */
};

/*
 * For a change of the request's target, with the rights that a method commonly needs: CREATE for a new name, WRITE for
 * one that is there. `job` is the one that will judge: what is found lives in its arena. 400: If is malformed.
 */
struct verdict change_guard_read(struct exchange *ex, struct job *job, struct change_guard *out) LOOP_SIDE;
/* For another place that the same request changes: its tokens count there too, its conditions do not. */
void change_guard_beside(const struct change_guard *main, unsigned rights, struct change_guard *out);
struct guard change_guard(struct change_guard *guard);
/* The version that a 428 tells, to be called while it is judged. */
void change_guard_name_version(struct change_guard *guard, const struct facts *now) WORKER_SIDE;
/* The verdict when the store said ERR_REFUSED; 423 names the roots of the locks in the way. */
struct verdict verdict_of_guard(const struct change_guard *guard);
/* 423: what is to be locked, or to come under a lock, has others that exclude it (RFC 4918 §7.4). */
struct verdict verdict_of_conflict(struct exchange *ex, struct blockers *blockers) LOOP_SIDE;
/* It was refused for locks, and all of them are below the resource: each is told by a 207 (DAV-C7). */
bool guard_is_blocked_below(const struct change_guard *guard);

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
