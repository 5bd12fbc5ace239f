"""RFC 8908: the captive portal's API, over TLS alone; and what else changes for the portal where there is TLS."""

import json
import re

import tls
import wire
from captive import vouchers
from intercepted import FORM, NAME, ask, config, connect, log_in, log_out, own
from wire import contains, eq, obliges, ok, own_server

ONLY_OVER = (("h1",), "it has certificates of its own")
TYPE = "application/captive+json"
API = "https://%s/captive-api" % NAME
PAGE = "https://%s/login" % NAME


def serving(more="login = { terms, voucher }"):
    return tls.Serving(*tls.usual().options, config=config(more))


def no_doubles(pairs):
    eq(len(dict(pairs)), len(pairs), "keys of the object: %r" % [key for key, _ in pairs])
    return dict(pairs)


def document(got):
    """The document of RFC 8908 §5, judged strictly; as a dict."""
    eq(got.status, 200, got.text)
    eq(got.fields["Content-Type"], TYPE)
    one = {word for word in got.fields.words("Cache-Control")}
    ok(one & {"private", "no-store"}, "Cache-Control: %s" % one)
    it = json.loads(got.body.decode("utf-8"), object_pairs_hook=no_doubles, parse_constant=wire.fail)
    types = {"captive": bool, "user-portal-url": str, "venue-info-url": str, "can-extend-session": bool, "seconds-remaining": int, "bytes-remaining": int}
    ok("captive" in it, "captive is always there")
    for key, value in it.items():
        ok(key in types, "%s is a key of RFC 8908" % key)
        ok(type(value) is types[key], "%s is %r" % (key, value))
    for key in ("user-portal-url", "venue-info-url"):
        if key in it:
            ok(re.fullmatch(r"https://[a-z0-9.:-]+(/[!-~]*)?", it[key]), "%s: %s" % (key, it[key]))
    for key in ("seconds-remaining", "bytes-remaining"):
        ok(it.get(key, 0) >= 0, "%s: %r" % (key, it.get(key)))
        ok(key not in it or not it["captive"], "%s is told of who is free" % key)
    return it


def api(server, source=None, accept=TYPE):
    return own(server, "GET", "/captive-api", {"Accept": accept} if accept is not None else {}, source=source)


@obliges("POL-61", "POL-63", "POL-64", "POL-66", "POL-68")
def test_a_captive_client_is_told_where_to_log_in(server):
    with serving() as one:
        it = document(api(one))
        eq(it, {"captive": True, "user-portal-url": PAGE})
        eq(own(one, "GET", "/login").status, 200)
        got, head = api(one), own(one, "HEAD", "/captive-api", {"Accept": TYPE})
        eq(head.status, 200)
        eq(head.fields["Content-Type"], TYPE)
        eq(head.fields["Content-Length"], got.fields["Content-Length"])


@obliges("POL-65", "POL-62")
def test_a_free_client_is_told_how_long(server):
    with serving('login = { terms, voucher }\n session-time = 5s\n session-bytes = 3M\n venue = "https://cafe.example/menu"') as one:
        eq(document(api(one)), {"captive": True, "user-portal-url": PAGE, "venue-info-url": "https://cafe.example/menu"})
        log_in(one)
        it = document(api(one))
        eq(sorted(it), ["bytes-remaining", "can-extend-session", "captive", "seconds-remaining", "user-portal-url", "venue-info-url"])
        eq((it["captive"], it["can-extend-session"], it["bytes-remaining"]), (False, True, 3 << 20))
        ok(3 <= it["seconds-remaining"] <= 5, it)
        eq(document(api(one, "127.0.0.91"))["captive"], True, "another client")
        wire.wait_for(lambda: document(api(one)).get("seconds-remaining", 0) < it["seconds-remaining"], "it falls")
        wire.wait_for(lambda: document(api(one))["captive"], "at 0 the client is captive again", 10)
        eq(document(api(one)), {"captive": True, "user-portal-url": PAGE, "venue-info-url": "https://cafe.example/menu"})
        eq(ask(one).status, 511)


def test_a_session_without_an_end_has_no_numbers(server):
    with serving("login = { terms }\n session-time = 0") as one:
        log_in(one)
        eq(document(api(one)), {"captive": False, "user-portal-url": PAGE, "can-extend-session": False})
        log_out(one)
        eq(document(api(one))["captive"], True)


