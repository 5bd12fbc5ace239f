/*
 * buf.h - text that we build.
 *
 * A buf is born with its largest size and grows up to it. Writing past that size changes nothing more
 * and marks the buf as overflown, so a builder checks once, at the end. Owned by whoever made it; not
 * shared between threads.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/slice.h"

struct buf {
    char *ptr;
    size_t len;
    size_t room;    /* bytes allocated */
    size_t max;     /* never longer than this */
    bool overflown; /* something did not fit; len and content are as before that write */
};

/* Takes no memory yet. */
#define BUF_INIT(largest) ((struct buf){.max = (largest)})

void buf_add(struct buf *buf, struct slice text);
void buf_add_char(struct buf *buf, char c);
void buf_add_str(struct buf *buf, const char *text);
void buf_add_u64(struct buf *buf, uint64_t value);
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Room for `more` bytes at the end, to be filled by the caller and counted by buf_grown(); NULL if too long. */
char *buf_reserve(struct buf *buf, size_t more);
void buf_grown(struct buf *buf, size_t by);

/* Drops `count` bytes at the front, moving the rest. */
void buf_eat(struct buf *buf, size_t count);

static inline void buf_clear(struct buf *buf)
{
    buf->len = 0;
    buf->overflown = false;
}

static inline struct slice buf_slice(const struct buf *buf)
{
    return slice_of(buf->ptr, buf->len);
}

/* The content, terminated; valid until the next write. */
const char *buf_str(struct buf *buf);

/* The content, terminated, now owned by the caller (free()); the buf is empty afterwards. */
char *buf_take(struct buf *buf);
void buf_release(struct buf *buf);

#endif
