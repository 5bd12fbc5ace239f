"""What holds for all methods of WebDAV: discovery, who may know what, addresses of folders, caching (webdav.md §1)."""

import xml.etree.ElementTree as xml

from dav import ALLPROP, D, XML, multistatus, propfind, proppatch, set_of
from program import basic
from test_command_users import PASSWORDS, write_users
from wire import cases, contains, eq, lacks, obliges, ok, one_of, own_server

ADA, BEA = [basic(name, PASSWORDS[name]) for name in ("ada", "bea")]
FILES = {"a.txt": b"a", "folder/in.txt": b"in", "folder/sub/deep.txt": b"deep", "b.txt": b"b"}
INFO = (b'<D:lockinfo xmlns:D="DAV:"><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype>'
        b"</D:lockinfo>")
SET = f'<D:propertyupdate xmlns:D="DAV:" xmlns:z="urn:z">{set_of("<z:a>1</z:a>")}</D:propertyupdate>'.encode()
REPORT = (b'<D:sync-collection xmlns:D="DAV:"><D:sync-token/><D:sync-level>1</D:sync-level><D:prop/></D:sync-collection>')


# -- DAV-001 to DAV-004: OPTIONS


@obliges("DAV-001", "DAV-002", "DAV-064")
@cases(("file", "/a.txt"), ("folder", "/folder/"), ("no-slash", "/folder"), ("root", "/"), ("missing", "/none"),
       ("below-missing", "/none/none"), ("server", "*"))
def test_options_tells_the_classes_everywhere(server, target):
    got = server.request("OPTIONS", target)
    eq(got.status, 200)
    words = got.fields.words("DAV")
    eq(words[:3], ["1", "2", "3"])
    contains(words, "extended-mkcol")


NO_LOCKS = """
listen = { "127.0.0.1:0" }
site "s" {
    root = "{root}"
    at "/" { allow "*" { rights = { "read", "create", "delete" } } }
}
"""


@obliges("DAV-001", "DAV-002", "DAV-064")
@own_server(config=NO_LOCKS, files={"a.txt": b"a"})
def test_without_the_right_to_lock_class_2_is_not_told_but_extended_mkcol_is(server):
    eq(server.request("OPTIONS", "/").fields.words("DAV"), ["1", "3", "extended-mkcol", "bind"])
    eq(server.request("LOCK", "/a.txt", XML, INFO).status, 403)
    body = b'<D:mkcol xmlns:D="DAV:"><D:set><D:prop><D:resourcetype><D:collection/></D:resourcetype></D:prop></D:set></D:mkcol>'
    eq(server.request("MKCOL", "/made/", XML, body).status, 201)


@obliges("DAV-003")
def test_what_is_the_servers_own_is_no_webdav(server):
    got = server.request("OPTIONS", "/.samovar/style.css")
    lacks(got.fields, "DAV")
    eq(server.get("/.samovar/style.css").status, 200)
    eq(propfind(server, "/.samovar/style.css").status, 405)


ASKS = {"GET": ({}, None), "HEAD": ({}, None), "OPTIONS": ({}, None), "PROPFIND": ({"Depth": "0", **XML}, ALLPROP),
        "PROPPATCH": (XML, SET), "MKCOL": ({}, None), "PUT": ({}, b"new"), "DELETE": ({}, None),
        "LOCK": ({"Depth": "0", **XML}, INFO), "REPORT": ({"Depth": "0", **XML}, REPORT)}


@obliges("DAV-004")
@cases(("file", "/allow.txt"), ("folder", "/allowed/"), ("missing", "/allow-none"))
def test_allow_lists_what_works_and_405_says_the_same(server, target):
    for method, (fields, body) in ASKS.items():
        server.delete(target)
        if target == "/allow.txt":
            server.put(target, b"x")
        elif target == "/allowed/":
            server.request("MKCOL", target)
        words = server.request("OPTIONS", target).fields.words("Allow")
        got = server.request(method, target, fields, body)
        if method.lower() in [word.lower() for word in words]:
            ok(200 <= got.status < 300, f"{method} works on {target}, but it was {got.status}")
        else:
            one_of(got.status, (403, 404) if method == "REPORT" else (404, 405), method)
        if got.status == 405:
            eq(got.fields.words("Allow"), words, "405 and OPTIONS")
        if method == "LOCK" and got.status < 300:
            server.request("UNLOCK", target, {"Lock-Token": got.fields["Lock-Token"]})


