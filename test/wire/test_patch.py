"""PATCH: a delta becomes the new content of the version that it names (docs/patch.md; RFC 5789)."""

import base64
import gzip
import hashlib
import os
import random
import shutil
import struct
import subprocess

from dav import lock_of
from wire import STRETCH, cases, chunked, contains, eq, head_of, lacks, ne, obliges, ok, own_server, skip, wait_for

BASE = b"".join(b"line %d of the file\n" % number for number in range(400))
FILES = {"f.txt": BASE, "folder/g.txt": BASE}

VCDIFF = {"Content-Type": "application/vcdiff"}
GDIFF = {"Content-Type": "application/gdiff"}


# ---- deltas, written out

def integer(value):
    octets = [value & 127]
    while value > 127:
        value >>= 7
        octets.append(value & 127 | 128)
    return bytes(reversed(octets))


def window(base_len, target_len, data, instructions, addresses, at=0, indicator=1, before=b""):
    body = integer(target_len) + b"\0" + integer(len(data)) + integer(len(instructions)) + integer(len(addresses)) + before
    body += data + instructions + addresses
    source = integer(base_len) + integer(at) if indicator & 3 else b""
    return bytes([indicator]) + source + integer(len(body)) + body


def vcdiff(base, *pieces):
    """Of what is to come: bytes are added, (at, len) is copied from the base."""
    data, instructions, addresses, size = b"", b"", b"", 0
    for piece in pieces:
        if isinstance(piece, bytes):
            data += piece
            instructions += b"\1" + integer(len(piece))
            size += len(piece)
        else:
            instructions += b"\x13" + integer(piece[1])
            addresses += integer(piece[0])
            size += piece[1]
    return b"\xd6\xc3\xc4\0\0" + window(len(base), size, data, instructions, addresses)


def gdiff(*pieces):
    out = b"\xd1\xff\xd1\xff\x04"
    for piece in pieces:
        out += struct.pack(">BI", 248, len(piece)) + piece if isinstance(piece, bytes) else struct.pack(">Bii", 254, *piece)
    return out + b"\0"


def xdelta3(server, base, target, *options):
    if not shutil.which("xdelta3"):
        skip("xdelta3 is not here")
    names = [os.path.join(server.tmp, name) for name in ("x.base", "x.target", "x.delta")]
    for name, content in zip(names, (base, target)):
        with open(name, "wb") as file:
            file.write(content)
    subprocess.run(["xdelta3", "-e", "-f", *options, "-s", *names], check=True, capture_output=True)
    with open(names[2], "rb") as file:
        return file.read()


NEW = BASE[:100] + b"something new" + BASE[100:2000] + BASE[3000:]
DELTA = vcdiff(BASE, (0, 100), b"something new", (100, 1900), (3000, len(BASE) - 3000))


# ---- the right one

def tag_of(server, path):
    """Once it is strong: a file that was written just now has a weak tag on coarse clocks."""
    wait_for(lambda: not server.head(path).etag.startswith("W/"), "a strong tag")
    return server.head(path).etag


def patch(server, path, delta, fields=(), tag=None):
    said = {"If-Match": tag or tag_of(server, path)} if tag != "" else {}
    return server.request("PATCH", path, {**VCDIFF, **said, **dict(fields)}, delta)


def fresh(server, name, content=BASE):
    server.write(name, content)
    return "/" + name


def digest(content):
    return "sha-256=:%s:" % base64.b64encode(hashlib.sha256(content).digest()).decode()


def nothing_happened(server, name, tag, content=BASE):
    eq(server.read(name), content, "the content")
    eq(server.head("/" + name).etag, tag, "its tag")
    if server.exists(".samovar/up"):
        eq(server.names(".samovar/up"), [], "nothing is left in up/")


@cases(("vcdiff", DELTA, VCDIFF), ("gdiff", gdiff((0, 100), b"something new", (100, 1900), (3000, len(BASE) - 3000)), GDIFF),
       ("parameters", DELTA, {"Content-Type": "Application/VCDIFF; charset=x"}))
