/*
 * h2_hot.c - hot answers in HTTP/2: the fields of an entry are made once and kept with it, its content is sent
 * from the entry's memory. No exchange is made.
 */
#include <stdlib.h>

#include "h2_private.h"
#include "hot.h"

enum {
    HOT_FIELDS_MAX = 24,
    PATCHED_MAX = 256, /* Retry-After, RateLimit: a limit's name has 64 octets, which may double */
};

/* Of an entry: one piece of memory, freed with it. Values point into its heads, whose Date is kept that of now. */
struct h2_fields {
    struct {
        nghttp2_nv list[HOT_FIELDS_MAX];
        size_t count;
    } whole, unmodified;
    unsigned marked; /* bits of those of `whole` that a refusal's seconds belong into */
    char names[];
};

/* The lines of a head in HTTP/1.1; of the first one the status. */
static char *read_lines(struct slice head, nghttp2_nv *list, size_t *count, char *names)
{
    struct slice line, rest, name, value;

    list[0] = (nghttp2_nv){(uint8_t *)":status", (uint8_t *)(head.ptr + sizeof("HTTP/1.1 ") - 1), 7, 3, 0};
    *count = 1;
    if (!slice_cut(head, '\n', &line, &rest))
        return names;
    while (*count < HOT_FIELDS_MAX && slice_cut(rest, '\n', &line, &rest) && slice_cut(line, ':', &name, &value)) {
        value = slice_trim(slice_upto(value, slice_index(value, '\r')));
        for (size_t i = 0; i < name.len; i++)
            names[i] = ascii_lower(name.ptr[i]);
        list[(*count)++] =
            (nghttp2_nv){(uint8_t *)names, (uint8_t *)(value.len ? value.ptr : ""), name.len, value.len, 0};
        names += name.len;
    }
    for (size_t i = 0; i < *count; i++)
        list[i].flags = NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE;
    return names;
}

static bool is_marked(const nghttp2_nv *field)
{
    return field->valuelen < PATCHED_MAX - 32 && memchr(field->value, HOT_REFUSAL_MARK, field->valuelen);
}

static const struct h2_fields *fields_of(struct hot_entry *entry)
{
    struct h2_fields *fields = entry->h2_fields;
    char *names;

    if (fields)
        return fields;
    fields = xcalloc(1, sizeof(*fields) + entry->head_len + entry->head304_len);
    names =
        read_lines(slice_of(entry->bytes, entry->head_len), fields->whole.list, &fields->whole.count, fields->names);
    if (entry->head304_len)
        read_lines(slice_of(entry->head304, entry->head304_len), fields->unmodified.list, &fields->unmodified.count,
                   names);
    for (size_t i = 0; i < fields->whole.count; i++)
        fields->marked |= (unsigned)is_marked(&fields->whole.list[i]) << i;
    entry->h2_fields = fields;
    return fields;
}

static LOOP_SIDE struct h2_stream *stream_new(struct h2 *h2, int32_t id, struct hot_entry *entry, bool has_body)
{
    struct h2_stream *stream = h2_stream_new(h2, id);

    stream->entry = hot_entry_ref(entry);
    stream->is_whole = stream->is_answered = true;
    if (has_body)
        stream->left = slice_from(slice_of(entry->bytes, entry->len), entry->head_len);
    return stream;
}

/* The fields of a refusal, with the seconds in `room`, which nghttp2 copies. */
static size_t fill_fields(const struct h2_fields *fields, uint64_t wait_s, nghttp2_nv *list,
                          char room[HOT_FIELDS_MAX][PATCHED_MAX])
{
    memcpy(list, fields->whole.list, fields->whole.count * sizeof(*list));
    for (unsigned marked = fields->marked; marked; marked &= marked - 1) {
        unsigned i = (unsigned)__builtin_ctz(marked);
        struct slice value = slice_of((const char *)list[i].value, list[i].valuelen);

        list[i].value = (uint8_t *)room[i];
        list[i].valuelen = hot_refusal_fill(value, wait_s, room[i], PATCHED_MAX);
        list[i].flags = NGHTTP2_NV_FLAG_NO_COPY_NAME;
    }
    return fields->whole.count;
}

static LOOP_SIDE bool refuse(struct h2 *h2, int32_t id, const struct head *head, const struct hot_pick *pick)
{
    struct hot_entry *refusal = hot_refusal(&h2->session, head, &pick->limited);
    nghttp2_data_provider provider = {.read_callback = h2_read_content};
    struct h2_stream *stream = stream_new(h2, id, refusal, head->method == METHOD_GET);
    char room[HOT_FIELDS_MAX][PATCHED_MAX];
    nghttp2_nv list[HOT_FIELDS_MAX];
    size_t count = fill_fields(fields_of(refusal), pick->limited.wait_s, list, room);

    provider.source.ptr = stream;
    hot_pick_refused(&h2->session, head, SLICE("HTTP/2.0"), stream->left.len);
    h2->is_broken |= nghttp2_submit_response(h2->frames, id, list, count, stream->left.len ? &provider : NULL) != 0;
    hot_pick_sent(&h2->session, pick);
    return true;
}

bool h2_answer_hot(struct h2 *h2, int32_t id, const struct head *head)
{
    struct hot_pick pick = hot_pick(&h2->session, head);
    nghttp2_data_provider provider = {.read_callback = h2_read_content};
    const struct h2_fields *fields;
    struct h2_stream *stream;
    int failed;

    if (pick.is_refused)
        return refuse(h2, id, head, &pick);
    if (!pick.entry)
        return false;
    fields = fields_of(pick.entry);
    stream = stream_new(h2, id, pick.entry, pick.has_body);
    provider.source.ptr = stream;
    hot_pick_took(&h2->session, head, SLICE("HTTP/2.0"), &pick);
    if (pick.is_not_modified)
        failed = nghttp2_submit_response(h2->frames, id, fields->unmodified.list, fields->unmodified.count, NULL);
    else
        failed = nghttp2_submit_response(h2->frames, id, fields->whole.list, fields->whole.count,
                                         stream->left.len ? &provider : NULL);
    hot_pick_sent(&h2->session, &pick);
    h2->is_broken |= failed != 0;
    return true;
}
