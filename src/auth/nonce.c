/*
 * nonce.c - the nonces of Digest.
 *
 * An entry's value is the highest count seen, and below it a bit for each of the 32 counts up to that one: the lowest
 * bit is the highest count itself.
 */
#include "nonce.h"

#include <openssl/crypto.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/shelf.h"

enum { ENTRIES = 16384, WINDOW = 32, RAW_BYTES = 32, MAC_AT = 16, REALM_MAX = 1024, NAME_MAX_BYTES = 255 };

struct nonces {
    struct hash_key mac_key, shelf_key;
    atomic_uint_fast64_t count;
    struct shelf *used;
};

struct nonces *nonces_new(void)
{
    struct nonces *nonces = xcalloc(1, sizeof(*nonces));

    random_bytes(&nonces->mac_key, sizeof(nonces->mac_key));
    random_bytes(&nonces->shelf_key, sizeof(nonces->shelf_key));
    nonces->used = shelf_new(ENTRIES);
    return nonces;
}

void nonces_free(struct nonces *nonces)
{
    if (!nonces)
        return;
    shelf_free(nonces->used);
    free(nonces);
}

/* ---- making and judging ---- */

static struct hash128 mac_of(const struct nonces *nonces, const unsigned char *raw, struct slice realm)
{
    char text[MAC_AT + REALM_MAX];

    realm = slice_upto(realm, REALM_MAX);
    memcpy(text, raw, MAC_AT);
    memcpy(text + MAC_AT, realm.ptr, realm.len);
    return hash128(&nonces->mac_key, slice_of(text, MAC_AT + realm.len));
}

void nonce_make(struct nonces *nonces, struct slice realm, uint64_t now_ms, char out[NONCE_TEXT_BYTES])
{
    uint64_t number = atomic_fetch_add_explicit(&nonces->count, 1, memory_order_relaxed);
    unsigned char raw[RAW_BYTES];
    struct hash128 mac;

    memcpy(raw, &now_ms, 8);
    memcpy(raw + 8, &number, 8);
    mac = mac_of(nonces, raw, realm);
    memcpy(raw + MAC_AT, mac.bytes, sizeof(mac.bytes));
    hex_encode(out, raw, sizeof(raw));
}

enum nonce_state nonce_judge(const struct nonces *nonces, struct slice nonce, struct slice realm, uint64_t now_ms)
{
    unsigned char raw[RAW_BYTES];
    struct hash128 mac;
    uint64_t made_ms;

    if (nonce.len != NONCE_TEXT_BYTES || !hex_decode(nonce, raw, sizeof(raw)))
        return NONCE_OVER;
    mac = mac_of(nonces, raw, realm);
    if (CRYPTO_memcmp(mac.bytes, raw + MAC_AT, sizeof(mac.bytes)) != 0)
        return NONCE_OVER;
    memcpy(&made_ms, raw, sizeof(made_ms));
    if (made_ms > now_ms || now_ms - made_ms >= NONCE_LIFE_MS)
        return NONCE_OVER;
    return now_ms - made_ms < NONCE_LIFE_MS / 2 ? NONCE_FRESH : NONCE_AGING;
}

/* ---- counts ---- */

/* Of bytes, not of digits: capitals would make a second key for one nonce. */
static uint64_t key_of(const struct nonces *nonces, struct slice nonce, struct slice name)
{
    unsigned char text[RAW_BYTES + NAME_MAX_BYTES] = {0};

    (void)hex_decode(nonce, text, RAW_BYTES); /* of no nonce of ours: nobody has an entry */
    name = slice_upto(name, NAME_MAX_BYTES);
    memcpy(text + RAW_BYTES, name.ptr, name.len);
    return hash64(&nonces->shelf_key, slice_of((char *)text, RAW_BYTES + name.len));
}

/* True: not seen before. */
static bool window_take(uint64_t *value, uint32_t count)
{
    uint32_t highest = (uint32_t)(*value >> 32), seen = (uint32_t)*value;

    if (count > highest) {
        uint32_t ahead = count - highest;

        seen = (ahead < WINDOW ? seen << ahead : 0) | 1;
        highest = count;
    } else if (highest - count >= WINDOW || seen & 1u << (highest - count)) {
        return false;
    } else {
        seen |= 1u << (highest - count);
    }
    *value = (uint64_t)highest << 32 | seen;
    return true;
}

bool nonce_use(struct nonces *nonces, struct slice nonce, struct slice name, uint32_t count, uint64_t now_ms)
{
    struct shelf_entry *entry = shelf_begin(nonces->used, key_of(nonces, nonce, name));
    /* an entry that was pushed out: what was counted is lost, so only one that begins is taken */
    bool is_new = (entry->order || count <= WINDOW) && window_take(&entry->value, count);

    if (is_new)
        entry->order = now_ms + 1;
    shelf_end(nonces->used, entry);
    return is_new;
}

bool nonce_is_used(struct nonces *nonces, struct slice nonce, struct slice name)
{
    struct shelf_entry *entry = shelf_begin(nonces->used, key_of(nonces, nonce, name));
    bool is_used = entry->order != 0;

    shelf_end(nonces->used, entry);
    return is_used;
}
