/*
 * fuzz_if.c - the If field, and WebDAV's other fields.
 *
 * Properties: what was read, written out plainly, is read as the same; every token of a condition is submitted, once;
 * a field with one more list that is true is true; two fields joined as a list are malformed; what Destination and
 * Lock-Token give lies in the text; a granted time is no more than the cap.
 */
#include "fuzz.h"

#include <assert.h>

#include "base/buf.h"
#include "http/dav_field.h"
#include "http/if_field.h"

enum { ROOM = 20, CAP_S = 86400 };

/* Every other question is answered with yes. */
static bool has_token(void *arg, struct slice resource, struct slice token)
{
    return ++*(unsigned *)arg % 2;
}

static struct validators validators(void *arg, struct slice resource)
{
    return (struct validators){.exists = ++*(unsigned *)arg % 2, .tag = SLICE("x"), .is_weak = *(unsigned *)arg % 3};
}

static bool holds(const struct if_field *field)
{
    unsigned count = 0;
    struct if_states states = {has_token, validators, &count};

    return if_field_holds(field, &states);
}

static void write_condition(struct buf *out, const struct if_condition *condition)
{
    buf_add_str(out, condition->is_not ? "Not" : "");
    buf_add_str(out, !condition->is_tag ? "<" : condition->tag.is_weak ? "[W/\"" : "[\"");
    buf_add(out, condition->is_tag ? condition->tag.text : condition->token);
    buf_add_str(out, condition->is_tag ? "\"]" : ">");
}

static void write_field(struct buf *out, const struct if_field *field)
{
    for (unsigned i = 0; i < field->count; i++) {
        const struct if_list *list = &field->lists[i];

        if (list->resource.len && (i == 0 || list[-1].resource.ptr != list->resource.ptr)) {
            buf_add_char(out, '<');
            buf_add(out, list->resource);
            buf_add_char(out, '>');
        }
        buf_add_char(out, '(');
        for (unsigned k = 0; k < list->count; k++)
            write_condition(out, &list->conditions[k]);
        buf_add_char(out, ')');
    }
}

static void check_tokens(const struct if_field *field)
{
    for (unsigned i = 0; i < field->count; i++)
        for (unsigned k = 0; k < field->lists[i].count; k++) {
            const struct if_condition *condition = &field->lists[i].conditions[k];
            unsigned found = condition->is_tag;

            for (unsigned t = 0; !condition->is_tag && t < field->token_count; t++)
                found += slice_eq(field->tokens[t], condition->token);
            assert(found == 1);
        }
}

static void check_if(struct slice value)
{
    struct buf text = BUF_INIT(1 << 22), again = BUF_INIT(1 << 22);
    struct arena arena = {0};
    struct if_field field, second;

    if (if_field_parse(value, &arena, &field) == ERR_NONE) {
        assert(field.count > 0 && field.count <= IF_LISTS_MAX);
        check_tokens(&field);
        write_field(&text, &field);
        assert(if_field_parse(buf_slice(&text), &arena, &second) == ERR_NONE);
        write_field(&again, &second);
        assert(slice_eq(buf_slice(&text), buf_slice(&again)));
        assert(holds(&field) == holds(&second));
        buf_add_str(&text, "(Not <DAV:no-lock>)");
        assert(if_field_parse(buf_slice(&text), &arena, &second) != ERR_NONE || holds(&second));
        buf_add_str(&text, ", (<DAV:no-lock>)");
        assert(if_field_parse(buf_slice(&text), &arena, &second) == ERR_INVALID);
    } else
        assert(field.count == 0);
    arena_release(&arena);
    buf_release(&text);
    buf_release(&again);
}

static void check_fields(struct slice fields)
{
    struct buf text = BUF_INIT(1 << 20);
    struct head_parser parser;
    struct field room[ROOM];
    struct slice token;
    struct prefer prefer;
    struct head head;

    buf_add_str(&text, "GET / HTTP/1.1\r\n");
    buf_add(&text, fields);
    buf_add_str(&text, "\r\n\r\n");
    head_parser_init(&parser, &HEAD_LIMITS_DEFAULT, room, ROOM);
    if (head_parse(&parser, buf_slice(&text), &head) == HEAD_DONE) {
        assert((depth_of(&head) == DEPTH_ABSENT) == !head_has(&head, FIELD_DEPTH));
        assert(overwrite_of(&head) == OVERWRITE_T || head_has(&head, FIELD_OVERWRITE));
        assert(timeout_of(&head, CAP_S, 60) > 0 && timeout_of(&head, CAP_S, 60) <= CAP_S);
        if (lock_token_of(&head, &token))
            assert(token.len >= 3 && token.ptr >= text.ptr && token.ptr + token.len <= text.ptr + text.len);
        prefer = prefer_of(&head);
        assert(!(prefer.is_minimal && prefer.wants_representation));
    }
    buf_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct slice text = slice_of((const char *)data, len);
    struct reference reference;

    check_if(text);
    check_fields(text);
    if (reference_parse(text, &reference))
        assert(reference.path.len > 0 && reference.path.ptr[0] == '/' &&
               (reference.scheme.len > 0) == (reference.host.name.len > 0));
    return 0;
}
