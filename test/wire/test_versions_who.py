"""Earlier contents obey what holds for their file: rights, demands, limits, moves. What keeps from the one keeps from the other."""

import json
import signal

from dav import multistatus, propfind
from program import basic
from test_command_users import PASSWORDS, write_users
from test_versions import JSON, PAST, addresses, write
from wire import cases, contains, eq, lacks, obliges, ok, own_server, wait_for

ADA, BEA, YVES = (basic(name, PASSWORDS[name]) for name in ("ada", "bea", "yves"))
RIGHTS = """
listen = { "127.0.0.1:0" }
site "s" {
    root = "{root}"
    users = "{tmp}/users"
    history = 5
    at "/" {
        allow "*" { rights = { "read" } }
        allow "ada" { rights = { "read", "write" } }
        allow "yves" { rights = { "read", "write" } }
    }
    at "/team" { allow "ada" { rights = { "read", "write", "delete" } } }
    at "/box" {
        allow "*" { rights = { "create" } }
        allow "ada" { rights = { "read", "write" } }
    }
    at "/names" {
        allow "*" { rights = { "list" } }
        allow "ada" { rights = { "read", "write" } }
    }
    at "/open/17" { allow "ada" { rights = { "read", "write" } } }
}
"""
SEEN = {"team/note.txt": b"", "box/x": b"", "names/x": b"", "open/free.txt": b"", "open/17": b""}


def written(server, *paths):
    """By ada; the address of each one's earlier content."""
    hrefs = []
    for path in paths:
        for content in (b"old", b"new"):
            ok(server.put(path, content, ADA).status in (201, 204), "stored")
        hrefs.append(json.loads(server.get(f"{PAST}{path}/", {**JSON, **ADA}).body)["versions"][0]["href"])
    return hrefs


@own_server(config=RIGHTS, files=SEEN, before=write_users)
def test_who_may_not_read_the_file_may_not_read_its_past(server):
    [href] = written(server, "/team/note.txt")
    collection = href.rsplit("/", 1)[0] + "/"
    for path in (href, collection, collection[:-1], PAST + "/team/", PAST + "/team/nothing.txt/", collection + "1"):
        for method in ("GET", "HEAD", "PROPFIND", "COPY", "PUT", "DELETE", "OPTIONS"):
            fields = {"Destination": "/stolen.txt", "Depth": "1"}
            eq(server.request(method, path, fields).status, 401, f"{method} {path}, anonymous")
            eq(server.request(method, path, {**fields, **YVES}).status, 403, f"{method} {path}, yves")
    eq(server.get(href, ADA).body, b"old")
    ok(not server.exists("stolen.txt"), "nothing was copied")


@own_server(config=RIGHTS, files=SEEN, before=write_users)
def test_it_is_the_same_answer_as_the_file_s(server):
    written(server, "/team/note.txt", "/open/free.txt", "/names/x")
    for path in ("/team/note.txt", "/open/free.txt", "/box/x", "/box/nothing", "/names/x"):
        for who in ({}, YVES, BEA, basic("ada", "x")):
            file, past = server.get(path, who), server.get(f"{PAST}{path}/", who)
            eq(past.status, file.status, path)
            eq(past.fields.get("WWW-Authenticate", "").split("nonce")[0], file.fields.get("WWW-Authenticate", "").split("nonce")[0])


@own_server(config=RIGHTS, files=SEEN, before=write_users)
def test_a_drop_box_tells_nothing(server):
    [href] = written(server, "/box/x")
    for depth in ("0", "1"):
        # of the box itself PROPFIND says that it is there; of what it was nothing
        answers = {propfind(server, PAST + path, depth=depth, **YVES).status for path in ("/box/x/", "/box/none/", "/box/")}
        eq(answers, {403})
    for path in (href, PAST + "/box/x/", PAST + "/box/none/", PAST + "/box/none/1", PAST + "/box/"):
        eq(server.get(path, YVES).status, 403)


@own_server(config=RIGHTS, files=SEEN, before=write_users)
def test_who_may_only_list_sees_names_and_no_contents(server):
    [href] = written(server, "/names/x")
    eq([member["name"] for member in json.loads(server.get(PAST + "/names/", {**JSON, **YVES}).body)["members"]], ["x"])
    for path in (href, PAST + "/names/x/", PAST + "/names/x"):
        eq(server.get(path, YVES).status, 403)
        eq(propfind(server, path, **YVES).status, 403)
    eq(server.request("COPY", href, {"Destination": "/stolen", **YVES}).status, 403)


