/*
 * locks.h - what the codes of WebDAV share: locks that are taken, and preconditions that an answer names.
 */
#ifndef SURVEY_LOCKS_H
#define SURVEY_LOCKS_H

#include "codes.h"
#include "multistatus.h"

#define LOCK_TYPE "Content-Type: application/xml\r\n"
#define LOCKINFO                                                                                                       \
    SLICE("<D:lockinfo xmlns:D=\"DAV:\"><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype>"  \
          "<D:owner>samovar survey</D:owner></D:lockinfo>")

/* The token of an exclusive lock, which is noted so that it goes at the end; "": there is none. */
struct slice token_take(struct surveyor *surveyor, const char *label, struct slice path, const char *depth);

/* A lock that was not expected goes at the end, too. */
void token_note(struct surveyor *surveyor, const struct probe *lock);

/* The content is a DAV:error with that condition, which has a href of that resource. */
bool error_names(const struct probe *probe, struct slice condition, struct slice path, struct arena *arena);
bool error_has(const struct probe *probe, struct slice condition, struct arena *arena);

#endif
