"""curl, as people and scripts use it."""

import os
import time

from client import Room, needs
from wire import cases, contains, eq, http_date, ok, own_server

BIG = os.urandom(3 << 20)
FILES = {"big.bin": BIG, "old.txt": b"old", "folder/a b.txt": b"spaced", "ten.txt": b"0123456789"}


def curl(room, *words, **more):
    """What it printed: the body, then the status on a line of its own."""
    return room.run(needs("curl"), "-sS", "--max-time", "30", "-w", "\n%{http_code}", *words, **more)[0]


def status(room, *words, **more):
    return int(curl(room, "-o", "/dev/null", *words, **more).split(b"\n")[-1])


def test_a_download(server):
    with Room(server) as room:
        room.run(needs("curl"), "-sSfO", room.url + "/big.bin")
        eq(room.file("big.bin"), BIG)
        eq(curl(room, room.url + "/ten.txt"), b"0123456789\n200")
        eq(curl(room, "--http1.0", room.url + "/ten.txt"), b"0123456789\n200")
        contains(curl(room, "-I", room.url + "/ten.txt").lower(), b"content-length: 10\r\n")


def test_continuing_a_download(server):
    """-C -: what is there is kept, the rest is asked for as a range."""
    with Room(server) as room:
        room.file("big.bin", BIG[:1000000])
        _, told = room.run(needs("curl"), "-sSf", "-v", "-C", "-", "-O", room.url + "/big.bin")
        eq(room.file("big.bin"), BIG)
        contains(told, b"206 Partial Content")
        contains(told, b"Range: bytes=1000000-")


def test_ranges(server):
    with Room(server) as room:
        eq(curl(room, "-r", "2-4", room.url + "/ten.txt"), b"234\n206")
        eq(curl(room, "-r", "-3", room.url + "/ten.txt"), b"789\n206")
        got = curl(room, "-r", "0-1,2000000-2000003", room.url + "/big.bin")
        contains(got, b"2000000-2000003/%d\r\n\r\n" % len(BIG) + BIG[2000000:2000004] + b"\r\n--")
        eq(status(room, "-r", "50-", room.url + "/ten.txt"), 416)


def test_continuing_an_upload(server):
    """-C OFFSET -T: the rest of the file goes behind what is there, with Content-Range."""
    with Room(server) as room:
        room.file("rest.bin", BIG)
        server.write("rest.bin", BIG[:1234567])
        eq(status(room, "-C", "1234567", "-T", "rest.bin", room.url + "/rest.bin"), 204)
        eq(server.read("rest.bin"), BIG)
        eq(status(room, "-C", "1", "-T", "rest.bin", room.url + "/none.bin"), 404)
        server.write("short.bin", b"x")
        eq(status(room, "-C", "2", "-T", "rest.bin", room.url + "/short.bin"), 409)
        eq(server.read("short.bin"), b"x")


def test_a_delta_of_xdelta3(server):
    """As in docs/patch.md."""
    with Room(server) as room:
        server.write("patched.bin", BIG)
        new = BIG[:1000000] + b"another" + BIG[1500000:]
        room.file("old", BIG)
        room.file("new", new)
        room.run(needs("xdelta3"), "-e", "-S", "none", "-s", "old", "new", "delta")
        told = curl(room, "-I", room.url + "/patched.bin")
        tag = [line.split(b" ", 1)[1].decode() for line in told.split(b"\r\n") if line.lower().startswith(b"etag:")][0]
        patch = ("-X", "PATCH", "-H", "Content-Type: application/vcdiff", "--data-binary", "@delta", room.url + "/patched.bin")
        eq(status(room, *patch), 428)
        eq(status(room, *patch, "-H", "If-Match: " + tag), 204)
        ok(server.read("patched.bin") == new, "what xdelta3 meant")
        eq(status(room, *patch, "-H", "If-Match: " + tag), 412)


def test_an_upload(server):
    with Room(server) as room:
        room.file("new.txt", b"by curl")
        eq(status(room, "-T", "new.txt", room.url + "/up.txt"), 201)
        eq(server.read("up.txt"), b"by curl")
        eq(status(room, "-T", "new.txt", room.url + "/folder/"), 201)
        eq(server.read("folder/new.txt"), b"by curl")
        room.file("big", BIG)
        eq(status(room, "-T", "big", room.url + "/up.txt"), 204)
        eq(server.read("up.txt"), BIG)
        room.file("empty", b"")
        eq(status(room, "-T", "empty", room.url + "/empty"), 201)
        eq(server.read("empty"), b"")


