/*
 * taken.h - how much memory a transform takes: xmalloc and its sisters, counted (linked with -Wl,--wrap).
 *
 * What is freed is not taken off, so the sum is never below the most that was held at once.
 */
#ifndef TEST_DELTA_TAKEN_H
#define TEST_DELTA_TAKEN_H

#include <malloc.h>
#include <stddef.h>

static size_t taken;

void *__real_xmalloc(size_t size);
void *__real_xcalloc(size_t count, size_t size);
void *__real_xrealloc(void *old, size_t size);
void *__wrap_xmalloc(size_t size);
void *__wrap_xcalloc(size_t count, size_t size);
void *__wrap_xrealloc(void *old, size_t size);

void *__wrap_xmalloc(size_t size)
{
    taken += size;
    return __real_xmalloc(size);
}

void *__wrap_xcalloc(size_t count, size_t size)
{
    taken += count * size;
    return __real_xcalloc(count, size);
}

void *__wrap_xrealloc(void *old, size_t size)
{
    size_t before = old ? malloc_usable_size(old) : 0;

    taken += size > before ? size - before : 0;
    return __real_xrealloc(old, size);
}

#endif
