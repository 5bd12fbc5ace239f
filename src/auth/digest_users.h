/*
 * digest_users.h - whose H(A1) is known: of an htdigest file, or computed for inline users. Private to auth/.
 */
#ifndef AUTH_DIGEST_USERS_H
#define AUTH_DIGEST_USERS_H

#include "auth/auth.h"
#include "digest_hash.h"

struct digest_users;

/*
 * Into *out; NULL where nobody is there. The file has lines NAME:REALM:H(A1) with 32 (MD5) or 64 (SHA-256) hexadecimal
 * digits, one for each algorithm that a user may come with; those of other realms are for other servers. Inline users
 * have both, and win over the file's. False: `why` holds one line.
 */
bool digest_users_load(const struct site *site, struct slice realm, struct digest_users **out, struct buf *why);
void digest_users_free(struct digest_users *users); /* NULL is fine */

unsigned digest_users_count(const struct digest_users *users);
/* Some of them come from a file, and not only from the command line. */
bool digest_users_from_file(const struct digest_users *users);
/* Everybody may be asked for it; see digest_users.c for users of different kinds. */
bool digest_users_offers(const struct digest_users *users, enum digest_algorithm algorithm);
/*
 * Their H(A1) as hexadecimal; for an unknown name, or one without this algorithm, a stand-in that no password gives,
 * and *is_known is false.
 */
struct digest_hex digest_users_secret(const struct digest_users *users, struct slice name,
                                      enum digest_algorithm algorithm, bool *is_known);

#endif
