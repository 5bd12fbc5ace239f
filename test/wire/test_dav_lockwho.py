"""Who may lock, unlock and break; what an owner element keeps; locks through links; two wishes at once."""

import base64
import os
import signal
import threading
import xml.etree.ElementTree as xml

from dav import D, XML, lock_of, lockinfo, multistatus, prop_body, propfind, props_of, unlock
from wire import cases, contains, eq, obliges, ok, one_of, own_server, wait_for

DISCOVERY = D + "lockdiscovery"

CONFIG = """
listen = { "127.0.0.1:0" }
site "box" {
    root = "{root}"
    users = "{tmp}/users"
    at "/" {
        allow "alice" { rights = { "read", "write", "lock" } }
        allow "bob" { rights = { "read", "write" } }
        allow "carol" { rights = { "read", "unlock-any" } }
        allow "dave" { rights = { "read", "create", "delete" } }
        allow "erin" { rights = { "read", "list", "lock" } }
        allow "*" { rights = { "read" } }
    }
}
"""
NAMES = ("alice", "bob", "carol", "dave", "erin")
FILES = {name: b"x" for name in ("f.txt", "rights.txt", "broken.txt", "race.txt", "real/f.txt", "reload.txt",
                                 "seen.txt", "cond.txt")}


def write_users(server):
    with open(server.tmp + "/users", "w", encoding="ascii") as out:
        for name in NAMES:
            out.write(name + ":$apr1$LMfC2hnq$oOV1CTTxCHfHin7Y2hVCO/\n")


BEFORE = write_users


def as_user(name):
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:ada secret".encode()).decode()}


ALICE, BOB, CAROL, DAVE, ERIN = (as_user(name) for name in NAMES)


def lock(server, target, user, scope="exclusive", **fields):
    return server.request("LOCK", target, {**XML, **user, **fields}, lockinfo(scope))


def unlock_as(server, target, token, user):
    return server.request("UNLOCK", target, {"Lock-Token": token, **user}).status


def locks_at(server, target):
    return list(props_of(server, target, DISCOVERY).prop(DISCOVERY))


# -- rights

@obliges("DAV-005")
def test_who_may_lock(server):
    eq(lock(server, "/rights.txt", {}).status, 401)
    eq(lock(server, "/rights.txt", DAVE).status, 403)
    eq(lock(server, "/new.txt", DAVE).status, 403)
    eq(lock(server, "/new.txt", ERIN).status, 403, "to lock what is not there makes it")
    ok(not server.exists("new.txt"), "nothing was made")
    eq(locks_at(server, "/rights.txt"), [])
    got = lock(server, "/rights.txt", ERIN)
    eq(got.status, 200)
    eq(server.put("/rights.txt", b"x", {"If": f"({got.fields['Lock-Token']})", **ERIN}).status, 403,
       "a lock is no right to write")
    eq(server.put("/rights.txt", b"x", BOB).status, 423)
    eq(unlock_as(server, "/rights.txt", got.fields["Lock-Token"], ERIN), 204)


@obliges("DAV-133", "DAV-128")
def test_only_its_maker_gives_a_lock_back(server):
    token = lock(server, "/f.txt", ALICE).fields["Lock-Token"]
    for user, status in (({}, 401), (BOB, 403), (DAVE, 403), (ERIN, 403)):
        eq(unlock_as(server, "/f.txt", token, user), status)
    for user in (BOB, ERIN):
        eq(server.request("LOCK", "/f.txt", {"If": f"({token})", **user}).status, 403, "nor refreshes it")
    eq(len(locks_at(server, "/f.txt")), 1)
    eq(unlock_as(server, "/f.txt", token, ALICE), 204)


def test_who_may_break_locks_breaks_them_and_it_is_written_down(server):
    token = lock(server, "/broken.txt", ALICE).fields["Lock-Token"]
    before = len(server.lines)
    eq(unlock_as(server, "/broken.txt", "<urn:uuid:00000000-0000-4000-8000-000000000000>", CAROL), 409,
       "it has to know which")
    eq(unlock_as(server, "/broken.txt", token, CAROL), 204)
    eq(locks_at(server, "/broken.txt"), [])

    def told():
        return [line for line in server.lines[before:] if "audit" in line and "broke the lock" in line]

    [line] = wait_for(told, "the line of the audit")
    for word in ("carol", "alice", "/broken.txt"):
        contains(line, word)
    token = lock(server, "/broken.txt", ALICE).fields["Lock-Token"]
    eq(unlock_as(server, "/broken.txt", token, ALICE), 204)
    eq(len(told()), 1, "who gives back his own breaks nothing")


