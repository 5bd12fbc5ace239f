"""COPY, MOVE and DELETE of files and folders: RFC 4918 §9.6 to §9.9."""

import xml.etree.ElementTree as xml

from wire import cases, contains, eq, lacks, obliges, ok, one_of, own_server

FILES = {"ten.txt": b"0123456789", "other.txt": b"other", "tree/a.txt": b"a", "tree/sub/b.txt": b"b", "gone.txt": b"g",
         "dir/x.txt": b"x", "wipe/x/y.txt": b"y", "old/1.txt": b"1", "new/2.txt": b"2", "here.txt": b"h", "keep.txt": b"k"}

D = "{DAV:}"


def copy(server, source, to, fields=None):
    return server.request("COPY", source, {"Destination": to, **(fields or {})})


def move(server, source, to, fields=None):
    return server.request("MOVE", source, {"Destination": to, **(fields or {})})


def info():
    return (b'<D:lockinfo xmlns:D="DAV:"><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype>'
            b"</D:lockinfo>")


def responses(got):
    eq(got.status, 207)
    return {one.find(D + "href").text: one.find(D + "status").text.split()[1]
            for one in xml.fromstring(got.body).findall(D + "response")}


@obliges("DAV-090", "DAV-091", "DAV-087")
def test_a_copy_is_new_or_replaces(server):
    got = copy(server, "/ten.txt", "/c%20opy.txt")
    eq(got.status, 201)
    eq(got.fields["Location"], "/c%20opy.txt")
    eq(server.read("c opy.txt"), b"0123456789")
    eq(copy(server, "/other.txt", "http://" + server.host + "/c%20opy.txt").status, 204)
    eq(server.read("c opy.txt"), b"other")
    eq(server.read("other.txt"), b"other")


@obliges("DAV-090")
def test_a_move_is_new_or_replaces(server):
    server.write("from.txt", b"one")
    eq(move(server, "/from.txt", "/to.txt").status, 201)
    ok(not server.exists("from.txt"), "it is no longer there")
    server.write("from.txt", b"two")
    eq(move(server, "/from.txt", "/to.txt").status, 204)
    eq(server.read("to.txt"), b"two")


@obliges("DAV-092")
@cases(("copy", "COPY"), ("move", "MOVE"))
def test_overwrite_f_leaves_what_is_there(server, method):
    eq(server.request(method, "/here.txt", {"Destination": "/keep.txt", "Overwrite": "F"}).status, 412)
    eq((server.read("here.txt"), server.read("keep.txt")), (b"h", b"k"))
    eq(server.request(method, "/here.txt", {"Destination": "/keep.txt", "Overwrite": "maybe"}).status, 400)
    eq(server.read("keep.txt"), b"k")


@obliges("DAV-086", "DAV-088", "DAV-089")
@cases(("none", None, 400), ("foreign", "http://elsewhere.example/x", 502), ("port", "http://{name}:1/x", 502),
       ("scheme", "ftp://{name}/x", 502), ("relative", "x.txt", 400), ("dots", "/a/../x", 400), ("slashes", "/a//x", 400),
       ("fragment", "/x#y", 400), ("percent", "/x%zz", 400), ("encoded slash", "/x%2fy", 400))
def test_destinations_that_lead_nowhere(server, value, status):
    fields = {} if value is None else {"Destination": value.format(name=server.host.rsplit(":", 1)[0])}
    before = server.names()
    for method in ("COPY", "MOVE"):
        eq(server.request(method, "/ten.txt", fields).status, status, method)
    eq(server.names(), before)


def test_a_destination_with_a_blank_is_understood(server):
    eq(copy(server, "/ten.txt", "/with blank.txt").status, 201)
    eq(server.read("with blank.txt"), b"0123456789")


@obliges("DAV-093", "DAV-094", "DAV-007")
def test_places_that_cannot_be(server):
    eq(copy(server, "/ten.txt", "/ten.txt").status, 403)
    eq(move(server, "/ten.txt", "/ten.txt").status, 403)
    eq(copy(server, "/ten.txt", "/none/x.txt").status, 409)
    eq(move(server, "/ten.txt", "/none/x.txt").status, 409)
    eq(copy(server, "/missing.txt", "/x.txt").status, 404)
    eq(copy(server, "/tree/", "/").status, 403)
    eq(move(server, "/", "/tree/x/").status, 403)
    eq(server.read("ten.txt"), b"0123456789")


