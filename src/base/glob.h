/*
 * glob.h - patterns for paths: `*` is anything but a slash, `**` anything, `?` one octet but a slash. Pure.
 *
 * "**" and a slash at the beginning of a segment are also no folder at all: a pattern of "**", "/" and "x" fits "x".
 *
 * Matching takes time in proportion to the pattern times the path at most, whatever both are. Patterns come from the
 * configuration, paths from peers; paths are decoded, as rpath.text, and so are patterns.
 */
#ifndef BASE_GLOB_H
#define BASE_GLOB_H

#include "base/slice.h"

enum {
    GLOB_WILDCARDS_MAX = 9,  /* $1 to $9 */
    GLOB_STARS_MAX = 32,     /* in one pattern: nobody writes more, and what is remembered of each is on the stack */
    GLOB_PATTERN_MAX = 1024, /* octets of one with wildcards: with the longest path still milliseconds */
};

/* A wildcard is in it. */
bool glob_is_pattern(struct slice pattern);
/* It keeps within the two limits; others fit nothing, so whoever reads patterns asks this first. */
bool glob_is_valid(struct slice pattern);
/* What stands before the first wildcard. */
struct slice glob_literal(struct slice pattern);
/*
 * The whole path fits the pattern. found (may be NULL): what each wildcard matched, in their order, the first as short
 * as can be.
 */
bool glob_match(struct slice pattern, struct slice path, struct slice found[GLOB_WILDCARDS_MAX]);

#endif
