"""Each system call of MKCOL, PROPPATCH, COPY, MOVE, DELETE of folders, LOCK and UNLOCK fails once, for every k: no lie, nothing half done.

As test_each_call.py, but what is there is compared as a whole tree (trees.py): content, properties, locks. After a 2xx it is the tree
that was asked for; after an error the one before; when the connection broke off or the site takes no more changes, one of the two.
"""

import errno
import xml.etree.ElementTree as xml

import fault
from dav import D, XML, lockinfo
from test_each_call import CALLS_MOST, Faults, LOOPS, WORKERS, preload
from trees import Tree, Z, allowed, ask, is_done, look, tokens_known, written
from wire import Closed, Failure, cases, eq, fail, ok, one_of, own_server, time_limit, wait_for

HONEST = (500, 503, 507)
LEAVES = ("unlinkat", "openat64", "openat2", "getdents64", "statx", "fstat64", "renameat", "renameat2", "close", "fdopendir", "readdir64")


class Scene:
    """top/file, top/taken, top/folder/{one,sub/two}, top/full/three: each with a property or two, all put there for one request."""

    def __init__(self, server, top):
        self.server, self.top, self.tree = server, top, Tree(top)
        for number, name in enumerate(("file", "taken", "folder/one", "folder/sub/two", "full/three")):
            server.write("%s/%s" % (top, name), fault.content(name, number + 1, 200))
            parts = name.split("/")
            for depth in range(1, len(parts)):
                self.tree.nodes["/".join([top] + parts[:depth])] = (None, {})
            self.tree.nodes["%s/%s" % (top, name)] = (number + 1, {})

    def at(self, name):
        return self.top + "/" + name

    def mark(self, *names):
        for name in names:
            path = self.at(name)
            step = self.patch(name, {Z + "p": "of " + path})
            with self.server.connect() as conn:
                eq(ask(conn, self.tree, step).status, 207)
            self.tree = step[5]

    def lock(self, name):
        step = self.lock_step(name)
        with self.server.connect() as conn:
            got = ask(conn, self.tree, step)
        self.tree = step[5]
        self.tree.locks[got.fields["Lock-Token"].strip("<>")] = self.tree.locks.pop(None)

    # ---- steps, as in trees.py

    def patch(self, name, props, method="PROPPATCH"):
        path, after = self.at(name), self.tree.copy()
        serial, had = self.tree.nodes.get(path, (None, {}))
        after.nodes[path] = (serial, {**had, **props})
        body = '<D:%s xmlns:D="DAV:"><D:set><D:prop>%s</D:prop></D:set></D:%s>'
        word = "mkcol" if method == "MKCOL" else "propertyupdate"
        inner = written(props) + ("<D:resourcetype><D:collection/></D:resourcetype>" if method == "MKCOL" else "")
        return method, self.tree.url(path), XML, (body % (word, inner, word)).encode(), (201, 207), after

    def mkcol(self, name):
        after = self.tree.copy()
        after.nodes[self.at(name)] = (None, {})
        return "MKCOL", "/" + self.at(name), {}, b"", (201,), after

    def remove(self, name):
        after = self.tree.copy()
        after.remove(self.at(name))
        return "DELETE", self.tree.url(self.at(name)), {}, b"", (204,), after

    def transfer(self, method, name, target):
        path, to, after = self.at(name), self.at(target), self.tree.copy()
        after.remove(to)
        if method == "MOVE":
            after.remove(path)
        after.graft(self.tree, path, to)
        return method, self.tree.url(path), {"Destination": "/" + to}, b"", (201, 204), after

    def lock_step(self, name):
        path, after = self.at(name), self.tree.copy()
        after.nodes.setdefault(path, (0, {}))
        after.locks[None] = (path, True)
        return "LOCK", self.tree.url(path), {"Timeout": "Second-3000", **XML}, lockinfo(), (200, 201), after

    def unlock(self):
        after = self.tree.copy()
        token, (path, _) = after.locks.popitem()
        return "UNLOCK", self.tree.url(path), {"Lock-Token": "<%s>" % token}, b"", (204,), after


