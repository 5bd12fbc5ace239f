"""The reference of status codes at the server's own addresses, and the links of error pages that lead there."""

import json
import re

from dav import propfind
from intercepted import ask, config
from program import ended
from wire import cases, contains, eq, lacks, ok, one_of, own_server

HTML, JSON = {"Accept": "text/html"}, {"Accept": "application/json"}
FILES = {"a.txt": b"a file", "folder/x": b"x"}
LIST = "/.samovar/codes/"
EARNED = (102, 206, 207, 208, 226, 304, 308, 412, 416, 418, 422, 423, 424, 428, 429, 431, 451, 506, 507, 508, 510, 511)


def test_each_form_tells_what_the_command_tells(server):
    everything = json.loads(ended("codes", "--json")[1])
    eq(json.loads(server.get(LIST, JSON).text), everything)
    eq(server.get(LIST).text, ended("codes")[1])
    for told in everything:
        path = "%s%d" % (LIST, told["code"])
        got = server.get(path)
        eq((got.status, got.fields["Content-Type"], got.fields["Content-Language"]), (200, "text/plain; charset=utf-8", "en"))
        eq(got.text, ended("codes", str(told["code"]))[1])
        got = server.get(path, JSON)
        eq((got.status, got.fields["Content-Type"]), (200, "application/json"))
        eq(json.loads(got.text), told)
        contains(got.fields["Vary"], "Accept")


def test_a_page_for_people(server):
    got = server.get(LIST + "431", HTML)
    eq((got.status, got.fields["Content-Type"], got.fields["Content-Language"]), (200, "text/html; charset=utf-8", "en"))
    contains(got.fields["Content-Security-Policy"], "default-src 'none'")
    contains(got.text, '<html lang="en">')
    contains(got.text, "Request Header Fields Too Large</h1>")
    contains(got.text, "<code>fields-total</code>")
    contains(got.text, "&quot;Cookie: $(printf %020000d 0)&quot;")
    lacks(got.text, "`")
    listed = server.get(LIST, HTML)
    eq(re.findall(r'<li><strong><a href="/\.samovar/codes/(\d+)">\1</a></strong>', listed.text), [str(code) for code in EARNED])
    links = re.findall(r'href="(/\.samovar/codes/\d+)"', listed.text)
    ok(len(links) > 60, "all that are registered")
    for link in links:
        eq(server.get(link, HTML).status, 200, link)


@cases(("de", "de", "Definiert in"), ("fr", "fr-CH, en;q=0.5", "Défini dans"), ("es", "es", "Definido en"), ("zh", "zh", "定义于"))
def test_the_frame_is_in_the_readers_language(server, wanted, word):
    got = server.get(LIST + "412", {**HTML, "Accept-Language": wanted})
    tag = got.fields["Content-Language"]
    ok(wanted.startswith(tag), "the language: %s" % tag)
    contains(got.text, '<html lang="%s">' % tag)
    contains(got.text, "<dt>%s</dt><dd lang=\"en\">" % word)
    contains(got.fields["Vary"], "Accept-Language")
    ok(server.get(LIST, {**HTML, "Accept-Language": wanted}).text.count('<html lang="%s">' % tag) == 1, "the list, too")


def test_it_can_only_be_read(server):
    whole, head = server.get(LIST + "412"), server.head(LIST + "412")
    eq((head.status, head.fields["Content-Length"]), (200, str(len(whole.body))))
    for method in ("PUT", "DELETE", "PROPFIND", "MKCOL", "POST", "LOCK", "PATCH"):
        got = server.request(method, LIST + "412", (), b"" if method in ("PUT", "POST", "PATCH") else None)
        eq(got.status, 405, method)
        eq(sorted(got.fields.words("Allow")), ["get", "head"])


@cases(("text", {}), ("JSON", JSON), ("a page", HTML), ("a German page", {**HTML, "Accept-Language": "de"}))
def test_conditions_count(server, fields):
    for path in (LIST, LIST + "412", "/.samovar/style.css"):
        whole = server.get(path, fields)
        tag = whole.fields["ETag"]
        eq(server.head(path, fields).fields["ETag"], tag)
        for value in (tag, '"x", W/%s' % tag, "*"):
            got = server.get(path, {**fields, "If-None-Match": value})
            eq((got.status, got.body, got.fields["ETag"], got.fields["Cache-Control"]), (304, b"", tag, whole.fields["Cache-Control"]))
            eq(got.fields.get("Vary"), whole.fields.get("Vary"))
            ok("Content-Language" not in got.fields, "nothing of what does not come")
        eq(server.get(path, {**fields, "If-None-Match": '"x"'}).body, whole.body)
        eq(server.get(path, {**fields, "If-Match": tag}).body, whole.body)
        for value in ('"x"', "W/" + tag):
            got = server.get(path, {**fields, "If-Match": value})
            eq(got.status, 412)
            eq(len(got.fields.all("Content-Language")), 1)


def test_each_form_has_a_tag_of_its_own(server):
    tags = [server.get(LIST + code, fields).fields["ETag"] for code in ("412", "418")
            for fields in ({}, JSON, HTML, {**HTML, "Accept-Language": "de"}, {**HTML, "Accept-Language": "fr"})]
    eq(len(set(tags)), len(tags))


@cases(*((path, path) for path in ("299", "0412", "+412", "412/", "412x", "41", "4120", "412/x", "x", "../codes/999")))
def test_nothing_else_is_there(server, path):
    one_of(server.get(LIST + path).status, (400, 404), path)


def test_the_list_ends_in_a_slash(server):
    got = server.get("/.samovar/codes")
    eq((got.status, got.fields["Location"]), (308, LIST))


@own_server("--user", "ann:secret", files={"a.txt": b"x"})
def test_it_takes_no_login(server):
    eq(server.get("/a.txt").status, 401)
    eq(server.get(LIST + "412").status, 200)
    eq(server.get(LIST, HTML).status, 200)


def reference_in(got):
    return re.findall(r'<a rel="help" href="([^"]+)">([^<]+)</a>', got.text)


@cases(("412", 412, "/a.txt", {"If-Match": '"none"'}), ("416", 416, "/a.txt", {"Range": "bytes=900-"}), ("308", 308, "/folder", {}))
def test_a_refusals_page_leads_to_its_code(server, code, path, fields):
    for language, words in (("en", "What %d means"), ("de", "Was %d bedeutet"), ("zh", "%d 的含义")):
        got = server.get(path, {**HTML, "Accept-Language": language, **fields})
        eq(got.status, code)
        eq(reference_in(got), [(LIST + str(code), words % code)])
        eq(server.get(reference_in(got)[0][0], HTML).status, 200)


def test_other_pages_and_forms_lead_nowhere(server):
    lacks(server.get("/none", HTML).text, LIST)
    lacks(server.get("/a.txt", {"If-Match": '"none"'}).text, LIST)
    lacks(server.get("/a.txt", {"If-Match": '"none"', **JSON}).text, LIST)
    lacks(propfind(server, "/", depth="1").text, "samovar/codes")


@own_server(config=config())
def test_what_stands_in_anothers_place_does_not_lead_to_its_addresses(server):
    from wire import OVER, NotOver
    if OVER != "h1":
        raise NotOver("intercepting")
    got = ask(server, fields=HTML)
    eq(got.status, 511)
    lacks(got.text, LIST)
