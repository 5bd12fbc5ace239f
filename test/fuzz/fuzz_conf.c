/*
 * fuzz_conf.c - the configuration file and the command line's addresses, sizes and times.
 *
 * Property: a text gives a snapshot that is whole, or one line that says why not; and the same a second time,
 * so no reading leaves anything behind in the parser.
 */
#include "fuzz.h"

#include <assert.h>
#include <stdlib.h>

#include "conf/conf.h"

static void check_site(const struct site *site)
{
    const struct place *last = &site->places[site->place_count - 1];
    struct rules rules = conf_rules(site, SLICE("a/b"));
    struct asker asker = {.user = SLICE("u"), .is_loopback = true};

    assert(site->root && site->root[0] == '/');
    assert(!site->users_file || site->users_file[0] == '/');
    assert(last->path.len == 0);
    for (unsigned i = 1; i < site->place_count; i++)
        assert(site->places[i - 1].path.len >= site->places[i].path.len);
    assert(rules.has_allow || rules.allow_count == 0);
    /* Nobody has more rights than there are, and a read-only site gives none to change. */
    assert((conf_rights(site, SLICE("a/b"), &asker) & ~(unsigned)RIGHT_ALL) == 0);
    assert(!site->read_only || (conf_rights(site, SLICE(""), &asker) & RIGHT_WRITE) == 0);
}

/* Certificates have their halves, and nobody's certificate is asked for in vain. */
static void check_tls(const struct tls_conf *tls)
{
    for (unsigned i = 0; i < tls->certificate_count; i++) {
        assert(tls->certificates[i].chain && tls->certificates[i].chain[0] == '/');
        assert(tls->certificates[i].key && tls->certificates[i].key[0] == '/');
    }
    assert(tls->ocsp_count == 0 || tls->certificate_count);
    assert(tls->client_certificates == CLIENT_CERT_NONE || (tls->client_ca && tls->certificate_count));
}

static enum err read_once(struct slice text, struct buf *why)
{
    struct conf *conf;
    enum err err = conf_from_text(text, "f", "/d", &conf, why);

    assert((err == ERR_NONE) == (conf != NULL));
    assert((err == ERR_NONE) == (why->len == 0));
    assert(!why->len || (slice_starts(buf_slice(why), SLICE("f:")) && !memchr(why->ptr, '\n', why->len)));
    for (unsigned i = 0; conf && i < conf->site_count; i++) {
        check_site(&conf->sites[i]);
        check_tls(&conf->sites[i].tls);
        assert(conf_same_tls(&conf->sites[i], &conf->sites[i]));
        assert(conf->sites[i].tls.certificate_count == 0 || conf_has_tls(conf));
    }
    assert(!conf || (conf->site_count && conf->listen_count));
    conf_unref(conf);
    return err;
}

static void listen_once(struct slice text)
{
    struct arena arena = {0};
    struct buf why = BUF_INIT(4096);
    struct listen_spec spec;
    enum err err = conf_parse_listen(text, &arena, &spec, &why);

    assert(err || spec.kind == LISTEN_FD || (spec.addr_len && spec.addr_len <= sizeof(spec.addr)));
    buf_release(&why);
    arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct slice text = slice_of((const char *)data, len);
    struct buf first = BUF_INIT(4096), second = BUF_INIT(4096);

    assert(read_once(text, &first) == read_once(text, &second));
    assert(slice_eq(buf_slice(&first), buf_slice(&second)));
    listen_once(text);
    buf_release(&first);
    buf_release(&second);
    return 0;
}
