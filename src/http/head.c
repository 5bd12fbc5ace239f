/*
 * head.c - the head of a request, fed in pieces.
 *
 * A line is judged as soon as it is complete, or as soon as it is longer than its limit, and then only by
 * as many octets as the limit lets in; so the verdict is the same however the bytes were cut. No octet is
 * searched for a line end twice.
 */
#include <string.h>

#include "head_line.h"

_Static_assert(FIELD_COUNT <= 64, "a uint64_t holds a set of fields");

static const struct slice field_names[FIELD_COUNT] = {
    [FIELD_ACCEPT] = SLICE_INIT("Accept"),
    [FIELD_ACCEPT_CHARSET] = SLICE_INIT("Accept-Charset"),
    [FIELD_ACCEPT_ENCODING] = SLICE_INIT("Accept-Encoding"),
    [FIELD_ACCEPT_FEATURES] = SLICE_INIT("Accept-Features"),
    [FIELD_ACCEPT_LANGUAGE] = SLICE_INIT("Accept-Language"),
    [FIELD_A_IM] = SLICE_INIT("A-IM"),
    [FIELD_AUTHORIZATION] = SLICE_INIT("Authorization"),
    [FIELD_AVAILABLE_DICTIONARY] = SLICE_INIT("Available-Dictionary"),
    [FIELD_CACHE_CONTROL] = SLICE_INIT("Cache-Control"),
    [FIELD_CONNECTION] = SLICE_INIT("Connection"),
    [FIELD_CONTENT_DIGEST] = SLICE_INIT("Content-Digest"),
    [FIELD_CONTENT_ENCODING] = SLICE_INIT("Content-Encoding"),
    [FIELD_CONTENT_LANGUAGE] = SLICE_INIT("Content-Language"),
    [FIELD_CONTENT_LENGTH] = SLICE_INIT("Content-Length"),
    [FIELD_CONTENT_RANGE] = SLICE_INIT("Content-Range"),
    [FIELD_CONTENT_TYPE] = SLICE_INIT("Content-Type"),
    [FIELD_COOKIE] = SLICE_INIT("Cookie"),
    [FIELD_C_MAN] = SLICE_INIT("C-Man"),
    [FIELD_C_OPT] = SLICE_INIT("C-Opt"),
    [FIELD_DATE] = SLICE_INIT("Date"),
    [FIELD_DEPTH] = SLICE_INIT("Depth"),
    [FIELD_DESTINATION] = SLICE_INIT("Destination"),
    [FIELD_DICTIONARY_ID] = SLICE_INIT("Dictionary-ID"),
    [FIELD_EXPECT] = SLICE_INIT("Expect"),
    [FIELD_FORWARDED] = SLICE_INIT("Forwarded"),
    [FIELD_FROM] = SLICE_INIT("From"),
    [FIELD_HOST] = SLICE_INIT("Host"),
    [FIELD_IF] = SLICE_INIT("If"),
    [FIELD_IF_MATCH] = SLICE_INIT("If-Match"),
    [FIELD_IF_MODIFIED_SINCE] = SLICE_INIT("If-Modified-Since"),
    [FIELD_IF_NONE_MATCH] = SLICE_INIT("If-None-Match"),
    [FIELD_IF_RANGE] = SLICE_INIT("If-Range"),
    [FIELD_IF_UNMODIFIED_SINCE] = SLICE_INIT("If-Unmodified-Since"),
    [FIELD_KEEP_ALIVE] = SLICE_INIT("Keep-Alive"),
    [FIELD_LOCK_TOKEN] = SLICE_INIT("Lock-Token"),
    [FIELD_MAN] = SLICE_INIT("Man"),
    [FIELD_MAX_FORWARDS] = SLICE_INIT("Max-Forwards"),
    [FIELD_NEGOTIATE] = SLICE_INIT("Negotiate"),
    [FIELD_OC_CHECKSUM] = SLICE_INIT("OC-Checksum"),
    [FIELD_OPT] = SLICE_INIT("Opt"),
    [FIELD_ORIGIN] = SLICE_INIT("Origin"),
    [FIELD_OVERWRITE] = SLICE_INIT("Overwrite"),
    [FIELD_PRAGMA] = SLICE_INIT("Pragma"),
    [FIELD_PREFER] = SLICE_INIT("Prefer"),
    [FIELD_RANGE] = SLICE_INIT("Range"),
    [FIELD_REFERER] = SLICE_INIT("Referer"),
    [FIELD_REPR_DIGEST] = SLICE_INIT("Repr-Digest"),
    [FIELD_SEC_FETCH_MODE] = SLICE_INIT("Sec-Fetch-Mode"),
    [FIELD_SEC_FETCH_SITE] = SLICE_INIT("Sec-Fetch-Site"),
    [FIELD_TE] = SLICE_INIT("TE"),
    [FIELD_TIMEOUT] = SLICE_INIT("Timeout"),
    [FIELD_TRAILER] = SLICE_INIT("Trailer"),
    [FIELD_TRANSFER_ENCODING] = SLICE_INIT("Transfer-Encoding"),
    [FIELD_UPGRADE] = SLICE_INIT("Upgrade"),
    [FIELD_USER_AGENT] = SLICE_INIT("User-Agent"),
    [FIELD_VIA] = SLICE_INIT("Via"),
    [FIELD_WANT_CONTENT_DIGEST] = SLICE_INIT("Want-Content-Digest"),
    [FIELD_WANT_REPR_DIGEST] = SLICE_INIT("Want-Repr-Digest"),
    [FIELD_X_FORWARDED_FOR] = SLICE_INIT("X-Forwarded-For"),
    [FIELD_X_FORWARDED_HOST] = SLICE_INIT("X-Forwarded-Host"),
    [FIELD_X_FORWARDED_PROTO] = SLICE_INIT("X-Forwarded-Proto"),
    [FIELD_X_OC_MTIME] = SLICE_INIT("X-OC-Mtime"),
};

