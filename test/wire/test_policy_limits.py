"""policy.md §4: the budget of a head, and 431."""

from wire import cases, chunked, contains, eq, head_of, lacks, obliges, ok, one_of, own_server

FILES = {"ten.txt": b"0123456789"}
START = b"GET /ten.txt HTTP/1.1\r\nHost: localhost\r\n"
LINE = 16384  # --limit field-line


def too_large(server, data, status=431):
    with server.connect() as conn:
        conn.send(data)
        got = conn.read()
        eq(got.status, status)
        if got.closes:
            conn.expect_close()
    return got


def field(octets, name=b"X-Long"):
    """A field line of so many octets, its line end not counted."""
    return name + b": " + b"v" * (octets - len(name) - 2) + b"\r\n"


@obliges("POL-35", "POL-39")
def test_one_field_above_the_limit_is_431_and_is_named(server):
    got = too_large(server, START + field(LINE + 1, b"X-Kerberos-Ticket") + b"\r\n")
    contains(got.text, "X-Kerberos-Ticket")
    contains(got.fields.words("Cache-Control"), "no-store")


@obliges("POL-35")
def test_the_name_is_cut_to_a_safe_length(server):
    got = too_large(server, START + b"N" * 15000 + b": " + b"v" * 15000 + b"\r\n\r\n")
    contains(got.text, "NNNN")
    ok(len(got.body) < 2000, "the answer has %d octets" % len(got.body))
    lacks(got.text, "N" * 200)


@obliges("POL-36", "POL-39")
@cases(("sum", b"".join(field(8000, b"X-%d" % i) for i in range(10))),
       ("number", b"".join(b"X-%d: y\r\n" % i for i in range(260))),
       ("number of equals", b"X: y\r\n" * 1000))
def test_all_together_above_the_limit_are_431(server, fields):
    got = too_large(server, START + fields + b"\r\n")
    contains(got.fields.words("Cache-Control"), "no-store")


