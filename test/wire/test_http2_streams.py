"""http2.md §4 and §5: the states of streams, and flow control in both directions."""

import os
import struct
import time

import h2
from h2 import (CANCEL, DATA, END_HEADERS, END_STREAM, ENHANCE_YOUR_CALM, FLOW_CONTROL_ERROR, HEADERS, NO_ERROR, PRIORITY,
                PROTOCOL_ERROR, REFUSED_STREAM, RST_STREAM, STREAM_CLOSED, WINDOW_MAX, WINDOW_UPDATE)
from wire import cases, eq, lacks, obliges, ok, one_of, own_server, wait_for

import hpack

ONLY_OVER = (("h1", "tls"), "it is of single frames, whatever whole requests are spoken over")
TEN = b"0123456789"
BIG = os.urandom(3 << 20)
FILES = {"ten.txt": TEN, "big.bin": BIG, "middle.bin": BIG[:200000]}


def increment(octets):
    return struct.pack(">I", octets)


def warm(server):
    """What the server keeps anyway is open from here on: the hot file, its control socket."""
    for _ in range(5):
        server.get("/big.bin")
        server.get("/ten.txt")
    server.put("/warm", b"w")
    wait_for(lambda: server.connections() == 0, "nobody is there")


# ---- states -----------------------------------------------------------------------------------------


@obliges("H2-19")
def test_numbers_may_be_skipped(server):
    with server.h2() as conn:
        for number in (1, 7, 9, 4711, 1 << 30 | 1):
            conn.next_stream = number
            eq(conn.ask("GET", "/ten.txt").body, TEN)


@obliges("H2-19")
def test_an_even_stream_cannot_be_opened(server):
    with server.h2() as conn:
        conn.headers(2, conn.fields_of("GET", "/ten.txt"), end_stream=True)
        conn.error(PROTOCOL_ERROR)


def test_a_lower_stream_is_not_acted_on(server):
    """Nor answered: docs/limits.md says why the connection goes on."""
    server.write("lower-victim", b"v")
    with server.h2() as conn:
        conn.next_stream = 7
        eq(conn.ask("GET", "/ten.txt").body, TEN)
        conn.headers(5, conn.fields_of("DELETE", "/lower-victim"), end_stream=True)
        conn.ping()
        try:
            conn.until(lambda: not conn.pings, "the PING's answer")
        except h2.GoneAway as why:
            one_of(why.code, (STREAM_CLOSED, PROTOCOL_ERROR), "GOAWAY's code")
    ok(server.exists("lower-victim"), "it was not acted on")


@obliges("H2-20")
@cases(("data", DATA, b"x"), ("rst_stream", RST_STREAM, b"\0\0\0\x08"), ("window_update", WINDOW_UPDATE, b"\0\0\0\1"))
def test_frames_on_an_idle_stream(server, kind, payload):
    with server.h2() as conn:
        conn.frame(kind, 0, 5, payload)
        conn.error(PROTOCOL_ERROR)


@obliges("H2-64", "H2-23")
def test_old_priorities_are_read_in_any_state(server):
    with server.h2() as conn:
        for number in (1, 2, 9, 101):
            conn.frame(PRIORITY, 0, number, increment(number + 2) + b"\x10")
        stream = conn.open("GET", "/ten.txt")
        conn.frame(PRIORITY, 0, stream.number, increment(0) + b"\xff")
        eq(stream.read().body, TEN)
        conn.frame(PRIORITY, 0, stream.number, increment(0) + b"\xff")
        conn.expect_alive()


@obliges("H2-21")
@cases(("data", DATA, b"more"), ("headers", HEADERS, None))
def test_a_stream_that_the_client_ended_takes_no_more(server, kind, payload):
    with server.h2(auto=False, settings={h2.INITIAL_WINDOW_SIZE: 5}) as conn:
        conn.until(lambda: not conn.unacknowledged, "SETTINGS acknowledged")
        stream = conn.open("GET", "/ten.txt")
        conn.until(lambda: stream.received == 5, "a half of the answer")  # half-closed, not closed
        if payload is None:
            payload = hpack.encode([("x-trailer", "1")])
        conn.frame(kind, END_STREAM | (END_HEADERS if kind == HEADERS else 0), stream.number, payload)
        conn.any_error(stream, STREAM_CLOSED)


