/*
 * test_framing.c - body, persistence, expectation.
 */
#include "heads.h"
#include "http/framing.h"

static int decide(const char *version, const char *fields, struct framing *out)
{
    struct head head = head_with(version, fields);
    const char *why = NULL;
    int status = framing_decide(&head, out, &why);

    CHECK_INT(status != 0, why != NULL);
    return status;
}

static int status_of(const char *fields)
{
    struct framing framing;
    int status = decide("1.1", fields, &framing);

    CHECK_INT(framing.must_close, status == 400 || status == 501);
    return status;
}

TEST(framing__without_either_field_there_is_no_body) /* H1-38 */
{
    struct framing framing;

    CHECK_INT(decide("1.1", "Host: h\r\n", &framing), 0);
    CHECK_INT(framing.kind, BODY_NONE);
}

TEST(framing__length_and_coding_are_read)
{
    struct framing framing;

    CHECK_INT(decide("1.1", "Content-Length: 9223372036854775807\r\n", &framing), 0);
    CHECK_INT(framing.kind, BODY_LENGTH);
    CHECK_U64(framing.length, INT64_MAX);
    CHECK_INT(decide("1.1", "Transfer-Encoding: Chunked\r\n", &framing), 0);
    CHECK_INT(framing.kind, BODY_CHUNKED);
    CHECK_INT(decide("1.1", "Content-Length: 5, 5\r\nContent-Length: 5\r\n", &framing), 0);
    CHECK_U64(framing.length, 5);
}

TEST(framing__what_could_be_smuggled_is_refused)
{
    CHECK_INT(status_of("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 400); /* H1-26 */
    CHECK_INT(status_of("Transfer-Encoding: gzip\r\n"), 400);                         /* H1-27 */
    CHECK_INT(status_of("Transfer-Encoding: chunked, gzip\r\n"), 400);
    CHECK_INT(status_of("Transfer-Encoding: identity\r\n"), 400);
    CHECK_INT(status_of("Transfer-Encoding:\r\n"), 400);
    CHECK_INT(status_of("Transfer-Encoding: gzip, chunked\r\n"), 501);    /* H1-28 */
    CHECK_INT(status_of("Transfer-Encoding: chunked, chunked\r\n"), 400); /* H1-29 */
    CHECK_INT(status_of("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400);
    CHECK_INT(status_of("Transfer-Encoding: chunked;a=b\r\n"), 400);
    CHECK_INT(status_of("Transfer-Encoding: chunked ;a=b, chunked\r\n"), 400);
    CHECK_INT(status_of("Transfer-Encoding: xchunked\r\n"), 400); /* H1-33 */
    CHECK_INT(status_of("Transfer-Encoding: chunked,\r\n"), 400);
    CHECK_INT(status_of("Transfer-Encoding: , chunked\r\n"), 400);
    CHECK_INT(status_of("Transfer-Encoding: \"chunked\"\r\n"), 400);
}

TEST(framing__HTTP_1_0_has_no_transfer_coding) /* H1-30 */
{
    struct framing framing;

    CHECK_INT(decide("1.0", "Transfer-Encoding: chunked\r\n", &framing), 400);
    CHECK(framing.must_close);
}

TEST(framing__what_is_no_length_is_refused) /* H1-31, H1-32 */
{
    static const char *const values[] = {"+5",
                                         "-1",
                                         "0x5",
                                         "5 5",
                                         "",
                                         "5, 6",
                                         "5,",
                                         ",5",
                                         "5;",
                                         "5.0",
                                         "9223372036854775808",
                                         "18446744073709551616",
                                         "99999999999999999999999"};

    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        char field[100];

        snprintf(field, sizeof(field), "Content-Length: %s\r\n", values[i]);
        if (status_of(field) != 400)
            CHECK_STR(values[i], "refused with 400");
    }
    CHECK_INT(status_of("Content-Length: 5\r\nContent-Length: 6\r\n"), 400);
    CHECK_INT(status_of("Content-Length: 5\r\nContent-Length:\r\n"), 400);
}

TEST(framing__persistence) /* H1-42, H1-45, H1-C8 */
{
    struct framing framing;

    decide("1.1", "", &framing);
    CHECK(framing.keep_alive && !framing.wants_keep_alive_field);
    decide("1.1", "Connection: te, Close\r\n", &framing);
    CHECK_FALSE(framing.keep_alive);
    decide("1.1", "Connection: keep-alive\r\nConnection: close\r\n", &framing);
    CHECK_FALSE(framing.keep_alive);
    decide("1.0", "", &framing);
    CHECK_FALSE(framing.keep_alive);
    decide("1.0", "Connection: Keep-Alive\r\n", &framing);
    CHECK(framing.keep_alive && framing.wants_keep_alive_field);
    decide("1.0", "Connection: keep-alive, close\r\n", &framing);
    CHECK_FALSE(framing.keep_alive);
}

TEST(framing__expectation) /* H1-50, H1-52, H1-53, H1-55 */
{
    struct framing framing;

    CHECK_INT(decide("1.1", "Expect: 100-Continue\r\nContent-Length: 1\r\n", &framing), 0);
    CHECK(framing.expects_continue);
    CHECK_INT(decide("1.1", "Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n", &framing), 0);
    CHECK(framing.expects_continue);
    CHECK_INT(decide("1.1", "Expect: 100-continue\r\n", &framing), 0);
    CHECK_FALSE(framing.expects_continue);
    CHECK_INT(decide("1.1", "Expect: 100-continue\r\nContent-Length: 0\r\n", &framing), 0);
    CHECK_FALSE(framing.expects_continue);
    CHECK_INT(decide("1.1", "Expect: tea\r\nContent-Length: 7\r\n", &framing), 417);
    CHECK_FALSE(framing.must_close);
    CHECK_U64(framing.length, 7);
    CHECK_INT(decide("1.1", "Expect: 100-continue, tea\r\n", &framing), 417);
    CHECK_INT(decide("1.0", "Expect: 100-continue\r\nContent-Length: 1\r\n", &framing), 0);
    CHECK_FALSE(framing.expects_continue);
    CHECK_INT(decide("1.0", "Expect: tea\r\n", &framing), 0);
}
