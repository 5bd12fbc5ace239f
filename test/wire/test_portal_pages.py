"""The captive portal's login page: ways in, what it says to whom, languages, forms as they should and should not be."""

import html.parser
import os
import re

import wire
from captive import vouchers
from intercepted import FORM, NAME, ask, config, log_in, log_out, own
from wire import cases, contains, eq, lacks, ok, one_of, only_over, own_server

HASH = "$apr1$saltsalt$LrttParrLPdxvgutaSXWJ0"  # of "secret"
CONFIG = config('login = { terms, voucher, user }\n title = "Caf\u00e9 <Samovar>"\n venue = "https://cafe.example/menu"\n devices = 1',
                'users = "{tmp}/users"\n at "/" { allow "*" { rights = { "read" } } }')
ALL = ("voucher", "user", "terms")


def write_users(server):
    with open(server.tmp + "/users", "w", encoding="utf-8") as out:
        out.write("bob:%s\nzo\u00eb:%s\n" % (HASH, HASH))


BEFORE = write_users


class Page(html.parser.HTMLParser):
    """A page read strictly: what is opened is closed; forms with their fields, texts, links."""

    EMPTY = ("meta", "link", "input", "br")

    def __init__(self, text):
        super().__init__()
        self.open, self.forms, self.texts, self.links, self.labels, self.ids, self.language = [], [], [], [], [], [], None
        self.feed(text)
        eq(self.open, [], "elements that were not closed")
        for label in self.labels:
            ok(label in self.ids, "a label for %r, which is there" % label)

    def handle_starttag(self, tag, pairs):
        got = dict(pairs)
        lacks(" ".join(got), "on", "attributes that run something") if any(name.startswith("on") for name in got) else None
        ok("style" not in got and tag not in ("script", "style"), "nothing inline: %s" % tag)
        if tag not in self.EMPTY:
            self.open.append(tag)
        if tag == "html":
            self.language = (got["lang"], got.get("dir", "ltr"))
        if tag == "form":
            eq(got["method"], "post")
            self.forms.append((got["action"], {}))
        if tag == "input":
            self.forms[-1][1][got["name"]] = got
            self.ids.append(got.get("id"))
        if tag == "label" and "for" in got:
            self.labels.append(got["for"])
        if tag == "a":
            self.links.append(got["href"])

    def handle_endtag(self, tag):
        eq(self.open.pop(), tag, "the element that ends")

    def handle_data(self, data):
        if data.strip():
            self.texts.append(data.strip())

    @property
    def text(self):
        return " ".join(self.texts)

    def ways(self):
        return [next(iter(fields)) for action, fields in self.forms if action == "/login"]


def page_of(got, status=200):
    eq(got.status, status, got.text[:400])
    eq(got.fields["Content-Type"], "text/html; charset=utf-8")
    eq(got.fields["Cache-Control"], "private, no-store")
    contains(got.fields["Vary"], "Accept-Language")
    contains(got.fields["Content-Security-Policy"], "default-src 'none'")
    ok("Set-Cookie" not in got.fields, "no cookie")
    page = Page(got.text)
    eq(page.language[0], got.fields["Content-Language"])
    return page


def login_page(server, fields=None, source=None):
    return page_of(own(server, "GET", "/login", fields or {}, source=source))


def say(server, form, status, source=None, fields=None):
    """What the page says that a form is answered with."""
    return page_of(own(server, "POST", "/login", {**FORM, **(fields or {})}, form, source), status).text


# ---- the page ----


def test_each_way_in_has_its_form_on_one_page(server):
    page = login_page(server, source="127.0.0.31")
    eq(page.ways(), list(ALL))
    contains(page.text, "Caf\u00e9 <Samovar>")
    fields = {name: got for _, form in page.forms for name, got in form.items()}
    eq(fields["password"]["type"], "password")
    eq(fields["password"]["autocomplete"], "current-password")
    eq(fields["user"]["autocomplete"], "username")
    eq(fields["voucher"]["autocomplete"], "off")
    eq([name for name in fields if "autofocus" in fields[name]], ["voucher"])
    contains(own(server, "GET", "/login").text, '<meta name="viewport" content="width=device-width, initial-scale=1">')


