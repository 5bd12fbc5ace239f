"""What is made of contents and kept (226, dcz): power cuts, a full disk, a server that takes over, a folder that cannot be written."""

import base64
import hashlib
import os
import random
import shutil
import subprocess

import deltas
from powercut import cut_power, mount, plug_in, unplug
from test_each_call import FOR_WORKERS, HONEST, OPERATIONS, WORKERS, Get, play, preload
from test_upgrade import expect_end, replace
from wire import Failure, cases, eq, ok, own_server, skip, time_limit, wait_for

FIRST = b"".join(b"line %d of a text that is long enough: %s\n" % (i, b"abc"[:i % 4]) for i in range(5000))
SECOND = FIRST[:90000] + random.Random(5).randbytes(50000) + FIRST[100000:]


def put_both(server, path):
    """The tag of the first, which is an earlier content then."""
    tag = server.put(path, FIRST).etag
    eq(server.put(path, SECOND).status, 204)
    return tag


def judge(got):
    """A delta or the whole: what comes out is the second content."""
    if got.status == 226:
        ok(deltas.gdiff(got.body, FIRST) == SECOND, "the delta of %d octets makes the content" % len(got.body))
    else:
        ok(got.status == 200 and got.body == SECOND, "or the whole comes: %d" % got.status)
    return got.status


def is_right(server, path, tag):
    return judge(server.get(path, {"A-IM": "gdiff", "If-None-Match": tag}))


def forms(server):
    return [name for name in server.names(".samovar/derived") if len(name) == 64]


def own_disk(server):
    plug_in(server, 1)


@time_limit(60)
@own_server("--history", "5", before=own_disk)
def test_a_power_cut_leaves_no_form_in_halves(server):
    try:
        tags = {}
        for i in range(3):
            tags["/d0/%d" % i] = put_both(server, "/d0/%d" % i)
            eq(is_right(server, "/d0/%d" % i, tags["/d0/%d" % i]), 226)
        server.put("/d0/last", b"what is waited for, so that the log is written up to here")
        eq(len(forms(server)), 3)
        cut_power(server)
        server.kill()
        unplug(server)
        eq(mount(server), (0, ""), "mounting after the cut")
        server.start()
        got = [is_right(server, path, tag) for path, tag in tags.items()]  # a newest earlier content may be lost: 200
        ok(226 in got, "there are deltas again")
        server.stop()
    finally:
        if server.process is not None:
            server.kill()
        unplug(server)


# ---- each failing call ------------------------------------------------------------------------------

CONFIG = """listen = { "127.0.0.1:0" }
site "s" {
  root = "{root}"
  history = 5
  at "/coded" { dictionary = self  fresh = 1m }
}
"""


class Delta(Get):
    """Made anew each time, since the contents are new ones; then asked for again, of what was kept."""

    path = "/delta"

    def __init__(self, method="GET"):
        super().__init__(self.path, method=method)

    def prepare(self, server, name):
        try:
            self.tag = put_both(server, self.path)
        except Failure:  # what failed was a record that nobody waits for: the site takes no more changes until a restart
            server.stop()
            server.start()
            self.tag = put_both(server, self.path)
        self.fields = self.wish()

    def wish(self):
        return {"A-IM": "gdiff", "If-None-Match": self.tag}

    def right(self, server, got):
        judge(got)

    def judge(self, server, _, got, __):
        for answer in (got, server.get(self.path, self.fields)):
            if answer is None or answer.status in HONEST:
                continue
            if answer is got and self.method == "HEAD":
                eq(answer.status, 200)
            else:
                self.right(server, answer)


class Dictionary(Delta):
    path = "/coded"

    def wish(self):
        return {"Accept-Encoding": "dcz", "Available-Dictionary": ":%s:" % base64.b64encode(hashlib.sha256(FIRST).digest()).decode()}

    def right(self, server, got):
        eq(got.status, 200)
        body = got.body
        if got.fields.get("Content-Encoding"):
            eq(body[8:40], hashlib.sha256(FIRST).digest())
            paths = [os.path.join(server.tmp, name) for name in ("undo-first", "undo-coded")]
            for path, content in zip(paths, (FIRST, body[40:])):
                with open(path, "wb") as out:
                    out.write(content)
            body = subprocess.run(["zstd", "-q", "-d", "-c", "--patch-from=" + paths[0], paths[1]], stdout=subprocess.PIPE, check=True).stdout
        ok(body == SECOND, "what comes out is the content")


MADE = {"delta": Delta(), "delta-head": Delta("HEAD"), "dictionary": Dictionary(), "dictionary-head": Dictionary("HEAD")}
OPERATIONS.update(MADE)


@time_limit(90)
@cases(*((name, name) for name in MADE))
@own_server(config=CONFIG, before=preload)
def test_a_failing_call_of_a_worker_makes_no_lie(server, operation):
    if not shutil.which("zstd"):
        skip("zstd is missing")
    play(server, operation, WORKERS, FOR_WORKERS)


# ---- other servers of the folder --------------------------------------------------------------------


@own_server("--history", "5")
def test_a_server_that_takes_over_sends_the_forms_that_are_there(server):
    tag = put_both(server, "/a")
    eq(is_right(server, "/a", tag), 226)
    kept = forms(server)
    eq(len(kept), 1)
    expect_end(replace(server))
    eq(is_right(server, "/a", tag), 226)
    eq(forms(server), kept)
    tag = put_both(server, "/b")
    eq(is_right(server, "/b", tag), 226)
    eq(len(forms(server)), 2)


@own_server("--history", "5")
def test_where_nothing_may_be_written_what_is_kept_is_sent_and_nothing_is_made(server):
    tags = {path: put_both(server, path) for path in ("/made", "/not-made")}
    eq(is_right(server, "/made", tags["/made"]), 226)
    kept = forms(server)
    server.stop()
    server.options += ("--read-only",)
    server.start()
    wait_for(lambda: not server.head("/made").fields["ETag"].startswith("W/"), "the file is old enough for a strong tag")
    eq(is_right(server, "/made", tags["/made"]), 226)
    eq(is_right(server, "/not-made", tags["/not-made"]), 200)
    eq(forms(server), kept)
