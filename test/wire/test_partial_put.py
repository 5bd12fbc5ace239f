"""PUT with Content-Range: a part of a file is replaced, or comes behind its end (docs/patch.md; range.md §6, RNG-C8)."""

import base64
import hashlib
import os

from dav import lock_of
from wire import STRETCH, cases, chunked, contains, eq, head_of, lacks, message_of, ne, obliges, ok, own_server, wait_for

TEN = b"0123456789"
FILES = {"folder/x.txt": b"x", "ten.txt": TEN}


def tag_of(server, path):
    wait_for(lambda: not server.head(path).etag.startswith("W/"), "a strong tag")
    return server.head(path).etag


def part(server, path, said, body, fields=()):
    return server.put(path, body, {"Content-Range": said, **dict(fields)})


def digest(content):
    return "sha-256=:%s:" % base64.b64encode(hashlib.sha256(content).digest()).decode()


def nothing_happened(server, name, tag, content=TEN):
    eq(server.read(name), content, "the content")
    eq(server.head("/" + name).etag, tag, "its tag")
    if server.exists(".samovar/up"):
        eq(server.names(".samovar/up"), [], "nothing is left in up/")


# ---- what it does

@obliges("RNG-59")
@cases(("first", "bytes 0-0/10", b"x", b"x123456789"), ("middle", "bytes 2-4/10", b"abc", b"01abc56789"),
       ("last", "bytes 9-9/10", b"x", b"012345678x"), ("all", "bytes 0-9/10", b"abcdefghij", b"abcdefghij"),
       ("any length", "bytes 2-4/*", b"abc", b"01abc56789"), ("over the end", "bytes 8-11/12", b"abcd", b"01234567abcd"),
       ("behind the end", "bytes 10-12/13", b"abc", b"0123456789abc"), ("behind it, any length", "bytes 10-10/*", b"a", b"0123456789a"),
       ("more than all", "bytes 0-10/11", b"abcdefghijk", b"abcdefghijk"), ("unit in capitals", "BYTES 0-1/10", b"ab", b"ab23456789"))
def test_a_part_is_replaced_and_the_rest_stays(server, said, body, want):
    server.write("part.txt", TEN)
    before, inode = tag_of(server, "/part.txt"), os.stat(server.path("part.txt")).st_ino
    got = part(server, "/part.txt", said, body)
    eq((got.status, got.body), (204, b""))
    ne(got.etag, before, "the tag")
    eq(server.read("part.txt"), want)
    ne(os.stat(server.path("part.txt")).st_ino, inode, "a content is never changed in place")
    now = server.get("/part.txt")
    eq((now.body, now.etag), (want, got.etag))


@obliges("RNG-59")
@cases(("aligned", 1 << 20, 2 << 20), ("not aligned", 1234567, 777777), ("near the end", (3 << 20) + 5, 1000), ("at the start", 0, 70001),
       ("behind the end", (4 << 20) + 3, 300000))
def test_a_large_part_of_a_larger_file(server, first, size):
    content = os.urandom((4 << 20) + 3)
    body = os.urandom(size)
    server.write("large.bin", content)
    eq(part(server, "/large.bin", "bytes %d-%d/*" % (first, first + size - 1), body).status, 204)
    ok(server.read("large.bin") == content[:first] + body + content[first + size:], "the part and all around it")


@obliges("RNG-59")
def test_a_part_in_chunks(server):
    server.write("chunks.txt", TEN)
    got = server.raw(head_of("PUT", "/chunks.txt", {"Content-Range": "bytes 2-4/10", "Transfer-Encoding": "chunked"}) + chunked(b"abc", 1), "PUT")
    eq(got.status, 204)
    eq(server.read("chunks.txt"), b"01abc56789")


def test_holes_stay_holes(server):
    with open(server.path("sparse.bin"), "wb") as file:
        file.write(b"begin")
        file.truncate(64 << 20)
    if os.stat(server.path("sparse.bin")).st_blocks * 512 > 32 << 20:
        return  # this file system has none
    eq(part(server, "/sparse.bin", "bytes 33554432-33554435/*", b"abcd").status, 204)
    now = os.stat(server.path("sparse.bin"))
    eq(now.st_size, 64 << 20)
    ok(now.st_blocks * 512 < 8 << 20, "%d blocks" % now.st_blocks)
    with open(server.path("sparse.bin"), "rb") as file:
        eq(file.read(5), b"begin")
        file.seek(33554432)
        eq(file.read(5), b"abcd\0")


def test_file_by_file_in_parts(server):
    """As programs do that upload in pieces."""
    content = os.urandom(1000)
    for first in range(0, 1000, 100):
        got = part(server, "/pieces.bin", "bytes %d-%d/*" % (first, first + 99), content[first:first + 100])
        eq(got.status, 204 if first else 201)
    eq(server.read("pieces.bin"), content)


