"""Conversations as people's clients lead them, with their fields and odd bodies (docs/spec/webdav.md §18)."""

import os

from dav import D, XML, error_of, multistatus
from dav_client import PLAIN_LOCK, Client, client_url, is_webdav, locked
from wire import cases, contains, date_seconds, eq, lacks, obliges, ok, one_of, only_over, own_server

FILES = {f"{folder}/{name}": name.encode() for folder in ("win", "bare", "office", "mac", "old", "gvfs", "kde", "davfs",
                                                         "cadaver") for name in ("a.txt", "b c.txt")}
Z = "{urn:schemas-microsoft-com:}"
APACHE = "{http://apache.org/dav/props/}"


# -- Windows

WIN_LOCK = (b'<?xml version="1.0" encoding="utf-8" ?><D:lockinfo '
            b'xmlns:D="DAV:"><D:lockscope><D:exclusive/></D:lockscope>'
            b"<D:locktype><D:write/></D:locktype><D:owner><D:href>DESKTOP\\ada</D:href></D:owner></D:lockinfo>")
WIN_TIMES = {"CreationTime": "Sun, 22 Nov 2026 10:00:00 GMT", "LastAccessTime": "Sun, 22 Nov 2026 10:00:01 GMT",
             "LastModifiedTime": "Sun, 22 Nov 2026 10:00:02 GMT", "FileAttributes": "00000020"}


def windows(server, version="10.0.22621"):
    return Client(server, "Microsoft-WebDAV-MiniRedir/" + version, translate="f", Pragma="no-cache",
                  **{"Cache_Control": "no-cache"})


def win_times():
    inner = "".join(f"<Z:Win32{name}>{value}</Z:Win32{name}>" for name, value in WIN_TIMES.items())
    return ('<?xml version="1.0" encoding="utf-8" ?><D:propertyupdate xmlns:D="DAV:" '
            'xmlns:Z="urn:schemas-microsoft-com:">'
            f"<D:set><D:prop>{inner}</D:prop></D:set></D:propertyupdate>").encode()


def test_windows_mini_redirector_mounts_from_the_root_down(server):
    client = windows(server)
    got = is_webdav(client.ask("OPTIONS", "/"))
    eq(got.fields["MS-Author-Via"], "DAV")
    for method in "propfind", "lock", "unlock":
        contains(got.fields.words("Allow"), method)
    for target in "/", "/win":
        got = client.ask("PROPFIND", target, {"Depth": "0", "Content-Length": "0"})
        [found] = multistatus(got).values()
        eq([child.tag for child in found.prop(D + "resourcetype")], [D + "collection"])
        eq(found.prop(D + "getlastmodified").attrib, {}, "attributes are disliked there")
        contains(got.body, b'<D:multistatus xmlns:D="DAV:"', "the prefix that all of its versions know")
        lacks(got.body, b"> <", "blanks between elements")
        lacks(got.body.split(b"?>")[-1].strip(), b">\n", "breaks between elements")
    found = multistatus(client.ask("PROPFIND", "/win", {"Depth": "1", "Content-Length": "0"}))
    eq(sorted(found), ["/win/", "/win/a.txt", "/win/b%20c.txt"])
    for name in "/win/desktop.ini", "/win/folder.jpg", "/win/Thumbs.db":
        eq(client.ask("PROPFIND", name, {"Depth": "0", "Content-Length": "0"}).status, 404)


