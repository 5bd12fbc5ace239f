"""Locks and properties while one server takes the place of another: what one grants or sets, the other knows."""

from dav import XML, lock_of, lockinfo, multistatus, proppatch, props_of, set_of, unlock
from test_upgrade import expect_alone, expect_end, replace
from wire import eq, head_of, own_server


def color_of(server, target):
    return props_of(server, target, "{urn:z}color").text("{urn:z}color")


def set_color(server, target, color, **fields):
    got = proppatch(server, target, set_of("<z:color>%s</z:color>" % color), **fields)
    eq(multistatus(got).popitem()[1].names(), ["{urn:z}color"], "it is set")


def expect_locked(server, target, token):
    """Without the token nothing goes, with it everything."""
    eq(server.put(target, b"no").status, 423, "a PUT without the token")
    eq(server.request("LOCK", target, XML, lockinfo()).status, 423, "another lock")
    eq(server.put(target, b"yes", {"If": "(%s)" % token}).status, 204, "a PUT with the token")


@own_server(files={"a": b"a", "b": b"b", "c": b"c"})
def test_locks_and_properties_are_one_to_two_that_serve(server):
    """The old one is kept by an upload; a second connection to it asks before and hears after the new one serves."""
    set_color(server, "/a", "red")
    token = lock_of(server, "/a")
    with server.connect() as upload, server.connect() as kept:
        upload.send(head_of("PUT", "/slow", {"Content-Length": "4"}) + b"12")
        late = b"late"
        kept.send(head_of("PUT", "/b", {"Content-Length": "4"}) + late[:1])
        kept.expect_silence(0.2)
        old = replace(server)
        eq(color_of(server, "/a"), "red", "what was set before")
        expect_locked(server, "/a", token)
        fresh = lock_of(server, "/b")            # held by the new one while the old one is at work on the same name
        set_color(server, "/c", "blue")
        kept.send(late[1:])
        eq(kept.read("PUT").status, 423, "the old one knows of the lock that the new one gave")
        eq(server.read("b"), b"b")
        unlock(server, "/b", fresh)
        upload.send(b"34")
        eq(upload.read("PUT").status, 201)
    expect_end(old)
    expect_alone(server)
    eq((color_of(server, "/a"), color_of(server, "/c")), ("red", "blue"))
    expect_locked(server, "/a", token)
    unlock(server, "/a", token)
    eq(server.put("/a", b"free").status, 204)


@own_server(files={"a": b"a", "c": b"c"})
def test_what_the_old_one_locks_and_sets_at_last_holds_for_the_new_one(server):
    """Requests that the old one had begun to read when the new one came."""
    body = lockinfo()
    patch = b'<D:propertyupdate xmlns:D="DAV:"><D:set><D:prop><z:color xmlns:z="urn:z">green</z:color></D:prop></D:set></D:propertyupdate>'
    with server.connect() as locker, server.connect() as patcher:
        for conn, method, target, text in ((locker, "LOCK", "/a", body), (patcher, "PROPPATCH", "/c", patch)):
            conn.send(head_of(method, target, {**XML, "Content-Length": str(len(text))}) + text[:9])
            conn.expect_silence(0.2)
        old = replace(server)
        locker.send(body[9:])
        got = locker.read("LOCK")
        eq(got.status, 200)
        token = got.fields["Lock-Token"]
        expect_locked(server, "/a", token)
        patcher.send(patch[9:])
        eq(patcher.read("PROPPATCH").status, 207)
        eq(color_of(server, "/c"), "green")
    expect_end(old)
    expect_alone(server)
    expect_locked(server, "/a", token)
    unlock(server, "/a", token)
