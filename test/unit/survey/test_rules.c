/*
 * test_rules.c - codes that rules of the house make, judged by recorded answers.
 */
#include "check.h"
#include "recorded.h"

#define H "HTTP/1.1 "
#define NOT_STORED "Cache-Control: no-store\r\n"
#define MOVED "HTTP/1.1 308 Permanent Redirect\r\nLocation: /new\r\n"
#define OK_ "HTTP/1.1 200 OK\r\n\r\nhello"

TEST(judge_308__what_is_wrong_is_named)
{
    static const struct said good[] = {
        {"get", "GET", "/old", "", NULL, MOVED "\r\n<a href=\"/new\">/new</a>"},
        {"head", "HEAD", "/old", "", NULL, MOVED "\r\n"},
        {"options", "PROPFIND", "/old", "", NULL, MOVED "\r\n"},
        {"condition", "GET", "/old", "", NULL, MOVED "\r\n"},
        {"range", "GET", "/old", "", NULL, MOVED "\r\n"},
        {"step", "GET", "/new", "", NULL, OK_},
    };
    static const struct slip slips[] = {
        {"get", H "308 P\r\n\r\n", "POL-01"},
        {"get", H "308 P\r\nLocation: /a b\r\n\r\n<a href>", "POL-09"},
        {"get", H "308 P\r\nLocation: //evil.example\r\n\r\n<a href>", "POL-09"},
        {"get", MOVED "\r\nmoved", "POL-07"},
        {"head", H "200 OK\r\n\r\n", "POL-02"},
        {"head", H "308 P\r\nLocation: /other\r\n\r\n", "POL-02"},
        {"options", H "404 N\r\n\r\n", "POL-02"},
        {"options", H "405 M\r\n\r\n", NULL},
        {"condition", H "304 N\r\n\r\n", "POL-02"},
        {"range", H "416 N\r\n\r\n", "POL-02"},
        {"step", H "404 N\r\n\r\n", "POL-01"},
        {"step", MOVED "\r\n", "POL-15"},
    };

    CHECK_SLIPS(judge_308, 308, good, slips);
}

/* A collection's slash is no move. */
TEST(judge_308__propfind_may_do_without_the_slash)
{
    static const struct said good[] = {
        {"get", "GET", "/old", "", NULL, H "308 P\r\nLocation: http://h/old/\r\n\r\n<a href=\"/old/\">"},
        {"head", "HEAD", "/old", "", NULL, H "308 P\r\nLocation: http://h/old/\r\n\r\n"},
        {"options", "PROPFIND", "/old", "", NULL, H "207 M\r\n\r\n"},
        {"condition", "GET", "/old", "", NULL, H "308 P\r\nLocation: http://h/old/\r\n\r\n"},
        {"range", "GET", "/old", "", NULL, H "308 P\r\nLocation: http://h/old/\r\n\r\n"},
    };

    check_slips(judge_308, 308, good, COUNT(good), NULL, 0);
}

#define KEPT H "200 OK\r\nETag: \"v\"\r\n\r\nwhat stays"
#define WANTED H "428 Precondition Required\r\n" NOT_STORED "\r\nsay by If-Match which version it is"

TEST(judge_428__what_is_wrong_is_named)
{
    static const struct said good[] = {
        {"create", "PUT", "/p", "", "what stays", H "201 C\r\n\r\n"},
        {"blind", "PUT", "/p", "", "x", WANTED},
        {"blind-after", "GET", "/p", "", NULL, KEPT},
        {"blind-delete", "DELETE", "/p", "", NULL, WANTED},
        {"delete-after", "HEAD", "/p", "", NULL, H "200 OK\r\n\r\n"},
        {"wrong", "PUT", "/p", "", "x", H "412 P\r\n\r\n"},
        {"right", "PUT", "/p", "", "what may be", H "204 N\r\n\r\n"},
        {"right-after", "GET", "/p", "", NULL, H "200 OK\r\n\r\nwhat may be"},
    };
    static const struct slip slips[] = {
        {"blind", H "428 P\r\n" NOT_STORED "\r\nno", "POL-18"},
        {"blind", H "428 P\r\n\r\nIf-Match", "POL-19"},
        {"blind-after", H "200 OK\r\n\r\nx", "POL-17"},
        {"blind-delete", H "204 N\r\n\r\n", "POL-17"},
        {"delete-after", H "404 N\r\n\r\n", "POL-17"},
        {"wrong", WANTED, "POL-20"},
        {"right", WANTED, "POL-20"},
        {"right-after", KEPT, "POL-20"},
    };

    CHECK_SLIPS(judge_428, 428, good, slips);
}

#define LIMITED H "429 Too Many Requests\r\nRetry-After: 1\r\n" NOT_STORED "\r\nten requests a second are enough"

