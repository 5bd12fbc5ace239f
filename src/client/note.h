/*
 * note.h - what is remembered of a file that was transferred: from where, and which version it is.
 *
 * In the file's own extended attributes (user.samovar.*), so that it goes with it. The content's size and time stand
 * beside: once somebody changed the file, it is no longer what the tag speaks of.
 */
#ifndef CLIENT_NOTE_H
#define CLIENT_NOTE_H

#include "base/arena.h"
#include "base/slice.h"

struct note {
    struct slice url;  /* without user and password */
    struct slice tag;  /* as it stands in ETag: "\"...\"" */
    struct slice im;   /* of a part that is a delta: how it was made; "" without */
    struct slice base; /* ... and the tag of the version that it is to */
    struct slice file; /* of a base: whose content it is, an absolute path */
    bool is_unchanged; /* the file is what it was then */
};

/* False: nothing is known of it. Texts live in the arena. */
bool note_read(int fd, struct arena *arena, struct note *out);
/* The file as it is now is this. False: the file system keeps no such attributes. */
bool note_write(int fd, const struct note *note);

#endif
