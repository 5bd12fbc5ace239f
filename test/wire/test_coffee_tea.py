"""coffee.md §4: teas, and the list of them."""

import json
import re

from pots import COFFEE, TEA, brew, config, rest, state, steep
from wire import cases, contains, eq, lacks, obliges, ok, own_server, wait_for

CONFIG = config()
ITEM = re.compile(r'\{"([^"]+)" (\d\.\d) \{type ([a-z/]+)\}\}')
LIST = re.compile(r"\A%s(, %s)*\Z" % (ITEM.pattern, ITEM.pattern))
ONE_COFFEE = """
    pot "coffee" { additions = { Cream }
        heating = 1h }
    pot "tea" { brews = tea
        tea "assam" { } }
"""
TEAS_ALONE = 'pot "tea" { brews = tea\n tea "assam" { } }'
COFFEE_ALONE = 'pot "coffee" { }\n pot "another" { }'
AT_THE_TOP = 'pots = "/"\n' + ONE_COFFEE


def alternates(got):
    text = got.fields["Alternates"]
    ok(LIST.match(text), "a list of variants: %s" % text)
    return {href: kind for href, quality, kind in ITEM.findall(text)}


@obliges("COF-26", "COF-27")
def test_the_collection_lists_the_teas_and_brews_nothing(server):
    rest(server, "/pots/teapot")
    before = state(server, "/pots/")
    for path in ("/pots/", "/pots"):
        got = steep(server, path)
        eq(got.status, 300)
        listed = alternates(got)
        for tea in ("earl-grey", "darjeeling", "oolong", "peppermint", "rooibos"):
            eq(listed["/pots/" + tea], "message/teapot")
        eq(listed["/pots/both/earl-grey"], "message/teapot", "of another pot")
        ok("Location" not in got.fields, "nobody is to follow it")
        contains(got.text, "/pots/earl-grey message/teapot")
    for href in listed:
        eq(server.get(href).status, 200, href)
    eq(steep(server, "/pots/", "stop").status, 300)
    eq(state(server, "/pots/"), before)
    as_json = json.loads(steep(server, "/pots/", fields={"Accept": "application/json"}).text)
    contains(as_json["alternates"], {"address": "/pots/earl-grey", "type": "message/teapot"})


@obliges("COF-28")
def test_who_asks_for_coffee_there_is_told_of_the_teas_too(server):
    got = brew(server, "/pots/")
    eq(got.status, 300)
    eq(alternates(got)["/pots/earl-grey"], "message/teapot")


@obliges("COF-28", "COF-29")
@own_server(config=config(ONE_COFFEE))
def test_one_coffee_pot_brews_and_lists_the_teas(server):
    got = brew(server, "/pots/", fields={"Accept-Additions": "Cream"})
    eq(got.status, 202)
    eq(alternates(got), {"/pots/coffee": "message/coffeepot", "/pots/assam": "message/teapot"})
    eq(state(server, "/pots/coffee")["state"], "heating")
    eq(brew(server, "/pots/").status, 409)
    eq(brew(server, "/pots/", "stop").status, 200, "who did not want coffee says so")
    eq(brew(server, "/pots/?Rum").status, 406)


@own_server(config=config(TEAS_ALONE))
def test_where_there_is_no_coffee_it_is_418_with_the_teas(server):
    got = brew(server, "/pots/")
    eq(got.status, 418)
    eq(alternates(got), {"/pots/assam": "message/teapot"})
    got = brew(server, "/pots/tea")
    eq(got.status, 418)
    eq(alternates(got), {"/pots/assam": "message/teapot"})


@obliges("COF-33")
@own_server(config=config(COFFEE_ALONE))
def test_where_there_is_no_tea_it_is_415(server):
    got = steep(server, "/pots/")
    eq(got.status, 415)
    contains(got.fields["Accept"], "message/coffeepot")


@obliges("COF-29")
def test_pots_that_brew_coffee_list_themselves(server):
    listed = alternates(steep(server, "/pots/"))
    for pot in ("slow", "steeping", "pouring", "quick", "plain", "both", "empty", "emptied"):
        eq(listed["/pots/" + pot], "message/coffeepot")
    ok("/pots/teapot" not in listed, "a teapot does not")
    own = alternates(steep(server, "/pots/both"))
    eq(own, {"/pots/both": "message/coffeepot", "/pots/peppermint": "message/teapot", "/pots/both/earl-grey": "message/teapot"})


@obliges("COF-30")
def test_a_variety_is_brewed(server):
    rest(server, "/pots/teapot")
    got = steep(server, "/pots/earl-grey", fields={"Accept-Additions": "Sugar"})
    eq(got.status, 202)
    shown = state(server, "/pots/teapot")
    eq((shown["state"], shown["beverage"], shown["variety"], shown["additions"]), ("brewing", "tea", "earl-grey", {"Sugar": 1}))
    eq(state(server, "/pots/earl-grey")["began"], shown["began"], "the same, by its tea")
    eq(state(server, "/pots/both")["state"], "idle", "another pot has it, too, and was not asked")
    eq(steep(server, "/pots/darjeeling").status, 409, "one at a time")
    rest(server, "/pots/teapot")
    eq(steep(server, "/pots/teapot/darjeeling").status, 202, "below its pot")
    eq(state(server, "/pots/teapot")["variety"], "darjeeling")
    eq(steep(server, "/pots/both/earl-grey").status, 202)
    eq(state(server, "/pots/both")["variety"], "earl-grey")
    steep(server, "/pots/both/earl-grey", "stop")


