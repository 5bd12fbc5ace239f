/*
 * body.c - the plan of a file's body: which stretches of the file, and what stands between them.
 *
 * Only a plan: nobody opens or reads anything here, so it may be made on either side. All numbers come
 * from one length, that of the descriptor which will be read (RNG-37).
 */
#include "repr/repr.h"

enum { BOUNDARY_BYTES = 16, BOUNDARY_LEN = 2 * BOUNDARY_BYTES };

void body_whole(struct file_body *body, uint64_t length, struct slice type)
{
    memset(body, 0, sizeof(*body));
    body->status = 200;
    body->content_length = length;
    body->content_type = type;
    body->count = length ? 1 : 0;
    body->piece[0].len = length;
}

static bool set_fits(const struct range_set *set, uint64_t length)
{
    uint64_t sum = 0;

    if (set->kind != RANGE_PARTS || set->count == 0 || set->count > BODY_PIECES_MAX)
        return false;
    for (unsigned i = 0; i < set->count; i++) {
        struct range_part part = set->part[i];

        /* Below the largest off_t, so that all frames together cannot overflow the sum. */
        if (part.first > part.last || part.last >= length || part.last >= INT64_MAX ||
            __builtin_add_overflow(sum, part.last - part.first + 1, &sum) || sum > INT64_MAX)
            return false;
    }
    return true;
}

static struct slice content_range(struct arena *arena, struct range_part part, uint64_t length)
{
    struct buf text = BUF_INIT(96);
    struct slice got;

    content_range_write(&text, part.first, part.last, length);
    got = arena_slice(arena, buf_slice(&text));
    buf_release(&text);
    return got;
}

static void piece_of_part(struct body_piece *piece, struct range_part part)
{
    piece->off = part.first;
    piece->len = part.last - part.first + 1;
}

static void single_part(struct arena *arena, struct file_body *body, struct range_part part, uint64_t length,
                        struct slice type)
{
    body->count = 1;
    piece_of_part(&body->piece[0], part);
    body->content_length = body->piece[0].len;
    body->content_type = type;
    body->content_range = content_range(arena, part, length);
}

/*
 * RFC 2046 §5.1.1. Every delimiter starts with CRLF, the first one too: an empty preamble, which the
 * grammar allows and readers that look for CRLF "--" need.
 */
static void many_parts(struct arena *arena, struct file_body *body, const struct range_set *set, uint64_t length,
                       struct slice type)
{
    unsigned char random[BOUNDARY_BYTES];
    char boundary[BOUNDARY_LEN];

    random_bytes(random, sizeof(random)); /* 128 bits: no data holds it but by witchcraft (RNG-36) */
    hex_encode(boundary, random, sizeof(random));
    body->count = set->count;
    for (unsigned i = 0; i < set->count; i++) {
        struct body_piece *piece = &body->piece[i];

        piece_of_part(piece, set->part[i]);
        piece->before =
            arena_printf(arena, "\r\n--%.*s\r\nContent-Type: %.*s\r\nContent-Range: %.*s\r\n\r\n", BOUNDARY_LEN,
                         boundary, SLICE_FMT(type), SLICE_FMT(content_range(arena, set->part[i], length)));
        body->content_length += piece->before.len + piece->len;
    }
    body->after = arena_printf(arena, "\r\n--%.*s--\r\n", BOUNDARY_LEN, boundary);
    body->content_length += body->after.len;
    body->content_type = arena_printf(arena, "multipart/byteranges; boundary=%.*s", BOUNDARY_LEN, boundary);
}

bool body_ranges(struct arena *arena, struct file_body *body, const struct range_set *set, uint64_t length,
                 struct slice type)
{
    body_whole(body, length, type);
    if (!set_fits(set, length))
        return false;
    memset(body, 0, sizeof(*body));
    body->status = 206;
    if (set->count == 1)
        single_part(arena, body, set->part[0], length, type);
    else
        many_parts(arena, body, set, length, type);
    return true;
}

struct slice body_range_unsatisfied(struct arena *arena, uint64_t length)
{
    struct buf text = BUF_INIT(96);
    struct slice got;

    content_range_write_unsatisfied(&text, length);
    got = arena_slice(arena, buf_slice(&text));
    buf_release(&text);
    return got;
}
