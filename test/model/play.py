#!/usr/bin/env python3
"""play.py - random sequences of all methods by several clients, beside a model: play.py PORT|auto [SEQUENCES] [FIRST]

Each sequence is made from its number, in a folder of its own, over few names, so that collisions, diamonds and loops are
frequent. The answer to each request has to be one that the model calls right; at the end (for some sequences, and
whenever something was wrong, after each request) the whole tree is compared: names, which of them are the same
resource, what comes again, contents, a property, locks. At last the folder is deleted, and nothing may be left of it
among the bound resources. A sequence that fails is played again with fewer requests, as long as it fails, and printed.

STEPS: requests of one sequence (10). FOLDER: the served folder, to look into.
"""
import os
import random
import re
import socket
import sys
from xml.etree import ElementTree

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from model import Model  # noqa: E402

NAMES = ("a", "b", "c")
STEPS = int(os.environ.get("STEPS", "10"))
EVERY = 16  # one sequence in so many is compared after each request
LOCKINFO = ('<D:lockinfo xmlns:D="DAV:"><D:lockscope><D:%s/></D:lockscope>'
            '<D:locktype><D:write/></D:locktype></D:lockinfo>')
ASK = ('<D:propfind xmlns:D="DAV:"><D:prop><D:resource-id/><D:resourcetype/><D:getcontentlength/><D:lockdiscovery/>'
       '<p xmlns="urn:model"/></D:prop></D:propfind>')
SET = ('<D:propertyupdate xmlns:D="DAV:"><D:set><D:prop><p xmlns="urn:model">%s</p></D:prop></D:set>'
       '</D:propertyupdate>')
DAV = "{DAV:}"


class Wrong(Exception):
    pass


class Client:
    """One connection, HTTP/1.1."""

    def __init__(self, port):
        self.port, self.socket, self.rest = port, None, b""

    def ask(self, method, target, fields=(), body=b""):
        if isinstance(body, str):
            body = body.encode()
        head = "%s %s HTTP/1.1\r\nHost: localhost\r\n" % (method, target)
        for name, value in fields:
            head += "%s: %s\r\n" % (name, value)
        if body or method == "PUT":
            head += "Content-Length: %d\r\n" % len(body)
        if body[:1] == b"<":
            head += "Content-Type: application/xml\r\n"
        if self.socket is None:
            self.socket = socket.create_connection(("127.0.0.1", self.port))
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(head.encode() + b"\r\n" + body)
        return self.answer()

    def more(self):
        got = self.socket.recv(1 << 16)
        if not got:
            raise Wrong("the server closed the connection")
        self.rest += got

    def upto(self, mark):
        while mark not in self.rest:
            self.more()
        part, self.rest = self.rest.split(mark, 1)
        return part

    def octets(self, count):
        while len(self.rest) < count:
            self.more()
        part, self.rest = self.rest[:count], self.rest[count:]
        return part

    def answer(self):
        head = self.upto(b"\r\n\r\n").decode("latin-1")
        status = int(head[9:12])
        if status < 200:
            return self.answer()
        fields = {line.split(":", 1)[0].lower(): line.split(":", 1)[1].strip() for line in head.split("\r\n")[1:]}
        if fields.get("transfer-encoding") == "chunked":
            body = b""
            while True:
                size = int(self.upto(b"\r\n"), 16)
                body += self.octets(size)
                self.upto(b"\r\n")
                if size == 0:
                    break
        else:
            body = self.octets(int(fields.get("content-length", "0")))
        if fields.get("connection") == "close":
            self.socket.close()
            self.socket, self.rest = None, b""
        return status, fields, body


def url(top, path):
    return "/" + "/".join((top,) + path)


