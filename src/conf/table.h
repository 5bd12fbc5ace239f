/*
 * table.h - the one table of directives, private to conf/.
 *
 * A row says how a directive is spelled in the file and on the command line, what values it takes, where
 * it may stand, its default and its sentence of help. The parsers, the help, the manual pages and the
 * defaults all read this table and know no directive of their own.
 */
#ifndef CONF_TABLE_H
#define CONF_TABLE_H

#include "build.h"

enum kind {
    KIND_FLAG,  /* on or off; an option without argument */
    KIND_COUNT, /* a number */
    KIND_SIZE,  /* "64K", "10G": bytes */
    KIND_TIME,  /* "500ms", "30s", "5m", "24h": stored in milliseconds */
    KIND_WORD,  /* one of `words`, stored as its position */
    KIND_TEXT,  /* any text */
    KIND_PATH,  /* a file or folder, made absolute */
    KIND_LIST,  /* several values, each given to set(); an option that may be repeated */
    KIND_BLOCK, /* NAME ["TITLE"] { ... }, in the file only */
    KIND_ORDER, /* an option that is no setting: --config, --help */
};

/* The kinds of blocks of the file; a row may stand in several. */
enum scope {
    SCOPE_GLOBAL = 1 << 0,
    SCOPE_LIMITS = 1 << 1,
    SCOPE_SITE = 1 << 2,
    SCOPE_AT = 1 << 3,
    SCOPE_ALLOW = 1 << 4,
    SCOPE_LINE = 1 << 5, /* the command line only */
    SCOPE_TLS = 1 << 6,  /* no block: rows that live in a struct tls_conf, the server's or a site's */
    SCOPE_MOVED = 1 << 7,
    SCOPE_LIMIT = 1 << 8,
    SCOPE_REGISTER = 1 << 9, /* the register of demands, a file of its own, */
    SCOPE_DEMAND = 1 << 10,  /* and the blocks in it */
    SCOPE_PORTAL = 1 << 11,
    SCOPE_POT = 1 << 12, /* in a site, */
    SCOPE_TEA = 1 << 13, /* and in a pot */
};

/* The bits of place.set. */
enum {
    SET_ALLOW = 1 << 0,
    SET_HIDDEN = 1 << 1,
    SET_UNTRUSTED = 1 << 2,
    SET_INDEX = 1 << 3,
    SET_INFINITY = 1 << 4,
    SET_MATCH = 1 << 5,
    SET_FORWARDING = 1 << 6,
    SET_EXTENSION = 1 << 7,
    SET_HISTORY = 1 << 8,
    SET_FEEDS = 1 << 9,
    SET_DELTA_AHEAD = 1 << 10,
    SET_DIGEST = 1 << 11,
    SET_DICTIONARY = 1 << 12,
    SET_FRESH = 1 << 13,
    SET_PARTIAL_PUT = 1 << 14,
    SET_NEGOTIATE = 1 << 15,
    SET_LANGUAGES = 1 << 16,
    SET_COMPRESS = 1 << 17,
    SET_BIND_LOOPS = 1 << 18,
    SET_EVERY = (1 << 19) - 1, /* of the rules */
    SET_QUOTA = 1 << 19,       /* no rules: each place has its own, whatever is above or below */
    SET_MOVED = 1 << 20,
    SET_MOVED_PUBLIC = 1 << 21,
};

/* The bits of tls_conf.set. */
enum { SET_CLIENT_CA = 1 << 0, SET_CLIENT_CERTIFICATES = 1 << 1, SET_CLIENT_NAME = 1 << 2 };

struct directive {
    const char *name;     /* in the file; for SCOPE_LINE rows just a name */
    const char *option;   /* on the command line, without "--"; NULL: in the file only */
    const char *argument; /* what help calls the value; NULL: the option takes none */
    enum kind kind;
    unsigned scopes;
    const char *fallback;     /* the default as text; NULL: unset */
    const char *words;        /* KIND_WORD: "full|relaxed" */
    const char *option_value; /* what the argumentless option stands for: --no-index is index = off */
    uint64_t least, most;     /* KIND_COUNT, SIZE, TIME (in ms) */
    uint64_t per;             /* KIND_TIME: stored as how many times so many ms; 0: in ms */
    size_t offset, size;      /* of the field in struct conf, limits, site, place or tls_conf, by scope */
    unsigned place_bit;       /* SCOPE_AT: which bit of place.set */
    unsigned tls_bit;         /* SCOPE_TLS: which bit of tls_conf.set; 0 for what is a list */
    bool needs_restart;
    enum err (*set)(struct build *build, void *target, struct slice value); /* instead of storing by kind */
    const char *help;                                                       /* one sentence, no full stop */
    const char *option_help; /* instead of `help` on the command line, for options that say no; may be NULL */
    const char *reason;      /* why the default is what it is, for the manual; may be NULL */
    const char *example;     /* as it may stand in the file, in a block of its first scope, for the manual */
    const char *chapter;     /* this row is the first of a chapter of the help and the manual, which is called so */
};

/* Where the rows of one block are stored; a member may be NULL if no row of the block lives there. */
struct target {
    void *own; /* struct conf, limits, site, or what a row's set() wants */
    struct place *place;
    struct tls_conf *tls;
};

extern const struct directive directives[];
extern const unsigned directive_count;

/* Row of a scope by its name in the file; NULL if there is none. */
const struct directive *directive_find(struct slice name, unsigned scope);
/* Row by the option's spelling without "--"; NULL if there is none. */
const struct directive *directive_of_option(struct slice option);

/* help.c: what the value is called, also for limits, which have no argument of their own. */
const char *directive_argument(const struct directive *row);

/* args.c: the words that name a command, with a sentence each, and what they take; NULL after the last one. */
const char *command_word(unsigned index);
const char *command_help(unsigned index);
const char *command_operands(unsigned index);

/* Which of them a row's value belongs into. */
static inline void *target_of(const struct target *target, const struct directive *row)
{
    return row->place_bit ? (void *)target->place : row->scopes & SCOPE_TLS ? (void *)target->tls : target->own;
}

/* What the field of a row in `target` holds now equals the one in `other`. For needs_restart rows. */
bool directive_same(const struct directive *row, const void *target, const void *other);

#endif
