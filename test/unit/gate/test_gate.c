/*
 * test_gate.c - each gate as a table of requests and what it says to them.
 */
#include <ctype.h>
#include <stdio.h>
#include <unistd.h>

#include "asked.h"
#include "gate/gate.h"

enum { LOCAL = 1, REMOTE = 0 };

/* One request, judged. status 0: go on. */
struct row {
    const char *what; /* for the message */
    const char *site; /* inside of the site's block */
    int is_loopback;
    const char *request_line, *fields;
    const char *user; /* NULL: the anonymous one */
    int want;
};

static char why_text[256];

static int judge(const struct row *row, struct verdict (*gates)(struct exchange *))
{
    struct loop *loop = loop_new();
    struct conf *conf = conf_of_site(row->site);
    char request[1024];
    struct exchange *ex;
    struct verdict verdict;

    role_assert_loop();
    snprintf(request, sizeof(request), "%s\r\n%s\r\n", row->request_line, row->fields);
    ex = asked(loop, conf, request);
    ex->asker.is_loopback = row->is_loopback;
    ex->asker.user = slice_str(row->user);
    if (ex->site->users_file)
        ex->users = (struct users *)(void *)&why_text; /* only its being there counts */
    verdict = gates(ex);
    snprintf(why_text, sizeof(why_text), "%.*s", SLICE_FMT(verdict.detail));
    CHECK((verdict.status == 0) == (verdict.detail.len == 0));
    exchange_end(ex);
    conf_unref(conf);
    loop_free(loop);
    return verdict.status;
}

static struct verdict before(struct exchange *ex)
{
    role_assert_loop();
    return gates_on_arrival(ex);
}

static struct verdict after(struct exchange *ex)
{
    role_assert_loop();
    return gates_after_auth(ex);
}

static void judge_all(const struct row *rows, size_t count, struct verdict (*gates)(struct exchange *))
{
    for (size_t i = 0; i < count; i++) {
        int got = judge(&rows[i], gates);

        if (got != rows[i].want)
            fail_msg("%s (%s): %d, not %d: %s", rows[i].what, rows[i].request_line, got, rows[i].want, why_text);
    }
}

#define JUDGE_ALL(rows, gates) judge_all((rows), sizeof(rows) / sizeof((rows)[0]), (gates))

#define OPEN ""
#define NAMED "host = { \"files.example.org\" }"
#define USERS "users = \"/etc/users\""
#define GET "GET / HTTP/1.1"
#define PUT "PUT /f HTTP/1.1"

/* ---- host: 421 ---- */

TEST(host__on_loopback_only_names_that_nobody_else_can_point_at_us)
{
    static const struct row rows[] = {
        {"localhost", OPEN, LOCAL, GET, "Host: localhost\r\n", NULL, 0},
        {"with a port", OPEN, LOCAL, GET, "Host: localhost:8080\r\n", NULL, 0},
        {"with a final dot", OPEN, LOCAL, GET, "Host: localhost.\r\n", NULL, 0},
        {"below localhost", OPEN, LOCAL, GET, "Host: box.localhost\r\n", NULL, 0},
        {"an address", OPEN, LOCAL, GET, "Host: 127.0.0.1\r\n", NULL, 0},
        {"any address", OPEN, LOCAL, GET, "Host: 192.0.2.7:80\r\n", NULL, 0},
        {"a v6 address", OPEN, LOCAL, GET, "Host: [::1]:8080\r\n", NULL, 0},
        {"no host at all", OPEN, LOCAL, "GET / HTTP/1.0", "", NULL, 0},
        {"an empty host", OPEN, LOCAL, GET, "Host: \r\n", NULL, 0},
        {"a stranger", OPEN, LOCAL, GET, "Host: evil.example\r\n", NULL, 421},
        {"ends like localhost", OPEN, LOCAL, GET, "Host: notlocalhost\r\n", NULL, 421},
        {"begins like localhost", OPEN, LOCAL, GET, "Host: localhost.evil.example\r\n", NULL, 421},
        {"begins like an address", OPEN, LOCAL, GET, "Host: 127.0.0.1.evil.example\r\n", NULL, 421},
        {"a stranger changes", OPEN, LOCAL, PUT, "Host: evil.example\r\n", NULL, 421},
        {"with users anyone may know the name", USERS, LOCAL, GET, "Host: evil.example\r\n", NULL, 0},
    };

    JUDGE_ALL(rows, before);
}

