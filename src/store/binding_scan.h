/*
 * binding_scan.h - private to store/: every link that is a binding, found by a whole walk of the root and of each bound
 * folder that it leads to, once; and then of those that it does not lead to.
 *
 * What is scanned again is added: so what was moved behind the walk's back is not missed, unless it is every time.
 */
#ifndef STORE_BINDING_SCAN_H
#define STORE_BINDING_SCAN_H

#include "base/arena.h"
#include "bindings.h"

/* A folder with bindings in it. */
struct scanned_folder {
    const char *plain; /* path without links */
    const char *shown; /* as people know it: by the first binding that led there */
    unsigned char id[ID_LEN];
};

struct scanned_link {
    unsigned char id[ID_LEN]; /* what it is of */
    bool is_right;            /* its text is what it should be there */
    bool is_reached;          /* from the root */
    const struct scanned_folder *folder;
    const char *name;
};

struct scanned_bound {
    unsigned char id[ID_LEN];
    enum kind kind;
    bool is_reached;
    uint64_t bytes; /* of what is not */
    const char *shown;
};

struct binding_scan {
    struct store *store;
    struct arena arena;
    struct scanned_link *links; /* after binding_scan_sort(): in order, each once */
    size_t link_count, link_room;
    struct scanned_bound *bound; /* the same */
    size_t bound_count, bound_room;
    enum err err;     /* some folder could not be read: the walk was not a whole one */
    bool has_changed; /* some folder was gone when the walk came to it */
};

/* May be called again. Errors that end it are told; others stand in scan->err. */
enum err binding_scan(struct binding_scan *scan) WORKER_SIDE;
void binding_scan_sort(struct binding_scan *scan);
bool binding_scan_has(const struct binding_scan *scan, const struct binding_record *record);
void binding_scan_release(struct binding_scan *scan);

#endif
