/*
 * identity.h - who a resource is, over replacement and renaming (storage rules, "Identity").
 *
 * An id follows from inode and birth until it must outlive them; then it is recorded by inode and by
 * (parent id, name). Where both know a file, the inode decides; a file known by its name only was replaced
 * by others, and is adopted.
 *
 * Called with the resource's lock held where a place is changed. Places outside of the root have derived
 * ids only.
 */
#ifndef STORE_IDENTITY_H
#define STORE_IDENTITY_H

#include "resolve.h"

struct changes;
struct meta;

enum { ID_LEN = 16 };

struct identity {
    unsigned char id[ID_LEN];
    unsigned char parent[ID_LEN]; /* of the folder; only with is_recorded */
    bool is_recorded;             /* there are records that know it, or could */
};

/* One that nobody has: RFC 9562 §5.4, version 4. */
void identity_fresh(unsigned char id[ID_LEN]);

/* The id of what stands at a place. Corrections of records that it finds due are queued. */
enum err identity_of(struct store *store, const struct place *place, const struct statx *at, struct identity *identity);

/*
 * The same for what is recorded under the id, not for showing it: where ids have to be recorded before they are shown,
 * none is made. is_recorded false: there is nothing to find (outside of the root: by the derived id only).
 */
enum err identity_find(struct store *store, const struct place *place, const struct statx *at,
                       struct identity *identity);

/* In that way, the id of a folder by its path without links; "" is the root. */
enum err identity_find_folder(struct store *store, const char *folder, unsigned char id[ID_LEN]);

/* Before a replacement: the id, recorded durably under its name and inode if it was not. */
enum err identity_keep(struct store *store, const struct place *place, const struct statx *old,
                       struct identity *identity);
/*
 * The same, but what is to be recorded is left in `changes` (zeroed before), to be committed together with what the
 * caller adds to it. Makes the records if there are none yet: those that records_need() gives.
 */
enum err identity_gather(struct store *store, const struct place *place, const struct statx *at,
                         struct identity *identity, struct changes *changes);
/* After it: the new inode has the id. Not awaited; a crash before is repaired by adoption. */
void identity_passed_on(struct store *store, const struct place *place, const struct identity *identity,
                        const struct statx *old, const struct statx *now);

/* The same of a file or a folder, with what is to be recorded added to `changes`. */
void identity_pass_on(struct store *store, const struct place *place, const struct identity *identity,
                      const struct statx *old, const struct statx *now, struct changes *changes);

/*
 * The same where the old inode stays, under a name that was given to it: it is a new resource from now on. Durable when
 * it returns, or queued where the records have no room; before, the inode has to have yet another name, or whoever
 * looks there takes it for the resource.
 */
enum err identity_parted(struct store *store, const struct place *place, const struct identity *identity,
                         const struct statx *old, const struct statx *now);
/* What is parted already, by its inode alone: it gets an id that nobody has, durably. */
enum err identity_part(struct store *store, const struct statx *at);

/* Before a new resource is put at a name: what was recorded under it is dropped, durably. */
enum err identity_forget_name(struct store *store, const struct place *place);
/*
 * For listings: the id of a member whose folder's id is known, without walking down to it and without changing any
 * record. has_names: names are recorded in this folder (name_records_any()). PEEK_UNSURE: identity_of() has to look.
 */
enum peek {
    PEEK_NONE,     /* it has no id yet: identity_of() records one */
    PEEK_DERIVED,  /* nothing is recorded of it */
    PEEK_RECORDED, /* there may be more records under its id */
    PEEK_UNSURE
};
enum peek identity_peek(const struct store *store, struct meta *meta, const unsigned char parent[ID_LEN],
                        bool has_names, struct slice name, const struct facts *facts, unsigned char id[ID_LEN]);
/* After a removal: its records go. Not awaited. */
void identity_gone(struct store *store, const struct place *place, const struct identity *identity,
                   const struct statx *old);

/* Who is on the way to a place: the site, its folders, and what stands there. */
struct id_path {
    struct arena *arena;          /* the caller's: set before */
    unsigned char (*ids)[ID_LEN]; /* ids[0] is the site's */
    unsigned count;
};
/*
 * `at`: what stands there, NULL for nothing: then the folder's id is the last. is_kept: that id is to outlive its
 * inode; what must be recorded for it is queued, not awaited. Of a place outside of the root only its folder and
 * itself.
 */
enum err identity_path(struct store *store, const struct place *place, const struct statx *at, bool is_kept,
                       struct id_path *path);

/*
 * The ids of a folder and of all above it: ids[0] the site's, then one for each segment of `folder`, a path without
 * links below the root. ino (may be NULL): the folder's inode. ERR_CHANGED: it is not there any more; ERR_TOO_LONG:
 * deeper than `room`.
 */
enum err identity_folders(struct store *store, const char *folder, unsigned char (*ids)[ID_LEN], unsigned room,
                          unsigned *count, uint64_t *ino);

#endif
