/*
 * test_dav.c - codes of WebDAV and of deltas, judged by recorded answers.
 */
#include "check.h"
#include "recorded.h"

#define H "HTTP/1.1 "
#define MULTI H "207 Multi-Status\r\nContent-Type: application/xml\r\n\r\n<D:multistatus xmlns:D=\"DAV:\">"
#define END "</D:multistatus>"
#define ONE(href, inside) "<D:response><D:href>" href "</D:href>" inside "</D:response>"
#define STATUS(status) "<D:status>HTTP/1.1 " status "</D:status>"
#define PROPS(props, status) "<D:propstat><D:prop>" props "</D:prop>" STATUS(status) "</D:propstat>"
#define FOUND PROPS("<D:resourcetype/><D:getetag>\"v\"</D:getetag>", "200 OK")
#define NONE PROPS("<x:none xmlns:x=\"urn:samovar:survey\"/>", "404 Not Found")
#define BOTH FOUND NONE
#define BAD H "400 Bad Request\r\n\r\n"
#define MADE H "201 Created\r\n\r\n"
#define DONE H "204 No Content\r\n\r\n"
#define KEPT H "200 OK\r\n\r\nwhat stays"

TEST(judge_207__what_is_wrong_is_named)
{
    static const struct said good[] = {
        {"self", "PROPFIND", "/d/", "", "x", MULTI ONE("/d/", BOTH) END},
        {"members", "PROPFIND", "/d/", "", "x", MULTI ONE("/d/", BOTH) ONE("/d/f", BOTH) END},
        {"missing", "PROPFIND", "/d/n", "", "x", H "404 N\r\n\r\n"},
        {"malformed", "PROPFIND", "/d/", "", "x", BAD},
        {"file", "HEAD", "/d/f", "", NULL, H "200 OK\r\nETag: \"v\"\r\n\r\n"},
        {"file-find", "PROPFIND", "/d/f", "", "x", MULTI ONE("/d/f", BOTH) END},
    };
    static const struct slip slips[] = {
        {"self", MULTI ONE("/d/", BOTH), "DAV-023"},
        {"self", H "207 M\r\nContent-Type: application/xml\r\n\r\n", "DAV-023"},
        {"self", H "207 M\r\nContent-Type: application/xml\r\n\r\n<multistatus/>", "DAV-023"},
        {"self", H "207 M\r\nContent-Type: text/html\r\n\r\n<D:multistatus xmlns:D=\"DAV:\">" ONE("/d/", BOTH) END,
         "DAV-023"},
        {"self", MULTI ONE("/d/", "") END, "DAV-023"},
        {"self", MULTI ONE("/e/", BOTH) END, "DAV-037"},
        {"self", MULTI ONE("/d/", BOTH) ONE("/d/f", BOTH) END, "DAV-026"},
        {"self", MULTI ONE("/d/", FOUND) END, "DAV-035"},
        {"self", MULTI ONE("/d/", NONE) END, "DAV-032"},
        {"self", MULTI ONE("http://h/d", BOTH) END, NULL},
        {"members", MULTI ONE("/d/", BOTH) ONE("http://h/d/f", BOTH) END, "DAV-038"},
        {"members", MULTI ONE("/d/", BOTH) ONE("/d/a b", BOTH) END, "DAV-039"},
        {"members", MULTI ONE("/d/", BOTH) ONE("/d/f", BOTH) ONE("/d/f", BOTH) END, "DAV-037"},
        {"members", BAD, "DAV-026"},
        {"members", MULTI ONE("/d/", BOTH) END, "DAV-026"},
        {"missing", MULTI ONE("/d/n", NONE) END, "DAV-036"},
        {"malformed", MULTI ONE("/d/", BOTH) END, "DAV-014"},
        {"file", H "200 OK\r\nETag: \"w\"\r\n\r\n", "CND-11"},
    };

    CHECK_SLIPS(judge_207, 207, good, slips);
}

#define SENSELESS H "422 Unprocessable Content\r\n\r\n"

