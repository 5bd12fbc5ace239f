/*
 * diffe_script.c - reading an ed script.
 *
 * ed is a language that can run programs and write files (RFC 3229 says nothing of it); this knows five of its words
 * and refuses the rest. The script is held in memory, each text moved together where it stands: what its commands took
 * is room enough for that.
 */
#include "diffe_script.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "stream.h"

struct reading {
    struct diffe_script *script;
    const struct delta_limits *limits;
    struct buf *why;
    size_t len, at;    /* of the script's octets, and what is read of them */
    size_t end;        /* of the texts that were moved together; never behind `at` */
    uint64_t line;     /* for people */
    uint64_t ceiling;  /* the last line of the base that no change has yet: the next must be at or above it */
    size_t dotted;     /* where the last text's last line begins, which "s/.//" may follow; SIZE_MAX: it may not */
    bool may_continue; /* a bare "a" may follow */
};

__attribute__((format(printf, 3, 4))) static enum err refuse(struct reading *reading, enum err err, const char *format,
                                                             ...)
{
    char text[160];
    va_list rest;

    if (!reading->why)
        return err;
    va_start(rest, format);
    vsnprintf(text, sizeof(text), format, rest);
    va_end(rest);
    buf_printf(reading->why, "The ed script %s (line %" PRIu64 ").", text, reading->line);
    return err;
}

/* The next line, with its newline. */
static enum err take_line(struct reading *reading, struct slice *line)
{
    const char *from = reading->script->octets + reading->at;
    const char *end = memchr(from, '\n', reading->len - reading->at);

    reading->line++;
    if (!end)
        return refuse(reading, ERR_INVALID, reading->at == reading->len ? "ends within a text" : "ends within a line");
    *line = slice_of(from, (size_t)(end + 1 - from));
    reading->at += line->len;
    return ERR_NONE;
}

/* Lines up to a lone dot, moved to the end of the text so far. */
static enum err take_text(struct reading *reading, struct diffe_change *change)
{
    size_t last = SIZE_MAX;

    for (;;) {
        struct slice line = SLICE("");
        enum err err = take_line(reading, &line);

        if (err != ERR_NONE)
            return err;
        if (slice_eq(line, SLICE(".\n")))
            break;
        last = reading->end;
        memmove(reading->script->octets + reading->end, line.ptr, line.len);
        reading->end += line.len;
    }
    change->text_len = reading->end - change->text_at;
    /* it takes a dot away: of any other octet an ed that knows characters would take more */
    reading->dotted = last != SIZE_MAX && reading->script->octets[last] == '.' ? last : SIZE_MAX;
    return ERR_NONE;
}

/* "s/.//": once for a line, or undoing n of them would take n times n. */
static enum err take_dot(struct reading *reading)
{
    char *dot;

    if (reading->dotted == SIZE_MAX)
        return refuse(reading, ERR_INVALID, "has s/.// not behind a text whose last line begins with a dot");
    dot = reading->script->octets + reading->dotted;
    memmove(dot, dot + 1, reading->end - reading->dotted - 1);
    reading->end--;
    reading->script->changes[reading->script->count - 1].text_len--;
    reading->dotted = SIZE_MAX;
    reading->may_continue = true;
    return ERR_NONE;
}

/* Grows by doubling; what is held meanwhile is within what was granted. */
static struct diffe_change *add_change(struct reading *reading)
{
    struct diffe_script *script = reading->script;
    size_t room = script->room ? 2 * script->room : 64;

    if (script->count == script->room) {
        if ((script->room + room) * sizeof(*script->changes) > stream_memory(reading->limits) - reading->len)
            return NULL;
        script->changes = xrealloc(script->changes, room * sizeof(*script->changes));
        script->room = room;
    }
    return &script->changes[script->count++];
}

/* "7", "7,9" and the command. False: something else. */
static bool parse_command(struct slice line, uint64_t *first, uint64_t *last, char *command)
{
    struct slice before, after;

    if (line.len < 3)
        return false;
    *command = line.ptr[line.len - 2];
    line.len -= 2;
    if (!slice_cut(line, ',', &before, &after))
        before = after = line;
    else if (*command == 'a')
        return false;
    return strchr("acd", *command) && *command && slice_u64(before, first) && slice_u64(after, last);
}

static enum err take_command(struct reading *reading, struct slice line)
{
    struct diffe_change *change;
    uint64_t first, last;
    char command;

    if (!parse_command(line, &first, &last, &command))
        return refuse(reading, ERR_INVALID, "has a command other than a, c, d and s/.//");
    if (last < first || (first == 0 && command != 'a'))
        return refuse(reading, ERR_INVALID, "names lines that cannot be");
    if (last > reading->ceiling)
        return refuse(reading, ERR_INVALID, "does not go from the bottom to the top");
    change = add_change(reading);
    if (!change)
        return refuse(reading, ERR_TOO_LARGE, "has more changes than there is memory for");
    *change = (struct diffe_change){.keep = last, .until = last, .text_at = reading->end};
    if (command != 'a')
        change->keep = first - 1;
    reading->ceiling = change->keep;
    reading->dotted = SIZE_MAX;
    return command == 'd' ? ERR_NONE : take_text(reading, change);
}

static enum err take_next(struct reading *reading)
{
    struct diffe_script *script = reading->script;
    bool may_continue = reading->may_continue;
    struct slice line = SLICE("");
    enum err err = take_line(reading, &line);

    if (err != ERR_NONE)
        return err;
    reading->may_continue = false;
    if (slice_eq(line, SLICE("s/.//\n")))
        return take_dot(reading);
    if (may_continue && slice_eq(line, SLICE("a\n")))
        return take_text(reading, &script->changes[script->count - 1]);
    return take_command(reading, line);
}

/* All of it into memory of our own. */
static enum err load(struct reading *reading, const struct delta_source *delta)
{
    struct stream_in in;
    enum err err;

    if (delta->size > stream_memory(reading->limits))
        return refuse(reading, ERR_TOO_LARGE, "is longer than there is memory for");
    reading->len = delta->size;
    reading->script->octets = xmalloc(reading->len + 1);
    stream_in_init(&in, delta, reading->limits);
    err = stream_in_take(&in, reading->script->octets, reading->len);
    stream_in_release(&in);
    return err;
}

enum err diffe_script_read(struct diffe_script *script, const struct delta_source *delta,
                           const struct delta_limits *limits, struct buf *why)
{
    enum { ASK_EVERY = 1 << 12 };
    struct reading reading = {.script = script, .limits = limits, .why = why, .dotted = SIZE_MAX};
    enum err err;

    *script = (struct diffe_script){0};
    reading.ceiling = UINT64_MAX;
    err = load(&reading, delta);
    for (unsigned commands = 0; err == ERR_NONE && reading.at < reading.len; commands++) {
        err = commands % ASK_EVERY == 0 ? stream_ask(limits) : ERR_NONE;
        if (err == ERR_NONE)
            err = take_next(&reading);
    }
    return err;
}

void diffe_script_release(struct diffe_script *script)
{
    free(script->octets);
    free(script->changes);
    *script = (struct diffe_script){0};
}
