/*
 * terms.h - the file with the terms of use.
 */
#ifndef PORTAL_TERMS_H
#define PORTAL_TERMS_H

#include "base/buf.h"
#include "base/err.h"
#include "base/role.h"

/*
 * Appends FILE.TAG, or FILE where there is none; *is_in_tag says which. `file` is what the administrator wrote, `tag`
 * one of our own languages': no request has a say in which file is read. ERR_TOO_LARGE: more than `out` has room for;
 * ERR_INVALID: no regular file.
 */
enum err terms_read(const char *file, const char *tag, struct buf *out, bool *is_in_tag) WORKER_SIDE;

#endif
