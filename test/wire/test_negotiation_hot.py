"""Variants and coded forms that are answered from memory: as true as those that are not."""

import gzip
import os
import signal
import subprocess
import threading

import wire
from variants import CONFIG, MAP, OLD, PAGE, PAPER, each, fill, is_choice, is_list, tcn
from wire import STRETCH, eq, lacks, ne, ok, only_over, own_server, wait_for

ONE = CONFIG.replace('listen = { "127.0.0.1:0" }', 'listen = { "127.0.0.1:0" }\nloops = 1', 1)
BOTH = ONE.replace("negotiate = on", "negotiate = on\n  compress = on", 1)
FRENCH = {"Accept-Language": "fr"}
WORDS = b"some words " * 500


def hot(server):
    """Requests that were answered from memory so far."""
    text = subprocess.run([wire.SAMOVAR, "status", server.root], capture_output=True, text=True, timeout=30 * STRETCH, check=True).stdout
    return int(next(line for line in text.split("\n") if line.startswith("requests-hot ")).split()[1])


def warm(server, path, fields):
    """Asks until the answer comes from memory; gives it."""
    got = []

    def is_hot():
        before = hot(server)
        got.append(server.get(path, fields))
        return hot(server) > before

    wait_for(is_hot, "%s with %s is answered from memory" % (path, fields))
    return got[-1]


def prepare(server):
    fill(server, {**PAGE, **PAPER, "a.js": WORDS, "b.js": WORDS, "sub/page.en.html": b"en\n"})
    server.write("b.js.gz", gzip.compress(WORDS, mtime=0), OLD)


def same(one, other):
    eq((one.status, one.body), (other.status, other.body))
    for name in ("ETag", "TCN", "Content-Location", "Vary", "Variant-Vary", "Content-Encoding", "Content-Language", "Content-Type", "Last-Modified"):
        eq(sorted(one.fields.all(name)), sorted(other.fields.all(name)), name)


CASES = [("/page", FRENCH), ("/paper", {"Accept": "text/html", "Accept-Language": "en"}), ("/a.js", {"Accept-Encoding": "gzip"}),
         ("/a.js", {"Accept-Encoding": "br;q=0.5, zstd"}), ("/b.js", {"Accept-Encoding": "gzip, br"}), ("/a.js", {})]


@own_server(config=BOTH, before=prepare)
@each(*CASES)
def test_from_memory_it_is_the_same(server, path, fields):
    first = server.get(path, fields)
    same(first, warm(server, path, fields))
    head = server.head(path, fields)
    eq((head.status, head.etag, head.fields["Content-Length"]), (200, first.etag, str(len(first.body))))
    unchanged = server.get(path, {**fields, "If-None-Match": first.etag})
    eq((unchanged.status, unchanged.etag, unchanged.fields.get("Content-Location")), (304, first.etag, first.fields.get("Content-Location")))
    eq(server.get(path, {**fields, "If-None-Match": '"other"'}).status, 200)


@own_server(config=BOTH, before=prepare)
def test_who_accepts_something_else_gets_something_else(server):
    for language in ("fr", "de", "en", "fr"):
        is_choice(warm(server, "/page", {"Accept-Language": language}), "page.%s.html" % language)
    for coding in ("gzip", "br", "zstd", "identity", "gzip"):
        got = warm(server, "/a.js", {"Accept-Encoding": coding})
        eq(got.fields.get("Content-Encoding"), None if coding == "identity" else coding)
    is_list(server.get("/page", {**FRENCH, "Negotiate": "trans"}))
    is_list(server.get("/page"))
    eq(server.get("/page", {"Accept-Language": "ja"}).status, 406)
    eq(server.get("/a.js", {"Accept-Encoding": "gzip", "Range": "bytes=0-3"}).body, WORDS[:4])
    two = [("Accept-Language", "ja"), ("Accept-Language", "fr")]  # lines are not their words alone
    is_choice(server.get("/page", two), "page.fr.html")


def another(server):
    server.write("page.fr.html", b"nouvelle\n")


def removed(server):
    os.remove(server.path("page.fr.html"))


def added(server):
    server.write("page.fr-ca.html", b"quebec\n")


def shadowed(server):
    server.write("page", b"itself\n")


def mapped(server):
    server.write("page.var", b"URI: page.de.html\nContent-Type: text/html\nContent-Language: fr\n")


def renamed(server):
    os.rename(server.path("page.de.html"), server.path("page.fr.html"))


def sibling(server):
    server.write("page.de.html", b"a longer text, which is in the list with its length\n")


@own_server(config=BOTH, before=prepare)
@each(*(("/page", change) for change in (another, removed, added, shadowed, mapped, renamed, sibling)))
def test_what_happens_in_the_folder_is_seen_at_once(server, path, change):
    for _ in range(2):
        before = warm(server, path, {"Accept-Language": "fr, fr-ca"})
        change(server)
        got = server.get(path, {"Accept-Language": "fr, fr-ca"})
        ok((got.status, got.body, got.fields.get("ETag")) != (before.status, before.body, before.etag), "another answer than before")
        if change is shadowed:
            eq((got.body, tcn(got)), (b"itself\n", None))
        if change is mapped:
            is_choice(got, "page.de.html")
        for name in ("page", "page.var", "page.fr-ca.html"):
            if server.exists(name):
                os.remove(server.path(name))
        fill(server, PAGE)


