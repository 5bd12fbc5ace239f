"""What files were, at addresses of their own (docs/versions.md): read, listed, asked about; nothing there is changed."""

import base64
import hashlib
import json
import os
import urllib.parse

from dav import ALLPROP, D, PROPNAME, error_of, lockinfo, multistatus, prop_body, propfind, props_of, XML
from wire import Closed, ProtocolError, cases, contains, eq, fail, head_of, lacks, ok, wait_for

PAST = "/.samovar/versions"
CONFIG = """listen = { "127.0.0.1:0" }
site "s" {
  root = "{root}"
  history = 5
  at "/untrusted" { untrusted = on }
  at "/short" { history = 2 }
  at "/hidden" { hidden = deny }
  at "/many" { history = 1000 }
}
"""
FILES = {"docs/sub/deep.txt": b"deep", "docs/17": b"a file called 17", "docs/18/inside": b"in a folder called 18",
         "untrusted/x": b"", "short/x": b"", "many/x": b"", "hidden/.dot/x": b"", "elsewhere.txt": b"unchanged"}
JSON = {"Accept": "application/json"}


def write(server, path, *contents):
    """Each in turn; the tags that were given out for them."""
    tags = []
    for content in contents:
        got = server.put(path, content)
        ok(got.status in (201, 204), f"stored: {got.status}")
        tags.append(server.head(path).etag)
    return tags


def listed(server, path):
    """The newest first."""
    got = server.get(f"{PAST}{path}/", JSON)
    eq(got.status, 200)
    return json.loads(got.body)["versions"]


def addresses(server, path):
    return [version["href"] for version in listed(server, path)]


# -- one content

def test_each_earlier_content_can_be_fetched(server):
    tags = write(server, "/one.txt", b"first", b"second!", b"third")
    versions = listed(server, "/one.txt")
    eq([version["size"] for version in versions], [7, 5])
    for version, tag, content in zip(versions, (tags[1], tags[0]), (b"second!", b"first")):
        eq(version["href"], f"{PAST}/one.txt/{version['number']}")
        eq(version["etag"], tag)
        got = server.get(version["href"])
        eq((got.status, got.body, got.etag), (200, content, tag))
        eq(got.fields["Content-Type"], "text/plain; charset=utf-8")
        eq(got.fields["Content-Disposition"], "inline; filename*=UTF-8''one.txt")
        eq(got.fields["X-Content-Type-Options"], "nosniff")
        eq(got.fields["Cache-Control"], "no-cache")
        eq(got.fields["Link"], f'<{PAST}/one.txt/>; rel="version-history", </one.txt>; rel="latest-version"')
        head = server.head(version["href"])
        eq((head.status, head.etag, head.fields["Content-Length"]), (200, tag, str(len(content))))
        eq(head.fields["Last-Modified"], got.fields["Last-Modified"])
    eq(server.get("/one.txt").body, b"third")


def test_conditions_and_ranges_as_of_a_file(server):
    tags = write(server, "/ranges.txt", b"0123456789", b"now")
    [href] = addresses(server, "/ranges.txt")
    eq(server.get(href, {"If-None-Match": tags[0]}).status, 304)
    eq(server.get(href, {"If-None-Match": tags[1]}).status, 200)
    eq(server.get(href, {"If-Match": tags[1]}).status, 412)
    eq(server.get(href, {"If-Match": tags[0]}).status, 200)
    eq(server.get(href, {"If": f"([{tags[1]}])"}).status, 412)
    eq(server.get(href, {"If": f"([{tags[0]}])"}).status, 200)
    got = server.get(href, {"Range": "bytes=2-4", "If-Range": tags[0]})
    eq((got.status, got.body, got.fields["Content-Range"]), (206, b"234", "bytes 2-4/10"))
    eq(server.get(href, {"Range": "bytes=2-4", "If-Range": tags[1]}).status, 200)
    eq(server.get(href, {"Range": "bytes=10-"}).status, 416)


def test_no_deltas_and_never_hot(server):
    tags = write(server, "/plain.txt", b"a" * 5000, b"a" * 5000 + b"b", b"c")
    newest, oldest = addresses(server, "/plain.txt")
    got = server.get(newest, {"A-IM": "vcdiff, gzip", "If-None-Match": tags[0]})
    eq((got.status, got.body), (200, b"a" * 5000 + b"b"))
    lacks(got.fields, "IM")
    for _ in range(4):
        eq(server.get(oldest).body, b"a" * 5000)
    eq(server.delete("/plain.txt").status, 204)
    eq(server.get(oldest).status, 404)


