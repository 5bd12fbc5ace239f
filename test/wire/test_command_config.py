"""--config: sites, hosts and `at` blocks; errors with file and line; --check-config; SIGHUP."""

import os
import re
import signal
import tempfile

from program import ended, fresh_folder, refused
from wire import cases, contains, eq, head_of, lacks, ok, one_of, own_server, wait_for

SITES = """
# two sites on one address
listen = { "127.0.0.1:0" }
site "first" {
    root = "{root}/one"
    host = { "one.example.org", "uno.example.org" }
}
site "second" {
    host = { "two.example.org" }
    root = "{root}/two"
    read-only = on
}
"""
SITES_FILES = {"one/a": b"of one", "two/a": b"of two", "one/only": b"1"}


@own_server(config=SITES, files=SITES_FILES)
def test_the_host_chooses_the_site(server):
    eq(server.get("/a", {"Host": "one.example.org"}).body, b"of one")
    eq(server.get("/a", {"Host": "UNO.example.org:8080"}).body, b"of one")
    eq(server.get("/a", {"Host": "two.example.org"}).body, b"of two")
    eq(server.get("/only", {"Host": "two.example.org"}).status, 404)
    eq(server.get("/a").body, b"of one", "the first site answers for addresses")
    eq(server.get("/a", {"Host": "three.example.org"}).status, 421)
    eq(server.request("GET", "http://two.example.org/a", {"Host": "one.example.org"}).body, b"of two", "absolute form")
    contains(server.stdout(), "serving %s/one" % server.root)
    contains(server.stdout(), "serving %s/two, read-only as asked" % server.root)


@own_server(config=SITES, files=SITES_FILES)
def test_each_site_has_its_own_rights(server):
    eq(server.put("/b", b"b", {"Host": "one.example.org"}).status, 201)
    eq(server.put("/b", b"b", {"Host": "two.example.org"}).status, 403)
    ok(server.exists("one/b") and not server.exists("two/b"), "stored in the first one alone")


@own_server(config=SITES, files=SITES_FILES)
def test_one_connection_may_ask_for_several_sites(server):
    """Also where both files are hot."""
    with server.connect() as conn:
        for _ in range(5):
            eq(conn.ask("GET", "/a", {"Host": "one.example.org"}).body, b"of one")
            eq(conn.ask("GET", "/a", {"Host": "two.example.org"}).body, b"of two")


PLACES = """
listen = { "127.0.0.1:0" }
site "s" {
    root = "{root}"
    index = off
    at "/a" { hidden = deny  untrusted = on }
    at "/a/b" { index = on }
    at "/a/b/c" { hidden = listed  untrusted = off }
    at "/a space" { index = on }
}
"""
PLACES_FILES = {name: b"<p>hello" for name in
                ("index.html", ".dot", "a/index.html", "a/.dot", "a/b/index.html", "a/b/.dot", "a/b/c/index.html",
                 "a/b/c/.dot", "a space/index.html", "ab/.dot", "ab/index.html", "c/x")}


@cases(("top", "/", 200, "listing", None), ("a", "/a/", 403, "listing", "sandbox"),
       ("b", "/a/b/", 403, "index", "sandbox"),
       ("c", "/a/b/c/", 200, "index", None), ("decoded", "/a%20space/", 200, "index", None),
       ("not within", "/ab/", 200, "listing", None))
@own_server(config=PLACES, files=PLACES_FILES)
def test_for_each_directive_the_longest_at_wins(server, folder, dot_status, shown, policy):
    if folder != "/a%20space/":
        eq(server.get(folder + ".dot").status, dot_status)
    page = server.get(folder)
    eq("listing" if b"<table>" in page.body else "index", shown)
    policy_got = server.get(folder + "index.html").fields.get("Content-Security-Policy")
    eq("sandbox" in (policy_got or ""), policy == "sandbox", "the policy of its files: %r" % policy_got)


