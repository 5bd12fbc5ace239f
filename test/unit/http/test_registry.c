/*
 * test_registry.c - status codes and methods.
 */
#include <string.h>

#include "check.h"
#include "http/method.h"
#include "http/status.h"

TEST(status__table_is_sorted_and_22_codes_are_earned)
{
    unsigned count, earned = 0;
    const struct status *table = status_table(&count);

    for (unsigned i = 0; i < count; i++) {
        CHECK(i == 0 || table[i - 1].code < table[i].code);
        CHECK(table[i].phrase.len > 0);
        CHECK(status_find(table[i].code) == &table[i]);
        earned += table[i].reference != NULL;
    }
    CHECK_INT(earned, 22);
    CHECK_SLICE(status_phrase(404), "Not Found");
    CHECK_SLICE(status_phrase(418), "I'm a teapot");
    CHECK_SLICE(status_phrase(599), "");
    CHECK(status_find(0) == NULL);
}

/* As the registry has them; behind some of them it says that they are temporary or obsoleted. */
static const struct {
    int code;
    const char *phrase;
} registered[] = {
    {100, "Continue"},
    {101, "Switching Protocols"},
    {102, "Processing"},
    {103, "Early Hints"},
    {104, "Upload Resumption Supported"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {203, "Non-Authoritative Information"},
    {204, "No Content"},
    {205, "Reset Content"},
    {206, "Partial Content"},
    {207, "Multi-Status"},
    {208, "Already Reported"},
    {226, "IM Used"},
    {300, "Multiple Choices"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {305, "Use Proxy"},
    {306, "(Unused)"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {402, "Payment Required"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {407, "Proxy Authentication Required"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {418, "(Unused)"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {423, "Locked"},
    {424, "Failed Dependency"},
    {425, "Too Early"},
    {426, "Upgrade Required"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {451, "Unavailable For Legal Reasons"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
    {506, "Variant Also Negotiates"},
    {507, "Insufficient Storage"},
    {508, "Loop Detected"},
    {510, "Not Extended"},
    {511, "Network Authentication Required"},
};

TEST(status__codes_and_phrases_are_those_of_the_registry)
{
    unsigned count;
    const struct status *table = status_table(&count);

    CHECK_U64(count, sizeof(registered) / sizeof(registered[0]));
    for (unsigned i = 0; i < count; i++) {
        CHECK_INT(table[i].code, registered[i].code);
        if (table[i].code != 418)
            CHECK_SLICE(table[i].phrase, registered[i].phrase);
    }
}

/* A sentence, or at least words: one line, printable, with each quoted directive closed. */
static void check_text(const char *text)
{
    unsigned quotes = 0;

    CHECK(text != NULL && *text != '\0');
    for (const char *at = text; *at; at++) {
        CHECK((unsigned char)*at >= ' ' && *at != '|');
        quotes += *at == '`';
    }
    CHECK_INT(quotes % 2, 0);
}

TEST(status__all_is_said_of_each_that_is_earned)
{
    unsigned count;
    const struct status *table = status_table(&count);

    for (unsigned i = 0; i < count; i++) {
        const struct status_reference *reference = table[i].reference;

        if (!reference)
            continue;
        check_text(reference->meaning);
        check_text(reference->spec);
        check_text(reference->standing);
        check_text(reference->fields);
        check_text(reference->earned_by);
        check_text(reference->curl);
        CHECK(strncmp(reference->curl, "curl ", 5) == 0);
    }
}

TEST(method__names_are_found_with_case) /* H1-07 */
{
    for (int i = METHOD_GET; i < METHOD_COUNT; i++)
        CHECK_INT(method_find(method_name((enum method)i)), i);
    CHECK_INT(method_find(SLICE("get")), METHOD_UNKNOWN);
    CHECK_INT(method_find(SLICE("")), METHOD_UNKNOWN);
    CHECK_SLICE(method_name(METHOD_UNKNOWN), "");
    CHECK(method_is_safe(METHOD_GET) && method_is_safe(METHOD_OPTIONS));
    CHECK_FALSE(method_is_safe(METHOD_PUT));
    CHECK_FALSE(method_is_safe(METHOD_UNKNOWN));
}
