/*
 * login.h - who logs in: the URL or --login names the user; the password comes from the URL, the environment, .netrc,
 * or is asked for on the terminal.
 */
#ifndef CLIENT_LOGIN_H
#define CLIENT_LOGIN_H

#include "session.h"

/* What is known before anybody asks. */
void login_begin(struct session *session);
/* For client_request.ask_login; arg is the session. */
bool login_ask(void *arg, struct client_request *request);

#endif
