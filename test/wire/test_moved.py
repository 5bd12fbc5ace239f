"""policy.md §1: addresses that moved by the configuration, and 308."""

from program import refused
from wire import cases, contains, eq, head_of, obliges, ok, only_over, own_server

CONFIG = '''listen = { "127.0.0.1:0" }
site "s" {
  root = "{root}"
  moved-max-age = 10m
  moved "/old/*.htm" { to = "/new/$1.html" }
  moved "/far/**" { to = "https://other.example/$1" }
  moved "/fixed" { to = "/new/?a=b" }
  at "/was" { moved-to = "/is" }
  at "/is/deeper" { moved-to = "/end/" }
}
'''
FILES = {"was/file": b"hidden by the rule", "old/a.htm": b"a", "old/b.txt": b"b", "is/file": b"there"}
METHODS = ("GET", "HEAD", "PUT", "DELETE", "OPTIONS", "POST", "PATCH", "PROPFIND", "PROPPATCH", "MKCOL", "COPY", "MOVE", "LOCK",
           "UNLOCK", "REPORT")


def moved(got, to):
    eq(got.status, 308)
    eq(got.fields["Location"], to)
    eq(got.fields["Cache-Control"], "max-age=600")
    return got


@obliges("POL-01", "POL-02", "POL-03", "POL-08")
@own_server(config=CONFIG, files=FILES)
@cases(*((method, method) for method in METHODS))
def test_every_method_is_told_and_nothing_is_done(server, method):
    fields = {"Destination": "/elsewhere"} if method in ("COPY", "MOVE") else {}
    body = b"new" if method in ("PUT", "PATCH", "POST") else b""
    moved(server.request(method, "/was/file", fields, body), "/is/file")
    eq(server.read("was/file"), FILES["was/file"])
    eq(server.read("is/file"), FILES["is/file"])
    ok(not server.exists("elsewhere"), "nothing was put there")


@obliges("POL-03")
@own_server(config=CONFIG, files=FILES)
def test_a_put_of_what_is_not_there_makes_nothing(server):
    moved(server.put("/was/new", b"x"), "/is/new")
    ok(not server.exists("was/new") and not server.exists("is/new"), "nothing was made at either address")


@obliges("POL-05")
@own_server(config=CONFIG, files=FILES)
@cases(("none-match", {"If-None-Match": "*"}), ("match", {"If-Match": '"x"'}), ("range", {"Range": "bytes=0-0"}),
       ("unsatisfiable", {"Range": "bytes=99-"}), ("since", {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}),
       ("if", {"If": '(["x"])'}))
def test_conditions_and_ranges_do_not_change_it(server, fields):
    for method in "GET", "PUT", "DELETE":
        moved(server.request(method, "/was/file", fields, b""), "/is/file")


@obliges("POL-06")
@only_over("h1", why="bytes of HTTP/1.1")
@own_server(config=CONFIG, files=FILES)
def test_no_body_is_asked_for(server):
    with server.connect() as conn:
        conn.send(head_of("PUT", "/was/file", {"Content-Length": "5", "Expect": "100-continue"}))
        moved(conn.read("PUT"), "/is/file")


@obliges("POL-07", "POL-12")
@own_server(config=CONFIG, files=FILES)
def test_the_content_links_to_the_new_address(server):
    contains(server.get("/was/a%20%22b", {"Accept": "text/html"}).body, b'<a href="/is/a%20%22b"')
    contains(server.get("/was/x").body, b"/is/x")
    eq(server.head("/was/x").body, b"")


@obliges("POL-09")
@own_server(config=CONFIG, files=FILES)
@cases(("blank", "/was/a%20b", "/is/a%20b"), ("line", "/was/a%0D%0AX:%20y", "/is/a%0D%0AX%3A%20y"),
       ("quotes", "/was/%22%3C%3E", "/is/%22%3C%3E"), ("octets", "/was/%FF%C3%A9", "/is/%FF%C3%A9"),
       ("percent", "/was/100%25", "/is/100%25"), ("dollar", "/old/$1.htm", "/new/%241.html"),
       ("host", "/far/evil.example", "https://other.example/evil.example"), ("root", "/was", "/is"), ("slash", "/was/", "/is/"),
       ("folder", "/was/x/", "/is/x/"))
def test_the_address_is_a_valid_one(server, target, to):
    moved(server.get(target), to)


