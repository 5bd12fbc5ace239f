/*
 * scheme.c - which scheme a field speaks, who judges it, and the challenges that ask for it.
 */
#include "scheme.h"

#include "memory.h"
#include "users.h"

/*
 * In the order in which they are offered: the strongest first, since clients that know only the first challenge, or
 * take the first that they know, should take that. RFC 9110 §11.6.1 leaves the choice to the client. Bearer is last:
 * programs that have a token send it unasked, all others would have to look past it.
 */
static const struct scheme *const schemes[] = {
    [0] = &scheme_digest,
    [1] = &scheme_basic,
    [2] = &scheme_bearer,
};

static const struct scheme *const by_kind[AUTH_SCHEMES] = {
    [AUTH_BASIC] = &scheme_basic,
    [AUTH_DIGEST] = &scheme_digest,
    [AUTH_BEARER] = &scheme_bearer,
};

enum err credentials_parse(struct slice field, struct arena *arena, struct credentials *out)
{
    struct slice name, value;

    *out = (struct credentials){0};
    field = slice_trim(field);
    if (!slice_cut(field, ' ', &name, &value)) {
        name = field;
        value = SLICE_NONE;
    }
    value = slice_trim(value);
    for (unsigned i = 0; i < AUTH_SCHEMES; i++) {
        if (!slice_eq_nocase(name, by_kind[i]->name))
            continue;
        out->scheme = (enum auth_scheme)i;
        return value.len > by_kind[i]->value_max ? ERR_TOO_LARGE : by_kind[i]->parse(value, arena, out);
    }
    return ERR_UNSUPPORTED;
}

/* parse made these bytes in the arena for us alone, so writing them is no breach of the slice's promise */
static void wipe(struct slice *secret)
{
    if (secret->len > 0)
        explicit_bzero((char *)(uintptr_t)secret->ptr, secret->len);
    *secret = SLICE_NONE;
}

void credentials_wipe(struct credentials *cred)
{
    wipe(&cred->password);
    wipe(&cred->token);
}

/* ---- judging ---- */

enum auth_result auth_judge(struct auth_memory *memory, const struct users *users, const struct credentials *cred,
                            const struct auth_request *request, struct arena *arena, struct login *out)
{
    const struct scheme *scheme = by_kind[cred->scheme];
    struct judging judging = {memory, users, cred, request, arena};
    enum auth_result result;

    *out = (struct login){0};
    if (!scheme->is_known(users))
        return AUTH_WRONG;
    result = scheme->judge ? scheme->judge(&judging, out) : AUTH_UNDECIDED;
    if (result == AUTH_OK)
        users_groups(users, arena, out);
    return result;
}

static WORKER_SIDE enum auth_result verify(const struct scheme *scheme, const struct judging *judging,
                                           struct login *out)
{
    if (!scheme->is_known(judging->users) || !scheme->verify)
        return AUTH_WRONG;
    return scheme->verify(judging, out);
}

/* Of many that were sent at once, the first ones decide whether the others are judged at all. */
enum auth_result auth_verify(struct auth_memory *memory, const struct users *users, const struct credentials *cred,
                             const struct attempt *attempt, struct arena *arena, struct login *out)
{
    const struct scheme *scheme = by_kind[cred->scheme];
    struct judging judging = {memory, users, cred, NULL, arena};
    enum auth_result result = scheme->judge ? scheme->judge(&judging, out) : AUTH_UNDECIDED;

    if (result == AUTH_UNDECIDED) {
        *out = (struct login){0};
        result = attempt_wait(memory, attempt) ? AUTH_SLOWED : verify(scheme, &judging, out);
        attempt_told(memory, attempt, result);
    }
    attempt_leave(memory, attempt);
    if (result == AUTH_OK)
        users_groups(users, arena, out);
    return result;
}

bool users_exist(const struct users *users)
{
    for (unsigned i = 0; users && i < AUTH_SCHEMES; i++) {
        if (by_kind[i]->is_known(users))
            return true;
    }
    return false;
}

bool users_tell_secrets(const struct users *users)
{
    return scheme_basic.is_known(users) || scheme_bearer.is_known(users);
}

/* ---- challenges ---- */

void challenge_add(const struct challenging *challenging, struct slice text)
{
    struct challenges *out = challenging->out;

    if (out->count < AUTH_CHALLENGES_MAX)
        out->list[out->count++] = arena_slice(challenging->arena, text);
}

/* RFC 9110 §5.6.4 */
static struct slice quote(struct slice text, struct arena *arena)
{
    char *out = arena_alloc(arena, 2 * text.len + 2);
    size_t len = 0;

    out[len++] = '"';
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"' || text.ptr[i] == '\\')
            out[len++] = '\\';
        out[len++] = text.ptr[i];
    }
    out[len++] = '"';
    return slice_of(out, len);
}

void auth_challenges(struct auth_memory *memory, const struct users *users, const struct auth_request *request,
                     const struct credentials *cred, enum auth_result result, struct arena *arena,
                     struct challenges *out)
{
    struct challenging challenging = {memory, users, request, cred, result, quote(users->realm, arena), arena, out};

    out->count = 0;
    for (unsigned i = 0; i < sizeof(schemes) / sizeof(*schemes); i++) {
        if (schemes[i]->is_known(users))
            schemes[i]->challenge(&challenging);
    }
}
