/*
 * test_body.c - plans of file bodies, put together and compared byte for byte.
 */
#include "check.h"
#include "repr/repr.h"

/* What a client would get of this content. */
static void assemble(const struct file_body *body, const char *content, struct buf *out)
{
    for (unsigned i = 0; i < body->count; i++) {
        buf_add(out, body->piece[i].before);
        buf_add(out, slice_of(content + body->piece[i].off, body->piece[i].len));
    }
    buf_add(out, body->after);
    CHECK_U64(out->len, body->content_length); /* RNG-24 */
}

static struct range_set set_of(unsigned count, const struct range_part *parts)
{
    struct range_set set = {.kind = RANGE_PARTS, .count = count};

    for (unsigned i = 0; i < count; i++)
        set.part[i] = parts[i];
    return set;
}

TEST(body__whole_file_is_one_piece)
{
    struct file_body body;

    body_whole(&body, 5368709120u, SLICE("text/plain"));
    CHECK_INT(body.status, 200);
    CHECK_U64(body.content_length, 5368709120u);
    CHECK_INT(body.count, 1);
    CHECK_U64(body.piece[0].len, 5368709120u);
    CHECK_SLICE(body.content_type, "text/plain");
    CHECK_SLICE(body.content_range, ""); /* RNG-38 */
    body_whole(&body, 0, SLICE("text/plain"));
    CHECK_INT(body.count, 0);
    CHECK_U64(body.content_length, 0);
}

TEST(body__one_range_is_a_plain_part)
{
    struct arena arena = {0};
    struct range_set set = set_of(1, (struct range_part[]){{2, 4}});
    struct buf got = BUF_INIT(1000);
    struct file_body body;

    CHECK(body_ranges(&arena, &body, &set, 10, SLICE("text/plain")));
    CHECK_INT(body.status, 206);
    CHECK_SLICE(body.content_range, "bytes 2-4/10"); /* RNG-22, RNG-23 */
    CHECK_SLICE(body.content_type, "text/plain");    /* RNG-28, RNG-C6 */
    assemble(&body, "0123456789", &got);
    CHECK_SLICE(buf_slice(&got), "234");
    buf_release(&got);
    arena_release(&arena);
}

TEST(body__several_ranges_are_a_multipart_in_their_order)
{
    struct arena arena = {0};
    struct range_set set = set_of(2, (struct range_part[]){{8, 9}, {0, 1}});
    struct buf got = BUF_INIT(1000), want = BUF_INIT(1000);
    struct file_body body;
    struct slice boundary, kind;

    CHECK(body_ranges(&arena, &body, &set, 10, SLICE("text/plain; charset=utf-8")));
    CHECK_INT(body.status, 206);
    CHECK_SLICE(body.content_range, ""); /* RNG-29 */
    CHECK(slice_cut(body.content_type, '=', &kind, &boundary));
    CHECK_SLICE(kind, "multipart/byteranges; boundary"); /* RNG-29 */
    CHECK_INT(boundary.len, 32);                         /* RNG-35, RNG-36: 128 bits, no quotes */
    for (size_t i = 0; i < boundary.len; i++)
        CHECK(ascii_hex(boundary.ptr[i]) >= 0);
    assemble(&body, "0123456789", &got);
    /* RNG-30, RNG-31, RNG-32, RNG-35 */
    buf_printf(&want,
               "\r\n--%.*s\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Range: bytes 8-9/10\r\n\r\n89"
               "\r\n--%.*s\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Range: bytes 0-1/10\r\n\r\n01"
               "\r\n--%.*s--\r\n",
               SLICE_FMT(boundary), SLICE_FMT(boundary), SLICE_FMT(boundary));
    CHECK_SLICE(buf_slice(&got), buf_str(&want));
    buf_release(&got);
    buf_release(&want);
    arena_release(&arena);
}

TEST(body__no_two_multiparts_share_a_boundary)
{
    struct arena arena = {0};
    struct range_set set = set_of(2, (struct range_part[]){{8, 9}, {0, 1}});
    struct file_body a, b;

    CHECK(body_ranges(&arena, &a, &set, 10, SLICE("text/plain")));
    CHECK(body_ranges(&arena, &b, &set, 10, SLICE("text/plain")));
    CHECK_FALSE(slice_eq(a.content_type, b.content_type)); /* RNG-36 */
    arena_release(&arena);
}

