"""test_dav_xml.py - XML in bodies of requests, and in answers (webdav.md §2)."""
import time
import xml.dom.minidom

from wire import cases, contains, eq, lacks, obliges, ok, one_of

FILES = {"x.txt": b"content"}
GETETAG = "<?xml version='1.0'?><D:propfind xmlns:D='DAV:'><D:prop><D:getetag/></D:prop></D:propfind>"


def propfind(server, body, kind="application/xml", path="/x.txt"):
    body = body if isinstance(body, bytes) else body.encode()
    return server.request("PROPFIND", path, {"Depth": "0", "Content-Type": kind}, body)


def is_tag_shown(got):
    eq(got.status, 207)
    xml.dom.minidom.parseString(got.body)
    contains(got.body, b"getetag>")
    contains(got.body, b"HTTP/1.1 200 OK")


def proppatch(server, inside, path="/x.txt"):
    body = "<D:propertyupdate xmlns:D='DAV:'>%s</D:propertyupdate>" % inside
    return server.request("PROPPATCH", path, {"Content-Type": "application/xml"}, body.encode())


@cases(("application", "application/xml"), ("text", "text/xml"), ("charset", 'text/xml; charset="utf-8"'))
@obliges("DAV-013", "DAV-023")
def test_both_types_are_accepted_and_answered_in_xml(server, kind):
    got = propfind(server, GETETAG, kind)
    is_tag_shown(got)
    one_of(got.fields["Content-Type"].lower().replace(" ", "").replace('"', ""),
           ("application/xml;charset=utf-8", "text/xml;charset=utf-8"))


@cases(("cut", "<D:propfind xmlns:D='DAV:'><D:prop>"), ("crossed", "<a><b></a></b>"), ("blank", "   "),
       ("entity", "<a>&nbsp;</a>"), ("octets", b"<a>\xff\xfe</a>"), ("text", "hello"))
@obliges("DAV-014", "DAV-199")
def test_what_is_not_well_formed_is_400(server, body):
    eq(propfind(server, body).status, 400)


@cases(("unbound", "<D:propfind/>"), ("attribute", "<a D:b='1'/>"),
       ("unbinding", "<propfind xmlns='DAV:' xmlns:p=''><prop/></propfind>"))
@obliges("DAV-015")
def test_misused_namespaces_are_400(server, body):
    eq(propfind(server, body).status, 400)


@obliges("DAV-014", "DAV-015")
def test_a_proppatch_that_cannot_be_read_changes_nothing(server):
    for bad in ("<D:set><D:prop><a>1</a></D:prop></D:set><x:y/>", "<D:set><D:prop><a>1</a></D:prop></D:set><b>"):
        eq(proppatch(server, bad).status, 400)
    got = propfind(server, "<D:propfind xmlns:D='DAV:'><D:prop><a/></D:prop></D:propfind>")
    contains(got.body, b"404 Not Found")


@cases(("other", "<x:propfind xmlns:x='DAV:'><x:prop><x:getetag/></x:prop></x:propfind>"),
       ("default", "<propfind xmlns='DAV:'><prop><getetag/></prop></propfind>"),
       ("mixed", "<propfind xmlns='DAV:'><y:prop xmlns:y='DAV:'><getetag/></y:prop></propfind>"))
@obliges("DAV-016")
def test_any_prefix_will_do(server, body):
    is_tag_shown(propfind(server, body))


@cases(("element", "<propfind xmlns='DAV:'><x xmlns='urn:x'><propname xmlns='DAV:'/></x><prop><getetag/></prop></propfind>"),
       ("attribute", "<propfind xmlns='DAV:' a='1'><prop b='2'><getetag/></prop></propfind>"),
       ("foreign", "<propfind xmlns='DAV:'><propname xmlns='urn:x'/><prop><getetag/></prop></propfind>"))
@obliges("DAV-017")
def test_what_is_unknown_is_as_if_not_there(server, body):
    is_tag_shown(propfind(server, body))


@obliges("DAV-018")
def test_order_makes_no_difference(server):
    for body in ("<allprop/><include><getetag/></include>", "<include><getetag/></include><allprop/>"):
        is_tag_shown(propfind(server, "<propfind xmlns='DAV:'>%s</propfind>" % body))


@obliges("DAV-019")
def test_no_dtd_is_used(server):
    dtd = "<!DOCTYPE propfind [<!ELEMENT propfind EMPTY><!ATTLIST propfind a CDATA #REQUIRED>]>"
    is_tag_shown(propfind(server, dtd + "<propfind xmlns='DAV:'><prop><getetag/></prop></propfind>"))


@cases(("general", "<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><a>&e;</a>"),
       ("parameter", "<!DOCTYPE a [<!ENTITY % e SYSTEM 'http://127.0.0.1:1/'> %e;]><a/>"),
       ("subset", "<!DOCTYPE a SYSTEM 'http://127.0.0.1:1/a.dtd'><a/>"))
