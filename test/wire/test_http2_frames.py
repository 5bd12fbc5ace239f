"""http2.md §1 to §3: the preface, frames and their sizes, settings. Over TLS too, where ALPN chooses h2."""

import struct
import time

import h2
from h2 import (ACK, CONTINUATION, DATA, END_HEADERS, END_STREAM, FLOW_CONTROL_ERROR, FRAME_SIZE_ERROR, GOAWAY, HEADERS,
                PADDED, PING, PREFACE, PRIORITY, PROTOCOL_ERROR, PUSH_PROMISE, RST_STREAM, SETTINGS, WINDOW_UPDATE)
from wire import Closed, cases, eq, obliges, ok, own_server, wait_for

import hpack

ONLY_OVER = (("h1", "tls"), "it is of single frames, whatever whole requests are spoken over")
TEN = b"0123456789"
FILES = {"ten.txt": TEN, "big.bin": bytes(range(256)) * 2048}
EMPTY_SETTINGS = b"\0\0\0\4\0\0\0\0\0"


# ---- beginning --------------------------------------------------------------------------------------


@obliges("H2-01", "H2-02", "H2-03", "H2-04", "H2-47")
def test_a_client_that_knows_begins_with_the_preface(server):
    with server.h2() as conn:
        conn.until(lambda: not conn.unacknowledged, "SETTINGS acknowledged")
        ok(conn.has_settings, "the server's own SETTINGS came")
        for _ in range(4):  # also when it is hot
            got = conn.ask("GET", "/ten.txt")
            eq((got.status, got.body), (200, TEN))
        eq(conn.ask("GET", "/missing").status, 404)


@obliges("H2-03")
def test_the_servers_settings_come_by_themselves(server):
    with server.h2(preface=False) as conn:
        conn.raw(PREFACE + EMPTY_SETTINGS)
        conn.unacknowledged.append([])
        conn.until(lambda: conn.has_settings and not conn.unacknowledged, "SETTINGS and the acknowledgement")
        ok(conn.peer.get(h2.MAX_CONCURRENT_STREAMS, 0) >= 100, "at least 100 streams: %r" % conn.peer)
        ok(h2.MAX_HEADER_LIST_SIZE in conn.peer, "the limit of a field section is told: %r" % conn.peer)


@obliges("H2-02")
@cases(("octet by octet", 1), ("threes", 3), ("in the middle", 12), ("all but one", 23), ("with half a frame", 28))
def test_the_preface_however_it_is_cut(server, size):
    with server.h2(preface=False) as conn:
        data = PREFACE + EMPTY_SETTINGS
        for at in range(0, len(data), size):
            conn.raw(data[at:at + size])
            if size < 12 or at == 0:
                time.sleep(0.001)
        conn.unacknowledged.append([])
        eq(conn.ask("GET", "/ten.txt").body, TEN)


@obliges("H2-02")
@cases(("another method", b"PRI * HTTP/2.0\r\n\r\nSX\r\n\r\n"), ("after the method", PREFACE[:18] + b"XX" + PREFACE[20:]),
       ("the end", PREFACE[:-1] + b"X"))
def test_a_wrong_preface_ends_the_connection(server, data):
    with server.h2(preface=False) as conn:
        conn.raw(data + EMPTY_SETTINGS)
        try:
            while conn.receive(5):
                if conn.closed:
                    break
        except Closed:
            pass
        ok(conn.closed, "closed by the server")


@obliges("H2-02")
@cases(("a ping", struct.pack(">I", 8)[1:] + b"\6\0\0\0\0\0" + b"x" * 8), ("an acknowledgement", b"\0\0\0\4\1\0\0\0\0"),
       ("headers", b"\0\0\1\1\5\0\0\0\1\x82"))
def test_the_preface_goes_on_with_settings(server, frame):
    with server.h2(preface=False) as conn:
        conn.raw(PREFACE + frame)
        conn.error(PROTOCOL_ERROR)


@obliges("H2-02")
@own_server("--limit", "head-time=1s", "--limit", "keepalive=2s", files={"ten.txt": TEN})
def test_a_preface_that_does_not_end_is_cut_off(server):
    for part in (b"PRI ", PREFACE[:20], PREFACE, PREFACE + EMPTY_SETTINGS[:5]):
        with server.h2(preface=False) as conn:
            conn.raw(part)
            began = time.monotonic()
            try:
                while not conn.closed:
                    conn.receive(8)
                    ok(time.monotonic() - began < 25, "cut off within its time, after %r" % part)
            except Closed:
                pass
    wait_for(lambda: server.connections() == 0, "no connection is left")


