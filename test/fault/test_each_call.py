"""Each system call of GET, PUT and DELETE fails once, for every k: no lie, no leak, nothing left over, and the next request works.

failing.c is preloaded and shares a page with the test: the k-th call of the workers, or of the loops, gives an error instead of being
made. An honest answer is the right one, or an error of the server's, or a connection that breaks off. A change that was answered with
2xx is there; one that was refused is not. Only when a folder could not be synced nothing can be known: then the site takes no more
changes, says so, and the old or the new content is there whole.
"""

import errno
import mmap
import os
import re
import shutil
import struct
import subprocess
import time

import fault
from wire import Closed, Failure, cases, eq, fail, head_of, ok, one_of, own_server, skip, time_limit, wait_for

HERE = os.path.dirname(os.path.abspath(__file__))
WORKERS, LOOPS = 1, 2
CALLS_MOST = 400
FOR_WORKERS = (errno.EIO, errno.ENOSPC, errno.EMFILE)
FOR_LOOPS = (errno.EIO, errno.ENOMEM)
HONEST = (500, 503, 507)


def preload(server):
    compiler = shutil.which("cc") or shutil.which("gcc")
    if not compiler:
        skip("no C compiler is installed")
    library = server.tmp + "/failing.so"
    done = subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, HERE + "/failing.c", "-ldl"],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    ok(done.returncode == 0, "failing.c compiles: %s" % done.stdout.decode()[:500])
    with open(server.tmp + "/faults", "wb") as out:
        out.write(bytes(4096))
    server.env = {"LD_PRELOAD": library, "FAULTS": server.tmp + "/faults"}
    lay_out(server)


def lay_out(server):
    server.write("small.txt", fault.content("small.txt", 1, 700))
    server.write("big.bin", fault.content("big.bin", 1, 300000))
    for number in range(5):
        server.write("folder/%d.txt" % number, b"x")


class Faults:
    """The shared page: armed, at, error, count, hit, name."""

    def __init__(self, server):
        with open(server.tmp + "/faults", "r+b") as file:
            self.page = mmap.mmap(file.fileno(), 4096)

    def arm(self, side, at, error):
        self.page[:20 + 32] = struct.pack("=iiiii32s", 0, at, error, 0, 0, b"")
        self.page[:4] = struct.pack("=i", side)

    def disarm(self):
        """The name of the call that failed, or None; and how many there were."""
        self.page[:4] = bytes(4)
        _, _, _, count, hit, name = struct.unpack("=iiiii32s", self.page[:52])
        return (name.rstrip(b"\0").decode() if hit else None), count


# ---- what is asked ----------------------------------------------------------------------------------
# prepare(server, name) makes the state before; ask(conn, name) asks and gives the answer; then the file holds new() or old.


class Get:
    is_change = False

    def __init__(self, target, fields=(), status=200, method="GET", drop=False):
        self.target, self.fields, self.status, self.method, self.drop = target, dict(fields), status, method, drop

    def prepare(self, server, _):
        if self.target in ("/small.txt", "/big.bin"):
            server.write(self.target[1:], server.read(self.target[1:]))  # so that it is not hot
        if self.method == "PROPFIND":
            server.write("folder/0.txt", b"x")
        if self.drop:
            fault.make_cold(server.path(self.target[1:]))

    def ask(self, conn, _):
        return conn.ask(self.method, self.target, self.fields)

    def judge(self, server, _, got, __):
        if got is None or got.status in HONEST:
            return
        eq(got.status, self.status, "%s %s" % (self.method, self.target))
        if self.status == 200 and self.method == "GET" and not self.target.endswith("/"):
            ok(got.body == server.read(self.target[1:]), "the content is right")
        if self.target.endswith("/") and self.method in ("GET", "PROPFIND"):
            for number in range(5):
                ok(b"%d.txt" % number in got.body, "the listing has all members: %r" % got.body[:200])


