/*
 * derived_private.h - the inside of derived.h, for the rest of the store.
 */
#ifndef STORE_DERIVED_PRIVATE_H
#define STORE_DERIVED_PRIVATE_H

#include "core.h"
#include "store/derived.h"

void derived_init(struct store *store);
/* digest_place.c */
void dictionary_places_init(struct store *store);
/* The keeper's chore: when the budget is passed, and once after a start, the ones go that nobody asked for longest. */
void derived_trim(struct store *store);

#endif