def test_windows_mini_redirector_saves_a_file(server):
    client = windows(server)
    eq(client.ask("PROPFIND", "/win/new.txt", {"Depth": "0"}).status, 404)
    eq(client.ask("PUT", "/win/new.txt", {"Content-Length": "0"}, b"").status, 201)
    got = client.ask("LOCK", "/win/new.txt", {"Timeout": "Second-3600",
                     "Content-Type": 'text/xml; charset="utf-8"'}, WIN_LOCK)
    token = locked(got, 200)
    contains(got.body, b"DESKTOP\\ada")
    contains(got.body, b"Second-3600")
    eq(client.ask("HEAD", "/win/new.txt").fields["Content-Length"], "0")
    patch = {"If": f"({token})", "Content-Type": 'text/xml; charset="utf-8"'}
    names = sorted(Z + "Win32" + name for name in WIN_TIMES)
    [found] = multistatus(client.ask("PROPPATCH", "/win/new.txt", patch, win_times())).values()
    eq(found.names(), names)
    one_of(client.ask("PUT", "/win/new.txt", {"If": f"({token})"}, b"content").status, (200, 204))
    [found] = multistatus(client.ask("PROPPATCH", "/win/new.txt", patch, win_times())).values()
    eq((found.names(), len(found.propstats)), (names, 1))
    eq(client.ask("UNLOCK", "/win/new.txt", {"Lock-Token": token}).status, 204)
    found = client.props("/win/new.txt", *names, D + "getcontentlength")
    eq(found.text(Z + "Win32LastModifiedTime"), WIN_TIMES["LastModifiedTime"])
    eq(found.text(Z + "Win32FileAttributes"), "00000020")
    eq(found.text(D + "getcontentlength"), "7")
    eq(server.read("win/new.txt"), b"content")


@obliges("DAV-C11", "DAV-115")
def test_windows_xp_unlocks_with_a_bare_token(server):
    """Depth is not said either: a file is locked, whatever it means."""
    client = windows(server, "5.1.2600")
    got = client.ask("LOCK", "/bare/a.txt",
                     {"Timeout": "Infinite, Second-4100000000", "Content-Type": "text/xml"}, WIN_LOCK)
    token = locked(got, 200)
    contains(got.body, b"<D:depth>infinity</D:depth>")
    lacks(got.body, b"lockroot", "an element it ends at")
    eq(client.ask("UNLOCK", "/bare/a.txt", {"Lock-Token": token.strip("<>")}).status, 204)
    eq(server.put("/bare/a.txt", b"free").status, 204)


@obliges("DAV-014")
@cases(("cut off", WIN_LOCK[:-20]), ("unbound", WIN_LOCK.replace(b' xmlns:D="DAV:"', b"")),
       ("closed wrongly", WIN_LOCK.replace(b"</D:href></D:owner>", b"</D:owner></D:href>")), ("no xml", b"\0" * 40))
def test_windows_11_locks_with_xml_that_is_none(server, body):
    """For an exclusive lock without owner; anybody else is told (400), and nothing is forgiven but the XML's form."""
    client = windows(server, "10.0.26100")
    fields = {"Timeout": "Second-3600", "Content-Type": 'text/xml; charset="utf-8"'}
    got = client.ask("LOCK", "/win/a.txt", fields, body)
    token = locked(got, 200)
    contains(got.body, b"<D:exclusive/>")
    lacks(got.body, b"D:owner>")
    eq(server.put("/win/a.txt", b"x").status, 423)
    eq(client.ask("LOCK", "/win/a.txt", fields, body).status, 423)
    eq(client.ask("UNLOCK", "/win/a.txt", {"Lock-Token": token}).status, 204)
    eq(server.request("LOCK", "/win/a.txt", fields, body).status, 400)
    eq(Client(server, "Mozilla/5.0 Microsoft-WebDAV-MiniRedir/10").ask("LOCK", "/win/a.txt", fields, body).status, 400)
    eq(client.ask("LOCK", "/win/a.txt", fields, WIN_LOCK.replace(b"D:write", b"D:read")).status, 422)
    eq(client.ask("LOCK", "/win/a.txt", {**fields, "Content-Type": "image/png"}, body).status, 415)
    eq(client.ask("PROPPATCH", "/win/a.txt", fields, body).status, 400)
    eq(server.put("/win/a.txt", b"a.txt").status, 204)


