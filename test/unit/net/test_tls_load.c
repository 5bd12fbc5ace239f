/*
 * test_tls_load.c - certificates and keys that are wrong, and what is said about them.
 */
#include <openssl/pem.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pki.h"
#include "visit.h"

static struct setting setting;

static void make_some(void)
{
    static bool is_made;

    if (!is_made) {
        pki_make("x", &(struct pki_wish){.cn = "x.example", .san = "DNS:x.example,IP:192.0.2.1"});
        pki_make("y", &(struct pki_wish){.cn = "y.example", .san = "DNS:y.example"});
    }
    is_made = true;
    setting_begin(&setting);
}

/* One site with these files. */
static struct site *with(const char *chain, const char *key)
{
    struct site *site;

    make_some();
    site = setting_site(&setting, "x.example", NULL);
    site->tls.certificates[site->tls.certificate_count++] = (struct certificate){chain, key};
    return site;
}

static void refused(const char *file, const char *text)
{
    struct buf why = BUF_INIT(2048);
    struct tls *tls;

    CHECK_INT(tls_load(&setting.conf, NULL, NULL, &tls, &why), ERR_INVALID);
    CHECK(tls == NULL);
    if (!strstr(buf_str(&why), text) || !strstr(buf_str(&why), file))
        CHECK_STR(buf_str(&why), text);
    CHECK(!strchr(buf_str(&why), '\n'));
    buf_release(&why);
}

TEST(tls_load__without_certificates_there_is_nothing)
{
    struct buf why = BUF_INIT(2048);
    struct tls *tls;

    make_some();
    setting_site(&setting, "x.example", NULL);
    CHECK_INT(tls_load(&setting.conf, NULL, NULL, &tls, &why), ERR_NONE);
    CHECK(tls == NULL);
    tls_unref(tls);
    buf_release(&why);
}

TEST(tls_load__files_that_are_missing_or_not_ours_to_read)
{
    const char *secret = pki_path("secret.key", "");

    make_some();
    with("/nowhere/x.pem", pki_path("x", ".key"));
    refused("/nowhere/x.pem", "the certificate cannot be read: No such file");
    with(pki_path("x", ".pem"), "/nowhere/x.key");
    refused("/nowhere/x.key", "the private key cannot be read: No such file");
    if (geteuid() == 0)
        return; /* root reads all */
    pki_write(secret, "", 0);
    chmod(secret, 0);
    with(pki_path("x", ".pem"), secret);
    refused(secret, "Permission denied (start as root");
}

TEST(tls_load__files_that_hold_something_else)
{
    make_some();
    pki_write(pki_path("text", ""), "hello\n", 6);
    with(pki_path("text", ""), pki_path("x", ".key"));
    refused("text", "no certificate in it");
    with(pki_path("x", ".pem"), pki_path("text", ""));
    refused("text", "no private key in it");
    with(pki_path("x", ".pem"), NULL); /* the same file, which has none */
    refused("x.pem", "no private key in it; name the file that has it with --key");
    with("/tmp", NULL);
    refused("/tmp", "the certificate cannot be read: Is a directory");
    pki_write(pki_path("cut", ""), "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", 59);
    with(pki_path("cut", ""), pki_path("x", ".key"));
    refused("cut", "cannot be understood");
}

TEST(tls_load__a_key_of_another_certificate)
{
    make_some();
    with(pki_path("x", ".pem"), pki_path("y", ".key"));
    refused("y.key", "does not belong to the certificate in");
}

TEST(tls_load__an_encrypted_key)
{
    const char *path = pki_path("locked", "");
    BIO *file;
    EVP_PKEY *key;

    make_some();
    file = BIO_new_file(path, "w");
    key = pki_key("x");
    CHECK_INT(PEM_write_bio_PrivateKey(file, key, EVP_aes_128_cbc(), NULL, 0, NULL, (void *)"secret"), 1);
    BIO_free(file);
    EVP_PKEY_free(key);
    with(pki_path("x", ".pem"), path);
    refused("locked", "the private key is encrypted");
}

TEST(tls_load__two_of_a_kind)
{
    struct site *site;

    make_some();
    site = with(pki_path("x", ".pem"), pki_path("x", ".key"));
    setting_certificate(site, "y");
    refused("y.pem", "another certificate with the same kind of key");
}

TEST(tls_load__authorities_and_responses_that_are_none)
{
    struct site *site;

    make_some();
    pki_write(pki_path("text", ""), "hello\n", 6);
    site = with(pki_path("x", ".pem"), pki_path("x", ".key"));
    site->tls.client_certificates = CLIENT_CERT_OPTIONAL;
    site->tls.client_ca = pki_path("text", "");
    refused("text", "no certificates of authorities in it");
    site->tls.client_ca = NULL;
    refused("", "nobody is named who vouches");
    site->tls.client_ca = "/nowhere/ca.pem";
    refused("/nowhere/ca.pem", "cannot be read");
    site->tls.client_certificates = CLIENT_CERT_NONE;
    site->tls.ocsp[site->tls.ocsp_count++] = pki_path("text", "");
    refused("text", "no OCSP response in DER");
    site->tls.ocsp[0] = "/nowhere/r.der";
    refused("/nowhere/r.der", "cannot be read");
}

/* ---- what is only told ---- */

static void told(const struct pki_wish *wish, const char *text)
{
    struct tls *tls;

    pki_make("z", wish);
    with(pki_path("z", ".pem"), pki_path("z", ".key"));
    tls = tls_must_load(&setting, NULL);
    if (text && !strstr(notices, text))
        CHECK_STR(notices, text);
    if (!text)
        CHECK_STR(notices, "");
    tls_unref(tls);
}

TEST(tls_load__dates_and_names_are_told)
{
    told(&(struct pki_wish){.cn = "x.example", .san = "DNS:x.example"}, NULL);
    told(&(struct pki_wish){.san = "DNS:x.example", .until_days = 3}, "z.pem: the certificate expires in");
    told(&(struct pki_wish){.san = "DNS:x.example", .from_days = -9, .until_days = -1},
         "z.pem: the certificate has expired");
    told(&(struct pki_wish){.san = "DNS:x.example", .from_days = 2}, "z.pem: the certificate is not yet valid");
    told(&(struct pki_wish){.san = "DNS:y.example"},
         "z.pem: the certificate is for none of the site's hosts (x.example)");
}

TEST(tls_load__key_and_chain_in_one_file)
{
    const char *both = pki_path("both", "");
    struct tls *tls;
    BIO *file;
    EVP_PKEY *key;
    X509 *cert;

    make_some();
    file = BIO_new_file(both, "w");
    key = pki_key("x");
    cert = pki_cert("x");
    PEM_write_bio_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL);
    PEM_write_bio_X509(file, cert);
    X509_free(cert);
    cert = pki_cert("y"); /* as if it were the authority's */
    PEM_write_bio_X509(file, cert);
    X509_free(cert);
    EVP_PKEY_free(key);
    BIO_free(file);
    with(both, NULL);
    tls = tls_must_load(&setting, NULL);
    CHECK_INT(tls->sites[0].pair_count, 1);
    CHECK(tls->sites[0].pairs[0].is_ecdsa);
    tls_unref(tls);
}