TEST(judge_429__what_is_wrong_is_named)
{
    static const struct said good[] = {
        {"burst", "HEAD", "/f", "", NULL, H "200 OK\r\n\r\n"},
        {"refused", "GET", "/f", "", NULL, LIMITED},
        {"after", "GET", "/f", "", NULL, OK_},
    };
    static const struct slip slips[] = {
        {"burst", H "429 T\r\n\r\n", "POL-25"},
        {"refused", H "429 T\r\nRetry-After: 1\r\n" NOT_STORED "\r\nno", "POL-26"},
        {"refused", H "429 T\r\n" NOT_STORED "\r\nten requests a second are enough", "POL-27"},
        {"refused", H "429 T\r\nRetry-After: 1\r\n\r\nten requests a second are enough", "POL-28"},
        {"after", LIMITED, "POL-27"},
    };

    CHECK_SLIPS(judge_429, 429, good, slips);
}

#define LARGE H "431 Request Header Fields Too Large\r\n" NOT_STORED "\r\nthe field x-survey-12 is too large"

TEST(judge_431__what_is_wrong_is_named)
{
    static const struct said good[] = {
        {"plain", "GET", "/f", "", NULL, OK_},
        {"modest", "GET", "/f", "X-Survey-12: xxx\r\n", NULL, OK_},
        {"large", "GET", "/f", "X-Survey-12: xxxx\r\n", NULL, LARGE},
        {"after", "GET", "/f", "", NULL, OK_},
        {"target", "GET", "/xxx", "", NULL, H "414 U\r\n\r\n"},
    };
    static const struct slip slips[] = {
        {"modest", LARGE, "POL-38"},
        {"large", H "431 R\r\n" NOT_STORED "\r\ntoo large", "POL-35"},
        {"large", H "431 R\r\n\r\nX-Survey-12", "POL-39"},
        {"after", LARGE, "POL-40"},
        {"target", LARGE, "POL-37"},
        {"target", H "404 N\r\n\r\n", NULL},
        {"target", "", NULL},
    };

    CHECK_SLIPS(judge_431, 431, good, slips);
}

#define BLOCKED H "451 Unavailable\r\nLink: <https://e.example/>; rel=\"blocked-by\"\r\n\r\n"

TEST(judge_451__what_is_wrong_is_named)
{
    static const struct said good[] = {
        {"get", "GET", "/d/x", "", NULL, BLOCKED "a court forbids us to show this"},
        {"head", "HEAD", "/d/x", "", NULL, BLOCKED},
        {"condition", "GET", "/d/x", "", NULL, BLOCKED},
        {"range", "GET", "/d/x", "", NULL, BLOCKED},
        {"find", "PROPFIND", "/d/x", "", NULL, BLOCKED},
        {"parent", "PROPFIND", "/d/", "", NULL, H "207 M\r\n\r\n<href>/d/</href>"},
    };
    static const struct slip slips[] = {
        {"get", H "451 U\r\n\r\na court forbids us to show this", "POL-46"},
        {"get", BLOCKED "no", "POL-48"},
        {"get", OK_, "POL-45"},
        {"head", H "200 OK\r\n\r\n", "POL-53"},
        {"head", H "451 U\r\n\r\n", "POL-53"},
        {"condition", H "304 N\r\n\r\n", "POL-52"},
        {"range", H "206 N\r\n\r\n", "POL-52"},
        {"find", H "207 M\r\n\r\n", "POL-45"},
        {"find", H "405 M\r\n\r\n", NULL},
        {"parent", H "207 M\r\n\r\n<href>/d/x</href><status>200", "POL-51"},
        {"parent", H "207 M\r\n\r\n<href>/d/x</href><status>451", NULL},
    };

    CHECK_SLIPS(judge_451, 451, good, slips);
}

TEST(judge_506__what_is_wrong_is_named)
{
    static const struct said good[] = {
        {"chosen", "GET", "/p", "", NULL, H "506 V\r\n\r\nthe variant meta negotiates"},
        {"head", "HEAD", "/p", "", NULL, H "506 V\r\n\r\n"},
        {"list", "GET", "/p", "", NULL, H "300 M\r\nTCN: list\r\nAlternates: {\"meta\" 1}\r\n\r\n"},
        {"variant", "GET", "/meta", "", NULL, H "300 M\r\nTCN: list\r\n\r\n"},
    };
    static const struct slip slips[] = {
        {"chosen", H "506 V\r\nTCN: choice\r\n\r\nmeta", "NEG-29"},
        {"chosen", H "506 V\r\nContent-Location: meta\r\n\r\nmeta", "NEG-29"},
        {"chosen", H "506 V\r\n\r\nsomething is wrong", "NEG-29"},
        {"chosen", OK_, "NEG-26"},
        {"head", H "200 OK\r\n\r\n", "NEG-26"},
        {"list", H "506 V\r\n\r\n", "NEG-28"},
        {"variant", OK_, "NEG-29"},
    };

    CHECK_SLIPS(judge_506, 506, good, slips);
}