@cases(("terms", "{ terms }", ["terms"]), ("voucher", "{ voucher }", ["voucher"]), ("user", "{ user }", ["user"]), ("two", "{ terms, user }", ["user", "terms"]))
def test_only_what_is_configured_is_offered(server, words, ways):
    with_users = config("login = %s" % words, 'users = "{tmp}/users"')
    one = wire.Server(config=with_users, before=write_users)
    try:
        one.start()
        eq(login_page(one).ways(), ways)
        for way in ALL:
            got = own(one, "POST", "/login", FORM, "%s=yes&password=x" % way, source="127.0.0.32")
            eq("not offered" in got.text, way not in ways, "%s: %d" % (way, got.status))
    finally:
        one.stop()
        one.remove()


LANGUAGES = (("en", "en", "Log in to use this network."), ("de", "de-CH;q=0.9, en;q=0.5", "Melden Sie sich an"), ("fr", "fr-FR, fr;q=0.8", "Connectez-vous"),
             ("es", "es-419", "Inicie sesi\u00f3n"), ("it", "it", "Acceda"), ("nl", "nl-BE", "Log in om"), ("pl", "pl", "Zaloguj si\u0119"), ("pt", "pt-BR", "Inicie sess\u00e3o"),
             ("ru", "ru", "\u0412\u043e\u0439\u0434\u0438\u0442\u0435"), ("uk", "uk", "\u0423\u0432\u0456\u0439\u0434\u0456\u0442\u044c"), ("tr", "tr", "Bu a\u011f\u0131"), ("ar", "ar", "\u0633\u062c\u0651\u0644"),
             ("zh", "zh-CN", "\u8bf7\u767b\u5f55"),
             ("en", "tlh, *;q=0.1", "Log in to use"), ("en", "", "Log in to use"))


@cases(*(("%s by %s" % (row[0], row[1] or "nothing"),) + row for row in LANGUAGES))
def test_it_speaks_the_clients_language(server, language, accepted, words):
    page = login_page(server, {"Accept-Language": accepted} if accepted else {})
    eq(page.language, (language, "rtl" if language == "ar" else "ltr"))
    contains(page.text, words)


def test_its_style_sheet_and_home(server):
    got = own(server, "GET", "/.samovar/style.css")
    eq((got.status, got.fields["Content-Type"]), (200, "text/css; charset=utf-8"))
    contains(got.text, ".portal")
    got = own(server, "GET", "/")
    eq((got.status, got.fields["Location"]), (303, "/login"))
    eq(own(server, "GET", "/nothing").status, 404)


@cases(("/login", "/login", "GET, HEAD, OPTIONS, POST"), ("/logout", "/logout", "OPTIONS, POST"), ("/captive-api", "/captive-api", "GET, HEAD, OPTIONS"))
def test_other_methods_are_405(server, target, allow):
    for method in ("PUT", "DELETE", "PROPFIND", "PATCH"):
        got = own(server, method, target, {"Content-Length": "0"})
        eq((got.status, got.fields["Allow"]), (405, allow))
    got = own(server, "OPTIONS", target)
    eq((got.status, got.fields["Allow"]), (204, allow))
    eq(own(server, "BREW", target).status, 501)
    head, get = own(server, "HEAD", target), own(server, "GET", target)
    eq(head.fields.but_date(), get.fields.but_date())


# ---- in and out ----


