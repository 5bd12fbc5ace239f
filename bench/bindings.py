#!/usr/bin/env python3
"""What bindings cost: listings of bound resources beside the same tree without, BIND and UNBIND beside LOCK and UNLOCK. Prints tables for
RESULTS-bindings.md.

    bench/bindings.py build/samovar [FILES]

One client on loopback, in clear text, in turns. The folder lies on the disk of TMPDIR, and the server syncs before it answers, as it does
for everybody; the second table has it relaxed, too.
"""

import http.client
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

FILES = int(sys.argv[2]) if len(sys.argv) > 2 else 10000
A_FOLDER, ROUNDS, PAIRS = 200, 15, 300
XML = {"Content-Type": "application/xml"}
ASKED = ("displayname", "getcontentlength", "getlastmodified", "getetag", "resourcetype", "resource-id")
PROPFIND = '<D:propfind xmlns:D="DAV:"><D:prop>%s</D:prop></D:propfind>' % "".join("<D:%s/>" % name for name in ASKED)
LOCK = ('<D:lockinfo xmlns:D="DAV:"><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockinfo>')


class Server:
    def __init__(self, samovar, root, *options):
        self.process = subprocess.Popen([samovar, "serve", root, "--listen", "127.0.0.1:0", "--allow-write", "anyone", *options],
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for line in self.process.stdout:
            match = re.match(r"listening on http://127\.0\.0\.1:(\d+)/", line)
            if match:
                break
        self.connection = http.client.HTTPConnection("127.0.0.1", int(match.group(1)))

    def ask(self, wanted, method, target, fields=(), body=None):
        self.connection.request(method, target, body, dict(fields))
        got = self.connection.getresponse()
        content = got.read()
        if got.status not in wanted:
            sys.exit("%s %s: %d %r" % (method, target, got.status, content[:300]))
        return got, content

    def bind(self, folder, segment, href):
        self.ask((201, 204), "BIND", folder, XML, '<D:bind xmlns:D="DAV:"><D:segment>%s</D:segment><D:href>%s</D:href></D:bind>' % (segment, href))

    def unbind(self, folder, segment):
        self.ask((204,), "UNBIND", folder, XML, '<D:unbind xmlns:D="DAV:"><D:segment>%s</D:segment></D:unbind>' % segment)

    def cpu(self):
        with open("/proc/%d/stat" % self.process.pid, encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        self.process.terminate()
        self.process.wait()


def fill(root, tops):
    for top in tops:
        for number in range(FILES):
            folder = "%s/%s/%d" % (root, top, number // A_FOLDER)
            os.makedirs(folder, exist_ok=True)
            with open("%s/%d" % (folder, number), "wb") as file:
                file.write(b"x")


def bind_all(server):
    """Each file of src/ gets a name in bound/."""
    server.ask((201,), "MKCOL", "/bound/")
    for number in range(FILES // A_FOLDER):
        server.ask((201,), "MKCOL", "/bound/%d/" % number)
    for number in range(FILES):
        server.bind("/bound/%d/" % (number // A_FOLDER), str(number), "/src/%d/%d" % (number // A_FOLDER, number))


def in_turns(rounds, *acts):
    """(median of the time of each in ms)"""
    times = [[] for _ in acts]
    for _ in range(rounds):
        for each, act in zip(times, acts):
            began = time.monotonic()
            act()
            each.append((time.monotonic() - began) * 1e3)
    return [statistics.median(each) for each in times]


def row(name, bound, unbound):
    print("| %s | %.3g | %.3g | %.2f |" % (name, bound, unbound, bound / unbound))


def listings(server):
    def listing(top, depth):
        got, content = server.ask((207,), "PROPFIND", top, {"Depth": depth, "DAV": "bind", **XML}, PROPFIND)
        return content

    for top in "/plain/", "/bound/":
        count = listing(top, "infinity").count(b"<D:response>")
        if count != FILES + FILES // A_FOLDER + 1:
            sys.exit("%s: %d responses" % (top, count))
    print("| ms | bound | unbound | ratio |\n|---|--:|--:|--:|")
    for name, tail, depth in (("PROPFIND of all %d, Depth infinity" % FILES, "", "infinity"), ("of %d, Depth 1" % A_FOLDER, "7/", "1"),
                              ("of one, Depth 0", "7/%d" % (7 * A_FOLDER), "0")):
        row(name, *in_turns(ROUNDS, lambda: listing("/bound/" + tail, depth), lambda: listing("/plain/" + tail, depth)))
    row("GET of one", *in_turns(ROUNDS * 40, lambda: server.ask((200,), "GET", "/bound/7/%d" % (7 * A_FOLDER)),
                                lambda: server.ask((200,), "GET", "/plain/7/%d" % (7 * A_FOLDER))))
    row("PUT to one", *in_turns(ROUNDS * 4, lambda: server.ask((204,), "PUT", "/bound/7/%d" % (7 * A_FOLDER), (), b"y"),
                                lambda: server.ask((204,), "PUT", "/plain/7/%d" % (7 * A_FOLDER), (), b"y")))


def pairs(server):
    """ms of BIND and UNBIND of a further name, of LOCK and UNLOCK."""
    def names():
        server.bind("/bound/0/", "n", "/bound/1/%d" % A_FOLDER)
        server.unbind("/bound/0/", "n")

    def locks():
        got, _ = server.ask((200,), "LOCK", "/plain/1/%d" % A_FOLDER, XML, LOCK)
        server.ask((204,), "UNLOCK", "/plain/1/%d" % A_FOLDER, {"Lock-Token": got.headers["Lock-Token"]})

    return in_turns(PAIRS, names, locks)


def main():
    samovar = sys.argv[1]
    root = tempfile.mkdtemp(prefix="bench-bindings-")
    try:
        fill(root, ("plain", "src"))
        server = Server(samovar, root)
        began = time.monotonic()
        bind_all(server)
        print("The first BIND of each of %d files: %.2f ms\n" % (FILES, (time.monotonic() - began) / FILES * 1e3))
        listings(server)
        print("\n| ms a pair | BIND + UNBIND | LOCK + UNLOCK | ratio |\n|---|--:|--:|--:|")
        row("durable", *pairs(server))
        server.stop()
        for name, options in (("locks durable, too", ("--locks", "durable")), ("relaxed", ("--durability", "relaxed"))):
            server = Server(samovar, root, *options)
            row(name, *pairs(server))
            server.stop()
        began = time.monotonic()
        subprocess.run([samovar, "check", root], check=True, stdout=subprocess.DEVNULL)
        print("\n`samovar check` of it all: %.2f s" % (time.monotonic() - began))
    finally:
        shutil.rmtree(root)


if __name__ == "__main__":
    main()
