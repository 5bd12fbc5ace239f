"""COPY of an earlier content is the undo: a PUT of it at the destination (docs/versions.md)."""

import hashlib
import os
import threading

from dav import XML, error_of, lock_of, props_of, unlock
from program import ended
from test_versions import PAST, addresses, write
from wire import cases, contains, eq, lacks, ok, own_server

CONFIG = """listen = { "127.0.0.1:0" }
site "s" {
  root = "{root}"
  history = 10
  at "/none" { history = 0 }
  at "/small" { quota = "64K" }
  at "/seen" { require-match = on }
}
"""
FILES = {"none/x": b"", "small/x": b"", "folder/x": b"", "seen/x": b""}


def past_of(server, path, *contents):
    """Address of the last but one."""
    write(server, path, *contents)
    return addresses(server, path)[0]


def copy(server, href, to, **fields):
    return server.request("COPY", href, {"Destination": to, **{name.replace("_", "-"): value for name, value in fields.items()}})


def test_it_is_back_and_so_is_what_it_replaced(server):
    tags = write(server, "/undo.txt", b"good", b"bad")
    [href] = addresses(server, "/undo.txt")
    got = copy(server, href, "/undo.txt")
    eq(got.status, 204)
    now = server.get("/undo.txt")
    eq(now.body, b"good")
    ok(now.etag not in tags, "a content of its own")
    newest, oldest = addresses(server, "/undo.txt")
    eq((server.get(newest).body, oldest), (b"bad", href))
    eq(copy(server, newest, "/undo.txt").status, 204)
    eq(server.get("/undo.txt").body, b"bad")


def test_a_destination_as_a_url(server):
    href = past_of(server, "/url.txt", b"1", b"2")
    eq(copy(server, href, f"http://{server.host}/url.txt").status, 204)
    eq(server.get("/url.txt").body, b"1")
    eq(copy(server, href, "http://elsewhere.example/url.txt").status, 502)


def test_to_a_new_name(server):
    href = past_of(server, "/source.txt", b"old", b"new")
    got = copy(server, href, "/folder/c%20d.txt")
    eq(got.status, 201)
    eq(got.fields["Location"], "/folder/c%20d.txt")
    eq(server.get("/folder/c%20d.txt").body, b"old")
    eq(server.get("/source.txt").body, b"new")
    eq(addresses(server, "/folder/c%20d.txt"), [])


def test_properties_and_a_type_stay(server):
    inner = b'<D:propertyupdate xmlns:D="DAV:"><D:set><D:prop><z xmlns="urn:z">kept</z></D:prop></D:set></D:propertyupdate>'
    href = past_of(server, "/props.txt", b"1", b"2")
    eq(server.request("PROPPATCH", "/props.txt", XML, inner).status, 207)
    eq(server.put("/props.txt", b"3", {"Content-Type": "image/png"}).status, 204)
    before = server.request("PROPFIND", "/props.txt", {"Depth": "0"}).status
    eq((before, copy(server, href, "/props.txt").status), (207, 204))
    eq(props_of(server, "/props.txt", "{urn:z}z").text("{urn:z}z"), "kept")
    eq(server.get("/props.txt").fields["Content-Type"], "image/png")
    eq(server.get("/props.txt").body, b"1")


def test_modes_stay(server):
    href = past_of(server, "/mode.sh", b"1", b"2")
    os.chmod(server.path("mode.sh"), 0o640)
    eq(copy(server, href, "/mode.sh").status, 204)
    eq(os.stat(server.path("mode.sh")).st_mode & 0o777, 0o640)


def test_overwrite(server):
    href = past_of(server, "/over.txt", b"1", b"2")
    eq(copy(server, href, "/over.txt", Overwrite="F").status, 412)
    eq(server.get("/over.txt").body, b"2")
    eq(copy(server, href, "/over-new.txt", Overwrite="F").status, 201)
    eq(copy(server, href, "/over.txt", Overwrite="T").status, 204)
    eq(copy(server, href, "/over.txt", Overwrite="maybe").status, 400)
    eq(copy(server, href, "/over.txt", Depth="7").status, 400)


