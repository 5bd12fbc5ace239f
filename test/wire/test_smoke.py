"""The first things that must hold; also the examples for who writes a wire test."""

from wire import cases, chunked, contains, eq, head_of, obliges, ok, one_of, own_server, wait_for

FILES = {"ten.txt": b"0123456789"}


def test_a_file_comes_whole_with_its_validators(server):
    got = server.get("/ten.txt")
    eq(got.status, 200)
    eq(got.body, b"0123456789")
    eq(got.fields["X-Content-Type-Options"], "nosniff")
    eq(server.get("/ten.txt").etag, got.etag, "the tag of the second answer")


@obliges("H1-61")
def test_head_says_what_get_would(server):
    whole, head = server.get("/ten.txt"), server.head("/ten.txt")
    eq(head.status, 200)
    eq(head.fields.but_date(), whole.fields.but_date(), "the fields of HEAD")


@obliges("H1-73")
def test_put_creates_then_replaces(server):
    eq(server.put("/put.txt", b"one").status, 201)
    eq(server.read("put.txt"), b"one")
    one_of(server.put("/put.txt", b"two").status, (200, 204))
    eq(server.read("put.txt"), b"two")


@obliges("H1-77")
def test_delete_removes(server):
    server.write("gone.txt", b"x")
    one_of(server.delete("/gone.txt").status, (200, 202, 204))
    ok(not server.exists("gone.txt"), "the file is gone")
    eq(server.get("/gone.txt").status, 404)


@obliges("H1-46")
def test_pipelined_requests_are_answered_in_order(server):
    with server.connect() as conn:
        conn.send(head_of("GET", "/ten.txt") + head_of("GET", "/missing") + head_of("HEAD", "/ten.txt"))
        eq(conn.read().body, b"0123456789")
        eq(conn.read().status, 404)
        eq(conn.read("HEAD").status, 200)


@obliges("H1-50")
def test_expect_gets_100_before_the_body(server):
    with server.connect() as conn:
        conn.send(head_of("PUT", "/expected.txt", {"Content-Length": "4", "Expect": "100-continue"}))
        conn.read_interim(100)
        conn.send("data")
        eq(conn.read("PUT").status, 201)
    eq(server.read("expected.txt"), b"data")


@obliges("H1-34")
@cases(("sign", "+4"), ("prefix", "0x4"), ("space", " 4"), ("empty", ""), ("overflow", "1" + "0" * 16))
def test_a_bad_chunk_size_is_400_and_close(server, size):
    with server.connect() as conn:
        conn.send(head_of("PUT", "/never.txt", {"Transfer-Encoding": "chunked"}))
        conn.send(size + "\r\nabcd\r\n0\r\n\r\n")
        eq(conn.read("PUT").status, 400)
        conn.expect_close()
    ok(not server.exists("never.txt"), "nothing was stored")


def test_a_request_may_be_cut_anywhere(server):
    with server.connect() as conn:
        conn.send_cut(head_of("PUT", "/cut.txt", {"Transfer-Encoding": "chunked"}) + chunked(b"hello", 2))
        one_of(conn.read("PUT").status, (201, 204))
    eq(server.read("cut.txt"), b"hello")


@own_server("--read-only", files={"a.txt": b"a"})
def test_read_only_refuses_changes(server):
    one_of(server.put("/b.txt", b"b").status, (403, 405))
    one_of(server.delete("/a.txt").status, (403, 405))
    eq(server.get("/a.txt").body, b"a")
    eq(server.names(), ["a.txt"])
    contains(server.stdout(), "listening on", "what the start says")


def test_connections_are_given_back(server):
    for _ in range(20):
        server.get("/ten.txt", {"Connection": "close"})
    wait_for(lambda: server.connections() == 0, "no connection is left")


def test_a_client_that_left_amid_its_body_leaves_nothing(server):
    """The end of the stream may arrive together with the last bytes, in one wake-up."""
    for _ in range(30):
        with server.connect() as conn:
            conn.send(head_of("PUT", "/half.txt", {"Content-Length": "100000"}) + b"half").close()
            conn.ended = True
    wait_for(lambda: server.connections() == 0, "no connection is left")
    ok(not server.exists("half.txt"), "nothing was stored")