def test_by_terms(server):
    source = "127.0.0.41"
    contains(say(server, "", 403, source), "accept the terms")
    contains(say(server, "terms=no", 403, source), "accept the terms")
    eq(ask(server, source=source).status, 511)
    got = log_in(server, source, "terms=yes")
    eq(got.fields["Location"], "/login")
    eq(got.fields["Cache-Control"], "no-store")
    page = login_page(server, source=source)
    contains(page.text, "You are online.")
    ok(re.search(r"Time left (8 h 0|7 h 59) min", page.text), page.text)
    eq([action for action, _ in page.forms], ["/logout", "/login"])
    eq(page.links, ["https://cafe.example/menu"])
    log_out(server, source)
    eq(login_page(server, source=source).ways(), list(ALL))


def test_by_voucher_however_it_is_typed(server):
    code = vouchers(server, 1, "--time", "26h")[0]
    for number, typed in enumerate((code, code.lower(), code.replace("-", ""), " %s " % code.replace("-", " - "))):
        source = "127.0.0.%d" % (50 + number)
        log_in(server, source, "voucher=" + typed.replace(" ", "+"))
        ok(re.search(r"Time left 1 d (2 h 0|1 h 5\d) min", login_page(server, source=source).text), login_page(server, source=source).text)
        log_out(server, source)
    log_in(server, "127.0.0.54", "voucher=" + code)
    contains(say(server, "voucher=" + code, 409, "127.0.0.55"), "Too many devices")
    log_out(server, "127.0.0.54")


@cases(("unknown", "AAAAA-BBBBB"), ("too short", "AAAA"), ("too long", "A" * 40), ("markup", "%3Cb%3E%22"), ("empty", ""), ("beyond ASCII", "%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9"))
def test_a_voucher_that_is_none(server, typed):
    page = page_of(own(server, "POST", "/login", FORM, "voucher=" + typed, "127.0.0.56"), 403)
    contains(page.text, "not known here")
    eq(page.ways(), list(ALL))


def test_a_voucher_that_is_used_up(server):
    code = vouchers(server, 1, "--time", "1s")[0]
    log_in(server, "127.0.0.57", "voucher=" + code)
    wire.wait_for(lambda: ask(server, source="127.0.0.57").status == 511, "its time is over", 10)
    contains(say(server, "voucher=" + code, 403, "127.0.0.57"), "used up")


def test_a_voucher_prolongs(server):
    short, long = vouchers(server, 1, "--time", "1h")[0], vouchers(server, 1, "--time", "50h")[0]
    log_in(server, "127.0.0.58", "voucher=" + short)
    contains(login_page(server, source="127.0.0.58").text, "Use another voucher")
    log_in(server, "127.0.0.58", "voucher=" + long)
    contains(login_page(server, source="127.0.0.58").text, "Time left 2 d")
    log_out(server, "127.0.0.58")


def test_by_name_and_password(server):
    source = "127.0.0.61"
    for form in ("user=bob&password=wrong", "user=nobody&password=secret", "user=bob&password=", "user=bob"):
        contains(say(server, form, 403, source), "No user has this name with this password")
    page = page_of(own(server, "POST", "/login", FORM, "user=%22%3Cb%3E&password=wrong", source), 403)
    fields = {name: got for _, form in page.forms for name, got in form.items()}
    eq(fields["user"]["value"], '"<b>', "the name stands in the form again")
    ok("value" not in fields["password"], "the password does not")
    log_in(server, source, "user=bob&password=secret")
    contains(say(server, "user=bob&password=secret", 409, "127.0.0.62"), "Too many devices")
    wire.wait_for(lambda: "audit: bob (127.0.0.61) logged in to the network" in server.stdout() + server.stderr(), "the audit log has it")
    log_out(server, source)
    log_in(server, source, "user=zo%C3%AB&password=secret")
    log_out(server, source)
    for secret in ("secret", "wrong"):
        lacks(server.stdout() + server.stderr(), secret, "what the server wrote")


def test_logging_out_twice_is_fine(server):
    for _ in range(2):
        log_out(server, "127.0.0.63")


# ---- forms ----