def test_windows_explorer_renames_and_deletes(server):
    client = windows(server)
    server.write("win/r/old.txt", b"o")
    to = {"Destination": client_url(server, "/win/r/new%20name.txt"), "Overwrite": "F"}
    eq(client.ask("MOVE", "/win/r/old.txt", to).status, 201)
    eq(client.ask("MKCOL", "/win/r/New%20folder", {"Content-Length": "0"}).status, 201)
    eq(client.ask("PROPPATCH", "/win/r/New%20folder", {"Content-Type": "text/xml"}, win_times()).status, 207)
    to["Destination"] = to["Destination"].replace("new%20name.txt", "Holidays")
    eq(client.ask("MOVE", "/win/r/New%20folder", to).status, 201)
    eq(client.ask("DELETE", "/win/r/Holidays").status, 204)
    eq(server.names("win/r"), ["new name.txt"])


def test_microsoft_office_edits_a_document(server):
    client = Client(server, "Microsoft Office Word 2014", X_Office_Major_Version="15", X_MS_CookieUri_Requested="t",
                    X_FeatureVersion="1", X_MSGETWEBURL="t", Accept_Auth="badger,Wlid1.1,Bearer")
    for target in "/", "/office/":
        got = is_webdav(Client(server, "Microsoft Office Protocol Discovery").ask("OPTIONS", target))
        eq(got.fields["MS-Author-Via"], "DAV")
        eq(client.ask("PROPFIND", target, {"Depth": "0"}).status, 207)
    eq(client.ask("HEAD", "/office/").status, 200, "HEAD of a folder")
    eq(Client(server, "Microsoft Office Existence Discovery").ask("HEAD", "/office/a.txt").status, 200)
    token = locked(client.ask("LOCK", "/office/a.txt", {"Timeout": "Second-3600", "Depth": "0", **XML},
                              PLAIN_LOCK), 200)
    got = client.ask("GET", "/office/a.txt", {"translate": "f"})
    eq((got.status, got.body), (200, b"a.txt"))
    contains(got.fields.words("Cache-Control"), "no-cache")
    eq(client.ask("PUT", "/office/a.txt", {"If": f"({token})"}, b"edited").status, 204)
    got = client.ask("LOCK", "/office/a.txt", {"If": f"({token})", "Timeout": "Second-3600"})
    eq(got.status, 200, "the lock refreshed")
    lacks(got.fields, "Lock-Token")
    contains(got.body, token.strip("<>").encode())
    eq(client.ask("HEAD", "/office/a.txt").fields["Content-Length"], "6")
    eq(error_of(client.ask("PROPPATCH", "/office/a.txt", {"Content-Type": "text/xml"}, win_times()), 423),
       "lock-token-submitted")
    eq(client.ask("PROPPATCH", "/office/a.txt",
       {"Content-Type": "text/xml", "If": f"({token})"}, win_times()).status, 207)
    eq(client.ask("UNLOCK", "/office/a.txt", {"Lock-Token": token}).status, 204)


def test_microsoft_office_of_old_is_told_no_lockroot(server):
    client = Client(server, "Microsoft Data Access Internet Publishing Provider DAV 1.1")
    got = client.ask("LOCK", "/office/b%20c.txt", {"Depth": "0", "Content-Type": "text/xml"}, PLAIN_LOCK)
    token = locked(got, 200)
    lacks(got.body, b"lockroot")
    got = client.ask("PROPFIND", "/office/b%20c.txt", {"Depth": "0"})
    contains(got.body, b"activelock")
    lacks(got.body, b"lockroot")
    eq(client.ask("UNLOCK", "/office/b%20c.txt", {"Lock-Token": token}).status, 204)
    contains(server.request("PROPFIND", "/office/", {"Depth": "0"}).body, b"supportedlock")


# -- Apple

MAC_LOCK = (b'<?xml version="1.0" encoding="utf-8"?>\n<D:lockinfo '
            b'xmlns:D="DAV:">\n<D:lockscope><D:exclusive/></D:lockscope>\n'
            b"<D:locktype><D:write/></D:locktype>\n<D:owner>\n<D:href>http://www.apple.com/webdav_fs/</D:href>\n"
            b"</D:owner>\n"
            b"</D:lockinfo>\n")
QUOTAS = [D + name for name in ("quota-available-bytes", "quota-used-bytes", "quota", "quotaused")]


