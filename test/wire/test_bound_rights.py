"""Rights, demands and hidden names through bindings (docs/policy/users.md): nobody gets more than he has at both ends."""

import json

from dav import D, lockinfo, multistatus, prop_body, propfind
from program import basic
from test_command_users import PASSWORDS, changed, write_users
from test_demands import blocked as blocked_by
from test_demands_who import becomes
from wire import cases, contains, eq, lacks, obliges, ok, own_server

ADA, BEA, NOBODY = basic("ada", PASSWORDS["ada"]), basic("bea", PASSWORDS["bea"]), {}
CONFIG = """
listen = { "127.0.0.1:0" }
site "s" {
    root = "{root}"
    users = "{tmp}/users"
    demands = "{tmp}/register"
    allow "users" { rights = { "read", "write" } }
    at "/private" { allow "ada" { rights = { "read", "write" } } }
    at "/shown" { allow "ada" { rights = { "read", "write" } } allow "bea" { rights = { "read" } } }
    at "/open" { allow "users" { rights = { "read", "write" } } allow "*" { rights = { "read" } } }
    at "/open/nobind" { allow "users" { rights = { "read", "create", "delete" } } }
    at "/dots" { hidden = deny }
    at "/deep/d/sub/kept" { allow "ada" { rights = { "read", "write" } } allow "bea" { rights = { "read" } } }
}
"""
REGISTER = 'demand "one" { paths = { "/court", "/**/*.banned" } }\n'
FILES = {"private/f.txt": b"private", "private/d/in.txt": b"private", "shown/f.txt": b"shown", "shown/d/in.txt": b"shown",
         "open/own.txt": b"own", "open/nobind/x": b"x", "free/f.txt": b"free", "free/d/in.txt": b"free", "into/keep": b"k",
         "hid/here.txt": b"h", "dots/keep": b"k", "deep/d/sub/kept/f.txt": b"k",
         "deep/d/sub/free.txt": b"f"}


def BEFORE(server):
    write_users(server)
    with open(server.tmp + "/register", "w", encoding="utf-8") as out:
        out.write(REGISTER)


def blocked(got):
    return blocked_by(got, '</>; rel="blocked-by"')


def body(kind, segment, href=None):
    inner = f"<D:segment>{segment}</D:segment>" + (f"<D:href>{href}</D:href>" if href else "")
    return f'<D:{kind} xmlns:D="DAV:">{inner}</D:{kind}>'.encode()


def bind(server, folder, segment, href, who):
    return server.request("BIND", folder, who, body("bind", segment, href)).status


def bound(server, folder, segment, href, who=()):
    ok(bind(server, folder, segment, href, dict(who) or ADA) in (201, 204), f"{href} is bound as {folder}/{segment}")


def told(server, target, who, depth="infinity"):
    return sorted(multistatus(server.request("PROPFIND", target, {"Depth": depth, **who})))


# ---- making them -----------------------------------------------------------------------------------------


@cases(("what he may not read", "/open", "/private/f.txt"), ("what he may not bind", "/open", "/shown/f.txt"),
       ("where he may not", "/private", "/open/own.txt"), ("where he may not bind", "/open/nobind", "/open/own.txt"))
def test_a_binding_takes_rights_at_both_ends(server, folder, href):
    eq(bind(server, folder, "made", href, BEA), 403)
    eq(server.get(folder + "/made", ADA).status, 404)


def test_who_did_not_log_in_is_asked_to(server):
    got = server.request("BIND", "/open", {}, body("bind", "made", "/open/own.txt"))
    eq(got.status, 401)
    ok("WWW-Authenticate" in got.fields, "a password is asked for")


def test_what_was_bound_by_others_is_not_bound_on(server):
    bound(server, "/open", "on", "/private/f.txt")
    eq(bind(server, "/free", "on", "/open/on", BEA), 403)


# ---- through them ----------------------------------------------------------------------------------------


