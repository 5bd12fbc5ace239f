"""PROPFIND over what folders really hold: odd names, links, fifos, what may not be seen, what vanishes meanwhile."""

import os
import re
import threading
import xml.etree.ElementTree as xml
from urllib.parse import unquote_to_bytes

from dav import ALLPROP, D, PROPNAME, XML, multistatus, prop_body, propfind, proppatch, props_of, set_of
from program import basic
from test_command_users import PASSWORDS, write_users
from wire import cases, contains, eq, lacks, obliges, ok, one_of, own_server

ADA = basic("ada", PASSWORDS["ada"])
FILES = {"depths/1.txt": b"1", "depths/sub/2.txt": b"2", "depths/sub/sub/3.txt": b"3", "file.txt": b"f",
         "stable/a.txt": b"a", "stable/b/c.txt": b"c"}

ODD = [b" ", b"%", b"#", b"?", b"&", b"<", b">", b'"', b"'", b"+", b";", b"=", b"@", b"$", b",", b":", b"!", b"*", b"(", b")", b"[",
       b"]", b"{", b"}", b"|", b"\\", b"^", b"`", b"~", b"\x7f", b"\x01", b"\x1f", b"\t", b"\n", b"\r", b"\xc3\xa4", b"\xe4\xb8\xad",
       b"\xf0\x9f\x8d\xb5", b"a\xcc\x88", b"\xef\xbf\xbe", b"\xe2\x80\xae"]
NOT_UTF8 = [b"\xff", b"\x80", b"\xc3", b"\xed\xa0\x80", b"\xc0\xaf", b"\xf5\x80\x80\x80"]
HREF = r"/(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*"  # an absolute path of RFC 3986


def fill(server, folder, names):
    """These names in a folder, files and folders by turns: {path as octets: is a folder}."""
    os.makedirs(server.path(folder), exist_ok=True)
    made = {}
    for at, name in enumerate(names):
        path = os.path.join(os.fsencode(server.path(folder)), name)
        try:
            if at % 2:
                os.mkdir(path)
            else:
                with open(path, "wb") as file:
                    file.write(name)
        except OSError:
            continue  # this file system will not have it
        made[b"/" + folder.encode() + b"/" + name + (b"/" if at % 2 else b"")] = bool(at % 2)
    return made


@obliges("DAV-039", "DAV-037", "DAV-040", "DAV-009")
@cases(("alone", lambda octet: octet), ("first", lambda octet: octet + b"z"), ("inside", lambda octet: b"a" + octet + b"z"),
       ("last", lambda octet: b"a" + octet), ("doubled", lambda octet: b"x" + octet + octet),
       ("before-digits", lambda octet: octet + b"41"))
def test_every_odd_name_has_an_address_that_leads_to_it(server, form):
    folder = "odd-" + form(b"-").hex()
    made = fill(server, folder, [form(octet) for octet in ODD])
    got = propfind(server, f"/{folder}/", prop_body(D + "resourcetype", D + "getcontentlength"), depth="1")
    found = multistatus(got)
    for href in found:
        ok(re.fullmatch(HREF, href), f"{href!r} is an absolute path, encoded")
    eq(sorted(unquote_to_bytes(href) for href in found), sorted([f"/{folder}/".encode(), *made]))
    for href, answer in found.items():
        path = unquote_to_bytes(href)
        eq(len(answer.prop(D + "resourcetype")), 1 if path.endswith(b"/") else 0, href)
        eq(list(multistatus(propfind(server, href))), [href], "asked for by its own href")
        if not path.endswith(b"/"):
            eq(server.get(href).body, path.rsplit(b"/", 1)[1], href)


@obliges("DAV-039", "DAV-023")
def test_names_that_are_not_utf_8_leave_the_answer_well_formed(server):
    made = fill(server, "octets", [b"a" + octet + b".txt" for octet in NOT_UTF8])
    for body in b"", ALLPROP, PROPNAME:
        for depth in "1", "infinity":
            found = multistatus(propfind(server, "/octets/", body, depth=depth))
            for href in found:
                ok(re.fullmatch(HREF, href), f"{href!r} is an absolute path, encoded")
            hrefs = {unquote_to_bytes(href) for href in found}
            ok(hrefs == {b"/octets/", *made}, f"all are told of: {sorted(hrefs)}")
    for href in found:
        eq(list(multistatus(propfind(server, href))), [href], "asked for by its own href")


