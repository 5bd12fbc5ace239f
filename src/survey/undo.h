/*
 * undo.h - instance manipulations undone, from the last to the first (RFC 3229 10.5.2).
 */
#ifndef SURVEY_UNDO_H
#define SURVEY_UNDO_H

#include "base/buf.h"

enum { UNDO_MAX = 4 << 20 };

/* What the content is when all that IM lists is undone; free with buf_release(). False: `why` says what cannot be. */
bool undo_im(struct slice im, struct slice base, struct slice content, struct buf *out, struct buf *why);

#endif
