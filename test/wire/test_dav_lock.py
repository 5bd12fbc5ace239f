"""LOCK, UNLOCK, and what locks keep others from: RFC 4918 §6, §7, §9.10, §9.11."""

import base64
import re
import xml.etree.ElementTree as xml

from wire import cases, contains, eq, obliges, ok, one_of, own_server

FILES = {"ten.txt": b"0123456789", "shared.txt": b"s", "folder/a.txt": b"a", "folder/deep/b.txt": b"b", "flat/c.txt": b"c",
         "refresh.txt": b"r", "busy/x.txt": b"x", "busy/y.txt": b"y", "scope/in/f.txt": b"f", "gone/f.txt": b"f",
         "owner.txt": b"o", "time.txt": b"t", "plain.txt": b"p", "unlock.txt": b"u", "second.txt": b"s", "put.txt": b"p"}

D = "{DAV:}"


def info(scope="exclusive", owner="<D:owner>me</D:owner>"):
    return (f'<?xml version="1.0"?><D:lockinfo xmlns:D="DAV:"><D:lockscope><D:{scope}/></D:lockscope>'
            f"<D:locktype><D:write/></D:locktype>{owner}</D:lockinfo>").encode()


def lock(server, target, fields=None, scope="exclusive", **rest):
    return server.request("LOCK", target, {"Content-Type": "application/xml", **(fields or {})}, info(scope, **rest))


def token_of(got):
    one_of(got.status, (200, 201))
    ok(re.fullmatch(r"<urn:uuid:[0-9a-f-]{36}>", got.fields["Lock-Token"]), "a token as an absolute URI in brackets")
    return got.fields["Lock-Token"][1:-1]


def unlock(server, target, token):
    eq(server.request("UNLOCK", target, {"Lock-Token": f"<{token}>"}).status, 204)


def active(got):
    tree = xml.fromstring(got.body)
    eq(tree.tag, D + "prop")
    return tree.find(D + "lockdiscovery").findall(D + "activelock")


def condition(got, name):
    """The hrefs of the condition that the DAV:error names."""
    tree = xml.fromstring(got.body)
    eq(tree.tag, D + "error")
    eq(tree[0].tag, D + name)
    return [href.text for href in tree[0].findall(D + "href")]


def responses(got):
    eq(got.status, 207)
    tree = xml.fromstring(got.body)
    eq(tree.tag, D + "multistatus")
    return {one.find(D + "href").text: one.find(D + "status").text.split()[1] for one in tree.findall(D + "response")}


@obliges("DAV-109", "DAV-110", "DAV-112")
def test_a_lock_is_granted_and_told(server):
    got = lock(server, "/ten.txt", {"Depth": "0", "Timeout": "Second-600"})
    eq(got.status, 200)
    token = token_of(got)
    [one] = active(got)
    ok(one.find(D + "lockscope").find(D + "exclusive") is not None, "the scope")
    ok(one.find(D + "locktype").find(D + "write") is not None, "the type")
    eq(one.find(D + "depth").text, "0")
    eq(one.find(D + "owner").text, "me")
    contains(("Second-600", "Second-599"), one.find(D + "timeout").text)
    eq(one.find(D + "locktoken").find(D + "href").text, token)
    eq(one.find(D + "lockroot").find(D + "href").text, "/ten.txt")
    unlock(server, "/ten.txt", token)


@obliges("DAV-111")
def test_the_owner_is_kept_as_it_was_sent(server):
    owner = '<D:owner><x:a xmlns:x="urn:x" x:b="1">two <c/> words</x:a></D:owner>'
    got = lock(server, "/owner.txt", owner=owner)
    [one] = active(got)
    inner = one.find(D + "owner")[0]
    eq((inner.tag, inner.get("{urn:x}b"), inner.text, inner[0].tail), ("{urn:x}a", "1", "two ", " words"))
    unlock(server, "/owner.txt", token_of(got))


@obliges("DAV-127", "DAV-158")
def test_a_change_needs_the_token(server):
    token = token_of(lock(server, "/put.txt"))
    got = server.put("/put.txt", b"new")
    eq(got.status, 423)
    eq(condition(got, "lock-token-submitted"), ["/put.txt"])
    eq(server.read("put.txt"), b"p")
    eq(server.delete("/put.txt").status, 423)
    eq(server.put("/put.txt", b"new", {"If": f"(<{token}>)"}).status, 204)
    eq(server.put("/put.txt", b"newer", {"If": f"(Not <{token}>) (<{token}>)"}).status, 204)
    eq(server.read("put.txt"), b"newer")
    unlock(server, "/put.txt", token)
    eq(server.put("/put.txt", b"free").status, 204)


