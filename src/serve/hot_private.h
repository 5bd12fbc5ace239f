/*
 * hot_private.h - what the files of the hot cache share.
 */
#ifndef SERVE_HOT_PRIVATE_H
#define SERVE_HOT_PRIVATE_H

#include "hot.h"

enum {
    BUCKETS = 4096,
    WD_BUCKETS = 1024,
    SEEN = 1024,          /* targets asked for lately; power of two */
    RECENT = 64,          /* events remembered for entries that are being made */
    HOT_FILLING_MAX = 64, /* jobs at once that make entries */
};

/* One watch of one entry, or of one folder. */
struct hot_use {
    struct link link;          /* of the watch's users */
    struct hot_entry *entry;   /* NULL: it is a folder's */
    struct hot_folder *folder; /* NULL: it is an entry's */
    int wd;
    bool is_for_names; /* only of names that come and go there, which change a folder's time; not of what is in them */
    bool is_stem;      /* of `name`: what begins with it matters, too */
    struct slice name; /* the next name on the way, in its owner's memory; "": whatever happens there */
};

/* An inotify watch, shared by the entries below it. */
struct wd_slot {
    struct link link; /* in its bucket */
    struct link users;
    int wd;
};

struct hot {
    struct station *station;
    int inotify_fd; /* -1: no cache */
    struct link buckets[BUCKETS];
    struct link ages; /* oldest first */
    unsigned entry_count, wd_count;
    size_t bytes;
    struct link wd_buckets[WD_BUCKETS];
    uint64_t seen[SEEN]; /* hashes of targets asked for once */
    unsigned filling;    /* jobs under way */
    uint64_t event_count;
    uint64_t tickets;   /* given out so far */
    int recent[RECENT]; /* wds of the last events, a ring by event_count */
    int *dead_wds;      /* watches to be given up when no job is under way */
    unsigned dead_count, dead_room;
    struct hot_folders *folders;     /* hot_folder.c's */
    struct hot_templates *templates; /* hot_refuse.c's; NULL until one was needed */
    bool is_closing;
    struct watch notices; /* see listen_for_notices() */
    struct timer pause;
    bool is_listening;
};

/* ---- hot.c ---- */

/* Tells how much it has, for the metrics. */
void hot_tell(struct hot *hot) LOOP_SIDE;
/* The oldest go until the rest is within the limits. */
void hot_trim(struct hot *hot) LOOP_SIDE;
uint64_t hot_key_hash(const struct hot_asked *asked);
/* Takes it out of the cache; answers still being sent keep it alive. */
void hot_entry_drop(struct hot *hot, struct hot_entry *entry) LOOP_SIDE;
/* Frees one that never entered. */
void hot_entry_free(struct hot_entry *entry) LOOP_SIDE;
/* Into the cache, with its watches from the root to the file; path_len: of the file's path behind the key. */
void hot_entry_enter(struct hot *hot, struct hot_entry *entry, size_t path_len, const int *wds,
                     unsigned wd_count) LOOP_SIDE;

/* ---- hot_watch.c ---- */

struct wd_slot *hot_wd_find(struct hot *hot, int wd);
struct wd_slot *hot_wd_get(struct hot *hot, int wd);
/* Nobody uses it any more: given up when no job is under way that may be handed the same number. */
void hot_wd_give_up(struct hot *hot, int wd);
/* Of these, those that nobody uses. */
void hot_wds_give_up(struct hot *hot, const int *wds, unsigned count);
void hot_bury_wds(struct hot *hot);
void hot_use_drop(struct hot *hot, struct hot_use *use);
/* An idle loop hears of changes too, so that a deleted file is let go of. */
void hot_listen(struct hot *hot) LOOP_SIDE;
void hot_on_notice(struct watch *watch, uint32_t events);
void hot_pause_over(struct timer *timer);

/* ---- hot_fill.c ---- */

/* Something of this kind was asked for before? Remembers it otherwise. */
bool hot_was_seen(struct hot *hot, uint64_t hash) LOOP_SIDE;
/* Whether this may be an entry at all, but for its content. */
bool hot_is_everybodys(const struct hot *hot, const struct exchange *ex, struct slice head) LOOP_SIDE;
/* One with its key, and no answer; a job opens and watches the file, and enters it. */
struct hot_entry *hot_entry_new(struct hot *hot, const struct exchange *ex, const struct hot_asked *asked,
                                struct slice path) LOOP_SIDE;
void hot_fill(struct hot *hot, struct hot_entry *entry, const struct exchange *ex,
              const struct answer *answer) LOOP_SIDE;
/* Its head, and room for so much content behind it, which is returned. */
char *hot_entry_write(struct hot_entry *entry, struct slice head, size_t content_len) LOOP_SIDE;
/* A notification came for one of these watches, since so many had come. */
bool hot_was_touched(const struct hot *hot, uint64_t events_before, const int *wds, unsigned count) LOOP_SIDE;

/* ---- hot_refuse.c ---- */

/* All of them go: they are of the snapshot that goes. */
void hot_templates_clear(struct hot *hot) LOOP_SIDE;

/* ---- hot_folder.c ---- */

struct hot_folders *hot_folders_new(struct hot *hot);
void hot_folders_free(struct hot_folders *folders);
unsigned hot_folders_count(const struct hot_folders *folders, size_t *bytes);
void hot_folder_drop(struct hot *hot, struct hot_folder *folder) LOOP_SIDE;
/* All of them go. */
void hot_folders_clear(struct hot *hot) LOOP_SIDE;

#endif
