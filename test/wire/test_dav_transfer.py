"""COPY and MOVE: what takes whose place, what goes along, and what is told of what did not (RFC 4918 §9.8, §9.9)."""

import os
import struct
import time

from dav import D, multistatus, prop_body, propfind, proppatch, props_of, set_of
from wire import cases, date_seconds, eq, ne, obliges, ok, one_of, skip, wait_for

FILES = {"a.txt": b"a", "f.txt": b"file", "tree/a.txt": b"a", "tree/sub/b.txt": b"b", "tree/sub/deep/c.txt": b"c",
         "keep.txt": b"keep"}
TREE = {"a.txt": b"a", "sub/b.txt": b"b", "sub/deep/c.txt": b"c"}

Z = "{urn:z}"


def copy(server, source, to, **fields):
    return server.request("COPY", source, {"Destination": to, **fields})


def move(server, source, to, **fields):
    return server.request("MOVE", source, {"Destination": to, **fields})


def files_in(server, folder):
    """{path: content} of all files below a folder; empty folders end in '/'."""
    found = {}
    for at, folders, names in os.walk(server.path(folder)):
        inner = os.path.relpath(at, server.path(folder))
        folders[:] = [name for name in folders if name != ".samovar"]
        if not folders and not names and inner != ".":
            found[inner + "/"] = None
        for name in names:
            path = os.path.normpath(os.path.join(inner, name))
            found[path] = server.read(os.path.join(folder, path))
    return found


def make_tree(server, folder, files=TREE):
    for name, content in files.items():
        server.write(f"{folder}/{name}", content)


# -- new, replaced, refused

@obliges("DAV-090", "DAV-091", "DAV-097", "DAV-100")
@cases(*[(f"{method} {kind}", method, kind) for method in ("COPY", "MOVE")
         for kind in ("file over folder", "folder over file", "folder over folder", "file over file")])
def test_one_takes_the_place_of_another_whole(server, method, kind):
    source, target = (word for word in kind.split(" over "))
    make_tree(server, "from" if source == "folder" else "unused")
    make_tree(server, "to" if target == "folder" else "unused",
              {"old.txt": b"old", "sub/old.txt": b"old", "empty/x": b"x"})
    if source == "file":
        server.write("from", b"file")
    if target == "file":
        server.write("to", b"old")
    got = server.request(method, "/from", {"Destination": "/to"})
    eq((got.status, got.body), (204, b""))
    if source == "file":
        eq(server.read("to"), b"file")
    else:
        eq(files_in(server, "to"), TREE, "nothing is merged")
    eq(server.exists("from"), method == "COPY")
    for name in ("from", "to"):
        if server.exists(name):
            eq(server.delete("/" + name).status, 204)


@obliges("DAV-092", "CND-53")
@cases(*[(f"{method} {source} {target}", method, source, target) for method in ("COPY", "MOVE")
         for source in ("/f.txt", "/tree/") for target in ("/keep.txt", "/kept/", "/kept")])
def test_overwrite_f_leaves_it(server, method, source, target):
    make_tree(server, "kept", {"one.txt": b"1"})
    before = files_in(server, "")
    eq(server.request(method, source, {"Destination": target, "Overwrite": "F"}).status, 412)
    eq(files_in(server, ""), before)


@obliges("DAV-091", "DAV-090")
@cases(("copy", "COPY"), ("move", "MOVE"))
def test_overwrite_t_and_f_where_nothing_is(server, method):
    for word in ("T", "F"):
        server.write("word.txt", b"w")
        got = server.request(method, "/word.txt", {"Destination": "/word2.txt", "Overwrite": word})
        eq((got.status, got.fields["Location"]), (201, "/word2.txt"))
        eq(server.delete("/word2.txt").status, 204)


@obliges("DAV-093")
@cases(*[(f"{method} {name}", method, source, to) for method in ("COPY", "MOVE")
         for name, source,
         to in (("file", "/f.txt", "/f.txt"), ("encoded", "/f.txt", "/%66.txt"), ("folder", "/tree/", "/tree/"),
                                  ("slash", "/tree/", "/tree"), ("no slash", "/tree", "/tree/"))])
def test_the_place_where_it_is_already(server, method, source, to):
    for word in ("T", "F"):
        eq(server.request(method, source, {"Destination": to, "Overwrite": word}).status, 403, word)
    eq((files_in(server, "tree"), server.read("f.txt")), (TREE, b"file"))


