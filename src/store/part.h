/*
 * part.h - the inside of an upload, shared by part.c and edit.c (bytes), dress.c (attributes), wish.c (what the client
 * wants of it) and land.c (its place).
 */
#ifndef STORE_PART_H
#define STORE_PART_H

#include "core.h"
#include "quota_private.h"
#include "resolve.h"
#include "store/history.h"

struct identity;

struct part {
    struct store *store;
    int fd; /* of the new content */
    char *path;
    size_t path_len;
    int64_t length;           /* announced, or -1 */
    uint64_t written, pushed; /* bytes; pushed: handed to the disk by sync_file_range() */
    bool is_stamped;          /* it has its modification time: */
    int64_t stamp_ns;
    struct statx statx; /* of the finished content: asked before it lands, since nothing may fail afterwards */
    int64_t born_ns;    /* set when its tag was issued: the descriptor then closes late */
    /*
     * The name it has outside of users' sight, in up/ (or beside the target): from the start without O_TMPFILE,
     * else from the first try to exchange it. Once named it stays named: the kernel names an unnamed file once.
     */
    bool is_named;
    int aside; /* the folder of that name */
    bool owns_aside;
    char temporary[96];
    /* Whose attributes it wears: 0 when nobody's. Worn again if that one changed since. */
    uint64_t dressed_ino;
    int64_t dressed_ctime_ns;
    struct quota_claim claim;
    uint64_t credit; /* what it replaces when it begins: only what is beyond that is claimed */
    /* part_wish(); the texts are owned, NULL: none */
    bool has_modified;
    int64_t modified_ns;
    char *type, *checksums;
    bool is_lazy; /* of part_wish */
    bool keeps_type;
    int scratch; /* edit.c: bytes that are applied later; -1 without */
    uint64_t scratch_size;
    struct history_limits history; /* part_history(); all 0: what is replaced goes */
    struct {
        struct part_keep wish; /* part_keep(); without wants() nothing is kept */
        char *label;           /* owned */
        char name[NAME_ROOM];  /* that what is replaced is going to have */
        bool is_taken;         /* somebody has that name now: another has to be chosen */
        bool is_linked;        /* what stands there has it */
    } keep;
};

/* Before the content, or what is to become it, has so many octets: of the quotas above, in steps. */
enum err part_claim_upto(struct part *part, uint64_t bytes);

/* What stands at a place, looked at with the lock held. */
struct standing {
    bool is_there;
    int fd; /* O_PATH, owned; keeps the inode from being reused */
    struct statx statx;
    struct facts facts;
};

/* ERR_IS_FOLDER, ERR_CHANGED for a link that appeared; a socket or device counts as there, and is ERR_DENIED. */
enum err standing_look(struct store *store, const struct place *place, struct standing *standing);
void standing_release(struct store *store, struct standing *standing);

/* A name for up/ or trash/: ID.SEQUENCE, so that start-up can tell whose it is. */
void aside_name(struct store *store, const unsigned char id[16], char *out, size_t room);

/* dress.c: gives the new content the old one's mode, owner, group, access list and user attributes. */
void dress_as(struct part *part, const struct standing *old);
/* For a new file without O_TMPFILE, which therefore was not made in its folder. */
void dress_new(struct part *part, const struct place *place);

/* wish.c: the time that the content gets. */
int64_t wish_time(struct part *part);
/* The content is at its place: what is recorded of it is written, durably. */
void wish_created(struct part *part, const struct place *place);
void wish_replaced(struct part *part, const struct place *place, const struct identity *identity,
                   const struct standing *old);

/* land.c: at the place nothing stood; ERR_EXISTS: now something does. */
enum err land_new(struct part *part, const struct place *place);
/*
 * In place of `old`, durably; ERR_CHANGED: something else stood there, and still does. What stood there has the name
 * aside then (part->is_named), until land_drop_aside().
 */
enum err land_over(struct part *part, const struct place *place, const struct standing *old,
                   const unsigned char id[16]);
void land_drop_aside(struct part *part);
/* A name for an unnamed file. As linkat(). */
int fd_link(int fd, int folder, const char *name);
/* Whether `name`, taken out of its place, is what was judged: ERR_CHANGED if not. */
enum err came_out(struct store *store, int folder, const char *name, const struct standing *old);
/* Makes the change of names durable, and feels the pulse. */
enum err folder_settle(struct store *store, int folder, int witness);

#endif