/* The fields by the length of their names, the commonest first; a test holds it against field_names. */
enum { NAME_LEN_MIN = 2, NAME_LEN_MAX = 20, NAMES_PER_LEN = 6 };
static const uint8_t names_by_len[NAME_LEN_MAX + 1][NAMES_PER_LEN] = {
    [2] = {FIELD_TE, FIELD_IF},
    [3] = {FIELD_VIA, FIELD_MAN, FIELD_OPT},
    [4] = {FIELD_HOST, FIELD_A_IM, FIELD_DATE, FIELD_FROM},
    [5] = {FIELD_RANGE, FIELD_DEPTH, FIELD_C_MAN, FIELD_C_OPT},
    [6] = {FIELD_ACCEPT, FIELD_COOKIE, FIELD_PRAGMA, FIELD_ORIGIN, FIELD_EXPECT, FIELD_PREFER},
    [7] = {FIELD_REFERER, FIELD_UPGRADE, FIELD_TIMEOUT, FIELD_TRAILER},
    [8] = {FIELD_IF_MATCH, FIELD_IF_RANGE},
    [9] = {FIELD_FORWARDED, FIELD_OVERWRITE, FIELD_NEGOTIATE},
    [10] = {FIELD_USER_AGENT, FIELD_CONNECTION, FIELD_KEEP_ALIVE, FIELD_LOCK_TOKEN, FIELD_X_OC_MTIME},
    [11] = {FIELD_DESTINATION, FIELD_OC_CHECKSUM, FIELD_REPR_DIGEST},
    [12] = {FIELD_CONTENT_TYPE, FIELD_MAX_FORWARDS},
    [13] = {FIELD_CACHE_CONTROL, FIELD_IF_NONE_MATCH, FIELD_AUTHORIZATION, FIELD_CONTENT_RANGE, FIELD_DICTIONARY_ID},
    [14] = {FIELD_CONTENT_LENGTH, FIELD_SEC_FETCH_MODE, FIELD_SEC_FETCH_SITE, FIELD_ACCEPT_CHARSET,
            FIELD_CONTENT_DIGEST},
    [15] = {FIELD_ACCEPT_ENCODING, FIELD_ACCEPT_LANGUAGE, FIELD_X_FORWARDED_FOR, FIELD_ACCEPT_FEATURES},
    [16] = {FIELD_X_FORWARDED_HOST, FIELD_CONTENT_ENCODING, FIELD_CONTENT_LANGUAGE, FIELD_WANT_REPR_DIGEST},
    [17] = {FIELD_IF_MODIFIED_SINCE, FIELD_TRANSFER_ENCODING, FIELD_X_FORWARDED_PROTO},
    [19] = {FIELD_IF_UNMODIFIED_SINCE, FIELD_WANT_CONTENT_DIGEST},
    [20] = {FIELD_AVAILABLE_DICTIONARY},
};

