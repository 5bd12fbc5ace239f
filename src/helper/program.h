/*
 * program.h - where the programs are that were installed with the server. Private to helper/.
 */
#ifndef HELPER_PROGRAM_H
#define HELPER_PROGRAM_H

#include <limits.h>

/* Beside our own program, as in a build that is not installed; else where an installed one is. `room` may hold it. */
const char *program_find(const char *name, char room[PATH_MAX]);

#endif
