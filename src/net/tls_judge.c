/*
 * tls_judge.c - what may be said against a certificate that can be used, and how long its key takes. Main thread.
 */
#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "base/clock.h"
#include "tls_private.h"

enum {
    SLOW_NS = 200 * 1000, /* a signature that holds a loop up for longer is made by a worker */
    SOON_DAYS = 14,
};

void judge_dates(const char *path, X509 *cert, void (*notice)(const char *))
{
    int days = 0, seconds = 0;

    ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notBefore(cert));
    if (days > 0 || seconds > 0)
        TELL(notice, "%s: the certificate is not yet valid (or the clock is wrong)", path);
    days = seconds = 0;
    ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(cert));
    if (days < 0 || seconds < 0)
        TELL(notice, "%s: the certificate has expired; clients will refuse it", path);
    else if (days < SOON_DAYS)
        TELL(notice, "%s: the certificate expires in %d day%s", path, days, days == 1 ? "" : "s");
}

static bool covers(X509 *cert, struct slice host)
{
    char text[256];
    bool is_so = host.len < sizeof(text);

    if (!is_so)
        return false;
    memcpy(text, host.ptr, host.len);
    text[host.len] = '\0';
    is_so = X509_check_host(cert, text, host.len, 0, NULL) == 1 || X509_check_ip_asc(cert, text, 0) == 1;
    ERR_clear_error();
    return is_so;
}

void judge_names(const char *path, X509 *cert, const struct site *site, void (*notice)(const char *))
{
    for (unsigned i = 0; i < site->host_count; i++)
        if (covers(cert, site->hosts[i]))
            return;
    if (site->host_count)
        TELL(notice, "%s: the certificate is for none of the site's hosts (%.*s%s); clients will refuse it", path,
             SLICE_FMT(site->hosts[0]), site->host_count > 1 ? ", ..." : "");
}

static uint64_t signing_ns(EVP_PKEY *key)
{
    static const unsigned char text[64] = "how long does it take?";
    unsigned char signature[2048];
    size_t len = sizeof(signature);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool is_own_hash = EVP_PKEY_is_a(key, "ED25519") || EVP_PKEY_is_a(key, "ED448");
    uint64_t from_ns;

    if (ctx && EVP_DigestSignInit(ctx, NULL, is_own_hash ? NULL : EVP_sha256(), NULL, key) == 1) {
        from_ns = clock_mono_ns();
        EVP_DigestSign(ctx, signature, &len, text, sizeof(text));
        from_ns = clock_mono_ns() - from_ns;
    } else {
        from_ns = UINT64_MAX; /* it could not be told */
    }
    EVP_MD_CTX_free(ctx);
    ERR_clear_error();
    return from_ns;
}

/* The best of a few: the first has more to do, and somebody else may have had the core. */
bool key_is_slow(EVP_PKEY *key)
{
    uint64_t best_ns = UINT64_MAX;

    for (unsigned i = 0; i < 5; i++) {
        uint64_t took_ns = signing_ns(key);

        best_ns = took_ns < best_ns ? took_ns : best_ns;
    }
    return best_ns > SLOW_NS;
}