@obliges("DAV-039", "DAV-040")
@cases(("space", "a%20b"), ("lower-hex", "%c3%a4"), ("needless", "%61%2Dz"), ("plus", "a+b"), ("percent", "50%25"), ("mark", "what%3f"),
       ("ampersand", "a&b"))
def test_the_answer_begins_with_the_address_that_was_asked(server, name):
    """However the client wrote it: what comes back names the same path (RFC 3986 §6.2)."""
    plain = unquote_to_bytes(name).decode()
    server.write(f"{plain}/in side.txt", b"x")
    for target in f"/{name}/", f"/./{name}/../{name}/":
        got = propfind(server, target, depth="1")
        if got.status in (308, 400):
            ok("/." in target, "only dots are refused")
            continue
        eq(sorted(unquote_to_bytes(href).decode() for href in multistatus(got)), [f"/{plain}/", f"/{plain}/in side.txt"])
        for href in multistatus(got):
            lacks(href.split("/"), "..")
            lacks(href.split("/"), ".")


@obliges("DAV-038")
def test_all_addresses_of_an_answer_have_one_form(server):
    for target in "/depths/", "/depths", "http://" + server.host + "/depths/":
        found = multistatus(propfind(server, target, depth="infinity"))
        ok(len({href.startswith("/") for href in found}) == 1, f"{sorted(found)}")
        eq(len(found), 6)


# -- depths


@obliges("DAV-026", "DAV-027", "DAV-028", "DAV-037")
@cases(("0", "0", 0), ("1", "1", 1), ("infinity", "infinity", 9), ("Infinity", "Infinity", 9), ("none", None, 9))
def test_depths(server, depth, levels):
    everything = {"/depths/": 0, "/depths/1.txt": 1, "/depths/sub/": 1, "/depths/sub/2.txt": 2, "/depths/sub/sub/": 2,
                  "/depths/sub/sub/3.txt": 3}
    fields = {} if depth is None else {"Depth": depth}
    for body in b"", ALLPROP, PROPNAME, prop_body(D + "getetag"):
        got = server.request("PROPFIND", "/depths/", {**fields, **XML}, body)
        eq(sorted(multistatus(got)), sorted(path for path, level in everything.items() if level <= levels))


@obliges("DAV-029")
@cases(("two", "2"), ("negative", "-1"), ("list", "1, infinity"), ("quoted", '"1"'), ("padded", "01"))
def test_other_depths_are_400_on_whatever_is_there(server, depth):
    for target in "/depths/", "/file.txt":
        eq(propfind(server, target, depth=depth).status, 400)
    eq(propfind(server, "/none", depth=depth).status, 404, "nothing is there: that comes first")


def test_the_form_of_old_clients_is_depth_1(server):
    eq(sorted(multistatus(propfind(server, "/depths/", depth="1,noroot"))), ["/depths/", "/depths/1.txt", "/depths/sub/"])


@obliges("DAV-029")
def test_two_depths_are_400(server):
    eq(server.request("PROPFIND", "/depths/", [("Depth", "0"), ("Depth", "1"), *XML.items()], b"").status, 400)


@obliges("DAV-030")
def test_a_file_and_an_empty_folder_are_one_response_each(server):
    os.makedirs(server.path("hollow"), exist_ok=True)
    for depth in "0", "1", "infinity":
        eq(list(multistatus(propfind(server, "/file.txt", depth=depth))), ["/file.txt"])
        eq(list(multistatus(propfind(server, "/hollow/", depth=depth))), ["/hollow/"])


# -- what is no file, and links


@obliges("DAV-037", "DAV-023")
def test_what_cannot_be_served_is_left_out_and_all_else_is_told(server):
    os.makedirs(server.path("kinds/sub"), exist_ok=True)
    for name in "good.txt", "sub/good.txt":
        server.write("kinds/" + name, b"x")
    for folder in "kinds", "kinds/sub":
        os.mkfifo(server.path(folder + "/fifo"))
        os.symlink("nowhere", server.path(folder + "/broken"))
        os.symlink("loop", server.path(folder + "/loop"))
        os.symlink("/etc", server.path(folder + "/outside"))
        os.symlink("good.txt", server.path(folder + "/link"))
        os.symlink("fifo", server.path(folder + "/to-fifo"))
    os.symlink("..", server.path("kinds/sub/up"))
    wanted = ["/kinds/", "/kinds/good.txt", "/kinds/link", "/kinds/sub/"]
    eq(sorted(multistatus(propfind(server, "/kinds/", depth="1"))), wanted)
    found = multistatus(propfind(server, "/kinds/", depth="infinity"))
    for href in wanted + ["/kinds/sub/good.txt", "/kinds/sub/link"]:
        contains(found, href)
    for href in found:
        ok(not re.search("fifo|broken|loop|outside", href), href)
    ok(len(found) < 20, "a link upwards is not followed for ever")
    for name in "fifo", "broken", "loop", "outside", "to-fifo":
        one_of(propfind(server, "/kinds/" + name).status, (403, 404), name)
    eq(props_of(server, "/kinds/link", D + "getcontentlength").text(D + "getcontentlength"), "1")


