"""Where properties go: over PUT, restarts, COPY, MOVE, DELETE, and what other programs do in the folder."""

import os
import shutil

from dav import ALLPROP, multistatus, propfind, proppatch, props_of, remove_of, set_of
from wire import cases, eq, obliges, own_server

FILES = {"keep/x": b"x"}
NAME = "{urn:z}p"


def give(server, target, text="kept"):
    [answer] = multistatus(proppatch(server, target, set_of(f"<z:p>{text}</z:p>"))).values()
    eq(answer.names(), [NAME])


def told(server, target):
    """What PROPFIND says of it by name, which has to be what it says among all; None: not there."""
    answer = props_of(server, target, NAME)
    [whole] = multistatus(propfind(server, target, ALLPROP)).values()
    text = answer.text(NAME) if NAME in answer.names() else None
    eq(whole.text(NAME) if NAME in whole.names() else None, text, "by name and among all")
    return text


@obliges("DAV-056")
@cases(("plain", {}), ("other-type", {"Content-Type": "image/png"}), ("conditional", {"If-Match": "*"}))
def test_put_leaves_them(server, fields):
    server.write("put.txt", b"old")
    give(server, "/put.txt")
    for number in range(3):
        eq(server.put("/put.txt", b"new %d" % number, fields).status, 204)
        eq(told(server, "/put.txt"), "kept")


@obliges("DAV-056")
def test_a_put_that_failed_leaves_them(server):
    server.write("failed.txt", b"old")
    give(server, "/failed.txt")
    eq(server.put("/failed.txt", b"new", {"If-Match": '"other"'}).status, 412)
    eq(told(server, "/failed.txt"), "kept")


@own_server(files={"a.txt": b"a", "folder/b.txt": b"b"})
def test_a_restart_leaves_them(server):
    targets = "/a.txt", "/folder/", "/folder/b.txt", "/"
    for target in targets:
        give(server, target, target)
    multistatus(proppatch(server, "/a.txt", set_of("<D:getcontentlanguage>de</D:getcontentlanguage><z:gone/>")))
    multistatus(proppatch(server, "/a.txt", remove_of("<z:gone/>")))
    for end in server.stop, server.kill:
        end()
        server.start()
        eq([told(server, target) for target in targets], list(targets))
        eq(props_of(server, "/a.txt", "{urn:z}gone").names(404), ["{urn:z}gone"])
        eq(server.get("/a.txt").fields["Content-Language"], "de")


@own_server(files={"a.txt": b"a", "b.txt": b"b", "folder/b.txt": b"b"})
def test_what_others_did_while_the_server_was_down_is_followed(server):
    give(server, "/a.txt", "a")
    give(server, "/b.txt", "b")
    give(server, "/folder/b.txt", "fb")
    give(server, "/folder/", "f")
    server.stop()
    os.rename(server.path("a.txt"), server.path("folder/moved.txt"))
    os.rename(server.path("folder"), server.path("renamed"))
    server.write("beside", b"new b")
    os.rename(server.path("beside"), server.path("b.txt"))
    server.start()
    eq([told(server, target) for target in ("/renamed/moved.txt", "/renamed/b.txt", "/renamed/", "/b.txt")], ["a", "fb", "f", "b"])


@cases(("file", "moved.txt", "elsewhere/there.txt"), ("same-folder", "moved2.txt", "other-name.txt"),
       ("folder", "moved-folder/", "elsewhere/there/"))
def test_another_programs_rename_is_followed(server, source, target):
    os.makedirs(server.path("elsewhere"), exist_ok=True)
    if source.endswith("/"):
        server.write(source + "in/side.txt", b"s")
        give(server, "/" + source + "in/side.txt", "inner")
    else:
        server.write(source, b"x")
    give(server, "/" + source)
    os.rename(server.path(source.rstrip("/")), server.path(target.rstrip("/")))
    eq(propfind(server, "/" + source).status, 404)
    eq(told(server, "/" + target), "kept")
    if source.endswith("/"):
        eq(told(server, "/" + target + "in/side.txt"), "inner")
    server.write(source.rstrip("/"), b"another one")
    eq(told(server, "/" + source.rstrip("/")), None)
    eq(told(server, "/" + target), "kept")


