"""tls.md §1 and §3: versions, ALPN, names, sessions that go on; handshakes that are wrong, slow, or no TLS at all."""

import os
import random
import socket
import ssl
import struct
import subprocess
import threading
import time

import tls
import wire
from wire import Closed, cases, contains, eq, lacks, obliges, ok, one_of, skip, wait_for

ONLY_OVER = (("h1",), "it has certificates of its own")
TEN = b"0123456789"
FILES = {"ten.txt": TEN}
TLS12, TLS13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


def serving(*options, **more):
    return tls.Serving(*tls.usual().options, *options, **dict({"files": FILES}, **more))


def got(sock, host="localhost", target="/ten.txt"):
    """One GET on a connected socket."""
    with wire.Connection(sock, [], host) as conn:
        return conn.ask("GET", target)


# ---- versions and suites ----------------------------------------------------------------------------


@obliges("TLS-01")
@cases(("1.2", TLS12, "TLSv1.2"), ("1.3", TLS13, "TLSv1.3"))
def test_both_versions(server, version, name):
    with serving() as one:
        contains(one.stdout(), "listening on https://127.0.0.1:")
        sock = one.dial(context=tls.context(minimum=version, maximum=version))
        eq(sock.version(), name)
        eq(got(sock).body, TEN)


@obliges("TLS-01")
@cases(("1.0", "-tls1"), ("1.1", "-tls1_1"))
def test_no_older_one(server, option):
    with serving() as one:
        done = subprocess.run(["openssl", "s_client", "-connect", "127.0.0.1:%d" % one.port, option, "-cipher", "ALL:@SECLEVEL=0"],
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=False)
        text = (done.stdout + done.stderr).decode("utf-8", "replace")
        contains(text, "alert protocol version")
        eq(got(one.dial()).body, TEN)


@obliges("TLS-01")
def test_the_floor_may_be_1_3(server):
    with serving("--tls-min", "1.3") as one:
        eq(one.dial(context=tls.context(maximum=TLS13)).version(), "TLSv1.3")
        try:
            one.dial(context=tls.context(maximum=TLS12))
            wire.fail("1.2 was spoken")
        except ssl.SSLError as why:
            contains(str(why).lower(), "protocol version")


@obliges("TLS-22")
def test_http_2_over_1_2(server):
    with serving() as one:
        for version in (TLS12, TLS13):
            with one.h2(context=tls.context(alpn=("h2",), minimum=version, maximum=version)) as conn:
                eq(conn.ask("GET", "/ten.txt").body, TEN)


@obliges("TLS-02", "TLS-22")
@cases(("no forward secrecy", "AES128-GCM-SHA256"), ("cbc", "ECDHE-RSA-AES128-SHA:ECDHE-ECDSA-AES128-SHA"), ("null", "NULL"),
       ("anonymous", "aNULL"), ("static rsa cbc", "AES256-SHA"))
def test_suites_that_are_not_taken(server, suites):
    made = tls.context(maximum=TLS12, alpn=("h2", "http/1.1"))
    try:
        made.set_ciphers(suites + ":@SECLEVEL=0")
    except ssl.SSLError:
        return  # this OpenSSL has none of them
    with serving() as one:
        try:
            sock = one.dial(context=made)
            wire.fail("%r was taken" % (sock.cipher(),))
        except (ssl.SSLError, ConnectionResetError):
            pass
        eq(got(one.dial()).body, TEN)


@obliges("TLS-02")
def test_suites_that_are_taken(server):
    with serving() as one:
        for version in (TLS12, TLS13):
            name = one.dial(context=tls.context(minimum=version, maximum=version)).cipher()[0]
            ok("GCM" in name or "CHACHA20" in name, "an AEAD: %s" % name)
            ok("ECDHE" in name or version == TLS13, "forward secrecy: %s" % name)


@obliges("TLS-09")
def test_ecdsa_and_rsa_side_by_side(server):
    both = [tls.authority().leaf(*tls.EVERYWHERE, kind=kind) for kind in ("ec", "rsa")]
    with tls.Serving(*both[0].options, *both[1].options, files=FILES) as one:
        for suites, kind in (("ECDHE-ECDSA-AES128-GCM-SHA256", "id-ecPublicKey"),
                             ("ECDHE-RSA-AES128-GCM-SHA256", "rsaEncryption")):
            made = tls.context(maximum=TLS12)
            made.set_ciphers(suites)
            sock = one.dial(context=made)
            shown = tls.openssl("x509", "-inform", "DER", "-noout", "-text", feed=sock.getpeercert(True)).decode()
            contains(shown, kind)
            eq(got(sock).body, TEN)


# ---- ALPN and names ---------------------------------------------------------------------------------


