/*
 * glob.c - matching path patterns.
 *
 * A pattern falls into stretches between its `**`; what a stretch matches ends as early as it can if it begins as early
 * as it can, so a stretch that was matched is never looked at again. Within a stretch the same is true of each `*`. A
 * stretch that fails begins one octet later; for each of its `*` it is remembered up to where in the path it has led to
 * nothing, so that none looks at an octet twice: this keeps the time to the pattern times the path.
 */
#include "glob.h"

/* One `*` on the way. */
struct star {
    size_t pattern;   /* what follows it there */
    ptrdiff_t path;   /* where it ends there */
    ptrdiff_t begin;  /* where it begins */
    unsigned ordinal; /* among all wildcards */
};

struct match {
    struct slice pattern, path;
    struct slice *found; /* NULL: nobody asks */
    struct star stars[GLOB_STARS_MAX];
    unsigned star_count;
    ptrdiff_t dead[GLOB_STARS_MAX]; /* a star that begins here or before leads to nothing; in this stretch */
    struct star anything;           /* the `**` before the stretch */
    bool has_anything;
};

static bool is_wildcard(char c)
{
    return c == '*' || c == '?';
}

struct slice glob_literal(struct slice pattern)
{
    size_t len = 0;

    while (len < pattern.len && !is_wildcard(pattern.ptr[len]))
        len++;
    return slice_upto(pattern, len);
}

bool glob_is_pattern(struct slice pattern)
{
    return glob_literal(pattern).len != pattern.len;
}

bool glob_is_valid(struct slice pattern)
{
    unsigned runs = 0;

    for (size_t i = 0; i < pattern.len; i++)
        if (pattern.ptr[i] == '*' && (i == 0 || pattern.ptr[i - 1] != '*'))
            runs++;
    return !glob_is_pattern(pattern) || (pattern.len <= GLOB_PATTERN_MAX && runs <= GLOB_STARS_MAX);
}

/* Before the first octet there is a slash, in which a leading slash before the path would be. */
static char path_at(const struct match *match, ptrdiff_t at)
{
    return at < 0 ? '/' : match->path.ptr[at];
}

static void note(struct match *match, unsigned ordinal, ptrdiff_t from, ptrdiff_t to)
{
    if (!match->found || ordinal >= GLOB_WILDCARDS_MAX)
        return;
    if (from < 0)
        from = 0;
    match->found[ordinal] = to > from ? slice_of(match->path.ptr + from, (size_t)(to - from)) : SLICE("");
}

/* Where the stretch goes on after a wildcard in it could take one octet more; false: none can. */
static bool take_more(struct match *match, size_t *p, ptrdiff_t *at, unsigned *ordinal)
{
    ptrdiff_t end = (ptrdiff_t)match->path.len;
    struct star *last = match->star_count ? &match->stars[match->star_count - 1] : NULL;

    if (last && last->path < end && path_at(match, last->path) != '/') {
        last->path++;
    } else {
        for (unsigned i = 0; i < match->star_count; i++)
            match->dead[i] = match->stars[i].path;
        match->star_count = 0;
        if (!match->has_anything || match->anything.path >= end)
            return false;
        last = &match->anything;
        last->path++;
    }
    *p = last->pattern;
    *at = last->path;
    *ordinal = last->ordinal + 1;
    note(match, last->ordinal, last->begin, last->path);
    return true;
}

/*
 * Takes the run of stars at *p. Several in a row are `**`. "**" and a slash, where a segment begins, are also nothing
 * at all, for folders between that are none: then it "ends" before the slash that is behind us. False: a `*` that is
 * known to lead to nothing.
 */
static bool take_star(struct match *match, size_t *p, ptrdiff_t *at, unsigned *ordinal)
{
    size_t first = *p;
    struct star star;

    while (*p < match->pattern.len && match->pattern.ptr[*p] == '*')
        (*p)++;
    star = (struct star){.pattern = *p, .path = *at, .begin = *at, .ordinal = (*ordinal)++};
    if (*p - first > 1) {
        bool is_segment = (first == 0 || match->pattern.ptr[first - 1] == '/') && *p < match->pattern.len &&
                          match->pattern.ptr[*p] == '/';

        if (is_segment && (*at == 0 || path_at(match, *at - 1) == '/'))
            *at = --star.path;
        match->anything = star;
        match->has_anything = true;
        match->star_count = 0;
        for (unsigned i = 0; i < GLOB_STARS_MAX; i++)
            match->dead[i] = -1;
    } else if (*at <= match->dead[match->star_count]) {
        return false;
    } else {
        match->stars[match->star_count++] = star;
    }
    note(match, star.ordinal, star.begin, star.path);
    return true;
}

/* The next octet of the pattern and of the path, or the end of both. */
static bool take_octet(struct match *match, size_t *p, ptrdiff_t *at, unsigned *ordinal)
{
    char wanted;

    if (*p == match->pattern.len || *at == (ptrdiff_t)match->path.len)
        return false;
    wanted = match->pattern.ptr[*p];
    if (wanted == '?' ? path_at(match, *at) == '/' : path_at(match, *at) != wanted)
        return false;
    if (wanted == '?')
        note(match, (*ordinal)++, *at, *at + 1);
    (*p)++;
    (*at)++;
    return true;
}

bool glob_match(struct slice pattern, struct slice path, struct slice found[GLOB_WILDCARDS_MAX])
{
    struct match match = {.pattern = pattern, .path = path, .found = found};
    size_t p = 0;
    ptrdiff_t at = 0;
    unsigned ordinal = 0;

    if (!glob_is_valid(pattern))
        return false;
    for (unsigned i = 0; i < GLOB_STARS_MAX; i++)
        match.dead[i] = -1;
    for (unsigned i = 0; found && i < GLOB_WILDCARDS_MAX; i++)
        found[i] = SLICE_NONE;
    while (p < pattern.len || at < (ptrdiff_t)path.len) {
        bool is_star = p < pattern.len && pattern.ptr[p] == '*';

        if (!(is_star ? take_star(&match, &p, &at, &ordinal) : take_octet(&match, &p, &at, &ordinal)) &&
            !take_more(&match, &p, &at, &ordinal))
            return false;
    }
    return true;
}
