"""coffee.md §1 and §2: BREW, POST and WHEN, and what GET and PROPFIND tell of a pot."""

import concurrent.futures
import json
import xml.etree.ElementTree as xml

from dav import multistatus, propfind
from pots import COFFEE, TEA, brew, config, rest, state, steep
from wire import cases, contains, eq, head_of, lacks, ne, obliges, ok, one_of, own_server, wait_for

CONFIG = config()
FILES = {"a.txt": b"a file"}
POT = "{urn:samovar:pot}"


@obliges("COF-01", "COF-14")
def test_start_begins_and_get_shows_it(server):
    rest(server, "/pots/slow")
    got = brew(server, "/pots/slow", fields={"Accept-Additions": "Cream;2, Sugar"})
    eq(got.status, 202)
    contains(got.text, "state: heating\n")
    shown = server.get("/pots/slow")
    eq(shown.status, 200)
    eq(shown.fields["Cache-Control"], "no-store")
    contains(shown.text, "state: heating\n")
    contains(shown.text, "beverage: coffee\n")
    contains(shown.text, "additions: Cream;2, Sugar\n")
    eq(state(server, "/pots/slow")["additions"], {"Cream": 2, "Sugar": 1})


@obliges("COF-02")
def test_stop_ends_it(server):
    rest(server, "/pots/slow")
    eq(brew(server, "/pots/slow").status, 202)
    got = brew(server, "/pots/slow", "stop")
    eq(got.status, 200)
    eq(state(server, "/pots/slow")["state"], "stopped")
    eq(brew(server, "/pots/slow").status, 202, "another one")
    eq(state(server, "/pots/slow")["state"], "heating")


@obliges("COF-01", "COF-15")
def test_propfind_shows_it(server):
    rest(server, "/pots/steeping")
    brew(server, "/pots/steeping", fields={"Accept-Additions": "cream"})
    told = multistatus(propfind(server, "/pots/steeping", depth="0"))["/pots/steeping"]
    eq(told.prop(POT + "state").text, "brewing")
    eq(told.prop(POT + "beverage").text, "coffee")
    eq(told.prop(POT + "additions").text, "Cream")
    eq(told.prop(POT + "strength").text, "0")
    ok(0 < int(told.prop(POT + "remaining-ms").text) <= 3600 * 1000 + 5000, "what remains")
    lacks(told.names(), POT + "variety")


@obliges("COF-15")
def test_propfind_of_some_of_names_and_of_the_collection(server):
    body = '<D:propfind xmlns:D="DAV:" xmlns:p="urn:samovar:pot"><D:prop><p:state/><p:variety/><p:nonsense/><D:resourcetype/></D:prop></D:propfind>'
    rest(server, "/pots/plain")
    told = multistatus(propfind(server, "/pots/plain", body, depth="0"))["/pots/plain"]
    eq(told.names(200), sorted([POT + "state", "{DAV:}resourcetype"]))
    eq(told.names(404), sorted([POT + "variety", POT + "nonsense"]))
    names = multistatus(propfind(server, "/pots/plain", '<D:propfind xmlns:D="DAV:"><D:propname/></D:propfind>', depth="0"))["/pots/plain"]
    contains(names.names(), POT + "state")
    eq(names.prop(POT + "state").text, None)
    alone = multistatus(propfind(server, "/pots/", depth="0"))
    eq(list(alone), ["/pots/"])
    contains([child.tag for child in alone["/pots/"].prop("{DAV:}resourcetype")], "{DAV:}collection")
    every = multistatus(propfind(server, "/pots", depth="1"))
    for href in ("/pots/", "/pots/slow", "/pots/teapot", "/pots/earl-grey", "/pots/peppermint"):
        contains(list(every), href)
    eq(server.request("PROPFIND", "/pots/plain", {"Depth": "2"}).status, 400)
    eq(server.request("PROPFIND", "/pots/plain", {"Depth": "0"}, "<nonsense").status, 400)
    eq(server.request("PROPFIND", "/pots/nothing", {"Depth": "0"}).status, 404)


