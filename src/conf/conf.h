/*
 * conf.h - the configuration: one immutable snapshot, replaced whole on reload.
 *
 * One table of directives (conf/table.c) feeds the file's parser, the command line, --help, the manual
 * pages and the defaults, so that none of them can disagree. A snapshot never changes after it was made;
 * whoever keeps a pointer beyond one call holds a reference.
 */
#ifndef CONF_CONF_H
#define CONF_CONF_H

#include <netinet/in.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/rpath.h"
#include "pots.h"

/* Rights, as in `allow "alice" { rights = { "read", "write" } }`. */
enum right {
    RIGHT_READ = 1 << 0,   /* content of files */
    RIGHT_LIST = 1 << 1,   /* members of folders; "read" gives it too */
    RIGHT_CREATE = 1 << 2, /* new names */
    RIGHT_WRITE = 1 << 3,  /* new content for names that exist; the word "write" gives create, delete and lock too */
    RIGHT_DELETE = 1 << 4,
    RIGHT_LOCK = 1 << 5,       /* LOCK, and UNLOCK of one's own */
    RIGHT_BIND = 1 << 6,       /* to give a resource further names, and take them away */
    RIGHT_UNLOCK_ANY = 1 << 7, /* to break others' locks; in nobody's rights unless given by name */
    RIGHT_BREW = 1 << 8,       /* what pots do; in a site that is read-only, too */
    RIGHT_ALL = ((1 << 9) - 1) & ~(1 << 7),
};

struct allow {
    /*
     * A user's name; "@NAME": a group's; "*": everybody (the anonymous one included); "users": everybody who logged in
     */
    struct slice who;
    unsigned rights;
};

/* Who asks, and from where: all that rights and demands depend on. Texts are borrowed, from the exchange's arena. */
struct asker {
    struct slice user;          /* "" for the anonymous one */
    const struct slice *groups; /* that he is in, without the "@" */
    unsigned group_count;
    bool is_loopback;     /* over a loopback address or a unix socket, and for nobody from elsewhere */
    struct slice country; /* two capital letters; "" where it is not known, or nothing depends on it; COUNTRY_HIDDEN */
};
#define COUNTRY_HIDDEN SLICE("*") /* his proxy, or he, keeps it from us: what holds in any country holds for him */

enum listen_kind { LISTEN_TCP, LISTEN_UNIX, LISTEN_FD };

struct listen_spec {
    enum listen_kind kind;
    struct slice text;            /* as written, for messages */
    struct sockaddr_storage addr; /* TCP and unix */
    socklen_t addr_len;
    int fd;            /* LISTEN_FD */
    bool is_default;   /* not asked for, or the [::1] beside a bare port: IPv6 may be missing without an error */
    bool is_plain;     /* "plain:" stood before it: no TLS there, whatever certificates there are */
    bool is_intercept; /* what a gateway's firewall sends on from captive clients arrives there: portal_conf */
    bool is_loopback;  /* loopback address or unix socket; false for LISTEN_FD, whose address the socket knows */
};

enum hidden_mode { HIDDEN_LISTED, HIDDEN_UNLISTED, HIDDEN_DENY }; /* of dot files; the default is UNLISTED */

/* How much of a file's past is kept. Each that is not 0 is a limit; all 0: nothing is kept. */
struct history_rule {
    uint32_t count;   /* earlier contents */
    uint64_t bytes;   /* of all of them together */
    uint64_t seconds; /* since it was replaced */
};

/* Whether a file is a compression dictionary (RFC 9842), and for what. */
struct dictionary_rule {
    bool is_on;
    struct slice match; /* a pattern of addresses; "": the file's own */
    struct slice id;    /* "" without */
};

