/*
 * test_extension.c - mandatory requests (RFC 2774): what gates say to them, and what answers say of them.
 */
#include <stdio.h>

#include "asked.h"
#include "gate/gate.h"

#define ON "allow-write = anyone\nextensions = on\n"
#define HOST "Host: localhost\r\n"
#define REASON "Man: \"urn:samovar:ext:reason\"; ns=16\r\n"
#define BECAUSE REASON "16-reason: because\r\n"

static struct loop *loop;
static struct conf *conf;
static struct exchange *ex;
static char audited[512];

static void audit(struct exchange *of, struct slice what)
{
    size_t len = strlen(audited);

    snprintf(audited + len, sizeof(audited) - len, "%.*s\n", SLICE_FMT(what));
}

/* The exchange of a request, judged as serve/ does it; what the gates said. */
static struct verdict begin(const char *site, const char *request_line, const char *fields)
{
    char request[2048];
    struct verdict verdict;

    role_assert_loop();
    audited[0] = '\0';
    loop = loop_new();
    conf = conf_of_site(site);
    snprintf(request, sizeof(request), "%s\r\n" HOST "%s\r\n", request_line, fields);
    ex = asked(loop, conf, request);
    ex->audit = audit;
    extensions_begin(ex);
    verdict = extensions_read(ex);
    return verdict.status ? verdict : gates_after_auth(ex);
}

static void end(void)
{
    role_assert_loop();
    exchange_end(ex);
    conf_unref(conf);
    loop_free(loop);
}

static int judge(const char *site, const char *request_line, const char *fields)
{
    int status;

    role_assert_loop();
    status = begin(site, request_line, fields).status;
    end();
    return status;
}

TEST(extension__judges_what_a_request_declares)
{
    static const struct {
        const char *what, *line, *fields;
        int want;
    } rows[] = {
        {"plain", "GET /a HTTP/1.1", "", 0},
        {"known", "M-GET /a HTTP/1.1", BECAUSE, 0},
        {"unknown", "M-GET /a HTTP/1.1", "Man: \"u:x\"\r\n", 510},                                    /* POL-71 */
        {"one of two unknown", "M-GET /a HTTP/1.1", BECAUSE "Man: \"u:x\"\r\n", 510},                 /* POL-72 */
        {"none", "M-GET /a HTTP/1.1", "", 510},                                                       /* POL-73 */
        {"optional ones", "M-GET /a HTTP/1.1", "Opt: \"u:x\"\r\n", 510},                              /* POL-73 */
        {"optional ones, plain", "GET /a HTTP/1.1", "Opt: \"u:x\"\r\n", 0},                           /* POL-75 */
        {"plain with a known one", "GET /a HTTP/1.1", BECAUSE, 400},                                  /* POL-74 */
        {"plain with an unknown one", "GET /a HTTP/1.1", "Man: \"u:x\"\r\n", 510},                    /* POL-74 */
        {"malformed", "M-GET /a HTTP/1.1", "Man: u:x\r\n", 400},                                      /* POL-83 */
        {"malformed and optional", "GET /a HTTP/1.1", "Opt: u:x\r\n", 400},                           /* POL-83 */
        {"of this hop, not listed", "M-GET /a HTTP/1.1", "C-Man: \"u:x\"\r\n" BECAUSE, 0},            /* POL-90 */
        {"of this hop", "M-GET /a HTTP/1.1", "C-Man: \"u:x\"\r\nConnection: C-Man\r\n" BECAUSE, 510}, /* POL-71 */
        {"taken out", "M-GET /a HTTP/1.0", "Connection: Man\r\n" BECAUSE, 510},                       /* POL-91 */
        {"no reason", "M-GET /a HTTP/1.1", REASON, 400},
        {"no digest", "M-PUT /a HTTP/1.1", "Man: \"urn:samovar:ext:integrity\"\r\nContent-Length: 1\r\n", 400},
        {"a digest", "M-PUT /a HTTP/1.1",
         "Man: \"urn:samovar:ext:integrity\"\r\nContent-Length: 1\r\n"
         "Repr-Digest: sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:\r\n",
         0},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int got = judge(ON, rows[i].line, rows[i].fields);

        if (got != rows[i].want)
            fail_msg("%s: %d, not %d", rows[i].what, got, rows[i].want);
    }
}

