/*
 * groups.c - who is in which group.
 *
 * Names are names: whoever comes as "alice", by password, digest, token or certificate, is in alice's groups. One that
 * no file of users knows is no mistake, since tokens and certificates name others.
 */
#include "groups.h"

#include <stdlib.h>

#include "scheme.h"
#include "users.h"

struct member {
    struct slice user, group;
};

/* Sorted by user, then by group; each once. */
struct groups {
    struct member *list;
    unsigned count, room;
    struct arena arena;
};

static bool is_name(struct slice name)
{
    return name.len > 0 && name.len <= AUTH_NAME_BYTES_MAX && text_is_plain(name);
}

static bool add_member(struct lines *lines, struct slice group, struct slice user)
{
    struct groups *groups = lines->context;

    if (!is_name(user))
        return lines_refuse(lines, lines->line, "a name is UTF-8 without control characters, at most 255 bytes");
    if (groups->count == GROUPS_MEMBERS_MAX)
        return lines_refuse(lines, lines->line, "more than 262144 memberships");
    if (groups->count == groups->room) {
        groups->room = groups->room ? groups->room * 2 : 16;
        groups->list = xrealloc(groups->list, groups->room * sizeof(*groups->list));
    }
    groups->list[groups->count++] = (struct member){arena_slice(&groups->arena, user), group};
    return true;
}

static size_t index_blank(struct slice text)
{
    size_t blank = slice_index(text, ' '), tab = slice_index(text, '\t');

    return blank < tab ? blank : tab;
}

static bool take_line(struct lines *lines, struct slice text)
{
    struct groups *groups = lines->context;
    struct slice group, users;

    if (!slice_cut(text, ':', &group, &users))
        return lines_refuse(lines, lines->line, "not GROUP: USER USER ...");
    group = slice_trim(group);
    if (!is_name(group))
        return lines_refuse(lines, lines->line, "a group's name is UTF-8 without control characters, 1 to 255 bytes");
    if (group.ptr[0] == '@')
        return lines_refuse(lines, lines->line, "the @ stands in rules only; here the group's name begins without it");
    group = arena_slice(&groups->arena, group);
    while (!slice_is_empty(users = slice_trim(users))) {
        size_t end = index_blank(users);

        if (!add_member(lines, group, slice_upto(users, end)))
            return false;
        users = slice_from(users, end);
    }
    return true;
}

static int compare_users(const void *a, const void *b)
{
    const struct member *x = a, *y = b;

    return slice_cmp(x->user, y->user);
}

static int compare_members(const void *a, const void *b)
{
    const struct member *x = a, *y = b;
    int order = compare_users(a, b);

    return order ? order : slice_cmp(x->group, y->group);
}

/* Somebody may be named twice in a group's lines. False: he is in too many. */
static bool settle(struct groups *groups, const char *path, struct buf *why)
{
    unsigned kept = 0, of_user = 0;

    if (groups->count > 0)
        qsort(groups->list, groups->count, sizeof(*groups->list), compare_members);
    for (unsigned i = 0; i < groups->count; i++) {
        const struct member *last = kept ? &groups->list[kept - 1] : NULL;

        if (last && compare_members(last, &groups->list[i]) == 0)
            continue;
        of_user = last && slice_eq(last->user, groups->list[i].user) ? of_user + 1 : 1;
        if (of_user > GROUPS_OF_USER_MAX) {
            buf_printf(why, "%s: %.*s is in more than %u groups", path, SLICE_FMT(last->user), GROUPS_OF_USER_MAX);
            return false;
        }
        groups->list[kept++] = groups->list[i];
    }
    groups->count = kept;
    return true;
}

bool groups_load(const struct site *site, struct groups **out, struct buf *why)
{
    struct groups *groups;
    struct lines lines = {.path = site->groups, .why = why};

    *out = NULL;
    if (!site->groups)
        return true;
    lines.context = groups = xcalloc(1, sizeof(*groups));
    if (lines_read(&lines, take_line) && settle(groups, site->groups, why)) {
        *out = groups;
        return true;
    }
    groups_free(groups);
    return false;
}

void groups_free(struct groups *groups)
{
    if (!groups)
        return;
    arena_release(&groups->arena);
    free(groups->list);
    free(groups);
}

bool groups_know(const struct groups *groups, struct slice group)
{
    for (unsigned i = 0; groups && i < groups->count; i++)
        if (slice_eq(groups->list[i].group, group))
            return true;
    return false;
}

/* His first one; NULL: he is in none. */
static const struct member *find_first(const struct groups *groups, struct slice user)
{
    struct member wanted = {.user = user};
    const struct member *found = NULL;

    if (groups && groups->count > 0)
        found = bsearch(&wanted, groups->list, groups->count, sizeof(*groups->list), compare_users);
    while (found && found > groups->list && slice_eq(found[-1].user, user))
        found--; /* GROUPS_OF_USER_MAX at most */
    return found;
}

void users_groups(const struct users *users, struct arena *arena, struct login *login)
{
    const struct groups *groups = users->groups;
    const struct member *first = find_first(groups, login->name);
    struct slice *all;
    unsigned count = 0;

    if (!first || slice_is_empty(login->name))
        return;
    while (first + count < groups->list + groups->count && slice_eq(first[count].user, login->name))
        count++;
    all = arena_alloc(arena, (login->group_count + count) * sizeof(*all));
    if (login->group_count > 0)
        memcpy(all, login->groups, login->group_count * sizeof(*all)); /* those that his token names */
    for (unsigned i = 0; i < count; i++)
        all[login->group_count + i] = arena_slice(arena, first[i].group); /* he may outlive these users */
    login->groups = all;
    login->group_count += count;
}
