"""rclone over its `http` backend, which reads listings in HTML, sizes and dates by HEAD; and over `webdav`."""

import hashlib
import json
import os

import tls
from client import PLAIN_AND_TLS, Room, needs, serving
from wire import cases, contains, eq, lacks, ok, own_server

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


# ---- webdav -----------------------------------------------------------------------------------------

OWNCLOUD = ("--webdav-vendor", "owncloud")  # the dialect with times (X-OC-Mtime) and checksums (OC-Checksum)
OTHER = ("--webdav-vendor", "other")
VENDORS = (("plain, other", False, OTHER), ("plain, owncloud", False, OWNCLOUD), ("tls, owncloud", True, OWNCLOUD))


def drive(room, vendor, *words):
    return room.run(needs("rclone"), "--retries", "1", "--low-level-retries", "1", "--webdav-url", room.url, *vendor,
                    "--ca-cert", tls.authority().ca, *words)


def fill(room, when=1500000000):
    for name, content in TREE.items():
        os.utime(room.file("from/" + name, content), (when, when))


@cases(*VENDORS)
def test_a_tree_goes_up_and_comes_back(server, is_secure, vendor):
    with serving(is_secure, files={}) as one, Room(one) as room:
        fill(room)
        drive(room, vendor, "copy", "from", ":webdav:up")
        for name, content in TREE.items():
            eq(one.read("up/" + name), content, name)
            if vendor == OWNCLOUD:
                eq(int(os.path.getmtime(one.path("up/" + name))), 1500000000, name)
        drive(room, vendor, "check", "--download", "from", ":webdav:up")
        drive(room, vendor, "copy", ":webdav:up", "back")
        for name, content in TREE.items():
            eq(room.file("back/" + name), content, name)


@cases(*VENDORS)
def test_a_sync_sends_what_changed_and_nothing_else(server, is_secure, vendor):
    with serving(is_secure, files={}) as one, Room(one) as room:
        fill(room)
        drive(room, vendor, "sync", "from", ":webdav:up")
        _, told = drive(room, vendor, "sync", "-v", "from", ":webdav:up")
        ok(b"Copied" not in told, "the second time there is nothing to do: %r" % told)
        room.file("from/docs/a.txt", b"changed")
        os.unlink(room.path + "/from/top.txt")
        room.file("from/docs/new.txt", b"new")
        _, told = drive(room, vendor, "sync", "-v", "from", ":webdav:up")
        eq(told.count(b"Copied"), 2)
        eq(one.read("up/docs/a.txt"), b"changed")
        ok(not one.exists("up/top.txt"), "what is gone goes")


@cases(("owncloud", OWNCLOUD), ("nextcloud", ("--webdav-vendor", "nextcloud")))
def test_a_change_of_the_same_size_is_seen(server, vendor):
    """By its checksum, where its time says nothing. Of an ownCloud rclone then wants MD5, which it never sends."""
    with serving(False, files={}) as one, Room(one) as room:
        fill(room)
        drive(room, vendor, "sync", "from", ":webdav:up")
        os.utime(room.file("from/docs/a.txt", b"b"), (1500000000, 1500000000))
        _, told = drive(room, vendor, "sync", "-v", "--checksum", "from", ":webdav:up")
        eq(told.count(b"Copied"), 1)
        eq(one.read("up/docs/a.txt"), b"b")


def test_checksums_are_told(server):
    with serving(False, files={}) as one, Room(one) as room:
        fill(room)
        drive(room, OWNCLOUD, "copy", "from", ":webdav:up")
        out, _ = drive(room, OWNCLOUD, "sha1sum", ":webdav:up/docs/deep")
        contains(out, hashlib.sha1(BIG).hexdigest().encode())


@cases(*VENDORS)
def test_moving_copying_and_removing_on_the_server(server, is_secure, vendor):
    with serving(is_secure, files=TREE) as one, Room(one) as room:
        drive(room, vendor, "moveto", ":webdav:top.txt", ":webdav:moved \u00fc.txt")
        drive(room, vendor, "copyto", ":webdav:docs/a.txt", ":webdav:copy.txt")
        _, told = drive(room, vendor, "move", "-v", ":webdav:docs", ":webdav:papers", "--delete-empty-src-dirs")
        lacks(told, b"ERROR")
        eq(one.read("moved \u00fc.txt"), b"top")
        eq(one.read("copy.txt"), b"a")
        eq(one.read("papers/deep/er/c.bin"), BIG)
        ok(not one.exists("docs"), "the folder that was moved")
        drive(room, vendor, "mkdir", ":webdav:made/new")
        drive(room, vendor, "purge", ":webdav:papers")
        eq(sorted(name for name in os.listdir(one.path("")) if name != ".samovar"),
           ["copy.txt", "empty", "made", "moved \u00fc.txt"])


def test_the_room_that_is_left(server):
    with serving(False, "--quota", "10M", files={"one.bin": b"x" * 1000000}) as one, Room(one) as room:
        about = json.loads(drive(room, OTHER, "about", "--json", ":webdav:")[0])
        eq(about["used"], 1000000)
        eq(about["free"], (10 << 20) - 1000000)
