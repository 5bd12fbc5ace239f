"""Want-Repr-Digest and Want-Content-Digest (RFC 9530 §4); SHA-256 kept with contents; samovar check --content."""

import base64
import hashlib
import os

from program import ended
from wire import cases, contains, eq, lacks, ok, own_server, wait_for

KEEPS = """listen = { "127.0.0.1:0" }
site "s" {
  root = "{root}"
  digest = on
  at "/past" { history = 3 }
  at "/plain" { digest = off }
}
"""
DOC = b"a document\n" * 1000


def digest(data, kind="sha-256"):
    made = hashlib.new(kind.replace("-", ""), data).digest()
    return "%s=:%s:" % (kind, base64.b64encode(made).decode())


def put(server, path, content):
    ok(server.put(path, content).status in (201, 204), "PUT " + path)


def folders(server):
    for name in ("past", "plain"):
        os.mkdir(server.path(name))


def test_nothing_is_sent_unasked(server):
    server.write("doc", DOC)
    got = server.get("/doc")
    lacks(got.fields, "Repr-Digest")
    lacks(got.fields, "Content-Digest")


@cases(("integer", "sha-256=10", "sha-256"), ("other", "sha-512=3", "sha-512"), ("both", "sha-256=1, sha-512=9", "sha-512"),
       ("equal", "sha-512=5, sha-256=5", "sha-256"), ("unknown_too", "unixsum=10, sha-256=1", "sha-256"),
       ("refused", "sha-256=0, sha-512=1", "sha-512"))
def test_the_digest_that_is_wanted_most(server, want, kind):
    server.write("doc", DOC)
    for method in ("GET", "HEAD"):
        got = server.request(method, "/doc", {"Want-Repr-Digest": want})
        eq(got.fields["Repr-Digest"], digest(DOC, kind))
        lacks(got.fields, "Content-Digest")


@cases(("none", "sha-256=0"), ("unknown", "md5=10"), ("no_dictionary", "sha-256="), ("empty", ""), ("bytes", "sha-256=:AAAA:"),
       ("too_much", "sha-256=11"))
def test_where_none_is_wanted_none_is_sent(server, want):
    server.write("doc", DOC)
    got = server.get("/doc", {"Want-Repr-Digest": want})
    eq((got.status, got.body), (200, DOC))
    lacks(got.fields, "Repr-Digest")


def test_a_part_has_its_own_and_the_whole_one_s(server):
    server.write("doc", DOC)
    got = server.get("/doc", {"Want-Repr-Digest": "sha-256=1", "Want-Content-Digest": "sha-512=1", "Range": "bytes=3-9"})
    eq(got.status, 206)
    eq(got.fields["Repr-Digest"], digest(DOC))
    eq(got.fields["Content-Digest"], digest(DOC[3:10], "sha-512"))
    got = server.get("/doc", {"Want-Content-Digest": "sha-256=1"})
    eq(got.fields["Content-Digest"], digest(DOC))
    lacks(got.fields, "Repr-Digest")
    lacks(server.head("/doc", {"Want-Content-Digest": "sha-256=1"}).fields, "Content-Digest")


@own_server(config=KEEPS, before=folders)
def test_what_was_put_has_its_digest(server):
    for i in range(3):
        put(server, "/doc", DOC + b"%d" % i)
        eq(server.get("/doc", {"Want-Repr-Digest": "sha-256=1"}).fields["Repr-Digest"], digest(DOC + b"%d" % i))
    server.write("doc", b"by another program")
    eq(server.get("/doc", {"Want-Repr-Digest": "sha-256=1"}).fields["Repr-Digest"], digest(b"by another program"))


@own_server(config=KEEPS, before=folders)
def test_a_226_tells_the_digest_of_the_whole(server):
    put(server, "/past/doc", DOC)
    tag = server.get("/past/doc").etag
    put(server, "/past/doc", DOC + b"more\n")
    got = server.get("/past/doc", {"A-IM": "vcdiff", "If-None-Match": tag, "Want-Repr-Digest": "sha-256=1"})
    eq(got.status, 226)
    eq(got.fields["Repr-Digest"], digest(DOC + b"more\n"))


def check(server, *more):
    return ended("check", server.root, "--content", *more)


def spoil(path):
    """One octet on the disk, as nobody's change: size and time are what they were."""
    times = os.stat(path)
    with open(path, "r+b") as file:
        file.seek(5)
        file.write(b"X")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def spoilt(server):
    put(server, "/doc", DOC)
    put(server, "/other", DOC)
    for i in range(2):
        put(server, "/past/doc", DOC + b"%d" % i)
    put(server, "/plain/doc", DOC)
    server.write("by-hand", b"not ours")
    status, out, said = check(server)
    eq((status, said), (0, ""), out)
    contains(out, "3 files and 1 earlier contents read")
    contains(out, "of 2 no SHA-256 is kept")
    spoil(server.path("doc"))
    [version] = server.names(".samovar/history")
    spoil(server.path(".samovar/history/" + version))
    return check(server)


def is_told(server, told):
    status, out, _ = told
    eq(status, 1)
    contains(out, "/doc: is not what was stored; recorded sha-256 " + hashlib.sha256(DOC).hexdigest())
    contains(out, "/past/doc: earlier content ")
    contains(out, "2 files and 0 earlier contents read")
    contains(out, "; 2 that are not")
    put(server, "/doc", b"new")


@own_server(config=KEEPS, before=folders)
def test_check_finds_what_has_rotted(server):
    is_told(server, spoilt(server))
    status, out, _ = check(server)
    eq((status, "/doc: is not" in out, "/past/doc:" in out), (1, False, True))


@own_server(config=KEEPS, before=folders)
def test_check_without_a_server(server):
    spoilt(server)
    server.stop()
    status, out, _ = check(server, "--mend")
    eq(status, 1)
    contains(out, "; 2 that are not")
    server.start()


@own_server(config=KEEPS, before=folders)
def test_what_somebody_changed_is_not_rotten(server):
    put(server, "/doc", DOC)
    wait_for(lambda: "1 files and" in check(server)[1], "its digest is kept")
    server.write("doc", b"X" + DOC[1:])
    status, out, _ = check(server)
    eq(status, 0, out)
    contains(out, "of 1 no SHA-256 is kept")
