/*
 * dav_field.c - the other fields of WebDAV.
 */
#include "http/dav_field.h"

enum depth depth_of(const struct head *head)
{
    return 0;
}

enum overwrite overwrite_of(const struct head *head)
{
    return 0;
}

uint32_t timeout_of(const struct head *head, uint32_t cap, uint32_t fallback)
{
    return 0;
}

bool lock_token_of(const struct head *head, struct slice *token)
{
    return false;
}

bool reference_parse(struct slice text, struct reference *out)
{
    return false;
}

struct prefer prefer_of(const struct head *head)
{
    return (struct prefer){0};
}