@obliges("TLS-03", "H2-01")
@cases(("h2 first", ("h2", "http/1.1"), "h2"), ("http/1.1 first", ("http/1.1", "h2"), None), ("h2 alone", ("h2",), "h2"),
       ("http/1.1 alone", ("http/1.1",), "http/1.1"), ("and another", ("spdy/3", "http/1.1"), "http/1.1"))
def test_alpn(server, offered, chosen):
    with serving() as one:
        sock = one.dial(context=tls.context(alpn=offered))
        one_of(sock.selected_alpn_protocol(), (chosen,) if chosen else offered, "ALPN")
        sock.close()


@obliges("TLS-03")
def test_without_alpn_it_is_http_1(server):
    with serving() as one:
        sock = one.dial()
        eq(sock.selected_alpn_protocol(), None)
        eq(got(sock).body, TEN)


@obliges("TLS-03")
def test_alpn_that_fits_nothing(server):
    with serving() as one:
        try:
            sock = one.dial(context=tls.context(alpn=("imap", "acme-tls/1")))
            wire.fail("connected, with %r" % sock.selected_alpn_protocol())
        except ssl.SSLError as why:
            contains(str(why).lower(), "no application protocol")
        eq(got(one.dial()).body, TEN)


@obliges("H2-01")
def test_a_client_of_h2_must_speak_it(server):
    """ALPN chose h2: a request of HTTP/1.1 is no preface."""
    with serving() as one:
        sock = one.dial(context=tls.context(alpn=("h2",)))
        with wire.Connection(sock, [], "localhost") as conn:
            conn.send(wire.head_of("DELETE", "/ten.txt"))
            try:
                while conn.fill(8):
                    pass
            except Closed:
                pass
            lacks(conn.buffer, b"HTTP/1.1 2")
            conn.buffer = b""
        ok(one.exists("ten.txt"), "it was not acted on")


@obliges("H2-01")
def test_a_client_of_http_1_that_sends_the_preface(server):
    """RFC 9113 §3.3 has prior knowledge for plain text alone; whatever comes back is in order."""
    with serving() as one:
        sock = one.dial(context=tls.context(alpn=("http/1.1",)))
        sock.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0")
        sock.settimeout(8)
        data = sock.recv(1000)
        ok(data.startswith(b"HTTP/1.1 ") or data[3:4] == b"\4", "an answer or SETTINGS: %r" % data[:40])
        sock.close()


# ---- sessions that go on ----------------------------------------------------------------------------


def session_of(one, version):
    """A session with a ticket: 1.3 sends it with the first answer."""
    made = tls.context(minimum=version, maximum=version)
    sock = one.dial(context=made)
    eq(sock.session_reused, False)
    conn = wire.Connection(sock, [], "localhost")
    eq(conn.ask("GET", "/ten.txt").body, TEN)
    session = sock.session
    conn.close()
    return made, session


def again(one, made, session):
    return tls.wrap(wire.dial(one.addresses[0]), made, session=session)


@obliges("TLS-13")
@cases(("1.2", TLS12), ("1.3", TLS13))
def test_a_session_goes_on(server, version):
    with serving() as one:
        made, session = session_of(one, version)
        ok(session.has_ticket, "a ticket came")
        one_of(session.ticket_lifetime_hint > 0 and session.ticket_lifetime_hint <= 7 * 86400, (True,), "its lifetime")
        for _ in range(3):
            sock = again(one, made, session)
            eq(sock.session_reused, True)
            eq(got(sock).body, TEN)


@obliges("TLS-13")
@cases(("1.2", TLS12), ("1.3", TLS13))
def test_a_ticket_serves_on_every_loop(server, version):
    with serving("--loops", "3") as one:
        made, session = session_of(one, version)
        eq([again(one, made, session).session_reused for _ in range(20)], [True] * 20)


@cases(("1.2", TLS12), ("1.3", TLS13))
def test_sessions_may_be_off(server, version):
    with serving("--ticket-lifetime", "0") as one:
        made, session = session_of(one, version)
        eq(again(one, made, session).session_reused if session else False, False)


@obliges("TLS-13", "TLS-14")
@cases(("1.2", TLS12), ("1.3", TLS13))
def test_keys_of_tickets_change(server, version):
    """Within the lifetime a ticket is good, also after the key changed once; long after it is a full handshake."""
    with serving("--ticket-lifetime", "2s") as one:
        made, session = session_of(one, version)
        eq(again(one, made, session).session_reused, True)
        began = time.monotonic()
        while again(one, made, session).session_reused:
            ok(time.monotonic() - began < 10, "a ticket of 2 s is taken after 10 s")
            time.sleep(0.2)
        made, session = session_of(one, version)
        eq(again(one, made, session).session_reused, True, "a new one is taken")