TEST(extension__switch_is_off_by_default)
{
    CHECK_INT(begin("allow-write = anyone", "M-GET /a HTTP/1.1", "Man: \"u:x\"\r\n").status, 0);
    CHECK_INT(ex->head.method, METHOD_UNKNOWN); /* the caller says 501 */
    CHECK(!ex->extension);
    end();
    CHECK_INT(judge("allow-write = anyone", "GET /a HTTP/1.1", "Man: nonsense\r\n"), 0);
}

TEST(extension__method_is_the_base_one)
{
    role_assert_loop();
    CHECK_INT(begin(ON, "M-PROPFIND /a HTTP/1.1", BECAUSE).status, 0);
    CHECK_INT(ex->head.method, METHOD_PROPFIND);
    CHECK_SLICE(ex->head.method_text, "M-PROPFIND");
    CHECK(extension_is_asked(ex, EXTENSION_REASON) && !extension_is_asked(ex, EXTENSION_INTEGRITY));
    end();
    begin(ON, "M-M-GET /a HTTP/1.1", BECAUSE);
    CHECK_INT(ex->head.method, METHOD_UNKNOWN); /* POL-94: 501 */
    end();
}

#define DEMANDS ON "at \"/in\" { require-extension = \"reason\" }\nat \"/in/out\" { require-extension = \"none\" }\n"

TEST(extension__that_a_path_demands) /* POL-76 */
{
    static const struct {
        const char *line, *fields;
        int want;
    } rows[] = {
        {"GET /a HTTP/1.1", "", 0},
        {"GET /in/a HTTP/1.1", "", 510},
        {"M-GET /in/a HTTP/1.1", BECAUSE, 0},
        {"M-GET /in/a HTTP/1.1", "Man: \"urn:samovar:ext:integrity\"\r\n", 510},
        {"M-GET /in/a HTTP/1.1", "Opt: \"urn:samovar:ext:reason\"; ns=16\r\nMan: \"Repr-Digest\"\r\n", 510},
        {"GET /in/out/a HTTP/1.1", "", 0},
        {"DELETE / HTTP/1.1", "", 510},
        {"PROPFIND / HTTP/1.1", "", 510},
        {"PROPFIND / HTTP/1.1", "Depth: 1\r\n", 0},
        {"COPY /a HTTP/1.1", "Destination: /in/a\r\n", 510},
        {"COPY /a HTTP/1.1", "Destination: /b\r\n", 0},
        {"MOVE /a HTTP/1.1", "Destination: /\r\n", 510},
        {"OPTIONS * HTTP/1.1", "", 0},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int got = judge(DEMANDS, rows[i].line, rows[i].fields);

        if (got != rows[i].want)
            fail_msg("%s: %d, not %d", rows[i].line, got, rows[i].want);
    }
}

/* The one field of this name in ex's answer, "(none)" without it, "(several)". */
static struct slice said(const char *name)
{
    struct slice value = SLICE("(none)");
    unsigned count = 0;

    for (unsigned i = 0; i < ex->answer.field_count; i++)
        if (slice_eq(ex->answer.fields[i].name, slice_str(name)) && count++ == 0)
            value = ex->answer.fields[i].value;
    return count > 1 ? SLICE("(several)") : value;
}

static void answer_with(int status, const char *cache_control)
{
    role_assert_loop();
    ex->answer.status = status;
    ex->answer.whole = &ex->answer;
    answer_field(&ex->arena, &ex->answer, SLICE("Vary"), SLICE("Accept"));
    if (cache_control)
        answer_field(&ex->arena, &ex->answer, SLICE("Cache-Control"), slice_str(cache_control));
    gates_decorate(ex, &ex->answer);
}

