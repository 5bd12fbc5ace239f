/*
 * login.c - the login page is asked for, and its forms come back.
 *
 * What a form is answered: let in, 303 to the page, which then says until when - so that loading it again does not send
 * the form again. Else the page once more, with what was wrong: 403 for a claim that is not so or may not be used, 409
 * where others are in its way, 429 after too many guesses, 503 where it is not the client's doing.
 */
#include "form.h"
#include "method/method.h"
#include "repr/repr.h"
#include "visit.h"

struct page visit_page(struct exchange *ex)
{
    struct page page = {.conf = ex->conf->portal,
                        .language = language_of(head_combined(&ex->head, FIELD_ACCEPT_LANGUAGE, &ex->arena))};

    portal_look(ex->portal, ex->peer, &page.state);
    return page;
}

/* ---- answers ---- */

void visit_answer(struct exchange *ex, int status, unsigned retry_s, const struct page *page, struct slice body)
{
    struct answer *answer = &ex->answer;

    if (status == 303) {
        portal_redirect(ex, 303, SLICE(LOGIN_PATH), SLICE("What came of it stands on the login page."));
        return;
    }
    answer->status = status;
    answer_field(&ex->arena, answer, SLICE("Cache-Control"), SLICE("private, no-store"));
    answer_field(&ex->arena, answer, SLICE("Vary"), SLICE("Accept-Language"));
    answer_field(&ex->arena, answer, SLICE("Content-Language"), slice_str(page->language->tag));
    answer_field(&ex->arena, answer, SLICE("X-Content-Type-Options"), SLICE("nosniff"));
    answer_field(&ex->arena, answer, SLICE("Content-Security-Policy"), page_csp());
    if (retry_s)
        answer_field(&ex->arena, answer, SLICE("Retry-After"), arena_printf(&ex->arena, "%u", retry_s));
    answer_bytes(&ex->arena, answer, SLICE("text/html; charset=utf-8"), body);
    exchange_answer(ex);
}

void visit_answer_now(struct exchange *ex, int status, unsigned retry_s, const struct page *page)
{
    struct buf out = BUF_INIT(PAGE_BYTES_MAX);

    page_write(page, &out);
    visit_answer(ex, status, retry_s, page, arena_slice(&ex->arena, buf_slice(&out)));
    buf_release(&out);
}

/* One sentence and the way back. */
static LOOP_SIDE void refuse(struct exchange *ex, int status, enum word why, unsigned retry_s)
{
    struct page page = visit_page(ex);

    page.said = why;
    page.is_bare = true;
    visit_answer_now(ex, status, retry_s, &page);
}

/* ---- GET ---- */

static LOOP_SIDE struct errand *errand_new(struct exchange *ex, enum errand_kind kind)
{
    struct errand *errand = arena_alloc(&ex->arena, sizeof(*errand));

    *errand = (struct errand){.kind = kind,
                              .ex = ex,
                              .portal = ex->portal,
                              .memory = ex->visit,
                              .users = ex->users,
                              .claim.address = ex->peer,
                              .page = visit_page(ex),
                              .status = 200};
    return errand;
}

void login_show(struct exchange *ex)
{
    struct page page = visit_page(ex);

    if (page.conf->terms && page.conf->logins & PORTAL_BY_TERMS && !page.state.is_free)
        errand_run(errand_new(ex, ERRAND_SHOW));
    else
        visit_answer_now(ex, 200, 0, &page);
}

/* ---- POST ---- */

/* Which form it is: the first field that is there. False: none of ours. */
static bool claim_read(const struct form *form, struct errand *errand)
{
    static const struct {
        const char *field;
        enum portal_login by;
    } ways[] = {{"voucher", PORTAL_BY_VOUCHER}, {"user", PORTAL_BY_USER}, {"terms", PORTAL_BY_TERMS}};
    bool is_there = false;

    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]) && !is_there; i++) {
        errand->claim.text = form_value(form, slice_str(ways[i].field), &is_there);
        errand->claim.by = ways[i].by;
    }
    return is_there;
}

/*
 * What can be guessed is limited as all passwords are (auth.h): a voucher's code by the client's address alone, and as
 * if it were a password without a name.
 */
static LOOP_SIDE bool may_guess(struct errand *errand, struct slice password, unsigned *wait_s)
{
    struct credentials *cred = &errand->credentials;

    *cred = (struct credentials){.scheme = AUTH_BASIC, .password = errand->claim.text};
    if (errand->claim.by == PORTAL_BY_USER) {
        cred->name = errand->claim.text;
        cred->password = password;
    }
    errand->is_guessable = errand->claim.by != PORTAL_BY_TERMS;
    if (!errand->is_guessable)
        return true;
    errand->attempt = attempt_of(errand->memory, errand->users, errand->claim.address, cred);
    *wait_s = attempt_wait(errand->memory, &errand->attempt);
    if (!*wait_s && attempt_enter(errand->memory, &errand->attempt))
        return true;
    *wait_s += !*wait_s; /* 0: too many at a time */
    return false;
}

