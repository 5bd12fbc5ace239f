/*
 * rights.c - may this user do this here? 401 where logging in could help, else 403.
 *
 * A right that depends on what is there (create or write) is judged again under the resource's lock; those below a
 * folder that is moved or deleted, by the method.
 */
#include "gate_private.h"

static unsigned wanted(enum method method)
{
    switch (method) {
    case METHOD_PUT:
    case METHOD_PATCH:
    case METHOD_POST:
        return RIGHT_CREATE | RIGHT_WRITE;
    case METHOD_DELETE:
    case METHOD_MOVE: /* of the source; what it needs at the destination: destination.c */
        return RIGHT_DELETE;
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
    case METHOD_OPTIONS:
        return RIGHT_ALL; /* any of them lets one ask what is possible */
    default:
        return RIGHT_READ | RIGHT_LIST;
    }
}

static bool changes(enum method method)
{
    switch (method) {
    case METHOD_PUT:
    case METHOD_DELETE:
    case METHOD_PROPPATCH:
    case METHOD_MKCOL:
    case METHOD_COPY:
    case METHOD_MOVE:
    case METHOD_LOCK:
    case METHOD_UNLOCK:
        return true;
    default:
        return false;
    }
}

static bool can_log_in(const struct exchange *ex)
{
    return slice_is_empty(ex->asker.user) && ex->users;
}

struct verdict gate_rights(struct exchange *ex)
{
    if (ex->site->read_only && changes(ex->head.method) && ex->rights) /* logging in would not help */
        return VERDICT(403, "This folder is served read-only.");
    if (ex->rights & wanted(ex->head.method))
        return GO_ON;
    if (can_log_in(ex))
        return VERDICT(401, "A user's name and password are needed here.");
    if (changes(ex->head.method) && ex->rights & RIGHT_READ)
        return VERDICT(403, "Reading is allowed here, changing is not. (On an address that others can reach, changes "
                            "need users, or --allow-write anyone.)");
    return VERDICT(403, "You may not do this here.");
}
