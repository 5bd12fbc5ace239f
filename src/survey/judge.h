/*
 * judge.h - what was found out about one code, and how a judge says it.
 */
#ifndef SURVEY_JUDGE_H
#define SURVEY_JUDGE_H

#include "probe.h"

enum verdict { VERDICT_UNKNOWN, VERDICT_NOT_OFFERED, VERDICT_WRONG, VERDICT_EARNED, VERDICT_COUNT };
/* "earned", "wrong", "not offered", "cannot tell". */
const char *verdict_text(enum verdict verdict);

enum { FAULTS_MAX = 8 };

struct fault {
    const struct probe *probe;      /* that shows it */
    const char *obligation, *where; /* "RNG-22", "RFC 9110 15.3.7.1"; static */
    struct slice sentence;
};

struct finding {
    int code;
    enum verdict verdict;
    bool is_seen; /* the code came */
    struct fault faults[FAULTS_MAX];
    unsigned fault_count, needs; /* needs: that were looked at */
    struct slice trouble;        /* what kept us from knowing */
    struct slice remark;         /* of what is no fault; "" */
    struct arena *arena;         /* the trail's */
};

/* Judges a trail; pure. */
typedef void judge_function(const struct trail *trail, struct finding *out);

/* False: it does not hold, or the probe is missing or came to nothing; that is noted. */
bool need(struct finding *finding, const struct probe *probe, bool holds, const char *obligation, const char *where,
          const char *format, ...) __attribute__((format(printf, 6, 7)));
/* Any whole answer of the trail has the status. */
bool trail_has_status(const struct trail *trail, int status);
/* Runs it, and draws the verdict. */
void judge_run(judge_function *judge, int code, struct trail *trail, struct finding *out);

#endif
