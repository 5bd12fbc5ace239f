/*
 * record.c - a brew as a line of text: "1 tea=earl-grey began=... Cream=2".
 *
 * The first word is the form's number; what follows are names with numbers. A name that is not known is read over, so
 * that an older program reads what a newer one wrote.
 */
#include "pot/pot.h"

void brew_write(const struct brew *brew, struct buf *out)
{
    buf_printf(out, "1 began=%lld heating=%u brewing=%u pouring=%u milk=%u stopped=%lld enough=%lld",
               (long long)brew->began_ms, brew->heating_ms, brew->brewing_ms, brew->pouring_ms, brew->milk_ml,
               (long long)brew->stopped_ms, (long long)brew->enough_ms);
    for (unsigned i = 0; i < ADDITION_COUNT; i++)
        if (brew->recipe.portions[i])
            buf_printf(out, " %.*s=%u", SLICE_FMT(addition_name(i)), brew->recipe.portions[i]);
    if (brew->is_tea)
        buf_printf(out, " tea=%s", brew->tea);
}

/* Fits a field of that many bits, so that no sum of them overflows. */
static bool number_read(struct slice text, unsigned bits, uint64_t *out)
{
    return slice_u64(text, out) && *out < 1ull << bits;
}

static bool time_read(struct slice text, int64_t *out)
{
    uint64_t number;

    if (!number_read(text, 60, &number))
        return false;
    *out = (int64_t)number;
    return true;
}

static bool length_read(struct slice text, uint32_t *out)
{
    uint64_t number;

    if (!number_read(text, 32, &number))
        return false;
    *out = (uint32_t)number;
    return true;
}

static bool addition_read(struct slice name, struct slice text, struct brew *out)
{
    enum addition addition = addition_find(name);
    uint64_t number;

    if (addition == ADDITION_COUNT)
        return true;
    if (!number_read(text, 8, &number))
        return false;
    out->recipe.portions[addition] = (uint8_t)number;
    return true;
}

static bool tea_read(struct slice text, struct brew *out)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] <= ' ' || text.ptr[i] > '~')
            return false;
    if (!text.len || text.len > POT_NAME_MAX)
        return false;
    out->is_tea = true;
    memcpy(out->tea, text.ptr, text.len);
    out->tea[text.len] = '\0';
    return true;
}

static bool word_read(struct slice name, struct slice text, struct brew *out)
{
    if (slice_eq(name, SLICE("began")))
        return time_read(text, &out->began_ms);
    if (slice_eq(name, SLICE("stopped")))
        return time_read(text, &out->stopped_ms);
    if (slice_eq(name, SLICE("enough")))
        return time_read(text, &out->enough_ms);
    if (slice_eq(name, SLICE("heating")))
        return length_read(text, &out->heating_ms);
    if (slice_eq(name, SLICE("brewing")))
        return length_read(text, &out->brewing_ms);
    if (slice_eq(name, SLICE("pouring")))
        return length_read(text, &out->pouring_ms);
    if (slice_eq(name, SLICE("milk")))
        return length_read(text, &out->milk_ml);
    if (slice_eq(name, SLICE("tea")))
        return tea_read(text, out);
    return addition_read(name, text, out);
}

bool brew_read(struct slice record, struct brew *out)
{
    struct slice word, name, text, rest = record;
    bool is_good = slice_cut(rest, ' ', &word, &rest) && slice_eq(word, SLICE("1"));

    *out = (struct brew){0};
    while (is_good && rest.len) {
        if (!slice_cut(rest, ' ', &word, &rest)) {
            word = rest;
            rest = SLICE_NONE;
        }
        is_good = slice_cut(word, '=', &name, &text) && word_read(name, text, out);
    }
    if (!is_good || !out->began_ms)
        *out = (struct brew){0};
    return out->began_ms > 0;
}
