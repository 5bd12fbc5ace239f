/*
 * dav_shared.h - what PROPFIND, PROPPATCH, MKCOL and REPORT share: XML in, XML out.
 */
#ifndef METHOD_DAV_SHARED_H
#define METHOD_DAV_SHARED_H

#include "method_private.h"

/* 415 for content that is said to be anything but XML; without a Content-Type it is taken as XML (old clients). */
struct verdict xml_body_judge(const struct exchange *ex, struct slice body);

/* PROPFIND's and REPORT's: the body's type, Depth, and `If`, which is read into `scope`; judging it is the job's. */
struct verdict dav_fields_judge(struct exchange *ex, struct slice body, struct arena *arena,
                                struct if_scope *scope) LOOP_SIDE;
/* For whom and of what a multistatus is; omits_target is left to the caller. */
struct multistatus_options multistatus_options_of(const struct exchange *ex, const struct prop_plan *plan) LOOP_SIDE;

/* "return=minimal", or `Brief: t` of Microsoft's clients. */
bool wants_minimal(const struct head *head);
/* Clients from before RFC 4918, which end where lockdiscovery has a lockroot. */
bool breaks_on_lockroot(const struct head *head);

/* The fields of every XML answer; status and content are the caller's. */
void add_dav_fields(struct arena *arena, struct answer *answer);
/* These fields, and all that `multi` (of what is known) tells; it is taken over. The status is the caller's. */
void answer_known_text(struct arena *arena, struct answer *answer, struct multistatus *multi, size_t expected);
/* 207 (or another status) with this text. */
void answer_xml(struct arena *arena, struct answer *answer, int status, const struct buf *text);
/* Preference-Applied, with what was honoured; "" for nothing. */
void add_preference(struct arena *arena, struct answer *answer, bool is_minimal, bool is_noroot);
/* A folder that was asked for without its slash is named with it (DAV-008). */
void add_folder_location(struct arena *arena, struct answer *answer, struct rpath path, const struct facts *facts);

/*
 * 207 with this multistatus, which is taken over: whole where its first piece is all of it, else as a stream. False:
 * it cannot even begin, nothing was put into the answer, and *err says why.
 */
bool answer_multistatus(struct arena *arena, struct answer *answer, struct multistatus *multi,
                        enum err *err) WORKER_SIDE;

/* A guard that judges as `guard` does, and then says no in any case: to know what it would say, and change nothing. */
struct probe {
    struct change_guard *guard;
    bool has_passed;
};
struct guard probe_guard(struct probe *probe);

/* ---- PROPPATCH and extended MKCOL: instructions turned into edits, and told of (prop_orders.c) ---- */

/* What became of one property. */
struct prop_outcome {
    struct prop_name name;
    int status;             /* 200, or why not */
    struct slice condition; /* "" without */
};

struct prop_orders {
    struct prop_edit *edits; /* for dead ones, in document order */
    unsigned edit_count;
    struct trait_edits traits; /* its slices point into this very struct */
    bool has_traits;
    struct slice type, language;
    struct prop_outcome *outcomes; /* each name once */
    unsigned outcome_count;
    bool has_failed; /* some outcome is not 200: then none of it is to be done */
};

/* is_mkcol: DAV:resourcetype may be among them. */
void prop_orders_judge(const struct propertyupdate_body *body, bool is_folder, bool is_mkcol, struct arena *arena,
                       struct prop_orders *out);
/* They cannot be done after all: this status to those that set something. */
void prop_orders_fail(struct prop_orders *orders, const struct propertyupdate_body *body, int status);
/* The outcomes as propstats; where one failed, those that did not are 424. */
void prop_orders_write(const struct prop_orders *orders, struct xml_out *xml);

#endif
