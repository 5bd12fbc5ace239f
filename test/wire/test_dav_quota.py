"""Quotas: RFC 4331 §3 to §6, RFC 4918 §11.5."""

import os

from dav import D, XML, error_of, lock_of, propfind, proppatch, props_of, set_of, unlock
from wire import cases, chunked, eq, head_of, obliges, ok, one_of, only_over, own_server, wait_for

KIB = 1024
LIMIT = 100 * KIB
NAMES = ("put", "replace", "expect", "chunks", "finder", "copy",
         "move", "nest", "small", "race", "left", "delete", "full")
CONFIG = """
listen = { "127.0.0.1:0" }
site "s" {
    root = "{root}"
    allow-write = anyone
    at "/" { allow "*" { rights = { "read", "write", "lock" } } }
    at "/nest/in" { quota = "50K" }
    at "/kept/away" { quota = "1M" }
%s}
""" % "".join(f'    at "/{name}" {{ quota = "100K" }}\n' for name in NAMES)
FILES = {f"{name}/.keep": b"" for name in NAMES + ("free", "nest/in", "nest/in/deep", "small/sub")}
USED, AVAILABLE = D + "quota-used-bytes", D + "quota-available-bytes"


def quota(server, target):
    """(used, available)"""
    found = props_of(server, target, USED, AVAILABLE)
    return int(found.text(USED)), int(found.text(AVAILABLE))


def is_over(got):
    eq(error_of(got, 507), "quota-not-exceeded")


def copy(server, source, to, method="COPY", **fields):
    return server.request(method, source, {"Destination": to, **fields})


@obliges("DAV-165", "DAV-168", "DAV-170", "DAV-171", "DAV-202")
def test_what_would_be_more_is_refused_and_changes_nothing(server):
    eq(quota(server, "/put/"), (0, LIMIT))
    eq(server.put("/put/a", b"a" * 60 * KIB).status, 201)
    eq(quota(server, "/put/"), (60 * KIB, 40 * KIB))
    is_over(server.put("/put/b", b"b" * (40 * KIB + 1)))
    eq(server.names("put"), [".keep", "a"])
    eq(quota(server, "/put/"), (60 * KIB, 40 * KIB))
    eq(server.put("/put/b", b"b" * 40 * KIB).status, 201, "to the last octet")
    eq(quota(server, "/put/"), (LIMIT, 0))
    is_over(server.put("/put/c", b"c"))
    eq(server.put("/put/empty", b"").status, 201, "nothing always fits")
    eq(server.delete("/put/a").status, 204)
    eq(quota(server, "/put/"), (40 * KIB, 60 * KIB))
    eq(server.put("/put/c", b"c").status, 201, "the same request")


@obliges("DAV-168", "DAV-170", "DAV-171")
def test_a_replacement_counts_by_what_it_is_longer(server):
    eq(server.put("/replace/a", b"a" * 60 * KIB).status, 201)
    eq(server.put("/replace/rest", b"r" * 30 * KIB).status, 201)
    proppatch(server, "/replace/a", set_of("<z:kept>1</z:kept>"))
    tag = server.get("/replace/a").etag
    is_over(server.put("/replace/a", b"b" * (70 * KIB + 1)))
    eq((server.read("replace/a"), server.get("/replace/a").etag), (b"a" * 60 * KIB, tag))
    eq(props_of(server, "/replace/a", "{urn:z}kept").text("{urn:z}kept"), "1")
    eq(quota(server, "/replace/"), (90 * KIB, 10 * KIB))
    eq(server.put("/replace/a", b"b" * 70 * KIB).status, 204)
    eq(server.put("/replace/a", b"b").status, 204)
    eq(quota(server, "/replace/"), (30 * KIB + 1, 70 * KIB - 1))