@obliges("DAV-037")
def test_a_link_to_a_folder_is_told_as_a_folder(server):
    server.write("target-of/in.txt", b"x")
    os.makedirs(server.path("with-link"), exist_ok=True)
    os.symlink("../target-of", server.path("with-link/link"))
    found = multistatus(propfind(server, "/with-link/", depth="1"))
    eq(sorted(found), ["/with-link/", "/with-link/link/"])
    eq(sorted(multistatus(propfind(server, "/with-link/link/", depth="1"))), ["/with-link/link/", "/with-link/link/in.txt"])


def test_the_servers_own_folder_is_no_member(server):
    proppatch(server, "/file.txt", set_of("<z:a/>"))
    for depth in "1", "infinity":
        ok(not any(".samovar" in href for href in multistatus(propfind(server, "/", depth=depth))), "not told of")
    one_of(propfind(server, "/.samovar/").status, (403, 404, 405))


# -- what may not be seen

RULES = """
listen = { "127.0.0.1:0" }
site "s" {
    root = "{root}"
    users = "{tmp}/users"
    at "/" { allow "*" { rights = { "read", "list" } } }
    at "/open/secret" { allow "ada" { rights = { "read", "list" } } }
    at "/open/secret/shown" { allow "*" { rights = { "read", "list" } } }
    at "/open/dots" { hidden = "deny" }
    at "/open/unlisted" { allow "*" { rights = { "read" } } }
    at "/blind" { allow "*" { rights = { "create" } } }
}
"""
RULED = {"open/a.txt": b"a", "open/secret/s.txt": b"s", "open/secret/shown/x.txt": b"x", "open/dots/.d": b"d", "open/dots/e.txt": b"e",
         "open/dots/.f/g.txt": b"g", "open/.dot": b"d", "open/unlisted/u.txt": b"u", "blind/b.txt": b"b"}


def seen(server, target, depth, fields=()):
    return sorted(multistatus(server.request("PROPFIND", target, {"Depth": depth, **dict(fields)})))


@obliges("DAV-043")
@own_server(config=RULES, files=RULED, before=write_users)
def test_members_are_told_by_the_rights_of_each(server):
    everybody = ["/open/", "/open/.dot", "/open/a.txt", "/open/dots/", "/open/unlisted/"]
    eq(seen(server, "/open/", "1"), everybody)
    eq(seen(server, "/open/", "1", ADA), sorted(everybody + ["/open/secret/"]))
    found = seen(server, "/open/", "infinity")
    contains(found, "/open/dots/e.txt")
    for href in found:
        ok(not re.search(r"/\.d$|/\.f|secret/s", href), href)
    mine = seen(server, "/open/", "infinity", ADA)
    for href in "/open/secret/s.txt", "/open/secret/shown/", "/open/secret/shown/x.txt":
        contains(mine, href)
    eq(seen(server, "/open/secret/shown/", "1"), ["/open/secret/shown/", "/open/secret/shown/x.txt"])
    for body in ALLPROP, PROPNAME, prop_body(D + "getetag"):
        got = propfind(server, "/open/", body, depth="infinity")
        lacks(got.body, b"s.txt")
        lacks(got.body, b"/.f")
        lacks(got.body, b"g.txt")


@obliges("DAV-043", "DAV-005")
@own_server(config=RULES, files=RULED, before=write_users)
@cases(("secret", "/open/secret/", 401), ("in-it", "/open/secret/s.txt", 401), ("missing-in-it", "/open/secret/none", 401),
       ("dot", "/open/dots/.d", 403), ("below-dot", "/open/dots/.f/g.txt", 403), ("missing-dot", "/open/dots/.none", 403),
       ("in-blind", "/blind/b.txt", 403), ("nothing-in-blind", "/blind/none", 403))
def test_who_may_not_see_is_refused_whatever_is_there(server, target, status):
    for depth in "0", "1", "infinity":
        eq(propfind(server, target, depth=depth).status, status)


# -- others at work meanwhile


