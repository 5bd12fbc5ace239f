/*
 * tls_ticket.c - keys of session tickets.
 *
 * A ticket is the session itself, sealed for us and kept by the client (RFC 8446 §4.6.1, RFC 5077), so the server
 * remembers nothing. Whoever had a key could open what was recorded earlier, so keys are never written anywhere and
 * do not live long: a new one after half of a ticket's lifetime, the one before it still opens tickets.
 */
#include "tls_private.h"

#include <openssl/core_names.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/hash.h"

struct ticket_key {
    unsigned char name[16], aes[32], hmac[32];
    uint64_t born_ms;
};

struct ticket_keys {
    atomic_uint refs;
    EVP_CIPHER *cipher;
    pthread_mutex_t lock; /* of what follows; held for a copy, once a handshake */
    uint32_t lifetime_ms;
    uint64_t aged_ms;          /* for tests: how much older everything is than the clock says */
    struct ticket_key keys[2]; /* the present one and the one before */
    unsigned count;
};

struct ticket_keys *ticket_keys_new(uint32_t lifetime_ms)
{
    struct ticket_keys *keys = xcalloc(1, sizeof(*keys));

    atomic_init(&keys->refs, 1);
    keys->cipher = EVP_CIPHER_fetch(NULL, "AES-256-CBC", NULL);
    keys->lifetime_ms = lifetime_ms;
    pthread_mutex_init(&keys->lock, NULL);
    return keys;
}

struct ticket_keys *ticket_keys_ref(struct ticket_keys *keys)
{
    atomic_fetch_add(&keys->refs, 1);
    return keys;
}

void ticket_keys_unref(struct ticket_keys *keys)
{
    if (!keys || atomic_fetch_sub(&keys->refs, 1) != 1)
        return;
    EVP_CIPHER_free(keys->cipher);
    pthread_mutex_destroy(&keys->lock);
    OPENSSL_cleanse(keys->keys, sizeof(keys->keys));
    free(keys);
}

void ticket_keys_set_lifetime(struct ticket_keys *keys, uint32_t lifetime_ms)
{
    pthread_mutex_lock(&keys->lock);
    keys->lifetime_ms = lifetime_ms;
    pthread_mutex_unlock(&keys->lock);
}

void ticket_keys_age(struct ticket_keys *keys, uint64_t by_ms)
{
    pthread_mutex_lock(&keys->lock);
    keys->aged_ms += by_ms;
    pthread_mutex_unlock(&keys->lock);
}

static bool key_make(struct ticket_key *key, uint64_t now_ms)
{
    key->born_ms = now_ms;
    return RAND_bytes(key->name, sizeof(key->name)) == 1 && RAND_priv_bytes(key->aes, sizeof(key->aes)) == 1 &&
           RAND_priv_bytes(key->hmac, sizeof(key->hmac)) == 1;
}

/* Under the lock. What is too old goes also when nobody came for a long time. */
static bool rotate(struct ticket_keys *keys)
{
    uint64_t now_ms = clock_mono_ms() + keys->aged_ms;
    struct ticket_key fresh;

    while (keys->count && now_ms - keys->keys[keys->count - 1].born_ms >= keys->lifetime_ms)
        keys->count--;
    if (keys->count && now_ms - keys->keys[0].born_ms < keys->lifetime_ms / 2)
        return true;
    if (!key_make(&fresh, now_ms))
        return false;
    keys->keys[1] = keys->keys[0];
    keys->keys[0] = fresh;
    keys->count = keys->count ? 2 : 1;
    OPENSSL_cleanse(&fresh, sizeof(fresh));
    return true;
}

/* name: of the ticket's key, or NULL for the present one. 0: nobody's; 2: the one before the present. */
static int key_find(struct ticket_keys *keys, const unsigned char *name, struct ticket_key *out)
{
    int found = 0;

    pthread_mutex_lock(&keys->lock);
    if (rotate(keys)) {
        for (unsigned i = 0; i < keys->count && !found; i++)
            if (!name || memcmp(keys->keys[i].name, name, sizeof(keys->keys[i].name)) == 0) {
                *out = keys->keys[i];
                found = (int)i + 1;
            }
    }
    pthread_mutex_unlock(&keys->lock);
    return found;
}

