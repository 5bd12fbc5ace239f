/*
 * probe.h - what was asked and what came: one request and its answer, and the trail of those for one code.
 *
 * A judge sees trails and nothing else. Everything lives in the trail's arena.
 */
#ifndef SURVEY_PROBE_H
#define SURVEY_PROBE_H

#include "base/arena.h"
#include "http/answer_head.h"

enum {
    PROBE_CONTENT_MAX = 1 << 20,  /* octets of content that are kept, and past which an answer is left */
    PROBE_PROCESSING_MAX = 1 << 8 /* interim answers that are looked at */
};

struct probe {
    struct probe *next;
    const char *label; /* which one of its trail; static */
    /* what was asked */
    struct slice method, path, host; /* host: as in Host */
    struct slice at;                 /* where it was sent to: host and port */
    struct slice fields;             /* lines, each with its end; without Host, User-Agent, Authorization */
    struct slice sent;               /* its content; ptr NULL: none */
    bool is_old;                     /* as HTTP/1.0 */
    bool has_login;                  /* with Authorization */
    bool is_tls;
    /* what came */
    struct slice trouble;     /* "": a whole answer. Else a sentence about what happened instead */
    int status;               /* 0: no head came */
    struct answer_head *head; /* of status; NULL: 0 */
    struct slice body;
    bool is_cut;              /* there was more than was kept */
    uint64_t total, turns;    /* octets of the content; those that differ from the one before */
    unsigned stray;           /* octets behind an answer that has no content */
    unsigned processing;      /* 102s before it */
    unsigned going_on;        /* 100s before it */
    bool processing_has_body; /* one of them has Content-Length or Transfer-Encoding */
    uint64_t took_ms;
};

struct trail {
    struct arena arena;
    struct probe *first, *last;
    unsigned count;
    bool is_hinted;       /* somebody named the place */
    struct slice unknown; /* "": all was asked that there is. Else what would have to be known, or allowed */
};

/* A new one at its end. */
struct probe *trail_add(struct trail *trail, const char *label);
/* The first (next) one called so; NULL. */
const struct probe *trail_find(const struct trail *trail, const char *label);
const struct probe *trail_next(const struct probe *probe, const char *label);
void trail_release(struct trail *trail);

/* All of these take NULL for a probe that never was: no status, no fields, no content. */
int probe_status(const struct probe *probe);
bool probe_is(const struct probe *probe, int status);
bool probe_is_2xx(const struct probe *probe);
bool probe_is_whole(const struct probe *probe); /* there is an answer, and nothing went wrong with it */
struct slice probe_field(const struct probe *probe, const char *name);
bool probe_has(const struct probe *probe, const char *name);
/* A member of a list, of any line, compared without case. */
bool probe_lists(const struct probe *probe, const char *name, const char *member);
/* The content has that text in it. */
bool probe_says(const struct probe *probe, struct slice text);
bool slice_has(struct slice text, struct slice part);

#endif
