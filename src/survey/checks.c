/*
 * checks.c - the codes, in the order in which they are looked for: limits come last, since they are in the way of
 * others.
 */
#include "codes.h"

const struct check *const all_checks[] = {
    &check_102, &check_206, &check_207, &check_208, &check_226, &check_304, &check_308, &check_412,
    &check_416, &check_418, &check_422, &check_423, &check_424, &check_428, &check_431, &check_451,
    &check_506, &check_507, &check_508, &check_510, &check_511, &check_429,
};
const unsigned check_count = sizeof(all_checks) / sizeof(*all_checks);

const struct check *check_find(int code)
{
    for (unsigned i = 0; i < check_count; i++)
        if (all_checks[i]->code == code)
            return all_checks[i];
    return NULL;
}
