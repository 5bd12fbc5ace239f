/*
 * move.h - private to store/: what a MOVE over something leaves for the next start to finish.
 */
#ifndef STORE_MOVE_H
#define STORE_MOVE_H

#include "transfer.h"

/* Says in up/ that what stands at the target now is to go, even if it is found at the source's name. Best effort. */
void move_note_write(const struct carriage *carriage, struct aside *note);
void move_note_remove(struct aside *note);

/* ---- move_binding.c ---- */

/* Onto a folder that it is in: its name goes with that folder. */
enum err move_over_above(struct store *store, const struct transfer *transfer, struct transferred *out) WORKER_SIDE;
/* Nothing would lead to what is moved any more (ERR_ESCAPES), or a loop would come to be that must not (ERR_LOOP). */
enum err move_may_loop(struct carriage *carriage);
/* What moves is a binding: its new name is recorded before it can be seen. */
enum err move_binding_first(struct carriage *carriage);
void move_binding_undo(struct carriage *carriage);
/* It has moved: where it is, or where what has bindings in it is. */
void move_bindings_after(struct carriage *carriage);

#endif
