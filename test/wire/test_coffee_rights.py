"""Pots obey what all resources obey: rights, limits, legal demands, other addresses."""

import base64
import signal

from pots import COFFEE, brew, config, state, steep
from wire import cases, contains, eq, lacks, obliges, ok, own_server, wait_for

POTS = """
    pot "pot" { additions = { Cream }
        heating = 1h }
    pot "secret" { brews = both
        tea "assam" { } }
"""
USERS = """
    users = "{tmp}/users"
    at "/" { allow "*" { rights = { read } }
             allow "writer" { rights = { read, write } }
             allow "barista" { rights = { brew } } }
    at "/pots/secret" { allow "barista" { rights = { read } } }
    at "/pots/assam" { allow "barista" { rights = { brew } } }
"""


def users(server):
    with open(server.tmp + "/users", "w", encoding="utf-8") as out:
        for name in ("writer", "barista"):
            out.write(name + ":$apr1$saltsalt$LrttParrLPdxvgutaSXWJ0\n")


def as_user(name):
    return {"Authorization": "Basic " + base64.b64encode(("%s:secret" % name).encode()).decode()}


@own_server(config=config(POTS, USERS), before=users, files={"a.txt": b"a file"})
def test_brewing_takes_a_right_of_its_own(server):
    anonymous = brew(server, "/pots/pot")
    eq(anonymous.status, 401)
    ok("WWW-Authenticate" in anonymous.fields, "a challenge")
    eq(server.request("WHEN", "/pots/pot").status, 401)
    eq(server.request("POST", "/pots/pot", COFFEE, "start").status, 401)
    eq(server.get("/pots/pot").status, 200, "who may read may look")
    for method in ("BREW", "POST"):
        refused = brew(server, "/pots/pot", fields=as_user("writer"), method=method)
        eq(refused.status, 403, "to write is not to brew")
        contains(refused.text, "Brewing takes a right of its own")
    eq(brew(server, "/pots/pot", fields=as_user("barista")).status, 202)
    eq(server.get("/pots/pot", as_user("barista")).status, 200, "who may brew may look")
    eq(server.get("/a.txt", as_user("barista")).status, 200, "as everybody")
    eq(server.put("/b.txt", b"x", as_user("barista")).status, 403)
    eq(brew(server, "/pots/secret", fields=as_user("barista")).status, 403)
    eq(steep(server, "/pots/assam", fields=as_user("barista")).status, 202, "by the tea's own address")


@own_server(config=config(POTS, USERS), before=users)
def test_what_one_may_not_see_is_not_told(server):
    for fields in ({}, as_user("writer")):
        eq(server.get("/pots/secret", fields).status, 401 if not fields else 403)
        lacks(server.get("/pots/", fields).text, "secret")
        lacks(server.request("PROPFIND", "/pots/", {"Depth": "1", **fields}).text, "secret")
        lacks(server.request("PROPFIND", "/pots/", {"Depth": "1", **fields}).text, "assam")
    shown = server.get("/pots/", as_user("barista")).text
    contains(shown, "secret")
    listed = steep(server, "/pots/", fields=as_user("barista")).fields["Alternates"]
    contains(listed, "/pots/assam")
    contains(listed, "/pots/secret")


@own_server(config=config(POTS, "read-only = on"))
def test_a_site_that_is_read_only_has_coffee(server):
    eq(brew(server, "/pots/pot").status, 202)
    eq(state(server, "/pots/pot")["state"], "heating", "and knows of it as long as it runs")
    eq(brew(server, "/pots/pot", "stop").status, 200)
    eq(server.put("/x", b"x").status, 403)


@own_server(config=config(POTS, 'limit "coffee" {\n rate = 2/h\n burst = 2\n methods = { BREW, POST }\n paths = { "/pots" }\n}'))
def test_a_limit_counts_brews(server):
    eq([brew(server, "/pots/pot", body).status for body in ("start", "stop")], [202, 200])
    got = brew(server, "/pots/pot")
    eq(got.status, 429)
    ok("Retry-After" in got.fields, "Retry-After")
    eq(server.request("POST", "/pots/pot", COFFEE, "start").status, 429)
    eq(server.get("/pots/pot").status, 200)


def demands(server):
    with open(server.tmp + "/demands", "w", encoding="utf-8") as out:
        out.write('demand "dry" {\n paths = { "/pots/pot" }\n authority = "Temperance Board"\n}\n')


@own_server(config=config(POTS, 'demands = "{tmp}/demands"'), before=demands)
def test_a_legal_demand_closes_a_pot(server):
    eq(brew(server, "/pots/pot").status, 451)
    eq(server.get("/pots/pot").status, 451)
    eq(server.request("WHEN", "/pots/pot").status, 451)
    lacks(server.get("/pots/").text, "pot: pot")
    lacks(steep(server, "/pots/").fields["Alternates"], "/pots/pot")


@own_server(config=config(POTS, 'moved "/old/**" {\n to = "/pots/$1"\n}'))
def test_an_address_that_moved_leads_there(server):
    got = brew(server, "/old/pot")
    eq(got.status, 308)
    eq(got.fields["Location"], "/pots/pot")


@own_server(config=config(POTS))
def test_a_page_of_another_site_cannot_brew(server):
    eq(brew(server, "/pots/pot", fields={"Origin": "https://evil.example"}).status, 403)
    eq(brew(server, "/pots/pot", fields={"Sec-Fetch-Site": "cross-site"}).status, 403)
    eq(server.request("WHEN", "/pots/pot", {"Origin": "https://evil.example"}).status, 403)
    eq(state(server, "/pots/pot")["state"], "idle")


@own_server(config=config(POTS, 'cors = { "https://app.example" }'))
def test_a_page_of_an_origin_that_is_listed_can(server):
    asked = server.request("OPTIONS", "/pots/pot", {"Origin": "https://app.example", "Access-Control-Request-Method": "BREW", "Access-Control-Request-Headers": "accept-additions"})
    contains(asked.fields.words("Access-Control-Allow-Methods"), "brew")
    contains(asked.fields.words("Access-Control-Allow-Methods"), "when")
    contains(asked.fields.words("Access-Control-Allow-Headers"), "accept-additions")
    got = brew(server, "/pots/pot", fields={"Origin": "https://app.example"})
    eq(got.status, 202)
    contains(got.fields.words("Access-Control-Expose-Headers"), "alternates")


@own_server(config=config(POTS))
def test_a_reload_changes_pots_and_keeps_what_they_do(server):
    eq(brew(server, "/pots/pot").status, 202)
    with open(server.config_path, encoding="utf-8") as given:
        text = given.read()
    text = text.replace('additions = { Cream }', 'additions = { Cream, Rum }').replace('heating = 1h', 'heating = 1s')
    with open(server.config_path, "w", encoding="utf-8") as out:
        out.write(text)
    server.signal(signal.SIGHUP)
    wait_for(lambda: "Rum" in state(server, "/pots/pot")["has"], "the reload")
    shown = state(server, "/pots/pot")
    eq(shown["state"], "heating")
    ok(shown["remaining_ms"] > 3000 * 1000, "as it was ordered")
