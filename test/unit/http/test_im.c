/*
 * test_im.c - A-IM and IM.
 */
#include "check.h"

#include <stdio.h>

#include "http/im.h"

static struct im_wish wish_of(const char *text)
{
    struct im_wish wish;

    im_wish_read(slice_str(text), &wish);
    return wish;
}

/* "vcdiff, gzip": the list as it was read. */
static const char *list_of(const char *text)
{
    static char room[128];
    struct buf out = BUF_INIT(sizeof(room) - 1);
    struct im_wish wish = wish_of(text);

    for (unsigned i = 0; i < wish.count; i++)
        buf_printf(&out, "%s%.*s", i ? ", " : "", SLICE_FMT(im_name(wish.list[i])));
    snprintf(room, sizeof(room), "%.*s", (int)out.len, out.ptr ? out.ptr : "");
    buf_release(&out);
    return room;
}

TEST(im__is_a_list_in_its_order)
{
    static const struct {
        const char *field, *want;
    } cases[] = {
        {"", ""},
        {"vcdiff, gzip", "vcdiff, gzip"},
        {"RANGE , Feed,,diffe", "range, feed, diffe"},
        {"vcdiff;q=0.5, gdiff;q=0", "vcdiff"},                     /* DLT-02 */
        {"vcdiff;q=0, vcdiff", ""},                                /* refused once is refused */
        {"gzip, gzip;q=0.1, deflate", "gzip, deflate"},            /* each once */
        {"identity, gzip", "gzip"},                                /* DLT-17 */
        {"x-own, vcdiff;level=3, gdiff; q=1;a=b, diffe", "diffe"}, /* DLT-07 */
        {"vcdiff;q=2, gdiff;q=, diffe;q=0.1234, gzip;q=1.000", "gzip"},
        {"*, gzip", "gzip"},
        {"\"vcdiff\", gzip", "gzip"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        CHECK_STR(list_of(cases[i].field), cases[i].want);
}

TEST(im__identity_will_do_unless_it_is_refused)
{
    CHECK(!wish_of("").no_identity);
    CHECK(!wish_of("vcdiff, identity;q=0.001").no_identity);
    CHECK(wish_of("vcdiff, Identity;q=0").no_identity);
    CHECK(wish_of("identity;q=0.000, identity").no_identity);
}

TEST(im__deltas_come_by_weight_then_as_listed)
{
    struct im_wish wish = wish_of("gzip, diffe;q=0.5, feed, vcdiff;q=0.9, gdiff, range");
    enum im deltas[IM_COUNT];

    CHECK_INT(im_wish_deltas(&wish, deltas), 4);
    CHECK_INT(deltas[0], IM_FEED);
    CHECK_INT(deltas[1], IM_GDIFF);
    CHECK_INT(deltas[2], IM_VCDIFF);
    CHECK_INT(deltas[3], IM_DIFFE);
}

TEST(im__the_best_compression)
{
    struct im_wish none = wish_of("vcdiff"), first = wish_of("deflate, gzip"), best = wish_of("deflate;q=0.5, gzip");

    CHECK_INT(im_wish_coding(&none), IM_IDENTITY);
    CHECK_INT(im_wish_coding(&first), IM_DEFLATE);
    CHECK_INT(im_wish_coding(&best), IM_GZIP);
}

static const char *chain_of(const char *field, enum im delta, enum im coding, enum im range)
{
    static char room[128];
    struct buf out = BUF_INIT(sizeof(room) - 1);
    struct im_wish wish = wish_of(field);
    struct im_chain chain = im_chain_of(&wish, delta, coding, range);

    im_chain_write(&out, &chain);
    snprintf(room, sizeof(room), "%.*s", (int)out.len, out.ptr ? out.ptr : "");
    buf_release(&out);
    return room;
}

TEST(im__what_is_done_is_done_in_the_order_of_the_field)
{
    CHECK_STR(chain_of("vcdiff, gdiff, gzip, range", IM_VCDIFF, IM_GZIP, IM_RANGE), "vcdiff, gzip, range");
    CHECK_STR(chain_of("range, vcdiff", IM_VCDIFF, IM_IDENTITY, IM_RANGE), "range, vcdiff");
    CHECK_STR(chain_of("vcdiff, range, gzip", IM_VCDIFF, IM_GZIP, IM_RANGE), "vcdiff, range, gzip");
    CHECK_STR(chain_of("vcdiff, range", IM_VCDIFF, IM_IDENTITY, IM_IDENTITY), "vcdiff");
    CHECK_STR(chain_of("gzip, vcdiff", IM_IDENTITY, IM_GZIP, IM_IDENTITY), "gzip");
}

TEST(im__compression_before_a_delta_is_left_out) /* DLT-45 */
{
    CHECK_STR(chain_of("gzip, vcdiff", IM_VCDIFF, IM_GZIP, IM_IDENTITY), "vcdiff");
    CHECK_STR(chain_of("range, gzip, feed", IM_FEED, IM_GZIP, IM_RANGE), "range, feed");
}