@obliges("DAV-095")
def test_a_folder_is_copied_whole_or_bare(server):
    got = copy(server, "/tree/", "/tree2/")
    eq(got.status, 201)
    eq(got.fields["Location"], "/tree2/")
    eq(server.read("tree2/sub/b.txt"), b"b")
    eq(copy(server, "/tree", "/bare", {"Depth": "0"}).status, 201)
    eq(server.names("bare"), [])


@obliges("DAV-096")
def test_depths_that_mean_nothing(server):
    eq(copy(server, "/tree/", "/depth/", {"Depth": "1"}).status, 400)
    eq(move(server, "/tree/", "/depth/", {"Depth": "0"}).status, 400)
    eq(move(server, "/tree/", "/depth/", {"Depth": "1"}).status, 400)
    ok(server.exists("tree/a.txt") and not server.exists("depth"), "nothing was changed")


@obliges("DAV-097", "DAV-100")
def test_a_folder_takes_the_place_of_another(server):
    eq(copy(server, "/old/", "/new/").status, 204)
    eq(server.names("new"), ["1.txt"])
    eq(move(server, "/new/", "/old/").status, 204)
    eq(server.names("old"), ["1.txt"])
    ok(not server.exists("new"), "it was moved")


@obliges("DAV-098", "DAV-099")
def test_into_itself(server):
    one_of(copy(server, "/dir/", "/dir/in/").status, (201, 403, 409))
    ok(not server.exists("dir/in/in"), "a finite copy")
    one_of(move(server, "/dir/", "/dir/out/").status, (403, 409))
    ok(server.exists("dir/x.txt"), "it stays")


@obliges("DAV-006")
@cases(("copy", "COPY"), ("move", "MOVE"))
def test_they_take_no_content(server, method):
    eq(server.request(method, "/ten.txt", {"Destination": "/content.txt"}, b"<x/>").status, 415)
    ok(not server.exists("content.txt"), "nothing was made")


@obliges("DAV-106", "DAV-104")
def test_locks_at_both_ends(server):
    server.write("l1.txt", b"1")
    server.write("l2.txt", b"2")
    first = server.request("LOCK", "/l1.txt", {}, info()).fields["Lock-Token"]
    second = server.request("LOCK", "/l2.txt", {}, info()).fields["Lock-Token"]
    eq(move(server, "/l1.txt", "/l3.txt").status, 423)
    eq(copy(server, "/l1.txt", "/l2.txt").status, 423)
    eq(move(server, "/l1.txt", "/l2.txt", {"If": f"({first})"}).status, 423)
    eq(move(server, "/l1.txt", "/l2.txt", {"If": f"</l1.txt> ({first}) </l2.txt> ({second})"}).status, 204)
    eq(server.read("l2.txt"), b"1")
    eq(server.put("/l1.txt", b"the lock of the source went").status, 201)


@obliges("DAV-107")
def test_a_locked_member_of_the_destination_is_in_the_way(server):
    server.write("dst/in/locked.txt", b"l")
    token = server.request("LOCK", "/dst/in/locked.txt", {}, info()).fields["Lock-Token"]
    for method in ("COPY", "MOVE"):
        got = server.request(method, "/tree/", {"Destination": "/dst/"})
        eq(responses(got), {"/dst/in/locked.txt": "423"})
        contains(got.body.decode(), "lock-token-submitted")
    eq(server.read("dst/in/locked.txt"), b"l")
    eq(server.request("UNLOCK", "/dst/in/locked.txt", {"Lock-Token": token}).status, 204)


@obliges("DAV-178")
def test_the_copy_itself_may_be_asked_for(server):
    got = copy(server, "/ten.txt", "/shown.txt", {"Prefer": "return=representation"})
    eq((got.status, got.body), (201, b"0123456789"))
    eq(got.fields["Content-Location"], "/shown.txt")
    eq(got.etag, server.get("/shown.txt").etag)
    got = server.put("/shown.txt", b"new", {"Prefer": "return=representation"})
    eq((got.status, got.body), (200, b"new"))
    eq(got.fields["Content-Location"], "/shown.txt")


