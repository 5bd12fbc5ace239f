/*
 * auth.h - who is asking.
 *
 * Two questions are answered here: what a request claims (credentials_parse) and whether the claim is
 * true (auth_judge, and where that cannot tell, auth_verify). What the one who asks may do is conf_rights().
 *
 * The way of one request: the loop parses the Authorization field and lets auth_judge() look: at what was
 * found true lately, at a digest. Only what it leaves undecided goes to a worker, whose job calls
 * auth_verify(): hashing a password is slow on purpose, so it never runs on a loop. Between the two stands
 * guess_may(), which refuses those who guess before anything is hashed.
 *
 * Schemes: Basic (RFC 7617), Digest (RFC 7616) and Bearer (RFC 6750). A further scheme is a row in scheme.c:
 * how to read its credentials, how to judge them, how to write its challenges.
 */
#ifndef AUTH_AUTH_H
#define AUTH_AUTH_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/role.h"
#include "conf/conf.h"

/* A name goes into logs, lock owners and the metadata; crypt_r takes no longer password than 512. */
#define AUTH_NAME_BYTES_MAX 255
#define AUTH_PASSWORD_BYTES_MAX 256

enum auth_scheme { AUTH_BASIC, AUTH_DIGEST, AUTH_BEARER, AUTH_SCHEMES };

/* What a request claims. The slices lie in the arena that was given; UTF-8 as sent, not normalised. */
struct credentials {
    enum auth_scheme scheme;
    struct slice name;     /* "" where only the judge can tell: in a token */
    struct slice password; /* Basic's */
    struct slice token;    /* Bearer's, as sent: not looked into */
    struct digest *digest; /* Digest's; private to digest.c */
    const char *flaw;      /* what is wrong with a token, in words without quotes; NULL: not known, or nothing */
};

/* What a claim may depend on besides itself. Borrowed. */
struct auth_request {
    struct slice method, target; /* as they were on the wire */
    bool is_secure;              /* over TLS */
    struct slice peer;           /* the client's address as text, as for attempt_of() */
};

struct attempt;

/* Who it is, once a claim was found true. Texts are in the arena that was given. */
struct login {
    struct slice name;
    const struct slice *groups; /* for struct asker */
    unsigned group_count;
    const char *flaw;  /* not AUTH_OK: what is wrong with his token; NULL: nothing that can be told */
    struct slice info; /* the value of Authentication-Info; "": none */
    bool is_again;     /* set by auth_judge: this password, token or nonce was found to be his before */
};

/*
 * Reads the value of one Authorization field (RFC 9110 §11.6.2). Any side.
 * ERR_UNSUPPORTED: a scheme without a row here; answer 401 with the challenges.
 * ERR_INVALID: the value is malformed (bad base64, no colon, a NUL or other control byte, no UTF-8, an
 * empty name); ERR_TOO_LARGE: past the scheme's limit. Both are claims that cannot be true: 401 too.
 */
enum err credentials_parse(struct slice field, struct arena *arena, struct credentials *out);

/* Overwrites password and token; call it once the claim was judged. */
void credentials_wipe(struct credentials *cred);

/* ---- Users ------------------------------------------------------------------------------------- */

/*
 * Who may log in to one site: its users file and its inline ones (an inline one wins over the file's), its
 * digest-users, the keys of its tokens, and its groups. Immutable, reference counted, any side; a reload makes
 * a new one, whose generation is unlike every earlier one's, so nothing cached for the old one counts for it.
 */
struct users;

/*
 * Reads the files that the site names, and site->users. NULL: `why` holds one line that names file and line. A
 * site with none of them gives a set without users. Reads the disk: before the loops start, or on a worker.
 * A file that others on the system may write is refused; comments (#) and empty lines are skipped.
 */
struct users *users_load(const struct site *site, struct buf *why);
struct users *users_ref(struct users *users);
void users_unref(struct users *users); /* NULL is fine */
/* How many have a password, in whichever file. */
unsigned users_count(const struct users *users);
/* Whether anybody can log in by what a request says; without, Authorization fields are ignored. */
bool users_exist(const struct users *users);
/* Whether they send what others must not read: Basic's passwords, Bearer's tokens; not what Digest sends. */
bool users_tell_secrets(const struct users *users);
/*
 * Tells of each name and group in the site's `allow` that nobody has who can log in there, in a line without its end.
 * Of names where all of them are known here, that is without tokens and clients' certificates. Any side.
 */
