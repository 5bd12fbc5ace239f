/*
 * passwd_file.h - a users file being replaced: whole or not at all, by one at a time. Private to auth/.
 */
#ifndef AUTH_PASSWD_FILE_H
#define AUTH_PASSWD_FILE_H

#include <sys/stat.h>

#include "base/buf.h"

struct passwd_file {
    char *path;       /* where it really is: a symbolic link stays one */
    const char *name; /* in its folder */
    int folder;       /* locked until the file is let go */
    bool exists;
    struct stat stat;
    struct buf text; /* what it holds */
};

/*
 * Reads it, and keeps others of our kind from it. One that is not there is an empty one that will be made. False: `why`
 * holds one line.
 */
bool passwd_file_open(struct passwd_file *file, const char *path, struct buf *why);
/* On the disk when it returns true; with the owner and the mode that it had, or 0600. False: it is as it was. */
bool passwd_file_replace(struct passwd_file *file, struct slice text, struct buf *why);
void passwd_file_close(struct passwd_file *file);

#endif
