"""The npm package `webdav`: what programs in JavaScript do with the drive (drive.mjs)."""

import os

import tls
from client import PLAIN_AND_TLS, Room, needs, serving
from wire import cases, contains, eq, ok, skip

HERE = os.path.dirname(os.path.abspath(__file__))
FILES = {"docs/a.txt": b"first", "docs/b b.txt": b"second", "docs/\u00e4&<.txt": b"signs", "docs/sub/deep.txt": b"deep"}


@cases(*PLAIN_AND_TLS)
def test_a_drive(server, is_secure):
    if not os.path.isdir(HERE + "/node_modules/webdav"):
        skip("the npm package webdav is not installed; tools/setup test fetches it")
    with serving(is_secure, "--quota", "10M", files=FILES) as one, Room(one) as room:
        out, _ = room.run(needs("node"), HERE + "/drive.mjs", room.url, NODE_EXTRA_CA_CERTS=tls.authority().ca)
        contains(out, b"all true")
        eq(one.read("made/new.txt"), b"mine again")
        eq(one.read("made/moved \u00fc.txt"), b"second")
        eq(one.read("made/one/sub/deep.txt"), b"deep")
        ok(not one.exists("docs/a.txt"), "what was deleted")
