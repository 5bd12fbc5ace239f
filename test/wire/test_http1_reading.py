"""http1.md §1: what is a request, read octet by octet, however it was cut."""

from wire import cases, chunked, contains, eq, head_of, message_of, obliges, ok, one_of, time_limit

FILES = {"ten.txt": b"0123456789", "long/" + "n" * 200: b"long"}

GET = b"GET /ten.txt HTTP/1.1\r\nHost: localhost\r\n"


def refused(server, data, status=400, method="GET"):
    """These bytes get this status, and the connection ends in order, with nothing after the answer."""
    with server.connect() as conn:
        conn.send(data)
        got = conn.read(method)
        eq(got.status, status)
        ok(got.closes, "the answer says Connection: close")
        conn.expect_close()
    return got


@obliges("H1-01")
@cases(("one", 1), ("three", 3))
def test_empty_lines_before_the_request_line_are_skipped(server, count):
    with server.connect() as conn:
        conn.send(b"\r\n" * count + GET + b"\r\n")
        eq(conn.read().body, b"0123456789")
        conn.send(b"\r\n" * count + GET + b"\r\n")  # and between two requests
        eq(conn.read().body, b"0123456789")


def test_empty_lines_without_end_are_refused(server):
    refused(server, b"\r\n" * 100)


@obliges("H1-02")
@cases(("request line", b"GET /ten.txt\r HTTP/1.1\r\nHost: localhost\r\n\r\n"),
       ("target", b"GET /ten\r.txt HTTP/1.1\r\nHost: localhost\r\n\r\n"),
       ("field", GET + b"X: a\rb\r\n\r\n"),
       ("before CR LF", GET + b"X: a\r\r\n\r\n"),
       ("instead of a line end", GET + b"X: a\rY: b\r\n\r\n"))
def test_a_bare_cr_is_400(server, data):
    refused(server, data)


@obliges("H1-C1")
@cases(("after the request line", b"GET /ten.txt HTTP/1.1\nHost: localhost\r\n\r\n"),
       ("after a field", b"GET /ten.txt HTTP/1.1\r\nHost: localhost\n\r\n"),
       ("all lines", b"GET /ten.txt HTTP/1.1\nHost: localhost\n\n"),
       ("the last line", GET + b"\n"),
       ("folded", GET + b"X: a\r\n b\r\n\r\n"))
def test_leniency_is_off(server, data):
    refused(server, data)


@obliges("H1-03")
@cases(("a TLS hello", bytes.fromhex("1603010200010001fc0303") + bytes(range(256)) + b"\r\n\r\n"),
       ("one word", b"hello\r\n\r\n"),
       ("a response", b"HTTP/1.1 200 OK\r\n\r\n"),
       ("NULs", b"\0" * 64),
       ("SSH", b"SSH-2.0-OpenSSH_9.2\r\n"))
def test_what_is_no_request_is_400_and_close(server, data):
    refused(server, data)


@obliges("H1-04")
@cases(("space", b" "), ("tab", b"\t"), ("spaces before a name", b" Host: other\r\n X:"))
def test_white_space_before_the_first_field_is_400(server, blank):
    refused(server, b"GET /ten.txt HTTP/1.1\r\n" + blank + b"Y: a\r\nHost: localhost\r\n\r\n")


@obliges("H1-05")
@cases(("no target", b"GET HTTP/1.1"), ("empty target", b"GET  HTTP/1.1"), ("no version", b"GET /ten.txt"),
       ("two spaces before the version", b"GET /ten.txt  HTTP/1.1"), ("two spaces", b"GET  /ten.txt HTTP/1.1"),
       ("space in the target", b"GET /ten .txt HTTP/1.1"), ("trailing space", b"GET /ten.txt HTTP/1.1 "),
       ("leading space", b" GET /ten.txt HTTP/1.1"), ("tabs", b"GET\t/ten.txt\tHTTP/1.1"),
       ("tab in the target", b"GET /ten\t.txt HTTP/1.1"), ("method is no token", b"G(T /ten.txt HTTP/1.1"),
       ("empty method", b" /ten.txt HTTP/1.1"))
def test_any_other_request_line_is_400(server, line):
    refused(server, line + b"\r\nHost: localhost\r\n\r\n")


@obliges("H1-05")
@cases(("relative", "ten.txt"), ("query alone", "?x"), ("dot", "./ten.txt"), ("backslash", "\\ten.txt"))
def test_a_target_of_no_known_form_is_400(server, target):
    eq(server.get(target).status, 400)


