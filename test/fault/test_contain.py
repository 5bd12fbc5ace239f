"""Whatever others rename and link meanwhile, no request reads or writes outside the root."""

import os
import random
import subprocess
import sys
import threading
import time

from wire import Connection, Failure, contains, eq, fail, lacks, ok, one_of, own_server, time_limit

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
            with Connection(self.server.addresses[0], [], self.server.host) as conn:
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


def visit(server):
    command = [sys.executable, os.path.join(HERE, "swapper.py"), server.root, server.tmp + "/outside"]
    swapper = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        eq(swapper.stdout.readline(), "ready\n", "the swapper")
        visitors = [Visitor(server, number) for number in range(4)]
        for visitor in visitors:
            visitor.start()
        end = time.monotonic() + 30
        while sum(sum(visitor.counts.values()) for visitor in visitors) < REQUESTS_LEAST and time.monotonic() < end and \
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


def check(server):
    before = outside_of(server)
    swaps, counts = visit(server)
    eq(outside_of(server), before, "the folder outside")
    ok(swaps >= SWAPS_LEAST, "%d swaps happened, %d wanted" % (swaps, SWAPS_LEAST))
    ok(sum(counts.values()) >= REQUESTS_LEAST, "requests were answered: %s" % counts)
    for key in ("GET 200", "GET 404", "PUT 201", "DELETE 204"):
        ok(key in counts, "%s was among the answers: %s" % (key, counts))
    for folder, _, names in os.walk(server.root):
        for name in names:
            path = os.path.join(folder, name)
            if os.path.isfile(path) and not os.path.islink(path):
                lacks(open(path, "rb").read(), SECRET[:14], path)


@time_limit(60)
@own_server(before=lay_out)
def test_swapped_folders_and_links_never_lead_out_of_the_root(server):
    check(server)


@time_limit(60)
@own_server("--symlinks", "never", "--no-sandbox", before=lay_out)
def test_nor_do_they_without_a_sandbox_and_without_links(server):
    check(server)


@time_limit(60)
@own_server("--no-sandbox", before=lay_out)
def test_nor_do_they_without_a_sandbox(server):
    check(server)


@own_server("--symlinks", "anywhere", "--no-sandbox", before=lay_out)
def test_the_same_visits_do_find_what_is_outside_where_links_may_lead_there(server):
    """The control: with symlinks = anywhere the visitors see the secret at once."""
    try:
        visit(server)
    except Failure as why:
        contains(str(why), "must not be in", "what the visitors say")
    else:
        fail("nobody saw what is outside")
