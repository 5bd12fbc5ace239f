"""How write locks begin, go on and end: refreshing, time, UNLOCK, restarts, and what others do to what is locked."""

import os
import re
import xml.etree.ElementTree as xml

from dav import D, XML, conflicts, error_of, lock_of, lockinfo, multistatus, prop_body, propfind, props_of, unlock
from wire import STRETCH, cases, eq, lacks, obliges, ok, one_of, own_server, wait_for

FILES = {"f.txt": b"f", "other.txt": b"o", "time.txt": b"t", "fresh/in/f.txt": b"f", "refresh.txt": b"r",
         "tree/a.txt": b"a",
         "tree/in/b.txt": b"b", "prop/in/f.txt": b"f", "prop/free.txt": b"f", "moved/f.txt": b"f", "many.txt": b"m",
         "unlock/in/f.txt": b"f", "beside.txt": b"b", "expiry.txt": b"e", "expiry/in/f.txt": b"e", "tag.txt": b"t"}

NOBODYS = "urn:uuid:00000000-0000-4000-8000-000000000000"
DISCOVERY, SUPPORTED = D + "lockdiscovery", D + "supportedlock"


def ask(server, target, fields=(), scope="exclusive"):
    return server.request("LOCK", target, {**XML, **dict(fields)}, lockinfo(scope))


def actives(server, target):
    return list(props_of(server, target, DISCOVERY).prop(DISCOVERY))


def seconds_of(active):
    return int(re.fullmatch(r"Second-(\d+)", active.find(D + "timeout").text).group(1))


def granted(got):
    """The activelocks in the answer to a LOCK."""
    eq(got.fields["Content-Type"], 'application/xml; charset="utf-8"')
    tree = xml.fromstring(got.body)
    eq((tree.tag, len(tree), tree[0].tag), (D + "prop", 1, DISCOVERY))
    return list(tree[0])


# -- what is told

@obliges("DAV-109", "DAV-110")
@cases(("flat", "0"), ("deep", "infinity"))
def test_the_lock_in_the_answer_is_the_one_in_the_property(server, depth):
    got = ask(server, "/tree/", {"Depth": depth, "Timeout": "Second-300"})
    eq(got.status, 200)
    [given], [told] = granted(got), actives(server, "/tree/")
    for active in (given, told):
        eq([child.tag for child in active.find(D + "lockscope")], [D + "exclusive"])
        eq([child.tag for child in active.find(D + "locktype")], [D + "write"])
        eq(active.find(D + "depth").text, depth)
        eq(active.find(D + "owner").text, "me")
        eq("<" + active.find(D + "locktoken")[0].text + ">", got.fields["Lock-Token"])
        eq(active.find(D + "lockroot")[0].text, "/tree/")
        ok(0 < seconds_of(active) <= 300, "the time that was granted")
    unlock(server, "/tree/", got.fields["Lock-Token"])


@obliges("DAV-134")
def test_what_can_be_locked_says_so_and_by_whom(server):
    for target in ("/prop/", "/prop/in/f.txt"):
        answer = props_of(server, target, SUPPORTED, DISCOVERY)
        eq({entry.find(D + "lockscope")[0].tag for entry in answer.prop(SUPPORTED)}, {D + "exclusive", D + "shared"})
        eq({entry.find(D + "locktype")[0].tag for entry in answer.prop(SUPPORTED)}, {D + "write"})
        eq(len(answer.prop(DISCOVERY)), 0, "locks of " + target)
    token = lock_of(server, "/prop/", Depth="infinity")
    for target in ("/prop/", "/prop/in/", "/prop/in/f.txt", "/prop/free.txt"):
        [active] = actives(server, target)
        eq(active.find(D + "lockroot")[0].text, "/prop/", target)
    server.write("prop/in/later.txt", b"l")
    told = multistatus(propfind(server, "/prop/", prop_body(DISCOVERY), depth="infinity"))
    eq(len(told), 5)
    for href, answer in told.items():
        [active] = answer.prop(DISCOVERY)
        eq(active.find(D + "lockroot")[0].text, "/prop/", href)
    unlock(server, "/prop/in/f.txt", token)
    for answer in multistatus(propfind(server, "/prop/", prop_body(DISCOVERY), depth="infinity")).values():
        eq(len(answer.prop(DISCOVERY)), 0)
    token = lock_of(server, "/prop/", Depth="0")
    eq(len(actives(server, "/prop/in/f.txt")), 0, "a flat lock is not about members")
    unlock(server, "/prop/", token)