def finder(server):
    return Client(server, "WebDAVFS/3.0.0 (03008000) Darwin/22.6.0 (arm64)", Accept="*/*",
                  Accept_Language="en-GB,en;q=0.9")


def test_macos_finder_mounts_and_looks_for_quotas_and_shadows(server):
    client = finder(server)
    is_webdav(client.ask("OPTIONS", "/mac/"))
    found = client.props("/mac/", D + "getlastmodified", D + "getcontentlength", D + "creationdate", D + "resourcetype",
                         depth="1")
    eq(sorted(found), ["/mac/", "/mac/a.txt", "/mac/b%20c.txt"])
    found = client.props("/mac/", *QUOTAS)
    for name in QUOTAS:
        ok(found.text(name).isdigit(), f"{name} is a number")
    for name in "._a.txt", ".DS_Store", ".hidden", ".metadata_never_index", "._.", "Contents", ".Spotlight-V100":
        eq(client.ask("PROPFIND", "/mac/" + name, {"Depth": "0"}).status, 404)
        eq(client.ask("GET", "/mac/" + name).status, 404)
    eq(client.ask("GET", "/mac/a.txt").fields["Content-Length"], "5")


@only_over("h1", "tls", why="HTTP/2 has no chunks")
def test_macos_finder_saves_a_file_in_chunks(server):
    client = finder(server)
    eq(client.ask("PUT", "/mac/new.txt", {"Content-Length": "0"}, b"").status, 201)
    got = client.ask("LOCK", "/mac/new.txt", {"Depth": "0", "Timeout": "Second-600",
                                              "Content-Type": 'text/xml; charset="utf-8"'}, MAC_LOCK)
    token = locked(got, 200)
    contains(got.body, b"http://www.apple.com/webdav_fs/")
    fields = {**client.fields, "Transfer-Encoding": "chunked", "X-Expected-Entity-Length": "70000", "If": f"({token})"}
    with server.connect() as conn:
        got = conn.ask("PUT", "/mac/new.txt", fields, b"m" * 70000)
    one_of(got.status, (200, 204))
    eq(server.read("mac/new.txt"), b"m" * 70000)
    got = client.ask("LOCK", "/mac/new.txt", {"If": f"({token})", "Timeout": "Second-600"})
    eq(got.status, 200)
    contains(got.body, b"Second-600")
    eq(client.ask("UNLOCK", "/mac/new.txt", {"Lock-Token": token}).status, 204)
    eq(client.props("/mac/new.txt", D + "getcontentlength").text(D + "getcontentlength"), "70000")
    eq(client.ask("PUT", "/mac/._new.txt", {"Content-Length": "4"}, b"\0\5\x16\7").status, 201)
    eq(client.ask("DELETE", "/mac/._new.txt").status, 204)


def test_macos_finder_is_told_no_date_before_1970(server):
    os.utime(server.path("old/a.txt"), (-86400 * 3650, -86400 * 3650))
    os.utime(server.path("old"), (-5, -5))
    client = finder(server)
    found = client.props("/old/", D + "getlastmodified", D + "creationdate", depth="1")
    for answer in found.values():
        ok(date_seconds(answer.text(D + "getlastmodified")) >= 0, "the modification")
        ok(answer.text(D + "creationdate") >= "1970", "the creation")
    ok(date_seconds(client.ask("GET", "/old/a.txt").fields["Last-Modified"]) >= 0, "the field")


@own_server("--user", "ada:secret", files={"f.txt": b"f"})
def test_macos_and_windows_see_webdav_before_they_log_in(server):
    for got in finder(server).ask("OPTIONS", "/"), windows(server).ask("OPTIONS", "/"):
        eq(got.status, 401)
        contains(got.fields.words("DAV"), "2")
        eq(got.fields["MS-Author-Via"], "DAV")


# -- free desktops