# -- DAV-005: who may not, learns nothing

SECRETS = """
listen = { "127.0.0.1:0" }
site "s" {
    root = "{root}"
    users = "{tmp}/users"
    at "/" { allow "*" { rights = { "read" } } allow "bea" { rights = { "read" } } }
    at "/mine" { allow "ada" { rights = { "read", "create", "write", "delete", "lock" } } }
}
"""


def hidden_state(server):
    """In ada's folder: a locked file, one that is free, a folder."""
    me = ADA
    for name in "locked.txt", "free.txt":
        one_of(server.put("/mine/" + name, b"x", me).status, (201, 204))
    one_of(server.request("MKCOL", "/mine/folder/", me).status, (201, 405))
    eq(server.request("LOCK", "/mine/locked.txt", {**me, "Depth": "0", **XML}, INFO).status, 200)


@obliges("DAV-005")
@own_server(config=SECRETS, files={"open.txt": b"o", "mine/x": b"x"}, before=write_users)
def test_who_may_not_is_told_the_same_whatever_is_there(server):
    hidden_state(server)
    tag = server.get("/mine/free.txt", ADA).etag
    there = ["/mine/locked.txt", "/mine/free.txt", "/mine/folder/", "/mine/none.txt", "/mine/none/none.txt", "/mine/free.txt/x"]
    wrong = [{}, {"If-Match": '"no"'}, {"If-None-Match": "*"}, {"If": f"([{tag}])"}, {"If": "("}, {"Depth": "nonsense"}]
    for who, status in ((BEA, 403), ({}, 401)):
        for method, (fields, body) in ASKS.items():
            for target in there:
                for more in wrong:
                    got = server.request(method, target, {**fields, **who, **more}, body)
                    eq(got.status, status, f"{method} {target} {more}")
        for method in "COPY", "MOVE":
            for target in there:
                for more in ({}, {"Overwrite": "F"}, {"If": f"([{tag}])"}):
                    there_to = {"Destination": "/elsewhere.txt", **who, **more}
                    eq(server.request(method, target, there_to).status, status, f"{method} from {target}")
        for target in there:
            for more in ({}, {"Overwrite": "F"}, {"If": f"([{tag}])"}):
                got = server.request("COPY", "/open.txt", {"Destination": target, **who, **more})
                eq(got.status, status, f"COPY to {target} {more}")
    eq(server.names("mine"), ["folder", "free.txt", "locked.txt", "x"])


@obliges("DAV-005")
@own_server(config=SECRETS, files={"open.txt": b"o", "mine/x": b"x"}, before=write_users)
def test_the_refusal_itself_tells_nothing(server):
    hidden_state(server)
    for method, (fields, body) in ASKS.items():
        said = []
        for target in "/mine/locked.txt", "/mine/free.txt", "/mine/none.txt":
            got = server.request(method, target, {**fields, **BEA}, body)
            said.append((got.status, got.body, got.fields.but_date()))
        eq(said[0], said[2], method)
        eq(said[1], said[2], method)


# -- DAV-006, DAV-007


@obliges("DAV-006")
@cases(("COPY", "COPY"), ("MOVE", "MOVE"), ("UNLOCK", "UNLOCK"))
def test_content_where_none_belongs_is_415(server, method):
    server.write("content.txt", b"x")
    token = server.request("LOCK", "/content.txt", {"Depth": "0", **XML}, INFO).fields["Lock-Token"]
    fields = {"Destination": "/content-2.txt", "Lock-Token": token, "If": f"({token})"}
    for kind in "text/plain", "application/xml":
        eq(server.request(method, "/content.txt", {**fields, "Content-Type": kind}, b"<a/>").status, 415)
    ok(server.exists("content.txt") and not server.exists("content-2.txt"), "nothing was copied or moved")
    eq(server.put("/content.txt", b"y").status, 423, "the lock stands")
    eq(server.request("UNLOCK", "/content.txt", {"Lock-Token": token}).status, 204)


@obliges("DAV-007")
@cases(("PUT", "PUT", {}, b"x"), ("MKCOL", "MKCOL", {}, None), ("LOCK", "LOCK", {"Depth": "0", **XML}, INFO),
       ("COPY", "COPY", {}, None), ("MOVE", "MOVE", {}, None))