def test_a_reader_sees_one_or_the_other(server):
    server.write("seen.txt", b"a" * 200000)
    with server.connect() as conn:
        conn.send(head_of("PUT", "/seen.txt", {"Content-Range": "bytes 0-199999/200000", "Content-Length": "200000"}) + b"b" * 150000)
        eq(server.get("/seen.txt").body, b"a" * 200000)
        conn.send(b"b" * 50000)
        eq(conn.read("PUT").status, 204)
    eq(server.get("/seen.txt").body, b"b" * 200000)


def test_what_hangs_on_the_file_stays(server):
    eq(server.put("/worn.txt", TEN, {"Content-Type": "text/x-worn"}).status, 201)
    os.chmod(server.path("worn.txt"), 0o640)
    eq(part(server, "/worn.txt", "bytes 2-4/10", b"abc").status, 204)
    eq(os.stat(server.path("worn.txt")).st_mode & 0o777, 0o640)
    eq(server.head("/worn.txt").fields["Content-Type"], "text/x-worn")


def test_the_representation_where_it_is_asked_for(server):
    server.write("whole.txt", TEN)
    got = part(server, "/whole.txt", "bytes 2-4/10", b"abc", {"Prefer": "return=representation"})
    eq((got.status, got.body), (200, b"01abc56789"))


@own_server("--history", "5", files=FILES)
def test_history_keeps_what_it_replaced(server):
    eq(part(server, "/ten.txt", "bytes 2-4/10", b"abc").status, 204)
    kept = [os.path.join(where, name) for where, _, names in os.walk(server.path(".samovar/history")) for name in names]
    eq(len(kept), 1)
    with open(kept[0], "rb") as file:
        eq(file.read(), TEN)


# ---- what it does not

@obliges("RNG-60")
@cases(("no length", "bytes 0-1"), ("empty", ""), ("unit alone", "bytes"), ("star", "bytes */10"), ("another unit", "pages 0-1/10"),
       ("backwards", "bytes 1-0/10"), ("last past the length", "bytes 0-1/1"), ("at the length", "bytes 9-10/10"), ("sign", "bytes +0-1/10"),
       ("negative", "bytes -1-0/10"), ("blank", "bytes 0 -1/10"), ("equals", "bytes=0-1/10"), ("suffix", "bytes -2/10"), ("open", "bytes 0-/10"),
       ("64 bits", "bytes 0-18446744073709551616/*"), ("huge", "bytes 18446744073709551614-18446744073709551615/*"),
       ("2^63", "bytes 9223372036854775806-9223372036854775807/*"), ("hex", "bytes 0x0-0x1/10"), ("more", "bytes 0-1/10, 3-4/10"))
def test_what_says_no_part_is_400(server, said):
    tag = tag_of(server, "/ten.txt")
    eq(part(server, "/ten.txt", said, b"ab").status, 400)
    nothing_happened(server, "ten.txt", tag)
    eq(part(server, "/none.txt", said, b"ab").status, 400)
    ok(not server.exists("none.txt"), "nothing was made")


@obliges("RNG-60")
def test_two_of_them_are_400(server):
    tag = tag_of(server, "/ten.txt")
    eq(server.put("/ten.txt", b"ab", [("Content-Range", "bytes 0-1/10"), ("Content-Range", "bytes 0-1/10")]).status, 400)
    nothing_happened(server, "ten.txt", tag)


@obliges("RNG-60")
@cases(("shorter", b"ab"), ("longer", b"abcd"), ("empty", b""))
def test_a_body_of_another_length_is_400(server, body):
    tag = tag_of(server, "/ten.txt")
    eq(part(server, "/ten.txt", "bytes 2-4/10", body).status, 400)
    got = server.raw(head_of("PUT", "/ten.txt", {"Content-Range": "bytes 2-4/10", "Transfer-Encoding": "chunked"}) +
                     (chunked(body) if body else b"0\r\n\r\n"), "PUT")
    eq(got.status, 400)
    nothing_happened(server, "ten.txt", tag)


@obliges("RNG-60")
def test_it_is_refused_before_its_body_is_asked_for(server):
    with server.connect() as conn:
        conn.send(message_of("PUT", "/ten.txt", {"Content-Range": "bytes 0-1", "Expect": "100-continue", "Content-Length": "2"}))
        got = conn.read("PUT")
        eq((got.status, got.interim), (400, []))


