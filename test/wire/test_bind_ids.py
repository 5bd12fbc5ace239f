"""resource-id and parent-set: who a resource is, and where it stands (RFC 5842 §2.6 to §2.8, §3)."""

import itertools
import re
import time

from binding import ID, PARENTS, bound, id_of, rebind, unbind
from dav import ALLPROP, D, PROPNAME, lock_of, lockinfo, multistatus, propfind, proppatch, props_of, remove_of, set_of, unlock
from wire import cases, eq, lacks, ne, obliges, ok, own_server

FILES = {"x/foo": b"foo", "y/old": b"old", "many/1": b"1", "many/2": b"2", "many/d/3": b"3"}
UUID = re.compile(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")


TURNS = itertools.count()  # so that no two cases get one folder


def fresh(server, name):
    """NAME/{a/{f,d/in},b/old}, old enough that no tag becomes strong while a test compares them."""
    for path, content in {"a/f": b"f", "a/d/in": b"in", "b/old": b"old"}.items():
        server.write(f"{name}/{path}", content, mtime=int(time.time()) - 1000)
    return f"/{name}"


@obliges("BND-01")
def test_everything_has_an_id_of_its_own(server):
    found = multistatus(propfind(server, "/", b'<D:propfind xmlns:D="DAV:"><D:prop><D:resource-id/></D:prop></D:propfind>', "infinity"))
    ids = {}
    for href, answer in found.items():
        [one] = answer.prop(ID)
        eq(one.tag, D + "href")
        ok(UUID.match(one.text), one.text)
        ids[href] = one.text
    ok({"/", "/x/", "/x/foo", "/many/d/3"} <= set(ids), str(ids))
    own = [one for href, one in ids.items() if href.startswith(("/many", "/x", "/y"))]
    eq(len(set(own)), len(own))


@obliges("BND-02")
def test_names_of_one_have_one_id(server):
    top = fresh(server, "same")
    bound(server, top + "/b/f2", top + "/a/f")
    bound(server, top + "/b/d2", top + "/a/d")
    eq(id_of(server, top + "/b/f2"), id_of(server, top + "/a/f"))
    eq(id_of(server, top + "/b/d2/"), id_of(server, top + "/a/d/"))
    eq(id_of(server, top + "/b/d2/in"), id_of(server, top + "/a/d/in"))
    ne(id_of(server, top + "/b/old"), id_of(server, top + "/a/f"))


CHANGES = (
    ("PUT", lambda server, top: server.put(top + "/a/f", b"new").status, "/a/f"),
    ("PROPPATCH", lambda server, top: proppatch(server, top + "/a/f", set_of("<z:p>1</z:p>")).status, "/a/f"),
    ("LOCK", lambda server, top: (unlock(server, top + "/a/f", lock_of(server, top + "/a/f")), 204)[1], "/a/f"),
    ("BIND", lambda server, top: (bound(server, top + "/b/new", top + "/a/f"), 201)[1], "/a/f"),
    ("MOVE", lambda server, top: server.request("MOVE", top + "/a/f", {"Destination": top + "/b/moved"}).status, "/b/moved"),
    ("MOVE above", lambda server, top: server.request("MOVE", top + "/a/", {"Destination": top + "/c/"}).status, "/c/f"),
    ("REBIND", lambda server, top: rebind(server, top + "/b/", "moved", top + "/a/f").status, "/b/moved"),
    ("COPY over", lambda server, top: server.request("COPY", top + "/b/old", {"Destination": top + "/a/f"}).status, "/a/f"),
)


@obliges("BND-03")
@cases(*CHANGES)
def test_an_id_stays(server, change, now):
    for bind_first in (False, True):
        top = fresh(server, "stay%d" % next(TURNS))
        if bind_first:
            bound(server, top + "/a/d/other", top + "/a/f")
        was = id_of(server, top + "/a/f")
        ok(change(server, top) in (201, 204, 207), "it is done")
        eq(id_of(server, top + now), was)


@obliges("BND-04")
def test_what_is_made_is_new(server):
    top = fresh(server, "made")
    old = {id_of(server, top + path) for path in ("/a/f", "/a/d/", "/b/old")}
    server.put(top + "/p", b"")
    server.request("MKCOL", top + "/m/")
    eq(server.request("LOCK", top + "/l", {"Content-Type": "application/xml"}, lockinfo()).status, 201)
    eq(server.request("COPY", top + "/a/f", {"Destination": top + "/c"}).status, 201)
    eq(server.request("COPY", top + "/a/d/", {"Destination": top + "/cd/"}).status, 201)
    made = {id_of(server, top + path) for path in ("/p", "/m/", "/l", "/c", "/cd/", "/cd/in")}
    eq(len(made), 6)
    eq(made & old, set())


@obliges("BND-05")
def test_an_id_is_not_given_twice(server):
    """The same name, again and again: file systems give the same inode to one file after the other."""
    seen = set()
    for number in range(40):
        server.put("/again", b"%d" % number)
        seen.add(id_of(server, "/again"))
        eq(server.delete("/again").status, 204)
    eq(len(seen), 40)
    for number in range(10):
        server.put("/twice", b"%d" % number)
        bound(server, "/twice2", "/twice")
        seen.add(id_of(server, "/twice"))
        for name in ("/twice", "/twice2"):
            eq(server.delete(name).status, 204)
    eq(len(seen), 50)


@obliges("BND-06")
@cases(("resource-id", ID), ("parent-set", PARENTS))
def test_nobody_sets_them(server, name):
    for inner in (set_of(f"<D:{name[6:]}><D:href>urn:x</D:href></D:{name[6:]}>"), remove_of(f"<D:{name[6:]}/>")):
        [answer] = multistatus(proppatch(server, "/x/foo", inner)).values()
        eq(answer.outcome(name), (403, "cannot-modify-protected-property"))
    ok(UUID.match(id_of(server, "/x/foo")), "it is as before")


@obliges("BND-07")
def test_they_are_named_but_not_told_unasked(server):
    for content in (ALLPROP, b""):
        [answer] = multistatus(propfind(server, "/x/foo", content)).values()
        for name in (ID, PARENTS):
            lacks(answer.names(), name)
    [answer] = multistatus(propfind(server, "/x/foo", PROPNAME)).values()
    for name in (ID, PARENTS):
        ok(name in answer.names(), name)


def parents_of(server, target):
    found = props_of(server, target, PARENTS).prop(PARENTS)
    return sorted((parent.findtext(D + "href"), parent.findtext(D + "segment")) for parent in found.findall(D + "parent"))


@obliges("BND-08")
def test_each_binding_has_its_parent_once(server):
    top = fresh(server, "par")
    eq(parents_of(server, top + "/a/f"), [(top + "/a/", "f")])
    bound(server, top + "/b/f2", top + "/a/f")
    bound(server, top + "/b/a%20b", top + "/a/f")
    bound(server, top + "/b/a2", top + "/a")  # a has two URLs, and is one parent
    for name in ("/a/f", "/b/f2", "/b/a2/f"):
        found = parents_of(server, top + name)
        eq(len(found), 3, str(found))
        eq([pair for pair in found if pair[0] == top + "/b/"], [(top + "/b/", "a%20b"), (top + "/b/", "f2")])
        ok(found[0][0] in (top + "/a/", top + "/b/a2/") or found[-1][0] in (top + "/a/", top + "/b/a2/"), str(found))
    eq(unbind(server, top + "/b/", "f2").status, 204)
    eq(len(parents_of(server, top + "/a/f")), 2)


@obliges("BND-09", "BND-11")
def test_all_names_are_as_good(server):
    top = fresh(server, "good")
    eq(proppatch(server, top + "/a/f", set_of("<z:p>first</z:p>")).status, 207)
    bound(server, top + "/b/f2", top + "/a/f")
    bound(server, top + "/b/f3", top + "/b/f2")
    eq(server.put(top + "/b/f2", b"second").status, 204)
    eq(proppatch(server, top + "/b/f3", set_of("<z:q>third</z:q>")).status, 207)
    for gone in ("/a/f", "/b/f2"):
        for name in ("/b/f2", "/b/f3") if gone == "/b/f2" else ("/a/f", "/b/f2", "/b/f3"):
            eq(server.get(top + name).body, b"second", name)
            answer = props_of(server, top + name, "{urn:z}p", "{urn:z}q")
            eq((answer.text("{urn:z}p"), answer.text("{urn:z}q")), ("first", "third"), name)
        eq(server.delete(top + gone).status, 204)
    eq(server.get(top + "/b/f3").body, b"second")
    eq(props_of(server, top + "/b/f3", "{urn:z}q").text("{urn:z}q"), "third")


@obliges("BND-10")
@own_server(files={"a/f": b"f" * 1000, "a/d/in": b"in"})
def test_the_storage_goes_with_the_last_name(server):
    def stored():
        return sorted(server.names(".samovar/bound"))

    bound(server, "/f2", "/a/f")
    bound(server, "/d2", "/a/d")
    eq(len(stored()), 2)
    eq(server.delete("/a/f").status, 204)
    eq(server.delete("/d2").status, 204)
    eq(len(stored()), 2, "they have another name")
    eq((server.get("/f2").body, server.get("/a/d/in").body), (b"f" * 1000, b"in"))
    eq(server.delete("/f2").status, 204)
    eq(server.delete("/a/").status, 204)
    eq(stored(), [])


@obliges("BND-68")
def test_live_properties_are_the_same_through_all(server):
    top = fresh(server, "live")
    bound(server, top + "/b/f2", top + "/a/f")
    bound(server, top + "/b/d2", top + "/a/d")
    names = [D + name for name in ("getetag", "getlastmodified", "getcontentlength", "creationdate", "resourcetype", "supportedlock")]
    for one, other in (("/a/f", "/b/f2"), ("/a/d/", "/b/d2/"), ("/a/d/in", "/b/d2/in")):
        first, second = props_of(server, top + one, *names), props_of(server, top + other, *names)
        eq(first.names(), second.names())
        for name in set(first.names()) - {D + "resourcetype", D + "supportedlock"}:
            eq(first.text(name), second.text(name), name)
    first, second = server.get(top + "/a/f"), server.get(top + "/b/f2")
    eq((first.etag, first.fields["Last-Modified"]), (second.etag, second.fields["Last-Modified"]))
    server.put(top + "/b/f2", b"n")
    ne(server.get(top + "/a/f").etag, first.etag)
    eq(server.get(top + "/a/f").etag, server.get(top + "/b/f2").etag)
