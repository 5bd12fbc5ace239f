/*
 * visit.h - somebody looks at the login page, or wants in or out.
 *
 * Private to login.c (what was asked, on the loop) and errand.c (what takes a worker: passwords, records, the terms).
 */
#ifndef PORTAL_VISIT_H
#define PORTAL_VISIT_H

#include "page.h"
#include "pages.h"

enum errand_kind {
    ERRAND_SHOW,   /* the page, with the terms */
    ERRAND_LOGIN,  /* claim */
    ERRAND_LOGOUT, /* the client's session */
};

struct errand {
    enum errand_kind kind;
    struct job job;
    struct exchange *ex; /* loop only */
    struct portal *portal;
    struct auth_memory *memory;
    struct users *users; /* the exchange's */
    struct portal_claim claim;
    struct credentials credentials; /* what is claimed: a user's name and password, a voucher's code as a password */
    struct attempt attempt;         /* of a claim that can be guessed: entered when the errand is sent */
    bool is_guessable;
    struct page page; /* what the answer would be without more ado */
    /* what came of it */
    int status;        /* 303: to the login page */
    unsigned retry_s;  /* 0: nothing to wait for */
    struct slice body; /* of the page */
};

/* Sends it off; answers in the end. Everything in it lives as long as the exchange. */
void errand_run(struct errand *errand) LOOP_SIDE;
/* The page as the answer, or a redirect to it for 303. */
void visit_answer(struct exchange *ex, int status, unsigned retry_s, const struct page *page,
                  struct slice body) LOOP_SIDE;
/* The same, made here: without terms to be read. */
void visit_answer_now(struct exchange *ex, int status, unsigned retry_s, const struct page *page) LOOP_SIDE;
struct page visit_page(struct exchange *ex) LOOP_SIDE;

#endif