@obliges("DAV-117", "DAV-116")
def test_each_shared_lock_is_told_of(server):
    tokens = [lock_of(server, "/many.txt", "shared") for _ in range(4)]
    told = actives(server, "/many.txt")
    eq(sorted("<" + active.find(D + "locktoken")[0].text + ">" for active in told), sorted(tokens))
    eq(len(set(tokens)), 4)
    unlock(server, "/many.txt", tokens.pop(1))
    eq(sorted("<" + active.find(D + "locktoken")[0].text + ">" for active in actives(server, "/many.txt")),
       sorted(tokens))
    eq(server.put("/many.txt", b"x").status, 423)
    for token in tokens:
        unlock(server, "/many.txt", token)
    eq(server.put("/many.txt", b"x").status, 204)


@obliges("DAV-112")
def test_no_token_comes_twice(server):
    tokens = set()
    for _ in range(30):
        token = lock_of(server, "/tag.txt")
        ok(re.fullmatch(r"<urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}>", token), f"an absolute URI: {token}")
        tokens.add(token)
        unlock(server, "/tag.txt", token)
    eq(len(tokens), 30)


# -- where nothing is

@obliges("DAV-113", "DAV-114")
def test_a_lock_where_nothing_is(server):
    got = ask(server, "/tree/new.bin", {"Depth": "0"})
    eq(got.status, 201)
    token = got.fields["Lock-Token"]
    empty = server.get("/tree/new.bin")
    eq((empty.status, empty.body, empty.fields["Content-Length"]), (200, b"", "0"))
    answer = multistatus(propfind(server, "/tree/", prop_body(D + "resourcetype", DISCOVERY),
                                  depth="1"))["/tree/new.bin"]
    eq(len(answer.prop(D + "resourcetype")), 0, "it is no folder")
    eq(len(answer.prop(DISCOVERY)), 1)
    eq(server.request("MKCOL", "/tree/new.bin").status, 405)
    eq(server.request("MKCOL", "/tree/new.bin", {"If": f"({token})"}).status, 405)
    eq(server.put("/tree/new.bin", b"mine", {"If": f"({token})"}).status, 204)
    eq(len(actives(server, "/tree/new.bin")), 1, "PUT leaves the lock")
    unlock(server, "/tree/new.bin", token)
    eq(server.get("/tree/new.bin").body, b"mine")
    eq(server.request("MKCOL", "/tree/new.bin").status, 405)


@obliges("DAV-114")
def test_the_empty_file_stays_when_its_lock_ends(server):
    token = lock_of(server, "/stays.bin", Timeout="Second-1")
    wait_for(lambda: not actives(server, "/stays.bin"), "the lock has ended")
    got = server.get("/stays.bin")
    eq((got.status, got.body), (200, b""))
    eq(server.request("MKCOL", "/stays.bin").status, 405)
    eq(server.put("/stays.bin", b"x", {"If": f"({token})"}).status, 412, "its token is nothing any more")


@obliges("DAV-156")
def test_a_file_where_a_deep_lock_is_above_needs_its_token(server):
    token = lock_of(server, "/tree/", Depth="infinity")
    eq(ask(server, "/tree/in/locked.bin").status, 423)
    eq(server.put("/tree/in/x.bin", b"x", {"If": f"({token})"}).status, 412, "what is not there has no state")
    ok(not server.exists("tree/in/x.bin") and not server.exists("tree/in/locked.bin"), "nothing was made")
    eq(server.put("/tree/in/x.bin", b"x", {"If": f"</tree/> ({token})"}).status, 201)
    eq(server.put("/tree/in/x.bin", b"y", {"If": f"({token})"}).status, 204)
    unlock(server, "/tree/", token)


# -- the time

@obliges("DAV-125")
def test_a_lock_whose_time_is_over_is_gone(server):
    token = lock_of(server, "/expiry/", Depth="infinity", Timeout="Second-1")
    wait_for(lambda: not actives(server, "/expiry/in/f.txt"), "the lock has ended")
    eq(server.put("/expiry/in/f.txt", b"x").status, 204)
    eq(server.put("/expiry/in/f.txt", b"x", {"If": f"({token})"}).status, 412)
    eq(error_of(server.request("LOCK", "/expiry/", {"If": f"({token})"}), 412), "lock-token-matches-request-uri")
    eq(error_of(server.request("UNLOCK", "/expiry/", {"Lock-Token": token}), 409), "lock-token-matches-request-uri")
    unlock(server, "/expiry/", lock_of(server, "/expiry/"))


@obliges("DAV-125")
def test_a_lock_whose_time_is_over_is_in_no_locks_way(server):
    lock_of(server, "/expiry.txt", Timeout="Second-1")
    token = wait_for(lambda: ask(server, "/expiry.txt").fields.get("Lock-Token"), "it can be locked again")
    unlock(server, "/expiry.txt", token)


