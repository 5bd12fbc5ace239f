/*
 * digest.c - SHA-256 of contents: found and kept.
 */
#include "store/digest.h"

#include "facts.h"
#include "history_private.h"
#include "history_record.h"
#include "lock.h"
#include "part.h"
#include "propset.h"
#include "store/props.h"

#define SHA256_NAME "SHA256:"

bool checksums_sha256(struct slice checksums, unsigned char out[SHA256_LEN])
{
    struct slice member;
    bool has_more = true;

    while (has_more) {
        has_more = slice_cut(checksums, ' ', &member, &checksums);
        if (!has_more)
            member = checksums;
        if (slice_starts(member, SLICE(SHA256_NAME)) && member.len == sizeof(SHA256_NAME) - 1 + 2 * SHA256_LEN)
            return hex_decode(slice_from(member, sizeof(SHA256_NAME) - 1), out, SHA256_LEN);
    }
    return false;
}

enum err store_digest_find(struct store *store, struct rpath path, const struct facts *facts,
                           unsigned char out[SHA256_LEN])
{
    struct arena arena = {0};
    struct traits traits;
    enum err err = facts->is_weak ? ERR_MISSING : store_traits(store, path, facts, &arena, &traits);

    if (err == ERR_NONE && !checksums_sha256(traits.checksums, out))
        err = ERR_MISSING;
    arena_release(&arena);
    return err;
}

/* ---- keeping ---- */

/* What else is recorded of this content stays. */
static enum err add_digest(struct store *store, struct meta *meta, const struct identity *identity,
                           const struct facts *facts, const unsigned char digest[SHA256_LEN], struct changes *changes)
{
    struct buf text = BUF_INIT(TRAIT_TEXT_MAX);
    char hex[2 * SHA256_LEN + 1] = "";
    struct arena arena = {0};
    unsigned char known[SHA256_LEN];
    struct traits traits;
    bool is_quiet;
    enum err err = traits_read(store, meta, identity->id, facts_tag(facts), &arena, &traits);

    if (err == ERR_NONE && !checksums_sha256(traits.checksums, known)) {
        hex_encode(hex, digest, SHA256_LEN);
        buf_printf(&text, "%.*s%s" SHA256_NAME "%s", SLICE_FMT(traits.checksums), traits.checksums.len ? " " : "", hex);
        err = traits_put(store, meta, identity->id, NULL, buf_slice(&text), facts_tag(facts), changes, &is_quiet);
    }
    buf_release(&text);
    arena_release(&arena);
    return err;
}

static void keep_at(struct store *store, const struct place *place, const struct facts *facts,
                    const unsigned char digest[SHA256_LEN])
{
    struct changes changes = {0};
    struct identity identity;
    struct standing now;
    struct meta *meta;

    if (place->is_outside || standing_look(store, place, &now) != ERR_NONE)
        return;
    if (now.is_there && slice_eq(facts_tag(&now.facts), facts_tag(facts)) && records_need(store, &meta) == ERR_NONE &&
        identity_gather(store, place, &now.statx, &identity, &changes) == ERR_NONE &&
        add_digest(store, meta, &identity, facts, digest, &changes) == ERR_NONE)
        changes_queue(&changes, meta);
    changes_release(&changes);
    standing_release(store, &now);
}

void store_digest_keep(struct store *store, struct rpath path, const struct facts *facts,
                       const unsigned char digest[SHA256_LEN])
{
    struct place place;

    if (store_is_read_only(store) || facts->is_weak || resolve_place(store, path.text, &place) != ERR_NONE)
        return;
    {
        LOCK_GUARD lock = {0};

        lock_take(&store->locks, &lock, place.dev, place.ino, slice_str(place.name));
        keep_at(store, &place, facts, digest);
    }
    place_release(&place);
}