/* What holds at one path: for each directive the longest matching `at` wins. */
struct rules {
    const struct allow *allows;
    unsigned allow_count;
    bool has_allow; /* some `at` on the path says who may; else the site's default counts */
    enum hidden_mode hidden;
    bool untrusted;                                                  /* users' active types are defused */
    bool index;                                                      /* show index.html for a folder */
    bool propfind_infinity;                                          /* Depth: infinity is answered; default true */
    enum { MATCH_OFF, MATCH_ON, MATCH_CONFLICT_COPY } require_match; /* 428, or what is lost is kept beside it */
    bool leave_forwarding;                                           /* a MOVE leaves a forwarding address behind */
    struct history_rule history;
    enum { FEEDS_STRICT, FEEDS_ROLLING } feeds; /* what it means that a feed lost entries */
    struct dictionary_rule dictionary;
    uint32_t fresh_s;       /* clients need not ask again for so long (max-age); 0: each time */
    bool digest;            /* SHA-256 of each content is kept */
    bool delta_ahead;       /* a delta is made after each PUT, before anybody asks for it */
    bool partial_put;       /* PUT with Content-Range; default true */
    bool bind_loops;        /* a BIND may put a folder below itself; default true */
    struct slice extension; /* that a request must be made under (510); "": none */
    bool negotiate;         /* page.en.html and page.fr.html are variants of page, *.var are type maps (RFC 2295) */
    const struct slice *languages; /* between variants of equal quality the first of these decides */
    unsigned language_count;
    enum {
        COMPRESS_OFF,
        COMPRESS_STORED, /* a.js.br is sent for a.js to whom takes it so */
        COMPRESS_ON,     /* and what has no such neighbour is compressed by us */
    } compress;
};

/* Something is kept of what a PUT replaces. */
static inline bool rules_history(const struct rules *rules)
{
    return rules->history.count || rules->history.bytes || rules->history.seconds;
}

/* SHA-256 of what is stored is kept: where it is said, and where contents are found by it. */
static inline bool rules_digest(const struct rules *rules)
{
    return rules->digest || rules->dictionary.is_on || rules_history(rules);
}

struct place {         /* one `at` block */
    struct slice path; /* decoded, as in rpath.text */
    uint64_t quota;    /* bytes that may lie at and below it; 0: no quota of its own */
    const char
        *moved_to;     /* all at and below it is there now: a URL or an absolute path, as written; NULL: it is here */
    bool moved_public; /* everybody is told so, before it is known who asks */
    int moved_line;    /* of the file, where moved_to stands; for messages */
    unsigned set;      /* bits of the directives that it sets, private to conf */
    struct rules rules;
};

/* ---- addresses that moved (308) ---- */

/* One `moved "PATTERN"` block. Patterns: base/glob.h; `to` has $1, $2 for what its wildcards matched. */
struct moved_rule {
    struct slice pattern, to;
    bool is_public;
    int line; /* of the file, where it stands; for messages */
};

/* What conf_moved() finds. */
struct moved {
    struct slice to; /* an absolute URL or path, percent-encoded, without the request's query; in the arena */
    bool has_query;  /* there is one in it: the request's does not follow */
    bool is_public;
};

/* ---- legal demands (451) ---- */

/* One `demand "NAME"` block of the register. Texts are as written. */
struct demand {
    struct slice name;
    struct slice *paths; /* patterns (base/glob.h); what they fit and all below it */
    unsigned path_count;
    const char *authority, *reference, *date, *blocked_by; /* NULL: not told */
    struct slice *countries; /* where it holds, two capital letters each; none: everywhere */
    unsigned country_count;
    bool is_public; /* everybody is told so, before it is known who asks */
    struct demand_text {
        struct slice language, text;
    } * texts;
    unsigned text_count;
};

/* ---- limits on clients (429) ---- */

enum limit_per {
    LIMIT_PER_ADDRESS = 1 << 0,
    LIMIT_PER_USER = 1 << 1, /* who did not log in is known by his address */
    LIMIT_PER_PATH = 1 << 2,
    LIMIT_PER_METHOD = 1 << 3, /* its class: see below */
    LIMIT_PER_ALL = 1 << 4,    /* everybody's together; then it is the only one */
};

