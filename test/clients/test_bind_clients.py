"""Programs that know nothing of bindings, in a tree where folders have several names and lie below themselves: each walk ends.

They go folder by folder, by names, and a loop has names without end; the server ends it where a path has gone round it often enough
(docs/bindings.md). Whoever asks for everything at once is told 508.
"""

import os

from binding import bind
from client import Room, needs, serving
from test_davfs2 import Drive
from test_gio import gio
from wire import contains, eq, ok, one_of, time_limit

FILES = {"c/foo": b"foo", "c/sub/in": b"in", "other/own": b"own"}
RETURNS = 3  # as often a path may come back to folders that it went by


def tie(server):
    """c/bar and c/sub/up are c itself, other/c2 is c, other/sub2 is c/sub."""
    for folder, name, href in (("/c/", "bar", "/c"), ("/c/sub/", "up", "/c"), ("/other/", "c2", "/c"), ("/other/", "sub2", "/c/sub")):
        eq(bind(server, folder, name, href).status, 201)


def tangle(server, names):
    """Each of these folders is in each of them, itself as well."""
    eq(server.request("MKCOL", "/tangle/").status, 201)
    for folder in names:
        eq(server.request("MKCOL", "/tangle/%s/" % folder).status, 201)
        eq(server.put("/tangle/%s/file" % folder, folder.encode()).status, 201)
    for folder in names:
        for other in names:
            eq(bind(server, "/tangle/%s/" % folder, other, "/tangle/" + other).status, 201)


def most(paths):
    """How often any of the paths comes back to c."""
    return max(sum(name in ("c", "bar", "up", "c2") for name in path.strip("/").split("/")) for path in paths) - 1


@time_limit(120)
def test_cadaver(server):
    with serving(False, files=FILES) as one, Room(one) as room:
        tie(one)
        said, _ = room.run(needs("cadaver"), feed=("open %s/\nls\ncd c\nls\ncd bar\nls\nget foo got\ncd sub/up/sub\nls\nls ../../../\n"
                                                   "copy /other /copied\ndelete /copied/own\nrmcol /copied\nls /\nquit\n" % room.url).encode())
        said = said.decode("utf-8", "replace")
        eq(room.file("got"), b"foo")
        ok(said.count("foo") >= 3 and "in " in said, said)
        eq(sorted(os.listdir(one.path(""))), [".samovar", "c", "other"], said)
        eq(one.get("/other/c2/foo").body, b"foo")


@time_limit(120)
def test_davfs2(server):
    with serving(False, files=FILES) as one, Room(one) as room:
        tie(one)
        with Drive(room) as drive:
            found, _ = room.run("find", drive.path, "-not", "-path", "*/lost+found*", seconds=90)
            paths = [line[len(drive.path):] for line in found.decode().splitlines()]
            contains(paths, "/c/foo")
            contains(paths, "/other/c2/sub/in")
            ok(1 <= most(paths) <= RETURNS, "the loop was gone round and came to an end: %d" % most(paths))
            size, _ = room.run("du", "-s", drive.path, seconds=90, status=None)
            contains(size, b"drive")
            eq(drive.read("c/bar/bar/foo"), b"foo")
            drive.write("c/bar/foo", b"by another name")
        eq(one.get("/c/foo").body, b"by another name")


@time_limit(120)
def test_gio(server):
    with serving(False, files=FILES) as one, Room(one) as room:
        tie(one)
        said = gio(room, 'gio tree "$URL"\necho then\ngio cat "$URL"c/bar/sub/up/foo')
        tree, then = said.split("then\n")
        ok(tree.count("foo") >= 4, tree)
        ok(tree.count("foo") < 200, "it comes to an end: %d" % tree.count("foo"))
        eq(then, "foo")


@time_limit(120)
def test_rclone(server):
    with serving(False, files=FILES) as one, Room(one) as room:
        tie(one)
        for words in (("lsf", "-R"), ("size",), ("ls",)):
            out, _ = room.run(needs("rclone"), "--retries", "1", "--webdav-url", room.url, *words, ":webdav:", seconds=90)
            if words == ("lsf", "-R"):
                paths = out.decode().splitlines()
        contains(paths, "c/foo")
        contains(paths, "other/c2/sub/in")
        ok(1 <= most(paths) <= RETURNS, "the loop was gone round and came to an end: %d" % most(paths))
        room.run(needs("rclone"), "--retries", "1", "--webdav-url", room.url, "copy", ":webdav:other/sub2", "got", seconds=90)
        eq(room.file("got/in"), b"in")
        eq(room.file("got/up/foo"), b"foo")


@time_limit(120)
def test_three_folders_in_each_other(server):
    """Each file under every path: 900 of them for who goes by names."""
    with serving(False) as one, Room(one) as room:
        tangle(one, "pqr")
        out, _ = room.run(needs("rclone"), "--retries", "1", "--webdav-url", room.url, "lsf", "-R", "--files-only", ":webdav:", seconds=90)
        eq(len(out.splitlines()), 900)
        with Drive(room) as drive:
            found, _ = room.run("find", drive.path, "-name", "file", seconds=90)
            eq(len(found.splitlines()), 900)
        tree = gio(room, 'gio tree "$URL"')
        eq(tree.count("file"), 900)


@time_limit(60)
def test_who_asks_for_all_at_once(server):
    with serving(False, files=FILES) as one, Room(one) as room:
        tie(one)
        code, _ = room.run(needs("curl"), "-s", "-o", "out", "-w", "%{http_code}", "-X", "PROPFIND", "-H", "Depth: infinity", room.url + "/")
        one_of(code, (b"508",))
        contains(room.file("out"), b"508 Loop Detected")
        code, _ = room.run(needs("curl"), "-s", "-o", "out", "-w", "%{http_code}", "-X", "PROPFIND", "-H", "Depth: infinity", "-H", "DAV: bind", room.url + "/")
        eq(code, b"207")
        contains(room.file("out"), b"208 Already Reported")
