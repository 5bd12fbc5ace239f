/*
 * form.h - what a form of ours sends: application/x-www-form-urlencoded (URL Standard §5).
 */
#ifndef PORTAL_FORM_H
#define PORTAL_FORM_H

#include "base/slice.h"

enum {
    /* Ours send three fields at most; browsers' add-ons like to add some. */
    FORM_FIELDS_MAX = 16,
    /* A name of 255 octets and a password of 256, each octet as %XX, and as much again. */
    FORM_BYTES_MAX = 4096,
};

struct form {
    struct form_field {
        struct slice name, value; /* in the bytes that were given */
    } fields[FORM_FIELDS_MAX];
    unsigned count;
};

/*
 * Decodes within `bytes`, which are written over: so that wiping them wipes all there is. False: a wrong `%`, more than
 * FORM_FIELDS_MAX fields, two fields of one name, a control character, or what is no UTF-8. Pure.
 */
bool form_parse(char *bytes, size_t len, struct form *out);
/* "" without; *is_there may be NULL. */
struct slice form_value(const struct form *form, struct slice name, bool *is_there);

#endif