@obliges("DAV-172", "DAV-168")
def test_a_content_that_will_not_fit_is_not_even_asked_for(server):
    with server.connect() as conn:
        conn.send(head_of("PUT", "/expect/big", {"Content-Length": LIMIT + 1, "Expect": "100-continue"}))
        got = conn.read("PUT")
    is_over(got)
    eq(got.interim, [], "no 100")
    eq(server.names("expect"), [".keep"])
    with server.connect() as conn:
        conn.send(head_of("PUT", "/expect/fits", {"Content-Length": "4", "Expect": "100-continue"}))
        conn.read_interim(100)
        conn.send("fits")
        eq(conn.read("PUT").status, 201)


def test_the_refusal_comes_amid_the_content(server):
    with server.connect() as conn:
        conn.send(head_of("PUT", "/expect/amid", {"Content-Length": 10 * LIMIT}) + b"x" * 64 * KIB)
        is_over(conn.read("PUT"))
    ok(not server.exists("expect/amid"), "nothing was stored")


@only_over("h1", "tls", why="HTTP/2 has no chunks")
@obliges("DAV-168", "DAV-170")
@cases(("one chunk", 0), ("small chunks", 4000))
def test_a_content_of_unknown_length_is_refused_when_it_is_too_long(server, size):
    server.put("/chunks/old", b"old")
    for target in "/chunks/new", "/chunks/old":
        with server.connect() as conn:
            conn.send(head_of("PUT", target, {"Transfer-Encoding": "chunked"}))
            try:
                conn.send(chunked(b"x" * 2 * LIMIT, size))
            except (BrokenPipeError, ConnectionResetError):
                pass
            is_over(conn.read("PUT"))
    eq((server.names("chunks"), server.read("chunks/old")), ([".keep", "old"], b"old"))
    eq(quota(server, "/chunks/"), (3, LIMIT - 3))
    with server.connect() as conn:
        conn.send(head_of("PUT", "/chunks/old", {"Transfer-Encoding": "chunked"}) + chunked(b"o" * LIMIT, size))
        eq(conn.read("PUT").status, 204, "all of it")
    eq(server.put("/chunks/old", b"old").status, 204)


@only_over("h1", "tls", why="HTTP/2 has no chunks")
def test_finder_is_refused_before_its_chunks(server):
    with server.connect() as conn:
        conn.request("PUT", "/finder/big", {"Transfer-Encoding": "chunked", "X-Expected-Entity-Length": LIMIT + 1,
                                            "Expect": "100-continue"}, None)
        got = conn.read("PUT")
    is_over(got)
    eq(got.interim, [])


@obliges("DAV-168", "DAV-170", "DAV-171", "DAV-108")
def test_copies_count(server):
    server.write("free/tree/a", b"a" * 60 * KIB)
    server.write("free/tree/sub/b", b"b" * 30 * KIB)
    server.write("free/big", b"c" * (LIMIT + 1))
    is_over(copy(server, "/free/big", "/copy/big"))
    eq(copy(server, "/free/tree/", "/copy/tree/").status, 201)
    eq(quota(server, "/copy/"), (90 * KIB, 10 * KIB))
    is_over(copy(server, "/copy/tree/a", "/copy/again"))
    is_over(copy(server, "/copy/tree/", "/copy/twice/"))
    eq(server.names("copy"), [".keep", "tree"], "no half of it")
    eq(quota(server, "/copy/"), (90 * KIB, 10 * KIB))
    eq(copy(server, "/free/tree/sub/b", "/copy/tree/a").status, 204, "in the place of a larger one")
    eq(quota(server, "/copy/"), (60 * KIB, 40 * KIB))
    eq(copy(server, "/free/tree/", "/copy/tree/").status, 204, "in the place of another folder")
    eq(quota(server, "/copy/"), (90 * KIB, 10 * KIB))
    eq(copy(server, "/copy/tree/", "/free/out/").status, 201, "out of it")
    eq(quota(server, "/copy/"), (90 * KIB, 10 * KIB))
    eq(server.delete("/copy/tree/").status, 204)
    eq(quota(server, "/copy/"), (0, LIMIT))


