/*
 * vouchers.c - vouchers are made and withdrawn.
 */
#include <stdlib.h>
#include <string.h>

#include "portal_private.h"

enum { BATCH = 100 }; /* made durable together */

static bool count_one(struct slice name, struct slice value, void *arg)
{
    (void)name;
    (void)value;
    return ++*(unsigned *)arg < PORTAL_VOUCHERS_MAX;
}

/* A code that no voucher has; where records cannot be read, writing them fails next. */
static WORKER_SIDE void choose_code(struct store *store, char code[PORTAL_CODE_MAX + 1])
{
    struct buf value = BUF_INIT(RECORD_ROOM);

    do
        code_make(code);
    while (store_guest(store, GUEST_VOUCHER, slice_str(code), &value) == ERR_NONE);
    buf_release(&value);
}

static WORKER_SIDE enum err make_some(struct store *store, unsigned count, const struct portal_grant *grant,
                                      struct buf *out)
{
    struct voucher vouchers[BATCH];
    struct guest_change changes[BATCH];
    char(*rooms)[RECORD_ROOM] = xcalloc(count, RECORD_ROOM);
    enum err err;

    for (unsigned i = 0; i < count; i++) {
        vouchers[i] = (struct voucher){.grant = *grant, .made_s = guests_now_s()};
        choose_code(store, vouchers[i].code);
        changes[i] = (struct guest_change){.kind = GUEST_VOUCHER,
                                           .name = slice_str(vouchers[i].code),
                                           .value = voucher_record(&vouchers[i], rooms[i])};
    }
    err = store_guests_commit(store, changes, count);
    for (unsigned i = 0; i < count && err == ERR_NONE; i++) {
        code_print(vouchers[i].code, out);
        buf_add_char(out, '\n');
    }
    free(rooms);
    return err;
}

enum err vouchers_make(struct store *store, unsigned count, const struct portal_grant *grant, struct buf *out)
{
    unsigned there = 0;
    enum err err = store_guests_each(store, GUEST_VOUCHER, count_one, &there);

    if (err == ERR_NONE && count > PORTAL_VOUCHERS_MAX - there)
        return ERR_TOO_MANY;
    for (unsigned made = 0; made < count && err == ERR_NONE; made += BATCH)
        err = make_some(store, count - made < BATCH ? count - made : BATCH, grant, out);
    return err;
}

enum err voucher_withdraw(struct store *store, struct portal *portal, struct slice text)
{
    char code[PORTAL_CODE_MAX + 1];
    struct buf value = BUF_INIT(RECORD_ROOM);
    struct guest_change change = {.kind = GUEST_VOUCHER, .is_drop = true};
    enum err err;

    if (!code_parse(text, code))
        return ERR_MISSING;
    change.name = slice_str(code);
    if (portal) /* over both steps: nobody comes in by it in between */
        pthread_mutex_lock(&portal->changing);
    err = store_guest(store, GUEST_VOUCHER, change.name, &value);
    if (err == ERR_NONE && portal)
        sessions_end_of(portal, change.name); /* their ends are recorded with the voucher, which has to be there */
    if (err == ERR_NONE)
        err = store_guests_commit(store, &change, 1);
    if (portal)
        pthread_mutex_unlock(&portal->changing);
    buf_release(&value);
    return err;
}
