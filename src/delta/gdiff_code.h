/*
 * gdiff_code.h - the commands of NOTE-gdiff-19970901 §2, as both directions see them.
 */
#ifndef DELTA_GDIFF_CODE_H
#define DELTA_GDIFF_CODE_H

#include <stdint.h>

/* Magic number and version. */
#define GDIFF_START "\xd1\xff\xd1\xff\x04"
enum { GDIFF_START_LEN = 5 };

enum {
    GDIFF_END = 0,
    GDIFF_DATA_SELF_MAX = 246, /* 1 to 246: the command is the length */
    GDIFF_DATA_USHORT = 247,
    GDIFF_DATA_INT = 248,
    GDIFF_COPY_FIRST = 249,
};

/* The note's int and long are signed; longer runs take several commands. */
#define GDIFF_INT_MAX INT32_MAX

/* 249 to 255: octets of a copy's place and length. */
struct gdiff_copy {
    unsigned char at_octets, len_octets;
};
enum { GDIFF_COPIES = 7 };
extern const struct gdiff_copy gdiff_copies[GDIFF_COPIES];

#endif