def test_a_rename_over_another_file_brings_its_own(server):
    server.write("over.txt", b"over")
    server.write("under.txt", b"under")
    give(server, "/over.txt", "over")
    give(server, "/under.txt", "under")
    os.rename(server.path("over.txt"), server.path("under.txt"))
    eq(told(server, "/under.txt"), "over")


def test_what_editors_do_leaves_them(server):
    """A new file beside it, renamed over it: it is the same document for who looks at names."""
    server.write("edited.txt", b"old")
    give(server, "/edited.txt")
    for number in range(3):
        server.write(".edited.txt.swp", b"new %d" % number)
        os.rename(server.path(".edited.txt.swp"), server.path("edited.txt"))
        eq(told(server, "/edited.txt"), "kept")
        eq(server.get("/edited.txt").body, b"new %d" % number)


def test_what_others_write_in_place_leaves_them(server):
    server.write("in-place.txt", b"old")
    give(server, "/in-place.txt")
    server.write("in-place.txt", b"something longer than before")
    os.chmod(server.path("in-place.txt"), 0o600)
    eq(told(server, "/in-place.txt"), "kept")


@obliges("DAV-057")
def test_copy_copies_them_and_each_has_its_own_then(server):
    server.write("copied.txt", b"x")
    give(server, "/copied.txt")
    eq(server.request("COPY", "/copied.txt", {"Destination": "/copy.txt"}).status, 201)
    eq((told(server, "/copied.txt"), told(server, "/copy.txt")), ("kept", "kept"))
    give(server, "/copy.txt", "its own")
    eq((told(server, "/copied.txt"), told(server, "/copy.txt")), ("kept", "its own"))
    give(server, "/copied.txt", "changed")
    eq((told(server, "/copied.txt"), told(server, "/copy.txt")), ("changed", "its own"))


@obliges("DAV-057")
@cases(("COPY", "COPY"), ("MOVE", "MOVE"))
def test_what_was_overwritten_takes_its_own_with_it(server, method):
    server.write("winner.txt", b"w")
    server.write("loser.txt", b"l")
    give(server, "/winner.txt", "winner")
    eq(multistatus(proppatch(server, "/loser.txt", set_of("<z:p>loser</z:p><z:only>loser's</z:only>")))["/loser.txt"].names(),
       ["{urn:z}only", NAME])
    eq(server.request(method, "/winner.txt", {"Destination": "/loser.txt"}).status, 204)
    eq(told(server, "/loser.txt"), "winner")
    eq(props_of(server, "/loser.txt", "{urn:z}only").names(404), ["{urn:z}only"])


@obliges("DAV-057")
@cases(("COPY", "COPY"), ("MOVE", "MOVE"))
def test_a_whole_tree_keeps_its_own(server, method):
    source, target = f"/tree-{method}/", f"/there-{method}/"
    for name in "a.txt", "sub/b.txt", "sub/empty/c.txt":
        server.write(source[1:] + name, b"x")
    members = ["", "a.txt", "sub/", "sub/b.txt", "sub/empty/"]
    for at in members:
        give(server, source + at, "of " + at)
    eq(server.request(method, source, {"Destination": target}).status, 201)
    eq([told(server, target + at) for at in members], ["of " + at for at in members])
    eq(told(server, target + "sub/empty/c.txt"), None)
    if method == "MOVE":
        eq(propfind(server, source).status, 404)
    else:
        eq([told(server, source + at) for at in members], ["of " + at for at in members])


@obliges("DAV-057")
def test_a_shallow_copy_of_a_folder_has_the_folders_own(server):
    server.write("shallow/in.txt", b"x")
    give(server, "/shallow/")
    eq(server.request("COPY", "/shallow/", {"Destination": "/shallow-2/", "Depth": "0"}).status, 201)
    eq(told(server, "/shallow-2/"), "kept")
    eq(list(multistatus(propfind(server, "/shallow-2/", depth="1"))), ["/shallow-2/"])


