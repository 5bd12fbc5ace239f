/*
 * arena.c - blocks in a chain, filled from the front.
 */
#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { BLOCK_BYTES = 4096 - 64 };

struct arena_block {
    struct arena_block *next;
    size_t size;
    _Alignas(max_align_t) char bytes[];
};

static void out_of_memory(size_t size)
{
    fprintf(stderr, "samovar: out of memory (asked for %zu bytes)\n", size);
    abort();
}

void *xmalloc(size_t size)
{
    void *got = malloc(size ? size : 1);

    if (!got)
        out_of_memory(size);
    return got;
}

void *xcalloc(size_t count, size_t size)
{
    void *got = calloc(count ? count : 1, size ? size : 1);

    if (!got)
        out_of_memory(count * size);
    return got;
}

void *xrealloc(void *old, size_t size)
{
    void *got = realloc(old, size ? size : 1);

    if (!got)
        out_of_memory(size);
    return got;
}

char *xstrdup(struct slice text)
{
    char *copy = xmalloc(text.len + 1);

    if (text.len)
        memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    return copy;
}

static void block_add(struct arena *arena, size_t least)
{
    size_t size = least > BLOCK_BYTES ? least : BLOCK_BYTES;
    struct arena_block *block = xmalloc(sizeof(*block) + size);

    block->size = size;
    block->next = arena->blocks;
    arena->blocks = block;
    arena->used = 0;
    arena->total += size;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    const size_t align = _Alignof(max_align_t);
    size_t rounded = (size + align - 1) & ~(align - 1);
    void *got;

    if (rounded < size)
        out_of_memory(size);
    if (!arena->blocks || arena->blocks->size - arena->used < rounded)
        block_add(arena, rounded);
    got = arena->blocks->bytes + arena->used;
    arena->used += rounded;
    return memset(got, 0, size);
}

char *arena_str(struct arena *arena, struct slice text)
{
    char *copy = arena_alloc(arena, text.len + 1);

    if (text.len)
        memcpy(copy, text.ptr, text.len);
    return copy;
}

struct slice arena_slice(struct arena *arena, struct slice text)
{
    return slice_of(arena_str(arena, text), text.len);
}

struct slice arena_lower(struct arena *arena, struct slice text)
{
    char *copy = arena_str(arena, text);

    for (size_t i = 0; i < text.len; i++)
        copy[i] = ascii_lower(copy[i]);
    return slice_of(copy, text.len);
}

struct slice arena_printf(struct arena *arena, const char *format, ...)
{
    va_list args, again;
    int len;
    char *text;

    va_start(args, format);
    va_copy(again, args);
    len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    text = arena_alloc(arena, (size_t)len + 1);
    vsnprintf(text, (size_t)len + 1, format, again);
    va_end(again);
    return slice_of(text, (size_t)len);
}

void arena_adopt(struct arena *to, struct arena *from)
{
    struct arena_block *last = from->blocks;

    if (!last)
        return;
    while (last->next)
        last = last->next;
    /* Behind to's newest block, so that what is left in that one is still used. */
    if (to->blocks) {
        last->next = to->blocks->next;
        to->blocks->next = from->blocks;
    } else {
        to->blocks = from->blocks;
        to->used = from->used;
    }
    to->total += from->total;
    *from = (struct arena){0};
}

void arena_release(struct arena *arena)
{
    while (arena->blocks) {
        struct arena_block *next = arena->blocks->next;

        free(arena->blocks);
        arena->blocks = next;
    }
    *arena = (struct arena){0};
}
