"""http1.md §6: how answers are written. The reader itself fails on most of what must not be (wire.py)."""

import json
import os
import re
import time

from wire import (Closed, cases, contains, date_seconds, eq, head_of, lacks, message_of, obliges, ok, one_of,
                  own_server)

FILES = {"ten.txt": b"0123456789", "empty.txt": b"", "folder/a.txt": b"a", "page.html": b"<p>hi", "x&'<b>y\"/a.txt": b"a",
         "large.bin": b"l" * 300000}


def plain(answer, *left_out):
    """The fields in order, without those that may differ."""
    return answer.fields.but_date(*left_out)


REQUESTS = (("200", "GET", "/ten.txt", {}, 200), ("206", "GET", "/ten.txt", {"Range": "bytes=1-2"}, 206),
            ("304", "GET", "/ten.txt", {"If-None-Match": "*"}, 304), ("308", "GET", "/folder", {}, 308),
            ("400", "GET", "/%00", {}, 400), ("403", "DELETE", "/ten.txt", {"Origin": "null"}, 403),
            ("404", "GET", "/missing", {}, 404),
            ("405", "POST", "/ten.txt", {}, 405), ("412", "GET", "/ten.txt", {"If-Match": '"no"'}, 412),
            ("416", "GET", "/ten.txt", {"Range": "bytes=99-"}, 416), ("417", "GET", "/ten.txt", {"Expect": "x"}, 417),
            ("421", "GET", "/ten.txt", {"Host": "evil.example"}, 421), ("501", "FOO", "/ten.txt", {}, 501),
            ("listing", "GET", "/folder/", {}, 200), ("204", "PUT", "/ten.txt", {"Content-Length": "10"}, 204))


@obliges("H1-59", "H1-60")
@cases(*REQUESTS)
def test_every_answer_has_a_status_line_and_a_date(server, method, target, fields, status):
    with server.connect() as conn:
        conn.send(head_of(method, target, fields) + (b"0123456789" if status == 204 else b""))
        got = conn.read(method)
    eq(got.status, status)
    ok(got.raw_head.startswith(b"HTTP/1.1 %d " % status), "a space follows the code")
    ok(abs(date_seconds(got.fields["Date"]) - time.time()) < 5, "Date is the time of now")


@obliges("H1-60")
def test_a_refused_head_has_a_date_too(server):
    with server.connect() as conn:
        conn.send(b"NONSENSE\r\n\r\n")
        ok(abs(date_seconds(conn.read().fields["Date"]) - time.time()) < 5, "Date is the time of now")
        conn.expect_close()


@obliges("H1-61")
@cases(*((row[0],) + row[2:] for row in REQUESTS if row[1] == "GET" and row[0] != "206" and row[0] != "416"))
def test_head_says_what_get_says_without_content(server, target, fields, status):
    got, head = server.get(target, fields), server.head(target, fields)
    eq((got.status, head.status), (status, status))
    eq(head.body, b"")
    left_out = ("transfer-encoding", "content-length") if got.framing == "chunked" else ()
    eq(plain(head, *left_out), plain(got, *left_out))
    if "Content-Length" in head.fields and "Content-Length" in got.fields:
        eq(head.fields["Content-Length"], got.fields["Content-Length"])