TEST(judge_422__what_is_wrong_is_named)
{
    static const struct said good[] = {
        {"both", "PROPFIND", "/d/", "", "x", SENSELESS},
        {"root", "PROPFIND", "/d/", "", "x", SENSELESS},
        {"malformed", "PROPFIND", "/d/", "", "x", BAD},
        {"sound", "PROPFIND", "/d/", "", "x", MULTI ONE("/d/", BOTH) END},
        {"put", "PUT", "/p", "", "x", MADE},
        {"patch", "PROPPATCH", "/p", "", "x", SENSELESS},
        {"lock", "LOCK", "/p", "", "x", SENSELESS},
        {"lock-malformed", "LOCK", "/p", "", "x", BAD},
        {"free", "PUT", "/p", "", "x", DONE},
        {"property", "PROPFIND", "/p", "", "x", MULTI ONE("/p", PROPS("<a/>", "404 N")) END},
    };
    static const struct slip slips[] = {
        {"malformed", SENSELESS, "DAV-199"},
        {"sound", SENSELESS, "DAV-199"},
        {"lock-malformed", SENSELESS, "DAV-199"},
        {"free", H "423 L\r\n\r\n", "DAV-198"},
        {"property", MULTI ONE("/p", PROPS("<a>1</a>", "200 OK")) END, "DAV-198"},
    };

    CHECK_SLIPS(judge_422, 422, good, slips);
}

#define ERROR(inside) H "423 Locked\r\n\r\n<D:error xmlns:D=\"DAV:\">" inside "</D:error>"
#define LOCKED ERROR("<D:lock-token-submitted><D:href>/p</D:href></D:lock-token-submitted>")
#define GRANTED H "200 OK\r\nLock-Token: <urn:uuid:1>\r\n\r\n"

TEST(judge_423__what_is_wrong_is_named)
{
    static const struct said good[] = {
        {"put", "PUT", "/p", "", "what stays", MADE},
        {"lock", "LOCK", "/p", "", "x", GRANTED},
        {"put-without", "PUT", "/p", "", "x", LOCKED},
        {"put-without-after", "GET", "/p", "", NULL, KEPT},
        {"put-wrong", "PUT", "/p", "", "x", LOCKED},
        {"delete-without", "DELETE", "/p", "", NULL, LOCKED},
        {"delete-without-after", "GET", "/p", "", NULL, KEPT},
        {"lock-again", "LOCK", "/p", "", "x", LOCKED},
        {"put-with", "PUT", "/p", "", "x", DONE},
        {"unlock", "UNLOCK", "/p", "", NULL, DONE},
        {"put-free", "PUT", "/p", "", "x", DONE},
        {"member", "PUT", "/d/m", "", "what stays", MADE},
        {"member-lock", "LOCK", "/d/m", "", "x", GRANTED},
        {"folder-delete", "DELETE", "/d/", "", NULL, MULTI ONE("/d/m", STATUS("423 Locked")) END},
        {"member-after", "GET", "/d/m", "", NULL, KEPT},
    };
    static const struct slip slips[] = {
        {"lock", LOCKED, "DAV-109"},
        {"put-without", DONE, "DAV-075"},
        {"put-without", H "423 L\r\n\r\n", "DAV-127"},
        {"put-without", ERROR("<D:lock-token-submitted/>"), "DAV-127"},
        {"put-without", ERROR("<D:lock-token-submitted><D:href>/q</D:href></D:lock-token-submitted>"), "DAV-127"},
        {"put-without-after", H "200 OK\r\n\r\nx", "DAV-075"},
        {"put-wrong", DONE, "DAV-160"},
        {"delete-without", DONE, "DAV-127"},
        {"delete-without-after", H "404 N\r\n\r\n", "DAV-075"},
        {"lock-again", GRANTED, "DAV-116"},
        {"put-with", LOCKED, "DAV-158"},
        {"unlock", BAD, "DAV-130"},
        {"put-free", LOCKED, "DAV-130"},
        {"folder-delete", DONE, "DAV-080"},
        {"folder-delete", MULTI ONE("/d/x", STATUS("423 Locked")) END, "DAV-080"},
        {"folder-delete", LOCKED, NULL},
        {"member-after", H "404 N\r\n\r\n", "DAV-075"},
    };

    CHECK_SLIPS(judge_423, 423, good, slips);
}

#define OURS "<x:a xmlns:x=\"urn:samovar:survey\"/>"
#define PATCHED(ours, tag) MULTI ONE("/p", PROPS(OURS, ours) PROPS("<D:getetag/>", tag)) END

