"""policy.md §7: the extension *integrity*: digests of content (RFC 9530), sent and verified; and of plain requests."""

import base64
import hashlib

from wire import cases, chunked, contains, eq, head_of, obliges, ok, own_server

LARGE = bytes(range(256)) * 4096 * 2  # 2 MiB, which are not sent from memory
FILES = {"doc": b"a document", "large": LARGE, "empty": b"", "folder/x": b"x"}
CONFIG = '''listen = { "127.0.0.1:0" }
site "s" {
  root = "{root}"
  allow-write = anyone
  extensions = on
}
'''
MAN = {"Man": '"urn:samovar:ext:integrity"'}


def digest(data, kind="sha-256"):
    made = hashlib.new(kind.replace("-", ""), data).digest()
    return "%s=:%s:" % (kind, base64.b64encode(made).decode())


def get(server, path, fields=()):
    got = server.request("M-GET", path, {**MAN, **dict(fields)})
    eq(got.fields.all("Ext"), [""], "Ext")
    return got


# ---- answers ----------------------------------------------------------------------------------------


@obliges("POL-70")
@cases(("small", "doc"), ("large", "large"), ("empty", "empty"))
def test_a_whole_file_has_both_digests(server, name):
    got = get(server, "/" + name)
    eq(got.status, 200)
    eq(got.body, FILES[name])
    eq(got.fields["Repr-Digest"], digest(FILES[name]))
    eq(got.fields["Content-Digest"], digest(FILES[name]))


@obliges("RNG-39")
@cases(("small", "doc", "bytes=2-5"), ("large", "large", "bytes=100-1000000"), ("suffix", "large", "bytes=-7"))
def test_a_part_has_the_digest_of_the_whole_and_its_own(server, name, ranges):
    got = get(server, "/" + name, {"Range": ranges})
    eq(got.status, 206)
    eq(got.fields["Repr-Digest"], digest(FILES[name]))
    eq(got.fields["Content-Digest"], digest(got.body))


@obliges("RNG-39")
def test_several_parts_have_the_digest_of_the_multipart(server):
    got = get(server, "/large", {"Range": "bytes=0-9, 100000-300000"})
    eq(got.status, 206)
    contains(got.fields["Content-Type"], "multipart/byteranges")
    eq(got.fields["Repr-Digest"], digest(LARGE))
    eq(got.fields["Content-Digest"], digest(got.body))


def test_head_has_the_digest_of_the_file(server):
    got = server.raw(head_of("M-HEAD", "/large", MAN), method="HEAD")
    eq(got.status, 200)
    eq(got.fields["Repr-Digest"], digest(LARGE))
    ok("Content-Digest" not in got.fields, "there is no content")


def test_not_modified_has_none(server):
    etag = server.get("/doc").etag
    got = get(server, "/doc", {"If-None-Match": etag})
    eq(got.status, 304)


def test_a_plain_get_has_none(server):
    for _ in range(6):
        ok("Repr-Digest" not in server.get("/doc").fields, "nobody asked for it")
        eq(get(server, "/doc").fields["Repr-Digest"], digest(b"a document"))


def test_a_listing_is_made_while_it_is_sent(server):
    eq(get(server, "/folder/").status, 200)


def test_it_is_of_the_version_that_is_sent(server):
    for step in range(20):
        content = b"%d" % step * 3000
        server.write("changing", content)
        got = get(server, "/changing")
        eq(got.fields["Repr-Digest"], digest(got.body))
        eq(got.body, content)


# ---- requests ---------------------------------------------------------------------------------------


@obliges("POL-93")
@cases(("Content-Digest", "Content-Digest", "sha-256"), ("Repr-Digest", "Repr-Digest", "sha-256"),
       ("sha-512", "Repr-Digest", "sha-512"))
def test_content_that_matches_is_stored(server, field, kind):
    name = "put-%s-%s" % (field, kind)
    got = server.request("M-PUT", "/" + name, {**MAN, field: digest(b"content", kind)}, b"content")
    eq((got.status, got.fields.all("Ext")), (201, [""]))
    eq(server.read(name), b"content")
    got = server.request("M-PUT", "/" + name, {**MAN, field: digest(b"more", kind)}, b"more")
    eq(got.status, 204)
    eq(got.fields["Repr-Digest"], digest(b"more", kind))


def test_large_content_in_chunks_is_verified_as_it_comes(server):
    fields = {**MAN, "Repr-Digest": digest(LARGE), "Transfer-Encoding": "chunked"}
    with server.connect() as conn:
        eq(conn.send(head_of("M-PUT", "/chunks", fields) + chunked(LARGE, 50000)).read().status, 201)
    eq(server.read("chunks"), LARGE)


WRONG = digest(b"other")


