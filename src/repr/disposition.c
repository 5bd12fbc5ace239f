/*
 * disposition.c - telling a browser to save a file and under which name.
 */
#include "repr/repr.h"

#include "private.h"

/* attr-char of RFC 8187 §3.2.1 */
static bool is_attr_char(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || ascii_is_digit((char)c) ||
           (c && strchr("!#$&+-.^_`|~", c) != NULL);
}

static void percent_encode(struct buf *out, struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];

        if (is_attr_char(c))
            buf_add_char(out, (char)c);
        else
            buf_printf(out, "%%%02X", c);
    }
}

static struct slice disposition(struct arena *arena, const char *how, struct slice name)
{
    struct buf utf8 = BUF_INIT(name.len * 3 + 1), field = BUF_INIT(name.len * 9 + 64);
    struct slice got;

    /* Also takes the control characters out, of which a file system might make something. */
    text_escape(&utf8, name);
    buf_add_str(&field, how);
    buf_add_str(&field, "; filename*=UTF-8''");
    percent_encode(&field, buf_slice(&utf8));
    got = arena_slice(arena, buf_slice(&field));
    buf_release(&utf8);
    buf_release(&field);
    return got;
}

struct slice disposition_attachment(struct arena *arena, struct slice name)
{
    return disposition(arena, "attachment", name);
}

struct slice disposition_inline(struct arena *arena, struct slice name)
{
    return disposition(arena, "inline", name);
}