@obliges("DAV-093")
def test_a_link_to_it_is_no_other_place(server):
    server.write("linked.txt", b"linked")
    os.symlink("linked.txt", server.path("link.txt"))
    one_of(copy(server, "/linked.txt", "/link.txt").status, (204, 403))
    eq(server.read("linked.txt"), b"linked")
    one_of(copy(server, "/link.txt", "/linked.txt").status, (204, 403))
    eq(server.read("linked.txt"), b"linked")
    one_of(move(server, "/linked.txt", "/link.txt").status, (204, 403))
    eq(server.read("link.txt"), b"linked", "whatever was done, nothing is lost")


@obliges("DAV-094")
@cases(("file", "/f.txt"), ("folder", "/tree/"))
def test_where_no_folder_is_409(server, source):
    for method in ("COPY", "MOVE"):
        for to in ("/none/x", "/none/x/", "/none/none/x"):
            eq(server.request(method, source, {"Destination": to}).status, 409, f"{method} {to}")
    one_of(copy(server, source, "/keep.txt/x").status, (403, 409))
    one_of(move(server, source, "/keep.txt/x").status, (403, 409))
    eq((files_in(server, "tree"), server.read("f.txt"), server.read("keep.txt")), (TREE, b"file", b"keep"))


def test_what_is_not_there_is_404(server):
    for method in ("COPY", "MOVE"):
        for target in ("/none.txt", "/none/", "/none/x", "/f.txt/x"):
            eq(server.request(method, target, {"Destination": "/nowhere.txt"}).status, 404, f"{method} {target}")
    ok(not server.exists("nowhere.txt"), "nothing was made")


# -- depths

@obliges("DAV-095")
def test_a_bare_copy_has_the_properties_and_replaces_all(server):
    make_tree(server, "bare-from")
    make_tree(server, "bare-to", {"old.txt": b"old"})
    multistatus(proppatch(server, "/bare-from/", set_of("<z:colour>red</z:colour>")))
    multistatus(proppatch(server, "/bare-to/", set_of("<z:size>9</z:size>")))
    eq(copy(server, "/bare-from/", "/bare-to/", Depth="0").status, 204)
    eq(server.names("bare-to"), [])
    told = props_of(server, "/bare-to/", Z + "colour", Z + "size")
    eq(told.text(Z + "colour"), "red")
    eq(told.outcome(Z + "size")[0], 404)
    eq(copy(server, "/bare-from/", "/whole/", Depth="infinity").status, 201)
    eq(files_in(server, "whole"), TREE)
    eq(props_of(server, "/whole/", Z + "colour").text(Z + "colour"), "red")
    eq(copy(server, "/f.txt", "/bare-file.txt", Depth="0").status, 201)
    eq(server.read("bare-file.txt"), b"file", "a file is whole at any depth")


@obliges("DAV-096")
@cases(("one", "COPY", "1"), ("word", "COPY", "all"), ("move 0", "MOVE", "0"), ("move 1", "MOVE", "1"),
       ("move x", "MOVE", "x"))
def test_depths_that_cannot_be(server, method, depth):
    before = files_in(server, "")
    eq(server.request(method, "/tree/", {"Destination": "/depth/", "Depth": depth}).status, 400)
    eq(files_in(server, ""), before)


# -- into itself

@obliges("DAV-098")
@cases(("new", "in/", {}), ("there", "sub/", {}), ("deep", "sub/deep/in/", {}), ("file", "a.txt", {}))
def test_a_copy_into_itself_is_finite(server, inner, _):
    make_tree(server, "self")
    eq(copy(server, "/self/", "/self/" + inner).status, 201 if "in" in inner else 204)
    eq(files_in(server, "self/" + inner.rstrip("/")), TREE)
    after = files_in(server, "self")
    kept = {name: content for name, content in TREE.items() if not name.startswith(inner)}
    eq({name: content for name, content in after.items() if not name.startswith(inner.rstrip("/") + "/")}, kept)
    eq(server.delete("/self/").status, 204)


