"""http1.md §3: where a body ends, and that nobody smuggles a request in one."""

from wire import Closed, cases, chunked, eq, head_of, message_of, obliges, ok, one_of, time_limit, wait_for

FILES = {"ten.txt": b"0123456789"}
SMUGGLED = head_of("DELETE", "/ten.txt")


def refused_and_closed(server, fields, body=b"", status=400, version="HTTP/1.1", target="/never.txt"):
    """A PUT with these fields is answered so and the connection ends; what followed was no request."""
    with server.connect() as conn:
        conn.send(head_of("PUT", target, fields, version=version) + body + SMUGGLED)
        got = conn.read("PUT", version=version)
        eq(got.status, status)
        ok(got.closes, "the answer says Connection: close")
        conn.expect_close()
    ok(not server.exists("never.txt"), "nothing was stored")
    ok(server.exists("ten.txt"), "what followed was not taken as a request")


def stored(server, data, name, content, status=(201, 204)):
    with server.connect() as conn:
        conn.send(data)
        one_of(conn.read("PUT").status, status)
        conn.expect_open()
    eq(server.read(name), content)


@obliges("H1-26")
@cases(("length first", [("Content-Length", "5"), ("Transfer-Encoding", "chunked")]),
       ("coding first", [("Transfer-Encoding", "chunked"), ("Content-Length", "5")]),
       ("length of nothing", [("Transfer-Encoding", "chunked"), ("Content-Length", "0")]),
       ("identity", [("Transfer-Encoding", "identity"), ("Content-Length", "5")]),
       ("case", [("TRANSFER-encoding", "CHUNKED"), ("content-LENGTH", "5")]))
def test_both_framings_are_400_and_close(server, fields):
    refused_and_closed(server, fields, b"0\r\n\r\n")


@obliges("H1-27")
@cases(("gzip", "gzip"), ("chunked, gzip", "chunked, gzip"), ("identity", "identity"), ("empty", ""),
       ("comma", ","), ("chunked and comma", "chunked,"), ("comma and chunked", ", chunked"))
def test_a_coding_that_does_not_end_in_chunked_is_400_and_close(server, value):
    refused_and_closed(server, {"Transfer-Encoding": value}, b"0\r\n\r\n")


@obliges("H1-28")
@cases(("gzip", "gzip, chunked"), ("unknown", "x-made-up, chunked"), ("in two lines", None))
def test_an_unknown_coding_before_chunked_is_501(server, value):
    fields = [("Transfer-Encoding", value)] if value else [("Transfer-Encoding", "gzip"),
                                                           ("Transfer-Encoding", "chunked")]
    refused_and_closed(server, fields, b"0\r\n\r\n", 501)


@obliges("H1-29")
@cases(("list", [("Transfer-Encoding", "chunked, chunked")]),
       ("lines", [("Transfer-Encoding", "chunked"), ("Transfer-Encoding", "chunked")]),
       ("parameter", [("Transfer-Encoding", "chunked;q=1")]),
       ("bare semicolon", [("Transfer-Encoding", "chunked;")]))
def test_chunked_twice_or_with_parameters_is_400(server, fields):
    refused_and_closed(server, fields, b"0\r\n\r\n")


@obliges("H1-30")
@cases(("closing", {"Transfer-Encoding": "chunked"}),
       ("kept alive", {"Transfer-Encoding": "chunked", "Connection": "keep-alive"}))
def test_a_coding_in_http10_is_answered_and_closed(server, fields):
    with server.connect() as conn:
        conn.send(head_of("PUT", "/never.txt", fields, version="HTTP/1.0") + chunked(b"hello") + SMUGGLED)
        eq(conn.read("PUT", "HTTP/1.0").status, 400)
        conn.expect_close()
    ok(server.exists("ten.txt"), "what followed was not taken as a request")


@obliges("H1-31")
@cases(("plus", "+5"), ("minus", "-1"), ("hexadecimal", "0x5"), ("two numbers", "5 5"), ("empty", ""), ("list", "5, 6"),
       ("fraction", "5.0"), ("letter", "5a"), ("exponent", "1e1"), ("comma", ","), ("half a list", "5,"),
       ("word", "five"),
       ("quotes", '"5"'), ("arabic digit", "\xd9\xa5"))
