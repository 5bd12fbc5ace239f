"""PROPFIND: RFC 4918 §9.1, §14, §15; RFC 4331; RFC 8144."""

import os
import re
from urllib.parse import unquote

from dav import ALLPROP, D, PROPNAME, XML, error_of, multistatus, prop_body, propfind, proppatch, props_of, set_of
from wire import cases, contains, date_seconds, eq, lacks, obliges, ok, own_server

FILES = {"a.txt": b"0123456789", "page.html": b"<p>", "tree/one.txt": b"1", "tree/sub/two.txt": b"22", "tree/.dot": b".",
         "odd/a b&c%d#e?f(g)'<h>.txt": b"odd", "odd/ä.txt": b"u", "dead.txt": b"d", "names/in.txt": b"n",
         "quota/q.txt": b"q"}
APACHE = "{http://apache.org/dav/props/}"
LIVE_OF_FILES = sorted([D + name for name in ("resourcetype", "creationdate", "getcontentlength", "getcontenttype",
                                              "getetag", "getlastmodified", "lockdiscovery", "supportedlock")] +
                       [APACHE + "executable"])
LIVE_OF_FOLDERS = sorted(D + name for name in ("resourcetype", "creationdate", "getlastmodified", "lockdiscovery",
                                               "supportedlock"))
NOT_IN_ALLPROP = sorted(D + name for name in ("quota-available-bytes", "quota-used-bytes", "quota", "quotaused",
                                              "supported-report-set", "sync-token"))
OF_BINDINGS = [D + "resource-id", D + "parent-set"]


@obliges("DAV-026", "DAV-037", "DAV-009", "DAV-040")
def test_each_depth_tells_of_what_it_reaches(server):
    eq(list(multistatus(propfind(server, "/tree/"))), ["/tree/"])
    eq(sorted(multistatus(propfind(server, "/tree/", depth="1"))), ["/tree/", "/tree/.dot", "/tree/one.txt", "/tree/sub/"])
    eq(sorted(multistatus(propfind(server, "/tree/", depth="infinity"))),
       ["/tree/", "/tree/.dot", "/tree/one.txt", "/tree/sub/", "/tree/sub/two.txt"])


@obliges("DAV-028")
def test_without_depth_all_that_is_below_is_told(server):
    contains(multistatus(server.request("PROPFIND", "/tree/", XML)), "/tree/sub/two.txt")


@obliges("DAV-029")
@cases(("number", "2"), ("word", "none"), ("empty", ""), ("list", "0, 1"))
def test_another_depth_is_400(server, depth):
    eq(propfind(server, "/tree/", depth=depth).status, 400)


@obliges("DAV-030")
@cases(("0", "0"), ("1", "1"), ("infinity", "infinity"))
def test_a_file_has_no_members(server, depth):
    eq(list(multistatus(propfind(server, "/a.txt", depth=depth))), ["/a.txt"])


RULES = """
listen = { "127.0.0.1:0" }
site "s" {
    root = "{root}"
    at "/" { allow "*" { rights = { "read" } } }
    at "/closed" { allow "somebody" { rights = { "read" } } }
    at "/dots" { hidden = "deny" }
    at "/flat" { propfind-infinity = off }
}
"""
RULED = {"open.txt": b"o", "closed/c.txt": b"c", "dots/.d": b"d", "dots/e": b"e", "dots/.f/g": b"g", "flat/h.txt": b"h"}


@obliges("DAV-027")
@own_server(config=RULES, files=RULED)
def test_depth_infinity_may_be_refused(server):
    eq(error_of(propfind(server, "/flat/", depth="infinity"), 403), "propfind-finite-depth")
    eq(error_of(server.request("PROPFIND", "/flat/", XML), 403), "propfind-finite-depth")
    eq(propfind(server, "/flat/", depth="1").status, 207)
    eq(propfind(server, "/flat/h.txt", depth="infinity").status, 207)


@obliges("DAV-043")
@own_server(config=RULES, files=RULED)
def test_what_a_user_may_not_see_is_left_out(server):
    eq(sorted(multistatus(propfind(server, "/", depth="infinity"))),
       ["/", "/dots/", "/dots/e", "/flat/", "/flat/h.txt", "/open.txt"])
    eq(propfind(server, "/closed/", depth="0").status, 403)


@own_server("--read-only", files={"a.txt": b"a"})
def test_where_nothing_can_be_locked_supportedlock_is_empty(server):
    eq(len(props_of(server, "/a.txt", D + "supportedlock").prop(D + "supportedlock")), 0)