@obliges("DAV-129")
def test_lock_token_submits_nothing(server):
    token = token_of(lock(server, "/plain.txt"))
    eq(server.put("/plain.txt", b"new", {"Lock-Token": f"<{token}>"}).status, 423)
    unlock(server, "/plain.txt", token)


@obliges("DAV-160", "DAV-157")
def test_a_true_if_without_the_token_is_423(server):
    token = token_of(lock(server, "/second.txt"))
    wrong = "urn:uuid:00000000-0000-4000-8000-000000000000"
    eq(server.put("/second.txt", b"x", {"If": f"(<{wrong}>) (Not <DAV:no-lock>)"}).status, 423)
    eq(server.put("/second.txt", b"x", {"If": f"(<{wrong}>)"}).status, 412)
    eq(server.put("/second.txt", b"x", {"If": "(<DAV:no-lock>)"}).status, 412)
    unlock(server, "/second.txt", token)


@obliges("DAV-136")
def test_reading_what_is_locked_needs_nothing(server):
    token = token_of(lock(server, "/ten.txt"))
    eq(server.get("/ten.txt").status, 200)
    eq(server.head("/ten.txt").status, 200)
    eq(server.request("OPTIONS", "/ten.txt").status, 200)
    eq(server.request("PROPFIND", "/ten.txt", {"Depth": "0"}).status, 207)
    eq(server.request("COPY", "/ten.txt", {"Destination": "/copied.txt"}).status, 201)
    unlock(server, "/ten.txt", token)


@obliges("DAV-113", "DAV-114")
def test_a_lock_where_nothing_is_makes_an_empty_file(server):
    got = lock(server, "/folder/new.bin")
    eq(got.status, 201)
    token = token_of(got)
    got = server.get("/folder/new.bin")
    eq((got.status, got.body), (200, b""))
    contains(server.get("/folder/", {"Accept": "application/json"}).body.decode(), "new.bin")
    eq(server.put("/folder/new.bin", b"x").status, 423)
    unlock(server, "/folder/new.bin", token)
    eq(server.get("/folder/new.bin").status, 200)
    eq(server.request("MKCOL", "/folder/new.bin").status, 405)


@obliges("DAV-007")
def test_a_lock_below_nothing_is_409(server):
    eq(lock(server, "/none/new.bin").status, 409)
    eq(lock(server, "/new-folder/").status, 409)
    ok(not server.exists("new-folder"), "nothing was made")


@obliges("DAV-115")
def test_depth_of_a_lock(server):
    eq(lock(server, "/flat/", {"Depth": "1"}).status, 400)
    got = lock(server, "/flat/")
    eq(active(got)[0].find(D + "depth").text, "infinity")
    unlock(server, "/flat/", token_of(got))


@obliges("DAV-116", "DAV-117")
def test_shared_locks_get_on_with_each_other(server):
    first = token_of(lock(server, "/shared.txt", scope="shared"))
    second = token_of(lock(server, "/shared.txt", scope="shared"))
    ok(first != second, "each has a token of its own")
    got = lock(server, "/shared.txt")
    eq(got.status, 423)
    eq(condition(got, "no-conflicting-lock"), ["/shared.txt"])
    unlock(server, "/shared.txt", first)
    eq(lock(server, "/shared.txt").status, 423)
    unlock(server, "/shared.txt", second)
    only = token_of(lock(server, "/shared.txt"))
    eq(lock(server, "/shared.txt", scope="shared").status, 423)
    unlock(server, "/shared.txt", only)


@obliges("DAV-118", "DAV-200")
def test_a_member_in_the_way_of_a_deep_lock_is_a_207(server):
    token = token_of(lock(server, "/busy/x.txt"))
    got = lock(server, "/busy/", {"Depth": "infinity"})
    eq(responses(got), {"/busy/x.txt": "423", "/busy/": "424"})
    contains(got.body.decode(), "no-conflicting-lock")
    eq(server.put("/busy/y.txt", b"free").status, 204)
    flat = token_of(lock(server, "/busy/", {"Depth": "0"}))
    unlock(server, "/busy/", flat)
    unlock(server, "/busy/x.txt", token)


