/*
 * method.c - the table of methods, and how every answer leaves.
 */
#include "negotiate_private.h"

#include <assert.h>

#include "base/trace.h"
#include "gate/gate.h"
#include "http/date.h"
#include "http/field.h"

static const struct method_row rows[] = {
    {METHOD_GET, get_plan},           {METHOD_HEAD, get_plan},
    {METHOD_PUT, put_plan},           {METHOD_DELETE, delete_plan},
    {METHOD_OPTIONS, options_plan},   {METHOD_POST, elsewhere_plan},
    {METHOD_PATCH, patch_plan},       {METHOD_TRACE, elsewhere_plan},
    {METHOD_PROPFIND, propfind_plan}, {METHOD_PROPPATCH, proppatch_plan},
    {METHOD_MKCOL, mkcol_plan},       {METHOD_COPY, transfer_plan},
    {METHOD_MOVE, transfer_plan},     {METHOD_LOCK, lock_plan},
    {METHOD_UNLOCK, unlock_plan},     {METHOD_REPORT, report_plan},
    {METHOD_BIND, bind_plan},         {METHOD_UNBIND, bind_plan},
    {METHOD_REBIND, bind_plan},       {METHOD_BREW, elsewhere_plan},
    {METHOD_WHEN, elsewhere_plan},
};

void method_start(struct exchange *ex)
{
    exchange_state(ex, EXCH_PLANNED);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].method == ex->head.method) {
            ex->method_row = &rows[i];
            rows[i].plan(ex);
            return;
        }
    exchange_refuse(ex, VERDICT(501, "This method is not implemented."));
}

/* The two began as one and would write into the same room: what gates add to them may differ. */
static void fields_part(struct arena *arena, struct answer *answer)
{
    struct answer_field *own = arena_alloc(arena, (answer->field_count + 1) * sizeof(*own));

    if (answer->field_count)
        memcpy(own, answer->fields, answer->field_count * sizeof(*own));
    answer->fields = own;
    answer->field_room = answer->field_count + 1;
}

static LOOP_SIDE void decorate(struct exchange *ex, struct answer *answer)
{
    negotiation_decorate(ex, answer);
    gates_decorate(ex, answer);
}

void exchange_answer(struct exchange *ex)
{
    ex->answer.is_head = ex->head.method == METHOD_HEAD;
    if (ex->answer.whole && ex->answer.whole != &ex->answer)
        fields_part(&ex->arena, ex->answer.whole);
    decorate(ex, &ex->answer);
    if (ex->answer.whole && ex->answer.whole != &ex->answer)
        decorate(ex, ex->answer.whole);
    if (!slice_is_empty(ex->login_info)) /* this client's alone */
        answer_field(&ex->arena, &ex->answer, SLICE("Authentication-Info"), ex->login_info);
    exchange_state(ex, EXCH_ANSWERED);
    TRACE(TRACE_METHOD, ex->id, "%.*s %.*s: %d", SLICE_FMT(ex->head.method_text), SLICE_FMT(ex->head.target),
          ex->answer.status);
    ex->wire->answer(ex);
}

/* Then what is lacking may be lacking there. */
static bool has_destination(const struct exchange *ex)
{
    enum method method = ex->head.method;

    return method == METHOD_COPY || method == METHOD_MOVE || method == METHOD_BIND || method == METHOD_UNBIND ||
           method == METHOD_REBIND;
}

enum page_language reader_language(struct exchange *ex)
{
    return page_language_choose(head_combined(&ex->head, FIELD_ACCEPT_LANGUAGE, &ex->arena));
}

/* In the form and the language that the client would rather read. */
static LOOP_SIDE struct refusal refusal_of(struct exchange *ex, struct verdict verdict)
{
    return (struct refusal){.verdict = verdict,
                            .form = accept_error_form(head_combined(&ex->head, FIELD_ACCEPT, &ex->arena)),
                            .language = reader_language(ex),
                            .is_elsewhere = ex->is_intercepted};
}

void exchange_refuse(struct exchange *ex, struct verdict verdict)
{
    struct refusal refusal = refusal_of(ex, verdict);

    if (verdict.lacks && ex->ask_login && !has_destination(ex) && login_could_help(ex, verdict.lacks)) {
        ex->ask_login(ex);
        return;
    }
    refusal_build(&ex->arena, &ex->answer, &refusal);
    exchange_answer(ex);
}

