"""Bindings while something goes wrong: kill -9 and power cuts between any two calls that change the disk, and each call failing in turn.

What is there is compared as a graph: which names lead to which resource (by resource-id), and what is in it. After a 2xx it is what
was asked for; without an answer that or what was before; after an error what was before. Then `samovar check --mend` has to find
nothing that a second check would still find, and once all is deleted no bound resource may be left.
"""

import copy
import errno
import os
import re
import subprocess
import threading
import time
import urllib.parse
import xml.etree.ElementTree as xml

import fault
import wire
from dav import D, XML
from powercut import cut_power, mount, plug_in, unplug
from test_each_call import Faults, WORKERS, preload
from wire import Closed, Failure, cases, eq, fail, ok, one_of, own_server, time_limit, wait_for

KILL = -1  # failing.c
CALLS_MOST = 400
HONEST = (500, 503, 507)
ASKED = b'<D:propfind xmlns:D="DAV:"><D:prop><D:resource-id/><D:resourcetype/></D:prop></D:propfind>'


class Node:
    """A resource: content of a file, or members of a folder. Copies of a graph keep the keys."""

    keys = 0

    def __init__(self, content=None):
        Node.keys += 1
        self.key, self.content, self.members = Node.keys, content, {} if content is None else None


def told(node, path="", seen=None, out=None):
    """{path: (key, content)}, as a deep PROPFIND of a client tells it that says DAV: bind: a folder's members once."""
    seen, out = set() if seen is None else seen, {} if out is None else out
    out[path] = (node.key, node.content)
    if node.members is not None and node.key not in seen:
        seen.add(node.key)
        for name in sorted(node.members):
            told(node.members[name], path + "/" + name, seen, out)
    return out


def found(server, top):
    """The same of what is there, with resource-ids for keys."""
    out = {}
    with server.connect() as conn:
        got = conn.ask("PROPFIND", "/%s/" % top, {"Depth": "infinity", "DAV": "bind", **XML}, ASKED)
        eq(got.status, 207, "PROPFIND")
        for response in xml.fromstring(got.body).findall(D + "response"):
            path = urllib.parse.unquote(response.find(D + "href").text)
            prop = response.find("%spropstat/%sprop" % (D, D))
            is_folder = prop.find("%sresourcetype/%scollection" % (D, D)) is not None
            content = None if is_folder else conn.ask("GET", path).body
            out[path.rstrip("/")[len(top) + 1:]] = (prop.find("%sresource-id/%shref" % (D, D)).text, content)
    return out


def differs(expected, ids, there):
    """How what is there is something else; ids: {key: resource-id} of before."""
    wrong = ["%s: %s, not %s" % (path, there.get(path), expected.get(path)) for path in sorted(set(expected) | set(there))
             if path not in there or path not in expected or there[path] != (ids[expected[path][0]], expected[path][1])]
    return "; ".join(wrong[:5])


# ---- what is asked ----------------------------------------------------------------------------------


def body(kind, segment, href=None):
    inner = "<D:segment>%s</D:segment>" % segment + ("<D:href>%s</D:href>" % href if href else "")
    return ('<D:%s xmlns:D="DAV:">%s</D:%s>' % (kind, inner, kind)).encode()


