"""Locks where resources have several names: the resource is guarded by each, the root by its own (RFC 5842 §9)."""

import xml.etree.ElementTree as xml

from binding import bind, bound, held, rebind, unbind
from dav import D, XML, error_of, lock_of, lockinfo, multistatus, propfind, proppatch, prop_body, props_of, set_of, unlock
from wire import cases, contains, eq, obliges, ok, time_limit

FILES = {"x/foo": b"foo"}


def fresh(server, name, *files):
    for path in files:
        server.write(f"{name}/{path}", path.encode())
    return f"/{name}"


def pair(server, name):
    """RFC 5842 §9.1: CollX/test and CollY/test are one, locked as the former."""
    top = fresh(server, name, "CollX/test", "CollY/own")
    bound(server, top + "/CollY/test", top + "/CollX/test")
    return top, lock_of(server, top + "/CollX/test", Depth="0")


def roots(server, target):
    found = props_of(server, target, D + "lockdiscovery").prop(D + "lockdiscovery")
    return sorted(lock.findtext(f"{D}lockroot/{D}href") for lock in found)


@obliges("BND-61")
def test_the_root_is_the_url_of_the_lock(server):
    top, token = pair(server, "root")
    for name in ("/CollX/test", "/CollY/test"):
        eq(roots(server, top + name), [top + "/CollX/test"], name)
    unlock(server, top + "/CollX/test", token)
    token = lock_of(server, top + "/CollY/test")
    for name in ("/CollX/test", "/CollY/test"):
        eq(roots(server, top + name), [top + "/CollY/test"], name)
    unlock(server, top + "/CollY/test", token)


@obliges("BND-62")
@cases(("root", "/CollX/test"), ("other", "/CollY/test"))
def test_the_resource_is_guarded_through_each_url(server, target):
    """RFC 5842 §9.1, the first list."""
    top, token = pair(server, "guard" + target[5])
    eq(error_of(server.put(top + target, b"new"), 423), "lock-token-submitted")
    eq(proppatch(server, top + target, set_of("<z:p>1</z:p>")).status, 423)
    eq(server.request("COPY", top + "/CollY/own", {"Destination": top + target}).status, 423)
    eq(server.get(top + target).body, b"CollX/test")
    eq(server.put(top + target, b"new", held(token)).status, 204)
    eq(proppatch(server, top + target, set_of("<z:p>1</z:p>"), **held(token)).status, 207)
    unlock(server, top + target, token)


@obliges("BND-63")
@cases(("DELETE", lambda s, top: s.delete(top + "/CollY/test")), ("DELETE above", lambda s, top: s.delete(top + "/CollY/")),
       ("UNBIND", lambda s, top: unbind(s, top + "/CollY/", "test")), ("UNBIND above", lambda s, top: unbind(s, top + "/", "CollY")),
       ("MOVE", lambda s, top: s.request("MOVE", top + "/CollY/test", {"Destination": top + "/moved"})),
       ("MOVE above", lambda s, top: s.request("MOVE", top + "/CollY/", {"Destination": top + "/moved/"})),
       ("REBIND", lambda s, top: rebind(s, top + "/", "moved", top + "/CollY/test")))
def test_other_names_come_and_go_without_the_token(server, act):
    """RFC 5842 §9.1, the second list."""
    server.number = getattr(server, "number", 0) + 1
    top, token = pair(server, "free%d" % server.number)
    ok(act(server, top).status in (201, 204), "it is done")
    eq(server.get(top + "/CollY/test").status, 404)
    eq(server.put(top + "/CollX/test", b"new").status, 423, "the lock is as it was")
    eq(roots(server, top + "/CollX/test"), [top + "/CollX/test"])
    unlock(server, top + "/CollX/test", token)


@obliges("BND-64")
@cases(("DELETE", lambda s, top, f: s.delete(top + "/CollX/test", f)), ("DELETE above", lambda s, top, f: s.delete(top + "/CollX/", f)),
       ("UNBIND", lambda s, top, f: unbind(s, top + "/CollX/", "test", f)), ("UNBIND above", lambda s, top, f: unbind(s, top + "/", "CollX", f)),
       ("MOVE", lambda s, top, f: s.request("MOVE", top + "/CollX/test", {"Destination": top + "/moved", **f})),
       ("MOVE above", lambda s, top, f: s.request("MOVE", top + "/CollX/", {"Destination": top + "/moved/", **f})),
       ("REBIND", lambda s, top, f: rebind(s, top + "/", "moved", top + "/CollX/test", f)))
def test_the_root_stays_without_the_token(server, act):
    server.number = getattr(server, "number", 0) + 1
    top, token = pair(server, "kept%d" % server.number)
    got = act(server, top, {})
    ok(got.status == 423 or (got.status == 207 and b"423" in got.body), str(got.status))
    eq(server.get(top + "/CollX/test").body, b"CollX/test")
    submitted = {"If": f"<{top}/CollX/test> ({token})"}
    ok(act(server, top, submitted).status in (201, 204), "with the token it is done")
    eq(server.get(top + "/CollX/test").status, 404)
    eq(server.put(top + "/CollY/test", b"new").status, 204, "and the lock is gone with its root")