@obliges("COF-03")
@cases(("start", "/pots/plain", "start", {}, 202), ("addition", "/pots/quick", "start", {"Accept-Additions": "Rum"}, 202),
       ("406", "/pots/plain", "start", {"Accept-Additions": "Rum"}, 406), ("415", "/pots/plain", "start", {"Content-Type": "text/plain"}, 415),
       ("400", "/pots/plain", "boil", {}, 400), ("409", "/pots/plain", "stop", {}, 409), ("404", "/pots/none", "start", {}, 404),
       ("418", "/pots/teapot", "start", {}, 418), ("503", "/pots/emptied", "start", {}, 503), ("405", "/a.txt", "start", {}, 405))
def test_post_is_the_same(server, path, body, fields, status):
    got = [brew(server, path, body, fields, method) for method in ("BREW", "POST")]
    eq([one.status for one in got], [status, status])
    if status != 202:  # which tells the time
        eq(got[0].body, got[1].body)
    eq(got[0].fields.but_date("Content-Length"), got[1].fields.but_date("Content-Length"))


@obliges("COF-03")
def test_what_post_started_brew_stops(server):
    rest(server, "/pots/steeping")
    eq(brew(server, "/pots/steeping", method="POST").status, 202)
    eq(brew(server, "/pots/steeping", method="BREW").status, 409)
    eq(brew(server, "/pots/steeping", "stop", method="BREW").status, 200)
    eq(brew(server, "/pots/steeping", method="BREW").status, 202)
    eq(brew(server, "/pots/steeping", "stop", method="POST").status, 200)
    eq(steep(server, "/pots/darjeeling", method="POST").status, 202)
    eq(steep(server, "/pots/", method="POST").status, 300)


@obliges("COF-04", "COF-05", "COF-38")
def test_a_teapot_is_a_teapot(server):
    got = brew(server, "/pots/teapot")
    eq(got.status, 418)
    contains(got.text, "short and stout")
    ok(len(got.body) < 100, "it is short")
    eq(brew(server, "/pots/darjeeling").status, 418, "a tea of a pot that is a teapot")
    eq(brew(server, "/pots/peppermint").status, 415, "a tea of a pot that has coffee, too")
    german = brew(server, "/pots/teapot", fields={"Accept-Language": "de"})
    contains(german.text, "klein und rundlich")


@obliges("COF-38")
def test_nothing_else_is_418(server):
    rest(server, "/pots/slow")
    for method in ("GET", "HEAD", "OPTIONS", "PROPFIND", "PUT", "DELETE", "WHEN", "LOCK", "MKCOL", "PATCH"):
        ne(server.request(method, "/pots/teapot").status, 418, method)
    ne(server.request("BREW", "/pots/teapot", {}, "start").status, 418, "no type")
    ne(server.request("BREW", "/pots/teapot", {"Content-Type": "text/plain"}, "start").status, 418)
    ne(brew(server, "/a.txt").status, 418)
    ne(brew(server, "/pots/slow", fields={"Accept-Additions": "Tea"}).status, 418)


@obliges("COF-06")
def test_what_is_out_for_now_is_503(server):
    got = brew(server, "/pots/empty")
    eq(got.status, 503)
    eq(got.fields["Retry-After"], str(7 * 60))
    eq(steep(server, "/pots/rooibos").status, 202, "its tea is there")
    tea = steep(server, "/pots/oolong")
    eq(tea.status, 503)
    ok("Retry-After" in tea.fields, "Retry-After")


@obliges("COF-07")
@cases(("coffee", "/pots/plain", "message/coffeepot, application/coffee-pot-command"), ("tea", "/pots/teapot", "message/teapot"),
       ("a tea", "/pots/darjeeling", "message/teapot"), ("both", "/pots/both", "message/coffeepot, application/coffee-pot-command, message/teapot"),
       ("all", "/pots/", "message/coffeepot, application/coffee-pot-command, message/teapot"))
def test_other_types_are_415(server, path, types):
    for fields in ({}, {"Content-Type": "text/plain"}, {"Content-Type": "message/coffee"}, {"Content-Type": "application/coffeepot"}):
        got = server.request("BREW", path, fields, "start")
        eq(got.status, 415)
        eq(got.fields["Accept"], types)
    eq(server.request("BREW", path, {"Content-Type": "message/teapot", "Content-Encoding": "gzip"}, "start").status, 415)


@obliges("COF-08")
@cases(("nothing", ""), ("another", "pour"), ("both", "start stop"), ("longer", "started"), ("lines", "start\nstop"), ("quoted", '"start"'))
def test_other_bodies_are_400(server, body):
    eq(brew(server, "/pots/plain", body).status, 400)


