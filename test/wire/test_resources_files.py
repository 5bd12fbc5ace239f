"""Files as they are written: PUT and DELETE, modes and lists, names of any octets, symbolic links."""

import json
import os
import shutil
import stat
import subprocess
import unicodedata
from urllib.parse import quote_from_bytes

from program import Elsewhere, needs_root
from wire import SAMOVAR, cases, chunked, contains, eq, head_of, ne, ok, one_of, own_server, skip, wait_for

FILES = {"plain.txt": b"plain", "folder/x": b"x"}


def mode_of(server, name):
    return stat.S_IMODE(os.stat(server.path(name)).st_mode)


# ---- PUT and DELETE ---------------------------------------------------------------------------------


@cases(("empty", b""), ("one", b"x"), ("64 KiB", b"x" * 65536), ("64 KiB and one", b"x" * 65537),
       ("3 MiB", b"0123456789abcdef" * (3 << 16)))
def test_put_of_a_known_length(server, body):
    server.write("known.bin", b"old")
    eq(server.put("/known.bin", body).status, 204)
    eq(server.read("known.bin"), body)
    eq(server.get("/known.bin").body, body)


@cases(("empty", b"", 0), ("one chunk", b"hello", 0), ("many", b"0123456789" * 1000, 7), ("1 MiB", b"x" * (1 << 20), 0),
       ("1 MiB in pieces", b"abc" * 350000, 65521))
def test_put_of_an_unknown_length(server, body, size):
    with server.connect() as conn:
        conn.send(head_of("PUT", "/chunked-%d.bin" % len(body), {"Transfer-Encoding": "chunked"}) + chunked(body, size))
        eq(conn.read("PUT").status, 201)
        conn.expect_open()
    eq(server.read("chunked-%d.bin" % len(body)), body)


def test_put_answers_with_what_a_get_would_say(server):
    first = server.put("/answer.txt", b"1")
    eq((first.status, first.fields["Location"], first.body), (201, "/answer.txt", b""))
    eq(server.get("/answer.txt").etag, first.etag)
    second = server.put("/answer.txt", b"2")
    eq((second.status, "Location" in second.fields), (204, False))
    ne(second.etag, first.etag)
    eq(server.head("/answer.txt").etag, second.etag)


def test_same_size_writes_in_a_row_have_tags_of_their_own(server):
    tags = [server.put("/tags.txt", b"%03d" % number).etag for number in range(50)]
    eq(len(set(tags)), 50)
    eq(len([tag for tag in tags if tag.startswith("W/")]), 0, "and strong ones")


def test_a_reader_has_the_old_or_the_new(server):
    """A download that began before a PUT ends with what it began with."""
    old, new = b"o" * (8 << 20), b"n" * (8 << 20)
    server.write("swap.bin", old)
    with server.connect() as conn:
        conn.request("GET", "/swap.bin")
        conn.fill()
        eq(server.put("/swap.bin", new).status, 204)
        eq(conn.read().body, old)
        eq(conn.ask("GET", "/swap.bin").body, new)


def test_put_needs_its_folder_and_makes_none(server):
    for target in ("/missing/x", "/missing/deeper/x", "/plain.txt/x"):
        eq(server.put(target, b"x").status, 409, target)
    eq(server.put("/folder", b"x").status, 405)
    one_of(server.put("/folder/", b"x").status, (405, 409))
    one_of(server.put("/new/", b"x").status, (405, 409))
    one_of(server.put("/", b"x").status, (405, 409))
    ok(not server.exists("missing") and not server.exists("new"), "nothing was made")
    eq(server.read("plain.txt"), b"plain")


def test_a_part_is_no_content(server):
    eq(server.put("/plain.txt", b"x", {"Content-Range": "bytes 0-0"}).status, 400)
    eq(server.put("/plain.txt", b"x", {"Content-Encoding": "gzip"}).status, 415)
    eq(server.read("plain.txt"), b"plain")


