"""GET and PUT beside folders, and DELETE of files and of whole folders (RFC 4918 §9.4, §9.6, §9.7)."""

import os

from dav import D, conflicts, error_of, lock_of, multistatus, prop_body, propfind, unlock
from wire import cases, contains, eq, head_of, lacks, obliges, ok, one_of, own_server, skip, wait_for

FILES = {"f.txt": b"f", "tree/a.txt": b"a", "tree/sub/b.txt": b"b"}


def make(server, folder):
    for name in ("a.txt", "in/f.txt", "in/deep/g.txt"):
        server.write(f"{folder}/{name}", name.encode())
    os.makedirs(server.path(f"{folder}/empty"), exist_ok=True)


# -- GET and PUT

@obliges("DAV-069")
@cases(("root", "/", "tree"), ("folder", "/tree/", "a.txt"))
def test_get_of_a_folder_lists_it(server, target, name):
    contains(server.get(target).text, name)
    for method in ("GET", "HEAD"):
        eq(server.request(method, target).status, 200)


@obliges("DAV-070", "DAV-090")
def test_put_is_201_then_204_and_replaces_the_whole(server):
    eq(server.put("/put.txt", b"a long content").status, 201)
    eq(server.put("/put.txt", b"short").status, 204)
    eq(server.get("/put.txt").body, b"short")
    eq(server.put("/put.txt", b"").status, 204)
    eq((server.get("/put.txt").body, server.read("put.txt")), (b"", b""))


@obliges("DAV-071", "DAV-007")
@cases(("one", "/none/x.txt"), ("many", "/none/none/none/x.txt"))
def test_put_makes_no_folders(server, target):
    eq(server.put(target, b"x").status, 409)
    ok(not server.exists("none"), "no folder was made")


@obliges("DAV-072")
@cases(("slash", "/tree/"), ("no slash", "/tree"), ("root", "/"))
def test_put_onto_a_folder_is_405(server, target):
    got = server.put(target, b"x")
    eq(got.status, 405)
    lacks(got.fields.words("Allow"), "put")
    eq(server.read("tree/a.txt"), b"a")


@obliges("DAV-074")
@cases(("replacing", "/cut.txt", b"old"), ("new", "/cut-new.txt", None))
def test_a_put_that_breaks_off_leaves_what_was(server, target, content):
    if content is not None:
        server.write(target[1:], content)
    conn = server.connect()
    conn.send(head_of("PUT", target, {"Content-Length": "100000"}))
    conn.send(b"x" * 50000)
    conn.reset()
    wait_for(lambda: server.get(target).status == (200 if content else 404), "it is as before")
    if content is not None:
        eq(server.read(target[1:]), content)
    else:
        ok(not server.exists(target[1:]), "nothing was made")
    eq([name for name in server.names() if "samovar-up" in name], [])


@obliges("DAV-075")
def test_put_and_locks(server):
    server.write("locked/f.txt", b"f")
    file, folder = lock_of(server, "/locked/f.txt"), lock_of(server, "/locked/", Depth="0")
    for target, token, root in (("/locked/f.txt", file, "/locked/f.txt"), ("/locked/new.txt", folder, "/locked/")):
        got = server.put(target, b"x")
        eq(error_of(got, 423), "lock-token-submitted")
        contains(got.text, f">{root}<")
        one_of(server.put(target, b"x", {"If": f"<{root}> ({token})"}).status, (201, 204))
    unlock(server, "/locked/f.txt", file)
    unlock(server, "/locked/", folder)


@obliges("DAV-075")
def test_a_put_is_not_asked_for_where_a_lock_is_in_the_way(server):
    server.write("wait.txt", b"w")
    token = lock_of(server, "/wait.txt")
    with server.connect() as conn:
        conn.send(head_of("PUT", "/wait.txt", {"Content-Length": "5", "Expect": "100-continue"}))
        got = conn.read("PUT")
        eq((got.status, got.interim), (423, []))
    with server.connect() as conn:
        conn.send(head_of("PUT", "/wait.txt", {"Content-Length": "5", "Expect": "100-continue", "If": f"({token})"}))
        conn.read_interim(100)
        conn.send(b"12345")
        eq(conn.read("PUT").status, 204)
    unlock(server, "/wait.txt", token)


