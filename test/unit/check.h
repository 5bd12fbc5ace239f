/*
 * check.h - TEST and CHECK_*, thin macros over cmocka.
 *
 *     TEST(range__suffix_longer_than_file_is_the_whole_file) { CHECK_INT(..., ...); }
 *
 * A TEST enlists itself; the program runs all of its tests, or those whose names contain its first
 * argument. A failed check prints both values and ends the test. cmocka and not Criterion: the latter's
 * sandbox does not start under the thread sanitizer (docs/decisions/0002-test-library.md).
 */
#ifndef TEST_CHECK_H
#define TEST_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/slice.h"

void check_enlist(const char *name, void (*body)(void));
void check_slice(struct slice got, struct slice want, const char *expression, const char *file, int line);

#define TEST(name)                                                                                                     \
    static void name(void);                                                                                            \
    __attribute__((constructor)) static void enlist_##name(void)                                                       \
    {                                                                                                                  \
        check_enlist(#name, name);                                                                                     \
    }                                                                                                                  \
    static void name(void)

#define CHECK(claim) assert_true(claim)
#define CHECK_FALSE(claim) assert_false(claim)
#define CHECK_INT(got, want) assert_int_equal((got), (want))
#define CHECK_U64(got, want) assert_int_equal((got), (want))
/* want: a literal or any terminated string; got: a struct slice */
#define CHECK_SLICE(got, want) check_slice((got), slice_str(want), #got, __FILE__, __LINE__)
#define CHECK_STR(got, want) assert_string_equal((got), (want))
#define SKIP() skip()

#endif