class Scene:
    """top/a/{f,d/in}, top/b/old, top/c/: with the bindings that a change wants, made by the server."""

    def __init__(self, server, top):
        self.server, self.top, self.root = server, top, Node()
        for path in ("a", "a/d", "b", "c"):
            self.put(path, Node())
            os.makedirs(server.path("%s/%s" % (top, path)), exist_ok=True)
        for path in ("a/f", "a/d/in", "b/old"):
            self.put(path, Node(path.encode()))
            server.write("%s/%s" % (top, path), path.encode())
        os.sync()  # what others wrote is theirs to keep; all else is the server's

    def node(self, path):
        at = self.root
        for name in path.split("/") if path else ():
            at = at.members[name]
        return at

    def put(self, path, node):
        folder, _, name = path.rpartition("/")
        self.node(folder).members[name] = node

    def remove(self, path):
        folder, _, name = path.rpartition("/")
        del self.node(folder).members[name]

    def url(self, path):
        return "/%s/%s" % (self.top, path)

    def ids(self):
        there = found(self.server, self.top)
        return {key: there[path][0] for path, (key, _) in told(self.root).items()}

    # ---- changes: what is sent, and what is then

    def bind(self, path, to):
        folder, _, name = to.rpartition("/")
        return ("BIND", self.url(folder) + "/", XML, body("bind", name, self.url(path))), lambda: self.put(to, self.node(path))

    def unbind(self, path):
        folder, _, name = path.rpartition("/")
        return ("UNBIND", self.url(folder) + "/", XML, body("unbind", name)), lambda: self.remove(path)

    def moved(self, path, to):
        node = self.node(path)
        self.remove(path)
        self.put(to, node)

    def rebind(self, path, to):
        folder, _, name = to.rpartition("/")
        return ("REBIND", self.url(folder) + "/", XML, body("rebind", name, self.url(path))), lambda: self.moved(path, to)

    def move(self, path, to):
        return ("MOVE", self.url(path), {"Destination": self.url(to)}, None), lambda: self.moved(path, to)

    def delete(self, path):
        return ("DELETE", self.url(path), {}, None), lambda: self.remove(path)

    def updated(self, node, to):
        """Each copy has a counterpart: what is there stays who it is."""
        to.content = node.content
        for name, member in (node.members or {}).items():
            self.updated(member, to.members[name])

    def copy(self, path, to):
        source = copy.deepcopy(self.node(path))
        return ("COPY", self.url(path), {"Destination": self.url(to)}, None), lambda: self.updated(source, self.node(to))

    def write(self, path, content):
        return ("PUT", self.url(path), {}, content), lambda: setattr(self.node(path), "content", content)

    def do(self, change):
        request, act = change
        with self.server.connect() as conn:
            one_of(conn.ask(*request).status, (200, 201, 204), "%s %s" % request[:2])
        act()


# name: (what is bound before, the change)
F2, D2, LOOP = ("a/f", "b/f2"), ("a/d", "b/d2"), ("a/d", "a/d/loop")
CHANGES = {
    "bind-file": ((), lambda scene: scene.bind("a/f", "b/f2")),
    "bind-folder": ((), lambda scene: scene.bind("a/d", "b/d2")),
    "bind-loop": ((), lambda scene: scene.bind("a/d", "a/d/loop")),
    "bind-further": ((F2,), lambda scene: scene.bind("b/f2", "c/f3")),
    "bind-over": ((F2,), lambda scene: scene.bind("a/f", "b/old")),
    "bind-over-last": ((("b/old", "c/o"),), lambda scene: scene.bind("a/f", "b/old")),
    "unbind": ((F2,), lambda scene: scene.unbind("a/f")),
    "unbind-folder": ((D2,), lambda scene: scene.unbind("a/d")),
    "delete-one": ((F2,), lambda scene: scene.delete("b/f2")),
    "delete-cycle": ((LOOP,), lambda scene: scene.delete("a/d")),
    "delete-folder": ((F2, D2, LOOP), lambda scene: scene.delete("a")),
    "delete-all": ((("a/f", "a/f2"), ("a/d", "a/d2"), LOOP), lambda scene: scene.delete("a")),
    "rebind": ((F2,), lambda scene: scene.rebind("b/f2", "c/g")),
    "rebind-over": ((F2, D2), lambda scene: scene.rebind("b/f2", "b/old")),
    "move": ((D2,), lambda scene: scene.move("b/d2", "c/d3")),
    "move-folder": ((F2, D2, LOOP), lambda scene: scene.move("a", "c/a")),
    "move-over-bound": ((F2,), lambda scene: scene.move("b/old", "b/f2")),
    "copy-over": ((), lambda scene: scene.copy("a/f", "b/old")),
    "copy-over-bound": ((F2,), lambda scene: scene.copy("b/old", "b/f2")),
    "copy-of-bound": ((F2,), lambda scene: scene.copy("a/f", "b/old")),
    "copy-updates": ((("a/f", "c/old"),), lambda scene: scene.copy("b", "c")),
    "put": ((F2,), lambda scene: scene.write("b/f2", b"new")),
}


def scene_of(server, name, top):
    """The scene with its bindings, the request, what is there before and after, as told()."""
    bindings, make = CHANGES[name]
    scene = Scene(server, top)
    for path, to in bindings:
        scene.do(scene.bind(path, to))
    ids, before = scene.ids(), told(scene.root)
    kept = copy.deepcopy(scene.root)
    request, act = make(scene)
    act()
    after, scene.root = told(scene.root), kept
    return request, ids, before, after


def ask(server, request):
    with server.connect() as conn:
        try:
            return conn.ask(*request)
        except (Closed, BrokenPipeError, ConnectionError) as why:
            if "no answer within" in str(why):
                raise
            return None


