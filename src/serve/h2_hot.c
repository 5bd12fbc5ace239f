/*
 * h2_hot.c - hot answers in HTTP/2: the fields of an entry are made once and kept with it, its content is sent
 * from the entry's memory. No exchange is made.
 */
#include <stdlib.h>

#include "h2_private.h"
#include "hot.h"

enum { HOT_FIELDS_MAX = 24 };

/* Of an entry: one piece of memory, freed with it. Values point into its heads, whose Date is kept that of now. */
struct h2_fields {
    struct {
        nghttp2_nv list[HOT_FIELDS_MAX];
        size_t count;
    } whole, unmodified;
    char names[];
};

/* The lines of a head in HTTP/1.1, but the first. */
static char *read_lines(struct slice head, const char *status, nghttp2_nv *list, size_t *count, char *names)
{
    struct slice line, rest, name, value;

    list[0] = (nghttp2_nv){(uint8_t *)":status", (uint8_t *)status, 7, 3, 0};
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

static const struct h2_fields *fields_of(struct hot_entry *entry)
{
    struct h2_fields *fields = entry->h2_fields;

    if (fields)
        return fields;
    fields = xcalloc(1, sizeof(*fields) + entry->head_len + entry->head304_len);
    read_lines(slice_of(entry->head304, entry->head304_len), "304", fields->unmodified.list, &fields->unmodified.count,
               read_lines(slice_of(entry->bytes, entry->head_len), "200", fields->whole.list, &fields->whole.count,
                          fields->names));
    entry->h2_fields = fields;
    return fields;
}

bool h2_answer_hot(struct h2 *h2, int32_t id, const struct head *head)
{
    struct hot_pick pick = hot_pick(&h2->session, head);
    nghttp2_data_provider provider = {.read_callback = h2_read_content};
    const struct h2_fields *fields;
    struct h2_stream *stream;
    int failed;

    if (!pick.entry)
        return false;
    fields = fields_of(pick.entry);
    stream = h2_stream_new(h2, id);
    stream->entry = hot_entry_ref(pick.entry);
    stream->is_whole = stream->is_answered = true;
    if (pick.has_body)
        stream->left = slice_from(slice_of(pick.entry->bytes, pick.entry->len), pick.entry->head_len);
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
