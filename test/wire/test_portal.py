"""policy.md §6: what a gateway's firewall sends to the captive portal is answered with 511, whatever it is."""

import socket

import h2
import wire
from intercepted import FORM, NAME, ask, config, connect, log_in, log_out, own, sent, where
from wire import cases, contains, eq, head_of, lacks, message_of, obliges, ok, one_of, own_server

ONLY_OVER = (("h1",), "what is intercepted is plain HTTP/1.1")
CONFIG = config('login = { terms, voucher, user }\n title = "Caf\u00e9 <Samovar>"', 'users = "{tmp}/users"\n host = { "site.example" }\n at "/" { allow "*" { rights = { "read", "list" } } }')
FILES = {"index.txt": b"a site's content", "login": b"a site's own login"}
LINK = "http://%s/login" % NAME


def BEFORE(server):
    with open(server.tmp + "/users", "w", encoding="utf-8") as out:
        out.write("bob:$apr1$saltsalt$LrttParrLPdxvgutaSXWJ0\n")


METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "PROPFIND", "MKCOL", "LOCK", "BREW", "M-GET")
HOSTS = ("anything.example", "ANYTHING.example:8080", "localhost", "site.example", "127.0.0.1", "[::1]:80", "192.0.2.7", "a" * 250, "xn--caf-dma.example")


def check_captive(got, method="GET"):
    eq(got.status, 511, "the status of %s" % method)
    eq(got.fields["Cache-Control"], "no-store")
    for name in ("Set-Cookie", "WWW-Authenticate", "Location", "ETag", "Last-Modified", "Access-Control-Allow-Origin"):
        ok(name not in got.fields, "a 511 has no %s" % name)
    if method != "HEAD":
        contains(got.text, LINK)
    lacks(got.text.lower(), "<form")
    lacks(got.text.lower(), "<input")


@obliges("POL-56")
@cases(*((method, method) for method in METHODS))
def test_any_method_for_any_foreign_host_is_511(server, method):
    for host in HOSTS:
        check_captive(ask(server, method, "/some/where?x=%2F", host=host), method)


