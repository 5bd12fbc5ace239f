/*
 * hot.h - the hot cache: answers that are ready to be sent, kept true by inotify.
 *
 * Each loop has its own. An entry is a whole answer to a plain GET of a small file, head and content in one
 * piece of memory; of a large one it has the head and the open descriptor. It is made by a worker in the order watch,
 * open, facts, read, facts, and enters the cache only if no notification for it came since the watch. Watched are the
 * file, its folder and every ancestor up to the root; any event for one of the names on that way drops the entry. Loop
 * side.
 *
 * Limits: ENTRIES_MAX answers, BYTES_MAX in all; a watch or descriptor that cannot be had means no entry. An
 * inotify event is queued before the write that caused it returns, so a request that was sent after a write
 * finds the entry gone, if hot_drain() ran between receiving and answering it.
 */
#ifndef SERVE_HOT_H
#define SERVE_HOT_H

#include "gate/gate.h"
#include "http/etag.h"
#include "station.h"

struct session;

struct hot_entry {
    struct link in_table, by_age;
    unsigned refs;    /* the cache's own, and one for each answer still being sent */
    bool is_loopback; /* the listener's: the gate `host` judges differently there */
    struct store *store;
    uint64_t hash;
    char *key; /* host NUL target, and of one that is for a wish NUL wish */
    size_t key_len;
    uint64_t ticket; /* of one that depends on what clients accept; 0: it does not */
    size_t stem;     /* of such: on names in its folder that begin with so many octets of the file's */
    char *tag;       /* the one shown, of such; NULL as long as it only watches, and has no answer yet */
    char *bytes;     /* head, then content */
    size_t head_len, len;
    char *head304;
    size_t head304_len;
    int64_t date_s; /* of the Date in both heads */
    int fd;         /* pins the inode; asked once a second, since a mapped write makes no event */
    uint64_t checked_ms;
    struct facts facts;
    const struct site *site; /* of the station's snapshot, which the entry does not outlive; NULL: in no table */
    uint64_t limits;         /* those that hold for it: limits_at(); 0: none */
    uint64_t limits_path;    /* limit_path() of what was asked for */
    bool is_large;           /* the content is not in bytes */
    struct known_file known; /* the same file, for answers that are made for one request */
    struct hot_use *uses;    /* one for each watch, from the root to the file */
    unsigned use_count;
    struct hot *hot;
    void *h2_fields; /* h2_hot.c's; one piece from malloc; NULL until it was asked for in HTTP/2 */
};

struct hot *hot_new(struct station *station);
void hot_free(struct hot *hot);
/* Reads all notifications that wait; drops what they speak of. Once between receiving and answering. */
void hot_drain(struct hot *hot) LOOP_SIDE;
/* Everything goes: the configuration changed. */
void hot_clear(struct hot *hot) LOOP_SIDE;
/* The loop has ended: everything goes, and nothing is asked of the workers. */
void hot_end(struct hot *hot) LOOP_SIDE;
/* What a request asks for, as far as entries are told apart by it. */
struct hot_asked {
    struct slice host, target;
    bool is_loopback;
    struct slice wish; /* what it accepts (hot_wish.c); "": of answers that do not depend on it */
};
/* A valid entry for it, its Date that of now; NULL: none. Borrowed until the round's end. */
struct hot_entry *hot_find(struct hot *hot, const struct hot_asked *asked) LOOP_SIDE;
/*
 * `answer` is what a plain GET of the exchange's target gets, `head` its head as sent on a connection that
 * goes on: if it is of the right kind and was asked for before, an entry is made.
 */
void hot_consider(struct hot *hot, struct exchange *ex, const struct answer *answer, struct slice head) LOOP_SIDE;

/* ---- hot_wish.c: answers that depend on what a client accepts ---- */

enum { HOT_WISH_MAX = 1024 };
/* The fields by which variants and codings are chosen, as they came; "": the request is none for such an entry. */
struct slice hot_wish(const struct head *head, char room[HOT_WISH_MAX]);
/* For ex->hot_ticket, before anything is looked at for the request. */
uint64_t hot_ticket(struct hot *hot, const struct head *head, bool is_loopback) LOOP_SIDE;
/* As hot_consider(), of an answer that is_varying. */
void hot_consider_varying(struct hot *hot, struct exchange *ex, const struct answer *answer,
                          struct slice head) LOOP_SIDE;

/* What it knows of folders, for exchanges. */
struct known_folders *hot_known_folders(struct hot *hot);

struct hot_entry *hot_entry_ref(struct hot_entry *entry) LOOP_SIDE;
void hot_entry_unref(struct hot_entry *entry) LOOP_SIDE;

/* ---- hot_refuse.c: limits, and the short way for what they refuse ---- */

/* What the limits on an entry say to a request that gets so much content. LIMIT_TELL: it takes the long way. */
enum limit_says hot_limit(struct session *session, const struct head *head, const struct hot_entry *entry,
                          uint64_t bytes, struct limited *out) LOOP_SIDE;
/* Some limit refuses, whatever the target is. Counts nothing. */
bool hot_limit_early(struct session *session, const struct head *head, struct limited *out) LOOP_SIDE;
/*
 * The answer: head_len bytes of head, then the body, with marks in the head where the seconds belong. Its Date is that
 * of now. Borrowed until the round's end.
 */
struct hot_entry *hot_refusal(struct session *session, const struct head *head,
                              const struct limited *limited) LOOP_SIDE;
#define HOT_REFUSAL_MARK '\1' /* in no limit's name, and in no text of ours */
/* Such text with its seconds: its length, or 0 if there is no room. */
size_t hot_refusal_fill(struct slice text, uint64_t wait_s, char *out, size_t room);
/* These bytes as an entry that is in no table, for what could not be sent at once. A reference of the caller's. */
struct hot_entry *hot_entry_of(struct hot *hot, struct slice bytes) LOOP_SIDE;

struct validators hot_validators(const struct hot_entry *entry);

#endif