void users_tell_strangers(const struct users *users, const struct site *site, void (*tell)(const char *line));
/* The groups of one whose name is known otherwise, by a client's certificate. Adds to login->groups. */
void users_groups(const struct users *users, struct arena *arena, struct login *login);

/*
 * samovar passwd: sets the user's password in the file, which it asks for; makes one for his program `app`; or takes
 * either away. app NULL or "": his own one. Talks on standard output and error; gives the exit status. May take a
 * second.
 */
int passwd_command(const char *path, const char *user, const char *app, bool is_removal);

/* ---- Judging ----------------------------------------------------------------------------------- */

enum auth_result {
    AUTH_OK,
    AUTH_WRONG, /* unknown name or wrong password; which of the two is not told, nor shown by the time taken */
    AUTH_STALE, /* the claim may be right, but was made too long ago: the client is to make it anew, without asking */
    AUTH_MISPLACED, /* the claim is about another resource than the request: 400 (RFC 7616 §3.4.6) */
    AUTH_SLOWED,    /* not judged, or not told: too many wrong claims came from there */
    AUTH_UNDECIDED, /* auth_judge only: a worker has to say */
};

/*
 * What the server remembers of claims: those found true lately, which digests were used, who guesses. One for
 * the whole server, over reloads; shared by all threads, and of constant size.
 */
struct auth_memory;

struct auth_memory *auth_memory_new(void);
void auth_memory_free(struct auth_memory *memory); /* NULL is fine */

/*
 * What can be told at once: a password or token that was found true lately, a digest. Fills `out` if AUTH_OK. A few
 * microseconds, and never a password's hash. Any side; the loop calls it.
 */
enum auth_result auth_judge(struct auth_memory *memory, const struct users *users, const struct credentials *cred,
                            const struct auth_request *request, struct arena *arena, struct login *out);
/*
 * The rest: never AUTH_UNDECIDED. Slow (up to a second for a costly bcrypt), and remembers what was true. The
 * caller's stack stays small: crypt's 32 KiB are on the heap. `attempt` was entered; it is told the result and left.
 */
enum auth_result auth_verify(struct auth_memory *memory, const struct users *users, const struct credentials *cred,
                             const struct attempt *attempt, struct arena *arena, struct login *out) WORKER_SIDE;

/* ---- Guessing ----------------------------------------------------------------------------------- */

/*
 * Wrong claims slow down where they come from, and nobody else: they are counted by the client's address (an IPv6 one
 * by its /64) and by address and claimed name, and past some of them no further one is judged until time has passed.
 * What was found true before is not asked here at all. A request without a claim is nobody's guess.
 */

/* Where a claim comes from: keys under which it is counted. */
struct attempt {
    uint64_t address, name; /* name 0: none was claimed */
    uint64_t claim;         /* the same for the same claim */
    bool is_token;          /* nobody guesses a signature: it never waits, and counts only while it is with a worker */
};

/*
 * `peer` is the client's address as text; what is no address counts by its text, and "" is everybody's. users NULL:
 * what is guessed is no user's.
 */
struct attempt attempt_of(const struct auth_memory *memory, const struct users *users, struct slice peer,
                          const struct credentials *cred);
/* Seconds until such a claim may be judged again; 0: now. Some microseconds; any side. */
unsigned attempt_wait(struct auth_memory *memory, const struct attempt *attempt);
/*
 * A worker is to judge it. False: so many of this address are with workers that others would have to wait for them. The
 * same claim several times at once is one: a browser asks for a page's pictures all together.
 */
bool attempt_enter(struct auth_memory *memory, const struct attempt *attempt);
void attempt_leave(struct auth_memory *memory, const struct attempt *attempt); /* the worker is done */
/* How it was judged: AUTH_OK forgives what was wrong of this name before, AUTH_WRONG counts, others say nothing. */
void attempt_told(struct auth_memory *memory, const struct attempt *attempt, enum auth_result result);

/* ---- Challenges -------------------------------------------------------------------------------- */

enum { AUTH_CHALLENGES_MAX = 6 };

/* Values of WWW-Authenticate, one field each, in the order in which they are sent. */
struct challenges {
    struct slice list[AUTH_CHALLENGES_MAX];
    unsigned count;
};

/*
 * What the site offers, in `arena`. `cred` with its `result`: what was claimed and is not so, if anything was (else
 * NULL), since some schemes tell why. The realm is the site's name; see scheme.c for the order.
 */
void auth_challenges(struct auth_memory *memory, const struct users *users, const struct auth_request *request,
                     const struct credentials *cred, enum auth_result result, struct arena *arena,
                     struct challenges *out);

#endif