def test_a_delta_makes_the_new_content(server, delta, fields):
    path = fresh(server, "plain.txt")
    before = tag_of(server, path)
    number = os.stat(server.path("plain.txt")).st_ino
    got = patch(server, path, delta, fields)
    eq((got.status, got.body), (204, b""))
    ne(got.etag, before, "the tag")
    contains(got.fields, "Last-Modified")
    eq(server.read("plain.txt"), NEW)
    ne(os.stat(server.path("plain.txt")).st_ino, number, "a new inode")
    now = server.get(path)
    eq((now.body, now.etag), (NEW, got.etag))


def test_a_delta_in_chunks(server):
    path = fresh(server, "chunks.txt")
    got = server.raw(head_of("PATCH", path, {**VCDIFF, "If-Match": tag_of(server, path), "Transfer-Encoding": "chunked"}) +
                     chunked(DELTA, 7), "PATCH")
    eq(got.status, 204)
    eq(server.read("chunks.txt"), NEW)


def test_to_nothing_and_from_nothing(server):
    path = fresh(server, "nothing.txt")
    eq(patch(server, path, gdiff(), GDIFF).status, 204)
    eq(server.read("nothing.txt"), b"")
    eq(patch(server, path, b"\xd6\xc3\xc4\0\0" + window(0, 3, b"abc", b"\1\3", b"", indicator=0)).status, 204)
    eq(server.read("nothing.txt"), b"abc")


@cases(("usual", "-n", "-A", "-S", "none"), ("checksums", "-A", "-S", "none"), ("header", "-n", "-S", "none"), ("best", "-9", "-S", "none"))
def test_what_xdelta3_makes(server, *options):
    rng = random.Random(7)
    base = rng.randbytes(600000)
    target = base[300000:] + rng.randbytes(1000) + base[:250000] + b"\0" * 70000
    path = fresh(server, "x.bin", base)
    eq(patch(server, path, xdelta3(server, base, target, *options)).status, 204)
    ok(server.read("x.bin") == target, "what xdelta3 meant")


@own_server("--limit", "processing=50ms")
def test_a_large_one(server):
    """More than the intake holds, and several windows."""
    rng = random.Random(8)
    base = rng.randbytes(1 << 20) * 24
    new = rng.randbytes(3 << 20)
    path = fresh(server, "large.bin", base)
    delta = gdiff((0, len(base)), new, (5, len(base) - 5))
    eq(patch(server, path, delta, GDIFF).status, 204)
    ok(server.read("large.bin") == base + new + base[5:], "all of it")


def test_what_hangs_on_the_file_stays(server):
    path = fresh(server, "worn.txt")
    os.chmod(server.path("worn.txt"), 0o640)
    eq(server.put(path, BASE, {"Content-Type": "text/x-worn"}).status, 204)
    eq(patch(server, path, DELTA).status, 204)
    eq(os.stat(server.path("worn.txt")).st_mode & 0o777, 0o640)
    eq(server.head(path).fields["Content-Type"], "text/x-worn")


def test_time_and_representation_as_of_put(server):
    path = fresh(server, "wished.txt")
    got = patch(server, path, DELTA, {"X-OC-Mtime": "1600000000", "Prefer": "return=representation"})
    eq((got.status, got.body), (200, NEW))
    eq(int(os.stat(server.path("wished.txt")).st_mtime), 1600000000)


@own_server("--history", "5", files=FILES)
def test_history_keeps_what_it_replaced(server):
    eq(patch(server, "/f.txt", DELTA).status, 204)
    kept = [os.path.join(where, name) for where, _, names in os.walk(server.path(".samovar/history")) for name in names]
    eq(len(kept), 1)
    with open(kept[0], "rb") as file:
        eq(file.read(), BASE)


# ---- which version

def test_without_a_version_428_tells_it(server):
    path = fresh(server, "free.txt")
    tag = tag_of(server, path)
    for fields in ({}, {"If-Match": "*"}, {"If-None-Match": '"other"'}, {"If-Unmodified-Since": "Tue, 01 Jan 2999 00:00:00 GMT"}):
        got = patch(server, path, DELTA, fields, tag="")
        eq((got.status, got.etag), (428, tag), fields)
    nothing_happened(server, "free.txt", tag)


