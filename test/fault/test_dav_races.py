"""Many clients change one small tree at once: nothing is lost, doubled or torn, nothing hangs, and every account of it stays true.

The names are few and nested, so that moves meet each other: a folder goes into another's subtree while that one leaves, a copy is
made of what is being deleted, locks are taken below what is moved. What happened in which order nobody knows; what is left is judged.
"""

import os
import random
import re
import threading
import time
import urllib.parse
import xml.etree.ElementTree as xml

import dav
import fault
from wire import Connection, Failure, eq, fail, ok, one_of, own_server, time_limit, wait_for

CLIENTS, SECONDS, STEPS_LEAST = 6, 8, 300
NAMES, DEPTH_MOST = ("a", "b", "c"), 3
LAID = ("a/a/a", "a/b/b", "a/c", "b/a", "b/b/c", "b/c/a", "c/a/b", "c/b", "c/c/c")
EACH, BEFORE = 200, 200 * len(LAID)  # octets
CONFIG = """
listen = { "127.0.0.1:0" }
site "s" {
    root = "{root}"
    allow-write = anyone
    at "/tree" { quota = "100M" }
}
"""
REFUSED = (403, 404, 405, 409, 412, 423, 503)  # how a change may end that came too late; 503, where others always come first


class Client(threading.Thread):
    """Steps until it is stopped. counts: how often each method had each status."""

    def __init__(self, server, number, steps):
        super().__init__(daemon=True)
        self.server, self.number, self.steps, self.random = server, number, steps, random.Random(number)
        self.stopping, self.failure, self.counts, self.serial, self.tokens = False, None, {}, 0, []

    def run(self):
        try:
            with Connection(self.server.addresses[0], [], self.server.host) as conn:
                while not self.stopping:
                    self.random.choice(self.steps)(self, conn)
        except (Failure, OSError, xml.ParseError) as why:
            self.failure = why

    def place(self):
        return "/tree/" + "/".join(self.random.choice(NAMES) for _ in range(self.random.randint(1, DEPTH_MOST)))

    def ask(self, conn, allowed, method, target, fields=(), body=None):
        if self.tokens and method not in ("LOCK", "UNLOCK", "PROPFIND", "GET") and self.random.random() < 0.5:
            fields = {**dict(fields), "If": "(Not <DAV:no-lock>)" + "".join("(<%s>)" % token for _, token in self.tokens)}
        got = conn.ask(method, target, fields, body)
        one_of(got.status, allowed, "%s %s %s" % (method, target, dict(fields)))
        key = "%s %d" % (method, got.status)
        self.counts[key] = self.counts.get(key, 0) + 1
        return got

    # ---- steps ----

    def move_gently(self, conn):
        self.ask(conn, (201, 207) + REFUSED, "MOVE", self.place(), {"Destination": self.place(), "Overwrite": "F"})

    def move(self, conn):
        self.ask(conn, (201, 204, 207) + REFUSED, "MOVE", self.place(), {"Destination": self.place()})

    def copy(self, conn):
        self.ask(conn, (201, 204, 207) + REFUSED, "COPY", self.place(), {"Destination": self.place()})

    def delete(self, conn):
        self.ask(conn, (204, 207) + REFUSED, "DELETE", self.place())

    def put(self, conn):
        self.serial += 1
        body = fault.content("client %d" % self.number, self.serial, self.random.choice((100, 3000, 70_000)))
        self.ask(conn, (201, 204) + REFUSED, "PUT", self.place(), {}, body)

    def mkcol(self, conn):
        self.ask(conn, (201,) + REFUSED, "MKCOL", self.place())

    def proppatch(self, conn):
        body = b'<D:propertyupdate xmlns:D="DAV:"><D:set><D:prop><p xmlns="urn:z">%d</p></D:prop></D:set></D:propertyupdate>'
        self.ask(conn, (207,) + REFUSED, "PROPPATCH", self.place(), dav.XML, body % self.number)

    def lock(self, conn):
        target = self.place()
        fields = {**dav.XML, "Depth": self.random.choice(("0", "infinity"))}
        got = self.ask(conn, (200, 201, 207) + REFUSED, "LOCK", target, fields, dav.lockinfo(self.random.choice(("exclusive", "shared"))))
        if got.status in (200, 201):
            self.tokens.append((target, got.fields["Lock-Token"].strip("<>")))

    def unlock(self, conn):
        if self.tokens:
            target, token = self.tokens.pop(0)
            self.ask(conn, (204,) + REFUSED, "UNLOCK", target, {"Lock-Token": "<%s>" % token})

    def propfind(self, conn):
        got = self.ask(conn, (207, 404, 503), "PROPFIND", self.place(), {"Depth": self.random.choice(("1", "infinity"))})
        if got.status == 207:
            hrefs = [at.text for at in xml.fromstring(got.body).iter(dav.D + "href")]
            ok(hrefs and hrefs[0].startswith("/tree/"), "the folder comes first: %s" % hrefs[:3])

    def get(self, conn):
        got = self.ask(conn, (200, 308, 404), "GET", self.place())
        if got.status == 200 and got.fields["Content-Type"] == "application/octet-stream" and got.body:
            ok(fault.whole(got.body), "a whole content: %r" % got.body[:60])


