"""samovar locks: write locks told and broken, by a server that runs and without one."""

from program import ended
from wire import contains, eq, ok, own_server

BODY = (b'<?xml version="1.0"?><D:lockinfo xmlns:D="DAV:"><D:lockscope><D:exclusive/></D:lockscope>'
        b"<D:locktype><D:write/></D:locktype></D:lockinfo>")


def lock(server, target, depth):
    got = server.request("LOCK", target, {"Content-Type": "application/xml", "Depth": depth}, BODY)
    eq(got.status, 200)
    return got.fields["Lock-Token"][1:-1]


@own_server(files={"a b.txt": b"a", "folder/c": b"c"})
def test_the_server_tells_its_locks_and_breaks_one(server):
    eq(ended("locks", server.root), (0, "", ""))
    file, folder = lock(server, "/a%20b.txt", "0"), lock(server, "/folder/", "infinity")
    status, out, _ = ended("locks", server.root)
    eq(status, 0)
    lines = [line.split(" ") for line in out.splitlines()]
    eq([[word for at, word in enumerate(line) if at != 3] for line in lines],
       [[file, "exclusive", "0", "-", "/a%20b.txt"], [folder, "exclusive", "infinity", "-", "/folder/"]])
    ok(all(3590 <= int(line[3].rstrip("s")) <= 3600 for line in lines), "the time that is left: %r" % out)
    eq(server.put("/folder/c", b"new").status, 423)
    status, out, _ = ended("locks", server.root, "--break", folder)
    eq(status, 0)
    contains(out, "broke the lock of - on /folder/")
    eq(server.put("/folder/c", b"new").status, 204)
    ok(any("audit" in line and "/folder/" in line for line in server.lines), "the break is told: %r" % server.lines)
    status, out, err = ended("locks", server.root, "--break", folder)
    eq((status, out), (1, ""))
    contains(err, "no lock with this token")


@own_server(files={"a": b"a"})
def test_locks_of_a_killed_server_are_told_and_broken_without_one(server):
    token = lock(server, "/a", "0")
    server.kill()
    status, out, _ = ended("locks", server.root)
    eq((status, out.split(" ")[0]), (0, token))
    eq(ended("locks", server.root, "--break", token)[0], 0)
    eq(ended("locks", server.root), (0, "", ""))
    server.start()
    eq(server.put("/a", b"b").status, 204)


@own_server(files={"a": b"a"})
def test_locks_outlive_a_killed_server(server):
    token = lock(server, "/a", "0")
    server.kill()
    server.start()
    eq(server.put("/a", b"b").status, 423)
    eq(server.put("/a", b"b", {"If": "(<%s>)" % token}).status, 204)