def test_gnome_gvfs_climbs_to_the_root_and_writes(server):
    client = Client(server, "gvfs/1.50.3", Accept_Language="de, en;q=0.9", Connection="Keep-Alive")
    names = [D + name for name in ("creationdate", "displayname", "getcontentlength", "getcontenttype", "getetag",
                                   "getlastmodified", "resourcetype")]
    for target in "/gvfs/", "/gvfs", "/":
        is_webdav(client.ask("OPTIONS", target), "1")
        client.props(target, *names, **{"Apply-To-Redirect-Ref": "T"})
    found = client.props("/gvfs/", *names, depth="1")
    eq(sorted(found), ["/gvfs/", "/gvfs/a.txt", "/gvfs/b%20c.txt"])
    client.props("/gvfs/", D + "quota-available-bytes", D + "quota-used-bytes").text(D + "quota-used-bytes")
    with server.connect() as conn:  # an empty file: no content, and no word of how long it is
        conn.request("PUT", "/gvfs/empty.txt", {**client.fields, "If-None-Match": "*"}, None)
        eq(conn.read("PUT").status, 201)
    eq(server.read("gvfs/empty.txt"), b"")
    etag = client.ask("GET", "/gvfs/empty.txt").etag
    one_of(client.ask("PUT", "/gvfs/empty.txt", {"If-Match": etag}, b"no more").status, (200, 204))
    to = {"Destination": client_url(server, "/gvfs/(moved)%C3%A4"), "Overwrite": "F"}
    eq(client.ask("MOVE", "/gvfs/empty.txt", to).status, 201)
    eq(client.ask("MOVE", "/gvfs/a.txt", to).status, 412)
    contains(client.props("/gvfs/", D + "resourcetype", depth="1"), "/gvfs/(moved)%C3%A4")
    eq(client.ask("MKCOL", "/gvfs/dir").status, 201)
    to["Destination"] = to["Destination"].replace("(moved)%C3%A4", "dir2")
    eq(client.ask("MOVE", "/gvfs/dir", to).status, 201, "a folder without its slash")
    eq(client.ask("DELETE", "/gvfs/dir2").status, 204)


def test_kde_kio_asks_for_locks_and_rights_in_one(server):
    client = Client(server, "Mozilla/5.0 (X11; Linux x86_64) KIO/5.103 Konqueror/22.12", Connection="keep-alive")
    body = (b'<?xml version="1.0" encoding="utf-8" ?><D:propfind xmlns:D="DAV:"><D:prop><D:creationdate/>'
            b"<D:getcontentlength/><D:displayname/><D:source/><D:getcontentlanguage/><D:getcontenttype/><D:executable/>"
            b"<D:getlastmodified/><D:getetag/><D:supportedlock/><D:lockdiscovery/><D:resourcetype/></D:prop>"
            b"</D:propfind>")
    got = client.ask("PROPFIND", "/kde/", {"Depth": "1", "Content-Type": "text/xml; charset=utf-8"}, body)
    found = multistatus(got)["/kde/a.txt"]
    eq(len(found.prop(D + "supportedlock")), 2, "exclusive and shared: the file may be written")
    eq(found.text(D + "getcontentlength"), "5")
    contains(found.names(404), D + "executable")
    to = {"Overwrite": "T", "Depth": "infinity"}  # webdav: in Destination is rewritten by itself
    eq(client.ask("COPY", "/kde/a.txt", {**to, "Destination": client_url(server, "/kde/x")}).status, 201)
    eq(client.ask("MOVE", "/kde/x", {**to, "Destination": client_url(server, "/kde/a.txt")}).status, 204)
    eq(server.names("kde"), ["a.txt", "b c.txt"])


