/*
 * codes.h - one row a code: how it is looked for, and who judges what came.
 */
#ifndef SURVEY_CODES_H
#define SURVEY_CODES_H

#include "surveyor.h"

judge_function judge_102, judge_206, judge_207, judge_208, judge_226, judge_304, judge_308, judge_412, judge_416,
    judge_418, judge_422, judge_423, judge_424, judge_428, judge_429, judge_431, judge_451, judge_506, judge_507,
    judge_508, judge_510, judge_511;

extern const struct check check_102, check_206, check_207, check_208, check_226, check_304, check_308, check_412,
    check_416, check_418, check_422, check_423, check_424, check_428, check_429, check_431, check_451, check_506,
    check_507, check_508, check_510, check_511;

#endif