/* What a form is answered without more ado; status 0: a worker has to look. */
struct ruling {
    int status;
    enum word why;
    unsigned retry_s;
};

/* All that is kept of the form is a copy: the form is wiped. */
static LOOP_SIDE struct ruling judge_claim(struct exchange *ex, const struct form *form, struct errand *errand)
{
    struct slice password = form_value(form, SLICE("password"), NULL);
    struct portal_claim *claim = &errand->claim;
    unsigned wait_s = 0;

    claim->text = arena_slice(&ex->arena, claim->text);
    if (claim->by == PORTAL_BY_USER) {
        ex->claimed_name = errand->page.name = claim->text;
        if (!claim->text.len || claim->text.len > AUTH_NAME_BYTES_MAX || password.len > AUTH_PASSWORD_BYTES_MAX)
            return (struct ruling){400, WORD_BAD_FORM, 0};
    }
    if (claim->by == PORTAL_BY_TERMS && !slice_eq(claim->text, SLICE("yes")))
        return (struct ruling){403, WORD_NEEDS_TERMS, 0};
    if (!may_guess(errand, password, &wait_s))
        return (struct ruling){429, WORD_SLOWED, wait_s};
    if (claim->by == PORTAL_BY_USER)
        errand->credentials.password = arena_slice(&ex->arena, password); /* wiped once it was judged */
    return (struct ruling){0};
}

static LOOP_SIDE struct ruling judge_form(struct exchange *ex, char *bytes, size_t len, struct errand *errand)
{
    struct form form;

    if (!form_parse(bytes, len, &form))
        return (struct ruling){400, WORD_BAD_FORM, 0};
    if (!form.count) /* what a form sends in which nothing was ticked */
        return (struct ruling){403, WORD_NEEDS_TERMS, 0};
    if (!claim_read(&form, errand))
        return (struct ruling){400, WORD_BAD_FORM, 0};
    if (!(ex->conf->portal->logins & errand->claim.by) || (errand->claim.by == PORTAL_BY_USER && !ex->users))
        return (struct ruling){403, WORD_NOT_OFFERED, 0};
    return judge_claim(ex, &form, errand);
}

static void form_ready(struct exchange *ex, struct slice body)
{
    char *bytes = arena_alloc(&ex->arena, body.len);
    struct errand *errand;
    struct ruling ruling;

    role_assert_loop();
    errand = errand_new(ex, ERRAND_LOGIN);
    if (body.len)
        memcpy(bytes, body.ptr, body.len);
    ruling = judge_form(ex, bytes, body.len, errand);
    explicit_bzero(bytes, body.len);
    if (body.len)
        explicit_bzero((char *)(uintptr_t)body.ptr, body.len); /* in the exchange's arena: nobody else reads it */
    if (ex->intake.bytes.ptr)
        explicit_bzero(ex->intake.bytes.ptr, ex->intake.bytes.room);
    if (ruling.status)
        refuse(ex, ruling.status, ruling.why, ruling.retry_s); /* ex may be gone with its answer */
    else
        errand_run(errand);
}

static LOOP_SIDE bool is_form(struct exchange *ex)
{
    struct slice type = head_value(&ex->head, FIELD_CONTENT_TYPE);

    return head_count_of(&ex->head, FIELD_CONTENT_TYPE) == 1 && !head_has(&ex->head, FIELD_CONTENT_ENCODING) &&
           slice_eq_nocase(slice_trim(slice_upto(type, slice_index(type, ';'))),
                           SLICE("application/x-www-form-urlencoded"));
}

void login_take(struct exchange *ex)
{
    exchange_state(ex, EXCH_JUDGED); /* by the portal's own rules */
    exchange_state(ex, EXCH_PLANNED);
    if (!is_form(ex))
        exchange_refuse(ex, (struct verdict){.status = 415,
                                             .detail = SLICE("Logging in takes the login page's form, that is content "
                                                             "of type application/x-www-form-urlencoded."),
                                             .link = SLICE(LOGIN_PATH)});
    else
        gather_body(ex, FORM_BYTES_MAX, form_ready);
}

void logout_take(struct exchange *ex)
{
    errand_run(errand_new(ex, ERRAND_LOGOUT));
}
