"""MKCOL, plain and extended: RFC 4918 §9.3, RFC 5689."""

import os
import xml.etree.ElementTree as xml

from dav import (ALLPROP, D, XML, Propstat, error_of, lock_of, lockinfo, multistatus, propfind, props_of, remove_of, set_of,
                 source_of, unlock)
from wire import cases, contains, eq, lacks, obliges, ok, own_server

FILES = {"file.txt": b"f", "folder/in.txt": b"in", "locked/in.txt": b"in"}
COLLECTION = "<D:resourcetype><D:collection/></D:resourcetype>"
PROTECTED = "cannot-modify-protected-property"


def mkcol(server, target, inner, **fields):
    body = f'<?xml version="1.0"?><D:mkcol xmlns:D="DAV:" xmlns:z="urn:z">{inner}</D:mkcol>'.encode()
    return server.request("MKCOL", target, {**XML, **{name.replace("_", "-"): value for name, value in fields.items()}}, body)


def told_of(got):
    """{name: (status, condition)} of a DAV:mkcol-response."""
    eq(got.fields["Content-Type"], 'application/xml; charset="utf-8"')
    tree = xml.fromstring(got.body)
    eq(tree.tag, D + "mkcol-response")
    stats = [Propstat(one) for one in tree.findall(D + "propstat")]
    ok(stats and len(stats) == len(list(tree)), "propstats, and nothing else")
    names = [name for stat in stats for name in stat.props]
    eq(len(names), len(set(names)), "each once")
    return {name: (stat.status, stat.condition) for stat in stats for name in stat.props}


# -- plain


@obliges("DAV-059")
@cases(("slash", "/plain/"), ("no-slash", "/plain-too"), ("in-a-folder", "/folder/plain/"), ("odd", "/a%20b%25%23%3F%26%3C/"),
       ("beyond-ascii", "/%C3%A4%F0%9F%8D%B5/"), ("dot", "/.hidden/"))
def test_a_new_folder_is_empty_and_listed(server, target):
    got = server.request("MKCOL", target)
    folder = target.rstrip("/") + "/"
    eq((got.status, got.body, got.fields["Location"]), (201, b"", folder))
    eq(list(multistatus(propfind(server, target, depth="infinity"))), [folder])
    eq([one.tag for one in props_of(server, target, D + "resourcetype").prop(D + "resourcetype")], [D + "collection"])
    contains(multistatus(propfind(server, folder.rstrip("/").rsplit("/", 1)[0] + "/", depth="1")), folder)
    eq(server.get(folder).status, 200)
    eq(server.put(folder + "x", b"x").status, 201)
    eq(server.request("MKCOL", folder + "sub/").status, 201)


@obliges("DAV-059")
def test_a_folder_that_was_made_once_more_has_nothing_of_the_old_one(server):
    eq(mkcol(server, "/anew/", set_of(COLLECTION + "<z:a>old</z:a>")).status, 201)
    server.put("/anew/in.txt", b"x")
    eq(server.delete("/anew/").status, 204)
    eq(server.request("MKCOL", "/anew/").status, 201)
    eq(list(multistatus(propfind(server, "/anew/", depth="1"))), ["/anew/"])
    eq(props_of(server, "/anew/", "{urn:z}a").names(404), ["{urn:z}a"])


@obliges("DAV-060")
@cases(("file", "/file.txt"), ("file-with-slash", "/file.txt/"), ("folder", "/folder/"), ("no-slash", "/folder"), ("root", "/"),
       ("link", "/link"), ("broken-link", "/broken"), ("fifo", "/fifo"))
def test_what_is_there_is_405_plain_and_extended(server, target):
    if not server.exists("fifo"):
        os.mkfifo(server.path("fifo"))
        os.symlink("folder", server.path("link"))
        os.symlink("nowhere", server.path("broken"))
    before = server.names(), server.names("folder"), server.read("file.txt")
    status = 403 if target in ("/broken", "/fifo") else 405  # 403: no other method says that something is there
    eq(server.request("MKCOL", target).status, status)
    eq(mkcol(server, target, set_of(COLLECTION + "<z:a/>")).status, status)
    eq((server.names(), server.names("folder"), server.read("file.txt")), before)
    if status == 405:
        eq(props_of(server, target.replace("file.txt/", "file.txt"), "{urn:z}a").names(404), ["{urn:z}a"])


@obliges("DAV-060")
def test_a_locked_empty_resource_is_405_with_and_without_its_token(server):
    got = server.request("LOCK", "/reserved", XML, lockinfo())
    eq(got.status, 201)
    token = got.fields["Lock-Token"]
    eq(server.request("MKCOL", "/reserved").status, 405)
    eq(server.request("MKCOL", "/reserved", {"If": f"({token})"}).status, 405)
    eq(server.get("/reserved").body, b"")
    unlock(server, "/reserved", token)


