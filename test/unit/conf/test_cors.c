/*
 * test_cors.c - origins as the configuration has them, and as browsers write them.
 */
#include "kit.h"

#include <stdio.h>

static const char *text_of(const char *lines)
{
    static char text[1024];

    snprintf(text, sizeof(text), "site \"s\" { root = \"/srv\"\n%s\n}\n", lines);
    return text;
}

/* What "origin" is kept as; "" if it is refused. */
static const char *kept(const char *origin)
{
    static char out[256];
    char lines[512];
    struct conf *conf;

    snprintf(lines, sizeof(lines), "cors = { \"%s\" }", origin);
    conf = kit_text(text_of(lines));
    snprintf(out, sizeof(out), "%.*s", SLICE_FMT(conf ? conf->sites[0].cors[0] : SLICE_NONE));
    conf_unref(conf);
    return out;
}

TEST(cors__origins_are_kept_as_browsers_write_them)
{
    CHECK_STR(kept("https://app.example"), "https://app.example");
    CHECK_STR(kept("HTTPS://App.Example"), "https://app.example");
    CHECK_STR(kept("https://app.example:443"), "https://app.example");
    CHECK_STR(kept("http://app.example:80"), "http://app.example");
    CHECK_STR(kept("http://app.example:443"), "http://app.example:443");
    CHECK_STR(kept("http://localhost:3000"), "http://localhost:3000");
    CHECK_STR(kept("http://[::1]:3000"), "http://[::1]:3000");
    CHECK_STR(kept("app://obsidian.md"), "app://obsidian.md");
    CHECK_STR(kept("moz-extension://5a2c-77"), "moz-extension://5a2c-77");
    CHECK_STR(kept("*"), "*");
}

TEST(cors__what_is_no_origin_is_refused)
{
    static const char *const wrong[] = {"app.example",           "https://",
                                        "https:app.example",     "https://app.example/",
                                        "https://app.example/x", "https://app.example:",
                                        "https://app.example:0", "https://app.example:99999",
                                        "https://*.example",     "https://a@b.example",
                                        "https://a b.example",   "1https://app.example",
                                        "://app.example",        "null"};

    for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        CHECK_STR(kept(wrong[i]), "");
        CHECK(strstr(kit_why(), "is no origin") != NULL);
    }
}

TEST(cors__credentials_are_for_listed_origins)
{
    struct conf *conf =
        kit_text(text_of("cors = { \"https://a.example\", \"https://b.example\" }\ncors-credentials = on"));

    CHECK_STR(kit_why(), "");
    CHECK_INT(conf->sites[0].cors_count, 2);
    CHECK(conf->sites[0].cors_credentials);
    conf_unref(conf);
    CHECK(kit_text(text_of("cors = { \"https://a.example\", \"*\" }\ncors-credentials = on")) == NULL);
    CHECK(strstr(kit_why(), "name the origins") != NULL);
    CHECK(kit_text(text_of("cors-credentials = on")) == NULL);
    CHECK(strstr(kit_why(), "there are none") != NULL);
}
