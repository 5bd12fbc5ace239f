"""coffee.md §3: Accept-Additions, and the list in the query, which is the same."""

import json

from pots import brew, config, rest, state, steep
from wire import cases, contains, eq, lacks, obliges, ok, own_server

CONFIG = config()
KNOWN = ("Cream", "Half-and-half", "Whole-milk", "Part-Skim", "Skim", "Non-Dairy", "Vanilla", "Almond", "Raspberry", "Chocolate",
         "Whisky", "Rum", "Kahlua", "Aquavit", "Sugar", "Xylitol", "Stevia")


def added(server, path, wanted):
    """What went in, or the status."""
    got = brew(server, path, fields={"Accept-Additions": wanted, "Accept": "application/json"})
    return json.loads(got.text)["additions"] if got.status == 202 else got.status


@obliges("COF-20")
def test_every_addition_of_the_rfcs_is_known(server):
    for name in KNOWN:
        eq(added(server, "/pots/quick", name), {name: 1})
        eq(added(server, "/pots/plain", name), 406, "%s, where there is none" % name)
    eq(added(server, "/pots/quick", ", ".join(KNOWN)), {name: 1 for name in KNOWN})
    eq(added(server, "/pots/quick", "*"), {})


@obliges("COF-19")
@cases(("small", "cream", {"Cream": 1}), ("capitals", "HALF-AND-HALF", {"Half-and-half": 1}), ("two", "Cream,Sugar", {"Cream": 1, "Sugar": 1}),
       ("blanks", "  Cream ,\tSugar ", {"Cream": 1, "Sugar": 1}), ("empty members", ",,Cream,,", {"Cream": 1}), ("nothing", "", {}),
       ("portions", "Cream;3", {"Cream": 3}), ("blanks before", "Cream ; 3", {"Cream": 3}), ("amount", "Sugar;amount=2;q=0.5", {"Sugar": 2}),
       ("other parameters", 'Cream;warm;foam="a, b";3', {"Cream": 3}), ("the first counts", "Cream;2, cream;5", {"Cream": 2}),
       ("not wanted", "Cream;q=0, Sugar", {"Sugar": 1}), ("none wanted", "Cream;q=0", {}), ("weight 1", "Cream;q=1.000", {"Cream": 1}))
def test_the_list(server, text, wanted):
    eq(added(server, "/pots/quick", text), wanted)


@obliges("COF-19")
@cases(("has to be there", "Cream, Aquavit", 406), ("with less weight it may be left out", "Cream, Aquavit;q=0.9", {"Cream": 1}),
       ("but not if it is all", "Aquavit;q=0.9", 406), ("nor if all of them lack", "Aquavit;q=0.9, Rum;q=0.1", 406),
       ("not wanted is not lacking", "Aquavit;q=0", {}), ("nor here", "Cream, Aquavit;q=0.0", {"Cream": 1}),
       ("one of two", "Aquavit;q=0.9, Cream;q=0.1", {"Cream": 1}), ("any", "Aquavit, *", {}), ("any but", "Cream, Aquavit, *;q=0.1", {"Cream": 1}),
       ("not any", "Aquavit, *;q=0", 406), ("any excluded", "Cream, *;q=0", {"Cream": 1}))
def test_weights(server, text, wanted):
    rest(server, "/pots/pouring")
    got = added(server, "/pots/pouring", text)
    eq(got, wanted)


@obliges("COF-19")
@cases(("no token", "Cream Sugar"), ("a slash", "Cream/light"), ("no weight", "Cream;q=2"), ("a word for it", "Cream;q=much"), ("no portion", "Cream;0"),
       ("too many portions", "Cream;21"), ("more digits", "Sugar;99999999999999999999"), ("amount", "Cream;amount=lots"), ("quoted", '"Cream"'), ("semicolon", ";3"),
       ("too many", ", ".join("a%d" % i for i in range(60))))
def test_malformed_is_400(server, text):
    eq(added(server, "/pots/quick", text), 400)


@obliges("COF-19")
def test_several_lines_are_one_list(server):
    fields = [("Content-Type", "message/coffeepot"), ("Accept-Additions", "Cream"), ("Accept-Additions", "Sugar;2"), ("Accept", "application/json")]
    got = server.request("BREW", "/pots/quick", fields, "start")
    eq(json.loads(got.text)["additions"], {"Cream": 1, "Sugar": 2})
    fields[2] = ("Accept-Additions", "Tea")
    eq(server.request("BREW", "/pots/quick", fields, "start").status, 406)


