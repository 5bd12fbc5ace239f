"""Rights by path, user and group (docs/policy/users.md): who may do what, what nobody is told, 401 or 403."""

import json

from dav import D, multistatus, propfind, prop_body
from program import basic
from test_command_users import PASSWORDS, write_users
from wire import cases, contains, eq, lacks, ok, own_server

ADA, BEA, YVES = (basic(name, PASSWORDS[name]) for name in ("ada", "bea", "yves"))
CONFIG = """
listen = { "127.0.0.1:0" }
site "s" {
    root = "{root}"
    users = "{tmp}/users"
    groups = "{tmp}/groups"
    at "/" {
        allow "*" { rights = { "read" } }
        allow "@editors" { rights = { "write" } }
        allow "bea" { rights = { "lock" } }
    }
    at "/drop" { allow "*" { rights = { "create" } } }
    at "/inbox" {
        allow "*" { rights = { "create" } }
        allow "@editors" { rights = { "read", "write" } }
    }
    at "/one.txt" { allow "*" { rights = { "create" } } }
    at "/none.txt" { allow "*" { rights = { "create" } } }
    at "/team/secret" { allow "ada" { rights = { "read", "list" } } }
    at "/team/note.txt" { allow "ada" { rights = { "read" } } }
    at "/page/index.html" { allow "ada" { rights = { "read" } } }
    at "/names" { allow "*" { rights = { "list" } } allow "ada" { rights = { "read" } } }
}
"""
FILES = {"a.txt": b"a", "drop/there.txt": b"t", "drop/sub/deep.txt": b"d", "inbox/there.txt": b"t", "team/secret/s.txt": b"s",
         "team/note.txt": b"n", "team/open.txt": b"o", "page/index.html": b"<p>for ada", "page/other.txt": b"o",
         "names/called.txt": b"n", "one.txt": b"1"}


def BEFORE(server):
    write_users(server)
    with open(server.tmp + "/groups", "w", encoding="utf-8") as out:
        out.write("editors: ada yves\nothers: bea\n")


def seen(server, target, depth="1", fields=()):
    return sorted(multistatus(server.request("PROPFIND", target, {"Depth": depth, **dict(fields)})))


def listed(server, target, fields=()):
    """Names in the folder's JSON, which must be those in its HTML."""
    got = server.get(target, {"Accept": "application/json", **dict(fields)})
    eq(got.status, 200)
    names = sorted(entry["name"].rstrip("/") for entry in json.loads(got.body)["members"])
    page = server.get(target, {"Accept": "text/html", **dict(fields)})
    for name in FILES:
        leaf = name.rsplit("/", 1)[-1]
        if leaf not in names:
            lacks(page.text, leaf)
    for name in names:
        contains(page.text, name)
    return names


# ---- tiers -----------------------------------------------------------------------------------------------


def test_everybody_reads_and_the_group_writes(server):
    eq(server.get("/a.txt").status, 200)
    eq(server.put("/by-nobody.txt", b"x").status, 401)
    eq(server.put("/by-ada.txt", b"x", ADA).status, 201)
    eq(server.put("/by-yves.txt", b"x", YVES).status, 201)
    eq(server.put("/by-bea.txt", b"x", BEA).status, 403)
    eq(server.request("LOCK", "/a.txt", BEA, b'<D:lockinfo xmlns:D="DAV:"><D:lockscope><D:shared/></D:lockscope>'
                      b'<D:locktype><D:write/></D:locktype></D:lockinfo>').status, 200)


@cases(("nobody may at all", "DELETE", "/drop/there.txt", {}, 403), ("nobody may read", "GET", "/drop/there.txt", {}, 403),
       ("some may", "GET", "/inbox/there.txt", {}, 401), ("some may, not she", "GET", "/inbox/there.txt", BEA, 403),
       ("he may", "GET", "/inbox/there.txt", YVES, 200), ("a wrong password", "GET", "/drop/there.txt", basic("ada", "x"), 401),
       ("one may", "GET", "/team/note.txt", {}, 401), ("not he", "GET", "/team/note.txt", YVES, 403),
       ("she may", "GET", "/team/note.txt", ADA, 200))
