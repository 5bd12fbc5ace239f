"""Transparent content negotiation: lists, choices and their fields (RFC 2295; docs/spec/negotiation.md 1 to 3, 5)."""

import json
import re
import time

from variants import CONFIG, MAP, OLD, PAGE, PAPER, alternates, each, fill, is_choice, is_list, tcn, validator, vary
from wire import contains, eq, lacks, ne, obliges, ok, own_server

ENGLISH = {"Accept": "text/html", "Accept-Language": "en"}
RVSA = {"Negotiate": "1.0"}


def prepare(server):
    fill(server, {**PAPER, **PAGE})


# ---- which response ----

@own_server(config=CONFIG, before=prepare)
@obliges("NEG-01", "NEG-09")
@each(({"Accept-Language": "en"}, 300, "list"), (ENGLISH, 200, "choice"), ({**ENGLISH, **RVSA}, 200, "choice"),
      ({"Negotiate": "trans"}, 300, "list"))
def test_what_is_answered_says_which_kind_it_is(server, fields, status, kind):
    server.write("paper.ps.var", MAP.replace(b"qs=1.0", b"qs=0.9"), OLD)  # where English is a tie
    for path in ("/paper.ps.var",) if "Accept" not in fields else ("/paper", "/paper.var"):
        got = server.get(path, fields)
        eq((got.status, tcn(got)), (status, kind))


@own_server(config=CONFIG, before=prepare)
@obliges("NEG-02", "NEG-13")
@each("/paper.en", "/page.fr.html", "/plain.txt")
def test_a_variant_itself_and_other_files_have_nothing_of_it(server, path):
    server.write("plain.txt", b"plain\n", OLD)
    got = server.get(path, {**ENGLISH, **RVSA})
    eq(got.status, 200)
    for name in ("TCN", "Alternates", "Variant-Vary"):
        lacks(got.fields, name)
    ok(";" not in got.etag, "a plain tag: %s" % got.etag)
    ok("negotiate" not in vary(got), "Vary: %s" % vary(got))


@own_server(config=CONFIG, before=prepare)
@obliges("NEG-02")
def test_where_nothing_is_negotiated_names_are_just_names(server):
    fill(server, {"plain/page.en.html": b"en\n", "plain/x.var": MAP})
    eq(server.get("/plain/page", ENGLISH).status, 404)
    got = server.get("/plain/x.var", ENGLISH)
    eq((got.status, got.body), (200, MAP))
    lacks(got.fields, "TCN")


@own_server(config=CONFIG, before=prepare)
@obliges("NEG-03")
@each("trans", "vlist", "trans, vlist", "2.5", "frob, trans")
def test_without_leave_to_choose_it_is_the_list_whatever_accept_says(server, value):
    is_list(server.get("/paper", {"Negotiate": value, **ENGLISH}))


@own_server(config=CONFIG, before=prepare)
@obliges("NEG-04", "NEG-54")
@each("1.0", "*", "trans, 1.0", "2.7, 1.0", "vlist, *")
def test_with_leave_the_server_chooses_what_is_sure(server, value):
    is_choice(server.get("/paper", {"Negotiate": value, **ENGLISH}), "paper.en", b"the paper\n")
    is_list(server.get("/paper", {"Negotiate": value, "Accept": "*/*", "Accept-Language": "*"}))
    is_list(server.get("/paper", {"Negotiate": value}))


@own_server(config=CONFIG, before=prepare)
@obliges("NEG-05")
@each(("2.5", "list"), ("1.1", "list"), ("1.10", "list"), ("0.9", "list"), ("1.0", "choice"), ("1.00", "choice"))
def test_versions_are_numbers_and_ours_is_one_zero(server, version, kind):
    eq(tcn(server.get("/paper", {"Negotiate": version, **ENGLISH})), kind)


@own_server(config=CONFIG, before=prepare)
@obliges("NEG-06", "NEG-07")
def test_guess_small_lets_small_ones_be_guessed(server):
    got = is_choice(server.get("/page", {"Negotiate": "guess-small", "Accept-Language": "fr"}), "page.fr.html", b"la page\n")
    eq(len(alternates(got)), 3)
    server.write("page.fr.html", b"x" * 100000, OLD)
    is_list(server.get("/page", {"Negotiate": "guess-small", "Accept-Language": "fr"}))


