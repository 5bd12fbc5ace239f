/*
 * edit.h - an upload that is smaller than its file: what a part can do beside taking its bytes in order.
 *
 * A content is never changed in place, so the new one is made beside it: of the old one and what the client sent. What
 * comes is a stretch of the new content (part_write_at(), then part_fill_around()), or a description of it that has to
 * be whole before it is applied (part_scratch_*, then part_write()). All of it leaves no trace with part_release().
 */
#ifndef STORE_EDIT_H
#define STORE_EDIT_H

#include "store/store.h"
#include "store/tree.h"

/*
 * Bytes that wait outside of the content, without a name, until they are applied. They are asked of the same quotas,
 * which so bound them: ERR_QUOTA, ERR_NO_SPACE.
 */
enum err part_scratch_write(struct part *part, struct slice bytes) WORKER_SIDE;
uint64_t part_scratch_size(const struct part *part);
/* All of [at, at + len), which lies inside. */
enum err part_scratch_read(struct part *part, uint64_t at, void *room, size_t len) WORKER_SIDE;

/* The content is going to have so many octets: asked of the quotas before they come. ERR_QUOTA. */
enum err part_expect(struct part *part, uint64_t bytes) WORKER_SIDE;
/* Octets for which the disk has room now; UINT64_MAX where it does not tell. */
uint64_t part_disk_room(const struct part *part) WORKER_SIDE;

/* A stretch of the content, at its place. part_fill_around() is owed then. */
enum err part_write_at(struct part *part, uint64_t at, struct slice bytes) WORKER_SIDE;
/*
 * Around the stretch [first, end) the content is that of `base`, which has `size` octets; first is not past them.
 * Blocks are shared where the file system can. ERR_CLOSED: progress says no.
 */
enum err part_fill_around(struct part *part, int base, uint64_t size, uint64_t first, uint64_t end,
                          struct progress progress) WORKER_SIDE;

/* Octets of the content so far, and some of them: fewer than `len` only at its end. */
uint64_t part_size(const struct part *part);
enum err part_read(struct part *part, uint64_t at, void *room, size_t len, size_t *got) WORKER_SIDE;

#endif