/* `size` octets, 8 at most, with zeros where there are fewer. */
static inline uint64_t word_at(const char *text, size_t size)
{
    uint64_t word = 0;

    memcpy(&word, text, size);
    return word;
}

/*
 * `known` has letters and hyphens only. A letter has bit 6 set and a hyphen has not, so bit 6 moved to the
 * place of bit 5 is what makes letters small and leaves hyphens as they are.
 */
static inline bool word_is(uint64_t word, uint64_t known)
{
    uint64_t small = known >> 1 & 0x2020202020202020u;

    return (word | small) == (known | small);
}

/* By words, the last one reaching back over the one before. */
static bool name_is(const char *text, const char *known, size_t len)
{
    if (len < 4)
        return word_is(word_at(text, 2), word_at(known, 2)) &&
               word_is(word_at(text + len - 1, 1), word_at(known + len - 1, 1));
    if (len < 8)
        return word_is(word_at(text, 4), word_at(known, 4)) &&
               word_is(word_at(text + len - 4, 4), word_at(known + len - 4, 4));
    for (size_t at = 0; at + 8 < len; at += 8)
        if (!word_is(word_at(text + at, 8), word_at(known + at, 8)))
            return false;
    return word_is(word_at(text + len - 8, 8), word_at(known + len - 8, 8));
}

enum field_id field_find(struct slice name)
{
    const uint8_t *ids;

    if (name.len < NAME_LEN_MIN || name.len > NAME_LEN_MAX)
        return FIELD_OTHER;
    ids = names_by_len[name.len];
    for (int i = 0; i < NAMES_PER_LEN && ids[i]; i++)
        if (name_is(name.ptr, field_names[ids[i]].ptr, name.len))
            return (enum field_id)ids[i];
    return FIELD_OTHER;
}

struct slice field_name(enum field_id id)
{
    return id > FIELD_OTHER && id < FIELD_COUNT ? field_names[id] : SLICE("");
}

void head_parser_init(struct head_parser *parser, const struct head_limits *limits, struct field *room,
                      unsigned room_count)
{
    *parser = (struct head_parser){.limits = *limits, .room = room_count, .head.fields = room};
    if (parser->room > limits->field_count_max)
        parser->room = limits->field_count_max;
    if (parser->room > HEAD_FIELDS_MAX)
        parser->room = HEAD_FIELDS_MAX;
}

static enum head_step refuse(struct head_parser *parser, struct slice bytes, struct line_verdict verdict)
{
    size_t from = parser->line < 2 ? 0 : parser->line - 2; /* the end of the line before may be half of the mark */
    struct slice method, rest;

    if (parser->head.method_text.len == 0 && slice_cut(slice_from(bytes, parser->line), ' ', &method, &rest))
        parser->head.method = method_find(method); /* the refusal of a HEAD has no content */

