/*
 * test_change.c - PUT, DELETE, OPTIONS and the methods nobody offers, through a real store.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "talk.h"

static struct talk talk;

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* ---- PUT ---- */

TEST(put__a_new_file_is_201_with_its_address_and_validators)
{
    talk_open(&talk, "");
    CHECK_INT(talk_send(&talk, "PUT /a%20b", "", "hello")->status, 201);
    CHECK_STR(reply_field(&talk, "Location"), "/a%20b");
    CHECK(begins(reply_field(&talk, "ETag"), "\""));
    CHECK(strcmp(reply_field(&talk, "Last-Modified"), "(none)") != 0);
    CHECK_STR(folder_read(&talk.folder, "a b"), "hello");
    CHECK_INT(talk.reply.body_wanted, 1);
    talk_close(&talk);
}

TEST(put__a_replaced_file_is_204_and_the_tag_is_the_one_that_get_gives)
{
    char tag[64];

    talk_open(&talk, "");
    folder_write(&talk.folder, "f", "old");
    CHECK_INT(talk_send(&talk, "PUT /f", "", "new")->status, 204);
    CHECK_STR(reply_field(&talk, "Location"), "(none)");
    CHECK_INT(talk.reply.content.len, 0);
    snprintf(tag, sizeof(tag), "%s", reply_field(&talk, "ETag"));
    CHECK_STR(folder_read(&talk.folder, "f"), "new");
    CHECK_INT(talk_ask(&talk, "GET /f", "")->status, 200);
    CHECK_STR(reply_field(&talk, "ETag"), tag);
    talk_close(&talk);
}

TEST(put__an_empty_file_is_a_file)
{
    talk_open(&talk, "");
    CHECK_INT(talk_send(&talk, "PUT /f", "", "")->status, 201);
    CHECK_STR(folder_read(&talk.folder, "f"), "");
    talk_close(&talk);
}

/* More than the intake and the writer's half hold, in steps that fit neither. */
TEST(put__a_large_body_goes_through_a_few_buffers_whole)
{
    static const char fields[2][40] = {"Transfer-Encoding: chunked\r\n", "Content-Length: 3000001\r\n"};
    size_t len = 3000001;
    char *much = malloc(len);

    for (size_t i = 0; i < len; i++)
        much[i] = (char)('a' + i % 23);
    talk_open(&talk, "");
    for (unsigned i = 0; i < 2; i++) {
        talk.body = slice_of(much, len);
        talk.step = i ? 0 : 70001;
        CHECK_INT(talk_ask(&talk, "PUT /f", fields[i])->status, i ? 204 : 201);
        CHECK_INT(talk_ask(&talk, "GET /f", "")->status, 200);
        CHECK(slice_eq(buf_slice(&talk.reply.content), slice_of(much, len)));
    }
    talk_close(&talk);
    free(much);
}

struct refused_put {
    const char *line, *fields;
    int status;
};

TEST(put__is_refused_for_its_head_before_the_body_is_wanted)
{
    static const struct refused_put rows[] = {
        {"PUT /f", "Content-Range: bytes 0-5/10\r\n", 400},
        {"PUT /f", "Content-Encoding: gzip\r\n", 415},
    };

    talk_open(&talk, "");
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        CHECK_INT(talk_send(&talk, rows[i].line, rows[i].fields, "hello")->status, rows[i].status);
        CHECK_INT(talk.reply.body_wanted, 0);
    }
    CHECK_STR(folder_read(&talk.folder, "f"), "(missing)");
    talk_close(&talk);
}

TEST(put__is_refused_for_what_is_there)
{
    talk_open(&talk, "");
    folder_write(&talk.folder, "f", "file");
    CHECK_INT(mkdirat(talk.folder.fd, "d", 0755), 0);
    CHECK_INT(talk_send(&talk, "PUT /d", "", "x")->status, 405);
    CHECK_STR(reply_field(&talk, "Allow"),
              "GET, HEAD, DELETE, OPTIONS, PROPFIND, PROPPATCH, COPY, MOVE, LOCK, UNLOCK, REPORT, BIND, UNBIND, "
              "REBIND");
    CHECK_INT(talk_send(&talk, "PUT /", "", "x")->status, 405);
    CHECK_INT(talk_send(&talk, "PUT /none/f", "", "x")->status, 409);
    CHECK_INT(talk_send(&talk, "PUT /f/x", "", "x")->status, 409);
    CHECK_INT(talk_send(&talk, "PUT /f/", "", "x")->status, 409);
    CHECK_INT(talk_send(&talk, "PUT /new/", "", "x")->status, 409);
    CHECK_INT(talk_send(&talk, "PUT /d/", "", "x")->status, 405);
    CHECK_STR(folder_read(&talk.folder, "f"), "file");
    talk_close(&talk);
}

