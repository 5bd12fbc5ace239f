"""What belongs to a resource and not to one of its names: quotas, earlier contents, addresses left behind."""

from binding import bind, bound
from dav import D, lock_of, props_of, unlock
from wire import contains, eq, ok, one_of, own_server, wait_for

QUOTAS = """
listen = { "127.0.0.1:0" }
site "s" {
    root = "{root}"
    allow "*" { rights = { "read", "write" } }
    at "/small" { quota = 64K }
    at "/large" { quota = 1M }
}
"""


def used(server, folder):
    return int(props_of(server, folder, D + "quota-used-bytes").text(D + "quota-used-bytes"))


@own_server(config=QUOTAS, files={"large/f": b"x" * 50000, "large/d/in": b"y" * 20000, "small/own": b"z" * 1000})
def test_a_quota_counts_a_resource_once(server):
    """At its home, the oldest of its names."""
    eq((used(server, "/large/"), used(server, "/small/")), (70000, 1000))
    bound(server, "/large/f2", "/large/f")
    eq(used(server, "/large/"), 70000, "two names below one border")
    bound(server, "/small/f", "/large/f")
    bound(server, "/small/d", "/large/d")
    eq((used(server, "/large/"), used(server, "/small/")), (70000, 1000), "names weigh nothing elsewhere")
    eq(server.put("/small/f", b"x" * 90000).status, 204, "it counts at home, where there is room")
    eq((used(server, "/large/"), used(server, "/small/")), (110000, 1000))
    eq(server.put("/small/f", b"x" * 2000000).status, 507, "and no more than there")
    eq(len(server.get("/large/f").body), 90000)


@own_server(config=QUOTAS, files={"large/f": b"x" * 50000, "large/g": b"x" * 90000, "small/own": b"z" * 1000})
def test_a_home_that_goes_moves_what_it_counts(server):
    bound(server, "/small/f", "/large/f")
    eq(server.delete("/large/f").status, 204)
    wait_for(lambda: (used(server, "/large/"), used(server, "/small/")) == (90000, 51000), "it counts where its next name is", 20)
    eq(server.put("/small/f", b"").status, 204)
    eq(used(server, "/small/"), 1000)


@own_server("--history", "5", files={"a/f": b"one", "b/k": b"k"})
def test_earlier_contents_are_the_resources(server):
    eq(server.put("/a/f", b"two").status, 204)
    bound(server, "/b/f2", "/a/f")
    eq(server.put("/b/f2", b"three").status, 204)
    for name in ("/a/f", "/b/f2"):
        listing = server.request("PROPFIND", "/.samovar/versions" + name + "/", {"Depth": "1"})
        eq(listing.status, 207, name)
        eq(listing.body.count(b"<D:response>"), 3, name)
    eq(server.delete("/a/f").status, 204)
    listing = server.request("PROPFIND", "/.samovar/versions/b/f2/", {"Depth": "1"})
    eq(listing.body.count(b"<D:response>"), 3, "they stay with it")
    eq(server.request("MOVE", "/b/f2", {"Destination": "/b/f3"}).status, 201)
    eq(server.request("PROPFIND", "/.samovar/versions/b/f3/", {"Depth": "1"}).body.count(b"<D:response>"), 3)


@own_server("--leave-forwarding", files={"a/d/in": b"in", "b/k": b"k"})
def test_an_address_that_a_name_left(server):
    bound(server, "/b/d2", "/a/d")
    eq(server.request("MOVE", "/b/d2", {"Destination": "/b/d3"}).status, 201)
    got = server.get("/b/d2/in")
    eq(got.status, 308)
    contains(got.fields["Location"], "/b/d3/in")
    eq(server.get("/a/d/in").body, b"in")


@own_server("--durability", "full", "--locks", "durable", files={"a/f": b"one", "b/k": b"k"})
def test_locks_and_names_outlive_the_server(server):
    bound(server, "/b/f2", "/a/f")
    eq(bind(server, "/b/", "self", "/b").status, 201)
    token = lock_of(server, "/b/f2", Timeout="Second-3600")
    server.stop()
    server.start()
    eq(server.put("/a/f", b"two").status, 423)
    eq(server.get("/b/self/self/f2").body, b"one")
    one_of(server.request("PROPFIND", "/", {"Depth": "infinity"}).status, (508,))
    unlock(server, "/a/f", token)
    eq(server.put("/b/self/f2", b"two").status, 204)
    ok(server.get("/a/f").body == b"two", "one resource")
