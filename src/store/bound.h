/*
 * bound.h - private to store/: what bound resources look like on the disk (storage rules, "Bindings").
 *
 * A bound resource is `.samovar/bound/ID`, and each of its names a symbolic link whose text ends in that. Only the end
 * counts; what is before it leads other programs there, from where the link was made.
 *
 * In paths without links (struct plain, struct place) what is below a binding is `.samovar/bound/ID/...`, by whichever
 * of its names it was reached; so locks, records and folders are the same for all of them.
 */
#ifndef STORE_BOUND_H
#define STORE_BOUND_H

#include "identity.h"
#include "resolve.h"

#define BOUND_FOLDER STATE_NAME "/bound"

enum {
    BOUND_NAME_LEN = 2 * ID_LEN,
    BOUND_PATH_LEN = sizeof(BOUND_FOLDER) + BOUND_NAME_LEN, /* "/" included */
};

/* Stands for the folder of bound resources, where a parent's id is wanted. */
extern const unsigned char bound_folder_id[ID_LEN];

/* Whether a link's text is a binding's. Pure. */
bool bound_parse(struct slice text, unsigned char id[ID_LEN]);
/* Whether a path without links is that of a bound resource (rest "") or below one. Pure. */
bool bound_within(struct slice plain, unsigned char id[ID_LEN], struct slice *rest);
void bound_name(const unsigned char id[ID_LEN], char out[BOUND_NAME_LEN + 1]);
void bound_path(const unsigned char id[ID_LEN], char out[BOUND_PATH_LEN + 1]);

/* Marks the facts of what stands at a path without links, if it is bound itself. */
void bound_mark(struct facts *facts, struct slice plain);
void bound_mark_at(struct facts *facts, const struct place *place);
/* The place is a bound resource itself, not one of its names nor what is below. */
bool place_is_bound(const struct place *place);

/* Whether bindings can be here at all: links, an exchange of names, `.samovar` in the root. */
bool bound_is_possible(struct store *store);
/* There is such a resource: facts of it (may be NULL). ERR_MISSING. */
enum err bound_find(struct store *store, const unsigned char id[ID_LEN], struct facts *facts);
/*
 * What the name in an open folder is a binding of, and facts (may be NULL) of that. ERR_MISSING: it is none, or that is
 * gone. Whoever is to change what is there must not take any other error for that.
 */
enum err bound_read(struct store *store, int folder, const char *name, unsigned char id[ID_LEN], struct facts *facts);
/* The same for who only shows: false for errors, too. */
bool bound_is_name(struct store *store, int folder, const char *name, unsigned char id[ID_LEN], struct facts *facts);
/* The text for a link in the folder with this path without links. */
void bound_text(const char *folder, const unsigned char id[ID_LEN], char out[PATH_ROOM]);

/* At the start: a link among bound resources is what a crash left of a first BIND. */
void bound_sweep(struct store *store);

#endif
