"""rclone over its `http` backend: it reads listings in HTML, sizes and dates by HEAD."""

import os

from client import Room, needs
from wire import contains, eq, ok, own_server

BIG = os.urandom(3 << 20)
TREE = {"top.txt": b"top", "docs/a.txt": b"a", "docs/b b.txt": b"b", "docs/deep/er/c.bin": BIG,
        "docs/100%.txt": b"percent",
        "docs/\u00e4.txt": b"umlaut", "docs/#1.txt": b"hash", "docs/a+b&c;d.txt": b"signs", "empty/none": b""}


def rclone(room, *words):
    return room.run(needs("rclone"), "--retries", "1", "--low-level-retries", "1", "--http-url", room.url, *words)


@own_server(files=TREE)
def test_a_copy_has_everything(server):
    for name in TREE:
        os.utime(server.path(name), (1500000000,) * 2)
    with Room(server) as room:
        rclone(room, "copy", ":http:", "copy")
        eq([name[5:] for name in room.names() if name.startswith("copy/")], sorted(TREE))
        for name, content in TREE.items():
            eq(room.file("copy/" + name), content, name)
            eq(int(os.path.getmtime(room.path + "/copy/" + name)), 1500000000, name)


@own_server(files=TREE)
def test_a_sync_fetches_what_changed_and_nothing_else(server):
    with Room(server) as room:
        rclone(room, "sync", ":http:", "copy")
        _, told = rclone(room, "sync", "-v", ":http:", "copy")
        ok(b"Copied" not in told, "the second time there is nothing to do: %r" % told)
        server.write("docs/a.txt", b"changed", 1600000000)
        os.unlink(server.path("top.txt"))
        server.write("docs/new.txt", b"new")
        _, told = rclone(room, "sync", "-v", ":http:", "copy")
        eq(told.count(b"Copied"), 2)
        eq(room.file("copy/docs/a.txt"), b"changed")
        eq(room.file("copy/docs/new.txt"), b"new")
        ok("copy/top.txt" not in room.names(), "what is gone goes")


@own_server(files=TREE)
def test_listing_checking_and_reading_a_part(server):
    with Room(server) as room:
        out, _ = rclone(room, "lsf", "-R", "--files-only", ":http:")
        eq(sorted(out.decode("utf-8").splitlines()), sorted(TREE))
        rclone(room, "copy", ":http:", "copy")
        rclone(room, "check", "--download", ":http:", "copy")
        eq(rclone(room, "cat", "--offset", "1000000", "--count", "10", ":http:docs/deep/er/c.bin")[0],
           BIG[1000000:1000010])
        out, _ = rclone(room, "size", ":http:")
        contains(out, b"Total objects: %d" % len(TREE))
