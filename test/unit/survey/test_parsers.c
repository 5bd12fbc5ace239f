/*
 * test_parsers.c - what is read of answers, hints and pages; verdicts; command lines.
 */
#include <stdlib.h>

#include "byteranges.h"
#include "check.h"
#include "multistatus.h"
#include "recorded.h"
#include "report.h"

TEST(byteranges__parts_end_where_their_range_says)
{
    struct byteranges parts;
    struct byterange one;
    struct slice body =
        SLICE("preamble\r\n--B\r\nContent-Range: bytes 0-5/9\r\n\r\n\r\n--B\r\r\n--B\r\nContent-Type: a/b\r\n"
              "content-range: bytes 8-8/9\r\n\r\n8\r\n--B--");

    CHECK(byteranges_begin(SLICE("Multipart/Byteranges; charset=x; boundary=\"B\""), body, &parts));
    CHECK(byteranges_next(&parts, &one));
    CHECK_SLICE(one.data, "\r\n--B\r");
    CHECK(byteranges_next(&parts, &one));
    CHECK_SLICE(one.data, "8");
    CHECK_SLICE(one.type, "a/b");
    CHECK_FALSE(byteranges_next(&parts, &one));
    CHECK(parts.has_ended);
}

TEST(byteranges__what_is_none_ends)
{
    static const char *const bodies[] = {"",
                                         "--B",
                                         "--B--",
                                         "--C\r\n\r\n",
                                         "--B\r\nContent-Range: bytes 0-99/100\r\n\r\nshort\r\n--B--",
                                         "--B\r\nContent-Type: a/b\r\n\r\nx\r\n--B--",
                                         "--B\r\nContent-Range: bytes 0-18446744073709551615/2\r\n\r\nx",
                                         "--B\r\nContent-Range: bytes 0-0/2\r\n\r\nxy\r\n--B--"};
    struct byteranges parts;
    struct byterange one;

    for (unsigned i = 0; i < COUNT(bodies); i++) {
        unsigned count = 0;

        CHECK(byteranges_begin(SLICE("multipart/byteranges; boundary=B"), slice_str(bodies[i]), &parts));
        while (byteranges_next(&parts, &one))
            CHECK(++count < 2);
        CHECK(count == 0 || !parts.has_ended);
    }
    CHECK_FALSE(byteranges_begin(SLICE("text/plain; boundary=B"), SLICE(""), &parts));
    CHECK_FALSE(byteranges_begin(SLICE("multipart/byteranges"), SLICE(""), &parts));
}

TEST(multistatus__addresses_of_one_resource_are_the_same)
{
    struct arena arena = {0};

    CHECK(href_is(SLICE("http://h:80/a%20b/"), SLICE("/a%20b"), &arena));
    CHECK(href_is(SLICE("/%61"), SLICE("/a"), &arena));
    CHECK(href_is(SLICE("https://h"), SLICE("/"), &arena));
    CHECK_FALSE(href_is(SLICE("/a"), SLICE("/b"), &arena));
    CHECK_FALSE(href_is(SLICE("/a%"), SLICE("/a%"), &arena));
    CHECK_INT(status_line_code(SLICE("HTTP/1.1 424 Failed Dependency")), 424);
    CHECK_INT(status_line_code(SLICE("HTTP/1.1 424")), 424);
    CHECK_INT(status_line_code(SLICE("HTTP/1.1 4242")), 0);
    CHECK_INT(status_line_code(SLICE("424 Failed")), 0);
    arena_release(&arena);
}

TEST(find__links_of_a_page)
{
    struct slice rest = SLICE("<a href=\"/a\"> href='b' href=c href=\"open"), one;

    CHECK(link_next(&rest, &one));
    CHECK_SLICE(one, "/a");
    CHECK(link_next(&rest, &one));
    CHECK_SLICE(one, "b");
    CHECK_FALSE(link_next(&rest, &one));
}

