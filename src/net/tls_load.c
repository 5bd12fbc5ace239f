/*
 * tls_load.c - certificates and keys from files into one SSL_CTX a site.
 *
 * On the main thread: before privileges are dropped, and at each reload. What makes a handshake impossible is an
 * error that names the file and what to do; what only makes clients unhappy is told (tls_judge.c).
 */
#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tls_private.h"

enum {
    CHAIN_MAX = 8,                   /* of a client's certificate */
    TICKET_S_MAX = 7 * 24 * 60 * 60, /* RFC 8446 §4.6.1 */
};

bool tls_test_on_socket, tls_test_slow_keys;

/* What one tls_load() is given. */
struct load {
    const struct conf *conf;
    struct tls *tls;
    void (*notice)(const char *line);
    struct buf *why;
    bool is_reload;
};

/* The reason that OpenSSL gives, in its words. */
static const char *its_reason(void)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());

    return reason ? reason : "unknown reason";
}

static enum err cannot_read(struct load *load, const char *what, const char *path, int code)
{
    const char *advice =
        load->is_reload ? " (by the user that the server has become; let a group of that user own the file, or restart)"
                        : " (start as root with --run-as, or let this user read it)";

    buf_printf(load->why, "%s: the %s cannot be read: %s%s", path, what, strerror(code), code == EACCES ? advice : "");
    return ERR_INVALID;
}

static BIO *file_open(struct load *load, const char *what, const char *path)
{
    struct stat st;
    BIO *file;

    errno = 0;
    ERR_clear_error();
    file = BIO_new_file(path, "rb");
    if (!file)
        cannot_read(load, what, path, errno ? errno : EIO);
    else if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) { /* it can be opened */
        cannot_read(load, what, path, EISDIR);
        BIO_free(file);
        file = NULL;
    }
    return file;
}

/* ---- the chain ---- */

static enum err no_certificate(struct load *load, const char *path)
{
    if (ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE)
        buf_printf(load->why, "%s: no certificate in it; it should be PEM, with \"-----BEGIN CERTIFICATE-----\"", path);
    else
        buf_printf(load->why, "%s: its certificate cannot be understood: %s", path, its_reason());
    return ERR_INVALID;
}

/* The first is the server's own; those after it lead to an authority that clients know. */
static enum err chain_read(struct load *load, const char *path, X509 **own, STACK_OF(X509) * rest)
{
    BIO *file = file_open(load, "certificate", path);
    X509 *next;
    enum err err = ERR_NONE;

    if (!file)
        return ERR_INVALID;
    *own = PEM_read_bio_X509(file, NULL, NULL, NULL);
    while (*own && (next = PEM_read_bio_X509(file, NULL, NULL, NULL)))
        sk_X509_push(rest, next);
    if (!*own || ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
        err = no_certificate(load, path);
    ERR_clear_error();
    BIO_free(file);
    return err;
}

/* ---- the key ---- */

static int no_password(char *room, int size, int is_writing, void *arg)
{
    (void)room;
    (void)size;
    (void)is_writing;
    *(bool *)arg = true;
    return -1;
}

static enum err key_read(struct load *load, const char *path, bool is_with_chain, EVP_PKEY **key)
{
    BIO *file = file_open(load, "private key", path);
    bool is_encrypted = false;