/* Methods that count as one. */
enum limit_class { LIMIT_CLASS_READ, LIMIT_CLASS_LIST, LIMIT_CLASS_WRITE, LIMIT_CLASSES };
extern const unsigned limit_classes[LIMIT_CLASSES]; /* bits 1 << enum method */

enum { LIMITS_MAX = 32 }; /* of the server, and of each site: every request is judged by all of them */

/* One `limit "NAME"` block: of one site, or of the whole server. */
struct limit_rule {
    struct slice name;
    uint64_t id;                  /* a keyed hash of whose it is and its name: the same after a reload */
    unsigned per;                 /* limit_per bits */
    uint64_t requests, per_ms;    /* so many in so long; 0: requests are not counted */
    uint64_t each_ns;             /* how long one of them takes to be earned */
    uint64_t bytes, bytes_per_ms; /* content, both ways; 0: not counted */
    uint32_t burst;               /* requests that may come at once; default: as many as come in a second, at least 1 */
    uint32_t concurrent;          /* requests at one time; 0: as many as they like */
    unsigned methods;             /* bits 1 << enum method; 0: all */
    struct slice *paths;          /* as rpath.text, at and below; none: everywhere */
    unsigned path_count;
};

/* ---- a captive portal (511) ---- */

/* Ways in. */
enum portal_login {
    PORTAL_BY_TERMS = 1 << 0,   /* a tick says that they are accepted */
    PORTAL_BY_VOUCHER = 1 << 1, /* a code that samovar portal made */
    PORTAL_BY_USER = 1 << 2,    /* name and password of a user of the first site */
};

/* The block `portal`. Texts are as written. */
struct portal_conf {
    struct slice name; /* the portal's own host, lower case; "" (and then no portal is there) never after reading */
    struct slice authority;   /* the same with its port, as it stands in links */
    unsigned logins;          /* portal_login bits; at least one */
    const char *terms;        /* a text file, absolute; NULL: none */
    const char *title;        /* what the network is called on the pages; NULL: the name */
    const char *venue;        /* the venue's page, a URL; NULL: none */
    uint64_t session_seconds; /* of who came in by terms or as a user; 0: no end */
    uint64_t session_bytes;   /* the same; 0: as many as they like */
    unsigned devices; /* that one user may have in at a time; 0: as many as he likes. Vouchers say it themselves */
    enum { FIREWALL_NFTABLES, FIREWALL_NONE } firewall;
    const char *firewall_program;   /* NULL: the one that was installed with us */
    struct listen_spec *intercepts; /* private to conf: they are among conf's listens */
    unsigned intercept_count;
    struct slice
        *intercept_hosts; /* names under which ordinary listeners answer as an intercepted request is, lower case */
    unsigned intercept_host_count;
};

/* Where it is not a firewall that leads guests here but names that mean this server. */
bool portal_intercepts_host(const struct portal_conf *portal, struct slice host);

struct inline_user {
    struct slice name, password; /* --user NAME:PASSWORD; wiped from the process list by cli */
};

/* A certificate with its chain, and its private key; PEM files, absolute. The key may be in the same file. */
struct certificate {
    const char *chain, *key;
};

enum client_cert { CLIENT_CERT_NONE, CLIENT_CERT_OPTIONAL, CLIENT_CERT_REQUIRED };
enum client_name { CLIENT_NAME_CN, CLIENT_NAME_EMAIL, CLIENT_NAME_DNS }; /* subject's CN, or a subjectAltName */

/*
 * What a TLS connection to one site's name is made with. A site without certificates has the server's, with their
 * OCSP files; each client- setting that a site does not make is the server's.
 */
struct tls_conf {
    struct certificate *certificates; /* several: of different kinds of keys (ECDSA and RSA) */
    unsigned certificate_count;       /* 0: no TLS */
    const char **ocsp;                /* DER files; each is stapled to the certificate that it speaks of */
    unsigned ocsp_count;
    const char *client_ca; /* PEM; who may vouch for clients; NULL: nobody */
    enum client_cert client_certificates;
    enum client_name client_name; /* which name in the certificate is the user's */
    unsigned set;                 /* bits of the client- directives that it sets, private to conf */
};