@obliges("H2-21", "H2-19")
@cases(("data", DATA, b"more"), ("headers", HEADERS, None))
def test_a_closed_stream_takes_no_more(server, kind, payload):
    with server.h2() as conn:
        stream = conn.open("GET", "/ten.txt")
        stream.read()
        server.write("closed-victim", b"v")
        if payload is None:
            payload = hpack.encode(conn.fields_of("DELETE", "/closed-victim"))
        conn.frame(kind, END_STREAM | (END_HEADERS if kind == HEADERS else 0), stream.number, payload)
        conn.ping()
        try:
            conn.until(lambda: not conn.pings, "the PING's answer")
        except h2.GoneAway as why:
            one_of(why.code, (STREAM_CLOSED, PROTOCOL_ERROR), "GOAWAY's code")
    ok(server.exists("closed-victim"), "no second request was taken from the same stream")


@obliges("H2-23")
def test_late_frames_are_no_error(server):
    with server.h2() as conn:
        stream = conn.open("GET", "/ten.txt")
        stream.read()
        conn.frame(WINDOW_UPDATE, 0, stream.number, increment(10))
        conn.frame(RST_STREAM, 0, stream.number, increment(CANCEL))
        conn.frame(PRIORITY, 0, stream.number, increment(0) + b"\1")
        eq(conn.ask("GET", "/ten.txt").body, TEN)


