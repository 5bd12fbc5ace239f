/*
 * rights.c - may this user do this here? 401 where logging in could help, else 403.
 *
 * Logging in helps where anybody at all may do it. Where nobody may (a folder into which everybody may drop files, and
 * which nobody reads by WebDAV) a program that asked for a password would ask in vain.
 *
 * Who may only create in a folder is told of the folder itself: programs look whether it is there before they put
 * something into it. That is no secret where a rule names it. Of its members he is told nothing, not even whether they
 * are there.
 *
 * A right that depends on what is there (create or write) is judged again under the resource's lock; those below a
 * folder that is moved or deleted, by the method.
 */
#include "gate_private.h"

static unsigned wanted(enum method method)
{
    switch (method) {
    case METHOD_PUT:
    case METHOD_POST:
        return RIGHT_CREATE | RIGHT_WRITE;
    case METHOD_DELETE:
    case METHOD_MOVE: /* of the source; what it needs at the destination: destination.c */
        return RIGHT_DELETE;
    case METHOD_PATCH: /* and to read: what is kept of the content is judged with it (method/patch.c) */
    case METHOD_PROPPATCH:
        return RIGHT_WRITE;
    case METHOD_MKCOL:
        return RIGHT_CREATE;
    case METHOD_COPY:
        return RIGHT_READ;
    case METHOD_LOCK:
        return RIGHT_LOCK;
    case METHOD_UNLOCK:
        return RIGHT_LOCK | RIGHT_UNLOCK_ANY;
    case METHOD_BIND: /* of the folder; what it needs at the names in its content: binding.c */
        return RIGHT_BIND;
    case METHOD_UNBIND:
        return RIGHT_DELETE;
    case METHOD_REBIND:
        return RIGHT_CREATE | RIGHT_WRITE | RIGHT_DELETE;
    case METHOD_BREW:
    case METHOD_WHEN:
        return RIGHT_BREW;
    case METHOD_OPTIONS:
        return RIGHT_ALL; /* any of them lets one ask what is possible */
    default:
        return RIGHT_READ | RIGHT_LIST;
    }
}

/* POST is BREW where a pot is, and who may brew there may look. */
static unsigned wanted_of(const struct exchange *ex)
{
    unsigned rights = wanted(ex->head.method);

    if (conf_pots(ex->site, ex->path.text).kind == POT_NOWHERE)
        return rights;
    if (ex->head.method == METHOD_POST)
        return RIGHT_BREW;
    return rights & RIGHT_READ ? rights | RIGHT_BREW : rights;
}

static bool changes(enum method method)
{
    switch (method) {
    case METHOD_PUT:
    case METHOD_PATCH:
    case METHOD_DELETE:
    case METHOD_PROPPATCH:
    case METHOD_MKCOL:
    case METHOD_COPY:
    case METHOD_MOVE:
    case METHOD_LOCK:
    case METHOD_UNLOCK:
    case METHOD_BIND:
    case METHOD_UNBIND:
    case METHOD_REBIND:
        return true;
    default:
        return false;
    }
}

bool login_could_help(const struct exchange *ex, unsigned rights)
{
    return slice_is_empty(ex->asker.user) && ex->users && conf_rights_of_users(ex->site, ex->path.text) & rights;
}

static bool is_drop_box(const struct exchange *ex)
{
    return ex->head.method == METHOD_PROPFIND && ex->rights & RIGHT_CREATE && conf_names(ex->site, ex->path.text);
}

struct verdict gate_rights(struct exchange *ex)
{
    if (ex->site->read_only && changes(ex->head.method) && ex->rights) /* logging in would not help */
        return VERDICT(403, "This folder is served read-only.");
    if (ex->rights & wanted_of(ex))
        return GO_ON;
    if (login_could_help(ex, wanted_of(ex)))
        return VERDICT(401, "A user's name and password are needed here.");
    if (is_drop_box(ex))
        return GO_ON;
    if (changes(ex->head.method) && ex->rights & RIGHT_READ)
        return VERDICT(403, "Reading is allowed here, changing is not. (On an address that others can reach, changes "
                            "need users, or --allow-write anyone.)");
    if (wanted_of(ex) == RIGHT_BREW)
        return VERDICT(403, "Brewing takes a right of its own, which you do not have here.");
    if (ex->rights & RIGHT_CREATE)
        return VERDICT(403, "Files may be put here, under new names; nothing can be read or listed.");
    return VERDICT(403, "You may not do this here.");
}
