/*
 * framing.c - where a body ends.
 */
#include "http/field.h"
#include "http/framing.h"

static int refuse(int status, const char **why, const char *sentence)
{
    *why = sentence;
    return status;
}

/* Every line and every member must be the same number (H1-31). 0 or 400. */
static int length_decide(const struct head *head, uint64_t *length, const char **why)
{
    bool has_one = false;

    for (const struct field *line = NULL; (line = head_next(head, FIELD_CONTENT_LENGTH, line));) {
        struct slice rest = line->value, member;
        bool more = true;

        while (more) { /* not list_next(): an empty member is an error here */
            uint64_t value;

            more = slice_cut(rest, ',', &member, &rest);
            member = slice_trim(more ? member : rest);
            if (!slice_u64(member, &value) || value > INT64_MAX)
                return refuse(400, why, "Content-Length is no length.");
            if (has_one && value != *length)
                return refuse(400, why, "There are two different lengths in Content-Length.");
            has_one = true;
            *length = value;
        }
    }
    return 0;
}

/*
 * All lines are one list whose last member, and no other, is chunked (H1-27 to H1-29, H1-33). Empty members
 * are refused, since somebody in front of us may read them differently.
 */
static int coding_decide(const struct head *head, const char **why)
{
    bool is_chunked = false, has_other = false;

    for (const struct field *line = NULL; (line = head_next(head, FIELD_TRANSFER_ENCODING, line));) {
        struct slice rest = line->value, member, coding;
        bool more = true;

        while (more) {
            more = slice_cut(rest, ',', &member, &rest);
            member = slice_trim(more ? member : rest);
            if (is_chunked)
                return refuse(400, why, "In Transfer-Encoding, chunked is not the last coding, once.");
            is_chunked = slice_eq_nocase(member, SLICE("chunked"));
            coding = slice_trim(slice_upto(member, slice_index(member, ';')));
            if (!is_chunked && (!is_token(coding) || slice_eq_nocase(coding, SLICE("chunked"))))
                return refuse(400, why, "Transfer-Encoding is malformed.");
            has_other |= !is_chunked;
        }
    }
    if (!is_chunked)
        return refuse(400, why, "The last transfer coding of a request must be chunked.");
    if (has_other)
        return refuse(501, why, "chunked is the only transfer coding known here.");
    return 0;
}

static int body_decide(const struct head *head, struct framing *out, const char **why)
{
    int status;

    if (head_has(head, FIELD_TRANSFER_ENCODING)) {
        if (head_has(head, FIELD_CONTENT_LENGTH)) /* H1-26 */
            return refuse(400, why, "There are both Transfer-Encoding and Content-Length.");
        if (head->minor == 0) /* H1-30 */
            return refuse(400, why, "HTTP/1.0 has no Transfer-Encoding.");
        status = coding_decide(head, why);
        out->kind = status ? BODY_NONE : BODY_CHUNKED;
        return status;
    }
    if (head_has(head, FIELD_CONTENT_LENGTH)) {
        status = length_decide(head, &out->length, why);
        out->kind = status ? BODY_NONE : BODY_LENGTH;
        return status;
    }
    return 0; /* H1-38 */
}

static void persistence_decide(const struct head *head, struct framing *out)
{
    bool close = false, keep = false;

    for (const struct field *line = NULL; (line = head_next(head, FIELD_CONNECTION, line));) {
        close |= list_has(line->value, SLICE("close"));
        keep |= list_has(line->value, SLICE("keep-alive"));
    }
    out->keep_alive = !close && (head->minor > 0 || keep);
    out->wants_keep_alive_field = out->keep_alive && head->minor == 0;
}

static int expectation_decide(const struct head *head, struct framing *out, const char **why)
{
    if (head->minor == 0) /* H1-55 */
        return 0;
    for (const struct field *line = NULL; (line = head_next(head, FIELD_EXPECT, line));) {
        struct slice rest = line->value;

        for (struct slice member; list_next(&rest, &member);) {
            if (!slice_eq_nocase(member, SLICE("100-continue"))) {
                out->expects_unknown = true;
                return refuse(417, why, "The only expectation known here is 100-continue.");
            }
            out->expects_continue = out->kind == BODY_CHUNKED || (out->kind == BODY_LENGTH && out->length > 0);
        }
    }
    return 0;
}

int framing_decide(const struct head *head, struct framing *out, const char **why)
{
    int status;

    *out = (struct framing){0};
    status = body_decide(head, out, why);
    if (status) {
        out->must_close = true;
        return status;
    }
    if (!head_has(head, FIELD_CONNECTION) && head->minor > 0)
        out->keep_alive = true; /* the usual case */
    else
        persistence_decide(head, out);
    return head_has(head, FIELD_EXPECT) ? expectation_decide(head, out, why) : 0;
}