#define EXTEND H "510 Not Extended\r\n\r\nurn:x:1 is not known"

TEST(judge_510__what_is_wrong_is_named)
{
    static const struct said good[] = {
        {"plain", "GET", "/f", "", NULL, OK_},
        {"unknown", "M-GET", "/f", "Man: \"urn:x:1\"\r\n", NULL, EXTEND},
        {"without", "M-GET", "/f", "", NULL, EXTEND},
        {"several", "M-GET", "/f", "", NULL, EXTEND},
        {"optional", "GET", "/f", "", NULL, OK_},
        {"put", "PUT", "/p", "", "what stays", H "201 C\r\n\r\n"},
        {"put-unknown", "M-PUT", "/p", "", "x", EXTEND},
        {"put-after", "GET", "/p", "", NULL, KEPT},
    };
    static const struct slip slips[] = {
        {"unknown", OK_, "POL-71"},
        {"unknown", H "510 N\r\n\r\nno", "POL-76"},
        {"unknown", H "510 N\r\nExt:\r\n\r\nurn:x:1", "POL-81"},
        {"without", OK_, "POL-73"},
        {"several", OK_, "POL-72"},
        {"optional", EXTEND, "POL-75"},
        {"put-unknown", H "204 N\r\n\r\n", "POL-71"},
        {"put-after", H "200 OK\r\n\r\nx", "POL-71"},
    };

    CHECK_SLIPS(judge_510, 510, good, slips);
}

#define CAPTIVE H "511 Network Authentication Required\r\n" NOT_STORED

TEST(judge_511__what_is_wrong_is_named)
{
    static const struct said good[] = {
        {"ordinary", "GET", "/", "", NULL, OK_},
        {"captive", "GET", "/", "", NULL, CAPTIVE "\r\n<a href=\"http://login.example/\">log in</a>"},
        {"other", "GET", "/o", "", NULL, CAPTIVE "\r\n"},
        {"head", "HEAD", "/", "", NULL, CAPTIVE "\r\n"},
        {"options", "OPTIONS", "/", "", NULL, CAPTIVE "\r\n"},
        {"login", "GET", "/", "", NULL, OK_},
    };
    static const struct slip slips[] = {
        {"ordinary", CAPTIVE "\r\n", "POL-55"},
        {"captive", H "511 N\r\n\r\n<a href=\"http://login.example/\">", "POL-59"},
        {"captive", CAPTIVE "\r\nlog in", "POL-57"},
        {"captive", CAPTIVE "\r\n<a href=\"/\"><form>", "POL-58"},
        {"captive", CAPTIVE "WWW-Authenticate: Basic\r\n\r\n<a href=\"/\">", "POL-58"},
        {"captive", CAPTIVE "Set-Cookie: a=b\r\n\r\n<a href=\"/\">", "POL-60"},
        {"other", H "200 OK\r\n\r\n", "POL-56"},
        {"head", H "200 OK\r\n\r\n", "POL-56"},
        {"options", H "200 OK\r\n\r\n", "POL-56"},
        {"login", CAPTIVE "\r\n", "POL-61"},
    };

    CHECK_SLIPS(judge_511, 511, good, slips);
}

TEST(judge_418__what_is_wrong_is_named)
{
    static const struct said good[] = {
        {"coffee", "BREW", "/pot", "", "start", H "418 I'm a teapot\r\n\r\nshort and stout"},
        {"post", "POST", "/pot", "", "start", H "418 I'm a teapot\r\n\r\n"},
        {"tea", "BREW", "/pot", "", "start", H "300 M\r\nAlternates: {\"mint\" 1 {type message/teapot}}\r\n\r\n"},
        {"soup", "BREW", "/pot", "", "start", H "415 U\r\n\r\n"},
        {"get", "GET", "/pot", "", NULL, OK_},
        {"options", "OPTIONS", "/pot", "", NULL, H "204 N\r\nAllow: GET, BREW, POST\r\n\r\n"},
    };
    static const struct slip slips[] = {
        {"coffee", H "202 A\r\n\r\n", "COF-04"},  {"post", H "405 M\r\n\r\n", "COF-03"},
        {"tea", H "418 I\r\n\r\n", "COF-26"},     {"tea", H "202 A\r\n\r\n", NULL},
        {"soup", H "418 I\r\n\r\n", "COF-07"},    {"get", H "418 I\r\n\r\n", "COF-14"},
        {"options", H "204 N\r\n\r\n", "COF-11"},
    };

    CHECK_SLIPS(judge_418, 418, good, slips);
}
