"""REPORT: RFC 3253 §3.6, and sync-collection: RFC 6578."""

import os
import xml.etree.ElementTree as xml

from dav import D, XML, Answer, error_of, propfind, proppatch, props_of, set_of
from wire import cases, eq, lacks, obliges, ok, one_of

FILES = {f"{folder}/{name}": b"x" for folder in ("first", "next", "reborn", "deep/a", "limit", "links", "token", "minimal")
         for name in ("one.txt", "two.txt")}
FILES["file.txt"] = b"f"
FILES["deep/a/b/far.txt"] = b"x"


def body_of(token="", level="1", limit=None, names=("getetag",)):
    limit = "" if limit is None else f"<D:limit><D:nresults>{limit}</D:nresults></D:limit>"
    props = "".join(f"<D:{name}/>" for name in names)
    return (f'<D:sync-collection xmlns:D="DAV:"><D:sync-token>{token}</D:sync-token><D:sync-level>{level}</D:sync-level>'
            f"{limit}<D:prop>{props}</D:prop></D:sync-collection>").encode()


def report(server, target, *args, fields=None, **rest):
    return server.request("REPORT", target, {**XML, **(fields or {})}, body_of(*args, **rest))


def sync(server, target, *args, **rest):
    """({href: Answer}, token)"""
    got = report(server, target, *args, **rest)
    eq(got.status, 207)
    tree = xml.fromstring(got.body)
    answers = [Answer(element) for element in tree.findall(D + "response")]
    by_href = {answer.href: answer for answer in answers}
    eq(len(by_href), len(answers), "hrefs, each once")
    [token] = tree.findall(D + "sync-token")
    ok(":" in token.text, "the token is a URI")
    return by_href, token.text


def statuses(answers):
    """What each href came to: 404, or 200 for one with properties."""
    return {href: answer.status or 200 for href, answer in answers.items()}


@obliges("DAV-182", "DAV-145")
@cases(("expand", b'<D:expand-property xmlns:D="DAV:"/>', "/first/"),
       ("another-namespace", b'<c:addressbook-query xmlns:c="urn:ietf:params:xml:ns:carddav"/>', "/first/"),
       ("of-a-file", body_of(), "/file.txt"))
def test_reports_that_are_not_there(server, body, target):
    eq(error_of(server.request("REPORT", target, XML, body), 403), "supported-report")


@obliges("DAV-184")
def test_depth_is_0_or_not_said(server):
    eq(report(server, "/first/", fields={"Depth": "0"}).status, 207)
    for depth in "1", "infinity", "x":
        eq(report(server, "/first/", fields={"Depth": depth}).status, 400)


def test_a_missing_folder_is_404(server):
    eq(report(server, "/none/").status, 404)


@obliges("DAV-185")
def test_the_first_time_every_member_is_told(server):
    found, _ = sync(server, "/first/")
    eq(statuses(found), {"/first/one.txt": 200, "/first/two.txt": 200})
    eq(found["/first/one.txt"].text(D + "getetag"), server.get("/first/one.txt").etag)


@obliges("DAV-185")
def test_a_deep_first_time_goes_down(server):
    shallow, _ = sync(server, "/deep/")
    eq(sorted(shallow), ["/deep/a/"])
    found, _ = sync(server, "/deep/", level="infinite")
    eq(sorted(found), ["/deep/a/", "/deep/a/b/", "/deep/a/b/far.txt", "/deep/a/one.txt", "/deep/a/two.txt"])


@obliges("DAV-186")
def test_the_next_time_changes_are_told(server):
    _, token = sync(server, "/next/")
    eq(sync(server, "/next/", token)[0], {})
    eq(server.put("/next/new.txt", b"n").status, 201)
    one_of(server.put("/next/one.txt", b"other").status, (200, 204))
    eq(server.delete("/next/two.txt").status, 204)
    found, after = sync(server, "/next/", token)
    eq(statuses(found), {"/next/new.txt": 200, "/next/one.txt": 200, "/next/two.txt": 404})
    eq(sync(server, "/next/", after)[0], {})


def test_changes_of_others_are_told_too(server):
    _, token = sync(server, "/links/")
    server.write("links/theirs.txt", b"t")
    os.unlink(server.path("links/two.txt"))
    eq(statuses(sync(server, "/links/", token)[0]), {"/links/theirs.txt": 200, "/links/two.txt": 404})


@obliges("DAV-187")
def test_what_came_and_went_is_removed_and_what_went_and_came_is_changed(server):
    _, token = sync(server, "/reborn/")
    eq(server.put("/reborn/short.txt", b"s").status, 201)
    eq(server.delete("/reborn/short.txt").status, 204)
    eq(server.delete("/reborn/one.txt").status, 204)
    eq(server.put("/reborn/one.txt", b"again").status, 201)
    eq(statuses(sync(server, "/reborn/", token)[0]), {"/reborn/short.txt": 404, "/reborn/one.txt": 200})


@obliges("DAV-190")
def test_of_a_removed_folder_only_itself_is_told(server):
    for name in "r/in/x.txt", "r/in/y.txt", "r/stays.txt":
        server.write(name, b"x")
    _, token = sync(server, "/r/", level="infinite")
    eq(server.delete("/r/in/").status, 204)
    eq(statuses(sync(server, "/r/", token, level="infinite")[0]), {"/r/in/": 404})


@obliges("DAV-189")
@cases(("foreign", "http://example.com/1"), ("no-mark", "urn:samovar:sync:"), ("unknown", "urn:samovar:sync:zz-1-1"),
       ("text", "x"))
def test_an_unknown_token_is_refused(server, token):
    eq(error_of(report(server, "/first/", token), 403), "valid-sync-token")


@obliges("DAV-191", "DAV-192")
def test_a_limit_is_kept_and_goes_on_exactly_there(server):
    for number in range(5):
        server.write(f"limit/{number}.txt", b"x")
    seen, token, rounds = [], "", 0
    while True:
        found, token = sync(server, "/limit/", token, limit=3)
        cut = found.pop("/limit/", None)
        ok(len(found) <= 3, "no more than asked for")
        seen += found
        rounds += 1
        if not cut:
            break
        eq(cut.status, 507)
        ok(rounds < 10, "an end")
    eq(sorted(seen), sorted([f"/limit/{number}.txt" for number in range(5)] + ["/limit/one.txt", "/limit/two.txt"]))
    eq(rounds, 3)


@obliges("DAV-193")
def test_the_property_is_the_token(server):
    _, token = sync(server, "/token/")
    eq(props_of(server, "/token/", D + "sync-token").text(D + "sync-token"), token)
    server.write("token/new.txt", b"n")
    ok(props_of(server, "/token/", D + "sync-token").text(D + "sync-token") != token, "another token")


@obliges("DAV-163")
def test_the_token_is_a_state_token_of_its_folder(server):
    server.write("state/one.txt", b"x")
    _, token = sync(server, "/state/")
    eq(proppatch(server, "/state/", set_of("<z:a/>"), If=f"(<{token}>)").status, 207)
    server.write("state/two.txt", b"x")
    eq(propfind(server, "/state/", If=f"(<{token}>)").status, 412)


@obliges("DAV-173")
def test_minimal_leaves_404_out(server):
    got = report(server, "/minimal/", names=("getetag", "absent"), fields={"Prefer": "return=minimal"})
    eq(got.fields["Preference-Applied"], "return=minimal")
    lacks(got.body, b"absent")
    lacks(got.body, b"HTTP/1.1 404")  # a tag may have the figures in it
