/*
 * hash.h - keyed hashes, for tables that peers fill and for identities.
 *
 * SipHash (Aumasson, Bernstein, 2012): a peer that does not know the key cannot make names that collide.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/slice.h"

struct hash_key {
    uint64_t k0, k1;
};

struct hash128 {
    unsigned char bytes[16];
};

uint64_t hash64(const struct hash_key *key, struct slice data);        /* SipHash-1-3: for tables */
struct hash128 hash128(const struct hash_key *key, struct slice data); /* SipHash-2-4-128: for identities */

/* The process's own random key, made at first use; any thread. */
const struct hash_key *hash_process_key(void);

/* `len` bytes from the kernel's generator; ends the process if there are none. */
void random_bytes(void *out, size_t len);

/* Lower-case hexadecimal into out, which has 2*len bytes; not terminated. */
void hex_encode(char *out, const void *bytes, size_t len);
bool hex_decode(struct slice hex, void *out, size_t out_len); /* hex.len must be 2*out_len */

#endif