@obliges("DAV-061")
@cases(("unknown", "xzy-foo/bar-512", b"afafafaf"), ("text", "text/plain", b"<a/>"), ("json", "application/json", b"{}"),
       ("html", "text/html", b"<html/>"), ("form", "application/x-www-form-urlencoded", b"<D:mkcol xmlns:D='DAV:'/>"),
       ("other-xml", "application/atom+xml", b"<a/>"))
def test_content_of_another_type_is_415(server, kind, body):
    eq(server.request("MKCOL", "/typed/", {"Content-Type": kind}, body).status, 415)
    ok(not server.exists("typed"), "nothing was made")
    eq(server.request("MKCOL", "/folder/", {"Content-Type": kind}, body).status, 405, "what is there comes first")
    eq(server.request("MKCOL", "/none/typed/", {"Content-Type": kind}, body).status, 409, "and what is not there")


NO_CREATE = """
listen = { "127.0.0.1:0" }
site "s" {
    root = "{root}"
    at "/" { allow "*" { rights = { "read", "delete", "lock" } } }
    at "/here" { allow "*" { rights = { "read", "create" } } }
}
"""


@obliges("DAV-062")
@own_server(config=NO_CREATE, files={"here/x": b"x"})
def test_where_nothing_may_be_made_it_is_403(server):
    for target in "/new/", "/none/new/", "/here/", "/here":
        eq(server.request("MKCOL", target).status, 405 if target.startswith("/here") else 403, target)
        eq(mkcol(server, target, set_of(COLLECTION)).status, 405 if target.startswith("/here") else 403, target)
    eq(server.names(), ["here"])
    eq(server.request("MKCOL", "/here/new/").status, 201)


@obliges("DAV-062")
@own_server("--read-only", files={"a.txt": b"a"})
def test_a_folder_served_read_only_is_403(server):
    eq(server.request("MKCOL", "/new/").status, 403)
    eq(server.names(), ["a.txt"])


@obliges("DAV-063")
@cases(("depth-0", "0"), ("infinity", "infinity"))
def test_a_locked_folder_gets_no_members_without_its_token(server, depth):
    token = lock_of(server, "/locked/", Depth=depth)
    for got in server.request("MKCOL", "/locked/new/"), mkcol(server, "/locked/new/", set_of(COLLECTION)):
        eq(error_of(got, 423), "lock-token-submitted")
        eq([one.text for one in xml.fromstring(got.body).iter(D + "href")], ["/locked/"])
    eq(server.request("MKCOL", "/locked/new/", {"If": "(<urn:uuid:00000000-0000-0000-0000-000000000000>)"}).status, 412)
    ok(not server.exists("locked/new"), "nothing was made")
    eq(server.request("MKCOL", "/locked/new/", {"If": f"</locked/> ({token})"}).status, 201)
    eq(server.request("MKCOL", "/locked/new/sub/").status, 423 if depth == "infinity" else 201)
    eq(server.delete("/locked/new/", {"If": f"</locked/> ({token})"}).status, 204)
    unlock(server, "/locked/", token)


# -- extended


@obliges("DAV-065")
def test_properties_are_set_in_their_order_together_with_the_folder(server):
    inner = (set_of(COLLECTION + "<z:a>1</z:a><D:displayname>first</D:displayname>") +
             set_of("<z:a>2</z:a><z:v xml:lang='de' z:b='1'>x<z:c/>y</z:v><plain xmlns=''/>") + set_of("<D:displayname>second</D:displayname>"))
    got = mkcol(server, "/extended/", inner)
    eq((got.status, got.body, got.fields["Location"]), (201, b"", "/extended/"))
    found = props_of(server, "/extended/", "{urn:z}a", D + "displayname", "{}plain")
    eq((found.text("{urn:z}a"), found.text(D + "displayname"), found.text("plain")), ("2", "second", None))
    eq(xml.canonicalize(source_of(propfind(server, "/extended/", ALLPROP).body, "{urn:z}v")),
       xml.canonicalize("<z:v xmlns:z='urn:z' xml:lang='de' z:b='1'>x<z:c/>y</z:v>"))
    contains(multistatus(propfind(server, "/", depth="1")), "/extended/")


@obliges("DAV-065")
@cases(("text/xml", {"Content-Type": "text/xml"}), ("charset", {"Content-Type": 'application/xml; charset="utf-8"'}))
def test_either_type_of_xml_will_do(server, fields):
    eq(mkcol(server, "/either/", set_of(COLLECTION), **{"Content_Type": fields["Content-Type"]}).status, 201)
    eq(server.delete("/either/").status, 204)


