/*
 * pki.c - keys and certificates for tests.
 */
#include "pki.h"

#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "check.h"

enum { DAY_S = 24 * 60 * 60, PATHS_MAX = 64 };

static char folder[] = "/tmp/samovar-pki-XXXXXX";
static char *paths[PATHS_MAX];
static unsigned path_count;

static void clean_up(void)
{
    for (unsigned i = 0; i < path_count; i++) {
        unlink(paths[i]);
        free(paths[i]);
    }
    rmdir(folder);
}

const char *pki_path(const char *name, const char *ending)
{
    char path[128];

    if (path_count == 0) {
        assert_non_null(mkdtemp(folder));
        atexit(clean_up);
    }
    snprintf(path, sizeof(path), "%s/%s%s", folder, name, ending);
    for (unsigned i = 0; i < path_count; i++)
        if (strcmp(paths[i], path) == 0)
            return paths[i];
    CHECK(path_count < PATHS_MAX);
    return paths[path_count++] = strdup(path);
}

void pki_write(const char *path, const void *bytes, size_t len)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    CHECK_INT(fwrite(bytes, 1, len, file), len);
    fclose(file);
}

X509 *pki_cert(const char *name)
{
    BIO *file = BIO_new_file(pki_path(name, ".pem"), "r");
    X509 *cert = PEM_read_bio_X509(file, NULL, NULL, NULL);

    BIO_free(file);
    assert_non_null(cert);
    return cert;
}

EVP_PKEY *pki_key(const char *name)
{
    BIO *file = BIO_new_file(pki_path(name, ".key"), "r");
    EVP_PKEY *key = PEM_read_bio_PrivateKey(file, NULL, NULL, NULL);

    BIO_free(file);
    assert_non_null(key);
    return key;
}

static void extend(X509 *cert, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509_EXTENSION *extension;

    X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
    extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    assert_non_null(extension);
    X509_add_ext(cert, extension, -1);
    X509_EXTENSION_free(extension);
}

static X509 *cert_make(const struct pki_wish *wish, EVP_PKEY *key)
{
    static long serial;
    X509 *cert = X509_new();
    X509_NAME *name = X509_get_subject_name(cert);
    int cn_len = wish->cn_len ? (int)wish->cn_len : -1;

    X509_set_version(cert, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(cert), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(cert), wish->from_days ? wish->from_days * DAY_S : -60);
    X509_gmtime_adj(X509_getm_notAfter(cert), (wish->until_days ? wish->until_days : 100) * DAY_S);
    X509_set_pubkey(cert, key);
    X509_NAME_add_entry_by_txt(name, "O", MBSTRING_ASC, (const unsigned char *)"Samovar's tests", -1, -1, 0);
    if (wish->cn)
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)wish->cn, cn_len, -1, 0);
    return cert;
}

static void pem_write(const char *name, X509 *cert, EVP_PKEY *key)
{
    BIO *file = BIO_new_file(pki_path(name, ".pem"), "w");

    PEM_write_bio_X509(file, cert);
    BIO_free(file);
    file = BIO_new_file(pki_path(name, ".key"), "w");
    PEM_write_bio_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL);
    BIO_free(file);
}

void pki_make(const char *name, const struct pki_wish *wish)
{
    EVP_PKEY *key = wish->kind == PKI_RSA ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256");
    EVP_PKEY *signing = wish->signer ? pki_key(wish->signer) : key;
    X509 *cert = cert_make(wish, key);
    X509 *issuer = wish->signer ? pki_cert(wish->signer) : cert;

    X509_set_issuer_name(cert, X509_get_subject_name(issuer));
    if (wish->is_authority)
        extend(cert, issuer, NID_basic_constraints, "critical,CA:TRUE");
    if (wish->san)
        extend(cert, issuer, NID_subject_alt_name, wish->san);
    CHECK(X509_sign(cert, signing, EVP_sha256()) > 0);
    pem_write(name, cert, key);
    if (wish->signer) {
        EVP_PKEY_free(signing);
        X509_free(issuer);
    }
    X509_free(cert);
    EVP_PKEY_free(key);
}

void pki_ocsp(const char *name, const char *signer, const char *about, bool is_good, int until_days)
{
    X509 *issuer = pki_cert(signer), *cert = pki_cert(about);
    EVP_PKEY *key = pki_key(signer);
    OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
    ASN1_TIME *from = X509_gmtime_adj(NULL, -DAY_S), *until = X509_gmtime_adj(NULL, until_days * (long)DAY_S);
    OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha1(), cert, issuer);
    OCSP_RESPONSE *response;
    unsigned char *der = NULL;
    int len;

    if (until_days < 0)
        X509_gmtime_adj(from, 2L * until_days * DAY_S);
    assert_non_null(OCSP_basic_add1_status(basic, id, is_good ? V_OCSP_CERTSTATUS_GOOD : V_OCSP_CERTSTATUS_REVOKED, 0,
                                           is_good ? NULL : from, from, until));
    CHECK_INT(OCSP_basic_sign(basic, issuer, key, EVP_sha256(), NULL, 0), 1);
    response = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
    len = i2d_OCSP_RESPONSE(response, &der);
    CHECK(len > 0);
    pki_write(pki_path(name, ""), der, (size_t)len);
    OPENSSL_free(der);
    OCSP_RESPONSE_free(response);
    OCSP_BASICRESP_free(basic);
    OCSP_CERTID_free(id);
    ASN1_TIME_free(from);
    ASN1_TIME_free(until);
    X509_free(issuer);
    X509_free(cert);
    EVP_PKEY_free(key);
}
