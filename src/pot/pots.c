/*
 * pots.c - orders to pots, one after another: judged, recorded, passed on to the driver, answered.
 *
 * Recorded first: a crash in between leaves a record, and whoever looks sees that the pot was asked to brew. A driver
 * that refuses has the record taken back. The record is read each time, since another process may serve the site as
 * well (--replace), and held from the look to the last step; where none can be kept, what is in memory counts.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/fd.h"
#include "helper/pot.h"
#include "pot_private.h"

struct pots {
    int64_t (*now)(void);
    int64_t wall_ms;     /* when this was made, */
    uint64_t running_ms; /* by both clocks */
    void (*notice)(const char *line);
    pthread_mutex_t mutex;
    struct pot *list; /* grows with each name that is asked for; never shrinks */
};

struct pots *pots_new(int64_t (*now)(void))
{
    struct pots *pots = xcalloc(1, sizeof(*pots));

    pots->now = now;
    pots->wall_ms = clock_real_ns() / 1000000;
    pots->running_ms = clock_mono_ms();
    pthread_mutex_init(&pots->mutex, NULL);
    return pots;
}

void pots_free(struct pots *pots)
{
    struct pot *next;

    if (!pots)
        return;
    for (struct pot *pot = pots->list; pot; pot = next) {
        next = pot->next;
        pthread_mutex_destroy(&pot->changing);
        pthread_mutex_destroy(&pot->mutex);
        fd_close(&pot->driver.fd);
        free(pot);
    }
    pthread_mutex_destroy(&pots->mutex);
    free(pots);
}

/* As long as we run the wall clock may be set as it likes. */
static int64_t now_ms(const struct pots *pots)
{
    return pots->now ? pots->now() : pots->wall_ms + (int64_t)(clock_mono_ms() - pots->running_ms);
}

static struct pot *pot_new(unsigned site, struct slice name)
{
    struct pot *pot = xcalloc(1, sizeof(*pot));

    pot->site = site;
    pot->driver.fd = -1;
    memcpy(pot->name, name.ptr, name.len < POT_NAME_MAX ? name.len : POT_NAME_MAX);
    pthread_mutex_init(&pot->changing, NULL);
    pthread_mutex_init(&pot->mutex, NULL);
    return pot;
}

/* Names come from configurations alone: their number is bounded by those. */
static struct pot *find(struct pots *pots, unsigned site, struct slice name)
{
    struct pot *pot;

    pthread_mutex_lock(&pots->mutex);
    for (pot = pots->list; pot; pot = pot->next)
        if (pot->site == site && slice_eq(slice_str(pot->name), name))
            break;
    if (!pot) {
        pot = pot_new(site, name);
        pot->next = pots->list;
        pots->list = pot;
    }
    pthread_mutex_unlock(&pots->mutex);
    return pot;
}

/* ---- processes ---- */

struct less {
    const struct conf *conf;
    become_less_fn *become_less;
};

static enum err become_less(void *arg, struct buf *why)
{
    struct less *less = arg;

    return less->become_less ? less->become_less(less->conf, why) : ERR_NONE;
}

static enum err start_one(struct pots *pots, unsigned site, const struct pot_conf *conf, struct less *less,
                          struct buf *why)
{
    struct pot *pot = find(pots, site, conf->name);
    struct pot_driver driver = {.name = pot->name,
                                .command = conf->driver == POT_COMMAND ? conf->command : NULL,
                                .broker = conf->broker,
                                .topic = conf->topic,
                                .discovery = conf->discovery,
                                .login = conf->login ? conf->login : "",
                                .password_file = conf->password_file ? conf->password_file : "",
                                .broker_ca = conf->broker_ca ? conf->broker_ca : "",
                                .patience_ms = conf->answer_ms};

    pot->driver.hears = conf->driver == POT_MQTT;
    pot->driver.patience_ms = conf->answer_ms;
    return pot_start(&driver, become_less, less, &pot->driver.fd, why);
}

enum err pots_begin(struct pots *pots, const struct conf *conf, become_less_fn *fn, void (*notice)(const char *line),
                    struct buf *why)
{
    struct less less = {conf, fn};
    enum err err = ERR_NONE;

    pots->notice = notice;
    for (unsigned i = 0; i < conf->site_count; i++)
        for (unsigned k = 0; k < conf->sites[i].pot_count && !err; k++)
            if (conf->sites[i].pots[k].driver != POT_SIMULATED)
                err = start_one(pots, i, &conf->sites[i].pots[k], &less, why);
    return err;
}

