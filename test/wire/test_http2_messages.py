"""http2.md §7: requests and answers, interim ones, early ones; and what files are over HTTP/2: always the newest."""

import os
import time

import h2
from h2 import DATA, END_HEADERS, END_STREAM, HEADERS, NO_ERROR, PROTOCOL_ERROR
from wire import cases, eq, lacks, obliges, ok, one_of, own_server, wait_for

import hpack

ONLY_OVER = (("h1", "tls"), "it is of single frames, whatever whole requests are spoken over")
TEN = b"0123456789"
BIG = os.urandom(3 << 20)
FILES = {"ten.txt": TEN, "big.bin": BIG, "empty": b"", "folder/x": b"x"}


# ---- content and its length -------------------------------------------------------------------------


@obliges("H2-45")
@cases(("less", 10, b"12345"), ("more", 3, b"12345"), ("none", 5, b""), ("some for none", 0, b"1"))
def test_a_length_that_is_not_true(server, told, body):
    with server.h2() as conn:
        stream = conn.open("PUT", "/untrue", [("content-length", told)], end=False)
        try:
            stream.data(body)
        except BrokenPipeError:
            pass
        stream.refused()
        eq(conn.ask("GET", "/ten.txt").body, TEN)
    ok(not server.exists("untrue"), "nothing was stored")


@obliges("H2-45")
def test_a_length_in_the_last_frame_of_the_head(server):
    """END_STREAM already on HEADERS, and a length above nothing."""
    with server.h2() as conn:
        stream = conn.open("PUT", "/untrue", [("content-length", 5)])
        stream.refused()
    ok(not server.exists("untrue"), "nothing was stored")


@cases(("nothing", b""), ("an octet", b"x"), ("some", b"x" * 70000), ("much", BIG))
def test_content_of_a_length_that_nobody_told(server, body):
    with server.h2() as conn:
        stream = conn.open("PUT", "/open-ended-%d" % len(body), end=False)
        stream.data(body)
        eq(stream.read().status, 201)
        eq(server.read("open-ended-%d" % len(body)), body)


def test_content_in_crumbs(server):
    with server.h2() as conn:
        stream = conn.open("PUT", "/crumbs", [("content-length", 300)], end=False)
        for number in range(300):
            stream.data(b"%d" % (number % 10), end=number == 299)
        eq(stream.read().status, 201)
        eq(server.read("crumbs"), TEN * 30)


@obliges("H2-46")
def test_trailers_end_a_request(server):
    with server.h2() as conn:
        stream = conn.open("PUT", "/trailers", end=False)
        stream.data(b"abc", end=False)
        stream.trailers([("x-checked", "yes"), ("if-match", '"never"')])
        eq(stream.read().status, 201)
        eq(server.read("trailers"), b"abc")


@obliges("H2-45", "H2-46")
def test_a_length_in_trailers_is_refused_or_means_nothing(server):
    with server.h2() as conn:
        stream = conn.open("PUT", "/length-behind", end=False)
        stream.data(b"abc", end=False)
        stream.trailers([("content-length", "9")])
        stream.refused(201, 400)
        if stream.answer is None:
            ok(not server.exists("length-behind"), "nothing was stored")


@obliges("H2-46")
@cases(("no end", [("x-a", "1")], False), ("a pseudo-field",
       [(":path", "/other")], True), ("capitals", [("X-A", "1")], True))
def test_trailers_that_are_malformed(server, fields, ends):
    with server.h2() as conn:
        stream = conn.open("PUT", "/bad-trailers", end=False)
        stream.data(b"abc", end=False)
        conn.headers(stream.number, fields, end_stream=ends)
        stream.we_ended = True
        stream.refused()
        eq(conn.ask("GET", "/ten.txt").body, TEN)
    ok(not server.exists("bad-trailers"), "nothing was stored")


# ---- answers ----------------------------------------------------------------------------------------


@obliges("H2-47")
def test_answers_without_content(server):
    with server.h2() as conn:
        whole = conn.ask("GET", "/big.bin")
        for _ in range(4):
            got = conn.ask("HEAD", "/big.bin")
            eq((got.status, got.body, got.fields["content-length"]), (200, b"", str(len(BIG))))
            got = conn.ask("GET", "/big.bin", [("if-none-match", whole.etag)])
            eq((got.status, got.body), (304, b""))
        eq(conn.ask("GET", "/empty").body, b"")
        eq(conn.ask("PUT", "/made", body=b"1").status, 201)
        eq(conn.ask("PUT", "/made", body=b"2").status, 204)
        eq(conn.ask("DELETE", "/made").status, 204)


