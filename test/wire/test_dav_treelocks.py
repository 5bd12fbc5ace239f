"""Locks at both ends of COPY and MOVE, and those of members: nothing is half done because of them."""

import os

from dav import D, XML, conflicts, error_of, lock_of, lockinfo, multistatus, props_of, unlock
from wire import cases, contains, eq, obliges, ok, one_of

FILES = {"src.txt": b"source"}
DISCOVERY = D + "lockdiscovery"


def state(server, *folders):
    """What lies below them, contents and inodes."""
    found = {}
    for folder in folders:
        for at, _, names in os.walk(server.path(folder)):
            found[at] = os.stat(at).st_ino
            for name in names:
                path = os.path.join(at, name)
                found[path] = (os.stat(path).st_ino, open(path, "rb").read())
    return found


def make(server, folder):
    for name in ("a.txt", "m.txt", "z.txt", "in/f.txt", "in/deep/g.txt"):
        server.write(f"{folder}/{name}", name.encode())


def locks_at(server, target):
    return len(props_of(server, target, DISCOVERY).prop(DISCOVERY))


def ask(server, method, source, to, tokens=""):
    fields = {"If": tokens} if tokens else {}
    if method != "DELETE":
        fields["Destination"] = to
    return server.request(method, source, fields)


# -- members in the way

@obliges("DAV-101", "DAV-107", "DAV-079", "DAV-080", "DAV-103", "DAV-081", "DAV-201", "DAV-100")
@cases(("delete", "DELETE", "there"), ("move away", "MOVE", "there"), ("copy onto", "COPY", "onto"),
       ("move onto", "MOVE", "onto"))
def test_locked_members_keep_the_whole_tree(server, method, where):
    """207 names each of them and nothing else; nothing is done, also to those that are free."""
    make(server, "there")
    make(server, "onto")
    tokens = {name: lock_of(server, f"/{where}/{name}", Depth="infinity") for name in ("m.txt", "in/deep/")}
    before = state(server, "there", "onto")

    def tag(name):
        return f"</{where}/{name}> ({tokens[name]})"

    def in_the_way(given):
        return conflicts(ask(server, method, "/there/", "/onto/" if where == "onto" else "/new/", given))

    eq(in_the_way(""), {f"/{where}/m.txt": 423, f"/{where}/in/deep/": 423})
    eq(in_the_way(tag("m.txt")), {f"/{where}/in/deep/": 423})
    eq(in_the_way(tag("in/deep/")), {f"/{where}/m.txt": 423})
    eq(state(server, "there", "onto"), before)
    ok(not server.exists("new"), "nothing is there")
    got = ask(server, method, "/there/", "/onto/" if where == "onto" else "/new/",
              " ".join(tag(name) for name in tokens))
    eq(got.status, 201 if method == "MOVE" and where == "there" else 204)
    for name in tokens:
        for folder in ("there", "onto", "new"):
            if server.exists(f"{folder}/{name}"):
                eq(locks_at(server, f"/{folder}/{name}"), 0, f"a lock on /{folder}/{name}")
    for name in ("there", "onto", "new"):
        one_of(server.delete(f"/{name}/").status, (204, 404))


@obliges("DAV-101", "DAV-145")
def test_each_blocker_has_its_condition(server):
    make(server, "why")
    token = lock_of(server, "/why/m.txt")
    got = server.delete("/why/")
    [answer] = multistatus(got).values()
    eq((answer.href, answer.status), ("/why/m.txt", 423))
    contains(got.text.replace("D:", ""), "<lock-token-submitted>")
    unlock(server, "/why/m.txt", token)


@obliges("DAV-136", "DAV-104")
def test_copying_what_is_locked_needs_nothing_and_locks_nothing(server):
    make(server, "read")
    deep = lock_of(server, "/read/", Depth="infinity")
    eq(server.request("COPY", "/read/", {"Destination": "/read-copy/"}).status, 201)
    for target in ("/read-copy/", "/read-copy/in/", "/read-copy/in/f.txt"):
        eq(locks_at(server, target), 0, target)
    eq(server.put("/read-copy/in/f.txt", b"free").status, 204)
    eq(server.request("COPY", "/read/a.txt", {"Destination": "/read-file.txt"}).status, 201)
    eq(server.put("/read-file.txt", b"free").status, 204)
    for method in ("GET", "HEAD", "OPTIONS", "PROPFIND"):
        one_of(server.request(method, "/read/in/f.txt", {"Depth": "0"} if method == "PROPFIND" else {}).status,
               (200, 207))
    eq(server.get("/read/").status, 200)
    unlock(server, "/read/", deep)


