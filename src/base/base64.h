/*
 * base64.h - octets as letters, in both alphabets (RFC 4648 §4, §5). Pure.
 */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include "base/buf.h"

enum base64_form {
    BASE64_PADDED, /* '+' and '/', with '=' at the end when it is written */
    BASE64_URL,    /* '-' and '_', never padded */
};

/* So many octets `text.len` letters give at most. */
#define BASE64_ROOM(letters) ((letters) / 4 * 3 + 3)

/*
 * Letters without padding (base64_unpad()) into `out`, which has BASE64_ROOM of them. False: another character, or a
 * letter alone at the end. *stray: the bits after the last octet are not all zero, which is a second spelling of the
 * same octets: whoever must not take one refuses it.
 */
bool base64_decode(struct slice text, enum base64_form form, unsigned char *out, size_t *out_len, bool *stray);
/* Without up to two '=' at the end; false: they are not as many as make up groups of four. */
bool base64_unpad(struct slice *text);
void base64_encode(struct buf *out, const unsigned char *octets, size_t len, enum base64_form form);

#endif
