/*
 * talk.h - a method called through its door, over a real store and a tiny wire that records the answer.
 */
#ifndef TEST_METHOD_TALK_H
#define TEST_METHOD_TALK_H

#include "asked.h"
#include "folder.h"
#include "method/method.h"

/* What was answered to the last request. */
struct reply {
    int status;        /* 0: none, the client left before */
    struct buf fields; /* "Name: value\n"... */
    struct buf content;
    uint64_t content_length; /* as the answer says; of pieces only */
    bool is_head, is_stream;
    bool is_for_cache;    /* it names the answer that the hot cache may keep */
    unsigned body_wanted; /* how often the body was asked for */
};

struct talk {
    struct folder folder;
    struct conf *conf;
    struct reply reply;

    /* of the request to come */
    unsigned rights; /* set to what the configuration gives; a test may take some away */
    struct slice body;
    size_t step;                       /* how much of it arrives at once; 0: all that there is room for */
    size_t leaves_after;               /* the client leaves when this much was sent; 0: it stays */
    bool breaks;                       /* the body's framing turns out wrong after its last octet */
    void (*midway)(struct talk *talk); /* called once when the body is wanted, before any of it is sent */
    bool is_loopback;

    struct exchange *ex; /* while it is under way */
    struct task feed;
    size_t at;
};

/* A folder of its own and a store over it; site: inside of the site's block. */
void talk_open(struct talk *talk, const char *site);
void talk_close(struct talk *talk);

/* Sends a request whose head is this line and these field lines ("A: b\r\n"), and waits for the answer. */
const struct reply *talk_ask(struct talk *talk, const char *line, const char *fields);
/* The same with content, its length given. */
const struct reply *talk_send(struct talk *talk, const char *line, const char *fields, const char *content);

/* The value of the reply's field; "(none)" without. Static until the next call. */
const char *reply_field(const struct talk *talk, const char *name);
const char *reply_content(struct talk *talk);

#endif
