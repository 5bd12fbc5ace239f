/*
 * lock_body.h - what LOCK and its refreshing share.
 */
#ifndef METHOD_LOCK_BODY_H
#define METHOD_LOCK_BODY_H

#include "method_private.h"

/* For how long a lock is granted: what the field Timeout asks for, within the configuration's limit. */
uint32_t seconds_of(const struct exchange *ex) LOOP_SIDE;
/* Answers with DAV:prop and the lock in it; other fields are there already. */
void answer_lock(struct exchange *ex, int status, const struct write_lock *lock) LOOP_SIDE;
/* LOCK without content: the lock that If names begins its time anew. */
void lock_refresh(struct exchange *ex) LOOP_SIDE;

#endif