    parser->status = verdict.status;
    parser->why = verdict.why;
    parser->end_found = memmem(bytes.ptr + from, bytes.len - from, "\r\n\r\n", 4) != NULL;
    return HEAD_BAD;
}

enum line_step { LINE_MORE, LINE_DONE, LINE_LONG, LINE_BAD };

/*
 * Looks for the end of the current line within its limit. LINE_DONE: *line is it and *next where the next one
 * starts. LINE_LONG: *line is what fits the limit and one octet more.
 */
static enum line_step line_find(struct head_parser *parser, struct slice bytes, size_t max, struct slice *line,
                                size_t *next, const char **why)
{
    size_t window = bytes.len - parser->line > max ? parser->line + max + 1 : bytes.len;
    size_t at = parser->scan + control_find(bytes.ptr + parser->scan, window - parser->scan);

    parser->scan = at;
    *line = slice_of(bytes.ptr + parser->line, at - parser->line);
    if (at == window)
        return line->len > max ? LINE_LONG : LINE_MORE;
    if (bytes.ptr[at] == '\r') {
        if (at + 1 == bytes.len)
            return LINE_MORE;
        *next = at + 2;
        *why = "There is a CR that ends no line.";
        return bytes.ptr[at + 1] == '\n' ? LINE_DONE : LINE_BAD;
    }
    *next = at + 1;
    *why = bytes.ptr[at] == '\n' ? "A line ends in LF without CR." : "There is a control character in the head.";
    return bytes.ptr[at] == '\n' && parser->limits.bare_lf ? LINE_DONE : LINE_BAD;
}

static size_t line_limit(const struct head_parser *parser)
{
    size_t left = parser->limits.fields_total_max - parser->total;

    if (!parser->in_fields)
        return parser->limits.request_line_max;
    return left < parser->limits.field_line_max ? left : parser->limits.field_line_max;
}

static enum head_step refuse_long(struct head_parser *parser, struct slice bytes, struct slice line)
{
    struct line_verdict verdict;
    struct slice culprit = SLICE_NONE;

    if (!parser->in_fields)
        return refuse(parser, bytes, request_line_too_long(line));
    verdict = field_line_too_long(line, parser->head.field_count == 0, &culprit);
    if (line.len > parser->limits.field_line_max && slice_index(line, ':') == line.len)
        verdict = (struct line_verdict){400, "A field line has no colon."}; /* POL-44: no name is that long */
    else if (verdict.status == 431 && line.len > parser->limits.field_line_max)
        parser->culprit = culprit;
    else if (verdict.status == 431)
        verdict.why = "The header fields are too long together.";
    return refuse(parser, bytes, verdict);
}

static struct line_verdict field_take(struct head_parser *parser, struct slice line)
{
    struct head *head = &parser->head;
    struct field field;
    struct line_verdict verdict = field_line_parse(line, head->field_count == 0, &field);

    if (verdict.status)
        return verdict;
    if (head->field_count == parser->room)
        return (struct line_verdict){431, "There are too many header fields."};
    parser->total += line.len;
    head->fields[head->field_count++] = field;
    if (!head->first[field.id])
        head->first[field.id] = (uint8_t)head->field_count;
    head->present |= (uint64_t)1 << field.id;
    return verdict;
}

/* A complete line: more, done, or refused. */
static enum head_step line_take(struct head_parser *parser, struct slice bytes, struct slice line, size_t next)
{
    struct line_verdict verdict = {0, NULL};

    if (line.len && parser->in_fields) {
        verdict = field_take(parser, line);
    } else if (line.len) {
        verdict = request_line_parse(line, &parser->head);
        parser->in_fields = true;
    } else if (parser->in_fields) {
        parser->head.len = next;
        return HEAD_DONE;
    } else if (++parser->empty_lines > HEAD_EMPTY_LINES_MAX) { /* H1-01: some are skipped, not any number */
        verdict = (struct line_verdict){400, "There are only empty lines."};
    }
    if (verdict.status)
        return refuse(parser, bytes, verdict);
    parser->line = parser->scan = next;
    return HEAD_MORE;
}