TEST(extension__answer_acknowledges_a_success) /* POL-77, POL-78, POL-89 */
{
    static const char *const caches[][2] = {{NULL, "no-cache=\"Ext\""},
                                            {"max-age=60", "max-age=60, no-cache=\"Ext\""},
                                            {"no-cache", "no-cache"},
                                            {"private, no-store", "private, no-store, no-cache=\"Ext\""}};

    for (size_t i = 0; i < sizeof(caches) / sizeof(caches[0]); i++) {
        begin(ON, "M-GET /a HTTP/1.1", BECAUSE);
        answer_with(i ? 200 : 304, caches[i][0]);
        CHECK_SLICE(said("Ext"), "");
        CHECK_SLICE(said("C-Ext"), "(none)");
        CHECK_SLICE(said("Expires"), "(none)");
        CHECK_SLICE(said("Cache-Control"), caches[i][1]);
        CHECK_SLICE(said("Vary"), "Accept, Man, 16-reason");
        CHECK(!ex->answer.whole);
        end();
    }
}

TEST(extension__answer_to_one_hop) /* POL-79, POL-80 */
{
    begin(ON, "M-GET /a HTTP/1.1",
          "C-Man: \"urn:samovar:ext:reason\"; ns=16\r\n16-reason: x\r\nConnection: C-Man, 16-reason\r\n");
    answer_with(207, NULL);
    CHECK_SLICE(said("C-Ext"), "");
    CHECK_SLICE(ex->answer.connection, "C-Ext");
    CHECK_SLICE(said("Ext"), "(none)");
    CHECK_SLICE(said("Vary"), "Accept");
    end();
    begin(ON, "M-GET /a HTTP/1.1", "C-Man: \"Repr-Digest\"\r\nConnection: C-Man\r\n" BECAUSE);
    answer_with(200, NULL);
    CHECK_SLICE(said("C-Ext"), "");
    CHECK_SLICE(said("Ext"), "");
    end();
}

TEST(extension__answer_has_nothing_without_success) /* POL-81 */
{
    static const int statuses[] = {400, 401, 404, 412, 416, 500, 510, 308};

    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        begin(ON, "M-GET /a HTTP/1.1", BECAUSE);
        answer_with(statuses[i], NULL);
        CHECK_SLICE(said("Ext"), "(none)");
        CHECK_SLICE(said("Cache-Control"), "(none)");
        end();
    }
    begin(ON, "GET /a HTTP/1.1", "");
    answer_with(200, NULL);
    CHECK_SLICE(said("Ext"), "(none)");
    end();
}

TEST(extension__answer_through_http10_has_expired) /* POL-82 */
{
    begin(ON, "M-GET /a HTTP/1.0", BECAUSE);
    answer_with(200, NULL);
    CHECK_SLICE(said("Expires"), "Thu, 01 Jan 1970 00:00:00 GMT");
    end();
    begin(ON, "M-GET /a HTTP/1.1", BECAUSE "Via: 1.1 a\r\nVia: 1.1 b, HTTP/1.0 c\r\n");
    answer_with(200, NULL);
    CHECK_SLICE(said("Expires"), "Thu, 01 Jan 1970 00:00:00 GMT");
    end();
}

TEST(reason__is_told_once_and_before_the_method_acts)
{
    CHECK_INT(begin(ON, "M-PUT /a%20b HTTP/1.1", BECAUSE).status, 0);
    CHECK_STR(audited, "gave a reason for M-PUT /a%20b: because\n");
    answer_with(412, NULL);
    CHECK_STR(audited, "gave a reason for M-PUT /a%20b: because\n");
    end();
}

TEST(reason__is_told_with_a_refusal_but_not_with_401_and_429)
{
    static const struct {
        int status;
        const char *want;
    } rows[] = {{403, "gave a reason for M-PUT /a and was refused (403): because\n"}, {401, ""}, {429, ""}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        CHECK_INT(begin("extensions = on\nread-only = on", "M-PUT /a HTTP/1.1", BECAUSE).status, 403);
        CHECK_STR(audited, "");
        answer_with(rows[i].status, NULL);
        CHECK_STR(audited, rows[i].want);
        end();
    }
}
