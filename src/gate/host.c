/*
 * host.c - is this request meant for us at all? 421 (RFC 9110 §7.4, §15.5.20).
 *
 * A listener on loopback without users serves whoever can reach it, and a web page can make a browser
 * reach it under any name that resolves to 127.0.0.1 (DNS rebinding). So there only names that nobody else
 * can point at us pass: localhost, literal addresses, the machine's own name, and configured hosts.
 */
#include <unistd.h>

#include "base/arena.h"
#include "gate_private.h"
#include "http/host.h"

static char machine_name[256];

void gate_learn_machine_name(void)
{
    if (gethostname(machine_name, sizeof(machine_name) - 1))
        machine_name[0] = '\0';
}

static bool is_local_name(struct slice name)
{
    struct host host;

    if (name.len && name.ptr[name.len - 1] == '.')
        name.len--;
    if (slice_eq_nocase(name, SLICE("localhost")) ||
        (name.len > 10 && slice_eq_nocase(slice_from(name, name.len - 10), SLICE(".localhost"))))
        return true;
    if (machine_name[0] && slice_eq_nocase(name, slice_str(machine_name)))
        return true;
    return memchr(name.ptr, ':', name.len) != NULL || (host_parse(name, &host) && (host.is_ip4 || host.is_ip6));
}

static bool has_named_hosts(const struct conf *conf)
{
    for (unsigned i = 0; i < conf->site_count; i++)
        if (conf->sites[i].host_count)
            return true;
    return false;
}

/*
 * A TLS connection was made for one name. It may be used for others (browsers do, where the certificate has
 * them), but not for a site that would have shown another certificate, or asked something else of the client.
 */
static bool is_of_other_connection(const struct exchange *ex)
{
    return ex->is_secure && !conf_same_tls(ex->site, &ex->conf->sites[ex->certificate_site]);
}

/* The connection is older than the configuration: it was made when the site did without. */
static bool lacks_certificate(const struct exchange *ex)
{
    return ex->is_secure && !ex->is_client_verified && ex->site->tls.client_certificates == CLIENT_CERT_REQUIRED;
}

static struct verdict judge_scheme(const struct exchange *ex)
{
    if (ex->target.is_coffee || ex->target.form != TARGET_ABSOLUTE || slice_eq_nocase(ex->target.scheme, SLICE("http")))
        return GO_ON;
    if (!slice_eq_nocase(ex->target.scheme, SLICE("https")))
        return VERDICT(421, "This address speaks http; it is no proxy for other schemes.");
    return ex->is_secure ? GO_ON : VERDICT(421, "This address speaks plain http, not https.");
}

struct verdict gate_host(struct exchange *ex)
{
    struct verdict verdict = judge_scheme(ex);

    if (verdict.status)
        return verdict;
    if (is_of_other_connection(ex))
        return VERDICT(421, "This connection was made for another site's name. Connect anew for this one.");
    if (lacks_certificate(ex))
        return VERDICT(421, "This site asks for a certificate by now. Connect anew and show one.");
    if (ex->is_host_named || slice_is_empty(ex->host))
        return GO_ON;
    if (ex->asker.is_loopback && is_local_name(ex->host))
        return GO_ON;
    if (ex->asker.is_loopback && !conf_has_users(ex->site))
        return VERDICT(421, "This name is not served here. Use localhost or an address, or start the server with "
                            "--host and this name.");
    if (has_named_hosts(ex->conf))
        return VERDICT(421, "This name is not served here; the server's hosts are named in its configuration.");
    return GO_ON;
}