@obliges("H1-06", "POL-38")
def test_a_request_line_of_8000_octets_is_accepted(server):
    line = b"GET /ten.txt?%s HTTP/1.1"
    query = b"q" * (8000 - len(line) + 2)
    eq(len(line % query), 8000)
    eq(server.raw(line % query + b"\r\nHost: localhost\r\n\r\n").body, b"0123456789")


@obliges("H1-06", "POL-37")
def test_a_target_over_the_limit_is_414(server):
    refused(server, b"GET /" + b"a" * 20000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414)


@obliges("H1-06", "POL-37")
def test_a_target_without_end_is_414(server):
    refused(server, b"GET /" + b"a" * 40000, 414)


@obliges("H1-06", "POL-37")
@cases(("some", 60), ("many", 17000))
def test_a_long_method_is_501(server, octets):
    with server.connect() as conn:
        conn.send(b"M" * octets + b" / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        eq(conn.read("M").status, 501)


@obliges("H1-07")
@cases(("get", "get"), ("Get", "Get"), ("put", "put"), ("delete", "Delete"))
def test_methods_are_case_sensitive(server, method):
    eq(server.request(method, "/ten.txt").status, 501)
    eq(server.read("ten.txt"), b"0123456789")


@obliges("H1-08", "POL-99")
def test_an_unknown_method_is_501(server):
    eq(server.request("FOO", "/ten.txt").status, 501)


@obliges("H1-08", "POL-99", "H1-C3")
def test_a_known_method_that_is_not_offered_is_405_and_says_what_is(server):
    got = server.request("POST", "/ten.txt", body=b"x")
    eq(got.status, 405)
    contains(got.fields.words("Allow"), "get")
    contains(got.fields.words("Allow"), "put")
    ok("post" not in got.fields.words("Allow"), "POST is not among those that are allowed")


@obliges("H1-09")
@cases(("space", b"Host : localhost"), ("tab", b"Host\t: localhost"), ("framing", b"Content-Length : 0"),
       ("coding", b"Transfer-Encoding : chunked"))
def test_a_blank_before_the_colon_is_400(server, line):
    refused(server, b"GET /ten.txt HTTP/1.1\r\nHost: localhost\r\n" + line + b"\r\n\r\n")


@obliges("H1-10")
@cases(("empty", b": x"), ("space inside", b"X Y: x"), ("parenthesis", b"X(Y): x"), ("slash", b"X/Y: x"),
       ("high octet", b"X\xe4: x"), ("quote", b'"X": x'), ("no colon", b"just text"), ("at", b"a@b: x"))
def test_a_field_without_a_proper_name_is_400(server, line):
    refused(server, GET + line + b"\r\n\r\n")


@obliges("H1-11")
@cases(("space", b" "), ("tab", b"\t"), ("blanks", b" \t "))
def test_a_folded_field_is_400_and_never_a_new_field(server, blank):
    refused(server, GET + b"X: a\r\n" + blank + b"Content-Length: 5\r\n\r\n")


@obliges("H1-12")
@cases(("NUL", b"\0"), ("bell", b"\x07"), ("DEL", b"\x7f"), ("vertical tab", b"\x0b"), ("escape", b"\x1b"))
def test_a_control_character_in_a_value_is_400(server, octet):
    refused(server, GET + b"X: a" + octet + b"b\r\n\r\n")


@obliges("H1-12")
def test_high_octets_in_a_value_are_data(server):
    eq(server.raw(GET + b"X: " + bytes(range(0x80, 0x100)) + b"\r\n\r\n").status, 200)


@obliges("H1-13")
@cases(("spaces", b"   %s   "), ("tabs", b"\t%s\t"), ("none", b"%s"), ("mixed", b" \t %s \t "))
def test_blanks_around_a_value_do_not_belong_to_it(server, around):
    body = b"hello"
    with server.connect() as conn:
        conn.send(b"PUT /blanks.txt HTTP/1.1\r\nHost:" + around % b"localhost" + b"\r\nContent-Length:" +
                  around % b"5" + b"\r\n\r\n" + body)
        one_of(conn.read("PUT").status, (201, 204))
        tag = conn.ask("HEAD", "/blanks.txt").etag
        conn.send(b"GET /blanks.txt HTTP/1.1\r\nHost: localhost\r\nIf-None-Match:" +
                  around % tag.encode() + b"\r\n\r\n")
        eq(conn.read().status, 304)
    eq(server.read("blanks.txt"), body)


@obliges("H1-14")
def test_names_compare_without_case_and_order_does_not_matter(server):
    got = server.raw(b"GET /ten.txt HTTP/1.1\r\nrAnGe: bytes=0-1\r\nhOST: localhost\r\n\r\n")
    eq(got.status, 206)
    eq(got.body, b"01")
    with server.connect() as conn:
        conn.send(b"PUT /case.txt HTTP/1.1\r\ncontent-LENGTH: 3\r\nHOST: localhost\r\n\r\nabc")
        one_of(conn.read("PUT").status, (201, 204))


@obliges("H1-14")
def test_repeated_list_fields_combine_in_order(server):
    tag = server.head("/ten.txt").etag
    eq(server.get("/ten.txt", [("If-None-Match", '"no"'), ("If-None-Match", tag)]).status, 304)
    eq(server.get("/ten.txt", [("If-None-Match", tag), ("X", "between"), ("If-None-Match", '"no"')]).status, 304)
    with server.connect() as conn:
        conn.request("GET", "/ten.txt", [("Connection", "x"), ("Connection", "close")])
        ok(conn.read().closes, "the second line of Connection counts")
        conn.expect_close()


@obliges("H1-15")
@cases(("first is larger", "bytes=0-7", "bytes=0-1"), ("second is larger", "bytes=0-1", "bytes=0-7"))
def test_a_repeated_range_is_not_mixed(server, first, second):
    got = server.get("/ten.txt", [("Range", first), ("Range", second)])
    if got.status == 200:
        eq(got.body, b"0123456789")
    elif got.status == 206:
        ok(got.body in (b"01", b"01234567"), "one of the two")
    else:
        one_of(got.status, (400, 416))


@obliges("H1-15")
def test_a_repeated_content_type_does_no_harm(server):
    got = server.put("/types.txt", b"x", [("Content-Type", "text/html"), ("Content-Type", "text/plain")])
    one_of(got.status, (201, 204, 400))
    if got.status != 400:
        contains(server.get("/types.txt").fields["Content-Type"], "text/plain")  # the name decides


REQUESTS = (
    ("plain", "GET", head_of("GET", "/ten.txt"), 200, b"0123456789"),
    ("fields", "GET", head_of("GET", "/ten.txt", {"Range": "bytes=2-4", "Accept": "*/*", "X-Pad": "y" * 40}), 206,
     b"234"),
    ("empty lines first", "GET", b"\r\n\r\n" + head_of("GET", "/ten.txt"), 200, b"0123456789"),
    ("head", "HEAD", head_of("HEAD", "/ten.txt"), 200, b""),
    ("bad field", "GET", GET + b"Bad Name: x\r\n\r\n", 400, None),
    ("bad version", "GET", b"GET / HTTP/2.0\r\nHost: localhost\r\n\r\n", 505, None),
)


@time_limit(60)
@cases(*REQUESTS)
def test_a_head_cut_at_every_position_is_the_same_request(server, method, data, status, body):
    for at in range(1, len(data)):
        with server.connect() as conn:
            conn.send_cut(data, at)
            got = conn.read(method)
            eq(got.status, status, "status, cut at %d" % at)
            if body is not None:
                eq(got.body, body, "content, cut at %d" % at)


@cases(*REQUESTS)
def test_a_head_octet_by_octet_is_the_same_request(server, method, data, status, body):
    with server.connect() as conn:
        if status == 200:
            conn.send_cut(data)
        else:
            conn.send_cut(data[:-4] + data[-4:])
        got = conn.read(method)
        eq(got.status, status)
        if body is not None:
            eq(got.body, body)


@time_limit(60)
@cases(("length", message_of("PUT", "/cut.txt", body=b"hello world")),
       ("chunked", head_of("PUT", "/cut.txt", {"Transfer-Encoding": "chunked"}) +
        chunked(b"hello world", 4, {"X-Trailer": "t"})))
def test_a_body_cut_at_every_position_is_the_same_content(server, data):
    with server.connect() as conn:
        for at in range(1, len(data)):
            server.write("cut.txt", b"old")
            conn.send_cut(data, at)
            eq(conn.read("PUT").status, 204, "status, cut at %d" % at)
            eq(server.read("cut.txt"), b"hello world", "content, cut at %d" % at)