TEST(host__named_hosts_are_the_only_ones_for_others)
{
    static const struct row rows[] = {
        {"no names configured", OPEN, REMOTE, GET, "Host: what.ever\r\n", NULL, 0},
        {"the name", NAMED, REMOTE, GET, "Host: files.example.org\r\n", NULL, 0},
        {"the name and a port", NAMED, REMOTE, GET, "Host: files.example.org:8080\r\n", NULL, 0},
        {"the name on loopback", NAMED, LOCAL, GET, "Host: files.example.org\r\n", NULL, 0},
        {"another name", NAMED, REMOTE, GET, "Host: other.example.org\r\n", NULL, 421},
        {"a name below", NAMED, REMOTE, GET, "Host: a.files.example.org\r\n", NULL, 421},
        {"localhost from afar", NAMED, REMOTE, GET, "Host: localhost\r\n", NULL, 421},
        {"localhost on loopback", NAMED, LOCAL, GET, "Host: localhost\r\n", NULL, 0},
        {"users do not open it", NAMED "\n" USERS, LOCAL, GET, "Host: other.example.org\r\n", NULL, 421},
        {"no host", NAMED, REMOTE, "GET / HTTP/1.0", "", NULL, 0},
    };

    JUDGE_ALL(rows, before);
}

TEST(host__other_schemes_are_not_ours)
{
    static const struct row rows[] = {
        {"http", OPEN, LOCAL, "GET http://localhost/ HTTP/1.1", "Host: localhost\r\n", NULL, 0},
        {"HTTP", OPEN, LOCAL, "GET HTTP://localhost/ HTTP/1.1", "Host: localhost\r\n", NULL, 0},
        {"https", OPEN, LOCAL, "GET https://localhost/ HTTP/1.1", "Host: localhost\r\n", NULL, 421},
        {"ftp", OPEN, LOCAL, "GET ftp://localhost/ HTTP/1.1", "Host: localhost\r\n", NULL, 421},
        {"the target's host counts", OPEN, LOCAL, "GET http://evil.example/ HTTP/1.1", "Host: localhost\r\n", NULL,
         421},
    };

    JUDGE_ALL(rows, before);
}

TEST(host__the_machines_own_name_is_local)
{
    char name[200] = "", field[256];
    struct row row = {"the machine's name", OPEN, LOCAL, GET, field, NULL, 0};

    CHECK_INT(gethostname(name, sizeof(name) - 1), 0);
    for (char *at = name; *at; at++)
        *at = (char)tolower((unsigned char)*at);
    if (!name[0])
        SKIP();
    gate_learn_machine_name();
    snprintf(field, sizeof(field), "Host: %s\r\n", name);
    judge_all(&row, 1, before);
    snprintf(field, sizeof(field), "Host: %s.evil.example\r\n", name);
    row.want = 421;
    judge_all(&row, 1, before);
}

/* ---- origin: 403 ---- */

#define AT_HOME "Host: localhost:8080\r\n"

