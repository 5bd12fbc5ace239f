"""Conversations as programs that synchronise and keep files lead them (docs/spec/webdav.md §18)."""

import hashlib

from dav import D, multistatus
from dav_client import PLAIN_LOCK, Client, client_url, is_webdav, locked
from wire import cases, contains, date_seconds, eq, lacks, obliges, ok, one_of, own_server

FILES = {f"{folder}/{name}": name.encode() for folder in ("rclone", "duck", "npm", "joplin", "sync")
         for name in ("a.txt", "b c.txt")}

def test_rclone_makes_folders_with_slashes_and_wants_exact_answers(server):
    client = Client(server, "rclone/v1.60.1-DEV", Referer=client_url(server, "/rclone/"))
    eq(client.ask("MKCOL", "/rclone/x/y/z/").status, 409, "the parents are missing: it makes them")
    for target in "/rclone/x/", "/rclone/x/y/", "/rclone/x/y/z/":
        eq(client.ask("MKCOL", target).status, 201)
    eq(client.ask("MKCOL", "/rclone/x/y/").status, 405, "it is there: fine")
    token = locked(client.ask("LOCK", "/rclone/x/y/z/", {"Depth": "infinity"}, PLAIN_LOCK), 200)
    eq(client.ask("MKCOL", "/rclone/x/y/z/in/").status, 423, "tried again")
    eq(client.ask("UNLOCK", "/rclone/x/y/z/", {"Lock-Token": token}).status, 204)
    to = {"Destination": client_url(server, "/rclone/moved/"), "Overwrite": "T"}
    eq(client.ask("MOVE", "/rclone/x/y/", to).status, 201)
    eq(client.ask("COPY", "/rclone/a.txt",
       {**to, "Destination": client_url(server, "/rclone/moved/c.txt")}).status, 201)
    body = (b'<?xml version="1.0"?>\n<d:propfind  xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns" '
            b'xmlns:nc="http://nextcloud.org/ns">\n <d:prop>\n  <d:displayname />\n  <d:getlastmodified />\n  '
            b"<d:getcontentlength />\n  <d:resourcetype />\n  <d:getcontenttype />\n  <oc:checksums />\n  "
            b"<oc:permissions />\n </d:prop>\n</d:propfind>\n")
    got = client.ask("PROPFIND", "/rclone/moved/", {"Depth": "1"}, body)
    contains(got.body, b"<D:status>HTTP/1.1 200 OK</D:status>")
    eq(sorted(multistatus(got)), ["/rclone/moved/", "/rclone/moved/c.txt", "/rclone/moved/z/"])
    about = (b'<?xml version="1.0" ?>\n<D:propfind xmlns:D="DAV:">\n <D:prop>\n  <D:quota-available-bytes/>\n  '
             b"<D:quota-used-bytes/>\n </D:prop>\n</D:propfind>\n")
    [found] = multistatus(client.ask("PROPFIND", "/rclone/", {"Depth": "0"}, about)).values()
    ok(int(found.text(D + "quota-available-bytes")) > 0, "room")
    eq(client.ask("DELETE", "/rclone/moved/").status, 204)
    eq(client.ask("DELETE", "/rclone/moved/").status, 404)


OC_SUMS = "{http://owncloud.org/ns}checksums"


def test_rclone_for_owncloud_keeps_times_and_checksums(server):
    client = Client(server, "rclone/v1.60.1-DEV")
    sum_of = hashlib.sha1(b"timed").hexdigest()
    fields = {"X-OC-Mtime": "1234567890.123456789", "OC-Checksum": "SHA1:" + sum_of}
    got = client.ask("PUT", "/rclone/timed.txt", fields, b"timed")
    eq((got.status, got.fields["X-OC-Mtime"]), (201, "accepted"))
    found = client.props("/rclone/timed.txt", D + "getlastmodified", OC_SUMS)
    eq(date_seconds(found.text(D + "getlastmodified")), 1234567890)
    [told] = found.prop(OC_SUMS)
    eq(told.text.split(), ["SHA1:" + sum_of, "MD5:" + hashlib.md5(b"timed").hexdigest()])
    eq(client.ask("PUT", "/rclone/timed.txt", {"OC-Checksum": "SHA1:" + sum_of}, b"damaged").status, 400)
    eq(server.read("rclone/timed.txt"), b"timed")
    server.write("rclone/timed.txt", b"by another program")
    eq(client.props("/rclone/timed.txt", OC_SUMS).names(404), [OC_SUMS], "a sum of what is no longer there")


