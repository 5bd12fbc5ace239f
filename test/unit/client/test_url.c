/*
 * test_url.c - addresses, as a client reads them.
 */
#include <stdio.h>

#include "check.h"
#include "client/client.h"

static struct arena arena;
static struct client_url url;

static bool read(const char *text)
{
    struct buf why = BUF_INIT(512);
    bool is_read = client_url_read(slice_str(text), &arena, &url, &why);

    CHECK(is_read == (why.len == 0));
    buf_release(&why);
    return is_read;
}

static void done(void)
{
    arena_release(&arena);
}

TEST(url__has_a_host_a_port_and_a_path)
{
    CHECK(read("http://example.org/a/b?c#d"));
    CHECK(!url.is_tls);
    CHECK_SLICE(url.host, "example.org");
    CHECK_SLICE(url.port, "80");
    CHECK_SLICE(url.authority, "example.org");
    CHECK_SLICE(url.path, "/a/b?c");
    CHECK(read("HTTPS://[2001:db8::1]:8443"));
    CHECK(url.is_tls);
    CHECK_SLICE(url.host, "2001:db8::1");
    CHECK_SLICE(url.port, "8443");
    CHECK_SLICE(url.authority, "[2001:db8::1]:8443");
    CHECK_SLICE(url.path, "/");
    CHECK(read("https://h?q"));
    CHECK_SLICE(url.path, "/?q");
    CHECK_SLICE(url.port, "443");
    done();
}

TEST(url__may_have_a_user_who_is_not_part_of_the_authority)
{
    CHECK(read("https://al%40ce:p%3Aw@h:1/x@y"));
    CHECK(url.has_user);
    CHECK_SLICE(url.user, "al@ce");
    CHECK_SLICE(url.secret, "p:w");
    CHECK_SLICE(url.authority, "h:1");
    CHECK_SLICE(url.path, "/x@y");
    CHECK(read("http://a@b@h/"));
    CHECK_SLICE(url.user, "a@b");
    CHECK_SLICE(url.host, "h");
    done();
}

TEST(url__what_no_address_may_hold_is_encoded)
{
    CHECK(read("http://h/a b/\xc3\xbc"));
    CHECK_SLICE(url.path, "/a%20b/%C3%BC");
    done();
}

TEST(url__other_texts_are_none)
{
    static const char *const texts[] = {"",
                                        "h/x",
                                        "ftp://h/",
                                        "http:/h",
                                        "http://",
                                        "http:///x",
                                        "http://:80/",
                                        "http://h:0/",
                                        "http://h:65536/",
                                        "http://h:x/",
                                        "http://[::1/",
                                        "http://[::1]x/",
                                        "http://a b/",
                                        "http://%zz@h/"};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (read(texts[i]))
            CHECK_STR(texts[i], "no address");
    done();
}

static const char *resolved(const char *text)
{
    static char room[256];
    struct buf why = BUF_INIT(512);
    struct client_url from, to;

    CHECK(client_url_read(SLICE("https://u:p@h:1/a/b"), &arena, &from, &why));
    if (!client_url_resolve(&from, slice_str(text), &arena, &to, &why))
        snprintf(room, sizeof(room), "none");
    else
        snprintf(room, sizeof(room), "%d %.*s %.*s%s", to.is_tls, SLICE_FMT(to.authority), SLICE_FMT(to.path),
                 client_url_same_origin(&from, &to) ? "" : " elsewhere");
    buf_release(&why);
    done();
    return room;
}

TEST(url__is_resolved_where_a_server_leads_to)
{
    CHECK_STR(resolved("/c"), "1 h:1 /c");
    CHECK_STR(resolved("https://h:1/c"), "1 h:1 /c");
    CHECK_STR(resolved("https://h/c"), "1 h /c elsewhere");
    CHECK_STR(resolved("http://h:1/c"), "0 h:1 /c elsewhere");
    CHECK_STR(resolved("//other/c"), "1 other /c elsewhere");
    CHECK_STR(resolved("c"), "none");
    CHECK_STR(resolved(""), "none");
}
