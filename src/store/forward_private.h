/*
 * forward_private.h - private to store/: when forwarding addresses are made and when they go.
 */
#ifndef STORE_FORWARD_PRIVATE_H
#define STORE_FORWARD_PRIVATE_H

#include "core.h"
#include "forward.h"
#include "resolve.h"

/* What is at `from` is about to move to `to`, both as URLs have them. Durable when it returns. */
enum err forward_leave(struct store *store, struct slice from, struct slice to);
/* It did not move after all; something else is there for good. Queued, not awaited. */
void forward_forget(struct store *store, struct slice path);
/* Something new is put at this place. */
void forward_replaced(struct store *store, const struct place *place);

#endif
