/*
 * test_media.c - names and their media types.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "check.h"
#include "repr/repr.h"

#define CHECK_TYPE(name, want) CHECK_SLICE(media_type(SLICE(name)), want)
#define UNKNOWN "application/octet-stream"

static void open_lines(const char *lines)
{
    char path[] = "/tmp/mime.types.XXXXXX";
    int fd = mkstemp(path);

    CHECK(fd >= 0);
    CHECK_INT(write(fd, lines, strlen(lines)), strlen(lines));
    close(fd);
    media_open_file(path);
    unlink(path);
}

TEST(media__builtin_types_are_there_without_a_file)
{
    media_open_file("/nonexistent/mime.types");
    CHECK_TYPE("a.html", "text/html; charset=utf-8");
    CHECK_TYPE("a.txt", "text/plain; charset=utf-8");
    CHECK_TYPE("a.js", "text/javascript; charset=utf-8");
    CHECK_TYPE("a.css", "text/css; charset=utf-8");
    CHECK_TYPE("a.json", "application/json");
    CHECK_TYPE("a.xml", "application/xml");
    CHECK_TYPE("a.svg", "image/svg+xml");
    CHECK_TYPE("a.mp4", "video/mp4");
    media_close();
}

TEST(media__the_systems_file_counts_and_gaps_are_filled)
{
    open_lines("# a comment\n"
               "text/x-own   own  OWN2\r\n"
               "  \n"
               "application/x-mine\thtml # not that one\n"
               "application/javascript js\n"
               "text/xml xml");
    CHECK_TYPE("a.own", "text/x-own; charset=utf-8");
    CHECK_TYPE("a.own2", "text/x-own; charset=utf-8");
    CHECK_TYPE("a.html", "application/x-mine");
    CHECK_TYPE("a.js", "application/javascript; charset=utf-8");
    CHECK_TYPE("a.xml", "text/xml");
    CHECK_TYPE("a.png", "image/png");
    CHECK_TYPE("a.not", UNKNOWN);
    media_close();
}

TEST(media__wrong_lines_never_get_into_a_header)
{
    open_lines("text/x;y aaa\n"
               "text bbb\n"
               "text/ ccc\n"
               "/x ddd\n"
               "a/b/c eee\n"
               "text/h\xE9 fff\n"
               "text/x-long aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee ggg\n");
    CHECK_TYPE("x.aaa", UNKNOWN);
    CHECK_TYPE("x.bbb", UNKNOWN);
    CHECK_TYPE("x.ccc", UNKNOWN);
    CHECK_TYPE("x.ddd", UNKNOWN);
    CHECK_TYPE("x.eee", UNKNOWN);
    CHECK_TYPE("x.fff", UNKNOWN);
    CHECK_TYPE("x.aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee", UNKNOWN);
    CHECK_TYPE("x.ggg", "text/x-long; charset=utf-8");
    media_close();
}

TEST(media__the_longest_extension_wins_letters_without_case)
{
    open_lines("application/x-compressed-tar tar.gz\n");
    CHECK_TYPE("a.TAR.Gz", "application/x-compressed-tar");
    CHECK_TYPE("1.2.3.tar.gz", "application/x-compressed-tar");
    CHECK_TYPE("a.txt.gz", "application/gzip");
    CHECK_TYPE("A.JPEG", "image/jpeg");
    CHECK_TYPE("a.b.c.d.e.f.g.txt", "text/plain; charset=utf-8");
    media_close();
}

TEST(media__names_without_an_extension_are_octets)
{
    media_open_file(NULL);
    CHECK_TYPE("", UNKNOWN);
    CHECK_TYPE("README", UNKNOWN);
    CHECK_TYPE(".html", UNKNOWN); /* a hidden name */
    CHECK_TYPE(".hidden.html", "text/html; charset=utf-8");
    CHECK_TYPE("a.", UNKNOWN);
    CHECK_TYPE("...", UNKNOWN);
    CHECK_TYPE("html", UNKNOWN);
    CHECK_TYPE("a.html\n", UNKNOWN);
    CHECK_TYPE("a.\xff", UNKNOWN);
    media_close();
    CHECK_TYPE("a.html", UNKNOWN);
}

TEST(media__this_systems_file_can_be_read)
{
    media_open();
    CHECK_TYPE("a.html", "text/html; charset=utf-8");
    CHECK_TYPE("a.png", "image/png");
    CHECK_TYPE("a.gz", "application/gzip");
    media_close();
}

TEST(media__active_types_are_what_a_browser_would_run)
{
    CHECK(media_is_active(SLICE("text/html; charset=utf-8")));
    CHECK(media_is_active(SLICE("TEXT/HTML")));
    CHECK(media_is_active(SLICE("application/xhtml+xml")));
    CHECK(media_is_active(SLICE("image/svg+xml")));
    CHECK(media_is_active(SLICE("application/rss+xml ; x=y")));
    CHECK(media_is_active(SLICE("application/xml")));
    CHECK(media_is_active(SLICE("text/javascript")));
    CHECK(media_is_active(SLICE("message/rfc822")));
    CHECK(media_is_active(SLICE("multipart/related")));
    CHECK_FALSE(media_is_active(SLICE("text/plain; charset=utf-8")));
    CHECK_FALSE(media_is_active(SLICE("image/png")));
    CHECK_FALSE(media_is_active(SLICE("application/pdf")));
    CHECK_FALSE(media_is_active(SLICE("+xml")));
    CHECK_FALSE(media_is_active(SLICE("")));
}

static void check_disposition(struct slice name, const char *want)
{
    struct arena arena = {0};

    CHECK_SLICE(disposition_attachment(&arena, name), want);
    arena_release(&arena);
}

TEST(disposition__any_name_gives_an_ascii_field)
{
    check_disposition(SLICE("a.html"), "attachment; filename*=UTF-8''a.html");
    check_disposition(SLICE(""), "attachment; filename*=UTF-8''");
    check_disposition(SLICE("a b\"c;d'e%.svg"), "attachment; filename*=UTF-8''a%20b%22c%3Bd%27e%25.svg");
    check_disposition(SLICE("é"), "attachment; filename*=UTF-8''%C3%A9");
    check_disposition(SLICE("\xff"), "attachment; filename*=UTF-8''%EF%BF%BD");
    check_disposition(SLICE("a\r\nX: y"), "attachment; filename*=UTF-8''a%E2%90%8D%E2%90%8AX%3A%20y");
}

TEST(disposition__a_name_of_the_worst_octets_fits)
{
    struct arena arena = {0};
    char name[255];

    memset(name, 0xff, sizeof(name));
    CHECK_INT(disposition_attachment(&arena, slice_of(name, sizeof(name))).len, 29 + 255 * 9);
    arena_release(&arena);
}
