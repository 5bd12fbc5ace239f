/*
 * fuzz_additions.c - Accept-Additions, and the records of brews.
 *
 * Input: a line that is a list of additions, then a record. Properties: what is chosen is available and not more than a
 * cup holds; what can be chosen with less can be chosen with more; a recipe as it is written reads as the same. A
 * record that is read is written as one that reads the same; at no time does a pot pour more than it has or get
 * stronger than it may.
 */
#include "fuzz.h"

#include <assert.h>

#include "http/additions.h"
#include "http/coffee.h"
#include "pot/pot.h"

static void check_recipe(const struct recipe *recipe)
{
    struct buf text = BUF_INIT(4096);
    struct additions wishes = {.count = 0};
    struct recipe again;
    struct slice lacking;

    recipe_write(&text, recipe);
    assert(additions_read(buf_slice(&text), &wishes));
    assert(additions_choose(&wishes, (1u << ADDITION_COUNT) - 1, &again, &lacking));
    assert(memcmp(recipe, &again, sizeof(again)) == 0);
    buf_release(&text);
}

static void check_list(struct slice list, unsigned available)
{
    struct additions wishes = {.count = 0};
    struct recipe recipe, more;
    struct slice lacking;

    coffee_scheme(list);
    if (!additions_read(list, &wishes) || !additions_choose(&wishes, available, &recipe, &lacking))
        return;
    for (unsigned i = 0; i < ADDITION_COUNT; i++)
        assert(recipe.portions[i] <= ADDITION_PORTIONS_MAX && (!recipe.portions[i] || available & 1u << i));
    assert(additions_choose(&wishes, (1u << ADDITION_COUNT) - 1, &more, &lacking));
    check_recipe(&recipe);
}

static void check_look(const struct brew *brew, int64_t now)
{
    struct brew stopped = *brew;
    struct pot_view view;

    brew_look(brew, now, &view);
    assert(view.strength <= 100 && view.poured_ml <= brew->milk_ml);
    assert(pot_is_busy(view.state) == (view.remaining_ms > 0));
    assert(brew_stop(&stopped, now) == pot_is_busy(view.state));
    brew_look(&stopped, now, &view);
    assert(view.state != POT_HEATING && view.state != POT_BREWING);
}

static void check_record(struct slice record)
{
    struct buf text = BUF_INIT(1 << 16), second = BUF_INIT(1 << 16);
    struct brew brew, again;

    if (!brew_read(record, &brew))
        return;
    brew_write(&brew, &text);
    assert(brew_read(buf_slice(&text), &again));
    brew_write(&again, &second);
    assert(slice_eq(buf_slice(&text), buf_slice(&second)));
    for (int i = -1; i < 6; i++)
        check_look(&brew, brew.began_ms + i * (int64_t)(brew.brewing_ms / 2 + brew.heating_ms / 3));
    buf_release(&text);
    buf_release(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice list = slice_of((const char *)data, size), record = SLICE_NONE;

    slice_cut(list, '\n', &list, &record);
    check_list(list, size ? data[0] * 257u : 0);
    check_record(record);
    return 0;
}