    if (!file)
        return ERR_INVALID;
    *key = PEM_read_bio_PrivateKey(file, NULL, no_password, &is_encrypted);
    BIO_free(file);
    if (!*key && is_encrypted)
        buf_printf(load->why,
                   "%s: the private key is encrypted; a server starts without asking, so decrypt it: "
                   "openssl pkey -in KEY -out NEW-KEY",
                   path);
    else if (!*key)
        buf_printf(load->why, "%s: no private key in it; %s", path,
                   is_with_chain ? "name the file that has it with --key (in a configuration: key)"
                                 : "it should be PEM, with \"-----BEGIN PRIVATE KEY-----\"");
    ERR_clear_error();
    return *key ? ERR_NONE : ERR_INVALID;
}

/* ---- one certificate with its key ---- */

static bool has_kind(const struct tls_site *site, EVP_PKEY *key)
{
    for (unsigned i = 0; i < site->pair_count; i++)
        if (EVP_PKEY_get_base_id(X509_get0_pubkey(site->pairs[i].cert)) == EVP_PKEY_get_base_id(key))
            return true;
    return false;
}

static enum err pair_use(struct load *load, struct tls_site *site, const struct certificate *files, X509 *cert,
                         EVP_PKEY *key, STACK_OF(X509) * rest)
{
    if (X509_check_private_key(cert, key) != 1) {
        buf_printf(load->why, "%s: this private key does not belong to the certificate in %s", files->key,
                   files->chain);
        return ERR_INVALID;
    }
    if (has_kind(site, key)) {
        buf_printf(load->why,
                   "%s: the site has another certificate with the same kind of key; one RSA and one ECDSA "
                   "may stand side by side",
                   files->chain);
        return ERR_INVALID;
    }
    if (SSL_CTX_use_cert_and_key(site->ctx, cert, key, rest, 1) != 1) {
        buf_printf(load->why, "%s: the certificate cannot be used: %s", files->chain, its_reason());
        return ERR_INVALID;
    }
    site->pairs[site->pair_count++] = (struct tls_pair){
        .cert = cert,
        .is_ecdsa = EVP_PKEY_is_a(key, "EC"),
        .is_slow = tls_test_slow_keys || key_is_slow(key),
    };
    site->is_slow |= site->pairs[site->pair_count - 1].is_slow;
    return ERR_NONE;
}

static enum err pair_load(struct load *load, struct tls_site *site, const struct certificate *files, X509 **cert)
{
    STACK_OF(X509) *rest = sk_X509_new_null();
    const char *key_path = files->key ? files->key : files->chain;
    EVP_PKEY *key = NULL;
    enum err err = chain_read(load, files->chain, cert, rest);

    if (!err)
        err = key_read(load, key_path, strcmp(key_path, files->chain) == 0, &key);
    if (!err)
        err = pair_use(load, site, &(struct certificate){files->chain, key_path}, *cert, key, rest);
    EVP_PKEY_free(key);
    sk_X509_pop_free(rest, X509_free);
    ERR_clear_error();
    return err;
}

static enum err pairs_load(struct load *load, struct tls_site *site, const struct site *from)
{
    const struct tls_conf *conf = &from->tls;

    site->pairs = arena_alloc(&load->tls->arena, conf->certificate_count * sizeof(*site->pairs));
    for (unsigned i = 0; i < conf->certificate_count; i++) {
        X509 *cert = NULL;
        enum err err = pair_load(load, site, &conf->certificates[i], &cert);

        if (!err) {
            judge_dates(conf->certificates[i].chain, cert, load->notice);
            judge_names(conf->certificates[i].chain, cert, from, load->notice);
        }
        X509_free(cert); /* the context has its own reference */
        if (err)
            return err;
    }
    return ERR_NONE;
}

/* ---- what is asked of clients ---- */

static enum err clients_load(struct load *load, struct tls_site *site, const struct tls_conf *conf)
{
    STACK_OF(X509_NAME) * names;
    BIO *file;

