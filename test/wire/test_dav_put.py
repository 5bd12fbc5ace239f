"""What a PUT says of its content beside the bytes: the client's time, its checksums, its type."""

import hashlib
import os
from email.utils import formatdate

from dav import D, props_of
from wire import cases, eq, obliges, ok, only_over

FILES = {"old.txt": b"old"}


def test_the_clients_time_is_the_files(server):
    got = server.put("/time.txt", b"t", {"X-OC-Mtime": "1000000000"})
    eq((got.status, got.fields["X-OC-Mtime"]), (201, "accepted"))
    eq(int(os.stat(server.path("time.txt")).st_mtime), 1000000000)
    eq(server.get("/time.txt").fields["Last-Modified"], "Sun, 09 Sep 2001 01:46:40 GMT")
    ok("X-OC-Mtime" not in server.put("/time.txt", b"t", {"X-OC-Mtime": "soon"}).fields, "nothing was accepted")


def test_the_clients_time_stands_where_it_is_older(server):
    """A floor below which Last-Modified may not go was set by a MOVE; what a client says has its way."""
    server.put("/aged.txt", b"old", {"X-OC-Mtime": "1100000000"})
    eq(server.put("/again.txt", b"newer").status, 201)
    eq(server.request("MOVE", "/aged.txt", {"Destination": "/again.txt"}).status, 204)
    ok("2004" not in server.get("/again.txt").fields["Last-Modified"], "a MOVE does not let it go back")
    for second in 1000000000, 900000000:
        got = server.put("/again.txt", b"t%d" % second, {"X-OC-Mtime": str(second)})
        eq((got.status, got.fields["X-OC-Mtime"]), (204, "accepted"))
        want = formatdate(second, usegmt=True)
        eq(server.get("/again.txt").fields["Last-Modified"], want)
        eq(props_of(server, "/again.txt", D + "getlastmodified").text(D + "getlastmodified"), want)


def test_a_checksum_is_verified(server):
    right = hashlib.sha1(b"content").hexdigest()
    eq(server.put("/sum.txt", b"content", {"OC-Checksum": "SHA1:" + right}).status, 201)
    eq(server.put("/sum.txt", b"damaged", {"OC-Checksum": "SHA1:" + right}).status, 400)
    eq(server.read("sum.txt"), b"content")
    eq(server.put("/sum.txt", b"x", {"OC-Checksum": "SHA1:short"}).status, 400)
    eq(server.put("/sum.txt", b"x", {"OC-Checksum": "FUTURE:anything"}).status, 204)


@cases(("another", "image/png", "image/png"), ("the same", "text/plain", "text/plain; charset=utf-8"),
       ("none", None, "text/plain; charset=utf-8"), ("unknown", "application/octet-stream", "text/plain; charset=utf-8"),
       ("form", "application/x-www-form-urlencoded", "text/plain; charset=utf-8"))
def test_a_type_that_the_name_does_not_tell_is_kept(server, given, want):
    server.put("/type.txt", b"x", {"Content-Type": given} if given else {})
    eq(server.get("/type.txt").fields["Content-Type"], want)


@only_over("h1", "tls", why="HTTP/2 has no chunks")
@obliges("DAV-169")
def test_finder_tells_how_long_its_chunks_will_be(server):
    with server.connect() as conn:
        conn.request("PUT", "/chunks.bin", {"Transfer-Encoding": "chunked", "X-Expected-Entity-Length": str(1 << 60),
                                            "Expect": "100-continue"}, None)
        got = conn.read("PUT")
    eq(got.status, 507)
    ok(b"sufficient-disk-space" in got.body, "the condition")
    ok(not server.exists("chunks.bin"), "nothing was stored")