struct site {
    struct slice name;
    struct tls_conf tls; /* its own, with conf's where it has none */
    struct slice *hosts; /* lower case, without port */
    unsigned host_count;
    const char *root, *state, *users_file; /* state and users_file may be NULL; all absolute */
    struct inline_user *users;
    unsigned user_count;
    const char *digest_users, *groups; /* htdigest; "NAME: USER USER ..." lines; absolute, may be NULL */
    /* Bearer tokens (RFC 6750): the keys' file (JWKS), what must stand in a token, and which claims name whom. */
    const char *jwt_keys, *jwt_issuer, *jwt_audience, *jwt_user, *jwt_groups;
    struct slice *cors; /* origins whose pages may ask, "https://app.example" */
    unsigned cors_count;
    bool cors_credentials;    /* ... with their users' passwords, too */
    uint32_t moved_seconds;   /* for how long a 308 may be kept */
    bool extensions;          /* RFC 2774 */
    bool http_codes;          /* /.well-known/http-codes tells where rules are */
    const char *demands_file; /* the register; NULL: none */
    struct moved_rule *moved;
    unsigned moved_count;
    struct demand *demands;
    unsigned demand_count;
    struct place_index *place_index;   /* private to conf */
    struct demand_index *demand_index; /* of demands by path; private to conf, NULL without any */
    struct limit_rule *limits;
    unsigned limit_count;
    struct moved_index *moved_index; /* of what moved, by path; private to conf; NULL: nothing */
    bool read_only, allow_write_anyone;
    enum { CONF_DURABILITY_FULL, CONF_DURABILITY_RELAXED } durability;
    enum { CONF_SYMLINKS_INSIDE, CONF_SYMLINKS_NEVER, CONF_SYMLINKS_ANYWHERE } symlinks;
    enum { CONF_NAMES_OCTETS, CONF_NAMES_NFC } names;
    bool locks_durable;     /* write locks outlive a power cut */
    uint64_t history_space; /* bytes that earlier contents may take together; 0: a tenth of the file system */
    uint64_t cache_space;   /* bytes of deltas and compressed forms that are kept on disk */
    uint32_t trash_days;    /* how long what was deleted is kept; 0: not at all */
    bool has_dictionaries;  /* some place has dictionary */
    bool has_variants;      /* some place has negotiate or compress: answers may depend on Accept and its like */
    struct slice pots_path; /* as rpath.text; where its pots are */
    struct pot_conf *pots;
    unsigned pot_count;
    struct place *places; /* longest path first; the last one is "" with the site's own settings and defaults */
    unsigned place_count;
};

struct cidr {
    int family;
    unsigned char addr[16];
    unsigned bits;
};

/* Each has a default with its reason in conf/table.c. Sizes in bytes, times in milliseconds. */
struct limits {
    uint32_t request_line_max, field_line_max, fields_total_max, field_count_max, trailer_total_max;
    uint64_t body_max; /* 0: none */
    uint32_t head_timeout_ms, body_idle_timeout_ms, send_idle_timeout_ms, keepalive_timeout_ms, drain_timeout_ms;
    uint32_t connections_max, connections_per_address_max; /* 0: none */
    uint32_t handshake_timeout_ms;
    uint32_t http2_streams_max; /* of one connection at a time */
    uint32_t processing_ms;     /* work that takes longer is told of by 102, and again after as long; 0: never */
    uint32_t lock_seconds_max;  /* for how long a lock may be taken at once */
    uint32_t xml_body_max;      /* of PROPFIND, PROPPATCH, LOCK and their like */
    uint32_t http2_window;      /* bytes of bodies that a connection may send ahead of the disk */
};

