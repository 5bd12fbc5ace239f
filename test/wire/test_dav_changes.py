"""sync-collection beyond the first steps: others' changes, folders, parts, restarts, its token in If (RFC 6578)."""

import os
import shutil
import xml.etree.ElementTree as xml

from dav import D, XML, Answer, error_of, multistatus, propfind, proppatch, set_of
from wire import cases, eq, obliges, ok, one_of, own_server

FOLDERS = ("hard", "gone", "parts", "deepparts/in", "state", "other", "props", "minimal", "limit", "moves", "reborn")
FILES = {f"{folder}/{name}": b"x" for folder in FOLDERS for name in ("one.txt", "two.txt")}


def body_of(token="", level="1", limit=None, prop="<D:getetag/>"):
    limit = "" if limit is None else f"<D:limit><D:nresults>{limit}</D:nresults></D:limit>"
    return (f'<?xml version="1.0"?><D:sync-collection xmlns:D="DAV:"><D:sync-token>{token}</D:sync-token>'
            f"<D:sync-level>{level}</D:sync-level>{limit}<D:prop>{prop}</D:prop></D:sync-collection>").encode()


def report(server, target, *args, fields=None, **rest):
    return server.request("REPORT", target, {**XML, **(fields or {})}, body_of(*args, **rest))


class Report:
    """What a sync-collection said: `changes` {href: 404 or 200}, `token`, `is_cut`."""

    def __init__(self, got, target):
        eq(got.status, 207)
        tree = xml.fromstring(got.body)
        answers = [(element, Answer(element)) for element in tree.findall(D + "response")]
        eq(len({answer.href for _, answer in answers}), len(answers), "hrefs, each once")
        [token] = tree.findall(D + "sync-token")
        self.token, self.is_cut, self.changes = token.text, False, {}
        for element, answer in answers:
            if answer.href == target:
                eq(answer.status, 507)
                eq([child.tag for child in element.find(D + "error")], [D + "number-of-matches-within-limits"])
                self.is_cut = True
            else:
                self.changes[answer.href] = answer.status or 200


def sync(server, target, *args, **rest):
    return Report(report(server, target, *args, **rest), target)


def sync_all(server, target, token="", **rest):
    """({href: status}, token) of as many reports as it takes; a client that goes on where it stopped."""
    changes = {}
    for _ in range(100):
        part = sync(server, target, token, **rest)
        for href, status in part.changes.items():
            ok(href not in changes, f"{href} was told already")
            changes[href] = status
        token = part.token
        if not part.is_cut:
            return changes, token
    ok(False, "an end")


@obliges("DAV-188")
def test_a_file_with_two_names_changes_under_both(server):
    os.link(server.path("hard/one.txt"), server.path("hard/link.txt"))
    token = sync(server, "/hard/").token
    with open(server.path("hard/one.txt"), "ab") as out:
        out.write(b"more, through one of them")
    eq(sync(server, "/hard/", token).changes, {"/hard/one.txt": 200, "/hard/link.txt": 200})


@obliges("DAV-186", "DAV-187")
def test_what_others_do_is_told(server):
    token = sync(server, "/gone/").token
    os.unlink(server.path("gone/one.txt"))
    server.write("gone/two.txt", b"another size")
    server.write("gone/new/in.txt", b"n")
    first = sync(server, "/gone/", token)
    eq(first.changes, {"/gone/one.txt": 404, "/gone/two.txt": 200, "/gone/new/": 200})
    os.rename(server.path("gone/two.txt"), server.path("gone/three.txt"))
    shutil.rmtree(server.path("gone/new"))
    server.write("gone/one.txt", b"once more")
    eq(sync(server, "/gone/", first.token).changes,
       {"/gone/one.txt": 200, "/gone/two.txt": 404, "/gone/three.txt": 200, "/gone/new/": 404})
    eq(sync(server, "/gone/", token).changes["/gone/two.txt"], 404, "an older token still serves")


@obliges("DAV-186", "DAV-187")
def test_moves_and_copies_are_told(server):
    server.write("moves/dir/in/deep.txt", b"d")
    token = sync(server, "/moves/", level="infinite").token
    eq(server.request("MOVE", "/moves/one.txt", {"Destination": "/moves/dir/moved.txt"}).status, 201)
    eq(server.request("MOVE", "/moves/dir/in/", {"Destination": "/moves/out/"}).status, 201)
    eq(server.request("COPY", "/moves/two.txt", {"Destination": "/moves/three.txt"}).status, 201)
    eq(server.request("MKCOL", "/moves/made/").status, 201)
    after = sync(server, "/moves/", token, level="infinite").changes
    after.pop("/moves/dir/", None)  # whether its own state changed is the server's to say
    eq(after, {"/moves/one.txt": 404, "/moves/dir/moved.txt": 200, "/moves/dir/in/": 404, "/moves/out/": 200,
               "/moves/out/deep.txt": 200, "/moves/three.txt": 200, "/moves/made/": 200})


@obliges("DAV-186")
def test_properties_are_changes_too(server):
    token = sync(server, "/props/").token
    eq(proppatch(server, "/props/one.txt", set_of("<z:a>1</z:a>")).status, 207)
    eq(sync(server, "/props/", token).changes, {"/props/one.txt": 200})


@obliges("DAV-187")
def test_a_file_that_came_back_as_it_was_has_changed_and_one_that_never_stayed_is_gone(server):
    token = sync(server, "/reborn/").token
    eq(server.delete("/reborn/one.txt").status, 204)
    eq(server.put("/reborn/one.txt", b"x").status, 201)
    for _ in range(2):
        eq(server.put("/reborn/brief.txt", b"b").status, 201)
        eq(server.delete("/reborn/brief.txt").status, 204)
    eq(sync(server, "/reborn/", token).changes, {"/reborn/one.txt": 200, "/reborn/brief.txt": 404})


