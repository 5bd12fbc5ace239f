/*
 * bindings.h - private to store/: what is recorded of bindings, and the paths that follow from it.
 *
 *     'b' id, parent id, name   -> when it was made: the oldest is the home; what it is of
 *     'u' folder id             -> parent id, name: where a folder is that has bindings in it or below
 *
 * They are an index: what counts is the link in the folder. One that others made is entered when a request comes by it;
 * one that is not where its record says is left out, and stays recorded until `samovar check` has walked the whole
 * folder, since others may have moved it.
 */
#ifndef STORE_BINDINGS_H
#define STORE_BINDINGS_H

#include "store/binding.h"
#include "bound.h"
#include "idrecord.h"

struct binding_record {
    unsigned char id[ID_LEN], parent[ID_LEN];
    int64_t made_ns; /* since 1970 */
    enum kind kind;
    char name[NAME_ROOM];
};
/* In the arena; the oldest first. */
struct binding_records {
    struct binding_record *list;
    unsigned count;
};
enum err bindings_of(struct meta *meta, const unsigned char id[ID_LEN], struct arena *arena,
                     struct binding_records *out);
bool binding_get(struct meta *meta, const unsigned char id[ID_LEN], const unsigned char parent[ID_LEN],
                 struct slice name, struct binding_record *out);
/* Calls each(record, arg) for every binding in the store, until it says false. */
enum err bindings_each(struct meta *meta, bool (*each)(const struct binding_record *, void *), void *arg);

void changes_put_binding(struct changes *changes, const struct binding_record *record);
void changes_drop_binding(struct changes *changes, const struct binding_record *record);

/* Where a folder is. ERR_MISSING: not recorded. */
struct way_record {
    unsigned char parent[ID_LEN];
    char name[NAME_ROOM];
};
enum err way_get(struct meta *meta, const unsigned char folder[ID_LEN], struct way_record *out);
void changes_put_way(struct changes *changes, const unsigned char folder[ID_LEN], const unsigned char parent[ID_LEN],
                     struct slice name);
void changes_drop_way(struct changes *changes, const unsigned char folder[ID_LEN]);
/*
 * The id of the folder that holds the place; where it and those above it are, and who, is added to changes (zeroed
 * before). ERR_CHANGED: it is not there any more.
 */
enum err way_gather(struct store *store, const struct place *place, struct changes *changes,
                    unsigned char parent[ID_LEN]);

/*
 * Paths of a folder, by what is recorded, that go round in no loop and whose bindings are there; each() gets them,
 * those by home bindings first, until it says false. *astray: what is recorded leads nowhere, or to what is not there.
 */
enum err folder_paths(struct store *store, const unsigned char id[ID_LEN], bool (*each)(void *arg, struct slice path),
                      void *arg, bool *is_astray);
/* The first of them. ERR_MISSING: none. */
enum err folder_home(struct store *store, const unsigned char id[ID_LEN], struct buf *path);

/* A binding was made or found: it is recorded if it was not. Not awaited. */
void binding_enter(struct store *store, const struct place *name, const unsigned char id[ID_LEN]);
/* There is a binding of this kind, from now on: before it can be seen. */
void bindings_note(struct store *store, enum kind kind);
/* At the start of the records. */
void bindings_probe(struct store *store, struct meta *meta);
/* ---- bound_text.c ---- */

/* The link at the place, whose lock is held, gets the text that it should have there. */
void bound_retext(struct store *store, const struct place *name, const unsigned char id[ID_LEN]);
/* Those in a folder that was moved, and below it, in the background; and some of that. False: nothing is left. */
void bound_retext_later(struct store *store, const unsigned char folder[ID_LEN]);
bool bound_retext_some(struct store *store);

/* ---- unbind.c ---- */

/* The record that a name has or would have. False: its folder is not there. */
bool binding_at(struct store *store, const struct place *name, const unsigned char id[ID_LEN],
                struct binding_record *out);
/* Not awaited. */
void binding_drop(struct store *store, const struct binding_record *record);

/*
 * The name at the place was taken away (id: of what it was a binding of): its record goes, and the resource with all
 * that only it leads to, if nothing else does.
 */
void binding_gone(struct store *store, const struct place *name, const unsigned char id[ID_LEN]);
/* It may have no name: then it goes. */
void bound_collect(struct store *store, const unsigned char id[ID_LEN]);
/*
 * A folder was taken away, with all in it (fd: where it is now): its bindings are no longer any, save those that are in
 * the folder that has its place and id now as well (now: -1 without).
 */
void bindings_gone_with(struct store *store, const unsigned char folder[ID_LEN], int fd, int now);
/*
 * A folder leads up to the root by some way that does not go through `without`, and not by the binding `without_name`
 * (either may be NULL). In doubt: true.
 */
bool folder_is_reachable_without(struct store *store, const unsigned char folder[ID_LEN],
                                 const unsigned char without[ID_LEN], const struct binding_record *without_name);
/* The folder, which comes first, and all that are above it by any way, in the arena; each once. */
enum err ids_above(struct store *store, const unsigned char folder[ID_LEN], struct arena *arena,
                   unsigned char (**out)[ID_LEN], unsigned *count);

#endif
