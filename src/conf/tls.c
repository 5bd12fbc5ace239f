/*
 * tls.c - the TLS blocks: certificates and keys find each other, sites get what they have not set.
 *
 * No file is opened here: whether certificates are any good, net/ finds out when it loads them.
 */
#include "table.h"

/* The first certificate that lacks the half at `offset` of struct certificate; a new one if none does. */
static struct certificate *half_next(struct build *build, struct tls_conf *tls, size_t offset)
{
    struct arena *arena = &build->conf->arena;

    for (unsigned i = 0; i < tls->certificate_count; i++)
        if (!*(const char **)(void *)((char *)&tls->certificates[i] + offset))
            return &tls->certificates[i];
    tls->certificates = list_grow(arena, tls->certificates, tls->certificate_count, sizeof(*tls->certificates));
    tls->certificates[tls->certificate_count] = (struct certificate){0};
    return &tls->certificates[tls->certificate_count++];
}

enum err set_certificate(struct build *build, void *tls, struct slice value)
{
    struct certificate *half = half_next(build, tls, offsetof(struct certificate, chain));

    half->chain = path_absolute(&build->conf->arena, build->folder, value);
    return ERR_NONE;
}

enum err set_key(struct build *build, void *tls, struct slice value)
{
    struct certificate *half = half_next(build, tls, offsetof(struct certificate, key));

    half->key = path_absolute(&build->conf->arena, build->folder, value);
    return ERR_NONE;
}

enum err set_ocsp(struct build *build, void *tls, struct slice value)
{
    struct tls_conf *t = tls;

    t->ocsp = list_grow(&build->conf->arena, t->ocsp, t->ocsp_count, sizeof(*t->ocsp));
    t->ocsp[t->ocsp_count++] = path_absolute(&build->conf->arena, build->folder, value);
    return ERR_NONE;
}

enum err tls_check(struct build *build, const struct tls_conf *tls)
{
    for (unsigned i = 0; i < tls->certificate_count; i++) {
        const struct certificate *one = &tls->certificates[i];

        if (!one->chain)
            return complain(build, "the key %s has no certificate; the first key belongs to the first certificate",
                            one->key);
        for (unsigned j = 0; j < i; j++)
            if (slice_eq(slice_str(one->chain), slice_str(tls->certificates[j].chain)))
                return complain(build, "the certificate %s is given twice", one->chain);
    }
    if (tls->ocsp_count && !tls->certificate_count)
        return complain(build, "the OCSP file %s has no certificate", tls->ocsp[0]);
    return ERR_NONE;
}

/* A client- setting is inherited one by one, so that nobody loses a demand by naming a certificate. */
static void tls_inherit(struct tls_conf *site, const struct tls_conf *server)
{
    if (site->certificate_count == 0) {
        site->certificates = server->certificates;
        site->certificate_count = server->certificate_count;
        site->ocsp = server->ocsp;
        site->ocsp_count = server->ocsp_count;
    }
    if (!(site->set & SET_CLIENT_CA))
        site->client_ca = server->client_ca;
    if (!(site->set & SET_CLIENT_CERTIFICATES))
        site->client_certificates = server->client_certificates;
    if (!(site->set & SET_CLIENT_NAME))
        site->client_name = server->client_name;
    site->set |= server->set;
}

/* The key is in the certificate's file. */
static void keys_fill(struct tls_conf *tls)
{
    for (unsigned i = 0; i < tls->certificate_count; i++)
        if (!tls->certificates[i].key)
            tls->certificates[i].key = tls->certificates[i].chain;
}

/* In the words of where it was written: a site's directives, or options. */
static enum err complain_of_need(struct build *build, const struct site *site, const char *what, const char *need)
{
    if (build->file)
        return complain(build, "site \"%.*s\": %s needs %s", SLICE_FMT(site->name), what, need);
    return complain(build, "--%s needs --%s", what, need);
}

/* Whoever asks for clients' certificates in vain would have an open door that looks shut. */
static enum err clients_check(struct build *build, const struct site *site)
{
    const struct tls_conf *tls = &site->tls;
    bool asks = tls->client_certificates != CLIENT_CERT_NONE;

    if (asks && !tls->client_ca)
        return complain_of_need(build, site, "client-certificates", "client-ca");
    if (asks && !tls->certificate_count)
        return complain_of_need(build, site, "client-certificates", "certificate");
    if (tls->client_ca && !(tls->set & SET_CLIENT_CERTIFICATES))
        return complain_of_need(build, site, "client-ca", "client-certificates, optional or required");
    return ERR_NONE;
}

enum err tls_finish(struct build *build)
{
    struct conf *conf = build->conf;
    enum err err = ERR_NONE;

    keys_fill(&conf->tls);
    for (unsigned i = 0; i < conf->site_count && !err; i++) {
        keys_fill(&conf->sites[i].tls);
        tls_inherit(&conf->sites[i].tls, &conf->tls);
        err = clients_check(build, &conf->sites[i]);
    }
    return err;
}

bool conf_has_tls(const struct conf *conf)
{
    for (unsigned i = 0; i < conf->site_count; i++)
        if (conf->sites[i].tls.certificate_count)
            return true;
    return false;
}

static bool text_same(const char *a, const char *b)
{
    return (a == NULL) == (b == NULL) && slice_eq(slice_str(a), slice_str(b));
}

bool conf_same_tls(const struct site *a, const struct site *b)
{
    const struct tls_conf *x = &a->tls, *y = &b->tls;

    if (x->certificate_count != y->certificate_count || x->client_certificates != y->client_certificates ||
        x->client_name != y->client_name || !text_same(x->client_ca, y->client_ca))
        return false;
    for (unsigned i = 0; i < x->certificate_count; i++)
        if (!text_same(x->certificates[i].chain, y->certificates[i].chain) ||
            !text_same(x->certificates[i].key, y->certificates[i].key))
            return false;
    return true;
}
