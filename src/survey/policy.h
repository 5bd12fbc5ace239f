/*
 * policy.h - what refusals have in common that rules of the house make.
 */
#ifndef SURVEY_POLICY_H
#define SURVEY_POLICY_H

#include "codes.h"

/* Caches must not keep it. */
void need_no_store(struct finding *finding, const struct probe *probe, const char *obligation, const char *where);
/* It says more than its own name. */
void need_words(struct finding *finding, const struct probe *probe, const char *obligation, const char *where,
                const char *about);
/* Octets that nobody else has written, in hexadecimal; in the trail's arena. */
struct slice random_name(struct surveyor *surveyor);

#endif