def test_cyberduck_sets_its_own_properties_beside_an_empty_remove(server):
    client = Client(server, "Cyberduck/8.7.0 (Mac OS X/13.5) (aarch64)")
    sar = "{SAR:}"
    body = (b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><D:propertyupdate xmlns:D="DAV:"><D:set><D:prop>'
            b'<s:lastmodified xmlns:s="SAR:">Sun, 22 Nov 2026 10:00:00 GMT</s:lastmodified></D:prop></D:set>'
            b"<D:remove><D:prop/></D:remove></D:propertyupdate>")
    [found] = multistatus(client.ask("PROPPATCH", "/duck/a.txt",
                          {"Content-Type": "text/xml; charset=UTF-8"}, body)).values()
    eq((found.names(), len(found.propstats)), ([sar + "lastmodified"], 1))
    body = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><propfind xmlns="DAV:"><allprop/></propfind>'
    got = client.ask("PROPFIND", "/duck/", {"Depth": "1", "Content-Type": "text/xml; charset=UTF-8"}, body)
    eq(multistatus(got)["/duck/a.txt"].text(sar + "lastmodified"), "Sun, 22 Nov 2026 10:00:00 GMT")


def test_joplin_sends_a_tag_without_quotes_with_everything(server):
    client = Client(server, "Joplin/1.0", **{"If_None_Match": "JoplinIgnore-1700000000000"})
    body = (b'<?xml version="1.0" encoding="UTF-8"?>\n<d:propfind xmlns:d="DAV:"><d:prop '
            b'xmlns:oc="http://owncloud.org/ns">'
            b"<d:getlastmodified/><d:resourcetype/></d:prop></d:propfind>")
    found = multistatus(client.ask("PROPFIND", "/joplin/", {"Depth": "1"}, body))
    eq(sorted(found), ["/joplin/", "/joplin/a.txt", "/joplin/b%20c.txt"])
    for answer in found.values():
        eq(answer.names(404), [])
        date_seconds(answer.text(D + "getlastmodified"))
    eq(client.ask("PROPFIND", "/joplin/none.md", {"Depth": "0"}, body).status, 404)
    one_of(client.ask("MKCOL", "/joplin/.sync/").status, (201,))
    eq(client.ask("PUT", "/joplin/n.md", {"Content-Type": "text/plain"}, b"note").status, 201)
    eq(client.ask("PUT", "/joplin/n.md", {"Content-Type": "text/plain"}, b"note 2").status, 204)
    eq(server.get("/joplin/n.md").body, b"note 2")
    eq(client.ask("DELETE", "/joplin/n.md").status, 204)
    eq(server.get("/joplin/n.md").status, 404)


def test_zotero_verifies_its_folder(server):
    client = Client(server, "Mozilla/5.0 (X11; Linux x86_64) Zotero/6.0.27")
    is_webdav(client.ask("OPTIONS", "/zotero/"), "1")
    body = b"<propfind xmlns='DAV:'><prop><getcontentlength/></prop></propfind>"
    fields = {"Depth": "0", "Content-Type": "text/xml; charset=utf-8"}
    eq(client.ask("PROPFIND", "/zotero/", fields, body).status, 404)
    eq(client.ask("MKCOL", "/zotero/").status, 201)
    eq(client.ask("PROPFIND", "/zotero/", fields, body).status, 207)
    eq(client.ask("GET", "/zotero/nonexistent.prop").status, 404)
    one_of(client.ask("PUT", "/zotero/zotero-test-file.prop", {}, b" ").status, (200, 201, 204))
    eq(client.ask("GET", "/zotero/zotero-test-file.prop").status, 200)
    one_of(client.ask("DELETE", "/zotero/zotero-test-file.prop").status, (200, 204))
    eq(client.ask("GET", "/zotero/zotero-test-file.prop").status, 404)


def test_keepass_writes_beside_and_moves_over_it(server):
    client = Client(server, "KeePass/2.54")
    server.write("sync/db.kdbx", b"old")
    first = server.get("/sync/db.kdbx").etag
    eq(client.ask("PUT", "/sync/db.kdbx.tmp", {}, b"new database").status, 201)
    to = {"Destination": client_url(server, "/sync/db.kdbx")}
    eq(client.ask("MOVE", "/sync/db.kdbx.tmp", {**to, "Overwrite": "F"}).status, 412)
    eq(client.ask("MOVE", "/sync/db.kdbx.tmp", {**to, "Overwrite": "T"}).status, 204)
    eq(server.names("sync"), ["a.txt", "b c.txt", "db.kdbx"])
    got = client.ask("GET", "/sync/db.kdbx")
    eq(got.body, b"new database")
    ok(got.etag != first, "another tag: it was written")
    eq(client.ask("PUT", "/sync/db.kdbx.tmp", {}, b"newer").status, 201)
    eq(client.ask("DELETE", "/sync/db.kdbx").status, 204)
    eq(client.ask("MOVE", "/sync/db.kdbx.tmp", to).status, 201)


