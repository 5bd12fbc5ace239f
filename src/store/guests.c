/*
 * guests.c - a captive portal's records.
 *
 *     'g' kind, name   -> the portal's own
 */
#include "store/guests.h"

#include "base/arena.h"
#include "core.h"
#include "meta.h"

enum { KEY_ROOM = 2 + GUEST_NAME_MAX };

static const char letters[GUEST_KINDS] = {[GUEST_SESSION] = 's', [GUEST_VOUCHER] = 'v'};

static struct slice key_of(enum guest_kind kind, struct slice name, char key[KEY_ROOM])
{
    size_t len = name.len < GUEST_NAME_MAX ? name.len : GUEST_NAME_MAX;

    key[0] = 'g';
    key[1] = letters[kind];
    memcpy(key + 2, name.ptr, len);
    return slice_of(key, 2 + len);
}

/* In the arena. */
static struct meta_change *changes_of(const struct guest_change *changes, unsigned count, struct arena *arena)
{
    struct meta_change *out = arena_alloc(arena, count * sizeof(*out));

    for (unsigned i = 0; i < count; i++)
        out[i] = (struct meta_change){.key = key_of(changes[i].kind, changes[i].name, arena_alloc(arena, KEY_ROOM)),
                                      .value = changes[i].value,
                                      .is_drop = changes[i].is_drop};
    return out;
}

enum err store_guests_commit(struct store *store, const struct guest_change *changes, unsigned count)
{
    struct arena arena = {0};
    struct meta *meta;
    enum err err = store_is_read_only(store) ? ERR_READ_ONLY : records_need(store, &meta);

    if (err == ERR_NONE)
        err = meta_commit(meta, changes_of(changes, count, &arena), count);
    arena_release(&arena);
    return err;
}

void store_guests_queue(struct store *store, const struct guest_change *changes, unsigned count)
{
    struct arena arena = {0};
    struct meta *meta;

    if (!store_is_read_only(store) && records_need(store, &meta) == ERR_NONE)
        meta_queue(meta, changes_of(changes, count, &arena), count);
    arena_release(&arena);
}

enum err store_guest(struct store *store, enum guest_kind kind, struct slice name, struct buf *value)
{
    struct meta *meta = records_find(store);
    char key[KEY_ROOM];

    return meta && name.len <= GUEST_NAME_MAX ? meta_get(meta, key_of(kind, name, key), value) : ERR_MISSING;
}

enum err store_guests_each(struct store *store, enum guest_kind kind,
                           bool (*each)(struct slice name, struct slice value, void *arg), void *arg)
{
    struct meta *meta = records_find(store);
    char prefix[KEY_ROOM], after[KEY_ROOM];
    size_t after_len = 0;
    bool goes_on = meta != NULL;
    enum err err = ERR_NONE;

    while (goes_on && err == ERR_NONE) {
        struct meta_batch found = {0};

        err = meta_scan(meta, key_of(kind, SLICE(""), prefix), slice_of(after, after_len), META_BATCH_MAX, &found);
        goes_on = err == ERR_NONE && found.has_more;
        for (unsigned i = 0; err == ERR_NONE && i < found.count; i++)
            if (!each(slice_from(found.entries[i].key, 2), found.entries[i].value, arg)) {
                goes_on = false;
                break;
            }
        if (goes_on) {
            struct slice last = found.entries[found.count - 1].key;

            after_len = last.len < sizeof(after) ? last.len : sizeof(after);
            memcpy(after, last.ptr, after_len);
        }
        meta_batch_release(&found);
    }
    return err;
}
