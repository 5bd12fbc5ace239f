/*
 * test_accept_coding.c - Accept-Encoding, with the qualities worked out by hand.
 */
#include "check.h"
#include "base/buf.h"
#include "http/accept_coding.h"

#define ABSENT NULL

/* The order that a field gives, as names with blanks between them. */
static void check_order(const char *field, const char *want)
{
    struct slice value = field ? slice_str(field) : SLICE_NONE;
    enum content_coding order[CONTENT_CODINGS];
    struct buf text = BUF_INIT(100);
    struct coding_wish wish;
    unsigned count;

    coding_wish_read(value, field != NULL, &wish);
    count = coding_wish_order(&wish, order);
    for (unsigned i = 0; i < count; i++)
        buf_printf(&text, "%s%.*s", i ? " " : "", SLICE_FMT(content_coding_name(order[i])));
    CHECK_SLICE(buf_slice(&text), want);
    buf_release(&text);
}

TEST(accept_coding__orders_what_a_client_takes) /* RFC 9110 section 12.5.3, with its examples */
{
    static const struct {
        const char *field, *want;
    } cases[] = {
        {ABSENT, "identity"},
        {"", "identity"},
        {" ", "identity"},
        {"compress, gzip", "gzip identity"},
        {"*", "br zstd gzip identity"},
        {"compress;q=0.5, gzip;q=1.0", "gzip identity"},
        {"gzip;q=1.0, identity; q=0.5, *;q=0", "gzip identity"},
        {"gzip", "gzip identity"},
        {"gzip, deflate, br, zstd", "br zstd gzip identity"},
        {"gzip, deflate, br", "br gzip identity"},
        {"gzip, deflate", "gzip identity"},
        {"deflate", "identity"},
        {"identity", "identity"},
        {"GZip", "gzip identity"},
        {"x-gzip", "gzip identity"},
        {"x-br", "identity"},
        {"gzip;q=0", "identity"},
        {"gzip;q=0.000", "identity"},
        {"gzip;q=0, br", "br identity"},
        {"gzip;q=0.2, br;q=0.3, zstd;q=0.1", "br gzip zstd identity"},
        {"gzip;q=0.001", "gzip identity"},
        {"gzip;q=0.5, identity", "identity gzip"},
        {"gzip;q=0.5, identity;q=0.8, br", "br identity gzip"},
        {"identity;q=0.5, gzip;q=0.5", "gzip identity"},
        {"identity;q=0", ""},
        {"*;q=0", ""},
        {"identity;q=0, *", "br zstd gzip"},
        {"*;q=0, gzip", "gzip"},
        {"*;q=0, identity", "identity"},
        {"*;q=0, identity;q=0", ""},
        {"*;q=0.5, br;q=0", "zstd gzip identity"},
        {"*;q=0.5, gzip", "gzip br zstd identity"},
        {"gzip;q=0, *", "br zstd identity"},
        {"gzip;Q=0.5, br;q=0.4", "gzip br identity"},
        {"gzip ; q=0.5 , br ; q=0.6", "br gzip identity"},
        {", ,gzip,,", "gzip identity"},
        {"gzip;q=2", "identity"},
        {"gzip;q=-1", "identity"},
        {"gzip;q=0.1234", "identity"},
        {"gzip;q=", "identity"},
        {"gzip;level=9", "identity"},
        {"g zip, br", "br identity"},
        {"\"gzip\", br", "br identity"},
        {"gzip;q=0.5;q=0.7", "gzip identity"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        check_order(cases[i].field, cases[i].want);
}

TEST(accept_coding__names_are_those_of_the_registry)
{
    CHECK_INT(content_coding_find(SLICE("br")), CONTENT_BROTLI);
    CHECK_INT(content_coding_find(SLICE("ZSTD")), CONTENT_ZSTD);
    CHECK_INT(content_coding_find(SLICE("X-GZIP")), CONTENT_GZIP);
    CHECK_INT(content_coding_find(SLICE("identity")), CONTENT_IDENTITY);
    CHECK_INT(content_coding_find(SLICE("deflate")), CONTENT_CODINGS);
    CHECK_INT(content_coding_find(SLICE("")), CONTENT_CODINGS);
    for (enum content_coding coding = 0; coding < CONTENT_CODINGS; coding++)
        CHECK_INT(content_coding_find(content_coding_name(coding)), coding);
}
