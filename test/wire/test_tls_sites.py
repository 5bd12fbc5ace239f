"""tls.md §2 and §4: whose certificate, who the client is, other sites' names, and certificates that change."""

import os
import shutil
import signal
import ssl
import subprocess
import threading
import time

import h2
import tls
import wire
from program import Namespace, basic, refused
from wire import Closed, cases, contains, eq, fail, lacks, ne, obliges, ok, one_of, own_server, wait_for

ONLY_OVER = (("h1",), "it has certificates of its own")
TEN = b"0123456789"
FILES = {"one/a": b"of one", "two/a": b"of two", "three/a": b"of three"}
TLS12, TLS13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


def site(name, *lines):
    """A site block; its root is the folder of that name, its host NAME.example."""
    return 'site "%s" {\n root = "{root}/%s"\n host = { "%s.example", "www.%s.example" }\n %s\n}\n' % (
        name, name, name, name, "\n ".join(lines))


def of(leaf):
    return 'certificate = { "%s" }\n key = { "%s" }' % (leaf.chain, leaf.key)


def three_sites():
    """one and two have certificates of their own; three has the server's."""
    one, two = (tls.authority().leaf("%s.example" % name, "www.%s.example" % name) for name in ("one", "two"))
    return ('listen = { "127.0.0.1:0" }\n' + of(tls.usual()) + "\n" + site("one", of(one)) + site("two", of(two)) + site("three"),
            one, two)


def names_of(sock):
    return [value for _, value in sock.getpeercert()["subjectAltName"]]


def as_client(name, kind="ec", ca=None, **more):
    """A client's certificate."""
    return (ca or tls.authority()).leaf(subject="/CN=" + name, usage="clientAuth", kind=kind, **more)


# ---- names ------------------------------------------------------------------------------------------


@obliges("TLS-04")
def test_the_name_chooses_the_certificate(server):
    config, _, _ = three_sites()
    with tls.Serving(config=config, files=FILES) as one:
        for name, shown in (("one.example", "one.example"), ("two.example", "two.example"), ("TWO.Example", "two.example"),
                            ("www.two.example", "two.example")):
            sock = one.dial(name=name)
            contains(names_of(sock), shown)
            with wire.Connection(sock, [], name) as conn:
                eq(conn.ask("GET", "/a").body, b"of " + shown.split(".")[0].encode())
        for name in ("three.example", "unknown.example", "127.0.0.1"):
            sock = one.dial(context=tls.context(verify=False), name=name)
            sock.close()


@obliges("TLS-04", "TLS-20")
def test_a_site_without_its_own_shows_the_servers(server):
    config, _, _ = three_sites()
    made = tls.context()
    made.check_hostname = False
    with tls.Serving(config=config, files=FILES) as one:
        sock = one.dial(context=made, name="three.example")
        contains(names_of(sock), "localhost")
        with wire.Connection(sock, [], "three.example") as conn:
            eq(conn.ask("GET", "/a").body, b"of three")


@obliges("TLS-19", "H2-51")
@cases(("http/1.1", None), ("h2", "h2"))
def test_another_sites_name_is_421_where_certificates_differ(server, alpn):
    config, _, _ = three_sites()
    with tls.Serving(config=config, files=FILES) as one:
        def asked(host):
            if alpn:
                return conn.ask("GET", "/a", [(":authority", host)])
            return conn.ask("GET", "/a", {"Host": host})

        if alpn:
            conn = one.h2(context=tls.context(alpn=("h2",)), name="one.example")
        else:
            conn = wire.Connection(one.dial(name="one.example"), [], "one.example")
        with conn:
            for _ in range(4):  # also when it is hot
                eq(asked("one.example").body, b"of one")
                eq(asked("two.example").status, 421)
                eq(asked("three.example").status, 421)
                eq(asked("www.one.example").body, b"of one")


@obliges("TLS-20")
def test_one_connection_serves_sites_that_share_a_certificate(server):
    leaf = tls.authority().leaf("one.example", "two.example", "*.example")
    config = 'listen = { "127.0.0.1:0" }\n' + of(leaf) + "\n" + site("one") + site("two")
    with tls.Serving(config=config, files=FILES) as one:
        with wire.Connection(one.dial(name="one.example"), [], "x") as conn:
            eq(conn.ask("GET", "/a", {"Host": "one.example"}).body, b"of one")
            eq(conn.ask("GET", "/a", {"Host": "two.example"}).body, b"of two")
        with one.h2(context=tls.context(alpn=("h2",)), name="two.example") as conn:
            eq(conn.ask("GET", "/a", [(":authority", "one.example")]).body, b"of one")
            eq(conn.ask("GET", "/a", [(":authority", "two.example")]).body, b"of two")


