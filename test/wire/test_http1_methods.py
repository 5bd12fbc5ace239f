"""http1.md §7: what the methods do."""

import os
import threading

from wire import cases, chunked, contains, eq, head_of, lacks, obliges, ok, one_of, own_server

FILES = {"ten.txt": b"0123456789", "folder/a.txt": b"a", "folder/b.txt": b"b"}


def tree(server):
    found = {}
    for folder, folders, files in os.walk(server.root):
        if ".samovar" in folders:
            folders.remove(".samovar")
        for name in files:
            path = os.path.join(folder, name)
            with open(path, "rb") as file:
                found[path] = (file.read(), os.stat(path).st_mtime_ns, os.stat(path).st_ino)
    return found


@obliges("H1-72")
@cases(("file", "/ten.txt"), ("folder", "/folder/"), ("root", "/"))
def test_get_and_head_are_everywhere_and_change_nothing(server, target):
    before = tree(server)
    for method in ("GET", "HEAD"):
        eq(server.raw(head_of(method, target), method).status, 200)
    for method in ("OPTIONS", "TRACE", "PROPFIND", "REPORT"):
        server.raw(head_of(method, target, {"Depth": "0", "Content-Length": "0"}), method)
    eq(tree(server), before, "what lies in the folder")


@obliges("H1-73")
def test_put_replaces_the_whole(server):
    eq(server.put("/whole.txt", b"long content").status, 201)
    one_of(server.put("/whole.txt", b"short").status, (200, 204))
    eq(server.read("whole.txt"), b"short")
    eq(server.get("/whole.txt").body, b"short")
    one_of(server.put("/whole.txt", b"").status, (200, 204))
    eq(server.get("/whole.txt").body, b"")


