/*
 * test_get.c - GET and HEAD through a real store.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "talk.h"

static struct talk talk;

TEST(get__a_small_file_comes_whole_with_its_fields)
{
    talk_open(&talk, "");
    folder_write(&talk.folder, "f.txt", "hello");
    CHECK_INT(talk_ask(&talk, "GET /f.txt", "")->status, 200);
    CHECK_STR(reply_content(&talk), "hello");
    CHECK_INT(talk.reply.content_length, 5);
    CHECK_STR(reply_field(&talk, "Content-Type"), "text/plain; charset=utf-8");
    CHECK_STR(reply_field(&talk, "Accept-Ranges"), "bytes");
    CHECK_STR(reply_field(&talk, "Cache-Control"), "no-cache");
    CHECK_STR(reply_field(&talk, "X-Content-Type-Options"), "nosniff");
    CHECK_STR(reply_field(&talk, "Content-Security-Policy"), "(none)");
    CHECK(talk.reply.is_for_cache);
    talk_close(&talk);
}

TEST(head__says_the_same_without_the_content)
{
    char fields[2048];

    talk_open(&talk, "");
    folder_write(&talk.folder, "f.txt", "hello");
    CHECK_INT(talk_ask(&talk, "GET /f.txt", "")->status, 200);
    snprintf(fields, sizeof(fields), "%s", buf_str(&talk.reply.fields));
    CHECK_INT(talk_ask(&talk, "HEAD /f.txt", "Range: bytes=0-1\r\n")->status, 200);
    CHECK(talk.reply.is_head);
    CHECK_INT(talk.reply.content_length, 5);
    CHECK_STR(strstr(buf_str(&talk.reply.fields), "Accept-Ranges"), strstr(fields, "Accept-Ranges"));
    talk_close(&talk);
}

TEST(get__sizes_around_the_buffer_come_whole)
{
    static const size_t sizes[] = {0, 1, 65535, 65536, 65537, 300000};
    static char much[300000];

    for (size_t i = 0; i < sizeof(much); i++)
        much[i] = (char)('a' + i % 19);
    talk_open(&talk, "");
    for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        char keep = sizes[i] < sizeof(much) ? much[sizes[i]] : 0;

        if (sizes[i] < sizeof(much))
            much[sizes[i]] = 0;
        talk.body = slice_of(much, sizes[i]);
        CHECK(talk_ask(&talk, "PUT /f", "Transfer-Encoding: chunked\r\n")->status / 100 == 2);
        CHECK_INT(talk_ask(&talk, "GET /f", "")->status, 200);
        CHECK_INT(talk.reply.content_length, sizes[i]);
        CHECK(slice_eq(buf_slice(&talk.reply.content), slice_of(much, sizes[i])));
        if (sizes[i] < sizeof(much))
            much[sizes[i]] = keep;
    }
    talk_close(&talk);
}

TEST(get__what_is_not_there_or_may_not_be_read)
{
    talk_open(&talk, "");
    folder_write(&talk.folder, "f", "x");
    CHECK_INT(talk_ask(&talk, "GET /none", "")->status, 404);
    CHECK_INT(talk_ask(&talk, "GET /f/", "")->status, 404);
    CHECK_INT(talk_ask(&talk, "GET /f/g", "")->status, 404);
    CHECK_INT(talk_ask(&talk, "GET /.samovar/", "")->status, 404);
    talk.rights = RIGHT_LIST;
    CHECK_INT(talk_ask(&talk, "GET /f", "")->status, 403);
    CHECK_INT(talk_ask(&talk, "GET /", "")->status, 200);
    talk.rights = RIGHT_WRITE;
    CHECK_INT(talk_ask(&talk, "GET /", "")->status, 403);
    talk_close(&talk);
}

TEST(get__an_error_has_the_form_that_the_client_accepts)
{
    talk_open(&talk, "");
    CHECK_INT(talk_ask(&talk, "GET /none", "Accept: text/html\r\n")->status, 404);
    CHECK_STR(reply_field(&talk, "Content-Type"), "text/html; charset=utf-8");
    CHECK_INT(talk_ask(&talk, "GET /none", "Accept: application/json\r\n")->status, 404);
    CHECK_STR(reply_field(&talk, "Content-Type"), "application/problem+json");
    CHECK_INT(talk_ask(&talk, "GET /none", "")->status, 404);
    CHECK_STR(reply_field(&talk, "Content-Type"), "text/plain; charset=utf-8");
    talk_close(&talk);
}

TEST(get__not_modified_has_no_content_and_knows_what_the_cache_may_keep)
{
    char field[100];

    talk_open(&talk, "");
    CHECK_INT(talk_send(&talk, "PUT /f", "", "hello")->status, 201);
    snprintf(field, sizeof(field), "If-None-Match: %s\r\n", reply_field(&talk, "ETag"));
    CHECK_INT(talk_ask(&talk, "GET /f", field)->status, 304);
    CHECK_INT(talk.reply.content.len, 0);
    CHECK(strcmp(reply_field(&talk, "ETag"), "(none)") != 0);
    CHECK_STR(reply_field(&talk, "Content-Type"), "(none)");
    CHECK(talk.reply.is_for_cache);
    CHECK_INT(talk_ask(&talk, "GET /f", "If-Match: \"other\"\r\n")->status, 412);
    CHECK_FALSE(talk.reply.is_for_cache);
    talk_close(&talk);
}

TEST(get__ranges_through_to_the_bytes)
{
    talk_open(&talk, "");
    folder_write(&talk.folder, "f.txt", "0123456789");
    CHECK_INT(talk_ask(&talk, "GET /f.txt", "Range: bytes=2-4\r\n")->status, 206);
    CHECK_STR(reply_content(&talk), "234");
    CHECK_STR(reply_field(&talk, "Content-Range"), "bytes 2-4/10");
    CHECK_INT(talk_ask(&talk, "GET /f.txt", "Range: bytes=-3\r\n")->status, 206);
    CHECK_STR(reply_content(&talk), "789");
    CHECK_INT(talk_ask(&talk, "GET /f.txt", "Range: bytes=10-\r\n")->status, 416);
    CHECK_STR(reply_field(&talk, "Content-Range"), "bytes */10");
    CHECK_INT(talk_ask(&talk, "GET /f.txt", "Range: bytes=2-4\r\nIf-Range: \"other\"\r\n")->status, 200);
    CHECK_STR(reply_content(&talk), "0123456789");
    CHECK_INT(talk_ask(&talk, "GET /f.txt", "Range: lines=2-4\r\n")->status, 200);
    talk_close(&talk);
}

