/*
 * pot.h - coffee pots and teapots: what each of them does, and how it is told to (RFC 2324, RFC 7168).
 *
 * A brew is a record of what was ordered and when: what a pot does now follows from that, the clock, and what its
 * driver hears of it. So nothing has to run while a pot brews, and a record that was kept tells the same after a
 * restart, or to another process that serves the same site. Whoever asks brings a keeper, which reads and writes that
 * record.
 *
 * Knows nothing of HTTP but the names of additions. Worker side, but for what is pure.
 */
#ifndef POT_POT_H
#define POT_POT_H

#include "base/buf.h"
#include "base/err.h"
#include "base/role.h"
#include "conf/conf.h"

/* ---- a brew (brew.c, record.c): pure ---- */

struct brew {
    bool is_tea;
    char tea[POT_NAME_MAX + 1]; /* the variety; "" of coffee */
    struct recipe recipe;
    int64_t began_ms; /* since 1970 */
    uint32_t heating_ms, brewing_ms;
    uint32_t pouring_ms, milk_ml; /* of all milk together; both 0: none was asked for */
    int64_t stopped_ms;           /* when it was told to stop; 0: never */
    int64_t enough_ms;            /* when somebody said WHEN; 0: nobody did */
};

enum pot_state {
    POT_IDLE, /* it never brewed */
    POT_HEATING,
    POT_BREWING,
    POT_POURING, /* milk, until somebody says WHEN */
    POT_DONE,    /* the cup is ready */
    POT_STOPPED, /* nothing was served */
    POT_STATES
};
/* "brewing" */
const char *pot_state_name(enum pot_state state);
/* POT_STATES: no state is called so. */
enum pot_state pot_state_find(struct slice name);
bool pot_is_busy(enum pot_state state);

/* What a pot does at one moment. */
struct pot_view {
    enum pot_state state;
    struct brew brew;      /* the last one; all 0 of POT_IDLE */
    bool has_brew;         /* false: nothing is known of what it brews, if it does */
    unsigned strength;     /* in percent of what is recommended */
    uint32_t poured_ml;    /* milk, so far */
    uint64_t remaining_ms; /* until it is done; 0: unknown, or it is */
    bool is_silent;        /* its driver cannot reach it: what is told is by the clock */
};
/* By the clock alone. brew NULL: there was none. */
void brew_look(const struct brew *brew, int64_t now_ms, struct pot_view *out);
/* Both end what a pot does, and change the brew; false: there is nothing to end. */
bool brew_stop(struct brew *brew, int64_t now_ms);
bool brew_enough(struct brew *brew, int64_t now_ms);
/* The pot was quicker than its times say, and is done. */
void brew_finish(struct brew *brew, int64_t now_ms);

enum { BREW_RECORD_MAX = 512 };
void brew_write(const struct brew *brew, struct buf *out);
/* False: it is no record of ours; *out is then all 0. */
bool brew_read(struct slice record, struct brew *out);

/* ---- pots (pots.c) ---- */

struct pots;

/* How many workers a pot with a driver may keep waiting: one that it obeys, one behind, and one that looks. */
enum { POT_WAITS_MAX = 3 };

/* now(): milliseconds since 1970; for tests. NULL: the clock. */
struct pots *pots_new(int64_t (*now)(void));
void pots_free(struct pots *pots); /* NULL is fine */

/* In the process that is to be less: before it does anything. NULL: it stays what it is. */
typedef enum err become_less_fn(const struct conf *conf, struct buf *why);
/*
 * Makes the processes of those pots that have a driver; they end with the pots. Before threads, and before privileges
 * are dropped. notice(): for what a pot's driver says when it fails; from workers.
 */
enum err pots_begin(struct pots *pots, const struct conf *conf, become_less_fn *become_less,
                    void (*notice)(const char *line), struct buf *why);

/* How many have such a process. */
unsigned pots_driven(struct pots *pots);

/* Whose records are read and written; a pot's record has a name of its own in its site. */
struct pot_keeper {
    enum err (*load)(void *arg, struct slice name, struct buf *value);  /* ERR_MISSING */
    enum err (*keep)(void *arg, struct slice name, struct slice value); /* durable; ERR_READ_ONLY: in memory, then */
    /* Nobody else gives this pot an order until then, not even another process that serves the same site. */
    void *(*hold)(void *arg, struct slice name);
    void (*let_go)(void *held);
    void *arg;
};

/* One of them: `site` is the number of its site. */
struct pot_place_of {
    unsigned site;
    const struct pot_conf *conf;
    struct pot_keeper keeper;
};

void pot_look(struct pots *pots, const struct pot_place_of *pot, struct pot_view *out) WORKER_SIDE;

enum pot_order { POT_START, POT_STOP, POT_WHEN };
enum pot_said {
    POT_OBEYED,
    POT_IS_BUSY,    /* POT_START: it brews */
    POT_IS_IDLE,    /* POT_STOP: it does not brew; POT_WHEN: nothing is poured */
    POT_IS_SILENT,  /* its driver could not reach it, or it refused */
    POT_IS_CROWDED, /* it is obeying, and somebody waits for his turn already */
    POT_NOT_KEPT,   /* the record could not be written; *err says why. Nothing was changed */
};
/* What POT_START is to brew, tea NULL: coffee; of other orders the tea that is meant, NULL: whatever it brews. */
struct pot_cup {
    const struct tea_conf *tea;
    struct recipe recipe;
};
/* Obeyed means that it is recorded, and the pot knows. *out is what holds then, whatever was said (but
 * POT_IS_CROWDED, where nobody looked). */
enum pot_said pot_tell(struct pots *pots, const struct pot_place_of *pot, enum pot_order order,
                       const struct pot_cup *cup, struct pot_view *out, enum err *err) WORKER_SIDE;

#endif