@own_server(config='listen = { "127.0.0.1:0" }\nsite "s" { root = "{root}" }\n',
            files={".dot": b"d", "index.html": b"<p>i"})
def test_everything_has_a_default(server):
    eq(server.get("/").body, b"<p>i")
    eq(server.get("/.dot").body, b"d")
    eq(server.put("/x", b"x").status, 201)


@own_server("--limit", "field-count=30", config='limits { request-line = 1K }\nlisten = { "127.0.0.1:0" }\n'
            'site "s" { root = "{root}" }\n')
def test_limits_of_the_file_and_of_the_line(server):
    eq(server.get("/" + "x" * 900).status, 404)
    eq(server.get("/" + "x" * 1100).status, 414)
    eq(server.get("/", [("X-%d" % number, "1") for number in range(40)]).status, 431)


@own_server("--listen", "127.0.0.1:0", config='site "s" { root = "root" }\n', files={"a": b"a"})
def test_paths_are_relative_to_the_file(server):
    eq(server.get("/a").body, b"a")


@own_server(config='listen = { "127.0.0.1:0" }\nsite "s" { root = "{tmp}" }\n', files={"a": b"a"})
def test_the_configuration_itself_is_refused_inside_the_root(server):
    eq(server.get("/root/a").body, b"a")
    one_of(server.get("/samovar.conf").status, (403, 404))
    one_of(server.put("/samovar.conf", b"x").status, (403, 404, 409))
    one_of(server.delete("/samovar.conf").status, (403, 404))
    ok(os.path.getsize(server.config_path) > 10, "it is as it was")
    lacks(server.get("/", {"Accept": "application/json"}).text, "samovar.conf", "the listing")


# ---- errors -----------------------------------------------------------------------------------------

GOOD = 'listen = { "127.0.0.1:0" }\nsite "s" {\n    root = "%s"\n}\n'


def written(server, text):
    folder = fresh_folder(server)
    path = os.path.join(folder, "wrong.conf")
    with open(path, "w", encoding="utf-8") as out:
        out.write(text.replace("{here}", folder))
    return path


WRONG = (
    ("unknown directive", 'listen = { "127.0.0.1:0" }\n\nlissten = 3\nsite "s" { root = "{here}" }\n', 3, "lissten"),
    ("unknown in a site", 'site "s" {\n  root = "{here}"\n  rooot = "/"\n}\n', 3, "rooot"),
    ("unknown in at", 'site "s" {\n  root = "{here}"\n  at "/" {\n    root = "/"\n  }\n}\n', 4, "root"),
    ("bad number", 'workers = many\nsite "s" { root = "{here}" }\n', 1, "many"),
    ("bad word", 'site "s" {\n  root = "{here}"\n  durability = half\n}\n', 3, "half"),
    ("bad size", 'limits {\n  body = 3X\n}\nsite "s" { root = "{here}" }\n', 2, "3X"),
    ("bad time", 'limits {\n  head-time = soon\n}\nsite "s" { root = "{here}" }\n', 2, "soon"),
    ("bad flag", 'site "s" {\n  root = "{here}"\n  read-only = perhaps\n}\n', 3, "perhaps"),
    ("bad address", '\n\n\nlisten = { "nowhere" }\nsite "s" { root = "{here}" }\n', 4, "nowhere"),
    ("bad proxy", 'trusted-proxies = { "10.0.0.0/33" }\nsite "s" { root = "{here}" }\n', 1, "10.0.0.0/33"),
    ("bad right", 'site "s" {\n  root = "{here}"\n  allow "*" { rights = { "reed" } }\n}\n', 3, "reed"),
    ("bad path", 'site "s" {\n  root = "{here}"\n  at "relative" { }\n}\n', 3, "relative"),
    ("bad host", 'site "s" {\n  root = "{here}"\n  host = { "a b" }\n}\n', 3, "a b"),
    ("missing folder", 'site "s" {\n  root = "{here}/missing"\n}\n', None, "missing"),
    ("no root", 'site "s" {\n}\n', None, "root"),
    ("no site", 'listen = { "127.0.0.1:0" }\n', None, "site"),
    ("not closed", 'site "s" {\n  root = "{here}"\n', None, ""),
    ("closed twice", 'site "s" {\n  root = "{here}"\n}\n}\n', 4, ""),
    ("open string", 'site "s" {\n  root = "{here}\n}\n', None, ""),
    ("two at one path", 'site "s" {\n  root = "{here}"\n  at "/a" { index = on }\n  at "/a/" { index = off }\n}\n', 4,
     "/a"),
    ("two of one name", 'site "s" { root = "{here}" }\nsite "s" { root = "/" }\n', 2, ""),
    ("one host twice", 'site "a" { root = "{here}"\n host = { "h" } }\nsite "b" { root = "/"\n host = { "h" } }\n', 4,
     "h"),
    ("one root twice", 'site "a" { root = "{here}" }\nsite "b" { root = "{here}/." }\n', 2, ""),
    ("missing users", 'site "s" {\n  root = "{here}"\n  users = "none"\n}\n', None, "none"),
)


