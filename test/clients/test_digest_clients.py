"""Digest as clients speak it: curl, wget and cadaver, by MD5 and by SHA-256."""

import os

from client import Room, needs
from digest import secret
from wire import contains, eq, lacks, ok, own_server

BIG = os.urandom(3 << 20)
FILES = {"docs/a b.txt": b"first", "docs/(c).txt": b"third"}
CONFIG = """
listen = { "127.0.0.1:0" }
site "home" { root = "{root}" digest-users = "{tmp}/digest"
    at "/" { allow "users" { rights = { "read", "write" } } } }
"""


def with_users(*algorithms):
    def write(server):
        with open(server.tmp + "/digest", "w", encoding="utf-8") as file:
            for algorithm in algorithms:
                file.write("ann:home:%s\n" % secret(algorithm, "ann", "home", "open sesame"))
    return own_server(config=CONFIG, files=FILES, before=write)


def try_curl(server):
    with Room(server) as room:
        def curl(*words):
            return room.run(needs("curl"), "-sS", "--max-time", "30", "-w", "\n%{http_code}", "--digest", *words)[0]

        who = ("-u", "ann:open sesame")
        room.file("big", BIG)
        eq(curl(*who, room.url + "/docs/a%20b.txt"), b"first\n200")
        eq(curl(*who, room.url + "/docs/(c).txt", room.url + "/docs/a%20b.txt?x=1"), b"third\n200first\n200")
        contains(curl(*who, "-T", "big", room.url + "/big"), b"201")
        eq(server.read("big"), BIG)
        contains(curl(*who, "-X", "PROPFIND", "-H", "Depth: 1", room.url + "/docs"), b"\n207")
        contains(curl(*who, "-X", "MOVE", "-H", "Destination: " + room.url + "/moved", room.url + "/big"), b"201")
        contains(curl("-u", "ann:wrong", room.url + "/moved"), b"\n401")
        contains(curl("-u", "bob:open sesame", room.url + "/moved"), b"\n401")


@with_users("MD5")
def test_curl_by_md5(server):
    try_curl(server)


@with_users("SHA-256")
def test_curl_by_sha_256(server):
    try_curl(server)


@with_users("MD5", "SHA-256")
def test_curl_chooses(server):
    try_curl(server)
    with Room(server) as room:
        _, told = room.run(needs("curl"), "-sSv", "--anyauth", "-u", "ann:open sesame", room.url + "/docs/(c).txt")
        contains(told, b"algorithm=SHA-256")
        ok(told.count(b"< HTTP/1.1 200") == 1, told)


@with_users("MD5", "SHA-256")
def test_wget(server):
    with Room(server) as room:
        room.run(needs("wget"), "-q", "--user=ann", "--password=open sesame", room.url + "/docs/a%20b.txt")
        eq(room.file("a b.txt"), b"first")


def try_cadaver(server):
    with Room(server) as room:
        room.file("up.txt", b"by cadaver")
        os.chmod(room.file(".netrc", b'machine 127.0.0.1 login ann password "open sesame"\n'), 0o600)
        lines = ["open %s/" % room.url, "ls docs", "put up.txt docs/up.txt", "lock docs/up.txt", "unlock docs/up.txt",
                 "mkcol new", "move docs/up.txt new/moved.txt", "delete docs/(c).txt", "quit"]
        out, err = room.run(needs("cadaver"), feed=("\n".join(lines) + "\n").encode("utf-8"))
        lacks((out + err).decode("utf-8", "replace"), "failed")
        eq(server.read("new/moved.txt"), b"by cadaver")
        eq(server.names("docs"), ["a b.txt"])


@with_users("MD5")
def test_cadaver_by_md5(server):
    try_cadaver(server)


@with_users("MD5", "SHA-256")
def test_cadaver_chooses(server):
    try_cadaver(server)