@obliges("TLS-14")
@cases(("1.2", TLS12), ("1.3", TLS13))
def test_a_ticket_of_another_server_is_no_error(server, version):
    with serving() as first:
        made, session = session_of(first, version)
    with serving() as second:
        sock = again(second, made, session)
        eq(sock.session_reused, False)
        eq(got(sock).body, TEN)


@obliges("TLS-13")
@cases(("1.2", TLS12), ("1.3", TLS13))
def test_a_session_outlives_a_reload(server, version):
    config = 'listen = { "127.0.0.1:0" }\ncertificate = { "%s" }\nkey = { "%s" }\nsite "a" { root = "{root}" }\n' % (
        tls.usual().chain, tls.usual().key)
    with tls.Serving(config=config, files=FILES) as one:
        made, session = session_of(one, version)
        one.signal(1)
        wait_for(lambda: "reloaded" in tls.told(one), "the reload")
        eq(again(one, made, session).session_reused, True)


@obliges("TLS-16")
def test_early_data_is_not_offered(server):
    with serving() as one:
        done = subprocess.run(["openssl", "s_client", "-connect", "127.0.0.1:%d" % one.port, "-tls1_3", "-ign_eof"],
                              input=b"GET /ten.txt HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", capture_output=True,
                              timeout=30, check=False)
        text = done.stdout.decode("utf-8", "replace")
        contains(text, "0123456789")
        contains(text, "Max Early Data: 0")