@obliges("DAV-126")
def test_neither_reading_nor_writing_lengthens_the_time(server):
    token = lock_of(server, "/time.txt", Timeout="Second-2")
    held = {"If": f"({token})"}

    def has_ended():
        eq(server.get("/time.txt").status, 200)
        one_of(server.put("/time.txt", b"x", held).status, (204, 412))
        return server.put("/time.txt", b"y").status == 204

    wait_for(has_ended, "the lock ended, however often its holder wrote", 10)


@obliges("DAV-121", "DAV-124")
def test_a_refresh_starts_the_time_anew(server):
    token = lock_of(server, "/fresh/", Depth="infinity", Timeout="Second-60")
    for target, wish, want in (("/fresh/", "Second-900", 900), ("/fresh/in/f.txt", "Second-500", 500),
                               ("/fresh/in/", "Infinite", 86400), ("/fresh/", "Second-40", 40)):
        got = server.request("LOCK", target, {"If": f"({token})", "Timeout": wish, "Depth": "0"})
        eq(got.status, 200)
        lacks(got.fields.names(), "lock-token")
        [active] = granted(got)
        ok(want - 5 * STRETCH <= seconds_of(active) <= want, f"{seconds_of(active)} of {want}")
        eq(active.find(D + "depth").text, "infinity", "Depth is not heard")
        eq("<" + active.find(D + "locktoken")[0].text + ">", token)
    eq(server.put("/fresh/in/f.txt", b"x").status, 423)
    unlock(server, "/fresh/", token)


@obliges("DAV-121")
def test_a_refresh_keeps_the_lock_from_ending(server):
    seconds = int(3 * STRETCH)  # in which the second request has to come
    token = lock_of(server, "/refresh.txt", Timeout=f"Second-{seconds}")
    got = server.request("LOCK", "/refresh.txt", {"If": f"({token})", "Timeout": "Second-6000"})
    eq(got.status, 200)
    short = lock_of(server, "/beside.txt", Timeout=f"Second-{seconds + 1}")
    wait_for(lambda: not actives(server, "/beside.txt"), "one that was given later, for longer, has ended", 10)
    eq(server.put("/refresh.txt", b"x").status, 423)
    unlock(server, "/refresh.txt", token)
    eq(server.request("UNLOCK", "/beside.txt", {"Lock-Token": short}).status, 409)


@obliges("DAV-121", "DAV-122", "DAV-123")
def test_what_refreshes_nothing(server):
    token = lock_of(server, "/refresh.txt", Timeout="Second-600")
    second = lock_of(server, "/other.txt", Timeout="Second-600")
    asks = (("/refresh.txt", {}, 400), ("/refresh.txt", {"If": f"({token} {second})"}, 400),
            ("/refresh.txt", {"If": f"({token}) ({second})"}, 400), ("/refresh.txt", {"If": '(["tag"])'}, 400),
            ("/refresh.txt", {"Lock-Token": token}, 400), ("/refresh.txt", {"If": f"(Not {token})"}, 412))
    for target, fields, status in asks:
        eq(server.request("LOCK", target, {**fields, "Timeout": "Second-9"}).status, status, str(fields))
    for target, given in (("/other.txt", token), ("/refresh.txt", f"<{NOBODYS}>"), ("/", token)):
        got = server.request("LOCK", target, {"If": f"({given})", "Timeout": "Second-9"})
        eq(error_of(got, 412), "lock-token-matches-request-uri", target)
    eq(server.request("LOCK", "/never-there.txt").status, 400)
    eq(server.request("LOCK", "/never-there.txt", {"If": f"({token})"}).status, 412)
    ok(not server.exists("never-there.txt"), "nothing was made")
    for target in ("/refresh.txt", "/other.txt"):
        [active] = actives(server, target)
        ok(seconds_of(active) > 300, "no time was changed")
    unlock(server, "/refresh.txt", token)
    unlock(server, "/other.txt", second)


@obliges("DAV-122")
def test_no_content_makes_no_lock(server):
    eq(server.request("LOCK", "/f.txt").status, 400)
    eq(server.request("LOCK", "/f.txt", {**XML, "Depth": "0"}, b"").status, 400)
    eq(actives(server, "/f.txt"), [])


