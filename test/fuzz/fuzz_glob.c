/*
 * fuzz_glob.c - path patterns. The input: a pattern, a line end, a path.
 *
 * Property: what the wildcards are said to have matched, put in their places, is the path; a path fits the pattern that
 * is itself; and no pattern takes longer than its length times the path's (the fuzzer's own clock sees that).
 */
#include "fuzz.h"

#include <assert.h>

#include "base/buf.h"
#include "base/glob.h"

/* The wildcards' texts in their places: of a pattern with at most as many as are told. False: it has more. */
static bool fill_in(struct slice pattern, const struct slice *found, struct buf *out)
{
    unsigned count = 0;

    for (size_t i = 0; i < pattern.len; i++) {
        bool is_star = pattern.ptr[i] == '*';

        if (!is_star && pattern.ptr[i] != '?') {
            buf_add_char(out, pattern.ptr[i]);
            continue;
        }
        while (is_star && i + 1 < pattern.len && pattern.ptr[i + 1] == '*')
            i++;
        if (count == GLOB_WILDCARDS_MAX)
            return false;
        buf_add(out, found[count++]);
    }
    return true;
}

/* But for slashes, since "**" with its slash may be nothing. */
static bool same(struct slice a, struct slice b)
{
    size_t i = 0, k = 0;

    for (;; i++, k++) {
        while (i < a.len && a.ptr[i] == '/')
            i++;
        while (k < b.len && b.ptr[k] == '/')
            k++;
        if (i == a.len || k == b.len)
            return i == a.len && k == b.len;
        if (a.ptr[i] != b.ptr[k])
            return false;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct slice pattern, path, found[GLOB_WILDCARDS_MAX];
    struct buf whole = BUF_INIT(1 << 20);
    bool fits;

    if (!slice_cut(slice_of((const char *)data, len), '\n', &pattern, &path))
        return 0;
    fits = glob_match(pattern, path, found);
    assert(fits == glob_match(pattern, path, NULL));
    assert(!fits || glob_is_valid(pattern));
    assert(glob_is_pattern(path) || glob_match(path, path, NULL));
    if (fits && fill_in(pattern, found, &whole))
        assert(same(buf_slice(&whole), path));
    buf_release(&whole);
    return 0;
}