def test_401_where_logging_in_could_help(server, method, target, fields, status):
    eq(server.request(method, target, fields).status, status)


# ---- a drop box ------------------------------------------------------------------------------------------


@cases(("of everybody's", "/drop", {}, 403), ("where users do more", "/inbox", BEA, 403), ("nobody's", "/inbox", {}, 401))
def test_what_lies_in_a_drop_box_can_neither_be_read_nor_told_from_nothing(server, box, who, status):
    for name in ("there.txt", "none.txt", "sub/", "sub/deep.txt"):
        for method, fields in (("GET", {}), ("HEAD", {}), ("PROPFIND", {"Depth": "0"}), ("PROPFIND", {"Depth": "1"}),
                               ("REPORT", {}), ("DELETE", {}), ("PROPPATCH", {}), ("COPY", {"Destination": "/copy"}),
                               ("MOVE", {"Destination": "/copy"}), ("LOCK", {})):
            eq(server.request(method, f"{box}/{name}", {**fields, **who}).status, status, f"{method} {name}")
        allow = [server.request("OPTIONS", f"{box}/{one}", who).fields["Allow"] for one in (name, "nothing-here")]
        eq(allow[0], allow[1], "what OPTIONS says")
    eq(server.get(box + "/", who).status, status)
    eq(server.request("POST", box + "/there.txt", who).status, server.request("POST", box + "/none.txt", who).status)
    ok(not server.exists("copy"), "nothing came out of it")


@cases(("anonymous", "/drop", {}), ("a user", "/inbox", BEA))
def test_new_names_go_into_a_drop_box_and_stay_as_they_are(server, box, who):
    name = box + "/new-" + ("a" if who else "b")
    eq(server.put(name, b"new", who).status, 201)
    eq(server.put(name, b"again", who).status, 403)
    eq(server.put(box + "/there.txt", b"x", who).status, 403)
    eq(server.put(name, b"again", {"If-Match": "*", **who}).status, 403)
    eq((server.read(name[1:]), server.read(box[1:] + "/there.txt")), (b"new", b"t"))
    eq(server.request("MKCOL", name + ".d", who).status, 201)
    eq(server.put(name + ".d/deep", b"deep", who).status, 201)
    eq(server.request("COPY", "/a.txt", {"Destination": name + ".copy", **who}).status, 201)
    eq(server.request("COPY", "/a.txt", {"Destination": box + "/there.txt", **who}).status, 403)


@cases(("anonymous", "/drop/", {}), ("a user", "/inbox/", BEA))
def test_a_drop_box_itself_looks_like_an_empty_folder(server, box, who):
    for depth in ("0", "1", "infinity"):
        eq(seen(server, box, depth, who), [box])
    got = propfind(server, box, prop_body(D + "resourcetype"), **{name: value for name, value in who.items()})
    ok(multistatus(got)[box].prop(D + "resourcetype").find(D + "collection") is not None, "it is a folder")
    eq(propfind(server, box, depth="1").status, 401 if who else 207, "who could log in for more is asked to")


def test_a_single_name_to_be_created_is_not_told_from_nothing(server):
    for depth in ("0", "1"):
        eq([propfind(server, name, depth=depth).status for name in ("/one.txt", "/none.txt")], [403, 403])
    eq([server.get(name).status for name in ("/one.txt", "/none.txt")], [403, 403])


def test_who_could_log_in_is_asked_to_once_it_is_known_that_the_name_is_taken(server):
    eq(server.put("/inbox/there.txt", b"x").status, 401)
    eq(server.put("/inbox/there.txt", b"x", {"If-Match": "*"}).status, 401)
    eq(server.put("/inbox/by-nobody.txt", b"x").status, 201)
    eq(server.put("/inbox/by-nobody.txt", b"over it", YVES).status, 204)
    eq(server.read("inbox/there.txt"), b"t")


def test_who_may_more_sees_what_lies_in_it(server):
    contains(seen(server, "/inbox/", "1", ADA), "/inbox/there.txt")
    eq(server.get("/inbox/there.txt", ADA).body, b"t")


