/*
 * test_registry.c - status codes and methods.
 */
#include "check.h"
#include "http/method.h"
#include "http/status.h"

TEST(status__table_is_sorted_and_22_codes_are_earned)
{
    unsigned count, earned = 0;
    const struct status *table = status_table(&count);

    for (unsigned i = 0; i < count; i++) {
        CHECK(i == 0 || table[i - 1].code < table[i].code);
        CHECK(table[i].phrase.len > 0);
        CHECK(status_find(table[i].code) == &table[i]);
        earned += table[i].is_earned;
    }
    CHECK_INT(earned, 22);
    CHECK_SLICE(status_phrase(404), "Not Found");
    CHECK_SLICE(status_phrase(418), "I'm a teapot");
    CHECK_SLICE(status_phrase(599), "");
    CHECK(status_find(0) == NULL);
}

TEST(method__names_are_found_with_case) /* H1-07 */
{
    for (int i = METHOD_GET; i < METHOD_COUNT; i++)
        CHECK_INT(method_find(method_name((enum method)i)), i);
    CHECK_INT(method_find(SLICE("get")), METHOD_UNKNOWN);
    CHECK_INT(method_find(SLICE("")), METHOD_UNKNOWN);
    CHECK_SLICE(method_name(METHOD_UNKNOWN), "");
    CHECK(method_is_safe(METHOD_GET) && method_is_safe(METHOD_OPTIONS));
    CHECK_FALSE(method_is_safe(METHOD_PUT));
    CHECK_FALSE(method_is_safe(METHOD_UNKNOWN));
}