@cases(("a wrong percent", "terms=%zz"), ("half a percent", "terms=y%4"), ("no UTF-8", "user=%ff&password=x"), ("a control", "voucher=a%00b"), ("a line end", "user=a%0Ab&password=x"),
       ("a C1 control", "user=%C2%85&password=x"), ("a surrogate", "user=%ED%A0%80&password=x"), ("twice", "terms=no&terms=yes"), ("many fields", "&".join("f%d=x" % i for i in range(17))),
       ("none of ours", "other=field"), ("an empty name", "user=&password=x"), ("a long name", "user=%s&password=x" % ("a" * 256)), ("a long password", "user=bob&password=" + "a" * 257))
def test_a_malformed_form_is_400(server, form):
    page = page_of(own(server, "POST", "/login", FORM, form, "127.0.0.64"), 400)
    eq(page.links, ["/login"])
    eq(page.forms, [])


def test_other_content_is_415_and_too_much_413(server):
    for kind in ("text/plain", "application/json", "multipart/form-data; boundary=x", ""):
        eq(own(server, "POST", "/login", {"Content-Type": kind}, "terms=yes", "127.0.0.65").status, 415)
    eq(own(server, "POST", "/login", {}, "terms=yes", "127.0.0.65").status, 415)
    eq(own(server, "POST", "/login", {**FORM, "Content-Encoding": "gzip"}, "terms=yes", "127.0.0.65").status, 415)
    eq(own(server, "POST", "/login", FORM, "terms=yes&x=" + "y" * 5000, "127.0.0.65").status, 413)
    eq(own(server, "POST", "/login", {**FORM, "Transfer-Encoding": "chunked"}, "terms=yes&x=" + "y" * 5000, "127.0.0.65").status, 413)
    eq(ask(server, source="127.0.0.65").status, 511)


def test_a_form_may_come_in_chunks_and_with_a_charset(server):
    got = own(server, "POST", "/login", {"Content-Type": "Application/X-WWW-Form-URLencoded; charset=UTF-8", "Transfer-Encoding": "chunked"}, "x=&&terms=%79es", "127.0.0.66")
    eq(got.status, 303)
    log_out(server, "127.0.0.66")


# ---- guessing ----


@own_server(config=CONFIG, before=write_users)
def test_guessing_a_password_is_slowed_down(server):
    status = [own(server, "POST", "/login", FORM, "user=bob&password=guess%d" % i, "127.0.0.71").status for i in range(12)]
    eq(status[:10], [403] * 10)
    eq(status[10:], [429] * 2)
    got = own(server, "POST", "/login", FORM, "user=bob&password=secret", "127.0.0.71")
    page = page_of(got, 429)
    ok(0 < int(got.fields["Retry-After"]) <= 60, got.fields["Retry-After"])
    contains(page.text, "too many failed attempts")
    eq(own(server, "POST", "/login", FORM, "user=bob&password=secret", "127.0.0.72").status, 303, "from another address")


@own_server(config=CONFIG, before=write_users)
def test_guessing_a_voucher_is_slowed_down(server):
    code = vouchers(server, 1)[0]
    status = [own(server, "POST", "/login", FORM, "voucher=AAAAA-AAAA%s" % "ABCDEFGHJK"[i % 10], "127.0.0.73").status for i in range(53)]
    eq(status[:50], [403] * 50)
    eq(status[-1], 429)
    eq(own(server, "POST", "/login", FORM, "voucher=" + code, "127.0.0.73").status, 429, "the right one, too, is not told")
    eq(own(server, "POST", "/login", FORM, "voucher=" + code, "127.0.0.74").status, 303, "from another address")


# ---- terms ----

TERMS = config('login = { terms }\n terms = "{tmp}/terms"')


def write_terms(server):
    with open(server.tmp + "/terms", "w", encoding="utf-8") as out:
        out.write("Be nice & <b>kind</b>.\r\nTo all.\n\n\n\tSecond \u201cparagraph\u201d\n")
    with open(server.tmp + "/terms.de", "w", encoding="utf-8") as out:
        out.write("Seien Sie nett.\n")