@obliges("H1-61")
@cases(("431", b"HEAD / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 20000 + b"\r\n\r\n", 431),
       ("414", b"HEAD /" + b"x" * 20000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
       ("bad field", b"HEAD / HTTP/1.1\r\nHost: localhost\r\nX Y: z\r\n\r\n", 400),
       ("bad length", b"HEAD / HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n", 400),
       ("no host", b"HEAD / HTTP/1.1\r\n\r\n", 400), ("505", b"HEAD / HTTP/2.0\r\nHost: localhost\r\n\r\n", 505))
def test_a_refused_head_request_gets_no_content_either(server, data, status):
    with server.connect() as conn:
        conn.send(data)
        eq(conn.read("HEAD").status, status)  # stray bytes after it fail


@obliges("H1-62", "H1-63")
@cases(("PUT", message_of("PUT", "/ten.txt", body=b"0123456789"), "PUT", 204),
       ("304", head_of("GET", "/ten.txt", {"If-None-Match": "*"}), "GET", 304),
       ("HEAD 304", head_of("HEAD", "/ten.txt", {"If-None-Match": "*"}), "HEAD", 304))
def test_what_has_no_content_has_no_framing_of_one(server, data, method, status):
    with server.connect() as conn:
        for _ in range(3):
            conn.send(data + head_of("GET", "/ten.txt"))
            got = conn.read(method)
            eq(got.status, status)
            lacks(got.fields, "Transfer-Encoding")
            if status == 204:
                lacks(got.fields, "Content-Length")
            eq(conn.read().body, b"0123456789", "the next answer begins right after the head")


@obliges("H1-64")
def test_a_known_size_is_said_and_an_unknown_one_chunked(server):
    for target, length in (("/ten.txt", 10), ("/empty.txt", 0), ("/large.bin", 300000)):
        got = server.get(target)
        eq(got.framing, "length")
        eq(got.fields["Content-Length"], str(length))
    eq(server.get("/folder/").framing, "chunked")
    eq(server.get("/missing").framing, "length")
    eq(server.request("OPTIONS", "/ten.txt").fields["Content-Length"], "0")


@obliges("H1-65")
@own_server(files={"shrinks.bin": b"s" * (48 << 20)})
def test_content_that_fails_midway_cuts_the_connection(server):
    with server.connect() as conn:
        conn.request("GET", "/shrinks.bin")
        got = conn.read_head()
        eq(got.fields["Content-Length"], str(48 << 20))
        os.truncate(server.path("shrinks.bin"), 1 << 20)
        try:
            while conn.fill():
                pass
        except Closed:
            pass
        ok(conn.ended, "the connection was ended")
        ok(len(conn.buffer) < 48 << 20, "no padding: %d octets came" % len(conn.buffer))


@obliges("H1-65")
@own_server(files={"changes.bin": b"o" * (24 << 20)})
def test_content_that_changes_midway_is_not_passed_off_as_whole(server):
    with server.connect() as conn:
        conn.request("GET", "/changes.bin")
        conn.read_head()
        with open(server.path("changes.bin"), "r+b") as file:
            file.seek(20 << 20)
            file.write(b"n" * (4 << 20))
        try:
            while conn.fill():
                pass
        except Closed:
            pass
        ok(len(conn.buffer) < 24 << 20, "the mixture was not given as a whole")


@obliges("H1-66")
@cases(("CR LF", "line\r\nSet-Cookie: x=1"), ("LF", "a\nSet-Cookie: b"), ("two", "\"\r\n\r\n<script>"))
def test_no_field_carries_line_ends_from_a_name(server, name):
    os.makedirs(server.path(name), exist_ok=True)
    escaped = "".join("%%%02X" % octet if octet in b"\r\n \"<>:" else chr(octet) for octet in name.encode())
    got = server.get("/" + escaped)
    eq(got.status, 308)
    ok("Set-Cookie" not in got.fields, "no field was made of the name")
    eq(server.get(got.fields["Location"]).status, 200, "what Location names")
    got = server.put("/" + escaped + ".txt", b"x")
    one_of(got.status, (201, 204))
    ok("Set-Cookie" not in got.fields, "no field was made of the name")
    if got.status == 201:
        eq(server.get(got.fields["Location"]).body, b"x", "what Location names")


@obliges("H1-66")
@cases(("query", "/folder?a\xe9\"<b>"), ("slashes", "//x\xe9\"<b>?\xff"))
def test_location_is_fit_for_a_field(server, target):
    got = server.raw(head_of("GET", target))
    eq(got.status, 308)
    for char in "\"<>\xe9\xff":
        lacks(got.fields["Location"], char)


@obliges("H1-67")
def test_the_fields_that_a_status_demands(server):
    eq(server.get("/ten.txt", {"Range": "bytes=2-3"}).fields["Content-Range"], "bytes 2-3/10")
    eq(server.get("/ten.txt", {"Range": "bytes=10-"}).fields["Content-Range"], "bytes */10")
    contains(server.request("POST", "/ten.txt").fields["Allow"], "GET")
    contains(server.request("POST", "/folder/").fields["Allow"], "GET")


@obliges("H1-67")
@own_server(config="""
listen = { "127.0.0.1:0" }
site "s" { root = "{root}" users = "{tmp}/users"
    at "/" { allow "users" { rights = { "read", "write" } } } }
""", before=lambda server: open(server.tmp + "/users", "w").write("eve:$apr1$abcdefgh$h9FWgUz3n9YxylKLlR5SQ/\n"))
def test_401_names_a_scheme(server):
    for fields in ({}, {"Authorization": "Basic ZXZlOndyb25n"}, {"Authorization": "Basic !"}, {"Authorization": "Bearer x"}):
        got = server.get("/", fields)
        eq(got.status, 401)
        ok(got.fields["WWW-Authenticate"].lower().startswith("basic realm="), "Basic")
    eq(server.get("/", {"Authorization": "Basic ZXZlOnNlY3JldA=="}).status, 200)


@obliges("H1-68")
def test_201_names_what_was_made(server):
    got = server.put("/new%20one.txt", b"n")
    eq(got.status, 201)
    if "Location" in got.fields:
        eq(got.fields["Location"], "/new%20one.txt")
    server.delete("/new%20one.txt")


@obliges("H1-69")
@cases(*((row[0],) + row[1:] for row in REQUESTS if row[4] >= 300))
def test_error_content_is_not_the_targets_representation(server, method, target, fields, status):
    with server.connect() as conn:
        conn.send(head_of(method, target, fields))
        got = conn.read(method)
    eq(got.status, status)
    lacks(got.fields, "Content-Location")
    if status >= 400:
        lacks(got.fields, "ETag")
        lacks(got.fields, "Last-Modified")


@obliges("H1-70")
def test_what_depends_on_accept_says_so(server):
    for accept, kind in (("text/html", "text/html"), ("application/json", "application/json")):
        got = server.get("/folder/", {"Accept": accept})
        contains(got.fields["Content-Type"], kind)
        contains(got.fields.words("Vary"), "accept")
        got = server.get("/folder/", {"Accept": accept, "If-None-Match": "*"})
        eq(got.status, 304)
        contains(got.fields.words("Vary"), "accept")
        contains(server.get("/missing", {"Accept": accept}).fields.words("Vary"), "accept")


@obliges("H1-71")
@cases(("text", "*/*", "text/plain"), ("html", "text/html", "text/html"),
       ("json", "application/json", "application/problem+json"),
       ("problem", "application/problem+json", "application/problem+json"), ("none", None, "text/plain"))
def test_error_content_has_the_type_that_was_asked_for(server, accept, kind):
    got = server.get("/missing", {"Accept": accept} if accept else {})
    eq(got.status, 404)
    ok(got.fields["Content-Type"].startswith(kind), "%s is %s" % (got.fields["Content-Type"], kind))
    eq(got.fields["X-Content-Type-Options"], "nosniff")
    if "json" in kind:
        eq(json.loads(got.text)["status"], 404)


@obliges("H1-71")
@cases(("redirect", "/x%26'%3Cb%3Ey%22"), ("slashes", "//x'&<b>\"<script>alert(1)</script>"),
       ("query", "/folder?'\"><script>alert(1)</script>&a=<b>"))
def test_request_data_in_error_content_is_escaped(server, target):
    got = server.get(target, {"Accept": "text/html"})
    eq(got.status, 308)
    for text in ("<b>", "<script", "'><", "\"><script"):
        lacks(got.text, text)
    eq(re.findall(r"&(?!amp;|lt;|gt;|quot;|#[0-9]+;|#x[0-9A-Fa-f]+;).{0,9}", got.text), [], "bare ampersands")
    contains(got.text, "<a href=")


@obliges("H1-71")
def test_a_fields_name_in_error_content_is_escaped(server):
    with server.connect() as conn:
        conn.send(b"GET / HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nx&'amp|: " + b"y" * 20000 + b"\r\n\r\n")
        got = conn.read()
        eq(got.status, 431)
        if "html" in got.fields["Content-Type"]:
            lacks(got.text, "x&'")
        conn.expect_close()
