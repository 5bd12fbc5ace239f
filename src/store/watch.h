/*
 * watch.h - adding inotify watches, from the root down. Worker side.
 */
#ifndef STORE_WATCH_H
#define STORE_WATCH_H

#include <sys/inotify.h>

#include "core.h"

/*
 * Always added to what an inode is watched for already (IN_MASK_ADD): one watch serves all entries of a cache, and none
 * may take from another what it has to be told.
 */
enum {
    FOLDER_EVENTS =
        IN_MOVED_FROM | IN_MOVED_TO | IN_CREATE | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ATTRIB | IN_ONLYDIR,
    FILE_EVENTS = IN_MODIFY | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF,
    MEMBERS_EVENTS = FOLDER_EVENTS | IN_MODIFY, /* of a folder: what changes its members' facts, too */
};

struct watching {
    int inotify;
    int *watches;
    unsigned max, count;
    uint32_t beside; /* more events of the folder that holds the last: what is done to others in it; 0: none */
};

/* ERR_TOO_LARGE: no room in watching->watches, or the system has no watch left. */
enum err watch_add(struct watching *watching, int fd, uint32_t events);
/*
 * The root, each folder on the way with FOLDER_EVENTS, and what is at the path with `events`; *last is its inode.
 * ERR_UNSUPPORTED where there is a link on the way.
 */
enum err watch_way(struct store *store, struct slice path, uint32_t events, struct watching *watching,
                   struct stat *last);

#endif