def check(server, *words):
    made = subprocess.run([wire.SAMOVAR, "check", server.root, *words], capture_output=True, text=True, timeout=60 * wire.STRETCH,
                          check=False)
    return made.returncode, made.stdout + made.stderr


def judge(server, top, got, scene):
    """What holds, then that `samovar check` mends the rest, and that nothing is left of it all."""
    _, ids, before, after = scene
    there = found(server, top)
    wrong = [differs(after, ids, there)]
    if got is None or got.status >= 300 or got.status == 207:
        wrong.append(differs(before, ids, there))
    if got is not None and got.status == 207:  # a member that could not be copied is told of; what it was to replace is there or gone
        wrong.append(differs({path: here for path, here in before.items() if path != "/c/old"}, ids, there))
    if all(wrong):
        fail("answer %s; not as asked: %s; nor as before: %s" % (got, wrong[0], wrong[-1]))
    text = check(server, "--mend")
    eq(check(server)[0], 0, "a check after %s" % (text,))
    eq(found(server, top), there, "what is there after --mend, which said %s" % (text,))
    for path, (_, content) in sorted(there.items()):  # other programs get the same
        if content is not None:
            eq(server.read(top + path), content, "as a file, %s" % path)
    eq(server.delete("/%s/" % top).status, 204)
    eq(fault.left_in(server, "bound"), [], "bound resources, when all is deleted")
    wait_for(lambda: not fault.left_in(server, "trash"), "the trash is empty")


def is_empty(server):
    eq(fault.left_in(server, "up"), [], "what is left in .samovar/up")


def killed(server, faults, name, at, then):
    """False when the change made fewer calls: then it dies as soon as it has answered."""
    top = "t%d" % at
    scene = scene_of(server, name, top)
    faults.arm(WORKERS, at, KILL)
    got = ask(server, scene[0])
    call, _ = faults.disarm()
    if call:
        wait_for(lambda: not server.is_running(), "the server is gone")
    elif got is None:
        fail("there was no call %d and no answer" % at)
    server.kill()
    then()
    server.start()
    is_empty(server)
    try:
        judge(server, top, got, scene)
    except Failure as why:
        raise Failure("%s, killed before change %d, %s: %s" % (name, at, call, why))
    return call is not None


def kill_at_each(server, name, then=lambda: None):
    faults = Faults(server)
    eq(server.put("/warm", b"1").status, 201)
    for at in range(1, CALLS_MOST):
        if not killed(server, faults, name, at, then):
            ok(at > 2, "calls were met: %d" % at)
            return
    fail("more than %d calls" % CALLS_MOST)


@time_limit(120)
@cases(*((name, name) for name in CHANGES))
@own_server(before=preload)
def test_a_kill_between_any_two_calls_leaves_names_as_they_were_or_are_to_be(server, name):
    kill_at_each(server, name)


def own_disk(server):
    plug_in(server, 0)
    preload(server)


def cut_at_each(server, name):
    def cut():
        cut_power(server)
        unplug(server)
        eq(mount(server), (0, ""), "mounting after the cut")

    try:
        kill_at_each(server, name, cut)
        server.stop()
    finally:
        if server.process is not None:
            server.kill()
        unplug(server)


@time_limit(180)
@cases(*((name, name) for name in ("bind-file", "bind-folder", "bind-over-last", "bind-further", "unbind", "delete-cycle", "rebind-over", "move-folder", "copy-over", "copy-updates", "put")))
@own_server(before=own_disk)
def test_nor_does_a_power_cut(server, name):
    cut_at_each(server, name)


@time_limit(60)
@own_server("--durability", "relaxed", before=own_disk)
def test_the_power_cut_would_show_a_name_that_is_not_kept(server):
    """The control: without full durability an acknowledged BIND is lost."""
    try:
        cut_at_each(server, "bind-further")
    except Failure as why:
        ok("not as asked" in str(why) or "PROPFIND" in str(why), "names are lost, not: %s" % why)
    else:
        fail("no cut lost anything although nothing was synced: the cut is none")


# ---- failing calls ----------------------------------------------------------------------------------