@obliges("TLS-15")
@cases(("1.2", TLS12), ("1.3", TLS13))
def test_a_session_of_one_name_opens_no_other_site(server, version):
    config, _, _ = three_sites()
    made = tls.context(minimum=version, maximum=version)
    with tls.Serving(config=config, files=FILES) as one:
        sock = one.dial(context=made, name="one.example")
        with wire.Connection(sock, [], "one.example") as conn:
            eq(conn.ask("GET", "/a").body, b"of one")
            session = sock.session
        made.check_hostname = False  # what is shown is of interest, not what the client thinks
        sock = tls.wrap(wire.dial(one.addresses[0]), made, name="two.example", session=session)
        with wire.Connection(sock, [], "x") as conn:
            answer = conn.ask("GET", "/a", {"Host": "two.example"})
            if sock.session_reused:
                eq(answer.status, 421)
            else:
                eq(answer.body, b"of two")


# ---- who the client is ------------------------------------------------------------------------------

WHO = 'allow "ann" { rights = { "read", "write" } }\nallow "bea" { rights = { "read" } }\nallow "*" { rights = { "list" } }'


def asking(when, *more, **options):
    """One site that asks for client certificates; the authority is another than the server's."""
    config = 'listen = { "127.0.0.1:0" }\n%s\nclient-ca = "%s"\nclient-certificates = "%s"\n%s\nsite "a" {\n root = "{root}"\n%s\n}\n' % (
        of(tls.usual()), clients().ca, when, "\n".join(more), WHO)
    return tls.Serving(config=config, files=dict({"a": b"secret"}, **options))


_clients = []


def clients():
    if not _clients:
        _clients.append(tls.Authority("Clients' authority"))
    return _clients[0]


def asked(one, certificate, method="GET", target="/a", fields=(), body=None, version=None):
    made = tls.context(certificate=certificate, minimum=version, maximum=version)
    with wire.Connection(one.dial(context=made), [], "localhost") as conn:
        return conn.ask(method, target, fields, body)


@obliges("TLS-12")
@cases(("1.2", TLS12), ("1.3", TLS13))
def test_a_certificate_says_who_asks(server, version):
    with asking("optional") as one:
        ann, bea, eve = (as_client(name, ca=clients()) for name in ("ann", "bea", "eve"))
        eq(asked(one, ann, version=version).body, b"secret")
        eq(asked(one, ann, "PUT", "/by-ann", body=b"x", version=version).status, 201)
        eq(asked(one, bea, version=version).body, b"secret")
        eq(asked(one, bea, "PUT", "/by-bea", body=b"x", version=version).status, 403)
        one_of(asked(one, eve, version=version).status, (401, 403), "a name that has no rights")
        one_of(asked(one, None, version=version).status, (401, 403), "nobody")
        ok(not one.exists("by-bea"), "nothing was made")


@obliges("TLS-12")
def test_the_same_over_http_2(server):
    with asking("optional") as one:
        ann, bea = (as_client(name, ca=clients()) for name in ("ann", "bea"))
        with one.h2(context=tls.context(alpn=("h2",), certificate=ann)) as conn:
            for _ in range(4):
                eq(conn.ask("GET", "/a").body, b"secret")
            eq(conn.ask("PUT", "/h2", body=b"x").status, 201)
        with one.h2(context=tls.context(alpn=("h2",), certificate=bea)) as conn:
            eq(conn.ask("GET", "/a").body, b"secret")
            eq(conn.ask("PUT", "/h2", body=b"y").status, 403)
        with one.h2() as conn:
            one_of(conn.ask("GET", "/a").status, (401, 403), "nobody")
        eq(one.read("h2"), b"x")


@obliges("TLS-11", "TLS-12")
@cases(("another authority's", lambda: as_client("ann")), ("expired", lambda: as_client("ann", ca=clients(), days=-1)),
       ("for servers", lambda: clients().leaf(subject="/CN=ann", usage="serverAuth")))
def test_a_certificate_that_does_not_verify(server, make):
    for when in ("optional", "required"):
        with asking(when) as one:
            for version in (TLS12, TLS13):
                try:
                    answer = asked(one, make(), version=version)
                    ne(answer.status, 200, "the status for %s" % when)
                    eq(when, "optional")
                except (ssl.SSLError, ConnectionResetError, BrokenPipeError, Closed):
                    pass
            eq(asked(one, as_client("ann", ca=clients())).body, b"secret")