def test_a_request_in_the_same_packet_as_the_preface(server):
    with server.h2(preface=False) as conn:
        stream = conn.stream()
        stream.we_ended = True
        block = hpack.encode(conn.fields_of("GET", "/ten.txt"))
        conn.raw(PREFACE + EMPTY_SETTINGS + struct.pack(">I", len(block))[1:] + b"\1\5\0\0\0\1" + block)
        conn.unacknowledged.append([])
        eq(stream.read().body, TEN)


@obliges("H2-05")
def test_nothing_is_pushed_and_nothing_may_be(server):
    with server.h2(settings={h2.ENABLE_PUSH: 1}) as conn:
        eq(conn.ask("GET", "/").status, 200)  # the reader fails on PUSH_PROMISE
        conn.frame(PUSH_PROMISE, END_HEADERS, 1, struct.pack(">I", 2) + b"\x82")
        conn.error(PROTOCOL_ERROR)


# ---- frames -----------------------------------------------------------------------------------------


@obliges("H2-06")
def test_the_largest_frame_is_taken(server):
    with server.h2() as conn:
        stream = conn.open("PUT", "/largest", [("content-length", 16384)], end=False)
        conn.until(lambda: stream.send_window >= 16384 and conn.send_window >= 16384, "windows")
        conn.frame(DATA, END_STREAM, stream.number, b"x" * 16384)
        stream.we_ended = True
        eq(stream.read().status, 201)
        eq(server.read("largest"), b"x" * 16384)
        got = conn.ask("GET", "/ten.txt", [("x-filler", "f" * 12000)])
        eq(got.status, 200)


@obliges("H2-06")
@cases(("headers", HEADERS, 1), ("settings", SETTINGS, 0), ("of an unknown type on stream 0", 0xee, 0), ("data", DATA, 1),
       ("continuation", CONTINUATION, 1), ("ping", PING, 0))
def test_a_frame_larger_than_announced(server, kind, number):
    with server.h2() as conn:
        conn.until(lambda: conn.has_settings, "SETTINGS")
        most = conn.peer[h2.MAX_FRAME_SIZE]
        stream = conn.open("PUT", "/too-large", end=False)
        if kind == CONTINUATION:
            stream = conn.stream()
            conn.frame(HEADERS, END_STREAM, stream.number, b"\x82")
        elif kind == HEADERS:
            stream = conn.stream()
        conn.frame(kind, 0, stream.number if number else 0, b"\0" * 64, length=most + 1)
        conn.any_error(stream, FRAME_SIZE_ERROR)
    ok(not server.exists("too-large"), "nothing was stored")


@obliges("H2-07")
def test_no_frame_is_longer_than_the_client_takes(server):
    for size in (16384, 20000, 1 << 20):
        with server.h2(settings={h2.MAX_FRAME_SIZE: size, h2.INITIAL_WINDOW_SIZE: 1 << 24}) as conn:
            conn.until(lambda: not conn.unacknowledged, "SETTINGS acknowledged")
            eq(len(conn.ask("GET", "/big.bin").body), 256 * 2048)  # the reader judges every frame


@obliges("H2-08")
def test_unknown_frames_are_ignored(server):
    with server.h2() as conn:
        for kind in (0x0b, 0x20, 0xff):
            conn.frame(kind, 0xff, 0, b"whatever")
            conn.frame(kind, 0, 7, b"")
        stream = conn.open("PUT", "/unknown", [("content-length", 2)], end=False)
        stream.data(b"a", end=False)
        conn.frame(0xbb, 0xff, stream.number, b"between")
        stream.data(b"b")
        eq(stream.read().status, 201)
        eq(server.read("unknown"), b"ab")


@obliges("H2-08", "H2-10")
@cases(("an unknown one", 0xbb, 1), ("a ping", PING, 0), ("data", DATA, 1), ("headers", HEADERS, 1),
       ("a window", WINDOW_UPDATE, 0), ("continuation of another", CONTINUATION, 3), ("settings", SETTINGS, 0))