@cases(("small", b"from a pipe"), ("large", BIG), ("nothing", b""))
def test_an_upload_from_a_pipe(server, content):
    """Of unknown length: chunked."""
    with Room(server) as room:
        name = "/pipe-%d" % len(content)
        eq(status(room, "-T", "-", room.url + name, feed=content), 201)
        eq(server.read(name[1:]), content)


def test_an_upload_that_asks_first(server):
    """Expect: 100-continue, accepted and refused."""
    with Room(server) as room:
        room.file("big", BIG)
        _, told = room.run(needs("curl"), "-sS", "-v", "--expect100-timeout", "20", "-H", "Expect: 100-continue", "-T",
                           "big",
                           room.url + "/expected")
        contains(told, b"100 Continue")
        eq(server.read("expected"), BIG)
        began = time.monotonic()
        eq(status(room, "--expect100-timeout", "20", "-H", "Expect: 100-continue", "-H", "If-None-Match: *", "-T",
                  "big",
                  room.url + "/expected"), 412)
        ok(time.monotonic() - began < 15, "the refusal was not waited for")


def test_if_modified_since(server):
    """-z with a file's date, in both directions, and --etag-save with --etag-compare."""
    with Room(server) as room:
        os.utime(server.path("old.txt"), (1000000000,) * 2)
        path = room.file("copy", b"old")
        os.utime(path, (1000000000,) * 2)
        eq(status(room, "-z", "copy", room.url + "/old.txt"), 304)
        os.utime(path, (900000000,) * 2)
        eq(status(room, "-z", "copy", room.url + "/old.txt"), 200)
        eq(status(room, "-z", http_date(1100000000), room.url + "/old.txt"), 304)
        eq(status(room, "--etag-save", "tag", room.url + "/ten.txt"), 200)
        eq(status(room, "--etag-compare", "tag", room.url + "/ten.txt"), 304)
        server.put("/ten-2.txt", b"1")
        eq(status(room, "--etag-compare", "tag", room.url + "/ten-2.txt"), 200)


def test_remote_time(server):
    with Room(server) as room:
        os.utime(server.path("old.txt"), (1234567890,) * 2)
        room.run(needs("curl"), "-sSfRO", room.url + "/old.txt")
        eq(int(os.path.getmtime(room.path + "/old.txt")), 1234567890)


def test_deleting_and_redirects(server):
    with Room(server) as room:
        server.write("gone", b"x")
        eq(status(room, "-X", "DELETE", room.url + "/gone"), 204)
        eq(status(room, "-X", "DELETE", room.url + "/gone"), 404)
        eq(status(room, room.url + "/folder"), 308)
        contains(curl(room, "-L", room.url + "/folder"), b"a%20b.txt")
        eq(curl(room, room.url + "/folder/a%20b.txt"), b"spaced\n200")
        contains(curl(room, "-H", "Accept: application/json", room.url + "/folder/"), b'"a b.txt"')


def test_many_on_one_connection(server):
    with Room(server) as room:
        out, told = room.run(needs("curl"), "-sS", "-v", *[room.url + "/ten.txt?%d" % number for number in range(20)])
        eq(out, b"0123456789" * 20)
        eq(told.count(b"Connected to"), 1)


def test_uploads_side_by_side(server):
    with Room(server) as room:
        words = []
        for number in range(20):
            room.file("n%d" % number, BIG[:number * 10000])
            words += ["-T", "n%d" % number, "%s/par-%d" % (room.url, number)]
        room.run(needs("curl"), "-sSf", "-Z", "--parallel-max", "8", *words)
        for number in range(20):
            eq(server.read("par-%d" % number), BIG[:number * 10000])


@own_server("--user", "ann:open sesame", files={"a": b"secret"})
def test_with_a_password(server):
    with Room(server) as room:
        eq(status(room, room.url + "/a"), 401)
        eq(status(room, "-u", "ann:wrong", room.url + "/a"), 401)
        eq(curl(room, "-u", "ann:open sesame", room.url + "/a"), b"secret\n200")
        eq(curl(room, "--anyauth", "-u", "ann:open sesame", room.url + "/a"), b"secret\n200")
        room.file("b", BIG)
        eq(status(room, "--anyauth", "-u", "ann:open sesame", "-T", "b", room.url + "/b"), 201)
        eq(server.read("b"), BIG)


@own_server("--listen", "unix:{tmp}/sock", files={"a": b"a"})
def test_over_a_unix_socket(server):
    with Room(server) as room:
        eq(curl(room, "--unix-socket", server.tmp + "/sock", "http://localhost/a"), b"a\n200")
