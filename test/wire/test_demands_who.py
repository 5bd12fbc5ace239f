"""policy.md §5 and POL-C5: whom a legal demand keeps from what, and when it is read again."""

import os
import signal
import subprocess

from program import basic, refused
from test_command_users import write_users
from test_demands import blocked, write_register
from wire import STRETCH, cases, contains, eq, lacks, needs, obliges, ok, own_server, wait_for
from dav import conflicts, error_of, lock_of, lockinfo, multistatus, prop_body, propfind
import mmdb

COUNTRIES = {"192.0.2.0/24": "DE", "198.51.100.0/24": "FR", "2001:db8:de::/48": "DE"}
GERMAN, GERMAN6, FRENCH, NOBODY = ({"X-Forwarded-For": address} for address in
                                   ("192.0.2.7", "2001:db8:de::7", "198.51.100.7", "203.0.113.7"))
HERE = """
demand "here" { paths = { "/books/banned" } authority = "District Court" countries = { "de" } }
"""
CONFIG = """
listen = { "127.0.0.1:0" }
trusted-proxies = { "127.0.0.1" }
country-database = "{tmp}/countries.mmdb"
site "s" { root = "{root}" demands = "{tmp}/register" allow-write = anyone }
"""
FILES = {"books/banned/a.txt": b"secret-a", "books/free.txt": b"free", "hot.txt": b"hot"}


def write_countries(server, countries=None):
    needs("countries")
    with open(server.tmp + "/new.mmdb", "wb") as out:
        out.write(mmdb.database(countries or COUNTRIES))
    os.rename(server.tmp + "/new.mmdb", server.tmp + "/countries.mmdb")


def write_here(server):
    write_countries(server)
    write_register(server, HERE)


def reload(server):
    known = len(server.lines)
    server.signal(signal.SIGHUP)
    return wait_for(lambda: [line for line in server.lines[known:] if "reloaded" in line], "it tells of the reload")[0]


def becomes(server, target, status, fields=()):
    """Each loop takes the new configuration at its next turn."""
    wait_for(lambda: server.get(target, fields).status == status, f"{target} is answered {status}")
    for _ in range(4):
        eq(server.get(target, fields).status, status)


# ---- countries ---------------------------------------------------------------------------------------


@obliges("POL-50")
@own_server(config=CONFIG, files=FILES, before=write_here)
def test_a_demand_holds_in_its_countries(server):
    for _ in range(4):
        for there in (GERMAN, GERMAN6):
            got = blocked(server.get("/books/banned/a.txt", there), '</>; rel="blocked-by"')
            contains(got.text, "DE")
            contains(got.fields.words("Cache-Control"), "private")
        for elsewhere in (FRENCH, NOBODY, {}):
            got = server.get("/books/banned/a.txt", elsewhere)
            eq(got.body, b"secret-a")
            contains(got.fields.words("Cache-Control"), "private")
    lacks(server.get("/hot.txt", FRENCH).fields.words("Cache-Control"), "private")


@obliges("POL-51")
@own_server(config=CONFIG, files=FILES, before=write_here)
def test_what_a_folder_shows_depends_on_the_country(server):
    for _ in range(4):
        eq(set(multistatus(propfind(server, "/books/", depth="1", **{"X-Forwarded-For": "192.0.2.7"}))),
           {"/books/", "/books/free.txt"})
        eq(set(multistatus(propfind(server, "/books/", depth="1", **{"X-Forwarded-For": "198.51.100.7"}))),
           {"/books/", "/books/free.txt", "/books/banned/"})
        got = server.get("/books/", GERMAN)
        lacks(got.text, "banned")
        contains(got.fields.words("Cache-Control"), "private")
        contains(server.get("/books/", FRENCH).text, "banned")