#ifdef HAVE_JANSSON
static bool hints_good(const char *text, bool are_addresses, struct hints *out)
{
    static struct arena arena;
    struct buf why = BUF_INIT(500);
    bool is_good = hints_read(slice_str(text), are_addresses, &arena, out, &why);

    CHECK(is_good || why.len);
    buf_release(&why);
    arena_release(&arena);
    return is_good;
}

TEST(hints__are_taken_whole_or_not_at_all)
{
    static const char *const bad[] = {
        "",
        "[]",
        "{}",
        "{\"codes\": {}}",
        "{\"codes\": [1]}",
        "{\"codes\": [{\"code\": \"451\", \"path\": \"/x\"}]}",
        "{\"codes\": [{\"code\": 451}]}",
        "{\"codes\": [{\"code\": 451, \"path\": \"x\"}]}",
        "{\"codes\": [{\"code\": 451, \"path\": \"http://other/\"}]}",
        "{\"codes\": [{\"code\": 451, \"path\": \"/a b\"}]}",
        "{\"codes\": [{\"code\": 451, \"path\": \"/a\\r\\nX: y\"}]}",
        "{\"codes\": [{\"code\": 451, \"path\": \"/x\", \"method\": \"A B\"}]}",
        "{\"codes\": [{\"code\": 451, \"path\": \"/x\", \"fields\": {\"A:\": \"b\"}}]}",
        "{\"codes\": [{\"code\": 451, \"path\": \"/x\", \"fields\": {\"A\": \"b\\nC: d\"}}]}",
        "{\"codes\": [{\"code\": 451, \"path\": \"/x\", \"fields\": {\"A\": 1}}]}"};
    struct hints *hints = xcalloc(1, sizeof(*hints));

    for (unsigned i = 0; i < COUNT(bad); i++)
        CHECK_FALSE(hints_good(bad[i], false, hints));
    CHECK_INT(hints->count, 0);
    CHECK(hints_good("{\"codes\": [{\"code\": 451, \"path\": \"http://other/\"}]}", true, hints));
    CHECK(hints_good("{\"codes\": [{\"code\": 418, \"path\": \"/pot\", \"method\": \"BREW\", \"content\": \"start\", "
                     "\"fields\": {\"Host\": \"h\", \"A\": \"b\"}}], \"more\": 1}",
                     false, hints));
    CHECK_INT(hints->count, 1);
    CHECK(hint_find(hints, 418) == &hints->list[0]);
    CHECK(!hint_find(hints, 451));
    free(hints);
}
#endif

TEST(curl__a_line_is_quoted)
{
    struct said said = {"x", "PUT", "/a'b", "If-Match: \"it's\"\r\nContent-Length: 3\r\n", "a'b", ""};
    struct trail trail = {0};

    record(&trail, &said, SLICE(""));
    CHECK_SLICE(
        curl_line(&trail, trail.first, &trail.arena),
        "curl -gsSi --path-as-is -X PUT -H 'If-Match: \"it'\\''s\"' --data-raw 'a'\\''b' 'http://h.example/a'\\''b'");
    trail_release(&trail);
}

/* Hosts, methods and fields may come from a server's own hints, and the line is to be pasted. */
TEST(curl__nothing_of_others_reaches_the_shell)
{
    struct said said = {"x", "A$(b)'`c`", "/", "X: $(d)'`e`\x1b\x9b\r\n", NULL, ""};
    struct trail trail = {0};

    record(&trail, &said, SLICE(""));
    trail.first->host = SLICE("h';$(f)");
    CHECK_SLICE(
        curl_line(&trail, trail.first, &trail.arena),
        "curl -gsSi --path-as-is -X 'A$(b)'\\''`c`' -H 'Host: h'\\'';$(f)' -H 'X: $(d)'\\''`e`?' 'http://h.example/'");
    trail_release(&trail);
}

#define MAKES "W=samovar-survey-$$-$(date +%s); curl -gs -o /dev/null -X MKCOL 'http://h.example/d/'\"$W\"'/'; "
#define REMOVES "; curl -gs -o /dev/null -X DELETE 'http://h.example/d/'\"$W\"'/'"

