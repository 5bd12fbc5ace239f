/*
 * since_private.h - what every change of the tree tells the memory of sync-collection (since.h).
 *
 *     'y' folder id             -> the folder is followed: the highest sequence in it
 *     'y' folder id, name       -> a member as it was told last: sequence, what it was, or that it is gone
 *     'z' sequence              -> when a member went, and the key of its row: to forget old ones by
 *     'Y'                       -> epoch, the site's last sequence, the lowest one that is still remembered
 *
 * Only what a comparison with the folder cannot find has to be told: removals of what no report has seen, and changes
 * that leave the file as it is. Queued, not awaited. One load where nobody ever asked for a report. Worker side.
 */
#ifndef STORE_SINCE_PRIVATE_H
#define STORE_SINCE_PRIVATE_H

#include "core.h"
#include "resolve.h"
#include "store/since.h"

/* What was at the place is gone: DELETE, and the source of a MOVE; also a folder that a MOVE or COPY put aside. */
void since_removed(struct store *store, const struct place *place, enum kind kind);
/* Its properties changed, or whatever else is told of it but not seen in the folder. */
void since_touched(struct store *store, const struct place *place);

/* When records were opened; at store_close(). */
void since_init(struct store *store);
void since_stop(struct store *store);

#endif
