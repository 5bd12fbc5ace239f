#include "check.h"

#include "base/arena.h"

TEST(arena__adopting_moves_everything)
{
    struct arena to = {0}, from = {0};
    struct slice a = arena_slice(&to, SLICE("in to")), b = arena_printf(&from, "in %s", "from");

    arena_adopt(&to, &from);
    CHECK(from.blocks == NULL);
    CHECK_SLICE(a, "in to");
    CHECK_SLICE(b, "in from");
    CHECK_SLICE(arena_slice(&to, SLICE("after")), "after");
    arena_release(&to);
}

TEST(arena__large_and_zero_sizes)
{
    struct arena arena = {0};
    char *large = arena_alloc(&arena, 100000);

    CHECK(arena_alloc(&arena, 0) != NULL);
    CHECK_INT(large[99999], 0);
    arena_release(&arena);
}
