/*
 * names.h - the normal form of names (`names = nfc`). Pure.
 */
#ifndef BASE_NAMES_H
#define BASE_NAMES_H

#include "base/slice.h"

/*
 * True, and `path` then points into out, if the path is UTF-8, not yet in Unicode's normal form C, and fits.
 * False: nothing to do, or the build is without utf8proc.
 */
bool names_nfc(struct slice *path, char *out, size_t room);
bool names_can_nfc(void);

#endif