@obliges("DAV-075", "DAV-127")
def test_a_lock_taken_while_a_put_is_under_way_counts(server):
    server.write("race.txt", b"old")
    with server.connect() as conn:
        conn.send(head_of("PUT", "/race.txt", {"Content-Length": "10"}))
        conn.send(b"01234")
        token = lock_of(server, "/race.txt")
        conn.send(b"56789")
        eq(conn.read("PUT").status, 423)
    eq(server.read("race.txt"), b"old")
    unlock(server, "/race.txt", token)


# -- DELETE

@obliges("DAV-076", "DAV-078")
@cases(("file", "/gone.txt", {}), ("file, depth", "/gone.txt", {"Depth": "infinity"}),
       ("file, depth 0", "/gone.txt", {"Depth": "0"}),
       ("folder", "/gone/", {}), ("depth", "/gone/", {"Depth": "infinity"}), ("no slash", "/gone", {}))
def test_what_was_deleted_is_nowhere(server, target, fields):
    if target == "/gone.txt":
        server.write("gone.txt", b"g")
    else:
        make(server, "gone")
    got = server.delete(target, fields)
    eq((got.status, got.body), (204, b""))
    for method in ("GET", "HEAD", "PROPFIND"):
        eq(server.request(method, target, {"Depth": "0"} if method == "PROPFIND" else {}).status, 404, method)
    eq(server.get("/gone/in/f.txt").status, 404)
    lacks(multistatus(propfind(server, "/", prop_body(D + "resourcetype"), depth="1")), target)
    ok(not server.exists(target.strip("/")), "nor on the disk")
    eq(server.delete(target).status, 404)


@obliges("DAV-078")
@cases(("zero", "0"), ("one", "1"), ("word", "all"))
def test_a_folder_goes_whole_or_not_at_all(server, depth):
    eq(server.delete("/tree/", {"Depth": depth}).status, 400)
    eq((server.names("tree"), server.read("tree/sub/b.txt")), (["a.txt", "sub"], b"b"))


@obliges("DAV-084")
@cases(("file", "/none.txt"), ("folder", "/none/"), ("below nothing", "/none/x"), ("below a file", "/f.txt/x"),
       ("slash", "/f.txt/"))
def test_what_is_not_there_cannot_be_deleted(server, target):
    eq(server.delete(target).status, 404)
    eq(server.read("f.txt"), b"f")


def test_a_link_goes_and_what_it_shows_stays(server):
    make(server, "shown")
    os.symlink("shown", server.path("link"))
    os.symlink("../f.txt", server.path("shown/inner"))
    eq(server.delete("/link/").status, 204)
    eq(server.names("shown"), ["a.txt", "empty", "in", "inner"])
    eq(server.delete("/shown/").status, 204)
    eq(server.read("f.txt"), b"f")


def held_in_trash(server):
    return [name for at, _, names in os.walk(server.path(".samovar/trash")) for name in names]


@own_server("--trash", "1", files={"tree/a.txt": b"a", "tree/in/b.txt": b"b", "f.txt": b"f"})
def test_what_was_deleted_is_kept_for_the_days_of_the_trash_and_out_of_reach(server):
    for target in ("/f.txt", "/tree/"):
        eq(server.delete(target).status, 204)
    server.write("g.txt", b"g")
    eq(server.request("MOVE", "/g.txt", {"Destination": "/f.txt"}).status, 201)
    server.stop()
    server.start()
    contains(held_in_trash(server), "a.txt")
    contains(held_in_trash(server), "b.txt")
    for target in ("/.samovar/trash/", "/.samovar/"):
        one_of(server.get(target).status, (403, 404), target)
        one_of(server.delete(target).status, (403, 404), target)
    contains(held_in_trash(server), "a.txt")


