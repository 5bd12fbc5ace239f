/*
 * jwt.h - is this token true, and whom does it name? RFC 7519, signed as in RFC 7515, with the advice of RFC 8725.
 * Private to auth/.
 */
#ifndef AUTH_JWT_H
#define AUTH_JWT_H

#include "auth/auth.h"
#include "jwks.h"

/*
 * Some providers put all groups of a user into his token: Microsoft's stop at 200 groups of 36 letters, which are
 * 7600 bytes. Much more fits into no other server's fields either.
 */
enum { JWT_BYTES_MAX = 8 << 10, JWT_GROUPS_MAX = 256 };
/* Two machines' clocks, neither of them well kept, agree within a minute. RFC 7519 §4.1.4: "no more than a few". */
enum { JWT_LEEWAY_S = 60 };

/* What a token must be to count. Borrowed, terminated. */
struct jwt_rules {
    const struct jwks *keys;
    const char *issuer, *audience;         /* NULL: any issuer whose key this is; no token that is for somebody */
    const char *user_claim, *groups_claim; /* names of members of the token */
};

struct jwt {
    struct slice user;
    const struct slice *groups;
    unsigned group_count;
    int64_t until_s; /* wall clock: from then on it is expired */
};

/*
 * AUTH_OK: `out` is filled, with texts in the arena. AUTH_STALE: it was true once and is expired. AUTH_WRONG. Where it
 * is not AUTH_OK, `flaw` is a text without quotes for who made the token (error_description of RFC 6750 §3). Pure; a
 * tenth of a millisecond for each key that may fit. `now_s`: wall clock.
 */
enum auth_result jwt_verify(const struct jwt_rules *rules, struct slice token, int64_t now_s, struct arena *arena,
                            struct jwt *out, const char **flaw) WORKER_SIDE;

#endif
