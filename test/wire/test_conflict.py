"""`require-match = conflict-copy`: what a client overwrites without having seen it is kept beside the new content (docs/policy/428.md)."""

import base64
import hashlib
import os
import re

from dav import XML, lock_of, unlock
from wire import cases, contains, eq, lacks, obliges, ok, own_server

SITE = 'listen = { "127.0.0.1:0" }\nsite "s" {\n  root = "{root}"\n  require-match = conflict-copy\n%s}\n'
CONFIG = SITE % '  at "/free" { require-match = off }\n  at "/named.txt" { hidden = listed }\n'
FILES = {"f.txt": b"first", "free/f": b"first", "named.txt": b"first", "folder/g.txt": b"first"}


def copies(server, folder=""):
    return sorted(name for name in os.listdir(server.path(folder)) if "(conflict " in name)


def kept(server, got):
    """The content of the version that the answer's Link names, and its path."""
    link = re.match(r'^<(/[^>]*)>; rel="predecessor-version"$', got.fields["Link"])
    ok(link, "a Link: %r" % got.fields["Link"])
    there = server.get(link.group(1))
    eq(there.status, 200, "the version that was kept")
    return there.body, link.group(1)


@own_server(config=CONFIG, files=FILES)
def test_what_was_not_seen_is_kept_beside(server):
    got = server.put("/f.txt", b"second")
    eq(got.status, 204)
    body, path = kept(server, got)
    eq(body, b"first")
    ok(re.match(r"^/f%20\(conflict%20\d{4}-\d\d-\d\d%20guest\)\.txt$|^/f%20%28conflict%20[-0-9]*%20guest%29\.txt$", path), path)
    eq(server.read("f.txt"), b"second")
    eq(len(copies(server)), 1)
    eq(os.stat(server.path(copies(server)[0])).st_nlink, 1, "names of the kept version")


@own_server(config=CONFIG, files=FILES)
@cases(("get", {}, 200), ("range", {"Range": "bytes=0-1"}, 206), ("not-modified", None, 304))
def test_what_was_fetched_is_replaced(server, fields, status):
    eq(server.get("/f.txt", fields if fields is not None else {"If-None-Match": server.request("HEAD", "/f.txt").etag}).status, status)
    got = server.put("/f.txt", b"second")
    eq(got.status, 204)
    lacks(got.fields, "Link")
    eq(copies(server), [])
    eq(server.put("/f.txt", b"third").status, 204, "over its own")
    eq(copies(server), [])


@own_server(config=SITE % "  history = 5\n  at \"/d\" { dictionary = self  fresh = 1m }\n", files={"d/x": b"x"})
@cases(("delta", 226), ("dictionary", 200))
def test_what_was_fetched_as_a_difference_is_replaced(server, status):
    old, new = b"the same words\n" * 500, b"the same words\n" * 500 + b"and more\n"
    tag = server.put("/d/f", old).etag
    eq(server.put("/d/f", new, {"User-Agent": "other", "If-Match": tag}).status, 204, "somebody else's")
    wish = {"A-IM": "vcdiff", "If-None-Match": tag}
    if status == 200:
        digest = base64.b64encode(hashlib.sha256(old).digest()).decode()
        wish = {"Accept-Encoding": "dcz", "Available-Dictionary": ":%s:" % digest}
    got = server.get("/d/f", wish)
    eq((got.status, got.fields.get("Content-Encoding")), (status, "dcz" if status == 200 else None))
    got = server.put("/d/f", b"third")
    eq(got.status, 204)
    lacks(got.fields, "Link")
    eq(copies(server, "d"), [])


@own_server(config=CONFIG, files=FILES)
@cases(("head", "HEAD", {}), ("propfind", "PROPFIND", {"Depth": "0"}), ("options", "OPTIONS", {}))
def test_who_only_asked_about_it_has_not_fetched_it(server, method, fields):
    server.request(method, "/f.txt", fields)
    eq(kept(server, server.put("/f.txt", b"second"))[0], b"first")


@own_server(config=CONFIG, files=FILES)
def test_what_others_wrote_since_is_kept(server):
    server.get("/f.txt")
    server.write("f.txt", b"by others, meanwhile")
    eq(kept(server, server.put("/f.txt", b"mine"))[0], b"by others, meanwhile")