@own_server(config=TERMS, before=write_terms)
def test_the_terms_are_shown_as_text(server):
    got = own(server, "GET", "/login")
    contains(got.text, "<p>Be nice &amp; &lt;b&gt;kind&lt;/b&gt;.<br>\nTo all.</p>\n<p> Second \u201cparagraph\u201d</p>")
    contains(page_of(got).text, "I accept the terms of use")
    german = own(server, "GET", "/login", {"Accept-Language": "de"})
    contains(german.text, "Seien Sie nett.")
    contains(german.text, 'class="terms" tabindex="0" lang="de"')
    contains(own(server, "GET", "/login", {"Accept-Language": "fr"}).text, "Be nice")
    contains(own(server, "POST", "/login", FORM, "terms=no").text, "accept the terms")
    with open(server.tmp + "/terms.de", "w", encoding="utf-8") as out:
        out.write("Neu.\n")
    contains(own(server, "GET", "/login", {"Accept-Language": "de"}).text, "<p>Neu.</p>")
    log_in(server)
    lacks(own(server, "GET", "/login").text, "Be nice")


@own_server(config=TERMS, before=write_terms)
def test_terms_that_cannot_be_read_are_told_of(server):
    def check(why):
        page = login_page(server)
        contains(page.text, "cannot be shown", why)
        eq(page.ways(), [], why)

    path = server.tmp + "/terms"
    with open(path, "w", encoding="utf-8") as out:
        out.write("x" * 65537)
    check("too large")
    with open(path, "w", encoding="utf-8") as out:
        out.write("<" * 65536)
    eq(own(server, "GET", "/login").text.count("&lt;"), 65536)
    os.unlink(path)
    check("missing")
    os.mkfifo(path)
    check("a pipe")


# ---- sites, restarts ----

BESIDE = config("login = { terms }", 'host = { "%s" }' % NAME)


@own_server(config=BESIDE, files={"index.html": b"the venue", "menu.txt": b"tea", "login": b"never shown"})
def test_a_site_may_have_the_portals_name(server):
    eq(own(server, "GET", "/").body, b"the venue")
    eq(own(server, "GET", "/menu.txt").body, b"tea")
    contains(own(server, "GET", "/login").text, "<form")
    eq(own(server, "PUT", "/login", {}, b"x").status, 405)
    eq(server.read("login"), b"never shown")
    eq(server.get("/login").body, b"never shown", "under other names it is a file")


@own_server(config=config("login = { terms }"))
def test_who_is_in_stays_in_over_a_restart(server):
    log_in(server, "127.0.0.81")
    left = login_page(server, source="127.0.0.81").text
    server.stop()
    server.start()
    wire.wait_for(lambda: ask(server, source="127.0.0.81").status == 307, "the session is there again")
    eq(ask(server, source="127.0.0.82").status, 511)
    contains(login_page(server, source="127.0.0.81").text, "You are online.")
    ok("Time left" in left, left)
    log_out(server, "127.0.0.81")
    server.stop()
    server.start()
    eq(ask(server, source="127.0.0.81").status, 511)


@own_server(config=config("login = { terms }\n session-time = 0\n session-bytes = 2G"))
def test_without_an_end_none_is_told(server):
    log_in(server)
    text = login_page(server).text
    lacks(text, "Time left")
    one_of(re.search(r"Data left (\S+ \S+)", text).group(1), ("2.0 GB", "2.1 GB"))
    log_out(server)


@only_over("h1", "h2", why="nobody speaks TLS there")
@own_server("--listen", "unix:{tmp}/sock", config=config("login = { terms }"))
def test_who_has_no_address_is_told_so(server):
    with server.connect(server.tmp + "/sock") as conn:
        got = conn.ask("POST", "/login", {"Host": NAME, **FORM}, "terms=yes")
    contains(page_of(got, 403).text, "do not come from this network")