@obliges("BND-65")
def test_unlock_through_any_url(server):
    top, token = pair(server, "any")
    eq(server.request("UNLOCK", top + "/CollX/", {"Lock-Token": token}).status, 409)
    unlock(server, top + "/CollY/test", token)
    eq(server.put(top + "/CollX/test", b"new").status, 204)


def test_a_lock_is_refreshed_through_any_url(server):
    top, token = pair(server, "fresh")
    got = server.request("LOCK", top + "/CollY/test", {"Timeout": "Second-77", **held(token)})
    eq(got.status, 200)
    eq(xml.fromstring(got.body).findtext(f"{D}lockdiscovery/{D}activelock/{D}lockroot/{D}href"), top + "/CollX/test")


@obliges("BND-66")
@time_limit(20)
def test_a_deep_lock_over_a_loop(server):
    top = fresh(server, "deep", "c/foo", "c/sub/in")
    for folder, name in (("/c/", "bar"), ("/c/sub/", "up")):
        eq(bind(server, top + folder, name, top + "/c").status, 201)
    token = lock_of(server, top + "/c/", Depth="infinity")
    for name in ("", "foo", "bar/foo", "sub/in", "bar/sub/up/sub/in", "sub/up/"):
        eq(roots(server, top + "/c/" + name), [top + "/c/"], name)
    eq(server.put(top + "/c/bar/sub/in", b"x").status, 423)
    eq(server.put(top + "/c/bar/sub/in", b"x", held(token)).status, 204)
    asked = multistatus(propfind(server, top + "/c/", prop_body(D + "lockdiscovery"), "infinity", DAV="bind"))
    for href, answer in asked.items():
        [stat] = answer.propstats
        eq(len(stat.props[D + "lockdiscovery"]), 1, href)
    unlock(server, top + "/c/", token)
    eq(server.put(top + "/c/bar/sub/in", b"y").status, 204)


@obliges("BND-67")
def test_what_is_bound_below_a_deep_lock_is_under_it(server):
    top = fresh(server, "join", "c/own", "d/f", "d/g")
    token = lock_of(server, top + "/c/", Depth="infinity")
    eq(bind(server, top + "/c/", "f", top + "/d/f", held(token)).status, 201)
    eq(server.put(top + "/d/f", b"x").status, 423, "under its other name, too")
    eq(server.put(top + "/d/f", b"x", held(token)).status, 204)
    other = lock_of(server, top + "/d/g")
    got = bind(server, top + "/c/", "g", top + "/d/g", held(token))
    eq(got.status, 423, "it is locked by another")
    contains(got.body, (top + "/d/g").encode())
    eq(server.get(top + "/c/g").status, 404)
    eq(unbind(server, top + "/c/", "f", held(token)).status, 204)
    eq(server.put(top + "/d/f", b"y").status, 204, "and free when that name is gone")
    unlock(server, top + "/d/g", other)


def test_a_member_that_is_copied_over_takes_its_lock_along(server):
    """The bound folder stays what it is; what was in it does not."""
    top = fresh(server, "below", "a/d/in", "from/new", "b/own")
    bound(server, top + "/b/d2", top + "/a/d")
    token = lock_of(server, top + "/a/d/in")
    got = server.request("COPY", top + "/from/", {"Destination": top + "/b/d2/"})
    eq(got.status, 207)
    contains(got.body, b"423 Locked")
    eq(server.get(top + "/a/d/new").status, 404)
    eq(server.request("COPY", top + "/from/", {"Destination": top + "/b/d2/", "If": f"<{top}/a/d/in> ({token})"}).status, 204)
    eq(server.get(top + "/a/d/new").body, b"from/new")
    eq(server.put(top + "/a/d/in", b"another").status, 201)
    eq(roots(server, top + "/a/d/in"), [])
    eq(server.delete(top + "/a/").status, 204)


def test_a_lock_through_another_name_conflicts(server):
    top, token = pair(server, "conf")
    got = server.request("LOCK", top + "/CollY/test", XML, lockinfo())
    eq(error_of(got, 423), "no-conflicting-lock")
    contains(got.body, (top + "/CollX/test").encode())
    unlock(server, top + "/CollX/test", token)
    one, other = lock_of(server, top + "/CollX/test", "shared"), lock_of(server, top + "/CollY/test", "shared")
    eq(roots(server, top + "/CollX/test"), [top + "/CollX/test", top + "/CollY/test"])
    eq(server.put(top + "/CollX/test", b"n", held(other)).status, 204, "either token will do")
    for token in (one, other):
        unlock(server, top + "/CollX/test", token)
