"""TLS under clients that say one name and mean another, or stay while the rules change."""

import signal

import tls
import wire
from test_tls_sites import as_client, clients, of, site
from wire import cases, eq, ok, wait_for

ONLY_OVER = (("h1",), "it has certificates of its own")
FILES = {"one/a": b"of one", "two/a": b"of two"}
FOR_ALL = 'allow "*" { rights = { "read", "list" } }'


def two_sites(asks, which="cn"):
    """The second asks for certificates; whoever has shown one may read, whatever the name."""
    one, two = (tls.authority().leaf("%s.example" % name) for name in ("one", "two"))
    return 'loops = 1\nlisten = { "127.0.0.1:0" }\n' + site("one", of(one)) + \
        site("two", of(two), 'client-ca = "%s"' % clients().ca, 'client-certificates = "%s"' % asks,
             'client-name = "%s"' % which, FOR_ALL)


def connect(one, name, certificate=None):
    made = tls.context(verify=False, certificate=certificate)
    return wire.Connection(made.wrap_socket(wire.dial(one.addresses[0]), server_hostname=name), [], "two.example")


@cases(("none", None), ("with a dot", "two.example."), ("nobody's", "nobody.example"))
def test_what_is_hot_is_not_shown_without_the_certificate_that_its_site_requires(server, name):
    """A client whose certificate has no name made it hot; a connection for another site's certificate asks for it."""
    with tls.Serving(config=two_sites("required", "email"), files=FILES) as one:
        with connect(one, "two.example", as_client("ann", ca=clients())) as conn:
            for _ in range(8):
                eq(conn.ask("GET", "/a").body, b"of two")
                if name:
                    conn.ask("GET", "/a", {"Host": name})
        with connect(one, name) as conn:
            for host in ("two.example", "two.example.", name or "two.example"):
                ok(conn.ask("GET", "/a", {"Host": host}).body != b"of two", "without a certificate")


def test_a_certificate_that_is_required_since_a_reload_is_asked_of_open_connections(server):
    with tls.Serving(config=two_sites("optional"), files=FILES) as one:
        path = one.process.args[-1]
        with connect(one, "two.example") as old, connect(one, "two.example", as_client("ann", ca=clients())) as known:
            for conn in (old, known):
                eq(conn.ask("GET", "/a").body, b"of two")
            with open(path, encoding="utf-8") as file:
                text = file.read()
            with open(path, "w", encoding="utf-8") as file:
                file.write(text.replace('"optional"', '"required"'))
            one.signal(signal.SIGHUP)
            wait_for(lambda: old.ask("GET", "/a").status == 421, "the rule counts")
            eq(known.ask("GET", "/a").body, b"of two")
            eq(old.ask("GET", "/a", {"Host": "one.example"}).status, 421)
            eq(old.ask("GET", "/a").status, 421, "also when somebody else made it hot")