struct conf {
    atomic_uint refs;
    unsigned generation; /* rises with each reload */
    struct arena arena;  /* owns all below */
    const char *file;    /* --config, absolute; NULL without one */
    struct listen_spec *listens;
    unsigned listen_count;
    struct tls_conf tls; /* for sites that have none of their own */
    enum { TLS_MIN_1_2, TLS_MIN_1_3 } tls_min;
    bool ktls;                   /* let the kernel encrypt, where it can; default true */
    bool http2;                  /* default true */
    uint32_t ticket_lifetime_ms; /* TLS session tickets; 0: none */
    struct listen_spec *metrics; /* NULL: none; never TLS */
    bool replaces;               /* --replace: take over from the server that runs for these folders */
    struct site *sites;          /* the first is the default one */
    unsigned site_count;
    bool has_variants;       /* of some site: see there */
    bool has_pots;           /* some site has: BREW and WHEN are methods here, coffee URIs are understood */
    unsigned loops, workers; /* 0: one loop a core; workers of the quick lane */
    const char *access_log;  /* NULL: off; "-": standard output */
    enum { LOG_COMBINED, LOG_JSON } log_format;
    const char *audit_log; /* broken locks are told there; NULL: with the other news, on standard output */
    const char *run_as;    /* USER[:GROUP] or NULL */
    struct cidr *trusted_proxies;
    unsigned trusted_proxy_count;
    struct limit_rule *client_limits; /* the server's own, judged before it is known which site is meant */
    unsigned client_limit_count;
    struct portal_conf *portal;   /* NULL: none */
    const char *country_database; /* MaxMind's; NULL: nobody's country is known */
    bool sandbox;                 /* default true */
    const char *trace;            /* areas, or NULL */
    struct limits limits;
    char **args; /* a copy of argv with its passwords, and the folder it was given in: for conf_reload() */
    int arg_count;
    const char *folder;
    const char **handed; /* sockets from the service manager, as --listen would name them; private to conf */
    unsigned handed_count;
    const char *handed_metrics;
};

/* What the command line asks for. */
enum command {
    COMMAND_SERVE,
    COMMAND_CHECK_CONFIG,
    COMMAND_HELP,
    COMMAND_VERSION,
    COMMAND_STATUS,
    COMMAND_LOCKS,    /* lists the write locks of a server that runs, or breaks one */
    COMMAND_CHECK,    /* compares the folder with what is recorded of it */
    COMMAND_PASSWD,   /* sets, adds or removes somebody's password in a users file */
    COMMAND_HISTORY,  /* lists the earlier contents of a file, or brings one back */
    COMMAND_PORTAL,   /* sessions and vouchers of the captive portal; its firewall rules */
    COMMAND_GET,      /* loads a file from a server */
    COMMAND_PUT,      /* stores one there */
    COMMAND_BREW,     /* tells a pot what to do */
    COMMAND_DEMO,     /* serves a made-up folder that shows them */
    COMMAND_CODES,    /* tells of status codes */
    COMMAND_SURVEY,   /* finds out which codes servers earn */
    COMMAND_FORWARDS, /* lists the forwarding addresses of a folder, or removes one */
};

enum { CODES_MAX = 100 }; /* more than are registered */

enum { BREW_ADDITIONS_MAX = 32 }; /* of one cup: more than there are */

