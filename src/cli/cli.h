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

/*
 * `samovar demo`: fills a folder in TMPDIR (/tmp), has `serve` serve it with the configuration in this file, and
 * removes it when that ends. address: HOST:PORT to listen on. Gives the exit status. demo_list() prints CODE<tab>LINE
 * for each code.
 */
int demo_command(const char *address, int (*serve)(const char *config));
int demo_list(const char *address);

#endif
