/*
 * passwd_edit.h - a users file's text with somebody's line in it changed. Private to auth/.
 *
 * Pure: text in, text out. All other lines stay as they are and where they are, comments, blanks and ends included.
 */
#ifndef AUTH_PASSWD_EDIT_H
#define AUTH_PASSWD_EDIT_H

#include "base/buf.h"

struct passwd_edit {
    struct slice user;
    struct slice app;  /* "": his own password */
    struct slice hash; /* the new one; "": it is taken away, and with his own one all of his apps' */
};

enum passwd_result {
    PASSWD_CHANGED, /* his own password: the line is in its place */
    PASSWD_ADDED,
    PASSWD_REMOVED,
    PASSWD_NO_USER, /* to be taken away: he has no line */
    PASSWD_NO_APP,  /* to be taken away: he has none of that name */
    PASSWD_HAS_APP, /* to be added: he has one of that name */
    PASSWD_FULL,    /* to be added: he has as many as one may have */
};

/* What the user has. */
struct passwd_lines {
    unsigned own, apps;
};

struct passwd_lines passwd_lines_of(struct slice text, struct slice user);

/* Adds the new text to `out`. Only if it is one of the first three, `out` is what the file is to be. */
enum passwd_result passwd_edit(struct slice text, const struct passwd_edit *edit, struct buf *out);

#endif
