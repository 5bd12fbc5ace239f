#include "check.h"

#include <stdlib.h>

#include "base/buf.h"

TEST(buf__what_does_not_fit_changes_nothing)
{
    struct buf buf = BUF_INIT(5);

    buf_add_str(&buf, "abc");
    buf_add_str(&buf, "def");
    CHECK(buf.overflown);
    CHECK_SLICE(buf_slice(&buf), "abc");
    buf_release(&buf);
}

TEST(buf__its_largest_size_can_be_reached_exactly)
{
    struct buf buf = BUF_INIT(300);

    for (int i = 0; i < 300; i++)
        buf_add_char(&buf, 'x');
    CHECK_FALSE(buf.overflown);
    CHECK_INT(strlen(buf_str(&buf)), 300);
    buf_release(&buf);
}

TEST(buf__numbers_and_formats)
{
    struct buf buf = BUF_INIT(100);

    buf_add_u64(&buf, UINT64_MAX);
    buf_printf(&buf, "/%s-%d", "a", 5);
    CHECK_SLICE(buf_slice(&buf), "18446744073709551615/a-5");
    buf_eat(&buf, 21);
    CHECK_SLICE(buf_slice(&buf), "a-5");
    buf_release(&buf);
}

TEST(buf__an_empty_one_can_be_taken)
{
    struct buf buf = BUF_INIT(10);
    char *text = buf_take(&buf);

    CHECK_STR(text, "");
    free(text);
}
