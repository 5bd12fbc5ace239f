/*
 * login.c - the stage of an exchange in which it becomes known who asks.
 *
 * A claim is judged at once where that takes microseconds, else on a worker; wrong ones slow down where they come from,
 * and are refused then before anything is hashed. Without a claim the name in a client's certificate counts.
 */
#include "auth/auth.h"
#include "method/method.h"
#include "station.h"

struct verify_job {
    struct job job;
    struct exchange *ex; /* loop only */
    struct auth_memory *memory;
    struct users *users;
    struct credentials credentials;
    struct attempt attempt;
    struct login login;
    enum auth_result result;
};

static struct auth_request auth_request_of(const struct exchange *ex)
{
    return (struct auth_request){
        .method = ex->head.method_text, .target = ex->head.target, .is_secure = ex->is_secure, .peer = ex->peer};
}

static struct verdict refusal_of(struct exchange *ex, const struct credentials *cred)
{
    if (cred && cred->scheme == AUTH_BEARER)
        return (struct verdict){.status = 401,
                                .detail = arena_printf(&ex->arena, "%s. Ask whoever gave it to you for a new one.",
                                                       cred->flaw ? cred->flaw : "The token is not valid")};
    return slice_is_empty(ex->claimed_name) ? VERDICT(401, "A user's name and password are needed here.")
                                            : VERDICT(401, "No user has this name with this password.");
}

/* `cred`: what was claimed and is not so; NULL: nothing that could be read. */
static LOOP_SIDE void refuse_claim(struct exchange *ex, const struct credentials *cred, enum auth_result result)
{
    struct auth_request request = auth_request_of(ex);
    struct server *server = ex->owner;
    struct challenges challenges;

    auth_challenges(server->auth_memory, ex->users, &request, cred, result, &ex->arena, &challenges);
    for (unsigned i = 0; i < challenges.count; i++)
        answer_field(&ex->arena, &ex->answer, SLICE("WWW-Authenticate"), challenges.list[i]);
    if (ex->head.method == METHOD_OPTIONS)
        answer_classes(ex); /* some clients look whether this is WebDAV before they ask for a password */
    exchange_refuse(ex, refusal_of(ex, cred));
}

static LOOP_SIDE void judged(struct exchange *ex, const struct login *login)
{
    ex->asker.user = login->name;
    ex->asker.groups = login->groups;
    ex->asker.group_count = login->group_count;
    ex->login_info = login->info;
    stages_known(ex);
}

static void verify_act(struct job *job)
{
    struct verify_job *verify = CONTAINER(job, struct verify_job, job);

    role_assert_worker();
    verify->result =
        auth_verify(verify->memory, verify->users, &verify->credentials, &verify->attempt, &job->arena, &verify->login);
    credentials_wipe(&verify->credentials);
}

/* Before anything was hashed: 429, and when to come again. */
static LOOP_SIDE void refuse_guess(struct exchange *ex, unsigned wait_s)
{
    struct answer_field *retry = arena_alloc(&ex->arena, sizeof(*retry));
    struct verdict verdict = {.status = 429, .fields = retry, .field_count = 1};

    *retry = (struct answer_field){SLICE("Retry-After"), arena_printf(&ex->arena, "%u", wait_s)};
    verdict.detail =
        arena_printf(&ex->arena,
                     "Too many wrong names and passwords came from your address. Wait for %u second%s, then "
                     "log in with the right ones.",
                     wait_s, wait_s == 1 ? "" : "s");
    exchange_refuse(ex, verdict);
}

/* What a claim came to, once it was looked at. */
static LOOP_SIDE void decided(struct exchange *ex, struct verify_job *verify)
{
    unsigned wait_s;

    credentials_wipe(&verify->credentials);
    if (!verify->credentials.flaw)
        verify->credentials.flaw = verify->login.flaw;
    switch (verify->result) {
    case AUTH_OK:
        judged(ex, &verify->login);
        return;
    case AUTH_MISPLACED:
        exchange_refuse(ex, VERDICT(400, "The Authorization field speaks of another address than the request: its uri "
                                         "has to be the request's target."));
        return;
    case AUTH_SLOWED:
        ex->claimed_name = verify->credentials.name;
        wait_s = attempt_wait(verify->memory, &verify->attempt);
        refuse_guess(ex, wait_s ? wait_s : 1); /* 0: too many at a time */
        return;
    case AUTH_WRONG:
        ex->claimed_name = verify->credentials.name;
        break;
    case AUTH_STALE:
    case AUTH_UNDECIDED:
        break;
    }
    refuse_claim(ex, &verify->credentials, verify->result);
}

static void verify_done(struct job *job)
{
    struct verify_job *verify = CONTAINER(job, struct verify_job, job);
    struct exchange *ex = verify->ex;

    role_assert_loop();
    if (exchange_home(ex, job))
        decided(ex, verify);
}

/*
 * What can be told at once is told: but who guesses wrong is not, unless it was found to be his before. To know where a
 * claim comes from takes some hashes of a few octets, so it is asked only of what is not known.
 */
static LOOP_SIDE bool decide_now(struct exchange *ex, struct verify_job *verify)
{
    struct auth_request request = auth_request_of(ex);

    verify->result =
        auth_judge(verify->memory, verify->users, &verify->credentials, &request, &ex->arena, &verify->login);
    if (verify->login.is_again && verify->result != AUTH_UNDECIDED)
        return true;
    verify->attempt = attempt_of(verify->memory, verify->users, ex->peer, &verify->credentials);
    if (verify->result != AUTH_OK && attempt_wait(verify->memory, &verify->attempt)) /* of OK the judge has asked */
        verify->result = AUTH_SLOWED;
    else
        attempt_told(verify->memory, &verify->attempt, verify->result);
    if (verify->result == AUTH_UNDECIDED && !attempt_enter(verify->memory, &verify->attempt))
        verify->result = AUTH_SLOWED;
    return verify->result != AUTH_UNDECIDED;
}

static LOOP_SIDE void judge_claim(struct station *station, struct exchange *ex)
{
    struct verify_job *verify = arena_alloc(&ex->arena, sizeof(*verify));

    if (head_count_of(&ex->head, FIELD_AUTHORIZATION) > 1 ||
        credentials_parse(head_value(&ex->head, FIELD_AUTHORIZATION), &ex->arena, &verify->credentials)) {
        refuse_claim(ex, NULL, AUTH_WRONG);
        return;
    }
    verify->job = (struct job){.act = verify_act, .done = verify_done};
    verify->ex = ex;
    verify->memory = station->server->auth_memory;
    verify->users = ex->users;
    if (decide_now(ex, verify)) {
        decided(ex, verify);
        return;
    }
    ex->known = NULL;                             /* the hot cache may let go of it meanwhile */
    exchange_submit(ex, LANE_SLOW, &verify->job); /* hashing is slow on purpose: it must not hold up the quick ones */
}

/* Who showed a certificate has logged in by it. */
static LOOP_SIDE void judge_certificate(struct station *station, struct exchange *ex)
{
    struct login login = {.name = ex->client_name};
    const struct users *users = station->house->sites[ex->site - ex->conf->sites].users;

    if (!slice_is_empty(login.name))
        users_groups(users, &ex->arena, &login);
    judged(ex, &login);
}

void login_refuse(struct exchange *ex)
{
    refuse_claim(ex, NULL, AUTH_WRONG);
}

void login_judge(struct station *station, struct exchange *ex)
{
    if (ex->users && head_has(&ex->head, FIELD_AUTHORIZATION))
        judge_claim(station, ex);
    else
        judge_certificate(station, ex);
}