bool ticket_is_ours(struct ticket_keys *keys, const unsigned char *ticket, size_t len)
{
    enum { NAME = 16, IV = 16, MAC = 32 };
    unsigned char mac[EVP_MAX_MD_SIZE];
    struct ticket_key key;
    bool is_ours;

    if (len <= NAME + IV + MAC || !key_find(keys, ticket, &key))
        return false;
    is_ours = HMAC(EVP_sha256(), key.hmac, sizeof(key.hmac), ticket, len - MAC, mac, NULL) &&
              CRYPTO_memcmp(mac, ticket + len - MAC, MAC) == 0;
    OPENSSL_cleanse(&key, sizeof(key));
    return is_ours;
}

static bool mac_set(EVP_MAC_CTX *mac, struct ticket_key *key)
{
    static char digest[] = "SHA256";
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key->hmac, sizeof(key->hmac)),
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end(),
    };

    return EVP_MAC_CTX_set_params(mac, params) == 1;
}

static struct ticket_keys *keys_of(SSL *ssl)
{
    return ((struct tls_conn *)SSL_get_app_data(ssl))->tls->tickets;
}

/* -1: fails the handshake; 0: no ticket, or one of a key that is gone; 2: fine, but give the client a new one. */
int ticket_key_for(SSL *ssl, unsigned char name[16], unsigned char *iv, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac,
                   int is_new)
{
    struct ticket_keys *keys = keys_of(ssl);
    struct ticket_key key;
    int found = key_find(keys, is_new ? NULL : name, &key), done;

    if (!found)
        return is_new ? -1 : 0;
    if (is_new) {
        memcpy(name, key.name, sizeof(key.name));
        done = RAND_bytes(iv, EVP_CIPHER_get_iv_length(keys->cipher)) == 1 &&
               EVP_EncryptInit_ex2(cipher, keys->cipher, key.aes, iv, NULL) == 1;
    } else {
        done = EVP_DecryptInit_ex2(cipher, keys->cipher, key.aes, iv, NULL) == 1;
    }
    done = done && mac_set(mac, &key);
    OPENSSL_cleanse(&key, sizeof(key));
    return done ? found : -1;
}

/* ---- to another process of the same server ---- */

enum { KEY_HEX = 2 * sizeof(struct ticket_key) };

void tls_give_tickets(const struct tls *tls, struct buf *out)
{
    struct ticket_keys *keys = tls ? tls->tickets : NULL;
    char hex[KEY_HEX + 1] = "";

    if (!keys)
        return;
    pthread_mutex_lock(&keys->lock);
    for (unsigned i = 0; i < keys->count; i++) {
        hex_encode(hex, &keys->keys[i], sizeof(keys->keys[i]));
        buf_add(out, slice_of(hex, KEY_HEX));
    }
    pthread_mutex_unlock(&keys->lock);
    OPENSSL_cleanse(hex, sizeof(hex));
}

bool tls_take_tickets(struct tls *tls, struct slice hex)
{
    struct ticket_keys *keys = tls ? tls->tickets : NULL;
    unsigned count = (unsigned)(hex.len / KEY_HEX);
    struct ticket_key taken[2];
    bool is_good = keys && count && count <= 2 && hex.len % KEY_HEX == 0;

    for (unsigned i = 0; i < count && is_good; i++)
        is_good = hex_decode(slice_of(hex.ptr + (size_t)i * KEY_HEX, KEY_HEX), &taken[i], sizeof(taken[i]));
    if (is_good) {
        pthread_mutex_lock(&keys->lock);
        memcpy(keys->keys, taken, count * sizeof(taken[0])); /* their age is by a clock that all processes share */
        keys->count = count;
        pthread_mutex_unlock(&keys->lock);
    }
    OPENSSL_cleanse(taken, sizeof(taken));
    return is_good;
}
