"""Which locks keep which others, and which changes, away: each kind, above, at and below, whoever holds and asks."""

import base64
import itertools
import xml.etree.ElementTree as xml

from dav import D, XML, conflicts, lockinfo, multistatus, unlock
from wire import cases, eq, ok, obliges

USERS = ("alice", "bob", "")  # "": nobody logged in


def write_users(server):
    with open(server.tmp + "/users", "w", encoding="ascii") as out:
        for name in USERS[:2]:
            out.write(name + ":$apr1$LMfC2hnq$oOV1CTTxCHfHin7Y2hVCO/\n")


CONFIG = """
listen = { "127.0.0.1:0" }
site "box" {
    root = "{root}"
    users = "{tmp}/users"
    at "/" { allow "*" { rights = { "read", "write", "lock" } } }
}
"""
BEFORE = write_users
FILES = {f"{kind}/{place}/t/{name}": b"old" for kind in ("lock", "put", "remove", "away", "onto", "props")
         for place in ("above", "at", "below") for name in ("f.txt", "g.txt")}
FILES["free.txt"] = b"free"

NOBODYS = "<urn:uuid:00000000-0000-4000-8000-000000000000>"


def as_user(name):
    word = base64.b64encode(f"{name}:ada secret".encode()).decode()
    return {"Authorization": "Basic " + word} if name else {}


def lock(server, target, scope, depth, fields):
    return server.request("LOCK", target, {**XML, "Depth": depth, **fields}, lockinfo(scope))


def take(server, target, scope, depth, fields):
    got = lock(server, target, scope, depth, fields)
    eq(got.status, 200, f"{scope} {depth} on {target}")
    return got.fields["Lock-Token"]


def give(server, target, token, fields):
    eq(server.request("UNLOCK", target, {"Lock-Token": token, **fields}).status, 204)


def hrefs_in(got, status, name):
    """The hrefs of the one condition in a DAV:error."""
    eq(got.status, status)
    tree = xml.fromstring(got.body)
    eq((tree.tag, len(tree), tree[0].tag), (D + "error", 1, D + name))
    return [href.text for href in tree[0].findall(D + "href")]


def root_of(place, folder):
    return {"above": folder, "at": folder + "t/", "below": folder + "t/f.txt"}[place]


def reaches(place, held_depth, asked_depth):
    """Whether a lock held above, at or below a folder concerns one that is asked for the folder."""
    return {"above": held_depth == "infinity", "at": True, "below": asked_depth == "infinity"}[place]


@obliges("DAV-116", "DAV-118")
@cases(*[(f"{place}-{holder or 'nobody'}-{asker or 'nobody'}", place, holder, asker)
         for place in ("above", "at", "below") for holder, asker in itertools.product(USERS, USERS)])
def test_what_a_lock_says_to_another(server, place, holder, asker):
    """The maker of a lock has no better right to a second one than anybody else."""
    folder = f"/lock/{place}/"
    root, holder, asker = root_of(place, folder), as_user(holder), as_user(asker)
    for held, depth in itertools.product(("exclusive", "shared"), ("0", "infinity")):
        token = take(server, root, held, depth, holder)
        for scope, asked in itertools.product(("exclusive", "shared"), ("0", "infinity")):
            what = f"{held} {depth} on {root}, then {scope} {asked} on {folder}t/"
            got = lock(server, folder + "t/", scope, asked, asker)
            if not reaches(place, depth, asked) or held == scope == "shared":
                eq(got.status, 200, what)
                give(server, folder + "t/", got.fields["Lock-Token"], asker)
            elif place == "below":
                eq(conflicts(got), {root: 423, folder + "t/": 424}, what)
            else:
                eq(hrefs_in(got, 423, "no-conflicting-lock"), [root], what)
        give(server, root, token, holder)
    eq(server.put(folder + "t/f.txt", b"new").status, 204, "none is left")


def changes(kind, folder):
    """The request, and which held locks it needs the token of: (above, at or below, its depth)."""
    t = folder + "t/"
    deep_above = [("above", "infinity")]
    return {
        # content of a member: no business of a flat lock above it
        "put": ("PUT", t + "f.txt", {}, deep_above + [("at", "infinity"), ("below", "0"), ("below", "infinity")]),
        # a folder with all in it
        "remove": ("DELETE", t, {},
                   [(where, depth) for where in ("above", "at", "below") for depth in ("0", "infinity")]),
        "away": ("MOVE", t, {"Destination": "/away" + folder.replace("/", "-") + "/"},
                 [(where, depth) for where in ("above", "at", "below") for depth in ("0", "infinity")]),
        "onto": ("COPY", "/free.txt", {"Destination": t + "f.txt"},
                 deep_above + [("at", "0"), ("at", "infinity"), ("below", "0"), ("below", "infinity")]),
        "props": ("PROPPATCH", t, XML, deep_above + [("at", "0"), ("at", "infinity")]),
    }[kind]


PATCH = (b'<D:propertyupdate xmlns:D="DAV:"><D:set><D:prop><a xmlns="urn:a">1</a></D:prop></D:set></D:propertyupdate>')
BODIES = {"PUT": b"new", "PROPPATCH": PATCH}


def is_blocked(got, root, what):
    """423 or, where what is in the way is below the target, 207 with 423 for its root."""
    if got.status == 207:
        [(href, answer)] = multistatus(got).items()
        eq((href, answer.status), (root, 423), what)
    else:
        eq(hrefs_in(got, 423, "lock-token-submitted"), [root], what)


@obliges("DAV-127", "DAV-128", "DAV-158", "DAV-106", "DAV-120", "DAV-083", "DAV-075")
@cases(*[(f"{kind}-{place}", kind, place) for kind in ("put", "remove", "away", "onto", "props")
         for place in ("above", "at", "below")])
