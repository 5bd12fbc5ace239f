/*
 * put_wish.c - what a PUT says of its content beside the bytes: its time, its type, its checksums, its size to come.
 */
#include "put_private.h"

#include "http/field.h"

enum { TYPE_MAX = 255 }; /* octets of a Content-Type worth keeping */

/*
 * X-OC-Mtime: seconds since 1970, perhaps with a fraction. What cannot be read is as if it were not there: then the
 * answer does not say that it was accepted.
 */
static bool mtime_read(struct slice text, int64_t *ns)
{
    struct slice whole = text, fraction = SLICE_NONE;
    uint64_t seconds;
    int64_t part = 0;

    slice_cut(text, '.', &whole, &fraction);
    if (!slice_u64(whole, &seconds) || seconds > INT64_MAX / 1000000000 - 1)
        return false;
    for (size_t i = 0; i < 9; i++) {
        char digit = i < fraction.len ? fraction.ptr[i] : '0';

        if (!ascii_is_digit(digit))
            return false;
        part = part * 10 + (digit - '0');
    }
    *ns = (int64_t)seconds * 1000000000 + part;
    return true;
}

static struct slice without_params(struct slice type)
{
    return slice_trim(slice_upto(type, slice_index(type, ';')));
}

/* type "/" subtype (RFC 9110 §8.3.1) */
static bool is_type(struct slice type)
{
    struct slice main, sub;

    return slice_cut(without_params(type), '/', &main, &sub) && is_token(main) && is_token(sub);
}

/* What clients send that know nothing of types: it would spoil what the name says. */
static bool says_nothing(struct slice type)
{
    struct slice plain = without_params(type);

    return slice_eq_nocase(plain, SLICE("application/octet-stream")) ||
           slice_eq_nocase(plain, SLICE("application/x-www-form-urlencoded"));
}

/* The type if it is worth keeping: another one than the name tells; with parameters of its own, or without. */
static struct slice type_to_keep(struct slice type, struct slice name)
{
    struct slice usual = media_type(name);

    if (slice_is_empty(type) || type.len > TYPE_MAX || !is_type(type) || says_nothing(type))
        return SLICE_NONE;
    if (slice_eq_nocase(type, usual))
        return SLICE_NONE;
    if (type.len == without_params(type).len && slice_eq_nocase(type, without_params(usual)))
        return SLICE_NONE;
    return type;
}

struct verdict put_wish_read(struct exchange *ex, struct put_wish *out)
{
    const struct head *head = &ex->head;

    *out = (struct put_wish){0};
    out->wish.has_modified = head_count_of(head, FIELD_X_OC_MTIME) == 1 &&
                             mtime_read(head_value(head, FIELD_X_OC_MTIME), &out->wish.modified_ns);
    if (head_count_of(head, FIELD_CONTENT_TYPE) == 1)
        out->wish.type = type_to_keep(head_value(head, FIELD_CONTENT_TYPE), rpath_leaf(ex->path));
    if (head_has(head, FIELD_OC_CHECKSUM) && !checksums_parse(head_value(head, FIELD_OC_CHECKSUM), &out->checksums))
        return VERDICT(400, "The field OC-Checksum is malformed. Nothing was stored.");
    out->wish.is_lazy = !out->wish.has_modified && !out->wish.type.len && !out->checksums.count;
    if (rules_digest(&ex->rules))
        checksums_want_sha256(&out->checksums);
    out->is_any = out->wish.has_modified || out->wish.type.len || out->checksums.count;
    return content_digests_read(ex, &out->digests);
}

int64_t put_length(const struct exchange *ex)
{
    struct slice text;
    uint64_t length;

    if (ex->framing.kind == BODY_LENGTH)
        return (int64_t)ex->framing.length;
    if (ex->framing.kind == BODY_NONE)
        return 0;
    /* Finder sends chunks and tells here how much they will be: good enough to refuse what cannot fit. */
    if (head_find(&ex->head, SLICE("X-Expected-Entity-Length"), &text) && slice_u64(text, &length) &&
        length <= INT64_MAX)
        return (int64_t)length;
    return -1;
}