def test_a_put_that_breaks_off_leaves_nothing(server):
    before = server.names()
    for head in (head_of("PUT", "/broken", {"Content-Length": 1 << 20}) + b"x" * 200000,
                 head_of("PUT", "/broken", {"Transfer-Encoding": "chunked"}) + b"30000\r\n" + b"x" * 100000,
                 head_of("PUT", "/plain.txt", {"Content-Length": 10}) + b"half"):
        conn = server.connect()
        conn.send(head)
        conn.reset()
    eq(server.get("/broken").status, 404)
    eq(server.names(), before)
    eq(server.read("plain.txt"), b"plain")
    wait_for(lambda: not [fd for fd in server.fds() if (server.tmp in fd and "deleted" in fd) or fd.startswith(server.root + "/#")],
             "its unnamed files are given back: %r" % server.fds())


def test_delete(server):
    server.write("folder/delete", b"x")
    eq(server.delete("/folder/delete").status, 204)
    eq(server.delete("/folder/delete").status, 404)
    eq(server.delete("/missing/x").status, 404)
    eq(server.delete("/plain.txt/x").status, 404)
    eq(server.delete("/").status, 403)
    eq(server.read("folder/x"), b"x")


# ---- modes, owners, lists ---------------------------------------------------------------------------


@cases(("022", "022", 0o644), ("077", "077", 0o600), ("002", "002", 0o664), ("000", "000", 0o666))
def test_a_new_file_has_0666_less_the_umask(server, umask, mode):
    one = Elsewhere(["sh", "-c", "umask %s; exec \"$0\" \"$@\"" % umask, SAMOVAR, "{root}", "--listen", "127.0.0.1:0"])
    try:
        one.start()
        one.put("/new", b"x")
        eq(oct(mode_of(one, "new")), oct(mode))
        one.put("/new", b"y")
        eq(oct(mode_of(one, "new")), oct(mode), "after a replacement")
        with one.connect() as conn:
            conn.send(head_of("PUT", "/large", {"Content-Length": 300000}) + b"x" * 300000)
            eq(conn.read("PUT").status, 201)
        eq(oct(mode_of(one, "large")), oct(mode))
        eq(stat.S_IMODE(os.stat(one.path(".samovar")).st_mode) & 0o077, 0)
    finally:
        one.stop()
        one.remove()


def test_a_setgid_folder_gives_its_group(server):
    needs_root()
    os.mkdir(server.path("team"))
    os.chown(server.path("team"), 0, 4321)
    os.chmod(server.path("team"), 0o2775)
    server.put("/team/new", b"1")
    eq(os.stat(server.path("team/new")).st_gid, 4321)
    server.put("/team/new", b"2")
    eq(os.stat(server.path("team/new")).st_gid, 4321, "after a replacement")


@cases(("usual", 0o640), ("executable", 0o755), ("closed", 0o600), ("open", 0o666), ("read-only", 0o444))
def test_a_replaced_file_keeps_its_mode(server, mode):
    server.write("mode", b"old")
    os.chmod(server.path("mode"), mode)
    eq(server.put("/mode", b"new").status, 204)
    eq((oct(mode_of(server, "mode")), server.read("mode")), (oct(mode), b"new"))


def test_a_replaced_file_keeps_owner_and_group(server):
    needs_root()
    server.write("owned", b"old")
    os.chown(server.path("owned"), 1234, 4321)
    os.chmod(server.path("owned"), 0o660)
    eq(server.put("/owned", b"new").status, 204)
    got = os.stat(server.path("owned"))
    eq((got.st_uid, got.st_gid, stat.S_IMODE(got.st_mode)), (1234, 4321, 0o660))


def test_a_replaced_file_runs_with_nobodys_rights(server):
    """What ran as its owner does not do so with a stranger's content."""
    server.write("setuid", b"old")
    os.chmod(server.path("setuid"), 0o6755)
    eq(server.put("/setuid", b"new").status, 204)
    eq(mode_of(server, "setuid") & 0o6000, 0, "set-user-id bits")


def test_user_xattrs_stay_and_are_replaced_by_nothing(server):
    path = server.write("xattr", b"old")
    try:
        os.setxattr(path, "user.note", b"mine")
        os.setxattr(path, "user.empty", b"")
    except OSError as why:
        skip("no user xattrs here: %s" % why)
    eq(server.put("/xattr", b"new").status, 204)
    eq((os.getxattr(path, "user.note"), os.getxattr(path, "user.empty")), (b"mine", b""))
    eq(server.read("xattr"), b"new")
    eq(server.put("/xattr-new", b"new").status, 201)
    eq(os.listxattr(server.path("xattr-new")), [])