@obliges("DAV-084", "DAV-085")
def test_what_cannot_be_deleted(server):
    eq(server.delete("/missing").status, 404)
    eq(server.delete("/").status, 403)
    eq(server.delete("/tree/", {"Depth": "0"}).status, 400)
    with server.connect() as conn:
        conn.send(f"DELETE /tree/#a HTTP/1.1\r\nHost: {server.host}\r\n\r\n")
        eq(conn.read("DELETE").status, 400)
    ok(server.exists("tree/a.txt"), "nothing was deleted")


def test_a_folder_is_deleted_with_all_in_it(server):
    eq(server.delete("/wipe").status, 204)
    eq(server.get("/wipe/x/y.txt").status, 404)


PLACES = """
site "box" {
    root = "%s"
    allow-write = anyone
    at "/" {
        allow "*" { rights = { "read", "write", "lock" } }
    }
    at "/closed/inner" {
        allow "*" { rights = { "read" } }
    }
    at "/part/secret" {
        allow "*" { rights = { "create" } }
    }
    at "/nowhere" {
        allow "*" { rights = { "read" } }
    }
}
""" % "{root}"


@own_server(config=PLACES, files={"closed/inner/f.txt": b"f", "closed/x.txt": b"x", "free.txt": b"f"})
def test_rights_below_are_judged_before_anything_is_done(server):
    eq(responses(server.delete("/closed/")), {"/closed/inner/": "403"})
    eq(responses(move(server, "/closed/", "/open/")), {"/closed/inner/": "403"})
    ok(server.exists("closed/inner/f.txt") and server.exists("closed/x.txt"), "all is there")
    eq(copy(server, "/free.txt", "/nowhere/x.txt").status, 403)
    eq(move(server, "/free.txt", "/nowhere").status, 403)
    ok(server.exists("free.txt"), "it is still there")


@obliges("DAV-101", "DAV-102", "DAV-103")
@own_server(config=PLACES, files={"part/a.txt": b"a", "part/secret/s.txt": b"s", "part/z.txt": b"z"})
def test_what_may_not_be_read_is_not_copied_and_told(server):
    [(href, status)] = responses(copy(server, "/part/", "/got/")).items()
    eq((href.rstrip("/"), status), ("/part/secret", "403"))
    eq(server.names("got"), ["a.txt", "z.txt"])
    eq(responses(move(server, "/part/", "/moved/")), {"/part/secret/": "403"})
    ok(server.exists("part/secret/s.txt"), "nothing was moved")


@obliges("DAV-001", "DAV-002")
def test_options_tell_the_classes(server):
    got = server.request("OPTIONS", "/tree/")
    eq(got.fields.words("DAV"), ["1", "2", "3", "extended-mkcol", "bind"])
    eq(got.fields["MS-Author-Via"], "DAV")


@obliges("DAV-004")
@cases(("file", "/ten.txt", ("propfind", "lock", "copy", "move", "put"), ("mkcol", "report")),
       ("folder", "/tree/", ("propfind", "report", "delete"), ("put", "mkcol")),
       ("nothing", "/nothing", ("put", "mkcol", "lock"), ("propfind", "delete", "get")),
       ("root", "/", ("propfind", "lock"), ("delete", "move")))
def test_allow_is_about_this_resource(server, target, has, has_not):
    words = server.request("OPTIONS", target).fields.words("Allow")
    for word in has:
        contains(words, word)
    for word in has_not:
        lacks(words, word)


@own_server("--read-only", files={"a.txt": b"a"})
def test_what_cannot_be_changed_has_no_locks(server):
    got = server.request("OPTIONS", "/a.txt")
    eq(got.fields.words("DAV"), ["1", "3", "bind"])
    lacks(got.fields.words("Allow"), "lock")
    eq(server.request("LOCK", "/a.txt", {}, info()).status, 403)


@own_server("--user", "alice:secret", files={"a.txt": b"a"})
def test_who_is_not_logged_in_is_told_that_this_is_webdav(server):
    got = server.request("OPTIONS", "/")
    eq(got.status, 401)
    eq(got.fields.words("DAV"), ["1", "2", "3", "extended-mkcol", "bind"])