@own_server(config=BOTH, before=prepare)
@each(("/page", FRENCH), ("/paper", {"Accept": "text/html", "Accept-Language": "en"}), ("/a.js", {"Accept-Encoding": "gzip"}))
def test_what_happens_to_others_in_the_folder_leaves_it_in_memory(server, path, fields):
    warm(server, path, fields)
    before = hot(server)
    for change in (lambda: server.write("aside.txt", b"new\n"), lambda: os.utime(server.path("aside.txt")), lambda: os.remove(server.path("aside.txt"))):
        change()
        eq(server.get(path, fields).status, 200)
    eq(hot(server), before + 3)


@own_server(config=BOTH, before=prepare)
@each("one.en", "both.fr", "both.var")
def test_of_a_map_whose_files_are_called_otherwise_each_counts(server, name):
    record = "URI: %s\nContent-Type: text/plain\nContent-Language: %s\n\n"
    fill(server, {"one.en": b"one\n", "both.fr": b"les deux\n", "both.var": (record % ("one.en", "en") + record % ("both.fr", "fr")).encode()})
    for path in ("/both", "/both.var"):
        before = warm(server, path, FRENCH)
        is_choice(before, "both.fr")
        old = server.read(name)
        server.write(name, old.replace(b"text/plain", b"text/x-other") if name == "both.var" else b"%s again\n" % old)
        ne(server.get(path, FRENCH).etag, before.etag)
        fill(server, {name: old})


@own_server(config=BOTH, before=prepare)
def test_a_form_beside_a_file_is_seen_when_it_comes_changes_and_goes(server):
    fields = {"Accept-Encoding": "gzip"}
    made = warm(server, "/a.js", fields)
    other = gzip.compress(WORDS, 1, mtime=0)
    server.write("a.js.gz", other, OLD + 10)
    got = server.get("/a.js", fields)
    eq(got.body, other)
    ne(got.etag, made.etag)
    warm(server, "/a.js", fields)
    newer = gzip.compress(WORDS, 9, mtime=0) + gzip.compress(b"", mtime=0)
    server.write("a.js.gz", newer, OLD + 20)
    eq(server.get("/a.js", fields).body, newer)
    warm(server, "/a.js", fields)
    os.remove(server.path("a.js.gz"))
    same(made, server.get("/a.js", fields))
    warm(server, "/a.js", fields)
    server.write("a.js", b"// another\n" * 100, OLD + 30)
    eq(gzip.decompress(server.get("/a.js", fields).body), b"// another\n" * 100)


@own_server(config=BOTH, before=prepare)
def test_a_map_that_is_changed_counts_at_once(server):
    fields = {"Accept": "text/html", "Accept-Language": "en"}
    is_choice(warm(server, "/paper", fields), "paper.en")
    server.write("paper.var", MAP.replace(b"URI: paper.en", b"URI: paper.ps"))
    is_choice(server.get("/paper", fields), "paper.ps")
    is_choice(warm(server, "/paper", fields), "paper.ps")


@own_server(config=BOTH, before=prepare)
def test_a_put_and_a_delete_count_at_once(server):
    for i in range(3):
        warm(server, "/page", FRENCH)
        eq(server.put("/page.fr.html", b"numero %d\n" % i).status, 204)
        eq(server.get("/page", FRENCH).body, b"numero %d\n" % i)
    warm(server, "/page", FRENCH)
    eq(server.delete("/page.fr.html").status, 204)
    eq(server.get("/page", FRENCH).status, 406)


@own_server(config=BOTH, before=prepare)
def test_a_reload_makes_all_of_it_cold(server):
    warm(server, "/page", FRENCH)
    with open(server.tmp + "/samovar.conf", "w", encoding="utf-8") as out:
        out.write(server.fill_in(BOTH.replace("negotiate = on", "negotiate = off", 1)))
    server.signal(signal.SIGHUP)
    wait_for(lambda: server.get("/page", FRENCH).status == 404, "the new configuration holds")


@own_server(config=BOTH.replace('root = "{root}"', 'root = "{root}"\n  limit "l" { rate = 3/h  burst = 12  paths = { "/page" } }', 1), before=prepare)
def test_limits_are_those_of_the_address_that_was_asked(server):
    """Of the negotiable one, whatever is chosen; and they count from memory, too."""
    got = [server.get("/page", FRENCH).status for _ in range(14)]
    eq(got, [200] * 12 + [429] * 2)
    eq(server.get("/page.fr.html").status, 200)


@only_over("h1", why="it is the cache that is tried")
@own_server(config=BOTH, before=prepare)
def test_no_reader_sees_what_was_before_an_acknowledged_write(server):
    """Others rewrite the folder while readers ask; whoever asks after a write sees it, or a later one."""
    state = {"done": 0, "over": False, "wrong": []}

    def read():
        with server.connect() as conn:
            while not state["over"]:
                least = state["done"]
                seen = conn.ask("GET", "/page", FRENCH).body
                if int(seen) < least:
                    state["wrong"].append((seen, least))

    fill(server, {"page.fr.html": b"0\n"})
    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    try:
        for i in range(1, 150):
            with open(server.path("next"), "wb") as out:
                out.write(b"%d\n" % i)
            os.rename(server.path("next"), server.path("page.fr.html"))
            state["done"] = i
            if i % 10 == 0:
                threading.Event().wait(0.02 * STRETCH)
    finally:
        state["over"] = True
        for reader in readers:
            reader.join()
    eq(state["wrong"], [])
