/*
 * survey.h - the surveyor: which of the 22 extension codes does a server earn, and is each right?
 *
 * It asks, keeps what was asked and answered, and judges that. It knows no server, this one neither; a hint says where
 * to look and never what is true. Reads only, unless it may write: then inside collections that it makes and removes.
 * Waits; for a program of its own, not for loops and workers.
 */
#ifndef SURVEY_SURVEY_H
#define SURVEY_SURVEY_H

#include <stdbool.h>

enum survey_form { SURVEY_TEXT, SURVEY_JSON, SURVEY_JUNIT, SURVEY_MARKDOWN };

/* Texts are borrowed. */
struct survey {
    const char *const *urls;
    unsigned url_count;
    const char *user;       /* "NAME:PASSWORD"; NULL: the address's, or nobody */
    const char *only;       /* "206,416"; NULL: all */
    const char *hints_file; /* NULL: what the server itself says of its rules */
    const char *ca_file;    /* NULL: the system's */
    bool is_insecure, may_write;
    enum survey_form form;
    unsigned wait_s; /* for one answer; 0: SURVEY_WAIT_S */
};
enum { SURVEY_WAIT_S = 10 };

enum {
    SURVEY_OK,          /* whatever was found, nothing of it is wrong */
    SURVEY_WRONG,       /* a code is used otherwise than its specification says */
    SURVEY_USAGE,       /* what was asked makes no sense */
    SURVEY_UNREACHABLE, /* one of the servers did not answer at all */
    SURVEY_STOPPED,     /* by a signal; what had been made is removed again */
};
/* Prints what it found; one of the above. */
int survey_command(const struct survey *survey);

#endif
