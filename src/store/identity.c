/*
 * identity.c - ids.
 */
#include "identity.h"

#include "facts.h"

static void derive(const struct store *store, struct inode inode, unsigned char id[16])
{
    uint64_t of[2] = {inode.ino, (uint64_t)inode.btime_ns};
    struct hash128 hash = hash128(&store->salt, slice_of((const char *)of, sizeof(of)));

    memcpy(id, hash.bytes, 16);
    id[6] = (unsigned char)((id[6] & 0x0f) | 0x80); /* RFC 9562 §5.8: version 8 */
    id[8] = (unsigned char)((id[8] & 0x3f) | 0x80);
}

void identity_of(struct store *store, const struct place *place, const struct statx *at, unsigned char id[16])
{
    derive(store, inode_of(store, at), id);
}

enum err identity_keep(struct store *store, const struct place *place, const struct statx *old, unsigned char id[16])
{
    identity_of(store, place, old, id);
    return ERR_NONE;
}

void identity_passed_on(struct store *store, const struct place *place, const unsigned char id[16],
                        const struct statx *old, const struct statx *now)
{
}

enum err identity_forget_name(struct store *store, const struct place *place)
{
    return ERR_NONE;
}

void identity_gone(struct store *store, const struct place *place, const struct statx *old)
{
}
