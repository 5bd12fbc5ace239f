/*
 * check.c - runs the enlisted tests of one program.
 *
 * Its last line is "N passed, N failed, N skipped", which tools/test adds up.
 */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/role.h"

enum { TESTS_MAX = 2000 };

static struct CMUnitTest tests[TESTS_MAX];
static void (*bodies[TESTS_MAX])(void);
static size_t test_count;

static void run_body(void **state)
{
    void (*body)(void) = *(void (**)(void)) * state;

    role_take(ROLE_ANY, "unit-test");
    body();
}

void check_enlist(const char *name, void (*body)(void))
{
    if (test_count == TESTS_MAX)
        abort();
    bodies[test_count] = body;
    tests[test_count] = (struct CMUnitTest){name, run_body, NULL, NULL, &bodies[test_count]};
    test_count++;
}

void check_slice(struct slice got, struct slice want, const char *expression, const char *file, int line)
{
    if (slice_eq(got, want))
        return;
    print_error("%s: \"%.*s\" != \"%.*s\"\n", expression, SLICE_FMT(got), SLICE_FMT(want));
    _fail(file, line);
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        static char filter[256];

        snprintf(filter, sizeof(filter), "*%s*", argv[1]);
        cmocka_set_test_filter(filter);
    }
    return _cmocka_run_group_tests("unit", tests, test_count, NULL, NULL) != 0;
}