TEST(curl__what_was_there_before_is_made_again)
{
    static const struct said said[] = {
        {"put", "PUT", "/d/samovar-survey-1/f", "", "a", "HTTP/1.1 201 C\r\n\r\n"},
        {"beside", "PUT", "/d/samovar-survey-1/g", "", "a", "HTTP/1.1 201 C\r\n\r\n"},
        {"refused", "PUT", "/d/samovar-survey-1/f", "", "b", "HTTP/1.1 412 P\r\n\r\n"},
        {"get", "GET", "/d/samovar-survey-1/f", "", NULL, "HTTP/1.1 200 OK\r\n\r\nb"},
        {"copy", "COPY", "/d/samovar-survey-1/g", "Destination: http://h.example/d/samovar-survey-1/h\r\n", NULL,
         "HTTP/1.1 201 C\r\n\r\n"},
        {"copied", "GET", "/d/samovar-survey-1/h", "", NULL, "HTTP/1.1 200 OK\r\n\r\nb"},
        {"sample", "GET", "/d/samovar-survey-1/sample.txt", "", NULL, "HTTP/1.1 200 OK\r\n\r\nb"}};
    struct trail trail = {0};

    for (unsigned i = 0; i < COUNT(said); i++)
        record(&trail, &said[i], slice_str(said[i].answer));
    CHECK_SLICE(curl_line(&trail, trail_find(&trail, "get"), &trail.arena),
                MAKES "curl -gs --path-as-is -o /dev/null -X PUT --data-raw 'a' 'http://h.example/d/'\"$W\"'/f'; "
                      "curl -gsSi --path-as-is 'http://h.example/d/'\"$W\"'/f'" REMOVES);
    CHECK_SLICE(curl_line(&trail, trail_find(&trail, "copied"), &trail.arena), MAKES
                "curl -gs --path-as-is -o /dev/null -X PUT --data-raw 'a' 'http://h.example/d/'\"$W\"'/g'; "
                "curl -gs --path-as-is -o /dev/null -X COPY -H 'Destination: http://h.example/d/'\"$W\"'/h' "
                "'http://h.example/d/'\"$W\"'/g'; curl -gsSi --path-as-is 'http://h.example/d/'\"$W\"'/h'" REMOVES);
    CHECK_SLICE(curl_line(&trail, trail.last, &trail.arena),
                MAKES "head -c 4000 /dev/zero | tr '\\0' x | curl -gs -o /dev/null -T - "
                      "'http://h.example/d/'\"$W\"'/sample.txt'; "
                      "curl -gsSi --path-as-is 'http://h.example/d/'\"$W\"'/sample.txt'" REMOVES);
    trail_release(&trail);
}

#define TAG_IN " | tr -d '\\r' | sed -n 's/^[Ee][Tt][Aa][Gg]: *\\(.*\\)/\\1/p'); "
#define TOKEN_IN " | tr -d '\\r' | sed -n 's/^[Ll]ock-[Tt]oken: *<\\(.*\\)>.*/\\1/p'); "

