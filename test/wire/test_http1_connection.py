"""http1.md §4: how long a connection lives, what is said on it in which order, and how it ends."""

import select
import time

from wire import cases, chunked, eq, head_of, message_of, obliges, ok, one_of, own_server, wait_for

FILES = {"ten.txt": b"0123456789", "big.bin": bytes(range(256)) * 4096 * 4}


@obliges("H1-42")
def test_http11_persists(server):
    with server.connect() as conn:
        for _ in range(5):
            got = conn.ask("GET", "/ten.txt")
            eq(got.status, 200)
            ok(not got.closes, "no Connection: close")
        eq(conn.ask("GET", "/missing").status, 404)
        eq(conn.ask("PUT", "/kept.txt", body=b"x").status // 100, 2)
        conn.expect_open()


CLOSING = (("plain", [("Connection", "close")]), ("case", [("connection", "CLOSE")]),
           ("in a list", [("Connection", "x, Close ,y")]), ("second line", [("Connection", "x"),
           ("Connection", "close")]),
           ("beside keep-alive", [("Connection", "keep-alive, close")]),
           ("after keep-alive", [("Connection", "keep-alive"), ("Connection", "close")]),
           ("empty members", [("Connection", ",,close,")]))


@obliges("H1-42", "H1-43", "H1-44")
@cases(*CLOSING)
def test_close_in_any_spelling_ends_the_connection_after_the_answer(server, fields):
    server.write("victim.txt", b"v")
    for warm in (0, 4):  # also when the answer is hot, on this connection's loop
        with server.connect() as conn:
            for _ in range(warm):
                eq(conn.ask("GET", "/ten.txt").status, 200)
            conn.request("GET", "/ten.txt", fields).request("DELETE", "/victim.txt")
            got = conn.read()
            eq(got.body, b"0123456789")
            ok(got.closes, "the answer says Connection: close")
            conn.expect_close()
    ok(server.exists("victim.txt"), "no further request was processed")


@obliges("H1-42")
@cases(("another word", "closed"), ("part of a word", "x-close"), ("keep-alive", "keep-alive"),
       ("in quotes", '"close"'))
def test_other_words_do_not_close(server, value):
    with server.connect() as conn:
        ok(not conn.ask("GET", "/ten.txt", {"Connection": value}).closes, "no Connection: close")
        conn.expect_open()


@obliges("H1-43", "H1-44")
@cases(("400", b"GET / HTTP/1.1\r\n\r\n bad: x\r\n\r\n", None),
       ("bad field", b"GET / HTTP/1.1\r\nHost : x\r\n\r\n", 400),
       ("length", b"PUT /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n", 400))
def test_after_close_was_sent_nothing_is_processed(server, data, status):
    server.write("victim.txt", b"v")
    with server.connect() as conn:
        conn.send(data + head_of("DELETE", "/victim.txt"))
        got = conn.read()
        one_of(got.status, (status or 400,))
        while not got.closes:
            got = conn.read()
        conn.expect_close()
    ok(server.exists("victim.txt"), "no further request was processed")


@obliges("H1-45")
def test_http10_closes(server):
    with server.connect() as conn:
        conn.send(head_of("GET", "/ten.txt", version="HTTP/1.0") + head_of("DELETE", "/ten.txt", version="HTTP/1.0"))
        got = conn.read(version="HTTP/1.0")
        eq(got.body, b"0123456789")
        ok("keep-alive" not in got.fields.words("Connection"), "no keep-alive that nobody asked for")
        conn.expect_close()
    ok(server.exists("ten.txt"), "the second request was not processed")


@obliges("H1-C8", "H1-45")
def test_http10_keep_alive_is_granted_and_said(server):
    with server.connect() as conn:
        for _ in range(4):  # the later ones may be hot
            got = conn.ask("GET", "/ten.txt", {"Connection": "Keep-Alive"}, version="HTTP/1.0")
            eq(got.body, b"0123456789")
            ok("keep-alive" in got.fields.words("Connection"), "Connection: keep-alive in the answer")
        got = conn.ask("GET", "/ten.txt", version="HTTP/1.0")
        eq(got.body, b"0123456789")
        conn.expect_close()


@obliges("H1-45")
def test_http10_keep_alive_and_close_is_close(server):
    with server.connect() as conn:
        conn.request("GET", "/ten.txt", {"Connection": "keep-alive, close"}, version="HTTP/1.0")
        eq(conn.read(version="HTTP/1.0").body, b"0123456789")
        conn.expect_close()


@obliges("H1-46")
def test_pipelined_answers_come_in_order(server):
    with server.connect() as conn:
        wanted, data = [], b""
        for i in range(120):
            kind = i % 4
            if kind == 0:
                data, wanted = data + head_of("GET", "/ten.txt", {"Range": "bytes=%d-%d" % (i % 10, i % 10)}), wanted + [
                    ("GET", 206, b"%d" % (i % 10))]
            elif kind == 1:
                data, wanted = data + head_of("GET", "/missing-%d" % i), wanted + [("GET", 404, None)]
            elif kind == 2:
                data, wanted = data + head_of("HEAD", "/ten.txt"), wanted + [("HEAD", 200, b"")]
            else:
                data, wanted = data + head_of("GET", "/ten.txt"), wanted + [("GET", 200, b"0123456789")]
        conn.send(data)
        for number, (method, status, body) in enumerate(wanted):
            got = conn.read(method)
            eq(got.status, status, "answer %d" % number)
            if body is not None:
                eq(got.body, body, "content %d" % number)


@obliges("H1-46")
def test_pipelined_changes_are_done_one_after_the_other(server):
    with server.connect() as conn:
        data = b""
        for i in range(12):
            content = b"%d" % i * 20000
            data += message_of("PUT", "/order.txt", body=content) + head_of("GET", "/order.txt")
            data += head_of("PUT", "/order.txt", {"Transfer-Encoding": "chunked"}) + chunked(b"c%d" % i, 1)
            data += head_of("GET", "/order.txt") + head_of("DELETE", "/order.txt") + head_of("GET", "/order.txt")
        conn.send(data)
        for i in range(12):
            eq(conn.read("PUT").status, 201)
            eq(conn.read("GET").body, b"%d" % i * 20000)
            eq(conn.read("PUT").status, 204)
            eq(conn.read("GET").body, b"c%d" % i)
            eq(conn.read("DELETE").status, 204)
            eq(conn.read("GET").status, 404)


@obliges("H1-46")
def test_a_small_answer_waits_for_the_large_one_before_it(server):
    with server.connect() as conn:
        conn.send(head_of("GET", "/big.bin") + head_of("GET", "/ten.txt") + head_of("GET", "/big.bin"))
        eq(conn.read().body, bytes(range(256)) * 4096 * 4)
        eq(conn.read().body, b"0123456789")
        eq(len(conn.read().body), 1 << 22)


def test_a_client_that_is_done_sending_gets_all_its_answers(server):
    with server.connect() as conn:
        conn.send(head_of("GET", "/big.bin") + head_of("GET", "/ten.txt") + message_of("PUT", "/done.txt", body=b"d"))
        conn.half_close()
        eq(len(conn.read().body), 1 << 22)
        eq(conn.read().body, b"0123456789")
        one_of(conn.read("PUT").status, (201, 204))
        conn.expect_close()


# ---- closing in stages -----------------------------------------------------------------------------------


def sent_to_the_end(conn, data, seconds=5):
    """Sends all of it, reading nothing meanwhile; False if the server ended the connection under it."""
    try:
        conn.sock.settimeout(seconds)
        conn.sock.sendall(data)
        return True
    except (BrokenPipeError, ConnectionResetError):
        return False


def sockets(server):
    return {what for what in server.fds() if what.startswith("socket:")}


FIVE = 5 << 20


@obliges("H1-47", "H1-82")
@own_server("--limit", "body=1M")
def test_413_is_not_lost_to_a_client_that_is_still_sending(server):
    with server.connect() as conn:
        conn.send(head_of("PUT", "/large.bin", {"Content-Length": str(FIVE)}))
        ok(sent_to_the_end(conn, b"x" * FIVE), "all could be sent: the server drains")
        got = conn.read("PUT")
        eq(got.status, 413)
        ok(got.closes, "the answer says Connection: close")
        conn.expect_close()
    eq(server.names(), [])


@obliges("H1-47", "H1-82")
@own_server("--limit", "body=1M")
def test_413_of_a_chunked_body_is_not_lost_either(server):
    with server.connect() as conn:
        conn.send(head_of("PUT", "/large.bin", {"Transfer-Encoding": "chunked"}))
        ok(sent_to_the_end(conn, chunked(b"x" * FIVE, 100000)), "all could be sent: the server drains")
        eq(conn.read("PUT").status, 413)
    eq(server.names(), [])


@obliges("H1-47")
@cases(("head", b"PUT /x HTTP/1.1\r\nBad Name: x\r\n\r\n", 400), ("431", b"PUT /x HTTP/1.1\r\nX: " + b"y" * 20000, 431),
       ("length", b"PUT /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n", 400),
       ("chunk", b"PUT /x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
       ("505", b"PUT /x HTTP/3.0\r\n\r\n", 505))
def test_an_early_refusal_is_not_lost_to_a_client_that_is_still_sending(server, data, status):
    with server.connect() as conn:
        conn.send(data)
        ok(sent_to_the_end(conn, b"x" * FIVE), "all could be sent: the server drains")
        eq(conn.read("PUT").status, status)
        conn.expect_close()


@obliges("H1-47")
@own_server("--read-only", files={"a.txt": b"a"})
def test_403_is_not_lost_to_a_client_that_is_still_sending(server):
    with server.connect() as conn:
        conn.send(head_of("PUT", "/a.txt", {"Content-Length": str(FIVE)}))
        ok(sent_to_the_end(conn, b"x" * FIVE), "all could be sent: the server drains")
        eq(conn.read("PUT").status, 403)
        conn.expect_close()


@obliges("H1-47")
def test_draining_is_bounded(server):
    before = sockets(server)
    with server.connect() as conn:
        conn.send(b"NONSENSE\r\n\r\n")
        eq(conn.read().status, 400)
        held = sockets(server) - before
        ok(held, "the connection is held, to be drained")
        ok(not sent_to_the_end(conn, b"x" * (64 << 20)), "64 MiB are not drained")
        conn.ended = True
    wait_for(lambda: not held & sockets(server), "the server lets go of it")


@obliges("H1-47")
def test_a_client_that_never_leaves_is_left(server):
    with server.connect() as conn:
        conn.send(b"NONSENSE\r\n\r\n")
        eq(conn.read().status, 400)
        conn.expect_close(2)
        held = sockets(server)  # the server may open others meanwhile
        wait_for(lambda: held - sockets(server), "the server lets go of it", 8)


# ---- time ------------------------------------------------------------------------------------------------


@obliges("H1-48")
@own_server("--limit", "keepalive=1s", "--limit", "handshake-timeout=2s", files={"a.txt": b"a"})
def test_an_idle_connection_is_closed_without_a_word(server):
    with server.connect() as fresh, server.connect() as used, server.connect() as hot:
        eq(used.ask("GET", "/a.txt").status, 200)
        for _ in range(3):
            eq(hot.ask("GET", "/a.txt").status, 200)
        began = time.monotonic()
        for conn in (fresh, used, hot):
            conn.expect_close(8)
        ok(time.monotonic() - began > 0.5, "not at once")


@obliges("H1-48", "H1-C6")
@own_server("--limit", "head-time=1s", "--limit", "keepalive=30s", files={"a.txt": b"a"})
def test_half_a_head_gets_408_and_the_connection_closes(server):
    beginnings = (b"G", b"GET /a.txt HTTP/1.1\r\n", b"GET /a.txt HTTP/1.1\r\nHost: localhost\r\n", b"\r\nGET")
    conns = [server.connect().send(data) for data in beginnings]
    second = server.connect()
    eq(second.ask("GET", "/a.txt").status, 200)
    second.send(b"GET /a")
    for conn in conns + [second]:
        with conn:
            got = conn.read()
            eq(got.status, 408)
            ok(got.closes, "the answer says Connection: close")
            conn.expect_close()


@obliges("H1-48", "H1-C6")
@own_server("--limit", "head-time=1s", "--limit", "keepalive=30s", files={"a.txt": b"a"})
def test_a_head_that_drips_has_no_more_time_than_another(server):
    with server.connect() as conn:
        began = time.monotonic()
        conn.send(b"GET /a.txt HTTP/1.1\r\nX: ")
        while time.monotonic() - began < 6 and not select.select([conn.sock], [], [], 0.05)[0]:
            conn.send(b"y")
        ok(time.monotonic() - began < 5, "it was not let drip on")
        eq(conn.read().status, 408)
        conn.expect_close()


@obliges("H1-48", "H1-C6", "H1-40")
@own_server("--limit", "body-idle=1s", "--limit", "keepalive=30s", files={"kept.txt": b"old"})
def test_a_body_that_stops_gets_408_and_nothing_is_stored(server):
    requests = (head_of("PUT", "/kept.txt", {"Content-Length": "10"}) + b"half",
                head_of("PUT", "/new.txt", {"Transfer-Encoding": "chunked"}) + b"5\r\nhel",
                head_of("PUT", "/new.txt", {"Content-Length": "1000000"}) + b"x" * 500000)
    conns = [server.connect().send(data) for data in requests]
    for conn in conns:
        with conn:
            got = conn.read("PUT")
            eq(got.status, 408)
            ok(got.closes, "the answer says Connection: close")
            conn.expect_close()
    eq(server.names(), ["kept.txt"])
    eq(server.read("kept.txt"), b"old")


@obliges("H1-48")
@own_server("--limit", "send-idle=1s", files={"big.bin": b"x" * (32 << 20)})
def test_a_client_that_takes_nothing_is_cut_off(server):
    with server.connect() as conn:
        conn.request("GET", "/big.bin")
        wait_for(lambda: server.path("big.bin") in server.fds(), "the file is being sent")
        wait_for(lambda: server.path("big.bin") not in server.fds(), "the server lets go of it", 8)
        conn.ended = True


@obliges("H1-48")
@own_server("--limit", "keepalive=0", files={"a.txt": b"a"})
def test_without_keepalive_a_connection_serves_one_request(server):
    for _ in range(3):
        with server.connect() as conn:
            time.sleep(0.05)  # the time between connecting and asking is not the time between two requests
            conn.send(head_of("GET", "/a.txt") + head_of("GET", "/a.txt"))
            got = conn.read()
            eq(got.body, b"a")
            ok(got.closes, "the answer says Connection: close")
            conn.expect_close()


@obliges("H1-49")
@cases(("websocket", {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": "eA=="}),
       ("h2c", {"Upgrade": "h2c", "Connection": "Upgrade, HTTP2-Settings", "HTTP2-Settings": "AAMAAABk"}),
       ("TLS", {"Upgrade": "TLS/1.0", "Connection": "Upgrade"}))
def test_an_upgrade_to_what_is_not_offered_is_ignored(server, fields):
    with server.connect() as conn:
        got = conn.ask("GET", "/ten.txt", fields)
        eq(got.status, 200)
        eq(got.interim, [])
        conn.expect_open()
