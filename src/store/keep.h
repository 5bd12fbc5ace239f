/*
 * keep.h - private to store/: what a PUT replaces is kept beside it, under another name (struct part_keep).
 */
#ifndef STORE_KEEP_H
#define STORE_KEEP_H

#include "part.h"

/*
 * "name (label).ext" for "name.ext", "name (label 2).ext" from the second number on. The name is shortened where that
 * would be too long, between characters of UTF-8. False: the label itself is too long. Pure.
 */
bool keep_name(struct slice name, struct slice label, unsigned number, char out[NAME_ROOM]);

/* keep.name: one that is free at the place now; "" if there is none. */
enum err keep_choose(struct part *part, const struct place *place);

/*
 * With the locks of both names held, before the exchange: what stands there has the other name, too, durably. Nothing
 * is lost by a crash from here on, there may be a name too many. ERR_UNSUPPORTED: it cannot be kept here, or locks
 * forbid it; ERR_CHANGED with is_taken: the name was taken meanwhile, choose again.
 */
enum err keep_link(struct part *part, const struct place *place, const struct standing *old);
/* It was not replaced after all. */
void keep_unlink(struct part *part, const struct place *place);

/*
 * At store_begin(), since it makes records: what an earlier run was about to part from the resource that it was is
 * parted. is_all: nobody else is at it; else only what those have left that are gone.
 */
void keep_finish(struct store *store, bool is_all);

#endif