@own_server(files={"tree/a.txt": b"a" * 100000, "tree/in/b.txt": b"b", "f.txt": b"f", "g.txt": b"g"})
def test_without_a_trash_the_room_is_free_soon(server):
    eq(server.delete("/tree/").status, 204)
    eq(server.request("MOVE", "/g.txt", {"Destination": "/f.txt"}).status, 204)
    wait_for(lambda: not held_in_trash(server), "the trash is emptied")


# -- rights of members

CONFIG_RIGHTS = """
listen = { "127.0.0.1:0" }
site "box" {
    root = "{root}"
    allow-write = anyone
    at "/" { allow "*" { rights = { "read", "write", "lock" } } }
    at "/src/in/closed" { allow "*" { rights = { "read" } } }
    at "/dst/in/closed" { allow "*" { rights = { "read" } } }
    at "/src2/secret" { allow "*" { rights = { "create", "delete" } } }
}
"""


def tree_of(server, folder):
    return {os.path.join(at, name) for at, _, names in os.walk(server.path(folder)) for name in names}


@obliges("DAV-079", "DAV-101", "DAV-005")
@own_server(config=CONFIG_RIGHTS, files={"src/in/closed/f.txt": b"f", "src/a.txt": b"a", "dst/in/closed/f.txt": b"f",
                                         "free/x.txt": b"x", "deep/in/closed/f.txt": b"f"})
def test_what_may_not_go_keeps_all_above_it(server):
    before = tree_of(server, "")
    for method, source, to, blocker in (("DELETE", "/src/", None, "/src/in/closed/"),
                                        ("DELETE", "/src/in/", None, "/src/in/closed/"),
                                        ("MOVE", "/src/", "/new/", "/src/in/closed/"),
                                        ("COPY", "/free/", "/dst/", "/dst/in/closed/"),
                                        ("MOVE", "/free/", "/dst/", "/dst/in/closed/"),
                                        ("DELETE", "/dst/", None, "/dst/in/closed/")):
        got = server.request(method, source, {"Destination": to} if to else {})
        eq(conflicts(got), {blocker: 403}, f"{method} {source}")
        eq(tree_of(server, ""), before)
    eq(server.delete("/src/in/closed/").status, 403, "asked for alone it is plain")
    eq(server.delete("/src/a.txt").status, 204)
    eq(conflicts(server.request("COPY", "/deep/", {"Destination": "/dst/"})), {"/dst/in/closed/": 403})
    eq(tree_of(server, "dst"), {server.path("dst/in/closed/f.txt")})


@obliges("DAV-101", "DAV-102", "DAV-103")
@own_server(config=CONFIG_RIGHTS, files={"src2/a.txt": b"a", "src2/secret/s.txt": b"s", "src2/z/z.txt": b"z"})
def test_what_may_not_be_read_is_left_out_of_a_copy(server):
    got = conflicts(server.request("COPY", "/src2/", {"Destination": "/copy/"}))
    eq({href.rstrip("/"): status for href, status in got.items()}, {"/src2/secret": 403})
    eq((server.names("copy"), server.read("copy/z/z.txt")), (["a.txt", "z"], b"z"))
    eq(server.get("/copy/secret/s.txt").status, 404)
    eq(conflicts(server.request("MOVE", "/src2/", {"Destination": "/moved/"})), {"/src2/secret/": 403})
    eq(server.names("src2"), ["a.txt", "secret", "z"], "nor is it moved to where it could be read")


@own_server("--hidden", "deny",
            files={"dir/.secret": b"s", "dir/seen.txt": b"s", "dir/sub/.git/x": b"x", "dir/sub/y": b"y"})
def test_what_is_hidden_is_not_copied(server):
    one_of(server.request("COPY", "/dir/", {"Destination": "/copy/"}).status, (201, 207))
    eq(tree_of(server, "copy"), {server.path("copy/seen.txt"), server.path("copy/sub/y")})
    eq(server.request("MOVE", "/dir/", {"Destination": "/moved/"}).status, 201)
    eq(server.read("moved/.secret"), b"s", "what is one tree stays one")
    eq(server.delete("/moved/").status, 204)


# -- what the system refuses: seen only by a server that is not root