@obliges("RNG-C8")
@cases(("a gap", "bytes 11-11/12", b"x"), ("a gap, any length", "bytes 11-11/*", b"x"), ("far behind", "bytes 4611686018427387904-4611686018427387904/*", b"x"),
       ("a longer file", "bytes 0-1/11", b"ab"), ("a shorter file", "bytes 0-1/9", b"ab"), ("the part alone", "bytes 0-1/2", b"ab"))
def test_what_does_not_fit_the_file_is_409(server, said, body):
    """So a client that says Content-Range of the whole, and means no part, does not lose the rest."""
    tag = tag_of(server, "/ten.txt")
    got = part(server, "/ten.txt", said, body)
    eq(got.status, 409)
    contains(got.text, "Nothing was changed")
    nothing_happened(server, "ten.txt", tag)


@obliges("RNG-C8")
def test_of_nothing_only_a_beginning(server):
    eq(part(server, "/new.txt", "bytes 1-2/*", b"ab").status, 404)
    eq(part(server, "/new.txt", "bytes 0-1/10", b"ab").status, 409)
    ok(not server.exists("new.txt"), "nothing was made")
    got = part(server, "/new.txt", "bytes 0-1/2", b"ab")
    eq((got.status, got.fields["Location"]), (201, "/new.txt"))
    eq(server.read("new.txt"), b"ab")
    eq(part(server, "/missing/new.txt", "bytes 0-1/2", b"ab").status, 409)


def test_of_a_folder_none(server):
    got = part(server, "/folder/", "bytes 0-1/2", b"ab")
    eq(got.status, 405)
    eq(part(server, "/folder", "bytes 0-1/2", b"ab").status, 405)


@own_server(config='listen = { "127.0.0.1:0" }\nsite "s" {\n  root = "{root}"\n  at "/folder" { partial-put = off }\n}\n', files=FILES)
def test_a_place_may_refuse_it(server):
    eq(part(server, "/folder/x.txt", "bytes 0-0/1", b"y").status, 400)
    eq(server.read("folder/x.txt"), b"x")
    eq(part(server, "/ten.txt", "bytes 0-0/10", b"y").status, 204)


# ---- as any PUT

@obliges("RNG-61")
def test_conditions_hold_for_it(server):
    tag = tag_of(server, "/ten.txt")
    for fields in ({"If-Match": '"other"'}, {"If-None-Match": "*"}, {"If-Unmodified-Since": "Tue, 01 Jan 1980 00:00:00 GMT"}, {"If": '(["other"])'}):
        eq(part(server, "/ten.txt", "bytes 2-4/10", b"abc", fields).status, 412, fields)
    eq(part(server, "/none.txt", "bytes 0-2/3", b"abc", {"If-Match": "*"}).status, 412)
    nothing_happened(server, "ten.txt", tag)
    server.write("mine.txt", TEN)
    eq(part(server, "/mine.txt", "bytes 2-4/10", b"abc", {"If-Match": tag_of(server, "/mine.txt")}).status, 204)


@obliges("RNG-61")
def test_locks_hold_for_it(server):
    server.write("locked.txt", TEN)
    tag = tag_of(server, "/locked.txt")
    token = lock_of(server, "/locked.txt")
    eq(part(server, "/locked.txt", "bytes 2-4/10", b"abc").status, 423)
    nothing_happened(server, "locked.txt", tag)
    eq(part(server, "/locked.txt", "bytes 2-4/10", b"abc", {"If": "(%s)" % token}).status, 204)


@obliges("RNG-61")
@own_server(config='listen = { "127.0.0.1:0" }\nsite "s" {\n  root = "{root}"\n  at "/" { quota = 12 }\n}\n', files={"ten.txt": TEN})
def test_quotas_hold_for_it(server):
    tag = tag_of(server, "/ten.txt")
    got = part(server, "/ten.txt", "bytes 10-12/13", b"abc")
    eq(got.status, 507)
    nothing_happened(server, "ten.txt", tag)
    eq(part(server, "/ten.txt", "bytes 2-9/10", b"abcdefgh").status, 204, "nothing more than there was")
    eq(part(server, "/ten.txt", "bytes 10-11/12", b"ab").status, 204, "all that there is")
    eq(part(server, "/ten.txt", "bytes 12-12/13", b"a").status, 507)


@own_server("--limit", "body=12", files={"ten.txt": TEN, "large.txt": b"x" * 20})
def test_a_file_grows_no_larger_than_a_put_may_be(server):
    eq(part(server, "/ten.txt", "bytes 10-12/13", b"abc").status, 413)
    eq(part(server, "/ten.txt", "bytes 10-11/12", b"ab").status, 204)
    eq(part(server, "/large.txt", "bytes 10-11/20", b"ab").status, 204, "one that is larger already")
    eq(part(server, "/large.txt", "bytes 20-20/21", b"a").status, 413)


