"""tls.md §1 and §2 in single octets: how handshakes are cut, what is proved with, and with which alert it ends."""

import base64
import os
import re
import shutil
import signal
import ssl
import struct
import subprocess
import tempfile
import threading

import h2
import tls
import wire
from program import basic, ended, refused
from wire import Closed, cases, contains, eq, fail, lacks, ne, obliges, ok, one_of, wait_for

ONLY_OVER = (("h1",), "it has certificates of its own")
TEN = b"0123456789"
FILES = {"ten.txt": TEN}
TLS12, TLS13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


def got(sock, host="localhost", target="/ten.txt"):
    """One GET on a connected socket."""
    with wire.Connection(sock, [], host) as conn:
        return conn.ask("GET", target)


def serving(*options, **more):
    return tls.Serving(*tls.usual().options, *options, **dict({"files": FILES}, **more))


def s_client(one, *words, feed=b""):
    """openssl s_client, which says more of a connection than Python does; gives all that it printed."""
    process = subprocess.Popen(["openssl", "s_client", "-connect", "127.0.0.1:%d" % one.port, *words], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    out, _ = process.communicate(feed, timeout=30 * wire.STRETCH)
    return out.decode("utf-8", "replace")


LAST = b"GET /ten.txt HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


# ---- the chain --------------------------------------------------------------------------------------


class Between(tls.Authority):
    """An authority that another one signed."""

    def __init__(self, root):
        super().__init__("Between")
        tls.openssl("req", "-new", "-key", self.key, "-subj", "/CN=Between", "-out", self.folder + "/ca.csr")
        with open(self.folder + "/ca.ext", "w", encoding="ascii") as out:
            out.write("basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign,digitalSignature\n")
        tls.openssl("x509", "-req", "-in", self.folder + "/ca.csr", "-CA", root.ca, "-CAkey", root.key, "-set_serial", "77",
                    "-days", "30", "-extfile", self.folder + "/ca.ext", "-out", self.ca)


@obliges("TLS-09")
@cases(("1.2", TLS12), ("1.3", TLS13))
def test_who_trusts_the_root_alone_gets_the_chain(server, version):
    """Leaf, then who signed it: without the second the client could not verify the first."""
    leaf = Between(tls.authority()).leaf(*tls.EVERYWHERE)  # its file ends with the authority between
    with tls.Serving(*leaf.options, files=FILES) as one:
        sock = one.dial(context=tls.context(minimum=version, maximum=version))
        eq(sock.getpeercert()["issuer"], ((("commonName", "Between"),),))
        eq(got(sock).body, TEN)


# ---- suites, compression, renegotiation -------------------------------------------------------------


@obliges("TLS-02", "TLS-22")
@cases(("no forward secrecy", "AES128-GCM-SHA256:AES256-GCM-SHA384"), ("cbc", "ECDHE-RSA-AES128-SHA:ECDHE-RSA-AES256-SHA384"),
       ("neither", "AES128-SHA:AES256-SHA256"))
def test_suites_that_an_rsa_key_could_serve(server, suites):
    """With an ECDSA certificate most of them would fail by themselves."""
    leaf = tls.authority().leaf(*tls.EVERYWHERE, kind="rsa")
    with tls.Serving(*leaf.options, files=FILES) as one:
        made = tls.context(maximum=TLS12)
        made.set_ciphers(suites + ":@SECLEVEL=0")
        try:
            sock = one.dial(context=made)
            fail("%r was taken" % (sock.cipher(),))
        except ssl.SSLError as why:
            contains(str(why).lower(), "handshake failure")
        made.set_ciphers("ECDHE-RSA-AES128-GCM-SHA256:" + suites)
        eq(one.dial(context=made).cipher()[0], "ECDHE-RSA-AES128-GCM-SHA256")


def extension(kind, data):
    return struct.pack(">HH", kind, len(data)) + data


def listed(data):
    return struct.pack(">H", len(data)) + data


@obliges("TLS-05")
def test_a_client_that_offers_compression_gets_none(server):
    """An OpenSSL that was built without zlib has none anyway."""
    extensions = (extension(10, listed(b"\0\x1d\0\x17")) + extension(11, b"\1\0") +
                  extension(13, listed(b"\4\3\x08\4\4\1")) + extension(0xff01, b"\0"))
    body = b"\3\3" + os.urandom(32) + b"\0" + listed(b"\xc0\x2b\xc0\x2f") + b"\2\1\0" + listed(extensions)
    hello = b"\1" + struct.pack(">I", len(body))[1:] + body
    with serving() as one, wire.dial(one.addresses[0]) as sock:
        sock.sendall(b"\x16\3\1" + listed(hello))
        data = b""
        while len(data) < 80:
            piece = sock.recv(4096)
            ok(piece, "it goes on: %r" % data)
            data += piece
        eq((data[0], data[5], data[9:11]), (22, 2, b"\3\3"), "a ServerHello of TLS 1.2")
        at = 43 + 1 + data[43]
        eq(data[at:at + 3], b"\xc0\x2b\0", "suite and compression")


@obliges("TLS-05")
def test_a_client_that_renegotiates_is_refused(server):
    with serving() as one:
        process = subprocess.Popen(["openssl", "s_client", "-connect", "127.0.0.1:%d" % one.port, "-tls1_2"], bufsize=0,
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            text = b""
            while b"Extended master secret" not in text:
                text += process.stdout.read(65536) or fail("it ended: %r" % text[-300:])
            process.stdin.write(b"R\n")
            guard = threading.Timer(10 * wire.STRETCH, process.kill)
            guard.daemon = True
            guard.start()
            text = process.stdout.read()  # it ends by itself when it is refused; stdin stays open
            while process.poll() is None:
                text += process.stdout.read()
        finally:
            process.kill()
            process.wait()
        contains(text, b"RENEGOTIATING")
        contains(text, b"no renegotiation")
        eq(got(one.dial()).body, TEN)


# ---- records ----------------------------------------------------------------------------------------


class Recut(tls.Cut):
    """Puts handshake messages that are not encrypted yet into other records: of `size` octets each, or (0) all into one."""

    is_open = True

    def flush(self):
        data, out, gathered, count = self.outgoing.read(), [], b"", 0

        def write(payload):
            for at in range(0, len(payload), self.size or 16384):
                out.append(b"\x16\3\3" + listed(payload[at:at + (self.size or 16384)]))

        while data:
            kind, length = data[0], struct.unpack(">H", data[3:5])[0]
            record, data = data[:5 + length], data[5 + length:]
            self.is_open = self.is_open and kind == 22
            if self.is_open:
                gathered += record[5:]
                count += 1
            else:
                write(gathered)
                gathered = b""
                out.append(record)
        write(gathered)
        self.sock.sendall(b"".join(out))
        self.most = max(getattr(self, "most", 0), count)
        return len(out)


@obliges("TLS-06")
@cases(("1.2, one record", TLS12, 0), ("1.2, of 100", TLS12, 100), ("1.2, of 7", TLS12, 7), ("1.3, of 100", TLS13, 100),
       ("1.3, of 7", TLS13, 7))
def test_messages_however_records_hold_them(server, version, size):
    """A message in many records, and (a client certificate, its key's share, its proof) many in one."""
    ann = tls.authority().leaf(subject="/CN=ann", usage="clientAuth")
    with serving("--client-ca", tls.authority().ca, "--client-certificates", "required") as one:
        with wire.dial(one.addresses[0]) as sock:
            sock.settimeout(wire.READ_SECONDS)
            client = Recut(sock, tls.context(minimum=version, maximum=version, certificate=ann), size=size)
            client.do(client.tls.do_handshake)
            eq(client.most, 3 if version == TLS12 else 1, "messages of the client in one go")
            client.do(lambda: client.tls.write(wire.head_of("OPTIONS", "*")))
            contains(client.do(lambda: client.tls.read(65536)), b"HTTP/1.1 20")


@obliges("TLS-07")
@cases(("1.2", TLS12, "flip", "BAD_RECORD_MAC"), ("1.3", TLS13, "flip", "BAD_RECORD_MAC"), ("too long", TLS13, "long", "RECORD_OVERFLOW"),
       ("1.2 too long", TLS12, "long", "RECORD_OVERFLOW"))
def test_a_faulty_record_is_answered_with_its_alert(server, version, how, alert):
    """The alert arrives, though much of what the client sent is never read."""
    with serving() as one:
        with wire.dial(one.addresses[0]) as sock:
            sock.settimeout(wire.READ_SECONDS)
            client = tls.Cut(sock, tls.context(minimum=version, maximum=version), size=1 << 20)
            client.do(client.tls.do_handshake)
            client.do(lambda: client.tls.write(wire.head_of("GET", "/ten.txt")))
            contains(client.do(lambda: client.tls.read(65536)), b"200 OK")
            client.tls.write(wire.head_of("DELETE", "/ten.txt"))
            record = bytearray(client.outgoing.read())
            if how == "flip":
                record[-3] ^= 1
            else:
                record = b"\x17\3\3" + struct.pack(">H", 18000) + b"x" * 18000
            sock.sendall(record)
            try:
                while client.do(lambda: client.tls.read(65536)):
                    pass
                fail("it ended without an alert")
            except ssl.SSLError as why:
                contains(str(why), alert)
        ok(one.exists("ten.txt"), "it was not acted on")


@cases(("the client's", b"k\n"), ("both ways", b"K\n"))
def test_keys_are_updated(server, command):
    """RFC 8446 §4.6.3: amid the connection, and what follows is read and written with the new ones."""
    with serving() as one:
        process = subprocess.Popen(["openssl", "s_client", "-connect", "127.0.0.1:%d" % one.port, "-tls1_3"], bufsize=0,
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            text = b""

            def until(mark, count):
                nonlocal text
                while text.count(mark) < count:
                    text += process.stdout.read(65536) or fail("it ended: %r" % text[-500:])

            for number in range(1, 5):
                process.stdin.write(command)
                until(b"KEYUPDATE", number)
                process.stdin.write(b"GET /ten.txt HTTP/1.1\r\nHost: localhost\r\n\r\n")
                until(TEN, number)
        finally:
            process.kill()
            process.wait()


# ---- names ------------------------------------------------------------------------------------------


def site(name, *lines):
    return 'site "%s" {\n root = "{root}/%s"\n host = { "%s.example" }\n %s\n}\n' % (name, name, name, "\n ".join(lines))


def of(leaf):
    return 'certificate = { "%s" }\n key = { "%s" }' % (leaf.chain, leaf.key)


SITES = {"one/a": b"of one", "two/a": b"of two"}


def two_sites(*each):
    """Both with certificates of their own; the first one's is shown to who names neither."""
    leafs = [tls.authority().leaf("%s.example" % name) for name in ("one", "two")]
    config = 'listen = { "127.0.0.1:0" }\n' + "".join(
        site(name, of(leaf), *(make(leaf) for make in each)) for name, leaf in zip(("one", "two"), leafs))
    return config, leafs


@obliges("TLS-04", "TLS-19")
@cases(("unknown", "nobody.example", "1.3"), ("none", None, "1.3"), ("none in 1.2", None, "1.2"), ("a part", "two", "1.3"),
       ("longer", "www.two.example", "1.3"))
def test_a_name_that_is_no_sites_gets_the_default(server, name, version):
    """And then only what the default's certificate is for."""
    config, leafs = two_sites()
    made = tls.context(maximum=TLS12 if version == "1.2" else TLS13)
    made.check_hostname = False
    with tls.Serving(config=config, files=SITES) as one:
        sock = one.dial(context=made, name=name)
        eq(sock.getpeercert()["subjectAltName"], (("DNS", "one.example"),))
        with wire.Connection(sock, [], "x") as conn:
            eq(conn.ask("GET", "/a", {"Host": "one.example"}).body, b"of one")
            eq(conn.ask("GET", "/a", {"Host": "two.example"}).status, 421)


@obliges("H2-C6")
def test_a_scheme_that_is_not_the_connections(server):
    """A proxy in front says what its own client spoke."""
    with serving("--listen", "127.0.0.1:0", "--listen", "plain:127.0.0.1:0") as one:
        with h2.H2(wire.dial(one.addresses[1]), one.log, one.host, "https") as conn:
            eq(conn.ask("GET", "/ten.txt").body, TEN)
        with h2.H2(one.dial(one.addresses[0], tls.context(alpn=("h2",))), one.log, one.host, "http") as conn:
            eq(conn.ask("GET", "/ten.txt").body, TEN)


@obliges("TLS-C1")
def test_prior_knowledge_on_a_port_of_tls_is_told_too(server):
    with serving() as one, wire.Connection(one.addresses[0], [], one.host) as conn:
        conn.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0")
        answer = conn.read()
        eq(answer.status, 400)
        contains(answer.text, "HTTPS")
        conn.expect_close()


# ---- clients ----------------------------------------------------------------------------------------

_clients = []


def clients():
    """Who signs the clients' certificates; another than the server's."""
    if not _clients:
        _clients.append(tls.Authority("Clients' authority"))
    return _clients[0]


def named(name, **more):
    return (more.pop("ca", None) or clients()).leaf(subject="/CN=" + name, usage=more.pop("usage", "clientAuth"), **more)


def asking_config(when, *more, ca=None):
    return ('listen = { "127.0.0.1:0" }\n%s\nclient-ca = "%s"\nclient-certificates = "%s"\n%s\nsite "a" {\n root = "{root}"\n'
              'allow "ann" { rights = { "read", "write" } }\nallow "bea" { rights = { "read" } }\n'
              'allow "*" { rights = { "list" } }\n}\n') % (of(tls.usual()), ca or clients().ca, when, "\n".join(more))


def asking(when, *more):
    return tls.Serving(config=asking_config(when, *more), files={"a": b"secret"})


@obliges("TLS-11")
@cases(("a stranger's", lambda: named("ann", ca=tls.authority()), "UNKNOWN_CA"),
       ("expired", lambda: named("ann", days=-1), "CERTIFICATE_EXPIRED"),
       ("for servers", lambda: named("ann", usage="serverAuth"), "(UNSUPPORTED|BAD)_CERTIFICATE"))
def test_a_certificate_that_does_not_verify_ends_with_its_alert(server, make, alert):
    leaf = make()
    for when in ("optional", "required"):
        with asking(when) as one:
            for version in (TLS12, TLS13):
                try:
                    with wire.Connection(one.dial(context=tls.context(certificate=leaf, minimum=version, maximum=version)), [],
                                         "localhost") as conn:
                        answer = conn.ask("GET", "/a")
                    fail("%s, %s: answered with %r" % (when, version, answer))
                except ssl.SSLError as why:
                    ok(re.search(alert, str(why)), "%s, %s: the alert in %r" % (when, version, why))


@obliges("TLS-12")
@cases(("fields of a proxy", {"X-Remote-User": "ann", "X-Forwarded-User": "ann", "X-SSL-Client-S-DN": "CN=ann",
                              "Client-Cert": ":YW5u:", "X-Client-Verify": "SUCCESS", "Remote-User": "ann"}),
       ("a password", basic("ann", "guessed")), ("an empty password", basic("ann", "")))
def test_no_other_name_that_the_client_says(server, fields):
    with asking("optional") as one:
        for leaf in (named("bea"), None):
            with wire.Connection(one.dial(context=tls.context(certificate=leaf)), [], "localhost") as conn:
                one_of(conn.ask("PUT", "/x", fields, b"x").status, (401, 403), "the status")
            with one.h2(context=tls.context(alpn=("h2",), certificate=leaf)) as conn:
                one_of(conn.ask("PUT", "/x", [(name.lower(), value) for name, value in fields.items()], b"x").status, (401, 403),
                       "the status over HTTP/2")
        ok(not one.exists("x"), "nothing was stored")


@obliges("TLS-12")
def test_the_access_log_has_the_certificates_name(server):
    with asking("optional", 'access-log = "{tmp}/log"') as one:
        for leaf in (named("ann"), None):
            with wire.Connection(one.dial(context=tls.context(certificate=leaf)), [], "localhost") as conn:
                conn.ask("GET", "/a")
            with one.h2(context=tls.context(alpn=("h2",), certificate=leaf)) as conn:
                conn.ask("GET", "/a")

        def lines():
            with open(one.tmp + "/log", encoding="utf-8") as file:
                return file.read().splitlines()

        wait_for(lambda: len(lines()) == 4, "four lines")
        for line in lines():
            contains(line, "- ann [" if '" 200 ' in line else "- - [")
        eq(sum(" - ann [" in line for line in lines()), 2)


@obliges("TLS-15")
@cases(("1.2", TLS12), ("1.3", TLS13))
def test_a_session_of_a_client_that_is_no_longer_trusted(server, version):
    """Another authority since the reload: its clients' old sessions are not gone on with."""
    one = wire.Server(config=asking_config("optional", ca="{tmp}/clients.pem"), files={"a": b"secret"},
                      before=lambda made: shutil.copy(clients().ca, made.tmp + "/clients.pem"))
    try:
        one.start()
        made = tls.context(certificate=named("ann"), minimum=version, maximum=version)
        sock = one.dial(context=made)
        with wire.Connection(sock, [], "localhost") as conn:
            eq(conn.ask("GET", "/a").body, b"secret")
            session = sock.session
        sock = tls.wrap(wire.dial(one.addresses[0]), made, session=session)
        eq(sock.session_reused, True, "before the change it goes on")
        sock.close()
        shutil.copy(tls.authority().ca, one.tmp + "/clients.pem")
        one.signal(signal.SIGHUP)
        wait_for(lambda: "reloaded" in tls.told(one), "the reload")
        try:
            sock = tls.wrap(wire.dial(one.addresses[0]), made, session=session)
            with wire.Connection(sock, [], "localhost") as conn:
                ne(conn.ask("GET", "/a").status, 200)
        except (ssl.SSLError, Closed) as why:
            contains(str(why), "UNKNOWN_CA")
    finally:
        one.stop()
        one.remove()


# ---- tickets that were changed, early data ----------------------------------------------------------


def element(data, at=0):
    """One DER element: (tag, where its content starts, where it ends)."""
    length, start = data[at + 1], at + 2
    if length & 0x80:
        start += length & 0x7f
        length = int.from_bytes(data[at + 2:start], "big")
    return data[at], start, start + length


def elements(data):
    """The elements of the SEQUENCE, each as a whole."""
    _, at, end = element(data)
    out = []
    while at < end:
        out.append(data[at:element(data, at)[2]])
        at = element(data, at)[2]
    return out


def sequence(parts):
    body = b"".join(parts)
    return b"\x30\x82" + listed(body)


def saved_session(one, folder, option):
    """What s_client keeps of a session, as DER elements. [10] holds the ticket, [14] its age, [15] the early data allowed."""
    path = os.path.join(folder, "session")
    contains(s_client(one, option, "-ign_eof", "-sess_out", path, feed=LAST), "0123456789")
    with open(path, encoding="ascii") as file:
        text = file.read()
    return elements(base64.b64decode("".join(text.splitlines()[1:-1])))


def again(one, folder, parts, option, *words):
    """Comes back with that session."""
    path = os.path.join(folder, "session-2")
    with open(path, "w", encoding="ascii") as out:
        out.write("-----BEGIN SSL SESSION PARAMETERS-----\n%s-----END SSL SESSION PARAMETERS-----\n"
                  % base64.encodebytes(sequence(parts)).decode("ascii"))
    return s_client(one, option, "-ign_eof", "-sess_in", path, *words, feed=LAST)


@obliges("TLS-14")
@cases(("1.2", "-tls1_2"), ("1.3", "-tls1_3"))
def test_a_ticket_that_was_changed_means_a_full_handshake(server, option):
    with serving() as one, tempfile.TemporaryDirectory() as folder:
        parts = saved_session(one, folder, option)
        where = next(number for number, part in enumerate(parts) if part[0] == 0xaa)
        text = again(one, folder, parts, option)
        contains(text, "Reused, ")
        contains(text, "0123456789")
        ticket = parts[where]
        for at in (-1, -20, -40, len(ticket) // 2, -len(ticket) + 10, -len(ticket) + 30):  # seal, content, vector, key's name
            changed = bytearray(ticket)
            changed[at] ^= 4
            text = again(one, folder, parts[:where] + [bytes(changed)] + parts[where + 1:], option)
            contains(text, "New, ", "octet %d" % at)
            contains(text, "0123456789", "octet %d" % at)


@obliges("TLS-16")
def test_early_data_is_not_taken(server):
    """A client that sends it all the same: it is read over, and what comes after the handshake is answered."""
    with serving() as one, tempfile.TemporaryDirectory() as folder:
        parts = saved_session(one, folder, "-tls1_3")
        ok(not any(part[0] == 0xaf for part in parts), "the ticket allows none")
        where = next(number for number, part in enumerate(parts) if part[0] == 0xae)
        early = os.path.join(folder, "early")
        with open(early, "wb") as out:
            out.write(b"DELETE /ten.txt HTTP/1.1\r\nHost: localhost\r\n\r\n")
        text = again(one, folder, parts[:where + 1] + [b"\xaf\4\2\2\x10\0"] + parts[where + 1:], "-tls1_3", "-early_data", early)
        contains(text, "Early data was rejected")
        contains(text, "0123456789")
        ok(one.exists("ten.txt"), "it was not acted on")


# ---- OCSP -------------------------------------------------------------------------------------------


def shown_octets(text):
    """All that `-msg` dumped, in hexadecimal digits."""
    return "".join(re.findall(r"^    ((?:[0-9a-f]{2} )+[0-9a-f]{2}|[0-9a-f]{2})\s*$", text, re.M)).replace(" ", "")


@obliges("TLS-10")
@cases(("1.2", "-tls1_2"), ("1.3", "-tls1_3"))
def test_each_site_staples_its_own_to_who_asks(server, option):
    config, leafs = two_sites(lambda leaf: 'ocsp = { "%s" }' % tls.authority().ocsp(leaf))
    with tls.Serving(config=config, files=SITES) as one:
        for name, leaf in zip(("one", "two"), leafs):
            words = (option, "-servername", name + ".example", "-msg")
            text = s_client(one, *words, "-status")
            contains(text, "Cert Status: good")
            serial = leaf.text("-serial").strip().split("=")[1]
            eq(re.search(r"OCSP Response Data.*?Serial Number: ([0-9A-F]+)", text, re.S).group(1), serial, "of whom it speaks")
            contains(shown_octets(text), OCSP_BASIC)
            lacks(shown_octets(s_client(one, *words)), OCSP_BASIC, "unasked")


OCSP_BASIC = "2b0601050507300101"  # the identifier of a basic response


# ---- told and refused -------------------------------------------------------------------------------


def test_certificates_that_go_or_come_need_a_restart(server):
    """A port is https or it is not: a reload says so and changes nothing."""
    plain = 'listen = { "127.0.0.1:0" }\nsite "a" { root = "{root}" }\n'
    for first, then in ((plain, of(tls.usual()) + "\n" + plain), (of(tls.usual()) + "\n" + plain, plain)):
        with tls.Serving(config=first, files=FILES) as one:
            with open(one.config_path, "w", encoding="utf-8") as out:
                out.write(one.fill_in(then))
            one.signal(signal.SIGHUP)
            wait_for(lambda: "not reloaded" in tls.told(one), "it says so")
            contains(tls.told(one), "needs a restart")
            eq(got(one.dial()).body, TEN)


@cases(("no such file", lambda leaf: ("/nonexistent.pem", leaf.key), "/nonexistent.pem"),
       ("no such key", lambda leaf: (leaf.chain, "/nonexistent.key"), "/nonexistent.key"),
       ("another's key", lambda leaf: (leaf.chain, tls.usual().key), None),
       ("not a certificate", lambda leaf: ("/etc/passwd", leaf.key), "/etc/passwd"),
       ("the wrong way round", lambda leaf: (leaf.key, leaf.chain), None))
def test_the_check_finds_what_is_wrong_with_a_certificate(server, make, named_file):
    leaf = tls.authority().leaf("localhost")
    chain, key = make(leaf)
    path = tempfile.mkdtemp(dir=server.tmp) + "/samovar.conf"
    with open(path, "w", encoding="utf-8") as out:
        out.write('listen = { "127.0.0.1:0" }\ncertificate = { "%s" }\nkey = { "%s" }\nsite "a" { root = "%s" }\n'
                  % (chain, key, tempfile.mkdtemp(dir=server.tmp)))
    line = refused("--config", path, "--check-config")
    contains(line, named_file or os.path.dirname(leaf.key))
    eq(refused("--config", path), line, "the start says the same")


def test_the_check_passes_a_good_certificate(server):
    path = tempfile.mkdtemp(dir=server.tmp) + "/samovar.conf"
    with open(path, "w", encoding="utf-8") as out:
        out.write('listen = { "127.0.0.1:0" }\n%s\nsite "a" { root = "%s" }\n' % (of(tls.usual()), tempfile.mkdtemp(dir=server.tmp)))
    status, text, told = ended("--config", path, "--check-config")
    eq((status, told), (0, ""))
    contains(text, ": ok")


def test_version_tells_whether_the_kernel_encrypts(server):
    status, text, _ = ended("--version")
    eq(status, 0)
    ok(re.search(r"kTLS: (on|off, [^,\n]+)", text), "the line in %r" % text)
    if not os.path.exists("/sys/module/tls"):
        lacks(text, "kTLS: on")
