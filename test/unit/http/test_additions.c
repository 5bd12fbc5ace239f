/*
 * test_additions.c - Accept-Additions, and the schemes of coffee URIs.
 */
#include "check.h"
#include "http/additions.h"
#include "http/coffee.h"

#define BIT_OF(addition) (1u << ADDITION_##addition)

static void check_choice(const char *list, unsigned available, const char *recipe)
{
    struct additions wishes = {.count = 0};
    struct buf text = BUF_INIT(1024);
    struct recipe chosen;
    struct slice lacking;

    CHECK(additions_read(slice_str(list), &wishes));
    if (additions_choose(&wishes, available, &chosen, &lacking)) {
        recipe_write(&text, &chosen);
        CHECK_STR(buf_str(&text), recipe);
    } else {
        CHECK_STR("406", recipe);
        CHECK(lacking.len > 0);
    }
    buf_release(&text);
}

TEST(additions__are_found_without_case_and_written_as_the_rfcs_do)
{
    for (unsigned i = 0; i < ADDITION_COUNT; i++)
        CHECK_INT(addition_find(addition_name(i)), i);
    CHECK_INT(addition_find(SLICE("HALF-AND-HALF")), ADDITION_HALF_AND_HALF);
    CHECK_INT(addition_find(SLICE("decaf")), ADDITION_COUNT);
    CHECK_INT(addition_find(SLICE("")), ADDITION_COUNT);
    CHECK(addition_is_milk(ADDITION_NON_DAIRY));
    CHECK_FALSE(addition_is_milk(ADDITION_VANILLA));
}

TEST(additions__what_is_chosen)
{
    check_choice("", 0, "");
    check_choice("Cream", BIT_OF(CREAM), "Cream");
    check_choice("sugar;2,cream", BIT_OF(CREAM) | BIT_OF(SUGAR), "Cream, Sugar;2");
    check_choice("Cream", 0, "406");
    check_choice("Cream, Rum", BIT_OF(CREAM), "406");
    check_choice("Cream, Rum;q=0.999", BIT_OF(CREAM), "Cream");
    check_choice("Rum;q=0.999", BIT_OF(CREAM), "406");
    check_choice("Rum;q=0", BIT_OF(CREAM), "");
    check_choice("Rum, *", BIT_OF(CREAM), "");
    check_choice("Rum, *;q=0", BIT_OF(CREAM), "406");
}

TEST(additions__what_is_malformed_is_none)
{
    static const char *const bad[] = {"a b",      "\"Cream\"",      "Cream;q=1.1", "Cream;0",
                                      "Cream;21", "Cream;amount=0", "Cream;=",     ";"};

    for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct additions wishes = {.count = 0};

        CHECK_FALSE(additions_read(slice_str(bad[i]), &wishes));
    }
}

TEST(coffee__the_word_in_any_language_and_case)
{
    CHECK(coffee_scheme(SLICE("coffee")));
    CHECK(coffee_scheme(SLICE("%4Baffee")));
    CHECK(coffee_scheme(SLICE("caf%C3%E8")));
    CHECK(coffee_scheme(SLICE("caf%c3%89")));
    CHECK(coffee_scheme(SLICE("\xd0\x9a\xd0\x9e\xd0\xa4\xd0\x95")));
    CHECK_FALSE(coffee_scheme(SLICE("")));
    CHECK_FALSE(coffee_scheme(SLICE("coffe")));
    CHECK_FALSE(coffee_scheme(SLICE("coffee%")));
    CHECK_FALSE(coffee_scheme(SLICE("coffee%2")));
    CHECK_FALSE(coffee_scheme(SLICE("caf\xc3")));
    CHECK_FALSE(coffee_scheme(SLICE("cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc")));
}
