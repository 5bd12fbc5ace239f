"""No PROPFIND is older than the last change that had returned before it was asked for, while readers never stop.

The server answers from what it knows of a folder as long as nobody changes it; here somebody always does. A file's length is the
number of its version, which only grows.
"""

import os
import re
import threading
import time

from hot import hits
from wire import cases, eq, ok, one_of

LENGTH = re.compile(rb"<D:getcontentlength>(\d+)<")
MEMBER = re.compile(rb"<D:href>/([^<]*)</D:href>")
REST = 0.022  # seconds until what others wrote is taken for finished


class Reader(threading.Thread):
    def __init__(self, run, number):
        super().__init__(daemon=True)
        self.run_of, self.number, self.seen, self.failure = run, number, 0, None

    def run(self):
        try:
            with self.run_of.server.connect() as conn:
                while not self.run_of.is_over:
                    self.ask(conn)
        except BaseException as why:
            self.failure = why

    def ask(self, conn):
        run = self.run_of
        target, depth = run.questions[(self.seen + self.number) % len(run.questions)]
        least = run.published
        got = conn.ask("PROPFIND", target, {"Depth": depth})
        self.seen += 1
        if got.status == 404 and run.may_miss:
            return
        eq(got.status, 207)
        version = run.version_of(got.body)
        ok(version >= least, "%s, depth %s: version %d when %d was there already" % (target, depth, version, least))


class Run:
    """questions: pairs of target and depth, each telling the version, which version_of() finds in the answer."""

    def __init__(self, server, questions, version_of, may_miss=False):
        self.server, self.questions, self.version_of, self.may_miss = server, questions, version_of, may_miss
        self.published, self.is_over = 0, False

    def go(self, change, seconds=1, least=20):
        readers = [Reader(self, number) for number in range(4)]
        for reader in readers:
            reader.start()
        number, end = 0, time.monotonic() + seconds
        try:
            while ((time.monotonic() < end or number < least or any(reader.seen < least for reader in readers)) and
                   not any(reader.failure for reader in readers)):
                number += 1
                change(number)
                self.published = number
                time.sleep(number % 7 * 0.001 + (3 * REST if number % 4 == 0 else 0))
        finally:
            self.is_over = True
            for reader in readers:
                reader.join(20)
        for reader in readers:
            if reader.failure:
                raise reader.failure


def folder_of(server, name):
    """With some members that stay."""
    for number in range(5):
        server.write("%s/stays-%d" % (name, number), b"", mtime=time.time() - 1000)
    os.makedirs(server.path(name + "/sub"), exist_ok=True)


def largest(body):
    return max(int(found) for found in LENGTH.findall(body))


def run_of_file(server, name, may_miss=False):
    folder_of(server, name)
    server.write(name + "/f", b"")
    questions = [("/%s/" % name, "1"), ("/%s/f" % name, "0"), ("/%s/" % name, "1")]
    return Run(server, questions, largest, may_miss)


def test_while_a_file_is_put(server):
    with server.connect() as conn:
        run_of_file(server, "put").go(
            lambda number: one_of(conn.ask("PUT", "/put/f", body=b"x" * number).status, (201, 204)))


def test_while_a_file_is_appended_to(server):
    run = run_of_file(server, "append")

    def change(number):
        with open(server.path("append/f"), "ab", buffering=0) as file:
            file.write(b"x")

    run.go(change)


def test_while_a_file_is_renamed_over(server):
    run = run_of_file(server, "rename")

    def change(number):
        server.write("rename-new", b"x" * number)
        os.rename(server.path("rename-new"), server.path("rename/f"))

    run.go(change)


@cases(("put", "PUT", b"x"), ("folders", "MKCOL", b""))
def test_while_members_come(server, method, body):
    name = "come-" + method.lower()
    folder_of(server, name)
    run = Run(server, [("/%s/" % name, "1")], lambda got: len(MEMBER.findall(got)) - 7)
    with server.connect() as conn:
        run.go(lambda number: eq(conn.ask(method, "/%s/new-%d" % (name, number), body=body).status, 201))


def test_while_members_go(server):
    folder_of(server, "go")
    for number in range(1, 1000):
        server.write("go/%d" % number)
    run = Run(server, [("/go/", "1")], lambda got: 1006 - len(MEMBER.findall(got)))
    with server.connect() as conn:
        run.go(lambda number: eq(conn.ask("DELETE", "/go/%d" % number).status, 204))


def test_while_its_folder_is_replaced(server):
    folder_of(server, "place/here")
    server.write("place/here/f", b"")
    run = Run(server, [("/place/here/", "1"), ("/place/here/f", "0")], largest, may_miss=True)

    def change(number):
        server.write("place-new/here/f", b"x" * number)
        os.rename(server.path("place"), server.path("place-%d" % number))
        os.rename(server.path("place-new"), server.path("place"))

    run.go(change)


def test_what_is_known_was_asked_in_all_this(server):
    """The tests above mean nothing if no answer of theirs came from what is known."""
    folder_of(server, "known")
    server.write("known/f", b"", mtime=time.time() - 1000)
    before = hits(server)
    with server.connect() as conn:
        for _ in range(100):
            eq(conn.ask("PROPFIND", "/known/", {"Depth": "1"}).status, 207)
            time.sleep(0.01)
    ok(hits(server) > before, "answers from what is known")


def test_a_long_answer_is_the_same_from_what_is_known(server):
    """Longer than the loop makes by itself."""
    old = time.time() - 100000
    for number in range(1500):
        server.write("long/%d %%&'<é.txt" % number, b"x" * number, mtime=old - number)
    os.utime(server.path("long"), (old, old))  # of this very second it might be told as of the one before (CND-10)
    with server.connect() as conn:
        cold = conn.ask("PROPFIND", "/long/", {"Depth": "1"})
        eq(len(cold.body.split(b"<D:response>")), 1502)
        before = hits(server)
        for _ in range(20):
            eq(conn.ask("PROPFIND", "/long/", {"Depth": "1"}).body, cold.body)
            time.sleep(0.01)
    ok(hits(server) > before, "answers from what is known")


@cases(("of-a-member", "patched/f"), ("of-the-folder", "patched/"))
def test_while_properties_are_set(server, target):
    folder_of(server, "patched")
    server.write("patched/f", b"")
    body = "<propertyupdate xmlns='DAV:'><set><prop><v xmlns='urn:v'>number %d</v></prop></set></propertyupdate>"
    with server.connect() as conn:
        def change(number):
            got = conn.ask("PROPPATCH", "/" + target, {"Content-Type": "application/xml"}, body % number)
            eq(got.status, 207)

        change(0)
        Run(server, [("/patched/", "1"), ("/" + target, "0")],
            lambda got: max(int(found) for found in re.findall(rb">number (\d+)<", got))).go(change)