def test_digests_are_its_own(server):
    write(server, "/digest.txt", b"first", b"second")
    [href] = addresses(server, "/digest.txt")
    for path, content in ((href, b"first"), ("/digest.txt", b"second")):
        got = server.get(path, {"Want-Repr-Digest": "sha-256=5"})
        eq(got.fields["Repr-Digest"], "sha-256=:" + base64.b64encode(hashlib.sha256(content).digest()).decode() + ":")


def test_a_type_that_was_given_to_the_file_is_not_its_past_s(server):
    eq(server.put("/typed.txt", b"old").status, 201)
    eq(server.put("/typed.txt", b"new", {"Content-Type": "image/png"}).status, 204)
    [href] = addresses(server, "/typed.txt")
    eq(server.get("/typed.txt").fields["Content-Type"], "image/png")
    eq(server.get(href).fields["Content-Type"], "text/plain; charset=utf-8")


def test_what_others_put_there_is_not_run_by_a_browser(server):
    write(server, "/untrusted/page.html", b"<script>1</script>", b"")
    [href] = addresses(server, "/untrusted/page.html")
    now, got = server.get("/untrusted/page.html"), server.get(href)
    eq(got.fields["Content-Disposition"], "attachment; filename*=UTF-8''page.html")
    eq(got.fields["Content-Security-Policy"], now.fields["Content-Security-Policy"])


def test_a_transfer_goes_on_when_the_history_lets_go_of_it(server):
    """Its descriptor is open: that it has no name any more is no change of its content."""
    large = os.urandom(1 << 20) * 24
    write(server, "/short/large.bin", large, b"1")
    [href] = addresses(server, "/short/large.bin")
    with server.connect() as conn:
        conn.send(head_of("GET", href))
        conn.fill()
        for content in (b"2", b"3", b"4"):
            eq(server.put("/short/large.bin", content).status, 204)
        eq(server.get(href).status, 404)
        got = conn.read("GET")
        eq(got.status, 200)
        ok(got.body == large, "all of it")


def test_a_program_that_still_writes_to_it(server):
    """What it was is not there any more: no mixture is sent, and it is no earlier content from then on."""
    large = os.urandom(1 << 20) * 24
    write(server, "/docs/written.bin", large)
    with open(server.path("docs/written.bin"), "r+b", buffering=0) as writer:
        write(server, "/docs/written.bin", b"1")
        [href] = addresses(server, "/docs/written.bin")
        with server.connect() as conn:
            conn.send(head_of("GET", href))
            conn.fill()
            writer.write(b"somebody's")
            try:
                fail(f"{conn.read('GET').status} although it changed")
            except (Closed, ProtocolError):
                pass
    eq(server.get(href).status, 404)
    eq(listed(server, "/docs/written.bin"), [])


@cases(("none", "1"), ("a-leading-zero", "0{number}"), ("past-all-numbers", "18446744073709551616"), ("a-slash", "{number}/"),
       ("below", "{number}/x"))
def test_there_is_no_such_content(server, spelling):
    write(server, "/absent.txt", b"1", b"2")
    eq(server.get(f"{PAST}/absent.txt/" + spelling.format(number=listed(server, "/absent.txt")[0]["number"])).status, 404)


# -- collections

def test_a_file_is_a_collection_of_what_it_was(server):
    path = "/docs/" + urllib.parse.quote("listed a&b.txt")
    write(server, path, b"x", b"xx", b"xxx")
    got = server.get(PAST + path + "/", {"Accept": "text/html"})
    eq(got.status, 200)
    eq(got.fields["Content-Type"], "text/html; charset=utf-8")
    eq(got.fields["Vary"], "Accept, Accept-Language")
    contains(got.fields["Content-Security-Policy"], "default-src 'none'")
    for version in listed(server, path):
        contains(got.text, f'<a href="./{version["number"]}">')
        contains(got.text, f"<code>COPY {version['href']}</code>")
    ok(got.text.index(listed(server, path)[0]["number"]) < got.text.index(listed(server, path)[1]["number"]), "the newest first")
    contains(got.text, '<link rel="stylesheet" href="../../../../.samovar/style.css">')
    contains(got.text, f'<a href="../../../..{path}">this file</a>')
    contains(got.text, f"curl -X COPY -H 'Destination: {path}'")
    contains(got.text, "listed a&amp;b.txt")
    whole = json.loads(server.get(PAST + path + "/", JSON).body)
    eq(whole["restore"], {"method": "COPY", "destination": path})
    eq(sorted(whole["versions"][0]), ["etag", "href", "modified", "number", "replaced", "size", "type"])