TEST(get__several_ranges_of_a_large_file_are_one_body_of_the_told_length)
{
    static char much[400000];

    memset(much, 'z', sizeof(much));
    talk_open(&talk, "");
    talk.body = slice_of(much, sizeof(much));
    CHECK_INT(talk_ask(&talk, "PUT /f", "Transfer-Encoding: chunked\r\n")->status, 201);
    CHECK_INT(talk_ask(&talk, "GET /f", "Range: bytes=0-99999, 200000-299999\r\n")->status, 206);
    CHECK(strncmp(reply_field(&talk, "Content-Type"), "multipart/byteranges; boundary=", 31) == 0);
    CHECK_INT(talk.reply.content.len, talk.reply.content_length);
    CHECK(talk.reply.content.len > 200000);
    talk_close(&talk);
}

/* ---- folders ---- */

TEST(get__a_folder_has_a_slash_at_its_end)
{
    talk_open(&talk, "");
    CHECK_INT(mkdirat(talk.folder.fd, "a b", 0755), 0);
    CHECK_INT(talk_ask(&talk, "GET /a%20b?sort=size", "")->status, 308);
    CHECK_STR(reply_field(&talk, "Location"), "/a%20b/?sort=size");
    talk_close(&talk);
}

TEST(get__a_folder_is_listed_in_the_form_that_is_accepted)
{
    talk_open(&talk, "");
    folder_write(&talk.folder, "one.txt", "1");
    folder_write(&talk.folder, ".dot", "1");
    CHECK_INT(talk_ask(&talk, "GET /", "Accept: text/html\r\n")->status, 200);
    CHECK(talk.reply.is_stream);
    CHECK(strstr(reply_content(&talk), "one.txt"));
    CHECK_FALSE(strstr(reply_content(&talk), ".dot"));
    CHECK_STR(reply_field(&talk, "ETag"), "(none)");
    CHECK_STR(reply_field(&talk, "Accept-Ranges"), "none");
    CHECK_STR(reply_field(&talk, "Vary"), "Accept, Accept-Language");
    CHECK_STR(reply_field(&talk, "Content-Language"), "en");
    CHECK(strcmp(reply_field(&talk, "Content-Security-Policy"), "(none)") != 0);
    CHECK_FALSE(talk.reply.is_for_cache);
    CHECK_INT(talk_ask(&talk, "GET /", "Accept: application/json\r\n")->status, 200);
    CHECK_STR(reply_field(&talk, "Content-Type"), "application/json");
    CHECK(strstr(reply_content(&talk), "one.txt"));
    talk_close(&talk);
}

