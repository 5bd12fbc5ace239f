"""PROPPATCH and the keeping of properties: RFC 4918 §9.2, §4; MKCOL, plain and extended: §9.3, RFC 5689."""

import os
import stat
import xml.etree.ElementTree as xml

from dav import ALLPROP, D, XML, error_of, multistatus, propfind, proppatch, props_of, remove_of, set_of
from wire import cases, contains, eq, lacks, obliges, ok, one_of, own_server

FILES = {name: name.encode() for name in (
    "order.txt", "all.txt", "guarded.txt", "gone.txt", "any.txt", "empty.txt", "put.txt", "minimal.txt", "x.txt",
    "type.txt", "big.txt", "win.txt", "if.txt", "name.txt", "mapped.txt", "many.txt", "locked.txt")}
FILES["folder/in.txt"] = b"in"
PROTECTED = "cannot-modify-protected-property"
EXECUTABLE = "{http://apache.org/dav/props/}executable"


def only(got):
    [answer] = multistatus(got).values()
    return answer


@obliges("DAV-044")
def test_instructions_run_in_document_order(server):
    found = only(proppatch(server, "/order.txt", set_of("<z:a>1</z:a>") + remove_of("<z:a/>") +
                           remove_of("<z:b/>") + set_of("<z:b>2</z:b>")))
    eq(found.names(), ["{urn:z}a", "{urn:z}b"])
    found = props_of(server, "/order.txt", "{urn:z}a", "{urn:z}b")
    eq((found.names(404), found.names()), (["{urn:z}a"], ["{urn:z}b"]))
    eq(only(proppatch(server, "/order.txt", set_of("<z:b>3</z:b>") + set_of("<z:b>4</z:b>"))).names(), ["{urn:z}b"])
    eq(props_of(server, "/order.txt", "{urn:z}b").text("{urn:z}b"), "4")


@obliges("DAV-045", "DAV-046", "DAV-047", "DAV-048", "DAV-139", "DAV-144", "DAV-150", "DAV-200")
@cases(("getetag", "getetag"), ("getcontentlength", "getcontentlength"), ("lockdiscovery", "lockdiscovery"),
       ("supportedlock", "supportedlock"), ("resourcetype", "resourcetype"))
def test_one_that_cannot_be_undoes_the_rest(server, name):
    for change in set_of(f"<D:{name}>x</D:{name}>"), remove_of(f"<D:{name}/>"):
        found = only(proppatch(server, "/all.txt", set_of("<z:before>1</z:before>") + change +
                               set_of("<z:after>1</z:after>")))
        eq(found.outcome(D + name), (403, PROTECTED))
        eq(found.outcome("{urn:z}before"), (424, None))
        eq(found.outcome("{urn:z}after"), (424, None))
        eq(props_of(server, "/all.txt", "{urn:z}before", "{urn:z}after").names(), [])


@obliges("DAV-167")
@cases(("available", "quota-available-bytes"), ("used", "quota-used-bytes"))
def test_quotas_cannot_be_set(server, name):
    eq(only(proppatch(server, "/folder/", set_of(f"<D:{name}>1</D:{name}>"))).outcome(D + name), (403, PROTECTED))


@obliges("DAV-049")
def test_removing_what_is_not_there_succeeds(server):
    eq(only(proppatch(server, "/gone.txt", remove_of("<z:never/>"))).outcome("{urn:z}never"), (200, None))


@obliges("DAV-050", "DAV-051", "DAV-052", "DAV-054")
def test_any_property_comes_back_as_it_was(server):
    value = ('<z:a xmlns:q="urn:q" xml:lang="de-CH" q:at="1 &amp; 2" plain=" 3 "> mixed <q:b>bold<z:c/></q:b>\n tail &lt;'
             '\U0001F375 <D:unknown/></z:a>')
    eq(only(proppatch(server, "/any.txt", set_of(value + '<n xmlns="">none</n>'))).names(), ["n", "{urn:z}a"])
    got = propfind(server, "/any.txt", ALLPROP)
    found = only(got)
    prop = found.prop("{urn:z}a")
    eq(xml.tostring(prop, "unicode", xml_declaration=False).split(">", 1)[1],
       xml.tostring(xml.fromstring(value.replace("<z:a", '<z:a xmlns:z="urn:z" xmlns:D="DAV:"')), "unicode").split(">", 1)[1])
    eq(prop.get("{http://www.w3.org/XML/1998/namespace}lang"), "de-CH")
    eq((prop.get("{urn:q}at"), prop.get("plain")), ("1 & 2", " 3 "))
    contains(got.body, b"<q:b>")
    contains(got.body, b"<z:c/>")
    eq(found.text("n"), "none")