def test_no_method_makes_the_folders_above(server, method, fields, body):
    server.write("parentless.txt", b"x")
    before = server.names()
    for missing in "/no/x", "/no/such/x", "/parentless.txt/x":
        if method in ("COPY", "MOVE"):
            got = server.request(method, "/parentless.txt", {"Destination": missing})
            one_of(got.status, (403, 409) if missing.startswith("/parentless") else (409,))
        else:
            eq(server.request(method, missing, fields, body).status, 409, missing)
    eq(server.names(), before)


# -- DAV-008, DAV-009


@obliges("DAV-008", "DAV-009")
@cases(("GET", "GET", {}, None), ("PROPFIND", "PROPFIND", {"Depth": "1", **XML}, ALLPROP), ("PROPPATCH", "PROPPATCH", XML, SET),
       ("LOCK", "LOCK", {"Depth": "0", **XML}, INFO), ("REPORT", "REPORT", {"Depth": "0", **XML}, REPORT))
def test_a_folder_without_its_slash_is_that_folder(server, method, fields, body):
    server.write("slashless/in.txt", b"x")
    got = server.request(method, "/slashless", fields, body)
    token = got.fields.get("Lock-Token")
    if token:
        eq(server.request("UNLOCK", "/slashless", {"Lock-Token": token}).status, 204)
    if got.status in (301, 308):
        ok(got.fields["Location"].endswith("/slashless/"), "the form with the slash")
        return
    ok(200 <= got.status < 300, f"{method}: {got.status}")
    if method != "LOCK":  # its answer is not about the resource's own representation
        eq(got.fields["Content-Location"], "/slashless/")


@obliges("DAV-009")
def test_every_url_of_a_folder_ends_in_a_slash(server):
    for target in "/slashes", "/slashes/":
        got = server.request("MKCOL", target)
        eq((got.status, got.fields["Location"]), (201, "/slashes/"))
        eq(list(multistatus(proppatch(server, target, set_of("<z:a/>")))), ["/slashes/"])
        got = server.request("LOCK", target, {"Depth": "infinity", **XML}, INFO)
        root = xml.fromstring(got.body).find(f".//{D}lockroot/{D}href").text
        ok(root.endswith("/slashes/"), f"the lock's root: {root}")
        eq(server.put("/slashes/x", b"x").status, 423)
        [href] = [at.text for at in xml.fromstring(server.put("/slashes/x", b"x").body).iter(D + "href")]
        ok(href.endswith("/slashes/"), f"the lock in the way: {href}")
        eq(server.request("UNLOCK", target, {"Lock-Token": got.fields["Lock-Token"]}).status, 204)
        server.request("MKCOL", "/slashes/sub")
        for href in multistatus(propfind(server, target, depth="infinity")):
            ok(href.endswith("/"), href)
        got = server.request("COPY", target, {"Destination": "/slashes-2"})
        eq((got.status, got.fields["Location"]), (201, "/slashes-2/"))
        eq(server.delete("/slashes-2").status, 204)
        eq(server.delete(target).status, 204)


# -- DAV-010 to DAV-012


def is_consistent(server):
    """Each URL that a deep PROPFIND tells of is there, and its folder lists it (RFC 4918 §5.1)."""
    found = set(multistatus(propfind(server, "/", depth="infinity")))
    listed = {href for folder in found if folder.endswith("/") for href in multistatus(propfind(server, folder, depth="1"))}
    eq(sorted(found), sorted(listed | {"/"}))
    for href in found - {"/"}:
        contains(found, href.rstrip("/").rsplit("/", 1)[0] + "/", f"the folder of {href}")
        eq(server.head(href).status, 200, href)
    return found


