/*
 * inn.h - one station with a folder behind it and one client, without listeners: what serve/ does to a
 * request, seen from the client's side and, between requests, from the loop's.
 */
#ifndef TEST_SERVE_INN_H
#define TEST_SERVE_INN_H

#include "asked.h"
#include "folder.h"
#include "hot.h"

struct inn {
    struct folder folder;
    struct conf *conf;
    struct server server;
    struct house house;
    struct site_run site;
    struct station station;
    pthread_t thread;
    int client; /* the other end of a connection */

    /* of the last answer */
    int status;
    bool was_hot;
    struct buf head, body;
};

/* On the heap: a test that failed leaves its station running, and the next one has its own. */
struct inn *inn_open(const char *site);
void inn_close(struct inn *inn);

/* A connection of its own; the caller closes it, before inn_close() or after. */
int inn_connect(struct inn *inn);

/* Runs it on the loop and waits until it has. */
void inn_on_loop(struct inn *inn, void (*run)(struct inn *inn, void *arg), void *arg);

/* One request to localhost and its answer; method GET or HEAD; fields: "A: b\r\n"... Gives the status. */
int inn_ask(struct inn *inn, const char *method, const char *target, const char *fields);
int inn_get(struct inn *inn, const char *target);
/* Asks until the answer is hot. False: it never was. */
bool inn_get_hot(struct inn *inn, const char *target);
/* The cache has an entry for this target; looked at without asking for it. */
bool inn_has_entry(struct inn *inn, const char *target);
bool inn_waits_for_entry(struct inn *inn, const char *target);

/* The value of the answer's field; "(none)" without. Static until the next call. */
const char *inn_field(const struct inn *inn, const char *name);

#endif
