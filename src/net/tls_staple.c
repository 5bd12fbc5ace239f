/*
 * tls_staple.c - OCSP responses from files, shown with the certificates that they speak of (RFC 6960, RFC 6066 §8).
 *
 * Whoever renews the files (a timer that asks the authority) tells us by a reload. A response past its end is worse
 * than none: clients would refuse us.
 */
#include "tls_private.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ocsp.h>

#include "base/clock.h"

enum { CLOCK_SLACK_S = 300 }; /* between the authority's clock and ours */

/* By serial number and the issuer's name; the issuer's key is the signature's business. */
static bool speaks_of(const OCSP_CERTID *id, X509 *cert)
{
    ASN1_OCTET_STRING *name_hash;
    ASN1_OBJECT *algorithm;
    ASN1_INTEGER *serial;
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned hash_len;
    const EVP_MD *md;

    if (!OCSP_id_get0_info(&name_hash, &algorithm, NULL, &serial, (OCSP_CERTID *)id) ||
        ASN1_INTEGER_cmp(serial, X509_get0_serialNumber(cert)) != 0)
        return false;
    md = EVP_get_digestbyobj(algorithm);
    return md && X509_NAME_digest(X509_get_issuer_name(cert), md, hash, &hash_len) &&
           (int)hash_len == ASN1_STRING_length(name_hash) &&
           memcmp(hash, ASN1_STRING_get0_data(name_hash), hash_len) == 0;
}

static int64_t seconds_of(const ASN1_GENERALIZEDTIME *time)
{
    int days = 0, seconds = 0;

    ASN1_TIME_diff(&days, &seconds, NULL, time);
    return clock_real_s() + (int64_t)days * 86400 + seconds;
}

/* Whether it may be shown for the certificate now; says why not. */
static bool is_good(OCSP_SINGLERESP *single, const char *path, void (*notice)(const char *line), int64_t *until_s)
{
    ASN1_GENERALIZEDTIME *from, *until;
    int status = OCSP_single_get0_status(single, NULL, NULL, &from, &until);

    *until_s = until ? seconds_of(until) : 0;
    if (status != V_OCSP_CERTSTATUS_GOOD) {
        TELL(notice, "%s: the OCSP response says that the certificate is %s; it is not stapled", path,
             status == V_OCSP_CERTSTATUS_REVOKED ? "revoked" : "unknown");
        return false;
    }
    if (!OCSP_check_validity(from, until, CLOCK_SLACK_S, -1)) {
        ERR_clear_error();
        TELL(notice, "%s: the OCSP response has expired (or is not yet valid) and is not stapled; fetch a new one",
             path);
        return false;
    }
    return true;
}

static OCSP_SINGLERESP *find(OCSP_BASICRESP *basic, X509 *cert)
{
    for (int i = 0; i < OCSP_resp_count(basic); i++)
        if (speaks_of(OCSP_SINGLERESP_get0_id(OCSP_resp_get0(basic, i)), cert))
            return OCSP_resp_get0(basic, i);
    return NULL;
}

static void staple_set(struct tls_pair *pair, OCSP_RESPONSE *response, int64_t until_s)
{
    unsigned char *der = NULL;
    int len = i2d_OCSP_RESPONSE(response, &der);

    if (len <= 0)
        return;
    OPENSSL_free(pair->staple);
    pair->staple = der;
    pair->staple_len = (size_t)len;
    pair->staple_until_s = until_s;
}

static void staple_give(struct tls_site *site, const char *path, OCSP_RESPONSE *response, OCSP_BASICRESP *basic,
                        void (*notice)(const char *line))
{
    bool is_of_ours = false;
    int64_t until_s;

    for (unsigned i = 0; i < site->pair_count; i++) {
        OCSP_SINGLERESP *single = find(basic, site->pairs[i].cert);

        if (single && is_good(single, path, notice, &until_s))
            staple_set(&site->pairs[i], response, until_s);
        is_of_ours |= single != NULL;
    }
    if (!is_of_ours)
        TELL(notice, "%s: the OCSP response speaks of none of the site's certificates; it is not stapled", path);
}

enum err staple_load(struct tls_site *site, const char *path, void (*notice)(const char *line), struct buf *why)
{
    BIO *file = BIO_new_file(path, "rb");
    OCSP_RESPONSE *response = file ? d2i_OCSP_RESPONSE_bio(file, NULL) : NULL;
    OCSP_BASICRESP *basic = response ? OCSP_response_get1_basic(response) : NULL;
    enum err err = ERR_NONE;

    if (!file) {
        buf_printf(why, "%s: the OCSP response cannot be read: %s", path, err_text(err_from_errno(errno)));
        err = ERR_INVALID;
    } else if (!response) {
        buf_printf(why, "%s: this is no OCSP response in DER (openssl ocsp -respout writes one)", path);
        err = ERR_INVALID;
    } else if (!basic) {
        TELL(notice, "%s: the OCSP responder did not answer the question; nothing is stapled", path);
    } else {
        staple_give(site, path, response, basic, notice);
    }
    OCSP_BASICRESP_free(basic);
    OCSP_RESPONSE_free(response);
    BIO_free(file);
    ERR_clear_error();
    return err;
}

int staple_show(SSL *ssl, void *arg)
{
    const struct tls_conn *tls = SSL_get_app_data(ssl);
    const struct tls_site *site = &tls->tls->sites[tls->facts.site];
    X509 *cert = SSL_get_certificate(ssl);
    unsigned char *copy;

    (void)arg;
    for (unsigned i = 0; i < site->pair_count; i++) {
        const struct tls_pair *pair = &site->pairs[i];

        if (pair->cert != cert || !pair->staple || (pair->staple_until_s && pair->staple_until_s < clock_real_s()))
            continue;
        copy = OPENSSL_memdup(pair->staple, pair->staple_len);
        if (!copy)
            break;
        SSL_set_tlsext_status_ocsp_resp(ssl, copy, (long)pair->staple_len);
        return SSL_TLSEXT_ERR_OK;
    }
    return SSL_TLSEXT_ERR_NOACK;
}
