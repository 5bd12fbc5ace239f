"""HTTP/2 under clients that do what none should: nothing of it may reach other streams, or others' memory."""

import os

import h2
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


def put_out_of_memory(path):
    fd = os.open(path, os.O_RDONLY)
    os.fsync(fd)
    os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(fd)


@own_server(files={"cold/%d" % i: BIG[:1 << 20] for i in range(128)})
def test_many_streams_that_take_next_to_nothing_hold_little(server):
    """What a worker reads ahead of a client waits in memory; a client of many streams must not multiply it."""
    for i in range(128):
        put_out_of_memory(server.path("cold/%d" % i))
    before = server.rss_kib()
    with server.h2(settings={h2.INITIAL_WINDOW_SIZE: 1}, auto=False) as conn:
        streams = [conn.open("GET", "/cold/%d" % i) for i in range(128)]
        conn.until(lambda: all(stream.received for stream in streams), "an octet of each")
        grown = server.rss_kib() - before
        ok(grown < 16 * 1024, "128 streams hold %d KiB" % grown)