class Put:
    is_change = True

    def __init__(self, before=None, size=500, fields=()):
        self.before, self.size, self.fields = before, size, dict(fields)

    def prepare(self, server, name):
        if self.before == "others":
            server.write(name, self.old(name))
        elif self.before == "ours":
            one_of(server.put("/" + name, fault.content(name, 0, 90)).status, (201, 204))
            eq(server.put("/" + name, self.old(name)).status, 204)

    def old(self, name):
        return fault.content(name, 1, 400) if self.before else None

    def new(self, name):
        return fault.content(name, 2, self.size)

    def ask(self, conn, name):
        if "Expect" in self.fields:
            conn.send(head_of("PUT", "/" + name, dict(self.fields, **{"Content-Length": str(self.size)})))
            got = conn.read_head()
            if got.status != 100:
                conn.read_body(got, "PUT")
                return got
            conn.send(self.new(name))
            return conn.read("PUT")
        return conn.ask("PUT", "/" + name, self.fields, self.new(name))

    def judge(self, server, name, got, is_frozen):
        there = server.read(name) if server.exists(name) else None
        if got is not None and got.status in (201, 204):
            eq(got.status, 204 if self.before else 201, "PUT")
            ok(there == self.new(name), "%d, and the new content is there: %r" % (got.status, there and there[:40]))
        elif got is None or is_frozen:
            ok(there in (self.old(name), self.new(name)), "the old or the new content is there: %r" % (there and there[:40]))
        else:
            one_of(got.status, HONEST, "PUT")
            ok(there == self.old(name), "%d, and the old content is there: %r" % (got.status, there and there[:40]))


class Patch(Put):
    """A delta, or a part: what the contents have in common at their start stays."""

    def __init__(self, by, size=500):
        super().__init__("ours", size)
        self.by = by

    def prepare(self, server, name):
        super().prepare(server, name)
        self.tag = server.head("/" + name).etag

    def ask(self, conn, name):
        same, body = len(name) + 1, self.new(name)
        if self.by == "part":
            said = {"Content-Range": "bytes %d-%d/%d" % (same, self.size - 1, self.size), "If-Match": self.tag}
            return conn.ask("PUT", "/" + name, said, body[same:])
        delta = b"\xd1\xff\xd1\xff\x04" + struct.pack(">BiiBI", 254, 0, same, 248, self.size - same) + body[same:] + b"\0"
        return conn.ask("PATCH", "/" + name, {"Content-Type": "application/gdiff", "If-Match": self.tag}, delta)


class Delete(Put):
    def new(self, name):
        return None

    def ask(self, conn, name):
        return conn.ask("DELETE", "/" + name, self.fields)

    def judge(self, server, name, got, is_frozen):
        if got is not None and got.status == 204:
            got.status = 204 if self.before else 201
        super().judge(server, name, got, is_frozen)


OPERATIONS = {
    "get-small": Get("/small.txt"),
    "get-cold": Get("/small.txt", drop=True),
    "get-big": Get("/big.bin"),
    "get-big-cold": Get("/big.bin", drop=True),
    "get-ranges": Get("/big.bin", {"Range": "bytes=5-9,200000-299000"}, 206),
    "head": Get("/big.bin", method="HEAD"),
    "get-missing": Get("/missing", status=404),
    "listing": Get("/folder/"),
    "listing-json": Get("/folder/", {"Accept": "application/json"}),
    "propfind": Get("/folder/", {"Depth": "1"}, 207, "PROPFIND"),
    "propfind-deep": Get("/folder/", {"Depth": "infinity"}, 207, "PROPFIND"),
    "put-new": Put(),
    "put-new-big": Put(size=300000, fields={"Transfer-Encoding": "chunked"}),
    "put-expected": Put(fields={"Expect": "100-continue"}),
    "put-over-others": Put("others"),
    "put-over-ours": Put("ours"),
    "put-if": Put("others", fields={"If-Match": "*"}),
    "put-part": Patch("part"),
    "put-part-big": Patch("part", 300000),
    "patch": Patch("delta"),
    "patch-big": Patch("delta", 300000),
    "delete-others": Delete("others"),
    "delete-ours": Delete("ours"),
    "delete-if": Delete("ours", fields={"If-Match": "*"}),
}


# ---- one case and all of them -----------------------------------------------------------------------


