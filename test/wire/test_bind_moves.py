"""UNBIND and REBIND: what they take away and move, and each reason for which they refuse (RFC 5842 §5, §6)."""

from binding import Unchanged, bind, bound, conditions_of, held, id_of, ids, rebind, unbind
from dav import D, lock_of, props_of, unlock
from program import basic
from test_command_users import PASSWORDS, write_users
from wire import cases, contains, eq, obliges, one_of, own_server

FILES = {"x/foo": b"foo", "y/old": b"old", "file": b"f"}


def fresh(server, name):
    """NAME/{a/{f,d/in},b/old}."""
    for path, content in {"a/f": b"f", "a/d/in": b"in", "b/old": b"old"}.items():
        server.write(f"{name}/{path}", content)
    return f"/{name}"


@obliges("BND-29")
def test_unbind_takes_one_name(server):
    top = fresh(server, "one")
    bound(server, top + "/b/f2", top + "/a/f")
    bound(server, top + "/b/d2", top + "/a/d")
    got = unbind(server, top + "/a/", "f")
    eq((got.status, got.body), (204, b""))
    eq(server.get(top + "/a/f").status, 404)
    eq(server.get(top + "/b/f2").body, b"f")
    eq(unbind(server, top + "/b/", "d2").status, 204)
    eq(server.get(top + "/b/d2/in").status, 404)
    eq(server.get(top + "/a/d/in").body, b"in")
    eq(unbind(server, top + "/a/", "d").status, 204, "and the last one, with all that is in it")
    eq(server.get(top + "/a/d/in").status, 404)


@obliges("BND-30", "BND-37")
def test_unbind_wants_a_folder_and_a_name_in_it(server):
    with Unchanged(server):
        eq(conditions_of(unbind(server, "/file", "a"), 403), ["unbind-from-collection"])
        eq(conditions_of(unbind(server, "/y/", "none"), 409), ["unbind-source-exists"])
        eq(unbind(server, "/none/", "old").status, 404)


@obliges("BND-31", "BND-37")
def test_unbind_keeps_what_is_locked(server):
    top = fresh(server, "lockun")
    token = lock_of(server, top + "/b/", Depth="0")
    with Unchanged(server, top + "/"):
        contains(conditions_of(unbind(server, top + "/b/", "old"), 423), "locked-update-allowed")
    unlock(server, top + "/b/", token)
    token = lock_of(server, top + "/b/old")
    with Unchanged(server, top + "/"):
        contains(conditions_of(unbind(server, top + "/b/", "old"), 423), "protected-url-deletion-allowed")
    eq(unbind(server, top + "/b/", "old", {"If": f"<{top}/b/old> ({token})"}).status, 204)


@obliges("BND-32")
def test_a_lock_goes_with_its_root(server):
    top = fresh(server, "root")
    bound(server, top + "/b/f2", top + "/a/f")
    token = lock_of(server, top + "/a/f")
    eq(unbind(server, top + "/b/", "f2").status, 204, "another name needs no token")
    eq(server.put(top + "/a/f", b"x").status, 423, "the lock is there")
    bound(server, top + "/b/f2", top + "/a/f")
    eq(unbind(server, top + "/a/", "f", {"If": f"<{top}/a/f> ({token})"}).status, 204)
    eq(server.put(top + "/b/f2", b"x").status, 204, "the lock went with its root")
    eq(server.request("UNLOCK", top + "/b/f2", {"Lock-Token": token}).status, 409)


@obliges("BND-33", "BND-35")
def test_rebind_moves_one_name(server):
    top = fresh(server, "move")
    bound(server, top + "/b/f2", top + "/a/f")
    was = ids(server, top + "/")
    got = rebind(server, top + "/a/d/", "g", top + "/b/f2")
    eq((got.status, got.body), (201, b""))
    eq(server.get(top + "/b/f2").status, 404)
    eq(id_of(server, top + "/a/d/g"), was[top + "/b/f2"])
    eq(server.get(top + "/a/f").body, b"f", "other names stay")
    eq(rebind(server, top + "/b/", "old", top + "/a/d/g").status, 204, "over another one")
    eq(server.get(top + "/a/d/g").status, 404)
    eq((id_of(server, top + "/b/old"), server.get(top + "/b/old").body), (was[top + "/b/f2"], b"f"))


@obliges("BND-35")
def test_what_has_one_name_keeps_its_id_too(server):
    top = fresh(server, "plain")
    for path, to in (("/a/f", "/b/g"), ("/a/d/", "/b/e/")):
        was = id_of(server, top + path)
        eq(rebind(server, top + "/b/", to.strip("/")[2:], top + path).status, 201)
        eq((id_of(server, top + to), server.get(top + path).status), (was, 404))


REFUSED = (
    ("into a file", 403, "rebind-into-collection", "/file", "n", "/x/foo", {}),
    ("nothing", 409, "rebind-source-exists", "/y/", "n", "/x/none", {}),
    ("elsewhere", 403, "cross-server-binding", "/y/", "n", "http://other.example/x/foo", {}),
    ("no name", 403, "name-allowed", "/y/", "a/b", "/x/foo", {}),
    ("dots", 403, "name-allowed", "/y/", "..", "/x/foo", {}),
    ("taken", 412, "can-overwrite", "/y/", "old", "/x/foo", {"Overwrite": "F"}),
)


@obliges("BND-34", "BND-37")
@cases(*REFUSED)
def test_rebind_refuses(server, status, condition, folder, segment, href, fields):
    with Unchanged(server):
        eq(conditions_of(rebind(server, folder, segment, href, fields), status), [condition])


