"""http2.md §10: which of several downloads goes first (RFC 9218)."""

import os
import struct

import h2
from h2 import FRAME_SIZE_ERROR, PRIORITY_UPDATE, PROTOCOL_ERROR
from wire import cases, eq, obliges, ok

ONLY_OVER = (("h1", "tls"), "it is of single frames, whatever whole requests are spoken over")
TEN = b"0123456789"
BIG = os.urandom(2 << 20)
FILES = {"ten.txt": TEN, **{"big-%d.bin" % number: BIG for number in range(4)}}


def downloads(server, *priorities, updates=()):
    """Opens a download for each Priority while nothing can be sent, then lets all go; gives connection and streams."""
    conn = server.h2(window=0, settings={h2.INITIAL_WINDOW_SIZE: 1 << 24, h2.NO_RFC7540_PRIORITIES: 1})
    conn.ask("GET", "/ten.txt")
    eat = conn.open("GET", "/big-3.bin")  # uses the connection's window up
    conn.auto = False
    conn.until(lambda: conn.room == 0, "the connection's window is empty")
    eat.cancel()
    streams = [conn.open("GET", "/big-%d.bin" % number, [("priority", value)] if value else [])
               for number, value in enumerate(priorities)]
    for stream in streams:
        stream.head()
    for number, value in updates:
        conn.priority_update(streams[number].number, value)
    conn.expect_alive()
    return conn, streams


def flow(conn, streams, steps=16, each=65536):
    """Grants the connection some octets at a time, and tells how much of each stream had come after each step."""
    seen = []
    for _ in range(steps):
        before = sum(stream.received for stream in streams)
        conn.window(each)
        conn.until(
    lambda before=before: sum(
        stream.received for stream in streams) == before +
        each,
         "a window's worth")
        seen.append([stream.received for stream in streams])
    return seen


@obliges("H2-60")
@cases(("the later first", ("u=5", "u=1"), 1), ("the earlier first", ("u=1", "u=5"), 0),
       ("3 is the default", (None, "u=2"), 1), ("and 3 before 4", ("u=4", None), 1), ("0 before all", ("u=1", "u=2", "u=0"), 2))
def test_the_more_urgent_goes_first(server, priorities, first):
    conn, streams = downloads(server, *priorities)
    with conn:
        seen = flow(conn, streams)
        for number, stream in enumerate(streams):
            if number != first:
                eq(stream.received, 0, "stream %d, while the urgent one has %r" % (number, seen[-1]))


@obliges("H2-60")
def test_of_equal_urgency_the_first_goes_first(server):
    conn, streams = downloads(server, "u=3", "u=3", None)
    with conn:
        flow(conn, streams)
        eq([stream.received for stream in streams], [1 << 20, 0, 0])


@obliges("H2-60")
def test_incremental_ones_share(server):
    conn, streams = downloads(server, "u=3, i", "u=3, i", "u=3, i")
    with conn:
        flow(conn, streams)
        got = [stream.received for stream in streams]
        ok(min(got) > 200000, "each has some: %r" % got)


@obliges("H2-60")
def test_when_the_urgent_one_is_done_the_others_follow(server):
    conn, streams = downloads(server, "u=6", "u=0")
    with conn:
        conn.auto = True
        conn.window(1 << 24)
        eq(streams[1].read().body, BIG)
        ok(streams[0].received < len(BIG), "the other one was behind")
        eq(streams[0].read().body, BIG)


@obliges("H2-61")
def test_an_update_turns_the_order(server):
    conn, streams = downloads(server, "u=1", "u=5", updates=[(1, "u=0")])
    with conn:
        flow(conn, streams, 8)
        eq([stream.received for stream in streams], [0, 1 << 19])
        conn.priority_update(streams[0].number, "u=0")
        conn.priority_update(streams[1].number, "u=7")
        conn.expect_alive()
        flow(conn, streams, 8)
        eq([stream.received for stream in streams], [1 << 19, 1 << 19])


@obliges("H2-59")
@cases(("unknown members", "u=1, x=5, y"), ("parameters", "u=1;a=b"), ("spaces", "  u=1 ,i=?0"), ("twice", "u=6, u=1"))
def test_a_priority_in_other_words(server, value):
    conn, streams = downloads(server, None, value.strip())
    with conn:
        flow(conn, streams, 4)
        eq(streams[0].received, 0, "the other one is more urgent")


@obliges("H2-59")
@cases(("out of range", "u=9"), ("negative", "u=-1"), ("a word", "u=high"), ("a string", 'u="0"'), ("a fraction", "u=0.5"),
       ("no dictionary", "=,;"), ("capitals", "U=0"), ("octets", "\xff\xfe"))
def test_a_priority_that_is_none_is_the_default(server, value):
    conn, streams = downloads(server, None, value)
    with conn:
        flow(conn, streams, 4)
        eq(streams[1].received, 0, "the first of two equals goes first")


@obliges("H2-61")
def test_an_update_before_its_request(server):
    with server.h2(settings={h2.NO_RFC7540_PRIORITIES: 1}) as conn:
        conn.priority_update(1, "u=0")
        conn.priority_update(99, "u=7, i")
        eq(conn.ask("GET", "/ten.txt").body, TEN)
        conn.next_stream = 99
        eq(conn.ask("GET", "/ten.txt").body, TEN)
        conn.priority_update(99, "u=1")  # closed by now
        conn.expect_alive()


@obliges("H2-62")
@cases(("for stream 0", 0, struct.pack(">I", 0) + b"u=1", PROTOCOL_ERROR), ("on a stream", 1, struct.pack(">I", 1) + b"u=1", PROTOCOL_ERROR),
       ("too short", 0, b"\0\0\1", FRAME_SIZE_ERROR))
def test_an_update_that_is_wrong(server, number, payload, code):
    with server.h2(settings={h2.NO_RFC7540_PRIORITIES: 1}) as conn:
        conn.frame(PRIORITY_UPDATE, 0, number, payload)
        conn.error(code)


@obliges("H2-63")
def test_the_setting_about_old_priorities(server):
    with server.h2(settings={h2.NO_RFC7540_PRIORITIES: 2}) as conn:
        conn.error(PROTOCOL_ERROR)
    with server.h2(settings={h2.NO_RFC7540_PRIORITIES: 1}) as conn:
        conn.settings({h2.NO_RFC7540_PRIORITIES: 0})
        conn.error(PROTOCOL_ERROR)
