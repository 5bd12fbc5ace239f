/*
 * handover.h - private to serve/: a new process takes the place of the one that runs, and nobody notices.
 *
 * The sandbox lets no process start another, so whoever upgrades starts the new one (--replace), and it asks:
 *
 *     new -> old   replace 1                      over the control socket
 *     old -> new   listen, metrics, store,        with every socket, and each folder's locks (SCM_RIGHTS)
 *                  control, end
 *                  ... both serve; the folders are shared from here on (store_share()) ...
 *     new -> old   serving                        it accepts; the old one stops that, and drains
 *                  ... both serve, the old one its last requests ...
 *                  the old one ends; the new one sees that it is alone (store_unshare())
 *
 * A new one that ends before it said `serving` leaves the old one as it was.
 */
#ifndef SERVE_HANDOVER_H
#define SERVE_HANDOVER_H

#include "station.h"

/* How far a server is with being replaced. */
enum succession {
    SUCCESSION_NONE,
    SUCCESSION_SENDING, /* sockets are on their way; nobody may close one */
    SUCCESSION_OFFERED, /* somebody else has them, too */
    SUCCESSION_DONE,    /* and serves: we may go */
    SUCCESSION_OVER,    /* we end by ourselves: nothing is handed over any more */
};

/* What we were given. */
struct handover;

/*
 * Asks the server that runs for these folders. *out is NULL where none does, of which a line tells. An error: `why`
 * says what is in the way. The first thing of a start: nothing may be bound, no lock taken, and the sandbox lets nobody
 * connect.
 */
enum err handover_ask(const struct conf *conf, void (*notice)(const char *line), struct handover **out,
                      struct buf *why);
/* All of these are fine with NULL, and say what it is where nobody ran. */
struct handed *handover_sockets(struct handover *handover);
struct store_shared *handover_store(struct handover *handover, unsigned site);
/* Clients resume their TLS sessions with us. */
void handover_tickets(struct handover *handover, struct tls *tls);
/* The control sockets, -1 without, and where the file of the first one is; they may be in another site's state folder.
 */
void handover_controls(struct handover *handover, int *bound, char *path, size_t room, int *named);
/* The other one still waits for us. Once it does not, it serves on, and we must not. */
bool handover_is_awaited(const struct handover *handover);
/* Our loops accept: the other one may go. Closes what we did not want. */
void handover_serving(struct handover *handover);
void handover_free(struct handover *handover);

#endif
