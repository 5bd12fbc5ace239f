"""http1.md §2: Host, the forms of the target, whose request it is; and pages of others that want changes made."""

import socket

from wire import OVER, NotOver, cases, contains, eq, head_of, message_of, obliges, ok, one_of, own_server

FILES = {"ten.txt": b"0123456789", "sub/a.txt": b"a"}


def asked(server, line, fields=("Host: localhost",), method="GET"):
    with server.connect() as conn:
        conn.send("%s\r\n%s\r\n" % (line, "".join(field + "\r\n" for field in fields)))
        return conn.read(method, "HTTP/1.0" if line.endswith("1.0") else "HTTP/1.1")


@obliges("H1-16")
@cases(("origin form", "GET /ten.txt HTTP/1.1"), ("absolute form", "GET http://localhost/ten.txt HTTP/1.1"),
       ("1.9", "GET /ten.txt HTTP/1.9"), ("asterisk", "OPTIONS * HTTP/1.1"), ("change", "DELETE /ten.txt HTTP/1.1"))
def test_http11_without_host_is_400(server, line):
    eq(asked(server, line, ()).status, 400)
    ok(server.exists("ten.txt"), "nothing was changed")


@obliges("H1-16")
def test_http11_without_host_is_400_whatever_else_is_wrong_with_it(server):
    eq(asked(server, "GET /ten.txt HTTP/1.1", ("Expect: miracles",)).status, 400)


@obliges("H1-17")
@cases(("equal", "localhost", "localhost"), ("different", "localhost", "127.0.0.1"), ("one empty", "", "localhost"))
def test_two_hosts_are_400_in_any_version(server, first, second):
    for version in ("1.1", "1.0"):
        fields = ("Host: " + first, "X: y", "Host: " + second)
        eq(asked(server, "GET /ten.txt HTTP/" + version, fields).status, 400, version)


@obliges("H1-17")
def test_two_hosts_are_400_also_when_the_answer_is_hot(server):
    with server.connect() as conn:
        for _ in range(4):
            eq(conn.ask("GET", "/ten.txt", {"Host": "localhost"}).status, 200)
        eq(conn.ask("GET", "/ten.txt", [("Host", "localhost"), ("Host", "localhost")]).status, 400)


@obliges("H1-17")
@cases(("space", "local host"), ("port", "localhost:x"), ("two ports", "localhost:80:80"), ("port range", "h:99999"),
       ("userinfo", "me@localhost"), ("path", "localhost/ten.txt"), ("brackets", "[::1"), ("bad v6", "[::x]"),
       ("query", "localhost?x"), ("fragment", "localhost#x"), ("list", "localhost, localhost"), ("quote", 'local"host'),
       ("percent", "local%zzhost"), ("scheme", "http://localhost"), ("port alone", ":80"), ("backslash", "a\\b"))
def test_a_malformed_host_is_400(server, value):
    for version in ("1.1", "1.0"):
        eq(asked(server, "GET /ten.txt HTTP/" + version, ("Host: " + value,)).status, 400, version)


@obliges("H1-18")
def test_an_empty_host_is_the_default_host(server):
    eq(asked(server, "GET /ten.txt HTTP/1.1", ("Host:",)).body, b"0123456789")


@obliges("H1-19")
def test_http10_without_host_is_served(server):
    eq(asked(server, "GET /ten.txt HTTP/1.0", ()).body, b"0123456789")


@obliges("H1-20")
@cases(("GET", "GET", 200), ("HEAD", "HEAD", 200), ("OPTIONS", "OPTIONS", 200), ("PUT", "PUT", 204),
       ("POST", "POST", 405))
def test_absolute_form_is_taken_on_every_method_and_replaces_host(server, method, status):
    server.write("abs.txt", b"abs")
    data = message_of(method, "http://localhost/abs.txt", {"Host": "other.example"}, b"abs" if method == "PUT" else None)
    eq(server.raw(data, method).status, status)


@obliges("H1-20")
def test_delete_in_absolute_form(server):
    server.write("gone.txt", b"x")
    one_of(server.request("DELETE", "HTTP://LOCALHOST:1234/gone.txt").status, (200, 204))
    ok(not server.exists("gone.txt"), "it is gone")


@obliges("H1-20")
def test_absolute_form_without_a_path_is_the_root(server):
    contains(server.get("http://localhost").text, "ten.txt")
    eq(server.request("OPTIONS", "http://localhost").status, 200)