@obliges("CND-31")
def test_another_version_is_412(server):
    path = fresh(server, "other.txt")
    tag = tag_of(server, path)
    eq(patch(server, path, DELTA, tag='"other"').status, 412)
    eq(patch(server, path, DELTA, {"If": '(["other"])'}, tag="").status, 412)
    eq(patch(server, path, DELTA, {"If-Unmodified-Since": "Tue, 01 Jan 1980 00:00:00 GMT"}, tag="").status, 412)
    nothing_happened(server, "other.txt", tag)


def test_if_names_it_too(server):
    path = fresh(server, "if.txt")
    eq(patch(server, path, DELTA, {"If": "([%s])" % tag_of(server, path)}, tag="").status, 204)
    path = fresh(server, "if.txt")
    tag = tag_of(server, path)
    eq(patch(server, path, DELTA, {"If": '(Not ["x"])'}, tag="").status, 428)
    nothing_happened(server, "if.txt", tag)


def test_what_changed_while_the_delta_came_is_412(server):
    path = fresh(server, "late.txt")
    head = head_of("PATCH", path, {**VCDIFF, "If-Match": tag_of(server, path), "Content-Length": str(len(DELTA)),
                                   "Expect": "100-continue"})
    with server.connect() as conn:
        conn.send(head)
        conn.read_interim(100)
        eq(server.put(path, b"by somebody else").status, 204)
        conn.send(DELTA)
        eq(conn.read("PATCH").status, 412)
    eq(server.read("late.txt"), b"by somebody else")


# ---- whether at all

def test_nothing_there_is_404(server):
    eq(patch(server, "/missing.txt", DELTA, tag='"x"').status, 404)
    eq(patch(server, "/missing/at/all", DELTA, tag='"x"').status, 404)
    ok(not server.exists("missing.txt"), "nothing was made")


def test_a_folder_is_405(server):
    got = patch(server, "/folder/", DELTA, tag='"x"')
    eq(got.status, 405)
    lacks(got.fields.words("Allow"), "patch")
    eq(server.request("PATCH", "/folder/", {"Content-Type": "text/plain"}, b"x").status, 405)
    eq(patch(server, "/folder", DELTA, tag='"x"').status, 405)


@cases(("none", {}), ("another", {"Content-Type": "application/json-patch+json"}), ("sabredav", {"Content-Type": "application/x-sabredav-partialupdate"}))
def test_another_type_is_415_with_those_that_are_taken(server, fields):
    got = server.request("PATCH", "/f.txt", fields, DELTA)
    eq(got.status, 415)
    eq(got.fields.words("Accept-Patch"), ["application/vcdiff", "application/gdiff"])
    eq(server.read("f.txt"), BASE)


def test_a_coding_is_415(server):
    tag = tag_of(server, "/f.txt")
    eq(patch(server, "/f.txt", gzip.compress(DELTA), {"Content-Encoding": "gzip"}).status, 415)
    nothing_happened(server, "f.txt", tag)


def test_options_tell_of_it(server):
    got = server.request("OPTIONS", "/f.txt")
    contains(got.fields.words("Allow"), "patch")
    eq(got.fields.words("Accept-Patch"), ["application/vcdiff", "application/gdiff"])
    for target in ("/folder/", "/none"):
        got = server.request("OPTIONS", target)
        lacks(got.fields.words("Allow"), "patch")
        lacks(got.fields, "Accept-Patch")


@own_server("--read-only", files=FILES)
def test_a_site_that_is_read_is_403(server):
    eq(patch(server, "/f.txt", DELTA, tag='"x"').status, 403)
    lacks(server.request("OPTIONS", "/f.txt").fields, "Accept-Patch")


RIGHTS = 'listen = { "127.0.0.1:0" }\nsite "s" {\n  root = "{root}"\n  at "/" { allow "*" { rights = { %s } } }\n}\n'


@own_server(config=RIGHTS % '"write"', files=FILES)
def test_it_takes_the_right_to_read(server):
    """Else a digest that holds or does not would tell what is there."""
    got = patch(server, "/f.txt", DELTA, {"Repr-Digest": digest(NEW)}, tag='"x"')
    eq(got.status, 403)
    lacks(got.fields, "ETag")
    eq(server.read("f.txt"), BASE)


