/*
 * value.c - texts of the configuration to numbers, sizes, times and words. Pure.
 */
#include "build.h"

bool value_flag(struct slice text, bool *out)
{
    static const char *const on[] = {"on", "yes", "true"}, *const off[] = {"off", "no", "false"};

    for (unsigned i = 0; i < sizeof(on) / sizeof(on[0]); i++) {
        if (slice_eq(text, slice_str(on[i]))) {
            *out = true;
            return true;
        }
        if (slice_eq(text, slice_str(off[i]))) {
            *out = false;
            return true;
        }
    }
    return false;
}

struct unit {
    char letter;
    uint64_t factor;
};

/* A number and at most one unit letter, without overflow. */
static bool value_with_unit(struct slice text, const struct unit *units, unsigned count, uint64_t plain, uint64_t *out)
{
    uint64_t factor = plain, number;

    if (text.len && !ascii_is_digit(text.ptr[text.len - 1])) {
        factor = 0;
        for (unsigned i = 0; i < count; i++)
            if (units[i].letter == text.ptr[text.len - 1])
                factor = units[i].factor;
        text.len--;
    }
    if (factor == 0 || !slice_u64(text, &number) || number > UINT64_MAX / factor)
        return false;
    *out = number * factor;
    return true;
}

bool value_size(struct slice text, uint64_t *out)
{
    static const struct unit units[] = {{'K', 1ull << 10}, {'M', 1ull << 20}, {'G', 1ull << 30}, {'T', 1ull << 40}};

    return value_with_unit(text, units, sizeof(units) / sizeof(units[0]), 1, out);
}

bool value_time(struct slice text, uint64_t *out_ms)
{
    static const struct unit units[] = {{'s', 1000}, {'m', 60 * 1000}, {'h', 3600 * 1000}, {'d', 86400 * 1000}};

    /* Only 0 needs no unit: "75" could be meant as minutes. */
    if (slice_eq(text, SLICE("0"))) {
        *out_ms = 0;
        return true;
    }
    if (slice_ends(text, SLICE("ms")))
        return slice_u64(slice_of(text.ptr, text.len - 2), out_ms);
    return value_with_unit(text, units, sizeof(units) / sizeof(units[0]), 0, out_ms);
}

bool value_word(struct slice text, const char *words, unsigned *out)
{
    struct slice rest = slice_str(words), word;

    for (unsigned i = 0; rest.len; i++) {
        if (!slice_cut(rest, '|', &word, &rest)) {
            word = rest;
            rest = SLICE_NONE;
        }
        if (slice_eq(word, text)) {
            *out = i;
            return true;
        }
    }
    return false;
}

const char *path_absolute(struct arena *arena, const char *folder, struct slice path)
{
    struct slice made;

    while (slice_starts(path, SLICE("./")))
        path = slice_from(path, 2);
    if (slice_eq(path, SLICE(".")) || path.len == 0)
        path = SLICE("");
    if (path.len && path.ptr[0] == '/')
        made = arena_slice(arena, path);
    else
        made = arena_printf(arena, "%s/%.*s", strcmp(folder, "/") == 0 ? "" : folder, SLICE_FMT(path));
    while (made.len > 1 && (made.ptr[made.len - 1] == '/' || slice_ends(made, SLICE("/."))))
        made.len--;
    return arena_str(arena, made);
}

void *list_grow(struct arena *arena, const void *items, unsigned count, size_t item_size)
{
    void *more;

    if (count & (count - 1))
        return (void *)(uintptr_t)items; /* there is room up to the next power of two */
    more = arena_alloc(arena, (count ? 2 * (size_t)count : 1) * item_size);
    if (count)
        memcpy(more, items, count * item_size);
    return more;
}
