/*
 * test_answer_head.c - heads of answers, as a client reads them.
 */
#include "base/buf.h"
#include "check.h"
#include "http/answer_head.h"

static struct answer_head head;
static const char *why;

static enum answer_step parse(const char *text)
{
    why = "";
    return answer_head_parse(slice_str(text), &head, &why);
}

TEST(answer_head__has_status_phrase_and_fields)
{
    static const char text[] = "HTTP/1.1 226 IM Used\r\nIM: vcdiff\r\nETag:  \"a\" \r\n\r\nbody";

    CHECK_INT(parse(text), ANSWER_DONE);
    CHECK_INT(head.status, 226);
    CHECK_INT(head.minor, 1);
    CHECK_SLICE(head.phrase, "IM Used");
    CHECK_INT(head.field_count, 2);
    CHECK_SLICE(answer_head_value(&head, SLICE("etag")), "\"a\"");
    CHECK_SLICE(answer_head_value(&head, SLICE("Vary")), "");
    CHECK_INT(head.len, sizeof(text) - 1 - 4);
}

TEST(answer_head__waits_for_more_at_every_cut)
{
    char text[] = "HTTP/1.0 404 Not Found\r\nA: b\r\n\r\n";

    for (size_t len = 0; len < sizeof(text) - 1; len++)
        CHECK_INT(answer_head_parse(slice_of(text, len), &head, &why), ANSWER_MORE);
    CHECK_INT(parse(text), ANSWER_DONE);
    CHECK(answer_closes(&head));
}

TEST(answer_head__a_phrase_may_lack_and_a_line_may_end_in_lf)
{
    CHECK_INT(parse("HTTP/1.1 200\r\n\r\n"), ANSWER_DONE);
    CHECK_SLICE(head.phrase, "");
    CHECK_INT(parse("HTTP/1.1 200 \n\n"), ANSWER_DONE);
}

TEST(answer_head__what_is_no_answer_is_bad)
{
    static const char *const texts[] = {"SSH-2.0-x\r\n",
                                        "HTTP/2 200 OK\r\n\r\n",
                                        "HTTP/1.1 20 OK\r\n\r\n",
                                        "HTTP/1.1 2000 OK\r\n\r\n",
                                        "HTTP/1.1 600 OK\r\n\r\n",
                                        "HTTP/1.1  200 OK\r\n\r\n",
                                        "HTTP/1.1 200 O\x01K\r\n\r\n",
                                        "HTTP/1.1 200 OK\r\nA b: c\r\n\r\n",
                                        "HTTP/1.1 200 OK\r\n: c\r\n\r\n",
                                        "HTTP/1.1 200 OK\r\n A: c\r\n\r\n",
                                        "HTTP/1.1 200 OK\r\nA: c\r\n d\r\n\r\n"};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (parse(texts[i]) != ANSWER_BAD)
            CHECK_STR(texts[i], "bad");
        CHECK(*why);
    }
}

TEST(answer_head__has_limits)
{
    struct buf text = BUF_INIT(1 << 20);

    buf_add_str(&text, "HTTP/1.1 200 OK\r\n");
    for (int i = 0; i <= ANSWER_FIELDS_MAX; i++)
        buf_add_str(&text, "A: b\r\n");
    CHECK_INT(parse(buf_str(&text)), ANSWER_BAD);
    buf_clear(&text);
    buf_add_str(&text, "HTTP/1.1 200 OK\r\nA: ");
    while (text.len < ANSWER_HEAD_MAX)
        buf_add_char(&text, 'x');
    CHECK_INT(parse(buf_str(&text)), ANSWER_BAD);
    buf_release(&text);
}

static int framing(const char *text, bool is_head)
{
    enum answer_framing out;
    uint64_t length;

    CHECK_INT(parse(text), ANSWER_DONE);
    return answer_framing_of(&head, is_head, &out, &length, &why) ? (int)out : -1;
}

TEST(answer_head__says_how_its_content_ends)
{
    CHECK_INT(framing("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", false), ANSWER_LENGTH);
    CHECK_INT(framing("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", true), ANSWER_EMPTY);
    CHECK_INT(framing("HTTP/1.1 304 x\r\nContent-Length: 5\r\n\r\n", false), ANSWER_EMPTY);
    CHECK_INT(framing("HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n", false), ANSWER_CHUNKED);
    CHECK_INT(framing("HTTP/1.1 200 OK\r\n\r\n", false), ANSWER_CLOSE);
    CHECK_INT(framing("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n", false), ANSWER_LENGTH);
}

TEST(answer_head__what_says_two_lengths_is_not_guessed_at)
{
    CHECK_INT(framing("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", false), -1);
    CHECK_INT(framing("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", false), -1);
    CHECK_INT(framing("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", false), -1);
    CHECK_INT(framing("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n\r\n", false), -1);
    CHECK_INT(framing("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", false), -1);
    CHECK_INT(framing("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", false), -1);
    CHECK_INT(framing("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", false), -1);
}