TEST(origin__a_change_comes_from_our_own_pages_or_from_no_page)
{
    static const struct row rows[] = {
        {"no page", OPEN, LOCAL, PUT, AT_HOME, NULL, 0},
        {"our own page", OPEN, LOCAL, PUT, AT_HOME "Origin: http://localhost:8080\r\n", NULL, 0},
        {"in capitals", OPEN, LOCAL, PUT, AT_HOME "Origin: http://LOCALHOST:8080\r\n", NULL, 0},
        {"the default port", OPEN, LOCAL, PUT, "Host: localhost\r\nOrigin: http://localhost:80\r\n", NULL, 0},
        {"behind a proxy with TLS", OPEN, LOCAL, PUT, "Host: localhost\r\nOrigin: https://localhost\r\n", NULL, 0},
        {"another port", OPEN, LOCAL, PUT, AT_HOME "Origin: http://localhost:8081\r\n", NULL, 403},
        {"no port", OPEN, LOCAL, PUT, AT_HOME "Origin: http://localhost\r\n", NULL, 403},
        {"another host", OPEN, LOCAL, PUT, AT_HOME "Origin: http://evil.example\r\n", NULL, 403},
        {"another host, our port", OPEN, LOCAL, PUT, AT_HOME "Origin: http://evil.example:8080\r\n", NULL, 403},
        {"null", OPEN, LOCAL, PUT, AT_HOME "Origin: null\r\n", NULL, 403},
        {"empty", OPEN, LOCAL, PUT, AT_HOME "Origin: \r\n", NULL, 403},
        {"no origin at all", OPEN, LOCAL, PUT, AT_HOME "Origin: localhost:8080\r\n", NULL, 403},
        {"with a path", OPEN, LOCAL, PUT, AT_HOME "Origin: http://localhost:8080/a\r\n", NULL, 403},
        {"one of two", OPEN, LOCAL, PUT, AT_HOME "Origin: http://localhost:8080\r\nOrigin: http://evil.example\r\n",
         NULL, 403},
        {"DELETE", OPEN, LOCAL, "DELETE /f HTTP/1.1", AT_HOME "Origin: http://evil.example\r\n", NULL, 403},
        {"POST", OPEN, LOCAL, "POST /f HTTP/1.1", AT_HOME "Origin: http://evil.example\r\n", NULL, 403},
        {"fetch metadata", OPEN, LOCAL, PUT, AT_HOME "Sec-Fetch-Site: cross-site\r\n", NULL, 403},
        {"our own by metadata", OPEN, LOCAL, PUT, AT_HOME "Sec-Fetch-Site: same-origin\r\n", NULL, 0},
        {"typed by the user", OPEN, LOCAL, PUT, AT_HOME "Sec-Fetch-Site: none\r\n", NULL, 0},
        {"with users too", USERS, REMOTE, PUT, AT_HOME "Origin: http://evil.example\r\n", NULL, 403},
    };

    JUDGE_ALL(rows, before);
}

TEST(origin__reading_is_everybodys)
{
    static const struct row rows[] = {
        {"GET", OPEN, LOCAL, GET, AT_HOME "Origin: http://evil.example\r\n", NULL, 0},
        {"HEAD", OPEN, LOCAL, "HEAD / HTTP/1.1", AT_HOME "Origin: null\r\n", NULL, 0},
        {"OPTIONS", OPEN, LOCAL, "OPTIONS / HTTP/1.1", AT_HOME "Sec-Fetch-Site: cross-site\r\n", NULL, 0},
    };

    JUDGE_ALL(rows, before);
}

/* ---- rights: 401, 403 ---- */

#define HOST "Host: localhost\r\n"
#define ALLOW(who, rights) "allow \"" who "\" { rights = { " rights " } }\n"

TEST(rights__without_users_loopback_may_all_and_others_read)
{
    static const struct row rows[] = {
        {"reads", OPEN, LOCAL, GET, HOST, NULL, 0},
        {"writes", OPEN, LOCAL, PUT, HOST, NULL, 0},
        {"deletes", OPEN, LOCAL, "DELETE /f HTTP/1.1", HOST, NULL, 0},
        {"reads from afar", OPEN, REMOTE, GET, HOST, NULL, 0},
        {"HEAD from afar", OPEN, REMOTE, "HEAD /f HTTP/1.1", HOST, NULL, 0},
        {"asks from afar", OPEN, REMOTE, "OPTIONS / HTTP/1.1", HOST, NULL, 0},
        {"writes from afar", OPEN, REMOTE, PUT, HOST, NULL, 403},
        {"deletes from afar", OPEN, REMOTE, "DELETE /f HTTP/1.1", HOST, NULL, 403},
        {"posts from afar", OPEN, REMOTE, "POST /f HTTP/1.1", HOST, NULL, 403},
        {"writes from afar, allowed", "allow-write = anyone", REMOTE, PUT, HOST, NULL, 0},
    };

    JUDGE_ALL(rows, after);
}

TEST(rights__with_users_who_is_not_logged_in_is_asked)
{
    static const struct row rows[] = {
        {"nobody reads", USERS, LOCAL, GET, HOST, NULL, 401},
        {"nobody writes", USERS, LOCAL, PUT, HOST, NULL, 401},
        {"nobody asks", USERS, LOCAL, "OPTIONS / HTTP/1.1", HOST, NULL, 401},
        {"alice reads", USERS, REMOTE, GET, HOST, "alice", 0},
        {"alice writes", USERS, REMOTE, PUT, HOST, "alice", 0},
        {"nobody reads what everybody may", USERS "\n" ALLOW("*", "\"read\""), REMOTE, GET, HOST, NULL, 0},
        {"nobody at all writes there", USERS "\n" ALLOW("*", "\"read\""), REMOTE, PUT, HOST, NULL, 403},
        {"nobody writes where some may", USERS "\n" ALLOW("*", "\"read\"") ALLOW("alice", "\"write\""), REMOTE, PUT,
         HOST, NULL, 401},
        {"bob writes there", USERS "\n" ALLOW("*", "\"read\""), REMOTE, PUT, HOST, "bob", 403},
        {"bob writes where users may", USERS "\n" ALLOW("users", "\"write\""), REMOTE, PUT, HOST, "bob", 0},
        {"only alice", USERS "\n" ALLOW("alice", "\"read\""), REMOTE, GET, HOST, "bob", 403},
    };

    JUDGE_ALL(rows, after);
}

