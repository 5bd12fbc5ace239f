"""trees.py - clients that change trees of their own by every method of WebDAV, to be judged after a crash or a failure.

A Tree is what one client knows of its folder: files with a number, folders, properties, locks. Each step makes the tree that is to
be out of the tree that is; after a crash one of the two must be found, whole: content on the disk, and what PROPFIND and
`samovar locks` say. Whatever is found elsewhere, a property of another resource or half a copy, makes it neither.
"""

import os
import threading
import urllib.parse
import xml.etree.ElementTree as xml

import fault
import program
import wire
from dav import D, XML, lockinfo
from writers import Writer

Z = "{urn:z}"
NAMES, NODES_MOST, DEPTH_MOST = ("a", "b", "c"), 24, 4
REFUSED = (403, 500, 503, 507)  # honest once the disk is gone, or the site reads only since
ASKED = (b'<?xml version="1.0"?><D:propfind xmlns:D="DAV:"><D:allprop/><D:include><D:lockdiscovery/></D:include></D:propfind>')


class Tree:
    """nodes: {path: (serial or None for a folder, {property: value})}; locks: {token: (path, is_deep)}. Paths have no slash at the end."""

    def __init__(self, top):
        self.nodes, self.locks = {top: (None, {})}, {}

    def copy(self):
        out = Tree("")
        out.nodes, out.locks = dict(self.nodes), dict(self.locks)
        return out

    def __eq__(self, other):
        return self.nodes == other.nodes and self.locks == other.locks

    def is_folder(self, path):
        return path in self.nodes and self.nodes[path][0] is None

    def url(self, path):
        return "/" + path + ("/" if self.is_folder(path) else "")

    def below(self, path):
        return [name for name in self.nodes if name == path or name.startswith(path + "/")]

    def remove(self, path):
        for name in self.below(path):
            del self.nodes[name]
        self.unlock_below(path)

    def unlock_below(self, path):
        self.locks = {token: lock for token, lock in self.locks.items() if lock[0] != path and not lock[0].startswith(path + "/")}

    def graft(self, source, path, target, is_shallow=False):
        """What was at path in the tree `source` comes to target."""
        for name in [path] if is_shallow else source.below(path):
            self.nodes[target + name[len(path):]] = source.nodes[name]

    def meets_lock(self, path):
        return any(one == path or one.startswith(path + "/") or path.startswith(one + "/") for one, _ in self.locks.values())

    def locks_on(self, path):
        return {token for token, (root, is_deep) in self.locks.items() if root == path or (is_deep and path.startswith(root + "/"))}

    def difference(self, other):
        lines = []
        for what, one, two in (("", self.nodes, other.nodes), ("lock ", self.locks, other.locks)):
            lines += ["%s%s: %s, found %s" % (what, key, one.get(key, "nothing"), two.get(key, "nothing"))
                      for key in sorted(set(one) | set(two), key=str) if one.get(key) != two.get(key)]
        return "; ".join(lines[:6])


# ---- what is really there ---------------------------------------------------------------------------


def on_disk(server, top):
    """{path: serial, None for a folder}; a text that is torn is a failure."""
    out = {top: None}
    for folder, folders, names in os.walk(server.path(top)):
        at = os.path.relpath(folder, server.root)
        for name in folders:
            out[at + "/" + name] = None
        for name in names:
            data = server.read(at + "/" + name)
            if data and not fault.whole(data):
                wire.fail("%s/%s is torn: %d octets, %r..." % (at, name, len(data), data[:60]))
            out[at + "/" + name] = int(data.split(b" ", 2)[1]) if data else 0
    return out


def look(server, top):
    """The Tree that is there. What PROPFIND says must fit to the disk, and each lock show where it holds and nowhere else."""
    disk = on_disk(server, top)
    with server.connect() as conn:
        got = conn.ask("PROPFIND", "/%s/" % top, {"Depth": "infinity", **XML}, ASKED)
    wire.eq(got.status, 207, "PROPFIND after it")
    tree, shown = Tree(top), {}
    tree.nodes = {}
    for response in xml.fromstring(got.body).findall(D + "response"):
        path = urllib.parse.unquote(response.find(D + "href").text).strip("/")
        if response.find(D + "location") is not None and path not in disk:
            continue  # a forwarding address
        props = {prop.tag: prop.text for stat in response.findall(D + "propstat") for prop in stat.find(D + "prop")
                 if prop.tag.startswith(Z)}
        wire.ok(path in disk, "PROPFIND tells of %s, which is not there" % path)
        tree.nodes[path] = (disk[path], props)
        shown[path] = set()
        for lock in response.iter(D + "activelock"):
            token = lock.find(D + "locktoken").find(D + "href").text
            root = urllib.parse.unquote(lock.find(D + "lockroot").find(D + "href").text).strip("/")
            tree.locks[token] = (root, lock.find(D + "depth").text == "infinity")
            shown[path].add(token)
    wire.eq(sorted(tree.nodes), sorted(disk), "what PROPFIND tells, and what is there")
    for path, tokens in shown.items():
        wire.eq(tokens, tree.locks_on(path), "the locks that are shown on " + path)
    return tree


