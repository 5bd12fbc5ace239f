/*
 * bases.h - the versions that a server gave or took last, kept to make deltas to: a cache in the user's own.
 *
 * In $XDG_CACHE_HOME/samovar/bases (~/.cache), one file an address, with a note (note.h) of its tag. All of it may be
 * removed at any time. Bounded in octets, the ones that were used longest ago go first.
 */
#ifndef CLIENT_BASES_H
#define CLIENT_BASES_H

#include "note.h"

/* The version of this address that is kept; -1: none. Its note is in the arena. */
int base_open(struct slice url, struct arena *arena, struct note *note);
/* `fd` is the version with this tag of this address, and `file`'s content. A failure is nobody's loss. */
void base_keep(struct slice url, struct slice tag, int fd, const char *file);
/* It was the content of this file: what stands there now was made of it, also where an editor put it there anew. */
bool base_is_of(const struct note *note, const char *file);

#endif