@cases(*WRONG)
def test_an_error_has_file_and_line(server, text, line, word):
    """The same from --check-config and from the start, which then does not happen: one line, status 2."""
    path = written(server, text)
    told = refused("--config", path, "--check-config", status=2)
    eq(refused("--config", path, status=2), told)
    found = re.match(r"samovar: (.*?):(\d+): (.*)\Z", told)
    if line is None:
        contains(told, path)
    else:
        ok(found, "it has file and line: %r" % told)
        eq(found.group(1), path)
        eq(int(found.group(2)), line, "the line in %r" % told)
    contains(told, word)


def test_check_config_says_that_it_is_right_and_ends(server):
    path = written(server, GOOD % server.root)
    status, out, err = ended("--config", path, "--check-config")
    eq((status, err), (0, ""))
    contains(out, "wrong.conf: ok")
    lacks(out, "listening")


def test_check_config_touches_nothing(server):
    """Not even while a server runs with that configuration."""
    path = written(server, GOOD % server.root)
    before = sorted(os.listdir(server.root))
    eq(ended("--config", path, "--check-config")[0], 0)
    eq(sorted(os.listdir(server.root)), before)


@cases(("missing", "/nonexistent.conf"), ("a folder", "/"))
def test_a_configuration_that_cannot_be_read(server, path):
    contains(refused("--config", path, status=2), path)
    contains(refused("--config", path, "--check-config", status=2), path)


@cases(("a folder", ["{root}"]), ("check alone", None), ("site's options", ["--read-only"]))
def test_what_does_not_go_with_a_configuration(server, words):
    if words is None:
        refused("--check-config", status=2)
        return
    refused("--config", written(server, GOOD % server.root), *[server.fill_in(word) for word in words], status=2)


def test_the_wrong_users_file_is_found_by_the_check(server):
    path = written(server, 'site "s" {\n  root = "{here}"\n  users = "users"\n}\n')
    with open(os.path.join(os.path.dirname(path), "users"), "w", encoding="ascii") as out:
        out.write("ann:plain\n")
    contains(refused("--config", path, "--check-config"), "users:1:")


# ---- SIGHUP -----------------------------------------------------------------------------------------

FIRST = """listen = { "127.0.0.1:0" }
site "s" {
    root = "{root}"
    at "/" { allow "*" { rights = { "read" } } }
}
"""
SECOND = FIRST.replace('"read"', '"read", "write"')


def told_after(server, text):
    """Writes the configuration, sends SIGHUP, gives the line that comes of it."""
    with open(server.config_path, "w", encoding="utf-8") as out:
        out.write(server.fill_in(text))
    known = len(server.lines)
    server.signal(signal.SIGHUP)
    return wait_for(lambda: [line for line in server.lines[known:] if "reloaded" in line], "it tells of the reload")[0]


