/*
 * cli.h - what the command line prints about the program itself.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>
#include <stdio.h>

/*
 * The version, the features of this build and machine, and the libraries with the versions that are loaded:
 * three lines. Any side.
 */
void cli_version(FILE *out);

/*
 * `samovar codes`: prints what is to be said of these codes, which are registered ones; of none, the list of all. Gives
 * the exit status.
 */
int codes_command(const int *codes, unsigned count, bool is_json, bool is_markdown);

#endif
