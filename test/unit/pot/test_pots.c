/*
 * test_pots.c - orders: recorded, seen by others who read the same records, kept in memory where none can be written.
 */
#include "check.h"
#include "pot/pot.h"

static int64_t now;
static char record[BREW_RECORD_MAX];
static bool is_record;
static enum err keep_says;

static int64_t clock_told(void)
{
    return now;
}

static enum err load(void *arg, struct slice name, struct buf *value)
{
    CHECK_SLICE(name, "pot-1");
    buf_clear(value);
    buf_add_str(value, record);
    return is_record ? ERR_NONE : ERR_MISSING;
}

static enum err keep(void *arg, struct slice name, struct slice value)
{
    if (keep_says)
        return keep_says;
    memcpy(record, value.ptr, value.len);
    record[value.len] = '\0';
    is_record = value.len > 0;
    return ERR_NONE;
}

static const struct pot_conf conf = {
    .name = SLICE_INIT("pot-1"), .heating_ms = 1000, .brewing_ms = 1000, .pouring_ms = 1000, .milk_ml = 30};

/* One thread gives all orders here. */
static void *hold(void *arg, struct slice name)
{
    return NULL;
}

static void let_go(void *held)
{
}

static const struct pot_place_of place = {.conf = &conf,
                                          .keeper = {.load = load, .keep = keep, .hold = hold, .let_go = let_go}};

static struct pots *begin(void)
{
    now = 5000000;
    is_record = false;
    keep_says = ERR_NONE;
    return pots_new(clock_told);
}

static enum pot_said tell(struct pots *pots, enum pot_order order)
{
    struct pot_cup cup = {.recipe.portions[ADDITION_CREAM] = 2};
    struct pot_view view;
    enum err err;

    role_assert_worker();
    return pot_tell(pots, &place, order, &cup, &view, &err);
}

static enum pot_state state(struct pots *pots)
{
    struct pot_view view;

    role_assert_worker();
    pot_look(pots, &place, &view);
    return view.state;
}

TEST(pots__an_order_is_recorded_and_seen_by_another_server)
{
    struct pots *pots = begin(), *other = pots_new(clock_told);

    CHECK_INT(state(pots), POT_IDLE);
    CHECK_INT(tell(pots, POT_START), POT_OBEYED);
    CHECK_INT(state(other), POT_HEATING);
    CHECK_INT(tell(other, POT_START), POT_IS_BUSY);
    now += 2500;
    CHECK_INT(state(pots), POT_POURING);
    CHECK_INT(tell(other, POT_WHEN), POT_OBEYED);
    CHECK_INT(state(pots), POT_DONE);
    CHECK_INT(tell(pots, POT_WHEN), POT_IS_IDLE);
    CHECK_INT(tell(pots, POT_STOP), POT_IS_IDLE);
    pots_free(pots);
    pots_free(other);
}

TEST(pots__what_cannot_be_recorded_is_not_begun)
{
    struct pots *pots = begin();
    struct pot_view view;
    struct pot_cup cup = {0};
    enum err err;

    role_assert_worker();
    keep_says = ERR_NO_SPACE;
    CHECK_INT(pot_tell(pots, &place, POT_START, &cup, &view, &err), POT_NOT_KEPT);
    CHECK_INT(err, ERR_NO_SPACE);
    CHECK_INT(state(pots), POT_IDLE);
    pots_free(pots);
}

TEST(pots__where_no_record_can_be_written_memory_counts)
{
    struct pots *pots = begin();

    keep_says = ERR_READ_ONLY;
    CHECK_INT(tell(pots, POT_START), POT_OBEYED);
    CHECK_INT(state(pots), POT_HEATING);
    CHECK_INT(tell(pots, POT_STOP), POT_OBEYED);
    CHECK_INT(state(pots), POT_STOPPED);
    pots_free(pots);
}

static unsigned told;
static char last_told[256];

static void notice(const char *line)
{
    told++;
    snprintf(last_told, sizeof(last_told), "%s", line);
}

static struct pots *begin_told(void)
{
    static const struct conf no_sites;
    struct buf why = BUF_INIT(256);
    struct pots *pots = begin();

    told = 0;
    CHECK_INT(pots_begin(pots, &no_sites, NULL, notice, &why), ERR_NONE);
    buf_release(&why);
    return pots;
}

static void damage(const char *text)
{
    snprintf(record, sizeof(record), "%s", text);
    is_record = true;
}

TEST(pots__a_damaged_record_is_told_of_once_and_what_is_in_memory_counts)
{
    struct pots *pots = begin_told();

    CHECK_INT(tell(pots, POT_START), POT_OBEYED);
    damage("1 began=12x");
    CHECK_INT(state(pots), POT_HEATING);
    CHECK_INT(state(pots), POT_HEATING);
    CHECK_U64(told, 1);
    CHECK(strstr(last_told, "pot-1: the record of what it brews is damaged") != NULL);
    CHECK_INT(tell(pots, POT_STOP), POT_OBEYED); /* which writes a whole one */
    CHECK_INT(state(pots), POT_STOPPED);
    damage("\x80\xff");
    CHECK_INT(state(pots), POT_STOPPED);
    CHECK_U64(told, 2);
    pots_free(pots);
}

TEST(pots__who_never_knew_what_a_damaged_record_said_takes_the_pot_for_idle)
{
    struct pots *pots = begin_told();

    damage("2 nothing of ours");
    CHECK_INT(state(pots), POT_IDLE);
    CHECK_INT(tell(pots, POT_START), POT_OBEYED);
    CHECK_INT(state(pots), POT_HEATING);
    CHECK_U64(told, 1);
    pots_free(pots);
}

TEST(pots__a_clock_that_was_set_back_over_a_restart_undoes_nothing_and_holds_up_nobody)
{
    struct pots *pots = begin(), *later;

    CHECK_INT(tell(pots, POT_START), POT_OBEYED);
    pots_free(pots);
    now -= 1000000;
    later = pots_new(clock_told);
    CHECK_INT(state(later), POT_HEATING);
    CHECK_INT(tell(later, POT_START), POT_IS_BUSY);
    CHECK_INT(tell(later, POT_STOP), POT_OBEYED);
    CHECK_INT(state(later), POT_STOPPED);
    CHECK_INT(tell(later, POT_START), POT_OBEYED);
    now += 5000;
    CHECK_INT(state(later), POT_DONE);
    pots_free(later);
}
