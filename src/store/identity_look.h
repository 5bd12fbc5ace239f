/*
 * identity_look.h - private to the files of identity: a path looked up from the root down, and what it finds.
 *
 * A look gathers corrections of the records while it goes; look_settle() queues them, or commits what has to be durable
 * before an id is shown.
 */
#ifndef STORE_IDENTITY_LOOK_H
#define STORE_IDENTITY_LOOK_H

#include "base/arena.h"
#include "idrecord.h"

/* One segment of a path, and who stands there. */
struct step {
    struct step *up; /* NULL: the root is the parent */
    const unsigned char *parent;
    struct slice name;
    struct inode inode;
    enum kind kind;
    uint32_t nlink;
    bool is_by_name; /* the inode is no key */
    bool has_name;   /* a name record with this id is there, or queued */
    bool is_bound;   /* bound.h; up is NULL then, and the parent none that is a resource */
    unsigned char id[ID_LEN];
};

struct look {
    struct store *store;
    struct meta *meta;
    struct changes changes;
    struct arena arena;
    bool must_commit; /* before the id is shown */
    bool is_reading;  /* the id is not shown, so none is made up */
    bool is_unknown;  /* then: the last step has none */
    bool is_in_bound; /* what has no step above it is not in the root, but bound */
};

/* The id that follows from inode and birth (RFC 9562 §5.8: version 8). */
void id_derive(const struct store *store, struct inode inode, unsigned char id[ID_LEN]);
bool id_same(const unsigned char *a, const unsigned char *b);

/* Records are made only where an id cannot be derived. */
enum err look_init(struct look *look, struct store *store, const struct statx *at);
void look_release(struct look *look);
/* The steps of the folder; *out is NULL for the root. ERR_CHANGED: it is not there any more. */
enum err look_up_folder(struct look *look, const struct place *place, struct step **out);
/* The id of the folder that the steps end in. */
const unsigned char *look_id(const struct look *look, const struct step *folder);
/* The next step down, with what stands there. */
struct step *step_new(struct look *look, struct step *up, struct slice name, const struct statx *at);
/* What stands at a place, and its corrections. */
enum err look_up_place(struct look *look, const struct place *place, const struct statx *at, struct identity *identity);
void identity_set(struct identity *identity, const struct step *step, bool is_recorded);

/* The name records of a step and of all above it. */
void step_record_names(struct look *look, struct step *step);
/* An inode that others may still have, whose derived or recorded id belongs to another one now. */
void look_retire(struct look *look, struct inode inode);

/* Durably. Records that can no longer be written are like a folder that can no longer be synced. */
enum err look_commit(struct look *look);
/* As it has to be. */
enum err look_settle(struct look *look);

#endif