@own_server(config=CONFIG, before=prepare)
@obliges("NEG-07")
@each(("vlist", 300), ("vlist, 1.0", 200), ("guess-small, 1.0", 200))
def test_who_wants_the_list_gets_it_with_any_answer(server, value, status):
    got = server.get("/paper", {"Negotiate": value, **ENGLISH})
    eq((got.status, [variant.uri for variant in alternates(got)]), (status, ["paper.en", "paper.fr", "paper.ps"]))


@own_server(config=CONFIG, before=prepare)
@obliges("NEG-08")
@each("frobnicate", "x=1, y", "1.0.0", "1.", ".0", "TRANSIT", "")
def test_what_is_unknown_in_negotiate_is_as_if_it_was_not_there(server, value):
    is_choice(server.get("/paper", {"Negotiate": value, **ENGLISH}), "paper.en")
    got = server.get("/paper", {"Negotiate": value, "Accept": "image/png"})
    eq((got.status, tcn(got)), (406, None))


@own_server(config=CONFIG, before=prepare)
@obliges("NEG-10")
@each({}, ENGLISH, {"Negotiate": "trans"}, {**ENGLISH, **RVSA})
def test_head_is_get_without_content(server, fields):
    got, head = server.get("/paper", fields), server.head("/paper", fields)
    eq(head.status, got.status)
    for name in ("TCN", "Alternates", "Vary", "ETag", "Content-Location", "Content-Length", "Content-Type"):
        eq(head.fields.get(name), got.fields.get(name), name)


@own_server(config=CONFIG, before=prepare)
@obliges("NEG-11")
@each("PUT", "DELETE", "PATCH", "POST", "LOCK", "MKCOL")
def test_other_methods_are_refused_and_change_nothing(server, method):
    """NEG-C9."""
    got = server.request(method, "/page", {"Accept-Language": "fr", "If-Match": '"x"'}, b"" if method == "MKCOL" else b"new")
    eq((got.status, got.fields.get("Allow")), (405, "GET, HEAD, OPTIONS"))
    for name in ("TCN", "Alternates"):
        lacks(got.fields, name)
    eq(sorted(server.names()), sorted([*PAPER, *PAGE]))
    eq(server.read("page.fr.html"), b"la page\n")


@own_server(config=CONFIG, before=prepare)
@obliges("NEG-11")
@each("PUT", "DELETE", "PATCH")
def test_a_map_is_not_changed_by_who_may_have_seen_a_variant(server, method):
    eq(server.request(method, "/paper.var", {"If-Match": '"x"'}, b"").status, 405)
    eq(server.read("paper.var"), MAP)


@own_server(config=CONFIG, before=prepare)
def test_translate_f_speaks_of_the_map_itself(server):
    as_file = {"Translate": "f"}
    got = server.get("/paper.var", as_file)
    eq((got.status, got.body, tcn(got)), (200, MAP, None))
    for _ in range(6):  # nor does memory confuse the two
        eq(server.get("/paper.var", as_file).body, MAP)
        eq(server.get("/paper.var", ENGLISH).body, b"the paper\n")
    eq(server.put("/paper.var", MAP + b"\n", as_file).status, 204)
    eq(server.read("paper.var"), MAP + b"\n")
    eq(server.request("DELETE", "/paper.var", as_file).status, 204)
    ok(not server.exists("paper.var"), "it is gone")


@own_server(config=CONFIG, before=prepare)
@obliges("NEG-11")
def test_options_says_what_can_be_done(server):
    got = server.request("OPTIONS", "/page", {"Accept-Language": "fr"})
    eq((got.status, got.fields["Allow"], tcn(got)), (200, "GET, HEAD, OPTIONS", None))


@own_server(config=CONFIG, before=prepare)
def test_a_mount_sees_files_and_nothing_negotiable(server):
    """NEG-C8: what is negotiated has no properties, and no tag in them."""
    got = server.request("PROPFIND", "/", {"Depth": "1", "Accept-Language": "fr"})
    eq(got.status, 207)
    contains(got.body, b"<D:href>/page.fr.html</D:href>")
    lacks(got.body, b"<D:href>/page</D:href>")
    eq(server.request("PROPFIND", "/page", {"Depth": "0"}).status, 404)
    for path, has in (("/paper.var", False), ("/paper.en", True)):
        got = server.request("PROPFIND", path, {"Depth": "0"})
        eq((got.status, b"getetag" in got.body), (207, has))


