/*
 * pending.c - parts that are still to come.
 */
#include "table.h"

#define PENDING_SET(name)                                                                                              \
    enum err name(struct build *build, void *target, struct slice value)                                               \
    {                                                                                                                  \
        return complain(build, "this directive is not there yet");                                                     \
    }

PENDING_SET(set_extension)

