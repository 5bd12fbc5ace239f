/*
 * loop_private.h - what the pool needs of the loop.
 */
#ifndef LOOP_PRIVATE_H
#define LOOP_PRIVATE_H

#include "loop/loop.h"

/* A job leaves for a worker. Any side. */
void loop_send_away(struct loop *loop);
/* Hands a job that was acted on to its loop. Any side. */
void loop_take_home(struct loop *loop, struct job *job);

#endif
