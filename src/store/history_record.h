/*
 * history_record.h - the records of history_private.h, made and read. Shared by history.c and history_keep.c.
 */
#ifndef STORE_HISTORY_RECORD_H
#define STORE_HISTORY_RECORD_H

#include "identity.h"
#include "meta.h"
#include "store/history.h"

enum {
    VERSION_KEY_LEN = 1 + ID_LEN + 8,
    VERSION_VALUE_ROOM = 33 + TAG_MAX + 1 + 32,
    VERSION_FILE_ROOM = 2 * ID_LEN + 1 + 20 + 1,
};

struct slice version_key(const unsigned char id[ID_LEN], uint64_t number, char key[VERSION_KEY_LEN]);
struct slice version_age_key(const unsigned char id[ID_LEN], uint64_t number, char key[VERSION_KEY_LEN]);
/* The name of its file in history/. */
void version_file(const unsigned char id[ID_LEN], uint64_t number, char name[VERSION_FILE_ROOM]);

/* until_s 0: as long as nothing else is in the way. */
struct slice version_value(const struct version *version, int64_t until_s, char value[VERSION_VALUE_ROOM]);
/* Of an entry under 'h'. False: it is none of ours. */
bool version_read(const struct meta_entry *entry, struct version *out, int64_t *until_s);

/* All of one id, the oldest first. */
enum err versions_scan(struct meta *meta, const unsigned char id[ID_LEN], struct meta_batch *out);

#endif