@obliges("DAV-023", "DAV-037")
def test_an_answer_is_whole_whatever_others_do_meanwhile(server):
    """Files come, go and are renamed all the time: each answer is well-formed, and what stays is always in it."""
    for number in range(200):
        server.write(f"busy/stays-{number}.txt", b"x")
    stays, over = {f"/busy/stays-{number}.txt" for number in range(200)}, threading.Event()

    def churn():
        number = 0
        while not over.is_set():
            number += 1  # no name comes twice: it could be told of twice then
            server.write(f"busy/comes-{number}/in.txt", b"y")
            os.rename(server.path(f"busy/comes-{number}"), server.path(f"busy/is-{number}"))
            os.remove(server.path(f"busy/is-{number}/in.txt"))
            os.rmdir(server.path(f"busy/is-{number}"))

    thread = threading.Thread(target=churn, daemon=True)
    thread.start()
    try:
        for depth, body in [("1", b""), ("infinity", ALLPROP), ("1", prop_body(D + "getetag")), ("infinity", PROPNAME)] * 5:
            found = multistatus(propfind(server, "/busy/", body, depth=depth))
            ok(stays <= set(found), "what stays is told of")
    finally:
        over.set()
        thread.join()


def test_a_folder_that_goes_while_it_is_read_ends_the_answer_cleanly(server):
    """Its first part is with the client, its members are gone: the rest is well-formed, or the connection is cut."""
    for number in range(2500):
        server.write(f"going/{number:05}-{'x' * 180}.txt", b"x")
    with server.connect() as conn:
        conn.request("PROPFIND", "/going/", {"Depth": "1", **XML}, ALLPROP)
        for name in server.names("going"):
            os.remove(server.path("going/" + name))
        os.rmdir(server.path("going"))
        got = conn.read("PROPFIND")
    if got.status == 207:
        xml.fromstring(got.body)
    else:
        eq(got.status, 404)


# -- that it changes nothing


@obliges("DAV-042")
def test_propfind_changes_nothing_and_needs_no_token(server):
    info = (b'<D:lockinfo xmlns:D="DAV:"><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockinfo>')
    proppatch(server, "/stable/a.txt", set_of("<z:a>1</z:a>"))
    lock = server.request("LOCK", "/stable/", {"Depth": "infinity", **XML}, info)
    eq(lock.status, 200)

    def state():
        entries = [os.stat(server.path(name)) for name in ("stable", "stable/a.txt", "stable/b", "stable/b/c.txt")]
        return [(one.st_ino, one.st_mtime_ns, one.st_ctime_ns, one.st_size) for one in entries], server.get("/stable/a.txt").etag

    before = state()
    for body in b"", ALLPROP, PROPNAME, prop_body(D + "getetag", "{urn:z}a"):
        for depth in "0", "1", "infinity":
            eq(propfind(server, "/stable/", body, depth=depth).status, 207)
            eq(propfind(server, "/stable/a.txt", body, depth=depth).status, 207)
    eq(state(), before)
    eq(server.request("UNLOCK", "/stable/", {"Lock-Token": lock.fields["Lock-Token"]}).status, 204)


# -- bodies


@obliges("DAV-041", "DAV-033")
def test_what_is_asked_for_twice_is_told_once(server):
    proppatch(server, "/file.txt", set_of("<z:a>1</z:a>"))
    twice = "<D:getetag/><z:a/><x xmlns='DAV:'/>" * 2 + "<getetag xmlns='DAV:'/>"
    body = f"<D:propfind xmlns:D='DAV:' xmlns:z='urn:z'><D:prop>{twice}</D:prop></D:propfind>"
    found = multistatus(propfind(server, "/file.txt", body.encode()))["/file.txt"]
    eq((found.names(), found.names(404)), ([D + "getetag", "{urn:z}a"], [D + "x"]))
    body = f"<D:propfind xmlns:D='DAV:' xmlns:z='urn:z'><D:allprop/><D:include>{twice}</D:include></D:propfind>"
    found = multistatus(propfind(server, "/file.txt", body.encode()))["/file.txt"]
    eq((found.text("{urn:z}a"), found.names(404)), ("1", [D + "x"]))


@obliges("DAV-035", "DAV-034")
def test_what_propname_names_can_be_asked_for(server):
    proppatch(server, "/stable/", set_of("<z:a>1</z:a>"))
    for target in "/stable/", "/file.txt":
        names = multistatus(propfind(server, target, PROPNAME))[target].names()
        eq(props_of(server, target, *[name if name[0] == "{" else "{}" + name for name in names]).names(), names)