    site->client_name = conf->client_name;
    if (conf->client_certificates == CLIENT_CERT_NONE)
        return ERR_NONE;
    if (!conf->client_ca) {
        buf_add_str(load->why, "clients are asked for certificates, but nobody is named who vouches for them");
        return ERR_INVALID;
    }
    site->client_certificates = conf->client_certificates;
    file = file_open(load, "authority of clients", conf->client_ca);
    if (!file)
        return ERR_INVALID;
    BIO_free(file);
    names = SSL_load_client_CA_file(conf->client_ca);
    if (!names || SSL_CTX_load_verify_file(site->ctx, conf->client_ca) != 1) {
        buf_printf(load->why,
                   "%s: no certificates of authorities in it; it should be PEM, with "
                   "\"-----BEGIN CERTIFICATE-----\"",
                   conf->client_ca);
        sk_X509_NAME_pop_free(names, X509_NAME_free);
        ERR_clear_error();
        return ERR_INVALID;
    }
    SSL_CTX_set_client_CA_list(site->ctx, names);
    SSL_CTX_set_verify_depth(site->ctx, CHAIN_MAX);
    return ERR_NONE;
}

static void hash_slice(EVP_MD_CTX *hash, struct slice text)
{
    EVP_DigestUpdate(hash, &text.len, sizeof(text.len));
    if (text.len)
        EVP_DigestUpdate(hash, text.ptr, text.len);
}

static void hash_authorities(EVP_MD_CTX *hash, SSL_CTX *ctx)
{
    STACK_OF(X509_OBJECT) *all = X509_STORE_get0_objects(SSL_CTX_get_cert_store(ctx));

    for (int i = 0; i < sk_X509_OBJECT_num(all); i++) {
        X509 *cert = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(all, i));
        unsigned char print[EVP_MAX_MD_SIZE];
        unsigned len;

        if (cert && X509_digest(cert, EVP_sha256(), print, &len))
            EVP_DigestUpdate(hash, print, len);
    }
}

/*
 * A session is gone on with only where it was made: at the same names, with the same asked of clients. It stays the
 * same over reloads that change nothing of that.
 */
static bool set_context(struct tls_site *site)
{
    unsigned char id[EVP_MAX_MD_SIZE];
    unsigned len = 0, asked[2] = {site->client_certificates, site->client_name};
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    bool is_made = hash && EVP_DigestInit_ex(hash, EVP_sha256(), NULL) == 1;

    if (is_made) {
        for (unsigned i = 0; i < site->host_count; i++)
            hash_slice(hash, site->hosts[i]);
        EVP_DigestUpdate(hash, asked, sizeof(asked));
        hash_authorities(hash, site->ctx);
        is_made = EVP_DigestFinal_ex(hash, id, &len) == 1 && SSL_CTX_set_session_id_context(site->ctx, id, len) == 1;
    }
    EVP_MD_CTX_free(hash);
    return is_made;
}

/* ---- a site ---- */

/* One ticket a handshake: a client that has n connections open got n of them, and comes back with no more. */
static void set_tickets(SSL_CTX *ctx, uint32_t lifetime_ms)
{
    long lifetime_s = lifetime_ms / 1000;

    if (!lifetime_ms)
        SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(ctx, lifetime_ms ? 1 : 0);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_timeout(ctx, lifetime_s < 1 ? 1 : lifetime_s > TICKET_S_MAX ? TICKET_S_MAX : lifetime_s);
}

/*
 * Only what authenticates what it encrypts and forgets its keys. AES-128 first: nobody breaks it, and it costs less;
 * who lacks AES in hardware puts ChaCha20 first and gets it.
 */
static SSL_CTX *context_new(const struct conf *conf)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

    if (!ctx)
        return NULL;
    SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                 SSL_OP_PRIORITIZE_CHACHA | SSL_OP_IGNORE_UNEXPECTED_EOF);
    /* The chain is what the file has; without this OpenSSL looks for one anew in every handshake. */
    SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_NO_AUTO_CHAIN);
    SSL_CTX_clear_mode(ctx, SSL_MODE_AUTO_RETRY); /* tls_data.c counts records that are not for the caller */
    set_tickets(ctx, conf->ticket_lifetime_ms);
    if (SSL_CTX_set_min_proto_version(ctx, conf->tls_min == TLS_MIN_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION) == 1 &&
        SSL_CTX_set_ciphersuites(ctx, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256") &&
        SSL_CTX_set_cipher_list(ctx, "ECDHE+AESGCM+AES128:ECDHE+AESGCM:ECDHE+CHACHA20") == 1 &&
        SSL_CTX_set1_groups_list(ctx, "X25519:P-256:P-384") == 1)
        return ctx;
    SSL_CTX_free(ctx);
    return NULL;
}

