/*
 * trash.h - private to store/: what was deleted and is not yet gone.
 */
#ifndef STORE_TRASH_H
#define STORE_TRASH_H

#include "core.h"

/* Of entries that nobody is to get back: they do not wait for their days. */
#define GONE_PREFIX "gone-"

/* ID.SEQUENCE of an earlier run, or anything else that is not ours. */
bool name_is_left_over(const struct store *store, const char *name);

/* move_note.c, at start: `name` in up/ may be the note of a MOVE; what it says is done. */
void move_note_finish(const struct store *store, const char *name);

void trash_init(struct store *store);
/* After the keeper's end. */
void trash_release(struct store *store);

/* A name in the trash whose deletion is settled: it goes in the background, or after its days. */
void trash_add(struct store *store, const char *name);
/* What earlier runs left there goes in the background, as far as its days are over. */
void trash_look(struct store *store);

/* The keeper's chore: a slice; true if there is more. */
bool trash_empty_some(struct store *store);

#endif