@own_server(config=CONFIG, before=prepare)
@obliges("NEG-12")
def test_the_list_is_the_same_whatever_is_asked(server):
    texts = {server.get("/page", {"Negotiate": "vlist", **fields}).fields["Alternates"]
             for fields in ({}, ENGLISH, {"Accept": "image/png"}, {"Accept-Language": "ja"}, {"User-Agent": "other"})}
    eq(len(texts), 1, "lists")


# ---- lists ----

@own_server(config=CONFIG, before=prepare)
@obliges("NEG-14", "NEG-15")
def test_a_list_is_300_and_for_people_too(server):
    got = is_list(server.get("/paper", {"Negotiate": "trans", "Accept": "text/html"}))
    eq([(one.uri, one.quality, one.attributes["type"], one.attributes["language"]) for one in alternates(got)],
       [("paper.en", 0.9, "text/html", "en"), ("paper.fr", 0.7, "text/html", "fr"), ("paper.ps", 1.0, "application/postscript", "en")])
    eq(got.fields["Content-Type"], "text/html; charset=utf-8")
    contains(got.body, b"paper.fr")
    ok(got.fields.get("Vary"), "Vary")


@own_server(config=CONFIG, before=prepare)
@obliges("NEG-16")
def test_a_list_prefers_nothing(server):
    lacks(is_list(server.get("/paper", {"Negotiate": "trans"})).fields, "Location")
    lacks(is_list(server.get("/page")).fields, "Location")


@own_server(config=CONFIG, before=prepare)
@obliges("NEG-17")
def test_links_of_the_page_are_those_of_the_list(server):
    fill(server, {"odd name.en.html": b"en\n", "odd name.fr&<b>.html": b"-\n", "odd name.fr.html": b"fr\n"})
    for path in ("/paper", "/page", "/odd%20name"):
        got = is_list(server.get(path, {"Negotiate": "vlist", "Accept": "text/html"}))
        links = [link.replace("&amp;", "&") for link in re.findall(r'<a href="([^"]*)"', got.body.decode())]
        eq(links, [variant.uri for variant in alternates(got)])
        for link in links:
            eq(server.get("/" + link).status, 200)


@own_server(config=CONFIG, before=prepare)
def test_a_list_is_for_programs_too(server):
    got = is_list(server.get("/paper", {"Negotiate": "trans", "Accept": "application/json"}))
    eq(got.fields["Content-Type"], "application/json")
    read = json.loads(got.body)
    eq([(one["uri"], one["quality"], one["languages"]) for one in read["variants"]],
       [("paper.en", 0.9, ["en"]), ("paper.fr", 0.7, ["fr"]), ("paper.ps", 1.0, ["en"])])


# ---- choices ----

@own_server(config=CONFIG, before=prepare)
@obliges("NEG-18")
@each("page.fr.html", "page.de.html")
def test_a_choice_is_the_variants_own_answer_and_more(server, name):
    own = server.get("/" + name)
    got = is_choice(server.get("/page", {"Accept-Language": name[5:7]}), name, own.body)
    for field in ("Content-Type", "Content-Language", "Last-Modified", "Content-Length", "Cache-Control", "Accept-Ranges"):
        eq(got.fields.get(field), own.fields.get(field), field)
    eq(own.fields["Content-Language"], name[5:7])
    eq(got.etag, own.etag[:-1] + ";" + validator(got) + '"')
    contains(vary(got), "accept-language")


@own_server(config=CONFIG, before=prepare)
@obliges("NEG-19")
def test_only_a_neighbour_is_chosen(server):
    fill(server, {"far/away.html": b"away\n", "near.html": b"near\n",
                  "split.var": b"URI: far/away.html\nContent-Type: text/html\nContent-Language: en\n\n"
                               b"URI: near.html\nContent-Type: text/html; qs=0.5\nContent-Language: fr\n\n"
                               b"URI: http://elsewhere.example/x\nContent-Type: text/html\nContent-Language: de\n"})
    for language, uri in (("en", "far/away.html"), ("de", "http://elsewhere.example/x")):
        got = is_list(server.get("/split", {"Accept": "text/html", "Accept-Language": language}))
        eq(got.fields.get("Location"), uri)
        is_list(server.get("/split", {"Accept": "text/html", "Accept-Language": language, **RVSA}))
    is_choice(server.get("/split", {"Accept": "text/html", "Accept-Language": "fr", **RVSA}), "near.html", b"near\n")


