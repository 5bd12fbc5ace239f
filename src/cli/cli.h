/*
 * cli.h - what the command line prints about the program itself.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdio.h>

/*
 * The version, the features of this build and machine, and the libraries with the versions that are loaded:
 * three lines. Any side.
 */
void cli_version(FILE *out);

#endif