@obliges("DAV-020")
def test_external_entities_are_refused(server, body):
    got = server.request("PROPFIND", "/x.txt", {"Depth": "0", "Content-Type": "application/xml",
                                                "Accept": "application/xml"}, body.encode())
    eq(got.status, 403)
    contains(got.body, b"no-external-entities")
    lacks(got.body, b"root:")


@obliges("DAV-021")
def test_a_billion_laughs_are_refused_early(server):
    entities = "<!ENTITY l0 'lol'>" + "".join("<!ENTITY l%d '%s'>" % (i, ("&l%d;" % (i - 1)) * 10) for i in range(1, 12))
    start = time.monotonic()
    got = propfind(server, "<!DOCTYPE a [%s]><propfind xmlns='DAV:'><prop>&l11;</prop></propfind>" % entities)
    one_of(got.status, (400, 403, 413))
    ok(time.monotonic() - start < 5, "refused at once")
    is_tag_shown(propfind(server, GETETAG))


@cases(("little", "utf-16-le", b"\xff\xfe"), ("big", "utf-16-be", b"\xfe\xff"), ("utf-8", "utf-8", b"\xef\xbb\xbf"))
@obliges("DAV-022")
def test_encodings_are_told_by_their_mark(server, encoding, mark):
    is_tag_shown(propfind(server, mark + "<propfind xmlns='DAV:'><prop><getetag/></prop></propfind>".encode(encoding)))


@obliges("DAV-025")
def test_comments_and_instructions_are_ignored(server):
    is_tag_shown(propfind(server, "<?a b?><!-- c --><propfind xmlns='DAV:'><?d?><prop><!-- <propname/> --><getetag/></prop>"
                                  "</propfind><!-- e -->"))


@cases(("root", "<propertyupdate xmlns='DAV:'/>"), ("both", "<propfind xmlns='DAV:'><prop/><propname/></propfind>"),
       ("empty", "<propfind xmlns='DAV:'/>"), ("nowhere", "<propfind><prop/></propfind>"))
@obliges("DAV-024", "DAV-198")
def test_a_senseless_propfind_is_422(server, body):
    eq(propfind(server, body).status, 422)


@obliges("DAV-024", "DAV-198")
def test_a_senseless_proppatch_is_422(server):
    got = server.request("PROPPATCH", "/x.txt", {"Content-Type": "application/xml"}, GETETAG.encode())
    eq(got.status, 422)
    eq(proppatch(server, "").status, 422)


@cases(("scope", "<locktype><write/></locktype>"),
       ("two scopes", "<lockscope><shared/><exclusive/></lockscope><locktype><write/></locktype>"),
       ("type", "<lockscope><shared/></lockscope><locktype><read/></locktype>"))
@obliges("DAV-198")
def test_a_senseless_lock_is_422(server, inside):
    body = "<lockinfo xmlns='DAV:'>%s</lockinfo>" % inside
    eq(server.request("LOCK", "/x.txt", {"Content-Type": "application/xml"}, body.encode()).status, 422)


@cases(("unbound", "<D:lockinfo xmlns:D='DAV:'><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/>"
                   "</D:locktype><y:owner/></D:lockinfo>"))
@obliges("DAV-015")
def test_a_lock_that_is_no_xml_is_400_and_makes_none(server, body):
    eq(server.request("LOCK", "/x.txt", {"Content-Type": "application/xml"}, body.encode()).status, 400)
    eq(server.put("/x.txt", b"content").status, 204)


FORM = "application/x-www-form-urlencoded"
LOCKINFO = ("<lockinfo xmlns='DAV:'><lockscope><shared/></lockscope><locktype><write/></locktype></lockinfo>")


@cases(("propfind", "PROPFIND", GETETAG, 207),
       ("proppatch", "PROPPATCH", "<propertyupdate xmlns='DAV:'><remove><prop><x/></prop></remove></propertyupdate>", 207),
       ("lock", "LOCK", LOCKINFO, 200),
       ("report", "REPORT", "<sync-collection xmlns='DAV:'><sync-token/><sync-level>1</sync-level><prop/></sync-collection>",
        207))
def test_xml_that_curl_calls_a_form_is_read(server, method, body, status):
    path = "/" if method == "REPORT" else "/x.txt"
    got = server.request(method, path, {"Depth": "0", "Content-Type": FORM + "; charset=utf-8"}, body.encode())
    eq(got.status, status)
    if method == "LOCK":
        eq(server.request("UNLOCK", path, {"Lock-Token": got.fields["Lock-Token"]}).status, 204)
    eq(server.request(method, path, {"Depth": "0", "Content-Type": FORM}, b"a=b").status, 415, "a form that is one")
    eq(server.request(method, path, {"Depth": "0", "Content-Type": "text/csv"}, body.encode()).status, 415, "another type")


@obliges("DAV-061")
def test_mkcol_takes_no_form(server):
    body = b"<mkcol xmlns='DAV:'><set><prop><resourcetype><collection/></resourcetype></prop></set></mkcol>"
    eq(server.request("MKCOL", "/form/", {"Content-Type": FORM}, body).status, 415)
    ok(not server.exists("form"), "nothing was made")
