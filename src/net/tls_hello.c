/*
 * tls_hello.c - whose certificate a client is shown, and what else is agreed on in a handshake.
 */
#include "tls_private.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

/* ---- which site (RFC 6066 §3) ---- */

/* The one host_name of the extension, or empty where there is none or it makes no sense (OpenSSL refuses that). */
static struct slice name_in_hello(SSL *ssl)
{
    const unsigned char *ext;
    size_t len;

    if (!SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &ext, &len) || len < 5 ||
        ext[2] != TLSEXT_NAMETYPE_host_name || (size_t)(ext[0] << 8 | ext[1]) != len - 2 ||
        (size_t)(ext[3] << 8 | ext[4]) != len - 5 || len - 5 > TLSEXT_MAXLEN_host_name || memchr(ext + 5, 0, len - 5))
        return SLICE_NONE;
    return slice_of((const char *)ext + 5, len - 5);
}

static unsigned site_for(const struct tls *tls, struct slice name)
{
    for (unsigned i = 0; i < tls->site_count; i++)
        for (unsigned k = 0; k < tls->sites[i].host_count; k++)
            if (tls->sites[i].ctx && slice_eq(tls->sites[i].hosts[k], name))
                return i;
    return tls->first;
}

static void remember_name(struct tls_conn *tls, struct slice name)
{
    free(tls->server_name);
    tls->server_name = xstrdup(name);
    for (char *at = tls->server_name; *at; at++)
        *at = ascii_lower(*at);
    tls->facts.server_name = slice_of(tls->server_name, name.len);
}

static void show_site(SSL *ssl, const struct tls_site *site)
{
    int verify = site->client_certificates == CLIENT_CERT_NONE ? SSL_VERIFY_NONE : SSL_VERIFY_PEER;

    if (site->client_certificates == CLIENT_CERT_REQUIRED)
        verify |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
    if (SSL_get_SSL_CTX(ssl) != site->ctx)
        SSL_set_SSL_CTX(ssl, site->ctx);
    SSL_set_verify(ssl, verify, NULL);
}

/* Does the client take a signature by ECDSA on P-256, -384 or -521 (RFC 8446 §4.2.3)? */
static bool takes_ecdsa(SSL *ssl)
{
    const unsigned char *ext;
    size_t len;

    if (!SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_signature_algorithms, &ext, &len))
        return false;
    for (size_t i = 2; i + 1 < len; i += 2)
        if (ext[i + 1] == 3 && ext[i] >= 4 && ext[i] <= 6)
            return true;
    return false;
}

/* A ticket of ours: the session goes on, and nothing is signed (RFC 8446 §4.2.11, RFC 5077). */
static bool has_ticket(SSL *ssl, struct ticket_keys *keys)
{
    const unsigned char *ext;
    size_t len, first;

    if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_psk, &ext, &len)) {
        first = len < 4 ? 0 : (size_t)(ext[2] << 8 | ext[3]); /* of the identities */
        return len >= 4 && first <= len - 4 && ticket_is_ours(keys, ext + 4, first);
    }
    return SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_session_ticket, &ext, &len) && ticket_is_ours(keys, ext, len);
}

static bool signs_slowly(SSL *ssl, const struct tls_site *site)
{
    if (!site->is_slow)
        return false;
    for (unsigned i = 0; i < site->pair_count; i++)
        if (!site->pairs[i].is_slow && site->pairs[i].is_ecdsa)
            return !takes_ecdsa(ssl);
    return true;
}

/* Whether to have a worker sign: it takes long, or the loop has signed enough in this round. */
static bool wants_worker(SSL *ssl, struct tls_conn *tls, const struct tls_site *site)
{
    if (tls->state != TLS_SHAKING || !tls->pool)
        return false; /* this is the worker, or there is none */
    role_assert_loop();
    /* A ticket may still be one of another site, or come with what makes OpenSSL sign after all: it uses the share. */
    if (signs_slowly(ssl, site) && !has_ticket(ssl, tls->tls->tickets))
        return true;
    return !shake_has_share(tls);
}

/* The first that OpenSSL does with a hello: before it looks for a session, so a session of another site is none. */
static int hello_choose(SSL *ssl, int *alert, void *arg)
{
    struct tls_conn *tls = SSL_get_app_data(ssl);
    const struct tls_site *site;

    (void)alert;
    (void)arg;
    remember_name(tls, name_in_hello(ssl));
    tls->facts.site = site_for(tls->tls, tls->facts.server_name);
    site = &tls->tls->sites[tls->facts.site];
    show_site(ssl, site);
    /* A signature for a worker is not begun: SSL_do_handshake() comes back, and the worker goes on from here. */
    return wants_worker(ssl, tls, site) ? SSL_CLIENT_HELLO_RETRY : SSL_CLIENT_HELLO_SUCCESS;
}

/* ---- which protocol (RFC 7301) ---- */

