/*
 * folder.h - a temporary folder, and a store over it, for one test.
 */
#ifndef TEST_STORE_FOLDER_H
#define TEST_STORE_FOLDER_H

#include "check.h"
#include "store/store.h"
#include "store/props.h"
#include "store/tree.h"

struct folder {
    char path[256];
    int fd;
    struct store *store;
};

/* A new empty folder below TMPDIR; no store yet. */
void folder_make(struct folder *folder);
/* Opens a store over it with these options (root is set here); NULL: the defaults. Must work. */
void folder_serve(struct folder *folder, const struct store_options *options);
/* Closes the store if there is one. */
void folder_stop(struct folder *folder);
/* Stops, and removes all. */
void folder_remove(struct folder *folder);

void folder_write(struct folder *folder, const char *name, const char *content);
/* The content of a file, terminated; static memory. "(missing)" if it is not there. */
const char *folder_read(struct folder *folder, const char *name);
/* Names in a folder, without `.` and `..`; 0 if it is not there. */
unsigned folder_count(struct folder *folder, const char *name);

/* What is in the trash and aside goes in the background: waits for it, at most ten seconds. */
void folder_wait_empty(struct folder *folder);

struct rpath path_of(const char *text);
extern const struct guard no_guard;
/* PUT in one go. */
enum err put(struct folder *folder, const char *path, const char *content, struct guard guard, struct commit *commit);
/* One property of the test's own. */
enum err put_prop(struct folder *folder, const char *path, const char *xml);
/* The value of the one property, static memory; "" without. */
const char *prop_of(struct folder *folder, const char *path);

#endif
