"""http2.md §6: fields, their compression, and requests that are malformed."""

import h2
from h2 import COMPRESSION_ERROR, ENHANCE_YOUR_CALM, HTTP_1_1_REQUIRED, PROTOCOL_ERROR
from wire import cases, eq, obliges, ok, one_of, own_server

import hpack

ONLY_OVER = (("h1", "tls"), "it is of single frames, whatever whole requests are spoken over")
TEN = b"0123456789"
FILES = {"ten.txt": TEN, "victim": b"v"}


def huge_integer(first):
    return bytes([first]) + b"\xff" * 9 + b"\x01"


# ---- compression ------------------------------------------------------------------------------------


@obliges("H2-33")
@cases(("index 0", b"\x80"), ("index beyond the table", hpack.indexed(62)), ("a name beyond", hpack.literal(70, "x")),
       ("far beyond", hpack.indexed(1 << 20)), ("a table too large", hpack.table_size(1 << 20)),
       ("a size behind a field", b"\x82" + hpack.table_size(0)), ("a number too large", huge_integer(0xff)),
       ("a length too large", b"\x00" + huge_integer(0x7f)), ("cut within a string", b"\x00\x05ab"),
       ("cut within a number", b"\xff\x80"), ("eos", b"\x00\x84\xff\xff\xff\xff\x00"),
       ("padding of zeros", b"\x00\x81\x00\x00"), ("padding of eight bits", b"\x00\x82\x1f\xff\x00"))
def test_a_block_that_is_none(server, block):
    with server.h2() as conn:
        stream = conn.stream()
        fields = hpack.encode(conn.fields_of("DELETE", "/victim"))
        whole = block + fields if block[0] & 0xe0 == 0x20 else fields + block
        if block[:1] == b"\x82":
            whole = block + fields[len(hpack.encode([(":method", "DELETE")])):]
        conn.block_of(stream.number, whole, True)
        conn.error(COMPRESSION_ERROR)
    ok(server.exists("victim"), "the request was not acted on")


@obliges("H2-34")
def test_every_form_of_a_field(server):
    with server.h2() as conn:
        conn.until(lambda: conn.has_settings, "SETTINGS")
        scheme = hpack.indexed(7 if conn.scheme == "https" else 6)
        forms = [b"\x82" + scheme + hpack.literal(1, conn.host, kind, huffman) + hpack.literal(4, "/ten.txt", kind, huffman)
                 + hpack.literal("range", "bytes=2-4", kind, huffman)
                 for kind in ("without", "never", "entered") for huffman in (False, True)]
        forms.append(b"\x82" + scheme + hpack.indexed(64) + hpack.indexed(63) + hpack.indexed(62))
        forms.append(hpack.table_size(0) + hpack.table_size(4096) + forms[0])
        forms.append(hpack.literal(2, "GET") + hpack.literal(7, conn.scheme) + hpack.literal(":authority", conn.host)
                     + hpack.literal(":path", "/ten.txt", "entered", True) + hpack.literal(50, "bytes=2-4"))
        forms.append(
    b"\x82" +
    scheme +
    hpack.literal(
        1,
        conn.host) +
        hpack.indexed(62) +
        hpack.literal(
            50,
             "bytes=2-4"))
        for form in forms:
            stream = conn.stream()
            conn.block_of(stream.number, form, True)
            stream.we_ended = True
            got = stream.read()
            eq((got.status, got.body), (206, TEN[2:5]))


@obliges("H2-34")
def test_the_table_forgets_the_oldest(server):
    with server.h2() as conn:
        for number in range(100):
            stream = conn.stream()
            block = hpack.encode(conn.fields_of("GET", "/ten.txt")) + b"".join(
                hpack.literal("x-%d-%d" % (number, each), "v" * each * 30, "entered") for each in range(5))
            conn.block_of(stream.number, block, True)
            stream.we_ended = True
            eq(stream.read().body, TEN)
        stream = conn.stream()
        conn.block_of(stream.number, hpack.encode(conn.fields_of("GET", "/ten.txt")) + hpack.literal(
            "range", "bytes=1-1", "entered"), True)
        eq(stream.read().body, b"1")
        stream = conn.stream()
        conn.block_of(stream.number, hpack.encode(conn.fields_of("GET", "/ten.txt")) + hpack.indexed(62), True)
        eq(stream.read().body, b"1")