@obliges("DAV-031", "DAV-032")
@cases(("no-body", b""), ("allprop", ALLPROP))
def test_allprop_is_what_exists_of_the_live_ones(server, body):
    found = multistatus(propfind(server, "/tree/", body, depth="1"))
    eq(found["/tree/one.txt"].names(), LIVE_OF_FILES)
    eq(found["/tree/sub/"].names(), LIVE_OF_FOLDERS)
    eq(found["/tree/one.txt"].names(404), [])


@obliges("DAV-032")
def test_allprop_has_the_dead_ones_too(server):
    eq(multistatus(proppatch(server, "/dead.txt", set_of("<z:one>1</z:one><other xmlns=''>2</other>")))["/dead.txt"].names(),
       ["other", "{urn:z}one"])
    [found] = multistatus(propfind(server, "/dead.txt", ALLPROP)).values()
    eq(found.text("{urn:z}one"), "1")
    eq(found.text("other"), "2")


@obliges("DAV-033", "DAV-041")
def test_include_adds_to_allprop(server):
    body = (b'<D:propfind xmlns:D="DAV:"><D:allprop/><D:include><D:supported-report-set/><D:resourcetype/><D:absent/>'
            b"</D:include></D:propfind>")
    [found] = multistatus(propfind(server, "/tree/", body)).values()
    eq(found.names(), sorted(LIVE_OF_FOLDERS + [D + "supported-report-set"]))
    eq(found.names(404), [D + "absent"])


@obliges("DAV-034", "DAV-166")
def test_propname_gives_empty_elements_of_all(server):
    proppatch(server, "/names/", set_of("<z:dead>text</z:dead>"))
    found = multistatus(propfind(server, "/names/", PROPNAME, depth="1"))
    contains(found["/names/"].names(), "{urn:z}dead")
    for name in LIVE_OF_FOLDERS + NOT_IN_ALLPROP + OF_BINDINGS:
        contains(found["/names/"].names(), name)
    eq(found["/names/in.txt"].names(), sorted(LIVE_OF_FILES + OF_BINDINGS))
    for answer in found.values():
        for name in answer.names():
            ok(not answer.prop(name).text and not len(answer.prop(name)), f"{name} is empty")


@obliges("DAV-035", "DAV-036")
def test_what_does_not_exist_is_404_within_207(server):
    names = D + "getetag", "{urn:none}x", D + "quota-used-bytes"
    found = props_of(server, "/a.txt", *names)
    eq(found.names(), [D + "getetag"])
    eq(found.names(404), sorted(names[1:]))
    eq(props_of(server, "/a.txt", "{urn:none}x").names(404), ["{urn:none}x"])


@obliges("DAV-036")
@cases(("missing", "/none"), ("below-missing", "/none/x"), ("below-a-file", "/a.txt/x"), ("finder", "/tree/._one.txt"),
       ("file-with-slash", "/a.txt/"))
def test_an_unmapped_target_is_a_plain_404(server, target):
    eq(propfind(server, target).status, 404)


@obliges("DAV-038", "DAV-039")
def test_hrefs_are_absolute_paths_encoded(server):
    found = sorted(multistatus(propfind(server, "/odd/", depth="1")))
    for href in found:
        ok(re.fullmatch(r"/(?:[A-Za-z0-9._~()/-]|%[0-9A-F]{2})*", href), f"{href} is an encoded path")
    eq(sorted(unquote(href) for href in found), ["/odd/", "/odd/a b&c%d#e?f(g)'<h>.txt", "/odd/ä.txt"])
    for href in found[1:]:
        eq(list(multistatus(propfind(server, href))), [href], "asked for by its own href")


@obliges("DAV-008")
def test_a_folder_without_its_slash_is_answered_and_named(server):
    got = propfind(server, "/tree", depth="1")
    contains(multistatus(got), "/tree/")
    eq(got.fields["Content-Location"], "/tree/")
    lacks(propfind(server, "/tree/", depth="1").fields, "Content-Location")


@obliges("DAV-146")
def test_resourcetype_tells_folders_from_files(server):
    found = multistatus(propfind(server, "/tree/", prop_body(D + "resourcetype"), depth="1"))
    eq([child.tag for child in found["/tree/sub/"].prop(D + "resourcetype")], [D + "collection"])
    plain = found["/tree/one.txt"].prop(D + "resourcetype")
    eq((len(plain), plain.text), (0, None))