def test_davfs2_locks_what_is_not_there_and_puts_if_match(server):
    client = Client(server, "davfs2/1.6.1 neon/0.32.2", Connection="TE", TE="trailers")
    is_webdav(client.ask("OPTIONS", "/davfs/"))
    names = [D + name for name in ("getetag", "getcontentlength", "creationdate", "getlastmodified", "resourcetype")]
    found = client.props("/davfs/", *names, APACHE + "executable", depth="1")
    one_of(found["/davfs/a.txt"].text(APACHE + "executable"), "TF")
    client.props("/davfs/", *QUOTAS[:2]).text(D + "quota-available-bytes")
    body = (b'<?xml version="1.0" encoding="utf-8"?>\n<lockinfo xmlns=\'DAV:\'>\n <lockscope><exclusive/></lockscope>\n'
            b"<locktype><write/></locktype><owner>root</owner>\n</lockinfo>\n")
    got = client.ask("LOCK", "/davfs/new.txt", {"Depth": "0", "Timeout": "Second-1800", **XML}, body)
    token = locked(got, 201)
    etag = client.ask("HEAD", "/davfs/new.txt", {"If": f"<{client_url(server, '/davfs/new.txt')}> ({token})"}).etag
    fields = {"If": f"<{client_url(server, '/davfs/new.txt')}> ({token})", "If-Match": etag, "Expect": "100-continue"}
    got = client.ask("PUT", "/davfs/new.txt", fields, b"written")
    one_of(got.status, (200, 204))
    eq(client.ask("PUT", "/davfs/new.txt", fields, b"again").status, 412, "that tag is over")
    after = got.fields.get("ETag") or client.ask("HEAD", "/davfs/new.txt").etag
    eq(client.props("/davfs/new.txt", D + "getetag").text(D + "getetag"), after)
    eq(client.ask("GET", "/davfs/new.txt", {"If-None-Match": after}).status, 304)
    patch = (b"<?xml version='1.0' encoding='utf-8'?><propertyupdate xmlns='DAV:'><set><prop>"
             b"<executable xmlns='http://apache.org/dav/props/'>T</executable></prop></set></propertyupdate>")
    [found] = multistatus(client.ask("PROPPATCH", "/davfs/new.txt", {**fields, "If-Match": after}, patch)).values()
    eq(found.names(), [APACHE + "executable"])
    eq(client.ask("LOCK", "/davfs/new.txt", {"If": f"({token})", "Timeout": "Second-1800"}).status, 200)
    eq(client.ask("UNLOCK", "/davfs/new.txt", {"Lock-Token": token}).status, 204)
    eq(server.read("davfs/new.txt"), b"written")


def test_cadaver_asks_names_and_locks_at_both_depths(server):
    client = Client(server, "cadaver/0.24 neon/0.32.2", Connection="TE", TE="trailers")
    body = b'<?xml version="1.0" encoding="utf-8"?>\n<propfind xmlns="DAV:"><propname/></propfind>\n'
    [found] = multistatus(client.ask("PROPFIND", "/cadaver/a.txt", {"Depth": "0"}, body)).values()
    contains(found.names(), D + "getetag")
    patch = (b'<?xml version="1.0" encoding="utf-8" ?>\n<D:propertyupdate xmlns:D="DAV:"><D:set><D:prop>'
             b'<NS:mood xmlns:NS="http://webdav.org/cadaver/custom-properties/">calm</NS:mood></D:prop></D:set>'
             b"</D:propertyupdate>\n")
    eq(client.ask("PROPPATCH", "/cadaver/a.txt", {}, patch).status, 207)
    eq(client.props("/cadaver/a.txt", "{http://webdav.org/cadaver/custom-properties/}mood")
       .text("{http://webdav.org/cadaver/custom-properties/}mood"), "calm")
    for depth, target in ("0", "/cadaver/a.txt"), ("infinity", "/cadaver/"):
        token = locked(client.ask("LOCK", target, {"Depth": depth}, PLAIN_LOCK), 200)
        eq(server.put("/cadaver/a.txt", b"x").status, 423)
        eq(client.ask("UNLOCK", target, {"Lock-Token": token}).status, 204)
    token = locked(server.request("LOCK", "/cadaver/a.txt", {}, PLAIN_LOCK), 200)
    got = client.ask("DELETE", "/cadaver/")
    eq({href: answer.status for href, answer in multistatus(got).items()}, {"/cadaver/a.txt": 423})
    eq(server.request("UNLOCK", "/cadaver/a.txt", {"Lock-Token": token}).status, 204)
