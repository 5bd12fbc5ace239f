"""Whatever others rename and link meanwhile, no request reads or writes outside the root."""

import os
import random
import subprocess
import sys
import threading
import time

from dav import D, lockinfo, prop_body
from wire import Failure, cases, contains, eq, fail, lacks, ok, one_of, own_server, time_limit

SWAPS_LEAST, REQUESTS_LEAST = 10000, 4000
SECRET = b"OUTSIDE-SECRET " * 20
INSIDE = b"inside "
HERE = os.path.dirname(os.path.abspath(__file__))


def outside_of(server):
    """Everything about the folder outside that a write could change, the folder's own times included."""
    out = {}
    for folder, _, names in os.walk(server.tmp + "/outside"):
        for name in [""] + names:
            path = os.path.join(folder, name)
            st = os.stat(path)
            data = None if not name else open(path, "rb").read()
            out[path] = (st.st_ino, st.st_size, st.st_mtime_ns, st.st_ctime_ns, st.st_mode, st.st_nlink, data)
    return out


def lay_out(server):
    for name in ("swap/file.txt", "gap/file.txt", "deep/way/down/file.txt", "file.txt", "still/file.txt"):
        server.write(name, INSIDE + name.encode())
    for name in ("file.txt", "down/file.txt", "secret.txt", "down/secret.txt"):
        path = os.path.join(server.tmp, "outside", name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as out:
            out.write(SECRET)


PLACES = ("swap/", "gap/", "deep/way/down/", "")


class Visitor(threading.Thread):
    def __init__(self, server, number):
        super().__init__(daemon=True)
        self.server, self.number, self.random = server, number, random.Random(number)
        self.stopping, self.failure, self.counts = False, None, {}

    def run(self):
        try:
            with self.server.connect() as conn:
                while not self.stopping:
                    self.step(conn)
        except (Failure, OSError) as why:
            self.failure = why

    def step(self, conn):
        place, choice = self.random.choice(PLACES), self.random.random()
        name = self.random.choice(("file.txt", "secret.txt", "put-%d.txt" % self.number))
        if choice < 0.5:
            self.get(conn, place + name)
        elif choice < 0.6:
            self.listing(conn, place)
        elif choice < 0.9:
            fields = {"Transfer-Encoding": "chunked"} if choice < 0.7 else {}
            got = conn.ask("PUT", "/" + place + name.replace("secret", "put"), fields, INSIDE + os.urandom(9).hex().encode())
            self.judge("PUT", got, (201, 204, 403, 404, 409, 503))
        else:
            got = conn.ask("DELETE", "/" + place + name)
            self.judge("DELETE", got, (204, 403, 404, 409, 503))

    def get(self, conn, name):
        got = conn.ask("GET", "/" + name)
        self.judge("GET", got, (200, 403, 404))
        lacks(got.body, SECRET[:14], "GET /" + name)
        if got.status == 200:
            ok(got.body.startswith(INSIDE), "the content of /%s is one from inside: %r" % (name, got.body[:40]))

    def listing(self, conn, place):
        got = conn.ask("GET", "/" + place, {"Accept": "application/json"})
        self.judge("GET", got, (200, 403, 404))
        lacks(got.body, b"secret.txt", "the listing of /" + place)

    def judge(self, method, got, allowed):
        one_of(got.status, allowed, method)
        key = "%s %d" % (method, got.status)
        self.counts[key] = self.counts.get(key, 0) + 1


NAMES_WANTED = prop_body(D + "getcontentlength", D + "resourcetype")
MAY_FAIL = (403, 404, 405, 409, 412, 423, 503)  # what was swapped or removed meanwhile, or is locked by another visitor


class DavVisitor(Visitor):
    """The same with all that WebDAV reads and changes, each in and onto what is swapped; the first one moves and deletes /swap/ itself."""

    def ask(self, conn, method, target, want, fields=None, body=b""):
        got = conn.ask(method, "/" + target, {"Content-Type": "application/xml", **(fields or {})} if body else fields or {}, body)
        self.judge(method, got, want + MAY_FAIL)
        lacks(got.body, b"secret.txt", "%s /%s" % (method, target))
        lacks(got.body, b">%d<" % len(SECRET), "%s /%s" % (method, target))
        return got

    def step(self, conn):
        steps = (self.find, self.find, self.copy_out, self.copy_in, self.move, self.make, self.patch, self.lock, self.get_any)
        self.random.choice(steps + (self.whole,) if self.number == 0 else steps)(conn, self.random.choice(PLACES))

    def get_any(self, conn, place):
        self.get(conn, place + self.random.choice(("file.txt", "secret.txt")))

    def find(self, conn, place):
        target, depth = self.random.choice((place, "deep/", place + "file.txt", "")), self.random.choice(("1", "infinity"))
        self.ask(conn, "PROPFIND", target, (207,), {"Depth": depth}, NAMES_WANTED)

    def copy_out(self, conn, place):
        """Whole trees with the swapped in their midst; what came is looked at in the end, or deleted."""
        source = self.random.choice((place, place + "file.txt", "deep/")) or "deep/"
        target = "still/out-%d%s" % (self.number, "/" if source.endswith("/") else ".txt")
        self.ask(conn, "COPY", source, (201, 204, 207), {"Destination": "/" + target})
        if self.random.random() < 0.5:
            self.ask(conn, "DELETE", target, (204, 207))

    def copy_in(self, conn, place):
        source = "down/" if self.random.random() < 0.5 else "file.txt"
        self.ask(conn, "COPY", "still/" + source, (201, 204, 207), {"Destination": "/" + place + source.replace("d", "to-d")})

    def move(self, conn, place):
        name = "moved-%d/" % self.number
        self.ask(conn, "MKCOL", "still/" + name, (201,))
        self.ask(conn, "MOVE", "still/" + name, (201, 204, 207), {"Destination": "/" + place + name})
        self.ask(conn, "MOVE", place + self.random.choice((name, "secret.txt", "down/")), (201, 204, 207),
                 {"Destination": "/still/" + name})
        self.ask(conn, "DELETE", place + name, (204, 207))

    def make(self, conn, place):
        name = place + "made-%d/" % self.number
        self.ask(conn, "MKCOL", name, (201,))
        self.ask(conn, "PUT", name + "leaf", (201, 204), body=INSIDE)
        self.ask(conn, "DELETE", self.random.choice((name, place + "down/")) if place != "deep/way/down/" else name, (204, 207))
        self.ask(conn, "MKCOL", place + "down/", (201,))

    def patch(self, conn, place):
        body = (b'<D:propertyupdate xmlns:D="DAV:"><D:set><D:prop><z:a xmlns:z="urn:z">%d</z:a></D:prop></D:set></D:propertyupdate>'
                % self.random.randrange(1000))
        self.ask(conn, "PROPPATCH", place + self.random.choice(("", "file.txt", "secret.txt")), (207,), body=body)

    def lock(self, conn, place):
        target = place + self.random.choice(("lock-%d.txt" % self.number, "file.txt", "down/"))
        got = self.ask(conn, "LOCK", target, (200, 201), {"Timeout": "Second-1"}, lockinfo())
        if got.status in (200, 201):
            self.ask(conn, "UNLOCK", target, (204,), {"Lock-Token": got.fields["Lock-Token"]})

    def whole(self, conn, _):
        if self.random.random() < 0.5:
            self.ask(conn, "MOVE", "swap/", (201, 204, 207), {"Destination": "/still/swap/"})
            self.ask(conn, "MOVE", "still/swap/", (201, 204, 207), {"Destination": "/swap/"})
        else:
            self.ask(conn, "DELETE", "swap/", (204, 207))
            self.ask(conn, "COPY", "still/down/", (201, 204, 207), {"Destination": "/swap/"})


def visit(server, kind=Visitor, least=REQUESTS_LEAST, seconds=30):
    command = [sys.executable, os.path.join(HERE, "swapper.py"), server.root, server.tmp + "/outside"]
    swapper = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        eq(swapper.stdout.readline(), "ready\n", "the swapper")
        visitors = [kind(server, number) for number in range(4)]
        for visitor in visitors:
            visitor.start()
        end = time.monotonic() + seconds
        while sum(sum(visitor.counts.values()) for visitor in visitors) < least and time.monotonic() < end and \
                not any(visitor.failure for visitor in visitors):
            time.sleep(0.05)
        for visitor in visitors:
            visitor.stopping = True
        for visitor in visitors:
            visitor.join(10)
        said = swapper.communicate(input="\n", timeout=20)[0]
    finally:
        swapper.kill()
        swapper.wait()
    for visitor in visitors:
        if visitor.failure:
            raise visitor.failure
    counts = {}
    for visitor in visitors:
        for key, count in visitor.counts.items():
            counts[key] = counts.get(key, 0) + count
    return int(said), counts


def check(server, **how):
    before = outside_of(server)
    swaps, counts = visit(server, **how)
    eq(outside_of(server), before, "the folder outside")
    for folder, _, names in os.walk(server.root):
        lacks(names, "secret.txt", folder)
        for name in names:
            path = os.path.join(folder, name)
            if os.path.isfile(path) and not os.path.islink(path):
                lacks(open(path, "rb").read(), SECRET[:14], path)
    return swaps, counts


def check_usual(server):
    swaps, counts = check(server)
    ok(swaps >= SWAPS_LEAST, "%d swaps happened, %d wanted" % (swaps, SWAPS_LEAST))
    ok(sum(counts.values()) >= REQUESTS_LEAST, "requests were answered: %s" % counts)
    for key in ("GET 200", "GET 404", "PUT 201", "DELETE 204"):
        ok(key in counts, "%s was among the answers: %s" % (key, counts))


def check_dav(server):
    """At most 4 s of it: what does not happen is what is looked for."""
    server.write("still/down/file.txt", INSIDE)
    _, counts = check(server, kind=DavVisitor, least=1500, seconds=4)
    for key in ("PROPFIND 207", "COPY 201", "COPY 404", "MOVE 201", "MKCOL 201", "PROPPATCH 207", "LOCK 201", "UNLOCK 204", "DELETE 204"):
        ok(key in counts, "%s was among the answers: %s" % (key, counts))


@time_limit(60)
@own_server(before=lay_out)
def test_swapped_folders_and_links_never_lead_out_of_the_root(server):
    check_usual(server)


@time_limit(60)
@own_server("--symlinks", "never", "--no-sandbox", before=lay_out)
def test_nor_do_they_without_a_sandbox_and_without_links(server):
    check_usual(server)


@time_limit(60)
@own_server("--no-sandbox", before=lay_out)
def test_nor_do_they_without_a_sandbox(server):
    check_usual(server)


@cases(("as usual", ()), ("without a sandbox", ("--no-sandbox",)), ("without links", ("--no-sandbox", "--symlinks", "never")))
@own_server(before=lay_out)
def test_nor_does_all_that_webdav_changes(server, options):
    if options:
        server.stop()
        server.options = options
        server.start()
    check_dav(server)


@own_server("--symlinks", "anywhere", "--no-sandbox", before=lay_out)
def test_the_same_visits_do_find_what_is_outside_where_links_may_lead_there(server):
    """The control: with symlinks = anywhere the visitors see the secret at once."""
    try:
        visit(server)
    except Failure as why:
        contains(str(why), "must not be in", "what the visitors say")
    else:
        fail("nobody saw what is outside")


@own_server("--symlinks", "anywhere", "--no-sandbox", before=lay_out)
def test_the_same_changes_do_reach_what_is_outside_where_links_may_lead_there(server):
    server.write("still/down/file.txt", INSIDE)
    before = outside_of(server)
    try:
        visit(server, kind=DavVisitor, least=1500, seconds=4)
    except Failure as why:
        contains(str(why), "must not be in", "what the visitors say")
    else:
        ok(outside_of(server) != before, "something outside was seen or changed")