TEST(rights__each_method_wants_its_own)
{
    static const struct row rows[] = {
        {"list is enough to try", ALLOW("*", "\"list\""), LOCAL, GET, HOST, NULL, 0},
        {"who may only write reads", ALLOW("*", "\"write\""), LOCAL, GET, HOST, NULL, 403},
        {"who may only create puts", ALLOW("*", "\"create\""), LOCAL, PUT, HOST, NULL, 0},
        {"who may only create deletes", ALLOW("*", "\"create\""), LOCAL, "DELETE /f HTTP/1.1", HOST, NULL, 403},
        {"who may only delete puts", ALLOW("*", "\"delete\""), LOCAL, PUT, HOST, NULL, 403},
        {"who may only delete deletes", ALLOW("*", "\"delete\""), LOCAL, "DELETE /f HTTP/1.1", HOST, NULL, 0},
        {"who may only delete asks", ALLOW("*", "\"delete\""), LOCAL, "OPTIONS /f HTTP/1.1", HOST, NULL, 0},
        {"the longest place counts", "at \"/in\" { " ALLOW("*", "\"read\"") " }", LOCAL, "PUT /in/f HTTP/1.1", HOST,
         NULL, 403},
        {"beside it", "at \"/in\" { " ALLOW("*", "\"read\"") " }", LOCAL, "PUT /inside HTTP/1.1", HOST, NULL, 0},
    };

    JUDGE_ALL(rows, after);
}

#define READ_ONLY "read-only = on\n"

TEST(rights__a_read_only_site_is_changed_by_nobody)
{
    static const struct row rows[] = {
        {"read", READ_ONLY, LOCAL, GET, HOST, NULL, 0},
        {"written", READ_ONLY, LOCAL, PUT, HOST, NULL, 403},
        {"deleted", READ_ONLY, LOCAL, "DELETE /f HTTP/1.1", HOST, NULL, 403},
        {"by alice", READ_ONLY USERS "\n" ALLOW("alice", "\"read\", \"write\""), LOCAL, PUT, HOST, "alice", 403},
        /* logging in could not help */
        {"by nobody", READ_ONLY USERS "\n" ALLOW("*", "\"read\""), LOCAL, PUT, HOST, NULL, 403},
    };

    for (size_t i = 1; i < sizeof(rows) / sizeof(rows[0]); i++) {
        CHECK_INT(judge(&rows[i], after), rows[i].want);
        CHECK_STR(why_text, "This folder is served read-only.");
    }
    JUDGE_ALL(rows, after);
}

/* ---- hidden: 403 ---- */

#define DENY "hidden = deny\n"

TEST(hidden__names_with_a_dot_in_front_are_denied_at_any_depth)
{
    static const struct row rows[] = {
        {"the leaf", DENY, LOCAL, "GET /.env HTTP/1.1", HOST, NULL, 403},
        {"a folder above", DENY, LOCAL, "GET /.git/config HTTP/1.1", HOST, NULL, 403},
        {"deep", DENY, LOCAL, "GET /a/b/.c HTTP/1.1", HOST, NULL, 403},
        {"a folder", DENY, LOCAL, "GET /a/.b/ HTTP/1.1", HOST, NULL, 403},
        {"encoded", DENY, LOCAL, "GET /%2Eenv HTTP/1.1", HOST, NULL, 403},
        {"two dots and more", DENY, LOCAL, "GET /..a HTTP/1.1", HOST, NULL, 403},
        {"written", DENY, LOCAL, "PUT /.env HTTP/1.1", HOST, NULL, 403},
        {"a dot inside", DENY, LOCAL, "GET /a.b/c. HTTP/1.1", HOST, NULL, 0},
        {"the root", DENY, LOCAL, GET, HOST, NULL, 0},
        {"unlisted is served", "hidden = unlisted", LOCAL, "GET /.env HTTP/1.1", HOST, NULL, 0},
        {"listed is served", "hidden = listed", LOCAL, "GET /.env HTTP/1.1", HOST, NULL, 0},
        {"where denied", "at \"/in\" { hidden = deny }", LOCAL, "GET /in/.a HTTP/1.1", HOST, NULL, 403},
        {"beside it", "at \"/in\" { hidden = deny }", LOCAL, "GET /out/.a HTTP/1.1", HOST, NULL, 0},
        {"who may not read learns nothing first", DENY USERS, LOCAL, "GET /.env HTTP/1.1", HOST, NULL, 401},
    };

    JUDGE_ALL(rows, after);
}

