/*
 * move.h - private to store/: what a MOVE over something leaves for the next start to finish.
 */
#ifndef STORE_MOVE_H
#define STORE_MOVE_H

#include "transfer.h"

/* Says in up/ that what stands at the target now is to go, even if it is found at the source's name. Best effort. */
void move_note_write(const struct carriage *carriage, struct aside *note);
void move_note_remove(struct aside *note);

#endif
