/*
 * test_brew.c - what a pot does at any moment follows from what it was told.
 */
#include "check.h"
#include "pot/pot.h"

/* 10 s of heating, 20 of brewing, 5 of pouring 50 ml. */
static const struct brew coffee = {
    .began_ms = 1000000, .heating_ms = 10000, .brewing_ms = 20000, .pouring_ms = 5000, .milk_ml = 50};

static struct pot_view at(const struct brew *brew, int64_t second)
{
    struct pot_view view;

    brew_look(brew, 1000000 + second * 1000, &view);
    return view;
}

static struct brew tea(void)
{
    struct brew brew = coffee;

    brew.is_tea = true;
    memcpy(brew.tea, "assam", 6);
    return brew;
}

TEST(brew__one_state_after_another)
{
    static const struct {
        int second;
        enum pot_state state;
        unsigned strength, poured, remaining_s;
    } rows[] = {{-5, POT_HEATING, 0, 0, 35},   {0, POT_HEATING, 0, 0, 35},    {9, POT_HEATING, 0, 0, 26},
                {10, POT_BREWING, 0, 0, 25},   {15, POT_BREWING, 25, 0, 20},  {29, POT_BREWING, 95, 0, 6},
                {30, POT_POURING, 100, 0, 5},  {33, POT_POURING, 100, 30, 2}, {35, POT_DONE, 100, 50, 0},
                {100000, POT_DONE, 100, 50, 0}};

    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct pot_view view = at(&coffee, rows[i].second);

        CHECK_INT(view.state, rows[i].state);
        CHECK_INT(view.strength, rows[i].strength);
        CHECK_INT(view.poured_ml, rows[i].poured);
        CHECK_INT(view.remaining_ms, rows[i].remaining_s * 1000);
    }
}

TEST(brew__a_pot_that_never_brewed_is_idle)
{
    struct pot_view view;

    brew_look(NULL, 5, &view);
    CHECK_INT(view.state, POT_IDLE);
    CHECK_FALSE(view.has_brew);
}

TEST(brew__nothing_takes_no_time)
{
    struct brew brew = {.began_ms = 1000000};

    CHECK_INT(at(&brew, 0).state, POT_DONE);
    CHECK_INT(at(&brew, 0).strength, 100);
}

TEST(brew__coffee_that_is_stopped_is_not_served)
{
    struct brew brew = coffee;

    CHECK(brew_stop(&brew, 1015000));
    CHECK_INT(at(&brew, 15).state, POT_STOPPED);
    CHECK_INT(at(&brew, 99).state, POT_STOPPED);
    CHECK_INT(at(&brew, 99).strength, 25);
    CHECK_INT(at(&brew, 99).poured_ml, 0);
    CHECK_FALSE(brew_stop(&brew, 1016000));
    CHECK_FALSE(brew_enough(&brew, 1016000));
}

TEST(brew__tea_that_is_stopped_is_served_weaker)
{
    struct brew brew = tea();

    CHECK(brew_stop(&brew, 1015000));
    CHECK_INT(at(&brew, 15).state, POT_POURING);
    CHECK_INT(at(&brew, 18).poured_ml, 30);
    CHECK_INT(at(&brew, 20).state, POT_DONE);
    CHECK_INT(at(&brew, 99).strength, 25);
    CHECK_INT(at(&brew, 99).poured_ml, 50);
}

TEST(brew__tea_that_is_stopped_while_it_heats_is_water)
{
    struct brew brew = tea();

    CHECK(brew_stop(&brew, 1003000));
    CHECK_INT(at(&brew, 3).state, POT_POURING);
    CHECK_INT(at(&brew, 99).state, POT_DONE);
    CHECK_INT(at(&brew, 99).strength, 0);
}

TEST(brew__when_fixes_the_amount)
{
    struct brew brew = coffee;

    CHECK_FALSE(brew_enough(&brew, 1029000));
    CHECK(brew_enough(&brew, 1031000));
    CHECK_INT(at(&brew, 31).state, POT_DONE);
    CHECK_INT(at(&brew, 99).poured_ml, 10);
    CHECK_FALSE(brew_enough(&brew, 1032000));
    brew = coffee;
    CHECK(brew_stop(&brew, 1032000));
    CHECK_INT(at(&brew, 99).state, POT_DONE);
    CHECK_INT(at(&brew, 99).poured_ml, 20);
}

/* Two servers may share a folder, and their clocks are not quite the same. */
TEST(brew__what_was_recorded_has_happened_whatever_the_clock_says)
{
    struct brew stopped = coffee, poured = coffee;

    CHECK(brew_stop(&stopped, 1015000));
    CHECK_INT(at(&stopped, 14).state, POT_STOPPED);
    CHECK_INT(at(&stopped, 14).remaining_ms, 0);
    CHECK(brew_enough(&poured, 1031000));
    CHECK_INT(at(&poured, 30).state, POT_DONE);
    CHECK_INT(at(&poured, 30).poured_ml, 10);
}

TEST(brew__what_is_finished_early_is_done)
{
    for (int second = 0; second < 40; second += 3) {
        struct brew brew = coffee;

        brew_finish(&brew, 1000000 + second * 1000);
        CHECK_INT(at(&brew, second).state, POT_DONE);
        CHECK_INT(at(&brew, 99).state, POT_DONE);
        CHECK_INT(at(&brew, 99).remaining_ms, 0);
    }
}

TEST(brew__a_record_is_read_as_it_was_written)
{
    struct brew brew = tea(), again;
    struct buf text = BUF_INIT(BREW_RECORD_MAX);

    memset(brew.recipe.portions, ADDITION_PORTIONS_MAX, sizeof(brew.recipe.portions));
    brew.stopped_ms = brew.enough_ms = INT64_C(1) << 59;
    brew_write(&brew, &text);
    CHECK_FALSE(text.overflown);
    CHECK(brew_read(buf_slice(&text), &again));
    CHECK_INT(memcmp(&brew, &again, sizeof(brew)), 0);
    buf_release(&text);
}

TEST(brew__what_is_no_record_is_none)
{
    static const char *const bad[] = {"",
                                      "1",
                                      "1 ",
                                      "2 began=5",
                                      "1 began=0",
                                      "1 began=x",
                                      "1 began=-5",
                                      "1 began=5 heating=99999999999",
                                      "1 began=5 tea=",
                                      "1 began=5 Rum=256",
                                      "1 began=99999999999999999999"};
    struct brew brew;

    for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CHECK_FALSE(brew_read(slice_str(bad[i]), &brew));
    CHECK(brew_read(SLICE("1 began=5 later=thing"), &brew));
}
