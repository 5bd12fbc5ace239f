/*
 * private.h - what the files of this folder share among themselves.
 */
#ifndef REPR_PRIVATE_H
#define REPR_PRIVATE_H

#include "base/buf.h"

/* No character: what utf8_next() gives for octets that are no UTF-8. */
#define UTF8_INVALID 0xffffffffu

/*
 * Takes one character off `rest`, which must not be empty. Octets that form none are taken off one maximal
 * wrong start at a time (Unicode 15, 3.9, table 3-8), so that each gives one U+FFFD and nothing right is lost.
 */
uint32_t utf8_next(struct slice *rest);

#endif
