"""A folder that is asked for all the time shows each change at once, whoever makes it (CND-11, RFC 4918 §9.1)."""

import os
import time

from dav import ALLPROP, D, XML, lock_of, multistatus, prop_body, proppatch, remove_of, set_of, unlock
from hot import hits
from wire import cases, contains, date_seconds, eq, lacks, obliges, own_server, wait_for

FACTS = prop_body(D + "resourcetype", D + "getcontentlength", D + "getetag", D + "getlastmodified")
MEMBERS = {"f/a.txt": b"a", "f/b.txt": b"bb", "f/sub/c.txt": b"ccc", "g/d.txt": b"dddd", "h/i/j/k.txt": b"k", "h2/i/j/l.txt": b"other"}
EXECUTABLE = "{http://apache.org/dav/props/}executable"


def ask(conn, target, depth="1", body=FACTS):
    return multistatus(conn.ask("PROPFIND", target, {"Depth": depth, **XML}, body))


def warm(server, conn, target, depth="1"):
    """Asked for until the answer comes from memory."""
    before = hits(server)

    def is_warm():
        for _ in range(20):
            ask(conn, target, depth)
            time.sleep(0.002)
        return hits(server) > before

    wait_for(is_warm, f"{target} is answered from memory")


def settled(conn, target, is_it):
    """What is asked until it holds: Last-Modified is never past the Date (CND-10), so that one of this second may wait for its end."""
    found = ask(conn, target)
    if not is_it(found):
        time.sleep(1.1)
        found = ask(conn, target)
    return found


def is_true(server, conn, target):
    """Names, sizes and tags are those of the disk and of HEAD; twice, as the second answer may be a kept one."""
    folder = server.path(target.strip("/"))
    for _ in range(2):
        there = {target: os.stat(folder)}
        for name in os.listdir(folder):
            path = os.path.join(folder, name)
            if name != ".samovar" and (os.path.isfile(path) or os.path.isdir(path)):
                there[target + name + ("/" if os.path.isdir(path) else "")] = os.stat(path)
        eq(sorted(ask(conn, target)), sorted(there))

        def modified(found, href):
            return date_seconds(found[href].text(D + "getlastmodified"))

        folders = {href: int(entry.st_mtime) for href, entry in there.items() if href.endswith("/")}
        found = settled(conn, target, lambda found: all(modified(found, href) == at for href, at in folders.items()))
        eq({href: modified(found, href) for href in folders}, folders)
        for href, entry in there.items():
            if href in folders:
                continue
            eq(found[href].text(D + "getcontentlength"), str(entry.st_size), href)
            got, shown = conn.ask("HEAD", href), found[href].text(D + "getetag")
            if found[href].text(D + "getlastmodified") != got.fields["Last-Modified"]:
                found = settled(conn, target, lambda _: False)
                got = conn.ask("HEAD", href)
            eq(found[href].text(D + "getlastmodified"), got.fields["Last-Modified"], href)
            if not shown.startswith("W/"):  # a weak one turns strong by itself
                eq(got.etag, shown, href)


def held_open(server):
    with open(server.path("f/a.txt"), "ab", buffering=0) as file:
        file.write(b"more")


def others_rename_over(server):
    server.write("f/.new", b"another content")
    os.rename(server.path("f/.new"), server.path("f/a.txt"))


