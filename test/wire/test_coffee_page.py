"""What pots do, as a page for people: in five languages, without a script, and as safe as every GET of a pot."""

import html.parser
import re

from pots import brew, config, rest, state, steep
from wire import cases, contains, eq, lacks, obliges, ok, own_server

CONFIG = config()
HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


class Page(html.parser.HTMLParser):
    """Its terms and what they say, headings and links; that each element is closed."""

    VOID = ("meta", "link")

    def __init__(self, text):
        super().__init__()
        self.open, self.links, self.headings, self.rows, self.tags = [], [], [], [], []
        self.feed(text)
        eq(self.open, [], "each element is closed")

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag in self.VOID:
            return
        self.open.append(tag)
        if tag == "a":
            self.links.append(dict(attrs)["href"])
        if tag == "dt":
            self.rows.append(["", ""])
        if tag in ("h1", "h2"):
            self.headings.append("")

    def handle_endtag(self, tag):
        eq(tag, self.open.pop())

    def handle_data(self, data):
        if "dt" in self.open:
            self.rows[-1][0] += data
        elif "dd" in self.open:
            self.rows[-1][1] += data
        elif self.open[-1:] in (["h1"], ["h2"]) or self.open[-2:] == ["h2", "a"]:
            self.headings[-1] += data


def page_of(server, path, language="en"):
    got = server.get(path, {**HTML, "Accept-Language": language})
    eq((got.status, got.fields["Content-Type"], got.fields["Content-Language"]), (200, "text/html; charset=utf-8", language))
    contains(got.text, '<html lang="%s">' % language)
    return Page(got.text)


@obliges("COF-14")
def test_a_pot_as_a_page(server):
    rest(server, "/pots/pouring")
    brew(server, "/pots/pouring", fields={"Accept-Additions": "Cream;2"})
    page = page_of(server, "/pots/pouring")
    rows = dict(page.rows)
    eq((rows["State"], rows["Drink"], rows["With"], rows["Strength"]), ("pouring milk", "coffee", "Cream;2", "100 %"))
    ok(re.fullmatch(r"\d+ / 200 ml", rows["Milk"]), rows["Milk"])
    ok(int(rows["Ready in"].split(" ")[0]) > 7000, rows["Ready in"])
    eq(rows["Can add"], "Cream, Whole-milk")
    eq((page.headings, page.links), (["pouring"], ["/pots/"]))
    contains([attrs.get("http-equiv") for tag, attrs in page.tags if tag == "meta"], "refresh")
    brew(server, "/pots/pouring", "stop")
    page = page_of(server, "/pots/pouring")
    eq(dict(page.rows)["State"], "done")
    lacks([attrs.get("http-equiv") for tag, attrs in page.tags if tag == "meta"], "refresh")


@obliges("COF-14")
def test_a_page_never_brews_and_is_not_stored(server):
    before = state(server, "/pots/both")
    got = server.get("/pots/both", HTML)
    eq(got.fields["Cache-Control"], "no-store")
    eq(sorted(got.fields.words("Vary")), ["accept", "accept-language"])
    contains(got.fields["Content-Security-Policy"], "default-src 'none'")
    lacks(got.text, "<script")
    lacks(got.text, "<form")
    head = server.head("/pots/both", HTML)
    eq((head.status, head.body, head.fields["Content-Length"]), (200, b"", str(len(got.body))))
    eq(state(server, "/pots/both"), before)


def test_all_pots_lead_to_each_and_its_teas(server):
    page = page_of(server, "/pots/")
    eq(page.headings, ["Pots", "slow", "steeping", "pouring", "quick", "plain", "teapot", "both", "empty", "emptied"])
    for link in page.links:
        eq(server.get(link, HTML).status, 200, link)
    for link in ("/pots/slow", "/pots/earl-grey", "/pots/both/earl-grey", "/pots/peppermint"):
        contains(page.links, link)


@cases(("de", "de", "Zustand", "brüht", "Tee earl-grey", "Bestellen: "), ("fr", "fr", "État", "prépare", "thé earl-grey", "Pour commander : "),
       ("es", "es", "Estado", "preparando", "té earl-grey", "Para pedir: "), ("zh", "zh", "状态", "冲泡中", "茶 earl-grey", "点单："))
def test_it_is_in_the_readers_language(server, language, label, word, tea, order):
    rest(server, "/pots/teapot")
    eq(steep(server, "/pots/earl-grey").status, 202)
    page = page_of(server, "/pots/earl-grey", language)
    eq(dict(page.rows)[label], word)
    contains([said for _, said in page.rows], tea)
    contains(server.get("/pots/teapot", {**HTML, "Accept-Language": language}).text, "<p>%s<code>samovar brew</code>" % order)


def test_what_brew_answers_is_a_page_for_who_wants_one(server):
    got = brew(server, "/pots/plain", fields=HTML)
    eq((got.status, got.fields["Safe"]), (202, "if-user-awake"))
    eq(dict(Page(got.text).rows)["State"], "done")


@own_server(config=config('pots = "/a&b \'c"\npot "p" { }'))
def test_addresses_are_escaped(server):
    page = page_of(server, "/a&b%20'c/p")
    eq(len(page.links), 1)
    eq(server.get(page.links[0], HTML).status, 200, page.links[0])