unsigned pots_driven(struct pots *pots)
{
    unsigned count = 0;

    pthread_mutex_lock(&pots->mutex);
    for (const struct pot *pot = pots->list; pot; pot = pot->next)
        count += pot->driver.fd >= 0;
    pthread_mutex_unlock(&pots->mutex);
    return count;
}

/* ---- records ---- */

/* Told once, until one can be read again. */
static void tell_damage(const struct pots *pots, struct pot *pot, bool is_damaged)
{
    char line[POT_NAME_MAX + 128];
    bool is_new;

    pthread_mutex_lock(&pot->mutex);
    is_new = is_damaged && !pot->is_damaged;
    pot->is_damaged = is_damaged;
    pthread_mutex_unlock(&pot->mutex);
    snprintf(line, sizeof(line), "pot %s: the record of what it brews is damaged; the next order replaces it",
             pot->name);
    if (is_new && pots->notice)
        pots->notice(line);
}

static WORKER_SIDE struct brew brew_of(const struct pots *pots, struct pot *pot, const struct pot_place_of *place)
{
    struct buf record = BUF_INIT(BREW_RECORD_MAX);
    struct brew brew, kept;

    pthread_mutex_lock(&pot->mutex);
    brew = pot->brew;
    pthread_mutex_unlock(&pot->mutex);
    if (place->keeper.load(place->keeper.arg, place->conf->name, &record) == ERR_NONE) {
        bool is_good = brew_read(buf_slice(&record), &kept);

        if (is_good)
            brew = kept;
        tell_damage(pots, pot, !is_good);
    }
    buf_release(&record);
    return brew;
}

/* brew->began_ms 0 is kept as "": none. */
static WORKER_SIDE enum err keep(struct pot *pot, const struct pot_place_of *place, const struct brew *brew)
{
    struct buf record = BUF_INIT(BREW_RECORD_MAX);
    enum err err;

    if (brew->began_ms)
        brew_write(brew, &record);
    err = place->keeper.keep(place->keeper.arg, place->conf->name, buf_slice(&record));
    buf_release(&record);
    if (err != ERR_NONE && err != ERR_READ_ONLY)
        return err;
    pthread_mutex_lock(&pot->mutex);
    pot->brew = *brew;
    pthread_mutex_unlock(&pot->mutex);
    return ERR_NONE;
}

/* ---- looking ---- */

static void look(const struct pots *pots, const struct brew *brew, struct pot_view *out)
{
    brew_look(brew->began_ms ? brew : NULL, now_ms(pots), out);
}

/* The pot's own word on what it does counts for more than our times. */
static void believe(struct slice word, struct pot_view *view)
{
    bool says_on = slice_eq_nocase(word, SLICE("ON")), says_off = slice_eq_nocase(word, SLICE("OFF"));
    enum pot_state said = says_on ? POT_BREWING : says_off ? POT_DONE : pot_state_find(word);

    if (said == POT_STATES || (says_on && pot_is_busy(view->state)))
        return;
    if (pot_is_busy(said)) {
        view->remaining_ms = view->state == said ? view->remaining_ms : 0;
        view->state = said;
    } else if (pot_is_busy(view->state)) {
        view->state = POT_DONE;
        view->remaining_ms = 0;
    }
}

/* `changing` is held. */
static WORKER_SIDE void look_and_hear(const struct pots *pots, struct pot *pot, const struct brew *brew,
                                      struct pot_view *out)
{
    char word[16];

    look(pots, brew, out);
    out->is_silent = driver_hear(&pot->driver, word) != ERR_NONE;
    believe(slice_str(word), out);
}

/* While somebody gives it an order nobody waits for that. */
void pot_look(struct pots *pots, const struct pot_place_of *place, struct pot_view *out)
{
    struct pot *pot = find(pots, place->site, place->conf->name);
    struct brew brew = brew_of(pots, pot, place);

    if (pot->driver.hears && pthread_mutex_trylock(&pot->changing) == 0) {
        look_and_hear(pots, pot, &brew, out);
        pthread_mutex_unlock(&pot->changing);
    } else {
        look(pots, &brew, out);
    }
}

/* ---- orders ---- */

static unsigned milk_of(const struct recipe *recipe)
{
    unsigned portions = 0;

    for (unsigned i = 0; i < ADDITION_COUNT; i++)
        if (addition_is_milk(i))
            portions += recipe->portions[i];
    return portions;
}

