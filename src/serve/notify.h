/*
 * notify.h - what the service manager is told: that we are ready, that we reload, that we stop, that we live.
 *
 * The protocol of sd_notify(3), without its library: datagrams of NAME=VALUE lines to the socket that NOTIFY_SOCKET
 * names. It has to be opened before the sandbox is entered, which lets nobody connect; what is connected by then
 * goes on working. Main thread alone, and where no manager asked for news every function is told NULL and does nothing.
 */
#ifndef SERVE_NOTIFY_H
#define SERVE_NOTIFY_H

#include <stdint.h>
#include <sys/types.h>

struct notify;

/*
 * Connects to the manager's socket, a path or "@" and an abstract name, and takes NOTIFY_SOCKET, WATCHDOG_USEC and
 * WATCHDOG_PID out of the environment, so that nobody else speaks in our name. NULL: no manager, or none that can be
 * reached, of which one line on standard error tells. Before there are threads.
 */
struct notify *notify_open(void);
/* NULL is fine. */
void notify_close(struct notify *notify);

/* Started, or reloaded: READY=1 with our process id. `status` is one line for people; NULL: none. */
void notify_ready(struct notify *notify, const char *status);
/* The configuration is being read again; notify_ready() ends it, whether it was taken or not. */
void notify_reloading(struct notify *notify);
/* We stop, and may need `drain_ms` for it: the manager is asked for so much time. */
void notify_stopping(struct notify *notify, uint64_t drain_ms);
/* Another process takes over as this service's main one; said by the one that was it until now. */
void notify_successor(struct notify *notify, pid_t pid);

/* How often, in milliseconds, notify_alive() has to be said: half of what the manager allows. 0: it is not waited for.
 */
uint64_t notify_watchdog_ms(const struct notify *notify);
/* WATCHDOG=1. Never waits: the next one comes soon enough. */
void notify_alive(struct notify *notify);

#endif
