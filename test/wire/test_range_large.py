"""Sizes beyond 32 bits: a sparse file of 5 GiB and more, and bodies whose length does not fit into 32 bits."""

import os
import time

from hot import but_date
from wire import READ_SECONDS, cases, eq, head_of, obliges, ok, one_of, only_over, skip, time_limit

GIB = 1 << 30
SIZE = 5 * GIB + 3
MARKS = {0: b"start", 4 * GIB - 5: b"before|behind", SIZE - 10: b"0123456789"}


def large(server, name="large.bin", size=SIZE):
    """A file with holes: some octets at its start, around 4 GiB and at its end."""
    if not server.exists(name):
        with open(server.path(name), "wb") as file:
            try:
                file.truncate(size)
            except OSError as why:
                skip("no file of %d octets here: %s" % (size, why))
            for at, octets in MARKS.items():
                file.seek(at)
                file.write(octets)
    return "/" + name


def expect_part(answer, first, last, octets, size=SIZE):
    eq(answer.status, 206)
    eq(answer.fields["Content-Range"], "bytes %d-%d/%d" % (first, last, size))
    eq(answer.body, octets)


@obliges("RNG-12", "RNG-13", "RNG-23")
@cases(("open", "%d-" % (SIZE - 10), SIZE - 10, SIZE - 1, b"0123456789"),
       ("suffix", "-10", SIZE - 10, SIZE - 1, b"0123456789"),
       ("last-octet", "-1", SIZE - 1, SIZE - 1, b"9"),
       ("clamped", "%d-99999999999" % (SIZE - 3), SIZE - 3, SIZE - 1, b"789"),
       ("across-4-gib", "%d-%d" % (4 * GIB - 5, 4 * GIB + 7), 4 * GIB - 5, 4 * GIB + 7, b"before|behind"),
       ("first", "0-4", 0, 4, b"start"), ("hole", "%d-%d" % (2 * GIB - 2, 2 * GIB + 1), 2 * GIB - 2, 2 * GIB + 1,
                                          bytes(4)))
def test_parts_of_a_large_file(server, spec, first, last, octets):
    target = large(server)
    with server.connect() as conn:
        for _ in range(4):
            expect_part(conn.ask("GET", target, {"Range": "bytes=" + spec}), first, last, octets)


@obliges("RNG-24")
def test_several_parts_of_a_large_file(server):
    from test_range_requests import parts_of
    got = server.get(large(server), {"Range": "bytes=%d-,0-4,%d-%d" % (SIZE - 10, 4 * GIB - 5, 4 * GIB + 7)})
    eq([(part[0], part[4]) for part in parts_of(got)],
       [(SIZE - 10, b"0123456789"), (0, b"start"), (4 * GIB - 5, b"before|behind")])


@obliges("RNG-48")
def test_behind_the_end_of_a_large_file(server):
    for spec in ("%d-" % SIZE, "%d-%d" % (SIZE, 2 * SIZE), "%d-" % (1 << 63)):
        got = server.get(large(server), {"Range": "bytes=" + spec})
        eq((got.status, got.fields["Content-Range"]), (416, "bytes */%d" % SIZE))


def test_head_of_a_large_file(server):
    got = server.head(large(server))
    eq((got.status, got.fields["Content-Length"]), (200, str(SIZE)))


def test_a_large_file_from_its_start(server):
    """Whole it would take long; its length and its first octets are right, and leaving in the middle harms nobody."""
    target = large(server)
    for fields, start in (({}, b"start"), ({"Range": "bytes=1-"}, b"tart")):
        with server.connect() as conn:
            conn.send(head_of("GET", target, fields))
            answer = conn.read_head()
            eq(answer.fields["Content-Length"], str(SIZE - 5 + len(start)))
            while len(conn.buffer) < 1 << 20:
                conn.fill()
            eq(conn.buffer[:len(start)], start)
            conn.ended, conn.buffer = True, b""
    eq(server.head(target).status, 200)


def test_a_file_of_many_terabytes(server):
    size = (1 << 42) + 10
    target = large(server, "huge.bin", size) if os.statvfs(server.root).f_bsize >= 4096 else skip("small blocks")
    with open(server.path("huge.bin"), "r+b") as file:
        file.seek(size - 3)
        file.write(b"end")
    eq(server.head(target).fields["Content-Length"], str(size))
    expect_part(server.get(target, {"Range": "bytes=-3"}), size - 3, size - 1, b"end", size)


@obliges("CND-22")
@cases(("4-gib", 4 * GIB), ("4-gib-and-5", 4 * GIB + 5), ("5-gib", 5 * GIB), ("8-gib-and-5", 8 * GIB + 5))
def test_a_length_beyond_32_bits_is_not_taken_modulo(server, length):
    """Of a body of 4 GiB and five octets, five octets are not all."""
    server.write("modulo.bin", b"old", mtime=1000000000)
    before = server.get("/modulo.bin")
    with server.connect() as conn:
        conn.send(head_of("PUT", "/modulo.bin", {"Content-Length": str(length)}))
        conn.send(b"x" * 5)
        conn.expect_silence(0.1)
        conn.send(b"x" * (1 << 20))
        conn.expect_silence(0.05)
        conn.reset()
        conn.ended = True
    eq(but_date(server.get("/modulo.bin")), but_date(before))


def test_a_length_that_no_disk_holds_is_refused_before_its_body(server):
    for length in (1 << 60, (1 << 63) - 1):
        with server.connect() as conn:
            conn.send(head_of("PUT", "/no-room.bin", {"Content-Length": str(length), "Expect": "100-continue"}))
            got = conn.read("PUT")
            one_of(got.status, (413, 507))
            eq(got.interim, [])
    ok(not server.exists("no-room.bin"), "nothing was made")


@only_over("h1", why="it is slow, and every layer below is the same")
@time_limit(240)
def test_put_of_5_gib(server):
    """5 GiB through the whole way to the disk."""
    if os.environ.get("SANITIZER"):
        skip("5 GiB take minutes under a sanitizer")
    room = os.statvfs(server.root)
    if room.f_bavail * room.f_frsize < 12 * GIB:
        skip("less than 12 GiB free")
    block, began = bytes(1 << 20), time.monotonic()
    with server.connect() as conn:
        conn.send(head_of("PUT", "/5-gib.bin", {"Content-Length": str(5 * GIB + 10)}))
        conn.sock.settimeout(READ_SECONDS)
        for _ in range(5 * 1024):
            conn.sock.sendall(block)
        conn.sock.sendall(b"0123456789")
        while not conn.buffer and time.monotonic() < began + 200:
            conn.fill(200)
        eq(conn.read("PUT").status, 201)
    eq(os.path.getsize(server.path("5-gib.bin")), 5 * GIB + 10)
    expect_part(server.get("/5-gib.bin", {"Range": "bytes=-10"}), 5 * GIB, 5 * GIB + 9, b"0123456789", 5 * GIB + 10)
    eq(server.delete("/5-gib.bin").status, 204)