@own_server(config=CONFIG, files=FILES)
def test_programs_are_told_apart(server):
    server.get("/f.txt", {"User-Agent": "one"})
    eq(kept(server, server.put("/f.txt", b"second", {"User-Agent": "two"}))[0], b"first")


@own_server("--user", "alice:a", "--user", "bob:b", "--require-match", "conflict-copy", files=FILES)
def test_users_are_told_apart_and_named(server):
    alice, bob = [{"Authorization": "Basic " + text} for text in ("YWxpY2U6YQ==", "Ym9iOmI=")]
    eq(server.get("/f.txt", alice).status, 200)
    eq(server.get("/f.txt", bob).status, 200)
    eq(server.put("/f.txt", b"by alice", {**alice, "User-Agent": "another"}).status, 204)
    eq(copies(server), [], "alice had fetched it")
    got = server.put("/f.txt", b"by bob", bob)
    eq(got.status, 204)
    ok(re.match(r"^f \(conflict \d{4}-\d\d-\d\d bob\)\.txt$", copies(server)[0]), copies(server))
    eq(server.read(copies(server)[0]), b"by alice")


@obliges("POL-C1")
@own_server(config=CONFIG, files=FILES)
def test_who_says_which_version_he_means_makes_no_copy(server):
    tag = server.request("HEAD", "/f.txt").etag
    got = server.put("/f.txt", b"second", {"If": "([%s])" % tag})
    if got.status != 412:  # a weak tag never matches there
        eq(got.status, 204)
        eq(copies(server), [])
    eq(server.put("/f.txt", b"x", {"If-Match": '"other"'}).status, 412)
    eq(copies(server), [])
    kept(server, server.put("/folder/g.txt", b"second", {"If-Match": "*"}))


@obliges("POL-C1")
@own_server(config=CONFIG, files=FILES)
def test_who_holds_a_lock_makes_no_copy(server):
    token = lock_of(server, "/f.txt")[1:-1]
    eq(server.put("/f.txt", b"second", {"If": "(<%s>)" % token}).status, 204)
    unlock(server, "/f.txt", "<%s>" % token)
    token = lock_of(server, "/folder/")[1:-1]
    eq(server.put("/folder/g.txt", b"second", {"If": "</folder/> (<%s>)" % token}).status, 204)
    eq(copies(server) + copies(server, "folder"), [])


@obliges("POL-C2")
@own_server(config=CONFIG, files=FILES)
def test_what_is_new_is_just_made(server):
    got = server.put("/new", b"n")
    eq(got.status, 201)
    lacks(got.fields, "Link")
    eq(server.put("/new", b"o").status, 204)
    eq(copies(server), [])


@own_server(config=CONFIG, files=FILES)
def test_names_that_are_taken_get_a_number(server):
    for number in range(3):
        server.write("f.txt", b"version %d" % number)
        eq(kept(server, server.put("/f.txt", b"x%d" % number))[0], b"version %d" % number)
    eq(len(copies(server)), 3)
    ok(copies(server)[1].endswith(" 3).txt") or copies(server)[0].endswith(" 2).txt"), copies(server))


LONG = "ä" * 125 + ".html"


@own_server(config=CONFIG, files={LONG: b"first", ".profile": b"first", "a.tar.gz": b"first"})
@cases(("long", LONG), ("dot", ".profile"), ("two", "a.tar.gz"))
def test_names_keep_their_ends_and_their_limits(server, name):
    got = server.put(server_path(name), b"second")
    eq(got.status, 204)
    eq(kept(server, got)[0], b"first")
    copy = copies(server)[0]
    ok(len(copy.encode()) <= 255, len(copy.encode()))
    if name == ".profile":
        ok(copy.startswith(".profile (conflict "), copy)
    else:
        ok(copy.endswith(os.path.splitext(name)[1]), copy)


def server_path(name):
    return "/" + "".join(chr(c) if chr(c).isalnum() and c < 128 or chr(c) in "._-" else "%%%02X" % c for c in name.encode())