def test_a_file_that_was_never_replaced_is_an_empty_one(server):
    eq(listed(server, "/elsewhere.txt"), [])
    contains(server.get(PAST + "/elsewhere.txt/", {"Accept": "text/html"}).text, "No earlier contents are kept.")


def test_a_folder_is_a_collection_of_its_members(server):
    whole = json.loads(server.get(PAST + "/docs/", JSON).body)
    eq((whole["path"], whole["href"]), ("/docs/", PAST + "/docs/"))
    by_name = {member["name"]: member for member in whole["members"]}
    eq(by_name["17"]["href"], PAST + "/docs/17/")
    eq(by_name["17"]["kind"], "file")
    eq(by_name["sub"]["href"], PAST + "/docs/sub/")
    page = server.get(PAST + "/docs/", {"Accept": "text/html"}).text
    contains(page, '<a href="./17/">')
    contains(page, '<a href="./sub/">')
    contains(page, '<link rel="stylesheet" href="../../../.samovar/style.css">')
    contains(page, "Earlier contents of /docs")
    lacks(page, "Files can be put here")


def test_the_top_is_one_as_well(server):
    page = server.get(PAST + "/", {"Accept": "text/html"}).text
    contains(page, '<a href="./docs/">')
    contains(page, '<a href="./elsewhere.txt/">')
    contains(page, 'href="../../.samovar/style.css"')
    lacks(page, 'class="up"')
    lacks(page, '.samovar/"')
    eq(server.get("/.samovar/style.css").status, 200)


def test_pages_have_no_tag(server):
    got = server.get(PAST + "/docs/17/")
    lacks(got.fields, "ETag")
    lacks(got.fields, "Last-Modified")
    eq(server.get(PAST + "/docs/17/", {"If-Match": '"x"'}).status, 412)
    eq(server.get(PAST + "/docs/17/", {"If-None-Match": "*"}).status, 304)


@cases(("the-top", "", "/"), ("a-folder", "/docs", "/docs/"), ("a-file", "/elsewhere.txt", "/elsewhere.txt/"),
       ("a-file-of-digits", "/docs/17", "/docs/17/"), ("a-folder-of-digits", "/docs/18", "/docs/18/"),
       ("digits-and-nothing", "/docs/19", "/docs/19/"), ("digits-at-the-top", "/5", "/5/"))
def test_collections_end_in_a_slash(server, short, whole):
    for method in ("GET", "HEAD"):
        got = server.request(method, PAST + short + "?sort=size")
        eq(got.status, 308)
        eq(got.fields["Location"], PAST + whole + "?sort=size")


@cases(("nothing", "/nothing"), ("nothing-with-a-slash", "/nothing/"), ("no-parent", "/nothing/at/all"), ("below-a-file", "/elsewhere.txt/x"),
       ("digits-and-nothing", "/docs/19/"), ("our-own", "/.samovar/"), ("our-history", "/.samovar/history/"),
       ("itself", "/.samovar/versions/elsewhere.txt/"), ("other-letters", "/.SAMOVAR/history/"))
def test_there_is_nothing(server, path):
    eq(server.get(PAST + path).status, 404)
    eq(propfind(server, PAST + path).status, 404)


@cases(("beside", "/.samovar/version/"), ("longer", "/.samovar/versionsx/"), ("above", "/.samovar/"), ("history", "/.samovar/history/"))
def test_the_server_s_other_addresses_are_not_there(server, path):
    eq(server.get(path).status, 404)


def test_dot_names_where_they_are_denied(server):
    eq(server.get("/hidden/.dot/x").status, 403)
    eq(server.get(PAST + "/hidden/.dot/x/").status, 403)
    eq(json.loads(server.get(PAST + "/hidden/", JSON).body)["members"], [])


# -- following the file