@own_server(config=RIGHTS, files=SEEN, before=write_users)
def test_a_folder_shows_those_that_he_may_see(server):
    def seen(path, who):
        names = sorted(member["name"] for member in json.loads(server.get(PAST + path, {**JSON, **who}).body)["members"])
        hrefs = sorted(multistatus(propfind(server, PAST + path, depth="1", **who)))
        eq(hrefs, sorted([PAST + path] + [f"{PAST}{path}{name}/" for name in names]))
        return names

    eq(seen("/", ADA), ["box", "names", "open", "team"])
    eq(seen("/", YVES), ["names", "open"])
    eq(seen("/open/", YVES), ["free.txt"])
    eq(seen("/open/", ADA), ["17", "free.txt"])


@own_server(config=RIGHTS, files=SEEN, before=write_users)
def test_digits_that_are_a_name_are_judged_as_one(server):
    written(server, "/open/17")
    for path in ("/open/17", "/open/18"):  # that it is a folder he may know; what is in it, not
        got = server.get(PAST + path, YVES)
        eq((got.status, got.fields["Location"]), (308, f"{PAST}{path}/"))
    eq(server.get(PAST + "/open/17/", YVES).status, 403)
    eq(server.get(PAST + "/open/17/", ADA).status, 200)
    href = json.loads(server.get(PAST + "/open/17/", {**JSON, **ADA}).body)["versions"][0]["href"]
    eq(server.get(href, YVES).status, 403)
    eq(server.get(href, ADA).body, b"old")


@own_server(config=RIGHTS, files=SEEN, before=write_users)
def test_bringing_back_needs_the_right_to_write_there(server):
    [free, team] = written(server, "/open/free.txt", "/team/note.txt")
    eq(server.request("COPY", free, {"Destination": "/open/free.txt"}).status, 401)
    eq(server.request("COPY", free, {"Destination": "/open/free.txt", **BEA}).status, 403)
    eq(server.request("COPY", free, {"Destination": "/team/note.txt", **YVES}).status, 403)
    eq(server.request("COPY", free, {"Destination": "/box/new", **YVES}).status, 201)
    eq(server.request("COPY", free, {"Destination": "/box/x", **YVES}).status, 403)
    eq(server.read("team/note.txt"), b"new")
    eq(server.request("COPY", free, {"Destination": "/open/free.txt", **YVES}).status, 204)
    eq(server.request("COPY", team, {"Destination": "/team/note.txt", **ADA}).status, 204)
    eq(server.read("team/note.txt"), b"old")
    lacks(server.get(PAST + "/open/free.txt/", {"Accept": "text/html", **BEA}).text, "COPY")
    contains(server.get(PAST + "/open/free.txt/", {"Accept": "text/html", **YVES}).text, "COPY")


# -- legal demands

DEMANDS = """listen = { "127.0.0.1:0" }
site "s" {
  root = "{root}"
  history = 5
  demands = "{tmp}/register"
}
"""


def register(server, text):
    with open(server.tmp + "/register", "w", encoding="utf-8") as out:
        out.write(text)


def becomes(server, target, status):
    """Each loop reads the register at its next turn: enough connections for all of them."""
    wait_for(lambda: all(server.get(target).status == status for _ in range(30)), f"{target} is answered {status}")


@own_server(config=DEMANDS, files={"books/x": b""}, before=lambda server: register(server, ""))
@obliges("POL-45")
def test_a_legal_demand_closes_the_past_as_well(server):
    write(server, "/books/one.txt", b"old", b"new")
    write(server, "/books/free.txt", b"old", b"new")
    [href], [free] = addresses(server, "/books/one.txt"), addresses(server, "/books/free.txt")
    register(server, 'demand "order" { paths = { "/books/one.txt" } blocked-by = "https://www.example.org/" }\n')
    server.signal(signal.SIGHUP)
    becomes(server, "/books/one.txt", 451)
    now = server.get("/books/one.txt")
    for path in (href, PAST + "/books/one.txt/", PAST + "/books/one.txt", PAST + "/books/one.txt/x", PAST + "/books/%6Fne.txt/1"):
        for method in ("GET", "HEAD", "PROPFIND", "COPY", "PUT", "DELETE", "OPTIONS"):
            got = server.request(method, path, {"Destination": "/out.txt"})
            eq(got.status, 451, f"{method} {path}")
            eq(got.fields["Link"], now.fields["Link"])
    eq(server.request("COPY", free, {"Destination": "/books/one.txt"}).status, 451)
    ok(not server.exists("out.txt"), "nothing came out")
    lacks(server.get(PAST + "/books/", JSON).text, "one.txt")
    lacks(multistatus(propfind(server, PAST + "/books/", depth="1")), PAST + "/books/one.txt/")
    eq(server.get(free).body, b"old")
    register(server, "")
    server.signal(signal.SIGHUP)
    becomes(server, href, 200)