@obliges("DAV-147")
def test_live_properties_are_what_get_sends(server):
    for path in "/a.txt", "/page.html":
        got = server.get(path)
        found = props_of(server, path, *[D + name for name in ("getcontentlength", "getcontenttype", "getetag",
                                                               "getlastmodified")])
        eq(found.text(D + "getcontentlength"), got.fields["Content-Length"])
        eq(found.text(D + "getcontenttype"), got.fields["Content-Type"])
        eq(found.text(D + "getetag"), got.fields["ETag"])
        eq(found.text(D + "getlastmodified"), got.fields["Last-Modified"])


@obliges("DAV-147", "DAV-151")
def test_a_language_that_was_set_is_sent(server):
    server.write("lang.txt", b"Hallo")
    eq(props_of(server, "/lang.txt", D + "getcontentlanguage").names(404), [D + "getcontentlanguage"])
    set_it = set_of("<D:getcontentlanguage>de, en-GB</D:getcontentlanguage><D:getcontenttype>text/x-greeting</D:getcontenttype>")
    eq(multistatus(proppatch(server, "/lang.txt", set_it))["/lang.txt"].outcome(D + "getcontentlanguage")[0], 200)
    got = server.get("/lang.txt")
    found = props_of(server, "/lang.txt", D + "getcontentlanguage", D + "getcontenttype")
    eq(found.text(D + "getcontentlanguage"), "de, en-GB")
    eq(got.fields["Content-Language"], "de, en-GB")
    eq(found.text(D + "getcontenttype"), "text/x-greeting")
    eq(got.fields["Content-Type"], "text/x-greeting")