def test_a_vouchers_numbers_are_told(server):
    with serving() as one:
        code = vouchers(one, 1, "--time", "10h", "--bytes", "5G")[0]
        log_in(one, None, "voucher=" + code)
        it = document(api(one))
        ok(35990 <= it["seconds-remaining"] <= 36000, it)
        eq(it["bytes-remaining"], 5 << 30)


@obliges("POL-63", "POL-67")
def test_which_media_types_get_the_document(server):
    with serving() as one:
        for accept in (TYPE, "application/capport+json", "application/json", "*/*", None, "application/*;q=0.5", "image/png",
                       TYPE + ", text/html;q=0.5", "text/html, " + TYPE, "text/html;q=0, */*", "application/capport+json, text/html;q=0.9",
                       "text/html, %s;q=0.1" % TYPE):
            got = api(one, accept=accept)
            document(got)
            contains(got.fields.words("Vary"), "accept", accept)
        for accept in ("text/html", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", "text/html, %s;q=0" % TYPE):
            got = api(one, accept=accept)
            eq((got.status, got.fields["Location"]), (303, PAGE), accept)
            contains(got.fields.words("Vary"), "accept")
            eq(got.fields["Cache-Control"], "no-store")


@obliges("POL-68")
@own_server(config=config("login = { terms }"))
def test_without_tls_there_is_no_api(server):
    for got in (api(server), api(server, accept="text/html"), ask(server, target="/captive-api", host=NAME, fields={"Accept": TYPE})):
        eq(got.status, 404)
        ok("captive+json" not in got.fields["Content-Type"], got.fields["Content-Type"])
        contains(got.text, "TLS")


@obliges("POL-69")
def test_the_apis_address_is_short_and_has_a_name(server):
    longest = "a" * 60 + "." + "b" * 60 + "." + "c" * 60 + "." + "d" * (255 - len("https:///captive-api") - 183)
    for name, is_taken in ((longest, True), (longest + "e", False)):
        one = wire.Server(options=tls.usual().options, config=config("login = { terms }").replace('"%s"' % NAME, '"%s"' % name))
        try:
            eq(len("https://%s/captive-api" % name), 255 if is_taken else 256)
            if is_taken:
                one.start()
                document(own(one, "GET", "/captive-api", {"Accept": TYPE}, name=name))
                one.stop()
            else:
                try:
                    one.start()
                except wire.Failure as why:
                    contains(str(why), "too long")
                else:
                    wire.fail("a name that DHCP cannot tell was taken")
        finally:
            one.remove()


# ---- where there is TLS ----


def test_links_are_https_and_the_own_name_is_led_there(server):
    with serving() as one:
        contains(ask(one).text, PAGE)
        contains(ask(one, fields={"Accept": "text/html"}).fields["Content-Security-Policy"], "style-src https://%s;" % NAME)
        eq(ask(one, target="/generate_204", host="www.gstatic.com").fields["Location"], PAGE)
        for method in ("GET", "POST", "PUT"):
            got = ask(one, method, "/login?x=1", {"Content-Length": "0"}, host=NAME)
            eq((got.status, got.fields["Location"], got.fields["Cache-Control"]), (307, PAGE, "no-store"), method)
        eq(ask(one, target="/captive-api", host=NAME, fields={"Accept": TYPE}).fields["Location"], API)
        log_in(one)
        eq(ask(one, target="/login", host=NAME).fields["Location"], PAGE)


def test_nobody_logs_in_over_clear_text_where_there_is_tls(server):
    listens = config("login = { terms }").replace('listen = { ', 'listen = { "plain:127.0.0.1:0", ')
    with tls.Serving(*tls.usual().options, config=listens) as one:
        wire.wait_for(lambda: len(one.addresses) == 2, "it listens on both")
        clear = next(address for address in one.addresses if not one.is_secure(address))

        def say(method, target, fields=(), body=None):
            with connect(one, "127.0.0.92", clear) as conn:
                return conn.send(wire.message_of(method, target, fields, body, NAME)).read(method)

        got = say("GET", "/login")
        eq((got.status, got.fields["Location"]), (307, PAGE))
        eq(say("POST", "/login", FORM, "terms=yes").status, 403)
        got = say("GET", "/captive-api", {"Accept": TYPE})
        eq(got.status, 403)
        contains(got.text, API)
        eq(ask(one, source="127.0.0.92").status, 511)