@obliges("DAV-115")
@cases(("one", "1"), ("word", "deep"), ("empty", ""), ("two", "2"))
def test_depths_that_no_lock_has(server, depth):
    for target in ("/tree/", "/f.txt", "/depth.txt"):
        eq(ask(server, target, {"Depth": depth}).status, 400, target)
    eq((actives(server, "/tree/"), actives(server, "/f.txt")), ([], []))
    ok(not server.exists("depth.txt"), "nothing was made")


# -- UNLOCK

@obliges("DAV-130")
@cases(("root", "/unlock/"), ("folder", "/unlock/in/"), ("member", "/unlock/in/f.txt"))
def test_unlock_anywhere_in_it_ends_the_whole_lock(server, target):
    token = lock_of(server, "/unlock/", Depth="infinity")
    eq(server.put("/unlock/in/f.txt", b"x").status, 423)
    got = server.request("UNLOCK", target, {"Lock-Token": token})
    eq((got.status, got.body), (204, b""))
    eq((actives(server, "/unlock/"), actives(server, "/unlock/in/f.txt")), ([], []))
    eq(server.put("/unlock/in/f.txt", b"x").status, 204)
    eq(server.request("UNLOCK", target, {"Lock-Token": token}).status, 409, "once")


@obliges("DAV-131", "DAV-132")
def test_unlock_that_names_no_lock_of_this(server):
    token = lock_of(server, "/unlock/in/", Depth="0")
    for fields in ({}, {"Lock-Token": ""}, {"Lock-Token": "<>"}, {"Lock-Token": "<no-uri>"}, {"If": f"({token})"}):
        eq(server.request("UNLOCK", "/unlock/in/", fields).status, 400, str(fields))
    eq(server.request("UNLOCK", "/unlock/in/", [("Lock-Token", token), ("Lock-Token", token)]).status, 400)
    for target, given in (("/unlock/in/f.txt", token), ("/unlock/", token), ("/f.txt", token),
                          ("/unlock/in/", f"<{NOBODYS}>"), ("/unlock/in/", "<DAV:no-lock>")):
        got = server.request("UNLOCK", target, {"Lock-Token": given})
        eq(error_of(got, 409), "lock-token-matches-request-uri", target)
    eq(server.request("UNLOCK", "/never.txt", {"Lock-Token": token}).status, 404)
    eq(len(actives(server, "/unlock/in/")), 1, "it is still there")
    eq(server.request("UNLOCK", "/unlock/in/", {"Lock-Token": token, "If": '(["no"])'}).status, 412)
    unlock(server, "/unlock/in/", token)


# -- what else becomes of what is locked

@obliges("DAV-135", "DAV-077")
@cases(("file", "/gone.txt"), ("folder", "/gone/"))
def test_a_lock_goes_with_what_it_is_on(server, target):
    server.request("MKCOL", target) if target.endswith("/") else server.put(target, b"x")
    token = lock_of(server, target, Depth="infinity")
    eq(server.delete(target, {"If": f"({token})"}).status, 204)
    eq(server.get(target).status, 404)
    server.request("MKCOL", target) if target.endswith("/") else server.put(target, b"x")
    eq(actives(server, target), [])
    eq(error_of(server.request("UNLOCK", target, {"Lock-Token": token}), 409), "lock-token-matches-request-uri")
    eq(server.delete(target, {"If": f"({token})"}).status, 412)
    eq(server.delete(target).status, 204)


@obliges("DAV-077", "DAV-135")
def test_locks_of_members_go_with_their_folder(server):
    for name in ("a.txt", "in/b.txt"):
        server.write("with/" + name, b"x")
    first, second = lock_of(server, "/with/a.txt"), lock_of(server, "/with/in/b.txt")
    eq(conflicts(server.delete("/with/")), {"/with/a.txt": 423, "/with/in/b.txt": 423})
    eq(conflicts(server.delete("/with/", {"If": f"</with/a.txt> ({first})"})), {"/with/in/b.txt": 423})
    eq((server.names("with"), server.names("with/in")), (["a.txt", "in"], ["b.txt"]))
    eq(server.delete("/with/", {"If": f"</with/a.txt> ({first}) </with/in/b.txt> ({second})"}).status, 204)
    for name in ("a.txt", "in/b.txt"):
        server.write("with/" + name, b"x")
    eq((actives(server, "/with/a.txt"), actives(server, "/with/in/b.txt")), ([], []))