@own_server("--require-match", "on", files=FILES)
def test_428_where_a_version_has_to_be_named(server):
    tag = tag_of(server, "/ten.txt")
    got = part(server, "/ten.txt", "bytes 2-4/10", b"abc")
    eq((got.status, got.etag), (428, tag))
    nothing_happened(server, "ten.txt", tag)


@own_server("--require-match", "conflict-copy", files=FILES)
def test_what_was_not_seen_is_kept_beside(server):
    got = part(server, "/ten.txt", "bytes 2-4/10", b"abc")
    eq(got.status, 204)
    contains(got.fields, "Link")
    eq(server.read("ten.txt"), b"01abc56789")
    [name] = [name for name in os.listdir(server.path()) if "conflict" in name]
    eq(server.read(name), TEN)


def test_what_others_changed_meanwhile_is_409(server):
    server.write("late.txt", TEN)
    with server.connect() as conn:
        conn.send(head_of("PUT", "/late.txt", {"Content-Range": "bytes 2-4/10", "Content-Length": "3", "Expect": "100-continue"}))
        conn.read_interim(100)
        eq(server.put("/late.txt", b"by somebody else").status, 204)
        conn.send(b"abc")
        eq(conn.read("PUT").status, 409)
    eq(server.read("late.txt"), b"by somebody else")


@obliges("RNG-61")
def test_a_version_that_went_meanwhile_is_412(server):
    server.write("late2.txt", TEN)
    tag = tag_of(server, "/late2.txt")
    with server.connect() as conn:
        conn.send(head_of("PUT", "/late2.txt", {"Content-Range": "bytes 2-4/10", "Content-Length": "3", "Expect": "100-continue", "If-Match": tag}))
        conn.read_interim(100)
        eq(server.put("/late2.txt", b"by somebody else").status, 204)
        conn.send(b"abc")
        eq(conn.read("PUT").status, 412)
    eq(server.read("late2.txt"), b"by somebody else")


def test_digests_are_of_what_they_say(server):
    server.write("sums.txt", TEN)
    tag = tag_of(server, "/sums.txt")
    for fields in ({"Content-Digest": digest(b"01abc56789")}, {"Repr-Digest": digest(b"abc")}):
        eq(part(server, "/sums.txt", "bytes 2-4/10", b"abc", fields).status, 400)
        nothing_happened(server, "sums.txt", tag)
    got = part(server, "/sums.txt", "bytes 2-4/10", b"abc", {"Content-Digest": digest(b"abc"), "Repr-Digest": digest(b"01abc56789")})
    eq(got.status, 204)
    eq(server.read("sums.txt"), b"01abc56789")


WRITES = 'listen = { "127.0.0.1:0" }\nsite "s" {\n  root = "{root}"\n  at "/" { allow "*" { rights = { "write" } } }\n}\n'


@own_server(config=WRITES, files=FILES)
def test_who_may_not_read_learns_nothing_of_the_rest(server):
    got = part(server, "/ten.txt", "bytes 0-0/10", b"0", {"Repr-Digest": digest(TEN)})
    eq(got.status, 403)
    got = part(server, "/ten.txt", "bytes 11-11/*", b"0")
    eq(got.status, 409)
    lacks(got.text, "10")
    eq(part(server, "/ten.txt", "bytes 0-0/*", b"x").status, 204)
    eq(server.read("ten.txt"), b"x123456789")


@own_server(config=WRITES.replace("at ", 'history = { 3 }\n  digest = on\n  at ', 1), files=FILES)
def test_digests_that_the_server_keeps_take_no_right(server):
    eq(part(server, "/ten.txt", "bytes 0-0/10", b"x").status, 204)
    eq(server.read("ten.txt"), b"x123456789")


@own_server("--digest", "--history", "3", files=FILES)
def test_the_digest_that_is_kept_is_of_the_whole(server):
    eq(part(server, "/ten.txt", "bytes 2-4/10", b"abc").status, 204)
    eq(server.get("/ten.txt", {"Want-Repr-Digest": "sha-256=1"}).fields["Repr-Digest"], digest(b"01abc56789"))


def unnamed(server):
    return [fd for fd in server.fds() if "(deleted)" in fd and server.path() in fd]


def test_who_leaves_leaves_nothing(server):
    server.write("left.txt", TEN)
    tag = tag_of(server, "/left.txt")
    with server.connect() as conn:
        conn.send(head_of("PUT", "/left.txt", {"Content-Range": "bytes 0-399999/400000", "Content-Length": "400000"}) + b"x" * 200000)
        wait_for(lambda: unnamed(server), "the part to be taken", 5 * STRETCH)
    wait_for(lambda: not unnamed(server), "all to be given back", 5 * STRETCH)
    nothing_happened(server, "left.txt", tag)