@obliges("COF-31")
@own_server(config=config('pot "t" { brews = tea\n additions = { Skim }\n heating = 0s\n pouring = 1h\n tea "a" { steeping = 1m }\n tea "b" { } }'))
def test_stop_before_it_is_strong_serves_it_weaker(server):
    steep(server, "/pots/a", fields={"Accept-Additions": "Skim"})
    wait_for(lambda: state(server, "/pots/t")["strength"] >= 1, "some strength")
    eq(steep(server, "/pots/b", "stop").status, 409, "another tea")
    got = steep(server, "/pots/a", "stop", fields={"Accept": "application/json"})
    eq(got.status, 200)
    stopped = json.loads(got.text)
    eq(stopped["state"], "pouring", "it is served, with its milk")
    ok(1 <= stopped["strength"] < 100, "weaker: %d" % stopped["strength"])
    eq(state(server, "/pots/t")["strength"], stopped["strength"], "and no stronger later")
    eq(server.request("WHEN", "/pots/b").status, 409)
    eq(server.request("WHEN", "/pots/a").status, 200)
    eq(state(server, "/pots/t")["state"], "done")


@obliges("COF-31")
def test_tea_that_is_stopped_is_done_and_coffee_is_not(server):
    rest(server, "/pots/teapot", "/pots/steeping")
    steep(server, "/pots/earl-grey")
    eq(steep(server, "/pots/teapot", "stop").status, 200, "the pot takes it as well")
    eq(state(server, "/pots/teapot")["state"], "done")
    eq(state(server, "/pots/teapot")["strength"], 0)
    brew(server, "/pots/steeping")
    brew(server, "/pots/steeping", "stop")
    eq(state(server, "/pots/steeping")["state"], "stopped")


@obliges("COF-32")
@own_server(config=config('pot "t" { brews = tea\n heating = 0s\n tea "a" { steeping = 100ms } }'))
def test_brewing_ends_at_the_strength_that_is_recommended(server):
    steep(server, "/pots/a")
    done = wait_for(lambda: state(server, "/pots/t")["state"] == "done" and state(server, "/pots/t"), "it is done by itself")
    eq(done["strength"], 100)
    eq(steep(server, "/pots/a", "stop").status, 409)


@obliges("COF-33")
def test_tea_from_a_coffee_pot_is_415(server):
    got = steep(server, "/pots/plain")
    eq(got.status, 415)
    eq(got.fields["Accept"], "message/coffeepot, application/coffee-pot-command")


def test_tea_from_a_pot_without_saying_which_is_300(server):
    rest(server, "/pots/teapot")
    got = steep(server, "/pots/teapot")
    eq(got.status, 300)
    eq(sorted(alternates(got)), ["/pots/darjeeling", "/pots/earl-grey", "/pots/oolong"])
    eq(state(server, "/pots/teapot")["state"], "done" if state(server, "/pots/teapot").get("variety") else "idle")


@obliges("COF-34")
@cases(("of none", "/pots/lapsang"), ("of a pot", "/pots/teapot/lapsang"), ("another pot's", "/pots/teapot/peppermint"), ("of a coffee pot", "/pots/plain/earl-grey"),
       ("of a tea", "/pots/earl-grey/earl-grey"), ("deeper", "/pots/teapot/earl-grey/x"), ("by case", "/pots/Earl-Grey"))
def test_an_unknown_variety_is_404(server, path):
    eq(steep(server, path).status, 404)
    eq(brew(server, path).status, 404)
    eq(server.get(path).status, 404)


@obliges("COF-26", "COF-28", "COF-30")
@own_server(config=config(AT_THE_TOP), files={"a.txt": b"a file", "index.html": b"<p>hello"})
def test_a_site_of_its_own_has_them_at_its_top(server):
    got = steep(server, "/")
    eq(got.status, 300)
    eq(alternates(got), {"/coffee": "message/coffeepot", "/assam": "message/teapot"})
    eq(steep(server, "/assam").status, 202)
    eq(state(server, "/tea")["variety"], "assam")
    eq(brew(server, "/").status, 202)
    eq(server.get("/a.txt").body, b"a file", "files are there, too")
    eq(server.get("/").body, b"<p>hello")
    eq(server.put("/new.txt", b"x").status, 201)
    eq(server.put("/coffee", b"x").status, 405)
    eq(steep(server, "/lapsang").status, 404)
    eq(steep(server, "/a.txt").status, 405)
    contains(server.request("OPTIONS", "/").fields.words("Allow"), "brew")
    eq(server.request("PROPFIND", "/", {"Depth": "1"}).status, 207)
