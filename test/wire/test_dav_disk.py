"""WebDAV on a full disk: 507 with sufficient-disk-space, nothing lost, and what frees space works (RFC 4331 §6)."""

import os

from dav import error_of, lock_of, multistatus, proppatch, props_of, set_of, unlock
from disk import KIB, fill, free, small_disk
from wire import cases, eq, obliges, ok, one_of, wait_for

KINDS = ("tmpfs", "tmpfs"), ("ext4", "ext4")


def is_full(got):
    eq(error_of(got, 507), "sufficient-disk-space")


def stuff(one):
    """Takes the last octet; the name of what took it."""
    with open(one.path("rest"), "wb", buffering=0) as out:
        for size in 64 * KIB, 512:
            try:
                while True:
                    out.write(b"r" * size)
            except OSError:
                pass
    eq(free(one), 0)


@obliges("DAV-169", "DAV-170", "DAV-108", "DAV-202")
@cases(*KINDS)
def test_a_copy_that_does_not_fit_leaves_nothing(server, kind):
    with small_disk(kind) as one:
        for number in range(8):
            one.write(f"tree/{number}/f", os.urandom(32 * KIB))
        one.write("old/kept", b"k")
        fill(one)
        names = one.names()
        before = free(one)
        for target in "/new/", "/old/":
            is_full(one.request("COPY", "/tree/", {"Destination": target}))
        is_full(one.request("COPY", "/tree/1/f", {"Destination": "/new"}))
        is_full(one.request("COPY", "/tree/1/f", {"Destination": "/old/kept"}))
        eq((one.names(), one.names("old"), one.read("old/kept")), (names, ["kept"], b"k"))
        wait_for(lambda: free(one) >= before - 16 * KIB, "what was copied of it is gone")
        for name in names:
            if name.startswith("fill-"):
                eq(one.delete("/" + name).status, 204)
        wait_for(lambda: one.request("COPY", "/tree/1/f",
                 {"Destination": "/old/kept"}).status == 204, "the same request")
        eq(one.read("old/kept"), one.read("tree/1/f"))


@obliges("DAV-169", "DAV-170", "DAV-055")
@cases(*KINDS)
def test_properties_that_do_not_fit_are_507_and_those_there_stay(server, kind):
    with small_disk(kind) as one:
        for number in range(40):
            one.write(f"f{number}", b"f")
        kept = []
        for number in range(40):
            got = proppatch(one, f"/f{number}", set_of("<z:long>" + str(number % 10) * 200000 + "</z:long>"))
            if got.status == 507:
                is_full(got)
                break
            [answer] = multistatus(got).values()
            eq(answer.names(), ["{urn:z}long"])
            kept.append(number)
        ok(len(kept) < 40, "it became full")
        eq(props_of(one, f"/f{len(kept)}", "{urn:z}long").names(404), ["{urn:z}long"], "nothing of the last")
        for number in kept:
            eq(props_of(one, f"/f{number}", "{urn:z}long").text("{urn:z}long"), str(number % 10) * 200000)
        eq(one.get("/f0").status, 200)
        for number in kept:
            eq(one.delete(f"/f{number}").status, 204)
        wait_for(lambda: props_patched(one, f"/f{len(kept)}"), "there is room again")


def props_patched(one, target):
    got = proppatch(one, target, set_of("<z:short>s</z:short>"))
    return got.status != 507 and multistatus(got)[target].names() == ["{urn:z}short"]


@obliges("DAV-169", "DAV-170", "DAV-062")
@cases(*KINDS)
def test_folders_and_locks_on_a_full_disk(server, kind):
    """Whether there is room for a name without content depends on the disk; the answer says how it went."""
    with small_disk(kind) as one:
        eq(one.put("/dir/f", b"f").status, 409)
        one.write("dir/sub/f", os.urandom(100 * KIB))
        token = lock_of(one, "/before", Depth="0")
        stuff(one)
        for number in range(100):
            got = one.request("MKCOL", f"/made-{number}/")
            one_of(got.status, (201, 507))
            eq(one.exists(f"made-{number}"), got.status == 201)
            if got.status == 507:
                is_full(got)
        got = one.request("LOCK", "/unmapped", {"Depth": "0", "Content-Type": "text/xml"}, LOCK)
        one_of(got.status, (201, 507))
        eq(one.exists("unmapped"), got.status == 201)
        is_full(one.put("/before", b"x" * 5000, {"If": f"({token})"}))
        unlock(one, "/before", token)
        eq(one.request("MOVE", "/dir/sub/", {"Destination": "/dir/moved/"}).status, 201, "a rename")
        eq(one.delete("/dir/").status, 204, "a folder")
        wait_for(lambda: one.put("/before", b"x" * 5000).status == 204, "there is room again")
        eq(one.request("MKCOL", "/made/").status, 201)


LOCK = (b'<D:lockinfo xmlns:D="DAV:"><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype>'
        b"</D:lockinfo>")


@obliges("DAV-169", "DAV-170", "DAV-062", "DAV-202")
def test_a_disk_that_has_no_more_names(server):
    with small_disk("tmpfs", "8m,nr_inodes=60") as one:
        one.write("tree/a/b", b"b")
        lock_of(one, "/tree/a/b", Depth="0")  # the server has its own files by now
        made = 0
        while one.request("MKCOL", f"/made-{made}/").status == 201:
            made += 1
            ok(made < 60, "an end of it")
        is_full(one.request("MKCOL", f"/made-{made}/"))
        is_full(one.put("/file", b"f"))
        is_full(one.request("COPY", "/tree/", {"Destination": "/tree2/"}))
        is_full(one.request("LOCK", "/unmapped", {"Content-Type": "text/xml"}, LOCK))
        eq(one.names(), sorted(["tree"] + [f"made-{number}" for number in range(made)]))
        for number in range(made):
            eq(one.delete(f"/made-{number}/").status, 204)
        wait_for(lambda: one.request("COPY", "/tree/", {"Destination": "/tree2/"}).status == 201, "there is room again")