@obliges("POL-09")
@own_server(config='listen = { "127.0.0.1:0" }\nsite "s" { root = "{root}" moved "/go**" { to = "/$1" } }\n', files=FILES)
@cases(("slash", "/go/evil.example/x"), ("encoded", "/go%2Fevil"), ("twice", "/go//evil.example"))
def test_a_path_never_becomes_another_host(server, target):
    got = server.get(target)
    if got.status == 308:
        ok(not got.fields["Location"].startswith("//"), got.fields["Location"])
    else:
        eq(got.status, 400)


@obliges("POL-10")
@own_server(config=CONFIG, files=FILES)
def test_the_query_goes_along(server):
    moved(server.get("/was/x?a=1&b=%20"), "/is/x?a=1&b=%20")
    moved(server.get("/old/a.htm?"), "/new/a.html?")
    moved(server.get("/fixed?c=d"), "/new/?a=b")


@obliges("POL-11")
@own_server(config=CONFIG, files=FILES)
@cases(("none", {}), ("browser", {"User-Agent": "Mozilla/5.0"}), ("windows", {"User-Agent": "Microsoft-WebDAV-MiniRedir/10.0.19045"}),
       ("finder", {"User-Agent": "WebDAVFS/3.0.0 (03008000) Darwin/20.6.0"}), ("davfs", {"User-Agent": "davfs2/1.6.1 neon/0.32.2"}))
def test_whoever_asks(server, fields):
    moved(server.get("/was/x", fields), "/is/x")


@obliges("POL-15")
@own_server(config=CONFIG, files=FILES)
def test_a_chain_is_one_step_for_the_client(server):
    moved(server.get("/was/deeper/a/b"), "/end/a/b")
    moved(server.get("/was/deeper"), "/end/")


@obliges("POL-15")
@own_server(config=CONFIG, files=FILES)
@cases(("two", 'at "/a" { moved-to = "/b" } at "/b" { moved-to = "/a" }'), ("itself", 'at "/a" { moved-to = "/a" }'),
       ("growth", 'at "/a" { moved-to = "/a/b" }'), ("below", 'at "/a/b" { moved-to = "/a" } at "/a" { moved-to = "/a/b" }'),
       ("pattern", 'moved "/a/*" { to = "/b/$1" } moved "/b/*" { to = "/a/$1" }'), ("mixed", 'at "/a" { moved-to = "/b" } moved "/b/**" { to = "/a/$1" }'))
def test_a_circle_is_refused_when_it_is_stored(server, rules):
    path = server.tmp + "/circle.conf"
    with open(path, "w") as file:
        file.write('listen = { "127.0.0.1:0" }\nsite "s" { root = "%s" %s }\n' % (server.root, rules))
    contains(refused("--config", path, "--check-config"), "circle")


@obliges("POL-04")
@own_server(config=CONFIG, files=FILES)
@cases(("copy", "COPY"), ("move", "MOVE"))
def test_nothing_is_put_elsewhere_silently(server, method):
    got = server.request(method, "/is/file", {"Destination": "/was/file2"})
    eq(got.status, 409)
    contains(got.body, b"/is/file2")
    for name in "was/file2", "is/file2":
        ok(not server.exists(name), name)
    eq(server.read("is/file"), FILES["is/file"])


@own_server(config=CONFIG, files=FILES)
def test_what_no_rule_fits_is_where_it_was(server):
    eq(server.get("/old/b.txt").body, b"b")
    eq(server.get("/old/sub/a.htm").status, 404)  # a * holds no slash
    eq(server.get("/wasnt").status, 404)
    eq(server.request("OPTIONS", "*").status, 200)


def somebody(server):
    with open(server.tmp + "/users", "w") as file:
        file.write("ada:$apr1$LMfC2hnq$oOV1CTTxCHfHin7Y2hVCO/\n")


RIGHTS = '''listen = { "127.0.0.1:0" }
site "s" {
  root = "{root}"
  users = "{tmp}/users"
  allow "users" { rights = { "read" } }
  at "/was" { moved-to = "/is" }
  at "/open" { moved-to = "/is" moved-public = on }
  moved "/wide/*" { to = "/was/$1" public = on }
}
'''


@obliges("POL-C5")
@own_server(config=RIGHTS, files=FILES, before=somebody)
def test_only_what_is_public_is_told_to_everybody(server):
    eq(server.get("/was/x").status, 401)
    eq(server.get("/open/x").fields["Location"], "/is/x")
    eq(server.get("/wide/x").status, 401)  # a step of the chain is not public