def test_what_a_lock_says_to_a_change(server, kind, place):
    """Nobody gets by without the token, nobody but its maker with it; a token counts wherever it stands in If."""
    folder = f"/{kind}/{place}/"
    root, content = root_of(place, folder), server.read(folder[1:] + "t/f.txt")
    method, target, fields, needs = changes(kind, folder)

    def ask(user, tokens=""):
        return server.request(method, target, {**fields, **as_user(user), **({"If": tokens} if tokens else {})},
                              BODIES.get(method))

    for scope, depth, maker in itertools.product(("exclusive", "shared"), ("0", "infinity"), USERS):
        if (place, depth) not in needs:
            continue
        token = take(server, root, scope, depth, as_user(maker))
        for asker in USERS:
            what = f"{scope} {depth} on {root} of {maker!r}: {method} {target} by {asker!r}"
            is_blocked(ask(asker), root, what)
            is_blocked(ask(asker, f"(Not <DAV:no-lock>) ({NOBODYS})"), root, what + ", another token")
            if asker != maker:
                is_blocked(ask(asker, f"<{root}> ({token})"), root, what + ", with its token")
                is_blocked(ask(asker, f"<{root}> (Not {token}) (Not <DAV:no-lock>)"), root, what + ", under Not")
        eq(server.read(folder[1:] + "t/f.txt"), content, "nothing was done")
        give(server, root, token, as_user(maker))
    depth, maker = next(depth for where, depth in needs + [(place, "0")] if where == place), "alice"
    token = take(server, root, "exclusive", depth, as_user(maker))
    free = f"({NOBODYS} {token}) (Not <DAV:no-lock>)"  # in a list that is false
    if place == "above" or root.rstrip("/") != target.rstrip("/"):
        free = f"<{root}> (Not {token}) </free.txt> ({NOBODYS}) (Not <DAV:no-lock>)"
    got = ask(maker, free)
    ok(got.status in (201, 204, 207), f"its maker may: {got.status} {got.text}")


def test_two_who_share_may_each_change_it(server):
    server.write("shared.txt", b"s")
    alice, bob = (as_user(name) for name in USERS[:2])
    first, second = (take(server, "/shared.txt", "shared", "0", user) for user in (alice, bob))
    eq(hrefs_in(server.put("/shared.txt", b"x"), 423, "lock-token-submitted"), ["/shared.txt"])
    eq(server.put("/shared.txt", b"a", {"If": f"({first})", **alice}).status, 204)
    eq(server.put("/shared.txt", b"b", {"If": f"({second})", **bob}).status, 204)
    eq(server.put("/shared.txt", b"c", {"If": f"({first})", **bob}).status, 423)
    give(server, "/shared.txt", first, alice)
    eq(server.put("/shared.txt", b"d", {"If": f"({second})", **bob}).status, 204)
    eq(server.put("/shared.txt", b"e", alice).status, 423)
    give(server, "/shared.txt", second, bob)


@obliges("DAV-120")
def test_a_flat_lock_of_a_folder_is_about_its_names_and_properties(server):
    server.write("flat/in/f.txt", b"f")
    token = take(server, "/flat/", "exclusive", "0", {})
    owner = {"If": f"</flat/> ({token})"}
    for method, target, fields in (("PUT", "/flat/new.txt", {}), ("MKCOL", "/flat/new/", {}),
                                   ("DELETE", "/flat/in/", {}),
                                   ("LOCK", "/flat/lock.txt", XML),
                                   ("MOVE", "/flat/in/", {"Destination": "/elsewhere/"}),
                                   ("COPY", "/free.txt", {"Destination": "/flat/copy.txt"}),
                                   ("MOVE", "/flat/in/", {"Destination": "/flat/renamed/"}),
                                   ("PROPPATCH", "/flat/", XML)):
        body = {"PUT": b"x", "LOCK": lockinfo(), "PROPPATCH": PATCH}.get(method)
        eq(hrefs_in(server.request(method, target, fields, body), 423, "lock-token-submitted"), ["/flat/"], method)
        eq(server.names("flat"), ["in"], method)
    eq(server.put("/flat/in/new.txt", b"x").status, 201, "what is deeper is free")
    eq(server.put("/flat/in/f.txt", b"x").status, 204)
    eq(server.delete("/flat/in/f.txt").status, 204)
    eq(server.put("/flat/new.txt", b"x", owner).status, 201)
    eq(server.put("/flat/new.txt", b"y").status, 204, "the content of a member is nobody's")
    unlock(server, "/flat/", token)


@obliges("DAV-083")
def test_a_locked_member_of_a_locked_folder_needs_both_tokens(server):
    server.write("both/f.txt", b"f")
    folder = take(server, "/both/", "exclusive", "0", {})
    file = take(server, "/both/f.txt", "exclusive", "0", {})
    for method, fields in (("DELETE", {}), ("MOVE", {"Destination": "/both.txt"})):
        ask = lambda value: server.request(method, "/both/f.txt", {"If": value, **fields})
        eq(hrefs_in(ask(f"({file})"), 423, "lock-token-submitted"), ["/both/"], method)
        eq(hrefs_in(ask(f"</both/> ({folder})"), 423, "lock-token-submitted"), ["/both/f.txt"], method)
        eq(sorted(hrefs_in(ask("(Not <DAV:no-lock>)"), 423, "lock-token-submitted")), ["/both/", "/both/f.txt"], method)
        eq(server.read("both/f.txt"), b"f")
    eq(server.delete("/both/f.txt", {"If": f"</both/> ({folder}) </both/f.txt> ({file})"}).status, 204)
    unlock(server, "/both/", folder)
