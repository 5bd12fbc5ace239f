"""curl, wget, rclone, nghttp, h2load and a browser over TLS and HTTP/2, each in its own way."""

import base64
import hashlib
import os
import re

import tls
from client import Room, needs
from test_browser import complaints, seen
from test_curl import curl, status
from wire import cases, contains, eq, lacks, ok, skip

BIG = os.urandom(5 << 20)
FILES = {"big.bin": BIG, "ten.txt": b"0123456789", "folder/a b.txt": b"spaced", "folder/sub/deep.txt": b"deep", "page.html":
         b"<!doctype html><p id=p>before</p><script>document.getElementById('p').textContent = 'by ' +"
         b"performance.getEntriesByType('navigation')[0].nextHopProtocol</script><img src=big.bin>"}


def serving(*options):
    return tls.Serving(*tls.usual().options, *options, files=FILES)


def trusting():
    return ["--cacert", tls.authority().ca]


def version_of(room, *words):
    return room.run(needs("curl"), "-sS", "--max-time", "30", "-o", "/dev/null",
                    "-w", "%{http_version} %{http_code}", *words)[0]


# ---- curl -------------------------------------------------------------------------------------------


@cases(("http/1.1", ("--http1.1",), b"1.1"), ("h2", ("--http2",), b"2"), ("as it likes", (), b"2"),
       ("tls 1.2", ("--tls-max", "1.2"), b"2"))
def test_curl_speaks(server, words, version):
    with serving() as one, Room(one) as room:
        eq(version_of(room, *trusting(), *words, room.url + "/ten.txt"), version + b" 200")
        room.run(needs("curl"), "-sSfO", *trusting(), *words, room.url + "/big.bin")
        ok(room.file("big.bin") == BIG, "the download")
        room.file("up", BIG)
        eq(status(room, *trusting(), *words, "-T", "up", room.url + "/up"), 201)
        ok(one.read("up") == BIG, "the upload")
        eq(status(room, *trusting(), *words, "-T", "-", room.url + "/piped", feed=BIG[:100000]), 201)
        ok(one.read("piped") == BIG[:100000], "from a pipe")
        eq(curl(room, *trusting(), *words, "-r", "2-4", room.url + "/ten.txt"), b"234\n206")
        eq(status(room, *trusting(), *words, "-X", "DELETE", room.url + "/up"), 204)
        contains(curl(room, *trusting(), *words, "-I", room.url + "/ten.txt").lower(), b"content-length: 10\r\n")


def test_curl_with_prior_knowledge(server):
    with tls.Serving(files=FILES) as one, Room(one) as room:
        words = ("--http2-prior-knowledge",)
        eq(version_of(room, *words, room.url + "/ten.txt"), b"2 200")
        room.run(needs("curl"), "-sSfO", *words, room.url + "/big.bin")
        ok(room.file("big.bin") == BIG, "the download")
        room.file("up", BIG)
        eq(status(room, *words, "-T", "up", room.url + "/up"), 201)
        ok(one.read("up") == BIG, "the upload")
        eq(version_of(room, "--http2", room.url + "/ten.txt"), b"1.1 200", "Upgrade: h2c is not taken")


def test_curl_side_by_side_on_one_connection(server):
    with serving() as one, Room(one) as room:
        words = []
        for number in range(20):
            words += ["-o", "got-%d" %
    number, "%s/%s?%d" %
    (room.url, "big.bin" if number %
     5 == 0 else "ten.txt", number)]
        room.run(needs("curl"), "-sSf", "-Z", "--parallel-max", "10", *trusting(), *words)
        for number in range(20):
            ok(room.file("got-%d" % number) == (BIG if number % 5 == 0 else b"0123456789"), "download %d" % number)


def test_curl_keeps_its_connection(server):
    """Within TLS: with prior knowledge curl 7.88 fails at its second request, whoever serves."""
    with serving() as one, Room(one) as room:
        out, told = room.run(needs("curl"), "-sS", "-v", *trusting(), * \
                             [room.url + "/ten.txt?%d" % number for number in range(20)])
        eq(out, b"0123456789" * 20)
        eq(told.count(b"Connected to"), 1)


def test_curl_shows_a_certificate(server):
    ca = tls.Authority("Clients' authority")
    ann = ca.leaf(subject="/CN=ann", usage="clientAuth")
    config = ('listen = { "127.0.0.1:0" }\ncertificate = { "%s" }\nkey = { "%s" }\nclient-ca = "%s"\n'
              'client-certificates = "required"\nsite "a" {\n root = "{root}"\n'
              ' allow "ann" { rights = { "read", "write" } }\n}\n') % (tls.usual().chain, tls.usual().key, ca.ca)
    with tls.Serving(config=config, files=FILES) as one, Room(one) as room:
        shown = [*trusting(), "--cert", ann.chain, "--key", ann.key]
        for version in ("--http1.1", "--http2"):
            eq(curl(room, *shown, version, room.url + "/ten.txt"), b"0123456789\n200")
            room.file("up", b"by ann")
            ok(status(room, *shown, version, "-T", "up", room.url + "/up") in (201, 204), "the upload")
        done = room.run(needs("curl"), "-sS", *trusting(), room.url + "/ten.txt", status=None)
        lacks(done[0], b"0123456789")