@obliges("DAV-119", "DAV-155", "DAV-130")
def test_a_deep_lock_covers_what_comes_later(server):
    token = token_of(lock(server, "/scope/", {"Depth": "infinity"}))
    eq(server.put("/scope/in/f.txt", b"x").status, 423)
    eq(server.put("/scope/in/new.txt", b"x").status, 423)
    eq(server.request("COPY", "/ten.txt", {"Destination": "/scope/copy.txt"}).status, 423)
    eq(server.put("/scope/in/new.txt", b"x", {"If": f"</scope/> (<{token}>)"}).status, 201)
    eq(server.put("/scope/in/new.txt", b"y", {"If": f"(<{token}>)"}).status, 204)
    eq(server.request("MOVE", "/scope/in/new.txt", {"Destination": "/left.txt", "If": f"(<{token}>)"}).status, 201)
    eq(server.put("/left.txt", b"no longer").status, 204)
    unlock(server, "/scope/in/f.txt", token)
    eq(server.put("/scope/in/f.txt", b"free").status, 204)


@obliges("DAV-120")
def test_a_flat_lock_guards_the_membership_alone(server):
    token = token_of(lock(server, "/flat/", {"Depth": "0"}))
    eq(server.put("/flat/c.txt", b"content").status, 204)
    eq(server.put("/flat/new.txt", b"x").status, 423)
    eq(server.delete("/flat/c.txt").status, 423)
    eq(server.delete("/flat/c.txt", {"If": f"</flat/> (<{token}>)"}).status, 204)
    unlock(server, "/flat/", token)


@obliges("DAV-121")
def test_refreshing(server):
    token = token_of(lock(server, "/refresh.txt", {"Timeout": "Second-60"}))
    got = server.request("LOCK", "/refresh.txt", {"If": f"(<{token}>)", "Timeout": "Second-900", "Depth": "1"})
    eq(got.status, 200)
    ok("Lock-Token" not in got.fields, "a refresh gives no Lock-Token")
    [one] = active(got)
    contains(("Second-900", "Second-899"), one.find(D + "timeout").text)
    unlock(server, "/refresh.txt", token)


@obliges("DAV-122")
def test_no_content_and_no_if_is_no_lock(server):
    eq(server.request("LOCK", "/never.txt").status, 400)
    ok(not server.exists("never.txt"), "nothing was made")
    eq(server.request("LOCK", "/refresh.txt").status, 400)
    eq(server.put("/refresh.txt", b"free").status, 204)


@obliges("DAV-123")
def test_refreshing_what_is_not_there(server):
    token = token_of(lock(server, "/refresh.txt"))
    for target, given in (("/time.txt", token), ("/refresh.txt", "urn:uuid:00000000-0000-4000-8000-000000000000")):
        got = server.request("LOCK", target, {"If": f"(<{given}>)"})
        eq(got.status, 412)
        condition(got, "lock-token-matches-request-uri")
    unlock(server, "/refresh.txt", token)


@obliges("DAV-124")
@cases(("first", "Second-7, Second-9", 7), ("infinite", "Infinite, Second-5", 86400), ("capped", "Second-99999999", 86400),
       ("garbage", "Minute-3, Second-11", 11))
def test_times_that_are_asked_for(server, value, want):
    got = lock(server, "/time.txt", {"Timeout": value})
    one_of(int(active(got)[0].find(D + "timeout").text[7:]), (want, want - 1))
    unlock(server, "/time.txt", token_of(got))


@obliges("DAV-131", "DAV-132", "DAV-006")
def test_unlock_of_what_is_not_locked_so(server):
    token = token_of(lock(server, "/unlock.txt"))
    eq(server.request("UNLOCK", "/unlock.txt").status, 400)
    got = server.request("UNLOCK", "/time.txt", {"Lock-Token": f"<{token}>"})
    eq(got.status, 409)
    condition(got, "lock-token-matches-request-uri")
    eq(server.request("UNLOCK", "/unlock.txt", {"Lock-Token": f"<{token}>"}, b"<a/>").status, 415)
    eq(server.put("/unlock.txt", b"x").status, 423)
    eq(server.request("UNLOCK", "/unlock.txt", {"Lock-Token": token}).status, 204)  # DAV-C11


@obliges("DAV-135", "DAV-083")
def test_a_lock_goes_with_its_root(server):
    token = token_of(lock(server, "/gone/f.txt"))
    eq(responses(server.delete("/gone/")), {"/gone/f.txt": "423"})
    ok(server.exists("gone/f.txt"), "nothing was deleted")
    eq(server.delete("/gone/", {"If": f"</gone/f.txt> (<{token}>)"}).status, 204)
    eq(server.request("MKCOL", "/gone").status, 201)
    eq(server.put("/gone/f.txt", b"again").status, 201)


