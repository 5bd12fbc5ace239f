/*
 * update_note.h - private to store/: an update by COPY that a crash cut in two is taken back.
 */
#ifndef STORE_UPDATE_NOTE_H
#define STORE_UPDATE_NOTE_H

#include "transfer.h"

/*
 * Before what is aside changes names with `old` at the place, which stays the resource `id`. Where that fails, or the
 * aside is not in up/, a crash leaves the new content as a new resource.
 */
void update_note_write(struct store *store, const struct place *place, const struct statx *old,
                       const unsigned char id[ID_LEN], const struct aside *aside);
/* When the records say so, too, or the names have changed back: before what is aside leaves its name. */
void update_note_remove(struct store *store, const struct aside *aside);

/* At start, with the records open. is_all: else only what earlier runs left. */
void update_notes_finish(struct store *store, bool is_all);
/* Until then: the name in up/ is a note, or what one is about. */
bool update_note_holds(const struct store *store, const char *name);

#endif