def test_a_length_that_is_no_number_is_400_and_close(server, value):
    refused_and_closed(server, {"Content-Length": value}, b"hello")


@obliges("H1-31", "H1-15")
def test_two_different_lengths_are_400_and_close(server):
    refused_and_closed(server, [("Content-Length", "5"), ("Content-Length", "6")], b"hello")
    refused_and_closed(server, [("Content-Length", "5"), ("X", "y"), ("Content-Length", "")], b"hello")


def test_equal_lengths_are_one(server):
    with server.connect() as conn:
        conn.send(head_of("PUT", "/equal.txt", [("Content-Length", "5"), ("Content-Length", "5")]) + b"hello")
        one_of(conn.read("PUT").status, (201, 204, 400))


@obliges("H1-32")
@cases(("2^63", str(1 << 63)), ("2^64", str(1 << 64)), ("2^64 + 5", str((1 << 64) + 5)), ("40 digits", "9" * 40),
       ("2^32 * 2^32 + 5", str((1 << 96) + 5)))
def test_a_length_beyond_64_bits_does_not_wrap(server, value):
    with server.connect() as conn:
        conn.send(head_of("PUT", "/never.txt", {"Content-Length": value}) + b"hello" + SMUGGLED)
        one_of(conn.read("PUT").status, (400, 413))
        conn.expect_close()
    ok(not server.exists("never.txt"), "nothing was stored")
    ok(server.exists("ten.txt"), "what followed was not taken as a request")


def test_leading_zeros_are_only_zeros(server):
    stored(server, head_of("PUT", "/zeros.txt", {"Content-Length": "0" * 30 + "5"}) + b"hello", "zeros.txt", b"hello")


@obliges("H1-33")
@cases(("CHUNKED", "CHUNKED"), ("Chunked", "Chunked"), ("blanks", " \t chunked \t "))
def test_codings_compare_without_case(server, value):
    stored(server, head_of("PUT", "/case.txt", {"Transfer-Encoding": value}) + chunked(b"hello"), "case.txt", b"hello")


@obliges("H1-33")
@cases(("xchunked", b"Transfer-Encoding: xchunked", (400, 501)),
       ("vertical tab", b"Transfer-Encoding: \x0bchunked", (400,)),
       ("vertical tab behind", b"Transfer-Encoding: chunked\x0b", (400,)),
       ("form feed", b"Transfer-Encoding:\x0cchunked", (400,)),
       ("name with space", b"Transfer-Encoding : chunked", (400,)),
       ("name with tab", b"Transfer-Encoding\t: chunked", (400,)),
       ("name with NUL", b"Transfer-Encoding\0: chunked", (400,)), ("NUL", b"Transfer-Encoding: chunked\0", (400,)),
       ("quoted", b'Transfer-Encoding: "chunked"', (400,)), ("folded", b"Transfer-Encoding:\r\n chunked", (400,)),
       ("no-break space", b"Transfer-Encoding: \xa0chunked", (400, 501)),
       ("bare LF", b"X: y\nTransfer-Encoding: chunked", (400,)),
       ("bare CR", b"X: y\rTransfer-Encoding: chunked", (400,)),
       ("next to chunked", b"Transfer-Encoding: chunked chunked", (400,)))
def test_a_disguised_coding_does_not_sneak_through(server, line, wanted):
    with server.connect() as conn:
        conn.send(b"PUT /never.txt HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n" + line +
                  b"\r\n\r\n0\r\n\r\n" + SMUGGLED)
        one_of(conn.read("PUT").status, wanted)
        conn.expect_close()
    ok(server.exists("ten.txt"), "what followed was not taken as a request")
    with server.connect() as conn:  # and without a length beside it
        conn.send(b"PUT /never.txt HTTP/1.1\r\nHost: localhost\r\n" + line + b"\r\n\r\n0\r\n\r\n" + SMUGGLED)
        one_of(conn.read("PUT").status, wanted)
        conn.expect_close()
    ok(server.exists("ten.txt"), "what followed was not taken as a request")


