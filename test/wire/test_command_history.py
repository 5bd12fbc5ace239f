"""samovar history: what a PUT replaced is listed and brought back, by a server that runs and without one."""

import os

from program import ended
from wire import contains, eq, ok, own_server

KEEPS = """listen = { "127.0.0.1:0" }
site "s" {
  root = "{root}"
  history = 3
  at "/logs" { history = 0 }
}
"""


def history(server, name, *order):
    status, out, said = ended("history", os.path.join(server.root, name), *order)
    eq((status, said), (0, ""))
    return out.splitlines()


def put(server, path, content):
    eq(server.request("PUT", path, body=content).status in (201, 204), True)


def write_some(server):
    os.makedirs(os.path.join(server.root, "logs"), exist_ok=True)
    for i in range(6):
        put(server, "/a%20b.txt", b"content %d" % i)
        put(server, "/logs/x", b"line %d" % i)


def bring_back(server):
    lines = history(server, "a b.txt")
    eq(len(lines), 3)
    ok(all(line.endswith("  9") for line in lines), "their sizes: %r" % lines)
    numbers = [int(line.split()[0]) for line in lines]
    eq(numbers, sorted(numbers, reverse=True))
    contains(history(server, "a b.txt", "--restore", str(numbers[2]))[0], "brought back")
    with open(os.path.join(server.root, "a b.txt"), "rb") as file:
        eq(file.read(), b"content 2")
    eq(len(history(server, "a b.txt")), 4)
    eq(history(server, "logs/x"), [])


@own_server(config=KEEPS)
def test_what_a_put_replaced_is_listed_and_brought_back(server):
    write_some(server)
    before = server.request("GET", "/a%20b.txt")
    bring_back(server)
    after = server.request("GET", "/a%20b.txt")
    eq(after.body, b"content 2")
    ok(after.etag != before.etag, "it is another content")


@own_server(config=KEEPS)
def test_without_a_server(server):
    write_some(server)
    server.stop()
    bring_back(server)
    server.start()
    eq(server.request("GET", "/a%20b.txt").body, b"content 2")


@own_server(config=KEEPS)
def test_what_is_wrong_is_told(server):
    write_some(server)
    for order, why in ((("nowhere",), "there is no such file"), (("logs",), "it is a folder"),
                       (("a b.txt", "--restore", "17"), "no earlier content with this number")):
        status, out, said = ended("history", os.path.join(server.root, order[0]), *order[1:])
        eq((status, out), (1, ""))
        contains(said, why)
    status, out, said = ended("history", "/etc/passwd")
    eq(status, 1)
    contains(said, "no folder above /etc/passwd has been served")


@own_server(config=KEEPS)
def test_a_locked_file_stays_as_it_is(server):
    write_some(server)
    lock = b'<?xml version="1.0"?><D:lockinfo xmlns:D="DAV:"><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockinfo>'
    eq(server.request("LOCK", "/a%20b.txt", fields=[("Content-Type", "application/xml")], body=lock).status, 200)
    number = history(server, "a b.txt")[0].split()[0]
    status, out, said = ended("history", os.path.join(server.root, "a b.txt"), "--restore", number)
    eq((status, out), (1, ""))
    contains(said, "lock")
    eq(server.request("GET", "/a%20b.txt").body, b"content 5")


@own_server(config=KEEPS)
def test_what_is_kept_is_at_no_address(server):
    write_some(server)
    kept = os.listdir(os.path.join(server.root, ".samovar/history"))
    eq(len(kept), 3)
    eq(server.request("GET", "/.samovar/history/" + kept[0]).status, 404)
