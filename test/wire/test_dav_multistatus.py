"""What each 207 and each condition looks like, whoever sends it; live properties (RFC 4918 §11, §13 to §16)."""

import re
import xml.etree.ElementTree as xml

from dav import (ALLPROP, D, XML, conflicts, error_of, lock_of, lockinfo, multistatus, prop_body, propfind, proppatch,
                 props_of, remove_of, set_of, unlock)
from wire import cases, contains, eq, lacks, obliges, ok, one_of, own_server

FILES = {f"{folder}/{name}": b"x" for folder in ("form", "form/in", "code", "dst/in", "src/in", "name", "two/in")
         for name in ("a.txt", "b.txt")}
FILES["page.html"] = b"<p>page</p>"
FILES["live.txt"] = b"live"


def sync_of(server, target):
    return server.request("REPORT", target, XML, b'<sync-collection xmlns="DAV:"><sync-token/><sync-level>1</sync-level>'
                          b"<prop><getetag/><none/></prop></sync-collection>")


def locked_delete(server):
    token = lock_of(server, "/form/in/a.txt")
    got = server.delete("/form/")
    unlock(server, "/form/in/a.txt", token)
    return got


def locked_lock(server):
    token = lock_of(server, "/form/in/a.txt")
    got = server.request("LOCK", "/form/", XML, lockinfo())
    unlock(server, "/form/in/a.txt", token)
    return got


def locked_transfer(method):
    def ask(server):
        token = lock_of(server, "/dst/in/a.txt")
        got = server.request(method, "/src/", {"Destination": "/dst/"})
        unlock(server, "/dst/in/a.txt", token)
        return got
    return ask


SOME = prop_body(D + "getetag", D + "none")
ABOUT_PROPERTIES = (("PROPFIND", lambda server: propfind(server, "/form/", SOME, depth="1")),
                    ("PROPFIND of all", lambda server: propfind(server, "/form/", ALLPROP, depth="infinity")),
                    ("PROPPATCH", lambda server: proppatch(server, "/form/a.txt", set_of("<z:a/><D:getetag/>"))),
                    ("REPORT", lambda server: sync_of(server, "/form/")))
ABOUT_RESOURCES = (("DELETE", locked_delete), ("LOCK", locked_lock), ("COPY", locked_transfer("COPY")),
                   ("MOVE", locked_transfer("MOVE")))


def elements_of(got):
    """The response elements of a 207, which have the order that the DTD gives them."""
    eq(got.status, 207)
    root = xml.fromstring(got.body)
    eq(root.tag, D + "multistatus")
    answers = [element for element in root if element.tag == D + "response"]
    eq([element.tag for element in root if element.tag not in (D + "response", D + "sync-token")], [])
    ok(answers, "something is told")
    for element in answers:
        eq(element[0].tag, D + "href")
        for status in element.iter(D + "status"):
            ok(re.fullmatch(r"HTTP/1\.1 [2-5]\d\d [A-Z][A-Za-z -]+", status.text),
               f"a whole status line: {status.text}")
    hrefs = [element[0].text for element in answers]
    eq(len(hrefs), len(set(hrefs)), "hrefs, each once")
    return answers


@obliges("DAV-137", "DAV-138", "DAV-139", "DAV-140", "DAV-141", "DAV-143", "DAV-023")
@cases(*ABOUT_PROPERTIES)
def test_what_is_about_properties_has_propstats(server, ask):
    got = ask(server)
    eq(got.fields["Content-Type"], 'application/xml; charset="utf-8"')
    for element in elements_of(got):
        eq(len(element.findall(D + "href")), 1)
        ok(element.findall(D + "propstat") and element.find(D + "status") is None,
           "propstats, and no status beside them")
        for stat in element.findall(D + "propstat"):
            eq((len(stat.findall(D + "prop")), len(stat.findall(D + "status"))), (1, 1))