@obliges("POL-56")
def test_any_form_of_a_sound_request_is_511(server):
    for target in ("http://other.example/x", "https://other.example/", "ftp://other.example/x", "/%2F..%2Fetc", "//x//y", "/a%zz", "/../..", "/" + "x" * 4000):
        check_captive(ask(server, target=target))
    check_captive(ask(server, "OPTIONS", "*"))
    check_captive(ask(server, "CONNECT", "other.example:443"))
    check_captive(ask(server, "GET", host=None, version="HTTP/1.0"))
    check_captive(ask(server, "GET", host=""))
    check_captive(ask(server, "GET", fields={"Expect": "miracles", "Authorization": "Basic Ym9iOnB3", "If-Match": '"x"', "Range": "bytes=0-1"}))
    check_captive(ask(server, "GET", fields={"Upgrade": "websocket", "Connection": "Upgrade", "Cookie": "a=b", "Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}))


def test_what_is_malformed_is_still_400(server):
    eq(ask(server, host=None).status, 400)
    eq(ask(server, target="nonsense").status, 400)
    eq(ask(server, fields=[("Host", "a.example"), ("Host", "b.example")]).status, 400)
    eq(ask(server, "CONNECT", "/").status, 400)


@obliges("POL-56")
def test_a_body_is_not_waited_for(server):
    with connect(server) as conn:
        conn.send(head_of("PUT", "/x", {"Content-Length": "100000000", "Expect": "100-continue"}, "anything.example"))
        got = conn.read("PUT")
        check_captive(got, "PUT")
        eq(got.interim, [], "no 100 before")
    with connect(server) as conn:
        conn.send(head_of("POST", "/x", {"Content-Length": "1000000", **FORM}, "anything.example") + b"x" * 1000)
        check_captive(conn.read("POST"), "POST")
    check_captive(ask(server, "PUT", "/new", body=b"content"), "PUT")
    check_captive(ask(server, "POST", "/login", FORM, b"terms=yes"), "POST")
    eq(server.names(), ["index.txt", "login"])
    eq(ask(server).status, 511, "nobody logged in by a form for another host")


@obliges("POL-57", "POL-58", "POL-59", "POL-60")
@cases(("text", "*/*", "text/plain"), ("html", "text/html,*/*;q=0.8", "text/html"), ("json", "application/json", "application/problem+json"))
def test_it_links_to_the_login_page_in_the_form_asked_for(server, accept, kind):
    got = ask(server, fields={"Accept": accept, "Cookie": "session=1"})
    check_captive(got)
    ok(got.fields["Content-Type"].startswith(kind), got.fields["Content-Type"])
    if kind == "text/html":
        contains(got.text, '<a href="%s">' % LINK)
        contains(got.text, "Caf\u00e9 &lt;Samovar&gt;")
        contains(got.text, 'href="http://%s/.samovar/style.css"' % NAME)
        contains(got.fields["Content-Security-Policy"], "style-src http://%s;" % NAME)
        lacks(got.text, "<script")


@cases(("de", "de-AT, en;q=0.5", "de", "Anmelden"), ("fr", "fr", "fr", "Se connecter"), ("none of ours", "tlh", "en", "Log in"))
def test_its_page_speaks_the_clients_language(server, accepted, language, words):
    got = ask(server, fields={"Accept": "text/html", "Accept-Language": accepted})
    eq(got.fields["Content-Language"], language)
    contains(got.text, '<html lang="%s"' % language)
    contains(got.text, words)


@obliges("POL-55")
def test_the_ordinary_listener_never_says_511(server):
    for method in METHODS:
        for host in ("anything.example", "site.example", "captive.apple.com", NAME, "127.0.0.1"):
            for target in ("/", "/index.txt", "/generate_204", "/login", "/nothing"):
                ne = own(server, method, target, {"Content-Length": "0"}, None, name=host).status
                ok(ne != 511, "%s http://%s%s is %d" % (method, host, target, ne))
    eq(own(server, "GET", "/index.txt", name="site.example").body, FILES["index.txt"])


def test_no_sites_content_is_given_there(server):
    for host in HOSTS + (NAME,):
        for target in ("/index.txt", "/", "/login", "/.samovar/style.css"):
            for source in ("127.0.0.1", "127.0.0.40"):
                lacks(ask(server, target=target, host=host, source=source).body, b"a site's")


# ---- the portal's own name ----


@obliges("POL-61")
@cases(("as it is", NAME), ("capitals", NAME.upper()), ("a final dot", NAME + "."), ("a port", NAME + ":80"))
def test_the_login_page_is_reached_while_captive(server, host):
    check_captive(ask(server))
    for got in (ask(server, target="/login", host=host), own(server, "GET", "/login", name=host)):
        eq(got.status, 200)
        contains(got.text, "<form")
    eq(ask(server, target="http://%s/login" % host, host="other.example").status, 200)
    eq(ask(server, target="/.samovar/style.css", host=host).fields["Content-Type"], "text/css; charset=utf-8")
    eq(ask(server, target="/", host=host).fields["Location"], "/login")
    eq(ask(server, target="/other", host=host).status, 404)


@cases(("Origin", {"Origin": "http://evil.example"}), ("no origin", {"Origin": "null"}), ("Sec-Fetch-Site", {"Sec-Fetch-Site": "cross-site"}))
def test_no_other_sites_page_logs_somebody_in(server, fields):
    for got in (ask(server, "POST", "/login", {**FORM, **fields}, "terms=yes", NAME), own(server, "POST", "/login", {**FORM, **fields}, "terms=yes"),
                own(server, "POST", "/logout", {"Content-Length": "0", **fields})):
        eq(got.status, 403)
    eq(ask(server).status, 511)


@obliges("POL-62")
def test_who_logged_in_is_captive_no_more_and_others_are(server):
    first, second = "127.0.0.11", "127.0.0.12"
    eq(ask(server, source=first).status, 511)
    log_in(server, first)
    for method in ("GET", "HEAD", "POST", "PROPFIND", "BREW"):
        got = ask(server, method, "/where?a=b&c=%2f", host="other.example:8080", source=first)
        eq(got.status, 307, method)
        eq(got.fields["Location"], "http://other.example:8080/where?a=b&c=%2f")
        eq(got.fields["Cache-Control"], "no-store")
    eq(ask(server, target="http://[2001:db8::1]/x", source=first).fields["Location"], "http://[2001:db8::1]/x")
    eq(ask(server, target="/generate_204", host="connectivitycheck.gstatic.com", source=first).status, 307)
    for got in (ask(server, "CONNECT", "other.example:443", source=first), ask(server, "OPTIONS", "*", source=first),
                ask(server, host=None, version="HTTP/1.0", source=first)):
        eq(got.status, 503)
        eq(got.fields["Retry-After"], "1")
    check_captive(ask(server, source=second))
    log_out(server, first)
    check_captive(ask(server, source=first))
    check_captive(ask(server, source=second))


def test_it_may_log_in_there_where_there_is_no_tls(server):
    got = ask(server, "POST", "/login", {**FORM, "Origin": "http://" + NAME}, "terms=yes", NAME, "127.0.0.13")
    eq(got.status, 303)
    eq(got.fields["Location"], "/login")
    eq(ask(server, source="127.0.0.13").status, 307)
    eq(ask(server, "POST", "/logout", {"Content-Length": "0"}, None, NAME, "127.0.0.13").status, 303)
    eq(ask(server, source="127.0.0.13").status, 511)


# ---- probes ----

PROBES = (("Android", "connectivitycheck.gstatic.com", "/generate_204"), ("Android's fallback", "www.google.com", "/gen_204"), ("Chromium", "www.gstatic.com", "/generate_204"),
          ("iOS", "captive.apple.com", "/hotspot-detect.html"), ("iOS of old", "www.apple.com", "/library/test/success.html"),
          ("Windows", "www.msftconnecttest.com", "/connecttest.txt"), ("Windows's browser", "www.msftconnecttest.com", "/redirect"), ("Windows 7", "www.msftncsi.com", "/ncsi.txt"),
          ("Firefox", "detectportal.firefox.com", "/canonical.html"), ("Firefox's other", "detectportal.firefox.com", "/success.txt?ipv4"),
          ("GNOME", "nmcheck.gnome.org", "/check_network_status.txt"), ("Ubuntu", "connectivity-check.ubuntu.com", "/"), ("KDE", "networkcheck.kde.org", "/"),
          ("Kindle", "spectrum.s3.amazonaws.com", "/kindle-wifi/wifistub.html"))


@cases(*PROBES)
def test_a_probe_is_led_to_the_login_page(server, host, target):
    for method in ("GET", "HEAD"):
        got = ask(server, method, target, host=host)
        eq(got.status, 302)
        eq(got.fields["Location"], LINK)
        eq(got.fields["Cache-Control"], "no-store")
    eq(ask(server, target=target, host=host.upper() + ".:80").status, 302)
    check_captive(ask(server, "POST", target, host=host, body=b""), "POST")
    check_captive(ask(server, target="/other", host=host))


# ---- floods ----


def test_floods_cost_no_memory(server):
    def flood(count):
        for i in range(count):
            with connect(server, "127.0.%d.%d" % (1 + i % 7, 1 + i % 200)) as conn:
                eq(conn.send(head_of("GET", "/%d" % i, {"X-Padding": "x" * 4000}, "host-%d.example" % i)).read().status, 511)

    flood(300)
    before, files = server.rss_kib(), len(server.fds())
    flood(1500)
    ok(server.rss_kib() < before + 4096, "%d KiB, then %d" % (before, server.rss_kib()))
    ok(len(server.fds()) <= files + 8, "descriptors: %d, then %d" % (files, len(server.fds())))


@own_server(config=config(before='limit "guests" { rate = "5/h" burst = 5 per = address }'))
def test_a_limit_by_address_holds_before_511(server):
    got = [ask(server, source="127.0.0.21").status for _ in range(8)]
    eq(got, [511] * 5 + [429] * 3)
    eq(ask(server, source="127.0.0.22").status, 511, "another address")


def test_connections_that_say_nothing_hold_nobody_up(server):
    idle = [socket.create_connection(where(server)) for _ in range(100)]
    try:
        check_captive(ask(server))
    finally:
        for sock in idle:
            sock.close()


def test_http_2_is_511_too(server):
    with socket.create_connection(where(server)) as sock:
        with h2.Conversation(sock, server.log, "anything.example", "http") as conn:
            got = conn.ask("GET", "/x")
    eq(got.status, 511)
    eq(got.fields["Cache-Control"], "no-store")


def test_pipelined_requests_get_one_answer(server):
    with connect(server) as conn:
        conn.send(head_of("GET", "/a", host="a.example") + message_of("POST", "/login", FORM, "terms=yes", NAME))
        check_captive(conn.read())
        conn.expect_close()
    eq(ask(server).status, 511)


BY_NAME = """listen = { "127.0.0.1:0" }
portal { name = "portal.example" login = { terms } intercept-hosts = { "www.example.net" } firewall = none }
site "s" { root = "{root}" host = { "site.example", "127.0.0.1" } }
"""


@own_server(config=BY_NAME, files={"index.txt": b"a site's content"})
def test_names_that_lead_here_are_answered_as_intercepted_ones(server):
    for _ in range(4):  # the site's answers come from memory then
        eq(server.get("/index.txt").body, b"a site's content")
        for host in ("www.example.net", "WWW.example.net:80", "www.example.net."):
            got = server.get("/index.txt", {"Host": host})
            check_captive_at(got, "http://portal.example/login")
    eq(server.get("/login", {"Host": "portal.example"}).status, 200)
    eq(server.get("/index.txt", {"Host": "other.example.net"}).status, 421)


def check_captive_at(got, link):
    eq(got.status, 511)
    eq(got.fields["Cache-Control"], "no-store")
    contains(got.text, link)