@obliges("H2-47")
def test_ranges_and_conditions(server):
    with server.h2() as conn:
        etag = conn.ask("GET", "/ten.txt").etag
        for _ in range(4):
            got = conn.ask("GET", "/ten.txt", [("range", "bytes=2-4")])
            eq((got.status, got.body, got.fields["content-range"]), (206, b"234", "bytes 2-4/10"))
            eq(conn.ask("GET", "/ten.txt", [("range", "bytes=20-")]).status, 416)
            got = conn.ask("GET", "/big.bin", [("range", "bytes=5-9,2000000-2000003")])
            eq(got.status, 206)
            ok(BIG[5:10] in got.body and BIG[2000000:2000004] in got.body, "both parts")
            eq(conn.ask("GET", "/ten.txt", [("if-match", '"other"')]).status, 412)
            eq(conn.ask("GET", "/ten.txt", [("if-match", etag)]).body, TEN)
        eq(conn.ask("PUT", "/ten.txt", [("if-none-match", "*")], b"x").status, 412)
        eq(server.read("ten.txt"), TEN)


def test_listings_and_refusals(server):
    with server.h2() as conn:
        got = conn.ask("GET", "/folder/")
        eq((got.status, b"x" in got.body), (200, True))
        eq(conn.ask("GET", "/folder").status, 308)
        eq(conn.ask("POST", "/ten.txt", body=b"x").status, 405)
        eq(conn.ask("FROB", "/ten.txt").status, 501)
        eq(conn.ask("GET", "/%zz").status, 400)


@obliges("H2-47", "H2-38")
def test_no_field_of_a_connection_is_sent(server):
    with server.h2() as conn:
        for target in ("/ten.txt", "/folder/", "/missing", "/folder"):
            for _ in range(4):  # the reader judges each
                lacks(conn.ask("GET", target).fields.names(), "connection")


@obliges("H2-48")
def test_100_before_the_content(server):
    with server.h2() as conn:
        stream = conn.open("PUT", "/asked", [("content-length", 5), ("expect", "100-continue")], end=False)
        conn.until(lambda: stream.interim or stream.is_done, "100")
        eq([answer.status for answer in stream.interim], [100])
        ok(not server.exists("asked"), "nothing is there yet")
        stream.data(b"hello")
        eq(stream.read().status, 201)
        eq(len(stream.interim), 1, "interim answers")
        eq(server.read("asked"), b"hello")


@obliges("H2-48")
@cases(("412", "/ten.txt", [("if-none-match", "*")], 412),
       ("409", "/nowhere/x", [], 409), ("417", "/x", [("expect", "a-pony")], 417))
def test_a_refusal_instead_of_100(server, target, more, status):
    with server.h2() as conn:
        stream = conn.open("PUT", target, [("content-length", 5), *([] if status == 417 else [("expect", "100-continue")]), *more],
                           end=False)
        eq(stream.head().status, status)
        eq(stream.interim, [], "interim answers")
        eq(conn.ask("GET", "/ten.txt").body, TEN)


def test_no_100_where_the_content_is_there_already(server):
    with server.h2() as conn:
        stream = conn.open("PUT", "/eager", [("expect", "100-continue")], b"hello")
        eq(stream.read().status, 201)


@obliges("H2-49")
@own_server("--limit", "body=1M", files=FILES)
def test_an_early_answer_then_the_rest_is_not_wanted(server):
    """413, and the client is told to stop by RST_STREAM NO_ERROR after the whole answer."""
    with server.h2() as conn:
        for told in ([("content-length", 100 << 20)], []):
            stream = conn.open("PUT", "/too-large", told, end=False)
            sent = 0
            while not stream.is_done and sent < 20 << 20:
                stream.data(b"x" * 65536, end=False)
                sent += 65536
            conn.until(lambda stream=stream: stream.ended, "the answer")
            eq(stream.answer.status, 413)
            conn.until(lambda stream=stream: stream.reset is not None, "RST_STREAM")
            eq(stream.reset, NO_ERROR)
            ok(sent <= 16 << 20, "it was told early: %d" % sent)
        eq(conn.ask("GET", "/ten.txt").body, TEN)
    ok(not server.exists("too-large"), "nothing was stored")