@obliges("DAV-198")
@cases(("no scope", b'<D:lockinfo xmlns:D="DAV:"><D:locktype><D:write/></D:locktype></D:lockinfo>', 422),
       ("another type", b'<D:lockinfo xmlns:D="DAV:"><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:read/>'
                        b"</D:locktype></D:lockinfo>", 422),
       ("not well-formed", b"<D:lockinfo", 400))
def test_bodies_that_ask_for_no_lock(server, body, status):
    eq(server.request("LOCK", "/body.txt", {"Content-Type": "text/xml"}, body).status, status)
    ok(not server.exists("body.txt"), "nothing was made")


@obliges("DAV-159", "DAV-162", "DAV-164")
def test_if_is_judged_for_every_method(server):
    tag = server.get("/ten.txt").etag
    for method, extra in (("GET", {}), ("HEAD", {}), ("PROPFIND", {"Depth": "0"}), ("COPY", {"Destination": "/if.txt"})):
        eq(server.request(method, "/ten.txt", {"If": '(["other"])', **extra}).status, 412, method)
        eq(server.request(method, "/ten.txt", {"If": "(broken", **extra}).status, 400, method)
        one_of(server.request(method, "/ten.txt", {"If": f"([{tag}])", **extra}).status, (200, 207, 201), method)
    eq(server.delete("/if.txt", {"If": "([\"other\"])"}).status, 412)
    ok(server.exists("if.txt"), "it is still there")


@obliges("DAV-152", "DAV-153", "DAV-154", "DAV-156")
def test_lists_about_others(server):
    tag, own = server.get("/ten.txt").etag, server.get("/second.txt").etag
    asks = [(f"</ten.txt> ([{tag}])", 200), (f"<http://{server.host}/ten.txt> ([{tag}])", 200),
            ('</ten.txt> (["no"])', 412), ('</missing> (Not ["x"])', 200), ('</missing> (["x"])', 412),
            ("</missing> (<urn:x:y>)", 412), ('(["no"]) (Not ["no"])', 200), (f'([{own}] ["no"])', 412),
            ('<http://elsewhere.example/a> (["x"])', 412), ("(Not <urn:x:y>) </ten.txt> (Not <urn:x:y>)", 400)]
    for value, status in asks:
        eq(server.get("/second.txt", {"If": value}).status, status, value)


USERS = """
listen = { "127.0.0.1:0" }
site "box" {
    root = "{root}"
    users = "{tmp}/users"
    at "/" {
        allow "alice" { rights = { "read", "write", "lock" } }
        allow "bob" { rights = { "read", "write", "lock" } }
        allow "carol" { rights = { "read", "unlock-any" } }
        allow "dave" { rights = { "read" } }
    }
}
"""


def write_users(server):
    """All with the same password, to keep it short."""
    with open(server.tmp + "/users", "w", encoding="ascii") as out:
        for name in ("alice", "bob", "carol", "dave"):
            out.write(name + ":$apr1$LMfC2hnq$oOV1CTTxCHfHin7Y2hVCO/\n")


def as_user(name):
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:ada secret".encode()).decode()}


@obliges("DAV-128", "DAV-133", "DAV-005")
@own_server(config=USERS, files={"f.txt": b"f"}, before=write_users)
def test_a_lock_is_its_makers(server):
    alice, bob, carol, dave = (as_user(name) for name in ("alice", "bob", "carol", "dave"))
    got = lock(server, "/f.txt", alice)
    token = token_of(got)
    eq(server.put("/f.txt", b"b", {"If": f"(<{token}>)", **bob}).status, 423)
    eq(server.request("LOCK", "/f.txt", {"If": f"(<{token}>)", **bob}).status, 403)
    eq(server.request("UNLOCK", "/f.txt", {"Lock-Token": f"<{token}>", **bob}).status, 403)
    eq(server.request("UNLOCK", "/f.txt", {"Lock-Token": f"<{token}>", **dave}).status, 403)
    eq(server.request("UNLOCK", "/f.txt", {"Lock-Token": f"<{token}>"}).status, 401)
    eq(server.put("/f.txt", b"d", dave).status, 403)
    eq(server.put("/f.txt", b"nobody").status, 401)
    eq(server.put("/f.txt", b"a", {"If": f"(<{token}>)", **alice}).status, 204)
    eq(server.request("UNLOCK", "/f.txt", {"Lock-Token": f"<{token}>", **carol}).status, 204)
    eq(server.put("/f.txt", b"b", bob).status, 204)
