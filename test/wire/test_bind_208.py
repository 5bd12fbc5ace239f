"""208 and 508: deep listings where folders have several names (RFC 5842 §7.1, §7.2)."""

from binding import AWARE, ID, bind, bound, id_of, told
from dav import D, XML, multistatus, prop_body, proppatch, set_of
from wire import cases, contains, eq, lacks, obliges, ok, one_of, time_limit

FILES = {"x/foo": b"foo"}


def fresh(server, name, *files):
    for path in files:
        server.write(f"{name}/{path}", path.encode())
    return f"/{name}"


def ask(server, target, fields=(), names=(ID,), depth="infinity"):
    return server.request("PROPFIND", target, {"Depth": depth, **XML, **dict(fields)}, prop_body(*names))


def statuses(found):
    """{href: statuses of its propstats}."""
    return {href: sorted(stat.status for stat in answer.propstats) for href, answer in found.items()}


def looped(server, name):
    """RFC 5842 §7.1.1: c/{foo, bar -> c}."""
    top = fresh(server, name, "c/foo")
    eq(bind(server, top + "/c/", "bar", top + "/c").status, 201)
    return top + "/c/"


@obliges("BND-50", "BND-51", "BND-58")
def test_who_knows_bindings_is_told_of_each_folder_once(server):
    """RFC 5842 §7.1.1."""
    top = looped(server, "rfc711")
    eq(proppatch(server, top, set_of("<z:p>1</z:p>")).status, 207)
    got = ask(server, top, AWARE, (D + "displayname", ID, "{urn:z}p", "{urn:z}none"))
    found = multistatus(got)
    eq(statuses(found), {top: [200, 404], top + "foo": [200, 404], top + "bar/": [208, 404]}, "nothing below bar/")
    answer = found[top + "bar/"]
    eq(answer.outcome("{urn:z}none"), (404, None))
    [stat] = [stat for stat in answer.propstats if stat.status == 208]
    eq(stat.props[ID][0].text, id_of(server, top))
    eq(stat.props["{urn:z}p"].text, "1", "what a 200 would have")
    eq(list(found), [top, top + "bar/", top + "foo"], "in the order of names")
    contains(got.body, b"HTTP/1.1 208 Already Reported")


@obliges("BND-50")
def test_all_names_and_none_named(server):
    top = looped(server, "all")
    for content in (b"", b'<D:propfind xmlns:D="DAV:"><D:allprop/></D:propfind>', b'<D:propfind xmlns:D="DAV:"><D:propname/></D:propfind>'):
        found = multistatus(server.request("PROPFIND", top, {"Depth": "infinity", **XML, **AWARE}, content))
        eq(sorted(found), [top, top + "bar/", top + "foo"])
        eq({stat.status for stat in found[top + "bar/"].propstats}, {208})


@obliges("BND-50")
def test_a_folder_that_has_nothing_of_what_was_asked_for(server):
    """That its members are left out is told all the same."""
    top = looped(server, "nothing")
    got = ask(server, top, AWARE, ("{urn:z}none",))
    eq(statuses(multistatus(got)), {top: [404], top + "foo": [404], top + "bar/": [208, 404]})


@obliges("BND-58")
def test_files_are_told_of_under_each_name(server):
    top = fresh(server, "files", "c/one")
    for name in ("two", "three"):
        bound(server, f"{top}/c/{name}", top + "/c/one")
    eq(statuses(told(server, top + "/c/")), {top + "/c/" + name: [200] for name in ("", "one", "two", "three")})


@obliges("BND-53", "BND-52", "BND-55", "BND-56")
def test_who_does_not_is_told_of_the_loop(server):
    """RFC 5842 §7.1.2."""
    top = looped(server, "rfc712")
    got = ask(server, top)
    eq((got.status, got.phrase), (508, "Loop Detected"))
    lacks(got.body, b"208")
    eq(ask(server, "/rfc712/").status, 508, "from above")
    eq(ask(server, top + "bar/").status, 508, "from within")
    eq(ask(server, "/x/").status, 207, "where there is none")


@obliges("BND-52", "BND-57")
def test_two_names_without_a_loop(server):
    top = fresh(server, "two", "a/d/in", "b/own")
    bound(server, top + "/b/d2", top + "/a/d")
    every = {top + path: [200] for path in ("/", "/a/", "/a/d/", "/a/d/in", "/b/", "/b/own", "/b/d2/", "/b/d2/in")}
    eq(statuses(multistatus(ask(server, top + "/"))), every, "in full")
    known = dict(every)
    del known[top + "/b/d2/in"]
    known[top + "/b/d2/"] = [208]
    eq(statuses(multistatus(ask(server, top + "/", AWARE))), known)


@obliges("BND-55")
@cases(("0", "0"), ("1", "1"))
def test_shallow_listings_know_no_208(server, depth):
    top = looped(server, "shallow" + depth)
    for fields in ({}, AWARE):
        got = ask(server, top, fields, depth=depth)
        found = statuses(multistatus(got))
        eq({status for each in found.values() for status in each}, {200})
        eq(sorted(found), [top] if depth == "0" else [top, top + "bar/", top + "foo"])


@obliges("BND-59")
@cases(("alone", [("DAV", "bind")], 207), ("list", [("DAV", "1, bind")], 207), ("case", [("dav", "BIND")], 207),
       ("lines", [("DAV", "1"), ("DAV", "bind")], 207), ("between", [("DAV", "1,bind ,2")], 207), ("coded URL", [("DAV", "<http://e/x>, bind")], 207),
       ("another", [("DAV", "binding")], 508), ("another class", [("DAV", "1")], 508), ("none", [], 508))
def test_the_field_is_a_list(server, fields, status):
    top = looped(server, "list") if not server.exists("list") else "/list/c/"
    got = server.request("PROPFIND", top, [("Depth", "infinity"), ("Content-Type", "application/xml"), *fields], prop_body(ID))
    eq(got.status, status)


@obliges("BND-60")
def test_caches_are_told_what_the_answer_depends_on(server):
    top = looped(server, "vary")
    for fields in ({}, AWARE):
        got = ask(server, top, fields)
        contains([word.strip().lower() for word in got.fields["Vary"].split(",")], "dav")


@obliges("BND-49")
@time_limit(30)
def test_a_chain_of_diamonds_is_refused_before_any_output(server):
    """Two to the power of 24 paths: BND-C5."""
    top = fresh(server, "dia", "n0/leaf")
    for number in range(1, 25):
        server.request("MKCOL", f"{top}/n{number}/")
        for name in ("l", "r"):
            eq(bind(server, f"{top}/n{number}/", name, f"{top}/n{number - 1}").status, 201)
    got = ask(server, f"{top}/n24/")
    eq(got.status, 403)
    contains(got.body, b"propfind-finite-depth")
    found = told(server, f"{top}/n24/")
    one_of(len(found), (1 + 24 * 2 + 1,), "each folder once, and its second names")
    ok(all(200 in each or 208 in each for each in statuses(found).values()), "all are told of")


@time_limit(20)
def test_changes_are_told_under_each_name(server):
    """sync-collection, with a loop in the tree: BND-C10."""
    top = looped(server, "sync")
    content = b'<D:sync-collection xmlns:D="DAV:"><D:sync-token/><D:sync-level>infinite</D:sync-level><D:prop><D:getetag/></D:prop></D:sync-collection>'
    got = server.request("REPORT", "/sync/", XML, content)
    eq(got.status, 207)
    for name in (b"/sync/c/", b"/sync/c/foo", b"/sync/c/bar/"):
        contains(got.body, b">" + name + b"<")