@obliges("H1-33")
def test_an_underscore_makes_another_field(server):
    with server.connect() as conn:
        conn.send(b"PUT /under.txt HTTP/1.1\r\nHost: localhost\r\nTransfer_Encoding: chunked\r\nContent-Length: 5\r\n\r\n"
                  b"0\r\n\r\n")
        one_of(conn.read("PUT").status, (201, 204, 400))
    if server.exists("under.txt"):
        eq(server.read("under.txt"), b"0\r\n\r\n")


@obliges("H1-34")
@cases(("plus", b"+5"), ("minus", b"-5"), ("0x", b"0x5"), ("underscore", b"0_5"), ("space before", b" 5"),
       ("tab before", b"\t5"),
       ("empty", b""), ("overflow", b"1" + b"0" * 16), ("wraps to 5", b"10000000000000005"), ("2^63", b"8" + b"0" * 15),
       ("many zeros", b"0" * 40 + b"5"), ("letter", b"5g"), ("two numbers", b"5 5"), ("semicolon only", b";"),
       ("NUL", b"5\0"))
def test_a_malformed_chunk_size_is_400_and_close(server, size):
    refused_and_closed(server, {"Transfer-Encoding": "chunked"}, size + b"\r\nhello\r\n0\r\n\r\n")
    refused_and_closed(server, {"Transfer-Encoding": "chunked"}, b"3\r\nabc\r\n" + size + b"\r\nhello\r\n0\r\n\r\n")


@obliges("H1-34", "H1-35")
@cases(("bare LF after the size", b"5\nhello\r\n0\r\n\r\n"), ("bare CR after the size", b"5\rhello\r\n0\r\n\r\n"),
       ("bare LF after an extension", b"5;a\nhello\r\n0\r\n\r\n"), ("no line end", b"5\r\nhello0\r\n\r\n"),
       ("LF after the data", b"5\r\nhello\n0\r\n\r\n"), ("CR after the data", b"5\r\nhello\r0\r\n\r\n"),
       ("too much data", b"5\r\nhelloo\r\n0\r\n\r\n"), ("too little data", b"5\r\nhell\r\n0\r\n\r\n"),
       ("spaces after the data", b"5\r\nhello  \r\n0\r\n\r\n"), ("bare LF at the end", b"5\r\nhello\r\n0\n\n"),
       ("last line", b"5\r\nhello\r\n0\r\n\n"))
def test_what_is_not_crlf_around_chunks_is_400_and_close(server, body):
    refused_and_closed(server, {"Transfer-Encoding": "chunked"}, body)


@obliges("H1-34", "H1-35")
@cases(("small", 1000), ("as a worker writes", 400000), ("much", 3000000))
def test_a_bad_chunk_after_good_ones_is_400_whatever_was_written_already(server, octets):
    server.write("kept.txt", b"old")
    with server.connect() as conn:
        conn.send(head_of("PUT", "/kept.txt", {"Transfer-Encoding": "chunked"}))
        conn.send(chunked(b"x" * octets, 50000)[:-5] + b"zz\r\n" + SMUGGLED)
        eq(conn.read("PUT").status, 400)
        conn.expect_close()
    eq(server.read("kept.txt"), b"old")
    ok(server.exists("ten.txt"), "what followed was not taken as a request")


@obliges("H1-34")
def test_a_bad_chunk_nobody_wanted_does_not_take_the_answer_away(server):
    with server.connect() as conn:
        conn.send(head_of("GET", "/ten.txt", {"Transfer-Encoding": "chunked"}) + b"zz\r\n" + SMUGGLED)
        one_of(conn.read("GET").status, (200, 400))
        conn.expect_close()
    ok(server.exists("ten.txt"), "what followed was not taken as a request")


