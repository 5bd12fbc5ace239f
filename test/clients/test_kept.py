"""`require-match = conflict-copy` with programs that know of no conditions: whatever they overwrite unseen is kept, and nothing else."""

import os

from client import Room, needs
from wire import eq, ok, own_server

KEEPING = ("--require-match", "conflict-copy")
FILES = {"a.txt": b"by a stranger", "docs/b.txt": b"by a stranger, too"}


def copies(server, folder=""):
    """What was kept there."""
    return [server.read(os.path.join(folder, name)) for name in sorted(os.listdir(server.path(folder))) if " (conflict 2" in name]


def rclone(room, *words):
    return room.run(needs("rclone"), "--retries", "1", "--low-level-retries", "1", "--webdav-url", room.url, "--webdav-vendor",
                    "other", *words)


@own_server(*KEEPING, files=FILES)
def test_rclone_loses_nothing_of_others(server):
    with Room(server) as room:
        room.file("own/a.txt", b"mine, and longer")
        rclone(room, "copyto", "own/a.txt", ":webdav:a.txt")
        eq((server.read("a.txt"), copies(server)), (b"mine, and longer", [b"by a stranger"]))
        for number in range(3):
            room.file("own/a.txt", b"mine again" * (number + 2))
            rclone(room, "copyto", "own/a.txt", ":webdav:a.txt")
        eq(len(copies(server)), 1, "over its own")
        server.write("a.txt", b"by a stranger, meanwhile")
        room.file("own/a.txt", b"mine, at last")
        rclone(room, "copyto", "own/a.txt", ":webdav:a.txt")
        eq(sorted(copies(server)), [b"by a stranger", b"by a stranger, meanwhile"])


@own_server(*KEEPING, files=FILES)
def test_rclone_replaces_what_it_fetched(server):
    with Room(server) as room:
        rclone(room, "copy", ":webdav:docs", "own")
        room.file("own/b.txt", b"changed by me")
        rclone(room, "copy", "own", ":webdav:docs")
        eq((server.read("docs/b.txt"), copies(server, "docs")), (b"changed by me", []))


def cadaver(room, *commands):
    lines = ["open %s/" % room.url] + list(commands) + ["quit"]
    out, err = room.run(needs("cadaver"), feed=("\n".join(lines) + "\n").encode())
    return (out + err).decode("utf-8", "replace")


@own_server(*KEEPING, files=FILES)
def test_cadaver_loses_nothing_of_others(server):
    with Room(server) as room:
        room.file("up.txt", b"mine")
        said = cadaver(room, "put up.txt a.txt", "get docs/b.txt b.txt", "put up.txt docs/b.txt", "put up.txt docs/b.txt")
        eq(said.count("succeeded"), 4, said)
        eq((server.read("a.txt"), copies(server)), (b"mine", [b"by a stranger"]))
        eq((server.read("docs/b.txt"), copies(server, "docs")), (b"mine", []), "it was fetched before")
        ok(b"by a stranger, too" == room.file("b.txt"), "what was fetched")
