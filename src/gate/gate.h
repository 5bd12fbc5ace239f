/*
 * gate.h - policy before the method: who may pass, and why not.
 *
 * Each gate is a row of one table and one file. It looks at the exchange and says *go on* or gives the
 * verdict; refusing costs less than serving: no file is opened, no body is read. Rows run in the order of
 * docs/spec/README.md, in three groups, since between them other things become known.
 */
#ifndef GATE_GATE_H
#define GATE_GATE_H

#include "exchange/exchange.h"
#include "http/extension.h"

/* Gates that need only the connection, the head and the site: limits by address, host, origin. */
struct verdict gates_on_arrival(struct exchange *ex) LOOP_SIDE;
/*
 * The same for a request that a gateway's firewall sent here, whoever it was meant for: limits by address; of one for
 * the portal's own name its origin, too.
 */
struct verdict gates_on_interception(struct exchange *ex) LOOP_SIDE;
/*
 * RFC 2774, as soon as the site is known: of "M-GET" ex->head.method is GET from here on, and ex->extension is there.
 * Without `extensions = on` nothing is done, and "M-GET" is a method like any other that nobody knows.
 */
void extensions_begin(struct exchange *ex) LOOP_SIDE;
/* What the request declares: 510, 400. Behind limits, before the path is looked at; 501 is the caller's. */
struct verdict extensions_read(struct exchange *ex) LOOP_SIDE;
/* The request is made under this extension, which has to be obeyed. */
bool extension_is_asked(const struct exchange *ex, enum extension extension) LOOP_SIDE;
/* Gates that need the path, too, and tell everybody the same: public demands, public moves. */
struct verdict gates_before_auth(struct exchange *ex) LOOP_SIDE;
/* Gates that need to know who asks. Fills ex->rules and ex->rights first. */
struct verdict gates_after_auth(struct exchange *ex) LOOP_SIDE;
/*
 * ex->path is that of a variant now, which was chosen for the one that was asked for (RFC 2295): what holds there,
 * save for limits, which counted the request already. Fills ex->rules and ex->rights anew.
 */
struct verdict gates_on_variant(struct exchange *ex) LOOP_SIDE;

/*
 * A browser asks whether a page of another origin may ask (CORS). True: it may, and ex->answer says what; it is the
 * caller's to send it, whoever asks. False: this is no such question, or one of an origin that the site does not list.
 */
bool cors_preflight(struct exchange *ex) LOOP_SIDE;

/* ---- other paths of what is reached through bindings (alias.c) ---- */

/*
 * Some path of it is closed to the asker; *rights are cut to what he has at home, too. of_name: the aliases of the name
 * in its folder, for what is done to the name alone (DELETE, MOVE): who may delete in that folder may take out what is
 * at home elsewhere. NULL: what is done is done to the resource.
 */
struct aliases; /* store/binding.h */
struct verdict aliases_judge(struct exchange *ex, const struct aliases *aliases, const struct aliases *of_name,
                             unsigned *rights) LOOP_SIDE;
/* The same of the request's path, after gates_after_auth(), and of its destination. */
struct verdict aliases_judge_target(struct exchange *ex, const struct aliases *aliases,
                                    const struct aliases *of_name) LOOP_SIDE;
struct verdict aliases_judge_destination(struct exchange *ex, const struct aliases *aliases) LOOP_SIDE;

/* ---- BIND, UNBIND, REBIND (binding.c) ---- */

/*
 * Their contents name places, which are judged as COPY's and MOVE's are. The new name, or the one to go, in the folder
 * at ex->path: ex->destination and its rights. `segment` and `href` as in the body: percent-encoded.
 */
struct verdict binding_judge_name(struct exchange *ex, struct slice segment) LOOP_SIDE;
/* What BIND binds, and REBIND takes away from there; with the user's rights at it. */
struct verdict binding_judge_source(struct exchange *ex, struct slice href, struct rpath *out,
                                    unsigned *rights) LOOP_SIDE;

/* Whoever asks has not logged in, and somebody who has may have one of these rights at the request's path. */
bool login_could_help(const struct exchange *ex, unsigned rights) LOOP_SIDE;

/*
 * Fields that gates add to an answer whatever made it: CORS's, RateLimit, Ext, Vary. Called once for each answer before
 * it leaves, and for answer->whole, which others will get.
 */