@own_server(config=CONFIG, files=FILES, before=write_here)
def test_who_may_see_it_does_not_move_it_out_from_under_the_demand(server):
    eq(server.request("MOVE", "/books/banned/a.txt", {**FRENCH, "Destination": "/a.txt"}).status, 451)
    eq(conflicts(server.request("MOVE", "/books/", {**FRENCH, "Destination": "/moved/"})), {"/books/banned": 451})
    eq(server.get("/books/banned/a.txt", FRENCH).status, 200)
    eq(server.delete("/books/banned/a.txt", FRENCH).status, 204)


@own_server(config=CONFIG, files=FILES, before=write_here)
def test_the_countries_are_read_again(server):
    becomes(server, "/books/banned/a.txt", 451, GERMAN)
    write_countries(server, {"192.0.2.0/24": "FR", "198.51.100.0/24": "DE"})
    eq(reload(server), "reloaded")
    becomes(server, "/books/banned/a.txt", 200, GERMAN)
    becomes(server, "/books/banned/a.txt", 451, FRENCH)
    os.remove(server.tmp + "/countries.mmdb")
    contains(reload(server), "countries.mmdb")
    becomes(server, "/books/banned/a.txt", 451, FRENCH)


# ---- users -------------------------------------------------------------------------------------------

USERS = """
listen = { "127.0.0.1:0" }
site "s" { root = "{root}" users = "{tmp}/users" demands = "{tmp}/register" }
"""
BOTH = """
demand "told" { paths = { "/told" } public = on }
demand "quiet" { paths = { "/quiet" } }
"""


def write_both(server):
    write_users(server)
    write_register(server, BOTH)


@obliges("POL-45")
@own_server(config=USERS, files={"told": b"x", "quiet": b"y"}, before=write_both)
def test_who_may_not_read_is_told_only_of_public_demands(server):
    """POL-C5."""
    blocked(server.get("/told"), '</>; rel="blocked-by"')
    blocked(server.get("/told", basic("ada", "nonsense")), '</>; rel="blocked-by"')
    eq(server.get("/quiet").status, 401)
    eq(server.get("/quiet/nothing").status, 401)
    got = blocked(server.get("/quiet", basic("ada", "ada secret")), '</>; rel="blocked-by"')
    contains(got.fields.words("Cache-Control"), "private")


# ---- the register is read again ----------------------------------------------------------------------

def close_books(server):
    write_register(server, 'demand "a" { paths = { "/books" } }')


PLAIN = """
listen = { "127.0.0.1:0" }
site "s" { root = "{root}" demands = "{tmp}/register" }
"""


@obliges("POL-54")
@own_server(config=PLAIN, files=FILES, before=close_books)
def test_a_demand_that_is_lifted_leaves_all_as_it_was(server):
    blocked(server.get("/books/free.txt"), '</>; rel="blocked-by"')
    for _ in range(4):
        before = server.get("/hot.txt")
    write_register(server, 'demand "b" { paths = { "/hot.txt" } }')
    eq(reload(server), "reloaded")
    becomes(server, "/hot.txt", 451)
    becomes(server, "/books/free.txt", 200)
    write_register(server, "# none\n")
    eq(reload(server), "reloaded")
    becomes(server, "/hot.txt", 200)
    after = server.get("/hot.txt")
    eq((after.body, after.etag), (before.body, before.etag))


@cases(("wrong", 'demand "a" {\n pahts = { "/books" }\n}', "register:2: no directive"),
       ("cut", 'demand "a" { paths = { "/b', "register"),
       ("gone", None, "register: it cannot be read"))
@own_server(config=PLAIN, files=FILES, before=close_books)
def test_a_register_that_is_wrong_opens_nothing(server, text, why):
    close_books(server)
    reload(server)
    if text is None:
        os.remove(server.tmp + "/register")
    else:
        write_register(server, text)
    contains(reload(server), why)
    becomes(server, "/books/free.txt", 451)
    start = subprocess.run(server.command(), capture_output=True, text=True, timeout=30 * STRETCH, check=False)
    ok(start.returncode != 0, "another one does not start")
    contains(start.stderr, why)


@own_server(config=PLAIN.replace("{tmp}", "{root}"), files={"register": b'demand "a" { paths = { "/x" } }'})
def test_the_register_itself_is_not_served(server):
    eq(server.get("/register").status, 404)


