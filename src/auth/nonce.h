/*
 * nonce.h - the nonces of Digest: made without keeping them, and which of their counts were used. Private to auth/.
 *
 * A nonce is the time, a number and a MAC over both and the realm, under a key of the process: 64 hexadecimal digits.
 * So asking for challenges fills no memory. Only a right response makes an entry: so nobody without a password pushes
 * one out. What is pushed out, by more than 16 000 clients in five minutes, is told to begin anew.
 */
#ifndef AUTH_NONCE_H
#define AUTH_NONCE_H

#include "base/slice.h"

enum { NONCE_TEXT_BYTES = 64 };

/* A client has to ask again after that, without its user being asked: RFC 7616 §3.3, stale. As long as Apache's. */
#define NONCE_LIFE_MS (5u * 60u * 1000u)

struct nonces;

struct nonces *nonces_new(void);
void nonces_free(struct nonces *nonces); /* NULL is fine */

void nonce_make(struct nonces *nonces, struct slice realm, uint64_t now_ms, char out[NONCE_TEXT_BYTES]);

enum nonce_state {
    NONCE_FRESH, /* in the first half of its life */
    NONCE_AGING, /* still good; the client may be given the next one */
    NONCE_OVER,  /* too old, or none of ours: of the server before a restart, say */
};

enum nonce_state nonce_judge(const struct nonces *nonces, struct slice nonce, struct slice realm, uint64_t now_ms);

/*
 * The nth request under this nonce of this user, whose response was right. False: it is a replay, or too far behind the
 * others to be told from one; HTTP/2 and several connections mix up the order within 32.
 */
bool nonce_use(struct nonces *nonces, struct slice nonce, struct slice name, uint32_t count, uint64_t now_ms);
/* This user gave a right response under this nonce before. */
bool nonce_is_used(struct nonces *nonces, struct slice nonce, struct slice name);

#endif
