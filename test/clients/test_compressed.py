"""Content codings as clients ask for them: curl, wget, rclone, cadaver, a browser; nobody's copy is wrong."""

import os

from client import Room, needs
from codings import make, text
from wire import contains, eq, lacks, ok, own_server, skip

CONFIG = """listen = { "127.0.0.1:0" }
site "s" {
  root = "{root}"
  compress = on
  fresh = 1h
}
"""
PAGE = text(200000, 21)
TREE = {"page.txt": PAGE, "docs/a.json": text(5000, 22), "docs/b.js": text(70000, 23), "docs/small.txt": b"small",
        "docs/noise.txt": os.urandom(3000), "photo.jpg": text(9000, 24)}
BESIDE = {**TREE, "beside.js": PAGE, "beside.js.br": make("br", PAGE), "beside.js.gz": make("gzip", PAGE)}


def curl(room, *words):
    return room.run(needs("curl"), "-sSf", "--max-time", "30", *words)[0]


@own_server(config=CONFIG, files=BESIDE)
def test_curl_compressed(server):
    with Room(server) as room:
        for name, content in BESIDE.items():
            for _ in range(3):
                curl(room, "--compressed", "-o", "got", "-D", "head", "%s/%s" % (room.url, name))
                eq(room.file("got"), content)
            coded = b"content-encoding: " in room.file("head").lower()
            eq(coded, name in ("page.txt", "docs/a.json", "docs/b.js", "beside.js"))
        sizes = curl(room, "--compressed", "-o", "/dev/null", "-w", "%{size_download}", room.url + "/page.txt")
        ok(int(sizes) < len(PAGE) / 2, "less came over: %s" % sizes)


@own_server(config=CONFIG, files=TREE)
def test_curl_continues_a_decoded_file(server):
    """Its part is of the plain content, since that is what lies on its disk."""
    with Room(server) as room:
        room.file("page.txt", PAGE[:77777])
        curl(room, "--compressed", "-C", "-", "-O", room.url + "/page.txt")
        eq(room.file("page.txt"), PAGE)


@own_server(config=CONFIG, files=TREE)
def test_curl_asks_by_the_tag_it_has(server):
    with Room(server) as room:
        tag = room.path + "/tag"
        for number, want in enumerate((b"200", b"304", b"304")):
            got = curl(room, "--compressed", "--etag-save", tag, "--etag-compare", tag, "-o", "got%d" % number, "-w",
                       "%{http_code}", room.url + "/page.txt")
            eq(got, want)
        eq(room.file("got0"), PAGE)


@own_server(config=CONFIG, files=TREE)
def test_wget(server):
    with Room(server) as room:
        for words in (("--compression=auto",), ("--compression=gzip",), ()):
            room.run(needs("wget"), "-q", "--tries=1", *words, "-O", "got", room.url + "/page.txt")
            eq(room.file("got"), PAGE)
        room.file("page.txt", PAGE[:50000])
        room.run(needs("wget"), "-q", "--tries=1", "--compression=auto", "-c", room.url + "/page.txt")
        eq(room.file("page.txt"), PAGE)


@own_server(config=CONFIG, files=TREE)
def test_rclone_sees_no_difference(server):
    """It asks for gzip by itself, and compares sizes with those of PROPFIND."""
    with Room(server) as room:
        def drive(*words):
            return room.run(needs("rclone"), "--retries", "1", "--low-level-retries", "1", "-v", "--webdav-url", room.url,
                            "--webdav-vendor", "other", *words)[1]

        drive("sync", ":webdav:", "copy")
        for name, content in TREE.items():
            eq(room.file("copy/" + name), content)
        drive("check", "--download", ":webdav:", "copy")
        room.file("copy/page.txt", PAGE + b"changed")
        drive("sync", "copy", ":webdav:")
        eq(server.read("page.txt"), PAGE + b"changed")
        lacks(drive("sync", ":webdav:", "copy"), b"Copied")


@own_server(config=CONFIG, files=TREE)
def test_rclone_over_pages(server):
    with Room(server) as room:
        room.run(needs("rclone"), "--retries", "1", "--http-url", room.url, "copy", ":http:", "copy")
        for name, content in TREE.items():
            eq(room.file("copy/" + name), content)


@own_server(config=CONFIG, files=TREE)
def test_cadaver(server):
    with Room(server) as room:
        room.file("script", b"get page.txt got\nquit\n")
        room.run("/bin/sh", "-c", "%s %s/ < script" % (needs("cadaver"), room.url))
        eq(room.file("got"), PAGE)


@own_server(config=CONFIG, files={
    "page.html": (b"<!doctype html><title>c</title><p id=p>waiting</p><script src=/a.js></script><script>addEventListener('load',"
                  b"() => { const e = performance.getEntriesByName(location.origin + '/a.js')[0];"
                  b"document.getElementById('p').textContent = `f=${f(3)} sent ${e.encodedBodySize} of ${e.decodedBodySize}.`; })"
                  b"</script>"),
    "a.js": b"function f(x) { return x * 14; }\n" + b"/* " + text(50000, 25) + b" */\n"})
def test_a_browser(server):
    program = needs("chromium")
    with Room(server) as room:
        out, err = room.run(program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                            "--no-first-run", "--disable-background-networking", "--disable-component-update",
                            "--disable-sync", "--user-data-dir=" + room.path + "/profile", "--timeout=30000",
                            "--virtual-time-budget=30000", "--dump-dom",
                            room.url.replace("127.0.0.1", "localhost") + "/page.html", status=None, seconds=60)
    page = out.decode("utf-8", "replace")
    if "<html" not in page:
        skip("chromium does not run here: %r" % err[-300:])
    contains(page, "f=42 sent ")
    sent, whole = [int(word) for word in page.split(" sent ")[1].split(".")[0].split(" of ")]
    eq(whole, os.path.getsize(server.path("a.js")))
    ok(sent < whole / 2, "%d of %d octets were sent" % (sent, whole))
