/*
 * test_conditions.c - 304 and 412, judged by recorded answers.
 */
#include "check.h"
#include "recorded.h"

#define FILE_FIELDS                                                                                                    \
    "ETag: \"v\"\r\nLast-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\nVary: Accept\r\nContent-Length: 5\r\n\r\n"
#define WHOLE "HTTP/1.1 200 OK\r\n" FILE_FIELDS "hello"
#define SAME "HTTP/1.1 304 Not Modified\r\nETag: \"v\"\r\nVary: Accept\r\n\r\n"
#define OLD "HTTP/1.1 200 OK\r\nETag: \"a\"\r\n\r\nfirst"

static const struct said same[] = {
    {"whole", "GET", "/f", "", NULL, WHOLE},      {"same", "GET", "/f", "", NULL, SAME},
    {"weak", "GET", "/f", "", NULL, SAME},        {"listed", "GET", "/f", "", NULL, SAME},
    {"head", "HEAD", "/f", "", NULL, SAME},       {"other", "GET", "/f", "", NULL, WHOLE},
    {"other-date", "GET", "/f", "", NULL, WHOLE}, {"date", "GET", "/f", "", NULL, SAME},
    {"old-date", "GET", "/f", "", NULL, WHOLE},   {"tick-before", "GET", "/t", "", NULL, OLD},
    {"tick-after", "GET", "/t", "", NULL, WHOLE},
};

TEST(judge_304__what_is_wrong_is_named)
{
    static const struct slip slips[] = {
        {"whole", SAME, "CND-49"},
        {"same", "HTTP/1.1 304 N\r\nETag: \"v\"\r\n\r\n", "CND-46"},
        {"same", "HTTP/1.1 304 N\r\nVary: Accept\r\n\r\n", "CND-46"},
        {"same", SAME "hello", "CND-45"},
        {"same", "HTTP/1.1 304 N\r\nETag: \"v\"\r\nVary: Accept\r\nContent-Length: 0\r\n\r\n", "CND-48"},
        {"same", "HTTP/1.1 304 N\r\nETag: \"v\"\r\nVary: Accept\r\nContent-Length: 5\r\n\r\n", NULL},
        {"same", WHOLE, "CND-36"},
        {"weak", WHOLE, "CND-35"},
        {"listed", WHOLE, "CND-25"},
        {"head", "HTTP/1.1 200 OK\r\n\r\n", "CND-36"},
        {"other", SAME, "CND-36"},
        {"other-date", SAME, "CND-41"},
        {"old-date", SAME, "CND-44"},
        {"tick-after", SAME, "CND-03"},
    };

    CHECK_SLIPS(judge_304, 304, same, slips);
}

/* A weak tag promises less. */
TEST(judge_304__a_weak_tag_may_stay_within_a_tick)
{
    static const struct said weak[] = {
        {"whole", "GET", "/f", "", NULL, "HTTP/1.1 200 OK\r\nETag: W/\"v\"\r\n\r\nhello"},
        {"same", "GET", "/f", "", NULL, "HTTP/1.1 304 N\r\nETag: W/\"v\"\r\n\r\n"},
        {"weak", "GET", "/f", "", NULL, "HTTP/1.1 304 N\r\nETag: W/\"v\"\r\n\r\n"},
        {"listed", "GET", "/f", "", NULL, "HTTP/1.1 304 N\r\nETag: W/\"v\"\r\n\r\n"},
        {"head", "HEAD", "/f", "", NULL, "HTTP/1.1 304 N\r\nETag: W/\"v\"\r\n\r\n"},
        {"other", "GET", "/f", "", NULL, "HTTP/1.1 200 OK\r\n\r\nhello"},
        {"other-date", "GET", "/f", "", NULL, "HTTP/1.1 200 OK\r\n\r\nhello"},
        {"tick-before", "GET", "/t", "", NULL, "HTTP/1.1 200 OK\r\nETag: W/\"a\"\r\n\r\nfirst"},
        {"tick-after", "GET", "/t", "", NULL, "HTTP/1.1 304 N\r\nETag: W/\"a\"\r\n\r\n"},
    };

    check_slips(judge_304, 304, weak, COUNT(weak), NULL, 0);
}

#define FAILED "HTTP/1.1 412 Precondition Failed\r\n\r\n"
#define KEPT "HTTP/1.1 200 OK\r\nETag: \"v\"\r\n\r\nwhat stays"
#define LOST "HTTP/1.1 200 OK\r\nETag: \"w\"\r\n\r\nwhat must not be"
#define DONE "HTTP/1.1 204 No Content\r\n\r\n"

TEST(judge_412__what_is_wrong_is_named)
{
    static const struct said good[] = {
        {"whole", "GET", "/f", "", NULL, WHOLE},
        {"get-other", "GET", "/f", "", NULL, FAILED},
        {"get-old", "GET", "/f", "", NULL, FAILED},
        {"get-both", "GET", "/f", "", NULL, FAILED},
        {"get-weak", "GET", "/f", "", NULL, FAILED},
        {"get-same", "GET", "/f", "", NULL, WHOLE},
        {"put", "PUT", "/p", "", "what stays", "HTTP/1.1 201 Created\r\n\r\n"},
        {"put-other", "PUT", "/p", "", "x", FAILED},
        {"put-other-after", "GET", "/p", "", NULL, KEPT},
        {"put-create", "PUT", "/p", "", "x", FAILED},
        {"put-create-after", "GET", "/p", "", NULL, KEPT},
        {"delete-other", "DELETE", "/p", "", NULL, FAILED},
        {"delete-other-after", "GET", "/p", "", NULL, KEPT},
        {"put-nothing", "PUT", "/n", "", "x", FAILED},
        {"put-nothing-after", "GET", "/n", "", NULL, "HTTP/1.1 404 Not Found\r\n\r\n"},
        {"put-same", "PUT", "/p", "", "x", DONE},
        {"copy", "COPY", "/p", "", NULL, FAILED},
    };
    static const struct slip slips[] = {
        {"whole", FAILED, "CND-50"},
        {"get-both", SAME, "CND-20"},
        {"get-weak", WHOLE, "CND-26"},
        {"get-same", FAILED, "CND-27"},
        {"put-other", DONE, "CND-27"},
        {"put-other-after", LOST, "CND-22"},
        {"put-create", DONE, "CND-38"},
        {"put-create-after", LOST, "CND-22"},
        {"delete-other", DONE, "CND-31"},
        {"delete-other-after", "HTTP/1.1 404 N\r\n\r\n", "CND-22"},
        {"put-nothing", "HTTP/1.1 201 C\r\n\r\n", "CND-29"},
        {"put-nothing-after", LOST, "CND-29"},
        {"put-same", FAILED, "CND-27"},
        {"copy", DONE, "DAV-092"},
        {"copy", "HTTP/1.1 405 M\r\n\r\n", NULL},
        {"get-other", WHOLE, NULL},
    };

    CHECK_SLIPS(judge_412, 412, good, slips);
}