def becomes(server, status, method="PUT", target="/b"):
    """Each loop takes the new configuration at its next turn."""
    wait_for(lambda: server.request(method, target, (), b"b" if method == "PUT" else None).status in status,
             "%s %s is answered %r" % (method, target, status))


@own_server(config=FIRST, files={"a": b"a", "index.html": b"<p>i"})
def test_a_reload_holds_for_what_comes_after_it(server):
    with server.connect() as conn:
        eq(conn.ask("PUT", "/b", (), b"b").status, 403)
        eq(told_after(server, SECOND), "reloaded")
        wait_for(lambda: conn.ask("PUT", "/b", (), b"b").status in (201, 204), "an open connection has the new rights")
        eq(told_after(server, FIRST.replace("at ", "index = off\n at ")), "reloaded")
        wait_for(lambda: conn.ask("PUT", "/b", (), b"b").status == 403, "and loses them again")
        contains(conn.ask("GET", "/").text, "<table>")
    eq(server.get("/a").body, b"a")


@own_server(config=SECOND, files={"hot": b"hot"})
def test_a_reload_forgets_what_was_hot(server):
    for _ in range(4):
        eq(server.get("/hot").body, b"hot")
    eq(told_after(server, SECOND.replace('"read", "write"', '"create"')), "reloaded")
    becomes(server, (403,), "GET", "/hot")
    for _ in range(8):
        eq(server.get("/hot").status, 403)


@own_server(config=SECOND, files={"hot.html": b"hot"})
def test_a_reload_dresses_hot_files_anew(server):
    for _ in range(4):
        lacks(server.get("/hot.html").fields, "Content-Security-Policy")
    eq(told_after(server, SECOND.replace("at ", "untrusted = on\n at ")), "reloaded")
    wait_for(lambda: "Content-Security-Policy" in server.get("/hot.html").fields, "it is untrusted now")
    for _ in range(8):
        contains(server.get("/hot.html").fields["Content-Disposition"], "attachment")


@own_server(config=SECOND)
def test_a_request_under_way_is_finished_by_what_it_began_with(server):
    with server.connect() as conn:
        conn.send(head_of("PUT", "/slow", {"Content-Length": "10", "Expect": "100-continue"}))
        conn.read_interim(100)
        eq(told_after(server, FIRST), "reloaded")
        becomes(server, (403,))
        conn.send("0123456789")
        eq(conn.read("PUT").status, 201)
        eq(conn.ask("PUT", "/slow", (), b"x").status, 403, "the next one")
    eq(server.read("slow"), b"0123456789")


@cases(("syntax", SECOND + "}\n", ":6:"), ("unknown", "wrong = 1\n" + SECOND, ":1:"), ("empty", "", "site"),
       ("users missing", SECOND.replace("at ", 'users = "missing"\nat '), "missing"))
@own_server(config=FIRST, files={"a": b"a"})
def test_a_wrong_configuration_changes_nothing(server, text, word):
    told = told_after(server, text)
    contains(told, "not reloaded")
    contains(told, server.config_path if word.startswith(":") else word)
    contains(told, word)
    for _ in range(4):
        eq(server.get("/a").body, b"a")
        eq(server.put("/b", b"b").status, 403)
    eq(told_after(server, SECOND), "reloaded")
    becomes(server, (201, 204))


@own_server(config=FIRST, files={"a": b"a"})
def test_a_configuration_that_went_away_changes_nothing(server):
    os.rename(server.config_path, server.config_path + ".old")
    known = len(server.lines)
    server.signal(signal.SIGHUP)
    wait_for(lambda: any("not reloaded" in line for line in server.lines[known:]), "it says so")
    eq(server.get("/a").body, b"a")