@obliges("H1-36")
@cases(("name", b";a"), ("value", b";a=b"), ("quoted", b';a="b;c"'), ("blanks", b" ;a = b "), ("two", b";a;b=c"))
def test_chunk_extensions_are_ignored(server, extension):
    body = b"5" + extension + b"\r\nhello\r\n0" + extension + b"\r\n\r\n"
    stored(server, head_of("PUT", "/ext.txt", {"Transfer-Encoding": "chunked"}) + body, "ext.txt", b"hello")


@obliges("H1-36", "POL-43")
@cases(("one", b"5;" + b"e" * 40000), ("without end", b"5;" + b"e" * 100000), ("blanks", b"5" + b" " * 40000),
       ("many", (b"1;" + b"e" * 100 + b"\r\nx\r\n") * 1000))
def test_endless_chunk_extensions_get_4xx_and_close(server, body):
    with server.connect() as conn:
        conn.send(head_of("PUT", "/never.txt", {"Transfer-Encoding": "chunked"}) + body + b"\r\n")
        got = conn.read("PUT")
        ok(400 <= got.status < 500, "%d is a 4xx" % got.status)
        conn.expect_close()
    ok(not server.exists("never.txt"), "nothing was stored")


@obliges("H1-37")
@cases(("length", "Content-Length", "1"), ("host", "Host", "evil.example"), ("condition", "If-Match", '"no"'),
       ("creating", "If-None-Match", "*"), ("authorization", "Authorization", "Basic eDp5"), ("if", "If", "(<urn:x>)"),
       ("coding", "Transfer-Encoding", "gzip"), ("range", "Content-Range", "bytes 0-1/5"),
       ("connection", "Connection", "close"),
       ("origin", "Origin", "http://evil.example"))
def test_a_trailer_is_read_and_has_no_effect(server, field, value):
    server.write("trailer.txt", b"old")
    stored(server, head_of("PUT", "/trailer.txt", {"Transfer-Encoding": "chunked"}) +
           chunked(b"hello", trailers={field: value}), "trailer.txt", b"hello", (204,))


@obliges("H1-37")
@cases(("no colon", b"just text\r\n"), ("space before the colon", b"X : y\r\n"), ("folded", b"X: y\r\n z\r\n"),
       ("NUL", b"X: \0\r\n"), ("bare LF", b"X: y\n"), ("empty name", b": y\r\n"))
def test_a_malformed_trailer_is_400_and_close(server, trailer):
    refused_and_closed(server, {"Transfer-Encoding": "chunked"}, b"5\r\nhello\r\n0\r\n" + trailer + b"\r\n")


@obliges("H1-38")
def test_without_framing_there_is_no_body(server):
    with server.connect() as conn:
        conn.send(head_of("PUT", "/empty.txt") + head_of("GET", "/ten.txt"))
        one_of(conn.read("PUT").status, (201, 204))
        eq(conn.read().body, b"0123456789")
    eq(server.read("empty.txt"), b"")


@obliges("H1-39")
@cases(("404", "GET", "/missing"), ("405", "POST", "/ten.txt"), ("501", "FOO", "/x"), ("409", "PUT", "/no/such/folder"),
       ("400", "PUT", "/%00"), ("308", "PUT", "//x"))
