"""http2.md §8 and §9: how connections end, and what abuse leads to. (test/fault/test_floods.py has the floods.)"""

import os
import signal
import struct
import time

import h2
from h2 import DATA, END_STREAM, GOAWAY, NO_ERROR, PROTOCOL_ERROR, REFUSED_STREAM
from wire import Closed, cases, eq, obliges, ok, one_of, own_server, wait_for

ONLY_OVER = (("h1", "tls"), "it is of single frames, whatever whole requests are spoken over")
TEN = b"0123456789"
BIG = os.urandom(3 << 20)
FILES = {"ten.txt": TEN, "big.bin": BIG}


@obliges("H2-52")
def test_an_error_names_the_last_stream(server):
    with server.h2() as conn:
        for _ in range(3):
            conn.ask("GET", "/ten.txt")
        conn.frame(DATA, 0, 0, b"x")
        conn.error(PROTOCOL_ERROR)
        eq(conn.goaway.last, 5, "the last stream that was acted on")


@obliges("H2-53", "H2-54")
@own_server(files=FILES)
def test_sigterm_lets_streams_finish(server):
    """GOAWAY NO_ERROR; a download, an upload and a request that crossed it are finished; then the close."""
    with server.h2(auto=False, settings={h2.INITIAL_WINDOW_SIZE: 65535}) as conn:
        down = conn.open("GET", "/big.bin")
        conn.until(lambda: down.received == 65535, "a part of the download")
        up = conn.open("PUT", "/late", [("content-length", 10)], end=False)
        up.data(b"01234", end=False)
        conn.expect_alive()
        server.signal(signal.SIGTERM)
        conn.until(lambda: conn.goaway is not None, "GOAWAY")
        eq(conn.goaway.code, NO_ERROR)
        ok(conn.goaway.last >= up.number, "both streams are to be finished")
        up.data(b"56789")
        eq(up.read().status, 201)
        conn.auto = True
        conn.window(1 << 24)
        down.window(3 << 20)
        eq(down.read().body, BIG)
        conn.until_closed()
        eq(conn.goaway.code, NO_ERROR)
    eq(server.read("late"), TEN)
    wait_for(lambda: not server.is_running(), "the server has ended")
    eq(server.process.returncode, 0)
    server.start()


@obliges("H2-53", "H2-55")
@own_server(files=FILES)
def test_what_comes_after_goaway_is_refused_or_served(server):
    """Never half: what was not named by the last GOAWAY was not acted on."""
    server.write("victim", b"v")
    with server.h2(auto=False, settings={h2.INITIAL_WINDOW_SIZE: 100}) as conn:
        down = conn.open("GET", "/big.bin")
        conn.until(lambda: down.received == 100, "a part of the download")
        server.signal(signal.SIGTERM)
        conn.until(lambda: conn.goaway is not None and conn.goaway.last < h2.WINDOW_MAX, "the last GOAWAY", 20)
        late = conn.open("DELETE", "/victim")
        down.cancel()
        conn.until_closed(seconds=20)
        if late.number > conn.goaway.last:
            ok(late.answer is None, "not answered")
            ok(server.exists("victim"), "not acted on")
        else:
            eq(late.answer.status, 204)
    wait_for(lambda: not server.is_running(), "the server has ended")
    server.start()


@obliges("H2-53")
@own_server(files=FILES)
def test_idle_connections_end_at_once_with_the_server(server):
    conns = [server.h2() for _ in range(5)]
    for conn in conns:
        conn.ask("GET", "/ten.txt")
    server.signal(signal.SIGTERM)
    for conn in conns:
        conn.error(NO_ERROR)
        conn.close()
    wait_for(lambda: not server.is_running(), "the server has ended")
    server.start()


@obliges("H2-53")
@own_server("--limit", "drain=1s", files=FILES)
def test_draining_has_an_end(server):
    with server.h2(auto=False, settings={h2.INITIAL_WINDOW_SIZE: 100}) as conn:
        stuck = conn.open("GET", "/big.bin")
        conn.until(lambda: stuck.received == 100, "a part of the download")
        server.signal(signal.SIGTERM)
        began = time.monotonic()
        try:
            conn.until_closed(seconds=10)
        except Closed:
            ok(conn.closed, "cut off")
        ok(time.monotonic() - began < 25, "in time")
    wait_for(lambda: not server.is_running(), "the server has ended", 10)
    server.start()


@own_server(config='listen = "127.0.0.1:0"\nsite "a" { root = "{root}" allow "*" { rights = { "read", "write" } } }\n',
            files=FILES)
def test_a_reload_breaks_nothing_off(server):
    with server.h2(auto=False, settings={h2.INITIAL_WINDOW_SIZE: 65535}) as conn:
        down = conn.open("GET", "/big.bin")
        conn.until(lambda: down.received == 65535, "a part of the download")
        up = conn.open("PUT", "/during", [("content-length", 10)], end=False)
        up.data(b"01234", end=False)
        before = server.stderr().count("reload")
        server.signal(signal.SIGHUP)
        wait_for(lambda: "reload" in server.stderr() + server.stdout()
                 or server.stderr().count("reload") > before, "the reload is told")
        up.data(b"56789")
        eq(up.read().status, 201)
        conn.auto = True
        down.window(3 << 20)
        eq(down.read().body, BIG)
        eq(conn.ask("GET", "/ten.txt").body, TEN)