@obliges("DAV-010")
@own_server(files={"a.txt": b"a", "folder/in.txt": b"in", "folder/sub/deep.txt": b"deep"})
def test_after_every_method_each_url_has_a_folder_that_lists_it(server):
    to = lambda where: {"Destination": where}
    steps = (("PUT", "/folder/new.txt", {}, b"n", 201), ("PUT", "/none/new.txt", {}, b"n", 409), ("MKCOL", "/made/", {}, None, 201),
             ("MKCOL", "/none/made/", {}, None, 409), ("LOCK", "/made/locked.txt", {"Depth": "0", **XML}, INFO, 201),
             ("COPY", "/folder/", to("/made/copy/"), None, 201), ("COPY", "/folder/", to("/folder/sub/copy/"), None, 201),
             ("COPY", "/folder/", {"Depth": "0", **to("/shallow/")}, None, 201), ("MOVE", "/folder/sub/", to("/up/"), None, 201),
             ("MOVE", "/up/", to("/up/in/"), None, 403), ("MOVE", "/made/copy/", to("/none/x/"), None, 409),
             ("MOVE", "/a.txt", to("/made/copy/in.txt"), None, 204), ("PROPPATCH", "/up/", XML, SET, 207),
             ("DELETE", "/made/copy/", {}, None, 204), ("DELETE", "/folder/new.txt", {}, None, 204),
             ("MOVE", "/up/", to("/folder/"), None, 204))
    for method, target, fields, body, status in steps:
        eq(server.request(method, target, fields, body).status, status, f"{method} {target}")
        is_consistent(server)
    eq(is_consistent(server), {"/", "/folder/", "/folder/deep.txt", "/folder/copy/", "/folder/copy/in.txt", "/folder/copy/new.txt",
                               "/folder/copy/sub/", "/folder/copy/sub/deep.txt", "/made/", "/made/locked.txt", "/shallow/"})


@obliges("DAV-011")
def test_what_made_something_is_no_redirect(server):
    made = [server.put("/made-put", b"x"), server.request("MKCOL", "/made-mkcol"), server.request("MKCOL", "/made-mkcol-2/"),
            server.request("COPY", "/folder", {"Destination": "/made-copy"}), server.request("COPY", "/folder/", {"Destination": "/made-copy-2"}),
            server.request("MOVE", "/made-copy", {"Destination": "/made-move"}), server.request("LOCK", "/made-lock", XML, INFO)]
    eq([got.status for got in made], [201] * len(made))
    server.request("UNLOCK", "/made-lock", {"Lock-Token": made[-1].fields["Lock-Token"]})


def may_not_be_kept(got):
    """Neither said to be cacheable nor, without being asked, of a kind that caches keep (RFC 9111 §3)."""
    control = [word.lower() for word in got.fields.words("Cache-Control")]
    ok(not any(word.split("=")[0] in ("public", "max-age", "s-maxage") for word in control), f"Cache-Control: {control}")
    lacks(got.fields, "Expires")
    return control


@obliges("DAV-012")
def test_answers_of_changes_are_not_for_caches(server):
    server.write("cached.txt", b"x")
    lock = server.request("LOCK", "/cached.txt", {"Depth": "0", **XML}, INFO)
    token = lock.fields["Lock-Token"]
    told = {
        "LOCK": (lock, 200),
        "refresh": (server.request("LOCK", "/cached.txt", {"If": f"({token})"}), 200),
        "PROPPATCH": (server.request("PROPPATCH", "/cached.txt", {**XML, "If": f"({token})"}, SET), 207),
        "refused PROPPATCH": (server.request("PROPPATCH", "/cached.txt", XML, SET), 423),
        "UNLOCK": (server.request("UNLOCK", "/cached.txt", {"Lock-Token": token}), 204),
        "MKCOL": (server.request("MKCOL", "/cached/"), 201),
        "refused MKCOL": (server.request("MKCOL", "/cached/"), 405),
        "COPY": (server.request("COPY", "/cached.txt", {"Destination": "/cached/copy.txt"}), 201),
        "MOVE": (server.request("MOVE", "/cached/copy.txt", {"Destination": "/cached/moved.txt"}), 201),
        "COPY over": (server.request("COPY", "/cached.txt", {"Destination": "/cached/moved.txt"}), 204),
        "refused COPY": (server.request("COPY", "/cached.txt", {"Destination": "/cached/moved.txt", "Overwrite": "F"}), 412),
        "minimal PROPPATCH": (server.request("PROPPATCH", "/cached.txt", {**XML, "Prefer": "return=minimal"}, SET), 200),
    }
    for name, (got, status) in told.items():
        eq(got.status, status, name)
        control = may_not_be_kept(got)
        if status == 200 or status == 207:
            contains(control, "no-cache", name)
