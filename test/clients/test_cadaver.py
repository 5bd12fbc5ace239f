"""cadaver: a person's conversation with the drive, commands on its standard input."""

import os

from client import PLAIN_AND_TLS, Room, needs, serving
from wire import cases, contains, eq, lacks, ok

FILES = {"docs/a.txt": b"first", "docs/b b.txt": b"second"}


def cadaver(room, *commands):
    """What it said. A certificate that it does not know is accepted as a person does it: it asks terminals alone."""
    secure = room.url.startswith("https:")
    lines = ["open %s/" % room.url] + ["y"] * secure + list(commands) + ["quit"]
    if secure:
        return room.talk([needs("cadaver")], lines, r"dav:\S*> $|\(y/n\) $")
    out, err = room.run(needs("cadaver"), feed=("\n".join(lines) + "\n").encode("utf-8"))
    return (out + err).decode("utf-8", "replace")


@cases(*PLAIN_AND_TLS)
def test_a_session(server, is_secure):
    with serving(is_secure, files=FILES) as one, Room(one) as room:
        room.file("up.txt", b"by cadaver")
        said = cadaver(room, "ls docs", "put up.txt docs/up.txt", "mkcol docs/new", "copy docs/a.txt docs/new/copy.txt",
                       "move docs/up.txt docs/new/moved.txt", "cd docs", "get a.txt got.txt", "delete a.txt", "ls new",
                       "mkcol gone", "rmcol gone")
        contains(said, "b b.txt")
        ok("a.txt" in said, "the listing")
        eq(said.count("succeeded"), 10, said)
        eq(room.file("got.txt"), b"first")
        eq(sorted(os.listdir(one.path("docs"))), ["b b.txt", "new"])
        eq(sorted(os.listdir(one.path("docs/new"))), ["copy.txt", "moved.txt"])
        eq(one.read("docs/new/moved.txt"), b"by cadaver")


@cases(*PLAIN_AND_TLS)
def test_properties(server, is_secure):
    with serving(is_secure, files=FILES) as one, Room(one) as room:
        said = cadaver(room, "propset docs/a.txt colour dark&lt;blue", "propget docs/a.txt colour", "propnames docs/a.txt",
                       "move docs/a.txt docs/c.txt", "propget docs/c.txt colour", "propdel docs/c.txt colour",
                       "propget docs/c.txt colour")
        contains(said, "colour")
        ok(said.count("dark") >= 2, "the property went with its file: %s" % said)
        lacks(said, "failed: ")


@cases(*PLAIN_AND_TLS)
def test_locks(server, is_secure):
    """What one session has locked another one can neither change nor move away."""
    with serving(is_secure, files=FILES) as one, Room(one) as room:
        room.file("up.txt", b"changed")
        said = cadaver(room, "set lockscope exclusive", "lock docs/a.txt", "discover docs/a.txt", "showlocks",
                       "put up.txt docs/a.txt", "unlock docs/a.txt", "discover docs/a.txt")
        lacks(said, "failed")
        contains(said, "exclusive")
        contains(said, "Lock token <")
        eq(one.read("docs/a.txt"), b"changed")

        cadaver(room, "lock docs/b\\ b.txt")
        said = cadaver(room, "delete docs/b\\ b.txt", "put up.txt docs/b\\ b.txt", "move docs/b\\ b.txt docs/x")
        eq(one.read("docs/b b.txt"), b"second")
        ok("423" in said, said)


DROP_BOX = """
listen = { "127.0.0.1:0" }
site "drop" { root = "{root}" at "/inbox" { allow "*" { rights = { "create" } } } }
"""


def test_a_drop_box(server):
    """Files are put into it, and none is found there."""
    with serving(False, config=DROP_BOX, files={"inbox/there.txt": b"there"}) as one, Room(one) as room:
        room.file("up.txt", b"by cadaver")
        said = cadaver(room, "cd inbox", "ls", "put up.txt new.txt", "put up.txt there.txt", "get there.txt got.txt")
        contains(said, "collection is empty")
        eq(said.count("succeeded"), 1, said)
        eq((one.read("inbox/new.txt"), one.read("inbox/there.txt")), (b"by cadaver", b"there"))