@obliges("POL-51")
@own_server(config=PLAIN, files=FILES, before=lambda server: write_register(server, "# none"))
def test_locks_on_it_are_not_told_of(server):
    lock_of(server, "/books/banned/a.txt")
    write_register(server, 'demand "a" { paths = { "/books/banned" } }')
    reload(server)
    becomes(server, "/books/banned/a.txt", 451)
    got = server.request("LOCK", "/books/", {"Depth": "infinity", "Content-Type": "application/xml"}, lockinfo())
    eq(error_of(got, 423), "no-conflicting-lock")
    lacks(got.text, "banned")
    lacks(propfind(server, "/books/", prop_body("{DAV:}lockdiscovery"), depth="1").text, "banned")


@obliges("POL-51")
@own_server(config=PLAIN, files=FILES, before=lambda server: write_register(server, "# none"))
def test_if_tells_nothing_of_it(server):
    tag = server.get("/books/banned/a.txt").etag
    holds = {"If": f"</books/banned/a.txt> ([{tag}])"}
    eq(server.put("/hot.txt", b"new", holds).status, 204)
    write_register(server, 'demand "a" { paths = { "/books/banned" } }')
    reload(server)
    becomes(server, "/books/banned/a.txt", 451)
    eq(server.put("/hot.txt", b"newer", holds).status, 412)
    eq(server.put("/hot.txt", b"newer", {"If": "</books/banned/nothing> ([\"x\"])"}).status, 412)


# ---- links -------------------------------------------------------------------------------------------


def make_links(server):
    write_register(server, 'demand "a" { paths = { "/books/banned", "/**/sealed.txt" } }')
    os.symlink("books/banned", server.root + "/folder-link")
    os.symlink("books/banned/a.txt", server.root + "/file-link")
    os.symlink("books/banned/nothing", server.root + "/dangling")
    os.symlink("books", server.root + "/above")
    os.symlink("books/sealed.txt", server.root + "/pattern-link")


@obliges("POL-51")
@own_server(config=PLAIN, files={**FILES, "books/sealed.txt": b"secret"}, before=make_links)
def test_no_link_leads_to_what_a_demand_is_about(server):
    for target in ("/folder-link", "/folder-link/a.txt", "/file-link", "/dangling", "/above/banned/a.txt",
                   "/pattern-link"):
        for _ in range(3):
            got = server.get(target)
            ok(got.status in (404, 451), f"{target}: {got.status}")
            lacks(got.text, "secret")
        lacks(propfind(server, target, depth="1").text, "a.txt</")
    for target in ("/file-link", "/dangling", "/folder-link/new"):
        ok(server.put(target, b"x").status in (404, 409, 451), f"PUT {target}")
    eq(server.read("books/banned/a.txt"), b"secret-a")
    eq(server.names("books/banned"), ["a.txt"])
    eq(server.get("/above/free.txt").body, b"free")
    for depth in ("1", "infinity"):
        eq(set(multistatus(propfind(server, "/above/", depth=depth))), {"/above/", "/above/free.txt"})
    for accept in ("text/html", "application/json"):
        got = server.get("/above/", {"Accept": accept})
        contains(got.text, "free.txt")
        lacks(got.text, "banned")
        lacks(got.text, "sealed")
    lacks(propfind(server, "/", depth="infinity").text, "above/banned")


@cases(("missing", None), ("something else", b"no database"))
@own_server()
def test_a_database_that_cannot_be_read_is_told_beforehand(server, content):
    """Also by a build that knows no countries: it says so."""
    path, config = server.tmp + "/other.mmdb", server.tmp + "/other.conf"
    if content is not None:
        with open(path, "wb") as out:
            out.write(content)
    with open(config, "w", encoding="utf-8") as out:
        out.write('country-database = "%s"\nsite "s" { root = "%s" }\n' % (path, server.root))
    contains(refused("--config", config, "--check-config", status=2), "the country-database " + path)