static int alpn_choose(SSL *ssl, const unsigned char **out, unsigned char *out_len, const unsigned char *offered,
                       unsigned offered_len, void *arg)
{
    static const unsigned char ours[] = "\x02h2\x08http/1.1";
    const struct tls *tls = arg;
    unsigned skip = tls->http2 ? 0 : 3;
    unsigned char *got;

    (void)ssl;
    if (SSL_select_next_proto(&got, out_len, ours + skip, sizeof(ours) - 1 - skip, offered, offered_len) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out = got;
    return SSL_TLSEXT_ERR_OK;
}

/* ---- who the client is ---- */

/* Text that can be a user's name; a NUL or a control byte in it is a trick. */
static bool is_name(const unsigned char *text, int len)
{
    if (len <= 0 || len > CLIENT_NAME_MAX)
        return false;
    for (int i = 0; i < len; i++)
        if (text[i] < 0x20 || text[i] == 0x7f)
            return false;
    return true;
}

static char *name_from(const ASN1_STRING *string)
{
    unsigned char *text = NULL;
    int len = string ? ASN1_STRING_to_UTF8(&text, string) : -1;
    char *name = is_name(text, len) ? xstrdup(slice_of((const char *)text, (size_t)len)) : NULL;

    OPENSSL_free(text);
    return name;
}

/* The subject's only CN: of two, nobody knows which one the authority meant. */
static char *common_name(X509 *cert)
{
    X509_NAME *subject = X509_get_subject_name(cert);
    int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);

    if (at < 0 || X509_NAME_get_index_by_NID(subject, NID_commonName, at) >= 0)
        return NULL;
    return name_from(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
}

/* The first subjectAltName of that type. */
static char *alternative_name(X509 *cert, int type)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
    char *name = NULL;
    bool is_found = false;

    for (int i = 0; i < sk_GENERAL_NAME_num(names) && !is_found; i++) {
        int kind;
        const ASN1_STRING *value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names, i), &kind);

        is_found = kind == type;
        if (is_found)
            name = name_from(value);
    }
    GENERAL_NAMES_free(names);
    return name;
}

static char *client_name(X509 *cert, enum client_name which)
{
    switch (which) {
    case CLIENT_NAME_EMAIL:
        return alternative_name(cert, GEN_EMAIL);
    case CLIENT_NAME_DNS:
        return alternative_name(cert, GEN_DNS);
    case CLIENT_NAME_CN:
        break;
    }
    return common_name(cert);
}

/*
 * Where clients are asked who they are, only a session in which one told is gone on with. (Sessions of sites that ask
 * otherwise do not come this far: their context differs.)
 */
static SSL_TICKET_RETURN ticket_opened(SSL *ssl, SSL_SESSION *session, const unsigned char *name, size_t name_len,
                                       SSL_TICKET_STATUS status, void *arg)
{
    const struct tls_conn *tls = SSL_get_app_data(ssl);
    const struct tls_site *site = &tls->tls->sites[tls->facts.site];
    X509 *cert;

    (void)name;
    (void)name_len;
    (void)arg;
    if (status != SSL_TICKET_SUCCESS && status != SSL_TICKET_SUCCESS_RENEW)
        return SSL_TICKET_RETURN_IGNORE_RENEW;
    if (site->client_certificates != CLIENT_CERT_NONE) {
        cert = SSL_SESSION_get0_peer(session);
        if (!cert || X509_cmp_current_time(X509_get0_notAfter(cert)) < 0)
            return SSL_TICKET_RETURN_IGNORE_RENEW;
    }
    /* In TLS 1.3 a client uses a ticket once (RFC 8446 §C.4), so it gets another. */
    return status == SSL_TICKET_SUCCESS_RENEW || SSL_version(ssl) == TLS1_3_VERSION ? SSL_TICKET_RETURN_USE_RENEW
                                                                                    : SSL_TICKET_RETURN_USE;
}

/* ---- */

void hello_prepare(struct tls *tls, struct tls_site *site)
{
    SSL_CTX *ctx = site->ctx;

    SSL_CTX_set_client_hello_cb(ctx, hello_choose, NULL);
    SSL_CTX_set_alpn_select_cb(ctx, alpn_choose, tls);
    SSL_CTX_set_tlsext_ticket_key_evp_cb(ctx, ticket_key_for);
    SSL_CTX_set_session_ticket_cb(ctx, NULL, ticket_opened, NULL);
    SSL_CTX_set_tlsext_status_cb(ctx, staple_show);
    SSL_CTX_set_tlsext_status_arg(ctx, site);
}

void hello_facts(struct tls_conn *tls)
{
    struct tls_facts *facts = &tls->facts;
    const struct tls_site *site = &tls->tls->sites[facts->site];
    const unsigned char *protocol;
    unsigned protocol_len;
    X509 *cert = SSL_get0_peer_certificate(tls->ssl);

    SSL_get0_alpn_selected(tls->ssl, &protocol, &protocol_len);
    facts->is_h2 = protocol_len == 2 && memcmp(protocol, "h2", 2) == 0;
    facts->is_resumed = SSL_session_reused(tls->ssl);
    facts->version = SSL_get_version(tls->ssl);
    facts->cipher = SSL_get_cipher_name(tls->ssl);
    facts->is_verified =
        cert && site->client_certificates != CLIENT_CERT_NONE && SSL_get_verify_result(tls->ssl) == X509_V_OK;
    if (facts->is_verified)
        tls->client_name = client_name(cert, site->client_name);
    facts->client_name = tls->client_name ? slice_str(tls->client_name) : SLICE("");
    ERR_clear_error();
}