TEST(put__conditions_keep_the_old_content)
{
    talk_open(&talk, "");
    folder_write(&talk.folder, "f", "old");
    CHECK_INT(talk_send(&talk, "PUT /f", "If-Match: \"other\"\r\n", "new")->status, 412);
    CHECK_INT(talk_send(&talk, "PUT /f", "If-None-Match: *\r\n", "new")->status, 412);
    CHECK_INT(talk_send(&talk, "PUT /g", "If-Match: *\r\n", "new")->status, 412);
    CHECK_STR(folder_read(&talk.folder, "f"), "old");
    CHECK_STR(folder_read(&talk.folder, "g"), "(missing)");
    CHECK_INT(talk_send(&talk, "PUT /g", "If-None-Match: *\r\n", "new")->status, 201);
    CHECK_INT(talk_send(&talk, "PUT /g", "If-Match: *\r\n", "newer")->status, 204);
    CHECK_STR(folder_read(&talk.folder, "g"), "newer");
    talk_close(&talk);
}

TEST(put__a_tag_that_was_given_is_good_for_one_change)
{
    char field[100];

    talk_open(&talk, "");
    CHECK_INT(talk_send(&talk, "PUT /f", "", "one")->status, 201);
    snprintf(field, sizeof(field), "If-Match: %s\r\n", reply_field(&talk, "ETag"));
    CHECK_INT(talk_send(&talk, "PUT /f", field, "two")->status, 204);
    CHECK_INT(talk_send(&talk, "PUT /f", field, "three")->status, 412);
    CHECK_STR(folder_read(&talk.folder, "f"), "two");
    talk_close(&talk);
}

/* RFC 8144, 3.2 */
TEST(put__a_412_brings_the_current_content_along_where_it_is_preferred)
{
    static const char fields[] = "If-Match: \"other\"\r\nPrefer: return=representation\r\n";

    talk_open(&talk, "");
    folder_write(&talk.folder, "f", "current");
    CHECK_INT(talk_send(&talk, "PUT /f", fields, "new")->status, 412);
    CHECK_STR(reply_content(&talk), "current");
    CHECK_STR(reply_field(&talk, "Content-Location"), "/f");
    CHECK_STR(reply_field(&talk, "Preference-Applied"), "return=representation");
    CHECK_INT(talk_send(&talk, "PUT /none", fields, "new")->status, 412);
    CHECK_STR(reply_field(&talk, "Preference-Applied"), "(none)");
    talk.rights = RIGHT_CREATE | RIGHT_WRITE;
    CHECK_INT(talk_send(&talk, "PUT /f", fields, "new")->status, 412);
    CHECK(!strstr(reply_content(&talk), "current")); /* who may not read does not read this way */
    talk_close(&talk);
}

/* RFC 9110, 10.1.1: what could refuse it comes before the 100. */
TEST(put__that_waits_for_100_is_judged_before_its_body_is_wanted_H1_51)
{
    talk_open(&talk, "");
    folder_write(&talk.folder, "f", "old");
    CHECK_INT(talk_send(&talk, "PUT /f", "Expect: 100-continue\r\nIf-None-Match: *\r\n", "new")->status, 412);
    CHECK_INT(talk.reply.body_wanted, 0);
    CHECK_INT(talk_send(&talk, "PUT /none/f", "Expect: 100-continue\r\n", "new")->status, 409);
    CHECK_INT(talk.reply.body_wanted, 0);
    CHECK_INT(talk_send(&talk, "PUT /f", "Expect: 100-continue\r\n", "new")->status, 204);
    CHECK_INT(talk.reply.body_wanted, 1);
    CHECK_STR(folder_read(&talk.folder, "f"), "new");
    talk_close(&talk);
}

static void somebody_writes(struct talk *to)
{
    folder_write(&to->folder, "f", "somebody else's");
}

/* Expect has the conditions judged at first; while the body comes, they cease to hold. */
TEST(put__is_judged_again_beside_its_commit)
{
    char fields[120];

    talk_open(&talk, "");
    CHECK_INT(talk_send(&talk, "PUT /f", "", "one")->status, 201);
    snprintf(fields, sizeof(fields), "Expect: 100-continue\r\nIf-Match: %s\r\n", reply_field(&talk, "ETag"));
    talk.midway = somebody_writes;
    CHECK_INT(talk_send(&talk, "PUT /f", fields, "two")->status, 412);
    CHECK_INT(talk.reply.body_wanted, 1);
    CHECK_STR(folder_read(&talk.folder, "f"), "somebody else's");
    talk.midway = somebody_writes;
    CHECK_INT(talk_ask(&talk, "DELETE /f", "")->status, 204);
    CHECK_INT(talk_send(&talk, "PUT /f", "Expect: 100-continue\r\nIf-None-Match: *\r\n", "two")->status, 412);
    CHECK_STR(folder_read(&talk.folder, "f"), "somebody else's");
    talk_close(&talk);
}

