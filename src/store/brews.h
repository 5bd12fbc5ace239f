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

#endif
