"""policy.md §1: forwarding addresses that a MOVE leaves behind."""

import base64
import os
import subprocess

from dav import D, XML, multistatus, prop_body
from program import ended
from wire import cases, contains, eq, lacks, obliges, ok, own_server

FILES = {"a": b"content", "f/x": b"in a folder", "f/sub/y": b"deeper", "other": b"other"}
LEAVES = "--leave-forwarding",
TYPE = prop_body(D + "resourcetype")
METHODS = ("GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PROPFIND", "PROPPATCH", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK", "REPORT")


def move(server, source, target, status=201, **fields):
    eq(server.request("MOVE", source, {"Destination": target, **fields}).status, status)


def forwarded(got, to):
    eq(got.status, 308)
    eq(got.fields["Location"], to)
    eq(got.fields["Cache-Control"], "no-cache")  # it may lead elsewhere tomorrow


@obliges("POL-01", "POL-02", "POL-03")
@own_server(*LEAVES, files=FILES)
@cases(*((method, method) for method in METHODS))
def test_every_method_is_told(server, method):
    move(server, "/a", "/b")
    fields = {"Destination": "/c"} if method in ("COPY", "MOVE") else {}
    forwarded(server.request(method, "/a", fields, b"new" if method == "PUT" else b""), "/b")
    eq((server.exists("a"), server.exists("c"), server.read("b")), (False, False, b"content"))


@obliges("POL-05", "POL-10")
@own_server(*LEAVES, files=FILES)
def test_conditions_ranges_and_queries(server):
    move(server, "/a", "/b")
    for fields in {"If-None-Match": '"x"'}, {"If-Match": "*"}, {"Range": "bytes=0-0"}:
        forwarded(server.get("/a?q=%20", fields), "/b?q=%20")


@own_server(*LEAVES, files=FILES)
def test_a_folder_forwards_what_was_in_it(server):
    move(server, "/f/", "/g/")
    forwarded(server.get("/f/x"), "/g/x")
    forwarded(server.get("/f/sub/"), "/g/sub/")
    forwarded(server.get("/f"), "/g/")
    eq(server.get("/f/none").status, 404)


@obliges("POL-15")
@own_server(*LEAVES, files=FILES)
def test_it_leads_on_and_back_and_never_in_a_circle(server):
    move(server, "/a", "/b")
    move(server, "/b", "/c")
    forwarded(server.get("/a"), "/c")
    forwarded(server.get("/b"), "/c")
    move(server, "/c", "/a")
    eq(server.get("/a").body, b"content")
    forwarded(server.get("/b"), "/a")
    forwarded(server.get("/c"), "/a")
    eq(server.delete("/a").status, 204)
    for path in "/a", "/b", "/c":
        eq(server.get(path).status, 404)


@obliges("POL-13")
@own_server(*LEAVES, files=FILES)
@cases(("put", "PUT", {"If-None-Match": "*"}), ("mkcol", "MKCOL", {"If-None-Match": "*"}))
def test_what_says_that_it_is_new_takes_its_place(server, method, fields):
    move(server, "/a", "/b")
    got = server.request(method, "/a", fields, b"")
    eq(got.status, 201)
    eq(got.fields["Location"], "/a" if method == "PUT" else "/a/")  # of what was made, not of what the address led to
    eq(server.delete("/a").status, 204)
    eq(server.get("/a").status, 404)  # the address is gone for good


@own_server(*LEAVES, files=FILES)
@cases(("copy", "COPY"), ("move", "MOVE"))
def test_a_destination_takes_its_place(server, method):
    move(server, "/a", "/b")
    eq(server.request(method, "/other", {"Destination": "/a"}).status, 201)
    eq(server.get("/a").body, b"other")
    eq(server.delete("/a").status, 204)
    eq(server.get("/a").status, 404)


@own_server(*LEAVES, files=FILES)
def test_what_others_put_there_hides_it(server):
    move(server, "/a", "/b")
    server.write("a", b"by another program")
    eq(server.get("/a").body, b"by another program")
    os.remove(server.path("a"))
    forwarded(server.get("/a"), "/b")


@own_server(*LEAVES, files=FILES)
def test_it_outlives_a_restart_and_a_kill(server):
    move(server, "/a", "/b")
    server.kill()
    server.start()
    forwarded(server.get("/a"), "/b")


@own_server(files=FILES)
def test_without_being_asked_a_move_leaves_nothing(server):
    move(server, "/a", "/b")
    eq(server.get("/a").status, 404)


@obliges("POL-14", "DAV-142")
@own_server(*LEAVES, files=FILES)
@cases(("one", "1"), ("all", "infinity"))
def test_it_is_a_member_with_a_location(server, depth):
    move(server, "/a", "/b")
    move(server, "/f/x", "/f/sub/z%20z")
    found = multistatus(server.request("PROPFIND", "/", {"Depth": depth, **XML}, TYPE))
    eq(found["/a"].status, 308)
    eq(found["/a"].location, "/b")
    if depth == "infinity":
        eq((found["/f/x"].status, found["/f/x"].location), (308, "/f/sub/z%20z"))
    else:
        lacks(found, "/f/x")
    for _ in range(50):  # also where the folder is kept in memory
        contains(multistatus(server.request("PROPFIND", "/", {"Depth": "1", **XML}, TYPE)), "/a")
    lacks(multistatus(server.request("PROPFIND", "/", {"Depth": "0", **XML}, TYPE)), "/a")


@own_server(*LEAVES, files={f"many/{number}": b"x" for number in range(210)})
def test_many_of_one_folder_are_all_told(server):
    """They are looked up some at a time (FORWARDS_AT_ONCE of store/forward.h)."""
    for number in range(210):
        move(server, f"/many/{number}", "/new", 204 if number else 201)
    found = multistatus(server.request("PROPFIND", "/many", {"Depth": "1", **XML}, TYPE))
    eq(sorted(found), sorted(["/many/"] + [f"/many/{number}" for number in range(210)]))


RIGHTS = '''listen = { "127.0.0.1:0" }
site "s" {
  root = "{root}"
  leave-forwarding = on
  users = "{tmp}/users"
  allow "*" { rights = { "read" } }
  allow "ada" { rights = { "read", "write" } }
  at "/secret" { allow "ada" { rights = { "read", "write" } } }
}
'''
ADA = {"Authorization": "Basic " + base64.b64encode(b"ada:secret").decode()}


def somebody(server):
    hashed = subprocess.run(["openssl", "passwd", "-apr1", "secret"], capture_output=True, text=True, check=True).stdout
    with open(server.tmp + "/users", "w") as file:
        file.write("ada:" + hashed)


@own_server(config=RIGHTS, files={"a": b"a", "secret/x": b"x"}, before=somebody)
def test_nobody_learns_of_what_he_may_not_see(server):
    eq(server.get("/secret/x", ADA).status, 200)
    move(server, "/a", "/secret/a", **ADA)
    eq(server.get("/a").status, 404)
    lacks(multistatus(server.request("PROPFIND", "/", {"Depth": "1", **XML}, TYPE)), "/a")
    eq(server.get("/a", ADA).fields["Location"], "/secret/a")


@own_server(*LEAVES, files=FILES)
def test_they_are_listed_and_forgotten(server):
    move(server, "/a", "/b%20c")
    move(server, "/f/", "/g/")
    status, out, _ = ended("forwards", server.root)
    eq(status, 0)
    eq([line.split(" ")[1:] for line in out.splitlines()], [["/a", "/b%20c"], ["/f", "/g"]])
    eq(ended("forwards", server.root, "--remove", "/a")[0], 0)
    eq(server.get("/a").status, 404)
    eq(ended("forwards", server.root, "--remove", "/a")[0], 1)
    server.stop()
    eq(ended("forwards", server.root)[1].split(" ")[1:], ["/f", "/g\n"])
    eq(ended("forwards", server.root, "--remove", "/f/")[0], 0)
    eq(ended("forwards", server.root), (0, "", ""))
