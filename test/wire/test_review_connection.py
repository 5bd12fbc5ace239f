"""Connections in unusual phases: bodies that nobody wants, bodies that break, clients that take their time."""

import os
import signal
import time

import wire
from hot import heat
from wire import Closed, chunked, eq, head_of, ok, one_of, own_server

BIG = 64 << 20
FILES = {"ten.txt": b"0123456789", "kept.txt": b"kept", "hot.bin": b"h" * 120000}


def cpu_seconds(server):
    with open("/proc/%d/stat" % server.process.pid, encoding="ascii") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_an_unwanted_body_behind_a_blocked_answer_costs_no_time(server):
    with open(server.path("big.bin"), "wb") as out:
        out.truncate(BIG)
    with server.connect() as conn:
        conn.send(head_of("GET", "/big.bin", {"Content-Length": "100000"}) + b"x" * 1000)
        time.sleep(0.3)  # the answer fills what is between us, and nobody takes it
        conn.send(b"x" * 1000)
        time.sleep(0.2)
        before = cpu_seconds(server)
        time.sleep(0.5)
        took = cpu_seconds(server) - before
        ok(took < 0.1, "%.2f s of processor time in half a second of waiting" % took)
        conn.reset()
        conn.ended = True


def test_an_unwanted_body_is_dropped_while_its_answer_is_taken(server):
    with open(server.path("large.bin"), "wb") as out:
        out.truncate(BIG)
    with server.connect() as conn:
        conn.send(head_of("GET", "/large.bin", {"Content-Length": "3000"}) + b"x" * 1000)
        conn.fill()
        conn.send(b"x" * 2000)
        got = conn.read("GET")
        eq((got.status, len(got.body)), (200, BIG))
        eq(conn.ask("GET", "/ten.txt").body, b"0123456789")


def test_what_follows_a_broken_chunk_is_never_a_request(server):
    # the chunk breaks while a worker judges the condition; the answer is the file as it is
    fields = {"Transfer-Encoding": "chunked", "If-Match": '"another"', "Prefer": "return=representation"}
    for length in range(66000, 90000, 1000):
        with server.connect() as conn:
            conn.send(head_of("PUT", "/kept.txt", fields) + chunked(b"n" * length)[:-5] + b"oops\r\n")
            try:
                got = conn.read("PUT")
            except Closed:
                conn.ended = True  # it broke when the answer was on its way: cut off
                continue
            one_of(got.status, (400, 412))
            conn.send(head_of("GET", "/ten.txt"))
            conn.expect_close()
    eq(server.read("kept.txt"), b"kept")


@own_server("--limit", "keepalive=1s")
def test_a_reader_of_ready_answers_has_the_time_to_read_them(server):
    server.write("hot.bin", FILES["hot.bin"], time.time() - 60)
    with server.connect() as conn:
        heat(conn, "/hot.bin")
        conn.send(head_of("GET", "/hot.bin") * 80)  # more than the buffers between us hold
        time.sleep(2.0)
        for _ in range(80):
            eq(conn.read("GET").body, FILES["hot.bin"])


@own_server("--limit", "drain=20s", files={"ten.txt": b"0123456789"})
def test_a_stopping_server_does_not_wait_for_a_body_that_it_answered(server):
    with server.connect() as conn:
        conn.send(head_of("GET", "/ten.txt", {"Content-Length": "5000"}) + b"x" * 1000)
        eq(conn.read("GET").status, 200)
        before = time.monotonic()
        server.signal(signal.SIGTERM)
        conn.send(b"x" * 4000)
        conn.expect_close()
        server.process.wait(10 * wire.STRETCH)
        ok(time.monotonic() - before < 8 * wire.STRETCH, "it ended within the time for lingering")
    server.start()
