/*
 * refusal.c - a verdict turned into an answer.
 */
#include "method_private.h"

#include <stdlib.h>

#include "http/status.h"

static bool must_not_be_stored(int status)
{
    return status == 428 || status == 429 || status == 431 || status == 511;
}

/* What an operator wrote is the most of it, and said to be in its own language. */
static bool names_language(const struct verdict *verdict)
{
    for (unsigned i = 0; i < verdict->field_count; i++)
        if (slice_eq(verdict->fields[i].name, SLICE("Content-Language")))
            return true;
    return false;
}

void refusal_build(struct arena *arena, struct answer *answer, const struct refusal *refusal)
{
    struct error_page page = {.status = refusal->verdict.status,
                              .form = refusal->form,
                              .language = refusal->language,
                              .detail = refusal->verdict.detail,
                              .condition = refusal->verdict.condition,
                              .narrower = refusal->verdict.narrower,
                              .hrefs = refusal->verdict.hrefs,
                              .href_count = refusal->verdict.href_count,
                              .link = refusal->verdict.link,
                              .link_text = refusal->verdict.link_text,
                              .type = refusal->verdict.problem,
                              .members = refusal->verdict.members,
                              .explanation = refusal->verdict.explanation,
                              .is_elsewhere = refusal->is_elsewhere};
    struct buf body = BUF_INIT(ERROR_BODY_MAX);
    bool is_xml = page.condition.len; /* without a word in any language */
    enum page_language language;
    struct slice type;

    answer->status = refusal->verdict.status;
    if (must_not_be_stored(answer->status))
        answer_field(arena, answer, SLICE("Cache-Control"), SLICE("no-store"));
    else
        answer_field(arena, answer, SLICE("Vary"), is_xml ? SLICE("Accept") : SLICE("Accept, Accept-Language"));
    answer_field(arena, answer, SLICE("X-Content-Type-Options"), SLICE("nosniff"));
    for (unsigned i = 0; i < refusal->verdict.field_count; i++)
        answer_field(arena, answer, refusal->verdict.fields[i].name, refusal->verdict.fields[i].value);
    language = error_body(&page, &body, &type);
    if (!is_xml && !names_language(&refusal->verdict))
        answer_field(arena, answer, SLICE("Content-Language"), page_language_tag(language));
    if (refusal->form == FORM_HTML && !is_xml)
        answer_field(arena, answer, SLICE("Content-Security-Policy"), page_csp());
    answer_bytes(arena, answer, type, arena_slice(arena, buf_slice(&body)));
    buf_release(&body);
}

void refusal_answer(struct arena *arena, struct verdict verdict, enum error_form form, enum page_language language,
                    struct answer *out)
{
    refusal_build(arena, out, &(struct refusal){.verdict = verdict, .form = form, .language = language});
}

struct verdict verdict_of_read(enum err err)
{
    switch (err) {
    case ERR_MISSING:
    case ERR_PARENT:
    case ERR_NOT_FOLDER:
    case ERR_ESCAPES:
    case ERR_LOOP:
    case ERR_TOO_LONG:
    case ERR_INVALID:
        return VERDICT(404, "There is nothing at this address.");
    case ERR_DENIED:
        return VERDICT(403, "The operating system does not let the server read this.");
    case ERR_TOO_MANY:
    case ERR_BUSY:
    case ERR_CHANGED:
        return VERDICT(503, "The server has no resources left for this just now. Try again in a moment.");
    default:
        return VERDICT(500, "Reading failed on the server's side. Trying again may help.");
    }
}

struct verdict verdict_of_change(enum err err)
{
    switch (err) {
    case ERR_PARENT:
    case ERR_ESCAPES:
    case ERR_LOOP:
        return VERDICT(409, "The folder that this name would be in does not exist.");
    case ERR_MISSING:
        return VERDICT(404, "There is nothing at this address.");
    case ERR_NO_SPACE:
        return (struct verdict){.status = 507,
                                .condition = SLICE("sufficient-disk-space"),
                                .detail = SLICE("There is no space left for this. Nothing was changed.")};
    case ERR_QUOTA:
        return (struct verdict){.status = 507,
                                .condition = SLICE("quota-not-exceeded"),
                                .detail = SLICE("This would be more than may lie here. Nothing was changed.")};
    case ERR_LOCKED:
        return VERDICT(423, "This is locked. Nothing was changed.");
    case ERR_REFUSED:
        return VERDICT(403, "You may not do this here.");
    case ERR_DENIED:
        return VERDICT(403, "The operating system does not let the server change this.");
    case ERR_READ_ONLY:
        return VERDICT(403, "This folder cannot be written; it is served read-only.");
    case ERR_TOO_LONG:
    case ERR_INVALID:
        return VERDICT(400, "The file system cannot hold this name.");
    case ERR_TOO_LARGE:
        return VERDICT(413, "The file system cannot hold a file of this size.");
    case ERR_NOT_FOLDER: /* these four: it was another thing when it was judged, and others keep changing it */
    case ERR_IS_FOLDER:
    case ERR_NOT_EMPTY:
    case ERR_EXISTS:
    case ERR_BUSY:
    case ERR_TOO_MANY:
    case ERR_CHANGED:
        return VERDICT(503, "The server could not do this just now. Nothing was changed; try again.");
    default:
        /* after a failed sync nobody can say whether the change will be there after a crash */
        return VERDICT(500, "Writing failed on the server's side. Look before you try again.");
    }
}