def test_nothing_stands_within_a_field_block(server, kind, number):
    with server.h2() as conn:
        stream = conn.stream()
        block = hpack.encode(conn.fields_of("DELETE", "/victim"))
        server.write("victim", b"v")
        conn.frame(HEADERS, END_STREAM, stream.number, block[:10])
        payload = {PING: b"12345678", WINDOW_UPDATE: b"\0\0\0\1", SETTINGS: b""}.get(kind, b"\x82")
        conn.frame(kind, END_HEADERS if kind in (HEADERS, CONTINUATION) else 0, number, payload)
        conn.error(PROTOCOL_ERROR)
    ok(server.exists("victim"), "the request was not acted on")


@obliges("H2-10")
def test_a_continuation_that_continues_nothing(server):
    with server.h2() as conn:
        stream = conn.open("PUT", "/x", end=False)
        conn.frame(CONTINUATION, END_HEADERS, stream.number, b"\x82")
        conn.error(PROTOCOL_ERROR)
    with server.h2() as conn:
        conn.frame(CONTINUATION, END_HEADERS, 1, b"\x82")
        conn.error(PROTOCOL_ERROR)


@obliges("H2-11")
@cases(("some", 20), ("two", 60), ("empty ones", 0))
def test_a_field_block_in_pieces(server, size):
    with server.h2() as conn:
        stream = conn.stream()
        block = hpack.encode(conn.fields_of("GET", "/ten.txt", [("range", "bytes=2-4")]))
        if size:
            conn.block_of(stream.number, block, True, size)
        else:
            conn.frame(HEADERS, END_STREAM, stream.number, b"")
            conn.frame(CONTINUATION, 0, stream.number, block)
            conn.frame(CONTINUATION, END_HEADERS, stream.number, b"")
        stream.we_ended = True
        got = stream.read()
        eq((got.status, got.body), (206, TEN[2:5]))


@obliges("H2-12")
def test_padding_is_no_content(server):
    with server.h2() as conn:
        stream = conn.stream("PUT")
        block = hpack.encode(conn.fields_of("PUT", "/padded", [("content-length", 3)]))
        conn.frame(HEADERS, END_HEADERS | PADDED, stream.number, b"\x05" + block + b"\0" * 5)
        conn.frame(DATA, PADDED, stream.number, b"\xff" + b"ab" + b"\0" * 255)
        conn.frame(DATA, PADDED, stream.number, b"\x03" + b"\0" * 3)
        conn.frame(DATA, PADDED | END_STREAM, stream.number, b"\0" + b"c")
        stream.we_ended = True
        eq(stream.read().status, 201)
        eq(server.read("padded"), b"abc")


@obliges("H2-12")
@cases(("data", DATA, b"\x05abcd"), ("data without room for it", DATA, b"\x01"), ("empty data", DATA, b""),
       ("headers", HEADERS, b"\x09\x82\x82"))
def test_too_much_padding(server, kind, payload):
    with server.h2() as conn:
        if kind == DATA:
            number = conn.open("PUT", "/over-padded", end=False).number
        else:
            number = conn.stream().number
        conn.frame(kind, PADDED | (END_HEADERS if kind == HEADERS else 0), number, payload)
        conn.error(PROTOCOL_ERROR, FRAME_SIZE_ERROR if not payload else PROTOCOL_ERROR)
    ok(not server.exists("over-padded"), "nothing was stored")


@obliges("H2-13")
@cases(("data", DATA, 0, b"x"), ("headers", HEADERS, 0, b"\x82"), ("priority", PRIORITY, 0, b"\0\0\0\1\1"),
       ("rst_stream", RST_STREAM, 0, b"\0\0\0\x08"), ("continuation", CONTINUATION, 0, b"\x82"),
       ("settings", SETTINGS, 1, b""), ("ping", PING, 1, b"12345678"), ("goaway", GOAWAY, 1, b"\0" * 8),
       ("settings ack", SETTINGS | ACK << 8, 1, b""))
def test_frames_on_the_wrong_stream(server, kind, number, payload):
    with server.h2() as conn:
        flags = kind >> 8
        conn.frame(kind & 0xff, flags or (END_HEADERS if kind == HEADERS else 0), number, payload)
        conn.error(PROTOCOL_ERROR)


@obliges("H2-14")
@cases(("rst_stream short", RST_STREAM, b"\0\0\0", True), ("rst_stream long", RST_STREAM, b"\0" * 5, True),
       ("window short", WINDOW_UPDATE, b"\0\0\1", False), ("window long", WINDOW_UPDATE, b"\0\0\0\1\1", True),
       ("ping short", PING, b"1234567", False), ("ping long", PING, b"123456789", False),
       ("settings", SETTINGS, b"\0\1\0\0\0", False), ("settings and a half", SETTINGS, b"\0\1\0\0\0\0\0\1\0", False),
       ("acknowledgement", SETTINGS | ACK << 8, b"\0\1\0\0\0\0", False), ("goaway", GOAWAY, b"\0" * 7, False))
