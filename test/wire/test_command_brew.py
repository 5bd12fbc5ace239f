"""samovar brew: a pot is told what to do, watched, and what it refuses is said in words."""

from odd_http import Odd, answer
from pots import brew, config, rest, state, steep
from program import ended
from wire import cases, contains, eq, lacks, obliges, ok, only_over, own_server, wait_for

CONFIG = config()
FILES = {"a.txt": b"a file"}
ONLY_OVER = (("h1", "tls"), "it speaks HTTP/1.1")
QUICK = """
    pot "p" { additions = { Cream, Sugar }
        heating = 100ms  brewing = 300ms  pouring = 100ms }
    pot "t" { brews = tea
        heating = 0s
        tea "earl-grey" { steeping = 300ms }
        tea "assam" { steeping = 1h } }
"""


def url(server, path):
    secure = server.is_secure(server.addresses[0])
    return "%s://127.0.0.1:%d%s" % ("https" if secure else "http", server.port, path)


def run(server, path, *words, status=0):
    trust = ("--insecure",) if server.is_secure(server.addresses[0]) else ()
    got, out, err = ended("brew", url(server, path) if path.startswith("/") else path, *words, *trust, env={"HOME": server.tmp, "NETRC": ""})
    eq(got, status, "the status, with %r %r" % (out, err))
    return out if status == 0 else err


@own_server(config=config(QUICK.replace("heating = 100ms", "heating = 2s")))
def test_coffee_is_watched_until_it_is_done(server):
    out = run(server, "/pots/p", "--addition", "Cream;2", "--addition=sugar")
    eq(out.splitlines()[-1], "done: coffee with Cream;2, Sugar, strength 100 %")
    contains(out, "heating, ready in ")
    eq(state(server, "/pots/p")["additions"], {"Cream": 2, "Sugar": 1})


@own_server(config=config(QUICK))
@obliges("COF-30")
def test_tea_is_found_by_its_name(server):
    for path in ("/pots/", "/pots/t", "/pots/earl-grey"):
        out = run(server, path, "--tea", "earl-grey")
        eq(out.splitlines()[-1], "done: earl-grey, strength 100 %")
        eq(state(server, "/pots/t")["variety"], "earl-grey")
    err = run(server, "/pots/", "--tea", "lapsang", status=1)
    contains(err, "there is no tea called lapsang; there are: earl-grey, assam")


@own_server(config=config(QUICK))
def test_stop(server):
    eq(run(server, "/pots/t", "--tea", "assam", "--quiet"), "")
    eq(state(server, "/pots/t")["state"], "brewing")
    eq(run(server, "/pots/t", "--stop"), "done: assam, strength 0 %\n")
    contains(run(server, "/pots/t", "--stop", status=1), "409 Conflict Nothing is being brewed here")
    contains(run(server, "/pots/p", "--stop", status=1), "409 Conflict")


def test_when(server):
    rest(server, "/pots/pouring")
    run(server, "/pots/pouring", "--addition", "Cream", "--quiet")
    contains(run(server, "/pots/pouring", "--when"), "done: coffee with Cream")
    contains(run(server, "/pots/pouring", "--when", status=1), "Nothing is being poured")


def pot_says(state, strength):
    return answer("200 OK", ("pot: t\nstate: %s\nbeverage: tea\nvariety: assam\nadditions: \nstrength: %d %%\nbrews: tea\n" % (state, strength)).encode(), "Content-Type: text/plain")


@cases(("obeyed", answer("200 OK", b"pot: t\nstate: done\nbeverage: tea\nvariety: assam\nadditions: \nstrength: 104 %\n"), "done: assam, strength 104 %"),
       ("it was quicker", answer("409 Conflict", b"Nothing is being brewed here"), "done: assam, strength 100 %"))
def test_a_pot_that_brews_on_is_told_to_stop(server, said, last):
    """RFC 7168 section 2.1.2: clients SHOULD send stop; the pot MAY brew on until then."""
    with Odd(pot_says("brewing", 60), pot_says("brewing", 104), said, pot_says("done", 100)) as odd:
        out = run(server, odd.url + "/t", "--tea", "assam")
        eq(out.splitlines()[-1], last)
        eq([(asked[0], asked[3]) for asked in odd.asked[:3]], [("BREW", b"start"), ("GET", b""), ("BREW", b"stop")])
        eq(odd.asked[2][2]["content-type"], "message/teapot")