@obliges("H2-49")
def test_content_that_a_get_has_not_asked_for(server):
    with server.h2() as conn:
        stream = conn.open("GET", "/ten.txt", [("content-length", 3)], end=False)
        stream.data(b"abc")
        got = stream.read()
        one_of(got.status, (200, 400))
        stream = conn.open("DELETE", "/missing", body=b"x" * 100000)
        eq(stream.read().status, 404)
        eq(conn.ask("GET", "/ten.txt").body, TEN)


@obliges("H2-50")
def test_a_slow_upload_beside_quick_answers(server):
    with server.h2() as conn:
        slow = conn.open("PUT", "/slow", [("content-length", 10)], end=False)
        for number in range(10):
            slow.data(TEN[number:number + 1], end=number == 9)
            eq(conn.ask("GET", "/ten.txt").body, TEN)
        eq(slow.read().status, 201)


# ---- always the newest ------------------------------------------------------------------------------


def test_what_another_program_wrote_is_seen_at_once(server):
    """The answer is hot, the file is written, and the very next answer is new."""
    with server.h2() as conn:
        for number in range(40):
            server.write("fresh.txt", b"version %d" % number)
            eq(conn.ask("GET", "/fresh.txt").body, b"version %d" % number)
            for _ in range(3):
                eq(conn.ask("GET", "/fresh.txt").body, b"version %d" % number)


def test_what_one_connection_put_another_sees_at_once(server):
    with server.h2() as writer, server.h2() as reader:
        for number in range(40):
            eq(writer.ask("PUT", "/shared.txt", body=b"version %d" % number).status // 100, 2)
            for _ in range(3):
                eq(reader.ask("GET", "/shared.txt").body, b"version %d" % number)
        with server.connect() as plain:
            eq(plain.ask("GET", "/shared.txt").body, b"version 39")


def test_what_a_stream_put_the_next_one_sees(server):
    with server.h2() as conn:
        for number in range(30):
            body = b"version %d" % number
            eq(conn.ask("PUT", "/same.txt", body=body).status // 100, 2)
            eq([stream.read().body for stream in [conn.open("GET", "/same.txt") for _ in range(4)]], [body] * 4)


def test_hot_answers_are_those_of_http_1(server):
    """One file's answers differ in nothing but the protocol, cold and hot."""
    with server.h2() as conn:
        for _ in range(6):
            new = conn.ask("GET", "/ten.txt")
            old = server.get("/ten.txt")
            eq(sorted((name.lower(), value) for name, value in new.fields.lines if name.lower() != "date"),
               sorted((name.lower(), value) for name, value in old.fields.lines
                      if name.lower() not in ("date", "connection")))
            eq(new.body, old.body)


@own_server("--user", "ann:secret", files=FILES)
def test_passwords_count_for_each_request(server):
    import base64
    login = [("authorization", "Basic " + base64.b64encode(b"ann:secret").decode())]
    with server.h2() as conn:
        for _ in range(4):
            eq(conn.ask("GET", "/ten.txt", login).body, TEN)
            eq(conn.ask("GET", "/ten.txt").status, 401)


# ---- HTTP/1.1 beside it -----------------------------------------------------------------------------


@obliges("H2-C1")
def test_an_upgrade_is_ignored(server):
    with server.connect() as conn:
        got = conn.ask("GET", "/ten.txt", {"Upgrade": "h2c", "Connection": "Upgrade, HTTP2-Settings",
                                           "HTTP2-Settings": "AAMAAABkAAQAAP__"})
        eq((got.status, got.body), (200, TEN))


@own_server("--no-http2", files=FILES)
def test_http2_may_be_off(server):
    if server.is_secure(server.addresses[0]):
        import tls
        sock = server.dial(context=tls.context(alpn=("h2", "http/1.1")))
        eq(sock.selected_alpn_protocol(), "http/1.1")
        sock.close()
        return
    with server.connect() as conn:
        conn.send(h2.PREFACE)
        one_of(conn.read("PRI").status, (400, 405, 501, 505), "the preface is a request of HTTP/1.1")