TEST(judge_424__what_is_wrong_is_named)
{
    static const struct said good[] = {
        {"put", "PUT", "/p", "", "x", MADE},
        {"patch", "PROPPATCH", "/p", "", "x", PATCHED("424 F", "403 F")},
        {"find", "PROPFIND", "/p", "", "x", MULTI ONE("/p", PROPS(OURS, "404 N")) END},
        {"member-lock", "LOCK", "/d/m", "", "x", GRANTED},
        {"folder-lock", "LOCK", "/d/", "", "x", MULTI ONE("/d/m", STATUS("423 L")) ONE("/d/", STATUS("424 F")) END},
        {"folder-delete", "DELETE", "/d/", "", NULL, MULTI ONE("/d/m", STATUS("423 L")) END},
    };
    static const struct slip slips[] = {
        {"put", H "424 F\r\n\r\n", "DAV-200"},
        {"patch", PATCHED("424 F", "424 F"), "DAV-047"},
        {"patch", PATCHED("200 OK", "403 F"), "DAV-047"},
        {"find", MULTI ONE("/p", PROPS(OURS, "200 OK")) END, "DAV-045"},
        {"folder-lock", MULTI ONE("/d/m", STATUS("423 L")) END, "DAV-200"},
        {"folder-lock", GRANTED, "DAV-118"},
        {"folder-lock", LOCKED, NULL},
        {"folder-delete", MULTI ONE("/d/m", STATUS("423 L")) ONE("/d/", STATUS("424 F")) END, "DAV-081"},
    };

    CHECK_SLIPS(judge_424, 424, good, slips);
}

#define FULL(condition) H "507 Insufficient Storage\r\n\r\n<D:error xmlns:D=\"DAV:\">" condition "</D:error>"
#define QUOTA FULL("<D:quota-not-exceeded/>")

TEST(judge_507__what_is_wrong_is_named)
{
    static const struct said good[] = {
        {"put", "PUT", "/p", "", "what stays", MADE},
        {"announced", "PUT", "/p", "", NULL, QUOTA},
        {"announced-after", "GET", "/p", "", NULL, KEPT},
        {"sent-after", "GET", "/p", "", NULL, KEPT},
        {"small", "PUT", "/p", "", "what fits", DONE},
        {"small-after", "GET", "/p", "", NULL, H "200 OK\r\n\r\nwhat fits"},
    };
    static const struct slip slips[] = {
        {"put", QUOTA, "DAV-202"},
        {"announced", FULL("<D:something-else/>"), "DAV-168"},
        {"announced", H "507 I\r\n\r\nfull", "DAV-168"},
        {"announced", FULL("<D:sufficient-disk-space/>"), NULL},
        {"announced-after", H "404 N\r\n\r\n", "DAV-170"},
        {"sent-after", H "200 OK\r\n\r\nxxxxxxxx", "DAV-170"},
        {"small", QUOTA, "DAV-170"},
        {"small-after", KEPT, "DAV-170"},
    };

    CHECK_SLIPS(judge_507, 507, good, slips);
}

#define ID(id, status) PROPS("<D:resource-id><D:href>urn:uuid:" id "</D:href></D:resource-id>", status)
#define LOOP                                                                                                           \
    MULTI ONE("/d/", ID("1", "200 OK")) ONE("/d/f", ID("2", "200 OK"))                                                 \
        ONE("/d/loop/", ID("1", "208 Already Reported")) END
#define NEAR MULTI ONE("/d/", ID("1", "200 OK")) ONE("/d/f", ID("2", "200 OK")) ONE("/d/loop/", ID("1", "200 OK")) END
#define LOOPED H "508 Loop Detected\r\n\r\n"

static const struct said bound[] = {
    {"loop", "BIND", "/d/", "", "x", MADE},
    {"knowing", "PROPFIND", "/d/", "", "x", LOOP},
    {"unknowing", "PROPFIND", "/d/", "", "x", LOOPED},
    {"near", "PROPFIND", "/d/", "", "x", NEAR},
};

TEST(judge_208__what_is_wrong_is_named)
{
    static const struct slip slips[] = {
        {"knowing",
         MULTI ONE("/d/", ID("1", "200 OK")) ONE("/d/loop/", ID("1", "208 A")) ONE("/d/loop/f", ID("2", "200 OK")) END,
         "BND-50"},
        {"knowing", MULTI ONE("/d/", ID("1", "200 OK")) ONE("/d/loop/", ID("3", "208 A")) END, "BND-02"},
        {"knowing", MULTI ONE("/d/", ID("1", "208 A")) END, "BND-50"},
        {"unknowing", LOOP, "BND-52"},
        {"near", LOOP, "BND-55"},
    };

    CHECK_SLIPS(judge_208, 208, bound, slips);
}