@obliges("DAV-168", "DAV-170", "DAV-171")
def test_moves_count_where_they_cross_a_border(server):
    server.write("free/in/a", b"a" * 60 * KIB)
    server.write("free/in/sub/b", b"b" * 40 * KIB)
    server.write("free/more", b"m")
    eq(copy(server, "/free/in/", "/move/in/", "MOVE").status, 201)
    eq(quota(server, "/move/"), (LIMIT, 0))
    is_over(copy(server, "/free/more", "/move/more", "MOVE"))
    server.write("free/tree/m", b"m")
    is_over(copy(server, "/free/tree/", "/move/tree/", "MOVE"))
    eq(server.names("move"), [".keep", "in"])
    ok(server.exists("free/more") and server.exists("free/tree/m"), "they are where they were")
    eq(copy(server, "/move/in/", "/move/other/", "MOVE").status, 201, "within")
    eq(copy(server, "/move/other/a", "/move/c", "MOVE").status, 201, "within")
    eq(quota(server, "/move/"), (LIMIT, 0))
    eq(copy(server, "/free/more", "/move/c", "MOVE").status, 204, "in the place of a larger one")
    eq(quota(server, "/move/"), (40 * KIB + 1, 60 * KIB - 1))
    eq(copy(server, "/move/other/", "/free/out of it/", "MOVE").status, 201)
    eq(quota(server, "/move/"), (1, LIMIT - 1))


@obliges("DAV-168", "DAV-165")
def test_quotas_above_count_too(server):
    is_over(server.put("/nest/in/a", b"a" * (50 * KIB + 1)))
    eq(server.put("/nest/in/deep/a", b"a" * 40 * KIB).status, 201)
    eq(quota(server, "/nest/in/"), (40 * KIB, 10 * KIB))
    eq(quota(server, "/nest/in/deep/"), (40 * KIB, 10 * KIB), "the nearest one above")
    eq(quota(server, "/nest/"), (40 * KIB, 60 * KIB))
    is_over(server.put("/nest/b", b"b" * (60 * KIB + 1)))
    eq(server.put("/nest/b", b"b" * 55 * KIB).status, 201)
    is_over(server.put("/nest/in/c", b"c" * 6 * KIB))
    eq(quota(server, "/nest/in/")[1], 5 * KIB, "what can really be put there")
    is_over(copy(server, "/nest/b", "/nest/in/b", "MOVE"))
    eq(copy(server, "/nest/in/deep/a", "/nest/a", "MOVE").status, 201, "outward")
    eq((quota(server, "/nest/in/")[0], quota(server, "/nest/")[0]), (0, 95 * KIB))


def test_what_is_no_content_does_not_count(server):
    """Folders, properties, locks: MKCOL and PROPPATCH work where nothing more fits."""
    eq(server.put("/full/all", b"x" * LIMIT).status, 201)
    eq(server.request("MKCOL", "/full/folder/").status, 201)
    eq(proppatch(server, "/full/all", set_of("<z:long>" + "x" * 2000 + "</z:long>")).status, 207)
    token = lock_of(server, "/full/locked")
    is_over(server.put("/full/locked", b"x", {"If": f"({token})"}))
    unlock(server, "/full/locked", token)
    eq(quota(server, "/full/"), (LIMIT, 0))
    one_of(server.get("/full/all").status, (200,))
    eq(server.delete("/full/all").status, 204)
    eq(quota(server, "/full/"), (0, LIMIT))


def test_elsewhere_the_disk_is_the_quota(server):
    facts = os.statvfs(server.root)
    used, available = quota(server, "/free/")
    ok(used > 0 and 0 < available <= facts.f_blocks * facts.f_frsize, f"{used}, {available}")
    eq(server.put("/free/large", b"x" * 3 * LIMIT).status, 201)


