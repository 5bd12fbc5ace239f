/*
 * refuse.h - what no path may reach: `.samovar` and the files that the configuration names.
 */
#ifndef STORE_REFUSE_H
#define STORE_REFUSE_H

#include "resolve.h"

/* Any segment of the path is reserved. */
bool path_is_reserved(struct slice path);
/* ERR_MISSING if what was opened is refused, by its path or as the same inode under another name. */
enum err refuse_check(struct store *store, int fd, const struct plain *plain);
/* The path alone: for names that need not exist. */
bool refuse_has_path(struct store *store, const struct plain *plain);
bool refuse_is_state(const struct store *store, uint64_t dev, uint64_t ino);
/* A member of a listing: `folder` is the descriptor of what is listed. */
bool refuse_is_member(struct store *store, int folder, const char *name, uint64_t dev, uint64_t ino, uint32_t nlink);

/* From options.refused_files; and back. */
void refuse_init(struct store *store, const char *const *files);
void refuse_release(struct store *store);

#endif