struct invocation {
    enum command command;
    struct conf *conf; /* COMMAND_SERVE and COMMAND_CHECK_CONFIG; owned by the caller. NULL otherwise */
    /* COMMAND_STATUS, _LOCKS and _CHECK: */
    char *dir;          /* the folder, absolute; free() */
    char *state;        /* --state, absolute, or NULL; free() */
    char *lock_token;   /* COMMAND_LOCKS: the lock to break, as given; NULL: list them all; free() */
    bool mend;          /* COMMAND_CHECK: what is wrong is set right */
    bool content;       /* ... and contents are read, too */
    char *history_file; /* COMMAND_HISTORY: absolute; dir may be NULL then; free() */
    uint64_t restore;   /* ... and the number of the content to bring back; 0: list them */
    char *remove;       /* COMMAND_FORWARDS: the path to forget; NULL: list them all; free() */
    /* COMMAND_PASSWD: of this user in this file, absolute; app "": his own one; free() */
    char *users_file, *user, *app;
    bool is_removal;
    /* COMMAND_DEMO: where, HOST:PORT; free() */
    char *demo_address;
    bool demo_lists; /* ... only print the lines */
    /* COMMAND_CODES: registered ones; none: all */
    struct codes_order {
        int list[CODES_MAX];
        unsigned count;
        bool is_json, is_markdown;
    } codes;
    /* COMMAND_GET, COMMAND_PUT: transfer_order_release() */
    struct transfer_order {
        bool is_put;
        char *url, *file; /* as given; file NULL: as the address ends */
        char *login;      /* NULL: the address's */
        char *ca_file;    /* NULL: the system's */
        bool is_insecure, is_forced, is_quiet, is_whole;
    } transfer;
    /* COMMAND_BREW: brew_order_release() */
    struct brew_order {
        char *url, *tea, *login, *ca_file; /* as given; NULL: coffee; the address's; the system's */
        char *additions[BREW_ADDITIONS_MAX];
        unsigned addition_count;
        bool is_stop, is_when, is_insecure, is_quiet;
    } brew;
    /* COMMAND_SURVEY: survey_order_release() */
    struct survey_order {
        char **urls;
        unsigned url_count;
        char *user, *only, *hints_file, *ca_file; /* NULL: not given */
        bool is_insecure, may_write, is_json, is_junit, is_markdown;
        unsigned wait_s; /* 0: not given */
    } survey;
    /* COMMAND_PORTAL: what is asked; all zero: list the sessions. */
    struct portal_order {
        bool list_vouchers;
        uint32_t make;           /* so many vouchers: */
        uint64_t seconds, bytes; /* that each is good for; 0: no end */
        uint32_t devices;        /* at a time; 0: 1 */
        char *withdraw;          /* this voucher; free() */
        char *disconnect;        /* the sessions of this address, user or voucher; free() */
        char *inside, *outside;  /* --print-nft: the rules for these interfaces, for requests sent to `port`; free() */
        unsigned port;
    } portal;
};
void transfer_order_release(struct transfer_order *order);
void brew_order_release(struct brew_order *order);
void survey_order_release(struct survey_order *order);

/*
 * Reads argv, --config's file, and which sockets the service manager hands over (LISTEN_PID, LISTEN_FDS,
 * LISTEN_FDNAMES, which leave the environment; before threads). ERR_INVALID: `why` (give it 2 KiB) holds one clear
 * line, without the program's name and without a newline. Wipes passwords in argv after taking them.
 */
enum err conf_from_args(int argc, char **argv, struct invocation *out, struct buf *why);

/*
 * Reads the file and the same options again, for SIGHUP. `old` is untouched; what cannot change while
 * running makes ERR_INVALID with "... needs a restart" in `why`. The new snapshot's generation is old's + 1.
 */
enum err conf_reload(const struct conf *old, struct conf **out, struct buf *why);

/*
 * A snapshot from the text of a configuration file called `name` in `folder`, without looking whether roots
 * and users files are there. For tests and for texts that are no files.
 */
enum err conf_from_text(struct slice text, const char *name, const char *folder, struct conf **out, struct buf *why);

struct conf *conf_ref(struct conf *conf);
void conf_unref(struct conf *conf);

/*
 * A path as rules compare it: in normal form where the site's names are, since the store finds a file by either
 * spelling. Points into room, or is the path itself. Whatever takes a path of a request below does this by itself; the
 * paths of a snapshot's places and demands are in this form.
 */
enum { CONF_PATH_ROOM = 4096 }; /* more than a decoded path of a request */
struct slice conf_path(const struct site *site, struct slice path, char room[CONF_PATH_ROOM]);

/* The rules at a decoded path (rpath.text). */
struct rules conf_rules(const struct site *site, struct slice path);

