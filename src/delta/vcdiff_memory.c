/*
 * vcdiff_memory.c - tables in large pages.
 *
 * A lookup in a table of many megabytes misses the processor's record of pages nearly each time, and the first touch of
 * each page is a trip to the kernel; with pages of 2 MiB both are seldom. Only advice: without, all is as right.
 */
#include "vcdiff_memory.h"

#include <stdint.h>
#include <sys/mman.h>

#include "base/arena.h"

enum { LARGE_PAGE = 2 << 20 };

void *vcdiff_memory_new(size_t size)
{
    void *memory = xcalloc(size, 1);
    uintptr_t first = ((uintptr_t)memory + LARGE_PAGE - 1) / LARGE_PAGE * LARGE_PAGE;
    uintptr_t end = ((uintptr_t)memory + size) / LARGE_PAGE * LARGE_PAGE;

    if (first < end)
        (void)madvise((void *)first, end - first, MADV_HUGEPAGE);
    return memory;
}
