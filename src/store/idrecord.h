/*
 * idrecord.h - the two records of identity, as keys and values.
 *
 *     'i' inode, birth          -> id, and where it was last seen: parent id, name
 *     'n' parent id, name       -> id, kind, the inode last seen there
 */
#ifndef STORE_IDRECORD_H
#define STORE_IDRECORD_H

#include "core.h"
#include "identity.h"
#include "meta.h"

struct inode_record {
    unsigned char id[ID_LEN];
    unsigned char parent[ID_LEN];
    char name[NAME_ROOM]; /* terminated; "" when it was never seen under one */
};

struct name_record {
    unsigned char id[ID_LEN];
    uint8_t kind;
    struct inode last;
};

/* ERR_MISSING if there is none; a damaged one counts as none. */
enum err inode_record_get(struct meta *meta, struct inode inode, struct inode_record *out);
enum err name_record_get(struct meta *meta, const unsigned char parent[ID_LEN], struct slice name,
                         struct name_record *out);
/* Of what would outlive a power cut. */
enum err name_record_get_durable(struct meta *meta, const unsigned char parent[ID_LEN], struct slice name,
                                 struct name_record *out);

/* Whether anything is recorded under a name in this folder. */
bool name_records_any(struct meta *meta, const unsigned char parent[ID_LEN]);

struct changes;
/* All names that are recorded in this folder. */
enum err name_records_drop(struct meta *meta, const unsigned char parent[ID_LEN], struct changes *changes);

/* Changes gathered to be committed together. A zeroed one is empty. */
struct changes {
    struct arena arena;
    struct meta_change *items;
    size_t count, room;
};

/* Any record: both are copied. */
void changes_put(struct changes *changes, struct slice key, struct slice value);
void changes_drop(struct changes *changes, struct slice key);

void changes_put_inode(struct changes *changes, struct inode inode, const unsigned char id[ID_LEN],
                       const unsigned char parent[ID_LEN], struct slice name);
void changes_drop_inode(struct changes *changes, struct inode inode);
void changes_put_name(struct changes *changes, const unsigned char parent[ID_LEN], struct slice name,
                      const struct name_record *record);
void changes_drop_name(struct changes *changes, const unsigned char parent[ID_LEN], struct slice name);
void changes_queue(struct changes *changes, struct meta *meta);
enum err changes_commit(struct changes *changes, struct meta *meta);
void changes_release(struct changes *changes);

#endif