@own_server(config=RIGHTS % '"read", "create"', files=FILES)
def test_it_takes_the_right_to_write(server):
    eq(patch(server, "/f.txt", DELTA).status, 403)
    eq(server.read("f.txt"), BASE)


def test_a_lock_is_423_and_its_token_opens(server):
    path = fresh(server, "locked.txt")
    tag = tag_of(server, path)
    token = lock_of(server, path)
    eq(patch(server, path, DELTA, tag=tag).status, 423)
    nothing_happened(server, "locked.txt", tag)
    eq(patch(server, path, DELTA, {"If": "(%s)" % token}, tag="").status, 428, "a lock's token names no version")
    eq(patch(server, path, DELTA, {"If": "(%s)" % token}, tag=tag).status, 204)
    eq(server.read("locked.txt"), NEW)


def test_pages_of_others_cannot(server):
    eq(patch(server, "/f.txt", DELTA, {"Origin": "http://evil.example"}).status, 403)


# ---- digests

def test_digests_are_of_what_they_say(server):
    path = fresh(server, "sums.txt")
    eq(patch(server, path, DELTA, {"Content-Digest": digest(DELTA), "Repr-Digest": digest(NEW)}).status, 204)
    eq(server.read("sums.txt"), NEW)


@cases(("content", "Content-Digest", NEW), ("representation", "Repr-Digest", DELTA))
def test_a_digest_that_does_not_match_changes_nothing(server, name, of):
    path = fresh(server, "wrong.txt")
    tag = tag_of(server, path)
    got = patch(server, path, DELTA, {name: digest(of)})
    eq(got.status, 400)
    contains(got.text, name)
    nothing_happened(server, "wrong.txt", tag)


@own_server("--digest", files=FILES)
def test_the_digest_that_is_kept_is_of_what_was_made(server):
    eq(patch(server, "/f.txt", DELTA).status, 204)
    eq(server.get("/f.txt", {"Want-Repr-Digest": "sha-256=1"}).fields["Repr-Digest"], digest(NEW))


# ---- limits

@own_server("--limit", "body=20000", files=FILES)
def test_neither_delta_nor_result_may_be_larger_than_a_put(server):
    tag = tag_of(server, "/f.txt")
    eq(patch(server, "/f.txt", vcdiff(BASE, b"x" * 20001)).status, 413)
    got = patch(server, "/f.txt", gdiff(*[(0, 8000)] * 3), GDIFF)
    eq(got.status, 413)
    nothing_happened(server, "f.txt", tag)
    eq(patch(server, "/f.txt", gdiff(*[(0, 5000)] * 4), GDIFF).status, 204, "the most")
    eq(server.read("f.txt"), BASE[:5000] * 4)


@own_server(config='listen = { "127.0.0.1:0" }\nsite "s" {\n  root = "{root}"\n  at "/" { quota = 20000 }\n}\n', files={"f.txt": BASE})
def test_a_quota_is_507(server):
    tag = tag_of(server, "/f.txt")
    eq(patch(server, "/f.txt", gdiff(*[(0, 8000)] * 3), GDIFF).status, 507)
    eq(patch(server, "/f.txt", gdiff(b"x" * 30000, (0, 1)), GDIFF).status, 507)
    nothing_happened(server, "f.txt", tag)
    eq(patch(server, "/f.txt", gdiff((0, 7000), (0, 7000)), GDIFF).status, 204)


# ---- what is no delta

def lying(base_len=len(BASE), target_len=10, instructions=b"\x13\x0a", addresses=b"\0", **more):
    return b"\xd6\xc3\xc4\0\0" + window(base_len, target_len, b"", instructions, addresses, **more)