@obliges("COF-08")
@cases(("blanks", "  start  "), ("a line", "start\r\n"), ("lines", "\n\n start\n"), ("tabs", "\tstart\t"), ("capitals", "START"))
def test_white_space_around_is_nothing(server, body):
    eq(brew(server, "/pots/plain", body).status, 202)


def test_a_long_body_is_413(server):
    eq(brew(server, "/pots/plain", "start" + " " * 5000).status, 413)
    eq(server.request("BREW", "/pots/plain", {**COFFEE, "Transfer-Encoding": "chunked"}, "start").status, 202)


@obliges("COF-09")
def test_both_types_are_one(server):
    for kind in ("application/coffee-pot-command", "Application/Coffee-Pot-Command", "message/coffeepot; charset=utf-8", "MESSAGE/COFFEEPOT"):
        eq(brew(server, "/pots/plain", fields={"Content-Type": kind}).status, 202, kind)
    eq(brew(server, "/pots/teapot", fields={"Content-Type": "application/coffee-pot-command"}).status, 418)


@obliges("COF-10", "COF-18")
@cases(("BREW", "BREW"), ("WHEN", "WHEN"))
def test_elsewhere_it_is_405(server, method):
    for path in ("/a.txt", "/"):
        got = server.request(method, path, COFFEE, "start" if method == "BREW" else None)
        eq(got.status, 405)
        lacks(got.fields.words("Allow"), method.lower())
        contains(got.fields.words("Allow"), "get")
    eq(server.request(method, "/nothing", COFFEE).status, 404)


@obliges("COF-18")
def test_all_pots_together_are_no_pot_that_pours(server):
    got = server.request("WHEN", "/pots/")
    eq(got.status, 405)
    contains(got.fields.words("Allow"), "brew")
    lacks(got.fields.words("Allow"), "when")


@obliges("COF-10")
@own_server(config='listen = { "127.0.0.1:0" }\nsite "files" {\n root = "{root}"\n}\n', files=FILES)
def test_without_pots_it_is_501(server):
    for method in ("BREW", "WHEN"):
        for path in ("/a.txt", "/", "/pots/", "/nothing"):
            eq(server.request(method, path, COFFEE, "start").status, 501)
    eq(server.request("POST", "/a.txt", COFFEE, "start").status, 405)
    lacks(server.request("OPTIONS", "*").fields.words("Allow"), "brew")


@obliges("COF-11")
def test_allow_lists_them(server):
    for path in ("/pots/plain", "/pots/teapot", "/pots/earl-grey", "/pots/both/earl-grey"):
        asked, refused = server.request("OPTIONS", path), server.put(path, b"x")
        eq(asked.status, 200)
        eq(refused.status, 405)
        for got in (asked, refused):
            for method in ("brew", "when", "post", "get", "head", "propfind", "options"):
                contains(got.fields.words("Allow"), method)
            lacks(got.fields.words("Allow"), "put")
    for method in ("brew", "when"):
        contains(server.request("OPTIONS", "*").fields.words("Allow"), method)
    contains(server.request("OPTIONS", "/pots/").fields.words("Allow"), "brew")
    lacks(server.request("OPTIONS", "/pots/").fields.words("Allow"), "when")
    eq(server.request("WHEN", "/pots/").status, 405)


def test_nothing_is_put_among_the_pots(server):
    for method in ("PUT", "MKCOL", "DELETE", "LOCK", "PATCH", "PROPPATCH", "TRACE"):
        for path in ("/pots/", "/pots/plain", "/pots/new"):
            eq(server.request(method, path, {}, b"x" if method == "PUT" else None).status, 405, method)
    for method in ("COPY", "MOVE"):
        for to in ("/pots/new", "/pots/plain", "/pots"):
            eq(server.request(method, "/a.txt", {"Destination": to}).status, 403, "%s to %s" % (method, to))
        eq(server.request(method, "/pots/plain", {"Destination": "/new"}).status, 405)
    eq(server.names(), ["a.txt"])


@obliges("COF-12")
def test_no_answer_says_that_it_is_fresh(server):
    rest(server, "/pots/slow")
    answers = [brew(server, path, body) for path in ("/pots/slow", "/pots/plain", "/pots/teapot", "/pots/", "/pots/none") for body in ("start", "stop", "x")]
    answers += [steep(server, path) for path in ("/pots/", "/pots/darjeeling", "/pots/plain")]
    for got in answers:
        ok("Expires" not in got.fields, "no Expires")
        lacks(" ".join(got.fields.all("Cache-Control")), "max-age")
        ok("ETag" not in got.fields and "Last-Modified" not in got.fields, "no validators")
    rest(server, "/pots/slow")
    eq([brew(server, "/pots/slow").status for _ in range(2)], [202, 409], "each is done")


