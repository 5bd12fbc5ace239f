/*
 * sandbox.h - the process confines itself.
 *
 * Landlock takes away the file system but for what a configuration names, seccomp takes away the system
 * calls that a file server has no use for. Nothing in a request can widen either. Called once, after
 * sockets are bound, stores and logs opened and privileges dropped, and BEFORE any thread is made:
 * Landlock binds the calling thread and those it makes later.
 *
 * A kernel without the one or the other is a notice, no failure.
 */
#ifndef CLI_SANDBOX_H
#define CLI_SANDBOX_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "conf/conf.h"

/* What may be done below a path (a folder, or one file). */
enum sandbox_access {
    SANDBOX_READ = 1 << 0,    /* read files, list folders */
    SANDBOX_WRITE = 1 << 1,   /* write, make, rename, remove files, folders and links */
    SANDBOX_SOCKETS = 1 << 2, /* make and remove sockets */
    SANDBOX_APPEND = 1 << 3,  /* make and write files, nothing else: a log's folder */
};

struct sandbox_path {
    const char *path; /* absolute; what is missing is skipped */
    unsigned access;  /* SANDBOX_READ | ... */
};

struct sandbox_options {
    struct sandbox_path *paths;
    unsigned path_count, path_room;
    bool has_landlock, has_seccomp;
    struct arena arena; /* owns the paths */
};

/*
 * All that this configuration needs: roots (reading only where the site is read-only), state folders,
 * the folders of configuration, users files, certificates, keys and what else TLS reads, and where their links
 * lead (for reload), that of the access log (for reopening), media types, time zones. Makes a missing --state folder.
 * Both mechanisms on unless conf->sandbox is off.
 */
void sandbox_options_init(struct sandbox_options *opt, const struct conf *conf);
/* One path more; `path` is copied. */
void sandbox_allow(struct sandbox_options *opt, const char *path, unsigned access);
void sandbox_options_release(struct sandbox_options *opt);

/*
 * Confines the process for good. `report` gets one line without newline for the start message, such as
 * "sandbox: Landlock ABI 7, seccomp on", or what is missing and why. An error only where the kernel has
 * the mechanism and yet refuses our rules; `report` then says which.
 */
enum err sandbox_enter(const struct sandbox_options *opt, struct buf *report);

#endif