CHANGES = (
    ("put-new", lambda server: server.put("/f/new.txt", b"new")),
    ("put-over", lambda server: server.put("/f/a.txt", b"replaced")),
    ("delete", lambda server: server.delete("/f/b.txt")),
    ("delete-folder", lambda server: server.delete("/f/sub/")),
    ("mkcol", lambda server: server.request("MKCOL", "/f/made/")),
    ("put-below", lambda server: server.put("/f/sub/new.txt", b"x")),
    ("move-in", lambda server: server.request("MOVE", "/g/d.txt", {"Destination": "/f/d.txt"})),
    ("move-out", lambda server: server.request("MOVE", "/f/a.txt", {"Destination": "/g/a.txt"})),
    ("move-within", lambda server: server.request("MOVE", "/f/a.txt", {"Destination": "/f/b.txt"})),
    ("move-a-folder-in", lambda server: server.request("MOVE", "/g/", {"Destination": "/f/g/"})),
    ("copy-in", lambda server: server.request("COPY", "/g/d.txt", {"Destination": "/f/d.txt"})),
    ("copy-over", lambda server: server.request("COPY", "/g/d.txt", {"Destination": "/f/a.txt"})),
    ("copy-a-tree", lambda server: server.request("COPY", "/h/", {"Destination": "/f/h/"})),
    ("lock-makes-one", lambda server: unlock(server, "/f/locked", lock_of(server, "/f/locked"))),
    ("others-write", lambda server: server.write("f/a.txt", b"written by another program")),
    ("others-make", lambda server: server.write("f/other.txt", b"o")),
    ("others-append", held_open),
    ("others-truncate", lambda server: os.truncate(server.path("f/b.txt"), 0)),
    ("others-touch", lambda server: os.utime(server.path("f/a.txt"), (1e9, 1e9))),
    ("others-touch-the-folder", lambda server: os.utime(server.path("f"), (1e9, 1e9))),
    ("others-touch-a-folder-in-it", lambda server: os.utime(server.path("f/sub"), (1e9, 1e9))),
    ("others-remove", lambda server: os.remove(server.path("f/a.txt"))),
    ("others-rename", lambda server: os.rename(server.path("f/a.txt"), server.path("f/z.txt"))),
    ("others-rename-over", others_rename_over),
    ("others-exchange-kinds", lambda server: (os.remove(server.path("f/a.txt")), os.mkdir(server.path("f/a.txt")))),
    ("others-fill-a-folder-in-it", lambda server: server.write("f/sub/more.txt", b"m")),
    ("others-link", lambda server: os.symlink("b.txt", server.path("f/link"))),
    ("others-link-hard", lambda server: os.link(server.path("g/d.txt"), server.path("f/hard.txt"))),
    ("others-make-a-pipe", lambda server: os.mkfifo(server.path("f/pipe"))),
)


@obliges("CND-11", "DAV-010", "DAV-037")
@own_server(files=MEMBERS)
@cases(*CHANGES)
def test_a_change_is_in_the_next_answer(server, change):
    with server.connect() as conn:
        warm(server, conn, "/f/")
        is_true(server, conn, "/f/")
        change(server)
        is_true(server, conn, "/f/")


@obliges("DAV-037")
@own_server(files=MEMBERS)
def test_what_a_link_leads_to_is_told_as_it_is_now(server):
    os.symlink("../g/d.txt", server.path("f/link"))
    os.symlink("../g", server.path("f/folder-link"))
    with server.connect() as conn:
        for _ in range(200):
            ask(conn, "/f/")
        server.write("g/d.txt", b"x" * 77)
        eq(ask(conn, "/f/")["/f/link"].text(D + "getcontentlength"), "77")
        for _ in range(200):
            ask(conn, "/f/")
        os.remove(server.path("g/d.txt"))
        lacks(ask(conn, "/f/"), "/f/link")


@obliges("DAV-036", "DAV-010")
@own_server(files=MEMBERS)
@cases(("it", "h/i/j"), ("its-folder", "h/i"), ("the-first", "h"))
def test_another_folder_on_the_way_is_seen_at_once(server, which):
    with server.connect() as conn:
        warm(server, conn, "/h/i/j/")
        os.rename(server.path(which), server.path("away"))
        for target in "/h/i/j/", "/h/i/j/k.txt":
            eq(conn.ask("PROPFIND", target, {"Depth": "0", **XML}, FACTS).status, 404)
        os.rename(server.path(which.replace("h", "h2", 1)), server.path(which))
        eq(sorted(ask(conn, "/h/i/j/")), ["/h/i/j/", "/h/i/j/l.txt"])
        is_true(server, conn, "/h/i/j/")


@own_server(files=MEMBERS)
def test_one_file_asked_for_alone_is_as_fresh(server):
    with server.connect() as conn:
        for target in "/f/a.txt", "/f/sub/":
            for _ in range(100):
                ask(conn, target, "0")
        for number in range(30):
            server.write("f/a.txt", b"x" * number)
            eq(ask(conn, "/f/a.txt", "0")["/f/a.txt"].text(D + "getcontentlength"), str(number))
            stored = server.put("/f/a.txt", b"y" * (100 + number))
            for depth in "0", "1":
                eq(ask(conn, "/f/a.txt", depth)["/f/a.txt"].text(D + "getetag"), stored.etag)
            eq(ask(conn, "/f/")["/f/a.txt"].text(D + "getetag"), stored.etag)
        os.remove(server.path("f/a.txt"))
        eq(conn.ask("PROPFIND", "/f/a.txt", {"Depth": "0", **XML}, FACTS).status, 404)


