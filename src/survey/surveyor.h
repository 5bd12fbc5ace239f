/*
 * surveyor.h - who asks: one server, the places there that may be used, and the trail that is being made.
 */
#ifndef SURVEY_SURVEYOR_H
#define SURVEY_SURVEYOR_H

#include "client/client.h"
#include "hints.h"
#include "judge.h"
#include "survey/survey.h"

enum {
    WORKS_MAX = 24, /* collections that are made: one, and one for each hint that wants to write elsewhere */
    TOKENS_MAX = 32 /* locks that are held at a time */
};

/* How collections of our own begin, and the file in them that is read. */
#define WORK_NAME "samovar-survey-"
#define SAMPLE_NAME "sample.txt"
enum { SAMPLE_OCTETS = 4000 };

struct surveyor {
    const struct survey *order;
    struct arena arena; /* of what is known of the server */
    struct client *client, *slow;
    struct client_url url;
    struct slice folder;        /* of the address: its path up to the last slash */
    struct slice authorization; /* a field line; "" */
    struct hints hints;
    /* the code that is looked for now */
    int code;
    const struct hint *hint; /* NULL: nobody named a place */
    struct trail *trail;
    /* what can be used */
    struct slice sample, sample_why; /* a file; "": why there is none */
    struct slice work, work_why;     /* a collection of our own, with its slash; "": why there is none */
    struct slice works[WORKS_MAX];
    unsigned work_count;
    struct surveyor_token {
        struct slice path, token;
    } tokens[TOKENS_MAX];
    unsigned token_count;
    struct slice moved;                /* the address, where it gave 308; "" */
    bool has_dav, has_bind, has_locks; /* what OPTIONS says */
    struct slice name;                 /* of the server, as it says */
    /* patience */
    uint64_t lost_ms; /* waited for answers that did not come */
    unsigned again_s; /* that were waited since limits wanted it */
    unsigned silent;  /* questions in a row that came to nothing */
    struct slice gave_up;
    bool is_ending; /* what was made is removed, signals or not */
};

/* All of a request. Texts are copied. */
struct question {
    const char *label, *method;
    struct slice path;
    struct slice host;            /* "": the server's */
    struct slice fields, content; /* lines with their ends; ptr NULL: no content */
    uint64_t fill;                /* so many octets of `filler` instead of a content that is written out */
    char filler;
    bool is_claim; /* the content is only announced, with Expect: 100-continue, and never sent */
    bool is_old;   /* HTTP/1.0 */
    bool is_slow;  /* over a connection of its own, which keeps little */
    uint32_t keep; /* octets of the answer's content; 0: PROBE_CONTENT_MAX */
    unsigned wait_ms;
    const struct client_url *url;      /* somewhere else, without a login; NULL: here */
    void (*midway)(struct surveyor *); /* when the head has come, and little of the content */
};
const struct probe *question_send(struct surveyor *surveyor, const struct question *question);

/* A plain one: `format` makes its field lines. */
const struct probe *ask(struct surveyor *surveyor, const char *label, const char *method, struct slice path,
                        const char *format, ...) __attribute__((format(printf, 5, 6)));
/* With a content. */
const struct probe *ask_with(struct surveyor *surveyor, const char *label, const char *method, struct slice path,
                             struct slice content, const char *format, ...) __attribute__((format(printf, 6, 7)));
/* As the hint says: its method, path, host, fields, content; `more` are fields, too. */
const struct probe *ask_hinted(struct surveyor *surveyor, const char *label, const char *method, const char *more);

/* For client_options. */
void interim_note(void *arg, const struct answer_head *head);
/* True: a signal came, and it is not yet the end. */
bool is_stopped(const struct surveyor *surveyor);
/* A signal came at any time. */
bool was_interrupted(void);
void surveyor_signals(void);

/* ---- places (place.c) ---- */

/* Looks at the address: what is there, what OPTIONS says. False: nobody answers. */
bool surveyor_begin(struct surveyor *surveyor);
/* Removes what was made. */
void surveyor_end(struct surveyor *surveyor);
/* The path of what is surveyed, and with it the folder. */
void surveyor_path(struct surveyor *surveyor, struct slice path);
/* A text of its arena. */
struct slice text_of(struct surveyor *surveyor, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A name in the own collection. There must be one: may_work(). */
struct slice work_path(struct surveyor *surveyor, const char *name);
/* With scheme and host, as a Destination wants it. In the trail's arena. */
struct slice address_of(struct surveyor *surveyor, struct slice path);
/* There is a collection to write in, or the trail gets to know what is missing. */
bool may_work(struct surveyor *surveyor);
/* A collection of our own below where the hint points; without a hint, the usual one. "": there is none. */
struct slice hinted_work(struct surveyor *surveyor);
/* A file to read, or the trail gets to know why there is none: the hinted, one of our own, one that was found. */
bool may_read(struct surveyor *surveyor, struct slice *path);
/* There is a hint, or the trail gets to know what it should say. */
bool is_hinted(struct surveyor *surveyor, const char *what);
/* Files that may be read, in the order in which they are tried (find.c). */
bool sample_find(struct surveyor *surveyor, struct slice *path);
/* Another address as seen from there, relative ones too, on the same server. */
bool address_resolve(const struct client_url *from, struct slice text, struct arena *arena, struct client_url *out);
/* The next address that a page links to; false: there is none. */
bool link_next(struct slice *rest, struct slice *address);
/* Locks that are still held go at the end. */
void token_keep(struct surveyor *surveyor, struct slice path, struct slice token);
void token_forget(struct surveyor *surveyor, struct slice token);

/* ---- codes ---- */

struct check {
    int code;
    void (*plan)(struct surveyor *surveyor);
    judge_function *judge;
    const char *what; /* it is for, for people */
};
extern const struct check *const all_checks[];
extern const unsigned check_count;
/* NULL: none of ours. */
const struct check *check_find(int code);

#endif
