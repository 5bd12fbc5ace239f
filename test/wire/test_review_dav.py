"""What WebDAV could do around a right, a hidden name or a lock."""

import base64
import os

from dav import D, XML, conflicts, lock_of, lockinfo, props_of
from wire import cases, eq, own_server

CONFIG = """
listen = { "127.0.0.1:0" }
site "s" {
    root = "{root}"
    users = "{tmp}/users"
    hidden = deny
    at "/" { allow "alice" { rights = { "read", "write", "lock" } } }
    at "/team/bob" {
        allow "alice" { rights = { "read" } }
        allow "bob" { rights = { "read", "write", "lock" } }
    }
}
"""
FILES = {"team/bob/notes.txt": b"x", "team/plan.txt": b"x", "real.txt": b"x"}


def write_users(server):
    with open(server.tmp + "/users", "w", encoding="ascii") as out:
        for name in ("alice", "bob"):
            out.write(name + ":$apr1$LMfC2hnq$oOV1CTTxCHfHin7Y2hVCO/\n")


def as_user(name):
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:ada secret".encode()).decode()}


ALICE, BOB = as_user("alice"), as_user("bob")


@own_server(config=CONFIG, files=FILES, before=write_users)
def test_nobody_locks_from_above_what_he_may_not_lock(server):
    got = server.request("LOCK", "/team/", {**XML, **ALICE, "Depth": "infinity"}, lockinfo())
    eq(conflicts(got), {"/team/bob/": 403, "/team/": 424})
    eq(server.put("/team/bob/notes.txt", b"bob's", BOB).status, 204, "nothing is locked")
    eq(server.request("LOCK", "/team/", {**XML, **ALICE, "Depth": "0"}, lockinfo()).status, 200, "the folder alone")
    eq(server.request("LOCK", "/team/bob/", {**XML, **BOB, "Depth": "infinity"}, lockinfo()).status, 200)


@cases(("move", "MOVE"), ("copy", "COPY"))
@own_server(config=CONFIG, files=FILES, before=write_users)
def test_a_file_takes_no_folders_place_in_which_others_have_theirs(server, method):
    """What is overwritten is deleted, with all below it."""
    got = server.request(method, "/real.txt", {**ALICE, "Destination": "/team", "Overwrite": "T"})
    eq(conflicts(got), {"/team/bob/": 403})
    eq(server.read("team/bob/notes.txt"), b"x")
    eq(server.read("real.txt"), b"x")


def link_secret(server):
    write_users(server)
    os.link(server.path("real.txt"), server.path(".secret"))  # one content, one tag


@own_server(config=CONFIG, files=FILES, before=link_secret)
def test_if_says_nothing_of_what_is_hidden(server):
    """A right guess at its entity tag is told no more than a wrong one."""
    tag = server.get("/real.txt", ALICE).etag
    eq(server.get("/.secret", ALICE).status, 403)
    for name, status in (("/real.txt", 207), ("/.secret", 412)):
        field = f"<http://{server.host}{name}> ([{tag}])"
        eq(server.request("PROPFIND", "/team/", {**ALICE, "Depth": "0", "If": field}).status, status, name)


def link_real(server):
    os.symlink("real.txt", server.path("link"))


@own_server(files={"real.txt": b"x"}, before=link_real)
def test_a_link_that_is_deleted_takes_the_locks_along_that_were_taken_through_it(server):
    token = lock_of(server, "/link")
    eq(server.put("/real.txt", b"y").status, 423)
    eq(server.request("DELETE", "/link", {"If": f"({token}) (Not <DAV:no-lock>)"}).status, 204)
    eq(server.read("real.txt"), b"x")
    eq(list(props_of(server, "/real.txt", D + "lockdiscovery").prop(D + "lockdiscovery")), [], "locks")
    eq(server.put("/real.txt", b"y").status, 204)