/*
 * The site for a request's host (lower case, no port, "" when absent). is_named says whether one of the
 * sites' hosts matched; else the default site is returned.
 */
const struct site *conf_site(const struct conf *conf, struct slice host, bool *is_named);

/*
 * Somebody's rights at a path. Without any `allow`: what the site's default gives (users, or clients' certificates: all
 * rights to whoever logged in, none to the anonymous one; no users: all on loopback or with --allow-write anyone,
 * reading only elsewhere). A read_only site leaves read, list and brew.
 */
unsigned conf_rights(const struct site *site, struct slice path, const struct asker *asker);

/* The most that anybody who logs in may do there: what logging in could help with. */
unsigned conf_rights_of_users(const struct site *site, struct slice path);

/*
 * The same as conf_rights() for what is not the request's own target: members of a folder, what a copy would take
 * along, an earlier version, what else a path leads to. Where a demand keeps the asker from it he has no rights at all,
 * and so cannot learn that it is there.
 */
unsigned conf_sight(const struct site *site, struct slice path, const struct asker *asker);

/* A rule names this very path, whoever may see what is there: that it may exist is no secret. "" always. */
bool conf_names(const struct site *site, struct slice path);

/* Somebody may have other rights below a folder than in it: an `at`, or a demand. */
bool conf_differs_below(const struct site *site, struct slice folder);

/*
 * Is this blocked? The demand that keeps an asker from this country from this path; NULL: none does. The one place that
 * says so, whatever leads there.
 */
const struct demand *conf_demand(const struct site *site, struct slice path, struct slice country);
/* Some demand of the site holds in some countries only. */
bool conf_knows_countries(const struct site *site);
/* Some demand at this path holds in some countries only: what is answered there depends on where the asker is. */
bool conf_depends_on_country(const struct site *site, struct slice path);
/* The first one of those; NULL: none does. */
const struct demand *conf_demand_elsewhere(const struct site *site, struct slice path);

/* How far the next one has come; {0} at first. */
struct demand_step {
    unsigned demand, path;
};
/*
 * Steps through what demands name below a folder, without wildcards and whomever they keep from it. *below: the path
 * without the folder's and the slash after it. False: that was all.
 */
bool conf_demand_below(const struct site *site, struct slice folder, struct demand_step *step, struct slice *below);
/* Some pattern of a demand may fit what is below the folder. */
bool conf_demand_fits_below(const struct site *site, struct slice folder);

/*
 * Where what was at this path is now, by the site's rules; chains are followed to their end. False: it is here.
 */
bool conf_moved(const struct site *site, struct rpath path, struct arena *arena, struct moved *out);

/* Which of the site's pots are at this path. */
struct pot_place conf_pots(const struct site *site, struct slice path);

/* Somebody can log in there: by password, or by a client certificate. */
bool conf_has_users(const struct site *site);

/* Any site has certificates: TCP listeners that are not plain speak TLS then. A site may still have none. */
bool conf_has_tls(const struct conf *conf);
/* Connections made for the one serve the other as well: the same certificates, and the same asked of clients. Pure. */
bool conf_same_tls(const struct site *a, const struct site *b);

/*
 * One address of --listen: [plain:] and 8080, ADDRESS:PORT, [v6]:PORT, unix:PATH, fd:N. A port alone and localhost:PORT
 * give 127.0.0.1; a snapshot lists ::1 beside it (is_default, since a machine may lack it). *:PORT is 0.0.0.0.
 */
enum err conf_parse_listen(struct slice text, struct arena *arena, struct listen_spec *out, struct buf *why);

/* The texts made from the table. */
void conf_help(FILE *out);
void conf_man(FILE *out,
              int section); /* 1: the command, 5: the file, 7: status codes, 8: running it as a service; roff */
enum shell { SHELL_BASH, SHELL_ZSH, SHELL_FISH };
void conf_completion(FILE *out, enum shell shell);

#endif