@obliges("POL-37")
@cases(("target", b"GET /" + b"a" * 40000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
       ("query", b"GET /?" + b"a" * 40000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
       ("method", b"G" * 40000 + b" / HTTP/1.1\r\nHost: localhost\r\n\r\n", 501))
def test_a_long_request_line_is_not_431(server, data, status):
    too_large(server, data, status)


@obliges("POL-38")
def test_fields_of_8000_octets_and_more_are_accepted(server):
    for octets in (8000, 12000, 16000):
        eq(server.raw(START + field(octets) + b"\r\n").status, 200, "a field of %d octets" % octets)
    eq(server.raw(START + b"".join(field(8000, b"X-%d" % i) for i in range(6)) + b"\r\n").status, 200, "48 KB together")


@obliges("POL-40")
@cases(("head complete", field(LINE + 1) + b"\r\n"), ("head open", field(LINE + 1)),
       ("line open", b"X: " + b"y" * (LINE + 1)))
def test_after_431_the_connection_closes_gracefully_or_goes_on(server, rest):
    with server.connect() as conn:
        conn.send(START + rest)
        got = conn.read()
        eq(got.status, 431)
        if got.closes:
            conn.expect_close()  # fails on a reset
        else:
            conn.expect_open()


@obliges("POL-41")
@cases(("one line", b"y"), ("lines", b"X: y\r\n"), ("many short ones", b"A:\r\n"), ("empty lines", b"\r\n"))
def test_an_endless_head_ends(server, piece):
    before = server.rss_kib()
    with server.connect() as conn:
        conn.send(b"" if piece == b"\r\n" else START + (b"X: " if piece == b"y" else b""))
        block = piece * (65536 // len(piece))
        try:
            for _ in range(200):  # 13 MB
                conn.send(block)
        except (BrokenPipeError, ConnectionResetError):
            conn.ended = True
        else:
            one_of(conn.read().status, (431, 400))
    ok(server.rss_kib() - before < 8192, "memory stays bounded: %d KiB more" % (server.rss_kib() - before))


@obliges("POL-41")
def test_a_head_that_comes_octet_by_octet_is_bounded_as_well(server):
    with server.connect() as conn:
        conn.send_cut(START + b"X-Drip: ", 10, 20)
        for _ in range(170):
            conn.send(b"y" * 100)
        eq(conn.read().status, 431)
        conn.expect_close()


@obliges("POL-42")
@own_server("--limit", "field-line=1000", "--limit", "fields-total=3000", "--limit", "field-count=8", "--limit", "request-line=8000",
            files={"ten.txt": b"0123456789"})
def test_exactly_at_the_limit_is_accepted_one_more_is_not(server):
    host = len(b"Host: localhost")
    eq(server.raw(START + field(1000) + b"\r\n").status, 200, "a line at the limit")
    too_large(server, START + field(1001) + b"\r\n")
    eq(server.raw(START + field(1000) * 2 + field(1000 - host) + b"\r\n").status, 200, "the sum at the limit")
    too_large(server, START + field(1000) * 2 + field(1001 - host) + b"\r\n")
    eq(server.raw(START + b"X: y\r\n" * 7 + b"\r\n").status, 200, "the number at the limit")
    too_large(server, START + b"X: y\r\n" * 8 + b"\r\n")
    line = b"GET /ten.txt?%s HTTP/1.1"
    eq(server.raw(line % (b"q" * (8000 - len(line) + 2)) + b"\r\nHost: localhost\r\n\r\n").status, 200, "the request line at the limit")
    too_large(server, line % (b"q" * (8001 - len(line) + 2)) + b"\r\nHost: localhost\r\n\r\n", 414)


@obliges("POL-42")
@own_server("--limit", "field-line=1000", files={"ten.txt": b"0123456789"})
def test_the_limit_is_the_same_however_the_bytes_are_cut(server):
    for octets, status in ((1000, 200), (1001, 431)):
        data = START + field(octets) + b"\r\n"
        for at in range(len(data) - 12, len(data)):
            with server.connect() as conn:
                conn.send_cut(data, at)
                eq(conn.read().status, status, "%d octets, cut at %d" % (octets, at))


@obliges("POL-43")
@own_server("--limit", "trailer-total=500")
def test_trailers_above_the_limit_are_431(server):
    def put(trailers):
        with server.connect() as conn:
            conn.send(head_of("PUT", "/trailers.txt", {"Transfer-Encoding": "chunked"}) + chunked(b"x", trailers=trailers))
            got = conn.read("PUT")
            if got.closes:
                conn.expect_close()
            return got.status

    one_of(put([("X", "y" * 400)]), (201, 204))
    server.write("trailers.txt", b"old")
    eq(put([("X", "y" * 600)]), 431)
    eq(put([("X", "y" * 20)] * 40), 431)
    eq(server.read("trailers.txt"), b"old")


@obliges("POL-43")
@own_server("--limit", "trailer-total=500")
def test_chunk_extensions_above_the_limit_are_4xx(server):
    for body in (b"1;" + b"e" * 600 + b"\r\nx\r\n0\r\n\r\n", (b"1;" + b"e" * 90 + b"\r\nx\r\n") * 10 + b"0\r\n\r\n"):
        with server.connect() as conn:
            conn.send(head_of("PUT", "/never.txt", {"Transfer-Encoding": "chunked"}) + body)
            ok(400 <= conn.read("PUT").status < 500, "a 4xx")
            conn.expect_close()
    eq(server.names(), [])


@obliges("POL-44")
@cases(("no colon", b"x" * 40000), ("space before the colon", b"X : " + b"y" * 40000),
       ("NUL", b"X: a\0" + b"y" * 40000),
       ("no name", b": " + b"y" * 40000), ("bad name", b"X(Y): " + b"y" * 40000), ("folded", b" " + b"y" * 40000))
def test_a_malformed_field_is_400_also_if_it_is_long(server, line):
    got = too_large(server, START + line + b"\r\n\r\n", 400)
    ok(got.closes, "the answer says Connection: close")


def test_a_limit_hit_leaves_others_alone(server):
    with server.connect() as conn:
        eq(conn.ask("GET", "/ten.txt").status, 200)
        too_large(server, START + field(LINE + 1) + b"\r\n")
        eq(conn.ask("GET", "/ten.txt").status, 200)
