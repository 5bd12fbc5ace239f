/*
 * test_tls_agree.c - what a handshake agrees on: the site, the protocol, who the client is, and whether a session goes
 * on.
 */
#include <stdlib.h>

#include "pki.h"
#include "visit.h"

/* ---- sites ---- */

static void make_two(void)
{
    static bool is_made;

    if (is_made)
        return;
    is_made = true;
    pki_make("a", &(struct pki_wish){.cn = "a.example", .san = "DNS:a.example"});
    pki_make("a-rsa", &(struct pki_wish){.kind = PKI_RSA, .cn = "a.example", .san = "DNS:a.example"});
    pki_make("b", &(struct pki_wish){.cn = "b.example", .san = "DNS:b.example"});
}

/* The first site has none, "a" and "b" have their own. */
static struct tls *two_sites(struct setting *setting)
{
    make_two();
    setting_begin(setting);
    setting_site(setting, "none.example", NULL);
    setting_certificate(setting_site(setting, "a.example", "a"), "a-rsa");
    setting_site(setting, "b.example", "b");
    return tls_must_load(setting, NULL);
}

static void forget_session(struct visit *v)
{
    SSL_SESSION_free(v->session);
    v->session = NULL;
}

static void shows(struct visit *v, const char *name, const char *cn, unsigned site)
{
    v->server_name = name;
    visit(v);
    CHECK_INT(v->handshake, 1);
    CHECK_STR(v->cn, cn);
    CHECK_INT(v->facts.site, site);
    CHECK_STR(v->name, name ? name : "");
}

TEST(tls__the_name_decides_whose_certificate_is_shown)
{
    struct setting setting;
    struct visit v = {.tls = two_sites(&setting), .client = client_usual};

    shows(&v, "b.example", "b.example", 2);
    shows(&v, "a.example", "a.example", 1);
    shows(&v, "none.example", "a.example", 1); /* the first with certificates */
    shows(&v, "stranger.example", "a.example", 1);
    shows(&v, NULL, "a.example", 1);
    visit_free(&v);
}

TEST(tls__rsa_for_those_who_know_nothing_else)
{
    struct setting setting;
    struct visit v = {.tls = two_sites(&setting), .client = client_usual, .version_max = TLS1_2_VERSION};

    v.ciphers = "ECDHE-RSA-AES128-GCM-SHA256";
    shows(&v, "a.example", "a.example", 1);
    CHECK_STR(v.facts.cipher, "ECDHE-RSA-AES128-GCM-SHA256");
    v.ciphers = NULL;
    forget_session(&v);
    shows(&v, "a.example", "a.example", 1);
    CHECK_STR(v.facts.cipher, "ECDHE-ECDSA-AES128-GCM-SHA256");
    visit_free(&v);
}

/* ---- RFC 7301 ---- */

TEST(tls__alpn_h2_before_http_1_1_and_an_alert_for_neither)
{
    struct setting setting;
    struct visit v = {.tls = two_sites(&setting), .client = client_usual};

    v.alpn_wire = "\x08http/1.1\x02h2";
    visit(&v);
    CHECK_STR(v.alpn, "h2");
    CHECK(v.facts.is_h2);
    v.alpn_wire = "\x08http/1.1";
    visit(&v);
    CHECK_STR(v.alpn, "http/1.1");
    CHECK_FALSE(v.facts.is_h2);
    v.alpn_wire = "\x03"
                  "irc";
    visit(&v);
    CHECK(v.handshake != 1);
    CHECK_INT(v.trouble, SSL_AD_NO_APPLICATION_PROTOCOL);
    visit_free(&v);
    setting.conf.http2 = false;
    v = (struct visit){.tls = tls_must_load(&setting, NULL), .client = client_usual};
    v.alpn_wire = "\x08http/1.1\x02h2";
    visit(&v);
    CHECK_STR(v.alpn, "http/1.1");
    visit_free(&v);
}

/* ---- sessions ---- */

static void resumes(struct visit *v, bool wanted)
{
    visit(v);
    CHECK_INT(v->handshake, 1);
    CHECK_INT(v->received, 100);
    CHECK_INT(v->is_resumed, wanted);
    CHECK_INT(v->facts.is_resumed, wanted);
    CHECK(v->session != NULL);
}

static void sessions_go_on(int version)
{
    struct setting setting;
    struct visit v = {.tls = two_sites(&setting), .client = client_usual, .version_max = version};
    struct tls *reloaded;

    v.server_name = "b.example";
    resumes(&v, false);
    resumes(&v, true);
    reloaded = tls_must_load(&setting, v.tls); /* a reload hands the keys on */
    tls_unref(v.tls);
    v.tls = reloaded;
    resumes(&v, true);
    ticket_keys_age(v.tls->tickets, 3600 * 1000 / 2 + 1000); /* one rotation: the key before is still there */
    resumes(&v, true);
    resumes(&v, true);                                   /* with the ticket of the new key */
    ticket_keys_age(v.tls->tickets, 3600 * 1000 + 1000); /* past all keys' lifetime */
    resumes(&v, false);
    v.server_name = "a.example"; /* another site's session is none here */
    resumes(&v, false);
    visit_free(&v);
}