class Play:
    def __init__(self, client, top, steps):
        self.client, self.top, self.steps = client, top, steps
        self.model, self.told = Model(), []
        self.tokens = {}  # the model's token -> the server's

    # -- one request

    def condition(self, tokens):
        """Submits tokens, and is true whatever they are (RFC 4918 §10.4)."""
        held = [lock for lock in self.model.locks if lock.token in tokens]
        lists = ["<%s> (<%s>)" % (url(self.top, lock.path), self.tokens[lock.token]) for lock in held]
        return [("If", " ".join(lists + ["<%s> (Not <DAV:no-lock>)" % url(self.top, ())]))] if held else []

    def send(self, method, path, fields=(), body=b""):
        self.told.append("%s %s %s %s" % (method, url(self.top, path), dict(fields) or "", body))
        status, head, got = self.client.ask(method, url(self.top, path) or "/", fields, body)
        self.told[-1] += " -> %d" % status
        return status, head, got

    def judge(self, right, act, status):
        if status not in right:
            raise Wrong("%d, right would be one of %s" % (status, sorted(right)))
        if act and status in (200, 201, 204, 207) and not (status == 207 and 207 not in {207} & right - {423}):
            act()

    def step(self, number, dice):
        path = self.path(dice)
        other = self.path(dice)
        tokens = {lock.token for lock in self.model.locks if dice.random() < 0.6}
        kind = dice.choices(list(KINDS), list(KINDS.values()))[0]
        getattr(self, "do_" + kind)(number, dice, path, other, tokens)

    def path(self, dice):
        """Mostly of what is there, or could be."""
        told = [path for path, resource, _ in self.model.listing() if resource.is_folder]
        if dice.random() < 0.15:
            return tuple(dice.choice(NAMES) for _ in range(dice.randint(1, 4)))
        return dice.choice(told) + (dice.choice(NAMES),)

    def done(self, answer, right, act):
        status = answer[0]
        if status not in right:
            raise Wrong("%d; right: %s" % (status, sorted(right)))
        if act and status < 300 and not (status == 207 and 423 in right):
            act()

    def do_put(self, number, dice, path, other, tokens):
        content = b"x" * dice.randint(0, 9)
        right, act = self.model.put(path, content, tokens)
        self.done(self.send("PUT", path, self.condition(tokens), content), right, act)

    def do_mkcol(self, number, dice, path, other, tokens):
        right, act = self.model.mkcol(path, tokens)
        self.done(self.send("MKCOL", path, self.condition(tokens)), right, act)

    def do_proppatch(self, number, dice, path, other, tokens):
        right, act = self.model.proppatch(path, str(number), tokens)
        self.done(self.send("PROPPATCH", path, self.condition(tokens), SET % number), right, act)

    def do_delete(self, number, dice, path, other, tokens):
        right, act = self.model.remove(path, tokens, {404, 409})
        self.done(self.send("DELETE", path, self.condition(tokens)), right, act)

    def do_unbind(self, number, dice, path, other, tokens):
        folder = self.model.find(path[:-1])
        right, act = self.model.remove(path, tokens, {404, 409, 403})
        if folder is not None and not folder.is_folder:
            right, act = {403, 409}, None
        body = '<D:unbind xmlns:D="DAV:"><D:segment>%s</D:segment></D:unbind>' % path[-1]
        right = right | {200} if act else right
        self.done(self.send("UNBIND", path[:-1], self.condition(tokens), body), right, act)

    def do_move(self, number, dice, path, other, tokens):
        overwrite = dice.random() < 0.7
        right, act = self.model.move(path, other, overwrite, tokens, False)
        fields = [("Destination", url(self.top, other)), ("Overwrite", "T" if overwrite else "F")]
        self.done(self.send("MOVE", path, fields + self.condition(tokens)), right, act)

    def bind_body(self, root, name, path):
        return '<D:%s xmlns:D="DAV:"><D:segment>%s</D:segment><D:href>%s</D:href></D:%s>' % (
            root, name, url(self.top, path), root)

    def do_rebind(self, number, dice, path, other, tokens):
        overwrite = dice.random() < 0.7
        right, act = self.model.move(path, other, overwrite, tokens, True)
        fields = [("Overwrite", "T" if overwrite else "F")] + self.condition(tokens)
        self.done(self.send("REBIND", other[:-1], fields, self.bind_body("rebind", other[-1], path)), right, act)

    def do_bind(self, number, dice, path, other, tokens):
        overwrite = dice.random() < 0.7
        if dice.random() < 0.3:
            path = path[:-1] or path
        right, act = self.model.bind(path, other, overwrite, tokens)
        fields = [("Overwrite", "T" if overwrite else "F")] + self.condition(tokens)
        self.done(self.send("BIND", other[:-1], fields, self.bind_body("bind", other[-1], path)), right, act)

    def do_copy(self, number, dice, path, other, tokens):
        deep, overwrite = dice.random() < 0.8, dice.random() < 0.7
        if not self.model.copy_is_clear(path, other, tokens):
            return
        right, act = self.model.copy(path, other, deep, overwrite, tokens)
        fields = [("Destination", url(self.top, other)), ("Overwrite", "T" if overwrite else "F"),
                  ("Depth", "infinity" if deep else "0")]
        self.done(self.send("COPY", path, fields + self.condition(tokens)), right, act)

    def do_lock(self, number, dice, path, other, tokens):
        deep, exclusive = dice.random() < 0.5, dice.random() < 0.8
        right, act = self.model.lock(path, deep, exclusive, tokens)
        fields = [("Depth", "infinity" if deep else "0"), ("Timeout", "Second-3600")]
        answer = self.send("LOCK", path, fields + self.condition(tokens),
                           LOCKINFO % ("exclusive" if exclusive else "shared"))
        if answer[0] in (200, 201):
            self.tokens[number] = answer[1]["lock-token"].strip("<>")
        self.done(answer, right, (lambda: act(number)) if act else None)

    def do_unlock(self, number, dice, path, other, tokens):
        if not self.model.locks:
            return
        lock = dice.choice(self.model.locks)
        path = dice.choice((lock.path, path))
        right, act = self.model.unlock(path, lock.token)
        self.done(self.send("UNLOCK", path, [("Lock-Token", "<%s>" % self.tokens[lock.token])]), right, act)

    # -- all there is

    def expected(self):
        return [self.shown(path, resource, again) for path, resource, again in self.model.listing()]

    def shown(self, path, resource, again):
        length = None if resource.is_folder else len(resource.content)
        locks = frozenset(self.tokens[lock.token] for lock in self.model.covering(resource))
        return path, resource.kind, length, resource.prop, locks, again

    def compare(self):
        status, _, body = self.client.ask("PROPFIND", url(self.top, ()) + "/",
                                          [("Depth", "infinity"), ("DAV", "bind")], ASK)
        if status != 207:
            raise Wrong("PROPFIND: %d" % status)
        there = [self.told_of(answer) for answer in ElementTree.fromstring(body)]
        self.check_order(there)
        there.sort(key=lambda one: one[0][0])  # depth first, by names
        for (is_, identity), should in zip(there, self.expected()):
            if is_ != should:
                raise Wrong("there is %s, and should be %s" % (is_, should))
        if len(there) != len(self.expected()):
            raise Wrong("there are %s, and should be %s" % ([one[0][0] for one in there],
                                                            [one[0] for one in self.expected()]))
        self.compare_identities([identity for _, identity in there])

    def check_order(self, there):
        """What comes again has come before."""
        seen = set()
        for is_, identity in there:
            if is_[5] and identity not in seen:
                raise Wrong("%s is 208, and was not told of before" % (is_[0],))
            seen.add(identity)

    def compare_identities(self, identities):
        named, known = {}, {}
        for (path, resource, _), identity in zip(self.model.listing(), identities):
            if named.setdefault(identity, resource) is not resource or known.setdefault(resource, identity) != identity:
                raise Wrong("%s has the id %s" % (path, identity))

    def told_of(self, answer):
        href = answer.find(DAV + "href").text.rstrip("/")
        path = tuple(href.split("/")[2:])
        found = [one for one in answer.findall(DAV + "propstat")
                 if " 404 " not in one.find(DAV + "status").text]
        props = found[0].find(DAV + "prop")
        is_folder = props.find(DAV + "resourcetype/" + DAV + "collection") is not None
        length = props.find(DAV + "getcontentlength")
        prop = props.find("{urn:model}p")
        tokens = frozenset(one.text for one in props.iterfind(".//" + DAV + "locktoken/" + DAV + "href"))
        again = " 208 " in found[0].find(DAV + "status").text
        identity = props.find(DAV + "resource-id/" + DAV + "href").text
        return (path, "folder" if is_folder else "file", None if is_folder or length is None else int(length.text),
                None if prop is None else prop.text, tokens, again), identity

    # -- a whole sequence

    def play(self, number, every):
        dice = random.Random(number)
        status = self.client.ask("MKCOL", url(self.top, ()))[0]
        if status != 201:
            raise Wrong("MKCOL: %d" % status)
        for step in range(STEPS):
            seed = dice.random()
            if step in self.steps:
                self.step(step, random.Random(seed))
                if every:
                    self.compare()
        self.compare()

    def clear(self):
        """Without locks, without anything; told is what could not go."""
        for lock in self.model.locks:
            self.client.ask("UNLOCK", url(self.top, lock.path), [("Lock-Token", "<%s>" % self.tokens[lock.token])])
        return self.client.ask("DELETE", url(self.top, ()))[0]


