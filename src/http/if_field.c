/*
 * if_field.c - the If field of WebDAV.
 */
#include "http/if_field.h"

enum err if_field_parse(struct slice value, struct arena *arena, struct if_field *out)
{
    return ERR_UNSUPPORTED;
}

bool if_field_holds(const struct if_field *field, const struct if_states *states)
{
    return false;
}