TEST(put__a_body_past_the_limit_is_413_and_leaves_nothing)
{
    static char much[200000];

    talk_open(&talk, "");
    talk.conf->limits.body_max = 100000;
    talk.body = slice_of(much, sizeof(much));
    talk.step = 30000;
    CHECK_INT(talk_ask(&talk, "PUT /f", "Transfer-Encoding: chunked\r\n")->status, 413);
    CHECK_INT(talk_ask(&talk, "PUT /f", "Content-Length: 200000\r\n")->status, 413);
    CHECK_INT(talk.reply.body_wanted, 0); /* its length was told */
    talk.body = slice_of(much, 100000);
    CHECK_INT(talk_ask(&talk, "PUT /f", "Transfer-Encoding: chunked\r\n")->status, 201);
    talk_close(&talk);
}

TEST(put__a_body_with_broken_framing_is_400_and_leaves_nothing)
{
    static char much[200000];

    talk_open(&talk, "");
    talk.breaks = true;
    talk.body = slice_of(much, sizeof(much));
    talk.step = 50000;
    CHECK_INT(talk_ask(&talk, "PUT /f", "Transfer-Encoding: chunked\r\n")->status, 400);
    CHECK_STR(folder_read(&talk.folder, "f"), "(missing)");
    talk_close(&talk);
}

/* Open files that have no name; looked at by their paths, since the store closes them on a thread of its own. */
static unsigned unnamed_files(void)
{
    unsigned count = 0;

    for (int fd = 0; fd < 200; fd++) {
        char path[32];
        struct stat st;

        snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        count += stat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink == 0;
    }
    return count;
}

TEST(put__a_client_that_leaves_midway_leaves_nothing_behind)
{
    static char much[600000];
    unsigned before;

    talk_open(&talk, "");
    before = unnamed_files(); /* our output may be one; the store has one for its numbers */
    folder_write(&talk.folder, "f", "old");
    talk.body = slice_of(much, sizeof(much));
    talk.step = 40000;
    for (unsigned i = 0; i < 2; i++) {
        talk.leaves_after = 1 + i * 500000;
        CHECK_INT(talk_ask(&talk, "PUT /f", "Content-Length: 600000\r\n")->status, 0);
    }
    /* A descriptor whose tag was shown is kept for a clock tick before it is closed. */
    for (unsigned i = 0; i < 500 && unnamed_files() > before; i++)
        usleep(10000);
    CHECK_INT(unnamed_files(), before);
    CHECK_STR(folder_read(&talk.folder, "f"), "old");
    talk_close(&talk);
}

TEST(put__rights_depend_on_what_is_there)
{
    talk_open(&talk, "");
    folder_write(&talk.folder, "f", "old");
    talk.rights = RIGHT_CREATE;
    CHECK_INT(talk_send(&talk, "PUT /f", "", "new")->status, 403);
    CHECK_INT(talk_send(&talk, "PUT /g", "", "new")->status, 201);
    talk.rights = RIGHT_WRITE;
    CHECK_INT(talk_send(&talk, "PUT /h", "", "new")->status, 403);
    CHECK_INT(talk_send(&talk, "PUT /f", "", "new")->status, 204);
    CHECK_STR(folder_read(&talk.folder, "h"), "(missing)");
    talk_close(&talk);
}

/* ---- DELETE ---- */

TEST(delete__removes_a_file_and_says_so_once)
{
    talk_open(&talk, "");
    folder_write(&talk.folder, "f", "x");
    CHECK_INT(talk_ask(&talk, "DELETE /f", "")->status, 204);
    CHECK_INT(talk.reply.content.len, 0);
    CHECK_STR(folder_read(&talk.folder, "f"), "(missing)");
    CHECK_INT(talk_ask(&talk, "DELETE /f", "")->status, 404);
    talk_close(&talk);
}

TEST(delete__what_is_below_nothing_is_nothing)
{
    talk_open(&talk, "");
    folder_write(&talk.folder, "f", "x");
    CHECK_INT(talk_ask(&talk, "DELETE /none/f", "")->status, 404);
    CHECK_INT(talk_ask(&talk, "DELETE /f/x", "")->status, 404);
    CHECK_INT(talk_ask(&talk, "DELETE /f/", "")->status, 404);
    CHECK_INT(talk_ask(&talk, "DELETE /.samovar", "")->status, 404);
    CHECK_INT(talk_ask(&talk, "DELETE /", "")->status, 403);
    CHECK_STR(folder_read(&talk.folder, "f"), "x");
    talk_close(&talk);
}