def test_it_is_told_once_and_watched_on(server):
    with Odd(pot_says("brewing", 100), pot_says("pouring", 100), pot_says("brewing", 100), pot_says("done", 100)) as odd:
        run(server, odd.url + "/t", "--tea", "assam")
        eq([asked[0] for asked in odd.asked], ["BREW", "BREW", "GET", "GET"])


@cases(("418", "/pots/teapot", (), "--tea NAME asks it for tea; there are: earl-grey, darjeeling, oolong"), ("418 of a tea", "/pots/darjeeling", (), "short and stout"), ("406", "/pots/slow", ("--addition", "Rum"), "This pot can add: Cream, Vanilla, Sugar."),
       ("403", "/pots/earl-grey", ("--tea", "earl-grey", "--addition", "Cream"), "Those who drink this tea agree"), ("503", "/pots/emptied", (), "ask again in 600 s"),
       ("404", "/pots/none", (), "404 Not Found"), ("405", "/a.txt", (), "this is no pot"), ("405 of all", "/pots/", ("--when",), "these are all pots"), ("300", "/pots/", (), "Coffee from: slow, steeping"),
       ("415", "/pots/plain", ("--tea", "assam"), "415"), ("400", "/pots/plain", ("--addition", "a b"), "400 Bad Request"))
def test_refusals_are_said_in_words(server, path, words, said):
    rest(server, "/pots/slow", "/pots/teapot")
    contains(run(server, path, *words, status=1), said)


def test_a_pot_that_brews_says_so(server):
    rest(server, "/pots/slow")
    run(server, "/pots/slow", "--quiet")
    contains(run(server, "/pots/slow", status=1), "This pot is brewing.")


@own_server(config='listen = { "127.0.0.1:0" }\nsite "s" { root = "{root}" }\n')
def test_a_server_without_pots(server):
    contains(run(server, "/pots/pot-1", status=1), "this server has no pots")


@only_over("h1", why="coffee URIs have no TLS")
@own_server(config=config(QUICK))
@obliges("COF-36")
def test_coffee_uris(server):
    for scheme in ("coffee", "koffie", "caf%C3%A9", "%4Baffee", "caf\u00e9", "\u043a\u043e\u0444\u0435"):
        out = run(server, "%s://127.0.0.1:%d/p?Cream" % (scheme, server.port))
        contains(out, "done: coffee with Cream")
    contains(run(server, "coffee://127.0.0.1:%d/" % server.port, "--tea", "earl-grey"), "done: earl-grey")


@cases(("no address", (), "needs an address"), ("two", ("http://a/", "http://b/"), "takes one address"), ("both", ("http://a/", "--stop", "--when"), "not both"),
       ("more for a stop", ("http://a/", "--stop", "--addition", "Rum"), "does not go with --stop"), ("another's", ("http://a/", "--force"), "belongs to samovar get"),
       ("a setting", ("http://a/", "--listen", "80"), "not --listen"), ("no scheme", ("localhost/pots",), "is no address"), ("no host", ("coffee:/pot-1",), "names no host"),
       ("a line end", ("http://127.0.0.1:1/", "--addition", "Rum\r\nX: y"), "has a line end"))
def test_what_makes_no_sense(server, words, said):
    got, _, err = ended("brew", *words)
    eq(got, 2)
    contains(err, said)
    got, _, err = ended("--addition", "Rum", server.root)
    eq(got, 2)
    contains(err, "--addition belongs to samovar brew")


def test_nobody_answers(server):
    got, _, err = ended("brew", "http://127.0.0.1:1/pots/pot-1")
    eq(got, 3)
    contains(err, "127.0.0.1")


def test_what_a_strange_server_says_reaches_no_terminal(server):
    text = b"state: done\x1b[2J\nbeverage: coffee\x07\nstrength: 100 %\n"
    with Odd(answer("202 Accepted", text, "Content-Type: text/plain")) as odd:
        got, out, err = ended("brew", odd.url + "/pot")
        eq(got, 0)
        lacks(out + err, "\x1b")
        lacks(out + err, "\x07")