BAD = (
    ("empty", b"", VCDIFF, 400), ("text", b"hello, hello", VCDIFF, 400), ("empty gdiff", b"", GDIFF, 400),
    ("another kind", gdiff((0, 9)), VCDIFF, 400), ("the other kind", DELTA, GDIFF, 400),
    ("cut within", DELTA[:30], VCDIFF, 400), ("cut by one", DELTA[:-1], VCDIFF, 400), ("more behind", DELTA + b"x", VCDIFF, 400),
    ("gdiff without end", gdiff((0, 9))[:-1], GDIFF, 400), ("gdiff and more", gdiff((0, 9)) + b"x", GDIFF, 400),
    ("gdiff negative", gdiff((-1, 9)), GDIFF, 400), ("too short a target", lying(target_len=9), VCDIFF, 400),
    ("too long a target", lying(target_len=11), VCDIFF, 400), ("a far address", lying(addresses=integer(1 << 40)), VCDIFF, 400),
    ("a number without end", b"\xd6\xc3\xc4\0\0\1" + b"\xff" * 40, VCDIFF, 400),
    ("a base of 2^63", lying(base_len=1 << 63), VCDIFF, 422), ("a larger base", lying(base_len=len(BASE) + 1), VCDIFF, 422),
    ("behind the base", lying(at=1), VCDIFF, 422), ("gdiff behind the base", gdiff((len(BASE) - 1, 2)), GDIFF, 422),
    ("a window of 4 GiB", lying(target_len=1 << 32, instructions=b"\0" + integer(1 << 32)), VCDIFF, 422),
    ("a window of 2^63", lying(target_len=1 << 63, instructions=b"\0" + integer(1 << 63)), VCDIFF, 422),
    ("a code table", b"\xd6\xc3\xc4\0\2" + DELTA[5:], VCDIFF, 422), ("SDCH", b"\xd6\xc3\xc4S\0" + DELTA[5:], VCDIFF, 422),
    ("a checksum", b"\xd6\xc3\xc4\0\0" + window(len(BASE), 10, b"", b"\x13\x0a", b"\0", indicator=5, before=b"\1\2\3\4"), VCDIFF, 422),
)


@cases(*BAD)
def test_a_bad_delta_changes_nothing(server, delta, fields, status):
    path = fresh(server, "bad.txt")
    tag = tag_of(server, path)
    got = patch(server, path, delta, fields)
    eq(got.status, status)
    contains(got.text, "Nothing was changed")
    nothing_happened(server, "bad.txt", tag)
    eq(server.get("/folder/g.txt").status, 200, "it goes on")


def test_a_compressor_of_xdelta3_is_named(server):
    rng = random.Random(9)
    text = bytes(rng.choice(b"abcdefgh") for _ in range(60000))
    path = fresh(server, "lzma.txt", b"something else entirely")
    delta = xdelta3(server, b"something else entirely", text, "-S", "lzma")
    got = patch(server, path, delta)
    if got.status == 204:
        skip("this xdelta3 compresses nothing")
    eq(got.status, 422)
    contains(got.text, "secondary compressor")
    eq(server.read("lzma.txt"), b"something else entirely")


def test_memory_is_bounded_whatever_a_delta_says(server):
    path = fresh(server, "bound.txt")
    eq(patch(server, path, DELTA).status, 204)
    path = fresh(server, "bound.txt")
    before = server.rss_kib()
    for target_len in (1 << 24, 1 << 26, 1 << 28, 1 << 31, 1 << 32, 1 << 62):
        run = b"\xd6\xc3\xc4\0\0" + window(len(BASE), target_len, b"z", b"\0" + integer(target_len), b"")
        got = patch(server, path, run, {"Repr-Digest": digest(b"nothing like it")})
        eq(got.status, 400 if target_len == 1 << 24 else 422, target_len)
    eq(server.read("bound.txt"), BASE)
    if server.rss_kib() and before:
        ok(server.rss_kib() - before < 96 * 1024, "%d KiB more" % (server.rss_kib() - before))


def unnamed(server):
    return [fd for fd in server.fds() if "(deleted)" in fd and server.path() in fd]


def test_who_leaves_leaves_nothing(server):
    path = fresh(server, "left.txt")
    tag = tag_of(server, path)
    with server.connect() as conn:
        conn.send(head_of("PATCH", path, {**VCDIFF, "If-Match": tag, "Content-Length": "400000"}) + DELTA + b"x" * 200000)
        wait_for(lambda: unnamed(server), "the delta to be taken", 5 * STRETCH)
    wait_for(lambda: not unnamed(server), "all to be given back", 5 * STRETCH)
    nothing_happened(server, "left.txt", tag)