@own_server(config=CONFIG, before=prepare)
@obliges("NEG-19")
@each("../secret", "/etc/passwd", "%2e%2e/secret", "..", "//host/x", "a/../near.html", "near.html/", "near.html#x", "%00", "x%2fy")
def test_a_map_leads_out_of_nothing(server, uri):
    fill(server, {"out.var": b"URI: %s\nContent-Type: text/html\n" % uri.encode(), "near.html": b"near\n"})
    got = server.get("/out", {"Accept": "text/html"})
    ok(got.status in (300, 404), "%s: %d" % (uri, got.status))
    lacks(got.fields, "Content-Location")


@own_server(config=CONFIG.replace("negotiate = on", "negotiate = on\n  compress = on"), before=prepare)
@obliges("NEG-21", "NEG-68")
def test_what_a_variant_depends_on_is_told_apart(server):
    fill(server, {"long.en.html": b"word " * 1000, "long.fr.html": b"mot " * 1000})
    for coding in (None, "gzip"):
        fields = {"Accept-Language": "fr", **({"Accept-Encoding": coding} if coding else {})}
        got = is_choice(server.get("/long", fields), "long.fr.html")
        eq(got.fields.get("Content-Encoding"), coding)
        eq(got.fields["Variant-Vary"].lower(), "accept-encoding")
        contains(vary(got), "accept-encoding")
        contains(vary(got), "negotiate")


@own_server(config=CONFIG, before=prepare)
@obliges("NEG-20", "NEG-22")
def test_there_is_one_place_and_one_list(server):
    got = server.get("/paper", {"Negotiate": "1.0, vlist", **ENGLISH})
    eq((len(got.fields.all("Content-Location")), len(got.fields.all("Alternates"))), (1, 1))
    lacks(server.get("/paper", {**RVSA, **ENGLISH}).fields, "Alternates")


@own_server(config=CONFIG, before=prepare)
@obliges("NEG-23", "NEG-43")
def test_a_choice_is_shortened_by_its_own_tag(server):
    fields = {"Accept-Language": "fr"}
    got, own = server.get("/page", fields), server.get("/page.fr.html")
    short = server.get("/page", {**fields, "If-None-Match": got.etag})
    eq((short.status, short.etag, short.fields.get("Content-Location"), vary(short)), (304, got.etag, "page.fr.html", vary(got)))
    eq(server.get("/page", {**fields, "If-None-Match": own.etag}).status, 200)
    part = server.get("/page", {**fields, "Range": "bytes=3-6"})
    eq((part.status, part.body, part.fields["Content-Range"], part.etag), (206, b"page", "bytes 3-6/8", got.etag))
    eq(server.get("/page", {**fields, "Range": "bytes=3-6", "If-Range": got.etag}).status, 206)
    eq(server.get("/page", {**fields, "Range": "bytes=3-6", "If-Range": own.etag}).status, 200)
    eq(server.get("/page", {**fields, "If-Match": own.etag}).status, 412)
    eq(server.get("/page", {**fields, "If-Match": got.etag}).status, 200)


@own_server(config=CONFIG, before=prepare)
@obliges("NEG-44")
def test_tags_are_compared_after_choosing(server):
    french = server.get("/page", {"Accept-Language": "fr"}).etag
    got = server.get("/page", {"Accept-Language": "de", "If-None-Match": french})
    is_choice(got, "page.de.html", b"die Seite\n")


MOVED = """listen = { "127.0.0.1:0" }
site "s" {
  root = "{root}"
  negotiate = on
  at "/page.fr.html" { moved-to = "/ailleurs" }
}
"""


@own_server(config=MOVED, before=prepare)
@obliges("NEG-24")
def test_where_a_variant_leads_its_choice_leads(server):
    got = server.get("/page", {"Accept-Language": "fr"})
    eq((got.status, got.fields["Location"], tcn(got), got.fields.get("Content-Location")), (308, "/ailleurs", "choice", "page.fr.html"))
    is_choice(server.get("/page", {"Accept-Language": "de"}), "page.de.html")


# ---- fields ----