TEST(curl__what_an_answer_gave_is_taken_from_the_answer_of_now)
{
    static const struct said said[] = {
        {"whole", "GET", "/f", "", NULL, "HTTP/1.1 200 OK\r\nETag: \"a'$(b)\"\r\n\r\nb"},
        {"same", "GET", "/f", "Range: bytes=0-1\r\nIf-Range: W/\"a'$(b)\"\r\n", NULL, "HTTP/1.1 206 P\r\n\r\nb"},
        {"put", "PUT", "/samovar-survey-1/f", "", "a", "HTTP/1.1 201 C\r\nETag: \"never\"\r\n\r\n"},
        {"lock", "LOCK", "/samovar-survey-1/f", "", "i", "HTTP/1.1 200 OK\r\nLock-Token: <urn:x>\r\n\r\n"},
        {"with", "PUT", "/samovar-survey-1/f", "If: (<urn:x>)\r\n", "c", "HTTP/1.1 423 L\r\n\r\n"}};
    struct trail trail = {0};

    for (unsigned i = 0; i < COUNT(said); i++)
        record(&trail, &said[i], slice_str(said[i].answer));
    CHECK_SLICE(curl_line(&trail, trail_find(&trail, "same"), &trail.arena),
                "T1=$(curl -gs --path-as-is -D - -o /dev/null 'http://h.example/f'" TAG_IN
                "curl -gsSi --path-as-is -H 'Range: bytes=0-1' -H 'If-Range: W/'\"$T1\" 'http://h.example/f'");
    CHECK_SLICE(
        curl_line(&trail, trail.last, &trail.arena),
        "W=samovar-survey-$$-$(date +%s); curl -gs -o /dev/null -X MKCOL 'http://h.example/'\"$W\"'/'; "
        "curl -gs --path-as-is -o /dev/null -X PUT --data-raw 'a' 'http://h.example/'\"$W\"'/f'; "
        "T1=$(curl -gs --path-as-is -D - -o /dev/null -X LOCK --data-raw 'i' 'http://h.example/'\"$W\"'/f'" TOKEN_IN
        "curl -gsSi --path-as-is -X PUT -H 'If: (<'\"$T1\"'>)' --data-raw 'c' 'http://h.example/'\"$W\"'/f'; "
        "curl -gs -o /dev/null -X UNLOCK -H 'Lock-Token: <'\"$T1\"'>' 'http://h.example/'\"$W\"'/f'; "
        "curl -gs -o /dev/null -X DELETE 'http://h.example/'\"$W\"'/'");
    trail_release(&trail);
}

/* curl takes "@name" for a file, and "[1-9]" for nine addresses. */
TEST(curl__takes_nothing_for_files_or_patterns)
{
    struct said said = {"x", "POST", "/b[1-3]/../{c}", "", "@/etc/passwd", ""};
    struct trail trail = {0};

    record(&trail, &said, SLICE(""));
    CHECK_SLICE(curl_line(&trail, trail.first, &trail.arena),
                "curl -gsSi --path-as-is -X POST --data-raw '@/etc/passwd' 'http://h.example/b[1-3]/../{c}'");
    trail_release(&trail);
}

TEST(verdict__a_limit_or_a_bad_moment_is_no_fault)
{
    struct said said[] = {{"whole", "GET", "/", "", NULL, "HTTP/1.1 206 P\r\n\r\nhello"},
                          {"part", "GET", "/f", "", NULL, "HTTP/1.1 503 S\r\n\r\n"}};
    struct trail trail = {0};
    struct finding finding = {.code = 206, .arena = &trail.arena};

    for (unsigned i = 0; i < COUNT(said); i++)
        record(&trail, &said[i], slice_str(said[i].answer));
    CHECK_FALSE(need(&finding, trail.last, false, "RNG-22", "RFC 9110", "it was not a part"));
    CHECK_INT(finding.fault_count, 0);
    CHECK_SLICE(finding.trouble, "GET /f gave 503: that was in the way");
    finding.code = 503;
    CHECK_FALSE(need(&finding, trail.last, false, "RNG-22", "RFC 9110", "it was not a part"));
    CHECK_INT(finding.fault_count, 1);
    trail_release(&trail);
}

TEST(verdict__what_never_came_is_not_wrong)
{
    struct said said = {"whole", "GET", "/", "", NULL, "HTTP/1.1 200 OK\r\n\r\nhello"};
    struct trail trail = {0};
    struct finding finding;

    judge_run(judge_416, 416, &trail, &finding);
    CHECK_INT(finding.verdict, VERDICT_NOT_OFFERED);
    trail.unknown = SLICE("ask somebody");
    judge_run(judge_416, 416, &trail, &finding);
    CHECK_INT(finding.verdict, VERDICT_UNKNOWN);
    CHECK_SLICE(finding.trouble, "ask somebody");
    trail.unknown = SLICE_NONE;
    record(&trail, &said, SLICE("garbage"));
    judge_run(judge_416, 416, &trail, &finding);
    CHECK_INT(finding.verdict, VERDICT_UNKNOWN);
    trail_release(&trail);
}