def test_it_follows_the_file_and_goes_with_it(server):
    write(server, "/moving.txt", b"first", b"second")
    [before] = listed(server, "/moving.txt")
    eq(server.request("MOVE", "/moving.txt", {"Destination": "/docs/moved.txt"}).status, 201)
    eq(server.get(before["href"]).status, 404)
    [after] = listed(server, "/docs/moved.txt")
    eq(after["number"], before["number"])
    eq(server.get(after["href"]).body, b"first")
    eq(server.delete("/docs/moved.txt").status, 204)
    eq(server.get(after["href"]).status, 404)
    eq(server.get(PAST + "/docs/moved.txt/").status, 404)
    eq(server.put("/docs/moved.txt", b"another").status, 201)
    eq(listed(server, "/docs/moved.txt"), [])
    eq(server.get(after["href"]).status, 404)


# -- PROPFIND

TYPE, LENGTH, KIND, CHANGED, TAG, BORN, NAME = (D + name for name in ("resourcetype", "getcontentlength", "getcontenttype", "getlastmodified",
                                                                     "getetag", "creationdate", "displayname"))


def is_collection(answer):
    return [child.tag for child in answer.prop(TYPE)] == [D + "collection"]


def test_properties_of_one(server):
    tags = write(server, "/props.txt", b"12345", b"now")
    [href] = addresses(server, "/props.txt")
    got = multistatus(propfind(server, href, prop_body(TYPE, LENGTH, KIND, CHANGED, TAG, BORN, NAME, "{urn:z}other"), depth="infinity"))
    eq(list(got), [href])
    answer = got[href]
    ok(not is_collection(answer), "no collection")
    eq([answer.text(name) for name in (LENGTH, KIND, TAG)], ["5", "text/plain; charset=utf-8", tags[0]])
    eq(answer.text(CHANGED), server.head(href).fields["Last-Modified"])
    ok(answer.text(NAME).startswith("props.txt, 2"), answer.text(NAME))
    eq(answer.names(404), ["{urn:z}other"])
    eq(multistatus(propfind(server, href, ALLPROP))[href].text(TAG), tags[0])
    contains(multistatus(propfind(server, href, PROPNAME))[href].names(), LENGTH)
    eq(propfind(server, href[:-1] + "x").status, 404)


def test_members_of_a_file(server):
    tags = write(server, "/docs/members.txt", b"1", b"22", b"333")
    hrefs = addresses(server, "/docs/members.txt")
    for depth in ("1", "infinity"):
        got = multistatus(propfind(server, PAST + "/docs/members.txt/", prop_body(TYPE, LENGTH, TAG), depth=depth))
        eq(list(got), [PAST + "/docs/members.txt/", *hrefs])
        ok(is_collection(got[PAST + "/docs/members.txt/"]), "a collection")
        eq(got[PAST + "/docs/members.txt/"].names(404), [LENGTH, TAG])
        eq([(got[href].text(LENGTH), got[href].text(TAG)) for href in hrefs], [("2", tags[1]), ("1", tags[0])])
    eq(list(multistatus(propfind(server, PAST + "/docs/members.txt/"))), [PAST + "/docs/members.txt/"])
    got = propfind(server, PAST + "/docs/members.txt")
    eq(list(multistatus(got)), [PAST + "/docs/members.txt/"])
    eq(got.fields["Content-Location"], PAST + "/docs/members.txt/")
    got = propfind(server, PAST + "/docs/members.txt/", depth="1", Prefer="depth-noroot")
    eq(list(multistatus(got)), hrefs)


def test_more_than_one_piece(server):
    """Such an answer is made while it is sent."""
    count = 300
    with server.connect() as conn:
        for number in range(count + 1):
            ok(conn.ask("PUT", "/many/file.txt", body=b"x" * number).status in (201, 204), "stored")
    hrefs = addresses(server, "/many/file.txt")
    eq(len(hrefs), count)
    got = propfind(server, PAST + "/many/file.txt/", ALLPROP, depth="1")
    ok(len(got.body) > 160 * 1024, f"more than one piece: {len(got.body)}")
    eq(list(multistatus(got)), [PAST + "/many/file.txt/", *hrefs])
    eq(multistatus(got)[hrefs[-1]].text(LENGTH), "0")
    eq(server.get(PAST + "/many/file.txt/", {"Accept": "text/html"}).text.count("<tr "), count)


