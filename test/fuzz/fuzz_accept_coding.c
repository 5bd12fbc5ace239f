/*
 * fuzz_accept_coding.c - Accept-Encoding.
 *
 * Properties: the order holds what has a weight, each once, and no other; weights fall along it; without
 * the field "no coding" alone is taken; and what is said to have no weight at its end is not taken.
 */
#include "fuzz.h"

#include <assert.h>

#include "base/buf.h"
#include "http/accept_coding.h"

static void check_order(const struct coding_wish *wish)
{
    enum content_coding order[CONTENT_CODINGS];
    unsigned count = coding_wish_order(wish, order), taken = 0, seen = 0;

    for (unsigned i = 0; i < CONTENT_CODINGS; i++) {
        assert(wish->weight[i] <= 1000);
        taken += wish->weight[i] != 0;
    }
    assert(count == taken);
    for (unsigned i = 0; i < count; i++) {
        assert(order[i] < CONTENT_CODINGS && !(seen & 1u << order[i]));
        seen |= 1u << order[i];
        assert(wish->weight[order[i]] && (!i || wish->weight[order[i]] <= wish->weight[order[i - 1]]));
    }
}

/* As long as no quoted string is left open, what comes last counts. */
static void check_refused(struct slice text, enum content_coding coding)
{
    struct buf field = BUF_INIT(1 << 20);
    struct coding_wish wish;

    buf_add(&field, text);
    buf_printf(&field, ",%.*s;q=0", SLICE_FMT(content_coding_name(coding)));
    coding_wish_read(buf_slice(&field), true, &wish);
    assert(!wish.weight[coding]);
    buf_release(&field);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = slice_of((const char *)data, size);
    bool is_quoted = slice_index(text, '"') < text.len;
    struct coding_wish wish;

    coding_wish_read(text, false, &wish);
    assert(wish.weight[CONTENT_IDENTITY] == 1 && !wish.weight[CONTENT_GZIP]);
    coding_wish_read(text, true, &wish);
    check_order(&wish);
    for (enum content_coding coding = 0; coding < CONTENT_CODINGS && !is_quoted && size < 1000; coding++)
        check_refused(text, coding);
    return 0;
}