def test_two_at_once_do_not_both_get_the_rest(server):
    fields = {"Content-Length": 60 * KIB}
    with server.connect() as one, server.connect() as two:
        one.send(head_of("PUT", "/race/one", {**fields, "Expect": "100-continue"}))
        one.read_interim(100)
        two.send(head_of("PUT", "/race/two", {**fields, "Expect": "100-continue"}))
        is_over(two.read("PUT"))
        one.send(b"1" * 60 * KIB)
        eq(one.read("PUT").status, 201)
    eq(quota(server, "/race/"), (60 * KIB, 40 * KIB))


def test_who_leaves_amid_its_content_holds_nothing(server):
    conn = server.connect()
    conn.send(head_of("PUT", "/left/one", {"Content-Length": 90 * KIB, "Expect": "100-continue"}))
    conn.read_interim(100)
    conn.reset()
    wait_for(lambda: server.put("/left/two", b"2" * 90 * KIB).status in (201, 204), "its share is free again")
    eq(quota(server, "/left/"), (90 * KIB, 10 * KIB))



OWN_FILES = {"put/a": b"a" * 60 * KIB, "put/sub/b": b"b" * 10 * KIB, "free/x": b"x"}


def limit_to(server, text):
    server.config = CONFIG.replace('at "/put" { quota = "100K" }', text)
    with open(server.config_path, "w", encoding="utf-8") as out:
        out.write(server.fill_in(server.config))
    server.signal(1)


@obliges("DAV-170", "DAV-171")
@own_server(config=CONFIG, files=OWN_FILES)
def test_totals_outlive_restarts_and_crashes(server):
    wait_for(lambda: quota(server, "/put/") == (70 * KIB, 30 * KIB), "what was there before")
    eq(server.put("/put/c", b"c" * 20 * KIB).status, 201)
    server.stop()
    server.start()
    eq(quota(server, "/put/"), (90 * KIB, 10 * KIB))
    is_over(server.put("/put/d", b"d" * 11 * KIB))
    eq(server.put("/put/d", b"d" * 5 * KIB).status, 201)
    server.kill()
    server.start()
    wait_for(lambda: quota(server, "/put/") == (95 * KIB, 5 * KIB), "counted again")
    is_over(server.put("/put/e", b"e" * 6 * KIB))
    eq(server.delete("/put/sub/").status, 204)
    eq(quota(server, "/put/"), (85 * KIB, 15 * KIB))


@own_server(config=CONFIG, files=OWN_FILES)
def test_another_quota_is_taken_up_by_a_reload(server):
    wait_for(lambda: quota(server, "/put/")[0] == 70 * KIB, "counted")
    is_over(server.put("/put/c", b"c" * 40 * KIB))
    limit_to(server, 'at "/put" { quota = "200K" }')
    wait_for(lambda: quota(server, "/put/") == (70 * KIB, 130 * KIB), "the larger one")
    eq(server.put("/put/c", b"c" * 40 * KIB).status, 201)
    limit_to(server, 'at "/put" { quota = "50K" }')
    wait_for(lambda: quota(server, "/put/") == (110 * KIB, 0), "the smaller one")
    is_over(server.put("/put/d", b"d"))
    eq(server.put("/put/a", b"smaller").status, 204, "what makes it less is fine")
    limit_to(server, "")
    wait_for(lambda: server.put("/put/d", b"d" * 300 * KIB).status in (201, 204), "none")
    limit_to(server, 'at "/put" { quota = "400K" }')
    wait_for(lambda: quota(server, "/put/")[0] == 350 * KIB + 7, "counted anew, with what came meanwhile")


@obliges("DAV-166")
def test_quotas_are_asked_for_by_name(server):
    found = propfind(server, "/small/", b'<D:propfind xmlns:D="DAV:"><D:propname/></D:propfind>')
    for name in b"quota-used-bytes", b"quota-available-bytes":
        ok(name in found.body, "in propname")
        ok(name not in server.request("PROPFIND", "/small/", {"Depth": "0", **XML}).body, "not in allprop")
