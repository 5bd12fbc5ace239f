/*
 * vcdiff_code.c - the default code table, written as RFC 3284 §5.6 draws it, and integers.
 */
#include "vcdiff_code.h"

#define ONE(type, size, mode)                                                                                          \
    {                                                                                                                  \
        {                                                                                                              \
            {VCDIFF_##type, size, mode},                                                                               \
            {                                                                                                          \
                VCDIFF_NOOP, 0, 0                                                                                      \
            }                                                                                                          \
        }                                                                                                              \
    }
#define TWO(type1, size1, mode1, type2, size2, mode2)                                                                  \
    {                                                                                                                  \
        {                                                                                                              \
            {VCDIFF_##type1, size1, mode1},                                                                            \
            {                                                                                                          \
                VCDIFF_##type2, size2, mode2                                                                           \
            }                                                                                                          \
        }                                                                                                              \
    }
/* 16 codes: the size behind the code, then 4 to 18. */
#define COPIES(mode)                                                                                                   \
    ONE(COPY, 0, mode), ONE(COPY, 4, mode), ONE(COPY, 5, mode), ONE(COPY, 6, mode), ONE(COPY, 7, mode),                \
        ONE(COPY, 8, mode), ONE(COPY, 9, mode), ONE(COPY, 10, mode), ONE(COPY, 11, mode), ONE(COPY, 12, mode),         \
        ONE(COPY, 13, mode), ONE(COPY, 14, mode), ONE(COPY, 15, mode), ONE(COPY, 16, mode), ONE(COPY, 17, mode),       \
        ONE(COPY, 18, mode)
/* 12 codes: ADD 1 to 4, then COPY 4 to 6. */
#define ADD_COPY(mode, add)                                                                                            \
    TWO(ADD, add, 0, COPY, 4, mode), TWO(ADD, add, 0, COPY, 5, mode), TWO(ADD, add, 0, COPY, 6, mode)
#define ADD_COPIES(mode) ADD_COPY(mode, 1), ADD_COPY(mode, 2), ADD_COPY(mode, 3), ADD_COPY(mode, 4)
/* 4 codes: ADD 1 to 4, then COPY 4 with an address of the same cache. */
#define ADD_SAMES(mode)                                                                                                \
    TWO(ADD, 1, 0, COPY, 4, mode), TWO(ADD, 2, 0, COPY, 4, mode), TWO(ADD, 3, 0, COPY, 4, mode),                       \
        TWO(ADD, 4, 0, COPY, 4, mode)

const struct vcdiff_code vcdiff_codes[256] = {
    ONE(RUN, 0, 0),
    ONE(ADD, 0, 0),
    ONE(ADD, 1, 0),
    ONE(ADD, 2, 0),
    ONE(ADD, 3, 0),
    ONE(ADD, 4, 0),
    ONE(ADD, 5, 0),
    ONE(ADD, 6, 0),
    ONE(ADD, 7, 0),
    ONE(ADD, 8, 0),
    ONE(ADD, 9, 0),
    ONE(ADD, 10, 0),
    ONE(ADD, 11, 0),
    ONE(ADD, 12, 0),
    ONE(ADD, 13, 0),
    ONE(ADD, 14, 0),
    ONE(ADD, 15, 0),
    ONE(ADD, 16, 0),
    ONE(ADD, 17, 0),
    COPIES(0),
    COPIES(1),
    COPIES(2),
    COPIES(3),
    COPIES(4),
    COPIES(5),
    COPIES(6),
    COPIES(7),
    COPIES(8),
    ADD_COPIES(0),
    ADD_COPIES(1),
    ADD_COPIES(2),
    ADD_COPIES(3),
    ADD_COPIES(4),
    ADD_COPIES(5),
    ADD_SAMES(6),
    ADD_SAMES(7),
    ADD_SAMES(8),
    TWO(COPY, 4, 0, ADD, 1, 0),
    TWO(COPY, 4, 1, ADD, 1, 0),
    TWO(COPY, 4, 2, ADD, 1, 0),
    TWO(COPY, 4, 3, ADD, 1, 0),
    TWO(COPY, 4, 4, ADD, 1, 0),
    TWO(COPY, 4, 5, ADD, 1, 0),
    TWO(COPY, 4, 6, ADD, 1, 0),
    TWO(COPY, 4, 7, ADD, 1, 0),
    TWO(COPY, 4, 8, ADD, 1, 0),
};

/* Where the lines of the table begin. */
enum { CODE_RUN = 0, CODE_ADD = 1, CODE_COPY = 19, CODE_ADD_COPY = 163, CODE_ADD_SAME = 235, CODE_COPY_ADD = 247 };
enum { MODE_SAME = 6, CODES_A_COPY_MODE = 16, CODES_A_PAIR_MODE = 12 };

uint8_t vcdiff_code_single(enum vcdiff_type type, uint64_t size, unsigned mode, bool *sized)
{
    unsigned code = CODE_RUN;

    *sized = false;
    if (type == VCDIFF_ADD) {
        *sized = size >= 1 && size <= ADD_SIZE_MAX;
        code = CODE_ADD + (*sized ? (unsigned)size : 0);
    } else if (type == VCDIFF_COPY) {
        *sized = size >= COPY_SIZE_MIN && size <= COPY_SIZE_MAX;
        code = CODE_COPY + CODES_A_COPY_MODE * mode + (*sized ? (unsigned)size - COPY_SIZE_MIN + 1 : 0);
    }
    return (uint8_t)code;
}

static int code_add_copy(unsigned add, unsigned copy, unsigned mode)
{
    if (mode >= MODE_SAME)
        return copy == 4 ? (int)(CODE_ADD_SAME + 4 * (mode - MODE_SAME) + add - 1) : -1;
    return copy <= 6 ? (int)(CODE_ADD_COPY + CODES_A_PAIR_MODE * mode + 3 * (add - 1) + copy - COPY_SIZE_MIN) : -1;
}

int vcdiff_code_pair(enum vcdiff_type first, uint64_t size1, unsigned mode1, enum vcdiff_type second, uint64_t size2,
                     unsigned mode2)
{
    if (first == VCDIFF_ADD && second == VCDIFF_COPY && size1 >= 1 && size1 <= 4 && size2 >= 4 && size2 <= 6)
        return code_add_copy((unsigned)size1, (unsigned)size2, mode2);
    if (first == VCDIFF_COPY && second == VCDIFF_ADD && size1 == 4 && size2 == 1)
        return (int)(CODE_COPY_ADD + mode1);
    return -1;
}

char *vcdiff_integer_write(char *at, uint64_t value)
{
    unsigned octets = vcdiff_integer_octets(value);

    for (unsigned left = octets; left-- > 1;)
        *at++ = (char)(0x80 | (value >> (7 * left) & 0x7f));
    *at++ = (char)(value & 0x7f);
    return at;
}

bool vcdiff_integer_read(struct vcdiff_reader *reader, uint64_t *value)
{
    uint64_t sum = 0;

    while (reader->at < reader->end) {
        uint8_t octet = *reader->at++;

        if (sum >> 57)
            return false;
        sum = sum << 7 | (octet & 0x7f);
        if (!(octet & 0x80)) {
            *value = sum;
            return true;
        }
    }
    return false;
}