KINDS = {"put": 5, "mkcol": 6, "proppatch": 2, "delete": 3, "unbind": 2, "move": 4, "rebind": 3, "bind": 8, "copy": 5,
         "lock": 3, "unlock": 2}
LEFT = [0]


def left_over(folder):
    bound = os.path.join(folder, ".samovar", "bound") if folder else ""
    return len(os.listdir(bound)) if os.path.isdir(bound) else 0


def attempt(client, number, steps, every, folder):
    """None, or what was wrong, with what was asked."""
    LEFT[0] += 1
    play, why = Play(client, "s%d-%d" % (number, LEFT[0]), steps), None
    before = left_over(folder) if every else 0
    try:
        play.play(number, every)
    except (Wrong, OSError, ElementTree.ParseError, KeyError, IndexError) as wrong:
        why = "%s: %s" % (type(wrong).__name__, wrong)
    status = play.clear()
    if not why and status != 204:
        why = "DELETE of all: %d" % status
    if not why and every and left_over(folder) > before:
        why = "%d bound resources are left" % (left_over(folder) - before)
    return why and (why, play.told)


def shrink(client, number, folder, first):
    steps, found = set(range(STEPS)), first
    for step in range(STEPS - 1, -1, -1):
        again = attempt(client, number, steps - {step}, True, folder)
        if again:
            steps, found = steps - {step}, again
    return found


def main():
    port, count, first = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    folder, failed = os.environ.get("FOLDER"), 0
    client = Client(port)
    for number in range(first, first + count):
        wrong = attempt(client, number, set(range(STEPS)), number % EVERY == 0, folder)
        if wrong:
            why, told = shrink(client, number, folder, wrong)
            print("sequence %d: %s" % (number, why))
            print("".join("    %s\n" % line for line in told), end="", flush=True)
            failed += 1
            if failed == int(os.environ.get("FAILURES", "5")):
                break
    if folder and not failed and left_over(folder):
        print("%d bound resources are left that nothing leads to" % left_over(folder))
        failed += 1
    print("%d sequences, %d wrong" % (count, failed))
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