@obliges("DAV-051")
def test_the_language_in_scope_is_kept(server):
    eq(only(proppatch(server, "/any.txt", '<D:set xml:lang="fr"><D:prop><z:lang>oui</z:lang></D:prop></D:set>')).names(),
       ["{urn:z}lang"])
    found = props_of(server, "/any.txt", "{urn:z}lang").prop("{urn:z}lang")
    eq(found.get("{http://www.w3.org/XML/1998/namespace}lang"), "fr")


@obliges("DAV-053")
def test_an_empty_property_is_one(server):
    proppatch(server, "/empty.txt", set_of("<z:empty/>"))
    found = props_of(server, "/empty.txt", "{urn:z}empty", "{urn:z}absent")
    eq((found.names(), found.names(404)), (["{urn:z}empty"], ["{urn:z}absent"]))
    eq(found.text("{urn:z}empty"), None)


@obliges("DAV-055")
@cases(("no-slash", "<D:getcontenttype>plain</D:getcontenttype>", D + "getcontenttype"),
       ("line-break", "<D:getcontenttype>text/a&#10;b</D:getcontenttype>", D + "getcontenttype"),
       ("no-language", "<D:getcontentlanguage>?</D:getcontentlanguage>", D + "getcontentlanguage"),
       ("no-flag", '<executable xmlns="http://apache.org/dav/props/">maybe</executable>', EXECUTABLE))
def test_a_value_that_does_not_fit_is_409(server, inner, name):
    found = only(proppatch(server, "/type.txt", set_of(inner + "<z:other/>")))
    eq(found.outcome(name), (409, None))
    eq(found.outcome("{urn:z}other"), (424, None))


@obliges("DAV-055")
def test_a_value_too_long_to_keep_is_507(server):
    found = only(proppatch(server, "/big.txt", set_of("<z:long>" + "x" * 300000 + "</z:long><z:short>y</z:short>")))
    eq(found.outcome("{urn:z}long"), (507, None))
    eq(found.outcome("{urn:z}short"), (424, None))
    eq(props_of(server, "/big.txt", "{urn:z}long", "{urn:z}short").names(), [])


@obliges("DAV-055")
def test_more_properties_than_can_be_kept_are_507(server):
    many = "".join(f"<z:p{number}>1</z:p{number}>" for number in range(1001))
    found = only(proppatch(server, "/many.txt", set_of(many)))
    eq({stat.status for stat in found.propstats}, {507})
    eq(props_of(server, "/many.txt", "{urn:z}p0").names(), [])


@obliges("DAV-056")
def test_properties_outlive_a_put(server):
    proppatch(server, "/put.txt", set_of("<z:kept>1</z:kept>"))
    one_of(server.put("/put.txt", b"new").status, (200, 204))
    eq(props_of(server, "/put.txt", "{urn:z}kept").text("{urn:z}kept"), "1")


@obliges("DAV-058")
@cases(("missing", "/none"), ("below-missing", "/none/x"), ("below-a-file", "/x.txt/y"))
def test_an_unmapped_url_is_404(server, target):
    eq(proppatch(server, target, set_of("<z:a/>")).status, 404)


@obliges("DAV-058")
def test_a_lock_keeps_others_out(server):
    info = (b'<D:lockinfo xmlns:D="DAV:"><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype>'
            b"</D:lockinfo>")
    token = server.request("LOCK", "/locked.txt", {"Depth": "0", **XML}, info).fields["Lock-Token"]
    eq(error_of(proppatch(server, "/locked.txt", set_of("<z:a/>")), 423), "lock-token-submitted")
    eq(error_of(proppatch(server, "/locked.txt", set_of("<D:getetag/>")), 423), "lock-token-submitted")
    eq(only(proppatch(server, "/locked.txt", set_of("<z:a/>"), If=f"({token})")).names(), ["{urn:z}a"])
    eq(server.request("UNLOCK", "/locked.txt", {"Lock-Token": token}).status, 204)