@obliges("COF-12")
def test_what_brew_did_is_seen_at_once(server):
    for _ in range(5):
        rest(server, "/pots/steeping")
        eq(state(server, "/pots/steeping")["state"], "stopped")
        brew(server, "/pots/steeping")
        eq(state(server, "/pots/steeping")["state"], "brewing")


@obliges("COF-13")
def test_start_while_it_brews_and_stop_while_it_does_not(server):
    for path in ("/pots/slow", "/pots/steeping", "/pots/pouring"):
        rest(server, path)
        eq(brew(server, path, fields={"Accept-Additions": "Cream"}).status, 202)
        before = state(server, path)
        eq(brew(server, path).status, 409)
        after = state(server, path)
        for name in ("began", "additions", "state"):
            eq(after[name], before[name], name)
        eq(brew(server, path, "stop").status, 200)
        before = state(server, path)
        eq(brew(server, path, "stop").status, 409)
        eq(state(server, path), before)
    eq(brew(server, "/pots/both", "stop").status, 409, "it never brewed")


@obliges("COF-14")
def test_reading_never_brews(server):
    before = state(server, "/pots/both")
    eq(before["state"], "idle")
    for method in ("GET", "HEAD", "OPTIONS", "PROPFIND", "TRACE"):
        server.request(method, "/pots/both", COFFEE)
        server.request(method, "/pots/both?Cream", {"Accept-Additions": "Cream"})
        server.request(method, "/pots/peppermint", TEA)
    eq(state(server, "/pots/both"), before)
    eq(server.get("/pots/").status, 200)
    eq(len(json.loads(server.get("/pots/", {"Accept": "application/json"}).text)["pots"]), 9)
    head = server.head("/pots/both")
    eq(head.status, 200)
    eq(head.fields["Content-Length"], str(len(server.get("/pots/both").body)))
    eq(server.get("/pots/none").status, 404)


@obliges("COF-16")
def test_when_stops_the_pouring(server):
    rest(server, "/pots/pouring")
    eq(brew(server, "/pots/pouring", fields={"Accept-Additions": "Cream;3"}).status, 202)
    eq(state(server, "/pots/pouring")["state"], "pouring")
    eq(state(server, "/pots/pouring")["milk_ml"], 300)
    got = server.request("WHEN", "/pots/pouring")
    eq(got.status, 200)
    fixed = state(server, "/pots/pouring")
    eq(fixed["state"], "done")
    ok(fixed["poured_ml"] < 300, "it was not all")
    eq(state(server, "/pots/pouring")["poured_ml"], fixed["poured_ml"], "the amount is fixed")


@obliges("COF-16")
@own_server(config=config('pot "p" { additions = { Skim }\n heating = 0s\n brewing = 0s\n pouring = 10s\n milk = 1000 }'))
def test_the_amount_grows_until_then(server):
    brew(server, "/pots/p", fields={"Accept-Additions": "Skim;20"})
    wait_for(lambda: state(server, "/pots/p")["poured_ml"] > 20, "some is poured")
    said = server.request("WHEN", "/pots/p", {"Accept": "application/json"})
    eq(said.status, 200)
    poured = json.loads(said.text)["poured_ml"]
    ok(20 < poured < 20000, "%d" % poured)
    for _ in range(3):
        eq(state(server, "/pots/p")["poured_ml"], poured)


@obliges("COF-17")
def test_when_nothing_is_poured_it_is_409(server):
    rest(server, "/pots/slow", "/pots/steeping", "/pots/pouring")
    eq(server.request("WHEN", "/pots/plain").status, 409)
    for path in ("/pots/slow", "/pots/steeping"):
        brew(server, path, fields={"Accept-Additions": "Cream"})
        before = state(server, path)["state"]
        eq(server.request("WHEN", path).status, 409)
        eq(state(server, path)["state"], before)
    brew(server, "/pots/pouring")
    eq(state(server, "/pots/pouring")["state"], "done", "no milk was asked for")
    eq(server.request("WHEN", "/pots/pouring").status, 409)
    brew(server, "/pots/pouring", fields={"Accept-Additions": "Cream"})
    eq([server.request("WHEN", "/pots/pouring").status for _ in range(2)], [200, 409])
    eq(server.request("WHEN", "/pots/none").status, 404)
    eq(server.request("WHEN", "/pots/pouring", {}, "now").status, 415)


