/*
 * pot_private.h - the inside of a pot's process.
 */
#ifndef HELPER_POT_PRIVATE_H
#define HELPER_POT_PRIVATE_H

#include "helper/pot.h"

/* Its end of the socket, whatever else it had open. */
enum { POT_SERVER_FD = 3 };

/* Runs the pot's program for one order (pot_command.c). */
enum err pot_command_run(const struct pot_driver *driver, const struct pot_request *request,
                         char text[sizeof(((struct pot_answer *)NULL)->text)]);

#endif