@obliges("H1-20")
def test_a_host_that_is_ignored_must_still_be_one(server):
    eq(asked(server, "GET http://localhost/ten.txt HTTP/1.1", ("Host: a b",)).status, 400)


@obliges("H1-21")
@cases(("https", "https://localhost/ten.txt"), ("ftp", "ftp://localhost/ten.txt"),
       ("host", "http://other.example/ten.txt"),
       ("host again", "http://localhost.evil.example/ten.txt"))
def test_what_is_not_ours_is_refused_and_never_fetched(server, target):
    if target.startswith("https:") and OVER != "h1":
        raise NotOver("within TLS it is ours; HTTP/2 says the scheme apart")
    one_of(server.get(target).status, (400, 404, 421))


@obliges("H1-21")
def test_an_address_in_the_target_is_not_called(server):
    with socket.create_server(("127.0.0.1", 0)) as trap:
        trap.settimeout(0.2)
        target = "http://127.0.0.1:%d/ten.txt" % trap.getsockname()[1]
        one_of(server.get(target).status, (200, 400, 404, 421))
        try:
            trap.accept()
            raise AssertionError("the server called the address in the target")
        except socket.timeout:
            pass


@obliges("H1-20", "H1-17")
@cases(("userinfo", "http://me:pw@localhost/ten.txt"), ("no host", "http:///ten.txt"),
       ("bad port", "http://localhost:x/"),
       ("one slash", "http:/localhost/ten.txt"), ("no slash", "http:localhost"), ("no scheme", "localhost/ten.txt"))
def test_a_malformed_absolute_form_is_400(server, target):
    eq(server.get(target).status, 400)


@obliges("H1-22")
def test_options_asterisk_is_about_the_whole_server(server):
    got = server.request("OPTIONS", "*")
    one_of(got.status, (200, 204))
    for method in ("get", "head", "put", "delete", "options"):
        contains(got.fields.words("Allow"), method)


@obliges("H1-22")
@cases(("GET", "GET"), ("HEAD", "HEAD"), ("PUT", "PUT"), ("DELETE", "DELETE"), ("POST", "POST"))
def test_an_asterisk_with_another_method_is_400(server, method):
    eq(server.raw(head_of(method, "*"), method).status, 400)


@obliges("H1-23")
@cases(("host and port", "localhost:80", (501, 405)), ("no port", "localhost", (400,)),
       ("empty port", "localhost:", (400,)),
       ("bad port", "localhost:x", (400,)), ("path", "/ten.txt", (400,)), ("zero", "localhost:0", (400,)))
def test_connect_opens_no_tunnel(server, target, wanted):
    one_of(server.raw(head_of("CONNECT", target), "GET").status, wanted)


@obliges("H1-24")
@cases(("fragment", "/ten.txt#b"), ("empty", "/ten.txt#"), ("after a query", "/ten.txt?a#b"),
       ("absolute", "http://localhost/ten.txt#b"))
def test_a_fragment_in_the_target_is_400(server, target):
    eq(server.get(target).status, 400)


@obliges("H1-25")
@cases(("port", "localhost:80"), ("case", "LocalHost"), ("both", "LOCALHOST:80"), ("empty port", "localhost:"),
       ("final dot", "localhost."))
def test_port_and_case_of_host_do_not_matter(server, value):
    eq(server.get("/ten.txt", {"Host": value}).body, b"0123456789")


# ---- whose request is it? ------------------------------------------------------------------------------


@obliges("H1-C4")
@cases(("a name", "evil.example"), ("with port", "evil.example:80"), ("looks like", "localhost.evil.example"),
       ("digits", "127.0.0.1.evil.example"), ("number", "2130706433"), ("short", "127.1"), ("suffix", "evillocalhost"))
def test_a_loopback_listener_answers_421_to_other_names(server, value):
    eq(server.get("/ten.txt", {"Host": value}).status, 421)
    eq(server.put("/rebound.txt", b"x", {"Host": value}).status, 421)
    ok(not server.exists("rebound.txt"), "nothing was stored")


@cases(("localhost", "localhost"), ("below it", "files.localhost"), ("IPv4", "127.0.0.1"), ("IPv6", "[::1]:8080"),
       ("another address", "192.0.2.7"), ("this machine", None))
def test_a_loopback_listener_answers_to_names_nobody_else_can_point_at_it(server, value):
    value = value or socket.gethostname()
    eq(server.get("/ten.txt", {"Host": value}).status, 200)