/* DAV-C5: nothing but infinity means anything. */
TEST(delete__a_folder_goes_with_all_in_it_or_not_at_all)
{
    talk_open(&talk, "");
    CHECK_INT(mkdirat(talk.folder.fd, "d", 0755), 0);
    folder_write(&talk.folder, "d/f", "x");
    CHECK_INT(talk_ask(&talk, "DELETE /d/", "Depth: 0\r\n")->status, 400);
    CHECK_INT(talk_ask(&talk, "DELETE /d/", "Depth: 1\r\n")->status, 400);
    CHECK_STR(folder_read(&talk.folder, "d/f"), "x");
    CHECK_INT(talk_ask(&talk, "DELETE /d", "Depth: infinity\r\n")->status, 204);
    CHECK_INT(talk_ask(&talk, "GET /d/", "")->status, 404);
    talk_close(&talk);
}

TEST(delete__only_what_the_client_believes_to_be_there)
{
    talk_open(&talk, "");
    folder_write(&talk.folder, "f", "current");
    CHECK_INT(talk_ask(&talk, "DELETE /f", "If-Match: \"other\"\r\n")->status, 412);
    CHECK_INT(talk_ask(&talk, "DELETE /f", "If-Match: \"other\"\r\nPrefer: return=representation\r\n")->status, 412);
    CHECK_STR(reply_content(&talk), "current");
    talk.rights = RIGHT_READ | RIGHT_CREATE;
    CHECK_INT(talk_ask(&talk, "DELETE /f", "")->status, 403);
    CHECK_STR(folder_read(&talk.folder, "f"), "current");
    talk_close(&talk);
}

/* ---- OPTIONS, and what nobody offers ---- */

TEST(options__say_what_can_be_done_here)
{
    talk_open(&talk, "");
    folder_write(&talk.folder, "f", "x");
    CHECK_INT(talk_ask(&talk, "OPTIONS /f", "")->status, 200);
    CHECK_STR(reply_field(&talk, "Allow"),
              "GET, HEAD, PUT, PATCH, DELETE, OPTIONS, PROPFIND, PROPPATCH, COPY, MOVE, LOCK, UNLOCK");
    CHECK_INT(talk.reply.content_length, 0);
    CHECK_INT(talk_ask(&talk, "OPTIONS /none", "")->status, 200);
    CHECK_STR(reply_field(&talk, "Allow"), "PUT, OPTIONS, MKCOL, LOCK");
    CHECK_INT(talk_ask(&talk, "OPTIONS /", "")->status, 200);
    CHECK_STR(reply_field(&talk, "Allow"),
              "GET, HEAD, OPTIONS, PROPFIND, PROPPATCH, LOCK, UNLOCK, REPORT, BIND, UNBIND, REBIND");
    CHECK_STR(reply_field(&talk, "DAV"), "1, 2, 3, extended-mkcol, bind"); /* DAV-001 */
    CHECK_STR(reply_field(&talk, "MS-Author-Via"), "DAV");
    CHECK_INT(talk_ask(&talk, "OPTIONS *", "")->status, 200);
    talk.is_loopback = false;
    CHECK_INT(talk_ask(&talk, "OPTIONS /f", "")->status, 200);
    CHECK_STR(reply_field(&talk, "Allow"), "GET, HEAD, OPTIONS, PROPFIND");
    talk_close(&talk);
}

TEST(elsewhere__known_methods_that_nothing_offers_are_405_with_allow)
{
    talk_open(&talk, "");
    folder_write(&talk.folder, "f", "x");
    CHECK_INT(talk_send(&talk, "POST /f", "", "x")->status, 405);
    CHECK_STR(reply_field(&talk, "Allow"),
              "GET, HEAD, PUT, PATCH, DELETE, OPTIONS, PROPFIND, PROPPATCH, COPY, MOVE, LOCK, UNLOCK");
    CHECK_INT(talk_send(&talk, "PATCH /f", "", "x")->status, 415);
    CHECK_INT(talk_send(&talk, "POST /none", "", "x")->status, 404);
    CHECK_INT(talk_ask(&talk, "TRACE /f", "")->status, 405);
    CHECK_INT(talk_ask(&talk, "TRACE /none", "")->status, 405);
    CHECK_INT(talk_send(&talk, "TRACE /f", "", "x")->status, 400);
    talk_close(&talk);
}
