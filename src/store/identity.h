/*
 * identity.h - who a resource is, over replacement and renaming (storage rules, "Identity").
 *
 * An id follows from inode and birth until it must outlive them; then it is recorded by inode and by
 * (parent id, name). Called with the resource's lock held where a place is changed.
 */
#ifndef STORE_IDENTITY_H
#define STORE_IDENTITY_H

#include "resolve.h"

/* The id of what stands at a place; never fails: without records it is the derived one. */
void identity_of(struct store *store, const struct place *place, const struct statx *at, unsigned char id[16]);

/* Before a replacement: the id, recorded durably under its name and inode if it was not. */
enum err identity_keep(struct store *store, const struct place *place, const struct statx *old, unsigned char id[16]);
/* After it: the new inode has the id. Not awaited; a crash before is repaired by adoption. */
void identity_passed_on(struct store *store, const struct place *place, const unsigned char id[16],
                        const struct statx *old, const struct statx *now);

/* Before a new resource is put at a name: what was recorded under it is dropped, durably. */
enum err identity_forget_name(struct store *store, const struct place *place);
/* After a removal: its records go. Not awaited. */
void identity_gone(struct store *store, const struct place *place, const struct statx *old);

#endif
