/*
 * negotiate_list.c - a page that lists variants: for people as HTML, for programs as JSON; Alternates is for both.
 */
#include "negotiate_private.h"

#include "http/field.h"
#include "http/status.h"
#include "repr/variants_page.h"

enum { LIST_MAX = 256 * 1024, TAG_ROOM = 64 };

/* The same list in the same form has the same octets: a tag of those, and the list's validator (RFC 2295 §9.2). */
static struct slice tag_of(struct arena *arena, struct slice body, struct slice validator)
{
    struct buf text = BUF_INIT(TAG_ROOM);
    struct slice made;

    buf_add_char(&text, '"');
    variants_validator_write(&text, body);
    buf_printf(&text, ";%.*s\"", SLICE_FMT(validator));
    made = arena_slice(arena, buf_slice(&text));
    buf_release(&text);
    return made;
}

static bool names(struct slice vary, struct slice name)
{
    for (struct slice member; list_next(&vary, &member);)
        if (slice_eq_nocase(member, name))
            return true;
    return false;
}

/* The page is in a form and a language that the client reads, whatever the variants differ in. */
static struct slice vary_of(struct arena *arena, struct slice vary)
{
    return arena_printf(arena, "%.*s%s%s", SLICE_FMT(vary), names(vary, SLICE("accept")) ? "" : ", accept",
                        names(vary, SLICE("accept-language")) ? "" : ", accept-language");
}

void negotiation_list(struct arena *arena, const struct list_page *page, struct answer *out)
{
    struct variants_page what = {.status = page->status,
                                 .list = page->list,
                                 .count = page->count,
                                 .form = accept_error_form(page->accept) == FORM_JSON ? LISTING_JSON : LISTING_HTML,
                                 .language = page_language_choose(page->accept_language)};
    struct buf body = BUF_INIT(LIST_MAX);
    struct slice type = variants_page(&what, &body);

    out->status = page->status;
    answer_field(arena, out, SLICE("Alternates"), page->alternates);
    answer_field(arena, out, SLICE("Vary"), vary_of(arena, page->vary));
    answer_field(arena, out, SLICE("Content-Language"), page_language_tag(what.language));
    if (page->status == 300)
        answer_field(arena, out, SLICE("ETag"), tag_of(arena, buf_slice(&body), page->validator));
    answer_field(arena, out, SLICE("Cache-Control"), SLICE("no-cache"));
    answer_field(arena, out, SLICE("X-Content-Type-Options"), SLICE("nosniff"));
    if (what.form == LISTING_HTML)
        answer_field(arena, out, SLICE("Content-Security-Policy"), page_csp());
    answer_bytes(arena, out, type, arena_slice(arena, buf_slice(&body)));
    buf_release(&body);
}