# -- the ends

@obliges("DAV-106", "DAV-104", "DAV-135")
@cases(("file", "end.txt", "other.txt"), ("folder", "end/", "other/"))
def test_move_needs_the_tokens_of_both_ends_and_ends_both_locks(server, source, target):
    for name in (source, target):
        make(server, name[:-1]) if name.endswith("/") else server.write(name, name.encode())
    mine, other = lock_of(server, "/" + source, Depth="infinity"), lock_of(server, "/" + target, Depth="infinity")
    first, second = f"</{source}> ({mine})", f"</{target}> ({other})"
    for given in ("", first, second):
        eq(error_of(ask(server, "MOVE", "/" + source, "/" + target, given), 423), "lock-token-submitted", given)
    ok(server.exists(source) and server.exists(target), "both are there")
    eq(ask(server, "MOVE", "/" + source, "/" + target, f"{first} {second}").status, 204)
    eq(locks_at(server, "/" + target), 0, "neither came along, neither stayed")
    eq(server.request("UNLOCK", "/" + target, {"Lock-Token": mine}).status, 409)
    eq(server.request("UNLOCK", "/" + target, {"Lock-Token": other}).status, 409)
    eq(server.request("MKCOL" if source.endswith("/") else "PUT", "/" + source).status, 201)
    eq(locks_at(server, "/" + source), 0, "the place is free")
    for name in (source, target):
        eq(server.delete("/" + name).status, 204)


@obliges("DAV-106", "DAV-136")
def test_copy_needs_the_token_of_the_destination_alone(server):
    server.write("c-src.txt", b"s")
    server.write("c-dst.txt", b"d")
    mine, other = lock_of(server, "/c-src.txt"), lock_of(server, "/c-dst.txt")
    eq(error_of(ask(server, "COPY", "/c-src.txt", "/c-dst.txt"), 423), "lock-token-submitted")
    eq(error_of(ask(server, "COPY", "/c-src.txt", "/c-dst.txt", f"({mine})"), 423), "lock-token-submitted")
    eq(server.read("c-dst.txt"), b"d")
    eq(ask(server, "COPY", "/c-src.txt", "/c-dst.txt", f"</c-dst.txt> ({other})").status, 204)
    eq(server.read("c-dst.txt"), b"s")
    unlock(server, "/c-src.txt", mine)


@obliges("DAV-104", "DAV-119", "DAV-106")
@cases(("copy", "COPY"), ("move", "MOVE"))
def test_what_comes_into_a_locked_folder_is_in_its_lock(server, method):
    """And it needs the folder's token: flat or deep, anywhere below where it is deep."""
    base = f"/into-{method.lower()}/"
    server.write(base[1:] + "in/x", b"x")
    for depth, to in (("0", "new.txt"), ("infinity", "new.txt"), ("infinity", "in/new.txt")):
        server.write("coming.txt", b"c")
        token = lock_of(server, base, Depth=depth)
        got = ask(server, method, "/coming.txt", base + to)
        eq(error_of(got, 423), "lock-token-submitted")
        ok(server.exists("coming.txt") and not server.exists(base[1:] + to), "nothing was done")
        eq(ask(server, method, "/coming.txt", base + to, f"<{base}> ({token})").status, 201)
        eq(locks_at(server, base + to), 1 if depth == "infinity" else 0)
        eq(server.put(base + to, b"x").status, 423 if depth == "infinity" else 204)
        eq(server.delete(base + to, {"If": f"<{base}> ({token})"}).status, 204)
        unlock(server, base, token)


@obliges("DAV-119", "DAV-106")
def test_what_leaves_a_locked_folder_leaves_its_lock(server):
    make(server, "out")
    token = lock_of(server, "/out/", Depth="infinity")
    for source, to in (("/out/in/", "/out-in/"), ("/out/a.txt", "/out-a.txt")):
        eq(error_of(ask(server, "MOVE", source, to), 423), "lock-token-submitted")
        eq(ask(server, "MOVE", source, to, f"</out/> ({token})").status, 201)
        eq(locks_at(server, to), 0)
    eq(server.put("/out-in/f.txt", b"free").status, 204)
    eq(server.put("/out-a.txt", b"free").status, 204)
    eq(server.put("/out/m.txt", b"x").status, 423, "what stayed is locked")
    eq(ask(server, "MOVE", "/out/m.txt", "/out/n.txt", f"({token})").status, 201, "within the lock")
    eq(server.put("/out/n.txt", b"x").status, 423)
    unlock(server, "/out/", token)


