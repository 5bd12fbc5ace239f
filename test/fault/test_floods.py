"""HTTP/2 clients that only cost: each is cut off, and others are served as if nothing happened (http2.md §9).

Each flood runs until the server ends it. Meanwhile a good client on connections of its own is timed, and the
server's memory is watched. Where a client does much, but what it asks for, it is not cut off.
"""

import os
import struct
import threading
import time

import h2
import hpack
import wire
from h2 import (CONTINUATION, DATA, END_HEADERS, END_STREAM, ENHANCE_YOUR_CALM, HEADERS, PING, PRIORITY, PRIORITY_UPDATE,
                RST_STREAM, SETTINGS, WINDOW_UPDATE)
from wire import Closed, cases, eq, obliges, ok, own_server, wait_for

TEN = b"0123456789"
FILES = {"ten.txt": TEN, "big.bin": os.urandom(1 << 20)}
FLOOD_SECONDS = 20
ROUNDS = 6000  # of some frames each; a flood that is not cut off by then is not cut off at all
LATEST_SECONDS = 6
MORE_KIB = 24 * 1024


class Witness(threading.Thread):
    """A good client: one request after the other, over both protocols; what took how long at most."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.server, self.is_over, self.count, self.latest, self.failure = server, False, 0, 0.0, None

    def run(self):
        try:
            with self.server.connect() as old, h2.H2(wire.dial(self.server.addresses[0]), [], self.server.host) as new:
                while not self.is_over:
                    for conn in (old, new):
                        began = time.monotonic()
                        eq(conn.ask("GET", "/ten.txt").body, TEN)
                        self.latest = max(self.latest, time.monotonic() - began)
                        self.count += 1
                    time.sleep(0.002)
        except BaseException as why:
            self.failure = why

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.is_over = True
        self.join(20)


def raw_frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def request_block(conn):
    return hpack.encode(conn.fields_of("GET", "/big.bin"))


# ---- the floods: each gives the bytes of its next round ----------------------------------------------


def rapid_reset(conn):
    block, number = request_block(conn), 1
    while True:
        out = b""
        for _ in range(10):
            out += raw_frame(HEADERS, END_HEADERS | END_STREAM, number, block)
            out += raw_frame(RST_STREAM, 0, number, struct.pack(">I", h2.CANCEL))
            number += 2
        yield out


def made_to_reset(conn):
    """The server is brought to reset the streams: a window that does not grow."""
    block, number = request_block(conn), 1
    while True:
        out = b""
        for _ in range(10):
            out += raw_frame(HEADERS, END_HEADERS | END_STREAM, number, block)
            out += raw_frame(WINDOW_UPDATE, 0, number, struct.pack(">I", 0))
            number += 2
        yield out


def malformed(conn):
    block, number = hpack.encode(conn.fields_of("GET", "/ten.txt") + [("Capital", "1")]), 1
    while True:
        out = b""
        for _ in range(10):
            out += raw_frame(HEADERS, END_HEADERS | END_STREAM, number, block)
            number += 2
        yield out


def continuations(conn):
    yield raw_frame(HEADERS, END_STREAM, 1, request_block(conn))
    while True:
        yield raw_frame(CONTINUATION, 0, 1, hpack.literal("x-more", "y" * 100)) * 20


def empty_continuations(conn):
    yield raw_frame(HEADERS, END_STREAM, 1, request_block(conn))
    while True:
        yield raw_frame(CONTINUATION, 0, 1) * 100


def one_growing_field(conn):
    """One value that never ends."""
    yield raw_frame(HEADERS, END_STREAM, 1, request_block(conn) + b"\x00\x01x\x7f\x80\x80\x80\x08")
    while True:
        yield raw_frame(CONTINUATION, 0, 1, b"v" * 16000)


def settings(conn):
    while True:
        yield raw_frame(SETTINGS, 0, 0, struct.pack(">HI", h2.INITIAL_WINDOW_SIZE, 70000)) * 50


def tables(conn):
    while True:
        yield b"".join(raw_frame(SETTINGS, 0, 0, struct.pack(">HI", h2.HEADER_TABLE_SIZE, size)) for size in (0, 65536)) * 25


def pings(conn):
    while True:
        yield raw_frame(PING, 0, 0, b"flooding") * 50


def acknowledged_pings(conn):
    while True:
        yield raw_frame(PING, h2.ACK, 0, b"flooding") * 50


def empty_data(conn):
    yield raw_frame(HEADERS, END_HEADERS, 1, hpack.encode(conn.fields_of("PUT", "/flooded")))
    while True:
        yield raw_frame(DATA, 0, 1) * 100


def padding_alone(conn):
    yield raw_frame(HEADERS, END_HEADERS, 1, hpack.encode(conn.fields_of("PUT", "/flooded")))
    while True:
        yield raw_frame(DATA, h2.PADDED, 1, b"\x00") * 100


def windows(conn):
    while True:
        yield raw_frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", 1)) * 100


def priorities(conn):
    number = 1
    while True:
        out = b""
        for _ in range(50):
            out += raw_frame(PRIORITY, 0, number, struct.pack(">IB", number + 2, 16))
            number += 2
        yield out


def priority_updates(conn):
    number = 1
    while True:
        out = b""
        for _ in range(50):
            out += raw_frame(PRIORITY_UPDATE, 0, 0, struct.pack(">I", number) + b"u=1")
            number += 2
        yield out


def unknown_frames(conn):
    while True:
        yield raw_frame(0xee, 0, 0) * 100


def crowds_of_refused(conn):
    """Always more streams than the limit allows."""
    block, number = hpack.encode(conn.fields_of("PUT", "/flooded-%d", [("content-length", 1000)])), 1
    while True:
        out = b""
        for _ in range(20):
            out += raw_frame(HEADERS, END_HEADERS, number, block)
            number += 2
        yield out


def pour(conn, rounds):
    """Sends until the server ends it; True if it did."""
    end = time.monotonic() + FLOOD_SECONDS * wire.STRETCH
    for data, _ in zip(rounds, range(ROUNDS)):
        try:
            conn.pipe.settimeout(5)
            conn.pipe.sendall(data)
            conn.poll()
        except (OSError, Closed):
            break
        if conn.closed or conn.goaway or time.monotonic() > end:
            break
    try:
        while not conn.goaway and not conn.closed:
            conn.step(2)
    except (Closed, OSError):
        pass
    return bool(conn.closed or conn.goaway)


FLOODS = (rapid_reset, made_to_reset, malformed, continuations, empty_continuations, one_growing_field, settings,
          tables, pings, acknowledged_pings, empty_data, padding_alone, windows, priorities, priority_updates,
          crowds_of_refused)


@obliges("H2-57", "H2-58")
@cases(*[(flood.__name__.replace("_", " "), flood) for flood in FLOODS])
def test_a_flood_is_ended_and_nobody_else_notices(server, flood):
    for _ in range(3):
        server.get("/ten.txt")
    before = server.rss_kib()
    conn = h2.H2(wire.dial(server.addresses[0]), [], server.host, settings={h2.NO_RFC7540_PRIORITIES: 1})
    with Witness(server) as witness:
        wait_for(lambda: witness.count > 20 or witness.failure, "the witness is served")
        conn.until(lambda: not conn.unacknowledged, "SETTINGS acknowledged")
        conn.judge = forgiving(conn)
        is_ended = pour(conn, flood(conn))
        count = witness.count
        wait_for(lambda: witness.count > count + 20 or witness.failure, "the witness is served still")
    conn.close()
    if witness.failure:
        raise witness.failure
    ok(is_ended, "the flooder is cut off")
    if conn.goaway:
        wire.one_of(h2.code_name(conn.goaway.code),
                    ("ENHANCE_YOUR_CALM", "PROTOCOL_ERROR", "COMPRESSION_ERROR", "FRAME_SIZE_ERROR", "FLOW_CONTROL_ERROR"))
    ok(witness.latest < LATEST_SECONDS * wire.STRETCH,
       "the slowest of %d answers took %.2f s" % (witness.count, witness.latest))
    more = server.rss_kib() - before
    ok(more < MORE_KIB * wire.STRETCH, "%d KiB more memory" % more)
    ok(not server.exists("flooded"), "nothing was stored")


def forgiving(conn):
    """Only the end is of interest: answers to streams that the test does not keep are not judged."""
    def judge(frame):
        if frame.type == h2.GOAWAY:
            h2.H2.on_goaway(conn, frame)
    return judge


@obliges("H2-57")
@cases(("rapid reset", rapid_reset), ("pings", pings), ("settings", settings), ("empty data", empty_data),
       ("windows", windows), ("priorities", priorities))
def test_these_are_told_to_be_calm(server, flood):
    conn = h2.H2(wire.dial(server.addresses[0]), [], server.host)
    conn.until(lambda: not conn.unacknowledged, "SETTINGS acknowledged")
    conn.judge = forgiving(conn)
    ok(pour(conn, flood(conn)), "cut off")
    conn.close()
    ok(conn.goaway is not None, "with GOAWAY")
    eq(h2.code_name(conn.goaway.code), "ENHANCE_YOUR_CALM")


@obliges("H2-57", "H2-58")
def test_many_flooders_at_once(server):
    """Ten connections of rapid reset, over and over."""
    def rage():
        for _ in range(3):
            conn = h2.H2(wire.dial(server.addresses[0]), [], server.host)
            conn.judge = forgiving(conn)
            pour(conn, rapid_reset(conn))
            conn.close()

    before = len(server.fds())
    crowd = [threading.Thread(target=rage, daemon=True) for _ in range(10)]
    with Witness(server) as witness:
        for each in crowd:
            each.start()
        for each in crowd:
            each.join(60 * wire.STRETCH)
    if witness.failure:
        raise witness.failure
    ok(witness.count > 10, "%d answers meanwhile" % witness.count)
    ok(witness.latest < LATEST_SECONDS * wire.STRETCH, "the slowest took %.2f s" % witness.latest)
    wait_for(lambda: len(server.fds()) <= before + 4 and server.connections() == 0, "all is given back")


def test_frames_of_no_known_type_cost_next_to_nothing(server):
    """They are read over, as RFC 9113 §5.5 wants, as fast as they come: others do not notice."""
    before = server.rss_kib()
    conn = h2.H2(wire.dial(server.addresses[0]), [], server.host)
    with Witness(server) as witness:
        pour(conn, unknown_frames(conn))
    conn.close()
    if witness.failure:
        raise witness.failure
    ok(witness.count > 20 and witness.latest < LATEST_SECONDS * wire.STRETCH,
       "the slowest of %d answers took %.2f s" % (witness.count, witness.latest))
    ok(server.rss_kib() - before < MORE_KIB * wire.STRETCH, "memory stays bounded")


def test_who_is_busy_is_no_flooder(server):
    """Thousands of requests on one connection, some cancelled as browsers do, with a PING now and then."""
    with h2.H2(wire.dial(server.addresses[0]), [], server.host) as conn:
        for number in range(150):
            streams = [conn.open("GET", "/ten.txt") for _ in range(20)]
            cancelled = conn.open("GET", "/big.bin").cancel()
            if number % 10 == 0:
                conn.expect_alive()
            for stream in streams:
                eq(stream.read().body, TEN)
            ok(cancelled.we_reset, "it was cancelled")


def test_who_takes_a_large_download_in_small_windows_is_no_flooder(server):
    with h2.H2(wire.dial(server.addresses[0]), [], server.host, settings={h2.INITIAL_WINDOW_SIZE: 4096}) as conn:
        conn.until(lambda: not conn.unacknowledged, "SETTINGS acknowledged")
        conn.batch = 2048
        for _ in range(5):
            eq(len(conn.ask("GET", "/big.bin").body), 1 << 20)


@own_server("--limit", "http2-streams=10", "--loops", "1", files=FILES)
def test_the_limits_hold_on_a_single_loop(server):
    conn = h2.H2(wire.dial(server.addresses[0]), [], server.host)
    conn.judge = forgiving(conn)
    with Witness(server) as witness:
        ok(pour(conn, rapid_reset(conn)), "cut off")
    conn.close()
    if witness.failure:
        raise witness.failure
    ok(witness.latest < LATEST_SECONDS * wire.STRETCH, "the slowest took %.2f s" % witness.latest)
