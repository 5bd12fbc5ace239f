/*
 * order.c - in which order a listing shows its members, and how a query asks for another.
 */
#include "listing.h"

struct order order_parse(struct slice query)
{
    struct order order = {COLUMN_NAME, false};
    struct slice pair, name, value;

    while (query.len) {
        if (!slice_cut(query, '&', &pair, &query)) {
            pair = query;
            query = SLICE_NONE;
        }
        if (!slice_cut(pair, '=', &name, &value))
            continue;
        if (slice_eq(name, SLICE("order")))
            order.is_descending = slice_eq(value, SLICE("desc"));
        else if (!slice_eq(name, SLICE("sort")))
            continue;
        else if (slice_eq(value, SLICE("size")))
            order.column = COLUMN_SIZE;
        else if (slice_eq(value, SLICE("modified")))
            order.column = COLUMN_MODIFIED;
        else
            order.column = COLUMN_NAME;
    }
    return order;
}

/* Takes a run of digits off, without its leading zeros. */
static struct slice take_digits(struct slice *rest)
{
    size_t zeros = 0, len;

    while (zeros < rest->len && rest->ptr[zeros] == '0')
        zeros++;
    for (len = zeros; len < rest->len && ascii_is_digit(rest->ptr[len]);)
        len++;
    struct slice digits = slice_of(rest->ptr + zeros, len - zeros);

    *rest = slice_from(*rest, len);
    return digits;
}

static int number_compare(struct slice a, struct slice b)
{
    if (a.len != b.len)
        return a.len < b.len ? -1 : 1;
    return slice_cmp(a, b);
}

int name_compare(struct slice a, struct slice b)
{
    struct slice x = a, y = b;

    while (x.len && y.len) {
        int diff;

        if (ascii_is_digit(x.ptr[0]) && ascii_is_digit(y.ptr[0])) {
            struct slice m = take_digits(&x), n = take_digits(&y);

            diff = number_compare(m, n);
        } else {
            diff = (unsigned char)ascii_lower(x.ptr[0]) - (unsigned char)ascii_lower(y.ptr[0]);
            x = slice_from(x, 1);
            y = slice_from(y, 1);
        }
        if (diff)
            return diff;
    }
    if (x.len || y.len)
        return x.len ? 1 : -1;
    return slice_cmp(a, b);
}

static int by_column(const struct entry *a, const struct entry *b, enum column column)
{
    if (column == COLUMN_SIZE)
        return (a->size > b->size) - (a->size < b->size);
    if (column == COLUMN_MODIFIED)
        return (a->modified_s > b->modified_s) - (a->modified_s < b->modified_s);
    return name_compare(entry_name(a), entry_name(b));
}

int entry_compare(const struct entry *a, const struct entry *b, const struct order *order)
{
    int diff;

    if ((a->kind == ENTRY_FOLDER) != (b->kind == ENTRY_FOLDER))
        return a->kind == ENTRY_FOLDER ? -1 : 1;
    diff = by_column(a, b, order->column);
    if (diff)
        return order->is_descending ? -diff : diff;
    return name_compare(entry_name(a), entry_name(b));
}
