"""Variants obey the rights, demands and rules of their files; deltas and conditions are of the variant chosen."""

import deltas
from program import basic
from test_command_users import write_users
from variants import OLD, PAGE, alternates, each, fill, is_choice, is_list, tcn, vary
from wire import contains, eq, lacks, ne, obliges, ok, own_server

CONFIG = """listen = { "127.0.0.1:0" }
site "s" {
  root = "{root}"
  negotiate = on
  users = "{tmp}/users"
  demands = "{tmp}/register"
  history = 5
  hidden = deny
  extensions = on
  allow "*" { rights = { "read" } }
  allow "ada" { rights = { "read", "write", "delete" } }
  at "/page.fr.html" { allow "ada" { rights = { "read", "write" } } }
  at "/mapped.fr" { allow "ada" { rights = { "read" } } }
  at "/dropped" { allow "*" { rights = { "create" } } }
  at "/page.de.html" { fresh = 1h }
  at "/asked.en" { require-extension = "reason" }
}
"""
DEMAND = """demand "order" {
    paths = { "/page.it.html", "/mapped.it" }
    authority = "Tribunale di Esempio"
}
"""
ADA = basic("ada", "ada secret")


def record(name, language):
    return b"URI: %s\nContent-Type: text/html\nContent-Language: %s\n\n" % (name.encode(), language.encode())


def prepare(server):
    write_users(server)
    with open(server.tmp + "/register", "w", encoding="utf-8") as out:
        out.write(DEMAND)
    fill(server, {**PAGE, "page.it.html": b"la pagina\n", "mapped.var": record("mapped.en", "en") + record("mapped.fr", "fr") + record("mapped.it", "it"),
                  "mapped.en": b"en\n", "mapped.fr": b"fr\n", "mapped.it": b"it\n", "dropped/x.en.html": b"secret\n",
                  ".dot.en.html": b"hidden\n", "asked.en": b"en\n", "asked.var": record("asked.en", "en")})


@own_server(config=CONFIG, before=prepare)
def test_who_may_not_read_a_variant_does_not_get_it(server):
    got = server.get("/page", {"Accept-Language": "fr, de;q=0.5"})
    is_choice(got, "page.de.html")
    is_choice(server.get("/page", {"Accept-Language": "fr, de;q=0.5", **ADA}), "page.fr.html", b"la page\n")
    lacks([one.uri for one in alternates(server.get("/page", {"Negotiate": "trans"}))], "page.fr.html")
    contains([one.uri for one in alternates(server.get("/page", {"Negotiate": "trans", **ADA}))], "page.fr.html")


@own_server(config=CONFIG, before=prepare)
def test_what_is_asked_again_and_again_stays_theirs(server):
    """Nor does memory give one client's variant to another."""
    for _ in range(8):
        is_choice(server.get("/page", {"Accept-Language": "fr, de;q=0.5", **ADA}), "page.fr.html")
        is_choice(server.get("/page", {"Accept-Language": "fr, de;q=0.5"}), "page.de.html")


@own_server(config=CONFIG, before=prepare)
def test_a_map_may_list_what_not_everybody_may_read(server):
    got = server.get("/mapped", {"Accept-Language": "fr"})
    eq(got.status, 401)
    contains(vary(got), "accept-language")
    is_choice(server.get("/mapped", {"Accept-Language": "fr", **ADA}), "mapped.fr", b"fr\n")


@own_server(config=CONFIG, before=prepare)
@each("/page", "/mapped", "/mapped.var")
def test_a_demand_holds_for_the_variant_chosen(server, path):
    for more in ({}, {"Negotiate": "1.0", "Accept": "text/html"}, ADA):
        got = server.get(path, {"Accept-Language": "it", **more})
        eq(got.status, 451)
        contains(got.text, "Tribunale di Esempio")
        ok('rel="blocked-by"' in got.fields["Link"], "Link")
    ok(server.get(path, {"Accept-Language": "en"}).status == 200, "the others are not concerned")


@own_server(config=CONFIG, before=prepare)
def test_nothing_is_told_of_a_folder_that_is_not_to_be_read(server):
    for fields in ({"Accept-Language": "en"}, {"Negotiate": "trans"}):
        there, nothing = server.get("/dropped/x", fields), server.get("/dropped/nothing", fields)
        eq((there.status, there.body, tcn(there)), (403, nothing.body, None))
        eq(nothing.status, 403)
    fill(server, {"dropped/m.var": record("x.en.html", "en")})
    for name in ("/dropped/x", "/dropped/m.var", "/dropped/new.var"):  # who may only put is not told what is there
        eq(server.put(name, b"mine\n").status, 403 if name == "/dropped/m.var" else 201)
    eq(server.read("dropped/m.var"), record("x.en.html", "en"))


@own_server(config=CONFIG, before=prepare)
def test_hidden_names_stay_hidden(server):
    there, nothing = (server.get(path, {"Accept-Language": "en"}) for path in ("/.dot", "/.nothing"))
    eq((there.status, there.body), (nothing.status, nothing.body))
    lacks(there.body, b"hidden\n")


@own_server(config=CONFIG, before=prepare)
def test_rules_are_those_of_the_variant(server):
    eq(server.get("/page", {"Accept-Language": "de"}).fields["Cache-Control"], "max-age=3600")
    eq(server.get("/page", {"Accept-Language": "en"}).fields["Cache-Control"], "no-cache")
    eq(server.get("/asked", {"Accept": "text/html"}).status, 510)


# ---- deltas ----

def text(seed):
    return b"".join(b"line %d of %d\n" % (i, seed if i % 50 == 0 else 0) for i in range(2000))


@own_server(config=CONFIG, before=prepare)
@obliges("DLT-47")
def test_a_delta_is_of_the_variant_that_is_chosen(server):
    """Its base is an earlier content of that variant, found by the negotiated tag or by its own; never another variant."""
    for name in ("page.de.html", "page.en.html"):
        eq(server.put("/" + name, text(1), ADA).status, 204)
    german, english = ({"Accept-Language": language} for language in ("de", "en"))
    old, other = server.get("/page", german), server.get("/page", english)
    eq(server.put("/page.de.html", text(2), ADA).status, 204)
    got = server.get("/page", {**german, "A-IM": "vcdiff", "If-None-Match": old.etag})
    eq((got.status, got.fields["IM"], got.fields["Delta-Base"], tcn(got), got.fields["Content-Location"]),
       (226, "vcdiff", old.etag, "choice", "page.de.html"))
    eq(deltas.vcdiff(got.body, text(1)), text(2))
    got = server.get("/page", {**german, "A-IM": "vcdiff", "If-None-Match": other.etag})
    eq((got.status, got.body), (200, text(2)))
    ne(got.etag.split(";")[0], old.etag.split(";")[0])
    eq(server.get("/page", {**german, "A-IM": "vcdiff", "If-None-Match": got.etag}).status, 304)