@obliges("TLS-11")
@cases(("1.2", TLS12, None), ("1.3", TLS13, "certificate required"))
def test_required_means_nobody_else(server, version, alert):
    with asking("required") as one:
        try:
            answer = asked(one, None, version=version)
            fail("answered with %r" % answer)
        except (ssl.SSLError, ConnectionResetError, BrokenPipeError, Closed) as why:
            if alert:
                contains(str(why).lower(), alert)
        eq(asked(one, as_client("ann", ca=clients()), version=version).body, b"secret")


@cases(("email", "email", ["ann@example.org"], "ann@example.org"),
       ("dns", "dns", ["ann.example.org"], "ann.example.org"))
def test_which_name_counts(server, which, names, user):
    config = ('listen = { "127.0.0.1:0" }\n%s\nclient-ca = "%s"\nclient-certificates = "optional"\nclient-name = "%s"\n'
              'site "a" {\n root = "{root}"\n allow "%s" { rights = { "read" } }\n allow "*" { rights = { "list" } }\n}\n') % (
                  of(tls.usual()), clients().ca, which, user)
    with tls.Serving(config=config, files={"a": b"secret"}) as one:
        right = clients().leaf(*names, subject="/CN=somebody", usage="clientAuth")
        wrong = as_client(user, ca=clients())
        eq(asked(one, right).body, b"secret")
        one_of(asked(one, wrong).status, (401, 403), "the name stands elsewhere")


@obliges("TLS-12", "TLS-15")
@cases(("1.2", TLS12), ("1.3", TLS13))
def test_a_session_goes_on_as_the_same_client(server, version):
    with asking("optional") as one:
        ann = as_client("ann", ca=clients())
        made = tls.context(certificate=ann, minimum=version, maximum=version)
        sock = one.dial(context=made)
        with wire.Connection(sock, [], "localhost") as conn:
            eq(conn.ask("GET", "/a").body, b"secret")
            session = sock.session
        sock = tls.wrap(wire.dial(one.addresses[0]), made, session=session)
        reused = sock.session_reused
        with wire.Connection(sock, [], "localhost") as conn:
            eq(conn.ask("PUT", "/resumed", body=b"x").status, 201, "reused: %s" % reused)


@obliges("TLS-15")
def test_a_session_without_certificate_opens_no_site_that_requires_one(server):
    open_leaf, closed_leaf = (tls.authority().leaf("%s.example" % name) for name in ("one", "two"))
    config = ('listen = { "127.0.0.1:0" }\n' + site("one", of(open_leaf)) +
              site("two", of(closed_leaf), 'client-ca = "%s"' % clients().ca, 'client-certificates = "required"'))
    with tls.Serving(config=config, files=FILES) as one:
        for version in (TLS12, TLS13):
            made = tls.context(minimum=version, maximum=version)
            sock = one.dial(context=made, name="one.example")
            with wire.Connection(sock, [], "one.example") as conn:
                eq(conn.ask("GET", "/a").body, b"of one")
                eq(conn.ask("GET", "/a", {"Host": "two.example"}).status, 421)
                session = sock.session
            made.check_hostname = False
            try:
                sock = tls.wrap(wire.dial(one.addresses[0]), made, name="two.example", session=session)
                with wire.Connection(sock, [], "two.example") as conn:
                    ne(conn.ask("GET", "/a").status, 200)
            except (ssl.SSLError, ConnectionResetError, BrokenPipeError, Closed):
                pass


def test_a_password_beside_a_certificate(server):
    """TLS-C3: who gives a password is judged by it."""
    config = ('listen = { "127.0.0.1:0" }\n%s\nclient-ca = "%s"\nclient-certificates = "optional"\n'
              'site "a" {\n root = "{root}"\n users = "{tmp}/users"\n %s\n}\n') % (of(tls.usual()), clients().ca, WHO)
    one = wire.Server(config=config, files={"a": b"secret"},
                      before=lambda made: open(made.tmp + "/users", "w").write(
                          "bea:" + tls.openssl("passwd", "-apr1", "bea's").decode()))
    try:
        one.start()
        ann = as_client("ann", ca=clients())
        eq(asked(one, ann, "PUT", "/x", (), b"x").status, 201)
        eq(asked(one, ann, "PUT", "/y", basic("bea", "bea's"), b"x").status, 403, "bea may only read")
        eq(asked(one, ann, "GET", "/a", basic("bea", "wrong")).status, 401)
        eq(asked(one, None, "GET", "/a", basic("bea", "bea's")).body, b"secret")
    finally:
        one.stop()
        one.remove()