def tokens_known(server):
    """Every lock that there is, wherever."""
    status, out, err = program.ended("locks", server.root)
    wire.eq((status, err), (0, ""), "samovar locks")
    return {line.split(" ")[0] for line in out.splitlines()}


# ---- steps ------------------------------------------------------------------------------------------
# Each gives (method, target, fields, body, statuses, after), or None where the tree has nothing for it.


class Steps:
    def __init__(self, chance, top, next_serial):
        self.random, self.top, self.next_serial = chance, top, next_serial

    def some(self, tree, may_be_top=False):
        return self.random.choice([path for path in tree.nodes if may_be_top or path != self.top] or [None])

    def place(self, tree):
        """A path in one of the folders, taken or free."""
        folders = [path for path in tree.nodes if tree.is_folder(path) and path.count("/") < DEPTH_MOST]
        return self.random.choice(folders) + "/" + self.random.choice(NAMES)

    def props(self):
        return {Z + "p%d" % number: str(self.next_serial()) for number in self.random.sample(range(3), 2)}

    def put(self, tree):
        path, after = self.place(tree), tree.copy()
        if tree.is_folder(path):
            return None
        serial = self.next_serial()
        after.nodes[path] = (serial, tree.nodes[path][1] if path in tree.nodes else {})
        body = fault.content(path, serial, self.random.choice((200, 3000, 40000)))
        return "PUT", "/" + path, {}, body, (204,) if path in tree.nodes else (201,), after

    def mkcol(self, tree):
        path, after = self.place(tree), tree.copy()
        if path in tree.nodes:
            return None
        props = self.props() if self.random.random() < 0.6 else {}
        after.nodes[path] = (None, props)
        body = b"" if not props else ('<D:mkcol xmlns:D="DAV:"><D:set><D:prop><D:resourcetype><D:collection/></D:resourcetype>'
                                      "%s</D:prop></D:set></D:mkcol>" % written(props)).encode()
        return "MKCOL", "/" + path + "/", XML if props else {}, body, (201,), after

    def proppatch(self, tree):
        path, after = self.some(tree, True), tree.copy()
        props, gone = self.props(), self.random.choice((Z + "p0", Z + "p1", None))
        had = {**tree.nodes[path][1], **props}
        if gone:
            had.pop(gone, None)
        after.nodes[path] = (tree.nodes[path][0], had)
        removed = "<D:remove><D:prop><z:%s xmlns:z='urn:z'/></D:prop></D:remove>" % gone[len(Z):] if gone else ""
        body = '<D:propertyupdate xmlns:D="DAV:"><D:set><D:prop>%s</D:prop></D:set>%s</D:propertyupdate>' % (written(props), removed)
        return "PROPPATCH", tree.url(path), XML, body.encode(), (207,), after

    def transfer(self, tree):
        path, target, after = self.some(tree), self.place(tree), tree.copy()
        if not path or (path + "/").startswith(target + "/") or (target + "/").startswith(path + "/") or \
                any(root == target or root.startswith(target + "/") for root, _ in tree.locks.values()):
            return None
        return path, target, after

    def copy(self, tree):
        chosen = self.transfer(tree)
        if not chosen:
            return None
        path, target, after = chosen
        is_shallow = tree.is_folder(path) and self.random.random() < 0.2
        after.remove(target)
        after.graft(tree, path, target, is_shallow)
        fields = {"Destination": "/" + target, "Depth": "0" if is_shallow else "infinity"}
        return "COPY", tree.url(path), fields, b"", (204,) if target in tree.nodes else (201,), after

    def move(self, tree):
        chosen = self.transfer(tree)
        if not chosen:
            return None
        path, target, after = chosen
        after.remove(target)
        after.remove(path)
        after.graft(tree, path, target)
        return "MOVE", tree.url(path), {"Destination": "/" + target}, b"", (204,) if target in tree.nodes else (201,), after

    def delete(self, tree):
        path, after = self.some(tree), tree.copy()
        if not path:
            return None
        after.remove(path)
        return "DELETE", tree.url(path), {}, b"", (204,), after

    def lock(self, tree):
        path, after = self.place(tree), tree.copy()
        if tree.meets_lock(path) or len(tree.locks) > 3:
            return None
        is_deep = self.random.random() < 0.5
        if path not in tree.nodes:
            after.nodes[path] = (0, {})
        after.locks[None] = (path, is_deep)  # its token is not known yet
        fields = {"Depth": "infinity" if is_deep else "0", "Timeout": "Second-3000", **XML}
        body = lockinfo(self.random.choice(("exclusive", "shared")))
        return "LOCK", tree.url(path), fields, body, (200,) if path in tree.nodes else (201,), after

    def unlock(self, tree):
        if not tree.locks:
            return None
        after, token = tree.copy(), self.random.choice(sorted(tree.locks))
        path, _ = after.locks.pop(token)
        return "UNLOCK", tree.url(path), {"Lock-Token": "<%s>" % token}, b"", (204,), after

    def next(self, tree):
        while True:
            is_full = len(tree.nodes) > NODES_MOST
            weights = (0, 0, 0, 0, 0, 1, 0, 0) if is_full else (4, 3, 3, 3, 3, 2, 2, 1)
            kind = self.random.choices((self.put, self.mkcol, self.proppatch, self.copy, self.move, self.delete, self.lock, self.unlock),
                                       weights)[0]
            step = kind(tree)
            if step:
                return step


