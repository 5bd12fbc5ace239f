/*
 * errand.c - what a visit needs a worker for: a password to be hashed, a session to be recorded and opened, the terms.
 */
#include "method/method.h"
#include "portal_private.h"
#include "repr/repr.h"
#include "terms.h"
#include "visit.h"

enum {
    BROKEN_RETRY_S = 10, /* the other program is started anew in that time; records have been tried again */
    FULL_RETRY_S = 60,
};

/* ---- worker ---- */

struct outcome {
    int status;
    enum word said;
    unsigned retry_s;
};

static const struct outcome outcomes[] = {
    [PORTAL_LET_IN] = {303, WORD_NONE, 0},
    [PORTAL_UNKNOWN_VOUCHER] = {403, WORD_UNKNOWN_VOUCHER, 0},
    [PORTAL_SPENT] = {403, WORD_SPENT, 0},
    [PORTAL_TOO_MANY] = {409, WORD_TOO_MANY, 0},
    [PORTAL_FULL] = {503, WORD_FULL, FULL_RETRY_S},
    [PORTAL_NO_ADDRESS] = {403, WORD_NO_ADDRESS, 0},
    [PORTAL_NO_FIREWALL] = {503, WORD_BROKEN, BROKEN_RETRY_S},
    [PORTAL_NOT_KEPT] = {503, WORD_BROKEN, BROKEN_RETRY_S},
};

static WORKER_SIDE void note_outcome(struct errand *errand, struct outcome outcome)
{
    errand->status = outcome.status;
    errand->retry_s = outcome.retry_s;
    errand->page.said = outcome.said;
}

/* auth_verify() counts its result itself, and leaves. */
static WORKER_SIDE bool is_user(struct errand *errand)
{
    struct login login = {0};
    enum auth_result result =
        auth_verify(errand->memory, errand->users, &errand->credentials, &errand->attempt, &errand->job.arena, &login);

    credentials_wipe(&errand->credentials);
    if (result == AUTH_SLOWED) {
        errand->page.is_bare = true;
        note_outcome(errand, (struct outcome){429, WORD_SLOWED, 1});
    } else if (result != AUTH_OK) {
        note_outcome(errand, (struct outcome){403, WORD_WRONG_PASSWORD, 0});
    }
    return result == AUTH_OK;
}

static WORKER_SIDE void log_in(struct errand *errand)
{
    enum portal_said said;

    if (errand->claim.by == PORTAL_BY_USER && !is_user(errand))
        return;
    said = portal_login(errand->portal, &errand->claim, &errand->page.state);
    if (errand->claim.by == PORTAL_BY_VOUCHER) {
        attempt_told(errand->memory, &errand->attempt, said == PORTAL_UNKNOWN_VOUCHER ? AUTH_WRONG : AUTH_OK);
        attempt_leave(errand->memory, &errand->attempt);
    }
    note_outcome(errand, outcomes[said]);
}

static WORKER_SIDE void log_out(struct errand *errand)
{
    enum err err = portal_logout(errand->portal, errand->claim.address);

    note_outcome(errand,
                 err ? (struct outcome){503, WORD_BROKEN, BROKEN_RETRY_S} : (struct outcome){303, WORD_NONE, 0});
    portal_look(errand->portal, errand->claim.address, &errand->page.state);
}

static WORKER_SIDE void read_terms(struct errand *errand)
{
    struct page *page = &errand->page;
    struct buf text = BUF_INIT(TERMS_BYTES_MAX);
    bool is_in_tag;

    if (!page->conf->terms || !(page->conf->logins & PORTAL_BY_TERMS) || page->state.is_free || page->is_bare)
        return;
    page->are_terms_unreadable =
        terms_read(page->conf->terms, page->language->tag, &text, &is_in_tag) != ERR_NONE || text.len == 0;
    page->terms = arena_slice(&errand->job.arena, buf_slice(&text));
    page->terms_tag = is_in_tag ? page->language->tag : NULL;
    buf_release(&text);
}

static WORKER_SIDE void make_page(struct errand *errand)
{
    struct buf out = BUF_INIT(PAGE_BYTES_MAX);

    read_terms(errand);
    page_write(&errand->page, &out);
    errand->body = arena_slice(&errand->job.arena, buf_slice(&out));
    buf_release(&out);
}

static void errand_act(struct job *job)
{
    struct errand *errand = CONTAINER(job, struct errand, job);

    role_assert_worker();
    if (errand->kind == ERRAND_LOGIN)
        log_in(errand);
    else if (errand->kind == ERRAND_LOGOUT)
        log_out(errand);
    if (errand->status != 303)
        make_page(errand);
}

/* ---- loop ---- */

/* Of a code as much as tells it apart for who has the list, and lets nobody in who reads the log. */
static LOOP_SIDE struct slice way_in(struct exchange *ex, const struct portal_claim *claim)
{
    char code[PORTAL_CODE_MAX + 1];

    switch (claim->by) {
    case PORTAL_BY_VOUCHER:
        if (code_parse(claim->text, code))
            return arena_printf(&ex->arena, "logged in to the network with voucher %.5s-...", code);
        break;
    case PORTAL_BY_USER:
        return SLICE("logged in to the network");
    case PORTAL_BY_TERMS:
        return SLICE("logged in to the network by its terms");
    }
    return SLICE("logged in to the network");
}

static LOOP_SIDE void tell_of(struct exchange *ex, const struct errand *errand)
{
    if (errand->status != 303 || errand->kind == ERRAND_SHOW)
        return;
    if (errand->kind == ERRAND_LOGOUT) {
        exchange_audit(ex, SLICE("logged out of the network"));
        return;
    }
    if (errand->claim.by == PORTAL_BY_USER) {
        ex->asker.user = errand->claim.text;
        ex->claimed_name = SLICE_NONE;
    }
    exchange_audit(ex, way_in(ex, &errand->claim));
}

static void errand_done(struct job *job)
{
    struct errand *errand = CONTAINER(job, struct errand, job);
    struct exchange *ex = errand->ex;

    role_assert_loop();
    if (!exchange_home(ex, job))
        return;
    tell_of(ex, errand);
    visit_answer(ex, errand->status, errand->retry_s, &errand->page, errand->body);
}

/* A login waits for the firewall's program: if that hangs, those wait who log in, and nobody who reads or writes. */
static enum lane lane_of(const struct errand *errand)
{
    return errand->kind == ERRAND_SHOW ? LANE_QUICK : LANE_ASIDE;
}

void errand_run(struct errand *errand)
{
    struct exchange *ex = errand->ex;

    errand->job.act = errand_act;
    errand->job.done = errand_done;
    if (ex->state == EXCH_NEW)
        exchange_state(ex, EXCH_JUDGED);
    if (ex->state == EXCH_JUDGED)
        exchange_state(ex, EXCH_PLANNED);
    exchange_state(ex, EXCH_ACTING);
    exchange_submit(ex, lane_of(errand), &errand->job);
}