TEST(body__as_many_parts_as_there_may_be)
{
    struct arena arena = {0};
    struct range_set set = {.kind = RANGE_PARTS, .count = BODY_PIECES_MAX};
    char content[BODY_PIECES_MAX * 10];
    struct buf got = BUF_INIT(100000);
    struct file_body body;

    memset(content, 'x', sizeof(content));
    for (unsigned i = 0; i < BODY_PIECES_MAX; i++)
        set.part[i] = (struct range_part){i * 10, i * 10 + 3};
    CHECK(body_ranges(&arena, &body, &set, sizeof(content), SLICE("a/b")));
    CHECK_INT(body.count, BODY_PIECES_MAX);
    assemble(&body, content, &got);
    buf_release(&got);
    arena_release(&arena);
}

TEST(body__what_does_not_fit_the_file_is_the_whole_file)
{
    struct arena arena = {0};
    struct range_set sets[] = {
        set_of(0, NULL),
        {.kind = RANGE_IGNORE},
        {.kind = RANGE_NONE_SATISFIABLE},
        {.kind = RANGE_PARTS, .count = BODY_PIECES_MAX + 1},
        set_of(1, (struct range_part[]){{0, 10}}),
        set_of(1, (struct range_part[]){{5, 4}}),
        set_of(2, (struct range_part[]){{0, 1}, {9, UINT64_MAX}}),
        set_of(1, (struct range_part[]){{0, UINT64_MAX}}),
    };

    for (size_t i = 0; i < sizeof(sets) / sizeof(*sets); i++) {
        struct file_body body;

        CHECK_FALSE(body_ranges(&arena, &body, &sets[i], 10, SLICE("a/b")));
        CHECK_INT(body.status, 200);
        CHECK_U64(body.content_length, 10);
        CHECK_SLICE(body.content_range, "");
    }
    arena_release(&arena);
}

TEST(body__sums_past_64_bits_are_no_answer)
{
    struct arena arena = {0};
    struct range_set set = set_of(3, (struct range_part[]){{0, INT64_MAX - 2}, {0, INT64_MAX - 2}, {0, INT64_MAX - 2}});
    struct file_body body;

    CHECK_FALSE(body_ranges(&arena, &body, &set, INT64_MAX, SLICE("a/b")));
    CHECK_INT(body.status, 200);
    arena_release(&arena);
}

TEST(body__the_last_range_of_a_large_file)
{
    struct arena arena = {0};
    struct range_set set = set_of(1, (struct range_part[]){{5368709110u, 5368709119u}});
    struct file_body body;

    CHECK(body_ranges(&arena, &body, &set, 5368709120u, SLICE("a/b")));
    CHECK_SLICE(body.content_range, "bytes 5368709110-5368709119/5368709120");
    CHECK_U64(body.piece[0].off, 5368709110u);
    CHECK_U64(body.piece[0].len, 10);
    CHECK_SLICE(body_range_unsatisfied(&arena, 5368709120u), "bytes */5368709120"); /* RNG-48 */
    arena_release(&arena);
}

TEST(body__what_a_range_field_chooses_can_be_sent)
{
    static const char *const fields[] = {"bytes=0-9,500-509,-5", "bytes=900-,0-0,300-399",
                                         "bytes=0-0,200-200, ,400-400", "bytes=-2000", "bytes=5-7"};
    char content[1000];

    for (size_t i = 0; i < sizeof(content); i++)
        content[i] = (char)('a' + i % 26);
    for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
        struct arena arena = {0};
        struct buf got = BUF_INIT(10000);
        struct file_body body;
        struct range_set set;

        range_choose(slice_str(fields[i]), false, sizeof(content), &set);
        CHECK_INT(set.kind, RANGE_PARTS);
        CHECK(body_ranges(&arena, &body, &set, sizeof(content), SLICE("text/plain")));
        CHECK_INT(body.count, set.count);
        CHECK_INT(body.content_range.len > 0, set.count == 1);
        assemble(&body, content, &got);
        buf_release(&got);
        arena_release(&arena);
    }
}
