"""docs/spec/conditional.md as far as it speaks of WebDAV: what leaves validators alone, and If-Match of all methods."""

import os
import time

from dav import ALLPROP, D, XML, lock_of, lockinfo, multistatus, prop_body, propfind, proppatch, props_of, remove_of, set_of, unlock
from hot import both, but_date, heat
from wire import cases, eq, ne, obliges, ok

FILES = {"a.txt": b"the content", "empty.txt": b"", "page.html": b"<p>", "folder/in.txt": b"in", "there/x.txt": b"x"}
EXECUTABLE = '<executable xmlns="http://apache.org/dav/props/">{}</executable>'
LONG_AGO = "Sun, 06 Nov 1994 08:49:37 GMT"


def at_rest(server, name, content=b"the content"):
    """A file that nobody has touched for a minute; its tag."""
    server.write(name, content, mtime=time.time() - 60)
    return server.get("/" + name).etag


def validators(server, target):
    """What GET, HEAD and PROPFIND say of it."""
    got, asked = both(server, "HEAD", target), props_of(server, target, D + "getetag", D + "getlastmodified")
    eq((asked.text(D + "getetag"), asked.text(D + "getlastmodified")), (got.etag, got.fields["Last-Modified"]))
    return got.etag, got.fields["Last-Modified"]


# -- CND-08


@obliges("CND-08")
def test_properties_leave_the_validators(server):
    at_rest(server, "patched.txt")
    before = validators(server, "/patched.txt")
    for inner in (set_of("<z:a>1</z:a>"), set_of("<z:a>2</z:a><z:b/>"), remove_of("<z:a/>"), set_of("<D:displayname>n</D:displayname>"),
                  set_of(EXECUTABLE.format("T")), set_of(EXECUTABLE.format("F")),
                  set_of("<D:getcontentlanguage>de</D:getcontentlanguage>"), set_of("<D:getetag>no</D:getetag>")):
        eq(proppatch(server, "/patched.txt", inner).status, 207)
        eq(validators(server, "/patched.txt"), before, inner)


@obliges("CND-08")
@cases(("file", "/a.txt"), ("empty", "/empty.txt"), ("page", "/page.html"))
def test_locks_leave_the_validators(server, target):
    before = validators(server, target)
    token = lock_of(server, target)
    eq(validators(server, target), before, "locked")
    eq(server.request("LOCK", target, {"If": f"({token})", "Timeout": "Second-100"}).status, 200)
    eq(validators(server, target), before, "refreshed")
    eq(server.request("LOCK", target, XML, lockinfo()).status, 423)
    unlock(server, target, token)
    eq(validators(server, target), before, "unlocked")


@obliges("CND-08")
def test_a_folder_has_the_same_time_after_them(server):
    names = D + "getlastmodified", D + "creationdate"

    def told():
        answer = props_of(server, "/folder/", *names)
        return [answer.text(name) for name in names], os.stat(server.path("folder")).st_mtime_ns

    before = told()
    proppatch(server, "/folder/", set_of("<z:a>1</z:a>"))
    token = lock_of(server, "/folder/")
    proppatch(server, "/folder/in.txt", set_of("<z:a>1</z:a>"), If=f"({token})")
    unlock(server, "/folder/", token)
    eq(told(), before)


@obliges("CND-08")
def test_what_is_kept_in_memory_stays_good_over_them(server):
    tag = at_rest(server, "kept.txt")
    with server.connect() as conn:
        before = heat(conn, "/kept.txt")
        proppatch(server, "/kept.txt", set_of("<z:a>1</z:a>"))
        unlock(server, "/kept.txt", lock_of(server, "/kept.txt"))
        eq(but_date(heat(conn, "/kept.txt")), but_date(before))
        eq(conn.ask("GET", "/kept.txt", {"If-None-Match": tag}).status, 304)


# -- CND-11


@obliges("CND-11")
@cases(("file", "/a.txt"), ("empty", "/empty.txt"), ("page", "/page.html"))
def test_getetag_is_the_tag_of_get(server, target):
    tag = server.get(target).etag
    ok(tag.startswith('"') and tag.endswith('"'), tag)
    eq(server.head(target).etag, tag)
    folder = target.rsplit("/", 1)[0] + "/"
    for got in (propfind(server, target, prop_body(D + "getetag")), propfind(server, target, ALLPROP),
                propfind(server, folder, depth="1"), propfind(server, folder, prop_body(D + "getetag"), depth="infinity")):
        eq(multistatus(got)[target].text(D + "getetag"), tag)


@obliges("CND-11")
def test_getetag_is_the_tag_that_put_said(server):
    for number in range(20):
        stored = server.put("/said.txt", b"%d" % number)
        eq(props_of(server, "/said.txt", D + "getetag").text(D + "getetag"), stored.etag)
        eq(server.get("/said.txt").etag, stored.etag)


@obliges("CND-11")
@cases(("COPY", "COPY"), ("MOVE", "MOVE"))
def test_getetag_is_the_tag_of_get_where_something_was_put(server, method):
    for number in range(5):
        at_rest(server, "source.txt", b"source %d" % number)
        ok(server.request(method, "/source.txt", {"Destination": "/target.txt"}).status in (201, 204), method)
        tag = server.get("/target.txt").etag
        eq(props_of(server, "/target.txt", D + "getetag").text(D + "getetag"), tag)
        eq(server.head("/target.txt").etag, tag)


@obliges("CND-11")
def test_the_tag_of_a_lock_on_nothing_is_that_of_get(server):
    got = server.request("LOCK", "/unmapped.txt", XML, lockinfo())
    eq(got.status, 201)
    tag = server.get("/unmapped.txt").etag
    eq(got.etag, tag)
    eq(props_of(server, "/unmapped.txt", D + "getetag").text(D + "getetag"), tag)
    unlock(server, "/unmapped.txt", got.fields["Lock-Token"])