@cases(("Content-Digest", {"Content-Digest": WRONG}), ("Repr-Digest", {"Repr-Digest": WRONG}),
       ("one of two kinds", {"Repr-Digest": digest(b"content") + ", " + digest(b"other", "sha-512")}),
       ("one of two fields", {"Content-Digest": digest(b"content"), "Repr-Digest": WRONG}),
       ("too short", {"Repr-Digest": "sha-256=:YWJj:"}), ("no bytes", {"Repr-Digest": 'sha-256="x"'}))
def test_content_that_does_not_match_changes_nothing(server, fields):
    server.write("kept", b"old")
    for method, more in (("M-PUT", MAN), ("PUT", {})):
        got = server.request(method, "/kept", {**more, **fields}, b"content")
        eq(got.status, 400)
        contains(got.text, "Digest")
        ok("Ext" not in got.fields, "it was not fulfilled")
        eq(server.read("kept"), b"old")


def test_nor_does_large_content(server):
    server.write("kept-large", b"old")
    eq(server.put("/kept-large", LARGE, {"Content-Digest": WRONG}).status, 400)
    eq(server.read("kept-large"), b"old")


@cases(("nothing", {}), ("another kind", {"Repr-Digest": "md5=:1B2M2Y8AsgTpgAmY7PhCfg==:"}),
       ("no dictionary", {"Repr-Digest": "sha-256 = x"}))
def test_content_without_a_digest_is_400_and_says_which(server, fields):
    got = server.request("M-PUT", "/without", {**MAN, **fields}, b"content")
    eq(got.status, 400)
    contains(got.text, "Content-Digest or Repr-Digest")
    contains(got.fields["Want-Repr-Digest"], "sha-256=10")
    contains(got.fields["Want-Content-Digest"], "sha-256=10")
    ok(not server.exists("without"), "nothing was stored")


@cases(("another kind", "md5=:1B2M2Y8AsgTpgAmY7PhCfg==:"), ("no dictionary", "sha-256 = x"),
       ("crc32c", "crc32c=:AAAA:;x=1, unixsum=(1 2)"))
def test_a_plain_put_may_say_what_nobody_knows(server, value):
    ok(server.put("/plain", b"content", {"Repr-Digest": value}).status in (201, 204), "it was stored")


def test_a_plain_put_that_matches_is_stored(server):
    said = {"Content-Digest": digest(b"content"), "Repr-Digest": digest(b"content")}
    eq(server.put("/matching", b"content", said).status, 201)
    ok("Ext" not in server.put("/matching", b"x", {"Repr-Digest": digest(b"x")}).fields, "it was no mandatory request")


def test_the_digest_of_nothing(server):
    eq(server.request("M-PUT", "/nothing", {**MAN, "Repr-Digest": digest(b"")}, b"").status, 201)
    eq(server.request("M-PUT", "/nothing", MAN, b"").status, 400)
    eq(server.request("M-PUT", "/nothing", {**MAN, "Repr-Digest": WRONG}, b"").status, 400)


FIND = b'<propfind xmlns="DAV:"><prop><getetag/></prop></propfind>'


@obliges("POL-93")
def test_bodies_of_webdav_are_verified(server):
    right, wrong = {"Depth": "0", "Content-Digest": digest(FIND)}, {"Depth": "0", "Content-Digest": WRONG}
    eq(server.request("M-PROPFIND", "/doc", {**MAN, **right}, FIND).status, 207)
    eq(server.request("M-PROPFIND", "/doc", {**MAN, **wrong}, FIND).status, 400)
    eq(server.request("PROPFIND", "/doc", wrong, FIND).status, 400)
    eq(server.request("M-PROPFIND", "/doc", {**MAN, "Depth": "0"}, FIND).status, 400)
    eq(server.request("M-PROPFIND", "/doc", {**MAN, "Depth": "0"}).status, 207)


def test_content_that_nobody_looks_at_is_refused(server):
    got = server.request("M-DELETE", "/doc", {**MAN, "Content-Digest": digest(b"x")}, b"x")
    eq(got.status, 400)
    ok(server.exists("doc"), "it is still there")


def test_the_changed_file_comes_back_with_its_digest(server):
    fields = {**MAN, "Repr-Digest": digest(b"new"), "Prefer": "return=representation"}
    got = server.request("M-PUT", "/back", fields, b"new")
    eq(got.status, 201)
    eq((got.body, got.fields["Repr-Digest"]), (b"new", digest(b"new")))


@own_server(config=CONFIG.replace("extensions = on", ""), files=FILES)
def test_digests_are_verified_without_the_framework(server):
    eq(server.put("/a", b"content", {"Repr-Digest": WRONG}).status, 400)
    ok(not server.exists("a"), "nothing was stored")
    eq(server.put("/a", b"content", {"Repr-Digest": digest(b"content")}).status, 201)
