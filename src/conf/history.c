/*
 * history.c - how much of files' past is kept.
 */
#include "build.h"

enum { COUNT_MAX = 1000, YEARS_S = 36500 * 86400u };

/* A number is of contents, a time has its unit (30d), a size has one of its own (2G). */
enum err set_history(struct build *build, void *place, struct slice value)
{
    struct history_rule *rule = &((struct place *)place)->rules.history;
    uint64_t number;

    if (slice_u64(value, &number)) {
        if (number > COUNT_MAX)
            return complain(build, "history keeps %d earlier contents of a file at most, not %.*s", COUNT_MAX,
                            SLICE_FMT(value));
        rule->count = (uint32_t)number;
        return ERR_NONE;
    }
    if (value_time(value, &number) && number / 1000 > 0 && number / 1000 <= YEARS_S) {
        rule->seconds = number / 1000;
        return ERR_NONE;
    }
    if (value_size(value, &number) && number <= INT64_MAX) {
        rule->bytes = number;
        return ERR_NONE;
    }
    return complain(build,
                    "history needs a number of contents (5), a time (30d) or a size (2G), or several of them, not "
                    "\"%.*s\"",
                    SLICE_FMT(value));
}