void exchange_redirect(struct exchange *ex, struct slice encoded_path)
{
    struct refusal refusal = refusal_of(ex, VERDICT(308, "This resource has another address."));

    refusal.verdict.link = uri_with_query(&ex->arena, encoded_path, ex->target.has_query, ex->target.query);
    refusal_build(&ex->arena, &ex->answer, &refusal);
    answer_field(&ex->arena, &ex->answer, SLICE("Location"), refusal.verdict.link);
    exchange_answer(ex);
}

/* By the octets alone, so that it is the same after a restart, and in another process. */
static LOOP_SIDE struct validators validators_of_bytes(struct exchange *ex, struct slice bytes)
{
    static const struct hash_key any = {0};

    return (struct validators){
        .exists = true,
        .tag = arena_printf(&ex->arena, "%016llx", (unsigned long long)hash64(&any, bytes)),
    };
}

/* RFC 9110 §15.4.5: nothing is said of content that does not come. */
static void fields_drop_content(struct answer *answer)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < answer->field_count; i++)
        if (!slice_starts(answer->fields[i].name, SLICE("Content-")))
            answer->fields[kept++] = answer->fields[i];
    answer->field_count = kept;
}

void exchange_static(struct exchange *ex, struct slice content_type, struct slice bytes)
{
    struct validators current = validators_of_bytes(ex, bytes);
    struct conditions conditions;
    enum cond_result result;

    conditions_from_head(&ex->head, clock_real_s(), &ex->arena, &conditions);
    result = conditions_judge(&conditions, true, &current);
    if (result == COND_FAILED) {
        ex->answer.field_count = 0; /* they were about what is not shown */
        exchange_refuse(ex, VERDICT(412, "A condition of the request does not hold: the resource has changed."));
        return;
    }
    ex->answer.status = result == COND_NOT_MODIFIED ? 304 : 200;
    answer_field(&ex->arena, &ex->answer, SLICE("Cache-Control"), SLICE("max-age=3600"));
    answer_field(&ex->arena, &ex->answer, SLICE("X-Content-Type-Options"), SLICE("nosniff"));
    answer_field(&ex->arena, &ex->answer, SLICE("ETag"), arena_printf(&ex->arena, "\"%.*s\"", SLICE_FMT(current.tag)));
    if (result == COND_NOT_MODIFIED)
        fields_drop_content(&ex->answer);
    else
        answer_bytes(&ex->arena, &ex->answer, content_type, bytes);
    exchange_answer(ex);
}

/* ---- shared by the methods ---- */

void answer_bring(struct exchange *ex, struct job *job, struct answer answer)
{
    answer.must_close |= ex->answer.must_close; /* the request's body may have turned out to be broken meanwhile */
    ex->answer = answer; /* first: if the client left, its content is given back with the exchange */
    if (exchange_home(ex, job))
        exchange_answer(ex);
}

struct validators validators_of(const struct facts *facts)
{
    if (!facts)
        return (struct validators){0};
    return (struct validators){.exists = true,
                               .tag = facts_tag(facts),
                               .is_weak = facts->is_weak,
                               .has_date = facts->kind == KIND_FILE,
                               .modified_s = facts_shown_s(facts),
                               .date_is_strong = !facts->is_fresh};
}

struct validators validators_for_change(const struct facts *facts)
{
    struct validators validators = validators_of(facts);

    validators.is_for_change = true;
    return validators;
}

void answer_validators(struct arena *arena, struct answer *answer, struct validators validators, bool with_date)
{
    struct buf tag = BUF_INIT(SHOWN_TAG_MAX + 8);
    int64_t now = clock_real_s(), modified = validators.modified_s < now ? validators.modified_s : now;
    char *date;

    etag_write(&tag, &validators);
    answer_field(arena, answer, SLICE("ETag"), arena_slice(arena, buf_slice(&tag)));
    buf_release(&tag);
    if (!with_date)
        return;
    date = arena_alloc(arena, DATE_LEN);
    date_format(modified > 0 ? modified : 0, date); /* dates before 1970 end a macOS mount */
    answer_field(arena, answer, SLICE("Last-Modified"), slice_of(date, DATE_LEN));
}

bool wants_representation(const struct exchange *ex)
{
    for (const struct field *at = NULL; (at = head_next(&ex->head, FIELD_PREFER, at));) {
        struct slice rest = at->value, member;

        while (list_next(&rest, &member))
            if (slice_eq_nocase(slice_trim(slice_upto(member, slice_index(member, ';'))),
                                SLICE("return=representation")))
                return true;
    }
    return false;
}

void refuse_change(struct exchange *ex, struct verdict verdict)
{
    if (verdict.status == 412 && wants_representation(ex) && ex->rights & RIGHT_READ)
        get_current_as(ex, 412);
    else
        exchange_refuse(ex, verdict);
}
