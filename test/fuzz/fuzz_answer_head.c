/*
 * fuzz_answer_head.c - the head of an answer, as a client reads it.
 *
 * Properties: what it says of a whole it says of no beginning that it called bad; its texts lie in what it was given; a
 * framing has a length that fits 63 bits.
 */
#include "fuzz.h"

#include <assert.h>

#include "http/answer_head.h"

static void check_inside(struct slice whole, struct slice part)
{
    assert(!part.len || (part.ptr >= whole.ptr && part.ptr + part.len <= whole.ptr + whole.len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct answer_head head, again;
    struct slice text = slice_of((const char *)data, size);
    const char *why = NULL;
    enum answer_step step = answer_head_parse(text, &head, &why);
    enum answer_framing framing;
    uint64_t length = 0;

    assert(step != ANSWER_BAD || why);
    for (size_t len = 0; len < size && len < 64; len++)
        assert(answer_head_parse(slice_upto(text, len), &again, &why) != ANSWER_BAD || step == ANSWER_BAD);
    if (step != ANSWER_DONE)
        return 0;
    assert(head.len <= size && head.status >= 100 && head.status < 600 && head.field_count <= ANSWER_FIELDS_MAX);
    check_inside(text, head.phrase);
    for (unsigned i = 0; i < head.field_count; i++) {
        check_inside(text, head.field[i].name);
        check_inside(text, head.field[i].value);
    }
    if (answer_framing_of(&head, false, &framing, &length, &why))
        assert(length <= INT64_MAX);
    answer_closes(&head);
    return 0;
}