def test_wrong_lengths(server, kind, payload, on_stream):
    with server.h2() as conn:
        number = conn.open("PUT", "/length", end=False).number if on_stream else 0
        conn.frame(kind & 0xff, kind >> 8, number, payload)
        conn.error(FRAME_SIZE_ERROR)
    ok(not server.exists("length"), "nothing was stored")


@obliges("H2-14")
@cases(("short", b"\0\0\0\1"), ("long", b"\0\0\0\1\1\1"))
def test_a_priority_of_the_wrong_length(server, payload):
    with server.h2() as conn:
        stream = conn.open("PUT", "/length", end=False)
        conn.frame(PRIORITY, 0, stream.number, payload)
        conn.any_error(stream, FRAME_SIZE_ERROR)


@obliges("H2-15")
def test_a_ping_is_answered(server):
    with server.h2() as conn:
        for number in range(5):
            conn.ping(b"ping %3d" % number)
        conn.until(lambda: len(conn.pongs) == 5, "all answers")
        conn.frame(PING, ACK, 0, b"nobody's")
        conn.expect_alive()  # the reader fails on an answer to the answer


@obliges("H2-15")
def test_a_ping_does_not_wait_for_a_download(server):
    """The connection's window is full: a PING and its answer need none."""
    with server.h2(window=0, auto=False) as conn:
        stream = conn.open("GET", "/big.bin")
        conn.until(lambda: conn.room == 0, "the window is used up")
        conn.expect_alive()
        ok(not stream.is_done, "the download waits")


# ---- settings ---------------------------------------------------------------------------------------


@obliges("H2-16")
@cases(("push 2", h2.ENABLE_PUSH, 2, PROTOCOL_ERROR), ("window", h2.INITIAL_WINDOW_SIZE, 1 << 31, FLOW_CONTROL_ERROR),
       ("frame too small", h2.MAX_FRAME_SIZE, 16383, PROTOCOL_ERROR),
       ("frame too large", h2.MAX_FRAME_SIZE, 1 << 24, PROTOCOL_ERROR))
def test_wrong_values(server, key, value, code):
    with server.h2() as conn:
        conn.settings([(key, value)])
        conn.error(code)


@obliges("H2-17")
def test_unknown_settings_are_ignored(server):
    with server.h2() as conn:
        conn.settings([(0x4f, 7), (0, 1), (0xffff, 0xffffffff)])
        conn.until(lambda: not conn.unacknowledged, "SETTINGS acknowledged")
        eq(conn.ask("GET", "/ten.txt").body, TEN)


@obliges("H2-17", "H2-18")
def test_the_last_value_counts(server):
    with server.h2() as conn:
        conn.settings([(h2.INITIAL_WINDOW_SIZE, 100000), (h2.INITIAL_WINDOW_SIZE, 3)])
        conn.until(lambda: not conn.unacknowledged, "SETTINGS acknowledged")
        conn.auto = False
        stream = conn.open("GET", "/ten.txt")
        conn.until(lambda: stream.received == 3, "three octets")
        conn.expect_alive()
        eq(stream.received, 3)
        stream.window(7)
        eq(stream.read().body, TEN)


@obliges("H2-04")
def test_each_settings_is_acknowledged(server):
    with server.h2() as conn:
        for number in range(20):
            conn.settings({h2.INITIAL_WINDOW_SIZE: 65535 + number})
        conn.until(lambda: not conn.unacknowledged, "all are acknowledged")


@obliges("H2-09")
def test_unknown_flags_and_the_reserved_bit(server):
    with server.h2() as conn:
        stream = conn.stream()
        stream.we_ended = True
        block = hpack.encode(conn.fields_of("GET", "/ten.txt"))
        conn.frame(
    HEADERS,
    END_STREAM | END_HEADERS | 0xd2 & ~(
        PADDED | h2.HAS_PRIORITY),
        stream.number | 1 << 31,
         block)
        eq(stream.read().body, TEN)
        conn.frame(PING, 0xfe, 0, b"flagged!")
        conn.pings.append(b"flagged!")
        conn.until(lambda: not conn.pings, "the answer")
