"""Content codings: power cuts, failing calls, no room, kill -9 and a folder that is read-only while forms are made."""

import os
import random
import threading

from codings import make, text, undo
from disk import free, small_disk
from powercut import cut_power, mount, plug_in, unplug
from test_each_call import FOR_WORKERS, HONEST, OPERATIONS, WORKERS, Get, play, preload
from wire import eq, cases, ok, own_server, time_limit, wait_for

CONFIG = """listen = { "127.0.0.1:0" }
site "s" {
  root = "{root}"
  compress = on
  negotiate = on
}
"""
CONTENT = text(100000, 11)
CODINGS = ("br", "zstd", "gzip")


def is_right(got, content=CONTENT):
    """In some coding, or none: what comes out is the content."""
    eq(got.status, 200)
    ok(undo(got.fields.get("Content-Encoding"), got.body) == content, "what comes out is the content")
    return got.fields.get("Content-Encoding")


def ask(server, path, coding):
    return server.get(path, {"Accept-Encoding": coding})


def forms(server):
    if not os.path.isdir(server.path(".samovar/derived")):
        return []
    return [name for name in server.names(".samovar/derived") if len(name) == 64]


def own_disk(server):
    plug_in(server, 1)


@time_limit(60)
@own_server(config='listen = { "127.0.0.1:0" }\nsite "s" {\n  root = "{root}"\n  compress = on\n}\n', before=own_disk)
def test_a_power_cut_leaves_no_form_in_halves(server):
    try:
        for i in range(3):
            server.put("/d0/%d.txt" % i, CONTENT)
            for coding in CODINGS:
                eq(is_right(ask(server, "/d0/%d.txt" % i, coding)), coding)
        server.put("/d0/last", b"what is waited for, so that the log is written up to here")
        eq(len(forms(server)), 9)
        cut_power(server)
        server.kill()
        unplug(server)
        eq(mount(server), (0, ""), "mounting after the cut")
        server.start()
        for i in range(3):
            wait_for(lambda: ask(server, "/d0/%d.txt" % i, "identity").etag.startswith('"'), "a strong tag")
            for coding in CODINGS:
                eq(is_right(ask(server, "/d0/%d.txt" % i, coding)), coding)
        server.stop()
    finally:
        if server.process is not None:
            server.kill()
        unplug(server)


# ---- each failing call ----


class Coded(Get):
    """Made anew each time, of a new content; then asked for again."""

    def __init__(self, coding, method="GET"):
        super().__init__("/coded.txt", method=method)
        self.coding, self.number = coding, 0

    def prepare(self, server, name):
        self.number += 1
        self.content = b"%d " % self.number + CONTENT
        self.fields = {"Accept-Encoding": self.coding, "If-Range": '"x"'}  # never from memory
        server.write("coded.txt", self.content)
        os.utime(server.path("coded.txt"), (1e9 + self.number, 1e9 + self.number))

    def judge(self, server, _, got, __):
        for answer in (got, server.get(self.target, self.fields)):
            if answer is None or answer.status in HONEST:
                continue
            if answer is got and self.method == "HEAD":
                eq(answer.status, 200)
            else:
                is_right(answer, self.content)


class Beside(Coded):
    def prepare(self, server, name):
        super().prepare(server, name)
        server.write("coded.txt.gz", make("gzip", self.content))
        os.utime(server.path("coded.txt.gz"), (1e9 + self.number, 1e9 + self.number))


class Stored(Coded):
    """Only the coded form is there, and has to be decoded."""

    def prepare(self, server, name):
        super().prepare(server, name)
        os.unlink(server.path("coded.txt"))
        server.write("coded.txt.gz", make("gzip", self.content))
        os.utime(server.path("coded.txt.gz"), (1e9 + self.number, 1e9 + self.number))


MADE = {"coded": Coded("br"), "coded-head": Coded("zstd", "HEAD"), "beside": Beside("gzip"), "decoded": Stored("identity")}
OPERATIONS.update(MADE)


@time_limit(90)
@cases(*((name, name) for name in MADE))
@own_server(config=CONFIG, before=preload)
def test_a_failing_call_of_a_worker_makes_no_lie(server, operation):
    play(server, operation, WORKERS, FOR_WORKERS)


# ---- no room, no time, no right ----


def test_without_room_the_content_comes_as_it_is(_):
    with small_disk(size="2m") as server:
        server.stop()
        server.options += ("--compress", "on")
        server.start()
        noise = random.Random(3).randbytes(100000).hex().encode()  # becomes half of it
        server.write("a.txt", noise)
        with open(server.path("filler"), "wb") as out:
            while free(server) > 8192:
                out.write(b"\0" * 4096)
                out.flush()
        wait_for(lambda: ask(server, "/a.txt", "identity").etag.startswith('"'), "a strong tag")
        eq(is_right(ask(server, "/a.txt", "gzip"), noise), None)
        eq(ask(server, "/a.txt", "gzip, identity;q=0").status, 406)
        os.unlink(server.path("filler"))
        eq(is_right(ask(server, "/a.txt", "gzip"), noise), "gzip")


@own_server(config=CONFIG)
def test_kill_9_while_forms_are_made(server):
    for number in range(6):
        content = text(2 << 20, number)
        server.put("/kill.txt", content)
        threads = [threading.Thread(target=quietly, args=(server, coding)) for coding in CODINGS]
        for thread in threads:
            thread.start()
        wait_for(lambda: forms(server) or not any(map(threading.Thread.is_alive, threads)), "making")
        server.kill()
        for thread in threads:
            thread.join()
        server.start()
        wait_for(lambda: ask(server, "/kill.txt", "identity").etag.startswith('"'), "a strong tag")
        for coding in CODINGS:
            eq(is_right(ask(server, "/kill.txt", coding), content), coding)


def quietly(server, coding):
    try:
        ask(server, "/kill.txt", coding)
    except Exception:  # the server goes
        pass


@own_server("--compress", "on")
def test_where_nothing_may_be_written_what_is_kept_is_sent_and_nothing_is_made(server):
    for name in ("made", "not-made"):
        server.put("/%s.txt" % name, CONTENT)
    eq(is_right(ask(server, "/made.txt", "gzip")), "gzip")
    kept = forms(server)
    eq(len(kept), 1)
    server.stop()
    server.options += ("--read-only",)
    server.start()
    wait_for(lambda: server.head("/made.txt").etag.startswith('"'), "a strong tag")
    eq(is_right(ask(server, "/made.txt", "gzip")), "gzip")
    eq(is_right(ask(server, "/not-made.txt", "gzip")), None)
    eq(forms(server), kept)