# name: (what has properties, what is locked, the step)
CHANGES = {
    "mkcol": ((), None, lambda scene: scene.mkcol("new")),
    "mkcol-extended": ((), None, lambda scene: scene.patch("new", {Z + "p": "1", Z + "q": "2"}, "MKCOL")),
    "proppatch": (("file",), None, lambda scene: scene.patch("file", {Z + "p": "1", Z + "q": "2"})),
    "delete-folder": (("folder/one",), None, lambda scene: scene.remove("folder")),
    "delete-locked": (("folder",), "folder", lambda scene: scene.remove("folder")),
    "move-file": (("file",), None, lambda scene: scene.transfer("MOVE", "file", "full/new")),
    "move-file-over": (("file", "taken"), None, lambda scene: scene.transfer("MOVE", "file", "taken")),
    "move-folder-over": (("folder/one", "full"), None, lambda scene: scene.transfer("MOVE", "folder", "full")),
    "move-locked": (("folder",), "folder", lambda scene: scene.transfer("MOVE", "folder", "new")),
    "copy-file": (("file",), None, lambda scene: scene.transfer("COPY", "file", "new")),
    "copy-file-over": (("file", "taken"), None, lambda scene: scene.transfer("COPY", "file", "taken")),
    "copy-folder": (("folder", "folder/one"), None, lambda scene: scene.transfer("COPY", "folder", "new")),
    "copy-folder-over": (("folder/one", "full"), None, lambda scene: scene.transfer("COPY", "folder", "full")),
    "lock": ((), None, lambda scene: scene.lock_step("folder")),
    "lock-new": ((), None, lambda scene: scene.lock_step("new")),
    "unlock": ((), "folder", lambda scene: scene.unlock()),
}


def not_told(step, found, got):
    """What a 207 of COPY does not speak of and is missing all the same."""
    method, target, fields, _, _, after = step
    told = [element.text.strip("/") for element in xml.fromstring(got.body).iter(D + "href")]
    source, to = target.strip("/"), fields.get("Destination", "").strip("/")
    missing = [path for path in after.nodes if found.nodes.get(path) != after.nodes[path]]
    wrong = sorted(set(found.nodes) - set(after.nodes))
    for path in missing:
        twin = source + path[len(to):]
        if not any(one in (path, twin) or path.startswith(one + "/") or twin.startswith(one + "/") for one in told):
            wrong.append(path)
    return wrong


