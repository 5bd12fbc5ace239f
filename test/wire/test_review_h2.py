"""HTTP/2 under clients that do what none should: nothing of it may reach other streams, or others' memory."""

import os
import time

import h2
import hpack
from h2 import PROTOCOL_ERROR
from wire import eq, ok, own_server

ONLY_OVER = (("h1",), "it is of single frames, whatever whole requests are spoken over")
BIG = os.urandom(3 << 20)


@own_server("--limit", "head-time=1s", files={"big.bin": BIG})
def test_a_malformed_head_is_over_when_its_stream_is(server):
    """The time for a head is not measured on after the head was refused: other streams are not cut off by it."""
    with server.h2(auto=False, settings={h2.INITIAL_WINDOW_SIZE: 65535}) as conn:
        down = conn.open("GET", "/big.bin")
        conn.until(lambda: down.received == 65535, "a part of the download")
        for fields in ([(":method", "GET"), (":scheme", "http")], [(":method", "GET"), (":scheme", "http"), (":path", "/"), ("A", "b")]):
            bad = conn.stream()
            conn.headers(bad.number, fields, end_stream=True)
            bad.error(PROTOCOL_ERROR)
        conn.expect_quiet(2.5)
        conn.auto = True
        conn.window(1 << 24)
        down.window(3 << 20)
        eq(down.read().body, BIG)