@obliges("DAV-128", "DAV-134")
def test_others_see_that_it_is_locked(server):
    token = lock(server, "/seen.txt", ALICE).fields["Lock-Token"]
    for user in ({}, BOB, ALICE):
        [active] = multistatus(propfind(server, "/seen.txt", prop_body(DISCOVERY), **user))["/seen.txt"].prop(DISCOVERY)
        eq(active.find(D + "lockroot")[0].text, "/seen.txt")
    eq(unlock_as(server, "/seen.txt", token, ALICE), 204)


@obliges("CND-38")
def test_conditions_of_lock(server):
    eq(lock(server, "/cond.txt", ALICE, **{"If-None-Match": "*"}).status, 412)
    eq(lock(server, "/cond.txt", ALICE, **{"If-Match": '"other"'}).status, 412)
    eq(lock(server, "/cond-new.txt", ALICE, **{"If-Match": "*"}).status, 412)
    ok(not server.exists("cond-new.txt") and not locks_at(server, "/cond.txt"), "nothing was done")
    got = lock(server, "/cond-new.txt", ALICE, **{"If-None-Match": "*"})
    eq(got.status, 201)
    eq(unlock_as(server, "/cond-new.txt", got.fields["Lock-Token"], ALICE), 204)


# -- the owner element

OWNERS = (("text", "<D:owner>me &amp; you &lt;3</D:owner>"),
          ("href", "<D:owner><D:href>mailto:a@b.example</D:href></D:owner>"),
          ("blanks", "<D:owner>\n  a\n\t<D:href> b </D:href>\n</D:owner>"),
          ("foreign", '<D:owner><x:n xmlns:x="urn:x" x:a="1" b="2">t<x:m/>u</x:n></D:owner>'),
          ("language", '<D:owner xml:lang="de">Grüße</D:owner>'), ("empty", "<D:owner/>"),
          ("default", '<owner xmlns="DAV:">a<href>b</href></owner>'), ("quotes", '<D:owner q=\'say "hi"\'>x</D:owner>'))


def shape(element):
    return (element.tag, dict(element.attrib), element.text or "", element.tail or "",
            [shape(child) for child in element])


@obliges("DAV-111", "DAV-110")
@cases(*[(name, owner) for name, owner in OWNERS])
@own_server(files={"f.txt": b"f"})
def test_an_owner_comes_back_as_it_was_sent(server, owner):
    body = lockinfo(owner=owner)
    want = xml.fromstring(body).find(D + "owner")
    got = server.request("LOCK", "/f.txt", XML, body)
    eq(got.status, 200)
    given = xml.fromstring(got.body).find(f".//{D}owner")
    server.stop()
    server.start()
    [active] = locks_at(server, "/f.txt")
    for owner in (given, active.find(D + "owner")):
        want.tail = owner.tail = ""
        eq(shape(owner), shape(want))
    unlock(server, "/f.txt", got.fields["Lock-Token"])


@own_server(files={"f.txt": b"f"})
def test_without_an_owner_there_is_none(server):
    got = server.request("LOCK", "/f.txt", XML, lockinfo(owner=""))
    eq(got.status, 200)
    [active] = locks_at(server, "/f.txt")
    eq(active.find(D + "owner"), None)
    unlock(server, "/f.txt", got.fields["Lock-Token"])


@own_server(files={"f.txt": b"f"})
def test_an_owner_that_is_too_long_is_refused(server):
    got = server.request("LOCK", "/f.txt", XML, lockinfo(owner="<D:owner>" + 20000 * "x" + "</D:owner>"))
    one_of(got.status, (400, 413, 422, 507))
    eq(locks_at(server, "/f.txt"), [])


# -- through links

