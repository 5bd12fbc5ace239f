/*
 * note.c - see note.h. One attribute, six lines: size and time, address, tag, manipulation, its base, the file.
 */
#include "note.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "base/buf.h"

static const char attribute[] = "user.samovar.version";
enum { NOTE_MAX = 16 * 1024 };

static bool line_take(struct slice *rest, struct slice *line)
{
    return slice_cut(*rest, '\n', line, rest);
}

static void size_and_time(int fd, char *out, size_t room)
{
    struct stat got = {0};

    fstat(fd, &got);
    snprintf(out, room, "%lld %lld.%09ld", (long long)got.st_size, (long long)got.st_mtim.tv_sec, got.st_mtim.tv_nsec);
}

bool note_read(int fd, struct arena *arena, struct note *out)
{
    char text[NOTE_MAX], now[64];
    ssize_t len = fgetxattr(fd, attribute, text, sizeof(text));
    struct slice rest, then;

    *out = (struct note){0};
    if (len <= 0)
        return false;
    rest = arena_slice(arena, slice_of(text, (size_t)len));
    if (!line_take(&rest, &then) || !line_take(&rest, &out->url) || !line_take(&rest, &out->tag) ||
        !line_take(&rest, &out->im) || !line_take(&rest, &out->base) || !line_take(&rest, &out->file))
        return false;
    size_and_time(fd, now, sizeof(now));
    out->is_unchanged = slice_eq(then, slice_str(now));
    return true;
}

static bool is_one_line(struct slice text)
{
    return !memchr(text.ptr ? text.ptr : "", '\n', text.len);
}

bool note_write(int fd, const struct note *note)
{
    struct buf text = BUF_INIT(NOTE_MAX);
    char now[64];
    bool is_written;

    size_and_time(fd, now, sizeof(now));
    buf_printf(&text, "%s\n%.*s\n%.*s\n%.*s\n%.*s\n%.*s\n", now, SLICE_FMT(note->url), SLICE_FMT(note->tag),
               SLICE_FMT(note->im), SLICE_FMT(note->base), SLICE_FMT(note->file));
    is_written = !text.overflown && is_one_line(note->url) && is_one_line(note->tag) && is_one_line(note->im) &&
                 is_one_line(note->base) && is_one_line(note->file) &&
                 fsetxattr(fd, attribute, text.ptr, text.len, 0) == 0;
    buf_release(&text);
    return is_written;
}
