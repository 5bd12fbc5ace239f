/*
 * names.c - the normal form of names.
 *
 * macOS sends names decomposed (e + accent), most others composed; in one form they are one name. Only
 * what is looked up and made is changed, never what is on disk.
 */
#include "base/names.h"

#if HAVE_UTF8PROC
#include <stdlib.h>
#include <utf8proc.h>

bool names_nfc(struct slice *path, char *out, size_t room)
{
    utf8proc_uint8_t *normal = NULL;
    utf8proc_ssize_t len = utf8proc_map((const utf8proc_uint8_t *)path->ptr, (utf8proc_ssize_t)path->len, &normal,
                                        UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    bool is_new = len > 0 && (size_t)len < room && !slice_eq(*path, slice_of((char *)normal, (size_t)len));

    if (is_new) {
        memcpy(out, normal, (size_t)len);
        *path = slice_of(out, (size_t)len);
    }
    free(normal);
    return is_new;
}

bool names_can_nfc(void)
{
    return true;
}
#else
bool names_nfc(struct slice *path, char *out, size_t room)
{
    return false;
}

bool names_can_nfc(void)
{
    return false;
}
#endif