@obliges("DAV-137", "DAV-138", "DAV-139", "DAV-140", "DAV-141", "DAV-143", "DAV-023", "DAV-144")
@cases(*ABOUT_RESOURCES)
def test_what_is_about_resources_has_a_status(server, ask):
    got = ask(server)
    eq(got.fields["Content-Type"], 'application/xml; charset="utf-8"')
    elements = elements_of(got)
    for element in elements:
        ok(element.find(D + "propstat") is None and len(element.findall(D + "status")) == 1,
           "a status, and no propstat")
    [blocked] = [element for element in elements if " 423 " in element.find(D + "status").text]
    [condition] = blocked.find(D + "error")
    one_of(condition.tag, (D + "lock-token-submitted", D + "no-conflicting-lock"), "in that response's own error")
    eq([href.text for href in condition], [blocked[0].text])


@obliges("DAV-200", "DAV-201")
def test_424_is_for_lock_and_for_properties_alone(server):
    eq(sorted(conflicts(locked_lock(server)).items()), [("/form/", 424), ("/form/in/a.txt", 423)])
    for _, ask in ABOUT_RESOURCES:
        if ask is not locked_lock:
            eq(set(conflicts(ask(server)).values()), {423})
    [answer] = multistatus(proppatch(server, "/form/a.txt", set_of("<z:a/><D:getetag/>"))).values()
    eq((answer.outcome("{urn:z}a")[0], answer.outcome(D + "getetag")[0]), (424, 403))


FLAT = """
listen = { "127.0.0.1:0" }
site "s" {
    root = "{root}"
    allow-write = anyone
    at "/" { allow "*" { rights = { "read", "write", "lock" } } }
    at "/flat" { propfind-infinity = off }
}
"""


@obliges("DAV-144", "DAV-145")
@own_server(config=FLAT, files={"f.txt": b"f", "g.txt": b"g", "flat/f": b"f"})
def test_each_condition_has_its_code_under_its_status(server):
    token = lock_of(server, "/f.txt", Depth="0")
    asks = [
        (423, "lock-token-submitted", server.put("/f.txt", b"x")),
        (423, "lock-token-submitted", server.delete("/f.txt")),
        (423, "lock-token-submitted", proppatch(server, "/f.txt", set_of("<z:a/>"))),
        (423, "lock-token-submitted", server.request("COPY", "/g.txt", {"Destination": "/f.txt"})),
        (423, "lock-token-submitted", server.request("MOVE", "/f.txt", {"Destination": "/h.txt"})),
        (423, "no-conflicting-lock", server.request("LOCK", "/f.txt", XML, lockinfo("shared"))),
        (409, "lock-token-matches-request-uri", server.request("UNLOCK", "/g.txt", {"Lock-Token": token})),
        (412, "lock-token-matches-request-uri", server.request("LOCK", "/g.txt", {"If": f"({token})"})),
        (403, "propfind-finite-depth", propfind(server, "/flat/", depth="infinity")),
        (403, "no-external-entities", propfind(server, "/f.txt", b'<!DOCTYPE x [<!ENTITY e SYSTEM '
                                                                 b'"file:///etc/passwd">]>'
                                               b'<propfind xmlns="DAV:"><prop><a>&e;</a></prop></propfind>')),
        (403, "supported-report", server.request("REPORT", "/", XML, b'<version-tree xmlns="DAV:"/>')),
    ]
    for status, name, got in asks:
        eq(error_of(got, status), name)
        ok(got.fields["Content-Type"].startswith("application/xml"), "XML")
    for _, name, got in asks[:6]:
        eq([href.text for href in xml.fromstring(got.body)[0]], ["/f.txt"], name)
    unlock(server, "/f.txt", token)
    [answer] = multistatus(proppatch(server, "/f.txt", remove_of("<D:getetag/>"))).values()
    eq(answer.outcome(D + "getetag"), (403, "cannot-modify-protected-property"))


# -- live properties

@obliges("DAV-149")
@cases(("COPY", "COPY"), ("MOVE", "MOVE"))
def test_displayname_goes_with_copy_and_move_and_not_with_the_url(server, method):
    source, to = f"/name/{method}.txt", f"/name/{method}-2.txt"
    eq(server.put(source, b"n").status, 201)
    eq(props_of(server, source, D + "displayname").names(404), [D + "displayname"], "not made of the URL")
    [answer] = multistatus(proppatch(server, source, set_of(
        "<D:displayname>Tea &amp; <z:b/>cakes</D:displayname>"))).values()
    eq(answer.names(), [D + "displayname"])
    eq(server.request(method, source, {"Destination": to}).status, 201)
    eq(props_of(server, to, D + "displayname").text(D + "displayname"), "Tea & ")
    [answer] = multistatus(proppatch(server, to, remove_of("<D:displayname/>"))).values()
    eq(answer.names(), [D + "displayname"])
    eq(props_of(server, to, D + "displayname").names(404), [D + "displayname"])


