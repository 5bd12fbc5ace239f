/*
 * put_private.h - what the files of PUT share.
 */
#ifndef METHOD_PUT_PRIVATE_H
#define METHOD_PUT_PRIVATE_H

#include "checksum.h"
#include "method_private.h"

struct put_wish {
    struct part_wish wish;
    bool is_any;
    struct checksums checksums; /* to be released */
};

/* 400: a checksum that cannot be read. */
struct verdict put_wish_read(struct exchange *ex, struct put_wish *out) LOOP_SIDE;
/* Bytes to come, as told; -1: unknown. Only Content-Length can be relied on. */
int64_t put_length(const struct exchange *ex) LOOP_SIDE;

#endif