@obliges("DAV-057")
def test_moves_one_after_the_other_keep_them(server):
    server.write("chain-0.txt", b"x")
    give(server, "/chain-0.txt")
    for number in range(5):
        eq(server.request("MOVE", f"/chain-{number}.txt", {"Destination": f"/chain-{number + 1}.txt"}).status, 201)
        eq(server.put(f"/chain-{number + 1}.txt", b"%d" % number).status, 204)
        server.write(f"chain-{number}.txt", b"another")
        eq((told(server, f"/chain-{number}.txt"), told(server, f"/chain-{number + 1}.txt")), (None, "kept"))


@cases(("file", "again.txt", "PUT"), ("folder", "again/", "MKCOL"))
def test_what_was_deleted_leaves_none_behind(server, name, method):
    eq(server.request(method, "/" + name, {}, b"x" if method == "PUT" else None).status, 201)
    give(server, "/" + name)
    eq(server.delete("/" + name).status, 204)
    eq(server.request(method, "/" + name, {}, b"x" if method == "PUT" else None).status, 201)
    eq(told(server, "/" + name), None)


def test_what_others_removed_leaves_none_to_another_of_its_name(server):
    """Known to be gone only if somebody looked meanwhile: an editor's replacement looks the same."""
    server.write("removed.txt", b"x")
    give(server, "/removed.txt")
    os.remove(server.path("removed.txt"))
    eq(propfind(server, "/removed.txt").status, 404)
    eq(server.put("/removed.txt", b"new").status, 201)
    eq(told(server, "/removed.txt"), None)


def test_a_link_shows_those_of_its_file(server):
    server.write("linked.txt", b"x")
    os.symlink("linked.txt", server.path("link.txt"))
    give(server, "/link.txt")
    eq((told(server, "/linked.txt"), told(server, "/link.txt")), ("kept", "kept"))


@own_server(files={"a.txt": b"content", "folder/b.txt": b"b"})
def test_a_copy_of_the_whole_root_finds_its_own_again(server):
    """A backup that was put back: other inodes, the same names."""
    for target in "/a.txt", "/folder/", "/folder/b.txt":
        give(server, target, target)
    server.stop()
    shutil.copytree(server.root, server.root + ".backup", symlinks=True)
    shutil.rmtree(server.root)
    shutil.copytree(server.root + ".backup", server.root, symlinks=True)
    server.start()
    eq([told(server, target) for target in ("/a.txt", "/folder/", "/folder/b.txt")], ["/a.txt", "/folder/", "/folder/b.txt"])


@obliges("DAV-032", "DAV-010")
def test_members_are_told_each_with_its_own(server):
    for number in range(40):
        server.write(f"many/{number}.txt", b"x")
        if number % 3 == 0:
            give(server, f"/many/{number}.txt", str(number))
    for body in ALLPROP, b'<D:propfind xmlns:D="DAV:"><D:prop><p xmlns="urn:z"/></D:prop></D:propfind>':
        found = multistatus(propfind(server, "/many/", body, depth="1"))
        for number in range(40):
            answer = found[f"/many/{number}.txt"]
            eq(answer.text(NAME) if NAME in answer.names() else None, str(number) if number % 3 == 0 else None)


def test_properties_touch_nothing_of_the_file(server):
    server.write("untouched.txt", b"x")
    before, there = os.stat(server.path("untouched.txt")), server.names()
    give(server, "/untouched.txt")
    after = os.stat(server.path("untouched.txt"))
    eq((after.st_ino, after.st_mtime_ns, after.st_size, after.st_mode), (before.st_ino, before.st_mtime_ns, before.st_size, before.st_mode))
    eq(server.names(), there, "no file beside it")
    eq(server.read("untouched.txt"), b"x")