def test_curl_is_refused_early(server):
    """413 amid the upload is read, over both protocols."""
    with serving("--limit", "body=1M") as one, Room(one) as room:
        room.file("up", BIG)
        for version in ("--http1.1", "--http2"):
            eq(status(room, *trusting(), version, "-T", "up", room.url + "/up"), 413)
            eq(status(room, *trusting(), version, "-H", "Expect: 100-continue", "-T", "up", room.url + "/up"), 413)
        ok(not one.exists("up"), "nothing was stored")


def test_curl_does_not_trust_strangers(server):
    with serving() as one, Room(one) as room:
        needs("curl")
        _, told = room.run("curl", "-sS", room.url + "/ten.txt", status=60)
        contains(told, b"certificate")


# ---- wget, rclone -----------------------------------------------------------------------------------


def test_wget_mirrors(server):
    with serving() as one, Room(one) as room:
        room.run(
    needs("wget"),
    "-q",
    "-r",
    "-np",
    "-nH",
    "--ca-certificate=" +
    tls.authority().ca,
    room.url +
     "/folder/")
        eq(room.file("folder/a b.txt"), b"spaced")
        eq(room.file("folder/sub/deep.txt"), b"deep")


def test_rclone_reads(server):
    with serving() as one, Room(one) as room:
        program = needs("rclone")
        ca = ["--ca-cert", tls.authority().ca, "--config", room.path + "/none.conf"]
        room.run(program, "copy", *ca, "--http-url", room.url + "/", ":http:", room.path + "/copy")
        eq(room.file("copy/folder/a b.txt"), b"spaced")
        ok(room.file("copy/big.bin") == BIG, "octet for octet")
        out, _ = room.run(program, "lsf", *ca, "--http-url", room.url + "/folder/", ":http:")
        eq(sorted(out.decode().split("\n")[:-1]), ["a b.txt", "sub/"])
        room.run(program, "check", *ca, "--download", "--http-url", room.url + "/", ":http:", room.path + "/copy")


# ---- nghttp, h2load ---------------------------------------------------------------------------------


@cases(("tls", True), ("plain", False))
def test_nghttp(server, secure):
    """It sends the old PRIORITY frames, many at the start."""
    with tls.Serving(*(tls.usual().options if secure else ()), files=FILES) as one, Room(one) as room:
        program = needs("nghttp")
        out, _ = room.run(program, room.url + "/ten.txt")
        eq(out, b"0123456789")
        out, _ = room.run(program, "-nv", "-m", "5", room.url + "/big.bin", room.url + "/ten.txt", seconds=60)
        contains(out, b":status: 200")
        lacks(out, b"RST_STREAM")
        lacks(out, b"PROTOCOL_ERROR")
        room.file("up", BIG[:1000000])
        out, _ = room.run(program, "-v", "-d", "up", "-H", ":method: PUT", room.url + "/up")
        contains(out, b":status: 201")
        ok(one.read("up") == BIG[:1000000], "the upload")
        out, _ = room.run(program, "-nv", "--no-dep", "-w", "20", "-W", "20", room.url + "/big.bin")
        contains(out, b":status: 200")


@cases(("h2 within tls", True, ("-m", "32")), ("h2 plain", False, ("-m", "32")), ("one stream", True, ("-m", "1")),
       ("http/1.1 within tls", True, ("--h1",)), ("small windows", False, ("-m", "16", "-w", "16", "-W", "16")))
def test_h2load(server, secure, words):
    with tls.Serving(*(tls.usual().options if secure else ()), files=FILES) as one, Room(one) as room:
        out, _ = room.run(needs("h2load"), "-n", "3000", "-c", "6", "-t",
                          "1", *words, room.url + "/ten.txt", seconds=60)
        contains(out, b"3000 done, 3000 succeeded, 0 failed, 0 errored, 0 timeout")
        contains(out, b"3000 2xx")
        out, _ = room.run(needs("h2load"), "-n", "40", "-c", "2", "-t", "1", *words, room.url + "/big.bin", seconds=60)
        contains(out, b"40 done, 40 succeeded, 0 failed, 0 errored, 0 timeout")
        found = re.search(rb"\((\d+)\) data", out)
        eq(int(found.group(1)) if found else None, 40 * len(BIG), "octets of content")


# ---- a browser --------------------------------------------------------------------------------------


def test_a_browser_speaks_h2(server):
    leaf = tls.usual()
    key = tls.openssl("pkey", "-pubout", "-outform", "DER", "-in", leaf.key)
    pin = base64.b64encode(hashlib.sha256(key).digest()).decode()
    with serving() as one:
        dom, console = seen(one, "/page.html", "--ignore-certificate-errors-spki-list=" + pin)
        contains(dom, "by h2")
        dom, console = seen(one, "/folder/", "--ignore-certificate-errors-spki-list=" + pin)
        eq(complaints(console), [])
        contains(dom, "a b.txt")