def test_conditions_are_about_the_source(server):
    tags = write(server, "/cond.txt", b"1", b"2")
    [href] = addresses(server, "/cond.txt")
    eq(copy(server, href, "/cond.txt", If_Match=tags[1]).status, 412)
    eq(copy(server, href, "/cond.txt", If=f"([{tags[1]}])").status, 412)
    eq(server.get("/cond.txt").body, b"2")
    eq(copy(server, href, "/cond.txt", If_Match=tags[0]).status, 204)
    # what is at the destination can be named as well
    now = server.head("/cond.txt").etag
    other = addresses(server, "/cond.txt")[0]
    eq(copy(server, other, "/cond.txt", If=f"</cond.txt> ([{tags[1]}])").status, 412)
    eq(copy(server, other, "/cond.txt", If=f"<{other}> ([{now}])").status, 412)
    eq(copy(server, other, "/cond.txt", If=f"<{other}> ([{tags[1]}]) </cond.txt> ([{tags[1]}])").status, 204)
    eq(server.get("/cond.txt").body, b"2")
    eq(copy(server, other, "/cond.txt", If=f"</cond.txt> ([{server.head('/cond.txt').etag}])").status, 204)


def test_locks(server):
    href = past_of(server, "/locked.txt", b"1", b"2")
    token = lock_of(server, "/locked.txt")
    eq(error_of(copy(server, href, "/locked.txt"), 423), "lock-token-submitted")
    eq(server.get("/locked.txt").body, b"2")
    eq(copy(server, href, "/locked.txt", If=f"</locked.txt> ({token})").status, 204)
    eq(copy(server, href, "/locked.txt", If=f"({token})").status, 412)  # which would be the source's
    unlock(server, "/locked.txt", token)
    token = lock_of(server, "/folder/", Depth="infinity")
    eq(copy(server, href, "/folder/new.txt").status, 423)
    ok(not server.exists("folder/new.txt"), "nothing was made")
    unlock(server, "/folder/", token)


@cases(("a-file", "/here.txt/", 403), ("a-folder", "/folder/", 403), ("the-top", "/", 403))
def test_a_collection_is_not_copied(server, path, status):
    write(server, "/here.txt", b"1", b"2")
    got = copy(server, PAST + path, "/copy")
    eq(got.status, status)
    contains(got.text, "COPY one of them")
    ok(not server.exists("copy"), "nothing was made")


@cases(("none", PAST + "/missing.txt/1", "/x", 404), ("number", PAST + "/where.txt/1", "/x", 404), ("digits-in-a-folder", PAST + "/folder/5", "/x", 403),
       ("own", None, "/.samovar/versions/where.txt/1", 403), ("own-other", None, "/.samovar/x", 403), ("over-a-folder", None, "/folder", 403),
       ("with-a-slash", None, "/folder/", 403), ("no-parent", None, "/nowhere/x", 409), ("below-a-file", None, "/where.txt/x", 409),
       ("no-destination", None, None, 400))
def test_where_it_cannot_go(server, source, to, status):
    href = source or past_of(server, "/where.txt", os.urandom(8), b"2")
    got = server.request("COPY", href, {"Destination": to} if to else {})
    eq(got.status, status)
    ok(not server.exists("x"), "nothing was made")
    eq(server.read("folder/x"), b"")


def test_no_content(server):
    href = past_of(server, "/bodied.txt", b"1", b"2")
    eq(server.request("COPY", href, {"Destination": "/bodied.txt"}, b"x").status, 415)
    eq(server.get("/bodied.txt").body, b"2")


def test_where_no_history_is_kept(server):
    href = past_of(server, "/kept.txt", b"1", b"2")
    eq(server.put("/none/kept.txt", b"before").status, 201)
    eq(copy(server, href, "/none/kept.txt").status, 204)
    eq(server.get("/none/kept.txt").body, b"1")
    eq(addresses(server, "/none/kept.txt"), [])