static void hosts_copy(struct tls *tls, struct tls_site *site, const struct site *from)
{
    site->hosts = arena_alloc(&tls->arena, from->host_count * sizeof(*site->hosts));
    for (unsigned i = 0; i < from->host_count; i++)
        site->hosts[i] = arena_slice(&tls->arena, from->hosts[i]);
    site->host_count = from->host_count;
}

static enum err site_load(struct load *load, struct tls_site *site, const struct site *from)
{
    enum err err;

    hosts_copy(load->tls, site, from);
    site->ctx = context_new(load->conf);
    if (!site->ctx) {
        buf_printf(load->why, "OpenSSL refuses our settings: %s", its_reason());
        ERR_clear_error();
        return ERR_INVALID;
    }
    err = pairs_load(load, site, from);
    if (!err)
        err = clients_load(load, site, &from->tls);
    for (unsigned i = 0; i < from->tls.ocsp_count && !err; i++)
        err = staple_load(site, from->tls.ocsp[i], load->notice, load->why);
    if (err)
        return err;
    hello_prepare(load->tls, site);
    if (set_context(site))
        return ERR_NONE;
    buf_add_str(load->why, "OpenSSL refuses a session context");
    return ERR_INVALID;
}

/* ---- all ---- */

static enum err sites_load(struct load *load)
{
    const struct conf *conf = load->conf;
    struct tls *tls = load->tls;
    bool is_first = true;

    tls->site_count = conf->site_count;
    tls->sites = arena_alloc(&tls->arena, conf->site_count * sizeof(*tls->sites));
    for (unsigned i = 0; i < conf->site_count; i++) {
        enum err err;

        if (conf->sites[i].tls.certificate_count == 0)
            continue;
        if (is_first)
            tls->first = i;
        is_first = false;
        err = site_load(load, &tls->sites[i], &conf->sites[i]);
        if (err)
            return err;
    }
    return ERR_NONE;
}

static struct ticket_keys *tickets_for(const struct conf *conf, struct tls *old)
{
    if (!old)
        return ticket_keys_new(conf->ticket_lifetime_ms);
    ticket_keys_set_lifetime(old->tickets, conf->ticket_lifetime_ms);
    return ticket_keys_ref(old->tickets);
}

static bool has_certificates(const struct conf *conf)
{
    for (unsigned i = 0; i < conf->site_count; i++)
        if (conf->sites[i].tls.certificate_count)
            return true;
    return false;
}

enum err tls_load(const struct conf *conf, struct tls *old, void (*notice)(const char *line), struct tls **out,
                  struct buf *why)
{
    struct load load = {.conf = conf, .notice = notice, .why = why, .is_reload = old != NULL};
    enum err err;

    *out = NULL;
    if (!has_certificates(conf))
        return ERR_NONE;
    load.tls = xcalloc(1, sizeof(*load.tls));
    atomic_init(&load.tls->refs, 1);
    load.tls->http2 = conf->http2;
    load.tls->ktls = conf->ktls && kernel_encrypts();
    err = sites_load(&load);
    if (err) {
        tls_unref(load.tls);
        return err;
    }
    load.tls->tickets = tickets_for(conf, old);
    *out = load.tls;
    return ERR_NONE;
}

struct tls *tls_ref(struct tls *tls)
{
    atomic_fetch_add_explicit(&tls->refs, 1, memory_order_relaxed);
    return tls;
}

void tls_unref(struct tls *tls)
{
    if (!tls || atomic_fetch_sub_explicit(&tls->refs, 1, memory_order_acq_rel) != 1)
        return;
    for (unsigned i = 0; i < tls->site_count; i++) {
        for (unsigned k = 0; k < tls->sites[i].pair_count; k++)
            OPENSSL_free(tls->sites[i].pairs[k].staple);
        SSL_CTX_free(tls->sites[i].ctx);
    }
    ticket_keys_unref(tls->tickets);
    arena_release(&tls->arena);
    free(tls);
}
