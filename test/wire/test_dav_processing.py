"""102 (RFC 2518 §10.1) with requests that are long by themselves; test/fault/test_processing.py has those made long.

A tree is copied by itself into a folder until it is large enough for the machine at hand: that ends, as it doubles.
"""

from dav import XML, multistatus, propfind
from wire import cases, eq, head_of, obliges, ok, one_of, own_server

QUICK = ("--limit", "processing=5ms")
FILES = {f"tree/0/{number}": b"x" for number in range(250)}
SYNC = (b'<D:sync-collection '
        b'xmlns:D="DAV:"><D:sync-token/><D:sync-level>infinite</D:sync-level><D:prop><D:getetag/></D:prop>'
        b"</D:sync-collection>")
ROUNDS = 6  # 250 files, doubled at most so often


def copy(target, fields=(), version="HTTP/1.1"):
    return head_of("COPY", "/tree/", {"Destination": target, "Overwrite": "F", **dict(fields)}, version=version)


def are_bare(interims):
    for one in interims:
        eq(one.status, 102)
        eq([name for name in one.fields.names() if not name.startswith(":")], [], "a 102 has neither length nor fields")


def long_copy(server, conn):
    """Copies until one takes so long that the client is told; its answer."""
    for number in range(ROUNDS):
        conn.send(copy(f"/copy-{number}/"))
        got = conn.read("COPY")
        eq(got.status, 201)
        eq(server.names(f"copy-{number}"), server.names("tree"), "the whole tree")
        if len(got.interim) > 1:
            return got
        eq(server.request("MOVE", f"/copy-{number}/", {"Destination": f"/tree/{number + 1}/"}).status, 201, "doubled")
    ok(False, f"no copy was long: {250 << ROUNDS} files")


@obliges("DAV-194", "DAV-195", "DAV-196")
@own_server(*QUICK, files=FILES)
def test_a_long_copy_is_told_of_before_its_answer(server):
    with server.connect() as conn:
        are_bare(long_copy(server, conn).interim)
        conn.send(head_of("GET", "/tree/0/1"))
        got = conn.read()
        eq((got.status, got.body, got.interim), (200, b"x", []), "the next answer on the connection")


@obliges("DAV-194")
@own_server(*QUICK, files=FILES)
@cases(("1.0", "HTTP/1.0", {}), ("requests", "HTTP/1.1", {"User-Agent": "python-requests/2.28.1"}),
       ("webdavclient", "HTTP/1.1", {"User-Agent": "python-webdavclient/3"}),
       ("wget2", "HTTP/1.1", {"User-Agent": "Wget2/1.99.1"}))
def test_who_would_take_it_for_the_answer_is_not_told_of_one_either(server, version, fields):
    with server.connect() as conn:
        long_copy(server, conn)
    with server.connect() as conn:
        conn.send(copy("/again/", fields, version))
        got = conn.read("COPY", version)
    eq((got.status, got.interim), (201, []))


@obliges("DAV-194", "DAV-196")
@own_server("--limit", "processing=1ms", files=FILES)
def test_an_answer_that_is_streamed_is_whole(server):
    """Nothing comes within it: the reader would stumble."""
    for _ in range(5):
        got = propfind(server, "/", depth="infinity")
        are_bare(got.interim)
        eq(len(multistatus(got)), 253)
        got = server.request("REPORT", "/tree/", XML, SYNC)
        are_bare(got.interim)
        eq((got.status, got.body.count(b"<D:response>")), (207, 251))


@obliges("DAV-195")
@own_server("--limit", "processing=1ms", files=FILES)
@cases(("PROPFIND", "PROPFIND", {"Depth": "infinity"}), ("REPORT", "REPORT", {}))
def test_none_comes_before_the_request_is_complete(server, method, fields):
    with server.connect() as conn:
        conn.send(head_of(method, "/tree/", {"Content-Length": len(SYNC), **XML, **fields}) + SYNC[:20])
        conn.expect_silence()
        conn.send(SYNC[20:])
        one_of(conn.read(method).status, (207, 422))


@obliges("DAV-141")
@own_server("--limit", "processing=1ms", files=FILES)
def test_no_102_within_a_multistatus(server):
    locks = [server.request("LOCK", f"/tree/0/{number}", XML,
                            b'<lockinfo xmlns="DAV:"><lockscope><exclusive/></lockscope>'
                            b"<locktype><write/></locktype></lockinfo>").fields["Lock-Token"] for number in range(100)]
    eq(len(set(locks)), 100)
    got = server.delete("/tree/")
    eq({answer.status for answer in multistatus(got).values()}, {423})
    are_bare(got.interim)
