"""All octets of one 206, its parts and its tag are of one version, whoever replaces the file meanwhile (RNG-37)."""

import os
import threading
import time

from hot import version_of, versions
from test_range_requests import parts_of
from wire import Closed, cases, eq, head_of, obliges, ok, one_of

LINE = 13       # octets of one line of versions()
COPIED = 65536  # what is longer goes out from the page cache itself: docs/limits.md says what that means


class Replacing(threading.Thread):
    """Replaces the file all the time until the `with` is left."""

    def __init__(self, replace, rests=0):
        """rests: seconds of rest after every fourth time."""
        super().__init__(daemon=True)
        self.replace, self.rests, self.is_over, self.count, self.failure = replace, rests, False, 0, None

    def run(self):
        try:
            while not self.is_over:
                self.count += 1
                self.replace(self.count)
                time.sleep(self.count % 5 * 0.0005 + (self.rests if self.count % 4 == 0 else 0))
        except BaseException as why:
            self.failure = why

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.is_over = True
        self.join(20)
        if self.failure:
            raise self.failure


def one_version(answer, tags, size, may_mix=False):
    """
    The version of all parts; a strong tag stands for one only. may_mix: who looks while another program is
    writing sees what there is, a mixture too; such an answer has no strong tag.
    """
    if answer.status == 206 and answer.fields["Content-Type"].startswith("multipart"):
        found = {version_of(octets) for _, _, _, _, octets in parts_of(answer)}
        eq({length for _, _, length, _, _ in parts_of(answer)}, {size}, "complete length")
    else:
        found = {version_of(answer.body)}
    if may_mix and (answer.etag.startswith("W/") or size > COPIED):
        return None
    ok(len(found) == 1 and None not in found, "one version in one answer, not %r" % found)
    version = found.pop()
    if not answer.etag.startswith("W/"):
        eq(tags.setdefault(answer.etag, version), version, "the version of the tag %s" % answer.etag)
    return version


def asks(size):
    """Ranges that start with a line: one, several, all."""
    middle, end = size // 2 // LINE * LINE, size // LINE * LINE - 10 * LINE
    return ("bytes=0-%d" % (LINE * 3 - 1), "bytes=%d-" % end, "bytes=0-", "bytes=0-51,%d-%d" % (end, end + 51),
            "bytes=%d-%d,0-51,%d-%d" % (middle, middle + 51, end, end + 51), None)


def watch(server, size, seconds, may_break=False):
    """Asks on one connection, in turn for one range, several and all."""
    tags, seen, broken, end = {}, set(), 0, time.monotonic() + seconds
    while time.monotonic() < end:
        with server.connect() as conn:
            try:
                while time.monotonic() < end:
                    for value in asks(size):
                        got = conn.ask("GET", "/changing.bin", {"Range": value} if value else {})
                        one_of(got.status, (206, 200) if value else (200,))
                        seen.add(one_version(got, tags, size, may_break))
            except Closed:
                ok(may_break, "the server broke off an answer")
                broken += 1
    return seen, broken


@obliges("RNG-37")
@cases(("small", LINE * 100), ("inline", LINE * 4000), ("file", LINE * 20000), ("large", LINE * 300000))
def test_while_it_is_put(server, size):
    server.put("/changing.bin", versions(0, size))
    with server.connect() as other:
        def replace(number):
            eq(other.ask("PUT", "/changing.bin", body=versions(number, size)).status, 204)

        with Replacing(replace) as replacing:
            seen, _ = watch(server, size, 1)
    ok(replacing.count > 3 and len(seen) > 2, "%d versions, %d of them seen" % (replacing.count, len(seen)))


@obliges("RNG-37")
@cases(("small", LINE * 100), ("inline", LINE * 4000), ("large", LINE * 80000))
def test_while_others_rewrite_it_in_place(server, size):
    """An answer with a strong tag that the writer would spoil is broken off; it is never completed."""
    path = server.write("changing.bin", versions(0, size))
    with open(path, "r+b", buffering=0) as file:
        with Replacing(lambda number: os.pwrite(file.fileno(), versions(number, size), 0), 0.04) as replacing:
            seen, _ = watch(server, size, 1.5, may_break=True)
    ok(len(seen) > 5 or size > COPIED, "answers with a strong tag: %r" % seen)
    ok(replacing.count > 3, "%d versions" % replacing.count)


@obliges("RNG-37")
@cases(("one", "bytes=13-"), ("several", "bytes=0-12999999,13000130-"), ("all", None))
def test_a_slow_reader_gets_one_version(server, value):
    size = LINE * 3000000
    server.write("slow.bin", versions(7, size))
    with server.connect() as conn:
        conn.send(head_of("GET", "/slow.bin", {"Range": value} if value else {}))
        conn.fill()
        for number in range(3):
            one_of(server.put("/slow.bin", versions(100 + number, LINE * 1000)).status, (201, 204))
        eq(server.delete("/slow.bin").status, 204)
        eq(one_version(conn.read(), {}, size), 7)
        eq(conn.ask("GET", "/slow.bin").status, 404)


@obliges("RNG-37", "RNG-41")
def test_a_resumed_download_is_of_one_version(server):
    """A client that loses its connection over and over and goes on with If-Range never joins two versions."""
    size = LINE * 20000
    server.put("/changing.bin", versions(0, size))
    joined = 0
    with server.connect() as other, server.connect() as conn:
        def replace(number):
            other.ask("PUT", "/changing.bin", body=versions(number, size))
            time.sleep(0.01)

        with Replacing(replace):
            for number in range(60):
                first = conn.ask("GET", "/changing.bin", {"Range": "bytes=0-%d" % (LINE * 10000 - 1)})
                time.sleep(number % 3 * 0.005)
                rest = conn.ask("GET", "/changing.bin", {"Range": "bytes=%d-" % (LINE * 10000), "If-Range": first.etag})
                if rest.status == 206:
                    joined += 1
                    eq(rest.etag, first.etag)
                    whole = first.body + rest.body
                else:
                    whole = rest.body
                ok(version_of(whole) is not None and len(whole) == size, "one version of the whole length")
    ok(joined > 0, "some could be resumed")


@obliges("RNG-37")
def test_what_is_emptied_meanwhile_is_broken_off(server):
    """Not padded, not waited for. (To 0: where a file is cut inside a page, the kernel wipes the page's rest.)"""
    size = LINE * 200000
    path = server.path("cut.bin")
    for _ in range(6):
        server.write("cut.bin", versions(1, size))
        with server.connect() as conn:
            conn.send(head_of("GET", "/cut.bin"))
            conn.fill()
            os.truncate(path, 0)
            try:
                got = conn.read()
                eq(version_of(got.body), 1, "all of it, as it was")
            except Closed:
                pass
