/*
 * multistatus_private.h - private to dav/: a multistatus that is being made, and the steps that make it, each from
 * another source: a walk over folders, what is known, what changed.
 */
#ifndef DAV_MULTISTATUS_PRIVATE_H
#define DAV_MULTISTATUS_PRIVATE_H

#include "dav/dav.h"

#include "forwarded.h"
#include "past.h"
#include "repr/sight.h"

struct multistatus {
    struct multistatus_options options;
    struct rules rules; /* of the target, and of all where no `at` lies below it */
    unsigned rights;
    struct sight sight;
    bool differs_below, is_read_only;

    struct arena arena; /* as long as the answer */
    struct write_lock *locks;
    unsigned lock_count;

    struct walk *walk; /* of a listing */
    struct walk_entry first;
    bool has_first;
    unsigned depth;
    struct forwarded forwarded; /* of the folder that was told of last */
    struct snapshot *known;     /* instead of a walk */
    const struct snapshot_member *known_target;
    bool tells_members;
    struct buf known_path;      /* of the member whose turn it is */
    size_t known_at;            /* where its name begins there */
    struct change_list changes; /* of a report */
    bool is_report;
    struct past_steps past; /* of what a file was */
    unsigned next;

    struct arena look; /* of one resource */
    struct xml_out xml;
    struct buf pending;
    size_t given; /* of pending */
    enum { MULTI_START, MULTI_MEMBERS, MULTI_DONE } stage;
};

/* ---- what all of them write with (multistatus.c) ---- */

/* Of this user at a path of the answer; of what a walk came to. */
unsigned multi_rights(struct multistatus *multi, struct slice path) WORKER_SIDE;
unsigned multi_rights_of(struct multistatus *multi, const struct walk_entry *entry) WORKER_SIDE;
/* Dot files, where nobody may have them. */
bool multi_is_denied(const struct multistatus *multi, struct slice path, struct slice name);
/* A member that may be told of. */
bool multi_is_shown(const struct multistatus *multi, struct slice path, struct slice name, unsigned rights);

struct prop_view multi_view(const struct multistatus *multi, struct slice path, const struct facts *facts,
                            const struct traits *traits, unsigned rights);
void multi_write_status(struct multistatus *multi, struct slice path, bool is_folder, int status);
void multi_write_response(struct multistatus *multi, const struct prop_view *view);
/* What `walk` came to last. ERR_MISSING: it went meanwhile. */
enum err multi_write_entry(struct multistatus *multi, struct walk *walk, const struct walk_entry *entry,
                           unsigned rights) WORKER_SIDE;

/* ---- steps: one resource each; ERR_MISSING: that was all ---- */

enum err multi_walk_step(struct multistatus *multi) WORKER_SIDE;
enum err multi_known_step(struct multistatus *multi);
enum err multi_change_step(struct multistatus *multi) WORKER_SIDE;

#endif
