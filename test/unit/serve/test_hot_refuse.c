/*
 * test_hot_refuse.c - the text of a refusal, and the seconds that are written into it.
 */
#include "check.h"

#include "hot.h"

static struct slice filled(const char *text, uint64_t wait_s, char *room, size_t size)
{
    return slice_of(room, hot_refusal_fill(slice_str(text), wait_s, room, size));
}

TEST(hot_refusal__has_its_seconds_wherever_they_belong)
{
    char room[64];

    CHECK_SLICE(filled("Retry-After: \1\r\nRateLimit: \"a\";r=0;t=\1\r\n", 17, room, sizeof(room)),
                "Retry-After: 17\r\nRateLimit: \"a\";r=0;t=17\r\n");
    CHECK_SLICE(filled("\1", 0, room, sizeof(room)), "0");
    CHECK_SLICE(filled("\1\1x", 10, room, sizeof(room)), "1010x");
    CHECK_SLICE(filled("nothing", 5, room, sizeof(room)), "nothing");
    CHECK_SLICE(filled("\1", UINT64_MAX, room, sizeof(room)), "18446744073709551615");
}

TEST(hot_refusal__that_has_no_room_is_none)
{
    char room[12];

    memset(room, '#', sizeof(room));
    for (size_t size = 0; size < 9; size++)
        CHECK_U64(hot_refusal_fill(SLICE("wait \1 s"), 12, room, size), 0);
    CHECK_SLICE(slice_from(slice_of(room, sizeof(room)), 9), "###");
    CHECK_SLICE(filled("wait \1 s", 12, room, sizeof(room)), "wait 12 s");
}
