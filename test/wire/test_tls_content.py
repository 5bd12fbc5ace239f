"""tls.md §4: what goes through TLS arrives octet for octet, and an end is an end only with close_notify."""

import os
import select
import socket
import ssl
import time

import h2
import tls
import wire
from wire import Closed, cases, eq, obliges, ok, one_of, wait_for

ONLY_OVER = (("h1",), "it has certificates of its own")
TEN = b"0123456789"
BIG = os.urandom((24 << 20) + 4711)
TLS12, TLS13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
MODES = (("1.3", TLS13, ()), ("1.2", TLS12, ()), ("1.3 without the kernel", TLS13, ("--no-ktls",)))


def serving(*options):
    return tls.Serving(*tls.usual().options, *options,
                       files={"ten.txt": TEN, "big.bin": BIG, "middle.bin": BIG[:300000]})


def connected(one, version):
    return wire.Connection(one.dial(context=tls.context(minimum=version, maximum=version)), [], one.host)


@cases(*MODES)
def test_large_files_arrive_octet_for_octet(server, version, options):
    with serving(*options) as one:
        with connected(one, version) as conn:
            for _ in range(2):
                ok(conn.ask("GET", "/big.bin").body == BIG, "the whole file")
            eq(conn.ask("GET", "/ten.txt").body, TEN)
            for first, last in ((0, 0), (16383, 16384), (5 << 20, 9 << 20), (len(BIG) - 1, len(BIG) - 1)):
                got = conn.ask("GET", "/big.bin", {"Range": "bytes=%d-%d" % (first, last)})
                ok(got.status == 206 and got.body == BIG[first:last + 1], "octets %d to %d" % (first, last))
            for size in (1, 16383, 16384, 16385, 65536, 131072):
                one.write("of-%d" % size, BIG[:size])
                for _ in range(3):
                    ok(conn.ask("GET", "/of-%d" % size).body == BIG[:size], "%d octets" % size)


@cases(*MODES)
def test_large_uploads_arrive_octet_for_octet(server, version, options):
    with serving(*options) as one:
        with connected(one, version) as conn:
            eq(conn.ask("PUT", "/up.bin", body=BIG).status, 201)
            ok(one.read("up.bin") == BIG, "with a length")
            eq(conn.ask("PUT", "/up.bin", {"Transfer-Encoding": "chunked"}, BIG[:5 << 20]).status, 204)
            ok(one.read("up.bin") == BIG[:5 << 20], "chunked")
            conn.send(wire.head_of("PUT", "/asked", {"Content-Length": 3, "Expect": "100-continue"}))
            conn.read_interim(100)
            eq(conn.send(b"abc").read("PUT").status, 201)


def test_both_ways_at_once_over_http_2(server):
    with serving() as one, one.h2() as conn:
        down = conn.open("GET", "/big.bin")
        up = conn.open("PUT", "/up.bin", [("content-length", 8 << 20)], end=False)
        for at in range(0, 8 << 20, 1 << 18):
            up.data(BIG[at:at + (1 << 18)], end=at + (1 << 18) == 8 << 20)
        eq(up.read().status, 201)
        ok(down.read().body == BIG and one.read("up.bin") == BIG[:8 << 20], "octet for octet")


def test_a_slow_reader_gets_all(server):
    with serving() as one:
        sock = wire.dial(one.addresses[0])
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        with wire.Connection(tls.wrap(sock), [], one.host) as conn:
            conn.request("GET", "/middle.bin").request("GET", "/ten.txt")
            time.sleep(0.3)
            ok(conn.read().body == BIG[:300000], "all of it")
            eq(conn.read().body, TEN)


def test_pipelined_requests_in_one_record(server):
    with serving() as one:
        with connected(one, TLS13) as conn:
            conn.send(b"".join(wire.head_of("GET", "/ten.txt", {"Range": "bytes=%d-%d" % (n, n)}) for n in range(10)))
            eq(b"".join(conn.read().body for _ in range(10)), TEN)


def test_keep_alive(server):
    with serving() as one:
        with connected(one, TLS13) as conn:
            for _ in range(50):
                eq(conn.ask("GET", "/ten.txt").body, TEN)
            conn.expect_open()