# ---- certificates that change -----------------------------------------------------------------------


class Changing:
    """A server whose certificate lies where the test can change it."""

    def __init__(self):
        self.first, self.second = (tls.authority().leaf(*tls.EVERYWHERE) for _ in range(2))
        self.config = ('listen = { "127.0.0.1:0" }\ncertificate = { "{tmp}/cert.pem" }\nkey = { "{tmp}/key.pem" }\n'
                       'site "a" { root = "{root}" allow "*" { rights = { "read", "write" } } }\n')

    def put(self, one, leaf):
        for path, name in ((leaf.chain, "cert.pem"), (leaf.key, "key.pem")):
            shutil.copy(path, one.tmp + "/new")
            os.rename(one.tmp + "/new", os.path.join(one.tmp, name))

    def __enter__(self):
        self.server = wire.Server(config=self.config, files={"ten.txt": TEN, "big.bin": bytes(8 << 20)},
                                  before=lambda one: self.put(one, self.first))
        self.server.start()
        return self

    def __exit__(self, kind, value, trace):
        try:
            self.server.stop(check=kind is None)
        finally:
            self.server.remove()

    def reload(self, said="reloaded"):
        before = tls.told(self.server).count(said)
        self.server.signal(signal.SIGHUP)
        wait_for(lambda: tls.told(self.server).count(said) > before, "it says %r" % said)


def serial(sock):
    return sock.getpeercert()["serialNumber"]


@obliges("TLS-C2")
def test_a_new_certificate_is_for_new_connections(server):
    with Changing() as changing:
        one = changing.server
        old = one.dial()
        first = serial(old)
        conn = wire.Connection(old, [], "localhost")
        conn.request("GET", "/big.bin")
        changing.put(one, changing.second)
        changing.reload()
        fresh = one.dial()
        ne(serial(fresh), first, "the serial number after the reload")
        fresh.close()
        eq(len(conn.read().body), 8 << 20, "the download went on")
        eq(conn.ask("GET", "/ten.txt").body, TEN)
        conn.close()


@obliges("TLS-C2")
@cases(("no certificate", lambda one, changing: open(one.tmp + "/cert.pem", "w").write("nonsense")),
       ("empty", lambda one, changing: open(one.tmp + "/cert.pem", "w").close()),
       ("another's key", lambda one, changing: shutil.copy(changing.second.key, one.tmp + "/key.pem")),
       ("gone", lambda one, changing: os.unlink(one.tmp + "/key.pem")))
def test_a_wrong_one_keeps_the_old_and_says_so(server, spoil):
    with Changing() as changing:
        one = changing.server
        sock = one.dial()
        first = serial(sock)
        sock.close()
        spoil(one, changing)
        changing.reload("not reloaded")
        ok("cert.pem" in tls.told(one) or "key.pem" in tls.told(one), "it names the file")
        sock = one.dial()
        eq(serial(sock), first)
        with wire.Connection(sock, [], "localhost") as conn:
            eq(conn.ask("GET", "/ten.txt").body, TEN)
        changing.put(one, changing.second)
        changing.reload()
        sock = one.dial()
        ne(serial(sock), first, "the serial number after it was mended")
        sock.close()