@obliges("DAV-099")
def test_nothing_moves_into_itself_or_over_what_holds_it(server):
    for to in ("/tree/in/", "/tree/sub/", "/tree/sub/deep/in", "/tree/a.txt"):
        one_of(move(server, "/tree/", to).status, (403, 409), to)
        eq(files_in(server, "tree"), TREE)
    for method in ("COPY", "MOVE"):
        for source, to in (("/tree/sub/", "/tree/"), ("/tree/sub/b.txt", "/tree/sub"),
                           ("/tree/sub/deep/c.txt", "/tree")):
            eq(server.request(method, source, {"Destination": to}).status, 403, f"{method} {source} {to}")
            eq(server.request(method, source, {"Destination": to, "Overwrite": "F"}).status, 412,
               f"{method} {source} {to}")
            eq(files_in(server, "tree"), TREE)


# -- what goes along

@obliges("DAV-105")
@cases(("file", "born.txt"), ("folder", "born/"))
def test_the_birth_is_kept_by_move_and_not_by_copy(server, name):
    target, created = "/" + name, D + "creationdate"
    server.request("MKCOL", target) if name.endswith("/") else server.put(target, b"b")
    born = props_of(server, target, created).text(created)
    wait_for(lambda: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 1)) > born, "another second")
    copied, moved = target.replace("born", "born-copy"), target.replace("born", "born-moved")
    eq(copy(server, target, copied).status, 201)
    eq(move(server, target, moved).status, 201)
    eq(props_of(server, moved, created).text(created), born)
    ok(props_of(server, copied, created).text(created) > born, "the copy is younger")


def test_properties_go_along_with_all_below(server):
    make_tree(server, "props")
    for target in ("/props/", "/props/sub/", "/props/sub/deep/c.txt"):
        multistatus(proppatch(server, target, set_of(f"<z:at>{target}</z:at>")))
    eq(copy(server, "/props/", "/props-copy/").status, 201)
    eq(move(server, "/props/", "/props-moved/").status, 201)
    for base in ("/props-copy/", "/props-moved/"):
        told = multistatus(propfind(server, base, prop_body(Z + "at"), depth="infinity"))
        eq({href.replace(base, "/props/"): answer.text(Z + "at") for href, answer in told.items()
            if answer.outcome(Z + "at")[0] == 200},
           {target: target for target in ("/props/", "/props/sub/", "/props/sub/deep/c.txt")})
    multistatus(proppatch(server, "/props-copy/sub/", set_of("<z:at>changed</z:at>")))
    eq(props_of(server, "/props-moved/sub/", Z + "at").text(Z + "at"), "/props/sub/", "each has its own")
    make_tree(server, "props")
    eq(props_of(server, "/props/", Z + "at").outcome(Z + "at")[0], 404, "the name has nothing of what went")


def test_properties_of_what_was_replaced_are_gone(server):
    for method in ("COPY", "MOVE"):
        server.write("with.txt", b"w")
        eq(server.put("/without.txt", b"o").status, 201)
        multistatus(proppatch(server, "/with.txt", set_of("<z:old>1</z:old>")))
        eq(server.request(method, "/without.txt", {"Destination": "/with.txt"}).status, 204)
        eq(props_of(server, "/with.txt", Z + "old").outcome(Z + "old")[0], 404, method)
        eq(server.delete("/with.txt").status, 204)
        server.delete("/without.txt")


@obliges("CND-07")
def test_a_file_keeps_its_tag_when_it_moves_and_a_copy_has_its_own(server):
    tag = server.put("/tag.txt", b"same").etag
    eq(copy(server, "/tag.txt", "/tag-copy.txt").status, 201)
    eq(move(server, "/tag.txt", "/tag-moved.txt").status, 201)
    eq(server.get("/tag-moved.txt").etag, tag)
    ne(server.get("/tag-copy.txt").etag, tag)
    eq(props_of(server, "/tag-moved.txt", D + "getetag").text(D + "getetag"), tag)