@own_server(config=CONFIG, files=FILES)
def test_properties_stay_with_the_file(server):
    patch = b'<D:propertyupdate xmlns:D="DAV:"><D:set><D:prop><x xmlns="urn:x">mine</x></D:prop></D:set></D:propertyupdate>'
    eq(server.request("PROPPATCH", "/f.txt", XML, patch).status, 207)
    path = kept(server, server.put("/f.txt", b"second"))[1]
    contains(server.request("PROPFIND", "/f.txt", {"Depth": "0"}).body, b"urn:x")
    lacks(server.request("PROPFIND", path, {"Depth": "0"}).body, b"urn:x")
    server.stop()
    server.start()
    lacks(server.request("PROPFIND", path, {"Depth": "0"}).body, b"urn:x")
    contains(server.request("PROPFIND", "/f.txt", {"Depth": "0"}).body, b"urn:x")


@own_server(config=CONFIG, files=FILES)
def test_the_kept_version_is_a_new_member(server):
    ask = (b'<D:sync-collection xmlns:D="DAV:"><D:sync-token>%s</D:sync-token><D:sync-level>1</D:sync-level>'
           b'<D:prop><D:getetag/></D:prop></D:sync-collection>')
    first = server.request("REPORT", "/folder/", XML, ask % b"")
    token = re.search(rb"<D:sync-token>([^<]*)<", first.body).group(1)
    path = kept(server, server.put("/folder/g.txt", b"second"))[1]
    changed = server.request("REPORT", "/folder/", XML, ask % token)
    eq(changed.status, 207)
    contains(changed.body, b"/folder/g.txt<")
    contains(changed.body, b"conflict")
    contains(server.get("/folder/").body, b"(conflict ")
    eq(server.delete(path).status, 204, "it can be removed like any other")


@own_server(config=SITE % '  at "/small" { quota = 10 }\n', files={"small/f": b"12345"})
def test_a_quota_counts_it(server):
    eq(server.put("/small/f", b"123456").status, 507)
    eq((server.read("small/f"), copies(server, "small")), (b"12345", []))
    kept(server, server.put("/small/f", b"12345"))
    server.write("small/f", b"by o.")
    eq(server.put("/small/f", b"1").status, 507, "both are counted")


@obliges("POL-17", "POL-18")
@own_server(config=CONFIG, files=FILES)
def test_where_nothing_can_be_kept_a_condition_is_required(server):
    got = server.put("/named.txt", b"second")
    eq(got.status, 428, "a rule names this very file")
    contains(got.body, b"If-Match")
    os.symlink("f.txt", server.path("link"))
    eq(server.put("/link", b"second").status, 428)
    eq(server.request("LOCK", "/folder/", {**XML, "Depth": "0"}, b'<D:lockinfo xmlns:D="DAV:"><D:lockscope><D:exclusive/></D:lockscope>'
                      b'<D:locktype><D:write/></D:locktype></D:lockinfo>').status, 200)
    eq(server.put("/folder/g.txt", b"second").status, 428, "no new member can be made there without the folder's lock")
    for name in "named.txt", "f.txt", "folder/g.txt":
        eq(server.read(name), b"first")
    eq(copies(server) + copies(server, "folder"), [])


@own_server(config=CONFIG, files=FILES)
def test_other_changes_are_just_done(server):
    eq(server.request("MOVE", "/f.txt", {"Destination": "/folder/g.txt"}).status, 204)
    eq(server.delete("/folder/g.txt").status, 204)
    eq(server.put("/free/f", b"second").status, 204)
    eq(copies(server) + copies(server, "folder") + copies(server, "free"), [])


@own_server(config=CONFIG, files=FILES)
def test_what_a_client_copied_or_moved_itself_it_knows(server):
    eq(server.request("COPY", "/f.txt", {"Destination": "/copied"}).status, 201)
    eq(server.put("/copied", b"second").status, 204)
    server.get("/f.txt")
    eq(server.request("MOVE", "/f.txt", {"Destination": "/moved"}).status, 201)
    eq(server.put("/moved", b"second").status, 204)
    eq(copies(server), [])
    eq(server.request("MOVE", "/folder/g.txt", {"Destination": "/unseen"}).status, 201)
    eq(kept(server, server.put("/unseen", b"second"))[0], b"first")
