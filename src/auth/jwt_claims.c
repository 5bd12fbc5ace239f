/*
 * jwt_claims.c - for when, from whom, for whom, and about whom a token is.
 */
#include "jwt_claims.h"

#include "jose.h"
#include "scheme.h"

static bool flawed(const char **flaw, const char *what)
{
    *flaw = what;
    return false;
}

/* ---- when ---- */

/* RFC 7519 §2, NumericDate: seconds since 1970, maybe with a fraction. */
static bool read_date(const json_t *value, int64_t *out)
{
    if (json_is_integer(value)) {
        *out = json_integer_value(value);
    } else if (json_is_real(value) && json_real_value(value) > -9e15 && json_real_value(value) < 9e15) {
        *out = (int64_t)json_real_value(value);
    } else {
        return false;
    }
    return *out > INT64_MIN / 2 && *out < INT64_MAX / 2; /* so that the leeway can be added */
}

/* RFC 7519 §4.1.5 and §4.1.6: a time that has to be over, if it is told. */
static bool is_past(const json_t *claims, const char *name, int64_t now_s)
{
    const json_t *value = json_object_get(claims, name);
    int64_t date;

    return !value || (read_date(value, &date) && date <= now_s + JWT_LEEWAY_S);
}

static bool judge_times(const json_t *claims, int64_t now_s, struct jwt *out, const char **flaw)
{
    int64_t end;

    if (!read_date(json_object_get(claims, "exp"), &end))
        return flawed(flaw, "The token does not say when it expires (exp)");
    if (!is_past(claims, "nbf", now_s))
        return flawed(flaw, "The token does not count yet (nbf)");
    if (!is_past(claims, "iat", now_s))
        return flawed(flaw, "The token was made in the future (iat)");
    out->until_s = end + JWT_LEEWAY_S;
    return true;
}

/* ---- from whom, for whom ---- */

static bool lists(const json_t *value, const char *wanted)
{
    const json_t *member;
    size_t i;

    if (json_is_string(value))
        return slice_eq(slice_of(json_string_value(value), json_string_length(value)), slice_str(wanted));
    json_array_foreach(value, i, member)
    {
        if (json_is_string(member) && lists(member, wanted))
            return true;
    }
    return false;
}

static bool judge_ends(const struct jwt_rules *rules, const json_t *claims, const char **flaw)
{
    const json_t *issuer = json_object_get(claims, "iss"), *audience = json_object_get(claims, "aud");

    if (rules->issuer && (!json_is_string(issuer) || !lists(issuer, rules->issuer)))
        return flawed(flaw, "The token is from another issuer (iss)");
    /* RFC 7519 §4.1.3: who does not find himself there refuses it, and so does who has no name to look for */
    if (rules->audience ? !lists(audience, rules->audience) : audience != NULL)
        return flawed(flaw, "The token is for another server (aud)");
    return true;
}

/* ---- about whom ---- */

/* Fit for logs, lock owners and rules, as a name in Basic is (RFC 7617 §2). */
static bool is_name(struct slice name)
{
    return name.len > 0 && name.len <= AUTH_NAME_BYTES_MAX && text_is_plain(name);
}

static bool read_user(const struct jwt_rules *rules, const json_t *claims, struct arena *arena, struct jwt *out,
                      const char **flaw)
{
    struct slice name = json_text(claims, rules->user_claim);

    if (!is_name(name))
        return flawed(flaw, "The token does not name a user");
    out->user = arena_slice(arena, name);
    return true;
}

struct collecting {
    struct slice *groups;
    unsigned count;
    struct arena *arena;
};

static bool add_group(struct collecting *to, struct slice name)
{
    if (!is_name(name) || to->count == JWT_GROUPS_MAX)
        return false;
    to->groups[to->count++] = arena_slice(to->arena, name);
    return true;
}

static bool add_words(struct collecting *to, struct slice text)
{
    while (text.len > 0) {
        size_t end = slice_index(text, ' ');

        if (end > 0 && !add_group(to, slice_upto(text, end)))
            return false;
        text = slice_from(text, end + 1);
    }
    return true;
}

static bool add_members(struct collecting *to, const json_t *list)
{
    const json_t *member;
    size_t i;

    json_array_foreach(list, i, member)
    {
        if (!json_is_string(member) || !add_group(to, slice_of(json_string_value(member), json_string_length(member))))
            return false;
    }
    return true;
}

/* A list, or words with blanks between them as `scope` has them (RFC 8693 §4.2). */
static bool read_groups(const struct jwt_rules *rules, const json_t *claims, struct arena *arena, struct jwt *out,
                        const char **flaw)
{
    const json_t *value = json_object_get(claims, rules->groups_claim);
    struct collecting to = {.arena = arena};
    bool is_good;

    if (!value || json_is_null(value))
        return true;
    to.groups = arena_alloc(arena, JWT_GROUPS_MAX * sizeof(*to.groups));
    is_good = json_is_string(value) ? add_words(&to, json_text(claims, rules->groups_claim))
                                    : json_is_array(value) && add_members(&to, value);
    if (!is_good)
        return flawed(flaw, "The token's groups are no list of names, or too many");
    out->groups = to.groups;
    out->group_count = to.count;
    return true;
}

enum auth_result jwt_judge_claims(const struct jwt_rules *rules, const json_t *claims, int64_t now_s,
                                  struct arena *arena, struct jwt *out, const char **flaw)
{
    *out = (struct jwt){0};
    if (!judge_times(claims, now_s, out, flaw) || !judge_ends(rules, claims, flaw) ||
        !read_user(rules, claims, arena, out, flaw) || !read_groups(rules, claims, arena, out, flaw))
        return AUTH_WRONG;
    if (now_s < out->until_s)
        return AUTH_OK;
    *flaw = "The token is expired";
    return AUTH_STALE;
}