def acl(server, name, *options):
    return subprocess.run(["getfacl", "-cEp", *options, server.path(name)], capture_output=True, text=True,
                          check=True).stdout


def set_acl(server, name, *words):
    for tool in ("setfacl", "getfacl"):
        if not shutil.which(tool):
            skip("%s is not installed" % tool)
    done = subprocess.run(["setfacl", *words, server.path(name)], capture_output=True, text=True, check=False)
    if done.returncode:
        skip("no access lists here: %s" % done.stderr.strip())


def test_a_folders_default_list_is_given_to_new_files(server):
    os.mkdir(server.path("listed"))
    set_acl(server, "listed", "-m", "d:u:1234:rw,d:g:4321:r,d:o::-")
    with open(server.path("listed/by-hand"), "wb"):
        pass
    server.put("/listed/by-put", b"x")
    eq(acl(server, "listed/by-put"), acl(server, "listed/by-hand"))
    contains(acl(server, "listed/by-put"), "user:1234:rw")
    server.put("/listed/by-put", b"y")
    eq(acl(server, "listed/by-put"), acl(server, "listed/by-hand"), "after a replacement")


def test_a_replaced_file_keeps_its_list(server):
    server.write("with-list", b"old")
    set_acl(server, "with-list", "-m", "u:1234:rw,g:4321:-")
    before = acl(server, "with-list")
    eq(server.put("/with-list", b"new").status, 204)
    eq(acl(server, "with-list"), before)


def test_a_replaced_file_without_a_list_gets_none_of_its_folder(server):
    os.mkdir(server.path("later"))
    server.write("later/old", b"old")
    os.chmod(server.path("later/old"), 0o600)
    set_acl(server, "later", "-m", "d:u:1234:rw")
    eq(server.put("/later/old", b"new").status, 204)
    eq(mode_of(server, "later/old"), 0o600)
    ok("user:1234" not in acl(server, "later/old"), "no more people may read it than before")


# ---- names ------------------------------------------------------------------------------------------

NAMES = (
    ("newline", b"new\nline"), ("return", b"car\rriage"), ("tab", b"t\tab"), ("escape", b"\x1b[31m"),
    ("delete", b"\x7f"),
    ("one", b"\x01"), ("invalid utf-8", b"\xff\xfe\x80"), ("half utf-8", b"caf\xc3"), ("overlong", b"\xc0\xae\xc0\xae"),
    ("surrogate", b"\xed\xa0\x80"), ("composed", "\u00e9".encode()), ("decomposed", "e\u0301".encode()),
    ("rtl", "\u202egnp.exe".encode()), ("emoji", "\U0001fad6".encode()), ("percent", b"%"), ("percent 41", b"%41"),
    ("question", b"what?"), ("hash", b"#1"), ("semicolon", b"a;b=c"), ("plus", b"a+b"), ("space", b" "),
    ("spaces", b" a  b "),
    ("backslash", b"a\\b"), ("quotes", b"\"'`"), ("angle", b"<a href=x>"), ("amp", b"&amp;"), ("colon", b"c:"),
    ("star", b"*"), ("tilde", b"~root"), ("dots", b"..."), ("dot dot x", b"..x"), ("dash", b"-rf"),
    ("brackets", b"[1]{2}|^"),
    ("dollar", b"$HOME"), ("255 octets", b"x" * 255), ("255 of utf-8", "\u00e9".encode() * 127),
    ("windows", b"con.txt."))


@cases(*NAMES)
def test_names_are_octets(server, name):
    """PUT, the folder, the listing, GET and DELETE all mean the same octets."""
    target = "/" + quote_from_bytes(name, safe="")
    eq(server.put(target, name).status, 201)
    path = os.path.join(os.fsencode(server.root), name)
    with open(path, "rb") as file:
        eq(file.read(), name)
    got = server.get(target)
    eq((got.status, got.body), (200, name))
    listing = server.get("/", {"Accept": "application/json"}).text
    hrefs = [member["href"] for member in json.loads(listing)["members"]]
    mine = [href for href in hrefs if server.head(href).fields.get("ETag") == got.etag]
    eq(len(mine), 1, "its address in the listing, among %r" % hrefs)
    eq(server.delete(mine[0]).status, 204)
    ok(not os.path.lexists(path), "it is gone")


