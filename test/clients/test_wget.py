"""wget: continuing, only what is newer, and a whole tree by its listings."""

import os

from client import Room, needs
from wire import contains, eq, lacks, own_server

BIG = os.urandom(2 << 20)
TREE = {"top.txt": b"top", "docs/a.txt": b"a", "docs/b b.txt": b"b", "docs/deep/er/c.bin": BIG[:70000],
        "docs/100%.txt": b"percent",
        "docs/what?.txt": b"question", "docs/\u00e4.txt": b"umlaut", "docs/#1.txt": b"hash"}
FILES = dict(TREE, **{"big.bin": BIG})


def wget(room, *words, **more):
    return room.run(needs("wget"), "-nv", "--tries=1", "--timeout=20", *words, **more)


def test_continuing_a_download(server):
    with Room(server) as room:
        room.file("big.bin", BIG[:1234567])
        _, told = room.run(needs("wget"), "--tries=1", "-S", "-c", room.url + "/big.bin")
        eq(room.file("big.bin"), BIG)
        contains(told, b"206 Partial Content")
        _, told = room.run(needs("wget"), "--tries=1", "-S", "-c", room.url + "/big.bin")
        eq(room.file("big.bin"), BIG)
        contains(told, b"416")


def test_only_what_is_newer(server):
    """-N: dates are kept, and asked with."""
    with Room(server) as room:
        os.utime(server.path("top.txt"), (1234567890,) * 2)
        wget(room, "-N", room.url + "/top.txt")
        eq(int(os.path.getmtime(room.path + "/top.txt")), 1234567890)
        _, told = room.run(needs("wget"), "--tries=1", "-S", "-N", room.url + "/top.txt")
        contains(told, b"304 Not Modified")
        server.write("top.txt", b"newer", 1300000000)
        wget(room, "-N", room.url + "/top.txt")
        eq(room.file("top.txt"), b"newer")
        server.write("top.txt", b"top")


@own_server(files=TREE)
def test_mirroring_a_tree(server):
    """A listing's links lead to every file, whatever its name, and out of the folder only to its parent."""
    with Room(server) as room:
        wget(room, "--mirror", "--no-host-directories", "--restrict-file-names=nocontrol", "--reject-regex",
             r"[?]sort=",
             room.url + "/")
        names = [name for name in room.names() if not name.endswith("index.html") and name != "robots.txt"
                 and not name.startswith(".")]
        eq(names, sorted(TREE))
        for name, content in TREE.items():
            eq(room.file(name), content, name)


@own_server(files=TREE)
def test_a_tree_and_not_its_parent(server):
    with Room(server) as room:
        wget(room, "-r", "--no-parent", "--no-host-directories", "--reject-regex", r"[?]sort=",
             room.url + "/docs/deep/")
        contains(room.names(), "docs/deep/er/c.bin")
        lacks(room.names(), "docs/a.txt")
        lacks(room.names(), "top.txt")


@own_server("--user", "ann:secret", files=TREE)
def test_with_a_password(server):
    with Room(server) as room:
        wget(room, room.url + "/top.txt", status=6)
        wget(room, "--user=ann", "--password=secret", room.url + "/top.txt")
        eq(room.file("top.txt"), b"top")


def test_an_upload(server):
    with Room(server) as room:
        room.file("new", b"by wget")
        wget(room, "--method=PUT", "--body-file=new", room.url + "/by-wget")
        eq(server.read("by-wget"), b"by wget")
