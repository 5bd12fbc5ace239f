/*
 * brews.h - what pots keep in the metadata: what each of them was told to brew.
 *
 * The store knows nothing of what is in a record: a name and a value of the pots' own form.
 */
#ifndef STORE_BREWS_H
#define STORE_BREWS_H

#include "store/store.h"

enum { BREW_NAME_MAX = 64 };

/* Durable when it returns. Makes the state folder if need be. value "": there is none any more. */
enum err store_brew_keep(struct store *store, struct slice name, struct slice value) WORKER_SIDE;
/* value (cleared first) gets it; ERR_MISSING. */
enum err store_brew(struct store *store, struct slice name, struct buf *value) WORKER_SIDE;

/*
 * Held by one at a time, also among servers that share the folder: waits for it. A server that takes
 * this one's place waits for it as well.
 */
struct brew_held;
struct brew_held *store_brew_hold(struct store *store, struct slice name) WORKER_SIDE;
void store_brew_let_go(struct brew_held *held) WORKER_SIDE;

#endif