@obliges("TLS-17")
@cases(("1.2", TLS12), ("1.3", TLS13))
def test_close_notify_comes_before_the_end(server, version):
    """The reader fails on an end without it."""
    with serving() as one:
        for fields, http in (({"Connection": "close"}, "HTTP/1.1"), ({}, "HTTP/1.0")):
            with connected(one, version) as conn:
                conn.request("GET", "/middle.bin", fields, version=http)
                ok(conn.read(version=http).body == BIG[:300000], "all of it")
                conn.expect_close()
        with connected(one, version) as conn:
            conn.send(b"nonsense\r\n\r\n")
            eq(conn.read().status, 400)
            conn.expect_close()


@obliges("TLS-17")
def test_close_notify_when_the_server_ends_it(server):
    with serving("--limit", "keepalive=1s") as one:
        with connected(one, TLS13) as idle, connected(one, TLS13) as used:
            eq(used.ask("GET", "/ten.txt").body, TEN)
            used.expect_close(8)
        with connected(one, TLS13) as conn:
            eq(conn.ask("GET", "/ten.txt").body, TEN)
            one.signal(15)
            conn.expect_close(8)
            wait_for(lambda: not one.is_running(), "the server has ended")
        one.start()


@obliges("TLS-17", "H2-52")
def test_close_notify_behind_goaway(server):
    with serving() as one, one.h2() as conn:
        conn.ask("GET", "/ten.txt")
        conn.frame(h2.DATA, 0, 0, b"x")
        conn.error(h2.PROTOCOL_ERROR)


@obliges("TLS-17")
def test_a_client_that_says_goodbye_is_answered_in_kind(server):
    with serving() as one:
        sock = one.dial()
        with wire.Connection(sock, [], one.host) as conn:
            eq(conn.ask("GET", "/ten.txt").body, TEN)
            plain = sock.unwrap()  # sends close_notify and awaits the server's
            plain.close()
            conn.ended = True
        wait_for(lambda: one.connections() == 0, "closed")


@obliges("TLS-18")
@cases(("with close_notify", True), ("without", False))
def test_an_upload_that_is_cut_short_is_not_stored(server, polite):
    with serving() as one:
        sock = one.dial()
        sock.sendall(wire.head_of("PUT", "/cut.bin", {"Content-Length": 100000}) + b"x" * 50000)
        if polite:
            sock.settimeout(5)
            try:
                sock.unwrap().close()
            except (OSError, ssl.SSLError):
                pass
        sock.close()
        wait_for(lambda: one.connections() == 0, "closed")
        ok(not one.exists("cut.bin"), "nothing was stored")


def test_clients_that_vanish_leave_nothing(server):
    with serving("--loops", "1") as one:  # each loop keeps a descriptor of its own of what is asked for often
        for _ in range(5):
            one_of(connected(one, TLS13).ask("GET", "/big.bin").status, (200,))
        wait_for(lambda: one.connections() == 0, "closed")
        before = len(one.fds())
        for number in range(20):
            conn = connected(one, TLS12 if number % 2 else TLS13)
            conn.request("GET", "/big.bin")
            conn.fill()
            conn.reset()
        wait_for(lambda: one.connections() == 0 and len(one.fds()) <= before + 4, "all is given back")


def test_memory_of_idle_connections_is_small(server):
    with serving("--loops", "1") as one:
        for _ in range(20):
            eq(connected(one, TLS13).ask("GET", "/ten.txt").body, TEN)
        wait_for(lambda: one.connections() == 0, "closed")
        before, held = one.rss_kib(), []
        for _ in range(200):
            conn = connected(one, TLS13)
            eq(conn.ask("GET", "/ten.txt").body, TEN)
            held.append(conn)
        each = (one.rss_kib() - before) / 200
        for conn in held:
            conn.close()
        if not os.environ.get("SANITIZER"):
            ok(each < 64, "%.1f KiB for each idle connection" % each)


def test_what_another_program_wrote_is_seen_at_once(server):
    with serving() as one:
        with connected(one, TLS13) as conn:
            for number in range(30):
                one.write("fresh.txt", b"version %d" % number)
                for _ in range(4):
                    eq(conn.ask("GET", "/fresh.txt").body, b"version %d" % number)
