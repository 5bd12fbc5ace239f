/*
 * replay.h - what has to go before a request so that somebody else can see the same.
 *
 * A line for a shell begins where nothing is: the collection of our own is made again under a name of its own, then
 * what changed there before and has to do with the request, and what an answer gave that a later request needs (a
 * tag, a lock's token) is kept in a variable. Pure.
 */
#ifndef SURVEY_REPLAY_H
#define SURVEY_REPLAY_H

#include "probe.h"

enum gives { GIVES_NOTHING, GIVES_TAG, GIVES_TOKEN };

struct step {
    const struct probe *probe;
    enum gives gives;  /* what a later one needs of its answer */
    unsigned variable; /* T1, T2, ...: that has it */
};

struct replay {
    struct slice work;  /* the path of our own collection, with its slash; "": none is needed */
    struct step *steps; /* in their order; the last is the request itself */
    unsigned count;
};

/* In the arena. Where too much went before to be read, the request is alone. */
void replay_make(const struct trail *trail, const struct probe *probe, struct arena *arena, struct replay *out);

/* What of the answer is kept: of a token, that what is between the brackets. "": it has none. */
struct slice given(const struct probe *probe, enum gives gives);

/* The step, of those before this one, that gave what stands in the text; *at: where. NULL: none did. */
const struct step *replay_source(const struct replay *replay, const struct probe *before, struct slice text,
                                 size_t *at);

#endif
