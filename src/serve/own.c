/*
 * own.c - what is at the server's own addresses, beside earlier contents: the style sheet of its pages, and the
 * reference of status codes. The same for everybody, on every site; all of it can only be read.
 */
#include "http/status.h"
#include "method/method.h"
#include "repr/reference.h"
#include "repr/repr.h"
#include "station.h"

static LOOP_SIDE void style_show(struct exchange *ex)
{
    exchange_static(ex, SLICE("text/css; charset=utf-8"), page_style_css());
}

/* ---- the reference ---- */

static void write_page(const struct status *status, enum page_language language, struct buf *out)
{
    if (status)
        reference_page(status, language, out);
    else
        reference_list_page(language, out);
}

static void write_plain(const struct status *status, enum reference_form form, struct buf *out)
{
    if (status)
        reference_write(status, form, out);
    else
        reference_list(form, out);
    if (status && form == REFERENCE_JSON)
        buf_add_char(out, '\n');
}

/* status: NULL for the list of all. */
static LOOP_SIDE void reference_show(struct exchange *ex, const struct status *status)
{
    enum error_form form = accept_error_form(head_combined(&ex->head, FIELD_ACCEPT, &ex->arena));
    enum page_language language = page_language_choose(head_combined(&ex->head, FIELD_ACCEPT_LANGUAGE, &ex->arena));
    struct buf out = BUF_INIT(REFERENCE_PAGE_MAX);
    struct slice type = SLICE("text/plain; charset=utf-8");

    if (form == FORM_HTML) {
        write_page(status, language, &out);
        type = SLICE("text/html; charset=utf-8");
        answer_field(&ex->arena, &ex->answer, SLICE("Content-Security-Policy"), page_csp());
        answer_field(&ex->arena, &ex->answer, SLICE("Content-Language"), page_language_tag(language));
    } else {
        write_plain(status, form == FORM_JSON ? REFERENCE_JSON : REFERENCE_TEXT, &out);
        if (form == FORM_JSON)
            type = SLICE("application/json");
        else
            answer_field(&ex->arena, &ex->answer, SLICE("Content-Language"), SLICE("en"));
    }
    answer_field(&ex->arena, &ex->answer, SLICE("Vary"), SLICE("Accept, Accept-Language"));
    exchange_static(ex, type, arena_slice(&ex->arena, buf_slice(&out)));
    buf_release(&out);
}

/* ---- */

struct own {
    bool is_style, is_list, is_bare; /* bare: the list's without its slash */
    const struct status *status;     /* of a page of the reference */
};

/* Three digits, as they stand in an answer: no other spelling. */
static const struct status *status_of(struct slice text)
{
    uint64_t code;

    return text.len == 3 && slice_u64(text, &code) ? status_find((int)code) : NULL;
}

static bool own_find(const struct exchange *ex, struct own *out)
{
    /* As struct rpath has it: without the slashes around it. */
    struct slice list = slice_from(slice_upto(SLICE(REFERENCE_PATH), sizeof(REFERENCE_PATH) - 2), 1),
                 path = ex->path.text;

    *out = (struct own){0};
    if (slice_eq(path, list)) {
        out->is_list = ex->path.has_slash;
        out->is_bare = !ex->path.has_slash;
    } else if (!ex->path.has_slash) {
        out->is_style = slice_eq(path, slice_from(SLICE(PAGE_STYLE_PATH), 1));
        if (slice_starts(path, list) && path.ptr[list.len] == '/')
            out->status = status_of(slice_from(path, list.len + 1));
    }
    return out->is_style || out->is_list || out->is_bare || out->status;
}

void own_answer(struct exchange *ex)
{
    struct own own;

    if (!own_find(ex, &own)) {
        exchange_refuse(ex, VERDICT(404, "There is nothing at this address."));
    } else if (ex->head.method != METHOD_GET && ex->head.method != METHOD_HEAD) {
        answer_field(&ex->arena, &ex->answer, SLICE("Allow"), SLICE("GET, HEAD"));
        exchange_refuse(ex, VERDICT(405, "This can only be read."));
    } else if (own.is_style) {
        style_show(ex);
    } else if (own.is_bare) {
        exchange_redirect(ex, SLICE(REFERENCE_PATH));
    } else {
        reference_show(ex, own.status);
    }
}