def test_quotas(server):
    href = past_of(server, "/large.bin", b"x" * 200000, b"2")
    eq(copy(server, href, "/small/large.bin").status, 507)
    ok(not server.exists("small/large.bin"), "nothing was made")
    eq(copy(server, href, "/large.bin").status, 204)


def test_the_new_representation_where_it_is_wanted(server):
    href = past_of(server, "/prefer.txt", b"1", b"2")
    got = copy(server, href, "/prefer.txt", Prefer="return=representation")
    eq((got.status, got.body), (200, b"1"))
    eq(got.fields["Content-Location"], "/prefer.txt")
    eq(got.etag, server.head("/prefer.txt").etag)
    lacks(got.fields, "Content-Disposition")


def test_a_large_one_with_holes(server):
    content = os.urandom(3000) + bytes(40 << 20) + os.urandom(3000)
    href = past_of(server, "/holes.bin", content, b"2")
    eq(copy(server, href, "/holes.bin").status, 204)
    ok(server.get("/holes.bin").body == content, "octet for octet")


def test_its_digest_comes_along(server):
    """As it was recorded when the content was written: `samovar check --content` finds what has rotted since."""
    href = past_of(server, "/digest.txt", b"a" * 100000, b"2")
    eq(copy(server, href, "/digest.txt").status, 204)
    sums = "{http://owncloud.org/ns}checksums"
    kept = props_of(server, "/digest.txt", sums).prop(sums)[0].text
    eq(kept, "SHA256:" + hashlib.sha256(b"a" * 100000).hexdigest())


def test_the_command_speaks_of_the_same_numbers(server):
    write(server, "/both.txt", b"1", b"2")
    [href] = addresses(server, "/both.txt")
    status, out, _ = ended("history", os.path.join(server.root, "both.txt"))
    eq((status, out.split()[0]), (0, href.rsplit("/", 1)[1]))
    eq(ended("history", os.path.join(server.root, "both.txt"), "--restore", out.split()[0])[0], 0)
    eq(server.get("/both.txt").body, b"1")
    eq(server.get(addresses(server, "/both.txt")[0]).body, b"2")


@own_server(config=CONFIG, files={"a.txt": b"0"})
def test_what_is_read_only_can_be_read_and_nothing_is_restored(server):
    write(server, "/a.txt", b"1", b"2")
    hrefs = addresses(server, "/a.txt")
    server.stop()
    server.config = CONFIG.replace('root = "{root}"', 'root = "{root}"\n  read-only = on')
    server.start()
    eq(addresses(server, "/a.txt"), hrefs)
    eq([server.get(href).body for href in hrefs], [b"1", b"0"])
    eq(copy(server, hrefs[0], "/a.txt").status, 403)
    eq(server.get("/a.txt").body, b"2")
    lacks(server.get(PAST + "/a.txt/", {"Accept": "text/html"}).text, "COPY")
    server.stop()
    server.config = CONFIG
    server.start()
    eq(copy(server, hrefs[0], "/a.txt").status, 204)


def test_all_at_once(server):
    """Two that restore and one that writes: each of them whole, none lost."""
    contents = [bytes([n]) * 100000 for n in range(4)]
    write(server, "/race.bin", *contents)
    hrefs = addresses(server, "/race.bin")
    failed = []

    def run(act):
        for _ in range(8):
            if act().status not in (204, 404):
                failed.append(1)

    threads = [threading.Thread(target=run, args=(act,)) for act in (lambda: copy(server, hrefs[0], "/race.bin"),
                                                                     lambda: copy(server, hrefs[2], "/race.bin"),
                                                                     lambda: server.put("/race.bin", contents[3]))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    eq(failed, [])
    for href in ["/race.bin", *addresses(server, "/race.bin")]:
        ok(server.get(href).body in contents, "whole")
    eq(len(addresses(server, "/race.bin")), 10)
