/*
 * fuzz_conditions.c - preconditions and entity tags.
 *
 * Properties: a verdict stays the same when the conditions were carried into an arena; 304 comes of GET and
 * HEAD only; without a condition all is well; If-Match never lets a weak tag pass; and a well-formed list of
 * tags matches exactly if it names the tag.
 * The first octet of an input says what is there; the rest are field lines.
 */
#include "fuzz.h"

#include <assert.h>
#include <string.h>

#include "base/buf.h"
#include "http/cond.h"

enum { ROOM = 20 };

static struct validators validators_of(uint8_t choice)
{
    return (struct validators){.exists = choice & 1,
                               .tag = choice & 2 ? SLICE("v1") : SLICE(""),
                               .is_weak = choice & 4,
                               .has_date = choice & 8,
                               .modified_s = 784111777,
                               .date_is_strong = choice & 16};
}

static void check_fields(struct slice fields, uint8_t choice)
{
    struct buf text = BUF_INIT(1 << 20);
    struct arena arena = {0}, other = {0};
    struct validators current = validators_of(choice);
    struct conditions conditions, kept;
    struct head_parser parser;
    struct field room[ROOM];
    struct head head;

    buf_add_str(&text, "GET / HTTP/1.1\r\n");
    buf_add(&text, fields);
    buf_add_str(&text, "\r\n\r\n");
    head_parser_init(&parser, &HEAD_LIMITS_DEFAULT, room, ROOM);
    if (head_parse(&parser, buf_slice(&text), &head) == HEAD_DONE) {
        enum cond_result get, put;

        conditions_from_head(&head, 784111777, &arena, &conditions);
        get = conditions_judge(&conditions, true, &current);
        put = conditions_judge(&conditions, false, &current);
        assert(put != COND_NOT_MODIFIED);
        assert(conditions_any(&conditions) || (get == COND_GO && put == COND_GO));
        assert(!conditions.has_match || !current.is_weak || put == COND_FAILED ||
               slice_eq(slice_trim(conditions.match), SLICE("*")));
        kept = conditions;
        conditions_keep(&kept, &other);
        memset(text.ptr, 'x', text.len);
        arena_release(&arena);
        assert(conditions_judge(&kept, true, &current) == get && conditions_judge(&kept, false, &current) == put);
    }
    arena_release(&arena);
    arena_release(&other);
    buf_release(&text);
}

/* Each octet is a tag of one character, or a separator of some kind. */
static void check_list(struct slice octets)
{
    struct buf list = BUF_INIT(1 << 16);
    struct validators current = {.exists = true, .tag = SLICE(",")};
    bool strong = false, weak = false;
    struct conditions conditions = {.has_match = true};

    for (size_t i = 0; i < octets.len && i < 1000; i++) {
        unsigned char c = (unsigned char)octets.ptr[i];
        char tag = ",v\\*"[c & 3];

        buf_printf(&list, "%s%s\"%c\"%s", i ? "," : "", c & 4 ? "W/" : "", tag, c & 8 ? " \t, ," : "");
        weak |= tag == ',';
        strong |= tag == ',' && !(c & 4);
    }
    conditions.match = buf_slice(&list);
    assert((conditions_judge(&conditions, false, &current) == COND_GO) == strong);
    conditions = (struct conditions){.has_none_match = true, .none_match = buf_slice(&list)};
    assert((conditions_judge(&conditions, true, &current) == COND_NOT_MODIFIED) == weak);
    buf_release(&list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct slice rest = len ? slice_of((const char *)data + 1, len - 1) : SLICE("");
    struct etag tag;

    check_fields(rest, len ? data[0] : 0);
    check_list(rest);
    if (etag_parse(rest, &tag)) {
        struct validators current = {.exists = true, .tag = tag.text, .is_weak = tag.is_weak};
        struct buf text = BUF_INIT(1 << 20);

        etag_write(&text, &current);
        assert(tag.text.len == 0 || slice_eq(buf_slice(&text), rest));
        buf_release(&text);
    }
    return 0;
}