def test_members_of_a_folder(server):
    got = multistatus(propfind(server, PAST + "/docs/", depth="1"))
    contains(got, PAST + "/docs/")
    contains(got, PAST + "/docs/17/")
    contains(got, PAST + "/docs/sub/")
    ok(all(is_collection(answer) for answer in got.values()), "all are collections")
    eq(error_of(propfind(server, PAST + "/docs/", depth="infinity"), 403), "propfind-finite-depth")
    eq(propfind(server, PAST + "/docs/18").status, 308)
    contains(multistatus(propfind(server, PAST + "/", depth="1")), PAST + "/docs/")
    lacks(multistatus(propfind(server, "/", depth="1")), "/.samovar/")


def test_what_is_only_of_now_is_not_told(server):
    names = ["{DAV:}quota-used-bytes", "{DAV:}sync-token", "{DAV:}supported-report-set", "{http://apache.org/dav/props/}executable"]
    eq(props_of(server, PAST + "/docs/", *names).names(404), sorted(names))
    eq(props_of(server, PAST + "/docs/17/", *names).names(404), sorted(names))
    inner = b'<D:propertyupdate xmlns:D="DAV:"><D:set><D:prop><z xmlns="urn:z">1</z></D:prop></D:set></D:propertyupdate>'
    eq(server.request("PROPPATCH", "/docs/17", XML, inner).status, 207)
    eq(props_of(server, PAST + "/docs/17/", "{urn:z}z").names(404), ["{urn:z}z"])
    eq(props_of(server, "/docs/17", "{urn:z}z").names(200), ["{urn:z}z"])


def test_a_wrong_propfind(server):
    href = PAST + "/docs/17/"
    eq(propfind(server, href, depth="7").status, 400)
    eq(propfind(server, href, b"<a").status, 400)
    eq(propfind(server, PAST + "/nothing/", b"<a").status, 404)
    eq(propfind(server, href, If='(["x"])').status, 412)


# -- nothing is changed

def test_what_may_be_done(server):
    write(server, "/allowed.txt", b"1", b"2")
    [href] = addresses(server, "/allowed.txt")
    for path, words in ((href, ["get", "head", "options", "propfind", "copy"]), (PAST + "/docs/", ["get", "head", "options", "propfind"])):
        got = server.request("OPTIONS", path)
        eq(got.status, 200)
        eq(got.fields.words("Allow"), words)
        eq(got.fields.words("DAV"), ["1", "3"])


@cases(*[(method, method) for method in ("PUT", "POST", "PATCH", "DELETE", "MKCOL", "MOVE", "PROPPATCH", "LOCK", "UNLOCK", "REPORT", "TRACE")])
def test_nothing_can_be_changed(server, method):
    write(server, "/still.txt", b"1", b"2")
    for href in (addresses(server, "/still.txt")[-1], PAST + "/still.txt/", PAST + "/new"):
        got = server.request(method, href, {"Destination": "/there.txt", "Lock-Token": "<urn:x>", **JSON}, None if method == "TRACE" else b"x")
        eq(got.status, 405)
        lacks(got.fields.words("Allow"), method.lower())
        contains(json.loads(got.body)["detail"], "COPY it from here")
    eq(server.get(addresses(server, "/still.txt")[-1]).body, b"1")
    ok(not server.exists("new") and not server.exists("there.txt"), "nothing was made")


def test_a_lock_is_no_business_of_its_past(server):
    write(server, "/locked.txt", b"1", b"2")
    eq(server.request("LOCK", "/locked.txt", XML, lockinfo()).status, 200)
    [href] = addresses(server, "/locked.txt")
    eq(server.get(href).status, 200)
    eq(len(props_of(server, href, D + "lockdiscovery").prop(D + "lockdiscovery")), 0)


def test_nothing_stays_open(server):
    write(server, "/open.bin", b"x" * 300000, b"y")
    [href] = addresses(server, "/open.bin")
    before = len(server.fds())
    for i in range(20):
        server.get(href, {"Range": f"bytes={i}-"})
        server.head(href)
        server.get(href, {"If-None-Match": "*"})
        server.get(href, {"If-Match": '"x"'})
        propfind(server, PAST + "/docs/", depth="1")
        propfind(server, PAST + "/open.bin/", depth="1")
        server.get(PAST + "/docs")
        server.request("COPY", href, {"Destination": "/docs/", "Overwrite": "F"})
    wait_for(lambda: len(server.fds()) <= before + 1, f"no descriptor stays open: {server.fds()}")