@obliges("COF-21", "COF-22")
def test_what_it_has_not_is_406_with_what_it_has(server):
    rest(server, "/pots/slow")
    got = brew(server, "/pots/slow", fields={"Accept-Additions": "Aquavit;q=1"})
    eq(got.status, 406)
    contains(got.text, "Cream, Vanilla, Sugar")
    lacks(got.text, "Aquavit")
    eq(state(server, "/pots/slow")["state"] in ("idle", "stopped"), True, "nothing is brewed")
    as_json = brew(server, "/pots/slow", fields={"Accept-Additions": "Rum", "Accept": "application/json"})
    eq(as_json.status, 406)
    eq(json.loads(as_json.text)["additions"], ["Cream", "Vanilla", "Sugar"])
    html = brew(server, "/pots/slow", fields={"Accept-Additions": "Rum", "Accept": "text/html", "Accept-Language": "de"})
    contains(html.text, "Diese Kanne kann dazugeben: Cream, Vanilla, Sugar.")
    contains(brew(server, "/pots/plain", fields={"Accept-Additions": "Rum"}).text, "add nothing")
    eq(steep(server, "/pots/darjeeling", fields={"Accept-Additions": "Whisky"}).status, 406, "tea as well")


@obliges("COF-22")
def test_head_has_no_content_and_is_never_406(server):
    got = server.head("/pots/slow", {"Accept-Additions": "Aquavit"})
    eq(got.status, 200)
    eq(got.body, b"")


@obliges("COF-23")
@cases(("no field", None), ("any", "*"), ("any of low weight", "*;q=0.001"), ("any and more", "Aquavit, Rum, *"), ("empty", ""))
def test_any_or_none_is_never_406(server, text):
    eq(brew(server, "/pots/plain", fields={} if text is None else {"Accept-Additions": text}).status, 202)


@obliges("COF-25")
@cases(("decaf", "Decaf"), ("decaffeinated", "Decaffeinated"), ("with a weight", "decaf;q=0.5"))
def test_there_is_no_decaffeinated(server, text):
    eq(added(server, "/pots/quick", text), 406)
    eq(brew(server, "/pots/quick?" + text.split(";")[0]).status, 406)


@obliges("COF-37")
@cases(("two", "Cream,Sugar", {"Cream": 1, "Sugar": 1}), ("portions", "Cream;3", {"Cream": 3}), ("encoded", "Half%2Dand%2dhalf%2C%20Rum", {"Half-and-half": 1, "Rum": 1}),
       ("nothing", "", {}), ("any", "*", {}), ("small", "cream", {"Cream": 1}))
def test_the_query_is_the_same(server, query, wanted):
    got = brew(server, "/pots/quick?" + query, fields={"Accept": "application/json"})
    eq(got.status, 202)
    eq(json.loads(got.text)["additions"], wanted)


@obliges("COF-37")
def test_the_query_and_the_field_together(server):
    got = brew(server, "/pots/quick?Sugar,Cream;9", fields={"Accept-Additions": "Cream;2", "Accept": "application/json"})
    eq(json.loads(got.text)["additions"], {"Cream": 2, "Sugar": 1})
    eq(brew(server, "/pots/plain?Cream").status, 406)
    eq(brew(server, "/pots/plain?%zz").status, 400)
    eq(brew(server, "/pots/plain?Cream%20Sugar").status, 400)
    eq(steep(server, "/pots/darjeeling?Sugar").status, 202)


@obliges("COF-24")
def test_what_drinkers_agree_on_is_403(server):
    rest(server, "/pots/teapot")
    for wanted, status in (("Cream", 403), ("Cream;q=0.1", 403), ("Vanilla, Rum", 403), ("Rum, Sugar, Vanilla", 403), ("Vanilla", 202), ("Rum, Sugar", 202),
                           ("Skim", 202), ("Cream;q=0", 202), ("*", 202)):
        got = steep(server, "/pots/earl-grey", fields={"Accept-Additions": wanted})
        eq(got.status, status, wanted)
        rest(server, "/pots/teapot")
    eq(steep(server, "/pots/darjeeling", fields={"Accept-Additions": "Cream"}).status, 202, "of another tea they think otherwise")
    eq(steep(server, "/pots/earl-grey?Cream").status, 403)