def test_a_created_names_location_leads_to_it(server):
    for _, name in NAMES[:12]:
        where = server.put("/folder/" + quote_from_bytes(name, safe=""), name).fields["Location"]
        eq(server.get(where).body, name)
        eq(server.delete(where).status, 204)


def test_names_that_no_file_system_takes(server):
    for target, statuses in (("/" + "x" * 256, (400, 404, 414)), ("/a%00b", (400,)), ("/a%2fb", (400, 404)),
                             ("/%", (400,)),
                             ("/%4", (400,)), ("/%zz", (400,)), ("/" + "d/" * 1500 + "x", (400, 404, 409, 414))):
        one_of(server.put(target, b"x").status, statuses, "PUT " + target[:40])
        one_of(server.get(target).status, statuses, "GET " + target[:40])
        one_of(server.delete(target).status, statuses, "DELETE " + target[:40])


def test_a_deep_path_of_long_names(server):
    """Longer than PATH_MAX as a whole, which no single call may take."""
    parts = ["%d" % (number % 10) * 200 for number in range(30)]
    here = os.open(server.root, os.O_RDONLY)
    for part in parts:
        os.mkdir(part, dir_fd=here)
        below = os.open(part, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    target = "/" + "/".join(parts) + "/x"
    got = server.put(target, b"deep")
    if got.status == 201:
        eq(server.get(target).body, b"deep")
        eq(server.delete(target).status, 204)
    else:
        one_of(got.status, (400, 409, 414))
        one_of(server.get(target).status, (400, 404, 414))


@cases(("up", "/../../etc/passwd"), ("encoded", "/%2e%2e/%2e%2e/etc/passwd"), ("inside", "/folder/../../etc/passwd"),
       ("half", "/.%2e/etc/passwd"), ("backslash", "/..\\..\\etc\\passwd"), ("absolute", "//etc/passwd"))
def test_dots_never_leave_the_root(server, target):
    with server.connect() as conn:
        got = conn.ask("GET", target)
        one_of(got.status, (400, 404, 308))
        ok(b"root:" not in got.body, "it is not the system's")


@own_server("--names", "nfc")
def test_names_nfc_brings_them_to_one_form(server):
    composed, decomposed = "Caf\u00e9.txt", unicodedata.normalize("NFD", "Caf\u00e9.txt")
    eq(server.put("/" + quote_from_bytes(decomposed.encode()), b"1").status, 201)
    eq(server.names(), [composed])
    eq(server.put("/" + quote_from_bytes(composed.encode()), b"2").status, 204)
    eq(server.get("/" + quote_from_bytes(decomposed.encode())).body, b"2")
    eq(server.delete("/" + quote_from_bytes(decomposed.encode())).status, 204)
    eq(server.put("/%ff%fe", b"x").status in (201, 400), True, "what is no UTF-8")


@own_server("--names", "nfc")
def test_names_nfc_still_finds_what_others_wrote(server):
    """A file whose name another program made in the other form."""
    decomposed = unicodedata.normalize("NFD", "\u00fcber")
    server.write(decomposed, b"old")
    got = server.get("/" + quote_from_bytes(decomposed.encode()))
    one_of(got.status, (200, 404))
    if got.status == 200:
        eq(got.body, b"old")


# ---- symbolic links ---------------------------------------------------------------------------------


def make_links(server):
    server.write("real/file", b"inside")
    with open(os.path.join(server.tmp, "outside"), "wb") as out:
        out.write(b"outside")
    for name, to in (("inside", "real/file"), ("folder", "real"), ("up", "real/../real/file"), ("two", "inside"),
                     ("outside", "../outside"), ("absolute", os.path.join(server.tmp, "outside")),
                     ("absolute-inside", server.path("real/file")), ("circle", "circle"), ("broken", "nothing"),
                     ("broken-out", "../made"), ("top", ".."), ("real/back", "../real")):
        os.symlink(to, server.path(name))


def outside(server):
    with open(os.path.join(server.tmp, "outside"), "rb") as file:
        return file.read()


@own_server(before=make_links)
def test_links_inside_the_root_are_followed_and_others_refused(server):
    for target in ("/inside", "/folder/file", "/up", "/two", "/real/back/back/file", "/folder/back/file"):
        eq(server.get(target).body, b"inside", target)
    for target in ("/outside", "/absolute", "/circle", "/broken-out", "/top/outside", "/top/"):
        eq(server.get(target).status, 404, target)
        one_of(server.put(target, b"x").status, (403, 404, 405, 409), "PUT " + target)
    eq(outside(server), b"outside")
    ok(not os.path.lexists(os.path.join(server.tmp, "made")), "nothing was made outside through a broken link")


@own_server(before=make_links)
def test_a_broken_link_is_nothing_until_its_target_is_made(server):
    eq(server.get("/broken").status, 404)
    eq(server.put("/broken", b"made").status, 201)
    eq(server.read("nothing"), b"made")
    ok(os.path.islink(server.path("broken")), "the link is still one")
    eq(server.get("/broken").body, b"made")


@own_server(before=make_links)
def test_a_put_through_a_link_changes_what_it_names(server):
    """The link stays one."""
    eq(server.put("/inside", b"new").status, 204)
    eq(server.read("real/file"), b"new")
    ok(os.path.islink(server.path("inside")), "the link is still one")
    eq(server.put("/folder/more", b"more").status, 201)
    eq(server.read("real/more"), b"more")


@own_server(before=make_links)
def test_a_delete_removes_the_link_alone(server):
    one_of(server.delete("/inside").status, (204, 403), "DELETE")
    eq(server.read("real/file"), b"inside")
    one_of(server.delete("/outside").status, (204, 404), "DELETE of a link that leads out")
    eq(outside(server), b"outside")


@own_server("--symlinks", "never", before=make_links)
def test_symlinks_never(server):
    eq(server.get("/real/file").body, b"inside")
    for target in ("/inside", "/folder/file", "/up", "/two", "/outside", "/absolute", "/folder/", "/real/back/file"):
        one_of(server.get(target).status, (403, 404), target)
        one_of(server.put(target, b"x").status, (403, 404, 405, 409), "PUT " + target)
    eq(server.read("real/file"), b"inside")
    eq(outside(server), b"outside")


@own_server("--symlinks", "anywhere", before=make_links)
def test_symlinks_anywhere(server):
    for target in ("/inside", "/folder/file", "/up", "/absolute-inside"):
        eq(server.get(target).body, b"inside", target)
    for target in ("/outside", "/absolute"):
        eq(server.get(target).body, b"outside", target)
    for target in ("/circle", "/broken"):
        eq(server.get(target).status, 404, target)
    eq(server.get("/.samovar/").status, 404)


@own_server(files={"a": b"a"}, before=lambda server: os.symlink(".samovar", server.path("door")))
def test_no_link_leads_to_the_servers_own_folder(server):
    server.put("/a", b"b")
    server.put("/a", b"c")
    ok(server.exists(".samovar"), "it is there")
    for target in ("/door/", "/door/stamp", "/door/x", "/door"):
        one_of(server.get(target).status, (403, 404), target)
        one_of(server.put(target, b"x").status, (403, 404, 405, 409), "PUT " + target)
    ok(not server.exists(".samovar/x"), "nothing was put there")


# ---- large files ------------------------------------------------------------------------------------


def test_a_sparse_file_of_5_gib(server):
    size = 5 << 30
    with open(server.path("sparse"), "wb") as out:
        out.truncate(size)
        out.seek(size - 4)
        out.write(b"last")
    eq(server.head("/sparse").fields["Content-Length"], str(size))
    got = server.get("/sparse", {"Range": "bytes=-4"})
    eq((got.status, got.body, got.fields["Content-Range"]),
       (206, b"last", "bytes %d-%d/%d" % (size - 4, size - 1, size)))
    got = server.get("/sparse", {"Range": "bytes=%d-%d" % ((4 << 30) - 2, (4 << 30) + 1)})
    eq(got.body, b"\0\0\0\0")
    members = server.get("/", {"Accept": "application/json"}).text
    contains(members, '"size":%d' % size)
    server.delete("/sparse")
