/*
 * pages.h - the inside of the portal's pages: what is answered to intercepted requests, and at the portal's own name.
 *
 * All of it runs on the loop of the exchange, but for what reads the terms or lets somebody in: a job.
 * ex->visit is the server's memory of passwords and guesses.
 */
#ifndef PORTAL_PAGES_H
#define PORTAL_PAGES_H

#include "auth/auth.h"
#include "exchange/exchange.h"
#include "portal/portal.h"

#define LOGIN_PATH "/login"
#define LOGOUT_PATH "/logout"
#define API_PATH "/captive-api"

/* ---- stage.c ---- */

/* https://NAME/PATH, or http:// where the server has no certificate at all. In the arena; `path` with its slash. */
struct slice portal_url(struct exchange *ex, struct slice path) LOOP_SIDE;
/* A redirect that nobody keeps. `to` is fit for Location. */
void portal_redirect(struct exchange *ex, int status, struct slice to, struct slice detail) LOOP_SIDE;

/* ---- intercept.c ---- */

/* A request that was meant for somebody else, or for our own name in clear text. False: our own page has to answer. */
bool intercept_answer(struct exchange *ex) LOOP_SIDE;

/* ---- what is at the portal's own addresses: GET, POST; api.c, login.c ---- */

void api_show(struct exchange *ex) LOOP_SIDE;
void login_show(struct exchange *ex) LOOP_SIDE;
void login_take(struct exchange *ex) LOOP_SIDE;
void logout_take(struct exchange *ex) LOOP_SIDE;

#endif
