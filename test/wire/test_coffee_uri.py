"""coffee.md §5: coffee URIs as targets, in every language of the RFC."""

from pots import COFFEE, TEA, brew, config, state, steep
from wire import cases, contains, eq, message_of, obliges, ok, only_over, own_server

CONFIG = config()
FILES = {"a.txt": b"a file"}
RFC = ("koffie", "q%C3%A6hv%C3%A6", "%D9%82%D9%87%D9%88%D8%A9", "akeita", "koffee", "kahva", "kafe", "caf%C3%E8", "%E5%92%96%E5%95%A1", "kava", "k%C3%A1va",
       "kaffe", "coffee", "kafo", "kohv", "kahvi", "%4Baffee", "%CE%BA%CE%B1%CF%86%CE%AD", "%E0%A4%95%E0%A5%8C%E0%A4%AB%E0%A5%80",
       "%E3%82%B3%E3%83%BC%E3%83%92%E3%83%BC", "%EC%BB%A4%ED%94%BC", "%D0%BA%D0%BE%D1%84%D0%B5", "%E0%B8%81%E0%B8%B2%E0%B9%81%E0%B8%9F")
OTHERS = ("caf%C3%A8", "caf%C3%A9", "CAF%c3%89", "Coffee", "COFFEE", "%63%6f%66%66ee", "kaffee", "%D0%9A%D0%9E%D0%A4%D0%95", "%CE%9A%CE%91%CE%A6%CE%88", "K%c3%81va",
          "Q%c3%86HV%c3%86")
NONE = ("tea", "cofee", "coffees", "ftp", "mailto", "caf%C3", "coffee%", "%6", "caf%C3%AA")
WHOLE = (("h1", "tls"), "an absolute form is a request line's")


def ask(server, method, target, fields=COFFEE, body="start", host="127.0.0.1"):
    with server.connect() as conn:
        conn.send(message_of(method, target, fields, body, host))
        return conn.read(method)


@only_over(*WHOLE[0], why=WHOLE[1])
@obliges("COF-36")
@cases(*((name, name) for name in RFC + OTHERS))
def test_every_language_names_the_same_pot(server, scheme):
    eq(ask(server, "BREW", scheme + "://127.0.0.1/plain").status, 202)
    eq(ask(server, "BREW", scheme + "://127.0.0.1/none").status, 404)
    eq(ask(server, "BREW", scheme + "://127.0.0.1/teapot").status, 418)


@only_over(*WHOLE[0], why=WHOLE[1])
@obliges("COF-36")
@cases(*((name, name) for name in NONE))
def test_nothing_else_does(server, scheme):
    ok(ask(server, "BREW", scheme + "://127.0.0.1/plain").status in (400, 421), "a scheme that is none of ours")


@only_over(*WHOLE[0], why=WHOLE[1])
@obliges("COF-36", "COF-37")
def test_its_forms(server):
    eq(ask(server, "BREW", "coffee:/plain").status, 202, "the host is the field's")
    eq(ask(server, "BREW", "coffee://127.0.0.1:8080/quick?Cream,Sugar").status, 202)
    eq(state(server, "/pots/quick")["additions"], {"Cream": 1, "Sugar": 1})
    eq(ask(server, "BREW", "coffee:/quick?Aquavit;3").status, 202)
    eq(state(server, "/pots/quick")["additions"], {"Aquavit": 3})
    eq(ask(server, "BREW", "coffee://127.0.0.1", TEA).status, 300, "all of them")
    eq(ask(server, "BREW", "coffee:", TEA).status, 300)
    eq(ask(server, "BREW", "koffie:/darjeeling", TEA).status, 202)
    eq(ask(server, "GET", "coffee:/plain", {}, None).status, 200)
    eq(ask(server, "OPTIONS", "coffee://127.0.0.1/plain", {}, None).status, 200)
    eq(ask(server, "GET", "coffee:/a.txt", {}, None).status, 404, "no file is below them")
    for bad in ("coffee:plain", "coffee://", "coffee:///plain", "coffee://127.0.0.1/plain#x", "coffee://a b/plain", "coffee://[::1/plain", "coffee:/../plain"):
        eq(ask(server, "BREW", bad).status, 400, bad)
    eq(ask(server, "BREW", "coffee://other.example/plain").status, 421, "another host")


@only_over(*WHOLE[0], why=WHOLE[1])
@own_server(config=config(""), files=FILES)
def test_without_pots_they_are_no_uris(server):
    eq(ask(server, "GET", "coffee://127.0.0.1/plain", {}, None).status, 421)
    eq(ask(server, "GET", "caf%C3%A9://127.0.0.1/plain", {}, None).status, 400)
    eq(ask(server, "GET", "coffee:/plain", {}, None).status, 400)


@only_over("h2", why="its scheme is a field there")
@obliges("COF-36")
def test_the_scheme_of_http2(server):
    for scheme, status in (("coffee", 200), ("koffie", 200), ("KAFFEE", 200), ("tea", 421), ("http", 404)):
        with server.h2() as conn:
            conn.scheme = scheme
            eq(conn.open("GET", "/plain").read().status, status, scheme)
