/*
 * trees.h - private to store/: what MKCOL, DELETE, MOVE and COPY have in common.
 */
#ifndef STORE_TREES_H
#define STORE_TREES_H

#include "identity.h"
#include "part.h"
#include "store/tree.h"

enum {
    TREE_JUDGE_MAX = 16, /* others' changes between judging and commit, until we give up with ERR_CHANGED */
    TREE_PLACES_MAX = 8, /* the same for folders above, which others move: then the paths lead elsewhere */
};

/* As standing_look(), but a folder is no error: fd, statx and facts are its own. */
enum err standing_any(struct store *store, const struct place *place, struct standing *standing);
static inline bool standing_is_folder(const struct standing *standing)
{
    return standing->is_there && S_ISDIR(standing->statx.stx_mode);
}
/* As came_out(): of a folder only the inode counts, since its members may change at any time. */
enum err came_out_any(struct store *store, int folder, const char *name, const struct standing *old);

/* Something of ours lives in the folder at the place: the state, or a file that the configuration names. */
bool place_holds_refused(struct store *store, const struct place *place);
/*
 * Mount points at or below what stands at the place, as paths relative to it ("" is itself), in the arena. None where
 * the system does not tell (no /proc): what empties the trash does not cross them either.
 */
unsigned place_mounts(struct store *store, const struct place *place, struct arena *arena, struct slice **out);

/* Tells of one more failure at `below` (may be "") under `path`; NULL is fine. */
void casualty_add(struct casualties *casualties, struct slice path, struct slice below, enum err err);
static inline bool progress_goes_on(struct progress progress)
{
    return !progress.goes_on || progress.goes_on(progress.arg);
}

/*
 * Takes what stands at the place out of users' sight by one rename: into trash/ as ID.SEQUENCE, or beside the place
 * under a hidden name where trash/ is on another volume or cannot be made. ERR_CHANGED: it was another one, which is
 * back. The change of names is not settled yet.
 */
struct removed {
    char name[96];
    bool is_beside;
};
enum err tree_take_out(struct store *store, const struct place *place, const struct standing *old,
                       const unsigned char id[ID_LEN], struct removed *removed);
/* After the change is durable and its lock given: what was taken out goes, or is kept for trash_days. */
void tree_let_go(struct store *store, const struct place *place, const struct removed *removed);

/* After a removal: identity_gone(), and what belonged to the id goes too. Not awaited. */
void tree_gone(struct store *store, const struct place *place, const struct identity *identity,
               const struct statx *old);

/* aside.c: something new that is built out of users' sight, in up/, or beside the place under a hidden name. */
struct aside {
    int folder; /* owned */
    char name[96];
};
/* An empty folder that wears what new folders at the place wear. After an error nothing is there. */
enum err aside_make_folder(struct store *store, const struct place *place, struct aside *aside);
/* A name for something else that the caller makes. */
enum err aside_open(struct store *store, const struct place *place, struct aside *aside);
/* It became something else's name, or was moved into its place. */
void aside_release(struct aside *aside);
/* What is under the name goes, in the background; and the rest as aside_release(). */
void aside_drop(struct store *store, struct aside *aside);

#endif
