/*
 * fuzz_head.c - the head of a request.
 *
 * Properties: however its bytes are cut and wherever they move, a head means the same, or is refused with
 * the same status; and a head that was accepted, written out anew, reads as the same head.
 * The first three octets of an input say how to cut and how narrow the limits are.
 */
#include "fuzz.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "http/field.h"
#include "http/framing.h"
#include "http/head.h"
#include "http/host.h"

enum { ROOM = 40 };

static struct head_limits limits_of(uint8_t choice)
{
    if (choice & 1)
        return (struct head_limits){64, 48, 100, 5, choice & 2};
    return (struct head_limits){8400, 49152, 65536, 128, choice & 2};
}

/* Feeds pieces of `step` octets, each time from another place in memory. */
static enum head_step feed_in_pieces(struct head_parser *parser, struct slice text, size_t step, struct head *head,
                                     char **bytes)
{
    enum head_step got = HEAD_MORE;

    *bytes = NULL;
    for (size_t len = 0; got == HEAD_MORE && len < text.len;) {
        char *moved;

        len = text.len - len > step ? len + step : text.len;
        moved = malloc(len);
        memcpy(moved, text.ptr, len);
        free(*bytes);
        *bytes = moved;
        got = head_parse(parser, slice_of(moved, len), head);
    }
    return got;
}

static bool is_inside(struct slice part, struct slice whole)
{
    return part.ptr >= whole.ptr && part.ptr + part.len <= whole.ptr + whole.len;
}

static void check_head(const struct head *head, struct slice text)
{
    assert(head->len <= text.len && head->field_count <= ROOM);
    assert(is_token(head->method_text) && is_inside(head->method_text, text) && is_inside(head->target, text));
    assert(head->target.len > 0 && slice_index(head->target, ' ') == head->target.len);
    for (unsigned i = 0; i < head->field_count; i++) {
        struct field field = head->fields[i];

        assert(is_token(field.name) && is_inside(field.name, text) && is_inside(field.value, text));
        assert(slice_eq(slice_trim(field.value), field.value));
        assert(slice_index(field.value, '\r') == field.value.len && slice_index(field.value, '\n') == field.value.len);
        assert(slice_index(field.value, 0) == field.value.len);
        assert(head_has(head, field.id) && head->first[field.id] <= i + 1);
        assert(field.id == field_find(field.name));
    }
}

static void check_same(const struct head *a, const struct head *b)
{
    assert(slice_eq(a->method_text, b->method_text) && slice_eq(a->target, b->target) && a->minor == b->minor);
    assert(a->method == b->method && a->field_count == b->field_count && a->present == b->present);
    for (unsigned i = 0; i < a->field_count; i++) {
        assert(slice_eq(a->fields[i].name, b->fields[i].name) && slice_eq(a->fields[i].value, b->fields[i].value));
        assert(a->fields[i].id == b->fields[i].id);
    }
}

static void check_written_anew(const struct head *head)
{
    struct buf text = BUF_INIT(1 << 20);
    struct field room[ROOM];
    struct head_parser parser;
    struct head again;

    buf_add(&text, head->method_text);
    buf_add_char(&text, ' ');
    buf_add(&text, head->target);
    buf_add_str(&text, head->minor ? " HTTP/1.1\r\n" : " HTTP/1.0\r\n");
    for (unsigned i = 0; i < head->field_count; i++) {
        buf_add(&text, head->fields[i].name);
        buf_add_str(&text, ": ");
        buf_add(&text, head->fields[i].value);
        buf_add_str(&text, "\r\n");
    }
    buf_add_str(&text, "\r\n");
    head_parser_init(&parser, &(struct head_limits){1 << 20, 1 << 20, 1 << 20, ROOM, false}, room, ROOM);
    assert(head_parse(&parser, buf_slice(&text), &again) == HEAD_DONE);
    check_same(head, &again);
    buf_release(&text);
}

/* What is read out of every head: it only has to hold up. */
static void read_on(const struct head *head)
{
    struct framing framing;
    struct target target;
    struct host host;
    const char *why = NULL;
    int status = framing_decide(head, &framing, &why);

    assert(status == 0 || ((status == 400 || status == 417 || status == 501) && why));
    assert(framing.kind != BODY_LENGTH || framing.length <= INT64_MAX);
    assert(!framing.expects_continue || framing.kind != BODY_NONE);
    if (target_parse(head->target, head->method, &target, &why) == 0)
        host_of_request(head, &target, &host, &why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct slice text = len > 2 ? slice_of((const char *)data + 2, len - 2) : SLICE("");
    struct head_limits limits = limits_of(len > 2 ? data[0] : 0);
    struct head_parser whole_parser, parser;
    struct field whole_room[ROOM], room[ROOM];
    struct head whole, head;
    char *bytes;
    enum head_step a, b;

    head_parser_init(&whole_parser, &limits, whole_room, ROOM);
    head_parser_init(&parser, &limits, room, ROOM);
    a = head_parse(&whole_parser, text, &whole);
    b = feed_in_pieces(&parser, text, len > 2 ? 1u + data[1] % 64 : 1, &head, &bytes);
    assert(a == b);
    if (a == HEAD_BAD) {
        assert(whole_parser.status == parser.status && whole_parser.why == parser.why);
        assert(slice_eq(whole_parser.culprit, parser.culprit) && parser.culprit.len <= HEAD_CULPRIT_MAX);
        assert(!parser.end_found || whole_parser.end_found);
    }
    if (a == HEAD_DONE) {
        check_head(&whole, text);
        assert(whole.len == head.len);
        check_same(&whole, &head);
        check_written_anew(&head);
        read_on(&whole);
    }
    free(bytes);
    return 0;
}
