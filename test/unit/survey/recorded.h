/*
 * recorded.h - exchanges as texts, made into the trail that a judge sees.
 *
 * An answer is what a server sends, interim answers first; what stands behind a 304, a 204 or an answer to HEAD is
 * stray. An empty answer is one that never came.
 */
#ifndef TEST_SURVEY_RECORDED_H
#define TEST_SURVEY_RECORDED_H

#include "codes.h"

/* One of a conversation. */
struct said {
    const char *label, *method, *path, *fields, *sent, *answer;
};

/* The answer under a label is another one, and that is a fault. */
struct slip {
    const char *label, *answer, *obligation; /* obligation NULL: it is none */
};

void record(struct trail *trail, const struct said *said, struct slice answer);

/* All of it is earned; each slip is wrong by its obligation (or is as good). */
void check_slips(judge_function *judge, int code, const struct said *good, unsigned good_count,
                 const struct slip *slips, unsigned slip_count);
/* With that answer to everything it is not earned. */
void check_canned(judge_function *judge, int code, const struct said *good, unsigned good_count);

#define COUNT(list) ((unsigned)(sizeof(list) / sizeof(*(list))))
#define CHECK_SLIPS(judge, code, good, slips)                                                                          \
    do {                                                                                                               \
        check_slips(judge, code, good, COUNT(good), slips, COUNT(slips));                                              \
        check_canned(judge, code, good, COUNT(good));                                                                  \
    } while (0)

#endif