def test_if_is_judged(server):
    tag = server.get("/if.txt").etag
    eq(proppatch(server, "/if.txt", set_of("<z:a/>"), If='(["other"])').status, 412)
    eq(proppatch(server, "/if.txt", set_of("<z:a/>"), If_Match='"other"').status, 412)
    eq(props_of(server, "/if.txt", "{urn:z}a").names(), [])
    eq(proppatch(server, "/if.txt", set_of("<z:a/>"), If_Match=tag).status, 207)
    eq(server.get("/if.txt").etag, tag, "properties do not change the tag")


@obliges("DAV-024", "DAV-198", "DAV-199")
@cases(("propfind", b"<D:propfind xmlns:D='DAV:'><D:allprop/></D:propfind>", XML, 422), ("no-body", b"", XML, None),
       ("malformed", b"<D:propertyupdate", XML, 400), ("text", b"x", {"Content-Type": "text/plain"}, 415))
def test_a_body_that_cannot_be(server, body, fields, status):
    got = server.request("PROPPATCH", "/x.txt", fields, body)
    one_of(got.status, (status,) if status else (400, 422))


@obliges("DAV-149")
def test_displayname_is_what_somebody_said(server):
    eq(props_of(server, "/name.txt", D + "displayname").names(404), [D + "displayname"])
    eq(only(proppatch(server, "/name.txt", set_of("<D:displayname>A &lt;name&gt;</D:displayname>"))).names(),
       [D + "displayname"])
    eq(props_of(server, "/name.txt", D + "displayname").text(D + "displayname"), "A <name>")


def test_windows_can_set_its_times(server):
    names = ["Win32CreationTime", "Win32LastAccessTime", "Win32LastModifiedTime", "Win32FileAttributes"]
    inner = "".join(f'<Z:{name} xmlns:Z="urn:schemas-microsoft-com:">Sun, 22 Nov 2026 10:00:00 GMT</Z:{name}>' for name in names)
    found = only(proppatch(server, "/win.txt", set_of(inner)))
    eq(found.names(), sorted("{urn:schemas-microsoft-com:}" + name for name in names))


def test_an_empty_remove_beside_a_set_is_fine(server):
    eq(only(proppatch(server, "/win.txt", set_of("<z:s/>") + remove_of(""))).names(), ["{urn:z}s"])


def test_executable_is_the_bit_of_the_file(server):
    for flag, bit in ("T", stat.S_IXUSR), ("F", 0):
        inner = f'<executable xmlns="http://apache.org/dav/props/">{flag}</executable>'
        eq(only(proppatch(server, "/x.txt", set_of(inner))).names(), [EXECUTABLE])
        eq(os.stat(server.path("x.txt")).st_mode & stat.S_IXUSR, bit)
        eq(props_of(server, "/x.txt", EXECUTABLE).text(EXECUTABLE), flag)


@obliges("DAV-175", "DAV-177")
def test_minimal_success_has_no_content_and_failure_is_told(server):
    got = proppatch(server, "/minimal.txt", set_of("<z:a/>"), Prefer="return=minimal")
    one_of(got.status, (200, 204))
    eq(got.body, b"")
    eq(got.fields["Preference-Applied"], "return=minimal")
    got = proppatch(server, "/minimal.txt", set_of("<D:getetag/>"), Prefer="return=minimal")
    eq(only(got).outcome(D + "getetag"), (403, PROTECTED))
    lacks(got.fields, "Preference-Applied")


@obliges("DAV-012")
def test_answers_are_not_to_be_cached(server):
    eq(proppatch(server, "/minimal.txt", set_of("<z:b/>")).fields["Cache-Control"], "no-cache")
    eq(server.request("MKCOL", "/cache/").fields["Cache-Control"], "no-cache")