@obliges("DAV-148")
def test_dates_have_their_forms(server):
    found = props_of(server, "/a.txt", D + "creationdate", D + "getlastmodified")
    ok(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", found.text(D + "creationdate")), "RFC 3339")
    date_seconds(found.text(D + "getlastmodified"))


@obliges("DAV-165", "DAV-166")
def test_folders_tell_their_quota_when_asked(server):
    names = D + "quota-available-bytes", D + "quota-used-bytes"
    found = props_of(server, "/quota/", *names)
    for name in names:
        ok(found.text(name).isdigit(), f"{name} is a number")
    [found] = multistatus(propfind(server, "/quota/", ALLPROP)).values()
    for name in names:
        lacks(found.names(), name)
    eq(props_of(server, "/quota/q.txt", *names).names(404), sorted(names))


@obliges("DAV-183", "DAV-193")
def test_folders_tell_their_reports(server):
    found = props_of(server, "/tree/", D + "supported-report-set")
    eq([report.tag for report in found.prop(D + "supported-report-set").iter()][-1], D + "sync-collection")
    eq(proppatch(server, "/tree/", set_of("<D:sync-token>x</D:sync-token>")).status, 207)
    [found] = multistatus(proppatch(server, "/tree/", set_of("<D:sync-token>x</D:sync-token>"))).values()
    eq(found.outcome(D + "sync-token"), (403, "cannot-modify-protected-property"))
    [found] = multistatus(propfind(server, "/tree/", ALLPROP)).values()
    lacks(found.names(), D + "sync-token")


@obliges("DAV-C8")
def test_an_empty_prop_is_answered_with_an_empty_one(server):
    [found] = multistatus(propfind(server, "/a.txt", prop_body())).values()
    eq([(stat.status, stat.props) for stat in found.propstats], [(200, {})])


@obliges("DAV-173", "DAV-174", "DAV-180")
@cases(("prefer", {"Prefer": "return=minimal"}), ("brief", {"Brief": "t"}))
def test_minimal_leaves_404_out(server, fields):
    got = server.request("PROPFIND", "/a.txt", {"Depth": "0", **XML, **fields}, prop_body(D + "getetag", "{urn:none}x"))
    [found] = multistatus(got).values()
    eq((found.names(), found.names(404)), ([D + "getetag"], []))
    eq(got.fields["Preference-Applied"], "return=minimal")
    contains([word.lower() for word in got.fields.words("Vary")], "prefer")
    got = server.request("PROPFIND", "/a.txt", {"Depth": "0", **XML, **fields}, prop_body("{urn:none}x"))
    [found] = multistatus(got).values()
    eq([(stat.status, stat.props) for stat in found.propstats], [(200, {})])


@obliges("DAV-179")
def test_noroot_leaves_the_target_out(server):
    got = propfind(server, "/tree/", depth="1", Prefer="depth-noroot")
    eq(sorted(multistatus(got)), ["/tree/.dot", "/tree/one.txt", "/tree/sub/"])
    eq(got.fields["Preference-Applied"], "depth-noroot")
    got = propfind(server, "/tree/", depth="0", Prefer="depth-noroot")
    eq(list(multistatus(got)), ["/tree/"])
    lacks(got.fields, "Preference-Applied")


@obliges("DAV-181")
def test_unknown_preferences_are_ignored(server):
    got = propfind(server, "/a.txt", prop_body("{urn:none}x"), Prefer='return=nothing, ;;, =x, return="')
    eq(multistatus(got)["/a.txt"].names(404), ["{urn:none}x"])


@obliges("DAV-013")
@cases(("application", "application/xml"), ("text", "text/xml"), ("with-charset", 'text/xml; charset="utf-8"'),
       ("capitals", "Application/XML"))
def test_both_types_of_xml_are_taken(server, kind):
    got = server.request("PROPFIND", "/a.txt", {"Depth": "0", "Content-Type": kind}, ALLPROP)
    eq(got.status, 207)


def test_content_of_another_type_is_415_and_none_of_no_type_is_not(server):
    eq(server.request("PROPFIND", "/a.txt", {"Depth": "0", "Content-Type": "text/plain"}, ALLPROP).status, 415)
    eq(server.request("PROPFIND", "/a.txt", {"Depth": "0"}, ALLPROP).status, 207)


@obliges("DAV-014", "DAV-015", "DAV-020", "DAV-024", "DAV-198", "DAV-199")
@cases(("cut", b"<D:propfind xmlns:D='DAV:'><D:prop>", 400), ("no-xml", b"hello", 400),
       ("unbound", b"<D:propfind><D:allprop/></D:propfind>", 400),
       ("prefix-to-nothing", b"<D:propfind xmlns:D='DAV:' xmlns:p=''><D:allprop/></D:propfind>", 400),
       ("external", b"<!DOCTYPE D [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><D:propfind xmlns:D='DAV:'><D:prop><D:x>&e;"
        b"</D:x></D:prop></D:propfind>", 403),
       ("both", b"<D:propfind xmlns:D='DAV:'><D:prop/><D:propname/></D:propfind>", 422),
       ("another-root", b"<D:lockinfo xmlns:D='DAV:'/>", 422))
def test_a_body_that_cannot_be(server, body, status):
    got = propfind(server, "/a.txt", body)
    eq(got.status, status)
    if status == 403:
        eq(error_of(got, 403), "no-external-entities")


@obliges("DAV-016", "DAV-017", "DAV-025")
def test_prefixes_do_not_matter_nor_what_is_unknown(server):
    body = (b"<?pi x?><!-- c --><propfind xmlns='DAV:' xmlns:q='urn:q' q:a='1'><q:prop><q:x/></q:prop>"
            b"<d:prop xmlns:d='DAV:'><d:getetag/></d:prop></propfind>")
    eq(multistatus(propfind(server, "/a.txt", body))["/a.txt"].names(), [D + "getetag"])


@obliges("DAV-022")
def test_utf_16_is_read(server):
    body = '<?xml version="1.0" encoding="utf-16"?><D:propfind xmlns:D="DAV:"><D:prop><D:getetag/></D:prop></D:propfind>'
    eq(multistatus(propfind(server, "/a.txt", body.encode("utf-16")))["/a.txt"].names(), [D + "getetag"])


@obliges("DAV-023", "DAV-137")
def test_the_answer_is_xml_and_says_so(server):
    got = propfind(server, "/tree/", depth="1")
    multistatus(got)
    eq(got.fields["Content-Type"], 'application/xml; charset="utf-8"')


@obliges("DAV-164", "DAV-159")
def test_if_is_judged(server):
    tag = server.get("/a.txt").etag
    eq(propfind(server, "/a.txt", If=f"([{tag}])").status, 207)
    eq(propfind(server, "/a.txt", If='(["another"])').status, 412)
    eq(propfind(server, "/a.txt", If="(").status, 400)


@obliges("DAV-042")
def test_other_conditions_say_nothing(server):
    tag = server.get("/a.txt").etag
    eq(propfind(server, "/a.txt", If_None_Match=tag).status, 207)
    eq(propfind(server, "/a.txt", If_Match='"x"').status, 207)


def test_thousands_of_members_come_whole(server):
    for number in range(3000):
        server.write(f"many/{number}.txt", b"x")
    found = multistatus(propfind(server, "/many/", depth="1"))
    eq(len(found), 3001)
    eq(len(multistatus(propfind(server, "/many/", prop_body(D + "getetag"), depth="1"))), 3001)


def test_what_is_no_file_is_left_out(server):
    os.mkdir(server.path("kinds"))
    os.mkfifo(server.path("kinds/fifo"))
    os.symlink("nowhere", server.path("kinds/broken"))
    server.write("kinds/file", b"x")
    eq(sorted(multistatus(propfind(server, "/kinds/", depth="1"))), ["/kinds/", "/kinds/file"])