@obliges("DAV-106")
def test_the_folders_of_both_names_may_be_locked(server):
    server.write("from/f.txt", b"f")
    server.write("to/x.txt", b"x")
    here, there = lock_of(server, "/from/", Depth="0"), lock_of(server, "/to/", Depth="0")
    first, second = f"</from/> ({here})", f"</to/> ({there})"
    for given, root in (("", None), (first, "/to/"), (second, "/from/")):
        got = ask(server, "MOVE", "/from/f.txt", "/to/f.txt", given)
        eq(error_of(got, 423), "lock-token-submitted")
        if root:
            contains(got.text, f">{root}<")
    eq(ask(server, "MOVE", "/from/f.txt", "/to/f.txt", f"{first} {second}").status, 201)
    eq((locks_at(server, "/from/"), locks_at(server, "/to/")), (1, 1), "those of the folders stay")
    unlock(server, "/from/", here)
    unlock(server, "/to/", there)


@obliges("DAV-159", "CND-54")
@cases(("copy", "COPY"), ("move", "MOVE"), ("delete", "DELETE"), ("put", "PUT"), ("lock", "LOCK"),
       ("proppatch", "PROPPATCH"),
       ("mkcol", "MKCOL"))
def test_a_false_if_is_412_and_nothing_is_done(server, method):
    server.write("if/f.txt", b"f")
    target, fields, body = "/if/f.txt", {"Destination": "/if/new.txt"}, None
    if method in ("PUT", "DELETE", "LOCK", "PROPPATCH", "MKCOL"):
        fields = XML if method in ("LOCK", "PROPPATCH") else {}
    body = {"PUT": b"x", "LOCK": lockinfo(),
            "PROPPATCH": b'<propertyupdate xmlns="DAV:"><set><prop><a xmlns="urn:a"/></prop></set>'
                                                          b"</propertyupdate>"}.get(method)
    target = "/if/made/" if method == "MKCOL" else target
    before = state(server, "if")
    for value in ('(["other"])', "(<urn:uuid:00000000-0000-4000-8000-000000000000>)", "(<DAV:no-lock>)",
                  '</if/> (["x"])', '</src.txt> (["x"])'):
        eq(server.request(method, target, {**fields, "If": value}, body).status, 412, value)
    eq(state(server, "if"), before)
    if method != "MKCOL":
        eq(locks_at(server, target), 0)


@obliges("CND-21")
@cases(("copy", "COPY"), ("move", "MOVE"))
def test_conditions_are_about_the_source_never_about_the_destination(server, method):
    def fresh():
        server.write("cond-src.txt", b"source")
        return server.put("/cond-src.txt", b"source " + method.encode()).etag, server.put("/cond-dst.txt", b"dst").etag

    def try_with(fields, status):
        source, target = fresh()
        fields = {name: value.format(source=source, target=target) for name, value in fields.items()}
        got = server.request(method, "/cond-src.txt", {"Destination": "/cond-dst.txt", **fields})
        eq(got.status, status, str(fields))
        eq(server.read("cond-dst.txt"), b"dst" if status == 412 else b"source " + method.encode())

    try_with({"If-Match": "{source}"}, 204)
    try_with({"If-Match": "{target}"}, 412)
    try_with({"If-None-Match": "{target}"}, 204)
    try_with({"If-None-Match": "{source}"}, 412)
    try_with({"If-None-Match": "*"}, 412)
    try_with({"If-Match": "*"}, 204)
    server.delete("/cond-dst.txt")
    source = server.put("/cond-src.txt", b"s").etag
    got = server.request(method, "/cond-src.txt",
                         {"Destination": "/cond-dst.txt", "If-Match": source, "Overwrite": "F"})
    eq(got.status, 201, "also where nothing is")
    eq(server.delete("/cond-dst.txt").status, 204)
    server.delete("/cond-src.txt")