def written(props):
    return "".join("<z:%s xmlns:z='urn:z'>%s</z:%s>" % (name[len(Z):], value, name[len(Z):]) for name, value in props.items())


def ask(conn, tree, step):
    """All the locks' tokens are submitted, whatever is asked."""
    method, target, fields, body, _, _ = step
    fields = dict(fields)
    if tree.locks and method != "UNLOCK":
        fields["If"] = " ".join(["(Not <DAV:no-lock>)"] + ["(<%s>)" % token for token in tree.locks])
    return conn.ask(method, target, fields, body or None)


def is_done(step, got):
    return got.status in step[4] and (got.status != 207 or b" 200 OK" in got.body and b"HTTP/1.1 4" not in got.body and
                                      b"HTTP/1.1 5" not in got.body)


# ---- writers and what they know, as in writers.py ----------------------------------------------------


class Gardener(Writer):
    def __init__(self, server, number, forest):
        super().__init__(server, number, forest)
        self.top = "d%d" % number
        self.steps = Steps(self.random, self.top, forest.next_serial)
        forest.trees.setdefault(self.top, Tree(self.top))

    def step(self, conn):
        tree = self.memory.trees[self.top]
        step = self.steps.next(tree)
        self.memory.doubt[self.top] = step
        got = ask(conn, tree, step)
        if not is_done(step, got):
            if self.memory.is_over and got.status in REFUSED + (207,):
                return False
            wire.fail("%s %s gave %d, not %s, with %s: %s" % (step[0], step[1], got.status, step[4], tree.nodes, got.body[:300]))
        after = step[5]
        if None in after.locks:
            after.locks[got.fields["Lock-Token"].strip("<>")] = after.locks.pop(None)
        self.memory.trees[self.top] = after
        del self.memory.doubt[self.top]
        return True


class Forest:
    """What all gardeners were told, kept over crashes. is_over: the crash has begun, so refusals are honest from now on."""

    def __init__(self, seed):
        self.seed, self.trees, self.doubt, self.serial = seed, {}, {}, 0
        self.lock, self.total, self.is_over = threading.Lock(), 0, False

    def writer(self, server, number):
        return Gardener(server, number, self)

    def next_serial(self):
        with self.lock:
            self.serial += 1
            return self.serial

    def judge(self, server):
        """What is neither as it was nor as it was to be, as lines; afterwards the trees are what is really there."""
        wrong, known = [], set()
        server.log.clear()
        for top, tree in sorted(self.trees.items()):
            try:
                found = look(server, top)
            except wire.Failure as why:
                wrong.append("of what was acknowledged in %s: %s" % (top, why))
                continue
            step = self.doubt.get(top)
            if not any(found == one for one in allowed(tree, step, found)):
                wrong.append("%s was acknowledged otherwise: %s; under way was %s" % (
                    top, tree.difference(found), step and (step[:3], step[5].difference(found))))
            self.trees[top] = found
            known |= set(found.locks)
        if not wrong:
            wire.eq(sorted(tokens_known(server) - known), [], "locks of nothing that is there")
        self.doubt.clear()
        return wrong

    def start_anew(self, server):
        pass


def allowed(tree, step, found):
    """What may be there when nobody knows how far this step came: nothing of it, or all."""
    if not step:
        return [tree]
    after = step[5].copy()
    if None not in after.locks:
        return [tree, after]
    path, is_deep = after.locks.pop(None)
    new = [token for token in found.locks if token not in tree.locks]
    locked = after.copy()
    if new:
        locked.locks[new[0]] = (path, is_deep)
    return [tree, after, locked]  # the empty file is there before its lock: RFC 4918 §7.3 promises no more