def test_reading_takes_the_right_at_home(server):
    bound(server, "/open", "f", "/private/f.txt")
    bound(server, "/open", "d", "/private/d")
    bound(server, "/open", "g", "/shown/f.txt")
    for target in "/open/f", "/open/d/in.txt", "/open/d/", "/open/d/none":
        eq(server.get(target, BEA).status, 403)
        eq(server.get(target, NOBODY).status, 401)
    eq(server.get("/open/f", ADA).body, b"private")
    eq(server.get("/open/d/in.txt", ADA).body, b"private")
    eq(server.get("/open/g", BEA).body, b"shown")


def test_what_is_asked_for_again_is_judged_again(server):
    """From memory nothing comes that is not for everybody."""
    bound(server, "/open", "hot", "/private/f.txt")
    for _ in range(4):
        eq(server.get("/open/hot", ADA).status, 200)
        eq(server.get("/open/hot", NOBODY).status, 401)
        lacks(told(server, "/open", NOBODY, "1"), "/open/hot")
        contains(told(server, "/open", ADA, "1"), "/open/hot")


@cases(("PUT", "PUT", "/open/w/in.txt"), ("PUT of a new one", "PUT", "/open/w/new.txt"), ("DELETE", "DELETE", "/open/w/in.txt"),
       ("MKCOL", "MKCOL", "/open/w/new"), ("PROPPATCH", "PROPPATCH", "/open/w/in.txt"), ("LOCK", "LOCK", "/open/w/in.txt"))
def test_changing_takes_the_right_at_home(server, method, target):
    bound(server, "/open", "w", "/shown/d")
    before = server.get("/shown/d/in.txt", ADA).body
    content = {"PUT": b"new", "LOCK": lockinfo()}.get(method, b"")
    eq(server.request(method, target, BEA, content).status, 403)
    eq(server.get("/shown/d/in.txt", ADA).body, before)
    lacks(told(server, "/shown/d", ADA, "1"), "/shown/d/new.txt")


@cases(("COPY", "COPY"), ("MOVE", "MOVE"))
def test_a_destination_takes_the_right_at_home(server, method):
    bound(server, "/open", "to", "/shown/d")
    server.put("/free/from.txt", b"from", BEA)
    eq(server.request(method, "/free/from.txt", {"Destination": "/open/to/new.txt", **BEA}).status, 403)
    eq(server.get("/shown/d/new.txt", ADA).status, 404)
    eq(server.get("/free/from.txt", BEA).status, 200)


@cases(("DELETE", "DELETE", {}, b""), ("UNBIND", "UNBIND", {}, body("unbind", "gone")))
def test_a_name_belongs_to_the_folder_that_it_is_in(server, method, fields, content):
    """Who may delete there is rid of it; what it stood for stays with those whose it is."""
    bound(server, "/open", "gone", "/shown/f.txt")
    eq(server.request(method, "/open/gone" if method == "DELETE" else "/open", {**fields, **BEA}, content).status, 204)
    eq(server.get("/open/gone", ADA).status, 404)
    eq(server.get("/shown/f.txt", ADA).body, b"shown")


@cases(("DELETE", "DELETE", {}, b""), ("MOVE", "MOVE", {"Destination": "/free/deep"}, b""), ("LOCK", "LOCK", {}, lockinfo()))
def test_what_is_kept_below_at_home_is_kept(server, method, fields, content):
    bound(server, "/open", "deep", "/deep/d")
    got = server.request(method, "/open/deep/sub", {**fields, **BEA}, content)
    eq({href: found.status for href, found in multistatus(got).items()}["/open/deep/sub/kept/"], 403)
    eq(server.get("/deep/d/sub/kept/f.txt", ADA).body, b"k")


def test_a_name_goes_whatever_is_below_at_home(server):
    bound(server, "/open", "deep2", "/deep/d")
    eq(server.request("LOCK", "/open/deep2", BEA, lockinfo()).status, 207)
    eq(server.delete("/open/deep2", BEA).status, 204)
    eq(server.get("/deep/d/sub/kept/f.txt", ADA).body, b"k")


# ---- told of -----------------------------------------------------------------------------------------------