def failed(server, faults, name, at, error):
    top, frozen = "e%d-%d" % (error, at), times_frozen(server)
    scene = scene_of(server, name, top)
    faults.arm(WORKERS, at, error)
    got = ask(server, scene[0])
    call, _ = faults.disarm()
    server.check_alive()
    if call is None and (got is None or got.status >= 300):
        fail("without a failure it is done: %s" % got)
    if got is not None and got.status >= 300:
        one_of(got.status, HONEST + (207,), "call %d, %s, %s" % (at, call, errno.errorcode[error]))
    if server.put("/probe", b"x").status not in (201, 204):
        wait_for(lambda: times_frozen(server) > frozen, "it says that it takes no more changes")
        server.stop()
        server.start()
        got = got if got is not None and got.status < 300 else None  # nobody knows what the disk holds
    try:
        judge(server, top, got, scene)
    except Failure as why:
        raise Failure("%s, call %d, %s, failed with %s, answer %s: %s" % (name, at, call, errno.errorcode[error], got, why))
    return call is not None


def times_frozen(server):
    return (server.stdout() + server.stderr()).count("read-only from now on")


@time_limit(180)
@cases(*((name, name) for name in CHANGES))
@own_server(before=preload)
def test_a_failing_call_leaves_names_whole(server, name):
    faults = Faults(server)
    eq(server.put("/warm", b"1").status, 201)
    for error in (errno.EIO, errno.ENOSPC):
        for at in range(1, CALLS_MOST):
            if not failed(server, faults, name, at, error):
                break
        else:
            fail("more than %d calls" % CALLS_MOST)


# ---- readers beside ---------------------------------------------------------------------------------


class Readers:
    """Read names that are there all the time, over HTTP and as files: never nothing, never older than what was acknowledged."""

    def __init__(self, server, *names):
        self.server, self.floors, self.wrong, self.count = server, dict.fromkeys(names, 0), [], 0
        self.over = threading.Event()
        self.threads = [threading.Thread(target=read, args=(name,)) for name in names for read in (self.ask, self.open)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join()

    def judge(self, who, name, floor, content):
        self.count += 1
        if content is None or int(content) < floor:
            self.wrong.append("%s %s: %r, where %d was acknowledged before" % (who, name, content, floor))
            self.over.set()

    def ask(self, name):
        with self.server.connect() as conn:
            while not self.over.is_set():
                floor = self.floors[name]
                got = conn.ask("GET", name)
                self.judge("GET", name, floor, got.body if got.status == 200 else None)

    def open(self, name):
        while not self.over.is_set():
            floor = self.floors[name]
            try:
                content = self.server.read(name[1:])
            except OSError as why:
                self.wrong.append("open %s: %s" % (name, why))
                self.over.set()
            else:
                self.judge("open", name, floor, content)


def rounds_of_names(server, readers, until):
    """A file and a folder become bound, get names, lose them, are written through them, and are replaced by others that are not bound."""
    serial = 0
    with server.connect() as conn:
        def do(method, target, fields=(), content=None):
            got = conn.ask(method, target, dict(fields), content)
            one_of(got.status, (200, 201, 204), "%s %s" % (method, target))

        def write(target, floor):
            nonlocal serial
            serial += 1
            do("PUT", target, (), b"%d" % serial)
            if floor:
                readers.floors[floor] = serial

        while time.monotonic() < until and not readers.wrong:
            do("BIND", "/r/", XML, body("bind", "g", "/r/f"))
            write("/r/g", "/r/f")
            do("MOVE", "/r/g", {"Destination": "/r/h"})
            write("/r/h", "/r/f")
            do("BIND", "/r/", XML, body("bind", "d2", "/r/d"))
            write("/r/d2/in", "/r/d/in")
            do("REBIND", "/r/", XML, body("rebind", "d3", "/r/d2"))
            write("/r/d3/in", "/r/d/in")
            write("/new", None)
            do("MOVE", "/new", {"Destination": "/r/f"})
            readers.floors["/r/f"] = serial
            do("MKCOL", "/fresh/")
            write("/fresh/in", None)
            do("MOVE", "/fresh/", {"Destination": "/r/d/"})
            readers.floors["/r/d/in"] = serial
            do("DELETE", "/r/h")
            do("DELETE", "/r/d3/")


@time_limit(60)
@own_server(files={"r/f": b"0", "r/d/in": b"0"})
def test_readers_beside_find_each_name_and_nothing_old(server):
    with Readers(server, "/r/f", "/r/d/in") as readers:
        rounds_of_names(server, readers, time.monotonic() + 6 * wire.STRETCH)
    eq(readers.wrong, [])
    ok(readers.count > 200, "there were readers: %d" % readers.count)
    eq(check(server, "--mend")[0], 0)
    eq(check(server)[0], 0)
    wait_for(lambda: not fault.left_in(server, "bound"), "what lost its names is gone")
