/*
 * pot.h - what the server may ask of the process that talks to one pot: a program's, or an MQTT broker's.
 *
 * Each such pot has a process of its own, made before the server gives up privileges and confines itself, since a
 * confined server can start no program and reach no broker. It becomes the user to run as, and then does what the pot's
 * configuration said at that moment and nothing else: requests of fixed size come in, one message each over a
 * SOCK_SEQPACKET socket pair, and are answered in their order. It ends when the other end of its socket does.
 */
#ifndef HELPER_POT_H
#define HELPER_POT_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

enum pot_wish {
    POT_WISH_START = 1,
    POT_WISH_STOP,
    POT_WISH_WHEN,
    POT_WISH_STATE, /* what was heard of it last; answered at once */
};

enum { POT_WORD_MAX = 80, POT_RECIPE_MAX = 512 };

struct pot_request {
    uint32_t what;
    uint32_t number;        /* comes back in the answer */
    char tea[POT_WORD_MAX]; /* START: the variety; "" for coffee */
    /* START: "Cream=2 Sugar=1": words of letters, digits and "-", with a number each */
    char recipe[POT_RECIPE_MAX];
};

struct pot_answer {
    uint32_t number;
    uint32_t err;   /* ERR_IO: the pot did not do it in time, or at all; ERR_CLOSED: it is not there */
    char state[16]; /* STATE: a word of the pot's; "" where it said none */
    char text[160]; /* with an err: one line in words for the log, "" without */
};

/* What is known of a pot at the start. Texts are borrowed until the process is made. */
struct pot_driver {
    const char *name;
    const char *const *command; /* a program and its first arguments; NULL: it is reached by a broker: */
    const char *broker, *topic;
    const char *discovery, *login, *password_file, *broker_ca; /* "": without */
    uint32_t patience_ms;                                      /* that it has for one order */
};

/* Its words are words: asked on both sides. */
bool pot_request_is_sound(const struct pot_request *request);

/*
 * Makes the process; *fd is our end. become_less() is called in it, first of all, with `arg`. Before threads.
 */
enum err pot_start(const struct pot_driver *driver, enum err (*become_less)(void *arg, struct buf *why), void *arg,
                   int *fd, struct buf *why);
/*
 * One request, and its answer. Waits for the other process, not for a network: patience_ms and a second. ERR_IO: it is
 * gone, or silent; else what it answered. One caller at a time for a descriptor. Not for loops.
 */
enum err pot_ask(int fd, const struct pot_request *request, uint32_t patience_ms, struct pot_answer *answer);

#endif