def test_listings_leave_out_what_is_not_for_all_at_home(server):
    bound(server, "/open", "list-f", "/private/f.txt")
    bound(server, "/open", "list-d", "/private/d")
    bound(server, "/open", "list-g", "/shown/d")
    for who, names in (NOBODY, ()), (BEA, ("list-g",)), (ADA, ("list-f", "list-d", "list-g")):
        got = server.get("/open/", {"Accept": "application/json", **who})
        found = [entry["name"].rstrip("/") for entry in json.loads(got.body)["members"]]
        eq(sorted(name for name in found if name.startswith("list-")), sorted(names))
        targets = [target for target in told(server, "/open", who) if target.startswith("/open/list-")]
        eq(sorted({target.split("/")[2] for target in targets}), sorted(names))
    contains(told(server, "/open", BEA), "/open/list-g/in.txt")


@obliges("BND-08")
def test_parents_are_told_to_whom_they_may_be(server):
    def parents(target, who):
        [found] = multistatus(propfind(server, target, prop_body(D + "parent-set"), **who)).values()
        return sorted((parent.find(D + "href").text, parent.find(D + "segment").text)
                      for parent in found.prop(D + "parent-set"))

    bound(server, "/open", "many%20names", "/open/own.txt")
    bound(server, "/private", "own", "/open/own.txt")
    eq(parents("/open/own.txt", ADA), [("/open/", "many%20names"), ("/open/", "own.txt"), ("/private/", "own")])
    for who in BEA, NOBODY:
        eq(parents("/open/own.txt", who), [("/open/", "many%20names"), ("/open/", "own.txt")])
        eq(parents("/open/many%20names", who), [("/open/", "many%20names"), ("/open/", "own.txt")])


def test_a_copy_takes_what_its_user_may_read(server):
    bound(server, "/into", "no", "/private/d")
    bound(server, "/into", "yes", "/shown/d")
    got = server.request("COPY", "/into", {"Destination": "/free/taken", **BEA})
    eq(sorted((href, found.status) for href, found in multistatus(got).items()), [("/into/no", 403)])
    eq(told(server, "/free/taken", ADA), ["/free/taken/", "/free/taken/keep", "/free/taken/yes/", "/free/taken/yes/in.txt"])


# ---- demands and hidden names ------------------------------------------------------------------------------


@own_server(config=CONFIG, files=FILES, before=BEFORE)
def test_a_demand_holds_through_every_binding(server):
    bound(server, "/open", "d", "/free/d")
    bound(server, "/open", "f", "/free/d/in.txt")
    eq(server.get("/open/d/in.txt", ADA).status, 200)
    with open(server.tmp + "/register", "w", encoding="utf-8") as out:
        out.write('demand "two" { paths = { "/free/d" } }\n')
    changed(server)
    becomes(server, "/free/d/in.txt", 451, ADA)
    for target in "/open/d/in.txt", "/open/d/", "/open/f":
        blocked(server.get(target, ADA))
    for method in "PUT", "DELETE", "PROPFIND", "LOCK", "OPTIONS":
        blocked(server.request(method, "/open/d/in.txt", ADA))
    blocked(server.request("COPY", "/open/f", {"Destination": "/into/f", **ADA}))
    blocked(server.request("MOVE", "/open/own.txt", {"Destination": "/open/d/own.txt", **ADA}))
    blocked(server.request("BIND", "/into", ADA, body("bind", "f", "/open/f")))
    eq([target for target in told(server, "/open", ADA) if not target.startswith("/open/nobind")], ["/open/", "/open/own.txt"])


def test_a_name_under_a_demand_is_not_made(server):
    blocked(server.request("BIND", "/free", ADA, body("bind", "a.banned", "/free/f.txt")))
    blocked(server.request("REBIND", "/free", ADA, body("rebind", "a.banned", "/free/f.txt")))
    blocked(server.request("BIND", "/free", ADA, body("bind", "court", "/court")))
    eq(server.get("/free/f.txt", ADA).status, 200)


def test_a_hidden_name_is_not_made_and_not_bound(server):
    eq(bind(server, "/dots", ".made", "/hid/here.txt", ADA), 403)
    eq(server.put("/hid/.dot", b"d", ADA).status, 201)
    bound(server, "/dots", "from", "/hid/.dot")
    eq(server.get("/dots/from", ADA).status, 200)
