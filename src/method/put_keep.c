/*
 * put_keep.c - PUT where `require-match = conflict-copy` holds: what a client overwrites without having seen it is kept
 * beside the new content, as "name (conflict 2026-11-22 alice).ext".
 *
 * Whether it is kept is known under the resource's lock: not where a condition or a lock guards the change, nor where
 * the version that goes is the last one that this client was given. Where something would have to be kept and cannot
 * be, the client gets 428, as with `require-match = on`: nothing is lost either way.
 *
 * The kept version needs no right of the client's: it is the server that makes it. But it must not be open to more
 * people than the file: where a rule or a demand speaks of this very file, and so not of what is kept, that is 428.
 */
#include "put_private.h"

#include "gate/gate.h"
#include "http/date.h"

enum { USER_MAX = 64 /* octets of a name in a name */ };

/* Of a file name that every system takes. */
static bool is_plain(char c)
{
    return (unsigned char)c >= 0x20 && c != 0x7f && !memchr("/\\:*?\"<>|", c, 9);
}

/* Cut between characters of UTF-8. */
static struct slice user_upto(struct slice user, size_t len)
{
    if (user.len <= len)
        return user;
    while (len && ((unsigned char)user.ptr[len] & 0xc0) == 0x80)
        len--;
    return slice_upto(user, len);
}

static struct slice label_of(struct arena *arena, struct slice user)
{
    struct civil now = date_civil(clock_real_s());
    struct slice who = user.len ? user_upto(user, USER_MAX) : SLICE("guest");
    char plain[USER_MAX];

    for (size_t i = 0; i < who.len; i++)
        plain[i] = is_plain(who.ptr[i]) ? who.ptr[i] : '_';
    return arena_printf(arena, "conflict %04lld-%02u-%02u %.*s", (long long)now.year, now.month, now.day, (int)who.len,
                        plain);
}

/* A second name would escape what is said of the first one. */
static bool is_spoken_of(const struct exchange *ex)
{
    return conf_names(ex->site, ex->path.text) || conf_demand_elsewhere(ex->site, ex->path.text);
}

void put_keep_read(struct exchange *ex, struct change_guard *guard, struct put_keep *out)
{
    *out = (struct put_keep){.guard = guard};
    if (ex->rules.require_match != MATCH_CONFLICT_COPY)
        return;
    out->ledger = ex->ledger;
    out->key = seen_key(ex, ex->path.text);
    if (is_spoken_of(ex)) {
        guard->wants_condition = true;
        return;
    }
    out->is_on = true;
    out->label = label_of(&ex->arena, ex->asker.user);
    change_guard_beside(guard, RIGHT_ALL, &out->beside);
}

/* A weak tag may stand for two contents. */
static bool keep_wants(void *arg, const struct facts *replaced)
{
    struct put_keep *keep = arg;

    role_assert_worker();
    keep->is_wanted =
        !keep->guard->is_guarded && (replaced->is_weak || !seen_is(keep->ledger, keep->key, facts_tag(replaced)));
    if (keep->is_wanted)
        change_guard_name_version(keep->guard, replaced);
    return keep->is_wanted;
}

void put_keep_tell(struct put_keep *keep, struct part *part)
{
    struct part_keep wish = {
        .wants = keep_wants, .arg = keep, .guard = change_guard(&keep->beside), .label = keep->label};

    if (keep->is_on)
        part_keep(part, &wish);
}

void put_keep_note(const struct put_keep *keep, const struct facts *now)
{
    seen_note(keep->ledger, keep->key, facts_tag(now));
}

void put_keep_answer(struct exchange *ex, const struct commit *commit)
{
    struct slice folder = rpath_parent(ex->path).text;
    struct slice path = arena_printf(&ex->arena, "%.*s%s%s", SLICE_FMT(folder), folder.len ? "/" : "", commit->kept);
    struct slice href = dav_href_text(&ex->arena, path, false);

    answer_field(&ex->arena, &ex->answer, SLICE("Link"),
                 arena_printf(&ex->arena, "<%.*s>; rel=\"predecessor-version\"", SLICE_FMT(href)));
}

bool put_keep_failed(struct put_keep *keep, enum err err)
{
    keep->guard->lacks_condition = keep->is_wanted && err == ERR_UNSUPPORTED;
    return keep->guard->lacks_condition;
}
