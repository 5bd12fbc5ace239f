"""A full disk: 507, before the content where its length is known, no trace of it, and what frees space still works."""

import os

from disk import KIB, fill, free, is_507, small_disk
from wire import cases, chunked, eq, head_of, ok, one_of, wait_for


@cases(("tmpfs", "tmpfs"), ("ext4", "ext4"))
def test_a_content_that_will_not_fit_is_refused_before_it_comes(server, kind):
    """With Expect no octet is asked for; without, the answer comes while most of it has not been sent."""
    with small_disk(kind) as one:
        one.put("/small", b"s" * 1000)
        before = free(one)
        with one.connect() as conn:
            conn.send(head_of("PUT", "/big", {"Content-Length": 100 << 20, "Expect": "100-continue"}))
            got = conn.read("PUT")
            is_507(got)
            eq(got.interim, [])
        with one.connect() as conn:
            conn.send(head_of("PUT", "/big", {"Content-Length": 100 << 20}) + b"x" * (64 * KIB))
            is_507(conn.read("PUT"))
        with one.connect() as conn:
            conn.send(head_of("PUT", "/small", {"Content-Length": 100 << 20, "Expect": "100-continue"}))
            is_507(conn.read("PUT"))
        eq(one.names(), ["small"])
        eq(one.read("small"), b"s" * 1000)
        wait_for(lambda: free(one) >= before - 16 * KIB, "the space is free again: %d, %d" % (free(one), before))


@cases(("tmpfs", "tmpfs"), ("ext4", "ext4"))
def test_the_last_file_is_refused_and_nothing_of_it_is_left(server, kind):
    with small_disk(kind) as one:
        made = fill(one)
        eq(one.names(), sorted(made))
        for name in made:
            eq(os.path.getsize(one.path(name)), 32 * KIB)


@cases(("one chunk", 0), ("small chunks", 4000))
def test_a_content_of_unknown_length_that_grows_too_large(server, size):
    with small_disk() as one:
        one.put("/kept", b"k" * 1000)
        before = free(one)
        for target in ("/new", "/kept"):
            with one.connect() as conn:
                conn.send(head_of("PUT", target, {"Transfer-Encoding": "chunked"}))
                try:
                    conn.send(chunked(b"x" * (3 << 20), size))
                except (BrokenPipeError, ConnectionResetError):
                    pass
                is_507(conn.read("PUT"))
        eq(one.names(), ["kept"])
        eq(one.read("kept"), b"k" * 1000)
        wait_for(lambda: free(one) >= before - 16 * KIB, "the space is free again: %d, %d" % (free(one), before))


@cases(("tmpfs", "tmpfs"), ("ext4", "ext4"))
def test_reading_and_deleting_work_on_a_full_disk_and_writing_does_again(server, kind):
    with small_disk(kind) as one:
        made = fill(one)
        content = one.read(made[0])
        with open(one.path("rest"), "wb", buffering=0) as out:
            try:
                while True:
                    out.write(b"r" * 512)
            except OSError:
                pass
        eq(free(one), 0)
        eq(one.get("/" + made[0]).body, content)
        eq(one.get("/" + made[0], {"Range": "bytes=1-2"}).body, content[1:3])
        eq(one.get("/").status, 200)
        eq(one.get("/missing").status, 404)
        is_507(one.put("/" + made[0], b"n" * 40 * KIB))
        eq(one.read(made[0]), content)
        is_507(one.put("/new", b"n" * 40 * KIB))
        eq(one.delete("/rest").status, 204)
        for name in made[1:]:
            eq(one.delete("/" + name).status, 204, "DELETE on a full disk")
        one_of(wait_for(lambda: one.put("/new", b"n" * 40 * KIB).status in (201, 204) and 201, "writing works again"),
               (201,))
        eq(one.read("new"), b"n" * 40 * KIB)
        eq(one.put("/" + made[0], b"smaller").status, 204)
        eq(one.read(made[0]), b"smaller")


@cases(("tmpfs", "tmpfs"), ("ext4", "ext4"))
def test_a_full_disk_from_the_start(server, kind):
    """Not even room for the server's own folder."""
    with small_disk(kind) as one:
        one.stop()
        with open(one.path("rest"), "wb", buffering=0) as out:
            try:
                while True:
                    out.write(b"r" * 4096)
            except OSError:
                pass
        one.start()
        eq(len(one.get("/rest").body), os.path.getsize(one.path("rest")))
        is_507(one.put("/new", b"n" * 8 * KIB))
        eq(one.delete("/rest").status, 204)
        wait_for(lambda: one.put("/new", b"n" * 8 * KIB).status in (201, 204), "writing works again")


def test_no_more_inodes_is_a_full_disk(server):
    with small_disk(size="1m,nr_inodes=16") as one:
        made = []
        for number in range(30):
            got = one.put("/f%d" % number, b"x")
            if got.status != 201:
                break
            made.append("f%d" % number)
        is_507(got)
        eq(one.names(), sorted(made))
        for name in made:
            eq(one.delete("/" + name).status, 204)
        wait_for(lambda: one.put("/new", b"n").status in (201, 204), "writing works again")


def test_many_at_once_on_a_disk_that_fills_up(server):
    """Whatever is acknowledged is whole, whatever is refused is not there, all is given back."""
    with small_disk() as one:
        conns = [one.connect() for _ in range(24)]
        for number, conn in enumerate(conns):
            conn.request("PUT", "/m%d" % number, (), bytes([number]) * (100 * KIB))
        stored = []
        for number, conn in enumerate(conns):
            got = conn.read("PUT")
            one_of(got.status, (201, 507))
            if got.status == 201:
                stored.append("m%d" % number)
            conn.close()
        eq(one.names(), sorted(stored))
        for name in stored:
            eq(one.read(name), bytes([int(name[1:])]) * (100 * KIB))
            eq(one.delete("/" + name).status, 204)
        wait_for(lambda: free(one) > 900 * KIB, "all space is free again: %d" % free(one))
