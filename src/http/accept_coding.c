/*
 * accept_coding.c - Accept-Encoding.
 */
#include "http/accept_coding.h"

#include "http/field.h"

static const struct slice names[CONTENT_CODINGS] = {
    [CONTENT_BROTLI] = SLICE_INIT("br"),
    [CONTENT_ZSTD] = SLICE_INIT("zstd"),
    [CONTENT_GZIP] = SLICE_INIT("gzip"),
    [CONTENT_IDENTITY] = SLICE_INIT("identity"),
};

struct slice content_coding_name(enum content_coding coding)
{
    return names[coding];
}

enum content_coding content_coding_find(struct slice name)
{
    if (slice_eq_nocase(name, SLICE("x-gzip")))
        return CONTENT_GZIP;
    for (unsigned i = 0; i < CONTENT_CODINGS; i++)
        if (slice_eq_nocase(name, names[i]))
            return i;
    return CONTENT_CODINGS;
}

/* "gzip;q=0.5". A member that makes no sense is as if it was not there. */
static bool member_read(struct slice member, struct slice *name, unsigned *weight)
{
    size_t end = slice_index(member, ';');
    struct slice params = slice_from(member, end), key, value;

    *name = slice_trim(slice_upto(member, end));
    *weight = 1000;
    while (param_next(&params, &key, &value))
        if (!slice_eq_nocase(key, SLICE("q")) || !quality_parse(value, weight))
            return false;
    return !params.len && is_token(*name);
}

void coding_wish_read(struct slice value, bool has_field, struct coding_wish *out)
{
    bool is_listed[CONTENT_CODINGS] = {false}, has_any = false;
    unsigned any = 0, weight;
    struct slice name;

    *out = (struct coding_wish){{0}};
    for (struct slice member; has_field && list_next(&value, &member);) {
        enum content_coding coding;

        if (!member_read(member, &name, &weight))
            continue;
        if (slice_eq(name, SLICE("*"))) {
            any = weight;
            has_any = true;
        } else if ((coding = content_coding_find(name)) != CONTENT_CODINGS) {
            out->weight[coding] = weight;
            is_listed[coding] = true;
        }
    }
    for (unsigned i = 0; i < CONTENT_CODINGS; i++)
        if (!is_listed[i])
            out->weight[i] = i == CONTENT_IDENTITY && (!has_any || any) ? 1 : any;
}

unsigned coding_wish_order(const struct coding_wish *wish, enum content_coding out[CONTENT_CODINGS])
{
    unsigned count = 0;

    for (enum content_coding coding = 0; coding < CONTENT_CODINGS; coding++) {
        unsigned at = count;

        if (!wish->weight[coding])
            continue;
        for (; at > 0 && wish->weight[out[at - 1]] < wish->weight[coding]; at--)
            out[at] = out[at - 1];
        out[at] = coding;
        count++;
    }
    return count;
}