# ---- what is not told --------------------------------------------------------------------------------------


@cases(("nobody", {}, False), ("bea", BEA, False), ("ada", ADA, True))
def test_members_are_shown_to_those_who_may_see_them(server, who, is_shown):
    want = ["open.txt"] + (["note.txt", "secret"] if is_shown else [])
    eq(listed(server, "/team/", who), sorted(want))
    eq(seen(server, "/team/", "1", who), sorted(["/team/"] + ["/team/" + name + "/" * (name == "secret") for name in want]))
    hrefs = seen(server, "/", "infinity", who)
    eq("/team/secret/s.txt" in hrefs, is_shown)
    lacks(hrefs, "/drop/there.txt")
    report = (b'<D:sync-collection xmlns:D="DAV:"><D:sync-token/><D:sync-level>infinite</D:sync-level>'
              b"<D:prop><D:getetag/></D:prop></D:sync-collection>")
    got = server.request("REPORT", "/team/", {"Content-Type": "application/xml", **who}, report)
    eq(got.status, 207)
    eq(b"/team/secret/s.txt" in got.body, is_shown)
    eq(b"/team/note.txt" in got.body, is_shown)
    contains(got.body, b"/team/open.txt")


def test_a_page_in_place_of_a_listing_is_for_its_readers(server):
    eq(server.get("/page/", ADA).body, b"<p>for ada")
    for _ in range(3):
        eq(listed(server, "/page/"), ["other.txt"])
    eq(server.get("/page/index.html").status, 401)


def test_a_copy_takes_along_what_may_be_read(server):
    got = server.request("COPY", "/team/", {"Destination": "/drop/team-of-bea/", **BEA})
    eq(got.status, 207)
    eq(sorted(server.names("drop/team-of-bea")), ["open.txt"])
    eq(server.request("COPY", "/team/", {"Destination": "/drop/team-of-ada/", **ADA}).status, 201)
    eq(sorted(server.names("drop/team-of-ada")), ["note.txt", "open.txt", "secret"])


def test_names_alone(server):
    eq(listed(server, "/names/", BEA), ["called.txt"])
    eq(seen(server, "/names/", "1"), ["/names/", "/names/called.txt"])
    eq(server.get("/names/called.txt").status, 401)
    eq(server.get("/names/called.txt", BEA).status, 403)
    eq(server.get("/names/called.txt", ADA).status, 200)


# ---- the other form of a name ------------------------------------------------------------------------------

COMPOSED = """
listen = { "127.0.0.1:0" }
site "s" {
    root = "{root}"
    users = "{tmp}/users"
    names = nfc
    at "/" { allow "*" { rights = { "read", "write" } } }
    at "/d/é" { allow "ada" { rights = { "read", "write" } } }
}
"""


@own_server(config=COMPOSED, files={"d/é/x.txt": b"secret"}, before=write_users)
def test_a_name_in_another_form_gets_round_no_rule(server):
    for name in ("%C3%A9", "e%CC%81"):
        eq(server.get(f"/d/{name}/x.txt", ADA).body, b"secret")
        for method in ("GET", "PROPFIND", "DELETE"):
            eq(server.request(method, f"/d/{name}/x.txt", BEA).status, 403, f"{method} {name}")
        eq(server.put(f"/d/{name}/new", b"x").status, 401)
    eq(server.request("DELETE", "/d", BEA).status, 207)
    eq(server.read("d/é/x.txt"), b"secret")


@own_server(config=COMPOSED.replace("/d/é", "/é/in"), files={"é/in/x.txt": b"secret"}, before=write_users)
def test_nor_does_the_other_form_of_a_folder_above_it(server):
    for name in ("%C3%A9", "e%CC%81"):
        eq(server.request("DELETE", f"/{name}", BEA).status, 207)
        eq(server.request("MOVE", f"/{name}", {"Destination": "/out", **BEA}).status, 207)
        lacks(seen(server, f"/{name}", "infinity", BEA), f"/{name}/in/x.txt")
    eq(server.read("é/in/x.txt"), b"secret")