enum head_step head_parse(struct head_parser *parser, struct slice bytes, struct head *out)
{
    if (bytes.len == 0)
        return HEAD_MORE;
    if (parser->base != bytes.ptr && parser->base)
        head_rebase(&parser->head, parser->base, bytes.ptr);
    parser->base = bytes.ptr;
    for (;;) {
        struct slice line;
        size_t next = 0;
        const char *why = NULL;
        enum line_step found = line_find(parser, bytes, line_limit(parser), &line, &next, &why);
        enum head_step step;

        parser->has_begun |= line.len > 0;
        if (found == LINE_MORE)
            return HEAD_MORE;
        if (found == LINE_BAD)
            return refuse(parser, bytes, (struct line_verdict){400, why});
        if (found == LINE_LONG)
            return refuse_long(parser, bytes, line);
        step = line_take(parser, bytes, line, next);
        if (step == HEAD_DONE)
            *out = parser->head;
        if (step != HEAD_MORE)
            return step;
    }
}

unsigned head_count_of(const struct head *head, enum field_id id)
{
    unsigned count = 0;

    for (const struct field *at = NULL; (at = head_next(head, id, at));)
        count++;
    return count;
}

const struct field *head_next(const struct head *head, enum field_id id, const struct field *after)
{
    const struct field *end = head->fields + head->field_count;

    if (!after)
        return head->first[id] ? &head->fields[head->first[id] - 1] : NULL;
    for (const struct field *at = after + 1; at < end; at++)
        if (at->id == id)
            return at;
    return NULL;
}

struct slice head_combined(const struct head *head, enum field_id id, struct arena *arena)
{
    const struct field *first = head_next(head, id, NULL);
    size_t len = 0, at = 0;
    char *text;

    if (!first || !head_next(head, id, first))
        return head_value(head, id);
    for (const struct field *field = first; field; field = head_next(head, id, field))
        len += field->value.len + 2;
    text = arena_alloc(arena, len);
    for (const struct field *field = first; field; field = head_next(head, id, field)) {
        if (field != first) {
            memcpy(text + at, ", ", 2);
            at += 2;
        }
        if (field->value.len)
            memcpy(text + at, field->value.ptr, field->value.len);
        at += field->value.len;
    }
    return slice_of(text, at);
}

bool head_find(const struct head *head, struct slice name, struct slice *value)
{
    for (unsigned i = 0; i < head->field_count; i++)
        if (slice_eq_nocase(head->fields[i].name, name)) {
            *value = head->fields[i].value;
            return true;
        }
    *value = SLICE_NONE;
    return false;
}

/* By integers: the old bytes may be gone, and a pointer into them may no longer be reckoned with. */
static void slice_rebase(struct slice *slice, uintptr_t from, const char *to)
{
    if (slice->ptr)
        slice->ptr = to + ((uintptr_t)slice->ptr - from);
}

void head_rebase(struct head *head, const char *from, const char *to)
{
    uintptr_t base = (uintptr_t)from;

    slice_rebase(&head->method_text, base, to);
    slice_rebase(&head->target, base, to);
    for (unsigned i = 0; i < head->field_count; i++) {
        slice_rebase(&head->fields[i].name, base, to);
        slice_rebase(&head->fields[i].value, base, to);
    }
}

void head_keep(struct head *head, struct slice bytes, struct arena *arena)
{
    struct field *fields = arena_alloc(arena, head->field_count * sizeof(*fields));
    struct slice kept = arena_slice(arena, slice_upto(bytes, head->len));

    if (head->field_count)
        memcpy(fields, head->fields, head->field_count * sizeof(*fields));
    head->fields = fields;
    head_rebase(head, bytes.ptr, kept.ptr);
}
