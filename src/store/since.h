/*
 * since.h - what changed in a folder since a client last asked (RFC 6578).
 *
 * The folder itself is compared with what was told last time, so changes made by other programs are reported like our
 * own. What was created and removed in between is told where we did it ourselves.
 */
#ifndef STORE_SINCE_H
#define STORE_SINCE_H

#include "store/store.h"

enum { CHANGES_MAX = 10000 /* of one answer: they are held in memory; the client asks on */ };

struct change {
    struct slice path; /* as rpath.text, from the site's root */
    bool is_folder, is_removed;
};
struct change_list {
    struct arena arena; /* owns all below */
    struct change *list;
    unsigned count;
    bool is_truncated; /* there are more: the mark continues exactly there */
    char mark[80];     /* terminated; the next `since`; letters, digits, '-' */
};

/*
 * since: a mark given for this very folder, "" for the first time: all members then. limit: at most so many (0: as many
 * as CHANGES_MAX). ERR_INVALID: a mark that is unknown, another folder's or too old: begin anew. ERR_NOT_FOLDER.
 */
enum err store_changes(struct store *store, struct rpath folder, bool is_deep, struct slice since, unsigned limit,
                       struct change_list *out) WORKER_SIDE;
void change_list_release(struct change_list *list);
/* The mark as of now: DAV:sync-token (RFC 6578 §4). Writes at most what a first look needs. */
enum err store_mark(struct store *store, struct rpath folder, char mark[80]) WORKER_SIDE;
/* Whether `mark` is what store_mark() would give, for `If` (DAV-163). */
bool store_mark_is_current(struct store *store, struct rpath folder, struct slice mark) WORKER_SIDE;

#endif
