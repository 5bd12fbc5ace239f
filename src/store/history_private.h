/*
 * history_private.h - the inside of history.h, for the rest of the store.
 *
 *     'h' id, number   -> when it was replaced, until when it is kept, size, its own time, whether its tag is weak, the
 *                      tag; then a NUL and its SHA-256, where that is known
 *     'H' number, id   -> size, until when: the same in the order of age, over all files
 *
 * The content is history/ID.NUMBER in the state folder. A crash may leave the one without the other: a file without a
 * record is nobody's and is removed at the next start, a record without a file counts as none and goes in its time.
 */
#ifndef STORE_HISTORY_PRIVATE_H
#define STORE_HISTORY_PRIVATE_H

#include "core.h"
#include "idrecord.h"
#include "identity.h"
#include "part.h"
#include "store/history.h"

void history_init(struct store *store);
/*
 * The folder that they are in, where a record says that there is one: while the store is shared another process may
 * have made it. -1: it cannot be opened.
 */
int history_folder(struct store *store);
/* When records were opened: whether there is any. */
void history_probe(struct store *store, struct meta *meta);
/* What `part` is to replace is to be kept, and can be. */
bool history_wants(const struct part *part, const struct standing *old);
/*
 * What `part` has replaced has the name aside (part->is_named): it gets one in history/, and part->is_named is false
 * then. Nothing fails by it. With the resource's lock held.
 */
void history_take(struct part *part, const struct identity *identity, const struct standing *old);
/* An id that is gone: its versions go, their records by `changes`. */
void history_drop(struct store *store, struct meta *meta, const unsigned char id[ID_LEN], struct changes *changes);
/* Nobody else serves the folder any more: what others kept is counted, and what they left half done goes. */
void history_own(struct store *store);
/* A slice of the keeper's chore: what is too old, or too much, or nobody's. True: there is more to do at once. */
bool history_trim_some(struct store *store);
#endif