@own_server(config=CONFIG, before=prepare)
@obliges("NEG-32", "NEG-33", "NEG-34", "NEG-46")
def test_every_variant_is_described_as_the_grammar_says(server):
    """The reader of these tests takes nothing else."""
    fill(server, {"x.en.html": b"a", "x.fr.utf8.html": b"b", "x.var": b""})
    server.write("rich.var", b"""URI: rich.html
Content-Type: text/html; charset=utf-8; level=2; qs=0.1256
Content-Language: en, fr
Features: tables;+1.5 [print dialup];+1.1-0.5
Description: "say \\"hello\\", {people}"

URI: last.html
Fallback: on
""", OLD)
    rich, last = alternates(is_list(server.get("/rich", {"Negotiate": "vlist"})))
    eq((rich.quality, rich.attributes["type"], rich.attributes["charset"], rich.attributes["language"], rich.attributes["features"]),
       (0.126, "text/html;level=2", "utf-8", "en, fr", "tables;+1.5 [print dialup];+1.1-0.5"))
    contains(rich.attributes["description"], "{people}")
    eq((last.uri, last.quality, last.attributes), ("last.html", None, {}))


@own_server(config=CONFIG, before=prepare)
@obliges("NEG-35")
def test_a_length_is_that_of_the_file(server):
    fill(server, {"l.var": b"URI: paper.en\nContent-Type: text/html\nContent-Length: 12345\n\n"
                           b"URI: nothing\nContent-Type: text/html\nContent-Length: 7\n"})
    eq([one.attributes.get("length") for one in alternates(server.get("/l", {"Negotiate": "trans"}))], ["10", None])
    eq([one.attributes["length"] for one in alternates(server.get("/page", {"Negotiate": "trans"}))], ["10", "9", "8"])


@own_server(config=CONFIG, before=prepare)
@obliges("NEG-36")
def test_addresses_are_relative_to_what_was_asked(server):
    fill(server, {"deep/er/page.en.html": b"deep en\n", "deep/er/page.fr.html": b"deep fr\n"})
    for one in alternates(server.get("/deep/er/page", {"Negotiate": "trans"})):
        eq(server.get("/deep/er/" + one.uri).status, 200)


@own_server(config=CONFIG, before=prepare)
@obliges("NEG-37")
@each({"Negotiate": "trans"}, {"Negotiate": "vlist, 1.0", **ENGLISH}, {"Accept": "image/png"})
def test_a_list_is_whole_or_not_there(server, fields):
    eq([one.uri for one in alternates(server.get("/paper", fields))], ["paper.en", "paper.fr", "paper.ps"])


@own_server(config=CONFIG, before=prepare)
@obliges("NEG-38")
@each(("/page", ["accept", "accept-language", "negotiate"]), ("/types", ["accept", "negotiate"]),
       ("/sets", ["accept", "accept-charset", "negotiate"]), ("/feat", ["accept", "accept-features", "negotiate"]))
def test_vary_names_what_the_list_depends_on(server, path, names):
    fill(server, {"types.html": b"-", "types.txt": b"-", "sets.utf8.html": b"-", "sets.latin1.html": b"-",
                  "feat.var": b"URI: types.html\nContent-Type: text/html\nFeatures: tables\n\nURI: types.txt\nContent-Type: text/plain\n"})
    asked = {"Accept": "text/html", "Accept-Language": "en", "Accept-Charset": "utf-8", "Accept-Features": "tables"}
    eq(vary(is_choice(server.get(path, {**RVSA, **asked}), server.get(path, asked).fields["Content-Location"])), names)
    got = vary(is_list(server.get(path, {"Negotiate": "trans"})))  # whose page is in a language, too
    eq([name for name in got if name != "accept-language" or name in names], names)


@own_server(config=CONFIG, before=prepare)
@obliges("NEG-39", "NEG-41")
def test_tags_are_structured_and_weak_ones_stay_weak(server):
    eq(validator(server.get("/page", {"Accept-Language": "fr"})), validator(server.get("/page", {"Accept-Language": "de"})))
    eq(validator(server.get("/page", {"Negotiate": "trans"})), validator(server.get("/page", {"Accept-Language": "de"})))
    for _ in range(20):  # until one is written and asked for within a tick of the clock
        server.write("page.fr.html", b"neuf\n")
        got = server.get("/page", {"Accept-Language": "fr"})
        own = server.get("/page.fr.html")
        if got.etag.startswith("W/") and own.etag.startswith("W/"):
            eq(got.etag, own.etag[:-1] + ";" + validator(got) + '"')
            return
        time.sleep(0.01)