class Series:
    """One operation with one error, k rising until no call is left to fail."""

    def __init__(self, server, faults, operation, side, error):
        self.server, self.faults, self.operation, self.side, self.error = server, faults, operation, side, error
        self.serial, self.calls = 0, []

    def is_frozen(self, got):
        """The site said that it takes no more changes. What it says comes through a pipe, and may come a little later."""
        end = time.monotonic() + (1 if got is not None and got.status == 500 and self.operation.is_change else 0)
        while self.times_frozen() == self.frozen_before and time.monotonic() < end and self.is_probably_frozen():
            time.sleep(0.005)
        return self.times_frozen() > self.frozen_before

    def is_probably_frozen(self):
        got = self.server.put("/frozen", b"x")
        if got.status == 201:
            self.server.delete("/frozen")
        return got.status not in (201, 204)

    def times_frozen(self):
        return (self.server.stdout() + self.server.stderr()).count("read-only from now on")

    def one(self, at):
        """False when there was no k-th call."""
        server, self.serial = self.server, self.serial + 1
        name = "c%d-%d-%d" % (os.getpid(), self.error, self.serial)
        self.operation.prepare(server, name)
        self.frozen_before = self.times_frozen()
        before, self.up_before = set(server.names()), fault.left_in(server, "up")
        conn = server.connect()
        server.log.clear()
        self.faults.arm(self.side, at, self.error)
        try:
            got = self.operation.ask(conn, name)
        except (Closed, BrokenPipeError, ConnectionResetError) as why:
            if "no answer within" in str(why):
                raise
            got = None
        call, count = self.faults.disarm()
        conn.close()
        try:
            server.check_alive()
            self.check(name, got, call, before)
        except Failure as why:
            raise Failure("call %d, %s, failed with %s, answer %s: %s" % (at, call, errno.errorcode[self.error], got, why))
        if call:
            self.calls.append(call)
        return call is not None

    def check(self, name, got, call, before):
        server = self.server
        is_frozen = self.is_frozen(got)
        if call is None:
            ok(got is not None and got.status < 500, "without a failure the answer is a good one: %s" % got)
        self.operation.judge(server, name, got, is_frozen)
        eq(sorted(set(server.names()) - before - {name}), [], "what was left in the folder")
        if is_frozen:
            return self.thaw()
        again = server.get("/" + name) if self.operation.is_change else server.get("/small.txt")
        there = name if self.operation.is_change else "small.txt"
        if server.exists(there):
            eq((again.status, again.body), (200, server.read(there)), "the next request")
        else:
            eq(again.status, 404, "the next request")
        if self.operation.is_change:
            got = server.put("/" + name, b"next")
            if got.status == 500 and self.is_frozen(got):
                return self.thaw()  # what failed was a record that nobody waits for
            one_of(got.status, (201, 204), "the next change")
            eq(server.delete("/" + name).status, 204, "the next DELETE")
        if call not in ("unlinkat", "openat64"):
            eq(fault.left_in(server, "up"), self.up_before, "what was left in .samovar/up")

    def thaw(self):
        """The site takes no more changes: it says so, reads go on, and a restart mends it."""
        eq(self.server.put("/frozen", b"x").status, 403, "a change after a folder could not be synced")
        eq(self.server.get("/small.txt").status, 200, "a GET after a folder could not be synced")
        self.server.stop()
        self.server.start()
        eq(self.server.put("/frozen", b"x").status, 201, "a change after the restart")
        eq(self.server.delete("/frozen").status, 204)

    def run(self):
        for at in range(1, CALLS_MOST):
            if not self.one(at):
                return
        fail("more than %d calls" % CALLS_MOST)


def files_held(server):
    """Descriptors of anything but sockets; the hot cache's are its own business."""
    return [re.sub(r"[0-9]+", "N", fd) for fd in server.fds() if not fd.startswith(("socket:", "anon_inode:")) and not fd.endswith(("/small.txt", "/big.bin"))]


def play(server, operation, side, errors):
    faults = Faults(server)
    eq(server.put("/warm", b"1").status, 201)
    eq(server.put("/warm", b"2").status, 204)
    server.get("/big.bin")
    fault.settle(server)
    held = files_held(server)
    for error in errors:
        series = Series(server, faults, OPERATIONS[operation], side, error)
        try:
            series.run()
            wait_for(lambda: len(files_held(server)) <= len(held), "no descriptor is left, with %s: had %d" % (
                errno.errorcode[error], len(held)), 2)
        except Failure as why:
            fail("%s; descriptors %s; calls so far: %s" % (why, sorted(set(files_held(server)) - set(held)), " ".join(series.calls)))
        ok(series.calls, "calls were made to fail")
    server.stop()
    server.start()
    eq(fault.left_in(server, "up"), [], ".samovar/up after a restart")
    wait_for(lambda: not fault.left_in(server, "trash"), "the trash is empty after a restart")


@time_limit(60)
@cases(*((name, name) for name in OPERATIONS))
@own_server(before=preload)
def test_a_failing_call_of_a_worker_makes_no_lie(server, operation):
    play(server, operation, WORKERS, FOR_WORKERS)


@time_limit(60)
@cases(*((name, name) for name in ("get-small", "get-big", "get-big-cold", "listing", "put-new-big", "put-over-ours", "delete-ours")))
@own_server(before=preload)
def test_a_failing_call_of_a_loop_makes_no_lie(server, operation):
    play(server, operation, LOOPS, FOR_LOOPS)
