/*
 * test_patch.c - PATCH and PUT with Content-Range, through a real store.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "talk.h"

static struct talk talk;

/* gdiff: three octets of the base from 2 on, then "abc" (NOTE-gdiff-19970901). */
static const char delta[] = "\xd1\xff\xd1\xff\x04\xf9\x00\x02\x03\x03"
                            "abc";

static const char *tag_of(const char *path)
{
    static char tag[64];
    char line[80];

    snprintf(line, sizeof(line), "HEAD %s", path);
    CHECK_INT(talk_ask(&talk, line, "")->status, 200);
    snprintf(tag, sizeof(tag), "%s", reply_field(&talk, "ETag"));
    return tag;
}

/* Of a file that was put: its tag is strong. */
static const struct reply *patch(const char *name, struct slice body, const char *more)
{
    char line[64], fields[400];

    snprintf(line, sizeof(line), "/%s", name);
    snprintf(fields, sizeof(fields), "Content-Type: application/gdiff\r\nContent-Length: %zu\r\nIf-Match: %s\r\n%s",
             body.len, tag_of(line), more);
    snprintf(line, sizeof(line), "PATCH /%s", name);
    talk.body = body;
    return talk_ask(&talk, line, fields);
}

TEST(patch__makes_the_content_of_the_old_one_and_the_delta)
{
    talk_open(&talk, "");
    CHECK_INT(talk_send(&talk, "PUT /f", "", "0123456789")->status, 201);
    CHECK_INT(patch("f", slice_of(delta, sizeof(delta)), "")->status, 204);
    CHECK_STR(folder_read(&talk.folder, "f"), "234abc");
    talk_close(&talk);
}

TEST(patch__comes_in_any_steps)
{
    talk_open(&talk, "");
    for (size_t step = 1; step < sizeof(delta); step++) {
        CHECK_INT(talk_send(&talk, "PUT /f", "", "0123456789")->status, step == 1 ? 201 : 204);
        talk.step = step;
        CHECK_INT(patch("f", slice_of(delta, sizeof(delta)), "")->status, 204);
        CHECK_STR(folder_read(&talk.folder, "f"), "234abc");
        talk.step = 0;
    }
    talk_close(&talk);
}

/* A delta larger than the intake, and a result larger than that. */
TEST(patch__may_be_large)
{
    enum { SIZE = 1 << 20, HEAD = 10 };
    char *body = malloc(HEAD + SIZE + 1);

    memcpy(body, "\xd1\xff\xd1\xff\x04\xf8\x00\x10\x00\x00", HEAD);
    memset(body + HEAD, 'x', SIZE);
    body[HEAD + SIZE] = '\0';
    talk_open(&talk, "");
    CHECK_INT(talk_send(&talk, "PUT /f", "", "0123456789")->status, 201);
    CHECK_INT(patch("f", slice_of(body, HEAD + SIZE + 1), "")->status, 204);
    CHECK_INT(talk_ask(&talk, "GET /f", "")->status, 200);
    CHECK(slice_eq(buf_slice(&talk.reply.content), slice_of(body + HEAD, SIZE)));
    talk_close(&talk);
    free(body);
}

static void change(struct talk *t)
{
    folder_write(&t->folder, "f", "by others");
}

TEST(patch__of_what_changed_meanwhile_is_412)
{
    talk_open(&talk, "");
    CHECK_INT(talk_send(&talk, "PUT /f", "", "0123456789")->status, 201);
    talk.midway = change;
    CHECK_INT(patch("f", slice_of(delta, sizeof(delta)), "Expect: 100-continue\r\n")->status, 412);
    CHECK_STR(folder_read(&talk.folder, "f"), "by others");
    talk_close(&talk);
}

TEST(patch__whose_client_leaves_changes_nothing)
{
    for (size_t after = 1; after <= sizeof(delta); after++) {
        talk_open(&talk, "");
        CHECK_INT(talk_send(&talk, "PUT /f", "", "0123456789")->status, 201);
        tag_of("/f");
        talk.leaves_after = after;
        CHECK_INT(
            talk_send(&talk, "PATCH /f", "Content-Type: application/gdiff\r\nIf-Match: \"x\"\r\n", "0123456789abcdef")
                ->status,
            0);
        CHECK_STR(folder_read(&talk.folder, "f"), "0123456789");
        talk_close(&talk);
    }
}

TEST(patch__takes_a_file_a_version_and_a_type)
{
    talk_open(&talk, "");
    CHECK_INT(talk_send(&talk, "PATCH /f", "Content-Type: application/vcdiff\r\n", "x")->status, 404);
    CHECK_INT(talk_send(&talk, "PUT /f", "", "0123456789")->status, 201);
    CHECK_INT(talk_send(&talk, "PATCH /f", "Content-Type: application/vcdiff\r\n", "x")->status, 428);
    CHECK_INT(talk_send(&talk, "PATCH /f", "Content-Type: application/vcdiff\r\nIf-Match: *\r\n", "x")->status, 428);
    CHECK_INT(talk_send(&talk, "PATCH /f", "Content-Type: text/plain\r\n", "x")->status, 415);
    CHECK_STR(reply_field(&talk, "Accept-Patch"), "application/vcdiff, application/gdiff");
    talk_close(&talk);
}

/* ---- parts ---- */

TEST(put__with_content_range_replaces_that_part)
{
    talk_open(&talk, "");
    folder_write(&talk.folder, "f", "0123456789");
    CHECK_INT(talk_send(&talk, "PUT /f", "Content-Range: bytes 2-4/10\r\n", "abc")->status, 204);
    CHECK_STR(folder_read(&talk.folder, "f"), "01abc56789");
    CHECK_INT(talk_send(&talk, "PUT /f", "Content-Range: bytes 10-11/*\r\n", "xy")->status, 204);
    CHECK_STR(folder_read(&talk.folder, "f"), "01abc56789xy");
    CHECK_INT(talk_send(&talk, "PUT /f", "Content-Range: bytes 13-13/14\r\n", "x")->status, 409);
    CHECK_INT(talk_send(&talk, "PUT /g", "Content-Range: bytes 0-1/2\r\n", "xy")->status, 201);
    CHECK_STR(folder_read(&talk.folder, "g"), "xy");
    talk_close(&talk);
}

TEST(put__with_content_range_is_refused_where_a_rule_says_so)
{
    talk_open(&talk, "partial-put = off");
    folder_write(&talk.folder, "f", "0123456789");
    CHECK_INT(talk_send(&talk, "PUT /f", "Content-Range: bytes 2-4/10\r\n", "abc")->status, 400);
    CHECK_STR(folder_read(&talk.folder, "f"), "0123456789");
    talk_close(&talk);
}

TEST(put__of_a_part_of_what_changed_meanwhile_is_409)
{
    talk_open(&talk, "");
    CHECK_INT(talk_send(&talk, "PUT /f", "", "0123456789")->status, 201);
    talk.midway = change;
    CHECK_INT(talk_send(&talk, "PUT /f", "Content-Range: bytes 2-4/10\r\nExpect: 100-continue\r\n", "abc")->status,
              409);
    CHECK_STR(folder_read(&talk.folder, "f"), "by others");
    talk_close(&talk);
}