@obliges("TLS-05")
def test_no_renegotiation_and_no_compression(server):
    with serving() as one:
        process = subprocess.Popen(["openssl", "s_client", "-connect", "127.0.0.1:%d" % one.port, "-tls1_2"],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            process.stdin.write(b"R\n")
            process.stdin.flush()
            text, _ = process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            text, _ = process.communicate()
        text = text.decode("utf-8", "replace")
        contains(text, "Compression: NONE")
        lacks(text.split("RENEGOTIATING")[-1], "verify return")
        eq(got(one.dial()).body, TEN)


# ---- what is no TLS, what is wrong, what is slow ----------------------------------------------------


@obliges("TLS-C1")
@cases(("get", b"GET /ten.txt HTTP/1.1\r\nHost: localhost\r\n\r\n"), ("put", b"PUT /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx"),
       ("1.0", b"GET / HTTP/1.0\r\n\r\n"), ("half", b"GET / HT"))
def test_plain_http_gets_a_readable_400(server, data):
    with serving("--limit", "head-time=1s") as one:
        with wire.Connection(one.addresses[0], [], "localhost") as conn:
            conn.send(data)
            answer = conn.read(data.split(b" ")[0].decode())
            if not data.endswith(b"HT"):
                eq(answer.status, 400)
                contains(answer.text, "HTTPS")
            if b"localhost" in data:
                contains(answer.text, "https://localhost")
            one_of(answer.status, (400, 408), "of half a request")
            ok(answer.closes, "it says that it closes")
            conn.expect_close()
        ok(not one.exists("x"), "nothing was stored")
        eq(got(one.dial()).body, TEN)


@obliges("TLS-21")
def test_a_plain_port_serves_no_https_target(server):
    with serving("--listen", "127.0.0.1:0", "--listen", "plain:127.0.0.1:0") as one:
        with wire.Connection(one.addresses[1], [], one.host) as conn:
            eq(conn.ask("GET", "https://localhost/ten.txt").status, 421)
            eq(conn.ask("GET", "http://localhost/ten.txt").body, TEN)
        with wire.Connection(one.dial(one.addresses[0]), [], one.host) as conn:
            eq(conn.ask("GET", "https://localhost/ten.txt").body, TEN)


def test_a_plain_address_beside(server):
    with serving("--listen", "127.0.0.1:0", "--listen", "plain:127.0.0.1:0") as one:
        contains(one.stdout(), "listening on http://127.0.0.1:%d/" % one.addresses[1][1])
        contains(one.stdout(), "listening on https://127.0.0.1:%d/" % one.addresses[0][1])
        with wire.Connection(one.addresses[1], [], one.host) as conn:
            eq(conn.ask("GET", "/ten.txt").body, TEN)
        eq(got(one.dial(one.addresses[0])).body, TEN)


def test_unix_sockets_are_plain(server):
    with serving("--listen", "unix:{tmp}/sock", "--listen", "127.0.0.1:0") as one:
        with wire.Connection(one.tmp + "/sock", [], "localhost") as conn:
            eq(conn.ask("GET", "/ten.txt").body, TEN)


@obliges("TLS-06")
@cases(("octet by octet", 1), ("sevens", 7), ("five", 5), ("large", 1000))
def test_records_however_they_are_cut(server, size):
    with serving() as one:
        with wire.dial(one.addresses[0]) as sock:
            sock.settimeout(wire.READ_SECONDS)
            client = tls.Cut(sock, size=size)
            client.do(client.tls.do_handshake)
            client.do(lambda: client.tls.write(wire.head_of("GET", "/ten.txt")))
            data = b""
            while not data.endswith(TEN):
                data += client.do(lambda: client.tls.read(65536))
            contains(data, b"200 OK")


@obliges("TLS-07")
@cases(("a flipped bit", 1), ("a record too long", 2), ("another version", 3))
def test_a_faulty_record_ends_it(server, how):
    with serving() as one:
        with wire.dial(one.addresses[0]) as sock:
            sock.settimeout(wire.READ_SECONDS)
            client = tls.Cut(sock, size=1 << 20)
            client.do(client.tls.do_handshake)
            client.tls.write(wire.head_of("DELETE", "/ten.txt"))
            record = bytearray(client.outgoing.read())
            if how == 1:
                record[20] ^= 1
            elif how == 2:
                record[3:5] = struct.pack(">H", 20000)
                record += b"\0" * 20000
            else:
                record[0:3] = b"\x17\x01\x00"
                record[10] ^= 0x80
            try:
                sock.sendall(record)
                while sock.recv(65536):
                    pass
            except (ConnectionResetError, BrokenPipeError):
                pass
        ok(one.exists("ten.txt"), "it was not acted on")
        eq(got(one.dial()).body, TEN)


@obliges("TLS-08")
def test_a_slow_handshake_is_cut_off(server):
    with serving("--limit", "handshake-timeout=1s") as one:
        hello = tls.Cut(None)
        try:
            hello.tls.do_handshake()
        except ssl.SSLWantReadError:
            pass
        data = hello.outgoing.read()
        socks = []
        for part in (b"", data[:1], data[:5], data[:60], data):
            sock = wire.dial(one.addresses[0])
            sock.sendall(part)
            socks.append(sock)
        dripping = wire.dial(one.addresses[0])
        began = time.monotonic()
        for number in range(400):  # an octet now and then does not prolong it
            try:
                dripping.sendall(data[number:number + 1])
            except OSError:
                break
            time.sleep(0.05)
            if time.monotonic() - began > 18:
                break
        ok(time.monotonic() - began < 15, "the dripping one was cut off")
        for sock in socks + [dripping]:
            sock.settimeout(8)
            try:
                while sock.recv(65536):
                    pass
            except ConnectionResetError:
                pass
            sock.close()
        wait_for(lambda: one.connections() == 0, "no connection is left")
        eq(got(one.dial()).body, TEN)


@obliges("TLS-08", "TLS-07")
def test_thousands_of_garbage_handshakes_hurt_nobody(server):
    rng = random.Random(4711)
    with serving() as one:
        for _ in range(3):
            eq(got(one.dial()).body, TEN)
        before, fds, slowest, served = one.rss_kib(), len(one.fds()), [0.0], [0]
        over = threading.Event()

        def good():
            while not over.is_set():
                began = time.monotonic()
                eq(got(one.dial()).body, TEN)
                slowest[0] = max(slowest[0], time.monotonic() - began)
                served[0] += 1

        witness = threading.Thread(target=good, daemon=True)
        witness.start()
        for number in range(20000):
            if number >= 2000 and served[0] > 5:
                break
            kind = number % 4
            data = rng.randbytes(rng.randrange(1, 600))
            if kind:
                data = b"\x16\x03\x01" + struct.pack(">H", len(data)) + (b"\x01" if kind == 2 else b"") + data
            with wire.dial(one.addresses[0]) as sock:
                try:
                    sock.sendall(data)
                    if kind == 3:
                        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                except OSError:
                    pass
        over.set()
        witness.join(20)
        ok(served[0] > 5 and slowest[0] < 8 * wire.STRETCH,
           "%d good ones, the slowest took %.2f s" % (served[0], slowest[0]))
        wait_for(lambda: len(one.fds()) <= fds + 2, "descriptors as before")
        ok(os.environ.get("SANITIZER") or one.rss_kib() - before < 24000, "%d KiB more memory" % (one.rss_kib() - before))
        eq(got(one.dial()).body, TEN)


@obliges("TLS-08")
def test_handshakes_side_by_side(server):
    """Forty clients amid their handshakes hold nobody up, and each is served in the end."""
    with serving("--loops", "1") as one:
        clients = []
        for _ in range(40):
            sock = wire.dial(one.addresses[0])
            client = tls.Cut(sock, size=1 << 20)
            try:
                client.tls.do_handshake()
            except ssl.SSLWantReadError:
                pass
            data = client.outgoing.read()
            sock.sendall(data[:100])
            clients.append((client, data[100:]))
        eq(got(one.dial()).body, TEN)
        for client, rest in clients:
            client.sock.settimeout(wire.READ_SECONDS)
            client.sock.sendall(rest)
            client.do(client.tls.do_handshake)
            client.sock.close()
