/*
 * serve.h - the running server: one call that opens everything, and one that serves until told to stop.
 */
#ifndef SERVE_SERVE_H
#define SERVE_SERVE_H

#include "conf/conf.h"

struct server;

/*
 * Opens stores, users, log and listeners for the configuration, which it takes a reference of. Before
 * threads and sandbox. An error: `why` holds one line. Lines for the person at the terminal (addresses and
 * what is allowed there, probes) go to `notice`, one call a line. before_stores() is called when sockets and
 * log are open and nothing of the folders is: the moment to become somebody with fewer rights.
 */
enum err server_open(struct conf *conf, enum err (*before_stores)(const struct conf *, struct buf *),
                     void (*notice)(const char *line), struct server **out, struct buf *why);

/*
 * Makes the threads and serves until SIGTERM or SIGINT; drains for the configured time, a second signal ends
 * at once. SIGHUP reloads, SIGUSR1 tells what is in flight on standard error. Returns the exit status.
 */
int server_run(struct server *server);

/* Closes what server_open() opened. */
void server_close(struct server *server);

/*
 * Asks the server that runs for the folder root, over the control socket in its state folder (NULL: .samovar in the
 * root) or the one without a file; prints its answer. The exit status.
 */
int control_ask(const char *root, const char *state, const char *question);
/* Lists the write locks of a folder, or breaks the one with this token: by its server, or alone. The exit status. */
int locks_command(const char *root, const char *state, const char *token);
/* Lists the forwarding addresses of a folder, or forgets the one at this path (as a URL's); as locks_command(). */
int forwards_command(const char *root, const char *state, const char *remove);
/*
 * Lists the earlier contents of a file (absolute), or brings one back (number not 0): by the folder's server, or alone.
 * root NULL: the nearest folder above the file that has been served. The exit status.
 */
int history_command(const char *root, const char *state, const char *file, uint64_t number);
/* What `samovar portal` was asked: by the folder's server, or alone. Prints; the exit status. */
int portal_command(const char *root, const char *state, const struct portal_order *order);
/* Compares what is recorded of a folder with what is there; the exit status: 1 if something is wrong, and stays so. */
int check_command(const char *root, const char *state, bool mend, bool content);
/*
 * For --check-config: the type maps of the sites that negotiate, looked at by the servers that run, or alone. False:
 * some of them lead nobody anywhere; lines in `out` say which. Looks at so many files, not at millions.
 */
bool check_config_maps(const struct conf *conf, struct buf *out);

#endif
