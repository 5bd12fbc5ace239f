"""DELETE, MOVE and COPY where things have several names, with the RFC's examples (RFC 5842 §2.3 to §2.5)."""

from binding import bind, bound, id_of, ids, shape, told
from dav import proppatch, props_of, set_of
from wire import cases, eq, lacks, obliges, ok, one_of, time_limit

FILES = {"x/foo": b"foo"}


def fresh(server, name, *files):
    for path in files or ("a/f", "a/d/in", "b/old"):
        server.write(f"{name}/{path}", path.encode())
    return f"/{name}"


def copy(server, source, to, **fields):
    return server.request("COPY", source, {"Destination": to, **fields})


def move(server, source, to, **fields):
    return server.request("MOVE", source, {"Destination": to, **fields})


# ---- DELETE ------------------------------------------------------------------------------------------


@obliges("BND-39")
def test_delete_takes_one_name(server):
    top = fresh(server, "del1")
    bound(server, top + "/b/y", top + "/a/f")
    was = id_of(server, top + "/b/y")
    eq(server.delete(top + "/a/f").status, 204)
    eq(server.get(top + "/a/f").status, 404)
    eq((id_of(server, top + "/b/y"), server.get(top + "/b/y").body), (was, b"a/f"))


@obliges("BND-40", "BND-41")
def test_delete_leaves_what_stays_reachable(server):
    top = fresh(server, "del2", "a/sub/x/in", "a/sub/x/deep/er", "a/own", "b/keep")
    bound(server, top + "/b/y", top + "/a/sub/x")
    before = shape(server, top + "/b/")
    eq(server.delete(top + "/a/").status, 204, "at once")
    eq(shape(server, top + "/b/"), before)
    eq(server.get(top + "/a/own").status, 404)
    eq(server.get(top + "/b/y/deep/er").body, b"a/sub/x/deep/er")


@obliges("BND-42")
def test_a_cycle_goes_with_its_last_name(server):
    top = fresh(server, "del3", "a/b/in", "else/k")
    before = set(server.names(".samovar/bound")) if server.exists(".samovar/bound") else set()
    eq(bind(server, top + "/a/b/", "up", top + "/a").status, 201)
    eq(len(set(server.names(".samovar/bound")) - before), 1)
    eq(server.delete(top + "/a/").status, 204)
    eq(server.get(top + "/a/b/in").status, 404)
    eq(set(server.names(".samovar/bound")) - before, set(), "no storage is left of it")


# ---- MOVE --------------------------------------------------------------------------------------------


@obliges("BND-43")
def test_move_takes_one_name_along(server):
    """RFC 5842 §2.5.1."""
    top = fresh(server, "mov1")
    bound(server, top + "/b/two", top + "/a/d")
    bound(server, top + "/b/three", top + "/a/d")
    bound(server, top + "/b/in2", top + "/a/d/in")
    was = ids(server, top + "/")
    eq(move(server, top + "/b/three", top + "/b/x").status, 201)
    now = ids(server, top + "/")
    eq(now[top + "/b/x/"], was[top + "/b/three/"])
    for path in ("/a/d/", "/b/two/", "/b/in2"):
        eq(now[top + path], was[top + path], path)
    eq(server.get(top + "/b/three/").status, 404)
    for path in ("/a/d/in", "/b/two/in", "/b/x/in", "/b/in2"):
        eq(server.get(top + path).body, b"a/d/in", path)
    eq(move(server, top + "/a/", top + "/c/").status, 201, "the folder above one of the names")
    for path in ("/c/d/in", "/b/two/in", "/b/in2"):
        eq(server.get(top + path).body, b"a/d/in", path)


@obliges("BND-44", "BND-43")
def test_move_may_make_a_loop(server):
    """RFC 5842 §2.5.2: CollX/{CollZ}, CollY -> CollZ; CollX is moved into CollY."""
    top = fresh(server, "mov2", "CollX/CollZ/in")
    bound(server, top + "/CollY", top + "/CollX/CollZ")
    was = ids(server, top + "/")
    one_of(move(server, top + "/CollX/", top + "/CollY/A/").status, (201,))
    now = ids(server, top + "/")
    eq((now[top + "/CollY/"], now[top + "/CollY/A/"]), (was[top + "/CollY/"], was[top + "/CollX/"]))
    eq(now[top + "/CollY/A/CollZ/"], was[top + "/CollY/"], "a loop")
    eq(server.get(top + "/CollY/A/CollZ/A/CollZ/in").body, b"CollX/CollZ/in")
    eq(server.get(top + "/CollX/").status, 404)


# ---- COPY --------------------------------------------------------------------------------------------


@obliges("BND-45")
@cases(("file", "/b/old", "/a/f"), ("name", "/b/old", "/b/f2"))
def test_copy_onto_something_updates_it(server, source, to):
    top = fresh(server, "upd" + to[-1])
    bound(server, top + "/b/f2", top + "/a/f")
    eq(proppatch(server, top + source, set_of("<z:p>copied</z:p>")).status, 207)
    was = ids(server, top + "/")
    eq(copy(server, top + source, top + to).status, 204)
    eq(ids(server, top + "/"), was, "no binding changes")
    for name in ("/a/f", "/b/f2"):
        eq(server.get(top + name).body, b"b/old")
        eq(props_of(server, top + name, "{urn:z}p").text("{urn:z}p"), "copied")


