/*
 * landing.c - what was built aside appears at the target, whole.
 *
 * Onto a free name by a rename that overwrites nothing; over something else by an exchange of names, after which that
 * is compared with what was judged and goes to the trash. Where the target stays the resource that it was it waits
 * until its records are written, and comes back if they cannot be.
 */
#include "transfer.h"

#include <errno.h>
#include <stdio.h>

static enum err land_free(struct carriage *carriage, struct aside *aside)
{
    const struct place *to = &carriage->to.place;

    if (renameat2(aside->folder, aside->name, to->folder, to->name, RENAME_NOREPLACE) == 0)
        return ERR_NONE;
    if ((errno == EINVAL || errno == ENOSYS) && renameat(aside->folder, aside->name, to->folder, to->name) == 0)
        return ERR_NONE;
    return errno == EEXIST ? ERR_CHANGED : errno == ENOENT ? ERR_PARENT : err_from_errno(errno);
}

/* Without an exchange of names the target is missing for a moment. */
static enum err land_after(struct carriage *carriage, struct aside *aside, struct removed *loser)
{
    struct store *store = carriage->store;
    struct side *to = &carriage->to;
    enum err err = side_take_out(store, to, &to->place, loser);

    if (err != ERR_NONE)
        return err;
    err = land_free(carriage, aside);
    if (err != ERR_NONE)
        renameat(loser->is_beside ? to->place.folder : store->state.trash, loser->name, to->place.folder,
                 to->place.name);
    return err;
}

/* What came out lies where the copy lay, and belongs to the trash. */
static void take_loser(struct carriage *carriage, struct aside *aside, struct removed *loser)
{
    struct store *store = carriage->store;
    static const unsigned char nobody[ID_LEN];
    struct side *to = &carriage->to;

    loser->is_beside = slice_starts(slice_str(aside->name), SLICE(ASIDE_PREFIX));
    snprintf(loser->name, sizeof(loser->name), "%s", aside->name);
    if (loser->is_beside)
        return;
    aside_name(store, to->is_link || carriage->is_update ? nobody : to->identity.id, loser->name, sizeof(loser->name));
    if (renameat(aside->folder, aside->name, store->state.trash, loser->name) < 0)
        loser->name[0] = '\0'; /* the next start finds it in up/ */
}

static enum err replace(struct carriage *carriage, struct aside *aside, struct removed *loser)
{
    const struct place *to = &carriage->to.place;
    enum err err;

    if (store_is_lacking(carriage->store, MISSING_EXCHANGE))
        return land_after(carriage, aside, loser);
    if (renameat2(aside->folder, aside->name, to->folder, to->name, RENAME_EXCHANGE) < 0) {
        if (errno == EINVAL || errno == ENOSYS) {
            store_lacks(carriage->store, MISSING_EXCHANGE);
            return carriage->is_update ? ERR_CHANGED /* nothing is updated so */ : land_after(carriage, aside, loser);
        }
        return errno == ENOENT ? ERR_CHANGED : errno == EPERM ? ERR_DENIED : err_from_errno(errno);
    }
    err = came_out_any(carriage->store, aside->folder, aside->name, &carriage->to.standing);
    if (err != ERR_NONE)
        renameat2(aside->folder, aside->name, to->folder, to->name, RENAME_EXCHANGE);
    return err;
}

enum err carriage_land(struct carriage *carriage, struct aside *aside, struct removed *loser)
{
    bool is_over = carriage->to.standing.is_there;
    enum err err = is_over ? replace(carriage, aside, loser) : land_free(carriage, aside);

    if (err == ERR_NONE && (!is_over || loser->name[0]))
        aside->name[0] = '\0';
    return err;
}

void carriage_part(struct carriage *carriage, struct aside *aside, struct removed *loser)
{
    if (!aside->name[0])
        return;
    take_loser(carriage, aside, loser);
    aside->name[0] = '\0';
}

bool carriage_take_back(struct carriage *carriage, struct aside *aside)
{
    const struct place *to = &carriage->to.place;

    return aside->name[0] && renameat2(aside->folder, aside->name, to->folder, to->name, RENAME_EXCHANGE) == 0;
}
