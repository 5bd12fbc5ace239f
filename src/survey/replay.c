/*
 * replay.c - which requests of a trail have to be made again.
 *
 * It goes backwards: a change is needed if it has to do with something that is needed already, by its path, by its
 * Destination, or since it names it in its content; and so is whatever gave a value that something needed says.
 */
#include "replay.h"

#include "surveyor.h"

enum { BEFORE_MOST = 10, VALUE_LEAST = 3 };

/* A request on its way into a replay, or not. */
struct mark {
    const struct probe *probe;
    bool is_needed;
    enum gives gives;
};

struct marks {
    struct mark *list;
    unsigned count; /* the last is the request itself */
};

struct slice given(const struct probe *probe, enum gives gives)
{
    struct slice value = slice_trim(probe_field(probe, gives == GIVES_TAG ? "ETag" : "Lock-Token"));

    if (gives == GIVES_TOKEN && value.len > 2 && value.ptr[0] == '<' && value.ptr[value.len - 1] == '>')
        return slice_of(value.ptr + 1, value.len - 2);
    return gives == GIVES_TAG ? value : SLICE_NONE;
}

static bool finds(struct slice text, struct slice part, size_t *at)
{
    const char *found =
        part.len >= VALUE_LEAST && text.len >= part.len ? memmem(text.ptr, text.len, part.ptr, part.len) : NULL;

    *at = found ? (size_t)(found - text.ptr) : 0;
    return found != NULL;
}

/* ---- which ---- */

/* Of a path in a collection of our own: that collection's, with its slash; "" for others. */
static struct slice work_of(struct slice path)
{
    const char *at = path.len ? memmem(path.ptr, path.len, WORK_NAME, sizeof(WORK_NAME) - 1) : NULL;
    size_t start = at ? (size_t)(at - path.ptr) : 0;

    return at ? slice_upto(path, start + slice_index(slice_from(path, start), '/') + 1) : SLICE_NONE;
}

static bool changes(const struct probe *probe)
{
    static const char *const methods[] = {"PUT",  "DELETE", "MKCOL", "LOCK",   "UNLOCK", "PROPPATCH",
                                          "BIND", "UNBIND", "COPY",  "REBIND", "MOVE",   "PATCH"};

    for (unsigned i = 0; i < sizeof(methods) / sizeof(*methods); i++)
        if (slice_eq(probe->method, slice_str(methods[i])))
            return probe_is_2xx(probe);
    return false;
}

static bool is_lock(const struct probe *probe)
{
    return slice_eq(probe->method, SLICE("LOCK")) && given(probe, GIVES_TOKEN).len > 0;
}

static struct slice without_slash(struct slice path)
{
    return slice_ends(path, SLICE("/")) ? slice_upto(path, path.len - 1) : path;
}

/* The same, or one is in the other. */
static bool touch(struct slice a, struct slice b)
{
    struct slice longer = without_slash(a.len > b.len ? a : b), shorter = without_slash(a.len > b.len ? b : a);

    return slice_starts(longer, shorter) && (longer.len == shorter.len || longer.ptr[shorter.len] == '/');
}

/* Its path is in the fields or the content: as a Destination, a href. */
static bool names(const struct probe *probe, struct slice path)
{
    return slice_has(probe->fields, without_slash(path)) || slice_has(probe->sent, without_slash(path));
}

static bool concerns(const struct probe *change, const struct probe *needed)
{
    return touch(change->path, needed->path) || names(change, needed->path) || names(needed, change->path);
}

/* The last one before `end` that gave what stands in a value of these fields. */
static struct mark *source_of(struct marks *marks, unsigned end, struct slice value, size_t *at)
{
    for (unsigned i = end; i-- > 0;)
        for (enum gives gives = GIVES_TAG; gives <= GIVES_TOKEN; gives++) {
            struct mark *mark = &marks->list[i];

            if (!finds(value, given(mark->probe, gives), at) || (mark->gives && mark->gives != gives))
                continue;
            mark->gives = gives;
            return mark;
        }
    return NULL;
}

static void mark_sources(struct marks *marks, unsigned index)
{
    struct slice rest = marks->list[index].probe->fields, line;
    size_t at;

    while (slice_cut(rest, '\n', &line, &rest)) {
        struct slice value = slice_from(line, slice_index(line, ':'));
        struct mark *source = source_of(marks, index, value, &at);

        if (source)
            source->is_needed = true;
    }
}

static bool is_needed(const struct marks *marks, unsigned index, struct slice work)
{
    const struct probe *probe = marks->list[index].probe;

    if (!work.len || !slice_eq(work_of(probe->path), work) || !changes(probe))
        return false;
    for (unsigned i = index + 1; i < marks->count; i++)
        if (marks->list[i].is_needed && concerns(probe, marks->list[i].probe))
            return true;
    return false;
}

static unsigned mark_all(struct marks *marks, struct slice work)
{
    unsigned needed = 0;

    marks->list[marks->count - 1].is_needed = true;
    for (unsigned i = marks->count; i-- > 0;) {
        struct mark *mark = &marks->list[i];

        mark->is_needed = mark->is_needed || is_needed(marks, i, work);
        needed += mark->is_needed;
        if (mark->is_needed && i + 1 < marks->count && is_lock(mark->probe))
            mark->gives = GIVES_TOKEN; /* it is given back at the end */
        if (mark->is_needed)
            mark_sources(marks, i);
    }
    return needed;
}

/* ---- in their order ---- */

static void list_marks(const struct trail *trail, const struct probe *probe, struct arena *arena, struct marks *out)
{
    out->list = arena_alloc(arena, (trail->count + 1) * sizeof(*out->list));
    out->count = 0;
    for (const struct probe *at = trail->first; at && at != probe; at = at->next)
        out->list[out->count++] = (struct mark){.probe = at};
    out->list[out->count++] = (struct mark){.probe = probe};
}

void replay_make(const struct trail *trail, const struct probe *probe, struct arena *arena, struct replay *out)
{
    struct slice work = work_of(probe->path);
    struct marks marks;
    unsigned needed, variables = 0;

    list_marks(trail, probe, arena, &marks);
    needed = mark_all(&marks, work);
    *out = (struct replay){.work = work, .steps = arena_alloc(arena, needed * sizeof(*out->steps))};
    if (needed > BEFORE_MOST + 1) {
        out->work = SLICE_NONE;
        marks = (struct marks){&marks.list[marks.count - 1], 1};
    }
    for (unsigned i = 0; i < marks.count; i++) {
        const struct mark *mark = &marks.list[i];

        if (mark->is_needed)
            out->steps[out->count++] = (struct step){mark->probe, mark->gives, mark->gives ? ++variables : 0};
    }
}

const struct step *replay_source(const struct replay *replay, const struct probe *before, struct slice text, size_t *at)
{
    const struct step *found = NULL;
    size_t here;

    for (unsigned i = 0; i < replay->count && replay->steps[i].probe != before; i++)
        if (replay->steps[i].gives && finds(text, given(replay->steps[i].probe, replay->steps[i].gives), &here)) {
            found = &replay->steps[i];
            *at = here;
        }
    return found;
}
