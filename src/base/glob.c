/*
 * glob.c - matching path patterns.
 */
#include "glob.h"

bool glob_is_pattern(struct slice pattern)
{
    return glob_literal(pattern).len != pattern.len;
}

struct slice glob_literal(struct slice pattern)
{
    size_t at = 0;

    while (at < pattern.len && pattern.ptr[at] != '*' && pattern.ptr[at] != '?')
        at++;
    return slice_upto(pattern, at);
}

bool glob_match(struct slice pattern, struct slice path, struct slice found[GLOB_WILDCARDS_MAX])
{
    return slice_eq(pattern, path);
}
