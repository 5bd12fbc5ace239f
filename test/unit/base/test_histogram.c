/*
 * test_histogram.c - lengths of time end up in the bucket whose bound they do not pass.
 */
#include "base/histogram.h"
#include "check.h"

static uint64_t count_at(struct histogram *histogram, unsigned at)
{
    return atomic_load(&histogram->counts[at]);
}

TEST(histogram__a_bound_belongs_to_its_own_bucket)
{
    struct histogram histogram = {0};

    histogram_count(&histogram, 0);
    histogram_count(&histogram, histogram_bounds_ns[0]);
    histogram_count(&histogram, histogram_bounds_ns[0] + 1);
    CHECK_U64(count_at(&histogram, 0), 2);
    CHECK_U64(count_at(&histogram, 1), 1);
    CHECK_U64(atomic_load(&histogram.sum_ns), 2 * histogram_bounds_ns[0] + 1);
}

TEST(histogram__what_is_longer_than_all_bounds_has_a_bucket_too)
{
    struct histogram histogram = {0};

    histogram_count_shared(&histogram, histogram_bounds_ns[HISTOGRAM_BOUNDS - 1]);
    histogram_count_shared(&histogram, histogram_bounds_ns[HISTOGRAM_BOUNDS - 1] + 1);
    histogram_count_shared(&histogram, UINT64_MAX / 4);
    CHECK_U64(count_at(&histogram, HISTOGRAM_BOUNDS - 1), 1);
    CHECK_U64(count_at(&histogram, HISTOGRAM_BOUNDS), 2);
}

TEST(histogram__bounds_rise_from_100_microseconds_to_a_minute)
{
    CHECK_U64(histogram_bounds_ns[0], 100000);
    for (unsigned i = 1; i < HISTOGRAM_BOUNDS; i++)
        CHECK(histogram_bounds_ns[i] > histogram_bounds_ns[i - 1]);
    CHECK_U64(histogram_bounds_ns[HISTOGRAM_BOUNDS - 1], 60 * UINT64_C(1000000000));
}
