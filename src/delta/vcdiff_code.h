/*
 * vcdiff_code.h - the octets of vcdiff: its integers, its markers and its default code table (RFC 3284 §2, §4, §5.6).
 */
#ifndef DELTA_VCDIFF_CODE_H
#define DELTA_VCDIFF_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Hdr_Indicator; the third bit is xdelta3's own. */
enum { HDR_SECONDARY = 1, HDR_CODE_TABLE = 2, HDR_APPLICATION = 4 };
/* Win_Indicator; the third bit is xdelta3's own. */
enum { WIN_SOURCE = 1, WIN_TARGET = 2, WIN_ADLER32 = 4 };
/* Delta_Indicator */
enum { DELTA_DATA = 1, DELTA_INSTRUCTIONS = 2, DELTA_ADDRESSES = 4 };

enum vcdiff_type { VCDIFF_NOOP, VCDIFF_ADD, VCDIFF_RUN, VCDIFF_COPY };

struct vcdiff_half {
    uint8_t type; /* enum vcdiff_type */
    uint8_t size; /* 0: an integer behind the code tells */
    uint8_t mode; /* of a COPY's address */
};

/* What a code stands for: one instruction, or two. */
struct vcdiff_code {
    struct vcdiff_half half[2];
};
extern const struct vcdiff_code vcdiff_codes[256];

enum { COPY_SIZE_MIN = 4, COPY_SIZE_MAX = 18, ADD_SIZE_MAX = 17 }; /* what single codes have in themselves */

/* The code of one instruction; *sized tells whether the size is in it, or has to follow. */
uint8_t vcdiff_code_single(enum vcdiff_type type, uint64_t size, unsigned mode, bool *sized);
/* The code of two in a row, sizes included; -1 where the table has none. */
int vcdiff_code_pair(enum vcdiff_type first, uint64_t size1, unsigned mode1, enum vcdiff_type second, uint64_t size2,
                     unsigned mode2);

enum { INTEGER_OCTETS_MAX = 10 }; /* 64 bits, seven at a time */

static inline unsigned vcdiff_integer_octets(uint64_t value)
{
    return (unsigned)(63 - __builtin_clzll(value | 1)) / 7 + 1;
}

/* Writes vcdiff_integer_octets(value) octets; gives what comes after them. */
char *vcdiff_integer_write(char *at, uint64_t value);

/* Octets being read, from the front. */
struct vcdiff_reader {
    const uint8_t *at, *end;
};
/* False: the octets end within the number, or it has more than 64 bits. */
bool vcdiff_integer_read(struct vcdiff_reader *reader, uint64_t *value);

#endif
