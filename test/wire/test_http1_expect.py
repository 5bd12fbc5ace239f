"""http1.md §5: Expect, interim answers, versions."""

from wire import cases, chunked, eq, head_of, lacks, obliges, ok, one_of, own_server

FILES = {"ten.txt": b"0123456789", "folder/a.txt": b"a"}
EXPECT = {"Expect": "100-continue", "Content-Length": "5"}


@obliges("H1-50")
@cases(("length", {"Content-Length": "5"}, b"hello"),
       ("chunked", {"Transfer-Encoding": "chunked"}, chunked(b"hello", 2)))
def test_100_comes_before_the_body_is_waited_for(server, framing, body):
    with server.connect() as conn:
        for _ in range(2):
            conn.send(head_of("PUT", "/expected.txt", dict(framing, Expect="100-continue")))
            conn.read_interim(100)
            conn.expect_silence(0.05)
            conn.send(body)
            one_of(conn.read("PUT").status, (201, 204))
    eq(server.read("expected.txt"), b"hello")


@obliges("H1-50")
def test_100_comes_once(server):
    with server.connect() as conn:
        conn.send(head_of("PUT", "/once.txt", {"Expect": "100-continue, 100-continue", "Content-Length": "200000"}))
        conn.read_interim(100)
        for _ in range(4):
            conn.send(b"x" * 50000)
        got = conn.read("PUT")
        one_of(got.status, (201, 204))
        eq(got.interim, [])


@obliges("H1-50", "H1-54")
def test_a_body_that_came_already_needs_no_100(server):
    with server.connect() as conn:
        conn.send(head_of("PUT", "/early.txt", EXPECT) + b"hello" + head_of("GET", "/early.txt"))
        one_of(conn.read("PUT").status, (201, 204))
        eq(conn.read().body, b"hello")


@obliges("H1-50")
@cases(("no body", {"Expect": "100-continue"}), ("length 0", {"Expect": "100-continue", "Content-Length": "0"}))
def test_without_a_body_there_is_nothing_to_wait_for(server, fields):
    with server.connect() as conn:
        conn.send(head_of("PUT", "/nothing.txt", fields))
        one_of(conn.read("PUT").status, (201, 204))
        conn.expect_open()


def never_100(server, method, target, status, fields=(), version="HTTP/1.1"):
    """The final status comes at once, no 100 before it, and it says whether the connection closes."""
    server.write("kept.txt", b"old")
    with server.connect() as conn:
        conn.send(head_of(method, target, dict(EXPECT, **dict(fields)), version=version))
        got = conn.read(method)
        eq(got.status, status)
        eq(got.interim, [])
        if got.closes:
            conn.expect_close()
        else:  # then the body is still awaited: it is no request
            conn.send(b"hello")
            conn.expect_open()
    eq(server.read("kept.txt"), b"old")
    return got


@obliges("H1-51", "H1-56")
@cases(("404", "DELETE", "/missing", 404), ("405", "POST", "/ten.txt", 405), ("405 of a folder", "PUT", "/folder", 405),
       ("409 of a slash", "PUT", "/new/", 409), ("409", "PUT", "/no/such/folder", 409),
       ("409 below a file", "PUT", "/ten.txt/x", 409), ("400", "PUT", "/a%00b", 400), ("501", "FOO", "/ten.txt", 501))
def test_the_method_and_the_target_are_judged_before_100(server, method, target, status):
    never_100(server, method, target, status)


@obliges("H1-51", "H1-56")
@cases(("If-Match", {"If-Match": '"no"'}, 412), ("If-None-Match", {"If-None-Match": "*"}, 412),
       ("date", {"If-Unmodified-Since": "Sat, 01 Jan 2000 00:00:00 GMT"}, 412),
       ("range", {"Content-Range": "bytes 0-4"}, 400),
       ("coding", {"Content-Encoding": "gzip"}, 415), ("origin", {"Origin": "http://evil.example"}, 403),
       ("host", {"Host": "evil.example"}, 421), ("expectation", {"Expect": "miracles"}, 417))
def test_the_fields_are_judged_before_100(server, fields, status):
    never_100(server, "PUT", "/kept.txt", status, fields)


@obliges("H1-51", "H1-56")
@own_server("--limit", "body=4")
def test_413_comes_instead_of_100(server):
    never_100(server, "PUT", "/kept.txt", 413)