@own_server(config=config('pot "p" { additions = { Cream }\n heating = 200ms\n brewing = 200ms\n pouring = 200ms }'))
def test_a_pot_goes_through_its_states_by_itself(server):
    seen = []
    eq(brew(server, "/pots/p", fields={"Accept-Additions": "Cream"}).status, 202)

    def is_done():
        now = state(server, "/pots/p")
        if not seen or seen[-1] != now["state"]:
            seen.append(now["state"])
        return now["state"] == "done" and now

    done = wait_for(is_done, "the cup is ready")
    eq([name for name in ("heating", "brewing", "pouring", "done") if name in seen], seen, "in this order")
    eq(done["strength"], 100)
    eq(done["poured_ml"], 30)
    eq(done["remaining_ms"], 0)


def test_conditions_count(server):
    rest(server, "/pots/slow")
    eq(brew(server, "/pots/slow", fields={"If-Match": '"x"'}).status, 412)
    eq(brew(server, "/pots/slow", fields={"If-None-Match": "*"}).status, 412)
    eq(brew(server, "/pots/slow", fields={"If": "(<urn:uuid:nobody>)"}).status, 412)
    eq(state(server, "/pots/slow")["state"] in ("idle", "stopped"), True)
    eq(brew(server, "/pots/slow", fields={"If-Match": "*"}).status, 202)
    eq(server.get("/pots/slow", {"If-None-Match": '"x"'}).status, 200)
    eq(server.get("/pots/slow", {"If-Match": '"x"'}).status, 412)


def test_the_content_is_asked_for_only_if_it_counts(server):
    for fields, status, interim in (({**COFFEE}, 202, 1), ({"Content-Type": "text/plain"}, 415, 0)):
        with server.connect() as conn:
            conn.send(head_of("BREW", "/pots/plain", {**fields, "Content-Length": "5", "Expect": "100-continue"}))
            if interim:
                conn.read_interim(100)
                conn.send(b"start")
            eq(conn.read("BREW").status, status)


@obliges("COF-35")
def test_safe(server):
    rest(server, "/pots/slow", "/pots/pouring")
    eq(brew(server, "/pots/slow").fields["Safe"], "if-user-awake")
    eq(brew(server, "/pots/slow", "stop").fields["Safe"], "yes")
    brew(server, "/pots/pouring", fields={"Accept-Additions": "Cream"})
    eq(server.request("WHEN", "/pots/pouring").fields["Safe"], "yes")
    eq(steep(server, "/pots/").fields["Safe"], "yes")


@obliges("COF-13")
@own_server(config=config('pot "p" { heating = 1h }'))
def test_of_many_starts_at_once_one_begins(server):
    for _ in range(5):
        with concurrent.futures.ThreadPoolExecutor(8) as crowd:
            got = sorted(crowd.map(lambda _: brew(server, "/pots/p").status, range(8)))
        eq(got, [202] + [409] * 7)
        with concurrent.futures.ThreadPoolExecutor(8) as crowd:
            got = sorted(crowd.map(lambda _: brew(server, "/pots/p", "stop").status, range(8)))
        eq(got, [200] + [409] * 7)


@own_server(config=config('pot "p" { heating = 1h }'), files={"pots/p": b"a file", "pots/q": b"another", "a.txt": b"x"})
def test_files_where_the_pots_are_are_out_of_reach(server):
    for _ in range(4):  # also when they are asked for often
        contains(server.get("/pots/p").text, "state: idle")
        eq(server.get("/pots/q").status, 404)
        eq(server.get("/a.txt").status, 200)
        lacks(server.get("/pots/").text, "another")
    eq(server.put("/pots/q", b"new").status, 405)
    eq(server.request("MOVE", "/a.txt", {"Destination": "/pots/q"}).status, 403)
    eq(server.request("BIND", "/", {"Content-Type": "application/xml"},
                      '<D:bind xmlns:D="DAV:"><D:segment>b</D:segment><D:href>/pots/q</D:href></D:bind>').status, 403)
    eq(server.read("pots/p"), b"a file")
