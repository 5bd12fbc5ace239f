/*
 * err.h - operating errors, one table.
 *
 * An operating error is what the world did to us: a full disk, a missing name. It is never dropped
 * unseen. A bug is an assert instead; an answer to a client is a verdict (exchange/), no error.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

enum err {
    ERR_NONE,
    ERR_AGAIN,      /* nothing yet, ask again later */
    ERR_MISSING,    /* no such name */
    ERR_PARENT,     /* the folder that should hold the name is missing or no folder */
    ERR_EXISTS,     /* the name is taken */
    ERR_DENIED,     /* the system does not let us */
    ERR_READ_ONLY,  /* the file system, or the site, is read-only */
    ERR_NO_SPACE,   /* disk or quota full */
    ERR_TOO_LONG,   /* a name or path is longer than the file system takes */
    ERR_IS_FOLDER,  /* a file was needed */
    ERR_NOT_FOLDER, /* a folder was needed */
    ERR_NOT_EMPTY,
    ERR_ESCAPES,     /* the path would leave the root */
    ERR_LOOP,        /* too many symbolic links */
    ERR_BUSY,        /* held by somebody else, or a mount point */
    ERR_CHANGED,     /* somebody changed it meanwhile */
    ERR_REFUSED,     /* the guard beside the commit said no */
    ERR_LOCKED,      /* a write lock is in the way */
    ERR_QUOTA,       /* it would be more than a quota allows */
    ERR_INVALID,     /* an argument or a text that makes no sense */
    ERR_TOO_LARGE,   /* past a limit of ours */
    ERR_UNSUPPORTED, /* this system or build cannot */
    ERR_CLOSED,      /* the other end is gone */
    ERR_DAMAGED,     /* our own records make no sense */
    ERR_TOO_MANY,    /* no descriptors or processes left */
    ERR_IO,          /* the device failed, or anything not listed */
    ERR_COUNT
};

/* The nearest of ours for an errno; ERR_IO for what has no row. Never ERR_NONE. */
enum err err_from_errno(int code);

/* A short phrase in plain words, static: "the disk is full". */
const char *err_text(enum err err);

#endif