@obliges("DAV-065", "DAV-066")
@cases(("protected", "<D:getetag>x</D:getetag>", D + "getetag", 403, PROTECTED),
       ("locks", "<D:lockdiscovery/>", D + "lockdiscovery", 403, PROTECTED),
       ("too-long", "<z:long>" + "x" * 300000 + "</z:long>", "{urn:z}long", 507, None),
       ("type-of-a-folder", "<D:getcontenttype>text/plain</D:getcontenttype>", D + "getcontenttype", 403, PROTECTED))
def test_one_property_that_cannot_be_set_and_there_is_no_folder(server, inner, name, status, condition):
    for first, last in (("<z:before>1</z:before>", "<z:after>1</z:after>"), ("", "<z:after/>"), ("<z:before/>", "")):
        got = mkcol(server, "/failed/", set_of(COLLECTION + first + inner + last))
        eq(got.status, status)
        told = told_of(got)
        eq(told.pop(name), (status, condition))
        for other in told.values():
            eq(other, (424, None))
        eq(len(told), 1 + bool(first) + bool(last), "the others are told of")
        ok(not server.exists("failed"), "nothing was made")
        eq(propfind(server, "/failed/").status, 404)
    eq(server.request("MKCOL", "/failed/").status, 201, "the name is free")
    eq(props_of(server, "/failed/", "{urn:z}before", "{urn:z}after").names(), [], "and nothing was left under it")
    eq(server.delete("/failed/").status, 204)


@obliges("DAV-067", "DAV-068", "DAV-066")
@cases(("unknown", "<D:collection/><z:special/>"), ("calendar", '<D:collection/><calendar xmlns="urn:ietf:params:xml:ns:caldav"/>'),
       ("principal", "<D:collection/><D:principal/>"), ("empty", ""), ("only-another", "<z:special/>"),
       ("wrong-namespace", "<z:collection/>"), ("no-namespace", '<collection xmlns=""/>'), ("text", "collection"))
def test_a_type_that_is_no_plain_folder_is_refused(server, types):
    got = mkcol(server, "/special/", set_of(f"<z:a>1</z:a><D:resourcetype>{types}</D:resourcetype>"))
    eq(got.status, 403)
    eq(told_of(got), {D + "resourcetype": (403, "valid-resourcetype"), "{urn:z}a": (424, None)})
    ok(not server.exists("special"), "nothing was made")


@obliges("DAV-065")
@cases(("malformed", "<D:mkcol xmlns:D='DAV:'><D:set>", 400), ("unbound", "<D:mkcol xmlns:D='DAV:'><D:set><D:prop><q:x/></D:prop></D:set></D:mkcol>", 400),
       ("another-root", "<D:propertyupdate xmlns:D='DAV:'><D:set><D:prop><x/></D:prop></D:set></D:propertyupdate>", 422),
       ("no-namespace", "<mkcol><set><prop><x/></prop></set></mkcol>", 422))
def test_a_body_that_cannot_be_makes_no_folder(server, body, status):
    eq(server.request("MKCOL", "/senseless/", XML, body.encode()).status, status)
    ok(not server.exists("senseless"), "nothing was made")


@obliges("DAV-017", "DAV-065")
def test_what_is_unknown_in_the_body_is_as_if_not_there(server):
    inner = ("<z:set><D:prop><z:no/></D:prop></z:set>" + remove_of("<z:no/>") + set_of(COLLECTION + "<z:yes/>") +
             "<D:set a='1'><z:prop><z:no/></z:prop></D:set>")
    eq(mkcol(server, "/unknown/", inner).status, 201)
    eq(props_of(server, "/unknown/", "{urn:z}yes", "{urn:z}no").names(), ["{urn:z}yes"])


@obliges("DAV-007", "DAV-060")
def test_a_senseless_body_does_not_come_before_what_is_there(server):
    special = set_of("<D:resourcetype><z:special/></D:resourcetype>")
    eq(mkcol(server, "/folder/", special).status, 405)
    eq(mkcol(server, "/none/new/", special).status, 409)
    eq(mkcol(server, "/file.txt/new/", special).status, 409)


@obliges("DAV-064")
def test_options_tell_of_extended_mkcol_where_a_folder_could_be(server):
    for target in "/", "/folder/", "/could-be/", "/file.txt":
        contains(server.request("OPTIONS", target).fields.words("DAV"), "extended-mkcol")
    contains([word.lower() for word in server.request("OPTIONS", "/could-be/").fields.words("Allow")], "mkcol")
    lacks([word.lower() for word in server.request("OPTIONS", "/folder/").fields.words("Allow")], "mkcol")


@own_server(files={"a.txt": b"a"})
def test_a_folder_and_its_properties_outlive_a_crash(server):
    eq(mkcol(server, "/made/", set_of(COLLECTION + "<z:a>1</z:a>")).status, 201)
    server.kill()
    server.start()
    eq(props_of(server, "/made/", "{urn:z}a").text("{urn:z}a"), "1")