@obliges("TLS-C2")
def test_reloads_under_load_lose_no_request(server):
    with Changing() as changing:
        one, over, served, failures, seen = changing.server, threading.Event(), [0], [], set()

        def load(kind):
            try:
                while not over.is_set():
                    if kind == "h2":
                        with one.h2() as conn:
                            for _ in range(10):
                                eq(conn.ask("GET", "/ten.txt").body, TEN)
                                served[0] += 1
                    elif kind == "new":
                        sock = one.dial()
                        seen.add(serial(sock))
                        with wire.Connection(sock, [], "localhost") as conn:
                            eq(conn.ask("GET", "/ten.txt").body, TEN)
                        served[0] += 1
                    else:
                        with wire.Connection(one.dial(), [], "localhost") as conn:
                            for number in range(10):
                                eq(conn.ask("PUT", "/by-%s" % kind, body=b"%d" % number).status // 100, 2)
                                served[0] += 1
            except BaseException as why:
                failures.append(why)

        crowd = [threading.Thread(target=load, args=(kind,), daemon=True) for kind in ("h2", "new", "put")]
        for each in crowd:
            each.start()
        for number in range(10):
            changing.put(one, changing.second if number % 2 == 0 else changing.first)
            changing.reload()
            count = served[0]
            wait_for(lambda: served[0] > count + 10 or failures, "some are served")
        over.set()
        for each in crowd:
            each.join(20)
        if failures:
            raise failures[0]
        eq(len(seen), 2, "both certificates were seen")


@obliges("TLS-C5")
def test_an_expired_certificate_is_told_and_served(server):
    leaf = tls.authority().leaf(*tls.EVERYWHERE, days=-2)
    with tls.Serving(*leaf.options, files={"ten.txt": TEN}) as one:
        contains(tls.told(one), "expired")
        try:
            one.dial()
            fail("the client took it")
        except ssl.SSLCertVerificationError as why:
            contains(str(why), "expired")
        sock = one.dial(context=tls.context(verify=False))
        with wire.Connection(sock, [], "localhost") as conn:
            eq(conn.ask("GET", "/ten.txt").body, TEN)


@cases(("no such file", lambda leaf, folder: ["--certificate", "/nonexistent.pem"]),
       ("no key in it", lambda leaf, folder: ["--certificate", leaf.chain]),
       ("another's key", lambda leaf, folder: ["--certificate", leaf.chain, "--key", tls.usual().key]),
       ("a key without it", lambda leaf, folder: ["--key", leaf.key]))
def test_the_start_refuses_what_cannot_work(server, words):
    import tempfile
    leaf = tls.authority().leaf("localhost")
    folder = tempfile.mkdtemp(dir=server.tmp)
    refused(folder, "--listen", "127.0.0.1:0", *words(leaf, folder))


# ---- OCSP -------------------------------------------------------------------------------------------


def stapled(one, *more):
    done = subprocess.run(["openssl", "s_client", "-connect", "127.0.0.1:%d" % one.port, "-status", "-CAfile", tls.authority().ca, *more],
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=False)
    return done.stdout.decode("utf-8", "replace")


@obliges("TLS-10")
@cases(("1.2", "-tls1_2"), ("1.3", "-tls1_3"))
def test_a_response_is_stapled(server, version):
    leaf = tls.authority().leaf(*tls.EVERYWHERE)
    with tls.Serving(*leaf.options, "--ocsp", tls.authority().ocsp(leaf), files={"ten.txt": TEN}) as one:
        text = stapled(one, version)
        contains(text, "OCSP Response Status: successful")
        contains(text, "Cert Status: good")


@obliges("TLS-10")
def test_only_the_certificates_own_response_is_stapled(server):
    leaf, other = (tls.authority().leaf(*tls.EVERYWHERE) for _ in range(2))
    for path in (tls.authority().ocsp(other), tls.authority().ocsp(leaf, "revoked")):
        one = wire.Server(options=[*leaf.options, "--ocsp", path], files={"ten.txt": TEN})
        try:
            try:
                one.start()
            except wire.Failure:
                continue  # to refuse it at the start is as good
            contains(stapled(one), "OCSP response: no response sent")
        finally:
            one.stop(check=False)
            one.remove()


@obliges("TLS-10")
def test_without_a_file_nothing_is_stapled(server):
    with tls.Serving(*tls.usual().options, files={"ten.txt": TEN}) as one:
        contains(stapled(one), "OCSP response: no response sent")


# ---- told at the start ------------------------------------------------------------------------------


@obliges("TLS-C4")
@cases(("plain", ["--listen", "0.0.0.0:0"], True), ("loopback", ["--listen", "127.0.0.1:0"], False),
       ("beside", ["--listen", "127.0.0.1:0", "--listen", "plain:0.0.0.0:0"], True))
def test_passwords_in_clear_are_told(server, words, warned):
    certificate = tls.usual().options if any("plain:" in word for word in words) else []
    with tls.Serving("--user", "ann:secret", *words, *certificate, files={"ten.txt": TEN}) as one:
        if warned:  # it is told after the addresses
            wait_for(lambda: "passwords cross the network in clear text" in tls.told(one), "it says so")
        one.stop()
        eq("passwords cross the network in clear text" in tls.told(one), warned)


@obliges("TLS-C4")
def test_passwords_within_tls_are_not(server):
    with tls.Serving("--user", "ann:secret", "--listen", "0.0.0.0:0", *tls.usual().options, files={"ten.txt": TEN}) as one:
        lacks(tls.told(one), "clear text")