# -- CND-31


def change(server, method, name, fields):
    """One of the methods that change something, on /name."""
    if method == "PROPPATCH":
        return proppatch(server, "/" + name, set_of("<z:a>1</z:a>"), **{key.replace("-", "_"): value for key, value in fields.items()})
    if method == "LOCK":
        return server.request("LOCK", "/" + name, {**XML, **fields}, lockinfo())
    body = b"new" if method == "PUT" else None
    more = {"Destination": "/to-" + name} if method in ("COPY", "MOVE") else {}
    return server.request(method, "/" + name, {**more, **fields}, body)


def state(server, name):
    answer = props_of(server, "/" + name, "{urn:z}a", D + "lockdiscovery")
    return server.read(name), answer.names(), len(answer.prop(D + "lockdiscovery")), server.names(), os.stat(server.path(name)).st_ino


METHODS = [(method, method) for method in ("PUT", "DELETE", "PROPPATCH", "MOVE", "COPY", "LOCK")]


@obliges("CND-31")
@cases(*METHODS)
def test_if_match_guards_every_change(server, method):
    name = f"guarded-{method}.txt"
    tag = at_rest(server, name)
    before = state(server, name)
    for fields in ({"If-Match": '"other"'}, {"If-Match": "W/" + tag}, {"If-Match": '"a", "b"'}, {"If-Match": '""'}):
        eq(change(server, method, name, fields).status, 412, fields)
        eq(state(server, name), before, "nothing happened")
    got = change(server, method, name, {"If-Match": f'"other", {tag}'})
    ok(200 <= got.status < 300, f"{method}: {got.status}")
    if got.fields.get("Lock-Token"):
        unlock(server, "/" + name, got.fields["Lock-Token"])


@obliges("CND-31")
@cases(*METHODS)
def test_if_match_of_anything_wants_something(server, method):
    name = f"any-{method}.txt"
    got = change(server, method, name, {"If-Match": "*"})
    eq(got.status, 412 if method in ("PUT", "LOCK") else 404, "404 wins where it would come anyway")
    ok(not server.exists(name), "nothing was made")
    at_rest(server, name)
    got = change(server, method, name, {"If-Match": "*"})
    ok(200 <= got.status < 300, f"{method}: {got.status}")
    if got.fields.get("Lock-Token"):
        unlock(server, "/" + name, got.fields["Lock-Token"])


@obliges("CND-31")
@cases(("COPY", "COPY"), ("MOVE", "MOVE"))
def test_if_match_is_about_the_source_of_copy_and_move(server, method):
    source, target = at_rest(server, "from.txt", b"from"), at_rest(server, "onto.txt", b"onto")
    ne(source, target)
    fields = {"Destination": "/onto.txt"}
    eq(server.request(method, "/from.txt", {**fields, "If-Match": target}).status, 412)
    eq((server.read("from.txt"), server.read("onto.txt")), (b"from", b"onto"))
    eq(server.request(method, "/from.txt", {**fields, "If-Match": source}).status, 204)
    eq(server.read("onto.txt"), b"from")


@obliges("CND-31")
@cases(*METHODS)
def test_the_tag_of_an_older_content_does_not_pass(server, method):
    name = f"older-{method}.txt"
    tag = at_rest(server, name, b"one")
    eq(server.put("/" + name, b"two", {"If-Match": tag}).status, 204)
    before = state(server, name)
    eq(change(server, method, name, {"If-Match": tag}).status, 412)
    eq(state(server, name), before)
    server.write(name, b"three, by another program")
    eq(change(server, method, name, {"If-Match": tag}).status, 412)
    eq(server.read(name), b"three, by another program")


@cases(*METHODS)
def test_if_unmodified_since_guards_every_change(server, method):
    name = f"since-{method}.txt"
    at_rest(server, name)
    before = state(server, name)
    eq(change(server, method, name, {"If-Unmodified-Since": LONG_AGO}).status, 412)
    eq(state(server, name), before)
    got = change(server, method, name, {"If-Unmodified-Since": server.get("/" + name).fields["Last-Modified"]})
    ok(200 <= got.status < 300, f"{method}: {got.status}")
    if got.fields.get("Lock-Token"):
        unlock(server, "/" + name, got.fields["Lock-Token"])


@obliges("CND-31")
@cases(("POST", "POST", 405), ("PATCH without a delta", "PATCH", 415))
def test_methods_that_do_nothing_here_do_nothing_whatever_the_condition(server, method, status):
    tag = at_rest(server, "offered.txt")
    for fields in {}, {"If-Match": tag}, {"If-Match": '"other"'}:
        eq(server.request(method, "/offered.txt", fields, b"x").status, status)


# -- CND-40


@obliges("CND-40")
@cases(("folder", "/there/"), ("no-slash", "/there"), ("file", "/there/x.txt"), ("root", "/"))
def test_mkcol_of_what_is_there_is_405_whatever_the_condition(server, target):
    for fields in ({"If-None-Match": "*"}, {"If-Match": '"other"'}, {"If-Match": "*"}, {"If-None-Match": '"other"'}):
        got = server.request("MKCOL", target, fields)
        eq(got.status, 405, fields)
        ok("mkcol" not in [word.lower() for word in got.fields.words("Allow")], "Allow")


@obliges("CND-40")
def test_mkcol_of_what_is_not_there_passes(server):
    eq(server.request("MKCOL", "/new/", {"If-None-Match": "*"}).status, 201)
    eq(server.request("MKCOL", "/new/", {"If-None-Match": "*"}).status, 405)
    eq(server.request("MKCOL", "/new/none/in/", {"If-None-Match": "*"}).status, 409)