@obliges("H1-C4")
def test_a_hot_answer_is_not_given_to_another_name(server):
    with server.connect() as conn:
        for _ in range(4):
            eq(conn.ask("GET", "/ten.txt", {"Host": "localhost"}).status, 200)
        eq(conn.ask("GET", "/ten.txt", {"Host": "evil.example"}).status, 421)
        eq(conn.ask("GET", "http://evil.example/ten.txt", {"Host": "localhost"}).status, 421)


@obliges("H1-C4", "H1-25")
@own_server("--host", "files.example.org", files={"a.txt": b"a"})
def test_a_configured_host_is_ours_in_any_spelling(server):
    for value in ("files.example.org", "FILES.Example.ORG", "files.example.org:80", "files.example.org."):
        eq(server.get("/a.txt", {"Host": value}).status, 200, value)
    eq(server.get("/a.txt", {"Host": "other.example.org"}).status, 421)


@obliges("H1-20", "H1-C4")
@own_server(config="""
listen = { "127.0.0.1:0" }
site "one" { host = { "one.example" } root = "{root}/one" }
site "two" { host = { "two.example" } root = "{root}/two" }
""", files={"one/name.txt": b"one", "two/name.txt": b"two"})
def test_each_host_has_its_site(server):
    with server.connect() as conn:
        for _ in range(4):  # the later ones are hot
            eq(conn.ask("GET", "/name.txt", {"Host": "one.example"}).body, b"one")
            eq(conn.ask("GET", "/name.txt", {"Host": "TWO.example:80"}).body, b"two")
            eq(conn.ask("GET", "http://two.example/name.txt", {"Host": "one.example"}).body, b"two")
    eq(server.get("/name.txt", {"Host": "three.example"}).status, 421)


# ---- pages of others -----------------------------------------------------------------------------------


@cases(("foreign", "http://evil.example"), ("null", "null"), ("other scheme", "ftp://127.0.0.1"), ("no origin", "evil"),
       ("other port", "http://localhost:1"), ("prefix", "http://localhost.evil.example"))
def test_a_change_from_a_foreign_origin_is_403(server, origin):
    server.write("origin.txt", b"old")
    for method, body in (("PUT", b"new"), ("DELETE", None), ("POST", b"x")):
        got = server.request(method, "/origin.txt", {"Origin": origin, "Host": "localhost"}, body)
        eq(got.status, 403, method)
    eq(server.read("origin.txt"), b"old")


def test_a_second_origin_does_not_hide_a_foreign_one(server):
    server.write("origin.txt", b"old")
    fields = [("Host", "localhost"), ("Origin", "http://localhost"), ("Origin", "http://evil.example")]
    eq(server.put("/origin.txt", b"new", fields).status, 403)
    eq(server.read("origin.txt"), b"old")


@cases(("one", [("Sec-Fetch-Site", "cross-site")]), ("case", [("sec-fetch-site", "Cross-Site")]),
       ("twice", [("Sec-Fetch-Site", "none"), ("Sec-Fetch-Site", "cross-site")]))
def test_a_cross_site_change_is_403(server, fields):
    server.write("site.txt", b"old")
    eq(server.put("/site.txt", b"new", fields).status, 403)
    eq(server.delete("/site.txt", fields).status, 403)
    eq(server.read("site.txt"), b"old")


def test_a_refused_foreign_change_does_not_ask_for_its_body(server):
    with server.connect() as conn:
        conn.send(head_of("PUT", "/never.txt", {"Origin": "http://evil.example", "Expect": "100-continue",
                                                "Content-Length": "5"}))
        got = conn.read("PUT")
        eq(got.status, 403)
        eq(got.interim, [])
    ok(not server.exists("never.txt"), "nothing was stored")


def test_our_own_pages_and_no_page_may_change(server):
    own = "http://" + server.host
    one_of(server.put("/own.txt", b"1", {"Origin": own, "Sec-Fetch-Site": "same-origin"}).status, (201, 204))
    one_of(server.put("/own.txt", b"2", {"Origin": "http://localhost:80", "Host": "localhost"}).status, (201, 204))
    one_of(server.put("/own.txt", b"3", {"Sec-Fetch-Site": "none"}).status, (201, 204))
    eq(server.read("own.txt"), b"3")


def test_reading_from_a_foreign_page_is_answered_without_leave_to_see_it(server):
    got = server.get("/ten.txt", {"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"})
    eq(got.status, 200)
    ok("Access-Control-Allow-Origin" not in got.fields, "no CORS field")
