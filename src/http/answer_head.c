/*
 * answer_head.c - the head of an answer.
 */
#include "http/answer_head.h"

#include "http/field.h"
#include "http/head_line.h"

enum { STATUS_AT = 9, PHRASE_AT = 13 }; /* "HTTP/1.1 200 OK" */

static bool is_status_line(struct slice line)
{
    if (line.len < PHRASE_AT - 1 || !slice_starts(line, SLICE("HTTP/1.")) || line.ptr[STATUS_AT - 1] != ' ')
        return false;
    if (line.ptr[7] != '0' && line.ptr[7] != '1')
        return false;
    if (line.len >= PHRASE_AT && line.ptr[PHRASE_AT - 1] != ' ')
        return false;
    for (int i = 0; i < 3; i++)
        if (!ascii_is_digit(line.ptr[STATUS_AT + i]))
            return false;
    return line.ptr[STATUS_AT] >= '1' && line.ptr[STATUS_AT] <= '5' && control_find(line.ptr, line.len) == line.len;
}

static bool status_line_parse(struct slice line, struct answer_head *out)
{
    if (!is_status_line(line))
        return false;
    out->minor = line.ptr[7] - '0';
    out->status =
        100 * (line.ptr[STATUS_AT] - '0') + 10 * (line.ptr[STATUS_AT + 1] - '0') + line.ptr[STATUS_AT + 2] - '0';
    out->phrase = slice_from(line, line.len < PHRASE_AT ? line.len : PHRASE_AT);
    return true;
}

/* Takes one line with its end; false: there is no end. A lone LF ends a line, too (RFC 9112 §2.2). */
static bool line_take(struct slice *rest, struct slice *line)
{
    size_t end = slice_index(*rest, '\n');

    if (end == rest->len)
        return false;
    *line = slice_upto(*rest, end);
    if (slice_ends(*line, SLICE("\r")))
        line->len--;
    *rest = slice_from(*rest, end + 1);
    return true;
}

static enum answer_step bad(const char *sentence, const char **why)
{
    *why = sentence;
    return ANSWER_BAD;
}

static enum answer_step fields_parse(struct slice *rest, struct answer_head *out, const char **why)
{
    struct slice line;

    out->field_count = 0;
    while (line_take(rest, &line)) {
        struct line_verdict verdict;

        if (line.len == 0)
            return ANSWER_DONE;
        if (out->field_count == ANSWER_FIELDS_MAX)
            return bad("the answer has too many fields", why);
        verdict = field_line_parse(line, out->field_count == 0, &out->field[out->field_count]);
        if (verdict.status)
            return bad("the answer has a field line that is none", why);
        out->field_count++;
    }
    return ANSWER_MORE;
}

enum answer_step answer_head_parse(struct slice bytes, struct answer_head *out, const char **why)
{
    struct slice rest = bytes, line;
    enum answer_step step = ANSWER_MORE;

    out->field_count = 0;
    if (line_take(&rest, &line)) {
        if (!status_line_parse(line, out))
            return bad("the answer does not begin as one of HTTP/1", why);
        step = fields_parse(&rest, out, why);
    } else if (bytes.len >= 7 && !slice_starts(bytes, SLICE("HTTP/1."))) {
        return bad("the answer does not begin as one of HTTP/1", why);
    }
    out->len = step == ANSWER_DONE ? (size_t)(rest.ptr - bytes.ptr) : 0;
    if (step == ANSWER_DONE ? out->len > ANSWER_HEAD_MAX : step == ANSWER_MORE && bytes.len >= ANSWER_HEAD_MAX)
        return bad("the answer's head is too long", why);
    return step;
}

struct slice answer_head_value(const struct answer_head *head, struct slice name)
{
    for (unsigned i = 0; i < head->field_count; i++)
        if (slice_eq_nocase(head->field[i].name, name))
            return head->field[i].value;
    return SLICE_NONE;
}

bool answer_head_has(const struct answer_head *head, struct slice name)
{
    for (unsigned i = 0; i < head->field_count; i++)
        if (slice_eq_nocase(head->field[i].name, name))
            return true;
    return false;
}

static unsigned line_count(const struct answer_head *head, struct slice name)
{
    unsigned count = 0;

    for (unsigned i = 0; i < head->field_count; i++)
        count += slice_eq_nocase(head->field[i].name, name);
    return count;
}

/* All lines of a field have to say the same number. */
static bool length_of(const struct answer_head *head, uint64_t *length)
{
    bool has_one = false;

    for (unsigned i = 0; i < head->field_count; i++) {
        uint64_t here;

        if (!slice_eq_nocase(head->field[i].name, SLICE("Content-Length")))
            continue;
        if (!slice_u64(head->field[i].value, &here) || here > INT64_MAX || (has_one && here != *length))
            return false;
        *length = here;
        has_one = true;
    }
    return has_one;
}

bool answer_framing_of(const struct answer_head *head, bool is_head_request, enum answer_framing *out, uint64_t *length,
                       const char **why)
{
    struct slice coding = answer_head_value(head, SLICE("Transfer-Encoding"));
    bool has_length = answer_head_has(head, SLICE("Content-Length"));

    *length = 0;
    *out = ANSWER_EMPTY;
    if (is_head_request || head->status < 200 || head->status == 204 || head->status == 304)
        return true;
    if (answer_head_has(head, SLICE("Transfer-Encoding"))) {
        *out = ANSWER_CHUNKED;
        *why = "the answer's Transfer-Encoding is not understood";
        return slice_eq_nocase(coding, SLICE("chunked")) && line_count(head, SLICE("Transfer-Encoding")) == 1 &&
               !has_length && head->minor == 1;
    }
    *out = has_length ? ANSWER_LENGTH : ANSWER_CLOSE;
    *why = "the answer's Content-Length makes no sense";
    return !has_length || length_of(head, length);
}

bool answer_closes(const struct answer_head *head)
{
    for (unsigned i = 0; i < head->field_count; i++)
        if (slice_eq_nocase(head->field[i].name, SLICE("Connection")) && list_has(head->field[i].value, SLICE("close")))
            return true;
    return head->minor == 0;
}
