"""TLS under clients that say one name and mean another, or stay while the rules change."""

import os
import signal
import ssl

import tls
import wire
from test_tls_sites import as_client, clients, of, site
from wire import cases, eq, ok, skip, wait_for

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


def seconds_of_work(server):
    with open(server.proc("stat"), encoding="ascii", errors="replace") as file:
        row = file.read().rsplit(")", 1)[1].split()
    return (int(row[11]) + int(row[12])) / os.sysconf("SC_CLK_TCK")


def hello():
    cut = tls.Cut(None)
    try:
        cut.tls.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return cut.outgoing.read()


def test_who_says_hello_and_leaves_gets_no_signature(server):
    """Else a crowd of them keeps workers signing, and others waiting, long after it has gone."""
    with tls.Serving(*tls.authority().leaf(*tls.EVERYWHERE, kind="rsa:4096").options, files={"a": b"a"}) as one:
        first = hello()
        begun = seconds_of_work(one)
        one.dial().close()
        for _ in range(10):
            one.dial().close()
        each = (seconds_of_work(one) - begun) / 11
        if each < 0.002:
            skip("this machine signs faster than we can tell")
        begun = seconds_of_work(one)
        for _ in range(1000):
            sock = wire.dial(one.addresses[0])
            sock.sendall(first)
            sock.close()
        one.dial().close()
        wait_for(lambda: one.connections() == 0, "all are gone")
        ok(seconds_of_work(one) - begun < 500 * each, "%g s of work for clients that had left" % (seconds_of_work(one) - begun))