def give_to_nobody(server):
    if os.getuid() != 0:
        skip("only root can start a server that becomes somebody else")
    for at, folders, names in os.walk(server.root):
        for name in [at] + [os.path.join(at, one) for one in folders + names]:
            os.lchown(name, 65534, 65534)


def close_some(server):
    give_to_nobody(server)
    for name in ("tree/b.txt", "tree/in/c.txt"):
        os.chmod(server.path(name), 0)
    os.chmod(server.path("tree/closed"), 0)


@obliges("DAV-101", "DAV-102", "DAV-103")
@own_server("--run-as", "nobody", before=close_some,
            files={"tree/a.txt": b"a", "tree/b.txt": b"b", "tree/in/c.txt": b"c", "tree/in/d.txt": b"d",
                   "tree/closed/e.txt": b"e",
                   "tree/z.txt": b"z"})
def test_what_the_system_does_not_let_us_read_is_told_and_the_rest_copied(server):
    got = conflicts(server.request("COPY", "/tree/", {"Destination": "/copy/"}))
    eq({href.rstrip("/") for href in got}, {"/tree/b.txt", "/tree/in/c.txt", "/tree/closed"})
    eq(set(got.values()), {403})
    for name, content in (("a.txt", b"a"), ("in/d.txt", b"d"), ("z.txt", b"z")):
        eq(server.read("copy/" + name), content)
    for name in ("b.txt", "in/c.txt", "closed/e.txt"):
        ok(not server.exists("copy/" + name), name)
    eq(server.request("COPY", "/tree/b.txt", {"Destination": "/alone.txt"}).status, 403)
    ok(not server.exists("alone.txt"), "nothing is there")
    os.chmod(server.path("tree/closed"), 0o755)
    os.chown(server.path("tree/closed"), 0, 0)
    eq(server.request("MOVE", "/tree/", {"Destination": "/moved/"}).status, 201, "one rename asks nobody below")
    eq(server.names("moved"), ["a.txt", "b.txt", "closed", "in", "z.txt"])


def lock_up(server):
    give_to_nobody(server)
    os.chown(server.path("kept"), 0, 0)
    os.chown(server.path("kept/f.txt"), 0, 0)


@obliges("DAV-079")
@own_server("--run-as", "nobody", before=lock_up, files={"kept/f.txt": b"f", "kept/in/g.txt": b"g"})
def test_what_the_system_does_not_let_us_delete_stays_whole(server):
    """The folder is root's: no name in it may go."""
    for target in ("/kept/f.txt", "/kept/in/g.txt"):
        got = server.delete(target)
        one_of(got.status, (403, 204) if "in" in target else (403,))
    server.write("kept/in/g.txt", b"g")
    eq(server.request("MOVE", "/kept/f.txt", {"Destination": "/f.txt"}).status, 403)
    got = server.delete("/kept/")
    one_of(got.status, (204, 403, 207))
    if got.status == 204:
        eq(server.get("/kept/").status, 404)
    else:
        eq((server.read("kept/f.txt"), server.get("/kept/").status), (b"f", 200))


# -- room

@obliges("DAV-108", "DAV-168")
@own_server("--quota", "100K", files={"big.bin": b"x" * 60000, "tree/one.bin": b"1" * 30000, "old.txt": b"old"})
def test_a_copy_for_which_there_is_no_room_leaves_nothing(server):
    for source, to in (("/big.bin", "/copy.bin"), ("/big.bin", "/old.txt"), ("/tree/", "/copy/"),
                       ("/tree/", "/old.txt")):
        eq(error_of(server.request("COPY", source, {"Destination": to}), 507), "quota-not-exceeded", f"{source} {to}")
        eq(server.names(), ["big.bin", "old.txt", "tree"])
        eq(server.read("old.txt"), b"old")
    eq(server.request("MOVE", "/big.bin", {"Destination": "/moved.bin"}).status, 201, "a move needs none")
    eq(server.delete("/moved.bin").status, 204)
    eq(server.request("COPY", "/tree/", {"Destination": "/copy/"}).status, 201, "now there is some")