TEST(tls__sessions_go_on_over_reloads_and_a_rotation)
{
    sessions_go_on(TLS1_3_VERSION);
    sessions_go_on(TLS1_2_VERSION);
}

TEST(tls__no_tickets_no_resumption)
{
    struct setting setting;
    struct visit v = {.client = client_usual};

    tls_unref(two_sites(&setting));
    setting.conf.ticket_lifetime_ms = 0;
    v.tls = tls_must_load(&setting, NULL);
    visit(&v);
    CHECK(v.session == NULL);
    v.version_max = TLS1_2_VERSION;
    visit(&v);
    visit(&v);
    CHECK_FALSE(v.facts.is_resumed);
    visit_free(&v);
}

/* ---- clients' certificates ---- */

static void make_clients(void)
{
    static bool is_made;

    make_two();
    if (is_made)
        return;
    is_made = true;
    pki_make("ca", &(struct pki_wish){.cn = "Good", .is_authority = true});
    pki_make("ca2", &(struct pki_wish){.cn = "Stranger", .is_authority = true});
    pki_make("alice",
             &(struct pki_wish){.cn = "alice", .san = "email:alice@a.example,DNS:laptop.example", .signer = "ca"});
    pki_make("mallory", &(struct pki_wish){.cn = "alice", .signer = "ca2"});
    pki_make("late", &(struct pki_wish){.cn = "alice", .signer = "ca", .from_days = -10, .until_days = -1});
    pki_make("nul", &(struct pki_wish){.cn = "alice\0.example", .cn_len = 14, .signer = "ca"});
    pki_make("bell", &(struct pki_wish){.cn = "ali\ace", .signer = "ca"});
    pki_make("nameless", &(struct pki_wish){.signer = "ca"});
}

/* "a" asks clients, "b" does not. */
static struct tls *asking_site(struct setting *setting, enum client_cert asks, enum client_name which)
{
    struct site *site;

    make_clients();
    setting_begin(setting);
    site = setting_site(setting, "a.example", "a");
    site->tls.client_ca = pki_path("ca", ".pem");
    site->tls.client_certificates = asks;
    site->tls.client_name = which;
    setting_site(setting, "b.example", "b");
    return tls_must_load(setting, NULL);
}

static void is_known_as(struct visit *v, const char *certificate, const char *name)
{
    forget_session(v);
    v->certificate = certificate;
    visit(v);
    CHECK_INT(v->handshake, 1);
    CHECK_INT(v->received, 100);
    CHECK_STR(v->client_name, name);
}

/* In TLS 1.3 the client has finished before the server says no: it learns of it by its first read. */
static void is_refused(struct visit *v, const char *certificate, int alert)
{
    forget_session(v);
    v->certificate = certificate;
    visit(v);
    CHECK_INT(v->received, 0);
    CHECK_INT(v->trouble, alert);
    CHECK(v->is_closed);
    CHECK_FALSE(v->has_facts);
}

TEST(tls__a_client_is_who_its_certificate_says)
{
    struct setting setting;
    struct visit v = {.tls = asking_site(&setting, CLIENT_CERT_REQUIRED, CLIENT_NAME_CN), .client = client_usual};

    v.server_name = "a.example";
    is_known_as(&v, "alice", "alice");
    is_refused(&v, NULL, SSL_AD_CERTIFICATE_REQUIRED);
    is_refused(&v, "mallory", SSL_AD_UNKNOWN_CA);
    is_refused(&v, "late", SSL_AD_CERTIFICATE_EXPIRED);
    is_known_as(&v, "nul", "");
    is_known_as(&v, "bell", "");
    is_known_as(&v, "nameless", "");
    v.version_max = TLS1_2_VERSION;
    is_known_as(&v, "alice", "alice");
    v.server_name = "b.example"; /* where nobody asks */
    is_known_as(&v, "alice", "");
    visit_free(&v);
}

TEST(tls__a_client_may_be_nobody_where_it_is_optional)
{
    struct setting setting;
    struct visit v = {.tls = asking_site(&setting, CLIENT_CERT_OPTIONAL, CLIENT_NAME_EMAIL), .client = client_usual};

    v.server_name = "a.example";
    is_known_as(&v, NULL, "");
    is_known_as(&v, "alice", "alice@a.example");
    is_known_as(&v, "nameless", "");
    is_refused(&v, "mallory", SSL_AD_UNKNOWN_CA);
    visit_free(&v);
    v = (struct visit){.tls = asking_site(&setting, CLIENT_CERT_OPTIONAL, CLIENT_NAME_DNS), .client = client_usual};
    v.server_name = "a.example";
    is_known_as(&v, "alice", "laptop.example");
    visit_free(&v);
}

