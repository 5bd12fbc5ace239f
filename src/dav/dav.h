/*
 * dav.h - WebDAV's vocabulary: what request bodies ask, properties as XML, multistatus answers (RFC 4918 §14 to §16).
 *
 * Knows the protocol's words and the store's facts; decides nothing about who may do what. Bodies are read on workers
 * (dav_read_*), answers are made there too, streamed where they can be long.
 */
#ifndef DAV_DAV_H
#define DAV_DAV_H

#include "base/role.h"
#include "exchange/exchange.h"
#include "repr/sight.h"
#include "store/history.h"
#include "store/members.h"
#include "store/props.h"
#include "store/quota.h"
#include "store/since.h"
#include "store/snapshot.h"
#include "store/tree.h"
#include "store/writelock.h"
#include "xml/xml.h"

/* A mark of the store's (store/since.h) as a URI: DAV:sync-token. */
#define DAV_SYNC_PREFIX SLICE("urn:samovar:sync:")

struct prop_name {
    struct slice space, local;
};

/* ---- request bodies (bodies.c) ---- */

/*
 * Each reads a whole body into the arena. The verdict is 400 for what is not well-formed (DAV-014, DAV-015), 403
 * no-external-entities, 413 past a limit, 422 for what makes no sense here (DAV-024, DAV-198), else GO_ON. Unknown
 * elements are as if they were not there (DAV-017).
 */
enum propfind_kind { PROPFIND_SOME, PROPFIND_ALL, PROPFIND_NAMES };
struct propfind_body {
    enum propfind_kind kind;
    struct prop_name *names; /* of SOME; of ALL: DAV:include */
    unsigned count;          /* each name once */
};
struct verdict dav_read_propfind(struct slice body, struct arena *arena, struct propfind_body *out); /* any side */

/* One instruction of PROPPATCH or extended MKCOL, in document order. */
struct prop_order {
    struct prop_name name;
    bool is_removal;
    const struct xml_node *value; /* the element; NULL for a removal */
    struct slice xml;             /* serialised; "" with is_too_long */
    bool is_too_long;             /* past PROP_VALUE_MAX or PROP_NAME_MAX, or all together past PROPS_TOTAL_MAX */
};
struct propertyupdate_body {
    struct prop_order *orders;
    unsigned count;
};
struct verdict dav_read_propertyupdate(struct slice body, struct arena *arena,
                                       struct propertyupdate_body *out) WORKER_SIDE;
/* The same of DAV:mkcol (RFC 5689); DAV:resourcetype is among the orders. */
struct verdict dav_read_mkcol(struct slice body, struct arena *arena, struct propertyupdate_body *out) WORKER_SIDE;

struct lockinfo_body {
    bool is_exclusive;
    struct slice owner; /* serialised DAV:owner; "" without; 413 past LOCK_OWNER_MAX */
};
struct verdict dav_read_lockinfo(struct slice body, struct arena *arena, struct lockinfo_body *out) WORKER_SIDE;

/* Of DAV:bind, DAV:unbind or DAV:rebind, which `kind` says. Percent-encoded, as they stand there; "" is fine. */
struct binding_body {
    struct slice segment;
    struct slice href; /* of an unbind: none */
};
struct verdict dav_read_binding(struct slice body, struct slice kind, struct arena *arena,
                                struct binding_body *out) WORKER_SIDE;

struct report_body {
    struct prop_name kind; /* of the root */
    bool is_sync;          /* DAV:sync-collection, and what follows */
    struct slice token;
    bool is_deep;
    bool has_limit;
    unsigned limit;
    struct propfind_body prop;
};
struct verdict dav_read_report(struct slice body, struct arena *arena, struct report_body *out) WORKER_SIDE;

/* ---- one resource's properties (properties.c) ---- */

/* What properties are told of, and to whom. */
struct prop_view {
    struct store *store;
    const struct site *site; /* NULL: nothing is negotiated there */
    struct slice path;       /* as rpath.text */
    const struct facts *facts;
    const struct traits *traits;
    const struct property *dead; /* in order of namespace and name */
    unsigned dead_count;
    const struct write_lock *locks; /* of the folder that is told of; those over this path count */
    unsigned lock_count;
    bool has_own_locks; /* they are this one's, whatever paths their roots have */
    struct slice user;  /* whose own tokens may be shown (to others an activelock has none) */
    unsigned rights;    /* of this user at this path */
    bool is_read_only;
    bool hides_lockroot;       /* old Office breaks on it */
    bool is_past;              /* of what it was: only what an earlier content has itself */
    const struct quota *quota; /* NULL: ask the store when it is needed */
    const unsigned char *id;   /* who it is (store_id()); NULL: the same */
    struct sight *sight;       /* who sees which of its parents; NULL: nobody is told of them */
    bool is_again;             /* it was told of by another name: 208 in place of 200 */
};

