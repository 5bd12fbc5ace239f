/*
 * probe.c - trails and what can be asked of a probe.
 */
#include "probe.h"

#include "http/field.h"

struct probe *trail_add(struct trail *trail, const char *label)
{
    struct probe *probe = arena_alloc(&trail->arena, sizeof(*probe));

    probe->label = label;
    if (trail->last)
        trail->last->next = probe;
    else
        trail->first = probe;
    trail->last = probe;
    trail->count++;
    return probe;
}

static const struct probe *find_from(const struct probe *probe, const char *label)
{
    while (probe && strcmp(probe->label, label) != 0)
        probe = probe->next;
    return probe;
}

const struct probe *trail_find(const struct trail *trail, const char *label)
{
    return find_from(trail->first, label);
}

const struct probe *trail_next(const struct probe *probe, const char *label)
{
    return probe ? find_from(probe->next, label) : NULL;
}

void trail_release(struct trail *trail)
{
    arena_release(&trail->arena);
    *trail = (struct trail){0};
}

int probe_status(const struct probe *probe)
{
    return probe ? probe->status : 0;
}

bool probe_is(const struct probe *probe, int status)
{
    return probe && probe->status == status;
}

bool probe_is_2xx(const struct probe *probe)
{
    return probe && probe->status >= 200 && probe->status < 300;
}

bool probe_is_whole(const struct probe *probe)
{
    return probe && probe->status && !probe->trouble.len;
}

struct slice probe_field(const struct probe *probe, const char *name)
{
    return probe && probe->head ? answer_head_value(probe->head, slice_str(name)) : SLICE_NONE;
}

bool probe_has(const struct probe *probe, const char *name)
{
    return probe && probe->head && answer_head_has(probe->head, slice_str(name));
}

bool probe_lists(const struct probe *probe, const char *name, const char *member)
{
    if (!probe || !probe->head)
        return false;
    for (unsigned i = 0; i < probe->head->field_count; i++)
        if (slice_eq_nocase(probe->head->field[i].name, slice_str(name)) &&
            list_has(probe->head->field[i].value, slice_str(member)))
            return true;
    return false;
}

bool slice_has(struct slice text, struct slice part)
{
    return part.len && part.len <= text.len && memmem(text.ptr, text.len, part.ptr, part.len);
}

bool probe_says(const struct probe *probe, struct slice text)
{
    return probe && slice_has(probe->body, text);
}