def test_an_unwanted_body_is_read_to_its_end_or_the_connection_closes(server, method, target):
    for fields, body in (({"Content-Length": str(len(SMUGGLED))}, SMUGGLED),
                         ({"Transfer-Encoding": "chunked"}, chunked(SMUGGLED, 7)),
                         ({"Content-Length": "900000"}, SMUGGLED * (900000 // len(SMUGGLED)) +
                          b" " * (900000 % len(SMUGGLED))),
                         ({"Content-Length": "3000000"}, SMUGGLED * (3000000 // len(SMUGGLED)) +
                          b" " * (3000000 % len(SMUGGLED)))):
        with server.connect() as conn:
            conn.send(head_of(method, target, fields) + body)
            got = conn.read(method)
            ok(got.status >= 300, "%d refuses" % got.status)
            if got.closes:
                conn.expect_close()
            else:
                eq(conn.ask("GET", "/ten.txt").body, b"0123456789", "the next request on the connection")


@obliges("H1-40")
@cases(("length", head_of("PUT", "/never.txt", {"Content-Length": "1000"}) + b"x" * 999),
       ("length, much", head_of("PUT", "/never.txt", {"Content-Length": "1000000"}) + b"x" * 999999),
       ("chunked", head_of("PUT", "/never.txt", {"Transfer-Encoding": "chunked"}) + b"5\r\nhello\r\n"),
       ("inside a chunk", head_of("PUT", "/never.txt", {"Transfer-Encoding": "chunked"}) + b"5\r\nhel"),
       ("last chunk cut", head_of("PUT", "/never.txt", {"Transfer-Encoding": "chunked"}) + b"5\r\nhello\r\n0\r\n"),
       ("before any", head_of("PUT", "/never.txt", {"Content-Length": "5"})))
def test_a_body_cut_short_stores_nothing(server, data):
    for way in ("half_close", "close", "reset"):
        server.write("kept.txt", b"old")
        for target in (b"/never.txt", b"/kept.txt"):
            with server.connect() as conn:
                conn.send(data.replace(b"/never.txt", target))
                getattr(conn, way)()
                if way == "half_close":
                    try:
                        ok(conn.read("PUT").status >= 400, "no success is said")
                    except Closed:
                        pass
                else:
                    conn.ended = True
        wait_for(lambda: not [what for what in server.fds() if server.tmp in what and "(deleted)" in what], "what was received is let go of")
        eq(server.names(), sorted(set(server.names()) - {"never.txt"}), "what lies in the folder, after " + way)
        eq(server.read("kept.txt"), b"old")


@obliges("H1-41")
@cases(("GET", "GET", 200), ("HEAD", "HEAD", 200), ("DELETE", "DELETE", 204), ("OPTIONS", "OPTIONS", 200))
def test_a_body_on_a_method_without_one_is_never_a_request(server, method, status):
    for fields, body in (({"Content-Length": str(len(SMUGGLED))}, SMUGGLED),
                         ({"Transfer-Encoding": "chunked"}, chunked(SMUGGLED, 10, {"X": "y"}))):
        server.write("victim.txt", b"v")
        with server.connect() as conn:
            for _ in range(3 if method == "GET" else 1):  # also when the answer is hot
                conn.send(head_of(method, "/victim.txt", fields) + body)
                got = conn.read(method)
                one_of(got.status, (status, 400))
                if got.closes:
                    conn.expect_close()
                    break
            else:
                eq(conn.ask("GET", "/ten.txt").body, b"0123456789")
    ok(server.exists("ten.txt"), "the body was not taken as a request")


@obliges("H1-26", "H1-38")
def test_a_hot_answer_looks_at_the_framing_too(server):
    with server.connect() as conn:
        for _ in range(4):
            eq(conn.ask("GET", "/ten.txt").status, 200)
        conn.send(message_of("GET", "/ten.txt", {}, SMUGGLED, conn.host))
        eq(conn.read().status, 200)
        conn.send(head_of("GET", "/ten.txt", [("Host", conn.host), ("Content-Length", "5"),
                                              ("Transfer-Encoding", "chunked")]) + b"0\r\n\r\n" + SMUGGLED)
        eq(conn.read().status, 400)
        conn.expect_close()
    ok(server.exists("ten.txt"), "what followed was not taken as a request")


@time_limit(60)
@obliges("H1-34")
def test_chunks_of_one_octet_and_of_many(server):
    for size in (1, 3, 1000, 65536):
        content = bytes(range(256)) * (2 if size < 10 else 1200)
        stored(server, head_of("PUT", "/sizes.bin", {"Transfer-Encoding": "chunked"}) + chunked(content, size),
               "sizes.bin", content)


def test_chunk_sizes_in_any_case_and_with_zeros(server):
    body = b"000A\r\n0123456789\r\n00b\r\nabcdefghijk\r\n0000\r\n\r\n"
    stored(server, head_of("PUT", "/hex.txt", {"Transfer-Encoding": "chunked"}) + body, "hex.txt", b"0123456789abcdefghijk")