TEST(judge_508__what_is_wrong_is_named)
{
    static const struct slip slips[] = {
        {"knowing", LOOPED, "BND-50"},
        {"near", LOOPED, "BND-53"},
        {"near", MULTI ONE("/d/", ID("1", "200 OK")) END, "BND-53"},
    };

    CHECK_SLIPS(judge_508, 508, bound, slips);
}

#define BASE "a\nb\nc\nd\n"
#define CURRENT "a\nB\nc\nd\n"
#define WHOLE H "200 OK\r\nETag: \"2\"\r\n\r\n" CURRENT
#define IM(fields, script) H "226 IM Used\r\nETag: \"2\"\r\nDelta-Base: \"1\"\r\n" fields "\r\n" script
#define ED "2c\nB\n.\n"

TEST(judge_226__what_is_wrong_is_named)
{
    static const struct said good[] = {
        {"put", "PUT", "/p", "", BASE, MADE},
        {"base", "GET", "/p", "", NULL, H "200 OK\r\nETag: \"1\"\r\n\r\n" BASE},
        {"whole", "GET", "/p", "", NULL, WHOLE},
        {"delta", "GET", "/p", "A-IM: diffe\r\n", NULL, IM("IM: diffe\r\n", ED)},
        {"two", "GET", "/p", "A-IM: diffe\r\n", NULL, IM("IM: diffe\r\n", ED)},
        {"plain", "GET", "/p", "", NULL, WHOLE},
        {"current", "GET", "/p", "", NULL, H "304 N\r\nETag: \"2\"\r\n\r\n"},
        {"stranger", "GET", "/p", "", NULL, WHOLE},
        {"head", "HEAD", "/p", "", NULL, H "200 OK\r\n\r\n"},
    };
    static const struct slip slips[] = {
        {"delta", IM("", ED), "DLT-14"},
        {"delta", H "200 OK\r\nIM: diffe\r\n\r\n" CURRENT, "DLT-14"},
        {"delta", WHOLE, NULL},
        {"delta", H "226 I\r\nETag: \"1\"\r\nIM: diffe\r\n\r\n" ED, "DLT-18"},
        {"delta", IM("IM: diffe\r\n", "2c\nC\n.\n"), "DLT-24"},
        {"delta", IM("IM: diffe\r\n", "99c\nB\n.\n"), "DLT-24"},
        {"delta", IM("IM: vcdiff\r\n", ED), "DLT-24"},
        {"delta", IM("IM: gzip\r\n", ED), "DLT-24"},
        {"delta", IM("IM: magic\r\n", ED), "DLT-24"},
        {"delta", H "226 I\r\nETag: \"2\"\r\nDelta-Base: \"7\"\r\nIM: diffe\r\n\r\n" ED, "DLT-21"},
        {"two", IM("IM: magic\r\n", ED), "DLT-24"},
        {"two", H "226 I\r\nETag: \"2\"\r\nIM: diffe\r\n\r\n" ED, "DLT-19"},
        {"plain", IM("IM: diffe\r\n", ED), "DLT-01"},
        {"current", WHOLE, "DLT-04"},
        {"stranger", IM("IM: diffe\r\n", ED), "DLT-05"},
        {"head", H "226 I\r\n\r\n", "DLT-11"},
    };

    CHECK_SLIPS(judge_226, 226, good, slips);
}

TEST(judge_102__what_is_wrong_is_named)
{
    static const struct said good[] = {
        {"long", "COPY", "/d/", "", NULL, H "102 Processing\r\n\r\n" MADE},
        {"effect", "PROPFIND", "/e/", "", NULL, MULTI END},
        {"old", "COPY", "/d/", "", NULL, MADE},
        {"short", "OPTIONS", "/d/", "", NULL, H "200 OK\r\n\r\n"},
    };
    static const struct slip slips[] = {
        {"long", H "102 Processing\r\nContent-Length: 0\r\n\r\n" MADE, "DAV-196"},
        {"long", H "102 Processing\r\n\r\n" H "500 I\r\n\r\n", "DAV-196"},
        {"effect", H "404 N\r\n\r\n", "DAV-196"},
        {"old", H "102 Processing\r\n\r\n" MADE, "DAV-194"},
        {"short", H "102 Processing\r\n\r\n" H "200 OK\r\n\r\n", "DAV-195"},
    };

    CHECK_SLIPS(judge_102, 102, good, slips);
}