def play(server, *steps):
    """All clients at once for a while; {"MOVE 201": how often, ...}"""
    wait_for(lambda: used(server) == BEFORE, "what was there before the server is counted")
    clients = [Client(server, number, steps) for number in range(CLIENTS)]
    for client in clients:
        client.start()
    begun = time.monotonic()
    while time.monotonic() - begun < SECONDS and not any(client.failure for client in clients):
        time.sleep(0.05)
    for client in clients:
        client.stopping = True
    for client in clients:
        client.join(30)
        if client.failure:
            raise client.failure
        ok(not client.is_alive(), "client %d had its answer" % client.number)
    counts = {}
    for client in clients:
        for key, count in client.counts.items():
            counts[key] = counts.get(key, 0) + count
    answers = sum(counts.values())
    ok(answers >= STEPS_LEAST, "requests were answered: %s" % counts)
    unsure = sum(count for key, count in counts.items() if key.endswith(" 503"))
    ok(unsure * 50 <= answers, "hardly any has to be asked again: %s" % counts)
    return counts


# ---- what is left ----

def contents(server):
    """[(path, content)] of all files, as the disk has them."""
    found = []
    for folder, _, names in os.walk(server.path("tree")):
        found += [(os.path.join(folder, name), open(os.path.join(folder, name), "rb").read()) for name in names]
    return found


def used(server):
    return int(dav.props_of(server, "/tree/", dav.D + "quota-used-bytes").text(dav.D + "quota-used-bytes"))


def check_accounts(server):
    """What the server counts and keeps agrees with what is there."""
    wait_for(lambda: not fault.left_in(server, "up") and not fault.left_in(server, "trash"), "nothing lies in up/ or trash/")
    octets = sum(len(content) for _, content in contents(server))
    wait_for(lambda: used(server) == octets, "%d octets count, and not %d" % (octets, used(server)), 10)
    got = server.request("PROPFIND", "/tree/", {"Depth": "infinity"})
    eq(got.status, 207)
    listed = sorted(urllib.parse.unquote(at.text).rstrip("/") for at in xml.fromstring(got.body).iter(dav.D + "href"))
    there = sorted(path[len(server.root):] for path, _, _ in os.walk(server.path("tree")))
    there = sorted(there + [path[len(server.root):] for path, _ in contents(server)])
    eq(listed, there, "what PROPFIND lists")


def locks_in(server):
    """{token: path} of the locks that are told of."""
    body = dav.prop_body(dav.D + "lockdiscovery")
    got = server.request("PROPFIND", "/tree/", {**dav.XML, "Depth": "infinity"}, body)
    eq(got.status, 207)
    found = {}
    for lock in xml.fromstring(got.body).iter(dav.D + "activelock"):
        found[lock.find(dav.D + "locktoken")[0].text] = lock.find(dav.D + "lockroot")[0].text
    return found


def lay_out(server):
    for path in LAID:
        server.write("tree/" + path, fault.content(path, 1, EACH))


@time_limit(90)
@own_server(config=CONFIG, before=lay_out)
def test_what_is_moved_by_many_at_once_is_neither_lost_nor_doubled(server):
    before = sorted(content for _, content in contents(server))
    counts = play(server, Client.move_gently, Client.move_gently, Client.move_gently, Client.mkcol, Client.propfind, Client.get)
    ok(counts.get("MOVE 201", 0) >= 20, "things were moved: %s" % counts)
    eq(sorted(content for _, content in contents(server)), before, "the contents, wherever they are")
    check_accounts(server)


@time_limit(90)
@own_server(config=CONFIG, before=lay_out)
def test_all_changes_at_once_leave_whole_files_and_true_accounts(server):
    counts = play(server, Client.move, Client.move_gently, Client.copy, Client.delete, Client.put, Client.put, Client.put, Client.mkcol,
                     Client.mkcol, Client.proppatch, Client.lock, Client.unlock, Client.unlock, Client.propfind, Client.get)
    for key in ("MOVE 201", "COPY 201", "DELETE 204", "PUT 201", "MKCOL 201", "PROPPATCH 207"):
        ok(key in counts, "%s was among the answers: %s" % (key, counts))
    for path, content in contents(server):
        ok(not content or fault.whole(content), "%s is whole: %r" % (path, content[:60]))
    for token, root in locks_in(server).items():
        eq(server.request("UNLOCK", root, {"Lock-Token": "<%s>" % token}).status, 204, "the lock on " + root)
    eq(locks_in(server), {}, "locks")
    check_accounts(server)
    eq(server.delete("/tree/").status, 204, "the tree, with no lock left in it")