TEST(get__a_listing_has_no_tag_to_be_matched)
{
    talk_open(&talk, "");
    CHECK_INT(talk_ask(&talk, "GET /", "If-Match: \"a\"\r\n")->status, 412);
    CHECK_INT(talk_ask(&talk, "GET /", "If-None-Match: \"a\"\r\n")->status, 200);
    CHECK_INT(talk_ask(&talk, "GET /", "If-None-Match: *\r\n")->status, 304);
    talk_close(&talk);
}

TEST(get__index_html_stands_in_for_its_folder)
{
    talk_open(&talk, "at \"/plain\" { index = off }");
    CHECK_INT(mkdirat(talk.folder.fd, "plain", 0755), 0);
    folder_write(&talk.folder, "index.html", "<p>home");
    folder_write(&talk.folder, "plain/index.html", "<p>not here");
    CHECK_INT(talk_ask(&talk, "GET /", "")->status, 200);
    CHECK_STR(reply_content(&talk), "<p>home");
    CHECK_STR(reply_field(&talk, "Content-Type"), "text/html; charset=utf-8");
    CHECK_INT(talk_ask(&talk, "GET /plain/", "")->status, 200);
    CHECK(talk.reply.is_stream);
    talk_close(&talk);
}

TEST(get__untrusted_active_files_are_defused)
{
    talk_open(&talk, "untrusted = on");
    folder_write(&talk.folder, "p.html", "<script>");
    folder_write(&talk.folder, "t.txt", "text");
    CHECK_INT(talk_ask(&talk, "GET /p.html", "")->status, 200);
    CHECK(strstr(reply_field(&talk, "Content-Disposition"), "attachment"));
    CHECK(strcmp(reply_field(&talk, "Content-Security-Policy"), "(none)") != 0);
    CHECK_INT(talk_ask(&talk, "GET /t.txt", "")->status, 200);
    CHECK_STR(reply_field(&talk, "Content-Disposition"), "(none)");
    talk_close(&talk);
}

/* An entry is kept true by watches on its path; through a link or under two names that cannot be. */
TEST(get__links_are_not_for_the_cache)
{
    talk_open(&talk, "");
    folder_write(&talk.folder, "f", "x");
    CHECK_INT(symlinkat("f", talk.folder.fd, "soft"), 0);
    CHECK_INT(talk_ask(&talk, "GET /soft", "")->status, 200);
    CHECK_STR(reply_content(&talk), "x");
    CHECK_FALSE(talk.reply.is_for_cache);
    CHECK_INT(linkat(talk.folder.fd, "f", talk.folder.fd, "hard", 0), 0);
    CHECK_INT(talk_ask(&talk, "GET /f", "")->status, 200);
    CHECK_FALSE(talk.reply.is_for_cache);
    talk_close(&talk);
}
