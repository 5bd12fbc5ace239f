/*
 * test_tls.c - certificates, what sites inherit of them, and what is asked of clients.
 */
#include "kit.h"

static void fails(const char *line, const char *why)
{
    CHECK(kit_args(line).conf == NULL);
    CHECK_STR(kit_why(), why);
}

static void text_fails(const char *text, const char *why)
{
    CHECK(kit_text(text) == NULL);
    CHECK_STR(kit_why(), why);
}

TEST(tls__nothing_given_is_no_tls)
{
    struct conf *conf = kit_args("/tmp").conf;

    CHECK_FALSE(conf_has_tls(conf));
    CHECK(conf->ktls && conf->http2 && !conf->replaces && !conf->metrics);
    CHECK_INT(conf->tls_min, TLS_MIN_1_2);
    CHECK_INT(conf->ticket_lifetime_ms, 12 * 3600 * 1000);
    CHECK_INT(conf->limits.handshake_timeout_ms, 10000);
    CHECK_INT(conf->limits.http2_streams_max, 128);
    CHECK_INT(conf->limits.http2_window, 4 << 20);
    CHECK_INT(conf->sites[0].tls.client_certificates, CLIENT_CERT_NONE);
    CHECK_INT(conf->sites[0].tls.client_name, CLIENT_NAME_CN);
    CHECK(conf->sites[0].tls.client_ca == NULL);
    conf_unref(conf);
}

TEST(tls__every_option_reaches_its_field)
{
    struct conf *conf = kit_args("--key /k1 --certificate /c1 --certificate=/c2 --ocsp /o --client-ca /ca "
                                 "--client-certificates optional --client-name email --tls-min 1.3 "
                                 "--ticket-lifetime 0 --no-ktls --no-http2 --metrics 9180 --replace --limit "
                                 "handshake-timeout=5s --limit http2-streams=1000 --limit http2-window=64K /tmp")
                            .conf;
    const struct tls_conf *tls;

    CHECK_STR(kit_why(), "");
    tls = &conf->sites[0].tls;
    CHECK(conf_has_tls(conf));
    CHECK_INT(tls->certificate_count, 2);
    CHECK_STR(tls->certificates[0].chain, "/c1");
    CHECK_STR(tls->certificates[0].key, "/k1");
    CHECK_STR(tls->certificates[1].chain, "/c2");
    CHECK_STR(tls->certificates[1].key, "/c2");
    CHECK_INT(tls->ocsp_count, 1);
    CHECK_STR(tls->ocsp[0], "/o");
    CHECK_STR(tls->client_ca, "/ca");
    CHECK_INT(tls->client_certificates, CLIENT_CERT_OPTIONAL);
    CHECK_INT(tls->client_name, CLIENT_NAME_EMAIL);
    CHECK_INT(conf->tls_min, TLS_MIN_1_3);
    CHECK_INT(conf->ticket_lifetime_ms, 0);
    CHECK(!conf->ktls && !conf->http2 && conf->replaces);
    CHECK_SLICE(conf->metrics->text, "9180");
    CHECK_INT(conf->limits.handshake_timeout_ms, 5000);
    CHECK_INT(conf->limits.http2_streams_max, 1000);
    CHECK_INT(conf->limits.http2_window, 65536);
    conf_unref(conf);
}

TEST(tls__relative_paths_start_where_they_are_written)
{
    struct conf *conf = kit_text("certificate = { tls/c.pem } key = { k } ocsp = { o } site a { root = /x }");

    CHECK_STR(conf->tls.certificates[0].chain, "/etc/tls/c.pem");
    CHECK_STR(conf->tls.certificates[0].key, "/etc/k");
    CHECK_STR(conf->tls.ocsp[0], "/etc/o");
    conf_unref(conf);
}

TEST(tls__a_list_of_one_needs_no_braces)
{
    struct conf *conf = kit_text("certificate = \"/c\" key = /k site a { root = /x certificate = /d }");

    CHECK_STR(kit_why(), "");
    CHECK_STR(conf->tls.certificates[0].key, "/k");
    CHECK_STR(conf->sites[0].tls.certificates[0].chain, "/d");
    conf_unref(conf);
}

TEST(tls__a_site_without_certificates_has_the_servers)
{
    struct conf *conf = kit_text("certificate = { /c } key = { /k } ocsp = { /o } client-ca = /ca\n"
                                 "client-certificates = required client-name = dns\n"
                                 "site a { root = /a }\n"
                                 "site b { root = /b certificate = { /d, /e } key = { /d.key } }\n"
                                 "site c { root = /c client-certificates = none }\n"
                                 "site d { root = /d client-ca = /other client-name = cn }\n");
    const struct tls_conf *tls;

    CHECK_STR(kit_why(), "");
    tls = &conf->sites[0].tls;
    CHECK_STR(tls->certificates[0].key, "/k");
    CHECK_STR(tls->ocsp[0], "/o");
    CHECK_INT(tls->client_certificates, CLIENT_CERT_REQUIRED);
    CHECK_INT(tls->client_name, CLIENT_NAME_DNS);
    tls = &conf->sites[1].tls;
    CHECK_INT(tls->certificate_count, 2);
    CHECK_STR(tls->certificates[0].key, "/d.key");
    CHECK_STR(tls->certificates[1].key, "/e");
    CHECK_INT(tls->ocsp_count, 0);
    CHECK_INT(tls->client_certificates, CLIENT_CERT_REQUIRED); /* naming a certificate takes no demand away */
    CHECK_STR(tls->client_ca, "/ca");
    tls = &conf->sites[2].tls;
    CHECK_STR(tls->certificates[0].chain, "/c");
    CHECK_INT(tls->client_certificates, CLIENT_CERT_NONE);
    tls = &conf->sites[3].tls;
    CHECK_STR(tls->certificates[0].chain, "/c");
    CHECK_STR(tls->client_ca, "/other");
    CHECK_INT(tls->client_certificates, CLIENT_CERT_REQUIRED);
    CHECK_INT(tls->client_name, CLIENT_NAME_CN);
    conf_unref(conf);
}