@obliges("H2-35")
@cases(("none", 0), ("tiny", 50), ("small", 200), ("large", 65536))
def test_the_servers_table_is_as_large_as_we_let_it(server, size):
    with server.h2(settings={h2.HEADER_TABLE_SIZE: size}) as conn:
        for number in range(20):
            eq(conn.ask("GET", "/ten.txt", [("range", "bytes=0-%d" % (number % 10))]).status, 206)
        conn.settings({h2.HEADER_TABLE_SIZE: size // 2})
        for number in range(20):
            eq(conn.ask("GET", "/missing-%d" % number).status, 404)
        conn.settings({h2.HEADER_TABLE_SIZE: 0})
        conn.settings({h2.HEADER_TABLE_SIZE: 4096})
        eq(conn.ask("GET", "/ten.txt").body, TEN)


# ---- malformed requests -----------------------------------------------------------------------------


def refused_beside(server, section, statuses=(400,)):
    """The stream is refused; the connection, and a request that was open before, go on."""
    server.write("victim", b"v")
    with server.h2() as conn:
        beside = conn.open("PUT", "/beside", end=False)
        stream = conn.stream("DELETE")
        conn.headers(stream.number, section(conn), end_stream=True)
        stream.we_ended = True
        stream.refused(*statuses)
        eq(beside.data(b"b").read().status // 100, 2)
        eq(conn.ask("GET", "/ten.txt").body, TEN)
    ok(server.exists("victim"), "the request was not acted on")


@obliges("H2-36")
@cases(("capitals", "X-Test"), ("one capital", "hosT"), ("a space", "x test"), ("a space before", " x"), ("a space behind", "x "),
       ("a tab", "x\t"), ("nul", "x\0"), ("line feed", "x\ny"), ("delete", "x\x7f"), ("beyond ascii", "x\xe4"),
       ("a colon", "x:y"), ("empty", ""))
def test_names_that_are_none(server, name):
    refused_beside(server, lambda conn: conn.fields_of("DELETE", "/victim") + [(name, "1")])


@obliges("H2-37")
@cases(("nul", "a\0b"), ("line feed", "a\nb"), ("carriage return", "a\rb"), ("a request within", "a\r\n\r\nGET / HTTP/1.1"),
       ("a space before", " a"), ("a space behind", "a "), ("a tab before", "\ta"), ("a tab behind", "a\t"))
def test_values_that_are_none(server, value):
    refused_beside(server, lambda conn: conn.fields_of("DELETE", "/victim") + [("x-test", value)])


@obliges("H2-38")
@cases(("connection", "connection", "close"), ("keep-alive", "keep-alive", "timeout=5"),
       ("proxy-connection", "proxy-connection", "keep-alive"), ("transfer-encoding", "transfer-encoding", "chunked"),
       ("upgrade", "upgrade", "h2c"), ("te", "te", "gzip"), ("te in a list", "te", "trailers, gzip"))
def test_fields_of_a_connection(server, name, value):
    refused_beside(server, lambda conn: conn.fields_of("DELETE", "/victim") + [(name, value)])


@obliges("H2-38")
def test_te_trailers_is_fine(server):
    with server.h2() as conn:
        eq(conn.ask("GET", "/ten.txt", [("te", "trailers")]).body, TEN)


def without(*names):
    return lambda conn: [field for field in conn.fields_of("DELETE", "/victim") if field[0] not in names]


def beside(*more):
    return lambda conn: conn.fields_of("DELETE", "/victim") + list(more)


def before(*more):
    return lambda conn: list(more) + conn.fields_of("DELETE", "/victim")


@obliges("H2-39", "H2-40")
@cases(("unknown", before((":unknown", "1"))), ("of answers", before((":status", "200"))),
       ("method twice", before((":method", "DELETE"))), ("path twice", before((":path", "/victim"))),
       ("scheme twice", before((":scheme", "https"))), ("authority twice", before((":authority", "other.example"))),
       ("behind a field", beside(("x-a", "1"), (":authority", "x"))), ("first a field", before(("x-a", "1"))),
       ("no method", without(":method")), ("no scheme", without(":scheme")), ("no path", without(":path")),
       ("nothing", without(":method", ":path", ":scheme", ":authority")),
       ("empty path", lambda conn: conn.fields_of("DELETE", "", [(":path", "")])),
       ("relative path", lambda conn: conn.fields_of("DELETE", "victim")),
       ("star", lambda conn: conn.fields_of("DELETE", "*")),
       ("empty method", lambda conn: conn.fields_of("", "/victim")),
       ("method with a space", lambda conn: conn.fields_of("DELETE x", "/victim")),
       ("path with a space", lambda conn: conn.fields_of("DELETE", "/vic tim")),
       ("path with a line feed", lambda conn: conn.fields_of("DELETE", "/victim\n")),
       ("path with a fragment", lambda conn: conn.fields_of("DELETE", "/victim#a")),
       ("protocol", before((":protocol", "websocket"))))
def test_pseudo_fields(server, section):
    refused_beside(server, section, (400, 501))


@obliges("H2-40", "H2-47")
def test_a_star_for_options(server):
    with server.h2() as conn:
        one_of(conn.ask("OPTIONS", "*").status, (200, 204), "status")


@obliges("H2-41")
@cases(("userinfo", lambda conn: conn.fields_of("DELETE", "/victim", [(":authority", "ann@" + conn.host)])),
       ("a path", lambda conn: conn.fields_of("DELETE", "/victim", [(":authority", conn.host + "/x")])),
       ("a space", lambda conn: conn.fields_of("DELETE", "/victim", [(":authority", "a b")])),
       ("another Host", beside(("host", "other.example"))), ("two Hosts", beside(("host", "a.example"), ("host", "a.example"))))
def test_authorities(server, section):
    refused_beside(server, section, (400, 421))


@obliges("H2-41")
def test_host_stands_in_for_authority(server):
    with server.h2() as conn:
        for section in ([("host", conn.host)], []):
            stream = conn.stream()
            conn.headers(stream.number, conn.fields_of("GET", "/ten.txt", section, authority=False), end_stream=True)
            stream.we_ended = True
            if section:
                eq(stream.read().body, TEN)
            else:
                stream.refused()
        eq(conn.ask("GET", "/ten.txt", [("host", conn.host)]).body, TEN)  # the same twice


@obliges("H2-42")
@cases(("right", lambda conn: [(":method", "CONNECT"), (":authority", conn.host)], (400, 405, 501)),
       ("with a path", lambda conn: conn.fields_of("CONNECT", "/"), (400, 405, 501)),
       ("without authority", lambda conn: [(":method", "CONNECT")], (400, 405, 501)))
def test_connect_is_no_tunnel(server, section, statuses):
    with server.h2() as conn:
        stream = conn.stream("CONNECT")
        conn.headers(stream.number, section(conn), end_stream=True)
        stream.we_ended = True
        stream.refused(*statuses, codes=(PROTOCOL_ERROR, h2.CONNECT_ERROR, HTTP_1_1_REQUIRED))
        eq(conn.ask("GET", "/ten.txt").body, TEN)


@obliges("H2-43")
def test_cookies_in_crumbs(server):
    with server.h2() as conn:
        eq(conn.ask("GET", "/ten.txt", [("cookie", "a=1"), ("cookie", "b=2")]).body, TEN)


# ---- limits -----------------------------------------------------------------------------------------


@obliges("H2-44")
@cases(("one long field", [("x-long", "v" * 60000)]), ("many fields", [("x-%d" % number, "v") for number in range(3000)]),
       ("all together", [("x-%d" % number, "v" * 900) for number in range(150)]))
def test_too_many_fields(server, more):
    """431 or a stream error; the table of the decoder is right afterwards."""
    with server.h2() as conn:
        stream = conn.stream()
        block = hpack.encode(conn.fields_of("GET", "/ten.txt")) + hpack.literal("x-kept", "kept", "entered") + \
            hpack.encode(more)
        conn.block_of(stream.number, block, True)
        stream.we_ended = True
        stream.refused(431, 400, codes=(PROTOCOL_ERROR, ENHANCE_YOUR_CALM, h2.REFUSED_STREAM, h2.CANCEL))
        if stream.answer is not None:
            eq(stream.answer.status, 431)
        stream = conn.stream()
        conn.block_of(stream.number, hpack.encode(conn.fields_of("GET", "/ten.txt")) + hpack.indexed(62), True)
        stream.we_ended = True
        eq(stream.read().body, TEN)


@obliges("H2-44")
def test_a_long_target_is_414(server):
    with server.h2() as conn:
        eq(conn.ask("GET", "/" + "a" * 20000).status, 414)
        eq(conn.ask("GET", "/ten.txt?" + "a" * 8000).body, TEN)


@obliges("H2-44")
@own_server("--limit", "field-line=300", "--limit", "fields-total=1000", "--limit", "field-count=20", files=FILES)
def test_limits_are_those_of_the_configuration(server):
    with server.h2() as conn:
        eq(conn.ask("GET", "/ten.txt", [("x-a", "v" * 200)]).body, TEN)
        for more in ([("x-a", "v" * 400)], [("x-%d" % number, "v" * 200) for number in range(6)],
                     [("x-%d" % number, "v") for number in range(25)]):
            stream = conn.open("GET", "/ten.txt", more)
            stream.refused(431, codes=(PROTOCOL_ERROR, ENHANCE_YOUR_CALM))
        eq(conn.ask("GET", "/ten.txt").body, TEN)