@own_server(config=FIRST, files={"a": b"a"})
def test_a_file_renamed_into_place_is_read(server):
    """As editors save."""
    with open(server.config_path + ".new", "w", encoding="utf-8") as out:
        out.write(server.fill_in(SECOND))
    os.rename(server.config_path + ".new", server.config_path)
    server.signal(signal.SIGHUP)
    wait_for(lambda: "reloaded" in server.lines, "it is reloaded: %s" % server.stdout())
    becomes(server, (201, 204))


RESTART = (
    ("root", SECOND.replace('"{root}"', '"{tmp}/other"'), "root"),
    ("listen", SECOND.replace("127.0.0.1:0", "127.0.0.1:81"), "listen"),
    ("listen more", SECOND.replace('{ "127.0.0.1:0" }', '{ "127.0.0.1:0", "unix:{tmp}/s" }'), "listen"),
    ("run-as", 'run-as = "nobody"\n' + SECOND, "run-as"),
    ("state", SECOND.replace("at ", 'state = "{tmp}/state"\nat '), "state"),
    ("durability", SECOND.replace("at ", "durability = relaxed\nat "), "durability"),
    ("symlinks", SECOND.replace("at ", "symlinks = never\nat "), "symlinks"),
    ("read-only", SECOND.replace("at ", "read-only = on\nat "), "read-only"),
    ("workers", "workers = 3\n" + SECOND, "workers"),
    ("loops", "loops = 3\n" + SECOND, "loops"),
    ("access log", 'access-log = "{tmp}/log"\n' + SECOND, "access-log"),
    ("log format", "log-format = json\n" + SECOND, "log-format"),
    ("another site", SECOND + 'site "t" { root = "{tmp}/other" }\n', "site"),
)


@cases(*RESTART)
@own_server(config=FIRST, files={"a": b"a"}, before=lambda server: os.mkdir(server.tmp + "/other"))
def test_what_cannot_change_while_running_needs_a_restart(server, text, word):
    told = told_after(server, text)
    contains(told, "needs a restart")
    contains(told, word)
    eq(server.put("/b", b"b").status, 403, "nothing else of it was taken either")
    eq(server.get("/a").body, b"a")
    eq(told_after(server, SECOND), "reloaded")
    becomes(server, (201, 204))


@own_server(config=FIRST, files={"a": b"a"})
def test_a_new_users_file_is_taken_or_told(server):
    """In a folder that was not named before, the confined process may not read it: then the old configuration stays."""
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "users"), "w", encoding="ascii") as out:
            out.write("ada:$apr1$LMfC2hnq$oOV1CTTxCHfHin7Y2hVCO/\n")
        told = told_after(server, FIRST.replace("at ", 'users = "%s/users"\nat ' % folder))
        if told == "reloaded":  # a kernel without Landlock
            becomes(server, (401,))
        else:
            contains(told, folder)
            contains(told, "needs a restart")
            eq(server.put("/b", b"b").status, 403)


@own_server("--loops", "1", config=FIRST, files={"a": b"a"})
def test_many_reloads_leave_nothing_behind(server):
    for _ in range(3):
        told_after(server, SECOND)
        told_after(server, FIRST)
    before = server.fds()
    for _ in range(10):
        eq(told_after(server, SECOND), "reloaded")
        eq(told_after(server, FIRST), "reloaded")
        eq(server.get("/a").body, b"a")
    told_after(server, FIRST)
    wait_for(lambda: len(server.fds()) <= len(before), "no more descriptors than %r, now %r" % (before, server.fds()))


@own_server("--listen", "127.0.0.1:0", files={"a": b"a"})
def test_without_a_configuration_the_options_are_read_again(server):
    server.signal(signal.SIGHUP)
    wait_for(lambda: "reloaded" in server.lines, "it tells of the reload")
    eq(server.get("/a").body, b"a")
    eq(server.put("/b", b"b").status, 201)