@own_server(config=CONFIG, before=prepare)
@obliges("NEG-40")
def test_a_change_of_the_list_changes_every_tag(server):
    def tags():
        return [server.get("/page", {"Accept-Language": language}).etag for language in ("fr", "de")]

    before = tags()
    server.write("page.it.html", b"la pagina\n", OLD)
    after = tags()
    for one, other in zip(before, after):
        ne(one, other)
        eq(one.split(";")[0], other.split(";")[0])
    server.write("page.it.html", b"la pagina nuova\n", OLD)
    ne(tags()[0], after[0], "a length is part of the list")


@own_server(config=CONFIG, before=prepare)
@obliges("NEG-42")
def test_no_plain_tag_looks_like_a_structured_one(server):
    for name in (*PAGE, "paper.en", "paper.fr", "paper.ps"):
        lacks(server.get("/" + name).etag, ";")


@own_server(config=CONFIG, before=prepare)
@obliges("NEG-45")
@each({}, {"User-Agent": "Mozilla/4.0"}, {"User-Agent": "curl/7.88.1", "Accept": "*/*"})
def test_nothing_is_overridden(server, fields):
    """No agent gets another answer than its fields ask for, so that there is nothing to mark."""
    for path in ("/page", "/paper"):
        ok(tcn(server.get(path, fields)) in ("list", "choice"), "a list or a choice")


# ---- ordinary negotiation ----

TYPES = {"t.var": b"".join(b"URI: t%d\nContent-Type: %s\n\n" % (i, kind) for i, kind in enumerate(
    (b"text/html;level=1", b"text/html", b"text/plain", b"image/gif"))), **{"t%d" % i: b"%d\n" % i for i in range(4)}}


@own_server(config=CONFIG, before=lambda server: fill(server, TYPES))
@obliges("NEG-64")
@each(("text/html;level=1, text/html;q=0.9, text/*;q=0.8, */*;q=0.7", "t0"), ("text/html;level=1;q=0.5, text/html, */*;q=0.1", "t1"),
       ("text/html;q=0.1, text/*;q=0.9, */*;q=0.5", "t2"), ("text/*;q=0.1, */*;q=0.5", "t3"),
       ("text/html;level=1;q=0.1, text/html;q=0.2, text/plain;q=0.3, image/*;q=0.4", "t3"))
def test_the_most_special_range_decides(server, accept, name):
    is_choice(server.get("/t", {"Accept": accept}), name)


@own_server(config=CONFIG, before=prepare)
@obliges("NEG-65")
def test_a_weight_of_zero_excludes(server):
    eq(server.get("/page", {"Accept-Language": "fr;q=0, en;q=0, de"}).fields["Content-Location"], "page.de.html")
    eq(server.get("/page", {"Accept-Language": "*;q=0"}).status, 406)
    eq(server.get("/page", {"Accept-Language": "*, fr;q=0, de;q=0"}).fields["Content-Location"], "page.en.html")
    eq(server.get("/page", {"Accept": "text/html;q=0"}).status, 406)


@own_server(config=CONFIG, before=prepare)
@obliges("NEG-66")
def test_where_nothing_fits_the_list_is_told(server):
    """NEG-C3."""
    got = server.get("/page", {"Accept-Language": "ja", "Accept": "text/html"})
    eq((got.status, tcn(got)), (406, None))
    eq(len(alternates(got)), 3)
    for name in PAGE:
        contains(got.body, b'href="' + name.encode())
    contains(vary(got), "accept-language")
    problem = server.get("/page", {"Accept": "application/problem+json"})
    eq((problem.status, problem.fields["Content-Type"]), (406, "application/problem+json"))
    eq(len(json.loads(problem.body)["variants"]), 3)
    is_list(server.get("/page", {"Accept-Language": "ja", "Negotiate": "1.0"}))


@own_server(config=CONFIG, before=prepare)
@each(("de-CH", "page.de.html"), ("de-CH, en;q=0.9", "page.de.html"), ("ja, de-AT;q=0.5", "page.de.html"), ("en-GB;q=0.2, fr-CA;q=0.1", "page.en.html"))
def test_who_reads_a_language_of_a_country_reads_the_language(server, accept, name):
    is_choice(server.get("/page", {"Accept-Language": accept}), name)