def test_keeweb_moves_over_it_only_if_it_is_what_it_read(server):
    """With If, which may speak of the destination."""
    client = Client(server, "Mozilla/5.0 (KeeWeb)")
    server.write("sync/kw.kdbx", b"old", 1e9)
    tag = server.get("/sync/kw.kdbx").etag
    eq(client.ask("PUT", "/sync/kw.tmp", {}, b"mine").status, 201)
    to = {"Destination": client_url(server, "/sync/kw.kdbx"),
          "If": f"<{client_url(server, '/sync/kw.kdbx')}> ([{tag}])"}
    server.put("/sync/kw.kdbx", b"somebody else")
    eq(client.ask("MOVE", "/sync/kw.tmp", to).status, 412)
    eq(server.read("sync/kw.kdbx"), b"somebody else")
    tag = server.get("/sync/kw.kdbx").etag
    to["If"] = f"<{client_url(server, '/sync/kw.kdbx')}> ([{tag}])"
    eq(client.ask("MOVE", "/sync/kw.tmp", to).status, 204)
    eq(server.read("sync/kw.kdbx"), b"mine")


def test_npm_webdav_calls_xml_text_and_puts_if_nothing_is_there(server):
    client = Client(server, "webdav-client/5.11.0", Accept="text/plain,application/xml")
    got = client.ask("PROPFIND", "/npm", {"Depth": "1"})
    eq(sorted(multistatus(got)), ["/npm/", "/npm/a.txt", "/npm/b%20c.txt"])
    fields = {"If-None-Match": "*", "Content-Type": "application/octet-stream"}
    eq(client.ask("PUT", "/npm/a.txt", fields, b"x").status, 412)
    eq(client.ask("PUT", "/npm/new.txt", fields, b"x").status, 201)
    token = locked(client.ask("LOCK", "/npm/a.txt", {"Content-Type": "text/plain;charset=UTF-8", "Timeout": "Infinite, "
                                                     "Second-4100000000"}, PLAIN_LOCK), 200)
    eq(client.ask("UNLOCK", "/npm/a.txt", {"Lock-Token": token}).status, 204)
    to = {"Destination": client_url(server, "/npm/moved.txt")}
    eq(client.ask("MOVE", "/npm/new.txt", to).status, 201)
    eq(client.ask("COPY", "/npm/a.txt", {**to, "Overwrite": "F"}).status, 412)
    eq(client.ask("GET", "/npm/moved.txt", {"Range": "bytes=0-0"}).status, 206)


@obliges("DAV-022")
@cases(("little end", "utf-16-le", b"\xff\xfe"), ("big end", "utf-16-be", b"\xfe\xff"))
def test_bitkinex_writes_xml_in_utf_16(server, coding, mark):
    client = Client(server, "BitKinex/3.2.3")
    body = ('<?xml version="1.0" encoding="utf-16" ?><propfind xmlns="DAV:"><prop><getlastmodified/><getcontentlength/>'
            "<resourcetype/></prop></propfind>")
    got = client.ask("PROPFIND", "/sync/", {"Depth": "1", "Content-Type": "text/xml"}, mark + body.encode(coding))
    eq(multistatus(got)["/sync/a.txt"].text(D + "getcontentlength"), "5")
    body = ('<?xml version="1.0" encoding="utf-16" ?><lockinfo '
            'xmlns="DAV:"><lockscope><exclusive/></lockscope><locktype>'
            "<write/></locktype><owner>Zo\u00eb \U0001F375</owner></lockinfo>")
    got = client.ask("LOCK", "/sync/a.txt", {"Content-Type": "text/xml"}, mark + body.encode(coding))
    token = locked(got, 200)
    contains(got.body, "Zo\u00eb \U0001F375".encode())
    eq(client.ask("UNLOCK", "/sync/a.txt", {"Lock-Token": token}).status, 204)


def test_ios_network_library_adds_if_none_match_to_propfind(server):
    client = Client(server, "Documents/8.0 CFNetwork/1410.0.3 Darwin/22.6.0")
    tag = server.get("/sync/a.txt").etag
    eq(client.ask("PROPFIND", "/sync/a.txt", {"Depth": "0", "If-None-Match": tag}).status, 207)
    eq(client.ask("PROPFIND", "/sync/", {"Depth": "1", "If-None-Match": "*"}).status, 207)


READERS = """
listen = { "127.0.0.1:0" }
site "s" {
    root = "{root}"
    at "/" { allow "*" { rights = { "read" } } }
}
"""


@own_server(config=READERS, files={"f.txt": b"f"})
def test_transmit_and_libreoffice_see_by_supportedlock_what_may_be_written(server):
    found = Client(server, "Transmit/5.9").props("/f.txt", D + "supportedlock")
    eq(len(found.prop(D + "supportedlock")), 0)
    lacks(Client(server, "LibreOffice/7.4").ask("OPTIONS", "/f.txt").fields.words("DAV"), "2")


def test_nextcloud_finds_hrefs_that_begin_as_it_asked(server):
    """Whatever form was asked in, one spelling comes back, and each href asked for again is the same resource."""
    client = Client(server, "Mozilla/5.0 (Linux) mirall/3.7.3")
    server.write("sync/sp ace/f(1)&'.txt", b"f")
    found = client.props("/sync/sp%20ace/", D + "getetag", depth="1")
    [href] = [href for href in found if href != "/sync/sp%20ace/"]
    ok(href.startswith("/sync/sp%20ace/f(1)"), href)
    eq(client.props(href, D + "getetag").href, href)