/* ---- what the gates leave behind ---- */

TEST(gates__fill_in_rules_and_rights)
{
    struct loop *loop = loop_new();
    struct conf *conf = conf_of_site("at \"/in\" {\n hidden = listed\n untrusted = on\n " ALLOW("*", "\"list\"") "}");
    struct exchange *ex = asked(loop, conf, "GET /in/f HTTP/1.1\r\n" HOST "\r\n");

    role_assert_loop();
    CHECK_INT(gates_after_auth(ex).status, 0);
    CHECK_INT(ex->rights, RIGHT_LIST);
    CHECK_INT(ex->rules.hidden, HIDDEN_LISTED);
    CHECK(ex->rules.untrusted);
    exchange_end(ex);
    conf_unref(conf);
    loop_free(loop);
}

/* ---- rights of WebDAV's methods, and where COPY and MOVE lead ---- */

#define MAY(rights) "users = \"/etc/users\"\nallow \"bob\" { rights = { " rights " } }"

TEST(rights__each_method_of_webdav_needs_its_own)
{
    static const struct row rows[] = {
        {"PROPFIND by who reads", MAY("\"read\""), REMOTE, "PROPFIND /f HTTP/1.1", HOST, "bob", 0},
        {"REPORT by who lists", MAY("\"list\""), REMOTE, "REPORT /f HTTP/1.1", HOST, "bob", 0},
        {"PROPFIND by who only creates", MAY("\"create\""), REMOTE, "PROPFIND /f HTTP/1.1", HOST, "bob", 403},
        {"PROPFIND by nobody", MAY("\"read\""), REMOTE, "PROPFIND /f HTTP/1.1", HOST, NULL, 401},
        {"PROPPATCH by who reads", MAY("\"read\""), REMOTE, "PROPPATCH /f HTTP/1.1", HOST, "bob", 403},
        {"PROPPATCH by who writes", MAY("\"write\""), REMOTE, "PROPPATCH /f HTTP/1.1", HOST, "bob", 0},
        {"MKCOL by who reads", MAY("\"read\""), REMOTE, "MKCOL /f HTTP/1.1", HOST, "bob", 403},
        {"MKCOL by who creates", MAY("\"create\""), REMOTE, "MKCOL /f HTTP/1.1", HOST, "bob", 0},
        {"LOCK by who reads", MAY("\"read\""), REMOTE, "LOCK /f HTTP/1.1", HOST, "bob", 403},
        {"LOCK by who locks", MAY("\"lock\""), REMOTE, "LOCK /f HTTP/1.1", HOST, "bob", 0},
        {"UNLOCK by who breaks", MAY("\"unlock-any\""), REMOTE, "UNLOCK /f HTTP/1.1", HOST, "bob", 0},
        {"UNLOCK by who reads", MAY("\"read\""), REMOTE, "UNLOCK /f HTTP/1.1", HOST, "bob", 403},
    };

    JUDGE_ALL(rows, after);
}

#define COPY "COPY /f HTTP/1.1"
#define MOVE "MOVE /f HTTP/1.1"

