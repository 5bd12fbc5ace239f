/*
 * slice.h - text that somebody else owns.
 *
 * A slice borrows: it is never terminated, never written through, and lives no longer than what it
 * points into. The empty slice is {NULL, 0}; functions here accept it everywhere.
 */
#ifndef BASE_SLICE_H
#define BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct slice {
    const char *ptr;
    size_t len;
};

/* A slice of a string literal, usable in initialisers of automatic variables and as an argument. */
#define SLICE(literal) ((struct slice){"" literal, sizeof(literal) - 1})
/* The same for static initialisers. */
#define SLICE_INIT(literal)                                                                                            \
    {                                                                                                                  \
        "" literal, sizeof(literal) - 1                                                                                \
    }
#define SLICE_NONE ((struct slice){NULL, 0})
/* For printf's "%.*s". */
#define SLICE_FMT(s) (int)(s).len, (s).ptr

static inline struct slice slice_of(const char *ptr, size_t len)
{
    return (struct slice){ptr, len};
}

/* A slice of a terminated string; NULL gives the empty slice. */
static inline struct slice slice_str(const char *text)
{
    return (struct slice){text, text ? strlen(text) : 0};
}

static inline bool slice_is_empty(struct slice s)
{
    return s.len == 0;
}

static inline bool slice_eq(struct slice a, struct slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* Equal when ASCII letters are compared without case. */
bool slice_eq_nocase(struct slice a, struct slice b);
bool slice_starts(struct slice s, struct slice prefix);
bool slice_starts_nocase(struct slice s, struct slice prefix);
bool slice_ends(struct slice s, struct slice suffix);

/* memcmp order, the shorter first among equals: negative, zero, positive. */
int slice_cmp(struct slice a, struct slice b);

static inline struct slice slice_from(struct slice s, size_t start)
{
    if (s.len == 0 || start == 0)
        return s; /* NULL + 0 is undefined in C17 */
    return start >= s.len ? slice_of(s.ptr + s.len, 0) : slice_of(s.ptr + start, s.len - start);
}

static inline struct slice slice_upto(struct slice s, size_t len)
{
    return slice_of(s.ptr, len < s.len ? len : s.len);
}

/* Position of the first `c`, or s.len. */
size_t slice_index(struct slice s, char c);

/*
 * Splits at the first `sep`: false, and nothing written, when it is absent. before and after may be
 * the same object as s's source.
 */
bool slice_cut(struct slice s, char sep, struct slice *before, struct slice *after);

/* Without leading and trailing spaces and tabs (OWS of RFC 9110 §5.6.3). */
struct slice slice_trim(struct slice s);

/* 1*DIGIT that fits 64 bits, nothing else: no sign, no space. */
bool slice_u64(struct slice s, uint64_t *out);

/* Lower-case of an ASCII letter; all other octets unchanged. */
static inline char ascii_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static inline bool ascii_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* 0-15, or -1 for what is no hexadecimal digit. */
int ascii_hex(char c);

#endif