@obliges("DAV-191", "DAV-192")
@cases(("one level", "/parts/", "1"), ("infinite", "/deepparts/", "infinite"))
def test_parts_make_up_the_whole(server, target, level):
    """Also while changes go on between them."""
    folder = target.strip("/")
    for number in range(17):
        server.write(f"{folder}/sub{number % 3}/{number}.txt", b"x")
        server.write(f"{folder}/{number}.txt", b"x")
    if level == "infinite":
        want = [href for href in multistatus(propfind(server, target, depth="infinity")) if href != target]
    else:
        want = [href for href in multistatus(propfind(server, target, depth="1")) if href != target]
    for limit in 1, 5, 7:
        found, token = sync_all(server, target, level=level, limit=limit)
        eq(sorted(found), sorted(want), f"in parts of {limit}")
        eq(sync_all(server, target, token, level=level, limit=limit)[0], {}, "and no more")
    part = sync(server, target, level=level, limit=4)
    eq((len(part.changes), part.is_cut), (4, True))
    server.write(f"{folder}/between.txt", b"b")
    eq(server.delete(f"{target}16.txt").status, 204)
    found, token = sync_all(server, target, part.token, level=level, limit=4)
    seen = {**part.changes, **found}
    eq(seen[f"{target}between.txt"], 200)
    eq(seen.get(f"{target}16.txt", 404), 404)
    eq(sorted(href for href, status in seen.items() if status == 200),
       sorted([href for href in want if href != f"{target}16.txt"] + [f"{target}between.txt"]))
    for number in range(9):
        os.unlink(server.path(f"{folder}/{number}.txt"))
    found, _ = sync_all(server, target, token, level=level, limit=2)
    eq({href: status for href, status in found.items() if status == 404},
       {f"{target}{number}.txt": 404 for number in range(9)}, "removals in parts")


@obliges("DAV-192")
@cases(("none", "0"), ("word", "many"), ("negative", "-1"))
def test_a_limit_that_is_none_is_not_passed(server, limit):
    one_of(report(server, "/limit/", limit=limit).status, (400, 422, 507))


def test_a_limit_that_suffices_cuts_nothing(server):
    eq(sync(server, "/limit/", limit=2).is_cut, False)
    eq(sync(server, "/limit/", limit=2 ** 40).is_cut, False)


@obliges("DAV-163")
def test_the_token_guards_changes_of_its_folder(server):
    token = sync(server, "/state/").token
    guarded = {"If": f"</state/> (<{token}>)"}
    eq(server.put("/state/guarded.txt", b"1", guarded).status, 201)
    eq(server.put("/state/guarded.txt", b"2", guarded).status, 412, "the folder has changed by that")
    eq(server.read("state/guarded.txt"), b"1")
    token = sync(server, "/state/").token
    eq(server.delete("/state/two.txt", {"If": f"</other/> (<{token}>)"}).status, 412, "another folder's")
    eq(server.delete("/state/two.txt", {"If": f"</state/> (<{token}>)"}).status, 204)
    eq(propfind(server, "/state/", If="(<urn:samovar:sync:none>)").status, 412)
    eq(propfind(server, "/state/", If="(Not <urn:samovar:sync:none>)").status, 207)


@obliges("DAV-189")
def test_a_token_is_of_one_folder_and_one_level(server):
    token = sync(server, "/other/").token
    eq(error_of(report(server, "/limit/", token), 403), "valid-sync-token")
    one_of(report(server, "/other/", token, level="infinite").status, (207, 403))


def test_a_report_that_makes_no_sense_is_422(server):
    whole = body_of()
    one_of(server.request("REPORT", "/limit/", XML, whole.replace(b"<D:sync-token></D:sync-token>", b"")).status,
           (422, 400))
    one_of(server.request("REPORT", "/limit/", XML, whole.replace(b"level>1<", b"level>2<")).status, (422, 400))
    one_of(server.request("REPORT", "/limit/", XML, b"").status, (422, 400))
    eq(server.request("REPORT", "/limit/", XML, whole[:-5]).status, 400)


@obliges("DAV-177", "DAV-173")
def test_what_is_removed_is_told_also_in_short(server):
    token = sync(server, "/minimal/").token
    eq(server.delete("/minimal/one.txt").status, 204)
    server.write("minimal/two.txt", b"longer")
    got = report(server, "/minimal/", token, prop="<D:absent/>", fields={"Prefer": "return=minimal"})
    eq(Report(got, "/minimal/").changes, {"/minimal/one.txt": 404, "/minimal/two.txt": 200})


@obliges("DAV-186", "DAV-189")
@own_server(files={f"f/{name}": b"x" for name in ("a", "b", "c")})
@cases(("stopped", False), ("killed", True))
def test_a_token_from_before_a_restart_tells_all_or_is_refused(server, is_killed):
    token = sync(server, "/f/").token
    eq(server.put("/f/mine", b"m").status, 201)
    if is_killed:
        server.kill()
    else:
        server.stop()
    os.unlink(server.path("f/a"))
    server.write("f/theirs", b"t")
    server.start()
    got = report(server, "/f/", token)
    if got.status == 207:
        eq(Report(got, "/f/").changes, {"/f/a": 404, "/f/mine": 200, "/f/theirs": 200})
    else:
        eq(error_of(got, 403), "valid-sync-token")
    if not is_killed:
        eq(got.status, 207, "after an orderly stop it is known")
    eq(sorted(sync(server, "/f/").changes), ["/f/b", "/f/c", "/f/mine", "/f/theirs"])