TEST(tls__sites_are_the_same_when_certificates_and_demands_are)
{
    struct conf *conf = kit_text("certificate = { /c } client-ca = /ca client-certificates = optional\n"
                                 "site a { root = /a }\n"
                                 "site b { root = /b }\n"
                                 "site c { root = /c certificate = { /c } }\n"
                                 "site d { root = /d certificate = { /c } key = { /k } }\n"
                                 "site e { root = /e client-certificates = required }\n"
                                 "site f { root = /f client-ca = /ca2 }\n"
                                 "site g { root = /g client-name = dns }\n");

    CHECK_STR(kit_why(), "");
    for (unsigned i = 0; i < conf->site_count; i++)
        CHECK_INT(conf_same_tls(&conf->sites[0], &conf->sites[i]), i <= 2);
    conf_unref(conf);
}

TEST(tls__a_site_alone_may_have_tls)
{
    struct conf *conf = kit_text("site a { root = /a }\nsite b { root = /b certificate = { /c } }\n");

    CHECK(conf_has_tls(conf));
    CHECK_INT(conf->sites[0].tls.certificate_count, 0);
    CHECK_FALSE(conf_same_tls(&conf->sites[0], &conf->sites[1]));
    conf_unref(conf);
}

TEST(tls__what_is_missing_is_told)
{
    fails("--key /k /tmp", "the key /k has no certificate; the first key belongs to the first certificate");
    fails("--key /k --key /l --certificate /c /tmp",
          "the key /l has no certificate; the first key belongs to the first certificate");
    fails("--certificate /c --certificate /c /tmp", "the certificate /c is given twice");
    fails("--ocsp /o /tmp", "the OCSP file /o has no certificate");
    fails("--certificate /c --client-certificates required /tmp", "--client-certificates needs --client-ca");
    fails("--client-ca /ca --client-certificates required /tmp", "--client-certificates needs --certificate");
    fails("--certificate /c --client-ca /ca /tmp", "--client-ca needs --client-certificates, optional or required");
    fails("--client-certificates some /tmp",
          "--client-certificates must be none or optional or required, not \"some\"");
    fails("--client-name uid /tmp", "--client-name must be cn or email or dns, not \"uid\"");
    fails("--tls-min 1.1 /tmp", "--tls-min must be 1.2 or 1.3, not \"1.1\"");
    fails("--ticket-lifetime 8d /tmp", "--ticket-lifetime is 8d, but must be between 0 s and 604800 s");
    fails("--limit http2-streams=0 /tmp", "http2-streams is 0, but must be between 1 and 1000");
    fails("--limit http2-window=32K /tmp", "http2-window is 32K, but must be between 65536 and 268435456");
    fails("--certificate= /tmp", "--certificate needs FILE");
}

TEST(tls__what_is_missing_in_the_file_is_told_with_its_place)
{
    text_fails("\nkey = { /k }\nsite a { root = /x }",
               "/etc/t.conf:2: the key /k has no certificate; the first key belongs to the first certificate");
    text_fails("certificate = { /c }\nsite a {\n root = /x\n key = { /k }\n}",
               "/etc/t.conf:4: the key /k has no certificate; the first key belongs to the first certificate");
    text_fails("site a {\n root = /x\n ocsp = { /o }\n}", "/etc/t.conf:3: the OCSP file /o has no certificate");
    text_fails("site a { root = /x }\nsite b { root = /y certificate = { /c } client-certificates = optional }",
               "/etc/t.conf: site \"b\": client-certificates needs client-ca");
    text_fails("site a { root = /x client-ca = /ca certificate = { /c } }",
               "/etc/t.conf: site \"a\": client-ca needs client-certificates, optional or required");
    text_fails("client-ca = /ca client-certificates = required\n"
               "site a { root = /x certificate = { /c } }\nsite b { root = /y }",
               "/etc/t.conf: site \"b\": client-certificates needs certificate");
}

TEST(tls__clients_certificates_make_users)
{
    struct conf *conf = kit_text("certificate = { /c } client-ca = /ca client-certificates = optional\n"
                                 "site a { root = /a }\n");

    CHECK_INT(conf_rights(&conf->sites[0], SLICE("x"), &(struct asker){.user = SLICE_NONE, .is_loopback = true}), 0);
    CHECK_INT(conf_rights(&conf->sites[0], SLICE("x"), &(struct asker){.user = SLICE("alice"), .is_loopback = false}),
              RIGHT_ALL);
    conf_unref(conf);
}