@obliges("DAV-127")
def test_a_lock_stays_on_what_others_replace(server):
    token = lock_of(server, "/beside.txt")
    server.write("aside.txt", b"from an editor")
    os.replace(server.path("aside.txt"), server.path("beside.txt"))
    eq(server.get("/beside.txt").body, b"from an editor")
    eq(len(actives(server, "/beside.txt")), 1)
    eq(error_of(server.put("/beside.txt", b"x"), 423), "lock-token-submitted")
    for content in (b"one", b"two"):
        eq(server.put("/beside.txt", content, {"If": f"({token})"}).status, 204)
        eq(server.put("/beside.txt", b"x").status, 423)
    with open(server.path("beside.txt"), "ab") as out:
        out.write(b" more")
    eq(server.put("/beside.txt", b"x").status, 423)
    unlock(server, "/beside.txt", token)


def test_a_lock_goes_along_when_others_rename(server):
    server.write("moved/named.txt", b"n")
    token = lock_of(server, "/moved/named.txt")
    os.rename(server.path("moved/named.txt"), server.path("moved/renamed.txt"))
    eq(server.put("/moved/renamed.txt", b"x").status, 423)
    eq(server.put("/moved/renamed.txt", b"x", {"If": f"({token})"}).status, 204)
    unlock(server, "/moved/renamed.txt", token)


@obliges("DAV-128", "DAV-133")
@own_server("--user", "alice:secret", "--allow-write", "anyone", files={"f.txt": b"f"})
def test_nobody_has_no_right_to_somebodys_lock(server):
    alice = {"Authorization": "Basic YWxpY2U6c2VjcmV0"}
    token = lock_of(server, "/f.txt", **alice)
    eq(server.put("/f.txt", b"x", {"If": f"({token})", **alice}).status, 204)
    eq(server.request("UNLOCK", "/f.txt", {"Lock-Token": token, **alice}).status, 204)


# -- the server ends and begins

def told(server, target):
    return sorted((active.find(D + "locktoken")[0].text, active.find(D + "lockscope")[0].tag,
                   active.find(D + "depth").text,
                   active.find(D + "owner").text, active.find(D + "lockroot")[0].text) for active in actives(server,
                                                                                                             target))


def outlive(server, end):
    deep = lock_of(server, "/tree/", Depth="infinity", Timeout="Second-600")
    shared = [lock_of(server, "/f.txt", "shared", Depth="0") for _ in range(2)]
    empty = lock_of(server, "/new.txt")
    released = lock_of(server, "/released.txt")
    unlock(server, "/released.txt", released)
    lock_of(server, "/short.txt", Timeout="Second-1")
    targets = ("/tree/", "/tree/in/b.txt", "/f.txt", "/new.txt")
    before = [told(server, target) for target in targets]
    end()
    server.start()
    eq([told(server, target) for target in targets], before)
    eq([len(locks) for locks in before], [1, 1, 2, 1])
    eq(error_of(server.put("/tree/in/b.txt", b"x"), 423), "lock-token-submitted")
    eq(server.put("/tree/in/b.txt", b"x", {"If": f"({deep})"}).status, 204)
    eq(server.put("/released.txt", b"free").status, 204)
    wait_for(lambda: server.put("/short.txt", b"free").status == 204, "the short one has ended")
    got = server.request("LOCK", "/tree/", {"If": f"({deep})", "Timeout": "Second-900"})
    eq(got.status, 200)
    for target, token in (("/tree/", deep), ("/f.txt", shared[0]), ("/f.txt", shared[1]), ("/new.txt", empty)):
        unlock(server, target, token)
    eq([told(server, target) for target in targets], [[], [], [], []])
    return targets


@cases(("stopped", "stop"), ("killed", "kill"))
@own_server(files={"f.txt": b"f", "tree/in/b.txt": b"b"})
def test_locks_outlive_the_server(server, way):
    targets = outlive(server, getattr(server, way))
    server.kill()
    server.start()
    eq([told(server, target) for target in targets], [[], [], [], []], "and what was given back stays so")


@cases(("stopped", "stop"), ("killed", "kill"))
@own_server("--locks", "durable", files={"f.txt": b"f", "tree/in/b.txt": b"b"})
def test_durable_locks_outlive_the_server(server, way):
    targets = outlive(server, getattr(server, way))
    server.kill()
    server.start()
    eq([told(server, target) for target in targets], [[], [], [], []], "and what was given back stays so")


@own_server(files={"f.txt": b"f"})
def test_what_was_replaced_and_locked_is_still_locked_after_a_crash(server):
    token = lock_of(server, "/f.txt")
    eq(server.put("/f.txt", b"one", {"If": f"({token})"}).status, 204)
    server.kill()
    server.write("aside.txt", b"two")
    os.replace(server.path("aside.txt"), server.path("f.txt"))
    server.start()
    eq(server.put("/f.txt", b"x").status, 423)
    eq(server.put("/f.txt", b"three", {"If": f"({token})"}).status, 204)
    unlock(server, "/f.txt", token)