@obliges("H2-22", "H2-31", "H2-44")
def test_what_was_on_its_way_to_a_reset_stream_is_dropped(server):
    """The refused upload goes on for a while: its octets come back to the connection's window."""
    with server.h2() as conn:
        conn.until(lambda: conn.has_settings, "SETTINGS")
        for number in range(40):
            stream = conn.stream("PUT")
            conn.headers(stream.number, conn.fields_of("PUT", "/no-such-folder/x", [("content-length", 1 << 30)]))
            for _ in range(20):
                conn.poll()
                if conn.send_window < 16384 or stream.send_window < 16384:
                    break
                conn.frame(DATA, 0, stream.number, b"x" * 16384)
                conn.send_window -= 16384
                stream.send_window -= 16384
            conn.until(lambda: stream.answer, "the refusal")
            one_of(stream.answer.status, (404, 409), "status")
            if not stream.is_done or stream.reset is None:
                stream.cancel()
        conn.until(lambda: conn.send_window >= 65535, "the connection's window is whole again")
        stream = conn.open("PUT", "/after", body=BIG[:300000])
        eq(stream.read().status // 100, 2)


@obliges("H2-24", "H2-55")
@own_server("--limit", "http2-streams=10", files=FILES)
def test_more_streams_than_allowed_by_a_client_that_could_not_know(server):
    server.write("refused-victim", b"v")
    with server.h2(settings={h2.INITIAL_WINDOW_SIZE: 0}) as conn:
        held = [conn.open("GET", "/ten.txt") for _ in range(10)]
        extra = [conn.open("DELETE", "/refused-victim") for _ in range(5)]
        eq(len(conn.peer), 3, "nothing was read yet, so the settings are not acknowledged")
        for stream in extra:
            stream.error(REFUSED_STREAM, PROTOCOL_ERROR)
        eq(conn.peer[h2.MAX_CONCURRENT_STREAMS], 10, "the limit is told")
        ok(server.exists("refused-victim"), "a refused request was not acted on")
        conn.settings({h2.INITIAL_WINDOW_SIZE: 65535})
        for stream in held:
            eq(stream.read().body, TEN)
        eq(conn.ask("GET", "/ten.txt").body, TEN)


@obliges("H2-55")
@own_server("--limit", "http2-streams=10", files=FILES)
def test_more_streams_than_allowed_by_a_client_that_knows(server):
    """It breaks a promise; that may end the connection (docs/limits.md), but is never acted on."""
    server.write("refused-victim", b"v")
    with server.h2(settings={h2.INITIAL_WINDOW_SIZE: 0}) as conn:
        conn.until(lambda: not conn.unacknowledged, "SETTINGS acknowledged")
        conn.expect_alive()
        for _ in range(10):
            conn.open("GET", "/ten.txt")
        conn.any_error(conn.open("DELETE", "/refused-victim"), REFUSED_STREAM, PROTOCOL_ERROR)
    ok(server.exists("refused-victim"), "a refused request was not acted on")


@obliges("H2-25", "H2-26", "H2-58")
def test_reset_downloads_leave_nothing_behind(server):
    warm(server)
    conn = server.h2(auto=False, settings={h2.INITIAL_WINDOW_SIZE: 1 << 18})
    conn.ask("GET", "/ten.txt")
    before = len(server.fds())
    for _ in range(30):
        stream = conn.open("GET", "/big.bin")
        stream.head()
        stream.cancel()
    eq(conn.ask("GET", "/ten.txt").body, TEN)
    wait_for(lambda: len(server.fds()) <= before + 4, "descriptors as before, but for what each loop keeps: %d, were %d" % (
        len(server.fds()), before))
    conn.close()


@obliges("H2-25")
def test_a_reset_upload_is_not_stored(server):
    with server.h2() as conn:
        for number in range(10):
            stream = conn.open("PUT", "/reset-upload", [("content-length", 100000)], end=False)
            stream.data(b"x" * (number * 10000), end=False)
            stream.cancel()
        eq(conn.ask("GET", "/reset-upload").status, 404)
    wait_for(lambda: not [text for text in server.fds() if server.tmp in text and text.endswith("(deleted)")],
             "no part is held open")


@obliges("H2-25")
def test_resets_while_a_worker_is_busy(server):
    """What was asked of a worker comes home to nobody; descriptors and threads return."""
    warm(server)
    with server.h2() as conn:
        conn.ask("GET", "/ten.txt")
        before = len(server.fds())
        for number in range(60):
            stream = conn.open("GET", "/middle.bin?%d" % number)  # never hot
            stream.cancel()
            if number % 20 == 19:
                eq(conn.ask("GET", "/ten.txt").body, TEN)
        wait_for(lambda: len(server.fds()) <= before + 4, "descriptors as before, but for what each loop keeps")
    with server.h2() as conn:
        eq(conn.ask("GET", "/middle.bin").body, BIG[:200000])


def test_a_client_that_goes_away_amid_everything(server):
    warm(server)
    before = len(server.fds())
    for _ in range(5):
        conn = server.h2(auto=False)
        for _ in range(5):
            conn.open("GET", "/big.bin")
        conn.open("PUT", "/unfinished", [("content-length", 1000)], end=False).data(b"x" * 500, end=False)
        conn.reset()
    wait_for(lambda: server.connections() == 0 and len(server.fds()) <= before + 4, "all is given back")
    ok(not server.exists("unfinished"), "nothing half was stored")


# ---- flow control -----------------------------------------------------------------------------------


@obliges("H2-27")
def test_nothing_is_sent_beyond_the_first_window(server):
    with server.h2(settings={h2.INITIAL_WINDOW_SIZE: 65535}, window=0, auto=False) as conn:
        stream = conn.open("GET", "/big.bin")
        conn.until(lambda: stream.received == 65535, "as much as the window lets")
        conn.expect_alive()
        eq(stream.received, 65535)
        conn.window(10000)
        conn.expect_alive()
        eq(stream.received, 65535, "the stream's window is empty still")
        stream.window(5000)
        conn.until(lambda: stream.received == 70535, "what both windows let")
        conn.expect_alive()
        eq(stream.received, 70535)
        stream.cancel()


@obliges("H2-27")
def test_a_window_of_nothing(server):
    with server.h2(settings={h2.INITIAL_WINDOW_SIZE: 0}, auto=False) as conn:
        conn.until(lambda: not conn.unacknowledged, "SETTINGS acknowledged")
        cold, empty = conn.open("GET", "/ten.txt"), conn.open("HEAD", "/ten.txt")
        eq(cold.head().status, 200, "the head needs no window")
        eq(empty.read().status, 200)
        conn.expect_alive()
        eq(cold.received, 0)
        for number in range(10):
            cold.window(1)
            conn.until(lambda: cold.received == number + 1, "an octet")
        eq(cold.read().body, TEN)


@obliges("H2-27", "H2-18")
@cases(("of one octet", 1, "/ten.txt", TEN), ("of 7", 7, "/ten.txt", TEN), ("of 1000", 1000, "/middle.bin", BIG[:200000]),
       ("of 16385", 16385, "/big.bin", BIG))
def test_a_window(server, size, target, want):
    with server.h2(settings={h2.INITIAL_WINDOW_SIZE: size}) as conn:
        conn.until(lambda: not conn.unacknowledged, "SETTINGS acknowledged")
        for _ in range(3):  # also from memory
            eq(conn.ask("GET", target).body, want)


@obliges("H2-18")
def test_a_window_below_zero(server):
    with server.h2(settings={h2.INITIAL_WINDOW_SIZE: 60000}, auto=False) as conn:
        conn.until(lambda: not conn.unacknowledged, "SETTINGS acknowledged")
        stream = conn.open("GET", "/middle.bin")
        conn.until(lambda: stream.received == 60000, "as much as the window lets")
        conn.settings({h2.INITIAL_WINDOW_SIZE: 10000})
        conn.until(lambda: not conn.unacknowledged, "SETTINGS acknowledged")
        eq(stream.room, -50000, "our own count")
        stream.window(50000)
        conn.expect_alive()
        eq(stream.received, 60000, "nothing at zero")
        stream.window(1)
        conn.until(lambda: stream.received == 60001, "one octet")
        conn.settings({h2.INITIAL_WINDOW_SIZE: 1 << 20})
        eq(stream.read().body, BIG[:200000])


@obliges("H2-28")
def test_a_window_that_does_not_grow(server):
    with server.h2() as conn:
        stream = conn.open("PUT", "/no-growth", end=False)
        conn.frame(WINDOW_UPDATE, 0, stream.number, increment(0))
        conn.any_error(stream, PROTOCOL_ERROR)
    with server.h2() as conn:
        conn.frame(WINDOW_UPDATE, 0, 0, increment(0))
        conn.error(PROTOCOL_ERROR)


@obliges("H2-29")
def test_a_window_that_overflows(server):
    with server.h2(settings={h2.INITIAL_WINDOW_SIZE: 65535}) as conn:
        stream = conn.open("PUT", "/overflow", end=False)
        conn.frame(WINDOW_UPDATE, 0, stream.number, increment(WINDOW_MAX))
        conn.any_error(stream, FLOW_CONTROL_ERROR)
        if conn.goaway is None:
            eq(conn.ask("GET", "/ten.txt").body, TEN)
    with server.h2() as conn:
        conn.frame(WINDOW_UPDATE, 0, 0, increment(WINDOW_MAX))
        conn.error(FLOW_CONTROL_ERROR)


@obliges("H2-18", "H2-29")
def test_a_window_that_overflows_by_a_setting(server):
    with server.h2(settings={h2.INITIAL_WINDOW_SIZE: 65535}) as conn:
        stream = conn.open("PUT", "/overflow", end=False)
        stream.window(1000)
        conn.settings({h2.INITIAL_WINDOW_SIZE: WINDOW_MAX})
        conn.any_error(stream, FLOW_CONTROL_ERROR)


def test_the_widest_window(server):
    with server.h2(settings={h2.INITIAL_WINDOW_SIZE: WINDOW_MAX}, window=WINDOW_MAX - 65535, auto=False) as conn:
        eq(conn.ask("GET", "/big.bin").body, BIG)


@obliges("H2-30")
def test_data_beyond_the_granted_window(server):
    """A server that takes content as fast as it comes grants more meanwhile: then by our books nothing was too much yet."""
    with server.h2() as conn:
        conn.until(lambda: conn.has_settings, "SETTINGS")
        stream = conn.open("PUT", "/beyond", end=False)

        def is_cut_off():
            return conn.closed or conn.goaway is not None or stream.reset is not None

        def is_granted():
            return min(conn.send_window, stream.send_window) >= 0

        try:
            for _ in range(64):
                while not is_cut_off() and stream.send_window > -(1 << 20):
                    conn.frame(DATA, 0, stream.number, b"x" * 16384)
                    stream.send_window -= 16384
                    conn.send_window -= 16384
                conn.until(lambda: is_cut_off() or is_granted(), "an end, or credit for all that was sent")
                if is_cut_off():
                    break
        except OSError:
            conn.closed = True  # cut off so soon that not even the frame could be sent
        except h2.Closed:
            pass
        ok(is_cut_off(), "cut off")
        for code in [conn.goaway.code] if conn.goaway else [stream.reset] if stream.reset is not None else []:
            one_of(code, (FLOW_CONTROL_ERROR, ENHANCE_YOUR_CALM))
    ok(not server.exists("beyond"), "nothing was stored")


@obliges("H2-31")
def test_an_upload_larger_than_the_windows(server):
    with server.h2() as conn:
        body = os.urandom(9 << 20)
        eq(conn.ask("PUT", "/large-upload", body=body).status, 201)
        ok(server.read("large-upload") == body, "byte for byte")


@obliges("H2-32", "H2-31", "H2-50")
def test_large_uploads_and_downloads_at_once(server):
    with server.h2() as conn:
        downs = [conn.open("GET", "/big.bin") for _ in range(3)]
        bodies = [os.urandom(2 << 20) for _ in range(3)]
        ups = [conn.open("PUT", "/side-%d" % number, [("content-length", 2 << 20)], end=False) for number in range(3)]
        for at in range(0, 2 << 20, 1 << 17):
            for stream, body in zip(ups, bodies):
                stream.data(body[at:at + (1 << 17)], end=at + (1 << 17) == 2 << 20)
        for stream in ups:
            eq(stream.read().status, 201)
        for stream in downs:
            ok(stream.read().body == BIG, "the download byte for byte")
        for number, body in enumerate(bodies):
            ok(server.read("side-%d" % number) == body, "upload %d byte for byte" % number)


@obliges("H2-50")
def test_a_stream_that_nobody_reads_holds_no_other_up(server):
    with server.h2(settings={h2.INITIAL_WINDOW_SIZE: 30000}, auto=False, window=1 << 24) as conn:
        conn.until(lambda: not conn.unacknowledged, "SETTINGS acknowledged")
        stuck = [conn.open("GET", "/big.bin") for _ in range(20)]
        for number in range(5):
            eq(conn.ask("GET", "/ten.txt?%d" % number).body, TEN)
        eq(conn.ask("PUT", "/beside", body=b"b").status // 100, 2)
        for stream in stuck:
            conn.until(lambda stream=stream: stream.received == 30000, "its window full")
        stuck[7].window(3 << 20)
        eq(stuck[7].read().body, BIG)


@obliges("H2-32")
def test_requests_are_read_while_the_socket_is_full(server):
    """The client reads nothing for a while, and all that it sends meanwhile is taken up."""
    with server.h2(settings={h2.INITIAL_WINDOW_SIZE: 1 << 24}) as conn:
        streams = [conn.open("GET", "/big.bin") for _ in range(4)]
        time.sleep(0.2)  # the socket fills
        body = BIG[:60000]
        up = conn.stream("PUT")
        conn.headers(up.number, conn.fields_of("PUT", "/meanwhile", [("content-length", len(body))]))
        for at in range(0, len(body), 15000):
            conn.frame(DATA, END_STREAM if at + 15000 >= len(body) else 0, up.number, body[at:at + 15000])
        up.we_ended = True
        wait_for(lambda: server.exists("meanwhile"), "the upload is stored although no answer was read")
        for stream in streams:
            eq(len(stream.read().body), len(BIG))
        eq(up.read().status, 201)


@obliges("H2-50")
def test_many_small_ones_at_once(server):
    with server.h2() as conn:
        for _ in range(5):
            streams = [conn.open("GET", "/ten.txt") for _ in range(100)]
            for stream in streams:
                eq(stream.read().body, TEN)
    lacks([stream.reset for stream in streams], NO_ERROR)
