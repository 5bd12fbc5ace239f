/*
 * test_ranges.c - 206 and 416, judged by recorded answers.
 */
#include "check.h"
#include "recorded.h"

#define H "HTTP/1.1 "
#define TAG "ETag: \"v\"\r\n"
#define PART "HTTP/1.1 206 Partial Content\r\nETag: \"v\"\r\nContent-Type: text/plain\r\n"
#define WHOLE "HTTP/1.1 200 OK\r\nETag: \"v\"\r\nContent-Type: text/plain\r\n\r\n0123456789abcdef"
#define MULTI                                                                                                          \
    "HTTP/1.1 206 Partial Content\r\nETag: \"v\"\r\nContent-Type: multipart/byteranges; boundary=B\r\n\r\n"            \
    "\r\n--B\r\nContent-Type: text/plain\r\nContent-Range: bytes 1-2/16\r\n\r\n12"                                     \
    "\r\n--B\r\nContent-Range: bytes 14-15/16\r\n\r\n"

static const struct said parts[] = {
    {"whole", "GET", "/f", "", NULL, WHOLE},
    {"first", "GET", "/f", "Range: bytes=2-4\r\n", NULL, PART "Content-Range: bytes 2-4/16\r\n\r\n234"},
    {"suffix", "GET", "/f", "Range: bytes=-3\r\n", NULL, PART "Content-Range: bytes 13-15/16\r\n\r\ndef"},
    {"past", "GET", "/f", "Range: bytes=5-9\r\n", NULL, PART "Content-Range: bytes 5-15/16\r\n\r\n56789abcdef"},
    {"several", "GET", "/f", "Range: bytes=1-2,14-15\r\n", NULL, MULTI "ef\r\n--B--\r\n"},
    {"backwards", "GET", "/f", "Range: bytes=8-5\r\n", NULL, WHOLE},
    {"unit", "GET", "/f", "Range: samovars=0-1\r\n", NULL, WHOLE},
    {"head", "HEAD", "/f", "Range: bytes=2-4\r\n", NULL, H "200 OK\r\n" TAG "\r\n"},
    {"stale", "GET", "/f", "If-Range: \"x\"\r\n", NULL, WHOLE},
    {"same", "GET", "/f", "If-Range: \"v\"\r\n", NULL, PART "Content-Range: bytes 2-4/16\r\n\r\n234"},
    {"torn", "GET", "/f", "", NULL, PART "Content-Range: bytes 0-7/16\r\n\r\naaaaaaaa"},
};

TEST(judge_206__what_is_wrong_is_named)
{
    static const struct slip slips[] = {
        {"whole", PART "\r\n0123456789abcdef", "RNG-06"},
        {"first", PART "\r\n234", "RNG-22"},
        {"first", PART "Content-Range: bytes 2-4/*\r\n\r\n234", "RNG-23"},
        {"first", PART "Content-Range: bytes 2-4/16\r\n\r\n2345", "RNG-22"},
        {"first", PART "Content-Range: bytes 2-4/16\r\n\r\n235", "RNG-37"},
        {"first", PART "Content-Range: bytes 2-3/16\r\n\r\n23", "RNG-10"},
        {"first", H "206 P\r\n" TAG "Content-Range: bytes 2-4/16\r\n\r\n234", "RNG-26"},
        {"first", H "206 P\r\nContent-Type: text/plain\r\nContent-Range: bytes 2-4/16\r\n\r\n234", "RNG-25"},
        {"suffix", PART "Content-Range: bytes 0-2/16\r\n\r\n012", "RNG-13"},
        {"suffix", WHOLE, NULL},
        {"past", PART "Content-Range: bytes 5-6/16\r\n\r\n56", "RNG-17"},
        {"several", MULTI "ee\r\n--B--\r\n", "RNG-37"},
        {"several", MULTI "ef\r\n", "RNG-35"},
        {"several", MULTI "ef\r\n--C--\r\n", "RNG-35"},
        {"several", PART "Content-Range: bytes 1-15/16\r\n\r\n123456789abcdef", NULL},
        {"several", WHOLE, NULL},
        {"backwards", PART "Content-Range: bytes 5-8/16\r\n\r\n5678", "RNG-19"},
        {"backwards", H "416 R\r\n\r\n", NULL},
        {"unit", H "416 R\r\n\r\n", "RNG-02"},
        {"unit", H "400 B\r\n\r\n", "RNG-02"},
        {"head", H "206 P\r\n" TAG "Content-Range: bytes 2-4/16\r\n\r\n", "RNG-01"},
        {"stale", PART "Content-Range: bytes 2-4/16\r\n\r\n234", "RNG-41"},
        {"stale", H "412 P\r\n\r\n", "RNG-41"},
        {"stale", H "200 OK\r\nContent-Range: bytes 0-15/16\r\n\r\n0123456789abcdef", "RNG-38"},
        {"torn", PART "Content-Range: bytes 0-7/16\r\n\r\naaaabbbb", "RNG-37"},
        {"torn", "", NULL},
    };

    CHECK_SLIPS(judge_206, 206, parts, slips);
}

TEST(judge_416__what_is_wrong_is_named)
{
    static const struct said good[] = {
        {"whole", "GET", "/f", "", NULL, WHOLE},
        {"behind", "GET", "/f", "Range: bytes=16-\r\n", NULL,
         H "416 R\r\nContent-Range: bytes */16\r\n\r\nno such part"},
        {"inside", "GET", "/f", "Range: bytes=0-0\r\n", NULL, PART "Content-Range: bytes 0-0/16\r\n\r\n0"},
        {"last", "GET", "/f", "Range: bytes=15-\r\n", NULL, PART "Content-Range: bytes 15-15/16\r\n\r\nf"},
        {"mixed", "GET", "/f", "Range: bytes=16-,0-1\r\n", NULL, PART "Content-Range: bytes 0-1/16\r\n\r\n01"},
        {"stale", "GET", "/f", "If-Range: \"x\"\r\n", NULL, WHOLE},
        {"head", "HEAD", "/f", "Range: bytes=16-\r\n", NULL, H "200 OK\r\n\r\n"},
    };
    static const struct slip slips[] = {
        {"behind", H "416 R\r\n\r\nno", "RNG-48"},
        {"behind", H "416 R\r\nContent-Range: bytes */15\r\n\r\nno", "RNG-48"},
        {"behind", H "416 R\r\nContent-Range: bytes */16\r\n\r\n0123456789abcdef", "RNG-49"},
        {"inside", H "416 R\r\n\r\n", "RNG-15"},
        {"last", H "416 R\r\n\r\n", "RNG-15"},
        {"mixed", H "416 R\r\n\r\n", "RNG-16"},
        {"stale", H "416 R\r\n\r\n", "RNG-45"},
        {"head", H "416 R\r\n\r\n", "RNG-01"},
    };

    CHECK_SLIPS(judge_416, 416, good, slips);
}