@obliges("BND-46")
def test_two_names_of_one_become_two_names_of_one_copy(server):
    """RFC 5842 §2.3.3."""
    top = fresh(server, "rfc233", "CollX/x.gif")
    bound(server, top + "/CollX/y.gif", top + "/CollX/x.gif")
    eq(copy(server, top + "/CollX/", top + "/CollY/", Depth="infinity").status, 201)
    eq([one[0] for one in shape(server, top + "/CollY/").values()], [0, 1, 1])
    ok(id_of(server, top + "/CollY/x.gif") != id_of(server, top + "/CollX/x.gif"), "a copy")
    server.put(top + "/CollY/x.gif", b"new")
    eq((server.get(top + "/CollY/y.gif").body, server.get(top + "/CollX/y.gif").body), (b"new", b"CollX/x.gif"))


@obliges("BND-46", "BND-45")
def test_copy_updates_what_has_two_names_at_the_target(server):
    """RFC 5842 §2.3.2."""
    top = fresh(server, "rfc232", "CollX/x.gif", "CollX/y.gif", "CollY/x.gif")
    bound(server, top + "/CollY/y.gif", top + "/CollY/x.gif")
    was = ids(server, top + "/")
    eq(copy(server, top + "/CollX/", top + "/CollY/", Depth="infinity").status, 204)
    eq(ids(server, top + "/"), was, "the hierarchy is as before")
    eq(server.get(top + "/CollY/x.gif").body, b"CollX/y.gif", "in the order of names the last one wins")
    eq(server.get(top + "/CollY/y.gif").body, b"CollX/y.gif")


@obliges("BND-47", "BND-49")
@time_limit(20)
def test_a_loop_is_copied_as_a_loop(server):
    """RFC 5842 §2.3.1."""
    top = fresh(server, "rfc231", "CollX/x.gif", "CollX/CollY/y.gif")
    eq(bind(server, top + "/CollX/CollY/", "CollZ", top + "/CollX").status, 201)
    source = ids(server, top + "/CollX/")
    eq(copy(server, top + "/CollX/", top + "/CollA/", Depth="infinity").status, 201)
    found = shape(server, top + "/CollA/")
    eq({path[len(top) + 6:]: one for path, one in found.items()}, {path[len(top) + 6:]: one for path, one in shape(server, top + "/CollX/").items()})
    eq(found[top + "/CollA/CollY/CollZ/"][0], found[top + "/CollA/"][0], "onto its own copy")
    lacks(source.values(), ids(server, top + "/CollA/")[top + "/CollA/CollY/CollZ/"])
    eq(ids(server, top + "/CollX/"), source)


@obliges("BND-48")
def test_a_shallow_copy_has_no_members(server):
    top = fresh(server, "shal")
    bound(server, top + "/a/f2", top + "/a/f")
    eq(copy(server, top + "/a/", top + "/c/", Depth="0").status, 201)
    eq(list(told(server, top + "/c/")), [top + "/c/"])


@obliges("BND-49", "BND-56")
@time_limit(30)
def test_no_deep_request_goes_round_for_ever(server):
    top = fresh(server, "end", "a/b/c/in", "else/k")
    for folder, name in (("/a/", "self"), ("/a/b/", "up"), ("/a/b/c/", "top")):
        eq(bind(server, top + folder, name, top + "/a").status, 201)
    eq(server.request("PROPFIND", top + "/", {"Depth": "infinity"}).status, 508)
    eq(server.request("PROPFIND", top + "/", {"Depth": "infinity", "DAV": "bind"}).status, 207)
    eq(copy(server, top + "/a/", top + "/copy/").status, 201)
    eq(copy(server, top + "/a/", top + "/copy/").status, 204)
    eq(move(server, top + "/copy/", top + "/moved/").status, 201)
    got = server.request("LOCK", top + "/a/", {"Depth": "infinity", "Content-Type": "application/xml"},
                         b'<D:lockinfo xmlns:D="DAV:"><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockinfo>')
    eq(got.status, 200)
    eq(server.request("UNLOCK", top + "/a/b/up/", {"Lock-Token": got.fields["Lock-Token"]}).status, 204)
    eq(server.delete(top + "/moved/").status, 204)
    eq(server.delete(top + "/a/").status, 204)


def test_a_path_comes_back_three_times_at_most(server):
    """Programs that go by names come to an end; what would be further is neither listed nor there."""
    top = fresh(server, "back", "c/foo")
    eq(bind(server, top + "/c/", "bar", top + "/c").status, 201)
    for returns in range(4):
        folder = top + "/c/" + "bar/" * returns
        eq(server.get(folder + "foo").body, b"c/foo", str(returns))
        listed = server.request("PROPFIND", folder, {"Depth": "1"}).body.decode()
        page = server.get(folder).body
        eq((folder + "bar/<" in listed, b'"./bar/"' in page, b'"./foo"' in page), (returns < 3, returns < 3, True), str(returns))
    eq(server.get(top + "/c/" + "bar/" * 4).status, 404)
    eq(server.put(top + "/c/" + "bar/" * 4 + "new", b"").status, 409)