@obliges("CND-07", "CND-09")
@cases(("copy", "COPY"), ("move", "MOVE"))
def test_the_tag_and_time_of_a_place_never_come_back(server, method):
    """Older files come onto a place; what a client knows of it must never be what it finds."""
    seen, last, place = set(), 0, f"/place-{method}.txt"
    for number in range(6):
        server.write("older.txt", b"%d" % (number % 2), mtime=time.time() - 5000 + number % 3)
        got = server.request(method, "/older.txt", {"Destination": place})
        eq(got.status, 204 if seen else 201)
        for now in (server.get(place), server.get(place), server.head(place)):
            ok(now.etag not in seen, "a new tag")
            ok(date_seconds(now.fields["Last-Modified"]) >= last, "the time rises")
        seen.add(now.etag)
        last = date_seconds(now.fields["Last-Modified"])
        told = props_of(server, place, D + "getlastmodified", D + "getetag")
        eq((told.text(D + "getlastmodified"), told.text(D + "getetag")), (now.fields["Last-Modified"], now.etag))


@obliges("CND-09")
@cases(("copy", "COPY"), ("move", "MOVE"))
def test_the_time_of_a_place_grows_though_an_older_file_comes(server, method):
    server.write("new.txt", b"new", mtime=time.time() - 100)
    before = date_seconds(server.get("/new.txt").fields["Last-Modified"])
    server.write("old.txt", b"old", mtime=time.time() - 100000)
    eq(server.request(method, "/old.txt", {"Destination": "/new.txt"}).status, 204)
    got = server.get("/new.txt")
    eq(got.body, b"old")
    ok(date_seconds(got.fields["Last-Modified"]) > before, "it grew")
    eq(server.get("/new.txt", {"If-Modified-Since": got.fields["Last-Modified"]}).status, 304)
    server.delete("/new.txt")


@obliges("CND-09")
def test_the_time_of_a_member_grows_though_a_folder_of_older_ones_is_copied(server):
    server.write("fresh/x.txt", b"new", mtime=time.time() - 100)
    before = date_seconds(server.get("/fresh/x.txt").fields["Last-Modified"])
    server.write("stale/x.txt", b"old", mtime=time.time() - 100000)
    eq(copy(server, "/stale/", "/fresh/").status, 204)
    got = server.get("/fresh/x.txt")
    eq(got.body, b"old")
    ok(date_seconds(got.fields["Last-Modified"]) > before, "it grew")


def test_move_keeps_access_lists(server):
    """Users' own access lists, as they are in the attribute of the kernel's: version 2, then tag, rights, id each."""
    def entry(tag, rights, who=0xFFFFFFFF):
        return struct.pack("<HHI", tag, rights, who)

    name, path = "system.posix_acl_access", server.write("acl.txt", b"acl")
    acl = struct.pack("<I", 2) + b"".join((entry(1, 6), entry(2, 4, 1234), entry(4, 4), entry(16, 4), entry(32, 0)))
    try:
        os.setxattr(path, name, acl)
    except OSError:
        skip("this file system has no access lists")
    eq(move(server, "/acl.txt", "/acl-moved.txt").status, 201)
    eq(os.getxattr(server.path("acl-moved.txt"), name), acl)
    server.write("acl-over.txt", b"over")
    eq(move(server, "/acl-moved.txt", "/acl-over.txt").status, 204)
    eq(os.getxattr(server.path("acl-over.txt"), name), acl, "it is the resource that moves")


def test_holes_and_attributes_are_kept(server):
    path, size = server.path("holes.bin"), 64 << 20
    with open(path, "wb") as out:
        out.seek(size // 2)
        out.write(b"x" * 4096)
        out.truncate(size)
    if os.stat(path).st_blocks * 512 > size // 4:
        skip("this file system has no holes")
    try:
        os.setxattr(path, "user.colour", b"red")
    except OSError:
        skip("this file system has no attributes of users")
    os.chmod(path, 0o640)
    eq(copy(server, "/holes.bin", "/holes-copy.bin").status, 201)
    eq(move(server, "/holes.bin", "/holes-moved.bin").status, 201)
    for name in ("holes-copy.bin", "holes-moved.bin"):
        at = os.stat(server.path(name))
        eq(at.st_size, size)
        ok(at.st_blocks * 512 < size // 4, f"{name} has holes: {at.st_blocks} blocks")
        eq(os.getxattr(server.path(name), "user.colour"), b"red", name)
        eq(at.st_mode & 0o777, 0o640, name)
    eq(server.get("/holes-copy.bin", {"Range": f"bytes={size // 2}-{size // 2 + 4095}"}).body, b"x" * 4096)
    for name in ("/holes-copy.bin", "/holes-moved.bin"):
        eq(server.delete(name).status, 204)