# -- limits, moves, extensions

LIMITED = """listen = { "127.0.0.1:0" }
site "s" {
  root = "{root}"
  history = 5
  limit "d" { rate = "9/h" burst = 4 paths = "/slow" }
  moved "/old/*" { to = "/docs/$1" }
  at "/was" { moved-to = "https://other.example/" }
  extensions = on
  at "/why" { require-extension = "reason" }
}
"""


@own_server(config=LIMITED, files={"slow/x": b"1", "docs/x": b"1", "why/x": b"1"})
def test_a_limit_of_the_path_counts_both(server):
    for path in ("/slow/x", PAST + "/slow/x/", PAST + "/slow/", PAST + "/slow/x/1"):
        ok(server.get(path).status in (200, 404), path)
    for path in ("/slow/x", PAST + "/slow/x/", PAST + "/slow/x/1", PAST + "/slow"):
        eq(server.get(path).status, 429)
    eq(server.get(PAST + "/docs/x/").status, 200)


@own_server(config=LIMITED, files={"docs/x": b"1", "old/x": b"1", "was/x": b"1"})
@cases(("GET", "GET"), ("PROPFIND", "PROPFIND"), ("COPY", "COPY"))
def test_what_has_moved_has_its_past_elsewhere(server, method):
    for path, to in (("/old/x", "/docs/x"), ("/was/x", "https://other.example/x")):
        got = server.request(method, f"{PAST}{path}/", {"Destination": "/out", **JSON})
        eq(got.status, 404)
        contains(json.loads(got.body)["detail"], "Ask for those of its new one.")
        contains(got.text, to)


@own_server(config=LIMITED, files={"why/x": b"1"})
def test_an_extension_is_asked_for(server):
    eq(server.get("/why/x").status, 510)
    eq(server.get(PAST + "/why/x/").status, 510)


FORWARDS = """listen = { "127.0.0.1:0" }
site "s" {
  root = "{root}"
  history = 5
  leave-forwarding = on
}
"""


@own_server(config=FORWARDS)
def test_a_forwarding_address_has_no_past(server):
    write(server, "/a.txt", b"1", b"2")
    [href] = addresses(server, "/a.txt")
    eq(server.request("MOVE", "/a.txt", {"Destination": "/b.txt"}).status, 201)
    eq(server.get("/a.txt").status, 308)
    eq(server.get(href).status, 404)
    eq(server.get(PAST + "/a.txt/").status, 404)
    lacks(multistatus(propfind(server, PAST + "/", depth="1")), PAST + "/a.txt/")
    eq(len(addresses(server, "/b.txt")), 1)


HIDDEN = """listen = { "127.0.0.1:0" }
site "s" {
  root = "{root}"
  history = 5
  hidden = deny
}
"""


@own_server(config=HIDDEN, files={".x": b""})
def test_where_dot_names_are_denied_these_addresses_are_not(server):
    tags = write(server, "/a.txt", b"1", b"2")
    [href] = addresses(server, "/a.txt")
    eq(server.get(href, {"If": f"<{href}> ([{tags[0]}])"}).status, 200)
    eq(server.request("COPY", href, {"Destination": "/a.txt"}).status, 204)
    eq(server.get(PAST + "/.x/").status, 403)


@own_server(config=RIGHTS, files=SEEN, before=write_users)
def test_what_others_put_into_our_space_by_name(server):
    """Names that look like ours in a folder are files like others: none of them is served."""
    for path in ("/.samovar/versions/x", "/.samovar/versions/open/x"):
        eq(server.put(path, b"x", ADA).status, 405)
        eq(server.request("MKCOL", path, ADA).status, 405)
    for to in ("/.samovar/versions/open/free.txt", "/.samovar/versions/new/"):
        eq(server.request("COPY", "/open/free.txt", {"Destination": to, **ADA}).status, 403)
        eq(server.request("MOVE", "/open/free.txt", {"Destination": to, **ADA}).status, 403)