static void sessions_keep_identity(int version)
{
    struct setting setting;
    struct visit v = {.tls = asking_site(&setting, CLIENT_CERT_OPTIONAL, CLIENT_NAME_CN), .client = client_usual};
    struct tls *tls;

    v.version_max = version;
    v.server_name = "a.example";
    is_known_as(&v, "alice", "alice");
    v.certificate = NULL;
    resumes(&v, true);
    CHECK_STR(v.client_name, "alice");
    forget_session(&v);
    resumes(&v, false);
    CHECK_STR(v.client_name, "");
    v.certificate = "alice"; /* a session of nobody is not gone on with: the client is asked */
    resumes(&v, false);
    CHECK_STR(v.client_name, "alice");
    setting.sites[0].tls.client_ca = pki_path("ca2", ".pem"); /* who vouches now is another */
    tls = tls_must_load(&setting, v.tls);
    tls_unref(v.tls);
    v.tls = tls;
    v.certificate = NULL;
    resumes(&v, false);
    CHECK_STR(v.client_name, "");
    visit_free(&v);
}

TEST(tls__a_session_that_goes_on_is_the_same_clients)
{
    sessions_keep_identity(TLS1_3_VERSION);
    sessions_keep_identity(TLS1_2_VERSION);
}

/* A name without identity at one site is not smuggled in by a session of another that asks nobody. */
TEST(tls__a_session_of_a_site_that_asks_nobody_is_none_where_clients_are_asked)
{
    struct setting setting;
    struct visit v = {.tls = asking_site(&setting, CLIENT_CERT_REQUIRED, CLIENT_NAME_CN), .client = client_usual};

    v.server_name = "b.example";
    resumes(&v, false);
    v.server_name = "a.example";
    visit(&v);
    CHECK_INT(v.received, 0);
    CHECK_INT(v.trouble, SSL_AD_CERTIFICATE_REQUIRED);
    visit_free(&v);
}

/* ---- OCSP ---- */

TEST(tls__a_response_is_stapled_to_the_certificate_that_it_speaks_of)
{
    struct setting setting;
    struct visit v = {.client = client_usual, .asks_staple = true};
    struct site *site;

    make_clients();
    pki_make("leaf", &(struct pki_wish){.cn = "l.example", .san = "DNS:l.example", .signer = "ca"});
    pki_ocsp("good.der", "ca", "leaf", true, 5);
    pki_ocsp("other.der", "ca", "alice", true, 5);
    setting_begin(&setting);
    site = setting_site(&setting, "l.example", "leaf");
    setting_site(&setting, "a.example", "a");
    site->tls.ocsp[site->tls.ocsp_count++] = pki_path("other.der", "");
    v.tls = tls_must_load(&setting, NULL);
    CHECK(strstr(notices, "other.der: the OCSP response speaks of none"));
    visit(&v);
    CHECK_INT(v.handshake, 1);
    CHECK_INT(v.staple_len, 0);
    tls_unref(v.tls);
    site->tls.ocsp[site->tls.ocsp_count++] = pki_path("good.der", "");
    v.tls = tls_must_load(&setting, NULL);
    forget_session(&v);
    visit(&v);
    CHECK(v.staple_len > 100);
    v.version_max = TLS1_2_VERSION;
    forget_session(&v);
    visit(&v);
    CHECK(v.staple_len > 100);
    v.server_name = "a.example";
    visit(&v);
    CHECK_INT(v.staple_len, 0);
    visit_free(&v);
}

TEST(tls__an_expired_or_bad_response_is_not_stapled)
{
    struct setting setting;
    struct visit v = {.client = client_usual, .asks_staple = true};
    struct site *site;

    make_clients();
    pki_make("leaf", &(struct pki_wish){.cn = "l.example", .san = "DNS:l.example", .signer = "ca"});
    pki_ocsp("late.der", "ca", "leaf", true, -2);
    pki_ocsp("revoked.der", "ca", "leaf", false, 5);
    setting_begin(&setting);
    site = setting_site(&setting, "l.example", "leaf");
    site->tls.ocsp[site->tls.ocsp_count++] = pki_path("late.der", "");
    site->tls.ocsp[site->tls.ocsp_count++] = pki_path("revoked.der", "");
    v.tls = tls_must_load(&setting, NULL);
    CHECK(strstr(notices, "late.der: the OCSP response has expired"));
    CHECK(strstr(notices, "revoked.der: the OCSP response says that the certificate is revoked"));
    visit(&v);
    CHECK_INT(v.handshake, 1);
    CHECK_INT(v.staple_len, 0);
    visit_free(&v);
}