@own_server("--read-only", files={"a.txt": b"a"})
def test_read_only_refuses(server):
    eq(proppatch(server, "/a.txt", set_of("<z:a/>")).status, 403)
    eq(server.request("MKCOL", "/new/").status, 403)


# -- MKCOL

def mkcol(server, target, inner, **fields):
    body = f'<D:mkcol xmlns:D="DAV:" xmlns:z="urn:z">{inner}</D:mkcol>'.encode()
    return server.request("MKCOL", target, {**XML, **fields}, body)


COLLECTION = "<D:resourcetype><D:collection/></D:resourcetype>"


@obliges("DAV-059")
@cases(("slash", "/made/"), ("no-slash", "/made-too"))
def test_mkcol_makes_a_folder(server, target):
    eq(server.request("MKCOL", target).status, 201)
    ok(os.path.isdir(server.path(target.strip("/"))), "a folder")
    contains(multistatus(propfind(server, "/", depth="1")), target.rstrip("/") + "/")
    eq(list(multistatus(propfind(server, target, depth="1"))), [target.rstrip("/") + "/"])


@obliges("DAV-060")
@cases(("file", "/mapped.txt"), ("file-with-slash", "/mapped.txt/"), ("folder", "/folder/"), ("no-slash", "/folder"),
       ("root", "/"))
def test_mkcol_of_what_is_there_is_405(server, target):
    eq(server.request("MKCOL", target).status, 405)


@obliges("DAV-007")
@cases(("plain", "/none/new/"), ("file", "/mapped.txt/new/"))
def test_mkcol_makes_no_parents(server, target):
    eq(server.request("MKCOL", target).status, 409)
    ok(not server.exists("none"), "nothing was made")


@obliges("DAV-061")
def test_mkcol_with_a_body_of_another_kind_is_415(server):
    eq(server.request("MKCOL", "/body/", {"Content-Type": "xzy-foo/bar-512"}, b"afafafaf").status, 415)
    ok(not server.exists("body"), "nothing was made")


@obliges("DAV-065")
def test_extended_mkcol_makes_the_folder_with_its_properties(server):
    got = mkcol(server, "/extended/", set_of(COLLECTION + "<D:displayname>Name</D:displayname><z:a>1</z:a>"))
    eq((got.status, got.body), (201, b""))
    found = props_of(server, "/extended/", D + "displayname", "{urn:z}a")
    eq((found.text(D + "displayname"), found.text("{urn:z}a")), ("Name", "1"))


@obliges("DAV-066", "DAV-067", "DAV-068", "DAV-200")
@cases(("other-type", "<D:resourcetype><D:collection/><z:special/></D:resourcetype>", D + "resourcetype", "valid-resourcetype"),
       ("no-collection", "<D:resourcetype/>", D + "resourcetype", "valid-resourcetype"),
       ("protected", COLLECTION + "<D:getetag>x</D:getetag>", D + "getetag", PROTECTED))
def test_extended_mkcol_that_fails_makes_nothing(server, inner, name, condition):
    got = mkcol(server, "/failed/", set_of("<z:a>1</z:a>" + inner))
    eq(got.status, 403)
    tree = xml.fromstring(got.body)
    eq(tree.tag, D + "mkcol-response")
    told = {prop.tag: (stat.find(D + "status").text, stat.find(D + "error")) for stat in tree
            for prop in stat.find(D + "prop")}
    eq(told[name][0], "HTTP/1.1 403 Forbidden")
    eq(told[name][1][0].tag, D + condition)
    eq(told["{urn:z}a"][0], "HTTP/1.1 424 Failed Dependency")
    ok(not server.exists("failed"), "nothing was made")


@obliges("DAV-176")
def test_minimal_extended_mkcol_has_no_content(server):
    got = mkcol(server, "/minimal/", set_of(COLLECTION), Prefer="return=minimal")
    eq((got.status, got.body), (201, b""))
    eq(got.fields["Preference-Applied"], "return=minimal")


def test_mkcol_if_nothing_is_there(server):
    eq(server.request("MKCOL", "/conditional/", {"If-None-Match": "*"}).status, 201)
    eq(server.request("MKCOL", "/conditional2/", {"If-Match": "*"}).status, 412)
    ok(not server.exists("conditional2"), "nothing was made")
