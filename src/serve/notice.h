/*
 * notice.h - private to server.c: the lines that a start says, for people and for tests that wait for an address.
 */
#ifndef SERVE_NOTICE_H
#define SERVE_NOTICE_H

#include "station.h"

/* Once the house is there and all listeners are open; before there are threads. */
void notice_start(struct server *server, void (*notice)(const char *line));

#endif