@obliges("H1-51", "H1-56")
@own_server("--read-only")
def test_403_comes_instead_of_100(server):
    never_100(server, "PUT", "/kept.txt", 403)


@obliges("H1-51", "H1-56")
@own_server(config="""
listen = { "127.0.0.1:0" }
site "s" { root = "{root}" users = "{tmp}/users"
    at "/" { allow "users" { rights = { "read", "write" } } } }
""", before=lambda server: open(server.tmp + "/users", "w").write("eve:$apr1$abcdefgh$h9FWgUz3n9YxylKLlR5SQ/\n"))
def test_401_comes_instead_of_100(server):
    never_100(server, "PUT", "/kept.txt", 401)
    never_100(server, "PUT", "/kept.txt", 401, {"Authorization": "Basic ZXZlOng="})


@obliges("H1-51", "H1-56")
def test_507_comes_instead_of_100(server):
    got = never_100(server, "PUT", "/kept.txt", 507, {"Content-Length": str(1 << 55)})
    ok(got.closes, "the answer says Connection: close")


@obliges("H1-52")
@cases(("word", "miracles"), ("with a value", "100-continue=yes"), ("beside it", "100-continue, x"),
       ("prefix", "100-continued"))
def test_another_expectation_is_417(server, value):
    eq(server.get("/ten.txt", {"Expect": value}).status, 417)


@obliges("H1-53")
@cases(("capitals", "100-CONTINUE"), ("mixed", "100-Continue"))
def test_the_expectation_compares_without_case(server, value):
    with server.connect() as conn:
        conn.send(head_of("PUT", "/case.txt", dict(EXPECT, Expect=value)))
        conn.read_interim(100)
        conn.send("hello")
        one_of(conn.read("PUT").status, (201, 204))


@obliges("H1-55")
@cases(("100-continue", "100-continue"), ("other", "miracles"))
def test_http10_is_never_told_anything_interim(server, value):
    with server.connect() as conn:
        conn.send(head_of("PUT", "/old.txt", dict(EXPECT, Expect=value), version="HTTP/1.0"))
        conn.expect_silence(0.2)
        conn.send("hello")
        got = conn.read("PUT", "HTTP/1.0")  # fails on a 1xx
        one_of(got.status, (201, 204))
        conn.expect_close()
    eq(server.read("old.txt"), b"hello")


@obliges("H1-56")
@cases(("GET", "GET", 200), ("HEAD", "HEAD", 200), ("DELETE", "DELETE", 204), ("OPTIONS", "OPTIONS", 200))
def test_an_answer_that_never_asks_for_the_body_says_whether_the_connection_closes(server, method, status):
    server.write("expect.txt", b"e")
    with server.connect() as conn:
        conn.send(head_of(method, "/expect.txt", EXPECT))
        got = conn.read(method)
        eq(got.status, status)
        if got.closes:
            conn.expect_close()
        else:
            conn.send(b"hello")
            conn.expect_open()


@obliges("H1-57", "H1-64")
def test_http10_gets_no_coding_and_the_close_ends_what_has_no_length(server):
    with server.connect() as conn:
        got = conn.ask("GET", "/folder/", {"Connection": "keep-alive"}, version="HTTP/1.0")
        eq(got.status, 200)
        eq(got.framing, "close")
        lacks(got.fields.words("Connection"), "keep-alive")
        ok(got.text.rstrip().endswith("</html>"), "the listing is whole")


@obliges("H1-58", "H1-19")
@cases(("1.0", "HTTP/1.0"), ("1.1", "HTTP/1.1"), ("1.2", "HTTP/1.2"), ("1.9", "HTTP/1.9"))
def test_the_answer_has_the_servers_own_version(server, version):
    with server.connect() as conn:
        conn.request("GET", "/ten.txt", version=version)
        got = conn.read(version=version)
        ok(got.raw_head.startswith(b"HTTP/1.1 200"), "HTTP/1.1")
        eq(got.body, b"0123456789")


@obliges("H1-58", "POL-97")
def test_http19_persists_and_takes_chunks_as_11_does(server):
    with server.connect() as conn:
        conn.send(head_of("PUT", "/later.txt", {"Transfer-Encoding": "chunked"}, version="HTTP/1.9") + chunked(b"later", 2))
        got = conn.read("PUT")
        one_of(got.status, (201, 204))
        ok(got.raw_head.startswith(b"HTTP/1.1 "), "HTTP/1.1")
        conn.expect_open()
    eq(server.read("later.txt"), b"later")