void gates_decorate(struct exchange *ex, struct answer *answer) LOOP_SIDE;
/* The exchange is over: what was counted against its client while it lasted. */
void gates_leave(struct exchange *ex) LOOP_SIDE;

/* The server's own address space, "/.samovar/", which no rule of a site reaches. Pure. */
bool path_is_own(struct rpath path);
/* `hidden = deny`, for any path that the rules are of. Pure. */
struct verdict path_judge_hidden(const struct rules *rules, struct slice path);

/* The machine's own name counts as local for the gate `host`; read once at start. */
void gate_learn_machine_name(void);

/* ---- forwarding addresses (moved.c) ---- */

/*
 * The site has some (store/forward.h), and the request does not say that it makes something new (`If-None-Match: *`): a
 * worker has to look whether one stands at the path.
 */
bool forwarding_counts(struct exchange *ex) LOOP_SIDE;
/* 308 to where it leads, for who may see it there. */
struct verdict forwarding_judge(struct exchange *ex, struct rpath to) LOOP_SIDE;

/* ---- what is remembered of clients (ledger.c) ---- */

/*
 * Token buckets, requests under way, which version a client fetched last: one for the server, shared by its loops, and
 * kept over reloads. Its size is constant, however many clients there are.
 */
struct ledger;

struct ledger *ledger_new(void);
void ledger_free(struct ledger *ledger); /* NULL is fine */

/* ---- limits, for answers that are made without an exchange (limit.c) ---- */

/* A limit that refuses. */
struct limited {
    const struct limit_rule *rule;
    unsigned unit;   /* gate/'s own: what of it is used up */
    uint64_t wait_s; /* for Retry-After; at least 1 */
};

/* A request of a client who has not logged in, as limits see it. */
struct limit_asked {
    struct ledger *ledger;
    const struct conf *conf;
    const struct site *site;
    uint64_t rules; /* of limits_at(); those whose methods are others are left out */
    uint64_t path;  /* of limit_path() */
    uint64_t address;
    enum method method;
    uint64_t bytes; /* of content that the answer will have */
};

enum limit_says {
    LIMIT_GO_ON,  /* it was counted */
    LIMIT_TELL,   /* it was not: there is something to tell the client, by gates_decorate() */
    LIMIT_REFUSE, /* nothing was counted; *out says why */
};

/* The limits that hold at a path, a bit for each; 0: none. Pure. */
uint64_t limits_at(const struct conf *conf, const struct site *site, struct slice path);
/* Those of them that are judged before anything else is looked at: by address alone. */
uint64_t limits_on_arrival(const struct conf *conf, const struct site *site);
bool limit_is_by_address(const struct limit_rule *rule);
/* Keys for limit_asked. addr: of `family` as in struct peer; its `text`, for what is no address. */
uint64_t limit_address(sa_family_t family, const unsigned char *addr, struct slice text);
uint64_t limit_path(struct slice path);
enum limit_says limits_judge(const struct limit_asked *asked, struct limited *out);
/* Whether it would be refused, counting nothing. */
bool limits_refuse(const struct limit_asked *asked, struct limited *out);
/* `wait` stands where the seconds belong, in the fields only: it may be patched there. Texts in the arena. */
struct verdict limit_verdict(struct arena *arena, const struct limited *limited, struct slice wait);

/* ---- countries (country.c) ---- */

/* MaxMind's database; reads are memory accesses. Reference counted, any side. */
struct countries;

/* NULL: `why` holds one line. A build without libmaxminddb says so. Reads the disk. */
struct countries *countries_open(const char *path, struct buf *why);
void countries_close(struct countries *countries); /* NULL is fine */
/* Two capital letters, static or of the database; "" for what it does not know. `address` as ex->peer. */
struct slice countries_find(const struct countries *countries, struct slice address);

/* ---- which version a client has seen (seen.c) ---- */

/* Tells a client and a resource apart from others: 0 where nothing is remembered. */
uint64_t seen_key(const struct exchange *ex, struct slice path) LOOP_SIDE;
/* The client has this version now, by its tag's text. Any side. */
void seen_note(struct ledger *ledger, uint64_t key, struct slice tag);
/* The last version that this client was given is this one; what is not known was not seen. Any side. */
bool seen_is(struct ledger *ledger, uint64_t key, struct slice tag);

#endif
