/*
 * test_refusal.c - verdicts as answers, and operating errors as verdicts.
 */
#include "check.h"
#include "method_private.h"

static struct arena arena;

static struct answer refused(int status, enum error_form form, struct slice condition)
{
    struct answer answer = {0};
    struct refusal refusal = {.verdict = {.status = status, .condition = condition, .detail = SLICE("Because <so>.")},
                              .form = form};

    refusal_build(&arena, &answer, &refusal);
    CHECK_INT(answer.status, status);
    CHECK_INT(answer.content.kind, CONTENT_PIECES);
    CHECK_INT(answer.content.length, answer.content.pieces[0].bytes.len);
    return answer;
}

static struct slice field(const struct answer *answer, const char *name)
{
    for (unsigned i = 0; i < answer->field_count; i++)
        if (slice_eq_nocase(answer->fields[i].name, slice_str(name)))
            return answer->fields[i].value;
    return SLICE("(none)");
}

static bool content_has(const struct answer *answer, const char *text)
{
    struct slice bytes = answer->content.pieces[0].bytes;

    return memmem(bytes.ptr, bytes.len, text, strlen(text)) != NULL;
}

TEST(refusal__is_text_where_nothing_else_is_wanted)
{
    struct answer answer = refused(404, FORM_TEXT, SLICE_NONE);

    CHECK_SLICE(field(&answer, "Content-Type"), "text/plain; charset=utf-8");
    CHECK(content_has(&answer, "404 Not Found"));
    CHECK(content_has(&answer, "Because <so>."));
    CHECK_SLICE(field(&answer, "Content-Security-Policy"), "(none)");
    arena_release(&arena);
}

TEST(refusal__is_a_page_that_runs_nothing)
{
    struct answer answer = refused(404, FORM_HTML, SLICE_NONE);

    CHECK_SLICE(field(&answer, "Content-Type"), "text/html; charset=utf-8");
    CHECK(content_has(&answer, "Because &lt;so&gt;."));
    CHECK(slice_eq(field(&answer, "Content-Security-Policy"), page_csp()));
    arena_release(&arena);
}

TEST(refusal__is_problem_details_for_programs)
{
    struct answer answer = refused(404, FORM_JSON, SLICE_NONE);

    CHECK_SLICE(field(&answer, "Content-Type"), "application/problem+json");
    CHECK(content_has(&answer, "\"status\""));
    arena_release(&arena);
}

TEST(refusal__with_a_condition_is_dav_xml_whatever_the_form)
{
    static const enum error_form forms[] = {FORM_TEXT, FORM_HTML, FORM_JSON};

    for (unsigned i = 0; i < 3; i++) {
        struct answer answer = refused(507, forms[i], SLICE("sufficient-disk-space"));

        CHECK_SLICE(field(&answer, "Content-Type"), "application/xml; charset=utf-8");
        CHECK(content_has(&answer, "<D:sufficient-disk-space/>"));
        CHECK_SLICE(field(&answer, "Content-Security-Policy"), "(none)");
    }
    arena_release(&arena);
}

TEST(refusal__fields_that_every_one_has)
{
    static const int statuses[] = {400, 401, 403, 404, 405, 409, 412, 413, 416, 428, 431, 500, 503, 507};

    for (unsigned i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        struct answer answer = refused(statuses[i], FORM_TEXT, SLICE_NONE);

        CHECK_SLICE(field(&answer, "X-Content-Type-Options"), "nosniff");
        /* What nobody may keep need not say what it depends on. */
        CHECK_SLICE(field(&answer, "Vary"),
                    statuses[i] == 428 || statuses[i] == 431 ? "(none)" : "Accept, Accept-Language");
        CHECK_SLICE(field(&answer, "Content-Language"), "en");
    }
    arena_release(&arena);
}

/* RFC 6585, 3 to 6: none of these may be stored by a cache. */
TEST(refusal__the_four_of_rfc_6585_are_not_stored)
{
    static const int statuses[] = {400, 404, 412, 428, 429, 431, 500, 511};

    for (unsigned i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        struct answer answer = refused(statuses[i], FORM_TEXT, SLICE_NONE);
        bool is_one = statuses[i] == 428 || statuses[i] == 429 || statuses[i] == 431 || statuses[i] == 511;

        CHECK_SLICE(field(&answer, "Cache-Control"), is_one ? "no-store" : "(none)");
    }
    arena_release(&arena);
}

TEST(refusal__shows_the_way_to_somewhere_better)
{
    struct answer answer = {0};
    struct refusal refusal = {.verdict = VERDICT(308, "Elsewhere."), .form = FORM_HTML};

    refusal.verdict.link = SLICE("/a%20b/");
    refusal_build(&arena, &answer, &refusal);
    CHECK(content_has(&answer, "href=\"/a%20b/\""));
    arena_release(&arena);
}

/* ---- errors ---- */

struct row {
    enum err err;
    int read, change;
};

static const struct row rows[] = {
    {ERR_MISSING, 404, 404},   {ERR_PARENT, 404, 409},      {ERR_DENIED, 403, 403},     {ERR_READ_ONLY, 500, 403},
    {ERR_NO_SPACE, 500, 507},  {ERR_TOO_LONG, 404, 400},    {ERR_NOT_FOLDER, 404, 503}, {ERR_ESCAPES, 404, 409},
    {ERR_LOOP, 404, 409},      {ERR_BUSY, 503, 503},        {ERR_CHANGED, 503, 503},    {ERR_INVALID, 404, 400},
    {ERR_TOO_LARGE, 500, 413}, {ERR_UNSUPPORTED, 500, 500}, {ERR_DAMAGED, 500, 500},    {ERR_TOO_MANY, 503, 503},
    {ERR_IO, 500, 500},        {ERR_IS_FOLDER, 500, 503},   {ERR_NOT_EMPTY, 500, 503},  {ERR_EXISTS, 500, 503},
};

TEST(verdict__of_each_error_while_reading_and_changing)
{
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct verdict read = verdict_of_read(rows[i].err), change = verdict_of_change(rows[i].err);

        if (read.status != rows[i].read || change.status != rows[i].change)
            fail_msg("%s: %d and %d, not %d and %d", err_text(rows[i].err), read.status, change.status, rows[i].read,
                     rows[i].change);
    }
}

TEST(verdict__no_error_passes_for_success_and_each_has_its_sentence)
{
    for (enum err err = ERR_NONE + 1; err < ERR_COUNT; err++) {
        struct verdict read = verdict_of_read(err), change = verdict_of_change(err);

        CHECK(read.status >= 400 && read.status < 600 && read.detail.len > 0);
        CHECK(change.status >= 400 && change.status < 600 && change.detail.len > 0);
        CHECK((change.condition.len > 0) == (change.status == 507));
        CHECK_INT(read.condition.len, 0);
    }
}
