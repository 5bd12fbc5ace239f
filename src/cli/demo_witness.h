/*
 * demo_witness.h - private to cli/: what a browser does not show.
 *
 * A browser's script sees neither interim answers nor redirects, and asks only hosts that let it. For such a code the
 * front page puts a file of its number into a folder; the process that waits for the server to end sees it, asks over
 * a connection of its own, and lays beside it what went over the wire, octet by octet.
 */
#ifndef CLI_DEMO_WITNESS_H
#define CLI_DEMO_WITNESS_H

#include <sys/types.h>

/* Until that process ends; its status as waitpid() tells it, -1 without one. address: where it listens, HOST:PORT. */
int witness_while(pid_t server, const char *address, const char *folder);

#endif