@own_server(files={"real/f.txt": b"f", "file.txt": b"f"})
def test_a_lock_is_on_the_resource_whatever_way_leads_there(server):
    os.symlink("real", server.path("link"))
    os.symlink("file.txt", server.path("link.txt"))
    for locked, depth, asked in (("/real/", "infinity", "/link/f.txt"), ("/link/", "infinity", "/real/f.txt"),
                                 ("/link/f.txt", "0", "/real/f.txt"), ("/real/f.txt", "0", "/link/f.txt"),
                                 ("/file.txt", "0", "/link.txt"), ("/link.txt", "0", "/file.txt")):
        token = lock_of(server, locked, Depth=depth)
        eq(server.put(asked, b"x").status, 423, f"{locked}, then {asked}")
        eq(server.request("LOCK", asked, XML, lockinfo()).status, 423)
        eq(server.put(asked, b"y", {"If": f"<{asked}> ({token})"}).status, 204,
           f"{locked}, then {asked} with its token")
        unlock(server, locked, token)
        eq(server.put(asked, b"z").status, 204)


# -- at once

def at_once(count, act):
    """What act(number) gave, from so many threads that begin together."""
    gate, out = threading.Barrier(count), [None] * count

    def run(number):
        gate.wait()
        out[number] = act(number)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return out


@obliges("DAV-116", "DAV-118")
@own_server(files={"f.txt": b"f", "tree/in/f.txt": b"f"})
def test_of_wishes_that_conflict_one_is_granted(server):
    wishes = (("/f.txt", "0"),) * 6, (("/tree/", "infinity"), ("/tree/in/", "infinity"), ("/tree/in/f.txt", "0")) * 2
    for targets in wishes:
        for _ in range(8):
            got = at_once(6,
                          lambda number: server.request("LOCK", targets[number][0],
                                                        {**XML, "Depth": targets[number][1]},
                                                           lockinfo()))
            won = [number for number, answer in enumerate(got) if answer.status == 200]
            eq(len(won), 1, f"granted of {targets}: {[answer.status for answer in got]}")
            ok(all(answer.status in (423, 207) for number, answer in enumerate(got) if number not in won),
               "the others know why")
            unlock(server, targets[won[0]][0], got[won[0]].fields["Lock-Token"])


@obliges("DAV-113")
@own_server(files={})
def test_of_locks_where_nothing_is_one_makes_it(server):
    for round_ in range(8):
        got = at_once(5, lambda number: server.request("LOCK", f"/new-{round_}.txt", XML, lockinfo()))
        statuses = sorted(answer.status for answer in got)
        one_of(statuses[0], (200, 201), "granted, also where another wish had made the file")
        eq(statuses[1:], [423] * 4)
        eq(len(locks_at(server, f"/new-{round_}.txt")), 1)


@obliges("DAV-127")
@own_server(files={"f.txt": b"0"})
def test_no_change_slips_by_a_lock_that_was_granted(server):
    """Whoever holds the lock sees nothing but its own contents from the grant on."""
    stop, refused = threading.Event(), []

    def write():
        with server.connect() as conn:
            number = 0
            while not stop.is_set():
                number += 1
                refused.append(conn.ask("PUT", "/f.txt", {}, b"other %d" % number).status == 423)

    writers = [threading.Thread(target=write) for _ in range(2)]
    for thread in writers:
        thread.start()
    try:
        for round_ in range(20):
            token = lock_of(server, "/f.txt")
            first = server.get("/f.txt").body
            for _ in range(5):
                eq(server.get("/f.txt").body, first, "while it is locked")
            eq(server.put("/f.txt", b"mine %d" % round_, {"If": f"({token})"}).status, 204)
            eq(server.get("/f.txt").body, b"mine %d" % round_)
            unlock(server, "/f.txt", token)
    finally:
        stop.set()
        for thread in writers:
            thread.join()
    ok(any(refused), "some were refused")


# -- beside

def test_locks_stay_over_a_reload(server):
    token = lock(server, "/reload.txt", ALICE).fields["Lock-Token"]
    seen = len([line for line in server.lines if "configuration" in line or "reload" in line])
    server.signal(signal.SIGHUP)
    wait_for(lambda: len([line for line in server.lines if "configuration" in line or "reload" in line]) > seen,
             "the reload")
    eq(server.put("/reload.txt", b"x", BOB).status, 423)
    eq(server.put("/reload.txt", b"x", {"If": f"({token})", **ALICE}).status, 204)
    eq(unlock_as(server, "/reload.txt", token, ALICE), 204)