@obliges("BND-34", "BND-37")
@own_server(config='listen = { "127.0.0.1:0" }\nsite "s" { root = "{root}" allow "*" { rights = { "read", "write" } } bind-loops = off }',
            files={"a/d/in": b"in"})
def test_rebind_into_itself_can_be_refused(server):
    bound(server, "/d2", "/a/d")
    with Unchanged(server):
        eq(conditions_of(rebind(server, "/a/d/", "up", "/a"), 403), ["cycle-allowed"])
        eq(conditions_of(rebind(server, "/d2/", "up", "/a"), 403), ["cycle-allowed"])
        eq(conditions_of(rebind(server, "/a/d/", "down", "/d2"), 403), ["cycle-allowed"])


@obliges("BND-34", "BND-37")
@cases(("folder", "b/", "locked-update-allowed"), ("name", "b/old", "protected-url-modification-allowed"),
       ("source folder", "a/", "locked-source-collection-update-allowed"), ("source", "a/f", "protected-source-url-deletion-allowed"))
def test_rebind_keeps_what_is_locked(server, locked, condition):
    top = fresh(server, "lock" + condition[:12] + locked[0] + str(len(locked)))
    token = lock_of(server, f"{top}/{locked}", Depth="0")
    with Unchanged(server, top + "/"):
        contains(conditions_of(rebind(server, top + "/b/", "old", top + "/a/f"), 423), condition)
    eq(rebind(server, top + "/b/", "old", top + "/a/f", {"If": f"<{top}/{locked}> ({token})"}).status, 204)


USERS = """
listen = { "127.0.0.1:0" }
site "s" {
    root = "{root}"
    users = "{tmp}/users"
    allow "users" { rights = { "read", "write" } }
    at "/kept" { allow "users" { rights = { "read" } } }
    at "/closed" { allow "users" { rights = { "read" } } }
}
"""


@obliges("BND-36", "BND-37")
@cases(("source", "/kept/f", "/open/n"), ("target", "/open/f", "/closed/n"), ("over", "/open/f", "/closed/f"))
@own_server(config=USERS, files={"kept/f": b"k", "open/f": b"o", "closed/f": b"c"}, before=write_users)
def test_rebind_needs_the_rights_of_move(server, source, target):
    who = basic("ada", PASSWORDS["ada"])
    folder, _, segment = target.rpartition("/")
    eq(server.request("MOVE", source, {"Destination": target, **who}).status, 403)
    eq(rebind(server, folder + "/", segment, source, who).status, 403)
    one_of(rebind(server, folder + "/", segment, source).status, (401, 403), "a stranger's")
    for path, content in (("/kept/f", b"k"), ("/open/f", b"o"), ("/closed/f", b"c")):
        eq(server.get(path, who).body, content)
    eq(rebind(server, "/open/", "moved", "/open/f", who).status, 201, "where MOVE may")


def loops(server, top):
    """The collection of RFC 5842 §6.2: W/{X/,Y/{y.gif,Z -> W}}, locked at W."""
    server.write(f"{top}/W/Y/y.gif", b"gif")
    server.request("MKCOL", f"/{top}/W/X/")
    eq(bind(server, f"/{top}/W/Y/", "Z", f"/{top}/W").status, 201)
    return lock_of(server, f"/{top}/W/", Depth="infinity")


@obliges("BND-38")
def test_rebind_in_a_locked_loop(server):
    """RFC 5842 §6.2."""
    token = loops(server, "rfc62")
    was = ids(server, "/rfc62/")
    with Unchanged(server, "/rfc62/"):
        eq(rebind(server, "/rfc62/W/X/", "A", "/rfc62/W/Y/Z").status, 423, "without the token")
    eq(rebind(server, "/rfc62/W/X/", "A", "/rfc62/W/Y/Z", held(token)).status, 201)
    eq(server.get("/rfc62/W/Y/Z/").status, 404)
    now = ids(server, "/rfc62/")
    eq(now, {"/rfc62/": was["/rfc62/"], "/rfc62/W/": was["/rfc62/W/"], "/rfc62/W/X/": was["/rfc62/W/X/"],
             "/rfc62/W/X/A/": was["/rfc62/W/"], "/rfc62/W/Y/": was["/rfc62/W/Y/"], "/rfc62/W/Y/y.gif": was["/rfc62/W/Y/y.gif"]})
    found = props_of(server, "/rfc62/W/X/", D + "lockdiscovery").prop(D + "lockdiscovery")
    eq(found.findtext(f"{D}activelock/{D}locktoken/{D}href"), token.strip("<>"), "all of it is locked as before")
    eq(server.put("/rfc62/W/Y/y.gif", b"x").status, 423)
    unlock(server, "/rfc62/W/", token)


@obliges("BND-38")
def test_rebind_over_a_folder_on_its_own_way(server):
    """The old name is reached through the one that it replaces."""
    server.write("way/d1/d2/in", b"in")
    was = id_of(server, "/way/d1/d2/")
    eq(rebind(server, "/way/", "d1", "/way/d1/d2").status, 204)
    eq((id_of(server, "/way/d1/"), server.get("/way/d1/in").body), (was, b"in"))
    eq(server.get("/way/d1/d2/").status, 404)


def test_a_name_that_it_has_already(server):
    top = fresh(server, "same")
    with Unchanged(server, top + "/"):
        one_of(rebind(server, top + "/a/", "f", top + "/a/f").status, (403, 204))
