/*
 * status.c - the table of status codes.
 */
#include "http/status.h"

#define PLAIN(code, phrase)                                                                                            \
    {                                                                                                                  \
        code, SLICE_INIT(phrase), false                                                                                \
    }
#define EARNED(code, phrase)                                                                                           \
    {                                                                                                                  \
        code, SLICE_INIT(phrase), true                                                                                 \
    }

/* 418 is "(Unused)" in the registry; the phrase is that of RFC 2324 §2.3.2, which is what people look for. */
static const struct status statuses[] = {
    PLAIN(100, "Continue"),
    PLAIN(101, "Switching Protocols"),
    EARNED(102, "Processing"),
    PLAIN(103, "Early Hints"),
    PLAIN(104, "Upload Resumption Supported"),
    PLAIN(200, "OK"),
    PLAIN(201, "Created"),
    PLAIN(202, "Accepted"),
    PLAIN(203, "Non-Authoritative Information"),
    PLAIN(204, "No Content"),
    PLAIN(205, "Reset Content"),
    EARNED(206, "Partial Content"),
    EARNED(207, "Multi-Status"),
    EARNED(208, "Already Reported"),
    EARNED(226, "IM Used"),
    PLAIN(300, "Multiple Choices"),
    PLAIN(301, "Moved Permanently"),
    PLAIN(302, "Found"),
    PLAIN(303, "See Other"),
    EARNED(304, "Not Modified"),
    PLAIN(305, "Use Proxy"),
    PLAIN(307, "Temporary Redirect"),
    EARNED(308, "Permanent Redirect"),
    PLAIN(400, "Bad Request"),
    PLAIN(401, "Unauthorized"),
    PLAIN(402, "Payment Required"),
    PLAIN(403, "Forbidden"),
    PLAIN(404, "Not Found"),
    PLAIN(405, "Method Not Allowed"),
    PLAIN(406, "Not Acceptable"),
    PLAIN(407, "Proxy Authentication Required"),
    PLAIN(408, "Request Timeout"),
    PLAIN(409, "Conflict"),
    PLAIN(410, "Gone"),
    PLAIN(411, "Length Required"),
    EARNED(412, "Precondition Failed"),
    PLAIN(413, "Content Too Large"),
    PLAIN(414, "URI Too Long"),
    PLAIN(415, "Unsupported Media Type"),
    EARNED(416, "Range Not Satisfiable"),
    PLAIN(417, "Expectation Failed"),
    EARNED(418, "I'm a teapot"),
    PLAIN(421, "Misdirected Request"),
    EARNED(422, "Unprocessable Content"),
    EARNED(423, "Locked"),
    EARNED(424, "Failed Dependency"),
    PLAIN(425, "Too Early"),
    PLAIN(426, "Upgrade Required"),
    EARNED(428, "Precondition Required"),
    EARNED(429, "Too Many Requests"),
    EARNED(431, "Request Header Fields Too Large"),
    EARNED(451, "Unavailable For Legal Reasons"),
    PLAIN(500, "Internal Server Error"),
    PLAIN(501, "Not Implemented"),
    PLAIN(502, "Bad Gateway"),
    PLAIN(503, "Service Unavailable"),
    PLAIN(504, "Gateway Timeout"),
    PLAIN(505, "HTTP Version Not Supported"),
    EARNED(506, "Variant Also Negotiates"),
    EARNED(507, "Insufficient Storage"),
    EARNED(508, "Loop Detected"),
    EARNED(510, "Not Extended"),
    EARNED(511, "Network Authentication Required"),
};

enum { STATUS_COUNT = sizeof(statuses) / sizeof(statuses[0]) };

const struct status *status_table(unsigned *count)
{
    *count = STATUS_COUNT;
    return statuses;
}

const struct status *status_find(int code)
{
    unsigned low = 0, high = STATUS_COUNT;

    while (low < high) {
        unsigned middle = (low + high) / 2;

        if (statuses[middle].code == code)
            return &statuses[middle];
        if (statuses[middle].code < code)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

struct slice status_phrase(int code)
{
    const struct status *status = status_find(code);

    return status ? status->phrase : SLICE("");
}