@own_server(config=CONFIG, before=prepare)
def test_a_tie_is_a_list(server):
    """NEG-C1."""
    is_list(server.get("/page"))
    is_list(server.get("/page", {"Accept-Language": "de, fr"}))


@own_server(config=CONFIG.replace("negotiate = on\n", "negotiate = on\n  languages = { \"it\", \"fr\", \"de\" }\n", 1), before=prepare)
def test_the_site_may_have_a_favourite(server):
    is_choice(server.get("/page"), "page.fr.html")
    is_choice(server.get("/page", {"Accept-Language": "en, de"}), "page.de.html")
    is_choice(server.get("/page", {"Accept-Language": "en, de;q=0.9"}), "page.en.html")


@own_server(config=CONFIG, before=prepare)
@obliges("NEG-57")
def test_a_fallback_is_for_who_takes_nothing_else(server):
    """NEG-C2: RVSA/1.0 never chooses it, Accept alone does."""
    fill(server, {"f.var": b"URI: page.en.html\nContent-Type: text/html\nContent-Language: en\n\nURI: paper.ps\nFallback: on\n"})
    is_choice(server.get("/f", {"Accept": "image/png"}), "paper.ps")
    is_choice(server.get("/f", {"Accept": "text/html"}), "page.en.html")
    is_list(server.get("/f", {"Accept": "image/png", **RVSA}))


@own_server(config=CONFIG, before=prepare)
def test_one_without_a_language_is_for_the_others(server):
    server.write("page.html", b"any\n", OLD)
    is_choice(server.get("/page", {"Accept-Language": "ja"}), "page.html", b"any\n")
    is_choice(server.get("/page", {"Accept-Language": "fr;q=0.1"}), "page.fr.html")


# ---- RVSA/1.0 over the wire: the rows that say list or choice ----

GIF = {"pic.var": b"URI: pic.gif\nContent-Type: image/gif\n\nURI: pic.tiff\nContent-Type: image/tiff\n", "pic.gif": b"g", "pic.tiff": b"t"}


@own_server(config=CONFIG, before=lambda server: fill(server, GIF))
@obliges("NEG-53", "NEG-55")
def test_the_best_by_a_wildcard_is_not_sure(server):
    is_list(server.get("/pic", {**RVSA, "Accept": "image/gif;q=0.9, */*"}))
    is_choice(server.get("/pic", {**RVSA, "Accept": "image/gif;q=0.9, image/tiff"}), "pic.tiff")
    is_choice(server.get("/pic", {**RVSA, "Accept": "image/gif, */*;q=0.9"}), "pic.gif")


@own_server(config=CONFIG, before=lambda server: fill(server, GIF))
@obliges("NEG-56")
def test_without_accept_nothing_is_sure(server):
    is_list(server.get("/pic", RVSA))


# ---- indices and names ----

@own_server(config=CONFIG)
def test_the_index_of_a_folder_has_variants(server):
    fill(server, {"dir/index.html.en": b"home\n", "dir/index.html.fr": b"accueil\n", "dir/index.txt": b"-", "dir/page.html": b"-"})
    is_choice(server.get("/dir/", {"Accept-Language": "fr"}), "index.html.fr", b"accueil\n")
    is_list(server.get("/dir/"))
    eq(server.get("/dir", {"Accept-Language": "fr"}).status, 308)
    eq(server.request("PROPFIND", "/dir/", {"Depth": "0"}).status, 207)
    server.write("dir/index.html", b"one\n", OLD)
    eq(server.get("/dir/", {"Accept-Language": "fr"}).body, b"one\n")


@own_server(config=CONFIG)
@each(("page.html", ["page.html.en", "page.html.fr"]), ("page", ["page.en.html", "page.fr.pdf", "page.html.en", "page.html.fr"]))
def test_names_go_on_from_what_was_asked(server, asked, names):
    fill(server, {name: b"-\n" for name in ("page.html.en", "page.html.fr", "page.en.html", "page.fr.pdf", "page.bak", "page.en.html~",
                                            "pages.en.html", "page.xyzzy.en", ".page.en.html", "page.en.html.part")})
    eq([one.uri for one in alternates(server.get("/" + asked, {"Negotiate": "trans"}))], names)