@obliges("H1-73")
def test_readers_see_the_old_content_or_the_new_never_a_mixture(server):
    size, rounds, troubles = 200000, 25, []
    server.write("atomic.bin", b"a" * size)
    done = threading.Event()

    def read():
        with server.connect() as conn:
            while not done.is_set():
                body = conn.ask("GET", "/atomic.bin").body
                if len(body) != size or body.count(body[:1]) != size:
                    troubles.append(body[:1] + body[-1:])
                with open(server.path("atomic.bin"), "rb") as file:
                    there = file.read()
                if there.count(there[:1]) != size:
                    troubles.append(b"on the disk")

    reader = threading.Thread(target=read)
    reader.start()
    try:
        with server.connect() as conn:
            for i in range(rounds):
                conn.send(head_of("PUT", "/atomic.bin", {"Content-Length": str(size)}))
                conn.send(b"%c" % (97 + i) * (size // 2))
                conn.send(b"%c" % (97 + i) * (size // 2))
                eq(conn.read("PUT").status, 204)
    finally:
        done.set()
        reader.join()
    eq(troubles, [], "mixtures seen")


@obliges("H1-74")
@own_server("--no-partial-put", files={"ten.txt": b"0123456789"})
@cases(("inside", "bytes 0-4/10"), ("whole", "bytes 0-9/10"), ("unknown unit", "pages 1-2/3"), ("nonsense", "x"))
def test_put_with_content_range_is_400_where_parts_are_not_taken(server, value):
    eq(server.put("/ten.txt", b"hello", {"Content-Range": value}).status, 400)
    eq(server.read("ten.txt"), b"0123456789")


@obliges("H1-75")
@cases(("gzip", "gzip"), ("unknown", "x-foo"), ("list", "gzip, br"))
def test_a_content_coding_is_never_silently_dropped(server, coding):
    got = server.put("/coded.txt", b"hello", {"Content-Encoding": coding})
    one_of(got.status, (201, 204, 415))
    if got.status != 415:
        eq(server.get("/coded.txt").fields["Content-Encoding"], coding)
    else:
        ok(not server.exists("coded.txt"), "nothing was stored")


@obliges("H1-76")
def test_unknown_fields_of_a_put_are_ignored(server):
    one_of(server.put("/fields.txt", b"f", {"X-Foo": "bar", "Content-Foo": "bar", "Content-Language": "de"}).status, (201, 204))
    got = server.get("/fields.txt")
    lacks(got.fields, "X-Foo")
    lacks(got.fields, "Content-Foo")
    eq(os.listxattr(server.path("fields.txt")), [])


@obliges("H1-77")
def test_delete_removes_the_file_and_nothing_else(server):
    server.write("gone.txt", b"g")
    one_of(server.delete("/gone.txt").status, (200, 202, 204))
    eq(server.get("/gone.txt").status, 404)
    eq(server.delete("/gone.txt").status, 404)
    ok(server.exists("ten.txt"), "the others are there")


@obliges("H1-78")
def test_trace_is_off(server):
    for target in ("/ten.txt", "/missing", "/folder/"):
        got = server.request("TRACE", target, {"Authorization": "Basic c2VjcmV0", "Cookie": "c=secret"})
        one_of(got.status, (405, 501))
        for text in ("secret", "c2VjcmV0", "TRACE"):
            lacks(got.text, text)


@obliges("H1-78")
@cases(("length", {"Content-Length": "5"}, b"hello"), ("chunked", {"Transfer-Encoding": "chunked"}, chunked(b"hello")))
def test_trace_with_a_body_is_400(server, fields, body):
    eq(server.raw(head_of("TRACE", "/ten.txt", fields) + body, "TRACE").status, 400)


@obliges("H1-79")
@cases(("zero", "0"), ("one", "1"), ("nonsense", "x"))
def test_max_forwards_is_answered_here(server, value):
    for target in ("*", "/ten.txt"):
        one_of(server.request("OPTIONS", target, {"Max-Forwards": value}).status, (200, 204))
    one_of(server.request("TRACE", "/ten.txt", {"Max-Forwards": value}).status, (405, 501))


@obliges("H1-80")
@cases(("file", "/ten.txt", ("get", "head", "put", "delete", "options"), ()),
       ("folder", "/folder/", ("get", "head", "options"), ("put",)),
       ("nothing", "/missing", ("put", "options"), ("get", "delete")))
def test_options_says_what_can_be_done_here(server, target, has, has_not):
    with server.connect() as conn:
        conn.request("OPTIONS", target, {}, b"ignored")
        got = conn.read("OPTIONS")
        one_of(got.status, (200, 204))
        eq(got.body, b"")
        if got.status == 200:
            eq(got.fields["Content-Length"], "0")
        for word in has:
            contains(got.fields.words("Allow"), word)
        for word in has_not:
            lacks(got.fields.words("Allow"), word)
        conn.expect_open()


@obliges("H1-80")
@own_server("--read-only", files={"a.txt": b"a"})
def test_options_of_what_cannot_be_changed_says_so(server):
    for target in ("/a.txt", "/missing", "/"):
        lacks(server.request("OPTIONS", target).fields.words("Allow"), "put")


@obliges("H1-81")
@cases(("file", "/ten.txt"), ("folder", "/folder/"))
def test_post_without_a_handler_is_405(server, target):
    got = server.request("POST", target, {"Content-Type": "application/x-www-form-urlencoded"}, b"a=b")
    eq(got.status, 405)
    contains(got.fields.words("Allow"), "get")
    lacks(got.fields.words("Allow"), "post")


@obliges("H1-82")
@own_server("--limit", "body=10")
def test_413_at_the_limit_and_one_beyond(server):
    eq(server.put("/at.txt", b"0123456789").status, 201)
    eq(server.put("/beyond.txt", b"0123456789x").status, 413)
    eq(server.raw(head_of("PUT", "/at2.txt", {"Transfer-Encoding": "chunked"}) + chunked(b"0123456789", 3), "PUT").status, 201)
    eq(server.raw(head_of("PUT", "/beyond2.txt", {"Transfer-Encoding": "chunked"}) + chunked(b"0123456789x", 3), "PUT").status, 413)
    eq(server.names(), ["at.txt", "at2.txt"])


@obliges("H1-C2")
@cases(("GET", "GET", "/ten.txt", 200), ("HEAD", "HEAD", "/ten.txt", 200), ("DELETE", "DELETE", "/with-body.txt", 204))
def test_a_body_where_it_means_nothing_is_drained(server, method, target, status):
    server.write("with-body.txt", b"w")
    with server.connect() as conn:
        conn.request(method, target, {}, b"b" * 50000)
        eq(conn.read(method).status, status)
        conn.expect_open()


@obliges("H1-C3")
@cases(("unknown", "BREW", 501), ("made up", "get-file", 501), ("TRACE", "TRACE", 405), ("POST", "POST", 405),
       ("PATCH", "PATCH", 415))
def test_501_is_for_methods_that_nothing_implements(server, method, status):
    eq(server.request(method, "/ten.txt").status, status)
