/*
 * control.h - private to control.c and handover*.c: the sockets by which a server that runs can be spoken to.
 */
#ifndef SERVE_CONTROL_H
#define SERVE_CONTROL_H

#include <sys/socket.h>
#include <sys/un.h>

#include "station.h"

struct offer;

enum {
    CONTROL_QUESTION_MAX = 3 * 4096 + 64, /* a word, and a path with every octet percent-encoded */
    CONTROL_ANSWER_MAX = 32 << 20,        /* all locks that there may be, or all forwarding addresses */
};

struct control {
    struct station *station;
    struct watch watch, named; /* listening: in the state folder; by the folder's number, without a file */
    struct timer look;
    struct job binding; /* the folder is looked for, and the sockets made, by a worker */
    bool is_binding, needs_name;
    int bound_fd, named_fd; /* what it made */
    unsigned talks;
    struct link open_talks;
    char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
    bool is_stopping;
    struct offer *offer;  /* NULL: nobody wants our place */
    struct timer parting; /* looks whether those that we share folders with are gone */
    struct job unsharing;
    bool is_unsharing, is_alone;
};

/* "@samovar-DEVICE-INODE" of a folder: found also where there is no state folder. The address's length; 0: no folder.
 */
socklen_t control_name(const char *root, struct sockaddr_un *out);
/* ---- control_ask.c: the other end ---- */

enum answered {
    ANSWERED,
    ANSWERED_BY_NOBODY, /* none runs */
    ANSWERED_NOT        /* one does, and says nothing; that was told */
};
/* Asks the server of a folder, as control_ask() does; the answer goes to out. */
enum answered control_question(const char *root, const char *state, const char *question, struct buf *out);

/*
 * What a command does that a server which runs has to do for it: asks for "WORD ABOUT" and prints the answer, which
 * begins with '+' or '-'. Where none runs, `alone` answers about the folder, which keeps a server from starting
 * meanwhile. The exit status.
 */
int control_command(const char *root, const char *state, const char *word, struct slice about,
                    void (*alone)(struct store *store, struct slice about, struct buf *out));
/* A column of its own, whatever is in it: spaces, controls and '%' as in an address. */
void control_add_word(struct buf *out, struct slice text);

/* ---- locks_command.c: what workers answer ---- */

/* A line for each lock. */
void answer_locks(struct server *server, struct slice about, struct buf *out);
/* about: a token. Begins with '+' if it was broken, with '-' if there is none; then a line for people. */
void answer_break(struct server *server, struct slice about, struct buf *out);

/* ---- history_command.c ---- */

/* about: "NUMBER FILE", absolute; 0: a line for each earlier content, else that one is brought back. */
void answer_history(struct server *server, struct slice about, struct buf *out);

/* ---- forwards_command.c ---- */

/* A line for each forwarding address. */
void answer_forwards(struct server *server, struct slice about, struct buf *out);
/* about: its path, as it is told by the list. '+' or '-', and a line for people. */
void answer_forget(struct server *server, struct slice about, struct buf *out);

/* ---- portal_command.c; sessions and vouchers are in the first site's metadata ---- */

/* A line for each session. */
void answer_portal(struct server *server, struct slice about, struct buf *out);
/* A line for each voucher. */
void answer_vouchers(struct server *server, struct slice about, struct buf *out);
/* about: "COUNT SECONDS BYTES DEVICES". '+' and the codes, or '-', a line for people, and what codes there are. */
void answer_make(struct server *server, struct slice about, struct buf *out);
/* about: a voucher's code; of an address, hardware address, user or voucher. '+' or '-', and a line for people. */
void answer_withdraw(struct server *server, struct slice code, struct buf *out);
void answer_disconnect(struct server *server, struct slice whom, struct buf *out);

/* ---- check_command.c ---- */

/* about: "mend", "content", both or neither. Begins with '+' if all is right now, with '-' if not; then lines for
 * people. Long. */
void answer_check(struct server *server, const struct conf *conf, struct slice about, struct buf *out);

/* They listen no longer here, and are not removed: another server has them. */
void control_let_go(struct control *control) LOOP_SIDE;

/* ---- handover_give.c ---- */

/* Somebody asks for our place; takes the connection over. */
void offer_begin(struct control *control, int fd) LOOP_SIDE;
void offer_stop(struct control *control) LOOP_SIDE;
/* Looks now and then whether we are alone again, until we are. */
void parting_begin(struct control *control) LOOP_SIDE;

#endif