/* DAV-086 to DAV-089 */
TEST(destination__is_on_this_very_site)
{
    static const struct row rows[] = {
        {"a path", OPEN, LOCAL, COPY, HOST "Destination: /g\r\n", NULL, 0},
        {"a URL", OPEN, LOCAL, COPY, HOST "Destination: http://localhost/g\r\n", NULL, 0},
        {"a URL behind TLS", OPEN, LOCAL, COPY, HOST "Destination: https://localhost/g\r\n", NULL, 0},
        {"our port", OPEN, LOCAL, COPY, AT_HOME "Destination: http://localhost:8080/g\r\n", NULL, 0},
        {"a port left out", OPEN, LOCAL, COPY, AT_HOME "Destination: http://localhost/g\r\n", NULL, 0},
        {"another port", OPEN, LOCAL, COPY, AT_HOME "Destination: http://localhost:8081/g\r\n", NULL, 502},
        {"another name of the site", NAMED, LOCAL, MOVE, HOST "Destination: http://files.example.org/g\r\n", NULL, 0},
        {"a stranger", OPEN, LOCAL, MOVE, HOST "Destination: http://evil.example/g\r\n", NULL, 502},
        {"another scheme", OPEN, LOCAL, MOVE, HOST "Destination: ftp://localhost/g\r\n", NULL, 502},
        {"none", OPEN, LOCAL, COPY, HOST, NULL, 400},
        {"two", OPEN, LOCAL, COPY, HOST "Destination: /g\r\nDestination: /h\r\n", NULL, 400},
        {"relative", OPEN, LOCAL, COPY, HOST "Destination: g\r\n", NULL, 400},
        {"a blank", OPEN, LOCAL, COPY, HOST "Destination: /g h\r\n", NULL, 0},
        {"no UTF-8 encoding", OPEN, LOCAL, COPY, HOST "Destination: /\xc3\xa4\r\n", NULL, 0},
        {"dots", OPEN, LOCAL, COPY, HOST "Destination: /a/../g\r\n", NULL, 400},
        {"two slashes", OPEN, LOCAL, COPY, HOST "Destination: //g\r\n", NULL, 400},
        {"a fragment", OPEN, LOCAL, COPY, HOST "Destination: /g#h\r\n", NULL, 400},
        {"a wrong escape", OPEN, LOCAL, COPY, HOST "Destination: /g%2\r\n", NULL, 400},
        {"our own folder", OPEN, LOCAL, COPY, HOST "Destination: /.samovar/g\r\n", NULL, 403},
        {"others do not care", OPEN, LOCAL, PUT, HOST "Destination: http://evil.example/g\r\n", NULL, 0},
    };

    JUDGE_ALL(rows, after);
}

#define THERE_READ                                                                                                     \
    "allow \"*\" { rights = { \"read\", \"write\" } }\nat \"/g\" { allow \"*\" { rights = { \"read\" } } }"
#define THERE_ALICE                                                                                                    \
    "allow \"*\" { rights = { \"read\", \"write\" } }\nat \"/g\" { allow \"alice\" { rights = { \"write\" } } }"
#define THERE_HIDDEN "allow-write = anyone\nat \"/g\" { hidden = deny }"

TEST(destination__takes_rights_of_its_own)
{
    static const struct row rows[] = {
        {"reading only", THERE_READ, LOCAL, COPY, HOST "Destination: /g/x\r\n", NULL, 403},
        {"reading only, where nobody may do more", USERS "\n" THERE_READ, LOCAL, COPY, HOST "Destination: /g/x\r\n",
         NULL, 403},
        {"nothing, where logging in may help", USERS "\n" THERE_ALICE, LOCAL, COPY, HOST "Destination: /g/x\r\n", NULL,
         401},
        {"elsewhere", THERE_READ, LOCAL, COPY, HOST "Destination: /h\r\n", NULL, 0},
        {"hidden", THERE_HIDDEN, LOCAL, COPY, HOST "Destination: /g/.x\r\n", NULL, 403},
        {"not hidden", THERE_HIDDEN, LOCAL, COPY, HOST "Destination: /g/x\r\n", NULL, 0},
    };

    JUDGE_ALL(rows, after);
}

/* The client knows the proxy's name and port, we know them from the proxy. */
TEST(destination__behind_a_trusted_proxy_is_what_that_was_asked_for)
{
    struct loop *loop = loop_new();
    struct conf *conf = conf_of_site("");
    struct exchange *ex = asked(loop, conf,
                                COPY "\r\nHost: 127.0.0.1:8080\r\n"
                                     "Destination: https://dav.example.org:8443/g\r\n\r\n");

    role_assert_loop();
    ex->asker.is_loopback = true;
    CHECK_INT(gates_after_auth(ex).status, 502);
    ex->public_host = SLICE("dav.example.org");
    CHECK_INT(gates_after_auth(ex).status, 0);
    CHECK_SLICE(ex->destination.text, "g");
    ex->public_host = SLICE("other.example.org");
    CHECK_INT(gates_after_auth(ex).status, 502);
    exchange_end(ex);
    conf_unref(conf);
    loop_free(loop);
}
