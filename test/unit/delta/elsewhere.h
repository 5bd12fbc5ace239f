/*
 * elsewhere.h - contents that are not in memory, as far as a transform knows: each read is checked to lie inside.
 */
#ifndef TEST_ELSEWHERE_H
#define TEST_ELSEWHERE_H

#include "check.h"
#include "delta/delta.h"

static inline enum err read_elsewhere(void *arg, uint64_t at, void *room, size_t len)
{
    const struct slice *bytes = arg;

    CHECK(at <= bytes->len && len <= bytes->len - at);
    memcpy(room, bytes->ptr + at, len);
    return ERR_NONE;
}

static inline struct delta_source source_elsewhere(const struct slice *bytes)
{
    return (struct delta_source){.size = bytes->len, .read = read_elsewhere, .arg = (void *)bytes};
}

/* A sink that adds up; arg is a size_t. */
static inline enum err count_octets(void *arg, struct slice bytes)
{
    *(size_t *)arg += bytes.len;
    return ERR_NONE;
}

#endif