/* What is asked of each resource: names found in the tables once, so that telling of one costs no look-ups. */
struct prop_item;
struct prop_plan {
    enum propfind_kind kind;
    bool is_minimal;
    struct prop_item *items; /* of SOME; of ALL: what DAV:include names */
    unsigned count;
    size_t cost;       /* octets of all names that are asked for, as they are told to be missing */
    unsigned *missing; /* room for dav_propstats(): one resource at a time */
    /* what a view has to have: `dead` with its count, `traits`, `locks` */
    bool wants_dead, wants_traits, wants_locks;
    bool wants_id;    /* cheaper where it is looked at anyway */
    bool wants_store; /* some are asked of the store when they are written: quotas, marks */
};
enum { PROP_COST_MAX = 512 * 1024 }; /* octets of all names asked for, as they may be repeated for each resource */
/*
 * Texts of `body` are borrowed. is_minimal: without 404s (RFC 8144 §2.1). 413: past PROP_COST_MAX; else GO_ON.
 */
struct verdict dav_plan(const struct propfind_body *body, bool is_minimal, struct arena *arena, struct prop_plan *out);
/* A snapshot can tell all that is asked for, but locks. Any side. */
bool dav_plan_is_known(const struct prop_plan *plan, const struct store *store, const struct snapshot *snapshot);
/* Locks are asked for, and there are some: a worker has to look. Any side. */
bool dav_plan_needs_locks(const struct prop_plan *plan, const struct store *store);

/* What is asked for, as one or two propstats, each property once (DAV-041). Worker side where wants_store. */
void dav_propstats(struct xml_out *xml, const struct prop_view *view, const struct prop_plan *plan);
/* DAV:lockdiscovery's element with these locks. */
void dav_lockdiscovery(struct xml_out *xml, const struct write_lock *locks, unsigned count, struct slice user,
                       bool hides_lockroot);

/* What a client may do to a property by PROPPATCH. */
enum prop_rule {
    PROP_DEAD,      /* kept as it is */
    PROP_PROTECTED, /* 403, cannot-modify-protected-property */
    PROP_TYPE,      /* live and writable: getcontenttype, */
    PROP_LANGUAGE,  /* getcontentlanguage, */
    PROP_EXECUTABLE,
    PROP_RESOURCETYPE, /* protected, save in extended MKCOL */
};
enum prop_rule dav_prop_rule(struct prop_name name);

/* ---- answers about many resources (multistatus.c) ---- */

/*
 * A multistatus that is pulled in pieces while it is made, in constant memory however many resources it tells of. What
 * the user may neither read nor list is left out, so are dot files where they are denied, and what is no file and no
 * folder. Its texts are borrowed: they live in the exchange. Owned by the exchange's content; one job at a time.
 */
struct multistatus_options {
    struct store *store;
    const struct site *site;
    struct rpath path; /* the request's target */
    struct asker asker;
    bool hides_lockroot; /* as in prop_view */
    bool omits_target;   /* RFC 8144: depth-noroot */
    bool tells_once; /* of a folder with several names the first that comes, with its members; then 208 (RFC 5842) */
    bool is_past;    /* of what they were: addresses of http/past.h, where files are collections, too */
    const struct prop_plan *plan; /* may be filled after multistatus_open() */
};
struct multistatus;

enum { MULTISTATUS_FILL_MAX = 128 * 1024 };

/*
 * Of the target and its members to this depth (store/members.h). *target: what is there, as the first answer will say
 * it, so that the request can be judged by it; valid until the first fill. Errors as store_walk().
 */
enum err multistatus_open(const struct multistatus_options *options, unsigned depth, struct facts *target,
                          struct multistatus **out) WORKER_SIDE;
/*
 * Of what a snapshot knows of the target, and of the snapshot's members where it is the target's own and they are asked
 * for; for plans that need no more (dav_plan_is_known()). To open and close it is for any side.
 */
struct multistatus *multistatus_of_known(const struct multistatus_options *options, struct snapshot *snapshot,
                                         const struct snapshot_member *target, bool with_members);
/*
 * All of it at once, instead of filling; valid until it is closed. expected: octets, a guess. Any side, but not where
 * the plan needs locks.
 */
struct slice multistatus_known_text(struct multistatus *multi, size_t expected);
/* Of what changed in the target; the list is taken over. */
struct multistatus *multistatus_of_changes(const struct multistatus_options *options,
                                           struct change_list *changes) WORKER_SIDE;
/*
 * Of the target, a file, as the collection of what it was: of `facts`, if it is told of as well, and of each of the
 * versions. The list is borrowed as long as the answer.
 */
struct multistatus *multistatus_of_versions(const struct multistatus_options *options, const struct facts *facts,
                                            const struct version_list *versions) WORKER_SIDE;
/* Appends up to MULTISTATUS_FILL_MAX octets. *done: that was the last of it. An error cuts the answer off. */
enum err multistatus_fill(struct multistatus *multi, struct buf *out, bool *done) WORKER_SIDE;
/* NULL is fine. Any side. */
void multistatus_close(struct multistatus *multi);

/* ---- pieces of answers (answers.c) ---- */

/* href of a path, with the slash that folders have (DAV-009): percent-encoded and written as DAV:href. */
void dav_href(struct xml_out *xml, struct slice path, bool is_folder);
/* "HTTP/1.1 404 Not Found" as DAV:status. */
void dav_status(struct xml_out *xml, int status);
/* DAV:error with one condition and its hrefs, as an element inside another one. */
void dav_error(struct xml_out *xml, struct slice condition, const struct slice *hrefs, unsigned count);
/* The href text of a path, into the arena: for verdicts. */
struct slice dav_href_text(struct arena *arena, struct slice path, bool is_folder);

#endif