@own_server(config=CONFIG)
def test_a_file_of_the_very_name_is_it(server):
    fill(server, {**PAGE, "page": b"itself\n"})
    got = server.get("/page", {"Accept-Language": "fr"})
    eq((got.status, got.body, tcn(got)), (200, b"itself\n", None))


@own_server(config=CONFIG)
@each(("page.br.html", "br"), ("page.pt-br.html", "pt-br"), ("page.html.po", "pl"), ("page.es.html", "es"), ("page.html.ps", "ps"))
def test_names_that_are_several_things(server, name, language):
    fill(server, {name: b"-\n", "page.xx.html": b"-\n"})
    eq([(one.uri, one.attributes.get("language")) for one in alternates(server.get("/page", {"Negotiate": "trans"}))], [(name, language)])


@own_server(config=CONFIG)
def test_a_variant_that_lies_there_compressed(server):
    import gzip
    fill(server, {"zip.en.html": b"the text\n", "zip.fr.html.gz": gzip.compress(b"le texte\n", mtime=0)})
    eq([one.uri for one in alternates(server.get("/zip", {"Negotiate": "trans"}))], ["zip.en.html", "zip.fr.html"])
    got = is_choice(server.get("/zip", {"Accept-Language": "fr"}), "zip.fr.html", b"le texte\n")
    lacks(got.fields, "Content-Encoding")
    coded = is_choice(server.get("/zip", {"Accept-Language": "fr", "Accept-Encoding": "gzip"}), "zip.fr.html")
    eq((coded.fields["Content-Encoding"], gzip.decompress(coded.body)), ("gzip", b"le texte\n"))
    ne(coded.etag, got.etag)
    for answer in (got, coded):
        contains(vary(answer), "accept-encoding")
        eq(answer.fields["Content-Type"], "text/html; charset=utf-8")
    eq(server.get("/zip.fr.html").body, b"le texte\n")
    eq(server.get("/zip", {"Accept-Language": "fr", "Accept-Encoding": "identity;q=0, br"}).status, 406)


@own_server(config=CONFIG)
def test_a_body_in_a_map_is_a_variant_with_an_address(server):
    fill(server, {"both.html.var": b"Content-Language: en\r\nContent-Type: text/html; charset=UTF-8\r\nBody:--a--\r\nhello\r\nyou\r\n--a--\r\n\r\n"
                                   b"Content-Language: fr\nContent-Type: text/html\nBody:--b--\nbonjour\n--b--\n"})
    for path in ("/both", "/both.html", "/both.html.var"):
        got = is_choice(server.get(path, {"Accept-Language": "fr"}), "both.html.var?variant=2", b"bonjour\n")
        eq((got.fields["Content-Language"], got.fields["Content-Type"]), ("fr", "text/html"))
    one = server.get("/both.html.var?variant=1")
    eq((one.status, one.body, tcn(one), one.fields["Content-Language"]), (200, b"hello\r\nyou\r\n", None, "en"))
    eq(server.get("/both.html.var?variant=2", {"Range": "bytes=0-2"}).body, b"bon")
    is_list(server.get("/both.html.var?variant=3"))
    eq(server.get("/both.html.var?variant=1", {"If-None-Match": one.etag}).status, 304)


@own_server(config=CONFIG)
@each((b"URI paper\n", "line 1"), (b"URI: a\nContent-Type: text/html; qs=2\n", "line 2"), (b"URI: a\nContent-Type: nonsense\n", "line 2"),
       (b"Content-Type: text/html\nBody:--x--\nno end\n", "no end"), (b"URI: a\nContent-Type: text/html\nContent-Type: text/plain\n", "twice"),
       (b"Content-Type: text/html\n", "neither"), (b"".join(b"URI: a%d\nContent-Type: text/html\n\n" % i for i in range(101)), "100"),
       (b"URI: a\nContent-Language: \x01\n", "control"), (b"", "no variants"), (b"# nothing\nURI: bad\n", "no variants"),
       (b"".join(b"URI: %s%d\nContent-Type: text/html\n\n" % (b"a" * 1000, i) for i in range(60)), "too long"))
def test_a_map_that_is_wrong_is_500_and_says_where(server, text, told):
    fill(server, {"bad.var": text})
    for path in ("/bad", "/bad.var"):
        got = server.get(path)
        eq((got.status, tcn(got)), (500, None))
        contains(got.text, told)
    eq(server.get("/bad.var", {"Translate": "f"}).body, text)