@obliges("DAV-032", "DAV-035")
@own_server(files=MEMBERS)
def test_what_is_recorded_shows_as_soon_as_it_is(server):
    """Properties, locks, types: nothing of the kind was there when the folder began to be kept."""
    names = prop_body("{urn:z}a", D + "getcontenttype", D + "lockdiscovery", D + "getcontentlanguage", EXECUTABLE)
    executable = '<executable xmlns="http://apache.org/dav/props/">T</executable>'
    with server.connect() as conn:
        warm(server, conn, "/f/")
        for body in names, ALLPROP:
            for _ in range(50):
                found = ask(conn, "/f/", body=body)["/f/a.txt"]
            lacks(found.names(), "{urn:z}a")
            proppatch(server, "/f/a.txt", set_of("<z:a>1</z:a><D:getcontenttype>text/x-a</D:getcontenttype>"
                                                 f"<D:getcontentlanguage>de</D:getcontentlanguage>{executable}"))
            token = lock_of(server, "/f/a.txt")
            found = ask(conn, "/f/", body=body)["/f/a.txt"]
            eq((found.text("{urn:z}a"), found.text(D + "getcontenttype"), found.text(D + "getcontentlanguage"), found.text(EXECUTABLE)),
               ("1", "text/x-a", "de", "T"))
            eq(len(found.prop(D + "lockdiscovery")), 1)
            unlock(server, "/f/a.txt", token)
            proppatch(server, "/f/a.txt", remove_of("<z:a/><D:getcontenttype/><D:getcontentlanguage/>"))
            found = ask(conn, "/f/", body=body)["/f/a.txt"]
            lacks(found.names(), "{urn:z}a")
            lacks(found.names(), D + "getcontentlanguage")
            contains(found.text(D + "getcontenttype"), "text/plain")
            eq(len(found.prop(D + "lockdiscovery")), 0)
            multistatus(proppatch(server, "/f/a.txt", set_of(executable.replace("T<", "F<"))))


@own_server(files=MEMBERS)
def test_all_bodies_and_fields_mean_the_same_to_a_kept_folder(server):
    with server.connect() as conn:
        def all_answers():
            said = []
            for body in b"", FACTS, ALLPROP, b"<D:propfind xmlns:D='DAV:'><D:propname/></D:propfind>":
                for fields in {}, {"Prefer": "return=minimal"}, {"Prefer": "depth-noroot"}, {"Brief": "t"}, {"Depth": "0"}:
                    for target in "/f/", "/f", "/f/a.txt", "/f/sub/", "/f/sub", "/f/a.txt/", "/f/none":
                        got = conn.ask("PROPFIND", target, {"Depth": "1", **XML, **fields}, body)
                        said.append((got.status, sorted(got.body.replace(b"</D:multistatus>", b"").split(b"<D:response>")),
                                     got.fields.but_date()))
            for bad in {"Depth": "2"}, {"Content-Type": "text/plain"}, {"If": '(["no"])'}, {"If": "("}:
                got = conn.ask("PROPFIND", "/f/", {"Depth": "1", **XML, **bad}, FACTS)
                said.append((got.status, got.body))
            said.append(conn.ask("PROPFIND", "/f/", {"Depth": "1", **XML}, b"<a").status)
            return said

        cold = all_answers()
        warm(server, conn, "/f/")
        for _ in range(2):
            eq(all_answers(), cold)


RULES = """
listen = { "127.0.0.1:0" }
site "s" {
    root = "{root}"
    at "/" { allow "*" { rights = { "read", "list" } } }
    at "/f/b.txt" { allow "nobody" { rights = { "read" } } }
    at "/f" { hidden = "deny" }
}
"""


@obliges("DAV-043")
@own_server(config=RULES, files={**MEMBERS, "f/.dot": b"."})
def test_rights_are_kept_from_memory_too(server):
    with server.connect() as conn:
        for _ in range(300):
            eq(sorted(ask(conn, "/f/")), ["/f/", "/f/a.txt", "/f/sub/"])
            eq(conn.ask("PROPFIND", "/f/b.txt", {"Depth": "0", **XML}, FACTS).status, 403)
            eq(conn.ask("PROPFIND", "/f/.dot", {"Depth": "0", **XML}, FACTS).status, 403)
