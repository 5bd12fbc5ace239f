/*
 * buf.c - a bounded text builder.
 */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"

enum { ROOM_FIRST = 128 };

/* One byte more than asked for is always there, for the terminator. */
static bool make_room(struct buf *buf, size_t more)
{
    size_t need = buf->len + more;
    size_t room;

    if (need < more || need > buf->max) {
        buf->overflown = true;
        return false;
    }
    if (need < buf->room)
        return true;
    room = buf->room ? buf->room : ROOM_FIRST;
    while (room <= need)
        room *= 2;
    if (room > buf->max)
        room = buf->max + 1;
    buf->ptr = xrealloc(buf->ptr, room);
    buf->room = room;
    return true;
}

char *buf_reserve(struct buf *buf, size_t more)
{
    return make_room(buf, more) ? buf->ptr + buf->len : NULL;
}

void buf_grown(struct buf *buf, size_t by)
{
    buf->len += by;
}

void buf_add(struct buf *buf, struct slice text)
{
    if (text.len && make_room(buf, text.len)) {
        memcpy(buf->ptr + buf->len, text.ptr, text.len);
        buf->len += text.len;
    }
}

void buf_add_char(struct buf *buf, char c)
{
    buf_add(buf, slice_of(&c, 1));
}

void buf_add_str(struct buf *buf, const char *text)
{
    buf_add(buf, slice_str(text));
}

void buf_add_u64(struct buf *buf, uint64_t value)
{
    char digits[20];
    size_t at = sizeof(digits);

    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    buf_add(buf, slice_of(digits + at, sizeof(digits) - at));
}

void buf_printf(struct buf *buf, const char *format, ...)
{
    va_list args, again;
    int len;

    va_start(args, format);
    va_copy(again, args);
    len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len > 0 && make_room(buf, (size_t)len)) {
        vsnprintf(buf->ptr + buf->len, (size_t)len + 1, format, again);
        buf->len += (size_t)len;
    }
    va_end(again);
}

void buf_eat(struct buf *buf, size_t count)
{
    if (count >= buf->len) {
        buf->len = 0;
        return;
    }
    buf->len -= count;
    memmove(buf->ptr, buf->ptr + count, buf->len);
}

const char *buf_str(struct buf *buf)
{
    if (!buf->room)
        return "";
    buf->ptr[buf->len] = '\0';
    return buf->ptr;
}

char *buf_take(struct buf *buf)
{
    char *text = buf->ptr ? buf->ptr : xmalloc(1);

    text[buf->len] = '\0';
    *buf = BUF_INIT(buf->max);
    return text;
}

void buf_release(struct buf *buf)
{
    free(buf->ptr);
    *buf = BUF_INIT(buf->max);
}