@obliges("H2-56")
@own_server("--limit", "keepalive=1s", files=FILES)
def test_an_idle_connection_is_told_and_closed(server):
    with server.h2() as fresh, server.h2() as used:
        used.ask("GET", "/ten.txt")
        began = time.monotonic()
        for conn in (fresh, used):
            conn.error(NO_ERROR, seconds=8)
        ok(time.monotonic() - began > 0.4, "not at once")


@own_server("--limit", "keepalive=1s", "--limit", "send-idle=30s", files=FILES)
def test_a_connection_with_a_stream_is_not_idle(server):
    with server.h2(auto=False, settings={h2.INITIAL_WINDOW_SIZE: 100}) as conn:
        down = conn.open("GET", "/big.bin")
        conn.until(lambda: down.received == 100, "a part of the download")
        conn.expect_quiet(2.5)
        down.window(3 << 20)
        eq(down.read().body, BIG)


@own_server("--limit", "send-idle=1s", files=FILES)
def test_a_stream_that_takes_nothing_is_given_up(server):
    with server.h2(auto=False, settings={h2.INITIAL_WINDOW_SIZE: 100}) as conn:
        down = conn.open("GET", "/big.bin")
        conn.until(lambda: down.received == 100, "a part of the download")
        began = time.monotonic()
        try:
            conn.until(lambda: down.reset is not None, "the stream's end", 10)
        except Closed:
            ok(conn.closed or conn.goaway, "the stream or the connection ends")
        ok(time.monotonic() - began < 25, "in time")
    wait_for(lambda: server.connections() == 0 and not [fd for fd in server.fds() if fd.endswith("/big.bin")][1:],
             "nothing is held")


@own_server("--limit", "body-idle=1s", files=FILES)
def test_an_upload_that_stops_is_given_up(server):
    with server.h2() as conn:
        up = conn.open("PUT", "/stopped", [("content-length", 100)], end=False)
        up.data(b"x", end=False)
        began = time.monotonic()
        try:
            conn.until(lambda: up.is_done, "408, or the stream's end", 10)
            if up.answer is not None:
                eq(up.answer.status, 408)
        except Closed:
            ok(conn.closed or conn.goaway, "the stream or the connection ends")
        ok(time.monotonic() - began < 25, "in time")
    ok(not server.exists("stopped"), "nothing was stored")


@own_server("--limit", "head-time=1s", "--limit", "keepalive=30s", files=FILES)
def test_a_field_block_that_stops_is_given_up(server):
    with server.h2() as conn:
        stream = conn.stream()
        conn.expect_alive()
        conn.frame(h2.HEADERS, END_STREAM, stream.number, b"\x82")
        began = time.monotonic()
        try:
            conn.until_closed(seconds=10)
        except Closed:
            ok(conn.closed, "cut off")
        ok(time.monotonic() - began < 25, "in time")


def test_goaway_of_the_client(server):
    """It wants no more; what is under way is finished, and the server does not mind another request."""
    with server.h2() as conn:
        stream = conn.open("GET", "/big.bin")
        conn.frame(GOAWAY, 0, 0, struct.pack(">II", 0, NO_ERROR) + b"bye")
        eq(stream.read().body, BIG)


def test_a_half_closed_connection_gets_its_answers(server):
    if server.is_secure(server.addresses[0]):
        return
    import socket
    with server.h2() as conn:
        streams = [conn.open("GET", "/ten.txt") for _ in range(5)]
        streams.append(conn.open("GET", "/big.bin"))
        conn.pipe.shutdown(socket.SHUT_WR)
        for stream in streams[:5]:
            eq(stream.read().body, TEN)
    eq(server.get("/ten.txt").body, TEN)


def test_a_half_closed_upload_is_dropped(server):
    if server.is_secure(server.addresses[0]):
        return
    import socket
    with server.h2() as conn:
        conn.open("PUT", "/cut.bin", {"Content-Length": "1000"}, end=False).data(b"x" * 500, end=False)
        answered = conn.open("GET", "/ten.txt")
        conn.pipe.shutdown(socket.SHUT_WR)
        eq(answered.read().body, TEN)
    ok(not server.exists("cut.bin"), "nothing was stored")


@obliges("H2-58")
def test_answers_to_pings_that_nobody_reads_are_bounded(server):
    conn = server.h2()
    conn.ask("GET", "/ten.txt")
    before = server.rss_kib()
    conn.pipe.settimeout(1)
    block = (b"\0\0\x08\6\0\0\0\0\0" + b"unread!!") * 1000
    try:
        for _ in range(1000):
            conn.pipe.sendall(block)
    except OSError:
        pass
    ok(server.rss_kib() - before < 20000, "memory stays bounded: %d KiB more" % (server.rss_kib() - before))
    conn.close()
    eq(server.get("/ten.txt").body, TEN)