class Series:
    leaves_forwarding = False

    def __init__(self, server, faults, name, side, error):
        self.server, self.faults, self.name, self.side, self.error, self.calls = server, faults, name, side, error, []

    def times_frozen(self):
        return (self.server.stdout() + self.server.stderr()).count("read-only from now on")

    def is_frozen(self, got):
        """What the site says comes through a pipe, and may come a little later."""
        probe = self.server.put("/probe", b"x")
        if probe.status in (201, 204):
            return False
        wait_for(lambda: self.times_frozen() > self.frozen_before, "it says that it takes no more changes: %s" % probe)
        return True

    def one(self, at):
        """False when there was no k-th call."""
        server, (marked, locked, make) = self.server, CHANGES[self.name]
        scene = Scene(server, "s%d-%d-%d" % (self.side, self.error, at))
        scene.mark(*marked)
        if locked:
            scene.lock(locked)
        step, up_before, self.frozen_before = make(scene), fault.left_in(server, "up"), self.times_frozen()
        with server.connect() as conn:
            server.log.clear()
            self.faults.arm(self.side, at, self.error)
            try:
                got = ask(conn, scene.tree, step)
            except (Closed, BrokenPipeError, ConnectionResetError) as why:
                if "no answer within" in str(why):
                    raise
                got = None
            call, _ = self.faults.disarm()
        try:
            server.check_alive()
            self.check(scene, step, got, call)
            if call not in LEAVES:
                eq(sorted(set(fault.left_in(server, "up")) - set(up_before)), [], "what was left in .samovar/up")
        except Failure as why:
            raise Failure("call %d, %s, failed with %s, answer %s: %s" % (at, call, errno.errorcode[self.error], got, why))
        for token, (path, _) in look(server, scene.top).locks.items():
            eq(server.request("UNLOCK", "/" + path, {"Lock-Token": "<%s>" % token}).status, 204, "the next UNLOCK")
        eq(server.delete("/%s/" % scene.top).status, 204, "the next DELETE")
        eq(tokens_known(server) if locked or "lock" in self.name else set(), set(), "locks of nothing that is there")
        if call:
            self.calls.append(call)
        return call is not None

    def check(self, scene, step, got, call):
        is_frozen = self.is_frozen(got)
        if call is None:
            ok(got is not None and is_done(step, got), "without a failure the answer is a good one: %s" % got)
        if is_frozen:
            self.server.stop()
            self.server.start()
        found = look(self.server, scene.top)
        may_be = allowed(scene.tree, step, found)
        if got is not None and is_done(step, got):
            may_be = may_be[-1:]
        elif got is not None and got.status == 207 and step[0] == "COPY":
            return eq(not_told(step, found, got), [], "what a 207 does not tell")
        elif got is not None and not is_frozen:
            one_of(got.status, HONEST + (207,))
            may_be = may_be[:2] if None in step[5].locks else may_be[:1]
        if not any(found == one for one in may_be):
            fail("neither as before (%s) nor as asked (%s)" % (scene.tree.difference(found), step[5].difference(found)))
        if self.leaves_forwarding and got is not None and is_done(step, got):
            eq(self.server.get(step[1]).fields.get("Location"), step[2]["Destination"] + step[1][len(step[1].rstrip("/")):],
               "an acknowledged MOVE has left its address")

    def run(self):
        for at in range(1, CALLS_MOST):
            if not self.one(at):
                return
        fail("more than %d calls" % CALLS_MOST)


class ForwardingSeries(Series):
    leaves_forwarding = True


def play(server, name, side, errors, kind=Series):
    faults = Faults(server)
    eq(server.put("/warm", b"1").status, 201)
    fault.settle(server)
    for error in errors:
        series = kind(server, faults, name, side, error)
        try:
            series.run()
        except Failure as why:
            fail("%s; calls so far: %s" % (why, " ".join(series.calls)))
        ok(series.calls, "calls were made to fail")
    server.stop()
    server.start()
    eq(fault.left_in(server, "up"), [], ".samovar/up after a restart")
    wait_for(lambda: not fault.left_in(server, "trash"), "the trash is empty after a restart")


@time_limit(90)
@cases(*((name, name) for name in CHANGES))
@own_server(before=preload)
def test_a_failing_call_of_a_worker_leaves_trees_whole(server, name):
    play(server, name, WORKERS, (errno.EIO, errno.ENOSPC))


@time_limit(90)
@cases(*((name, name) for name in ("lock", "lock-new", "unlock", "move-locked")))
@own_server("--locks", "durable", before=preload)
def test_nor_does_one_where_locks_are_durable(server, name):
    play(server, name, WORKERS, (errno.EIO,))


@time_limit(90)
@cases(*((name, name) for name in ("move-file", "move-file-over", "move-folder-over", "move-locked")))
@own_server("--leave-forwarding", before=preload)
def test_nor_does_one_where_addresses_are_left_behind(server, name):
    play(server, name, WORKERS, (errno.EIO, errno.ENOSPC), ForwardingSeries)


@time_limit(60)
@cases(*((name, name) for name in ("copy-folder", "move-locked")))
@own_server(before=preload)
def test_a_failing_call_of_a_loop_leaves_trees_whole(server, name):
    play(server, name, LOOPS, (errno.EIO,))