@obliges("DAV-146", "DAV-147", "DAV-148")
@cases(("file", "/live.txt"), ("page", "/page.html"), ("folder", "/name/"), ("root", "/"))
def test_live_properties_say_what_get_says(server, target):
    got = server.get(target)
    pairs = {"getcontentlength": "Content-Length", "getcontenttype": "Content-Type", "getetag": "ETag",
             "getlastmodified": "Last-Modified", "getcontentlanguage": "Content-Language"}
    found = props_of(server, target, *[D + name for name in pairs], D + "resourcetype", D + "creationdate")
    for name, field in pairs.items():
        if not target.endswith("/"):
            eq(field in got.fields, D + name in found.names(), name)
            if field in got.fields:
                eq(found.text(D + name), got.fields[field], name)
        elif D + name in found.names() and field in got.fields:
            eq(found.text(D + name), got.fields[field], name)
    kind = found.prop(D + "resourcetype")
    eq([child.tag for child in kind], [D + "collection"] if target.endswith("/") else [])
    eq((kind.text or "").strip(), "", "no text")
    ok(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", found.text(D + "creationdate")), "RFC 3339")


@obliges("DAV-150")
@cases(("getetag", "getetag"), ("lockdiscovery", "lockdiscovery"), ("supportedlock", "supportedlock"),
       ("getlastmodified", "getlastmodified"), ("creationdate", "creationdate"), ("sync-token", "sync-token"),
       ("report set", "supported-report-set"), ("quota", "quota-used-bytes"))
def test_what_is_protected_stays(server, name):
    before = props_of(server, "/form/", D + name).outcome(D + name)[0]
    for change in set_of(f"<D:{name}>x</D:{name}>"), remove_of(f"<D:{name}/>"):
        [answer] = multistatus(proppatch(server, "/form/", change)).values()
        eq(answer.outcome(D + name), (403, "cannot-modify-protected-property"))
    eq(props_of(server, "/form/", D + name).outcome(D + name)[0], before)


@obliges("DAV-151", "DAV-147")
def test_the_language_can_be_set_and_taken_away(server):
    for change, want in ((set_of("<D:getcontentlanguage>en-GB</D:getcontentlanguage>"), "en-GB"),
                         (remove_of("<D:getcontentlanguage/>"), None)):
        eq(proppatch(server, "/live.txt", change).status, 207)
        eq(server.head("/live.txt").fields.get("Content-Language"), want)
        eq(props_of(server, "/live.txt", D + "getcontentlanguage").names(), [D + "getcontentlanguage"] if want else [])


# -- preferences

@obliges("DAV-179", "DAV-180")
@cases(("1", "1"), ("infinity", "infinity"))
def test_noroot_leaves_the_target_out_at_each_depth(server, depth):
    got = propfind(server, "/two/", depth=depth, Prefer="depth-noroot, return=minimal")
    eq(sorted(multistatus(got)), ["/two/in/"] + (["/two/in/a.txt", "/two/in/b.txt"] if depth == "infinity" else []))
    eq(sorted(got.fields.words("Preference-Applied")), ["depth-noroot", "return=minimal"])
    contains(got.fields.words("Vary"), "prefer")
    contains(propfind(server, "/two/", depth=depth).fields.words("Vary"), "prefer", "also of who did not ask")


@obliges("DAV-174")
def test_an_emptied_answer_stays_an_answer(server):
    found = multistatus(propfind(server, "/two/", prop_body("{urn:z}none"), depth="infinity", Prefer="return=minimal"))
    eq(len(found), 4)
    for answer in found.values():
        eq([(stat.status, stat.props) for stat in answer.propstats], [(200, {})])


@obliges("DAV-177")
def test_failures_are_told_whole(server):
    minimal = {"Prefer": "return=minimal"}
    got = server.request("MKCOL", "/two/made/", {**XML, **minimal},
                         b'<D:mkcol xmlns:D="DAV:"><D:set><D:prop><D:resourcetype>'
                         b"<D:collection/></D:resourcetype><D:getetag>x</D:getetag></D:prop></D:set></D:mkcol>")
    eq(got.status, 403)
    contains(got.body, b"cannot-modify-protected-property")
    ok(not server.exists("two/made"), "nothing was made")
    token = lock_of(server, "/two/in/a.txt", Depth="0")
    got = server.delete("/two/", minimal)
    eq(conflicts(got), {"/two/in/a.txt": 423})
    eq(error_of(server.put("/two/in/a.txt", b"x", {"Prefer": "return=representation"}), 423), "lock-token-submitted")
    unlock(server, "/two/in/a.txt", token)
    eq(propfind(server, "/none", Prefer="return=minimal").status, 404)


@obliges("DAV-178", "DAV-180")
def test_what_a_change_made_comes_at_once_if_asked_for(server):
    whole = {"Prefer": "return=representation"}
    got = server.put("/form/new.txt", b"new", whole)
    eq((got.status, got.body), (201, b"new"))
    for method, source in ("COPY", "/form/new.txt"), ("MOVE", "/form/copied.txt"):
        target = "/form/copied.txt" if method == "COPY" else "/form/moved.txt"
        got = server.request(method, source, {"Destination": target, **whole})
        eq((got.status, got.body), (201, b"new"))
        eq(got.fields["Content-Location"], target)
        eq(got.etag, server.get(target).etag)
        eq(got.fields["Preference-Applied"], "return=representation")
        eq(got.fields["Content-Type"], "text/plain; charset=utf-8")
    got = server.request("COPY", "/form/moved.txt", {"Destination": "/form/new.txt", **whole})
    eq((got.status, got.body), (200, b"new"))


@obliges("DAV-181")
@cases(("unknown", "respond-async, wait=10"), ("malformed", "return=, =, ;;, return"), ("quoted", 'return="min'),
       ("another value", "return=everything"), ("of others", "handling=lenient; foo"))
def test_preferences_of_no_meaning_are_as_if_not_there(server, value):
    got = propfind(server, "/form/a.txt", prop_body("{urn:z}none"), Prefer=value)
    eq(multistatus(got)["/form/a.txt"].names(404), ["{urn:z}none"])
    lacks(got.fields, "Preference-Applied")
    eq(server.put("/form/p.txt", b"p", {"Prefer": value}).body, b"")


# -- 422 and its neighbours

@obliges("DAV-198", "DAV-199")
@cases(("PROPPATCH of a PROPFIND", "PROPPATCH", b"<D:propfind xmlns:D='DAV:'><D:allprop/></D:propfind>"),
       ("no scope", "LOCK", b"<D:lockinfo xmlns:D='DAV:'><D:locktype><D:write/></D:locktype></D:lockinfo>"),
       ("another type", "LOCK", b"<D:lockinfo "
                                b"xmlns:D='DAV:'><D:lockscope><D:shared/></D:lockscope><D:locktype><D:read/>"
        b"</D:locktype></D:lockinfo>"),
       ("two questions", "PROPFIND", b"<D:propfind xmlns:D='DAV:'><D:prop/><D:propname/></D:propfind>"),
       ("no question", "PROPFIND", b"<D:propfind xmlns:D='DAV:'/>"),
       ("MKCOL of a PROPFIND", "MKCOL", b"<D:propfind xmlns:D='DAV:'><D:allprop/></D:propfind>"))
def test_what_makes_no_sense_is_422_and_not_what_is_wrong_otherwise(server, method, body):
    target = "/code/new/" if method == "MKCOL" else "/code/a.txt"
    fields = {"Depth": "0", **XML} if method != "MKCOL" else XML
    before = server.names("code")
    one_of(server.request(method, target, fields, body).status, (422, 415) if method == "MKCOL" else (422,))
    eq(server.request(method, target, fields, body[:-3]).status, 400, "malformed")
    eq(server.request(method, target, {**fields, "Content-Type": "image/png"}, body).status, 415, "no XML")
    eq(server.names("code"), before)
    eq(server.put("/code/a.txt", b"x").status, 204, "and it is not locked")