static struct brew brew_new(const struct pot_conf *conf, const struct pot_cup *cup, int64_t now)
{
    unsigned portions = milk_of(&cup->recipe);
    struct brew brew = {.is_tea = cup->tea != NULL,
                        .recipe = cup->recipe,
                        .began_ms = now,
                        .heating_ms = conf->heating_ms,
                        .brewing_ms = cup->tea ? cup->tea->steeping_ms : conf->brewing_ms,
                        .pouring_ms = portions * conf->pouring_ms,
                        .milk_ml = portions * conf->milk_ml};

    if (cup->tea)
        memcpy(brew.tea, cup->tea->name.ptr, cup->tea->name.len);
    return brew;
}

static WORKER_SIDE enum pot_said judge(const struct pots *pots, struct pot *pot, const struct pot_place_of *place,
                                       enum pot_order order, const struct pot_cup *cup, struct brew *brew)
{
    bool ends = order != POT_START;
    struct pot_view view;

    look_and_hear(pots, pot, brew, &view);
    if (ends && cup->tea && !slice_eq(slice_str(brew->tea), cup->tea->name))
        return POT_IS_IDLE;
    if (order == POT_START && pot_is_busy(view.state))
        return POT_IS_BUSY;
    if (ends && (order == POT_WHEN ? view.state != POT_POURING : !pot_is_busy(view.state)))
        return POT_IS_IDLE;
    if (order == POT_START)
        *brew = brew_new(place->conf, cup, now_ms(pots));
    else if (order == POT_STOP)
        brew_stop(brew, now_ms(pots)); /* false: what it does somebody else began */
    else if (!brew_enough(brew, now_ms(pots)) && brew->began_ms)
        brew_finish(brew, now_ms(pots));
    return POT_OBEYED;
}

static void tell_why(const struct pots *pots, const struct pot *pot)
{
    char line[512];

    snprintf(line, sizeof(line), "pot %s: %s", pot->name, pot->driver.said);
    if (pots->notice && pot->driver.said[0])
        pots->notice(line);
}

/* `before` comes back where the pot does not do it. */
static WORKER_SIDE enum pot_said obey(struct pots *pots, struct pot *pot, const struct pot_place_of *place,
                                      enum pot_order order, const struct brew *brew, const struct brew *before,
                                      enum err *err)
{
    *err = keep(pot, place, brew);
    if (*err)
        return POT_NOT_KEPT;
    if (driver_tell(&pot->driver, order, brew) == ERR_NONE)
        return POT_OBEYED;
    *err = keep(pot, place, before);
    tell_why(pots, pot);
    return *err ? POT_NOT_KEPT : POT_IS_SILENT;
}

/* Workers that wait for a pot that hangs are lacking elsewhere: there are only so many. */
static bool queue_up(struct pot *pot)
{
    bool has_room;

    pthread_mutex_lock(&pot->mutex);
    has_room = pot->driver.fd < 0 || pot->orders < POT_WAITS_MAX - 1;
    pot->orders += has_room;
    pthread_mutex_unlock(&pot->mutex);
    return has_room;
}

static void leave_queue(struct pot *pot)
{
    pthread_mutex_lock(&pot->mutex);
    pot->orders--;
    pthread_mutex_unlock(&pot->mutex);
}

static WORKER_SIDE enum pot_said tell(struct pots *pots, struct pot *pot, const struct pot_place_of *place,
                                      enum pot_order order, const struct pot_cup *cup, struct pot_view *out,
                                      enum err *err)
{
    struct brew brew, before;
    enum pot_said said;
    void *held;

    pthread_mutex_lock(&pot->changing);
    held = place->keeper.hold(place->keeper.arg, place->conf->name);
    brew = before = brew_of(pots, pot, place);
    said = judge(pots, pot, place, order, cup, &brew);
    if (said == POT_OBEYED)
        said = obey(pots, pot, place, order, &brew, &before, err);
    brew = brew_of(pots, pot, place);
    look_and_hear(pots, pot, &brew, out);
    place->keeper.let_go(held);
    pthread_mutex_unlock(&pot->changing);
    return said;
}

enum pot_said pot_tell(struct pots *pots, const struct pot_place_of *place, enum pot_order order,
                       const struct pot_cup *cup, struct pot_view *out, enum err *err)
{
    struct pot *pot = find(pots, place->site, place->conf->name);
    enum pot_said said;

    *err = ERR_NONE;
    if (!queue_up(pot)) {
        *out = (struct pot_view){0};
        return POT_IS_CROWDED;
    }
    said = tell(pots, pot, place, order, cup, out, err);
    leave_queue(pot);
    return said;
}
