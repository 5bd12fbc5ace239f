/*
 * test_h2_guard.c - what a client of HTTP/2 may do for nothing, and what serves it pays for.
 */
#include "check.h"
#include "h2_guard.h"

TEST(h2_guard__a_burst_of_resets_is_borne_and_a_flood_is_not) /* CVE-2023-44487 */
{
    struct h2_guard guard;
    unsigned borne = 0;

    guard_init(&guard, 1000);
    while (borne < 100000 && guard_spend(&guard, 1000, GUARD_COST_RESET))
        borne++;
    CHECK_INT(borne, GUARD_CREDIT_MAX / GUARD_COST_RESET);
}

TEST(h2_guard__credit_comes_back_with_time_up_to_its_most)
{
    struct h2_guard guard;

    guard_init(&guard, 1000);
    CHECK(guard_spend(&guard, 1000, GUARD_CREDIT_MAX));
    CHECK_FALSE(guard_spend(&guard, 1000, 1));
    CHECK(guard_spend(&guard, 1001, GUARD_A_SECOND / 1000));
    CHECK_FALSE(guard_spend(&guard, 1001, 1));
    CHECK(guard_spend(&guard, UINT64_MAX, GUARD_CREDIT_MAX));
    CHECK_FALSE(guard_spend(&guard, UINT64_MAX, 1));
    CHECK_FALSE(guard_spend(&guard, 5, 1)); /* a clock that goes back gives nothing */
}

TEST(h2_guard__a_hundred_resets_a_second_go_on_for_ever)
{
    struct h2_guard guard;

    guard_init(&guard, 0);
    for (uint64_t now = 0; now < 1000 * 1000; now += 10)
        CHECK(guard_spend(&guard, now, GUARD_COST_RESET));
}

TEST(h2_guard__a_long_download_pays_for_its_window_updates)
{
    struct h2_guard guard;

    guard_init(&guard, 0);
    for (unsigned frame = 0; frame < 1000000; frame++) { /* at one instant: two updates for each frame of 16 KiB */
        guard_earn(&guard, 16384 / GUARD_EARNS_OCTETS);
        CHECK(guard_spend(&guard, 0, GUARD_COST_WINDOW) && guard_spend(&guard, 0, GUARD_COST_WINDOW));
    }
}

TEST(h2_guard__requests_with_priorities_and_updates_pay_for_themselves)
{
    struct h2_guard guard;

    guard_init(&guard, 0);
    for (unsigned request = 0; request < 1000000; request++) {
        guard_earn(&guard, GUARD_EARNS_REQUEST);
        CHECK(guard_spend(&guard, 0, GUARD_COST_PRIORITY + 2 * GUARD_COST_WINDOW));
    }
}

TEST(h2_guard__a_request_does_not_pay_for_its_own_reset)
{
    CHECK(GUARD_EARNS_REQUEST < GUARD_COST_RESET);
}
